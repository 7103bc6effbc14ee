"""Age at death as a line of evidence: worked by hand, and what must hold."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from homeward.identification.evidence.age import weigh
from homeward.identification.evidence.lines import Line
from homeward.identification.evidence.weighing import WEIGH
from homeward.programme import DateSpan, OutsiderProfile, Parameter, Remains, Sex, Trait
from tests.homeward.identification.bodies import case_of, person

PEOPLE = [person("a", age=20), person("b", age=30), person("c", age=40)]
OUTSIDE = {"outsiders": {"civilian": 0.1}, "listed_share": 0.5, "not_listed": 0.4}


def weighed(*args: object, **kwargs: object) -> Line:
    line = weigh(case_of(*args, **kwargs))  # type: ignore[arg-type]
    assert line is not None
    return line


def test_an_interval_favours_whoever_was_of_that_age():
    line = weighed(PEOPLE, [Remains(remains_id="R", age_low=18, age_high=24)])

    sd = 6 / (2 * 1.959963984540054)
    expected = [0.98 * NormalDist(21, sd).pdf(age) + 0.02 / 60 for age in (20, 30, 40)]
    assert np.exp(line.listed[0]) == pytest.approx(expected, rel=0.005)  # the grid of ages is a quarter of a year


def test_who_is_not_listed_is_the_average_of_the_roster():
    line = weighed(PEOPLE, [Remains(remains_id="R", age_low=18, age_high=24)])

    assert np.exp(line.general[0, 0, 0]) == pytest.approx(np.exp(line.listed[0]).mean(), rel=1e-12)


def test_a_person_of_unknown_age_is_as_the_average_and_told_so():
    line = weighed([*PEOPLE, person("d")], [Remains(remains_id="R", age_low=18, age_high=24)])

    assert line.listed[0, 3] == pytest.approx(line.general[0, 0, 0], abs=1e-12)
    assert [note.code for note in line.notes] == ["age_of_roster"]


def test_a_window_of_loss_widens_the_age():
    prisoner = person("p", birth_date=DateSpan.read("1930-11-27"), lost_on=DateSpan.read("1950-11-27"),
                      lost_until=DateSpan.read("1953-09-06"))  # fmt: skip
    line = weighed([person("a", age=20), prisoner], [Remains(remains_id="R", age_low=21, age_high=24)])

    assert line.listed[0, 1] > line.listed[0, 0]


def test_remains_without_an_age_say_nothing_of_anyone():
    line = weighed(PEOPLE, [Remains(remains_id="R", age_low=18, age_high=24), Remains(remains_id="S")])

    assert not line.listed[1].any()
    assert not line.general[1].any()


@pytest.mark.parametrize(
    ("people", "remains"),
    [(PEOPLE, Remains(remains_id="R")), ([person("x")], Remains(remains_id="R", age_low=18, age_high=24))],
)
def test_without_ages_on_either_side_there_is_no_line(people: list[object], remains: Remains):
    assert weigh(case_of(people, [remains])) is None  # type: ignore[arg-type]


def test_outsiders_have_the_ages_that_are_stated_of_them():
    profiles = {"civilian": OutsiderProfile(age_low=60, age_high=80)}
    line = weighed(PEOPLE, [Remains(remains_id="R", age_low=18, age_high=24)],
                   settings={**OUTSIDE, "outsider_profiles": profiles})  # fmt: skip

    assert np.exp(line.general[0, 1, 0]) == pytest.approx(0.02 / 60, rel=1e-6)


def test_a_stage_is_weighed_instead_of_the_interval_that_sums_it_up():
    trait = Trait(remains_id="R", method="mckern_stewart", trait="score", value="11")
    line = weighed(PEOPLE, [Remains(remains_id="R", age_low=18, age_high=24)], traits=(trait,))

    assert line.listed[0, 1] > line.listed[0, 0]
    assert {note.code for note in line.notes} == {"age_interval_unused", "unverified_parameters"}


def test_a_stage_that_no_table_has_is_told_and_not_weighed():
    trait = Trait(remains_id="R", method="suchey_brooks", trait="phase", value="7")
    line = weighed(PEOPLE, [Remains(remains_id="R", age_low=18, age_high=24)], traits=(trait,))

    assert [note.code for note in line.notes] == ["age_stage_unread"]


def test_women_pass_later_than_men_and_a_person_of_unknown_sex_lies_between():
    people = [person("m", age=30), person("f", age=30, sex=Sex.FEMALE), person("u", age=30, sex=Sex.UNKNOWN)]
    trait = Trait(remains_id="R", method="suchey_brooks", trait="phase", value="4")
    man, woman, unknown = weighed(people, [Remains(remains_id="R")], traits=(trait,)).listed[0]

    assert woman < unknown < man


def test_a_programme_replaces_what_is_shipped():
    trait = Trait(remains_id="R", method="suchey_brooks", trait="phase", value="1")
    wide = Parameter(method="suchey_brooks", parameter="M.sd", value=5.0)
    line = weighed(PEOPLE, [Remains(remains_id="R")], traits=(trait,), parameters=(wide,))
    shipped = weighed(PEOPLE, [Remains(remains_id="R")], traits=(trait,))

    assert np.ptp(line.listed) < np.ptp(shipped.listed)
    assert line.notes == ()


def test_the_line_is_weighed_by_name():
    assert WEIGH["age"] is weigh


def test_posteriors_of_simulated_remains_hold_what_they_say():
    """Ages drawn from the roster, scored by the model: the mean claim for the true person equals how often it is he."""
    rng = np.random.default_rng(20261125)
    years = rng.integers(17, 45, size=60)
    people = [person(f"p{k}", age=int(age)) for k, age in enumerate(years)]
    truth = rng.integers(0, 60, size=400)
    middles = years[truth] + rng.normal(0, 2.0, size=400)
    half = 2.0 * 1.959963984540054
    remains = [Remains(remains_id=f"R{k:03}", age_low=m - half, age_high=m + half) for k, m in enumerate(middles)]
    line = weighed(people, remains, settings={"age_error": 0.0})

    posterior = np.exp(line.listed - np.logaddexp.reduce(line.listed, axis=1)[:, None])

    # claimed: the sum of squares of a row is what the model expects the true person's posterior to be
    claimed, given = (posterior**2).sum(axis=1).mean(), posterior[np.arange(400), truth].mean()
    assert given == pytest.approx(claimed, rel=0.05)


def test_rows_of_one_individual_keep_the_scale_of_each():
    rows = [Remains(remains_id="R", age_low=18, age_high=24), Remains(remains_id="S", age_low=19, age_high=25)]
    apart = weighed(PEOPLE, rows)
    joined = weighed(PEOPLE, [rows[0], Remains(remains_id="S", age_low=19, age_high=25, same_as="R")])

    # each is its average over someone not listed, times what it says above that to the power 1/1.3
    centres = apart.general[:, 0, 0]
    above = (apart.listed - centres[:, None]).sum(axis=0) / 1.3
    assert joined.listed[0] == pytest.approx(centres.sum() + above, abs=1e-4)  # ages between two points of the grid


def test_an_interval_of_one_row_is_weighed_with_the_stage_of_another():
    rows = [Remains(remains_id="R"), Remains(remains_id="S", age_low=36, age_high=44, same_as="R")]
    trait = Trait(remains_id="R", method="suchey_brooks", trait="phase", value="4")
    stage = weighed(PEOPLE, rows[:1], traits=(trait,))
    both = weighed(PEOPLE, rows, traits=(trait,))

    assert both.listed[0, 2] - both.listed[0, 1] > stage.listed[0, 2] - stage.listed[0, 1] + 1
