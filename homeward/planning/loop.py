"""The map, the laboratory and the list as one: what one more fact, or one less, changes in all three.

A :class:`Loop` holds a programme's belief of where everybody lies, its log of facts, and the joint posterior solved
once. For any log it tells the value of every cell, the effort over sites that finds most names, and the candidates of
all remains. What is computed again is what a fact can move: the belief, the value map, the division of effort, and the
place of every candidate; the other lines of evidence stand, and so does what the other remains take of each person.
Posteriors here are therefore of the row (``row``); ``homeward identify`` solves everything again.

Everything is a function of the programme and the facts, so a fact that is withdrawn leaves no trace.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from homeward.errors import Nonsense, NotFound
from homeward.geography.grid import Grid
from homeward.geography.shapes import cells_under
from homeward.identification.evidence import combine
from homeward.identification.evidence.whereabouts import facts_of_place, weigh
from homeward.identification.joint import solve
from homeward.identification.problem import Problem, pose
from homeward.planning.worth import Assumed, worth_of_each
from homeward.programme import NOTHING, Place, Programme, Site, SiteStatus
from homeward.progress import Tick, silent
from homeward.search.belief import Belief, belief
from homeward.search.kernels import REACH
from homeward.search.log import Fact, Identified, Log, log_of
from homeward.search.season import fill
from homeward.search.state import State

Floats = npt.NDArray[np.float64]

DONE = (SiteStatus.CLOSED, SiteStatus.ABANDONED)
SHORT = 10  # candidates told of each of the remains
KEPT = 4  # lines of place that are not computed again


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedOrigin:
    """The sender of a box states where its content is from; the last statement about a box holds."""

    fact_id: str
    container_id: str
    origin: Place
    record: str = ""


def origins_of(programme: Programme) -> tuple[StatedOrigin, ...]:
    """What a programme has on record of where boxes are from."""
    return tuple(
        StatedOrigin(fact_id=record, container_id=box.container_id, origin=box.origin, record=record)
        for box in programme.containers
        if box.origin is not None
        for record in [f"containers.csv {box.container_id}"]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteStanding:
    """A site: who may be named there, and what the budget gives it.

    Parameters
    ----------
    value : expected identifications if all that lies there is found
    bodies : expected number of the missing who lie there
    effort : of the budget, in the site's unit
    """

    site_id: str
    value: float
    bodies: float
    effort: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortlist:
    """The leading hypotheses of some remains, best first, each with its posterior."""

    remains_id: str
    leading: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Standing:
    """How everything stands after a log.

    Parameters
    ----------
    value : (cell,) expected identifications in each cell of the grid
    sites : by what they are worth, most first
    shortlists : of all remains that are not decided
    elsewhere : expected number of the missing who lie nowhere on the map
    """

    log: Log
    value: Floats
    sites: tuple[SiteStanding, ...]
    shortlists: tuple[Shortlist, ...]
    elsewhere: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One thing that stands otherwise: a site (its value) or a pair of remains and hypothesis (its posterior)."""

    about: str
    before: float
    after: float
    rank_before: int  # 0: not among them
    rank_after: int


@dataclass(frozen=True, eq=False, kw_only=True)
class _Basis:
    """What no fact changes."""

    programme: Programme
    belief: Belief
    worth: Floats  # (person of the belief,)
    sites: tuple[Site, ...]  # that have a ground and are not done with
    rates: Floats
    prices: Floats
    problem: Problem | None
    log_rest: Floats  # (remains, hypothesis) weight of all lines but place, with what the other remains take
    effort: float
    recorded: frozenset[str]  # facts that the programme itself states, which the joint posterior knows already
    places: dict[_Places, Floats] = field(default_factory=dict)  # the last lines of place
    narrowed: dict[tuple[StatedOrigin, ...], sparse.csr_array] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, kw_only=True)
class Loop:
    """A programme and a log of facts, and how everything stands after it.

    Parameters
    ----------
    decided : fact_id of an identification -> the remains that it names
    origins : what is stated of where boxes are from, in the order in which it was
    """

    basis: _Basis
    log: Log
    decided: Mapping[str, str]
    origins: tuple[StatedOrigin, ...] = ()

    @classmethod
    def of(cls, programme: Programme, *, effort: float, assumed: Assumed | None = None, tick: Tick = silent) -> Loop:
        """The loop of a programme with all that it has on record.

        Parameters
        ----------
        effort : what may be spent on sites, in the unit of ``sites.csv``, fixed costs left out
        assumed : of remains that are not found yet
        tick : stages of :func:`homeward.identification.identify.identify`, "beliefs" and "power"

        Raises
        ------
        NotFound, Nonsense
            As :func:`homeward.search.belief.belief` and :func:`homeward.search.log.log_of`.
        """
        problem, rest = _rest(programme, tick)
        sites = tuple(site for site in programme.sites if site.ground is not None and site.status not in DONE)
        usual = -math.log1p(-min(programme.settings.search_detection, 1 - 1e-12))
        rates = [usual if site.detection_rate is None else site.detection_rate for site in sites]
        log = log_of(programme)
        basis = _Basis(
            programme=programme,
            belief=belief(programme, tick=tick),
            worth=worth_of_each(programme, assumed, tick=tick),
            sites=sites,
            rates=np.array(rates),
            prices=np.array([site.cost_per_unit for site in sites]),
            problem=problem,
            log_rest=rest,
            effort=effort,
            recorded=frozenset(fact.fact_id for fact in log.facts),
        )
        return cls(basis=basis, log=log, decided=NOTHING, origins=origins_of(programme))

    def with_(self, fact: Fact | StatedOrigin, *, remains_id: str = "") -> Loop:
        """The loop with one more fact; of an identification ``remains_id`` may say whose remains they are.

        Raises
        ------
        NotFound
            If there are no such remains, or no such box.
        Nonsense
            If a fact of this name is there already, or a stated origin can say nothing: place is not among the
            lines of evidence, or nobody's accounts are known.
        """
        if isinstance(fact, StatedOrigin):
            return replace(self, origins=(*self.origins, self._checked(fact)))
        problem = self.basis.problem
        if remains_id:
            names = [name for one in problem.individuals for name in one.merged] if problem is not None else []
            if remains_id not in names:
                raise NotFound(f"there are no remains {remains_id!r}")
        decided = {**self.decided, fact.fact_id: remains_id} if remains_id else self.decided
        return replace(self, log=self.log.with_(fact), decided=decided)

    def without(self, fact_id: str) -> Loop:
        """The loop without a fact that is withdrawn: as if it had never been."""
        kept = tuple(one for one in self.origins if one.fact_id != fact_id)
        if len(kept) < len(self.origins):
            return replace(self, origins=kept)
        decided = {name: of for name, of in self.decided.items() if name != fact_id}
        return replace(self, log=self.log.without(fact_id), decided=decided)

    def _checked(self, fact: StatedOrigin) -> StatedOrigin:
        programme = self.basis.programme
        if all(box.container_id != fact.container_id for box in programme.containers):
            raise NotFound(f"there is no box {fact.container_id!r} in containers.csv")
        if any(one.fact_id == fact.fact_id for one in (*self.origins, *self.log.facts)):
            raise Nonsense(f"fact {fact.fact_id!r} is there already")
        if "place" not in programme.settings.lines or not programme.scenarios:
            raise Nonsense(
                f"where the box {fact.container_id} is from says nothing: it needs accounts of where the missing lie "
                "(scenarios.csv), and place among the lines of evidence (programme.toml)"
            )
        return fact

    @cached_property
    def state(self) -> State:
        """Where everybody is believed to lie."""
        return self.basis.belief.after(self.log)

    @cached_property
    def standing(self) -> Standing:
        """How everything stands."""
        return Standing(
            log=self.log,
            value=self.state.value(self.basis.worth),
            sites=self._sites(),
            shortlists=self._shortlists(),
            elsewhere=float(len(self.state.person_ids) - self.state.value(np.ones(len(self.basis.worth))).sum()),
        )

    def _sites(self) -> tuple[SiteStanding, ...]:
        basis = self.basis
        grounds = [site.ground for site in basis.sites if site.ground is not None]
        both = np.column_stack([basis.worth, np.ones(len(basis.worth))])
        value, bodies = self.state.expected(grounds, both).T if grounds else np.zeros((2, 0))
        efforts = fill(value, basis.rates, basis.prices, np.full(len(value), np.inf), basis.effort)
        found = [
            SiteStanding(site_id=site.site_id, value=v, bodies=b, effort=z)
            for site, v, b, z in zip(basis.sites, value.tolist(), bodies.tolist(), efforts.tolist(), strict=True)
        ]
        return tuple(sorted(found, key=lambda one: (-one.value, one.site_id)))

    def _shortlists(self) -> tuple[Shortlist, ...]:
        problem = self.basis.problem
        if problem is None:
            return ()
        log_weight = self.basis.log_rest + self._place()
        names, persons = problem.hypotheses, {person.person_id: k for k, person in enumerate(problem.persons)}
        gone = [f for f in self.log.facts if isinstance(f, Identified) and f.fact_id not in self.basis.recorded]
        log_weight[:, [persons[fact.person_id] for fact in gone if fact.person_id in persons]] = -np.inf
        settled = set(self.decided.values())
        with np.errstate(invalid="ignore"):
            posterior = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
            posterior /= posterior.sum(axis=1, keepdims=True)
        answer = []
        for row, one in enumerate(problem.individuals):
            if problem.fixed[row] >= 0 or settled & set(one.merged):
                continue
            best = _first(np.round(posterior[row], 12), SHORT)
            leading = tuple((names[k], float(posterior[row, k])) for k in best if posterior[row, k] > 0)
            answer.append(Shortlist(remains_id=one.remains_id, leading=leading))
        return tuple(answer)

    def _place(self) -> Floats:
        """(remains, hypothesis) what the place says of each, against someone not listed."""
        facts = facts_of_place(self.basis.programme, self.log).facts
        return _place(self.basis, facts, self.origins)


_Places = tuple[tuple[Fact, ...], tuple[StatedOrigin, ...]]


def _first(values: Floats, number: int) -> npt.NDArray[np.intp]:
    """Places of the largest values, largest first; of equals, the first."""
    number = min(number, len(values))
    able = np.flatnonzero(~(values < np.partition(values, len(values) - number)[len(values) - number]))
    return able[np.argsort(-values[able], kind="stable")][:number]


def _place(basis: _Basis, facts: tuple[Fact, ...], origins: tuple[StatedOrigin, ...]) -> Floats:
    """The line of place after some searches and statements; the last few are kept."""
    if (facts, origins) not in basis.places:
        while len(basis.places) >= KEPT:
            basis.places.pop(next(iter(basis.places)))
        basis.places[facts, origins] = _place_anew(basis, facts, origins)
    return basis.places[facts, origins]


def _place_anew(basis: _Basis, facts: tuple[Fact, ...], origins: tuple[StatedOrigin, ...]) -> Floats:
    programme, problem = basis.programme, basis.problem
    if problem is None or "place" not in programme.settings.lines or not programme.scenarios:
        return np.zeros_like(basis.log_rest)
    stated = {one.container_id: one.origin for one in origins}
    boxes = tuple(replace(box, origin=stated.get(box.container_id)) for box in programme.containers)
    case = replace(problem.case, programme=replace(programme, containers=boxes))
    if origins not in basis.narrowed:
        basis.narrowed.clear()
        basis.narrowed[origins] = _within(basis.belief, _asked(case.programme, basis.belief.grid))
    state = replace(basis.belief.after(Log(facts)), kernels=basis.narrowed[origins])
    line = weigh(case, state)
    return np.zeros_like(basis.log_rest) if line is None else combine([line], case).log_evidence


def _asked(programme: Programme, grid: Grid) -> npt.NDArray[np.bool_]:
    """(cell,) whether remains may be from there, or a little beyond: what else is believed does not bear on them."""
    settings = programme.settings
    found = np.zeros(grid.size, dtype=bool)
    table = found.reshape(grid.rows, grid.columns)
    places = [(box.origin, settings.search_label_radius_m) for box in programme.containers]
    for place, usual in [*places, *((row.found, settings.search_cell_m) for row in programme.remains)]:
        if place is not None:
            x, y = (float(value) for value in grid.project(place.lat, place.lon))
            reach = REACH * (place.radius_m or usual) / 2 + 2 * grid.cell_m
            west, east = ((x + off - grid.west_m) / grid.cell_m for off in (-reach, reach))
            south, north = ((y + off - grid.south_m) / grid.cell_m for off in (-reach, reach))
            table[
                max(math.floor(south), 0) : max(math.ceil(north), 0), max(math.floor(west), 0) : max(math.ceil(east), 0)
            ] = True
    dug = {row.site_id for row in programme.remains}
    for site in programme.sites:
        if site.site_id in dug and site.ground is not None:
            found[cells_under(grid, site.ground)[0]] = True
    return found


def _within(of: Belief, asked: npt.NDArray[np.bool_]) -> sparse.csr_array:
    """The kernels in some cells alone, each cell as it was."""
    inside = asked[of.kernels.indices]
    ends = np.concatenate([[0], np.cumsum(inside)])[of.kernels.indptr]
    return sparse.csr_array((of.kernels.data[inside], of.kernels.indices[inside], ends), shape=of.kernels.shape)


def _rest(programme: Programme, tick: Tick) -> tuple[Problem | None, Floats]:
    """The problem, and the weight of every hypothesis but for its place: a row of the joint posterior less the line."""
    if not programme.remains or not programme.missing:
        return None, np.zeros((0, 0))
    problem = pose(programme, tick=tick)
    found = solve(problem.weights(tick=tick), seed=programme.settings.seed, tick=tick)
    persons = len(problem.persons)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = problem.log_weight[:, persons:]
        share = share - np.logaddexp.reduce(share, axis=1, keepdims=True)
        log_posterior = np.hstack([np.log(found.slot), np.log(found.none)[:, None] + share])
    believed = problem.case.state is not None and "place" in problem.evidence.contributions
    place = problem.evidence.contributions["place"] if believed else np.zeros(log_posterior.shape)
    return problem, np.where(np.isfinite(log_posterior), log_posterior - place, -np.inf)


# --- what changed ---


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What stands otherwise after one fact more or less, the largest change first.

    Parameters
    ----------
    sites : by expected identifications; efforts : by what the budget gives each; candidates : by posterior
    """

    sites: tuple[Moved, ...]
    efforts: tuple[Moved, ...]
    candidates: tuple[Moved, ...]


def changes(before: Standing, after: Standing, *, least: float = 1e-3) -> Changes:
    """Tell two standings apart.

    Parameters
    ----------
    least : of a posterior, or relative to a site's value or effort: smaller moves are not told
    """
    sites, efforts = (
        [
            one
            for one in _moved(_of_sites(before, name), _of_sites(after, name))
            if abs(one.after - one.before) >= least * max(one.before, one.after, 1e-300)
        ]
        for name in ("value", "effort")
    )
    candidates = [one for one in _moved(_believed(before), _believed(after)) if abs(one.after - one.before) >= least]
    return Changes(sites=_largest_first(sites), efforts=_largest_first(efforts), candidates=_largest_first(candidates))


def _largest_first(moved: Sequence[Moved]) -> tuple[Moved, ...]:
    return tuple(sorted(moved, key=lambda one: (-abs(one.after - one.before), one.about)))


def _of_sites(of: Standing, name: str) -> dict[str, tuple[float, int]]:
    ordered = sorted(of.sites, key=lambda site: (-getattr(site, name), site.site_id))
    return {site.site_id: (getattr(site, name), rank) for rank, site in enumerate(ordered, start=1)}


def _believed(of: Standing) -> dict[str, tuple[float, int]]:
    return {
        f"{one.remains_id} = {name}": (posterior, rank)
        for one in of.shortlists
        for rank, (name, posterior) in enumerate(one.leading, start=1)
    }


def _moved(before: Mapping[str, tuple[float, int]], after: Mapping[str, tuple[float, int]]) -> list[Moved]:
    return [
        Moved(
            about=name,
            before=before.get(name, (0.0, 0))[0],
            after=after.get(name, (0.0, 0))[0],
            rank_before=before.get(name, (0.0, 0))[1],
            rank_after=after.get(name, (0.0, 0))[1],
        )
        for name in dict.fromkeys([*after, *before])
    ]
