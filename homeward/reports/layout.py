"""Where each member of a family stands in a pedigree chart.

The method, in order: (1) members, unknown parents and couples become symbols and matings;
(2) every child stands one row below its parents, and partners stand in one row; where a marriage
across generations makes that impossible the partner is shown a second time; (3) rows are ordered so
that couples and twins are neighbours and lines do not cross; (4) places along the row minimise
the distance between a couple and the middle of its children, symbols and names never touching;
(5) lines between two rows that would run over each other get their own heights.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from homeward.programme import Member, Pedigree, Sex

CLEAR = 14.0  # between two names
NEAREST = 66.0  # between the centres of two symbols
APART = 20.0  # more between people who are neither couple nor siblings
TRIES = 400  # rounds of improvement; a family of 25 needs about ten
Rows = list[list[list[str]]]  # row -> blocks of partners, left to right -> keys


@dataclass(frozen=True, slots=True)
class Symbol:
    """One square, circle or diamond. ``member`` is None for a parent whom the pedigree does not name."""

    key: str
    member: Member | None
    sex: Sex
    again: bool = False  # this member is also shown elsewhere


@dataclass(frozen=True, slots=True)
class Mating:
    """Two symbols and their children. ``related``: the partners have an ancestor in common."""

    left: str
    right: str
    children: tuple[str, ...]
    related: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """A chart: ``x`` and ``row`` of every symbol, and where each line runs.

    ``drop`` is the x at which a mating's line to its children starts; ``track`` numbers the
    heights of sibship lines between two rows, 0 nearest the children; ``bracket`` is 0 for
    neighbouring partners, else the height of the line that joins them over those between.
    """

    symbols: Mapping[str, Symbol]
    matings: tuple[Mating, ...]
    x: Mapping[str, float]
    row: Mapping[str, int]
    drop: tuple[float, ...]
    track: tuple[int, ...]
    bracket: tuple[int, ...]
    twins: tuple[tuple[str, ...], ...]


def arrange(pedigree: Pedigree, width: Callable[[Symbol], float]) -> Layout:
    """Lay out a family.

    Parameters
    ----------
    pedigree : any family: loops, several marriages, twins, unconnected members
    width : the width of a symbol's name, in the units of the chart

    Returns
    -------
    Layout
        The same for the same pedigree; symbols of one row are at least ``NEAREST`` apart.
    """
    symbols, matings = _symbols(pedigree)
    symbols, matings, level = _levels(symbols, matings)
    twins = _twins(pedigree, symbols)
    x: dict[str, float] = {}
    row: dict[str, int] = {}
    order: dict[str, int] = {}
    start = 0.0
    orders = _orders(tuple((m.member_id, m.father_id, m.mother_id, m.sex, m.twin_of) for m in pedigree.members))
    for part, rows in zip(_parts(symbols, matings), orders, strict=True):
        top = min(level[key] for key in part)
        places = _places(rows, symbols, matings, width)
        left = min(places[key] - width(symbols[key]) / 2 for key in part)
        x |= {key: start + place - left for key, place in places.items()}
        row |= {key: level[key] - top for key in part}
        order |= {key: index for line in rows for index, key in enumerate(itertools.chain(*line))}
        start = max(x[key] + width(symbols[key]) / 2 for key in part) + CLEAR + APART
    drop = tuple(_drop(mating, symbols, matings, x, row, width) for mating in matings)
    bracket = _brackets(matings, order, row)
    return Layout(symbols, tuple(matings), x, row, drop, _tracks(matings, x, row, drop), bracket, twins)


# ---------- Symbols and matings ----------


def _symbols(pedigree: Pedigree) -> tuple[dict[str, Symbol], list[Mating]]:
    symbols = {member.member_id: Symbol(member.member_id, member, member.sex) for member in pedigree.members}
    first_twin = {twin: group[0] for group in _twin_groups(pedigree) for twin in group}
    couples: dict[tuple[str, str], list[str]] = {}
    for member in pedigree.members:
        if not member.father_id and not member.mother_id:
            continue
        # An empty parent is this child's own unknown founder; identical twins share it.
        unknown = f"\0{first_twin.get(member.member_id, member.member_id)}"
        father, mother = member.father_id or unknown, member.mother_id or unknown
        if unknown in (father, mother):
            symbols[unknown] = Symbol(unknown, None, Sex.MALE if father == unknown else Sex.FEMALE)
        couples.setdefault((father, mother), []).append(member.member_id)
    ancestors = _ancestors(pedigree)
    return symbols, [
        Mating(father, mother, tuple(children), bool(ancestors.get(father, set()) & ancestors.get(mother, set())))
        for (father, mother), children in couples.items()
    ]


def _ancestors(pedigree: Pedigree) -> dict[str, set[str]]:
    """Of each member, himself and everyone he descends from."""
    members = {member.member_id: member for member in pedigree.members}
    known: dict[str, set[str]] = {}

    def of(member_id: str) -> set[str]:
        if member_id not in known:
            parents = (members[member_id].father_id, members[member_id].mother_id)
            known[member_id] = {member_id}.union(*(of(parent) for parent in parents if parent))
        return known[member_id]

    for member_id in members:
        of(member_id)
    return known


def _twin_groups(pedigree: Pedigree) -> list[list[str]]:
    groups = _Groups(member.member_id for member in pedigree.members)
    for member in pedigree.members:
        if member.twin_of:
            groups.join(member.member_id, member.twin_of)
    return [group for group in groups.all() if len(group) > 1]


def _twins(pedigree: Pedigree, symbols: Mapping[str, Symbol]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(key for key in group if key in symbols) for group in _twin_groups(pedigree))


class _Groups:
    """Sets that are joined, with the difference in level between their members (union-find with potentials)."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.parent = {key: key for key in keys}
        self.above = dict.fromkeys(self.parent, 0)

    def root(self, key: str) -> tuple[str, int]:
        """The set's representative, and how far below it this key stands."""
        level = 0
        while self.parent[key] != key:
            level += self.above[key]
            key = self.parent[key]
        return key, level

    def join(self, key: str, other: str, below: int = 0) -> bool:
        """Say that ``key`` stands ``below`` rows under ``other``; False if it is known to stand elsewhere."""
        (root, level), (other_root, other_level) = self.root(key), self.root(other)
        if root == other_root:
            return level == other_level + below
        self.parent[root] = other_root
        self.above[root] = other_level + below - level
        return True

    def all(self) -> list[list[str]]:
        found: dict[str, list[str]] = {}
        for key in self.parent:
            found.setdefault(self.root(key)[0], []).append(key)
        return list(found.values())


def _levels(
    symbols: dict[str, Symbol], matings: list[Mating]
) -> tuple[dict[str, Symbol], list[Mating], dict[str, int]]:
    """Rows, and partners shown again where no row fits: the deeper partner keeps the place beside the children."""
    depth = _depths(symbols, matings)
    names = [f"mating {number}" for number in range(len(matings))]
    groups = _Groups([*symbols, *names])
    for name, mating in zip(names, matings, strict=True):
        for child in mating.children:
            groups.join(child, name, below=1)
    deeper = [
        sorted((mating.left, mating.right), key=lambda key: -depth[key])  # stable: the father first
        for mating in matings
    ]
    shown = dict(symbols)
    partners: list[dict[str, str]] = [{} for _ in matings]
    for which in (0, 1):
        for number, name in enumerate(names):
            partner = deeper[number][which]
            if not groups.join(partner, name):
                again = f"\0{partner}\0{number}"
                shown[again] = replace(symbols[partner], key=again, again=True)
                groups.parent[again], groups.above[again] = again, 0
                groups.join(again, name)
                partners[number][partner] = again
    matings = [
        replace(mating, left=swap.get(mating.left, mating.left), right=swap.get(mating.right, mating.right))
        for mating, swap in zip(matings, partners, strict=True)
    ]
    return shown, matings, {key: groups.root(key)[1] for key in shown}


def _depths(symbols: Mapping[str, Symbol], matings: Sequence[Mating]) -> dict[str, int]:
    """How many generations of ancestors stand above each symbol."""
    parents = {child: (mating.left, mating.right) for mating in matings for child in mating.children}
    known: dict[str, int] = {}

    def of(key: str) -> int:
        if key not in known:
            known[key] = 1 + max(of(parent) for parent in parents[key]) if key in parents else 0
        return known[key]

    return {key: of(key) for key in symbols}


def _parts(symbols: Mapping[str, Symbol], matings: Sequence[Mating]) -> list[list[str]]:
    groups = _Groups(symbols)
    for mating in matings:
        for key in (mating.right, *mating.children):
            groups.join(key, mating.left)
    return groups.all()


# ---------- The order within each row ----------


@dataclass(slots=True)
class _Part:
    """One connected part of the family, with what its order is judged by."""

    keys: list[str]
    level: dict[str, int]
    symbols: Mapping[str, Symbol]
    all_matings: Sequence[Mating]
    twins: Sequence[Sequence[str]]
    matings: list[Mating] = field(init=False)
    parents: dict[str, Mating] = field(init=False)
    marriages: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        inside = set(self.keys)
        self.matings = [mating for mating in self.all_matings if mating.left in inside]
        self.parents = {child: mating for mating in self.matings for child in mating.children}
        self.marriages = {key: sum(key in (m.left, m.right) for m in self.matings) for key in self.keys}

    def rows(self) -> Rows:
        """Every row in the order of the file, partners standing together."""
        groups = _Groups(self.keys)
        for mating in self.matings:
            groups.join(mating.right, mating.left)
        rows: Rows = [[] for _ in range(max(self.level.values()) + 1)]
        for block in groups.all():
            rows[self.level[block[0]]].append(self._chain(block))
        return rows

    def _chain(self, block: list[str]) -> list[str]:
        """Partners of one another side by side as far as a line allows, whoever has most partners in the middle."""
        if len(block) < 3:
            return sorted(block, key=lambda key: self.symbols[key].sex is Sex.FEMALE)
        partners: dict[str, list[str]] = {key: [] for key in block}
        for mating in self.matings:
            if mating.left in partners:
                partners[mating.left].append(mating.right)
                partners[mating.right].append(mating.left)
        chain: list[str] = []
        start = min(block, key=lambda key: len(partners[key]))
        stack = [start]
        while stack:
            key = stack.pop()
            if key not in chain:
                chain.append(key)
                stack += sorted((p for p in partners[key] if p not in chain), key=lambda p: -len(partners[p]))[::-1]
        return chain

    def cost(self, rows: Rows) -> float:
        """What is ugly about an order: crossing lines, parted couples and twins, far children."""
        place, middle = _positions(rows)
        ugly = 0.0
        lines: dict[int, list[tuple[float, float]]] = {}
        for mating in self.matings:
            left, right = place[mating.left], place[mating.right]
            ugly += 6 * (abs(left - right) - 1) + (0.1 if left > right else 0)
            level = self.level[mating.left]
            start = self.start(mating, place)
            lines.setdefault(level, []).extend((start, place[child]) for child in mating.children)
            centred = start - middle[level]
            ugly += sum(0.05 * abs(centred - place[c] + middle[level + 1]) for c in mating.children)
            ugly += sum(0.02 for a, b in itertools.pairwise(mating.children) if place[a] > place[b])
        for channel in lines.values():
            ugly += 10 * sum((a - c) * (b - d) < 0 for (a, b), (c, d) in itertools.combinations(channel, 2))
        for group in self.twins:
            there = sorted(place[key] for key in group if key in place)
            ugly += 4 * sum(b - a - 1 for a, b in itertools.pairwise(there))
        return ugly

    def start(self, mating: Mating, place: Mapping[str, float]) -> float:
        """Where a mating's line to its children starts, counted in places."""
        left, right = sorted((place[mating.left], place[mating.right]))
        if right - left == 1:
            return (left + right) / 2
        outer = min(mating.left, mating.right, key=lambda key: self.marriages[key])
        return left + 0.5 if place[outer] == left else right - 0.5


def _positions(rows: Rows) -> tuple[dict[str, float], list[float]]:
    place: dict[str, float] = {}
    middle: list[float] = []
    for line in rows:
        keys = list(itertools.chain(*line))
        place |= {key: float(index) for index, key in enumerate(keys)}
        middle.append((len(keys) - 1) / 2)
    return place, middle


@lru_cache(maxsize=256)
def _orders(kinship: tuple[tuple[str, str, str, Sex, str], ...]) -> list[Rows]:
    """The rows of each unconnected part, ordered: the long work, done once for a family however often it is drawn."""
    members = (
        Member(family_id="", member_id=member, father_id=father, mother_id=mother, sex=sex, twin_of=twin)
        for member, father, mother, sex, twin in kinship
    )
    pedigree = Pedigree(family_id="", members=tuple(members))
    symbols, matings, level = _levels(*_symbols(pedigree))
    twins = _twins(pedigree, symbols)
    tops = [(part, min(level[key] for key in part)) for part in _parts(symbols, matings)]
    return [
        _ordered(_Part(part, {key: level[key] - top for key in part}, symbols, matings, twins)) for part, top in tops
    ]


def _ordered(part: _Part) -> Rows:
    """The best order found by improving, from several starts, one block at a time."""
    rows = part.rows()
    starts = [rows, [line[::-1] for line in rows]]
    starts = [sorted_rows for start in starts for sorted_rows in (start, _follow(part, start))]
    return min((_improved(part, start) for start in starts), key=part.cost)


def _improved(part: _Part, rows: Rows) -> Rows:
    best = part.cost(rows)
    for _ in range(TRIES):
        found = None
        for trial in _moves(rows):
            for candidate in (trial, _follow(part, trial)):
                ugly = part.cost(candidate)
                if ugly < best - 1e-9:
                    best, found = ugly, candidate
        if found is None:
            return rows
        rows = found
    return rows


def _moves(rows: Rows) -> Iterator[Rows]:
    """Every order that one change of one row gives."""
    for level, line in enumerate(rows):
        for index, block in enumerate(line):
            for other in _turns(block):
                yield [*rows[:level], [*line[:index], other, *line[index + 1 :]], *rows[level + 1 :]]
            rest = line[:index] + line[index + 1 :]
            for goal in range(len(line)):
                if goal != index:
                    yield [*rows[:level], [*rest[:goal], block, *rest[goal:]], *rows[level + 1 :]]


def _turns(block: list[str]) -> Iterator[list[str]]:
    if len(block) == 2:
        yield block[::-1]
    elif 2 < len(block) <= 4:
        yield from (list(order) for order in itertools.permutations(block) if list(order) != block)
    elif len(block) > 4:
        yield block[::-1]
        for a, b in itertools.combinations(range(len(block)), 2):
            swapped = list(block)
            swapped[a], swapped[b] = swapped[b], swapped[a]
            yield swapped


def _follow(part: _Part, rows: Rows) -> Rows:
    """Let every row stand in the order of the parents above it; whoever has none stays where he is."""
    rows = [list(line) for line in rows]
    for level in range(1, len(rows)):
        place, middle = _positions(rows)
        share = middle[level - 1] / middle[level] if middle[level] else 1.0

        def wish(block: list[str], place: Mapping[str, float] = place, share: float = share) -> float:
            above = [part.start(part.parents[key], place) for key in block if key in part.parents]
            return float(np.mean(above)) if above else place[block[0]] * share

        rows[level] = sorted(rows[level], key=wish)
        for index, block in enumerate(rows[level]):
            above = [part.start(part.parents[key], place) for key in block if key in part.parents]
            if len(above) > 1 and above[0] > above[-1]:
                rows[level][index] = block[::-1]
    return rows


# ---------- Places along the row ----------


def _places(
    rows: Rows, symbols: Mapping[str, Symbol], matings: Sequence[Mating], width: Callable[[Symbol], float]
) -> dict[str, float]:
    """Least squares under "no two closer than their names allow": parents over the middle of their children."""
    keys = [key for line in rows for block in line for key in block]
    index = {key: number for number, key in enumerate(keys)}
    couples = {frozenset((mating.left, mating.right)) for mating in matings}
    parents = {child: number for number, mating in enumerate(matings) for child in mating.children}
    springs: list[tuple[float, dict[str, float], float]] = []  # weight, coefficients, wanted value
    apart: list[tuple[str, str, float]] = []
    for line in rows:
        for a, b in itertools.pairwise(itertools.chain(*line)):
            couple = frozenset((a, b)) in couples
            siblings = a in parents and parents.get(a) == parents.get(b)
            gap = max(NEAREST, (width(symbols[a]) + width(symbols[b])) / 2 + CLEAR)
            gap += 0 if couple or siblings else APART
            apart.append((a, b, gap))
            springs.append((1.0 if couple else 0.3 if siblings else 0.02, {b: 1.0, a: -1.0}, gap))
    for mating in matings:
        if mating.left in index and mating.children:
            children = {child: -1.0 / len(mating.children) for child in mating.children}
            beside = _beside(mating, keys, index, matings)
            names = [max(width(symbols[key]), 32.0) for key in beside]  # the line leaves between the two names
            springs.append((8.0, dict.fromkeys(beside, 0.5) | children, (names[1] - names[0]) / 4))
    equations = np.zeros((len(springs), len(keys)))
    wanted = np.zeros(len(springs))
    for number, (weight, coefficients, value) in enumerate(springs):
        for key, coefficient in coefficients.items():
            equations[number, index[key]] = weight**0.5 * coefficient
        wanted[number] = weight**0.5 * value
    limits = np.zeros((len(apart), len(keys)))
    for number, (a, b, _) in enumerate(apart):
        limits[number, index[a]], limits[number, index[b]] = -1.0, 1.0
    solved = _least_squares(equations, wanted, limits, np.array([gap for _, _, gap in apart]))
    for line in rows:  # what the iteration left open, so that nothing touches
        for a, b in itertools.pairwise(itertools.chain(*line)):
            gap = next(g for c, d, g in apart if (c, d) == (a, b))
            solved[index[b]] = max(solved[index[b]], solved[index[a]] + gap)
    return {key: round(float(solved[number]), 1) for key, number in index.items()}


def _beside(
    mating: Mating, line: Sequence[str], order: Mapping[str, int], matings: Sequence[Mating]
) -> tuple[str, str]:
    """The two neighbours, left and right, between whom the line to a couple's children leaves.

    The couple itself where it stands side by side; else whoever has fewer marriages and the
    neighbour on the other's side. ``order`` is each key's number in ``line``.
    """
    a, b = sorted((mating.left, mating.right), key=lambda key: order[key])
    if order[b] - order[a] == 1:
        return a, b
    marriages = {key: sum(key in (m.left, m.right) for m in matings) for key in (a, b)}
    return (line[order[b] - 1], b) if marriages[b] <= marriages[a] else (a, line[order[a] + 1])


def _least_squares(
    equations: npt.NDArray[np.float64],
    wanted: npt.NDArray[np.float64],
    limits: npt.NDArray[np.float64],
    least: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Minimise |equations x - wanted|^2 subject to limits x >= least (Hildreth 1957, on the dual)."""
    count = equations.shape[1]
    hessian = equations.T @ equations + 1e-6 * np.eye(count)
    free = np.asarray(np.linalg.solve(hessian, equations.T @ wanted), dtype=np.float64)
    if not len(least):
        return free
    reach = np.linalg.solve(hessian, limits.T)
    dual = limits @ reach
    short = least - limits @ free
    force = np.zeros(len(least))
    for _ in range(300):
        before = force.copy()
        for number in range(len(least)):
            step = (short[number] - dual[number] @ force) / dual[number, number]
            force[number] = max(0.0, force[number] + step)
        if np.abs(dual @ (force - before)).max() < 0.02:
            break
    return np.asarray(free + reach @ force, dtype=np.float64)


# ---------- Lines ----------


def _drop(
    mating: Mating,
    symbols: Mapping[str, Symbol],
    matings: Sequence[Mating],
    x: Mapping[str, float],
    row: Mapping[str, int],
    width: Callable[[Symbol], float],
) -> float:
    """Where the line to the children leaves: over their middle if that lies clear of both names, else near it."""
    line = sorted((key for key in x if row[key] == row[mating.left]), key=lambda key: x[key])
    a, b = _beside(mating, line, {key: number for number, key in enumerate(line)}, matings)
    low = x[a] + max(width(symbols[a]) / 2, 16) + 5
    high = x[b] - max(width(symbols[b]) / 2, 16) - 5
    children = [x[child] for child in mating.children]
    wish = (min(children) + max(children)) / 2
    nearest = min(children, key=lambda place: abs(place - wish))
    wish = nearest if abs(nearest - wish) < 5 else wish
    return round(min(max(wish, low), high), 1) if low <= high else round((low + high) / 2, 1)


def _brackets(matings: Sequence[Mating], order: Mapping[str, int], row: Mapping[str, int]) -> tuple[int, ...]:
    """Heights of the lines over others between two partners; 0 where partners are neighbours."""
    heights = [0] * len(matings)
    spans = {
        number: tuple(sorted((order[mating.left], order[mating.right])))
        for number, mating in enumerate(matings)
        if abs(order[mating.left] - order[mating.right]) > 1
    }
    for number in sorted(spans, key=lambda n: spans[n][1] - spans[n][0]):
        taken = {
            heights[other]
            for other, (low, high) in spans.items()
            if heights[other]
            and row[matings[other].left] == row[matings[number].left]
            and low <= spans[number][1]
            and spans[number][0] <= high
        }
        heights[number] = next(height for height in itertools.count(1) if height not in taken)
    return tuple(heights)


def _tracks(
    matings: Sequence[Mating], x: Mapping[str, float], row: Mapping[str, int], drop: Sequence[float]
) -> tuple[int, ...]:
    """A height for each sibship line, so that two never run along the same stretch."""
    tracks = [0] * len(matings)
    spans = [
        (min([drop[n], *(x[c] for c in mating.children)]), max([drop[n], *(x[c] for c in mating.children)]))
        for n, mating in enumerate(matings)
    ]
    for level in {row[mating.left] for mating in matings}:
        here = [number for number, mating in enumerate(matings) if row[mating.left] == level]
        for number in sorted(here, key=lambda n: spans[n]):
            taken = {
                tracks[other]
                for other in here[: here.index(number)] + here[here.index(number) + 1 :]
                if spans[other] < spans[number] and spans[number][0] <= spans[other][1] + 6
            }
            tracks[number] = next(height for height in itertools.count() if height not in taken)
        used = range(max(tracks[number] for number in here) + 1)
        if 1 < len(used) <= 4:
            orders = list(itertools.permutations(used))
            best = min(orders, key=lambda order: _clashes(here, [order[t] for t in tracks], matings, x, drop, spans))
            for number in here:
                tracks[number] = best[tracks[number]]
    return tuple(tracks)


def _clashes(
    here: Sequence[int],
    tracks: Sequence[int],
    matings: Sequence[Mating],
    x: Mapping[str, float],
    drop: Sequence[float],
    spans: Sequence[tuple[float, float]],
) -> int:
    """How often upright lines meet the sibship lines of others, running over one another counted tenfold."""
    count = 0
    for one, other in itertools.permutations(here, 2):
        low, high = spans[other]
        if tracks[one] < tracks[other]:  # the drop of one passes the line of the other
            count += low <= drop[one] <= high
            count += 10 * sum(abs(drop[one] - x[child]) < 3 for child in matings[other].children)
        else:
            count += sum(low <= x[child] <= high for child in matings[one].children)
    return count
