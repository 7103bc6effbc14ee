"""Long bones on stature: reference groups, their regressions, and how bones vary together at one stature."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np

from homeward.anthropology.reading import Floats
from homeward.errors import Nonsense
from homeward.programme import Sex
from homeward.tables import measurement_codes, table

NONE: Mapping[str, float] = MappingProxyType({})
POOLED = "pooled"
SIDES = 0.01  # standard deviation of ln(left/right) of a long bone's length: 0.0082 to 0.0109 in OsteoSort 1.4.0
STRANGE = 0.02  # chance that a pair of sides does not agree: 1 to 3 in 100 true pairs of OsteoSort 1.4.0 hardly do
MIDDLE_CM = 170.0  # the stature at which groups are compared where they are pooled
TROTTER_GLESER = "trotter_gleser_1958"
SAMPLE_MEAN_CM, SAMPLE_SD_CM = 174.0, 6.6  # of the men of Trotter & Gleser 1958: an assumption, no source was seen


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class Reference:
    """Bones on stature in one group and sex: bone = intercept + slope x stature, cm, with covariance ``cov``.

    Parameters
    ----------
    codes : measurements of maximum length
    intercept, slope : (bone,)
    cov : (bone, bone) about the regressions, cm^2
    """

    group: str
    sex: Sex
    codes: tuple[str, ...]
    intercept: Floats
    slope: Floats
    cov: Floats
    verified: bool = True

    def of(self, codes: Sequence[str]) -> tuple[Floats, Floats, Floats]:
        """Intercepts, slopes and covariance of some of the bones."""
        places = [self.codes.index(code) for code in codes]
        return self.intercept[places], self.slope[places], self.cov[np.ix_(places, places)]


@cache
def lengths() -> tuple[str, ...]:
    """Codes of the measurements that tell of stature."""
    return tuple(row["code"] for row in table("anthropology/bone_correlation.csv"))


@cache
def length_code(code: str) -> str | None:
    """The measurement of length that a code names; None for any other.

    A number alone is not enough, since standards number differently: ``UTK2016:75`` names its standard.

    >>> length_code("Fem_01"), length_code("UTK2016:75"), length_code("Fem_04"), length_code("75")
    ('Fem_01', 'Fem_01', None, None)
    """
    standard, _, number = code.strip().partition(":")
    if not number:
        return standard if standard in lengths() else None
    return next((name for name in lengths() if measurement_codes()[name].get(standard) == number), None)


@cache
def reference_group(population: str) -> str:
    """The reference group that a population is measured by; ``pooled`` for one that none was named for.

    >>> reference_group("African American"), reference_group("Atlantis")
    ('black', 'pooled')
    """
    named = {row["population"]: row["group"] for row in table("anthropology/reference_groups.csv")}
    return named.get(population.strip().lower(), POOLED)


@cache
def _correlation() -> Floats:
    return np.array([[float(row[code]) for code in lengths()] for row in table("anthropology/bone_correlation.csv")])


def about_regressions(spread: Floats, r: Floats) -> Floats:
    """Covariance of bones about their regressions on stature.

    Parameters
    ----------
    spread : (bone,) standard error of each regression, cm
    r : (bone,) correlation of each bone with stature

    Notes
    -----
    The partial correlation, given stature, of the correlations within groups: (R_ij - r_i r_j) /
    sqrt((1 - r_i^2)(1 - r_j^2)). R is of log lengths, whose correlations differ from those of lengths by less than
    0.01; R and r come from different people of one reference, so what is left is held positive definite.
    """
    rest = np.sqrt(1 - r * r)
    partial = (_correlation() - np.outer(r, r)) / np.outer(rest, rest)
    values, vectors = np.linalg.eigh(partial)
    held = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = np.sqrt(np.diag(held))
    return np.asarray(held / np.outer(scale, scale) * np.outer(spread, spread))


def reference(group: str, sex: Sex, *, replaced: Mapping[str, float] = NONE) -> Reference:
    """The regressions of a group and sex; pooled where the group has none of its own.

    Parameters
    ----------
    replaced : parameter -> value that goes before the shipped one: ``white.M.Fem_01.slope``, ``.intercept``, ``.se``
    """
    rows = [row for row in table("anthropology/bone_on_stature.csv") if row["sex"] == sex.value]
    own = [row for row in rows if row["group"] == group]
    if own:
        return _of_rows(group, sex, own, replaced)
    return pooled([_of_rows(name, sex, [row for row in rows if row["group"] == name], replaced)
                   for name in sorted({row["group"] for row in rows})])  # fmt: skip


def _of_rows(group: str, sex: Sex, rows: Sequence[Mapping[str, str]], replaced: Mapping[str, float]) -> Reference:
    by_code = {row["code"]: row for row in rows}

    def column(name: str, parameter: str) -> Floats:
        return np.array(
            [replaced.get(f"{group}.{sex.value}.{code}.{parameter}", float(by_code[code][name])) for code in lengths()]
        )

    r = np.array([float(by_code[code]["r"]) for code in lengths()])
    return Reference(
        group=group,
        sex=sex,
        codes=lengths(),
        intercept=column("intercept_cm", "intercept"),
        slope=column("slope", "slope"),
        cov=about_regressions(column("se_cm", "se"), r),
    )


def pooled(references: Sequence[Reference]) -> Reference:
    """One reference that stands for several: their mean line, and the groups' spread about it at 170 cm added."""
    if not references:
        raise Nonsense("there is no group to pool")
    lines = np.stack([one.intercept + one.slope * MIDDLE_CM for one in references])
    away = lines - lines.mean(axis=0)
    return Reference(
        group=POOLED,
        sex=references[0].sex,
        codes=references[0].codes,
        intercept=np.mean([one.intercept for one in references], axis=0),
        slope=np.mean([one.slope for one in references], axis=0),
        cov=np.mean([one.cov for one in references], axis=0) + away.T @ away / len(references),
        verified=all(one.verified for one in references),
    )


def trotter_gleser(group: str, *, mean: float = SAMPLE_MEAN_CM, sd: float = SAMPLE_SD_CM) -> Reference | None:
    """Trotter & Gleser 1958 turned round: bone on stature of men of a group, None for a group they did not measure.

    Parameters
    ----------
    mean, sd : of the statures of their sample, cm; an assumption

    Notes
    -----
    Their line S = i + k x with standard error e implies, in a sample with standard deviation sd, the correlation
    rho = sqrt(1 - e^2/sd^2), the slope rho^2/k of bone on stature, and the standard error (rho sd/k) sqrt(1 - rho^2).
    """
    rows = {row["code"]: row for row in table("anthropology/trotter_gleser_1958.csv") if row["group"] == group}
    if not rows:
        return None
    k, i, e = (np.array([float(rows[code][name]) for code in lengths()]) for name in ("slope", "intercept_cm", "se_cm"))
    if sd <= float(e.max()):
        raise Nonsense(f"a standard deviation of stature of {sd} cm is less than the standard error {e.max()} cm")
    rho = np.sqrt(1 - (e / sd) ** 2)
    slope = rho**2 / k
    return Reference(
        group=group,
        sex=Sex.MALE,
        codes=lengths(),
        intercept=(mean - i) / k - slope * mean,
        slope=slope,
        cov=about_regressions(rho * sd / k * np.sqrt(1 - rho**2), rho),
        verified=False,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """The bones of one individual: code -> length in cm, and ln of how well those of one bone agree.

    ``agreement`` is the density of the measurements given their means; 0 where each bone was measured once.
    """

    cm: Mapping[str, float]
    agreement: float = 0.0


def mean_lengths(measured: Sequence[tuple[str, float]]) -> Lengths:
    """Length of each bone of one individual: the mean of its sides.

    Parameters
    ----------
    measured : (code, millimetres)

    Notes
    -----
    The two sides of a bone differ by about 1% (standard deviation; SIDES), each by SIDES/sqrt(2) from the person's
    mean. That one side stands for it adds less than 3% to the variance of a bone about its regression, and is
    neglected. With chance STRANGE the sides differ by anything within a tenth of the length. How well they agree is the
    same for all hypotheses of one individual, and tells whether rows are one person.

    >>> mean_lengths([("Fem_01", 470.0), ("Fem_01", 475.0), ("Tib_01", 380.0)]).cm
    {'Fem_01': 47.25, 'Tib_01': 38.0}
    """
    values: dict[str, list[float]] = {}
    for code, mm in measured:
        name = length_code(code)
        if name is not None:
            values.setdefault(name, []).append(mm / 10)
    return Lengths(
        cm={code: math.fsum(of) / len(of) for code, of in sorted(values.items())},
        agreement=math.fsum(_agreement(of) for of in values.values()),
    )


def _agreement(values: Sequence[float]) -> float:
    """ln of density(values | person's mean) over density(their mean | it)."""
    count, mean = len(values), math.fsum(values) / len(values)
    if count == 1:
        return 0.0
    variance = (SIDES * mean) ** 2 / 2
    squares = math.fsum((value - mean) ** 2 for value in values)
    alike = -0.5 * (squares / variance + (count - 1) * math.log(2 * math.pi * variance) + math.log(count))
    strange = -(count - 1) * math.log(mean / 5)
    return float(np.logaddexp(math.log1p(-STRANGE) + alike, math.log(STRANGE) + strange))
