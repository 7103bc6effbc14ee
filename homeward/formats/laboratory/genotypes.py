"""Tables of genotypes: tall, as GeneMapper and GeneMarker export them, and wide, one row a sample.

A tall table has a row for each sample and marker (columns Sample Name, Marker, Allele 1, Allele 2, ...). A
wide table has two columns for each marker ("D3S1358 1" and "D3S1358 2", or the same name twice), or one
column that holds both alleles ("14/15"). Columns stand in any order; those that are not used are noted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from homeward.errors import Fault, Rejected
from homeward.formats.cells import BadCell
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.laboratory.calls import NO_RESULT, Calls, like_marker
from homeward.formats.laboratory.imports import PLAIN, Format, Import, Options, Start, Subject
from homeward.formats.laboratory.rows import Moment, Row, first_rows, table_rows
from homeward.programme import Programme, Sample, SampleKind, Settings, Sex
from homeward.tables import is_known_marker

_HEADER_WITHIN = 50
_LONGEST_CELL = 200  # signs of a heading or of a cell of alleles; what is longer is neither
_SAMPLE = ("samplename", "sampleid", "sample", "specimenid", "specimen", "profileid", "profile", "id", "name")
_FILE = ("samplefile", "samplefilename", "filename", "runname", "file")
_MARKER = ("marker", "markername", "locus", "locusname", "system")
_SUBJECT = ("subjectid", "subject", "memberid", "remainsid", "person", "personid")
_KIND, _SEX, _POPULATION = ("kind", "samplekind"), ("sex", "gender"), ("population", "ethnicity")
_TYPE = ("sampletype", "type")
_CONTROL = re.compile(r".*(ladder|control|blank|kontroll).*", re.IGNORECASE)
_ALLELE = re.compile(r"allele#?(\d{1,2}|[ab])")
_NUMBERED = re.compile(r"(.+?)(?:[\s_.\-#/:(]+|\s*allele\s*#?)(?:allele\s*#?)?([1-9]|[abAB])\)?", re.IGNORECASE)
_NO_MARKER = {"size", "height", "area", "peakarea", "peakheight", "rfu", "date", "comment", "comments", "note", "notes"}
_SEXES = {"M": Sex.MALE, "MALE": Sex.MALE, "F": Sex.FEMALE, "FEMALE": Sex.FEMALE, "U": Sex.UNKNOWN, "": Sex.UNKNOWN}
_SEXES |= {"UNKNOWN": Sex.UNKNOWN, "남": Sex.MALE, "여": Sex.FEMALE}


def _plain(header: str) -> str:
    return re.sub(r"[\s_.\-#]", "", header).casefold()


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    """Where one of the names stands, the earlier names first."""
    plain = [_plain(cell) for cell in header]
    return next((plain.index(name) for name in names if name in plain), None)


# --- tall ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Tall:
    """Places of the columns of a tall table."""

    sample: int
    marker: int
    alleles: tuple[int, ...]
    file: int | None
    subject: int | None
    type: int | None

    @classmethod
    def of(cls, header: Sequence[str]) -> _Tall | None:
        """The places, if this row is the header of a tall table."""
        sample, marker = _place(header, _SAMPLE), _place(header, _MARKER)
        numbered = [(m[1], place) for place, cell in enumerate(header) if (m := _ALLELE.fullmatch(_plain(cell)))]
        file = _place(header, _FILE)
        if sample is None:
            sample = file
        if sample is None or marker is None or not numbered:
            return None
        alleles = tuple(place for _, place in sorted(numbered, key=lambda one: (len(one[0]), one[0])))
        return cls(sample, marker, alleles, file, _place(header, _SUBJECT), _place(header, _TYPE))

    @property
    def used(self) -> set[int]:
        places = {self.sample, self.marker, self.file, self.subject, self.type, *self.alleles}
        return {place for place in places if place is not None}


def is_tall(start: Start) -> bool:
    return any(_Tall.of([cell.strip() for cell in cells]) for cells in first_rows(start)[:_HEADER_WITHIN])


def read_tall(path: Path, options: Options = PLAIN) -> Import:
    """Read a table with a row for each sample and marker.

    A sample of one name that occurs in several sample files is several samples of one subject: each takes the
    name of its file. Rows of ladders and controls are counted and left out.
    """
    return _Reading(path, options, "genemapper").tall()


# --- wide ------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Wide:
    """Places of the columns of a wide table; a marker has one place, or several."""

    sample: int
    places: dict[str, int | None]
    markers: dict[str, list[int]] = field(default_factory=dict)
    unused: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, header: Sequence[str]) -> _Wide | None:
        sample = _place(header, _SAMPLE)
        named = {
            "subject": _place(header, _SUBJECT),
            "kind": _place(header, _KIND),
            "sex": _place(header, _SEX),
            "population": _place(header, _POPULATION),
            "file": _place(header, _FILE),
        }
        if sample is None:
            sample = next((p for p in (named["file"], named["subject"]) if p is not None), None)
        if sample is None:
            return None
        if named["subject"] == sample:
            named["subject"] = None
        found = cls(sample, named)
        found._divide(header, {sample, *(place for place in named.values() if place is not None)})
        return found if found.markers else None

    def _divide(self, header: Sequence[str], taken: set[int]) -> None:
        """Give every other column to a marker, or to none."""
        groups: dict[str, list[int]] = {}
        names: dict[str, str] = {}
        last = ""
        for place, cell in enumerate(header):
            if place in taken:
                last = ""
                continue
            if not cell:  # the second half of a merged heading
                if last:
                    groups[last].append(place)
                else:
                    self.unused.append(place)
                continue
            numbered = _NUMBERED.fullmatch(cell) if len(cell) <= _LONGEST_CELL else None
            whole = _plain(cell)
            base = _plain(numbered[1]) if numbered and not is_known_marker(cell) else whole
            names.setdefault(base, numbered[1].strip() if numbered and base != whole else cell)
            groups.setdefault(base, []).append(place)
            last = base
        for base, places in groups.items():
            if base in _NO_MARKER:
                self.unused += places
            elif len(places) > 1 or is_known_marker(names[base]) or like_marker(names[base]):
                self.markers[names[base]] = places
            else:
                self.unused += places


def is_wide(start: Start) -> bool:
    for cells in first_rows(start)[:_HEADER_WITHIN]:
        wide = _Wide.of([cell.strip() for cell in cells])
        if wide and any(is_known_marker(name) or like_marker(name) for name in wide.markers):
            return True
    return False


def read_wide(path: Path, options: Options = PLAIN) -> Import:
    """Read a table with a row for each sample and one or two columns for each marker."""
    return _Reading(path, options, "wide").wide()


def both_alleles(cell: str) -> list[str]:
    """The alleles of a cell that holds both.

    Raises
    ------
    BadCell
        If a comma may separate alleles or decimals.

    >>> both_alleles("14/15"), both_alleles("6,9.3"), both_alleles("9,3 / 10")
    (['14', '15'], ['6', '9.3'], ['9,3', '10'])
    """
    if isinstance(cell, Moment) or cell.upper() in NO_RESULT or len(cell) > _LONGEST_CELL:
        return [cell]
    spaced = re.sub(r"\s*([,/|;\\-])\s+|\s+([,/|;\\-])\s*", r" \1\2 ", cell)
    parts = [part for part in re.split(r"\s[,/|;\\-]\s|[/|;\\]|(?<=\w)-(?=\w)|\s+", spaced) if part]
    if len(parts) > 1:
        return parts
    if re.fullmatch(r"\d+,[1-4]", cell):
        first, second = cell.split(",")
        raise BadCell(
            f"may be the allele {first}.{second}, or the alleles {first} and {second}",
            f"Write {first}.{second}, or {first}/{second}.",
        )
    return [part for part in cell.split(",") if part] or [cell]


# --- both ------------------------------------------------------------------------------------

Places = TypeVar("Places")


class _Reading:
    def __init__(self, path: Path, options: Options, format: str) -> None:
        self.path, self.options, self.format = path, options, format
        self.findings = Findings()
        self.calls = Calls(path.name, self.findings, options)
        self.samples: dict[str, Sample] = {}
        self.subjects: dict[str, Subject] = {}

    def tall(self) -> Import:
        header, places, rows = self._table(_Tall.of)
        self._note_unused(header, [place for place in range(len(header)) if place not in places.used])
        rows = self._without_controls(rows, places)
        several = self._in_several_files(rows, places)
        try:
            for line, cells in rows:
                self._tall_row(line, cells, header, places, several)
        except GivenUp:
            self.findings.given_up(self.path.name)
        return self._import()

    def _tall_row(self, line: int, cells: list[str], header: list[str], places: _Tall, several: set[str]) -> None:
        name, marker = cells[places.sample], cells[places.marker]
        if not name or not marker:
            column = header[places.sample if not name else places.marker]
            self._fault(line, column, "", "is empty.", "Fill it in, or delete the row.")
            return
        subject = cells[places.subject] if places.subject is not None and cells[places.subject] else name
        sample = cells[places.file] if places.file is not None and name in several else name
        if self.calls.subject_of(sample) not in (None, subject):
            told = f"is not the subject {self.calls.subject_of(sample)} that an earlier row states for {sample}."
            self._fault(line, header[places.subject or 0], subject, told, "A sample is of one subject.")
            return
        self.calls.sample(sample, subject)
        texts = [cells[place] for place in places.alleles]
        self.calls.add(line, header[places.alleles[0]], sample, marker, texts)

    def _without_controls(self, rows: list[Row], places: _Tall) -> list[Row]:
        """Rows of people; ladders and controls are of none."""
        counted: Counter[str] = Counter()
        kept = []
        for line, cells in rows:
            what = cells[places.type] if places.type is not None else ""
            if _CONTROL.fullmatch(what) or re.fullmatch(r"(allelic )?ladder.*", cells[places.sample], re.IGNORECASE):
                counted[what or cells[places.sample]] += 1
            else:
                kept.append((line, cells))
        for what, count in counted.items():
            self._note("", what, f"marks {count:,} rows that are of no person; they were not read.")
        return kept

    def _in_several_files(self, rows: list[Row], places: _Tall) -> set[str]:
        """Samples of which one marker stands in several sample files: they were run more than once."""
        if places.file is None or places.file == places.sample:
            return set()
        first: dict[tuple[str, str], str] = {}
        several = {
            cells[places.sample]
            for _, cells in rows
            if cells[places.file]
            and first.setdefault((cells[places.sample], cells[places.marker]), cells[places.file]) != cells[places.file]
        }
        if several:
            told = f"{len(several):,} samples were run more than once; each run is a sample named for its sample file."
            self._note("", "", told)
        return several

    def wide(self) -> Import:
        header, places, rows = self._table(_Wide.of)
        self._note_unused(header, places.unused)
        seen: dict[str, int] = {}
        try:
            for line, cells in rows:
                sample = cells[places.sample]
                if not sample:
                    self._fault(line, header[places.sample], "", "is empty.", "Name the sample, or delete the row.")
                elif sample in seen:
                    told = f"stands already in line {seen[sample]:,}."
                    self._fault(line, header[places.sample], sample, told, "Give each sample a name of its own.")
                else:
                    seen[sample] = line
                    self._wide_row(line, cells, header, places)
        except GivenUp:
            self.findings.given_up(self.path.name)
        return self._import()

    def _wide_row(self, line: int, cells: list[str], header: list[str], places: _Wide) -> None:
        def cell(name: str) -> str:
            place = places.places[name]
            return cells[place] if place is not None else ""

        sample = cells[places.sample]
        subject = cell("subject") or sample
        self.calls.sample(sample, subject)
        for name, where in places.markers.items():
            try:
                texts = [cells[place] for place in where] if len(where) > 1 else both_alleles(cells[where[0]])
                self.calls.add(line, header[where[0]], sample, name, texts)
            except BadCell as bad:
                self._fault(line, header[where[0]], cells[where[0]], f"{bad.reason}.", bad.remedy)
        self._about(line, sample, subject, cell("kind"), cell("sex"), cell("population"))

    def _about(self, line: int, sample: str, subject: str, kind: str, sex: str, population: str) -> None:
        if kind:
            try:
                self.samples[sample] = Sample(sample_id=sample, subject_id=subject, kind=SampleKind(kind.lower()))
            except ValueError:
                known = ", ".join(one.value for one in SampleKind)
                self._fault(line, "kind", kind, "is not a kind of sample.", f"Write one of: {known}.")
        if sex.upper() not in _SEXES:
            self._fault(line, "sex", sex, "is no sex known here.", "Write M, F or U.")
        told = Subject(sex=_SEXES.get(sex.upper(), Sex.UNKNOWN), population=population)
        before = self.subjects.setdefault(subject, told)
        if before != told:
            self._fault(line, "", subject, "has another sex or population in an earlier row.", "Correct one of them.")

    def _table(self, of: Callable[[Sequence[str]], Places | None]) -> tuple[list[str], Places, list[Row]]:
        """The header, what its columns are, and the rows below it, each as long as the header.

        Raises
        ------
        Rejected
            If no row is the header of such a table.
        """
        rows = table_rows(self.path, self.options, self.findings)
        for index, (_, header) in enumerate(rows[:_HEADER_WITHIN]):
            places = of(header)
            if places is not None:
                return header, places, list(self._fitted(rows[index + 1 :], header))
        reason = "has no row that names the columns of such a table."
        remedy = "A tall table has Sample Name, Marker and Allele 1; a wide one Sample Name and two columns a marker."
        raise Rejected([*self.findings.rejected, Fault(self.path.name, None, "", "", reason, remedy)])

    def _fitted(self, rows: Iterable[Row], header: Sequence[str]) -> Iterator[Row]:
        width = len(header)
        for line, cells in rows:
            if not any(cells):
                continue
            if any(cells[width:]):
                told = f"has {len(cells):,} cells where the header has {width:,}."
                self._fault(line, "", "", told, "Put cells that hold the separator in quotation marks.")
            else:
                yield line, cells[:width] + [""] * (width - len(cells))

    def _note_unused(self, header: Sequence[str], places: Iterable[int]) -> None:
        names = [header[place] for place in places if header[place]]
        if names:
            shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
            self._note("", shown, "are columns that hold no genotype; they were not read.")

    def _fault(self, line: int, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.path.name, line, column, value, reason, remedy, reading=True)

    def _note(self, column: str, value: str, reason: str) -> None:
        self.findings.note(self.path.name, None, column, value, reason)

    def _import(self) -> Import:
        self.calls.note_counts()
        self.calls.note_without_calls()
        programme = Programme(
            settings=Settings(name=self.path.stem, single_allele=self.options.single_allele),
            markers=self.calls.markers(),
            samples=tuple(self.samples.values()),
            profiles=self.calls.profiles(),
            haplotypes=self.calls.haplotypes(),
        )
        return Import(
            format=self.format,
            version="",
            programme=programme,
            rejected=self.findings.rejected,
            notes=self.findings.notes,
            subjects=self.subjects,
        )


TALL = Format(name="genemapper", title="GeneMapper or GeneMarker table", is_one=is_tall, read=read_tall)
WIDE = Format(name="wide", title="table with a row for each sample (CSV, Excel)", is_one=is_wide, read=read_wide)
