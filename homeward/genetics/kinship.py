"""Two people at a marker, by the alleles they share by descent: closed formulas, with mutation.

For people who are not inbred, P(g1, g2) is the sum over z of k_z P(g1, g2 | z), with k0, k1, k2 the chances to share
0, 1, 2 alleles identical by descent (Cotterman 1940). A mutation on the way makes "identical" a little less so. Then
the pair of alleles that descend from one is not (x, x) with probability p_x, but (x, y) with that of both ways down:
S[x, y] = sum over a of p_a M[a, x] M[a, y], one meiosis each. The rest stays as it is.

The tables agree with the pedigree engine where father and mother mutate alike and untyped ancestors are kept; where
they do not, the mean of their matrices stands for both. They are for screening many pairs; whole families are left to
the engine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from homeward.errors import Nonsense
from homeward.genetics.locus import Locus
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import Observation, observation_row
from homeward.genetics.scoring import Rows, Seen
from homeward.genetics.snp.relationship import Sharing
from homeward.programme import Pedigree

SLIP = 0.001  # assumed chance that a genotype reads otherwise in a second sample of one person


@dataclass(frozen=True, slots=True)
class Descent:
    """How the paternal and the maternal alleles of two people descend from each other or from common ones.

    Parameters
    ----------
    father, mother : chance that the two alleles descend from one allele, and meioses from it to each person
    """

    father: tuple[float, int, int]
    mother: tuple[float, int, int]


RELATIONSHIPS: Mapping[str, Sharing] = MappingProxyType(
    {
        "identical": Sharing(0, 0, 1),
        "parent_child": Sharing(0, 1, 0),
        "full_sibs": Sharing(1 / 4, 1 / 2, 1 / 4),
        "second_degree": Sharing(1 / 2, 1 / 2, 0),  # half-sibs, uncle and niece, grandparent
        "first_cousins": Sharing(3 / 4, 1 / 4, 0),  # and others of the third degree
        "unrelated": Sharing(1, 0, 0),
    }
)

# Meioses down from the common allele: where one is an ancestor of the other, none to himself.
_DESCENT: Mapping[str, Descent] = MappingProxyType(
    {
        "full_sibs": Descent((1 / 2, 1, 1), (1 / 2, 1, 1)),
        "second_degree": Descent((0.0, 1, 1), (1 / 2, 1, 1)),
        "first_cousins": Descent((0.0, 1, 1), (1 / 4, 2, 2)),
    }
)


def sharing_table(locus: Locus, sharing: Sharing) -> Floats:
    """Give the probability of the genotypes of two people who share alleles by descent, without mutation.

    Returns
    -------
    (G, G)
        P(g1, g2).

    Examples
    --------
    Parent 1/1 and child 1/1 where 1 has frequency 0.1: p^2 for the parent, p for the child's other allele.

    >>> locus = Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.1, 0.9]))
    >>> sharing_table(locus, Sharing(0, 1, 0))[0].round(6)
    array([0.001, 0.009, 0.   ])
    """
    p = locus.frequencies
    apart = np.outer(p, p)
    one = _unordered(locus, np.diag(p), apart)
    none = np.outer(locus.population_genotypes, locus.population_genotypes)
    return np.asarray(sharing.k0 * none + sharing.k1 * one + sharing.k2 * np.diag(locus.population_genotypes))


def pair_table(locus: Locus, relationship: str, *, slip: float = SLIP) -> Floats:
    """Give the probability of the genotypes of two people of a stated relationship, with the marker's mutation.

    Parameters
    ----------
    relationship : a key of :data:`RELATIONSHIPS`; parent and child in either order, each with chance one half
    slip : of "identical", the chance that the second genotype reads as anybody's

    Returns
    -------
    (G, G)
        P(g1, g2), symmetric.

    Raises
    ------
    Nonsense
        If there is no such relationship.
    """
    population = locus.population_genotypes
    if relationship == "unrelated":
        return np.outer(population, population)
    if relationship == "identical":
        return np.asarray((1 - slip) * np.diag(population) + slip * np.outer(population, population))
    p, m = locus.frequencies, _mutation(locus)
    if relationship == "parent_child":
        passed = p[:, None] * m  # the parent's allele and what the child has of it
        down = _unordered(locus, passed, np.outer(p, p @ m))
        return np.asarray((down + down.T) / 2)
    if relationship not in _DESCENT:
        raise Nonsense(f"no relationship {relationship!r}; there is {', '.join(RELATIONSHIPS)}")
    of = _DESCENT[relationship]
    return _unordered(locus, _joint(p, m, *of.father), _joint(p, m, *of.mother))


def _mutation(locus: Locus) -> Floats:
    """The mean of both parents' matrices."""
    unchanging = np.eye(len(locus.alleles))
    female, male = (unchanging if one is None else one for one in (locus.female, locus.male))
    return np.asarray((female + male) / 2)


def _joint(p: Floats, m: Floats, shared: float, up: int, down: int) -> Floats:
    """(n, n) P(allele of one, allele of the other) that descend from one with chance ``shared``."""
    first, second = np.linalg.matrix_power(m, up), np.linalg.matrix_power(m, down)
    return np.asarray(shared * (first.T * p) @ second + (1 - shared) * np.outer(p @ first, p @ second))


def _unordered(locus: Locus, one: Floats, other: Floats) -> Floats:
    """(G, G) from the joint distributions (n, n) of the first and of the second alleles of two people."""
    a, b = locus.genotypes.T
    orders = np.where(a == b, 0.5, 1.0)  # both orders of a homozygote are one
    whole = np.zeros((locus.size, locus.size))
    for x, other_x in ((a, b), (b, a)):
        for y, other_y in ((a, b), (b, a)):
            whole += one[np.ix_(x, y)] * other[np.ix_(other_x, other_y)]
    return np.asarray(whole * np.outer(orders, orders))


def log_lr_of_pairs(locus: Locus, relationship: str, calls: Sequence[Observation], *, slip: float = SLIP) -> Floats:
    """Give the natural log likelihood ratio, related against unrelated, of every pair of some calls at a marker.

    Returns
    -------
    (calls, calls)
        -inf where the relationship excludes the pair.
    """
    if not calls:
        return np.zeros((0, 0))
    shown = np.stack([observation_row(locus, call) for call in calls])
    single = shown @ locus.population_genotypes
    together = shown @ pair_table(locus, relationship, slip=slip) @ shown.T
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(together / np.outer(single, single)))


class PairRatios:
    """The log likelihood ratio of one relationship for every pair of some people, marker by marker.

    Parameters
    ----------
    seen : the people's calls at the population's autosomal markers
    relationship, slip : as in :func:`pair_table`
    """

    def __init__(self, seen: Seen, relationship: str, *, slip: float = SLIP) -> None:
        self.codes: Rows = seen.codes
        of_marker: list[list[int]] = [[] for _ in seen.loci]
        for row, (index, _) in enumerate(seen.calls, start=1):
            of_marker[index].append(row)
        self._place = np.zeros(len(seen.calls) + 1, dtype=np.int64)  # of a row among its marker's; 0 is untyped
        self._rows, self._tables = of_marker, []
        for locus, rows in zip(seen.loci, of_marker, strict=True):
            self._place[rows] = np.arange(1, len(rows) + 1)
            table = np.zeros((len(rows) + 1, len(rows) + 1))
            calls = [seen.calls[row - 1][1] for row in rows]
            table[1:, 1:] = log_lr_of_pairs(locus, relationship, calls, slip=slip)
            self._tables.append(table)

    def of_pair(self, one: int, other: int) -> Floats:
        """(marker,) natural logs; 0 where either is untyped."""
        first, second = self._place[self.codes[one]], self._place[self.codes[other]]
        return np.array([table[a, b] for table, a, b in zip(self._tables, first, second, strict=True)])

    def rows_against(self, people: Sequence[int]) -> Floats:
        """(row, people) what each call says against each of these people, to be summed by ``scoring.add_up``."""
        rows = np.zeros((len(self._place), len(people)))
        own = self._place[self.codes[list(people)]]
        for index, (of_marker, table) in enumerate(zip(self._rows, self._tables, strict=True)):
            rows[of_marker] = table[1:, own[:, index]]
        return rows


def stated_relationship(pedigree: Pedigree, one: str, other: str) -> str:
    """Give what a pedigree says two members are to each other.

    Returns
    -------
    str
        A key of :data:`RELATIONSHIPS`, or "other" for what is none of these (more distant, or related twice).

    Examples
    --------
    >>> from homeward.programme import Member
    >>> trio = Pedigree(family_id="F", members=(Member(family_id="F", member_id="father"),
    ...     Member(family_id="F", member_id="a", father_id="father"),
    ...     Member(family_id="F", member_id="b", father_id="father")))
    >>> stated_relationship(trio, "father", "a"), stated_relationship(trio, "a", "b")
    ('parent_child', 'second_degree')
    """
    share = sharing(pedigree, one, other)
    for name, of in RELATIONSHIPS.items():
        if share is not None and all(abs(x - y) < 1e-12 for x, y in zip(share, of, strict=True)):
            return name
    return "other"


def sharing(pedigree: Pedigree, one: str, other: str) -> Sharing | None:
    """Give the chances that two members share 0, 1, 2 alleles by descent; None if either is inbred.

    Notes
    -----
    From the kinship of their parents: k2 is the chance that both the paternal and the maternal alleles are
    shared, which for people who are not inbred is the sum over both ways to pair their parents of the products of
    the parents' kinships; k1 = 4 kinship - 2 k2. The product holds where the two sides of the family are unrelated.
    """
    kin = _Kinship(pedigree)
    a, b = kin.person(one), kin.person(other)
    if kin.inbred(a) or kin.inbred(b):
        return None
    if a == b:
        return RELATIONSHIPS["identical"]
    phi = kin(a, b)
    (f, m), (g, n) = kin.parents(a), kin.parents(b)
    k2 = kin(f, g) * kin(m, n) + kin(f, n) * kin(m, g) if kin.has_parents(a) and kin.has_parents(b) else 0.0
    k1 = 4 * phi - 2 * k2
    return Sharing(1 - k1 - k2, k1, k2)


class _Kinship:
    """Chance that alleles drawn of two people are identical by descent: from the younger to his parents."""

    def __init__(self, pedigree: Pedigree) -> None:
        from homeward.genetics.likelihood import twin_groups

        self._group = twin_groups(pedigree)
        self._parents: dict[str, tuple[str, str]] = {}
        for member in pedigree.members:
            person = self._group[member.member_id]
            father, mother = (self._group[of] if of else "" for of in (member.father_id, member.mother_id))
            if father or mother:
                self._parents[person] = (father or f"\0father of {person}", mother or f"\0mother of {person}")
        self._depth: dict[str, int] = {}
        self._known: dict[tuple[str, str], float] = {}

    def person(self, member_id: str) -> str:
        return self._group[member_id]

    def has_parents(self, person: str) -> bool:
        return person in self._parents

    def parents(self, person: str) -> tuple[str, str]:
        return self._parents.get(person, ("", ""))

    def inbred(self, person: str) -> bool:
        return person in self._parents and self(*self._parents[person]) > 0

    def depth(self, person: str) -> int:
        if person not in self._depth:
            self._depth[person] = 1 + max(map(self.depth, self._parents[person])) if person in self._parents else 0
        return self._depth[person]

    def __call__(self, a: str, b: str) -> float:
        if not a or not b:
            return 0.0
        if a == b:
            return (1 + self(*self._parents[a])) / 2 if a in self._parents else 0.5
        if self.depth(a) < self.depth(b):
            a, b = b, a
        if a not in self._parents:
            return 0.0
        if (a, b) not in self._known:
            self._known[a, b] = sum(self(parent, b) for parent in self._parents[a]) / 2
        return self._known[a, b]
