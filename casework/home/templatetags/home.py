"""A part of a whole, drawn as a bar beside its number."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

WIDTH = 120


@register.simple_tag
def bar(part: int, whole: int) -> SafeString:
    """How much of the whole a part is, as a bar; the number stands beside it in the table."""
    filled = WIDTH * part / whole if whole else 0
    drawn = '<rect class="rest" width="{width}" height="10"/><rect class="bar" width="{filled}" height="10"/>'
    frame = (
        '<svg class="plot inline" width="{width}" height="10" viewBox="0 0 {width} 10" aria-hidden="true">{drawn}</svg>'
    )
    return format_html(frame, width=WIDTH, drawn=format_html(drawn, width=WIDTH, filled=f"{filled:.1f}"))
