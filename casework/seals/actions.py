"""Preparing statements, taking in signatures, entering paper; and the logs that keep both.

A private key never comes here: the bytes of a statement are taken away, signed offline with
``homeward seal sign``, and the envelope is handed in. Each act appends to the logs of every party
concerned that acts here, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import get_language

from casework.frame import heard
from casework.journal.actions import recorded
from casework.parties.models import Key, Member, Operator, Party
from casework.parties.queries import signing_key
from casework.parties.refusal import NOT_FOUND, Refused
from casework.seals import log, queries
from casework.seals.models import Reader, Signer, Statement
from casework.seals.openings import keep_openings
from homeward.errors import HomewardError, SealBroken
from homeward.seals import envelope as dsse
from homeward.seals import statement as sealed

Why = Reader.Why


class _Draft:
    """A statement on its way into the records; the journal writes its digest."""

    def __init__(self, made: sealed.Statement, opened: Sequence[sealed.Opening] = (), to: Sequence[Party] = ()) -> None:
        self.made = made
        self.openings = sealed.Openings(made.digest, tuple(opened))
        self.to = to
        self.journal_name = f"statement:{made.digest}"


class _Signatures:
    """Signatures that were found good; the journal writes whose."""

    def __init__(self, fresh: Sequence[tuple[Signer, bytes]]) -> None:
        self.fresh = fresh
        self.journal_name = ", ".join(signer.party.code for signer, _sig in fresh)


def prepare(
    *,
    by: Member,
    kind: str,
    subject: str,
    body: Mapping[str, Any],
    signers: Sequence[tuple[Party, str]],
    follows: Iterable[str] = (),
    place: str = "",
    made_at: datetime | None = None,
    zone: str = "UTC",
    opened: Sequence[sealed.Opening] = (),
    opened_to: Sequence[Party] = (),
) -> Statement:
    """Write the exact bytes of a statement. Nobody has signed it yet.

    Parameters
    ----------
    signers
        Each party with its role: "author" (one's own party, first), "countersigner" or "witness". The
        key with which each signs is the one it holds now; a party without one signs on paper.
    opened
        What the commitments in the body stand for (:func:`casework.seals.openings.withhold`). One's own party keeps
        it; those in ``opened_to`` may read it once the author has signed, and it goes to them in bundles.

    Raises
    ------
    Refused
        ``not-the-author`` if the first signer is not one's own party, ``statement-refused`` with every
        reason if the body is not what this kind needs.
    """
    by.require("sign statements")
    if not signers or signers[0] != (by.party, Signer.Role.AUTHOR):
        raise Refused("not-the-author")
    try:
        made = sealed.make_statement(
            kind=kind,
            programme=queries.programme_of(subject, [party for party, _role in signers]),
            subject=subject,
            made_at=made_at or timezone.now(),
            zone=zone,
            place=place,
            author={"party": by.party.code, "name": by.name, "office": by.office},
            signers=[sealed.Signer(party.code, _key_of(party), role) for party, role in signers],
            follows=list(follows),
            body=dict(body),
        )
    except HomewardError as problem:
        reasons = [str(fault) for fault in getattr(problem, "faults", ())] or [str(problem)]
        raise Refused("statement-refused", reasons=reasons) from problem
    return _prepare(by=by, draft=_Draft(made, opened, opened_to), kind=kind, subject=subject)


def _key_of(party: Party) -> str:
    key = signing_key(party)
    return key.fingerprint if key else ""


@recorded("seals.prepare")
def _prepare(*, by: Member, draft: _Draft, kind: str, subject: str) -> Statement:
    known = Statement.objects.filter(digest=draft.made.digest).first()
    if known is None:
        prepared = keep(draft.made, prepared_by=by.actor)
        keep_openings(prepared, draft.openings, holders={by.party, *draft.to})
        return prepared
    if known.discarded_at is not None:
        known.discarded_at = None
        known.save(update_fields=["discarded_at"])
    return known


def keep(made: sealed.Statement, *, prepared_by: str, faults: Sequence[str] = ()) -> Statement:
    """Store a statement's bytes, who signs it and who may see it; within the caller's recorded act.

    Raises
    ------
    Refused
        ``unknown-party`` if one that is to sign is not known here.
    """
    parties = {party.code: party for party in Party.objects.all()}
    unknown = sorted(made.parties - parties.keys())
    if unknown:
        raise Refused("unknown-party", parties=unknown)
    statement = Statement.objects.create(
        digest=made.digest,
        payload=made.payload,
        kind=made.kind,
        subject=made.subject,
        programme=made.programme,
        author=parties[made.signers[0].party],
        made_at=made.instant,
        prepared_by=prepared_by,
        faults=list(faults),
    )
    Signer.objects.bulk_create(
        Signer(statement=statement, party=parties[one.party], order=order, fingerprint=one.key, role=one.role)
        for order, one in enumerate(made.signers)
    )
    signing = {one.party for one in made.signers}
    named = queries.concerned_by(made) - signing
    Reader.objects.bulk_create(
        Reader(statement=statement, party=parties[code], why=Why.SIGNER if code in signing else Why.NAMED)
        for code in sorted(signing | (named & parties.keys()))
    )
    return statement


def sign(*, by: Member | Operator, envelope: bytes, expected: Statement | None = None) -> Statement:
    """Take in an envelope that was signed offline; its signatures are verified over the stored bytes.

    A signature that is here already changes nothing, so the same envelope may be handed in again.

    Raises
    ------
    Refused
        ``envelope-unreadable``, ``payload-altered`` (other bytes than those of ``expected``),
        ``unknown-statement``, ``not-a-signer``, ``key-unknown``, ``key-not-theirs``, ``key-revoked``,
        ``signature-bad``, ``no-signature``, ``voided-already``; ``key-or-paper`` where nobody signs this by key,
        ``signs-on-paper`` where one's own party does not.
    """
    by.require("sign statements")
    given = _read(envelope)
    if expected is not None and given.digest != expected.digest:
        raise Refused("payload-altered", expected=expected.digest, given=given.digest)
    statement = queries.visible(by=by).filter(digest=given.digest).first()
    if statement is None:
        raise Refused("unknown-statement", digest=given.digest)
    if statement.voided_by_id is not None:
        raise Refused("voided-already")
    if not given.signatures:
        raise Refused("no-signature")
    signers = list(statement.signers.select_related("party"))
    if not any(signer.fingerprint for signer in signers):
        raise Refused("key-or-paper")
    on_paper = any(signer.party == by.party and not signer.fingerprint for signer in signers)
    if on_paper and _signing_key_in(given, by):
        raise Refused("signs-on-paper")
    fresh = good_signatures(statement, signers, given.signatures)
    return record_signatures(by=by, statement=statement, fresh=fresh) if fresh else statement


def _signing_key_in(given: dsse.Envelope, by: Member | Operator) -> bool:
    """Whether one of the signatures is by a key of the member's own party."""
    keys = [signature.keyid for signature in given.signatures]
    return Key.objects.filter(party=by.party, fingerprint__in=keys).exists()


def _read(envelope: bytes) -> dsse.Envelope:
    try:
        return dsse.read_envelope(envelope)
    except SealBroken as problem:
        raise Refused("envelope-unreadable", reason=str(problem)) from None


def good_signatures(
    statement: Statement, signers: Iterable[Signer], given: Iterable[dsse.Signature]
) -> list[tuple[Signer, bytes]]:
    """Those signatures that are not here yet, each verified over the stored bytes with a key pinned here."""
    asked = {signer.fingerprint: signer for signer in signers if signer.fingerprint}
    fresh = []
    for signature in given:
        signer = asked.get(signature.keyid)
        if signer is None:
            raise Refused("not-a-signer", key=signature.keyid)
        _verify(statement, signature, _pinned(signer))
        if signer.signed_at is None:
            fresh.append((signer, signature.sig))
    return sorted(fresh, key=lambda one: one[0].order)


def _pinned(signer: Signer) -> Key:
    key = Key.objects.select_related("party").filter(fingerprint=signer.fingerprint).first()
    if key is None or not key.raw:
        raise Refused("key-unknown", key=signer.fingerprint)
    if key.party_id != signer.party_id or key.role != Key.Role.PARTY:
        raise Refused("key-not-theirs", key=signer.fingerprint, party=signer.party.code)
    if key.revoked_at is not None and signer.signed_at is None:
        raise Refused("key-revoked", key=signer.fingerprint, since=key.revoked_at)
    return key


def _verify(statement: Statement, signature: dsse.Signature, key: Key) -> None:
    try:
        dsse.verify_signature(bytes(statement.payload), signature, key.public)
    except SealBroken as problem:
        raise Refused("signature-bad", key=key.fingerprint, reason=str(problem)) from None


def record_signatures(
    *, by: Member | Operator, statement: Statement, fresh: Sequence[tuple[Signer, bytes]]
) -> Statement:
    """Record signatures that were verified over the stored bytes, in this order."""
    return _sign(by=by, statement=statement, signatures=_Signatures(fresh))


@recorded("seals.sign")
def _sign(*, by: Member | Operator, statement: Statement, signatures: _Signatures) -> Statement:
    log.one_writer_at_a_time()
    now = timezone.now()
    logs = queries.logs_concerned(statement)
    for signer, sig in signatures.fresh:
        written = Signer.objects.filter(pk=signer.pk, signed_at=None).update(sig=sig, signed_at=now)
        if written:
            log.append(logs, statement, signer.fingerprint, sig)
    return _settle(statement, by=by)


def _settle(statement: Statement, *, by: Member | Operator) -> Statement:
    """What the signatures by now amount to; then every room that listens is told."""
    statement.refresh_from_db(fields=["spoken_at", "spoken", "stands", "stands_at"])
    signed_at = list(statement.signers.order_by("order").values_list("signed_at", flat=True))
    now = timezone.now()
    changed = []
    if statement.spoken_at is None and signed_at[0] is not None:
        last = Statement.objects.aggregate(last=Max("spoken"))["last"]
        statement.spoken_at, statement.spoken = now, 0 if last is None else last + 1
        changed += ["spoken_at", "spoken"]
    if not statement.stands and None not in signed_at:
        statement.stands, statement.stands_at = True, now
        changed += ["stands", "stands_at"]
    if changed:
        statement.save(update_fields=changed)
    if not statement.faults:
        heard(statement.kind, statement, by=by)
    return statement


def enter_paper(
    *,
    by: Member,
    statement: Statement,
    signed_by: Sequence[Mapping[str, str]],
    copy: int = 1,
    copies: int = 1,
    scan: str = "",
    differences: Sequence[Mapping[str, Any]] = (),
) -> Statement:
    """Enter a filled paper against the digest that stands on it; those who signed it have thereby signed.

    The entry is a ``paper`` statement of one's own party, to be signed with its key like any other. It takes
    effect here at once; the other side's installation takes it once it is signed.

    Raises
    ------
    Refused
        ``nobody-signed``, ``not-a-signer`` for a party that the statement does not ask to sign,
        ``signs-by-key`` for another party whose key stands in the statement, ``discarded``.
    """
    by.require("sign statements")
    if statement.discarded_at is not None:
        raise Refused("discarded")
    queries.statement(statement.digest, by=by)
    signers = {signer.party.code: signer for signer in statement.signers.select_related("party")}
    if not signed_by:
        raise Refused("nobody-signed")
    for one in signed_by:
        signer = signers.get(one["party"])
        if signer is None:
            raise Refused("not-a-signer", party=one["party"])
        if signer.fingerprint and signer.party != by.party:
            raise Refused("signs-by-key", party=one["party"])
    body = {
        "statement": statement.digest,
        "copy": copy,
        "copies": copies,
        "signed_by": [dict(one) for one in signed_by],
        "scan": scan,
        "differences": [dict(one) for one in differences],
    }
    paper = prepare(
        by=by,
        kind="paper",
        subject=statement.subject,
        body=body,
        signers=[(by.party, Signer.Role.AUTHOR)],
        follows=[statement.digest],
    )
    return _enter_paper(by=by, statement=statement, paper=paper)


@recorded("seals.enter_paper")
def _enter_paper(*, by: Member, statement: Statement, paper: Statement) -> Statement:
    own = paper.signers.get()
    if not own.fingerprint:  # whoever has no key vouches for the entry by making it
        Signer.objects.filter(pk=own.pk, signed_at=None).update(signed_at=timezone.now(), on_paper=True)
        _settle(paper, by=by)
    take_paper(by=by, paper=paper)
    return paper


def take_paper(*, by: Member | Operator, paper: Statement) -> None:
    """Let those who signed a paper have signed the statement it is about; within the caller's recorded act."""
    body = queries.read(paper).body
    statement = Statement.objects.filter(digest=body["statement"]).first()
    if statement is None:
        return
    codes = [one["party"] for one in body["signed_by"]]
    asked = statement.signers.filter(party__code__in=codes, signed_at=None)
    own = asked.filter(fingerprint="") | asked.filter(party=paper.author)
    log.one_writer_at_a_time()
    if own.update(signed_at=timezone.now(), on_paper=True):
        _settle(statement, by=by)


@recorded("seals.discard")
def discard(*, by: Member, statement: Statement) -> Statement:
    """Put aside a statement that nobody has signed. Its bytes stay; it is shown no more."""
    by.require("sign statements")
    if statement.author != by.party:
        raise Refused(NOT_FOUND)
    if statement.signers.exclude(signed_at=None).exists():
        raise Refused("signed-already")
    statement.discarded_at = timezone.now()
    statement.save(update_fields=["discarded_at"])
    return statement


def void(*, by: Member, statement: Statement, reason: str) -> Statement:
    """Prepare the statement that voids another, for all to sign who have signed that one. It is never deleted."""
    by.require("sign statements")
    statement = queries.statement(statement.digest, by=by)
    if statement.voided_by_id is not None:
        raise Refused("voided-already")
    if statement.spoken_at is None:
        raise Refused("not-signed-yet")
    parties = [signer.party for signer in statement.signers.exclude(signed_at=None).select_related("party")]
    if by.party not in parties:
        raise Refused("not-a-signer", party=by.party_code)
    others = [party for party in parties if party != by.party]
    return prepare(
        by=by,
        kind="void",
        subject=statement.subject,
        body={"voids": statement.digest, "reason": texts(reason)},
        signers=[(by.party, Signer.Role.AUTHOR), *((party, Signer.Role.COUNTERSIGNER) for party in others)],
        follows=[statement.digest],
    )


def texts(text: str) -> list[dict[str, str]]:
    """A reason as a body holds it: in the language of whoever gives it."""
    return [{"lang": get_language() or "en", "text": text}] if text.strip() else []


@recorded("seals.show")
def show(*, by: Member, statement: Statement, to: Party) -> Reader:
    """Let a party that is not named in it see a statement that one's own party has signed."""
    by.require("disclose")
    statement = queries.statement(statement.digest, by=by)
    if not statement.signers.filter(party=by.party).exclude(signed_at=None).exists():
        raise Refused("not-signed-by-us")
    return let_see(statement, to)


def let_see(statement: Statement, to: Party) -> Reader:
    """Let a party see a statement; the signatures there are take their places in its log. Within a recorded act."""
    log.one_writer_at_a_time()
    reader, made = Reader.objects.get_or_create(statement=statement, party=to, defaults={"why": Why.SHOWN})
    if made and to.hosted:
        for signer in statement.signers.exclude(sig=None).order_by("signed_at", "order"):
            log.append([to], statement, signer.fingerprint, bytes(signer.sig or b""))
    return reader
