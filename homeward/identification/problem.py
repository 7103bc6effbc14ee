"""From a programme to the joint problem: individuals, candidates, and every hypothesis's weight.

A weight is prior times likelihood, relative to "someone missing who is not on the roster":

- ``roster``: each person weighs listed_share / N, not_listed and the outsider groups their shares;
- ``flat``: every admissible hypothesis weighs one, and not_listed is the only alternative;
- genotypes: P(G | person) is the pairwise likelihood ratio times P(G) in the family's population;
  of someone not listed, P(G) is the mixture of the roster's populations, of an outsider that of the
  group's. Populations are compared on the markers that all of them have;
- sex (``roster``): a stated sex is seen rightly with 1 - sex_error. Who is not listed, or an outsider,
  has the roster's stated sexes as mixture. The ratio stays within [bound, 1/bound].
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from homeward.errors import Impossible, NotFound, UnequalCalls
from homeward.genetics.family import Family, calls_of, default_population, families, genetic_sex
from homeward.genetics.locus import Loci, Locus, LocusNote, MarkerNames, prepare_loci
from homeward.genetics.observation import UNTYPED, Observation, agree, calls_shown, together
from homeward.genetics.scoring import Scores, log_lr_matrix
from homeward.genetics.tables import log_probability_of_call
from homeward.identification.coupling import couplings_of
from homeward.identification.joint import Floats, Weights
from homeward.identification.result import Exclusion
from homeward.programme import (
    NOT_LISTED,
    OUTSIDER,
    MissingPerson,
    Outcome,
    PriorKind,
    Programme,
    Remains,
    Sex,
    Status,
)
from homeward.progress import Tick, silent
from homeward.tables import AMELOGENIN

CANDIDATES = (Status.MISSING, Status.ACCOUNTED_FOR)


@dataclass(frozen=True, eq=False, kw_only=True)
class Individual:
    """Remains presumed to be one individual: the rows that ``same_as`` joins, named by the first of them."""

    remains_id: str
    merged: tuple[str, ...]
    calls: Mapping[str, Observation]
    sex: Sex

    @property
    def markers_typed(self) -> int:
        return sum(marker != AMELOGENIN for marker in self.calls)


@dataclass(frozen=True, eq=False, kw_only=True)
class Problem:
    """Individuals against hypotheses. Arrays: individuals in rows, persons or alternatives in columns.

    ``log_prior`` and ``log_evidence`` cover persons first, then the alternatives; evidence is relative
    to not_listed. ``fixed`` is the column that a decision fixes, -1 if none.
    """

    programme: Programme
    individuals: tuple[Individual, ...]
    persons: tuple[MissingPerson, ...]
    alternatives: tuple[str, ...]
    families: tuple[Family, ...]
    loci: Mapping[str, Loci]
    scores: Scores | None
    slot_of: npt.NDArray[np.intp]  # (person,) column of scores, -1 without a family
    log_lr: Floats  # (individual, person)
    log_dna: Floats  # (individual, hypothesis) P(G | hypothesis) / P(G | not_listed)
    log_sex: Floats  # (individual, hypothesis)
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

    @cached_property
    def log_evidence(self) -> Floats:
        return self.log_dna + self.log_sex

    def weights(self, *, tick: Tick = silent) -> Weights:
        """The joint problem of these individuals."""
        persons = len(self.persons)
        with np.errstate(divide="ignore"):
            log_none = np.logaddexp.reduce(self.log_weight[:, persons:], axis=1)
        together = self.programme.settings.one_to_one and self.scores is not None
        return Weights(
            log_none=log_none,
            log_slot=self.log_weight[:, :persons],
            couplings=couplings_of(self, tick=tick) if together else (),
            one_to_one=self.programme.settings.one_to_one,
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
    individuals = individuals_of(programme)
    persons = tuple(sorted((p for p in programme.missing if p.status in CANDIDATES), key=lambda p: p.person_id))
    loci = prepare_loci(programme) if programme.frequencies else {}
    found = tuple(sorted(families(programme, loci), key=lambda f: f.family_id)) if loci else ()
    scores = log_lr_matrix(found, [one.calls for one in individuals], tick=tick) if found else None
    slot_of = _slots(persons, scores)
    log_lr = np.zeros((len(individuals), len(persons)))
    if scores is not None:
        log_lr[:, slot_of >= 0] = scores.log_lr[:, slot_of[slot_of >= 0]]
    alternatives: tuple[str, ...] = (NOT_LISTED,)
    if programme.settings.prior is PriorKind.ROSTER:
        alternatives += tuple(OUTSIDER + group for group in sorted(programme.settings.outsiders))
    populations = [
        _population(programme, p, scores, slot, found, loci) for p, slot in zip(persons, slot_of, strict=True)
    ]
    log_dna = _log_dna(programme, individuals, populations, alternatives, loci, log_lr)
    sexes = _sexes(persons, found)
    log_sex, different = _log_sex(programme, individuals, sexes, len(alternatives))
    excluded = np.full(log_dna.shape, Exclusion.NONE.value, dtype="U8")
    excluded[log_dna == -np.inf] = Exclusion.GENOTYPE.value
    excluded[different] = Exclusion.SEX.value
    hypotheses = (*(p.person_id for p in persons), *alternatives)
    fixed = _decide(programme, individuals, hypotheses, log_dna, excluded)
    return Problem(
        programme=programme,
        individuals=individuals,
        persons=persons,
        alternatives=alternatives,
        families=found,
        loci=loci,
        scores=scores,
        slot_of=slot_of,
        log_lr=log_lr,
        log_dna=log_dna,
        log_sex=log_sex,
        log_prior=np.tile(_log_prior(programme, len(persons), alternatives), (len(individuals), 1)),
        excluded=excluded,
        fixed=fixed,
    )


def locus_notes(problem: Problem) -> tuple[LocusNote, ...]:
    """What was added to, or left out of, the frequency tables."""
    return tuple(note for loci in problem.loci.values() for note in loci.notes)


# --- individuals ---


def individuals_of(programme: Programme) -> tuple[Individual, ...]:
    """The remains with those rows merged that ``same_as`` joins, in order of their names."""
    rows = {row.remains_id: row for row in programme.remains}
    joined = {name: name for name in rows}

    def first(name: str) -> str:
        while joined[name] != name:
            name = joined[name]
        return name

    for row in programme.remains:
        if row.same_as:
            if row.same_as not in rows:
                raise NotFound(f"remains {row.remains_id}: same_as names {row.same_as}, which is not among the remains")
            a, b = sorted((first(row.remains_id), first(row.same_as)))
            joined[b] = a
    groups: dict[str, list[str]] = {}
    for name in sorted(rows):
        groups.setdefault(first(name), []).append(name)
    calls, known = calls_of(programme), MarkerNames(programme.markers)
    return tuple(_individual([rows[name] for name in names], calls, known) for _, names in sorted(groups.items()))


def _individual(
    rows: Sequence[Remains], calls: Mapping[str, Mapping[str, Observation]], known: MarkerNames
) -> Individual:
    merged: dict[str, Observation] = {}
    shown_by: dict[str, str] = {}
    for row in rows:
        for marker, call in calls.get(row.remains_id, {}).items():
            before = merged.get(marker, UNTYPED)
            joint = together(before, call) if agree(before, call, silent=known.has_silent(marker)) else None
            if joint is None:
                raise UnequalCalls(
                    f"remains {shown_by[marker]} and {row.remains_id} are said to be one individual (same_as), "
                    f"but marker {marker} shows {_written(before)} and {_written(call)}: correct one of them"
                )
            merged[marker] = joint
            shown_by.setdefault(marker, row.remains_id)
    stated = {row.sex for row in rows} - {Sex.UNKNOWN}
    amelogenin = merged.get(AMELOGENIN)
    genetic = genetic_sex(amelogenin) if isinstance(amelogenin, tuple) else Sex.UNKNOWN
    if genetic is Sex.UNKNOWN and len(stated) > 1:
        names = " and ".join(row.remains_id for row in rows)
        raise UnequalCalls(f"remains {names} are said to be one individual (same_as) and have different sexes")
    sex = genetic if genetic is not Sex.UNKNOWN else next(iter(stated), Sex.UNKNOWN)
    return Individual(remains_id=rows[0].remains_id, merged=tuple(r.remains_id for r in rows), calls=merged, sex=sex)


def _written(observation: Observation) -> str:
    return ", ".join("/".join(call) for call in calls_shown(observation))


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
        return ""
    if scores is not None and slot >= 0:
        return found[scores.slots[slot].family].population
    return person.population or default_population(programme, loci)


def _log_dna(
    programme: Programme,
    individuals: Sequence[Individual],
    populations: Sequence[str],
    alternatives: Sequence[str],
    loci: Mapping[str, Loci],
    log_lr: Floats,
) -> Floats:
    """ln P(G | hypothesis) / P(G | not listed), (individual, hypothesis)."""
    outside = [programme.settings.outsider_population.get(name.removeprefix(OUTSIDER), "") for name in alternatives[1:]]
    answer = np.hstack([log_lr, np.zeros((len(individuals), len(alternatives)))])
    if not loci:
        return answer
    default = "" if programme.settings.populations else default_population(programme, loci)
    mixture = dict(programme.settings.populations) or {default: 1.0}
    outside = [name or default_population(programme, loci) for name in outside]
    used = sorted({*populations, *mixture, *outside})
    for name in used:
        if name not in loci:
            raise NotFound(f"population {name!r} has no frequencies")
    theta = programme.settings.theta
    common = set.intersection(*({locus.marker for locus in loci[name]} for name in used))
    log_p = {
        name: np.array([log_genotype(one.calls, loci[name], common, sex=one.sex, theta=theta) for one in individuals])
        for name in used
    }
    # a weight of zero in the mixture says nothing
    listed = [(math.log(weight) + log_p[name]) for name, weight in mixture.items() if weight > 0]
    reference = np.logaddexp.reduce(listed, axis=0)
    for name in sorted(set(populations)):
        columns = [k for k, population in enumerate(populations) if population == name]
        answer[:, columns] += (log_p[name] - reference)[:, None]
    for k, name in enumerate(outside):
        answer[:, len(populations) + 1 + k] = log_p[name] - reference
    return answer


def log_genotype(
    calls: Mapping[str, Observation],
    loci: Loci,
    markers: set[str],
    *,
    sex: Sex = Sex.UNKNOWN,
    theta: float = 0.0,
) -> float:
    """ln P(calls) of someone unrelated in a population, on the markers given; X markers only if the sex is known.

    A man who shows two alleles of the X chromosome is weighed as if he had two.
    """
    return math.fsum(
        _log_of_call(loci[marker], call, sex, theta)
        for marker, call in calls.items()
        if marker in markers and not (loci[marker].x_linked and sex is Sex.UNKNOWN)
    )


def _log_of_call(locus: Locus, call: Observation, sex: Sex, theta: float) -> float:
    found = log_probability_of_call(locus, call, male=sex is Sex.MALE, theta=theta)
    return log_probability_of_call(locus, call, theta=theta) if found == -math.inf else found


def _sexes(persons: Sequence[MissingPerson], found: Sequence[Family]) -> list[Sex]:
    in_pedigree = {member.person_id: member.sex for family in found for member in family.slots}
    return [p.sex if p.sex is not Sex.UNKNOWN else in_pedigree.get(p.person_id, Sex.UNKNOWN) for p in persons]


def _log_sex(
    programme: Programme, individuals: Sequence[Individual], sexes: Sequence[Sex], alternatives: int
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """ln of the sex's likelihood ratio against not_listed, and which pairs ``flat`` rules out."""
    settings = programme.settings
    male = np.array([sex is Sex.MALE for sex in sexes], dtype=bool)
    female = np.array([sex is Sex.FEMALE for sex in sexes], dtype=bool)
    shape = (len(individuals), len(sexes) + alternatives)
    log_sex, different = np.zeros(shape), np.zeros(shape, dtype=bool)
    stated = int(male.sum() + female.sum())
    men = male.sum() / stated if stated else 0.5
    error = settings.sex_error
    for row, one in enumerate(individuals):
        if one.sex is Sex.UNKNOWN:
            continue
        same, other = (male, female) if one.sex is Sex.MALE else (female, male)
        if settings.prior is PriorKind.FLAT:
            different[row, : len(sexes)] = other
            continue
        share = men if one.sex is Sex.MALE else 1 - men
        expected = share * (1 - error) + (1 - share) * error
        if expected > 0:
            log_sex[row, : len(sexes)][same] = _bounded((1 - error) / expected, settings.bound)
            log_sex[row, : len(sexes)][other] = _bounded(error / expected, settings.bound)
    return log_sex, different


def _bounded(ratio: float, bound: float) -> float:
    return math.log(min(max(ratio, bound), 1 / bound))


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
    individuals: Sequence[Individual],
    hypotheses: Sequence[str],
    log_dna: Floats,
    excluded: npt.NDArray[np.str_],
) -> npt.NDArray[np.intp]:
    """Write earlier decisions into ``excluded``; the hypothesis that is fixed for each of the individuals."""
    row_of = {name: k for k, one in enumerate(individuals) for name in one.merged}
    column_of = {name: k for k, name in enumerate(hypotheses)}
    fixed = np.full(len(individuals), -1, dtype=np.intp)
    against: list[set[int]] = [set() for _ in individuals]
    for decision in programme.decisions:
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
        if log_dna[row, column] == -np.inf:
            raise Impossible(
                f"remains {one.remains_id} were decided to be {hypotheses[column]}, whose relatives' genotypes "
                "exclude it. Rescind the decision, or correct the profiles"
            )
        if programme.settings.one_to_one and column < persons and column in holders:
            raise Impossible(
                f"remains {holders[column]} and {one.remains_id} were both decided to be {hypotheses[column]}: "
                "join them with same_as, or rescind one"
            )
        holders[column] = one.remains_id
        excluded[row] = Exclusion.DECISION.value
        excluded[row, column] = Exclusion.NONE.value
    return fixed
