"""Lines of evidence together: the group that is not known, the bound, and what each contributed."""

from __future__ import annotations

import math

import numpy as np
import pytest

from homeward.identification.evidence.combination import POPULATION, combine
from homeward.identification.evidence.lines import Case, Line
from homeward.programme import MissingPerson, Programme, Settings, Sex

GROUPS = np.array([[0.25, 0.75], [1.0, 0.0]])


@pytest.fixture
def case() -> Case:
    """One of the remains (whom the lines do not ask), two persons of different groups, one group of outsiders."""
    return Case(
        programme=Programme(settings=Settings(name="x", bound=0.01)),
        individuals=(None,),  # type: ignore[arg-type]
        persons=(MissingPerson(person_id="a"), MissingPerson(person_id="b")),
        sexes=(Sex.MALE, Sex.MALE),
        alternatives=("not_listed", "outsider:x"),
        groups=("north", "south"),
        group_of=np.array([0, 1]),
        group_weights=GROUPS,
    )


def line(name: str, listed: list[float], general: list[float], *, bounded: bool = False) -> Line:
    """Given as probabilities."""
    return Line(name=name, listed=np.log([listed]), general=np.log([[general]]), bounded=bounded)


def test_the_unknown_group_is_summed_over_all_lines_at_once(case: Case):
    first, second = line("dna", [0.2, 0.1], [0.4, 0.1]), line("body", [0.5, 0.5], [0.9, 0.3])

    found = combine([first, second], case)

    unlisted = 0.25 * 0.4 * 0.9 + 0.75 * 0.1 * 0.3
    expected = np.log([0.2 * 0.5, 0.1 * 0.5, unlisted, 0.4 * 0.9]) - math.log(unlisted)
    assert found.log_evidence[0] == pytest.approx(expected, rel=1e-14)


def test_contributions_sum_to_the_whole_and_what_the_lines_say_together_is_named(case: Case):
    found = combine([line("dna", [0.2, 0.1], [0.4, 0.1]), line("body", [0.5, 0.5], [0.9, 0.3])], case)

    assert set(found.contributions) == {"dna", "body", POPULATION}
    assert sum(found.contributions.values())[0] == pytest.approx(found.log_evidence[0], abs=1e-14)


def test_without_a_second_line_there_is_nothing_to_say_together(case: Case):
    assert set(combine([line("dna", [0.2, 0.1], [0.4, 0.1])], case).contributions) == {"dna"}


def test_a_bounded_line_counts_no_more_than_its_bound(case: Case):
    found = combine([line("age", [1.0, 1e-9], [1e-4, 1e-4], bounded=True)], case)

    assert np.exp(found.log_evidence[0]) == pytest.approx([100, 0.01, 1, 1], rel=1e-12)


def test_no_lines_leave_everyone_where_the_prior_puts_him(case: Case):
    assert combine([], case).log_evidence[0] == pytest.approx([0, 0, 0, 0], abs=1e-15)
