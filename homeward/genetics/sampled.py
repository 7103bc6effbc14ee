"""The likelihood with co-ancestry where its exact sum is too large: an estimate, with its standard error.

Given the allele frequencies of the subpopulation the founders are independent, and those frequencies are
Dirichlet with parameters (1 - theta) / theta times the population's. Founder alleles that are known are taken
first: they have their exact probability, and add to the parameters by which the others' frequencies are
drawn. The family is then summed over once, with all draws side by side, and the mean is the likelihood.
Numerator and denominator of a ratio rest on the same draws, so that much of their error cancels. What comes
of it is an estimate and never passes for the exact number.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from homeward.errors import Impossible, Nonsense
from homeward.genetics import founders
from homeward.genetics.likelihood import (
    NOBODY,
    Factor,
    Genes,
    People,
    Term,
    cheapest,
    drawn_variables,
    eliminate,
    elimination_order,
    founder_terms,
    genotype_places,
    links_of,
    observation_factors,
    sexes,
    squeezed,
    target_variables,
    transmission_factors,
)
from homeward.genetics.locus import Locus
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import Observation
from homeward.programme import Pedigree, Sex

_LEAST = 1e-300  # a drawn frequency may be too small for a float
_NUMBERS_AT_ONCE = 2**23  # of the tables of one block of draws: 64 MB


@dataclass(frozen=True, slots=True)
class Sampling:
    """How families that are too large are estimated: how many draws of the frequencies, and the seed of chance."""

    draws: int
    seed: int = 1

    def generator(self, pedigree: Pedigree, locus: Locus) -> np.random.Generator:
        """Chance of its own for each family and marker, whatever is computed before."""
        names = (pedigree.family_id, locus.population, locus.marker)
        return np.random.default_rng([self.seed, *(zlib.crc32(name.encode()) for name in names)])


@dataclass(frozen=True, slots=True)
class Estimate:
    """A likelihood by simulation: its natural log, and the standard error of that log."""

    log_likelihood: float
    standard_error: float
    draws: int


def sampled_log_likelihood(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    *,
    theta: float,
    draws: int,
    rng: np.random.Generator,
) -> Estimate:
    """Estimate the natural log of the probability of a family's calls at one marker, with co-ancestry.

    Parameters
    ----------
    pedigree, locus, calls, theta : as in :func:`homeward.genetics.likelihood.log_likelihood`
    draws : how many times the frequencies of the subpopulation are drawn, at least 2
    rng : where chance comes from

    Returns
    -------
    Estimate
        With a standard error of infinity where no draw gave the calls a probability.

    Raises
    ------
    Nonsense
        If theta is not above 0 and below 1, or there are fewer than two draws.
    """
    people = People(pedigree, calls, target=None, prune=False, x_linked=locus.x_linked)
    found = _sums(people, locus.completed, theta, draws, rng)
    largest = max((of.log_scale for of in found if of.values.any()), default=-math.inf)
    if largest == -math.inf:
        return Estimate(-math.inf, math.inf, draws)
    values = sum((of.values[:, 0] * math.exp(of.log_scale - largest) for of in found), start=np.zeros(draws))
    mean = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(draws) / mean
    return Estimate(largest + math.log(mean), error, draws)


@dataclass(frozen=True, eq=False)
class EstimatedRatios:
    """What draws say of the genotypes of a member.

    Parameters
    ----------
    ratio : (G,) the likelihood ratio of each genotype
    relative_error : (G,) the relative standard error of each
    draws : how many
    log_likelihood : natural log of P(calls)
    unrelated : (G,) P(genotype of someone unrelated | calls)
    """

    ratio: Floats
    relative_error: Floats
    draws: int
    log_likelihood: float
    unrelated: Floats


def sampled_ratio_table(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    member_id: str,
    *,
    theta: float,
    draws: int,
    rng: np.random.Generator,
) -> EstimatedRatios:
    """Estimate :func:`homeward.genetics.tables.ratio_table` with co-ancestry, all genotypes from the same draws.

    Parameters
    ----------
    pedigree, locus, calls, member_id, theta : as there
    draws, rng : as in :func:`sampled_log_likelihood`

    Raises
    ------
    Nonsense
        As there.
    Impossible
        If no draw gives the calls a probability.
    """
    whole = locus.completed
    people = People(pedigree, calls, target=member_id, prune=False, x_linked=locus.x_linked)
    found = _sums(people, whole, theta, draws, rng)
    largest = max((of.log_scale for of in found if of.values.any()), default=-math.inf)
    if largest == -math.inf:
        raise Impossible(f"family {pedigree.family_id}: the calls of marker {locus.marker} contradict the pedigree")
    one_allele = locus.x_linked and sexes(pedigree).get(member_id) is Sex.MALE
    related, unrelated = np.zeros((draws, whole.size)), np.zeros((draws, whole.size))
    for of in found:
        values = of.values * math.exp(of.log_scale - largest)
        related += values
        unrelated += values.sum(axis=1, keepdims=True) * _genotypes(whole, of.frequencies, one_allele)
    above, below = related.mean(axis=0), unrelated.mean(axis=0)
    ratio = np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
    # the ratio of two means, by its linear approximation
    spread = (related - ratio * unrelated).std(axis=0, ddof=1) / math.sqrt(draws)
    error = np.divide(spread, above, out=np.zeros(len(above)), where=above > 0)
    total = float(above.sum())
    known = slice(locus.size)
    log_likelihood = largest + math.log(total)
    return EstimatedRatios(ratio[known], error[known], draws, log_likelihood, below[known] / total)


class _Sums(NamedTuple):
    """(draw, G) of the target's genotype, or (draw, 1) without one; what to multiply by; (draw, n) frequencies."""

    values: Floats
    log_scale: float
    frequencies: Floats


def _sums(people: People, locus: Locus, theta: float, draws: int, rng: np.random.Generator) -> list[_Sums]:
    """The family summed over with each draw of frequencies, once for each way in which inbred founders came about."""
    founders.require_theta(theta)
    if theta == 0 or draws < 2:
        raise Nonsense("the likelihood is sampled where theta is above 0, with two draws or more")
    if people.contradictory:
        return []
    genes = Genes.of(people, locus)
    how = cheapest(people, genes, locus)
    terms = founder_terms(people, genes, locus, 0.0)
    return [of for term in terms for of in _of_term(people, term, locus, theta, draws, rng, how)]


def _of_term(
    people: People,
    term: Term,
    locus: Locus,
    theta: float,
    draws: int,
    rng: np.random.Generator,
    how: tuple[int, bool],
) -> Iterator[_Sums]:
    domains = term.genes.domains
    known = [int(domains[v][0]) for v in drawn_variables(people, term.genes) if len(domains[v]) == 1]
    drawn = founders.drawn(known, locus.frequencies, theta)
    if drawn is None:
        return
    counts = np.bincount(np.array(known, dtype=np.intp), minlength=len(locus.frequencies))
    # what a table claims beyond one, within its tolerance, cannot be drawn
    parameters = np.maximum(locus.frequencies, _LEAST) * (1 - theta) / theta + counts
    frequencies = np.maximum(rng.dirichlet(parameters, size=draws), _LEAST)
    blocks = list(_summed(people, term, locus, frequencies, how))
    largest = max((log for values, log in blocks if values.any()), default=0.0)
    values = np.concatenate([values * math.exp(log - largest) if values.any() else values for values, log in blocks])
    yield _Sums(values, largest + term.log_weight + drawn.log_probability, frequencies)


def _summed(
    people: People, term: Term, locus: Locus, frequencies: Floats, how: tuple[int, bool]
) -> Iterator[tuple[Floats, float]]:
    """One elimination for a block of draws, which are one more variable that is kept."""
    narrow, wide_first = how
    genes = term.genes
    links = links_of(people, genes, narrow)
    sizes = genes.sizes(len(links))
    draw, keep = len(sizes), target_variables(people, genes)
    observed, log_scale = observation_factors(people, genes, locus)
    fixed = [squeezed(one, sizes) for one in (*observed, *transmission_factors(links, genes, locus))]
    unknown = [v for v in drawn_variables(people, genes) if len(genes.domains[v]) > 1]
    scopes = tuple(sorted({*(one.scope for one in fixed), *((v,) for v in unknown)}))
    cost, order = elimination_order(scopes, sizes, keep, wide_first)
    block = max(int(_NUMBERS_AT_ONCE / max(cost, 1)), 1)
    for start in range(0, len(frequencies), block):
        part = frequencies[start : start + block]
        chances = [Factor((draw, v), part[:, genes.domains[v]]) for v in unknown]
        factors = [Factor((draw,), np.ones(len(part))), *chances, *fixed]
        table, log = eliminate(factors, order, (draw, *keep), log_scale)
        yield _by_genotype(people, genes, locus, table.reshape(len(part), -1)), log


def _by_genotype(people: People, genes: Genes, locus: Locus, table: Floats) -> Floats:
    if people.target == NOBODY:
        return table
    values = np.zeros((locus.size, len(table)))
    np.add.at(values, genotype_places(people, genes), table.T)
    return values.T


def _genotypes(locus: Locus, frequencies: Floats, one_allele: bool) -> Floats:
    """(draw, G) P(genotype of someone unrelated) with the frequencies of each draw."""
    a, b = locus.genotypes.T
    if one_allele:
        return np.where(a == b, frequencies[:, a], 0.0)
    return np.asarray(np.where(a == b, 1.0, 2.0) * frequencies[:, a] * frequencies[:, b])
