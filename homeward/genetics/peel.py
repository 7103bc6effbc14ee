"""In what order a family is summed out, so that the genotype of one member remains.

A family without loops is a tree of people and couples. Rooted at the member who is asked about,
it is summed from the leaves inward: each step takes one couple and sums over all of it but the one
person through whom the rest of the family is reached. The order depends only on who descends from
whom and who was typed, so families of one shape share one :class:`Plan`, which the compiled peel
(``_compiled.py``) follows for every marker.

Method: Elston and Stewart 1971 (Human Heredity 21:523-542), extended to any start as by Cannings,
Thompson and Skolnick 1978 (Advances in Applied Probability 10:26-61).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.programme import Pedigree

Integers = npt.NDArray[np.int64]

TO_FATHER, TO_MOTHER, TO_CHILD, CLOSE = range(4)
NOBODY = -1  # a parent who was pruned: his gamete is an allele of the population


class Shape(NamedTuple):
    """Who descends from whom, as positions in the pedigree; -1 where nobody is stated."""

    fathers: tuple[int, ...]
    mothers: tuple[int, ...]
    twins: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """The steps that leave one member's genotype.

    Parameters
    ----------
    node_of : per member of the pedigree, the node that carries his genotype (twins share one);
        -1 if he was summed out beforehand because nothing depends on him
    founder : (node,) 1 if the node has no parents
    couples : (couple, 4) father, mother (a node or NOBODY), first and last + 1 of ``children``
    children : nodes
    steps : (step, 3) what (TO_FATHER, TO_MOTHER, TO_CHILD, CLOSE), couple, and the node that receives;
        CLOSE sums a part of the family that is not connected to the member
    target : the member's node
    related : (node,) 1 if the node shares an ancestor with the target; a call of anyone else alone
        says nothing about him
    """

    node_of: tuple[int, ...]
    founder: Integers
    couples: Integers
    children: Integers
    steps: Integers
    target: int
    related: Integers

    @property
    def nodes(self) -> int:
        return len(self.founder)


def shape(pedigree: Pedigree) -> Shape:
    """The pedigree without its names."""
    position = {member.member_id: index for index, member in enumerate(pedigree.members)}
    position[""] = -1
    return Shape(
        tuple([position[member.father_id] for member in pedigree.members]),
        tuple([position[member.mother_id] for member in pedigree.members]),
        tuple([position[member.twin_of] for member in pedigree.members]),
    )


@lru_cache(maxsize=65_536)
def plan(family: Shape, typed: tuple[bool, ...], target: int, prune: bool) -> Plan | None:
    """The order of summation for one member, or None if the family has a loop.

    Parameters
    ----------
    family : who descends from whom
    typed : per member, whether anything was observed of him
    target : position of the member whose genotype is asked for
    prune : whether untyped people who connect nobody are left out, as Familias does, so that a
        child's allele from such a parent is drawn from the population without a mutation.
        Otherwise they are summed over.
    """
    people = _People(family, typed, target)
    people.drop_barren()
    if prune:
        people.prune()
    return people.plan()


class _People:
    """Nodes (twins merged, an unknown parent added where only one is stated) while they are thinned out."""

    def __init__(self, family: Shape, typed: tuple[bool, ...], target: int) -> None:
        self.node_of = _merge_twins(family.twins)
        count = len(self.node_of)
        self.parents: dict[int, tuple[int, int]] = {}
        self.typed: set[int] = set()
        for member, node in enumerate(self.node_of):
            if typed[member]:
                self.typed.add(node)
            if node != member:
                continue
            father, mother = family.fathers[member], family.mothers[member]
            if father < 0 and mother < 0:
                self.parents[node] = (NOBODY, NOBODY)
                continue
            pair = []
            for parent in (father, mother):
                if parent < 0:
                    self.parents[count] = (NOBODY, NOBODY)
                    pair.append(count)
                    count += 1
                else:
                    pair.append(self.node_of[parent])
            self.parents[node] = (pair[0], pair[1])
        self.target = self.node_of[target]
        self.above = {node: self._ancestors(node) for node in self.parents}
        self.own = self.above[self.target]
        self.kept = self.typed | {self.target}

    def _ancestors(self, node: int) -> set[int]:
        """The node and all its ancestors."""
        found, waiting = {node}, [node]
        while waiting:
            new = {parent for parent in self.parents[waiting.pop()] if parent != NOBODY} - found
            found |= new
            waiting += new
        return found

    def drop_barren(self) -> None:
        """Leave out the untyped without descendants: they sum to one."""
        while barren := self.parents.keys() - self.kept - self._having_children().keys():
            for node in barren:
                del self.parents[node]

    def prune(self) -> None:
        """Leave out untyped founders with a single child, who connect nobody."""
        while True:
            children = self._having_children()
            single = [
                node
                for node, pair in self.parents.items()
                if node not in self.kept and pair == (NOBODY, NOBODY) and len(children.get(node, ())) <= 1
            ]
            if not single:
                return
            for node in single:
                del self.parents[node]
                for child in children.get(node, ()):
                    father, mother = self.parents[child]
                    self.parents[child] = (
                        NOBODY if father == node else father,
                        NOBODY if mother == node else mother,
                    )

    def _having_children(self) -> dict[int, list[int]]:
        children: dict[int, list[int]] = {}
        for node, pair in self.parents.items():
            for parent in pair:
                if parent != NOBODY:
                    children.setdefault(parent, []).append(node)
        return children

    def plan(self) -> Plan | None:
        order = sorted(self.parents)
        number = {node: index for index, node in enumerate(order)}
        number[NOBODY] = NOBODY
        couples: dict[tuple[int, int, int], list[int]] = {}
        for node in order:
            father, mother = self.parents[node]
            if (father, mother) != (NOBODY, NOBODY):
                # where one parent was pruned, each child is a couple's only child
                alone = node if NOBODY in (father, mother) else NOBODY
                couples.setdefault((father, mother, alone), []).append(node)
        sets = [
            (number[father], number[mother], [number[child] for child in children])
            for (father, mother, _), children in couples.items()
        ]
        return _rooted(
            tuple(number.get(node, -1) for node in self.node_of),
            np.array([self.parents[node] == (NOBODY, NOBODY) for node in order], dtype=np.int64),
            sets,
            number[self.target],
            np.array([not self.own.isdisjoint(self.above[node]) for node in order], dtype=np.int64),
            {number[node] for node in self.typed},
        )


def _merge_twins(twins: tuple[int, ...]) -> list[int]:
    """For each member the first member with the same genotype."""
    first = list(range(len(twins)))

    def root(member: int) -> int:
        while first[member] != member:
            member = first[member]
        return member

    for member, twin in enumerate(twins):
        if twin >= 0:
            one, other = sorted((root(member), root(twin)))
            first[other] = one
    return [root(member) for member in range(len(twins))]


def _rooted(
    node_of: tuple[int, ...],
    founder: Integers,
    couples: list[tuple[int, int, list[int]]],
    target: int,
    related: Integers,
    typed: set[int],
) -> Plan | None:
    """Steps from the leaves to the target; None if the tree of people and couples closes a loop."""
    of_person: list[list[int]] = [[] for _ in founder]
    members_of = []
    for index, (father, mother, children) in enumerate(couples):
        members = [person for person in (father, mother) if person != NOBODY] + children
        members_of.append(members)
        for person in members:
            of_person[person].append(index)

    steps: list[tuple[int, int, int]] = []
    seen: set[int] = set()

    def towards(person: int, came_from: int) -> bool:
        """Add the steps that bring everything beyond ``person`` to him; False at a loop."""
        if person in seen:
            return False
        seen.add(person)
        # from his children first, from his parents last: the last step combines all
        for couple in sorted(of_person[person], key=lambda index: person in couples[index][2]):
            if couple == came_from:
                continue
            if not all(towards(other, couple) for other in members_of[couple] if other != person):
                return False
            father, mother, _ = couples[couple]
            what = TO_FATHER if person == father else TO_MOTHER if person == mother else TO_CHILD
            steps.append((what, couple, person))
        return True

    if not towards(target, -1):
        return None
    for person in range(len(founder)):
        if person in typed and person not in seen:
            if not towards(person, -1):
                return None
            steps.append((CLOSE, 0, person))
    starts = np.cumsum([0, *(len(children) for _, _, children in couples)])
    return Plan(
        node_of=node_of,
        founder=founder,
        couples=np.array(
            [(father, mother, starts[i], starts[i + 1]) for i, (father, mother, _) in enumerate(couples)],
            dtype=np.int64,
        ).reshape(-1, 4),
        children=np.array([child for _, _, children in couples for child in children], dtype=np.int64),
        steps=np.array(steps, dtype=np.int64).reshape(-1, 3),
        target=target,
        related=related,
    )
