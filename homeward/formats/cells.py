"""One cell: from text to a value, and from a value to the one text that stands for it.

Nothing is guessed: a cell that could mean two things is refused with what to write instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from homeward.errors import Nonsense
from homeward.formats.columns import WORDS, Column, Kind
from homeward.programme import NOT_OBSERVED, REST, SILENT, Absent, DateSpan

UNTYPED = "-"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_PLAIN_NUMBER = re.compile(r"\d+(\.\d+)?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_MANY = re.compile(r"[,;/|\s]")


class BadCell(Exception):
    """What is wrong with a cell, and what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


def reader_of(column: Column) -> Callable[[str], Any]:
    """A function from a cell's trimmed, non-empty text to its value; it raises :class:`BadCell`."""
    if column.kind in (Kind.ALLELE, Kind.TOOTH):
        return allele if column.kind is Kind.ALLELE else tooth
    of_kind: Callable[[str], Any] = {
        Kind.IDENTIFIER: lambda text: text,
        Kind.TEXT: lambda text: text,
        Kind.LIST: _texts,
        Kind.NUMBER: lambda text: number(text, low=column.low, high=column.high),
        Kind.INTEGER: lambda text: _integer(text, column),
        Kind.DATE: _date,
        Kind.CHOICE: lambda text: _choice(text, column),
        Kind.YES_NO: _yes_no,
        Kind.GEOMETRY: geometry,
    }[column.kind]
    refuses_words = (column.key or column.kind not in (Kind.TEXT, Kind.LIST)) and not column.words

    def read(text: str) -> Any:
        if text == "NA":
            raise BadCell("is not a value here", "Leave the cell empty for 'not stated'; the name is written Na.")
        if text in WORDS:
            if column.words:
                return Absent(text)
            if refuses_words:
                raise BadCell("says why a value is absent, where this column must say a value", "Leave the cell empty.")
        return of_kind(text)

    return read


def _texts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(";") if part.strip())


def number(text: str, *, low: float | None = None, high: float | None = None) -> float:
    """A finite number with a decimal point, within its range."""
    if not _NUMBER.fullmatch(text):
        if _DECIMAL_COMMA.fullmatch(text):
            raise BadCell("has a decimal comma", f"Write {text.replace(',', '.')} with a decimal point.")
        raise BadCell("is not a number", "Write digits with a decimal point and nothing else, or leave the cell empty.")
    value = float(text)
    if not math.isfinite(value):
        raise BadCell("is larger than any number that can be computed with", "Write the number meant.")
    if (low is not None and value < low) or (high is not None and value > high):
        raise BadCell(f"is out of range: {_range(low, high)}", "Check the value and its unit.")
    return value


def _range(low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return f"at least {number_text(low)}" if low is not None else f"at most {number_text(high or 0.0)}"
    return f"{number_text(low)} to {number_text(high)}"


def _integer(text: str, column: Column) -> int:
    value = number(text, low=column.low, high=column.high)
    if value != int(value):
        raise BadCell("is not a whole number", "Write a whole number.")
    return int(value)


def _date(text: str) -> DateSpan:
    try:
        return DateSpan.read(text)
    except Nonsense as refusal:
        reason = str(refusal).removeprefix(repr(text)).strip()
        raise BadCell(reason, "Write YYYY, YYYY-MM or YYYY-MM-DD.") from None


def _choice(text: str, column: Column) -> Any:
    assert column.choices is not None
    try:
        return column.choices(text)
    except ValueError:
        words = ", ".join(choice.value for choice in column.choices)
        raise BadCell("is not one of the words known here", f"Write one of: {words}.") from None


def _yes_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise BadCell("is neither yes nor no", "Write yes or no.")
    return text == "yes"


def geometry(text: str) -> str:
    """WKT of a point, line or polygon (or several) on the earth, as it is written.

    >>> geometry("POINT (127.17 40.48)")
    'POINT (127.17 40.48)'
    """
    import shapely

    example = "Write WKT, longitude before latitude, such as POINT (127.17 40.48) or POLYGON ((127 40, ...))."
    try:
        shape = shapely.from_wkt(text)
    except shapely.errors.GEOSException as refusal:
        raise BadCell(f"is not WKT ({str(refusal).splitlines()[0]})", example) from None
    if shape.is_empty:
        raise BadCell("is an empty geometry", example)
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise BadCell("lies outside the earth: longitudes -180 to 180, latitudes -90 to 90", example)
    if not shape.is_valid:
        raise BadCell(f"is not a valid shape: {shapely.is_valid_reason(shape)}", "Draw it without crossing lines.")
    return text


def allele(text: str) -> str:
    """An allele as text. A number has one spelling (10, 9.3), so that equal alleles have equal names.

    >>> allele("9.3")
    '9.3'
    """
    if _PLAIN_NUMBER.fullmatch(text):
        spelling = number_text(float(text)) if len(text) < 16 else text
        if spelling != text:
            raise BadCell("is a number with more than one spelling", f"Write {spelling}.")
        return text
    if text == SILENT:
        raise BadCell(
            "is an allele that nobody sees and no table lists",
            "State its frequency in markers, column silent_frequency; in a profile, write the allele seen twice.",
        )
    if text in ("NA", *WORDS):
        raise BadCell(
            "is not an allele",
            f"Write {NOT_OBSERVED} for an allele that was not observed, {UNTYPED} and "
            f"{UNTYPED} for an untyped marker, or leave the row out.",
        )
    if _DECIMAL_COMMA.fullmatch(text):
        raise BadCell("has a decimal comma", f"Write {text.replace(',', '.')} with a decimal point.")
    if text.upper() in ("OL", "INC", "NR") or text[0] in "<>":
        raise BadCell("does not name an allele", f"Write {NOT_OBSERVED}, or the allele's size where it is known.")
    if _MANY.search(text):
        raise BadCell("holds more than one allele", "Write one allele in each of allele_1 and allele_2.")
    return text


def tooth(text: str) -> str:
    """A tooth by its universal number, 1 to 32.

    >>> tooth("8")
    '8'
    """
    if text in _TEETH:
        return text
    if universal := universal_of_fdi(text):
        raise BadCell(
            "is a tooth of FDI notation, where this column holds universal numbers",
            f"Write {universal}, and convert every tooth of the chart: 11-18 are 8-1, 21-28 are 9-16, 31-38 are 24-17, "
            "41-48 are 25-32.",
        )
    if re.fullmatch("[5-8][1-5]|[A-Ta-t]", text):
        raise BadCell("is a milk tooth", "Leave the row out; only permanent teeth are compared.")
    if text.isascii() and text.isdigit() and text.lstrip("0") in _TEETH:
        raise BadCell("is a number with more than one spelling", f"Write {text.lstrip('0')}.")
    raise BadCell("is not a tooth", "Write its universal number, 1 (upper right third molar) to 32 (lower right).")


_TEETH = frozenset(map(str, range(1, 33)))


def universal_of_fdi(text: str) -> str:
    """The universal number of a permanent tooth in FDI notation; empty if it is none.

    >>> universal_of_fdi("11"), universal_of_fdi("48"), universal_of_fdi("19")
    ('8', '32', '')
    """
    if not re.fullmatch("[1-4][1-8]", text, re.ASCII):
        return ""
    quadrant, place = map(int, text)
    return str((9 - place, 8 + place, 25 - place, 24 + place)[quadrant - 1])


def observed(text: str) -> str:
    """An allele of a profile, which cannot be the remainder of a frequency table."""
    if text == REST:
        raise BadCell("is the remainder of a frequency table, not an allele that is seen", f"Write {NOT_OBSERVED}.")
    return allele(text)


def number_text(value: float) -> str:
    """The shortest text that reads back as the same number.

    >>> number_text(0.1), number_text(10.0), number_text(1e-05)
    ('0.1', '10', '1e-05')
    """
    if value == int(value) and abs(value) < 1e16:
        return str(int(value))
    return repr(float(value))


def writable(text: str, where: str) -> str:
    """The text, if reading it back would give the same.

    Raises
    ------
    Nonsense
        If it has blanks at its ends, characters that are not text, or is NA.
    """
    if text != text.strip() or text == "NA" or _UNWRITABLE.search(text):
        raise Nonsense(f"{where}: {text!r} cannot be written; texts are trimmed, are not NA and hold no control signs")
    return text


def unwritable(text: str) -> bool:
    """Whether a text holds signs that belong in no text file."""
    return _UNWRITABLE.search(text) is not None
