"""Maps of a report, drawn as SVG from the grid of the search: land, belief, places by number.

Everything is drawn on the plane of the grid, so its cells stay squares and distances are true. Classes for paint,
attributes for geometry; no place is told by colour alone, and every place stands in a table beside the map.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Protocol
from zlib import crc32

import numpy as np
import numpy.typing as npt

from homeward.reports.figures import _svg
from homeward.reports.language import translations

Floats = npt.NDArray[np.float64]

SHADES = 5
STEP = 0.5  # of log10 between two shades
DRAWN = 260  # blocks along the longer side of a map, at most
WIDE_KEY = 64.0 * SHADES + 180
SHOWN = 0.985  # of the belief on the map that a whole map takes in


class Plane(Protocol):
    """What a map asks of a grid: metres east and north, and where its cells are."""

    @property
    def cell_m(self) -> float: ...
    @property
    def west_m(self) -> float: ...
    @property
    def south_m(self) -> float: ...
    @property
    def rows(self) -> int: ...
    @property
    def columns(self) -> int: ...

    def project(self, lat: Any, lon: Any) -> tuple[Floats, Floats]: ...


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a map: its number or name, and the class it is painted with."""

    lat: float
    lon: float
    word: str
    kind: str = "dig"  # dig | left | base
    half_m: float = 0.0  # of its ground, drawn true to scale where that can be seen


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the plane that a map shows, in metres, and its size on the page."""

    west: float
    south: float
    east: float
    north: float
    width: float

    @property
    def scale(self) -> float:
        return self.width / (self.east - self.west)

    @property
    def height(self) -> float:
        return (self.north - self.south) * self.scale

    def at(self, x: float, y: float) -> tuple[float, float]:
        return round((x - self.west) * self.scale, 1), round((self.north - y) * self.scale, 1)


def around(
    xs: Sequence[float], ys: Sequence[float], *, margin_m: float, width: float, tallest: float, least_m: float = 0.0
) -> Window:
    """The window that takes in some points with a margin, not taller than ``tallest`` on the page."""
    low_x, high_x, low_y, high_y = min(xs) - margin_m, max(xs) + margin_m, min(ys) - margin_m, max(ys) + margin_m
    wide, tall = max(high_x - low_x, least_m), max(high_y - low_y, least_m * 0.6)
    wide = max(wide, tall * width / tallest)
    middle_x, middle_y = (low_x + high_x) / 2, (low_y + high_y) / 2
    return Window(middle_x - wide / 2, middle_y - tall / 2, middle_x + wide / 2, middle_y + tall / 2, width)


def whole(plane: Plane, mass: Floats, marks: Sequence[Mark], *, width: float, tallest: float) -> Window:
    """The window that takes in nearly all of the belief and every mark."""
    table = mass.reshape(plane.rows, plane.columns)
    xs, ys = _projected(plane, marks)
    for sums, start, found in ((table.sum(axis=0), plane.west_m, xs), (table.sum(axis=1), plane.south_m, ys)):
        below = np.cumsum(sums)
        if below[-1] > 0:
            ends = np.searchsorted(below / below[-1], ((1 - SHOWN) / 2, (1 + SHOWN) / 2))
            found += [start + float(end) * plane.cell_m for end in ends]
    if not xs:
        xs, ys = [0.0, plane.columns * plane.cell_m], [0.0, plane.rows * plane.cell_m]
    return around(xs, ys, margin_m=15_000, width=width, tallest=tallest, least_m=20_000)


def map_svg(
    plane: Plane,
    mass: Floats,
    rings: Sequence[tuple[Floats, Floats]],
    marks: Sequence[Mark],
    window: Window,
    *,
    title: str,
    levels: Sequence[float],
    key: bool = False,
    language: str = "en",
) -> str:
    """Draw land, belief and places.

    Parameters
    ----------
    plane : of the search
    mass : (plane cells,) expected number of the missing in each
    rings : longitudes and latitudes of each line of the outline
    marks : places; those to be dug are drawn over those left
    levels : of :func:`levels_of`, so that all maps of a page are shaded alike
    key : whether to say beside the map what the shades mean
    """
    words = translations(language).gettext
    name = f"m{crc32(repr((window, title)).encode()):08x}"
    clip = f'<clipPath id="{name}"><rect width="{window.width:g}" height="{window.height:.1f}"/></clipPath>'
    sea = f'<rect class="pause" width="{window.width:g}" height="{window.height:.1f}"/>'
    outline = _outline(plane, rings, window)
    land, coast = f'<path class="land" d="{outline}"/>', f'<path class="coast" d="{outline}"/>'
    inside = [sea, land, *_shades(plane, mass, levels, window), coast]
    parts = [clip, f'<g clip-path="url(#{name})">{"".join(inside)}{"".join(_grounds(plane, marks, window))}</g>']
    parts += _placed(plane, marks, window)
    parts += _bar(window)
    if key:
        left = window.width - WIDE_KEY
        parts += _key(levels, left, window.height + 8, words("expected missing per km²"))
    return _svg(window.width, round(window.height) + 24, title, parts)


def _projected(plane: Plane, marks: Sequence[Mark]) -> tuple[list[float], list[float]]:
    if not marks:
        return [], []
    x, y = plane.project(np.array([mark.lat for mark in marks]), np.array([mark.lon for mark in marks]))
    return x.tolist(), y.tolist()


def _outline(plane: Plane, rings: Sequence[tuple[Floats, Floats]], window: Window) -> str:
    """One path of every ring that the window can see, to half a pixel."""
    drawn = []
    for lon, lat in rings:
        x, y = plane.project(lat, lon)
        if x.max() < window.west or x.min() > window.east or y.max() < window.south or y.min() > window.north:
            continue
        at = np.round(np.column_stack([(x - window.west), (window.north - y)]) * window.scale * 2) / 2
        at = np.clip(at, -2 * window.width, 3 * window.width)
        kept = at[np.append(True, np.any(np.diff(at, axis=0) != 0, axis=1))]
        if len(kept) > 2:
            drawn.append("M" + "L".join(f"{east:g} {south:g}" for east, south in kept) + "Z")
    return "".join(drawn)


def levels_of(plane: Plane, mass: Floats, step: int) -> list[float]:
    """Lower bounds of the shades, missing per km2, lightest first: half powers of ten below the densest block.

    Parameters
    ----------
    step : cells to a side of a block
    """
    density = _blocks(mass.reshape(plane.rows, plane.columns), step, plane.cell_m)
    if not density.size or density.max() <= 0:
        return []
    top = math.floor(math.log10(density.max()) / STEP - 1e-9) * STEP  # not just above the densest, for rounding
    return [10 ** (top - STEP * k) for k in range(SHADES - 1, -1, -1)]


def drawn_alike(plane: Plane, window: Window) -> int:
    """How many cells to a side are drawn as one block in a window."""
    span = max(window.east - window.west, window.north - window.south)
    return max(1, math.ceil(span / plane.cell_m / DRAWN))


def _blocks(table: Floats, step: int, cell_m: float) -> Floats:
    """Missing per km2 of square blocks of so many cells to a side."""
    high = -table.shape[0] % step, -table.shape[1] % step
    blocks = np.pad(table, ((0, high[0]), (0, high[1])))
    summed: Floats = blocks.reshape(blocks.shape[0] // step, step, -1, step).sum(axis=(1, 3))
    return summed / (cell_m * step / 1000) ** 2


def _shades(plane: Plane, mass: Floats, levels: Sequence[float], window: Window) -> Iterator[str]:
    """A path for each shade that can be seen."""
    step = drawn_alike(plane, window)
    rows = _range(window.south - plane.south_m, window.north - plane.south_m, plane.cell_m, plane.rows, step)
    columns = _range(window.west - plane.west_m, window.east - plane.west_m, plane.cell_m, plane.columns, step)
    part = mass.reshape(plane.rows, plane.columns)[rows[0] : rows[1], columns[0] : columns[1]]
    if not part.size or not levels:
        return
    shade = np.searchsorted(levels, _blocks(part, step, plane.cell_m), side="right")
    origin = plane.west_m + columns[0] * plane.cell_m, plane.south_m + rows[0] * plane.cell_m
    for k in range(1, SHADES + 1):
        if np.any(shade == k):
            yield f'<path class="shade-{k}" d="{_runs(shade == k, origin, plane.cell_m * step, window)}"/>'


def _range(low: float, high: float, cell: float, most: int, step: int) -> tuple[int, int]:
    first = max(0, math.floor(low / cell / step) * step)
    return min(first, most), max(first, min(most, math.ceil(high / cell)))


def _runs(chosen: npt.NDArray[np.bool_], origin: tuple[float, float], side: float, window: Window) -> str:
    """Cells next to each other in a row as one rectangle each."""
    drawn = []
    for row in np.flatnonzero(chosen.any(axis=1)).tolist():
        edge = np.flatnonzero(np.diff(np.concatenate(([False], chosen[row], [False])).astype(np.int8)))
        for first, last in edge.reshape(-1, 2).tolist():
            x, y = window.at(origin[0] + first * side, origin[1] + (row + 1) * side)
            end, foot = window.at(origin[0] + last * side, origin[1] + row * side)
            drawn.append(f"M{x:g} {y:g}H{end:g}V{foot:g}H{x:g}z")
    return "".join(drawn)


def _grounds(plane: Plane, marks: Sequence[Mark], window: Window) -> Iterator[str]:
    """The ground of each site where it is large enough to be seen."""
    for mark, x, y in zip(marks, *_projected(plane, marks), strict=True):
        radius = mark.half_m * window.scale
        if radius >= 3:
            at = window.at(x, y)
            yield f'<circle class="ground {mark.kind}" cx="{at[0]:g}" cy="{at[1]:g}" r="{radius:.1f}"/>'


def _placed(plane: Plane, marks: Sequence[Mark], window: Window) -> Iterator[str]:
    """Marks in the window, those to be dug last; a number stands beside its dot where another stands near."""
    order = {"base": 0, "left": 1, "dig": 2}
    taken: list[tuple[float, float]] = []
    placed = sorted(
        zip(marks, *_projected(plane, marks), strict=True), key=lambda one: (order[one[0].kind], one[0].word)
    )
    for mark, x, y in placed:
        at = window.at(x, y)
        if not (0 <= at[0] <= window.width and 0 <= at[1] <= window.height):
            continue
        if mark.kind == "left":
            yield f'<circle class="left" cx="{at[0]:g}" cy="{at[1]:g}" r="3"/>'
        elif mark.kind == "base":
            yield f'<path class="base" d="M{at[0]:g} {at[1] - 5:g}l5 9h-10z"/>'
            yield f'<text class="faint halo" x="{at[0] - 6:g}" y="{at[1] + 18:g}">{escape(mark.word)}</text>'
        else:
            apart = _free(at, taken, window)
            taken.append(apart)
            if apart != at:
                yield f'<path class="lead" d="M{at[0]:g} {at[1]:g}L{apart[0]:g} {apart[1]:g}"/>'
                yield f'<circle class="dot" cx="{at[0]:g}" cy="{at[1]:g}" r="2.5"/>'
            yield f'<circle class="dig" cx="{apart[0]:g}" cy="{apart[1]:g}" r="9.5"/>'
            yield f'<text class="number middle" x="{apart[0]:g}" y="{apart[1] + 4:g}">{escape(mark.word)}</text>'


def _free(at: tuple[float, float], taken: Sequence[tuple[float, float]], window: Window) -> tuple[float, float]:
    """The place nearest to a point where a number does not cover another."""
    for ring in range(12):
        for turn in range(max(1, 8 * ring)):
            angle = 2 * math.pi * turn / max(1, 8 * ring)
            x, y = round(at[0] + 11 * ring * math.cos(angle), 1), round(at[1] + 11 * ring * math.sin(angle), 1)
            inside = 9 <= x <= window.width - 9 and 9 <= y <= window.height - 9
            if inside and all(math.hypot(x - a, y - b) >= 20 for a, b in taken):
                return x, y
    return at


def _bar(window: Window) -> Iterator[str]:
    """How long some kilometres are."""
    length = next(
        (km for km in (200, 100, 50, 20, 10, 5, 2, 1, 0.5) if km * 1000 * window.scale <= window.width / 4), 0.2
    )
    wide, y = length * 1000 * window.scale, window.height + 14
    yield f'<path class="even" d="M1 {y - 5:g}v5h{wide:.1f}v-5"/>'
    yield f'<text class="tick" x="{wide + 8:.1f}" y="{y + 1:g}">{length:g} km</text>'


def key_svg(levels: Sequence[float], language: str = "en") -> str:
    """What the shades of several maps mean, by itself."""
    _ = translations(language).gettext
    return _svg(WIDE_KEY, 18, _("Shades of the maps"), list(_key(levels, 0.0, 6.0, _("expected missing per km²"))))


def _key(levels: Sequence[float], x: float, y: float, unit: str) -> Iterator[str]:
    """What the shades mean, from the lightest."""
    if not levels:
        return
    for number, level in enumerate(levels, start=1):
        left = x + 64 * (number - 1)
        yield f'<rect class="shade-{number} edge" x="{left:g}" y="{y - 3:g}" width="18" height="11"/>'
        yield f'<text class="tick" x="{left + 22:g}" y="{y + 7:g}">{level:.2g}</text>'
    yield f'<text class="tick" x="{x + 64 * len(levels) + 6:g}" y="{y + 7:g}">{escape(unit)}</text>'
