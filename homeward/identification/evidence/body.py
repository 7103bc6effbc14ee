"""Sex, stature and size of the bones: one block, since a large bone speaks of all three."""

from __future__ import annotations

import numpy as np

from homeward.identification.evidence.lines import Case, Floats, Line
from homeward.programme import OUTSIDER, OutsiderProfile, PriorKind, Sex


def weigh(case: Case) -> Line | None:
    """The line ``body``: as yet of the sex alone.

    Under ``flat`` a different sex is inadmissible and no evidence (see ``problem``).
    """
    if case.programme.settings.prior is PriorKind.FLAT:
        return None
    if all(one.sex is Sex.UNKNOWN for one in case.individuals):
        return None
    listed, general = of_sex(case)
    return Line(name="body", listed=listed, general=general, parts={"sex": (listed, general)})


def of_sex(case: Case) -> tuple[Floats, Floats]:
    """ln P(sex seen | hypothesis): a stated sex is seen rightly with 1 - sex_error.

    Who is not listed has the roster's stated sexes as mixture, an outsider the group's stated share of men.
    """
    error = case.programme.settings.sex_error
    men = np.array([{Sex.MALE: 1.0, Sex.FEMALE: 0.0}.get(sex, np.nan) for sex in case.sexes])
    stated = men[~np.isnan(men)]
    share = float(stated.mean()) if len(stated) else 0.5
    men = np.where(np.isnan(men), share, men)
    of_alternative = np.array([_share_of_men(case, name, share) for name in case.alternatives])
    individuals, persons, alternatives, _ = case.shape
    listed, general = np.zeros((individuals, persons)), np.zeros((individuals, alternatives, 1))
    for row, one in enumerate(case.individuals):
        if one.sex is not Sex.UNKNOWN:
            listed[row] = _seen(one.sex, men, error)
            general[row, :, 0] = _seen(one.sex, of_alternative, error)
    # a sex that nobody of the roster has, taken to be seen without error, says nothing about who it is
    impossible = ~np.isfinite(general[:, 0, 0])
    listed[impossible], general[impossible] = 0.0, 0.0
    return listed, general


def _share_of_men(case: Case, alternative: str, roster: float) -> float:
    profile = case.programme.settings.outsider_profiles.get(alternative.removeprefix(OUTSIDER), OutsiderProfile())
    return roster if profile.male_share is None else profile.male_share


def _seen(sex: Sex, men: Floats, error: float) -> Floats:
    same = men if sex is Sex.MALE else 1 - men
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(same * (1 - error) + (1 - same) * error))
