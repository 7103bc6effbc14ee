"""The joint posterior on abstract weights, against a list of every assignment."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from homeward.errors import Cancelled, Impossible, Nonsense
from homeward.identification import joint, large, problem
from homeward.identification.exact import Frontier, Group
from homeward.identification.field import lay_out, others, propagate
from homeward.identification.intervals import bound
from homeward.identification.joint import Coupling, Weights, solve
from homeward.identification.result import Label
from homeward.programme import Programme, Settings

_spec = importlib.util.spec_from_file_location("enumeration", Path(__file__).parent / "enumeration.py")
assert _spec
assert _spec.loader
enumeration = importlib.util.module_from_spec(_spec)
sys.modules["enumeration"] = enumeration
_spec.loader.exec_module(enumeration)

SEEDS = st.integers(0, 2**31)


def test_two_remains_cannot_be_the_same_person():
    # both point to the only person with weight 3, "none" weighs 1:
    # nobody 1, the first 3, the second 3 -> total 7; each is him with 3/7 and nobody with 4/7
    weights = Weights(log_none=np.zeros(2), log_slot=np.log([[3.0], [3.0]]))
    found = solve(weights)
    assert_allclose(found.slot, [[3 / 7], [3 / 7]], rtol=1e-14)
    assert_allclose(found.none, [4 / 7, 4 / 7], rtol=1e-14)
    assert found.log_total == pytest.approx(math.log(7), abs=1e-14)


def test_brothers_support_each_other():
    # two brothers, single weights 0.1 each; found together they are a thousand times likelier
    pair = np.log([[1.0, 1000.0], [1.0, 1.0]])
    weights = Weights(
        log_none=np.zeros(2), log_slot=np.full((2, 2), math.log(0.1)), couplings=(Coupling.of_pair(0, 1, pair),)
    )
    # none 1; single 4 x 0.1; (first at A, second at B) 0.01 x 1000; (first at B, second at A) 0.01
    total = 1 + 0.4 + 10 + 0.01
    assert_allclose(solve(weights).slot[0], [(0.1 + 10) / total, (0.1 + 0.01) / total], rtol=1e-14)


def test_every_way_to_be_listed_comes_in_order():
    weights = Weights(log_none=np.zeros(2), log_slot=np.log([[4.0, 2.0], [3.0, 1.0]]))
    found = solve(weights)
    # none 1, one person 4 2 3 1, both (4 and 1, 2 and 3): 17
    assert_allclose(np.exp([w for w, _ in found.assignments]), np.array([6, 4, 4, 3, 2, 1, 1]) / 21, rtol=1e-13)
    assert found.assignments[0][1] == (1, 0)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, remains=st.integers(1, 4), slots=st.integers(1, 5))
def test_exact_sums_agree_with_a_list_of_every_assignment(seed, remains, slots):
    weights = enumeration.drawn(seed, remains=remains, slots=slots)
    expected = enumeration.enumerate_all(weights)
    if expected.log_total == -math.inf:
        with pytest.raises(Impossible):
            solve(weights)
        return
    found = solve(weights)
    assert set(found.labels) == {Label.EXACT}
    assert_allclose(found.slot, expected.slot, rtol=1e-11, atol=1e-14)
    assert_allclose(found.none, expected.none, rtol=1e-11, atol=1e-14)
    assert found.log_total == pytest.approx(expected.log_total, abs=1e-12)
    undecided = np.isfinite(weights.log_slot).sum(1) + np.isfinite(weights.log_none) > 1
    forced = found.none == 0
    assert_allclose(found.free[undecided & ~forced], expected.free[undecided & ~forced], atol=1e-12)
    listed = [w for w, _ in found.assignments]
    assert_allclose(listed, [w for w, _ in expected.assignments][: len(listed)], atol=1e-11)
    assert len(listed) >= min(100, len(expected.assignments))


def _pairs_only(weights):
    kept = tuple(coupling for coupling in weights.couplings if len(coupling.slots) == 2)
    return Weights(log_none=weights.log_none, log_slot=weights.log_slot, couplings=kept)


def _worst_violation(weights):
    """By how much an exact value lies outside its interval, over all remains and hypotheses."""
    answer = joint._Answer(weights)
    try:
        rest, fixed = joint._without_the_fixed(weights, answer)
        exact = solve(weights)
    except Impossible:
        return 0.0
    worst = 0.0
    for rows, families in joint.components(rest, fixed):
        field = lay_out(rest, rows, families)
        slots = [s for family in families for s in family.slots]
        column = {s: k for k, s in enumerate(slots)}
        none, none_error, slot, slot_error = large._certified(field, propagate(field), bound(field), column)
        assert_allclose(none + slot.sum(1), 1, rtol=1e-12)
        worst = max(worst, float((np.abs(exact.none[rows] - none) - none_error).max()))
        outside = np.abs(exact.slot[np.ix_(rows, slots)] - slot) - slot_error
        worst = max(worst, float(outside.max(initial=0.0)))
    return worst


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, remains=st.integers(1, 5), slots=st.integers(1, 6))
def test_intervals_contain_the_exact_value(seed, remains, slots):
    assert _worst_violation(_pairs_only(enumeration.drawn(seed, remains=remains, slots=slots))) <= 1e-12


def test_intervals_contain_the_exact_value_in_hundreds_of_problems():
    for seed in range(300):
        problem = enumeration.drawn(seed, remains=3 + seed % 3, slots=4 + seed % 4)
        assert _worst_violation(_pairs_only(problem)) <= 1e-12, seed


@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_rows_and_columns_changes_nothing(seed):
    weights = enumeration.drawn(seed, remains=4, slots=4)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(4), rng.permutation(4)
    back = {int(r): k for k, r in enumerate(rows)}
    place = {int(s): k for k, s in enumerate(columns)}
    moved = Weights(
        log_none=weights.log_none[rows],
        log_slot=weights.log_slot[np.ix_(rows, columns)],
        couplings=tuple(_moved(coupling, rows, place) for coupling in weights.couplings),
    )
    try:
        expected = solve(weights)
    except Impossible:
        return
    found = solve(moved)
    assert_allclose(found.slot, expected.slot[np.ix_(rows, columns)], atol=1e-12)
    assert len(back) == 4


def _moved(coupling, rows, place):
    def log_ratio(holder):
        return coupling.log_ratio(tuple(int(rows[r]) if r >= 0 else -1 for r in holder))

    pair = None if coupling.pair is None else coupling.pair[np.ix_(rows, rows)]
    return Coupling(slots=tuple(place[s] for s in coupling.slots), log_ratio=log_ratio, pair=pair)


def test_a_dense_block_of_sixteen_is_summed_exactly():
    rng = np.random.default_rng(5)
    weights = Weights(log_none=np.zeros(16), log_slot=rng.normal(-3, 3, size=(16, 16)))
    found = solve(weights)
    assert set(found.labels) == {Label.EXACT}
    assert_allclose(found.none + found.slot.sum(1), 1, rtol=1e-12)
    # the permanent by Ryser's formula on the matrix that adds one "none" row and column per remains
    # grows too large; instead each row's "none" must follow from the total without it
    without = Weights(log_none=weights.log_none[1:], log_slot=weights.log_slot[1:])
    assert found.none[0] == pytest.approx(math.exp(solve(without).log_total - found.log_total), rel=1e-12)


@settings(max_examples=15, deadline=None)
@given(seed=SEEDS, remains=st.integers(1, 5), slots=st.integers(1, 6))
def test_compiled_sums_are_the_plain_ones(seed, remains, slots):
    weights = enumeration.drawn(seed, remains=remains, slots=slots)
    for rows, families in joint.components(weights):
        problem = joint._exactly(weights, rows, families)
        plain = Frontier(problem.log_alone, problem.groups, engine="plain").sums()
        compiled = Frontier(problem.log_alone, problem.groups, engine="compiled").sums()
        assert compiled.log_total == pytest.approx(plain.log_total, abs=1e-12)
        assert_allclose(compiled.untaken, plain.untaken, rtol=1e-12)
        assert_allclose(compiled.empty, plain.empty, rtol=1e-12)
        for ours, theirs in zip(compiled.configurations, plain.configurations, strict=True):
            assert_allclose(ours, theirs, rtol=1e-11)


def test_compiled_sums_hold_where_states_need_more_than_one_block():
    rng = np.random.default_rng(8)
    groups = [Group(0.0, tuple(((i,), float(w)) for i, w in enumerate(rng.normal(-3, 30, size=13)))) for _ in range(12)]
    pair = Group(-1.0, tuple(((i, j), float(rng.normal(0, 30))) for j in range(13) for i in range(j)))
    plain, compiled = (Frontier([0.0] * 13, [*groups, pair], engine=engine).sums() for engine in ("plain", "compiled"))
    assert compiled.log_total == pytest.approx(plain.log_total, rel=1e-14)
    assert_allclose(compiled.untaken, plain.untaken, rtol=1e-11)
    assert_allclose(np.array(compiled.configurations[:12]), np.array(plain.configurations[:12]), rtol=1e-11)
    assert_allclose(compiled.configurations[12], plain.configurations[12], rtol=1e-11)


def test_a_long_sparse_chain_is_summed_exactly():
    count = 160
    log_slot = np.full((count, count), -np.inf)
    log_slot[np.arange(count), np.arange(count)] = 0.0
    log_slot[np.arange(1, count), np.arange(count - 1)] = 0.0
    found = solve(Weights(log_none=np.zeros(count), log_slot=log_slot))
    assert set(found.labels) == {Label.EXACT}
    # matchings of a path with 2 x 160 vertices are Fibonacci numbers
    a, b = 1, 1
    for _ in range(2 * count - 1):
        a, b = b, a + b
    assert found.log_total == pytest.approx(math.log(b), rel=1e-13)


def _national(seed, remains, slots):
    rng = np.random.default_rng(seed)
    mu = np.where(rng.random(slots) < 0.25, 0.0, rng.gamma(1.5, 3, size=slots))
    truth = np.full(remains, -1)
    truth[: remains // 2] = rng.permutation(slots)[: remains // 2]
    sign = np.where(truth[:, None] == np.arange(slots), 1.0, -1.0)
    noise = rng.normal(size=(remains, slots))
    log10_lr = np.where(mu > 0, sign * mu + np.sqrt(2 * mu / math.log(10)) * noise, 0.0)
    log_slot = log10_lr * math.log(10) + math.log(0.5 / slots)
    unreferenced = np.flatnonzero(mu == 0)
    pair = rng.normal(-4, 4, size=(remains, remains))
    couplings = [
        Coupling.of_pair(int(a), int(b), pair) for a, b in zip(unreferenced[:20:2], unreferenced[1:20:2], strict=True)
    ]
    log_none = np.log(0.25 + 0.25 * np.exp(rng.normal(0, 10, size=remains)))
    return Weights(log_none=log_none, log_slot=log_slot, couplings=tuple(couplings))


@pytest.mark.parametrize("seed", range(1, 7))
def test_most_of_a_large_roster_is_certified_and_the_rest_is_sampled(seed):
    found = solve(_national(seed, 60, 400))
    certified = np.array([label is Label.CERTIFIED for label in found.labels])
    assert set(found.labels) <= {Label.CERTIFIED, Label.SAMPLED}
    assert certified.mean() >= 0.9
    assert found.none_error.max() <= 0.01
    assert found.slot_error.max() <= 0.01
    assert_allclose(found.none + found.slot.sum(1), 1, rtol=1e-9)
    assert found.assignments_absent == "too_large"


def test_a_decision_gives_the_brother_what_is_left():
    # the first is decided to be A; then the second at B weighs 0.1 x 1000
    pair = np.log([[1.0, 1000.0], [1.0, 1.0]])
    log_slot = np.array([[math.log(0.1), -np.inf], [math.log(0.1), math.log(0.1)]])
    weights = Weights(log_none=np.array([-np.inf, 0.0]), log_slot=log_slot, couplings=(Coupling.of_pair(0, 1, pair),))
    assert_allclose(solve(weights).slot, [[1, 0], [0, 100 / 101]], rtol=1e-13)


def test_without_exclusivity_rows_are_judged_by_themselves():
    found = solve(Weights(log_none=np.zeros(2), log_slot=np.log([[3.0], [3.0]]), one_to_one=False))
    assert_allclose(found.slot, [[0.75], [0.75]], rtol=1e-14)


def test_two_remains_that_must_both_be_one_person_are_impossible():
    with pytest.raises(Impossible):
        solve(Weights(log_none=np.full(2, -np.inf), log_slot=np.zeros((2, 1))))


def test_a_slot_in_two_families_is_refused():
    pair = np.zeros((1, 1))
    with pytest.raises(Nonsense):
        Weights(
            log_none=np.zeros(1),
            log_slot=np.zeros((1, 3)),
            couplings=(Coupling.of_pair(0, 1, pair), Coupling.of_pair(1, 2, pair)),
        )


def test_leaving_one_out_keeps_what_is_small_beside_1e16():
    assert_allclose(others(np.array([[1.0, 1e20, 3.0]]), axis=1), [[1e20, 4.0, 1e20]], rtol=0)


def test_the_work_can_be_stopped():
    def stop(stage, done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        solve(Weights(log_none=np.zeros(1), log_slot=np.zeros((1, 1))), tick=stop)


def test_the_posterior_worked_by_hand_for_a_roster_of_7491():
    # of /reference/anthropology/worked_examples.json: sex, age, stature, mtDNA and a clavicle radiograph multiplied
    product = 1.001001001001001 * 1.6973240530198128 * 3.4396987726393875 * 1669.541053405645 * 15.0
    assert product == pytest.approx(146355.16398099114, rel=1e-12)
    programme = Programme(settings=Settings(name="x", listed_share=0.9, not_listed=0.0, outsiders={"other": 0.1}))
    log_prior = problem._log_prior(programme, 7491, ("not_listed", "outsider:other"))
    log_slot = log_prior[:7491].copy()
    log_slot[0] += math.log(product)

    found = solve(Weights(log_none=np.logaddexp.reduce(log_prior[7491:], keepdims=True), log_slot=log_slot[None]))

    assert found.slot[0, 0] == pytest.approx(0.9461955780392458, rel=1e-13)
