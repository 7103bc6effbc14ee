"""Writing a programme: CSV files, a zip, or a workbook, each put in its place only when it is whole."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Literal
from xml.sax.saxutils import escape, quoteattr

from homeward.errors import WouldOverwrite
from homeward.formats.columns import WORDS, Column, Kind, Table
from homeward.formats.records import Sheet, sheets
from homeward.formats.schema import SETTINGS
from homeward.formats.settings import HEADER, as_rows, as_toml
from homeward.formats.tabular import DATAPACKAGE
from homeward.programme import Programme

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the time stamp of everything packed: equal programmes give equal bytes
_AT_ONCE = 20_000  # rows encoded together


def write(programme: Programme, path: Path, container: Literal["folder", "zip", "xlsx"]) -> None:
    """See :func:`homeward.formats.folder.write_programme`."""
    into = {"folder": _write_folder, "zip": _write_zip, "xlsx": _write_workbook}[container]
    if path.exists() or path.is_symlink():
        raise WouldOverwrite(f"{path} is already there. Choose another place, or move it away first.")
    beside = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        into(programme, beside)
        _put_in_place(beside, path)
    finally:
        if beside.is_dir():
            shutil.rmtree(beside, ignore_errors=True)
        else:
            beside.unlink(missing_ok=True)


def _put_in_place(beside: Path, path: Path) -> None:
    """Give the finished work its name, unless someone has taken it meanwhile."""
    try:
        if beside.is_dir():
            beside.rename(path)
        else:
            os.link(beside, path)
    except (FileExistsError, OSError) as problem:
        if path.exists():
            raise WouldOverwrite(f"{path} is already there. Choose another place, or move it away first.") from None
        raise problem
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _files(programme: Programme) -> Iterator[tuple[str, Iterable[bytes]]]:
    """Each file of the folder with its bytes."""
    yield f"{SETTINGS}.toml", [as_toml(programme.settings).encode()]
    written: list[tuple[Table, tuple[str, ...]]] = []
    for sheet in sheets(programme):
        written.append((sheet.table, sheet.header))
        yield sheet.table.file, _csv(sheet)
    yield DATAPACKAGE, [datapackage(programme.settings.name, written).encode()]


def _csv(sheet: Sheet) -> Iterator[bytes]:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(sheet.header)
    for count, row in enumerate(sheet.rows, 1):
        rows.writerow(row)
        if not count % _AT_ONCE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _write_folder(programme: Programme, beside: Path) -> None:
    beside.mkdir(parents=False)
    for name, pieces in _files(programme):
        with (beside / name).open("wb") as file:
            file.writelines(pieces)
            _to_disk(file)


def _write_zip(programme: Programme, beside: Path) -> None:
    with beside.open("xb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, pieces in _files(programme):
                _pack(archive, name, pieces)
        _to_disk(file)


def _pack(archive: zipfile.ZipFile, name: str, pieces: Iterable[bytes]) -> None:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    with archive.open(entry, "w", force_zip64=True) as packed:
        for piece in pieces:
            packed.write(piece)


def _to_disk(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


# --- datapackage.json ------------------------------------------------------------------------


def datapackage(title: str, written: Iterable[tuple[Table, tuple[str, ...]]]) -> str:
    """Frictionless description of the files (Data Package 1.0, Table Schema 1.0)."""
    package = {
        "profile": "tabular-data-package",
        "name": "programme",
        "title": title,
        "resources": [_resource(table, header) for table, header in written],
    }
    return json.dumps(package, ensure_ascii=False, indent=1) + "\n"


def _resource(table: Table, header: tuple[str, ...]) -> dict[str, Any]:
    known = [_field(column) for column in table.columns]
    extra = [{"name": name, "type": "string"} for name in header[len(known) :]]
    words = list(WORDS) if any(column.words for column in table.columns) else []
    return {
        "name": table.name,
        "path": table.file,
        "profile": "tabular-data-resource",
        "encoding": "utf-8",
        "description": table.meaning,
        "schema": {"fields": [*known, *extra], "primaryKey": list(table.key), "missingValues": ["", *words]},
    }


_FRICTIONLESS = {Kind.NUMBER: "number", Kind.INTEGER: "integer"}


def _field(column: Column) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if column.filled:
        limits["required"] = True
    if column.choices:
        limits["enum"] = [choice.value for choice in column.choices]
    if column.low is not None:
        limits["minimum"] = column.low
    if column.high is not None:
        limits["maximum"] = column.high
    described = {
        "name": column.name,
        "type": _FRICTIONLESS.get(column.kind, "string"),
        "description": column.meaning,
    }
    return {**described, "constraints": limits} if limits else described


# --- Excel -----------------------------------------------------------------------------------
# Written by hand: text cells stay text (7 does not lose its zeros, 9.3 is no date), equal programmes
# give equal bytes, and a national roster's profiles take seconds.

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
_LIKE_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel would take it for the sign with that number
_MOST_ROWS = 1_048_576


def _write_workbook(programme: Programme, beside: Path) -> None:
    with beside.open("xb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            names = [SETTINGS]
            settings = as_rows(programme.settings)
            _pack(archive, "xl/worksheets/sheet1.xml", _sheet(HEADER, map(list, settings), frozenset()))
            for sheet in sheets(programme):
                names.append(sheet.table.name)
                pieces = _sheet(sheet.header, sheet.rows, sheet.numbers)
                _pack(archive, f"xl/worksheets/sheet{len(names)}.xml", pieces)
            for name, text in _frame(names):
                _pack(archive, name, [text.encode()])
        _to_disk(file)


def _sheet(header: tuple[str, ...], rows: Iterable[list[str]], numbers: frozenset[str]) -> Iterator[bytes]:
    """A worksheet, its cells in place order: text as inline strings, numbers as numbers."""
    as_number = [name in numbers for name in header]
    last = len(header)
    yield (
        f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
        '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
        f'<cols><col min="1" max="{last}" width="16" style="1" customWidth="1"/></cols><sheetData>'
    ).encode()
    letters = [_letters(place) for place in range(1, last + 1)]
    pieces = [_row(1, list(header), letters, [False] * last)]
    for number, row in enumerate(rows, 2):
        if number > _MOST_ROWS:
            raise _too_many_rows(header)
        pieces.append(_row(number, row, letters, as_number))
        if len(pieces) == _AT_ONCE:
            yield "".join(pieces).encode()
            pieces.clear()
    yield ("".join(pieces) + "</sheetData></worksheet>").encode()


def _row(number: int, cells: list[str], letters: list[str], as_number: list[bool]) -> str:
    written = [
        f'<c r="{letter}{number}"><v>{cell}</v></c>'
        if is_number and cell not in WORDS
        else f'<c r="{letter}{number}" s="1" t="inlineStr"><is><t xml:space="preserve">{_xml(cell)}</t></is></c>'
        for cell, letter, is_number in zip(cells, letters, as_number, strict=True)
        if cell
    ]
    return f'<row r="{number}">{"".join(written)}</row>'


def _xml(text: str) -> str:
    if text.isalnum():
        return text
    return escape(_LIKE_ESCAPED.sub("_x005F_", text))


def _too_many_rows(header: tuple[str, ...]) -> Exception:
    from homeward.errors import TooLarge

    return TooLarge(
        f"A sheet of Excel has {_MOST_ROWS:,} rows, and {header[0]}, ... needs more. Write a folder or zip."
    )


def _letters(place: int) -> str:
    letters = ""
    while place:
        place, left = divmod(place - 1, 26)
        letters = chr(65 + left) + letters
    return letters


def _frame(names: list[str]) -> Iterator[tuple[str, str]]:
    """The parts of a workbook that say where its sheets are."""
    sheets_ = "".join(f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(names, 1))
    targets = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{kind}.worksheet+xml"/>'
        for i in range(1, len(names) + 1)
    )
    yield (
        "xl/workbook.xml",
        (f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>{sheets_}</sheets></workbook>'),
    )
    yield (
        "xl/_rels/workbook.xml.rels",
        (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{targets}'
            f'<Relationship Id="rId{len(names) + 1}" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>'
        ),
    )
    yield "xl/styles.xml", _STYLES
    yield (
        "_rels/.rels",
        (
            f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
        ),
    )
    yield (
        "[Content_Types].xml",
        (
            f'{_XML}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{overrides}</Types>'
        ),
    )
