"""dental.csv: one row for each tooth, made into charts and written again.

Teeth are numbered 1 to 32 (universal). Of the two digits of FDI many are numbers here too, and mean other teeth, so a
number that can only be FDI is refused and nothing is converted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from homeward.formats.cells import BadCell, writable
from homeward.programme import ChartKind, DateSpan, DentalChart

_SURFACES = "MODFLI"
_CODE = re.compile(rf"(?:[{_SURFACES}CR]+|[UVXJ/])(?:-[ABCEGHNPRSTZ]{{1,5}})?", re.ASCII)
_FORM = (
    "Write surfaces (M O D F L I), or C, R, V, U, X, J or /; after a hyphen at most five letters that WinID adds, as "
    "in MOD-S."
)
BOTH_NOTATIONS = frozenset(map(str, (*range(11, 19), *range(21, 29), 31, 32)))  # a tooth in universal and in FDI
_TOO_FEW = 4  # teeth of a chart of which it is not said that they could be FDI


@dataclass(eq=False, slots=True)
class ChartReading:
    """One chart as it is read, with the line of each tooth."""

    subject_id: str
    kind: ChartKind
    date: DateSpan | None
    line: int
    teeth: dict[str, str] = field(default_factory=dict)
    lines: list[int] = field(default_factory=list)  # in the order of the teeth

    @property
    def chart(self) -> DentalChart:
        return DentalChart(subject_id=self.subject_id, kind=self.kind, date=self.date, teeth=self.teeth)

    @property
    def may_be_fdi(self) -> bool:
        """Whether every tooth is a number that both notations have, though none beside them is."""
        return len(self.teeth) >= _TOO_FEW and self.teeth.keys() <= BOTH_NOTATIONS


Charts = dict[tuple[str, str, str], ChartReading]
Tell = Callable[[int, str, str, str, str], None]


def read_charts(rows: Iterable[tuple[int, dict[str, Any]]], fault: Tell) -> Charts:
    """Charts by subject, kind and date, teeth in the order of the rows.

    Parameters
    ----------
    rows : line and values of each row, no key twice
    fault : told line, column, value, reason and remedy of a code that has no known form
    """
    found: Charts = {}
    for line, row in rows:
        date: DateSpan | None = row.get("date")
        key = row["subject_id"], row["kind"].value, date.text if date else ""
        chart = found.setdefault(key, ChartReading(row["subject_id"], row["kind"], date, line))
        try:
            chart.teeth[row["tooth"]] = dental_code(row["code"])
            chart.lines.append(line)
        except BadCell as bad:
            fault(line, "code", row["code"], f"{bad.reason}.", bad.remedy)
    return found


def dental_code(text: str) -> str:
    """A code as WinID or NCIC charts it, as it stands.

    Raises
    ------
    BadCell
        If it has no form of theirs.

    Examples
    --------
    >>> dental_code("MOD-S"), dental_code("/")
    ('MOD-S', '/')
    """
    if not _CODE.fullmatch(text):
        if _CODE.fullmatch(text.upper()):
            raise BadCell("is in small letters", f"Write {text.upper()}.")
        raise BadCell("is not a code of a tooth as WinID or NCIC write it", _FORM)
    surfaces = text.split("-")[0]
    if len(set(surfaces)) < len(surfaces):
        raise BadCell("names a surface twice", "Write each surface once.")
    return text


def chart_rows(charts: Sequence[DentalChart]) -> Iterator[list[str]]:
    """Rows of dental.csv, chart by chart."""
    for chart in charts:
        date = chart.date.text if chart.date else ""
        subject = writable(chart.subject_id, "dental.csv")
        for tooth, code in chart.teeth.items():
            yield [subject, chart.kind.value, date, tooth, writable(code, "dental.csv")]
