"""How numbers of a sheet are shown: with their qualifier, unit, source and status, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy

from casework.documents.models import Standing, Unit
from casework.figures.drawing import COLUMNS
from casework.figures.measures import Measure
from casework.figures.models import Column, State
from casework.figures.words import QUALIFIERS, thousands
from casework.parties.templatetags.face import state

register = template.Library()

STATES = {
    State.DRAFT: "candidate",
    State.PUBLISHED: "exact",
    State.SUPERSEDED: "excluded",
    State.WITHDRAWN: "contested",
}
CLAIM_STATES = {"provisional": "candidate", "final": "exact", "superseded": "excluded", "disputed": "contested"}


@register.filter
def both(text: Mapping[str, str]) -> str:
    """A text kept in both languages, in the reader's; in the other where it has none."""
    language = "ko" if get_language() == "ko" else "en"
    return text.get(language) or text.get("en") or ""


@register.filter
def number(cell: Mapping[str, Any]) -> str:
    """A number with what its source says about its exactness: about 5,300; more than 440."""
    return str(QUALIFIERS[cell["qualifier"]]).format(number=thousands(cell["value"]))


@register.filter
def unit(cell: Mapping[str, Any]) -> str:
    """What a number counts; in the source's own words where it is none of the units we name."""
    return str(cell["scope"] if cell["unit"] == Unit.OTHER else Unit(cell["unit"]).label)


@register.filter
def shared_claim(content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A cell that speaks for all, where every number of a sheet is one claimant's claim from one source."""
    rows = [cells for stream in content["streams"] for cells in stream["cells"].values()]
    every = [*content["headlines"], *(cell for cells in rows for cell in cells)]
    one = every[0] if every else {}
    alike = all(
        cell.get("claimant") == one.get("claimant") and cell.get("source") == one.get("source") for cell in every
    )
    return one if alike and one.get("from") == "claim" else None


@register.simple_tag
def columns() -> tuple[str, ...]:
    return tuple(column.value for column in COLUMNS)


@register.filter
def source(cell: Mapping[str, Any]) -> str:
    """Where a claim stands: title, publisher, date, page."""
    where = cell["source"]
    return ", ".join(where[part] for part in ("title", "publisher", "dated", "page") if where.get(part))


@register.filter
def column_title(code: str) -> str:
    return str(Column(code).label)


@register.filter
def measured(code: str) -> str:
    """What a counted number counts."""
    return str(Measure(code).label)


@register.simple_tag
def revision_state(code: str) -> SafeString:
    return state(STATES[State(code)], str(State(code).label))


@register.simple_tag
def claim_state(code: str) -> SafeString:
    return state(CLAIM_STATES[code], str(Standing(code).label))


@register.filter
def in_fours(digest: str) -> SafeString:
    """A digest in groups of four, as it is read aloud."""
    name, _colon, digits = digest.rpartition(":")
    groups = " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))
    return format_html('<span class="digest">{} {}</span>', f"{name}:", groups)


WHERE = {"claim": gettext_lazy("claim"), "records": gettext_lazy("counted")}


@register.filter
def where_from(cell: Mapping[str, Any]) -> str:
    return str(WHERE[cell["from"]])
