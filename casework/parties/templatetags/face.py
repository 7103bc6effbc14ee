"""Small parts that every page uses: permissions, states, numbers as the face wants them."""

from __future__ import annotations

from typing import Any

from django import template
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from casework.frame import in_words

register = template.Library()


@register.filter
def may(member: Any, permission: str) -> bool:
    """``{% if member|may:"see families" %}``: only to offer a link; the action itself decides."""
    return member is not None and member.may(permission)


@register.filter
def verb(code: str) -> str:
    """A journal verb in words."""
    return in_words(code, "verbs")


@register.filter
def listed(value: Any) -> str:
    """A value of the journal for reading: the entries of a list, side by side."""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@register.simple_tag
def state(name: str, words: str) -> SafeString:
    """A state: its shape, then its word."""
    return format_html('<span class="state" data-state="{}">{}</span>', name, words)


@register.simple_tag(takes_context=True)
def with_query(context: dict[str, Any], **changes: Any) -> str:
    """The present query with some values changed, for links to another page or order."""
    query: QueryDict = context["request"].GET.copy()
    for name, value in changes.items():
        if value in (None, ""):
            query.pop(name, None)
        else:
            query[name] = str(value)
    return "?" + query.urlencode()


@register.simple_tag
def span(low: float | None, high: float | None, unit: str = "") -> SafeString:
    """A range as examined: both ends, one, or that it was not stated."""
    if low is None and high is None:
        return format_html('<span class="quiet">{}</span>', _("not stated"))
    ends = ["" if end is None else f"{end:g}" for end in (low, high)]
    words = ends[0] if ends[0] == ends[1] else "–".join(ends)
    return format_html("{} {}", words, unit) if unit else format_html("{}", words)
