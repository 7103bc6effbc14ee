"""Who shares a line: mtDNA comes from the mother alone, the Y chromosome from the father alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from homeward.programme import LineageKind, Member, Pedigree, Sex


@dataclass(frozen=True)
class Line:
    """Everyone of a family who descends from one woman through mothers, or from one man through fathers.

    Identical twins are one person here: no meiosis lies between them.

    Parameters
    ----------
    kind : which line
    family_id : the family
    parents : person -> the parent on the line, "" for the head; of twins the first stands for both
    stands_for : member_id -> the person above who stands for him
    """

    kind: LineageKind
    family_id: str
    parents: Mapping[str, str]
    stands_for: Mapping[str, str]

    @property
    def members(self) -> tuple[str, ...]:
        return tuple(self.stands_for)

    @cached_property
    def head(self) -> str:
        return next(person for person, parent in self.parents.items() if not parent)

    def ancestry(self, member_id: str) -> list[str]:
        """The person who stands for a member, his parent on the line, and so on to the head."""
        chain = [self.stands_for[member_id]]
        while self.parents[chain[-1]]:
            chain.append(self.parents[chain[-1]])
        return chain

    def meioses(self, one: str, other: str) -> int:
        """Meioses on the line between two members: 1 for parent and child, 2 for sibs, 0 for identical twins."""
        a, b = self.ancestry(one), self.ancestry(other)
        common = len(set(a) & set(b))
        return len(a) + len(b) - 2 * common


def maternal_line(pedigree: Pedigree, member_id: str) -> dict[str, int]:
    """Everyone else with the same mtDNA but for mutation, and the number of meioses between.

    Returns
    -------
    member_id -> meioses: his mother 1, his mother's child 2, his mother's mother 2, her sister's child 4.

    Raises
    ------
    Nonsense
        If the family has no such member.

    Examples
    --------
    >>> family = Pedigree(family_id="F", members=(Member(family_id="F", member_id="mother", sex=Sex.FEMALE),
    ...     Member(family_id="F", member_id="son", mother_id="mother"),
    ...     Member(family_id="F", member_id="daughter", mother_id="mother")))
    >>> maternal_line(family, "son")
    {'mother': 1, 'daughter': 2}
    """
    return _others(line_of(pedigree, member_id, LineageKind.MITOCHONDRIAL), member_id)


def paternal_line(pedigree: Pedigree, member_id: str) -> dict[str, int]:
    """Every other man with the same Y chromosome but for mutation, and the number of meioses between.

    Nobody for a woman. Whoever's sex is not stated counts as a man, as he must be if his Y was typed.
    """
    return _others(line_of(pedigree, member_id, LineageKind.Y), member_id)


def _others(line: Line | None, member_id: str) -> dict[str, int]:
    if line is None:
        return {}
    return {other: line.meioses(member_id, other) for other in line.members if other != member_id}


def line_of(pedigree: Pedigree, member_id: str, kind: LineageKind) -> Line | None:
    """The line that a member is on; None for a woman asked about the Y chromosome."""
    member = pedigree.member(member_id)
    if kind is LineageKind.Y and member.sex is Sex.FEMALE:
        return None
    return next(line for line in lines(pedigree, kind) if member_id in line.stands_for)


def lines(pedigree: Pedigree, kind: LineageKind) -> list[Line]:
    """Every line of a family, in the order of its members; everyone who can carry it is on exactly one."""
    carriers = [m for m in pedigree.members if kind is LineageKind.MITOCHONDRIAL or m.sex is not Sex.FEMALE]
    stands_for = _twins(carriers)
    parents = {stands_for[m.member_id]: "" for m in carriers}
    for member in carriers:
        parent = member.mother_id if kind is LineageKind.MITOCHONDRIAL else member.father_id
        if parent:
            parents[stands_for[member.member_id]] = stands_for[parent]
    found: dict[str, dict[str, str]] = {}
    for member in carriers:
        head = stands_for[member.member_id]
        while parents[head]:
            head = parents[head]
        found.setdefault(head, {})[member.member_id] = stands_for[member.member_id]
    return [
        Line(kind, pedigree.family_id, {one: parents[one] for one in dict.fromkeys(of.values())}, of)
        for of in found.values()
    ]


def _twins(members: Iterable[Member]) -> dict[str, str]:
    """member_id -> the first of his identical twins, himself included."""
    first: dict[str, str] = {}

    def find(name: str) -> str:
        while first.setdefault(name, name) != name:
            name = first[name]
        return name

    told = list(members)
    order = {member.member_id: place for place, member in enumerate(told)}
    for member in told:
        if member.twin_of in order:
            one, other = sorted((find(member.member_id), find(member.twin_of)), key=order.__getitem__)
            first[other] = one
    return {member.member_id: find(member.member_id) for member in told}
