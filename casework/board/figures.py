"""The figures of a comparison: the posterior on a scale of odds, the way from prior to posterior, the pedigree."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from casework.board import words
from casework.board.models import Candidate
from casework.board.plots import Mark, Step, posterior_scale, waterfall
from casework.board.sheet import Sheet
from casework.parties.models import Member
from casework.registry.records import pedigree as pedigree_of
from homeward.programme import OTHER_LISTED

DRAWN = 4  # persons on the scale of odds
LEAST = 1e-9  # of their posterior; smaller ones stand in the table


@dataclass(frozen=True, slots=True)
class Figures:
    posterior: SafeString
    waterfall: SafeString | None
    pedigree: SafeString | None
    key: SafeString | None  # to the pedigree


def of(sheet: Sheet, *, by: Member, language: str) -> Figures:
    """Draw what the sheet holds."""
    pedigree, key = _pedigree(sheet, by=by, language=language)
    return Figures(posterior=_posterior(sheet), waterfall=_waterfall(sheet), pedigree=pedigree, key=key)


def _posterior(sheet: Sheet) -> SafeString:
    persons = [one for one in sheet.candidates if one.is_person and one.posterior >= LEAST][:DRAWN]
    if sheet.chosen.is_person and sheet.chosen not in persons:
        persons.append(sheet.chosen)
    alternatives = [one for one in sheet.candidates if not one.is_person and one.hypothesis != OTHER_LISTED]
    marks = [_mark(one, sheet) for one in (*persons, *alternatives)]
    threshold = float(sheet.comparison.run.settings.get("identify", 0.9995))
    limit = words.log10_odds(threshold)
    ticks = [
        (-9, gettext("1 in 10⁹")),
        (-3, gettext("1 in 1,000")),
        (0, gettext("even")),
        (6, gettext("10⁶ to 1")),
    ]
    return posterior_scale(
        gettext("Posterior probability of each hypothesis, on a scale of odds"),
        [mark for mark in marks if mark is not None],
        limit=limit,
        limit_words=gettext("threshold %(value)s") % {"value": f"{threshold:g}"},
        tick_words=ticks,
    )


def _mark(one: Candidate, sheet: Sheet) -> Mark | None:
    odds = sheet.log10_odds(one)
    if odds is None:
        return None
    low = high = None
    if one.error > 0:
        low = words.log10_odds(max(one.posterior - one.error, 1e-12))
        high = words.log10_odds(min(one.posterior + one.error, 1 - 1e-12))
    another = sheet.another(one)
    beside = (
        words.one_in(one.posterior)
        if another > 0.5
        else gettext("another: %(chance)s") % {"chance": words.one_in(another)}
    )
    return Mark(
        label=words.hypothesis(one.hypothesis),
        log10_odds=odds,
        drawn=words.label_state(one.label),
        shown=words.probability(one.posterior),
        beside=beside,
        low=low,
        high=high,
        strong=one.pk == sheet.chosen.pk,
    )


def _waterfall(sheet: Sheet) -> SafeString | None:
    """Prior odds, each marker, each other line, what all other hypotheses and remains take or give, posterior odds."""
    chosen = sheet.chosen
    prior, posterior = sheet.prior_log10_odds(chosen), sheet.log10_odds(chosen)
    if not chosen.markers or prior is None:
        return None
    steps = [Step(marker, value, words.signed(value)) for marker, value in chosen.markers.items()]
    steps += [
        Step(words.line(line), value, words.signed(value)) for line, value in chosen.evidence.items() if line != "dna"
    ]
    if posterior is not None:
        joint = posterior - prior - sum(step.log10 or 0.0 for step in steps)
        steps.append(Step(gettext("All other hypotheses and remains"), joint, words.signed(joint)))
    return waterfall(
        gettext("From prior odds to posterior odds, marker by marker, in log10"),
        steps,
        first=Step(gettext("Prior odds"), prior, words.signed(prior)),
        last=Step(gettext("Posterior odds"), posterior, words.signed(posterior)),
        even=gettext("even odds"),
    )


def _pedigree(sheet: Sheet, *, by: Member, language: str) -> tuple[SafeString | None, SafeString | None]:
    """The candidate's family and the key to it, for whoever may see families; names for whoever may see them."""
    if sheet.family is None or not by.may("see families"):
        return None, None
    from homeward.reports.pedigree import pedigree_key, pedigree_svg

    family, shown = pedigree_of(sheet.family), [sheet.chosen.hypothesis]
    members = {member.person_id: member.member_id for member in family.missing}
    names = {
        members[person_id]: f"{person_id}\n{person.name}"
        for person_id, person in sheet.persons.items()
        if person_id in members and person.name
    }
    drawn = pedigree_svg(family, typed=sheet.typed, highlight=shown, names=names, language=language)
    key = pedigree_key(family, typed=sheet.typed, highlight=shown, language=language)
    return mark_safe(drawn), mark_safe(key)
