"""The joint posterior on kept pairs, against the exact one of all pairs."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from homeward.identification import joint, sparse
from homeward.identification.joint import Coupling, Weights
from homeward.identification.result import Label


def drawn(seed, *, remains, persons, alike=0):
    """A roster whose last persons are alike."""
    rng = np.random.default_rng(seed)
    mu = rng.gamma(1.5, 1.5, size=persons)
    sign = np.where(np.arange(remains)[:, None] == np.arange(persons), 1.0, -1.0)
    log10_lr = sign * mu + np.sqrt(2 * mu / math.log(10)) * rng.normal(size=(remains, persons))
    log10_lr[:, persons - alike :] = 0.0
    log_slot = log10_lr * math.log(10) + math.log(0.5 / persons)
    return np.log(rng.uniform(0.1, 1, size=remains)), log_slot


def gathered(log_none, log_slot, *, block=2):
    gathering = sparse.Gathering(log_slot.shape[1])
    for start in range(0, len(log_none), block):
        gathering.add(log_none[start : start + block], log_slot[start : start + block].copy())
    return gathering.kept()


@pytest.mark.parametrize("seed", range(12))
def test_persons_of_whom_nothing_is_kept_add_what_they_must(seed):
    log_none, log_slot = drawn(seed, remains=5, persons=26, alike=20)
    gathering = sparse.Gathering(26, least=np.where(np.arange(26) < 6, sparse.KEEP, 0.5))
    gathering.add(log_none[:3], log_slot[:3].copy())
    gathering.add(log_none[3:], log_slot[3:].copy())
    kept = gathering.kept()
    exact = joint.solve(Weights(log_none=log_none, log_slot=log_slot))
    found = sparse.solve(kept)
    assert kept.rest_low.min() > 0.2
    assert (np.abs(exact.none - found.none) <= found.none_error + 1e-12).all()
    assert found.none_error.max() < 0.08
    assert_allclose(found.other, exact.slot[:, 6:].sum(1), atol=0.08)


@pytest.mark.parametrize("seed", range(20))
def test_what_is_left_out_adds_at_least_its_odds_over_what_is_claimed_of_each_person(seed):
    log_none, log_slot = drawn(seed, remains=6, persons=30)
    odds = np.exp(log_slot - log_none[:, None])
    least = np.full(30, 0.01)
    gathering = sparse.Gathering(30, least=least, alone=np.arange(30) >= 4)
    gathering.add(log_none, log_slot.copy())

    kept = gathering.kept()

    share = np.where(np.arange(30) >= 4, 1 / (1 + odds.sum(0)), 0.0)
    bound = np.where(odds < least, odds, 0.0) @ share
    faint = len(share) * math.exp(sparse._FAINTEST)
    assert (kept.rest_low <= bound).all()
    assert (kept.rest_low >= bound * math.exp(-sparse._STEP) - faint).all()


def test_remains_that_must_be_on_the_roster_may_claim_whom_they_can_be():
    log_slot = np.array([[math.log(0.5), -np.inf], [math.log(1e-3), math.log(1e-3)]])
    gathering = sparse.Gathering(2, least=np.full(2, 0.01))
    gathering.add(np.array([-np.inf, 0.0]), log_slot)
    kept = gathering.kept()
    exact = joint.solve(Weights(log_none=np.array([-np.inf, 0.0]), log_slot=log_slot))
    found = sparse.solve(kept)
    assert kept.rest_low[1] == pytest.approx(1e-3, rel=0.11)  # of the second person alone
    assert (np.abs(exact.none - found.none) <= found.none_error + 1e-12).all()


def of_persons(kept, found, persons):
    """(remains, persons) posteriors and errors; what was left out is zero."""
    remains = len(kept.none)
    slot, error = np.zeros((remains, persons)), np.zeros((remains, persons))
    row = np.repeat(np.arange(remains), np.diff(kept.start))
    slot[row, kept.person], error[row, kept.person] = found.pair, found.pair_error
    return slot, error


@pytest.mark.parametrize("seed", range(30))
def test_intervals_on_kept_pairs_contain_the_exact_posterior_of_all_pairs(seed, monkeypatch):
    monkeypatch.setattr(sparse, "KEEP", [1e-6, 1e-2, 1e-1][seed % 3])
    log_none, log_slot = drawn(seed, remains=3 + seed % 4, persons=5 + seed % 7, alike=seed % 3)
    exact = joint.solve(Weights(log_none=log_none, log_slot=log_slot))
    kept = gathered(log_none, log_slot)
    found = sparse.solve(kept)
    slot, error = of_persons(kept, found, log_slot.shape[1])
    told = slot > 0
    assert (np.abs(exact.none - found.none) <= found.none_error + 1e-12).all()
    assert (np.abs(exact.slot - slot)[told] <= error[told] + 1e-12).all()
    assert (exact.slot * ~told).sum(1) == pytest.approx(np.zeros(len(kept.none)), abs=float(kept.rest.max()) + 1e-12)


def test_what_is_left_out_is_bounded_by_its_odds():
    log_none, log_slot = drawn(5, remains=6, persons=30)
    kept = gathered(log_none, log_slot)
    odds = np.exp(log_slot - log_none[:, None])
    assert_allclose(kept.rest, np.where(odds < sparse.KEEP, odds, 0).sum(1), rtol=1e-9, atol=1e-20)
    assert_allclose(kept.claim, np.where(odds < sparse.KEEP, odds, 0).sum(0), rtol=1e-9, atol=1e-20)
    assert len(kept.person) == (odds >= sparse.KEEP).sum()


def test_sums_that_leave_one_out_keep_what_is_small_beside_1e16():
    lines = sparse._Lines(np.array([0, 0, 0, 1]), 2)
    assert_allclose(lines.others(np.array([1.0, 1e20, 3.0, 7.0])), [1e20, 4.0, 1e20, 0.0], rtol=0)
    assert_allclose(lines.others(np.array([1.0, 1e20, 3.0, 7.0]), beyond=1), [3.0, 1.0, 1.0, 0.0], rtol=0)


@pytest.mark.parametrize("seed", range(20))
def test_the_others_of_a_line_are_summed_as_they_stand_in_whatever_order_the_entries_come(seed):
    rng = np.random.default_rng(seed)
    line, values = rng.integers(0, 7, 40), rng.choice([0.0, 1e-9, 0.5, 3.0, 1e20], 40)
    others = np.array([values[(line == line[k]) & (np.arange(40) != k)].sum() for k in range(40)])
    by_line = np.argsort(line, kind="stable")
    assert_allclose(sparse._Lines(line, 9).others(values), others, rtol=1e-14)
    assert_allclose(sparse._Lines(line[by_line], 9).others(values[by_line]), others[by_line], rtol=1e-14)


def test_brothers_are_weighed_together_and_told_as_approximate():
    # two brothers, single weights 0.1 each; found together they are a thousand times likelier
    pair = np.log([[1.0, 1000.0], [1.0, 1.0]])

    def log_ratio(holder):
        return float(pair[holder]) if min(holder) >= 0 else 0.0

    coupling = Coupling(slots=(0, 1), log_ratio=log_ratio)
    kept = gathered(np.zeros(2), np.full((2, 2), math.log(0.1)))
    kept, families = sparse.with_families(kept, [coupling])
    found = sparse.solve(kept, families)
    total = 1 + 0.4 + 10 + 0.01
    assert_allclose(found.pair[:2], [10.1 / total, 0.11 / total], rtol=1e-6)
    assert set(found.labels) == {Label.APPROXIMATE}
