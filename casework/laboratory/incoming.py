"""The bridge to the readers of laboratories' files: what a file would add to a party's records, and what hinders it.

A file only adds. What it says otherwise than the records, and what it would complete in a record that stands, is
told row by row and keeps the whole out: changing a record is an act of its own.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from casework.laboratory.records import programme_of
from casework.parties.models import Party
from homeward.errors import Fault, HomewardError, Rejected
from homeward.formats.laboratory import read
from homeward.formats.laboratory.imports import Import, Options
from homeward.formats.laboratory.merging import Merged, merged, write_new_folder
from homeward.programme import Programme, SampleKind
from homeward.progress import Tick, silent
from homeward.provenance import digest

# Tables whose new rows are named one by one; of others there may be a hundred thousand, and they are counted.
NAMED = {"missing": "person_id", "pedigrees": "family_id", "remains": "remains_id", "samples": "sample_id"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Dry:
    """What reading a file gave, against the records as they stand.

    Parameters
    ----------
    format, version : as the reader names them; empty if it is of none
    counts : records that the file holds
    rejected : rows that were not read
    hindrances : why nothing of it can be kept: contradictions, records that it would change, faults of the whole
    notes : what was assumed or has no place here
    fresh : a programme with nothing but what is new; None where something hinders it
    source : digest of the file's bytes
    """

    format: str = ""
    version: str = ""
    counts: Mapping[str, int]
    rejected: tuple[Fault, ...] = ()
    hindrances: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    fresh: Programme | None = None
    source: str = ""

    @property
    def new_rows(self) -> dict[str, int]:
        """Table -> rows that are new, none left at zero."""
        if self.fresh is None:
            return {}
        tables = {name: len(rows) for name, rows in _tables(self.fresh)}
        tables["frequencies"] = sum(len(markers) for markers in self.fresh.frequencies.values())
        return {name: number for name, number in tables.items() if number}

    @property
    def named(self) -> list[list[str]]:
        """[table, identifier, of whom, kind of sample, markers called] of each new person, family, remains, sample."""
        if self.fresh is None:
            return []
        typed = {one.sample_id: str(len(one.calls)) for one in self.fresh.profiles}
        return [
            [name, getattr(row, NAMED[name]), *_told_of(row, typed)]
            for name, rows in _tables(self.fresh)
            if name in NAMED
            for row in rows
        ]

    @property
    def content(self) -> str:
        """Digest of everything that would be kept: what is confirmed is what was shown."""
        # numbers of many SNPs are not all in what repr gives, but the file they come from is
        return digest(repr((self.source, self.new_rows, self.fresh)).encode()) if self.fresh is not None else ""


def _told_of(row: Any, typed: Mapping[str, str]) -> tuple[str, str, str]:
    """Of a sample whose it is, its kind and its calls; of a family its members."""
    if hasattr(row, "sample_id"):
        return row.subject_id, row.kind.value, typed.get(row.sample_id, "")
    return (", ".join(member.member_id for member in row.members) if hasattr(row, "members") else ""), "", ""


def _tables(programme: Programme) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for one in fields(programme):
        rows = getattr(programme, one.name)
        if isinstance(rows, tuple):
            yield one.name, rows


def dry_run(
    path: Path, *, party: Party, options: Options, format: str = "", kind: str = "", tick: Tick = silent
) -> Dry:
    """Read a laboratory's file and see what it would add to a party's records. Nothing is kept.

    Parameters
    ----------
    path : the file; its name is what faults call it
    options, format, kind : what the file does not say of itself, as of ``homeward import``

    Raises
    ------
    Refused
        ``no-programme`` while the party has brought in none.
    """
    ours = programme_of(party)
    try:
        found = read(path, format, options)
    except Rejected as refused:
        return Dry(counts={}, hindrances=refused.faults)
    except HomewardError as refused:
        return Dry(counts={}, hindrances=(Fault(path.name, None, "", "", str(refused)),))
    result = merged(ours, found, file=path.name, kind=SampleKind(kind) if kind else None)
    told = Dry(
        format=found.format,
        version=found.version,
        counts=found.counts,
        rejected=found.rejected,
        notes=(*found.notes, *result.notes),
        source=" ".join(_digest_of(one) for one in (path, options.beside) if one is not None),
    )
    hindrances = _hindrances(path.name, ours, found, result, tick)
    if hindrances or result.programme is None:
        return replace(told, hindrances=hindrances)
    return replace(told, fresh=_fresh(ours, result.programme))


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _hindrances(name: str, ours: Programme, found: Import, result: Merged, tick: Tick) -> tuple[Fault, ...]:
    if result.programme is None:
        return result.conflicts
    changed = tuple(_changed(name, ours, result.programme))
    return changed or tuple(_faults_of_the_whole(result.programme, tick))


def _changed(name: str, ours: Programme, joined: Programme) -> Iterator[Fault]:
    """Records that stand and that the file would complete."""
    for (table, before), (_, after) in zip(_tables(ours), _tables(joined), strict=True):
        for old, new in zip(before, after, strict=False):
            if old != new:
                yield Fault(
                    name,
                    None,
                    table,
                    _name_of(old),
                    "stands in the records already, and the file says more of it.",
                    "Leave it out of the file: a record that stands is not changed by a file.",
                )


def _name_of(row: Any) -> str:
    names = ("person_id", "sample_id", "remains_id", "family_id", "incident_id", "marker", "snp")
    return next((str(getattr(row, name)) for name in names if hasattr(row, name)), "")


def _faults_of_the_whole(programme: Programme, tick: Tick) -> Iterator[Fault]:
    """What ``homeward check`` would say of the records with the file in them."""
    folder = Path(tempfile.mkdtemp(prefix="homeward-"))
    try:
        write_new_folder(programme, folder / "programme", tick=tick)
    except Rejected as refused:
        yield from refused.faults
    finally:
        shutil.rmtree(folder)


def _fresh(ours: Programme, joined: Programme) -> Programme:
    """Nothing but the new rows: the merge keeps the old ones first, in their order."""
    before = dict(_tables(ours))
    rows: dict[str, Any] = {name: after[len(before[name]) :] for name, after in _tables(joined)}
    rows["frequencies"] = {
        population: new
        for population, tables in joined.frequencies.items()
        if (new := {m: t for m, t in tables.items() if m not in ours.frequencies.get(population, {})})
    }
    return replace(joined, **rows)
