"""What holes say of who told: by hand for one grave, by law for none, and what is left as stated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from homeward.geography.grid import Grid
from homeward.geography.theatre import theatre
from homeward.planning.reliability import AS_STATED, SHARES, Look, discounted, learned, looks_of
from homeward.programme import (
    DateSpan,
    Ground,
    Incident,
    MissingPerson,
    Place,
    Programme,
    Scenario,
    ScenarioKind,
    Searched,
    SearchOutcome,
    Settings,
    Site,
    Source,
)
from homeward.search.belief import belief
from homeward.search.log import Log, SearchDone, log_of

SQUARE = "POLYGON ((126.3 39.8, 126.9 39.8, 126.9 40.2, 126.3 40.2, 126.3 39.8))"
MIDDLE = Place(lat=40.0, lon=126.6, radius_m=4000.0)
TOLD = Place(lat=40.0, lon=126.62)
HERE = Ground(place=Place(lat=40.0, lon=126.62, radius_m=900.0))


def programme(*, reliability=1.0, share=1.0, persons=3, source="VETERAN", shared=True):
    return Programme(
        settings=Settings(name="one grave", search_cell_m=250, search_theatre=SQUARE, search_elsewhere=0.0),
        missing=tuple(MissingPerson(person_id=f"P-{k}", incident_id="I") for k in range(persons)),
        incidents=(Incident(incident_id="I", place=MIDDLE),),
        sources=(Source(source_id="VETERAN", kind="veteran"), Source(source_id="MAP", kind="map")),
        scenarios=(
            Scenario(
                scenario_id="GRAVE",
                about="I",
                kind=ScenarioKind.ELLIPSE,
                weight=share,
                ground=Ground(place=TOLD),
                radius_m=500.0,
                shared=shared,
                reliability=reliability,
                source_id=source,
            ),
            *(
                [
                    Scenario(
                        scenario_id="AROUND",
                        about="I",
                        kind=ScenarioKind.ELLIPSE,
                        weight=1 - share,
                        ground=Ground(place=replace(MIDDLE, radius_m=None)),
                        radius_m=4000.0,
                    )
                ]
                if share < 1
                else []
            ),
        ),
        sites=(Site(site_id="S-1", ground=HERE),),
    )


def hole(found, detection=0.8, known=0):
    return Look(ground=HERE, detection=detection, found=found, known=known)


def empty(number):
    return SearchDone(fact_id=f"empty {number}", ground=HERE, detection=0.8)


def test_without_holes_everything_is_as_stated():
    whole = programme(reliability=0.8)
    found = learned(whole, (), Log())
    assert found.everyone.as_stated == pytest.approx(AS_STATED)
    assert found.log == Log()
    assert found.searching.mean == pytest.approx(0.1 * 0.475 * 20 / 19, rel=1e-6)  # its prior, not applied
    assert [(one.kind, one.accounts) for one in found.sources] == [("veteran", 1)]


def test_one_empty_hole_weighs_the_shares_as_worked_by_hand():
    """P(empty | e) = 1 - 0.8 ((1 - e) K + e A), K and A what the grave as told and the incident's ground hold here."""
    whole = programme()
    grid = Grid.over(theatre(SQUARE), 250)
    told = belief(whole, grid=grid).after(Log()).anything([HERE])[0]
    wrong = belief(
        replace(
            whole,
            scenarios=(
                replace(whole.scenarios[0], ground=Ground(place=replace(MIDDLE, radius_m=None)), radius_m=4000.0),
            ),
        ),
        grid=grid,
    )
    around = wrong.after(Log()).anything([HERE])[0]
    prior = np.full(20, 0.5 / 19)
    prior[0] = 0.5
    expected = prior * (1 - 0.8 * ((1 - SHARES) * told + SHARES * around))
    found = learned(whole, [hole(found=False)], Log((empty(1),)), grid=grid)
    np.testing.assert_allclose(found.everyone.posterior, expected / expected.sum(), rtol=1e-9)


def test_a_find_speaks_for_who_told_and_an_empty_hole_against_him():
    whole = programme(share=0.7)
    found = learned(whole, [hole(found=True)], Log())
    nothing = learned(whole, [hole(found=False)], Log((empty(1),)))
    assert found.everyone.as_stated > AS_STATED > nothing.everyone.as_stated
    assert found.everyone.mean < nothing.everyone.mean


def test_of_a_kind_of_whom_no_hole_told_nothing_own_is_learned():
    whole = programme(share=0.7)
    far = replace(
        whole.scenarios[0],
        scenario_id="FAR",
        about="J",
        ground=Ground(place=Place(lat=39.9, lon=126.4)),
        source_id="MAP",
    )
    further = replace(
        whole,
        incidents=(*whole.incidents, Incident(incident_id="J", place=Place(lat=39.9, lon=126.4, radius_m=3000.0))),
        missing=(*whole.missing, MissingPerson(person_id="Q", incident_id="J")),
        scenarios=(*whole.scenarios, far),
    )
    found = learned(further, [hole(found=False)], Log((empty(1),)))
    by_kind = {one.kind: one for one in found.sources}
    common = found.everyone.posterior
    np.testing.assert_allclose(by_kind["map"].posterior, 0.9 * common + 0.1 / 20, rtol=1e-9)
    assert by_kind["veteran"].mean > found.everyone.mean


def test_a_grave_that_is_not_where_it_was_told_keeps_its_people_together():
    """With a reliability of a half, somebody is there with half the chance, not with that of one man out of three."""
    sure, half = (learned(programme(reliability=r), (), Log()).belief.after(Log()) for r in (1.0, 0.5))
    alone = belief(programme(reliability=0.5)).after(Log())
    there = float(half.anything([HERE])[0])
    away = float(learned(programme(reliability=0.0), (), Log()).belief.after(Log()).anything([HERE])[0])
    assert there == pytest.approx((float(sure.anything([HERE])[0]) + away) / 2, rel=1e-9)
    assert there < float(alone.anything([HERE])[0])
    everyone = np.ones(3)
    assert float(half.expected([HERE], everyone)[0]) == pytest.approx(
        float(alone.expected([HERE], everyone)[0]), rel=1e-2
    )


def test_looks_are_the_searches_of_a_programme_year_by_year():
    searches = (
        Searched(
            search_id="B", site_id="S-1", on=DateSpan.read("1999-07"), outcome=SearchOutcome.REMAINS, detection=0.7
        ),
        Searched(search_id="A", site_id="S-1", on=DateSpan.read("1998-06"), detection=0.6),
        Searched(search_id="C", site_id="S-1", on=DateSpan.read("1998-08"), detection=0.5),
    )
    whole = replace(programme(), searches=searches)
    looks = looks_of(whole)
    assert [(one.detection, one.found, one.known) for one in looks] == [
        (0.6, False, 0),
        (0.5, False, 0),
        (0.7, True, 2),
    ]
    assert len(log_of(whole).facts) == 3


def test_a_discounted_log_has_lost_its_share_of_detection_and_nothing_else():
    log = discounted(Log((empty(1),)), 0.25)
    assert log.facts[0] == replace(empty(1), detection=pytest.approx(0.6))


def test_many_full_holes_leave_it_as_stated_and_many_empty_ones_do_not():
    whole = programme()
    twelve = replace(
        whole,
        incidents=tuple(Incident(incident_id=f"I-{k}", place=MIDDLE) for k in range(12)),
        missing=tuple(MissingPerson(person_id=f"P-{k}", incident_id=f"I-{k}") for k in range(12)),
        scenarios=tuple(replace(whole.scenarios[0], scenario_id=f"G-{k}", about=f"I-{k}") for k in range(12)),
    )
    grounds = [Ground(place=Place(lat=40.0, lon=126.62, radius_m=900.0 + k)) for k in range(12)]
    full = learned(twelve, [Look(ground=one, detection=0.8, found=True, known=0) for one in grounds], Log())
    facts = tuple(SearchDone(fact_id=str(k), ground=one, detection=0.8) for k, one in enumerate(grounds))
    none = learned(
        twelve, [Look(ground=one, detection=0.8, found=False, known=k) for k, one in enumerate(grounds)], Log(facts)
    )
    assert full.everyone.as_stated > AS_STATED
    assert none.everyone.mean > 0.6
    assert none.everyone.interval[0] > 0
