"""What is on record of where the missing of an invented world lie, and where they really lie.

In order: accounts of every loss (common graves, scattered, along a route, moved, elsewhere); where the graves
really are; of which account each of the missing is a case, and where that puts him; places that may be dug, near
what accounts name; what was dug, and what came of it by chance where somebody lay; leads, boxes, regions, sources.

Everything is drawn from a random stream of its own, so the rest of the world stays as it is.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise

import numpy as np

from homeward.geography.theatre import theatre
from homeward.programme import (
    Burial,
    Container,
    DateSpan,
    Ground,
    Incident,
    IncidentKind,
    Lead,
    MissingPerson,
    Place,
    Programme,
    Region,
    Searched,
    SearchOutcome,
    Site,
    SiteStatus,
    Source,
)
from homeward.programme import Scenario as Account
from homeward.programme import ScenarioKind as Kind
from homeward.simulation.country import Base, Country, Lying, Teller, Way
from homeward.simulation.families import apportion

DEGREE_M = 111_320.0  # of latitude
LAND = "korea"  # the theatre of the programme's settings; nobody tells of a grave in the sea
_TRIES = 100
_SPEED = {Burial.ISOLATED: 5000.0, Burial.MASS: 9000.0, Burial.CEMETERY: 12_000.0, Burial.CRASH: 15_000.0}
"""Square metres that a crew searches in a day, by what it looks for: an assumption."""


def with_fieldwork(
    programme: Programme, boxed: Mapping[str, str], country: Country, rng: np.random.Generator
) -> tuple[Programme, dict[str, Lying]]:
    """Add to an invented programme what is on record of where its people lie.

    Parameters
    ----------
    programme : without fieldwork; nothing of it changes but the error of a box's label in its settings
    boxed : person_id -> container_id, of those who came back in boxes: the truth
    country : ways of lying, sources, costs
    rng : a stream of its own

    Returns
    -------
    The programme with scenarios, leads, regions, sites, searches, containers and sources; and where each of
    the missing really lies.

    Notes
    -----
    An account of a common grave is wrong as often as its source is: then the grave lies anywhere around the
    place of the incident. A search finds a grave, or someone lying alone, with the detection that its record
    states; whoever it finds was taken up then and lies there no more.
    """
    accounts = list(_accounts(programme, country, rng))
    graves = _graves(programme, accounts, rng)
    seen = {one.about: one for one in _witnessed(programme, country, len(accounts), rng)}
    by_incident: dict[str, list[Account]] = {}
    for one in accounts:
        by_incident.setdefault(one.about, []).append(one)
    lying = {
        person.person_id: _lying(person, by_incident[person.incident_id], seen.get(person.person_id), graves, rng)
        for person in programme.missing
    }
    sites = _sites(programme, [one for one in accounts if one.shared], country, rng)
    searches, lying = _searches(sites, lying, country, rng)
    for person_id in boxed:
        lying[person_id] = replace(lying[person_id], state="box")
    leads = _leads(programme, accounts, sites, country, rng)
    whole = replace(
        programme,
        scenarios=(*accounts, *seen.values()),
        leads=tuple(leads),
        regions=tuple(_region(base, _season(programme)) for base in country.regions),
        sites=tuple(_standing(site, searches, _season(programme), country, rng) for site in sites),
        searches=tuple(searches),
        containers=tuple(_containers(programme)),
        sources=tuple(_source(teller) for teller in country.sources),
    )
    return whole, lying


# --- accounts ---


def _accounts(programme: Programme, country: Country, rng: np.random.Generator) -> Iterator[Account]:
    lost = Counter(person.incident_id for person in programme.missing)
    numbers = count(1)
    for incident in programme.incidents:
        told: list[Account] = []
        for way in country.of(incident.kind) if lost[incident.incident_id] else ():
            for one in _told(way, incident, lost[incident.incident_id], told, country, rng):
                told.append(replace(one, scenario_id=f"SCENARIO-{next(numbers):04}"))
        yield from told


def _told(
    way: Way, incident: Incident, lost: int, told: Sequence[Account], country: Country, rng: np.random.Generator
) -> list[Account]:
    """The accounts of one way of lying: one, or one for each common grave."""
    plain = Account(scenario_id="", about=incident.incident_id, kind=Kind.ELSEWHERE, weight=way.weight)
    place = incident.place or Place(lat=0, lon=0)
    match way.scenario:
        case Kind.ELSEWHERE:
            return [plain]
        case Kind.MOVED:
            to = next(one.scenario_id for one in told if one.shared)
            return [replace(plain, kind=Kind.MOVED, moved_to=to, burial=way.burial)]
        case Kind.ROUTE:
            line = dict(country.routes).get(incident.name, "")
            ground = Ground(wkt=line) if line else Ground(place=_point(place))
            kind = Kind.ROUTE if line else Kind.ELLIPSE
            return [replace(plain, kind=kind, ground=ground, radius_m=way.radius_m, burial=way.burial)]
    if not way.shared:
        here = Ground(place=_point(place))
        return [replace(plain, kind=way.scenario, ground=here, radius_m=place.radius_m, burial=way.burial)]
    return _common_graves(way, plain, place, lost, country, rng)


def _common_graves(
    way: Way, plain: Account, place: Place, lost: int, country: Country, rng: np.random.Generator
) -> list[Account]:
    number = max(1, round(lost * way.weight / (way.persons_per_grave or lost)))
    weights = rng.dirichlet(np.full(number, 8.0)) * way.weight
    found = []
    for weight in weights.tolist():
        teller = _teller(country, rng)
        radius = round((way.radius_m or place.radius_m or 1000.0) * float(rng.uniform(0.6, 1.6)), -1)
        around = _on_land(place, way.spread * (place.radius_m or 0.0), rng)
        found.append(
            replace(
                plain,
                kind=way.scenario,
                weight=round(weight, 6),
                ground=Ground(place=around),
                radius_m=radius,
                reliability=teller.reliability,
                shared=True,
                burial=way.burial,
                source_id=teller.source_id,
            )
        )
    return found


def _witnessed(programme: Programme, country: Country, after: int, rng: np.random.Generator) -> Iterator[Account]:
    """Of some who fell in battle somebody saw where, at a bearing and a distance from where he stood."""
    battles = {one.incident_id for one in programme.incidents if one.kind is IncidentKind.BATTLE}
    veteran = next(one for one in country.sources if one.kind == "veteran")
    numbers = count(after + 1)
    for person in programme.missing:
        seen = rng.random() < country.witnesses
        if not seen or person.incident_id not in battles or person.last_seen is None:
            continue
        yield Account(
            scenario_id=f"SCENARIO-{next(numbers):04}",
            about=person.person_id,
            kind=Kind.WITNESS,
            weight=1.0,
            ground=Ground(place=_point(person.last_seen)),
            bearing_deg=float(rng.integers(0, 360)),
            bearing_sd_deg=20.0,
            range_m=float(rng.integers(4, 40)) * 50,
            range_sd=0.4,
            reliability=veteran.reliability,
            source_id=veteran.source_id,
        )


def _teller(country: Country, rng: np.random.Generator) -> Teller:
    shares = np.array([one.share for one in country.sources])
    return country.sources[int(rng.choice(len(shares), p=shares / shares.sum()))]


# --- where they really lie ---


def _graves(programme: Programme, accounts: Sequence[Account], rng: np.random.Generator) -> dict[str, Place]:
    """Where the common grave of each account is: near what it names, or anywhere around the incident if it is wrong."""
    places = {one.incident_id: one.place for one in programme.incidents}
    found = {}
    for one in accounts:
        if one.shared and one.ground is not None and one.ground.place is not None:
            right = rng.random() < one.reliability
            around = places[one.about] or one.ground.place
            found[one.scenario_id] = (
                _near(one.ground.place, one.radius_m or 0.0, rng)
                if right
                else _near(around, around.radius_m or 0.0, rng)
            )
    return found


def _lying(
    person: MissingPerson,
    accounts: Sequence[Account],
    witnessed: Account | None,
    graves: Mapping[str, Place],
    rng: np.random.Generator,
) -> Lying:
    """Which account is true of somebody, and where that puts him."""
    believed = witnessed is not None and rng.random() < witnessed.reliability
    weights = np.array([one.weight for one in accounts])
    drawn = accounts[int(rng.choice(len(accounts), p=weights / weights.sum()))]
    account = witnessed if believed and witnessed is not None else drawn
    grave = account.moved_to or account.scenario_id
    if grave in graves:
        return Lying(state="field", place=graves[grave], scenario_id=account.scenario_id, grave=grave)
    if account.ground is None:
        return Lying(state="elsewhere", place=None, scenario_id=account.scenario_id)
    return Lying(state="field", place=_alone(account, account.ground, rng), scenario_id=account.scenario_id)


def _alone(account: Account, ground: Ground, rng: np.random.Generator) -> Place:
    """A place of one's own, drawn as the account says."""
    if account.kind is Kind.WITNESS and ground.place is not None:
        bearing = math.radians(float(rng.normal(account.bearing_deg or 0.0, account.bearing_sd_deg or 0.0)))
        distance = (account.range_m or 0.0) * math.exp(float(rng.normal(0, account.range_sd or 0.0)))
        return shifted(ground.place, distance * math.cos(bearing), distance * math.sin(bearing))
    if ground.place is None:
        return _near(_along(ground.wkt, float(rng.random())), account.radius_m or 0.0, rng)
    return _near(ground.place, account.radius_m or 0.0, rng)


def _along(line: str, share: float) -> Place:
    """The point of a WKT line at a share of its length."""
    numbers = line[line.index("(") + 1 : line.index(")")].split(",")
    points = [tuple(map(float, pair.split())) for pair in numbers]
    places = [Place(lat=lat, lon=lon) for lon, lat in points]
    lengths = [distance_m(one, next_) for one, next_ in pairwise(places)]
    left = share * sum(lengths)
    for (one, next_), length in zip(pairwise(places), lengths, strict=True):
        if left <= length:
            part = left / length
            return Place(lat=one.lat + part * (next_.lat - one.lat), lon=one.lon + part * (next_.lon - one.lon))
        left -= length
    return places[-1]


# --- sites, and what was dug ---


@dataclass(frozen=True, slots=True)
class _Plot:
    """A site as it is laid out: a disc, or a rectangle of half as much to each side."""

    site: Site
    centre: Place
    half_m: float
    square: bool

    def holds(self, place: Place) -> bool:
        north = (place.lat - self.centre.lat) * DEGREE_M
        east = (place.lon - self.centre.lon) * DEGREE_M * math.cos(math.radians(self.centre.lat))
        if self.square:
            return max(abs(north), abs(east)) <= self.half_m
        return math.hypot(north, east) <= self.half_m


def _sites(programme: Programme, graves: Sequence[Account], country: Country, rng: np.random.Generator) -> list[_Plot]:
    """Places near what accounts of common graves name: the point itself, then another nearby."""
    regions = [_nearest(country, one) for one in graves]
    ids = [base.region_id for base in country.regions]
    number = min(country.sites, 2 * len(graves))
    wanted = apportion(number, [max(1e-9, regions.count(region)) for region in ids])
    plots: list[_Plot] = []
    for region, most in zip(ids, wanted, strict=True):
        here = [one for one, of in zip(graves, regions, strict=True) if of == region]
        order = [here[i] for i in rng.permutation(len(here))]
        chosen = (order + order)[:most]
        for turn, grave in enumerate(chosen):
            plots.append(_plot(f"SITE-{len(plots) + 1:03}", region, grave, turn >= len(order), programme, rng))
    return plots


def _plot(
    site_id: str, region: str, grave: Account, beside: bool, programme: Programme, rng: np.random.Generator
) -> _Plot:
    named = grave.ground.place if grave.ground is not None else None
    radius = grave.radius_m or 0.0
    centre = named or Place(lat=0, lon=0)
    if beside:
        angle = float(rng.uniform(0, 2 * math.pi))
        aside = shifted(centre, radius / 2 * math.cos(angle), radius / 2 * math.sin(angle))
        centre = aside if theatre(LAND).contains(aside.lat, aside.lon) else centre
    half = float(rng.integers(24, 70)) * 5
    square = bool(rng.random() < 0.3)
    area = 4 * half**2 if square else math.pi * half**2
    incident = next(one for one in programme.incidents if one.incident_id == grave.about)
    site = Site(
        site_id=site_id,
        name=incident.name,
        ground=Ground(wkt=_rectangle(centre, half)) if square else Ground(place=replace(centre, radius_m=half)),
        region=region,
        burial=grave.burial,
        fixed_cost=float(rng.integers(12, 46)),
        cost_per_unit=round(float(rng.uniform(2.5, 5.0)), 1),
        days=1.0,
        detection_rate=float(f"{_SPEED[grave.burial] / area:.3g}"),
    )
    return _Plot(site, centre, half, square)


def _rectangle(centre: Place, half_m: float) -> str:
    low, high = shifted(centre, -half_m, -half_m), shifted(centre, half_m, half_m)
    corners = [(low.lon, low.lat), (high.lon, low.lat), (high.lon, high.lat), (low.lon, high.lat), (low.lon, low.lat)]
    return f"POLYGON (({', '.join(f'{lon:.5f} {lat:.5f}' for lon, lat in corners)}))"


def _searches(
    plots: Sequence[_Plot], lying: Mapping[str, Lying], country: Country, rng: np.random.Generator
) -> tuple[list[Searched], dict[str, Lying]]:
    """What joint teams dug in 1996 to 2005, in order of time, and who was taken up then."""
    now = dict(lying)
    dug = rng.permutation(len(plots))[: round(country.searched * len(plots))].tolist()
    again = dug[: len(dug) // 6]  # places dug a second time
    years = sorted(int(year) for year in rng.integers(1996, 2006, size=len(dug) + len(again)))
    found: list[Searched] = []
    for number, (year, place) in enumerate(zip(years, dug + again, strict=True), start=1):
        plot = plots[place]
        effort = float(rng.integers(4, 25))
        detection = round(1 - math.exp(-(plot.site.detection_rate or 0.0) * effort), 3)
        taken = _taken(plot, now, detection, rng)
        for person_id in taken:
            now[person_id] = replace(now[person_id], state="recovered")
        found.append(
            Searched(
                search_id=f"SEARCH-{number:03}",
                site_id=plot.site.site_id,
                on=DateSpan.read(f"{year}-{int(rng.integers(5, 10)):02}"),
                effort=effort,
                unit="crew-day",
                detection=detection,
                trials=20.0,
                outcome=SearchOutcome.REMAINS if taken else SearchOutcome.NOTHING,
            )
        )
    return found, now


def _taken(plot: _Plot, lying: Mapping[str, Lying], detection: float, rng: np.random.Generator) -> list[str]:
    """Whom a search finds: a grave with everyone in it, or not at all."""
    luck: dict[str, bool] = {}
    found = []
    for person_id, one in lying.items():
        if one.state == "field" and one.place is not None and plot.holds(one.place):
            grave = one.grave or person_id
            if grave not in luck:
                luck[grave] = bool(rng.random() < detection)
            if luck[grave]:
                found.append(person_id)
    return found


def _standing(
    plot: _Plot, searches: Sequence[Searched], season: int, country: Country, rng: np.random.Generator
) -> Site:
    """How far a site has come, and its permit."""
    done = [one for one in searches if one.site_id == plot.site.site_id]
    steps = (SiteStatus.APPROVED, SiteStatus.NOMINATED, SiteStatus.INVESTIGATED, SiteStatus.LEAD)
    status = steps[int(rng.choice(4, p=[0.55, 0.2, 0.15, 0.1]))]
    early, late = rng.random(2) < 0.2
    if done:
        status = SiteStatus.CLOSED if max(one.detection or 0.0 for one in done) > 0.8 else SiteStatus.OPEN
    if status not in (SiteStatus.APPROVED, SiteStatus.OPEN):
        return replace(plot.site, status=status)
    base = next(one for one in country.regions if one.region_id == plot.site.region)
    first = f"{season}-07-15" if late else f"{season}-{base.window_from}"
    last = f"{season}-07-31" if early and not late else f"{season}-{base.window_until}"
    permit = {"permit_from": DateSpan.read(first), "permit_until": DateSpan.read(last)}
    return replace(plot.site, status=status, **permit)  # type: ignore[arg-type]


# --- leads, boxes, regions, sources ---


def _leads(
    programme: Programme,
    accounts: Sequence[Account],
    plots: Sequence[_Plot],
    country: Country,
    rng: np.random.Generator,
) -> list[Lead]:
    """What each account of a grave rests on, words that lead nowhere, and what surveys of sites say; in any order."""
    tellers = {one.source_id: one for one in country.sources}
    graves = [one for one in accounts if one.shared]
    told = [(tellers[one.source_id], one.about, one.ground) for one in graves]
    places = [one for one in programme.incidents if one.place is not None]
    for _ in range(round(country.decoys * len(graves))):
        incident = places[int(rng.integers(len(places)))]
        around = incident.place or Place(lat=0, lon=0)
        nowhere = Ground(place=replace(_near(around, around.radius_m or 0.0, rng), radius_m=500.0))
        told.append((_teller(country, rng), incident.incident_id, nowhere))
    survey = next(one for one in country.sources if one.kind == "survey")
    told += [(survey, plot.site.site_id, plot.site.ground) for plot in plots if rng.random() < 0.4]
    return [
        Lead(
            lead_id=f"LEAD-{number:04}",
            kind=told[i][0].kind,
            about=told[i][1],
            ground=told[i][2],
            text=told[i][0].says,
            given_on=DateSpan.read(told[i][0].date),
            reliability=told[i][0].reliability,
            source_id=told[i][0].source_id,
        )
        for number, i in enumerate(rng.permutation(len(told)), start=1)
    ]


def _containers(programme: Programme) -> Iterator[Container]:
    """Each box, and where its sender says that it is from: what its remains say already."""
    handed_over = {row.container_id: row for row in programme.remains}
    for container_id, row in sorted(handed_over.items()):
        yield Container(
            container_id=container_id,
            state="received",
            received_on=DateSpan.read(row.accession.rpartition("-")[2]),
            stated_from=row.site_id,
            origin=row.found,
        )


def _region(base: Base, season: int) -> Region:
    return Region(
        region_id=base.region_id,
        name=base.name,
        mobilisation_cost=base.mobilisation_cost,
        travel_days=base.travel_days,
        window_from=DateSpan.read(f"{season}-{base.window_from}"),
        window_until=DateSpan.read(f"{season}-{base.window_until}"),
        base=base.place,
    )


def _source(teller: Teller) -> Source:
    return Source(
        source_id=teller.source_id,
        kind=teller.kind,
        title=teller.title,
        publisher=teller.publisher,
        date=DateSpan.read(teller.date),
        page=teller.page,
    )


def _season(programme: Programme) -> int:
    """The first year after what is known."""
    return 2022 if programme.settings.as_of is None else programme.settings.as_of.latest.year + 1


# --- the plane around a place ---


def _nearest(country: Country, account: Account) -> str:
    place = account.ground.place if account.ground is not None else None
    assert place is not None, "a common grave is told of at a point"
    return min(country.regions, key=lambda base: (distance_m(base.place, place), base.region_id)).region_id


def distance_m(one: Place, other: Place) -> float:
    """Metres between two places not far apart, on a plane."""
    north = (one.lat - other.lat) * DEGREE_M
    east = (one.lon - other.lon) * DEGREE_M * math.cos(math.radians((one.lat + other.lat) / 2))
    return math.hypot(north, east)


def shifted(place: Place, north_m: float, east_m: float) -> Place:
    """The place so many metres to the north and east."""
    degree_east = DEGREE_M * math.cos(math.radians(place.lat))
    return Place(lat=round(place.lat + north_m / DEGREE_M, 5), lon=round(place.lon + east_m / degree_east, 5))


def _near(place: Place, radius_m: float, rng: np.random.Generator) -> Place:
    """A place normally distributed around another; the radius is two sigma."""
    north, east = rng.normal(0, radius_m / 2, size=2).tolist()
    return shifted(place, north, east)


def _on_land(place: Place, radius_m: float, rng: np.random.Generator) -> Place:
    """A place on land near another; the other itself, if none is found."""
    for _ in range(_TRIES):
        found = _near(place, radius_m, rng)
        if theatre(LAND).contains(found.lat, found.lon):
            return found
    return _point(place)


def _point(place: Place) -> Place:
    return replace(place, radius_m=None)
