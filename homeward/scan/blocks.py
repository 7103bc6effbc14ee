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
from homeward.scan.families import Part, peeled
from homeward.scan.plan import Block, ScanPlan
from homeward.scan.prefilter import LN10, Layout
from homeward.scan.remains import Context, context

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


def run_block(plan: ScanPlan, block: Block, *, tick: Tick = silent) -> BlockResult:
    """Compare the missing persons of a block with all remains.

    Depends on the plan and the set alone, so that it can be run again, elsewhere, in any order.

    Parameters
    ----------
    tick : told of stage "scanning" in slots of this block
    """
    here = context(plan)
    total = block.slots[1] - block.slots[0]
    candidates, compared, uninformed = 0, 0, total
    set_aside: list[tuple[str, str]] = []
    kept: list[Pairs] = []
    for part in peeled(here, block):
        set_aside += part.set_aside
        pairs, asked = _scored(plan, here, part)
        kept.append(pairs)
        candidates += asked
        compared += len(part.slots) * plan.remains
        uninformed -= len(part.slots) + part.aside
        tick("scanning", compared // max(plan.remains, 1), total)
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


def _scored(plan: ScanPlan, here: Context, part: Part) -> tuple[Pairs, int]:
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
