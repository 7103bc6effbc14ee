"""Dental charts as a grid: the upper and the lower jaw, one row for each chart, what differs marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casework.laboratory.models import DentalChart

UPPER = tuple(str(number) for number in range(1, 17))
LOWER = tuple(str(number) for number in range(32, 16, -1))
UNKNOWN = "/"


@dataclass(frozen=True, slots=True)
class Cell:
    """One tooth in one chart; ``differs`` where a chart of the other kind has another code."""

    tooth: str
    code: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Jaw:
    """Teeth from the patient's right to left, and a row of cells for each chart."""

    upper: bool
    teeth: tuple[str, ...]
    rows: tuple[tuple[DentalChart, tuple[Cell, ...]], ...]


def jaws(charts: Sequence[DentalChart]) -> list[Jaw]:
    """The charts as two jaws, those made in life first; nothing where there is no chart."""
    if not charts:
        return []
    ordered = sorted(charts, key=lambda chart: (chart.kind, chart.date))
    return [
        Jaw(teeth is UPPER, teeth, tuple((chart, _cells(chart, teeth, ordered)) for chart in ordered))
        for teeth in (UPPER, LOWER)
    ]


def _cells(chart: DentalChart, teeth: Sequence[str], charts: Sequence[DentalChart]) -> tuple[Cell, ...]:
    others = [other.teeth for other in charts if other.kind != chart.kind]
    return tuple(
        Cell(tooth, code, any(_differ(code, other.get(tooth, "")) for other in others))
        for tooth in teeth
        for code in [chart.teeth.get(tooth, "")]
    )


def _differ(one: str, other: str) -> bool:
    known = bool(one and other) and UNKNOWN not in (one, other)
    return known and one != other
