"""The loop of search and identification: what one more fact changes, and that a withdrawn one leaves no trace."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, NotFound
from homeward.identification.evidence import combine
from homeward.identification.evidence.whereabouts import facts_of_place, weigh
from homeward.identification.identify import identify
from homeward.planning.loop import Loop, Standing, StatedOrigin, changes
from homeward.programme import (
    Container,
    Ground,
    MissingPerson,
    Place,
    Programme,
    Remains,
    Scenario,
    ScenarioKind,
    Searched,
    Settings,
    Sex,
    Site,
)
from homeward.search.log import Fact, Found, Identified, SearchDone

THEATRE = "POLYGON ((126.8 39.9, 127.2 39.9, 127.2 40.1, 126.8 40.1, 126.8 39.9))"
HILL, VALLEY = Place(lat=40.0, lon=127.0, radius_m=600.0), Place(lat=40.05, lon=126.9, radius_m=600.0)
FROM_THE_VALLEY = StatedOrigin(fact_id="label", container_id="box", origin=VALLEY)
DUG = SearchDone(fact_id="dug", ground=Ground(place=VALLEY), detection=0.8)


def account(person: str, place: Place, weight: float) -> Scenario:
    return Scenario(
        scenario_id=f"{person}-{place.lat}",
        about=person,
        kind=ScenarioKind.ELLIPSE,
        weight=weight,
        ground=Ground(place=place),
        radius_m=place.radius_m,
    )


def programme(**more: object) -> Programme:
    """Three missing, who lie on the hill or in the valley; remains were found on the hill; two sites."""
    shares = {"Ahn": 0.9, "Baek": 0.2, "Choi": 0.5}
    base = Programme(
        settings=Settings(
            name="x", search_theatre=THEATRE, search_elsewhere=0.0, not_listed=0.1, listed_share=0.9, place_floor=0.05
        ),
        missing=tuple(MissingPerson(person_id=name, sex=Sex.MALE) for name in shares),
        remains=(Remains(remains_id="R", found=HILL), Remains(remains_id="Q", container_id="box")),
        containers=(Container(container_id="box"), Container(container_id="other", origin=HILL)),
        scenarios=tuple(
            one for name, hill in shares.items() for one in (account(name, HILL, hill), account(name, VALLEY, 1 - hill))
        ),
        sites=(
            Site(site_id="hill", ground=Ground(place=HILL), cost_per_unit=2.0),
            Site(site_id="valley", ground=Ground(place=VALLEY), cost_per_unit=1.0, detection_rate=0.7),
        ),
    )
    return replace(base, **more)  # type: ignore[arg-type]


@pytest.fixture
def loop(monkeypatch: pytest.MonkeyPatch) -> Loop:
    """With nobody's relatives typed all would be worth nothing; here each is worth something of his own."""
    monkeypatch.setattr("homeward.planning.loop.worth_of_each", lambda *of, **more: np.array([0.5, 0.7, 0.9]))
    return Loop.of(programme(), effort=5.0)


def same(one: Standing, other: Standing) -> bool:
    return (
        bool((one.value == other.value).all())
        and one.sites == other.sites
        and one.shortlists == other.shortlists
        and one.elsewhere == other.elsewhere
    )


def posterior(of: Standing, remains_id: str) -> dict[str, float]:
    return dict(next(one.leading for one in of.shortlists if one.remains_id == remains_id))


def test_before_any_fact_the_shortlists_are_the_joint_posterior(loop: Loop) -> None:
    found = identify(programme())
    for row in found.remains:
        expected = {one.hypothesis: one.posterior for one in found.candidates if one.remains_id == row.remains_id}
        assert posterior(loop.standing, row.remains_id) == pytest.approx(expected, rel=1e-9)


def test_an_empty_dig_lowers_the_site_and_raises_who_may_lie_where_remains_were_found(loop: Loop) -> None:
    after = loop.with_(DUG)
    sites = [{one.site_id: one.value for one in of.standing.sites} for of in (loop, after)]
    baek = [posterior(of.standing, "R")["Baek"] for of in (loop, after)]

    assert sites[1]["valley"] < sites[0]["valley"]
    assert sites[1]["hill"] > sites[0]["hill"]
    assert baek[1] > baek[0]
    assert loop.standing.value.sum() == pytest.approx(0.5 + 0.7 + 0.9, rel=1e-3)


def test_effort_spends_the_budget_where_it_finds_most(loop: Loop) -> None:
    efforts = {one.site_id: one.effort for one in loop.standing.sites}
    assert 2.0 * efforts["hill"] + efforts["valley"] == pytest.approx(5.0, rel=1e-12)
    # at the best both sites find as much for the next unit of money: V a exp(-a z) / c
    value = {one.site_id: one.value for one in loop.standing.sites}
    usual = -np.log1p(-programme().settings.search_detection)
    hill = value["hill"] * usual * np.exp(-usual * efforts["hill"]) / 2.0
    valley = value["valley"] * 0.7 * np.exp(-0.7 * efforts["valley"])
    assert hill == pytest.approx(valley, rel=1e-9)


def test_who_is_identified_lies_nowhere_and_is_nobody_elses_candidate(loop: Loop) -> None:
    after = loop.with_(Identified(fact_id="named", person_id="Ahn"), remains_id="Q")

    assert [one.remains_id for one in after.standing.shortlists] == ["R"]
    assert "Ahn" not in posterior(after.standing, "R")
    assert posterior(after.standing, "R")["Choi"] > posterior(loop.standing, "R")["Choi"]
    assert after.standing.value.sum() == pytest.approx(0.7 + 0.9, rel=1e-3)


def test_changes_name_what_moved_and_its_ranks(loop: Loop) -> None:
    told = changes(loop.standing, loop.with_(DUG).standing)

    assert {one.about for one in told.sites} == {"hill", "valley"}
    assert {one.about: one.after < one.before for one in told.efforts} == {"hill": False, "valley": True}
    assert all(one.before != one.after for one in told.sites)
    baek = next(one for one in told.candidates if one.about == "R = Baek")
    assert baek.after > baek.before
    assert baek.rank_before > 0
    assert not changes(loop.standing, loop.standing).sites
    assert not changes(loop.standing, loop.standing).candidates


def test_a_box_said_to_be_from_the_valley_holds_those_who_may_lie_there(loop: Loop) -> None:
    after = loop.with_(FROM_THE_VALLEY)
    before, now = posterior(loop.standing, "Q"), posterior(after.standing, "Q")

    assert now["Baek"] > before["Baek"]
    assert now["Ahn"] < before["Ahn"]
    assert posterior(after.standing, "R") == posterior(loop.standing, "R")
    assert (after.standing.value == loop.standing.value).all()  # nobody is dug up by a label
    assert same(after.without("label").standing, loop.standing)


def test_a_label_learned_now_weighs_as_one_on_record(monkeypatch: pytest.MonkeyPatch, loop: Loop) -> None:
    boxes = (Container(container_id="box", origin=VALLEY), Container(container_id="other", origin=HILL))
    told = Loop.of(programme(containers=boxes), effort=5.0)
    learned = posterior(loop.with_(FROM_THE_VALLEY).standing, "Q")

    assert posterior(told.standing, "Q") == pytest.approx(learned, rel=0.05)  # what R takes of each is of its own
    withdrawn = posterior(told.without("containers.csv box").standing, "Q")
    assert withdrawn == pytest.approx(posterior(loop.standing, "Q"), rel=0.05)


def test_the_later_of_two_statements_about_a_box_holds(loop: Loop) -> None:
    again = StatedOrigin(fact_id="corrected", container_id="box", origin=HILL)

    corrected = loop.with_(FROM_THE_VALLEY).with_(again)

    assert corrected.standing.shortlists == loop.with_(again).standing.shortlists
    assert corrected.without("corrected").standing.shortlists == loop.with_(FROM_THE_VALLEY).standing.shortlists


def test_cells_where_nothing_was_found_do_not_bear_on_who_was(loop: Loop) -> None:
    case, belief = loop.basis.problem.case, loop.basis.belief  # type: ignore[union-attr]
    dug = loop.with_(DUG)
    line = weigh(case, belief.after(facts_of_place(case.programme, dug.log)))
    assert line is not None

    assert (dug._place() == combine([line], case).log_evidence).all()
    assert 0 < next(iter(loop.basis.narrowed.values())).nnz < belief.kernels.nnz


@pytest.mark.parametrize(
    ("fact", "kind", "said"),
    [
        (StatedOrigin(fact_id="label", container_id="X", origin=HILL), NotFound, "no box 'X' in containers.csv"),
        (StatedOrigin(fact_id="containers.csv other", container_id="box", origin=HILL), Nonsense, "is there already"),
    ],
)
def test_a_statement_that_cannot_be_is_named(loop: Loop, fact: StatedOrigin, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        loop.with_(fact)


def test_a_label_is_refused_where_it_would_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeward.planning.loop.worth_of_each", lambda *of, **more: np.array([0.5, 0.7, 0.9]))
    with pytest.raises(Nonsense, match="needs accounts of where the missing lie"):
        Loop.of(programme(scenarios=()), effort=5.0).with_(FROM_THE_VALLEY)


def test_unknown_remains_are_named(loop: Loop) -> None:
    with pytest.raises(NotFound, match="no remains 'X'"):
        loop.with_(Identified(fact_id="named", person_id="Ahn"), remains_id="X")


def test_what_is_on_record_already_is_as_if_it_were_learned_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeward.planning.loop.worth_of_each", lambda *of, **more: np.array([0.5, 0.7, 0.9]))
    record = Searched(search_id="S1", ground=Ground(place=VALLEY), detection=0.8)
    told, learned = Loop.of(programme(searches=(record,)), effort=5.0), Loop.of(programme(), effort=5.0).with_(DUG)

    assert (told.standing.value == learned.standing.value).all()
    assert posterior(told.standing, "R") == pytest.approx(posterior(learned.standing, "R"), rel=0.02)
    withdrawn, never = told.without("searches.csv S1"), Loop.of(programme(), effort=5.0)
    assert (withdrawn.standing.value == never.standing.value).all()
    assert withdrawn.standing.sites == never.standing.sites
    assert posterior(withdrawn.standing, "R") == pytest.approx(posterior(never.standing, "R"), rel=0.02)


FACTS: list[Fact | StatedOrigin] = [
    FROM_THE_VALLEY,
    DUG,
    SearchDone(fact_id="part", ground=Ground(place=HILL), detection=0.3, trials=4.0),
    Found(fact_id="found", ground=Ground(place=HILL)),
    Identified(fact_id="named", person_id="Choi"),
]


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(FACTS), withdrawn=st.integers(0, 4))
def test_a_withdrawn_fact_leaves_no_trace(order: list[Fact | StatedOrigin], withdrawn: int) -> None:
    loop = _loop_of_any_worth()
    for fact in order:
        loop = loop.with_(fact)
    expected = _loop_of_any_worth()
    for number, fact in enumerate(order):
        expected = expected if number == withdrawn else expected.with_(fact)

    assert same(loop.without(order[withdrawn].fact_id).standing, expected.standing)


_KEPT: list[Loop] = []


def _loop_of_any_worth() -> Loop:
    if not _KEPT:
        _KEPT.append(Loop.of(programme(), effort=5.0))
    return _KEPT[0]
