"""Families with several missing: what their joint likelihood adds to the single ones.

Two brothers who are missing inform each other: remains that are the one change what the other
must look like. For two missing the ratio of the joint to the product of the single likelihoods is
an array over pairs of remains, from one set of tables per family. For three or more it is computed
when asked for, marker by marker, and remembered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from homeward.genetics.family import Family
from homeward.genetics.likelihood import sexes, twin_groups
from homeward.genetics.locus import Loci, Locus
from homeward.genetics.observation import UNTYPED, Observation, exact_genotype, observation_row
from homeward.genetics.peel import plan, shape
from homeward.genetics.scoring import Seen
from homeward.genetics.tables import (
    Engine,
    FamilyCalls,
    engine_for,
    genotypes_of,
    log_lr_of_call,
    log_probability_of_call,
)
from homeward.identification.joint import Coupling, Floats, Holder
from homeward.identification.together import Together
from homeward.programme import Member, Sex
from homeward.progress import Tick, silent

if TYPE_CHECKING:
    from homeward.identification.problem import Problem

NEGLIGIBLE = 1e-10  # a log ratio as small as rounding: the likelihood factorises
MANY = 8  # joint likelihoods worth loading the compiled peel for


def couplings_of(problem: Problem, *, tick: Tick = silent) -> tuple[Coupling, ...]:
    """The families of a problem whose likelihood does not factorise over their missing."""
    scores = problem.scores
    assert scores is not None
    person_of = {int(slot): k for k, slot in enumerate(problem.slot_of) if slot >= 0}
    members: dict[int, list[tuple[int, str]]] = {}
    for k, slot in enumerate(scores.slots):
        if slot.family not in scores.set_aside and k in person_of:
            members.setdefault(slot.family, []).append((person_of[k], slot.member_id))
    several = {index: held for index, held in members.items() if len(held) > 1}
    calls = [one.calls for one in problem.individuals]
    engine = engine_for(len(several) * 30, max((len(loci) for loci in problem.loci.values()), default=0))
    populations = {id(family.loci): family.loci for family in problem.families if not coupled(family)}
    seen = {key: Seen(loci, calls) for key, loci in populations.items()}
    observed = {(key, male): _observed_calls(of, male) for key, of in seen.items() for male in (False, True)}
    known: dict[tuple[object, ...], Floats] = {}
    found = []
    for done, (index, held) in enumerate(sorted(several.items())):
        tick("families", done, len(several))
        family = problem.families[index]
        person = {member: column for column, member in held}
        if coupled(family):
            single = problem.log_lr[:, [column for column, _ in held]]
            whole = Together(family, [member for _, member in held], calls, single)
            error = whole.error if family.sampling is not None else None
            found.append(Coupling(slots=tuple(person.values()), log_ratio=whole, error=error))
            continue
        for together in interacting(family, [member for _, member in held]):
            if len(together) == 2:
                first, second = together
                key = _topology(family, first, second) or (index, first, second)
                if key not in known:
                    male = sexes(family.pedigree)[second] is Sex.MALE
                    known[key] = _pair_ratio(
                        family, first, second, seen[id(family.loci)], observed[id(family.loci), male], engine
                    )
                pair = known[key]
                if np.abs(np.where(np.isfinite(pair), pair, 1.0)).max(initial=0.0) > NEGLIGIBLE:
                    found.append(Coupling.of_pair(person[first], person[second], pair))
            elif len(together) > 2:
                ratio = _Several(family, together, calls)
                slots = tuple(person[member] for member in together)
                found.append(Coupling(slots=slots, log_ratio=ratio, row=ratio.row))
    tick("families", len(several), len(several))
    return tuple(found)


def coupled(family: Family) -> bool:
    """Whether the likelihood of a family's missing is not put together from tables of one marker and member."""
    return family.theta > 0 or bool(family.loci.linked)


def interacting(family: Family, members: Sequence[str]) -> list[list[str]]:
    """The missing of a family in groups that are independent of each other given the references.

    Genotypes are independent when every path between them in the moral graph of the pedigree (child
    to parent, parent to parent of a common child) leads through someone typed at every marker (Lauritzen
    and Spiegelhalter 1988). Untyped people without descendants of interest say nothing and are left out.
    With pruned ancestors who is in the pedigree depends on who is assigned, and nothing is split.
    """
    if family.prune:
        return [list(members)]
    group = twin_groups(family.pedigree)
    of_interest = {group[name] for name in [*members, *family.typed]}
    parents: dict[str, set[str]] = {}
    for member in family.pedigree.members:
        stated = {group[parent] for parent in (member.father_id, member.mother_id) if parent}
        parents.setdefault(group[member.member_id], set()).update(stated)
    waiting = list(of_interest)
    while waiting:
        new = parents[waiting.pop()] - of_interest
        of_interest |= new
        waiting += new
    known = {group[name] for name in family.typed if _complete(family, name)}
    joined = {name: name for name in of_interest}

    def first(name: str) -> str:
        while joined[name] != name:
            name = joined[name]
        return name

    for name in of_interest:
        linked = [one for one in (name, *sorted(parents[name])) if one not in known]
        for one in linked[1:]:
            joined[first(one)] = first(linked[0])
    answer: dict[str, list[str]] = {}
    for member_id in members:
        answer.setdefault(first(group[member_id]), []).append(member_id)
    return list(answer.values())


def _complete(family: Family, member_id: str) -> bool:
    calls = family.calls.get(member_id, {})
    return all(exact_genotype(locus, calls.get(locus.marker, UNTYPED)) is not None for locus in family.loci)


def _topology(family: Family, first_id: str, second_id: str) -> tuple[object, ...] | None:
    """What decides the ratio in a family without references: its shape. None where someone is typed."""
    if family.typed:
        return None
    place = {member.member_id: k for k, member in enumerate(family.pedigree.members)}
    shape = tuple(
        (place.get(m.father_id, -1), place.get(m.mother_id, -1), place.get(m.twin_of, -1), _sex(m))
        for m in family.pedigree.members
    )
    return (id(family.loci), family.prune, shape, place[first_id], place[second_id])


def _sex(member: Member) -> str:
    return member.sex.value


def _pair_ratio(
    family: Family, first_id: str, second_id: str, seen: Seen, observed: Sequence[Floats], engine: Engine
) -> Floats:
    """ln P(i as first, j as second) / (P(i as first) P(j as second)), given the references: (remains, remains)."""
    loci = seen.loci
    first_calls: list[list[Observation]] = [[] for _ in loci]
    rows: list[list[int]] = [[] for _ in loci]
    for row, (index, call) in enumerate(seen.calls, start=1):
        first_calls[index].append(call)
        rows[index].append(row)
    tables = family.joint_tables(first_id, second_id, first_calls, engine=engine)
    alone = family.tables(second_id, engine=engine).ratios
    local = np.zeros(len(seen.calls) + 1, dtype=np.intp)
    for of_marker in rows:
        local[of_marker] = np.arange(1, len(of_marker) + 1)
    informed = family.is_informed(second_id)
    total = np.zeros((len(seen.codes),) * 2)
    for index in range(len(loci)):
        ratio = np.zeros((len(rows[index]) + 1,) * 2)
        with np.errstate(divide="ignore", invalid="ignore"):
            joint = np.log(tables[index] @ observed[index].T)
            single = np.log(observed[index] @ alone[index]) if informed else np.zeros(len(observed[index]))
            ratio[1:, 1:] = joint - single[None, :]
        codes = local[seen.codes[:, index]]
        total += np.nan_to_num(ratio, nan=-np.inf, neginf=-np.inf).take(codes, axis=0).take(codes, axis=1)
    return total


def _observed_calls(seen: Seen, male: bool) -> list[Floats]:
    """Per marker, :func:`_observed` of each call among the remains: (call, G)."""
    rows: list[list[Floats]] = [[] for _ in seen.loci]
    for index, call in seen.calls:
        rows[index].append(_observed(seen.loci[index], call, male))
    return [np.array(of).reshape(-1, locus.size) for of, locus in zip(rows, seen.loci, strict=True)]


def _observed(locus: Locus, call: Observation, male: bool) -> Floats:
    """P(genotype | seen as the call) in the population, (G,); zeros where nobody of that sex shows the call."""
    weights = observation_row(locus, call, male=male) * genotypes_of(locus, male=male)
    return np.asarray(weights / (weights.sum() or 1.0))


class _Several:
    """The log ratio of a family with three or more missing, each marker's remembered by what is seen there."""

    def __init__(
        self,
        family: Family,
        members: Sequence[str],
        calls: Sequence[Mapping[str, Observation]],
        *,
        engine: Engine = "auto",
    ) -> None:
        self.family = family
        self.members = tuple(members)
        self.calls = calls
        self.known: dict[Holder, float] = {}
        self.single: dict[tuple[int, int], Floats] = {}
        self.asked = 0
        self.ruled_out: Counter[int] = Counter()
        self.of_marker: dict[tuple[object, ...], float] = {}
        self.at = [
            (locus.marker, replace(family, loci=Loci(population=family.population, by_marker={locus.marker: locus})))
            for locus in family.loci
        ]
        self.references = family.log_likelihoods(engine=engine)
        self.tables = [family.tables(member, engine=engine).ratios for member in members]
        self.informed = [family.is_informed(member) for member in members]
        self.sexes = [sexes(family.pedigree)[member] for member in members]

    def __call__(self, holder: Holder) -> float:
        if sum(r >= 0 for r in holder) < 2:
            return 0.0
        if holder not in self.known:
            self.known[holder] = self._ratio(holder)
        return self.known[holder]

    def _ratio(self, holder: Holder) -> float:
        self.asked += 1
        assigned = {member: self.calls[r] for member, r in zip(self.members, holder, strict=True) if r >= 0}
        if self.asked > MANY and self._peels(assigned):
            joint = self.family.log_likelihoods(assigned, engine="compiled")
        else:
            joint = self._by_marker(assigned, holder)
        if not np.isfinite(joint).all():
            return -math.inf
        expected = self.references.copy()
        for place, r in enumerate(holder):
            if r >= 0:
                expected = expected + self._alone(place, r)
        return float((joint - expected).sum()) if np.isfinite(expected).all() else -math.inf

    def row(self, holder: Holder, place: int) -> Floats:
        """The log ratio with each of the remains at an open place beside the holder, all at once.

        Whoever holds a place is a typed member of the family for the one who comes after.
        """
        if all(r < 0 for r in holder):
            return np.zeros(len(self.calls))
        base = self(holder)
        if base == -math.inf:
            return np.full(len(self.calls), -np.inf)
        held = {member: dict(self.calls[r]) for member, r in zip(self.members, holder, strict=True) if r >= 0}
        beside = replace(self.family, calls={**self.family.calls, **held})
        engine: Engine = "compiled" if self.asked > MANY else "plain"
        tables = beside.tables(self.members[place], engine=engine).ratios
        male, unknown = self.sexes[place] is Sex.MALE, self.sexes[place] is Sex.UNKNOWN
        total = np.full(len(self.calls), base)
        for index, locus in enumerate(self.family.loci):
            if locus.x_linked and unknown:
                continue
            known: dict[Observation, float] = {UNTYPED: 0.0}
            for r, calls in enumerate(self.calls):
                call = calls.get(locus.marker, UNTYPED)
                if call not in known:
                    after = log_lr_of_call(tables[index], locus, call, male=male)
                    own = self.tables[place][index]
                    before = log_lr_of_call(own, locus, call, male=male) if self.informed[place] else 0.0
                    known[call] = after - before if after > -math.inf and before > -math.inf else -math.inf
                total[r] += known[call]
        self.asked += 1
        return total

    def _peels(self, assigned: FamilyCalls) -> bool:
        """Whether the compiled peel takes the family: not if untyped people close a loop."""
        typed = tuple(
            bool(self.family.calls.get(member.member_id)) or bool(assigned.get(member.member_id))
            for member in self.family.pedigree.members
        )
        return plan(shape(self.family.pedigree), typed, 0, self.family.prune) is not None

    def _by_marker(self, assigned: FamilyCalls, holder: Holder) -> Floats:
        """The plain way, marker by marker, remembered by the calls; it ends at the first that is impossible.

        Those that ruled out most so far come first.
        """
        joint = np.full(len(self.at), -np.inf)
        for index in sorted(range(len(self.at)), key=lambda k: (-self.ruled_out[k], k)):
            marker, family = self.at[index]
            seen = (index, *(self.calls[r].get(marker) if r >= 0 else None for r in holder))
            if seen not in self.of_marker:
                self.of_marker[seen] = family.log_likelihood(assigned, engine="plain")
            joint[index] = self.of_marker[seen]
            if joint[index] == -np.inf:
                self.ruled_out[index] += 1
                break
        return joint

    def _alone(self, place: int, r: int) -> Floats:
        """ln P(calls of r as the member | references), marker by marker."""
        if (place, r) not in self.single:
            logs = []
            for index, locus in enumerate(self.family.loci):
                call = self.calls[r].get(locus.marker)
                if call is None:
                    logs.append(0.0)
                    continue
                table, sex = self.tables[place][index], self.sexes[place]
                if locus.x_linked and sex is Sex.UNKNOWN:
                    logs.append(0.0)
                    continue
                male = sex is Sex.MALE
                own = log_lr_of_call(table, locus, call, male=male) if self.informed[place] else 0.0
                logs.append(log_probability_of_call(locus, call, male=male) + own)
            self.single[place, r] = np.array(logs)
        return self.single[place, r]
