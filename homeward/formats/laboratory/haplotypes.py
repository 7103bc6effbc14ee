"""Lineage haplotypes: mitochondrial in EMPOP's format, Y-STR in tables as they are exchanged with YHRD.

EMPOP: a row is a person or a haplotype: name, haplogroup, number of people, then the differences from the rCRS, a
column each; ``#!`` lines state the range of the rows below, ``#`` lines are comments. YHRD: a column for each locus.
Where the user names a population, the file is a database of it and its haplotypes are counted; else it is samples.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from homeward.errors import Fault, Rejected
from homeward.formats.cells import BadCell
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.laboratory.calls import NO_RESULT, like_marker, one_allele
from homeward.formats.laboratory.imports import PLAIN, Format, Import, Options, Start, Subject, read_text
from homeward.formats.laboratory.rows import Moment, Row, first_rows, table_rows
from homeward.formats.lineage import haplotype_of
from homeward.genetics.lineage.mitotype import SAME, Mitotype
from homeward.genetics.lineage.reading import NotAHaplotype
from homeward.genetics.lineage.ystr import YHaplotype
from homeward.programme import Haplotype, HaplotypeCount, LineageKind, Programme, Settings
from homeward.tables import AMELOGENIN, canonical_marker, canonical_y_locus, is_known_marker, y_loci

_ONE_RANGE = r"\d{1,6}(?: ?- ?\d{1,6})?"
_RANGE = re.compile(rf"{_ONE_RANGE}(?:[ ;,]{{1,3}}{_ONE_RANGE})*[ ;,]*", re.ASCII)  # apart by a sign, or time explodes
_RANGE_LINE = re.compile(r"#!\s*\d{1,6}\s*-\s*\d{1,6}", re.ASCII)
_WORDS_OF_RANGE = ("CR", "HVS1", "HVS2", "HVS-I", "HVS-II", "HV1", "HV2", "ALL", "CONTROL REGION", "MITOGENOME")
_COUNT = re.compile(r"\d{1,7}", re.ASCII)
_LIKE_DIFFERENCE = re.compile(r"[A-Za-z]?\d{1,5}[.+\-A-Za-z]\w*|rCRS", re.ASCII)
_DECIMAL_COMMA = re.compile(r"\d+,[1-9]", re.ASCII)
_APART = re.compile(r"\s*[,;/|]\s*|(?<=\d)\s*-\s*(?=\d)|\s+")
_HEADER_WITHIN = 50
_SAMPLE = ("samplename", "sampleid", "sample", "id", "ids", "name", "haplotypeid", "specimenid", "samplecode")
_NUMBERS = ("n", "count", "number", "frequency", "observed", "obs")
_POPULATION = ("population", "pop", "metapopulation")
_OF_A_COPY = re.compile(r"(.+?)[\s._\-]?([12abAB])")
_LONGEST = 200

Read = Mitotype | YHaplotype


@dataclass(frozen=True, slots=True)
class _Row:
    """One haplotype as the file states it."""

    line: int
    name: str
    haplotype: str
    range: str = ""
    count: int | None = None
    population: str = ""


@dataclass(slots=True)
class _Counted:
    """Equal haplotypes of a database: how the first is written, and of how many people it is."""

    row: _Row
    where: Hashable
    people: int = 0


@dataclass(slots=True)
class _Collected:
    samples: list[Haplotype] = field(default_factory=list)
    subjects: dict[str, Subject] = field(default_factory=dict)
    counted: dict[tuple[str, Hashable], _Counted] = field(default_factory=dict)


class _Reading:
    def __init__(self, path: Path, options: Options, kind: LineageKind) -> None:
        self.path, self.options, self.kind = path, options, kind
        self.file = path.name
        self.findings = Findings()
        self.found = _Collected()
        self.first: dict[str, int] = {}
        self.remarks: Counter[str] = Counter()

    def fault(self, line: int | None, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.file, line, column, value, reason, remedy, reading=line is not None)

    def note(self, line: int | None, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.file, line, "", value, reason, remedy)

    # --- rows of either kind ---

    def keep(self, row: _Row, *, database: bool) -> None:
        """Take a row, if its haplotype can be read in one way."""
        stated = Haplotype(
            sample_id=row.name, subject_id=row.name, kind=self.kind, range=row.range, haplotype=row.haplotype
        )
        try:
            read = haplotype_of(stated)
        except NotAHaplotype as refused:
            for fault in refused.faults:
                self.fault(row.line, fault.column, fault.value, f"{row.name}: {fault.reason}".strip(), fault.remedy)
            return
        for remark in read.remarks:
            self.remarks[remark] += 1
        if isinstance(read, YHaplotype) and not read.alleles:
            self.fault(row.line, "", row.name, "has no locus left.", "Delete the row, or state a locus.")
        elif database:
            self._count(row, read)
        else:
            self._sample(row, stated)

    def _sample(self, row: _Row, stated: Haplotype) -> None:
        if not row.name:
            self.fault(row.line, "sample", "", "is empty.", "Name the sample, or delete the row.")
        elif row.count not in (None, 1):
            told = f"is of {row.count:,} people: the file is a database, not samples."
            self.fault(row.line, "count", row.name, told, "Name whose database it is with --population.")
        elif row.name in self.first:
            told = f"stands already in line {self.first[row.name]:,}."
            self.fault(row.line, "sample", row.name, told, "Give each sample a name of its own.")
        else:
            self.first[row.name] = row.line
            self.found.samples.append(stated)
            if row.population:
                self.found.subjects[row.name] = Subject(population=row.population)

    def _count(self, row: _Row, read: Read) -> None:
        count = 1 if row.count is None else row.count
        if not count:
            self.fault(row.line, "count", "0", "is nobody.", "Leave the row out.")
            return
        population = row.population or self.options.population
        where = read.ranges if isinstance(read, Mitotype) else tuple(sorted(read.alleles))
        one = self.found.counted.setdefault((population, read.key), _Counted(row, where))
        one.people += count

    def done(self, format: str) -> Import:
        for remark, count in self.remarks.items():
            self.note(None, "", f"{remark} ({count:,} rows)." if count > 1 else f"{remark}.")
        if self.found.counted:
            people = sum(one.people for one in self.found.counted.values())
            self.note(None, "", f"was read as a database of {people:,} people; the names of its rows are not kept.")
        programme = Programme(
            settings=Settings(name=self.path.stem),
            haplotypes=tuple(self.found.samples),
            haplotype_counts=tuple(self._counts()),
        )
        return Import(
            format=format,
            version="",
            programme=programme,
            rejected=self.findings.rejected,
            notes=self.findings.notes,
            subjects=self.found.subjects,
        )

    def _counts(self) -> Iterator[HaplotypeCount]:
        """Each haplotype, out of everyone of the population of whom the same positions or loci were read."""
        sizes: Counter[tuple[str, Hashable]] = Counter()
        for (population, _), one in self.found.counted.items():
            sizes[population, one.where] += one.people
        for (population, _), one in self.found.counted.items():
            yield HaplotypeCount(
                kind=self.kind,
                haplotype=one.row.haplotype,
                population=population,
                count=one.people,
                database_size=sizes[population, one.where],
                range=one.row.range if self.kind is LineageKind.MITOCHONDRIAL else "",
            )


# --- EMPOP -----------------------------------------------------------------------------------


def is_empop(start: Start) -> bool:
    """Whether a line states a range, or rows hold name, haplogroup, range and differences."""
    lines = start.lines[:200]
    if any(_RANGE_LINE.match(line) for line in lines):
        return True
    rows = [line.split("\t") for line in lines[:20] if line.strip() and not line.startswith("#")][:5]
    return bool(rows) and all(
        len(row) > 3
        and _is_range(row[2])
        and not _COUNT.fullmatch(row[2].strip())
        and all(_LIKE_DIFFERENCE.fullmatch(cell) for cell in " ".join(row[3:]).split()[:5])
        for row in rows
    )


def _is_range(text: str) -> bool:
    text = " ".join(text.split())
    return len(text) <= _LONGEST and bool(_RANGE.fullmatch(text) or text.upper() in _WORDS_OF_RANGE)


def read_empop(path: Path, options: Options = PLAIN) -> Import:
    """Read mitochondrial haplotypes; with ``options.population`` as a database of it, else as samples."""
    reading = _Reading(path, options, LineageKind.MITOCHONDRIAL)
    text = read_text(path, reading.findings, options.encoding)
    rows = _Empop(reading, "\t" in text)
    try:
        for line, row in enumerate(text.split("\n"), 1):
            rows.line(line, row)
    except GivenUp:
        reading.findings.given_up(path.name)
    if not rows.count and not reading.findings.rejected:
        raise Rejected([Fault(path.name, None, "", "", "holds no haplotype.", "Check that this is the file.")])
    if rows.haplogroups:
        reading.note(None, "", f"{rows.haplogroups:,} haplogroups are stated; they are not kept.")
    return reading.done("empop")


class _Empop:
    def __init__(self, reading: _Reading, has_tabs: bool) -> None:
        self.reading, self.has_tabs = reading, has_tabs
        self.range = ""
        self.count = 0
        self.haplogroups = 0
        if not has_tabs:
            reading.note(None, "", "has no tabs; columns were taken to be apart by blanks.")

    def line(self, line: int, row: str) -> None:
        if row.startswith("#!"):
            stated = " ".join(row[2:].split())
            self.range = stated if _is_range(stated) else ""
            if not self.range:
                remedy = "Write #! and the positions read, such as 16024-576."
                self.reading.fault(line, "range", stated, "is no range.", remedy)
        elif row.strip() and not row.startswith("#"):
            self.count += 1
            self._row(line, [cell.strip() for cell in (row.split("\t") if self.has_tabs else row.split())])

    def _row(self, line: int, cells: Sequence[str]) -> None:
        name, haplogroup, third = [*cells, "", "", ""][:3]
        count = int(third) if _COUNT.fullmatch(third) else None
        range_ = " ".join(third.split()) if count is None and _is_range(third) else self.range
        if count is None and third and not _is_range(third):
            told = "is neither a number of people nor a range."
            self.reading.fault(line, "third column", third, told, "The differences begin in the fourth column.")
        elif not range_:
            remedy = "Write #! 16024-576 above the rows, or the range in the third column."
            self.reading.fault(line, "range", name, "has no range of positions that were read.", remedy)
        else:
            self.haplogroups += haplogroup not in ("", "?")
            told = " ".join(cell for cell in cells[3:] if cell) or SAME
            row = _Row(line, name, told, range_, count)
            self.reading.keep(row, database=bool(self.reading.options.population))


# --- YHRD ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Columns:
    """Places of the columns of a table of Y haplotypes."""

    sample: int | None = None
    number: int | None = None
    population: int | None = None
    loci: dict[int, str] = field(default_factory=dict)
    unused: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, header: Sequence[str]) -> _Columns | None:
        """The places, if this row is the header of such a table: loci of the Y and of nothing else."""
        found = cls()
        for place, cell in enumerate(header):
            plain = re.sub(r"[\s_.\-#]", "", cell).casefold()
            locus = _locus(cell)
            if locus:
                found.loci[place] = locus
            elif canonical_marker(cell) == AMELOGENIN:
                found.unused.append(place)
            elif is_known_marker(cell) or like_marker(cell):
                return None
            elif plain in _SAMPLE and found.sample is None:
                found.sample = place
            elif plain in _NUMBERS and found.number is None:
                found.number = place
            elif plain in _POPULATION and found.population is None:
                found.population = place
            else:
                found.unused.append(place)
        named = found.sample is not None or found.number is not None
        return found if named and len(found.loci) > 1 else None


def _locus(cell: str) -> str:
    """The locus that a heading names, with a or b for a copy; "" if none of the Y."""
    text = cell.strip()
    if not text or len(text) > _LONGEST:
        return ""
    name = canonical_y_locus(text)
    if name in y_loci():
        return name
    copy = _OF_A_COPY.fullmatch(text)
    if copy:
        of = y_loci().get(canonical_y_locus(copy[1]))
        if of and of.copies > 1:
            return of.name + {"1": "a", "2": "b"}.get(copy[2], copy[2].lower())
    plain = re.sub(r"[\s_\-]", "", text).upper()
    return plain if re.fullmatch(r"DY[SF]\d+(S\d+|I+|AB?)?|YGATA\w+|YCAII[AB]?", plain, re.ASCII) else ""


def is_yhrd(start: Start) -> bool:
    return any(_Columns.of([cell.strip() for cell in cells]) for cells in first_rows(start)[:_HEADER_WITHIN])


def read_yhrd(path: Path, options: Options = PLAIN) -> Import:
    """Read a table of Y haplotypes; with ``options.population`` or a column of numbers as a database."""
    reading = _Reading(path, options, LineageKind.Y)
    rows = table_rows(path, options, reading.findings)
    for index, (_, header) in enumerate(rows[:_HEADER_WITHIN]):
        columns = _Columns.of(header)
        if columns is not None:
            _Yhrd(reading, header, columns).rows(rows[index + 1 :])
            return reading.done("yhrd")
    reason = "has no row that names a sample and loci of the Y chromosome alone."
    raise Rejected([*reading.findings.rejected, Fault(path.name, None, "", "", reason, "Write such a row.")])


class _Yhrd:
    def __init__(self, reading: _Reading, header: Sequence[str], columns: _Columns) -> None:
        self.reading, self.header, self.columns = reading, header, columns
        self.database = bool(reading.options.population) or columns.number is not None
        self.untyped = 0

    def rows(self, rows: Sequence[Row]) -> None:
        unused = [self.header[place] for place in self.columns.unused if self.header[place]]
        if unused:
            shown = ", ".join(unused[:12]) + (f" and {len(unused) - 12} more" if len(unused) > 12 else "")
            self.reading.note(None, shown, "are columns that hold no locus of the Y; they were not read.")
        try:
            for line, cells in rows:
                if any(cells):
                    self._row(line, cells)
        except GivenUp:
            self.reading.findings.given_up(self.reading.file)
        if self.untyped:
            told = f"{self.untyped:,} cells are empty or say that there is no result (0, - ...); they are untyped here."
            self.reading.note(None, "", told)

    def _row(self, line: int, cells: list[str]) -> None:
        if any(cells[len(self.header) :]):
            told = f"has {len(cells):,} cells where the header has {len(self.header):,}."
            self.reading.fault(line, "", "", told, "Put cells that hold the separator in quotation marks.")
            return
        cells = cells + [""] * (len(self.header) - len(cells))
        name = cells[self.columns.sample] if self.columns.sample is not None else ""
        count = self._number(line, cells)
        population = cells[self.columns.population] if self.columns.population is not None else ""
        words = self._words(line, cells)
        if words is None or count == -1:
            return
        if self.database and not (population or self.reading.options.population):
            told = "has no population, as a haplotype that is counted needs."
            self.reading.fault(line, "population", name, told, "Name it with --population, or in a column.")
        elif not words:
            self.reading.fault(line, "", name, "has no locus that was read.", "Delete the row.")
        else:
            row = _Row(line, name, " ".join(words), count=count, population=population)
            self.reading.keep(row, database=self.database)

    def _number(self, line: int, cells: Sequence[str]) -> int | None:
        """How many people; None if there is no such column, -1 if the cell is no number."""
        if self.columns.number is None:
            return None
        text = cells[self.columns.number]
        if _COUNT.fullmatch(text):
            return int(text)
        told = "is no number of people."
        self.reading.fault(line, self.header[self.columns.number], text, told, "Write how many had the haplotype.")
        return -1

    def _words(self, line: int, cells: Sequence[str]) -> list[str] | None:
        """locus=alleles of what was typed; None if a cell is at fault."""
        words: list[str] = []
        right = True
        for place, locus in self.columns.loci.items():
            try:
                told = _alleles(cells[place], locus)
            except BadCell as bad:
                self.reading.fault(line, self.header[place], cells[place], f"{bad.reason}.", bad.remedy)
                right = False
                continue
            self.untyped += not told
            if told:
                words.append(f"{locus}={told}")
        return words if right else None


def _alleles(cell: str, locus: str) -> str:
    """The alleles of a cell, apart by commas; "" if it says that nothing was read.

    >>> _alleles("14-11", "DYS385"), _alleles("17.0", "DYS458"), _alleles("-", "DYS19")
    ('14,11', '17', '')
    """
    if isinstance(cell, Moment):
        raise BadCell("was turned into a date by Excel", "Format the column as text and enter the alleles again.")
    if cell.upper() in NO_RESULT or cell.upper() == "?":
        return ""
    if len(cell) > _LONGEST:
        raise BadCell("is longer than alleles can be", "Correct it.")
    known = y_loci().get(locus)
    if _DECIMAL_COMMA.fullmatch(cell) and (known is None or known.copies == 1):
        whole, part = cell.split(",")
        remedy = f"Write {whole}.{part}, or {whole}/{part}."
        raise BadCell(f"may be the allele {whole}.{part}, or the alleles {whole} and {part}", remedy)
    return ",".join(
        one if one.upper() in NO_RESULT or one == "?" else one_allele(one) for one in _APART.split(cell) if one
    )


EMPOP = Format(
    name="empop", title="mitochondrial haplotypes in EMPOP's format (.emp)", is_one=is_empop, read=read_empop
)
YHRD = Format(name="yhrd", title="table of Y-STR haplotypes, as of YHRD (CSV, Excel)", is_one=is_yhrd, read=read_yhrd)
