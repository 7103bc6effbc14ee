"""What a scan will do: the set, the threshold, the blocks, and how large its answer can become.

A plan is small, can be sent to another process or machine, and is all that a block needs besides the set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from homeward.errors import Fault, Nonsense, Rejected
from homeward.formats.scanfiles import Rows, ScanSet, firsts, open_set, read_call
from homeward.genetics.locus import MarkerNames
from homeward.programme import NOT_OBSERVED
from homeward.progress import Tick, silent
from homeward.scan import _compiled

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
    remains, slots, families : how many there are
    blocks : the work
    alleles : marker -> alleles seen, so that every process prepares the same loci
    """

    path: Path
    digest: str
    threshold: float
    best: int = 0
    sieve: Sieve
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
        return {"threshold": self.threshold, "best": self.best}


def plan(
    path: Path,
    *,
    threshold: float,
    best: int = 0,
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
    faults: list[Fault] = []
    alleles: dict[str, set[str]] = {}
    total = opened.families.count + opened.remains.count
    tick("checking", 0, total)
    for rows in (opened.families, opened.remains):
        faults += _calls_seen(opened, rows, alleles)
    families, blocks = _blocks(opened.families, block, faults)
    tick("checking", opened.families.count, total)
    remains = _count_remains(opened.remains, faults)
    tick("checking", total, total)
    if faults:
        raise Rejected(faults)
    return ScanPlan(
        path=path,
        digest=opened.digest(),
        threshold=threshold,
        best=best,
        sieve=sieve or ("wide" if _compiled.wide_width() else "narrow"),
        remains=remains,
        slots=blocks[-1].slots[1] if blocks else 0,
        families=families,
        blocks=tuple(blocks),
        alleles=tuple((marker, tuple(sorted(seen))) for marker, seen in sorted(alleles.items())),
    )


def _calls_seen(opened: ScanSet, rows: Rows, alleles: dict[str, set[str]]) -> list[Fault]:
    """Collect the alleles of every marker; faults for what is no call."""
    names = MarkerNames(opened.programme.markers)
    faults = []
    for column in rows.markers:
        seen: set[str] = set()
        wrong: set[str] = set()
        for start, table in rows.chunks([column]):
            for chunk in table[column].chunks:
                for text in _distinct(chunk):
                    if text in wrong:
                        continue
                    try:
                        seen.update(read_call(text) or ())
                    except (ValueError, AttributeError) as problem:
                        wrong.add(text)
                        line = start + 1 + (pc.index(table[column].cast(pa.string()), str(text)).as_py())
                        faults.append(Fault(rows.name, line, column, str(text), f"{problem}."))
        alleles.setdefault(names(column), set()).update(seen - {NOT_OBSERVED})
    return faults[:_LISTED]


def _distinct(chunk: pa.Array) -> list[Any]:
    values = chunk.dictionary if pa.types.is_dictionary(chunk.type) else chunk.unique()
    found: list[Any] = values.to_pylist()
    return found


def _blocks(rows: Rows, size: int, faults: list[Fault]) -> tuple[int, list[Block]]:
    """How many families there are, and the rows cut between families into blocks of at least ``size`` slots."""
    blocks: list[Block] = []
    heads: list[pa.Array] = []
    first_row, first_slot, slot = 0, 0, 0
    for row, family_slots, names in _families(rows, faults):
        heads.append(names)
        for begin, slots in zip(row.tolist(), family_slots.tolist(), strict=True):
            if slot - first_slot >= size:
                blocks.append(Block(len(blocks), (first_row, begin), (first_slot, slot)))
                first_row, first_slot = begin, slot
            slot += slots
    if slot > first_slot:
        blocks.append(Block(len(blocks), (first_row, rows.count), (first_slot, slot)))
    every = pa.chunked_array(heads, pa.string())
    if len(every.unique()) != len(every):
        counts = pc.value_counts(every)
        twice = next(one["values"].as_py() for one in counts if one["counts"].as_py() > 1)
        faults.append(
            Fault(rows.name, None, "family_id", twice, "has rows in two places.", "Sort the rows by family_id.")
        )
    return len(every), blocks


def _families(rows: Rows, faults: list[Fault]) -> Iterator[tuple[Any, Any, pa.Array]]:
    """First row, number of slots and name of each family, as far as it is whole, row group by row group."""
    before: pa.Table | None = None
    at = 0
    for start, table in rows.chunks(["family_id", "member_id", "person_id"]):
        if table["family_id"].null_count or table["member_id"].null_count:
            faults.append(Fault(rows.name, start + 1, "family_id", "", "or member_id is empty in this part."))
            return
        table = table if before is None else pa.concat_tables([before, table])
        heads = _heads(table)
        cut = heads[-1] if len(heads) else 0
        before = table.slice(cut)
        yield from _counted(table.slice(0, cut), at)
        at += cut
    if before is not None and before.num_rows:
        yield from _counted(before, at)


def _heads(table: pa.Table) -> Any:
    """Rows at which a family begins."""
    return np.flatnonzero(firsts(table["family_id"].combine_chunks()))


def _counted(table: pa.Table, at: int) -> Iterator[tuple[Any, Any, pa.Array]]:
    heads = _heads(table)
    if not len(heads):
        return
    persons = slot_rows(table).astype(np.int64)
    yield heads + at, np.add.reduceat(persons, heads), table["family_id"].take(heads).combine_chunks()


def slot_rows(table: pa.Table) -> Any:
    """Which rows are slots: a person, at the first row of the member (further ones are further samples)."""
    persons = pc.greater(pc.binary_length(pc.fill_null(table["person_id"], "")), 0)
    new_family, new_member = (firsts(table[name].combine_chunks()) for name in ("family_id", "member_id"))
    return persons.to_numpy() & (new_family | new_member)


def _count_remains(rows: Rows, faults: list[Fault]) -> int:
    """How many remains there are; their rows stand together."""
    heads = []
    for start, table in rows.chunks(["remains_id"]):
        if table["remains_id"].null_count:
            faults.append(Fault(rows.name, start + 1, "remains_id", "", "is empty in this part."))
            return 0
        heads.append(table["remains_id"].combine_chunks())
    names = pa.chunked_array(heads, pa.string())
    distinct = len(names.unique())
    if firsts(names.combine_chunks()).sum() != distinct:
        faults.append(
            Fault(rows.name, None, "remains_id", "", "has rows of one remains in two places.", "Sort the rows.")
        )
    return distinct
