"""How the search is shown: states, lives, shapes, and a sentence that says the answer first."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import shapely
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.operations.models import Operation, Search, Site
from casework.parties.templatetags.face import state

register = template.Library()

# The states of the face; a new state of ours is mapped on one of them.
SITES = {
    Site.Status.LEAD: "missing",
    Site.Status.INVESTIGATED: "missing",
    Site.Status.NOMINATED: "candidate",
    Site.Status.APPROVED: "certified",
    Site.Status.OPEN: "sampled",
    Site.Status.CLOSED: "exact",
    Site.Status.ABANDONED: "excluded",
}
OPERATIONS = {
    Operation.State.PLANNED: "missing",
    Operation.State.AGREED: "candidate",
    Operation.State.DEPLOYED: "sampled",
    Operation.State.COMPLETED: "certified",
    Operation.State.REPORTED: "exact",
    Operation.State.SUSPENDED: "contested",
    Operation.State.CANCELLED: "excluded",
}
LIFE = (
    Site.Status.LEAD,
    Site.Status.INVESTIGATED,
    Site.Status.NOMINATED,
    Site.Status.APPROVED,
    Site.Status.OPEN,
    Site.Status.CLOSED,
)


@register.simple_tag
def site_state(site: Site) -> SafeString:
    return state(SITES[Site.Status(site.status)], str(site.get_status_display()))


@register.simple_tag
def operation_state(operation: Operation) -> SafeString:
    return state(OPERATIONS[Operation.State(operation.state)], str(operation.get_state_display()))


@register.simple_tag
def site_steps(site: Site) -> SafeString:
    """The life of a site: what is past, where it stands, what is to come."""
    steps = LIFE if site.status in LIFE else (*LIFE[:1], Site.Status.ABANDONED)
    at = steps.index(Site.Status(site.status))
    marks = [
        (' class="done"' if k < at else ' aria-current="step"' if k == at else "", step.label)
        for k, step in enumerate(steps)
    ]
    items = format_html_join("", "<li{}>{}</li>", ((SafeString(mark), label) for mark, label in marks))
    return format_html('<ol class="steps">{}</ol>', items)


@register.filter
def shape_words(thing: Any) -> str:
    """A drawn shape in words: its kind and its middle."""
    shape = shapely.from_wkt(thing.geometry)
    middle = shape.centroid
    kinds = {"LineString": _("line"), "MultiLineString": _("line"), "Point": _("point")}
    kind = kinds.get(shape.geom_type, _("area"))
    return f"{kind}, {middle.y:.3f}° N, {middle.x:.3f}° E"


@register.simple_tag
def site_lead(site: Site, searches: Collection[Search]) -> str:
    """One sentence: what was done here, and what it gave."""
    if not searches:
        return _("Nobody has searched here yet, as far as is on record.")
    found = sum(one.outcome == Search.Outcome.REMAINS for one in searches)
    done = ngettext("Searched once", "Searched %(times)d times", len(searches)) % {"times": len(searches)}
    gave = ngettext("remains were found once", "remains were found %(found)d times", found) % {"found": found}
    return f"{done}; {gave if found else _('nothing was found')}."


@register.simple_tag
def operation_lead(operation: Operation) -> str:
    """One sentence: how long, with how many people of each side."""
    days = ngettext("One day", "%(days)d days", operation.days) % {"days": operation.days}
    own = ngettext("one person of ours", "%(people)d people of ours", operation.people_own) % {
        "people": operation.people_own
    }
    if operation.people_other is None:
        return f"{days}, {own}."
    other = ngettext("one of the other side", "%(people)d of the other side", operation.people_other) % {
        "people": operation.people_other
    }
    return f"{days}, {own}, {other}."
