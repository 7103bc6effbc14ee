"""The joint posterior of rosters so large that only likely pairs are kept: tens of thousands against thousands.

Of each of the remains the pairs are kept whose odds against "none of the roster" are at least KEEP. A posterior is
never more than those odds; so what is left out is bounded, for each of the remains and for each person, by the sum of
its odds, and these sums enter every interval (``rest`` and ``claim``). Persons without informative references whom no
evidence tells apart are one column with a number of copies.

Belief propagation and the layers of intervals are those of ``field.py`` and ``intervals.py``, on lists. A family with
several missing stands as configurations among its likely remains; whoever may be one of these is labelled approximate,
since what is left out there has no bound.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from homeward.identification.field import (
    COPIES,
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
KEEP = 1e-6  # odds against "none of the roster" from which a pair is kept
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
    shared : (class, remains) of persons alike, the weight of one of them
    members : (class,) persons
    rest : (remains,) odds left out
    claim : (person,) odds left out of all remains
    faint : (remains,) of the odds left out, those of persons of whom nothing is kept: so much at least they add,
        over one plus all that is claimed of such a person
    faint_most : the greatest such odds of one pair
    """

    none: Floats
    start: Places
    person: Places
    weight: Floats
    shared: Floats
    members: tuple[Places, ...]
    rest: Floats
    claim: Floats
    faint: Floats
    faint_most: float


@dataclass(frozen=True, eq=False, kw_only=True)
class LocalFamily:
    """A coupled family: its persons, the remains that may be one of them, and configurations among these."""

    persons: tuple[int, ...]
    rows: Places
    listed: ListedFamily


@dataclass(frozen=True, eq=False, kw_only=True)
class Sparse:
    """Posteriors of kept pairs; ``shared`` is of each single member of a class, ``other`` of all that is left out."""

    none: Floats
    none_error: Floats
    pair: Floats
    pair_error: Floats
    pair_free: Floats
    shared: Floats  # (class, remains)
    shared_error: Floats
    other: Floats
    labels: tuple[Label, ...]


class Gathering:
    """Collects the rows of a problem, block by block; the whole is never held.

    Parameters
    ----------
    persons : how many
    least : (persons,) odds from which a pair is kept, if not KEEP
    classes : persons that may turn out to be alike; those that do not in a block are told apart from then on
    """

    def __init__(self, persons: int, classes: Iterable[Places] = (), least: Floats | None = None) -> None:
        self.least = np.full(persons, KEEP) if least is None else least
        self.members = [np.asarray(of) for of in classes]
        self.alike = np.full(persons, -1, dtype=np.intp)
        for k, of in enumerate(self.members):
            self.alike[of] = k
        self.claim = np.zeros(persons)
        self.quiet = self.least > KEEP  # persons of whom little is kept
        self.heard = np.zeros(persons, dtype=bool)
        self.parts: list[tuple[Floats, Places, Places, Floats, Floats, Floats, Floats]] = []

    def add(self, log_none: Floats, log_slot: Floats) -> None:
        """Add rows: natural logs of "none of the roster", (rows,), and of persons, (rows, persons)."""
        base = np.where(np.isfinite(log_none), log_none, log_slot.max(1, initial=-np.inf))
        weight = log_slot - base[:, None]
        np.exp(np.minimum(weight, LARGEST_LOG, out=weight), out=weight)
        shared = np.zeros((len(self.members), len(weight)))
        for k, of in enumerate(self.members):
            shared[k] = weight[:, of[0]]
            different = (weight[:, of] != shared[k][:, None]).any(0)
            self.alike[of[different]] = -1
        chosen = weight >= self.least
        chosen[:, self.alike >= 0] = False
        row, person = np.nonzero(chosen)
        kept = weight[row, person]
        weight[chosen] = 0.0
        weight[:, self.alike >= 0] = 0.0
        self.claim += weight.sum(0)
        none = np.where(np.isfinite(log_none), 1.0, FORBIDDEN)
        self.heard[person] = True
        self.parts.append((none, row, person, kept, shared, weight.sum(1), weight[:, self.quiet].sum(1)))

    def kept(self) -> Kept:
        """All rows together. Members of a class that were told apart late count as left out before."""
        rows = [len(part[0]) for part in self.parts]
        offset = np.cumsum([0, *rows])
        row = np.concatenate([part[1] + at for part, at in zip(self.parts, offset, strict=False)])
        shared = np.concatenate([part[4] for part in self.parts], axis=1)
        rest = np.concatenate([part[5] for part in self.parts])
        for k, of in enumerate(self.members):  # bounded, not told
            apart = of[self.alike[of] != k]
            rest += shared[k] * len(apart)
            self.claim[apart] += shared[k].sum()
        heard = self.heard & self.quiet
        most = float(self.least[self.quiet].max(initial=0.0))
        faint = np.maximum(np.concatenate([part[6] for part in self.parts]) - heard.sum() * most, 0.0)
        claimed = float(self.claim[self.quiet & ~heard].max(initial=0.0))
        members = tuple(of[self.alike[of] == k] for k, of in enumerate(self.members))
        return Kept(
            none=np.concatenate([part[0] for part in self.parts]),
            start=np.searchsorted(row, np.arange(offset[-1] + 1)),
            person=np.concatenate([part[2] for part in self.parts]),
            weight=np.concatenate([part[3] for part in self.parts]),
            shared=shared,
            members=members,
            rest=rest,
            claim=self.claim,
            faint=faint / (1 + claimed),
            faint_most=most,
        )


# --- sums that leave one out, along lists ---


class _Lines:
    """Entries by line (remains, or column)."""

    def __init__(self, line: Places, count: int) -> None:
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
    """Kept pairs and class columns as one list; a class is COPIES columns, and further copies that are only counted."""

    row: Places
    column: Places
    weight: Floats
    copies: Floats  # (entry,)
    claim: Floats  # (column,)
    rows: _Lines
    columns: _Lines
    of_class: list[tuple[int, int]]  # (class, place of its first entry)


def _entries(kept: Kept, coupled: npt.NDArray[np.bool_]) -> _Entries:
    """Entries of everyone whose likelihood factorises."""
    remains = len(kept.none)
    row = np.repeat(np.arange(remains), np.diff(kept.start))
    single = ~coupled[kept.person]
    persons = len(kept.claim)
    rows, columns, weights = [row[single]], [kept.person[single]], [kept.weight[single]]
    copies, claims = [np.zeros(int(single.sum()))], [kept.claim]
    at, column, of_class = int(single.sum()), persons, []
    for k, members in enumerate(kept.members):
        laid = min(len(members), COPIES)
        for n in range(laid):
            if n == 0:
                of_class.append((k, at))
            rows.append(np.arange(remains))
            columns.append(np.full(remains, column))
            weights.append(kept.shared[k])
            copies.append(np.full(remains, float(len(members) - laid) if n == 0 else 0.0))
            column += 1
            at += remains
        claims.append(np.zeros(laid))
    line, of_column = np.concatenate(rows), np.concatenate(columns)
    return _Entries(
        line,
        of_column,
        np.concatenate(weights),
        np.concatenate(copies),
        np.concatenate(claims),
        _Lines(line, remains),
        _Lines(of_column, column),
        of_class,
    )


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
    many = 1 + entries.copies
    of_families = _scattered(len(kept.none), families, local)
    total = kept.none + entries.rows.sums(x * many) + of_families + (kept.rest + _rest_low(kept)) / 2
    sum_low = (kept.none + entries.rows.sums(low * many) + beside_low + _rest_low(kept)) * (1 - NOISE)
    sum_high = (kept.none + entries.rows.sums(high * many) + beside_high + kept.rest) * (1 + NOISE)
    none, none_error = _within(kept.none, total, kept.none, kept.none, sum_low, sum_high)
    row = entries.row
    chance, error = _within(x, total[row], low, high, sum_low[row], sum_high[row])
    if families:  # what brothers make likelier among remains left out is not bounded
        none_error, error = none_error + BESIDE_FAMILIES, error + BESIDE_FAMILIES * (chance > 0)
    pair, pair_error, pair_free = (np.zeros(len(kept.person)) for _ in range(3))
    single = ~coupled[kept.person]
    count = int(single.sum())
    pair[single], pair_error[single], pair_free[single] = chance[:count], error[:count], free[:count]
    approximate = np.zeros(len(none), dtype=bool)
    lines = np.repeat(np.arange(len(none)), np.diff(kept.start))
    for family, T in zip(families, local, strict=True):
        part = T / total[family.rows, None]
        for j, person in enumerate(family.persons):
            where = np.flatnonzero(kept.person == person)
            place = {int(r): k for k, r in enumerate(family.rows)}
            mine = [place.get(int(r), -1) for r in lines[where]]
            pair[where] = np.where(np.array(mine) >= 0, part[mine, j], 0.0)
            pair_error[where] = np.minimum(1.0, none_error[lines[where]] + pair[where])
            pair_free[where] = 1.0
        approximate[family.rows[(part.sum(1) >= OF_A_FAMILY)]] = True
    shape = kept.shared.shape
    shared, shared_error = np.zeros(shape), np.zeros(shape)
    for k, at in entries.of_class:
        here = slice(at, at + len(none))
        shared[k], shared_error[k] = chance[here], error[here]
    labels = tuple(Label.APPROXIMATE if one else Label.CERTIFIED for one in approximate.tolist())
    other = (kept.rest + _rest_low(kept)) / 2 * none
    return Sparse(
        none=none,
        none_error=none_error,
        pair=pair,
        pair_error=pair_error,
        pair_free=pair_free,
        shared=shared,
        shared_error=shared_error,
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
    start = 1 / (kept.none + entries.rows.sums(entries.weight * (1 + entries.copies)))
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
        counted = entries.rows.sums(x * entries.copies)
        rest = kept.none + between + counted + beside
        new = np.minimum(1 / (rest[entries.row] + entries.rows.others(x)), HUGE)
        whole = kept.none + between + counted + entries.rows.sums(x) + beside
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
    row_high = kept.none + entries.rows.sums(most * (1 + entries.copies)) + beside_high + kept.rest
    message_low = (1 / row_high)[entries.row]
    message_high = np.minimum(1 / kept.none, HUGE)[entries.row]
    low, high = np.zeros(len(most)), most
    for level in range(DEPTH - 1, -1, -1):
        tick("intervals", DEPTH - 1 - level, DEPTH)
        missing = 2 * level if several else level
        claim = kept_claim(kept, entries)
        D_high = 1 + entries.columns.others(entries.weight * message_high) + claim[entries.column]
        D_low = 1 + entries.columns.others(entries.weight * message_low, beyond=missing)
        low = entries.weight / D_high * (1 - NOISE)
        high = np.minimum(entries.weight / D_low * (1 + NOISE), most)
        counted_low = entries.rows.sums(low * entries.copies)
        counted_high = entries.rows.sums(high * entries.copies)
        row_low = (kept.none + counted_low + beside_low + _rest_low(kept, missing + 1))[entries.row]
        row_low = row_low + entries.rows.others(low, beyond=max(level - 1, 0))
        row_high = (kept.none + counted_high + beside_high + kept.rest)[entries.row] + entries.rows.others(high)
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
    return np.asarray(np.maximum(kept.faint - gone * kept.faint_most, 0.0))


def kept_claim(kept: Kept, entries: _Entries) -> Floats:
    """(column,) the most that pairs left out can claim."""
    if _unbounded(kept):
        return np.where(entries.claim > 0, HUGE, 0.0)
    return entries.claim


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
    rows = np.repeat(np.arange(len(kept.none)), np.diff(kept.start))
    order = np.argsort(kept.person, kind="stable")
    by_person = kept.person[order]
    rest, claim, families = kept.rest.copy(), kept.claim.copy(), []
    for coupling in couplings:
        block = np.zeros((len(kept.none), len(coupling.slots)))
        for j, person in enumerate(coupling.slots):
            here = order[np.searchsorted(by_person, person) : np.searchsorted(by_person, person + 1)]
            block[rows[here], j] = kept.weight[here]
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
