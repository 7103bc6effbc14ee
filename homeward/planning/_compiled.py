"""Compiled twin of :func:`homeward.planning.situations.reaching`.

The markers are convolved in two halves, of which only the sum of their products beyond the threshold is needed. What
cannot reach the threshold with the most that the others may add is dropped, and what is next to impossible is set
aside: as not reaching it below, as reaching it above, so that the interval still holds the truth.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

from homeward.genetics.mutation import Floats
from homeward.genetics.packing import Integers

_F = TypeVar("_F", bound=Callable[..., Any])
_njit: Any = numba.njit
_NEAR = 1e-9  # cells; what is as near to a grid point is on it
SLACK = 1e-18  # probability set aside at either end after each marker, of the person's own remains


def _compiled(function: _F) -> _F:
    compiled: _F = _njit(cache=True, nogil=True, error_model="numpy")(function)
    return compiled


@_compiled
def _atoms(
    tables: Floats,
    weights: Floats,
    population: Floats,
    starts: Integers,
    step: float,
    related: bool,
    cells: Floats,
    mass: Floats,
    ends: Integers,
) -> None:
    """The values of each marker, in cells of the grid, and their probabilities; ``ends`` is where each's stop."""
    at = 0
    for locus in range(len(starts) - 1):
        begin, whole, mean = at, 0.0, 0.0
        for outcome in range(weights.shape[1]):
            weight = weights[locus, outcome]
            if weight == 0.0:
                continue
            for genotype in range(starts[locus], starts[locus + 1]):
                chance = weight * population[genotype]
                ratio = tables[outcome, genotype]
                whole += chance
                if ratio > 0.0 and chance != 0.0:  # the unnamed remainder of a table may be below zero
                    mean += chance * ratio
                    cells[at] = math.log10(ratio) / step
                    mass[at] = chance * ratio if related else chance
                    at += 1
        for place in range(begin, at):
            mass[place] /= mean if related else whole
        ends[locus + 1] = at


@_compiled
def _cell(value: float, up: bool) -> int:
    near = round(value)
    if abs(value - near) < _NEAR:
        return int(near)
    return int(math.ceil(value) if up else math.floor(value))


@_compiled
def _convolved(
    first_locus: int,
    last_locus: int,
    cells: Floats,
    mass: Floats,
    ends: Integers,
    up: bool,
    target: int,
    others: int,
    slack: float,
) -> tuple[Floats, int, float]:
    """The distribution of the sum of some markers: probabilities, the first cell, and what was set aside.

    ``others`` is the most that all other markers add.
    """
    least = np.zeros(last_locus - first_locus, np.int64)
    most = np.zeros(last_locus - first_locus, np.int64)
    for locus in range(first_locus, last_locus):
        low, high = 1 << 60, -(1 << 60)
        for place in range(ends[locus], ends[locus + 1]):
            cell = _cell(cells[place], up)
            low, high = min(low, cell), max(high, cell)
        least[locus - first_locus], most[locus - first_locus] = low, high
        others += high
    now, first, lost = np.ones(1), 0, 0.0
    for locus in range(first_locus, last_locus):
        low, high = least[locus - first_locus], most[locus - first_locus]
        others -= high
        grid = np.zeros(high - low + 1)
        for place in range(ends[locus], ends[locus + 1]):
            grid[_cell(cells[place], up) - low] += mass[place]
        summed = np.zeros(len(now) + len(grid) - 1)
        for shift in range(len(grid)):
            chance = grid[shift]
            if chance != 0.0:
                part = summed[shift : shift + len(now)]
                for place in range(len(now)):
                    part[place] += chance * now[place]
        first += low
        start, stop = min(max(target - others - first, 0), len(summed)), len(summed)
        aside = 0.0
        while start < stop and aside + abs(summed[start]) <= slack:
            aside += abs(summed[start])
            start += 1
        lost += aside
        aside = 0.0
        while stop > start and aside + abs(summed[stop - 1]) <= slack:
            aside += abs(summed[stop - 1])
            stop -= 1
        lost += aside
        now, first = summed[start:stop], first + start
    return now, first, lost


@_compiled
def _greatest(cells: Floats, ends: Integers, first_locus: int, last_locus: int, up: bool) -> int:
    """The most that some markers add."""
    total = 0
    for locus in range(first_locus, last_locus):
        high = -(1 << 60)
        for place in range(ends[locus], ends[locus + 1]):
            high = max(high, _cell(cells[place], up))
        total += high
    return total


@_compiled
def _beyond(cells: Floats, mass: Floats, ends: Integers, up: bool, target: int, slack: float) -> float:
    """P(sum of all markers >= target), what was set aside counted as reaching it if rounding is ``up``."""
    loci = len(ends) - 1
    for locus in range(loci):
        if ends[locus] == ends[locus + 1]:
            return 0.0  # nothing is possible there
    half = loci // 2
    one, first_one, lost_one = _convolved(
        0, half, cells, mass, ends, up, target, _greatest(cells, ends, half, loci, up), slack
    )
    other, first_other, lost_other = _convolved(half, loci, cells, mass, ends, up, target, first_one + len(one), slack)
    tail = np.zeros(len(other) + 1)
    for place in range(len(other) - 1, -1, -1):
        tail[place] = tail[place + 1] + other[place]
    total = 0.0
    for place in range(len(one)):
        wanted = target - first_one - place - first_other
        total += one[place] * tail[min(max(wanted, 0), len(other))]
    return total + lost_one + lost_other if up else total


@_compiled
def reach(
    tables: Floats,
    weights: Floats,
    population: Floats,
    starts: Integers,
    step: float,
    needed: float,
    related: bool,
    slack: float,
) -> tuple[float, float]:
    """The least and the greatest that P(log10 LR >= needed) can be, before rounding of sums."""
    size = 0
    for locus in range(len(starts) - 1):
        for outcome in range(weights.shape[1]):
            if weights[locus, outcome] != 0.0:
                size += starts[locus + 1] - starts[locus]
    cells, mass = np.empty(size), np.empty(size)
    ends = np.zeros(len(starts), np.int64)
    _atoms(tables, weights, population, starts, step, related, cells, mass, ends)
    target = math.ceil(needed / step - _NEAR)
    return (
        _beyond(cells, mass, ends, False, target, slack),
        _beyond(cells, mass, ends, True, target, slack),
    )


def reaching(
    tables: Floats,
    weights: Floats,
    population: Floats,
    starts: Integers,
    *,
    needed: float,
    step: float,
    related: bool = True,
) -> tuple[float, float]:
    """Compiled twin of :func:`homeward.planning.situations.reaching`."""
    rounding = 1e-12
    low, high = reach(tables, weights, population, starts, step, needed, related, SLACK if related else 0.0)
    return low * (1 - rounding), min(1.0, high * (1 + rounding))
