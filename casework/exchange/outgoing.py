"""Sealed bundles out: which statements go to another party, with whose keys and which proofs.

Only what the other party signs, is named in or was shown goes out, and what was opened to it; each signature
has its place in the log that goes with it, and the log is proved to continue what that party cosigned last.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from casework.documents.models import Document
from casework.exchange.models import Parcel
from casework.journal.actions import recorded
from casework.parties.models import Key, Member, Operator, Party
from casework.parties.refusal import NOT_PERMITTED, Refused
from casework.seals import actions as seals
from casework.seals import checkpoints, log, openings, queries
from casework.seals.installation import origin_of, public_key
from casework.seals.models import Checkpoint, Entry, ForeignLog, Statement
from homeward.provenance import digest
from homeward.seals.anchors import Anchors, LogAnchor
from homeward.seals.bundle import Bundle, Enclosed, write_bundle
from homeward.seals.contents import LogCopy, LoggedSignature
from homeward.seals.keys import PublicKey
from homeward.seals.page import verifier_page
from homeward.seals.statement import Statement as Said

MOST = 20_000  # statements of one bundle; more go in several


@dataclass(frozen=True, slots=True)
class GivenOut:
    """A bundle as it was written, and what is on record of it."""

    parcel: Parcel
    data: bytes

    @property
    def journal_name(self) -> str:
        return self.parcel.journal_name


def subjects(*, by: Member | Operator, to: Party | None = None) -> list[tuple[str, int]]:
    """What statements may be given out about, and how many of each."""
    counted: dict[str, int] = {}
    for subject in _eligible(by, to).order_by("subject").values_list("subject", flat=True):
        counted[subject] = counted.get(subject, 0) + 1
    return list(counted.items())


def _eligible(by: Member | Operator, to: Party | None) -> QuerySet[Statement]:
    found = queries.visible(by=by).filter(spoken_at__isnull=False).exclude(kind="key")
    return found if to is None else found.filter(pk__in=Statement.objects.filter(readers__party=to))


@recorded("exchange.give_out_bundle")
def give_out(*, by: Member | Operator, to: Party, about: Sequence[str]) -> GivenOut:
    """Write a sealed bundle for another party: what was said about these subjects, and what that rests on.

    Raises
    ------
    Refused
        ``own-party``, ``nothing-to-give`` if that party may see none of it, ``too-many-statements``,
        ``several-programmes`` where the statements do not all call the programme the same.
    """
    by.require("exchange bundles")
    if by.party is None:
        raise Refused(NOT_PERMITTED, permission="exchange bundles")
    if to == by.party:
        raise Refused("own-party")
    chosen = _chosen(by, to, about)
    said = {one.digest: queries.read(one) for one in chosen}
    programmes = sorted({one.programme for one in said.values()})
    if len(programmes) > 1:
        raise Refused("several-programmes", programmes=programmes)
    chosen += _about_keys(by, to, said.values(), programmes[0])
    documents = _documents(by.party, said.values())
    opened = openings.given_out(chosen, by=by, to=to)
    bundle = Bundle(
        party=by.party.code,
        programme=programmes[0],
        made_at=timezone.now().replace(microsecond=0),
        envelopes=tuple(sorted((queries.envelope(one) for one in chosen), key=lambda one: one.digest)),
        keys=_keys(by.party, to, chosen),
        logs=_logs(by.party, to, chosen),
        documents=documents,
        openings=opened,
        verifier=verifier_page(),
    )
    data = write_bundle(bundle, checkpoints.sealed_by(by.party))
    parcel = Parcel.objects.create(
        party=by.party,
        other=to.code,
        direction=Parcel.Direction.OUT,
        name=f"{by.party.code}-{to.code}-{timezone.now():%Y%m%d-%H%M%S}.zip",
        digest=digest(data),
        handled_by=by.actor,
        state=Parcel.State.GIVEN_OUT,
        contents={
            "statements": len(chosen),
            "documents": len(documents),
            "openings": sum(len(one.openings) for one in opened),
        },
        settled_at=timezone.now(),
    )
    return GivenOut(parcel, data)


def _chosen(by: Member | Operator, to: Party, about: Sequence[str]) -> list[Statement]:
    """Statements about the subjects, and those they rest on, as far as the other party may see them."""
    eligible = {one.digest: one for one in queries.statements(by=by).filter(pk__in=_eligible(by, to))}
    chosen = {key: one for key, one in eligible.items() if one.subject in about}
    waiting = list(chosen.values())
    while waiting:
        for earlier in queries.read(waiting.pop()).follows:
            if earlier in eligible and earlier not in chosen:
                chosen[earlier] = eligible[earlier]
                waiting.append(eligible[earlier])
    if not chosen:
        raise Refused("nothing-to-give")
    if len(chosen) > MOST:
        raise Refused("too-many-statements", statements=len(chosen), most=MOST)
    return list(chosen.values())


def _about_keys(by: Member | Operator, to: Party, said: Iterable[Said], programme: str) -> list[Statement]:
    """What the signers said about their keys: public, and needed to judge their signatures."""
    signers = {signer.party for one in said for signer in one.signers}
    found = queries.statements(by=by).filter(
        kind="key", author__code__in=signers, spoken_at__isnull=False, programme=programme
    )
    for one in found:
        seals.let_see(one, to)
    return list(found)


def _documents(party: Party, said: Iterable[Said]) -> tuple[Enclosed, ...]:
    """The files that the statements speak of, as far as one's own party keeps them; no photograph of remains."""
    wanted = {one for each in said for one in spoken_of_documents(each)}
    kept = Document.objects.filter(holder=party, digest__in=wanted, remains_photograph=False).order_by("digest")
    return tuple(Enclosed(one.path.read_bytes(), one.name, one.media_type) for one in kept if one.kept_as)


def spoken_of_documents(said: Said) -> set[str]:
    """Digests of the documents that a statement speaks of: a scan, minutes."""
    minutes = said.body.get("minutes")
    found = [said.body.get("scan"), *(one.get("digest") for one in minutes or () if isinstance(one, dict))]
    return {one for one in found if isinstance(one, str) and one}


def _keys(party: Party, to: Party, chosen: Sequence[Statement]) -> tuple[PublicKey, ...]:
    signed = {signer.fingerprint for one in chosen for signer in one.signers.all() if signer.sig is not None}
    signing = Key.objects.filter(fingerprint__in=signed) | Key.objects.filter(party__in=(party, to), role="party")
    keys = {key.fingerprint: key.public for key in signing.exclude(raw=b"").select_related("party")}
    keys[public_key(party).fingerprint] = public_key(party)
    for one in _known_log(party, to):
        keys[one.installation] = checkpoints.installation_of(one)
    return tuple(keys[fingerprint] for fingerprint in sorted(keys))


def _known_log(party: Party, to: Party) -> list[ForeignLog]:
    """The other party's log, where one's own has cosigned it: the cosigned checkpoint goes back."""
    found = ForeignLog.objects.filter(holder=party, party=to).exclude(note="").select_related("party")
    return list(found.order_by("-changed_at")[:1])


def _logs(party: Party, to: Party, chosen: Sequence[Statement]) -> tuple[LogCopy, ...]:
    others = [
        LogCopy(
            party=one.party.code,
            origin=one.origin,
            installation=one.installation,
            checkpoint=one.note,
            entries=(),
        )
        for one in _known_log(party, to)
    ]
    return tuple(sorted([_own_log(party, to, chosen), *others], key=lambda one: one.party))


def _own_log(party: Party, to: Party, chosen: Sequence[Statement]) -> LogCopy:
    made = checkpoints.checkpoint_of(party)
    cosigned = Checkpoint.objects.filter(log=party, cosigned_by=to).order_by("-size").first()
    digests = {one.pk: one.digest for one in chosen}
    entries = list(Entry.objects.filter(log=party, statement__in=digests).order_by("index"))
    proofs = log.inclusion_proofs(party, entries, made.size)
    logged = (
        LoggedSignature(
            index=entry.index, statement=digests[entry.statement_id], key=entry.fingerprint, proof=tuple(proof)
        )
        for entry, proof in zip(entries, proofs, strict=True)
    )
    return LogCopy(
        party=party.code,
        origin=origin_of(party),
        installation=public_key(party).fingerprint,
        checkpoint=made.note,
        entries=tuple(logged),
        cosigned=cosigned.note if cosigned else "",
        consistency=tuple(log.consistency_proof(party, cosigned.size, made.size)) if cosigned else (),
    )


def anchors_of(party: Party) -> Anchors:
    """What a party knows: pinned keys, other logs as it cosigned them last, and its own log."""
    keys: dict[str, tuple[str, ...]] = {}
    for key in Key.objects.filter(role=Key.Role.PARTY).select_related("party"):
        keys[key.party.code] = (*keys.get(key.party.code, ()), key.fingerprint)
    logs = {one.origin: LogAnchor(one.installation, one.note) for one in ForeignLog.objects.filter(holder=party)}
    for hosted in Party.objects.filter(hosted=True):
        made = Checkpoint.objects.filter(log=hosted, cosigned_by=None).order_by("-size").first()
        logs[origin_of(hosted)] = LogAnchor(public_key(hosted).fingerprint, made.note if made else "")
    return Anchors(keys, logs)


@recorded("exchange.give_out_anchors")
def _give_anchors(*, by: Member | Operator) -> Party:
    by.require("exchange bundles")
    if by.party is None:
        raise Refused(NOT_PERMITTED, permission="exchange bundles")
    return by.party


def anchors_file(*, by: Member | Operator) -> bytes:
    """The anchors as a file, for whoever verifies elsewhere; he compares each fingerprint with his minutes."""
    return anchors_of(_give_anchors(by=by)).to_bytes()
