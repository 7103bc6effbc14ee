"""What is known of the sex of each individual: seen in genotypes or stated, and by traits of the skeleton."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from homeward.anthropology.age import together
from homeward.anthropology.reading import Floats
from homeward.anthropology.sex import CORRELATION, log_ratio, log_traits, methods
from homeward.genetics.family import genetic_sex
from homeward.identification.evidence.lines import Case
from homeward.identification.evidence.roster import MOST_TOLD, of_rows, parameter, parameters, shares_of_men
from homeward.identification.individuals import Individual
from homeward.identification.result import Note
from homeward.programme import Sex
from homeward.tables import AMELOGENIN

SEXES = (Sex.MALE, Sex.FEMALE)


def sexes_seen(case: Case) -> tuple[Floats, list[Note]]:
    """(individual, sex) ln P(what was seen of the sex | sex), male then female; zeros where nothing was.

    Genotypes and traits are independent given the sex. A sex that is stated of bones is what someone made of the
    traits, and the traits go before it.
    """
    traits, scored, unread = _traits(case)
    stated = {row.remains_id for row in case.programme.remains if row.sex is not Sex.UNKNOWN}
    answer = np.zeros((len(case.individuals), 2))
    unused = []
    for row, one in enumerate(case.individuals):
        answer[row] = traits.get(row, 0.0)
        if _is_genetic(one) or (stated - scored) & set(one.merged):
            answer[row] += _stated(case, one.sex)
        elif stated & set(one.merged):
            unused.append(one.remains_id)
    notes = [Note(code="sex_column_unused", values={"remains": len(unused)})] if unused else []
    notes += [Note(code="sex_traits_unread", values={"traits": unread[:MOST_TOLD]})] if unread else []
    return answer, notes


def _stated(case: Case, sex: Sex) -> Floats:
    """A sex is seen rightly with 1 - sex_error."""
    if sex is Sex.UNKNOWN:
        return np.zeros(2)
    error = case.programme.settings.sex_error
    with np.errstate(divide="ignore"):
        return np.asarray(np.log([1 - error if one is sex else error for one in SEXES]))


def _is_genetic(one: Individual) -> bool:
    amelogenin = one.calls.get(AMELOGENIN)
    return isinstance(amelogenin, tuple) and genetic_sex(amelogenin) is not Sex.UNKNOWN


def _traits(case: Case) -> tuple[Mapping[int, Floats], set[str], list[str]]:
    """Individual -> (sex,) ln P(traits | sex); the rows behind it; what no method that is used could read."""
    known = methods()
    observed: dict[str, dict[str, dict[str, str]]] = {}  # remains_id -> method -> trait -> value
    for trait in case.programme.traits:
        if trait.method in known:
            observed.setdefault(trait.remains_id, {}).setdefault(trait.method, {})[trait.trait] = trait.value
    own = {method: parameters(case, method) for method in known}
    correlation, error = parameter(case, "sex", "correlation", CORRELATION), case.programme.settings.sex_error
    share = float(shares_of_men(case)[1][0])
    unlisted = np.array([share, 1 - share])
    answer: dict[int, Floats] = {}
    unread, scored = [], set()
    for row, one in enumerate(case.individuals):
        logs = []
        for name in one.merged:
            found = []
            for method, values in observed.get(name, {}).items():
                read = log_ratio(method, values, replaced=own[method], unverified=bool(own[method].get("unverified")))
                if read is None:
                    unread.append(f"{name} {method}")
                else:
                    found.append(read)
            if found:
                ratios, bones = [np.array(ratio) for ratio, _ in found], [bone for _, bone in found]
                ratio = float(together(ratios, bones, correlation=correlation))
                logs.append(np.array(log_traits(ratio, error=error)))
                scored.add(name)
        if logs:
            answer[row] = of_rows(logs, unlisted)
    return answer, scored, unread
