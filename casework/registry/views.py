"""Pages of the missing, their families and the incidents."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from casework.frame import additions
from casework.journal.queries import history
from casework.parties.request import Request
from casework.registry import actions, queries
from casework.registry.forms import FamilyFilter, IncidentFilter, PersonFilter
from casework.registry.models import Family
from homeward.programme import Pedigree
from homeward.reports.pedigree import pedigree_key, pedigree_svg

PAGE = 50


def persons(request: Request) -> HttpResponse:
    by = request.member
    found = queries.persons(by=by).select_related("holder")
    form = PersonFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    if asked.get("status"):
        found = found.filter(status=asked["status"])
    if asked.get("incident"):
        found = found.filter(incident_id=asked["incident"])
    if asked.get("text"):
        found = queries.found(found, asked["text"], by=by)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "registry/persons.html", {"form": form, "page": page, "asked": asked})


def person(request: Request, person_id: str) -> HttpResponse:
    by = request.member
    one = queries.person(person_id, by=by)
    family = queries.family_of(one, by=by)
    incident = queries.incidents(by=by).filter(incident_id=one.incident_id, holder=one.holder_id).first()
    return render(
        request,
        "registry/person.html",
        {
            "person": one,
            "own": one.holder_id == by.party_id,
            "incident": incident if one.incident_id else None,
            "family": family,
            "sections": additions("registry.person", request, one),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def families(request: Request) -> HttpResponse:
    by = request.member
    found = queries.families(by=by)
    form = FamilyFilter(request.GET)
    text = form.cleaned_data["text"].strip() if form.is_valid() else ""
    if text:
        numbers = Q(family_id__icontains=text)
        numbers |= Q(members__member_id__icontains=text) | Q(members__person_id__icontains=text)
        found = found.filter(pk__in=found.filter(numbers).order_by().values("pk"))
    page = Paginator(queries.with_sizes(found), PAGE).get_page(request.GET.get("page"))
    return render(request, "registry/families.html", {"form": form, "page": page, "text": text})


def family(request: Request, family_id: str) -> HttpResponse:
    by = request.member
    one = queries.family(family_id, by=by)
    pedigree = actions.look_at_family(by=by, family=one)
    missing = [member.person_id for member in pedigree.missing]
    return render(
        request,
        "registry/family.html",
        {
            "family": one,
            "pedigree": pedigree,
            "missing": queries.names_of(missing, by=by),
            "drawing": drawing(pedigree, typed=typed_members(request, one)),
            "sections": additions("registry.family", request, pedigree),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def typed_members(request: Request, family: Family) -> set[str]:
    """Members of whom a profile exists, as a higher app tells it."""
    return {member_id for answer in additions("registry.family.typed", request, family) for member_id in answer}


def drawing(pedigree: Pedigree, *, typed: set[str]) -> SafeString:
    """The pedigree as the reports draw it."""
    language = get_language() or "en"
    chart = pedigree_svg(pedigree, typed=typed, language=language)
    key = pedigree_key(pedigree, typed=typed, language=language)
    return format_html('<div class="scroll">{}</div>{}', mark_safe(chart), mark_safe(key))


def incidents(request: Request) -> HttpResponse:
    by = request.member
    found = queries.incidents(by=by)
    form = IncidentFilter(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    if asked.get("kind"):
        found = found.filter(kind=asked["kind"])
    if asked.get("text"):
        found = found.filter(Q(name__icontains=asked["text"]) | Q(incident_id__icontains=asked["text"]))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    counts = queries.lost_by_incident(queries.persons(by=by).filter(incident_id__in=[one.incident_id for one in page]))
    nobody = {"lost": 0, "unaccounted": 0}
    rows = [(one, counts.get((one.holder_id, one.incident_id), nobody)) for one in page]
    return render(request, "registry/incidents.html", {"form": form, "page": page, "rows": rows})


def incident(request: Request, incident_id: str) -> HttpResponse:
    by = request.member
    one = queries.incident(incident_id, by=by)
    lost = queries.persons(by=by).filter(holder=one.holder_id, incident_id=one.incident_id)
    counts = queries.lost_by_incident(lost)
    return render(
        request,
        "registry/incident.html",
        {
            "incident": one,
            "counts": next(iter(counts.values()), {"lost": 0, "unaccounted": 0}),
            "page": Paginator(lost.select_related("holder"), PAGE).get_page(request.GET.get("page")),
            "sections": additions("registry.incident", request, one),
        },
    )
