"""What every record is made of: dates, places, why a value is absent."""

from __future__ import annotations

import calendar
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import Enum, StrEnum
from types import MappingProxyType
from typing import Any

from homeward.errors import Nonsense

NOTHING: Mapping[Any, Any] = MappingProxyType({})


class Absent(Enum):
    """Why a value is absent. ``None`` cannot tell these apart."""

    UNTESTED = "untested"
    WITHHELD = "withheld"
    NOT_FOUND = "not_found"


class Sex(StrEnum):
    MALE = "M"
    FEMALE = "F"
    UNKNOWN = "U"

    def contradicts(self, other: Sex) -> bool:
        """Both known and different."""
        return Sex.UNKNOWN not in (self, other) and self is not other


def require(condition: bool, message: str) -> None:
    if not condition:
        raise Nonsense(message)


def probability(value: float | None, name: str) -> None:
    require(value is None or 0 <= value <= 1, f"{name} is a probability, not {value}")


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date as precise as its source: the whole interval that it names.

    >>> DateSpan.read("1950-11").earliest, DateSpan.read("1950-11").latest
    (datetime.date(1950, 11, 1), datetime.date(1950, 11, 30))
    """

    text: str
    earliest: date
    latest: date

    @classmethod
    def read(cls, text: str) -> DateSpan:
        parts = text.split("-")
        lengths = [len(part) for part in parts]
        if lengths not in ([4], [4, 2], [4, 2, 2]) or not all(part.isascii() and part.isdigit() for part in parts):
            raise Nonsense(f"{text!r} is not a date written YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = (int(part) for part in [*parts, "0", "0"][:3])
        try:
            first = date(year, month or 1, day or 1)
            last_month = first.month if len(parts) > 1 else 12
            last_day = day if len(parts) > 2 else calendar.monthrange(year, last_month)[1]
            return cls(text, first, date(year, last_month, last_day))
        except ValueError as problem:
            raise Nonsense(f"{text!r} is not a date of the calendar ({problem})") from None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point in WGS84 decimal degrees with its uncertainty (radius of two sigma, metres)."""

    lat: float
    lon: float
    radius_m: float | None = None

    def __post_init__(self) -> None:
        require(-90 <= self.lat <= 90, f"latitude {self.lat} is not between -90 and 90 degrees")
        require(-180 <= self.lon <= 180, f"longitude {self.lon} is not between -180 and 180 degrees")
        require(
            self.radius_m is None or (math.isfinite(self.radius_m) and self.radius_m >= 0),
            f"radius_m {self.radius_m} is not a length",
        )


def known_fields(record: type) -> list[str]:
    """Names of a record's own fields, without ``absent`` and ``extra``."""
    return [f.name for f in fields(record) if f.name not in ("absent", "extra")]
