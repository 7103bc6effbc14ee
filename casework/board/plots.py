"""Figures of the board's pages, drawn as SVG: classes for paint, attributes for geometry.

Every figure has its numbers in a table beside it. Words come in translated; nothing here builds a sentence.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDTH = 900


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a waterfall: what it is called, its log10 LR (None: impossible), as words at the right."""

    label: str
    log10: float | None
    shown: str
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One hypothesis on the scale of odds: log10 odds, and how far its error reaches either way."""

    label: str
    log10_odds: float
    drawn: str  # exact | certified | sampled
    shown: str
    beside: str = ""
    low: float | None = None
    high: float | None = None
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis from values to pixels; what lies outside is drawn at its edge."""

    low: float
    high: float
    left: float
    right: float

    def x(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return round(self.left + (inside - self.low) / (self.high - self.low) * (self.right - self.left), 1)

    def ticks(self) -> list[int]:
        """Whole powers of ten, at most a dozen of them, zero among them."""
        step = max(1, 2 ** math.ceil(math.log2(max((self.high - self.low) / 11, 1))))
        return [
            tick for tick in range(int(self.low) - int(self.low) % step, int(self.high) + 1, step) if tick >= self.low
        ]


def waterfall(title: str, steps: Sequence[Step], *, first: Step, last: Step, even: str) -> SafeString:
    """From prior odds to posterior odds: each line starts where the one above ends.

    ``first`` and ``last`` are odds and drawn as strokes; where ``last`` is impossible no stroke closes the figure.
    """
    row, top = 21, 30
    positions = [first.log10 or 0.0]
    for step in steps:
        positions.append(positions[-1] + (step.log10 or 0.0))
    reach = [*positions, last.log10 if last.log10 is not None else 0.0, 0.0]
    scale = Scale(math.floor(min(reach)) - 0.5, math.ceil(max(reach)) + 0.5, 236, 780)
    bottom = top + row * (len(steps) + 2)
    parts = [_tick(scale.x(tick), top, bottom, _signed(tick), even=tick == 0) for tick in scale.ticks()]
    parts.append(f'<text class="tick middle" x="{scale.x(0)}" y="{bottom + 16}">{escape(even)}</text>')
    parts += _odds(first, scale.x(positions[0]), top, row)
    at = top + row
    for step, start, end in zip(steps, positions, positions[1:], strict=False):
        parts.append(f'<path class="grid" d="M0 {at}H{WIDTH}"/>')
        parts += _bar(step, scale, start, end, at, row)
        at += row
    parts.append(f'<path class="grid" d="M0 {at}H{WIDTH}"/>')
    parts += _odds(last, scale.x(positions[-1]), at, row)
    return _figure(title, parts, bottom + 24)


def _tick(x: float, top: float, bottom: float, words: str, *, even: bool) -> str:
    kind = "even" if even else "grid"
    return (
        f'<path class="{kind}" d="M{x} {top - 4}V{bottom}"/>'
        f'<text class="tick middle" x="{x}" y="{top - 12}">{escape(words)}</text>'
    )


def _odds(step: Step, x: float, at: float, row: int) -> list[str]:
    words = _row_words(step, at, row, strong=True)
    return words if step.log10 is None else [f'<path class="sum" d="M{x} {at + 2}v{row - 4}"/>', *words]


def _bar(step: Step, scale: Scale, start: float, end: float, at: float, row: int) -> list[str]:
    left, right = sorted((scale.x(start), scale.x(end)))
    parts = [f'<path class="joint" d="M{scale.x(start)} {at - 4}v8"/>']
    if step.log10 is None:
        x, y = scale.x(start), at + row / 2
        parts.append(f'<path class="place" d="M{x - 6} {y - 5}l12 10m-12 0l12 -10"/>')
    elif not step.faint:
        kind = "for" if step.log10 >= 0 else "against"
        wide = max(round(right - left, 1), 1)
        parts.append(f'<rect class="{kind}" x="{left}" y="{at + 4}" width="{wide}" height="{row - 8}"/>')
    return parts + _row_words(step, at, row)


def _row_words(step: Step, at: float, row: int, *, strong: bool = False) -> list[str]:
    y = at + row / 2 + 4.5
    kind = "faint" if step.faint else "strong" if strong else ""
    return [
        f'<text class="{kind}" x="0" y="{y}">{escape(step.label)}</text>',
        f'<text class="end {kind}" x="{WIDTH}" y="{y}">{escape(step.shown)}</text>',
    ]


def posterior_scale(
    title: str, marks: Sequence[Mark], *, limit: float, limit_words: str, tick_words: Iterable[tuple[int, str]]
) -> SafeString:
    """The posterior of each hypothesis on a scale of odds, with the programme's threshold as a dashed line."""
    row, top = 28, 30
    ticks = list(tick_words)
    highest = max([limit, *(mark.log10_odds for mark in marks), *(tick for tick, _words in ticks)])
    scale = Scale(-10, min(math.ceil(highest), 12) + 0.5, 264, 606)
    bottom = top + row * len(marks)
    parts = [_tick(scale.x(tick), top, bottom, "", even=tick == 0) for tick, _words in ticks]
    parts += [
        f'<text class="tick middle" x="{scale.x(tick)}" y="{bottom + 18}">{escape(words)}</text>'
        for tick, words in ticks
    ]
    parts.append(f'<path class="limit" d="M{scale.x(limit)} {top - 4}V{bottom}"/>')
    parts.append(f'<text class="faint middle" x="{scale.x(limit)}" y="{top - 12}">{escape(limit_words)}</text>')
    for number, mark in enumerate(marks):
        parts += _mark(mark, scale, top + row * number + row / 2)
    return _figure(title, parts, bottom + 28)


def _mark(mark: Mark, scale: Scale, y: float) -> list[str]:
    x = scale.x(mark.log10_odds)
    strong = "strong" if mark.strong else ""
    shapes = {
        "exact": f'<rect class="exact" x="{x - 5}" y="{y - 5}" width="10" height="10"/>',
        "certified": f'<path class="certified" d="M{x} {y - 7}v14{_reach(mark, scale, y)}"/>',
        "sampled": f'<path class="sampled" d="M{x} {y}{_reach(mark, scale, y)}"/>'
        f'<circle class="sampled" cx="{x}" cy="{y}" r="4"/>',
    }
    return [
        f'<text class="{strong}" x="0" y="{y + 4}">{escape(mark.label)}</text>',
        f'<path class="grid" d="M264 {y}H606"/>',
        shapes[mark.drawn],
        f'<text class="{strong}" x="626" y="{y + 4}">{escape(mark.shown)}</text>',
        f'<text class="faint" x="742" y="{y + 4}">{escape(mark.beside)}</text>',
    ]


def _reach(mark: Mark, scale: Scale, y: float) -> str:
    if mark.low is None or mark.high is None:
        return ""
    return f"M{scale.x(mark.low)} {y}H{scale.x(mark.high)}"


def _figure(title: str, parts: Iterable[str], height: float) -> SafeString:
    # Every word inside was escaped where it was placed.
    return mark_safe(
        f'<svg class="plot" width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _signed(value: int) -> str:
    return "0" if value == 0 else f"{'+' if value > 0 else '−'}{abs(value)}"
