"""Sex from traits: published equations and tables as likelihood ratios."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.anthropology.sex import log_ratio, log_traits, methods


def klales(va: int, ma: int, spc: int) -> float:
    found = log_ratio("klales", {"VA": str(va), "MA": str(ma), "SPC": str(spc)})
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("score", "p_female"), [(1, 0.9999876148500192), (3, 0.7812558658933179), (4, 0.023202938145644114)]
)
def test_worked_probabilities_of_the_pubis(score: int, p_female: float):
    assert 1 / (1 + math.exp(klales(score, score, score))) == pytest.approx(p_female, rel=1e-12)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4))
def test_a_higher_score_speaks_more_for_a_man(va: int, ma: int, spc: int):
    assert klales(va, ma, spc + 1) > klales(va, ma, spc)


def test_the_skull_by_hand():
    # 9.128 - 1.375 x 5 - 1.185 x 4 - 1.151 x 3 = -5.94: a man at e^5.94
    found = log_ratio("walker_2008", {"glabella": "5", "mastoid": "4", "mental": "3"})

    assert found == (pytest.approx(5.94, rel=1e-12), "skull")


def test_equations_seen_in_one_source_only_are_used_when_asked_for():
    two = {"glabella": "5", "mental": "3"}

    assert log_ratio("walker_2008", two) is None
    assert log_ratio("walker_2008", two, unverified=True) == (
        pytest.approx(1.525 * 5 + 1.485 * 3 - 7.372, rel=1e-12), "skull",
    )  # fmt: skip


def test_a_notch_is_the_odds_of_its_table():
    assert log_ratio("walker_2005", {"notch": "3"}) == (pytest.approx(math.log(0.88 / 0.12), rel=1e-12), "os coxae")


def test_a_table_that_does_not_state_its_sample_is_not_used():
    assert log_ratio("rogers_2000", {"left": "present"}) is None
    found = log_ratio("rogers_2000", {"left": "present"}, replaced={"left.present": 0.8})
    assert found == (pytest.approx(math.log(4), rel=1e-12), "clavicle")


def test_a_program_states_its_probability_and_its_prior():
    found = log_ratio("morphopasse", {"p_male": "0.9", "prior_male": "0.75"})

    assert found is not None
    assert math.exp(found[0]) == pytest.approx(9 / 3, rel=1e-12)


@pytest.mark.parametrize(
    "traits", [{}, {"VA": "1"}, {"VA": "1", "MA": "2", "SPC": "6"}, {"VA": "1", "MA": "2", "SPC": "low"}]
)
def test_traits_that_no_method_reads_say_nothing(traits: dict[str, str]):
    assert log_ratio("klales", traits) is None


@pytest.mark.parametrize("traits", [{"p_male": "high"}, {"p_male": "1.2"}, {"p_male": "0.9", "prior_male": "1"}])
def test_a_probability_that_is_none_says_nothing(traits: dict[str, str]):
    assert log_ratio("morphopasse", traits) is None


def test_parameters_of_a_programme_go_before_the_shipped():
    scores = {"VA": "1", "MA": "1", "SPC": "1"}
    found = log_ratio("klales", scores, replaced={"VA+MA+SPC.intercept": 16.0})

    assert found is not None
    assert found[0] == pytest.approx(klales(1, 1, 1) + 0.312, rel=1e-9)


@given(st.floats(-800, 800), st.floats(0, 0.5))
def test_traits_say_no_more_than_their_error_allows(ratio: float, error: float):
    male, female = log_traits(ratio, error=error)

    assert math.exp(male) + math.exp(female) == pytest.approx(1, abs=1e-12)
    assert min(math.exp(male), math.exp(female)) >= error - 1e-12


def test_methods_are_known_by_name():
    assert {"klales", "walker_2005", "walker_2008", "phenice", "morphopasse"} <= methods()
