"""Numbers and states of the board, as the face wants them."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from casework.board import words
from casework.board.sheet import Sheet
from casework.parties.templatetags.face import state

register = template.Library()

register.filter("signed", words.signed)
register.filter("probability", words.probability)
register.filter("hypothesis", words.hypothesis)
register.filter("exclusion", words.exclusion)
register.filter("line", words.line)
register.filter("method", words.method)
register.filter("genetics", words.genetics)
register.filter("absent", words.absent)


@register.simple_tag
def label(code: str) -> SafeString:
    """How a posterior was obtained: its shape, then its word."""
    return state(words.label_state(code), words.label(code))


@register.simple_tag
def conclusion(code: str) -> SafeString:
    """What is concluded: its shape, then its words."""
    return state(words.conclusion_state(code), words.conclusion(code))


@register.simple_tag
def chance_of_another(sheet: Sheet) -> str:
    """ "1 in N" that it is not the leading hypothesis; empty where that is the likelier."""
    another = sheet.another(sheet.candidates[0])
    return words.one_in(another) if another < 0.5 else ""
