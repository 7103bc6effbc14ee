"""What the search adds to the pages of persons and of sites."""

from __future__ import annotations

from django.template.loader import render_to_string

from casework.operations.models import Site
from casework.parties.refusal import Refused
from casework.parties.request import Request
from casework.registry.models import MissingPerson
from casework.whereabouts import queries


def of_person(request: Request, person: MissingPerson) -> str:
    """A way to where he may lie."""
    if not request.member.may("see maps") or person.holder_id != request.member.party_id:
        return ""
    return render_to_string("whereabouts/parts/of_person.html", {"person": person}, request)


def of_site(request: Request, site: Site) -> str:
    """How many of the missing are expected at a site, and who."""
    by = request.member
    if not by.may("see maps") or site.holder_id != by.party_id:
        return ""
    try:
        found = queries.believed(by=by)
    except Refused:
        return ""
    expected = found.expected.get(site.site_id)
    if expected is None:
        return ""
    likeliest = queries.likeliest_here(found, site.site_id) if by.may("see missing persons") else []
    context = {"site": site, "expected": expected, "likeliest": likeliest}
    return render_to_string("whereabouts/parts/of_site.html", context, request)
