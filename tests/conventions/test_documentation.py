"""Documentation that can be tested is tested: links, commands, words."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from homeward.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*/README.md")])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page):
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8"))
    broken = [t for t in targets if "://" not in t and not t.startswith("mailto:") and not (page.parent / t).exists()]
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_named_in_the_documentation_exists(page):
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.M))
    made = set(re.findall(r"`make ([a-z]+)", text)) | set(re.findall(r"^make ([a-z]+)", text, flags=re.M))
    called = set(re.findall(r"^(?:\$ )?homeward ([a-z]+)", text, flags=re.M)) | set(
        re.findall(r"`homeward ([a-z]+)", text)
    )
    assert made <= targets
    assert called <= set(main.commands)


def test_each_command_explains_itself():
    for name in main.commands:
        shown = CliRunner().invoke(main, [name, "--help"])
        assert shown.exit_code == 0
        assert len(shown.output.splitlines()) > 4


def test_each_word_of_the_glossary_has_its_korean_a_meaning_and_a_source():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and not line.startswith(("| word", "|---"))
    ]
    assert len(rows) > 40
    for row in rows:
        assert len(row) == 4, row
        assert all(row), row
        assert re.search("[가-힣]", row[1]), row
