"""LINKAGE pedigree files (.ped) before and after makeped, PLINK .ped with .map, MERLIN .ped with .dat.

A row is a person: family, person, father, mother, sex (1 or M, 2 or F), further columns, and two alleles for
each marker; 0 is unknown. After makeped a row also names the first child and the next siblings of father and
mother, and ends with "Ped: ... Per: ...". The file beside it names the columns: a .map (PLINK, a row a marker) or
a .dat (MERLIN: M marker, A affection, T trait, C covariate, S skipped, Z twins; LINKAGE: a table of loci). Without
it a PLINK-like file has one phenotype column and markers are called by their number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path

from homeward.errors import Fault, Rejected
from homeward.formats.cells import BadCell, number
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.laboratory.calls import Calls
from homeward.formats.laboratory.imports import BEGINNING, PLAIN, Format, Import, Options, Start, read_text
from homeward.programme import (
    NOT_OBSERVED,
    NOTHING,
    Marker,
    Member,
    Pedigree,
    Programme,
    Sample,
    SampleKind,
    Settings,
    Sex,
    pedigree_faults,
)
from homeward.tables import AMELOGENIN, canonical_marker

_SEXES = {"1": Sex.MALE, "M": Sex.MALE, "2": Sex.FEMALE, "F": Sex.FEMALE}
_SEXES |= dict.fromkeys(("0", "U", "3", "-9", "."), Sex.UNKNOWN)
_UNKNOWN = ("0", "x", "X", ".", "-")
_TRAITS = {"A": 1, "T": 1, "C": 1, "Z": 1, "S": 1, "S2": 2, "M": 2}
_CHROMOSOMES = {"23": "X", "X": "X", "24": "Y", "Y": "Y", "26": "M", "MT": "M", "M": "M"}
_ENDS = re.compile(r"\sPed:\s.*", re.IGNORECASE)  # what makeped adds at the end: the names before renumbering
_NO_PARENT = ("0", ".", "x")


def is_ped(start: Start) -> bool:
    """Whether the first rows are people: nobody's own parent, each once, a sex in the fifth or eighth place."""
    lines = start.lines[:-1] if len(start.data) == BEGINNING and len(start.lines) > 1 else start.lines
    rows = [line for line in lines if line.strip() and not line.startswith("#")][:200]
    if not rows or any('"' in row or "," in row for row in rows[:5]):
        return False
    cells = [row.split() for row in rows]
    people = {(row[0], row[1]) for row in cells if len(row) > 1}
    return len(people) == len(cells) and any(
        all(len(row) > max(at, 4) and row[at] in _SEXES and row[1] not in row[2:4] for row in cells) for at in (4, 7)
    )


def read_ped(path: Path, options: Options = PLAIN) -> Import:
    """Read a pedigree file; ``options.beside`` is its .map or .dat, else one that lies beside it is used."""
    return _Reading(path, options).read()


@dataclass(slots=True)
class _Columns:
    """What stands after the sex: kinds of MERLIN's .dat with names, one entry a column or pair."""

    kinds: list[tuple[str, str]] = field(default_factory=list)
    chromosomes: dict[str, str] = field(default_factory=dict)
    alleles: dict[str, list[float]] = field(default_factory=dict)  # LINKAGE .dat: frequencies of allele 1, 2, ...

    @property
    def width(self) -> int:
        return sum(_TRAITS[kind] for kind, _ in self.kinds)

    @property
    def markers(self) -> list[str]:
        return [name for kind, name in self.kinds if kind == "M"]


class _Reading:
    def __init__(self, path: Path, options: Options) -> None:
        self.path, self.options = path, options
        self.findings = Findings()
        self.calls = Calls(path.name, self.findings, options)
        self.families: dict[str, list[Member]] = {}
        self.lines: dict[str, int] = {}
        self.identical: dict[tuple[str, str], list[str]] = {}

    def read(self) -> Import:
        text = read_text(self.path, self.findings, self.options.encoding)
        rows = [
            (line, _split(row)) for line, row in enumerate(text.split("\n"), 1) if row.strip() and row.strip()[0] != "#"
        ]
        if not rows:
            raise Rejected([Fault(self.path.name, None, "", "", "holds no row.", "Check that this is the file.")])
        columns = self._columns()
        after = self._is_after_makeped([cells for _, cells in rows])
        first = 8 if after else 5
        columns = columns or self._unnamed(len(rows[0][1]) - first - after)
        if after:
            self.note("", "was written by makeped: pointers to children and siblings are not needed and not kept.")
        persons = [cells[1] for _, cells in rows if len(cells) > 1]
        self.ambiguous = len(set(persons)) < len(persons)
        if self.ambiguous:
            self.note("person", "occur in several families; people are called family:person.")
        try:
            for line, cells in rows:
                self._row(line, cells, first, after, columns)
        except GivenUp:
            self.findings.given_up(self.path.name)
        return self._import(columns)

    def fault(self, line: int | None, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.path.name, line, column, value, reason, remedy, reading=True)

    def note(self, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.path.name, None, "", value, reason, remedy)

    # --- columns ---

    def _is_after_makeped(self, rows: Sequence[Sequence[str]]) -> bool:
        """After makeped the fifth to seventh columns point to people, the eighth is a sex, and the ninth a probe."""
        people = {(row[0], row[1]) for row in rows if len(row) > 1}
        return all(
            len(row) >= 9
            and row[7] in ("1", "2")
            and all(other == "0" or (row[0], other) in people for other in row[4:7])
            and re.fullmatch(r"\d+", row[8])
            for row in rows
        ) and any(row[4] != "0" and (row[0], row[4]) in people for row in rows)

    def _columns(self) -> _Columns | None:
        """Names of the columns from the file beside; None without one."""
        beside = self.options.beside or next(
            (
                other
                for ending in (".map", ".dat")
                if (other := self.path.with_suffix(ending)).is_file() and other != self.path
            ),
            None,
        )
        if beside is None:
            return None
        rows = [
            (line, row.split())
            for line, row in enumerate(read_text(beside, self.findings).split("\n"), 1)
            if row.strip() and row.strip()[0] != "#"
        ]
        self.note(beside.name, "names the markers.")
        if rows and len(rows[0][1]) == 2 and rows[0][1][0].upper() in _TRAITS:
            return self._merlin(beside.name, rows)
        if rows and all(cell.isdigit() for cell in rows[0][1][:4]) and len(rows[0][1]) >= 4 and "<<" in rows[0][1]:
            return self._linkage_dat(beside.name, rows)
        return self._plink(beside.name, rows)

    def _merlin(self, file: str, rows: Sequence[tuple[int, list[str]]]) -> _Columns:
        columns = _Columns()
        for line, cells in rows:
            if cells[0].upper() == "E":
                break
            if len(cells) != 2 or cells[0].upper() not in _TRAITS:
                told = "is no column that a .dat of MERLIN names."
                self.findings.fault(file, line, "", " ".join(cells), told, "Write a letter (M, A, T, C, S) and a name.")
                continue
            columns.kinds.append((cells[0].upper(), cells[1]))
        return columns

    def _plink(self, file: str, rows: Sequence[tuple[int, list[str]]]) -> _Columns:
        columns = _Columns([("A", "phenotype")])
        for line, cells in rows:
            if line == rows[0][0] and cells[0].upper() in ("CHROMOSOME", "CHR"):
                continue
            if len(cells) not in (3, 4):
                told = "is no row of a .map: chromosome, marker, position."
                self.findings.fault(file, line, "", " ".join(cells), told, "Write three or four columns.")
                continue
            columns.kinds.append(("M", cells[1]))
            columns.chromosomes[cells[1]] = _CHROMOSOMES.get(cells[0].upper(), "A")
        return columns

    def _linkage_dat(self, file: str, rows: Sequence[tuple[int, list[str]]]) -> _Columns:
        """A table of loci: after three lines, for each its type, number of alleles and name, then frequencies."""
        columns, on_x = _Columns(), rows[0][1][2] == "1"
        count = int(rows[0][1][0])
        at = 3
        for place in range(1, count + 1):
            if at + 1 >= len(rows):
                told = f"says that there are {count} loci, and ends after {place - 1}."
                self.findings.fault(file, rows[-1][0], "", "", told, "Give the whole file.")
                break
            line, cells = rows[at]
            name = " ".join(cells[2:]).partition("#")[2].strip() or f"M{place}"
            kind = cells[0]
            if kind == "1":  # affection: frequencies, liability classes, and a line of penetrances for each
                classes = int(rows[at + 2][1][0]) if at + 2 < len(rows) and rows[at + 2][1][0].isdigit() else 1
                columns.kinds.append(("A" if classes == 1 else "S2", name))
                at += 3 + classes * (2 if on_x else 1)
            elif kind == "3":
                columns.kinds.append(("M", name))
                columns.chromosomes[name] = "X" if on_x else "A"
                columns.alleles[name] = self._allele_frequencies(file, *rows[at + 1])
                at += 2
            else:
                told = "is a locus of a type that is not read; affection (1) and numbered alleles (3) are."
                self.findings.fault(file, line, "", " ".join(cells), told, "Give a .map or a .dat of MERLIN.")
                break
        return columns

    def _allele_frequencies(self, file: str, line: int, cells: Sequence[str]) -> list[float]:
        words = list(takewhile(lambda cell: not cell.startswith(("#", "<")), cells))
        try:
            values = [number(word, low=0, high=1) for word in words]
        except BadCell as bad:
            self.findings.fault(file, line, "frequency", " ".join(words), f"{bad.reason}.", bad.remedy)
            return []
        return values

    def _unnamed(self, width: int) -> _Columns:
        """Markers by number, behind one column of affection where the number of columns is odd."""
        columns = _Columns([("A", "affection")] if width % 2 else [])
        columns.kinds += [("M", f"M{number}") for number in range(1, width // 2 + 1)]
        if width // 2:
            told = "markers are called by their number, for no file beside names them."
            self.note(f"M1 to M{width // 2}", told, "Give the .map or .dat with --beside.")
        return columns

    # --- rows ---

    def _row(self, line: int, cells: list[str], first: int, after: bool, columns: _Columns) -> None:
        wide = first + after + columns.width
        beyond = [cell for text in cells[5:] for cell in text.replace("/", " ").split()]
        cells = [*cells[:5], *beyond]
        if len(cells) != wide:
            told = f"has {len(cells)} columns where there should be {wide}."
            self.fault(line, "", " ".join(cells[:6]), told, "Check the row, and the file that names the columns.")
            return
        family, person, father, mother = cells[:4]
        sex = cells[first - 1]
        member_id = self._name(family, person)
        if member_id in self.lines:
            told = f"stands already in line {self.lines[member_id]:,}."
            self.fault(line, "person", person, told, "Keep one of the rows.")
            return
        if sex.upper() not in _SEXES:
            self.fault(line, "sex", sex, "is no sex.", "Write 1 or M for a man, 2 or F for a woman, 0 if unknown.")
            return
        self.lines[member_id] = line
        member = Member(
            family_id=family,
            member_id=member_id,
            father_id="" if father in _NO_PARENT else self._name(family, father),
            mother_id="" if mother in _NO_PARENT else self._name(family, mother),
            sex=_SEXES[sex.upper()],
        )
        self.families.setdefault(family, []).append(member)
        self.calls.sample(member_id, member_id)
        self._values(line, member, cells[first + after :], columns)

    def _name(self, family: str, person: str) -> str:
        return f"{family}:{person}" if self.ambiguous else person

    def _values(self, line: int, member: Member, cells: Sequence[str], columns: _Columns) -> None:
        at = 0
        for kind, name in columns.kinds:
            texts = cells[at : at + _TRAITS[kind]]
            at += _TRAITS[kind]
            if kind == "M":
                marker = canonical_marker(name)
                self.calls.add(line, name, member.member_id, name, _alleles(texts, marker))
            elif kind == "Z" and texts[0].upper() not in _UNKNOWN:
                self._twin(line, member, texts[0])

    def _twin(self, line: int, member: Member, code: str) -> None:
        """Identical twins share an odd code; an even one is of fraternal twins, who are sibs."""
        if code.upper() == "MZ" or (code.isdigit() and int(code) % 2):
            self.identical.setdefault((member.family_id, code), []).append(member.member_id)
        elif code.upper() != "DZ" and not code.isdigit():
            self.fault(line, "zygosity", code, "is no code of twins.", "Write an odd number for identical twins.")

    # --- result ---

    def _import(self, columns: _Columns) -> Import:
        self.calls.note_counts()
        others = [name for kind, name in columns.kinds if kind not in ("M", "Z")]
        if others:
            shown = ", ".join(others[:8]) + (f" and {len(others) - 8} more" if len(others) > 8 else "")
            self.note(shown, "are no markers; these columns were not read.")
        pedigrees = self._pedigrees()
        kept = {member.member_id for pedigree in pedigrees for member in pedigree.members}
        profiles = tuple(one for one in self.calls.profiles() if one.subject_id in kept)
        haplotypes = tuple(one for one in self.calls.haplotypes() if one.subject_id in kept)
        samples = dict.fromkeys([one.sample_id for one in profiles] + [one.sample_id for one in haplotypes])
        programme = Programme(
            settings=Settings(name=self.path.stem, population=self._population(columns)),
            pedigrees=pedigrees,
            markers=self._markers(columns),
            samples=tuple(Sample(sample_id=one, subject_id=one, kind=SampleKind.REFERENCE) for one in samples),
            profiles=profiles,
            frequencies=self._frequencies(columns),
            haplotypes=haplotypes,
        )
        return Import(
            format="ped",
            version="",
            programme=programme,
            rejected=self.findings.rejected,
            notes=self.findings.notes,
        )

    def _pedigrees(self) -> tuple[Pedigree, ...]:
        twin_of = {other: group[0] for group in self.identical.values() for other in group[1:]}
        found = []
        for family, members in self.families.items():
            everyone = [*members, *self._without_row(family, members)]
            everyone = [replace(one, twin_of=twin_of.get(one.member_id, "")) for one in everyone]
            faults = pedigree_faults(everyone)
            for fault in faults:
                told = f"of {fault.member_id} {fault.reason}; family {family} was not read."
                self.fault(self.lines.get(fault.member_id), fault.column, fault.value, told, "Correct the row.")
            if not faults:
                found.append(Pedigree(family_id=family, members=tuple(everyone)))
        return tuple(found)

    def _without_row(self, family: str, members: Sequence[Member]) -> list[Member]:
        """Parents whom no row describes: founders of whom nothing is known."""
        known = {member.member_id for member in members}
        added: dict[str, Sex] = {}
        for member in members:
            for parent, sex in ((member.father_id, Sex.MALE), (member.mother_id, Sex.FEMALE)):
                if parent and parent not in known:
                    added.setdefault(parent, sex)
        elsewhere = [parent for parent in added if parent in self.lines]
        for parent in elsewhere:
            told = f"is a parent in family {family} and stands in another family."
            self.fault(self.lines[parent], "family", parent, told, "Relatives are one family.")
            del added[parent]
        if added:
            self.note(", ".join(added), f"are parents in family {family} without a row; taken for untyped founders.")
        return [Member(family_id=family, member_id=one, sex=sex) for one, sex in added.items()]

    def _markers(self, columns: _Columns) -> tuple[Marker, ...]:
        told = {canonical_marker(name): kind for name, kind in columns.chromosomes.items() if kind != "A"}
        told |= {one.marker: one.chromosome for one in self.calls.markers()}
        return tuple(Marker(marker=marker, chromosome=kind) for marker, kind in told.items())

    def _population(self, columns: _Columns) -> str:
        return (self.options.population or self.path.stem) if any(columns.alleles.values()) else ""

    def _frequencies(self, columns: _Columns) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        """Frequencies of a LINKAGE .dat, whose alleles are numbered from 1."""
        tables = {
            canonical_marker(name): {str(place): value for place, value in enumerate(values, 1) if value > 0}
            for name, values in columns.alleles.items()
            if any(value > 0 for value in values)
        }
        for name, values in columns.alleles.items():
            if values and canonical_marker(name) not in tables:
                told = "has no allele with a frequency above 0; its table was not read."
                self.fault(None, "frequency", name, told, "State the frequencies.")
        return {self._population(columns): tables} if tables else NOTHING


def _alleles(texts: Sequence[str], marker: str) -> list[str]:
    """Two alleles as calls know them: both unknown is untyped, one unknown was not observed."""
    unknown = [text in _UNKNOWN and not (marker == AMELOGENIN and text.upper() == "X") for text in texts]
    if all(unknown):
        return ["", ""]
    return [NOT_OBSERVED if missing else text for text, missing in zip(texts, unknown, strict=True)]


FORMAT = Format(name="ped", title="LINKAGE, PLINK or MERLIN pedigree file (.ped)", is_one=is_ped, read=read_ped)


def _split(row: str) -> list[str]:
    return _ENDS.sub("", row).split()
