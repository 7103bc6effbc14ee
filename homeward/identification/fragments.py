"""Several remains that may be one person: the joint posterior over ways to put fragments together, and who each is.

A *unit* is a set of remains taken as one individual, with what all of them show as the evidence of one genotype. An
assignment puts every one of the remains into one unit; each person is at most one unit, and units that are none of the
roster are different people. Units are closed under taking remains away: of each, every part is a unit too.

Sums are exact by the frontier of ``exact.py``: a group takes the remains of its units as items. What is too large is
sampled: remains leave their unit for another, or units go to another place as a whole, each drawn from its conditional
distribution.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.errors import Impossible, Nonsense
from homeward.identification import joint, sampling
from homeward.identification.exact import Frontier, Group, size
from homeward.identification.field import FORBIDDEN
from homeward.identification.result import Label
from homeward.progress import Tick, silent

Floats = npt.NDArray[np.float64]
Unit = tuple[int, ...]

MOST_CONFIGURATIONS = 20_000
MOST_UPDATES = 1_500_000  # of remains, all chains together: about a minute
LEAST_SWEEPS = 256


@dataclass(frozen=True, eq=False)
class _Piece:
    """A component: its remains, units (rows of the weights) and families."""

    remains: list[int]
    units: list[int]
    families: list[joint.Family]


def solve(weights: joint.Weights, *, seed: int = 0, tick: Tick = silent) -> joint.Joint:
    """Give every remains' posterior over its hypotheses, where rows of the weights are units.

    Raises
    ------
    Impossible
        If no assignment has a weight above zero.
    Nonsense
        If a part of a unit is not a unit.
    """
    _check_closed(weights.units)
    remains = 1 + max((r for unit in weights.units for r in unit), default=-1)
    answer = _Answer(weights, remains)
    pieces = _components(weights, remains)
    for done, piece in enumerate(pieces):
        tick("joint", done, len(pieces))
        groups = _groups(weights, piece)
        if groups is not None and _affordable(groups[0]):
            answer.sum_exactly(weights, piece, *groups)
        else:
            answer.sample(weights, piece, seed, tick)
    tick("joint", len(pieces), len(pieces))
    return answer.joint()


def _check_closed(units: Sequence[Unit]) -> None:
    known = set(units)
    for unit in units:
        for r in unit:
            rest = tuple(one for one in unit if one != r)
            if rest and rest not in known:
                raise Nonsense(f"remains {rest} are part of a unit and no unit")


def _affordable(groups: Sequence[Group]) -> bool:
    work, held = size(groups)
    return work <= joint.MOST_WORK and held <= joint.MOST_HELD


# --- components ---


def _components(weights: joint.Weights, remains: int) -> list[_Piece]:
    """Remains joined by units and by slots that both may take, with their families."""
    slots = weights.log_slot.shape[1]
    parent = list(range(remains + slots))

    def first(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for coupling in weights.couplings:
        for slot in coupling.slots[1:]:
            parent[first(remains + slot)] = first(remains + coupling.slots[0])
    for unit, members in enumerate(weights.units):
        for r in members[1:]:
            parent[first(r)] = first(members[0])
        for slot in np.flatnonzero(np.isfinite(weights.log_slot[unit])).tolist():
            parent[first(remains + slot)] = first(members[0])
    coupled = {slot: coupling for coupling in weights.couplings for slot in coupling.slots}
    pieces: dict[int, _Piece] = {}
    for r in range(remains):
        pieces.setdefault(first(r), _Piece([], [], [])).remains.append(r)
    for unit, members in enumerate(weights.units):
        pieces[first(members[0])].units.append(unit)
    for slot in range(slots):
        piece = pieces.get(first(remains + slot))
        known = coupled.get(slot)
        if piece is not None and (known is None or known.slots[0] == slot):
            piece.families.append(joint.Family(known.slots if known else (slot,), known))
    return list(pieces.values())


# --- exact ---

Chosen = tuple[tuple[int, int], ...]
"""Of a configuration, (unit, slot or -1) for each unit."""


def _groups(
    weights: joint.Weights, piece: _Piece
) -> tuple[list[Group], list[list[Chosen]], list[float], dict[int, int]] | None:
    """Families and unlisted units as groups of the frontier; None if they are too many."""
    item = {r: k for k, r in enumerate(piece.remains)}
    alone = {weights.units[u][0]: float(weights.log_none[u]) for u in piece.units if len(weights.units[u]) == 1}
    groups, chosen = [], []
    for family in piece.families:
        found = _configurations(weights, piece, family)
        if found is None:
            return None
        groups.append(Group(0.0, tuple((_items(weights, item, c), weight) for c, weight in found)))
        chosen.append([c for c, _ in found])
    for unit in piece.units:
        if len(weights.units[unit]) > 1 and weights.log_none[unit] > -math.inf:
            apart: Chosen = ((unit, -1),)
            groups.append(Group(0.0, ((_items(weights, item, apart), float(weights.log_none[unit])),)))
            chosen.append([apart])
    return groups, chosen, [alone[r] for r in piece.remains], item


def _items(weights: joint.Weights, item: Mapping[int, int], chosen: Chosen) -> tuple[int, ...]:
    return tuple(sorted(item[r] for unit, _ in chosen for r in weights.units[unit]))


def _configurations(weights: joint.Weights, piece: _Piece, family: joint.Family) -> list[tuple[Chosen, float]] | None:
    level: list[tuple[tuple[int, ...], frozenset[int], float]] = [((-1,) * len(family.slots), frozenset(), 0.0)]
    for k, slot in enumerate(family.slots):
        longer = list(level)
        for unit in piece.units:
            own, members = float(weights.log_slot[unit, slot]), weights.units[unit]
            if own == -math.inf:
                continue
            for holder, taken, weight in level:
                if taken.isdisjoint(members):
                    held = (*holder[:k], unit, *holder[k + 1 :])
                    longer.append((held, taken.union(members), weight + own))
        level = longer
        if len(level) > MOST_CONFIGURATIONS:
            return None
    found = []
    for holder, _, weight in level[1:]:
        ratio = family.coupling.log_ratio(holder) if family.coupling else 0.0
        if ratio > -math.inf:
            found.append((tuple((u, s) for u, s in zip(holder, family.slots, strict=True) if u >= 0), weight + ratio))
    return found


class _Answer:
    """Arrays being filled in while components are solved."""

    def __init__(self, weights: joint.Weights, remains: int) -> None:
        shape = (remains, weights.log_slot.shape[1])
        self.none, self.slot = np.zeros(remains), np.zeros(shape)
        self.none_error, self.slot_error = np.zeros(remains), np.zeros(shape)
        self.unit_none = np.zeros(len(weights.units))
        self.labels = [Label.EXACT] * remains
        self.log_total: float | None = 0.0
        self.assignments: list[tuple[float, dict[int, int]]] | None = [(0.0, {})]
        self.unsettled: list[int] = []

    def sum_exactly(
        self,
        weights: joint.Weights,
        piece: _Piece,
        groups: list[Group],
        chosen: list[list[Chosen]],
        log_alone: list[float],
        item: Mapping[int, int],
    ) -> None:
        frontier = Frontier(log_alone, groups)
        sums = frontier.sums()
        if sums.log_total == -math.inf:
            raise Impossible("no assignment is possible: decisions or evidence exclude every one")
        for chances, of_group in zip(sums.configurations, chosen, strict=True):
            for chance, configuration in zip(chances.tolist(), of_group, strict=True):
                for unit, slot in configuration:
                    members = list(weights.units[unit])
                    if slot >= 0:
                        self.slot[members, slot] += chance
                    else:
                        self.none[members] += chance
                        self.unit_none[unit] += chance
        single = {weights.units[u][0]: u for u in piece.units if len(weights.units[u]) == 1}
        for r in piece.remains:
            self.none[r] += sums.untaken[item[r]]
            self.unit_none[single[r]] += sums.untaken[item[r]]
        if self.log_total is not None:
            self.log_total += sums.log_total
        if self.assignments is not None:
            self.assignments = joint._leading(self._longer(weights, frontier, chosen, sums.log_total))

    def _longer(
        self, weights: joint.Weights, frontier: Frontier, chosen: list[list[Chosen]], log_total: float
    ) -> list[tuple[float, dict[int, int]]]:
        """The best assignments of this component with those of the others; ways to be unlisted together are one."""
        parts: dict[tuple[tuple[int, int], ...], float] = {}
        for weight, choice in frontier.best(joint.BEST):
            who = [
                (r, slot)
                for of_group, c in zip(chosen, choice, strict=True)
                if c >= 0
                for unit, slot in of_group[c]
                if slot >= 0
                for r in weights.units[unit]
            ]
            key = tuple(sorted(who))
            parts[key] = float(np.logaddexp(parts.get(key, -math.inf), weight - log_total))
        assert self.assignments is not None
        return [(a + b, {**first, **dict(key)}) for a, first in self.assignments for key, b in parts.items()]

    def sample(self, weights: joint.Weights, piece: _Piece, seed: int, tick: Tick) -> None:
        chains = [_Chain(weights, piece, seed, number) for number in range(sampling.CHAINS)]
        budget = max(MOST_UPDATES // (sampling.CHAINS * len(piece.remains)), LEAST_SWEEPS)
        done = 0
        while done < budget:
            tick("sampling", done, budget)
            done = min(max(2 * done, LEAST_SWEEPS), budget)
            for chain in chains:
                chain.run(done)
            means = np.array([chain.batches() for chain in chains])
            apart = sampling.disagreement(means)
            if (sampling._error(means) <= sampling.ENOUGH).all() and (apart == 0).all():
                break
        self._keep(weights, piece, means, done)

    def _keep(self, weights: joint.Weights, piece: _Piece, means: Floats, sweeps: int) -> None:
        slots = [s for family in piece.families for s in family.slots]
        rows, width = len(piece.remains), len(slots) + 1
        floor = max(sampling.UNSEEN / (sampling.CHAINS * sweeps), sampling.RARE)
        mean, error = means.mean((0, 1)), np.maximum(sampling._error(means), floor)
        apart = sampling.disagreement(means)[: rows * width].reshape(rows, width).max(1)
        of_units = mean[rows * width :]
        mean, error = mean[: rows * width].reshape(rows, width), error[: rows * width].reshape(rows, width)
        self.none[piece.remains], self.none_error[piece.remains] = mean[:, 0], error[:, 0]
        where = np.ix_(np.array(piece.remains), np.array(slots, dtype=np.intp))
        possible = np.zeros((rows, len(slots)), dtype=bool)
        place = {r: k for k, r in enumerate(piece.remains)}
        for unit in piece.units:
            possible[[place[r] for r in weights.units[unit]]] |= np.isfinite(weights.log_slot[unit, slots])
        self.slot[where], self.slot_error[where] = mean[:, 1:], np.where(possible, error[:, 1:], 0.0)
        self.unit_none[piece.units] = of_units
        for k, r in enumerate(piece.remains):
            self.labels[r] = Label.APPROXIMATE if apart[k] > 0 else Label.SAMPLED
            if apart[k] > 0:
                self.unsettled.append(r)
                self.none_error[r] = max(self.none_error[r], apart[k])
                self.slot_error[r] = np.where(self.slot_error[r] > 0, np.maximum(self.slot_error[r], apart[k]), 0.0)
        self.log_total = self.assignments = None

    def joint(self) -> joint.Joint:
        remains = len(self.none)
        listed = [] if self.assignments is None else self.assignments
        return joint.Joint(
            none=self.none,
            slot=self.slot,
            none_error=self.none_error,
            slot_error=self.slot_error,
            free=np.ones(self.slot.shape),
            labels=tuple(self.labels),
            log_total=self.log_total,
            assignments=tuple((weight, tuple(who.get(r, -1) for r in range(remains))) for weight, who in listed),
            assignments_absent="too_large" if self.assignments is None else "",
            unsettled=tuple(self.unsettled),
            unit_none=self.unit_none,
        )


# --- sampled ---


class _Chain:
    """Remains in units, units at places; sums of conditional distributions in batches."""

    def __init__(self, weights: joint.Weights, piece: _Piece, seed: int, number: int) -> None:
        self.weights, self.piece = weights, piece
        self.rng = np.random.default_rng([seed, piece.remains[0], number])
        self.slots = [s for family in piece.families for s in family.slots]
        self.column = {s: k for k, s in enumerate(self.slots)}
        self.log_slot = {u: weights.log_slot[u, self.slots] for u in piece.units}
        self.log_none = {u: self._none(u) for u in piece.units}
        self.number_of = {weights.units[u]: u for u in piece.units}
        self.place = {r: k for k, r in enumerate(piece.remains)}
        self.unit_place = {u: k for k, u in enumerate(piece.units)}
        self.partners: dict[int, set[int]] = {r: set() for r in piece.remains}
        for unit in piece.units:
            for r in weights.units[unit]:
                self.partners[r].update(weights.units[unit])
        self.coupling = {s: f.coupling for f in piece.families if f.coupling for s in f.slots}
        self.known: dict[tuple[int, joint.Holder], float] = {}
        self.unit_of = {r: self.number_of[r,] for r in piece.remains}
        self.at = dict.fromkeys(self.unit_of.values(), -1)
        self.holder: dict[int, int] = {}
        self.width = len(self.slots) + 1
        self.sums: list[Floats] = []
        self.per_batch, self.measured = 4, 0
        if number != 1:
            self._start(number)

    def _none(self, unit: int) -> float:
        """Remains that must be on the roster may still be between two places: next to no weight, instead of none."""
        weight = float(self.weights.log_none[unit])
        if weight > -math.inf or len(self.weights.units[unit]) > 1:
            return weight
        return float(self.log_slot[unit].max(initial=0.0)) + math.log(FORBIDDEN)

    def run(self, goal: int) -> None:
        while self.measured < goal:
            total = np.zeros(len(self.piece.remains) * self.width + len(self.piece.units))
            for _ in range(self.per_batch):
                self._sweep(total)
            self.sums.append(total / self.per_batch)
            self.measured += self.per_batch
            if len(self.sums) == sampling.BATCHES:
                self.sums = [(a + b) / 2 for a, b in zip(self.sums[::2], self.sums[1::2], strict=True)]
                self.per_batch *= 2

    def batches(self) -> Floats:
        count = (3 * len(self.sums) // 4) // 2 * 2
        return np.array(self.sums[-count:])

    def _start(self, number: int) -> None:
        """Each of the remains, alone, to its strongest open place; in order, backwards, or at random."""
        order = list(self.piece.remains)
        if number == 2:
            order = order[::-1]
        if number == 3:
            order = [int(r) for r in self.rng.permutation(order)]
        for r in order:
            unit = self.unit_of[r]
            logs = self._open(unit)
            best = int(np.argmax(logs)) - 1
            self._put(unit, self.slots[best] if best >= 0 else -1)

    def _put(self, unit: int, slot: int) -> None:
        if (before := self.at.get(unit, -1)) >= 0:
            del self.holder[before]
        self.at[unit] = slot
        if slot >= 0:
            self.holder[slot] = unit

    def _leave(self, unit: int) -> None:
        if (slot := self.at.pop(unit)) >= 0:
            del self.holder[slot]

    def _log_ratio(self, slot: int, unit: int) -> float:
        """What a unit at a slot of a family adds to the log ratio of those who hold the others; unit -1: nobody."""
        coupling = self.coupling[slot]
        holder = tuple(unit if s == slot else self.holder.get(s, -1) for s in coupling.slots)
        key = (coupling.slots[0], holder)
        if key not in self.known:
            self.known[key] = coupling.log_ratio(holder)
        return self.known[key]

    def _open(self, unit: int) -> Floats:
        """ln of the weights of a unit that has no place: none, then each slot."""
        logs = np.empty(self.width)
        logs[0] = self.log_none[unit]
        logs[1:] = self.log_slot[unit]
        for slot in self.holder:
            logs[1 + self.column[slot]] = -np.inf
        active = {s for held in self.holder if held in self.coupling for s in self.coupling[held].slots}
        for slot in active:
            k = 1 + self.column[slot]
            if logs[k] > -np.inf:
                logs[k] += self._log_ratio(slot, unit) - self._log_ratio(slot, -1)
        return logs

    def _sweep(self, total: Floats) -> None:
        for r in self.piece.remains:
            self._redraw(r, total)
            self._move(self.unit_of[r])
        offset = len(self.piece.remains) * self.width
        for unit, slot in self.at.items():
            if slot < 0:
                total[offset + self.unit_place[unit]] += 1

    def _move(self, unit: int) -> None:
        """A unit goes, as a whole, to a place drawn from its conditional distribution."""
        if len(self.weights.units[unit]) > 1:
            self._leave(unit)
            chances = _chances(self._open(unit))
            k = int(np.searchsorted(np.cumsum(chances), self.rng.random() * chances.sum(), side="right"))
            self._put(unit, self.slots[k - 1] if k else -1)

    def _redraw(self, r: int, total: Floats) -> None:
        """Remains leave their unit and are drawn again: alone, or with another unit where that is."""
        unit, members = self.unit_of[r], self.weights.units[self.unit_of[r]]
        where = self.at[unit]
        self._leave(unit)
        if len(members) > 1:
            rest = self.number_of[tuple(q for q in members if q != r)]
            self._put(rest, where)
            for q in self.weights.units[rest]:
                self.unit_of[q] = rest
        alone = self.number_of[r,]
        others = list(dict.fromkeys(self.unit_of[q] for q in sorted(self.partners[r]) if q != r))
        joins = [(u, self.number_of.get(tuple(sorted((*self.weights.units[u], r))), -1)) for u in others]
        joins = [(u, bigger) for u, bigger in joins if bigger >= 0]
        logs = np.concatenate([self._open(alone), [self._gain(u, bigger) for u, bigger in joins]])
        chances = _chances(logs)
        of_place = chances[: self.width].copy()
        for (u, _), chance in zip(joins, chances[self.width :].tolist(), strict=True):
            of_place[1 + self.column[self.at[u]] if self.at[u] >= 0 else 0] += chance
        start = self.place[r] * self.width
        total[start : start + self.width] += of_place / of_place.sum()
        k = int(np.searchsorted(np.cumsum(chances), self.rng.random() * chances.sum(), side="right"))
        if k < self.width:
            self.unit_of[r] = alone
            self._put(alone, self.slots[k - 1] if k else -1)
            return
        smaller, bigger = joins[k - self.width]
        slot = self.at[smaller]
        self._leave(smaller)
        self._put(bigger, slot)
        for q in self.weights.units[bigger]:
            self.unit_of[q] = bigger

    def _gain(self, unit: int, bigger: int) -> float:
        """ln of the weight of the bigger unit where the smaller one is, over that of the smaller."""
        slot = self.at[unit]
        if slot < 0:
            return self.log_none[bigger] - self.log_none[unit]
        k = self.column[slot]
        gain = float(self.log_slot[bigger][k] - self.log_slot[unit][k])
        if slot in self.coupling and gain > -math.inf:
            gain += self._log_ratio(slot, bigger) - self._log_ratio(slot, unit)
        return gain


def _chances(logs: Floats) -> Floats:
    return np.asarray(np.exp(logs - logs.max()))
