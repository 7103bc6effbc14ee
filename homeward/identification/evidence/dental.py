"""Teeth of remains against charts from before the loss.

P(teeth found | he is i) is the product over teeth of P(state now | state then, years between); where i's chart says
nothing of a tooth, of how the roster's charts would have that tooth. Teeth of one person go together, so someone
without a chart has the average over the roster's whole charts, never the product of frequencies of single teeth; to
the charts of the roster one is added whose teeth are independent, so that no pattern is impossible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from homeward.anthropology.dental import STATES, UNKNOWN, states, transitions, yearly_rates
from homeward.identification.evidence.lines import Case, Floats, Line
from homeward.identification.evidence.roster import YEAR, parameter, parameters
from homeward.identification.result import Note
from homeward.programme import ChartKind, DateSpan, DentalChart

Places = npt.NDArray[np.intp]

YEARS = 2.0  # between a chart and the loss where a date is missing: an assumption
FEW = 20  # charts below which their average is told to be poor


@dataclass(frozen=True, eq=False, kw_only=True)
class Charts:
    """Charts from before the loss, aged to it.

    Parameters
    ----------
    person : (chart,) place among the persons of the case
    seen : (chart, tooth) state in the chart, UNKNOWN where it says nothing
    aged : (chart, state, state) transitions until the loss
    """

    person: Places
    seen: Places
    aged: Floats


def weigh(case: Case) -> Line | None:
    """The line ``dental``; None if no remains or nobody of the roster has a chart that says anything."""
    found = [_found(case, one.merged) for one in case.individuals]
    charts, undated = charts_of(case)
    if charts is None or not any(one is not None for one in found):
        return None
    log_tooth = _log_of_tooth(charts)
    individuals, persons, _, _ = case.shape
    listed, general = np.zeros((individuals, persons)), np.zeros((individuals, 1, 1))
    for row, teeth in enumerate(found):
        if teeth is not None:
            own, average = log_likelihoods(teeth, charts, log_tooth)
            general[row] = average
            listed[row] = average
            listed[row, charts.person] = own
    notes = [Note(code="dental_roster", values={"charts": len(charts.person), "persons": persons})]
    if len(charts.person) < FEW:
        notes.append(Note(code="dental_few", values={"charts": len(charts.person)}))
    if undated:
        notes.append(Note(code="dental_undated", values={"charts": undated, "years": _default_years(case)}))
    return Line(name="dental", listed=listed, general=general, notes=tuple(notes))


def log_likelihoods(teeth: Places, charts: Charts, log_tooth: Floats) -> tuple[Floats, float]:
    """ln P(teeth found | each charted person), (chart,), and of someone without a chart.

    Parameters
    ----------
    teeth : (tooth,) states found, UNKNOWN where nothing is
    log_tooth : (tooth, state) ln P(state) of a tooth at the loss, over the roster's charts
    """
    compared = np.flatnonzero(teeth != UNKNOWN)
    now = teeth[compared]
    before = charts.seen[:, compared]
    with np.errstate(divide="ignore"):
        changed = np.log(charts.aged[np.arange(len(before))[:, None], before, now[None, :]])
    alone = log_tooth[compared, now]
    own = np.where(before == UNKNOWN, alone[None, :], changed).sum(axis=1)
    whole = np.append(own, alone.sum())
    return own, float(np.logaddexp.reduce(whole) - np.log(len(whole)))


def _log_of_tooth(charts: Charts) -> Floats:
    """(tooth, state) ln of the mean over charts of P(state at the loss), one chart of even states added."""
    total = np.full((charts.seen.shape[1], len(STATES)), 1 / len(STATES))
    for tooth in range(charts.seen.shape[1]):
        known = charts.seen[:, tooth] != UNKNOWN
        total[tooth] += charts.aged[known, charts.seen[known, tooth]].sum(axis=0)
        total[tooth] /= known.sum() + 1
    return np.asarray(np.log(total))


def charts_of(case: Case) -> tuple[Charts | None, int]:
    """The last chart before the loss of everyone who has one, and how many have no date to age them by."""
    place_of = {person.person_id: place for place, person in enumerate(case.persons)}
    mine: dict[int, list[DentalChart]] = {}
    for chart in case.programme.dental:
        if chart.kind is ChartKind.ANTE_MORTEM and chart.subject_id in place_of:
            mine.setdefault(place_of[chart.subject_id], []).append(chart)
    incidents = {one.incident_id: one.date for one in case.programme.incidents}
    rates = dict(yearly_rates()) | {k: v for k, v in parameters(case, "dental").items() if k in yearly_rates()}
    error, default = case.programme.settings.dental_error, _default_years(case)
    people, seen, aged, undated = [], [], [], 0
    for place in sorted(mine):
        person = case.persons[place]
        lost = person.lost_on or incidents.get(person.incident_id)
        chart = max(mine[place], key=lambda one: one.date.latest if one.date else date.min)
        teeth = states(chart.teeth)
        if (teeth == UNKNOWN).all():
            continue
        years = _between(chart.date, lost)
        undated += years is None
        people.append(place)
        seen.append(teeth)
        aged.append(transitions(default if years is None else years, error=error, rates=rates))
    if not people:
        return None, 0
    return Charts(person=np.array(people, dtype=np.intp), seen=np.array(seen), aged=np.array(aged)), undated


def _default_years(case: Case) -> float:
    return parameter(case, "dental", "years", YEARS)


def _between(charted: DateSpan | None, lost: DateSpan | None) -> float | None:
    """Years from the middle of one date to that of the other; a chart of after the loss is of the loss."""
    if charted is None or lost is None:
        return None
    middles = [(span.earliest.toordinal() + span.latest.toordinal()) / 2 for span in (charted, lost)]
    return max(0.0, (middles[1] - middles[0]) / YEAR)


def _found(case: Case, names: Sequence[str]) -> Places | None:
    """The chart of the remains that shows most teeth; None if none shows any."""
    wanted = set(names)
    shown = [
        states(chart.teeth)
        for chart in case.programme.dental
        if chart.kind is ChartKind.POST_MORTEM and chart.subject_id in wanted
    ]
    most = max(shown, key=lambda teeth: int((teeth != UNKNOWN).sum()), default=None)
    return None if most is None or (most == UNKNOWN).all() else most
