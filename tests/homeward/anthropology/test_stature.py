"""Stature from bones: worked ratios, a second way to the same joint normal, and what must hold."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from homeward.anthropology.bones import (
    POOLED,
    about_regressions,
    length_code,
    lengths,
    mean_lengths,
    pooled,
    reference,
    reference_group,
    trotter_gleser,
)
from homeward.anthropology.reading import Interval
from homeward.anthropology.stature import log_reading, log_size, log_stature_interval, read_bones
from homeward.errors import Nonsense
from homeward.programme import Sex

WHITE = reference("white", Sex.MALE)


@pytest.mark.parametrize(
    ("femur_cm", "claim", "expected"),
    [
        (50.5, 188, 3.4396987726393875),
        (47.0, 174, 1.227522553443305),
        (42.5, 160, 3.5028759652403623),
        (50.5, 168, 0.16738520422957898),
    ],
)
def test_worked_ratios_of_a_femur(femur_cm: float, claim: float, expected: float):
    femur = read_bones([femur_cm], *WHITE.of(["Fem_01"]))

    found = log_reading(femur, claim, 1.5**2) - log_reading(femur, 174.0, 6.6**2)

    assert math.exp(found) == pytest.approx(expected, rel=1e-12)


@given(
    st.lists(st.sampled_from(lengths()), min_size=1, max_size=6, unique=True),
    st.floats(150, 200),
    st.floats(0, 80),
    st.integers(0, 1000),
)
@settings(max_examples=40)
def test_all_bones_at_once_are_one_joint_normal(codes: list[str], mean: float, variance: float, seed: int):
    a, b, cov = WHITE.of(codes)
    bones = a + b * 174 + np.random.default_rng(seed).normal(0, 2, len(codes))

    found = float(log_reading(read_bones(bones, a, b, cov), mean, variance))

    expected = multivariate_normal(a + b * mean, cov + variance * np.outer(b, b)).logpdf(bones)
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-8)


def test_the_order_of_the_bones_does_not_matter():
    codes, cm = list(lengths()), np.array([33.0, 25.0, 26.5, 47.0, 38.5, 38.0])
    turned = [3, 0, 5, 1, 4, 2]

    one = read_bones(cm, *WHITE.of(codes))
    other = read_bones(cm[turned], *WHITE.of([codes[k] for k in turned]))

    assert [other.estimate, other.variance, other.constant] == pytest.approx(
        [one.estimate, one.variance, one.constant], rel=1e-9
    )


def test_a_second_bone_of_the_leg_adds_less_than_if_it_were_independent():
    tibia, fibula = (read_bones([1.0], *WHITE.of([code])).variance for code in ("Tib_01", "Fib_01"))

    both = read_bones([1.0, 1.0], *WHITE.of(["Tib_01", "Fib_01"])).variance

    assert 1 / (1 / tibia + 1 / fibula) < both <= min(tibia, fibula)


def test_ratios_average_to_one_over_the_competitors():
    femur = read_bones([49.0], *WHITE.of(["Fem_01"]))
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)  # recorded statures of the competitors, N(174, 6.6^2)

    ratios = np.exp(log_reading(femur, 174 + 6.6 * nodes, 1.5**2) - log_reading(femur, 174, 6.6**2 + 1.5**2))

    assert ratios @ weights / weights.sum() == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(
    ("group", "slopes", "spread"),
    [
        ("white", [0.1801, 0.1323, 0.1299, 0.2774, 0.2614, 0.2531], [1.141, 0.871, 0.877, 1.362, 1.315, 1.204]),
        ("asian", [0.2249, 0.1453, 0.1441, 0.3109, 0.3157, 0.3163], [1.205, 0.932, 0.948, 1.445, 1.188, 1.176]),
    ],
)
def test_trotter_and_gleser_turned_round(group: str, slopes: list[float], spread: list[float]):
    found = trotter_gleser(group)

    assert found is not None
    assert found.slope == pytest.approx(slopes, abs=5e-5)
    assert np.sqrt(np.diag(found.cov)) == pytest.approx(spread, abs=5e-4)


def test_trotter_and_gleser_turned_round_pass_through_their_own_line():
    # a white man of the mean stature 174: femur (174 - 65.53)/2.32
    found = trotter_gleser("white")

    assert found is not None
    assert (found.intercept + found.slope * 174)[found.codes.index("Fem_01")] == pytest.approx(46.754, abs=5e-4)
    assert trotter_gleser("nobody") is None
    with pytest.raises(Nonsense):
        trotter_gleser("white", sd=4.0)


@pytest.mark.parametrize("sex", [Sex.MALE, Sex.FEMALE])
@pytest.mark.parametrize("group", ["white", "black", POOLED])
def test_bones_about_their_regressions_can_vary_so_together(group: str, sex: Sex):
    found = reference(group, sex)

    assert np.linalg.eigvalsh(found.cov).min() > 0
    assert found.group == group


def test_partial_correlation_by_hand():
    # humerus and radius of white men: (0.843328 - 0.7946 x 0.8395) / sqrt((1 - 0.7946^2)(1 - 0.8395^2)) = 0.53430
    cov = about_regressions(np.ones(6), np.array([0.7946, 0.8395, 0.8449, 0.6698, 0.8449, 0.8481]))

    assert cov[0, 1] == pytest.approx(0.53430, abs=1e-5)
    assert np.diag(cov) == pytest.approx(np.ones(6), rel=1e-12)


def test_a_group_without_its_own_regressions_has_the_spread_of_the_others_added():
    white, black = reference("white", Sex.MALE), reference("black", Sex.MALE)

    found = pooled([white, black])

    apart = (white.intercept + 170 * white.slope) - (black.intercept + 170 * black.slope)
    assert np.diag(found.cov) == pytest.approx(
        (np.diag(white.cov) + np.diag(black.cov)) / 2 + (apart / 2) ** 2, rel=1e-12
    )
    with pytest.raises(Nonsense):
        pooled([])


def test_a_programme_replaces_what_is_shipped():
    found = reference("white", Sex.MALE, replaced={"white.M.Fem_01.slope": 0.3, "white.M.Fem_01.se": 1.0})

    assert found.of(["Fem_01"])[1:] == (pytest.approx([0.3]), pytest.approx(np.array([[1.0]])))


def test_codes_of_other_standards_are_read_when_they_name_theirs():
    assert [length_code(text) for text in ("Tib_01", "S1994:69", "UTK2016:86", "69", "Tib_02", "X:1")] == [
        "Tib_01", "Tib_01", "Tib_01", None, None, None,
    ]  # fmt: skip


def test_the_two_sides_of_a_bone_count_once():
    found = mean_lengths([("Fem_01", 470), ("Fem_01", 474), ("Tib_01", 380),
                          ("Fem_04", 45)])  # fmt: skip

    assert found.cm == pytest.approx({"Fem_01": 47.2, "Tib_01": 38.0})


def test_populations_are_measured_by_their_own_group():
    assert [reference_group(name) for name in ("Caucasian", "korean", "elsewhere")] == ["white", "asian", POOLED]


@pytest.mark.parametrize(
    ("intercept", "slope", "cov"), [([1.0, 2.0], [0.2], [[1.0]]), ([1.0], [0.0], [[1.0]]), ([1.0], [0.2], [1.0])]
)
def test_bones_that_cannot_be_read_are_refused(intercept: list[float], slope: list[float], cov: list[float]):
    with pytest.raises(Nonsense):
        read_bones([47.0], intercept, slope, cov)


@given(st.floats(150, 200), st.floats(4, 60), st.floats(140, 210), st.floats(0, 60))
@settings(max_examples=40)
def test_an_interval_of_stature_is_the_average_over_the_true_stature(
    middle: float, half: float, mean: float, variance: float
):
    interval = Interval(low=middle - half, high=middle + half)
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    values = np.exp(log_stature_interval(interval, mean + math.sqrt(variance) * nodes, 0.0, error=0.02))

    found = float(np.exp(log_stature_interval(interval, mean, variance, error=0.02)))

    assert found == pytest.approx(values @ weights / weights.sum(), rel=1e-6, abs=1e-9)


# --- several rows of one individual ---

SD = 10 / (2 * 1.959963984540054)  # of an interval of ten centimetres


def test_two_intervals_are_one_joint_normal_about_one_stature():
    found = float(log_size(None, [Interval(low=170, high=180), Interval(low=174, high=184)], 172, 9.0, correlation=0.3))

    cov = SD**2 * np.array([[1, 0.3], [0.3, 1]]) + 9.0
    assert found == pytest.approx(multivariate_normal([172, 172], cov).logpdf([175, 179]), rel=1e-12)


def test_bones_of_one_row_and_the_interval_of_another_are_one_joint_normal():
    a, b, cov = WHITE.of(["Fem_01", "Hum_01"])
    bones = read_bones([48.0, 34.0], a, b, cov)

    found = float(log_size(bones, [Interval(low=170, high=180)], 172, 9.0))

    slope = np.append(b, 1.0)
    joint = np.zeros((3, 3))
    joint[:2, :2], joint[2, 2] = cov, SD**2
    expected = multivariate_normal(np.append(a, 0.0) + slope * 172, joint + 9 * np.outer(slope, slope))
    assert found == pytest.approx(expected.logpdf([48.0, 34.0, 175.0]), rel=1e-10)


def test_an_interval_that_says_nothing_leaves_the_bones():
    bones = read_bones([48.0], *WHITE.of(["Fem_01"]))

    found = float(log_size(bones, [Interval(low=170, high=180)], 172, 9.0, error=1.0))

    assert found == pytest.approx(float(log_reading(bones, 172, 9.0)) - math.log(60), rel=1e-12)


def test_a_bound_is_weighed_beside_the_bones():
    bones = read_bones([48.0], *WHITE.of(["Fem_01"]))

    found = float(log_size(bones, [Interval(low=150)], 190.0, 1.0))

    assert found == pytest.approx(float(log_reading(bones, 190.0, 1.0)) + math.log(0.975), rel=1e-9)


def test_how_well_two_sides_agree_is_the_density_of_their_difference():
    # 47.0 and 47.4 cm, each 0.01 x 47.2 / sqrt(2) about the mean: the difference is normal with 0.472
    density = math.exp(-0.5 * (0.4 / 0.472) ** 2) / (0.472 * math.sqrt(2 * math.pi))

    found = mean_lengths([("Fem_01", 470), ("Fem_01", 474)]).agreement

    assert math.exp(found) == pytest.approx(0.98 * density + 0.02 * 5 / 47.2, rel=1e-12)
    assert mean_lengths([("Fem_01", 470), ("Tib_01", 380)]).agreement == 0
