"""The custody record: one act by which things pass from one hand to another, with what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Unpack

from homeward.errors import Nonsense
from homeward.reports.paper.document import (
    Column,
    How,
    Paper,
    Part,
    Tongues,
    Value,
    both_times,
    digest_text,
    facts,
    hands_over,
    heading,
    lead,
    ruled,
    set_as,
    signatures,
    subject_said,
    tongues_of,
    versions,
    who_text,
    witnesses_of,
)
from homeward.reports.statement_words import weight_kg, word
from homeward.seals.statement import Statement


@dataclass(frozen=True, slots=True)
class CustodyLine:
    """What passed: a container, its bags, its seals going out and coming in, its weight.

    A condition is a code of section 4 (``whole``, ``broken``, ``missing``, ``none``), or "" where nobody has said it.
    """

    container: str
    bags: int
    seals_out: tuple[str, ...]
    condition_out: str
    seals_in: tuple[str, ...] = ()
    condition_in: str = ""
    weight_g: int | None = None
    items: str = ""


def custody_lines(handover: Statement, receipt: Statement | None = None) -> tuple[CustodyLine, ...]:
    """The lines of a custody record: going out as handed over, coming in as received, where a receipt says so."""
    received = {line["container"]: line for line in receipt.body["lines"]} if receipt else {}
    return tuple(_line(line, received.get(line["container"])) for line in handover.body["lines"])


def _line(given: Mapping[str, Any], received: Mapping[str, Any] | None) -> CustodyLine:
    return CustodyLine(
        container=given["container"],
        bags=given["bags"],
        seals_out=tuple(given["seals"]),
        condition_out=given["seal_condition"],
        seals_in=tuple(received["seals"]) if received else (),
        condition_in=received["seal_condition"] if received else "",
        weight_g=given["weight_g"],
    )


def custody_record_pdf(
    handover: Statement,
    *,
    number: str,
    manifest: Statement | None = None,
    receipt: Statement | None = None,
    reservations: Sequence[Statement] = (),
    previous: str = "",
    **how: Unpack[How],
) -> bytes:
    """The record of one handover, to be signed by who gave, who took and who saw it.

    Parameters
    ----------
    handover : the statement it is the record of
    number : the record's own number
    manifest, receipt, reservations : what else is known; a manifest tells which commitments are fulfilled
    previous : digest of the record before this one, "" if it is the first

    Raises
    ------
    Nonsense
        If a statement given is of another kind, or speaks of another transfer.
    """
    _refuse_others(handover, manifest, receipt, reservations)
    tongues = tongues_of(how)
    hands = [*hands_over(handover, tongues), *witnesses_of(handover, tongues)]
    parts = [
        facts(_facts(handover, manifest, number, previous, tongues), across=2),
        _table(custody_lines(handover, receipt), tongues),
        *_reservations(reservations, tongues),
        lead(tongues.said("paper.signed_with_pen")),
        *signatures(hands, tongues, zone=handover.zone, across=3),
    ]
    paper = Paper(
        tongues=tongues,
        title=tongues.said("paper.custody"),
        under=subject_said(handover, tongues),
        leads=[tongues.said("paper.fixed")],
        parts=parts,
        at=handover.instant,
        head=handover.programme,
        author=handover.by,
        digest=handover.digest,
        flipped=True,
    )
    return set_as(paper, how, copies=len(handover.signers))


def _refuse_others(
    handover: Statement, manifest: Statement | None, receipt: Statement | None, reservations: Sequence[Statement]
) -> None:
    wanted = [(handover, "handover"), (manifest, "manifest"), (receipt, "receipt")]
    for statement, kind in [*wanted, *((one, "reservation") for one in reservations)]:
        if statement is not None and statement.kind != kind:
            raise Nonsense(f"A custody record takes a {kind} here, not a {statement.kind}.")
        if statement is not None and statement.subject != handover.subject:
            raise Nonsense(f"This {kind} is about {statement.subject}, and the handover about {handover.subject}.")


def _facts(
    handover: Statement, manifest: Statement | None, number: str, previous: str, tongues: Tongues
) -> list[tuple[Value, Value] | None]:
    body, lines = handover.body, handover.body["lines"]
    fulfils = ", ".join(manifest.body["fulfils"]) if manifest else ""
    weights = [line["weight_g"] for line in lines if line["weight_g"] is not None]
    weight = tongues.said("paper.weight_total", kg=weight_kg(sum(weights)), weighed=len(weights), lines=len(lines))
    spoken = {x: ", ".join(word("language.name", y) for y in tongues.languages) for x in tongues.languages}
    return [
        (tongues.said("paper.record_number"), number),
        (tongues.said("paper.transfer"), handover.subject.partition(":")[2]),
        (tongues.said("paper.commitments"), fulfils) if fulfils else None,
        (tongues.field("purpose"), body["purpose"]) if body["purpose"] else None,
        (tongues.field("relinquished_by"), who_text(body["relinquished_by"], tongues)),
        (tongues.field("received_by"), who_text(body["received_by"], tongues)),
        (tongues.field("containers"), tongues.count("containers", body["containers"])),
        (tongues.field("bags"), tongues.count("bags", sum(line["bags"] for line in lines))),
        (tongues.field("weight_g"), weight),
        (tongues.field("place"), handover.place) if handover.place else None,
        (tongues.field("handed_over"), both_times(handover)),
        (tongues.said("paper.languages"), spoken[tongues.languages[0]]),
        (tongues.said("paper.previous"), digest_text(previous) if previous else tongues.said("paper.first_record")),
    ]


def _table(lines: Sequence[CustodyLine], tongues: Tongues) -> Part:
    columns = [
        Column(tongues.field("line"), 14, right=True),
        Column(tongues.field("container"), 32),
        Column(tongues.said("paper.items"), 34),
        Column(tongues.said("paper.seals_out")),
        Column(tongues.said("paper.condition"), 27),
        Column(tongues.said("paper.seals_in")),
        Column(tongues.said("paper.condition"), 27),
        Column(tongues.field("weight_g"), 20, right=True),
    ]
    return ruled(columns, [_row(number, line, tongues) for number, line in enumerate(lines, 1)])


def _row(number: int, line: CustodyLine, tongues: Tongues) -> list[Value]:
    return [
        str(number),
        line.container,
        [tongues.count("bags", line.bags), *([line.items] if line.items else [])],
        _seals(line.seals_out, line.condition_out, tongues),
        _condition(line.condition_out, tongues),
        _seals(line.seals_in, line.condition_in, tongues),
        _condition(line.condition_in, tongues),
        tongues.weight(line.weight_g),
    ]


def _seals(seals: Sequence[str], condition: str, tongues: Tongues) -> Value:
    unsaid = "value.none" if condition else "value.not_stated"
    return list(seals) if seals else {"quiet": tongues.said(unsaid)}


def _condition(condition: str, tongues: Tongues) -> Value:
    return tongues.said(f"seal_condition.{condition}") if condition else {"quiet": tongues.said("value.not_stated")}


def _reservations(reservations: Sequence[Statement], tongues: Tongues) -> list[Part]:
    """Each party's reservations in its own words; or that there are none."""
    parts = [heading(tongues.said("paper.reservations"))]
    for one in reservations:
        label = tongues.party(one.by)
        rows = [(tongues.field("number"), one.body["number"]), (tongues.field("party"), label)]
        parts += [facts([*rows, (tongues.said("statement.digest"), digest_text(one.digest))])]
        parts += versions(one.body["text"], tongues)
    return parts if reservations else [*parts, lead(tongues.said("paper.no_reservation"))]
