"""Sex from traits of the skeleton: the likelihood ratio behind a published equation or table.

Published methods state P(male | traits) in a sample with as many men as women (or nearly). The ratio
P(traits | male) / P(traits | female) is then the odds that they state; for another share of men it is those odds over
the odds of the share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from homeward.tables import table

STATED = "p_male"  # the trait under which a program's own probability is recorded
STATED_PRIOR = "prior_male"  # the share of men that the program reckoned with
SCORES = range(1, 6)
CORRELATION = 0.3  # between what traits of different bones err by: an assumption, see docs/methods


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """A logistic equation: ln odds of female = the sum of its terms."""

    method: str
    name: str
    element: str
    intercept: float
    coefficients: Mapping[str, float]
    verified: bool = True
    source: str = ""

    def log_odds_female(self, scores: Mapping[str, float]) -> float:
        """
        Examples
        --------
        >>> round(equations()[0].log_odds_female({"VA": 3, "MA": 3, "SPC": 3}), 3)
        1.273
        """
        return self.intercept + math.fsum(weight * scores[trait] for trait, weight in self.coefficients.items())


@cache
def equations() -> tuple[Equation, ...]:
    """The equations shipped; of one method the one with most traits first."""
    rows: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in table("anthropology/sex_equations.csv"):
        rows.setdefault((row["method"], row["equation"]), []).append(row)
    return tuple(_equation(of) for of in rows.values())


def _equation(rows: list[dict[str, str]]) -> Equation:
    terms = {row["term"]: float(row["coefficient"]) for row in rows}
    return Equation(
        method=rows[0]["method"],
        name=rows[0]["equation"],
        element=rows[0]["element"],
        intercept=terms.pop("intercept"),
        coefficients=terms,
        verified=all(row["status"] == "verified" for row in rows),
        source=rows[0]["source"],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """P(male | value of one trait) in a sample with as many men as women."""

    method: str
    element: str
    trait: str
    value: str
    p_male: float
    verified: bool = True


@cache
def scores() -> tuple[Score, ...]:
    """The tables of single traits shipped."""
    return tuple(
        Score(
            method=row["method"],
            element=row["element"],
            trait=row["trait"],
            value=row["value"],
            p_male=float(row["p_male"]),
            verified=row["status"] == "verified",
        )
        for row in table("anthropology/sex_scores.csv")
    )


def methods() -> frozenset[str]:
    """Names of the methods whose traits are read; ``morphopasse`` states its own probability."""
    return frozenset({one.method for one in equations()} | {one.method for one in scores()} | {"morphopasse"})


def log_ratio(
    method: str, traits: Mapping[str, str], *, replaced: Mapping[str, float] | None = None, unverified: bool = False
) -> tuple[float, str] | None:
    """ln of P(traits | male) / P(traits | female), and the bone that they are seen on.

    Parameters
    ----------
    traits : trait -> value as observed
    replaced : parameter -> value that goes before the shipped one: ``VA+MA+SPC.VA`` of an equation, ``notch.3`` of a
        table
    unverified : whether figures that were not seen in a second source are used

    Returns
    -------
    None where nothing that is used can be read from the traits.

    Examples
    --------
    Klales et al. 2012: three scores of 4 give P(female) = 0.0232, a ratio of 42 for a man.

    >>> ratio, bone = log_ratio("klales", {"VA": "4", "MA": "4", "SPC": "4"})
    >>> round(math.exp(ratio), 1), bone
    (42.1, 'os coxae')
    """
    own = replaced or {}
    if STATED in traits:
        return _stated(traits)
    for equation in equations():
        if equation.method != method or not (equation.verified or unverified or _is_replaced(equation, own)):
            continue
        found = {trait: _score(traits.get(trait, "")) for trait in equation.coefficients}
        known = {trait: value for trait, value in found.items() if value is not None}
        if len(known) == len(found):
            used = _with_own(equation, own)
            return -used.log_odds_female(known), equation.element
    for score in scores():
        name = f"{score.trait}.{score.value}"
        seen = score.method == method and traits.get(score.trait, "").strip() == score.value
        if seen and (score.verified or unverified or name in own):
            return _logit(own.get(name, score.p_male)), score.element
    return None


def _is_replaced(equation: Equation, own: Mapping[str, float]) -> bool:
    return all(f"{equation.name}.{term}" in own for term in ("intercept", *equation.coefficients))


def _with_own(equation: Equation, own: Mapping[str, float]) -> Equation:
    return Equation(
        method=equation.method,
        name=equation.name,
        element=equation.element,
        intercept=own.get(f"{equation.name}.intercept", equation.intercept),
        coefficients={term: own.get(f"{equation.name}.{term}", w) for term, w in equation.coefficients.items()},
    )


def _score(text: str) -> float | None:
    return float(text) if text.strip().isdecimal() and int(text) in SCORES else None


def _stated(traits: Mapping[str, str]) -> tuple[float, str] | None:
    """Posterior odds over prior odds of a program that gives a probability."""
    try:
        chance, prior = float(traits[STATED]), float(traits.get(STATED_PRIOR, "0.5"))
    except ValueError:
        return None
    if not 0 < prior < 1 or not 0 <= chance <= 1:
        return None
    return _logit(chance) - _logit(prior), "os coxae and skull"


def _logit(chance: float) -> float:
    if chance in (0.0, 1.0):
        return math.inf if chance else -math.inf
    return math.log(chance) - math.log1p(-chance)


def log_traits(ratio: float, *, error: float) -> tuple[float, float]:
    """(male, female) ln P(traits | sex), up to a factor common to both, with a chance of error.

    With q the chance of a man at even odds, P(traits | male) is taken as (1 - error) q + error (1 - q): traits never
    say more than a sex that is stated and wrong with ``error``.

    >>> [round(math.exp(x), 4) for x in log_traits(math.log(3), error=0.01)]
    [0.745, 0.255]
    """
    male = 1 / (1 + math.exp(-ratio)) if ratio > -700 else 0.0
    mixed = (1 - error) * male + error * (1 - male)
    return (math.log(mixed) if mixed > 0 else -math.inf, math.log1p(-mixed) if mixed < 1 else -math.inf)
