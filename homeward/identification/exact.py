"""Exact sums over every admissible assignment, by dynamic programming along a frontier.

Groups are taken one after the other; each holds one of its configurations (which items it takes,
and the weight of that), or none. An item taken by nobody keeps its own weight. The state is which
of the items seen before and needed later are taken, an axis of length two for each: a sum over
assignments becomes a sum over subsets (Held and Karp 1962; the permanent as in Ryser 1963).

A group is usually a family and an item one of the remains, so that a family's whole likelihood is
one weight and nobody's identity has to be kept. Where persons are fewer than remains the roles change.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Configuration = tuple[tuple[int, ...], float]
"""Items taken (sorted), and the natural logarithm of the weight."""

Combine = Callable[[Sequence[tuple[tuple[int | slice, ...], Floats]], tuple[int, ...]], Floats]
WORTH_COMPILING = 1e7  # numbers added in one pass, from which loading the compiled twins pays
TIE = 1e-9  # logarithms of probability closer than this are one number, and names decide the order


@dataclass(frozen=True, slots=True)
class Group:
    """What may take items: ``log_empty`` is the weight of taking none."""

    log_empty: float
    configurations: tuple[Configuration, ...]


@dataclass(frozen=True, slots=True)
class Sums:
    """Probabilities of every configuration of every group, of empty groups and of items not taken."""

    log_total: float
    configurations: tuple[Floats, ...]
    empty: Floats
    untaken: Floats


@dataclass(frozen=True, slots=True)
class Maxima:
    """log weight of the best assignment, and of the best with each configuration, empty group, item not taken."""

    log_best: float
    configurations: tuple[Floats, ...]
    empty: Floats
    untaken: Floats


@dataclass(frozen=True, slots=True)
class _Stage:
    """One group in its turn: which items it brings into the frontier and which it lets go."""

    group: int
    entering: tuple[int, ...]
    leaving: tuple[int, ...]
    active: tuple[int, ...]  # axes while the group decides


def stages(groups: Sequence[Group]) -> list[_Stage]:
    """The groups in an order that keeps the frontier small: each time, whichever adds least to it."""
    touched = [frozenset(i for items, _ in group.configurations for i in items) for group in groups]
    remaining = dict.fromkeys(range(len(groups)))
    users: dict[int, int] = {}
    for items in touched:
        for i in items:
            users[i] = users.get(i, 0) + 1
    everything = len(users)
    active: list[int] = []
    plan: list[_Stage] = []
    while remaining:
        if everything <= 8 or len(groups) > 600:
            chosen = next(iter(remaining))
        else:
            here = set(active)
            chosen = min(
                remaining,
                key=lambda g: (
                    len(touched[g] - here) - sum(users[i] == 1 for i in touched[g]),
                    len(touched[g] - here),
                ),
            )
        del remaining[chosen]
        entering = tuple(sorted(touched[chosen] - set(active)))
        active = [*active, *entering]
        for i in touched[chosen]:
            users[i] -= 1
        leaving = tuple(i for i in active if users[i] == 0)
        plan.append(_Stage(chosen, entering, leaving, tuple(active)))
        active = [i for i in active if users[i] > 0]
    return plan


def size(groups: Sequence[Group]) -> tuple[float, float]:
    """What an exact answer costs: numbers added in one pass, and numbers held at once."""
    work = held = 0.0
    for stage in stages(groups):
        states = 2.0 ** min(len(stage.active), 1000)
        held += states
        # a NumPy call costs about as much as adding two thousand numbers
        work += sum(states / 2 ** len(items) + 2000 for items, _ in groups[stage.group].configurations) + states
    return work, held


def _at(active: Sequence[int], items: Sequence[int], value: int) -> tuple[int | slice, ...]:
    return tuple(value if i in items else slice(None) for i in active)


def _added(parts: Sequence[tuple[tuple[int | slice, ...], Floats]], shape: tuple[int, ...]) -> Floats:
    """log of the sum of exp of the parts, each at its place in an array of the shape given."""
    highest = np.full(shape, -np.inf)
    for where, part in parts:
        view = highest[where]
        if np.ndim(view):
            np.maximum(view, part, out=view)
        else:
            highest[where] = max(view, part)
    base = np.where(np.isfinite(highest), highest, 0.0)
    total = np.zeros(shape)
    for where, part in parts:
        total[where] += np.exp(part - base[where])
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(total) + base)


def _log_sum(values: Floats) -> float:
    highest = float(values.max())
    return highest + math.log(float(np.exp(values - highest).sum())) if highest > -np.inf else -np.inf


def _best(parts: Sequence[tuple[tuple[int | slice, ...], Floats]], shape: tuple[int, ...]) -> Floats:
    highest = np.full(shape, -np.inf)
    for where, part in parts:
        highest[where] = np.maximum(highest[where], part)
    return highest


def _twins() -> ModuleType:
    from homeward.identification import _compiled

    return _compiled


class Frontier:
    """The groups and items of one problem, ready to be summed or searched."""

    def __init__(self, log_alone: Sequence[float], groups: Sequence[Group], *, engine: str = "auto") -> None:
        """``engine``: "plain", "compiled", or "auto": compiled where that is worth loading it."""
        self.compiled = engine == "compiled" or (engine == "auto" and size(groups)[0] > WORTH_COMPILING)
        self.log_alone = [float(weight) for weight in log_alone]
        self.groups = tuple(groups)
        self.stages = stages(groups)
        touched = {i for stage in self.stages for i in stage.active}
        self.lonely = [i for i in range(len(self.log_alone)) if i not in touched]

    def _entered(self, states: Floats, stage: _Stage) -> Floats:
        for _ in stage.entering:
            states = np.stack([states, np.full_like(states, -np.inf)], axis=-1)
        return states

    def _decided(self, states: Floats, stage: _Stage) -> Floats:
        group, active = self.groups[stage.group], stage.active
        if self.compiled:
            found = _twins().decided(states.ravel(), group.log_empty, *self._bits(stage))
            return np.asarray(found).reshape(states.shape)
        parts = [(_at(active, (), 0), states + group.log_empty)]
        parts += [(_at(active, c, 1), states[_at(active, c, 0)] + weight) for c, weight in group.configurations]
        return _added(parts, states.shape)

    def _left(self, states: Floats, stage: _Stage) -> Floats:
        active = list(stage.active)
        for i in stage.leaving:
            axis = active.index(i)
            alone = np.take(states, 0, axis) + self.log_alone[i]
            states = np.logaddexp(alone, np.take(states, 1, axis))
            active.remove(i)
        return states

    def _before_leaving(self, after: Floats, stage: _Stage) -> Floats:
        """Carry a table of what follows back over the items that the stage lets go."""
        active = [i for i in stage.active if i not in stage.leaving]
        for i in stage.leaving:
            axis = [k for k in stage.active if k in active or k == i].index(i)
            after = np.stack([after + self.log_alone[i], after], axis=axis)
            active = [k for k in stage.active if k in active or k == i]
        return after

    def _bits(self, stage: _Stage) -> tuple[npt.NDArray[np.int64], Floats]:
        """Per configuration of a stage's group the bits of its items, and its weight."""
        highest = len(stage.active) - 1
        bit = {i: 1 << (highest - k) for k, i in enumerate(stage.active)}
        found = self.groups[stage.group].configurations
        masks = [sum(bit[i] for i in items) for items, _ in found]
        return np.array(masks, dtype=np.int64), np.array([weight for _, weight in found], dtype=np.float64)

    def _undecided(self, states: Floats, stage: _Stage, combine: Combine) -> Floats:
        group, active = self.groups[stage.group], stage.active
        if self.compiled and combine is _added:
            found = _twins().undecided(states.ravel(), group.log_empty, *self._bits(stage))
            return np.asarray(found).reshape(states.shape)
        parts = [(_at(active, (), 0), states + group.log_empty)]
        parts += [(_at(active, c, 0), states[_at(active, c, 1)] + weight) for c, weight in group.configurations]
        return combine(parts, states.shape)

    def _backward(self, *, best: bool) -> tuple[list[Floats], float]:
        """Per stage, what all later choices add (or the best of them), after its group has decided; and before all."""
        combine = _best if best else _added
        tables: list[Floats] = []
        states: Floats = np.zeros(())
        for stage in reversed(self.stages):
            states = self._before_leaving(states, stage)
            tables.append(states)
            states = self._undecided(states, stage, combine)[_at(stage.active, stage.entering, 0)]
        return tables[::-1], float(states)

    def _carried(self, states: Floats, after: Floats, stage: _Stage) -> Floats:
        """For each configuration of a stage's group, the log of all that goes through it."""
        if self.compiled:
            return np.asarray(_twins().carried(states.ravel(), after.ravel(), *self._bits(stage)))
        active = stage.active
        found = self.groups[stage.group].configurations
        return np.array(
            [_log_sum(states[_at(active, c, 0)] + after[_at(active, c, 1)]) + weight for c, weight in found]
        )

    def sums(self) -> Sums:
        """Every probability, by a pass forward and a pass backward."""
        later, log_all = self._backward(best=False)
        log_total = log_all + math.fsum(self.log_alone[i] for i in self.lonely)
        chances: list[Floats] = [np.zeros(0)] * len(self.groups)
        empty = np.zeros(len(self.groups))
        untaken = np.ones(len(self.log_alone))
        if log_all == -math.inf:
            return Sums(-math.inf, tuple(np.zeros(len(g.configurations)) for g in self.groups), empty, untaken)
        states: Floats = np.zeros(())
        for stage, after in zip(self.stages, later, strict=True):
            states = self._entered(states, stage)
            empty[stage.group] = math.exp(_log_sum(states + after) + self.groups[stage.group].log_empty - log_all)
            chances[stage.group] = np.exp(self._carried(states, after, stage) - log_all)
            states = self._decided(states, stage)
            for i in stage.leaving:
                where = _at(stage.active, (i,), 0)
                untaken[i] = math.exp(_log_sum(states[where] + after[where]) - log_all)
            states = self._left(states, stage)
        return Sums(log_total, tuple(chances), empty, untaken)

    def maxima(self) -> Maxima:
        """The best assignment through every configuration, by a pass forward and a pass backward."""
        later, best = self._backward(best=True)
        constant = math.fsum(self.log_alone[i] for i in self.lonely)
        through: list[Floats] = [np.zeros(0)] * len(self.groups)
        empty = np.full(len(self.groups), -np.inf)
        untaken = np.full(len(self.log_alone), best + constant)
        states: Floats = np.zeros(())
        for stage, after in zip(self.stages, later, strict=True):
            states, group = self._entered(states, stage), self.groups[stage.group]
            empty[stage.group] = float((states + after).max()) + group.log_empty + constant
            found = [
                float((states[_at(stage.active, c, 0)] + after[_at(stage.active, c, 1)]).max()) + weight
                for c, weight in group.configurations
            ]
            through[stage.group] = np.array(found, dtype=np.float64) + constant
            parts = [(_at(stage.active, (), 0), states + group.log_empty)]
            parts += [
                (_at(stage.active, c, 1), states[_at(stage.active, c, 0)] + weight)
                for c, weight in group.configurations
            ]
            states = _best(parts, states.shape)
            for i in stage.leaving:
                where = _at(stage.active, (i,), 0)
                untaken[i] = float((states[where] + after[where]).max()) + constant
            states = self._left_best(states, stage)
        return Maxima(best + constant, tuple(through), empty, untaken)

    def _left_best(self, states: Floats, stage: _Stage) -> Floats:
        active = list(stage.active)
        for i in stage.leaving:
            axis = active.index(i)
            states = np.maximum(np.take(states, 0, axis) + self.log_alone[i], np.take(states, 1, axis))
            active.remove(i)
        return states

    def log_total(self) -> float:
        """log of the sum over all assignments."""
        states: Floats = np.zeros(())
        for stage in self.stages:
            states = self._left(self._decided(self._entered(states, stage), stage), stage)
        return float(states) + math.fsum(self.log_alone[i] for i in self.lonely)

    def best(self, count: int) -> list[tuple[float, tuple[int, ...]]]:
        """The best assignments: log weight and, per group, the configuration chosen (-1: none), best first.

        A search guided by the exact best completion never opens a node in vain. What ties with the
        last is given too, so that the caller can order ties by name.
        """
        later, _ = self._backward(best=True)
        constant = sum(self.log_alone[i] for i in self.lonely)
        found: list[tuple[float, tuple[int, ...]]] = []
        serial = 0
        # (minus the best total, minus the stage: among ties the nearly finished first, serial, stage,
        #  items taken in the frontier, weight so far, choices)
        queue: list[tuple[float, int, int, int, frozenset[int], float, tuple[int, ...]]] = [
            (0.0, 0, 0, 0, frozenset(), constant, ())
        ]
        while queue:
            bound, _, _, level, taken, weight, choices = heapq.heappop(queue)
            if len(found) >= count and -bound < found[count - 1][0] - 2 * TIE:
                break
            if level == len(self.stages):
                found.append((weight, choices))
                if len(found) >= 20 * count:
                    break
                continue
            stage = self.stages[level]
            group = self.groups[stage.group]
            options: list[Configuration] = [((), group.log_empty), *group.configurations]
            for index, (items, log_weight) in enumerate(options):
                if log_weight == -math.inf or not taken.isdisjoint(items):
                    continue
                now = taken.union(items)
                follows = float(later[level][tuple(int(i in now) for i in stage.active)])
                total = weight + log_weight + follows
                if total == -math.inf:
                    continue
                alone = sum(self.log_alone[i] for i in stage.leaving if i not in now)
                serial += 1
                heapq.heappush(
                    queue,
                    (
                        -round(total, 9),
                        -level - 1,
                        serial,
                        level + 1,
                        now.difference(stage.leaving),
                        weight + log_weight + alone,
                        (*choices, index - 1),
                    ),
                )
        order = [stage.group for stage in self.stages]
        answers = []
        for weight, choices in found:
            by_group = [-1] * len(self.groups)
            for group_index, choice in zip(order, choices, strict=True):
                by_group[group_index] = choice
            answers.append((weight, tuple(by_group)))
        return sorted(answers, key=lambda one: -one[0])
