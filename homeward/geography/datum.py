"""Datums of maps, today's and that of the period; the operation between them is named, never guessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Datum:
    """An ellipsoid and the shift of its centre to that of WGS84.

    Parameters
    ----------
    axis_m, flattening : of the ellipsoid
    shift_m : geocentric, to WGS84
    operation : in words
    accuracy_m : of the operation
    """

    name: str
    ellipsoid: str
    axis_m: float
    flattening: float
    shift_m: tuple[float, float, float]
    operation: str
    accuracy_m: float


WGS84 = Datum(
    name="WGS84",
    ellipsoid="WGS84",
    axis_m=6378137.0,
    flattening=1 / 298.257223563,
    shift_m=(0.0, 0.0, 0.0),
    operation="none",
    accuracy_m=0.0,
)
TOKYO = Datum(
    name="Tokyo",
    ellipsoid="bessel",
    axis_m=6377397.155,
    flattening=1 / 299.1528128,
    shift_m=(-147.0, 506.0, 687.0),
    operation="Tokyo to WGS84, Korea mean: geocentric shift dx -147 dy 506 dz 687 m",
    accuracy_m=9.0,  # shifts published for Korea differ from each other by some metres
)
DATUMS = {datum.name: datum for datum in (WGS84, TOKYO)}


def to_wgs84(datum: Datum, lat: npt.ArrayLike, lon: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Latitude and longitude on WGS84 of points on the ellipsoid of another datum."""
    return _moved(datum, WGS84, datum.shift_m, lat, lon)


def from_wgs84(datum: Datum, lat: npt.ArrayLike, lon: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Latitude and longitude on another datum of points on WGS84."""
    x, y, z = datum.shift_m
    return _moved(WGS84, datum, (-x, -y, -z), lat, lon)


def _moved(
    old: Datum, new: Datum, shift: tuple[float, float, float], lat: npt.ArrayLike, lon: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """By way of the geocentre, at height zero; back by iteration of the latitude (converges to 1e-12 in five steps)."""
    phi, lam = np.radians(np.asarray(lat, dtype=float)), np.radians(np.asarray(lon, dtype=float))
    square = old.flattening * (2 - old.flattening)
    radius = old.axis_m / np.sqrt(1 - square * np.sin(phi) ** 2)
    x = radius * np.cos(phi) * np.cos(lam) + shift[0]
    y = radius * np.cos(phi) * np.sin(lam) + shift[1]
    z = radius * (1 - square) * np.sin(phi) + shift[2]
    square = new.flattening * (2 - new.flattening)
    flat = np.hypot(x, y)
    phi = np.arctan2(z, flat * (1 - square))
    for _ in range(8):
        radius = new.axis_m / np.sqrt(1 - square * np.sin(phi) ** 2)
        phi = np.arctan2(z + square * radius * np.sin(phi), flat)
    return np.degrees(phi), np.degrees(np.arctan2(y, x))
