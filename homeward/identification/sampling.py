"""Samples of the joint posterior, where a component is too large to be summed and no interval is narrow enough.

Several Markov chains from different starts (belief propagation's answer, nobody identified, the strongest pairs first,
at random) draw each of the remains again from its conditional distribution, and make the moves of ``_gibbs.py``
between. What is averaged is the conditional distribution itself, which varies less than what is drawn (Rao and
Blackwell; Gelfand and Smith 1990). The standard error is that of the means of batches over all chains, and not less
than what the chains differ by; ``disagreement`` is split R-hat (Gelman et al., *Bayesian Data Analysis*, 3rd ed.,
11.4) on the same batches. Chains run until the standard error is at most ENOUGH and they agree, or the budget is spent;
where they still disagree, that is told.

Weak pairs (the tail of each of the remains) are never cut off: they are drawn together, and their posterior is told in
proportion to their weight.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from homeward.identification import joint
from homeward.identification._seats import Rows
from homeward.identification.board import Layout, lay_out
from homeward.identification.field import LARGEST_LOG
from homeward.progress import Tick, silent

Floats = npt.NDArray[np.float64]

CHAINS = 4
ENOUGH = 0.005  # standard error at which sampling ends
AGREE = 1.2  # split R-hat, of some 16 batches a chain, above which chains disagree,
APART = 0.02  # if their means differ by more than this too
UNFORESEEN = 1e-3  # posterior of a pair that belief propagation does not count among the leading ones
BATCHES = 64  # of a chain, at most: then two become one
LEAST, FEWEST = 2048, 256  # sweeps of a chain: at least, and where the remains are so many
LEAST_UPDATES = 4_000_000  # that these would be more updates than this
UNSEEN = 2.0  # what was not seen in n sweeps may have a posterior of some 2/n: no standard error is told below that,
RARE = 2e-4  # nor below this, since what is rare may also last long
FIRST = 16  # sweeps of a batch in the beginning
MOST_UPDATES = 240_000_000  # of remains, all chains together: four minutes, if they do not end before
ONE_BY_ONE = 12  # remains of a slot of which a family's ratio is asked one by one; weaker ones are alone or not there
ROWS = 2e8  # bytes of remembered rows, after which they are forgotten,
FEWEST_ROWS = 1000  # but not fewer


@dataclass(frozen=True, eq=False, kw_only=True)
class Sampled:
    """Posteriors of the remains that were asked about; arrays follow them, then the slots of the component."""

    none: Floats
    none_error: Floats  # standard errors
    slot: Floats
    slot_error: Floats
    apart: Floats  # by how much chains differ that do not agree; 0 where they do
    sweeps: int
    narrowed: bool = False
    """Whether some remains were kept from joining others of a family, their ratios being too many to ask for."""


def sample(
    weights: joint.Weights,
    remains: Sequence[int],
    families: Sequence[joint.Family],
    point: Floats,
    asked: npt.NDArray[np.bool_],
    *,
    seed: int,
    tick: Tick = silent,
    most_updates: int | None = None,
) -> Sampled:
    """Sample a component.

    Parameters
    ----------
    point : (remains, slots of the families in order) an estimate, to start from
    asked : (remains,) whose posteriors are wanted
    seed : the same seed gives the same answer
    most_updates : of remains, all chains together; MOST_UPDATES if not given
    """
    least = min(max(LEAST_UPDATES // (CHAINS * len(remains)), FEWEST), LEAST)
    budget = max((most_updates or MOST_UPDATES) // (CHAINS * len(remains)), least)
    chains = _started(weights, remains, families, point, asked, seed)
    for chain in chains:
        chain.run(least)
    if _extra(chains).max(initial=0.0) > UNFORESEEN:  # look at these one by one, and start again
        pilot = _told(chains, point)
        point = point.copy()
        point[asked] = np.maximum(point[asked], pilot.slot)
        chains = _started(weights, remains, families, point, asked, seed)
        for chain in chains:
            chain.run(least)
    goal = least
    while goal < budget and not _enough(chains):
        tick("sampling", goal, budget)
        goal = min(2 * goal, goal + budget // 8, budget)
        for chain in chains:
            chain.run(goal)
    tick("sampling", budget, budget)
    found = _told(chains, point)
    places = [s for family in families for s in family.slots]
    possible = np.isfinite(weights.log_slot[np.ix_(np.asarray(remains)[asked], np.array(places))])
    narrowed = any(chain.factor.narrowed for chain in chains)
    slot_error = np.where(possible, np.maximum(found.slot_error, _unseen(chains)), 0.0)
    return replace(found, slot_error=slot_error, narrowed=narrowed)


def _started(
    weights: joint.Weights,
    remains: Sequence[int],
    families: Sequence[joint.Family],
    point: Floats,
    asked: npt.NDArray[np.bool_],
    seed: int,
) -> list[_Chain]:
    layout = lay_out(weights, remains, families, point, asked)
    rows = layout.rows(int(max(ROWS / 8 / len(remains), FEWEST_ROWS)))
    return [_Chain(layout, rows, remains, seed, number, point) for number in range(CHAINS)]


def _means(chains: Sequence[_Chain]) -> Floats:
    return np.array([chain.batches() for chain in chains])


def _enough(chains: Sequence[_Chain]) -> bool:
    means = _means(chains)
    return bool((_error(means) <= ENOUGH).all() and (disagreement(means) == 0).all())


def _unseen(chains: Sequence[_Chain]) -> float:
    return max(UNSEEN / (CHAINS * chains[0].measured), RARE)


def _extra(chains: Sequence[_Chain]) -> Floats:
    """What each pair beside the leading ones got from families that are active."""
    extra = np.zeros(len(chains[0].layout.board.weight))
    for chain in chains:
        chain.add_extra(extra)
    return extra / CHAINS


def _told(chains: Sequence[_Chain], point: Floats) -> Sampled:
    means = _means(chains)
    error = np.maximum(_error(means), _unseen(chains))
    told = chains[0].layout.told(means.mean((0, 1)), error, disagreement(means), _extra(chains), point)
    none, none_error, slot, slot_error, apart = told
    return Sampled(
        none=none, none_error=none_error, slot=slot, slot_error=slot_error, apart=apart, sweeps=chains[0].measured
    )


def _error(means: Floats) -> Floats:
    """Standard error of the mean of all batches, (chain, batch, sum) -> (sum,): of batches, or of chains if greater."""
    chains, batches = means.shape[:2]
    of_batches = means.reshape(chains * batches, -1).std(axis=0, ddof=1) / math.sqrt(chains * batches)
    of_chains = means.mean(1).std(axis=0, ddof=1) / math.sqrt(chains)
    return np.asarray(np.maximum(of_batches, of_chains))


def disagreement(means: Floats) -> Floats:
    """By how much chains differ whose split R-hat is above AGREE; 0 where they agree. (chain, batch, sum) -> (sum,)."""
    half = means.shape[1] // 2
    parts = np.concatenate([means[:, :half], means[:, half : 2 * half]])
    within = parts.var(axis=1, ddof=1).mean(0)
    between = half * parts.mean(1).var(axis=0, ddof=1)
    centres = means.mean(1)
    apart = centres.max(0) - centres.min(0)
    disagree = ((half - 1) * within + between > AGREE**2 * half * within) & (apart > APART)
    return np.where(disagree, apart, 0.0)


class _Chain:
    """One chain: its state, the rows it remembers, and the sums of each batch."""

    def __init__(
        self,
        layout: Layout,
        rows: Rows,
        remains: Sequence[int],
        seed: int,
        number: int,
        point: Floats,
    ) -> None:
        from homeward.identification import _gibbs, _seats

        self.gibbs, self.seats, self.layout = _gibbs, _seats, layout
        self.factor = _Factors(layout, remains)
        self.state = layout.state(_scrambled(seed, int(remains[0]), number))
        self.rows = rows  # shared by all chains
        self.sums: list[Floats] = []
        self.per_batch = FIRST
        self.measured = 0
        self.extra = np.zeros(len(layout.board.weight))
        self.marks: list[tuple[int, npt.NDArray[np.intp], Floats]] = []  # sweeps, and extra by then
        self._start(number, point)

    def run(self, goal: int) -> None:
        """Go on until so many sweeps were measured."""
        for part in (goal // 4, goal // 2, goal):  # marks of where a first quarter may end
            self._run(part)

    def _run(self, goal: int) -> None:
        if self.measured >= goal:
            return
        self._find()
        while self.measured < goal:
            sums = np.zeros(self.layout.told_size)
            self._sweep(sums, self.per_batch)
            self.sums.append(sums / self.per_batch)
            self.measured += self.per_batch
            if len(self.sums) == BATCHES:
                self.sums = [(a + b) / 2 for a, b in zip(self.sums[::2], self.sums[1::2], strict=True)]
                self.per_batch *= 2
        entries = np.flatnonzero(self.extra)
        self.marks.append((self.measured, entries, self.extra[entries]))

    def add_extra(self, total: Floats) -> None:
        """Add what was seen beside the leading entries, per sweep, after the first quarter or somewhat more."""
        first, last = next(mark for mark in self.marks if mark[0] >= self.measured / 4), self.marks[-1]
        for (_, entries, seen), sign in ((last, 1), (first, -1)):
            np.add.at(total, entries, sign * seen / (last[0] - first[0]))

    def batches(self) -> Floats:
        """Means of the batches after the first quarter, an even number of them."""
        count = (3 * len(self.sums) // 4) // 2 * 2
        return np.array(self.sums[-count:])

    def _sweep(self, sums: Floats, sweeps: int) -> None:
        left = sweeps
        while left := self.gibbs.run(
            self.layout.board, self.state, self.rows, self.layout.moves, sums, self.extra, left, True
        ):
            self._supply()

    def _supply(self) -> None:
        """Compute the row that is missing; where there is no room left, forget all but those in use."""
        rows = self.rows
        if rows.used[0] == len(rows.kind):
            rows.table[:] = -1
            rows.used[0] = 0
            self._add()
            self._find()
        else:
            self._add()

    def _add(self) -> None:
        rows, need = self.rows, self.state.need
        row = int(rows.used[0])
        rows.kind[row], rows.place[row], rows.others[row] = need[0], need[1], need[2:]
        rows.factor[row] = self.factor(int(need[0]), int(need[1]), need[2:])
        rows.used[0] = row + 1
        self.seats.enter(rows, row)

    def _find(self) -> None:
        """Find the rows of all active families again: others may have been written in their place."""
        for family in self.state.active[: self.state.counts[self.seats.ACTIVE]].tolist():
            while not self.seats.refresh(self.layout.board, self.state, self.rows, family):
                self._add()

    def _start(self, number: int, point: Floats) -> None:
        """Where the chain begins: see the module."""
        rng = np.random.default_rng([number, int(self.state.random[0] % 2**32)])
        for r, column in self.layout.start(number, point, rng):
            open_slots = self.layout.slots_of(column)
            slot = next((s for s in open_slots if self.state.holder[s] < 0), None)
            if slot is not None and self.state.at[r] < 0:
                self._try(r, slot)

    def _try(self, r: int, slot: int) -> None:
        """Put remains to a slot if that has a weight; what is needed to know it is computed."""
        board, state, rows, seats = self.layout.board, self.state, self.rows, self.seats
        if seats.worth_of(board, state, rows, r, slot) <= 0:
            return
        while not seats.put(board, state, rows, r, slot):
            self._supply()
            seats.take(board, state, rows, r)


def _scrambled(seed: int, first: int, number: int) -> int:
    return int(np.random.SeedSequence([seed, first, number]).generate_state(1, np.uint64)[0])


class _Factors:
    """What the holders of a family's slots do to the weight of each of the remains at one that is open."""

    def __init__(self, layout: Layout, remains: Sequence[int]) -> None:
        self.couplings, self.columns = layout.couplings, layout.columns_of_kind
        self.remains = np.asarray(remains)
        self.candidates = cache(layout.candidates)
        self.narrowed = any(
            coupling.pair is None and coupling.row is None and len(self.candidates(kind, place)) > ONE_BY_ONE
            for kind, coupling in enumerate(self.couplings)
            for place in range(len(coupling.slots))
        )

    def __call__(self, kind: int, place: int, others: npt.NDArray[np.int32]) -> Floats:
        coupling = self.couplings[kind]
        holder = tuple(int(self.remains[r]) if r >= 0 else -1 for r in others[: len(coupling.slots)].tolist())
        if coupling.pair is not None:
            logs = coupling.pair[holder[0], self.remains] if place else coupling.pair[self.remains, holder[1]]
        elif coupling.row is not None:
            logs = coupling.row(holder, place)[self.remains] - coupling.log_ratio(holder)
        else:
            held = ((k, int(r)) for k, r in enumerate(others[: len(holder)].tolist()) if r >= 0)
            if all(r in self.candidates(kind, k)[:ONE_BY_ONE] for k, r in held):
                logs = self._one_by_one(coupling.log_ratio, holder, place, self.candidates(kind, place)[:ONE_BY_ONE])
            else:
                logs = np.full(len(self.remains), -np.inf)
        return np.asarray(np.exp(np.clip(logs, -np.inf, LARGEST_LOG)))

    def _one_by_one(
        self, log_ratio: Callable[[joint.Holder], float], holder: joint.Holder, place: int, candidates: Sequence[int]
    ) -> Floats:
        logs = np.full(len(self.remains), -np.inf)
        before = log_ratio(holder)
        for r in candidates:
            name = int(self.remains[r])
            if name not in holder:
                logs[r] = log_ratio((*holder[:place], name, *holder[place + 1 :])) - before
        return logs


def plain(weights: joint.Weights, sweeps: int, seed: int) -> tuple[Floats, Floats]:
    """The definition: draw each of the remains from its conditional distribution, average these; (none, slot)."""
    rng = np.random.default_rng(seed)
    remains, slots = weights.log_slot.shape
    at = [-1] * remains
    none, slot = np.zeros(remains), np.zeros((remains, slots))
    for _ in range(sweeps):
        for r in range(remains):
            logs = [joint.log_weight(weights, (*at[:r], s, *at[r + 1 :])) for s in range(-1, slots)]
            chances = np.exp(np.array(logs) - max(logs))
            chances /= chances.sum()
            none[r] += chances[0] / sweeps
            slot[r] += chances[1:] / sweeps
            at[r] = int(rng.choice(slots + 1, p=chances)) - 1
    return none, slot
