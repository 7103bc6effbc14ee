"""Comparisons that an examiner made, weighed by how often the method gives such a verdict.

Given that the remains are person j's, a verdict about i is that of two different people unless i is j. So each verdict
multiplies its own person's likelihood by P(verdict | same) / P(verdict | different), and nobody else's; whoever was
not compared is neither for nor against. Several examiners who compare one pair by one method look at the same thing:
their verdicts count once, as their geometric mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from homeward.errors import NotFound
from homeward.identification.evidence.lines import Case, Line
from homeward.identification.result import Note
from homeward.programme import OUTSIDER, Verdict, VerdictKind
from homeward.tables import table

SHORTLIST = 0.05  # share of a list ordered by likeness whose hit rate is known
IN_SHORTLIST, NOT_IN_SHORTLIST = "in_top_5_percent", "not_in_top_5_percent"
Rates = Mapping[tuple[str, str, str], tuple[float, float]]


def weigher(kind: VerdictKind) -> Callable[[Case], Line | None]:
    """What weighs the line of one kind of comparison."""

    def weigh(case: Case) -> Line | None:
        ratios, notes = log_ratios(case, kind)
        if not ratios:
            return None
        individuals, persons, alternatives, _ = case.shape
        listed, general = np.zeros((individuals, persons)), np.zeros((individuals, alternatives, 1))
        place_of = {person.person_id: place for place, person in enumerate(case.persons)}
        for (row, about), value in ratios.items():
            if about in place_of:
                listed[row, place_of[about]] = value
            elif about in case.alternatives:
                general[row, case.alternatives.index(about), 0] = value
        return Line(name=kind.value, listed=listed, general=general, notes=notes)

    return weigh


def log_ratios(case: Case, kind: VerdictKind) -> tuple[dict[tuple[int, str], float], tuple[Note, ...]]:
    """(individual, person_id or outsider:GROUP) -> ln of the ratio of all verdicts of a kind about the pair.

    Raises
    ------
    NotFound
        If a verdict has no rate, or is about nobody of this programme.
    """
    rates = rates_of(case)
    row_of = {name: row for row, one in enumerate(case.individuals) for name in one.merged}
    known = {person.person_id for person in case.programme.missing}
    of_method: dict[tuple[int, str, str], list[float]] = {}
    for verdict in case.programme.verdicts:
        if verdict.kind is not kind:
            continue
        where = f"the {kind.value} comparison of remains {verdict.remains_id} with {verdict.about}"
        if verdict.remains_id not in row_of:
            raise NotFound(f"{where}: there are no such remains")
        if verdict.about not in known and not verdict.about.startswith(OUTSIDER):
            raise NotFound(f"{where}: nobody of that identifier is on the roster")
        same, different = _rate(verdict, rates, where)
        key = (row_of[verdict.remains_id], verdict.about, verdict.method)
        of_method.setdefault(key, []).append(math.log(same / different))
    answer: dict[tuple[int, str], float] = {}
    for (row, about, _), values in of_method.items():
        answer[row, about] = answer.get((row, about), 0.0) + math.fsum(values) / len(values)
    repeated = sorted(
        {case.individuals[row].remains_id for (row, _, _), values in of_method.items() if len(values) > 1}
    )
    notes = (Note(code="verdicts_repeated", values={"kind": kind.value, "remains": repeated}),) if repeated else ()
    return answer, notes


def _rate(verdict: Verdict, rates: Rates, where: str) -> tuple[float, float]:
    word = verdict.verdict or shortlist(verdict)
    found = rates.get((verdict.kind.value, verdict.method, word)) or rates.get((verdict.kind.value, "", word))
    if found is None:
        raise NotFound(
            f"{where} by {verdict.method}: the verdict {word!r} has no known rate. State in verdict_rates.csv how "
            "often it is given of the same person and of different ones, or leave the line out in [evidence] lines"
        )
    return found


def shortlist(verdict: Verdict) -> str:
    """What a place in a list ordered by likeness says: within its first twentieth or not.

    >>> shortlist(Verdict(remains_id="r", about="p", kind=VerdictKind.RADIOGRAPH, method="m", rank=5, list_size=100))
    'in_top_5_percent'
    """
    if verdict.rank is None or verdict.list_size is None:
        return ""
    return IN_SHORTLIST if verdict.rank <= max(1.0, SHORTLIST * verdict.list_size) else NOT_IN_SHORTLIST


def rates_of(case: Case) -> dict[tuple[str, str, str], tuple[float, float]]:
    """(kind, method, verdict) -> P(verdict | same), P(verdict | different): the programme's before those shipped."""
    shipped = {
        (row["kind"], row["method"], row["verdict"]): (float(row["if_same"]), float(row["if_different"]))
        for row in table("verdict_rates.csv")
    }
    own = {
        (rate.kind.value, rate.method, rate.verdict): (rate.if_same, rate.if_different)
        for rate in case.programme.verdict_rates
    }
    return shipped | own
