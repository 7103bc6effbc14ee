"""What the typed relatives of a missing person can show: the distribution of the likelihood ratio, before any remains.

The log likelihood ratio of remains is a sum over markers, and given the relatives' calls the markers
are independent, both for the missing person and for someone unrelated. So its whole distribution is the
convolution of one small distribution a marker: the genotype g has ratio T[g], with probability
P(g | relatives) = T[g] P(g) if the remains are the person's and P(g) if they are not.

Nothing is drawn at random. Ratios are placed on a grid of ``step`` in log10, downwards and
upwards, so that every probability comes as an interval that holds the true one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense
from homeward.genetics.likelihood import sexes
from homeward.genetics.locus import Locus
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import may_be_seen
from homeward.genetics.tables import (
    Engine,
    FamilyCalls,
    FamilyTables,
    PairTable,
    family_tables,
    genotypes_of,
    joint_tables,
)
from homeward.programme import Call, Pedigree, Sex

STEP = 0.005  # of log10 LR: 24 markers then bracket a threshold within 0.12
_ROUNDING = 1e-12  # relative, of sums over all cells


@dataclass(frozen=True, eq=False)
class Atoms:
    """The values that one marker's likelihood ratio can take.

    Parameters
    ----------
    ratio : (k,) likelihood ratios; 0 where impossible for the person
    related : (k,) their probability if the remains are the person's
    unrelated : (k,) their probability if the remains are of someone of the population
    """

    ratio: Floats
    related: Floats
    unrelated: Floats

    @property
    def excluded(self) -> float:
        """The chance that this marker alone excludes someone unrelated."""
        return float(self.unrelated[self.ratio <= 0].sum())

    @property
    def means(self) -> tuple[float, float]:
        """Mean of log10 LR if related; if unrelated, over the values that do not exclude."""
        possible = self.ratio > 0
        logs = np.log10(self.ratio[possible])
        kept = self.unrelated[possible]
        return float(self.related[possible] @ logs), float(kept @ logs) / max(float(kept.sum()), 5e-324)


def atoms(ratio: Floats, population: Floats) -> Atoms:
    """Give the values of one marker from its table.

    Parameters
    ----------
    ratio : (...) P(genotype | relatives) / P(genotype), as of :func:`homeward.genetics.tables.ratio_table`
    population : (...) P(genotype)
    """
    weight = population.ravel() / population.sum()  # a table within 1e-4 of one
    value = np.maximum(ratio.ravel(), 0.0)  # an unnamed remainder may leave a rounding below zero
    return Atoms(value, weight * value / float(weight @ value), weight)


@dataclass(frozen=True, eq=False, kw_only=True)
class Power:
    """The distribution of log10 LR of a missing person's remains, and of someone unrelated's.

    Parameters
    ----------
    markers : canonical names
    of_marker : one distribution a marker, in that order
    step : of the grid, log10 LR
    """

    markers: tuple[str, ...]
    of_marker: tuple[Atoms, ...]
    step: float = STEP

    def __post_init__(self) -> None:
        if not self.step > 0:
            raise Nonsense(f"a grid of step {self.step} has no points")

    @property
    def exclusion(self) -> Mapping[str, float]:
        """Marker -> probability that it excludes someone unrelated."""
        return {marker: of.excluded for marker, of in zip(self.markers, self.of_marker, strict=True)}

    @property
    def exclusion_power(self) -> float:
        """Probability that someone unrelated is excluded by at least one marker.

        Exclusion means probability zero: with a mutation model that reaches every allele nobody is
        excluded, and the power lies in small ratios instead.
        """
        return 1.0 - math.prod(1.0 - chance for chance in self.exclusion.values())

    @property
    def expected_mismatches(self) -> float:
        """Expected number of markers that exclude someone unrelated."""
        return sum(self.exclusion.values())

    @cached_property
    def mismatches(self) -> Floats:
        """(markers + 1,) probability that exactly so many markers exclude someone unrelated."""
        steps = (np.array([1.0 - chance, chance]) for chance in self.exclusion.values())
        return np.asarray(reduce(np.convolve, steps, np.ones(1)), dtype=np.float64)

    @property
    def mean_if_related(self) -> float:
        """Expected log10 LR of the person's own remains: exact, not from the grid."""
        return math.fsum(of.means[0] for of in self.of_marker)

    @property
    def mean_if_unrelated(self) -> float:
        """Expected log10 LR of someone unrelated, given that no marker excludes: exact."""
        return math.fsum(of.means[1] for of in self.of_marker)

    def reaching(self, log10_lr: float, *, related: bool = True) -> tuple[float, float]:
        """Give the least and the greatest that P(log10 LR >= a threshold) can be.

        Parameters
        ----------
        log10_lr : the threshold
        related : of the person's own remains; else of someone unrelated

        Returns
        -------
        An interval that holds the probability. It is as wide as what lies within the grid's
        rounding, at most ``markers * step``, of the threshold.
        """
        low, high = self._grids[related]
        return low.above(log10_lr) * (1 - _ROUNDING), min(1.0, high.above(log10_lr) * (1 + _ROUNDING))

    def spectrum(self, *, related: bool = True) -> tuple[Floats, Floats]:
        """Give the distribution for drawing: log10 LR at the middle of each grid cell, and its probability.

        What is impossible (LR 0) is not among them: the probabilities of someone unrelated sum to
        1 - :attr:`exclusion_power`.
        """
        low, high = self._grids[related]
        shift = (high.first - low.first) / 2 * self.step
        return low.values + shift, low.mass

    @cached_property
    def _grids(self) -> Mapping[bool, tuple[_Grid, _Grid]]:
        return {
            related: (self._convolved(related, np.floor), self._convolved(related, np.ceil))
            for related in (True, False)
        }

    def _convolved(self, related: bool, rounding: np.ufunc) -> _Grid:
        parts = (_grid(of, of.related if related else of.unrelated, self.step, rounding) for of in self.of_marker)
        return reduce(_sum, parts, _Grid(0, np.ones(1), self.step))


@dataclass(frozen=True, eq=False)
class _Grid:
    """Probabilities at ``(first + i) * step``."""

    first: int
    mass: Floats
    step: float

    @property
    def values(self) -> Floats:
        return np.asarray(self.first + np.arange(len(self.mass)), dtype=np.float64) * self.step

    def above(self, value: float) -> float:
        """The probability of this value and more; a hair below a grid point counts as on it."""
        start = math.ceil(value / self.step - 1e-9) - self.first
        return float(self.mass[max(start, 0) :].sum()) if start < len(self.mass) else 0.0


def _grid(of: Atoms, probability: Floats, step: float, rounding: np.ufunc) -> _Grid:
    possible = of.ratio > 0
    logs = np.log10(of.ratio[possible]) / step
    near = np.round(logs)
    cells = np.where(np.abs(logs - near) < 1e-9, near, rounding(logs)).astype(np.int64)
    if not len(cells):
        return _Grid(0, np.zeros(1), step)
    first = int(cells.min())
    mass: Floats = np.bincount(cells - first, weights=probability[possible]).astype(np.float64)
    return _Grid(first, mass, step)


def _sum(one: _Grid, other: _Grid) -> _Grid:
    """The distribution of the sum of two independent ones.

    Summed directly: a Fourier transform would leave an absolute error of 1e-16, more than the tail
    of someone unrelated holds.
    """
    return _Grid(one.first + other.first, np.convolve(one.mass, other.mass), one.step)


def power(
    pedigree: Pedigree,
    loci: Sequence[Locus],
    calls: FamilyCalls,
    member_id: str,
    *,
    prune: bool = False,
    theta: float = 0.0,
    engine: Engine = "auto",
    step: float = STEP,
) -> Power:
    """Give what a family's references can show of one missing member whose remains are fully typed.

    Parameters
    ----------
    pedigree, loci, calls, member_id, prune, theta, engine : as in :func:`homeward.genetics.tables.family_tables`
    step : of the grid of log10 LR

    Examples
    --------
    A typed father halves nothing but what he lacks: at one marker of two equal alleles, a child of 1/1
    can never be 2/2, which one in four is.

    >>> from homeward.programme import Member
    >>> duo = Pedigree(
    ...     family_id="F",
    ...     members=(
    ...         Member(family_id="F", member_id="father"),
    ...         Member(family_id="F", member_id="child", father_id="father"),
    ...     ),
    ... )
    >>> locus = Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.5, 0.5]))
    >>> found = power(duo, [locus], {"father": {"L": ("1", "1")}}, "child")
    >>> found.exclusion_power, [round(chance, 9) for chance in found.reaching(0.2)]
    (0.25, [0.5, 0.5])
    """
    tables = family_tables(pedigree, loci, calls, member_id, prune=prune, theta=theta, engine=engine)
    return of_tables(loci, tables, step=step)


def of_tables(loci: Sequence[Locus], tables: FamilyTables, *, step: float = STEP) -> Power:
    """Give the power of a member's tables that were computed already, one a locus; two linked markers are one."""
    unrelated = tables.unrelated or tuple(genotypes_of(locus, male=tables.male) for locus in loci)
    paired = {place for pair in tables.pairs for place in (pair.first, pair.second)}
    of_marker = {
        locus.marker: atoms(*_as_seen(locus, ratio, chance, tables.male))
        for place, (locus, ratio, chance) in enumerate(zip(loci, tables.ratios, unrelated, strict=True))
        if place not in paired
    }
    for pair in tables.pairs:
        first, second = loci[pair.first], loci[pair.second]
        of_marker[f"{first.marker}+{second.marker}"] = _of_pair(first, second, pair, tables.male)
    return Power(markers=tuple(of_marker), of_marker=tuple(of_marker.values()), step=step)


def _of_pair(first: Locus, second: Locus, pair: PairTable, male: bool) -> Atoms:
    """The values of two linked markers together."""
    one, other = (may_be_seen(of, male=male)[1] if of.silent else np.eye(of.size) for of in (first, second))
    chance = one @ pair.unrelated @ other.T
    related = one @ (pair.unrelated * pair.ratio) @ other.T
    return atoms(np.divide(related, chance, out=np.zeros_like(related), where=chance > 0), chance)


def power_with(
    pedigree: Pedigree,
    loci: Sequence[Locus],
    calls: FamilyCalls,
    member_id: str,
    relative_id: str,
    *,
    prune: bool = False,
    engine: Engine = "auto",
    step: float = STEP,
    outcomes: int | None = None,
) -> Power:
    """Give what a family could show if one more relative were typed.

    Parameters
    ----------
    relative_id : a member of the pedigree who is not typed yet; his genotype is averaged over,
        given what the others were typed as
    outcomes : average over so many of the relative's genotypes a marker, at equal steps of their
        distribution, instead of over all of them: an approximation for ranking many families

    Notes
    -----
    Without co-ancestry, and linked markers taken as independent.
    The ratio of remains then depends on what the relative will show. At each marker the pair of his
    genotype and the remains' is one outcome: related, P(h, g | references); unrelated,
    P(h | references) P(g). Across markers outcomes are independent, so they convolve as before.
    """
    of_relative = family_tables(pedigree, loci, calls, relative_id, prune=prune, engine=engine)
    chances = [
        np.maximum(ratio, 0.0) * genotypes_of(locus, male=of_relative.male)
        for ratio, locus in zip(of_relative.ratios, loci, strict=True)
    ]
    male = sexes(pedigree).get(member_id) is Sex.MALE
    seen = [_calls(locus, chance, of_relative.male) for locus, chance in zip(loci, chances, strict=True)]
    chosen = [outcomes_of(chance, outcomes) for _, chance in seen]
    genotypes: list[list[Call]] = [
        [calls[place] for place in places.tolist()] for (calls, _), (places, _) in zip(seen, chosen, strict=True)
    ]
    given = joint_tables(pedigree, loci, calls, relative_id, member_id, genotypes, prune=prune, engine=engine)
    pairs = []
    for locus, (_, weights), table in zip(loci, chosen, given, strict=True):
        ratios, unrelated = _as_seen(locus, table, genotypes_of(locus, male=male), male)
        pairs.append(atoms(ratios, np.outer(weights, unrelated)))
    return Power(markers=tuple(locus.marker for locus in loci), of_marker=tuple(pairs), step=step)


def _calls(locus: Locus, chance: Floats, male: bool) -> tuple[Sequence[Call], Floats]:
    """What may be seen, and how likely, given the genotypes' chances: the genotypes unless an allele is silent."""
    if locus.silent:
        calls, rows = may_be_seen(locus, male=male)
        return calls, rows @ chance
    return [(locus.alleles[a], locus.alleles[b]) for a, b in locus.genotypes.tolist()], chance


def _as_seen(locus: Locus, ratios: Floats, population: Floats, male: bool) -> tuple[Floats, Floats]:
    """Ratios of genotypes (..., G) as those of what is seen of them (..., seen), and the chance of each (seen,).

    Of two silent alleles nothing is seen, which is not used: it counts here all the same, with at most the
    square of their frequency.
    """
    if not locus.silent:
        return ratios, population
    _, rows = may_be_seen(locus, male=male)
    unrelated = rows @ population
    seen = ratios @ (rows * population).T
    return np.divide(seen, unrelated, out=np.zeros_like(seen), where=unrelated > 0), unrelated


def outcomes_of(chance: Floats, number: int | None) -> tuple[npt.NDArray[np.intp], Floats]:
    """Give places of genotypes and their weights: all that can occur, or those at equal steps of the distribution."""
    if number is None or number >= np.count_nonzero(chance):
        places = np.flatnonzero(chance)
        return places, chance[places]
    steps = (np.arange(number) + 0.5) / number * chance.sum()
    places, counts = np.unique(np.searchsorted(chance.cumsum(), steps), return_counts=True)
    return places, counts / number
