"""A paper that was filled in with a pen, entered back: line by line, against the statement it was drawn up from.

What stands in the columns for the pen is typed into a form or a table ``line, container, seal_found, bags, weight_kg,
remark`` (:func:`paper_form_csv` gives it empty). An empty cell says that the pen wrote nothing there, so that what is
printed stands. The whole table is read; what cannot be is refused with its line and reason, and nothing is repaired.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from homeward.errors import Fault, Nonsense, Rejected
from homeward.formats.cells import unwritable
from homeward.formats.columns import Column, Kind, Table
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.tabular import Row, Unreadable, Workbook, csv_rows
from homeward.seals.statement import Statement

HEADER = ("line", "container", "seal_found", "bags", "weight_kg", "remark")
WRITTEN = HEADER[2:]  # what the pen writes; the first two say where
NO_SEAL = ("none", "없음")
MOST_BAGS = 100_000
MOST_KG = 100_000
LONGEST = 4_000  # signs of a remark

_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_KILOGRAMS = re.compile(r"\d{1,9}(\.\d{1,3})?", re.ASCII)
_DECIMAL_COMMA = re.compile(r"\d+,\d+", re.ASCII)
_SCANNED = re.compile(r"(?:homeward:)?(?:sha256:)?([0-9a-f]{64})", re.ASCII)


class Standing(StrEnum):
    """How a line of the paper stands to the line of the statement."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNFILLED = "unfilled"  # the line is on the paper, and the pen wrote nothing
    MISSING = "missing"  # nobody entered the line


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that stands otherwise on paper than in the statement; ``line`` is None for what has no line there."""

    line: int | None
    field: str
    declared: str
    paper: str

    def to_json(self) -> dict[str, Any]:
        return {"line": self.line, "field": self.field, "declared": self.declared, "paper": self.paper}


@dataclass(frozen=True, slots=True)
class Compared:
    """A line of the statement and how the paper agrees with it."""

    line: int | None
    container: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Comparison:
    """A filled paper beside its statement.

    Parameters
    ----------
    statement : digest of the statement
    lines : each line of the statement, in its order
    differences : everything that stands otherwise on paper, in the order of the lines, what is extra last
    extra : the case numbers, or line numbers, that the statement does not have
    rejected : what cannot be, each with its line, value and reason; while there is any, nothing can be recorded
    notes : what a reader should know
    """

    statement: str
    lines: tuple[Compared, ...]
    differences: tuple[Difference, ...]
    extra: tuple[str, ...]
    rejected: tuple[Fault, ...]
    notes: tuple[Fault, ...] = ()

    def with_standing(self, standing: Standing) -> tuple[Compared, ...]:
        return tuple(line for line in self.lines if line.standing is standing)

    def body(self, *, copy: int, copies: int, signed_by: Sequence[Mapping[str, str]], scan: str = "") -> dict[str, Any]:
        """The body of the ``paper`` statement that records it.

        Parameters
        ----------
        copy, copies : which copy was entered
        signed_by : party, name, office and ``signed_on`` of everyone whose signature stands on it
        scan : digest of its scan, if there is one

        Raises
        ------
        Rejected
            With every impossible value, if there is any.
        """
        if self.rejected:
            raise Rejected(self.rejected)
        return {
            "statement": self.statement,
            "copy": copy,
            "copies": copies,
            "signed_by": [dict(one) for one in signed_by],
            "scan": scan,
            "differences": [difference.to_json() for difference in self.differences],
        }


def scanned_digest(text: str) -> str:
    """The digest out of what was scanned from the QR code, or typed from the foot of a page in groups of four.

    Raises
    ------
    Nonsense
        If it is no digest.

    Examples
    --------
    >>> scanned_digest("homeward:sha256:" + "91c407de" * 8) == scanned_digest("91C4 07DE " * 8)
    True
    """
    found = _SCANNED.fullmatch("".join(text.split()).lower().removesuffix("."))
    if not found:
        raise Nonsense(f"{text[:100]!r} is no digest: sixteen groups of four, of 0 to 9 and a to f.")
    return "sha256:" + found[1]


def refuse_other_paper(statement: Statement, scanned: str) -> None:
    """Say nothing if a paper was drawn up from this statement.

    Raises
    ------
    Nonsense
        If its digest is that of another one, or none.
    """
    if scanned_digest(scanned) != statement.digest:
        raise Nonsense(f"The paper was drawn up from {scanned_digest(scanned)}, not from {statement.digest}.")


def paper_form_csv(statement: Statement) -> bytes:
    """A table with the statement's lines and nothing in the columns for the pen.

    Raises
    ------
    Nonsense
        If the statement has no lines of containers.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(HEADER)
    for line in _lines(statement):
        rows.writerow([_text(line["line"]), _as_text(line["container"]), *[""] * len(WRITTEN)])
    return b"\xef\xbb\xbf" + text.getvalue().encode()  # the mark without which Excel garbles Korean


def _guarded(text: str) -> str:
    """A case number as it can be typed: blanks and line ends inside it are one blank."""
    return " ".join(text.split())


def _as_text(container: str) -> str:
    """A case number for a table that will be opened in a spreadsheet; one that it would compute is left out."""
    typed = _guarded(container)
    return "" if typed.startswith(("=", "+", "-", "@")) or unwritable(typed) else typed


def read_filled(path: Path, statement: Statement) -> Comparison:
    """Read a filled table, CSV or Excel, and set it beside its statement.

    Raises
    ------
    Nonsense
        If the statement has no lines of containers.
    """
    _lines(statement)
    findings = Findings()
    rows: list[Row] = []
    try:
        rows.extend(_rows(path, findings))
    except GivenUp:
        findings.given_up(path.name)
    except Unreadable as problem:
        findings.fault(path.name, None, "", "", f"{problem.reason}.", problem.remedy)
    return _compare(statement, _named(rows, path.name, findings), path.name, findings)


def compare(rows: Sequence[Mapping[str, str]], statement: Statement, *, name: str = "paper") -> Comparison:
    """Set what was typed into a form beside its statement.

    Parameters
    ----------
    rows : each with the fields of :data:`HEADER`; what is left out is empty
    statement : what the paper was drawn up from
    name : what the form is called where a fault is told

    Raises
    ------
    Nonsense
        If the statement has no lines of containers.
    """
    _lines(statement)
    given = [(at, {column: str(row.get(column, "")).strip() for column in HEADER}) for at, row in enumerate(rows, 1)]
    return _compare(statement, given, name, Findings())


# --- Reading -------------------------------------------------------------------------------------

_TABLE = Table("paper", "A filled paper.", tuple(Column(name, Kind.TEXT, "") for name in HEADER))


def _rows(path: Path, findings: Findings) -> Iterator[Row]:
    try:
        with path.open("rb") as file:
            if not file.read(4).startswith(b"PK\x03\x04"):
                file.seek(0)
                yield from csv_rows(file, path.name, findings, lambda done: None)
                return
    except OSError as problem:
        raise Unreadable(f"cannot be read ({problem.strerror})", "Look at its name.") from None
    yield from _of_workbook(path, findings)


def _of_workbook(path: Path, findings: Findings) -> Iterator[Row]:
    book = Workbook(path)
    try:
        if len(book.tables) != 1:
            findings.note(path.name, None, "", ", ".join(book.tables), "has several sheets; only the first was read.")
        if book.tables:
            table = Table(book.tables[0], "", _NUMBERS_AS_SUCH)
            yield from book.rows(table, findings, lambda done: None)
    finally:
        book.close()


# A case number that Excel took for a number is a fault of the file; a weight is meant to be one.
_NUMBERS_AS_SUCH = tuple(
    Column(name, Kind.TEXT if name in ("container", "seal_found", "remark") else Kind.NUMBER, "") for name in HEADER
)

_Given = tuple[int, dict[str, str]]


def _named(rows: Iterable[Row], file: str, findings: Findings) -> list[_Given]:
    """Each row by the names of its columns; rows without a word are passed over."""
    rows = [(at, [cell.strip() for cell in cells]) for at, cells in rows]
    rows = [(at, cells) for at, cells in rows if any(cells)]
    if not rows:
        findings.fault(file, None, "", "", "is empty.", f"The first row names the columns: {', '.join(HEADER)}.")
        return []
    first, header = rows[0][0], [cell.lower() for cell in rows[0][1]]
    _look_at_header(header, file, first, findings)
    if "line" not in header and "container" not in header:
        return []
    return [(at, _row(at, cells, header, file, findings)) for at, cells in rows[1:]]


def _look_at_header(header: Sequence[str], file: str, at: int, findings: Findings) -> None:
    if "line" not in header and "container" not in header:
        findings.fault(file, at, "", "", "names no column line.", f"The first row says: {', '.join(HEADER)}.")
    for name in dict.fromkeys(header):
        if header.count(name) > 1 and name:
            findings.fault(file, at, name, name, "stands twice in the first row.", "Keep one of the two columns.")
        if name not in HEADER:
            findings.note(file, at, name, name, "is no column of the form; it was not read.")


def _row(at: int, cells: Sequence[str], header: Sequence[str], file: str, findings: Findings) -> dict[str, str]:
    if len(cells) > len(header) and any(cells[len(header) :]):
        over = next(cell for cell in cells[len(header) :] if cell)
        findings.fault(file, at, "", over, "stands beyond the last column.", 'Put texts with commas in "...".')
    given = dict(zip(header, cells, strict=False))
    return {name: given.get(name, "") for name in HEADER}


# --- Values --------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Found:
    """What the pen wrote on one line; None where it wrote nothing."""

    at: int
    line: int | None
    container: str
    seals: tuple[str, ...] | None = None
    bags: int | None = None
    weight: Decimal | None = None
    remark: str = ""
    raw: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not any(self.raw[name] for name in WRITTEN)


class _Reader:
    """Turns texts into values; what cannot be goes among the faults."""

    def __init__(self, file: str, findings: Findings) -> None:
        self.file, self.findings = file, findings

    def found(self, at: int, row: dict[str, str]) -> _Found | None:
        for name, text in row.items():
            if unwritable(text) or len(text) > LONGEST:
                self._fault(at, name, text, "is no text that stands on a paper.", "Type what can be read there.")
                return None
        if not row["line"] and not row["container"]:
            told = "; ".join(filter(None, row.values()))
            if told:
                self._fault(at, "line", told, "says of no line what it is about.", "Type the line or the case number.")
            return None
        line, sound = self._line(at, row["line"])
        if not sound:
            return None
        seals, bags, weight = self._seals(row["seal_found"]), self._bags(at, row), self._weight(at, row)
        return _Found(at, line, row["container"], seals, bags, weight, row["remark"], row)

    def _line(self, at: int, text: str) -> tuple[int | None, bool]:
        if not text:
            return None, True
        if not _WHOLE.fullmatch(text) or int(text) == 0:
            self._fault(at, "line", text, "is no number of a line.", "Type the number in the first column, from 1.")
            return None, False
        return int(text), True

    def _seals(self, text: str) -> tuple[str, ...] | None:
        if not text:
            return None
        return () if text.lower() in NO_SEAL else tuple(part.strip() for part in text.split(";") if part.strip())

    def _bags(self, at: int, row: dict[str, str]) -> int | None:
        text = row["bags"]
        if not text:
            return None
        if not _WHOLE.fullmatch(text):
            self._fault(at, "bags", text, "is no count of bags.", "Type digits and nothing else; 0 for none.")
            return None
        if int(text) > MOST_BAGS:
            self._fault(at, "bags", text, f"is more than {MOST_BAGS:,} bags.", "Look again at the paper.")
            return None
        return int(text)

    def _weight(self, at: int, row: dict[str, str]) -> Decimal | None:
        text = row["weight_kg"]
        if not text:
            return None
        if _DECIMAL_COMMA.fullmatch(text):
            self._fault(at, "weight_kg", text, "has a decimal comma.", f"Type {text.replace(',', '.')}.")
            return None
        if not _KILOGRAMS.fullmatch(text):
            remedy = "Type kilograms with a decimal point, at most three decimals, and no unit."
            self._fault(at, "weight_kg", text, "is no weight.", remedy)
            return None
        if Decimal(text) > MOST_KG:
            self._fault(at, "weight_kg", text, f"is more than {MOST_KG:,} kg.", "Were grams meant? Type kilograms.")
            return None
        return Decimal(text)

    def _fault(self, at: int, column: str, text: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.file, at, column, text, reason, remedy)


# --- Comparing -----------------------------------------------------------------------------------

_Line = Mapping[str, Any]


def _lines(statement: Statement) -> Sequence[_Line]:
    """The lines of a statement that has lines of containers; a line or a case may be there without a number."""
    lines = statement.body.get("lines", [])
    if not lines or not all(isinstance(line, Mapping) and "container" in line for line in lines):
        raise Nonsense(f"A {statement.kind} has no lines to be filled in on paper.")
    return [{"line": None, **line} for line in lines]


def _compare(statement: Statement, given: Sequence[_Given], file: str, findings: Findings) -> Comparison:
    reader = _Reader(file, findings)
    lines = _lines(statement)
    places = _Places(lines)
    written: dict[int, _Found] = {}
    extra: list[_Found] = []
    for at, row in given:
        found = reader.found(at, row)
        if found is None:
            continue
        place = places.of(found)
        if place is None:
            _refuse_twice(found, [one for one in extra if _same(one, found)], reader)
            extra.append(found)
        elif place in written:
            _refuse_twice(found, [written[place]], reader)
        else:
            written[place] = found
    differences = [d for place, line in enumerate(lines) for d in _differences(line, written.get(place))]
    return Comparison(
        statement=statement.digest,
        lines=tuple(_compared(line, written.get(place)) for place, line in enumerate(lines)),
        differences=(*differences, *(_extra(one) for one in extra)),
        extra=tuple(one.container or str(one.line) for one in extra),
        rejected=findings.rejected,
        notes=findings.notes,
    )


class _Places:
    """Which line of the statement a row of the paper speaks of: by the line's number, else by the case's."""

    def __init__(self, lines: Sequence[_Line]) -> None:
        self._by_line = {line["line"]: at for at, line in enumerate(lines) if line["line"] is not None}
        self._by_container: dict[str, list[int]] = {}
        for at, line in enumerate(lines):
            self._by_container.setdefault(_guarded(line["container"]), []).append(at)

    def of(self, found: _Found) -> int | None:
        if found.line is not None:
            return self._by_line.get(found.line)
        places = self._by_container.get(_guarded(found.container), [])
        return places[0] if len(places) == 1 else None


def _same(one: _Found, other: _Found) -> bool:
    return (one.line, one.container) == (other.line, other.container)


def _refuse_twice(found: _Found, before: Sequence[_Found], reader: _Reader) -> None:
    for one in before:
        shown = str(found.line) if found.line is not None else found.container
        remedy = "Keep the row that says what stands on the paper."
        reader._fault(found.at, "line", shown, f"is entered already, in row {one.at}.", remedy)


def _compared(line: _Line, found: _Found | None) -> Compared:
    if found is None:
        standing = Standing.MISSING
    elif any(difference.field != "note" for difference in _differences(line, found)):
        standing = Standing.DIFFERS
    else:
        standing = Standing.UNFILLED if found.empty else Standing.AGREES
    return Compared(line["line"], line["container"], standing)


def _differences(line: _Line, found: _Found | None) -> Iterator[Difference]:
    """What the paper says otherwise of a line, in the order of its columns; a remark is always told."""
    number = line["line"]
    if found is None:
        yield Difference(number, "line", line["container"], "")
        return
    if found.container and _guarded(found.container) != _guarded(line["container"]):
        yield Difference(number, "container", line["container"], found.container)
    declared = line.get("seals", [])
    if found.seals is not None and sorted(found.seals) != sorted(map(_guarded, declared)):
        yield Difference(number, "seals", "; ".join(declared), "; ".join(found.seals))
    if found.bags is not None and found.bags != line.get("bags"):
        yield Difference(number, "bags", _text(line.get("bags")), str(found.bags))
    if found.weight is not None and not _weighs(line.get("weight_g"), found.weight):
        yield Difference(number, "weight_kg", _kilograms(line.get("weight_g")), found.raw["weight_kg"])
    if found.remark:
        note = line.get("note", "")
        yield Difference(number, "note", note if isinstance(note, str) else "", found.remark)


def _extra(found: _Found) -> Difference:
    """A case on the paper that the statement does not have, with all that stands there of it."""
    told = [f"{name} {text}" for name, text in found.raw.items() if text and name != "line"]
    return Difference(found.line, "line", "", "; ".join(told) or str(found.line))


def _text(value: int | None) -> str:
    return "" if value is None else str(value)


def _weighs(grams: int | None, kilograms: Decimal) -> bool:
    """Whether a weight on paper is the declared one, read as finely as the paper says it and never finer than printed.

    >>> _weighs(6449, Decimal("6.4")), _weighs(6450, Decimal("6.4")), _weighs(6449, Decimal("6.449"))
    (True, False, True)
    """
    if grams is None:
        return False
    exponent = kilograms.as_tuple().exponent
    step = 10 ** (3 - max(1, -exponent)) if isinstance(exponent, int) else 1
    return (grams + step // 2) // step * step == int(kilograms * 1000)


def _kilograms(grams: int | None) -> str:
    return "" if grams is None else f"{grams // 1000}.{grams % 1000:03d}".rstrip("0").removesuffix(".")
