"""Words that stand with a number wherever it is shown: on a page, in a PDF, in a sentence."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

QUALIFIERS = {
    "exact": "{number}",
    "about": _("about {number}"),
    "more_than": _("more than {number}"),
    "at_least": _("at least {number}"),
    "up_to": _("up to {number}"),
}


def thousands(value: object) -> str:
    """A count with its thousands parted; any other text as it is.

    >>> thousands(7699), thousands("7544"), thousands("none")
    ('7,699', '7,544', 'none')
    """
    text = str(value)
    return f"{int(text):,}" if text.lstrip("-").isdigit() else text
