"""A forum's sessions on a line of time, drawn as SVG: classes for paint, attributes for geometry.

Days lie in order, but their distances are shortened: nine years and three days would not both be seen on one
scale. Each gap of a year or more is written out, and the same sessions stand in a table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from homeward.programme import DateSpan

WIDTH = 900
LEFT, RIGHT = 190, 870
ROW, TOP = 40, 34
NEAREST = 46  # pixels between two days, so that their marks stay apart
LABEL = 82  # pixels that a day's label needs
YEAR = 365


@dataclass(frozen=True, slots=True)
class Mark:
    """One session: on which row, on which day as its source has it, and in which state."""

    row: int
    day: str
    state: str
    number: int


@dataclass(frozen=True, slots=True)
class Band:
    """A time in which the forum did not meet; no end: it still does not."""

    since: str
    until: str
    words: str


def timeline(
    title: str, rows: Sequence[str], marks: Sequence[Mark], bands: Sequence[Band], *, gap: Callable[[str, str], str]
) -> SafeString:
    """Sessions by level and day. ``gap`` words the time that passed between two days."""
    shown = last_days(marks)
    place = _places(sorted({_first(mark.day) for mark in shown}))
    bottom = TOP + ROW * len(rows)
    parts = [_band(band, place, bottom) for band in bands if place]
    parts += [_level(name, TOP + ROW * number + ROW / 2) for number, name in enumerate(rows)]
    texts = {_first(mark.day): mark.day for mark in sorted(shown, key=lambda mark: len(mark.day))}
    parts += _gaps(place, texts, bottom, gap)
    parts += [_mark(mark, place[_first(mark.day)]) for mark in shown]
    parts += _labels(texts, place, bottom)
    return _figure(title, parts, bottom + 60)


def symbol(state: str) -> SafeString:
    """The mark of a state alone, for the key beside the figure."""
    return mark_safe(
        f'<svg class="plot" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">{_shape(state, 11, 11)}</svg>'
    )


def last_days(marks: Sequence[Mark]) -> list[Mark]:
    """The sessions of the latest days that fit side by side."""
    days = sorted({_first(mark.day) for mark in marks})[-int((RIGHT - LEFT) / NEAREST) :]
    return [mark for mark in marks if _first(mark.day) in set(days)]


def _first(day: str) -> date:
    return DateSpan.read(day).earliest


def _places(days: Sequence[date]) -> Mapping[date, float]:
    """Where each day lies: in order, no two too near, longer gaps wider by their logarithm."""
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    spare = RIGHT - LEFT - NEAREST * len(gaps)
    weights = [math.log1p(gap) for gap in gaps]
    whole = sum(weights) or 1.0
    at, places = float(LEFT), {}
    for day, weight in zip(days, [*weights, 0.0], strict=True):
        places[day] = round(at, 1)
        at += NEAREST + min(spare * weight / whole, 3.5 * NEAREST * weight)
    return places


def _x(day: date, place: Mapping[date, float], *, before: float, after: float) -> float:
    """Where any day lies, between those that are drawn."""
    known = sorted(place)
    if day <= known[0]:
        return place[known[0]] if day == known[0] else before
    for earlier, later in pairwise(known):
        if day <= later:
            share = (day - earlier).days / (later - earlier).days
            return round(place[earlier] + share * (place[later] - place[earlier]), 1)
    return after


def _band(band: Band, place: Mapping[date, float], bottom: float) -> str:
    left = _x(_first(band.since), place, before=LEFT - 24, after=RIGHT)
    right = _x(_first(band.until), place, before=LEFT - 24, after=WIDTH) if band.until else WIDTH
    if right <= left:
        return ""
    return (
        f'<rect class="pause" x="{left}" y="{TOP - 6}" width="{round(right - left, 1)}" height="{bottom - TOP + 6}"/>'
        f'<text class="faint middle" x="{round((left + right) / 2, 1)}" y="{TOP - 12}">{escape(band.words)}</text>'
    )


def _level(name: str, y: float) -> str:
    return f'<text x="0" y="{y + 4.5}">{escape(name)}</text><path class="grid" d="M{LEFT - 24} {y}H{WIDTH}"/>'


def _gaps(
    place: Mapping[date, float], texts: Mapping[date, str], bottom: float, words: Callable[[str, str], str]
) -> list[str]:
    """Gaps of a year or more: a break in the line of days, and their length on a line of its own below."""
    days = sorted(place)
    parts = [f'<path class="axis" d="M{LEFT - 24} {bottom}H{WIDTH}"/>']
    for earlier, later in pairwise(days):
        if (later - earlier).days >= YEAR:
            middle = round((place[earlier] + place[later]) / 2, 1)
            parts.append(f'<path class="axis" d="M{middle - 6} {bottom + 5}l5 -10m5 10l5 -10"/>')
            shown = escape(words(texts[earlier], texts[later]))
            parts.append(f'<text class="tick middle" x="{middle}" y="{bottom + 52}">{shown}</text>')
    return parts


def _labels(texts: Mapping[date, str], place: Mapping[date, float], bottom: float) -> list[str]:
    """Each day under the line, on two lines in turn where they would touch."""
    parts, last_x, low = [], float("-inf"), False
    for day, text in sorted(texts.items()):
        x = place[day]
        low = not low if x - last_x < LABEL else False
        last_x = x
        parts.append(f'<path class="axis" d="M{x} {bottom}v5"/>')
        parts.append(f'<text class="tick middle" x="{x}" y="{bottom + (36 if low else 20)}">{escape(text)}</text>')
    return parts


def _mark(mark: Mark, x: float) -> str:
    y = TOP + ROW * mark.row + ROW / 2
    number = f'<text class="tick middle" x="{x}" y="{y - 10}">{mark.number}</text>'
    return f"{_shape(mark.state, x, y)}{number}"


def _shape(state: str, x: float, y: float) -> str:
    """A filled square was held; hollow: not yet, or put off; a cross: not held; half filled: broken off."""
    square = f'x="{x - 6}" y="{y - 6}" width="12" height="12"'
    shapes = {
        "held": f'<rect class="for" {square}/>',
        "suspended": f'<rect class="against" {square}/><path class="for" d="M{x - 6} {y - 6}h6v12h-6z"/>',
        "postponed": f'<rect class="against" {square}/><path class="joint" d="M{x - 6} {y + 6}l12 -12"/>',
        "not_held": f'<path class="place" d="M{x - 6} {y - 6}l12 12m-12 0l12 -12"/>',
    }
    return shapes.get(state, f'<rect class="against" {square}/>')


def _figure(title: str, parts: Iterable[str], height: float) -> SafeString:
    # Every word inside was escaped where it was placed.
    return mark_safe(
        f'<svg class="plot" width="{WIDTH}" height="{height:g}" viewBox="0 0 {WIDTH} {height:g}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )
