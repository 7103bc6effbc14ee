"""Statements as a party may see them, what awaits it, and proofs from its log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from casework.parties.models import Member, Operator, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.seals import log
from casework.seals.models import Checkpoint, Entry, Reader, Signer, Statement
from homeward.seals import envelope as dsse
from homeward.seals import statement as sealed
from homeward.seals.transfer import Recorded

# Where a body names parties, and where it speaks of other statements.
NAMES_PARTIES = ("from", "to", "through", "party")
SPEAKS_OF = ("manifest", "on", "refuses", "voids", "statement", "answers")


def visible(*, by: Member | Operator) -> QuerySet[Statement]:
    """What a member's party may see: what it is asked to sign; what it is named in or was shown, once spoken."""
    by.require("see statements")
    reader = Reader.objects.filter(statement=OuterRef("pk"), party=by.party)
    asked = reader.filter(why=Reader.Why.SIGNER)
    return Statement.objects.filter(Exists(reader), Q(spoken_at__isnull=False) | Exists(asked), discarded_at=None)


def statements(*, by: Member | Operator) -> QuerySet[Statement]:
    """Everything a member's party may see, with who signs."""
    return _with_signers(visible(by=by))


def _with_signers(found: QuerySet[Statement]) -> QuerySet[Statement]:
    signers = Signer.objects.select_related("party").order_by("order")
    return found.select_related("author").prefetch_related(Prefetch("signers", signers))


def newest(*, by: Member | Operator) -> QuerySet[Statement]:
    """The same, newest first: read along the party's own readings, so that a page costs no more than it shows."""
    by.require("see statements")
    asked = Q(readers__why=Reader.Why.SIGNER) | Q(spoken_at__isnull=False)
    found = Statement.objects.filter(asked, readers__party=by.party, discarded_at=None)
    return _with_signers(found.order_by("-readers__pk"))


def statement(digest: str, *, by: Member | Operator) -> Statement:
    """One statement, or the answer that there is nothing here that this party may see."""
    found = statements(by=by).filter(digest=digest).first()
    if found is None:
        raise Refused(NOT_FOUND, digest=digest)
    return found


def awaiting(*, by: Member | Operator) -> QuerySet[Statement]:
    """Statements that await the signature of a member's party."""
    asked = Signer.objects.filter(party=by.party, signed_at=None).values("statement")
    return statements(by=by).filter(pk__in=asked, voided_by=None)


def about(subject: str, *, by: Member | Operator) -> list[Recorded]:
    """All that was said about a subject, as far as this party may see it, in the order in which it was said."""
    found = sorted(statements(by=by).filter(subject=subject, faults=[]), key=_order)
    return [recorded(one, index) for index, one in enumerate(found)]


def _order(one: Statement) -> tuple[bool, int, int]:
    return (one.spoken is None, one.spoken or 0, one.pk)


def recorded(one: Statement, index: int) -> Recorded:
    """A stored statement as the science reads it."""
    signed = frozenset(signer.party.code for signer in one.signers.all() if signer.signed_at is not None)
    return Recorded(statement=read(one), signed=signed, index=index)


def read(one: Statement) -> sealed.Statement:
    """What the stored bytes say, sensible or not."""
    return sealed.read_frame(bytes(one.payload))


def logs_concerned(one: Statement) -> list[Party]:
    """The parties acting here in whose logs the signatures on a statement stand: all who may see it."""
    return list(Party.objects.filter(readable__statement=one, hosted=True))


def programme_of(subject: str, parties: Sequence[Party]) -> str:
    """What a statement calls the programme: as the statements before it about the subject do.

    Without one: the author's own name for it, or that of another who signs, or of the last statement;
    the parties' names before there is any.
    """
    seen = Statement.objects.filter(readers__party=parties[0])
    named = [
        *seen.filter(subject=subject).order_by("pk").values_list("programme", flat=True)[:1],
        *(party.programme_name for party in parties),
        *seen.order_by("-pk").values_list("programme", flat=True)[:1],
    ]
    return next(filter(None, named), " – ".join(sorted(party.name for party in parties)))


def concerned_by(made: sealed.Statement) -> set[str]:
    """Codes of the parties a statement concerns: its signers, those its body names, and whoever was concerned by
    the statements that it speaks of."""
    codes = {signer.party for signer in made.signers}
    for field in NAMES_PARTIES:
        codes |= set(_texts(made.body.get(field)))
    spoken_of = {text for field in SPEAKS_OF for text in _texts(made.body.get(field))} | set(made.follows)
    before = Reader.objects.filter(statement__digest__in=spoken_of).exclude(why=Reader.Why.SHOWN)
    codes |= set(before.values_list("party__code", flat=True))
    return codes


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value] if value else []
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def sought(found: QuerySet[Statement], *, subject: str = "", kind: str = "", standing: str = "") -> QuerySet[Statement]:
    """Those about a subject, of a kind, or in a standing."""
    if subject.strip():
        found = found.filter(subject__icontains=subject.strip())
    if kind:
        found = found.filter(kind=kind)
    if standing:
        found = found.filter(stands=standing == "stands")
    return found


def envelope(one: Statement) -> dsse.Envelope:
    """A statement with the signatures it bears by now."""
    signed = one.signers.exclude(sig=None).order_by("fingerprint").values_list("fingerprint", "sig")
    signatures = tuple(dsse.Signature(fingerprint, bytes(sig or b"")) for fingerprint, sig in signed)
    return dsse.Envelope(bytes(one.payload), signatures)


def spoken_of(said: sealed.Statement, *, by: Member | Operator) -> list[Statement]:
    """The statements that one rests on, as far as this party may see them."""
    return list(statements(by=by).filter(digest__in=said.follows))


def speaking_of(one: Statement, *, by: Member | Operator) -> list[Statement]:
    """What was said since about the same subject and rests on this one."""
    later = statements(by=by).filter(subject=one.subject, pk__gt=one.pk).order_by("pk")[:100]
    return [other for other in later if one.digest in read(other).follows]


@dataclass(frozen=True, slots=True)
class Proof:
    """That a signature stands in one's own party's log: its place, and the hashes that lead to a signed root."""

    entry: Entry
    party: str
    size: int
    path: tuple[str, ...]
    checkpoint: Checkpoint | None


def proofs(one: Statement, *, by: Member | Operator) -> list[Proof]:
    """For each signature: to the newest signed checkpoint that holds it, else to the log as it is."""
    size = log.size_of(by.party) if by.party else 0
    newest = Checkpoint.objects.filter(log=by.party).order_by("-size", "pk").first()
    signers = {signer.fingerprint: signer.party.shown_name for signer in one.signers.all()}
    found = []
    for entry in entries(one, by=by).select_related("log"):
        within = newest if newest is not None and newest.size > entry.index else None
        upto = within.size if within else size
        path = tuple(each.hex() for each in log.inclusion_proof(entry, upto))
        found.append(Proof(entry, signers[entry.fingerprint], upto, path, within))
    return found


def entries(one: Statement, *, by: Member | Operator) -> QuerySet[Entry]:
    """The places of a statement's signatures in a member's party's log."""
    return Entry.objects.filter(statement=one, log=by.party).order_by("index")
