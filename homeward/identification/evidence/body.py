"""Sex, stature and size of the bones: one block, since a large bone speaks of all three.

P(sex seen, traits, size | hypothesis) = sum over sexes of P(sex | hypothesis) P(sex seen | sex) P(traits | sex)
times the integral over the true stature of P(size | stature, sex, group) P(stature | hypothesis, sex, group), which is
a normal in closed form. ``parts`` splits it: sex, then stature given sex.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from homeward.anthropology.reading import Floats
from homeward.identification.evidence.lines import Case, Line
from homeward.identification.evidence.roster import shares_of_men
from homeward.identification.evidence.sexes import sexes_seen
from homeward.identification.evidence.sizes import Size, sizes
from homeward.identification.evidence.statures import Statures, statures
from homeward.identification.result import Note
from homeward.programme import PriorKind, Sex


def weigh(case: Case) -> Line | None:
    """The line ``body``; None if neither sex nor size of any remains is on record.

    Under ``flat`` a sex that is stated admits or rules out and is no evidence (see ``problem``); traits of whom no
    sex is stated, and the stature, still weigh.
    """
    sex_seen, notes = sexes_seen(case)
    of_size, more = sizes(case)
    if not sex_seen.any() and not of_size:
        return None
    hypotheses = _Hypotheses.of(case)
    if of_size and not hypotheses.statures.recorded.all():
        absent = int((~hypotheses.statures.recorded).sum())
        more.append(Note(code="stature_of_roster", values={"persons": absent}))
    individuals, persons, alternatives, groups = case.shape
    sex = np.zeros((individuals, persons)), np.zeros((individuals, alternatives, groups))
    size = np.zeros((individuals, persons)), np.zeros((individuals, alternatives, groups))
    for row in range(individuals):
        rows = _of_individual(hypotheses, sex_seen[row], of_size.get(row))
        for store, value in zip((*sex, *size), rows, strict=True):
            store[row] = value
    if case.programme.settings.prior is PriorKind.FLAT:
        admitted = [one.sex is not Sex.UNKNOWN for one in case.individuals]
        sex_seen[admitted], sex[0][admitted], sex[1][admitted] = 0.0, 0.0, 0.0
    parts = ({"sex": sex} if sex_seen.any() else {}) | ({"stature": size} if of_size else {})
    if not parts:
        return None
    return Line(
        name="body",
        listed=np.sum([listed for listed, _ in parts.values()], axis=0),
        general=np.sum([general for _, general in parts.values()], axis=0),
        parts=parts,
        notes=(*notes, *more),
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
