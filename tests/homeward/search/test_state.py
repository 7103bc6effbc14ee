"""What is believed before and after searches, finds and identifications."""

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, NotFound
from homeward.geography.grid import Grid
from homeward.geography.theatre import theatre
from homeward.programme import (
    Burial,
    DateSpan,
    Decision,
    Ground,
    Incident,
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
    Site,
    Status,
)
from homeward.search.belief import belief
from homeward.search.kernels import ellipse, kernel_of, route, witness
from homeward.search.log import Found, Identified, Log, SearchDone, detection_of, log_of

GRID = Grid.over(theatre("korea"), 1000)
MIDDLE = Place(lat=40.0, lon=126.6)


def polygon(x, y):
    lat, lon = GRID.unproject(np.asarray(x), np.asarray(y))
    points = ", ".join(f"{a:.10f} {b:.10f}" for a, b in zip([*lon, lon[0]], [*lat, lat[0]], strict=True))
    return Ground(wkt=f"POLYGON (({points}))")


def area(cells):
    """A row of cells, a centimetre within their edges, with a corner at every cell."""
    x, y = GRID.centres_xy(np.array(cells))
    across = np.concatenate([[x[0] - 499.99], x + 499.99])
    return polygon([*across, *across[::-1]], [y[0] - 499.99] * len(across) + [y[0] + 499.99] * len(across))


def cell_ground(cell):
    return area([cell])


def ten_cells():
    first = int(GRID.cells_of([40.0], [126.6])[0])
    return [first + step for step in range(10)]


HERE = area(ten_cells())


def account(scenario_id, about, weight, **fields):
    plain = {"kind": ScenarioKind.ELLIPSE, "ground": Ground(place=MIDDLE), "radius_m": 4000.0}
    return Scenario(scenario_id=scenario_id, about=about, weight=weight, **{**plain, **fields})


def elsewhere(scenario_id, about, weight):
    return account(scenario_id, about, weight, kind=ScenarioKind.ELSEWHERE, ground=None, radius_m=None)


def group(persons, weight, ground, *, shared):
    return Programme(
        settings=Settings(name="group", search_cell_m=1000),
        missing=tuple(MissingPerson(person_id=f"P-{k}", incident_id="I") for k in range(persons)),
        incidents=(Incident(incident_id="I", place=MIDDLE),),
        scenarios=(
            account("GRAVE", "I", weight, ground=ground, radius_m=None, shared=shared),
            elsewhere("NOT", "I", 1 - weight),
        ),
    )


def chance_there(state, key="GRAVE"):
    number = next(k for k, one in enumerate(state.belief.components) if one.key == key)
    return state.weights.toarray()[:, number]


# --- shared graves ---


def enumerated(persons, weight, kept):
    """P(first is in the grave | nothing found), over everyone in or out: nobody in it, nothing could be found."""
    total = inside = 0.0
    for members in product([0, 1], repeat=persons):
        prior = math.prod(weight if one else 1 - weight for one in members)
        likelihood = kept if any(members) else 1.0
        total += prior * likelihood
        inside += prior * likelihood * members[0]
    return inside / total


def test_grave_mates_are_found_together_or_not_at_all_by_enumeration():
    """Six men, each in the grave with chance 0.5; it lies with chance 0.4 where was searched with detection 0.9.

    Exactly 0.495644; each man taken by himself would give 0.390244.
    """
    cells = ten_cells()
    start = belief(group(6, 0.5, area(cells), shared=True), grid=GRID)
    searched = Log(tuple(SearchDone(fact_id=str(k), ground=cell_ground(cells[k]), detection=0.9) for k in range(4)))
    state = start.after(searched)
    assert state.kept[-1] == pytest.approx(1 - 0.4 * 0.9, rel=1e-4)
    assert chance_there(state)[0] == pytest.approx(0.495644, abs=2e-5)
    assert chance_there(state)[0] == pytest.approx(enumerated(6, 0.5, float(state.kept[-1])), rel=1e-12)
    alone = belief(group(6, 0.5, area(cells), shared=False), grid=GRID).after(searched)
    assert chance_there(alone)[0] == pytest.approx(0.390244, abs=2e-5)


def test_nine_of_ten_cells_dry():
    """Each of nine cells searched with detection 0.9: 0.469 in one grave, 0.160 alone."""
    cells = ten_cells()
    searched = Log(tuple(SearchDone(fact_id=str(k), ground=cell_ground(cells[k]), detection=0.9) for k in range(9)))
    together = belief(group(6, 0.5, area(cells), shared=True), grid=GRID).after(searched)
    alone = belief(group(6, 0.5, area(cells), shared=False), grid=GRID).after(searched)
    assert chance_there(together)[0] == pytest.approx(0.469, abs=5e-4)
    assert chance_there(alone)[0] == pytest.approx(0.160, abs=5e-4)
    last = together.place_evidence([cell_ground(cells[9])])[0]
    assert last[0] == pytest.approx(chance_there(together)[0] * 0.1 / float(together.kept[-1]), rel=1e-3)


@given(st.integers(1, 7), st.floats(0.05, 0.95), st.floats(0, 0.99), st.integers(1, 10))
@settings(max_examples=25, deadline=None)
def test_one_grave_is_exact_whatever_its_size(persons, weight, detection, searched):
    cells = ten_cells()
    log = Log(
        tuple(SearchDone(fact_id=str(k), ground=cell_ground(cells[k]), detection=detection) for k in range(searched))
    )
    state = belief(group(persons, weight, area(cells), shared=True), grid=GRID).after(log)
    assert chance_there(state)[0] == pytest.approx(enumerated(persons, weight, float(state.kept[-1])), rel=1e-9)


# --- one by one ---


def test_an_empty_search_is_bayes_rule():
    """0.5 x 0.2 against 0.5: one in six."""
    start = belief(group(1, 0.5, HERE, shared=False), grid=GRID)
    state = start.after(Log((SearchDone(fact_id="1", ground=HERE, detection=0.8),)))
    assert chance_there(state)[0] == pytest.approx(1 / 6, rel=1e-4)
    assert state.place_evidence([HERE])[0, 0] == pytest.approx(1 / 6, rel=1e-4)
    assert state.value([1.0]).sum() == pytest.approx(1 / 6, rel=1e-4)


def test_the_same_ground_searched_twice_is_missed_twice():
    start = belief(group(1, 0.5, HERE, shared=False), grid=GRID)
    twice = Log(tuple(SearchDone(fact_id=str(k), ground=HERE, detection=0.8) for k in range(2)))
    assert start.after(twice).place_evidence([HERE])[0, 0] == pytest.approx(0.04 / 1.04, rel=1e-3)
    unsure = Log(tuple(SearchDone(fact_id=str(k), ground=HERE, detection=0.8, trials=5) for k in range(2)))
    missed = 1 / 15  # Beta(4, 1): B(4, 3) / B(4, 1)
    assert start.after(unsure).place_evidence([HERE])[0, 0] == pytest.approx(missed / (1 + missed), rel=1e-3)


def test_a_search_for_one_class_of_burial_says_nothing_of_another():
    start = belief(group(1, 0.5, HERE, shared=False), grid=GRID)
    crash = SearchDone(fact_id="1", ground=HERE, detection=0.9, burial=Burial.CRASH)
    assert chance_there(start.after(Log((crash,))))[0] == pytest.approx(0.5, rel=1e-12)


def test_an_impossible_log_says_of_whom():
    sure = replace(
        group(1, 1.0, HERE, shared=False),
        scenarios=(account("A", "I", 1.0, ground=HERE, radius_m=None, reliability=1.0), elsewhere("N", "I", 0.0)),
    )
    with pytest.raises(Nonsense, match="everything that is said of P-0"):
        belief(sure, grid=GRID).after(
            Log((SearchDone(fact_id="1", ground=Ground(place=replace(MIDDLE, radius_m=90_000)), detection=1.0),))
        )


def test_whoever_is_identified_lies_nowhere_and_the_others_stay():
    start = belief(group(3, 0.5, HERE, shared=False), grid=GRID)
    state = start.after(Log((Identified(fact_id="1", person_id="P-1"),)))
    evidence = state.place_evidence([HERE])[0]
    np.testing.assert_allclose(evidence, [0.5, 0, 0.5], rtol=1e-4)
    with pytest.raises(NotFound, match="P-9"):
        start.after(Log((Identified(fact_id="1", person_id="P-9"),)))


def test_a_find_takes_a_grave_off_the_field_and_an_identification_makes_it_sure():
    cells = ten_cells()
    start = belief(group(6, 0.5, area(cells), shared=True), grid=GRID)
    found = start.after(Log((Found(fact_id="1", ground=cell_ground(cells[0])),)))
    assert found.expected([cell_ground(cells[0])], np.ones(6))[0] == pytest.approx(0, abs=1e-3)
    assert chance_there(found).sum() < 1e-6  # nobody else could have been found there
    named = start.after(Log((Found(fact_id="1", ground=cell_ground(cells[0]), identified=("P-2",)),)))
    assert chance_there(named)[2] == 0


def test_something_lies_on_a_ground_unless_no_grave_and_nobody_does():
    """Six in one grave that lies in one cell of ten: (1 - 0.5^6) / 10; six alone: 1 - (1 - 0.05)^6."""
    cells = ten_cells()
    here = [cell_ground(cells[3])]
    together = belief(group(6, 0.5, area(cells), shared=True), grid=GRID).after(Log())
    alone = belief(group(6, 0.5, area(cells), shared=False), grid=GRID).after(Log())
    assert together.anything(here)[0] == pytest.approx((1 - 0.5**6) / 10, rel=1e-3)
    assert alone.anything(here)[0] == pytest.approx(1 - 0.95**6, rel=1e-3)
    assert together.expected(here, np.ones(6))[0] == pytest.approx(0.3, rel=1e-3)


# --- the log ---


@given(st.permutations(range(5)), st.integers(0, 4))
@settings(max_examples=15, deadline=None)
def test_a_fact_withdrawn_leaves_no_trace(order, withdrawn):
    cells = ten_cells()
    facts = [
        SearchDone(fact_id="0", ground=cell_ground(cells[0]), detection=0.7),
        SearchDone(fact_id="1", ground=area(cells[1:4]), detection=0.4, trials=8),
        Identified(fact_id="2", person_id="P-1"),
        Found(fact_id="3", ground=cell_ground(cells[5]), identified=("P-0",)),
        SearchDone(fact_id="4", ground=cell_ground(cells[0]), detection=0.7),
    ]
    start = belief(group(4, 0.4, area(cells), shared=True), grid=GRID)
    whole = Log(tuple(facts[k] for k in order))
    never = Log(tuple(facts[k] for k in order if k != withdrawn))
    one, other = start.after(whole.without(str(withdrawn))), start.after(never)
    assert one.weights.toarray().tobytes() == other.weights.toarray().tobytes()
    assert one.value(np.ones(4)).tobytes() == other.value(np.ones(4)).tobytes()
    step = start.after(Log(whole.facts[:-1])).and_then(whole.facts[-1])
    assert step.weights.toarray().tobytes() == start.after(whole).weights.toarray().tobytes()


def test_a_fact_stands_in_a_log_once_and_only_what_is_there_is_withdrawn():
    fact = Identified(fact_id="1", person_id="P-0")
    with pytest.raises(Nonsense, match="twice"):
        Log((fact,)).with_(fact)
    with pytest.raises(NotFound, match="withdraw"):
        Log((fact,)).without("2")


def test_the_log_of_a_programme_names_its_records():
    programme = replace(
        group(3, 0.5, HERE, shared=False),
        sites=(Site(site_id="S-1", ground=HERE), Site(site_id="S-2")),
        searches=(
            Searched(search_id="D-2", site_id="S-1", on=DateSpan.read("2001"), detection=0.5),
            Searched(search_id="D-1", site_id="S-1", on=DateSpan.read("2002"), outcome=SearchOutcome.REMAINS),
        ),
        remains=(Remains(remains_id="R-1", site_id="S-1"), Remains(remains_id="R-2")),
        decisions=(
            Decision(remains_id="R-1", about="P-1", outcome=Outcome.IDENTIFIED),
            Decision(remains_id="R-2", about="P-2", outcome=Outcome.IDENTIFIED),
            Decision(remains_id="R-2", about="P-2", outcome=Outcome.RESCINDED),
        ),
    )
    done = replace(programme.missing[0], status=Status.ACCOUNTED_FOR)
    log = log_of(replace(programme, missing=(done, *programme.missing[1:])))
    assert [fact.record for fact in log.facts] == [
        "searches.csv D-2",
        "searches.csv D-1",
        "missing.csv",
        "decisions.csv R-1",
    ]
    assert log.facts[1].identified == ("P-1",)
    nowhere = replace(programme, searches=(Searched(search_id="D-3", site_id="S-2"),))
    with pytest.raises(Nonsense, match="where the site S-2 is"):
        log_of(nowhere)
    with pytest.raises(NotFound, match=r"'S-9', which is not in sites\.csv"):
        log_of(replace(programme, searches=(Searched(search_id="D-3", site_id="S-9"),)))


# --- mixtures ---


def test_a_doubtful_account_gives_to_the_certain_ones_and_a_person_to_his_incident():
    """Grave 0.6, reliable at 0.5, keeps 0.3; the scattered 0.3 take the rest; 0.1 elsewhere. The witness keeps 0.6."""
    programme = replace(
        group(2, 0.5, HERE, shared=True),
        scenarios=(
            account("GRAVE", "I", 0.6, ground=HERE, radius_m=None, shared=True, reliability=0.5),
            account("FIELD", "I", 0.3),
            elsewhere("NOT", "I", 0.1),
            account("OWN", "P-1", 1.0, reliability=0.6),
        ),
    )
    state = belief(programme, grid=GRID).after(Log())
    np.testing.assert_allclose(chance_there(state, "GRAVE"), [0.3, 0.12])
    np.testing.assert_allclose(chance_there(state, "FIELD"), [0.6, 0.24])
    np.testing.assert_allclose(chance_there(state, "elsewhere"), [0.1, 0.04])
    np.testing.assert_allclose(chance_there(state, "OWN"), [0, 0.6])


def test_without_an_account_he_lies_around_where_he_was_last_seen_or_lost_or_elsewhere():
    programme = Programme(
        settings=Settings(name="n", search_cell_m=1000, search_elsewhere=0.25),
        missing=(
            MissingPerson(person_id="P-0", last_seen=replace(MIDDLE, radius_m=3000)),
            MissingPerson(person_id="P-1", incident_id="I"),
            MissingPerson(person_id="P-2"),
        ),
        incidents=(Incident(incident_id="I", place=MIDDLE),),
    )
    state = belief(programme).after(Log())
    np.testing.assert_allclose(chance_there(state, "elsewhere"), [0.25, 0.25, 1.0])
    near = state.place_evidence([Ground(place=replace(MIDDLE, radius_m=3000))])[0]
    assert near[0] == pytest.approx(0.75 * (1 - math.exp(-2)), rel=0.03)
    assert near[1] == pytest.approx(0.75 * (1 - math.exp(-((3 / 5) ** 2) / 2)), rel=0.03)
    assert near[2] == 0


def test_what_shares_leave_of_one_is_elsewhere_and_more_than_one_is_scaled():
    part = replace(group(1, 0.5, HERE, shared=False), scenarios=(account("OWN", "P-0", 0.7),))
    np.testing.assert_allclose(chance_there(belief(part, grid=GRID).after(Log()), "OWN"), [0.7])
    twice = (account("A", "I", 1.0), account("B", "I", 0.5), elsewhere("N", "I", 0.5))
    more = belief(replace(part, scenarios=twice), grid=GRID).after(Log())
    np.testing.assert_allclose([chance_there(more, key)[0] for key in ("A", "B", "elsewhere")], [0.5, 0.25, 0.25])


def test_a_search_that_does_not_say_found_at_the_rate_of_its_site_or_as_is_usual():
    """Effort 2 at a rate of 0.5: 1 - 1/e; without effort, what the settings say."""
    here = replace(group(1, 0.5, HERE, shared=False), sites=(Site(site_id="S-1", ground=HERE, detection_rate=0.5),))
    assert detection_of(None, 2.0, here.sites[0], 0.8) == pytest.approx(1 - math.exp(-1))
    assert detection_of(None, None, here.sites[0], 0.8) == 0.8
    assert detection_of(0.3, 2.0, here.sites[0], 0.8) == 0.3


def test_an_account_of_oneself_alone_leaves_the_chance_to_be_elsewhere():
    programme = replace(group(1, 0.5, HERE, shared=False), scenarios=(account("OWN", "P-0", 1.0),))
    np.testing.assert_allclose(chance_there(belief(programme, grid=GRID).after(Log()), "OWN"), [0.8])


def test_a_name_of_a_person_and_of_an_incident_is_refused():
    programme = group(1, 0.5, HERE, shared=False)
    same = replace(programme, missing=(MissingPerson(person_id="I", incident_id="I"),))
    with pytest.raises(Nonsense, match="names a person and an incident"):
        belief(same, grid=GRID)


def test_whoever_was_moved_lies_where_he_was_moved_to():
    programme = replace(
        group(1, 0.5, HERE, shared=True),
        scenarios=(
            account("GRAVE", "I", 0.5, ground=HERE, radius_m=None, shared=True),
            account("MOVED", "I", 0.5, kind=ScenarioKind.MOVED, ground=None, radius_m=None, moved_to="GRAVE"),
        ),
    )
    assert chance_there(belief(programme, grid=GRID).after(Log()))[0] == pytest.approx(0.8)  # 0.2 elsewhere by default


@pytest.mark.parametrize(
    ("scenarios", "error", "reason"),
    [
        ((account("A", "X", 1.0),), NotFound, "no person and no incident"),
        ((account("A", "I", 0.0),), Nonsense, "weigh nothing"),
        ((account("A", "I", 1.0, kind=ScenarioKind.MOVED, ground=None, moved_to="B"),), NotFound, "which there is not"),
        ((account("A", "I", 1.0, kind=ScenarioKind.MOVED, ground=None, moved_to="A"),), Nonsense, "moved to itself"),
        ((account("A", "I", 1.0, kind=ScenarioKind.ROUTE),), Nonsense, "a route is a line"),
    ],
)
def test_accounts_that_cannot_be_are_refused(scenarios, error, reason):
    with pytest.raises(error, match=reason):
        belief(replace(group(1, 0.5, HERE, shared=False), scenarios=scenarios), grid=GRID)


# --- kernels ---


@pytest.mark.parametrize("sigma", [20.0, 300.0, 1500.0, 6000.0])
def test_an_ellipse_is_normal_at_every_size(sigma):
    """Within r of the centre of a circular normal lies 1 - exp(-r^2 / 2 sigma^2)."""
    kernel = ellipse(GRID, 40.0, 126.6, sigmas_m=(sigma, sigma))
    assert kernel.mass.sum() + kernel.outside == pytest.approx(1, abs=1e-12)
    assert np.all(np.diff(kernel.cells) > 0)
    x, y = GRID.centres_xy(kernel.cells)
    x0, y0 = GRID.project(40.0, 126.6)
    spread = float(kernel.mass @ ((x - x0) ** 2 + (y - y0) ** 2))
    assert spread == pytest.approx(2 * sigma**2 + 1000**2 / 6, rel=0.02 if sigma > 1000 else 1.0)


def test_a_long_ellipse_lies_along_its_bearing():
    kernel = ellipse(GRID, 40.0, 126.6, sigmas_m=(6000, 2000), bearing_deg=90)
    x, y = GRID.centres_xy(kernel.cells)
    x0, y0 = GRID.project(40.0, 126.6)
    assert math.sqrt(kernel.mass @ (x - x0) ** 2) == pytest.approx(6000, rel=0.02)
    assert math.sqrt(kernel.mass @ (y - y0) ** 2) == pytest.approx(2000, rel=0.03)


def test_what_falls_on_the_sea_or_off_the_grid_is_off_the_map():
    coast = ellipse(GRID, 39.83, 127.75, sigmas_m=(5000, 5000))
    assert 0.2 < coast.outside < 0.9
    far = ellipse(GRID, 10.0, 10.0, sigmas_m=(500, 500))
    assert (len(far.cells), far.outside) == (0, 1)


def test_a_witness_saw_him_at_a_bearing_and_a_distance():
    """Median distance 8 km to the east; the mean of a log-normal is its median times exp(sd^2 / 2)."""
    kernel = witness(GRID, 40.0, 126.4, bearing_deg=90, bearing_sd_deg=5, range_m=8000, range_sd=0.2)
    x, y = GRID.centres_xy(kernel.cells)
    x0, y0 = GRID.project(40.0, 126.4)
    far = np.hypot(x - x0, y - y0)
    assert float(kernel.mass @ far) == pytest.approx(8000 * math.exp(0.02), rel=0.01)
    assert float(kernel.mass @ (y - y0)) == pytest.approx(0, abs=200)
    assert float(kernel.mass @ (x - x0)) > 7500


def test_a_route_is_uniform_along_its_line_or_falls_from_its_start():
    line = Ground(wkt="LINESTRING (126.2 40.0, 126.7 40.0)")
    even = route(GRID, line, across_m=1000, decay_m=None)
    x, _y = GRID.centres_xy(even.cells)
    ends = GRID.project([40.0, 40.0], [126.2, 126.7])[0]
    assert float(even.mass @ x) == pytest.approx(float(ends.mean()), abs=200)
    falling = route(GRID, line, across_m=1000, decay_m=5000)
    x, _y = GRID.centres_xy(falling.cells)
    assert float(falling.mass @ x) == pytest.approx(float(ends[0]) + 5000, abs=1500)


def test_a_polygon_is_even_over_its_area():
    kernel = kernel_of(account("A", "I", 1.0, ground=HERE, radius_m=None), GRID)
    assert kernel.mass.sum() == pytest.approx(1, abs=1e-6)
    assert kernel.mass.max() == pytest.approx(float(np.median(kernel.mass)), rel=1e-6)


# --- what an account that is not right leaves ---


def left_of(*accounts, place=MIDDLE):
    """Component -> weight of somebody of whose incident these accounts are."""
    programme = Programme(
        settings=Settings(name="left", search_cell_m=1000, search_elsewhere=0.0),
        missing=(MissingPerson(person_id="P", incident_id="I"),),
        incidents=(Incident(incident_id="I", place=place),),
        scenarios=accounts,
    )
    made = belief(programme, grid=GRID)
    row = made.weights.toarray()[0]
    return {one.key: pytest.approx(float(w)) for one, w in zip(made.components, row, strict=True) if w > 0}


def test_what_a_grave_leaves_lies_around_and_never_in_the_grave_to_which_others_were_moved():
    """The grave keeps 0.6 x 0.5, and those moved to it 0.1 x 0.5; the rest, 0.35, is scattered with the 0.3."""
    grave = account("GRAVE", "I", 0.6, shared=True, reliability=0.5)
    moved = account("GONE", "I", 0.1, kind=ScenarioKind.MOVED, moved_to="GRAVE", ground=None, radius_m=None)
    assert left_of(grave, moved, account("SCATTERED", "I", 0.3)) == {"GRAVE": 0.35, "SCATTERED": 0.65}


def test_where_nobody_was_scattered_what_a_grave_leaves_lies_around_the_incident():
    grave = account("GRAVE", "I", 1.0, shared=True, reliability=0.7)
    assert left_of(grave) == {"GRAVE": 0.7, f"around {MIDDLE.lat} {MIDDLE.lon}": 0.3}
    assert left_of(grave, place=None) == {"GRAVE": 1.0}
