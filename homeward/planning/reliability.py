"""How reliable each kind of source has proved, and searching itself: learned from every hole, full or empty.

Of the kind c a share e of what is told is not so. A common grave of which it was told then lies anywhere around the
incident, with all its people: its kernel is r (1 - e) K + (1 - r (1 - e)) A, with r the reliability that is stated
and A normal around the incident's place. Those of whom it was told alone lie as if it had not been told: with W as told
and W_c without the accounts of a kind, the mixtures are W + sum over kinds of e_c (W_c - W). Of searching, a share e of
the stated detection is not there. For each e the holes are foretold one season after another from what was
known before it, and what came of them weighs e (Bayes' rule).

First one share of all kinds together is learned: half of its prior lies on 0, "as stated"; without that mass those who
tell the truth would be doubted because of every empty hole. Then for each kind whether it differs from the others, of
which the prior is a tenth, and if so, its own share; a few holes tell little of one kind alone. Searching is as stated
with nine tenths.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
import numpy.typing as npt
from scipy import sparse

from homeward.geography.grid import Grid
from homeward.geography.shapes import cells_under
from homeward.programme import Ground, Place, Programme, SearchOutcome
from homeward.progress import Tick, silent
from homeward.search.belief import Belief, belief
from homeward.search.kernels import Kernel, ellipse
from homeward.search.log import Log, SearchDone, detection_of

Floats = npt.NDArray[np.float64]
Spread = tuple[sparse.csr_array, Floats]
"""Kernels (component, cell), and what of each is off the map."""

SHARES = np.round(np.linspace(0.0, 0.95, 20), 2)  # of what is told that is not so
AS_STATED = 0.5  # of the prior of what all have in common, on the first of them; the rest lies evenly on the others
AS_ALL = 0.9  # chance that a kind is as all are, and searching as stated; else its share is anything, evenly
EVERYONE = "everyone"  # the name of what all kinds have in common
SEARCHING = "searching"  # the name under which the detection of searches is learned
_LEAST = 1e-9  # no hole is foretold with certainty: what nobody thought of is found, too


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A hole: where, with what detection as stated, whether anything was found, and how many facts were known."""

    ground: Ground
    detection: float
    found: bool
    known: int


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Reliability:
    """What is believed of the share that is not so of what a kind of source tells, or of a search's detection.

    Parameters
    ----------
    kind : of source, ``everyone`` or ``searching``
    accounts : of this kind; of searching, the holes
    prior, posterior : (share,) over :data:`SHARES`
    """

    kind: str
    accounts: int
    prior: Floats
    posterior: Floats

    @property
    def mean(self) -> float:
        """Expected share that is not so."""
        return float(self.posterior @ SHARES)

    @property
    def as_stated(self) -> float:
        """The chance that it is as stated."""
        return float(self.posterior[0])

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95% of the share."""
        held = np.cumsum(self.posterior)
        low, high = np.searchsorted(held, [0.025, 0.975 - 1e-12])
        return float(SHARES[low]), float(SHARES[min(high, len(SHARES) - 1)])


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Learned:
    """What the holes say of everyone who told, and the belief and log to go on with."""

    everyone: Reliability
    sources: tuple[Reliability, ...]
    searching: Reliability
    belief: Belief
    log: Log


def looks_of(programme: Programme) -> tuple[Look, ...]:
    """The searches of a programme as holes, foretold year by year, beside :func:`homeward.search.log.log_of`.

    Raises
    ------
    KeyError
        Never where ``log_of`` gives a log.
    """
    sites = {site.site_id: site for site in programme.sites}
    usual = programme.settings.search_detection
    ordered = sorted(programme.searches, key=lambda one: ("" if one.on is None else str(one.on), one.search_id))
    looks: list[Look] = []
    for year, ones in groupby(ordered, key=lambda one: "" if one.on is None else str(one.on)[:4]):
        known = len(looks) if year else 0
        for search in ones:
            site = sites.get(search.site_id)
            ground = search.ground or (site.ground if site else None)
            if ground is not None:
                detection = detection_of(search.detection, search.effort, site, usual)
                looks.append(
                    Look(
                        ground=ground,
                        detection=detection,
                        found=search.outcome is not SearchOutcome.NOTHING,
                        known=known,
                    )
                )
    return tuple(looks)


def learned(
    programme: Programme, looks: Sequence[Look], log: Log, *, grid: Grid | None = None, tick: Tick = silent
) -> Learned:
    """Learn how reliable each kind of source is, and searching, from holes.

    Parameters
    ----------
    programme : its accounts and the kinds of their sources; accounts without a source are as they are
    looks : holes in the order in which they were dug
    log : everything known; before hole ``k`` its first ``looks[k].known`` facts
    grid : as of :func:`homeward.search.belief.belief`
    tick : stage ``reliability``

    Notes
    -----
    Each kind is learned with the others at their means: what two kinds that told of the same ground share in an empty
    hole is not told apart. Holes of one season are foretold from what was known before it, as if none of them told of
    another. Without holes everything is as stated.
    """
    ways = _Ways(programme, looks, log, grid)
    means = dict.fromkeys((*ways.kinds, SEARCHING), 0.0)
    learn = _Steps(ways, len(means) + 1, tick)
    everyone = learn.one(EVERYONE, sum(ways.kinds.values()), _spike(0, AS_STATED), means, tuple(ways.kinds))
    means.update(dict.fromkeys(ways.kinds, everyone.mean))
    sources = []
    for kind, accounts in ways.kinds.items():
        sources.append(learn.beside(everyone, kind, accounts, means))
        means[kind] = sources[-1].mean
    searching = learn.one(SEARCHING, len(looks), _spike(0, AS_ALL), means, (SEARCHING,))
    means[SEARCHING] = searching.mean
    if not looks:
        means = dict.fromkeys(means, 0.0)
    return Learned(
        everyone=everyone,
        sources=tuple(sources),
        searching=searching,
        belief=ways.believed(means),
        log=discounted(log, means[SEARCHING]),
    )


def believed_if(programme: Programme, shares: Mapping[str, float], *, grid: Grid | None = None) -> Belief:
    """The belief where a stated share of what each kind of source tells is not so; 0 where none is stated."""
    ways = _Ways(programme, (), Log(), grid)
    return ways.believed({kind: shares.get(kind, 0.0) for kind in ways.kinds})


def _spike(at: int, mass: float) -> Floats:
    """(share,) a prior with some of its mass on one share and the rest evenly on the others."""
    prior = np.full(len(SHARES), (1 - mass) / (len(SHARES) - 1))
    prior[at] = mass
    return prior


@dataclass(eq=False)
class _Steps:
    """Learning one share after another, told as progress."""

    ways: _Ways
    whole: int
    tick: Tick
    done: int = 0

    def one(
        self, kind: str, accounts: int, prior: Floats, means: Mapping[str, float], moved: Sequence[str]
    ) -> Reliability:
        """The posterior of a share that some kinds have, the others at their means."""
        weighed = prior * self._likelihood(means, moved)
        return Reliability(kind=kind, accounts=accounts, prior=prior, posterior=weighed / weighed.sum())

    def beside(self, everyone: Reliability, kind: str, accounts: int, means: Mapping[str, float]) -> Reliability:
        """The posterior of the share of one kind: that of all, or one of its own, by how likely the holes are of it."""
        even = np.full(len(SHARES), 1 / len(SHARES))
        likelihood = self._likelihood(means, (kind,))
        as_all = float(np.interp(means[kind], SHARES, likelihood))
        own = (1 - AS_ALL) * float(even @ likelihood)
        differs = own / (own + AS_ALL * as_all)
        posterior = (1 - differs) * everyone.posterior + differs * likelihood / likelihood.sum()
        prior = AS_ALL * everyone.prior + (1 - AS_ALL) * even
        return Reliability(kind=kind, accounts=accounts, prior=prior, posterior=posterior)

    def _likelihood(self, means: Mapping[str, float], moved: Sequence[str]) -> Floats:
        """(share,) how likely the holes are, relative to the likeliest, where some kinds have each share."""
        self.tick("reliability", self.done, self.whole)
        told = np.array([self.ways.told({**means, **dict.fromkeys(moved, float(e))}) for e in SHARES])
        self.done += 1
        self.tick("reliability", self.done, self.whole)
        found: Floats = np.exp(told - told.max())
        return found


def discounted(log: Log, share: float) -> Log:
    """A log whose searches have lost a share of their detection."""
    return Log(
        tuple(
            replace(fact, detection=fact.detection * (1 - share)) if isinstance(fact, SearchDone) else fact
            for fact in log.facts
        )
    )


@dataclass(eq=False)
class _Ways:
    """The belief as told and without each kind, and how likely the holes are."""

    programme: Programme
    looks: Sequence[Look]
    log: Log
    grid: Grid | None
    kinds: dict[str, int] = field(init=False)
    whole: Belief = field(init=False)

    def __post_init__(self) -> None:
        kind_of = {one.source_id: one.kind for one in self.programme.sources}
        told = [kind_of.get(one.source_id, "") for one in self.programme.scenarios]
        self.kinds = {kind: told.count(kind) for kind in sorted(set(told) - {"", SEARCHING, EVERYONE})}
        graves = dict(_graves(self.programme))
        plain = replace(
            self.programme,
            scenarios=tuple(
                replace(one, reliability=1.0) if one.scenario_id in graves else one for one in self.programme.scenarios
            ),
        )
        first = belief(plain, grid=self.grid)
        alone = {
            kind for kind, one in zip(told, plain.scenarios, strict=True) if one.scenario_id not in graves and kind
        }
        less = {
            kind: belief(
                replace(
                    plain,
                    scenarios=tuple(
                        replace(one, reliability=0.0) if kind == of and one.scenario_id not in graves else one
                        for one, of in zip(plain.scenarios, told, strict=True)
                    ),
                ),
                grid=first.grid,
            )
            for kind in self.kinds
            if kind in alone
        }
        self.whole = _together(first, list(less.values()))
        number = {one.key: k for k, one in enumerate(self.whole.components)}
        self._less = {kind: _placed(one, number) - self.whole.weights for kind, one in less.items()}
        self._stated = np.ones(len(number))
        self._of_kind: dict[str, list[int]] = {kind: [] for kind in self.kinds}
        around: dict[int, Kernel] = {}
        kernels = {place: _around(self.programme, place, first.grid) for place in set(graves.values())}
        for one, kind in zip(self.programme.scenarios, told, strict=True):
            if one.scenario_id in graves and one.scenario_id in number:
                row = number[one.scenario_id]
                self._stated[row] = one.reliability
                around[row] = kernels[graves[one.scenario_id]]
                if kind in self._of_kind:
                    self._of_kind[kind].append(row)
        self._wrong = _stacked(around, self.whole.kernels.shape)
        grounds = [look.ground for look in self.looks]
        self._small = _near_looks(self.whole.kernels, self.whole.outside, self.whole.grid, grounds)
        self._small_wrong = _near_looks(*self._wrong, self.whole.grid, grounds)
        self._seasons = [(known, tuple(looks)) for known, looks in groupby(self.looks, key=lambda look: look.known)]

    def believed(self, shares: Mapping[str, float]) -> Belief:
        """The belief where a share of what each kind tells is not so."""
        return self._where(shares, (self.whole.kernels, self.whole.outside), self._wrong)

    def _where(self, shares: Mapping[str, float], told: Spread, wrong: Spread) -> Belief:
        right = self._stated.copy()
        for kind, rows in self._of_kind.items():
            right[rows] *= 1 - shares[kind]
        mixed = sparse.diags_array(right) @ told[0] + sparse.diags_array(1 - right) @ wrong[0]
        outside = right * told[1] + (1 - right) * wrong[1]
        return replace(self.whole, kernels=sparse.csr_array(mixed), outside=outside, weights=self._weights(shares))

    def _weights(self, shares: Mapping[str, float]) -> sparse.csr_array:
        found = self.whole.weights
        for kind, less in self._less.items():
            if shares[kind] > 0 and less.nnz:
                found = found + shares[kind] * less
        found = sparse.csr_array(found, copy=True)
        found.data = np.maximum(found.data, 0.0)
        rows = np.asarray(found.sum(axis=1)).ravel()
        found.data /= np.repeat(np.where(rows > 0, rows, 1.0), np.diff(found.indptr))
        found.eliminate_zeros()
        return found

    def told(self, shares: Mapping[str, float]) -> float:
        """Log of how likely everything was that the holes gave."""
        small = self._where(shares, self._small, self._small_wrong)
        lost, summed = 1 - shares[SEARCHING], 0.0
        for known, looks in self._seasons:
            state = small.after(discounted(Log(self.log.facts[:known]), shares[SEARCHING]))
            chances = state.anything([one.ground for one in looks], [one.detection * lost for one in looks])
            chances = np.clip(chances, _LEAST, 1 - _LEAST)
            found = np.array([one.found for one in looks])
            summed += float(np.where(found, np.log(chances), np.log1p(-chances)).sum())
        return summed


def _graves(programme: Programme) -> Iterator[tuple[str, Place]]:
    """(scenario_id, place of the incident) of the accounts of common graves around whose incident they may lie."""
    places = {one.incident_id: one.place for one in programme.incidents}
    incidents = {person.person_id: person.incident_id for person in programme.missing}
    for one in programme.scenarios:
        place = places.get(incidents.get(one.about, one.about))
        if one.shared and not one.moved_to and place is not None:
            yield one.scenario_id, place


def _around(programme: Programme, place: Place, grid: Grid) -> Kernel:
    radius = place.radius_m or 1000 * programme.settings.place_radius_km
    return ellipse(grid, place.lat, place.lon, sigmas_m=(radius / 2, radius / 2))


def _stacked(kernels: Mapping[int, Kernel], shape: tuple[int, int]) -> Spread:
    """Kernels by row; of a row without one all is off the map."""
    counts, outside = np.zeros(shape[0], dtype=np.int64), np.ones(shape[0])
    for row, kernel in kernels.items():
        counts[row], outside[row] = len(kernel.cells), kernel.outside
    rows = sorted(kernels)
    cells = np.concatenate([np.zeros(0, dtype=np.int64), *(kernels[row].cells for row in rows)])
    mass = np.concatenate([np.zeros(0), *(kernels[row].mass for row in rows)])
    return sparse.csr_array((mass, cells, np.concatenate([[0], np.cumsum(counts)])), shape=shape), outside


def _placed(one: Belief, number: Mapping[str, int]) -> sparse.csr_array:
    """The mixtures of a belief over the components of another."""
    at = np.array([number[component.key] for component in one.components], dtype=np.int64)
    weights = one.weights.tocoo()
    return sparse.csr_array(
        sparse.coo_array((weights.data, (weights.row, at[weights.col])), shape=(weights.shape[0], len(number)))
    )


def _together(whole: Belief, others: Sequence[Belief]) -> Belief:
    """A belief with the components of others added, of which nobody is yet."""
    known = {one.key for one in whole.components}
    components, kernels, outside = list(whole.components), [whole.kernels], [whole.outside]
    for other in others:
        further = [k for k, one in enumerate(other.components) if one.key not in known]
        known |= {other.components[k].key for k in further}
        components += [other.components[k] for k in further]
        kernels.append(other.kernels[further])
        outside.append(other.outside[further])
    weights = whole.weights
    return replace(
        whole,
        components=tuple(components),
        kernels=sparse.csr_array(sparse.vstack(kernels)),
        outside=np.concatenate(outside),
        weights=sparse.csr_array(
            (weights.data, weights.indices, weights.indptr), shape=(weights.shape[0], len(components))
        ),
    )


def _near_looks(kernels: sparse.csr_array, outside: Floats, grid: Grid, grounds: Sequence[Ground]) -> Spread:
    """The same kernels where only the cells of the holes are told apart; all that a hole asks of them is the same."""
    cells = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(cells_under(grid, one)[0] for one in grounds)]))
    held = np.zeros(kernels.shape[1], dtype=bool)
    held[cells] = True
    kept = held[kernels.indices]
    row = np.repeat(np.arange(kernels.shape[0]), np.diff(kernels.indptr))
    counts = np.bincount(row[kept], minlength=kernels.shape[0])
    near = sparse.csr_array(
        (kernels.data[kept], kernels.indices[kept], np.concatenate([[0], np.cumsum(counts)])), shape=kernels.shape
    )
    return near, outside + np.bincount(row[~kept], weights=kernels.data[~kept], minlength=kernels.shape[0])
