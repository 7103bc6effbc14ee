"""The files of ``homeward quality``: what to look at in plain words, every family, every pair, and the provenance."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from homeward.genetics.quality import Alternative, Finding, Kind, Quality
from homeward.reports.files import appearing_whole, refuse_to_overwrite, shortest, write_rows
from homeward.reports.language import translations
from homeward.reports.words import log10_words

FILES = ("quality.csv", "families.csv", "pairs.csv", "result.json")
_NAMED = 6  # markers that a sentence names


def refuse_place(out: Path, *, replace: bool) -> None:
    """Refuse a place that holds anything but an earlier result of this kind, or holds one and ``replace`` is False.

    Raises
    ------
    WouldOverwrite
    """
    refuse_to_overwrite(out, replace=replace, verb="quality", names=FILES)


def write_quality(result: Quality, out: Path, *, language: str = "en", replace: bool = False) -> None:
    """Write the tests into the directory ``out``: whole, or not at all.

    Parameters
    ----------
    language : of the sentences in ``quality.csv`` and ``result.json``, ``en`` or ``ko``

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
    "family_id", "population", "members_typed", "log10_likelihood", "state", "contradictions", "needing_mutation",
    "tests", "best", "best_members", "best_log10_lr",
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
