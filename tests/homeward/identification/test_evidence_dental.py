"""Teeth of remains against charts from before the loss."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from homeward.anthropology.dental import STATES, TEETH, UNKNOWN, state, states, transitions
from homeward.errors import Nonsense
from homeward.identification.evidence import combine, dental
from homeward.programme import ChartKind, DateSpan, DentalChart, Parameter, Remains
from tests.homeward.identification.bodies import case_of, person

LOST = DateSpan.read("1950-11-27")
A_YEAR_BEFORE = DateSpan.read("1949-11-27")


def chart(subject: str, codes: str, *, found: bool = False, on: DateSpan | None = A_YEAR_BEFORE) -> DentalChart:
    """Codes of the first teeth, one letter each."""
    kind = ChartKind.POST_MORTEM if found else ChartKind.ANTE_MORTEM
    return DentalChart(subject_id=subject, kind=kind, date=on, teeth=dict(zip(TEETH, codes, strict=False)))


def weighed(charts, *, persons="ab", **more):
    people = [person(name, age=20) for name in persons]
    case = case_of(people, [Remains(remains_id="r")], dental=tuple(charts), **more)
    return dental.weigh(case), case


# --- single teeth ---


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("V", "V"),
        ("MODFL", "R"),
        ("O-S", "R"),
        ("-C", "R"),
        ("C", "R"),
        ("R", "R"),
        ("X", "X"),
        ("X-P", "X"),
        ("x-t", "X"),
    ],
)
def test_codes_of_winid_and_ncic_are_one_of_three_states(code, means):
    assert STATES[state(code)] == means


@pytest.mark.parametrize("code", ["J", "/", "U", "", "-A"])
def test_what_says_nothing_of_the_tooth_is_left_out(code):
    assert state(code) == UNKNOWN


def test_nothing_goes_back_and_lost_stays_lost():
    chance = transitions(5.0)

    assert chance[1, 0] == chance[2, 0] == chance[2, 1] == 0
    assert chance[2, 2] == 1


@settings(max_examples=40, deadline=None)
@given(first=st.floats(0, 20), second=st.floats(0, 20), error=st.floats(0, 0.5))
def test_years_add_up_and_every_row_is_a_distribution(first, second, error):
    assert transitions(first) @ transitions(second) == pytest.approx(transitions(first + second), abs=1e-12)
    assert transitions(first, error=error).sum(axis=1) == pytest.approx(np.ones(3), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(rates=st.tuples(*[st.floats(0, 0.5)] * 3), years=st.floats(0, 30))
def test_the_closed_form_is_the_exponential_of_the_rates(rates, years):
    restored, lost, later = rates
    generator = np.array([[-restored - lost, restored, lost], [0, -later, later], [0, 0, 0]])

    got = transitions(years, rates={"V_to_R": restored, "V_to_X": lost, "R_to_X": later})

    assert got == pytest.approx(expm(generator * years), abs=1e-9)


def test_a_virgin_tooth_by_hand():
    # leaves V at 0.022 a year; of those that leave first, 10/11 are restored
    assert transitions(1.0)[0, 0] == pytest.approx(math.exp(-0.022), rel=1e-12)


def test_years_below_nothing_are_refused():
    with pytest.raises(Nonsense):
        transitions(-1.0)


# --- the line ---


def test_a_person_is_the_product_over_teeth_by_hand():
    line, case = weighed([chart("a", "VVO"), chart("b", "VXX"), chart("r", "VVO", found=True)])
    aged = transitions(1.0, error=case.programme.settings.dental_error)

    own = aged[0, 0] * aged[0, 0] * aged[1, 1]
    other = aged[0, 0] * aged[2, 0] * aged[2, 1]
    years = 365 / 365.2425
    assert years == pytest.approx(1, abs=1e-3)
    assert np.exp(line.listed[0]) == pytest.approx([own, other], rel=1e-3)


def test_someone_without_a_chart_has_the_average_over_charts_and_one_of_independent_teeth():
    line, _ = weighed([chart("a", "VV"), chart("b", "XX"), chart("r", "VV", found=True)], persons="abc")

    a, b, c = np.exp(line.listed[0])
    tooth = (math.sqrt(a) + math.sqrt(b) + 1 / 3) / 3  # both teeth alike
    assert c == pytest.approx((a + b + tooth**2) / 3, rel=1e-12)
    assert math.exp(line.general[0, 0, 0]) == pytest.approx(c, rel=1e-12)


def test_a_tooth_that_a_chart_does_not_tell_is_as_the_roster_has_it():
    line, _ = weighed([chart("a", "V/"), chart("b", "VV"), chart("r", "VV", found=True)])

    assert line.listed[0, 0] < line.listed[0, 1]
    assert np.isfinite(line.listed).all()


def test_the_last_chart_counts_and_remains_without_teeth_say_nothing():
    line, _ = weighed(
        [
            chart("a", "VV", on=DateSpan.read("1945")),
            chart("a", "OO"),
            chart("b", "VV"),
            chart("r", "OO", found=True),
        ]
    )
    assert line.listed[0, 0] > line.listed[0, 1]
    assert weighed([chart("a", "VV"), chart("r", "JJ", found=True)])[0] is None
    assert weighed([chart("r", "VV", found=True)])[0] is None


def test_a_programme_replaces_the_rates():
    charts = [chart("a", "V"), chart("b", "V"), chart("r", "O", found=True)]
    slow, _ = weighed(charts)
    fast, _ = weighed(charts, parameters=(Parameter(method="dental", parameter="V_to_R", value=1.0),))

    assert fast.listed[0, 0] > slow.listed[0, 0]


def test_one_factor_stays_within_its_bound():
    line, case = weighed(
        [chart("a", "V" * 20), chart("b", "X" * 20), chart("r", "V" * 20, found=True)], settings={"bound": 0.01}
    )
    got = np.exp(combine([line], case).log_evidence[0])

    assert got.min() == pytest.approx(0.01)


def test_a_whole_chart_is_read_by_universal_numbers():
    assert states({"1": "V", "32": "X"})[[0, 31]].tolist() == [0, 2]
