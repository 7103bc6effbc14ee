"""Whether posteriors keep what they promise, counted on many invented worlds.

Of the hypotheses that are given a posterior p, a share p is true, at every p: the reliability curve is
the diagonal. Of persons named above a threshold no more are wrong than their posteriors leave room for.
Of remains whose relatives suffice, most are named. All of it can be asked where the world differs from
what its programme states (:class:`homeward.simulation.scenario.Unlike`).
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from homeward.genetics.family import Family, calls_of, families
from homeward.genetics.locus import prepare_loci
from homeward.genetics.observation import Observation
from homeward.identification.identify import identify
from homeward.identification.result import Identification, RemainsResult
from homeward.programme import NOT_LISTED, NOT_OBSERVED, OTHER_LISTED, OUTSIDER, Programme
from homeward.progress import Tick, silent
from homeward.simulation.reach import chance_to_reach
from homeward.simulation.scenario import Scenario
from homeward.simulation.world import simulate

Floats = npt.NDArray[np.float64]

EDGES = (0.0, 1e-6, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.9995, 1.0)
TWENTIETHS = tuple(k / 20 for k in range(21))
THRESHOLDS = (0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.9999)
IDENTIFIABLE = 0.99  # P(LR > needed) from which the references are held to suffice
DRAWS = 2000  # profiles that say so


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Pairs whose posteriors lie in [low, high): how many, how many true, and how many the posteriors promise."""

    low: float
    high: float
    pairs: int
    true: int
    promised: float
    variance: float  # of the number true, were the pairs independent

    @property
    def deviation(self) -> float:
        """How far the number true lies from what was promised, in standard deviations; 0 where nothing varies."""
        return (self.true - self.promised) / self.variance**0.5 if self.variance > 0 else 0.0


def bins(posterior: Floats, true: npt.NDArray[np.bool_], edges: Sequence[float] = EDGES) -> list[Bin]:
    """Sort pairs into bins of posterior; the last bin includes its end.

    >>> [(b.pairs, b.true, round(b.promised, 2)) for b in bins(np.array([0.2, 0.7, 0.9]), np.array([False, True, True]),
    ... (0, 0.5, 1))]
    [(1, 0, 0.2), (2, 2, 1.6)]
    """
    place = np.clip(np.searchsorted(edges, posterior, side="right") - 1, 0, len(edges) - 2)
    return [
        Bin(
            low=float(edges[i]),
            high=float(edges[i + 1]),
            pairs=int((place == i).sum()),
            true=int(true[place == i].sum()),
            promised=float(posterior[place == i].sum()),
            variance=float((posterior[place == i] * (1 - posterior[place == i])).sum()),
        )
        for i in range(len(edges) - 1)
    ]


def together(runs: Sequence[Sequence[Bin]]) -> list[Bin]:
    """Add the bins of several runs."""
    return [
        Bin(
            low=same[0].low,
            high=same[0].high,
            pairs=sum(one.pairs for one in same),
            true=sum(one.true for one in same),
            promised=sum(one.promised for one in same),
            variance=sum(one.variance for one in same),
        )
        for same in zip(*runs, strict=True)
    ]


def calibration_error(of: Sequence[Bin]) -> float:
    """The expected calibration error: the mean distance of share true to share promised, weighted by pairs.

    >>> calibration_error(bins(np.array([0.25, 0.75]), np.array([False, True]), (0, 0.5, 1)))
    0.25
    """
    pairs = sum(one.pairs for one in of)
    return sum(abs(one.true - one.promised) for one in of) / pairs if pairs else 0.0


def chance_of_so_many(events: int, chances: Sequence[float]) -> float:
    """The probability of at least so many of independent events that each have their own chance.

    Parameters
    ----------
    events : how many happened
    chances : probability of each

    Notes
    -----
    The Poisson binomial distribution, summed exactly one event at a time.

    Examples
    --------
    Two coins: at least one head in three of four cases.

    >>> chance_of_so_many(1, [0.5, 0.5]), chance_of_so_many(0, [0.1])
    (0.75, 1.0)
    """
    fewer = np.zeros(max(events, 1))  # P(exactly k), for k below the number asked about
    fewer[0] = 1.0
    for chance in chances:
        fewer[1:] = fewer[1:] * (1 - chance) + fewer[:-1] * chance
        fewer[0] *= 1 - chance
    return 1.0 if events == 0 else float(max(0.0, 1 - fewer.sum()))


def truth_of_pairs(
    result: Identification, truth: Mapping[str, str]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """(pair,) whether each is true; whether it is of a person; whether it is of an alternative."""
    pairs = result.pairs
    named = np.array(pairs.hypotheses)
    who = np.array([truth[remains_id] for remains_id in pairs.remains_ids])
    true = named[pairs.hypothesis] == who[pairs.remains]
    alternative = np.array([is_alternative(name) for name in pairs.hypotheses])
    summed = np.array([name == OTHER_LISTED for name in pairs.hypotheses])
    of_alternative = alternative[pairs.hypothesis]
    return true, ~of_alternative & ~summed[pairs.hypothesis], of_alternative


def is_alternative(hypothesis: str) -> bool:
    """Whether it is nobody of the roster."""
    return hypothesis == NOT_LISTED or hypothesis.startswith(OUTSIDER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leading:
    """The leading hypothesis of one of the remains, when the truth is opened."""

    posterior: float
    person: bool  # of the roster
    true: bool
    identifiable: bool  # the true person's relatives and what was typed suffice for the threshold of the programme


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What one world says."""

    seed: int
    leading: tuple[Leading, ...]
    persons: tuple[Bin, ...]
    alternatives: tuple[Bin, ...]

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> World:
        """From what ``dataclasses.asdict`` made of one, and a file gave back."""
        return cls(
            seed=told["seed"],
            leading=tuple(Leading(**one) for one in told["leading"]),
            persons=tuple(Bin(**one) for one in told["persons"]),
            alternatives=tuple(Bin(**one) for one in told["alternatives"]),
        )


def look(scenario: Scenario, seed: int) -> World:
    """Invent a world, identify, and only then open the truth."""
    programme, truth = simulate(scenario, seed=seed)
    result = identify(programme, explained=False)
    true, of_person, of_alternative = truth_of_pairs(result, truth.hypotheses)
    return World(
        seed=seed,
        leading=tuple(_leading(programme, result, truth.hypotheses, seed)),
        persons=tuple(bins(result.pairs.posterior[of_person], true[of_person])),
        alternatives=tuple(bins(result.pairs.posterior[of_alternative], true[of_alternative])),
    )


def _leading(programme: Programme, result: Identification, truth: Mapping[str, str], seed: int) -> Iterator[Leading]:
    rng = np.random.default_rng(seed)
    slots = {
        member.person_id: (family, member.member_id)
        for family in families(programme, prepare_loci(programme))
        for member in family.slots
    }
    calls = calls_of(programme)
    for row in result.remains:
        yield Leading(
            posterior=row.best.posterior,
            person=not is_alternative(row.best.hypothesis),
            true=row.best.hypothesis == truth[row.remains_id],
            identifiable=_suffices(row, slots.get(truth[row.remains_id]), calls.get(row.remains_id, {}), rng),
        )


def _suffices(
    row: RemainsResult,
    slot: tuple[Family, str] | None,
    calls: Mapping[str, Observation],
    rng: np.random.Generator,
) -> bool:
    if slot is None:
        return False
    seen = {marker: call if isinstance(call, tuple) else (NOT_OBSERVED, NOT_OBSERVED) for marker, call in calls.items()}
    return chance_to_reach(row.needed_log10_lr, *slot, seen, draws=DRAWS, rng=rng) >= IDENTIFIABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class AtThreshold:
    """Who is named from a threshold on."""

    threshold: float
    named: int
    false: int
    promised_false: float
    chance_of_so_many_false: float  # if the posteriors are right
    identifiable: int
    found: int

    @property
    def false_rate(self) -> float:
        return self.false / self.named if self.named else 0.0

    @property
    def found_share(self) -> float:
        return self.found / self.identifiable if self.identifiable else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What many worlds of one kind say.

    Parameters
    ----------
    leading : bins, in twentieths, of the posterior of the leading hypothesis of each of the remains
    persons, alternatives : bins of every pair told
    error : expected calibration error of the leading hypotheses
    """

    worlds: int
    remains: int
    unlike: Mapping[str, float]
    leading: tuple[Bin, ...]
    persons: tuple[Bin, ...]
    alternatives: tuple[Bin, ...]
    error: float
    thresholds: tuple[AtThreshold, ...]


def summed(scenario: Scenario, worlds: Sequence[World]) -> Calibration:
    """Add up the worlds of one scenario."""
    leading = [one for world in worlds for one in world.leading]
    posterior = np.array([one.posterior for one in leading])
    of_leading = bins(posterior, np.array([one.true for one in leading], dtype=bool), TWENTIETHS)
    return Calibration(
        worlds=len(worlds),
        remains=len(leading),
        unlike=scenario.unlike.stated,
        leading=tuple(of_leading),
        persons=tuple(together([world.persons for world in worlds])),
        alternatives=tuple(together([world.alternatives for world in worlds])),
        error=calibration_error(of_leading),
        thresholds=tuple(_at(threshold, leading) for threshold in THRESHOLDS),
    )


def _at(threshold: float, leading: Sequence[Leading]) -> AtThreshold:
    named = [one for one in leading if one.person and one.posterior >= threshold]
    false = sum(not one.true for one in named)
    missed = [1 - one.posterior for one in named]
    return AtThreshold(
        threshold=threshold,
        named=len(named),
        false=false,
        promised_false=float(sum(missed)),
        chance_of_so_many_false=chance_of_so_many(false, missed),
        identifiable=sum(one.identifiable for one in leading),
        found=sum(one.identifiable and one.true for one in named),
    )


def calibrate(scenario: Scenario, seeds: Sequence[int], *, processes: int = 1, tick: Tick = silent) -> Calibration:
    """Look at one world per seed and count.

    Parameters
    ----------
    scenario : the world; small ones are many in little time (see ``sized``)
    seeds : one for each world; the same seeds give the same answer, whatever the number of processes
    tick : stage ``worlds``
    """
    found = []
    for done, world in enumerate(look_at(scenario, seeds, processes=processes)):
        tick("worlds", done, len(seeds))
        found.append(world)
    tick("worlds", len(seeds), len(seeds))
    return summed(scenario, found)


def look_at(scenario: Scenario, seeds: Sequence[int], *, processes: int = 1) -> Iterator[World]:
    """One world for each seed, in the order of the seeds."""
    if processes == 1:
        yield from (look(scenario, seed) for seed in seeds)
        return
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=fresh) as pool:
        yield from pool.map(partial(look, _sendable(scenario)), seeds, chunksize=4)


def _sendable(scenario: Scenario) -> Scenario:
    """The same scenario with plain dictionaries: views of mappings cannot be sent to another process."""
    return replace(
        scenario,
        populations=dict(scenario.populations),
        outsiders=dict(scenario.outsiders),
        outsider_population=dict(scenario.outsider_population),
    )
