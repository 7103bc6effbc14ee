"""The files of ``homeward lineage``: pairs, persons and shared haplotypes as CSV, a page, and where they came from."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from homeward.genetics.lineage.candidates import LineageLists
from homeward.genetics.lineage.database import HaplotypeFrequency
from homeward.genetics.lineage.evidence import Category
from homeward.programme import LineageKind, Programme
from homeward.reports.files import appearing_whole, refuse_to_overwrite, shortest, write_rows
from homeward.reports.html import environment
from homeward.reports.language import translations

FILES = ("pairs.csv", "persons.csv", "haplotypes.csv", "result.json", "report.html")
SHOWN = 500  # rows of a table of the page; the files have all
_FREQUENCY = ("frequency", "method", "seen", "people", "counted_over")


def refuse_place(out: Path, *, replace: bool) -> None:
    """Refuse a place that holds anything but earlier lists, or holds them and ``replace`` is False.

    Raises
    ------
    WouldOverwrite
    """
    refuse_to_overwrite(out, replace=replace, verb="lineage", names=FILES)


def write_lists(
    lists: LineageLists, programme: Programme, out: Path, *, language: str = "en", replace: bool = False
) -> None:
    """Write the lists into the directory ``out``: whole, or not at all.

    Parameters
    ----------
    language : of ``report.html``, ``en`` or ``ko``

    Raises
    ------
    WouldOverwrite
        See :func:`refuse_place`.
    """
    refuse_place(out, replace=replace)
    with appearing_whole(out) as place:
        write_rows(place / "pairs.csv", _PAIRS, _pairs(lists))
        write_rows(place / "persons.csv", _PERSONS, _persons(lists))
        write_rows(place / "haplotypes.csv", _HAPLOTYPES, _haplotypes(lists))
        whole = {"provenance": lists.provenance.as_dict()}
        (place / "result.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8", newline="\n")
        page = lineage_html(lists, programme, language=language)
        (place / "report.html").write_text(page, encoding="utf-8", newline="\n")
        refuse_place(out, replace=replace)


def lineage_html(lists: LineageLists, programme: Programme, *, language: str = "en") -> str:
    """The lists as one page: nothing fetched from elsewhere."""
    _ = translations(language).gettext
    parameters = lists.provenance.parameters
    page: str = (
        environment(language)
        .get_template("lineage.html")
        .render(
            lists=lists,
            programme=programme,
            persons=lists.persons[:SHOWN],
            haplotypes=lists.haplotypes[:SHOWN],
            most=parameters["most"],
            mt=parameters["mt"],
            y=parameters["y"],
            ten=math.log(10),
            kinds={LineageKind.MITOCHONDRIAL: _("mtDNA"), LineageKind.Y: _("Y chromosome")},
            categories={
                Category.CANNOT_EXCLUDE: _("cannot exclude"),
                Category.INCONCLUSIVE: _("inconclusive"),
                Category.EXCLUSION: _("exclusion"),
                Category.NOT_COMPARED: _("not compared"),
            },
            made_on=datetime.fromisoformat(lists.provenance.made_at).date(),
        )
    )
    return page


_PAIRS = (
    "kind", "remains_id", "remains_sample", "family_id", "member_id", "reference_sample", "differences", "category",
    "compared", "where",
)  # fmt: skip


def _pairs(lists: LineageLists) -> Iterator[tuple[str, ...]]:
    for pair in lists.pairs:
        yield (
            pair.kind,
            pair.remains_id,
            pair.remains_sample,
            pair.family_id,
            pair.member_id,
            pair.reference_sample,
            str(pair.events),
            pair.category,
            pair.compared,
            pair.where,
        )


_PERSONS = (
    "kind", "remains_id", "person_id", "family_id", "log10_lr", "category", "differences", "meioses", "references",
    "set_aside", *_FREQUENCY,
)  # fmt: skip


def _persons(lists: LineageLists) -> Iterator[tuple[str, ...]]:
    for of in lists.persons:
        lr = of.lr
        yield (
            of.kind,
            of.remains_id,
            of.person_id,
            of.family_id,
            "" if lr.log_lr is None else shortest(lr.log_lr / math.log(10)),
            lr.category,
            "" if lr.events is None else str(lr.events),
            "" if lr.meioses is None else str(lr.meioses),
            str(lr.references),
            "yes" if lr.set_aside else "",
            *_frequency(lr.frequency),
        )


_HAPLOTYPES = (
    "kind", "haplotype", "read", "remains", "references", "families", "persons", "persons_sharing", "persons_compared",
    *_FREQUENCY,
)  # fmt: skip


def _haplotypes(lists: LineageLists) -> Iterator[tuple[str, ...]]:
    for of in lists.haplotypes:
        yield (
            of.kind,
            of.haplotype,
            of.compared,
            ";".join(of.remains),
            ";".join(of.references),
            ";".join(of.families),
            ";".join(of.persons),
            str(len(of.persons)),
            str(of.roster),
            *_frequency(of.frequency),
        )


def _frequency(of: HaplotypeFrequency | None) -> tuple[str, ...]:
    if of is None:
        return ("",) * len(_FREQUENCY)
    return shortest(of.value), of.method, str(of.seen), str(of.people), of.compared
