"""A part of a whole, drawn as a bar beside its number."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

WIDTH = 400


@register.simple_tag
def bar(part: int, whole: int) -> SafeString:
    """How much of the whole a part is, as a bar; the number stands beside it in the table."""
    filled = WIDTH * part / whole if whole else 0
    return format_html(
        '<svg class="plot inline" width="120" height="10" viewBox="0 0 {} 33" preserveAspectRatio="none" '
        'aria-hidden="true"><rect class="rest" width="{}" height="33"/><rect class="bar" width="{}" height="33"/></svg>',
        WIDTH,
        WIDTH,
        f"{filled:.1f}",
    )
