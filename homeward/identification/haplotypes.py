"""The haplotypes of individuals of one kind, mtDNA or Y, beside the lines of the families of a programme.

Remains with equal haplotypes are computed once. A haplotype that differs from every reference of a line at
many places is not aligned with them: it is given :data:`FLOOR`, below which no line is taken to speak.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from homeward.genetics.lineage.evidence import (
    FamilyLineage,
    LineageEvidence,
    LineageHaplotype,
)
from homeward.genetics.lineage.lines import Line
from homeward.genetics.lineage.mitotype import Mitotype
from homeward.genetics.lineage.screening import PlainBases
from homeward.genetics.lineage.transmission import mt_log_likelihood, y_log_likelihood
from homeward.genetics.lineage.ystr import YHaplotype, compared_loci
from homeward.genetics.lineage.ystr import compare as compare_y
from homeward.programme import LineageKind, Pedigree, Programme, Sex

if TYPE_CHECKING:
    from homeward.identification.individuals import Individual

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Told = tuple[LineageHaplotype, ...]

FLOOR = -40.0  # natural log; a line never makes remains less likely than 4e-18 of what the population does
FAR_MT = 5  # plain bases that differ: about exp(-9) each between near relatives
FAR_Y = 8  # loci that differ: about exp(-6) each
_NOBODY = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A person in his family: its lines, and which member he is."""

    lines: FamilyLineage
    member_id: str


class Lineages:
    """The lines of every family of a programme: the same, whichever of the remains are asked about.

    Parameters
    ----------
    sexes : person_id -> sex, for members of whom the pedigree does not state it
    """

    def __init__(self, programme: Programme, sexes: Mapping[str, Sex]) -> None:
        self.evidence, self.sexes = LineageEvidence(programme), sexes
        self._places: dict[LineageKind, Mapping[str, Place]] = {}

    def places(self, kind: LineageKind) -> Mapping[str, Place]:
        """person_id -> his place in his family."""
        if kind not in self._places:
            self._places[kind] = {
                member.person_id: Place(self.evidence.family(filled, kind), member.member_id)
                for pedigree in self.evidence.programme.pedigrees
                for filled in [_with_sexes(pedigree, self.sexes)]
                for member in filled.missing
            }
        return self._places[kind]


class Haplotypes:
    """Individuals by distinct haplotypes.

    Parameters
    ----------
    individuals : whose rows' samples are of one person

    Attributes
    ----------
    told : the distinct haplotypes, each of the samples of an individual
    codes : (individual,) 0 where none was typed, else one more than the place in ``told``
    """

    def __init__(self, lineages: Lineages, individuals: Sequence[Individual], kind: LineageKind) -> None:
        self.kind, self.evidence = kind, lineages.evidence
        by_subject = self.evidence.by_subject
        distinct: dict[Told, int] = {}
        codes = []
        for one in individuals:
            of = tuple(haplotype for name in one.merged for haplotype in by_subject.get((kind, name), ()))
            codes.append(distinct.setdefault(of, len(distinct) + 1) if of else 0)
        self.told, self.codes = tuple(distinct), np.array(codes, dtype=np.intp)
        self.places = lineages.places(kind)
        self.without_frequency: set[int] = set()
        self._counted: dict[str, Flags] = {}

    def of_person(self, person_id: str) -> Floats:
        """Natural log of P(haplotypes | he is the person) / P(... | someone of his population), (code,)."""
        answer = np.zeros(len(self.told) + 1)
        place = self.places.get(person_id)
        line = place.lines.line(place.member_id) if place else None
        if place is None or line is None:
            return answer
        references = place.lines.references_on(line)
        if not references or place.lines.is_contradictory(line):
            return answer
        far = self.far_from([haplotype for _, haplotype in references])
        if place.lines.database is None:
            self.without_frequency.update(range(len(self.told)))
            return answer
        counted = self.counted(place.lines.database.population)
        answer[1:][far & counted] = FLOOR
        self.without_frequency.update(np.flatnonzero(far & ~counted).tolist())
        for at in np.flatnonzero(~far).tolist():
            found = place.lines.line_log_likelihood({place.member_id: self.told[at]})
            if found is None:
                self.without_frequency.add(at)
            else:
                answer[at + 1] = max(found, FLOOR)
        return answer

    def counted(self, population: str) -> Flags:
        """(told,) whether it is known how common each is in a population."""
        if population not in self._counted:
            known = [self.log_frequency(of, population) is not None for of in self.told]
            self._counted[population] = np.array(known, dtype=bool)
        return self._counted[population]

    def log_frequency(self, of: Told, population: str) -> float | None:
        """Natural log of P(haplotypes of the samples of one person of a population); None if nobody counted them."""
        database = self.evidence.databases.get((self.kind, population))
        if database is None:
            return None
        model = self.evidence.model
        line = Line(self.kind, _NOBODY, {_NOBODY: ""}, {_NOBODY: _NOBODY})
        if self.kind is LineageKind.MITOCHONDRIAL:
            read = [one for one in of if isinstance(one, Mitotype)]
            found = database.mt_frequency(max(read, key=_breadth), model.mt_method)
            again = mt_log_likelihood(line, [(_NOBODY, one) for one in read], model.mt)
        else:
            men = [one for one in of if isinstance(one, YHaplotype)]
            widest = max(men, key=lambda one: len(one.alleles))
            loci = [locus for locus in compared_loci(widest)[0] if model.y.rate(locus) is not None]
            found = database.y_frequency(widest, loci, model.y_method)
            again = y_log_likelihood(line, [(_NOBODY, one) for one in men], model.y)
        return None if found is None else math.log(found.value) + again

    def far_from(self, references: Sequence[LineageHaplotype]) -> Flags:
        """(told,) whether some sample differs from every one of the references at many places."""
        columns = [self._reference_places[one] for one in references]
        return np.asarray(self._far[:, columns].all(axis=1)) if columns else np.zeros(len(self.told), dtype=bool)

    @cached_property
    def apart(self) -> Flags:
        """(told, told) whether two of the distinct haplotypes differ at many places."""
        return np.array([self.far_from(of) for of in self.told], dtype=bool).reshape((len(self.told),) * 2)

    @cached_property
    def _reference_places(self) -> Mapping[LineageHaplotype, int]:
        everything = [one.haplotype for one in self.evidence.typed[self.kind]]
        return {haplotype: k for k, haplotype in enumerate(dict.fromkeys(everything))}

    @cached_property
    def _far(self) -> Flags:
        """(told, distinct haplotype of the programme)."""
        others = list(self._reference_places)
        flat = [one for of in self.told for one in of]
        owner = np.array([k for k, of in enumerate(self.told) for _ in of], dtype=np.intp)
        far = np.zeros((len(self.told), len(others)), dtype=bool)
        if not flat:
            return far
        if self.kind is LineageKind.MITOCHONDRIAL:
            screen = PlainBases(
                [one for one in others if isinstance(one, Mitotype)],
                others=[one for one in flat if isinstance(one, Mitotype)],
            )
            apart = np.asarray(screen.apart([one for one in flat if isinstance(one, Mitotype)])) >= FAR_MT
        else:
            apart = _loci_apart(flat, others) >= FAR_Y
        np.logical_or.at(far, owner, apart)
        return far


def _loci_apart(flat: Sequence[LineageHaplotype], others: Sequence[LineageHaplotype]) -> npt.NDArray[np.int64]:
    known: dict[tuple[LineageHaplotype, LineageHaplotype], int] = {}
    answer = np.zeros((len(flat), len(others)), dtype=np.int64)
    for row, one in enumerate(flat):
        for column, other in enumerate(others):
            if (one, other) not in known:
                assert isinstance(one, YHaplotype)
                assert isinstance(other, YHaplotype)
                known[one, other] = compare_y(one, other).events
            answer[row, column] = known[one, other]
    return answer


def _breadth(haplotype: Mitotype) -> int:
    return sum(last - first + 1 for first, last in haplotype.ranges)


def _with_sexes(pedigree: Pedigree, sexes: Mapping[str, Sex]) -> Pedigree:
    """The pedigree with the sex of the missing where it states none: a woman hands down no Y chromosome."""
    members = tuple(
        replace(member, sex=sexes.get(member.person_id, member.sex)) if member.sex is Sex.UNKNOWN else member
        for member in pedigree.members
    )
    return pedigree if members == pedigree.members else replace(pedigree, members=members)
