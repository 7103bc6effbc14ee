"""The files of a result: their columns, that they appear whole or not at all, and what they may replace."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from homeward.errors import Cancelled, WouldOverwrite
from homeward.identification.result import Label, Pairs
from homeward.reports.files import FILES, PAIR_COLUMNS, refuse_to_overwrite, write_identification
from tests.homeward.reports.results import identification, programme


@pytest.fixture(scope="module")
def asked():
    return programme()


@pytest.fixture(scope="module")
def result(asked):
    return identification(asked)


@pytest.fixture
def out(tmp_path, asked, result):
    write_identification(result, asked, tmp_path / "result")
    return tmp_path / "result"


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_five_files_are_there_and_nothing_else(out):
    assert sorted(path.name for path in out.iterdir()) == sorted(FILES)
    assert [path.name for path in out.parent.iterdir()] == ["result"]


def test_pairs_read_back_as_the_numbers_they_were(out, result):
    pairs = rows(out / "pairs.csv")
    assert tuple(pairs[0]) == PAIR_COLUMNS
    assert [float(row["posterior"]) for row in pairs] == result.pairs.posterior.tolist()
    assert [row["remains_id"] for row in pairs] == [c.remains_id for c in result.candidates]
    assert [row["person_id"] for row in pairs] == [c.hypothesis for c in result.candidates]


def test_an_impossible_pair_is_minus_infinity_in_csv_and_null_with_its_reason_in_json(out):
    impossible = [row for row in rows(out / "pairs.csv") if row["log10_lr"] == "-inf"]
    assert impossible
    listed = json.loads((out / "result.json").read_text(encoding="utf-8"))["pairs"]
    same = [pair for pair in listed if pair.get("excluded")]
    assert len(same) == len(impossible)
    assert {pair["excluded"] for pair in same} == {"genotype"}
    assert all(pair["log10_lr"] is None and pair["markers"]["TH01"] is None for pair in same)


def test_the_alternative_has_no_log10_lr_and_a_log10_lr_all_of_nought(out):
    alternative = next(row for row in rows(out / "pairs.csv") if row["person_id"] == "not_listed")
    assert alternative["log10_lr"] == ""
    assert alternative["log10_lr_all"] == "0"


def test_families_name_who_is_typed_and_the_marker_that_set_them_aside(out):
    families = rows(out / "families.csv")
    assert list(families[0]) == [
        "family_id", "members_typed", "missing", "log10_likelihood", "state", "marker", "reason",
    ]  # fmt: skip
    aside = next(row for row in families if row["state"] == "set_aside")
    assert (aside["marker"], aside["log10_likelihood"]) == ("D3S1358", "")
    assert families[0]["missing"] == "TWO/M-03217;TWO/M-03218"


def test_assignments_have_a_row_for_each_remains_of_each_answer(out, result):
    answers = rows(out / "assignments.csv")
    assert list(answers[0]) == ["rank", "posterior", "error", "remains_id", "hypothesis"]
    assert len(answers) == len(result.assignments) * len(result.remains)


def test_without_assignments_the_file_is_absent_and_the_reason_stated(tmp_path, asked, result):
    large = replace(result, assignments=(), assignments_absent="too_large")
    write_identification(large, asked, tmp_path / "result")
    assert not (tmp_path / "result" / "assignments.csv").exists()
    stated = json.loads((tmp_path / "result" / "result.json").read_text(encoding="utf-8"))
    assert stated["assignments_absent"] == "too_large"
    assert "too large for that" in (tmp_path / "result" / "report.html").read_text(encoding="utf-8")


def test_the_same_result_gives_the_same_bytes(tmp_path, asked, result, out):
    write_identification(result, asked, tmp_path / "again")
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def test_only_the_time_stamp_tells_two_runs_apart(tmp_path, asked, result, out):
    later = replace(result, provenance=replace(result.provenance, made_at="2031-01-02T03:04:05+00:00"))
    write_identification(later, asked, tmp_path / "later")
    stamp = re.escape(result.provenance.made_at)
    first = re.sub(stamp, "T", (out / "result.json").read_text(encoding="utf-8"))
    second = (tmp_path / "later" / "result.json").read_text(encoding="utf-8")
    assert first == second.replace("2031-01-02T03:04:05+00:00", "T")
    assert (out / "pairs.csv").read_bytes() == (tmp_path / "later" / "pairs.csv").read_bytes()


def test_an_earlier_result_is_replaced_only_when_asked(out, asked, result):
    with pytest.raises(WouldOverwrite, match="earlier result"):
        write_identification(result, asked, out)
    write_identification(result, asked, out, replace=True, language="ko")
    assert 'lang="ko"' in (out / "report.html").read_text(encoding="utf-8")
    assert [path.name for path in out.parent.iterdir()] == ["result"]


def test_anything_else_is_never_replaced(tmp_path, out):
    (tmp_path / "letter.txt").write_text("mine")
    (out / "notes.txt").write_text("mine too")
    for place in (tmp_path / "letter.txt", out, tmp_path):
        with pytest.raises(WouldOverwrite):
            refuse_to_overwrite(place, replace=True)


def test_an_empty_directory_is_free(tmp_path, asked, result):
    (tmp_path / "empty").mkdir()
    write_identification(result, asked, tmp_path / "empty")
    assert (tmp_path / "empty" / "result.json").exists()


@pytest.mark.parametrize("stopped", [Cancelled, KeyboardInterrupt])
@pytest.mark.parametrize("at", ["pairs.csv", "report"])
def test_stopped_on_the_way_nothing_is_left_behind(tmp_path, asked, result, stopped, at):
    def tick(stage, done, total):
        if stage == at and done == total:
            raise stopped

    with pytest.raises(stopped):
        write_identification(result, asked, tmp_path / "result", tick=tick)
    assert list(tmp_path.iterdir()) == []


def test_stopped_while_replacing_the_earlier_result_stays(out, asked, result):
    before = (out / "report.html").read_bytes()

    def tick(stage, done, total):
        if stage == "report" and done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_identification(result, asked, out, replace=True, language="ko", tick=tick)
    assert (out / "report.html").read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["result"]


def test_identifiers_with_commas_and_quotes_survive(tmp_path, asked, result):
    odd = 'M,"1"'
    pairs = replace(result.pairs, hypotheses=(odd, *result.pairs.hypotheses[1:]))
    write_identification(replace(result, pairs=pairs), asked, tmp_path / "result")
    assert odd in {row["person_id"] for row in rows(tmp_path / "result" / "pairs.csv")}


def test_a_hundred_thousand_pairs_are_written_with_every_digit(tmp_path, asked, result):
    count = 150_000
    values = np.random.default_rng(3).normal(size=count)
    pairs = Pairs(
        remains_ids=("R-1",),
        hypotheses=("M-1",),
        remains=np.zeros(count, dtype=np.intp),
        hypothesis=np.zeros(count, dtype=np.intp),
        log10_lr=values,
        log10_lr_all=np.zeros(count),
        prior=np.full(count, 0.1),
        posterior=np.abs(values),
        error=np.zeros(count),
        label=(Label.EXACT,),
        excluded=np.full(count, ""),
    )
    write_identification(replace(result, pairs=pairs), asked, tmp_path / "result")
    with (tmp_path / "result" / "pairs.csv").open(encoding="utf-8") as file:
        read = np.array([float(line.split(",")[2]) for line in file.readlines()[1:]])
    assert np.array_equal(read, values)
