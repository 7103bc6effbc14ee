"""What is believed of where each of the missing lies, before anything was searched.

Each person is a mixture of components: the accounts of himself, and those of the incident in which he was lost. A
component is a kernel over cells; a shared one is a single unknown grave, in which everybody lies of whom it is true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from scipy import sparse

from homeward.errors import Nonsense, NotFound
from homeward.geography.grid import Grid
from homeward.geography.theatre import theatre
from homeward.programme import Burial, MissingPerson, Place, Programme, Scenario, ScenarioKind
from homeward.progress import Tick, silent
from homeward.search.kernels import NOWHERE, Kernel, ellipse, kernel_of

if TYPE_CHECKING:
    from homeward.search.log import Log
    from homeward.search.state import State

Floats = npt.NDArray[np.float64]

Mixture = tuple[npt.NDArray[np.int64], Floats]  # components and their weights; one that stands twice counts twice

ELSEWHERE = "elsewhere"
_NOT_AROUND = (ScenarioKind.ELSEWHERE, ScenarioKind.MOVED)  # accounts to which nothing goes of what others leave


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One way of lying: the account that it comes from, and whether those of whom it is true lie in one grave."""

    key: str
    shared: bool = False
    burial: Burial = Burial.ISOLATED
    source_id: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Belief:
    """Mixtures over components over cells.

    Parameters
    ----------
    kernels : (component, cell) chance of each cell; with ``outside`` (component,) each sums to one
    weights : (person, component) each row sums to one
    """

    grid: Grid
    person_ids: tuple[str, ...]
    components: tuple[Component, ...]
    kernels: sparse.csr_array
    outside: Floats
    weights: sparse.csr_array

    @cached_property
    def columns(self) -> sparse.csc_array:
        """The kernels by cell."""
        return sparse.csc_array(self.kernels)

    @cached_property
    def positions(self) -> sparse.csc_array:
        """Where in the data of the kernels each of its numbers stands, counted from 1, by cell."""
        numbers = np.arange(1, self.kernels.nnz + 1, dtype=np.int64)
        return sparse.csc_array(
            sparse.csr_array((numbers, self.kernels.indices, self.kernels.indptr), shape=self.kernels.shape)
        )

    def after(self, log: Log) -> State:
        """What is believed after a log."""
        from homeward.search.state import after

        return after(self, log)


def belief(programme: Programme, *, grid: Grid | None = None, tick: Tick = silent) -> Belief:
    """The belief that a programme's accounts state.

    Parameters
    ----------
    programme : its scenarios, missing persons, incidents and ``[search]`` settings
    grid : None: over the programme's theatre, with its cells
    tick : stage ``beliefs``, in persons

    Raises
    ------
    NotFound
        If an account is about nobody, or moved to where there is no account.
    Nonsense
        If the accounts of somebody weigh nothing together.

    Notes
    -----
    Weights are shares: what those of one subject leave of one is elsewhere, and if they are more they are scaled
    down to one. Of each account ``reliability`` is kept (of people who were moved, times that of where to), and the
    rest goes to those of the same subject that are certain and neither shared, moved nor elsewhere. If there is none,
    what a person's own accounts leave goes to those of his incident, and what those of an incident leave lies around
    its place (to all the others, if it has none). Somebody with no account lies around where he was last seen, else
    around his incident's place; with no place at all he is elsewhere. Who has no account of being
    elsewhere is there with the programme's ``elsewhere``.
    """
    grid = grid or Grid.over(theatre(programme.settings.search_theatre), programme.settings.search_cell_m)
    _check(programme)
    made = _Made(programme, grid)
    rows: list[Mixture] = []
    for done, person in enumerate(programme.missing):
        if done % 1000 == 0:
            tick("beliefs", done, len(programme.missing))
        rows.append(made.mixture(person))
    tick("beliefs", len(programme.missing), len(programme.missing))
    return Belief(
        grid=grid,
        person_ids=tuple(person.person_id for person in programme.missing),
        components=tuple(made.components),
        kernels=_stacked(made.kernels, grid.size),
        outside=np.array([kernel.outside for kernel in made.kernels]),
        weights=_rows(rows, len(made.components)),
    )


class _Made:
    """Components as they are asked for, each once."""

    def __init__(self, programme: Programme, grid: Grid) -> None:
        self.programme, self.grid = programme, grid
        self.components: list[Component] = [Component(key=ELSEWHERE)]
        self.kernels: list[Kernel] = [NOWHERE]
        self.number: dict[object, int] = {ELSEWHERE: 0}
        self.accounts: dict[str, list[Scenario]] = {}
        for one in programme.scenarios:
            self.accounts.setdefault(one.about, []).append(one)
        self.by_id = {one.scenario_id: one for one in programme.scenarios}
        self.places = {one.incident_id: one.place for one in programme.incidents}
        self.of_incident: dict[str, Mixture] = {}

    def mixture(self, person: MissingPerson) -> Mixture:
        """What is believed of one person."""
        accounts = self.accounts.get(person.person_id)
        if not accounts:
            return self._around(person)
        own, left = self._weighed(accounts)
        if left <= 0:
            return _mixture(own if _says_elsewhere(accounts) else self._or_elsewhere(own))
        (components, weights), (further, others) = _mixture(own), self._around(person)
        return np.concatenate([components, further]), np.concatenate([weights, left * others])

    def _or_elsewhere(self, mixture: Mapping[int, float]) -> dict[int, float]:
        elsewhere = self.programme.settings.search_elsewhere
        found = {component: weight * (1 - elsewhere) for component, weight in mixture.items()}
        found[0] = found.get(0, 0.0) + elsewhere
        return found

    def _around(self, person: MissingPerson) -> Mixture:
        """What is believed of him by his incident, or by where he was last seen."""
        if person.incident_id in self.accounts:
            if person.incident_id not in self.of_incident:
                self.of_incident[person.incident_id] = _mixture(self._of_incident(person.incident_id))
            return self.of_incident[person.incident_id]
        place = person.last_seen or self.places.get(person.incident_id)
        elsewhere = self.programme.settings.search_elsewhere
        return _mixture({0: 1.0} if place is None else {0: elsewhere, self._near(place): 1 - elsewhere})

    def _of_incident(self, incident_id: str) -> dict[int, float]:
        accounts, place = self.accounts[incident_id], self.places.get(incident_id)
        found, left = self._weighed(accounts)
        if left > 0 and place is not None:
            around = self._near(place)
            found[around], left = found.get(around, 0.0) + left, 0.0
        elsewhere = 0.0 if _says_elsewhere(accounts) else self.programme.settings.search_elsewhere
        kept = (1 - elsewhere) / (1 - left) if left < 1 else 0.0
        found = {component: weight * kept for component, weight in found.items()}
        found[0] = found.get(0, 0.0) + (elsewhere if left < 1 else 1.0)
        return found

    def _weighed(self, accounts: Sequence[Scenario]) -> tuple[dict[int, float], float]:
        """Component -> weight of some accounts of one subject, and the weight that none of them takes."""
        whole = sum(one.weight for one in accounts)
        if not accounts:
            return {}, 1.0
        if whole <= 0:
            raise Nonsense(f"the accounts of {accounts[0].about} weigh nothing together; one has a weight above zero")
        scale = 1 / max(whole, 1.0)
        kept = {one.scenario_id: one.weight * scale * self._reliability(one) for one in accounts}
        left = sum(one.weight * scale for one in accounts) - sum(kept.values())
        certain = [one for one in accounts if not one.shared and one.kind not in _NOT_AROUND]
        certain = [one for one in certain if one.reliability == 1 and one.weight > 0]
        if certain and left > 0:
            base = sum(one.weight for one in certain)
            for one in certain:
                kept[one.scenario_id] += left * one.weight / base
            left = 0.0
        found: dict[int, float] = {0: 1 - whole * scale} if whole * scale < 1 - 1e-12 else {}
        for one in accounts:
            component = self._component(one)
            found[component] = found.get(component, 0.0) + kept[one.scenario_id]
        return found, left if left > 1e-12 else 0.0

    def _reliability(self, scenario: Scenario) -> float:
        """The chance that an account is right; of people who were moved, that the one of where to is right, too."""
        reliability = scenario.reliability
        while scenario.moved_to:
            scenario = self.by_id[scenario.moved_to]
            reliability *= scenario.reliability
        return reliability

    def _component(self, scenario: Scenario) -> int:
        """The component of an account: that of the place to which those of it were taken, if they were."""
        while scenario.moved_to:
            scenario = self.by_id[scenario.moved_to]
        if scenario.kind is ScenarioKind.ELSEWHERE:
            return 0
        if scenario.scenario_id not in self.number:
            self._add(
                scenario.scenario_id,
                Component(
                    key=scenario.scenario_id,
                    shared=scenario.shared,
                    burial=scenario.burial,
                    source_id=scenario.source_id,
                ),
                kernel_of(scenario, self.grid),
            )
        return self.number[scenario.scenario_id]

    def _near(self, place: Place) -> int:
        if place not in self.number:
            radius = place.radius_m or 1000 * self.programme.settings.place_radius_km
            key = f"around {place.lat} {place.lon}"
            kernel = ellipse(self.grid, place.lat, place.lon, sigmas_m=(radius / 2, radius / 2))
            self._add(place, Component(key=key), kernel)
        return self.number[place]

    def _add(self, name: object, component: Component, kernel: Kernel) -> None:
        self.number[name] = len(self.components)
        self.components.append(component)
        self.kernels.append(kernel)


def _says_elsewhere(accounts: Sequence[Scenario]) -> bool:
    """Whether they say how likely he is elsewhere, by an account of it or by what their shares leave."""
    left = 1 - sum(one.weight for one in accounts)
    return left > 1e-5 or any(one.kind is ScenarioKind.ELSEWHERE for one in accounts)


def _check(programme: Programme) -> None:
    known = {person.person_id for person in programme.missing} | {one.incident_id for one in programme.incidents}
    both = {person.person_id for person in programme.missing} & {one.incident_id for one in programme.incidents}
    by_id = {one.scenario_id: one for one in programme.scenarios}
    for one in programme.scenarios:
        if one.about in both:
            raise Nonsense(f"scenario {one.scenario_id} is about {one.about!r}, which names a person and an incident")
        if one.about not in known:
            raise NotFound(f"scenario {one.scenario_id} is about {one.about!r}, which is no person and no incident")
        _follow(one, by_id)


def _follow(scenario: Scenario, by_id: Mapping[str, Scenario]) -> None:
    """Refuse those moved to where there is no account, or round in a circle."""
    seen = [scenario.scenario_id]
    while scenario.moved_to:
        if scenario.moved_to not in by_id:
            raise NotFound(f"scenario {scenario.scenario_id} moved to {scenario.moved_to!r}, which there is not")
        scenario = by_id[scenario.moved_to]
        if scenario.scenario_id in seen:
            raise Nonsense(
                f"scenario {scenario.scenario_id} is moved to itself, by way of {', '.join(seen[1:]) or 'none'}"
            )
        seen.append(scenario.scenario_id)


def _stacked(kernels: Sequence[Kernel], size: int) -> sparse.csr_array:
    ends = np.concatenate([[0], np.cumsum([len(kernel.cells) for kernel in kernels])])
    cells = np.concatenate([kernel.cells for kernel in kernels])
    mass = np.concatenate([kernel.mass for kernel in kernels])
    return sparse.csr_array((mass, cells, ends), shape=(len(kernels), size))


def _mixture(weights: Mapping[int, float]) -> Mixture:
    return np.fromiter(weights, dtype=np.int64, count=len(weights)), np.fromiter(weights.values(), dtype=np.float64)


def _rows(rows: Sequence[Mixture], components: int) -> sparse.csr_array:
    ends = np.concatenate([[0], np.cumsum([len(found) for found, _w in rows], dtype=np.int64)])
    found = np.concatenate([np.zeros(0, dtype=np.int64), *(one for one, _w in rows)])
    weights = np.concatenate([np.zeros(0), *(one for _c, one in rows)])
    matrix = sparse.csr_array((weights, found, ends), shape=(len(rows), components))
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix
