"""How common a haplotype is."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from homeward.errors import Nonsense
from homeward.genetics.lineage.frequency import (
    Method,
    counted,
    counted_twice,
    interval,
    kappa,
    of_count,
    unseen_frequency,
    upper_bound,
)
from homeward.genetics.lineage.laplace import best_fit, fit, fitted_p, step_probability

WORKED = json.loads((Path(__file__).parent / "lineage_worked.json").read_text(encoding="utf-8"))
DANES = WORKED["disclap_danes_1cluster"]


@pytest.mark.parametrize("case", WORKED["clopper_pearson"])
def test_the_worked_counts(case):
    seen, people = case["x"], case["n"]
    assert counted(seen, people) == pytest.approx(case["plus1"], rel=1e-14)
    assert counted_twice(seen, people) == pytest.approx(case["plus1over2"], rel=1e-14)
    assert upper_bound(seen, people) == pytest.approx(case["cp95_one_sided"], rel=1e-10)
    assert interval(seen, people).high == pytest.approx(case["cp95_two_sided_upper"], rel=1e-10)
    assert 1 / of_count(Method.ONE_SIDED, seen, people) == pytest.approx(case["LR_cp"], rel=1e-10)
    assert 1 / of_count(Method.PLUS_ONE, seen, people) == pytest.approx(case["LR_plus1"], rel=1e-12)


def test_none_of_five_thousand_by_hand():
    assert upper_bound(0, 5000) == pytest.approx(1 - 0.05 ** (1 / 5000), rel=1e-10)
    assert 1 / upper_bound(0, 5000) == pytest.approx(1669.5410534, rel=1e-9)


@settings(max_examples=40)
@given(st.integers(0, 30), st.integers(30, 400))
def test_a_bound_leaves_exactly_five_percent_below_the_count(seen, people):
    assert binom.cdf(seen, people, upper_bound(seen, people)) == pytest.approx(0.05, rel=1e-6) or seen == people
    within = interval(seen, people)
    assert within.low <= seen / people <= upper_bound(seen, people) <= within.high


@pytest.mark.parametrize("case", WORKED["brenner_kappa"]["examples"])
def test_the_worked_kappas(case):
    assert kappa(case["singletons"], case["n"]) == pytest.approx(case["kappa"], rel=1e-14)
    assert 1 / unseen_frequency(case["singletons"], case["n"]) == pytest.approx(case["LR_brenner"], rel=1e-11)


def test_the_kappa_of_the_danes():
    assert kappa(DANES["singletons"], DANES["n"]) == pytest.approx(DANES["kappa_brenner"], rel=1e-14)
    assert 1 / unseen_frequency(DANES["singletons"], DANES["n"]) == pytest.approx(DANES["LR_brenner_unseen"], rel=1e-12)


@pytest.mark.parametrize(("seen", "people"), [(-1, 10), (11, 10), (0, 0)])
def test_a_count_that_is_none_is_refused(seen, people):
    for estimate in (counted, counted_twice, upper_bound, interval):
        with pytest.raises(Nonsense):
            estimate(seen, people)


def test_a_database_of_singletons_gives_no_kappa():
    with pytest.raises(Nonsense, match="seen once"):
        unseen_frequency(100, 100)


# --- discrete Laplace -------------------------------------------------------------------------


def danes_like():
    """185 haplotypes with the published centre and the published mean distance at each locus."""
    rows = np.tile(DANES["centre"], (DANES["n"], 1))
    for locus, mean in enumerate(DANES["mu"]):
        left, row = round(mean * DANES["n"]), 0
        while left:
            step = min(left, 2 if row % 3 else 1)
            rows[row, locus] += step if row % 2 else -step
            left, row = left - step, row + 1
    return rows


def test_the_published_fit_of_one_cluster():
    """The fit depends on the sample through centre and mean distance alone: those of Hallenberg et al. 2005."""
    model = fit(danes_like())
    assert model.centres[0].tolist() == DANES["centre"]
    assert model.p[0] == pytest.approx(np.array(DANES["p"]), rel=1e-12)
    assert model.log_likelihood == pytest.approx(DANES["logL"], rel=1e-12)
    haplotypes = [DANES["first_row"], DANES["centre"], DANES["most_common"]]
    expected = [DANES["prob_first_row"], DANES["prob_centre"], DANES["prob_most_common"]]
    assert np.exp(model.log_frequency(haplotypes)) == pytest.approx(np.array(expected), rel=1e-11)


def test_the_worked_probabilities_of_steps():
    worked = WORKED["discrete_laplace"]["example"]
    assert step_probability([0, 1], worked["p"]) == pytest.approx(np.array([worked["f0"], worked["f1"]]), rel=1e-14)


@settings(max_examples=30)
@given(st.floats(0.01, 0.9))
def test_steps_add_up_and_p_is_found_again_from_the_mean_distance(p):
    steps = np.arange(-2000, 2001)
    chances = step_probability(steps, p)
    assert chances.sum() == pytest.approx(1, rel=1e-9)
    assert fitted_p(float(np.abs(steps) @ chances)) == pytest.approx(p, rel=1e-6)


def two_clusters():
    chance = np.random.default_rng(7)
    sides = [chance.geometric(0.7, (60, 5)) - chance.geometric(0.7, (60, 5)) for _ in range(2)]
    return np.vstack([sides[0] + [14, 13, 29, 23, 10], sides[1] + [18, 9, 24, 28, 15]])


def test_two_populations_are_found_as_two_clusters():
    model = best_fit(two_clusters(), most_clusters=4)
    assert len(model.weights) == 2
    assert sorted(model.centres[:, 0].tolist()) == [14, 18]
    assert model.weights == pytest.approx(np.array([0.5, 0.5]), abs=0.02)


def test_more_clusters_never_fit_the_sample_worse_and_the_criterion_weighs_them():
    rows = two_clusters()
    one, two, three = (fit(rows, clusters=count) for count in (1, 2, 3))
    assert one.log_likelihood < two.log_likelihood <= three.log_likelihood
    assert two.bic < min(one.bic, three.bic)


def test_the_mixture_is_no_worse_than_any_neighbour_of_it():
    """A second way to the maximum: no small change of the parameters fits better."""
    rows = two_clusters()
    model = fit(rows, clusters=2)

    def log_likelihood(p):
        return type(model)(model.weights, model.centres, p, 0.0, model.people).log_frequency(rows).sum()

    assert log_likelihood(model.p) == pytest.approx(model.log_likelihood, rel=1e-12)
    for place in np.ndindex(model.p.shape):
        for step in (-1e-3, 1e-3):
            moved = model.p.copy()
            moved[place] += step
            assert log_likelihood(moved) < model.log_likelihood


def test_loci_that_were_not_read_are_summed_over():
    model = fit(two_clusters(), clusters=2)
    rest = np.array([[14, 13, other, 23, 10] for other in range(-40, 100)])
    assert np.exp(model.log_frequency(rest)).sum() == pytest.approx(
        float(np.exp(model.log_frequency([[14, 13, 23, 10]], [0, 1, 3, 4]))[0]), rel=1e-9
    )


@pytest.mark.parametrize(("rows", "clusters"), [([[14, 13]], 2), ([], 1), ([[14.5, 13]], 1)])
def test_what_cannot_be_fitted_is_refused(rows, clusters):
    with pytest.raises(Nonsense):
        fit(rows, clusters=clusters)
