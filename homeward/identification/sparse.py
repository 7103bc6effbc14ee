"""The joint posterior of rosters so large that only likely pairs are kept: tens of thousands against thousands.

Of each of the remains the pairs are kept whose odds against "none of the roster" are at least KEEP. A posterior is
never more than those odds; so what is left out is bounded, for each of the remains and for each person, by the sum of
its odds, and these sums enter every interval (``rest`` and ``claim``). Nor is it less than the odds over one plus all
that anybody's odds claim of the person: that is summed too (``rest_low``), from odds remembered in a byte each.

Belief propagation and the layers of intervals are those of ``field.py`` and ``intervals.py``, on lists. A family with
several missing stands as configurations among its likely remains; whoever may be one of these is labelled approximate,
since what is left out there has no bound.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.identification.field import (
    FORBIDDEN,
    LARGEST_LOG,
    ROUNDS,
    ListedFamily,
    _listed,
    _listed_total,
)
from homeward.identification.intervals import HUGE, NOISE
from homeward.identification.joint import Coupling
from homeward.identification.result import Label
from homeward.progress import Tick, silent

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

LIKELY = 30  # remains of a coupled family that are weighed as its members, by weight,
HOLDERS = 5  # and so many whom one of so many likely members makes likely
LIKELY_HOLDER = 0.05  # odds of a likely member
KEEP = 1e-4  # odds against "none of the roster" from which a pair is kept
DEPTH = 6  # layers of the path tree
SETTLED = 1e-8
OF_A_FAMILY = 1e-4  # posterior of a slot of a coupled family from which remains are labelled approximate,
BESIDE_FAMILIES = 5e-3  # and what is added to the errors of the others


@dataclass(frozen=True, eq=False, kw_only=True)
class Kept:
    """Pairs that are kept, sorted by remains, then person; relative to "none of the roster".

    Parameters
    ----------
    none : (remains,) one, or next to nothing where it is impossible
    start : (remains + 1,) of the pairs of each
    person, weight : (pair,)
    rest : (remains,) odds left out
    claim : (person,) odds left out of all remains
    rest_low : (remains,) so much at least the odds left out add
    most_left : the greatest odds of one pair left out that ``rest_low`` counts
    """

    none: Floats
    start: Places
    person: npt.NDArray[np.int32]
    weight: Floats
    rest: Floats
    claim: Floats
    rest_low: Floats
    most_left: float


@dataclass(frozen=True, eq=False, kw_only=True)
class LocalFamily:
    """A coupled family: its persons, the remains that may be one of them, and configurations among these."""

    persons: tuple[int, ...]
    rows: Places
    listed: ListedFamily


@dataclass(frozen=True, eq=False, kw_only=True)
class Sparse:
    """Posteriors of kept pairs; ``other`` is of all that is left out."""

    none: Floats
    none_error: Floats
    pair: Floats
    pair_error: Floats
    pair_free: Floats
    other: Floats
    labels: tuple[Label, ...]


class Gathering:
    """Collects the rows of a problem, block by block; the whole is never held but in a byte a pair.

    Parameters
    ----------
    persons : how many
    least : (persons,) odds from which a pair is kept, if not KEEP
    alone : (persons,) whether a person's likelihood factorises; of others what is left out has no lower bound
    """

    def __init__(self, persons: int, least: Floats | None = None, alone: npt.NDArray[np.bool_] | None = None) -> None:
        self.least = np.full(persons, KEEP) if least is None else least
        self.alone = np.ones(persons, dtype=bool) if alone is None else alone
        self.claim = np.zeros(persons)
        self.whole = np.zeros(persons)  # all that anybody claims of each
        self.parts: list[_Part] = []

    def add(self, log_none: Floats, log_slot: Floats) -> None:
        """Add rows: natural logs of "none of the roster", (rows,), and of persons, (rows, persons)."""
        unbound = ~np.isfinite(log_none)
        base = np.where(unbound, log_slot.max(1, initial=-np.inf), log_none)
        logs = log_slot - base[:, None]
        weight = np.exp(np.minimum(logs, LARGEST_LOG))
        self.whole += weight.sum(0)
        if unbound.any():  # who must be on the roster may claim a person whatever the odds
            self.whole[(weight[unbound] > 0).any(0)] = np.inf
        chosen = weight >= self.least
        row, person = np.nonzero(chosen)
        kept = weight[row, person]
        weight[chosen] = 0.0
        self.claim += weight.sum(0)
        logs[chosen] = -np.inf
        self.parts.append(
            _Part(
                none=np.where(unbound, FORBIDDEN, 1.0),
                pairs=np.bincount(row, minlength=len(weight)),
                person=person.astype(np.int32),
                weight=kept,
                rest=weight.sum(1),
                left=_in_bytes(logs),
            )
        )

    def kept(self) -> Kept:
        """All rows together."""
        share = np.where(self.alone, 1 / (1 + self.whole), 0.0)
        return Kept(
            none=np.concatenate([part.none for part in self.parts]),
            start=np.cumsum([0, *np.concatenate([part.pairs for part in self.parts])]),
            person=np.concatenate([part.person for part in self.parts]),
            weight=np.concatenate([part.weight for part in self.parts]),
            rest=np.concatenate([part.rest for part in self.parts]),
            claim=self.claim,
            rest_low=np.concatenate([_BYTES.take(row) @ share for part in self.parts for row in part.left[:, None]]),
            most_left=float(self.least[self.alone].max(initial=0.0)),
        )


class _Part(NamedTuple):
    """Some rows: as in :class:`Kept`, and what was left out of each in a byte a pair, (rows, persons)."""

    none: Floats
    pairs: Places
    person: npt.NDArray[np.int32]
    weight: Floats
    rest: Floats
    left: npt.NDArray[np.uint8]


_FAINTEST, _STEP = -24.0, 0.1  # ln of the odds that a byte tells: 254 steps upwards, and 0 for less
_BYTES = np.where(np.arange(256) > 0, np.exp(_FAINTEST + _STEP * (np.arange(256) - 1)), 0.0) * (1 - 1e-12)


def _in_bytes(logs: Floats) -> npt.NDArray[np.uint8]:
    """Log odds rounded down, so that what they stand for is at most what they are."""
    steps = np.floor((logs - _FAINTEST) / _STEP) + 1
    return np.asarray(np.clip(steps, 0, 255).astype(np.uint8))


# --- sums that leave one out, along lists ---


class _Lines:
    """Entries by line (remains, or column)."""

    def __init__(self, line: npt.NDArray[np.int32], count: int) -> None:
        self.line, self.count = line, count
        self.order: npt.NDArray[np.int32] | None = None  # by line, where the entries do not come so
        if (np.diff(line) < 0).any():
            self.order = np.argsort(line, kind="stable").astype(np.int32)
        sizes = np.bincount(line, minlength=count)
        self.filled = np.flatnonzero(sizes)
        self.first = (np.cumsum(sizes) - sizes)[self.filled]

    def sums(self, values: Floats) -> Floats:
        return np.bincount(self.line, weights=values, minlength=self.count).astype(np.float64)

    def others(self, values: Floats, beyond: int = 0) -> Floats:
        """For each entry the sum of the others of its line, without the ``beyond`` largest of these."""
        if beyond == 0:
            return self._all_others(values)
        order = np.lexsort((-values, self.line))
        line = self.line[order]
        first = np.searchsorted(line, np.arange(self.count))
        rank = np.empty(len(values), dtype=np.intp)
        rank[order] = np.arange(len(values)) - first[line]
        leading = rank <= beyond
        small = np.where(leading, 0.0, values)
        rest = self.sums(small)
        least = np.zeros(self.count)  # the smallest of the leading, where there are enough of them
        last = rank == beyond
        least[self.line[last]] = values[last]
        own = np.where(leading, rest[self.line], rest[self.line] - small + least[self.line])
        return np.asarray(np.maximum(own, 0.0))

    def _all_others(self, values: Floats) -> Floats:
        """The same with nothing beyond, without sorting by value: the largest of a line is added last."""
        if not len(values):
            return np.zeros(0)
        ordered = values if self.order is None else values[self.order]
        most = np.zeros(self.count)
        most[self.filled] = np.maximum.reduceat(ordered, self.first)
        places = np.flatnonzero(values == most[self.line])
        _, earliest = np.unique(self.line[places], return_index=True)
        leading = places[earliest]  # the earliest, where several are as large
        small = values.copy()
        small[leading] = 0.0
        rest = self.sums(small)
        own = rest[self.line] - small + most[self.line]
        own[leading] = rest[self.line[leading]]
        return np.asarray(np.maximum(own, 0.0))


@dataclass(frozen=True, eq=False)
class _Entries:
    """Kept pairs of everyone whose likelihood factorises."""

    row: npt.NDArray[np.int32]
    column: npt.NDArray[np.int32]
    weight: Floats
    rows: _Lines
    columns: _Lines


def _entries(kept: Kept, coupled: npt.NDArray[np.bool_]) -> _Entries:
    remains = len(kept.none)
    row = np.repeat(np.arange(remains, dtype=np.int32), np.diff(kept.start))
    single = ~coupled[kept.person]
    line, column = row[single], kept.person[single]
    return _Entries(line, column, kept.weight[single], _Lines(line, remains), _Lines(column, len(kept.claim)))


def solve(kept: Kept, families: Sequence[LocalFamily] = (), *, tick: Tick = silent) -> Sparse:
    """Estimate and bound every posterior."""
    coupled = np.zeros(len(kept.claim), dtype=bool)
    for family in families:
        coupled[list(family.persons)] = True
    entries = _entries(kept, coupled)
    tick("belief", 0, 1)
    x, free, local = _propagate(kept, entries, families)
    tick("belief", 1, 1)
    low, high, beside_low, beside_high = _bounds(kept, entries, families, tick)
    x = np.clip(x, low, high)
    of_families = _scattered(len(kept.none), families, local)
    total = kept.none + entries.rows.sums(x) + of_families + (kept.rest + _rest_low(kept)) / 2
    sum_low = (kept.none + entries.rows.sums(low) + beside_low + _rest_low(kept)) * (1 - NOISE)
    sum_high = (kept.none + entries.rows.sums(high) + beside_high + kept.rest) * (1 + NOISE)
    none, none_error = _within(kept.none, total, kept.none, kept.none, sum_low, sum_high)
    row = entries.row
    chance, error = _within(x, total[row], low, high, sum_low[row], sum_high[row])
    if families:  # what brothers make likelier among remains left out is not bounded
        none_error, error = none_error + BESIDE_FAMILIES, error + BESIDE_FAMILIES * (chance > 0)
    pair, pair_error, pair_free = (np.zeros(len(kept.person)) for _ in range(3))
    single = ~coupled[kept.person]
    pair[single], pair_error[single], pair_free[single] = chance, error, free
    approximate = np.zeros(len(none), dtype=bool)
    of_person = _by_person(kept)
    for family, T in zip(families, local, strict=True):
        part = T / total[family.rows, None]
        for j, person in enumerate(family.persons):
            where, line = of_person(person)
            place = {int(r): k for k, r in enumerate(family.rows)}
            mine = np.array([place.get(int(r), -1) for r in line], dtype=np.intp)
            pair[where] = np.where(mine >= 0, part[mine, j], 0.0)
            pair_error[where] = np.minimum(1.0, none_error[line] + pair[where])
            pair_free[where] = 1.0
        approximate[family.rows[(part.sum(1) >= OF_A_FAMILY)]] = True
    labels = tuple(Label.APPROXIMATE if one else Label.CERTIFIED for one in approximate.tolist())
    other = (kept.rest + _rest_low(kept)) / 2 * none
    return Sparse(
        none=none,
        none_error=none_error,
        pair=pair,
        pair_error=pair_error,
        pair_free=pair_free,
        other=other,
        labels=labels,
    )


def _within(
    value: Floats, total: Floats, low: Floats, high: Floats, sum_low: Floats, sum_high: Floats
) -> tuple[Floats, Floats]:
    """value / total, and its greatest distance to the ends of x / (x + what is beside it)."""
    slack = 4e-12 * sum_high
    bottom = low / (low + np.maximum(sum_high - high, 0) + slack)
    top = high / np.maximum(high + np.maximum(sum_low - low - slack, 0), 1e-300)
    chance = value / total
    return chance, np.where(high > 0, np.maximum(np.maximum(top - chance, chance - bottom), 0.0), 0.0)


def _scattered(remains: int, families: Sequence[LocalFamily], local: Sequence[Floats]) -> Floats:
    answer = np.zeros(remains)
    for family, T in zip(families, local, strict=True):
        answer[family.rows] += T.sum(1)
    return answer


def _propagate(kept: Kept, entries: _Entries, families: Sequence[LocalFamily]) -> tuple[Floats, Floats, list[Floats]]:
    """Messages until they settle: contributions of entries, how free they are, and of families."""
    remains = len(kept.none)
    between = (kept.rest + _rest_low(kept)) / 2
    start = 1 / (kept.none + entries.rows.sums(entries.weight))
    p, of_family = start[entries.row], [start[family.rows] for family in families]
    x, free, local = np.zeros(len(p)), np.ones(len(p)), [np.zeros((len(f.rows), len(f.persons))) for f in families]
    for rounds in range(ROUNDS):
        D = 1 + entries.columns.others(entries.weight * p)
        x, free = entries.weight / D, 1 / D
        local = []
        for family, q in zip(families, of_family, strict=True):
            T, d = _listed_total(family.listed, q)
            local.append(T / d[:, None])
        beside = _scattered(remains, families, local)
        rest = kept.none + between + beside
        new = np.minimum(1 / (rest[entries.row] + entries.rows.others(x)), HUGE)
        whole = rest + entries.rows.sums(x)
        of_family = [
            np.minimum(1 / np.maximum(whole[f.rows] - T.sum(1), kept.none[f.rows]), HUGE)
            for f, T in zip(families, local, strict=True)
        ]
        if rounds > 30:
            new = np.sqrt(new * p)
        change = float(np.max(np.abs(new - p) / np.maximum(new, 1e-9), initial=0.0))
        p = new
        if change < SETTLED and rounds > 3:
            break
    return x, free, local


def _bounds(
    kept: Kept, entries: _Entries, families: Sequence[LocalFamily], tick: Tick
) -> tuple[Floats, Floats, Floats, Floats]:
    """Ends of every contribution, and of what families add to each of the remains: the layers of ``intervals.py``."""
    remains = len(kept.none)
    most_of_families = np.zeros(remains)
    for family in families:
        most_of_families[family.rows] += _most(family)
    several = len(families) > 0
    beside_low, beside_high = np.zeros(remains), most_of_families
    most = entries.weight
    row_high = kept.none + entries.rows.sums(most) + beside_high + kept.rest
    message_low = (1 / row_high)[entries.row]
    message_high = np.minimum(1 / kept.none, HUGE)[entries.row]
    low, high = np.zeros(len(most)), most
    for level in range(DEPTH - 1, -1, -1):
        tick("intervals", DEPTH - 1 - level, DEPTH)
        missing = 2 * level if several else level
        claim = kept_claim(kept)
        D_high = 1 + entries.columns.others(entries.weight * message_high) + claim[entries.column]
        D_low = 1 + entries.columns.others(entries.weight * message_low, beyond=missing)
        low = entries.weight / D_high * (1 - NOISE)
        high = np.minimum(entries.weight / D_low * (1 + NOISE), most)
        row_low = (kept.none + beside_low + _rest_low(kept, missing + 1))[entries.row]
        row_low = row_low + entries.rows.others(low, beyond=max(level - 1, 0))
        row_high = (kept.none + beside_high + kept.rest)[entries.row] + entries.rows.others(high)
        message_low = 1 / row_high * (1 - NOISE)
        message_high = np.minimum(1 / row_low, HUGE) * (1 + NOISE)
    tick("intervals", DEPTH, DEPTH)
    return low, high, beside_low, beside_high


def _unbounded(kept: Kept) -> bool:
    """Whether pairs are left out of remains that must be on the roster: no odds against "none" bound these."""
    return bool((kept.rest[kept.none < 1] > 0).any())


def _rest_low(kept: Kept, gone: int = 0) -> Floats:
    """At least what pairs left out add to each of the remains when some persons are gone."""
    if _unbounded(kept):
        return np.zeros(len(kept.none))
    return np.asarray(np.maximum(kept.rest_low - gone * kept.most_left, 0.0))


def kept_claim(kept: Kept) -> Floats:
    """(person,) the most that pairs left out can claim."""
    if _unbounded(kept):
        return np.where(kept.claim > 0, HUGE, 0.0)
    return kept.claim


def _most(family: LocalFamily) -> Floats:
    """At most what a family's T/D of its likely remains is: the weight of a configuration over it without them."""
    listed = family.listed
    known = {tuple(holder): float(w) for holder, w in zip(listed.holders.tolist(), listed.weight, strict=True)}
    known[(-1,) * len(family.persons)] = 1.0
    best = np.zeros((len(family.rows), len(family.persons)))
    for holder, weight in known.items():
        for j, r in enumerate(holder):
            if r >= 0:
                without = known.get((*holder[:j], -1, *holder[j + 1 :]), 0.0)
                best[r, j] = max(best[r, j], weight / without if without > 0 else HUGE)
    return np.asarray(np.minimum(best.sum(1), HUGE))


# --- families ---


def with_families(kept: Kept, couplings: Sequence[Coupling]) -> tuple[Kept, list[LocalFamily]]:
    """Coupled families among the remains that are likely for them; other remains' odds are left out.

    Likely are the strongest, and those whom somebody likely for a brother makes so.
    """
    rest, claim, families = kept.rest.copy(), kept.claim.copy(), []
    of_person = _by_person(kept)
    for coupling in couplings:
        block = np.zeros((len(kept.none), len(coupling.slots)))
        for j, person in enumerate(coupling.slots):
            here, line = of_person(person)
            block[line, j] = kept.weight[here]
        chosen = _likely(block, coupling)
        local = np.zeros_like(block)
        local[chosen] = block[chosen]
        left = block - local
        rest += left.sum(1)
        claim[list(coupling.slots)] += left.sum(0)
        places = tuple(range(len(coupling.slots)))
        among = Coupling(slots=places, log_ratio=coupling.log_ratio)
        families.append(LocalFamily(persons=coupling.slots, rows=chosen, listed=_listed(block[chosen], chosen, among)))
    return replace(kept, rest=rest, claim=claim), families


def _by_person(kept: Kept) -> Callable[[int], tuple[Places, Places]]:
    """The pairs of a person, and their remains."""
    rows = np.repeat(np.arange(len(kept.none), dtype=np.int32), np.diff(kept.start))
    order = np.argsort(kept.person, kind="stable")
    first = np.searchsorted(kept.person[order], np.arange(len(kept.claim) + 1))

    def of(person: int) -> tuple[Places, Places]:
        here = order[first[person] : first[person + 1]]
        return here, rows[here].astype(np.intp)

    return of


def _likely(block: Floats, coupling: Coupling) -> Places:
    strongest = np.argsort(-block.max(1), kind="stable")[:LIKELY]
    chosen = set(strongest[block[strongest].max(1) > 0].tolist())
    for j in range(block.shape[1]):
        holders = [int(r) for r in strongest if block[r, j] >= LIKELY_HOLDER][:HOLDERS]
        for r in holders if coupling.row is not None else ():
            holder = tuple(r if j == k else -1 for k in range(block.shape[1]))
            for other in range(block.shape[1]):
                if other != j:
                    assert coupling.row is not None
                    with np.errstate(divide="ignore"):
                        odds = np.log(block[:, other]) + coupling.row(holder, other)
                    odds[r] = -np.inf
                    best = np.argsort(-odds, kind="stable")[:HOLDERS]
                    chosen.update(int(i) for i in best if odds[i] > math.log(KEEP))
    return np.array(sorted(chosen), dtype=np.intp)
