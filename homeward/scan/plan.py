"""What a scan will do: the set, the threshold, the blocks, and how large its answer can become.

A plan is small, can be sent to another process or machine, and is all that a block needs besides the set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from homeward.errors import Fault, Nonsense, Rejected
from homeward.formats.scanfiles import (
    NUMBERS,
    OF_MEMBER,
    Rows,
    ScanSet,
    firsts,
    members_of,
    open_set,
    pedigree_of,
    read_call,
)
from homeward.genetics.locus import MarkerNames
from homeward.programme import NOT_OBSERVED
from homeward.progress import Tick, silent
from homeward.scan import _compiled
from homeward.scan.structure import NOBODY, STRANGER, Structure, faults_of, structure

Sieve = Literal["wide", "narrow", "plain"]
BLOCK = 4096  # slots of a block
_LISTED = 1_000


@dataclass(frozen=True)
class Block:
    """A range of slots, whole families, against all remains.

    Parameters
    ----------
    number : place in the plan
    rows : first row and last + 1 in ``families``
    slots : first slot and last + 1
    """

    number: int
    rows: tuple[int, int]
    slots: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class ScanPlan:
    """A scan, as it was asked for.

    Parameters
    ----------
    path : the set
    digest : of the set
    threshold : least log10 likelihood ratio that is kept
    best : how many are kept for each remains; 0 for all that reach the threshold
    sieve : "wide", "narrow" or "plain"; the answer is the same
    sex : share of men among the missing whose sex is known, if the sex of remains counts; else None
    remains, slots, families : how many there are
    blocks : the work
    alleles : marker -> alleles seen, so that every process prepares the same loci
    """

    path: Path
    digest: str
    threshold: float
    best: int = 0
    sieve: Sieve
    sex: float | None = None
    remains: int
    slots: int
    families: int
    blocks: tuple[Block, ...]
    alleles: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def pairs(self) -> int:
        return self.remains * self.slots

    @property
    def most_expected(self) -> float:
        """How many pairs are kept at most: all true ones, and false ones in expectation.

        Of unrelated pairs at most a fraction 10 ** -threshold reaches it, whatever the families are: the
        likelihood ratio has expectation one. With ``best``, that many for each remains at the most.
        """
        false: float = self.pairs * min(1.0, 10.0**-self.threshold)
        everything = min(self.remains, self.slots) + false
        return min(everything, float(self.best * self.remains)) if self.best else everything

    def as_dict(self) -> dict[str, Any]:
        """What moves the result."""
        return {"threshold": self.threshold, "best": self.best, "sex": self.sex is not None}


def plan(
    path: Path,
    *,
    threshold: float,
    best: int = 0,
    sex: bool = False,
    block: int = BLOCK,
    sieve: Sieve | None = None,
    tick: Tick = silent,
) -> ScanPlan:
    """Plan the scan of a set; goes through all of it once and refuses it with every fault found.

    Parameters
    ----------
    path : folder of a set
    threshold : least log10 likelihood ratio that is kept
    best : keep only so many for each remains; 0 keeps all
    sex : whether the sex of remains counts, as one more marker, by the settings' ``sex_error``
    block : slots of a block
    sieve : how candidates are found; what the processor has if None
    tick : told of stage "checking", in rows

    Raises
    ------
    Nonsense
        If the threshold is not finite or a number is below one.
    Rejected
        If the set has faults.
    """
    if not np.isfinite(threshold) or best < 0 or block < 1:
        raise Nonsense("A scan needs a finite threshold, and a block of at least one missing person.")
    opened = open_set(path)
    found = _Faults()
    alleles: dict[str, set[str]] = {}
    total = opened.families.count + opened.remains.count
    tick("checking", 0, total)
    _check_columns(opened, found)
    found.refuse()
    for rows in (opened.families, opened.remains):
        _check_calls(opened, rows, alleles, found)
    families, sexes, blocks = _blocks(opened, block, found, tick)
    remains = _count_remains(opened.remains, found)
    found.refuse()
    tick("checking", total, total)
    return ScanPlan(
        path=path,
        digest=opened.digest(),
        threshold=threshold,
        best=best,
        sieve=sieve or ("wide" if _compiled.wide_width() else "narrow"),
        sex=sexes[1] / (sexes[1] + sexes[2] or 1) if sex else None,
        remains=remains,
        slots=blocks[-1].slots[1] if blocks else 0,
        families=families,
        blocks=tuple(blocks),
        alleles=tuple((marker, tuple(sorted(seen - {NOT_OBSERVED}))) for marker, seen in sorted(alleles.items())),
    )


class _Faults:
    """The faults of a set: those that a person can read, and how many there are."""

    def __init__(self) -> None:
        self.listed: list[Fault] = []
        self.count = 0

    def add(self, fault: Fault) -> None:
        self.count += 1
        if len(self.listed) < _LISTED:
            self.listed.append(fault)

    def refuse(self) -> None:
        """Raise what was found."""
        if self.count > len(self.listed):
            left = self.count - len(self.listed)
            self.listed.append(Fault(self.listed[-1].file, None, "", "", f"and {left:,} faults more."))
        if self.listed:
            raise Rejected(self.listed)


def _check_columns(opened: ScanSet, found: _Faults) -> None:
    """Columns that must be there, of the type they must have."""
    for rows, needed in ((opened.families, ("family_id", "member_id", "person_id")), (opened.remains, ("remains_id",))):
        for column in needed:
            if column not in rows.columns:
                found.add(Fault(rows.name, None, column, "", "is lacking.", "Add the column."))
        names = MarkerNames(opened.programme.markers)
        spelt: dict[str, str] = {}
        for column in sorted({column for column in rows.columns if rows.columns.count(column) > 1}):
            found.add(Fault(rows.name, None, column, "", "stands twice."))
        for column, kind in rows.kinds.items():
            reason = _wrong_kind(column, kind)
            if reason:
                found.add(Fault(rows.name, None, column, str(kind), reason))
            if column in rows.markers and spelt.setdefault(names(column), column) != column:
                found.add(Fault(rows.name, None, column, "", f"and {spelt[names(column)]} are one marker."))


def _wrong_kind(column: str, kind: pa.DataType) -> str:
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    text = pa.types.is_string(plain) or pa.types.is_large_string(plain) or pa.types.is_null(plain)
    if column in NUMBERS:
        return "" if pa.types.is_floating(plain) or pa.types.is_null(plain) else "is no column of numbers."
    return "" if text else "is no column of text."


def _check_calls(opened: ScanSet, rows: Rows, alleles: dict[str, set[str]], found: _Faults) -> None:
    """Collect the alleles of every marker; faults for what is no call, where it stands first."""
    names = MarkerNames(opened.programme.markers)
    known: dict[str, set[str]] = {column: set() for column in rows.markers}
    for start, table in rows.chunks(rows.markers):
        for column, before in known.items():
            new = _distinct(table[column]) - before
            before |= new
            for text in sorted(new):
                try:
                    alleles.setdefault(names(column), set()).update(read_call(text) or ())
                except ValueError as problem:
                    row = start + 1 + pc.index(table[column].cast(pa.string()), text).as_py()
                    found.add(Fault(rows.name, row, column, text, f"{problem}."))


def _distinct(column: pa.ChunkedArray) -> set[str]:
    parts = [chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk.unique() for chunk in column.chunks]
    return {text for part in parts for text in part.to_pylist() if text}


def _blocks(opened: ScanSet, size: int, found: _Faults, tick: Tick) -> tuple[int, list[int], list[Block]]:
    """How many families there are, slots by sex, and the rows cut into blocks of at least ``size`` slots."""
    rows = opened.families
    blocks: list[Block] = []
    names: list[pa.Array] = []
    first_row, first_slot, slot = 0, 0, 0
    sexes = np.zeros(3, dtype=np.int64)
    for at, table in _whole_families(rows, found):
        of_part = structure(table, tuple(opened.programme.frequencies))
        _check_families(opened, of_part, table, at, found)
        heads = of_part.heads[:-1]
        names.append(table["family_id"].take(heads).combine_chunks())
        sexes += np.bincount(np.maximum(of_part.sex[of_part.slot], 0), minlength=3)
        counts = np.add.reduceat(of_part.slot.astype(np.int64), heads) if len(heads) else heads
        for head, slots in zip((heads + at).tolist(), counts.tolist(), strict=True):
            if slot - first_slot >= size:
                blocks.append(Block(len(blocks), (first_row, head), (first_slot, slot)))
                first_row, first_slot = head, slot
            slot += slots
        tick("checking", at + table.num_rows, rows.count + opened.remains.count)
    if slot > first_slot:
        blocks.append(Block(len(blocks), (first_row, rows.count), (first_slot, slot)))
    every = pa.chunked_array(names, pa.string())
    _check_together(rows, "family_id", every, found)
    return len(every), sexes.tolist(), blocks


def _whole_families(rows: Rows, found: _Faults) -> Iterator[tuple[int, pa.Table]]:
    """First row and rows of whole families, some thousands at a time."""
    before: pa.Table | None = None
    at = 0
    for start, part in rows.chunks(OF_MEMBER):
        if _has_empty(rows, start, part, ("family_id", "member_id"), found):
            return
        table = part if before is None else pa.concat_tables([before, part])
        heads = np.flatnonzero(firsts(table["family_id"].combine_chunks()))
        cut = int(heads[-1]) if len(heads) else 0
        before = table.slice(cut)
        if cut:
            yield at, table.slice(0, cut).combine_chunks()
        at += cut
    if before is not None and before.num_rows:
        yield at, before.combine_chunks()


def _check_families(opened: ScanSet, of_part: Structure, table: pa.Table, at: int, found: _Faults) -> None:
    """Faults of families that cannot be, each in its own row."""
    rows = opened.families

    def tell(place: int, column: str, reason: str) -> None:
        value = str(table[column][place].as_py() or "") if column in table.column_names else ""
        found.add(Fault(rows.name, at + place + 1, column, value, reason))

    for place in np.flatnonzero(of_part.sex < 0).tolist():
        tell(place, "sex", "is not M, F or U.")
    for place in np.flatnonzero(of_part.stated == STRANGER).tolist():
        tell(place, "population", "has no frequencies.")
    sizes = np.diff(of_part.heads)
    other = (of_part.stated >= 0) & (of_part.stated != np.repeat(of_part.population, sizes))
    for place in np.flatnonzero(other).tolist():
        tell(place, "population", "is not that of the rest of the family.")
    if opened.default_population() not in opened.programme.frequencies:
        for head in of_part.heads[:-1][of_part.population == NOBODY].tolist():
            tell(head, "population", "is stated by nobody of the family, and no one population is the default.")
    columns = (of_part.father, of_part.mother, of_part.twin, of_part.sex)
    for heads, members in of_part.alike(*columns, among=of_part.single):
        for position, fault in faults_of(*members.T):
            for head in heads.tolist():
                tell(head + position, fault.column, f"{fault.reason}.")
    for family in np.flatnonzero(~of_part.single).tolist():
        head, end = of_part.heads[family : family + 2].tolist()
        try:
            pedigree_of(members_of(table.slice(head, end - head)))
        except Nonsense as refusal:
            tell(head, "family_id", f"{refusal}.")


def _check_together(rows: Rows, column: str, names: pa.ChunkedArray, found: _Faults) -> None:
    """A fault if a name heads rows in two places."""
    if len(names.unique()) == len(names):
        return
    counts = pc.value_counts(names)
    twice = next(one["values"].as_py() for one in counts if one["counts"].as_py() > 1)
    found.add(Fault(rows.name, None, column, twice, "has rows in two places.", f"Sort the rows by {column}."))


def _has_empty(rows: Rows, start: int, table: pa.Table, columns: Sequence[str], found: _Faults) -> bool:
    """Whether a column that must be filled is not; with a fault for the first such row."""
    for column in columns:
        empty = pc.equal(pc.fill_null(pc.binary_length(table[column]), 0), 0)
        place = pc.index(empty, True).as_py()
        if place >= 0:
            found.add(Fault(rows.name, start + place + 1, column, "", "is empty, and must be filled."))
            return True
    return False


def _count_remains(rows: Rows, found: _Faults) -> int:
    """How many remains there are; their rows stand together."""
    parts = []
    for start, table in rows.chunks(["remains_id"]):
        if _has_empty(rows, start, table, ["remains_id"], found):
            return 0
        parts.append(table["remains_id"].combine_chunks())
    names = pa.chunked_array(parts, pa.string()).combine_chunks()
    heads = names.filter(pa.array(firsts(names)))
    _check_together(rows, "remains_id", pa.chunked_array([heads]), found)
    return len(heads)
