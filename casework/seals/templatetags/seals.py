"""Words of statements for lists."""

from __future__ import annotations

from django import template
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from casework.seals.readable import Said, Words, kind_words, subject_words

register = template.Library()


@register.filter
def kind_word(kind: str) -> str:
    """What a kind of statement is called, in the reader's language."""
    return kind_words(kind)[0].text


@register.filter
def about(subject: str) -> str:
    """What a statement is about: "Transfer T-2018-01"."""
    return subject_words(subject)


@register.filter
def words(several: Words) -> SafeString:
    """Something said: in the reader's language, and the other under it. A manifest has thousands of these."""
    if not several:
        return SafeString("")
    return _first(several[0]) + format_html_join("", '<span class="under"{}>{}</span>', map(_other, several[1:]))


def _first(said: Said) -> SafeString:
    if said.statement:
        address = reverse("seals:statement", args=(said.statement,))
        return format_html('<a class="id digest" href="{}">{}…</a>', address, said.text[:23])
    return format_html("<span{}>{}</span>", _lang(said), _lines(said.text))


def _other(said: Said) -> tuple[SafeString, str]:
    return _lang(said), said.text


def _lang(said: Said) -> SafeString:
    return format_html(' lang="{}"', said.lang) if said.lang else SafeString("")


def _lines(text: str) -> SafeString:
    return mark_safe("<br>".join(conditional_escape(line) for line in text.splitlines()))
