"""What a column and a file are, and how a column is declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from homeward.programme import NOTHING, Absent

WORDS = tuple(word.value for word in Absent)


class Kind(StrEnum):
    """What a cell holds."""

    IDENTIFIER = "identifier"  # trimmed text, case-sensitive
    TEXT = "text"
    LIST = "list"  # several texts, separated by ;
    ALLELE = "allele"  # text: 10, 9.3
    TOOTH = "tooth"  # text: 1 to 32
    NUMBER = "number"
    INTEGER = "whole number"
    DATE = "date"
    CHOICE = "choice"
    YES_NO = "yes or no"
    GEOMETRY = "WKT geometry"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file.

    Parameters
    ----------
    name : as it stands in the header
    kind : what its cells hold
    meaning : for the person who fills it in
    key : part of what makes a row unique
    header : the column must stand in the header
    filled : no cell of it may be empty
    choices : the words allowed, of a CHOICE
    low, high : the least and the greatest number allowed
    words : ``untested``, ``withheld`` and ``not_found`` are allowed, and mean different things
    """

    name: str
    kind: Kind
    meaning: str
    key: bool = False
    header: bool = False
    filled: bool = False
    choices: type[StrEnum] | None = None
    low: float | None = None
    high: float | None = None
    words: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One file of the folder, or one sheet of the workbook."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    places: Mapping[str, tuple[str, str, str]] = field(
        default_factory=lambda: NOTHING
    )  # field of the record -> its latitude, longitude, radius
    grounds: Mapping[str, tuple[str, str, str, str]] = field(
        default_factory=lambda: NOTHING
    )  # field of the record -> its latitude, longitude, radius, geometry
    fields: Mapping[str, str] = field(default_factory=lambda: NOTHING)  # column -> field, where the names differ
    together: tuple[tuple[str, str], ...] = ()  # columns of which a row states both or none

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.key)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def key_column(name: str, meaning: str, kind: Kind = Kind.IDENTIFIER) -> Column:
    return Column(name, kind, meaning, key=True, header=True, filled=True)


def needed(name: str, kind: Kind, meaning: str, **more: Any) -> Column:
    return Column(name, kind, meaning, header=True, filled=True, **more)


def text(name: str, meaning: str) -> Column:
    return Column(name, Kind.TEXT, meaning)


def reference(name: str, meaning: str) -> Column:
    return Column(name, Kind.IDENTIFIER, meaning)


def number(name: str, meaning: str, low: float, high: float, *, words: bool = False) -> Column:
    return Column(name, Kind.NUMBER, meaning, low=low, high=high, words=words)


def date(name: str, meaning: str) -> Column:
    return Column(name, Kind.DATE, meaning, words=True)


def place(lat: str, lon: str, radius: str, what: str) -> tuple[Column, ...]:
    return (
        number(lat, f"Latitude of {what}, WGS84 decimal degrees, north positive.", -90, 90, words=True),
        number(lon, f"Longitude of {what}, WGS84 decimal degrees, east positive.", -180, 180, words=True),
        number(radius, f"Uncertainty of {what}: radius of two sigma in metres.", 0, 20_100_000, words=True),
    )
