"""A season's plan from the command line: one answer in five files."""

import csv
import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.folder import write_programme
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.scenario import korea_country

FILES = {"plan.json", "plan.csv", "plan.gpx", "plan.geojson", "report.html"}


def run(*line):
    return CliRunner().invoke(main, ["plan", *(str(part) for part in line), "--quiet"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    world = replace(scaled(scenarios()["korea"], persons=80), country=korea_country())
    programme, _truth = simulate(world, seed=2)
    place = tmp_path_factory.mktemp("plan") / "programme"
    settings = replace(programme.settings, search_cell_m=500.0)
    write_programme(replace(programme, settings=settings), place, container="folder")
    return place


@pytest.fixture(scope="module")
def out(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("planned") / "out"
    shown = run(folder, "--budget", 900, "--crews", 2, "--out", place)
    assert shown.exit_code == 0, shown.output
    return place


@pytest.fixture(scope="module")
def told(out):
    return json.loads((out / "plan.json").read_text(encoding="utf-8"))


def test_the_five_files_number_the_same_sites(out, told):
    assert {path.name for path in out.iterdir()} == FILES
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


def test_the_same_folder_gives_the_same_plan_in_korean_too(folder, out, told, tmp_path):
    shown = run(folder, "--budget", 900, "--crews", 2, "--out", tmp_path / "ko", "--language", "ko")
    assert shown.exit_code == 0, shown.output
    again = json.loads((tmp_path / "ko" / "plan.json").read_text(encoding="utf-8"))
    again["provenance"]["made_at"] = told["provenance"]["made_at"]
    assert again == told
    assert "어디를 팔 것인가" in (tmp_path / "ko" / "report.html").read_text(encoding="utf-8")
    for name in ("plan.csv", "plan.gpx", "plan.geojson"):
        assert (tmp_path / "ko" / name).read_bytes() == (out / name).read_bytes()


def test_a_place_that_is_taken_is_refused_before_anything_is_read(folder, out, tmp_path):
    assert "holds an earlier result" in run(folder, "--budget", 900, "--out", out).output
    (tmp_path / "mine.txt").write_text("mine")
    refused = run(folder, "--budget", 900, "--out", tmp_path)
    assert refused.exit_code == 1
    assert "not a result of Homeward" in refused.output


def test_a_budget_of_nothing_is_refused(folder, tmp_path):
    refused = run(folder, "--budget", 0, "--out", tmp_path / "out")
    assert refused.exit_code == 1
    assert "buys no day of digging" in refused.output
    assert not (tmp_path / "out").exists()


def test_a_folder_without_sites_is_refused(tmp_path):
    programme, _truth = simulate(scaled(scenarios()["korea"], persons=12), seed=1)
    write_programme(replace(programme, sites=(), searches=(), leads=()), tmp_path / "none", container="folder")
    refused = run(tmp_path / "none", "--budget", 5, "--out", tmp_path / "out")
    assert refused.exit_code == 1
    assert "no site to dig" in refused.output


def test_what_holes_say_of_who_told_is_written_with_its_prior(folder, tmp_path):
    shown = run(folder, "--budget", 900, "--crews", 2, "--out", tmp_path / "out", "--learned")
    assert shown.exit_code == 0, shown.output
    assert "Not so of everyone" in shown.output
    assert {path.name for path in (tmp_path / "out").iterdir()} == FILES | {"reliability.csv"}
    with (tmp_path / "out" / "reliability.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["kind"]: row for row in csv.DictReader(file)}
    assert {"everyone", "searching", "veteran"} <= set(rows)
    assert float(rows["everyone"]["prior_mean"]) == pytest.approx(0.25)
    assert all(0 <= float(row["mean"]) <= 1 for row in rows.values())
