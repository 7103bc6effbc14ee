"""The map, where one person may lie, and a season's plan: the science's numbers, for whoever may see them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from casework.journal.models import Record
from casework.laboratory.records import programme_of
from casework.operations import actions as operations
from casework.operations.models import Site
from casework.parties.refusal import Refused
from casework.registry.models import MissingPerson
from casework.runs.models import Kind, State
from casework.runs.work import carry_out
from casework.whereabouts import actions, layers, planned, queries
from casework.whereabouts.held import held
from homeward.search.belief import belief
from homeward.search.log import log_of

pytestmark = pytest.mark.django_db


def person(number="M-03217"):
    return MissingPerson.objects.get(person_id=number)


def test_what_is_believed_is_what_the_science_says_of_the_party_s_programme(searched, arvad):
    whole = programme_of(arvad)
    state = belief(whole).after(log_of(whole))
    found = held(arvad)
    assert found.state.person_ids == state.person_ids
    assert np.array_equal(found.state.weights.toarray(), state.weights.toarray())
    ground = found.grounds["S-1"]
    assert found.expected["S-1"] == pytest.approx(float(state.expected([ground], np.ones(4))[0]), rel=1e-12)


def test_a_search_moves_it_and_taking_it_back_moves_it_back_bit_for_bit(searched, lead, arvad):
    before = held(arvad).expected["S-1"]
    site = Site.objects.get(site_id="S-1")
    search = operations.enter_search(
        by=lead, site=site, search_id="Q-2", on="2019-05-20", outcome="nothing", detection=0.9
    )
    after = held(arvad).expected["S-1"]
    operations.take_back(by=lead, record=search, said={}, reason="the wrong site")
    assert after < before
    assert held(arvad).expected["S-1"] == before


def test_looking_changes_nothing_and_nothing_is_computed_again(searched, lead, arvad):
    first = held(arvad)
    actions.look_at_belief(by=lead, person=person())
    assert held(arvad) is first
    assert Record.objects.filter(verb="whereabouts.look_at_belief", object="person:M-03217").count() == 1


def test_the_ways_of_a_person_sum_to_one_and_name_what_moved_them(searched, lead):
    found, row = queries.row_of(person(), by=lead)
    ways = queries.ways_of(found, row, by=lead)
    assert sum(way.before for way in ways) == pytest.approx(1)
    assert sum(way.now for way in ways) == pytest.approx(1)
    by_key = {way.key: way for way in ways}
    assert by_key["HILL"].now < by_key["HILL"].before  # Q-1 found nothing on the hill
    assert by_key["GRAVE"].now > by_key["GRAVE"].before
    (moved,) = queries.moved_by(found, row)
    assert (moved.record, moved.found) == ("searches.csv Q-1", False)


def test_who_is_accounted_for_lies_nowhere(searched, lead):
    found, row = queries.row_of(person("M-00001"), by=lead)
    assert queries.on_map(found, row) == 0


def test_blocks_hold_what_the_map_holds(searched, arvad):
    found = held(arvad)
    worth = queries.worth_of(found)
    drawn = layers.blocks_of_everyone(found, worth)
    assert sum(block[2] for block in drawn) == pytest.approx(float(found.state.value(worth).sum()), rel=0.05)
    assert {block[1] for block in drawn} <= {1, 2, 3, 4, 5}
    for corners, _shade, _value in drawn:
        assert len(corners) == 4
        assert all(37 < lat < 40 and 126 < lon < 129 for lat, lon in corners)


def test_regions_of_a_person_grow_with_what_they_hold(searched, arvad):
    found = held(arvad)
    areas = layers.areas_of_one(found, found.number["M-03217"])
    assert list(areas) == [0.5, 0.8, 0.95]
    assert areas[0.5] < areas[0.8] < areas[0.95]


# --- plans ---


@pytest.fixture
def planner(admit, arvad):
    return admit(arvad, "field_lead", "board_member")


def finished(by, **asked):
    run = actions.ask_plan(by=by, **asked)
    carry_out(run.pk, compute=planned.compute, keep=planned.keep)
    run.refresh_from_db()
    return run


def test_a_plan_is_the_same_as_at_the_command_line(searched, planner, tmp_path):
    from click.testing import CliRunner

    from homeward.cli import main

    run = finished(planner, budget=120.0, crews=1, season=2019)
    assert (run.kind, run.state, run.detail) == (Kind.PLAN, State.FINISHED, "")
    told = CliRunner().invoke(
        main,
        [
            "plan",
            str(run.case),
            *("--budget", "120", "--crews", "1", "--season", "2019"),
            *("--out", str(tmp_path / "again"), "--quiet"),
        ],
    )
    assert told.exit_code == 0, told.output
    here, there = queries.told(run), json.loads((tmp_path / "again" / "plan.json").read_text(encoding="utf-8"))
    for part in ("sites", "left", "bound", "expected_identifications", "ways", "budgets"):
        assert here[part] == there[part], part
    assert {"plan.csv", "plan.gpx", "plan.geojson", "report.html"} <= set(run.files)


def test_a_plan_may_weigh_who_told_and_says_what_it_learned(searched, browse, planner):
    run = finished(planner, budget=120.0, crews=1, season=2019, weighed=True)
    assert (run.state, run.detail) == (State.FINISHED, "")
    told = {one["kind"]: one for one in queries.reliability(run)}
    assert set(told) == {"everyone", "veteran", "searching"}
    assert all(0 <= one["low"] <= one["mean"] <= one["high"] <= 1 for one in told.values())
    page = browse(planner).get(f"/whereabouts/plans/{run.pk}/").text
    assert "all kinds together" in page
    assert "--learned" in browse(planner).get(f"/runs/{run.pk}/").text


def test_the_map_of_an_older_plan_shows_that_plan_s_numbers_and_no_other_s(searched, browse, planner):
    first = finished(planner, budget=120.0, crews=1, season=2019)
    second = finished(planner, budget=110.0, crews=1, season=2019)
    told = json.loads((first.result / "plan.json").read_text(encoding="utf-8"))
    told["sites"] = [{"site_id": "S-1", "number": 1}]
    (first.result / "plan.json").write_text(json.dumps(told), encoding="utf-8")
    client = browse(planner)
    drawn = {
        run.pk: max(one["number"] for one in client.get(f"/whereabouts/map/layers.json?plan={run.pk}").json()["sites"])
        for run in (first, second)
    }
    assert drawn == {first.pk: 1, second.pk: 0}
    assert f"plan={second.pk}" in client.get(f"/whereabouts/plans/{second.pk}/").text


def test_whoever_fetches_the_map_of_a_person_leaves_a_trace(searched, browse, lead):
    browse(lead).get("/whereabouts/persons/M-03217/layers.json")
    assert Record.objects.filter(verb="whereabouts.look_at_belief", object="person:M-03217").count() == 1


def test_a_budget_of_nothing_is_refused_in_the_form(searched, browse, planner):
    client = browse(planner)
    answer = client.post("/whereabouts/plans/ask/", {"budget": "0"})
    assert answer.status_code == 200
    assert not queries.plans(by=planner).exists()


def test_what_the_science_refuses_stands_on_the_run(searched, planner):
    run = finished(planner, budget=100.0, season=2031)
    assert run.state in (State.FAILED, State.FINISHED)
    if run.state == State.FINISHED:
        assert not queries.told(run)["sites"]


def test_only_who_may_ask_for_plans_asks(searched, admit, arvad):
    with pytest.raises(Refused) as refused:
        actions.ask_plan(by=admit(arvad, "registrar"), budget=100.0)
    assert refused.value.code == "not-permitted"


# --- pages ---


def test_every_page_opens_in_both_languages(searched, browse, planner):
    run = finished(planner, budget=120.0, season=2019)
    client = browse(planner)
    for language, words in (("en", "Where he may lie"), ("ko", "그가 있을 수 있는 곳")):
        client.cookies["django_language"] = language
        for address in ("map/", "map/?incident=I-1", "plans/", f"plans/{run.pk}/", "plans/ask/"):
            assert client.get(f"/whereabouts/{address}").status_code == 200, address
        assert words in client.get("/whereabouts/persons/M-03217/").text
        assert words in client.get("/registry/persons/M-03217/").text
    told = client.get("/whereabouts/map/layers.json?incident=I-1").json()
    assert {one["id"] for one in told["sites"]} == {"S-1", "S-2"}
    assert told["land"]["type"] in ("Polygon", "MultiPolygon")
    assert [one["record"] for one in told["searched"]] == ["searches.csv Q-1"]


def test_a_page_says_what_is_wrong_before_anything_was_told(browse, admit, arvad):
    client = browse(admit(arvad, "field_lead"))
    assert client.get("/whereabouts/map/").status_code in (200, 404, 409)
    assert client.get("/whereabouts/plans/").status_code == 200


@pytest.mark.parametrize("role", ["anthropologist", "dna_analyst", "custodian", "negotiator", "observer", "auditor"])
def test_places_of_people_are_for_whoever_may_see_maps(searched, admit, arvad, browse, role):
    client = browse(admit(arvad, role))
    for address in ("map/", "map/layers.json", "persons/M-03217/", "persons/M-03217/layers.json", "plans/"):
        assert client.get(f"/whereabouts/{address}").status_code == 403, address


def test_of_the_other_side_s_people_nothing_is_shown(searched, admit, belmar, browse):
    client = browse(admit(belmar, "field_lead"))
    assert client.get("/whereabouts/persons/M-03217/").status_code == 404


def test_maps_keep_to_the_strict_policy(searched, browse, lead):
    answer = browse(lead).get("/whereabouts/map/")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert "http://" not in answer.text.replace("http://www.w3.org", "")
    assert "https://" not in answer.text


def test_a_region_s_own_tiles_are_given_to_whoever_may_see_maps(searched, admit, arvad, browse, lead, settings):
    client = browse(lead)
    assert client.get("/whereabouts/map/layers.json").json()["tiles"] == 0
    assert client.get("/whereabouts/map/tiles/7/109/48.png").status_code == 404
    place = settings.VAR / "tiles" / "7" / "109"
    place.mkdir(parents=True)
    (place / "48.png").write_bytes(b"\x89PNG tile")
    assert client.get("/whereabouts/map/layers.json").json()["tiles"] == 7
    answer = client.get("/whereabouts/map/tiles/7/109/48.png")
    assert (answer.headers["Content-Type"], b"".join(answer.streaming_content)) == ("image/png", b"\x89PNG tile")
    assert browse(admit(arvad, "auditor")).get("/whereabouts/map/tiles/7/109/48.png").status_code == 403
