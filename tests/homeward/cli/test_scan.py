import csv
import json

import pytest
from click.testing import CliRunner

from homeward.cli import main
from homeward.formats.folder import write_programme
from homeward.formats.scanfiles import write_set
from tests.homeward.scan.programmes import expected, programme


def run(*arguments):
    return CliRunner().invoke(main, ["scan", *map(str, arguments), "--quiet", "--workers", "1"])


@pytest.fixture
def folder(tmp_path):
    write_programme(programme(), tmp_path / "programme")
    return tmp_path / "programme"


def test_a_programme_folder_is_scanned_into_csv(folder, tmp_path):
    answer = run(folder, "--out", tmp_path / "out", "--threshold", "1", "--format", "csv")

    assert answer.exit_code == 0, answer.output
    with (tmp_path / "out" / "results.csv").open(newline="") as file:
        rows = [(row["remains_id"], row["person_id"], float(row["log10_lr"])) for row in csv.DictReader(file)]
    assert sorted(rows) == sorted(expected(programme(), 1.0))
    summary = json.loads((tmp_path / "out" / "scan.json").read_text())
    assert summary["results"] == len(rows)
    assert f"Digest: {summary['digest']}" in answer.output
    assert "2 families contradict themselves and are set aside" in answer.output


def test_the_size_of_the_answer_is_told_first(folder, tmp_path):
    answer = run(folder, "--out", tmp_path / "out", "--threshold", "2", "--best", "1")

    assert "24 remains x 32 missing persons = 768 pairs" in answer.output
    assert "at most 24 pairs expected to be kept" in answer.output


def test_a_scan_that_is_done_is_not_done_again_but_can_be_collected_again(folder, tmp_path):
    first = run(folder, "--out", tmp_path / "out")
    again = run(folder, "--out", tmp_path / "out")
    resumed = run(folder, "--out", tmp_path / "out", "--resume")

    assert again.exit_code == 1
    assert "--resume" in again.output
    assert resumed.exit_code == 0
    assert "0 of 1 blocks to do" in resumed.output
    assert resumed.output.splitlines()[-1] == first.output.splitlines()[-1]


def test_a_scan_that_is_stopped_says_how_to_go_on(folder, tmp_path, monkeypatch):
    def stopped(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("homeward.scan.run", stopped)
        answer = run(folder, "--out", tmp_path / "out")
    resumed = run(folder, "--out", tmp_path / "out", "--resume")

    assert answer.exit_code == 130
    assert "Stopped. 0 of 1 blocks are kept; --resume goes on." in answer.output
    assert resumed.exit_code == 0


def test_a_changed_programme_is_refused_when_a_scan_goes_on(folder, tmp_path):
    run(folder, "--out", tmp_path / "out")
    write_programme(programme(seed=2), tmp_path / "changed")

    answer = run(tmp_path / "changed", "--out", tmp_path / "out", "--resume")

    assert answer.exit_code == 1
    assert "it has changed since" in answer.output


def test_a_set_and_the_folder_it_came_from_give_one_digest(folder, tmp_path):
    write_set(programme(), tmp_path / "set")

    one = run(folder, "--out", tmp_path / "one")
    other = run(tmp_path / "set", "--out", tmp_path / "other")

    assert one.output.splitlines()[-1] == other.output.splitlines()[-1]


def test_faults_of_the_input_are_listed_and_nothing_is_written(folder, tmp_path):
    (folder / "profiles.csv").write_text("sample_id,subject_id,marker,allele_1,allele_2\nS,R00,M0,ten,\n")

    answer = run(folder, "--out", tmp_path / "out")

    assert answer.exit_code == 1
    assert "profiles.csv, line 2" in answer.output
    assert not (tmp_path / "out").exists()
