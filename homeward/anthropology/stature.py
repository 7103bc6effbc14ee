"""Stature from bones: bones regressed on stature, all bones of an individual in one joint normal.

P(bones | stature) is needed, not the stature that a textbook predicts from a bone: the latter carries the statures
of its sample. With true stature S ~ N(m, v), bones x ~ N(a + b m, C + b b' v). As a function of S, P(x | S) is a normal
curve around one estimate; so bones, however many, are a :class:`Reading` of the stature: estimate, variance and the
part that does not depend on it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.anthropology.reading import Floats, Interval, log_interval, mixed
from homeward.errors import Nonsense

ERROR = 0.02  # chance that a stated interval says nothing of the stature: as age_error, an assumption
SPAN_CM = 60.0  # an interval that says nothing of the stature may lie anywhere over so many centimetres


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an individual's bones say of the stature: log P(bones | S) = constant + log N(estimate; S, variance)."""

    estimate: float
    variance: float
    constant: float = 0.0


def read_bones(lengths: npt.ArrayLike, intercept: npt.ArrayLike, slope: npt.ArrayLike, cov: npt.ArrayLike) -> Reading:
    """The bones of one individual as one reading of the stature.

    Parameters
    ----------
    lengths : (bone,) cm
    intercept, slope : (bone,) of bone on stature, cm and cm per cm
    cov : (bone, bone) covariance of the bones about their regressions, cm^2

    Notes
    -----
    Generalised least squares: with A = b' C^-1 b the estimate is b' C^-1 (x - a) / A, its variance 1/A
    (Konigsberg et al. 1998: stature by the inverse of the regression of bone on stature).

    Examples
    --------
    One bone is inverted: (50.5 - 2.575) / 0.25256.

    >>> read_bones([50.5], [2.575], [0.25256], [[2.195**2]]).estimate.__round__(3)
    189.757
    """
    x, a, b, c = (np.asarray(value, dtype=np.float64) for value in (lengths, intercept, slope, cov))
    if c.shape != (len(x), len(x)) or a.shape != x.shape or b.shape != x.shape:
        raise Nonsense(f"{len(x)} bones need as many intercepts and slopes, and a covariance of that size")
    if not np.any(b):
        raise Nonsense("a bone that does not depend on stature says nothing of it")
    root = np.linalg.cholesky(c)
    u, w = np.linalg.solve(root, b), np.linalg.solve(root, x - a)
    precision = float(u @ u)
    estimate = float(u @ w) / precision
    rest = w - u * estimate
    log_at_estimate = -0.5 * (float(rest @ rest) + len(x) * math.log(2 * math.pi)) - float(np.log(np.diag(root)).sum())
    constant = log_at_estimate + 0.5 * math.log(2 * math.pi / precision)
    return Reading(estimate=estimate, variance=1 / precision, constant=constant)


def log_reading(reading: Reading, mean: npt.ArrayLike, variance: npt.ArrayLike) -> Floats:
    """Natural log of P(bones | true stature normal with this mean and variance), broadcast."""
    total = reading.variance + np.asarray(variance, dtype=np.float64)
    away = reading.estimate - np.asarray(mean, dtype=np.float64)
    return np.asarray(reading.constant - 0.5 * (away * away / total + np.log(2 * math.pi * total)))


def log_stature_interval(
    interval: Interval, mean: npt.ArrayLike, variance: npt.ArrayLike, *, error: float = 0.0
) -> Floats:
    """Natural log of P(an anthropologist's interval of stature | true stature normal); see :func:`log_interval`."""
    return log_interval(interval, mean, variance, error=error, span=SPAN_CM)


def combined(one: Reading, other: Reading) -> Reading:
    """Two readings whose errors are independent, as one: the product of two normal curves.

    >>> combined(Reading(estimate=170, variance=4), Reading(estimate=176, variance=8)).estimate
    172.0
    """
    precision = 1 / one.variance + 1 / other.variance
    apart = one.variance + other.variance
    agreement = -0.5 * ((one.estimate - other.estimate) ** 2 / apart + math.log(2 * math.pi * apart))
    return Reading(
        estimate=(one.estimate / one.variance + other.estimate / other.variance) / precision,
        variance=1 / precision,
        constant=one.constant + other.constant + agreement,
    )


def log_size(
    bones: Reading | None,
    intervals: Sequence[Interval],
    mean: npt.ArrayLike,
    variance: npt.ArrayLike,
    *,
    error: float = 0.0,
    correlation: float = 0.0,
) -> Floats:
    """Natural log of P(bones and intervals of one individual | true stature normal).

    Parameters
    ----------
    bones : what was measured, if anything
    intervals : of other remains of the individual, as stated
    error : chance that no interval says anything
    correlation : between the errors of the intervals

    Notes
    -----
    Intervals with both ends are jointly normal about the one true stature, and independent of the bones given it. A
    bound alone is weighed by itself.

    >>> one = Interval(low=170, high=180)
    >>> bool(log_size(None, [one], 175, 9.0, error=0.02) == log_stature_interval(one, 175, 9.0, error=0.02))
    True
    """
    shape = np.broadcast_shapes(np.shape(mean), np.shape(variance))
    answer = np.zeros(shape) if bones is None else log_reading(bones, mean, variance)
    whole = [one for one in intervals if one.low is not None and one.high is not None]
    if whole:
        stated = _joint(whole, correlation)
        together = log_reading(stated if bones is None else combined(bones, stated), mean, variance)
        answer = mixed(together, error, answer - len(whole) * math.log(SPAN_CM))
    for one in intervals:
        if one not in whole:
            answer = answer + log_stature_interval(one, mean, variance, error=error)
    return np.asarray(answer)


def _joint(intervals: Sequence[Interval], correlation: float) -> Reading:
    """Intervals with both ends as one reading."""
    if len(intervals) == 1:
        return Reading(estimate=intervals[0].middle, variance=intervals[0].sd ** 2)
    sds, ones = np.array([one.sd for one in intervals]), np.ones(len(intervals))
    cov = np.outer(sds, sds) * (correlation + (1 - correlation) * np.eye(len(sds)))
    return read_bones([one.middle for one in intervals], 0 * ones, ones, cov)
