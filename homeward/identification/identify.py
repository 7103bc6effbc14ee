"""The verb: from a programme to who the remains may be, how sure that is, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import islice

import numpy as np
import numpy.typing as npt

from homeward.genetics.family import Family
from homeward.genetics.scoring import BLOCK, Seen, member_rows
from homeward.genetics.tables import engine_for
from homeward.identification import conclusions, wide
from homeward.identification.exact import TIE
from homeward.identification.explanation import explain
from homeward.identification.joint import BEST, Floats, Joint, solve
from homeward.identification.problem import Problem, locus_notes, pose
from homeward.identification.redraws import with_estimates
from homeward.identification.result import (
    Assignment,
    Candidate,
    Conclusion,
    Exclusion,
    Explanation,
    FamilyResult,
    Identification,
    Label,
    Note,
    Pairs,
    RemainsResult,
)
from homeward.identification.units import alternatives
from homeward.programme import NOT_LISTED, OTHER_LISTED, OUTSIDER, PriorKind, Programme
from homeward.progress import Tick, silent
from homeward.provenance import provenance

MOST_AT_ONCE = 20_000_000  # pairs weighed at once; more are weighed in blocks of remains (``wide.py``)
MOST_PAIRS = 2_000_000  # pairs told in full
ALL_CANDIDATES = 20_000  # pairs explained in full, marker by marker
LEADING = 20  # pairs told per remains, whatever their posterior
AT_LEAST = 1e-6  # posterior from which a pair is told
MOST_EXPLAINED = 60  # pairs of one of the remains explained marker by marker
LOG10 = math.log(10)


def identify(programme: Programme, *, explained: bool = True, tick: Tick = silent) -> Identification:
    """Weigh every person of the roster, and everyone else, for each of the remains.

    Parameters
    ----------
    programme : the record, as its folder states it
    explained : whether each conclusion is explained too, which solves small problems again and again
    tick : told of the stages "tables", "families", "joint", "belief", "intervals",
        "sampling" and "markers"

    Raises
    ------
    UnequalCalls
        If samples of one subject, or remains joined by ``same_as``, cannot be of one individual.
    Impossible
        If decisions and evidence leave no possible answer.

    Notes
    -----
    ``log10_lr`` compares within the family's population; ``log10_lr_all`` is relative to someone
    missing who is not listed. ``prior`` is before the evidence of the remains themselves, given
    that everyone else's evidence may already take the person. The posterior at other priors
    re-weights a row with the others' claims held as they are (see ``conclusions.at_other_priors``).
    """
    if len(programme.missing) * len(programme.remains) > MOST_AT_ONCE and wide.applies(programme):
        return wide.identify(programme, tick=tick)
    problem = pose(programme, tick=tick)
    weights = problem.weights(tick=tick)
    found = solve(weights, seed=programme.settings.seed, tick=tick)
    found = with_estimates(weights, found, seed=programme.settings.seed, tick=tick)
    posterior, error = _posterior(problem, found)
    prior = _prior(problem, found)
    pairs = _pairs(problem, found, prior, posterior, error)
    rows = _explained(problem, posterior)
    candidates = _candidates(problem, found, prior, posterior, error, rows, tick)
    symmetric = conclusions.symmetric(
        [one.remains_id for one in problem.individuals],
        [person.person_id for person in problem.persons],
        problem.log_weight[:, : len(problem.persons)],
        posterior[:, : len(problem.persons)],
        _informed_families(problem),
    )
    explanations: Sequence[Explanation | None] = [None] * len(candidates)
    if explained:
        needed = [_needed(problem, row) for row in range(len(candidates))]
        explanations = explain(problem, weights, found, posterior, candidates, needed)
    shared = {name for group in symmetric for name in group.remains_ids}
    widths = np.maximum(found.none_error, found.slot_error.max(axis=1, initial=0.0))
    return Identification(
        provenance=provenance(
            "identify", input_digest=programme.digest, parameters=_parameters(programme), seed=programme.settings.seed
        ),
        settings=programme.settings,
        pairs=pairs,
        candidates=tuple(candidate for of_row in candidates for candidate in of_row),
        remains=tuple(
            _remains(problem, posterior, row, of_row, explanations[row], one.remains_id in shared)
            for row, (one, of_row) in enumerate(zip(problem.individuals, candidates, strict=True))
        ),
        families=_families(problem),
        assignments=_assignments(problem, found),
        assignments_absent=found.assignments_absent,
        symmetric=symmetric,
        undisputed=conclusions.undisputed(
            [one.remains_id for one in problem.individuals],
            [person.person_id for person in problem.persons],
            _log10_lr(problem),
            programme.settings.undisputed_lr,
        ),
        identical=conclusions.identical(
            [one.remains_id for one in problem.individuals],
            [one.calls for one in problem.individuals],
            problem.loci.get(programme.settings.population) or next(iter(problem.loci.values()), None),
            theta=programme.settings.theta,
        ),
        notes=(*_notes(problem), *_estimated(problem, found), *_unsettled(problem, found)),
        shares={label: found.labels.count(label) / max(len(found.labels), 1) for label in Label},
        median_width=float(np.median(widths)) if len(widths) else 0.0,
        log10_evidence=None if found.log_total is None else found.log_total / LOG10,
        log10_evidence_error=found.log_total_error / LOG10,
    )


def _parameters(programme: Programme) -> dict[str, object]:
    return {
        key: str(value) if value is not None and not isinstance(value, (int, float, str, bool, Mapping)) else value
        for key, value in asdict_settings(programme).items()
    }


def asdict_settings(programme: Programme) -> dict[str, object]:
    """The settings by name, mappings as plain dictionaries."""
    settings = programme.settings
    return {
        name: dict(value) if isinstance(value := getattr(settings, name), Mapping) else value
        for name in settings.__dataclass_fields__
    }


# --- the table of pairs ---


def _log10_lr(problem: Problem) -> Floats:
    """The pairwise ratios, -inf where a decision or the sex rules the pair out."""
    persons = len(problem.persons)
    ruled_out = problem.excluded[:, :persons] != Exclusion.NONE.value
    return np.where(ruled_out, -np.inf, problem.log_lr / LOG10)


def _posterior(problem: Problem, found: Joint) -> tuple[Floats, Floats]:
    """(individual, hypothesis) posterior and error; the alternatives share what is none of the roster."""
    persons = len(problem.persons)
    log_alternatives = problem.log_weight[:, persons:]
    highest = log_alternatives.max(axis=1, keepdims=True)
    share = np.exp(log_alternatives - np.where(np.isfinite(highest), highest, 0.0))
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
    unlisted = found.none[:, None] * share
    if problem.units is not None and found.unit_none is not None:
        unlisted = alternatives(problem, problem.units, found.unit_none)
    return (
        np.hstack([found.slot, unlisted]),
        np.hstack([found.slot_error, found.none_error[:, None] * share]),
    )


def _prior(problem: Problem, found: Joint) -> Floats:
    """(individual, hypothesis) marginal before the evidence of the individual, exclusivity included."""
    excluded = problem.excluded
    allowed = (excluded == Exclusion.NONE.value) | (excluded == Exclusion.GENOTYPE.value)
    weight = np.where(allowed, np.exp(problem.log_prior), 0.0)
    weight[:, : len(problem.persons)] *= found.free
    total = weight.sum(axis=1, keepdims=True)
    prior = weight / np.where(total > 0, total, 1.0)
    for row, column in enumerate(problem.fixed.tolist()):
        if column >= 0:
            prior[row] = 0.0
            prior[row, column] = 1.0
    return prior


def _ranked(row: Floats) -> npt.NDArray[np.intp]:
    """Hypotheses of a row, best first; what ties (to nine digits, however small) keeps its order."""
    with np.errstate(divide="ignore"):
        return np.argsort(-np.round(np.log(row), 9), kind="stable")


def _pairs(
    problem: Problem,
    found: Joint,
    prior: Floats,
    posterior: Floats,
    error: Floats,
    *,
    columns: Sequence[npt.NDArray[np.intp]] | None = None,
) -> Pairs:
    """The table; ``columns`` are the hypotheses told of each of the individuals, best first, if that was decided."""
    persons, (count, hypotheses) = len(problem.persons), posterior.shape
    shorten = columns is not None or posterior.size > MOST_PAIRS
    log10_lr = np.hstack([_log10_lr(problem), np.full((count, hypotheses - persons), np.nan)])
    log10_all = np.where(problem.excluded == Exclusion.NONE.value, problem.log_evidence / LOG10, -np.inf)
    kept = columns or [_kept(problem, posterior[row]) if shorten else _ranked(posterior[row]) for row in range(count)]
    extra = hypotheses if shorten else -1
    told: list[npt.NDArray[np.intp]] = []
    values: list[list[Floats]] = [[] for _ in range(5)]
    excluded: list[npt.NDArray[np.str_]] = []
    for row, which in enumerate(kept):
        told.append(np.append(which, extra) if shorten else which)
        sources = (log10_lr[row], log10_all[row], prior[row], posterior[row], error[row])
        for store, source in zip(values, sources, strict=True):
            store.append(source[which])
        excluded.append(problem.excluded[row][which])
        if shorten:
            left = np.ones(hypotheses, dtype=bool)
            left[which] = False
            mass = float(posterior[row][left].sum())
            rest = (np.nan, np.nan, float(prior[row][left].sum()), mass, min(mass, float(error[row][left].sum())))
            for store, value in zip(values, rest, strict=True):
                store[-1] = np.append(store[-1], value)
            excluded[-1] = np.append(excluded[-1], "")
    table = [np.concatenate(store) if store else np.zeros(0) for store in values]
    return Pairs(
        remains_ids=tuple(one.remains_id for one in problem.individuals),
        hypotheses=(*problem.hypotheses, OTHER_LISTED),
        remains=np.repeat(np.arange(count, dtype=np.intp), [len(of_row) for of_row in told]),
        hypothesis=np.concatenate(told) if told else np.zeros(0, dtype=np.intp),
        log10_lr=table[0],
        log10_lr_all=table[1],
        prior=table[2],
        posterior=table[3],
        error=table[4],
        label=found.labels,
        excluded=np.concatenate(excluded) if excluded else np.zeros(0, dtype="U8"),
    )


def _kept(problem: Problem, row: Floats) -> npt.NDArray[np.intp]:
    """The leading hypotheses of a row: those with some posterior, the best twenty, and every alternative."""
    order = _ranked(row)
    wanted = row[order] >= AT_LEAST
    wanted[:LEADING] = True
    wanted |= order >= len(problem.persons)
    return order[wanted]


# --- candidates ---


def _explained(problem: Problem, posterior: Floats) -> list[npt.NDArray[np.intp]]:
    """Per individual the hypotheses explained in full, best first."""
    if posterior.size <= ALL_CANDIDATES:
        return [_ranked(row) for row in posterior]
    answer = []
    for row in posterior:
        order = _kept(problem, row)
        persons = [c for c in order.tolist() if c < len(problem.persons)]
        cut = set(persons[MOST_EXPLAINED:])
        answer.append(np.array([c for c in order.tolist() if c not in cut], dtype=np.intp))
    return answer


def _candidates(
    problem: Problem,
    found: Joint,
    prior: Floats,
    posterior: Floats,
    error: Floats,
    rows: Sequence[npt.NDArray[np.intp]],
    tick: Tick,
) -> list[list[Candidate]]:
    markers = _markers(problem, rows, tick)
    persons, names = len(problem.persons), problem.hypotheses
    log10_lr = _log10_lr(problem)
    answer = []
    for row, (one, columns) in enumerate(zip(problem.individuals, rows, strict=True)):
        of_row = []
        for column in columns.tolist():
            excluded = Exclusion(str(problem.excluded[row, column]))
            whole = float(problem.log_evidence[row, column]) / LOG10
            ratio = float(log10_lr[row, column]) if column < persons else None
            evidence = {
                line: float(values[row, column]) / LOG10 for line, values in problem.evidence.contributions.items()
            }
            of_row.append(
                Candidate(
                    remains_id=one.remains_id,
                    hypothesis=names[column],
                    log10_lr=ratio if ratio is not None and math.isfinite(ratio) else None,
                    log10_lr_all=whole if excluded is Exclusion.NONE and math.isfinite(whole) else None,
                    prior=float(prior[row, column]),
                    posterior=float(posterior[row, column]),
                    label=found.labels[row],
                    error=float(error[row, column]),
                    log10_lr_error=_lr_error(problem, row, column),
                    excluded=excluded,
                    markers=markers.get((row, column), {}),
                    evidence={line: value for line, value in evidence.items() if math.isfinite(value)},
                )
            )
        answer.append(of_row)
    return answer


def _lr_error(problem: Problem, row: int, column: int) -> float:
    """Standard error of log10_lr; 0 where the likelihood is exact, and for alternatives."""
    if problem.log_lr_error is None or column >= len(problem.persons):
        return 0.0
    return float(problem.log_lr_error[row, column]) / LOG10


def _markers(
    problem: Problem, rows: Sequence[npt.NDArray[np.intp]], tick: Tick
) -> dict[tuple[int, int], dict[str, float | None]]:
    """What each marker contributes to the pairs that are explained."""
    scores = problem.scores
    if scores is None:
        return {}
    asked: dict[int, list[int]] = {}
    for row, columns in enumerate(rows):
        for column in columns.tolist():
            if (
                column < len(problem.persons)
                and scores.informed[problem.slot_of[column]]
                and problem.slot_of[column] >= 0
            ):
                asked.setdefault(column, []).append(row)
    engine = engine_for(len(asked), max(len(loci) for loci in problem.loci.values()))
    groups: dict[int, list[int]] = {}
    for column in sorted(asked):
        groups.setdefault(id(problem.families[scores.slots[problem.slot_of[column]].family].loci), []).append(column)
    answer: dict[tuple[int, int], dict[str, float | None]] = {}
    done = 0
    for columns_of in groups.values():
        members = [_member(problem, column) for column in columns_of]
        seen = Seen(members[0][0].loci, [one.calls for one in problem.individuals])
        for start in range(0, len(columns_of), BLOCK):
            tick("markers", done, len(asked))
            block = columns_of[start : start + BLOCK]
            parts = member_rows(members[start : start + BLOCK], seen, engine)[0] / LOG10
            for k, column in enumerate(block):
                for row in asked[column]:
                    answer[row, column] = {
                        locus.marker: float(parts[code, k]) if math.isfinite(parts[code, k]) else None
                        for locus, code in zip(seen.loci, seen.codes[row].tolist(), strict=True)
                        if code
                    }
            done += len(block)
    tick("markers", len(asked), len(asked))
    return answer


def _member(problem: Problem, column: int) -> tuple[Family, str]:
    assert problem.scores is not None
    slot = problem.scores.slots[problem.slot_of[column]]
    return problem.families[slot.family], slot.member_id


# --- one of the remains ---


def _remains(
    problem: Problem,
    posterior: Floats,
    row: int,
    candidates: Sequence[Candidate],
    explanation: Explanation | None,
    is_shared: bool,
) -> RemainsResult:
    settings, one, persons = problem.programme.settings, problem.individuals[row], len(problem.persons)
    best, runner_up = candidates[0], next(iter(candidates[1:2]), None)
    alternatives = dict(zip(problem.alternatives, posterior[row, persons:].tolist(), strict=True))
    column = problem.hypotheses.index(best.hypothesis)
    return RemainsResult(
        remains_id=one.remains_id,
        merged=one.merged,
        sex=one.sex.value,
        markers_typed=one.markers_typed,
        conclusion=_conclusion(problem, row, best, alternatives, is_shared),
        best=best,
        runner_up=runner_up,
        needed_log10_lr=_needed(problem, row),
        sensitivity=conclusions.at_other_priors(
            posterior[row, :persons], posterior[row, persons:], column, settings.listed_share
        )
        if settings.prior is PriorKind.ROSTER and problem.fixed[row] < 0
        else (),
        not_listed=alternatives[NOT_LISTED],
        outsiders={
            name.removeprefix(OUTSIDER): value for name, value in alternatives.items() if name.startswith(OUTSIDER)
        },
        listed=float(posterior[row, :persons].sum()),
        explanation=explanation,
    )


def _needed(problem: Problem, row: int) -> float:
    return conclusions.needed_log10_lr(problem.programme.settings.identify, *_weight_and_others(problem, row))


def _weight_and_others(problem: Problem, row: int) -> tuple[float, float]:
    """Prior weight of one person, and of everything else that is admissible for these remains."""
    barred = (Exclusion.SEX.value, Exclusion.DECISION.value)
    weights = np.where(np.isin(problem.excluded[row], barred), 0.0, np.exp(problem.log_prior[row]))
    listed = weights[: len(problem.persons)]
    one = float(listed.max(initial=0.0))
    return one, float(weights.sum()) - one


def _conclusion(
    problem: Problem, row: int, best: Candidate, alternatives: Mapping[str, float], is_shared: bool
) -> Conclusion:
    settings = problem.programme.settings
    if problem.fixed[row] >= 0:
        return Conclusion.DECIDED
    if best.hypothesis not in alternatives:
        if best.posterior >= settings.identify:
            return Conclusion.IDENTIFY
        if best.posterior >= settings.review:
            return Conclusion.REVIEW
    if is_shared:
        return Conclusion.SYMMETRIC
    return Conclusion.NOT_LISTED if max(alternatives.values()) >= settings.review else Conclusion.OPEN


# --- families, assignments, notes ---


def _informed_families(problem: Problem) -> list[list[int]]:
    if problem.scores is None:
        return []
    columns: dict[int, list[int]] = {}
    for column, slot in enumerate(problem.slot_of.tolist()):
        if slot >= 0 and problem.scores.informed[slot]:
            columns.setdefault(problem.scores.slots[slot].family, []).append(column)
    return [of_family for of_family in columns.values() if len(of_family) > 1]


def _families(problem: Problem) -> tuple[FamilyResult, ...]:
    scores = problem.scores
    if scores is None:
        return ()
    answer = []
    for index, family in enumerate(problem.families):
        marker = scores.set_aside.get(index, "")
        value = float(scores.reference_log_likelihood[index])
        reason = "mendelian" if marker else "" if family.typed else "no_typed_relative"
        answer.append(
            FamilyResult(
                family_id=family.family_id,
                members_typed=family.typed,
                missing=tuple(member.person_id for member in family.slots),
                log10_likelihood=value / LOG10 if math.isfinite(value) else None,
                state="set_aside" if marker else "used",
                marker=marker,
                reason=reason,
            )
        )
    return tuple(answer)


def _assignments(problem: Problem, found: Joint) -> tuple[Assignment, ...]:
    """The best whole answers, ties by the names of the hypotheses; alternatives told apart."""
    persons, names = len(problem.persons), problem.hypotheses
    log_alternatives = problem.log_weight[:, persons:]
    with np.errstate(divide="ignore", invalid="ignore"):
        total = np.logaddexp.reduce(log_alternatives, axis=1)
        shares = log_alternatives - total[:, None]
    listed: list[tuple[float, tuple[str, ...]]] = []
    error_of: dict[tuple[str, ...], float] = {}
    errors = found.assignment_errors or (0.0,) * len(found.assignments)
    for (weight, chosen), error in zip(found.assignments, errors, strict=True):
        partial: list[tuple[float, tuple[str, ...]]] = [(weight, ())]
        for row, slot in enumerate(chosen):
            if slot >= 0:
                partial = [(w, (*so_far, names[slot])) for w, so_far in partial]
            else:
                partial = [
                    (w + float(shares[row, k]), (*so_far, names[persons + k]))
                    for w, so_far in partial
                    for k in range(len(problem.alternatives))
                    if shares[row, k] > -np.inf
                ]
                partial = sorted(partial, key=lambda one: -one[0])[: 2 * BEST]
        listed += partial
        error_of |= {chosen_names: error for _, chosen_names in partial}
    return tuple(
        Assignment(
            rank=rank,
            posterior=math.exp(weight),
            hypotheses={one.remains_id: name for one, name in zip(problem.individuals, chosen_names, strict=True)},
            error=math.exp(weight) * error_of[chosen_names],
        )
        for rank, (weight, chosen_names) in enumerate(islice(_by_name_where_tied(listed), BEST), start=1)
    )


def _by_name_where_tied(listed: list[tuple[float, tuple[str, ...]]]) -> list[tuple[float, tuple[str, ...]]]:
    ordered = sorted(listed, key=lambda one: -one[0])
    answer: list[tuple[float, tuple[str, ...]]] = []
    tied: list[tuple[float, tuple[str, ...]]] = []
    for one in ordered:
        if tied and one[0] < tied[0][0] - TIE:
            answer += sorted(tied, key=lambda same: same[1])
            tied = []
        tied.append(one)
    return answer + sorted(tied, key=lambda same: same[1])


def _unsettled(problem: Problem, found: Joint) -> tuple[Note, ...]:
    names = [problem.individuals[row].remains_id for row in found.unsettled]
    return (Note(code="chains_disagree", values={"remains": names}),) if names else ()


def _estimated(problem: Problem, found: Joint) -> tuple[Note, ...]:
    """The families whose likelihood is an estimate: of one of the remains, and of several together."""
    scores = problem.scores
    if scores is None:
        return ()
    largest = dict(scores.sampled)
    for person, error in found.family_errors.items():
        family = scores.slots[problem.slot_of[person]].family
        largest[family] = max(largest.get(family, 0.0), error)
    draws = problem.programme.settings.theta_draws
    return tuple(
        Note(
            code="theta_sampled",
            values={
                "family": problem.families[index].family_id,
                "draws": draws,
                "standard_error": float(f"{error / LOG10:.2g}"),
            },
        )
        for index, error in sorted(largest.items())
    )


def _notes(problem: Problem) -> tuple[Note, ...]:
    settings = problem.programme.settings
    notes = [
        Note(code=note.code, values={k: v for k, v in asdict(note).items() if k != "code"})
        for note in locus_notes(problem)
    ]
    notes.append(Note(code="untyped_ancestors", values={"semantics": settings.untyped_ancestors}))
    if settings.prior is PriorKind.FLAT:
        notes.append(Note(code="flat_prior", values={"persons": len(problem.persons)}))
    if not settings.one_to_one:
        notes.append(Note(code="not_one_to_one"))
    if problem.units is not None:
        sets = len(problem.units.members) - len(problem.individuals)
        notes.append(Note(code="fragments", values={"sets": sets}))
    for one in problem.individuals:
        if len(one.merged) > 1:
            notes.append(Note(code="merged", values={"remains": list(one.merged)}))
    used = {locus.marker for loci in problem.loci.values() for locus in loci}
    typed = {marker for one in problem.individuals for marker in one.calls} - used - {"AMEL"}
    if typed and len(problem.loci) > 0:
        notes.append(Note(code="markers_unused", values={"markers": sorted(typed)}))
    notes += [note for line in problem.lines for note in line.notes]
    return tuple(notes)
