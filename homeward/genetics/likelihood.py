"""The probability of a family's calls at one marker: the definition, by variable elimination.

Every person carries two alleles, one from each parent. Founders draw theirs from the
population; a child's is one of the parent's two with equal chance, as mutation leaves it. The
probability of the calls is the sum, over all alleles that nobody saw, of the product of these
chances. The sum is taken one allele at a time (Fishelson and Geiger 2002), the next always the one that
ties together the smallest table; any pedigree is allowed, with loops, inbreeding and
identical twins. What was observed restricts the alleles summed over, so typed people cost little; where it
may be wrong, every genotype counts by the probability of what was observed (``observation.py``).

1. ``People``: twins are one genotype; a parent left empty becomes an own founder; untyped people
   without descendants that matter are dropped, which is exact. With ``prune`` untyped founders
   with a single child are dropped too, and the child's allele is drawn from the population.
2. ``observation_factors``, ``transmission_factors``: one factor per founder allele, observation and transmission.
3. ``elimination_order`` and ``eliminate``: the order in which alleles are summed out, and the sum.
"""

from __future__ import annotations

import itertools
import math
import string
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense, NotFound, TooLarge
from homeward.genetics import founders
from homeward.genetics.locus import Locus
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import UNTYPED, Observation, exact_genotype, observation_matrix, together
from homeward.programme import Pedigree, Sex

Indices = npt.NDArray[np.intp]

NOBODY = -1
_UNKNOWN_PARENT = (" \0father", " \0mother")  # no member is called so
_UNKNOWN_FATHER = _UNKNOWN_PARENT[0]
LARGEST = 2**26  # numbers in one table: half a gigabyte


def log_likelihood(
    pedigree: Pedigree, locus: Locus, calls: Mapping[str, Observation], *, prune: bool = False, theta: float = 0.0
) -> float:
    """Give the natural logarithm of the probability of a family's calls at one marker.

    Parameters
    ----------
    pedigree : who descends from whom
    locus : the marker in the family's population
    calls : member_id -> two alleles; ``?`` for one that was not observed. Or what was observed with
        its errors, of :func:`homeward.genetics.observation.observed`
    prune : leave out untyped people who connect nobody (as Familias does) rather than keep the
        whole pedigree (as pedprobr). It matters only where mutation is not stationary, and not with
        theta, where Familias keeps them too
    theta : co-ancestry of the founders, whose alleles are then drawn jointly (Balding and Nichols), whether
        or not the pedigree connects them; at least 0, below 1

    Returns
    -------
    The logarithm; -inf if the calls contradict the pedigree.

    Raises
    ------
    NotFound
        If a call names an allele that the locus lacks, or a person that the pedigree lacks.
    TooLarge
        If the pedigree ties so many alleles together that the sum does not fit into memory, or theta too many
        unknown founder alleles (:func:`size` tells how many).

    Examples
    --------
    A mother 1/2 and her child 1/1, the father unknown: 2pq for her, then 1/2 for her 1, p for his.

    >>> from homeward.programme import Member
    >>> duo = Pedigree(
    ...     family_id="F",
    ...     members=(
    ...         Member(family_id="F", member_id="mother"),
    ...         Member(family_id="F", member_id="child", mother_id="mother"),
    ...     ),
    ... )
    >>> locus = Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.1, 0.9]))
    >>> round(math.exp(log_likelihood(duo, locus, {"mother": ("1", "2"), "child": ("1", "1")})), 12)
    0.009
    """
    people = People(pedigree, calls, target=None, prune=prune and theta == 0, x_linked=locus.x_linked)
    if people.contradictory:
        return -math.inf
    total, log_scale = _marginal(people, locus.completed, _required(theta))
    value = float(total)
    return math.log(value) + log_scale if value > 0 else -math.inf


def joint_genotypes(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    member_id: str,
    *,
    prune: bool = False,
    theta: float = 0.0,
) -> Floats:
    """Give the probability of each genotype of one member together with the family's calls.

    Returns
    -------
    (G,)
        P(member has genotype g, calls); the member's own calls are among them. Genotypes are
        ordered as in :class:`~homeward.genetics.locus.Locus`. A large family's probabilities may
        be too small for a float; :func:`scaled_joint` keeps them apart from their scale.
    """
    values, log_scale = scaled_joint(pedigree, locus, calls, member_id, prune=prune, theta=theta)
    return np.asarray(values * math.exp(log_scale))[: locus.size]


def scaled_joint(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    member_id: str,
    *,
    prune: bool = False,
    theta: float = 0.0,
) -> tuple[Floats, float]:
    """Give :func:`joint_genotypes` of the completed locus, and the logarithm of what to multiply it by.

    Returns
    -------
    ((G',), scale)
        One entry per genotype of ``locus.completed``, those of the locus itself first. They
        sum to the probability of the calls: all zero if the calls contradict the pedigree.
    """
    whole = locus.completed
    people = People(pedigree, calls, target=member_id, prune=prune and theta == 0, x_linked=locus.x_linked)
    if people.contradictory:
        return np.zeros(whole.size), 0.0
    return _marginal(people, whole, _required(theta))


def size(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    *,
    theta: float,
    member_id: str | None = None,
) -> int:
    """Give in how many ways theta sets the unknown founder alleles of a family apart, before starting.

    With ``member_id``, for the table of his genotypes. Each is one sum over the family, but for those that differ
    only by the order of a founder's two alleles.
    Above :data:`homeward.genetics.founders.MOST_WAYS` the likelihood is refused as too large.

    Examples
    --------
    Two sisters typed, their parents not: 4 unknown founder alleles.

    >>> from homeward.programme import Member
    >>> of = {"father_id": "father", "mother_id": "mother"}
    >>> sisters = Pedigree(
    ...     family_id="F",
    ...     members=(
    ...         Member(family_id="F", member_id="father"),
    ...         Member(family_id="F", member_id="mother"),
    ...         Member(family_id="F", member_id="a", **of),
    ...         Member(family_id="F", member_id="b", **of),
    ...     ),
    ... )
    >>> locus = Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.1, 0.9]))
    >>> size(sisters, locus, {"a": ("1", "2"), "b": ("1", "1")}, theta=0.01)
    15
    """
    people = People(pedigree, calls, target=member_id, prune=False, x_linked=locus.x_linked)
    if people.contradictory or _required(theta) == 0:
        return 1
    genes = Genes.of(people, locus.completed)
    single = genes.merged(_passed_alone(people, genes)) or genes
    return founders.bell(sum(len(single.domains[variable]) > 1 for variable in drawn_variables(people, single)))


def _required(theta: float) -> float:
    founders.require_theta(theta)
    return theta


def twin_groups(pedigree: Pedigree) -> dict[str, str]:
    """Member -> the first member who has the same genotype (identical twins; himself otherwise)."""
    group = {member.member_id: member.member_id for member in pedigree.members}
    for member in pedigree.members:
        if member.twin_of:
            kept, merged = group[member.twin_of], group[member.member_id]
            group = {person: kept if of == merged else of for person, of in group.items()}
    return group


def sexes(pedigree: Pedigree) -> dict[str, Sex]:
    """The sex of every member: as stated, or as father or mother of someone."""
    found = {member.member_id: member.sex for member in pedigree.members}
    for member in pedigree.members:
        found |= {member.father_id: Sex.MALE} if member.father_id else {}
        found |= {member.mother_id: Sex.FEMALE} if member.mother_id else {}
    return found


class People:
    """The people of a pedigree who matter for a set of calls, numbered; twins are one.

    ``parents[i]`` are the numbers of father and mother, ``NOBODY`` for an allele drawn from the
    population; ``calls[i]`` is what was observed, :data:`UNTYPED` if nothing; ``hemizygous[i]``
    whether his two alleles are one, as a man's of the X chromosome, which comes from his mother.
    """

    def __init__(
        self,
        pedigree: Pedigree,
        calls: Mapping[str, Observation],
        *,
        target: str | None,
        prune: bool,
        x_linked: bool = False,
        keep: Collection[str] = (),
    ) -> None:
        self.family_id = pedigree.family_id
        group = twin_groups(pedigree)
        for member_id in (*calls, *([target] if target is not None else ())):
            if member_id not in group:
                raise NotFound(f"family {pedigree.family_id} has no member {member_id}")
        self.contradictory = False
        observed: dict[str, Observation] = {}
        for member_id, call in calls.items():
            person = group[member_id]
            joint = together(observed.get(person, UNTYPED), call)
            self.contradictory |= joint is None
            observed[person] = joint or UNTYPED
        typed = {person for person, call in observed.items() if call != UNTYPED}
        kept = {*typed, *([group[target]] if target is not None else ()), *(group[member_id] for member_id in keep)}
        lineage = _parents(pedigree, group)
        men = _men(pedigree, kept) if x_linked else set()
        for son in men & lineage.keys():
            lineage[son][0] = None
        men |= {person for person in lineage if x_linked and person.endswith(_UNKNOWN_FATHER)}
        parents = _relevant(lineage, kept, prune)
        number = {person: i for i, person in enumerate(parents)}
        self.parents = [tuple(NOBODY if parent is None else number[parent] for parent in of) for of in parents.values()]
        self.hemizygous = [person in men for person in parents]
        stated = {member.member_id: member.inbreeding or 0.0 for member in pedigree.members}
        self.inbreeding = [stated.get(person, 0.0) for person in parents]
        self.calls = [observed.get(person, UNTYPED) for person in parents]
        self.target = NOBODY if target is None else number[group[target]]

    def is_founder(self, person: int) -> bool:
        return all(parent == NOBODY for parent in self.parents[person])

    def variables(self, person: int) -> tuple[int, int]:
        """What stands for his paternal and his maternal allele: one variable for both if he has one allele."""
        return (2 * person + 1 if self.hemizygous[person] else 2 * person), 2 * person + 1

    def sides(self, person: int) -> tuple[int, ...]:
        """The sides from which he has an allele: 0 the father's, 1 the mother's."""
        return (1,) if self.hemizygous[person] else (0, 1)

    def domains(self, locus: Locus) -> list[tuple[Indices, Indices]]:
        """The alleles that each person's paternal and maternal allele may be.

        A founder's two alleles are exchangeable: of a heterozygote one order stands for both.
        """
        anything = np.arange(len(locus.alleles))
        found: list[tuple[Indices, Indices]] = []
        for person, call in enumerate(self.calls):
            man = self.hemizygous[person]
            seen = exact_genotype(locus, call, male=man)
            if seen and self.is_founder(person):
                found.append((np.array(seen[:1]), np.array(seen[1:])))
                continue
            either = anything if call == UNTYPED else np.unique(seen) if seen else _possible(locus, call, male=man)
            found.append((either, either))
        return found


def _men(pedigree: Pedigree, kept: Collection[str]) -> set[str]:
    """The members with one X chromosome; refuses someone who matters and whose sex nobody stated."""
    known = sexes(pedigree)
    unknown = sorted(person for person in kept if known[person] is Sex.UNKNOWN)
    if unknown:
        raise Nonsense(
            f"family {pedigree.family_id}: the sex of {', '.join(unknown)} is not stated, and a marker of the "
            "X chromosome needs it: state the sex, or leave out the marker"
        )
    return {member_id for member_id, sex in known.items() if sex is Sex.MALE}


def _possible(locus: Locus, call: Observation, *, male: bool) -> Indices:
    """The alleles that someone may have who was observed so; the first where nobody can have been."""
    found = np.flatnonzero(observation_matrix(locus, call, male=male).any(axis=1))
    return found if len(found) else np.zeros(1, dtype=np.intp)


_Parents = dict[str, list[str | None]]


def _parents(pedigree: Pedigree, group: Mapping[str, str]) -> _Parents:
    """Person -> father and mother; a parent left empty beside a stated one is an own unknown founder."""
    parents: _Parents = {}
    for member in pedigree.members:
        person = group[member.member_id]
        stated = (member.father_id, member.mother_id)
        if person in parents:
            continue
        if not any(stated):
            parents[person] = [None, None]
            continue
        unknown = {side: person + _UNKNOWN_PARENT[side] for side in (0, 1) if not stated[side]}
        parents |= {founder: [None, None] for founder in unknown.values()}
        parents[person] = [unknown.get(side) or group[stated[side]] for side in (0, 1)]
    return parents


def _relevant(parents: _Parents, kept: set[str], prune: bool) -> _Parents:
    """The parents of those who matter: who is neither kept nor an ancestor is dropped, until nobody is left to drop."""
    children: dict[str, set[str]] = {person: set() for person in parents}
    for person, of in parents.items():
        for parent in of:
            if parent is not None:
                children[parent].add(person)
    left = {person: list(of) for person, of in parents.items()}
    waiting = [person for person in left if person not in kept]
    while waiting:
        person = waiting.pop()
        if person not in left or person in kept:
            continue
        of, heirs = left[person], children[person]
        if not heirs:
            above = [parent for parent in of if parent is not None]
            del left[person]
            for parent in above:
                children[parent].discard(person)
            waiting += above
        elif prune and of == [None, None] and len(heirs) == 1:
            (heir,) = heirs
            if left[heir].count(person) == 2:  # identical twins who are both parents connect the two
                continue
            left[heir] = [None if parent == person else parent for parent in left[heir]]
            del left[person]
            waiting.append(heir)
    return left


@dataclass(frozen=True, slots=True)
class Factor:
    """A table over some variables, one axis each."""

    scope: tuple[int, ...]
    values: Floats


class Genes:
    """Which variable stands for each allele of each person, and which alleles it may be.

    Alleles that are certainly one share a variable: a man's two of the X chromosome, an inbred founder's two
    when they are of one ancestor, and founder alleles that are copies of one draw.
    """

    def __init__(self, variables: Sequence[int], domains: Mapping[int, Indices]) -> None:
        self.variables, self.domains = tuple(variables), domains

    @classmethod
    def of(cls, people: People, locus: Locus) -> Genes:
        domains = dict(enumerate(domain for pair in people.domains(locus) for domain in pair))
        variables = [variable for person in range(len(people.parents)) for variable in people.variables(person)]
        return cls(variables, {variable: domains[variable] for variable in dict.fromkeys(variables)})

    def pair(self, person: int) -> tuple[int, int]:
        return self.variables[2 * person], self.variables[2 * person + 1]

    def merged(self, same: Mapping[int, int]) -> Genes | None:
        """With some variables taken for others; None if they have no allele in common."""
        domains: dict[int, Indices] = {}
        for variable, domain in self.domains.items():
            kept = same.get(variable, variable)
            domains[kept] = np.intersect1d(domains[kept], domain) if kept in domains else domain
        if any(len(domain) == 0 for domain in domains.values()):
            return None
        return Genes([same.get(variable, variable) for variable in self.variables], domains)

    def sizes(self, selectors: int = 0) -> tuple[int, ...]:
        """How many values each variable has; 1 for those that no longer are any; 2 for selectors, which come last."""
        genes = (len(self.domains[gene]) if gene in self.domains else 1 for gene in range(len(self.variables)))
        return (*genes, *(2,) * selectors)


class Term(NamedTuple):
    """One way in which founder alleles came about: its weight, and what each that is drawn is drawn from."""

    log_weight: float
    genes: Genes
    drawn_from: Mapping[int, Floats]


def _marginal(people: People, locus: Locus, theta: float = 0.0) -> tuple[Floats, float]:
    """Sum over everything but the target's genotype: (G,) of it, or a number without target; and its log scale."""
    genes = Genes.of(people, locus)
    narrow, wide_first = cheapest(people, genes, locus)
    found: list[tuple[Floats, float]] = []
    for term in founder_terms(people, genes, locus, theta):
        table, log_scale = _summed(people, term, locus, narrow, wide_first)
        found.append((_genotypes(people, term.genes, locus, table), log_scale + term.log_weight))
    largest = max((log for table, log in found if table.any()), default=0.0)
    nothing = np.zeros(() if people.target == NOBODY else locus.size)
    return sum((table * math.exp(log - largest) for table, log in found if table.any()), start=nothing), largest


def founder_terms(people: People, genes: Genes, locus: Locus, theta: float, *, exchange: bool = True) -> Iterator[Term]:
    """The ways in which founder alleles came about; one if founders are independent and none is inbred.

    Ways that differ by the order of a founder's two alleles are one if they may be exchanged: not where
    the order tells which allele of another marker lies beside each.
    """
    drawn = [person for person in range(len(people.parents)) if people.is_founder(person)]
    inbred = [person for person in drawn if people.inbreeding[person] and not people.hemizygous[person]]
    for of_one_ancestor in itertools.product((False, True), repeat=len(inbred)):
        same: dict[int, int] = {}
        log_weight = 0.0
        for person, alike in zip(inbred, of_one_ancestor, strict=True):
            chance = people.inbreeding[person] if alike else 1 - people.inbreeding[person]
            log_weight += math.log(chance) if chance else -math.inf
            same |= {genes.pair(person)[1]: genes.pair(person)[0]} if alike else {}
        here = genes.merged(same) if same else genes
        if here is None or log_weight == -math.inf:
            continue
        if theta == 0:
            yield Term(log_weight, here, dict.fromkeys(drawn_variables(people, here), locus.frequencies))
        else:
            yield from _coupled(people, here, locus, theta, log_weight, exchange)


def drawn_variables(people: People, genes: Genes) -> tuple[int, ...]:
    """The variables of the alleles that are drawn from the population."""
    drawn = dict.fromkeys(
        genes.pair(person)[side]
        for person, parents in enumerate(people.parents)
        for side in people.sides(person)
        if parents[side] == NOBODY
    )
    return tuple(drawn)


def _coupled(
    people: People, genes: Genes, locus: Locus, theta: float, log_weight: float, exchange: bool
) -> Iterator[Term]:
    """The ways in which founder alleles are copies of each other; see :mod:`homeward.genetics.founders`."""
    single = genes.merged(_passed_alone(people, genes))
    assert single is not None, "an untyped founder's alleles may be anything"
    variables = drawn_variables(people, single)
    known = [variable for variable in variables if len(single.domains[variable]) == 1]
    unknown = [variable for variable in variables if len(single.domains[variable]) > 1]
    drawn = founders.drawn([int(single.domains[variable][0]) for variable in known], locus.frequencies, theta)
    if drawn is None:
        return
    place = {variable: k for k, variable in enumerate(unknown)}
    pairs = sorted(
        (place[first], place[second])
        for first, second in map(single.pair, range(len(people.parents)))
        if exchange and first != second and first in place and second in place
    )
    try:
        ways = founders.ways(len(unknown), tuple(pairs))
    except founders.TooManyWays as refusal:
        raise founders.TooManyWays(f"family {people.family_id}, marker {locus.marker}: {refusal}") from None
    for way in ways:
        first_of: dict[int, int] = {}
        same = {variable: first_of.setdefault(one, variable) for variable, one in zip(unknown, way.sets, strict=True)}
        here = single.merged(same)
        if here is not None:
            probability = founders.probability_of(way, theta, drawn.known)
            log = log_weight + drawn.log_probability + math.log(probability)
            yield Term(log, here, dict.fromkeys(first_of.values(), drawn.frequencies))


def _passed_alone(people: People, genes: Genes) -> dict[int, int]:
    """Of an untyped founder with one child the allele that was not passed drops out: his two are as one."""
    heirs = Counter(parent for parents in people.parents for parent in parents if parent != NOBODY)
    return {
        genes.pair(person)[1]: genes.pair(person)[0]
        for person, number in heirs.items()
        if number == 1 and person != people.target and people.is_founder(person) and people.calls[person] == UNTYPED
    }


def cheapest(people: People, genes: Genes, locus: Locus) -> tuple[int, bool]:
    """How to split what is received, and whether wide variables go first: what ties together the least.

    Raises
    ------
    TooLarge
        If the least is too much.
    """
    observed, _ = observation_factors(people, genes, locus)
    scopes = {factor.scope for factor in observed} | {(variable,) for variable in drawn_variables(people, genes)}
    keep = target_variables(people, genes)
    plans: list[tuple[float, int, bool]] = []
    for narrow in (NOBODY, 2, len(locus.alleles)):
        links = links_of(people, genes, narrow)
        sizes = genes.sizes(sum(link.selector != NOBODY for link in links))
        together = tuple(sorted(scopes | {scope for link in links for scope in link.scopes}))
        plans += [(elimination_order(together, sizes, keep, wide)[0], narrow, wide) for wide in (False, True)]
    cost, narrow, wide_first = min(plans, key=lambda plan: plan[0])
    if cost > LARGEST:
        raise TooLarge(
            f"family {people.family_id}, marker {locus.marker}: the pedigree ties together a table of {cost:.2g} "
            f"numbers, above {LARGEST:.2g}; type or leave out the untyped relatives through whom a loop closes"
        )
    return narrow, wide_first


def target_variables(people: People, genes: Genes) -> tuple[int, ...]:
    """The target's variables that can be several alleles."""
    if people.target == NOBODY:
        return ()
    return tuple(v for v in dict.fromkeys(genes.pair(people.target)) if len(genes.domains[v]) > 1)


def _summed(people: People, term: Term, locus: Locus, narrow: int, wide_first: bool) -> tuple[Floats, float]:
    """Sum one term over everything but the target's variables."""
    genes = term.genes
    links = links_of(people, genes, narrow)
    sizes, keep = genes.sizes(sum(link.selector != NOBODY for link in links)), target_variables(people, genes)
    observed, log_scale = observation_factors(people, genes, locus)
    received = transmission_factors(links, genes, locus)
    factors = [squeezed(factor, sizes) for factor in (*founder_factors(term), *observed, *received)]
    _, order = elimination_order(tuple(sorted({factor.scope for factor in factors})), sizes, keep, wide_first)
    return eliminate(factors, order, keep, log_scale)


def _genotypes(people: People, genes: Genes, locus: Locus, table: Floats) -> Floats:
    """The table of the target's variables as one of genotypes."""
    if people.target == NOBODY:
        return table
    values = np.zeros(locus.size)
    np.add.at(values, genotype_places(people, genes), table.ravel())
    return values


def genotype_places(people: People, genes: Genes) -> Indices:
    """The genotype of each entry of a table of the target's variables, in the table's order."""
    first, second = (genes.domains[variable] for variable in genes.pair(people.target))
    one = len(set(genes.pair(people.target))) == 1
    a, b = (second, second) if one else np.meshgrid(first, second, indexing="ij")
    larger, smaller = np.maximum(a, b), np.minimum(a, b)
    return np.asarray(larger * (larger + 1) // 2 + smaller).ravel()


def founder_factors(term: Term) -> Iterator[Factor]:
    """The chance of each founder allele that is drawn."""
    for variable, of in term.drawn_from.items():
        yield Factor((variable,), of[term.genes.domains[variable]])


def observation_factors(people: People, genes: Genes, locus: Locus) -> tuple[list[Factor], float]:
    """What was observed says beyond the domains; the log of constants."""
    factors: list[Factor] = []
    log_scale = 0.0
    for person, call in enumerate(people.calls):
        man = people.hemizygous[person]
        seen = exact_genotype(locus, call, male=man)
        if call == UNTYPED or (seen and seen[0] == seen[1]):
            continue
        if seen and people.is_founder(person):
            log_scale += math.log(2)
        else:
            factors.append(_of_pair(genes, person, observation_matrix(locus, call, male=man)))
    return factors, log_scale


def _of_pair(genes: Genes, person: int, matrix: Floats) -> Factor:
    """What is said of a person's two alleles, a matrix of all alleles by all, as they may be here."""
    first, second = genes.pair(person)
    if first == second:
        return Factor((first,), matrix.diagonal()[genes.domains[first]])
    return Factor((first, second), matrix[np.ix_(genes.domains[first], genes.domains[second])])


class Link(NamedTuple):
    """An allele received: from which parent's two alleles, on which side, and their selector if split."""

    gene: int
    parent: tuple[int, int]
    side: int
    selector: int

    @property
    def scopes(self) -> tuple[tuple[int, ...], ...]:
        first, second = self.parent
        if first == second:
            return ((first, self.gene),)
        if self.selector == NOBODY:
            return ((first, second, self.gene),)
        return (self.selector, first, self.gene), (self.selector, second, self.gene)


def links_of(people: People, genes: Genes, narrow: int) -> list[Link]:
    """Every allele received. One of more than ``narrow`` values is split.

    Its two halves, from either of the parent's alleles, are told apart by a selector, a variable
    of its own: two tables of two alleles each in place of one of three.
    """
    links: list[Link] = []
    selectors = len(genes.variables)
    for child, parents in enumerate(people.parents):
        for side in people.sides(child):
            if parents[side] == NOBODY:
                continue
            gene, (first, second) = genes.pair(child)[side], genes.pair(parents[side])
            wide = max(len(genes.domains[first]), len(genes.domains[second]))
            split = first != second and len(genes.domains[gene]) > narrow and wide > 1
            links.append(Link(gene, (first, second), side, selectors if split else NOBODY))
            selectors += split
    return links


def transmission_factors(links: Sequence[Link], genes: Genes, locus: Locus) -> Iterator[Factor]:
    """The chance of each allele received: half from either of the parent's alleles, as mutation leaves it."""
    same = np.eye(len(locus.alleles)) / 2
    halves = [same if matrix is None else matrix / 2 for matrix in (locus.male, locus.female)]
    for link in links:
        received = genes.domains[link.gene]
        first, second = (halves[link.side][genes.domains[gene]][:, received] for gene in link.parent)
        if link.parent[0] == link.parent[1]:
            values = [first + second]
        elif link.selector == NOBODY:
            values = [first[:, None, :] + second[None, :, :]]
        else:
            values = [np.array([first, np.ones(first.shape)]), np.array([np.ones(second.shape), second])]
        yield from map(Factor, link.scopes, values)


def squeezed(factor: Factor, sizes: Sequence[int]) -> Factor:
    """The factor without the variables that can be only one thing."""
    open_axes = [axis for axis, variable in enumerate(factor.scope) if sizes[variable] > 1]
    return Factor(
        tuple(factor.scope[axis] for axis in open_axes),
        factor.values.reshape([factor.values.shape[axis] for axis in open_axes]),
    )


@lru_cache(maxsize=65_536)
def elimination_order(
    scopes: tuple[tuple[int, ...], ...], sizes: tuple[int, ...], keep: tuple[int, ...], wide_first: bool
) -> tuple[float, tuple[int, ...]]:
    """Give the sum of table sizes, and the order in which to sum variables out: greedily the smallest table first.

    With ``wide_first`` those of two values wait until the others are gone: it is better to sum
    over untyped parents for each phase of their many typed children than the other way round.
    """
    neighbours: dict[int, set[int]] = {}
    for scope in scopes:
        undecided = [variable for variable in scope if sizes[variable] > 1]
        for variable in undecided:
            neighbours.setdefault(variable, set()).update(undecided)
    weights = {
        variable: math.prod(sizes[other] for other in tied)
        for variable, tied in neighbours.items()
        if variable not in keep
    }
    order: list[int] = []
    cost = float(math.prod(sizes[variable] for variable in keep))
    while weights:
        variable = min(weights, key=lambda v: (wide_first and sizes[v] == 2, weights[v], v))
        cost += weights.pop(variable)
        order.append(variable)
        tied = neighbours.pop(variable) - {variable}
        for other in tied:
            neighbours[other] = (neighbours[other] | tied) - {variable}
            if other in weights:
                weights[other] = math.prod(sizes[near] for near in neighbours[other])
    return cost, tuple(order)


def eliminate(
    factors: Iterable[Factor], order: Sequence[int], keep: tuple[int, ...], log_scale: float
) -> tuple[Floats, float]:
    remaining = list(factors)
    for variable in order:
        tied = sorted((f for f in remaining if variable in f.scope), key=lambda f: f.values.size)
        remaining = [f for f in remaining if variable not in f.scope]
        product = reduce(lambda one, other: _product(one, other, None), tied[:-1]) if len(tied) > 1 else _one()
        summed = _product(product, tied[-1], variable)
        greatest = float(np.abs(summed.values).max())
        if greatest == 0:
            remaining.append(Factor(summed.scope, summed.values))
            continue
        log_scale += math.log(greatest)
        remaining.append(Factor(summed.scope, summed.values / greatest))
    whole = reduce(lambda one, other: _product(one, other, None), remaining, _one())
    missing = tuple(variable for variable in keep if variable not in whole.scope)
    assert not missing, "every allele has a factor"
    return np.asarray(np.einsum(f"{_letters(whole.scope, keep)}->{_letters(keep, keep)}", whole.values)), log_scale


def _one() -> Factor:
    return Factor((), np.ones(()))


def _product(one: Factor, other: Factor, variable: int | None) -> Factor:
    """The product of two factors, with one variable summed out."""
    union = (*one.scope, *(v for v in other.scope if v not in one.scope))
    scope = tuple(v for v in union if v != variable)
    axes = f"{_letters(one.scope, union)},{_letters(other.scope, union)}->{_letters(scope, union)}"
    return Factor(scope, np.asarray(np.einsum(axes, one.values, other.values)))


def _letters(scope: Iterable[int], union: Sequence[int]) -> str:
    """The axes of a scope as einsum names them: it knows 52 letters, so they are counted within the union."""
    return "".join(string.ascii_letters[union.index(variable)] for variable in scope)
