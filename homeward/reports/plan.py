"""The files of ``homeward plan``: the season for people, for other programs, for a receiver in the field."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from homeward.formats.geofiles import Marked, write_geojson, write_gpx
from homeward.geography.grid import Grid
from homeward.geography.theatre import Theatre
from homeward.planning.fieldplan import ASKED, LIKELY, Dig, FieldPlan, Outcome
from homeward.planning.reliability import SHARES, Learned
from homeward.planning.windows import Reason
from homeward.programme import Programme, SiteStatus
from homeward.provenance import Provenance
from homeward.reports.files import appearing_whole, refuse_to_overwrite, shortest, write_rows
from homeward.reports.html import environment
from homeward.reports.language import translations
from homeward.reports.maps import Mark, around, drawn_alike, key_svg, levels_of, map_svg, whole
from homeward.reports.planfigures import Spell, curve_svg, schedule_svg
from homeward.reports.words import name_words
from homeward.search.experience import base_rates

FILES = ("plan.json", "plan.csv", "plan.gpx", "plan.geojson", "report.html")
SHOWN = 60  # sites not dug that have a row on the page; every one is in plan.json
REGION_MAPS = 12
Floats = npt.NDArray[np.float64]


def refuse_place(out: Path, *, replace: bool) -> None:
    """Refuse a place that holds anything but an earlier plan, or holds one and ``replace`` is False.

    Raises
    ------
    WouldOverwrite
    """
    refuse_to_overwrite(out, replace=replace, verb="plan", names=FILES, told="plan.json")


def write_plan(
    plan: FieldPlan,
    programme: Programme,
    ground: tuple[Grid, Theatre],
    provenance: Provenance,
    out: Path,
    *,
    language: str = "en",
    replace: bool = False,
    reliability: Learned | None = None,
) -> None:
    """Write the plan into the directory ``out``: whole, or not at all; with what was learned of sources, if it was.

    Raises
    ------
    WouldOverwrite
        See :func:`refuse_place`.
    """
    translations(language)
    refuse_place(out, replace=replace)
    with appearing_whole(out) as place:
        told = json.dumps(plan_told(plan, provenance), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        (place / "plan.json").write_text(told, encoding="utf-8", newline="\n")
        write_rows(place / "plan.csv", _COLUMNS, _rows(plan))
        if reliability is not None:
            write_rows(place / "reliability.csv", _RELIABILITY, _weighed(reliability))
        write_gpx(_waypoints(plan), place / "plan.gpx", name=programme.settings.name)
        write_geojson(_features(plan), place / "plan.geojson")
        page = plan_html(plan, programme, ground, provenance, language=language)
        (place / "report.html").write_text(page, encoding="utf-8", newline="\n")
        refuse_place(out, replace=replace)


# --- for other programs ---

_COLUMNS = (
    "number",
    "site_id",
    "name",
    "region",
    "lat",
    "lon",
    "crew",
    "starts",
    "ends",
    "effort",
    "cost",
    "detection",
    "bodies",
    "value",
    "expected_bodies",
    "expected_identifications",
    "marginal",
    "reason",
)


_RELIABILITY = ("kind", "accounts", "prior_mean", "mean", "low", "high", "as_stated")


def _weighed(learned: Learned) -> Iterator[tuple[str, ...]]:
    """Of each kind of source, of all together and of searching: the share that is not so, its prior beside it."""
    for one in (learned.everyone, *learned.sources, learned.searching):
        low, high = one.interval
        numbers = (float(one.prior @ SHARES), one.mean, low, high, one.as_stated)
        yield (one.kind, str(one.accounts), *(f"{number:.6g}" for number in numbers))


def _rows(plan: FieldPlan) -> Iterator[tuple[str, ...]]:
    for number, dig in enumerate(plan.digs, start=1):
        place = (dig.site.site_id, dig.site.name, dig.site.region, shortest(dig.lat), shortest(dig.lon))
        when = (str(dig.crew), dig.starts.isoformat(), dig.ends.isoformat())
        numbers = (dig.effort, dig.cost, dig.detection, dig.bodies, dig.value)
        expected = (dig.expected_bodies, dig.expected_identifications, dig.marginal)
        yield (str(number), *place, *when, *map(shortest, numbers), *map(shortest, expected), "")
    for left in plan.left:
        where = ("", "") if left.lat is None or left.lon is None else (shortest(left.lat), shortest(left.lon))
        known = ("", left.site.site_id, left.site.name, left.site.region, *where)
        yield (*known, *[""] * 6, shortest(left.bodies), shortest(left.value), "", "", "", left.reason.value)


def plan_told(plan: FieldPlan, provenance: Provenance) -> dict[str, Any]:
    """What ``plan.json`` says; names are stable."""
    return {
        "provenance": provenance.as_dict(),
        "season": {
            "budget": plan.season.budget,
            "crews": plan.season.crews,
            "starts": plan.season.starts.isoformat(),
            "days": plan.season.days,
        },
        "assumed": asdict(plan.assumed),
        "cost": plan.cost,
        "mobilisation": plan.mobilisation,
        "regions": list(plan.regions),
        "expected_bodies": plan.expected_bodies,
        "expected_identifications": plan.expected_identifications,
        "bound": plan.bound,
        "gap": plan.gap,
        "believed": plan.believed,
        "elsewhere": plan.elsewhere,
        "sites": [_told(number, dig) for number, dig in enumerate(plan.digs, start=1)],
        "left": [
            {
                "site_id": left.site.site_id,
                "region": left.site.region,
                "bodies": left.bodies,
                "value": left.value,
                "reason": left.reason.value,
            }
            for left in plan.left
        ],
        "budgets": [asdict(one) for one in plan.curve],
        "without_site": [asdict(one) for one in plan.permits],
        "ways": [asdict(one) for one in plan.ways],
        "overlapping": [list(pair) for pair in plan.overlapping],
        "sites_with_remains_expected": plan.finding,
        "beyond_experience": plan.beyond,
    }


def _told(number: int, dig: Dig) -> dict[str, Any]:
    names = ("lat", "lon", "crew", "effort", "cost", "detection", "bodies", "something", "value", "expected_bodies")
    return {
        "number": number,
        "site_id": dig.site.site_id,
        "region": dig.site.region,
        "status": dig.site.status.value,
        "starts": dig.starts.isoformat(),
        "ends": dig.ends.isoformat(),
        **{name: getattr(dig, name) for name in names},
        "expected_identifications": dig.expected_identifications,
        "marginal": dig.marginal,
        "who": dict(dig.who),
        "likely": dig.likely,
        "incidents": dict(dig.incidents),
    }


def _waypoints(plan: FieldPlan) -> list[Marked]:
    """The sites of the plan by number, for a receiver."""
    return [
        Marked(
            name=f"{number} {dig.site.site_id}",
            ground=dig.site.ground,
            says=f"{dig.site.name}; {dig.starts.isoformat()} - {dig.ends.isoformat()}; effort {dig.effort:.1f}",
        )
        for number, dig in enumerate(plan.digs, start=1)
        if dig.site.ground is not None
    ]


def _features(plan: FieldPlan) -> list[Marked]:
    """The sites of the plan, then the others with the reason why not."""
    dug = [
        Marked(name=dig.site.name or dig.site.site_id, ground=dig.site.ground, properties=_told(number, dig))
        for number, dig in enumerate(plan.digs, start=1)
        if dig.site.ground is not None
    ]
    others = [
        Marked(
            name=left.site.name or left.site.site_id,
            ground=left.site.ground,
            properties={"site_id": left.site.site_id, "reason": left.reason.value, "bodies": left.bodies},
        )
        for left in plan.left
        if left.site.ground is not None
    ]
    return dug + others


# --- for people ---


def plan_html(
    plan: FieldPlan,
    programme: Programme,
    ground: tuple[Grid, Theatre],
    provenance: Provenance,
    *,
    language: str = "en",
) -> str:
    """Write the page: maps, the plan, who digs when, other budgets, lost permits, what is not dug and why."""
    names = {region.region_id: region.name or region.region_id for region in programme.regions} | {"": "–"}
    page: str = (
        environment(language)
        .get_template("plan.html")
        .render(
            name=programme.settings.name,
            plan=plan,
            region_names=names,
            warnings=_warnings(plan, language),
            whole=_whole_map(plan, programme, ground, language),
            regions=list(_region_maps(plan, ground, names, language)),
            key=key_svg(_near(plan, ground[0]), language),
            likely=LIKELY,
            not_approved={d.site.site_id for d in plan.digs if d.site.status not in _AGREED},
            incident_names={one.incident_id: one.name or one.incident_id for one in programme.incidents},
            who=lambda person_id: f"{person_id} {name_words(programme.people.get(person_id))}".rstrip(),
            bodies_there=sum(dig.bodies for dig in plan.digs),
            schedule=_schedule(plan, language),
            curve=_curve(plan, language),
            outcomes=list(_outcomes(plan, language)),
            permits=sorted(plan.permits, key=lambda one: (one.expected_identifications, one.about)),
            left=[(one, reason_words(one.reason, language)) for one in plan.left[:SHOWN]],
            more=max(0, len(plan.left) - SHOWN),
            rates=base_rates(),
            provenance=provenance,
        )
    )
    return page


_AGREED = (SiteStatus.APPROVED, SiteStatus.OPEN)


def reason_words(reason: Reason, language: str = "en") -> str:
    """Why a site is not dug, as a sentence."""
    _ = translations(language).gettext
    words = {
        Reason.DONE: _("closed or abandoned"),
        Reason.NO_GROUND: _("nobody has said where it is"),
        Reason.NO_PERMIT: _("no permit in this season"),
        Reason.NO_WEATHER: _("its region is closed throughout the season"),
        Reason.NO_BELIEF: _("nobody who could be named is believed to lie there"),
        Reason.NO_TIME: _("its days or those of the crews do not suffice"),
        Reason.REGION: _("all that its region would bring is not worth going there"),
        Reason.TOO_DEAR: _("other sites bring more for the same cost"),
    }
    return words[reason]


def way_words(about: str, language: str = "en") -> str:
    """A way of choosing sites."""
    _ = translations(language).gettext
    words = {"as-listed": _("sites as they are listed"), "biggest-first": _("most missing expected first")}
    return words.get(about, about)


def _warnings(plan: FieldPlan, language: str) -> list[str]:
    _ = translations(language).gettext
    told = []
    if plan.beyond and plan.finding is not None:
        told.append(
            _(
                "The plan expects remains on %(share)s%% of its sites outside cemeteries. No programme known to us has "
                "found them on more than 40%%: the accounts are trusted too much, or the sites are drawn too large."
            )
            % {"share": f"{100 * plan.finding:.0f}"}
        )
    return told + [
        _("Sites %(one)s and %(other)s share ground: what lies there is counted at both.")
        % {"one": one, "other": other}
        for one, other in plan.overlapping
        if {one, other} <= {dig.site.site_id for dig in plan.digs}
    ]


def _outcomes(plan: FieldPlan, language: str) -> Iterator[tuple[str, Outcome]]:
    _ = translations(language).gettext
    of = {one.about: one for one in plan.curve}
    yield _("this plan"), of["1"]
    for one in plan.ways:
        yield way_words(one.about, language), one
    for times in ASKED:
        yield _("%(share)s%% of the budget") % {"share": f"{100 * times:g}"}, of[f"{times:g}"]


def _curve(plan: FieldPlan, language: str) -> str:
    points = [(one.budget, one.expected_identifications, one.bound or 0.0) for one in plan.curve]
    ways = [(way_words(one.about, language), one.budget, one.expected_identifications) for one in plan.ways]
    return curve_svg(points, plan.season.budget, ways, language)


def _schedule(plan: FieldPlan, language: str) -> str:
    spells = [
        Spell(crew=dig.crew, number=str(number), first=dig.first, last=dig.last)
        for number, dig in enumerate(plan.digs, start=1)
    ]
    return schedule_svg(spells, plan.season.starts, plan.season.days, plan.season.crews, language)


# --- maps ---


def _whole_map(plan: FieldPlan, programme: Programme, ground: tuple[Grid, Theatre], language: str) -> str:
    _ = translations(language).gettext
    grid, theatre = ground
    bases = [
        Mark(region.base.lat, region.base.lon, region.name or region.region_id, "base")
        for region in programme.regions
        if region.base is not None
    ]
    marks = [*bases, *_marks(plan)]
    window = whole(grid, plan.bodies_map, marks, width=900, tallest=820)
    levels = levels_of(grid, plan.bodies_map, drawn_alike(grid, window))
    title = _("Where the missing are believed to lie, and the sites of the plan")
    rings = _rings(theatre)
    return map_svg(grid, plan.bodies_map, rings, marks, window, title=title, levels=levels, key=True, language=language)


def _region_maps(
    plan: FieldPlan, ground: tuple[Grid, Theatre], names: Mapping[str, str], language: str
) -> Iterator[tuple[str, str]]:
    """A closer look at each region where something is dug."""
    grid, theatre = ground
    marks, rings, levels = _marks(plan), _rings(theatre), _near(plan, grid)
    for region in plan.regions[:REGION_MAPS]:
        here = [dig for dig in plan.digs if dig.site.region == region]
        x, y = grid.project(np.array([dig.lat for dig in here]), np.array([dig.lon for dig in here]))
        window = around(x.tolist(), y.tolist(), margin_m=3000, width=430, tallest=300, least_m=9000)
        title = names[region]
        svg = map_svg(grid, plan.bodies_map, rings, marks, window, title=title, levels=levels, language=language)
        yield title, svg


def _near(plan: FieldPlan, grid: Grid) -> list[float]:
    """The shades of every closer look: by km2."""
    return levels_of(grid, plan.bodies_map, max(1, round(1000 / grid.cell_m)))


def _marks(plan: FieldPlan) -> list[Mark]:
    marks = [Mark(one.lat, one.lon, "", "left") for one in plan.left if one.lat is not None and one.lon is not None]
    return marks + [
        Mark(dig.lat, dig.lon, str(number), "dig", _half(dig)) for number, dig in enumerate(plan.digs, start=1)
    ]


def _half(dig: Dig) -> float:
    place = None if dig.site.ground is None else dig.site.ground.place
    return place.radius_m or 0.0 if place is not None else 0.0


def _rings(theatre: Theatre) -> list[tuple[Floats, Floats]]:
    """Longitudes and latitudes of each outline."""
    polygons = shapely.get_parts(theatre.polygon)
    lines = [np.asarray(shapely.get_coordinates(shapely.get_exterior_ring(one))) for one in polygons]
    return [(line[:, 0], line[:, 1]) for line in lines]
