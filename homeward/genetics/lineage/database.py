"""Counts of haplotypes in a population: the answers of searches, or a whole table of people.

A whole table can be asked about any haplotype over any of its positions. The answers of searches can be used
for the haplotype searched for alone: nobody knows how common another is, and nothing is assumed about it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from homeward.genetics.lineage import differences
from homeward.genetics.lineage.differences import Mixtures
from homeward.genetics.lineage.frequency import Method, of_count, unseen_frequency
from homeward.genetics.lineage.laplace import DiscreteLaplace, best_fit
from homeward.genetics.lineage.mitotype import Mitotype, ranges_text, read_mitotype, shared
from homeward.genetics.lineage.screening import PlainBases
from homeward.genetics.lineage.ystr import Alleles, YHaplotype, at_loci, compared_loci, read_yhaplotype
from homeward.programme import HaplotypeCount, LineageKind

_MOSTLY = 0.9  # of the people of a table have read a locus that the discrete Laplace model uses


@dataclass(frozen=True, slots=True)
class HaplotypeFrequency:
    """How common a haplotype is taken to be.

    Parameters
    ----------
    value : the frequency
    method : how it was made; counting where the method asked for says nothing about this haplotype
    seen, people : the count behind it
    population : of the database
    compared : positions or loci over which it was counted
    """

    value: float
    method: Method
    seen: int
    people: int
    population: str
    compared: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A haplotype, how many have it, and among how many it was looked for."""

    haplotype: Mitotype | YHaplotype
    count: int
    people: int


class Database:
    """What is known of one population's haplotypes of one kind.

    Parameters
    ----------
    whole : every person of the database is counted in one of the entries
    """

    def __init__(
        self,
        kind: LineageKind,
        population: str,
        entries: Iterable[Entry],
        *,
        whole: bool,
        mixtures: Mixtures = Mixtures.PATTERN,
    ) -> None:
        self.kind, self.population, self.whole, self._mixtures = kind, population, whole, mixtures
        self.entries = tuple(entries)
        self._answers: dict[Hashable, HaplotypeFrequency | None] = {}

    @classmethod
    def of_people(cls, kind: LineageKind, population: str, haplotypes: Sequence[Mitotype | YHaplotype]) -> Database:
        """A whole table from one haplotype a person."""
        counts = Counter(haplotypes)
        return cls(kind, population, (Entry(one, n, len(haplotypes)) for one, n in counts.items()), whole=True)

    def mt_frequency(self, haplotype: Mitotype, method: Method) -> HaplotypeFrequency | None:
        """How common an mtDNA haplotype is over the positions that it has read; None if nobody looked.

        Counted are those without an event between: mixtures agree with their components, hotspots do not count.
        """
        key = (haplotype.key, method)
        if key not in self._answers:
            self._answers[key] = self._mt_frequency(haplotype, method)
        return self._answers[key]

    def _mt_frequency(self, haplotype: Mitotype, method: Method) -> HaplotypeFrequency | None:
        seen = people = 0
        best: tuple[int, Entry] | None = None
        may_equal = self._screen.apart([haplotype])[0] <= 0
        for entry, may in zip(self.entries, may_equal, strict=True):
            other = entry.haplotype
            assert isinstance(other, Mitotype)
            both = shared(haplotype.ranges, other.ranges)
            if both != (haplotype.ranges if self.whole else other.ranges):
                continue
            people += entry.count
            if not may or not differences.equal(haplotype, other, self._mixtures):
                continue
            seen += entry.count
            breadth = sum(last - first for first, last in both)
            if best is None or breadth > best[0]:
                best = breadth, entry
        if not self.whole and best:
            seen, people = best[1].count, best[1].people
        if not people or (not self.whole and best is None):
            return None
        ranges = haplotype.ranges if self.whole or best is None else best[1].haplotype.ranges  # type: ignore[union-attr]
        counted = Method.PLUS_ONE if method in (Method.KAPPA, Method.LAPLACE) else method
        value = of_count(counted, seen, people)
        return HaplotypeFrequency(value, counted, seen, people, self.population, ranges_text(ranges))

    @cached_property
    def _screen(self) -> PlainBases:
        return PlainBases([entry.haplotype for entry in self.entries if isinstance(entry.haplotype, Mitotype)])

    def y_frequency(self, haplotype: YHaplotype, loci: Iterable[str], method: Method) -> HaplotypeFrequency | None:
        """How common a Y haplotype is at some loci as compared; None if nobody looked."""
        wanted = tuple(sorted(loci))
        key = (haplotype.key, wanted, method)
        if key not in self._answers:
            found = self._y_whole if self.whole else self._y_searched
            self._answers[key] = found(haplotype, wanted, method)
        return self._answers[key]

    def _y_whole(self, haplotype: YHaplotype, loci: tuple[str, ...], method: Method) -> HaplotypeFrequency | None:
        own = at_loci(haplotype, loci)
        counts: Counter[Hashable] = Counter()
        for entry in self.entries:
            assert isinstance(entry.haplotype, YHaplotype)
            other = at_loci(entry.haplotype, loci)
            if other is not None:
                counts[tuple(other.items())] += entry.count
        people = sum(counts.values())
        if own is None or not people:
            return None
        seen = counts[tuple(own.items())]
        value, used = self._y_value(own, seen, people, method, sum(count == 1 for count in counts.values()))
        return HaplotypeFrequency(value, used, seen, people, self.population, " ".join(loci))

    def _y_value(
        self, own: dict[str, Alleles], seen: int, people: int, method: Method, once: int
    ) -> tuple[float, Method]:
        if method is Method.KAPPA:
            if not seen and once < people:
                return unseen_frequency(once, people), method
            return of_count(Method.PLUS_ONE, seen, people), Method.PLUS_ONE
        if method is Method.LAPLACE:
            value = self._laplace_frequency(own)
            return (value, method) if value else (of_count(Method.PLUS_ONE, seen, people), Method.PLUS_ONE)
        return of_count(method, seen, people), method

    def _y_searched(self, haplotype: YHaplotype, loci: tuple[str, ...], method: Method) -> HaplotypeFrequency | None:
        best: tuple[int, Entry, tuple[str, ...]] | None = None
        for entry in self.entries:
            assert isinstance(entry.haplotype, YHaplotype)
            (theirs,) = compared_loci(entry.haplotype)
            if not set(theirs) <= set(loci) or at_loci(haplotype, theirs) != dict(theirs):
                continue
            if best is None or len(theirs) > best[0]:
                best = len(theirs), entry, tuple(sorted(theirs))
        if best is None:
            return None
        _, entry, compared = best
        used = Method.PLUS_ONE if method in (Method.KAPPA, Method.LAPLACE) else method
        value = of_count(used, entry.count, entry.people)
        return HaplotypeFrequency(value, used, entry.count, entry.people, self.population, " ".join(compared))

    # --- the discrete Laplace model ---

    @cached_property
    def laplace(self) -> tuple[tuple[str, ...], DiscreteLaplace] | None:
        """Loci and model of a whole table: single-copy loci that most have read, people with whole repeats at all."""
        people = sum(entry.count for entry in self.entries)
        rows: list[tuple[dict[str, int], int]] = []
        for entry in self.entries:
            assert isinstance(entry.haplotype, YHaplotype)
            (alleles,) = compared_loci(entry.haplotype)
            whole = {name: int(of[0]) for name, of in alleles.items() if len(of) == 1 and of[0].denominator == 1}
            rows.append((whole, entry.count))
        read: Counter[str] = Counter()
        for whole, count in rows:
            read.update(dict.fromkeys(whole, count))
        loci = tuple(sorted(locus for locus, count in read.items() if count >= _MOSTLY * people))
        kept = [([whole[locus] for locus in loci], count) for whole, count in rows if set(loci) <= whole.keys()]
        if not loci or not kept:
            return None
        return loci, best_fit([row for row, _ in kept], counts=[count for _, count in kept])

    def _laplace_frequency(self, own: dict[str, Alleles]) -> float | None:
        if self.laplace is None:
            return None
        loci, model = self.laplace
        used = [i for i, name in enumerate(loci) if name in own and own[name][0].denominator == 1]
        if not used:
            return None
        row: npt.NDArray[np.int64] = np.array([[int(own[loci[i]][0]) for i in used]])
        return float(np.exp(model.log_frequency(row, used)[0]))


def databases(
    counts: Iterable[HaplotypeCount], mixtures: Mixtures = Mixtures.PATTERN
) -> dict[tuple[LineageKind, str], Database]:
    """The databases that the rows of lineage_frequencies.csv describe, by kind and population.

    Where the counts over one set of positions or loci sum to the size stated, they are a whole table.
    """
    rows: dict[tuple[LineageKind, str], list[HaplotypeCount]] = defaultdict(list)
    for row in counts:
        rows[row.kind, row.population].append(row)
    return {(kind, population): _database(kind, population, of, mixtures) for (kind, population), of in rows.items()}


def _database(kind: LineageKind, population: str, rows: Sequence[HaplotypeCount], mixtures: Mixtures) -> Database:
    entries = [Entry(_read(row), row.count, row.database_size) for row in rows]
    sizes = {entry.people for entry in entries}
    whole = len(sizes) == 1 and sum(entry.count for entry in entries) == sizes.pop()
    return Database(kind, population, entries, whole=whole, mixtures=mixtures)


def _read(row: HaplotypeCount) -> Mitotype | YHaplotype:
    return read_yhaplotype(row.haplotype) if row.kind is LineageKind.Y else read_mitotype(row.haplotype, row.range)
