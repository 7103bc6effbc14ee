"""Remains against missing persons: what a pair's ratio is made of, and both engines alike."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Cancelled
from homeward.genetics import _compiled, scoring
from homeward.genetics.family import Family, calls_of, families
from homeward.genetics.locus import Loci, prepare_loci
from homeward.programme import MutationKind
from homeward.simulation import scaled, scenarios, simulate
from tests.homeward.genetics.kin import family, locus

P, Q = 0.1, 0.9
ONE = locus({"1": P, "2": Q}, marker="A")
TWO = locus({"7": 0.2, "8": 0.3, "9": 0.5}, MutationKind.STEPWISE, female=0.001, male=0.002, marker="B")
LOCI = Loci(population="here", by_marker={"A": ONE, "B": TWO})


def household(text, typed, *missing, loci=LOCI):
    pedigree = family(text, missing={member: f"person {member}" for member in missing})
    return Family(pedigree=pedigree, loci=loci, calls=typed, slots=pedigree.missing)


DUO = household("son: father -", {"father": {"A": ("1", "2")}}, "son")
NOBODY_TYPED = household("son: father -", {}, "son")
CONTRADICTORY = household(
    "son: father -; girl: father -", {"father": {"A": ("1", "1")}, "girl": {"A": ("2", "2")}}, "son"
)
MARRIED_COUSINS = household("a: f m; b: f m; c: a -; d: b -; son: c d", {"a": {"A": ("1", "2")}}, "son")


@pytest.mark.parametrize("engine", ["plain", "compiled"])
def test_a_son_of_a_heterozygous_father(engine):
    scores = scoring.log_lr_matrix([DUO], [{"A": ("1", "1")}, {"A": ("2", "1")}, {}], engine=engine)
    # 1/1 needs the father's 1 (half) beside a p of the population: (p/2) / p^2; 1/2: (q/2 + p/2) / (2pq)
    expected = [1 / (2 * P), 1 / (4 * P * Q), 1]
    assert np.exp(scores.log_lr[:, 0]) == pytest.approx(expected, rel=1e-14)
    assert scores.slots == (("person son", 0, "son"),)
    assert scores.reference_log_likelihood[0] == pytest.approx(math.log(2 * P * Q), rel=1e-14)


@pytest.mark.parametrize("engine", ["plain", "compiled"])
def test_an_allele_without_its_partner_is_weighed_over_all_partners(engine):
    scores = scoring.log_lr_matrix([DUO], [{"A": ("?", "1")}], engine=engine)
    # P(shows 1 | son) = p/2 + (p+q)/2;  P(shows 1) = p^2 + 2pq
    assert np.exp(scores.log_lr[0, 0]) == pytest.approx((P / 2 + 1 / 2) / (P**2 + 2 * P * Q), rel=1e-14)


@pytest.mark.parametrize("engine", ["plain", "compiled"])
def test_whom_no_reference_informs_has_exactly_zero(engine):
    remains = [{"A": ("1", "?"), "B": ("7", "9")}, {"B": ("?", "8")}]
    scores = scoring.log_lr_matrix([NOBODY_TYPED, DUO], remains, engine=engine)
    assert (scores.log_lr[:, 0] == 0).all()
    assert scores.informed.tolist() == [False, True]


@pytest.mark.parametrize("engine", ["plain", "compiled"])
def test_a_family_that_contradicts_itself_is_set_aside_with_the_marker(engine):
    scores = scoring.log_lr_matrix([DUO, CONTRADICTORY], [{"A": ("1", "1")}], engine=engine)
    assert scores.set_aside == {1: "A"}
    assert scores.log_lr[0, 1] == 0
    assert scores.log_lr[0, 0] != 0
    assert scores.reference_log_likelihood[1] == -math.inf
    assert scores.informed.tolist() == [True, False]


def test_families_with_and_without_a_loop_are_scored_together():
    mixed = [MARRIED_COUSINS, DUO, MARRIED_COUSINS]
    remains = [{"A": ("1", "1"), "B": ("8", "8")}, {"A": ("2", "?")}]
    compiled = scoring.log_lr_matrix(mixed, remains, engine="compiled")
    plain = scoring.log_lr_matrix(mixed, remains, engine="plain")
    np.testing.assert_allclose(compiled.log_lr, plain.log_lr, rtol=1e-12, atol=1e-14)


def test_families_of_several_populations_use_their_own_frequencies():
    there = Loci(population="there", by_marker={"A": locus({"1": 0.5, "2": 0.5}, marker="A")})
    abroad = household("son: father -", {"father": {"A": ("1", "2")}}, "son", loci=there)
    scores = scoring.log_lr_matrix([abroad, DUO], [{"A": ("1", "1"), "B": ("7", "7")}], engine="compiled")
    assert np.exp(scores.log_lr[0]) == pytest.approx([1 / (2 * 0.5), 1 / (2 * P)], rel=1e-14)


@pytest.mark.parametrize("engine", ["plain", "compiled"])
def test_the_markers_parts_add_up_to_the_whole(engine):
    remains = [{"A": ("1", "2"), "B": ("7", "8")}, {"B": ("9", "?")}, {"A": ("1", "1")}]
    related = household("son: father -; girl: father -", {"girl": {"A": ("1", "2"), "B": ("8", "9")}}, "son")
    parts = scoring.log_lr_by_marker(related, "son", remains, engine=engine)
    whole = scoring.log_lr_matrix([related], remains, engine=engine)
    assert parts.shape == (3, 2)
    np.testing.assert_allclose(parts.sum(axis=1), whole.log_lr[:, 0], rtol=1e-13)


def test_a_stranger_is_as_likely_under_either_hypothesis_on_average():
    """The mean of the likelihood ratio over the population is one, whatever the relatives."""
    related = household("son: father -; girl: father -", {"girl": {"B": ("7", "9")}}, "son")
    genotypes = [(TWO.alleles[a], TWO.alleles[b]) for a, b in TWO.genotypes]
    scores = scoring.log_lr_matrix([related], [{"B": genotype} for genotype in genotypes], engine="compiled")
    assert np.exp(scores.log_lr[:, 0]) @ TWO.population_genotypes == pytest.approx(1, rel=1e-14)


def test_a_simulated_programme_scores_alike_with_both_engines():
    programme, _ = simulate(scaled(scenarios()["korea"], persons=40), seed=3)
    every = families(programme, prepare_loci(programme))
    of_programme = [found for found in every if len(found.pedigree.members) <= 6][:12]  # the plain way takes its time
    calls = calls_of(programme)
    remains = [calls.get(row.remains_id, {}) for row in programme.remains]
    compiled = scoring.log_lr_matrix(of_programme, remains, engine="compiled")
    plain = scoring.log_lr_matrix(of_programme, remains, engine="plain")
    np.testing.assert_allclose(compiled.log_lr, plain.log_lr, rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(
        compiled.reference_log_likelihood, plain.reference_log_likelihood, rtol=1e-12, atol=1e-12
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 200), st.integers(0, 9), st.integers(0, 12), st.integers(0, 2**32 - 1))
def test_adding_up_agrees_with_its_plain_twin(slots, remains, markers, seed):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(17, slots))
    rows[0] = 0
    rows[random.random(rows.shape) < 0.05] = -math.inf
    codes = random.integers(0, 17, size=(remains, markers)).astype(np.int32)
    assert (_compiled.add_up(rows, codes) == scoring.add_up(rows, codes)).all()


def test_the_one_who_asked_can_stop_it():
    def stop(stage: str, done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        scoring.log_lr_matrix([DUO], [{"A": ("1", "1")}], tick=stop)


@pytest.mark.parametrize("engine", ["plain", "compiled"])
def test_nothing_to_compare_gives_nothing(engine):
    assert scoring.log_lr_matrix([], [{}], engine=engine).log_lr.shape == (1, 0)
    assert scoring.log_lr_matrix([DUO], [], engine=engine).log_lr.shape == (0, 1)
