"""Pages of the search: leads, sites, what was done at each, joint operations."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render

from casework.frame import additions
from casework.journal.queries import history
from casework.operations import queries
from casework.operations.forms import AccountFilter, LeadFilter, SiteFilter
from casework.operations.life import NEXT_OF_OPERATION, NEXT_OF_SITE
from casework.parties.request import Request

PAGE = 100


def sites(request: Request) -> HttpResponse:
    by = request.member
    found = queries.sites(by=by).select_related("holder")
    form = SiteFilter(request.GET, by=by)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    if text := asked.get("text", "").strip():
        found = found.filter(Q(site_id__icontains=text) | Q(name__icontains=text))
    if asked.get("status"):
        found = found.filter(status=asked["status"])
    if asked.get("region"):
        found = found.filter(region=asked["region"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    searches = queries.searches_by_site(list(page), by=by)
    rows = [(one, searches.get((one.holder_id, one.site_id), [])) for one in page]
    context = {"form": form, "page": page, "rows": rows, "asked": asked, "regions": _regions(request)}
    return render(request, "operations/sites.html", context)


def site(request: Request, site_id: str) -> HttpResponse:
    by = request.member
    one = queries.site(site_id, by=by)
    own = one.holder_id == by.party_id
    return render(
        request,
        "operations/site.html",
        {
            "site": one,
            "own": own,
            "region": _regions(request).get(one.region, one.region),
            "next": NEXT_OF_SITE[one.status] if own else (),
            "approvals": one.approvals.select_related("party"),
            "searches": queries.searches_of(one, by=by),
            "units": queries.units_of(one, by=by),
            "operations": queries.operations(by=by).filter(sites=one),
            "leads": queries.leads_about(one.site_id, by=by) if own else [],
            "sections": additions("operations.site", request, one),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def leads(request: Request) -> HttpResponse:
    by = request.member
    found = queries.leads(by=by)
    form = LeadFilter(request.GET)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    if text := asked.get("text", "").strip():
        found = found.filter(Q(lead_id__icontains=text) | Q(about__icontains=text) | Q(text__icontains=text))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "operations/leads.html", {"form": form, "page": page, "asked": asked})


def accounts(request: Request) -> HttpResponse:
    found = queries.accounts(by=request.member)
    form = AccountFilter(request.GET)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    if text := asked.get("text", "").strip():
        found = found.filter(Q(scenario_id__icontains=text) | Q(about__icontains=text) | Q(source_id__icontains=text))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "operations/accounts.html", {"form": form, "page": page, "asked": asked})


def lead(request: Request, lead_id: str) -> HttpResponse:
    by = request.member
    one = queries.lead(lead_id, by=by)
    source = queries.sources(by=by).filter(source_id=one.source_id).first() if one.source_id else None
    past = history(one.journal_name, party=by.party_code)[:20]
    return render(request, "operations/lead.html", {"lead": one, "source": source, "history": past})


def operations(request: Request) -> HttpResponse:
    found = queries.operations(by=request.member).prefetch_related("sites")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "operations/operations.html", {"page": page})


def operation(request: Request, number: str) -> HttpResponse:
    by = request.member
    one = queries.operation(number, by=by)
    own = one.holder_id == by.party_id
    return render(
        request,
        "operations/operation.html",
        {
            "operation": one,
            "own": own,
            "next": NEXT_OF_OPERATION[one.state] if own else (),
            "sites": one.sites.all(),
            "units": one.units.select_related("site"),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def _regions(request: Request) -> dict[str, str]:
    return {one.region_id: str(one) for one in queries.regions(by=request.member)}
