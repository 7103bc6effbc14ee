"""Words of statements for lists."""

from __future__ import annotations

from django import template

from casework.seals.readable import kind_words, subject_words

register = template.Library()


@register.filter
def kind_word(kind: str) -> str:
    """What a kind of statement is called, in the reader's language."""
    return kind_words(kind)[0].text


@register.filter
def about(subject: str) -> str:
    """What a statement is about: "Transfer T-2018-01"."""
    return subject_words(subject)
