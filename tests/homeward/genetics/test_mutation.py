"""Mutation matrices: worked by hand, what every one must obey, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense
from homeward.genetics.mutation import Floats, mutation_matrix
from homeward.programme import MutationKind, Transform

LADDER = ("8", "9", "10")
P = (0.2, 0.3, 0.5)


def test_without_mutation_every_allele_is_transmitted_as_it_is() -> None:
    assert mutation_matrix(MutationKind.NONE, LADDER, P).tolist() == np.eye(3).tolist()


def test_equal_mutation_goes_to_every_other_allele_alike() -> None:
    assert mutation_matrix(MutationKind.EQUAL, LADDER, P, rate=0.01)[0] == pytest.approx([0.99, 0.005, 0.005])


def test_proportional_mutation_follows_the_frequencies_and_keeps_the_overall_rate() -> None:
    # heterozygosity 1 - .04 - .09 - .25 = .62; from 8 to 9: .01 / .62 * .3
    matrix = mutation_matrix(MutationKind.PROPORTIONAL, LADDER, P, rate=0.01)
    assert matrix[0, 1] == pytest.approx(0.003 / 0.62)
    assert np.array(P) @ (1 - matrix.diagonal()) == pytest.approx(0.01)


def test_a_step_of_two_repeats_is_rarer_by_the_range() -> None:
    # from 8: weights .1 to 9 and .01 to 10, scaled to .002
    matrix = mutation_matrix(MutationKind.STEPWISE, LADDER, P, rate=0.002, range=0.1)
    assert matrix[0] == pytest.approx([0.998, 0.002 / 1.1, 0.0002 / 1.1])
    assert matrix[1] == pytest.approx([0.001, 0.998, 0.001])


def test_a_microvariant_is_reached_by_the_second_rate_only() -> None:
    matrix = mutation_matrix(MutationKind.STEPWISE, ("9", "9.3", "10"), P, rate=0.002, rate2=0.0001, range=0.1)
    assert matrix[0] == pytest.approx([0.9979, 0.0001, 0.002])
    assert matrix[1] == pytest.approx([0.00005, 0.9999, 0.00005])


def test_one_step_goes_to_neighbours_and_at_the_end_to_the_only_one() -> None:
    matrix = mutation_matrix(MutationKind.ONESTEP, ("8", "9", "10", "12"), [0.25] * 4, rate=0.01)
    assert matrix.round(9).tolist() == [
        [0.99, 0.01, 0, 0],
        [0.005, 0.99, 0.005, 0],
        [0, 0.01, 0.99, 0],
        [0, 0, 0, 1],  # 11 is not among the alleles
    ]


def test_the_model_of_dawid_is_reversible_and_keeps_the_overall_rate() -> None:
    # pairs of different alleles weigh .5, .5, .25, each both ways: 2.5 in all
    matrix = mutation_matrix(MutationKind.DAWID, LADDER, P, rate=0.01, range=0.5)
    assert matrix[0, 1] == pytest.approx(0.01 * 0.5 / 2.5 / 0.2)
    flow = np.array(P)[:, None] * matrix
    assert flow == pytest.approx(flow.T)


def test_the_rest_of_a_table_stands_on_no_ladder() -> None:
    steps = mutation_matrix(MutationKind.STEPWISE, (*LADDER, "rest"), [0.2, 0.3, 0.4, 0.1], rate=0.01, range=0.1)
    assert steps[3].tolist() == [0, 0, 0, 1]
    assert steps[:3, 3].tolist() == [0, 0, 0]
    equal = mutation_matrix(MutationKind.EQUAL, (*LADDER, "rest"), [0.2, 0.3, 0.4, 0.1], rate=0.03)
    assert equal[3] == pytest.approx([0.01, 0.01, 0.01, 0.97])


def test_a_custom_matrix_is_taken_as_stated_and_completed() -> None:
    stated = {("8", "8"): 0.99, ("8", "9"): 0.01, ("9", "8"): 0.02}
    matrix = mutation_matrix(MutationKind.CUSTOM, LADDER, P, custom=stated)
    assert matrix == pytest.approx(np.array([[0.99, 0.01, 0], [0.02, 0.98, 0], [0, 0, 1]]))


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ({("8", "8"): 0.9, ("8", "9"): 0.01}, "row of allele 8 sums to 0.91"),
        ({("8", "9"): 0.7, ("8", "10"): 0.4}, "row of allele 8 sums to 1.1"),
        ({("8", "11"): 0.1}, "names 8 to 11"),
        ({("8", "9"): -0.1}, "probability -0.1"),
    ],
)
def test_a_custom_matrix_that_is_none_is_refused(stated: dict[tuple[str, str], float], reason: str) -> None:
    with pytest.raises(Nonsense, match=reason):
        mutation_matrix(MutationKind.CUSTOM, LADDER, P, custom=stated)


def test_what_a_model_needs_and_does_not_have_is_named() -> None:
    with pytest.raises(Nonsense, match="needs a range"):
        mutation_matrix(MutationKind.STEPWISE, LADDER, P, rate=0.01)
    with pytest.raises(Nonsense, match="no number of repeats"):
        mutation_matrix(MutationKind.STEPWISE, ("A", "B"), [0.5, 0.5], rate=0.01, range=0.1)
    with pytest.raises(Nonsense, match="is a probability"):
        mutation_matrix(MutationKind.EQUAL, LADDER, P, rate=1.5)


@pytest.mark.parametrize("allele", ["1e400", "1e9", "nan", "inf"])
def test_an_allele_that_is_a_number_and_no_number_of_repeats_is_refused(allele: str) -> None:
    with pytest.raises(Nonsense, match="no number of repeats"):
        mutation_matrix(MutationKind.STEPWISE, ["8", allele], [0.5, 0.5], rate=0.01, range=0.1)


def test_a_rate_too_high_for_a_rare_allele_is_refused() -> None:
    with pytest.raises(Nonsense, match="rate is too high"):
        mutation_matrix(MutationKind.DAWID, LADDER, [0.001, 0.499, 0.5], rate=0.01, range=0.5)


def test_alleles_that_mutate_away_and_never_back_cannot_be_made_stationary() -> None:
    with pytest.raises(Nonsense, match="never back"):
        mutation_matrix(MutationKind.CUSTOM, LADDER, P, custom={("8", "9"): 0.01}, transform=Transform.PM)
    with pytest.raises(Nonsense, match="none can be reversed"):
        mutation_matrix(MutationKind.CUSTOM, LADDER, P, custom={("8", "9"): 0.01}, transform=Transform.MH)


def test_groups_of_alleles_that_never_meet_each_keep_their_rate() -> None:
    # without a second rate 9.3 and 10.3 are a ladder of their own
    alleles, p = ("9", "9.3", "10", "10.3", "11"), np.array([0.1, 0.3, 0.2, 0.15, 0.25])
    plain = mutation_matrix(MutationKind.STEPWISE, alleles, p, rate=0.002, range=0.1)
    stationary = mutation_matrix(MutationKind.STEPWISE, alleles, p, rate=0.002, range=0.1, transform=Transform.PM)
    assert p @ stationary == pytest.approx(p, rel=1e-13)
    micro = [1, 3]
    assert p[micro] @ (1 - stationary.diagonal()[micro]) == pytest.approx(p[micro] @ (1 - plain.diagonal()[micro]))


@st.composite
def _stepwise(draw: st.DrawFn) -> tuple[tuple[str, ...], Floats, float]:
    alleles = tuple(str(size) for size in range(8, 8 + draw(st.integers(2, 12))))
    weights = np.array([draw(st.integers(5, 20)) for _ in alleles], dtype=float)
    return alleles, weights / weights.sum(), draw(st.sampled_from([1e-4, 0.002, 0.01]))


@settings(deadline=None)
@given(_stepwise(), st.sampled_from([Transform.PM, Transform.MH, Transform.BA, Transform.PR]))
def test_a_transform_makes_the_frequencies_stationary_and_keeps_the_overall_rate(
    setting: tuple[tuple[str, ...], Floats, float], transform: Transform
) -> None:
    alleles, p, rate = setting
    matrix = mutation_matrix(MutationKind.STEPWISE, alleles, p, rate=rate, range=0.1, transform=transform)
    assert matrix.sum(axis=1) == pytest.approx(1, rel=1e-13)
    assert p @ matrix == pytest.approx(p, rel=1e-12)
    assert p @ (1 - matrix.diagonal()) == pytest.approx(rate, rel=1e-9)


@settings(deadline=None)
@given(_stepwise(), st.sampled_from([kind for kind in MutationKind if kind is not MutationKind.CUSTOM]), st.data())
def test_the_order_of_alleles_changes_nothing(
    setting: tuple[tuple[str, ...], Floats, float], model: MutationKind, data: st.DataObject
) -> None:
    alleles, p, rate = setting
    order = data.draw(st.permutations(range(len(alleles))))
    matrix = mutation_matrix(model, alleles, p, rate=rate, range=0.1)
    turned = mutation_matrix(model, [alleles[i] for i in order], p[order], rate=rate, range=0.1)
    np.testing.assert_allclose(turned, matrix[np.ix_(order, order)], rtol=1e-12)
