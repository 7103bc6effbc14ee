"""Stated origins and numbers of individuals, against sums worked by hand and enumeration."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import poisson

from homeward.errors import Nonsense
from homeward.geography.grid import Grid
from homeward.geography.theatre import theatre
from homeward.programme import Ground, Incident, MissingPerson, Place, Programme, Scenario, ScenarioKind, Settings
from homeward.search.belief import belief
from homeward.search.log import Log, SearchDone
from homeward.search.origins import origin_evidence, present_given_number, stated_origins

GRID = Grid.over(theatre("korea"), 1000)
NORTH, SOUTH = Place(lat=41.0, lon=127.0, radius_m=6000), Place(lat=39.0, lon=126.5, radius_m=6000)


def programme():
    return Programme(
        settings=Settings(name="two villages", search_cell_m=1000),
        missing=(MissingPerson(person_id="P-N", incident_id="N"), MissingPerson(person_id="P-S", incident_id="S")),
        incidents=(Incident(incident_id="N", place=NORTH), Incident(incident_id="S", place=SOUTH)),
        scenarios=tuple(
            Scenario(
                scenario_id=f"NEAR-{name}",
                about=name,
                kind=ScenarioKind.ELLIPSE,
                weight=1.0,
                ground=Ground(place=place),
                radius_m=6000,
            )
            for name, place in (("N", NORTH), ("S", SOUTH))
        ),
    )


def test_a_label_speaks_for_those_lost_near_it_and_its_error_for_the_others():
    """N(0, s) against N(0, s): both person and label are spread alike; the error is halved between two depots."""
    state = belief(programme(), grid=GRID).after(Log())
    labels = stated_origins(GRID, [NORTH, SOUTH], radius_m=3000, error=0.2)
    evidence = origin_evidence(state, labels)
    own = 0.9 * 0.8 / (4 * np.pi * 3.0**2)  # the rest, 0.2, is elsewhere; overlap of two normals of 3 km, per km2
    assert evidence[0, 0] == pytest.approx(own, rel=0.02)
    assert evidence[0, 1] == pytest.approx(own / 9, rel=0.02)
    assert evidence[1, 1] / evidence[1, 0] == pytest.approx(9, rel=0.02)


def test_a_certain_label_says_nothing_of_elsewhere_and_a_search_lowers_it():
    start = belief(programme(), grid=GRID)
    labels = stated_origins(GRID, [NORTH], radius_m=3000, error=0.0)
    assert origin_evidence(start.after(Log()), labels)[0, 1] == 0
    dry = start.after(Log((SearchDone(fact_id="1", ground=Ground(place=NORTH), detection=0.9),)))
    assert origin_evidence(dry, labels)[0, 0] < origin_evidence(start.after(Log()), labels)[0, 0]


def test_every_label_sums_to_one_on_land():
    labels = stated_origins(GRID, [NORTH, SOUTH, NORTH], radius_m=3000, error=0.3, depots=[SOUTH])
    np.testing.assert_allclose(np.asarray(labels.sum(axis=1)).ravel(), 1, atol=1e-9)
    assert stated_origins(GRID, [], radius_m=3000, error=0.3).shape == (0, GRID.size)


@pytest.mark.parametrize(("radius", "error"), [(3000, 1.5), (0, 0.1), (float("nan"), 0.1)])
def test_what_is_no_label_is_refused(radius, error):
    with pytest.raises(Nonsense):
        stated_origins(GRID, [NORTH], radius_m=radius, error=error)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=7), st.just(0.0) | st.floats(0.01, 3), st.integers(0, 6))
@settings(max_examples=60, deadline=None)
def test_who_is_among_so_many_by_enumeration(chances, unlisted, number):
    total, present = 0.0, np.zeros(len(chances))
    for there in product([0, 1], repeat=len(chances)):
        weight = float(np.prod([p if one else 1 - p for p, one in zip(chances, there, strict=True)]))
        weight *= float(poisson.pmf(number - sum(there), unlisted)) if number >= sum(there) else 0.0
        total += weight
        present += weight * np.array(there)
    if total <= 1e-200:
        with pytest.raises(Nonsense, match="cannot be there"):
            present_given_number(chances, unlisted, number)
    else:
        np.testing.assert_allclose(
            present_given_number(chances, unlisted, number), present / total, rtol=1e-9, atol=1e-15
        )


def test_the_expected_number_is_what_was_counted_where_nobody_else_can_be():
    chances = np.linspace(0.01, 0.9, 50)
    assert present_given_number(chances, 0.0, 12).sum() == pytest.approx(12, rel=1e-12)
    assert present_given_number(chances, 2.0, 12).sum() < 12


def test_chances_beyond_one_are_refused():
    with pytest.raises(Nonsense, match="between 0 and 1"):
        present_given_number([1.2], 0.0, 1)
