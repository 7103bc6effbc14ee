"""A season's plan in five files: one answer for people, programs and receivers."""

import csv
import json
import re
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import numpy as np
import pytest

from homeward.errors import WouldOverwrite
from homeward.geography.theatre import theatre
from homeward.planning.fieldplan import field_plan
from homeward.planning.windows import Reason, season_of
from homeward.provenance import provenance
from homeward.reports.plan import FILES, reason_words, write_plan
from homeward.search.belief import belief
from homeward.search.log import log_of
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.scenario import korea_country


@pytest.fixture(scope="module")
def programme():
    world = replace(scaled(scenarios()["korea"], persons=80), country=korea_country())
    invented = simulate(world, seed=2)[0]
    return replace(invented, settings=replace(invented.settings, search_cell_m=500.0))


@pytest.fixture(scope="module")
def planned(programme):
    state = belief(programme).after(log_of(programme))
    worth = np.linspace(0, 0.9, 80)
    season = season_of(programme, budget=900, crews=2)
    return field_plan(programme, state, worth, season), (state.grid, theatre("korea"))


def write(planned, programme, out, **fields):
    plan, ground = planned
    origin = provenance("plan", input_digest="d", parameters={"budget": 900}, seed=1)
    write_plan(plan, programme, ground, origin, out, **fields)


@pytest.fixture(scope="module")
def out(planned, programme, tmp_path_factory):
    place = tmp_path_factory.mktemp("planned") / "out"
    write(planned, programme, place)
    return place


@pytest.fixture(scope="module")
def told(out):
    return json.loads((out / "plan.json").read_text(encoding="utf-8"))


def test_the_five_files_number_the_same_sites(out, told):
    assert {path.name for path in out.iterdir()} == set(FILES)
    numbered = {str(one["number"]): one["site_id"] for one in told["sites"]}
    assert len(numbered) >= 2
    with (out / "plan.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["number"]: row["site_id"] for row in rows if row["number"]} == numbered
    assert {row["site_id"]: row["reason"] for row in rows if not row["number"]} == {
        one["site_id"]: one["reason"] for one in told["left"]
    }
    names = [point.findtext("{*}name") for point in ElementTree.parse(out / "plan.gpx").getroot().iterfind("{*}wpt")]
    assert names == [f"{number} {site_id}" for number, site_id in numbered.items()]
    features = json.loads((out / "plan.geojson").read_text(encoding="utf-8"))["features"]
    dug = [one["properties"] for one in features if one["properties"].get("number")]
    assert {str(one["number"]): one["site_id"] for one in dug} == numbered


def test_costs_and_expectations_add_up(told):
    assert told["cost"] <= 900 + 1e-6
    assert sum(one["cost"] for one in told["sites"]) + told["mobilisation"] == pytest.approx(told["cost"], rel=1e-9)
    total = sum(one["expected_identifications"] for one in told["sites"])
    assert total == pytest.approx(told["expected_identifications"], rel=1e-9)
    assert told["expected_identifications"] <= told["bound"] * (1 + 1e-9)
    assert told["believed"] + told["elsewhere"] == pytest.approx(80, rel=1e-9)
    assert told["provenance"]["parameters"]["budget"] == 900


def test_each_site_is_dug_in_its_season_by_one_crew_at_a_time(told):
    assert {one["crew"] for one in told["sites"]} <= {1, 2}
    assert all(told["season"]["starts"] <= one["starts"] <= one["ends"] for one in told["sites"])


def test_the_page_says_it_in_words_and_maps(out, told):
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Where to dig" in page
    assert page.count("<svg") >= 3
    assert all(one["site_id"] in page for one in told["sites"])
    assert not re.search(r"https?://", page.replace("http://www.w3.org", ""))


def test_the_page_speaks_korean_and_the_other_files_are_the_same(planned, programme, out, tmp_path):
    write(planned, programme, tmp_path / "ko", language="ko")
    assert "어디를 팔 것인가" in (tmp_path / "ko" / "report.html").read_text(encoding="utf-8")
    for name in ("plan.csv", "plan.gpx", "plan.geojson"):
        assert (tmp_path / "ko" / name).read_bytes() == (out / name).read_bytes()


def test_an_earlier_plan_is_replaced_only_if_asked_and_nothing_else_ever(planned, programme, tmp_path):
    write(planned, programme, tmp_path / "out")
    with pytest.raises(WouldOverwrite, match="earlier result"):
        write(planned, programme, tmp_path / "out")
    write(planned, programme, tmp_path / "out", replace=True)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mine.txt").write_text("mine")
    with pytest.raises(WouldOverwrite, match="not a result of Homeward"):
        write(planned, programme, tmp_path / "mine", replace=True)


def test_a_season_in_which_nothing_can_be_dug_has_its_page_too(programme, tmp_path):
    state = belief(programme).after(log_of(programme))
    season = replace(season_of(programme, budget=900, crews=2), starts=date(2022, 12, 1))
    empty = field_plan(programme, state, np.ones(80), season), (state.grid, theatre("korea"))
    assert empty[0].digs == ()
    write(empty, programme, tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "No site can be dug" in page
    assert reason_words(Reason.NO_WEATHER) in page


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_words_in_both_languages(reason):
    assert reason_words(reason)
    assert re.search("[가-힣]", reason_words(reason, "ko"))
