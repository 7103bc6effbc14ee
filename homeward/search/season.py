"""A season's plan: which sites to dig and how long, with fixed costs, regions, crews, days and windows.

Value V of a site is the identifications expected if all that lies there were found; effort z finds it with
probability 1 - exp(-a z). A site costs f + c z and d z days of a crew; entering a region costs money and days once.

1. Prices for money and for crew-days: at given prices every site and region decides for itself, and the value of all
   that plus the budget at its price is a bound that no plan can exceed. The lowest such bound is printed.
2. At the prices of the lowest bound the sites that pay are a first choice.
3. For a choice of sites the effort is divided exactly (water-filling at one price, or at two).
4. Local search: a site or a whole region in, out, or in another's place, as long as it improves.
5. Crews and days: earliest closing first; what does not fit its window is dug less, or not at all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense
from homeward.progress import Tick, silent

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.intp]

THOROUGH = 0.8  # detection at which somebody planning by hand holds a site to be searched
_TRIED = 12  # sites tried in one's place
_ROUNDS = 60  # of local search, at most
_REFITS = 40  # rounds of fitting, at most; what does not fit then is cut short
_SHORT = 0.1  # of the effort wanted: a site with less time is not dug
_LEAST = 1e-9  # relative improvement that counts
_CLOSE = 1e-3  # to the bound, from which no less is tried
_PARTS = ((1.0, 1.0), (0.9, 1.0), (0.8, 1.0), (0.7, 1.0), (0.55, 1.0), (1.0, 0.85), (1.0, 0.7), (0.8, 0.7), (1.0, 0.5))
# of the crews' days and of the money: travel and windows take the rest of the days, and fewer sites may fit better

Spells = list[tuple[str, int, float, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOffer:
    """A site that can be dug.

    Parameters
    ----------
    value : identifications expected if everything there were found; bodies : people expected there
    rate : a; after effort z it is found with probability 1 - exp(-a z)
    fixed, per_unit : cost of opening it, and of one unit of effort
    most : units that can be spent on it
    days_per_unit : days of a crew for one unit
    opens, closes : days of the season, counted from 0
    """

    site_id: str
    region: str
    value: float
    bodies: float
    rate: float
    fixed: float
    per_unit: float
    most: float
    days_per_unit: float
    opens: float
    closes: float

    def __post_init__(self) -> None:
        for name in ("value", "bodies", "rate", "fixed", "per_unit", "most", "days_per_unit"):
            if not getattr(self, name) >= 0:
                raise Nonsense(f"site {self.site_id}: {name} {getattr(self, name)} is below zero or no number")
        if self.per_unit == 0 and self.days_per_unit == 0 and math.isinf(self.most):
            raise Nonsense(f"site {self.site_id}: effort costs neither money nor days, and is not limited")


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionOffer:
    """What entering a region costs, once. When it can be dug, each of its sites says."""

    region_id: str
    mobilisation: float
    travel_days: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonTask:
    """Sites and regions, the budget, and crews with their days."""

    sites: tuple[SiteOffer, ...]
    regions: tuple[RegionOffer, ...]
    budget: float
    crews: int
    days: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.budget) and self.budget > 0):
            raise Nonsense(f"a budget of {self.budget:g} buys nothing")
        if self.crews < 1 or not self.days > 0:
            raise Nonsense(f"{self.crews} crews with {self.days:g} days dig nothing")
        known = {region.region_id for region in self.regions}
        for site in self.sites:
            if site.region not in known:
                raise Nonsense(f"site {site.site_id} is of the region {site.region!r}, which is not offered")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonPlan:
    """What to dig.

    Parameters
    ----------
    efforts : (site,) units of effort, 0 where nothing is dug
    bound : of expected identifications, that no plan exceeds; gap : what lacks to it, relative
    schedule : (site_id, crew from 0, first day, last day), in order of time
    reasons : (site,) ``chosen``, ``too_dear``, ``region`` (not entered) or ``no_time``
    """

    efforts: tuple[float, ...]
    cost: float
    expected_bodies: float
    expected_identifications: float
    bound: float
    gap: float
    schedule: tuple[tuple[str, int, float, float], ...]
    reasons: tuple[str, ...]


def plan_season(task: SeasonTask, *, seed: int = 1, tick: Tick = silent) -> SeasonPlan:
    """Choose the sites of a season and the effort at each.

    Parameters
    ----------
    task : see :class:`SeasonTask`
    seed : of the order in which equally good moves are tried
    tick : stage ``season``, in rounds of local search

    Notes
    -----
    The bound leaves out windows and who digs after whom, so it holds with them. Windows only ever lower the plan.
    """
    arrays = _Arrays(task)
    bound, money, days = lowest_bound(arrays)
    best = None
    for of_days, of_money in _PARTS:
        found = _within(task, arrays.working(of_days, of_money), (money, days), seed, tick)
        if best is None or found[0] > best[0]:
            best = found
        if best[0] >= bound * (1 - _CLOSE) or not found[1]:
            break
    assert best is not None
    return _told(task, arrays, *best[2:], bound)


def _within(
    task: SeasonTask, arrays: _Arrays, prices: tuple[float, float], seed: int, tick: Tick
) -> tuple[float, bool, Floats, Spells, frozenset[int]]:
    """The best choice found within some of the crews' days, fitted into windows: its value first."""
    money, days = prices
    arrays.exchange = days / money if money > 0 else 0.0
    rng = np.random.default_rng(seed)
    starts = sorted(_starts(arrays, money, days), key=lambda one: -one.value)[:2]
    best = max((_improved(arrays, start, rng, tick) for start in starts), key=lambda one: one.value)
    efforts, schedule, late = _timed(task, arrays, best.chosen, best.efforts)
    value = -float(arrays.value @ np.expm1(-arrays.rate * efforts))
    return value, value < best.value * (1 - _LEAST), efforts, schedule, late


def _told(
    task: SeasonTask,
    arrays: _Arrays,
    efforts: Floats,
    schedule: Sequence[tuple[str, int, float, float]],
    late: frozenset[int],
    bound: float,
) -> SeasonPlan:
    dug = efforts > 0
    found = -np.expm1(-arrays.rate * efforts)
    value = float(arrays.value @ found)
    bound = max(bound, value)
    entered = set(arrays.region[dug].tolist())
    reasons = [
        "chosen" if dug[i] else "no_time" if i in late else "too_dear" if arrays.region[i] in entered else "region"
        for i in range(len(efforts))
    ]
    return SeasonPlan(
        efforts=tuple(efforts.tolist()),
        cost=arrays.cost(dug, efforts),
        expected_bodies=float(arrays.bodies @ found),
        expected_identifications=value,
        bound=bound,
        gap=1 - value / bound if bound > 0 else 0.0,
        schedule=tuple(schedule),
        reasons=tuple(reasons),
    )


class _Arrays:
    """A task as arrays."""

    def __init__(self, task: SeasonTask) -> None:
        sites = task.sites
        number = {region.region_id: k for k, region in enumerate(task.regions)}
        self.value, self.bodies, self.rate, self.fixed, self.per_unit, self.most, self.per_unit_days = (
            np.array([getattr(site, name) for site in sites], dtype=np.float64)
            for name in ("value", "bodies", "rate", "fixed", "per_unit", "most", "days_per_unit")
        )
        self.region: Integers = np.array([number[site.region] for site in sites], dtype=np.intp)
        self.entering = np.array([region.mobilisation for region in task.regions], dtype=np.float64)
        self.travel = np.array([region.travel_days for region in task.regions], dtype=np.float64)
        self.budget = task.budget
        self.days = task.crews * task.days
        self.exchange = 0.0  # what a day of a crew is worth in money

    def working(self, of_days: float, of_money: float) -> _Arrays:
        """The same with a part of the days and of the money."""
        found = object.__new__(_Arrays)
        found.__dict__.update(self.__dict__, days=self.days * of_days, budget=self.budget * of_money)
        return found

    def entered(self, chosen: Flags) -> Flags:
        found = np.zeros(len(self.entering), dtype=bool)
        found[self.region[chosen]] = True
        return found

    def left(self, chosen: Flags) -> tuple[float, float]:
        """Money and days left for effort once the sites are opened and their regions entered."""
        entered = self.entered(chosen)
        money = self.budget - float(self.fixed[chosen].sum()) - float(self.entering[entered].sum())
        return money, self.days - float(self.travel[entered].sum())

    def cost(self, chosen: Flags, efforts: Floats) -> float:
        return self.budget - self.left(chosen)[0] + float(self.per_unit @ efforts)


# --- the bound ---


def lowest_bound(arrays: _Arrays) -> tuple[float, float, float]:
    """The lowest bound over prices of money and of days, and those prices.

    Both prices are found by bisection on the slope of the bound, which is convex in them; any price gives a bound
    that holds.
    """
    if not np.any(arrays.value > 0):
        return 0.0, 0.0, 0.0

    def at_days(days: float) -> tuple[float, float, float]:
        """The lowest bound at a price of days, the price of money there, and the slope in the price of days."""
        low, high = 1e-12, max(1e-9, float(np.max(arrays.value, initial=0.0)) * 1e6)
        for _ in range(64):
            middle = math.sqrt(low * high)
            _bound, over_money, _days = _bound_at(arrays, middle, days)
            low, high = (middle, high) if over_money > 0 else (low, middle)
            if high / low < 1 + 1e-8:
                break
        bound, _money, over_days = min(_bound_at(arrays, price, days) for price in (low, high))
        price = min((low, high), key=lambda one: _bound_at(arrays, one, days)[0])
        return bound, price, over_days

    bound, price, over = at_days(0.0)
    best = (bound, price, 0.0)
    if over <= 0:
        return best
    low, high = 1e-12, max(1e-9, float(np.max(arrays.value * arrays.rate, initial=0.0)) * 1e3)
    for _ in range(40):
        middle = math.sqrt(low * high)
        bound, price, over = at_days(middle)
        best = min(best, (bound, price, middle))
        low, high = (middle, high) if over > 0 else (low, middle)
    return best


def _bound_at(arrays: _Arrays, money: float, days: float) -> tuple[float, float, float]:
    """The bound at prices of money and days, and by how much money and days are overspent there."""
    efforts, net = _alone(arrays, money, days)
    good = np.maximum(net, 0.0)
    gross = np.bincount(arrays.region, weights=good, minlength=len(arrays.entering))
    of_region: Floats = gross - money * arrays.entering - days * arrays.travel
    on = of_region > 0
    bound = float(of_region[on].sum()) + money * arrays.budget + days * arrays.days
    dug = (net > 0) & on[arrays.region]
    spent = float((arrays.fixed[dug] + arrays.per_unit[dug] * efforts[dug]).sum()) + float(arrays.entering[on].sum())
    worked = float((arrays.per_unit_days[dug] * efforts[dug]).sum()) + float(arrays.travel[on].sum())
    return bound, spent - arrays.budget, worked - arrays.days


def _alone(arrays: _Arrays, money: float, days: float) -> tuple[Floats, Floats]:
    """What effort each site would ask for at these prices, and what it would bring above its cost."""
    price = money * arrays.per_unit + days * arrays.per_unit_days
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = np.log(arrays.value * arrays.rate / price) / arrays.rate
    efforts = np.clip(np.nan_to_num(wanted, nan=0.0, posinf=np.inf, neginf=0.0), 0.0, arrays.most)
    efforts = np.where(np.isinf(efforts), 0.0, efforts)
    net: Floats = -arrays.value * np.expm1(-arrays.rate * efforts) - price * efforts - money * arrays.fixed
    return efforts, net


# --- effort for a choice of sites ---


def fill(value: Floats, rate: Floats, price: Floats, most: Floats, budget: float) -> Floats:
    """Divide a budget of effort exactly: the most of sum V (1 - exp(-a z)) with sum c z <= budget, 0 <= z <= most.

    Parameters
    ----------
    value, rate, price, most : (site,) V, a, c and the most of z
    budget : at least 0

    Notes
    -----
    z = (ln(V a / c) - u) / a between 0 and its most (Koopman; Charnes and Cooper 1958; Stone 1975 ch. 2). What that
    costs falls in u by straight pieces; all their ends are sorted, and the budget is met within one piece exactly.

    Examples
    --------
    >>> fill(np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([1.0, 1.0]), np.array([9.0, 9.0]), 3.0)
    array([1.5, 1.5])
    """
    efforts = np.zeros(len(value))
    paid = (value > 0) & (rate > 0) & (price > 0) & (most > 0)
    free = (value > 0) & (rate > 0) & (price <= 0)
    efforts[free] = np.where(np.isfinite(most[free]), most[free], 0.0)
    if not paid.any() or budget <= 0:
        return efforts
    v, a, c, z = value[paid], rate[paid], price[paid], most[paid]
    begins = np.log(v * a / c)
    ends = begins - a * z
    at = np.concatenate([begins, ends])
    slope = np.concatenate([c / a, -c / a])
    finite = np.isfinite(at)
    order = np.argsort(-at[finite], kind="stable")
    at, slope = at[finite][order], np.cumsum(slope[finite][order])
    cost = np.concatenate([[0.0], np.cumsum(slope[:-1] * (at[:-1] - at[1:]))])
    piece = int(np.searchsorted(cost, budget, side="right")) - 1
    steep = slope[piece]
    level = at[piece] - (budget - cost[piece]) / steep if steep > 1e-300 else at[-1]
    efforts[paid] = np.clip((begins - level) / a, 0.0, z)
    return efforts


@dataclass(frozen=True, slots=True, eq=False)
class _Choice:
    """Sites, the effort at each, and what that brings; worth nothing where it cannot be paid."""

    chosen: Flags
    efforts: Floats
    value: float


def _chosen(arrays: _Arrays, chosen: Flags) -> _Choice:
    money, days = arrays.left(chosen)
    efforts = np.zeros(len(chosen))
    if money < 0 or days < 0:
        return _Choice(chosen, efforts, -math.inf)
    efforts[chosen] = _two_prices(
        arrays.value[chosen],
        arrays.rate[chosen],
        (arrays.per_unit[chosen], arrays.per_unit_days[chosen]),
        arrays.most[chosen],
        (money, days),
    )
    return _Choice(chosen, efforts, -float(arrays.value @ np.expm1(-arrays.rate * efforts)))


def _roughly(arrays: _Arrays, chosen: Flags) -> _Choice:
    """As :func:`_chosen`, days bought for money at the rate of exchange of the bound: enough to compare choices."""
    if not arrays.exchange:
        return _chosen(arrays, chosen)
    money, days = arrays.left(chosen)
    efforts = np.zeros(len(chosen))
    if money < 0 or days < 0:
        return _Choice(chosen, efforts, -math.inf)
    price = arrays.per_unit[chosen] + arrays.exchange * arrays.per_unit_days[chosen]
    efforts[chosen] = fill(
        arrays.value[chosen], arrays.rate[chosen], price, arrays.most[chosen], money + arrays.exchange * days
    )
    return _Choice(chosen, efforts, -float(arrays.value @ np.expm1(-arrays.rate * efforts)))


def _two_prices(
    value: Floats, rate: Floats, prices: tuple[Floats, Floats], most: Floats, budgets: tuple[float, float]
) -> Floats:
    """Effort within money and days: whichever of the two binds, or both at a rate of exchange found by bisection."""
    for binding, other in ((0, 1), (1, 0)):
        efforts = fill(value, rate, prices[binding], most, budgets[binding])
        if prices[other] @ efforts <= budgets[other] * (1 + 1e-12):
            return efforts
    low, high = -40.0, 40.0
    best, brings = np.zeros(len(value)), 0.0
    for _ in range(48):
        middle = (low + high) / 2
        days_in_money = math.exp(middle)
        tried = fill(value, rate, prices[0] + days_in_money * prices[1], most, budgets[0] + days_in_money * budgets[1])
        if prices[1] @ tried <= budgets[1]:
            high = middle
        else:
            low = middle
        tried = tried * _scale(tried, prices, budgets)
        found = -float(value @ np.expm1(-rate * tried))
        if found > brings:
            best, brings = tried, found
    return best


def _scale(efforts: Floats, prices: tuple[Floats, Floats], budgets: tuple[float, float]) -> float:
    """By what all efforts are cut so that neither money nor days are overspent."""
    used = [float(price @ efforts) for price in prices]
    return min((budget / spent for spent, budget in zip(used, budgets, strict=True) if spent > budget), default=1.0)


# --- the choice of sites ---


def _starts(arrays: _Arrays, money: float, days: float) -> Iterator[_Choice]:
    """Choices to begin with: what pays at the prices of the bound and at somewhat higher ones."""
    seen: set[bytes] = set()
    for dearer in (1.0, 1 + 1e-6, 1.02, 1.1, 1.3):
        _efforts, net = _alone(arrays, money * dearer, days * dearer)
        of_region = np.bincount(arrays.region, weights=np.maximum(net, 0), minlength=len(arrays.entering))
        on = of_region > money * dearer * arrays.entering + days * dearer * arrays.travel
        chosen = (net > 0) & on[arrays.region]
        if (key := chosen.tobytes()) not in seen:
            seen.add(key)
            yield _affordable(arrays, chosen, net)
    yield _chosen(arrays, np.zeros(len(arrays.value), dtype=bool))


def _affordable(arrays: _Arrays, chosen: Flags, net: Floats) -> _Choice:
    """Leave out the sites that pay least until the rest can be paid."""
    chosen = chosen.copy()
    for site in np.argsort(net, kind="stable").tolist():
        if min(arrays.left(chosen)) >= 0:
            break
        chosen[site] = False
    return _chosen(arrays, chosen)


def _improved(arrays: _Arrays, start: _Choice, rng: np.random.Generator, tick: Tick) -> _Choice:
    now = _roughly(arrays, start.chosen)
    best = start
    for turn in range(_ROUNDS):
        tick("season", turn, _ROUNDS)
        found = max(_moves(arrays, now, rng), key=lambda one: one.value, default=now)
        if found.value <= now.value * (1 + _LEAST) or not math.isfinite(found.value):
            break
        now = found
    tick("season", _ROUNDS, _ROUNDS)
    best = max(best, _chosen(arrays, now.chosen), key=lambda one: one.value)
    dug = best.efforts > 0
    return best if np.array_equal(dug, best.chosen) else _chosen(arrays, dug)


def _moves(arrays: _Arrays, now: _Choice, rng: np.random.Generator) -> Iterator[_Choice]:
    """Every site in or out, the likeliest exchanges, and every region in or out."""
    price = _price(arrays, now)
    _efforts, net = _alone(arrays, price, price * arrays.exchange)
    outside = np.flatnonzero(~now.chosen & (arrays.value > 0))
    inside = np.flatnonzero(now.chosen)
    rng.shuffle(inside)
    likely = outside[np.argsort(-net[outside], kind="stable")][:_TRIED]
    weakest = inside[np.argsort(net[inside], kind="stable")][:_TRIED]
    for site in (*inside.tolist(), *likely.tolist()):
        yield _with(arrays, now, [site])
    for one in weakest.tolist():
        for other in likely.tolist():
            yield _with(arrays, now, [one, other])
    entered = arrays.entered(now.chosen)
    for region in range(len(arrays.entering)):
        here = arrays.region == region
        if entered[region]:
            yield _with(arrays, now, np.flatnonzero(here & now.chosen).tolist())
        else:
            paying = np.flatnonzero(here & (net > 0)).tolist()
            if paying:
                yield _with(arrays, now, paying)
                order = sorted(paying, key=lambda site: (-net[site], site))
                yield from (_with(arrays, now, order[:most]) for most in (1, 2, 4) if most < len(order))


def _with(arrays: _Arrays, now: _Choice, turned: Sequence[int]) -> _Choice:
    chosen = now.chosen.copy()
    chosen[list(turned)] ^= True
    return _roughly(arrays, chosen)


def _price(arrays: _Arrays, now: _Choice) -> float:
    """What one more unit of money would bring."""
    unit = arrays.per_unit + arrays.exchange * arrays.per_unit_days
    dug = (now.efforts > 0) & (unit > 0)
    if not dug.any():
        return 1e-9
    rate = arrays.value * arrays.rate * np.exp(-arrays.rate * now.efforts)
    return float(np.max(rate[dug] / unit[dug]))


# --- crews and days ---


def _timed(task: SeasonTask, arrays: _Arrays, chosen: Flags, efforts: Floats) -> tuple[Floats, Spells, frozenset[int]]:
    """Fit the digging into windows and crews' days: what does not fit is dug as long as it can be, or left.

    Those give way that bring least for their days, and what they cost is divided again.
    """
    chosen = chosen.copy()
    late: set[int] = set()
    most = arrays.most.copy()
    schedule, fits = _schedule(task, efforts)
    for _ in range(_REFITS):
        over = [i for i, longest in fits.items() if longest < efforts[i] * (1 - 1e-9)]
        if not over:
            return efforts, schedule, frozenset(late)
        brought = {i: arrays.value[i] / max(1e-12, arrays.per_unit_days[i] * efforts[i]) for i in over}
        for i in sorted(over, key=lambda i: (brought[i], i))[: 1 + len(over) // 4]:
            most[i] = fits[i]
            if fits[i] < _SHORT * efforts[i]:
                chosen[i] = False
                late.add(i)
        efforts = _chosen(_capped(arrays, most), chosen).efforts
        schedule, fits = _schedule(task, efforts)
    return np.array([fits.get(i, 0.0) for i in range(len(efforts))]), schedule, frozenset(late)


def _capped(arrays: _Arrays, most: Floats) -> _Arrays:
    found = object.__new__(_Arrays)
    found.__dict__.update(arrays.__dict__, most=np.minimum(arrays.most, most))
    return found


def _schedule(task: SeasonTask, efforts: Floats) -> tuple[Spells, dict[int, float]]:
    """Whichever crew is free first takes the site where it can begin first; and the effort for which each has time.

    A crew so stays in its region until all there is dug, and goes where no other is; then where it closes first.
    """
    sites, travel = task.sites, {region.region_id: region.travel_days for region in task.regions}
    free, where = [0.0] * task.crews, [""] * task.crews
    spells: Spells = []
    fits: dict[int, float] = {}
    waiting = {i for i in range(len(sites)) if efforts[i] > 0}
    while waiting:
        crew = min(range(task.crews), key=lambda k: (free[k], k))
        settled = where[crew] if free[crew] > 0 else None
        others = Counter(where[k] for k in range(task.crews) if k != crew)
        begins = {
            i: max(free[crew] + (0.0 if sites[i].region == settled else travel[sites[i].region]), sites[i].opens)
            for i in waiting
        }
        i = min(waiting, key=lambda i: (begins[i], others[sites[i].region], sites[i].closes, sites[i].region, i))
        waiting.remove(i)
        site = sites[i]
        room = max(0.0, min(site.closes, task.days) - begins[i])
        longest = room / site.days_per_unit if site.days_per_unit else math.inf
        fits[i] = min(float(efforts[i]), longest) if room > 0 else 0.0
        if fits[i] > 0:
            free[crew], where[crew] = begins[i] + fits[i] * site.days_per_unit, site.region
            spells.append((site.site_id, crew, begins[i], free[crew]))
    return sorted(spells, key=lambda spell: (spell[2], spell[1], spell[0])), fits


# --- as by hand ---


def by_hand(task: SeasonTask, order: Sequence[int]) -> SeasonPlan:
    """The season of somebody who takes sites in an order and digs each until it is searched (detection 0.8).

    A site is passed over when the money or the days left do not suffice for it.
    """
    arrays = _Arrays(task)
    efforts = np.zeros(len(task.sites))
    thorough = -math.log(1 - THOROUGH)
    for i in order:
        site = task.sites[i]
        if site.rate <= 0 or site.value <= 0:
            continue
        tried = efforts.copy()
        tried[i] = min(site.most, thorough / site.rate)
        if arrays.cost(tried > 0, tried) > task.budget:
            continue
        fits = _schedule(task, tried)[1]
        if all(fits.get(k, 0.0) >= tried[k] * (1 - 1e-9) for k in np.flatnonzero(tried).tolist()):
            efforts = tried
    schedule, _fits = _schedule(task, efforts)
    bound = lowest_bound(arrays)[0]
    return _told(task, arrays, efforts, schedule, frozenset(), bound)


def biggest_first(task: SeasonTask) -> SeasonPlan:
    """By hand, the sites where most people are expected first."""
    return by_hand(task, sorted(range(len(task.sites)), key=lambda i: (-task.sites[i].bodies, task.sites[i].site_id)))


def as_listed(task: SeasonTask) -> SeasonPlan:
    """By hand, the sites in the order of their identifiers: no site is preferred."""
    return by_hand(task, sorted(range(len(task.sites)), key=lambda i: task.sites[i].site_id))


def without(task: SeasonTask, site_id: str) -> SeasonTask:
    """The same season without one site."""
    return replace(task, sites=tuple(site for site in task.sites if site.site_id != site_id))
