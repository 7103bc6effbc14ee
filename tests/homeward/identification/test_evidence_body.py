"""Sex and stature as one line of evidence: worked by hand, and what must hold."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.anthropology.bones import reference
from homeward.identification.evidence.body import weigh
from homeward.identification.evidence.lines import Line
from homeward.programme import (
    Measurement,
    OutsiderProfile,
    Parameter,
    PriorKind,
    Profile,
    Remains,
    Sample,
    SampleKind,
    Sex,
    Specimen,
    Trait,
)
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


# --- bones and traits ---

SCORES = tuple(Trait(remains_id="R", method="klales", trait=t, value="4") for t in ("VA", "MA", "SPC"))


def femur(mm: float, remains: str = "R", code: str = "Fem_01", side: str = "left") -> dict[str, object]:
    name = f"{remains}-{code}-{side}"
    return {
        "specimens": (Specimen(specimen_id=name, remains_id=remains, side=side),),
        "measurements": (Measurement(specimen_id=name, code=code, mm=mm),),
    }


def test_a_femur_weighs_as_in_the_worked_example():
    people = [person("a", stature_cm=188, population="Caucasian"), person("b", stature_cm=168, population="Caucasian")]
    line = weighed(people, [Remains(remains_id="R")], groups=("Caucasian",), **femur(505))

    # 3.43970 and 0.16739 against the same denominator
    assert line.listed[0, 0] - line.listed[0, 1] == pytest.approx(math.log(3.4396987726393875 / 0.16738520422957898))


def test_bones_are_weighed_instead_of_the_interval_made_of_them():
    people = [person("a", stature_cm=188), person("b", stature_cm=168)]
    with_interval = weighed(people, [TALL], **femur(430))
    bones = weighed(people, [Remains(remains_id="R")], **femur(430))

    assert with_interval.listed == pytest.approx(bones.listed, abs=0)
    assert [note.code for note in with_interval.notes] == ["stature_interval_unused", "bones_pooled"]


def test_measurements_of_no_length_leave_the_interval():
    people = [person("a", stature_cm=184), person("b", stature_cm=170)]

    assert weighed(people, [TALL], **femur(48, code="Fem_04")).listed == pytest.approx(
        weighed(people, [TALL]).listed, abs=0
    )


def test_a_length_that_no_adult_has_is_told_and_not_weighed():
    people = [person("a", stature_cm=184), person("b", stature_cm=170)]
    line = weighed(people, [TALL], **femur(47))  # centimetres, where millimetres are asked for

    assert line.listed == pytest.approx(weighed(people, [TALL]).listed, abs=0)
    assert [note.code for note in line.notes] == ["bones_out_of_range"]


def test_groups_have_their_own_proportions():
    people = [person("a", stature_cm=175, population="Caucasian"),
              person("b", stature_cm=175, population="African American")]  # fmt: skip
    line = weighed(people, [Remains(remains_id="R")], groups=("Caucasian", "African American"), **femur(490))

    assert line.listed[0, 1] > line.listed[0, 0]  # longer legs at the same stature


def test_the_regressions_of_the_korean_war_are_used_when_asked_for_and_told_so():
    people = [person("a", stature_cm=175, population="Korean"), person("b", stature_cm=165, population="Korean")]
    ask = Parameter(method="trotter_gleser_1958", parameter="used", value=1)
    line = weighed(people, [Remains(remains_id="R")], groups=("Korean",), parameters=(ask,), **femur(470))

    # 47.177 + 0.3109 (S - 174) with standard error 1.445
    spread = math.hypot(1.445, 0.3109 * 1.5)
    expected = [NormalDist(47.177 + 0.3109 * (s - 174), spread).pdf(47.0) for s in (175, 165)]
    assert np.exp(line.listed[0]) == pytest.approx(expected, rel=0.001)
    assert "unverified_parameters" in [note.code for note in line.notes]


def test_traits_tell_the_sex():
    people = [person("m"), person("f", sex=Sex.FEMALE)]
    line = weighed(people, [Remains(remains_id="R")], traits=SCORES)

    man = 0.99 * (1 - 0.023202938145644114) + 0.01 * 0.023202938145644114
    assert np.exp(line.listed[0]) == pytest.approx([man, 1 - man], rel=1e-12)


def test_traits_are_weighed_instead_of_the_sex_that_someone_made_of_them():
    people = [person("m"), person("f", sex=Sex.FEMALE)]
    line = weighed(people, [Remains(remains_id="R", sex=Sex.FEMALE)], traits=SCORES)

    assert line.listed[0, 0] > line.listed[0, 1]
    assert [note.code for note in line.notes] == ["sex_column_unused"]


def test_traits_and_genotypes_are_weighed_together():
    people = [person("m"), person("f", sex=Sex.FEMALE)]
    typed = {
        "samples": (Sample(sample_id="s", subject_id="R", kind=SampleKind.REMAINS),),
        "profiles": (Profile(sample_id="s", subject_id="R", calls={"AMEL": ("X", "Y")}),),
    }
    both = weighed(people, [Remains(remains_id="R")], traits=SCORES, **typed)
    traits = weighed(people, [Remains(remains_id="R")], traits=SCORES)

    assert np.diff(both.listed[0]) == pytest.approx(np.diff(traits.listed[0]) - math.log(99), rel=1e-12)


def test_traits_that_cannot_be_read_are_told():
    line = weighed([person("m"), person("f", sex=Sex.FEMALE)], [Remains(remains_id="R", sex=Sex.MALE)],
                   traits=SCORES[:1])  # fmt: skip

    assert [note.code for note in line.notes] == ["sex_traits_unread"]
    assert np.exp(line.listed[0]) == pytest.approx([0.99, 0.01], rel=1e-12)


def test_under_flat_traits_speak_where_no_sex_is_stated():
    people = [person("m"), person("f", sex=Sex.FEMALE)]
    flat = {"prior": PriorKind.FLAT}

    assert weighed(people, [Remains(remains_id="R")], traits=SCORES, settings=flat).listed[0, 0] < -0.01
    assert weigh(case_of(people, [Remains(remains_id="R", sex=Sex.MALE)], traits=SCORES, settings=flat)) is None


def test_rows_of_which_one_is_scored_and_one_is_stated_both_tell_the_sex():
    people = [person("m"), person("f", sex=Sex.FEMALE)]
    rows = [Remains(remains_id="R"), Remains(remains_id="S", sex=Sex.MALE, same_as="R")]
    scored = weighed(people, rows[:1], traits=SCORES)
    both = weighed(people, rows, traits=SCORES)

    assert np.diff(both.listed[0]) == pytest.approx(np.diff(scored.listed[0]) - math.log(99), rel=1e-12)


def test_posteriors_of_simulated_bones_hold_what_they_say():
    rng = np.random.default_rng(20261125)
    white = reference("white", Sex.MALE)
    recorded = rng.normal(174, 6.6, 60)
    people = [person(f"p{k}", stature_cm=float(s), population="Caucasian") for k, s in enumerate(recorded)]
    truth = rng.integers(0, 60, size=400)
    stature = recorded[truth] + rng.normal(0, 1.5, 400)
    bones = white.intercept + stature[:, None] * white.slope + rng.multivariate_normal(np.zeros(6), white.cov, 400)
    specimens = tuple(Specimen(specimen_id=f"S{k}{code}", remains_id=f"R{k:03}")
                      for k in range(400) for code in white.codes)  # fmt: skip
    measured = tuple(Measurement(specimen_id=f"S{k}{code}", code=code, mm=float(10 * bones[k, place]))
                     for k in range(400) for place, code in enumerate(white.codes))  # fmt: skip
    line = weighed(people, [Remains(remains_id=f"R{k:03}") for k in range(400)], groups=("Caucasian",),
                   specimens=specimens, measurements=measured)  # fmt: skip

    posterior = np.exp(line.listed - np.logaddexp.reduce(line.listed, axis=1)[:, None])

    claimed, given = (posterior**2).sum(axis=1).mean(), posterior[np.arange(400), truth].mean()
    assert given == pytest.approx(claimed, rel=0.06)
