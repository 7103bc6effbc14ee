"""What a posterior owes to likelihoods that are themselves estimates (``theta_method = "sampled"``).

Every estimated likelihood has a standard error. The joint problem is solved REDRAWS times more with each of them moved
by a normal deviate of that size, and the spread of a posterior over these is the standard error that the estimates
give it: whatever path it takes, through the family's other members, competitors, and remains decided before. What is
too large to be summed is solved by belief propagation each time, whose spread is told, not its value.

Likelihoods that rest on the same draws err alike more than not, and their ratios less than independent ones: taken as
independent here, they tell too much rather than too little.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from homeward.identification import fragments, joint
from homeward.identification.field import lay_out, propagate
from homeward.identification.joint import Coupling, Floats, Holder, Joint, Weights
from homeward.identification.large import estimated
from homeward.identification.result import Label
from homeward.progress import Tick, silent

REDRAWS = 24  # a standard error from so many is itself known to 15%
UNTOLD = 1e-6  # of a posterior: below this an error is not told, and the label stays


def estimates(weights: Weights) -> bool:
    """Whether some likelihood of a joint problem is an estimate."""
    return weights.log_slot_error is not None or any(of.error is not None for of in weights.couplings)


def with_estimates(weights: Weights, found: Joint, *, seed: int = 0, tick: Tick = silent) -> Joint:
    """The answer of a joint problem with what the estimates among its likelihoods add to every error.

    An error that is a proven width or a difference is added to, a standard error goes in quadrature. What was exact or
    certified and moves by :data:`UNTOLD` or more is ``sampled``.
    """
    if not estimates(weights):
        return found
    rng = np.random.default_rng([seed, REDRAWS])
    slot, none, totals = _Spread(), _Spread(), _Spread()
    listed = [chosen for _, chosen in found.assignments]
    largest: dict[int, float] = {}
    for number in range(REDRAWS):
        tick("estimates", number, REDRAWS)
        moved = moved_by_error(weights, rng, largest)
        again = _solved(moved, seed)
        slot.add(again.slot)
        none.add(again.none)
        if again.log_total is not None:
            logs = [joint.log_weight(moved, chosen) - again.log_total for chosen in listed if weights.one_to_one]
            totals.add(np.array([again.log_total, *logs]))
    tick("estimates", REDRAWS, REDRAWS)
    whole = _together(found, none.deviation(), slot.deviation(), totals)
    return replace(whole, family_errors={slot: error for slot, error in sorted(largest.items()) if error})


def _together(found: Joint, none: Floats, slot: Floats, totals: _Spread) -> Joint:
    sampled = np.array([label is Label.SAMPLED for label in found.labels], dtype=bool)
    moves = np.maximum(none, slot.max(axis=1, initial=0.0)) >= UNTOLD
    labels = tuple(
        Label.SAMPLED if moved and label in (Label.EXACT, Label.CERTIFIED) else label
        for label, moved in zip(found.labels, moves.tolist(), strict=True)
    )
    of_totals = totals.deviation() if totals.count else np.zeros(1)
    return replace(
        found,
        none_error=np.where(sampled, np.hypot(found.none_error, none), found.none_error + none),
        slot_error=np.where(sampled[:, None], np.hypot(found.slot_error, slot), found.slot_error + slot),
        labels=labels,
        estimated=tuple(np.flatnonzero(moves).tolist()),
        log_total_error=float(of_totals[0]),
        assignment_errors=tuple(of_totals[1:].tolist()),
    )


class _Spread:
    """Mean and variance of arrays that come one by one (Welford 1962)."""

    def __init__(self) -> None:
        self.count = 0
        self.mean: Floats = np.zeros(1)
        self.squares: Floats = np.zeros(1)

    def add(self, values: Floats) -> None:
        self.count += 1
        if self.count == 1:
            self.mean, self.squares = values.copy(), np.zeros(values.shape)
            return
        apart = values - self.mean
        self.mean = self.mean + apart / self.count
        self.squares = self.squares + apart * (values - self.mean)

    def deviation(self) -> Floats:
        return np.asarray(np.sqrt(self.squares / max(self.count - 1, 1)))


# --- other likelihoods ---


def moved_by_error(weights: Weights, rng: np.random.Generator, largest: dict[int, float]) -> Weights:
    """The problem with each estimated likelihood moved by a normal deviate of its standard error.

    ``largest`` learns the largest error of each family's joint likelihood, by its first slot.
    """
    error = np.zeros(weights.log_slot.shape) if weights.log_slot_error is None else weights.log_slot_error
    moved = rng.standard_normal(error.shape) * error
    return replace(
        weights,
        log_slot=weights.log_slot + moved,
        couplings=tuple(_moved(of, moved, rng, largest) for of in weights.couplings),
    )


def _moved(coupling: Coupling, moved: Floats, rng: np.random.Generator, largest: dict[int, float]) -> Coupling:
    """A coupling of which the joint likelihood moves by its own error, whatever the single ones moved by."""
    if coupling.error is None:
        return coupling
    error, known = coupling.error, dict[Holder, float]()
    chance = np.random.default_rng(rng.integers(2**63))

    def log_ratio(holder: Holder) -> float:
        if holder not in known:
            known[holder] = coupling.log_ratio(holder) + shift(holder)
        return known[holder]

    def shift(holder: Holder) -> float:
        if sum(r >= 0 for r in holder) < 2:
            return 0.0
        own = error(holder)
        largest[coupling.slots[0]] = max(largest.get(coupling.slots[0], 0.0), own)
        singles = sum(float(moved[r, s]) for r, s in zip(holder, coupling.slots, strict=True) if r >= 0)
        return float(chance.standard_normal()) * own - singles

    return replace(coupling, log_ratio=log_ratio, pair=None, row=None)


# --- solved again ---


@dataclass(frozen=True, eq=False)
class _Again:
    none: Floats
    slot: Floats
    log_total: float | None


def _solved(weights: Weights, seed: int) -> _Again:
    if weights.units:
        of_units = fragments.solve(weights, seed=seed)
        return _Again(of_units.none, of_units.slot, of_units.log_total)
    if not weights.one_to_one:
        alone = joint.solve(weights)
        return _Again(alone.none, alone.slot, alone.log_total)
    answer = joint._Answer(weights)
    answer.assignments = None
    rest, fixed = joint._without_the_fixed(weights, answer)
    concerned = _concerned(weights)
    for remains, families in joint.components(rest, fixed):
        if concerned(families):
            _solve_one(rest, remains, families, answer)
    return _Again(answer.none, answer.slot, answer.log_total)


def _concerned(weights: Weights) -> Callable[[list[joint.Family]], bool]:
    """Whether a component has a family with an estimated likelihood: the others move by nothing."""
    of_slot = np.zeros(weights.log_slot.shape[1], dtype=bool)
    if weights.log_slot_error is not None:
        of_slot |= weights.log_slot_error.any(axis=0)
    for coupling in weights.couplings:
        of_slot[list(coupling.slots)] |= coupling.error is not None
    return lambda families: any(of_slot[s] for family in families for s in family.slots)


def _solve_one(weights: Weights, remains: list[int], families: list[joint.Family], answer: joint._Answer) -> None:
    if (problem := joint._exactly(weights, remains, families)) is not None:
        joint._sum_exactly(problem, answer, with_free=False)
        return
    slots = [s for family in families for s in family.slots]
    field = lay_out(weights, remains, families)
    none, _, slot, _ = estimated(field, propagate(field), {s: k for k, s in enumerate(slots)})
    answer.none[remains] = none
    answer.slot[np.ix_(remains, slots)] = slot
    answer.log_total = None
