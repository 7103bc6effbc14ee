"""What changed between two results, and the figures of what an answer rests on."""

from __future__ import annotations

import copy
import json
import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

from homeward.errors import NotFound
from homeward.identification.identify import identify
from homeward.identification.result import Method
from homeward.programme import Remains
from homeward.reports import charts
from homeward.reports.charts import Block, Out, at_share, blocks, fitting, left_out_svg, matrix_svg, sensitivity_svg
from homeward.reports.files import result_told, write_identification
from homeward.reports.html import report_html
from homeward.reports.since import changes, read_earlier
from tests.homeward.identification.test_explanation import _programme


@pytest.fixture(scope="module")
def told():
    return result_told(identify(_programme()))


def test_a_result_differs_from_itself_in_nothing(told):
    found = changes(told, told)

    assert (found.new, found.lost, found.changed, found.settings) == ((), (), (), {})
    assert found.unchanged == len(told["remains"])
    assert found.same_input


def test_remains_that_came_and_went_and_settings_are_told(told):
    programme = _programme()
    later = replace(
        programme,
        settings=replace(programme.settings, sex_error=0.2),
        remains=(programme.remains[0], Remains(remains_id="r3")),
        profiles=programme.profiles[:3],
        digest="sha256:other",
    )

    found = changes(told, result_told(identify(later)))

    assert (found.new, found.lost) == (("r3",), ("r2",))
    assert found.settings["sex_error"] == [0.01, 0.2]
    assert not found.same_input


def test_what_moved_a_posterior_sums_to_the_move_of_its_odds(told):
    later = copy.deepcopy(told)
    pair = next(one for one in later["pairs"] if one["remains_id"] == "r1")
    best = next(one for one in later["remains"] if one["remains_id"] == "r1")
    before = pair["posterior"]
    pair["evidence"] = {**pair["evidence"], "gait": 1.5}
    pair["posterior"] = best["best"]["posterior"] = 0.93

    (one,) = changes(told, later).changed

    odds = math.log10(0.93 / 0.07) - math.log10(before / (1 - before))
    assert one.lines == pytest.approx({"gait": 1.5})
    assert one.prior == pytest.approx(0.0, abs=1e-12)
    assert sum(one.lines.values()) + one.prior + one.others == pytest.approx(odds, rel=1e-9)
    assert one.posterior_before == pytest.approx(before)


def test_another_conclusion_is_told_however_little_moved(told):
    later = copy.deepcopy(told)
    later["remains"][0]["conclusion"] = "decided"

    (one,) = changes(told, later, least=1.0).changed

    assert (one.conclusion, one.concluded_anew) == ("decided", True)


def test_a_hypothesis_that_the_earlier_run_did_not_tell_has_no_moves(told):
    earlier = copy.deepcopy(told)
    earlier["pairs"] = []
    earlier["remains"][0]["best"]["person_id"] = "D"

    one = next(one for one in changes(earlier, told).changed if one.remains_id == "r1")

    assert (one.posterior_before, one.prior, one.others, dict(one.lines)) == (None, None, None, {})


def test_what_changed_stands_in_the_files_and_on_the_page(told, tmp_path: Path):
    programme = _programme(sex_error=0.3)
    result = identify(programme)

    write_identification(result, programme, tmp_path / "now", since=told)

    written = json.loads((tmp_path / "now" / "result.json").read_text(encoding="utf-8"))["since"]
    page = (tmp_path / "now" / "report.html").read_text(encoding="utf-8")
    assert written["settings"]["sex_error"] == [0.01, 0.3]
    assert 'id="since"' in page
    assert read_earlier(tmp_path / "now")["provenance"]["verb"] == "identify"


@pytest.mark.parametrize("content", ["not json", "[]", '{"provenance": {"verb": "power"}}'])
def test_what_is_no_earlier_result_is_refused(tmp_path: Path, content: str):
    (tmp_path / "result.json").write_text(content, encoding="utf-8")

    with pytest.raises(NotFound, match=r"result\.json"):
        read_earlier(tmp_path)


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path):
    with pytest.raises(NotFound, match="cannot be read"):
        read_earlier(tmp_path / "nowhere.json")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_shows_what_every_conclusion_rests_on(language: str):
    programme = _programme()

    page = report_html(identify(programme), programme, language=language)

    assert page.count('id="matrix"') == 1
    assert page.count('class="line"') == 2  # a curve for each of the remains


def test_the_curve_goes_through_the_posterior_as_it_is_and_is_bayes_elsewhere():
    # P(best) = 0.6, others listed 0.3, unlisted 0.1 at a share of 0.5; at 0.8 the listed weigh 4 times as much
    assert at_share(0.6, 0.9, 0.1, 0.5, 0.5, person=True) == pytest.approx(math.log10(0.6 / 0.4), rel=1e-12)
    assert at_share(0.6, 0.9, 0.1, 0.5, 0.8, person=True) == pytest.approx(math.log10(2.4 / (1.2 + 0.1)), rel=1e-12)
    assert at_share(0.1, 0.9, 0.1, 0.5, 0.8, person=False) == pytest.approx(math.log10(0.1 / 3.6), rel=1e-12)


def test_every_figure_is_well_formed_and_says_what_it_is():
    outs = [Out("all <lines>", 0.99, Method.EXACT), Out("without gait", 0.2, Method.ROW, "leads: D")]
    found = fitting(blocks({("r1", "A"): 0.5, ("r1", "B"): 0.5, ("r2", "C & D"): 0.9}, {"r1": 0.0, "r2": 0.1}))
    figures = [
        left_out_svg(outs, thresholds=[("threshold 0.9995", 0.9995)]),
        sensitivity_svg([(0.1, -1), (0.9, 4)], [(0.5, 0.9)], share=0.5, thresholds=[("threshold", 0.99)]),
        matrix_svg(found),
    ]

    parsed = [ElementTree.fromstring(figure) for figure in figures]

    assert [one.get("role") for one in parsed] == ["img"] * 3
    assert all(one.find("title").text for one in parsed)
    assert "r2, C &amp; D: posterior 0.900" in figures[2]


def test_components_are_joined_through_shared_persons_and_the_largest_come_first():
    found = blocks({("r1", "A"): 0.9, ("r2", "B"): 0.6, ("r3", "B"): 0.3, ("r3", "C"): 0.5}, {})

    assert [block.remains for block in found] == [("r2", "r3"), ("r1",)]
    assert found[0].persons == ("B", "C")


def test_what_does_not_fit_is_left_out_whole_and_counted(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(charts, "MOST_ROWS", 2)
    wide = Block(("r1", "r2", "r3"), ("A",), {}, {})
    narrow = Block(("r4",), ("B",), {}, {})

    shown = fitting([wide, narrow])

    assert (shown.blocks, shown.rows, shown.all_rows) == ((narrow,), 1, 4)
