"""Families seen with errors and silent alleles: what must hold whatever the family, the marker and the errors."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from homeward.genetics.likelihood import log_likelihood
from homeward.genetics.locus import Locus, with_silent
from homeward.genetics.observation import (
    ErrorModel,
    Observation,
    Observed,
    Reading,
    no_call_row,
    observation_row,
    observed,
    together,
)
from homeward.genetics.tables import informative, log_lr_of_call, log_probability_of_call, ratio_table
from homeward.programme import NOT_OBSERVED, SILENT, Member, MutationKind, Pedigree
from tests.homeward.genetics.kin import error_models, loci, observations, pedigrees, uncertain

any_family = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def probability(pedigree: Pedigree, at: Locus, seen: Mapping[str, Observation]) -> float:
    return math.exp(log_likelihood(pedigree, at, seen))


def _drawn(data: st.DataObject) -> tuple[Pedigree, Locus, dict[str, Observation], str]:
    pedigree, at = data.draw(pedigrees(largest=5)), data.draw(loci(silent=True))
    seen = data.draw(uncertain(pedigree, at))
    assume(log_likelihood(pedigree, at, seen) > -math.inf)
    return pedigree, at, seen, data.draw(st.sampled_from(pedigree.members)).member_id


@any_family
@given(st.data(), error_models())
def test_the_mean_likelihood_ratio_over_all_that_may_be_seen_of_a_stranger_is_one(
    data: st.DataObject, errors: ErrorModel
) -> None:
    pedigree, at, seen, missing = _drawn(data)
    table, population = ratio_table(pedigree, at, seen, missing), at.population_genotypes
    named = [allele for allele in at.alleles if allele != SILENT]
    mean = float((no_call_row(at, errors) * population) @ table)
    for k, one in enumerate(named):
        for other in named[k:]:
            call = observed((one, other), errors)
            chance = math.exp(log_probability_of_call(at, call))
            mean += chance * math.exp(log_lr_of_call(table, at, call)) if chance else 0.0
    assert mean == pytest.approx(1, rel=1e-11)


@any_family
@given(st.data())
def test_a_table_times_the_family_is_the_likelihood_with_the_remains_in_it(data: st.DataObject) -> None:
    pedigree, at, seen, missing = _drawn(data)
    seen.pop(missing, None)
    assume(informative(pedigree, seen, missing))
    alone = Pedigree(family_id="R", members=(Member(family_id="R", member_id="R"),))
    call = data.draw(uncertain(alone, at)).get("R", observed(("8", NOT_OBSERVED)))
    assume(set(at.alleles) >= {"8"} and observation_row(at, call).any())
    found = log_lr_of_call(ratio_table(pedigree, at, seen, missing), at, call)
    joint = log_likelihood(pedigree, at, {**seen, missing: call})
    apart = log_likelihood(pedigree, at, seen) + log_probability_of_call(at, call)
    assert math.exp(found) == pytest.approx(math.exp(joint - apart), rel=1e-11, abs=1e-300)


@any_family
@given(st.data())
def test_as_errors_vanish_calls_are_genotypes(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees(largest=5)), data.draw(loci(silent=True))
    exact = data.draw(observations(pedigree, at))
    tiny = ErrorModel(dropout=1e-11, dropin=1e-11, typing_error=1e-11)
    nearly = {person: observed(call, tiny) for person, call in exact.items()}
    before = probability(pedigree, at, exact)
    assert probability(pedigree, at, nearly) == pytest.approx(before, rel=1e-6, abs=1e-9)


@any_family
@given(st.data())
def test_names_and_order_of_members_and_alleles_change_nothing(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees(largest=4)), data.draw(loci(models=[MutationKind.EQUAL]))
    seen = data.draw(uncertain(pedigree, at))
    order = data.draw(st.permutations(range(len(at.alleles))))
    turned = Locus(
        marker="L",
        alleles=tuple(f"a{at.alleles[i]}" for i in order),
        frequencies=at.frequencies[order],
        female=None if at.female is None else at.female[np.ix_(order, order)],
        male=None if at.male is None else at.male[np.ix_(order, order)],
    )
    before = probability(pedigree, at, seen)
    backwards = Pedigree(family_id="F", members=pedigree.members[::-1])
    renamed = {person: _renamed(observation) for person, observation in seen.items()}
    assert probability(backwards, turned, renamed) == pytest.approx(before, rel=1e-11, abs=1e-300)


def _renamed(observation: Observation) -> Observation:
    if isinstance(observation, tuple):
        first, second = (a if a == NOT_OBSERVED else f"a{a}" for a in observation)
        return first, second
    exact = _renamed(observation.exact)
    assert isinstance(exact, tuple)
    readings = [Reading(_renamed(one.call), one.errors) for one in observation.readings]  # type: ignore[arg-type]
    return Observed(tuple(readings), exact)


@any_family
@given(st.data())
def test_alleles_that_nobody_shows_may_be_taken_together_where_nothing_mutates(data: st.DataObject) -> None:
    pedigree = data.draw(pedigrees(largest=4))
    shares = [data.draw(st.sampled_from([0.1, 0.2, 0.25])) for _ in range(3)]
    left = 1 - sum(shares)
    whole = with_silent(Locus(marker="L", alleles=("8", "9", "10", "11"), frequencies=np.array([*shares, left])), 0.02)
    lumped = with_silent(
        Locus(marker="L", alleles=("8", "9", "10"), frequencies=np.array([*shares[:2], shares[2] + left])), 0.02
    )
    shown = Locus(marker="L", alleles=("8", "9"), frequencies=np.array([0.5, 0.5]))
    seen = data.draw(uncertain(pedigree, shown, partial=False))  # with ? three alleles seen would be as two
    assert probability(pedigree, lumped, seen) == pytest.approx(probability(pedigree, whole, seen), rel=1e-12, abs=0)


def test_two_samples_of_a_stranger_are_independent_given_his_genotype() -> None:
    at = Locus(marker="L", alleles=("8", "9", "10"), frequencies=np.array([0.1, 0.3, 0.6]))
    first = observed(("8", "8"), ErrorModel(dropout=0.2))
    second = observed(("8", "9"), ErrorModel(dropout=0.1, dropin=0.05))
    # 8/8: kept in the first, a foreign 9 in the second; 8/9: the 9 lost in the first, both kept in the second;
    # 8/10: the 10 lost in both, and a foreign 9
    of_8_8 = 0.1**2 * (1 - 0.2**2) * ((1 - 0.1**2) * 0.05 * 0.3)
    kept = (1 - 0.1) ** 2 * (1 - 0.05 * 0.6)  # no foreign allele, or an 8 or 9
    of_8_9 = 2 * 0.1 * 0.3 * (0.8 * 0.2) * (kept + 0.9 * 0.1 * 0.05 * 0.3 + 0.1 * 0.9 * 0.05 * 0.1)
    of_8_10 = 2 * 0.1 * 0.6 * (0.8 * 0.2) * (0.9 * 0.1 * 0.05 * 0.3)
    joint = together(first, second)
    assert joint is not None
    found = math.exp(log_probability_of_call(at, joint))
    assert found == pytest.approx(of_8_8 + of_8_9 + of_8_10, rel=1e-13)
