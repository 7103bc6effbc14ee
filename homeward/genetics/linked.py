"""Two linked markers: the joint likelihood of a family, and of a member's genotypes at both.

Each parent passes one of two alleles at either marker; with probability ``1 - rho`` both come from the
same grandparent, with ``rho`` from different ones. So every meiosis has a selector at each of the markers,
and the two are tied by a table of two by two. All else is the sum of ``likelihood.py`` over both
markers at once. Founders are in linkage equilibrium: their alleles at the two markers are
independent, but which of them lie on one chromosome matters, so that of a founder who is
heterozygous at both markers both phases are summed over.

With ``rho`` of one half the joint likelihood is the product of the two. Whether an inbred founder's alleles
are of one ancestor is taken as independent at the two markers, as nothing else is known of it.
"""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from homeward.errors import Nonsense, TooLarge
from homeward.genetics.founders import MOST_WAYS, require_theta
from homeward.genetics.likelihood import (
    LARGEST,
    NOBODY,
    Factor,
    Genes,
    Link,
    People,
    Term,
    eliminate,
    elimination_order,
    founder_factors,
    founder_terms,
    genotype_places,
    observation_factors,
    sexes,
    squeezed,
    target_variables,
    transmission_factors,
)
from homeward.genetics.locus import Locus
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import UNTYPED, Observation, observation_row
from homeward.genetics.tables import PairTable, genotypes_of, informative, with_strangers
from homeward.programme import Pedigree, Sex

Calls = Mapping[str, Observation]


class Pair(NamedTuple):
    """Two linked markers and the recombination fraction between them, the same in both sexes."""

    first: Locus
    second: Locus
    rho: float

    @property
    def name(self) -> str:
        return f"{self.first.marker} and {self.second.marker}"


def linked_among(loci: Sequence[Locus], linked: Sequence[tuple[str, str, float]]) -> list[tuple[int, int, Pair]]:
    """The pairs of which both markers are among some loci, and their places there."""
    place = {locus.marker: k for k, locus in enumerate(loci)}
    return [
        (place[first], place[second], Pair(loci[place[first]], loci[place[second]], rho))
        for first, second, rho in linked
        if first in place and second in place
    ]


def log_likelihood(
    pedigree: Pedigree, pair: Pair, calls: tuple[Calls, Calls], *, prune: bool = False, theta: float = 0.0
) -> float:
    """Give the natural logarithm of the probability of a family's calls at two linked markers.

    Parameters
    ----------
    pedigree, prune, theta : as in :func:`homeward.genetics.likelihood.log_likelihood`
    pair : the markers, both autosomal or both of the X chromosome
    calls : member_id -> call, at the first and at the second marker

    Returns
    -------
    The logarithm; -inf if the calls contradict the pedigree.

    Raises
    ------
    Nonsense
        If the markers cannot be linked, or rho is no recombination fraction.
    TooLarge
        If the pedigree ties so many alleles together that the sum does not fit into memory.
    """
    values, log_scale = _marginal(pedigree, pair, calls, None, prune, theta)
    total = float(values)
    return math.log(total) + log_scale if total > 0 else -math.inf


def scaled_joint(
    pedigree: Pedigree,
    pair: Pair,
    calls: tuple[Calls, Calls],
    member_id: str,
    *,
    prune: bool = False,
    theta: float = 0.0,
) -> tuple[Floats, float]:
    """Give the probability of one member's genotypes at both markers together with the family's calls.

    Returns
    -------
    ((G1, G2), scale)
        One row per genotype of the first locus, one column per genotype of the second; and the natural log
        of what to multiply them by.
    """
    values, log_scale = _marginal(pedigree, pair, calls, member_id, prune, theta)
    return values[: pair.first.size, : pair.second.size], log_scale


def too_many_ways(
    pedigree: Pedigree, pair: Pair, calls: tuple[Calls, Calls], *, theta: float, member_id: str | None = None
) -> bool:
    """Whether theta ties so many founder alleles of both markers together that the likelihood is refused."""
    whole = (pair.first.completed, pair.second.completed)
    people = _two(pedigree, pair, calls, member_id, prune=False)
    if any(of.contradictory for of in people):
        return False
    try:
        deque(_terms(people, whole, theta), maxlen=0)
    except TooLarge:
        return True
    return False


class _PairRatio(NamedTuple):
    """The ratios (G1, G2) of a member, natural log P(calls), and P(genotypes of someone unrelated | calls) (G1, G2)."""

    ratio: Floats
    log_likelihood: float
    unrelated: Floats


def pair_ratio(
    pedigree: Pedigree,
    pair: Pair,
    calls: tuple[Calls, Calls],
    member_id: str,
    *,
    prune: bool = False,
    theta: float = 0.0,
) -> _PairRatio:
    """Give P(genotypes at both markers | relatives' calls) / P(genotypes) of a member.

    Returns
    -------
    The ratios, the natural log of P(calls), and P(genotypes of someone unrelated | calls). Ones where the calls
    say nothing about the member, or contradict the pedigree: the log is then -inf.
    """
    sex = sexes(pedigree).get(member_id, Sex.UNKNOWN)
    of_each = (genotypes_of(locus, male=sex is Sex.MALE) for locus in pair[:2])
    population: Floats = np.multiply.outer(*of_each)
    telling = any(informative(pedigree, of, member_id) for of in calls)
    if not telling or (pair.first.x_linked and sex is Sex.UNKNOWN):
        log_probability = log_likelihood(pedigree, pair, calls, prune=prune, theta=theta)
        return _PairRatio(np.ones(population.shape), log_probability, population)
    values, log_scale = _marginal(pedigree, pair, calls, member_id, prune, theta)
    total = float(values.sum())
    if total <= 0:
        return _PairRatio(np.ones(population.shape), -math.inf, population)
    values, log_probability = values[: pair.first.size, : pair.second.size], math.log(total) + log_scale
    if prune:  # the family without the member may be a smaller one
        log_probability = log_likelihood(pedigree, pair, calls, prune=True, theta=theta)
    if theta:
        together, (stranger,) = with_strangers(pedigree, [sex])
        population, log_unrelated = scaled_joint(together, pair, calls, stranger, theta=theta)
        population = population * math.exp(log_unrelated - log_probability)
    found = values * math.exp(log_scale - log_probability)
    ratio = np.divide(found, population, out=np.zeros(population.shape), where=population != 0)
    return _PairRatio(ratio, log_probability, population)


def log_lr_of_calls(table: PairTable, pair: Pair, calls: tuple[Observation, Observation], *, male: bool) -> float:
    """Give the natural log likelihood ratio of the calls at both markers: as the member, against someone unrelated."""
    one, other = (
        observation_row(locus, call, male=male) for locus, call in zip((pair.first, pair.second), calls, strict=True)
    )
    whole = float(one @ table.unrelated @ other)
    ratio = float(one @ (table.ratio * table.unrelated) @ other) / whole if whole else 0.0
    return math.log(ratio) if ratio > 0 else -math.inf


def _marginal(
    pedigree: Pedigree, pair: Pair, calls: tuple[Calls, Calls], target: str | None, prune: bool, theta: float
) -> tuple[Floats, float]:
    _require(pair)
    require_theta(theta)
    whole = (pair.first.completed, pair.second.completed)
    people = _two(pedigree, pair, calls, target, prune and theta == 0)
    nothing = np.zeros(() if target is None else (whole[0].size, whole[1].size))
    if any(of.contradictory for of in people):
        return nothing, 0.0
    found: list[tuple[Floats, float]] = []
    for terms in _terms(people, whole, theta):
        table, log_scale = _summed(people, terms, whole, pair)
        found.append((_genotypes(people, terms, whole, table), log_scale + sum(term.log_weight for term in terms)))
    largest = max((log for table, log in found if table.any()), default=0.0)
    return sum((table * math.exp(log - largest) for table, log in found if table.any()), start=nothing), largest


def _require(pair: Pair) -> None:
    if not 0 <= pair.rho <= 0.5:
        raise Nonsense(f"markers {pair.name}: rho is {pair.rho}, and a recombination fraction is 0 to 0.5")
    if pair.first.x_linked != pair.second.x_linked or pair.first.marker == pair.second.marker:
        raise Nonsense(f"markers {pair.name} cannot be linked: they are not two of one chromosome")


def _two(
    pedigree: Pedigree, pair: Pair, calls: tuple[Calls, Calls], target: str | None, prune: bool
) -> tuple[People, People]:
    """The people who matter, the same and in the same order at both markers: with whoever is typed at either."""
    typed = [member_id for of in calls for member_id, call in of.items() if call != UNTYPED]
    first, second = (
        People(pedigree, of, target=target, prune=prune, x_linked=pair.first.x_linked, keep=typed) for of in calls
    )
    return first, second


def _terms(people: tuple[People, People], loci: tuple[Locus, Locus], theta: float) -> Iterator[tuple[Term, Term]]:
    """The ways in which founder alleles came about at both markers, in each phase of founders heterozygous at both."""
    one, other = (Genes.of(of, locus) for of, locus in zip(people, loci, strict=True))
    phased = [
        person
        for person in range(len(people[0].parents))
        if _split(people[0], one, person) and _split(people[1], other, person)
    ]
    first = list(founder_terms(people[0], one, loci[0], theta))
    number = 0
    for phase in _phases(other, [other.pair(person) for person in phased]):
        # exchanging a founder's alleles at one marker alone is another phase
        for term in founder_terms(people[1], phase, loci[1], theta, exchange=False):
            number += len(first)
            if number > MOST_WAYS:
                raise TooLarge(
                    f"family {people[0].family_id}: the founder alleles of markers {loci[0].marker} and "
                    f"{loci[1].marker} have more than {MOST_WAYS:,} ways together, and linked markers are "
                    "never estimated from draws; leave one of the two out, or take them as unlinked"
                )
            # each order is a term of its own here, where one stood for both
            second = term._replace(log_weight=term.log_weight - len(phased) * math.log(2))
            yield from ((of_first, second) for of_first in first)


def _split(people: People, genes: Genes, person: int) -> bool:
    """Whether someone is a founder and heterozygote of whom one order stands for both."""
    one, other = (genes.domains[variable] for variable in genes.pair(person))
    return people.is_founder(person) and len(one) == len(other) == 1 and one[0] != other[0]


def _phases(genes: Genes, pairs: Sequence[tuple[int, int]]) -> Iterator[Genes]:
    """The alleles of some people in either order, in every choice."""
    for turned in itertools.product((False, True), repeat=len(pairs)):
        domains = dict(genes.domains)
        for (one, other), turn in zip(pairs, turned, strict=True):
            if turn:
                domains[one], domains[other] = domains[other], domains[one]
        yield Genes(genes.variables, domains)


def _summed(
    people: tuple[People, People], terms: tuple[Term, Term], loci: tuple[Locus, Locus], pair: Pair
) -> tuple[Floats, float]:
    """Sum one term over everything but the target's variables at both markers.

    The variables of the second marker come after those of the first; of each marker first the alleles,
    then the selectors, one for every allele of every person though some are not used.
    """
    offset = 2 * len(terms[0].genes.variables)
    factors: list[Factor] = []
    selectors: list[dict[int, int]] = []
    log_scale = 0.0
    sizes: tuple[int, ...] = ()
    keep: tuple[int, ...] = ()
    for index, (of, term, locus) in enumerate(zip(people, terms, loci, strict=True)):
        links = _links(of, term.genes)
        observed, log = observation_factors(of, term.genes, locus)
        received = transmission_factors(list(links.values()), term.genes, locus)
        factors += [
            Factor(tuple(variable + index * offset for variable in factor.scope), factor.values)
            for factor in (*founder_factors(term), *observed, *received)
        ]
        selectors.append({k: link.selector + index * offset for k, link in links.items() if link.selector != NOBODY})
        log_scale += log
        sizes = (*sizes, *term.genes.sizes(len(term.genes.variables)))
        keep = (*keep, *(variable + index * offset for variable in target_variables(of, term.genes)))
    # each half is in its transmission already
    tie = 2 * np.array([[1 - pair.rho, pair.rho], [pair.rho, 1 - pair.rho]])
    one, other = selectors
    factors += [Factor((one[k], other[k]), tie) for k in one if k in other]
    return _sum_out([squeezed(factor, sizes) for factor in factors], sizes, keep, log_scale, pair)


def _links(people: People, genes: Genes) -> dict[int, Link]:
    """Every allele received, by its place among all; a selector tells the parent's two wherever they are two."""
    places = ((child, side) for child in range(len(people.parents)) for side in people.sides(child))
    found: dict[int, Link] = {}
    for child, side in places:
        parent, place = people.parents[child][side], 2 * child + side
        if parent != NOBODY:
            pair = genes.pair(parent)
            selector = NOBODY if pair[0] == pair[1] else len(genes.variables) + place
            found[place] = Link(genes.pair(child)[side], pair, side, selector)
    return found


def _sum_out(
    factors: Sequence[Factor], sizes: tuple[int, ...], keep: tuple[int, ...], log_scale: float, pair: Pair
) -> tuple[Floats, float]:
    scopes = tuple(sorted({factor.scope for factor in factors}))
    cost, order = min(elimination_order(scopes, sizes, keep, wide_first) for wide_first in (False, True))
    if cost > LARGEST:
        raise TooLarge(
            f"markers {pair.name}: the pedigree ties together a table of {cost:.2g} numbers, above {LARGEST:.2g}; "
            "leave one of the two markers out, or take them as unlinked"
        )
    return eliminate(factors, order, keep, log_scale)


def _genotypes(
    people: tuple[People, People], terms: tuple[Term, Term], loci: tuple[Locus, Locus], table: Floats
) -> Floats:
    """The table of the target's variables at both markers as one of genotypes by genotypes."""
    if people[0].target == NOBODY:
        return table
    one, other = (genotype_places(of, term.genes) for of, term in zip(people, terms, strict=True))
    values = np.zeros((loci[0].size, loci[1].size))
    np.add.at(values, np.ix_(one, other), table.reshape(len(one), len(other)))
    return values
