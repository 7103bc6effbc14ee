"""Sex and stature as one line of evidence: worked by hand, and what must hold."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.identification.evidence.body import weigh
from homeward.identification.evidence.lines import Line
from homeward.programme import OutsiderProfile, PriorKind, Remains, Sex
from tests.homeward.identification.bodies import case_of, person

OUTSIDE = {"outsiders": {"civilian": 0.1}, "listed_share": 0.5, "not_listed": 0.4}
TALL = Remains(remains_id="R", stature_cm_low=180, stature_cm_high=190)
SD = 10 / (2 * 1.959963984540054)


def weighed(*args: object, **kwargs: object) -> Line:
    line = weigh(case_of(*args, **kwargs))  # type: ignore[arg-type]
    assert line is not None
    return line


def test_a_sex_that_is_seen_is_right_but_for_an_error():
    people = [person("m"), person("f", sex=Sex.FEMALE), person("u", sex=Sex.UNKNOWN)]
    line = weighed(people, [Remains(remains_id="R", sex=Sex.MALE)])

    assert np.exp(line.listed[0]) == pytest.approx([0.99, 0.01, 0.5], rel=1e-12)
    assert np.exp(line.general[0, 0, 0]) == pytest.approx(0.5, rel=1e-12)
    assert set(line.parts) == {"sex"}


def test_a_stature_favours_whoever_was_recorded_so():
    people = [person("a", stature_cm=184), person("b", stature_cm=170)]
    line = weighed(people, [TALL])

    reading = NormalDist(0, math.hypot(SD, 1.5))
    expected = [0.98 * reading.pdf(185 - s) + 0.02 / 60 for s in (184, 170)]
    assert np.exp(line.listed[0]) == pytest.approx(expected, rel=1e-12)
    assert set(line.parts) == {"stature"}


def test_whoever_has_no_recorded_stature_has_the_rosters_distribution():
    people = [person(f"p{k}", stature_cm=s) for k, s in enumerate((166, 172, 178))] + [person("d")]
    line = weighed(people, [TALL], settings={"stature_sd_cm": 2.0})

    # the three together with ten more of the default, N(174, 6.6^2); twice, for the roster's and the group's own
    mean, variance = 174.0, 6.6**2
    for _ in range(2):
        centre = (166 + 172 + 178 + 10 * mean) / 13
        squares = sum((s - centre) ** 2 for s in (166, 172, 178)) + 10 * (variance + (mean - centre) ** 2)
        mean, variance = centre, squares / 13
    expected = 0.98 * NormalDist(mean, math.sqrt(variance + 4 + SD**2)).pdf(185) + 0.02 / 60
    assert math.exp(line.listed[0, 3]) == pytest.approx(expected, rel=1e-12)
    assert math.exp(line.general[0, 0, 0]) == pytest.approx(expected, rel=1e-12)
    assert [note.code for note in line.notes] == ["stature_of_roster"]


def test_ratios_average_to_one_over_the_competitors():
    rng = np.random.default_rng(7)
    people = [person(f"p{k}", stature_cm=float(s)) for k, s in enumerate(rng.normal(174, 6.6, 4000))]
    line = weighed(people, [TALL, Remains(remains_id="S", stature_cm_low=160, stature_cm_high=170)])

    ratios = np.exp(line.listed - line.general[:, :, 0])

    # the roster's normal stands for its 4000 people: the standard error of the mean is about 0.02
    assert ratios.mean(axis=1) == pytest.approx([1, 1], abs=0.06)


@given(st.floats(150, 200), st.floats(0.5, 12))
@settings(max_examples=30)
def test_the_nearer_the_recorded_stature_the_more_it_speaks_for_him(middle: float, half: float):
    people = [person(f"p{k}", stature_cm=middle + away) for k, away in enumerate((0, 3, 9, 27))]
    remains = Remains(remains_id="R", stature_cm_low=middle - half, stature_cm_high=middle + half)

    listed = weighed(people, [remains]).listed[0]

    assert (np.diff(listed) <= 1e-12).all()


def test_an_interval_that_holds_everyone_says_nothing():
    people = [person("a", stature_cm=160), person("b", stature_cm=190)]
    line = weighed(people, [Remains(remains_id="R", stature_cm_low=-8000, stature_cm_high=8350)])

    assert line.listed[0] - line.general[0, 0, 0] == pytest.approx([0, 0], abs=0.001)


def test_sex_then_stature_given_sex_make_the_whole():
    people = [person("m", stature_cm=184), person("u", sex=Sex.UNKNOWN), person("f", sex=Sex.FEMALE)]
    remains = Remains(remains_id="R", sex=Sex.MALE, stature_cm_low=180, stature_cm_high=190)
    line = weighed(people, [remains], settings=OUTSIDE)

    assert set(line.parts) == {"sex", "stature"}
    assert sum(listed for listed, _ in line.parts.values()) == pytest.approx(line.listed, abs=1e-12)
    assert sum(general for _, general in line.parts.values()) == pytest.approx(line.general, abs=1e-12)


def test_a_tall_skeleton_speaks_of_the_sex_where_the_sex_is_not_known():
    people = [person("m"), person("f", sex=Sex.FEMALE)]
    line = weighed(people, [TALL])

    assert line.listed[0, 0] > line.listed[0, 1] + 1


def test_outsiders_have_the_statures_that_are_stated_of_them():
    profiles = {"civilian": OutsiderProfile(male_share=0.5, stature_mean_cm=160, stature_sd_cm=5)}
    line = weighed([person("a", stature_cm=184)], [TALL], settings={**OUTSIDE, "outsider_profiles": profiles})

    expected = 0.98 * NormalDist(160, math.hypot(SD, 5)).pdf(185) + 0.02 / 60
    assert math.exp(line.general[0, 1, 0]) == pytest.approx(expected, rel=1e-12)


def test_groups_of_different_build_are_weighed_each_by_its_own():
    people = [person(f"n{k}", stature_cm=s, population="north") for k, s in enumerate((178, 180, 182) * 20)]
    people += [person(f"s{k}", stature_cm=s, population="south") for k, s in enumerate((162, 164, 166) * 20)]
    line = weighed(people, [TALL], groups=("north", "south"))

    assert line.general[0, 0, 0] > line.general[0, 0, 1] + 1


def test_under_flat_the_sex_is_no_evidence_and_the_stature_is():
    people = [person("a", stature_cm=184), person("f", sex=Sex.FEMALE, stature_cm=170)]
    flat = {"prior": PriorKind.FLAT}
    remains = Remains(remains_id="R", sex=Sex.MALE, stature_cm_low=180, stature_cm_high=190)

    assert weigh(case_of(people, [Remains(remains_id="R", sex=Sex.MALE)], settings=flat)) is None
    assert set(weighed(people, [remains], settings=flat).parts) == {"stature"}


def test_a_sex_that_nobody_has_and_that_cannot_be_an_error_says_nothing():
    line = weighed([person("a"), person("b")], [Remains(remains_id="R", sex=Sex.FEMALE)], settings={"sex_error": 0.0})

    assert not line.listed.any()
    assert not line.general.any()


def test_nothing_on_record_is_no_line():
    assert weigh(case_of([person("a", stature_cm=170)], [Remains(remains_id="R")])) is None


def test_posteriors_of_simulated_remains_hold_what_they_say():
    rng = np.random.default_rng(20261125)
    recorded = rng.normal(174, 6.6, 60)
    people = [person(f"p{k}", stature_cm=float(s)) for k, s in enumerate(recorded)]
    truth = rng.integers(0, 60, size=400)
    middles = recorded[truth] + rng.normal(0, 1.5, 400) + rng.normal(0, SD, 400)
    remains = [
        Remains(remains_id=f"R{k:03}", stature_cm_low=m - 5, stature_cm_high=m + 5) for k, m in enumerate(middles)
    ]
    line = weighed(people, remains)

    posterior = np.exp(line.listed - np.logaddexp.reduce(line.listed, axis=1)[:, None])

    claimed, given = (posterior**2).sum(axis=1).mean(), posterior[np.arange(400), truth].mean()
    assert given == pytest.approx(claimed, rel=0.06)
