"""Figures of a report, drawn as SVG: what each marker adds, and how the hypotheses stand.

Classes for paint, attributes for geometry, as everywhere (``svg.plot`` of homeward.css). The same
numbers always stand in a table beside the figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from homeward.identification.result import Label
from homeward.reports.language import translations
from homeward.reports.words import SUPERSCRIPT, log10_words, one_in_words, probability_words

ROW = 19.0
NAMES = 220.0  # width of the names at the left
WHOLE = 900.0
AXIS, AXIS_END = 272.0, 572.0  # of the scale of odds
APART = 58.0  # between two words on an axis


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a waterfall: its name and what it adds to the log10 odds of each candidate."""

    name: str
    adds: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Chance:
    """One hypothesis on a scale of odds. ``odds`` is log10."""

    name: str
    posterior: float
    label: Label
    error: float


def log10_odds(chance: float) -> float:
    """Log10 odds of a probability, held between -15 and +15, where double precision ends.

    >>> log10_odds(0.5), log10_odds(1.0)
    (0.0, 15.0)
    """
    if chance <= 0 or chance >= 1:
        return 15.0 if chance >= 1 else -15.0
    return max(-15.0, min(15.0, math.log10(chance) - math.log10(1 - chance)))


def waterfall_svg(
    candidates: Sequence[str], start: Sequence[float], steps: Sequence[Step], *, language: str = "en"
) -> str:
    """From prior odds to posterior odds, one line after another, for one candidate or two side by side.

    Parameters
    ----------
    candidates : one or two names
    start : the log10 prior odds of each
    steps : what each line adds; the sum is the posterior odds
    """
    _ = translations(language).gettext
    ends = [start[k] + sum(step.adds[k] for step in steps) for k in range(len(candidates))]
    reached = [value for k in range(len(candidates)) for value in _running(start[k], [s.adds[k] for s in steps])]
    low, high = min([0.0, *reached]), max([0.0, *reached])
    top, rows = 42.0, len(steps) + 2
    bottom = top + rows * ROW
    names = [_("Prior odds"), *(step.name for step in steps), _("Posterior odds")]
    parts = []
    for number, name in enumerate(names):
        y = top + number * ROW
        if number:
            parts.append(f'<path class="grid" d="M0 {y:g}H{WHOLE:g}"/>')
        strong = ' class="strong"' if number in (0, rows - 1) else ""
        parts.append(f'<text{strong} x="0" y="{y + 13.5:g}">{escape(name)}</text>')
    panel = (WHOLE - NAMES) / len(candidates)
    for k, name in enumerate(candidates):
        left, right = NAMES + k * panel, NAMES + (k + 1) * panel
        scale = _Scale(low, high, left + 16, right - 76)
        parts.append(f'<text class="strong" x="{left + 8:g}" y="12">{escape(name)}</text>')
        parts += _axis(scale, top, bottom)
        parts += _falls(scale, start[k], [step.adds[k] for step in steps], ends[k], top, right - 8, second=k > 0)
    title = _("From prior odds to posterior odds by marker, in log10; the same values are in the table")
    return _svg(WHOLE, bottom + 4, title, parts)


def _running(start: float, adds: Sequence[float]) -> list[float]:
    levels = [start]
    for value in adds:
        levels.append(levels[-1] + value)
    return levels


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float
    left: float
    right: float

    def x(self, value: float) -> float:
        span = max(self.high - self.low, 1e-9)
        return round(self.left + (value - self.low) / span * (self.right - self.left), 1)

    def ticks(self) -> list[int]:
        span = self.high - self.low
        step = next((s for s in (1, 2, 5, 10, 20) if span / s <= (self.right - self.left) / 48), 50)
        return [t for t in range(-1000, 1001, step) if self.low <= t <= self.high]


def _axis(scale: _Scale, top: float, bottom: float) -> Iterator[str]:
    for tick in scale.ticks():
        x = scale.x(tick)
        kind = "grid" if tick else "even"
        word = "0" if tick == 0 else f"{'+' if tick > 0 else '−'}{abs(tick)}"
        yield f'<path class="{kind}" d="M{x:g} {top:g}V{bottom:g}"/>'
        yield f'<text class="tick middle" x="{x:g}" y="{top - 8:g}">{word}</text>'


def _falls(
    scale: _Scale, start: float, adds: Sequence[float], end: float, top: float, numbers: float, *, second: bool
) -> Iterator[str]:
    also = " second" if second else ""
    level = start
    yield f'<path class="sum" d="M{scale.x(start):g} {top + 2:g}v15"/>'
    yield f'<text class="end strong" x="{numbers:g}" y="{top + 13.5:g}">{log10_words(start)}</text>'
    for number, value in enumerate(adds, start=1):
        y = top + number * ROW
        yield f'<path class="joint" d="M{scale.x(level):g} {y - 2:g}v6"/>'
        x, reach = scale.x(min(level, level + value)), scale.x(max(level, level + value))
        kind = "for" if value >= 0 else "against"
        if value:
            width = max(reach - x, 1.5)
            yield f'<rect class="{kind}{also}" x="{x:g}" y="{y + 4:g}" width="{width:g}" height="11"/>'
        yield f'<text class="end" x="{numbers:g}" y="{y + 13.5:g}">{log10_words(value)}</text>'
        level += value
    y = top + (len(adds) + 1) * ROW
    yield f'<path class="joint" d="M{scale.x(level):g} {y - 2:g}v6"/>'
    yield f'<path class="sum" d="M{scale.x(end):g} {y + 2:g}v15"/>'
    yield f'<text class="end strong" x="{numbers:g}" y="{y + 13.5:g}">{log10_words(end)}</text>'


def odds_svg(chances: Sequence[Chance], threshold: float, *, language: str = "en") -> str:
    """Each hypothesis on a scale of log10 odds, with the programme's threshold.

    Parameters
    ----------
    chances : the hypotheses, best first
    threshold : the posterior that the programme asks for before an identification is proposed
    """
    _ = translations(language).gettext
    row, top = 28.0, 28.0
    bottom = top + row * len(chances) + 8
    limit = log10_odds(threshold)
    odds = [log10_odds(chance.posterior) for chance in chances]
    low = max(min([-6.0, *odds]), -12.0)
    high = max(limit + 1, *odds)
    scale = _Scale(low, high, AXIS, AXIS_END)
    parts = []
    last = math.inf
    for mark in (0, -3, -6, -9):
        x = scale.x(mark)
        if mark < low or last - x < APART:
            continue
        last = x
        power = f"10{str(-mark).translate(SUPERSCRIPT)}"
        word = _("even") if mark == 0 else _("1 in %(number)s") % {"number": power}
        parts.append(f'<path class="{"grid" if mark else "even"}" d="M{x:g} {top:g}V{bottom:g}"/>')
        parts.append(f'<text class="tick middle" x="{x:g}" y="{bottom + 16:g}">{word}</text>')
    parts.append(f'<path class="limit" d="M{scale.x(limit):g} {top:g}V{bottom:g}"/>')
    parts.append(f'<text class="tick middle" x="{scale.x(limit):g}" y="{bottom + 16:g}">{threshold:g}</text>')
    word = escape(_("threshold"))
    parts.append(f'<text class="faint middle" x="{scale.x(limit):g}" y="20">{word}</text>')
    for number, (chance, place) in enumerate(zip(chances, odds, strict=True)):
        y = top + row * number + 20
        strong = "strong" if number == 0 else ""
        x = scale.x(max(place, low))
        parts.append(f'<path class="grid" d="M{AXIS:g} {y:g}H{AXIS_END:g}"/>')
        parts.append(f'<text class="{strong}" x="0" y="{y + 4:g}">{escape(chance.name)}</text>')
        parts += _point(chance, x, y, scale)
        parts.append(
            f'<text class="{strong}" x="{AXIS_END + 20:g}" y="{y + 4:g}">{probability_words(chance.posterior)}</text>'
        )
        remainder = 1 - chance.posterior if number == 0 and chance.posterior > 0.5 else chance.posterior
        word = one_in_words(remainder, language)
        if number == 0 and chance.posterior > 0.5:
            word = _("another: %(chance)s") % {"chance": word}
        parts.append(f'<text class="faint" x="{AXIS_END + 130:g}" y="{y + 4:g}">{escape(word)}</text>')
    title = _("Posterior probability of each hypothesis on a scale of log10 odds")
    return _svg(WHOLE, bottom + 22, title, parts)


def _point(chance: Chance, x: float, y: float, scale: _Scale) -> Iterator[str]:
    if chance.label is Label.EXACT:
        yield f'<rect class="exact" x="{x - 5:g}" y="{y - 5:g}" width="10" height="10"/>'
        return
    ends = [
        min(max(scale.x(log10_odds(value)), scale.left), scale.right)
        for value in (chance.posterior - chance.error, chance.posterior + chance.error)
    ]
    if chance.label is Label.CERTIFIED:
        caps = f"M{ends[0]:g} {y - 6:g}v12M{ends[1]:g} {y - 6:g}v12M{ends[0]:g} {y:g}H{ends[1]:g}"
        yield f'<path class="certified" d="{caps}M{x:g} {y - 3:g}v6"/>'
        return
    yield f'<path class="sampled" d="M{ends[0]:g} {y:g}H{ends[1]:g}"/>'
    yield f'<circle class="sampled" cx="{x:g}" cy="{y:g}" r="4"/>'


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    return (
        f'<svg class="plot" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" role="img">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
