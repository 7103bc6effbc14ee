"""The files of ``homeward quality``: what to look at in plain words and as a page, every family, every pair."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from homeward.genetics.quality import Quality
from homeward.genetics.quality_findings import Alternative, Finding, Kind
from homeward.programme import Pedigree, Programme
from homeward.reports.files import appearing_whole, refuse_to_overwrite, shortest, write_rows
from homeward.reports.html import environment
from homeward.reports.language import translations
from homeward.reports.pedigree import pedigree_key, pedigree_svg
from homeward.reports.words import log10_words

FILES = ("quality.csv", "families.csv", "pairs.csv", "result.json", "report.html")
SHOWN = 60  # findings on the page
_NAMED = 6  # markers that a sentence names


def refuse_place(out: Path, *, replace: bool) -> None:
    """Refuse a place that holds anything but an earlier result of this kind, or holds one and ``replace`` is False.

    Raises
    ------
    WouldOverwrite
    """
    refuse_to_overwrite(out, replace=replace, verb="quality", names=FILES)


def write_quality(
    result: Quality, programme: Programme, out: Path, *, language: str = "en", replace: bool = False
) -> None:
    """Write the tests into the directory ``out``: whole, or not at all.

    Parameters
    ----------
    programme : whose families are drawn
    language : of ``report.html`` and the sentences in ``quality.csv`` and ``result.json``, ``en`` or ``ko``

    Raises
    ------
    WouldOverwrite
        See :func:`refuse_place`.
    """
    translations(language)
    refuse_place(out, replace=replace)
    with appearing_whole(out) as place:
        write_rows(place / "quality.csv", _FINDINGS, _findings(result, language))
        write_rows(place / "families.csv", _FAMILIES, _families(result))
        write_rows(place / "pairs.csv", _PAIRS, _pairs(result))
        (place / "result.json").write_text(_json(result, language), encoding="utf-8", newline="\n")
        page = quality_html(result, programme, language=language)
        (place / "report.html").write_text(page, encoding="utf-8", newline="\n")
        refuse_place(out, replace=replace)


_FINDINGS = (
    "finding", "family_id", "other_family_id", "members", "log10_lr", "stated", "looks_like", "markers",
    "contradictions", "words",
)  # fmt: skip


def _findings(result: Quality, language: str) -> Iterator[tuple[str, ...]]:
    for finding in result.findings:
        yield (
            finding.kind,
            finding.family_ids[0],
            finding.family_ids[1] if len(finding.family_ids) > 1 else "",
            ";".join(finding.members),
            shortest(finding.log10_lr),
            finding.stated,
            finding.looks_like,
            ";".join(finding.markers),
            ";".join(finding.contradictions),
            finding_words(finding, language),
        )


_FAMILIES = (
    "family_id", "population", "members_typed", "log10_likelihood", "error", "state", "contradictions",
    "needing_mutation", "tests", "best", "best_members", "best_log10_lr",
)  # fmt: skip


def _families(result: Quality) -> Iterator[tuple[str, ...]]:
    findings: dict[str, Kind] = {}
    for finding in result.findings:
        if len(finding.family_ids) == 1:
            findings.setdefault(finding.family_ids[0], finding.kind)
    for one in result.families:
        best = one.alternatives[0] if one.alternatives else None
        yield (
            one.family_id,
            one.population,
            ";".join(one.typed),
            shortest(one.log10_likelihood),
            shortest(one.error),
            findings.get(one.family_id, "fits"),
            ";".join(one.contradictions),
            ";".join(one.needing_mutation),
            str(one.tests),
            best.kind if best else "",
            ";".join(best.members) if best else "",
            shortest(best.log10_lr) if best else "",
        )


_RELATED = ("identical", "parent_child", "full_sibs", "second_degree", "first_cousins")
_PAIRS = ("family_id", "first", "second", "stated", "looks_like", "log10_lr", "log10_stated", *_RELATED, "markers")


def _pairs(result: Quality) -> Iterator[tuple[str, ...]]:
    for pair in result.pairs:
        yield (
            pair.family_id,
            pair.first,
            pair.second,
            pair.stated,
            pair.best,
            shortest(pair.log10_lr),
            shortest(pair.log10_stated),
            *(shortest(pair.log10_of[name]) for name in _RELATED),
            str(pair.markers),
        )


def _json(result: Quality, language: str) -> str:
    whole = {
        "provenance": result.provenance.as_dict(),
        "tests": result.tests,
        "most_false": result.most_false,
        "pairs_of_two_populations_not_compared": result.not_compared,
        "screens": [
            {
                "population": screen.population,
                "relationship": screen.relationship,
                "pairs": screen.pairs,
                "threshold": screen.threshold,
                "expected_false": screen.expected_false,
                "most_false": screen.most_false,
                "found_if_related": screen.found_if_related,
            }
            for screen in result.screens
        ],
        "findings": [_finding(finding, language) for finding in result.findings],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    return {
        "finding": finding.kind,
        "family_ids": list(finding.family_ids),
        "members": list(finding.members),
        "log10_lr": _finite(finding.log10_lr),
        "stated": finding.stated,
        "looks_like": finding.looks_like,
        "markers": list(finding.markers),
        "contradictions": list(finding.contradictions),
        "others": [_other(one) for one in finding.others],
        "words": finding_words(finding, language),
    }


def _other(one: Alternative) -> dict[str, Any]:
    return {"alternative": one.kind, "members": list(one.members), "log10_lr": _finite(one.log10_lr)}


def _finite(value: float) -> float | str | None:
    """JSON knows no infinity; None where there is no ratio."""
    if math.isnan(value):
        return None
    return value if math.isfinite(value) else shortest(value)


def relationship_words(name: str, language: str = "en") -> str:
    """What two people are to each other, in words."""
    _ = translations(language).gettext
    return {
        "identical": _("one person, or identical twins"),
        "parent_child": _("parent and child"),
        "full_sibs": _("full siblings"),
        "second_degree": _("half-siblings, uncle or aunt and child, or grandparent and grandchild"),
        "first_cousins": _("first cousins, or as close"),
        "unrelated": _("unrelated"),
        "other": _("more distant relatives, or related twice"),
    }[name]


def finding_words(finding: Finding, language: str = "en") -> str:
    """A finding in plain sentences: what, how strongly, at which markers, and what else it may be."""
    _ = translations(language).gettext
    said = [_sentence(finding, language)]
    if finding.contradictions:
        said.append(
            _("As stated the family is impossible at %(markers)s.") % _markers(finding.contradictions, language)
        )
    if finding.markers and finding.kind not in (Kind.MUTATION, Kind.UNEXPLAINED):
        said.append(_("What speaks for it: %(markers)s.") % _markers(finding.markers, language))
    if finding.others:
        also = "; ".join(_alternative(one, language) for one in finding.others[:3])
        said.append(_("Nearly as well explained by: %(others)s.") % {"others": also})
    return " ".join(said)


def _markers(markers: tuple[str, ...], language: str) -> Mapping[str, str]:
    _ = translations(language).gettext
    named = ", ".join(markers[:_NAMED])
    if len(markers) > _NAMED:
        named = _("%(markers)s and %(number)s more") % {"markers": named, "number": str(len(markers) - _NAMED)}
    return {"markers": named}


def _sentence(finding: Finding, language: str) -> str:
    _ = translations(language).gettext
    values = {
        "family": finding.family_ids[0],
        "other_family": finding.family_ids[-1],
        "member": finding.members[0] if finding.members else "",
        "other": finding.members[-1] if finding.members else "",
        "lr": log10_words(finding.log10_lr),
        "markers": ", ".join(finding.markers[:_NAMED]),
        "stated": _said(finding.stated, language),
        "looks_like": _said(finding.looks_like, language),
    }
    sentences = {
        Kind.OTHER_FATHER: _(
            "Family %(family)s fits better if the father of %(member)s is someone else than stated: log10 LR %(lr)s."
        ),
        Kind.OTHER_MOTHER: _(
            "Family %(family)s fits better if the mother of %(member)s is someone else than stated: log10 LR %(lr)s."
        ),
        Kind.EXCHANGED: _(
            "Family %(family)s fits better if the samples of %(member)s and %(other)s are exchanged: log10 LR %(lr)s."
        ),
        Kind.FOREIGN: _(
            "Family %(family)s fits better if the sample of %(member)s is of someone unrelated: log10 LR %(lr)s."
        ),
        Kind.SAME_PERSON: _(
            "Family %(family)s fits better if the sample of %(member)s is of %(other)s, or they are identical twins: "
            "log10 LR %(lr)s."
        ),
        Kind.NOT_TWINS: _("%(member)s and %(other)s are stated as identical twins and are not: log10 LR %(lr)s."),
        Kind.MUTATION: _(
            "Family %(family)s fits as stated only with a mutation, or an error of reading, at %(markers)s. "
            "It is used as it is."
        ),
        Kind.UNEXPLAINED: _("Family %(family)s is impossible as stated, and with any one thing changed."),
        Kind.RELATIONSHIP: _(
            "%(member)s and %(other)s are stated as: %(stated)s. They look like: %(looks_like)s; log10 LR %(lr)s."
        ),
        Kind.EXCHANGED_BETWEEN: _(
            "Families %(family)s and %(other_family)s fit better if the samples of %(member)s and %(other)s are "
            "exchanged: log10 LR %(lr)s."
        ),
        Kind.LINE: _(
            "%(member)s and %(other)s are drawn on one line of %(stated)s and differ at %(looks_like)s places or loci: "
            "log10 LR %(lr)s."
        ),
        Kind.ACROSS: _(
            "%(member)s of family %(family)s and %(other)s of family %(other_family)s look like: %(looks_like)s; "
            "log10 LR %(lr)s against unrelated."
        ),
    }
    return sentences[finding.kind] % values


def _said(told: str, language: str) -> str:
    """A relationship or the kind of a line in words; a number as it is."""
    _ = translations(language).gettext
    lines = {"mt": _("mtDNA"), "y": _("Y chromosome")}
    return lines[told] if told in lines else told if told.isdigit() or not told else relationship_words(told, language)


def _alternative(one: Alternative, language: str) -> str:
    _ = translations(language).gettext
    values = {"member": one.members[0], "other": one.members[-1], "lr": log10_words(one.log10_lr)}
    return {
        Kind.OTHER_FATHER: _("another father of %(member)s (%(lr)s)"),
        Kind.OTHER_MOTHER: _("another mother of %(member)s (%(lr)s)"),
        Kind.EXCHANGED: _("samples of %(member)s and %(other)s exchanged (%(lr)s)"),
        Kind.FOREIGN: _("sample of %(member)s of someone unrelated (%(lr)s)"),
        Kind.SAME_PERSON: _("sample of %(member)s of %(other)s (%(lr)s)"),
        Kind.NOT_TWINS: _("%(member)s and %(other)s no identical twins (%(lr)s)"),
    }[one.kind] % values


# --- the page ---


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding on the page: what, in which families, how weighty, in words, what to do, and the families drawn."""

    title: str
    families: str
    weight: str
    words: str
    advice: str
    drawn: tuple[tuple[str, str, str], ...]  # family, picture, key


def quality_html(result: Quality, programme: Programme, *, language: str = "en") -> str:
    """Write the page: what to look at, the weightiest first, each in words and with the families it speaks of."""
    pedigrees = {pedigree.family_id: pedigree for pedigree in programme.pedigrees}
    typed = {one.family_id: set(one.typed) for one in result.families}
    chosen = sorted(result.findings, key=_weight)
    page: str = (
        environment(language)
        .get_template("quality.html")
        .render(
            name=programme.settings.name,
            result=result,
            findings=[_shown(one, pedigrees, typed, language) for one in chosen[:SHOWN]],
            not_shown=len(chosen[SHOWN:]),
            doubtful=len({family_id for one in chosen for family_id in one.family_ids}),
            most_false=f"{result.most_false:.2g}",
            across_false=f"{sum(screen.expected_false for screen in result.screens):.2g}",
            screens=[
                (screen, relationship_words(screen.relationship, language), f"{screen.expected_false:.2g}")
                for screen in result.screens
            ],
            parameters=result.provenance.parameters,
            provenance=result.provenance,
            made_on=datetime.fromisoformat(result.provenance.made_at).date(),
        )
    )
    return page


def _weight(finding: Finding) -> tuple[bool, bool, float, tuple[str, ...], tuple[str, ...]]:
    """The weightiest first; then what has no ratio, and last the families that fit as stated, with a mutation."""
    nameless = math.isnan(finding.log10_lr)
    weight = 0.0 if nameless else -finding.log10_lr
    return finding.kind is Kind.MUTATION, nameless, weight, finding.family_ids, finding.members


def _shown(finding: Finding, pedigrees: Mapping[str, Pedigree], typed: Mapping[str, set[str]], language: str) -> Shown:
    _ = translations(language).gettext
    drawn = () if finding.kind is Kind.MUTATION else finding.family_ids
    spoken_of = set(finding.members) if finding.kind is not Kind.UNEXPLAINED else set()
    return Shown(
        title=_title(finding.kind, language),
        families=", ".join(_("family %(family)s") % {"family": family_id} for family_id in finding.family_ids),
        weight=log10_words(finding.log10_lr),
        words=finding_words(finding, language),
        advice=_advice(finding.kind, language),
        drawn=tuple(
            (
                family_id,
                pedigree_svg(pedigrees[family_id], typed=typed[family_id], highlight=spoken_of, language=language),
                pedigree_key(pedigrees[family_id], typed=typed[family_id], highlight=spoken_of, language=language),
            )
            for family_id in drawn
        ),
    )


def _title(kind: Kind, language: str) -> str:
    _ = translations(language).gettext
    return {
        Kind.OTHER_FATHER: _("Another father than stated"),
        Kind.OTHER_MOTHER: _("Another mother than stated"),
        Kind.EXCHANGED: _("Two samples exchanged"),
        Kind.FOREIGN: _("A sample of someone else"),
        Kind.SAME_PERSON: _("One person under two names"),
        Kind.NOT_TWINS: _("Twins who are not identical"),
        Kind.MUTATION: _("Fits with a mutation"),
        Kind.UNEXPLAINED: _("Not explained by any one change"),
        Kind.RELATIONSHIP: _("Two people not related as stated"),
        Kind.EXCHANGED_BETWEEN: _("Samples of two families exchanged"),
        Kind.LINE: _("Haplotypes of one line that differ"),
        Kind.ACROSS: _("Relatives in two families"),
    }[kind]


def _advice(kind: Kind, language: str) -> str:
    """What someone should do about it."""
    _ = translations(language).gettext
    tubes = _("Ask the laboratory for the tubes and forms of these samples first; type again if they do not settle it.")
    kin = _(
        "Ask the laboratory to rule out exchanged samples before anyone asks the family; what is found may be "
        "something that the family does not know."
    )
    return {
        Kind.OTHER_FATHER: kin,
        Kind.OTHER_MOTHER: kin,
        Kind.EXCHANGED: tubes,
        Kind.FOREIGN: tubes,
        Kind.SAME_PERSON: tubes,
        Kind.NOT_TWINS: _("Correct what is stated of the twins once the family has confirmed it."),
        Kind.MUTATION: _("Nothing needs to be done; the markers may be read again where the family matters."),
        Kind.UNEXPLAINED: _("Look at each sample and each link of this family; more than one thing may be wrong."),
        Kind.RELATIONSHIP: kin,
        Kind.EXCHANGED_BETWEEN: tubes,
        Kind.LINE: _("Have the haplotypes read again, and look at the links of this line in the pedigree."),
        Kind.ACROSS: _(
            "See whether the families are one family, or whether someone gave a sample in both; unrelated people look "
            "so now and then."
        ),
    }[kind]
