"""Families: members, pedigrees and what is wrong with one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from homeward.errors import Nonsense
from homeward.programme.basis import NOTHING, Absent, Sex


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a family. Both parents empty: a founder. One empty: that parent is an own unknown founder."""

    family_id: str
    member_id: str
    father_id: str = ""
    mother_id: str = ""
    sex: Sex = Sex.UNKNOWN
    population: str = ""
    person_id: str = ""  # if this is one of the missing
    twin_of: str = ""  # the identical twin's member_id
    inbreeding: float | None = None  # of a founder: the chance that both alleles are one ancestor's
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)  # column -> why it is empty
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class PedigreeFault:
    """What makes a pedigree impossible: which member, which column, what stood there, and why."""

    member_id: str
    column: str
    value: str
    reason: str


def pedigree_faults(members: Sequence[Member]) -> list[PedigreeFault]:
    """Every reason why these members cannot be one family: unknown or wrong-sexed parents, cycles, odd twins."""
    by_id = {member.member_id: member for member in members}
    faults = (
        [
            PedigreeFault(member.member_id, "member_id", member.member_id, "occurs twice in the pedigree")
            for index, member in enumerate(members)
            if any(other.member_id == member.member_id for other in members[:index])
        ]
        if len(by_id) < len(members)
        else []
    )
    for member in members:
        for column, parent_id, wrong, word in (
            ("father_id", member.father_id, Sex.FEMALE, "a woman cannot be the father"),
            ("mother_id", member.mother_id, Sex.MALE, "a man cannot be the mother"),
        ):
            if not parent_id:
                continue
            if parent_id not in by_id:
                faults.append(PedigreeFault(member.member_id, column, parent_id, "is not a member of this family"))
            elif by_id[parent_id].sex is wrong:
                faults.append(PedigreeFault(member.member_id, column, parent_id, word))
        if member.inbreeding and (member.father_id or member.mother_id):
            value = f"{member.inbreeding:g}"
            reason = "is of a founder, whose parents are not known; of others it follows from the pedigree"
            faults.append(PedigreeFault(member.member_id, "inbreeding", value, reason))
        if member.father_id and member.father_id == member.mother_id:
            faults.append(PedigreeFault(member.member_id, "mother_id", member.mother_id, "is also the father"))
        if member.twin_of:
            faults += _twin_faults(member, by_id)
    faults += [
        PedigreeFault(member_id, "member_id", member_id, "is his or her own ancestor")
        for member_id in _own_ancestors(by_id)
    ]
    return faults


def _twin_faults(member: Member, by_id: Mapping[str, Member]) -> list[PedigreeFault]:
    twin = by_id.get(member.twin_of)
    if twin is None:
        return [PedigreeFault(member.member_id, "twin_of", member.twin_of, "is not a member of this family")]
    if twin is member:
        return [PedigreeFault(member.member_id, "twin_of", member.twin_of, "is the same person")]
    if member.sex.contradicts(twin.sex):
        return [PedigreeFault(member.member_id, "twin_of", member.twin_of, "identical twins have one sex")]
    if (member.father_id, member.mother_id) != (twin.father_id, twin.mother_id):
        return [PedigreeFault(member.member_id, "twin_of", member.twin_of, "identical twins have the same parents")]
    return []


def _own_ancestors(by_id: Mapping[str, Member]) -> list[str]:
    """Members on a cycle of parenthood, found by peeling off whoever has no unpeeled parent."""
    children: dict[str, list[str]] = {}
    parents_left = dict.fromkeys(by_id, 0)
    for member_id, member in by_id.items():
        for parent in {member.father_id, member.mother_id} & by_id.keys():
            children.setdefault(parent, []).append(member_id)
            parents_left[member_id] += 1
    peeled = [member_id for member_id, count in parents_left.items() if not count]
    for member_id in peeled:  # grows while it is walked
        for child in children.get(member_id, ()):
            parents_left[child] -= 1
            if not parents_left[child]:
                peeled.append(child)
    waiting = [member_id for member_id, count in parents_left.items() if count]
    return [member_id for member_id in waiting if _reaches_itself(member_id, by_id)]


def _reaches_itself(start: str, by_id: Mapping[str, Member]) -> bool:
    seen: set[str] = set()
    stack = [start]
    while stack:
        member = by_id[stack.pop()]
        for parent in (member.father_id, member.mother_id):
            if parent == start:
                return True
            if parent in by_id and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pedigree:
    """A family: who descends from whom, and which of them are missing."""

    family_id: str
    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        for fault in pedigree_faults(self.members):
            raise Nonsense(f"family {self.family_id}, {fault.member_id}, {fault.column} {fault.value}: {fault.reason}")

    @property
    def missing(self) -> tuple[Member, ...]:
        """The members who are among the missing, in the pedigree's order."""
        return tuple(member for member in self.members if member.person_id)

    def member(self, member_id: str) -> Member:
        for member in self.members:
            if member.member_id == member_id:
                return member
        raise Nonsense(f"family {self.family_id} has no member {member_id}")
