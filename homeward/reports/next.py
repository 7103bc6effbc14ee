"""The files of ``homeward next``: what to take within the budget, every further sample, what thresholds let through."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from homeward.planning.next import Plan
from homeward.planning.relatives import Help
from homeward.planning.samples import Step
from homeward.programme import Programme
from homeward.provenance import Provenance
from homeward.reports.files import appearing_whole, refuse_to_overwrite, shortest, write_rows
from homeward.reports.html import environment
from homeward.reports.language import translations
from homeward.reports.power import relative_words

FILES = ("plan.csv", "bones.csv", "relatives.csv", "thresholds.csv", "result.json", "report.html")
SHOWN = 40  # rows of a table on the page


def refuse_place(out: Path, *, replace: bool) -> None:
    """Refuse a place that holds anything but an earlier result of this kind, or holds one and ``replace`` is False.

    Raises
    ------
    WouldOverwrite
    """
    refuse_to_overwrite(out, replace=replace, verb="next", names=FILES)


def write_next(
    plan: Plan,
    programme: Programme,
    provenance: Provenance,
    out: Path,
    *,
    language: str = "en",
    replace: bool = False,
) -> None:
    """Write the plan into the directory ``out``: whole, or not at all.

    Raises
    ------
    WouldOverwrite
        See :func:`refuse_place`.
    """
    translations(language)
    refuse_place(out, replace=replace)
    with appearing_whole(out) as place:
        write_rows(place / "plan.csv", _PLAN, _steps(plan))
        write_rows(place / "bones.csv", _BONES, _bones(plan))
        write_rows(place / "relatives.csv", _RELATIVES, _relatives(plan))
        rows = ((shortest(bar.log10_lr), shortest(bar.false), shortest(bar.reaching)) for bar in plan.bars)
        write_rows(place / "thresholds.csv", ("log10_lr", "false_pairs", "share_reaching"), rows)
        (place / "result.json").write_text(_json(plan, provenance), encoding="utf-8", newline="\n")
        page = next_html(plan, programme, provenance, language=language)
        (place / "report.html").write_text(page, encoding="utf-8", newline="\n")
        refuse_place(out, replace=replace)


_PLAN = ("rank", "kind", "about", "relation", "family_id", "gain", "cost", "spent", "expected")


def _steps(plan: Plan) -> Iterator[tuple[str, ...]]:
    for rank, one in enumerate(plan.steps, start=1):
        numbers = map(shortest, (one.gain, one.cost, one.spent, one.expected))
        yield (str(rank), one.kind, one.about, one.relation, one.family_id, *numbers)


_BONES = ("rank", "remains_id", "markers_typed", "markers_unread", "gain", "persons")


def _bones(plan: Plan) -> Iterator[tuple[str, ...]]:
    for rank, one in enumerate(plan.bones, start=1):
        persons = (f"{name}={shortest(chance)}" for name, (_, chance) in one.persons.items())
        yield (str(rank), one.remains_id, str(one.typed), str(one.unread), shortest(one.gain), ";".join(persons))


_RELATIVES = ("rank", "family_id", "relative", "kind", "gain")


def _relatives(plan: Plan) -> Iterator[tuple[str, ...]]:
    for rank, one in enumerate(plan.relatives, start=1):
        yield (str(rank), one.family_id, one.relative, one.kind, shortest(one.gain))


def _json(plan: Plan, provenance: Provenance) -> str:
    whole = {
        "provenance": provenance.as_dict(),
        "needed_log10_lr": plan.needed,
        "plan": [asdict(one) for one in plan.steps],
        "bones": [
            {
                **{name: getattr(one, name) for name in ("remains_id", "typed", "unread", "gain")},
                "persons": {
                    name: {"posterior": posterior, "chance": chance}
                    for name, (posterior, chance) in one.persons.items()
                },
            }
            for one in plan.bones
        ],
        "thresholds": [asdict(bar) for bar in plan.bars],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def next_html(plan: Plan, programme: Programme, provenance: Provenance, *, language: str = "en") -> str:
    """Write the page: what to take, what every further bone brings, and what thresholds let through."""
    helps = {(one.family_id, one.relative, one.kind): one for one in plan.relatives}
    page: str = (
        environment(language)
        .get_template("next.html")
        .render(
            name=programme.settings.name,
            plan=plan,
            steps=[(one, _step_words(one, helps, language)) for one in plan.steps],
            bones=[one for one in plan.bones if one.gain > 0][:SHOWN],
            expected=plan.steps[-1].expected if plan.steps else 0.0,
            provenance=provenance,
        )
    )
    return page


def _step_words(one: Step, helps: dict[tuple[str, str, str], Help], language: str) -> str:
    _ = translations(language).gettext
    if one.kind == "bone":
        return _("a further sample of remains %(remains)s") % {"remains": one.about}
    return relative_words(helps[one.family_id, one.about, one.relation], language)
