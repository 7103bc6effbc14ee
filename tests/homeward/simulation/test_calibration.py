"""The counting behind the validation is right before anything is counted with it."""

import itertools
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.simulation.calibration import bins, chance_of_so_many, together


def test_at_least_one_of_two_rare_events():
    # 1 - 0.99 * 0.98
    assert chance_of_so_many(1, [0.01, 0.02]) == pytest.approx(0.0298)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7), st.integers(0, 7))
def test_the_chance_of_so_many_is_that_of_enumerating_every_outcome(chances, events):
    enumerated = sum(
        prod(p if happened else 1 - p for p, happened in zip(chances, outcome, strict=True))
        for outcome in itertools.product([True, False], repeat=len(chances))
        if sum(outcome) >= events
    )
    assert chance_of_so_many(events, chances) == pytest.approx(enumerated, abs=1e-12)


def test_a_posterior_of_one_belongs_to_the_last_bin():
    *others, last = bins(np.array([0.0, 1.0]), np.array([False, True]))
    assert (last.pairs, last.true) == (1, 1)
    assert sum(one.pairs for one in others) == 1


def test_bins_promise_the_sum_of_their_posteriors_and_deviate_by_what_is_missing():
    (low, high) = bins(np.array([0.1, 0.3, 0.5, 0.9]), np.array([True, False, False, True]), (0, 0.5, 1))
    assert (low.pairs, low.true, low.promised) == (2, 1, pytest.approx(0.4))
    assert high.variance == pytest.approx(0.25 + 0.09)
    assert high.deviation == pytest.approx((1 - 1.4) / 0.34**0.5)


def test_several_runs_count_together():
    one = bins(np.array([0.2]), np.array([True]), (0, 1))
    other = bins(np.array([0.4, 0.6]), np.array([False, True]), (0, 1))
    (whole,) = together([one, other])
    assert (whole.pairs, whole.true, whole.promised) == (3, 2, pytest.approx(1.2))
