"""What the roster says of its people as a whole: their sexes, ages at loss and statures.

Whoever's own value is not known has the roster's distribution, and so has someone missing who is not listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from homeward.identification.evidence.lines import Case, Floats
from homeward.programme import OUTSIDER, DateSpan, MissingPerson, OutsiderProfile, Sex

YEAR = 365.2425
ROWS = 0.3  # correlation between what the examinations of several rows of one individual err by: an assumption
MOST_TOLD = 12  # records that a note names
POINTS = 12  # equally probable dates that stand for a span
YOUNGEST, OLDEST, STEP = 10.0, 90.0, 0.25  # of the grid of ages


def parameter(case: Case, method: str, name: str, default: float) -> float:
    """A parameter of a method, as the programme replaces it or else as shipped."""
    for row in case.programme.parameters:
        if (row.method, row.parameter) == (method, name):
            return row.value
    return default


def parameters(case: Case, method: str) -> dict[str, float]:
    """What the programme replaces of a method: parameter -> value."""
    return {row.parameter: row.value for row in case.programme.parameters if row.method == method}


def of_rows(logs: Sequence[Floats], weights: Floats) -> Floats:
    """What several rows say of one individual: ln P(all rows | value), from ln P(row | value) of each.

    Parameters
    ----------
    logs : of each row, all of one shape
    weights : of that shape, what the value is in someone not listed; sums to one

    Notes
    -----
    What each row says above its average is summed and damped by 1/(1 + (m - 1) ROWS). The averages are kept, so that
    rows tried as one person and as several people are weighed on one scale (``fragments``).

    >>> of_rows([np.log([0.2, 0.6])], np.array([0.5, 0.5])).round(4)
    array([-1.6094, -0.5108])
    """
    with np.errstate(divide="ignore"):
        centres = [float(np.log((np.exp(log) * weights).sum())) for log in logs]
    above = np.sum([log - centre for log, centre in zip(logs, centres, strict=True)], axis=0)
    return np.asarray(sum(centres) + above / (1 + (len(logs) - 1) * ROWS))


def shares_of_men(case: Case) -> tuple[Floats, Floats]:
    """(person,) and (alternative,) P(is a man): stated sexes; who has none stated has the roster's share."""
    men = np.array([{Sex.MALE: 1.0, Sex.FEMALE: 0.0}.get(sex, np.nan) for sex in case.sexes], dtype=np.float64)
    stated = men[~np.isnan(men)]
    share = float(stated.mean()) if len(stated) else 0.5
    profiles = [profile(case, name) for name in case.alternatives]
    of_alternative = [share if one.male_share is None else one.male_share for one in profiles]
    return np.where(np.isnan(men), share, men), np.array(of_alternative)


def profile(case: Case, alternative: str) -> OutsiderProfile:
    """What is stated of the bodies of an alternative; not_listed is as the roster."""
    if not alternative.startswith(OUTSIDER):
        return OutsiderProfile()
    return case.programme.settings.outsider_profiles.get(alternative.removeprefix(OUTSIDER), OutsiderProfile())


def ages() -> Floats:
    """The grid of ages, years."""
    return np.arange(YOUNGEST, OLDEST + STEP / 2, STEP)


@dataclass(frozen=True, eq=False, kw_only=True)
class Ages:
    """Distributions of age at death over the grid of :func:`ages`; rows sum to one.

    Parameters
    ----------
    listed : (person, age)
    general : (alternative, age)
    known : (person,) whether the person's own dates stand behind it
    """

    listed: Floats
    general: Floats
    known: np.ndarray[tuple[int], np.dtype[np.bool_]]


def ages_at_loss(case: Case) -> Ages | None:
    """Ages of everyone when lost; None if the roster states nobody's.

    Birth and death are uniform over their spans, independently; death lies between ``lost_on`` and ``lost_until``,
    or else at the incident, or else anywhere within the losses of the roster.
    """
    incidents = {one.incident_id: one.date for one in case.programme.incidents}
    losses = [_loss(person, incidents) for person in case.persons]
    stated = [span for span in losses if span is not None]
    born = [person.birth_date for person in case.persons]
    if not stated or not any(born):
        return None
    anywhere = (min(first for first, _ in stated), max(last for _, last in stated))
    listed = np.zeros((len(case.persons), len(ages())))
    known = np.array([birth is not None for birth in born], dtype=np.bool_)
    for row, (birth, loss) in enumerate(zip(born, losses, strict=True)):
        if birth is not None:
            listed[row] = _distribution(_years(birth.earliest, birth.latest), _years(*(loss or anywhere)))
    average = listed[known].mean(axis=0)
    listed[~known] = average
    general = np.array([_of_profile(profile(case, name), average) for name in case.alternatives])
    return Ages(listed=listed, general=general, known=known)


def _loss(person: MissingPerson, incidents: dict[str, DateSpan | None]) -> tuple[date, date] | None:
    on = person.lost_on or incidents.get(person.incident_id)
    until = person.lost_until or on
    if on is None or until is None:
        return None if until is None else (until.earliest, until.latest)
    return on.earliest, max(until.latest, on.latest)


def _years(first: date, last: date) -> Floats:
    """Equally probable moments of a span, in years."""
    days = last.toordinal() + 1 - first.toordinal()
    return np.asarray((first.toordinal() + days * (np.arange(POINTS) + 0.5) / POINTS) / YEAR)


def _distribution(births: Floats, losses: Floats) -> Floats:
    """Ages between two sets of equally probable moments; each goes to the two points of the grid beside it."""
    grid = ages()
    place = np.clip((losses[None, :] - births[:, None]).ravel() - YOUNGEST, 0, OLDEST - YOUNGEST) / STEP
    low = np.minimum(place.astype(np.intp), len(grid) - 2)
    upper = place - low
    weights = np.bincount(low, 1 - upper, len(grid)) + np.bincount(low + 1, upper, len(grid))
    return np.asarray(weights / len(place))


def _of_profile(one: OutsiderProfile, roster: Floats) -> Floats:
    if one.age_low is None or one.age_high is None:
        return roster
    inside = ((ages() >= one.age_low) & (ages() <= one.age_high)).astype(np.float64)
    if not inside.any():  # narrower than the grid, or outside it
        inside[np.abs(ages() - (one.age_low + one.age_high) / 2).argmin()] = 1.0
    return np.asarray(inside / inside.sum())
