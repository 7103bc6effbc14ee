"""Where a box is said to be from, and how many are in it: what either says of who may be in it.

A stated origin is a village, not a grave, and sometimes another's: with the chance of a wrong label the box may be
from any of the places from which boxes came.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse

from homeward.errors import Nonsense
from homeward.geography.grid import Grid
from homeward.programme import Place
from homeward.search.kernels import Kernel, ellipse
from homeward.search.state import State

Floats = npt.NDArray[np.float64]


def stated_origins(
    grid: Grid, origins: Sequence[Place], *, radius_m: float, error: float, depots: Sequence[Place] = ()
) -> sparse.csr_array:
    """What each stated origin says of every cell.

    Parameters
    ----------
    origins : the places stated, with the radius (two sigma) of their own where they have one
    radius_m : two sigma around a place without one
    error : chance that a label is another's
    depots : places from which boxes came; empty: those stated

    Returns
    -------
    (origin, cell): (1 - error) N(cell; origin) + error x the mean over the depots.

    Raises
    ------
    Nonsense
        If the error is no chance, or the radius no length.
    """
    if not 0 <= error <= 1:
        raise Nonsense(f"the chance of a wrong label lies between 0 and 1, not {error:g}")
    if not (math.isfinite(radius_m) and radius_m > 0):
        raise Nonsense(f"a radius of {radius_m:g} m around a stated origin is no length")
    made: dict[Place, sparse.csr_array] = {}

    def near(place: Place) -> sparse.csr_array:
        if place not in made:
            sigma = (place.radius_m or radius_m) / 2
            made[place] = _row(ellipse(grid, place.lat, place.lon, sigmas_m=(sigma, sigma)), grid.size)
        return made[place]

    if not origins:
        return sparse.csr_array((0, grid.size))
    every = tuple(dict.fromkeys(depots or origins))
    anywhere = sparse.csr_array(sum((near(place) for place in every[1:]), start=near(every[0])) / len(every))
    return sparse.csr_array(sparse.vstack([(1 - error) * near(place) + error * anywhere for place in origins]))


def _row(kernel: Kernel, size: int) -> sparse.csr_array:
    return sparse.csr_array((kernel.mass, kernel.cells, [0, len(kernel.cells)]), shape=(1, size))


def origin_evidence(state: State, origins: sparse.csr_array) -> Floats:
    """(origin, person) the sum over cells of the chance to lie there times what the origin says of the cell.

    Parameters
    ----------
    origins : (origin, cell), of :func:`stated_origins`

    Notes
    -----
    Up to a factor common to all persons this is P(the label | it is he); someone of whom it is not known where he
    lies has as much of it as lies on the map.
    """
    return np.asarray((state.weights @ state.on(origins).T).T)


def present_given_number(chances: npt.ArrayLike, unlisted: float, number: int) -> Floats:
    """(person,) the chance that each is among so many individuals from one place.

    Parameters
    ----------
    chances : (person,) that each is among those found, before they were counted
    unlisted : expected number of others, Poisson
    number : of individuals found

    Notes
    -----
    P(i | m) = p_i e(m - 1 without i) / e(m), where e(m) is the chance of m in all; the sums without one come from a
    table of the first i and one of the last n - i persons, O(n m).

    Raises
    ------
    Nonsense
        If a chance is none, or so many cannot be there.

    Examples
    --------
    Two men, each there with chance 0.5, and nobody else: one of them.

    >>> present_given_number([0.5, 0.5], 0.0, 1)
    array([0.5, 0.5])
    """
    p = np.asarray(chances, dtype=np.float64)
    if np.any((p < 0) | (p > 1)) or unlisted < 0 or number < 0:
        raise Nonsense("chances lie between 0 and 1, and numbers are not below zero")
    first = _numbers(p, number, _poisson(unlisted, number))
    last = _numbers(p[::-1], number, np.eye(1, number + 1)[0])[::-1]
    whole = float(first[-1, number])
    if whole <= 0:
        raise Nonsense(
            f"{number} individuals cannot be there: {len(p)} persons are listed and {unlisted:g} others expected"
        )
    if number == 0:
        return np.zeros(len(p))
    without = np.einsum("ij,ij->i", first[:-1, :number], last[1:, :number][:, ::-1])
    found: Floats = p * without / whole
    return found


def _poisson(mean: float, most: int) -> Floats:
    from scipy.stats import poisson

    return np.asarray(poisson.pmf(np.arange(most + 1), mean), dtype=np.float64)


def _numbers(p: Floats, most: int, start: Floats) -> Floats:
    """(person + 1, number) distribution of how many of the first persons, and of the start, there are."""
    found = np.zeros((len(p) + 1, most + 1))
    found[0] = start
    for i, chance in enumerate(p.tolist()):
        found[i + 1] = found[i] * (1 - chance)
        found[i + 1, 1:] += found[i, :-1] * chance
    return found
