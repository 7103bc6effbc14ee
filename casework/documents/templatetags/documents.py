"""How claims and quotations are shown: numbers as their source worded them, standings, languages."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.documents.forms import LANGUAGES
from casework.documents.models import Claim, Document, Qualifier, Standing, Unit
from casework.parties.templatetags.face import state

register = template.Library()

STATES = {
    Standing.PROVISIONAL: "candidate",
    Standing.FINAL: "exact",
    Standing.SUPERSEDED: "excluded",
    Standing.DISPUTED: "contested",
}
WORDED = {
    Qualifier.EXACT: "%(number)s",
    Qualifier.ABOUT: gettext_lazy("about %(number)s"),
    Qualifier.MORE_THAN: gettext_lazy("more than %(number)s"),
    Qualifier.AT_LEAST: gettext_lazy("at least %(number)s"),
    Qualifier.UP_TO: gettext_lazy("up to %(number)s"),
}
NAMES = dict(LANGUAGES)


@register.filter
def count(value: Decimal | int | None) -> str:
    """A number with its thousands apart and without the zeros that the database adds."""
    if value is None:
        return ""
    number = Decimal(value)
    whole = number.to_integral_value()
    return f"{whole if whole == number else number.normalize():,f}"


@register.simple_tag
def worded(value: Decimal | None, qualifier: str) -> str:
    """A number as its source put it: about, more than, at least, up to."""
    return "" if value is None else str(WORDED[Qualifier(qualifier)]) % {"number": count(value)}


@register.simple_tag
def claim_value(claim: Claim, *, differs: bool = False) -> SafeString:
    """What is claimed, underlined where another says otherwise."""
    number = worded(claim.value, claim.qualifier)
    words = number if number and not claim.value_text else "; ".join(filter(None, (number, claim.value_text)))
    return format_html('<span class="differs">{}</span>' if differs else "{}", words)


@register.simple_tag
def claim_standing(claim: Claim) -> SafeString:
    return state(STATES[Standing(claim.status)], str(Standing(claim.status).label))


@register.filter
def unit_name(code: str) -> str:
    return str(Unit(code).label)


@register.filter
def language_name(code: str) -> str:
    """A language in the reader's words; its code where we have none."""
    return str(NAMES.get(code, code)) or _("not stated")


@register.simple_tag
def lang(code: str) -> SafeString:
    """The ``lang`` attribute of a quoted text, where its language is known."""
    return format_html(' lang="{}"', code) if code else mark_safe("")


@register.filter
def page_words(page: str) -> str:
    """Where it stands: a page by its number, anything else ("item 4") as it was written."""
    return _("p. %(page)s") % {"page": page} if page[:1].isdecimal() else page


@register.filter
def size(document: Document) -> str:
    return filesizeformat(document.size)


@register.filter
def short_digest(digest: str) -> str:
    """The first sixteen digits, in groups of four: enough to tell two apart on a page, not to prove anything."""
    digits = digest.removeprefix("sha256:")[:16]
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))
