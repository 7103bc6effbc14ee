"""Every figure of the methods that a programme can replace in ``parameters.csv``: its name, value and range."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from homeward.anthropology import age, bones, sex, stature
from homeward.tables import table


@dataclass(frozen=True, slots=True, kw_only=True)
class Shipped:
    """A figure as shipped; None where only a programme states it. What replaces it lies between low and high."""

    value: float | None
    low: float = -math.inf
    high: float = math.inf

    def admits(self, value: float) -> bool:
        return self.low <= value <= self.high


LEAST = 1e-6  # of what is above zero


@cache
def shipped() -> Mapping[tuple[str, str], Shipped]:
    """(method, parameter) -> what is shipped.

    >>> shipped()["suchey_brooks", "M.sd"].value, shipped()["age", "correlation"].admits(1.5)
    (0.21355, False)
    """
    return MappingProxyType({(method, name): one for method, name, one in (*_of_age(), *_of_stature(), *_of_sex())})


def _of_age() -> Iterator[tuple[str, str, Shipped]]:
    yield "age", "correlation", Shipped(value=age.CORRELATION, low=0, high=1)
    for (method, of), one in age.transitions().items():
        for place, theta in enumerate(one.theta, start=1):
            yield method, f"{of}.theta{place}", Shipped(value=theta, low=math.log(5), high=math.log(120))
        yield method, f"{of}.sd", Shipped(value=one.sd, low=LEAST)


def _of_stature() -> Iterator[tuple[str, str, Shipped]]:
    yield "stature", "error", Shipped(value=stature.ERROR, low=0, high=1)
    for row in table("anthropology/statures.csv"):
        yield "stature", f"{row['sex']}.mean", Shipped(value=float(row["mean_cm"]), low=100, high=250)
        yield "stature", f"{row['sex']}.sd", Shipped(value=float(row["sd_cm"]), low=LEAST)
    for row in table("anthropology/bone_on_stature.csv"):
        name = f"{row['group']}.{row['sex']}.{row['code']}"
        yield "stature", f"{name}.intercept", Shipped(value=float(row["intercept_cm"]))
        yield "stature", f"{name}.slope", Shipped(value=float(row["slope"]), low=LEAST)
        yield "stature", f"{name}.se", Shipped(value=float(row["se_cm"]), low=LEAST)
    yield bones.TROTTER_GLESER, "used", Shipped(value=0, low=0, high=1)
    errors: dict[str, float] = {}
    for row in table("anthropology/trotter_gleser_1958.csv"):
        errors[row["group"]] = max(errors.get(row["group"], 0.0), float(row["se_cm"]))
    for group, error in errors.items():
        yield bones.TROTTER_GLESER, f"{group}.mean", Shipped(value=bones.SAMPLE_MEAN_CM, low=100, high=250)
        yield bones.TROTTER_GLESER, f"{group}.sd", Shipped(value=bones.SAMPLE_SD_CM, low=error + LEAST)


def _of_sex() -> Iterator[tuple[str, str, Shipped]]:
    yield "sex", "correlation", Shipped(value=sex.CORRELATION, low=0, high=1)
    for equation in sex.equations():
        yield equation.method, f"{equation.name}.intercept", Shipped(value=equation.intercept)
        for term, weight in equation.coefficients.items():
            yield equation.method, f"{equation.name}.{term}", Shipped(value=weight)
    for score in sex.scores():
        yield score.method, f"{score.trait}.{score.value}", Shipped(value=score.p_male, low=0, high=1)
    unconfirmed = [one.method for one in sex.equations() if not one.verified]
    unconfirmed += [one.method for one in sex.scores() if not one.verified]
    for method in sorted(set(unconfirmed)):
        yield method, "unverified", Shipped(value=0, low=0, high=1)
