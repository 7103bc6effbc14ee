"""An interval stated by an examiner, read as a measurement of the true value.

An interval [low, high] is taken as a normal estimate at its middle that covers the true value in 95 of 100
cases. A bound alone ("at least 25") is taken to be true in 97.5 of 100. With probability ``error`` the
statement says nothing of the true value.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr

Floats = npt.NDArray[np.float64]

TWO_SIDED = 1.959963984540054  # standard deviations from the middle to either end of a 95% interval
ONE_SIDED = 0.975  # chance that a bound stated alone is true
LEAST_SD = 0.5  # an interval of no width was rounded to a whole year or centimetre: a standard deviation of half


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What an examiner stated of a quantity; either end may be open."""

    low: float | None = None
    high: float | None = None

    @property
    def says_something(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def middle(self) -> float:
        """Of an interval with both ends."""
        assert self.low is not None
        assert self.high is not None
        return (self.low + self.high) / 2

    @property
    def sd(self) -> float:
        """Standard deviation of the estimate that an interval with both ends stands for."""
        assert self.low is not None
        assert self.high is not None
        return max((self.high - self.low) / (2 * TWO_SIDED), LEAST_SD)


def log_interval(
    interval: Interval, mean: npt.ArrayLike, variance: npt.ArrayLike = 0.0, *, error: float, span: float
) -> Floats:
    """Natural log of P(the interval as stated | true value normal with this mean and variance).

    Parameters
    ----------
    interval : as stated; with neither end it says nothing and the answer is 0
    mean, variance : of the true value, broadcast against one another; variance 0 is a value that is known
    error : chance that the statement says nothing of the true value
    span : over which such a statement is spread evenly, in the unit of the interval

    Notes
    -----
    (1 - error) N(middle; mean, sd^2 + variance) + error/span, with sd = (high - low)/(2 x 1.96). Only the
    ratio between hypotheses has a meaning: the density is of the middle, given the width.

    Examples
    --------
    A stature stated as 170 to 180 cm has its middle at 175 and a standard deviation of 2.55 cm.

    >>> np.exp(log_interval(Interval(low=170, high=180), [175.0], error=0.0, span=60)).round(4)
    array([0.1564])
    """
    middle, spread = np.broadcast_arrays(np.asarray(mean, dtype=np.float64), np.asarray(variance, dtype=np.float64))
    if interval.low is None and interval.high is None:
        return np.zeros(middle.shape)
    if interval.low is None or interval.high is None:
        return _log_bound(interval, middle, spread, error)
    total = interval.sd**2 + spread
    log_density = -0.5 * ((interval.middle - middle) ** 2 / total + np.log(2 * math.pi * total))
    return mixed(log_density, error, -math.log(span))


def _log_bound(interval: Interval, mean: Floats, variance: Floats, error: float) -> Floats:
    """A bound alone: true with 0.975 where the value keeps it, with 0.025 where it does not."""
    bound, sign = (interval.low, 1.0) if interval.low is not None else (interval.high, -1.0)
    assert bound is not None
    with np.errstate(divide="ignore", invalid="ignore"):
        z = sign * (mean - bound) / np.sqrt(variance)
    keeps = ndtr(np.where(np.isnan(z), np.inf, z))  # a value known to lie at the bound keeps it
    return mixed(np.log((2 * ONE_SIDED - 1) * keeps + (1 - ONE_SIDED)), error, math.log(0.5))


def mixed(log_density: Floats, error: float, log_flat: float | Floats) -> Floats:
    """ln((1 - error) x density + error x flat)."""
    if error <= 0:
        return log_density
    kept = math.log1p(-error) if error < 1 else -np.inf
    return np.asarray(np.logaddexp(kept + log_density, math.log(error) + log_flat))


def log_difference_of_normal(upper: npt.ArrayLike, lower: npt.ArrayLike) -> Floats:
    """ln(Phi(upper) - Phi(lower)) without cancellation, for upper above lower.

    >>> float(log_difference_of_normal(-9.0, -10.0).round(6))
    -43.628217
    """
    high, low = np.asarray(upper, dtype=np.float64), np.asarray(lower, dtype=np.float64)
    swap = low > 0  # both in the upper tail: mirror them
    high, low = np.where(swap, -low, high), np.where(swap, -high, low)
    log_high, log_low = log_ndtr(high), log_ndtr(low)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(log_high + np.log1p(-np.exp(log_low - log_high)))
