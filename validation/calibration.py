"""Whether posteriors promise what they keep: false ones against their own rate, and shares by bins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

EDGES = (0.0, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.9995, 1.0)


def chance_of_so_many(events: int, chances: Sequence[float]) -> float:
    """The probability of at least so many of independent events that each have their own chance.

    Parameters
    ----------
    events : how many happened
    chances : probability of each

    Notes
    -----
    The Poisson binomial distribution, summed exactly one event at a time.

    Examples
    --------
    Two coins: at least one head in three of four cases.

    >>> chance_of_so_many(1, [0.5, 0.5]), chance_of_so_many(0, [0.1])
    (0.75, 1.0)
    """
    fewer = np.zeros(max(events, 1))  # P(exactly k), for k below the number asked about
    fewer[0] = 1.0
    for chance in chances:
        fewer[1:] = fewer[1:] * (1 - chance) + fewer[:-1] * chance
        fewer[0] *= 1 - chance
    return 1.0 if events == 0 else float(max(0.0, 1 - fewer.sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Pairs whose posteriors lie in [low, high): how many, how many true, and how many the posteriors promise."""

    low: float
    high: float
    pairs: int
    true: int
    promised: float
    variance: float  # of the number true, were the pairs independent

    @property
    def deviation(self) -> float:
        """How far the number true lies from what was promised, in standard deviations; 0 where nothing varies."""
        return (self.true - self.promised) / self.variance**0.5 if self.variance > 0 else 0.0


def bins(posterior: Floats, true: npt.NDArray[np.bool_], edges: Sequence[float] = EDGES) -> list[Bin]:
    """Sort pairs into bins of posterior; the last bin includes its end.

    >>> [(b.pairs, b.true, round(b.promised, 2)) for b in bins(np.array([0.2, 0.7, 0.9]), np.array([False, True, True]),
    ... (0, 0.5, 1))]
    [(1, 0, 0.2), (2, 2, 1.6)]
    """
    place = np.clip(np.searchsorted(edges, posterior, side="right") - 1, 0, len(edges) - 2)
    return [
        Bin(
            low=float(edges[i]),
            high=float(edges[i + 1]),
            pairs=int((place == i).sum()),
            true=int(true[place == i].sum()),
            promised=float(posterior[place == i].sum()),
            variance=float((posterior[place == i] * (1 - posterior[place == i])).sum()),
        )
        for i in range(len(edges) - 1)
    ]


def together(runs: Sequence[Sequence[Bin]]) -> list[Bin]:
    """Add the bins of several runs."""
    return [
        Bin(
            low=same[0].low,
            high=same[0].high,
            pairs=sum(one.pairs for one in same),
            true=sum(one.true for one in same),
            promised=sum(one.promised for one in same),
            variance=sum(one.variance for one in same),
        )
        for same in zip(*runs, strict=True)
    ]
