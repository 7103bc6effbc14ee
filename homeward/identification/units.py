"""Which remains may be one person, and what all of them together say of every hypothesis (``fragments = true``).

Remains for whose calls one genotype is at least ten times likelier than two unrelated people (LEAST) are tried as one
individual, as if ``same_as`` joined them: so every line of evidence sees them once. Each of the remains comes from
anyone of the roster alike; those not listed, and outsiders, come at the same rate per person: a second fragment of
somebody unlisted weighs as much as one of a given person of the roster.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from homeward.errors import TooLarge
from homeward.genetics.scoring import log_lr_matrix
from homeward.identification import conclusions
from homeward.identification.coupling import couplings_of
from homeward.identification.descent import with_lines
from homeward.identification.evidence import combine, dna, weigh_all
from homeward.identification.individuals import Individual, joiner
from homeward.identification.joint import Floats, Weights
from homeward.identification.result import Exclusion
from homeward.progress import Tick, silent

if TYPE_CHECKING:
    from homeward.identification.problem import Problem

LEAST = 1.0  # log10 of the identity LR from which two remains are tried as one person
MOST_TOGETHER = 8  # remains of one person; more are joined by same_as
MOST_UNITS = 20_000


@dataclass(frozen=True, eq=False, kw_only=True)
class Units:
    """Sets of remains as individuals: those of one first, in order of the remains.

    Parameters
    ----------
    members : (unit,) rows of the problem
    log_weight : (unit, hypothesis) prior times evidence of all members
    """

    members: tuple[tuple[int, ...], ...]
    individuals: tuple[Individual, ...]
    log_lr: Floats  # (unit, person)
    log_lr_error: Floats | None  # (unit, person) as in the problem
    log_weight: Floats


def units_of(problem: Problem, *, tick: Tick = silent) -> Units:
    """Every set of remains that may be one person.

    Raises
    ------
    TooLarge
        If so many remains look alike that their sets cannot be listed.
    """
    sets = _sets(problem)
    single = tuple((row,) for row in range(len(problem.individuals)))
    if not sets:
        return Units(
            members=single,
            individuals=problem.individuals,
            log_lr=problem.log_lr,
            log_lr_error=problem.log_lr_error,
            log_weight=problem.log_weight,
        )
    members, individuals = tuple(sets), tuple(sets.values())
    case = replace(problem.case, individuals=individuals)
    log_lr, error = np.zeros((len(members), len(problem.persons))), None
    if problem.scores is not None:
        scores = log_lr_matrix(problem.families, [one.calls for one in individuals], tick=tick)
        log_lr, error = scores.by_person(problem.slot_of), scores.error_by_person(problem.slot_of)
    evidence = combine((dna.weigh(case, log_lr, problem.loci), *weigh_all(case)), case)
    one_person = evidence.log_not_listed - [problem.evidence.log_not_listed[list(of)].sum() for of in members]
    log_prior = np.array([_log_prior(problem, of) for of in members])
    barred = np.isin(problem.excluded, (Exclusion.DECISION.value, Exclusion.SEX.value))
    excluded = np.array([barred[list(of)].any(axis=0) for of in members])
    log_weight = np.where(excluded, -np.inf, log_prior + evidence.log_evidence + one_person[:, None])
    return Units(
        members=(*single, *members),
        individuals=(*problem.individuals, *individuals),
        log_lr=np.vstack([problem.log_lr, log_lr]),
        log_lr_error=_stacked((problem.log_lr_error, problem.log_lr), (error, log_lr)),
        log_weight=np.vstack([problem.log_weight, log_weight]),
    )


def _stacked(*parts: tuple[Floats | None, Floats]) -> Floats | None:
    """Standard errors above each other, 0 where a part has none; None if none has."""
    if all(error is None for error, _ in parts):
        return None
    return np.vstack([np.zeros(values.shape) if error is None else error for error, values in parts])


def weights_of(problem: Problem, units: Units, *, tick: Tick = silent) -> Weights:
    """The joint problem of units."""
    persons = len(problem.persons)
    whole = replace(problem, individuals=units.individuals, log_lr=units.log_lr, log_lr_error=units.log_lr_error)
    case = replace(problem.case, individuals=units.individuals)
    of_genotypes = couplings_of(whole, tick=tick) if problem.scores is not None else ()
    return Weights(
        log_none=np.logaddexp.reduce(units.log_weight[:, persons:], axis=1),
        log_slot=units.log_weight[:, :persons],
        couplings=with_lines(case, of_genotypes),
        log_slot_error=units.log_lr_error,
        units=units.members,
    )


def alternatives(problem: Problem, units: Units, unit_none: Floats) -> Floats:
    """(individual, alternative) posterior, from the chance of each unit to be none of the roster."""
    logs = units.log_weight[:, len(problem.persons) :]
    highest = logs.max(axis=1, keepdims=True)
    share = np.exp(logs - np.where(np.isfinite(highest), highest, 0.0))
    share *= (unit_none / np.maximum(share.sum(axis=1), 1e-300))[:, None]
    answer = np.zeros((len(problem.individuals), logs.shape[1]))
    for of, chances in zip(units.members, share, strict=True):
        answer[list(of)] += chances
    return answer


def _log_prior(problem: Problem, members: Sequence[int]) -> Floats:
    """Of persons for each of the members; of an alternative once, and per person for each further one."""
    persons = len(problem.persons)
    of_row = problem.log_prior[list(members)]
    answer = np.asarray(of_row.sum(axis=0))
    per_person = float(of_row[0, 0]) if persons else -math.inf
    answer[persons:] = of_row[0, persons:] + (len(members) - 1) * per_person
    return answer


def _sets(problem: Problem) -> Mapping[tuple[int, ...], Individual]:
    """Sets of two remains and more that may be one individual, by size."""
    individuals = problem.individuals
    loci = problem.loci.get(problem.programme.settings.population) or next(iter(problem.loci.values()), None)
    row = {one.remains_id: k for k, one in enumerate(individuals)}
    theta = problem.programme.settings.theta
    alike = conclusions.identical(list(row), [one.calls for one in individuals], loci, theta=theta, least=LEAST)
    join = joiner(problem.programme)
    found: dict[tuple[int, ...], Individual] = {}
    level: dict[tuple[int, ...], Individual] = {}
    for first, second, _ in alike:
        pair = (row[first], row[second])
        if (one := join([individuals[r] for r in pair])) is not None:
            level[min(pair), max(pair)] = one
    partners: dict[int, set[int]] = {}
    for a, b in level:
        partners.setdefault(a, set()).add(b)
    while level:
        found |= dict(sorted(level.items()))
        if len(found) > MOST_UNITS:
            raise TooLarge(
                f"more than {MOST_UNITS:,} sets of remains may each be one person: join rows that are certainly one "
                "individual with same_as"
            )
        longer: dict[tuple[int, ...], Individual] = {}
        for of in level if len(next(iter(level))) < MOST_TOGETHER else ():
            for r in sorted(set.intersection(*(partners.get(one, set()) for one in of))):
                parts = [(*of[:k], *of[k + 1 :], r) for k in range(len(of))]
                if all(part in found for part in parts):
                    one = join([individuals[k] for k in (*of, r)])
                    if one is not None:
                        longer[*of, r] = one
        level = longer
    return found
