"""snps.csv, of which a laboratory has millions of rows: columns to arrays, arrays to rows, and what is wrong with both.

Rows are taken in batches and looked at column by column. Only a cell that is not as it should be is looked at alone,
so that its fault can say what to do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from homeward.errors import UnequalCalls
from homeward.formats.cells import BadCell, number, reader_of, writable
from homeward.formats.schema import SNPS
from homeward.genetics.snp.observation import from_genotypes, hard, softened
from homeward.genetics.snp.panel import Panel
from homeward.programme import Sample, SampleKind, SnpMarker, SnpProfile

if TYPE_CHECKING:
    from homeward.formats.checks import Draft
    from homeward.formats.faults import Findings
    from homeward.formats.records import TableReading

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_GENOTYPES = {"0": 0, "1": 1, "2": 2, "": -1}
_STATED = "loglik_0", "loglik_1", "loglik_2"
_NUMBER_SIGNS = str.maketrans("", "", "0123456789+-.eE")
_SHOWN = 3  # SNPs named within one sentence


@dataclass(frozen=True, eq=False, slots=True)
class SnpReading:
    """One sample's SNPs, and the line of the first."""

    profile: SnpProfile
    line: int

    @property
    def sample_id(self) -> str:
        return self.profile.sample_id

    @property
    def subject_id(self) -> str:
        return self.profile.subject_id


class _Names(dict[str, int]):
    """Texts as numbers, in the order in which they come."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __missing__(self, text: str) -> int:
        self[text] = len(self.texts)
        self.texts.append(text)
        return self[text]

    def codes(self, column: Sequence[str]) -> Integers:
        return np.fromiter(map(self.__getitem__, column), np.int64, len(column))


@dataclass(eq=False, slots=True)
class _Batch:
    """Rows under way: their lines, cells by column, and which have no fault so far."""

    lines: Integers
    columns: Mapping[str, Sequence[str]]
    right: Flags


def read_snps(reading: TableReading, known: Callable[[str, str], bool]) -> dict[str, SnpReading]:
    """Profiles by sample_id, SNPs in the order of the rows.

    Parameters
    ----------
    reading : of snps.csv, or of the sheet
    known : whether a sample and its subject stand anywhere else; a sample of nobody is told once and not kept
    """
    if reading.header is None:
        return {}
    places = {column.name: place for place, column in reading.header.known}
    if "genotype" not in places and not all(name in places for name in _STATED):
        reading.findings.cut_short.add(reading.file)
        reading.fault(
            1,
            "genotype",
            "",
            "is missing from the header, as is one of loglik_0, loglik_1, loglik_2.",
            "Add a column genotype, or the three log likelihoods.",
        )
        return {}
    return _Reader(reading, known).read(places)


class _Reader:
    def __init__(self, reading: TableReading, known: Callable[[str, str], bool]) -> None:
        self._reading, self._known = reading, known
        self._names = {name: _Names() for name in ("sample_id", "subject_id", "snp")}
        self._wrong: dict[str, dict[int, BadCell]] = {name: {} for name in self._names}
        self._checked = dict.fromkeys(self._names, 0)
        self._subject_of: dict[int, tuple[int, int]] = {}  # sample -> subject and first line
        self._of_nobody: set[int] = set()

    def read(self, places: Mapping[str, int]) -> dict[str, SnpReading]:
        parts = []
        for block in self._reading.blocks():
            rows = len(block.columns[0])
            empty = ("",) * rows
            by_name = {name: block.columns[places[name]] if name in places else empty for name in SNPS.names}
            lines = np.arange(block.line, block.line + rows, dtype=np.int64)
            parts.append(self._part(_Batch(lines, by_name, np.ones(rows, dtype=bool))))
        if not parts:
            return {}
        samples, snps, lines = (np.concatenate([part[column] for part in parts]) for column in range(3))
        values = np.concatenate([part[3] for part in parts])
        kept = self._once(samples, snps, lines)
        return dict(self._profiles(samples[kept], snps[kept], lines[kept], values[kept]))

    def _part(self, batch: _Batch) -> tuple[Integers, Integers, Integers, Floats]:
        """Samples, SNPs, lines and log likelihoods of the rows without a fault."""
        samples, subjects, snps = (self._coded(batch, name) for name in self._names)
        self._one_subject(batch, samples, subjects)
        values = self._values(batch)
        return samples[batch.right], snps[batch.right], batch.lines[batch.right], values[batch.right]

    # --- names ---

    def _coded(self, batch: _Batch, name: str) -> Integers:
        """A column of names as numbers; each new name is looked at once."""
        names, wrong = self._names[name], self._wrong[name]
        codes = names.codes(batch.columns[name])
        check = reader_of(SNPS.column(name))
        for code in range(self._checked[name], len(names.texts)):
            text = names.texts[code]
            try:
                if not text:
                    raise BadCell("is empty", "Fill it in, or delete the row.")
                check(text)
            except BadCell as bad:
                wrong[code] = bad
        self._checked[name] = len(names.texts)
        if wrong:
            for row in _at(np.isin(codes, list(wrong))):
                told = wrong[int(codes[row])]
                self._fault(batch, row, name, names.texts[codes[row]], f"{told.reason}.", told.remedy)
        return codes

    def _fault(self, batch: _Batch, row: int, column: str, value: str, reason: str, remedy: str) -> None:
        batch.right[row] = False
        self._reading.fault(int(batch.lines[row]), column, value, reason, remedy)

    def _one_subject(self, batch: _Batch, samples: Integers, subjects: Integers) -> None:
        """A sample is of one subject, who stands somewhere else."""
        right = np.flatnonzero(batch.right)
        found, first = np.unique(samples[right], return_index=True)
        for sample, row in zip(found.tolist(), right[first].tolist(), strict=True):
            if sample not in self._subject_of:
                self._new_sample(batch, row, sample, int(subjects[row]))
        if self._of_nobody:
            batch.right &= ~np.isin(samples, list(self._of_nobody))
        stated = np.full(len(self._names["sample_id"].texts), -1)
        for sample, (subject, _) in self._subject_of.items():
            stated[sample] = subject
        for row in _at(batch.right & (stated[samples] != subjects)):
            subject, line = self._subject_of[int(samples[row])]
            self._fault(
                batch,
                row,
                "subject_id",
                batch.columns["subject_id"][row],
                f"is not the subject {self._names['subject_id'].texts[subject]} that line {line:,} states for sample "
                f"{batch.columns['sample_id'][row]}.",
                "A sample is of one subject; correct one of the rows.",
            )

    def _new_sample(self, batch: _Batch, row: int, sample: int, subject: int) -> None:
        self._subject_of[sample] = (subject, int(batch.lines[row]))
        sample_id, subject_id = batch.columns["sample_id"][row], batch.columns["subject_id"][row]
        if not self._known(sample_id, subject_id):
            self._of_nobody.add(sample)
            self._fault(
                batch,
                row,
                "subject_id",
                subject_id,
                "is neither a member of a family nor remains.",
                "Add the subject to pedigrees or remains; SNPs of staff need a row in samples with kind elimination.",
            )

    # --- what was seen ---

    def _values(self, batch: _Batch) -> Floats:
        """(row, 3) log likelihoods; anything where the row has a fault."""
        cells = batch.columns["genotype"]
        genotypes = np.fromiter((_GENOTYPES.get(cell, -2) for cell in cells), np.int64, len(cells))
        for row in _at(batch.right & (genotypes == -2)):
            self._fault(
                batch,
                row,
                "genotype",
                cells[row],
                "is not 0, 1 or 2 counted alleles.",
                "Leave the row out where nothing was seen; of a single read state log likelihoods.",
            )
        stated = np.array([[bool(cell) for cell in batch.columns[name]] for name in _STATED])
        self._either_or(batch, genotypes, stated)
        values = from_genotypes(np.maximum(genotypes, -1))
        soft = np.flatnonzero(batch.right & (genotypes == -1))
        if soft.size:
            values[soft] = np.stack([self._logarithms(batch, name, soft) for name in _STATED], axis=1)
            for row in soft[(values[soft] == -np.inf).all(axis=1)].tolist():
                self._fault(
                    batch, row, "", "", "has no genotype that is possible.", "One log likelihood is more than -inf."
                )
        return values

    def _either_or(self, batch: _Batch, genotypes: Integers, stated: Flags) -> None:
        some, every = np.asarray(stated.any(axis=0)), np.asarray(stated.all(axis=0))
        for row in _at(batch.right & (genotypes >= 0) & some):
            remedy = "State one of them: the genotype if it is certain, else the log likelihoods."
            self._fault(
                batch, row, "genotype", batch.columns["genotype"][row], "stands beside log likelihoods.", remedy
            )
        for row in _at(batch.right & (genotypes == -1) & ~every):
            column = _STATED[int(np.argmin(stated[:, row]))] if some[row] else "genotype"
            remedy = "State a genotype or all three log likelihoods; leave the row out where nothing was seen."
            self._fault(batch, row, column, "", "is empty.", remedy)

    def _logarithms(self, batch: _Batch, name: str, rows: Integers) -> Floats:
        column = batch.columns[name]
        places: list[int] = rows.tolist()
        cells = [column[row] for row in places]
        try:
            unusual = set("".join(cells).translate(_NUMBER_SIGNS)) - set("inf")
            values = np.array(list(map(float, cells)))
            if not unusual and (values <= 0).all():
                return values
        except ValueError:
            pass
        return np.array([self._logarithm(batch, row, name, cell) for row, cell in zip(places, cells, strict=True)])

    def _logarithm(self, batch: _Batch, row: int, name: str, cell: str) -> float:
        try:
            value: float = -np.inf if cell == "-inf" else number(cell)
            if value > 0:
                raise BadCell(
                    "is above 0, and the natural logarithm of a probability never is",
                    "Multiply phred-scaled values by -0.230259 and log10 values by 2.302585.",
                )
        except BadCell as bad:
            self._fault(batch, row, name, cell, f"{bad.reason}.", bad.remedy)
            return 0.0
        return value

    # --- profiles ---

    def _once(self, samples: Integers, snps: Integers, lines: Integers) -> Flags:
        """Which rows are the first of their sample and SNP; the others are told."""
        key = samples * len(self._names["snp"].texts) + snps
        order = np.argsort(key, kind="stable")
        again = np.flatnonzero(key[order[1:]] == key[order[:-1]]) + 1
        first = np.ones(len(key), dtype=bool)
        if again.size:
            starts = np.maximum.accumulate(np.where(np.r_[True, np.diff(key[order]) != 0], np.arange(len(key)), 0))
            for place in again:
                row = order[place]
                first[row] = False
                value = ", ".join(
                    self._names[name].texts[code] for name, code in (("sample_id", samples[row]), ("snp", snps[row]))
                )
                reason = f"stands already in line {lines[order[starts[place]]]:,}."
                self._reading.fault(int(lines[row]), "sample_id, snp", value, reason, "Keep one of the rows.")
        return first

    def _profiles(
        self, samples: Integers, snps: Integers, lines: Integers, values: Floats
    ) -> Iterator[tuple[str, SnpReading]]:
        order = np.argsort(samples, kind="stable")
        starts = np.flatnonzero(np.diff(samples[order])) + 1
        before: Integers = np.zeros(0, dtype=np.int64)
        names: tuple[str, ...] = ()
        texts = self._names["snp"].texts
        for rows in (part for part in np.split(order, starts) if part.size):
            if not np.array_equal(snps[rows], before):  # samples of one chip share one tuple of names
                before, names = snps[rows], tuple([texts[code] for code in snps[rows]])
            sample = int(samples[rows[0]])
            sample_id = self._names["sample_id"].texts[sample]
            subject_id = self._names["subject_id"].texts[self._subject_of[sample][0]]
            profile = SnpProfile(sample_id=sample_id, subject_id=subject_id, snps=names, log_likelihood=values[rows])
            yield sample_id, SnpReading(profile, int(lines[rows[0]]))


# --- records as rows -------------------------------------------------------------------------


def snp_rows(profiles: Sequence[SnpProfile]) -> Iterator[list[str]]:
    """Cells of every row, in the order of the profiles."""
    right: set[str] = set()
    for profile in profiles:
        writable(profile.sample_id, SNPS.file)
        writable(profile.subject_id, SNPS.file)
        right.update(writable(snp, SNPS.file) for snp in set(profile.snps) - right)
        yield from rows_of(profile)


def rows_of(profile: SnpProfile) -> Iterator[list[str]]:
    """Cells of one sample's rows: a genotype where it is certain, else three log likelihoods."""
    sample_id, subject_id = profile.sample_id, profile.subject_id
    certain = hard(profile.log_likelihood)
    genotypes = np.where(certain, profile.log_likelihood.argmax(axis=1), -1).tolist()
    logs = iter(_texts(profile.log_likelihood[~certain]))
    for snp, genotype in zip(profile.snps, genotypes, strict=True):
        if genotype >= 0:
            yield [sample_id, subject_id, snp, "012"[genotype], "", "", ""]
        else:
            yield [sample_id, subject_id, snp, "", next(logs), next(logs), next(logs)]


def _texts(values: Floats) -> list[str]:
    """Each number as :func:`homeward.formats.cells.number_text` writes it, and -inf."""
    shortest = map(repr, (values + 0.0).ravel().tolist())  # + 0.0: there is no -0
    return [text[:-2] if text.endswith(".0") else text for text in shortest]


# --- what the files must say together --------------------------------------------------------


class SnpChecks:
    """Goes through snp_panel.csv and snps.csv; ``draft`` and ``findings`` are those of the whole folder."""

    def __init__(self, draft: Draft, findings: Findings) -> None:
        self.draft, self.findings = draft, findings
        self.samples = {sample.sample_id: sample for _, sample in draft.of("samples")}

    def all(self) -> None:
        self._panel()
        for reading in self.draft.snps.values():
            self._subject(reading)
        if self.draft.snps:
            self._note("snps", None, "", "", "is not among the evidence that `homeward identify` weighs.")
            self._not_in_panel()
            self._same_subject()

    def _fault(self, table: str, line: int | None, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.draft.files[table], line, column, value, reason, remedy)

    def _note(self, table: str, line: int | None, column: str, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.draft.files[table], line, column, value, reason, remedy)

    # --- the panel ---

    def _panel(self) -> None:
        first: dict[str, tuple[int, SnpMarker]] = {}
        counts: dict[str, list[int]] = defaultdict(list)
        for line, marker in self.draft.of("snp_panel"):
            self._marker(line, marker)
            earlier = first.setdefault(marker.snp, (line, marker))
            if earlier[1] is not marker:
                self._same_place(line, marker, *earlier)
            if marker.frequency in (0, 1):
                counts["does not vary in its population (frequency 0 or 1), and is not used there"].append(line)
            if marker.chromosome in ("X", "Y", "M"):
                counts["is not on an autosome, and is not used by this version"].append(line)
        for reason, lines in counts.items():
            self._note("snp_panel", lines[0], "snp", "", f"{reason}{_and_more(lines)}.")

    def _marker(self, line: int, marker: SnpMarker) -> None:
        if marker.reference and marker.reference == marker.counted:
            reason = "is the reference allele as well."
            self._fault("snp_panel", line, "counted", marker.counted, reason, "State the other allele.")
        if not marker.chromosome and (marker.position is not None or marker.position_cm is not None):
            reason = "is empty beside a position."
            self._fault("snp_panel", line, "chromosome", "", reason, "State the chromosome, or take the position away.")

    def _same_place(self, line: int, marker: SnpMarker, first: int, other: SnpMarker) -> None:
        """A SNP has one place and two alleles, whatever the population."""
        for column in ("chromosome", "position", "position_cm", "reference", "counted"):
            here, there = getattr(marker, column), getattr(other, column)
            if here != there:
                self._fault(
                    "snp_panel",
                    line,
                    column,
                    "" if here is None else str(here),
                    f"is not {'empty' if there in ('', None) else there}, which line {first:,} states for SNP "
                    f"{marker.snp}.",
                    "A SNP has the same place and alleles in every population; correct one of the rows.",
                )

    # --- profiles ---

    def _subject(self, reading: SnpReading) -> None:
        sample, profile = self.samples.get(reading.sample_id), self.draft.profiles.get(reading.sample_id)
        for table, subject in (("samples", sample and sample.subject_id), ("profiles", profile and profile.subject_id)):
            if subject and subject != reading.subject_id:
                self._fault(
                    "snps",
                    reading.line,
                    "subject_id",
                    reading.subject_id,
                    f"is not the subject {subject} that {table} states for sample {reading.sample_id}.",
                    "Correct one of them.",
                )
                return
        if "samples" in self.draft.present and not self.draft.knows("samples", reading.sample_id):
            self._note("snps", reading.line, "sample_id", reading.sample_id, "is not in samples.")

    def _not_in_panel(self) -> None:
        if "snp_panel" in self.draft.cut_short:
            return
        if "snp_panel" not in self.draft.present:
            self._note("snps", None, "", "", "cannot be compared: there is no snp_panel.", "Add snp_panel.")
            return
        known = {snp for snp, _ in self.draft.keys("snp_panel")}
        found: dict[str, None] = {}
        for reading in self.draft.snps.values():
            found |= dict.fromkeys(snp for snp in reading.profile.snps if snp not in known)
        if found:
            shown = ", ".join(list(found)[:_SHOWN])
            reason = "is in no row of snp_panel; it is listed and not used" + _and_more(list(found))
            self._note("snps", None, "snp", shown, f"{reason}.")

    def _same_subject(self) -> None:
        """Two samples of one person must be able to be one genotype, unless a typing error is stated."""
        if self.draft.settings is None:  # whether one is stated cannot be told
            return
        of_subject: dict[str, list[SnpReading]] = defaultdict(list)
        for reading in self.draft.snps.values():
            sample = self.samples.get(reading.sample_id)
            if sample is None or sample.kind is not SampleKind.ELIMINATION:
                of_subject[reading.subject_id].append(reading)
        for readings in of_subject.values():
            if len(readings) > 1:
                self._equal(readings)

    def _equal(self, readings: Sequence[SnpReading]) -> None:
        named = list(dict.fromkeys(snp for reading in readings for snp in reading.profile.snps))
        every = Panel(
            population="",
            snps=tuple(named),
            frequency=np.full(len(named), 0.5),
            chromosome=np.zeros(len(named), dtype=np.int64),
            position_cm=np.full(len(named), np.nan),
            assumed=np.zeros(len(named), dtype=bool),
            reference=("",) * len(named),
            counted=("",) * len(named),
        )
        try:
            every.aligned([softened(reading.profile, self._typing_error(reading)) for reading in readings])
        except UnequalCalls as unequal:
            self._fault(
                "snps",
                readings[-1].line,
                "subject_id",
                readings[0].subject_id,
                f"has samples that cannot be of one genotype: {unequal}.",
                "Find out which is right.",
            )

    def _typing_error(self, reading: SnpReading) -> float:
        sample: Sample | None = self.samples.get(reading.sample_id)
        if sample is not None and sample.typing_error is not None:
            return sample.typing_error
        return self.draft.settings.typing_error if self.draft.settings else 0.0


def _at(flags: Flags) -> list[int]:
    places: list[int] = np.flatnonzero(flags).tolist()
    return places


def _and_more(found: Sequence[object]) -> str:
    return f", as are {len(found) - 1:,} more" if len(found) > 1 else ""
