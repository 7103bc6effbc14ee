"""The files of ``homeward compare``: every pair by every system, what each rests on, and a page to read."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from homeward.errors import TooLarge
from homeward.genetics.combined import STATES, Assumption, Comparison, Places, State, System
from homeward.genetics.lineage.evidence import LineageLr
from homeward.genetics.mutation import Floats
from homeward.programme import Programme
from homeward.reports.files import appearing_whole, refuse_to_overwrite, shortest, write_rows
from homeward.reports.html import environment
from homeward.reports.language import translations

FILES = ("pairs.csv", "result.json", "report.html")
MOST_PAIRS = 2_000_000  # rows of pairs.csv
DETAILED = 2_000  # pairs of result.json, best first
SHOWN = 60  # remains on the page
CANDIDATES = 5  # persons of each
LN10 = math.log(10)


def refuse_place(out: Path, *, replace: bool) -> None:
    """Refuse a place that holds anything but an earlier comparison, or holds one and ``replace`` is False.

    Raises
    ------
    WouldOverwrite
    """
    refuse_to_overwrite(out, replace=replace, verb="compare", names=FILES)


def write_comparison(
    result: Comparison,
    programme: Programme,
    out: Path,
    *,
    threshold: float | None = None,
    language: str = "en",
    replace: bool = False,
) -> int:
    """Write a comparison into the directory ``out``: whole, or not at all.

    Parameters
    ----------
    threshold : least log10 LR, all systems together, of a pair that is written; None for all pairs
    language : of ``report.html``, ``en`` or ``ko``

    Returns
    -------
    int
        Pairs written.

    Raises
    ------
    TooLarge
        If there are more than two million pairs to write.
    WouldOverwrite
        See :func:`refuse_place`.
    """
    translations(language)
    refuse_place(out, replace=replace)
    pairs = result.reaching(threshold)
    if len(pairs) > MOST_PAIRS:
        raise TooLarge(f"{len(pairs):,} pairs would be written, above {MOST_PAIRS:,}. State a --threshold of the total")
    with appearing_whole(out) as place:
        write_rows(place / "pairs.csv", _columns(result), _pairs(result, pairs))
        (place / "result.json").write_text(_json(result, pairs, threshold), encoding="utf-8", newline="\n")
        page = comparison_html(result, programme, language=language)
        (place / "report.html").write_text(page, encoding="utf-8", newline="\n")
        refuse_place(out, replace=replace)
    return len(pairs)


def _columns(result: Comparison) -> tuple[str, ...]:
    return (
        "remains_id",
        "person_id",
        "family_id",
        "member_id",
        *(f"log10_lr_{system}" for system in result.systems),
        "log10_lr_total",
        "log10_lr_without_lineage",
        *(f"markers_{system}" for system in result.systems),
        "not_compared",
        "same_y_line",
        "same_mt_line",
    )


def _pairs(result: Comparison, pairs: Places) -> Iterator[tuple[str, ...]]:
    total, without = result.total(), result.total_without_lineage
    log10 = {system: values / LN10 for system, values in result.log_lr.items()}
    for remains, place in pairs.tolist():
        slot = result.slots[place]
        compared = result.compared(remains, place)
        yield (
            result.remains_ids[remains],
            slot.person_id,
            result.families[slot.family].family_id,
            slot.member_id,
            *(shortest(float(log10[of][remains, place])) if of in compared else "" for of in result.systems),
            shortest(float(total[remains, place])),
            shortest(float(without[remains, place])),
            *(str(result.markers[of][remains, place]) if of in compared else "" for of in result.systems),
            ";".join(f"{of}:{state}" for of, state in _absent(result, remains, place).items()),
            ";".join(result.same_line.get(System.Y, {}).get(place, ())),
            ";".join(result.same_line.get(System.MT, {}).get(place, ())),
        )


def _absent(result: Comparison, remains: int, place: int) -> Mapping[System, State]:
    """The systems that were not compared, and why."""
    states = {of: STATES[result.state[of][remains, place]] for of in result.systems}
    return {of: state for of, state in states.items() if state is not State.COMPARED}


def _json(result: Comparison, pairs: Places, threshold: float | None) -> str:
    whole = {
        "provenance": result.provenance.as_dict(),
        "threshold": threshold,
        "remains": len(result.remains_ids),
        "persons": len(result.slots),
        "pairs_written": len(pairs),
        "assumptions": [
            {"system": of.system, "code": of.code, "values": dict(of.values), "words": assumption_words(of)}
            for of in result.assumptions
        ],
        "pairs": [_detail(result, remains, place) for remains, place in pairs[:DETAILED].tolist()],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _detail(result: Comparison, remains: int, place: int) -> dict[str, Any]:
    slot = result.slots[place]
    total = float(result.total_of(remains, place))
    return {
        "remains_id": result.remains_ids[remains],
        "person_id": slot.person_id,
        "family_id": result.families[slot.family].family_id,
        "log10_lr_total": total if math.isfinite(total) else None,
        "excluded": total == -math.inf,
        "systems": {of: _system(result, of, remains, place) for of in result.compared(remains, place)},
        "not_compared": dict(_absent(result, remains, place)),
    }


def _system(result: Comparison, of: System, remains: int, place: int) -> dict[str, Any]:
    value = float(result.log_lr[of][remains, place]) / LN10
    family = result.families[result.slots[place].family]
    found: dict[str, Any] = {
        "log10_lr": value if math.isfinite(value) else None,
        "markers": int(result.markers[of][remains, place]),
    }
    if of in (System.AUTOSOMAL, System.X):
        return found | {"population": family.population, "theta": family.theta, "references": list(family.typed)}
    if of is System.SNP:
        part = result.snps[remains, place]
        return found | {
            "effective": part.effective,
            "left_out": dict(part.left_out),
            "assumptions": list(part.assumptions),
        }
    return found | _line(result.lineage[of, remains, place])


def _line(lr: LineageLr) -> dict[str, Any]:
    frequency = lr.frequency
    known = (
        None
        if frequency is None
        else {
            "value": frequency.value,
            "method": frequency.method,
            "seen": frequency.seen,
            "people": frequency.people,
            "population": frequency.population,
            "compared": frequency.compared,
        }
    )
    return {
        "differences": lr.events,
        "meioses": lr.meioses,
        "references_on_line": lr.references,
        "category": lr.category,
        "frequency": known,
    }


# --- words ---


def system_words(system: System, language: str = "en") -> str:
    """A system's name."""
    _ = translations(language).gettext
    return {
        System.AUTOSOMAL: _("autosomal STR"),
        System.X: _("X chromosome"),
        System.Y: _("Y chromosome"),
        System.MT: _("mtDNA"),
        System.SNP: _("SNPs"),
    }[system]


def state_words(state: State, language: str = "en") -> str:
    """Why a system was not compared."""
    _ = translations(language).gettext
    return {
        State.COMPARED: _("compared"),
        State.NOT_TYPED: _("remains not typed"),
        State.NO_REFERENCE: _("no reference that tells of him"),
        State.SET_ASIDE: _("references contradict the pedigree"),
        State.NO_FREQUENCY: _("no frequency known"),
        State.NOT_OF_THE_LINE: _("a woman has no Y chromosome"),
        State.SEX_UNKNOWN: _("sex not stated"),
    }[state]


def assumption_words(assumption: Assumption, language: str = "en") -> str:
    """What a system's ratio rests on, in a sentence."""
    _ = translations(language).gettext
    of = assumption.values
    if assumption.code == "strs":
        return _(
            "%(markers)s markers in the frequencies of %(populations)s, theta %(theta)s; %(mutating)s of them mutate; "
            "untyped ancestors: %(untyped)s."
        ) % {
            "markers": str(of["markers"]),
            "populations": ", ".join(of["populations"]) or "–",
            "theta": f"{of['theta']:g}",
            "mutating": str(of["mutating"]),
            "untyped": of["untyped_ancestors"],
        }
    if assumption.code == "estimated":
        families = "; ".join(f"{family} (± {error:.2g})" for family, error in of["families"].items())
        return _(
            "Families too large for theta to be summed exactly: their ratios are estimates from %(draws)s draws, with "
            "a standard error of at most so much in log10: %(families)s."
        ) % {"draws": str(of["draws"]), "families": families}
    if assumption.code == "linked":
        pairs = "; ".join(f"{one} – {other} ({rho:g})" for one, other, rho in of["pairs"])
        return _("Computed together as linked, with the recombination stated: %(pairs)s.") % {"pairs": pairs}
    if assumption.code == "near_strs":
        pairs = "; ".join(f"{one} – {other} ({apart:.0f} cM)" for one, other, apart in of["pairs"])
        return _("Markers of one chromosome are taken as independent, these among them although near: %(pairs)s.") % {
            "pairs": pairs
        }
    if assumption.code == "x_linkage":
        return _("%(markers)s markers of the X chromosome are taken as independent of each other.") % {
            "markers": str(of["markers"])
        }
    if assumption.code == "lineage":
        databases = ", ".join(f"{name} ({size:,})" for name, size in of["databases"].items())
        return _("Frequency of the haplotype: method %(method)s; people counted: %(databases)s.") % {
            "method": of["method"],
            "databases": databases or "–",
        }
    if assumption.code == "same_line":
        return _(
            "The ratio is against someone unrelated, not against others of the same line, who share the haplotype: "
            "%(persons)s of the missing have another missing person on theirs. It is not multiplied over them."
        ) % {"persons": str(of["persons"])}
    unplaced = ", ".join(of["strs_without_place"])
    return _(
        "SNPs at least %(spacing)s cM apart, and none within %(near)s cM of an STR of the product; theta %(theta)s. "
        "STRs whose place is not known, so that none was left out for them: %(unplaced)s."
    ) % {
        "spacing": f"{of['spacing_cm']:g}",
        "near": f"{of['near_str_cm']:g}",
        "theta": f"{of['theta']:g}",
        "unplaced": unplaced or "–",
    }


# --- the page ---


@dataclass(frozen=True, slots=True)
class Row:
    """One person beside some remains: values of the systems (None where not compared), and what is said of it."""

    person_id: str
    family_id: str
    values: tuple[float | None, ...]
    total: float
    without_lineage: float
    absent: str
    same_line: tuple[str, ...]


def comparison_html(result: Comparison, programme: Programme, *, language: str = "en") -> str:
    """Write the page: for each remains the best persons by all systems together, and what that rests on."""
    total, without = result.total(), result.total_without_lineage
    best = total.max(axis=1) if total.size else np.zeros(0)
    order = np.argsort(-best, kind="stable")[:SHOWN].tolist()
    page: str = (
        environment(language)
        .get_template("comparison.html")
        .render(
            name=programme.settings.name,
            systems=[system_words(of, language) for of in result.systems],
            tables=[
                (result.remains_ids[remains], _rows(result, remains, total[remains], without[remains], language))
                for remains in order
            ],
            not_shown=len(result.remains_ids) - len(order),
            assumptions=[
                (system_words(of.system, language), assumption_words(of, language)) for of in result.assumptions
            ],
            provenance=result.provenance,
            persons=len(result.slots),
            remains=len(result.remains_ids),
        )
    )
    return page


def _rows(result: Comparison, remains: int, total: Floats, without: Floats, language: str) -> Sequence[Row]:
    return [
        _row(result, remains, place, float(total[place]), float(without[place]), language)
        for place in np.argsort(-total, kind="stable")[:CANDIDATES].tolist()
    ]


def _row(result: Comparison, remains: int, place: int, total: float, without: float, language: str) -> Row:
    compared = result.compared(remains, place)
    slot = result.slots[place]
    reasons: dict[str, list[str]] = {}
    for of, state in _absent(result, remains, place).items():
        reasons.setdefault(state_words(state, language), []).append(system_words(of, language))
    absent = [f"{', '.join(systems)}: {reason}" for reason, systems in reasons.items()]
    shared = [person for of in result.same_line.values() for person in of.get(place, ())]
    return Row(
        person_id=slot.person_id,
        family_id=result.families[slot.family].family_id,
        values=tuple(
            float(result.log_lr[of][remains, place]) / LN10 if of in compared else None for of in result.systems
        ),
        total=total,
        without_lineage=without,
        absent="; ".join(absent),
        same_line=tuple(dict.fromkeys(shared)),
    )
