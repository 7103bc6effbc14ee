"""A season in the field: which sites to dig, how long, by whom and when, and what that is expected to bring.

In order: what each of the missing is worth (:mod:`homeward.planning.worth`); the belief after everything searched
and found gives each site its expected missing and identifications; costs, weather and permits
(:mod:`homeward.planning.windows`) make it an offer; :func:`homeward.search.season.plan_season` chooses. Then the
same is asked again with other budgets and without each permit, and compared with how it would be done by hand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import shapely

from homeward.errors import Nonsense, NotFound
from homeward.geography.grid import Grid
from homeward.geography.shapes import cells_under, shape_of
from homeward.geography.theatre import theatre
from homeward.planning.windows import DONE, Reason, Season, Window, window_of
from homeward.planning.worth import Assumed
from homeward.programme import Burial, Programme, Region, Site
from homeward.progress import Tick, silent
from homeward.search.experience import beyond_experience, share_predicted
from homeward.search.season import (
    RegionOffer,
    SeasonPlan,
    SeasonTask,
    SiteOffer,
    as_listed,
    biggest_first,
    plan_season,
    without,
)
from homeward.search.state import State

Floats = npt.NDArray[np.float64]

BUDGETS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5)  # times the budget, of the curve
ASKED = (0.5, 1.5, 2.0)  # of the question what another budget would bring
NAMED = 5  # persons named at a site
LIKELY = 0.05  # chance to lie at a site from which somebody is counted
LEAST = 1e-6  # chance to lie at a site from which somebody is named


@dataclass(frozen=True, slots=True, kw_only=True)
class Dig:
    """A site in the plan.

    Parameters
    ----------
    effort : in units of the site's rate of detection
    detection : chance to find what lies there
    value : identifications expected if everything there were found; bodies : the missing expected there
    expected_bodies, expected_identifications : of the effort planned
    marginal : identifications that one more unit of cost would bring
    crew : number of the crew, from 1
    first, last : of the season's days, counted from 0; ``starts`` and ``ends`` are their dates
    who : person_id -> chance that he lies there, the likeliest first
    likely : how many lie there with a chance of at least one in twenty
    something : chance that at least one of the missing lies there
    incidents : incident_id -> how many of those lost in it are expected there, most first
    """

    site: Site
    lat: float
    lon: float
    effort: float
    cost: float
    detection: float
    value: float
    bodies: float
    expected_bodies: float
    expected_identifications: float
    marginal: float
    crew: int
    first: float
    last: float
    starts: date
    ends: date
    who: Mapping[str, float]
    likely: int
    something: float
    incidents: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A site that is not dug, and why."""

    site: Site
    lat: float | None
    lon: float | None
    value: float
    bodies: float
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What another budget, another way of choosing, or the loss of a permit would bring.

    ``about`` is the budget's multiple, the way's name or the site_id; ``bound``, where known, no plan
    can exceed.
    """

    about: str
    budget: float
    sites: int
    cost: float
    expected_bodies: float
    expected_identifications: float
    bound: float | None


@dataclass(frozen=True, eq=False, kw_only=True)
class FieldPlan:
    """A season.

    Parameters
    ----------
    digs : in order of time, then of site_id
    left : every other site, most valuable first
    bound : of expected identifications, that no plan can exceed; gap : what lacks to it, relative
    curve, permits, ways : what other budgets, the loss of each permit, and other ways of choosing would bring
    regions : entered, and what entering them costs together
    bodies_map : (grid,) expected number of the missing in each cell
    believed, elsewhere : expected number of the missing on the map, and not on it
    overlapping : pairs of sites that share ground: what lies there is counted at both
    finding : share of the sites, outside cemeteries, on which remains are expected; None: no such site is dug
    beyond : whether that is more than any programme known to us has found
    """

    season: Season
    digs: tuple[Dig, ...]
    left: tuple[Left, ...]
    cost: float
    expected_bodies: float
    expected_identifications: float
    bound: float
    gap: float
    curve: tuple[Outcome, ...]
    permits: tuple[Outcome, ...]
    ways: tuple[Outcome, ...]
    regions: tuple[str, ...]
    mobilisation: float
    bodies_map: Floats
    believed: float
    elsewhere: float
    overlapping: tuple[tuple[str, str], ...]
    finding: float | None
    beyond: bool
    assumed: Assumed


@dataclass(frozen=True, slots=True)
class _Valued:
    """A site that can be dug, and what is believed to lie there."""

    site: Site
    window: Window
    value: float
    bodies: float


def field_plan(
    programme: Programme,
    state: State,
    worth: Floats,
    season: Season,
    *,
    assumed: Assumed | None = None,
    tick: Tick = silent,
) -> FieldPlan:
    """Plan a season in the field.

    Parameters
    ----------
    programme : its sites, regions and settings
    state : of the belief after everything on record, see :func:`homeward.search.log.log_of`
    worth : (person,) chance that each of the missing, once found, can be named, in the order of ``missing``
    season : when, with whom, and for how much
    assumed : of what is not found yet; only commingling counts here, the rest is in ``worth``
    tick : stages ``sites``, ``what if``

    Raises
    ------
    Nonsense
        If a site lies outside the theatre of the search, or worth is not of everyone.
    NotFound
        If a site names a region that there is not.

    Notes
    -----
    Expected numbers add up over sites, whoever lies in one grave with whom; that they are found together or not
    at all moves no expectation, but the next season's belief.
    """
    assumed = assumed or Assumed()
    if len(worth) != len(programme.missing):
        raise Nonsense(f"worth is of {len(worth):,} people and {len(programme.missing):,} are missing")
    everyone = np.ones(len(worth))
    bodies_map = state.value(everyone)
    tick("sites", 0, len(programme.sites))
    covered = _covered(programme, state.grid)
    grounds = [site.ground for site in programme.sites if site.ground is not None]
    numbers = state.expected(grounds, np.column_stack([worth, everyone]))
    here = {site_id: (float(value), float(bodies)) for site_id, (value, bodies) in zip(covered, numbers, strict=True)}
    valued, left = _offered(programme, here, season, assumed)
    task = _task(programme, valued, season)
    tick("sites", len(programme.sites), len(programme.sites))
    plan = plan_season(task)
    digs = tuple(_digs(programme, valued, task, plan, season, state))
    left += _not_chosen(valued, plan)
    believed = float(bodies_map.sum())
    finding = [dig.something * dig.detection for dig in digs if dig.site.burial is not Burial.CEMETERY]
    curve, permits = _what_if(task, plan, digs, tick)
    return FieldPlan(
        season=season,
        digs=digs,
        left=tuple(sorted(left, key=lambda one: (-one.value, one.site.site_id))),
        cost=plan.cost,
        expected_bodies=plan.expected_bodies,
        expected_identifications=plan.expected_identifications,
        bound=plan.bound,
        gap=plan.gap,
        curve=curve,
        permits=permits,
        ways=tuple(_ways(task)),
        regions=(entered := tuple(dict.fromkeys(dig.site.region for dig in digs if dig.site.region))),
        mobilisation=sum(one.mobilisation_cost for one in programme.regions if one.region_id in entered),
        bodies_map=bodies_map,
        believed=believed,
        elsewhere=max(0.0, len(programme.missing) - believed),
        overlapping=tuple(_overlapping(covered)),
        finding=share_predicted(finding),
        beyond=beyond_experience(finding),
        assumed=assumed,
    )


# --- sites as offers ---


Covered = tuple[npt.NDArray[np.int64], Floats]
"""Cells that a site covers, and the share of each."""


def _covered(programme: Programme, grid: Grid) -> dict[str, Covered]:
    """Which cells each site with a ground covers."""
    land = theatre(programme.settings.search_theatre)
    found = {}
    for site in programme.sites:
        if site.ground is None:
            continue
        if not shapely.intersects(land.polygon, shape_of(site.ground)):
            raise Nonsense(
                f"site {site.site_id} lies outside the theatre {land.name!r}; "
                "correct its place in sites.csv, or the theatre under [search] in programme.toml"
            )
        found[site.site_id] = cells_under(grid, site.ground)
    return found


def _offered(
    programme: Programme,
    here: Mapping[str, tuple[float, float]],
    season: Season,
    assumed: Assumed,
) -> tuple[list[_Valued], list[Left]]:
    """Sites that can be dug in the season, and the others with the reason why not.

    ``here`` is the value and the expected number of the missing of each site that has a ground.
    """
    regions = {region.region_id: region for region in programme.regions}
    valued, left = [], []
    for site in programme.sites:
        if site.region and site.region not in regions:
            raise NotFound(f"site {site.site_id} is of the region {site.region!r}, which is not in regions.csv")
        value, bodies = here.get(site.site_id, (0.0, 0.0))
        value *= assumed.commingled if site.burial is Burial.MASS else 1.0
        window = _when(site, regions.get(site.region), season, value)
        if isinstance(window, Window):
            valued.append(_Valued(site, window, value, bodies))
        else:
            lat, lon = _middle(site)
            left.append(Left(site=site, lat=lat, lon=lon, value=value, bodies=bodies, reason=window))
    return valued, left


def _when(site: Site, region: Region | None, season: Season, value: float) -> Window | Reason:
    if site.status in DONE:
        return Reason.DONE
    if site.ground is None:
        return Reason.NO_GROUND
    window = window_of(site, region, season)
    if isinstance(window, Window) and value <= 0:
        return Reason.NO_BELIEF
    return window


def _task(programme: Programme, valued: Sequence[_Valued], season: Season) -> SeasonTask:
    return SeasonTask(
        sites=tuple(_offer(one, programme.settings.search_detection) for one in valued),
        regions=tuple(_regions(programme.regions, valued)),
        budget=season.budget,
        crews=season.crews,
        days=float(season.days),
    )


def _offer(one: _Valued, detection: float) -> SiteOffer:
    """A site as the planner sees it; without a rate of its own, one unit finds with the programme's detection."""
    site = one.site
    days = 1.0 if site.days is None else site.days
    rate = site.detection_rate
    return SiteOffer(
        site_id=site.site_id,
        region=site.region,
        value=one.value,
        bodies=one.bodies,
        rate=-math.log1p(-min(detection, 1 - 1e-12)) if rate is None else rate,
        fixed=site.fixed_cost,
        per_unit=site.cost_per_unit,
        most=one.window.days / days if days else math.inf,
        days_per_unit=days,
        opens=one.window.opens,
        closes=one.window.closes,
    )


def _regions(regions: Sequence[Region], valued: Sequence[_Valued]) -> Iterator[RegionOffer]:
    """Each region with a site to dig; sites of no region share a region that costs nothing."""
    used = {one.site.region for one in valued}
    for region in regions:
        if region.region_id in used:
            yield RegionOffer(
                region_id=region.region_id, mobilisation=region.mobilisation_cost, travel_days=region.travel_days
            )
    if "" in used:
        yield RegionOffer(region_id="", mobilisation=0.0, travel_days=0.0)


# --- what the planner chose ---


def _digs(
    programme: Programme,
    valued: Sequence[_Valued],
    task: SeasonTask,
    plan: SeasonPlan,
    season: Season,
    state: State,
) -> Iterator[Dig]:
    times = {site_id: (crew, first, last) for site_id, crew, first, last in plan.schedule}
    rows = [row for row in zip(valued, task.sites, plan.efforts, strict=True) if row[2] > 0]
    rows.sort(key=lambda row: (times[row[1].site_id][1], row[1].site_id))
    sites = [one.site for one, _offer, _effort in rows]
    who = _who(sites, programme, state)
    something = state.anything([site.ground for site in sites if site.ground is not None]).tolist()
    for (one, offer, effort), (persons, likely, incidents), chance in zip(rows, who, something, strict=True):
        crew, first, last = times[offer.site_id]
        lat, lon = _middle(one.site)
        detection = -math.expm1(-offer.rate * effort)
        yield Dig(
            site=one.site,
            lat=lat or 0.0,
            lon=lon or 0.0,
            effort=effort,
            cost=offer.fixed + offer.per_unit * effort,
            detection=detection,
            value=one.value,
            bodies=one.bodies,
            expected_bodies=one.bodies * detection,
            expected_identifications=one.value * detection,
            marginal=one.value * offer.rate * (1 - detection) / offer.per_unit if offer.per_unit else 0.0,
            crew=crew + 1,
            first=first,
            last=last,
            starts=season.day(first),
            ends=season.day(max(first, last - 1e-9)),
            who=persons,
            likely=likely,
            something=chance,
            incidents=incidents,
        )


def _who(
    sites: Sequence[Site], programme: Programme, state: State
) -> list[tuple[dict[str, float], int, dict[str, float]]]:
    """The persons likeliest to lie at each site, how many are likely to, and in which incidents they were lost."""
    grounds = [site.ground for site in sites if site.ground is not None]
    if not grounds:
        return []
    lost_in = np.array([programme.people[person_id].incident_id for person_id in state.person_ids])
    incidents, of_person = np.unique(lost_in, return_inverse=True)
    found = []
    for chances in state.place_evidence(grounds):
        order = np.lexsort((np.arange(len(chances)), -chances))[:NAMED]
        persons = {state.person_ids[i]: float(chances[i]) for i in order.tolist() if chances[i] > LEAST}
        expected = np.bincount(of_person, weights=chances, minlength=len(incidents))
        order = np.argsort(-expected, kind="stable")[:NAMED]
        most = [i for i in order.tolist() if incidents[i] and expected[i] > LEAST]
        likely = int((chances >= LIKELY).sum())
        found.append((persons, likely, {str(incidents[i]): float(expected[i]) for i in most}))
    return found


def _not_chosen(valued: Sequence[_Valued], plan: SeasonPlan) -> list[Left]:
    left = []
    for one, effort, reason in zip(valued, plan.efforts, plan.reasons, strict=True):
        if effort <= 0:
            lat, lon = _middle(one.site)
            why = Reason(reason)
            left.append(Left(site=one.site, lat=lat, lon=lon, value=one.value, bodies=one.bodies, reason=why))
    return left


def _middle(site: Site) -> tuple[float | None, float | None]:
    """The point by which a site is known."""
    if site.ground is None:
        return None, None
    if site.ground.place is not None:
        return site.ground.place.lat, site.ground.place.lon
    point = shape_of(site.ground).centroid
    return round(point.y, 5), round(point.x, 5)


def _overlapping(grounds: Mapping[str, Covered]) -> Iterator[tuple[str, str]]:
    """Pairs of sites that together cover more of a cell than there is."""
    holders: dict[int, list[tuple[str, float]]] = {}
    for site_id, (cells, share) in grounds.items():
        for cell, part in zip(cells.tolist(), share.tolist(), strict=True):
            holders.setdefault(cell, []).append((site_id, part))
    pairs = {
        (one, other)
        for held in holders.values()
        for number, (one, part) in enumerate(held)
        for other, also in held[number + 1 :]
        if part + also > 1 + 1e-6
    }
    yield from sorted(pairs)


# --- what else could be done ---


def _what_if(
    task: SeasonTask, plan: SeasonPlan, digs: Sequence[Dig], tick: Tick
) -> tuple[tuple[Outcome, ...], tuple[Outcome, ...]]:
    """The season with other budgets, and without each of its sites."""
    done, total = 0, len(BUDGETS) + len(digs)
    curve, permits = [], []
    for times in BUDGETS:
        tick("what if", done, total)
        done += 1
        other = replace(task, budget=task.budget * times)
        curve.append(_outcome(f"{times:g}", other, plan if times == 1 else plan_season(other)))
    for dig in digs:
        tick("what if", done, total)
        done += 1
        other = without(task, dig.site.site_id)
        permits.append(_outcome(dig.site.site_id, other, plan_season(other)))
    tick("what if", total, total)
    return tuple(curve), tuple(permits)


def _outcome(about: str, task: SeasonTask, plan: SeasonPlan) -> Outcome:
    return Outcome(
        about=about,
        budget=task.budget,
        sites=sum(effort > 0 for effort in plan.efforts),
        cost=plan.cost,
        expected_bodies=plan.expected_bodies,
        expected_identifications=plan.expected_identifications,
        bound=plan.bound,
    )


def _ways(task: SeasonTask) -> Iterator[Outcome]:
    """The same season chosen as by hand."""
    for name, way in (("biggest-first", biggest_first), ("as-listed", as_listed)):
        yield replace(_outcome(name, task, way(task)), bound=None)
