"""The files of ``homeward calibrate``: bins, thresholds, and a page with the reliability curve."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from homeward.provenance import Provenance
from homeward.reports.files import appearing_whole, refuse_to_overwrite, shortest, write_rows
from homeward.reports.html import environment
from homeward.reports.language import translations
from homeward.simulation.calibration import Bin, Calibration
from homeward.simulation.scenario import Scenario

FILES = ("calibration.csv", "thresholds.csv", "result.json", "report.html")
_SIDE, _LEFT, _TOP = 320.0, 64.0, 16.0
_LEAST, _MOST = 3.0, 11.0  # radius of a point of the curve


def refuse_place(out: Path, *, replace: bool) -> None:
    """Refuse a place that holds anything but an earlier result of this kind, or holds one and ``replace`` is False.

    Raises
    ------
    WouldOverwrite
    """
    refuse_to_overwrite(out, replace=replace, verb="calibrate", names=FILES)


def write_calibration(
    found: Calibration,
    scenario: Scenario,
    provenance: Provenance,
    out: Path,
    *,
    language: str = "en",
    replace: bool = False,
) -> None:
    """Write what was counted into the directory ``out``: whole, or not at all.

    Raises
    ------
    WouldOverwrite
        See :func:`refuse_place`.
    """
    refuse_place(out, replace=replace)
    with appearing_whole(out) as place:
        write_rows(
            place / "calibration.csv",
            ("of", "low", "high", "pairs", "true", "promised", "deviation"),
            _bins(found),
        )
        thresholds = [
            {**asdict(at), "false_rate": at.false_rate, "found_share": at.found_share} for at in found.thresholds
        ]
        names = tuple(thresholds[0])
        write_rows(place / "thresholds.csv", names, ([_cell(row[name]) for name in names] for row in thresholds))
        told = {
            "provenance": provenance.as_dict(),
            "worlds": found.worlds,
            "remains": found.remains,
            "unlike": dict(found.unlike),
            "calibration_error": found.error,
            "thresholds": thresholds,
            "calibration": {
                of: [{**asdict(one), "deviation": one.deviation} for one in bins]
                for of, bins in (
                    ("leading", found.leading),
                    ("persons", found.persons),
                    ("alternatives", found.alternatives),
                )
            },
        }
        (place / "result.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        (place / "report.html").write_text(page(found, scenario, provenance, language=language), encoding="utf-8")


def page(found: Calibration, scenario: Scenario, provenance: Provenance, *, language: str = "en") -> str:
    """The validation page, in English or Korean, with everything in it."""
    text: str = (
        environment(language)
        .get_template("calibration.html")
        .render(
            name=scenario.name,
            found=found,
            scenario=scenario,
            provenance=provenance,
            curve=reliability_svg(found.leading, language=language),
        )
    )
    return text


def _bins(found: Calibration) -> Iterator[list[str]]:
    for of, bins in (("leading", found.leading), ("persons", found.persons), ("alternatives", found.alternatives)):
        for one in bins:
            values = (one.low, one.high, one.pairs, one.true, one.promised, one.deviation)
            yield [of, *(_cell(value) for value in values)]


def _cell(value: Any) -> str:
    return shortest(value) if isinstance(value, float) else str(value)


def reliability_svg(of: Sequence[Bin], *, language: str = "en") -> str:
    """Share true against share promised, a point for each bin that holds any, its area by how many.

    The bar through a point is two standard deviations of what its posteriors promise to either side.
    """
    _ = translations(language).gettext
    title = escape(_("Share true against share promised; the same values are in the table"))
    across, up = escape(_("share promised")), escape(_("share true"))
    most = max((one.pairs for one in of), default=1) or 1

    def x(value: float) -> float:
        return _LEFT + value * _SIDE

    def y(value: float) -> float:
        return _TOP + (1 - value) * _SIDE

    parts = [
        f'<svg class="plot" role="img" width="{_LEFT + _SIDE + 24:g}" height="{_TOP + _SIDE + 48:g}" '
        f'viewBox="0 0 {_LEFT + _SIDE + 24:g} {_TOP + _SIDE + 48:g}" '
        f'aria-label="{title}">',
        f'<rect class="axis" x="{x(0):g}" y="{y(1):g}" width="{_SIDE:g}" height="{_SIDE:g}" fill="none"/>',
        f'<line class="even" x1="{x(0):g}" y1="{y(0):g}" x2="{x(1):g}" y2="{y(1):g}"/>',
    ]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<text class="tick" x="{x(tick):g}" y="{y(0) + 18:g}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text class="tick" x="{x(0) - 8:g}" y="{y(tick) + 4:g}" text-anchor="end">{tick:g}</text>')
    for one in of:
        if one.pairs:
            promised, true = one.promised / one.pairs, one.true / one.pairs
            spread = 2 * one.variance**0.5 / one.pairs
            ends = (y(max(0.0, promised - spread)), y(min(1.0, promised + spread)))
            radius = _LEAST + (_MOST - _LEAST) * (one.pairs / most) ** 0.5
            at = f"{x(promised):.1f}"
            parts.append(f'<line class="joint" x1="{at}" y1="{ends[0]:.1f}" x2="{at}" y2="{ends[1]:.1f}"/>')
            parts.append(f'<circle class="for" cx="{at}" cy="{y(true):.1f}" r="{radius:.1f}"/>')
    parts.append(f'<text class="tick" x="{x(0.5):g}" y="{y(0) + 38:g}" text-anchor="middle">{across}</text>')
    parts.append(
        f'<text class="tick" x="14" y="{y(0.5):g}" text-anchor="middle" '
        f'transform="rotate(-90 14 {y(0.5):g})">{up}</text>'
    )
    return "".join([*parts, "</svg>"])
