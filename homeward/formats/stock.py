"""What was found in a store, from a scanner's or a clerk's file: one number a row, its shelf and its seals.

The file is CSV with a header: ``number``, and if known ``place`` and ``seals`` (several, separated by ``;``). A
file of bare numbers, one a line and no header, as scanners write them, is read too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from homeward.errors import Fault

LARGEST = 4 << 20  # bytes; a store of a hundred thousand containers is smaller
LONGEST = 100  # signs of a number, as the record keeps it
COLUMNS = ("number", "place", "seals")


@dataclass(frozen=True, slots=True)
class StockRow:
    """One number that was found. ``seals`` is None where the file has no such column: nobody looked."""

    line: int
    number: str
    place: str = ""
    seals: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class StockReading:
    """The rows that were accepted, and each that was not with its reason."""

    rows: tuple[StockRow, ...]
    rejected: tuple[Fault, ...]


def read_stock(data: bytes, *, name: str) -> StockReading:
    """Read a stock list, all of it, and say of each row that cannot be used why.

    Examples
    --------
    >>> read_stock(b"number,place,seals\\nC-001,A1,BL 1;BL 2\\n", name="store.csv").rows
    (StockRow(line=2, number='C-001', place='A1', seals=('BL 1', 'BL 2')),)
    >>> [row.number for row in read_stock(b"C-001\\nC-002\\n", name="scanned.txt").rows]
    ['C-001', 'C-002']
    """
    if len(data) > LARGEST:
        return _refused(name, f"is larger than {LARGEST >> 20} MiB.", "Give the list of one store.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        return _refused(name, f"is not UTF-8 text (byte {problem.start}).", "Save it as CSV UTF-8.")
    if "\0" in text:
        return _refused(name, "is not text.", "Save it as CSV UTF-8.")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as problem:
        return _refused(name, f"is not CSV: {problem}.", "Save it again as CSV.")
    return _read(lines, name)


def _refused(name: str, reason: str, remedy: str) -> StockReading:
    return StockReading((), (Fault(name, None, "", "", reason, remedy),))


def _read(lines: Sequence[Sequence[str]], name: str) -> StockReading:
    first = [cell.strip().casefold() for cell in lines[0]] if lines else []
    if "number" not in first:
        if any(len(row) > 1 for row in lines):
            return _refused(name, "has no column “number”.", "Begin the file with: number,place,seals")
        return _collect(_row(line, ["number"], row, name) for line, row in enumerate(lines, 1) if any(row))
    faults = [
        Fault(name, 1, column, "", "is not a column of a stock list.", "Use number, place, seals.")
        for column in first
        if column not in COLUMNS
    ]
    if len(set(first)) < len(first):
        faults.append(Fault(name, 1, "", "", "A column stands twice.", "Keep one of them."))
    if faults:
        return StockReading((), tuple(faults))
    return _collect(_row(line, first, row, name) for line, row in enumerate(lines[1:], 2) if any(map(str.strip, row)))


def _collect(found: Iterator[StockRow | Fault]) -> StockReading:
    read = list(found)
    rows = [one for one in read if isinstance(one, StockRow)]
    faults = [one for one in read if isinstance(one, Fault)]
    if not rows and not faults:
        return StockReading((), (Fault("", None, "", "", "The file is empty.", "Write one number a line."),))
    return StockReading(tuple(rows), tuple(faults))


def _row(line: int, header: Sequence[str], cells: Sequence[str], name: str) -> StockRow | Fault:
    if len(cells) > len(header):
        return Fault(
            name, line, "", cells[len(header)], "stands outside the columns.", "Put text with a comma in quotes."
        )
    values = {column: " ".join(cell.split()) for column, cell in zip(header, cells, strict=False)}
    number = values["number"]
    if not any(sign.isalnum() for sign in number):
        return Fault(name, line, "number", number, "is no number.", "Write the container’s number.")
    if len(number) > LONGEST:
        return Fault(name, line, "number", number[:40], f"is longer than {LONGEST} signs.", "One number a row.")
    seals = values.get("seals")
    several = None if seals is None else tuple(seal.strip() for seal in seals.split(";") if seal.strip())
    return StockRow(line, number, values.get("place", ""), several)
