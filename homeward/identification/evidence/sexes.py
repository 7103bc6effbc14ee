"""What is known of the sex of each individual: seen in genotypes or stated, and by traits of the skeleton."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from homeward.anthropology.age import together
from homeward.anthropology.reading import Floats
from homeward.anthropology.sex import CORRELATION, log_ratio, log_traits, methods
from homeward.genetics.family import genetic_sex
from homeward.identification.evidence.lines import Case
from homeward.identification.evidence.roster import MOST_TOLD, parameter, parameters
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
    traits, unread = _traits(case)
    answer = np.zeros((len(case.individuals), 2))
    unused = []
    for row, one in enumerate(case.individuals):
        seen = traits.get(row)
        genetic = _is_genetic(one)
        if seen is not None:
            answer[row] += seen
        if seen is None or genetic:
            answer[row] += _stated(case, one.sex)
        elif one.sex is not Sex.UNKNOWN:
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


def _traits(case: Case) -> tuple[Mapping[int, Floats], list[str]]:
    """Individual -> (sex,) ln P(traits | sex); what no method that is used could read."""
    known = methods()
    observed: dict[str, dict[str, dict[str, str]]] = {}  # remains_id -> method -> trait -> value
    for trait in case.programme.traits:
        if trait.method in known:
            observed.setdefault(trait.remains_id, {}).setdefault(trait.method, {})[trait.trait] = trait.value
    own = {method: parameters(case, method) for method in known}
    correlation, error = parameter(case, "sex", "correlation", CORRELATION), case.programme.settings.sex_error
    answer: dict[int, Floats] = {}
    unread = []
    for row, one in enumerate(case.individuals):
        found = []
        for remains_id, method, values in (
            (name, method, values) for name in one.merged for method, values in observed.get(name, {}).items()
        ):
            read = log_ratio(method, values, replaced=own[method], unverified=bool(own[method].get("unverified")))
            if read is None:
                unread.append(f"{remains_id} {method}")
            else:
                found.append(read)
        if found:
            ratio = together([np.array(ratio) for ratio, _ in found], [bone for _, bone in found],
                             correlation=correlation)  # fmt: skip
            answer[row] = np.array(log_traits(float(ratio), error=error))
    return answer, unread
