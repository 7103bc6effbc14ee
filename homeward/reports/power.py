"""The files of ``homeward power``: what each family can show, whom to ask next, and a page with the distributions."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np

from homeward.genetics.family import Family, families
from homeward.genetics.locus import prepare_loci
from homeward.genetics.mutation import Floats
from homeward.genetics.power import Power, of_tables
from homeward.planning.relatives import Help, Standing, needed_log10_lr, prior_of_each, ranked, standings
from homeward.programme import PriorKind, Programme
from homeward.progress import Tick, silent
from homeward.provenance import Provenance, provenance
from homeward.reports.files import appearing_whole, refuse_to_overwrite, shortest, write_rows
from homeward.reports.html import environment
from homeward.reports.language import translations
from homeward.reports.words import log10_words, probability_words

FILES = ("power.csv", "relatives.csv", "result.json", "report.html")
SHOWN = 40  # persons whose distributions are drawn, those who are nearest to what is needed and lack it first
ASKED = 30  # relatives on the page
_BIN = 0.5  # of log10 LR, a bar
_LOW, _HIGH = -30.0, 30.0  # of the axis; what lies beyond is drawn at its end
_WIDTH, _TOP, _BASE = 640.0, 26.0, 150.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerResult:
    """What ``homeward power`` found.

    Parameters
    ----------
    needed : log10 LR to be reached
    listed : persons of the roster among whom the prior is shared out; 0 if ``needed`` was stated, not computed
    prior : of each of them
    standing : of each missing person in a pedigree
    helps : relatives who could be typed, most helpful first
    """

    needed: float
    standing: tuple[Standing, ...]
    helps: tuple[Help, ...]
    provenance: Provenance
    listed: int = 0
    prior: float = 0.0


def powered(
    programme: Programme, *, needed: float | None = None, best: int = 20, tick: Tick = silent
) -> tuple[PowerResult, list[Family]]:
    """Say what the families of a programme can show and whom to ask next, and give the families of which it speaks.

    Parameters
    ----------
    needed : log10 LR to be reached; from the prior and the threshold if None
    best : so many relatives are computed fully
    tick : told of stages "power", "relatives" and "exact"
    """
    settings = programme.settings
    of_programme = families(programme, prepare_loci(programme))
    listed, prior = 0, 0.0
    if needed is None:
        drawn = {slot.person_id for family in of_programme for slot in family.slots}
        listed = len({person.person_id for person in programme.missing} | drawn)
        needed, prior = needed_log10_lr(settings, listed), prior_of_each(settings, listed)
    standing = standings(of_programme, needed, tick=tick)
    helps = ranked(of_programme, standing, needed, best=best, tick=tick)
    parameters = {
        "needed": needed,
        "best": best,
        "theta": settings.theta,
        "untyped_ancestors": settings.untyped_ancestors,
    }
    result = PowerResult(
        needed=needed,
        listed=listed,
        prior=prior,
        standing=tuple(standing),
        helps=tuple(helps),
        provenance=provenance("power", input_digest=programme.digest, parameters=parameters),
    )
    return result, of_programme


def refuse_place(out: Path, *, replace: bool) -> None:
    """Refuse a place that holds anything but an earlier result of this kind, or holds one and ``replace`` is False.

    Raises
    ------
    WouldOverwrite
    """
    refuse_to_overwrite(out, replace=replace, verb="power", names=FILES)


def write_power(
    result: PowerResult,
    families: Sequence[Family],
    programme: Programme,
    out: Path,
    *,
    language: str = "en",
    replace: bool = False,
) -> None:
    """Write the result into the directory ``out``: whole, or not at all.

    Parameters
    ----------
    families : of which ``result`` speaks
    language : of ``report.html``, ``en`` or ``ko``

    Raises
    ------
    WouldOverwrite
        See :func:`refuse_place`.
    """
    translations(language)
    refuse_place(out, replace=replace)
    with appearing_whole(out) as place:
        write_rows(place / "power.csv", _STANDING, _standing(result))
        write_rows(place / "relatives.csv", _HELP, _helps(result))
        (place / "result.json").write_text(_json(result), encoding="utf-8", newline="\n")
        page = power_html(result, families, programme, language=language)
        (place / "report.html").write_text(page, encoding="utf-8", newline="\n")
        refuse_place(out, replace=replace)


_STANDING = (
    "person_id", "family_id", "member_id", "members_typed", "reaches_low", "reaches_high", "mistaken_low",
    "mistaken_high", "mean_log10_lr", "exclusion_power", "set_aside",
)  # fmt: skip


def _standing(result: PowerResult) -> Iterator[tuple[str, ...]]:
    for one in result.standing:
        yield (
            one.person_id,
            one.family_id,
            one.member_id,
            str(one.typed),
            *map(shortest, (*one.reaching, *one.mistaken, one.mean, one.excluding)),
            one.set_aside,
        )


_HELP = ("rank", "family_id", "relative", "kind", "gain", "computed", "persons")


def _helps(result: PowerResult) -> Iterator[tuple[str, ...]]:
    for rank, one in enumerate(result.helps, start=1):
        yield (
            str(rank),
            one.family_id,
            one.relative,
            one.kind,
            shortest(one.gain),
            "exact" if one.exact else "ranked",
            ";".join(f"{person}={shortest(chance)}" for person, chance in one.persons.items()),
        )


def _json(result: PowerResult) -> str:
    whole = {
        "provenance": result.provenance.as_dict(),
        "needed_log10_lr": result.needed,
        "prior": {"listed": result.listed, "of_each": result.prior} if result.listed else "needed_log10_lr was stated",
        "expected_identifications": _expected(result),
        "persons": [
            {
                "person_id": one.person_id,
                "family_id": one.family_id,
                "members_typed": one.typed,
                "reaches": list(one.reaching),
                "mistaken": list(one.mistaken),
                "mean_log10_lr": one.mean,
                "exclusion_power": one.excluding,
                "set_aside": one.set_aside,
            }
            for one in result.standing
        ],
        "relatives": [
            {
                "family_id": one.family_id,
                "relative": one.relative,
                "kind": one.kind,
                "gain": one.gain,
                "exact": one.exact,
                "persons": dict(one.persons),
            }
            for one in result.helps
        ],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _expected(result: PowerResult) -> float:
    """Persons whose own remains would reach what is needed, if all were found and fully typed."""
    return math.fsum(sum(one.reaching) / 2 for one in result.standing if not one.set_aside)


# --- the page ---


@dataclass(frozen=True, slots=True)
class Shown:
    """One person on the page."""

    standing: Standing
    chance: str
    svg: str


def power_html(result: PowerResult, families: Sequence[Family], programme: Programme, *, language: str = "en") -> str:
    """Write the page: what each person's relatives can show, drawn, and whom to ask next."""
    of_family = {family.family_id: family for family in families}
    usable = [one for one in result.standing if not one.set_aside and one.typed]
    chosen = sorted(usable, key=lambda one: (abs(sum(one.reaching) / 2 - 0.5), one.person_id))[:SHOWN]
    shown = [_shown(one, of_family[one.family_id], result.needed, language) for one in chosen]
    page: str = (
        environment(language)
        .get_template("power.html")
        .render(
            name=programme.settings.name,
            shown=shown,
            not_shown=len(result.standing) - len(shown),
            helps=[(one, relative_words(one, language), f"{one.gain:.3f}") for one in result.helps[:ASKED]],
            needed=log10_words(result.needed),
            result=result,
            settings=programme.settings,
            flat=programme.settings.prior is PriorKind.FLAT,
            persons=len(result.standing),
            expected=f"{_expected(result):.1f}",
            provenance=result.provenance,
        )
    )
    return page


def _shown(standing: Standing, family: Family, needed: float, language: str) -> Shown:
    power = of_tables(tuple(family.loci), family.tables(standing.member_id), step=0.02)
    return Shown(
        standing, probability_words(sum(standing.reaching) / 2), spectrum_svg(power, needed, language=language)
    )


def relative_words(one: Help, language: str = "en") -> str:
    """Who should be asked."""
    _ = translations(language).gettext
    return {
        "pedigree": _("%(relative)s, who is drawn and not typed"),
        "child": _("a child of %(relative)s"),
        "sibling": _("a brother or sister of %(relative)s"),
    }[one.kind] % {"relative": one.relative}


def spectrum_svg(power: Power, needed: float, *, language: str = "en") -> str:
    """Draw the distribution of log10 LR of the person's own remains, and of someone unrelated's.

    Parameters
    ----------
    needed : log10 LR to be reached, drawn as a line
    """
    _ = translations(language).gettext
    own, others = (_binned(*power.spectrum(related=related)) for related in (True, False))
    low, high = _reach(own, others, needed)
    highest = max(max(own.values(), default=0.0), max(others.values(), default=0.0), 1e-9)
    parts = [f'<path class="axis" d="M0 {_BASE:g}H{_WIDTH:g}"/>']
    for tick in range(math.ceil(low / 5) * 5, math.floor(high / 5) * 5 + 1, 5):
        x = _x(tick, low, high)
        parts.append(f'<path class="{"grid" if tick else "even"}" d="M{x:g} {_TOP:g}V{_BASE:g}"/>')
        parts.append(
            f'<text class="tick middle" x="{x:g}" y="{_BASE + 16:g}">{escape(log10_words(tick)[:-3] or "0")}</text>'
        )
    parts.append(f'<path class="area" d="{_outline(others, low, high, highest, closed=True)}"/>')
    parts.append(f'<path class="line" d="{_outline(own, low, high, highest, closed=False)}"/>')
    x = _x(needed, low, high)
    parts.append(f'<path class="limit" d="M{x:g} {_TOP - 8:g}V{_BASE:g}"/>')
    word = escape(_("needed"))
    parts.append(f'<text class="tick middle" x="{x:g}" y="{_TOP - 12:g}">{word}</text>')
    title = _("Distribution of log10 LR: the line if the remains are this person’s, the area if of someone unrelated")
    return (
        f'<svg class="plot" width="{_WIDTH:g}" height="{_BASE + 22:g}" viewBox="0 0 {_WIDTH:g} {_BASE + 22:g}" '
        f'role="img"><title>{escape(title)}</title>{"".join(parts)}</svg>'
    )


def _binned(values: Floats, mass: Floats) -> dict[int, float]:
    """Bin -> probability, bins that hold next to nothing left out."""
    cells = np.floor(np.clip(values, _LOW, _HIGH) / _BIN).astype(int)
    found: dict[int, float] = {}
    for cell, chance in zip(cells.tolist(), mass.tolist(), strict=True):
        found[cell] = found.get(cell, 0.0) + chance
    return {cell: chance for cell, chance in sorted(found.items()) if chance > 1e-4}


def _reach(own: dict[int, float], others: dict[int, float], needed: float) -> tuple[float, float]:
    """The ends of the axis."""
    cells = [*own, *others, 0]
    return min(min(cells) * _BIN, 0.0) - 1, max((max(cells) + 1) * _BIN, needed) + 1


def _x(value: float, low: float, high: float) -> float:
    return round((value - low) / (high - low) * _WIDTH, 1)


def _outline(bins: dict[int, float], low: float, high: float, highest: float, *, closed: bool) -> str:
    """Steps over the bins; down to the axis between them."""
    if not bins:
        return f"M0 {_BASE:g}"
    first, last = min(bins), max(bins)
    path = [f"M{_x(first * _BIN, low, high):g} {_BASE:g}"]
    for cell in range(first, last + 1):
        y = round(_BASE - bins.get(cell, 0.0) / highest * (_BASE - _TOP), 1)
        path.append(f"V{y:g}H{_x((cell + 1) * _BIN, low, high):g}")
    return "".join(path) + f"V{_BASE:g}" + ("Z" if closed else "")
