"""How beliefs and plans are shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from homeward.planning.reliability import EVERYONE, SEARCHING
from homeward.planning.windows import Reason
from homeward.reports.plan import reason_words, way_words
from homeward.search.belief import ELSEWHERE

register = template.Library()


@register.filter
def chance(value: float) -> str:
    """A chance in per cent; never nothing or all where it is not.

    >>> chance(0.1234), chance(0.00004), chance(0.99999), chance(0.0)
    ('12.3%', '< 0.1%', '> 99.9%', '0%')
    """
    percent = 100 * value
    if value <= 0 or value >= 1:
        return f"{percent:.0f}%"
    if percent < 0.1:
        return "< 0.1%"
    return "> 99.9%" if percent > 99.9 else f"{percent:.1f}%"


@register.filter
def way(key: str) -> str:
    """The name of a way to lie: that of its account, else what it is."""
    if key == ELSEWHERE:
        return _("elsewhere")
    if key.startswith("around "):
        return _("around the place of the incident")
    return key


@register.filter
def finding(dig: Mapping[str, Any]) -> float:
    """The chance to find anything at a site of a plan."""
    return float(dig["something"]) * float(dig["detection"])


@register.filter
def choice(name: str) -> str:
    """A way of choosing sites by hand, in words."""
    return way_words(name, get_language() or "en")


@register.filter
def source_kind(kind: str) -> str:
    """A kind of source, or what is learned beside them."""
    return {EVERYONE: _("all kinds together"), SEARCHING: _("searching")}.get(kind, kind)


@register.filter
def why_left(reason: str) -> str:
    """Why a site is not dug, in words."""
    return reason_words(Reason(reason), get_language() or "en")
