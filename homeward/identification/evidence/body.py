"""Sex, stature and size of the bones: one block, since a large bone speaks of all three.

P(sex seen, traits, size | hypothesis) = sum over sexes of P(sex | hypothesis) P(sex seen | sex) P(traits | sex)
times the integral over the true stature of P(size | stature, sex, group) P(stature | hypothesis, sex, group), which is
a normal in closed form. ``parts`` splits it: sex, then stature given sex.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from homeward.anthropology.reading import Floats, Interval
from homeward.anthropology.stature import log_stature_interval
from homeward.identification.evidence.lines import Case, Line
from homeward.identification.evidence.roster import parameter, shares_of_men
from homeward.identification.evidence.statures import Statures, statures
from homeward.identification.result import Note
from homeward.programme import PriorKind, Sex

STATURE_ERROR = 0.02  # chance that a stated interval of stature says nothing of it: as age_error, an assumption
SEXES = (Sex.MALE, Sex.FEMALE)

Size = Callable[[int, int, Floats, Floats], Floats]
"""(sex, group, mean, variance of the true stature) -> ln P(size of one individual), of the shape of mean."""


def weigh(case: Case) -> Line | None:
    """The line ``body``; None if neither sex nor size of any remains is on record.

    Under ``flat`` a different sex is inadmissible and no evidence (see ``problem``); the stature still weighs.
    """
    notes: list[Note] = []
    sex_seen = (
        np.stack([_sex_seen(case, one.sex) for one in case.individuals]) if case.individuals else np.zeros((0, 2))
    )
    sizes = _sizes(case, notes)
    if not sex_seen.any() and not sizes:
        return None
    hypotheses = _Hypotheses.of(case)
    if sizes and not hypotheses.statures.recorded.all():
        absent = int((~hypotheses.statures.recorded).sum())
        notes.append(Note(code="stature_of_roster", values={"persons": absent}))
    individuals, persons, alternatives, groups = case.shape
    sex = np.zeros((individuals, persons)), np.zeros((individuals, alternatives, groups))
    size = np.zeros((individuals, persons)), np.zeros((individuals, alternatives, groups))
    for row in range(individuals):
        rows = _of_individual(hypotheses, sex_seen[row], sizes.get(row))
        for store, value in zip((*sex, *size), rows, strict=True):
            store[row] = value
    flat = case.programme.settings.prior is PriorKind.FLAT
    if flat and not sizes:
        return None
    parts = ({} if flat or not sex_seen.any() else {"sex": sex}) | ({"stature": size} if sizes else {})
    return Line(
        name="body",
        listed=np.sum([listed for listed, _ in parts.values()], axis=0),
        general=np.sum([general for _, general in parts.values()], axis=0),
        parts=parts,
        notes=tuple(notes),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Hypotheses:
    """Everyone's sex and stature; persons who are alike are weighed once.

    Parameters
    ----------
    men : (alike,) P(is a man)
    group : (alike,) place of the population
    mean, variance : (alike, sex) of the true stature
    place : (person,) which of the alike the person is
    men_general : (alternative,)
    """

    men: Floats
    group: np.ndarray[tuple[int], np.dtype[np.intp]]
    mean: Floats
    variance: Floats
    place: np.ndarray[tuple[int], np.dtype[np.intp]]
    men_general: Floats
    statures: Statures

    @classmethod
    def of(cls, case: Case) -> _Hypotheses:
        men, men_general = shares_of_men(case)
        found = statures(case)
        keys = np.column_stack([men, case.group_of, found.mean, found.variance])
        alike, place = np.unique(keys, axis=0, return_inverse=True)
        return cls(
            men=alike[:, 0],
            group=alike[:, 1].astype(np.intp),
            mean=alike[:, 2:4],
            variance=alike[:, 4:6],
            place=place.reshape(-1).astype(np.intp),
            men_general=men_general,
            statures=found,
        )


def _sex_seen(case: Case, sex: Sex) -> Floats:
    """(sex,) ln P(sex seen | sex): seen rightly with 1 - sex_error."""
    if sex is Sex.UNKNOWN:
        return np.zeros(2)
    error = case.programme.settings.sex_error
    with np.errstate(divide="ignore"):
        return np.log([1 - error if one is sex else error for one in SEXES])


def _of_individual(hypotheses: _Hypotheses, seen: Floats, size: Size | None) -> tuple[Floats, Floats, Floats, Floats]:
    """One individual: sex (persons, alternatives x groups), then size given sex (the same)."""
    with np.errstate(divide="ignore"):
        log_sex = np.log(np.stack([hypotheses.men, 1 - hypotheses.men]))  # (sex, alike)
        log_general = np.log(np.stack([hypotheses.men_general, 1 - hypotheses.men_general]))[:, :, None]
    if not np.isfinite(np.logaddexp.reduce(log_general[:, 0, 0] + seen)):
        # a sex that nobody of the roster has, taken to be seen without error, says nothing about who it is
        seen = np.zeros(2)
    log_sex, log_general = log_sex + seen[:, None], log_general + seen[:, None, None]
    sex, general = np.logaddexp.reduce(log_sex), np.logaddexp.reduce(log_general)
    shape = hypotheses.statures.general_mean.shape[:2]
    if size is None:
        return sex[hypotheses.place], np.broadcast_to(general, shape), np.zeros(1), np.zeros(1)
    listed_size, general_size = _of_sexes(hypotheses, size)
    with np.errstate(invalid="ignore"):
        given = np.logaddexp.reduce(log_sex + listed_size) - sex
        given_general = np.logaddexp.reduce(log_general + general_size) - general
    given = np.where(np.isfinite(sex), given, 0.0)  # a sex that is impossible leaves nothing to say of the size
    given_general = np.where(np.isfinite(general), given_general, 0.0)
    return sex[hypotheses.place], np.broadcast_to(general, shape), given[hypotheses.place], given_general


def _of_sexes(hypotheses: _Hypotheses, size: Size) -> tuple[Floats, Floats]:
    """(sex, alike) and (sex, alternative, group) ln P(size | sex)."""
    listed = np.empty((2, len(hypotheses.men)))
    found = hypotheses.statures
    general = np.empty((2, *found.general_mean.shape[:2]))
    for sex in range(2):
        for group in range(general.shape[2]):
            mine = hypotheses.group == group
            listed[sex, mine] = size(sex, group, hypotheses.mean[mine, sex], hypotheses.variance[mine, sex])
            means, variances = found.general_mean[:, group, sex], found.general_variance[:, group, sex]
            general[sex, :, group] = size(sex, group, means, variances)
    return listed, general


def _sizes(case: Case, notes: list[Note]) -> Mapping[int, Size]:
    """What is known of the size of each individual of whom anything is."""
    stated = {
        row.remains_id: Interval(low=row.stature_cm_low, high=row.stature_cm_high) for row in case.programme.remains
    }
    error = parameter(case, "stature", "error", STATURE_ERROR)
    answer: dict[int, Size] = {}
    for place, one in enumerate(case.individuals):
        intervals = tuple(stated[name] for name in one.merged if stated[name].says_something)
        if intervals:
            answer[place] = _of_intervals(intervals, error)
    return answer


def _of_intervals(intervals: tuple[Interval, ...], error: float) -> Size:
    """Intervals of rows that are one individual tell of one body: they are averaged."""

    def size(sex: int, group: int, mean: Floats, variance: Floats) -> Floats:
        logs = [log_stature_interval(interval, mean, variance, error=error) for interval in intervals]
        return np.asarray(np.mean(logs, axis=0))

    return size
