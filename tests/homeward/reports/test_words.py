"""How numbers and codes are said."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.identification.result import Conclusion, Exclusion, Label, Note
from homeward.reports.language import LANGUAGES
from homeward.reports.words import (
    STATE_OF_CONCLUSION,
    STATE_OF_LABEL,
    conclusion_words,
    date_words,
    exclusion_words,
    hypothesis_words,
    label_meaning,
    label_words,
    log10_words,
    note_words,
    one_in_words,
    prior_words,
    probability_words,
)
from tests.homeward.reports.results import programme


def test_a_likelihood_ratio_is_signed_with_a_true_minus():
    assert log10_words(13.8) == "+13.80"
    assert log10_words(-13.8) == "−13.80"
    assert "-" not in log10_words(-0.001)


@pytest.mark.parametrize(
    ("chance", "said"),
    [
        (0.99987, "0.99987"),
        (0.9999999, "> 0.999999"),
        (1.0, "> 0.999999"),
        (0.5, "0.500"),
        (0.045, "0.045"),
        (0.00013, "0.00013"),
        (2.4e-9, "2 × 10⁻⁹"),
        (0.0, "< 10⁻¹²"),
        (0.9995, "0.99950"),
    ],
)
def test_a_probability_shows_what_the_nines_and_zeros_would_hide(chance, said):
    assert probability_words(chance) == said


@given(st.floats(0, 1))
def test_no_probability_is_ever_written_as_one_or_as_nothing(chance):
    said = probability_words(chance)
    assert not re.fullmatch(r"1(\.0*)?|0(\.0*)?", said)


@given(st.floats(1e-6, 1 - 1e-6))
def test_a_probability_in_decimals_is_near_the_number(chance):
    assert float(probability_words(chance)) == pytest.approx(chance, rel=0.06, abs=6e-4)


def test_one_in_n_has_two_figures_and_the_words_of_the_language():
    assert one_in_words(1 / 7812) == "1 in 7,800"
    assert one_in_words(1 / 1.63e8) == "1 in 160 million"
    assert one_in_words(1 / 7812, "ko") == "7,800분의 1"
    assert one_in_words(0.0) == "under 1 in 10¹²"


def test_dates_in_sentences():
    assert date_words(date(2026, 10, 20)) == "20 October 2026"
    assert date_words(date(2026, 10, 20), "ko") == "2026년 10월 20일"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words_and_a_state(language):
    for label in Label:
        assert label_words(label, language)
        assert label_meaning(label, language)
        assert STATE_OF_LABEL[label]
    for conclusion in Conclusion:
        assert conclusion_words(conclusion, language)
        assert STATE_OF_CONCLUSION[conclusion]
    for exclusion in Exclusion:
        assert bool(exclusion_words(exclusion, language)) == bool(exclusion)
    assert "second nation" in hypothesis_words("outsider:second nation", language)
    assert hypothesis_words("M-1", language) == "M-1"


def test_the_prior_is_said_with_its_weights():
    said = prior_words(programme())
    assert "0.6" in said
    assert "0.25" in said
    assert "second nation 0.15" in said


def test_a_note_without_a_sentence_is_shown_with_its_values():
    assert note_words(Note(code="unheard_of", values={"what": 3})) == "unheard_of: what 3"


def test_a_note_about_merged_rows_names_them():
    assert note_words(Note(code="merged", values={"remains": ["R-1", "R-2"]})).endswith("one individual: R-1, R-2.")
