"""Rows of a table as records, and records as rows.

A row with a fault is left out, but its key is remembered, so that one fault is told once and not
again by every row that refers to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from homeward.errors import Nonsense
from homeward.formats.cells import UNTYPED, BadCell, number_text, observed, reader_of, writable
from homeward.formats.columns import Column, Kind, Table
from homeward.formats.dental import chart_rows
from homeward.formats.faults import Findings
from homeward.formats.schema import BY_NAME, DENTAL, FREQUENCIES, MATRICES, PEDIGREES, PROFILES, SNPS
from homeward.formats.snps import snp_rows
from homeward.formats.tabular import Block, Container, Plain, Progressed
from homeward.programme import (
    NOT_OBSERVED,
    NOTHING,
    Absent,
    Call,
    DateSpan,
    Decision,
    Ground,
    Haplotype,
    HaplotypeCount,
    Incident,
    Lead,
    Marker,
    Measurement,
    Member,
    MissingPerson,
    MutationModel,
    Parameter,
    Place,
    Profile,
    Programme,
    Region,
    Remains,
    Sample,
    Scenario,
    Searched,
    Site,
    SnpMarker,
    Source,
    Specimen,
    Trait,
    Verdict,
    VerdictRate,
)
from homeward.programme import Container as Box

RECORDS: Mapping[str, type] = {
    "missing": MissingPerson,
    "incidents": Incident,
    "pedigrees": Member,
    "markers": Marker,
    "samples": Sample,
    "lineage": Haplotype,
    "lineage_frequencies": HaplotypeCount,
    "snp_panel": SnpMarker,
    "mutation": MutationModel,
    "remains": Remains,
    "specimens": Specimen,
    "measurements": Measurement,
    "traits": Trait,
    "comparisons": Verdict,
    "verdict_rates": VerdictRate,
    "parameters": Parameter,
    "decisions": Decision,
    "scenarios": Scenario,
    "leads": Lead,
    "regions": Region,
    "sites": Site,
    "searches": Searched,
    "containers": Box,
    "sources": Source,
}
_FIELDS = {  # of a programme, if not of that name
    "lineage": "haplotypes",
    "lineage_frequencies": "haplotype_counts",
    "comparisons": "verdicts",
}
_ROWS_TOGETHER = 65_536
_HAVE_ABSENT = {
    *("missing", "incidents", "pedigrees", "samples", "remains", "specimens"),
    *("scenarios", "leads", "sites", "searches", "containers", "sources"),
}


class Header:
    """Which cell of a row is which column."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        self.width = len(names)
        places = {name: place for place, name in enumerate(names)}
        self.known = [(places[column.name], column) for column in table.columns if column.name in places]
        self.unknown = [(place, name) for name, place in places.items() if name and name not in table.names]


class TableReading:
    """The rows of one table, cleaned: trimmed, of the header's width, blank ones left out."""

    def __init__(self, container: Container, table: Table, findings: Findings, progressed: Progressed) -> None:
        self.table, self.file, self.findings = table, container.shown(table.name), findings
        self.rows_read = 0
        self.crooked: list[tuple[int, list[str]]] = []  # rows with too many or too few cells
        self._plain = Plain()
        self._blank = 0
        self._rows = container.rows(table, findings, progressed, self._plain)
        self.header = self._read_header()
        if self.header is None:
            findings.cut_short.add(self.file)

    def fault(self, line: int | None, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.file, line, column, value, reason, remedy, reading=True)

    def _read_header(self) -> Header | None:
        for line, cells in self._one_by_one():
            names = [cell.strip() for cell in cells]
            if any(names):
                while not names[-1]:
                    names.pop()
                return self._checked_header(line, names)
        if not self.findings.has_faults(self.file):
            self.fault(
                None,
                "",
                "",
                "is empty.",
                f"Write the header row ({', '.join(self.table.key)}, ...), or take the file away.",
            )
        return None

    def _checked_header(self, line: int, names: list[str]) -> Header | None:
        table = self.table
        absent = [column.name for column in table.columns if column.header and column.name not in names]
        for name in absent:
            near = next((other for other in names if other.lower().replace(" ", "_") == name), "")
            remedy = f"Rename {near!r} to {name}." if near else f"Add a column {name}; the header is the first row."
            if len(names) == 1 and any(sign in names[0] for sign in ";\t|"):
                remedy = "Separate the columns by commas; they seem to be separated by something else."
            self.fault(line, name, "", "is missing from the header.", remedy)
        for name in {name for name in names if name and names.count(name) > 1}:
            self.fault(line, name, name, "stands twice in the header.", "Keep one of the columns.")
            absent.append(name)
        if absent:
            return None
        header = Header(table, names)
        for _, name in header.unknown:
            kept = "It is kept as it is" if table.name in RECORDS else "It is not kept when the programme is written"
            self.findings.note(self.file, line, name, "", f"is not a column that Homeward knows. {kept}.")
        return header

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        if self.header is None:
            return
        width = self.header.width
        for line, raw in self._one_by_one():
            cells = self._cleaned(line, raw, width)
            if cells is not None:
                self.rows_read += 1
                yield line, cells
        self._note_blank()

    def blocks(self) -> Iterator[Block]:
        """The same rows column by column, as many together as lie together."""
        if self.header is None:
            return
        width = self._plain.width = self.header.width
        first, rows = 0, list[list[str]]()
        for item in self._rows:
            if isinstance(item, Block):
                self.rows_read += len(item.columns[0])
                yield from _as_block(first, rows)
                rows = []
                yield item
                continue
            line, raw = item
            cells = self._cleaned(line, raw, width)
            if rows and (cells is None or line != first + len(rows) or len(rows) == _ROWS_TOGETHER):
                yield from _as_block(first, rows)
                rows = []
            if cells is not None:
                self.rows_read += 1
                first = line if not rows else first
                rows.append(cells)
        yield from _as_block(first, rows)
        self._note_blank()

    def _one_by_one(self) -> Iterator[tuple[int, list[str]]]:
        for row in self._rows:
            assert not isinstance(row, Block), "nobody wished for blocks yet"
            yield row

    def _cleaned(self, line: int, raw: list[str], width: int) -> list[str] | None:
        """The cells of a row, trimmed; None if it is blank or, with its fault told, not of the header's width."""
        cells = [cell.strip() for cell in raw]
        if len(cells) != width:
            while len(cells) > width and not cells[-1]:
                cells.pop()
            if cells and len(cells) != width:
                self._wrong_width(line, cells, width)
                return None
        if not any(cells):
            self._blank += 1
            return None
        return cells

    def _note_blank(self) -> None:
        if self._blank:
            self.findings.note(self.file, None, "", "", f"has {self._blank:,} blank rows, which are left out.")

    def _wrong_width(self, line: int, cells: list[str], width: int) -> None:
        if not any(cells):
            return
        self.rows_read += 1
        self.crooked.append((line, cells))
        self.fault(
            line,
            "",
            ",".join(cells),
            f"has {len(cells):,} cells under a header of {width:,}.",
            'Put texts with commas in quotation marks ("..."), write numbers with a decimal point, and give '
            "every cell its comma.",
        )


def _as_block(line: int, rows: list[list[str]]) -> Iterator[Block]:
    if rows:
        yield Block(line, [list(column) for column in zip(*rows, strict=True)])


@dataclass(eq=False)
class Records:
    """What was read of one table: records with their lines, and every key seen, also of rejected rows."""

    file: str
    records: list[Any] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    keys: dict[Any, int] = field(default_factory=dict)
    rejected_keys: set[Any] = field(default_factory=set)

    def with_lines(self) -> Iterator[tuple[int, Any]]:
        return zip(self.lines, self.records, strict=True)


def read_records(reading: TableReading) -> Records:
    """Records of a table in which a row is a record."""
    table = reading.table
    found = Records(reading.file)
    if reading.header is None:
        return found
    known = [(place, column, reader_of(column)) for place, column in reading.header.known]
    key = [place for place, column in reading.header.known if column.key]
    for line, cells in reading:
        row_key = cells[key[0]] if len(key) == 1 else tuple(cells[place] for place in key)
        if row_key in found.keys:
            _duplicate(reading, line, table.key, row_key, found.keys[row_key])
            continue
        found.keys[row_key] = line
        values = _values(reading, line, cells, known)
        record = None if values is None else _record(reading, line, cells, values)
        if record is None:
            found.rejected_keys.add(row_key)
        else:
            found.records.append(record)
            found.lines.append(line)
    for line, cells in reading.crooked:  # the key stands before the comma too many, or so it is assumed
        if len(key) == 1 and key[0] < len(cells):
            found.keys.setdefault(cells[key[0]], line)
            found.rejected_keys.add(cells[key[0]])
    return found


def _duplicate(reading: TableReading, line: int, names: Sequence[str], key: Any, first: int) -> None:
    value = key if isinstance(key, str) else ", ".join(key)
    reading.fault(line, ", ".join(names), value, f"stands already in line {first:,}.", "Keep one of the rows.")


def _values(
    reading: TableReading, line: int, cells: list[str], known: list[tuple[int, Column, Callable[[str], Any]]]
) -> dict[str, Any] | None:
    """The values of the cells that are not empty; None if one has a fault."""
    values: dict[str, Any] | None = {}
    for place, column, read in known:
        text = cells[place]
        try:
            if text:
                value = read(text)
                if values is not None:
                    values[column.name] = value
            elif column.filled:
                raise BadCell("is empty", "Fill it in, or delete the row.")
        except BadCell as bad:
            reading.fault(line, column.name, text, f"{bad.reason}.", bad.remedy)
            values = None
    return values


def _record(reading: TableReading, line: int, cells: list[str], values: dict[str, Any]) -> Any:
    """The record of a row; None, with its fault told, if it cannot be."""
    table = reading.table
    assert reading.header is not None
    absent = {name: values.pop(name) for name in [n for n, v in values.items() if isinstance(v, Absent)]}
    for where, names in table.places.items():
        if not _placed(reading, line, values, where, names):
            return None
    for where, cells_of_it in table.grounds.items():
        if not _grounded(reading, line, values, where, cells_of_it):
            return None
    for column, name in table.fields.items():
        if column in values:
            values[name] = values.pop(column)
    for one, other in table.together:
        if (one in values) != (other in values):
            empty, beside = (other, one) if one in values else (one, other)
            reading.fault(line, empty, "", f"is empty beside {beside}.", "State both or none.")
            return None
    if absent:
        values["absent"] = absent
    if reading.header.unknown:
        extra = {name: cells[place] for place, name in reading.header.unknown if cells[place]}
        if extra:
            values["extra"] = extra
    if "same_as" in values:
        values["same_as"] = ";".join(values["same_as"])
    try:
        return RECORDS[table.name](**values)
    except Nonsense as refusal:
        reading.fault(line, "", "", f"{refusal}.", "Correct the row.")
        return None


def _placed(reading: TableReading, line: int, values: dict[str, Any], where: str, names: Sequence[str]) -> bool:
    """Put the cells of a place together; False, with the fault told, if half of it is there."""
    lat, lon, radius = (values.pop(name, None) for name in names)
    if (lat is None) != (lon is None) or (lat is None and radius is not None):
        reading.fault(line, names[0], "", f"a place needs both {names[0]} and {names[1]}.", "State both or none.")
        return False
    if lat is not None:
        values[where] = Place(lat=lat, lon=lon, radius_m=radius)
    return True


def _grounded(reading: TableReading, line: int, values: dict[str, Any], where: str, cells: Sequence[str]) -> bool:
    """Put the cells of a point or a geometry together; False, with the fault told, if both are there."""
    *names, geometry = cells
    if not _placed(reading, line, values, where, names):
        return False
    place, wkt = values.pop(where, None), values.pop(geometry, "")
    if place is not None and wkt:
        reading.fault(line, geometry, wkt, f"stands beside {names[0]} and {names[1]}.", "State a point or a geometry.")
        return False
    if place is not None or wkt:
        values[where] = Ground(place=place, wkt=wkt)
    return True


@dataclass(eq=False, slots=True)
class ProfileReading:
    """One sample's calls, with the line of each."""

    sample_id: str
    subject_id: str
    line: int
    calls: dict[str, Call] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)  # in the order of the calls

    def line_of(self, marker: str) -> int:
        return self.lines[list(self.calls).index(marker)]


def read_profiles(
    reading: TableReading,
    single_allele: str,
    known: Callable[[str, str], bool],
    x_linked: Callable[[str], bool] = lambda marker: False,
) -> dict[str, ProfileReading]:
    """Profiles by sample_id; calls in the order of the rows.

    ``known`` says whether a sample and its subject stand anywhere else; a profile of nobody is told
    at once and not kept, so that a file of them is given up instead of filling the memory. One allele at
    a marker that is ``x_linked`` is all that a man has, and of a woman what was observed.
    """
    found: dict[str, ProfileReading] = {}
    if reading.header is None:
        return found
    place = {column.name: where for where, column in reading.header.known}
    at = [place[name] for name in PROFILES.names]
    calls = _Calls(reading, single_allele)
    names: dict[str, str] = {}
    untyped: dict[tuple[str, str], int] = {}
    of_nobody: set[str] = set()
    checks = [reader_of(PROFILES.column(name)) for name in ("sample_id", "subject_id", "marker")]
    a, b, c, d, e = at
    for line, cells in reading:
        sample_id, subject_id, marker = cells[a], cells[b], cells[c]
        if sample_id in of_nobody:
            continue
        profile = found.get(sample_id)
        if profile is None or profile.subject_id != subject_id or marker not in names:
            if not _names_are_right(reading, line, (sample_id, subject_id, marker), checks):
                continue
            names.setdefault(marker, marker)
            if profile is None and not known(sample_id, subject_id):
                of_nobody.add(sample_id)
                reading.fault(
                    line,
                    "subject_id",
                    subject_id,
                    "is neither a member of a family nor remains.",
                    "Add the subject to pedigrees or remains; a profile of staff needs a row in samples with kind "
                    "elimination.",
                )
                continue
            if profile is None:
                profile = found[sample_id] = ProfileReading(sample_id, subject_id, line)
            elif profile.subject_id != subject_id:
                reading.fault(
                    line,
                    "subject_id",
                    subject_id,
                    f"is not the subject {profile.subject_id} that line "
                    f"{profile.line:,} states for sample {sample_id}.",
                    "A sample is of one subject; correct one of the rows.",
                )
                continue
        if marker in profile.calls or (sample_id, marker) in untyped:
            first = profile.line_of(marker) if marker in profile.calls else untyped[sample_id, marker]
            _duplicate(reading, line, PROFILES.key, (sample_id, marker), first)
            continue
        call = calls.read(line, *_x_call(cells[d], cells[e]) if x_linked(marker) else (cells[d], cells[e]))
        if call is None:
            untyped[sample_id, marker] = line
        else:
            profile.calls[names[marker]] = call
            profile.lines.append(line)
    calls.note_completed()
    return found


def _x_call(first: str, second: str) -> tuple[str, str]:
    """The cells of a marker of the X chromosome, an empty one beside an allele as not observed."""
    if bool(first) != bool(second) and UNTYPED not in (first, second):
        return first or second, NOT_OBSERVED
    return first, second


def _names_are_right(
    reading: TableReading, line: int, texts: tuple[str, ...], checks: Sequence[Callable[[str], Any]]
) -> bool:
    right = True
    for name, text, check in zip(PROFILES.names, texts, checks, strict=False):
        try:
            if not text:
                raise BadCell("is empty", "Fill it in, or delete the row.")
            check(text)
        except BadCell as bad:
            reading.fault(line, name, text, f"{bad.reason}.", bad.remedy)
            right = False
    return right


class _Calls:
    """Two cells as a call. The few different calls there are exist once."""

    def __init__(self, reading: TableReading, single_allele: str) -> None:
        self._reading, self._single = reading, single_allele
        self._known: dict[tuple[str, str], Call] = {}
        self._completed = 0

    def read(self, line: int, first: str, second: str) -> Call | None:
        """The call; None if untyped, or if a fault was told."""
        call = self._known.get((first, second))
        return call if call is not None else self._read_new(line, first, second)

    def _read_new(self, line: int, first: str, second: str) -> Call | None:
        if first == second == UNTYPED:
            return None
        if not first or not second:
            return self._read_single(line, first or second)
        try:
            column, text = "allele_1", first
            self._allele(first)
            column, text = "allele_2", second
            self._allele(second)
        except BadCell as bad:
            self._reading.fault(line, column, text, f"{bad.reason}.", bad.remedy)
            return None
        return self._known.setdefault((first, second), (first, second))

    def _allele(self, text: str) -> None:
        if text == UNTYPED:
            raise BadCell("stands beside an allele", f"Write {NOT_OBSERVED} for an allele that was not observed.")
        if text != NOT_OBSERVED:
            observed(text)

    def _read_single(self, line: int, only: str) -> Call | None:
        if not only:
            self._reading.fault(
                line, "allele_1", "", "both alleles are empty.", f"Write {UNTYPED} and {UNTYPED} for an untyped marker."
            )
            return None
        if self._single == "fault":
            self._reading.fault(
                line,
                "allele_2",
                "",
                f"is empty beside {only!r}.",
                f"Write {only}, {only} for a homozygote or {only}, {NOT_OBSERVED} where the other was "
                "not observed; or say in programme.toml, [read] single_allele, what one allele "
                'means: "homozygote" or "partial".',
            )
            return None
        call = self._read_new(line, only, only if self._single == "homozygote" else NOT_OBSERVED)
        self._completed += call is not None
        return call

    def note_completed(self) -> None:
        if self._completed:
            self._reading.findings.note(
                self._reading.file,
                None,
                "allele_2",
                "",
                f"is empty in {self._completed:,} rows; [read] single_allele says {self._single}.",
            )


Frequencies = dict[str, dict[str, dict[str, float]]]


def read_frequencies(reading: TableReading) -> tuple[Frequencies, dict[tuple[str, str], int]]:
    """population -> marker -> allele -> frequency, and the first line of each table."""
    found: Frequencies = {}
    lines: dict[tuple[str, str], int] = {}
    for line, row in keyed_rows(reading):
        tables = found.setdefault(row["population"], {})
        lines.setdefault((row["population"], row["marker"]), line)
        tables.setdefault(row["marker"], {})[row["allele"]] = row["frequency"]
    return found, lines


Matrix = dict[tuple[str, str], float]


def read_matrices(reading: TableReading) -> tuple[dict[str, dict[str, Matrix]], dict[tuple[str, str], int]]:
    """marker -> sex -> (from, to) -> probability, and the first line of each matrix."""
    found: dict[str, dict[str, Matrix]] = {}
    lines: dict[tuple[str, str], int] = {}
    for line, row in keyed_rows(reading):
        marker, sex = row["marker"], row["sex"].value
        lines.setdefault((marker, sex), line)
        found.setdefault(marker, {}).setdefault(sex, {})[row["from"], row["to"]] = row["probability"]
    return found, lines


def keyed_rows(reading: TableReading) -> Iterator[tuple[int, dict[str, Any]]]:
    """Rows without a fault, of a table in which many rows are one record."""
    if reading.header is None:
        return
    known = [(place, column, reader_of(column)) for place, column in reading.header.known]
    key = [place for place, column in reading.header.known if column.key]
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in reading:
        row_key = tuple(cells[place] for place in key)
        if row_key in seen:
            _duplicate(reading, line, reading.table.key, row_key, seen[row_key])
            continue
        seen[row_key] = line
        values = _values(reading, line, cells, known)
        if values is not None:
            yield line, values


# --- records as rows -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table ready to be written: its header and its rows of text, "" where nothing is stated."""

    table: Table
    header: tuple[str, ...]
    rows: Iterable[list[str]]
    numbers: frozenset[str]  # columns that hold numbers


def sheets(programme: Programme) -> Iterator[Sheet]:
    """Every table of a programme that has rows, in the order of the schema."""
    for table in BY_NAME.values():
        if table is PROFILES:
            extra: tuple[str, ...] = ()
            rows: Iterable[list[str]] = _profile_rows(programme.profiles) if programme.profiles else ()
        elif table is DENTAL:
            extra, rows = (), list(chart_rows(programme.dental))
        elif table is SNPS:
            extra, rows = (), snp_rows(programme.snp_profiles) if programme.snp_profiles else ()
        elif table is FREQUENCIES:
            extra, rows = (), list(_frequency_rows(programme))
        elif table is MATRICES:
            extra, rows = (), list(_matrix_rows(programme.mutation))
        else:
            records = _records(programme, table)
            extra = tuple(sorted({name for record in records for name in record.extra}))
            rows = (_cells(table, record, extra) for record in records) if records else ()
        if rows:
            numbers = frozenset(c.name for c in table.columns if c.kind in (Kind.NUMBER, Kind.INTEGER))
            if table is SNPS:
                numbers = frozenset({"genotype"})  # -inf is no number to Excel
            yield Sheet(table, (*table.names, *(writable(name, table.file) for name in extra)), rows, numbers)


def _records(programme: Programme, table: Table) -> Sequence[Any]:
    if table is PEDIGREES:
        return [member for pedigree in programme.pedigrees for member in pedigree.members]
    records: Sequence[Any] = getattr(programme, _FIELDS.get(table.name, table.name))
    return records


def _cells(table: Table, record: Any, extra: tuple[str, ...]) -> list[str]:
    values = {
        name: value
        for where, names in table.places.items()
        if (place := getattr(record, where)) is not None
        for name, value in zip(names, (place.lat, place.lon, place.radius_m), strict=True)
    }
    for where, (lat, lon, radius, geometry) in table.grounds.items():
        ground = getattr(record, where)
        if ground is not None and ground.place is not None:
            values |= {lat: ground.place.lat, lon: ground.place.lon, radius: ground.place.radius_m}
        elif ground is not None:
            values[geometry] = ground.wkt
    absent = record.absent if table.name in _HAVE_ABSENT else NOTHING
    cells = []
    for column in table.columns:
        if column.name in absent:
            cells.append(absent[column.name].value)
        elif column.name in values:
            cells.append(_text(values[column.name], table))
        else:
            cells.append(_text(getattr(record, table.fields.get(column.name, column.name), None), table))
    for name in extra:
        cells.append(writable(record.extra.get(name, ""), table.file))
    return cells


def _text(value: Any, table: Table) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return writable(value, table.file) if value else ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return number_text(value)
    if isinstance(value, DateSpan):
        return value.text
    return writable(";".join(value), table.file)


def _profile_rows(profiles: Sequence[Profile]) -> Iterator[list[str]]:
    right: set[str] = set()
    for profile in profiles:
        writable(profile.sample_id, PROFILES.file)
        writable(profile.subject_id, PROFILES.file)
        for marker, (first, second) in profile.calls.items():
            for text in (marker, first, second):
                if text not in right:
                    right.add(writable(text, PROFILES.file))
            yield [profile.sample_id, profile.subject_id, marker, first, second]


def _frequency_rows(programme: Programme) -> Iterator[list[str]]:
    for population, tables in programme.frequencies.items():
        for marker, table in tables.items():
            for allele, frequency in table.items():
                names = [writable(text, FREQUENCIES.file) for text in (population, marker, allele)]
                yield [*names, number_text(frequency)]


def _matrix_rows(models: Sequence[MutationModel]) -> Iterator[list[str]]:
    for model in models:
        for sex, matrix in (("F", model.female), ("M", model.male)):
            for (parent, child), probability in matrix.items():
                names = [writable(text, MATRICES.file) for text in (parent, child)]
                yield [model.marker, sex, *names, number_text(probability)]
