"""The land on which is searched: a shipped outline, or a polygon of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from homeward.errors import Nonsense

SHIPPED = ("korea",)
_AREAS = ("Polygon", "MultiPolygon")


@dataclass(frozen=True, slots=True)
class Theatre:
    """Where is searched: a polygon, longitude and latitude in WGS84 degrees."""

    name: str
    polygon: Any

    def __post_init__(self) -> None:
        shapely.prepare(self.polygon)

    def contains(self, lat: npt.ArrayLike, lon: npt.ArrayLike) -> npt.NDArray[np.bool_]:
        """Whether each point lies on it."""
        found: npt.NDArray[np.bool_] = shapely.contains_xy(self.polygon, np.asarray(lon), np.asarray(lat))
        return found


@cache
def theatre(text: str) -> Theatre:
    """Give a theatre by the name of a shipped outline, or from WKT.

    Raises
    ------
    Nonsense
        If it is neither, or the polygon crosses itself, is empty or leaves the globe.

    Examples
    --------
    >>> bool(theatre("korea").contains(39.03, 125.75)), bool(theatre("korea").contains(38.0, 135.0))
    (True, False)
    """
    if text in SHIPPED:
        outline = (files("homeward") / "data" / "theatres" / f"{text}.wkt").read_text(encoding="utf-8")
        return Theatre(text, shapely.from_wkt(outline))
    polygon = read_wkt(text, f"the theatre {text[:40]!r} is neither {' nor '.join(SHIPPED)} nor WKT")
    if polygon.geom_type not in _AREAS:
        raise Nonsense(f"the theatre is a {polygon.geom_type}, not a polygon")
    return Theatre("own outline", polygon)


def read_wkt(text: str, otherwise: str) -> Any:
    """A geometry from WKT (lon lat, WGS84 degrees); ``otherwise`` says what is wrong where it is none.

    Raises
    ------
    Nonsense
    """
    try:
        shape = shapely.from_wkt(text)
    except shapely.errors.GEOSException as problem:
        raise Nonsense(f"{otherwise}: {problem}") from None
    if shape is None or shape.is_empty:
        raise Nonsense(f"{otherwise}: it is empty")
    west, south, east, north = shape.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise Nonsense(f"{text[:60]!r} leaves the globe; WKT gives longitude, then latitude, in degrees")
    if not shape.is_valid:
        raise Nonsense(f"{text[:60]!r} is no valid shape: {shapely.is_valid_reason(shape)}")
    return shape
