"""True statures of the hypotheses, as normal distributions: recorded, or as the roster's are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from homeward.identification.evidence.lines import Case, Floats
from homeward.identification.evidence.roster import parameter, profile
from homeward.programme import Sex
from homeward.tables import table

WORTH = 10.0  # a wider distribution counts as much as so many statures of the narrower one
SEXES = (Sex.MALE, Sex.FEMALE)


@dataclass(frozen=True, eq=False, kw_only=True)
class Statures:
    """Mean and variance (cm, cm^2) of the true stature.

    Parameters
    ----------
    mean, variance : (person, sex)
    general_mean, general_variance : (alternative, group, sex)
    recorded : (person,) whether the person's own stature stands behind it
    """

    mean: Floats
    variance: Floats
    general_mean: Floats
    general_variance: Floats
    recorded: np.ndarray[tuple[int], np.dtype[np.bool_]]


@cache
def _defaults() -> tuple[tuple[float, float], ...]:
    rows = {row["sex"]: (float(row["mean_cm"]), float(row["sd_cm"]) ** 2) for row in table("anthropology/statures.csv")}
    return tuple(rows[sex.value] for sex in SEXES)


def statures(case: Case) -> Statures:
    """A recorded stature is the true one give or take ``stature_sd_cm``; the others have the roster's distribution.

    Notes
    -----
    Per sex and group: mean and variance of the recorded statures, drawn towards those of the sex in the whole roster
    and these towards the shipped default, each as if it were ten more statures. The error of recording is added to the
    variance, so that the roster's distribution is the average of those of its people and ratios average to one.
    """
    error = case.programme.settings.stature_sd_cm**2
    recorded = np.array([np.nan if p.stature_cm is None else p.stature_cm for p in case.persons], dtype=np.float64)
    known = ~np.isnan(recorded)
    groups = np.arange(len(case.groups))
    of_group = np.zeros((len(groups), 2, 2))  # group, sex, (mean, variance)
    for k, (sex, default) in enumerate(zip(SEXES, _defaults(), strict=True)):
        start = (
            parameter(case, "stature", f"{sex}.mean", default[0]),
            parameter(case, "stature", f"{sex}.sd", default[1] ** 0.5) ** 2,
        )
        of_sex = known & np.array([one is sex for one in case.sexes], dtype=bool)
        whole = _drawn(recorded[of_sex], start)
        for group in groups:
            of_group[group, k] = _drawn(recorded[of_sex & (case.group_of == group)], whole)
    of_group[..., 1] += error
    of_person = of_group[case.group_of]
    mean, variance = of_person[..., 0].copy(), of_person[..., 1].copy()
    mean[known], variance[known] = recorded[known, None], error
    general = np.tile(of_group, (len(case.alternatives), 1, 1, 1))
    for row, name in enumerate(case.alternatives):
        stated = profile(case, name)
        if stated.stature_mean_cm is not None and stated.stature_sd_cm is not None:
            general[row] = (stated.stature_mean_cm, stated.stature_sd_cm**2)
    return Statures(
        mean=mean,
        variance=variance,
        general_mean=general[..., 0],
        general_variance=general[..., 1],
        recorded=known,
    )


def _drawn(values: Floats, towards: tuple[float, float]) -> tuple[float, float]:
    """Mean and variance of values together with WORTH more of a wider distribution."""
    count, (mean, variance) = len(values), towards
    if not count:
        return towards
    centre = (float(values.sum()) + WORTH * mean) / (count + WORTH)
    squares = float(((values - centre) ** 2).sum()) + WORTH * (variance + (mean - centre) ** 2)
    return centre, squares / (count + WORTH)
