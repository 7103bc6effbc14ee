"""Rows of text with their line numbers, out of a folder, a zip of it, or an Excel file; and back.

Everything is read as a stream and within limits, so that a file that is something else (a film,
a bomb) is refused in bounded time and memory.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol, cast

import numpy as np

from homeward.errors import NotFound
from homeward.formats.cells import number_text, unwritable
from homeward.formats.columns import Column, Kind, Table
from homeward.formats.faults import Findings
from homeward.formats.schema import SETTINGS

LARGEST = 2 << 30  # bytes of all files of a folder or zip together
LARGEST_WORKBOOK = 1 << 30  # bytes of a workbook's parts, unpacked
MOST_CELLS = 60_000_000  # cells within the used rectangle of a sheet
MOST_FILES = 10_000
DENSEST = 200  # unpacked bytes per packed byte, beyond _SMALL
_SMALL = 64 << 20
_CHUNK = 1 << 20
_LONGEST_LINE = 1 << 20
DATAPACKAGE = "datapackage.json"

Row = tuple[int, list[str]]


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that need no looking at: so many cells each, without quotation marks, blanks or empty rows.

    Parameters
    ----------
    line : of the first; the others follow without a gap
    columns : the cells, by their place in a line
    """

    line: int
    columns: list[list[str]]


@dataclass(slots=True)
class Plain:
    """The wish to be given plain lines as blocks: a container may fulfil it as soon as ``width`` is set."""

    width: int = 0


Progressed = Callable[[int], None]


class Unreadable(Exception):
    """A container that cannot be opened: what is wrong and what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


class Container(Protocol):
    """Where the tables of a programme stand."""

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables, without ending, as they are written."""

    @property
    def others(self) -> tuple[str, ...]:
        """Names of what else lies there."""

    def shown(self, name: str) -> str:
        """How a table is called to the user."""

    def size(self, name: str) -> int:
        """How much there is to read, in the unit of ``progressed``."""

    def rows(
        self, table: Table, findings: Findings, progressed: Progressed, plain: Plain | None = None
    ) -> Iterator[Row | Block]:
        """Line number and cells of every row, the header first; with ``plain`` some rows as blocks."""

    def settings(self, findings: Findings) -> str | list[Row] | None:
        """The text of programme.toml, or the rows of the sheet ``programme``; None without."""

    def close(self) -> None:
        """Let go of the file."""


def open_container(path: Path) -> Container:
    """A folder, a zip of one, or an Excel file, told by what it is, not by its name.

    Raises
    ------
    NotFound
        If nothing is there.
    Unreadable
        If it is none of these, damaged, locked, or too large.
    """
    if not path.exists():
        raise NotFound(f"There is nothing at {path}. Give a programme folder, a zip of one, or an Excel file.")
    if path.is_dir():
        return Files.of_folder(path)
    if not path.is_file():
        raise Unreadable("is not a file", "Give a programme folder, a zip of one, or an Excel file.")
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _open_zip(path)
    if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        raise Unreadable(
            "is an Excel file locked with a password, or of the old kind (.xls)",
            "Open it in Excel, take the password off and save it as Excel Workbook (.xlsx).",
        )
    if path.suffix.lower() in (".xlsx", ".zip"):
        raise Unreadable(f"is not a {path.suffix.lower()} file, whatever its name says", "Save or pack it again.")
    raise Unreadable(
        "is neither a programme folder, nor a zip of one, nor an Excel file",
        "Give the folder in which the files lie, not one of the files.",
    )


def _open_zip(path: Path) -> Container:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as problem:
        raise Unreadable(f"is damaged ({problem})", "Pack or copy it again.") from None
    try:
        entries = archive.infolist()
        workbook = any(entry.filename == "xl/workbook.xml" for entry in entries)
        _refuse_unsafe(entries, LARGEST_WORKBOOK if workbook else LARGEST)
        if workbook:
            archive.close()
            return Workbook(path)
        return Files.of_zip(path, archive)
    except Unreadable:
        archive.close()
        raise


def _refuse_unsafe(entries: list[zipfile.ZipInfo], largest: int) -> None:
    """Nothing is unpacked to disk, but who packs such names or sizes means no good or has met with damage."""
    for entry in entries:
        name = PurePosixPath(entry.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or re.match(r"[A-Za-z]:", entry.filename):
            raise Unreadable(f"names a file outside itself, {entry.filename!r}", "Pack the folder again.")
        if entry.flag_bits & 1:
            raise Unreadable(f"is locked with a password ({entry.filename})", "Pack it again without a password.")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if len(entries) > MOST_FILES or unpacked > largest or unpacked > max(_SMALL, DENSEST * packed):
        raise Unreadable(
            f"unpacks {packed:,} bytes into {len(entries):,} files of {unpacked:,} bytes: more than is read",
            "Give the folder itself, or check where the file comes from.",
        )


@dataclass(frozen=True, eq=False)
class Files:
    """CSV files and programme.toml, in a folder or packed."""

    sizes: Mapping[str, int]  # name of a file -> bytes
    open: Callable[[str], IO[bytes]]
    name: str
    release: Callable[[], None] = lambda: None

    @classmethod
    def of_folder(cls, path: Path) -> Files:
        entries = [entry for entry in path.iterdir() if not _ours_to_skip(entry.name)]
        if len(entries) > MOST_FILES:
            raise Unreadable(f"holds {len(entries):,} files: more than are read", "Give the programme folder itself.")
        sizes = {e.name + ("" if e.is_file() else "/"): e.stat().st_size for e in entries if e.exists()}
        broken = [entry.name for entry in entries if not entry.exists()]
        if broken:
            raise Unreadable(f"holds a link to nothing, {broken[0]!r}", "Put the file there, or take the link away.")
        if sum(sizes.values()) > LARGEST:
            raise Unreadable(f"holds {sum(sizes.values()):,} bytes: more than is read", "Check what lies there.")
        return cls(sizes, lambda name: (path / name).open("rb"), path.name)

    @classmethod
    def of_zip(cls, path: Path, archive: zipfile.ZipFile) -> Files:
        entries = [
            e for e in archive.infolist() if not e.is_dir() and not any(map(_ours_to_skip, e.filename.split("/")))
        ]
        names = [entry.filename for entry in entries]
        twice = next((name for name in names if names.count(name) > 1), "") if len(set(names)) < len(names) else ""
        if twice:
            raise Unreadable(f"holds {twice!r} twice", "Pack the folder again.")
        prefix = _common_folder(names)
        by_name = {entry.filename.removeprefix(prefix): entry for entry in entries}
        return cls(
            {name: entry.file_size for name, entry in by_name.items()},
            lambda name: archive.open(by_name[name]),
            path.name,
            archive.close,
        )

    def close(self) -> None:
        self.release()

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(name.removesuffix(".csv") for name in self.sizes if name.endswith(".csv"))

    @property
    def others(self) -> tuple[str, ...]:
        known = (f"{SETTINGS}.toml", DATAPACKAGE)
        return tuple(name for name in self.sizes if not name.endswith(".csv") and name not in known)

    def shown(self, name: str) -> str:
        return f"{name}.toml" if name == SETTINGS else f"{name}.csv"

    def size(self, name: str) -> int:
        return self.sizes[self.shown(name)]

    def rows(
        self, table: Table, findings: Findings, progressed: Progressed, plain: Plain | None = None
    ) -> Iterator[Row | Block]:
        file = self.shown(table.name)
        try:
            with self.open(file) as stream:
                yield from csv_items(stream, file, findings, progressed, plain)
        except _DAMAGE as problem:
            findings.cut_short.add(file)
            findings.fault(
                file, None, "", "", f"is damaged and cannot be read to its end ({problem}).", "Pack or copy it again."
            )

    def settings(self, findings: Findings) -> str | None:
        file = self.shown(SETTINGS)
        if file not in self.sizes:
            return None
        try:
            with self.open(file) as stream:
                return "".join(_lines(stream, file, findings, lambda done: None))
        except _DAMAGE as problem:
            findings.fault(file, None, "", "", f"is damaged and cannot be read ({problem}).", "Pack or copy it again.")
            return None


_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)


def _ours_to_skip(name: str) -> bool:
    """Droppings of operating systems and of Excel, which nobody put there."""
    return name.startswith((".", "~$", "__MACOSX")) or name in ("Thumbs.db", "desktop.ini")


def _common_folder(names: list[str]) -> str:
    """Whoever packs a folder packs its name, too."""
    tops = {name.split("/", 1)[0] for name in names}
    return f"{tops.pop()}/" if len(tops) == 1 and all("/" in name for name in names) else ""


def csv_rows(stream: IO[bytes], file: str, findings: Findings, progressed: Progressed) -> Iterator[Row]:
    """Line number and cells of each row of a CSV file; what is no row is a fault, and reading goes on."""
    return cast("Iterator[Row]", csv_items(stream, file, findings, progressed, None))  # no blocks without the wish


def csv_items(
    stream: IO[bytes], file: str, findings: Findings, progressed: Progressed, plain: Plain | None
) -> Iterator[Row | Block]:
    """The same, plain rows as blocks once that is wished for."""
    pieces = _Pieces(_pieces(stream, file, findings, progressed))
    reader = csv.reader(chain.from_iterable(pieces), strict=True)
    in_blocks = 0  # lines
    while True:
        line = in_blocks + reader.line_num + 1
        if plain is not None and plain.width and pieces.untried:
            columns = pieces.plain_columns(plain.width)
            if columns is not None:
                in_blocks += len(columns[0])
                yield Block(line, columns)
                continue
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            reason, remedy = _csv_problem(str(problem), line, in_blocks + reader.line_num)
            findings.fault(file, line, "", "", reason, remedy, reading=True)
        else:
            yield line, cells


class _Pieces:
    """Pieces of text whose lines are read one by one, or, where they are plain, all at once."""

    def __init__(self, source: Iterator[Iterable[str]]) -> None:
        self._source = source
        self._current: Iterable[str] = io.StringIO()
        self._given_back: list[Iterable[str]] = []
        self.untried = False  # whether what is left of the current piece may be plain

    def __iter__(self) -> Iterator[Iterable[str]]:
        while True:
            self.untried = not self._given_back
            piece = self._given_back.pop() if self._given_back else next(self._source, None)
            if piece is None:
                return
            self._current = piece
            yield piece

    def plain_columns(self, width: int) -> list[list[str]] | None:
        """The cells of all that is left of a piece, column by column; None (and nothing is taken) if not plain."""
        text = self._current.read() if isinstance(self._current, io.StringIO) else None
        if text == "":
            following = next(self._source, None)
            text = following.read() if isinstance(following, io.StringIO) else None
            if text is None and following is not None:
                self._given_back.append(following)
        columns = _plain_columns(text, width) if text else None
        if columns is None:
            self.untried = False
            if text:
                self._given_back.append(io.StringIO(text, newline="\n"))
        return columns


def _plain_columns(text: str, width: int) -> list[list[str]] | None:
    if not text.isascii() or any(sign in text for sign in '" \t') or width < 2:
        return None
    text = text.removesuffix("\n") + "\n"
    signs = np.frombuffer(text.encode("ascii"), dtype=np.uint8)
    commas = np.searchsorted(np.flatnonzero(signs == ord(",")), np.flatnonzero(signs == ord("\n")))
    empty = "\n" + "," * (width - 1) + "\n"
    if (np.diff(commas, prepend=0) != width - 1).any() or empty in text or text.startswith(empty[1:]):
        return None
    cells = text[:-1].replace("\n", ",").split(",")
    return [cells[place::width] for place in range(width)]


def _csv_problem(message: str, first: int, last: int) -> tuple[str, str]:
    if "field larger" in message or "unexpected end" in message:
        return (
            f"a quotation mark is opened and not closed; lines {first:,} to {last:,} were not read.",
            'Close it, or write a quotation mark inside a text twice ("").',
        )
    return f"is not CSV ({message}).", 'Put texts with commas or quotation marks in "...", doubling those inside.'


def _lines(stream: IO[bytes], file: str, findings: Findings, progressed: Progressed) -> Iterator[str]:
    """Lines of UTF-8 text, each with its line feed."""
    return chain.from_iterable(_pieces(stream, file, findings, progressed))


def _pieces(stream: IO[bytes], file: str, findings: Findings, progressed: Progressed) -> Iterator[Iterable[str]]:
    """Whole lines of text, about a mebibyte at a time."""
    decoder = getincrementaldecoder("utf-8")("strict")
    pending, taken, lines = "", 0, 0
    while True:
        chunk = stream.read(_CHUNK)
        if not taken and chunk.startswith((b"\xff\xfe", b"\xfe\xff")):
            findings.cut_short.add(file)
            findings.fault(file, 1, "", "", "is UTF-16, not UTF-8.", _AS_UTF8)
            return
        held = len(decoder.getstate()[0])
        try:
            text = pending + decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as problem:
            position = taken - held + problem.start
            line = lines + pending.count("\n") + chunk[: max(problem.start - held, 0)].count(b"\n") + 1
            wrong = problem.object[problem.start]
            findings.cut_short.add(file)
            findings.fault(
                file, line, "", "", f"is not UTF-8: byte 0x{wrong:02X} at position {position:,} of the file.", _AS_UTF8
            )
            return
        if not taken:
            text = text.removeprefix("\ufeff")
        taken += len(chunk)
        progressed(taken)
        cut = text.rfind("\n") + 1 if chunk else len(text)
        piece, pending = text[:cut], text[cut:]
        if len(pending) > _LONGEST_LINE:
            findings.cut_short.add(file)
            findings.fault(
                file,
                lines + piece.count("\n") + 1,
                "",
                "",
                f"a line is longer than {_LONGEST_LINE:,} signs: this is not a table.",
                "Check that this is the file that was meant.",
            )
            pending, chunk = "", b""
        if "\r" in piece:
            piece = piece.replace("\r\n", "\n").removesuffix("\r")
        if unwritable(piece):
            yield list(_without_control_signs(piece, lines, file, findings))
        else:
            yield io.StringIO(piece, newline="\n")
        lines += piece.count("\n")
        if not chunk:
            return


_AS_UTF8 = "Save it as UTF-8; in Excel choose 'CSV UTF-8 (comma delimited)'."


def _without_control_signs(piece: str, lines: int, file: str, findings: Findings) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(piece, newline="\n"), lines + 1):
        if unwritable(line):
            findings.fault(
                file,
                number,
                "",
                line.strip(),
                "holds signs that belong in no text file (control characters, or carriage returns that end no line).",
                "Save it as CSV UTF-8 with ordinary line ends.",
                reading=True,
            )
            yield "\n"
        else:
            yield line


@dataclass(eq=False)
class Workbook:
    """An Excel file: one sheet a table, and a sheet ``programme`` with the settings."""

    path: Path
    _book: Any = field(init=False)

    def __post_init__(self) -> None:
        from python_calamine import CalamineError, CalamineWorkbook, PasswordError

        _refuse_vast_sheets(self.path)
        try:
            self._book = CalamineWorkbook.from_path(str(self.path))
        except PasswordError:
            raise Unreadable("is locked with a password", "Take the password off and save it again.") from None
        except (CalamineError, OSError, ValueError) as problem:
            raise Unreadable(f"is damaged ({problem})", "Open it in Excel and save it again as .xlsx.") from None

    def close(self) -> None:
        self._book.close()

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(name for name in self._book.sheet_names if name != SETTINGS)

    @property
    def others(self) -> tuple[str, ...]:
        return ()

    @property
    def sheet_names(self) -> tuple[str, ...]:
        """Names of all sheets, whatever they hold."""
        return tuple(self._book.sheet_names)

    def cells(self, name: str) -> Iterator[list[Any]]:
        """Rows of any sheet, each cell as Excel keeps it."""
        rows: Iterator[list[Any]] = self._book.get_sheet_by_name(name).iter_rows()
        return rows

    def shown(self, name: str) -> str:
        return f"sheet {name}"

    def size(self, name: str) -> int:
        return 1

    def rows(
        self, table: Table, findings: Findings, progressed: Progressed, plain: Plain | None = None
    ) -> Iterator[Row]:
        progressed(0)
        sheet = _Sheet(self.shown(table.name), {column.name: column for column in table.columns}, findings)
        for line, cells in enumerate(self._values(table.name, findings), 1):
            yield line, sheet.texts(line, cells)
        sheet.note_numbers()

    def settings(self, findings: Findings) -> list[Row] | None:
        if SETTINGS not in self._book.sheet_names:
            return None
        sheet = _Sheet(self.shown(SETTINGS), {}, findings)
        return [(line, sheet.texts(line, cells)) for line, cells in enumerate(self._values(SETTINGS, findings), 1)]

    def _values(self, name: str, findings: Findings) -> Iterator[list[Any]]:
        from python_calamine import CalamineError

        try:
            yield from self.cells(name)
        except (CalamineError, OSError, ValueError) as problem:
            findings.cut_short.add(self.shown(name))
            findings.fault(
                self.shown(name),
                None,
                "",
                "",
                f"is damaged and cannot be read ({problem}).",
                "Open it in Excel and save it again as .xlsx.",
            )


class _Sheet:
    """Turns what Excel stored into the text that was meant, and says where that cannot be known."""

    def __init__(self, file: str, columns: Mapping[str, Column], findings: Findings) -> None:
        self._file, self._columns, self._findings = file, columns, findings
        self._header: list[Column | None] | None = None
        self._numbers: dict[str, tuple[int, str, int]] = {}

    def texts(self, line: int, cells: list[Any]) -> list[str]:
        texts = [cell if type(cell) is str else self._text(line, place, cell) for place, cell in enumerate(cells)]
        if self._header is None and any(texts):
            self._header = [self._columns.get(text.strip()) for text in texts]
        return texts

    def _text(self, line: int, place: int, cell: Any) -> str:
        column = self._header[place] if self._header and place < len(self._header) else None
        if isinstance(cell, bool):
            return "TRUE" if cell else "FALSE"
        if isinstance(cell, int | float):
            return self._number(line, column, number_text(cell))
        if isinstance(cell, datetime) and cell.time() == time(0):
            cell = cell.date()
        if isinstance(cell, date | time | timedelta):
            return self._moment(line, column, cell)
        return str(cell)

    def _number(self, line: int, column: Column | None, text: str) -> str:
        if column is not None and column.kind in (Kind.IDENTIFIER, Kind.TEXT, Kind.LIST):
            first, value, count = self._numbers.get(column.name, (line, text, 0))
            self._numbers[column.name] = (first, value, count + 1)
            if len(text.lstrip("-")) > 15:
                self._findings.fault(
                    self._file,
                    line,
                    column.name,
                    text,
                    "was kept by Excel as a number, and Excel keeps only fifteen digits of it.",
                    "Format the column as text and enter it again.",
                    reading=True,
                )
        return text

    def _moment(self, line: int, column: Column | None, cell: date | time | timedelta) -> str:
        text = cell.isoformat() if isinstance(cell, date | time) else str(cell)
        if column is not None and column.kind is not Kind.DATE:
            self._findings.fault(
                self._file,
                line,
                column.name,
                text,
                "was turned into a date or time by Excel.",
                "Format the column as text and enter it again.",
                reading=True,
            )
            return ""
        return text

    def note_numbers(self) -> None:
        """Excel keeps 007 as 7 and nobody can tell."""
        for column, (line, value, count) in self._numbers.items():
            self._findings.note(
                self._file,
                line,
                column,
                value,
                f"and {count - 1:,} more cells of this column were "
                "kept by Excel as numbers; zeros in front are lost if there were any.",
                "Format the column as text before entering identifiers.",
            )


_COLUMN_OF_CELL = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3})\d""")
_ROW_OF_CELL = re.compile(rb"""\br\s*=\s*["'][A-Z]{1,3}(\d{1,7})["']""")
_IN_ERROR = re.compile(rb"""<(?:\w+:)?c\s[^>]*\bt\s*=\s*["']e["'][^>]*""")
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Z]{1,3}\d{1,7})["']""")


def _refuse_vast_sheets(path: Path) -> None:
    """A single cell at XFD1048576 would make the reader lay out every cell before it; errors would vanish."""
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                    with archive.open(entry) as stream:
                        _refuse_vast_sheet(stream, entry.filename)
    except _DAMAGE as problem:
        raise Unreadable(f"is damaged ({problem})", "Open it in Excel and save it again as .xlsx.") from None


def _refuse_vast_sheet(stream: IO[bytes], name: str) -> None:
    held, row, column = b"", 0, 0
    while chunk := stream.read(_CHUNK):
        held += chunk
        cut = held.rfind(b"<")
        piece, held = held[:cut], held[cut:]
        column = max([column, *map(_column_number, set(_COLUMN_OF_CELL.findall(piece)))])
        row = max([row, *map(int, set(_ROW_OF_CELL.findall(piece)))])
        for failed in _IN_ERROR.findall(piece):
            at = _REFERENCE.search(failed)
            raise Unreadable(
                f"holds a formula that failed ({name.rsplit('/', 1)[-1]}, {at[1].decode() if at else 'a cell'})",
                "Correct the formula, or replace it with its value.",
            )
        if row * column > MOST_CELLS or len(held) > 64 * _CHUNK:
            raise Unreadable(
                f"has a sheet of {row:,} rows and {column:,} columns: more than is read",
                "Delete stray cells far from the table, or give the folder of CSV files.",
            )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number
