"""The map, the laboratory and the list as one: what one more fact, or one less, changes in all three.

A :class:`Loop` holds a programme's belief of where everybody lies, its log of facts, and the joint posterior solved
once. For any log it tells the value of every cell, the effort over sites that finds most names, and the candidates of
all remains. What is computed again is what a fact can move: the belief, the value map, the division of effort, and the
place of every candidate; the other lines of evidence stand, and so does what the other remains take of each person.
Posteriors here are therefore of the row (``row``); ``homeward identify`` solves everything again.

Everything is a function of the programme and the log, so a fact that is withdrawn leaves no trace.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from homeward.errors import NotFound
from homeward.identification.evidence import combine
from homeward.identification.evidence.whereabouts import facts_of_place, weigh
from homeward.identification.joint import solve
from homeward.identification.problem import Problem, pose
from homeward.planning.worth import Assumed, worth_of_each
from homeward.programme import NOTHING, Programme, Site, SiteStatus
from homeward.progress import Tick, silent
from homeward.search.belief import Belief, belief
from homeward.search.log import Fact, Identified, Log, log_of
from homeward.search.season import fill
from homeward.search.state import State

Floats = npt.NDArray[np.float64]

DONE = (SiteStatus.CLOSED, SiteStatus.ABANDONED)
SHORT = 10  # candidates told of each of the remains


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


@dataclass(frozen=True, eq=False, kw_only=True)
class Loop:
    """A programme and a log of facts, and how everything stands after it.

    Parameters
    ----------
    decided : fact_id of an identification -> the remains that it names
    """

    basis: _Basis
    log: Log
    decided: Mapping[str, str]

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
        )
        return cls(basis=basis, log=log_of(programme), decided=NOTHING)

    def with_(self, fact: Fact, *, remains_id: str = "") -> Loop:
        """The loop with one more fact; of an identification ``remains_id`` may say whose remains they are."""
        problem = self.basis.problem
        if remains_id:
            names = [name for one in problem.individuals for name in one.merged] if problem is not None else []
            if remains_id not in names:
                raise NotFound(f"there are no remains {remains_id!r}")
        decided = {**self.decided, fact.fact_id: remains_id} if remains_id else self.decided
        return replace(self, log=self.log.with_(fact), decided=decided)

    def without(self, fact_id: str) -> Loop:
        """The loop without a fact that is withdrawn: as if it had never been."""
        decided = {name: of for name, of in self.decided.items() if name != fact_id}
        return replace(self, log=self.log.without(fact_id), decided=decided)

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
        log_weight = self.basis.log_rest + self._place(problem)
        names, persons = problem.hypotheses, {person.person_id: k for k, person in enumerate(problem.persons)}
        gone = [f for f in self.log.facts if isinstance(f, Identified) and f.fact_id not in _on_record(self.basis)]
        log_weight[:, [persons[fact.person_id] for fact in gone if fact.person_id in persons]] = -np.inf
        settled = set(self.decided.values())
        with np.errstate(invalid="ignore"):
            posterior = np.exp(log_weight - np.logaddexp.reduce(log_weight, axis=1, keepdims=True))
        answer = []
        for row, one in enumerate(problem.individuals):
            if problem.fixed[row] >= 0 or settled & set(one.merged):
                continue
            best = np.argsort(-np.round(posterior[row], 12), kind="stable")[:SHORT]
            leading = tuple((names[k], float(posterior[row, k])) for k in best if posterior[row, k] > 0)
            answer.append(Shortlist(remains_id=one.remains_id, leading=leading))
        return tuple(answer)

    def _place(self, problem: Problem) -> Floats:
        """(remains, hypothesis) what the place says of each, against someone not listed."""
        programme = self.basis.programme
        nothing = np.zeros((len(problem.individuals), len(problem.hypotheses)))
        if "place" not in programme.settings.lines or not programme.scenarios:
            return nothing
        state = self.basis.belief.after(facts_of_place(programme, self.log))
        line = weigh(problem.case, state)
        return nothing if line is None else combine([line], problem.case).log_evidence


def _on_record(basis: _Basis) -> frozenset[str]:
    """The facts that the programme itself states, which the joint posterior knows already."""
    return frozenset(fact.fact_id for fact in log_of(basis.programme).facts)


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
    """What stands otherwise after one fact more or less, the largest change first."""

    sites: tuple[Moved, ...]
    candidates: tuple[Moved, ...]


def changes(before: Standing, after: Standing, *, least: float = 1e-3) -> Changes:
    """Tell two standings apart.

    Parameters
    ----------
    least : of a posterior, or relative to a site's value: smaller moves are not told
    """
    sites = [
        one
        for one in _moved(_valued(before), _valued(after))
        if abs(one.after - one.before) >= least * max(one.before, one.after, 1e-300)
    ]
    candidates = [one for one in _moved(_believed(before), _believed(after)) if abs(one.after - one.before) >= least]
    return Changes(sites=_largest_first(sites), candidates=_largest_first(candidates))


def _largest_first(moved: Sequence[Moved]) -> tuple[Moved, ...]:
    return tuple(sorted(moved, key=lambda one: (-abs(one.after - one.before), one.about)))


def _valued(of: Standing) -> dict[str, tuple[float, int]]:
    return {site.site_id: (site.value, rank) for rank, site in enumerate(of.sites, start=1)}


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
