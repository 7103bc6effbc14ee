"""What is wrong with lineage.csv and lineage_frequencies.csv: every haplotype is read, each faulty part told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from homeward.genetics.lineage import differences, ystr
from homeward.genetics.lineage.mitotype import Mitotype, read_mitotype
from homeward.genetics.lineage.reading import NotAHaplotype
from homeward.genetics.lineage.ystr import YHaplotype, read_yhaplotype
from homeward.programme import Haplotype, HaplotypeCount, LineageKind, SampleKind, Sex

if TYPE_CHECKING:
    from homeward.formats.checks import Draft
    from homeward.formats.faults import Findings

_TABLE, _COUNTS = "lineage", "lineage_frequencies"
_SHOWN = 6  # differences listed within one sentence


class LineageChecks:
    """Goes through both files; ``draft`` and ``findings`` are those of the whole folder."""

    def __init__(self, draft: Draft, findings: Findings) -> None:
        self.draft, self.findings = draft, findings
        self.samples = {sample.sample_id: sample for _, sample in draft.of("samples")}
        self.members = {member.member_id: member for _, member in draft.of("pedigrees")}
        self.remains = {remains.remains_id: remains for _, remains in draft.of("remains")}

    def all(self) -> None:
        read: dict[tuple[str, LineageKind], list[tuple[int, Haplotype, Mitotype | YHaplotype]]] = defaultdict(list)
        for line, row in self.draft.of(_TABLE):
            self._subject(line, row)
            haplotype = self._haplotype(_TABLE, line, row)
            if haplotype is not None and not self._is_elimination(row):
                read[row.subject_id, row.kind].append((line, row, haplotype))
        for (subject, _), rows in read.items():
            self._conflicts(subject, rows)
        self._counts()

    def _fault(self, table: str, line: int, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.draft.files[table], line, column, value, reason, remedy)

    def _note(self, table: str, line: int, column: str, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.draft.files[table], line, column, value, reason, remedy)

    # --- haplotypes ---

    def _haplotype(self, table: str, line: int, row: Haplotype | HaplotypeCount) -> Mitotype | YHaplotype | None:
        """The haplotype of a row; None, with every wrong part told, if it cannot be read."""
        try:
            of = haplotype_of(row)
        except NotAHaplotype as refused:
            for fault in refused.faults:
                self._fault(table, line, fault.column, fault.value, fault.reason, fault.remedy)
            return None
        for remark in of.remarks:
            self._note(table, line, "haplotype", "", f"{remark}.")
        if isinstance(of, YHaplotype) and not of.alleles:
            self._fault(table, line, "haplotype", row.haplotype, "has no locus left.", "Delete the row.")
            return None
        return of

    def _is_elimination(self, row: Haplotype) -> bool:
        sample = self.samples.get(row.sample_id)
        return sample is not None and sample.kind is SampleKind.ELIMINATION

    def _subject(self, line: int, row: Haplotype) -> None:
        stated = self.samples.get(row.sample_id)
        profile = self.draft.profiles.get(row.sample_id)
        for file, subject in (("samples", stated and stated.subject_id), ("profiles", profile and profile.subject_id)):
            if subject and subject != row.subject_id:
                reason = f"is not the subject {subject} that {file} states for sample {row.sample_id}."
                self._fault(_TABLE, line, "subject_id", row.subject_id, reason, "A sample is of one subject.")
                return
        known = any(self.draft.knows(table, row.subject_id) for table in ("pedigrees", "remains"))
        if not known and stated is None and not self.draft.knows("samples", row.sample_id):
            self._fault(
                _TABLE,
                line,
                "subject_id",
                row.subject_id,
                "is neither a member of a family nor remains.",
                "Add the subject; a haplotype of staff needs a row in samples with kind elimination.",
            )
        if row.kind is LineageKind.Y and self._sex(row.subject_id) is Sex.FEMALE:
            reason = f"is a Y haplotype, and {row.subject_id} is stated to be female."
            self._fault(_TABLE, line, "kind", row.kind, reason, "Find out which is right.")

    def _sex(self, subject: str) -> Sex:
        of = self.members.get(subject) or self.remains.get(subject)
        return of.sex if of else Sex.UNKNOWN

    def _conflicts(self, subject: str, rows: list[tuple[int, Haplotype, Mitotype | YHaplotype]]) -> None:
        """Two readings of one subject that are not one haplotype: kept, and told."""
        for (first, earlier, one), (line, row, other) in combinations(rows, 2):
            apart = list(_differing(one, other))
            if apart:
                self._note(
                    _TABLE,
                    line,
                    "haplotype",
                    "; ".join(apart[:_SHOWN]),
                    f"differs between samples {earlier.sample_id} (line {first:,}) and {row.sample_id}, both of "
                    f"{subject}. Both are used.",
                    "Find out whether one is wrong; where none is, a typing error or heteroplasmy has to explain it.",
                )

    # --- counts ---

    def _counts(self) -> None:
        first: dict[Hashable, int] = {}
        wholes: dict[Hashable, list[tuple[int, HaplotypeCount]]] = defaultdict(list)
        populations = self._populations()
        for line, row in self.draft.of(_COUNTS):
            of = self._haplotype(_COUNTS, line, row)
            if of is None:
                continue
            before = first.setdefault((row.kind, row.population, of.key), line)
            if before != line:
                reason = f"is the haplotype of line {before:,}, written otherwise."
                self._fault(_COUNTS, line, "haplotype", row.haplotype, reason, "Keep one of the rows.")
            where = of.ranges if isinstance(of, Mitotype) else tuple(sorted(of.alleles))
            wholes[row.kind, row.population, where, row.database_size].append((line, row))
            if populations and row.population not in populations:
                self._note(_COUNTS, line, "population", row.population, "is the population of no family.")
        for rows in wholes.values():
            self._sum(rows)

    def _sum(self, rows: list[tuple[int, HaplotypeCount]]) -> None:
        whole = sum(row.count for _, row in rows)
        line, last = rows[-1]
        if whole > last.database_size:
            reason = f"people are counted in population {last.population}, more than its database_size of "
            self._fault(
                _COUNTS,
                line,
                "count",
                f"{whole:,}",
                f"{reason}{last.database_size:,}.",
                "Correct the counts or the size.",
            )

    def _populations(self) -> set[str]:
        settings = self.draft.settings
        stated = {record.population for table in ("missing", "pedigrees") for _, record in self.draft.of(table)}
        stated |= {population for population, _ in self.draft.frequency_lines}
        return (stated | ({settings.population} if settings else set())) - {""}


def haplotype_of(row: Haplotype | HaplotypeCount) -> Mitotype | YHaplotype:
    """The haplotype that a row states.

    Raises
    ------
    NotAHaplotype
        With every part of it that is wrong.
    """
    if row.kind is LineageKind.Y:
        return read_yhaplotype(row.haplotype)
    return read_mitotype(row.haplotype, row.range)


def _differing(one: Mitotype | YHaplotype, other: Mitotype | YHaplotype) -> Iterator[str]:
    found: Iterable[object] = ()
    if isinstance(one, Mitotype) and isinstance(other, Mitotype):
        found = differences.compare(one, other).differences
    elif isinstance(one, YHaplotype) and isinstance(other, YHaplotype):
        found = ystr.compare(one, other).differences
    return map(str, found)
