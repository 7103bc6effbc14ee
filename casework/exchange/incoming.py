"""Sealed bundles in: checked against what one's own party knows, shown as a dry run, then all or nothing."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from casework.documents.actions import keep_document
from casework.documents.models import Document
from casework.exchange.models import Parcel
from casework.exchange.outgoing import anchors_of
from casework.journal.actions import recorded
from casework.parties.models import Key, Member, Operator, Party
from casework.parties.refusal import NOT_FOUND, NOT_PERMITTED, Refused
from casework.seals import actions as seals
from casework.seals import checkpoints, log, openings
from casework.seals.installation import origin_of
from casework.seals.models import ForeignLog, Signer, Statement
from homeward.errors import Rejected
from homeward.formats.files import make_folder, write_new
from homeward.progress import Tick, silent
from homeward.provenance import digest
from homeward.seals.anchors import Anchors
from homeward.seals.bundle import Bundle, read_bundle
from homeward.seals.checkpoint import Continuation, read_note
from homeward.seals.contents import LogCopy
from homeward.seals.envelope import Envelope
from homeward.seals.report import BROKEN, Report, SealFault
from homeward.seals.statement import Statement as Said
from homeward.seals.statement import read_frame, read_statement
from homeward.seals.verify import verify

SHOWN = 200  # faults and statements kept for the page; their whole number is told
LARGEST = 256 * 1024 * 1024  # bytes of a bundle; what a stick carries easily and a server reads whole
# What nobody can know at a first exchange, and what keeps no bundle out: the log is pinned, but not cosigned yet.
FIRST_TIME = frozenset({"no-checkpoint"})


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading a bundle gave.

    Parameters
    ----------
    data : its bytes
    anchors : what the party knew when it was read
    report : the verifier's answer against that
    bundle : what it holds; None where its seals do not hold
    hindrances : what keeps it out though they do: a party not known here, a key revoked face to face
    """

    data: bytes
    anchors: Anchors
    report: Report
    bundle: Bundle | None
    hindrances: tuple[SealFault, ...]

    @property
    def acceptable(self) -> bool:
        """Whether it may be brought in."""
        return self.bundle is not None and not (self.report.faults or self.unknown or self.hindrances)

    @property
    def unknown(self) -> list[SealFault]:
        """What nothing vouches for, and must be entered from the minutes first."""
        return [one for one in self.report.unanchored if one.code not in FIRST_TIME]


def read(data: bytes, *, party: Party, tick: Tick = silent) -> Reading:
    """Verify a bundle against what a party knows; nothing is brought in."""
    anchors = anchors_of(party)
    report = verify(data, anchors, tick)
    if report.verdict == BROKEN:
        return Reading(data, anchors, report, None, ())
    bundle = read_bundle(data)
    vouched = _with_introduced(anchors, bundle, report)
    if vouched != anchors:
        report = verify(data, vouched, tick)
    return Reading(data, anchors, report, bundle, tuple(_hindrances(bundle)))


def _with_introduced(anchors: Anchors, bundle: Bundle, report: Report) -> Anchors:
    """The same, and keys that a party introduces in this bundle with a key that is pinned already."""
    signed = {(seen.digest, one.key) for seen in report.statements for one in seen.signers if one.signed}
    introducing = [said for said in map(_said, bundle.envelopes) if _introduces(said)]
    for _round in introducing:  # one key may introduce the next
        for said in introducing:
            author = said.signers[0]
            if anchors.pins(author.party, author.key) and (said.digest, author.key) in signed:
                anchors = anchors.with_key(author.party, str(said.body["fingerprint"]))
    return anchors


def _said(envelope: Envelope) -> Said:
    return read_frame(envelope.payload)


def _introduces(said: Said) -> bool:
    own = said.body.get("party") == said.signers[0].party
    introduces = said.kind == "key" and said.body.get("act") == "introduce" and said.body.get("role") == "party"
    return introduces and own and len(said.signers) == 1 and not _senseless(said)


def _senseless(said: Said) -> list[str]:
    """Why a statement makes no sense, though it was signed."""
    try:
        read_statement(said.payload)
    except Rejected as refused:
        return [str(fault) for fault in refused.faults]
    return []


def _hindrances(bundle: Bundle) -> Iterator[SealFault]:
    known = set(Party.objects.values_list("code", flat=True))
    by_hand = _revoked_by_hand()
    held = _held()
    for envelope in bundle.envelopes:
        said, file = _said(envelope), f"statements/{envelope.digest.removeprefix('sha256:')}.json"
        for code in sorted(said.parties - known):
            yield SealFault("unknown-party", file, said.digest, reason=code)
        for signature in envelope.signatures:
            there = held.get((said.digest, signature.keyid))
            if there is None and signature.keyid in by_hand:
                yield SealFault("revoked-here", file, said.digest, signature.keyid, by_hand[signature.keyid])
            elif there is not None and there != signature.sig:
                yield SealFault("signed-otherwise", file, said.digest, signature.keyid)


def _revoked_by_hand() -> dict[str, str]:
    """Keys revoked by what was said in a session: no log says which signatures came before, so none is taken."""
    revoked = Key.objects.exclude(revoked_at=None)
    by_statement = {one.subject.removeprefix("key:") for one in Statement.objects.filter(kind="key", stands=True)}
    return {key.fingerprint: key.revoked_reason for key in revoked if key.fingerprint not in by_statement}


def _held() -> dict[tuple[str, str], bytes]:
    signed = Signer.objects.exclude(sig=None).values_list("statement__digest", "fingerprint", "sig")
    return {(one, fingerprint): bytes(sig or b"") for one, fingerprint, sig in signed}


def hand_in(*, by: Member, file: UploadedFile) -> Parcel:
    """Take an uploaded bundle, verify it, and keep what that gave. Nothing is brought in yet."""
    by.require("exchange bundles")
    if (file.size or 0) > LARGEST:
        raise Refused("bundle-too-large", bytes=file.size, most=LARGEST)
    return take(by=by, data=file.read(), name=Path(file.name or "").name)


def take(*, by: Member | Operator, data: bytes, name: str, tick: Tick = silent) -> Parcel:
    """Verify a bundle's bytes and keep them with the answer; the dry run."""
    by.require("exchange bundles")
    reading = read(data, party=_party(by), tick=tick)
    if not reading.acceptable:
        return _keep_report(by=by, name=name, reading=_Reading(reading), kept_as="")
    path = _stored(data)
    try:
        return _keep_report(by=by, name=name, reading=_Reading(reading), kept_as=path.name)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _party(by: Member | Operator) -> Party:
    if by.party is None:
        raise Refused(NOT_PERMITTED, permission="exchange bundles")
    return by.party


def _stored(data: bytes) -> Path:
    folder = Path(settings.UPLOADS)
    make_folder(folder)
    path = folder / f"{secrets.token_hex(16)}.bundle"
    write_new(path, data, mode=0o600)
    return path


class _Reading:
    """A bundle on its way into the records; the journal writes its digest."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.journal_name = digest(reading.data)


@recorded("exchange.hand_in_bundle")
def _keep_report(*, by: Member | Operator, name: str, reading: _Reading, kept_as: str) -> Parcel:
    party, read_as = _party(by), reading.reading
    report = read_as.report
    told = [*report.faults, *read_as.hindrances, *read_as.unknown]
    return Parcel.objects.create(
        party=party,
        other=report.party,
        direction=Parcel.Direction.IN,
        name=name,
        kept_as=kept_as,
        digest=digest(read_as.data),
        handled_by=by.actor,
        state=Parcel.State.READ if read_as.acceptable else Parcel.State.REFUSED,
        verdict=report.verdict,
        made_at=report.made_at,
        faults=[asdict(one) for one in told[:SHOWN]],
        faults_in_all=len(told),
        notes=[asdict(one) for one in (*_first_time(report), *report.notes)][:SHOWN],
        contents=news(read_as, party=party) if read_as.bundle is not None else {},
    )


def _first_time(report: Report) -> list[SealFault]:
    return [one for one in report.unanchored if one.code in FIRST_TIME]


def news(reading: Reading, *, party: Party) -> dict[str, Any]:
    """What a bundle would add: statements and signatures not here yet, documents, checkpoints."""
    assert reading.bundle is not None
    statements = reading.report.statements
    digests = [seen.digest for seen in statements]
    here = set(Statement.objects.filter(digest__in=digests).values_list("digest", flat=True))
    held = _held()
    rows = [
        {
            "digest": seen.digest,
            "kind": seen.kind,
            "subject": seen.subject,
            "made_at": seen.made_at,
            "new": seen.digest not in here,
            "signed": [one.party for one in seen.signers if one.signed],
            "fresh": [one.party for one in seen.signers if one.signed and (seen.digest, one.key) not in held],
            "awaits": list(seen.awaits),
        }
        for seen in statements
    ]
    documents = {one.digest for one in reading.bundle.documents}
    kept = Document.objects.filter(holder=party, digest__in=documents).values_list("digest", flat=True)
    return {
        "statements": len(set(digests) - here),
        "signatures": sum(
            one.signed and (seen.digest, one.key) not in held for seen in statements for one in seen.signers
        ),
        "documents": len(documents - set(kept)),
        "openings": openings.news(reading.bundle.openings, party=party),
        "rows": rows[:SHOWN],
        "rows_in_all": len(rows),
        "logs": [
            {"party": one.party, "origin": one.origin, "size": one.size, "cosigned": sorted(one.cosigned)}
            for one in reading.report.logs
        ],
    }


def bring_in(*, by: Member | Operator, parcel: Parcel, tick: Tick = silent) -> Parcel:
    """Bring in all of a bundle, or nothing: statements, signatures in the order of the sender's log, checkpoints.

    It is verified again, against what is known now. The same bundle again changes nothing.

    Raises
    ------
    Refused
        ``already-settled``, ``file-changed``, ``bundle-not-accepted`` if it does not hold any more.
    """
    by.require("exchange bundles")
    if parcel.party != by.party or parcel.direction != Parcel.Direction.IN:
        raise Refused(NOT_FOUND)
    if parcel.state != Parcel.State.READ:
        raise Refused("already-settled", state=parcel.state)
    try:
        data = parcel.path.read_bytes()
    except OSError:
        raise Refused("file-changed", name=parcel.name) from None
    if digest(data) != parcel.digest:
        raise Refused("file-changed", name=parcel.name)
    reading = read(data, party=parcel.party, tick=tick)
    if not reading.acceptable:
        raise Refused("bundle-not-accepted", faults=[str(one) for one in (*reading.report.faults, *reading.unknown)])
    settled = _bring_in(by=by, parcel=parcel, reading=_Reading(reading))
    settled.path.unlink(missing_ok=True)
    return settled


@recorded("exchange.bring_in_bundle")
def _bring_in(*, by: Member | Operator, parcel: Parcel, reading: _Reading) -> Parcel:
    log.one_writer_at_a_time()
    standing = Parcel.objects.select_for_update().get(pk=parcel.pk)
    bundle = reading.reading.bundle
    if standing.state != Parcel.State.READ:
        raise Refused("already-settled", state=standing.state)
    if bundle is None or anchors_of(standing.party) != reading.reading.anchors:
        raise Refused("file-changed", name=standing.name)  # a key was revoked, a checkpoint cosigned meanwhile
    standing.contents = news(reading.reading, party=standing.party)
    _take_keys(bundle)
    statements = _take_statements(reading.reading, bundle, by=by)
    _take_signatures(bundle, statements, by=by)
    _take_keys(bundle)  # those that were introduced on the way
    _take_openings(bundle, statements, standing.party)
    _take_checkpoints(bundle, standing.party)
    left = _take_documents(bundle, by=by)
    standing.notes = [*standing.notes, *left]
    standing.state = Parcel.State.BROUGHT_IN
    standing.settled_at = timezone.now()
    standing.save(update_fields=["state", "settled_at", "contents", "notes"])
    return standing


def _take_keys(bundle: Bundle) -> None:
    """Keys whose fingerprints are pinned and that were not seen before, and what the sender calls its own."""
    given = {key.fingerprint: key for key in bundle.keys}
    for pinned in Key.objects.filter(fingerprint__in=given).select_related("party"):
        key = given[pinned.fingerprint]
        fits = (key.party, key.role) == (pinned.party.code, pinned.role)
        if fits and (not pinned.raw or (key.party == bundle.party and not pinned.party.hosted)):
            pinned.raw, pinned.name = key.raw, key.name
            pinned.save(update_fields=["raw", "name"])


def _take_statements(reading: Reading, bundle: Bundle, *, by: Member | Operator) -> Mapping[str, Statement]:
    """Statements in the order of the sender's log; those not named in one are shown to whoever brings it in."""
    said = {envelope.digest: _said(envelope) for envelope in bundle.envelopes}
    kept = {one.digest: one for one in Statement.objects.filter(digest__in=said)}
    for seen in reading.report.statements:
        one = kept.get(seen.digest)
        if one is None:
            one = kept[seen.digest] = _receive(by=by, said=_Said(said[seen.digest]), sender=bundle.party)
        elif one.discarded_at is not None:
            one.discarded_at = None
            one.save(update_fields=["discarded_at"])
        seals.let_see(one, _party(by))
    return kept


class _Said:
    """A statement on its way into the records; the journal writes its digest."""

    def __init__(self, said: Said) -> None:
        self.said = said
        self.journal_name = f"statement:{said.digest}"


@recorded("exchange.receive_statement")
def _receive(*, by: Member | Operator, said: _Said, sender: str) -> Statement:
    return seals.keep(said.said, prepared_by=by.actor, faults=_senseless(said.said))


def _take_signatures(bundle: Bundle, statements: Mapping[str, Statement], *, by: Member | Operator) -> None:
    """Signatures in the order of the sender's log, so that a key introduced or revoked counts from where it was."""
    given = {(one.digest, each.keyid): each.sig for one in bundle.envelopes for each in one.signatures}
    waiting = Signer.objects.filter(statement__in=[one.pk for one in statements.values()], signed_at=None)
    signers = {(one.statement_id, one.fingerprint): one for one in waiting.select_related("party") if one.fingerprint}
    for entry in bundle.log.entries:
        statement = statements[entry.statement]
        signer = signers.pop((statement.pk, entry.key), None)
        if signer is not None:
            seals.record_signatures(by=by, statement=statement, fresh=[(signer, given[entry.statement, entry.key])])


def _take_openings(bundle: Bundle, statements: Mapping[str, Statement], party: Party) -> None:
    """What was opened to whoever brings it in; a statement that makes no sense stays closed."""
    for one in bundle.openings:
        statement = statements[one.statement]
        if not statement.faults:
            openings.keep_openings(statement, one, holders=[party])


def _take_checkpoints(bundle: Bundle, party: Party) -> None:
    """The sender's checkpoint awaits cosigning; what others cosigned of the logs kept here is kept."""
    here = {origin_of(hosted): hosted for hosted in Party.objects.filter(hosted=True)}
    for copy in bundle.logs:
        if copy.origin in here:
            for note in filter(None, (copy.checkpoint, copy.cosigned)):
                checkpoints.take_cosignatures(here[copy.origin], read_note(note))
            continue
        known = ForeignLog.objects.filter(holder=party, origin=copy.origin).first()
        if known is not None:
            _offer(known, copy)


def _offer(known: ForeignLog, copy: LogCopy) -> None:
    """A checkpoint that was proved to continue the one cosigned last awaits cosigning next."""
    shown = read_note(copy.checkpoint).checkpoint
    offered = read_note(known.offered).checkpoint.size if known.offered else -1
    before = read_note(known.note).checkpoint if known.note else None
    if shown.size <= max(offered, before.size if before else -1):
        return
    if before is None or before.size == 0:
        proof = b""
    elif copy.cosigned and read_note(copy.cosigned).checkpoint == before:
        proof = Continuation(before.size, shown.size, copy.consistency).to_bytes()
    else:
        return
    known.offered, known.proof = copy.checkpoint, proof
    known.save(update_fields=["offered", "proof", "changed_at"])


def _take_documents(bundle: Bundle, *, by: Member | Operator) -> list[dict[str, str]]:
    """Files that the statements speak of are kept as documents; gives those that were left in the bundle, and why."""
    left = []
    for one in bundle.documents:
        try:
            keep_document(by=by, data=one.data, name=one.name or one.digest[7:23], publisher=bundle.party)  # type: ignore[arg-type]
        except Refused as refused:
            if refused.code != "already-kept":
                left.append(asdict(SealFault("document-left", f"documents/{one.digest[7:]}", reason=refused.code)))
    return left


@recorded("exchange.discard_bundle")
def discard(*, by: Member, parcel: Parcel) -> Parcel:
    """Put a bundle aside and remove its file. Its report stays."""
    by.require("exchange bundles")
    if parcel.party != by.party or parcel.direction != Parcel.Direction.IN:
        raise Refused(NOT_FOUND)
    if parcel.state not in (Parcel.State.READ, Parcel.State.REFUSED):
        raise Refused("already-settled", state=parcel.state)
    parcel.state, parcel.settled_at = Parcel.State.DISCARDED, timezone.now()
    parcel.save(update_fields=["state", "settled_at"])
    if parcel.kept_as:
        with contextlib.suppress(FileNotFoundError):
            parcel.path.unlink()
    return parcel
