"""From a folder of files to names: the first whole journey, in a real browser."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import pytest

from homeward.formats.folder import write_programme
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.scenario import korea_country

PERSONS = 60


@pytest.fixture(scope="module")
def programme():
    """A small invented programme, with what is told of where its people lie."""
    world = replace(scaled(scenarios()["korea"], persons=PERSONS), country=korea_country())
    invented, _truth = simulate(world, seed=11)
    return invented


@pytest.fixture(scope="module")
def whole(programme, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "programme.zip"
    write_programme(programme, path, container="zip")
    return path


@pytest.fixture(scope="module")
def faulty(whole, tmp_path_factory):
    """The same file, in which one sex is written as nobody writes it."""
    path = tmp_path_factory.mktemp("files") / "with-a-fault.zip"
    with zipfile.ZipFile(whole) as good, zipfile.ZipFile(path, "w") as bad:
        for entry in good.infolist():
            content = good.read(entry)
            if entry.filename.endswith("missing.csv"):
                content = content.replace(b",M,", b",male?,", 1)
            bad.writestr(entry.filename, content)
    return path


def hand_in(page, path):
    page.goto("/exchange/")
    page.set_input_files("[name=file]", path)
    page.click("main form[enctype] button.main")


def is_dressed(page) -> bool:
    """Whether the style sheets arrived: the frame is laid out as a grid by homeward.css alone."""
    return page.evaluate("getComputedStyle(document.querySelector('.frame')).display") == "grid"


def lies_within(page, selector: str) -> bool:
    return page.evaluate("selector => document.activeElement.closest(selector) !== null", selector)


def test_from_a_file_with_a_fault_to_a_comparison_and_the_other_side_sees_nothing(visitor, faulty, whole):
    page = visitor("oresk")
    assert is_dressed(page)

    hand_in(page, faulty)
    refused = page.text_content("main")
    assert "One row was not accepted" in refused
    assert "male?" in refused
    assert "missing.csv" in refused

    hand_in(page, whole)
    page.click("text=Bring in every row")
    assert "Every row of this file is in the records" in page.text_content("main")

    page.click("nav >> text=Runs")
    page.fill("[name=purpose]", "the first profiles")
    page.click("text=Ask for a run")
    assert re.search(r"/runs/\d+/$", page.url)
    assert page.is_visible("#progress")
    page.wait_for_selector("main a.main, main [role=alert]", timeout=90_000)
    assert f"{PERSONS} missing persons" in page.text_content("main")

    page.click("text=Open the comparisons")
    remains = page.text_content("tbody th a >> nth=0")
    page.click("tbody th a >> nth=0")
    assert page.text_content("h1") == f"Remains {remains}"
    assert page.locator("main svg.plot[role=img]").count() >= 1
    assert is_dressed(page)
    comparison = page.url

    page.click("text=한국어")
    assert page.get_attribute("html", "lang") == "ko"
    assert page.text_content("h1") == f"유해 {remains}"
    assert "사후확률" in page.text_content("main")

    other = visitor("ilvet")
    answers = {
        address: other.request.get(address).status for address in (comparison, comparison + "?run=1", "/runs/1/")
    }
    assert set(answers.values()) == {404}, answers
    for address in ("/", "/board/comparisons/", "/runs/", "/registry/persons/", "/laboratory/remains/"):
        other.goto(address)
        assert remains not in other.text_content("body")
        assert "first profiles" not in other.text_content("body")


def test_a_field_lead_looks_at_the_map_records_a_search_and_asks_for_a_season_s_plan(visitor):
    page = visitor("tolen")
    page.click("nav >> text=Map")
    page.wait_for_selector("#map canvas")
    assert page.locator("#map .leaflet-control-layers-overlays label").count() == 4
    assert page.locator("#map.failed").count() == 0
    site = page.text_content("tbody th a >> nth=0")
    expected = page.text_content("tbody tr >> nth=0 >> td >> nth=2")

    page.click("tbody th a >> nth=0")
    page.click("text=Record a search")
    page.fill("[name=search_id]", "Q-JOURNEY")
    page.fill("[name=on]", "2026-05-06")
    page.fill("[name=detection]", "0.9")
    page.click("main button.main")
    assert "Q-JOURNEY" in page.text_content("main")
    page.click("nav >> text=Map")
    page.wait_for_selector("#map canvas")
    row = page.locator("tbody tr", has_text=site)
    assert row.count() == 0 or float(row.locator("td >> nth=2").text_content()) < float(expected)

    page.click("nav >> text=Season plans")
    page.click("text=Ask for a season’s plan")
    page.fill("[name=budget]", "900")
    page.click("main button.main")
    page.wait_for_selector("main a.main, main [role=alert]", timeout=90_000)
    page.click("text=Open the plan")
    page.wait_for_selector("#map canvas")
    assert "No plan exceeds" in page.text_content("main")
    page.click("text=한국어")
    page.wait_for_selector("#map canvas")
    assert "어떤 계획도" in page.text_content("main")


def test_the_keyboard_reaches_the_page_first_and_then_walks_it_in_order(visitor):
    page = visitor("oresk")
    page.goto("/board/comparisons/")

    page.keyboard.press("Tab")
    assert lies_within(page, ".skip")
    assert page.evaluate("document.activeElement.getBoundingClientRect().top >= 0")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert lies_within(page, "main")

    page.goto("/board/comparisons/")
    order = []
    for _step in range(45):
        page.keyboard.press("Tab")
        order.append(page.evaluate("document.activeElement.closest('.skip, .mast, .rail, main')?.className ?? ''"))
    walked = [place for number, place in enumerate(order) if place not in order[:number]]
    assert walked == ["skip", "mast", "rail", ""]


def test_a_telephone_shows_the_comparisons_without_scrolling_sideways(visitor):
    page = visitor("oresk", width=390)

    for address in ("/", "/board/comparisons/", "/runs/", "/whereabouts/map/", "/operations/sites/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
