"""Stature from bones: bones regressed on stature, all bones of an individual in one joint normal.

P(bones | stature) is needed, not the stature that a textbook predicts from a bone: the latter carries the statures
of its sample. With true stature S ~ N(m, v), bones x ~ N(a + b m, C + b b' v). As a function of S, P(x | S) is a normal
curve around one estimate; so bones, however many, are a :class:`Reading` of the stature: estimate, variance and the
part that does not depend on it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.anthropology.reading import Floats, Interval, log_interval
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
