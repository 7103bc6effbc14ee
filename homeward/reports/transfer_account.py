"""The account of a transfer as a value for other programs (JSON): the same numbers that pages and papers show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeward.seals.transfer import Account, Difference, Extra, Line, Objection, Question, Seen, Step

SCHEMA = "homeward/account/1"


def account_value(account: Account) -> dict[str, Any]:
    """Everything an account says, with codes and not words; sets are sorted."""
    cases = account.cases
    sets = ("issued", "filled", "handed_over", "received", "extras", "returned_empty", "elsewhere", "unreturned")
    return {
        "schema": SCHEMA,
        "subject": account.subject,
        "state": account.state.value,
        "parties": sorted(account.parties),
        "consignments": [
            {
                "from": one.giver,
                "to": one.receiver,
                "through": one.through,
                "manifest": one.manifest.digest,
                "version": one.manifest.body["version"],
                "state": account.state_of(one).value,
            }
            for one in account.consignments.values()
        ],
        "steps": [_step(step) for step in account.steps],
        "lines": [_line(line) for line in account.lines],
        "extras": [_extra(extra) for extra in account.extras],
        "totals": {
            stage: {
                "lines": total.lines,
                "bags": total.bags,
                "counted": total.counted,
                "weight_g": total.weight_g,
                "weighed": total.weighed,
            }
            for stage, total in account.totals.items()
        },
        "cases": {
            "counts": cases.counts,
            "containers": {name: sorted(getattr(cases, name)) for name in sets},
            "versions": {party: dict(told) for party, told in cases.versions.items()},
            "differ": list(cases.differ),
        },
        "reservations": [_question(one) for one in account.reservations],
        "discrepancies": [_question(one) for one in account.discrepancies],
        "returns": [
            {
                "container": one.container,
                "content": one.content,
                "from": one.giver,
                "to": one.receiver,
                "onward": one.onward,
                "statement": one.statement.digest,
            }
            for one in account.returns
        ],
        "affiliations": [{**one.body, "statement": one.digest} for one in account.affiliations],
        "paper_differences": [
            {**difference, "statement": paper.body["statement"], "entered": paper.digest}
            for paper in account.papers
            for difference in paper.body["differences"]
        ],
        "awaits": [
            {"party": one.party, "act": one.act, "kind": one.kind, "statement": one.digest} for one in account.awaits
        ],
        "faults": [_objection(one) for one in account.faults],
    }


def _step(step: Step) -> dict[str, Any]:
    statement = step.statement
    return {
        "statement": statement.digest,
        "kind": statement.kind,
        "by": statement.by,
        "made_at": statement.made_at,
        "made_local": statement.made_local,
        "place": statement.place,
        "signed": list(step.signed),
        "missing": list(step.missing),
        "footing": step.footing.value,
        "set_aside": step.set_aside,
        "objections": [one.code for one in step.objections],
        "state": step.state.value,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "line": line.line,
        "container": line.container,
        "from": line.giver,
        "to": line.receiver,
        "outcome": line.outcome.value,
        "declared": _seen(line.declared),
        "sealed": _seen(line.sealed),
        "handed_over": [_seen(seen) for seen in line.handovers],
        "received": [_seen(seen) for seen in line.receipts],
        "inspected": [_seen(seen) for seen in line.inspections],
        "differences": [_difference(one) for one in line.differences],
    }


def _extra(extra: Extra) -> dict[str, Any]:
    return {
        "container": extra.container,
        "line": extra.line,
        "from": extra.giver,
        "to": extra.receiver,
        "received": _seen(extra.received),
        "inspected": [_seen(seen) for seen in extra.inspections],
    }


def _seen(seen: Seen | None) -> dict[str, Any] | None:
    """What one statement says of a container; what it does not speak of is left out."""
    if seen is None:
        return None
    told: Mapping[str, Any] = {
        "by": seen.by,
        "statement": seen.digest,
        "content": seen.content,
        "bags": seen.bags,
        "seals": None if seen.seals is None else list(seen.seals),
        "seal_condition": seen.seal_condition,
        "weight_g": seen.weight_g,
        "outcome": seen.outcome,
        "individuals_estimated": seen.individuals_estimated,
        "note": seen.note,
        "description": seen.description,
        "origin": seen.origin,
        "claims": list(seen.claims) or None,
    }
    return {name: value for name, value in told.items() if value not in (None, "")}


def _difference(difference: Difference) -> dict[str, Any]:
    values = [{"stage": said.stage, "by": said.by, "value": said.value} for said in difference.values]
    return {"what": difference.what, "values": values}


def _question(question: Question) -> dict[str, Any]:
    body = question.statement.body
    return {
        "number": question.number,
        "by": question.by,
        "statement": question.digest,
        "what": body.get("what", ""),
        "lines": list(question.lines),
        "containers": list(question.containers),
        "declared": body.get("declared", ""),
        "found": body.get("found", ""),
        "text": body["text"],
        "open": question.open,
        "outcome": question.outcome,
        "resolution": question.resolution.digest if question.resolution else "",
    }


def _objection(objection: Objection) -> dict[str, Any]:
    return {
        "code": objection.code,
        "kind": objection.kind,
        "statement": objection.digest,
        "path": objection.path,
        "value": objection.value,
        "counted": objection.counted,
        "reason": objection.reason,
        "remedy": objection.remedy,
        "set_aside": objection.sets_aside,
    }
