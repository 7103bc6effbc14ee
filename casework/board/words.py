"""The board's numbers and codes in the reader's language; what reports say, pages say in the same words."""

from __future__ import annotations

import math

from django.utils.translation import get_language

from homeward.identification.result import Conclusion, Exclusion, Genetics, Label, Method
from homeward.reports import words

signed = words.log10_words
probability = words.probability_words


def language() -> str:
    return "ko" if get_language() == "ko" else "en"


def hypothesis(code: str) -> str:
    """A person's number as it stands, or the alternative in words."""
    return words.hypothesis_words(code, language())


def one_in(chance: float) -> str:
    return words.one_in_words(chance, language())


def label(code: str) -> str:
    return words.label_words(Label(code), language())


def label_state(code: str) -> str:
    return words.STATE_OF_LABEL[Label(code)]


def conclusion(code: str) -> str:
    return words.conclusion_words(Conclusion(code), language())


def conclusion_state(code: str) -> str:
    return words.STATE_OF_CONCLUSION[Conclusion(code)]


def exclusion(code: str) -> str:
    return words.exclusion_words(Exclusion(code), language())


def line(code: str) -> str:
    return words.line_words(code, language())


def method(code: str) -> str:
    return words.method_words(Method(code), language())


def genetics(code: str) -> str:
    return words.genetics_words(Genetics(code), language())


def absent(code: str) -> str:
    return words.absent_words(code, language())


def log10_odds(chance: float) -> float:
    """Log10 odds of a probability strictly between 0 and 1."""
    return math.log10(chance) - math.log1p(-chance) / math.log(10)
