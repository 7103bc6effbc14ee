"""A drawn-up sheet for paper, in both languages on one page; who claims a number stands in a footnote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from casework.documents.models import Unit
from casework.figures.drawing import COLUMNS
from casework.figures.measures import Measure
from casework.figures.models import Column
from casework.figures.words import QUALIFIERS, thousands
from homeward.programme import DateSpan
from homeward.reports.paper.sheet import Cell, Footnote, Row, Sheet

LANGUAGES = ("en", "ko")
Texts = dict[str, str]


def sheet_for_paper(content: Mapping[str, Any], *, programme: str, digest: str) -> Sheet:
    """What ``homeward.reports.paper`` sets: every claim with a footnote that names claimant and source."""
    sources = _Sources({note["mark"] for note in content["footnotes"]})
    rows = tuple(_row(stream, sources) for stream in content["streams"])
    lead = _lead(content["headlines"], sources)
    own = [Footnote(note["mark"], {"en": note["en"], "ko": note["ko"]}) for note in content["footnotes"]]
    return Sheet(
        title=_both_or_english(content["title"]),
        programme=programme,
        as_of=DateSpan.read(content["as_of"]).latest if content["as_of"] else date.today(),
        made_at=datetime.fromisoformat(content["drawn_up_at"]),
        columns=tuple(_said(lambda column=column: str(Column(column).label)) for column in COLUMNS),  # type: ignore[misc]
        rows=rows,
        footnotes=(*own, *sources.footnotes()),
        lead=lead,
        digest=digest,
    )


class _Sources:
    """The footnotes that say who claims what, lettered on from the sheet's own."""

    def __init__(self, taken: set[str]) -> None:
        self.free = (letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter not in taken)
        self.marks: dict[str, str] = {}
        self.texts: dict[str, Texts] = {}

    def mark(self, cell: Mapping[str, Any]) -> str:
        source = ", ".join(str(part) for part in (cell.get("source") or {}).values() if part and "sha256" not in part)
        key = f"{cell['claimant']}\n{source}"
        if key not in self.marks:
            self.marks[key] = next(self.free)
            self.texts[key] = _said(
                lambda: _("Claim of {claimant}: {source}").format(claimant=cell["claimant"], source=source)
            )
        return self.marks[key]

    def footnotes(self) -> list[Footnote]:
        return [Footnote(mark, self.texts[key]) for key, mark in self.marks.items()]


def _row(stream: Mapping[str, Any], sources: _Sources) -> Row:
    return Row(
        title=_both_or_english(stream["title"]),
        cells=tuple(_cell(column, stream["cells"].get(column, []), sources) for column in COLUMNS),
    )


def _cell(column: str, given: list[Mapping[str, Any]], sources: _Sources) -> Cell:
    """One number, or both sides' numbers side by side."""
    if not given:
        return Cell()
    notes = [mark for cell in given for mark in (*cell["notes"], *([sources.mark(cell)] if "claim" in cell else []))]
    units = {cell["unit"] for cell in given}
    shown = next(iter(units)) if len(units) == 1 and units != {column} and units != {"persons"} else None
    said = _said(lambda: " / ".join(_number(cell) for cell in given))
    return Cell(
        value=said["en"] if len(set(said.values())) == 1 else said,
        unit=_said(lambda: str(Unit(shown).label)) if shown else None,
        mark="claim" if any("claim" in cell for cell in given) else "record",
        notes=tuple(dict.fromkeys(notes)),
    )


def _lead(headlines: list[Mapping[str, Any]], sources: _Sources) -> Texts | None:
    """The numbers above the table; a claim's footnote is named in brackets."""
    if not headlines:
        return None
    return _said(lambda: " ".join(_headline(cell, sources) for cell in headlines))


def _headline(cell: Mapping[str, Any], sources: _Sources) -> str:
    if "claim" not in cell:
        return _("{what}: {number}.").format(what=Measure(cell["measure"]).label, number=_number(cell))
    return _("{what}: {number} (claim, {mark}).").format(
        what=cell["scope"], number=_number(cell), mark=sources.mark(cell)
    )


def _number(cell: Mapping[str, Any]) -> str:
    return str(QUALIFIERS[cell["qualifier"]]).format(number=thousands(cell["value"]))


def _both_or_english(text: Mapping[str, str]) -> Texts:
    return {language: text[language] or text["en"] for language in LANGUAGES}


def _said(say: Callable[[], str]) -> Texts:
    words = {}
    for language in LANGUAGES:
        with override(language):
            words[language] = say()
    return words
