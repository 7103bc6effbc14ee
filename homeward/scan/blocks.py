"""One block of a scan: peel its families, sift all remains, score what may reach the threshold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from homeward.formats.scanfiles import Pairs, joined, members_of, pedigree_of, read_call
from homeward.genetics import _compiled as genetics
from homeward.genetics.family import Family
from homeward.genetics.locus import Loci, MarkerNames
from homeward.genetics.mutation import Floats
from homeward.progress import Tick, silent
from homeward.scan import _compiled, prefilter
from homeward.scan.plan import Block, ScanPlan
from homeward.scan.prefilter import LN10, Layout
from homeward.scan.remains import Context, context, merged_calls

_ROOM = 1 << 16  # pairs kept before they are moved elsewhere


@dataclass(frozen=True, eq=False, kw_only=True)
class BlockResult:
    """What a block gave.

    Parameters
    ----------
    number : of the block
    pairs : those kept, by slot, then by remains
    candidates : how many pairs the prefilter let pass
    compared : how many pairs were compared
    uninformed : slots that no typed relative informs; nothing can be compared with them
    set_aside : family and marker at which its references contradict the pedigree
    """

    number: int
    pairs: Pairs
    candidates: int
    compared: int
    uninformed: int
    set_aside: tuple[tuple[str, str], ...]

    def account(self) -> dict[str, Any]:
        """Everything but the pairs."""
        return {
            "number": self.number,
            "candidates": self.candidates,
            "compared": self.compared,
            "uninformed": self.uninformed,
            "set_aside": [list(one) for one in self.set_aside],
        }


@dataclass(frozen=True, eq=False)
class Peeled:
    """Slots of one population: numbers, and the log likelihood ratio of every row of ``Seen``, (row, slot)."""

    population: str
    slots: npt.NDArray[np.int64]
    rows: Floats


def run_block(plan: ScanPlan, block: Block, *, tick: Tick = silent) -> BlockResult:
    """Compare the missing persons of a block with all remains.

    Depends on the plan and the set alone, so that it can be run again, elsewhere, in any order.

    Parameters
    ----------
    tick : told of stage "scanning" in slots of this block
    """
    here = context(plan)
    total = block.slots[1] - block.slots[0]
    uninformed, candidates, compared, done = 0, 0, 0, 0
    set_aside: list[tuple[str, str]] = []
    kept: list[Pairs] = []
    for part, ignored, aside in peeled(here, block):
        uninformed += ignored
        set_aside += aside
        pairs, asked = _scored(plan, here, part)
        kept.append(pairs)
        candidates += asked
        compared += len(part.slots) * plan.remains
        done += len(part.slots) + ignored
        tick("scanning", done, total)
    pairs = joined(kept)
    order = np.lexsort((pairs.remains, pairs.slots))
    return BlockResult(
        number=block.number,
        pairs=pairs[order],
        candidates=candidates,
        compared=compared,
        uninformed=uninformed,
        set_aside=tuple(sorted(set_aside)),
    )


def peeled(here: Context, block: Block) -> Iterator[tuple[Peeled, int, list[tuple[str, str]]]]:
    """The slots of a block that can be compared, at most 128 at a time; how many cannot; and why."""
    waiting: dict[tuple[str, bool], list[tuple[int, Family, str]]] = {}
    uninformed = 0
    for slot, family, member_id in _slots(here, block):
        if not family.is_informed(member_id):
            uninformed += 1
            continue
        key = (family.population, family.prune)
        waiting.setdefault(key, []).append((slot, family, member_id))
        if len(waiting[key]) == _compiled.SLOTS:
            yield (*_peel(here, waiting.pop(key), uninformed),)
            uninformed = 0
    for members in waiting.values():
        yield (*_peel(here, members, uninformed),)
        uninformed = 0
    if uninformed:
        yield Peeled("", np.zeros(0, np.int64), np.zeros((0, 0))), uninformed, []


def _peel(
    here: Context, members: Sequence[tuple[int, Family, str]], uninformed: int
) -> tuple[Peeled, int, list[tuple[str, str]]]:
    population = members[0][1].population
    seen, _ = here.layout(population)
    rows, log_likelihood = genetics.block_rows([(family, member_id) for _, family, member_id in members], seen)
    possible = log_likelihood.sum(axis=1) > -np.inf
    contradictory = np.flatnonzero(~possible).tolist()
    aside = {members[i][1].family_id: seen.loci[int(np.argmin(log_likelihood[i]))].marker for i in contradictory}
    slots = np.array([slot for slot, _, _ in members], dtype=np.int64)
    part = Peeled(population, slots[possible], np.ascontiguousarray(rows[:, possible]))
    return part, uninformed + int((~possible).sum()), list(aside.items())


def _slots(here: Context, block: Block) -> Iterator[tuple[int, Family, str]]:
    """Number, family and member of every slot."""
    table = here.opened.families.read(*block.rows)
    columns = {column: table[column].to_pylist() for column in here.opened.families.markers}
    samples = {name: table[name].to_pylist() for name in ("sample_id",) if name in table.column_names}
    rows = members_of(table)
    slot = block.slots[0]
    for start, stop in _runs_of([row["family_id"] for row in rows]):
        of_family = rows[start:stop]
        family = _family(here, of_family, range(start, stop), columns, samples)
        for member in family.slots:
            yield slot, family, member.member_id
            slot += 1


def _runs_of(names: Sequence[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for place in range(1, len(names) + 1):
        if place == len(names) or names[place] != names[start]:
            yield start, place
            start = place


def _family(
    here: Context,
    rows: Sequence[Mapping[str, Any]],
    places: range,
    columns: Mapping[str, Sequence[str | None]],
    samples: Mapping[str, Sequence[str | None]],
) -> Family:
    pedigree = pedigree_of(rows)
    loci = _population(here, pedigree.members)
    of_member: dict[str, list[int]] = {}
    for place, row in zip(places, rows, strict=True):
        of_member.setdefault(row["member_id"], []).append(place)
    names = MarkerNames(here.opened.programme.markers)
    calls = {}
    for member_id, own in of_member.items():
        cells = [
            {column: cells[place] for column, cells in (*columns.items(), *samples.items()) if cells[place]}
            for place in own
        ]
        if len(cells) > 1:
            merged = merged_calls(here.opened, cells, member_id)
        else:
            merged = {names(column): _call(text) for column, text in cells[0].items() if column in columns}
        calls[member_id] = {marker: call for marker, call in merged.items() if marker in loci and call != ("?", "?")}
    return Family(
        pedigree=pedigree,
        loci=loci,
        calls={member_id: of for member_id, of in calls.items() if of},
        slots=pedigree.missing,
        prune=here.opened.programme.settings.untyped_ancestors == "prune",
    )


def _call(text: Any) -> tuple[str, str]:
    call = read_call(text)
    assert call is not None
    return call


def _population(here: Context, members: Sequence[Any]) -> Loci:
    stated = {member.population for member in members} - {""}
    return here.loci[stated.pop()] if stated else next(iter(here.loci.values()))


def _scored(plan: ScanPlan, here: Context, part: Peeled) -> tuple[Pairs, int]:
    """The pairs that reach the threshold, and how many were candidates."""
    if not len(part.slots):
        return joined([]), 0
    _, layout = here.layout(part.population)
    rows = np.ascontiguousarray(part.rows[layout.source])
    if plan.sieve == "plain":
        return _plainly(plan, layout, rows, part.slots)
    return _sifted(plan, layout, rows, part.slots)


def _plainly(plan: ScanPlan, layout: Layout, rows: Floats, slots: npt.NDArray[np.int64]) -> tuple[Pairs, int]:
    """As the definition says it, without compiled code."""
    budget = _compiled.WIDE_BUDGET
    found = prefilter.deficits(rows, layout, plan.threshold * LN10, budget)
    remains, lanes = np.nonzero(prefilter.candidates(found, layout, budget))
    log10_lr = prefilter.rescored(rows, layout, remains, lanes)
    kept = log10_lr >= plan.threshold
    pairs = Pairs(
        remains=remains[kept].astype(np.uint32),
        slots=slots[lanes[kept]].astype(np.uint32),
        log10_lr=log10_lr[kept],
    )
    return pairs, len(remains)


def _sifted(plan: ScanPlan, layout: Layout, rows: Floats, slots: npt.NDArray[np.int64]) -> tuple[Pairs, int]:
    """With the compiled sieve."""
    sieve = _compiled.sieve(rows, layout, plan.threshold, plan.sieve)
    remains, lanes, log10_lr = np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint32), np.empty(_ROOM)
    parts, candidates, at = [], 0, 0
    while at < len(layout.codes):
        at, kept, asked = sieve(at, remains, lanes, log10_lr)
        candidates += asked
        parts.append(
            Pairs(
                remains=remains[:kept].copy(),
                slots=slots[lanes[:kept]].astype(np.uint32),
                log10_lr=log10_lr[:kept].copy(),
            )
        )
    return joined(parts), candidates
