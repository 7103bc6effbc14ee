"""Mitochondrial haplotypes: a population of lines, handed down by mothers, read in some, and counted in a database.

The lines of a population grow as in a Hoppe urn: a new one is now and then a changed copy of one that is there,
so that a few haplotypes are common and most are rare. Only the two hypervariable segments are read, and there
only transitions outside the runs of one base, so that every list is written in one way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.programme import Haplotype, HaplotypeCount, LineageKind
from homeward.simulation.boxes import Individual
from homeward.simulation.families import NOBODY, Kinship
from homeward.tables import rcrs

Line = Mapping[int, str]
"""Position -> base, where it is not the reference's."""

RANGE = "16024-16365 73-340"
LINES = 500  # people of whom a population's lines are
NEW = 150.0  # the urn's weight of a new line: two in five of 500 people have one of their own
CHANGES = 0.0043  # per transmission, as the analysis has it
COUNTED = 500  # people in the database of a population
_TRANSITION = {"A": "G", "G": "A", "C": "T", "T": "C"}
_SITES = tuple(
    site
    for site in (*range(16024, 16366), *range(73, 341))
    if not (16180 <= site <= 16195 or 300 <= site <= 318)  # runs of C, whose length is not compared
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Lines:
    """Mitochondrial lines of one population, one for each of ``LINES`` people."""

    of_people: tuple[Line, ...]

    def drawn(self, rng: np.random.Generator) -> Line:
        """That of someone of the population."""
        return self.of_people[int(rng.integers(len(self.of_people)))]


def lines(rng: np.random.Generator) -> Lines:
    """Grow the lines of a population."""
    people: list[Line] = [{}]
    for number in range(1, LINES):
        before = people[int(rng.integers(number))]
        new = rng.random() < NEW / (NEW + number)
        people.append(_changed(before, 1 + int(rng.integers(3)), rng) if new else before)
    return Lines(of_people=tuple(people))


def _changed(line: Line, changes: int, rng: np.random.Generator) -> Line:
    """The line after transitions at so many sites; one that has changed before changes back."""
    after = dict(line)
    for place in rng.choice(len(_SITES), size=changes, replace=False).tolist():
        site = _SITES[place]
        if after.pop(site, None) is None:
            after[site] = _TRANSITION[rcrs()[site - 1]]
    return after


def handed_down(
    kin: Kinship, population: npt.NDArray[np.intp], of_population: Sequence[Lines], rng: np.random.Generator
) -> list[Line]:
    """The line of every member: of the mother, or of the population where no mother is named.

    Parameters
    ----------
    population : (member,) index of the population of each member's family
    """
    answer: list[Line] = [{}] * len(kin)
    for member in sorted(range(len(kin)), key=kin.generation.__getitem__):
        mother = kin.mother[member]
        if mother == NOBODY:
            answer[member] = of_population[int(population[member])].drawn(rng)
        else:
            changes = int(rng.poisson(CHANGES))
            answer[member] = _changed(answer[mother], changes, rng) if changes else answer[mother]
    return answer


def written(line: Line) -> str:
    """As a laboratory lists it; ``rCRS`` where it differs nowhere.

    >>> written({16093: "C", 263: "G"})
    '263G 16093C'
    """
    return " ".join(f"{site}{base}" for site, base in sorted(line.items())) or "rCRS"


def reading(sample_id: str, subject_id: str, line: Line) -> Haplotype:
    """A haplotype as reported."""
    return Haplotype(
        sample_id=sample_id, subject_id=subject_id, kind=LineageKind.MITOCHONDRIAL, range=RANGE, haplotype=written(line)
    )


def counts(population: str, of: Lines, rng: np.random.Generator) -> list[HaplotypeCount]:
    """A whole database of the population: so many people drawn, every haplotype of theirs with its count."""
    seen: dict[str, int] = {}
    for _ in range(COUNTED):
        name = written(of.drawn(rng))
        seen[name] = seen.get(name, 0) + 1
    return [
        HaplotypeCount(
            kind=LineageKind.MITOCHONDRIAL,
            haplotype=name,
            population=population,
            count=number,
            database_size=COUNTED,
            range=RANGE,
        )
        for name, number in sorted(seen.items())
    ]


def heads(kin: Kinship) -> list[int]:
    """The first woman of each member's line, as far as the family names her; a man without mother is his own."""
    answer = list(range(len(kin)))
    for member in sorted(range(len(kin)), key=kin.generation.__getitem__):
        if kin.mother[member] != NOBODY:
            answer[member] = answer[kin.mother[member]]
    return answer


@dataclass(frozen=True, eq=False, kw_only=True)
class Typed:
    """What was read of whom: the lines of members and of individuals, and the databases."""

    members: Mapping[int, Line]
    individuals: Mapping[int, Line]
    databases: tuple[HaplotypeCount, ...]


def type_lines(
    kin: Kinship,
    individuals: Sequence[Individual],
    *,
    share: float,
    profiled: Sequence[bool],
    population_of_family: npt.NDArray[np.intp],
    populations: Sequence[str],
    rng: np.random.Generator,
) -> Typed:
    """Read the lines of a share of the typed relatives who share one with a missing person, and of the remains.

    Parameters
    ----------
    profiled : (individual,) whether the bone gave any DNA
    """
    of_population = [lines(rng) for _ in populations]
    of_members = handed_down(kin, population_of_family[np.array(kin.family)], of_population, rng)
    head = heads(kin)
    of_missing = {head[member] for member, person in enumerate(kin.person) if person != NOBODY}
    asked = [m for m, typed in enumerate(kin.typed) if typed and head[m] in of_missing and rng.random() < share]
    member_of = {person: member for member, person in enumerate(kin.person) if person != NOBODY}
    read: dict[int, Line] = {}
    for number, one in enumerate(individuals):
        own = of_members[member_of[one.person]] if one.person != NOBODY else of_population[one.population].drawn(rng)
        if profiled[number] and rng.random() < share:
            read[number] = own
    databases = [count for name, of in zip(populations, of_population, strict=True) for count in counts(name, of, rng)]
    return Typed(members={m: of_members[m] for m in asked}, individuals=read, databases=tuple(databases))
