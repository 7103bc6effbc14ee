"""What a conclusion rests on, and what would change it.

For each of the remains: every line of evidence and the posterior had it not been weighed; the runner-up and what
would tell it from the best; persons whom no line tells apart; the generalised likelihood ratio; and the posterior at
other priors. Small problems are solved again (:mod:`homeward.identification.again`); in the others the row of the
remains is weighed again with what everyone else says of who is still free held as it is. Which of the two is stated.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from homeward.identification import again
from homeward.identification.conclusions import SAME, SHARES, same_columns
from homeward.identification.evidence.combination import without_each
from homeward.identification.evidence.lines import Line
from homeward.identification.joint import Coupling, Floats, Joint, Weights
from homeward.identification.problem import Problem
from homeward.identification.result import Candidate, Exclusion, Explanation, Genetics, LineOut, Method, Separation
from homeward.programme import PriorKind

SOLVED_AGAIN = 20_000  # pairs up to which everything is solved again
MOST_WORK = 3e7  # numbers added for each time that it is
BLOCK = 2_000_000  # numbers weighed again at a time
ALIKE = 20  # persons named who are alike
LOG10 = math.log(10)
GENETIC = frozenset({"dna"})
"""Lines whose joint likelihood within a family couples its missing: without them nothing couples."""


@dataclass(frozen=True, eq=False, kw_only=True)
class _Without:
    """Posteriors had one line not been weighed, (individual, hypothesis), and which rows were solved again."""

    posterior: Floats
    exact: npt.NDArray[np.bool_]


def explain(
    problem: Problem,
    weights: Weights,
    found: Joint,
    posterior: Floats,
    candidates: Sequence[Sequence[Candidate]],
    needed: Sequence[float],
) -> tuple[Explanation, ...]:
    """Explain every row of a posterior.

    Parameters
    ----------
    weights, found : the joint problem and its answer
    posterior : (individual, hypothesis)
    candidates : of each of the individuals, best first
    needed : of each, the log10 LR that the threshold asks for
    """
    column_of = {name: k for k, name in enumerate(problem.hypotheses)}
    of_rows = [[column_of[one.hypothesis] for one in row[:2]] for row in candidates]
    priors = _exact_priors(problem, weights, [columns[0] for columns in of_rows])
    ratios = _generalised(problem, weights, [columns[0] for columns in of_rows])
    answer = []
    estimated = set(found.estimated)
    for row, lines in enumerate(_lines(problem, weights, found, posterior, of_rows)):
        best = candidates[row][0]
        alike = _alike(problem, row, of_rows[row][0])
        whole = best.log10_lr_all
        listed = of_rows[row][0] < len(problem.persons)
        answer.append(
            Explanation(
                lines=lines,
                separation=_separation(problem, row, of_rows[row], posterior[row]) if len(of_rows[row]) > 1 else None,
                alike=len(alike),
                alike_persons=tuple(problem.persons[c].person_id for c in alike[:ALIKE]),
                log10_glr=ratios[row][0],
                glr_absent=ratios[row][1],
                exact_priors=priors[row][0],
                priors_absent=priors[row][1],
                margin_log10_lr=whole - needed[row] if listed and whole is not None else None,
                estimated=row in estimated,
            )
        )
    return tuple(answer)


# --- each line left out ---


def _lines(
    problem: Problem, weights: Weights, found: Joint, posterior: Floats, of_rows: Sequence[Sequence[int]]
) -> Iterator[tuple[LineOut, ...]]:
    best = [columns[0] for columns in of_rows]
    shown = {line.name: _parts(line, problem, best) for line in problem.lines if line.parts}
    step = max(1, BLOCK // max(posterior.shape[1], 1))
    small = _small(problem)
    for start in range(0, len(posterior), len(posterior) if small else step):
        rows = slice(start, len(posterior) if small else min(start + step, len(posterior)))
        without = _left_out(problem, weights, found, posterior, rows, again_too=small)
        for row in range(*rows.indices(len(posterior))):
            yield tuple(
                _line_out(problem, name, one, row, row - start, of_rows[row], shown.get(name, {}))
                for name, one in without.items()
            )


def _line_out(
    problem: Problem, name: str, of: _Without, row: int, place: int, columns: Sequence[int], parts: Mapping[str, Floats]
) -> LineOut:
    contribution = problem.evidence.contributions[name][row] / LOG10
    values, best = of.posterior[place], columns[0]
    leading = int(np.argmax(np.where(np.arange(len(values)) == best, values * (1 + SAME), values)))
    return LineOut(
        line=name,
        log10_lr=_finite(contribution[best]),
        runner_up_log10_lr=_finite(contribution[columns[1]]) if len(columns) > 1 else None,
        parts={part: float(of_part[row]) for part, of_part in parts.items() if np.isfinite(of_part[row])},
        posterior=float(values[best]),
        rank=1 + int((values > values[best] * (1 + SAME)).sum()),
        leading=problem.hypotheses[leading],
        leading_posterior=float(values[leading]),
        method=Method.EXACT if of.exact[place] else Method.ROW,
    )


def _parts(line: Line, problem: Problem, best: Sequence[int]) -> dict[str, Floats]:
    """log10 LR of each step of a line against not_listed, of the best of each row, before it is bounded."""
    persons, rows = len(problem.persons), np.arange(len(best))
    columns = np.array(best, dtype=np.intp)
    with np.errstate(divide="ignore"):
        log_groups = np.log(problem.case.group_weights)
    answer = {}
    for name, (listed, general) in line.parts.items():
        whole = np.broadcast_to(general, (len(rows), *log_groups.shape))
        unlisted = np.logaddexp.reduce(whole + log_groups, axis=2)
        of_best = np.where(
            columns < persons,
            listed[rows, np.minimum(columns, persons - 1)] if persons else 0.0,
            unlisted[rows, np.maximum(columns - persons, 0)],
        )
        answer[name] = (of_best - unlisted[:, 0]) / LOG10
    return answer


def _left_out(
    problem: Problem, weights: Weights, found: Joint, posterior: Floats, rows: slice, *, again_too: bool
) -> dict[str, _Without]:
    part = replace(problem.case, individuals=problem.individuals[rows])
    lines = [
        replace(line, listed=line.listed[rows], general=line.general[rows] if len(line.general) > 1 else line.general)
        for line in (replace(one, parts={}) for one in problem.lines)
    ]
    evidence = without_each(lines, part)
    answer = {}
    for name in (line.name for line in problem.lines):
        log_weight = np.where(_allowed(problem)[rows], problem.log_prior[rows] + evidence[name], -np.inf)
        others = _others(problem, found, posterior, rows, genetic=name in GENETIC)
        row_wise = _normalised(log_weight + others)
        exact = np.full(len(log_weight), not weights.one_to_one)
        if again_too:
            couplings = () if name in GENETIC else weights.couplings
            solved = again.posterior(_weights(log_weight, weights, problem, couplings), most_work=MOST_WORK)
            exact = solved.known
            row_wise[exact] = _of_hypotheses(solved, log_weight, len(problem.persons))[exact]
        answer[name] = _Without(posterior=row_wise, exact=exact)
    return answer


def _allowed(problem: Problem) -> npt.NDArray[np.bool_]:
    return np.asarray(
        (problem.excluded == Exclusion.NONE.value) | (problem.excluded == Exclusion.GENOTYPE.value), dtype=bool
    )


def _others(problem: Problem, found: Joint, posterior: Floats, rows: slice, *, genetic: bool) -> Floats:
    """ln of what everyone else does to each hypothesis of a row: its posterior over its weight.

    Where the posterior is no number to divide by, and where what couples is left out with the line, it is the
    chance that the person is free.
    """
    persons = len(problem.persons)
    with np.errstate(divide="ignore", invalid="ignore"):
        free = np.hstack([np.log(found.free[rows]), np.zeros((len(posterior[rows]), len(problem.alternatives)))])
        if genetic:
            return np.asarray(free)
        ratio = np.log(posterior[rows]) - problem.log_weight[rows]
        none = np.log(found.none[rows]) - np.logaddexp.reduce(problem.log_weight[rows, persons:], axis=1)
    known = np.isfinite(ratio)
    reference = np.where(np.isfinite(none), none, np.where(known, ratio - free, -np.inf).max(axis=1, initial=-np.inf))
    return np.where(known, ratio, free + np.where(np.isfinite(reference), reference, 0.0)[:, None])


def _normalised(log_weight: Floats) -> Floats:
    highest = log_weight.max(axis=1, keepdims=True, initial=-np.inf)
    share = np.exp(log_weight - np.where(np.isfinite(highest), highest, 0.0))
    return np.asarray(share / np.maximum(share.sum(axis=1, keepdims=True), 1e-300))


def _weights(log_weight: Floats, of: Weights, problem: Problem, couplings: tuple[Coupling, ...]) -> Weights:
    persons = len(problem.persons)
    return replace(
        of,
        log_none=np.logaddexp.reduce(log_weight[:, persons:], axis=1),
        log_slot=log_weight[:, :persons],
        couplings=couplings,
    )


def _of_hypotheses(solved: again.Solved, log_weight: Floats, persons: int) -> Floats:
    """(individual, hypothesis): the alternatives share what is none of the roster."""
    return np.hstack([solved.slot, solved.none[:, None] * _normalised(log_weight[:, persons:])])


def _small(problem: Problem) -> bool:
    return problem.units is None and problem.log_weight.size <= SOLVED_AGAIN


# --- the runner-up ---


def _separation(problem: Problem, row: int, columns: Sequence[int], posterior: Floats) -> Separation:
    best, other = columns
    threshold = problem.programme.settings.identify
    odds = math.log10(posterior[best] / posterior[other]) if posterior[other] > 0 else None
    asked = math.log10(threshold / (1 - threshold)) if 0 < threshold < 1 else math.inf
    differ = {}
    for name, values in problem.evidence.contributions.items():
        first, second = float(values[row, best]), float(values[row, other])
        if math.isfinite(first) and math.isfinite(second) and abs(first - second) > SAME:
            differ[name] = (first - second) / LOG10
    return Separation(
        hypothesis=problem.hypotheses[other],
        lines=differ,
        log10_odds=odds,
        needed_log10_lr=0.0 if odds is None else max(0.0, asked - odds),
        genetics=_genetics(problem, row, best, other),
    )


def _genetics(problem: Problem, row: int, best: int, other: int) -> Genetics:
    if not problem.individuals[row].markers_typed:
        return Genetics.NOT_TYPED
    informed = [_informed(problem, column) for column in (best, other) if column < len(problem.persons)]
    if not any(informed):
        return Genetics.NONE_WITH
    if not all(informed):
        return Genetics.ONE_WITHOUT
    if len(informed) < 2:
        return Genetics.TELLS
    first, second = problem.log_lr[:, best], problem.log_lr[:, other]
    if _family(problem, best) == _family(problem, other) and same_columns(first, second):
        return Genetics.NEVER
    same = first[row] == second[row] or abs(first[row] - second[row]) <= SAME
    return Genetics.MORE_MARKERS if same else Genetics.TELLS


def _informed(problem: Problem, column: int) -> bool:
    slot = int(problem.slot_of[column])
    return problem.scores is not None and slot >= 0 and bool(problem.scores.informed[slot])


def _family(problem: Problem, column: int) -> int:
    assert problem.scores is not None
    return int(problem.scores.slots[int(problem.slot_of[column])].family)


def _alike(problem: Problem, row: int, best: int) -> list[int]:
    """Other persons of whom every line says of these remains what it says of the best."""
    persons = len(problem.persons)
    if best >= persons:
        return []
    weight = problem.log_weight[row, :persons]
    same = np.abs(np.where(np.isfinite(weight), weight, np.inf) - weight[best]) <= SAME
    for values in problem.evidence.contributions.values():
        of_row = np.where(np.isfinite(values[row, :persons]), values[row, :persons], np.inf)
        same &= np.abs(of_row - values[row, best]) <= SAME
    same[best] = False
    return np.flatnonzero(same).tolist()


# --- the best with the pair and without it ---


def _generalised(problem: Problem, weights: Weights, best: Sequence[int]) -> list[tuple[float | None, str]]:
    """Per individual the log10 GLR of its best hypothesis, and why there is none.

    Of likelihoods, without priors; "none of the roster" is the alternative that explains the remains best.
    """
    if problem.units is not None:
        return [(None, "fragments")] * len(best)
    persons = len(problem.persons)
    log_l = np.where(_allowed(problem), problem.log_evidence, -np.inf)
    unlisted = log_l[:, persons:].max(axis=1, initial=-np.inf)
    solved = again.best_with_each(
        replace(weights, log_none=unlisted, log_slot=log_l[:, :persons]), most_work=20 * MOST_WORK
    )
    answer: list[tuple[float | None, str]] = []
    for row, column in enumerate(best):
        if problem.fixed[row] >= 0:
            answer.append((None, "decided"))
        elif not solved.known[row]:
            answer.append((None, "too_large"))
        else:
            shift = solved.none[row] - unlisted[row] if np.isfinite(unlisted[row]) else 0.0
            everyone = np.append(solved.slot[row], log_l[row, persons:] + shift)
            ratio = float(everyone[column] - np.delete(everyone, column).max(initial=-np.inf)) / LOG10
            answer.append((ratio, "") if math.isfinite(ratio) else (None, "only"))
    return answer


# --- other priors ---


Told = tuple[tuple[float, float], ...]


def _exact_priors(problem: Problem, weights: Weights, best: Sequence[int]) -> list[tuple[Told, str]]:
    """Per individual its best hypothesis's posterior at several shares of the listed, and why there is none."""
    settings, rows = problem.programme.settings, len(best)
    if settings.prior is not PriorKind.ROSTER or not 0 < settings.listed_share < 1:
        return [((), "flat")] * rows
    if problem.units is not None:
        return [((), "fragments")] * rows
    if not _small(problem):
        return [((), "too_large")] * rows
    persons, told, known = len(problem.persons), np.zeros((rows, len(SHARES))), np.ones(rows, dtype=bool)
    for k, share in enumerate(SHARES):
        scale = np.full(len(problem.hypotheses), math.log((1 - share) / (1 - settings.listed_share)))
        scale[:persons] = math.log(share / settings.listed_share)
        log_weight = problem.log_weight + scale
        solved = again.posterior(_weights(log_weight, weights, problem, weights.couplings), most_work=MOST_WORK)
        told[:, k] = _of_hypotheses(solved, log_weight, persons)[range(rows), best]
        known &= solved.known
    return [
        ((), "decided")
        if problem.fixed[row] >= 0
        else (tuple(zip(SHARES, told[row].tolist(), strict=True)), "")
        if known[row]
        else ((), "too_large")
        for row in range(rows)
    ]


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
