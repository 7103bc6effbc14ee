"""The parts of the validation of scanning, at sizes that take seconds."""

import pytest

from validation import scan


@pytest.fixture(autouse=True)
def _kept_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(scan, "KEPT", tmp_path / "kept")


def test_every_pair_that_reaches_a_threshold_is_kept(tmp_path):
    section = scan.zero_dismissals(tmp_path, families=130, remains=400, seeds=(5, 6))

    assert section["holds"]
    assert section["pairs"] > 90_000
    assert section["reaching"]["0.0"] > section["reaching"]["2.0"] > 50


def test_an_interrupted_comparison_goes_on_where_it_stopped(tmp_path):
    scan.zero_dismissals(tmp_path, families=10, remains=10, seeds=(5,))
    (tmp_path / "seed-5.json").write_text(
        (tmp_path / "seed-5.json").read_text().replace('"differences": 0', '"differences": 1')
    )

    assert not scan.zero_dismissals(tmp_path, families=10, remains=10, seeds=(5, 6))["holds"]


def test_the_million_is_measured_as_the_command_runs_it(tmp_path):
    section = scan.million(tmp_path, size=400, threshold=4.0)

    assert section["compared"] == 160_000
    assert section["true_pairs_kept"] > 50
    assert section["peak_bytes"] > 0


def test_the_best_are_those_of_all_pairs(tmp_path):
    section = scan.best_k(tmp_path, size=200, small=300, most=2)

    assert section["same_as_the_best_of_all_pairs"]


def test_the_growth_is_held_against_families_remains_and_pairs(tmp_path, monkeypatch):
    monkeypatch.setattr(scan, "SIZES", ((1, 1), (2, 1)))
    section = scan.growth(tmp_path, thousand=100)

    assert len(section["measured"]) == 2
    assert section["nanoseconds_per_pair"] >= 0


def test_the_speed_is_told_as_a_share_of_the_cache(tmp_path):
    section = scan.speed(tmp_path, remains=2_000)

    assert all(ratio > 0 for ratio in section["ratio"].values())
