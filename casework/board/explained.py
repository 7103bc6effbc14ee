"""What a comparison rests on, and what changed since the run before: from what the runs kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from casework.board import queries, words
from casework.board.models import Comparison
from casework.board.plots import Step, waterfall
from casework.board.sheet import Sheet
from homeward.identification.result import Method
from homeward.reports import charts, since
from homeward.reports.figures import log10_odds

NAMED = 6  # persons who are alike


@dataclass(frozen=True, slots=True)
class Changed:
    """A comparison and the one of the run before."""

    before: Comparison
    change: since.Change
    settings: Sequence[tuple[str, Any, Any]]
    same_input: bool
    same_science: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """What the page shows; ``told`` is None of runs made before explanations were kept."""

    told: Mapping[str, Any] | None
    alike: Sequence[str]
    lines: SafeString | None
    left_out: SafeString | None
    sensitivity: SafeString | None
    changed: Changed | None


def of(sheet: Sheet) -> Explained:
    """Draw what the run kept, and compare with the run before."""
    told: Mapping[str, Any] | None = sheet.comparison.explanation
    return Explained(
        told=told,
        alike=(told or {}).get("alike_persons", [])[:NAMED],
        lines=_lines(sheet),
        left_out=_left_out(sheet.comparison, told),
        sensitivity=_sensitivity(sheet.comparison, told),
        changed=changed(sheet.comparison),
    )


def changed(comparison: Comparison) -> Changed | None:
    """What moved since the run before; None for the first that has these remains."""
    before = queries.before(comparison)
    if before is None:
        return None
    first, second = before.run, comparison.run
    settings = since.settings_changed(first.settings, second.settings)
    return Changed(
        before=before,
        change=since.change(comparison.remains_id, _standing(before), _standing(comparison)),
        settings=[(name, *values) for name, values in settings.items()],
        same_input=first.case_digest == second.case_digest,
        same_science=first.provenance.get("science") == second.provenance.get("science"),
    )


def _standing(comparison: Comparison) -> since.Standing:
    return since.Standing(
        conclusion=comparison.conclusion,
        hypothesis=comparison.best,
        posterior=comparison.best_posterior,
        weighed={
            one.hypothesis: since.Weighed(prior=one.prior, posterior=one.posterior, evidence=one.evidence)
            for one in queries.candidates(comparison)
        },
    )


# --- figures ---


def _lines(sheet: Sheet) -> SafeString | None:
    """Prior odds, every line of evidence, what all other hypotheses and remains take or give, posterior odds."""
    chosen = sheet.chosen
    prior, posterior = sheet.prior_log10_odds(chosen), sheet.log10_odds(chosen)
    if not chosen.evidence or prior is None:
        return None
    steps = [Step(words.line(line), value, words.signed(value)) for line, value in chosen.evidence.items()]
    if posterior is not None:
        joint = posterior - prior - sum(step.log10 or 0.0 for step in steps)
        steps.append(Step(gettext("All other hypotheses and remains"), joint, words.signed(joint)))
    return waterfall(
        gettext("From prior odds to posterior odds, line by line of evidence, in log10"),
        steps,
        first=Step(gettext("Prior odds"), prior, words.signed(prior)),
        last=Step(gettext("Posterior odds"), posterior, words.signed(posterior)),
        even=gettext("even odds"),
    )


def _thresholds(comparison: Comparison) -> list[tuple[str, float]]:
    settings = comparison.run.settings
    asked = ((gettext("threshold %(value)s"), "identify"), (gettext("review %(value)s"), "review"))
    found = [(word, float(settings[name])) for word, name in asked if name in settings]
    return [(word % {"value": f"{value:g}"}, value) for word, value in found if 0 < value < 1]


def _left_out(comparison: Comparison, told: Mapping[str, Any] | None) -> SafeString | None:
    if not told or not told["lines"] or comparison.conclusion == "decided":
        return None
    outs = [charts.Out(gettext("all lines"), comparison.best_posterior, Method.EXACT)]
    for line in told["lines"]:
        name = gettext("without %(line)s") % {"line": words.line(line["line"])}
        other = gettext("leads: %(other)s") % {"other": words.hypothesis(line["leading"])}
        beside = "" if line["leading"] == comparison.best else other
        outs.append(charts.Out(name, line["posterior"], Method(line["method"]), beside))
    return mark_safe(charts.left_out_svg(outs, thresholds=_thresholds(comparison), language=words.language()))


def _sensitivity(comparison: Comparison, told: Mapping[str, Any] | None) -> SafeString | None:
    share = float(comparison.run.settings.get("listed_share", 0))
    if not told or not comparison.sensitivity or not 0 < share < 1:
        return None
    best = next((one for one in queries.candidates(comparison) if one.hypothesis == comparison.best), None)
    unlisted = comparison.not_listed + sum(comparison.outsiders.values())
    low, high = log10_odds(charts.SHARES[0]), log10_odds(charts.SHARES[-1])
    curve = []
    for step in range(charts.STEPS + 1):
        at = 1 / (1 + 10 ** -(low + (high - low) * step / charts.STEPS))
        person = best is not None and best.is_person
        odds = charts.at_share(comparison.best_posterior, comparison.listed, unlisted, share, at, person=person)
        curve.append((at, odds))
    drawn = charts.sensitivity_svg(
        curve, told["exact_priors"], share=share, thresholds=_thresholds(comparison), language=words.language()
    )
    return mark_safe(drawn)
