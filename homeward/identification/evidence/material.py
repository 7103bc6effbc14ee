"""Tags, effects and what is written on a box: they speak of the box, and of nobody's bones in particular.

A tag came with one of the m individuals of its box, nobody knows which. It is his own with the tag's reliability a,
and otherwise names any other of the N of the roster. So P(tag names t) = (1/m) (a + (m - 1) (1 - a) / (N - 1)) if t is
in the box, and (1 - a) / (N - 1) if not. As at most one of them is t, the factor
a (N - 1) / (m (1 - a)) + (m - 1) / m for each individual as t is exact, and not an approximation. Effects that were
compared with a person belong to the same block: of the two the stronger counts, never both.
"""

from __future__ import annotations

import math

import numpy as np

from homeward.identification.evidence.lines import Case, Line
from homeward.identification.evidence.verdicts import log_ratios
from homeward.identification.result import Note
from homeward.programme import VerdictKind


def weigh(case: Case) -> Line | None:
    """The line ``material``; None if no box names anybody and no effects were compared."""
    effects, notes = log_ratios(case, VerdictKind.EFFECTS)
    tags = _tags(case)
    if not tags and not effects:
        return None
    individuals, persons, alternatives, _ = case.shape
    listed, general = np.zeros((individuals, persons)), np.zeros((individuals, alternatives, 1))
    place_of = {person.person_id: place for place, person in enumerate(case.persons)}
    for (row, about), value in effects.items():
        if about in place_of:
            listed[row, place_of[about]] = value
        elif about in case.alternatives:
            general[row, case.alternatives.index(about), 0] = value
    for (row, about), value in tags.items():
        if about in place_of:
            before = listed[row, place_of[about]]
            listed[row, place_of[about]] = max(before, value, key=abs)
    both = sorted({case.individuals[row].remains_id for row, about in tags.keys() & effects.keys()})
    if both:
        notes = (*notes, Note(code="material_once", values={"remains": both}))
    return Line(name="material", listed=listed, general=general, notes=notes)


def log_tag_ratio(reliability: float, roster: int, individuals: int) -> float:
    """ln of P(a tag of the box names t | this individual is t) / P(.. | he is someone else), others in the box not t.

    Alone in his box, among 100 of the roster, with a tag that is as often his own as not:

    >>> round(math.exp(log_tag_ratio(0.5, 100, 1)), 9)
    99.0
    """
    if roster < 2:
        return 0.0
    if reliability >= 1:
        return math.inf
    return math.log(reliability * (roster - 1) / (individuals * (1 - reliability)) + (individuals - 1) / individuals)


def _tags(case: Case) -> dict[tuple[int, str], float]:
    """(individual, person_id) -> ln ratio of every tag that his box holds; one that two rows repeat is one tag."""
    reliability, roster = case.programme.settings.tag_reliability, len(case.persons)
    rows = {row.remains_id: row for row in case.programme.remains}
    boxes: dict[str, set[int]] = {}
    claims: dict[str, set[str]] = {}
    for place, one in enumerate(case.individuals):
        for name in one.merged:
            box = rows[name].container_id or f"\0{one.remains_id}"  # without a box he is alone
            boxes.setdefault(box, set()).add(place)
            if rows[name].claimed_person:
                claims.setdefault(box, set()).add(rows[name].claimed_person)
    answer: dict[tuple[int, str], float] = {}
    for box, persons in claims.items():
        value = log_tag_ratio(reliability, roster, len(boxes[box]))
        for about in persons:
            for place in boxes[box]:
                answer[place, about] = max(answer.get((place, about), -math.inf), value)
    return answer
