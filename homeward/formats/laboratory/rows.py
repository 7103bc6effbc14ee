"""Rows of a table in a text file or a workbook, as laboratories' programs and Excel write them.

The separator is told from the header: a tab, else a semicolon, else a comma. What Excel turned into a
date is kept apart (:class:`Moment`), so that who reads the cell can say that it is one.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from homeward.errors import Fault, Rejected
from homeward.formats.cells import number_text
from homeward.formats.faults import Findings
from homeward.formats.laboratory.imports import Options, Start, read_text
from homeward.formats.tabular import Unreadable, Workbook, open_container

Row = tuple[int, list[str]]
_QUOTED = re.compile(r'"[^"]*"')
_HEADER_WITHIN = 50  # rows in which a header is looked for
_ZIP, _OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Moment(str):
    """A cell that Excel holds as a date or time: its text as Excel means it."""

    __slots__ = ()


def is_workbook(start: Start) -> bool:
    return (start.data.startswith(_ZIP) and b"xl/" in start.data) or start.data.startswith(_OLD_EXCEL)


def first_rows(start: Start) -> list[list[str]]:
    """The first rows of a table, by which its kind is told; [] if it is none."""
    if is_workbook(start):
        try:
            sheets = _sheets(start.path)
        except Rejected:
            return []
        return [cells for _, cells in next(iter(sheets.values()), [])[:_HEADER_WITHIN]]
    lines = start.lines[:_HEADER_WITHIN]
    separator = _separator("\n".join(lines))
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        return []


def table_rows(path: Path, options: Options, findings: Findings) -> list[Row]:
    """Every row with its line number, cells trimmed; what is no row is a fault.

    Raises
    ------
    Rejected
        If the file cannot be opened, or a workbook has several sheets and none was named.
    """
    if is_workbook(Start.of(path)):
        return _chosen_sheet(path, options.sheet)
    return list(_text_rows(read_text(path, findings, options.encoding), path.name, findings))


def _text_rows(text: str, file: str, findings: Findings) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=_separator(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            findings.fault(
                file,
                line,
                "",
                "",
                f"is no row of a table ({problem}); lines {line:,} to {reader.line_num:,} were not read.",
                'Close the quotation mark, or write one inside a text twice ("").',
                reading=True,
            )
        else:
            yield line, [cell.strip() for cell in cells]


def _separator(text: str) -> str:
    """What separates the cells: the first of tab, semicolon and comma that most of the first rows have between them.

    What stands in quotation marks is within a cell.
    """
    first = text[:20_000].split("\n")[:_HEADER_WITHIN]
    lines = [_QUOTED.sub("", line) for line in first if line.strip()]
    for separator in ("\t", ";"):
        if sum(separator in line for line in lines) * 2 > len(lines):
            return separator
    return ","


def _chosen_sheet(path: Path, name: str) -> list[Row]:
    sheets = _sheets(path)
    filled = {sheet: rows for sheet, rows in sheets.items() if rows}
    if name in sheets:
        return sheets[name]
    if name or len(filled) != 1:
        known = ", ".join(sheets)
        reason = f"has no sheet {name!r}." if name else f"has {len(filled)} sheets with rows."
        raise Rejected([Fault(path.name, None, "", name, reason, f"Name one with --sheet: {known}.")])
    return next(iter(filled.values()))


def _sheets(path: Path) -> dict[str, list[Row]]:
    """Rows of each sheet, by its name."""
    from python_calamine import CalamineError

    try:
        container = open_container(path)
        if not isinstance(container, Workbook):
            container.close()
            raise Unreadable("is a zip, but no workbook", "Unpack it and give the file inside.")
        try:
            return {name: list(_sheet_rows(container.cells(name))) for name in container.sheet_names}
        finally:
            container.close()
    except Unreadable as problem:
        raise Rejected([Fault(path.name, None, "", "", f"{problem.reason}.", problem.remedy)]) from None
    except (CalamineError, OSError, ValueError) as problem:
        reason = f"is damaged ({problem})."
        raise Rejected([Fault(path.name, None, "", "", reason, "Open it in Excel and save it again.")]) from None


def _sheet_rows(rows: Iterator[list[Any]]) -> Iterator[Row]:
    for line, cells in enumerate(rows, 1):
        texts = [_cell(cell) for cell in cells]
        if any(texts):
            yield line, texts


def _cell(cell: Any) -> str:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return number_text(cell)
    if isinstance(cell, datetime) and cell.time() == time(0):
        cell = cell.date()
    if isinstance(cell, date | time | timedelta):
        return Moment(cell.isoformat() if isinstance(cell, date | time) else cell)
    return str(cell)
