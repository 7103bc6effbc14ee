"""Rosters too large for one array of pairs: remains are weighed in blocks, and only likely pairs are kept.

Twice over the blocks: first to gather the pairs that the joint posterior needs (``sparse.py``), then, with the answer,
to tell each row as ``identify`` does. The table of all pairs is never held. Persons without informative references are
told together, as ``other_listed``, unless something else speaks for one of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

import numpy as np

from homeward.errors import Impossible, NotFound, TooLarge
from homeward.genetics.family import too_large
from homeward.genetics.scoring import Scores, log_lr_matrix
from homeward.genetics.tables import engine_for
from homeward.identification import conclusions, sparse
from homeward.identification.coupling import _Several, coupled, interacting
from homeward.identification.descent import with_lines
from homeward.identification.joint import Coupling, Floats, Joint
from homeward.identification.problem import Problem, World, pose_some, world_of
from homeward.identification.result import (
    Candidate,
    FamilyResult,
    Identification,
    Label,
    Note,
    Pairs,
    RemainsResult,
    Symmetric,
    Undisputed,
)
from homeward.identification.together import Together
from homeward.programme import Decision, Outcome, Programme
from homeward.progress import Tick, silent
from homeward.provenance import provenance

BLOCK = 4_000_000  # pairs of a block: some 1.5 GB while they are weighed
SCORED = 80_000_000  # pairs whose ratios are held: 0.64 GB
OF_FAMILIES = 1e-9  # odds from which pairs of coupled families are gathered: a brother may make them likely
EXPLAINED = 4  # persons of one of the remains explained marker by marker
_NOT_HELD = (Outcome.EXCLUDED, Outcome.RESCINDED)


def applies(programme: Programme) -> bool:
    """Whether blocks can do it: each person once, and remains each one individual."""
    return programme.settings.one_to_one and not programme.settings.fragments


@dataclass(eq=False)
class _Told:
    """What the second pass collects."""

    pairs: list[Pairs] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    remains: list[RemainsResult] = field(default_factory=list)
    symmetric: list[Symmetric] = field(default_factory=list)
    notes: dict[str, Note] = field(default_factory=dict)
    families: tuple[FamilyResult, ...] = ()
    strong: list[tuple[Any, Any, Floats]] = field(default_factory=list)


def identify(programme: Programme, *, tick: Tick = silent) -> Identification:
    """As :func:`homeward.identification.identify.identify`, in blocks of remains."""
    from homeward.identification.identify import _parameters

    world = world_of(programme)
    _check_decisions(world)
    _check_estimates(world)
    tick("blocks", 0, 2)
    kept, couplings = _gathered(world, tick)
    kept, families = sparse.with_families(kept, couplings)
    found = sparse.solve(kept, families, tick=tick)
    tick("blocks", 1, 2)
    told = _Told()
    for rows, problem in _blocks(world, tick):
        _tell(told, problem, rows, kept, found)
    tick("blocks", 2, 2)
    settings, individuals = programme.settings, world.individuals
    widths = found.none_error.copy()
    line = np.repeat(np.arange(len(individuals)), np.diff(kept.start))
    np.maximum.at(widths, line, found.pair_error)
    return Identification(
        provenance=provenance(
            "identify", input_digest=programme.digest, parameters=_parameters(programme), seed=settings.seed
        ),
        settings=settings,
        pairs=_joined(told.pairs, world),
        candidates=tuple(told.candidates),
        remains=tuple(told.remains),
        families=told.families,
        assignments=(),
        assignments_absent="too_large",
        symmetric=_merged(told.symmetric),
        undisputed=_undisputed(told.strong, world, settings.undisputed_lr),
        identical=conclusions.identical(
            [one.remains_id for one in individuals],
            [one.calls for one in individuals],
            world.loci.get(settings.population) or next(iter(world.loci.values()), None),
            theta=settings.theta,
        ),
        notes=(*told.notes.values(), Note(code="in_blocks", values={"least": sparse.KEEP})),
        shares={label: found.labels.count(label) / max(len(found.labels), 1) for label in Label},
        median_width=float(np.median(widths)) if len(widths) else 0.0,
        log10_evidence=None,
    )


def _blocks(world: World, tick: Tick) -> Iterator[tuple[slice, Problem]]:
    """Problems of some remains at a time; the families are worked out once for the many that share the ratios."""
    count, persons = len(world.individuals), max(len(world.persons), 1)
    many, few = max(1, SCORED // persons), max(1, BLOCK // persons)
    for start in range(0, count, many):
        stop = min(start + many, count)
        scores = None
        if world.families:
            scores = log_lr_matrix(world.families, [one.calls for one in world.individuals[start:stop]], tick=tick)
        for first in range(start, stop, few):
            tick("remains", first, count)
            rows = slice(first, min(first + few, stop))
            of_rows = scores and replace(scores, log_lr=scores.log_lr[first - start : rows.stop - start])
            yield rows, _problem(world, rows, of_rows)
    tick("remains", count, count)


def _problem(world: World, rows: slice, scores: Scores | None) -> Problem:
    individuals = world.individuals[rows]
    names = {name for one in individuals for name in one.merged}
    about = [one for one in world.programme.decisions if one.remains_id in names]
    return pose_some(world, individuals, about, scores=scores)


def _check_estimates(world: World) -> None:
    """What blocks do not tell: how estimated likelihoods move the posteriors (``redraws.py``)."""
    for family in world.families:
        found = too_large(family) if family.sampling is not None else None
        if found is not None:
            raise TooLarge(
                f"family {family.family_id} is too large for theta to be summed exactly (marker {found[0]}), and among "
                "so many pairs the error of an estimate is not told. Leave out its distant relatives, or split the "
                "programme"
            )


def _check_decisions(world: World) -> None:
    """What no block can see: decisions about remains that are not there, or two remains decided to be one person."""
    rows = {name: k for k, one in enumerate(world.individuals) for name in one.merged}
    last: dict[tuple[int, str], Decision] = {}
    for decision in world.programme.decisions:
        if decision.remains_id not in rows:
            raise NotFound(
                f"the decision about remains {decision.remains_id} and {decision.about}: there are no such remains"
            )
        last[rows[decision.remains_id], decision.about] = decision
    persons = {person.person_id for person in world.persons}
    held: dict[str, int] = {}
    for (row, about), decision in last.items():
        if about in persons and decision.outcome not in _NOT_HELD and held.setdefault(about, row) != row:
            first, second = (world.individuals[k].remains_id for k in (held[about], row))
            raise Impossible(
                f"remains {first} and {second} were both decided to be {about}: join them with same_as, or rescind one"
            )


# --- gathering ---


def _gathered(world: World, tick: Tick) -> tuple[sparse.Kept, list[Coupling]]:
    persons = len(world.persons)
    gathering: sparse.Gathering | None = None
    couplings: list[Coupling] = []
    for _, problem in _blocks(world, tick):
        if gathering is None:
            case = replace(problem.case, individuals=world.individuals)
            couplings = list(with_lines(case, _couplings(world, problem, tick)))
            in_family = np.zeros(persons, dtype=bool)
            in_family[[slot for coupling in couplings for slot in coupling.slots]] = True
            least = np.where(in_family, OF_FAMILIES, sparse.KEEP)
            gathering = sparse.Gathering(persons, least=least, alone=~in_family)
        log_weight = problem.log_weight
        with np.errstate(divide="ignore"):
            log_none = np.logaddexp.reduce(log_weight[:, persons:], axis=1)
        gathering.add(log_none, log_weight[:, :persons])
    assert gathering is not None
    return gathering.kept(), couplings


def _couplings(world: World, problem: Problem, tick: Tick) -> list[Coupling]:
    """Families whose likelihood does not factorise, asked configuration by configuration."""
    scores = problem.scores
    if scores is None:
        return []
    person_of = {int(slot): k for k, slot in enumerate(problem.slot_of) if slot >= 0}
    members: dict[int, list[tuple[int, str]]] = {}
    for k, slot in enumerate(scores.slots):
        if slot.family not in scores.set_aside and k in person_of and scores.informed[k]:
            members.setdefault(slot.family, []).append((person_of[k], slot.member_id))
    calls = [one.calls for one in world.individuals]
    found = []
    several = {index: of for index, of in sorted(members.items()) if len(of) > 1}
    engine = engine_for(2 * len(several), max((len(loci) for loci in world.loci.values()), default=0))
    for done, (index, held) in enumerate(several.items()):
        tick("families", done, len(several))
        family, person = world.families[index], {member: column for column, member in held}
        names = [member for _, member in held]
        if coupled(family):
            single = log_lr_matrix([family], calls)
            place = [[slot.member_id for slot in single.slots].index(name) for name in names]
            whole = Together(family, names, calls, single.log_lr[:, place])
            found.append(Coupling(slots=tuple(person.values()), log_ratio=whole))
            continue
        for together in interacting(family, names):
            if len(together) > 1:
                ratio = _Several(family, together, calls, engine=engine)
                slots = tuple(person[name] for name in together)
                found.append(Coupling(slots=slots, log_ratio=ratio, row=ratio.row))
    tick("families", len(several), len(several))
    return found


# --- telling ---


def _tell(told: _Told, problem: Problem, rows: slice, kept: sparse.Kept, found: sparse.Sparse) -> None:
    from homeward.identification import identify as one

    joint = _block_of(problem, rows, kept, found)
    persons = len(problem.persons)
    posterior, error = one._posterior(problem, joint)
    prior = one._prior(problem, joint)
    columns = [_columns(problem, kept, row + rows.start, posterior[row]) for row in range(len(posterior))]
    told.pairs.append(one._pairs(problem, joint, prior, posterior, error, columns=columns))
    leading = [_leading(row, persons) for row in posterior]
    candidates = one._candidates(problem, joint, prior, posterior, error, leading, silent)
    symmetric = conclusions.symmetric(
        [individual.remains_id for individual in problem.individuals],
        [person.person_id for person in problem.persons],
        problem.log_weight[:, :persons],
        posterior[:, :persons],
        one._informed_families(problem),
    )
    shared = {name for group in symmetric for name in group.remains_ids}
    told.symmetric += symmetric
    for row, of_row in enumerate(candidates):
        told.candidates += of_row
        name = problem.individuals[row].remains_id
        told.remains.append(one._remains(problem, posterior, row, of_row, None, name in shared))
    told.families = told.families or one._families(problem)
    told.notes.update({repr(note): note for note in one._notes(problem)})
    log10_lr = one._log10_lr(problem)
    row_of, column = np.nonzero(log10_lr > min(0.0, math.log10(problem.programme.settings.undisputed_lr)))
    told.strong.append(((row_of + rows.start).astype(np.int32), column.astype(np.int32), log10_lr[row_of, column]))


def _columns(problem: Problem, kept: sparse.Kept, row: int, posterior: Floats) -> Any:
    """The hypotheses of a row that are told: of the kept those with some posterior or the best, and alternatives."""
    from homeward.identification import identify as one

    persons = kept.person[kept.start[row] : kept.start[row + 1]]
    persons = persons[np.argsort(-posterior[persons], kind="stable")]
    wanted = posterior[persons] >= one.AT_LEAST
    wanted[: one.LEADING] = True
    columns = np.concatenate([persons[wanted], np.arange(len(problem.persons), len(posterior))])
    return columns[np.argsort(-posterior[columns], kind="stable")]


def _leading(row: Floats, persons: int) -> Any:
    """The persons explained in full, and every alternative, best first."""
    best = np.argpartition(-row[:persons], min(EXPLAINED, persons - 1))[:EXPLAINED] if persons else np.zeros(0, int)
    columns = np.concatenate([best, np.arange(persons, len(row))]).astype(np.intp)
    return columns[np.argsort(-row[columns], kind="stable")]


def _block_of(problem: Problem, rows: slice, kept: sparse.Kept, found: sparse.Sparse) -> Joint:
    """The answer for a block, with what was left out spread by its odds."""
    persons = len(problem.persons)
    log_slot = problem.log_weight[:, :persons]
    with np.errstate(divide="ignore", invalid="ignore"):
        log_none = np.logaddexp.reduce(problem.log_weight[:, persons:], axis=1)
    none = found.none[rows]
    base = np.where(np.isfinite(log_none), log_none, log_slot.max(1, initial=-np.inf))
    slot = np.exp(np.minimum(log_slot - base[:, None], 0.0))
    first, last = int(kept.start[rows.start]), int(kept.start[rows.stop])
    line = np.repeat(np.arange(len(none)), np.diff(kept.start[rows.start : rows.stop + 1]))
    person = kept.person[first:last]
    slot[line, person] = 0.0
    pair = found.pair[first:last]
    told = none + np.bincount(line, weights=pair, minlength=len(none))
    left = slot.sum(1)
    slot *= (np.maximum(1 - told, 0.0) / np.where(left > 0, left, 1.0))[:, None]
    error = slot.copy()  # what is not told by itself is at most its odds
    slot[line, person], error[line, person] = pair, found.pair_error[first:last]
    free = np.ones_like(slot)
    free[line, person] = found.pair_free[first:last]
    whole = none + slot.sum(1)
    moved = np.abs(1 - 1 / whole)  # so that rows sum to one; told as error
    return Joint(
        none=np.where(np.isfinite(log_none), none / whole, 0.0),
        slot=slot / whole[:, None],
        none_error=found.none_error[rows] + moved * none,
        slot_error=error + moved[:, None] * slot,
        free=free,
        labels=found.labels[rows],
        log_total=None,
        assignments=(),
        assignments_absent="too_large",
    )


def _joined(parts: Sequence[Pairs], world: World) -> Pairs:
    """Tables of blocks as one."""
    starts = [0, *accumulate(len(part.remains_ids) for part in parts)]

    def column(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    return Pairs(
        remains_ids=tuple(one.remains_id for one in world.individuals),
        hypotheses=parts[0].hypotheses,
        remains=np.concatenate([part.remains + start for part, start in zip(parts, starts, strict=False)]),
        hypothesis=column("hypothesis"),
        log10_lr=column("log10_lr"),
        log10_lr_all=column("log10_lr_all"),
        prior=column("prior"),
        posterior=column("posterior"),
        error=column("error"),
        label=tuple(label for part in parts for label in part.label),
        excluded=column("excluded"),
    )


def _merged(groups: Sequence[Symmetric]) -> tuple[Symmetric, ...]:
    """Groups of the same persons that several blocks told, as one."""
    of_persons: dict[tuple[str, ...], Symmetric] = {}
    for group in groups:
        before = of_persons.get(group.person_ids)
        if before is not None:
            group = Symmetric(
                remains_ids=(*before.remains_ids, *group.remains_ids),
                person_ids=group.person_ids,
                posterior=max(0.0, before.posterior + group.posterior - 1),
            )
        of_persons[group.person_ids] = group
    return tuple(of_persons.values())


def _undisputed(strong: Sequence[tuple[Any, Any, Floats]], world: World, threshold: float) -> tuple[Undisputed, ...]:
    """As :func:`conclusions.undisputed`, on pairs with an LR above one: weaker ones dispute nothing."""
    row, column, value = (np.concatenate([part[k] for part in strong]) for k in range(3))
    least = math.log10(threshold)
    able = value >= least
    beside = np.isin(row, row[able]) | np.isin(column, column[able])
    row, column, value = row[beside], column[beside], value[beside]
    found: list[Undisputed] = []
    step = 0
    while len(value):
        step += 1
        beside = np.maximum(_greatest_other(row, value), _greatest_other(column, value))
        now = np.flatnonzero((value >= least) & (value - beside >= least - conclusions.SAME))
        if not len(now):
            break
        found += [
            Undisputed(
                remains_id=world.individuals[int(row[k])].remains_id,
                person_id=world.persons[int(column[k])].person_id,
                log10_lr=float(value[k]),
                step=step,
            )
            for k in now[np.lexsort((column[now], row[now]))]
        ]
        stays = ~(np.isin(row, row[now]) | np.isin(column, column[now]))
        row, column, value = row[stays], column[stays], value[stays]
    return tuple(found)


def _greatest_other(line: Any, value: Floats) -> Floats:
    """For each entry the greatest other of its line, -inf if there is none."""
    count = int(line.max(initial=-1)) + 1
    greatest, second = np.full(count, -np.inf), np.full(count, -np.inf)
    np.maximum.at(greatest, line, value)
    leading = np.full(count, -1, dtype=np.intp)
    places = np.flatnonzero(value == greatest[line])
    leading[line[places]] = places
    others = np.ones(len(value), dtype=bool)
    others[leading[leading >= 0]] = False
    np.maximum.at(second, line[others], value[others])
    return np.asarray(np.where(others, greatest[line], second[line]))
