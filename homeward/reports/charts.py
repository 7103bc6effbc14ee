"""Figures of what an answer rests on: how far it moves with the prior and with each line, and who may be whom.

Classes for paint, attributes for geometry, as in :mod:`homeward.reports.figures`. Nothing is told by colour alone,
and the numbers always stand in a table beside the figure.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from homeward.identification.result import Method
from homeward.reports.figures import WHOLE, _Scale, _svg, log10_odds
from homeward.reports.language import translations
from homeward.reports.words import SUPERSCRIPT, probability_words

ODDS = (1e-9, 1e-6, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.99, 0.999, 0.99999, 1 - 1e-7, 1 - 1e-9)
SHARES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99)
STEPS = 60  # of a curve
CELL = 17.0
MOST_ROWS = 40  # of a matrix
MOST_COLUMNS = 40
SEEN = 0.01  # posterior from which a pair stands in the matrix


@dataclass(frozen=True, slots=True)
class Out:
    """A posterior with something left out: its name, the posterior, how it was computed, and what is said beside it."""

    name: str
    posterior: float
    method: Method
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Remains and persons whom posteriors join: a component of the matrix.

    Parameters
    ----------
    posterior : (remains_id, hypothesis) -> posterior, of pairs that are seen
    none : remains_id -> posterior of nobody on the list
    """

    remains: tuple[str, ...]
    persons: tuple[str, ...]
    posterior: Mapping[tuple[str, str], float]
    none: Mapping[str, float]


# --- sensitivity ---


def at_share(best: float, listed: float, unlisted: float, listed_share: float, share: float, *, person: bool) -> float:
    """Posterior odds of the best, log10, had the roster another share of the prior; the others held as they are.

    Parameters
    ----------
    best, listed, unlisted : posteriors of the best, of everyone listed, of everyone else, at ``listed_share``
    person : whether the best is on the list

    Examples
    --------
    >>> round(at_share(0.9, 0.95, 0.05, 0.5, 0.5, person=True), 6) == round(math.log10(9), 6)
    True
    """
    of_listed, of_unlisted = share / listed_share, (1 - share) / (1 - listed_share)
    own = best * (of_listed if person else of_unlisted)
    rest = max(listed - (best if person else 0.0), 0.0) * of_listed
    rest += max(unlisted - (0.0 if person else best), 0.0) * of_unlisted
    return max(-15.0, min(15.0, math.log10(max(own, 1e-15)) - math.log10(max(rest, 1e-15))))


def sensitivity_svg(
    curve: Sequence[tuple[float, float]],
    exact: Sequence[tuple[float, float]],
    *,
    share: float,
    thresholds: Sequence[tuple[str, float]],
    language: str = "en",
) -> str:
    """The posterior of the best against the share of the prior on the list; both axes are odds.

    Parameters
    ----------
    curve : (share, log10 posterior odds)
    exact : (share, posterior) where everything was solved again
    share : the programme's own
    thresholds : words and the posterior of each
    """
    _ = translations(language).gettext
    left, right, top, bottom = 150.0, 760.0, 24.0, 284.0
    limits = [log10_odds(value) for _word, value in thresholds]
    heights = [y for _share, y in curve] + [log10_odds(value) for _share, value in exact]
    across = _Scale(log10_odds(SHARES[0]), log10_odds(SHARES[-1]), left, right)
    up = _Scale(min([*heights, *limits]) - 0.3, max([*heights, *limits]) + 0.3, bottom, top)
    parts = list(_ruled(across, up, left, right, top, bottom))
    for (word, _value), limit in zip(thresholds, limits, strict=True):
        parts.append(f'<path class="limit" d="M{left:g} {up.x(limit):g}H{right:g}"/>')
        parts.append(f'<text class="faint" x="{right + 8:g}" y="{up.x(limit) + 4:g}">{escape(word)}</text>')
    own = across.x(log10_odds(share))
    parts.append(f'<path class="even" d="M{own:g} {top:g}V{bottom:g}"/>')
    word = escape(_("as set"))
    parts.append(f'<text class="faint middle" x="{own:g}" y="{top - 8:g}">{word}</text>')
    line = "L".join(f"{across.x(log10_odds(s)):g} {up.x(y):g}" for s, y in curve)
    parts.append(f'<path class="line" d="M{line}"/>')
    for at, value in exact:
        x, y = across.x(log10_odds(at)), up.x(log10_odds(value))
        parts.append(f'<rect class="exact" x="{x - 4:g}" y="{y - 4:g}" width="8" height="8"/>')
    name = escape(_("prior probability of being on the list"))
    parts.append(f'<text class="faint middle" x="{(left + right) / 2:g}" y="{bottom + 38:g}">{name}</text>')
    return _svg(WHOLE, bottom + 46, _("Posterior of the leading hypothesis against the prior of the list"), parts)


def _ruled(across: _Scale, up: _Scale, left: float, right: float, top: float, bottom: float) -> Iterator[str]:
    for share in SHARES:
        x = across.x(log10_odds(share))
        yield f'<path class="grid" d="M{x:g} {top:g}V{bottom:g}"/>'
        yield f'<text class="tick middle" x="{x:g}" y="{bottom + 18:g}">{share:g}</text>'
    last = math.inf
    for chance in ODDS:
        y = up.x(log10_odds(chance))
        if not top <= y <= bottom or last - y < 16:
            continue
        last = y
        yield f'<path class="{"even" if chance == 0.5 else "grid"}" d="M{left:g} {y:g}H{right:g}"/>'
        yield f'<text class="tick end" x="{left - 8:g}" y="{y + 4:g}">{_mark(chance)}</text>'


def _mark(chance: float) -> str:
    """A probability on an axis: as a power of ten, or what lacks to one, where decimals say no more.

    >>> _mark(1e-9), _mark(0.5), _mark(1 - 1e-7)
    ('10⁻⁹', '0.5', '1 − 10⁻⁷')
    """
    if 1e-3 <= chance <= 0.99999:
        return f"{chance:g}"
    power = "10" + str(round(math.log10(min(chance, 1 - chance)))).translate(SUPERSCRIPT)
    return power if chance < 0.5 else f"1 − {power}"


def left_out_svg(outs: Sequence[Out], *, thresholds: Sequence[tuple[str, float]], language: str = "en") -> str:
    """The posterior of the best with everything weighed, and with each line left out, on a scale of odds."""
    _ = translations(language).gettext
    row, top, left, right = 24.0, 30.0, 290.0, 620.0
    bottom = top + row * len(outs)
    limits = [log10_odds(value) for _word, value in thresholds]
    odds = [log10_odds(one.posterior) for one in outs]
    scale = _Scale(min([*odds, *limits, 0.0]) - 0.3, max([*odds, *limits]) + 0.3, left, right)
    parts = []
    last = -math.inf
    for chance in ODDS:
        x = scale.x(log10_odds(chance))
        if left <= x <= right and x - last >= 74:
            last = x
            parts.append(f'<path class="{"even" if chance == 0.5 else "grid"}" d="M{x:g} {top:g}V{bottom:g}"/>')
            parts.append(f'<text class="tick middle" x="{x:g}" y="{bottom + 16:g}">{_mark(chance)}</text>')
    for number, limit in enumerate(limits):
        parts.append(f'<path class="limit" d="M{scale.x(limit):g} {top:g}V{bottom:g}"/>')
        if number == 0:
            word = escape(thresholds[0][0])
            parts.append(f'<text class="faint middle" x="{scale.x(limit):g}" y="{top - 10:g}">{word}</text>')
    for number, (one, at) in enumerate(zip(outs, odds, strict=True)):
        y, x = top + row * number + row / 2, scale.x(at)
        strong = ' class="strong"' if number == 0 else ""
        parts.append(f'<text{strong} x="0" y="{y + 4:g}">{escape(one.name)}</text>')
        parts.append(f'<path class="joint" d="M{scale.x(odds[0]):g} {y:g}H{x:g}"/>')
        if one.method is Method.EXACT:
            parts.append(f'<rect class="exact" x="{x - 5:g}" y="{y - 5:g}" width="10" height="10"/>')
        else:
            parts.append(f'<circle class="person" cx="{x:g}" cy="{y:g}" r="5"/>')
        parts.append(f'<text{strong} x="{right + 20:g}" y="{y + 4:g}">{probability_words(one.posterior)}</text>')
        parts.append(f'<text class="faint" x="{right + 110:g}" y="{y + 4:g}">{escape(one.beside)}</text>')
    return _svg(WHOLE, bottom + 24, _("Posterior of the leading hypothesis with each line left out"), parts)


# --- the matrix ---


def blocks(
    posterior: Mapping[tuple[str, str], float], none: Mapping[str, float], *, least: float = SEEN
) -> list[Block]:
    """Remains and persons joined by posteriors of at least ``least``, the largest components first.

    >>> [block.remains for block in blocks({("r", "a"): 0.9, ("s", "a"): 0.1, ("t", "b"): 0.001}, {})]
    [('r', 's')]
    """
    seen = {pair: value for pair, value in posterior.items() if value >= least}
    first: dict[tuple[str, str], tuple[str, str]] = {}

    def root(node: tuple[str, str]) -> tuple[str, str]:
        while first.setdefault(node, node) != node:
            node = first[node]
        return node

    for remains_id, person in seen:
        one, other = sorted((root(("r", remains_id)), root(("s", person))))
        first[other] = one
    members: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for pair in seen:
        members.setdefault(root(("r", pair[0])), []).append(pair)
    found = [
        Block(
            remains=tuple(sorted({r for r, _person in pairs})),
            persons=_in_order(pairs, seen),
            posterior={pair: seen[pair] for pair in pairs},
            none={r: none.get(r, 0.0) for r, _person in pairs},
        )
        for pairs in members.values()
    ]
    return sorted(found, key=lambda block: (-len(block.remains) - len(block.persons), block.remains))


def _in_order(pairs: Sequence[tuple[str, str]], posterior: Mapping[tuple[str, str], float]) -> tuple[str, ...]:
    """Persons in the order of the remains that most probably are them, so that the leading ones stand on a diagonal."""
    of_person: dict[str, tuple[float, str]] = {}
    for remains_id, person in pairs:
        of_person[person] = min(of_person.get(person, (0.0, "")), (-posterior[remains_id, person], remains_id))
    return tuple(sorted(of_person, key=lambda person: (of_person[person][1], of_person[person][0], person)))


@dataclass(frozen=True, slots=True)
class Shown:
    """How much of the matrix is drawn."""

    blocks: tuple[Block, ...]
    rows: int
    all_rows: int


def fitting(found: Sequence[Block]) -> Shown:
    """The components that fit in MOST_ROWS x MOST_COLUMNS, in order; none is cut in two."""
    kept: list[Block] = []
    rows = columns = 0
    for block in found:
        if rows + len(block.remains) <= MOST_ROWS and columns + len(block.persons) <= MOST_COLUMNS:
            kept.append(block)
            rows, columns = rows + len(block.remains), columns + len(block.persons)
    return Shown(tuple(kept), rows, sum(len(block.remains) for block in found))


def matrix_svg(shown: Shown, *, language: str = "en") -> str:
    """Remains in rows, persons in columns: a square as large as the posterior; each component in a box."""
    _ = translations(language).gettext
    left, top = 150.0, 110.0
    columns = sum(len(block.persons) for block in shown.blocks)
    none_at = left + columns * CELL + 14
    parts = [_turned(_("nobody on the list"), none_at + CELL / 2, top)]
    x, y = left, top
    for block in shown.blocks:
        parts += _block(block, x, y, none_at, _("posterior"))
        x, y = x + len(block.persons) * CELL, y + len(block.remains) * CELL
        parts += [
            _turned(person, x - (len(block.persons) - k) * CELL + CELL / 2, top)
            for k, person in enumerate(block.persons)
        ]
    parts.append(f'<path class="axis" d="M{none_at - 7:g} {top:g}V{y:g}"/>')
    title = _("Posterior of remains in rows and persons in columns, by component; larger squares are more probable")
    return _svg(max(none_at + CELL + 80, 400.0), y + 6, title, parts)


def _turned(words: str, x: float, y: float) -> str:
    return f'<text class="tick" x="{x:g}" y="{y - 6:g}" transform="rotate(-60 {x:g} {y - 6:g})">{escape(words)}</text>'


def _block(block: Block, x: float, y: float, none_at: float, word: str) -> Iterator[str]:
    wide, high = len(block.persons) * CELL, len(block.remains) * CELL
    for row, remains_id in enumerate(block.remains):
        at = y + row * CELL
        yield f'<text class="tick end" x="142" y="{at + 13:g}">{escape(remains_id)}</text>'
        yield f'<path class="grid" d="M150 {at + CELL / 2:g}H{x:g}M{x + wide:g} {at + CELL / 2:g}H{none_at:g}"/>'
        for column, person in enumerate(block.persons):
            chance = block.posterior.get((remains_id, person), 0.0)
            yield from _cell(
                x + column * CELL, at, chance, f"{remains_id}, {person}: {word} {probability_words(chance)}"
            )
        chance = block.none[remains_id]
        yield from _cell(none_at, at, chance, f"{remains_id}: {word} {probability_words(chance)}")
    yield f'<path class="even" d="M{x:g} {y:g}h{wide:g}v{high:g}h{-wide:g}z"/>'


def _cell(x: float, y: float, chance: float, words: str) -> Iterator[str]:
    """A square whose area is the posterior."""
    if chance < SEEN:
        return
    side = max(2.0, (CELL - 3) * math.sqrt(chance))
    inset = (CELL - side) / 2
    yield (
        f'<rect class="cell" x="{x + inset:.1f}" y="{y + inset:.1f}" width="{side:.1f}" height="{side:.1f}">'
        f"<title>{escape(words)}</title></rect>"
    )
