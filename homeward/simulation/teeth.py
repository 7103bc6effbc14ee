"""Charts of teeth: before the loss of a share of the roster, and of remains whose jaws are there.

Some people have good teeth and some bad ones, so that the teeth of one person go together: the share of teeth restored
or lost before the first chart is drawn for each person. From that chart to the loss teeth change as they are weighed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from homeward.anthropology.dental import TEETH, transitions
from homeward.programme import ChartKind, DateSpan, DentalChart, MissingPerson
from homeward.simulation.boxes import Individual
from homeward.simulation.families import NOBODY
from homeward.simulation.scenario import Scenario

_CHARTED = tuple(tooth for tooth in TEETH if tooth not in ("1", "16", "17", "32"))  # third molars are left out
_BEFORE = {0: "V", 1: "O", 2: "X"}
_LOST_AFTER = 0.3  # chance that a tooth of remains was lost after death: an assumption
_YEARS = (0.2, 3.0)  # between the chart and the loss
_DAYS = 365.2425

States = npt.NDArray[np.intp]


def charts(
    scenario: Scenario,
    people: Sequence[MissingPerson],
    individuals: Sequence[Individual],
    remains_ids: Sequence[str],
    error: float,
    rng: np.random.Generator,
) -> tuple[DentalChart, ...]:
    """Charts of both kinds; none if nothing of them is recorded.

    Parameters
    ----------
    people : the roster, in the order that the individuals' ``person`` counts
    error : chance that a code says nothing of its tooth, as the programme states it
    """
    recording = scenario.recording
    if not recording.charted and not recording.jaws:
        return ()
    mouths = {number: _mouth(rng) for number in {one.person for one in individuals if one.person != NOBODY}}
    years = {number: float(rng.uniform(*_YEARS)) for number in range(len(people))}
    found = []
    for number, person in enumerate(people):
        if rng.random() < recording.charted and person.lost_on is not None:
            mouth = mouths.setdefault(number, _mouth(rng))
            day = person.lost_on.earliest - timedelta(days=round(years[number] * _DAYS))
            found.append(_chart(person.person_id, ChartKind.ANTE_MORTEM, day, mouth))
    for one, remains_id in zip(individuals, remains_ids, strict=True):
        if rng.random() < recording.jaws:
            then = mouths[one.person] if one.person != NOBODY else _mouth(rng)
            elapsed = years[one.person] if one.person != NOBODY else float(rng.uniform(*_YEARS))
            now = _changed(then, elapsed, error, rng)
            lost = rng.random(len(now)) < _LOST_AFTER
            found.append(_chart(remains_id, ChartKind.POST_MORTEM, scenario.handed_over, now, lost))
    return tuple(sorted(found, key=lambda chart: (chart.subject_id, chart.kind)))


def _mouth(rng: np.random.Generator) -> States:
    """States of the teeth of someone, at his first chart."""
    bad = float(rng.beta(1.0, 4.0))
    chances = np.array([1 - bad, 0.7 * bad, 0.3 * bad])
    return rng.choice(3, size=len(_CHARTED), p=chances)


def _changed(then: States, years: float, error: float, rng: np.random.Generator) -> States:
    chances = transitions(years, error=error)
    return np.array([rng.choice(3, p=chances[state] / chances[state].sum()) for state in then])


def _chart(
    subject_id: str, kind: ChartKind, day: date, mouth: States, lost: npt.NDArray[np.bool_] | None = None
) -> DentalChart:
    codes = {
        tooth: "J" if lost is not None and lost[place] else _BEFORE[int(mouth[place])]
        for place, tooth in enumerate(_CHARTED)
    }
    return DentalChart(subject_id=subject_id, kind=kind, date=DateSpan.read(day.isoformat()), teeth=codes)
