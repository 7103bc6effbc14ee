"""Age from stages: worked ratios, the published tables behind the transitions, and what must hold of any of them."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.anthropology.age import Transitions, derived, log_age_interval, log_stage, together, transitions
from homeward.anthropology.reading import Interval
from homeward.errors import Nonsense
from homeward.programme import Sex
from homeward.tables import table

MCKERN = transitions()["mckern_stewart", Sex.MALE]
AGES = np.arange(17, 46)
OF_THE_MISSING = (AGES - 16.5) ** 1.2 * np.exp(-(AGES - 16.5) / 2.6)  # gamma of shape 2.2 and scale 2.6, illustrative


def ratio(label: str, age: float) -> float:
    """P(stage | age) over its average in the missing."""
    stage = MCKERN.stages.index(label)
    average = np.average(np.exp(log_stage(MCKERN, stage, AGES)), weights=OF_THE_MISSING)
    return float(np.exp(log_stage(MCKERN, stage, age)) / average)


@pytest.mark.parametrize(
    ("label", "age", "expected"),
    [
        ("1-2", 18, 3.2255258633047177),
        ("1-2", 25, 0.00030735467694858397),
        ("4-5", 20, 1.6973240530198128),
        ("11-13", 28, 6.537823561461254),
        ("11-13", 20, 9.919169028388998e-05),
        ("14", 35, 40.75708238667795),
    ],
)
def test_worked_ratios_of_pubic_scores(label: str, age: float, expected: float):
    assert ratio(label, age) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("label", "age", "expected"),
    [("1-2", 18, 3.420578201218852), ("4-5", 20, 1.5300825913951115), ("11-13", 28, 5.163667303177617)],
)
def test_inverting_the_published_ages_instead_gives_other_ratios(label: str, age: float, expected: float):
    # the mean and sd of age within each score, turned round by the ages of the sample, on the same ages
    rows = [row for row in table("anthropology/age_by_stage.csv") if row["method"] == "mckern_stewart"]
    of_age = np.array(
        [[int(row["people"]) * NormalDist(float(row["mean"]), float(row["sd"])).pdf(a) for a in AGES] for row in rows]
    )
    chance = of_age / of_age.sum(axis=0)
    stage = MCKERN.stages.index(label)
    found = chance[stage, age == AGES][0] / np.average(chance[stage], weights=OF_THE_MISSING)

    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("key", transitions())
def test_shipped_transitions_follow_from_the_published_tables(key: tuple[str, Sex]):
    rows = [row for row in table("anthropology/age_by_stage.csv") if (row["method"], row["sex"]) == key]

    theta, sd = derived(*(np.array([float(row[name]) for row in rows]) for name in ("mean", "sd", "people")))

    # the shipped figures were fitted on quantiles of each stage, these by quadrature: 0.1% apart in age
    assert np.abs(theta - transitions()[key].theta).max() < 0.001
    assert sd == pytest.approx(transitions()[key].sd, rel=0.007)


def test_the_median_ages_of_passage_are_those_that_the_docs_state():
    male = np.exp(transitions()["suchey_brooks", Sex.MALE].theta)
    female = np.exp(transitions()["suchey_brooks", Sex.FEMALE].theta)

    assert male == pytest.approx([19.83, 24.50, 27.69, 39.69, 51.54], abs=0.005)
    assert female == pytest.approx([19.84, 26.33, 33.50, 41.85, 55.60], abs=0.005)


@given(st.floats(12, 90), st.floats(0, 1), st.sampled_from(sorted(transitions())))
def test_some_stage_is_seen_at_every_age(age: float, error: float, key: tuple[str, Sex]):
    one = transitions()[key]

    chances = [math.exp(log_stage(one, k, age, error=error)) for k in range(len(one.stages))]

    assert sum(chances) == pytest.approx(1, abs=1e-12)


@given(st.floats(12, 80), st.floats(0.1, 10), st.integers(0, 4))
def test_whoever_is_older_has_reached_later_stages(age: float, later: float, stage: int):
    one = transitions()["suchey_brooks", Sex.MALE]

    above = [sum(math.exp(log_stage(one, k, a)) for k in range(stage + 1, 6)) for a in (age, age + later)]

    assert above[1] >= above[0] - 1e-12


def test_an_error_of_one_says_nothing_of_the_age():
    assert np.exp(log_stage(MCKERN, 3, [18, 30, 60], error=1.0)) == pytest.approx([0.1, 0.1, 0.1], rel=1e-14)


def test_far_tails_keep_their_precision():
    # score 15 at the age of 18: ln 18 is 12.5 standard deviations below the last passage
    z = (math.log(18) - MCKERN.theta[-1]) / MCKERN.sd
    mills = math.log(1 / -z - 1 / (-z) ** 3 + 3 / (-z) ** 5 - 15 / (-z) ** 7) - z * z / 2 - math.log(2 * math.pi) / 2

    assert float(log_stage(MCKERN, 9, 18.0)) == pytest.approx(mills, abs=1e-4)


def test_a_score_lies_in_its_range_and_what_is_no_score_is_refused():
    assert [MCKERN.stage(text) for text in ("0", "1-2", "2", "13", " 15 ", "16", "IV", "")] == [
        0, 1, 1, 7, 9, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(("theta", "sd"), [((3.0,), 0.2), ((3.1, 3.0), 0.2), ((3.0, 3.1), 0.0)])
def test_transitions_that_cannot_be_are_refused(theta: tuple[float, ...], sd: float):
    with pytest.raises(Nonsense):
        Transitions(method="x", trait="y", sex=Sex.MALE, element="z", stages=("1", "2", "3"), theta=theta, sd=sd)


def test_indicators_of_one_bone_are_averaged_and_of_several_damped():
    a, b, c = np.array([-1.0, -2.0]), np.array([-3.0, -2.0]), np.array([-4.0, -1.0])

    found = together([a, b, c], ["pubis", "pubis", "clavicle"], correlation=0.3)

    assert found == pytest.approx((np.array([-2.0, -2.0]) + c) / 1.3, rel=1e-14)
    assert together([a, c], ["pubis", "clavicle"], correlation=0.0) == pytest.approx(a + c, rel=1e-14)
    assert together([a], ["pubis"], correlation=0.9) == pytest.approx(a, rel=1e-14)


def test_an_interval_is_a_normal_reading_at_its_middle():
    middle, sd = 24.0, 8 / (2 * 1.959963984540054)  # 20 to 28

    found = np.exp(log_age_interval(Interval(low=20, high=28), [24, 30], error=0.02))

    expected = [0.98 * NormalDist(middle, sd).pdf(a) + 0.02 / 60 for a in (24, 30)]
    assert found == pytest.approx(expected, rel=1e-12)


def test_a_bound_alone_is_true_in_most_cases():
    found = np.exp(log_age_interval(Interval(low=25), [24.0, 25.0, 40.0]))

    assert found == pytest.approx([0.025, 0.975, 0.975], rel=1e-12)
    assert np.exp(log_age_interval(Interval(high=25), [24.0, 40.0])) == pytest.approx([0.975, 0.025], rel=1e-12)


def test_no_interval_says_nothing():
    assert log_age_interval(Interval(), [20.0, 30.0]) == pytest.approx([0, 0], abs=0)


def test_an_interval_so_wide_that_it_holds_everyone_tells_nobody_apart():
    found = log_age_interval(Interval(low=0, high=4000), [18.0, 40.0], error=0.02)

    assert found[0] - found[1] == pytest.approx(0, abs=0.05)
