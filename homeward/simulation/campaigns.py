"""Campaigns of several seasons in an invented world: ways of choosing sites, paired in the same truth.

In each season sites are chosen within a budget and dug; a grave, or someone lying alone, is found with the detection
of the effort; whoever is found is named with the chance that he is worth. One way learns from every hole, the others
do not. The truth may be flatter than what is told of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import shapely

from homeward.errors import Nonsense
from homeward.geography.shapes import shape_of
from homeward.programme import Place, Programme, Site
from homeward.search.belief import Belief, belief
from homeward.search.log import Fact, Found, Identified, Log, SearchDone
from homeward.search.season import RegionOffer, SeasonPlan, SeasonTask, SiteOffer, as_listed, biggest_first, plan_season
from homeward.search.state import State
from homeward.simulation.country import Lying
from homeward.simulation.fieldwork import shifted

Floats = npt.NDArray[np.float64]

SEARCHED = 0.8  # detection from which somebody who does not learn holds a site to be done
DAYS = 1e6


class Way(StrEnum):
    """How the sites of a season are chosen."""

    LEARNING = "learning"  # the plan, on what is believed after every hole
    WEIGHING = "weighing"  # the same, and on what the holes say of those who told
    STATIC = "static"  # the plan, on what was believed at first
    BIGGEST_FIRST = "biggest-first"
    AS_LISTED = "as-listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dug:
    """One hole: when, with what detection, the chance then believed to find anything, and whether anything was."""

    site_id: str
    season: int
    detection: float
    predicted: float
    found: bool


Weigher = Callable[[Programme, Sequence[Dug], Log], Belief]
"""What is believed at first by those who have also learned how reliable each kind of source is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What came of some seasons."""

    way: Way
    named: int
    found: int
    digs: int
    with_remains: int
    predicted_found: float
    dug: tuple[Dug, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Truth:
    """Where everyone lies, and whether he is named once found."""

    places: Mapping[str, Place]
    graves: Mapping[str, str]  # person_id -> grave, or himself
    nameable: frozenset[str]


def truth_of(
    programme: Programme, lying: Mapping[str, Lying], worth: Floats, *, flatter: float, rng: np.random.Generator
) -> Truth:
    """The truth of a world, with a part of its graves and of those lying alone anywhere around their incident.

    Parameters
    ----------
    flatter : share that lies where nobody said; 0: as told
    """
    if not 0 <= flatter <= 1:
        raise Nonsense(f"a share of {flatter:g} cannot lie elsewhere than told")
    around = {one.incident_id: one.place for one in programme.incidents}
    places: dict[str, Place] = {}
    graves: dict[str, str] = {}
    moved: dict[str, Place | None] = {}
    for person in programme.missing:
        one, centre = lying[person.person_id], around[person.incident_id]
        if one.place is None or one.state == "box":
            continue
        grave = one.grave or person.person_id
        if grave not in moved:
            off = rng.random() < flatter and centre is not None
            moved[grave] = _anywhere(centre, rng) if off and centre is not None else None
        places[person.person_id] = moved[grave] or one.place
        graves[person.person_id] = grave
    luck = rng.random(len(programme.missing))
    named = frozenset(p.person_id for p, u, w in zip(programme.missing, luck, worth, strict=True) if u < w)
    return Truth(places=places, graves=graves, nameable=named)


def _anywhere(place: Place, rng: np.random.Generator) -> Place:
    """Somewhere in the disc of the incident, evenly."""
    radius, angle = (place.radius_m or 5000.0) * float(rng.random()) ** 0.5, float(rng.uniform(0, 2 * np.pi))
    return shifted(place, radius * float(np.cos(angle)), radius * float(np.sin(angle)))


def campaigns(
    programme: Programme,
    lying: Mapping[str, Lying],
    worth: Floats,
    *,
    ways: Sequence[Way] = (Way.LEARNING, Way.STATIC, Way.BIGGEST_FIRST, Way.AS_LISTED),
    weigher: Weigher | None = None,
    seasons: int = 5,
    budget: float,
    flatter: float = 0.0,
    seed: int,
) -> list[Campaign]:
    """Run each way of choosing in the same truth, with the same luck in the same hole.

    Parameters
    ----------
    programme : without searches; its sites, regions and accounts
    worth : (person,) chance to be named once found
    weigher : for the way ``weighing``
    budget : of each season
    """
    if Way.WEIGHING in ways and weigher is None:
        raise Nonsense("nobody says how those who told are weighed")
    truth = truth_of(programme, lying, worth, flatter=flatter, rng=np.random.default_rng([seed, 1]))
    start = belief(programme)
    here = dict(_here(programme.sites, truth))
    return [
        _campaign(
            way, programme, start, truth, here, worth, seasons, budget, seed, weigher if way is Way.WEIGHING else None
        )
        for way in ways
    ]


def _here(sites: Sequence[Site], truth: Truth) -> Iterator[tuple[str, list[str]]]:
    """site_id -> persons who lie there."""
    ids = list(truth.places)
    points = shapely.points([truth.places[i].lon for i in ids], [truth.places[i].lat for i in ids])
    for site in sites:
        if site.ground is not None:
            yield (
                site.site_id,
                [ids[k] for k in np.flatnonzero(shapely.contains(shape_of(site.ground), points)).tolist()],
            )


def _campaign(
    way: Way,
    programme: Programme,
    start: Belief,
    truth: Truth,
    here: Mapping[str, Sequence[str]],
    worth: Floats,
    seasons: int,
    budget: float,
    seed: int,
    weigher: Weigher | None,
) -> Campaign:
    learns = way in (Way.LEARNING, Way.WEIGHING)
    dug: list[Dug] = []
    log, lifted, named = Log(), set[str](), set[str]()
    missed = dict.fromkeys(here, 1.0)  # site -> chance to have missed what lies there
    digs = hits = 0
    predicted = 0.0
    for season in range(seasons):
        first = start if weigher is None else weigher(programme, dug, log)
        state = first.after(log if learns else Log())
        task = _task(programme, state, worth, budget, {} if learns else missed)
        plan = _chosen(way, task)
        predicted += plan.expected_bodies
        chances = _chances(programme, state, task, plan)
        for offer, effort in zip(task.sites, plan.efforts, strict=True):
            if effort <= 0:
                continue
            detection = float(-np.expm1(-offer.rate * effort))
            missed[offer.site_id] *= 1 - detection
            there = [person for person in here[offer.site_id] if person not in lifted]
            rng = np.random.default_rng([seed, 2, season, list(here).index(offer.site_id)])
            found = _found(there, truth, detection, rng)
            lifted |= set(found)
            named |= set(found) & truth.nameable
            digs, hits = digs + 1, hits + bool(found)
            dug.append(
                Dug(
                    site_id=offer.site_id,
                    season=season,
                    detection=detection,
                    predicted=chances[offer.site_id],
                    found=bool(found),
                )
            )
            log = log.with_(*_facts(programme, offer.site_id, season, detection, found, truth))
    return Campaign(
        way=way,
        named=len(named),
        found=len(lifted),
        digs=digs,
        with_remains=hits,
        predicted_found=predicted,
        dug=tuple(dug),
    )


def _chances(programme: Programme, state: State, task: SeasonTask, plan: SeasonPlan) -> dict[str, float]:
    """site_id -> the chance believed to find anything there with the effort of a plan."""
    grounds = {site.site_id: site.ground for site in programme.sites if site.ground is not None}
    chosen = [(offer, effort) for offer, effort in zip(task.sites, plan.efforts, strict=True) if effort > 0]
    detection = [float(-np.expm1(-offer.rate * effort)) for offer, effort in chosen]
    found = state.anything([grounds[offer.site_id] for offer, _effort in chosen], detection)
    return {offer.site_id: float(chance) for (offer, _effort), chance in zip(chosen, found, strict=True)}


def _found(there: Sequence[str], truth: Truth, detection: float, rng: np.random.Generator) -> list[str]:
    luck: dict[str, bool] = {}
    for person in there:
        luck.setdefault(truth.graves[person], bool(rng.random() < detection))
    return [person for person in there if luck[truth.graves[person]]]


def _facts(
    programme: Programme, site_id: str, season: int, detection: float, found: Sequence[str], truth: Truth
) -> Iterator[Fact]:
    """What a hole teaches: what was found, and that the rest was looked for."""
    ground = next(site.ground for site in programme.sites if site.site_id == site_id)
    assert ground is not None, "a site without ground is not dug"
    name = f"{season} {site_id}"
    named = tuple(person for person in found if person in truth.nameable)
    if found:
        yield Found(fact_id=f"found {name}", ground=ground, identified=named)
    yield SearchDone(fact_id=f"searched {name}", ground=ground, detection=detection)
    for person in named:
        yield Identified(fact_id=f"named {person}", person_id=person)


def _task(programme: Programme, state: State, worth: Floats, budget: float, missed: Mapping[str, float]) -> SeasonTask:
    """The season as it is offered; sites that somebody who does not learn holds to be done are left out."""
    open_ = [
        site for site in programme.sites if site.ground is not None and missed.get(site.site_id, 1.0) > 1 - SEARCHED
    ]
    grounds = [site.ground for site in open_ if site.ground is not None]
    numbers = state.expected(grounds, np.column_stack([worth, np.ones(len(worth))]))
    sites = tuple(
        SiteOffer(
            site_id=site.site_id,
            region=site.region,
            value=float(value),
            bodies=float(bodies),
            rate=site.detection_rate or 0.0,
            fixed=site.fixed_cost,
            per_unit=site.cost_per_unit,
            most=DAYS,
            days_per_unit=site.days or 1.0,
            opens=0.0,
            closes=DAYS,
        )
        for site, (value, bodies) in zip(open_, numbers, strict=True)
    )
    regions = tuple(
        RegionOffer(region_id=one.region_id, mobilisation=one.mobilisation_cost, travel_days=0.0)
        for one in programme.regions
    )
    return SeasonTask(sites=sites, regions=regions, budget=budget, crews=1, days=DAYS)


def _chosen(way: Way, task: SeasonTask) -> SeasonPlan:
    if way is Way.BIGGEST_FIRST:
        return biggest_first(task)
    if way is Way.AS_LISTED:
        return as_listed(task)
    return plan_season(task)


def unsearched(programme: Programme) -> Programme:
    """The programme as it was before anything was dug."""
    return replace(programme, searches=())
