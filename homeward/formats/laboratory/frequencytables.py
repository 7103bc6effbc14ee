"""Tables of allele frequencies: as Familias and FamLinkX export them, and as journals and databases print them.

Familias writes a marker's name on a line, then an allele and its frequency on each line, then an empty line. Printed
tables have a row for each allele and a column for each marker; rows that are no allele (N, Ho, PIC ...) are noted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from homeward.errors import Fault, Rejected
from homeward.formats.cells import BadCell, number
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.laboratory.calls import like_marker
from homeward.formats.laboratory.familias_loci import allele_name
from homeward.formats.laboratory.imports import PLAIN, Format, Import, Options, Start, read_text
from homeward.formats.laboratory.rows import Row, first_rows, is_workbook, table_rows
from homeward.programme import NOTHING, Programme, Settings
from homeward.tables import AMELOGENIN, canonical_marker, is_known_marker

_HEADS = ("allele", "alleles")
_ABSENT = ("", "-", "0", "0.0", "ND", "NA")
_NO_ALLELE = re.compile(
    r"(2?n|h\(?obs\)?|h\(?exp\)?|h[oe]|het.*|pic|pd|pe|pm|pi|tpi|mp|p|p-?value|hwe|sum|total|count)", re.I
)
_PAIR = re.compile(r"\S.*?[\t ;]+\d*[.,]?\d+([eE]-?\d+)?", re.ASCII)


def is_blocks(start: Start) -> bool:
    """Whether a marker's name stands alone and below it an allele with a number."""
    lines = [line.strip() for line in start.lines if line.strip()][:2]
    return len(lines) == 2 and _marker_like(lines[0]) and bool(_PAIR.fullmatch(lines[1][:100]))


def is_matrix(start: Start) -> bool:
    """Whether a row says "Allele" and then names markers."""
    return any(_is_header([cell.strip() for cell in cells]) for cells in first_rows(start)[:20])


def _is_header(cells: Sequence[str]) -> bool:
    return bool(cells) and cells[0].casefold() in _HEADS and any(map(_marker_like, cells[1:]))


def _marker_like(name: str) -> bool:
    return is_known_marker(name) or like_marker(name)


def read_blocks(path: Path, options: Options = PLAIN) -> Import:
    """Read frequencies as Familias and FamLinkX export them."""
    reading = _Reading(path, options)
    text = read_text(path, reading.findings, options.encoding)
    return reading.done("familias-frequencies", reading.blocks(text))


def read_matrix(path: Path, options: Options = PLAIN) -> Import:
    """Read a table with a row for each allele and a column for each marker."""
    reading = _Reading(path, options)
    return reading.done("frequencies", reading.matrix(table_rows(path, options, reading.findings)))


Entry = tuple[int, str, str, str]  # line, marker, allele, frequency


class _Reading:
    def __init__(self, path: Path, options: Options) -> None:
        self.file, self.stem, self.options = path.name, path.stem, options
        self.findings = Findings()

    def blocks(self, text: str) -> Iterator[Entry]:
        marker = ""
        for line, row in enumerate(text.split("\n"), 1):
            cells = row.replace(";", "\t").split("\t") if "\t" in row or ";" in row else row.rsplit(None, 1)
            cells = [cell.strip() for cell in cells if cell.strip()]
            if not cells:
                marker = ""
            elif not marker:
                marker = row.strip()
            elif len(cells) == 2:
                yield line, marker, cells[0], cells[1]
            else:
                self._fault(
                    line, marker, row.strip(), "is no allele with a frequency.", "Write the allele, a tab, and it."
                )

    def matrix(self, rows: Sequence[Row]) -> Iterator[Entry]:
        at = next((index for index, (_, cells) in enumerate(rows[:20]) if _is_header(cells)), None)
        if at is None:
            reason = "has no row that says Allele and then names markers."
            raise Rejected([Fault(self.file, None, "", "", reason, "Write such a row above the alleles.")])
        header = rows[at][1]
        for line, cells in rows[at + 1 :]:
            if not any(cells):
                continue
            if _NO_ALLELE.fullmatch(cells[0]):
                told = "is a row of no allele; it was not read."
                self.findings.note(self.file, line, "", cells[0], told, "State sample sizes in markers.csv.")
                continue
            for marker, text in zip(header[1:], cells[1:], strict=False):
                if marker and text.upper() not in _ABSENT:
                    yield line, marker, cells[0], text

    def done(self, name: str, entries: Iterator[Entry]) -> Import:
        tables: dict[str, dict[str, float]] = {}
        spelt: dict[str, str] = {}
        try:
            for entry in entries:
                self._enter(tables, spelt, entry)
        except GivenUp:
            self.findings.given_up(self.file)
        for marker, table in list(tables.items()):
            if sum(table.values()) > 1.0001:
                told = f"sums to {sum(table.values()):.6g}, above 1; the table was not read."
                self._fault(None, marker, "", told, "Correct the frequencies.")
                del tables[marker]
        population = self.options.population or self.stem
        programme = Programme(
            settings=Settings(name=self.stem, population=population if tables else ""),
            frequencies={population: tables} if tables else NOTHING,
        )
        return Import(
            format=name, version="", programme=programme, rejected=self.findings.rejected, notes=self.findings.notes
        )

    def _enter(self, tables: dict[str, dict[str, float]], spelt: dict[str, str], entry: Entry) -> None:
        line, name, text, value = entry
        marker = canonical_marker(name)
        if marker == AMELOGENIN:
            if marker not in spelt:
                self.findings.note(self.file, line, "", name, "tells the sex; its frequencies are not used.")
            spelt[marker] = name
            return
        if spelt.setdefault(marker, name) != name:
            told = f"is {marker}, which stands already as {spelt[marker]}."
            self._fault(line, "marker", name, told, "Keep one of them.")
            return
        try:
            column, shown = "allele", text
            allele = allele_name(text, marker)
            column, shown = marker, value
            frequency = number(value.replace(",", "."))
            if not 0 < frequency <= 1:
                raise BadCell("is no frequency above 0 and at most 1", "Write shares, no percentages or counts.")
        except BadCell as bad:
            self._fault(line, column, shown, f"{bad.reason}.", bad.remedy)
            return
        if allele in tables.setdefault(marker, {}):
            self._fault(line, marker, text, "stands already among the alleles of this marker.", "Keep one of the rows.")
        else:
            tables[marker][allele] = frequency

    def _fault(self, line: int | None, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.file, line, column, value, reason, remedy, reading=line is not None)


BLOCKS = Format(
    name="familias-frequencies",
    title="frequencies as Familias and FamLinkX export them",
    is_one=lambda start: not is_workbook(start) and is_blocks(start),
    read=read_blocks,
)
MATRIX = Format(
    name="frequencies", title="frequencies, a row for each allele (CSV, Excel)", is_one=is_matrix, read=read_matrix
)
