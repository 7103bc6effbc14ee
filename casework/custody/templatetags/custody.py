"""States, weights and times as custody shows them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from casework.custody.life import ItemState, State
from casework.custody.models import Container, Item, ManifestLine, StockLine, TransferState
from casework.custody.words import RULES, kind_word

register = template.Library()

# Each state on one of the eight shapes of the face.
SHAPES = {
    State.ISSUED: "sampled",
    State.PACKED: "certified",
    State.SEALED: "sealed",
    State.IN_TRANSIT: "candidate",
    State.RECEIVED: "exact",
    State.OPENED: "certified",
    State.RETURNED: "excluded",
    State.UNRETURNED: "contested",
    State.LOST: "missing",
    ItemState.HELD: "exact",
    ItemState.SPLIT: "excluded",
    ItemState.MERGED: "excluded",
    ItemState.CONSUMED: "excluded",
    ItemState.TRANSFERRED: "candidate",
    ItemState.RETURNED: "candidate",
    ItemState.RELEASED: "sealed",
    StockLine.Result.PRESENT: "exact",
    StockLine.Result.MISSING: "missing",
    StockLine.Result.UNEXPECTED: "candidate",
    StockLine.Result.WRONG_PLACE: "certified",
    StockLine.Result.SEAL_DIFFERS: "contested",
}


@register.simple_tag
def life(thing: Container | Item) -> SafeString:
    """The state of a container or an item: its shape, then its word."""
    if thing.voided_at:
        return format_html('<span class="state" data-state="excluded">{}</span>', _("voided"))
    return shaped(thing.state, str(thing.get_state_display()))


@register.simple_tag
def shaped(state: str, words: str) -> SafeString:
    shape = {str(code): shape for code, shape in SHAPES.items()}.get(state, "candidate")
    return format_html('<span class="state" data-state="{}">{}</span>', shape, words)


@register.simple_tag
def result(line: StockLine) -> SafeString:
    """The result of a line of a stock-taking."""
    if not line.result:
        return format_html('<span class="quiet">{}</span>', _("not found yet"))
    return shaped(line.result, str(line.get_result_display()))


@register.filter
def grams(weight_g: int | None) -> str:
    """A weight in whole grams, its thousands apart."""
    return "" if weight_g is None else f"{weight_g:,}"


@register.simple_tag
def both_times(at: datetime | None, zone: str = "UTC") -> SafeString | str:
    """The local time of the place and, where it is another, UTC beside."""
    if at is None:
        return ""
    there, utc = (f"{at.astimezone(ZoneInfo(name)):%Y-%m-%d %H:%M}" for name in (zone, "UTC"))
    if zone == "UTC":
        return format_html('<time datetime="{}">{}</time> UTC', at.isoformat(), utc)
    return format_html('<time datetime="{}">{}</time> {} (<time>{}</time> UTC)', at.isoformat(), there, zone, utc)


TRANSFER_SHAPES = {
    TransferState.DRAFT: "sampled",
    TransferState.PROPOSED: "candidate",
    TransferState.MANIFEST_AGREED: "certified",
    TransferState.SEALED: "sealed",
    TransferState.HANDED_OVER: "candidate",
    TransferState.RECEIVED: "exact",
    TransferState.RECEIVED_WITH_RESERVATIONS: "contested",
    TransferState.INSPECTED_JOINTLY: "certified",
    TransferState.INSPECTED_ALONE: "candidate",
    TransferState.DISCREPANCY_OPEN: "contested",
    TransferState.RECONCILED: "exact",
    TransferState.CLOSED: "sealed",
    TransferState.REFUSED: "excluded",
    TransferState.ABORTED: "excluded",
}


@register.simple_tag
def transfer_state(state: str) -> SafeString:
    """The state of a transfer: its shape, then its word."""
    known = TransferState(state)
    return format_html('<span class="state" data-state="{}">{}</span>', TRANSFER_SHAPES[known], known.label)


@register.filter
def kind(code: str) -> str:
    """What a kind of statement is called."""
    return kind_word(code)


@register.filter
def rule(code: str) -> str:
    """Why a statement does not fit those before it."""
    return str(RULES.get(code, code))


@register.filter
def content(code: str) -> str:
    return str(ManifestLine.Content(code).label) if code in ManifestLine.Content.values else code


@register.filter
def of(names: Mapping[str, str], code: str) -> str:
    return names.get(code, code)
