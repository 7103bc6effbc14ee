"""What an invented world has on record of where its people lie fits where they lie."""

import math
from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
import shapely

from homeward.errors import Nonsense
from homeward.geography.shapes import shape_of
from homeward.geography.theatre import theatre
from homeward.programme import NOTHING, ScenarioKind, SearchOutcome, SiteStatus
from homeward.search.belief import belief
from homeward.search.log import Log
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.fieldwork import _along, distance_m
from homeward.simulation.scenario import korea_country

KOREA = replace(scenarios()["korea"], country=korea_country())
SMALL = scaled(KOREA, persons=300)
FIELDWORK = ("scenarios", "leads", "regions", "sites", "searches", "containers", "sources")
PUBLISHED = {  # DPAA fact sheet 569604 (2014) and the totals of 2017, as in homeward/data/korea/README.md
    "Apex camps": 300,
    "Camp 5": 550,
    "Death Valley": 350,
    "Suan camps": 225,
    "Unsan and Chongchon": 1400,
    "Chosin": 1000,
    "Demilitarized zone": 1000,
    "United Nations cemeteries": 233,
}


@pytest.fixture(scope="module")
def whole():
    return simulate(KOREA, seed=1)


@pytest.fixture(scope="module")
def small():
    return simulate(SMALL, seed=5)


def test_everything_else_of_a_seed_stays_as_it_was(small):
    programme, truth = small
    without, same = simulate(replace(SMALL, country=None), seed=5)
    bare = replace(programme, settings=without.settings, **dict.fromkeys(FIELDWORK, ()))
    assert repr(bare) == repr(without)
    assert repr(replace(truth, lying=NOTHING)) == repr(same)
    assert replace(programme.settings, search_label_error=0.1) == without.settings


def test_the_same_seed_has_the_same_on_record(small):
    again, truth = simulate(SMALL, seed=5)
    assert [getattr(again, name) for name in FIELDWORK] == [getattr(small[0], name) for name in FIELDWORK]
    assert truth.lying == small[1].lying


def test_the_accounts_of_an_incident_share_one_probability(whole):
    programme, _ = whole
    of_each = defaultdict(float)
    for one in programme.scenarios:
        of_each[one.about] += one.weight
    assert set(of_each.values())
    assert all(abs(total - 1) < 1e-4 for total in of_each.values())
    assert {person.incident_id for person in programme.missing} <= set(of_each)


def test_as_many_lie_in_each_area_as_is_published(whole):
    """Everyone counted at the nearest place of loss, elsewhere left out, and a tenth to a quarter lie elsewhere."""
    _programme, truth = whole
    group_of = {(one.place.lat, one.place.lon): one.group for one in KOREA.incidents}
    lying = [one for one in truth.lying.values() if one.place is not None]
    assert len(truth.lying) == 5300
    assert len(lying) / 5300 == pytest.approx(0.89, abs=0.02)
    counted = Counter(
        group_of[min(group_of, key=lambda at: math.hypot(at[0] - one.place.lat, (at[1] - one.place.lon) * 0.77))]
        for one in lying
    )
    for group, published in PUBLISHED.items():
        share = 0.8 if group == "United Nations cemeteries" else 0.89  # the rest lies elsewhere, by burials.csv
        assert counted[group] == pytest.approx(share * published, rel=0.17), group


def test_sources_are_right_as_often_as_they_say():
    """A grave that is where an account names it lies within two radii of it, nearly always; a wrong one seldom."""
    within, told = defaultdict(list), {}
    for seed in (1, 2, 3):
        programme, truth = simulate(replace(scaled(KOREA, persons=2600), recording=SMALL.recording), seed=seed)
        places = {one.grave: one.place for one in truth.lying.values() if one.grave}
        for account in programme.scenarios:
            if account.scenario_id in places and account.kind is ScenarioKind.ELLIPSE:
                away = distance_m(account.ground.place, places[account.scenario_id]) / account.radius_m
                within[account.source_id].append(away <= 2)
                told[account.source_id] = account.reliability
    veteran, resident = np.mean(within["SOURCE-03"]), np.mean(within["SOURCE-04"])
    record = np.mean(within["SOURCE-01"])
    assert told["SOURCE-01"] > told["SOURCE-03"] > told["SOURCE-04"]
    assert record > veteran > resident - 0.1
    assert record >= told["SOURCE-01"] - 0.1


def test_a_search_found_whoever_it_took_up_and_nobody_else(whole):
    programme, truth = whole
    recovered = [one for one in truth.lying.values() if one.state == "recovered"]
    hits = [one for one in programme.searches if one.outcome is SearchOutcome.REMAINS]
    assert bool(recovered) == bool(hits)
    assert len(hits) <= len(recovered)
    sites = {site.site_id: site for site in programme.sites}
    for one in programme.searches:
        rate = sites[one.site_id].detection_rate
        assert one.detection == pytest.approx(1 - math.exp(-rate * one.effort), abs=5.1e-4)
        assert sites[one.site_id].status in (SiteStatus.OPEN, SiteStatus.CLOSED)


def test_most_holes_were_empty():
    """Over several worlds as few searches found anything as experience says (Cyprus: 3% to 31% of sites)."""
    outcomes = Counter(
        one.outcome for seed in range(8) for one in simulate(scaled(KOREA, persons=1500), seed=seed)[0].searches
    )
    share = outcomes[SearchOutcome.REMAINS] / sum(outcomes.values())
    assert 0.03 <= share <= 0.31


def test_sites_have_costs_a_region_and_a_permit_within_its_weather(whole):
    programme, _ = whole
    regions = {one.region_id: one for one in programme.regions}
    assert 40 <= len(programme.sites) <= 80
    assert len({site.region for site in programme.sites}) >= 8
    for site in programme.sites:
        region = regions[site.region]
        assert site.fixed_cost > 0
        assert site.cost_per_unit > 0
        assert site.detection_rate > 0
        if site.permit_from is not None:
            assert region.window_from.earliest <= site.permit_from.earliest
            assert site.permit_from.earliest < site.permit_until.latest <= region.window_until.latest


def test_nobody_tells_of_a_grave_in_the_sea():
    for seed in range(6):
        programme, _truth = simulate(scaled(KOREA, persons=500), seed=seed)
        grounds = [site.ground for site in programme.sites]
        grounds += [one.ground for one in programme.scenarios if one.shared]
        middles = [shape_of(ground).centroid for ground in grounds]
        assert theatre("korea").contains([one.y for one in middles], [one.x for one in middles]).all()


def test_a_box_states_where_its_remains_are_said_to_be_from(small):
    programme, _ = small
    said = {row.container_id: row.found for row in programme.remains}
    assert {one.container_id: one.origin for one in programme.containers} == said


def test_whoever_came_back_in_a_box_does_not_lie_in_the_field(small):
    programme, truth = small
    boxed = {who for who in truth.hypotheses.values() if who in programme.people}
    assert {who for who, one in truth.lying.items() if one.state == "box"} == boxed


def test_a_point_halfway_along_a_route_is_worked_by_hand():
    """Two legs of one degree of latitude each: half of the length is where they meet."""
    middle = _along("LINESTRING (126 39, 126 40, 126 41)", 0.5)
    assert (middle.lat, middle.lon) == (pytest.approx(40), 126)


def test_ways_of_lying_that_do_not_sum_to_one_are_refused():
    with pytest.raises(Nonsense, match="sum to"):
        replace(KOREA.country, ways=KOREA.country.ways[1:])


def coarse(programme):
    return replace(programme, settings=replace(programme.settings, search_cell_m=500.0))


def test_the_map_of_what_is_told_gives_the_published_concentrations(whole):
    """The belief before any search, each cell counted at the nearest place of loss, and what is elsewhere by group."""
    programme, _truth = whole
    start = belief(coarse(programme)).after(Log())
    mass = start.value(np.ones(5300))
    cells = np.flatnonzero(mass)
    x, y = start.grid.centres_xy(cells)
    at = [start.grid.project(one.place.lat, one.place.lon) for one in KOREA.incidents]
    nearest = np.argmin([np.hypot(x - float(a), y - float(b)) for a, b in at], axis=0)
    groups = [one.group for one in KOREA.incidents]
    told = Counter()
    for incident, value in enumerate(np.bincount(nearest, weights=mass[cells], minlength=len(groups))):
        told[groups[incident]] += value
    number = {one.name: one.group for one in KOREA.incidents}
    of_id = {one.incident_id: number[one.name] for one in programme.incidents}
    lost = start.weights @ start.belief.outside  # elsewhere, in the sea or beyond the river
    for person, elsewhere in zip(programme.missing, lost, strict=True):
        told[of_id[person.incident_id]] += elsewhere
    for group, published in PUBLISHED.items():
        assert told[group] == pytest.approx(published, rel=0.12), group


def test_as_many_lie_at_the_sites_as_is_believed():
    """Over twelve worlds the number that lay at sites is what the accounts promise, within four standard errors."""
    believed, lay = [], []
    for seed in range(12):
        programme, truth = simulate(scaled(KOREA, persons=900), seed=seed)
        start = belief(coarse(programme)).after(Log())
        grounds = [site.ground for site in programme.sites]
        believed.append(start.expected(grounds, np.ones(900)).sum())
        at = [one.place for one in truth.lying.values() if one.place is not None]
        points = shapely.points([place.lon for place in at], [place.lat for place in at])
        lay.append(sum(int(shapely.contains(shape_of(ground), points).sum()) for ground in grounds))
    difference = np.array(lay) - np.array(believed)
    assert abs(difference.mean()) <= 4 * difference.std(ddof=1) / math.sqrt(12)
    assert np.sum(lay) == pytest.approx(np.sum(believed), rel=0.3)
