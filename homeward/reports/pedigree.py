"""A family drawn as a pedigree chart: who descends from whom, who is typed, who is missing.

The picture is SVG with classes for paint (``svg.plot`` of homeward.css) and attributes for
geometry: no styles, no scripts, no identifiers that could clash with those of a page.
:mod:`homeward.reports.layout` decides where everyone stands.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from html import escape

from homeward.programme import NOTHING, Member, Pedigree, Sex
from homeward.reports.language import translations
from homeward.reports.layout import Layout, Mating, Symbol, arrange

HALF = 15.0  # half a square
SMALL = 9.0  # half the symbol of a parent whom the pedigree does not name
LINE = 16.0  # from one line of a name to the next
WIDEST = 18  # columns of a line of a name; longer ones are folded
STEP = 12.0  # from one line between rows to the next
MARGIN = 8.0


def pedigree_svg(
    pedigree: Pedigree,
    *,
    typed: Collection[str],
    highlight: Collection[str] = (),
    names: Mapping[str, str] = NOTHING,
    language: str = "en",
) -> str:
    """Draw a family.

    Parameters
    ----------
    pedigree : the family; loops, half-sibs, several marriages, twins and unconnected members are all drawn
    typed : member_ids with a profile: their symbols are filled
    highlight : member_ids, or person_ids of the missing, to whom the eye should go: an arrow and a heavier line
    names : member_id -> what stands below the symbol, the first line bold; without it the
        person_id of the missing and the member_id of others
    language : ``en`` or ``ko``, of the title and the description

    Returns
    -------
    str
        One ``<svg class="plot" role="img">`` element, its text escaped.
    """
    picture = _Picture(pedigree, set(typed), set(highlight), names, language)
    return picture.svg()


def pedigree_key(
    pedigree: Pedigree, *, typed: Collection[str], highlight: Collection[str] = (), language: str = "en"
) -> str:
    """The key to a pedigree chart, as a ``<ul class="key">`` with only the symbols that occur in it."""
    _ = translations(language).gettext
    layout = arrange(pedigree, lambda symbol: 0.0)
    members = pedigree.members
    shown = set(highlight)
    chosen = [m for m in members if shown & {m.member_id, m.person_id} - {""}]
    has = {sex: any(member.sex is sex for member in members) for sex in Sex}
    entries = [
        (has[Sex.MALE], _outline(Sex.MALE, 11, 11, 8, "person"), _("man")),
        (has[Sex.FEMALE], _outline(Sex.FEMALE, 11, 11, 8, "person"), _("woman")),
        (has[Sex.UNKNOWN], _outline(Sex.UNKNOWN, 11, 11, 8, "person"), _("sex not known")),
        (
            any(m.member_id in typed and not m.person_id for m in members),
            _outline(Sex.FEMALE, 11, 11, 9, "typed"),
            _("typed relative"),
        ),
        (any(m.person_id and m not in chosen for m in members), _outline(Sex.MALE, 11, 11, 8, "sought"), _("missing")),
        (
            any(m.person_id for m in chosen),
            _outline(Sex.MALE, 11, 11, 8, "sought chosen"),
            _("missing, under discussion"),
        ),
        (
            any(m.person_id and m.member_id in typed for m in members),
            _outline(Sex.MALE, 11, 11, 8, "sought") + _outline(Sex.MALE, 11, 11, 4, "typed"),
            _("missing, with a direct reference sample"),
        ),
        (
            any(symbol.member is None for symbol in layout.symbols.values()),
            _outline(Sex.FEMALE, 11, 11, 6, "person", dashed=True),
            _("parent not named in the pedigree"),
        ),
        (
            any(mating.related for mating in layout.matings),
            '<path class="kin" d="M1 9H21M1 13H21"/>',
            _("parents related to each other"),
        ),
        (bool(layout.twins), '<path class="kin" d="M11 3L3 19M11 3L19 19M7 11H15"/>', _("identical twins")),
        (
            any(symbol.again for symbol in layout.symbols.values()),
            _outline(Sex.MALE, 11, 11, 8, "person") + '<path class="kin" d="M7 9.5H15M7 13.5H15"/>',
            _("the same person, shown a second time"),
        ),
    ]
    picture = '<svg class="plot" width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">'
    items = "".join(f"<li>{picture}{mark}</svg>{escape(word)}</li>" for present, mark, word in entries if present)
    return f'<ul class="key">{items}</ul>'


class _Picture:
    """The drawing of one family: measures first, then lines, symbols and names."""

    def __init__(
        self, pedigree: Pedigree, typed: set[str], highlight: set[str], names: Mapping[str, str], language: str
    ) -> None:
        self.pedigree = pedigree
        self.typed = typed
        self.highlight = highlight - {""}
        self.names = names
        self.language = language
        self.layout: Layout = arrange(pedigree, lambda symbol: self._width(symbol))
        self.y = self._heights()

    # ----- measures -----

    def _lines(self, symbol: Symbol) -> list[str]:
        member = symbol.member
        if member is None:
            return []
        text = self.names.get(member.member_id, member.person_id or member.member_id)
        return [folded for line in text.split("\n") for folded in _folded(line)]

    def _width(self, symbol: Symbol) -> float:
        half = SMALL if symbol.member is None else HALF
        return max(2 * half, *(7.6 * _columns(line) for line in self._lines(symbol)), 0.0)

    def _heights(self) -> list[float]:
        """The y of each row's symbols."""
        layout = self.layout
        last = max(layout.row.values())
        y = [MARGIN + 26 + 10 * self._brackets_in(0)]
        for row in range(last):
            lines = max(len(self._lines(layout.symbols[key])) for key, at in layout.row.items() if at == row)
            tracks = 1 + max(
                (t for t, m in zip(layout.track, layout.matings, strict=True) if layout.row[m.left] == row), default=0
            )
            below = HALF + 6 + LINE * max(lines, 1)
            above = 38 + HALF + 10 * self._brackets_in(row + 1)
            y.append(y[-1] + below + 8 + STEP * tracks + above)
        return y

    def _brackets_in(self, row: int) -> int:
        layout = self.layout
        pairs = zip(layout.bracket, layout.matings, strict=True)
        return max((height for height, mating in pairs if layout.row[mating.left] == row), default=0)

    def _at(self, key: str) -> tuple[float, float]:
        return self.layout.x[key], self.y[self.layout.row[key]]

    def _half(self, key: str) -> float:
        return SMALL if self.layout.symbols[key].member is None else HALF

    # ----- the whole -----

    def svg(self) -> str:
        layout = self.layout
        widths = {key: self._width(symbol) / 2 for key, symbol in layout.symbols.items()}
        left = min(min(layout.x[key] - widths[key] for key in layout.symbols), min(layout.x.values()) - 42) - MARGIN
        right = max(layout.x[key] + max(widths[key], 18) for key in layout.symbols) + MARGIN
        lowest = max(
            self.y[row] + HALF + 6 + LINE * max(len(self._lines(layout.symbols[key])), 1)
            for key, row in layout.row.items()
        )
        width, height = _number(right - left), _number(lowest + MARGIN)
        size = f'width="{width}" height="{height}" viewBox="{_number(left)} 0 {width} {height}"'
        kin = "".join(self._kinship())
        symbols = "".join(self._symbol(symbol) for symbol in layout.symbols.values())
        return (
            f'<svg class="plot" {size} role="img">'
            f"<title>{escape(self._title())}</title><desc>{escape(self._description())}</desc>"
            f'<path class="kin" d="{kin}"/>{symbols}</svg>'
        )

    def _title(self) -> str:
        _ = translations(self.language).gettext
        return _("Pedigree of family %(family)s") % {"family": self.pedigree.family_id}

    def _description(self) -> str:
        _ = translations(self.language).gettext
        members = self.pedigree.members
        typed = [member.member_id for member in members if member.member_id in self.typed]
        missing = [member.person_id for member in self.pedigree.missing]
        return _("%(members)s members. Typed: %(typed)s. Missing: %(missing)s.") % {
            "members": len(members),
            "typed": ", ".join(typed) or _("none"),
            "missing": ", ".join(missing) or _("none"),
        }

    # ----- lines -----

    def _kinship(self) -> Iterable[str]:
        layout = self.layout
        for number, mating in enumerate(layout.matings):
            yield self._marriage(mating, layout.bracket[number])
            yield self._descent(number, mating)
        for group in layout.twins:
            if not any(group[0] in mating.children for mating in layout.matings):
                yield self._founding_twins(group)

    def _marriage(self, mating: Mating, bracket: int) -> str:
        a, b = sorted((mating.left, mating.right), key=lambda key: self.layout.x[key])
        (ax, y), (bx, _) = self._at(a), self._at(b)
        if bracket:
            ax, bx = ax + 6 * self._is_hub(a), bx - 6 * self._is_hub(b)
            lines = [(0, self._bracket_y(y, bracket)), (4, self._bracket_y(y, bracket) + 4)]
            feet = _number(y - self._half(a)), _number(y - self._half(b))
            return "".join(
                f"M{_number(ax + inset)} {feet[0]}V{_number(top)}H{_number(bx - inset)}V{feet[1]}"
                for inset, top in lines[: 2 if mating.related else 1]
            )
        start, end = _number(ax + self._half(a)), _number(bx - self._half(b))
        if mating.related:
            return f"M{start} {_number(y - 2.5)}H{end}M{start} {_number(y + 2.5)}H{end}"
        return f"M{start} {_number(y)}H{end}"

    def _is_hub(self, key: str) -> bool:
        """Married more than once or with parents above: a bracket must not end where another line does."""
        layout = self.layout
        marriages = sum(key in (mating.left, mating.right) for mating in layout.matings)
        return marriages > 1 or any(key in mating.children for mating in layout.matings)

    def _bracket_y(self, y: float, bracket: int) -> float:
        return y - HALF - 3 - 10 * bracket

    def _descent(self, number: int, mating: Mating) -> str:
        layout = self.layout
        y = self.y[layout.row[mating.left]]
        below = layout.row[mating.left] + 1
        start = y + (2.5 if mating.related else 0)
        if layout.bracket[number]:
            start = self._bracket_y(y, layout.bracket[number])
        bar = self.y[below] - HALF - 10 * self._brackets_in(below) - 26 - STEP * layout.track[number]
        drop = layout.drop[number]
        ends = self._ends(mating.children)
        lines = f"M{_number(drop)} {_number(start)}V{_number(bar)}"
        reach = [drop, *(x for x, _ in ends)]
        if max(reach) > min(reach):
            lines += f"M{_number(min(reach))} {_number(bar)}H{_number(max(reach))}"
        for apex, group in ends:
            if len(group) == 1:
                lines += f"M{_number(apex)} {_number(bar)}V{_number(self.y[below] - self._half(group[0]))}"
            else:
                lines += self._twin_lines(apex, bar, group)
        return lines

    def _ends(self, children: Iterable[str]) -> list[tuple[float, tuple[str, ...]]]:
        """Where lines leave the sibship's line: one for each child, one for all identical twins together."""
        ends: list[tuple[float, tuple[str, ...]]] = []
        for child in children:
            group = next((twins for twins in self.layout.twins if child in twins), (child,))
            places = [self.layout.x[key] for key in group]
            end = ((min(places) + max(places)) / 2, group)
            if end not in ends:
                ends.append(end)
        return ends

    def _twin_lines(self, apex: float, bar: float, group: tuple[str, ...]) -> str:
        bottom = self.y[self.layout.row[group[0]]] - HALF
        places = sorted(self.layout.x[key] for key in group)
        legs = "".join(f"M{_number(apex)} {_number(bar)}L{_number(x)} {_number(bottom)}" for x in places)
        middle = (bar + bottom) / 2
        joint = [(apex + x) / 2 for x in (places[0], places[-1])]
        return legs + f"M{_number(joint[0])} {_number(middle)}H{_number(joint[1])}"

    def _founding_twins(self, group: tuple[str, ...]) -> str:
        places = [self.layout.x[key] for key in group]
        top = self.y[self.layout.row[group[0]]] - HALF - 10 * self._brackets_in(self.layout.row[group[0]]) - 20
        return self._twin_lines((min(places) + max(places)) / 2, max(top, 3), group)

    # ----- symbols and names -----

    def _symbol(self, symbol: Symbol) -> str:
        x, y = self._at(symbol.key)
        member = symbol.member
        if member is None:
            return _outline(symbol.sex, x, y, SMALL, "person", dashed=True)
        chosen = bool(self.highlight & {member.member_id, member.person_id})
        marks = [self._mark(member, x, y, chosen)]
        if symbol.again:
            if member.member_id in self.typed and not member.person_id:  # a window, so that the mark is seen on ink
                marks.append(_outline(Sex.MALE, x, y, 7, "person"))
            marks.append(f'<path class="kin" d="M{_number(x - 5)} {_number(y - 2.5)}h10m-10 5h10"/>')
        elif chosen and member.person_id:
            marks.append(f'<path class="kin" d="M{_number(x - 33)} {_number(y - 33)}l14 14m0 -8v8h-8"/>')
        lines = self._lines(symbol)
        for number, line in enumerate(lines):
            kind = "strong" if number == 0 else "faint"
            baseline = _number(y + HALF + 6 + LINE * number + 12)
            marks.append(f'<text class="middle {kind}" x="{_number(x)}" y="{baseline}">{escape(line)}</text>')
        return f"<g>{''.join(marks)}</g>"

    def _mark(self, member: Member, x: float, y: float, chosen: bool) -> str:
        is_typed = member.member_id in self.typed
        if not member.person_id:
            filled = _outline(member.sex, x, y, HALF - 0.5, "typed") if is_typed else ""
            return _outline(member.sex, x, y, HALF, "person chosen" if chosen else "person") + filled
        outline = _outline(member.sex, x, y, HALF, "sought chosen" if chosen else "sought")
        if is_typed:
            return outline + _outline(member.sex, x, y, HALF / 2, "typed")
        return f'{outline}<text class="middle strong" x="{_number(x)}" y="{_number(y + 5)}">?</text>'


def _outline(sex: Sex, x: float, y: float, half: float, paint: str, *, dashed: bool = False) -> str:
    """A square for a man, a circle for a woman, a diamond where the sex is not known."""
    dash = ' stroke-dasharray="2 2.5"' if dashed else ""
    if sex is Sex.MALE:
        side = _number(2 * half)
        corner = f'x="{_number(x - half)}" y="{_number(y - half)}"'
        return f'<rect class="{paint}"{dash} {corner} width="{side}" height="{side}"/>'
    if sex is Sex.FEMALE:
        return f'<circle class="{paint}"{dash} cx="{_number(x)}" cy="{_number(y)}" r="{_number(half)}"/>'
    reach = _number(half * 1.2)
    edges = f"m0 -{reach}l{reach} {reach}l-{reach} {reach}l-{reach} -{reach}z"
    return f'<path class="{paint}"{dash} d="M{_number(x)} {_number(y)}{edges}"/>'


def _number(value: float) -> str:
    """A coordinate to a tenth, as short as possible.

    >>> _number(3.0), _number(2.46)
    ('3', '2.5')
    """
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{round(value)}"


def _columns(text: str) -> int:
    """Width in columns of a half-width letter; Hangul and hanja take two.

    >>> _columns("서문 M-1")
    8
    """
    return sum(
        0 if unicodedata.combining(letter) else 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        for letter in text
    )


def _folded(line: str) -> list[str]:
    """A long line at its blanks, else at its hyphens, else anywhere; nothing is lost."""
    if _columns(line) <= WIDEST:
        return [line]
    cut = 0
    while cut < len(line) and _columns(line[: cut + 1]) <= WIDEST:
        cut += 1
    for mark in (" ", "-", "_"):
        at = line.rfind(mark, 1, cut)
        if at > 0:
            cut = at + 1
            break
    return [line[:cut].rstrip(), *_folded(line[cut:].lstrip())]
