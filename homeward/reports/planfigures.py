"""Figures of a season's plan: what a larger or smaller budget brings, and who digs where when.

Classes for paint, attributes for geometry; the same numbers stand in the tables of the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from homeward.reports.figures import WHOLE, _Scale, _svg
from homeward.reports.language import translations

ROW = 26.0


@dataclass(frozen=True, slots=True)
class Spell:
    """A crew at a site, in days of the season counted from 0."""

    crew: int
    number: str
    first: float
    last: float


def curve_svg(
    points: Sequence[tuple[float, float, float]], budget: float, ways: Sequence[tuple[str, float, float]], language: str
) -> str:
    """Expected identifications against budget, the bound that no plan can exceed, and other ways of choosing.

    Parameters
    ----------
    points : (budget, expected identifications, bound), by budget
    budget : of the plan
    ways : (name, cost, expected identifications)
    """
    _ = translations(language).gettext
    left, right, top, bottom = 60.0, 700.0, 16.0, 266.0
    across = _Scale(0.0, max(x for x, _y, _bound in points), left, right)
    up = _Scale(0.0, max([1e-9, *(bound for _x, _y, bound in points), *(y for _n, _c, y in ways)]) * 1.05, bottom, top)
    parts = list(_ruled(across, up))
    own = across.x(budget)
    parts.append(f'<path class="limit" d="M{own:g} {top:g}V{bottom:g}"/>')
    word = escape(_("the budget"))
    parts.append(f'<text class="faint middle" x="{own:g}" y="{top - 5:g}">{word}</text>')
    for kind, which in (("line second", 2), ("line", 1)):
        line = "L".join(f"{across.x(point[0]):g} {up.x(point[which]):g}" for point in ((0.0, 0.0, 0.0), *points))
        parts.append(f'<path class="{kind}" d="M{line}"/>')
    for x, y, _bound in points:
        parts.append(f'<circle class="person" cx="{across.x(x):g}" cy="{up.x(y):g}" r="4"/>')
    end = points[-1]
    word = escape(_("this plan"))
    parts.append(f'<text class="strong" x="{right + 10:g}" y="{up.x(end[1]) + 12:g}">{word}</text>')
    word = escape(_("bound"))
    parts.append(f'<text class="faint" x="{right + 10:g}" y="{up.x(end[2]) - 6:g}">{word}</text>')
    for number, (name, cost, y) in enumerate(sorted(ways, key=lambda way: way[2])):
        x, height = across.x(cost), up.x(y)
        beside = min(bottom - 4, height + 18 + 2 * number)
        parts.append(f'<rect class="against" x="{x - 4:g}" y="{height - 4:g}" width="8" height="8"/>')
        parts.append(f'<text class="faint" x="{x + 9:g}" y="{beside - 8:g}">{escape(name)}</text>')
    word = escape(_("budget"))
    parts.append(f'<text class="faint middle" x="{(left + right) / 2:g}" y="{bottom + 36:g}">{word}</text>')
    return _svg(WHOLE, bottom + 44, _("Expected identifications against the budget"), parts)


def _ruled(across: _Scale, up: _Scale) -> Iterator[str]:
    for value in _round(up.high, 5):
        y = up.x(value)
        yield f'<path class="{"grid" if value else "even"}" d="M{across.left:g} {y:g}H{across.right:g}"/>'
        yield f'<text class="tick end" x="{across.left - 8:g}" y="{y + 4:g}">{value:g}</text>'
    for value in _round(across.high, 6):
        x = across.x(value)
        yield f'<path class="grid" d="M{x:g} {up.right:g}V{up.left:g}"/>'
        yield f'<text class="tick middle" x="{x:g}" y="{up.left + 18:g}">{value:,g}</text>'


def _round(high: float, most: int) -> list[float]:
    """Round numbers from 0 to ``high``, at most so many.

    >>> _round(11.0, 5), _round(0.9, 5)
    ([0.0, 5.0, 10.0], [0.0, 0.2, 0.4, 0.6, 0.8])
    """
    power = 10.0 ** math.floor(math.log10(high / most)) if high > 0 else 1.0
    step = next(times * power for times in (1, 2, 5, 10) if high / (times * power) <= most)
    return [round(step * k, 10) for k in range(math.floor(high / step * (1 + 1e-9)) + 1)]


def schedule_svg(spells: Sequence[Spell], starts: date, days: int, crews: int, language: str) -> str:
    """Which crew digs which site when."""
    _ = translations(language).gettext
    left, right, top = 90.0, 880.0, 30.0
    bottom = top + ROW * crews
    scale = _Scale(0.0, float(days), left, right)
    parts = []
    for day in _mondays(starts, days):
        x = scale.x((day - starts).days)
        parts.append(f'<path class="grid" d="M{x:g} {top:g}V{bottom:g}"/>')
        parts.append(f'<text class="tick middle" x="{x:g}" y="{top - 9:g}">{day:%m-%d}</text>')
    for crew in range(1, crews + 1):
        y = top + ROW * (crew - 1)
        name = _("crew %(number)s") % {"number": crew}
        parts.append(f'<text x="0" y="{y + 17:g}">{escape(name)}</text>')
        parts.append(f'<path class="grid" d="M{left:g} {y + ROW:g}H{right:g}"/>')
    for one in spells:
        x, end = scale.x(one.first), scale.x(one.last)
        y = top + ROW * (one.crew - 1) + 4
        width = max(end - x - 1, 2)
        parts.append(f'<rect class="rest edge" x="{x:g}" y="{y:g}" width="{width:g}" height="{ROW - 8:g}"/>')
        if width >= 8 * len(one.number):
            parts.append(f'<text class="small middle" x="{x + width / 2:g}" y="{y + 13:g}">{escape(one.number)}</text>')
    return _svg(WHOLE, bottom + 6, _("Which crew digs which site when"), parts)


def _mondays(starts: date, days: int) -> list[date]:
    """Mondays of a season, every second or fourth of a long one."""
    first = starts + timedelta(days=-starts.weekday() % 7)
    every = 7 * (1 if days <= 90 else 2 if days <= 180 else 4)
    return [first + timedelta(days=n) for n in range(0, max(0, days - (first - starts).days), every)]
