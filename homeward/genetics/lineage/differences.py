"""How many events lie between two mitochondrial haplotypes.

Not the lists of differences are compared but the sequences that they describe: one sequence can be listed
in several ways (Röck et al. 2011, PMC3064999; Huber et al. 2018). In order: cut both to the positions that
both have read; where their lists differ, write out both sequences with enough reference around; align the
two pieces at the least number of events. An event is

- a base for another: a mixture agrees with what shares a base with it (``pattern``), or only with itself
  (``literal``);
- one base lost or gained;
- a whole repeat of AC at 514-524, the nine bases of 8281-8289, or another of the blocks of EMPOP's table;
- nothing, for the length of a run at a hotspot (16193, 309, 455, 463, 573, 960, 5899, 8276, 8285).
  315.1C is an event: the run 311-315 is no hotspot unless 310C joins it to the run before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from homeward.genetics.lineage.mitotype import DELETED, SYMBOLS, Mitotype, Range, Variant, covers, shared
from homeward.tables import RCRS_PLACEHOLDER, mt_blocks, mt_hotspots, rcrs

AROUND = 30  # positions of reference written out around a difference; an indel can slide within a repeat no further
_NEAR_RUN = 15
_AC = (510, 528)  # where a repeat of AC counts as one event


class Mixtures(StrEnum):
    """What a mixture of bases agrees with."""

    PATTERN = "pattern"  # with each sequence that shares a base with it
    LITERAL = "literal"  # with itself alone


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where two haplotypes differ.

    Parameters
    ----------
    first, last : the positions whose variants differ
    events : how many
    one, other : the variants there of the two, "rCRS" where there are none
    """

    first: int
    last: int
    events: int
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.one} / {self.other}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two haplotypes have in common, and where they differ.

    Parameters
    ----------
    ranges : positions that both have read
    differences : places with at least one event
    ignored : places that differ in nothing that counts
    """

    ranges: tuple[Range, ...]
    differences: tuple[Difference, ...]
    ignored: tuple[Difference, ...] = ()

    @property
    def events(self) -> int:
        return sum(difference.events for difference in self.differences)


def compare(one: Mitotype, other: Mitotype, mixtures: Mixtures = Mixtures.PATTERN) -> Comparison:
    """Count the events between two haplotypes over the positions that both have read.

    Examples
    --------
    >>> from homeward.genetics.lineage.mitotype import read_mitotype as read
    >>> compare(read("263G 315.1C"), read("263G 309.1C 315.1C")).events
    0
    >>> [str(one) for one in compare(read("263G 315.1C 523del 524del"), read("263G")).differences]
    ['315.1C / rCRS', '523del 524del / rCRS']
    """
    both = shared(one.ranges, other.ranges)
    differences: list[Difference] = []
    ignored: list[Difference] = []
    for first, last, a, b in places(both, (_inside(one, both), _inside(other, both))):
        events = between(first, last, a, b, mixtures)
        differing = sorted(set(a) ^ set(b))
        found = Difference(differing[0].position, differing[-1].position, events, _listed(a, b), _listed(b, a))
        (differences if events else ignored).append(found)
    return Comparison(both, tuple(differences), tuple(ignored))


def equal(one: Mitotype, other: Mitotype, mixtures: Mixtures = Mixtures.PATTERN) -> bool:
    """Whether no event lies between two haplotypes; quicker to say than how many do."""
    both = shared(one.ranges, other.ranges)
    left = []
    for place in places(both, (_inside(one, both), _inside(other, both))):
        if _substitutions(place[2], place[3], mixtures):  # bases alone differ: that is an event however it is aligned
            return False
        left.append(place)
    return all(between(*place, mixtures) == 0 for place in left)


def _listed(own: Iterable[Variant], others: Iterable[Variant]) -> str:
    return " ".join(str(variant) for variant in sorted(set(own) - set(others))) or "rCRS"


@lru_cache(maxsize=1 << 16)
def _within(variants: tuple[Variant, ...], ranges: tuple[Range, ...]) -> tuple[Variant, ...]:
    return tuple(variant for variant in variants if covers(ranges, variant))


def _inside(mitotype: Mitotype, ranges: tuple[Range, ...]) -> tuple[Variant, ...]:
    return mitotype.variants if mitotype.ranges == ranges else _within(mitotype.variants, ranges)


Place = tuple[int, int, tuple[Variant, ...], tuple[Variant, ...]]
"""First and last position written out, and the variants of either haplotype there."""


def places(ranges: tuple[Range, ...], lists: tuple[tuple[Variant, ...], tuple[Variant, ...]]) -> Iterator[Place]:
    """Where two lists differ, apart by more reference than an indel can slide over."""
    a, b = lists
    differing = sorted(set(a) ^ set(b))
    if not differing:
        return
    around = AROUND + longest_indel(differing)
    for low, high in ranges:
        here = [variant.position for variant in differing if low <= variant.position <= high]
        start = 0
        for index in range(1, len(here) + 1):
            if index == len(here) or here[index] - here[index - 1] > 2 * around:
                first, last = max(low, here[start] - around), min(high, here[index - 1] + around)
                yield first, last, variants_between(a, first, last), variants_between(b, first, last)
                start = index


def variants_between(variants: Iterable[Variant], first: int, last: int) -> tuple[Variant, ...]:
    """The variants of a list at some positions."""
    return tuple(variant for variant in variants if first <= variant.position <= last)


def longest_indel(variants: Iterable[Variant]) -> int:
    """The most bases lost or gained together."""
    longest = run = 0
    before = None
    for variant in variants:
        if variant.symbol and not variant.insertion:
            continue
        follows = before is not None and variant.position - before.position <= 1
        run = run + 1 if follows else 1
        longest, before = max(longest, run), variant
    return longest


@lru_cache(maxsize=1 << 17)
def between(
    first: int,
    last: int,
    a: tuple[Variant, ...],
    b: tuple[Variant, ...],
    mixtures: Mixtures,
) -> int:
    """The least number of events between two haplotypes within one place."""
    if a == b:
        return 0
    plain = _substitutions(a, b, mixtures)
    if plain is not None and (plain <= 2 and not near_run(set(a) ^ set(b))):
        return plain  # sequences of one length that differ at one or two bases cannot be explained by less
    aligned = _aligned(_Sequence(first, last, a, mixtures), _Sequence(first, last, b, mixtures), mixtures)
    return aligned if plain is None else min(plain, aligned)


def _substitutions(a: tuple[Variant, ...], b: tuple[Variant, ...], mixtures: Mixtures) -> int | None:
    """Differing bases of two haplotypes that differ from the reference by bases only; None otherwise."""
    if any(variant.insertion or not variant.symbol.isupper() for variant in (*a, *b)):
        return None
    one = {variant.position: variant.symbol for variant in a}
    other = {variant.position: variant.symbol for variant in b}
    reference = rcrs()
    return sum(
        not agree(one.get(at, reference[at - 1]), other.get(at, reference[at - 1]), mixtures)
        for at in one.keys() | other.keys()
    )


def near_run(differing: Iterable[Variant]) -> bool:
    """Whether a difference could join or part the runs of a hotspot."""
    return any(
        spot.first - _NEAR_RUN <= variant.position <= spot.last + _NEAR_RUN
        for variant in differing
        for spot in mt_hotspots()
    )


@cache
def agree(one: str, other: str, mixtures: Mixtures) -> bool:
    """Whether two symbols can be one base.

    >>> agree("Y", "C", Mixtures.PATTERN), agree("Y", "R", Mixtures.PATTERN), agree("Y", "C", Mixtures.LITERAL)
    (True, False, False)
    """
    if one == other:
        return True
    if mixtures is Mixtures.LITERAL:
        return False
    if one.islower() and other.islower():
        return True  # both may be the deletion
    return bool(set(SYMBOLS[one.upper()]) & set(SYMBOLS[other.upper()]))


class _Sequence:
    """A piece of a haplotype written out, and what of it may be absent at which price."""

    def __init__(self, first: int, last: int, variants: Sequence[Variant], mixtures: Mixtures) -> None:
        self.symbols: list[str] = []
        self.anchors: list[int] = []
        self._write(first, last, variants)
        self.gaps = self._gaps(mixtures)  # of each symbol: (how many may be absent from here on, events)

    def _write(self, first: int, last: int, variants: Sequence[Variant]) -> None:
        at = {(variant.position, variant.insertion): variant.symbol for variant in variants}
        inserted: dict[int, list[str]] = {}
        for variant in variants:
            if variant.insertion:
                inserted.setdefault(variant.position, []).append(variant.symbol)
        reference = rcrs()
        for position in range(first, last + 1):
            own = DELETED if position == RCRS_PLACEHOLDER else at.get((position, 0), reference[position - 1])
            for symbol in ([own] if own else []) + inserted.get(position, []):
                self.symbols.append(symbol)
                self.anchors.append(position)

    def _gaps(self, mixtures: Mixtures) -> list[list[tuple[int, int]]]:
        absent_ok = self._in_runs()
        gaps = []
        for index, symbol in enumerate(self.symbols):
            free = index in absent_ok or (symbol.islower() and mixtures is Mixtures.PATTERN)
            gaps.append([(1, 0 if free else 1)])
        for index, length in self._blocks():
            gaps[index].append((length, 1))
        return gaps

    def _in_runs(self) -> set[int]:
        """Symbols of runs that reach into a hotspot."""
        found: set[int] = set()
        for spot in mt_hotspots():
            for index, symbol in enumerate(self.symbols):
                if symbol.upper() == spot.base and spot.first <= self.anchors[index] <= spot.last:
                    found.update(self._run(index, spot.base))
        return found

    def _run(self, index: int, base: str) -> Iterator[int]:
        low = high = index
        while low > 0 and self.symbols[low - 1].upper() == base:
            low -= 1
        while high + 1 < len(self.symbols) and self.symbols[high + 1].upper() == base:
            high += 1
        yield from range(low, high + 1)

    def _blocks(self) -> Iterator[tuple[int, int]]:
        """Where a block stands that is lost or gained whole: first symbol and length."""
        text = "".join(self.symbols)
        for index, anchor in enumerate(self.anchors):
            if _AC[0] <= anchor <= _AC[1]:
                yield from ((index, length) for length in self._ac_repeats(text, index))
        for after, length, turns in _turns():
            for index, anchor in enumerate(self.anchors):
                if abs(anchor - after) <= length + 1 and text[index : index + length] in turns:
                    yield index, length

    def _ac_repeats(self, text: str, index: int) -> Iterator[int]:
        length = 2
        while text[index : index + length] in ("AC" * (length // 2), "CA" * (length // 2)):
            if self.anchors[index + length - 1] > _AC[1]:
                return
            yield length
            length += 2


@cache
def _turns() -> tuple[tuple[int, int, frozenset[str]], ...]:
    """Blocks with every turn of their bases: within a repeat the same loss can be read from any base on."""
    return tuple(
        (b.after, len(b.bases), frozenset(b.bases[i:] + b.bases[:i] for i in range(len(b.bases)))) for b in mt_blocks()
    )


def _aligned(one: _Sequence, other: _Sequence, mixtures: Mixtures) -> int:
    """The least number of events that turn one piece into the other.

    A search over pairs of prefixes in the order of their events: every move costs none or one.
    """
    rows, columns = len(one.symbols), len(other.symbols)
    done: set[tuple[int, int]] = set()
    waiting = deque([(0, 0, 0)])
    while True:
        i, j, events = waiting.popleft()
        if (i, j) in done:
            continue
        if i == rows and j == columns:
            return events
        done.add((i, j))
        moves = []
        if i < rows and j < columns:
            moves.append((i + 1, j + 1, 0 if agree(one.symbols[i], other.symbols[j], mixtures) else 1))
        if i < rows:
            moves += [(i + length, j, price) for length, price in one.gaps[i]]
        if j < columns:
            moves += [(i, j + length, price) for length, price in other.gaps[j]]
        for to_i, to_j, price in moves:
            if price:
                waiting.append((to_i, to_j, events + price))
            else:
                waiting.appendleft((to_i, to_j, events))
