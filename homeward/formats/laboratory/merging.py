"""An import made part of a programme: what is new is added, what is there already is kept, what differs is refused.

Nothing is overwritten. A record that both have may be completed where the programme states nothing; where
both state something and it differs, the pair is a conflict with the value of each.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from homeward.errors import Fault, NotFound, Rejected, WouldOverwrite
from homeward.formats.files import refuse_taken
from homeward.formats.folder import Reading, read_programme, write_programme
from homeward.formats.laboratory.imports import Import, Subject
from homeward.formats.records import sheets
from homeward.formats.settings import as_toml
from homeward.formats.tabular import DATAPACKAGE
from homeward.genetics.locus import MarkerNames
from homeward.programme import (
    NOTHING,
    Member,
    MissingPerson,
    MutationModel,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    SnpMarker,
    SnpProfile,
)
from homeward.progress import Tick, silent

_NEVER_COMPLETED = {"kind", "model", "transform", "chromosome", "outcome", "female", "male"}
_ALWAYS_STATED = {(Sample, "kind"), (MutationModel, "model"), (MutationModel, "transform")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """A programme with an import in it.

    Parameters
    ----------
    programme : None where there is a conflict
    conflicts : what the import says otherwise than the programme, each with both values
    notes : what was not taken over, and why
    added, there : how many records of each table were new, and how many were there already
    """

    programme: Programme | None
    conflicts: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    added: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    there: Mapping[str, int] = field(default_factory=lambda: NOTHING)


def merged(base: Programme, found: Import, *, file: str, kind: SampleKind | None = None) -> Merged:
    """Put an import into a programme.

    Parameters
    ----------
    base : the programme; :func:`new_programme` gives an empty one for an import
    file : the import's file, as conflicts name it
    kind : what samples are of whose subject neither the programme nor the file tells: remains (each subject
        becomes a row of remains), reference (each becomes a family of one), or elimination
    """
    return _Merging(base, found, file, kind).done()


def new_programme(found: Import, name: str) -> Programme:
    """An empty programme with the settings that an import states."""
    return Programme(settings=replace(found.programme.settings, name=name))


class _Merging:
    def __init__(self, base: Programme, found: Import, file: str, kind: SampleKind | None) -> None:
        self.base, self.new, self.found, self.file, self.kind = base, found.programme, found, file, kind
        self.names = MarkerNames([*base.markers])
        self.populations = {*base.frequencies, *found.programme.frequencies}
        self.conflicts: list[Fault] = []
        self.notes: list[Fault] = []
        self.added: Counter[str] = Counter()
        self.there: Counter[str] = Counter()
        self.own_samples: dict[str, MissingPerson] = {}  # who is missing by nothing but a direct sample

    def done(self) -> Merged:
        self.new = self._as_counted_here(self.new)
        base, new = self.base, self._with_population(self.new)
        members = self._records(_members(base), _members(new), lambda one: one.member_id, "members")
        remains = self._records(base.remains, new.remains, lambda one: one.remains_id, "remains")
        samples = self._records(base.samples, new.samples, lambda one: one.sample_id, "samples")
        members, remains, samples = self._of_whom(members, remains, samples)
        programme = replace(
            base,
            missing=self._records(
                base.missing, [*new.missing, *self.own_samples.values()], lambda one: one.person_id, "missing"
            ),
            incidents=self._records(base.incidents, new.incidents, lambda one: one.incident_id, "incidents"),
            pedigrees=_pedigrees(members),
            markers=self._records(base.markers, new.markers, lambda one: self.names(one.marker), "markers"),
            samples=samples,
            profiles=self._profiles(),
            frequencies=self._frequencies(),
            mutation=self._records(base.mutation, new.mutation, lambda one: self.names(one.marker), "mutation"),
            haplotypes=self._records(
                base.haplotypes, new.haplotypes, lambda one: (one.sample_id, one.kind), "haplotypes"
            ),
            haplotype_counts=self._records(
                base.haplotype_counts,
                new.haplotype_counts,
                lambda one: (one.kind, one.haplotype, one.population),
                "haplotype counts",
            ),
            snp_panel=self._records(base.snp_panel, new.snp_panel, lambda one: (one.snp, one.population), "SNPs"),
            snp_profiles=self._snp_profiles(),
            remains=remains,
            decisions=self._records(
                base.decisions, new.decisions, lambda one: (one.remains_id, one.about), "decisions"
            ),
            digest="",
        )
        self._note_settings()
        self._note_populations()
        return Merged(
            programme=None if self.conflicts else programme,
            conflicts=tuple(self.conflicts),
            notes=tuple(self.notes),
            added=dict(self.added),
            there=dict(self.there),
        )

    # --- records ---

    def _records(self, old: Sequence[Any], new: Sequence[Any], key: Callable[[Any], Any], what: str) -> tuple[Any, ...]:
        """Old records completed by new ones of the same key, then the new."""
        joined = {key(record): record for record in old}
        for record in new:
            where = key(record)
            if where not in joined:
                joined[where] = record
                self.added[what] += 1
            else:
                before = joined[where]
                joined[where] = self._completed(before, record, where, what)
                self.there[what] += 1
        return tuple(joined.values())

    def _completed(self, old: Any, new: Any, key: Any, what: str) -> Any:
        """The old record with what the new one states where it states nothing; each contradiction is told."""
        stated: dict[str, Any] = {}
        for one in fields(new):
            if one.name in ("absent", "extra"):
                kept = getattr(old, one.name)
                stated[one.name] = {**getattr(new, one.name), **kept}
                continue
            before, now, nothing = getattr(old, one.name), getattr(new, one.name), _nothing(one)
            always = (type(new), one.name) in _ALWAYS_STATED
            if before == now or (now == nothing and not always) or self._same_marker(one.name, before, now):
                continue
            if before == nothing and one.name not in _NEVER_COMPLETED and not always:
                stated[one.name] = now
            else:
                shown = key if isinstance(key, str) else ", ".join(map(str, key))
                self._conflict(what, shown, one.name, before, now)
        return replace(old, **stated) if any(stated.values()) else old

    def _same_marker(self, name: str, before: Any, now: Any) -> bool:
        return name == "marker" and self.names(before) == self.names(now)

    def _conflict(self, what: str, key: str, column: str, before: Any, now: Any) -> None:
        reason = f"{what} {key}: {_shown(now)} here, {_shown(before)} in the programme."
        self.conflicts.append(
            Fault(self.file, None, column, "", reason, "Correct the one that is wrong, or leave it out of the file.")
        )

    # --- whose samples are ---

    def _of_whom(
        self, members: Sequence[Member], remains: Sequence[Remains], samples: Sequence[Sample]
    ) -> tuple[tuple[Member, ...], tuple[Remains, ...], tuple[Sample, ...]]:
        """Samples, and their subjects, for everything that was read of a sample without a row."""
        by_member = {member.member_id: member for member in members}
        by_remains = {one.remains_id: one for one in remains}
        by_sample = {sample.sample_id: sample for sample in samples}
        unknown: dict[str, str] = {}
        for sample_id, subject in self._seen():
            if sample_id in by_sample:
                self._subject_agrees(by_sample[sample_id], subject)
                kind: SampleKind | None = by_sample[sample_id].kind
            else:
                kind = _kind_of(by_member.get(subject), subject in by_remains) or self.kind
                if kind is None:
                    unknown.setdefault(subject, sample_id)
                    continue
                by_sample[sample_id] = Sample(sample_id=sample_id, subject_id=subject, kind=kind)
                self.added["samples"] += 1
            self._subject(subject, kind, by_member, by_remains)
        self._tell_unknown(unknown)
        return tuple(by_member.values()), tuple(by_remains.values()), tuple(by_sample.values())

    def _seen(self) -> Iterable[tuple[str, str]]:
        """Every sample that something was read of, with its subject, once."""
        read: list[Any] = [*self.new.profiles, *self.new.haplotypes, *self.new.snp_profiles]
        return dict.fromkeys((one.sample_id, one.subject_id) for one in read)

    def _subject_agrees(self, sample: Sample, subject: str) -> None:
        if sample.subject_id != subject:
            self._conflict("sample", sample.sample_id, "subject_id", sample.subject_id, subject)

    def _subject(
        self, subject: str, kind: SampleKind | None, members: dict[str, Member], remains: dict[str, Remains]
    ) -> None:
        told = self.found.subjects.get(subject, Subject())
        population = told.population if told.population in self.populations else ""
        if kind is SampleKind.REMAINS and subject not in remains:
            remains[subject] = Remains(remains_id=subject, sex=told.sex, population=population)
            self.added["remains"] += 1
        elif kind in (SampleKind.REFERENCE, SampleKind.DIRECT) and subject not in members:
            missing = subject if kind is SampleKind.DIRECT else ""
            if missing:
                self.own_samples[subject] = MissingPerson(person_id=subject, sex=told.sex, population=population)
            members[subject] = Member(
                family_id=subject, member_id=subject, sex=told.sex, population=population, person_id=missing
            )
            self.added["members"] += 1

    def _tell_unknown(self, unknown: Mapping[str, str]) -> None:
        if not unknown:
            return
        shown = ", ".join(list(unknown)[:6]) + (f" and {len(unknown) - 6:,} more" if len(unknown) > 6 else "")
        reason = f"{len(unknown):,} subjects are neither members of a family nor remains: {shown}."
        remedy = "Say with --kind what they are: remains, reference (each a family of one), or elimination."
        self.conflicts.append(Fault(self.file, None, "", "", reason, remedy))

    # --- tables of many rows ---

    def _profiles(self) -> tuple[Profile, ...]:
        joined = {profile.sample_id: profile for profile in self.base.profiles}
        for profile in self.new.profiles:
            before = joined.get(profile.sample_id)
            if before is None:
                joined[profile.sample_id] = self._profile_as_here(profile)
                self.added["profiles"] += 1
            else:
                joined[profile.sample_id] = self._more_calls(before, profile)
                self.there["profiles"] += 1
        return tuple(joined.values())

    def _profile_as_here(self, profile: Profile) -> Profile:
        calls = {self.names(marker): call for marker, call in profile.calls.items()}
        return replace(profile, calls=calls)

    def _more_calls(self, before: Profile, profile: Profile) -> Profile:
        calls = dict(before.calls)
        here = {self.names(marker): marker for marker in calls}
        for marker, call in profile.calls.items():
            old = calls.get(here.get(self.names(marker), ""))
            if old is None:
                calls[self.names(marker)] = call
                self.added["calls"] += 1
            elif sorted(old) != sorted(call):
                self._conflict("sample", profile.sample_id, marker, ", ".join(old), ", ".join(call))
        return replace(before, calls=calls)

    def _frequencies(self) -> Mapping[str, Mapping[str, Mapping[str, float]]]:
        joined = {population: dict(tables) for population, tables in self.base.frequencies.items()}
        for population, tables in self.new.frequencies.items():
            mine = joined.setdefault(population, {})
            here = {self.names(marker): marker for marker in mine}
            for marker, table in tables.items():
                before = mine.get(here.get(self.names(marker), ""))
                if before is None:
                    mine[self.names(marker)] = dict(table)
                    self.added["frequency tables"] += 1
                elif dict(before) != dict(table):
                    allele = next(a for a in (*table, *before) if table.get(a) != before.get(a))
                    self._conflict(
                        "frequencies of", f"{population}, {marker}, allele {allele}", "frequency",
                        before.get(allele, "none"), table.get(allele, "none"),
                    )  # fmt: skip
                else:
                    self.there["frequency tables"] += 1
        return joined

    def _snp_profiles(self) -> tuple[SnpProfile, ...]:
        joined = {profile.sample_id: profile for profile in self.base.snp_profiles}
        for profile in self.new.snp_profiles:
            before = joined.get(profile.sample_id)
            if before is None:
                joined[profile.sample_id] = profile
                self.added["SNP profiles"] += 1
            elif before.snps != profile.snps or not np.array_equal(before.log_likelihood, profile.log_likelihood):
                self._conflict("sample", profile.sample_id, "SNPs", f"{len(before.snps):,} SNPs", "others")
            else:
                self.there["SNP profiles"] += 1
        return tuple(joined.values())

    def _as_counted_here(self, new: Programme) -> Programme:
        """The import's SNPs with the allele counted that the programme counts; other alleles are a conflict."""
        here = {one.snp: (one.reference, one.counted) for one in self.base.snp_panel if one.reference and one.counted}
        stated = {one.snp: (one.reference, one.counted) for one in new.snp_panel if one.reference and one.counted}
        stated = {**self.found.snp_alleles, **stated}
        both = [snp for snp in stated if snp in here and here[snp] != stated[snp]]
        self._note_unchecked(stated.keys() - here.keys())
        turned = {snp for snp in both if here[snp] == stated[snp][::-1]}
        for snp in both:
            if snp not in turned:
                self._conflict("SNP", snp, "alleles", " and ".join(here[snp]), " and ".join(stated[snp]))
        if not turned:
            return new
        reason = f"{len(turned):,} SNPs count the other allele in the programme, and were turned round."
        self.notes.append(Fault(self.file, None, "", "", reason))
        return replace(
            new,
            snp_panel=tuple(_turned_marker(one) if one.snp in turned else one for one in new.snp_panel),
            snp_profiles=tuple(_turned_profile(one, turned) for one in new.snp_profiles),
        )

    def _note_unchecked(self, snps: set[str]) -> None:
        """SNPs of the panel without alleles: nobody can check that both count the same one."""
        count = len(snps & {one.snp for one in self.base.snp_panel})
        if count:
            reason = f"{count:,} SNPs have no alleles in the programme's panel; which one is counted was not checked."
            self.notes.append(Fault(self.file, None, "", "", reason, "State reference and counted in snp_panel.csv."))

    # --- settings ---

    def _with_population(self, new: Programme) -> Programme:
        """Who has no population stated is of the import's, where the programme's own is another."""
        mine, theirs = self.base.settings.population, new.settings.population
        if not theirs or theirs == mine:
            return new
        return replace(
            new,
            pedigrees=tuple(
                replace(
                    pedigree,
                    members=tuple(replace(one, population=one.population or theirs) for one in pedigree.members),
                )
                for pedigree in new.pedigrees
            ),
            remains=tuple(replace(one, population=one.population or theirs) for one in new.remains),
        )

    def _note_settings(self) -> None:
        mine, theirs = self.base.settings, self.new.settings
        for name in ("theta", "dropout", "dropin", "typing_error", "untyped_ancestors"):
            here, there = getattr(mine, name), getattr(theirs, name)
            if here != there and there != _nothing_of(theirs, name):
                reason = f"is {there} in the file and {here} in the programme, which was left as it is."
                remedy = f"If the file is right, write {name} = {_toml(there)} under [genetics] in programme.toml."
                self.notes.append(Fault(self.file, None, name, "", reason, remedy))

    def _note_populations(self) -> None:
        unknown = {told.population for told in self.found.subjects.values()} - self.populations - {""}
        for population in sorted(unknown):
            reason = "has no frequencies in the programme; people of it are left without population."
            self.notes.append(Fault(self.file, None, "population", population, reason, "Add its frequencies first."))


def _members(programme: Programme) -> list[Member]:
    return [member for pedigree in programme.pedigrees for member in pedigree.members]


def _pedigrees(members: Iterable[Member]) -> tuple[Pedigree, ...]:
    families: dict[str, list[Member]] = {}
    for member in members:
        families.setdefault(member.family_id, []).append(member)
    return tuple(Pedigree(family_id=family, members=tuple(kin)) for family, kin in families.items())


def _turned_marker(one: SnpMarker) -> SnpMarker:
    return replace(one, reference=one.counted, counted=one.reference, frequency=1 - one.frequency)


def _turned_profile(one: SnpProfile, turned: set[str]) -> SnpProfile:
    rows = np.array([snp in turned for snp in one.snps], dtype=bool)
    logs = np.where(rows[:, None], one.log_likelihood[:, ::-1], one.log_likelihood)
    return replace(one, log_likelihood=logs)


def _kind_of(member: Member | None, is_remains: bool) -> SampleKind | None:
    if member is not None:
        return SampleKind.DIRECT if member.person_id else SampleKind.REFERENCE
    return SampleKind.REMAINS if is_remains else None


def _nothing(one: Any) -> Any:
    """The value by which a field says nothing."""
    if one.default is not MISSING:
        return one.default
    return one.default_factory() if one.default_factory is not MISSING else MISSING


def _nothing_of(record: Any, name: str) -> Any:
    return next(_nothing(one) for one in fields(record) if one.name == name)


def _toml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def _shown(value: Any) -> str:
    return "nothing" if value in ("", None) else str(value)


# --- folders ---------------------------------------------------------------------------------


def write_new_folder(programme: Programme, folder: Path, *, tick: Tick = silent) -> Reading:
    """Write a programme as a folder that is not there yet, if it is one without fault.

    Raises
    ------
    WouldOverwrite
        If something is there.
    Rejected
        If the folder would not pass ``homeward check``; every fault, and nothing is written.
    """
    refuse_taken(folder)
    beside = _beside(folder)
    try:
        reading = _written_and_checked(programme, beside, tick)
        try:
            beside.rename(folder)
        except OSError:
            raise WouldOverwrite(f"{folder} is already there. Choose another place.") from None
        return reading
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def write_into_folder(programme: Programme, base: Programme, folder: Path, *, tick: Tick = silent) -> Reading:
    """Put a merged programme in the place of the folder it was made from.

    Files that the import does not change are kept byte for byte: other files, programme.toml with its comments,
    tables without new rows. The folder is exchanged whole: killed at any instant, it is the old or the new one,
    or the old one stands beside it and :func:`recover` brings it back.

    Raises
    ------
    Rejected
        If the folder would not pass ``homeward check``, has changed since it was read, or would lose columns.
    """
    beside, before = _beside(folder), _before(folder)
    try:
        reading = _written_and_checked(programme, beside, tick)
        again = read_programme(folder, tick=tick)
        if again.programme is None or again.programme.digest != base.digest:
            raise Rejected([Fault(folder.name, None, "", "", "was changed while it was read.", "Import again.")])
        _keep_files(folder, beside, _unchanged(base, programme))
        folder.rename(before)
        beside.rename(folder)
        shutil.rmtree(before, ignore_errors=True)
        return reading
    finally:
        recover(folder)
        shutil.rmtree(beside, ignore_errors=True)


def recover(folder: Path) -> None:
    """Bring a folder back that an import was exchanging when it was killed."""
    before = _before(folder)
    if before.is_dir() and not folder.exists():
        before.rename(folder)


def base_of(folder: Path, *, tick: Tick = silent) -> Programme:
    """The programme of a folder that an import shall go into.

    Raises
    ------
    Rejected
        If it has faults, or is a zip or workbook.
    """
    recover(folder)
    if _before(folder).exists():
        reason = f"is left from an import that was interrupted, beside {folder.name}."
        raise Rejected([Fault(_before(folder).name, None, "", "", reason, "Compare them, and move one away.")])
    if not folder.exists():
        raise NotFound(f"There is no folder {folder}. Make a new one with --out.")
    if not folder.is_dir():
        raise Rejected([Fault(folder.name, None, "", "", "is no folder.", "Unpack it; or make a new one with --out.")])
    reading = read_programme(folder, tick=tick)
    if reading.programme is None:
        raise Rejected(reading.rejected)
    return reading.programme


def _written_and_checked(programme: Programme, beside: Path, tick: Tick) -> Reading:
    shutil.rmtree(beside, ignore_errors=True)
    write_programme(programme, beside)
    reading = read_programme(beside, tick=tick)
    if reading.programme is None:
        raise Rejected(reading.rejected)
    _nothing_lost(programme, reading.programme)
    return reading


def _nothing_lost(meant: Programme, written: Programme) -> None:
    """What the folder's files cannot hold must not vanish on the way."""
    for one in fields(Programme):
        a, b = getattr(meant, one.name), getattr(written, one.name)
        if isinstance(a, tuple) and len(a) != len(b):
            reason = f"{len(a):,} were read and {len(b):,} can be written."
            raise Rejected([Fault(one.name, None, "", "", reason, "This version cannot keep all of them.")])


def _keep_files(folder: Path, beside: Path, unchanged: frozenset[str]) -> None:
    """Files that the import does not change stay byte for byte; each keeps who may read it.

    Raises
    ------
    Rejected
        If a table that changes has columns that would be lost.
    """
    for entry in folder.iterdir():
        new = beside / entry.name
        if entry.is_dir():
            shutil.copytree(entry, new)
        elif entry.name in unchanged or not (new.exists() or entry.name == DATAPACKAGE):
            shutil.copy2(entry, new)
        elif new.exists():
            _refuse_lost_columns(entry, new)
            shutil.copymode(entry, new)
    shutil.copymode(folder, beside)


def _unchanged(base: Programme, programme: Programme) -> frozenset[str]:
    """Names of the files that would say the same."""
    old = {sheet.table.file: (sheet.header, list(sheet.rows)) for sheet in sheets(base)}
    same = {
        sheet.table.file for sheet in sheets(programme) if old.get(sheet.table.file) == (sheet.header, list(sheet.rows))
    }
    settings = {"programme.toml"} if as_toml(base.settings) == as_toml(programme.settings) else set()
    return frozenset(same | settings)


def _refuse_lost_columns(old: Path, new: Path) -> None:
    if old.suffix != ".csv":
        return
    with old.open(encoding="utf-8-sig", newline="") as one, new.open(encoding="utf-8", newline="") as other:
        kept = next(csv.reader(other), [])
        lost = [name for name in next(csv.reader(one), []) if name.strip() not in kept]
    if lost:
        reason = f"has columns that are not kept when rows are added: {', '.join(lost)}."
        raise Rejected([Fault(old.name, 1, "", "", reason, "Take them out first, or make a new folder with --out.")])


def _beside(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.{os.getpid()}.import")


def _before(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.before-import")
