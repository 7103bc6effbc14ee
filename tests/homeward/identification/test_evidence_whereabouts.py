"""Place as evidence from the search belief: worked by hand, and what must hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.identification.evidence import combine
from homeward.identification.evidence.lines import Case, Line
from homeward.identification.evidence.place import weigh
from homeward.identification.evidence.whereabouts import state_of
from homeward.identification.identify import identify
from homeward.identification.individuals import individuals_of
from homeward.programme import (
    Container,
    Decision,
    Ground,
    MissingPerson,
    Outcome,
    Place,
    Programme,
    Remains,
    Scenario,
    ScenarioKind,
    Searched,
    SearchOutcome,
    Settings,
    Sex,
    Site,
)

THEATRE = "POLYGON ((126.8 39.9, 127.2 39.9, 127.2 40.1, 126.8 40.1, 126.8 39.9))"
HILL, VALLEY = Place(lat=40.0, lon=127.0, radius_m=600.0), Place(lat=40.05, lon=126.9, radius_m=600.0)
FLOOR = 0.02


def account(person: str, place: Place, weight: float = 1.0) -> Scenario:
    return Scenario(
        scenario_id=f"{person}-{place.lat}",
        about=person,
        kind=ScenarioKind.ELLIPSE,
        weight=weight,
        ground=Ground(place=place),
        radius_m=place.radius_m,
    )


def programme(**more: object) -> Programme:
    """Ahn is said to lie on the hill, Baek in the valley, Choi in either; remains were found on the hill."""
    persons = tuple(MissingPerson(person_id=name, sex=Sex.MALE) for name in ("Ahn", "Baek", "Choi"))
    accounts = (account("Ahn", HILL), account("Baek", VALLEY), account("Choi", HILL, 0.5), account("Choi", VALLEY, 0.5))
    base = Programme(
        settings=Settings(name="x", search_theatre=THEATRE, place_floor=FLOOR, search_elsewhere=0.0, lines=("place",)),
        missing=persons,
        remains=(Remains(remains_id="R", found=HILL),),
        scenarios=accounts,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def case_of(of: Programme) -> Case:
    return Case(
        programme=of,
        individuals=individuals_of(of),
        persons=of.missing,
        sexes=(Sex.MALE,) * len(of.missing),
        alternatives=("not_listed",),
        groups=("all",),
        group_of=np.zeros(len(of.missing), dtype=np.intp),
        group_weights=np.ones((1, 1)),
        state=state_of(of),
    )


def line_of(of: Programme) -> Line:
    line = weigh(case_of(of))
    assert line is not None
    return line


def ratios(of: Programme) -> np.ndarray:
    """(person,) likelihood ratio of the first remains against someone not listed, before it is bounded."""
    line = line_of(of)
    return np.asarray(np.exp(line.listed[0] - line.general[0, 0, 0]))


def test_a_find_speaks_for_whom_the_search_believes_to_lie_there() -> None:
    # rho is p, 0 and p / 2, their mean p / 2; B is nine tenths of that, and a tenth of next to nothing: the theatre is
    # large beside the hill. Over (1 - floor) p / 2 + floor B that is, to the second place:
    b = 0.9
    of_roster = 1 - FLOOR + FLOOR * b
    expected = [(2 * (1 - FLOOR) + FLOOR * b) / of_roster, FLOOR * b / of_roster, 1.0]

    assert ratios(programme()) == pytest.approx(expected, rel=0.01)


def test_over_the_roster_the_ratios_average_to_one() -> None:
    assert ratios(programme()).mean() == pytest.approx(1.0, abs=1e-12)


def test_an_empty_hill_says_that_who_was_found_there_came_from_elsewhere_less_and_withdrawn_it_says_nothing() -> None:
    dug = Searched(search_id="S1", ground=Ground(place=VALLEY), detection=0.9)
    before, after = ratios(programme()), ratios(programme(searches=(dug,)))

    # Choi is in the valley with 1/2, most of which was dug: so he lies on the hill
    assert after[2] / after[0] > 1.5 * before[2] / before[0]
    assert (ratios(programme(searches=())) == before).all()


def test_empty_searches_of_the_ground_of_the_find_are_left_out() -> None:
    site = Site(site_id="hill", ground=Ground(place=HILL))
    remains = (Remains(remains_id="R", site_id="hill"),)
    certain = Searched(search_id="S1", site_id="hill", detection=1.0)
    plain = ratios(programme(sites=(site,), remains=remains))

    assert ratios(programme(sites=(site,), remains=remains, searches=(certain,))) == pytest.approx(plain, rel=1e-12)


def test_finds_and_identifications_are_not_told_twice() -> None:
    site = Site(site_id="hill", ground=Ground(place=HILL))
    remains = (Remains(remains_id="R", site_id="hill"), Remains(remains_id="Q", site_id="hill"))
    of = programme(sites=(site,), remains=remains)
    found = Searched(search_id="S1", site_id="hill", outcome=SearchOutcome.REMAINS)
    decided = Decision(remains_id="Q", about="Ahn", outcome=Outcome.IDENTIFIED)

    after = ratios(replace(of, searches=(found,), decisions=(decided,)))

    assert (after == ratios(of)).all()


def test_a_senders_label_is_taken_for_anothers_as_often_as_stated() -> None:
    boxes = (
        Container(container_id="one", origin=Place(lat=40.0, lon=127.0)),
        Container(container_id="two", origin=Place(lat=40.05, lon=126.9)),
    )
    remains = (Remains(remains_id="R", container_id="one"),)
    right, wrong = (
        ratios(
            replace(
                programme(containers=boxes, remains=remains),
                settings=replace(programme().settings, search_label_error=error, search_label_radius_m=1500.0),
            )
        )
        for error in (0.0, 0.5)
    )

    assert right[0] > wrong[0] > 1 > wrong[1] > right[1]
    # of the labels a half says nothing and a half of those is right: three to one
    assert wrong[0] / wrong[1] == pytest.approx(3.0, rel=0.1)


def test_a_find_outside_the_theatre_is_not_weighed_and_named() -> None:
    away = Remains(remains_id="far", found=Place(lat=45.0, lon=120.0))
    line = line_of(programme(remains=(Remains(remains_id="R", found=HILL), away)))

    assert not line.listed[1].any()
    assert [note.values for note in line.notes if note.code == "place_off_the_map"] == [{"remains": ["far"]}]


def test_without_accounts_the_kernel_around_the_loss_is_weighed() -> None:
    persons = tuple(
        replace(one, last_seen=place) for one, place in zip(programme().missing, (HILL, VALLEY, HILL), strict=True)
    )
    of = programme(missing=persons, scenarios=())

    assert state_of(of) is None
    assert not any(note.code == "place_believed" for note in line_of(of).notes)


def test_identification_uses_it_and_says_so() -> None:
    of = programme()
    found = identify(replace(of, settings=replace(of.settings, not_listed=0.1, listed_share=0.9)))

    assert found.remains[0].best.hypothesis == "Ahn"
    assert found.remains[0].best.evidence["place"] > 0
    note = next(note for note in found.notes if note.code == "place_believed")
    assert note.values == {"accounts": 4, "searches": 0}


@settings(max_examples=15, deadline=None)
@given(detection=st.floats(0.05, 0.95), weight=st.floats(0.05, 0.95))
def test_the_ratio_of_two_persons_is_that_of_their_chances_by_bayes(detection: float, weight: float) -> None:
    # Choi lies on the hill with weight; the valley was searched in vain: weight / (1 - (1 - weight) detection)
    accounts = (account("Ahn", HILL), account("Choi", HILL, weight), account("Choi", VALLEY, 1 - weight))
    whole = Ground(wkt="POLYGON ((126.85 40.03, 126.95 40.03, 126.95 40.07, 126.85 40.07, 126.85 40.03))")
    dug = Searched(search_id="S1", ground=whole, detection=detection)
    persons = tuple(one for one in programme().missing if one.person_id != "Baek")
    of = programme(missing=persons, scenarios=accounts, searches=(dug,))

    state = state_of(of)

    assert state is not None
    ahn, choi = state.place_evidence([Ground(place=HILL)])[0]
    assert choi / ahn == pytest.approx(weight / (1 - (1 - weight) * detection), rel=1e-3)
    combined = combine([line_of(of)], case_of(of)).log_evidence[0]
    assert combined[1] <= combined[0] + 1e-12
