"""The words of statements, in every language alike."""

import re

import pytest
from num2words import num2words

from homeward.errors import NotFound
from homeward.reports.statement_words import (
    count_words,
    languages,
    number_in_words,
    value_word,
    weight_kg,
    word,
    words,
)
from homeward.seals import bodies
from homeward.seals.bodies import BODIES, KINDS


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"{\w+}", sentence))


@pytest.mark.parametrize("language", languages())
def test_every_language_has_a_word_for_everything_and_fills_in_the_same(language):
    english, other = words("en"), words(language)
    assert set(other) == set(english)
    assert all(other.values())
    assert [key for key in english if placeholders(english[key]) != placeholders(other[key])] == []


def test_the_korean_words_are_korean():
    own = {key: re.sub(r"{\w+}", "", said) for key, said in words("ko").items()}
    foreign = [key for key, said in own.items() if re.search("[A-Za-z]", said) and not re.search("[가-힣]", said)]
    assert foreign == ["language.code"]


def test_a_word_that_nobody_has_is_refused():
    with pytest.raises(NotFound, match=r"receipt\.outcome\.eaten"):
        word("receipt.outcome.eaten", "ko")


def test_a_language_that_nobody_has_worded_is_refused():
    with pytest.raises(NotFound, match="'xx'"):
        words("xx")


def test_a_code_is_said_and_a_free_text_is_left_as_it_was_written():
    assert value_word("receipt", "outcome", "seal_broken", "en") == "received, seal broken"
    assert value_word("handover", "seal_condition", "none", "ko") == "봉인한 적 없음"
    assert value_word("receipt", "note", "whole", "ko") == "whole"
    assert value_word("inspection", "found", "animal", "ko") == "동물 뼈"


# Written out by hand. Korean as sums are written on official papers: every 일 stands.
IN_WORDS = [
    (0, "zero", "영"),
    (1, "one", "일"),
    (9, "nine", "구"),
    (10, "ten", "일십"),
    (11, "eleven", "일십일"),
    (12, "twelve", "일십이"),
    (19, "nineteen", "일십구"),
    (20, "twenty", "이십"),
    (21, "twenty-one", "이십일"),
    (40, "forty", "사십"),
    (55, "fifty-five", "오십오"),
    (60, "sixty", "육십"),
    (77, "seventy-seven", "칠십칠"),
    (99, "ninety-nine", "구십구"),
    (100, "one hundred", "일백"),
    (101, "one hundred and one", "일백일"),
    (110, "one hundred and ten", "일백일십"),
    (111, "one hundred and eleven", "일백일십일"),
    (147, "one hundred and forty-seven", "일백사십칠"),
    (200, "two hundred", "이백"),
    (208, "two hundred and eight", "이백팔"),
    (229, "two hundred and twenty-nine", "이백이십구"),
    (440, "four hundred and forty", "사백사십"),
    (500, "five hundred", "오백"),
    (600, "six hundred", "육백"),
    (810, "eight hundred and ten", "팔백일십"),
    (999, "nine hundred and ninety-nine", "구백구십구"),
    (1000, "one thousand", "일천"),
]


@pytest.mark.parametrize(("number", "english", "korean"), IN_WORDS)
def test_a_count_in_words(number, english, korean):
    assert number_in_words(number, "en") == english
    assert number_in_words(number, "ko") == korean


def test_korean_counts_are_those_of_num2words_with_every_one_written():
    for number in [*range(1001), 10_000, 10_001, 11_111, 113_560, 100_000_000]:
        plain = num2words(number, lang="ko").replace(" ", "")
        assert re.sub("일(?=[십백천만])", "", number_in_words(number, "ko")) == re.sub("일(?=[십백천만])", "", plain), (
            number
        )


def test_no_two_counts_are_said_alike():
    for language in languages():
        assert len({number_in_words(number, language) for number in range(10_001)}) == 10_001


def test_a_count_below_zero_is_refused():
    with pytest.raises(ValueError, match="-1"):
        number_in_words(-1, "ko")


def test_a_count_stands_in_digits_and_in_words_with_its_unit():
    assert count_words("containers", 1, "en") == "1 (one) case"
    assert count_words("containers", 1245, "en") == "1,245 (one thousand, two hundred and forty-five) cases"
    assert count_words("bags", 21, "ko") == "봉투 21개(이십일 개)"


@pytest.mark.parametrize(("grams", "kg"), [(0, "0.0"), (49, "0.0"), (50, "0.1"), (6400, "6.4"), (123_456, "123.5")])
def test_a_weight_is_said_in_kilograms_to_one_decimal(grams, kg):
    assert weight_kg(grams) == kg


def test_every_field_of_every_kind_has_a_word():
    named = {name for shape in BODIES.values() for name in _names(shape)}
    assert {name for name in named if f"field.{name}" not in words("en")} == set()
    assert {kind for kind in KINDS if f"kind.{kind}" not in words("en")} == set()


def _names(shape):
    fields = getattr(shape, "fields", None)
    for name, inner in (fields or {}).items():
        yield name
        yield from _names(inner)
    if hasattr(shape, "each"):
        yield from _names(shape.each)


def test_every_code_of_a_body_has_a_word():
    codes = {
        "content": bodies.CONTENTS,
        "seal_condition": bodies.SEAL_CONDITIONS,
        "receipt.outcome": bodies.RECEIPT_OUTCOMES,
        "inspection.found": bodies.FOUND,
        "discrepancy.what": bodies.DISCREPANCIES,
        "resolution.outcome": bodies.RESOLUTIONS,
        "claim.about": bodies.CLAIMS_ABOUT,
        "session.state": bodies.SESSION_STATES,
    }
    wanted = {f"{field}.{value}" for field, values in codes.items() for value in values}
    assert wanted - set(words("ko")) == set()
