"""What the typed members of a line make of a haplotype: likelihoods along the line's tree.

Each site of mtDNA, and each Y-STR locus, is passed on independently of the others. Untyped ancestors are
summed over by pruning the tree (Felsenstein 1981). The head of the line is equally likely to have had any
haplotype: how common a haplotype is in the population says something about people outside the line only.

mtDNA. Events fall on each transmission as a Poisson process; at a given site a given change has its share of
them. Between two members m meioses apart, with d events between their haplotypes, this is
P(d events | m mu) d! s1 ... sd to leading order: exp(-m mu), then m mu exp(-m mu) s, then (m mu)^2 exp(-m mu) s1 s2.

Y-STR. At each meiosis an allele gains or loses one repeat with probability mu/2 each (Goedbloed et al. 2009,
doi 10.1007/s00414-009-0342-y: 83 of 84 mutations were single steps, 43 gains and 41 losses).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from itertools import groupby, pairwise

import numpy as np
import numpy.typing as npt
from scipy.stats import poisson

from homeward.errors import Nonsense
from homeward.genetics.lineage import differences
from homeward.genetics.lineage.differences import Mixtures
from homeward.genetics.lineage.lines import Line
from homeward.genetics.lineage.mitotype import NAMED_RANGES, Mitotype, Range, Variant, joined, shared, span
from homeward.genetics.lineage.ystr import Alleles, YHaplotype, compared_loci, locus_rate
from homeward.programme import NOTHING
from homeward.tables import RCRS_LENGTH, y_loci

Vector = npt.NDArray[np.float64]
_CONTROL_REGION = joined(NAMED_RANGES["CR"])
_FARTHEST_ERROR = 5  # repeats by which a wrong reading may miss


@dataclass(frozen=True, slots=True, kw_only=True)
class MtModel:
    """How mtDNA changes.

    Parameters
    ----------
    control_region : events per transmission in the control region (16024-576). 3 substitutions in 705,
        Sigurdardottir et al. 2000, Am J Hum Genet 66:1599, doi 10.1086/302902 (95%: 0.00088 to 0.013)
    elsewhere : events per transmission in the rest of the molecule. 2 substitutions in the 345 transmissions of
        Norfolk Island (Sci Rep 2022, 12:6827, doi 10.1038/s41598-022-10530-3) less the above: its order of magnitude
    site_share : share of the control region's events that fall on one given site and make one given change; an
        assumption: hot sites have more, most have less
    typing_error : expected wrong differences in one reported haplotype
    mixtures : what a point heteroplasmy agrees with
    """

    control_region: float = 0.0043
    elsewhere: float = 0.0015
    site_share: float = 0.01
    typing_error: float = 0.0
    mixtures: Mixtures = Mixtures.PATTERN

    def __post_init__(self) -> None:
        for name in ("control_region", "elsewhere", "site_share", "typing_error"):
            if not 0 <= getattr(self, name) <= 1:
                raise Nonsense(f"{name} is between 0 and 1, not {getattr(self, name)}")

    def rate(self, ranges: Iterable[Range]) -> float:
        """Events per transmission within some positions.

        >>> round(MtModel().rate([(16024, 16569), (1, 576)]), 6), round(MtModel().rate([(73, 340)]), 6)
        (0.0043, 0.001027)
        """
        told = tuple(ranges)
        hot = span(shared(told, _CONTROL_REGION))
        return hot * self._hot + (span(told) - hot) * self._cold

    @property
    def _hot(self) -> float:
        return self.control_region / span(_CONTROL_REGION)

    @property
    def _cold(self) -> float:
        return self.elsewhere / (RCRS_LENGTH - span(_CONTROL_REGION))

    def share_at(self, position: int) -> float:
        """Events per transmission of one given change at one given site."""
        hot = any(first <= position <= last for first, last in _CONTROL_REGION)
        return (self._hot if hot else self._cold) * span(_CONTROL_REGION) * self.site_share


@dataclass(frozen=True, slots=True, kw_only=True)
class YModel:
    """How Y-STR loci change.

    Parameters
    ----------
    rates : locus -> probability per meiosis that it changes; both copies together where there are two. The
        published ones if not stated (`homeward.tables.y_loci`)
    typing_error : probability that one locus of a reported haplotype is wrong; the reading is then any of the
        ten others within five repeats
    """

    rates: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    typing_error: float = 0.0

    def __post_init__(self) -> None:
        for locus, rate in self.rates.items():
            if not 0 <= rate <= 1:
                raise Nonsense(f"the mutation rate of {locus} is a probability, not {rate}")
        if not 0 <= self.typing_error < 1:
            raise Nonsense(f"typing_error is a probability below 1, not {self.typing_error}")

    def rate(self, locus: str) -> float | None:
        """Per meiosis, of a locus as compared; None where nobody has measured it."""
        return locus_rate(locus, self.rates or _published_rates())


@lru_cache(maxsize=1)
def _published_rates() -> Mapping[str, float]:
    return {locus.name: locus.rate for locus in y_loci().values()}


def chance_of_events(events: int, meioses: int, rate: float) -> float:
    """Probability that so many events fall on so many transmissions: Poisson.

    >>> round(chance_of_events(1, 2, 0.0043), 6)
    0.008526
    """
    return float(poisson.pmf(events, meioses * rate))


def step_chances(meioses: int, rate: float) -> Vector:
    """Probability of each net change of repeats after so many meioses.

    Returns
    -------
    (2 meioses + 1,) from -meioses to meioses; sums to 1.

    Notes
    -----
    The same as sum over k of Binomial(k; N, mu) P(net change | k steps up or down).

    >>> step_chances(1, 0.002)
    array([0.001, 0.998, 0.001])
    """
    chances = np.ones(1)
    for _ in range(meioses):
        chances = np.convolve(chances, [rate / 2, 1 - rate, rate / 2])
    return chances


# --- the tree --------------------------------------------------------------------------------


class Tree:
    """The part of a line that connects some of its members, to be pruned from the leaves."""

    def __init__(self, line: Line, members: Iterable[str]) -> None:
        self.persons = {member: line.stands_for[member] for member in members}
        chains = [line.ancestry(member) for member in self.persons]
        common = set.intersection(*map(set, chains)) if chains else set()
        root = next((person for person in chains[0] if person in common), "") if chains else ""
        self.root = root
        self.parents: dict[str, str] = {}
        for chain in chains:
            below = chain[: chain.index(root)]
            for person, parent in zip(below, chain[1:], strict=False):
                self.parents[person] = parent
        self.meioses = len(self.parents)
        self._order = sorted(self.parents, key=lambda person: -self._depth(person))
        self.depth = max(map(self._depth, self.parents), default=0)

    def _depth(self, person: str) -> int:
        depth = 0
        while person != self.root:
            person, depth = self.parents[person], depth + 1
        return depth

    def prune(self, seen: Mapping[str, Vector], passed: Callable[[Vector], Vector]) -> Vector:
        """P(everything seen | state of the root).

        Parameters
        ----------
        seen : person -> P(what was seen of him | his state)
        passed : from a child's vector to the parent's: one meiosis
        """
        below = dict(seen)
        for person in self._order:
            if person in below:
                parent, up = self.parents[person], passed(below[person])
                below[parent] = below[parent] * up if parent in below else up
        return below[self.root]


# --- mtDNA -----------------------------------------------------------------------------------


def mt_log_likelihood(line: Line, seen: Sequence[tuple[str, Mitotype]], model: MtModel) -> float:
    """Natural log of the probability of haplotypes of members of one line, the head's being anyone's.

    Parameters
    ----------
    seen : member_id and haplotype of each sample

    Notes
    -----
    Only ratios of these mean something: P(haplotypes of all) over P(haplotypes of some) is what the some make of
    the rest. Positions that one sample alone has read say nothing and cost nothing. Neglected: a change and its
    reversal at one site, less than (m mu s)^2 each.
    """
    if len(seen) < 2:
        return 0.0
    log = -_expected_events(line, seen, model)
    for site in _sites(seen, model.mixtures):
        log += _site_log_likelihood(line, seen, site, model)
    return log


def _expected_events(line: Line, seen: Sequence[tuple[str, Mitotype]], model: MtModel) -> float:
    """Events expected on the meioses that connect whoever has read a position, and in reading."""
    cuts = sorted({edge for _, one in seen for first, last in one.ranges for edge in (first, last + 1)})
    by_readers: dict[tuple[int, ...], list[Range]] = {}
    for first, after in pairwise(cuts):
        readers = tuple(
            i for i, (_, one) in enumerate(seen) if any(low <= first and after - 1 <= high for low, high in one.ranges)
        )
        if len(readers) > 1:
            by_readers.setdefault(readers, []).append((first, after - 1))
    compared = {reader for readers in by_readers for reader in readers}
    expected = model.typing_error * len(compared)
    for readers, ranges in by_readers.items():
        expected += Tree(line, [seen[i][0] for i in readers]).meioses * model.rate(ranges)
    return expected


@dataclass(frozen=True, slots=True)
class _Site:
    """A place at which haplotypes of a line differ.

    ``states`` (sample, state) says which states each sample agrees with, None for one that has not read the place;
    ``links`` (state, state) how readily one becomes the other, in units of the site's rate.
    """

    position: int
    states: tuple[Vector | None, ...]
    links: Vector


def _site_log_likelihood(line: Line, seen: Sequence[tuple[str, Mitotype]], site: _Site, model: MtModel) -> float:
    per_meiosis = model.share_at(site.position)
    per_reading = model.typing_error * model.site_share
    change, misread = (_exponential(site.links, rate) for rate in (per_meiosis, per_reading))
    readers = [member for (member, _), of in zip(seen, site.states, strict=True) if of is not None]
    tree = Tree(line, readers)
    leaves: dict[str, Vector] = {}
    for (member, _), of in zip(seen, site.states, strict=True):
        if of is not None:
            person, told = tree.persons[member], misread @ of
            leaves[person] = leaves[person] * told if person in leaves else told
    whole = float(tree.prune(leaves, lambda below: change @ below).sum())
    return math.log(whole) if whole > 0 else -math.inf


def _exponential(links: Vector, rate: float) -> Vector:
    return _power_series(links.tobytes(), len(links), rate)


@lru_cache(maxsize=4096)
def _power_series(links: bytes, states: int, rate: float) -> Vector:
    """The exponential of a matrix of rates by its power series: no term is negative, so that no digit is lost."""
    step = np.frombuffer(links).reshape(states, states) * rate
    whole = term = np.eye(states)
    for order in range(1, 200):
        term = term @ step / order
        whole = whole + term
        if not (term > whole * 1e-18).any():
            break
    return whole


def _sites(seen: Sequence[tuple[str, Mitotype]], mixtures: Mixtures) -> Iterator[_Site]:
    """Where not all haplotypes agree: base by base, or as one place where bases are lost or gained."""
    haplotypes = [haplotype for _, haplotype in seen]
    everywhere = set.intersection(*(set(one.variants) for one in haplotypes))
    varying = sorted({variant for one in haplotypes for variant in one.variants} - everywhere)
    edges = sorted({edge for one in haplotypes for first, last in one.ranges for edge in (first, last + 1)})
    for first, last in _stretches(varying, edges):
        found = _site(first, last, haplotypes, mixtures)
        if found is not None:
            yield found


def _stretches(varying: Sequence[Variant], edges: Sequence[int]) -> Iterator[Range]:
    """Single positions, and stretches that must be looked at together because something slides or varies there.

    A stretch ends where a range of a haplotype does, so that each has read it all or nothing of it.
    """
    loose = [variant for variant in varying if variant.insertion or not variant.symbol.isupper()]
    loose += [variant for variant in varying if variant not in loose and differences.near_run([variant])]
    around = differences.AROUND + differences.longest_indel(sorted(loose))
    stretches: list[Range] = []
    for position in sorted({variant.position for variant in loose}):
        if stretches and position - stretches[-1][1] <= 2 * around:
            stretches[-1] = (stretches[-1][0], position)
        else:
            stretches.append((position, position))
    wide = [(first - around, last + around) for first, last in stretches]
    single = {v.position for v in varying if not any(first <= v.position <= last for first, last in wide)}
    for first, last in wide:
        inside = [variant.position for variant in varying if first <= variant.position <= last]
        for _, together in groupby(inside, key=lambda position: bisect_right(edges, position)):
            told = list(together)
            yield told[0], told[-1]
    yield from ((position, position) for position in sorted(single))


def _site(first: int, last: int, haplotypes: Sequence[Mitotype], mixtures: Mixtures) -> _Site | None:
    read = [any(low <= first and last <= high for low, high in one.ranges) for one in haplotypes]
    inside = [tuple(v for v in one.variants if first <= v.position <= last) for one in haplotypes]
    around = differences.AROUND + max(differences.longest_indel(variants) for variants in inside)
    low, high = _common_stretch(
        first, last, around, [one for one, reads in zip(haplotypes, read, strict=True) if reads]
    )
    pieces = [differences.variants_between(one.variants, low, high) for one in haplotypes]

    def apart(a: tuple[Variant, ...], b: tuple[Variant, ...]) -> int:
        return differences.between(low, high, a, b, mixtures)

    states: list[tuple[Variant, ...]] = []
    for piece in sorted({p for p, reads in zip(pieces, read, strict=True) if reads}, key=_vagueness):
        if not any(apart(piece, state) == 0 for state in states):
            states.append(piece)
    if len(states) < 2:
        return None
    links = _links(np.array([[apart(a, b) for b in states] for a in states]))
    padding = np.zeros(len(links) - len(states))
    agreeing = tuple(
        np.concatenate([[float(apart(piece, state) == 0) for state in states], padding]) if reads else None
        for piece, reads in zip(pieces, read, strict=True)
    )
    return _Site(first, agreeing, links)


def _vagueness(variants: tuple[Variant, ...]) -> tuple[int, tuple[Variant, ...]]:
    """Haplotypes without mixtures first: they are the states that mixtures agree with."""
    return sum(bool(v.symbol) and v.symbol not in "ACGT" for v in variants), variants


def _common_stretch(first: int, last: int, around: int, haplotypes: Iterable[Mitotype]) -> Range:
    low, high = first - around, last + around
    for one in haplotypes:
        own = next(of for of in one.ranges if of[0] <= first and last <= of[1])
        low, high = max(low, own[0]), min(high, own[1])
    return low, high


def _links(events: npt.NDArray[np.int64]) -> Vector:
    """Rates between states: one event directly; more through states that nobody showed, in any order."""
    links: list[tuple[int, int, float]] = []
    count = len(events)
    for a in range(len(events)):
        for b in range(a):
            steps = int(events[a, b])
            bridged = any(
                events[a, c] + events[c, b] == steps and events[a, c] and events[c, b] for c in range(len(events))
            )
            if bridged:
                continue
            weight = math.factorial(steps) ** (1 / steps)  # the events may come in any of so many orders
            path = [a, *range(count, count + steps - 1), b]
            count += steps - 1
            links += [(x, y, weight) for x, y in pairwise(path)]
    matrix = np.zeros((count, count))
    for x, y, weight in links:
        matrix[x, y] = matrix[y, x] = weight
    return matrix


# --- Y-STR -----------------------------------------------------------------------------------


def y_log_likelihood(line: Line, seen: Sequence[tuple[str, YHaplotype]], model: YModel) -> float:
    """Natural log of the probability of haplotypes of men of one line, the head's being anyone's.

    Only ratios mean something; see :func:`mt_log_likelihood`. Loci without a rate, and loci that one sample alone has
    read, say nothing.
    """
    if len(seen) < 2:
        return 0.0
    compared = compared_loci(*(haplotype for _, haplotype in seen))
    loci = sorted({locus for one in compared for locus in one})
    log = 0.0
    for locus in loci:
        rate = model.rate(locus)
        readers = [(m, one[locus]) for (m, _), one in zip(seen, compared, strict=True) if locus in one]
        if rate is not None and len(readers) > 1:
            log += _locus_log_likelihood(line, readers, rate, model.typing_error)
    return log


def _locus_log_likelihood(line: Line, readers: Sequence[tuple[str, Alleles]], rate: float, error: float) -> float:
    tree = Tree(line, [member for member, _ in readers])
    copies = len(readers[0][1])
    repeats = _possible([a for _, alleles in readers for a in alleles], tree.depth, error)
    step = _one_meiosis(repeats, rate / copies)
    leaves: dict[str, Vector] = {}
    for member, alleles in readers:
        person, told = tree.persons[member], _reading(repeats, alleles, error)
        leaves[person] = leaves[person] * told if person in leaves else told
    passed = (lambda below: step @ below) if copies == 1 else (lambda below: step @ below @ step)
    whole = float(tree.prune(leaves, passed).sum())
    return math.log(whole) if whole > 0 else -math.inf


def _possible(seen: Iterable[Fraction], depth: int, error: float) -> list[Fraction]:
    """Every number of repeats that an ancestor may have had."""
    reach = depth + (_FARTHEST_ERROR if error else 0)
    by_part: dict[Fraction, list[Fraction]] = {}
    for allele in seen:
        by_part.setdefault(allele % 1, []).append(allele)
    return [
        least + step
        for told in by_part.values()
        for least, most in [(min(told) - reach, max(told) + reach)]
        for step in range(int(most - least) + 1)
    ]


def _one_meiosis(repeats: Sequence[Fraction], rate: float) -> Vector:
    apart = np.array([[abs(a - b) for b in repeats] for a in repeats], dtype=object)
    step: Vector = np.where(apart == 1, rate / 2, 0.0) + np.where(apart == 0, 1 - rate, 0.0)
    return step


def _reading(repeats: Sequence[Fraction], alleles: Alleles, error: float) -> Vector:
    """P(alleles reported | repeats); a matrix over both copies where there are two, in either order."""
    single = [_one_reading(repeats, allele, error) for allele in alleles]
    if len(single) == 1:
        return single[0]
    one, other = single
    both = np.outer(one, other)
    return both if alleles[0] == alleles[1] else both + both.T


def _one_reading(repeats: Sequence[Fraction], allele: Fraction, error: float) -> Vector:
    off = error / (2 * _FARTHEST_ERROR)
    told = [1 - error if of == allele else off * (abs(of - allele) <= _FARTHEST_ERROR) for of in repeats]
    return np.array(told, dtype=np.float64)
