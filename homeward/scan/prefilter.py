"""The certified prefilter: which pairs cannot reach the threshold, told from whole numbers alone.

1. ``Layout``: every distinct call among the remains is a row, and "not typed" is a row of its own for each
   marker at which some remains are not typed. A pair's log likelihood ratio is the sum over markers of one row each.
2. ``deficits``: for each slot and marker, by how many steps a row falls short of the marker's best row.
   The step of a slot is such that a pair at the threshold may fall short by fewer than ``budget`` steps in all.
3. ``candidates``: the pairs whose deficits add up to less than the budget. Every pair at or above the
   threshold is among them; the others are scored no further. ``docs/methods/scan.md`` has the proof.

Only candidates are scored in float64 (``rescored``), by the same additions in the same order as
:func:`homeward.genetics.scoring.add_up`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.genetics.mutation import Floats

Deficits = npt.NDArray[np.uint16]
LN10 = math.log(10)
LEVEL, LEVELS = 0.25, 128  # how finely, and how far, in log10 above the threshold a rising threshold is seen
_KEYS = 3  # a million remains are told apart by fewer
_TINY = float(np.finfo(np.float64).tiny)
_SLACK = 1e-9  # far above any rounding of some sixty additions and logarithms, far below any step


class Best(NamedTuple):
    """The best pairs of each remains so far.

    Parameters
    ----------
    log10_lr : (remains, place) from the greatest down; -inf where there is none yet
    slots : (remains, place); of equal ratios the lesser slot comes first
    floors : (remains,) what a pair must reach to be among them
    """

    log10_lr: Floats
    slots: npt.NDArray[np.uint32]
    floors: Floats


def none_yet(remains: int, best: int, threshold: float) -> Best:
    """Room for the best of each remains; nothing for ``best`` = 0."""
    return Best(
        np.full((remains, best), -np.inf),
        np.full((remains, best), np.iinfo(np.uint32).max, dtype=np.uint32),
        np.full(remains if best else 0, threshold),
    )


@dataclass(frozen=True, eq=False)
class Layout:
    """Which row each remains shows at each marker.

    Parameters
    ----------
    codes : (remains, marker) row; every marker has rows of its own
    marker : (row,) the marker of each row; -1 for row 0, which nobody shows
    source : (row,) the row of :class:`homeward.genetics.scoring.Seen` that it is; 0 is "not typed"
    numbers : (remains,) which remains each row of ``codes`` is
    levels : a last column of ``codes`` holds the level that each remains' pairs must reach, as a row
        beyond all others
    """

    codes: npt.NDArray[np.unsignedinteger]
    marker: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    numbers: npt.NDArray[np.uint32]
    levels: bool = False

    @property
    def markers(self) -> int:
        return int(self.codes.shape[1]) - self.levels


def lay_out(codes: npt.NDArray[np.integer], marker_of_row: npt.NDArray[np.int64]) -> Layout:
    """Give "not typed" a row of its own at each marker.

    Parameters
    ----------
    codes : (remains, marker) rows of ``Seen``, 0 where not typed
    marker_of_row : (row,) the marker of each row of ``Seen``; -1 for row 0
    """
    rows, markers = len(marker_of_row), codes.shape[1]
    found = np.empty(codes.shape, dtype=width_of(rows + markers))
    lacking: list[int] = []
    for marker in range(markers):  # column by column: of a million remains there is not room for many copies
        nothing = codes[:, marker] == 0
        found[:, marker] = codes[:, marker]
        if nothing.any():
            found[nothing, marker] = rows + len(lacking)
            lacking.append(marker)
    return Layout(
        found,
        np.array([*marker_of_row, *lacking], dtype=np.int64),
        np.array([*range(rows), *[0] * len(lacking)], dtype=np.int64),
        np.arange(len(codes), dtype=np.uint32),
    )


def neighbourly(layout: Layout) -> Layout:
    """The same with remains beside each other that show the same at the markers of most rows.

    The row of such a marker is then still in the nearest cache when the next remains are looked up.
    """
    rows_of = np.bincount(layout.marker[layout.marker >= 0], minlength=layout.markers)
    keys = np.argsort(-rows_of, kind="stable")[:_KEYS]
    if not len(keys):
        return layout
    order = np.lexsort([layout.codes[:, marker] for marker in keys[::-1]])  # by the last key given first
    codes = np.empty_like(layout.codes)
    for marker in range(codes.shape[1]):  # column by column, as above
        codes[:, marker] = layout.codes[order, marker]
    return replace(layout, codes=codes, numbers=layout.numbers[order])


def width_of(rows: int) -> type[np.unsignedinteger]:
    """The least type that numbers so many rows and levels."""
    return np.uint16 if rows + LEVELS <= 1 << 16 else np.uint32


def best_rows(rows: Floats, layout: Layout) -> Floats:
    """The greatest log likelihood ratio at each marker, (marker, slot); 0 where no remains exist."""
    best = np.zeros((layout.markers, rows.shape[1]))
    for marker in range(layout.markers):
        of_marker = rows[layout.marker == marker]
        if len(of_marker):
            best[marker] = of_marker.max(axis=0)
    return best


def deficits(rows: Floats, layout: Layout, least: float, budget: int) -> Deficits:
    """By how many steps each row falls short of its marker's best.

    Parameters
    ----------
    rows : (row, slot) natural log likelihood ratios; -inf where impossible
    layout : what the rows are
    least : the threshold, a natural logarithm
    budget : steps that a pair below the threshold falls short by at least; the greatest deficit

    Returns
    -------
    (row, slot)
        Whole numbers from 0 to ``budget``.
    """
    best = best_rows(rows, layout)
    step = steps(best, least, budget)
    found = np.full(rows.shape, budget, dtype=np.uint16)
    for row, marker in enumerate(layout.marker):
        if marker < 0:
            continue
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            short = np.floor((best[marker] - rows[row]) / step)
        found[row] = np.where(short < budget, short, budget)  # -inf against -inf is no number: beyond the budget
    found[:, step == 0] = budget
    return found


def steps(best: Floats, least: float, budget: int) -> Floats:
    """The step of each slot, (slot,); 0 for one that cannot reach the threshold with the best row at every marker."""
    most, size = np.zeros(best.shape[1]), np.zeros(best.shape[1])
    for of_marker in best:  # one after the other, as the compiled twin does
        most += of_marker
        size += np.abs(of_marker)
    with np.errstate(invalid="ignore"):
        room = most - least + _SLACK * (1.0 + abs(least) + size)
    reaches = (room >= 0) & (room < np.inf)
    return np.where(reaches, np.maximum(np.where(reaches, room, 0.0), _TINY * budget) / budget, 0.0)


def with_levels(layout: Layout) -> Layout:
    """A layout whose remains each have a threshold of their own, at first the common one."""
    first = np.full((len(layout.codes), 1), len(layout.marker), dtype=layout.codes.dtype)
    return replace(layout, codes=np.hstack([layout.codes, first]), levels=True)


def set_levels(layout: Layout, floors: Floats, least: float) -> None:
    """See to it that pairs below these log10 likelihood ratios are dismissed where that can be told."""
    level = np.clip((floors[layout.numbers] - least) / LEVEL, 0, LEVELS - 1).astype(layout.codes.dtype)
    layout.codes[:, -1] = level + layout.codes.dtype.type(len(layout.marker))


def level_deficits(step: Floats, budget: int) -> Deficits:
    """By how many steps a pair at the threshold falls short of each level, (level, slot)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        short = np.floor(np.arange(LEVELS)[:, None] * (LEVEL * LN10) / step)
    return np.where(short < budget, short, budget).astype(np.uint16)


def candidates(deficits: npt.NDArray[np.unsignedinteger], layout: Layout, budget: int) -> npt.NDArray[np.bool_]:
    """The pairs that may reach the threshold, (row of the codes, slot)."""
    total = np.zeros((len(layout.codes), deficits.shape[1]), dtype=np.int64)
    for of_marker in layout.codes.T:
        total += deficits[of_marker]
    return np.asarray(total < budget)


def rescored(rows: Floats, layout: Layout, remains: npt.NDArray[np.integer], slots: npt.NDArray[np.integer]) -> Floats:
    """log10 likelihood ratios of pairs of a row of the codes and a slot, added up in the order of the markers."""
    total = np.zeros(len(remains))
    for marker in range(layout.markers):
        total += rows[layout.codes[remains, marker], slots]
    return np.asarray(total / LN10)
