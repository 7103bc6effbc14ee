"""Every sentence of the application has its Korean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

CASEWORK = Path(__file__).resolve().parents[2] / "casework"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
CATALOGUES = sorted(CASEWORK.glob("**/locale/ko/LC_MESSAGES/django.po"))


def messages() -> Iterator[tuple[str, str | None, str | tuple[str, ...]]]:
    """Where a sentence stands, its context, and the sentence itself."""
    for path in sorted([*CASEWORK.glob("**/*.py"), *CASEWORK.glob("**/templates/**/*.html")]):
        source = path.read_text(encoding="utf-8")
        code = templatize(source) if path.suffix == ".html" else source
        for line, message, _comments, context in extract("python", BytesIO(code.encode()), KEYWORDS):
            yield f"{path.relative_to(CASEWORK)}:{line}", context, message


def translations() -> dict[tuple[str | None, str], Message]:
    found: dict[tuple[str | None, str], Message] = {}
    for path in CATALOGUES:
        with path.open("rb") as file:
            for message in read_po(file, locale="ko"):
                if message.id:
                    found[message.context, _first(message.id)] = message
    return found


def _first(message: str | tuple[str, ...] | list[str]) -> str:
    return message if isinstance(message, str) else message[0]


def _korean(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


def test_every_sentence_has_its_korean():
    known = translations()

    without = {
        f"{place}: {_first(message)}"
        for place, context, message in messages()
        if (context, _first(message)) not in known or not all(_korean(known[context, _first(message)]))
    }

    assert not without, "\n".join(sorted(without))


def test_no_korean_is_kept_for_a_sentence_that_is_gone():
    said = {(context, _first(message)) for _place, context, message in messages()}

    gone = [key for key in translations() if key not in said]

    assert not gone


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: str(path.relative_to(CASEWORK).parts[0]))
def test_a_catalogue_is_whole_and_keeps_what_is_filled_in(path):
    with path.open("rb") as file:
        catalogue: Catalog = read_po(file, locale="ko")

    for message in catalogue:
        english = message.id if isinstance(message.id, str) else message.id[-1]
        assert not message.fuzzy or not english, english
        assert not english or not list(message.check(catalogue)), english  # or pybabel refuses to compile it
        for korean in _korean(message):
            assert not english or placeholders(korean) == placeholders(english), english


def placeholders(sentence: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)s|{\w+}", sentence))
