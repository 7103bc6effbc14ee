"""The joint posterior: who each of the remains is, given that nobody can be two of them.

Weights in, probabilities out; nothing here knows genetics. Each of the remains has one weight for
"none of the roster" and one for each slot (a missing person). Slots of one family whose likelihood
does not factorise carry a coupling. The method, in order:

1. what is fixed by a decision is taken out, its family conditioned on it;
2. the graph of nonzero weights falls into components;
3. a component that is small enough is summed exactly (``exact.py``);
4. in the others belief propagation gives the estimate and the path tree an interval that is
   proven to hold the exact value (``field.py``, ``intervals.py``);
5. where that interval is too wide, or families with three or more missing couple, the component is
   sampled (``sampling.py``).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from homeward.errors import Impossible, Nonsense
from homeward.identification.exact import TIE, Frontier, Group, size
from homeward.identification.result import Label
from homeward.programme import NOTHING
from homeward.progress import Tick, silent

Floats = npt.NDArray[np.float64]
Holder = tuple[int, ...]
"""Of a family's slots in order: the remains assigned to each, -1 for none."""

Chosen = TypeVar("Chosen")

MOST_WORK = 6e8  # numbers added in one exact pass: about two seconds
MOST_HELD = 5e7  # numbers held at once by an exact answer: 400 MB
MOST_FREE = 6e7  # numbers added to learn who is free without each of the remains
MOST_CONFIGURATIONS = 20_000  # of one family with several missing
WIDTH = 0.01  # an interval wider than this certifies nothing
BEST = 100  # assignments listed


@dataclass(frozen=True, eq=False, kw_only=True)
class Coupling:
    """A family with several missing whose joint likelihood is not the product of single ones.

    Parameters
    ----------
    slots : columns of the weights
    log_ratio : given the remains at each slot (-1: nobody), the natural log of the family's joint
        likelihood over the product of the single ones. Zero for none or one. -inf: impossible
        together, and then so is every assignment that holds more.
    pair : (remains, remains) for two slots, the same as an array: first at slots[0], second at slots[1]
    row : for a holder with an open place, log_ratio with each of the remains there, (remains,), where all at once
        is cheaper than one by one
    error : given the remains at each slot, the standard error of the natural log of the joint likelihood (the single
        ones included) where that is an estimate; None where it never is
    """

    slots: tuple[int, ...]
    log_ratio: Callable[[Holder], float]
    pair: Floats | None = None
    row: Callable[[Holder, int], Floats] | None = None
    error: Callable[[Holder], float] | None = None

    @classmethod
    def of_pair(cls, first: int, second: int, pair: Floats) -> Coupling:
        """Two slots, from the array of log ratios."""

        def log_ratio(holder: Holder) -> float:
            return float(pair[holder[0], holder[1]]) if min(holder) >= 0 else 0.0

        return cls(slots=(first, second), log_ratio=log_ratio, pair=pair)


@dataclass(frozen=True, eq=False, kw_only=True)
class Weights:
    """A joint problem: natural logs of the weights of every hypothesis of every one of the remains.

    Parameters
    ----------
    log_none : (remains,) of being none of the slots (all alternatives together)
    log_slot : (remains, slots); -inf where impossible
    couplings : families with several missing; a slot stands in at most one
    one_to_one : whether a person can be only one of the remains
    log_slot_error : (remains, slots) standard error of ``log_slot`` where a likelihood is an estimate; None if none is
    units : where several remains may be one person, the remains that each row stands for (``fragments.py``)
    """

    log_none: Floats
    log_slot: Floats
    couplings: tuple[Coupling, ...] = ()
    one_to_one: bool = True
    log_slot_error: Floats | None = None
    units: tuple[tuple[int, ...], ...] = ()

    def __post_init__(self) -> None:
        if self.log_slot.ndim != 2 or self.log_none.shape != self.log_slot.shape[:1]:
            raise Nonsense("weights have one row per remains and one column per slot")
        used = [slot for coupling in self.couplings for slot in coupling.slots]
        if len(used) != len(set(used)):
            raise Nonsense("a slot belongs to one family")
        if np.isnan(self.log_slot).any() or np.isnan(self.log_none).any():
            raise Nonsense("a weight is not a number")


@dataclass(frozen=True, eq=False, kw_only=True)
class Joint:
    """The joint posterior.

    ``free`` is, for each remains and slot, the chance that the slot is not taken by anyone else
    (given everything but these remains): what turns a prior weight into a prior. ``assignments``
    hold the log probability and the slot of each of the remains (-1: none), ties unordered.
    """

    none: Floats
    slot: Floats
    none_error: Floats
    slot_error: Floats
    free: Floats
    labels: tuple[Label, ...]
    log_total: float | None
    assignments: tuple[tuple[float, Holder], ...]
    assignments_absent: str
    unsettled: tuple[int, ...] = ()
    """Remains that were sampled and whose chains disagree: their label is approximate."""
    unit_none: Floats | None = None
    """With fragments: the chance of each unit to be one individual who is none of the roster."""
    log_total_error: float = 0.0
    """Standard error of ``log_total`` where likelihoods are estimates."""
    assignment_errors: tuple[float, ...] = ()
    """Of the log probability of each assignment, where likelihoods are estimates."""
    estimated: tuple[int, ...] = ()
    """Remains whose posterior moves with likelihoods that are estimates."""
    family_errors: Mapping[int, float] = field(default_factory=lambda: NOTHING)
    """First slot of a family -> the largest standard error of the log of its joint likelihood, if it is an estimate."""


@dataclass(frozen=True, eq=False)
class Family:
    """The slots of one family inside a component, with its coupling if it has one."""

    slots: tuple[int, ...]
    coupling: Coupling | None


class _Answer:
    """Arrays being filled in while components are solved."""

    def __init__(self, weights: Weights) -> None:
        shape = weights.log_slot.shape
        self.none = np.ones(shape[0])
        self.slot = np.zeros(shape)
        self.none_error = np.zeros(shape[0])
        self.slot_error = np.zeros(shape)
        self.free: Floats | None = None
        self.free_known: list[tuple[list[int], list[int], Floats]] = []
        self.labels = [Label.EXACT] * shape[0]
        self.log_total: float | None = 0.0
        self.assignments: list[tuple[float, dict[int, int]]] | None = [(0.0, {})]
        self.unsettled: list[int] = []

    def joint(self, remains: int) -> Joint:
        free = np.clip(1 - (self.slot.sum(0) - self.slot), 0, 1)
        for rows, columns, known in self.free_known:
            free[np.ix_(rows, columns)] = known
        listed = [] if self.assignments is None else self.assignments
        return Joint(
            none=self.none,
            slot=self.slot,
            none_error=self.none_error,
            slot_error=self.slot_error,
            free=free,
            labels=tuple(self.labels),
            log_total=self.log_total,
            assignments=tuple((weight, tuple(chosen.get(r, -1) for r in range(remains))) for weight, chosen in listed),
            assignments_absent="too_large" if self.assignments is None else "",
            unsettled=tuple(sorted(self.unsettled)),
        )


def solve(weights: Weights, *, seed: int = 0, tick: Tick = silent) -> Joint:
    """Give every remains' posterior over its hypotheses, jointly; ``seed`` is for what has to be sampled.

    Raises
    ------
    Impossible
        If no assignment has a weight above zero.
    """
    if weights.units:
        from homeward.identification import fragments

        return fragments.solve(weights, seed=seed, tick=tick)
    if not weights.one_to_one:
        return _each_alone(weights)
    answer = _Answer(weights)
    weights, fixed = _without_the_fixed(weights, answer)
    pieces = components(weights, fixed)
    for done, (remains, families) in enumerate(pieces):
        tick("joint", done, len(pieces))
        if (problem := _exactly(weights, remains, families)) is not None:
            _sum_exactly(problem, answer)
        else:
            _bound(weights, remains, families, answer, seed, tick)
    tick("joint", len(pieces), len(pieces))
    return answer.joint(len(weights.log_none))


def _each_alone(weights: Weights) -> Joint:
    """Without "each person once": rows by themselves. A family's coupling needs persons once, and is not used."""
    everything = np.column_stack([weights.log_none, weights.log_slot])
    highest = everything.max(1)
    if not np.isfinite(highest).all():
        raise Impossible("remains have no hypothesis with a weight above zero")
    share = np.exp(everything - highest[:, None])
    total = share.sum(1)
    share /= total[:, None]
    with np.errstate(divide="ignore"):
        logs = np.log(share)
    listed: list[tuple[float, list[int]]] = [(0.0, [])]
    for row in logs:
        order = np.argsort(-row, kind="stable")
        order = order[row[order] >= row[order[min(BEST, len(order)) - 1]] - TIE][: 20 * BEST]
        longer = [(weight + float(row[k]), [*chosen, int(k) - 1]) for weight, chosen in listed for k in order]
        listed = _leading(longer)
    return Joint(
        none=share[:, 0].copy(),
        slot=share[:, 1:].copy(),
        none_error=np.zeros(len(share)),
        slot_error=np.zeros(weights.log_slot.shape),
        free=np.ones(weights.log_slot.shape),
        labels=(Label.EXACT,) * len(share),
        log_total=float((np.log(total) + highest).sum()),
        assignments=tuple((weight, tuple(chosen)) for weight, chosen in listed if weight > -math.inf),
        assignments_absent="",
    )


def _leading(listed: list[tuple[float, Chosen]]) -> list[tuple[float, Chosen]]:
    """The best, and what ties with the last of them."""
    listed = sorted(listed, key=lambda one: -one[0])
    if len(listed) <= BEST:
        return listed
    return [one for one in listed if one[0] >= listed[BEST - 1][0] - TIE][: 20 * BEST]


def log_weight(weights: Weights, chosen: Sequence[int]) -> float:
    """ln of the weight of one assignment (slot of each of the remains, -1: none); -inf if it is impossible."""
    taken = [s for s in chosen if s >= 0]
    if len(set(taken)) < len(taken):
        return -math.inf
    total = sum(float(weights.log_none[r]) if s < 0 else float(weights.log_slot[r, s]) for r, s in enumerate(chosen))
    place = {s: r for r, s in enumerate(chosen) if s >= 0}
    for coupling in weights.couplings:
        if total > -math.inf:
            total += coupling.log_ratio(tuple(place.get(s, -1) for s in coupling.slots))
    return total


# --- what is fixed ---


def _without_the_fixed(weights: Weights, answer: _Answer) -> tuple[Weights, set[int]]:
    """Take out the remains that have one hypothesis only, and let their families know."""
    fixed: set[int] = set()
    while True:
        options = np.isfinite(weights.log_slot).sum(1) + np.isfinite(weights.log_none)
        if (options == 0).any():
            raise Impossible("some remains have no hypothesis left: decisions or evidence exclude every one")
        single = [int(r) for r in np.flatnonzero((options == 1) & ~np.isfinite(weights.log_none)) if r not in fixed]
        if not single:
            return weights, fixed
        r = single[0]
        s = int(np.flatnonzero(np.isfinite(weights.log_slot[r]))[0])
        _settle(answer, r, s, float(weights.log_slot[r, s]))
        fixed.add(r)
        weights = _conditioned(weights, r, s)


def _settle(answer: _Answer, r: int, s: int, log_weight: float) -> None:
    answer.none[r] = 0.0
    answer.slot[r, s] = 1.0
    if answer.log_total is not None:
        answer.log_total += log_weight
    for _, chosen in answer.assignments or ():
        chosen[r] = s


def _conditioned(weights: Weights, r: int, s: int) -> Weights:
    """The problem of everyone else once remains r are known to be slot s."""
    log_slot = weights.log_slot.copy()
    log_slot[:, s] = -np.inf
    log_slot[r, :] = -np.inf
    log_none = weights.log_none.copy()
    log_none[r] = 0.0
    couplings = []
    for coupling in weights.couplings:
        if s not in coupling.slots:
            couplings.append(coupling)
            continue
        place = coupling.slots.index(s)
        others = tuple(slot for slot in coupling.slots if slot != s)
        given = _given(coupling, place, r)
        for k, slot in enumerate(others):
            for other in np.flatnonzero(np.isfinite(log_slot[:, slot])):
                holder = tuple(int(other) if k == j else -1 for j in range(len(others)))
                log_slot[other, slot] += given(holder)
        if len(others) > 1:
            couplings.append(Coupling(slots=others, log_ratio=_beyond_single(given, len(others))))
    return Weights(log_none=log_none, log_slot=log_slot, couplings=tuple(couplings))


def _given(coupling: Coupling, place: int, r: int) -> Callable[[Holder], float]:
    return lambda holder: coupling.log_ratio((*holder[:place], r, *holder[place:]))


def _beyond_single(ratio: Callable[[Holder], float], slots: int) -> Callable[[Holder], float]:
    """What a ratio adds to those of its single members."""

    def log_ratio(holder: Holder) -> float:
        singles = [tuple(r if j == k else -1 for j in range(slots)) for k, r in enumerate(holder) if r >= 0]
        together = ratio(holder)
        return together if together == -math.inf else together - math.fsum(ratio(single) for single in singles)

    return log_ratio


# --- components ---


def components(weights: Weights, without: Iterable[int] = ()) -> list[tuple[list[int], list[Family]]]:
    """Remains and families that a nonzero weight joins, directly or through others, in order of the remains."""
    count, slots = weights.log_slot.shape
    owner = np.arange(slots)
    for coupling in weights.couplings:
        owner[list(coupling.slots)] = min(coupling.slots)
    joined = np.isfinite(weights.log_slot)
    of_remains, of_slot = np.arange(count), np.full(slots, count)
    while True:  # the smallest number spreads along nonzero weights until nothing changes
        of_slot = np.where(joined, of_remains[:, None], count).min(0, initial=count)
        for coupling in weights.couplings:
            of_slot[list(coupling.slots)] = of_slot[list(coupling.slots)].min()
        spread = np.minimum(of_remains, np.where(joined, of_slot[None, :], count).min(1, initial=count))
        if (spread == of_remains).all():
            break
        of_remains = spread
    coupled = {min(coupling.slots): coupling for coupling in weights.couplings}
    skipped = set(without)
    pieces: dict[int, tuple[list[int], list[Family]]] = {}
    for r in range(count):
        if r not in skipped:
            pieces.setdefault(int(of_remains[r]), ([], []))[0].append(r)
    for family in np.unique(owner[joined.any(0)]).tolist():
        known = coupled.get(family)
        pieces[int(of_slot[family])][1].append(Family(known.slots if known else (family,), known))
    return list(pieces.values())


# --- exact ---


@dataclass(frozen=True, eq=False)
class _Exact:
    """A component as groups and items; ``pairs`` are the (remains, slot) of each configuration."""

    remains: list[int]
    slots: list[int]
    log_alone: list[float]
    groups: list[Group]
    pairs: list[list[tuple[tuple[int, int], ...]]]
    by_family: bool  # items are remains; else items are slots and each of the remains is a group
    work: float


def _exactly(weights: Weights, remains: list[int], families: list[Family]) -> _Exact | None:
    """The component as an exact problem, the cheaper way round; None if both are too large."""
    both = [_families_as_groups(weights, remains, families), _remains_as_groups(weights, remains, families)]
    possible = [problem for problem in both if problem is not None]
    return min(possible, key=lambda problem: problem.work, default=None)


def exactly(weights: Weights, remains: list[int], families: list[Family]) -> Floats | None:
    """The exact posterior of a component, (remains, slots) of the whole problem; None if too large or impossible."""
    problem = _exactly(weights, remains, families)
    if problem is None:
        return None
    answer = _Answer(weights)
    answer.assignments = None
    try:
        _sum_exactly(problem, answer)
    except Impossible:
        return None
    return answer.slot


def _affordable(groups: list[Group]) -> float | None:
    work, held = size(groups)
    return work if work <= MOST_WORK and held <= MOST_HELD else None


_LARGEST_FRONTIER = 22


def _families_as_groups(weights: Weights, remains: list[int], families: list[Family]) -> _Exact | None:
    item = {r: k for k, r in enumerate(remains)}
    rows = np.array(remains)
    groups, pairs = [], []
    for family in families:
        candidates = [rows[np.isfinite(weights.log_slot[rows, s])] for s in family.slots]
        widest = len(set(itertools.chain.from_iterable(c.tolist() for c in candidates)))
        if widest > _LARGEST_FRONTIER and (len(families) > 1):
            return None
        found = configurations(weights, family, remains)
        if found is None:
            return None
        groups.append(Group(0.0, tuple((tuple(sorted(item[r] for r, _ in c)), weight) for c, weight in found)))
        pairs.append([c for c, _ in found])
    if (work := _affordable(groups)) is None:
        return None
    slots = [s for family in families for s in family.slots]
    return _Exact(remains, slots, weights.log_none[rows].tolist(), groups, pairs, True, work)


def configurations(
    weights: Weights, family: Family, remains: Sequence[int]
) -> list[tuple[tuple[tuple[int, int], ...], float]] | None:
    """Every way to give a family's slots to remains with a nonzero weight, none excepted; None if too many."""
    found: list[tuple[tuple[tuple[int, int], ...], float]] = []
    candidates = [[r for r in remains if np.isfinite(weights.log_slot[r, s])] for s in family.slots]
    if math.prod(len(c) + 1.0 for c in candidates) > 1e3 * MOST_CONFIGURATIONS:
        return None
    level: list[tuple[Holder, float]] = [((-1,) * len(family.slots), 0.0)]
    for k in range(len(family.slots)):
        longer = list(level)
        for holder, _ in level:
            for r in candidates[k]:
                if r in holder:
                    continue
                held = (*holder[:k], r, *holder[k + 1 :])
                ratio = family.coupling.log_ratio(held) if family.coupling else 0.0
                if ratio > -math.inf:
                    longer.append((held, ratio))
        level = longer
        if len(level) > MOST_CONFIGURATIONS:
            return None
    for holder, ratio in level[1:]:
        chosen = tuple((r, s) for r, s in zip(holder, family.slots, strict=True) if r >= 0)
        found.append((chosen, ratio + math.fsum(float(weights.log_slot[r, s]) for r, s in chosen)))
    return found


def _remains_as_groups(weights: Weights, remains: list[int], families: list[Family]) -> _Exact | None:
    if any(family.coupling for family in families):
        return None
    slots = [s for family in families for s in family.slots]
    block = weights.log_slot[np.ix_(remains, slots)]
    if block.size and np.isfinite(block).sum(1).max() > _LARGEST_FRONTIER and len(remains) > 1:
        return None
    groups: list[Group] = []
    pairs: list[list[tuple[tuple[int, int], ...]]] = []
    for k, r in enumerate(remains):
        held = np.flatnonzero(np.isfinite(block[k])).tolist()
        groups.append(Group(float(weights.log_none[r]), tuple(((j,), float(block[k, j])) for j in held)))
        pairs.append([((r, slots[j]),) for j in held])
    work = _affordable(groups)
    return None if work is None else _Exact(remains, slots, [0.0] * len(slots), groups, pairs, False, work)


def _sum_exactly(problem: _Exact, answer: _Answer, *, with_free: bool = True) -> None:
    frontier = Frontier(problem.log_alone, problem.groups)
    sums = frontier.sums()
    log_total = sums.log_total
    if log_total == -math.inf:
        raise Impossible("no assignment is possible: the remains that must be on the roster are more than its persons")
    for chances, pairs in zip(sums.configurations, problem.pairs, strict=True):
        for chance, chosen in zip(chances.tolist(), pairs, strict=True):
            for r, s in chosen:
                answer.slot[r, s] += chance
    answer.none[problem.remains] = sums.untaken if problem.by_family else sums.empty
    if answer.log_total is not None:
        answer.log_total += log_total
    if answer.assignments is not None:
        answer.assignments = _merged(answer.assignments, frontier.best(BEST), log_total, problem.pairs)
    if with_free and problem.work * len(problem.remains) <= MOST_FREE:
        answer.free_known.append((problem.remains, problem.slots, _free(problem)))


def _merged(
    listed: list[tuple[float, dict[int, int]]],
    more: list[tuple[float, Holder]],
    log_total: float,
    pairs: list[list[tuple[tuple[int, int], ...]]],
) -> list[tuple[float, dict[int, int]]]:
    """The best assignments of two independent parts together."""
    parts = [
        (weight - log_total, {r: s for g, c in enumerate(choice) if c >= 0 for r, s in pairs[g][c]})
        for weight, choice in more
    ]
    return _leading([(a + b, first | second) for a, first in listed for b, second in parts])


def _free(problem: _Exact) -> Floats:
    """P(slot is taken by nobody else), for each of the remains: the component solved without them."""
    column = {s: k for k, s in enumerate(problem.slots)}
    free = np.ones((len(problem.remains), len(problem.slots)))
    for k, r in enumerate(problem.remains):
        groups, pairs = [], []
        for g, (group, chosen) in enumerate(zip(problem.groups, problem.pairs, strict=True)):
            kept = [j for j, c in enumerate(chosen) if all(other != r for other, _ in c)]
            log_empty = 0.0 if not problem.by_family and g == k else group.log_empty
            groups.append(Group(log_empty, tuple(group.configurations[j] for j in kept)))
            pairs.append([chosen[j] for j in kept])
        log_alone = list(problem.log_alone)
        if problem.by_family:
            log_alone[k] = 0.0
        for chances, kept_pairs in zip(Frontier(log_alone, groups).sums().configurations, pairs, strict=True):
            for chance, c in zip(chances.tolist(), kept_pairs, strict=True):
                for _, s in c:
                    free[k, column[s]] -= chance
    return np.clip(free, 0, 1)


# --- beyond exact ---


def _bound(
    weights: Weights, remains: list[int], families: list[Family], answer: _Answer, seed: int, tick: Tick
) -> None:
    from homeward.identification import large

    found = large.solve(weights, remains, families, seed=seed, tick=tick)
    answer.unsettled += found.unsettled
    columns = found.slots
    where = np.ix_(remains, columns)
    answer.none[remains] = found.none
    answer.none_error[remains] = found.none_error
    answer.slot[where] = found.slot
    answer.slot_error[where] = found.slot_error
    answer.free_known.append((remains, columns, found.free))
    for r, label in zip(remains, found.labels, strict=True):
        answer.labels[r] = label
    answer.log_total = None
    answer.assignments = None
