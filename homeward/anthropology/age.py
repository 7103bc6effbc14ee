"""Age from stages of the skeleton: P(stage | age), by transition analysis.

A stage is passed at an age that varies between people: ln(age) of the passage from stage k to the next is normal
with mean theta_k and a standard deviation common to all passages. So P(stage above k | age) =
Phi((ln age - theta_k) / sd). Published mean and standard deviation of *age given stage* are never used as if they
were this: they carry the ages of the sample they were made from (age mimicry).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from homeward.anthropology.reading import Floats, Interval, log_difference_of_normal, log_interval
from homeward.errors import Nonsense
from homeward.programme import Sex
from homeward.tables import table

CORRELATION = 0.3  # between the errors of indicators of different bones: an assumption, see docs/methods
SPAN_YEARS = 60.0  # an interval that says nothing of the age may lie anywhere over so many years


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """At what ages one indicator passes from stage to stage.

    Parameters
    ----------
    method, trait : names as in traits.csv
    sex : of the people it was made from
    element : the bone it is seen on; indicators of one bone tell of one ageing
    stages : labels, youngest first
    theta : (stages - 1,) ln of the median age in years at which each stage is left
    sd : of ln(age) at every passage
    verified : whether every figure was seen in a source
    """

    method: str
    trait: str
    sex: Sex
    element: str
    stages: tuple[str, ...]
    theta: tuple[float, ...]
    sd: float
    source: str = ""
    verified: bool = True

    def __post_init__(self) -> None:
        if len(self.theta) != len(self.stages) - 1 or any(
            b <= a for a, b in zip(self.theta, self.theta[1:], strict=False)
        ):
            raise Nonsense(f"{self.method}: a passage is needed between any two stages, each later than the one before")
        if not self.sd > 0:
            raise Nonsense(f"{self.method}: the standard deviation {self.sd} is not above zero")

    def stage(self, value: str) -> int | None:
        """The place of a stage as observed; a score lies in the stage whose range of scores has it.

        >>> transitions()["mckern_stewart", Sex.MALE].stage("5")
        3
        """
        text = value.strip()
        if text in self.stages:
            return self.stages.index(text)
        for place, label in enumerate(self.stages):
            low, _, high = label.partition("-")
            if high and text.isdecimal() and int(low) <= int(text) <= int(high):
                return place
        return None


@cache
def transitions() -> Mapping[tuple[str, Sex], Transitions]:
    """The transitions shipped: (method, sex) -> what it says. See ``data/anthropology/README.md``."""
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in table("anthropology/age_transitions.csv"):
        rows.setdefault((row["method"], row["sex"]), []).append(row)
    return MappingProxyType({(method, Sex(sex)): _of_rows(of) for (method, sex), of in rows.items()})


def _of_rows(rows: Sequence[Mapping[str, str]]) -> Transitions:
    first = rows[0]
    return Transitions(
        method=first["method"],
        trait=first["trait"],
        sex=Sex(first["sex"]),
        element=first["element"],
        stages=tuple(row["stage"] for row in rows),
        theta=tuple(float(row["theta"]) for row in rows if row["theta"]),
        sd=float(first["sd"]),
        source=first["source"],
        verified=first["status"] == "verified",
    )


def log_stage(indicator: Transitions, stage: int, years: npt.ArrayLike, *, error: float = 0.0) -> Floats:
    """Natural log of P(stage | age).

    Parameters
    ----------
    stage : its place among the stages
    years : ages above zero, any shape
    error : chance that the stage says nothing of the age: (1 - error) P + error / number of stages

    Notes
    -----
    Boldsen, Milner, Konigsberg and Wood 2002 (transition analysis); Konigsberg et al. 2008.

    Examples
    --------
    >>> pubis = transitions()["suchey_brooks", Sex.MALE]
    >>> np.exp([log_stage(pubis, k, 19.83) for k in range(6)]).round(3)
    array([0.5  , 0.339, 0.102, 0.058, 0.001, 0.   ])
    """
    if not 0 <= stage < len(indicator.stages):
        raise Nonsense(f"{indicator.method} has {len(indicator.stages)} stages; there is none at place {stage}")
    logs = np.log(np.asarray(years, dtype=np.float64))
    ends = np.array([-np.inf, *indicator.theta, np.inf])
    log_p = log_difference_of_normal((ends[stage + 1] - logs) / indicator.sd, (ends[stage] - logs) / indicator.sd)
    if error <= 0:
        return log_p
    kept = math.log1p(-error) if error < 1 else -np.inf
    return np.asarray(np.logaddexp(kept + log_p, math.log(error) - math.log(len(indicator.stages))))


def log_age_interval(interval: Interval, years: npt.ArrayLike, *, error: float = 0.0) -> Floats:
    """Natural log of P(an anthropologist's interval of age | age); see :func:`log_interval`."""
    return log_interval(interval, years, error=error, span=SPAN_YEARS)


def together(logs: Sequence[Floats], elements: Sequence[str], *, correlation: float) -> Floats:
    """Several indicators of one individual, as one statement of the age.

    Parameters
    ----------
    logs : of each indicator, ln P(stage | age), all of one shape
    elements : the bone each is seen on
    correlation : between what indicators of different bones err by, 0 to 1

    Notes
    -----
    Indicators of one bone are one ageing seen repeatedly: they are averaged. Of m bones the sum is damped by
    1 / (1 + (m - 1) correlation), the effective number of m equally correlated measurements over m.
    """
    bones: dict[str, list[Floats]] = {}
    for log, element in zip(logs, elements, strict=True):
        bones.setdefault(element, []).append(log)
    of_bones = [np.mean(of, axis=0) for of in bones.values()]
    return np.asarray(np.sum(of_bones, axis=0) / (1 + (len(of_bones) - 1) * correlation))


def derived(mean: npt.ArrayLike, sd: npt.ArrayLike, people: npt.ArrayLike) -> tuple[Floats, float]:
    """Transitions from a published table of ages by stage, where no individual data are to be had.

    Parameters
    ----------
    mean, sd : (stage,) of age within each stage, years
    people : (stage,) how many were in it

    Returns
    -------
    theta (stage - 1,) and the common standard deviation, of ln(age)

    Notes
    -----
    Ages within a stage are taken as lognormal with the published mean and standard deviation; the cumulative probit
    on ln(age) is fitted to that by maximum likelihood. The ages of the sample drop out, as they do when the model is
    fitted to individuals: P(stage | age) is modelled, not P(age | stage).
    """
    m, s, n = (np.asarray(column, dtype=np.float64) for column in (mean, sd, people))
    variance = np.log1p((s / m) ** 2)
    centre = np.log(m) - variance / 2
    nodes, weights = np.polynomial.hermite_e.hermegauss(61)
    x = centre[:, None] + np.sqrt(variance)[:, None] * nodes
    weights = n[:, None] * weights / weights.sum()

    def parts(free: Floats) -> tuple[Floats, float]:
        return free[0] + np.concatenate([[0.0], np.cumsum(np.exp(free[1:-1]))]), float(np.exp(free[-1]))

    def loss(free: Floats) -> float:
        theta, spread = parts(free)
        ends = np.concatenate([[-np.inf], theta, [np.inf]])
        log_p = log_difference_of_normal((ends[1:, None] - x) / spread, (ends[:-1, None] - x) / spread)
        return -float((weights * np.maximum(log_p, -690.0)).sum())

    between = (centre[1:] + centre[:-1]) / 2
    start = np.concatenate([between[:1], np.log(np.diff(between)), [np.log(0.2)]])
    return parts(minimize(loss, start, method="BFGS").x)
