"""What a map draws, as numbers for the page: land, belief in blocks, sites, what was searched, a plan."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from django.urls import reverse

from casework.operations.models import Site
from casework.whereabouts.held import Held
from homeward.geography.grid import Grid
from homeward.geography.shapes import shape_of
from homeward.geography.theatre import theatre
from homeward.search.credible import region
from homeward.search.log import SearchDone

Floats = npt.NDArray[np.float64]

ACROSS = 110  # blocks along the longer side of what is drawn, at most: finer could not be seen
_HELD = 0.98  # of the mass, of which that side is measured
SHADES = 5
STEP = 0.5  # of log10 between two shades of a programme's map
REGIONS = (0.95, 0.8, 0.5)  # of one person's map; the darkest is the smallest
_SIMPLE_DEG = 0.004


def land(held: Held) -> dict[str, Any]:
    """The outline of the theatre, as GeoJSON."""
    shape = theatre(held.programme.settings.search_theatre).polygon
    return dict(shapely.geometry.mapping(shapely.simplify(shape, _SIMPLE_DEG)))


def blocks_of_everyone(held: Held, worth: Floats) -> list[list[Any]]:
    """Blocks of the map of many, shaded by the expected number of the missing, in half-decades below the most."""
    corners, mass = _blocks(held.state.grid, held.state.value(worth))
    if not len(mass):
        return []
    shade = SHADES - np.floor(np.log10(mass.max() / mass) / STEP).astype(int)
    return _listed(corners, mass, shade)


def blocks_of_one(held: Held, person: int) -> list[list[Any]]:
    """Blocks of the map of one person, shaded by his credible regions of 50, 80 and 95%."""
    cells, chance = held.state.map_of(person)
    whole = np.zeros(held.state.grid.size)
    whole[cells] = chance
    corners, mass = _blocks(held.state.grid, whole)
    shade = sum((region(mass, share).astype(int) for share in REGIONS), np.zeros(len(mass), dtype=int))
    return _listed(corners, mass, np.where(shade > 0, 2 * shade - 1, 0))


def areas_of_one(held: Held, person: int) -> dict[float, float]:
    """Square kilometres of the credible regions of one person."""
    _cells, chance = held.state.map_of(person)
    return {share: float(region(chance, share).sum()) * (held.state.grid.cell_m / 1000) ** 2 for share in REGIONS[::-1]}


def sites_on_map(held: Held, sites: Sequence[Site], dug: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    """Sites with a place: what is expected there, and their number in a plan."""
    for site in sites:
        ground = held.grounds.get(site.site_id)
        if ground is not None:
            yield {
                "name": str(site),
                "id": site.site_id,
                "state": str(site.get_status_display()),
                "expected": round(held.expected[site.site_id], 3),
                "url": reverse("operations:site", args=[site.site_id]),
                "shape": dict(shapely.geometry.mapping(shape_of(ground))),
                "number": dug.get(site.site_id, 0),
            }


def searched_on_map(held: Held) -> Iterator[dict[str, Any]]:
    """Grounds that were searched and found empty."""
    for fact in held.state.log.facts:
        if isinstance(fact, SearchDone):
            yield {
                "record": fact.record,
                "detection": fact.detection,
                "shape": dict(shapely.geometry.mapping(shape_of(fact.ground))),
            }


def _blocks(grid: Grid, mass: Floats) -> tuple[Floats, Floats]:
    """Squares of cells that can be seen: their corners (block, 4, lat and lon), and the mass of each."""
    table = mass.reshape(grid.rows, grid.columns)
    side = max(1, math.ceil(max(_span(table.sum(axis=0)), _span(table.sum(axis=1))) / ACROSS))
    rows, columns = -(-grid.rows // side), -(-grid.columns // side)
    padded = np.zeros((rows * side, columns * side))
    padded[: grid.rows, : grid.columns] = table
    sums = padded.reshape(rows, side, columns, side).sum(axis=(1, 3))
    row, column = np.nonzero(sums > sums.max() * 10 ** (-STEP * SHADES))
    edge = side * grid.cell_m
    x = grid.west_m + (column[:, None] + np.array([0, 1, 1, 0])) * edge
    y = grid.south_m + (row[:, None] + np.array([0, 0, 1, 1])) * edge
    lat, lon = grid.unproject(x.ravel(), y.ravel())
    return np.stack([lat.reshape(x.shape), lon.reshape(x.shape)], axis=2), sums[row, column]


def _span(sums: Floats) -> int:
    """Over how many rows or columns nearly all of the mass lies."""
    held = np.cumsum(sums)
    if not held[-1] > 0:
        return 1
    first, last = np.searchsorted(held / held[-1], ((1 - _HELD) / 2, (1 + _HELD) / 2))
    return int(last - first) + 1


def _listed(corners: Floats, mass: Floats, shade: npt.NDArray[np.int_]) -> list[list[Any]]:
    return [
        [np.round(four, 5).tolist(), int(dark), float(f"{value:.3g}")]
        for four, dark, value in zip(corners, shade, mass, strict=True)
        if dark > 0
    ]
