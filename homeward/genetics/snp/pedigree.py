"""A family summed out at all SNPs at once: what its observations say about the genotype of one member.

A genotype has three states, so a couple and a child are 27 numbers, and ninety thousand SNPs stand side by side in
every table. Genotypes are summed out one person at a time, the next always the one who ties together the smallest
table; a loop makes the tables larger and changes nothing else. This is the definition, and fast enough to be used:
there is no compiled twin. Its second witness is the closed form for two people (``relationship.py``), its third
enumeration.

Identical twins are one person; a parent left empty beside a stated one is an own unknown founder; untyped people
without descendants that matter are left out, which is exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense, NotFound, TooLarge
from homeward.genetics.likelihood import twin_groups
from homeward.genetics.snp.founders import frequencies_within, hardy_weinberg
from homeward.genetics.snp.panel import Floats
from homeward.genetics.tables import informative
from homeward.programme import Pedigree

_NUMBERS_AT_ONCE = 2**19  # of one table: about four megabytes, which a core's cache holds
_WIDEST = 12  # people tied together in one table: half a million numbers a SNP
_SEEN = ("seen", "seen")  # any call will do where only who was typed matters


@dataclass(frozen=True, eq=False)
class MemberGenotypes:
    """What a family says about the genotype of one member, SNP by SNP.

    Parameters
    ----------
    member : (n, 3) P(genotype of the member | relatives)
    unrelated : (n, 3) P(genotype of someone else of the population | relatives); with theta the relatives inform
        about the population
    log_likelihood : (n,) natural log of P(relatives); -inf where they contradict the pedigree, and both tables are
        the population's there
    """

    member: Floats
    unrelated: Floats
    log_likelihood: Floats

    def log_lr(self, seen: Floats) -> Floats:
        """Natural log of P(seen | member, relatives) / P(seen | unrelated, relatives), SNP by SNP.

        Parameters
        ----------
        seen : (n, 3) natural log of P(observed of the remains | genotype)

        Returns
        -------
        (n,)
            -inf where the relatives exclude what was seen.
        """
        scaled = np.exp(seen - seen.max(axis=1, keepdims=True))
        with np.errstate(divide="ignore"):
            return np.asarray(np.log((scaled * self.member).sum(axis=1) / (scaled * self.unrelated).sum(axis=1)))


def member_genotypes(
    pedigree: Pedigree,
    seen: Mapping[str, Floats],
    member_id: str,
    frequency: npt.ArrayLike,
    *,
    theta: float = 0.0,
    mutation: float = 0.0,
) -> MemberGenotypes:
    """Give what the relatives' observations say about the genotype of one member.

    Parameters
    ----------
    pedigree : who descends from whom
    seen : member_id -> (n, 3) natural log of P(observed | genotype), zeros where nothing was; the member's own count
    member_id : whose genotype it is
    frequency : (n,) of the counted allele in the family's population, between 0 and 1
    theta : as in :func:`homeward.genetics.snp.founders.frequencies_within`; exact
    mutation : probability per meiosis that an allele is passed on as the other one, in both directions alike

    Returns
    -------
    MemberGenotypes
        The same table for both if nobody typed shares an ancestor with the member.

    Raises
    ------
    NotFound
        If the pedigree lacks a person.
    TooLarge
        If the pedigree ties more than twelve people together.
    Nonsense
        If a frequency, theta or the mutation rate is out of range.

    Examples
    --------
    A father who is heterozygous: the child has each allele of his with one half, and the mother's by frequency.

    >>> from homeward.programme import Member
    >>> father, child = Member(family_id="F", member_id="f"), Member(family_id="F", member_id="c", father_id="f")
    >>> certain = np.array([[-np.inf, 0.0, -np.inf]])
    >>> found = member_genotypes(Pedigree(family_id="F", members=(father, child)), {"f": certain}, "c", [0.1])
    >>> found.member, found.unrelated
    (array([[0.45, 0.5 , 0.05]]), array([[0.81, 0.18, 0.01]]))
    """
    if not 0 <= mutation < 0.5:
        raise Nonsense(f"a mutation rate of {mutation} is not from 0 to below one half")
    people = _People(pedigree, seen, member_id)
    p = np.asarray(frequency, dtype=np.float64)
    nodes, weights = frequencies_within(p, theta, people=people.founders + 1)
    member, unrelated = np.zeros((3, len(p))), np.zeros((3, len(p)))
    log_likelihood = np.empty(len(p))
    block = max(_NUMBERS_AT_ONCE // 3**people.width, 16)
    for start in range(0, len(p), block):
        part = slice(start, start + block)
        tables = people.tables(seen, part, nodes[:, part], weights[:, part], mutation)
        member[:, part], unrelated[:, part], log_likelihood[part] = tables
    if not people.informed:
        member = unrelated
    return MemberGenotypes(member.T, unrelated.T, log_likelihood)


class _People:
    """Who matters, twins as one; in which order they are summed out; and how many are tied together at most."""

    def __init__(self, pedigree: Pedigree, seen: Mapping[str, Floats], member_id: str) -> None:
        self._group = twin_groups(pedigree)
        for one in (*seen, member_id):
            if one not in self._group:
                raise NotFound(f"family {pedigree.family_id} has no member {one}")
        self.informed = informative(pedigree, dict.fromkeys(seen, _SEEN), member_id)
        kept = {self._group[one] for one in (*seen, member_id)}
        parents, self._inbreeding = _parents(pedigree, self._group)
        self._parents = _with_descendants(parents, kept)
        self.target = self._group[member_id]
        self.founders = sum(of is None for of in self._parents.values())
        self._order, self.width = _order(self._parents, self.target)
        if self.width > _WIDEST:
            raise TooLarge(
                f"family {pedigree.family_id}: {self.width} people are tied together by loops, above {_WIDEST}; leave "
                "out the untyped relatives through whom a loop closes"
            )

    def tables(
        self, seen: Mapping[str, Floats], part: slice, nodes: Floats, weights: Floats, mutation: float
    ) -> tuple[Floats, Floats, Floats]:
        """(3, n) of the member, (3, n) of someone unrelated, and (n,) natural log of P(seen)."""
        evidence, log_scale = self._evidence(seen, part)
        sums = []
        for p, weight in zip(nodes, weights, strict=True):
            joint, log_joint = self._joint(evidence, p, mutation)
            sums.append((joint, joint.sum(axis=0) * hardy_weinberg(p), log_joint, weight))
        greatest = np.max([log_joint for _, _, log_joint, _ in sums], axis=0)
        scaled = [(one, other, weight * np.exp(log_joint - greatest)) for one, other, log_joint, weight in sums]
        member = sum((one * factor for one, _, factor in scaled), np.zeros_like(sums[0][0]))
        unrelated = sum((other * factor for _, other, factor in scaled), np.zeros_like(member))
        whole = member.sum(axis=0)
        possible = whole > 0
        population = sum(weight * hardy_weinberg(p) for p, weight in zip(nodes, weights, strict=True))
        divisor = np.where(possible, whole, 1.0)
        with np.errstate(divide="ignore"):
            log_likelihood = np.log(whole) + greatest + log_scale
        return (
            np.where(possible, member / divisor, population),
            np.where(possible, unrelated / divisor, population),
            np.where(possible, log_likelihood, -np.inf),
        )

    def _evidence(self, seen: Mapping[str, Floats], part: slice) -> tuple[dict[str, Floats], Floats]:
        """Person -> (3, n) likelihoods with 1 as the greatest, and (n,) natural log of what they were divided by."""
        together: dict[str, Floats] = {}
        for member_id, log_likelihood in seen.items():
            person = self._group[member_id]
            together[person] = log_likelihood[part] + together.get(person, 0.0)
        scaled, log_scale = {}, np.zeros(len(range(*part.indices(len(next(iter(seen.values()))))))) if seen else 0.0
        for person, log_likelihood in together.items():
            greatest = log_likelihood.max(axis=1)
            greatest = np.where(np.isfinite(greatest), greatest, 0.0)  # twins who exclude each other: all zero
            scaled[person] = np.exp(log_likelihood - greatest[:, None]).T
            log_scale = log_scale + greatest
        return scaled, np.asarray(log_scale)

    def _joint(self, evidence: Mapping[str, Floats], p: Floats, mutation: float) -> tuple[Floats, Floats]:
        """(3, n) P(genotype of the member, seen) as scaled, and (n,) natural log of the scale."""
        inherited = _inherited(mutation)[..., None]
        of_twins = np.einsum("aacn->acn", inherited)  # father and mother are identical twins, as no rule forbids
        factors: list[_Factor] = []
        for person, of in self._parents.items():
            if of is None:
                factors.append(((person,), hardy_weinberg(p, self._inbreeding.get(person, 0.0))))
            elif of[0] == of[1]:
                factors.append(((of[0], person), of_twins))
            else:
                factors.append(((*of, person), inherited))
        factors += [((person,), values) for person, values in evidence.items()]
        log_scale = np.zeros(len(p))
        for person in self._order:
            tied = [factor for factor in factors if person in factor[0]]
            factors = [factor for factor in factors if person not in factor[0]]
            scope, values = _summed(reduce(_product, tied), person)
            greatest = values.max(axis=tuple(range(values.ndim - 1)))
            divisor = np.where(greatest > 0, greatest, 1.0)
            factors.append((scope, values / divisor))
            log_scale = log_scale + np.log(divisor)
        _, table = reduce(_product, sorted(factors, key=lambda factor: -len(factor[0])))
        return np.asarray(table), log_scale


_Factor = tuple[tuple[str, ...], Floats]
"""Who, and a table with one axis of three for each of them and a last axis of SNPs (one long where all are alike)."""


def _inherited(mutation: float) -> Floats:
    """(3, 3, 3) P(child's genotype | father's, mother's): the last axis is the child."""
    passed = np.array([0.0, 0.5, 1.0]) * (1 - 2 * mutation) + mutation
    father, mother = passed[:, None], passed[None, :]
    return np.stack(
        [(1 - father) * (1 - mother), father * (1 - mother) + (1 - father) * mother, father * mother], axis=-1
    )


def _product(one: _Factor, other: _Factor) -> _Factor:
    scope = (*one[0], *(person for person in other[0] if person not in one[0]))
    return scope, _spread(one, scope) * _spread(other, scope)


def _spread(factor: _Factor, scope: Sequence[str]) -> Floats:
    """The table with an axis for each person of a wider scope, one long for those it does not know."""
    own, values = factor
    order = sorted(range(len(own)), key=lambda axis: scope.index(own[axis]))
    shape = [3 if person in own else 1 for person in scope]
    return np.asarray(values.transpose(*order, len(own)).reshape(*shape, values.shape[-1]))


def _summed(factor: _Factor, person: str) -> _Factor:
    scope, values = factor
    return tuple(one for one in scope if one != person), np.asarray(values.sum(axis=scope.index(person)))


_Parents = dict[str, tuple[str, str] | None]


def _parents(pedigree: Pedigree, group: Mapping[str, str]) -> tuple[_Parents, dict[str, float]]:
    """Person -> parents, None for a founder; and the inbreeding of founders who have any."""
    parents: _Parents = {}
    for member in pedigree.members:
        person = group[member.member_id]
        if person in parents:
            continue
        if not (member.father_id or member.mother_id):
            parents[person] = None
            continue
        pair = []
        for word, parent in (("father", member.father_id), ("mother", member.mother_id)):
            pair.append(group[parent] if parent else f"{person} unknown {word}")
            if not parent:
                parents[pair[-1]] = None
        parents[person] = (pair[0], pair[1])
    founders = [member for member in pedigree.members if parents[group[member.member_id]] is None]
    return parents, {group[one.member_id]: one.inbreeding for one in founders if one.inbreeding}


def _with_descendants(parents: _Parents, kept: set[str]) -> _Parents:
    """Those who are kept, and their ancestors: the others sum to one."""
    needed, waiting = set(kept), list(kept)
    while waiting:
        above = set(parents[waiting.pop()] or ()) - needed
        needed |= above
        waiting += above
    return {person: of for person, of in parents.items() if person in needed}


def _order(parents: _Parents, target: str) -> tuple[tuple[str, ...], int]:
    """In which order people are summed out, the smallest table first, and how many the largest table holds."""
    near: dict[str, set[str]] = {person: {person} for person in parents}
    for person, of in parents.items():
        tied = {person, *(of or ())}
        for one in tied:
            near[one] |= tied
    order: list[str] = []
    width = 1
    while len(near) > 1:
        person = min((one for one in near if one != target), key=lambda one: (len(near[one]), one))
        tied = near.pop(person)
        width = max(width, len(tied))
        for one in tied - {person}:
            near[one] = (near[one] | tied) - {person}
        order.append(person)
    return tuple(order), width
