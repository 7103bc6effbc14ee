"""traits.csv against the methods that Homeward weighs: what a row says that no method reads, and what to write."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from homeward.anthropology.age import transitions
from homeward.anthropology.sex import SCORES, STATED, STATED_PRIOR, equations, methods, scores
from homeward.formats.cells import BadCell, number

_CHANCES = (STATED, STATED_PRIOR)


@dataclass(frozen=True, slots=True)
class Unread:
    """What of a row cannot be read: the column, why, and what to write; of ``method``, that nobody weighs it."""

    column: str
    reason: str
    remedy: str


@cache
def known_methods() -> tuple[str, ...]:
    """Names of the methods whose traits are weighed, of age and of sex."""
    return tuple(sorted({method for method, _ in transitions()} | methods()))


def unread(method: str, trait: str, value: str) -> Unread | None:
    """Why a trait cannot be read; None if it can.

    >>> unread("suchey_brooks", "phase", "7").remedy
    'Write one of: 1, 2, 3, 4, 5, 6.'
    """
    if method not in known_methods():
        near = difflib.get_close_matches(method.lower(), known_methods(), 1, 0.7)
        remedy = f"If it is {near[0]}, write that." if near else f"Weighed are: {', '.join(known_methods())}."
        return Unread("method", "is not a method that Homeward weighs; what it says is kept and not weighed.", remedy)
    values = values_of(method)
    if trait not in values:
        return Unread("trait", f"is no trait of {method}.", f"Write one of: {', '.join(values)}.")
    if values[trait] and value not in values[trait] and not _is_score_within(method, value):
        return Unread("value", f"is no value of {method}, {trait}.", f"Write one of: {', '.join(values[trait])}.")
    if not values[trait] and not _is_chance(value):
        return Unread("value", "is not a probability.", "Write a number from 0 to 1 with a decimal point.")
    return None


@cache
def values_of(method: str) -> Mapping[str, tuple[str, ...]]:
    """Trait -> its values as written, none where it is a probability; nothing of a method that is not weighed.

    >>> dict(values_of("mckern_stewart"))["score"][:4]
    ('0', '1-2', '3', '4-5')
    """
    found: dict[str, tuple[str, ...]] = {}
    for (name, _), indicator in transitions().items():
        if name == method:
            found[indicator.trait] = indicator.stages
    for equation in equations():
        if equation.method == method:
            found |= dict.fromkeys(equation.coefficients, tuple(map(str, SCORES)))
    for score in scores():
        if score.method == method:
            found[score.trait] = (*found.get(score.trait, ()), score.value)
    return found | (dict.fromkeys(_CHANCES, ()) if method in methods() else {})


def _is_score_within(method: str, value: str) -> bool:
    """Whether a score lies in a stage that is a range of scores: 5 in 4-5."""
    return any(name == method and indicator.stage(value) is not None for (name, _), indicator in transitions().items())


def _is_chance(value: str) -> bool:
    try:
        number(value, low=0, high=1)
    except BadCell:
        return False
    return True
