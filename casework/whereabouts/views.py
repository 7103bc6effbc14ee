"""Pages of the map, of where one person may lie, and of a season's plan."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from casework.documents.acting import Act, asked
from casework.parties.request import Request
from casework.registry import queries as registry
from casework.runs.models import Run
from casework.whereabouts import actions, layers, queries
from casework.whereabouts.forms import MapFilter, PlanForm
from casework.whereabouts.held import Held

SITES = 40


def map_page(request: Request) -> HttpResponse:
    """The map of everyone or of an incident, and the sites where most are expected."""
    by = request.member
    found = queries.believed(by=by)
    form = MapFilter(request.GET, held=found)
    incident = form.cleaned_data["incident"] if form.is_valid() else ""
    worth = queries.worth_of(found, incident)
    run = queries.standing_plan(by=by)
    dug = queries.dug(run)
    there = dict(zip(found.grounds, found.state.expected(list(found.grounds.values()), worth).tolist(), strict=True))
    own = sorted(queries.own_sites(by=by), key=lambda site: -there.get(site.site_id, -1.0))
    rows = [(site, there.get(site.site_id), dug.get(site.site_id)) for site in own[:SITES]]
    context = {
        "form": form,
        "incident": incident,
        "data": f"{reverse('whereabouts:layers')}?incident={incident}",
        "rows": rows,
        "more": max(0, len(own) - SITES),
        "people": int(worth.sum()),
        "expected": float(found.state.value(worth).sum()),
        "searches": len(found.state.log.facts),
        "run": run,
    }
    return render(request, "whereabouts/map.html", context)


def layers_json(request: Request) -> JsonResponse:
    """What the map draws."""
    by = request.member
    found = queries.believed(by=by)
    form = MapFilter(request.GET, held=found)
    incident = form.cleaned_data["incident"] if form.is_valid() else ""
    blocks = layers.blocks_of_everyone(found, queries.worth_of(found, incident))
    run = queries.plan(form.cleaned_data["plan"], by=by) if form.is_valid() and form.cleaned_data["plan"] else None
    return _drawn(request, found, blocks, run)


def tile(request: Request, z: int, x: int, y: int) -> FileResponse:
    """A tile of a region's own map, if this installation holds one: ``tiles/z/x/y.png`` beside its database."""
    request.member.require("see maps")
    path = queries.tiles() / str(z) / str(x) / f"{y}.png"
    if not path.is_file():
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


def person(request: Request, person_id: str) -> HttpResponse:
    """Where one person may lie: his accounts, his regions, and what moved them."""
    by = request.member
    by.require("see maps")
    one = registry.person(person_id, by=by)
    found, row = actions.look_at_belief(by=by, person=one)
    names = {site.site_id: str(site) for site in queries.own_sites(by=by)}
    there = queries.on_map(found, row)
    context = {
        "person": one,
        "data": reverse("whereabouts:person_layers", args=[person_id]),
        "there": there,
        "elsewhere": max(0.0, 1.0 - there),
        "ways": queries.ways_of(found, row, by=by),
        "areas": [(f"{100 * share:.0f}%", area) for share, area in layers.areas_of_one(found, row).items()],
        "sites": [(site_id, names.get(site_id, site_id), chance) for site_id, chance in queries.sites_of(found, row)],
        "moved": queries.moved_by(found, row),
    }
    return render(request, "whereabouts/person.html", context)


def person_layers(request: Request, person_id: str) -> JsonResponse:
    """What the map of one person draws."""
    by = request.member
    by.require("see maps")
    one = registry.person(person_id, by=by)
    found, row = actions.look_at_belief(by=by, person=one)
    return _drawn(request, found, layers.blocks_of_one(found, row))


def _drawn(request: Request, found: Held, blocks: list[list[Any]], run: Run | None = None) -> JsonResponse:
    """Land, belief, sites, searches, and a plan: the one asked for, else the one that stands."""
    by = request.member
    dug = queries.dug(run or queries.standing_plan(by=by))
    told = {
        "land": layers.land(found),
        "blocks": blocks,
        "sites": list(layers.sites_on_map(found, list(queries.own_sites(by=by)), dug)),
        "searched": list(layers.searched_on_map(found)),
        "tiles": queries.tiled_until(),
    }
    return JsonResponse(told, headers={"Cache-Control": "no-store"})


def plans(request: Request) -> HttpResponse:
    page = Paginator(queries.plans(by=request.member), 50).get_page(request.GET.get("page"))
    return render(request, "whereabouts/plans.html", {"page": page})


def plan(request: Request, number: int) -> HttpResponse:
    """A season's plan: what to dig, what that brings, and what no plan can exceed."""
    by = request.member
    run = queries.plan(number, by=by)
    context: dict[str, Any] = {"run": run}
    if run.has_result:
        told = queries.told(run)
        names = {site.site_id: str(site) for site in queries.own_sites(by=by)}
        context |= {
            "told": told,
            "reliability": queries.reliability(run),
            "sites": [(one, names.get(one["site_id"], one["site_id"])) for one in told["sites"]],
            "left": [(one, names.get(one["site_id"], one["site_id"])) for one in told["left"]],
            "data": f"{reverse('whereabouts:layers')}?plan={number}",
        }
    return render(request, "whereabouts/plan.html", context)


def ask_plan(request: Request) -> HttpResponse:
    by = request.member
    by.require("ask for plans")

    def do(given: dict[str, Any]) -> str:
        run = actions.ask_plan(
            by=by,
            budget=given["budget"],
            crews=given["crews"],
            season=given["season"],
            weighed=given["weighed"],
            language=get_language() or "en",
        )
        return reverse("runs:run", args=[run.pk])

    words = Act(
        title=_("Ask for a season’s plan"),
        button=_("Ask for the plan"),
        lead=_("Which sites to dig, how long, by which crew and when, so that as many as possible can be named."),
        trail=[(_("Season plans"), reverse("whereabouts:plans"))],
    )
    return asked(request, PlanForm(request.POST or None, by=by), do, words)
