"""One block of a scan: peel its families, sift all remains, score what may reach the threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from homeward.formats.scanfiles import Pairs, joined
from homeward.genetics.mutation import Floats
from homeward.progress import Tick, silent
from homeward.scan import _compiled, prefilter
from homeward.scan.families import peeled
from homeward.scan.plan import Block, ScanPlan
from homeward.scan.prefilter import LN10, Best, Layout
from homeward.scan.remains import context, sex_rows


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
    estimated : family of which theta ties too much together, and the largest standard error that a log10 ratio of it
        can have
    """

    number: int
    pairs: Pairs
    candidates: int
    compared: int
    uninformed: int
    set_aside: tuple[tuple[str, str], ...]
    estimated: tuple[tuple[str, float], ...] = ()

    def account(self) -> dict[str, Any]:
        """Everything but the pairs."""
        return {
            "number": self.number,
            "candidates": self.candidates,
            "compared": self.compared,
            "uninformed": self.uninformed,
            "set_aside": [list(one) for one in self.set_aside],
            "estimated": [list(one) for one in self.estimated],
        }


def run_block(
    plan: ScanPlan, block: Block, *, floors: npt.NDArray[np.float64] | None = None, tick: Tick = silent
) -> BlockResult:
    """Compare the missing persons of a block with all remains.

    Depends on the plan and the set alone, so that it can be run again, elsewhere, in any order.

    Parameters
    ----------
    floors : (remains,) log10 likelihood ratios that as many pairs of other blocks reach as are kept for each
        remains. With or without, what :func:`homeward.scan.running.collect` makes of all blocks is the same:
        it only spares this one pairs that cannot be among the best
    tick : told of stage "scanning" in slots of this block
    """
    here = context(plan)
    best = prefilter.none_yet(plan.remains, plan.best, plan.threshold)
    if floors is not None and plan.best:
        np.maximum(best.floors, floors, out=best.floors)
    total = block.slots[1] - block.slots[0]
    candidates, compared, uninformed, population = 0, 0, total, ""
    set_aside: list[tuple[str, str]] = []
    estimated: dict[str, float] = {}
    kept: list[Pairs] = []
    for part in peeled(here, block):
        set_aside += part.set_aside
        estimated |= {family: max(error, estimated.get(family, 0.0)) for family, error in part.estimated}
        layout = here.layout(part.population)[1]
        if plan.best:
            layout = here.levels(part.population)
            if part.population != population:
                prefilter.set_levels(layout, best.floors, plan.threshold)
                population = part.population
        rows = part.rows
        if plan.sex is not None:
            rows = np.concatenate([rows, sex_rows(here.opened.programme.settings, plan.sex, part.sex)])
        pairs, asked = _scored(plan, layout, part.slots, rows, best)
        kept.append(pairs)
        candidates += asked
        compared += len(part.slots) * plan.remains
        uninformed -= len(part.slots) + part.aside
        tick("scanning", compared // max(plan.remains, 1), total)
    pairs = joined(kept)
    return BlockResult(
        number=block.number,
        pairs=pairs_of(best) if plan.best else pairs[np.lexsort((pairs.remains, pairs.slots))],
        candidates=candidates,
        compared=compared,
        uninformed=uninformed,
        set_aside=tuple(sorted(set_aside)),
        estimated=tuple(sorted(estimated.items())),
    )


def pairs_of(best: Best, start: int = 0, stop: int | None = None) -> Pairs:
    """The pairs among the best, by remains, the greatest first; of a range of remains."""
    log10_lr, slots = best.log10_lr[start:stop], best.slots[start:stop]
    found = log10_lr > -np.inf
    numbers = np.arange(start, start + len(found), dtype=np.uint32)
    return Pairs(
        remains=np.repeat(numbers, np.count_nonzero(found, axis=1)), slots=slots[found], log10_lr=log10_lr[found]
    )


def offer(best: Best, pairs: Pairs) -> None:
    """Put pairs among the best where they belong."""
    _compiled.offer(best, pairs.remains, pairs.slots, pairs.log10_lr, np.zeros((0, 1), np.uint16))


def _scored(
    plan: ScanPlan, layout: Layout, slots: npt.NDArray[np.int64], rows: Floats, best: Best
) -> tuple[Pairs, int]:
    """The pairs that reach the threshold, and how many were candidates; with ``best``, they are put there."""
    rows = np.ascontiguousarray(rows[layout.source])
    lanes = slots.astype(np.uint32)
    if plan.sieve == "plain":
        found, candidates = _plainly(plan, layout, rows, lanes)
        if plan.best:
            offer(best, found)
            prefilter.set_levels(layout, best.floors, plan.threshold)
            found = joined([])
        return found, candidates
    parts, candidates = [], 0
    for room, asked in _compiled.sift(rows, layout, plan.threshold, lanes, plan.sieve, best):
        parts.append(Pairs(remains=room.remains, slots=room.slots, log10_lr=room.log10_lr))
        candidates += asked
    return joined(parts), candidates


def _plainly(plan: ScanPlan, layout: Layout, rows: Floats, lanes: npt.NDArray[np.uint32]) -> tuple[Pairs, int]:
    """As the definition says it, without compiled code."""
    budget = _compiled.WIDE_BUDGET
    least = plan.threshold * LN10
    found = prefilter.deficits(rows, layout, least, budget)
    if layout.levels:
        step = prefilter.steps(prefilter.best_rows(rows, layout), least, budget)
        found = np.concatenate([found, prefilter.level_deficits(step, budget)])
    remains, places = np.nonzero(prefilter.candidates(found, layout, budget))
    log10_lr = prefilter.rescored(rows, layout, remains, places)
    kept = log10_lr >= plan.threshold
    pairs = Pairs(remains=layout.numbers[remains[kept]], slots=lanes[places[kept]], log10_lr=log10_lr[kept])
    return pairs, len(remains)
