"""How the registry's values are shown: states, places, names with their language."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.parties.templatetags.face import state
from casework.registry.models import Incident, MissingPerson, Sex, Status

register = template.Library()

STATES = {
    Status.MISSING: "missing",
    Status.ACCOUNTED_FOR: "exact",
    Status.FOUND_ALIVE: "exact",
    Status.REMOVED: "excluded",
}


@register.simple_tag
def person_state(person: MissingPerson) -> SafeString:
    return state(STATES[Status(person.status)], str(Status(person.status).label))


@register.simple_tag
def sex(value: str) -> str:
    return str(Sex(value).label)


OUTCOMES = {
    "identified": gettext_lazy("identified as"),
    "excluded": gettext_lazy("excluded"),
    "rescinded": gettext_lazy("rescinded"),
    "affiliation": gettext_lazy("affiliation decided"),
}


ABSENT = {
    "untested": gettext_lazy("not examined"),
    "withheld": gettext_lazy("withheld by the source"),
    "not_found": gettext_lazy("looked for and not found"),
}


@register.filter
def absent(why: str) -> str:
    """Why a value is absent: three different facts."""
    return str(ABSENT[why])


@register.filter
def outcome(code: str) -> str:
    return str(OUTCOMES[code])


@register.filter
def of(mapping: Mapping[str, Any], key: str) -> Any:
    return mapping.get(key)


@register.simple_tag
def place(lat: float, lon: float, radius_m: float | None) -> SafeString:
    """A point with its uncertainty, as precise as the uncertainty allows."""
    digits = 3 if radius_m is None or radius_m >= 50 else 5
    north, east = ("N" if lat >= 0 else "S"), ("E" if lon >= 0 else "W")
    point = format_html("{}° {}, {}° {}", f"{abs(lat):.{digits}f}", north, f"{abs(lon):.{digits}f}", east)
    return point if radius_m is None else format_html('{} <span class="quiet">± {} m</span>', point, f"{radius_m:,.0f}")


@register.simple_tag
def native_lang(name: str) -> SafeString:
    """The ``lang`` attribute of a name in its own script, so that it is drawn and read aloud rightly."""
    scripts = {unicodedata.name(letter, "").split()[0] for letter in name if letter.isalpha()}
    if "HANGUL" in scripts:
        return mark_safe(' lang="ko"')
    return mark_safe(' lang="ko-Hani"') if "CJK" in scripts else mark_safe("")


@register.simple_tag(takes_context=True)
def person_lead(context: dict[str, Any], person: MissingPerson, incident: Incident | None) -> str:
    """One sentence that a family could read: where the search for this person stands."""
    named = context["member"].may("see names")
    who = (named and person.name) or person.person_id
    sentences = {
        Status.MISSING: _("{who} did not return and is unaccounted for."),
        Status.ACCOUNTED_FOR: _("{who} has been accounted for."),
        Status.FOUND_ALIVE: _("{who} was found alive."),
        Status.REMOVED: _("{who} was removed from the list; the record is kept."),
    }
    lost = _("{who} was lost on {date} and is unaccounted for.")
    lost_in = _("{who} was lost on {date}, {incident}, and is unaccounted for.")
    sentence = sentences[Status(person.status)]
    if person.status == Status.MISSING and person.lost_on:
        sentence = lost_in if incident else lost
    return sentence.format(who=who, date=person.lost_on, incident=incident)
