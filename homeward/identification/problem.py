"""From a programme to the joint problem: individuals, candidates, and every hypothesis's weight.

A weight is prior times likelihood, relative to "someone missing who is not on the roster":

- ``roster``: each person weighs listed_share / N, not_listed and the outsider groups their shares;
- ``flat``: every admissible hypothesis weighs one, and not_listed is the only alternative;
- evidence: genotypes and every other line (``evidence/``), each against explicit competitors. Someone not
  listed is of the roster's mixture of populations, an outsider of the group's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from homeward.errors import Impossible, NotFound
from homeward.genetics.family import Family, calls_of, default_population, families
from homeward.genetics.locus import Loci, LocusNote, prepare_loci
from homeward.genetics.scoring import Scores, log_lr_matrix
from homeward.identification.coupling import couplings_of
from homeward.identification.descent import with_lines
from homeward.identification.evidence import Case, Combined, Line, combine, dna, weigh_all
from homeward.identification.haplotypes import Lineages
from homeward.identification.individuals import Individual, individuals_of
from homeward.identification.joint import Floats, Weights
from homeward.identification.result import Exclusion
from homeward.identification.units import Units, units_of, weights_of
from homeward.programme import (
    NOT_LISTED,
    OUTSIDER,
    Decision,
    MissingPerson,
    Outcome,
    PriorKind,
    Programme,
    Sex,
    Status,
)
from homeward.progress import Tick, silent

if TYPE_CHECKING:
    from homeward.search.state import State

CANDIDATES = (Status.MISSING, Status.ACCOUNTED_FOR)


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Individuals against hypotheses. Arrays: individuals in rows, persons or alternatives in columns.

    ``log_prior`` and ``log_evidence`` cover persons first, then the alternatives; evidence is relative
    to not_listed. ``fixed`` is the column that a decision fixes, -1 if none.
    """

    programme: Programme
    case: Case
    individuals: tuple[Individual, ...]
    persons: tuple[MissingPerson, ...]
    alternatives: tuple[str, ...]
    families: tuple[Family, ...]
    loci: Mapping[str, Loci]
    scores: Scores | None
    slot_of: npt.NDArray[np.intp]  # (person,) column of scores, -1 without a family
    log_lr: Floats  # (individual, person)
    log_lr_error: Floats | None  # (individual, person) standard error where it is an estimate; None if none is
    lines: tuple[Line, ...]  # what each line says by itself
    evidence: Combined  # all lines, relative to not_listed
    log_prior: Floats  # (individual, hypothesis)
    excluded: npt.NDArray[np.str_]  # (individual, hypothesis)
    fixed: npt.NDArray[np.intp]  # (individual,)

    @property
    def hypotheses(self) -> tuple[str, ...]:
        return (*(person.person_id for person in self.persons), *self.alternatives)

    @cached_property
    def log_weight(self) -> Floats:
        """Prior times evidence of every hypothesis; -inf where it is impossible or decided against."""
        allowed = (self.excluded == Exclusion.NONE) | (self.excluded == Exclusion.GENOTYPE)
        return np.where(allowed, self.log_prior + self.log_evidence, -np.inf)

    @property
    def log_evidence(self) -> Floats:
        """(individual, hypothesis) P(all evidence | hypothesis) / P(all evidence | not_listed)."""
        return self.evidence.log_evidence

    @cached_property
    def units(self) -> Units | None:
        """Sets of remains that may be one person; None unless the settings allow fragments."""
        settings = self.programme.settings
        return units_of(self) if settings.fragments and settings.one_to_one else None

    def weights(self, *, tick: Tick = silent) -> Weights:
        """The joint problem of these individuals."""
        if self.units is not None:
            return weights_of(self, self.units, tick=tick)
        persons = len(self.persons)
        with np.errstate(divide="ignore"):
            log_none = np.logaddexp.reduce(self.log_weight[:, persons:], axis=1)
        one_to_one = self.programme.settings.one_to_one
        of_genotypes = couplings_of(self, tick=tick) if one_to_one and self.scores is not None else ()
        return Weights(
            log_none=log_none,
            log_slot=self.log_weight[:, :persons],
            couplings=with_lines(self.case, of_genotypes) if one_to_one else (),
            one_to_one=one_to_one,
            log_slot_error=self.log_lr_error,
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class World:
    """What does not depend on which of the remains are asked about."""

    programme: Programme
    individuals: tuple[Individual, ...]
    persons: tuple[MissingPerson, ...]
    loci: Mapping[str, Loci]
    families: tuple[Family, ...]

    @cached_property
    def state(self) -> State | None:
        """Where the search believes that everybody lies; None if nobody asks, or no account says more."""
        if "place" not in self.programme.settings.lines or not self.programme.scenarios:
            return None
        from homeward.identification.evidence.whereabouts import state_of

        return state_of(self.programme)

    @cached_property
    def sexes(self) -> tuple[Sex, ...]:
        """(person,) as the roster states them, or else the pedigree."""
        return tuple(_sexes(self.persons, self.families))

    @cached_property
    def lineages(self) -> Lineages:
        """The maternal and paternal lines of the families."""
        return Lineages(
            self.programme, {person.person_id: sex for person, sex in zip(self.persons, self.sexes, strict=True)}
        )


def world_of(programme: Programme) -> World:
    """Individuals, candidates and families of a programme, before anything is compared."""
    loci = prepare_loci(programme) if programme.frequencies else {}
    calls = calls_of(programme)
    return World(
        programme=programme,
        individuals=individuals_of(programme, calls),
        persons=tuple(sorted((p for p in programme.missing if p.status in CANDIDATES), key=lambda p: p.person_id)),
        loci=loci,
        families=tuple(sorted(families(programme, loci, calls), key=lambda f: f.family_id)) if loci else (),
    )


def pose(programme: Programme, *, tick: Tick = silent) -> Problem:
    """Make the problem of a programme.

    Raises
    ------
    UnequalCalls
        If remains that ``same_as`` joins cannot be one individual.
    Impossible
        If a decision cannot be true.
    NotFound
        If a decision, ``same_as`` or an outsider's population names what does not exist.
    """
    world = world_of(programme)
    return pose_some(world, world.individuals, programme.decisions, tick=tick)


def pose_some(
    world: World,
    individuals: tuple[Individual, ...],
    decisions: Sequence[Decision],
    *,
    scores: Scores | None = None,
    tick: Tick = silent,
) -> Problem:
    """The problem of some individuals, and the decisions about them; ``scores`` of these, if they are known."""
    programme, persons, loci, found = world.programme, world.persons, world.loci, world.families
    if scores is None and found:
        scores = log_lr_matrix(found, [one.calls for one in individuals], tick=tick)
    slot_of = _slots(persons, scores)
    log_lr = np.zeros((len(individuals), len(persons))) if scores is None else scores.by_person(slot_of)
    alternatives: tuple[str, ...] = (NOT_LISTED,)
    if programme.settings.prior is PriorKind.ROSTER:
        alternatives += tuple(OUTSIDER + group for group in sorted(programme.settings.outsiders))
    populations = [
        _population(programme, p, scores, slot, found, loci) for p, slot in zip(persons, slot_of, strict=True)
    ]
    case = _case(world, individuals, populations, alternatives)
    lines = (dna.weigh(case, log_lr, loci), *weigh_all(case, tick=tick))
    evidence = combine(lines, case)
    # only what is not bounded, genotypes, gives no chance at all
    log_evidence = evidence.log_evidence
    excluded = np.full(log_evidence.shape, Exclusion.NONE.value, dtype="U8")
    excluded[log_evidence == -np.inf] = Exclusion.GENOTYPE.value
    excluded[:, : len(persons)][_sex_differs(case)] = Exclusion.SEX.value
    hypotheses = (*(p.person_id for p in persons), *alternatives)
    fixed = _decide(programme, decisions, individuals, hypotheses, log_evidence, excluded)
    return Problem(
        programme=programme,
        case=case,
        individuals=individuals,
        persons=persons,
        alternatives=alternatives,
        families=found,
        loci=loci,
        scores=scores,
        slot_of=slot_of,
        log_lr=log_lr,
        log_lr_error=None if scores is None else scores.error_by_person(slot_of),
        lines=lines,
        evidence=evidence,
        log_prior=np.tile(_log_prior(programme, len(persons), alternatives), (len(individuals), 1)),
        excluded=excluded,
        fixed=fixed,
    )


def locus_notes(problem: Problem) -> tuple[LocusNote, ...]:
    """What was added to, or left out of, the frequency tables."""
    return tuple(note for loci in problem.loci.values() for note in loci.notes)


# --- likelihood ---


def _slots(persons: Sequence[MissingPerson], scores: Scores | None) -> npt.NDArray[np.intp]:
    place = {slot.person_id: k for k, slot in enumerate(scores.slots)} if scores else {}
    return np.array([place.get(person.person_id, -1) for person in persons], dtype=np.intp)


def _population(
    programme: Programme,
    person: MissingPerson,
    scores: Scores | None,
    slot: int,
    found: Sequence[Family],
    loci: Mapping[str, Loci],
) -> str:
    if not loci:
        return person.population or programme.settings.population
    if scores is not None and slot >= 0:
        return found[scores.slots[slot].family].population
    return person.population or default_population(programme, loci)


def _case(
    world: World, individuals: tuple[Individual, ...], populations: Sequence[str], alternatives: tuple[str, ...]
) -> Case:
    programme, loci = world.programme, world.loci
    default = default_population(programme, loci) if loci else programme.settings.population
    mixture = dict(programme.settings.populations) or {default: 1.0}
    outside = programme.settings.outsider_population
    outsiders = [outside.get(name.removeprefix(OUTSIDER)) or default for name in alternatives[1:]]
    groups = tuple(sorted({*populations, *mixture, *outsiders}))
    for name in groups:
        if loci and name not in loci:
            raise NotFound(f"population {name!r} has no frequencies")
    weights = np.zeros((len(alternatives), len(groups)))
    for name, weight in mixture.items():
        weights[0, groups.index(name)] = weight
    for row, name in enumerate(outsiders, start=1):
        weights[row, groups.index(name)] = 1.0
    return Case(
        programme=programme,
        individuals=individuals,
        persons=world.persons,
        sexes=world.sexes,
        alternatives=alternatives,
        groups=groups,
        group_of=np.array([groups.index(name) for name in populations], dtype=np.intp),
        group_weights=weights,
        state=world.state,
        lineages=world.lineages,
    )


def _sexes(persons: Sequence[MissingPerson], found: Sequence[Family]) -> list[Sex]:
    in_pedigree = {member.person_id: member.sex for family in found for member in family.slots}
    return [p.sex if p.sex is not Sex.UNKNOWN else in_pedigree.get(p.person_id, Sex.UNKNOWN) for p in persons]


def _sex_differs(case: Case) -> npt.NDArray[np.bool_]:
    """(individual, person) whether ``flat`` rules the pair out."""
    if case.programme.settings.prior is not PriorKind.FLAT:
        return np.zeros((len(case.individuals), len(case.persons)), dtype=bool)
    return np.array([[one.sex.contradicts(sex) for sex in case.sexes] for one in case.individuals], dtype=bool).reshape(
        len(case.individuals), len(case.persons)
    )


def _log_prior(programme: Programme, persons: int, alternatives: Sequence[str]) -> Floats:
    settings = programme.settings
    if settings.prior is PriorKind.FLAT:
        return np.zeros(persons + 1)
    shares = [settings.listed_share / max(persons, 1)] * persons + [settings.not_listed]
    shares += [settings.outsiders[name.removeprefix(OUTSIDER)] for name in alternatives[1:]]
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.array(shares)))


# --- decisions ---


def _decide(
    programme: Programme,
    decisions: Sequence[Decision],
    individuals: Sequence[Individual],
    hypotheses: Sequence[str],
    log_evidence: Floats,
    excluded: npt.NDArray[np.str_],
) -> npt.NDArray[np.intp]:
    """Write earlier decisions into ``excluded``; the hypothesis that is fixed for each of the individuals."""
    row_of = {name: k for k, one in enumerate(individuals) for name in one.merged}
    column_of = {name: k for k, name in enumerate(hypotheses)}
    fixed = np.full(len(individuals), -1, dtype=np.intp)
    against: list[set[int]] = [set() for _ in individuals]
    for decision in decisions:
        where = f"the decision about remains {decision.remains_id} and {decision.about}"
        if decision.remains_id not in row_of:
            raise NotFound(f"{where}: there are no such remains")
        if decision.about not in column_of:
            raise NotFound(f"{where}: not a candidate (missing or accounted for) nor a group of outsiders")
        row, column = row_of[decision.remains_id], column_of[decision.about]
        if decision.outcome is Outcome.EXCLUDED:
            against[row].add(column)
        elif decision.outcome is Outcome.RESCINDED:
            against[row].discard(column)
        elif decision.outcome is Outcome.AFFILIATION and not decision.about.startswith(OUTSIDER):
            raise Impossible(f"{where}: an affiliation is to a group of outsiders")
        else:
            against[row].discard(column)
            fixed[row] = column
            continue
        if fixed[row] == column:
            fixed[row] = -1
    persons = len(hypotheses) - sum(name == NOT_LISTED or name.startswith(OUTSIDER) for name in hypotheses)
    holders: dict[int, str] = {}
    for row, (one, columns) in enumerate(zip(individuals, against, strict=True)):
        excluded[row, sorted(columns)] = Exclusion.DECISION.value
        column = int(fixed[row])
        if column < 0:
            continue
        if log_evidence[row, column] == -np.inf:
            raise Impossible(
                f"remains {one.remains_id} were decided to be {hypotheses[column]}, whose relatives' genotypes "
                "exclude it. Rescind the decision, or correct the profiles"
            )
        settings = programme.settings
        if settings.one_to_one and not settings.fragments and column < persons and column in holders:
            raise Impossible(
                f"remains {holders[column]} and {one.remains_id} were both decided to be {hypotheses[column]}: "
                "join them with same_as, or rescind one"
            )
        holders[column] = one.remains_id
        excluded[row] = Exclusion.DECISION.value
        excluded[row, column] = Exclusion.NONE.value
    return fixed
