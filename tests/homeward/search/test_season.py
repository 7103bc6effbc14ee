"""A season: exact where it can be worked by hand, and never above its bound, nor far below it."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp, minimize

from homeward.errors import Nonsense
from homeward.search.season import (
    RegionOffer,
    SeasonTask,
    SiteOffer,
    _two_prices,
    as_listed,
    biggest_first,
    fill,
    plan_season,
    without,
)

SEGMENTS = 60


def site(number, region=0, **fields):
    plain = {
        "value": 1.0,
        "bodies": 2.0,
        "rate": 1.0,
        "fixed": 0.0,
        "per_unit": 1.0,
        "most": 6.0,
        "days_per_unit": 1.0,
        "opens": 0.0,
        "closes": 1000.0,
    }
    return SiteOffer(site_id=f"S-{number:03}", region=f"R-{region}", **{**plain, **fields})


def task(*sites, budget=2.0, crews=2, days=1000.0, entering=(0.0,), travel=0.0):
    regions = tuple(
        RegionOffer(region_id=f"R-{k}", mobilisation=cost, travel_days=travel) for k, cost in enumerate(entering)
    )
    return SeasonTask(sites=sites, regions=regions, budget=budget, crews=crews, days=days)


def invented(sites, regions, budget, seed, days=1e5):
    rng = np.random.default_rng(seed)
    offers = [
        site(
            k,
            int(rng.integers(regions)),
            value=float(rng.lognormal(0, 1)),
            rate=float(rng.uniform(0.3, 2)),
            fixed=float(rng.uniform(0.1, 0.5)),
            closes=days,
        )
        for k in range(sites)
    ]
    return task(*offers, budget=budget, days=days, entering=rng.uniform(0.5, 3, size=regions).tolist())


def best_by_milp(whole):
    """HiGHS on effort in straight pieces below the curve: never above the best, and near it."""
    n, regions = len(whole.sites), [region.region_id for region in whole.regions]
    pieces = n * SEGMENTS
    size = np.array([one.most / SEGMENTS for one in whole.sites])
    gain, cost = np.zeros(pieces + n + len(regions)), np.zeros(pieces + n + len(regions))
    rows, low, high = [], [], []
    for i, one in enumerate(whole.sites):
        ends = -np.expm1(-one.rate * size[i] * np.arange(SEGMENTS + 1)) * one.value
        piece = slice(i * SEGMENTS, (i + 1) * SEGMENTS)
        gain[piece], cost[piece], cost[pieces + i] = np.diff(ends), one.per_unit * size[i], one.fixed
        dug = np.zeros(len(gain))
        dug[piece], dug[pieces + i] = 1, -SEGMENTS
        entered = np.zeros(len(gain))
        entered[pieces + i], entered[pieces + n + regions.index(one.region)] = 1, -1
        rows += [dug, entered]
        low += [-np.inf, -np.inf]
        high += [0, 0]
    cost[pieces + n :] = [region.mobilisation for region in whole.regions]
    whole_numbers = np.concatenate([np.zeros(pieces), np.ones(n + len(regions))])
    found = milp(
        -gain,
        constraints=[LinearConstraint(np.array(rows), low, high), LinearConstraint(cost, -np.inf, whole.budget)],
        bounds=Bounds(0, 1),
        integrality=whole_numbers,
        options={"mip_rel_gap": 1e-6, "time_limit": 30},
    )
    return -found.fun


def test_two_sites_share_effort_as_worked_by_hand():
    """1.5 exp(-z) = 0.8 exp(-(2 - z)): z = 1 + ln(1.5 / 0.8) / 2."""
    plan = plan_season(task(site(1, value=1.5), site(2, value=0.8)))
    hill = 1 + math.log(1.5 / 0.8) / 2
    assert plan.efforts == pytest.approx((hill, 2 - hill), rel=1e-12)
    assert plan.cost == pytest.approx(2, rel=1e-12)
    assert plan.gap == pytest.approx(0, abs=1e-8)
    assert plan.expected_bodies == pytest.approx(2 * (1 - math.exp(-hill)) + 2 * (1 - math.exp(hill - 2)), rel=1e-12)


@pytest.mark.parametrize(
    ("probability", "weight", "effort", "expected"),
    [
        ([8, 4, 1, 2], [1, 4, 12, 8], 0.05, [0, 0.033333, 0, 0.016667]),
        ([4, 2, 8, 1], [4, 1, 1, 12], 0.10, [0.09298, 0, 0, 0.00702]),
        ([2, 4, 2], [9, 3, 6], 0.2, [0.0732241, 0.0845173, 0.0422586]),
        ([1, 4, 20, 0], [8, 4, 0, 10], 0.5, [0.1089, 0.3911, 0, 0]),
        ([2, 6, 4], [6, 2, 3], 0.5, [0.083333, 0.25, 0.166667]),
    ],
)
def test_published_cases_of_one_resource_are_reproduced(probability, weight, effort, expected):
    """The numbered examples of SORAL (its published answers, no code)."""
    n = len(probability)
    arrays = np.array(probability, dtype=float), np.array(weight, dtype=float)
    np.testing.assert_allclose(fill(*arrays, np.ones(n), np.full(n, np.inf), effort), expected, atol=2e-5)


@given(
    st.lists(st.tuples(st.floats(0.01, 50), st.floats(0.05, 5), st.floats(0.1, 4)), min_size=1, max_size=12),
    st.floats(0.01, 40),
)
@settings(max_examples=60, deadline=None)
def test_effort_spends_the_budget_at_one_price(sites, budget):
    """Karush-Kuhn-Tucker: all that is spent is spent, the margins of what is dug are equal, others' are no higher."""
    value, rate, price = np.array(sites).T
    efforts = fill(value, rate, price, np.full(len(value), 3.0), budget)
    spent = float(price @ efforts)
    assert spent == pytest.approx(min(budget, 3 * float(price.sum())), rel=1e-9)
    margin = value * rate * np.exp(-rate * efforts) / price
    inner = (efforts > 1e-12) & (efforts < 3 - 1e-12)
    if inner.any():
        level = float(margin[inner].mean())
        np.testing.assert_allclose(margin[inner], level, rtol=1e-6)
        assert np.all(margin[efforts <= 1e-12] <= level * (1 + 1e-6))
        assert np.all(margin[efforts >= 3 - 1e-12] >= level * (1 - 1e-6))


@pytest.mark.parametrize("seed", range(6))
def test_the_plan_lies_between_what_highs_finds_and_the_bound(seed):
    whole = invented(25, 4, 12, seed)
    plan, other = plan_season(whole), best_by_milp(whole)
    assert plan.bound * (1 + 1e-9) >= other
    assert plan.expected_identifications >= other * (1 - 2e-3)
    assert plan.expected_identifications <= plan.bound
    assert plan.cost <= whole.budget * (1 + 1e-9)


def test_a_large_season_lacks_a_thousandth_at_most():
    plan = plan_season(invented(500, 20, 60, 1))
    assert plan.gap <= 1e-3


@given(st.integers(0, 10_000))
@settings(max_examples=15, deadline=None)
def test_money_days_and_windows_are_kept(seed):
    whole = invented(15, 3, 8, seed, days=9.0)
    rng = np.random.default_rng(seed)
    starts = rng.uniform(0, 6, size=15)
    offers = [replace(one, opens=float(s), closes=float(s + 3)) for one, s in zip(whole.sites, starts, strict=True)]
    whole = replace(whole, sites=tuple(offers), crews=2)
    plan = plan_season(whole)
    of = {one.site_id: one for one in whole.sites}
    assert plan.cost <= whole.budget * (1 + 1e-9)
    assert {spell[0] for spell in plan.schedule} == {
        one.site_id for one, effort in zip(whole.sites, plan.efforts, strict=True) if effort > 0
    }
    for site_id, _crew, first, last in plan.schedule:
        assert of[site_id].opens - 1e-9 <= first <= last <= of[site_id].closes + 1e-6
    for crew in (0, 1):
        spells = sorted(spell[2:] for spell in plan.schedule if spell[1] == crew)
        assert all(one[1] <= other[0] + 1e-9 for one, other in itertools.pairwise(spells))


def test_a_region_is_entered_only_if_it_pays():
    """One site of value 1 in a region that costs 1.5 of a budget of 2: what is left finds 0.39; at home 0.86."""
    plan = plan_season(task(site(1, value=1.0), site(2, 1, value=1.0), entering=(0.0, 1.5)))
    assert plan.efforts == pytest.approx((2, 0))
    assert plan.reasons == ("chosen", "region")


def test_a_dear_site_is_left_and_says_so():
    plan = plan_season(task(site(1), site(2, fixed=1.9)))
    assert plan.reasons == ("chosen", "too_dear")


def test_a_site_that_closes_too_early_is_left_and_says_so():
    """Travel takes two days and it closes after one."""
    plan = plan_season(task(site(1), site(2, closes=1.0), travel=2.0))
    assert plan.reasons == ("chosen", "no_time")


def test_days_bind_before_money_where_they_are_short():
    """One crew with one day: whatever the budget, one unit of effort."""
    plan = plan_season(task(site(1, closes=1.0), budget=100, crews=1, days=1.0))
    assert plan.efforts == pytest.approx((1,))
    assert plan.bound >= 1 - math.exp(-1)


def test_it_brings_more_than_by_hand():
    whole = invented(60, 5, 15, 3)
    plan = plan_season(whole)
    for other in (biggest_first(whole), as_listed(whole)):
        assert other.expected_identifications < plan.expected_identifications
        assert other.cost <= whole.budget
        assert other.bound >= plan.expected_identifications


def test_the_order_of_sites_does_not_matter_and_the_seed_gives_the_same():
    whole = invented(40, 4, 12, 5)
    turned = replace(whole, sites=whole.sites[::-1])
    one, other = plan_season(whole), plan_season(turned)
    assert one == plan_season(whole)
    assert other.expected_identifications == pytest.approx(one.expected_identifications, rel=1e-3)


def test_without_a_site_the_rest_remains():
    whole = task(site(1), site(2))
    assert [one.site_id for one in without(whole, "S-001").sites] == ["S-002"]


def test_a_season_without_sites_brings_nothing():
    plan = plan_season(task())
    assert (plan.expected_identifications, plan.bound, plan.gap, plan.schedule) == (0, 0, 0, ())


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (lambda: task(site(1), budget=0), "buys nothing"),
        (lambda: task(site(1), crews=0), "dig nothing"),
        (lambda: task(site(1, 7)), "not offered"),
        (lambda: site(1, value=-1), "below zero"),
        (lambda: site(1, rate=float("nan")), "no number"),
        (lambda: site(1, per_unit=0, days_per_unit=0, most=math.inf), "not limited"),
    ],
)
def test_what_is_no_season_is_refused(wrong, reason):
    with pytest.raises(Nonsense, match=reason):
        wrong()


def test_where_money_and_days_both_bind_the_effort_is_that_of_a_general_solver():
    """Against scipy's SLSQP; a rate of exchange that only touches both within rounding would leave nothing dug."""
    rng = np.random.default_rng(5)
    for _ in range(20):
        value, rate, money, days = rng.uniform(0.5, 2, (4, 5))
        budgets = (0.6 * money.sum(), 0.6 * days.sum())
        most = np.full(5, 4.0)
        found = _two_prices(value, rate, (money, days), most, budgets)
        assert money @ found <= budgets[0] * (1 + 1e-9)
        assert days @ found <= budgets[1] * (1 + 1e-9)
        solved = minimize(
            lambda z, value=value, rate=rate: float(value @ np.exp(-rate * z)),
            np.full(5, 0.1),
            bounds=[(0, 4.0)] * 5,
            constraints=[
                {"type": "ineq", "fun": lambda z, price=price, budget=budget: budget - price @ z}
                for price, budget in zip((money, days), budgets, strict=True)
            ],
            options={"ftol": 1e-12, "maxiter": 500},
        )
        assert float(value @ np.exp(-rate * found)) == pytest.approx(solved.fun, rel=1e-6)
