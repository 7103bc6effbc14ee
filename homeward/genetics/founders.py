"""The alleles of founders when they are not independent: co-ancestry (theta) and inbred founders.

With co-ancestry the founder alleles of everyone in a hypothesis are drawn jointly, as by Balding and
Nichols: the next after k of them is a copy of any one of them with probability theta / (1 + (k - 1) theta)
each, and else, with (1 - theta) / (1 + (k - 1) theta), of the population. The draws are exchangeable, so
their order does not matter. Alleles that are known (of a typed founder) are taken first, and change what
the others are drawn from. Those that are not known fall into *sets*, each of copies of one draw: summing
over every way to set them apart (a partition) is exact for any mutation model, and each term is a family
whose founders are independent, with some of their alleles the same.

The number of ways grows with the number of unknown founder alleles as the Bell numbers do: 15 for 4, 203
for 6, 4,140 for 8, 115,975 for 10, whatever the number of alleles at the marker. The two alleles of an
untyped founder are interchangeable, and ways that differ by that alone are computed once; of an untyped
founder with a single child one allele was not passed and drops out.

Sources: Balding and Nichols 1994 (Forensic Science International 64:125-140); the partition is that of the
Chinese restaurant, Blackwell and MacQueen 1973 (Annals of Statistics 1:353-355).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense, TooLarge

Floats = npt.NDArray[np.float64]

MOST_WAYS = 30_000  # 21,147 ways with 9 unknown founder alleles; 10 have 115,975


class TooManyWays(TooLarge):
    """Theta ties more unknown founder alleles together than can be summed over."""


class Way(NamedTuple):
    """One way in which unknown founder alleles are copies of each other.

    ``sets[i]`` is the set of the i-th, numbered from 0 in the order of their first; ``number`` how many ways
    are this one but for the order of a founder's two alleles.
    """

    sets: tuple[int, ...]
    number: int


def require_theta(theta: float) -> None:
    """Refuse what is no co-ancestry coefficient.

    Raises
    ------
    Nonsense
        If theta is not at least 0 and below 1.
    """
    if not 0 <= theta < 1:
        raise Nonsense(f"theta is {theta}; a co-ancestry coefficient is at least 0 and below 1")


@lru_cache(maxsize=64)
def bell(unknown: int) -> int:
    """Give the number of ways to set so many alleles apart.

    >>> [bell(unknown) for unknown in (0, 1, 2, 3, 4, 6, 10)]
    [1, 1, 2, 5, 15, 203, 115975]
    """
    if unknown == 0:
        return 1
    return sum(math.comb(unknown - 1, taken) * bell(taken) for taken in range(unknown))


@lru_cache(maxsize=1024)
def ways(unknown: int, interchangeable: tuple[tuple[int, int], ...]) -> tuple[Way, ...]:
    """Give every way to set unknown founder alleles apart.

    Parameters
    ----------
    unknown : how many there are
    interchangeable : pairs of them that are the two alleles of one untyped founder

    Raises
    ------
    TooManyWays
        If there are more than :data:`MOST_WAYS`.

    Examples
    --------
    Two alleles of one founder and one of another: that the third is a copy of the first or of the second is the same.

    >>> [(way.sets, way.number) for way in ways(3, ((0, 1),))]
    [((0, 0, 0), 1), ((0, 0, 1), 1), ((0, 1, 0), 2), ((0, 1, 2), 1)]
    """
    if bell(unknown) > MOST_WAYS:
        raise TooManyWays(
            f"theta ties {unknown} unknown founder alleles together in {bell(unknown):,} ways, above {MOST_WAYS:,}. "
            "Type a founder, leave out distant relatives, compute with theta 0, or write [genetics] "
            'theta_method = "sampled" to estimate the likelihood from draws, with its standard error'
        )
    found: dict[tuple[int, ...], int] = {}
    for sets in _restricted_growth(unknown):
        least = min(_exchanged(sets, interchangeable))
        found[least] = found.get(least, 0) + 1
    return tuple(Way(sets, number) for sets, number in sorted(found.items()))


def _restricted_growth(length: int) -> Iterator[tuple[int, ...]]:
    """Every way to number sets in the order of their first."""
    if length == 0:
        yield ()
        return
    for start in _restricted_growth(length - 1):
        for number in range(max(start, default=-1) + 2):
            yield (*start, number)


def _exchanged(sets: tuple[int, ...], pairs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, ...]]:
    """A way with the alleles of some founders exchanged, in every choice of them."""
    telling = [(a, b) for a, b in pairs if sets[a] != sets[b]]
    for chosen in itertools.product((False, True), repeat=len(telling)):
        changed = list(sets)
        for (a, b), exchange in zip(telling, chosen, strict=True):
            if exchange:
                changed[a], changed[b] = changed[b], changed[a]
        numbers: dict[int, int] = {}
        yield tuple(numbers.setdefault(one, len(numbers)) for one in changed)


class Drawn(NamedTuple):
    """What is known once the known founder alleles are drawn.

    ``log_probability`` of those, and ``frequencies`` (n,) from which an unknown one is drawn that is no copy of
    an unknown; ``known`` counts them.
    """

    log_probability: float
    frequencies: Floats
    known: int


def drawn(known: Sequence[int], frequencies: Floats, theta: float) -> Drawn | None:
    """Draw the known founder alleles one after the other; None if one of them has no probability.

    Examples
    --------
    A founder 1/1 where 1 has frequency 0.1 and theta is 0.03: p (theta + (1 - theta) p).

    >>> round(math.exp(drawn([0, 0], np.array([0.1, 0.9]), 0.03).log_probability), 12)
    0.0127
    """
    counts = np.zeros(len(frequencies))
    log_probability = 0.0
    for k, allele in enumerate(known):
        chance = ((1 - theta) * frequencies[allele] + theta * counts[allele]) / (1 - theta + theta * k)
        if chance <= 0:
            return None
        log_probability += math.log(chance)
        counts[allele] += 1
    whole = 1 - theta + theta * len(known)
    return Drawn(log_probability, ((1 - theta) * frequencies + theta * counts) / whole, len(known))


def probability_of(way: Way, theta: float, known: int) -> float:
    """Give the probability of a way (of all that are like it), after so many known alleles.

    >>> [round(probability_of(way, 0.03, 0), 12) for way in ways(2, ())]
    [0.03, 0.97]
    """
    base = 1 - theta + theta * known
    probability = float(way.number)
    sizes: dict[int, int] = {}
    for k, one in enumerate(way.sets):
        earlier = sizes.get(one, 0)
        probability *= (theta * earlier if earlier else base) / (base + theta * k)
        sizes[one] = earlier + 1
    return probability
