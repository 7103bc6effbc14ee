"""Effort over cells or sites: divided among several kinds of searching, and in whole digs.

One kind of effort over many cells is :func:`allocate`; with prices and limits, as sites have them, it is
:func:`homeward.search.season.fill`. Detection is exponential: after efforts z of
every kind, what lies at j is found with probability 1 - exp(-sum_k w_kj z_kj).
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SWEEPS = 500


def allocate(value: npt.ArrayLike, rate: npt.ArrayLike, budget: float) -> Floats:
    """Divide a budget of effort over cells so that as much as possible is found.

    Parameters
    ----------
    value : (cell,) what is to be found in each
    rate : (cell,) w, or one for all
    budget : of effort

    Returns
    -------
    (cell,) efforts that spend the budget; none where nothing is to be found.

    Raises
    ------
    Nonsense
        If a value, a rate or the budget is below zero or no number.

    Notes
    -----
    z = max(ln(v w) - u, 0) / w. What that costs falls in u, is convex and straight between the ln(v w); so Newton's
    steps from where every cell is given some approach the level from one side, and each step that leaves a cell without
    effort leaves it so for good. Linear in cells for each of some ten steps, over ever fewer of them.

    Examples
    --------
    >>> allocate([0.5, 0.4, 0.1], 1.0, 0.2).round(4)
    array([0.2, 0. , 0. ])
    """
    v, w = np.broadcast_arrays(*(np.asarray(one, dtype=np.float64) for one in (value, rate)))
    if not (np.isfinite(v).all() and np.isfinite(w).all() and (v >= 0).all() and (w >= 0).all()):
        raise Nonsense("values and rates are numbers not below zero")
    if not (math.isfinite(budget) and budget >= 0):
        raise Nonsense(f"a budget is a number not below zero, not {budget:g}")
    efforts = np.zeros(len(v))
    open_still = np.flatnonzero(v * w > 0)
    if budget == 0 or not len(open_still):
        return efforts
    slope = 1 / w[open_still]
    height = np.log(v[open_still] * w[open_still])
    height -= height.max()  # differences alone count, and small ones must not drown
    while True:
        level = (float(height @ slope) - budget) / float(slope.sum())
        given = height > level
        if given.all():
            efforts[open_still] = (height - level) * slope
            return efforts
        if not given.any():  # a budget less than what rounding leaves of the levels
            efforts[open_still[height >= height.max()]] = budget / np.count_nonzero(height >= height.max())
            return efforts
        open_still, slope, height = open_still[given], slope[given], height[given]


def several_kinds(value: npt.ArrayLike, rates: npt.ArrayLike, budgets: npt.ArrayLike) -> Floats:
    """Divide budgets of several kinds of effort so that as much as possible is found.

    Parameters
    ----------
    value : (place,) what is to be found at each
    rates : (kind, place) w
    budgets : (kind,)

    Returns
    -------
    (kind, place) efforts; each kind spends its budget.

    Raises
    ------
    Nonsense
        If a value, rate or budget is below zero or no number, or the sizes do not fit.

    Notes
    -----
    Washburn's fixing of all but one kind in turn: given the others, one kind is divided exactly (water-filling); what
    is found never falls, and as it is concave the sweeps end at the best. They stop when a sweep moves no effort by
    more than a part in 1e12 of its budget.
    """
    v, w, b = (np.asarray(one, dtype=np.float64) for one in (value, rates, budgets))
    if w.shape != (len(b), len(v)):
        raise Nonsense(f"rates of {w.shape} do not fit {len(b)} kinds and {len(v)} places")
    if any(not np.all(one >= 0) or not np.all(np.isfinite(one)) for one in (v, w, b)):
        raise Nonsense("values, rates and budgets are numbers not below zero")
    efforts = np.zeros_like(w)
    for _ in range(SWEEPS):
        before = efforts.copy()
        for kind in range(len(b)):
            others = np.exp(-(w * efforts).sum(axis=0) + w[kind] * efforts[kind])
            efforts[kind] = allocate(v * others, w[kind], float(b[kind]))
        if np.all(np.abs(efforts - before) <= 1e-12 * np.maximum(b[:, None], 1e-300)):
            break
    return efforts


def found(value: npt.ArrayLike, rates: npt.ArrayLike, efforts: npt.ArrayLike) -> float:
    """What is expected to be found with efforts of every kind."""
    total = (np.asarray(rates, dtype=np.float64) * np.asarray(efforts, dtype=np.float64)).sum(axis=0)
    return float(-(np.asarray(value, dtype=np.float64) * np.expm1(-total)).sum())


def whole_digs(value: npt.ArrayLike, detection: npt.ArrayLike, cost: npt.ArrayLike, digs: int) -> Integers:
    """The order of whole digs that finds most for its cost at every horizon: the largest index next.

    Parameters
    ----------
    value : (site,) what is to be found; detection : of one dig; cost : of one dig, above zero
    digs : how many

    Returns
    -------
    (dig,) the site of each. The index of the next dig is v (1 - d)^k d / c after k digs; among equals the first site.

    Notes
    -----
    Optimal for equal costs at every number of digs, as gains at a site only fall and sites are independent.

    Examples
    --------
    0.5 x 0.5 = 0.25; then 0.4 x 0.5 = 0.2 beats 0.125.

    >>> whole_digs([0.5, 0.4], [0.5, 0.5], [1, 1], 4).tolist()
    [0, 1, 0, 1]
    """
    v, d, c = (np.asarray(one, dtype=np.float64) for one in (value, detection, cost))
    if np.any((d < 0) | (d > 1)) or not np.all(c > 0) or not np.all(v >= 0):
        raise Nonsense("detection lies between 0 and 1, cost is above zero and value not below")
    if digs < 0 or (digs and not len(v)):
        raise Nonsense(f"{digs} digs need a site")
    index = v * d / c
    order = np.zeros(digs, dtype=np.int64)
    for number in range(digs):
        best = int(np.argmax(index))
        order[number] = best
        index[best] *= 1 - d[best]
    return order


def circular_normal(effort: float, sigma: float) -> tuple[float, float]:
    """The best search for something normally distributed around a point: chance to find it, and radius searched.

    Parameters
    ----------
    effort : area swept, in the unit of sigma squared
    sigma : of each axis

    Notes
    -----
    H = sqrt(E / (pi sigma^2)); P = 1 - (1 + H) exp(-H); R^2 = 2 sigma^2 H (Koopman 1946; Stone 1975 ch. 2).

    Examples
    --------
    >>> round(circular_normal(10.0, 1.0)[0], 6)
    0.532423
    """
    if not effort >= 0 or not sigma > 0:
        raise Nonsense("effort is not below zero, and sigma above")
    height = math.sqrt(effort / math.pi) / sigma
    return 1 - (1 + height) * math.exp(-height), sigma * math.sqrt(2 * height)
