"""Remains compared by every system from the command line."""

import csv
import json

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.folder import write_programme
from tests.homeward.genetics.test_combined import CALLS, LINES, programme


def run(*line):
    return CliRunner().invoke(main, ["compare", *(str(part) for part in line), "--quiet"])


def rows(out):
    with (out / "pairs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("compare") / "programme"
    write_programme(programme(calls=CALLS, haplotypes=LINES), place, container="folder")
    return place


def test_every_pair_has_a_column_for_each_system_and_their_sum(folder, tmp_path):
    out = tmp_path / "out"

    shown = run(folder, "--out", out)

    assert shown.exit_code == 0, shown.output
    pairs = rows(out)
    assert len(pairs) == 8
    best = pairs[0]
    parts = [float(best[f"log10_lr_{system}"]) for system in ("au", "x", "y", "mt")]
    assert (best["remains_id"], best["person_id"], best["not_compared"]) == ("R1", "P1", "snp:remains_not_typed")
    assert float(best["log10_lr_total"]) == pytest.approx(sum(parts), rel=1e-12)
    assert (best["same_y_line"], best["same_mt_line"]) == ("P2", "P2;P3")


def test_the_json_says_what_each_ratio_rests_on(folder, tmp_path):
    out = tmp_path / "out"

    run(folder, "--out", out, "--threshold", "4")

    told = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert told["provenance"]["verb"] == "compare"
    assert told["pairs_written"] == 2
    of_y = told["pairs"][0]["systems"]["y"]
    assert (of_y["meioses"], of_y["references_on_line"], of_y["frequency"]["people"]) == (1, 1, 199)
    assert {of["code"] for of in told["assumptions"]} >= {"strs", "lineage", "same_line", "snps"}


def test_systems_can_be_chosen(folder, tmp_path):
    out = tmp_path / "out"

    run(folder, "--out", out, "--systems", "mt,au")

    assert [name for name in rows(out)[0] if name.startswith("log10_lr_")] == [
        "log10_lr_au",
        "log10_lr_mt",
        "log10_lr_total",
        "log10_lr_without_lineage",
    ]
    assert run(folder, "--out", tmp_path / "other", "--systems", "au,z").exit_code == 2


@pytest.mark.parametrize(("language", "words"), [("en", "on one line with P2"), ("ko", "P2와 같은 계통")])
def test_the_page_reads_in_both_languages(folder, tmp_path, language, words):
    out = tmp_path / "out"

    run(folder, "--out", out, "--language", language)

    page = (out / "report.html").read_text(encoding="utf-8")
    assert words in page
    assert "<script" not in page
