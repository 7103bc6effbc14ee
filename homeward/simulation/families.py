"""Who is related to whom: families with the missing in them, and who of them gave a sample.

All families stand in one flat :class:`Kinship`, so that alleles can be handed down to everyone
of a generation at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from homeward.programme import Sex
from homeward.simulation.scenario import FamilyType, Scenario

NOBODY = -1

Indices = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Kinship:
    """Members of all families.

    Lists have one entry per member. Parents are of an earlier ``generation`` than their children;
    ``father`` and ``mother`` are members or ``NOBODY`` (a founder, or a parent whom the family does not
    name); ``person`` is the missing person's number or ``NOBODY``.
    """

    family: list[int] = field(default_factory=list)
    father: list[int] = field(default_factory=list)
    mother: list[int] = field(default_factory=list)
    generation: list[int] = field(default_factory=list)
    sex: list[Sex] = field(default_factory=list)
    typed: list[bool] = field(default_factory=list)
    person: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.family)

    def add(
        self,
        family: int,
        sex: Sex,
        *,
        father: int = NOBODY,
        mother: int = NOBODY,
        typed: bool = False,
        person: int = NOBODY,
    ) -> int:
        """Add a member and give the member's number."""
        parents = [self.generation[parent] for parent in (father, mother) if parent != NOBODY]
        self.family.append(family)
        self.father.append(father)
        self.mother.append(mother)
        self.generation.append(1 + max(parents, default=-1))
        self.sex.append(sex)
        self.typed.append(typed)
        self.person.append(person)
        return len(self.family) - 1


def apportion(total: int, shares: Sequence[float]) -> list[int]:
    """Divide a number by shares: largest remainders, the first among equals.

    >>> apportion(10, [0.5, 0.26, 0.24])
    [5, 3, 2]
    """
    whole = sum(shares)
    exact = [total * share / whole for share in shares]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(shares)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def family_types(scenario: Scenario, rng: np.random.Generator) -> list[FamilyType]:
    """One type for each family, in random order, so that together they miss as many as the scenario says."""
    types = scenario.families
    average = sum(family.share * family.missing for family in types)
    counts = apportion(round(scenario.persons / average), [family.share for family in types])
    singles = max(
        (i for i, family in enumerate(types) if family.missing == 1), key=lambda i: types[i].share
    )  # the commonest type takes what rounding leaves over
    counts[singles] += scenario.persons - sum(
        count * family.missing for count, family in zip(counts, types, strict=True)
    )
    ordered = [family for family, count in zip(types, counts, strict=True) for _ in range(count)]
    return [ordered[i] for i in rng.permutation(len(ordered))]


def kinship(types: Sequence[FamilyType], rng: np.random.Generator) -> Kinship:
    """Invent the families: persons are numbered through, brothers of one family next to each other."""
    kin = Kinship()
    person = 0
    for family, kind in enumerate(types):
        _family(kin, family, kind, person, rng)
        person += kind.missing
    return kin


def _family(kin: Kinship, family: int, kind: FamilyType, person: int, rng: np.random.Generator) -> None:
    if kind.missing == 1 and not kind.relatives:  # nobody is known of, so there is no pedigree to write
        kin.add(family, Sex.MALE, person=person)
        return
    relatives = dict(kind.relatives)
    father = kin.add(family, Sex.MALE, typed="father" in relatives)
    mother = kin.add(family, Sex.FEMALE, typed="mother" in relatives)
    missing = kin.add(family, Sex.MALE, father=father, mother=mother, person=person, typed="direct" in relatives)
    for brother in range(1, kind.missing):
        kin.add(family, Sex.MALE, father=father, mother=mother, person=person + brother)
    wife = kin.add(family, Sex.FEMALE, typed="wife" in relatives) if {"wife", "child"} & set(relatives) else NOBODY

    def sibling() -> int:
        return kin.add(family, _sex(rng), father=father, mother=mother)

    def children(parent: int, count: int) -> None:
        """Typed children of one parent; the other parent is named only where two children share it."""
        is_father = kin.sex[parent] is Sex.MALE
        other = kin.add(family, Sex.FEMALE if is_father else Sex.MALE) if count > 1 else NOBODY
        for _ in range(count):
            pair = (parent, other) if is_father else (other, parent)
            kin.add(family, _sex(rng), father=pair[0], mother=pair[1], typed=True)

    for relative, count in kind.relatives:
        for _ in range(count):
            match relative:
                case "sibling":
                    kin.add(family, _sex(rng), father=father, mother=mother, typed=True)
                case "half_sibling":
                    children(father if rng.random() < 0.5 else mother, 1)
                case "child":
                    kin.add(family, _sex(rng), father=missing, mother=wife, typed=True)
                case "nibling":
                    children(sibling(), 1)
                case "nibling_pair":
                    children(sibling(), 2)
                case "grand_nibling":
                    nibling = _child(kin, family, sibling(), rng)
                    children(nibling, 1)
                case "cousin" | "cousin_pair":
                    children(_uncle_or_aunt(kin, family, father, mother, rng), 1 if relative == "cousin" else 2)


def _sex(rng: np.random.Generator) -> Sex:
    return Sex.MALE if rng.random() < 0.5 else Sex.FEMALE


def _child(kin: Kinship, family: int, parent: int, rng: np.random.Generator) -> int:
    if kin.sex[parent] is Sex.MALE:
        return kin.add(family, _sex(rng), father=parent)
    return kin.add(family, _sex(rng), mother=parent)


def _uncle_or_aunt(kin: Kinship, family: int, father: int, mother: int, rng: np.random.Generator) -> int:
    """A brother or sister of one of the parents, with the grandparents that make him or her one."""
    parent = father if rng.random() < 0.5 else mother
    if kin.father[parent] == NOBODY:
        _insert_parents(kin, family, parent)
    return kin.add(family, _sex(rng), father=kin.father[parent], mother=kin.mother[parent])


def _insert_parents(kin: Kinship, family: int, member: int) -> None:
    """Name the parents of a founder, and move his or her descendants down a generation."""
    kin.father[member] = kin.add(family, Sex.MALE)
    kin.mother[member] = kin.add(family, Sex.FEMALE)
    for later in range(member, len(kin)):
        parents = [kin.generation[p] for p in (kin.father[later], kin.mother[later]) if p != NOBODY]
        kin.generation[later] = 1 + max(parents, default=-1)
