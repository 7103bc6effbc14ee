"""A season's plan, against answers worked by hand."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from homeward.errors import Nonsense, NotFound
from homeward.planning.fieldplan import field_plan
from homeward.planning.windows import Reason, Season
from homeward.planning.worth import Assumed
from homeward.programme import (
    Burial,
    DateSpan,
    Ground,
    Incident,
    MissingPerson,
    Place,
    Programme,
    Region,
    Scenario,
    ScenarioKind,
    Searched,
    Settings,
    Site,
    SiteStatus,
)
from homeward.search.belief import belief
from homeward.search.log import log_of

HILL, VALLEY = Place(lat=40.0, lon=126.0), Place(lat=39.0, lon=126.5)
SEASON = Season(budget=2.0, crews=2, starts=date(2022, 6, 1), days=60)
EVERYONE = np.ones(4)


def lies(scenario_id, about, place, weight):
    here = Scenario(
        scenario_id=scenario_id,
        about=about,
        kind=ScenarioKind.ELLIPSE,
        weight=weight,
        ground=Ground(place=place),
        radius_m=40,
    )
    nowhere = Scenario(
        scenario_id=f"{scenario_id}-NOT", about=about, kind=ScenarioKind.ELSEWHERE, weight=round(1 - weight, 9)
    )
    return here, nowhere


def site(site_id, place, **fields):
    ground = Ground(place=replace(place, radius_m=800))
    plain = {"region": "R", "detection_rate": 1.0, "cost_per_unit": 1.0, "days": 1.0}
    return Site(site_id=site_id, ground=ground, **{**plain, **fields})


PROGRAMME = Programme(
    settings=Settings(name="two places"),
    missing=tuple(MissingPerson(person_id=f"P-{k}", incident_id="HILL" if k < 4 else "VALLEY") for k in range(1, 5)),
    incidents=(Incident(incident_id="HILL", place=HILL), Incident(incident_id="VALLEY", place=VALLEY)),
    scenarios=(*lies("ON-HILL", "HILL", HILL, 0.5), *lies("IN-VALLEY", "VALLEY", VALLEY, 0.8)),
    regions=(Region(region_id="R"),),
    sites=(site("S-HILL", HILL), site("S-VALLEY", VALLEY)),
)


def planned(programme=PROGRAMME, worth=EVERYONE, season=SEASON, **fields):
    state = belief(programme).after(log_of(programme))
    return field_plan(programme, state, np.asarray(worth, dtype=float), season, **fields)


def test_effort_is_divided_as_worked_by_hand():
    """Three of the hill with chance 0.5 are worth 1.5, one of the valley 0.8; both rates and costs are one.

    Equal margins: 1.5 exp(-z) = 0.8 exp(-(2 - z)), so z = 1 + ln(1.5 / 0.8) / 2 = 1.314.
    """
    hill = 1 + math.log(1.5 / 0.8) / 2
    plan = planned()
    of = {dig.site.site_id: dig for dig in plan.digs}
    assert of["S-HILL"].bodies == pytest.approx(1.5, rel=1e-6)
    assert of["S-VALLEY"].bodies == pytest.approx(0.8, rel=1e-6)
    assert of["S-HILL"].effort == pytest.approx(hill, rel=1e-4)
    assert of["S-VALLEY"].effort == pytest.approx(2 - hill, rel=1e-4)
    expected = 1.5 * (1 - math.exp(-hill)) + 0.8 * (1 - math.exp(hill - 2))
    assert plan.expected_identifications == pytest.approx(expected, rel=1e-6)
    assert plan.bound >= plan.expected_identifications * (1 - 1e-9)
    assert plan.cost == pytest.approx(2, rel=1e-6)
    assert of["S-HILL"].marginal == pytest.approx(of["S-VALLEY"].marginal, rel=1e-3)


def test_it_says_who_may_lie_at_a_site_and_how_many_are_believed_where():
    plan = planned()
    of = {dig.site.site_id: dig for dig in plan.digs}
    assert of["S-HILL"].who == pytest.approx({"P-1": 0.5, "P-2": 0.5, "P-3": 0.5}, rel=1e-6)
    assert of["S-HILL"].likely == 3
    assert of["S-VALLEY"].incidents == pytest.approx({"VALLEY": 0.8}, rel=1e-6)
    assert plan.believed == pytest.approx(2.3, rel=1e-6)
    assert plan.elsewhere == pytest.approx(1.7, rel=1e-6)


def test_an_empty_search_lowers_a_site_as_bayes_says():
    """0.5 x 0.2 stays on the hill against 0.5 elsewhere: one in six of each of three."""
    searched = Searched(search_id="D-1", site_id="S-HILL", on=DateSpan.read("2019"), detection=0.8)
    of = {dig.site.site_id: dig for dig in planned(replace(PROGRAMME, searches=(searched,))).digs}
    assert of["S-HILL"].bodies == pytest.approx(0.5, rel=1e-6)
    assert of["S-VALLEY"].bodies == pytest.approx(0.8, rel=1e-6)


def test_nobody_who_could_be_named_is_no_reason_to_dig():
    plan = planned(worth=[0, 0, 0, 0.5])
    assert [dig.site.site_id for dig in plan.digs] == ["S-VALLEY"]
    assert plan.digs[0].value == pytest.approx(0.4, rel=1e-6)
    assert [(left.site.site_id, left.reason) for left in plan.left] == [("S-HILL", Reason.NO_BELIEF)]


def test_a_mass_grave_counts_for_as_many_as_can_be_put_together():
    mass = replace(PROGRAMME, sites=(site("S-HILL", HILL, burial=Burial.MASS),))
    assert planned(mass, assumed=Assumed(commingled=0.6)).digs[0].value == pytest.approx(0.9, rel=1e-6)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": SiteStatus.CLOSED}, Reason.DONE),
        ({"status": SiteStatus.ABANDONED}, Reason.DONE),
        ({"permit_from": DateSpan.read("2022-09-01"), "permit_until": DateSpan.read("2022-10")}, Reason.NO_PERMIT),
        ({"fixed_cost": 3.0}, Reason.TOO_DEAR),
    ],
)
def test_a_site_that_is_not_dug_says_why(fields, reason):
    plan = planned(replace(PROGRAMME, sites=(site("S-HILL", HILL, **fields), PROGRAMME.sites[1])))
    assert [(left.site.site_id, left.reason) for left in plan.left] == [("S-HILL", reason)]
    assert [dig.site.site_id for dig in plan.digs] == ["S-VALLEY"]


def test_a_site_without_ground_cannot_be_dug():
    plan = planned(replace(PROGRAMME, sites=(*PROGRAMME.sites, Site(site_id="S-RUMOUR", region="R"))))
    assert [(left.site.site_id, left.reason, left.lat) for left in plan.left] == [("S-RUMOUR", Reason.NO_GROUND, None)]


def test_a_region_closed_by_weather_is_left():
    winter = Region(region_id="R", window_from=DateSpan.read("2022-11-01"), window_until=DateSpan.read("2022-12-01"))
    plan = planned(replace(PROGRAMME, regions=(winter,)))
    assert {left.reason for left in plan.left} == {Reason.NO_WEATHER}
    assert plan.digs == ()
    assert plan.expected_identifications == 0


def test_a_region_that_costs_more_than_it_brings_is_not_entered():
    far = replace(
        PROGRAMME,
        regions=(Region(region_id="R"), Region(region_id="FAR", mobilisation_cost=1.9)),
        sites=(site("S-HILL", HILL), site("S-VALLEY", VALLEY, region="FAR")),
    )
    plan = planned(far)
    assert plan.regions == ("R",)
    assert plan.left[0].reason in (Reason.REGION, Reason.TOO_DEAR)


def test_sites_of_no_region_are_dug_without_the_cost_of_one():
    alone = replace(PROGRAMME, regions=(), sites=tuple(replace(one, region="") for one in PROGRAMME.sites))
    plan = planned(alone)
    assert plan.expected_identifications == pytest.approx(planned().expected_identifications, rel=1e-9)
    assert plan.mobilisation == 0


def test_a_site_without_a_rate_finds_in_one_unit_with_the_detection_of_the_programme():
    """One unit with detection 0.8: a = -ln 0.2."""
    plain = replace(site("S-HILL", HILL), detection_rate=None)
    plan = planned(replace(PROGRAMME, sites=(plain,)), season=replace(SEASON, budget=1.0))
    assert plan.digs[0].detection == pytest.approx(0.8, rel=1e-6)


def test_more_money_brings_no_less_and_a_lost_permit_no_more():
    plan = planned()
    brought = [one.expected_identifications for one in plan.curve]
    assert brought == sorted(brought)
    assert all(one.bound >= one.expected_identifications * (1 - 1e-9) for one in plan.curve)
    assert {one.about for one in plan.permits} == {"S-HILL", "S-VALLEY"}
    assert all(one.expected_identifications < plan.expected_identifications for one in plan.permits)
    assert all(one.expected_identifications <= plan.expected_identifications + 1e-9 for one in plan.ways)
    assert plan.ways


def test_crews_dig_one_site_at_a_time_within_the_season():
    plan = planned(season=replace(SEASON, crews=1))
    first, second = plan.digs
    assert first.last <= second.first + 1e-9
    assert second.last <= 60
    assert first.starts >= SEASON.starts


def test_sites_that_share_ground_are_named():
    beside = site("S-BESIDE", HILL)
    assert planned(replace(PROGRAMME, sites=(*PROGRAMME.sites, beside))).overlapping == (("S-HILL", "S-BESIDE"),)


def test_a_site_outside_the_theatre_is_refused():
    box = Ground(wkt="POLYGON ((10 50, 11 50, 11 51, 10 51, 10 50))")
    with pytest.raises(Nonsense, match=r"S-AFAR lies outside the theatre 'korea'; correct its place in sites\.csv"):
        planned(replace(PROGRAMME, sites=(Site(site_id="S-AFAR", ground=box),)))


def test_a_site_of_no_known_region_is_refused():
    with pytest.raises(NotFound, match=r"S-HILL is of the region 'X', which is not in regions\.csv"):
        planned(replace(PROGRAMME, sites=(site("S-HILL", HILL, region="X"),)))


def test_worth_of_other_people_is_refused():
    with pytest.raises(Nonsense, match="worth is of 3 people and 4 are missing"):
        planned(worth=np.ones(3))
