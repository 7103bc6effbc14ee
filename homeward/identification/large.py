"""Components too large to be summed: an estimate, and how far it can be from the exact posterior.

Belief propagation gives the estimate, the path tree an interval (``intervals.py``), and the estimate
is moved into the interval where it lies outside. What no interval narrows to WIDTH is sampled
(``sampling.py``). Where the chains disagree the label is approximate, and the error at least what they
differ by and what belief propagation differs from the exact answer on sub-problems around it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from homeward.identification import joint
from homeward.identification.field import Belief, Field, Floats, lay_out, propagate
from homeward.identification.intervals import Bounds, bound
from homeward.identification.result import Label
from homeward.identification.sampling import sample
from homeward.progress import Tick, silent

NEIGHBOURS = 9  # remains of a sub-problem that measures an approximation
NEIGHBOUR_SLOTS = 12


@dataclass(frozen=True, eq=False)
class Large:
    """The posterior of one component; arrays follow its remains and its slots."""

    slots: list[int]
    none: Floats
    none_error: Floats
    slot: Floats
    slot_error: Floats
    free: Floats
    labels: list[Label]
    unsettled: list[int]  # remains whose chains disagree


def solve(
    weights: joint.Weights,
    remains: list[int],
    families: Sequence[joint.Family],
    *,
    seed: int = 0,
    tick: Tick = silent,
) -> Large:
    """Estimate and bound every posterior of a component."""
    field = lay_out(weights, remains, families)
    tick("belief", 0, 1)
    belief = propagate(field)
    tick("belief", 1, 1)
    slots = [s for family in families for s in family.slots]
    column = {s: k for k, s in enumerate(slots)}
    if field.listed:
        found = estimated(field, belief, column)
    else:
        found = _certified(field, belief, bound(field, tick=tick), column)
    none, none_error, slot, slot_error = found
    widest = np.maximum(none_error, slot_error.max(1, initial=0.0))
    uncertain = widest > joint.WIDTH
    labels = [Label.SAMPLED if wide else Label.CERTIFIED for wide in uncertain.tolist()]
    unsettled: list[int] = []
    if uncertain.any():
        sampled = sample(weights, remains, families, slot, uncertain, seed=seed, tick=tick)
        none[uncertain], none_error[uncertain] = sampled.none, sampled.none_error
        slot[uncertain], slot_error[uncertain] = sampled.slot, sampled.slot_error
        unsettled = np.flatnonzero(uncertain)[sampled.apart > 0].tolist()
        unsure = np.flatnonzero(uncertain).tolist() if sampled.narrowed else unsettled
        if unsure:
            measured = max(_measured(weights, remains, slot, slots, unsure), float(sampled.apart.max()))
            none_error[unsure] = np.maximum(none_error[unsure], measured)
            slot_error[unsure] = np.where(slot[unsure] > 0, np.maximum(slot_error[unsure], measured), 0.0)
            labels = [Label.APPROXIMATE if k in unsure else label for k, label in enumerate(labels)]
    free = _free(field, belief, column)
    return Large(slots, none, none_error, slot, slot_error, free, labels, [remains[k] for k in unsettled])


def _spread(field: Field, values: Floats, pairs: tuple[Floats, Floats], column: dict[int, int]) -> Floats:
    """From columns to slots."""
    answer = np.zeros((len(values), len(column)))
    for k, members in enumerate(field.members):
        answer[:, [column[s] for s in members]] = values[:, k : k + 1]
    for k, together in enumerate(field.pair_members):
        for first, second in together:
            answer[:, column[first]] = pairs[0][:, k]
            answer[:, column[second]] = pairs[1][:, k]
    return answer


def _total(field: Field, single: Floats, pairs: Floats) -> Floats:
    return np.asarray(field.none + single @ (1 + field.copies) + pairs @ (1 + field.pair_copies))


def _certified(
    field: Field, belief: Belief, bounds: Bounds, column: dict[int, int]
) -> tuple[Floats, Floats, Floats, Floats]:
    """The estimate inside its intervals, and the greatest distance to their ends."""
    single = np.clip(belief.single, bounds.low, bounds.high)
    first = np.clip(belief.first, bounds.first_low, bounds.first_high)
    second = np.clip(belief.second, bounds.second_low, bounds.second_high)
    total = _total(field, single, first + second)

    def errors(value: Floats, low: Floats, high: Floats, rest_low: Floats, rest_high: Floats) -> Floats:
        """The greatest distance of value / total to the ends of x / (x + rest)."""
        slack = 4e-12 * bounds.sum_high[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            bottom = np.nan_to_num(low / (low + np.maximum(rest_high, 0) + slack), nan=0.0)
            top = np.nan_to_num(high / (high + np.maximum(rest_low - slack, 0)), nan=1.0)
        chance = value / total[:, None]
        return np.where(high > 0, np.maximum(np.maximum(top - chance, chance - bottom), 0), 0.0)

    all_low, all_high = bounds.sum_low[:, None], bounds.sum_high[:, None]
    beside_low, beside_high = all_low - bounds.pair_low, all_high - bounds.pair_high
    slot = _spread(field, single / total[:, None], (first / total[:, None], second / total[:, None]), column)
    slot_error = _spread(
        field,
        errors(single, bounds.low, bounds.high, all_low - bounds.low, all_high - bounds.high),
        (
            errors(
                first,
                bounds.first_low,
                bounds.first_high,
                beside_low + bounds.second_low,
                beside_high + bounds.second_high,
            ),
            errors(
                second,
                bounds.second_low,
                bounds.second_high,
                beside_low + bounds.first_low,
                beside_high + bounds.first_high,
            ),
        ),
        column,
    )
    none = field.none / total
    with np.errstate(invalid="ignore", divide="ignore"):
        top = np.nan_to_num(field.none / bounds.sum_low, nan=1.0, posinf=1.0)
        bottom = np.nan_to_num(field.none / bounds.sum_high)
    none_error = np.where(field.none > 0, np.maximum(top - none, none - bottom), 0.0)
    return none, none_error, slot, slot_error


def estimated(field: Field, belief: Belief, column: dict[int, int]) -> tuple[Floats, Floats, Floats, Floats]:
    """None, its error, slots and their errors of a component, by belief propagation alone.

    Families of three or more missing have no interval, and are sampled.
    """
    total = _total(field, belief.single, belief.first + belief.second)
    total = total + sum((T.sum(1) for T in belief.listed), np.zeros(len(total)))
    slot = _spread(field, belief.single, (belief.first, belief.second), column)
    for family, T in zip(field.listed, belief.listed, strict=True):
        slot[:, [column[s] for s in family.slots]] = T
    slot /= total[:, None]
    return field.none / total, np.ones(len(total)), slot, np.ones(slot.shape)


def _free(field: Field, belief: Belief, column: dict[int, int]) -> Floats:
    free = _spread(field, belief.free_single, (belief.free_first, belief.free_second), column)
    for family, T in zip(field.listed, belief.listed, strict=True):
        taken = T / (1 + T.sum(1, keepdims=True))
        free[:, [column[s] for s in family.slots]] = 1 - (taken.sum(0) - taken)
    return np.clip(free, 0, 1)


def _measured(
    weights: joint.Weights, remains: list[int], slot: Floats, slots: list[int], uncertain: list[int]
) -> float:
    """The largest difference between belief propagation and the exact answer on sub-problems.

    Each is the uncertain remains with those who compete with them for their leading persons.
    """
    worst = 0.0
    for k in uncertain[:40]:
        leading = np.argsort(-slot[k], kind="stable")[:4]
        rivals = np.argsort(-slot[:, leading].sum(1), kind="stable")[:NEIGHBOURS].tolist()
        chosen = sorted({k, *rivals})
        wanted = np.argsort(-slot[chosen].sum(0), kind="stable")[:NEIGHBOUR_SLOTS].tolist()
        part = _part(weights, [remains[i] for i in chosen], [slots[j] for j in wanted])
        for rows, families in joint.components(part):
            exact = joint.exactly(part, rows, families)
            if exact is None:
                continue
            field = lay_out(part, rows, families)
            names = {s: j for j, s in enumerate(s for family in families for s in family.slots)}
            _, _, estimate, _ = estimated(field, propagate(field), names)
            worst = max(worst, float(np.abs(estimate - exact[np.ix_(rows, list(names))]).max(initial=0.0)))
    return worst


def _part(weights: joint.Weights, rows: list[int], columns: list[int]) -> joint.Weights:
    """Some remains and slots of a problem; a family is kept whole if any of its slots is."""
    wanted = set(columns)
    for coupling in weights.couplings:
        if wanted & set(coupling.slots):
            wanted |= set(coupling.slots)
    ordered = sorted(wanted)
    place = {s: j for j, s in enumerate(ordered)}
    couplings = []
    for coupling in weights.couplings:
        if wanted & set(coupling.slots):
            couplings.append(_narrowed(coupling, rows, tuple(place[s] for s in coupling.slots)))
    return joint.Weights(
        log_none=weights.log_none[rows], log_slot=weights.log_slot[np.ix_(rows, ordered)], couplings=tuple(couplings)
    )


def _narrowed(coupling: joint.Coupling, rows: list[int], slots: tuple[int, ...]) -> joint.Coupling:
    def log_ratio(holder: tuple[int, ...]) -> float:
        return coupling.log_ratio(tuple(rows[i] if i >= 0 else -1 for i in holder))

    pair = None if coupling.pair is None else coupling.pair[np.ix_(rows, rows)]
    return joint.Coupling(slots=slots, log_ratio=log_ratio, pair=pair)
