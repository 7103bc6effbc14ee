"""Families and loci for the tests of genetics, and a third witness: enumeration of everything."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from homeward.genetics.likelihood import sexes
from homeward.genetics.locus import Locus, with_silent
from homeward.genetics.mutation import mutation_matrix
from homeward.genetics.observation import (
    UNTYPED,
    ErrorModel,
    Observation,
    Observed,
    observation_matrix,
    observed,
    together,
)
from homeward.programme import NOT_OBSERVED, SILENT, Call, Member, MutationKind, Pedigree, Sex, Transform


def family(text: str, *, missing: Mapping[str, str] | None = None) -> Pedigree:
    """A pedigree from "child: father mother; ..." ("-" for a parent who is not stated, "child = twin" for twins)."""
    rows: dict[str, tuple[str, str, str]] = {}
    for statement in text.split(";"):
        if "=" in statement:
            person, twin = (word.strip() for word in statement.split("="))
            rows[person] = (*rows[twin][:2], twin)
            continue
        person, _, parents = statement.partition(":")
        father, mother = parents.split() or ("-", "-")
        rows[person.strip()] = (father.replace("-", ""), mother.replace("-", ""), "")
    named = {parent for father, mother, _ in rows.values() for parent in (father, mother) if parent}
    founders = dict.fromkeys(sorted(named - rows.keys()), ("", "", ""))
    return Pedigree(
        family_id="F",
        members=tuple(
            Member(
                family_id="F",
                member_id=person,
                father_id=father,
                mother_id=mother,
                twin_of=twin,
                person_id=(missing or {}).get(person, ""),
            )
            for person, (father, mother, twin) in {**founders, **rows}.items()
        ),
    )


def calls(**typed: str) -> dict[str, Call]:
    """Calls of one marker: calls(mother="8/9", child="9/?")."""
    found: dict[str, Call] = {}
    for person, text in typed.items():
        first, second = text.split("/")
        found[person] = (first, second)
    return found


def locus(
    frequencies: Mapping[str, float],
    model: MutationKind = MutationKind.NONE,
    *,
    female: float = 0.0,
    male: float = 0.0,
    transform: Transform = Transform.NONE,
    marker: str = "L",
) -> Locus:
    """A locus; the range of stepwise models is 0.3 and their rate2 a tenth of the rate."""
    alleles, p = tuple(frequencies), np.array(list(frequencies.values()))
    matrices = [
        None
        if model is MutationKind.NONE
        else mutation_matrix(model, alleles, p, rate=rate, rate2=rate / 10, range=0.3, transform=transform)
        for rate in (female, male)
    ]
    return Locus(marker=marker, alleles=alleles, frequencies=p, female=matrices[0], male=matrices[1])


def enumerated(pedigree: Pedigree, at: Locus, seen: Mapping[str, Observation]) -> float:
    """P(calls) by going through every pair of alleles of every person, parents before children.

    An unstated parent beside a stated one is an own founder; twins have one pair. At a marker of the X
    chromosome a man has the pair (a, a) of his mother's one allele.
    """
    total = 0.0
    for state, probability in _states(in_order(pedigree), 0, {}, at, seen, sexes(pedigree)):
        assert state
        total += probability
    return total


def in_order(pedigree: Pedigree) -> list[Member]:
    placed: list[Member] = []
    waiting = list(pedigree.members)
    while waiting:
        known = {member.member_id for member in placed} | {""}
        ready = next(m for m in waiting if {m.father_id, m.mother_id, m.twin_of} <= known)
        placed.append(ready)
        waiting.remove(ready)
    return placed


def _states(
    members: Sequence[Member],
    place: int,
    state: dict[str, tuple[int, int]],
    at: Locus,
    observed: Mapping[str, Observation],
    sexes: Mapping[str, Sex],
) -> Iterator[tuple[dict[str, tuple[int, int]], float]]:
    if place == len(members):
        yield state, 1.0
        return
    member = members[place]
    for pair in itertools.product(range(len(at.alleles)), repeat=2):
        man = at.x_linked and sexes[member.member_id] is Sex.MALE
        shown = _shown(at, pair, observed.get(member.member_id), man)
        if shown == 0:
            continue
        if member.twin_of:
            chance = float(pair == state[member.twin_of])
        elif man:
            founder = not (member.father_id or member.mother_id)
            chance = float(pair[0] == pair[1])
            chance *= _received(at, pair[1], state.get(member.mother_id), at.female, founder)
        else:
            founder = not (member.father_id or member.mother_id)
            chance = _received(at, pair[0], state.get(member.father_id), at.male, founder)
            chance *= _received(at, pair[1], state.get(member.mother_id), at.female, founder)
        if chance == 0:
            continue
        for whole, rest in _states(members, place + 1, {**state, member.member_id: pair}, at, observed, sexes):
            yield whole, shown * chance * rest


def _received(
    at: Locus, allele: int, parent: tuple[int, int] | None, matrix: np.ndarray | None, founder: bool
) -> float:
    mutation = np.eye(len(at.alleles)) if matrix is None else matrix
    if parent is not None:
        return float(mutation[parent[0], allele] + mutation[parent[1], allele]) / 2
    if founder:
        return float(at.frequencies[allele])
    return float(at.frequencies @ mutation[:, allele])


def _shown(at: Locus, pair: tuple[int, int], call: Observation | None, one: bool = False) -> float:
    """The probability that these alleles are seen so, of calls taken as right without the code that is tested."""
    if at.silent or isinstance(call, Observed):
        return float(observation_matrix(at, call or UNTYPED, male=one)[pair])
    return float(_shows(at, pair, call, one))


def _shows(at: Locus, pair: tuple[int, int], call: Call | None, one: bool) -> bool:
    names = [at.alleles[allele] for allele in pair]
    if one:
        return {*(call or ())} - {NOT_OBSERVED} <= {names[0]} == {names[1]}
    for allele in call or ():
        if allele == NOT_OBSERVED:
            continue
        if allele not in names:
            return False
        names.remove(allele)
    return True


def coupled(pedigree: Pedigree, at: Locus, seen: Mapping[str, Observation], theta: float) -> float:
    """P(calls) with co-ancestry and inbred founders, by drawing every founder allele after those before it."""
    people = in_order(with_founders(pedigree))
    known = sexes(pedigree) | {m.member_id: m.sex for m in people if m.sex is not Sex.UNKNOWN}
    men = {person for person, sex in known.items() if at.x_linked and sex is Sex.MALE}

    def chance_of(draws: Sequence[int], counts: tuple[int, ...]) -> tuple[float, tuple[int, ...]]:
        chance, now = 1.0, list(counts)
        for allele in draws:
            chance *= (theta * now[allele] + (1 - theta) * at.frequencies[allele]) / (1 - theta + theta * sum(now))
            now[allele] += 1
        return float(chance), tuple(now)

    def total(place: int, state: dict[str, tuple[int, int]], counts: tuple[int, ...]) -> float:
        if place == len(people):
            return 1.0
        member, summed = people[place], 0.0
        one = member.member_id in men
        for pair in itertools.product(range(len(at.alleles)), repeat=2):
            shown = _shown(at, pair, seen.get(member.member_id), one)
            if not shown or (one and pair[0] != pair[1]):
                continue
            further = {**state, member.member_id: pair}
            if member.twin_of:
                summed += shown * (pair == state[member.twin_of]) * total(place + 1, further, counts)
            elif member.mother_id:
                chance = _received(at, pair[1], state[member.mother_id], at.female, False)
                chance *= 1.0 if one else _received(at, pair[0], state[member.father_id], at.male, False)
                summed += shown * chance * total(place + 1, further, counts) if chance else 0.0
            else:
                inbreeding = 0.0 if one else member.inbreeding or 0.0
                ways = [(1 - inbreeding, pair[:1] if one else pair)]
                ways += [(inbreeding, pair[:1])] if pair[0] == pair[1] and inbreeding else []
                for weight, draws in ways:
                    chance, after = chance_of(draws, counts)
                    summed += shown * weight * chance * total(place + 1, further, after)
        return summed

    return total(0, {}, (0,) * len(at.alleles))


def with_founders(pedigree: Pedigree) -> Pedigree:
    """The pedigree with a member for each parent who is not stated beside one who is."""
    added: list[Member] = []
    members: list[Member] = []
    for member in pedigree.members:
        father, mother = member.father_id, member.mother_id
        if bool(father) != bool(mother) and not member.twin_of:
            unknown = Member(family_id="F", member_id=f"{member.member_id}?", sex=Sex.FEMALE if father else Sex.MALE)
            added.append(unknown)
            father, mother = father or unknown.member_id, mother or unknown.member_id
        members.append(replace(member, father_id=father, mother_id=mother))
    twins = {m.member_id: m for m in members}
    members = [
        replace(m, father_id=twins[m.twin_of].father_id, mother_id=twins[m.twin_of].mother_id) if m.twin_of else m
        for m in members
    ]
    return Pedigree(family_id="F", members=(*added, *members))


@st.composite
def pedigrees(draw: st.DrawFn, *, largest: int = 6, sexed: bool = False) -> Pedigree:
    """Any pedigree: loops, marriages of siblings, single parents, twins; with sexes that parents are of, if asked."""
    size = draw(st.integers(1, largest))
    members: list[Member] = []
    for number in range(size):
        men = [m.member_id for m in members if not sexed or m.sex is Sex.MALE]
        women = [m.member_id for m in members if not sexed or m.sex is Sex.FEMALE]
        father = draw(st.sampled_from(["", *men]))
        mother = draw(st.sampled_from([parent for parent in ["", *women] if not parent or parent != father]))
        sex = draw(st.sampled_from([Sex.MALE, Sex.FEMALE])) if sexed else Sex.UNKNOWN
        of: dict[str, Any] = {"father_id": father, "mother_id": mother, "sex": sex}
        twins = [m for m in members if not m.twin_of and (m.father_id or m.mother_id)]
        twin = draw(st.sampled_from(twins)) if twins and draw(st.integers(0, 5)) == 0 else None
        if twin is not None:
            of = {
                "father_id": twin.father_id,
                "mother_id": twin.mother_id,
                "twin_of": twin.member_id,
                "sex": twin.sex,
            }
        members.append(Member(family_id="F", member_id=f"p{number}", **of))
    return Pedigree(family_id="F", members=tuple(members))


MODELS = [kind for kind in MutationKind if kind is not MutationKind.CUSTOM]
ALLELES = ("8", "9", "9.3", "10", "11")


@st.composite
def loci(
    draw: st.DrawFn,
    *,
    largest: int = 3,
    models: Sequence[MutationKind] = MODELS,
    stationary: bool = False,
    x_linked: bool = False,
    silent: bool = False,
) -> Locus:
    """Any small locus with any mutation model, made stationary by PM, and perhaps with a silent allele, where asked."""
    size = draw(st.integers(2, largest))
    alleles = sorted(draw(st.permutations(ALLELES))[:size], key=float)
    weights = np.array([draw(st.integers(1, 20)) for _ in alleles], dtype=float)
    model = draw(st.sampled_from(list(models)))
    rates = [draw(st.sampled_from([0.001, 0.004, 0.01])) for _ in range(2)]
    at = replace(
        locus(
            dict(zip(alleles, weights / weights.sum(), strict=True)),
            model,
            female=rates[0],
            male=rates[1],
            transform=Transform.PM if stationary else Transform.NONE,
        ),
        x_linked=x_linked,
    )
    return with_silent(at, draw(st.sampled_from([0.0, 0.02, 0.3]))) if silent else at


@st.composite
def error_models(draw: st.DrawFn) -> ErrorModel:
    """Any mixture of drop-out, drop-in and typing error, each often absent."""
    dropout, dropin, typing_error = (draw(st.sampled_from([0.0, 0.0, 0.03, 0.4])) for _ in range(3))
    return ErrorModel(dropout=dropout, dropin=dropin, typing_error=typing_error)


@st.composite
def observations(draw: st.DrawFn, pedigree: Pedigree, at: Locus, *, partial: bool = True) -> dict[str, Call]:
    """Calls of some members, partial ones among them."""
    named = [allele for allele in at.alleles if allele != SILENT]
    alleles = st.sampled_from([*named, NOT_OBSERVED] if partial else named)
    typed = draw(st.lists(st.sampled_from([m.member_id for m in pedigree.members]), unique=True))
    return {person: draw(st.tuples(alleles, alleles)) for person in typed}


@st.composite
def uncertain(draw: st.DrawFn, pedigree: Pedigree, at: Locus, *, partial: bool = True) -> dict[str, Observation]:
    """Observations of some members: of one sample or two, each with its own errors or none."""
    found: dict[str, Observation] = {}
    for _ in range(2):
        for person, call in draw(observations(pedigree, at, partial=partial)).items():
            seen = observed(call, draw(error_models()))
            found[person] = together(found[person], seen) or seen if person in found else seen
    return found
