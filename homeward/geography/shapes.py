"""Pieces of ground as shapes, and the cells that they cover."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from homeward.geography.grid import Grid
from homeward.geography.theatre import read_wkt
from homeward.programme import Ground

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SIDES = 64  # of the polygon that stands for a disc
_SEGMENT_DEG = 0.02


def shape_of(ground: Ground) -> Any:
    """A piece of ground as a shape in longitude and latitude; a point with a radius is a disc.

    Raises
    ------
    Nonsense
        If its WKT cannot be read, crosses itself or leaves the globe.
    """
    if ground.place is None:
        return read_wkt(ground.wkt, f"{ground.wkt[:40]!r} is not WKT")
    place = ground.place
    if not place.radius_m:
        return shapely.Point(place.lon, place.lat)
    turn = np.arange(SIDES) * (360.0 / SIDES)
    lon, lat, _back = _globe().fwd(
        np.full(SIDES, place.lon), np.full(SIDES, place.lat), turn, np.full(SIDES, _same_area(place.radius_m))
    )
    return shapely.Polygon(np.column_stack([lon, lat]))


def on_plane(grid: Grid, shape: Any) -> Any:
    """A shape in longitude and latitude, on the plane of a grid."""
    bent = shape if shape.geom_type == "Point" else shapely.segmentize(shape, _SEGMENT_DEG)
    return shapely.transform(bent, lambda points: np.column_stack(grid.project(points[:, 1], points[:, 0])))


def cells_under(grid: Grid, ground: Ground) -> tuple[Integers, Floats]:
    """The cells that a piece of ground covers.

    Parameters
    ----------
    grid : cells beyond its edge are left out
    ground : a point without a radius covers its cell, a line those that it passes, whole

    Returns
    -------
    Cells in order, and the share of each that is covered.

    Examples
    --------
    >>> from homeward.geography.theatre import theatre
    >>> from homeward.programme import Place
    >>> grid = Grid.over(theatre("korea"), 250)
    >>> cells, share = cells_under(grid, Ground(place=Place(lat=40, lon=127, radius_m=1000)))
    >>> round(float(share.sum()) * 0.25**2, 3)  # square kilometres
    3.142
    """
    return _under(grid, ground)


@lru_cache(maxsize=8192)
def _under(grid: Grid, ground: Ground) -> tuple[Integers, Floats]:
    cells, share = _covered(grid, on_plane(grid, shape_of(ground)))
    cells.setflags(write=False)
    share.setflags(write=False)
    return cells, share


def _covered(grid: Grid, shape: Any) -> tuple[Integers, Floats]:
    cells = _near(grid, shape)
    if not len(cells):
        return cells, np.zeros(0)
    x, y = grid.centres_xy(cells)
    half = grid.cell_m / 2
    squares = shapely.box(x - half, y - half, x + half, y + half)
    shapely.prepare(shape)
    if shape.area == 0:
        share = shapely.intersects(shape, squares).astype(float)
        if shape.geom_type == "Point":  # on the edge of two cells, it is of one
            share[1:] = np.where(np.cumsum(share)[:-1] > 0, 0.0, share[1:])
    else:
        share = np.where(shapely.contains_properly(shape, squares), 1.0, 0.0)
        edge = (share == 0) & shapely.intersects(shape, squares)
        share[edge] = shapely.area(shapely.intersection(squares[edge], shape)) / grid.cell_m**2
    return cells[share > 0], share[share > 0]


def _near(grid: Grid, shape: Any) -> Integers:
    """Cells of the box around a shape."""
    west, south, east, north = shape.bounds
    first = max(0, math.floor((west - grid.west_m) / grid.cell_m))
    last = min(grid.columns - 1, math.floor((east - grid.west_m) / grid.cell_m))
    low = max(0, math.floor((south - grid.south_m) / grid.cell_m))
    high = min(grid.rows - 1, math.floor((north - grid.south_m) / grid.cell_m))
    rows, columns = np.arange(low, high + 1, dtype=np.int64), np.arange(first, last + 1, dtype=np.int64)
    found: Integers = (rows[:, None] * grid.columns + columns[None, :]).ravel()
    return found


def _same_area(radius_m: float) -> float:
    """The radius of a polygon of so many sides that has the area of a disc."""
    angle = 2 * math.pi / SIDES
    return radius_m * math.sqrt(angle / math.sin(angle))


@cache
def _globe() -> Any:
    from pyproj import Geod

    return Geod(ellps="WGS84")
