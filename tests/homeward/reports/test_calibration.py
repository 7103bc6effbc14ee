"""The page and the files of a calibration."""

import csv
import json

import pytest

from homeward.provenance import provenance
from homeward.reports.calibration import page, write_calibration
from homeward.simulation import scenarios
from homeward.simulation.calibration import Leading, World, bins, summed
from homeward.simulation.scenario import sized


@pytest.fixture
def scenario():
    return sized(scenarios()["korea"], persons=60, remains=10)


@pytest.fixture
def found(scenario):
    import numpy as np

    def leading(posterior, true):
        return Leading(posterior=posterior, person=True, true=true, identifiable=true)

    told = (leading(0.9999, True), leading(0.62, False), leading(0.61, True))
    of = tuple(bins(np.array([0.9999, 0.62]), np.array([True, False])))
    return summed(scenario, [World(seed=1, leading=told, persons=of, alternatives=of)])


def origin():
    return provenance("calibrate", input_digest="scenario korea", parameters={}, seed=1)


def test_the_error_is_the_mean_distance_of_promise_and_truth(found):
    assert found.error == pytest.approx((abs(1 - 0.9999) + abs(1 - 1.23)) / 3)


def test_a_threshold_counts_who_is_named_who_is_false_and_who_was_to_be_found(found):
    at = found.thresholds[0]
    assert (at.named, at.false, at.identifiable, at.found) == (3, 1, 2, 2)
    assert at.promised_false == pytest.approx(0.0001 + 0.38 + 0.39)


def test_the_files_tell_the_same_as_what_was_counted(tmp_path, found, scenario):
    write_calibration(found, scenario, origin(), tmp_path / "out")

    with (tmp_path / "out" / "thresholds.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    told = json.loads((tmp_path / "out" / "result.json").read_text(encoding="utf-8"))
    assert [float(row["threshold"]) for row in rows] == [at.threshold for at in found.thresholds]
    assert told["calibration_error"] == found.error
    assert len(told["calibration"]["leading"]) == 20


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_page_shows_the_curve_in_both_languages(found, scenario, language):
    text = page(found, scenario, origin(), language=language)

    assert text.count("<circle") == 2
    assert "<script" not in text
