"""A whole programme: read from a folder, a zip or an Excel file, checked, and written again.

The reader goes through everything and lists every fault; only a programme without one is given.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from homeward.errors import Fault, HomewardError, Nonsense
from homeward.formats import writing
from homeward.formats.checks import Draft, check, note_loci
from homeward.formats.columns import Table
from homeward.formats.dental import read_charts
from homeward.formats.digest import digest_of
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.records import (
    ProfileReading,
    Records,
    TableReading,
    keyed_rows,
    read_frequencies,
    read_matrices,
    read_profiles,
    read_records,
)
from homeward.formats.schema import BY_NAME, DENTAL, FREQUENCIES, LATER, MATRICES, PROFILES, SETTINGS, SNPS, TABLES
from homeward.formats.settings import read_settings
from homeward.formats.snps import read_snps
from homeward.formats.tabular import Container, Unreadable, open_container
from homeward.genetics.family import families, refused_pair, too_large
from homeward.genetics.locus import Loci, MarkerNames, prepare_loci
from homeward.programme import NOTHING, MutationKind, MutationModel, Pedigree, Profile, Programme, Settings, ThetaMethod
from homeward.progress import Tick, silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a folder said: the programme if it has no fault, else every fault; and what to know about it.

    Parameters
    ----------
    programme : None if anything was rejected
    rejected : every fault with file, line, column, value, reason and remedy; at most 1,000 a file, with the
        number of the others
    notes : what was assumed, added, or not used
    rows : rows read, by file (or sheet) as the user knows it
    """

    programme: Programme | None
    rejected: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    rows: Mapping[str, int] = field(default_factory=lambda: NOTHING)


def read_programme(path: Path, *, tick: Tick = silent) -> Reading:
    """Read a programme folder, a zip of it, or an Excel file with the same sheet names.

    Parameters
    ----------
    path : the folder or file
    tick : called with the stages "reading" (of bytes, or rows of Excel) and "checking"

    Raises
    ------
    NotFound
        If nothing is at ``path``. Everything else that is wrong is in ``rejected``.
    """
    findings = Findings()
    rows: dict[str, int] = {}
    try:
        container = open_container(path)
    except Unreadable as problem:
        findings.fault(path.name, None, "", "", f"{problem.reason}.", problem.remedy)
        return Reading(programme=None, rejected=findings.rejected)
    try:
        _tell_unknown_files(container, path, findings)
        draft = _Folder(container, findings, tick, rows).read()
    finally:
        container.close()
    tick("checking", 0, 1)
    check(draft, findings)
    programme = None if findings.rejected or draft.settings is None else _programme(draft, draft.settings, findings)
    tick("checking", 1, 1)
    if findings.rejected:
        programme = None
    return Reading(programme=programme, rejected=findings.rejected, notes=findings.notes, rows=rows)


def write_programme(
    programme: Programme, path: Path, *, container: Literal["folder", "zip", "xlsx"] = "folder"
) -> None:
    """Write a programme as a folder of CSV files, a zip of it, or one Excel file: whole, or not at all.

    Equal programmes give equal bytes.

    Raises
    ------
    WouldOverwrite
        If something is at ``path``.
    Nonsense
        If a text could not be read back as it is (blanks at its ends, control characters, NA).
    """
    writing.write(programme, path, container)


class _Folder:
    """Reads table after table and tells how far it is."""

    def __init__(self, container: Container, findings: Findings, tick: Tick, rows: dict[str, int]) -> None:
        self._container, self._findings, self._tick, self._rows = container, findings, tick, rows
        self._present = [table for table in TABLES if table.name in container.tables]
        self._total = sum(container.size(table.name) for table in self._present)
        self._before = 0

    def read(self) -> Draft:
        container, findings = self._container, self._findings
        settings = self._settings()
        single_allele = settings.single_allele if settings else "partial"
        results: dict[str, Any] = {}
        for table in sorted(self._present, key=lambda table: table in (PROFILES, SNPS)):  # they refer to all others
            results[table.name] = self._table(table, single_allele, results)
            self._before += container.size(table.name)
            self._tick("reading", self._before, self._total)
        files = {name: container.shown(name) for name in (*BY_NAME, SETTINGS)}
        frequencies, frequency_lines = results.get("frequencies", ({}, {}))
        matrices, matrix_lines = results.get("mutation_matrices", ({}, {}))
        return Draft(
            settings=settings,
            files=files,
            cut_short=frozenset(name for name, file in files.items() if file in findings.cut_short),
            present=frozenset(table.name for table in self._present),
            records={name: results.get(name) or Records(files[name]) for name in BY_NAME},
            profiles={name: p for name, p in results.get("profiles", {}).items() if p.calls},
            snps=results.get("snps", {}),
            dental=tuple(results.get("dental", {}).values()),
            frequencies=frequencies,
            frequency_lines=frequency_lines,
            matrices=matrices,
            matrix_lines=matrix_lines,
        )

    def _settings(self) -> Settings | None:
        file = self._container.shown(SETTINGS)
        try:
            content = self._container.settings(self._findings)
        except GivenUp:
            self._findings.given_up(file)
            content = None
        if self._findings.has_faults(file):
            return None
        return read_settings(content, file, self._findings)

    def _table(self, table: Table, single_allele: str, results: Mapping[str, Any]) -> Any:
        """What a table says; nothing of it once it has far too many faults."""
        file = self._container.shown(table.name)
        before = self._before
        reading = None
        try:
            reading = TableReading(
                self._container, table, self._findings, lambda done: self._tick("reading", before + done, self._total)
            )
            if table is PROFILES:
                return read_profiles(reading, single_allele, self._knows(results), _x_linked(results))
            if table is SNPS:
                return read_snps(reading, self._knows(results))
            if table is DENTAL:
                return read_charts(keyed_rows(reading), reading.fault)
            if table is FREQUENCIES:
                return read_frequencies(reading)
            if table is MATRICES:
                return read_matrices(reading)
            return read_records(reading)
        except GivenUp:
            self._findings.given_up(file)
            nothing: Mapping[str, Any] = {
                "profiles": {},
                "snps": {},
                "dental": {},
                "frequencies": ({}, {}),
                "mutation_matrices": ({}, {}),
            }
            return nothing.get(table.name)
        finally:
            self._rows[file] = reading.rows_read if reading else 0

    def _knows(self, results: Mapping[str, Any]) -> Callable[[str, str], bool]:
        """Whether a sample, or its subject, stands in another table; yes where one was not read to its end."""
        referred = ("samples", "pedigrees", "remains")
        if self._findings.cut_short & {self._container.shown(name) for name in referred}:
            return lambda sample_id, subject_id: True
        samples, *subjects = [results[name].keys if name in results else {} for name in referred]
        return lambda sample_id, subject_id: sample_id in samples or any(subject_id in keys for keys in subjects)


def _x_linked(results: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether a marker, however spelt, is said to lie on the X chromosome."""
    try:
        names = MarkerNames(results["markers"].records if results.get("markers") else ())
    except Nonsense:  # two spellings of one marker, which the checks tell
        return lambda marker: False
    return lambda marker: names.x_linked(names(marker))


def _tell_unknown_files(container: Container, path: Path, findings: Findings) -> None:
    known = {**BY_NAME, **dict.fromkeys(LATER)}
    for name in container.tables:
        shown = container.shown(name)
        if name in BY_NAME:
            continue
        if name in LATER:
            findings.note(shown, None, "", "", "belongs to a programme folder, and this version does not read it yet.")
        elif name.lower().strip() in BY_NAME:
            findings.fault(shown, None, "", "", f"is not called {container.shown(name.lower().strip())}.", "Rename it.")
        else:
            near = difflib.get_close_matches(name.lower(), list(known), 1, 0.8)
            hint = f"If it is {container.shown(near[0])}, rename it." if near else ""
            findings.note(shown, None, "", "", "is not a file of a programme folder, and was not read.", hint)
    for name in container.others:
        findings.note(name, None, "", "", "is not a file of a programme folder, and was not read.")
    if not any(name in BY_NAME for name in container.tables) and not findings.rejected:
        findings.fault(
            path.name,
            None,
            "",
            "",
            "holds no file of a programme folder.",
            f"Give the folder in which {', '.join(table.file for table in TABLES[:3])}, ... lie.",
        )


def _programme(draft: Draft, settings: Settings, findings: Findings) -> Programme | None:
    """The programme of a draft without faults; a fault if the frequencies and mutation models cannot be prepared."""
    tables = draft.records
    programme = Programme(
        settings=settings,
        missing=tuple(tables["missing"].records),
        incidents=tuple(tables["incidents"].records),
        pedigrees=_pedigrees(draft),
        markers=tuple(tables["markers"].records),
        samples=tuple(tables["samples"].records),
        profiles=tuple(_profile(profile) for profile in draft.profiles.values()),
        frequencies=draft.frequencies,
        haplotypes=tuple(tables["lineage"].records),
        haplotype_counts=tuple(tables["lineage_frequencies"].records),
        snp_panel=tuple(tables["snp_panel"].records),
        snp_profiles=tuple(reading.profile for reading in draft.snps.values()),
        mutation=tuple(_with_matrices(draft, model) for model in tables["mutation"].records),
        remains=tuple(tables["remains"].records),
        specimens=tuple(tables["specimens"].records),
        measurements=tuple(tables["measurements"].records),
        dental=tuple(reading.chart for reading in draft.dental),
        traits=tuple(tables["traits"].records),
        verdicts=tuple(tables["comparisons"].records),
        verdict_rates=tuple(tables["verdict_rates"].records),
        parameters=tuple(tables["parameters"].records),
        decisions=tuple(tables["decisions"].records),
        scenarios=tuple(tables["scenarios"].records),
        leads=tuple(tables["leads"].records),
        regions=tuple(tables["regions"].records),
        sites=tuple(tables["sites"].records),
        searches=tuple(tables["searches"].records),
        containers=tuple(tables["containers"].records),
        sources=tuple(tables["sources"].records),
    )
    try:
        prepared = prepare_loci(programme)
    except Nonsense as refusal:
        findings.fault(draft.files["mutation"], None, "", "", f"{refusal}.", "Correct the model or the frequencies.")
        return None
    note_loci((note for loci in prepared.values() for note in loci.notes), draft, findings)
    _note_sizes(programme, prepared, draft, findings)
    return replace(programme, digest=digest_of(programme))


def _note_sizes(programme: Programme, prepared: Mapping[str, Loci], draft: Draft, findings: Findings) -> None:
    """Families whose likelihood with theta would be refused, or estimated where the settings ask for that."""
    if not programme.settings.theta:
        return
    try:
        of_programme = families(programme, prepared)
    except HomewardError:  # what is wrong with it is told elsewhere
        return
    is_sampled = programme.settings.theta_method is ThetaMethod.SAMPLED
    for family in of_programme:
        found = too_large(family)
        if found is not None:
            findings.note(
                draft.files["pedigrees"],
                None,
                "family_id",
                family.family_id,
                f"is too large for theta to be exact: at marker {found[0]} its unknown founder alleles are set apart "
                f"in {found[1]:,} ways. {'It will be estimated from draws' if is_sampled else 'It will be refused'}.",
                "" if is_sampled else 'Write [genetics] theta_method = "sampled", or leave out distant relatives.',
            )
        pair = refused_pair(family)
        if pair is not None:
            findings.note(
                draft.files["pedigrees"],
                None,
                "family_id",
                family.family_id,
                f"is too large for theta at the linked markers {pair}. It will be refused: linked markers are never "
                "estimated from draws.",
                "Leave linked_to of one of the two empty, leave one out, or leave out distant relatives.",
            )


def _with_matrices(draft: Draft, model: MutationModel) -> MutationModel:
    if model.model is not MutationKind.CUSTOM:
        return model
    return replace(model, female=draft.matrices[model.marker]["F"], male=draft.matrices[model.marker]["M"])


def _pedigrees(draft: Draft) -> tuple[Pedigree, ...]:
    families: dict[str, list[Any]] = {}
    for member in draft.records["pedigrees"].records:
        families.setdefault(member.family_id, []).append(member)
    return tuple(Pedigree(family_id=family, members=tuple(members)) for family, members in families.items())


def _profile(profile: ProfileReading) -> Profile:
    return Profile(sample_id=profile.sample_id, subject_id=profile.subject_id, calls=profile.calls)
