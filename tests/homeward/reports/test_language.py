"""Every sentence of the reports has its Korean."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from homeward.errors import NotFound
from homeward.reports.language import translations

REPORTS = Path(__file__).parents[3] / "homeward" / "reports"
CATALOGUE = REPORTS / "locale" / "ko" / "LC_MESSAGES" / "reports.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
MARK = re.compile(r"%\(\w+\)s|</?\w+>")


def sentences() -> set[str]:
    return {found[2] for found in extract_from_dir(str(REPORTS), method_map=METHODS, options_map=OPTIONS)}


def korean() -> dict[str, str]:
    with CATALOGUE.open(encoding="utf-8") as file:
        return {message.id: message.string for message in read_po(file) if message.id}


def test_every_sentence_has_a_korean_translation_and_no_translation_is_left_over():
    assert sentences() == set(korean())
    assert all(korean().values())


def test_a_translation_keeps_the_values_and_marks_of_its_sentence():
    changed = [
        sentence
        for sentence, translation in korean().items()
        if sorted(MARK.findall(sentence)) != sorted(MARK.findall(translation))
    ]
    assert not changed


def test_no_sentence_hides_from_translation_inside_an_f_string():
    hidden = [
        f"{path.name}: {line.strip()}"
        for path in REPORTS.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"""f['"].*\{[^}]*\b_\(""", line)
    ]
    assert not hidden


def test_a_language_that_reports_do_not_have_is_refused():
    with pytest.raises(NotFound, match="en and ko"):
        translations("fr")
