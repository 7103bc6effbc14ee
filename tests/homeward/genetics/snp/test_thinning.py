"""Which SNPs are kept: against every possible choice, and what the rest are worth."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense
from homeward.genetics.snp.panel import panels
from homeward.genetics.snp.thinning import effective_number, heterozygosity, near, thinned
from homeward.programme import SnpMarker

snps = st.lists(st.tuples(st.sampled_from(["1", "2"]), st.integers(0, 40), st.integers(1, 9)), min_size=1, max_size=9)


def panel(rows):
    return panels(
        SnpMarker(snp=f"s{i}", population="P", chromosome=chromosome, position_cm=tenths / 10, frequency=p / 10)
        for i, (chromosome, tenths, p) in enumerate(rows)
    )["P"]


def apart(rows, chosen, spacing):
    places = [rows[i] for i in chosen]
    return all(
        one[0] != other[0] or abs(one[1] - other[1]) >= spacing * 10 for one, other in itertools.combinations(places, 2)
    )


@settings(max_examples=60, deadline=None)
@given(snps, st.sampled_from([0.3, 0.5, 1.0]))
def test_no_other_choice_that_keeps_the_distance_is_worth_more(rows, spacing):
    chosen_from = panel(rows)
    found = np.flatnonzero(thinned(chosen_from, spacing))
    worth = heterozygosity(chosen_from)
    best = max(
        worth[list(choice)].sum()
        for size in range(len(rows) + 1)
        for choice in itertools.combinations(range(len(rows)), size)
        if apart(rows, choice, spacing)
    )
    assert apart(rows, found.tolist(), spacing)
    assert worth[found].sum() == pytest.approx(best, rel=1e-12)


def test_a_snp_of_no_weight_is_not_chosen_and_without_spacing_all_others_are():
    chosen_from = panel([("1", 0, 5), ("1", 1, 5), ("2", 0, 5)])
    weight = np.array([0.0, 1.0, 1.0])
    assert thinned(chosen_from, 0.0, weight=weight).tolist() == [False, True, True]
    assert thinned(chosen_from, 5.0, weight=weight).tolist() == [False, True, True]


def test_positions_in_base_pairs_are_taken_at_one_centimorgan_a_megabase():
    rows = (
        SnpMarker(snp=f"s{i}", population="P", chromosome="1", position=at, frequency=0.5)
        for i, at in enumerate([1_000_000, 1_900_000, 2_000_000])
    )
    assert thinned(panels(rows)["P"], 1.0).tolist() == [True, False, True]


def test_what_cannot_be_thinned_is_refused_or_left_out():
    nowhere = panels([SnpMarker(snp="s", population="P", frequency=0.5)])["P"]
    with pytest.raises(Nonsense, match="spacing of 0"):
        thinned(nowhere, 1.0)
    with pytest.raises(Nonsense, match="not a distance"):
        thinned(nowhere, -1.0)
    mixed = panels(
        [
            SnpMarker(snp="a", population="P", frequency=0.5),
            SnpMarker(snp="b", population="P", frequency=0.5, chromosome="1", position=5),
        ]
    )["P"]
    assert thinned(mixed, 1.0).tolist() == [False, True]


def test_snps_near_a_marker_are_told_on_its_own_chromosome_alone():
    chosen_from = panel([("1", 0, 5), ("1", 40, 5), ("2", 0, 5)])
    assert near(chosen_from, [("1", 12.0)], 9.0).tolist() == [False, True, False]
    assert near(chosen_from, []).tolist() == [False, False, False]


@settings(max_examples=40, deadline=None)
@given(snps, st.integers(1, 6))
def test_the_effective_number_is_that_of_all_correlations_added_up(rows, meioses):
    chosen_from = panel(rows)
    at, chromosome = chosen_from.position_cm, chosen_from.chromosome
    correlation = np.exp(-2 * meioses * np.abs(at[:, None] - at) / 100) * (chromosome[:, None] == chromosome)
    found = effective_number(chosen_from, meioses=meioses)
    assert found == pytest.approx(len(rows) ** 2 / correlation.sum(), rel=1e-12)
    assert found <= len(rows) + 1e-9
