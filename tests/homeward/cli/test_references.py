"""The references of a folder tested from the command line."""

import csv
import json
import math
from html import escape

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.folder import write_programme
from tests.homeward.genetics.test_quality import household, programme


def run(*line):
    return CliRunner().invoke(main, [str(part) for part in line])


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Two sound families, and one in which father and son carry each other's name."""
    pedigree, told = household("X", 12)
    exchanged = (pedigree, told | {"X-father": told["X-son"], "X-son": told["X-father"]})
    place = tmp_path_factory.mktemp("quality") / "programme"
    write_programme(programme(household("A", 10), household("B", 11), exchanged), place, container="folder")
    return place


def test_what_is_wrong_is_said_in_a_sentence_and_written_to_files(folder, tmp_path):
    out = tmp_path / "out"

    shown = run("quality", folder, "--out", out, "--quiet")

    assert shown.exit_code == 0, shown.output
    assert "samples of X-father and X-son are exchanged" in shown.output
    first = rows(out / "quality.csv")[0]
    assert (first["finding"], first["family_id"], first["members"]) == ("exchanged", "X", "X-father;X-son")
    assert {row["family_id"]: row["state"] for row in rows(out / "families.csv")}["X"] == "exchanged"
    assert len(rows(out / "pairs.csv")) == 18
    told = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert told["provenance"]["verb"] == "quality"
    assert told["findings"][0]["words"] in shown.output


def test_the_sentences_can_be_korean(folder, tmp_path):
    shown = run("quality", folder, "--out", tmp_path / "out", "--quiet", "--language", "ko")

    assert "시료가 서로 바뀌었을 때" in shown.output


def test_an_earlier_result_is_replaced_only_when_asked(folder, tmp_path):
    out = tmp_path / "out"
    run("quality", folder, "--out", out, "--quiet")

    refused = run("quality", folder, "--out", out, "--quiet")

    assert refused.exit_code == 1
    assert "earlier result" in refused.output
    assert run("quality", folder, "--out", out, "--quiet", "--replace").exit_code == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["What to look at", "Two samples exchanged", "who is outlined heavily is spoken of in the finding"]),
        ("ko", ["살펴볼 것", "서로 바뀐 두 시료", "테두리가 굵은 사람이 이 항목이 말하는 사람입니다"]),
    ],
)
def test_the_page_explains_each_finding_and_draws_its_family(folder, tmp_path, language, words):
    run("quality", folder, "--out", tmp_path / "out", "--quiet", "--language", language)

    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    told = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert f'<html lang="{language}">' in page
    assert all(word in page for word in words)
    assert all(escape(finding["words"]) in page for finding in told["findings"])
    assert "<svg" in page
    assert "<script" not in page


def test_the_weightiest_finding_stands_first_and_what_needs_nothing_last():
    from homeward.genetics.quality_findings import Finding, Kind
    from homeward.reports.quality import _weight

    def finding(kind, weight):
        return Finding(kind=kind, family_ids=("F",), members=("m",), log10_lr=weight)

    mutation, unnamed = finding(Kind.MUTATION, 2.0), finding(Kind.LINE, math.nan)
    strong, impossible = finding(Kind.FOREIGN, 9.0), finding(Kind.EXCHANGED, math.inf)

    ordered = sorted([mutation, unnamed, strong, impossible], key=_weight)

    assert [one.kind for one in ordered] == [Kind.EXCHANGED, Kind.FOREIGN, Kind.LINE, Kind.MUTATION]


def test_without_a_finding_the_page_says_so(tmp_path):
    write_programme(programme(household("A", 10)), tmp_path / "programme", container="folder")

    run("quality", tmp_path / "programme", "--out", tmp_path / "out", "--quiet")

    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "every family fits as stated" in page
    assert "no two families of one population" in page
