"""The plane of the search: an equal-area grid of square cells over a theatre.

Lambert's azimuthal equal-area projection, centred on the theatre, on WGS84: every cell has the same area, so mass
per cell is mass per area. Cells are numbered row * columns + column, from the south-west.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from homeward.errors import Nonsense, TooLarge
from homeward.geography.theatre import Theatre

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

MOST_CELLS = 50_000_000
_SEGMENT_DEG = 0.02  # an edge of an outline is bent with the projection at least as often


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Square cells over a theatre.

    Parameters
    ----------
    lat0, lon0 : centre of the projection
    cell_m : side of a cell
    west_m, south_m : of the south-western corner of cell 0
    rows, columns : of the grid
    """

    lat0: float
    lon0: float
    cell_m: float
    west_m: float
    south_m: float
    rows: int
    columns: int
    theatre: Theatre = field(compare=False, repr=False)

    @classmethod
    def over(cls, theatre: Theatre, cell_m: float) -> Grid:
        """The grid that covers a theatre.

        Raises
        ------
        Nonsense
            If a cell has no size.
        TooLarge
            If there would be more than :data:`MOST_CELLS`.
        """
        if not (math.isfinite(cell_m) and cell_m > 0):
            raise Nonsense(f"a cell of {cell_m:g} m has no size")
        west, south, east, north = theatre.polygon.bounds
        lat0, lon0 = round((south + north) / 2, 2), round((west + east) / 2, 2)
        x, y = _forward(lat0, lon0, *_corners(theatre))
        columns = math.floor(float(x.max() - x.min()) / cell_m) + 1
        rows = math.floor(float(y.max() - y.min()) / cell_m) + 1
        if rows * columns > MOST_CELLS:
            raise TooLarge(
                f"{rows:,} x {columns:,} cells of {cell_m:g} m are more than {MOST_CELLS:,}; "
                "take larger cells ([search] cell_m in programme.toml) or a smaller theatre"
            )
        west_m, south_m = math.floor(float(x.min())), math.floor(float(y.min()))
        return cls(
            lat0=lat0,
            lon0=lon0,
            cell_m=float(cell_m),
            west_m=float(west_m),
            south_m=float(south_m),
            rows=rows,
            columns=columns,
            theatre=theatre,
        )

    @property
    def size(self) -> int:
        """How many cells there are."""
        return self.rows * self.columns

    def project(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Metres east and north of the centre."""
        return _forward(self.lat0, self.lon0, np.asarray(lat, dtype=float), np.asarray(lon, dtype=float))

    def unproject(self, x: npt.ArrayLike, y: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Latitude and longitude of points of the plane."""
        lon, lat = _projection(self.lat0, self.lon0)(
            np.asarray(x, dtype=float), np.asarray(y, dtype=float), inverse=True
        )
        return np.asarray(lat, dtype=float), np.asarray(lon, dtype=float)

    def cells_of(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> npt.NDArray[np.intp]:
        """The cell of each point, -1 outside the grid."""
        x, y = self.project(lat, lon)
        column = np.floor((x - self.west_m) / self.cell_m)
        row = np.floor((y - self.south_m) / self.cell_m)
        inside = (column >= 0) & (column < self.columns) & (row >= 0) & (row < self.rows)
        found: npt.NDArray[np.intp] = np.where(inside, row * self.columns + column, -1).astype(np.intp)
        return found

    def centres_xy(self, cells: npt.ArrayLike) -> tuple[Floats, Floats]:
        """The centres of cells on the plane."""
        row, column = np.divmod(np.asarray(cells), self.columns)
        return self.west_m + (column + 0.5) * self.cell_m, self.south_m + (row + 0.5) * self.cell_m

    def centres(self, cells: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Latitude and longitude of the centres of cells."""
        return self.unproject(*self.centres_xy(cells))

    @cached_property
    def land(self) -> Flags:
        """(size,) cells whose centre lies in the theatre.

        Each row is cut by the outline: between the first and second crossing, the third and fourth, and so on, it
        is inside.
        """
        xs, ys = self._edges
        inside = np.zeros((self.rows, self.columns), dtype=np.int32)
        for row in range(self.rows):
            y = self.south_m + (row + 0.5) * self.cell_m
            across = (ys[:, 0] <= y) != (ys[:, 1] <= y)
            start, end = xs[across], ys[across]
            share = (y - end[:, 0]) / (end[:, 1] - end[:, 0])
            at = np.sort(start[:, 0] + share * (start[:, 1] - start[:, 0]))
            column = np.ceil((at - self.west_m) / self.cell_m - 0.5).astype(np.int64)
            flips = np.bincount(np.clip(column, 0, self.columns), minlength=self.columns + 1)
            inside[row] = np.cumsum(flips[: self.columns]) % 2
        return inside.astype(bool).ravel()

    @cached_property
    def _edges(self) -> tuple[Floats, Floats]:
        """(edge, 2) both ends of every edge of the outline on the plane."""
        xs, ys = [], []
        outline = shapely.segmentize(self.theatre.polygon, _SEGMENT_DEG)
        for line in shapely.get_rings(shapely.get_parts(outline)):
            lon, lat = np.asarray(shapely.get_coordinates(line)).T
            x, y = self.project(lat, lon)
            xs.append(np.column_stack([x[:-1], x[1:]]))
            ys.append(np.column_stack([y[:-1], y[1:]]))
        return np.concatenate(xs), np.concatenate(ys)


def _corners(theatre: Theatre) -> tuple[Floats, Floats]:
    """Latitudes and longitudes of the outline."""
    points = np.asarray(shapely.get_coordinates(shapely.segmentize(theatre.polygon, _SEGMENT_DEG)))
    return points[:, 1], points[:, 0]


@cache
def _projection(lat0: float, lon0: float) -> Any:
    from pyproj import Proj

    return Proj(proj="laea", lat_0=lat0, lon_0=lon0, datum="WGS84")


def _forward(lat0: float, lon0: float, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    x, y = _projection(lat0, lon0)(lon, lat)
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)
