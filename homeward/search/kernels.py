"""How the chance to lie somewhere is spread over the cells of a grid, for each kind of account.

A kernel sums to one with what lies off the map: beyond the grid, or not on the land of the theatre. Tails beyond
four sigma are left out and the rest scaled up; of a normal distribution that is one part in three thousand.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from homeward.errors import Nonsense
from homeward.geography.grid import Grid
from homeward.geography.shapes import cells_under, on_plane, shape_of
from homeward.programme import Ground, Scenario, ScenarioKind

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

REACH = 4.0  # sigmas
_ROUND = 721  # points on the edge of what a witness may have seen, of which the box is drawn
FINE = 5  # points to a side of a cell at which a density is averaged, where it is narrow


@dataclass(frozen=True, eq=False, slots=True)
class Kernel:
    """Cells in order, the chance of each, and the chance to be off the map."""

    cells: Integers
    mass: Floats
    outside: float


NOWHERE = Kernel(np.zeros(0, dtype=np.int64), np.zeros(0), 1.0)


def kernel_of(scenario: Scenario, grid: Grid) -> Kernel:
    """The kernel of an account that has a place of its own.

    Raises
    ------
    Nonsense
        If its ground does not fit its kind (a route that is no line, a witness who stood nowhere).
    """
    ground = scenario.ground
    if scenario.kind is ScenarioKind.ELSEWHERE or ground is None:
        return NOWHERE
    if scenario.kind is ScenarioKind.ROUTE:
        return route(grid, ground, across_m=(scenario.radius_m or 2 * grid.cell_m) / 2, decay_m=scenario.range_m)
    if scenario.kind is ScenarioKind.WITNESS:
        return _witness(scenario, ground, grid)
    if ground.place is None:
        cells, share = cells_under(grid, ground)
        whole = on_plane(grid, shape_of(ground)).area / grid.cell_m**2
        return _on_land(grid, cells, share / whole if whole > 0 else share / max(share.sum(), 1.0), 1.0)
    radius = scenario.radius_m or ground.place.radius_m or grid.cell_m
    minor = scenario.radius_minor_m or radius
    return ellipse(
        grid,
        ground.place.lat,
        ground.place.lon,
        sigmas_m=(radius / 2, minor / 2),
        bearing_deg=scenario.bearing_deg or 0.0,
    )


def ellipse(grid: Grid, lat: float, lon: float, *, sigmas_m: tuple[float, float], bearing_deg: float = 0.0) -> Kernel:
    """Normally distributed around a point.

    Parameters
    ----------
    sigmas_m : along the bearing, and across it
    bearing_deg : of the first axis, clockwise from north
    """
    x0, y0 = (float(value) for value in grid.project(lat, lon))
    reach = REACH * max(sigmas_m)
    turn = math.radians(bearing_deg)

    def density(x: Floats, y: Floats) -> Floats:
        along = (x - x0) * math.sin(turn) + (y - y0) * math.cos(turn)
        across = (x - x0) * math.cos(turn) - (y - y0) * math.sin(turn)
        far = (along / sigmas_m[0]) ** 2 + (across / sigmas_m[1]) ** 2
        found: Floats = np.where(far <= REACH**2, np.exp(-far / 2), 0.0)
        return found

    if reach < 0.25 * grid.cell_m:
        return _on_land(grid, *_within_one(grid, x0, y0), 1.0)
    return _drawn(grid, (x0 - reach, y0 - reach, x0 + reach, y0 + reach), density, narrow=min(sigmas_m))


def route(grid: Grid, ground: Ground, *, across_m: float, decay_m: float | None) -> Kernel:
    """Along a line: normal across it; along it uniform, or falling by 1/e each ``decay_m`` from its start."""
    line = on_plane(grid, shape_of(ground))
    if line.geom_type != "LineString":
        raise Nonsense(f"a route is a line (LINESTRING in WKT), not a {line.geom_type}")
    west, south, east, north = line.bounds
    reach = REACH * across_m
    shapely.prepare(line)

    def density(x: Floats, y: Floats) -> Floats:
        points = shapely.points(x, y)
        far = shapely.distance(line, points) / across_m
        found: Floats = np.where(far <= REACH, np.exp(-(far**2) / 2), 0.0)
        if decay_m is not None:
            found = found * np.exp(-shapely.line_locate_point(line, points) / decay_m)
        return found

    return _drawn(grid, (west - reach, south - reach, east + reach, north + reach), density, narrow=2 * grid.cell_m)


def _witness(scenario: Scenario, ground: Ground, grid: Grid) -> Kernel:
    if ground.place is None or scenario.range_m is None or scenario.bearing_deg is None:
        raise Nonsense(f"{scenario.scenario_id}: a witness stood at a point, and gives a bearing and a range")
    return witness(
        grid,
        ground.place.lat,
        ground.place.lon,
        bearing_deg=scenario.bearing_deg,
        bearing_sd_deg=scenario.bearing_sd_deg or 15.0,
        range_m=scenario.range_m,
        range_sd=scenario.range_sd or 0.3,
    )


def witness(
    grid: Grid, lat: float, lon: float, *, bearing_deg: float, bearing_sd_deg: float, range_m: float, range_sd: float
) -> Kernel:
    """Seen from a point: the bearing is normal, the distance log-normal around its median.

    The grid's north is taken as true north: within 3 degrees of longitude of its centre that is right to 2 degrees.
    """
    x0, y0 = (float(value) for value in grid.project(lat, lon))
    middle, spread = math.radians(bearing_deg), math.radians(bearing_sd_deg)

    def density(x: Floats, y: Floats) -> Floats:
        east, north = x - x0, y - y0
        square = np.maximum(east * east + north * north, 1.0)
        turn = np.arctan2(east, north) - middle
        off = (turn - 2 * math.pi * np.round(turn / (2 * math.pi))) / spread
        far = (np.log(square / range_m**2) / (2 * range_sd)) ** 2 + off * off
        found: Floats = np.where(far <= REACH**2, np.exp(-far / 2) / square, 0.0)
        return found  # of the log distance 1/r, of the circle another 1/r

    at = np.linspace(0, 2 * math.pi, _ROUND)
    edge = range_m * np.exp(REACH * range_sd * np.cos(at))
    bearing = middle + np.clip(REACH * spread * np.sin(at), -math.pi, math.pi)
    x, y = x0 + edge * np.sin(bearing), y0 + edge * np.cos(bearing)
    box = (float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    return _drawn(grid, box, density, narrow=range_m * range_sd / 2)


# --- densities on cells ---


def _drawn(grid: Grid, box: tuple[float, float, float, float], density: object, *, narrow: float) -> Kernel:
    """A density on the cells of a box, whether they are on the grid or not, so that what is off the map is known."""
    first = math.floor((box[0] - grid.west_m) / grid.cell_m), math.floor((box[1] - grid.south_m) / grid.cell_m)
    last = math.floor((box[2] - grid.west_m) / grid.cell_m), math.floor((box[3] - grid.south_m) / grid.cell_m)
    column, row = (np.arange(low, high + 1, dtype=np.int64) for low, high in zip(first, last, strict=True))
    fine = 1 if narrow >= 2 * grid.cell_m else FINE if narrow >= grid.cell_m / 4 else 4 * FINE
    offsets = (np.arange(fine) + 0.5) / fine
    x = grid.west_m + (column[:, None] + offsets).ravel() * grid.cell_m
    y = grid.south_m + (row[:, None] + offsets).ravel() * grid.cell_m
    table = density(np.broadcast_to(x, (len(y), len(x))), np.broadcast_to(y[:, None], (len(y), len(x))))  # type: ignore[operator]
    mass = table.reshape(len(row), fine, len(column), fine).sum(axis=(1, 3))
    total = float(mass.sum())
    if total <= 0:
        return _on_land(grid, *_within_one(grid, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2), 1.0)
    held = (row[:, None] >= 0) & (row[:, None] < grid.rows) & (column >= 0) & (column < grid.columns) & (mass > 0)
    cells = (row[:, None] * grid.columns + column)[held]
    return _on_land(grid, cells, mass[held] / total, 1.0)


def _within_one(grid: Grid, x: float, y: float) -> tuple[Integers, Floats]:
    """All in the cell of a point; nothing if it is off the grid."""
    column, row = math.floor((x - grid.west_m) / grid.cell_m), math.floor((y - grid.south_m) / grid.cell_m)
    inside = 0 <= column < grid.columns and 0 <= row < grid.rows
    return np.array([row * grid.columns + column] * inside, dtype=np.int64), np.ones(int(inside))


def _on_land(grid: Grid, cells: Integers, mass: Floats, whole: float) -> Kernel:
    """What of it lies on land; the rest is off the map."""
    land = grid.land[cells] & (mass > 0)
    kept = mass[land]
    return Kernel(cells[land], kept, max(0.0, whole - float(kept.sum())))
