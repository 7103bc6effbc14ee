"""Grid references, of today and of the period, with every reading of an old one that its theatre allows.

A reference is a zone, perhaps a band, two letters for a square of 100 km, and an even number of digits. Maps on the
Bessel ellipsoid letter the rows ten further (``AL``) than maps of today (``AA``), and old references leave out zone
and band. So each text is read with every zone, lettering and datum, and what lies in the theatre is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from homeward.errors import Nonsense
from homeward.geography.datum import TOKYO, WGS84, Datum, from_wgs84, to_wgs84
from homeward.geography.theatre import Theatre

COLUMNS = ("STUVWXYZ", "ABCDEFGH", "JKLMNPQR")  # of zones divisible by 3, then with remainder 1, 2
ROWS = "ABCDEFGHJKLMNPQRSTUV"
BANDS = "CDEFGHJKLMNPQRSTUVWX"
LETTERINGS = {"AA": 0, "AL": 1_000_000}  # metres by which the rows of even and odd zones are lettered further
SQUARE, CYCLE = 100_000, 2_000_000
SHORTEST_DEGREE = 110_500.0  # metres of a degree of latitude, at the equator
WAYS = ((WGS84, "AA"), (TOKYO, "AL"), (TOKYO, "AA"))
OVERLAP_DEG = 0.75  # by which maps of a zone may reach into the next

_TEXT = re.compile(r"(?:(?P<zone>\d{1,2})\s*(?P<band>[C-HJ-NP-X])?\s*)?(?P<square>[A-HJ-Z]{2})\s*(?P<digits>[\d\s]*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One way to read a grid reference: a point in WGS84, and how it was come by.

    ``side_m`` is the side of the square that the digits name; the point is its middle.
    """

    text: str
    lat: float
    lon: float
    zone: int
    lettering: str
    datum: str
    operation: str
    accuracy_m: float
    side_m: float

    @property
    def radius_m(self) -> float:
        """Two sigma: half the diagonal of the square, and twice the accuracy of the operation."""
        return float((self.side_m**2 / 2 + 4 * self.accuracy_m**2) ** 0.5)


def readings(text: str, *, theatre: Theatre) -> tuple[Reading, ...]:
    """Every reading of a grid reference that lies in a theatre; several where old and new cannot be told apart.

    Parameters
    ----------
    text : such as ``52S CG 2142 5958``, ``CV 5171``, ``DT2437``; without a zone, every zone of the theatre is tried

    Raises
    ------
    Nonsense
        If it is no grid reference.

    Examples
    --------
    An old reference: today's lettering would put it 1,000 km to the south.

    >>> from homeward.geography.theatre import theatre
    >>> [(round(r.lat, 2), round(r.lon, 2), r.datum) for r in readings("52 CV 5171", theatre=theatre("korea"))]
    [(40.39, 127.25, 'Tokyo')]
    """
    found = _TEXT.fullmatch(text.strip().upper())
    digits = "" if found is None else re.sub(r"\s", "", found["digits"])
    if found is None or len(digits) % 2 or len(digits) > 10:
        raise Nonsense(f"{text!r} is no grid reference: zone and band if stated, two letters, an even number of digits")
    zones = [int(found["zone"])] if found["zone"] else list(_zones(theatre))
    if not all(1 <= zone <= 60 for zone in zones):
        raise Nonsense(f"{text!r}: there is no zone {zones[0]}; zones are 1 to 60")
    read = [
        one
        for zone in zones
        for datum, lettering in WAYS
        for one in _read(text, zone, found["band"] or "", found["square"], digits, datum, lettering)
        if bool(theatre.contains(one.lat, one.lon))
    ]
    return tuple(read)


def reference(lat: float, lon: float, *, digits: int = 10, datum: Datum = WGS84, lettering: str = "AA") -> str:
    """The grid reference of a point in WGS84; that of a map of the period with its datum and lettering.

    >>> reference(37.566, 126.978, digits=4), reference(37.566, 126.978, digits=4, datum=TOKYO, lettering="AL")
    ('52S CG 21 59', '52S CS 21 58')
    """
    if digits % 2 or not 0 <= digits <= 10 or lettering not in LETTERINGS:
        raise Nonsense(f"a reference has 0 to 10 digits, an even number, and is lettered {' or '.join(LETTERINGS)}")
    old_lat, old_lon = (float(value) for value in from_wgs84(datum, lat, lon))
    zone = int((old_lon + 180) // 6) + 1
    east, north = grid_of(zone, datum, old_lat, old_lon)
    column = COLUMNS[zone % 3][int(east // SQUARE) - 1]
    row = ROWS[int((north + _offset(zone, lettering)) % CYCLE // SQUARE)]
    unit = 10 ** (5 - digits // 2)
    parts = [f"{int(value % SQUARE // unit):0{digits // 2}d}" for value in (east, north)] if digits else []
    return " ".join([f"{zone}{BANDS[int((old_lat + 80) // 8)]}", column + row, *parts])


def grid_of(zone: int, datum: Datum, lat: float, lon: float) -> tuple[float, float]:
    """Easting and northing (UTM) of a point given on the datum's own ellipsoid."""
    east, north = _utm(zone, datum.ellipsoid)(lon, lat)
    return float(east), float(north)


def _zones(theatre: Theatre) -> Iterator[int]:
    west, _south, east, _north = theatre.polygon.bounds
    yield from range(int((west + 180) // 6) + 1, int((east + 180) // 6) + 2)


def _offset(zone: int, lettering: str) -> int:
    """Metres to add before rows are lettered: even zones begin with F, and the old lettering is ten rows further."""
    return (0 if zone % 2 else 500_000) + LETTERINGS[lettering]


def _read(text: str, zone: int, band: str, square: str, digits: str, datum: Datum, lettering: str) -> Iterator[Reading]:
    columns = COLUMNS[zone % 3]
    if square[0] not in columns or square[1] not in ROWS:
        return
    half = len(digits) // 2
    side = 10.0 ** (5 - half)
    east = (columns.index(square[0]) + 1) * SQUARE + int(digits[:half] or 0) * side + side / 2
    row = (ROWS.index(square[1]) * SQUARE - _offset(zone, lettering)) % CYCLE
    for north in range(row, 10_000_000, CYCLE):
        old_lon, old_lat = _utm(zone, datum.ellipsoid)(
            east, north + int(digits[half:] or 0) * side + side / 2, inverse=True
        )
        if abs(old_lon - (6 * zone - 183)) > 3 + OVERLAP_DEG or not 0 <= old_lat <= 84:
            continue
        if band and band not in _bands(old_lat, side):
            continue
        lat, lon = (float(value) for value in to_wgs84(datum, old_lat, old_lon))
        yield Reading(
            text=text,
            lat=lat,
            lon=lon,
            zone=zone,
            lettering=lettering,
            datum=datum.name,
            operation=datum.operation,
            accuracy_m=datum.accuracy_m,
            side_m=side,
        )


def _bands(lat: float, side_m: float) -> set[str]:
    """The bands that a square with this middle touches: at 40 degrees north it may be written S or T."""
    reach = side_m / SHORTEST_DEGREE
    return {BANDS[min(19, max(0, int((edge + 80) // 8)))] for edge in (lat - reach, lat + reach)}


@cache
def _utm(zone: int, ellipsoid: str) -> Any:
    from pyproj import Proj

    return Proj(proj="utm", zone=zone, ellps=ellipsoid)
