"""The words of statements, in every language that papers and pages are written in.

One table for kinds, fields, outcomes, conditions and states, so that a page, a report and a paper call a thing by the
same word. Each language is one file of ``languages/``; a third language is one more file with the same keys.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from num2words import num2words

from homeward.errors import NotFound

_FOLDER = "languages"


@cache
def languages() -> tuple[str, ...]:
    """The codes of the languages there are words in, English first, then in order of code.

    >>> languages()
    ('en', 'ko')
    """
    names = [entry.name for entry in (files("homeward.reports") / _FOLDER).iterdir()]
    codes = [name.removesuffix(".toml") for name in names if name.endswith(".toml")]
    return tuple(sorted(codes, key=lambda code: (code != "en", code)))


@cache
def words(language: str) -> Mapping[str, str]:
    """Every word of a language by its key, such as ``receipt.outcome.received``.

    Raises
    ------
    NotFound
        If there are no words in this language.
    """
    if language not in languages():
        raise NotFound(f"Statements are worded in {' and '.join(languages())}, not in {language!r}.")
    file = files("homeward.reports") / _FOLDER / f"{language}.toml"
    return MappingProxyType(dict(_flat(tomllib.loads(file.read_text(encoding="utf-8")))))


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, str):
            yield prefix + name, value
        else:
            yield from _flat(value, f"{prefix}{name}.")


def word(key: str, language: str) -> str:
    """The word for a key.

    Raises
    ------
    NotFound
        If there is no such word, or no such language.

    Examples
    --------
    >>> word("receipt.outcome.not_received", "en"), word("receipt.outcome.not_received", "ko")
    ('not received', '인수하지 못함')
    """
    known = words(language)
    if key not in known:
        raise NotFound(f"There is no word for {key!r}.")
    return known[key]


def value_word(kind: str, field: str, value: str, language: str) -> str:
    """The word for a coded value of a statement's field; the value itself where it is free text.

    Parameters
    ----------
    kind : the statement's kind, such as ``receipt``
    field : the field of its body, such as ``outcome``
    value : what stands there

    Examples
    --------
    >>> value_word("handover", "seal_condition", "broken", "ko")
    '훼손됨'
    >>> value_word("receipt", "note", "wet at the corner", "ko")
    'wet at the corner'
    """
    known = words(language)
    for key in (f"{kind}.{field}.{value}", f"{field}.{value}"):
        if key in known and (f"{kind}.{field}" in _CODED or field in _CODED):
            return known[key]
    return value


_CODED = frozenset(
    {
        *("as", "content", "seal_condition", "receipt.outcome", "proposal.what", "issue.kind"),
        *("inspection.mode", "inspection.found", "discrepancy.what", "resolution.outcome"),
        *("session.state", "key.act", "key.role"),
    }
)
"""Fields whose values are codes; a remark that happens to read "whole" is left as it was written."""


def field_word(field: str, language: str) -> str:
    """What a field of a statement's body is called; its own name where there is no word for it.

    >>> field_word("seals", "en"), field_word("seals", "ko")
    ('Seals', '봉인')
    """
    return words(language).get(f"field.{field}", field)


def number_in_words(number: int, language: str) -> str:
    """A count in words, as official papers write it.

    Korean is Sino-Korean with every 일 written, so that nobody can put a digit before 십, 백, 천 or 만: as sums are
    written under Korea's rules for official documents (금113,560원은 금일십일만삼천오백육십원).

    Raises
    ------
    ValueError
        If the number is negative: nothing is counted below zero.

    Examples
    --------
    >>> [number_in_words(number, "en") for number in (0, 55, 208)]
    ['zero', 'fifty-five', 'two hundred and eight']
    >>> [number_in_words(number, "ko") for number in (0, 10, 55, 208, 113_560)]
    ['영', '일십', '오십오', '이백팔', '일십일만삼천오백육십']
    """
    if number < 0:
        raise ValueError(f"{number} is no count")
    if language == "ko":
        return _korean(number)
    said: str = num2words(number, lang=language)
    return said


_DIGITS = "영일이삼사오육칠팔구"


def _korean(number: int) -> str:
    if number == 0:
        return _DIGITS[0]
    groups = []
    for size in ("", "만", "억", "조"):
        number, group = divmod(number, 10_000)
        groups.append(_below_ten_thousand(group) + size if group else "")
    if number:
        raise ValueError("a count of ten quadrillion or more is not written in words")
    return "".join(reversed(groups))


def _below_ten_thousand(group: int) -> str:
    digits = f"{group:04d}"
    return "".join(
        _DIGITS[int(digit)] + place for digit, place in zip(digits, "천백십 ", strict=True) if digit != "0"
    ).strip()


def count_words(unit: str, number: int, language: str) -> str:
    """A count in digits and words with its unit.

    Parameters
    ----------
    unit : ``containers``, ``bags`` or ``lines``

    Examples
    --------
    >>> count_words("containers", 55, "en"), count_words("containers", 55, "ko")
    ('55 (fifty-five) cases', '상자 55개(오십오 개)')
    >>> count_words("bags", 1, "en")
    '1 (one) bag'
    """
    template = word(f"count.{unit}.{'one' if number == 1 else 'other'}", language)
    return template.format(number=f"{number:,}", words=number_in_words(number, language))


def weight_kg(grams: int) -> str:
    """A weight in kilograms to one decimal, halves rounded away from zero as scales are read; no fraction is computed.

    >>> weight_kg(6400), weight_kg(6450), weight_kg(49), weight_kg(0)
    ('6.4', '6.5', '0.0', '0.0')
    """
    tenths = (grams + 50) // 100
    return f"{tenths // 10}.{tenths % 10}"
