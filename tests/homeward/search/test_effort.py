"""Effort of several kinds and whole digs, against published numbers and brute force."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense
from homeward.search.effort import allocate, circular_normal, found, several_kinds, whole_digs
from homeward.search.season import fill


def test_two_kinds_of_effort_as_published():
    """SORAL, case 7 (its numbers): everything of the second kind at the first place."""
    rates = [[0.1, 0.02], [0.05, 0.005]]
    efforts = several_kinds([0.5, 0.5], rates, [16.1, 13.9])
    np.testing.assert_allclose(efforts, [[10.30365, 5.79635], [13.9, 0]], atol=2e-5)
    assert found([0.5, 0.5], rates, efforts) == pytest.approx(0.465676, abs=1e-6)


def test_three_kinds_of_effort_as_published():
    """Washburn's example (SORAL, case 8)."""
    value = [1000, 1000, 2000, 2000]
    rates = np.array([[1, 3, 0], [2, 2, 1], [3, 2, 0], [4, 1, 1]]).T
    efforts = several_kinds(value, rates, [3, 2, 1])
    expected = np.array([[0, 1.22976, 0], [0.37167, 0.77024, 1], [1.46081, 0, 0], [1.16753, 0, 0]]).T
    np.testing.assert_allclose(efforts, expected, atol=2e-5)
    assert found(value, rates, efforts) == pytest.approx(5893.7923, abs=1e-4)


def test_nothing_to_find_asks_for_no_effort():
    """SORAL, case 6."""
    assert not fill(np.zeros(3), np.ones(3), np.ones(3), np.full(3, np.inf), 1.0).any()


@pytest.mark.parametrize(
    ("effort", "chance"), [(1, 0.110256), (5, 0.359502), (10, 0.532423), (20, 0.717417), (40, 0.871152)]
)
def test_the_circular_normal_as_published_and_on_cells(effort, chance):
    assert circular_normal(effort, 1.0)[0] == pytest.approx(chance, abs=1e-6)
    side = 0.05
    x = np.arange(-6, 6, side) + side / 2
    mass = np.exp(-(x[:, None] ** 2 + x**2) / 2).ravel() * side**2 / (2 * math.pi)
    spread = fill(mass, np.full(len(mass), 1 / side**2), np.ones(len(mass)), np.full(len(mass), np.inf), effort)
    assert -float(mass @ np.expm1(-spread / side**2)) == pytest.approx(chance, abs=2e-4)
    searched = math.sqrt(np.count_nonzero(spread) * side**2 / math.pi)
    assert searched == pytest.approx(circular_normal(effort, 1.0)[1], rel=0.01)


@given(
    st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.05, 0.95)), min_size=1, max_size=4),
    st.integers(0, 5),
)
@settings(max_examples=60, deadline=None)
def test_the_largest_index_next_is_as_good_as_any_order(sites, digs):
    value, detection = np.array(sites).T

    def worth(counts):
        return float((value * (1 - (1 - detection) ** np.array(counts))).sum())

    best = max(worth(c) for c in product(range(digs + 1), repeat=len(value)) if sum(c) == digs)
    order = whole_digs(value, detection, np.ones(len(value)), digs)
    assert worth(np.bincount(order, minlength=len(value))) == pytest.approx(best, rel=1e-12)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: several_kinds([1, 1], [[1, 1]], [1, 1]),
        lambda: several_kinds([1, -1], [[1, 1]], [1]),
        lambda: whole_digs([1], [1.5], [1], 1),
        lambda: whole_digs([1], [0.5], [0], 1),
        lambda: whole_digs([], [], [], 1),
        lambda: circular_normal(-1, 1),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(Nonsense):
        wrong()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.just(0.0) | st.floats(1e-6, 1), st.just(0.0) | st.floats(1e-3, 5)), min_size=1, max_size=30),
    st.floats(0, 50),
)
def test_effort_over_cells_is_that_of_sorted_pieces(cells: list[tuple[float, float]], budget: float) -> None:
    value, rate = np.array(cells).T
    sorted_pieces = fill(value, rate, np.ones(len(cells)), np.full(len(cells), np.inf), budget)

    found = allocate(value, rate, budget)

    np.testing.assert_allclose(found, sorted_pieces, rtol=1e-9, atol=1e-9 * max(budget, 1.0))
    spent = budget if (value * rate > 0).any() else 0.0
    assert found.sum() == pytest.approx(spent, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "rate", "budget", "expected"),
    [
        # SORAL 1 and 2: probabilities, rates, effort and the division, from search.md
        ([8, 4, 1, 2], [1, 4, 12, 8], 0.05, [0, 0.033333, 0, 0.016667]),
        ([4, 2, 8, 1], [4, 1, 1, 12], 0.10, [0.09298, 0, 0, 0.00702]),
        ([2, 4, 2], [9, 3, 6], 0.2, [0.0732241, 0.0845173, 0.0422586]),
        ([1, 4, 20, 0], [8, 4, 0, 10], 0.5, [0.1089, 0.3911, 0, 0]),
        ([2, 6, 4], [6, 2, 3], 0.5, [0.083333, 0.25, 0.166667]),
    ],
)
def test_the_published_divisions(value: list[float], rate: list[float], budget: float, expected: list[float]) -> None:
    found = allocate(value, rate, budget)
    assert found == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize(
    ("value", "rate", "budget"), [([-1.0], [1.0], 1.0), ([1.0], [math.nan], 1.0), ([1.0], [1.0], -1.0)]
)
def test_what_is_no_value_rate_or_budget_is_refused(value: list[float], rate: list[float], budget: float) -> None:
    with pytest.raises(Nonsense):
        allocate(value, rate, budget)


def test_the_smallest_budget_there_is_goes_where_most_is_to_be_found():
    assert allocate([1.0, 0.5], 0.5, 5e-324).tolist() == [5e-324, 0.0]
