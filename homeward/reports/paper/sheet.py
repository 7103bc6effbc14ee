"""The progress sheet of a programme: streams of remains by what was counted of them, each figure with its standing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, Unpack

from homeward.errors import Nonsense
from homeward.reports.paper.document import (
    Column,
    How,
    Paper,
    Part,
    Tongues,
    Value,
    heading,
    lead,
    ruled,
    set_as,
    tongues_of,
)

Texts = Mapping[str, str]  # by language
Mark = Literal["claim", "record", "none"]


@dataclass(frozen=True, slots=True)
class Footnote:
    """A definition, a source: its letter, and its text in each language."""

    mark: str
    text: Texts


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure.

    Parameters
    ----------
    value : as it is said: "208", "about 250", "more than 440"; or by language, where words stand in it
    unit : of what, by language: cases, individuals, …
    mark : ``claim`` somebody stated it; ``record`` counted from records; ``none`` there is no figure
    notes : letters of its footnotes

    Raises
    ------
    Nonsense
        If a claim has no footnote that says who claims it, a figure has no value, or what is no figure has one.
    """

    value: str | Texts = ""
    unit: Texts | None = None
    mark: Mark = "none"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.mark == "claim" and not self.notes:
            raise Nonsense(f"The claim {self.value!r} has no footnote: a claim is shown with who makes it and where.")
        if (self.mark == "none") == bool(self.value):
            raise Nonsense(f"The figure {self.value!r} is marked {self.mark!r}.")


@dataclass(frozen=True, slots=True)
class Row:
    """A stream of remains, or, without cells, a heading between streams."""

    title: Texts
    cells: tuple[Cell, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def named(self) -> frozenset[str]:
        """Every footnote that the row names."""
        return frozenset(self.notes).union(*(cell.notes for cell in self.cells))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A progress sheet.

    Parameters
    ----------
    title, programme : what it shows, for which programme
    as_of : the day to which its figures hold
    made_at : when it was made
    columns : what is counted, each with its unit in the label
    lead : one to three sentences that a family could read
    digest : of the published content that it shows, "" if there is none

    Raises
    ------
    Nonsense
        If a row has not a cell for each column, or a footnote is named and missing, or there twice.
    """

    title: Texts
    programme: str
    as_of: date
    made_at: datetime
    columns: tuple[Texts, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[Footnote, ...] = ()
    lead: Texts | None = None
    digest: str = ""

    def __post_init__(self) -> None:
        marks = [note.mark for note in self.footnotes]
        named = {mark for row in self.rows for mark in row.named}
        if len(set(marks)) < len(marks) or named - set(marks):
            raise Nonsense(f"Footnotes {sorted(named)} are named and {sorted(marks)} are there.")
        for row in self.rows:
            if row.cells and len(row.cells) != len(self.columns):
                raise Nonsense(f"{row.title} has {len(row.cells)} figures for {len(self.columns)} columns.")


def figures_pdf(sheet: Sheet, **how: Unpack[How]) -> bytes:
    """The progress sheet on paper.

    Raises
    ------
    Nonsense
        If a text of the sheet is missing in one of the paper's languages.
    """
    tongues = tongues_of(how)
    columns = [
        Column(tongues.said("figures.stream"), 62),
        *(Column(_own(c, tongues), right=True) for c in sheet.columns),
    ]
    rows = [[_title(row, tongues), *_cells(row, len(sheet.columns), tongues)] for row in sheet.rows]
    notes: Part = {
        "part": "notes",
        "notes": [{"mark": note.mark, "text": _own(note.text, tongues)} for note in sheet.footnotes],
    }
    parts = [
        ruled(columns, rows),
        lead(tongues.said("figures.units")),
        lead(tongues.said("figures.marks")),
        *([heading(tongues.said("figures.notes")), notes] if sheet.footnotes else []),
    ]
    paper = Paper(
        tongues=tongues,
        title=_own(sheet.title, tongues),
        under=tongues.said("figures.as_of", date=sheet.as_of.isoformat()),
        leads=[_own(sheet.lead, tongues)] if sheet.lead else [],
        parts=parts,
        at=sheet.made_at,
        head=sheet.programme,
        author=sheet.programme,
        digest=sheet.digest,
    )
    return set_as(paper, how, copies=1)


def _own(texts: Texts, tongues: Tongues) -> dict[str, str]:
    """A text in each of the paper's languages: both sides read the same sheet."""
    missing = [language for language in tongues.languages if not texts.get(language)]
    if missing:
        raise Nonsense(f"{dict(texts)} is not said in {' and '.join(missing)}.")
    return {language: texts[language] for language in tongues.languages}


def _title(row: Row, tongues: Tongues) -> Value:
    title = _own(row.title, tongues)
    return {"noted": title, "marks": " ".join(row.notes), "strong": not row.cells}


def _cells(row: Row, columns: int, tongues: Tongues) -> list[Value]:
    return [_cell(cell, tongues) for cell in row.cells] or [""] * columns


def _cell(cell: Cell, tongues: Tongues) -> Value:
    if cell.mark == "none":
        absent = {"noted": tongues.said("figures.none"), "marks": " ".join(cell.notes), "strong": False}
        return {"quiet": absent}
    value = cell.value if isinstance(cell.value, str) else _own(cell.value, tongues)
    below = [_own(cell.unit, tongues)] if cell.unit else []
    figure = {"noted": value, "marks": " ".join(cell.notes), "strong": True}
    return [{"row": [figure]}, *({"quiet": {"row": [one]}} for one in [*below, tongues.said(f"figures.{cell.mark}")])]
