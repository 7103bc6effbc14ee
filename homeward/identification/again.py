"""Small joint problems solved again: with a line of evidence left out, at another prior, or for the best answers.

Components of the joint problem are taken in order as long as the work allowed lasts; of the others nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.identification import joint
from homeward.identification.exact import Frontier
from homeward.identification.joint import Floats, Weights


@dataclass(frozen=True, eq=False, kw_only=True)
class Solved:
    """Values per remains and slot, and per remains for none; only rows that are ``known`` mean anything."""

    slot: Floats
    none: Floats
    known: npt.NDArray[np.bool_]


def posterior(weights: Weights, *, most_work: float) -> Solved:
    """The exact posterior of what is small enough."""
    answer, left = _nothing(weights, 0.0), most_work
    if not weights.one_to_one:
        everything = np.column_stack([weights.log_none, weights.log_slot])
        with np.errstate(invalid="ignore"):
            share = np.exp(everything - np.logaddexp.reduce(everything, axis=1, keepdims=True))
        return Solved(slot=share[:, 1:], none=share[:, 0], known=np.asarray(np.isfinite(share).all(axis=1)))
    for remains, families in joint.components(weights):
        problem = joint._exactly(weights, remains, families)
        if problem is None or problem.work > left:
            continue
        left -= problem.work
        sums = Frontier(problem.log_alone, problem.groups).sums()
        if sums.log_total == -np.inf:
            continue
        for chances, pairs in zip(sums.configurations, problem.pairs, strict=True):
            for chance, chosen in zip(chances.tolist(), pairs, strict=True):
                for r, s in chosen:
                    answer.slot[r, s] += chance
        answer.none[problem.remains] = sums.untaken if problem.by_family else sums.empty
        answer.known[problem.remains] = True
    return answer


def best_with_each(weights: Weights, *, most_work: float) -> Solved:
    """Natural log of the greatest weight of an assignment that has each pair, in the component of the remains.

    Differences within a row are ratios over assignments of everyone: what other components add is the same.
    """
    if not weights.one_to_one:
        return Solved(slot=weights.log_slot, none=weights.log_none, known=np.ones(len(weights.log_none), dtype=bool))
    answer, left = _nothing(weights, -np.inf), most_work
    for remains, families in joint.components(weights):
        problem = joint._exactly(weights, remains, families)
        if problem is None or problem.work > left:
            continue
        left -= problem.work
        maxima = Frontier(problem.log_alone, problem.groups).maxima()
        for values, pairs in zip(maxima.configurations, problem.pairs, strict=True):
            for value, chosen in zip(values.tolist(), pairs, strict=True):
                for r, s in chosen:
                    answer.slot[r, s] = max(answer.slot[r, s], value)
        answer.none[problem.remains] = maxima.untaken if problem.by_family else maxima.empty
        answer.known[problem.remains] = True
    return answer


def _nothing(weights: Weights, value: float) -> Solved:
    rows, slots = weights.log_slot.shape
    return Solved(slot=np.full((rows, slots), value), none=np.full(rows, value), known=np.zeros(rows, dtype=bool))
