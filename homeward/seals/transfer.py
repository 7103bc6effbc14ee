"""The account of a transfer, from its statements alone.

Anyone who has the statements comes to the same account: it is one fold over them in the order of the record.

1. What each statement counts for is settled first, whatever order the signatures came in (``standing.py``).
2. Statements that stand move the account, one after another. A proposal counts once its author has signed it.
3. A statement that does not fit those before it (``rules.py``) is kept, with its objections, in ``faults``; one that
   contradicts them outright has no other effect.
4. Voided statements stand in the history as voided, and move nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from types import MappingProxyType
from typing import Any

from homeward.seals.reckoning import (
    Account,
    Await,
    Cases,
    Consignment,
    Difference,
    Extra,
    Line,
    Objection,
    Outcome,
    Question,
    Returned,
    Said,
    Seen,
    Step,
    Total,
    TransferState,
)
from homeward.seals.rules import RULES, Draft, allowed_next, consignment_of, nonsense, objections, refuse
from homeward.seals.standing import Footing, Held, Recorded, footings
from homeward.seals.statement import Statement

__all__ = [
    "RULES",
    "Account",
    "Await",
    "Cases",
    "Consignment",
    "Difference",
    "Draft",
    "Extra",
    "Footing",
    "Held",
    "Line",
    "Objection",
    "Outcome",
    "Question",
    "Recorded",
    "Returned",
    "Said",
    "Seen",
    "Step",
    "Total",
    "TransferState",
    "account",
    "allowed_next",
    "objections",
    "refuse",
]

_FOREIGN = ("issue", "return", "handover")  # of another subject, and yet about the same cases


def account(recorded: Iterable[Recorded], subject: str | None = None) -> Account:
    """The whole state of a transfer.

    Parameters
    ----------
    recorded : statements with who signed them, in any order; their ``index`` is the order of the record
    subject : the transfer, ``transfer:T-2018-01``; the first transfer that the record speaks of, if not given.
        Of other subjects only cases issued and returned between the same parties count, and cases used elsewhere.

    Notes
    -----
    July 2018, worked by hand in ``tests/homeward/seals/test_transfer.py``: 100 cases issued, 55 filled, handed over
    and received, none returned empty: 45 unreturned.
    """
    held = footings(recorded)
    about = _first_transfer(held) if subject is None else subject
    own = [one for one in held if one.statement.subject == about]
    known = {one.recorded.digest: one for one in own}
    start = Account(subject=about, held=MappingProxyType(known), parties=_parties(own))
    told = reduce(_after, held, start)
    return replace(told, awaits=tuple(dict.fromkeys([*_to_sign(told), *_to_say(told)])))


def _first_transfer(held: Sequence[Held]) -> str:
    subjects = (one.statement.subject for one in held)
    return next((subject for subject in subjects if subject.startswith("transfer:")), "")


def _counts(held: Held) -> bool:
    """Whether a statement moves the account: it stands, or it is a proposal that was made."""
    made = held.statement.kind == "proposal" and held.statement.by in held.signed
    return held.footing is Footing.STANDS or (made and held.footing is not Footing.VOIDED)


def _parties(own: Iterable[Held]) -> frozenset[str]:
    """Who gives, takes, carries and signs: by the manifests and handovers; before there is one, by the proposals."""
    kinds: dict[str, set[str]] = {}
    for held in own:
        if _counts(held) and not held.faults:
            kinds.setdefault(held.statement.kind, set()).update(_named(held.statement), held.statement.parties)
    agreed = kinds.get("manifest", set()) | kinds.get("handover", set())
    return frozenset(agreed or kinds.get("proposal", set()) or kinds.get("issue", set()))


def _named(statement: Statement) -> Iterator[str]:
    for name in ("from", "to", "through"):
        given = statement.body.get(name, [])
        yield from [given] if isinstance(given, str) and given else given


# --- the fold ---------------------------------------------------------------------------------------------------


def _after(told: Account, held: Held) -> Account:
    """The account after one more statement."""
    statement = held.statement
    if statement.subject != told.subject:
        return _after_foreign(told, held)
    if not _counts(held):
        return _with_step(told, held, ())
    against = _against(told, held)
    found = tuple(replace(one, digest=statement.digest) for one in against)
    aside = any(one.sets_aside for one in found) or statement.kind not in _APPLY
    after = told if aside else _APPLY[statement.kind](told, statement)
    return _with_step(replace(after, faults=told.faults + found), held, found)


def _against(told: Account, held: Held) -> tuple[Objection, ...]:
    if held.faults:
        return tuple(replace(nonsense(fault), kind=held.statement.kind) for fault in held.faults)
    return objections(told, held.statement) if held.statement.kind in _APPLY else ()


def _with_step(told: Account, held: Held, found: tuple[Objection, ...]) -> Account:
    step = Step(
        statement=held.statement,
        signed=tuple(one.party for one in held.statement.signers if one.party in held.signed),
        missing=held.recorded.missing,
        footing=held.footing,
        set_aside=any(one.sets_aside for one in found),
        objections=found,
        state=told.state,
    )
    return replace(told, steps=(*told.steps, step))


def _after_foreign(told: Account, held: Held) -> Account:
    """A statement about something else, as far as it speaks of the cases of the same parties."""
    statement = held.statement
    if held.footing is not Footing.STANDS or held.faults or statement.kind not in _FOREIGN:
        return told
    if statement.kind == "handover":
        return replace(told, elsewhere=told.elsewhere.union(row["container"] for row in statement.body["lines"]))
    if not {statement.body["from"], statement.body["to"]} <= told.parties:
        return told
    return _with_step(_APPLY[statement.kind](told, statement), held, ())


def _proposed(told: Account, statement: Statement) -> Account:
    return replace(told, proposals=(*told.proposals, statement), ending=None)


def _issued(told: Account, statement: Statement) -> Account:
    return replace(told, issues=(*told.issues, statement))


def _agreed(told: Account, statement: Statement) -> Account:
    """A manifest holds in place of the version before it."""
    body = statement.body
    pair = (body["from"], body["to"])
    before = told.consignments.get(pair)
    versions = (*(before.manifests if before else ()), statement)
    consignment = Consignment(giver=pair[0], receiver=pair[1], through=body["through"], manifests=versions)
    others = {box: line for box, line in told.by_container.items() if (line.giver, line.receiver) != pair}
    lines = others | {row["container"]: _line(statement, row) for row in body["lines"]}
    return _with_lines(_with_consignment(told, consignment), lines)


def _line(manifest: Statement, row: Mapping[str, Any]) -> Line:
    seen = _seen(
        manifest,
        row,
        content=row["content"],
        description=row["description"],
        origin=row["origin"],
        claims=tuple(row["claims"]),
    )
    giver, receiver = manifest.body["from"], manifest.body["to"]
    return Line(
        line=row["line"],
        container=row["container"],
        manifest=manifest.digest,
        giver=giver,
        receiver=receiver,
        declared=seen,
    )


def _seen(statement: Statement, row: Mapping[str, Any], **more: Any) -> Seen:
    """One row of a statement; what the row has no field for is not stated."""
    return Seen(
        by=more.pop("by", statement.by),
        digest=statement.digest,
        bags=row.get("bags"),
        seals=tuple(row["seals"]) if "seals" in row else None,
        seal_condition=row.get("seal_condition", ""),
        weight_g=row.get("weight_g"),
        note=row.get("note", ""),
        **more,
    )


def _sealed(told: Account, statement: Statement) -> Account:
    consignment, rows = _rows(told, statement)
    lines = {line.container: replace(line, sealed=_seen(statement, row)) for line, row in rows}
    sealed = consignment.sealed.union(lines)
    return _with_lines(_with_consignment(told, replace(consignment, sealed=sealed)), {**told.by_container, **lines})


def _handed_over(told: Account, statement: Statement) -> Account:
    """The containers are now in other hands: the receiver's, or the neutral's on the way."""
    consignment, rows = _rows(told, statement)
    giver, taker = statement.body["relinquished_by"]["party"], statement.body["received_by"]["party"]
    lines = {}
    for line, row in rows:
        if (line.place or line.giver) == giver:
            seen = _seen(statement, row, by=giver)
            lines[line.container] = replace(line, handovers=(*line.handovers, seen), place=taker)
    if not lines:
        return told
    after = replace(consignment, handovers=(*consignment.handovers, statement))
    return _with_lines(_with_consignment(told, after), {**told.by_container, **lines})


def _received(told: Account, statement: Statement) -> Account:
    """What came, what did not, and what came unlisted; a line that is passed over is marked."""
    consignment = consignment_of(told, statement.body["manifest"])
    assert consignment is not None  # else it was set aside
    lines, extras = dict(told.by_container), dict(told.extra_by_container)
    mentioned = set()
    for row in statement.body["lines"]:
        seen = _seen(statement, row, outcome=row["outcome"])
        line = _own_line(told, consignment, row)
        if line is not None and line.handovers:
            mentioned.add(line.container)
            if line.received is None or line.outcome is Outcome.NOT_RECEIVED:
                lines[line.container] = replace(line, receipts=(*line.receipts, seen), unmentioned=False)
        elif row["outcome"] not in ("not_received", "returned"):
            extras.setdefault(row["container"], _extra(consignment, row, seen))
    for line in told.lines_of(consignment):
        if line.handovers and not line.receipts and line.container not in mentioned:
            lines[line.container] = replace(line, unmentioned=True)
    after = replace(consignment, receipts=(*consignment.receipts, statement))
    told = replace(told, extra_by_container=MappingProxyType(extras))
    return _with_lines(_with_consignment(told, after), lines)


def _extra(consignment: Consignment, row: Mapping[str, Any], seen: Seen) -> Extra:
    return Extra(
        container=row["container"],
        line=row["line"],
        giver=consignment.giver,
        receiver=consignment.receiver,
        received=seen,
    )


def _inspected(told: Account, statement: Statement) -> Account:
    lines, extras = dict(told.by_container), dict(told.extra_by_container)
    for row in statement.body["lines"]:
        seen = _seen(
            statement,
            row,
            content=row["found"],
            individuals_estimated=row["individuals_estimated"],
            jointly=statement.body["mode"] == "jointly",
        )
        extra, line = extras.get(row["container"]), lines.get(row["container"])
        if extra is not None:
            extras[row["container"]] = replace(extra, inspections=(*extra.inspections, seen))
        elif line is not None and line.outcome.arrived:
            lines[row["container"]] = replace(line, inspections=(*line.inspections, seen))
    return _with_lines(replace(told, extra_by_container=MappingProxyType(extras)), lines)


def _reserved(told: Account, statement: Statement) -> Account:
    return replace(told, reservations=(*told.reservations, _question(statement)))


def _disputed(told: Account, statement: Statement) -> Account:
    return replace(told, discrepancies=(*told.discrepancies, _question(statement)))


def _question(statement: Statement) -> Question:
    body = statement.body
    return Question(
        number=body["number"],
        by=statement.by,
        statement=statement,
        lines=tuple(body["lines"]),
        containers=tuple(body["containers"]),
    )


def _resolved(told: Account, statement: Statement) -> Account:
    """Every open question of the numbers named: both sides have signed, whoever gave a number twice."""

    def after(questions: tuple[Question, ...]) -> tuple[Question, ...]:
        named = statement.body["resolves"]
        return tuple(
            replace(one, resolution=statement) if one.open and one.number in named else one for one in questions
        )

    return replace(
        told,
        reservations=after(told.reservations),
        discrepancies=after(told.discrepancies),
        resolutions=(*told.resolutions, statement),
    )


def _went_back(told: Account, statement: Statement) -> Account:
    body = statement.body
    gone = {one.container for one in told.returns}
    more = tuple(
        Returned(row["container"], row["content"], body["from"], body["to"], body["onward"], statement)
        for row in body["lines"]
        if row["container"] not in gone
    )
    return replace(told, returns=told.returns + more)


def _affiliated(told: Account, statement: Statement) -> Account:
    return replace(told, affiliations=(*told.affiliations, statement))


def _entered(told: Account, statement: Statement) -> Account:
    return replace(told, papers=(*told.papers, statement))


def _ended(told: Account, statement: Statement) -> Account:
    return replace(told, ending=statement)


def _refused(told: Account, statement: Statement) -> Account:
    """A refused proposal is off the table; when none is left, the transfer is refused."""
    target = told.held[statement.body["refuses"]].statement
    left = tuple(one for one in told.proposals if one != target)
    refused = target.kind == "proposal" and not left and not told.consignments
    return replace(told, proposals=left, ending=statement if refused else told.ending)


def _unmoved(told: Account, statement: Statement) -> Account:
    """What a void does was done before the fold began."""
    return told


_APPLY: Mapping[str, Callable[[Account, Statement], Account]] = {
    "proposal": _proposed,
    "issue": _issued,
    "manifest": _agreed,
    "seal": _sealed,
    "handover": _handed_over,
    "receipt": _received,
    "reservation": _reserved,
    "inspection": _inspected,
    "discrepancy": _disputed,
    "resolution": _resolved,
    "return": _went_back,
    "affiliation": _affiliated,
    "closing": _ended,
    "refusal": _refused,
    "abort": _ended,
    "void": _unmoved,
    "paper": _entered,
}


def _rows(told: Account, statement: Statement) -> tuple[Consignment, list[tuple[Line, Mapping[str, Any]]]]:
    """The consignment a statement rests on, and those of its rows that are lines of it."""
    consignment = consignment_of(told, statement.body["manifest"])
    assert consignment is not None  # else it was set aside
    rows = ((_own_line(told, consignment, row), row) for row in statement.body["lines"])
    return consignment, [(line, row) for line, row in rows if line is not None]


def _own_line(told: Account, consignment: Consignment, row: Mapping[str, Any]) -> Line | None:
    line = told.by_container.get(row["container"])
    own = line is not None and (line.giver, line.receiver) == consignment.pair and line.line == row["line"]
    return line if own else None


def _with_consignment(told: Account, consignment: Consignment) -> Account:
    return replace(told, consignments=MappingProxyType({**told.consignments, consignment.pair: consignment}))


def _with_lines(told: Account, lines: Mapping[str, Line]) -> Account:
    return replace(told, by_container=MappingProxyType(dict(lines)))


# --- who is awaited ---------------------------------------------------------------------------------------------


def _to_sign(told: Account) -> Iterator[Await]:
    """Signatures missing on statements that could still count."""
    for held in told.held.values():
        begun = held.footing is Footing.AWAITS and held.signed and not held.faults
        if begun and not _overtaken(told, held.statement):
            for party in held.recorded.missing:
                yield Await(party, "sign", held.statement.kind, held.recorded.digest)


def _overtaken(told: Account, statement: Statement) -> bool:
    """Whether signing it now would come too late to count."""
    return any(one.sets_aside for one in objections(told, statement))


def _to_say(told: Account) -> Iterator[Await]:
    """What must be said next, and by whom; not where it is drafted already and only awaits signatures."""
    begun = {held.statement.kind for held in told.held.values() if held.footing is Footing.AWAITS and held.signed} - {
        "proposal"
    }
    for party, kind in _next_words(told):
        if kind not in begun:
            yield Await(party, "say", kind)


def _next_words(told: Account) -> Iterator[tuple[str, str]]:
    state = told.state
    if state is TransferState.PROPOSED:
        for giver in sorted({party for one in told.proposals for party in one.body["from"]}):
            yield giver, "manifest"
    for consignment in told.consignments.values():
        yield from _next_of(told, consignment)
    sides = sorted({party for pair in told.consignments for party in pair})
    if state is TransferState.DISCREPANCY_OPEN:
        yield from ((party, "resolution") for party in sides)
    elif state in (TransferState.INSPECTED_JOINTLY, TransferState.INSPECTED_ALONE, TransferState.RECONCILED):
        kind = "resolution" if told.open_questions else "closing"
        yield from ((party, kind) for party in sides)


def _next_of(told: Account, consignment: Consignment) -> Iterator[tuple[str, str]]:
    if told.ending is not None:
        return
    state = told.state_of(consignment)
    if state is TransferState.MANIFEST_AGREED:
        yield consignment.giver, "seal"
    elif state is TransferState.SEALED:
        yield consignment.giver, "handover"
    elif state is TransferState.HANDED_OVER:
        lines = told.lines_of(consignment)
        if consignment.through and any(line.place == consignment.through for line in lines):
            yield consignment.through, "handover"
        yield consignment.receiver, "receipt"
    elif state in (TransferState.RECEIVED, TransferState.RECEIVED_WITH_RESERVATIONS):
        yield consignment.receiver, "inspection"
