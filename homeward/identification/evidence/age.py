"""Age at death: stages of the skeleton, or else the anthropologist's interval, against ages at loss."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from homeward.anthropology.age import CORRELATION, Transitions, log_age_interval, log_stage, together, transitions
from homeward.anthropology.reading import Floats, Interval
from homeward.identification.evidence.lines import Case, Line
from homeward.identification.evidence.roster import MOST_TOLD, ages, ages_at_loss, of_rows, parameter, shares_of_men
from homeward.identification.result import Note
from homeward.programme import Sex, Trait

SEXES = (Sex.MALE, Sex.FEMALE)


def weigh(case: Case) -> Line | None:
    """The line ``age``; None if no remains have an age, or the roster states nobody's.

    P(what was seen | hypothesis) is the average of P(what was seen | age, sex) over the age and sex of the
    hypothesis. Stages go before an interval, which is the summary that someone made of them.
    """
    distributions = ages_at_loss(case)
    if distributions is None:
        return None
    men, of_alternative = shares_of_men(case)
    seen, notes = _seen(case, np.outer([of_alternative[0], 1 - of_alternative[0]], distributions.general[0]))
    if not seen:
        return None
    rows = np.array(sorted(seen), dtype=np.intp)
    of_sex = np.stack([seen[row] for row in rows.tolist()])  # (row, sex, age)
    highest = of_sex.max(axis=(1, 2), keepdims=True)
    chance = np.exp(of_sex - highest)
    individuals, persons, alternatives, _ = case.shape
    listed, general = np.zeros((individuals, persons)), np.zeros((individuals, alternatives, 1))
    listed[rows] = _averaged(chance, distributions.listed, men) + highest[:, 0]
    general[rows, :, 0] = _averaged(chance, distributions.general, of_alternative) + highest[:, 0]
    if not distributions.known.all():
        notes.append(Note(code="age_of_roster", values={"persons": int((~distributions.known).sum())}))
    return Line(name="age", listed=listed, general=general, notes=tuple(notes))


def _averaged(chance: Floats, distribution: Floats, men: Floats) -> Floats:
    """(row, hypothesis) ln of the average over ages and sexes."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log((chance[:, 0] @ distribution.T) * men + (chance[:, 1] @ distribution.T) * (1 - men)))


def _seen(case: Case, unlisted: Floats) -> tuple[dict[int, Floats], list[Note]]:
    """Individual -> (sex, age) ln P(what was seen | sex, age), of those on whom anything was.

    ``unlisted`` (sex, age) is what someone not listed is.
    """
    used = _transitions(case)
    methods = {method for method, _ in used}
    traits: dict[str, list[Trait]] = {}
    for trait in case.programme.traits:
        if trait.method in methods:
            traits.setdefault(trait.remains_id, []).append(trait)
    stated = {row.remains_id: Interval(low=row.age_low, high=row.age_high) for row in case.programme.remains}
    error, grid = case.programme.settings.age_error, ages()
    correlation = parameter(case, "age", "correlation", CORRELATION)
    answer: dict[int, Floats] = {}
    both, unread, staged = [], [], set()
    for place, one in enumerate(case.individuals):
        logs = []
        for name in one.merged:
            read = [(trait, _of_trait(trait, used, grid, error)) for trait in traits.get(name, ())]
            unread += [f"{name} {trait.method} {trait.value}" for trait, stage in read if stage is None]
            found = [(trait.method, *stage) for trait, stage in read if stage is not None]
            staged |= {method for method, _, _ in found}
            if found:
                bones = [bone for _, _, bone in found]
                logs.append(together([log for _, log, _ in found], bones, correlation=correlation))
                both += [name] if stated[name].says_something else []
            elif stated[name].says_something:
                logs.append(np.tile(log_age_interval(stated[name], grid, error=error), (2, 1)))
        if logs:
            answer[place] = of_rows(logs, unlisted)
    return answer, list(_notes(case, both, unread, [used[key] for key in used if key[0] in staged]))


def _of_trait(
    trait: Trait, used: dict[tuple[str, Sex], Transitions], grid: Floats, error: float
) -> tuple[Floats, str] | None:
    """((sex, age) ln P(stage | sex, age), bone); where a method has one sex only, it stands for both."""
    logs, bone = [], ""
    for sex in SEXES:
        indicator = used.get((trait.method, sex)) or next(of for (name, _), of in used.items() if name == trait.method)
        stage = indicator.stage(trait.value)
        if stage is None:
            return None
        logs.append(log_stage(indicator, stage, grid, error=error))
        bone = indicator.element
    return np.stack(logs), bone


def _transitions(case: Case) -> dict[tuple[str, Sex], Transitions]:
    """The shipped transitions, with what the programme replaces: parameter ``M.theta1``, ``M.sd``..."""
    answer = {}
    for (method, sex), one in transitions().items():
        theta = [parameter(case, method, f"{sex}.theta{k}", value) for k, value in enumerate(one.theta, start=1)]
        answer[method, sex] = Transitions(
            method=method,
            trait=one.trait,
            sex=sex,
            element=one.element,
            stages=one.stages,
            theta=tuple(theta),
            sd=parameter(case, method, f"{sex}.sd", one.sd),
            source=one.source,
            verified=one.verified,
        )
    return answer


def _notes(case: Case, both: list[str], unread: list[str], staged: Iterable[Transitions]) -> Iterable[Note]:
    if both:
        yield Note(code="age_interval_unused", values={"remains": len(both)})
    if unread:
        yield Note(code="age_stage_unread", values={"stages": unread[:MOST_TOLD]})
    replaced = {row.method for row in case.programme.parameters}
    unverified = sorted({one.method for one in staged if not one.verified and one.method not in replaced})
    if unverified:
        yield Note(code="unverified_parameters", values={"methods": unverified})
