"""The truth about an invented programme is written beside it and read back whole."""

import pytest

from homeward.errors import Rejected, WouldOverwrite
from homeward.formats.truth import read_truth, write_truth
from homeward.simulation import scaled, scenarios, simulate


@pytest.fixture(scope="module")
def truth():
    return simulate(scaled(scenarios()["korea"], persons=100), seed=1)[1]


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
