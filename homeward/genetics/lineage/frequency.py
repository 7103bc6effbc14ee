"""How common a haplotype is, from counts: none of the ways is right for a haplotype never seen.

Counting with the case added, (x+1)/(n+1) or (x+2)/(n+2); the upper end of an exact confidence interval
(Clopper and Pearson 1934), one- or two-sided; Brenner's kappa (Brenner 2010, doi
10.1016/j.fsigen.2009.10.013), which asks how many haplotypes of the database were seen only once. The
discrete Laplace model has a module of its own, `laplace`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scipy import stats

from homeward.errors import Nonsense


class Method(StrEnum):
    """How a count becomes a frequency."""

    PLUS_ONE = "plus_one"  # (x + 1)/(n + 1)
    PLUS_TWO = "plus_two"  # (x + 2)/(n + 2)
    ONE_SIDED = "clopper_pearson_one_sided"  # upper bound of 95%
    TWO_SIDED = "clopper_pearson_two_sided"  # upper end of the interval of 95%
    KAPPA = "kappa"  # of a haplotype never seen; (x + 1)/(n + 1) of one that was
    LAPLACE = "discrete_laplace"


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def counted(seen: int, people: int) -> float:
    """(x + 1)/(n + 1): the case itself is one more haplotype of the population.

    >>> counted(0, 5000)
    0.0001999600079984003
    """
    _possible(seen, people)
    return (seen + 1) / (people + 1)


def counted_twice(seen: int, people: int) -> float:
    """(x + 2)/(n + 2): remains and reference are two more.

    >>> counted_twice(0, 100)
    0.0196078431372549
    """
    _possible(seen, people)
    return (seen + 2) / (people + 2)


def upper_bound(seen: int, people: int, *, confidence: float = 0.95) -> float:
    """One-sided Clopper-Pearson bound: a frequency above it would show so few with probability 1 - confidence.

    For x = 0 it is 1 - (1 - confidence)^(1/n).

    >>> round(upper_bound(0, 5000), 9)
    0.000598967
    """
    _possible(seen, people)
    return 1.0 if seen == people else float(stats.beta.ppf(confidence, seen + 1, people - seen))


def interval(seen: int, people: int, *, confidence: float = 0.95) -> Interval:
    """Two-sided Clopper-Pearson interval.

    >>> round(interval(0, 5000).high, 9)
    0.000737504
    """
    _possible(seen, people)
    tail = (1 - confidence) / 2
    low = float(stats.beta.ppf(tail, seen, people - seen + 1)) if seen else 0.0
    high = float(stats.beta.ppf(1 - tail, seen + 1, people - seen)) if seen < people else 1.0
    return Interval(low, high)


def _possible(seen: int, people: int) -> None:
    if not 0 <= seen <= people or not people:
        raise Nonsense(f"{seen} of {people} people is not a count")


def kappa(singletons: int, people: int) -> float:
    """The share of the population's haplotypes that a database grown by one has seen exactly once.

    Parameters
    ----------
    singletons : haplotypes that one person of the database has
    people : in the database

    >>> round(kappa(600, 1000), 7)
    0.6003996
    """
    if not 0 <= singletons <= people or not people:
        raise Nonsense(f"{singletons} of {people} haplotypes cannot have been seen once")
    return (singletons + 1) / (people + 1)


def unseen_frequency(singletons: int, people: int) -> float:
    """Brenner's match probability of a haplotype that the database does not have: (1 - kappa)/(n + 1).

    >>> round(1 / unseen_frequency(600, 1000), 4)
    2505.0025

    Raises
    ------
    Nonsense
        If every haplotype of the database was seen once: kappa is then 1, and the method says nothing.
    """
    share = kappa(singletons, people)
    if share >= 1:
        raise Nonsense("every haplotype of the database was seen once: kappa is 1 and gives no frequency")
    return (1 - share) / (people + 1)


def of_count(method: Method, seen: int, people: int) -> float:
    """A frequency by one of the ways that need only the count."""
    if method is Method.PLUS_TWO:
        return counted_twice(seen, people)
    if method is Method.ONE_SIDED:
        return upper_bound(seen, people)
    if method is Method.TWO_SIDED:
        return interval(seen, people).high
    return counted(seen, people)
