"""The validation goes through the whole science, at a small size here, and says what does not hold."""

import json

import pytest

from validation import run


@pytest.fixture(scope="module")
def small():
    return run.validate_seed(3, 300)


def test_a_small_world_goes_from_folder_to_counts(small):
    assert (small["persons"], small["remains"]) == (300, 14)
    assert set(small["seconds"]) == {"simulate", "write", "read", "identify"}
    json.dumps(small, allow_nan=False)


def test_every_one_of_the_remains_has_a_posterior_for_every_hypothesis(small):
    pairs = sum(row["pairs"] for rows in small["calibration"].values() for row in rows)
    promised = sum(row["promised"] for rows in small["calibration"].values() for row in rows)
    assert pairs == 14 * (300 + 2)  # the roster, not_listed and one group of outsiders
    assert promised == pytest.approx(14, abs=0.14)  # certified within 0.01 each


def test_each_of_the_remains_is_truly_one_hypothesis(small):
    assert sum(row["true"] for rows in small["calibration"].values() for row in rows) == 14


def test_too_many_false_identifications_and_too_few_found_are_told(small):
    wrong = {"remains": "BOX-1-I-01", "named": "K-1", "truth": "not_listed", "posterior": 0.9999}
    missed = {"remains": "BOX-1-I-02", "chance": 0.995, "found": False}
    counted = run.summary([{**small, "named": [0.9999] * 50, "false": [wrong], "identifiable": [missed]}])
    # 50 identifications promise 0.005 false ones; one or more has a chance of 1 - 0.9999**50 = 0.00499
    assert counted["chance_of_so_many_false"] == pytest.approx(0.00499, abs=1e-5)
    assert not counted["false_within_rate"]
    assert not counted["found_enough"]
    assert counted["not_found"] == [missed]


def test_a_seed_that_has_run_with_this_science_is_not_run_again(small, tmp_path, monkeypatch):
    monkeypatch.setattr(run, "ROOT", tmp_path)
    kept = tmp_path / "var" / "validation" / "demonstration-300-0123456789ab" / "3.json"
    run.write_atomically(kept, small)
    assert run.run_all([3], 300, 1, "sha256:0123456789abcdef") == [json.loads(kept.read_text())]
