"""The truth about an invented programme is written beside it and read back whole."""

from dataclasses import replace

import pytest

from homeward.errors import Rejected, WouldOverwrite
from homeward.formats.truth import read_lying, read_truth, write_lying, write_truth
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.scenario import korea_country


@pytest.fixture(scope="module")
def truth():
    return simulate(replace(scaled(scenarios()["korea"], persons=100), country=korea_country()), seed=1)[1]


def test_the_truth_is_read_back_as_it_was_written(truth, tmp_path):
    write_truth(truth, tmp_path / "small.truth.csv")
    again = read_truth(tmp_path / "small.truth.csv")
    assert again.hypotheses == truth.hypotheses
    assert again.incidents == truth.incidents
    assert again.genotypes == truth.genotypes
    assert [path.name for path in tmp_path.iterdir()] == ["small.truth.csv"]


def test_a_truth_is_never_overwritten(truth, tmp_path):
    (tmp_path / "kept.csv").write_text("mine")
    with pytest.raises(WouldOverwrite, match=r"kept\.csv"):
        write_truth(truth, tmp_path / "kept.csv")
    assert (tmp_path / "kept.csv").read_text() == "mine"


def test_another_file_is_no_truth(tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(Rejected, match="no truth"):
        read_truth(tmp_path / "other.csv")


def test_where_they_lie_is_read_back_as_it_was_written(truth, tmp_path):
    write_lying(truth.lying, tmp_path / "small.lying.csv")
    assert read_lying(tmp_path / "small.lying.csv") == truth.lying
    assert {one.place is None for one in truth.lying.values()} == {True, False}


def test_another_file_does_not_say_where_they_lie(tmp_path):
    (tmp_path / "other.csv").write_text("person_id,where\nK-1,here\n")
    with pytest.raises(Rejected, match="where people of a world lie"):
        read_lying(tmp_path / "other.csv")
