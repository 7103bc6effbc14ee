"""What is believed after what was learned.

Empty searches take mass from kernels; what a component keeps, m, says how likely the emptiness was under it:

- alone: the weight of each person becomes w m, scaled (Bayes' rule);
- in a shared grave: under "he is in it" the searches are as likely as m, under "he is not" as 1 - q (1 - m), where q is
  the chance that anybody else is in it. Without this, nine empty holes of ten would be read as if each grave-mate had
  been looked for alone.

Everything is computed from the belief and the whole log each time, so what is withdrawn leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

from homeward.errors import Nonsense, NotFound
from homeward.geography.grid import Grid
from homeward.geography.shapes import cells_under
from homeward.programme import Burial, Ground
from homeward.search.belief import Belief
from homeward.search.log import Fact, Found, Identified, Log, SearchDone

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

Touched = tuple[Integers, Floats]
"""Cells that were searched, in order, and what is left in each."""

_NEVER = 1e-300
_IMPOSSIBLE = 1e-12  # what rounding leaves of a kernel that was searched whole


@dataclass(frozen=True, eq=False)
class State:
    """A belief after a log; see :func:`after`.

    Parameters
    ----------
    weights : (person, component) after everything; a row sums to one, or to nothing for whoever is found
    kept : (component,) m, the share of a kernel that no search has taken
    """

    belief: Belief
    log: Log
    weights: sparse.csr_array
    kept: Floats
    kernels: sparse.csr_array  # as the finds left them, before searches

    @property
    def grid(self) -> Grid:
        return self.belief.grid

    @property
    def person_ids(self) -> tuple[str, ...]:
        return self.belief.person_ids

    def and_then(self, fact: Fact) -> State:
        """The state with one more fact."""
        return after(self.belief, self.log.with_(fact))

    def value(self, worth: npt.ArrayLike) -> Floats:
        """(grid cells,) the sum over persons of worth times the chance to lie in each cell."""
        per_component = np.asarray(self.weights.T @ np.asarray(worth, dtype=np.float64)) / np.maximum(self.kept, _NEVER)
        found: Floats = np.asarray(self.kernels.T @ per_component)
        for burial, rows in self._classes.items():
            cells, left = self._survival[burial]
            of_class = np.zeros(len(per_component))
            of_class[rows] = per_component[rows]
            found[cells] -= (self._columns[:, cells].T @ of_class) * (1 - left)
        return np.maximum(found, 0.0, out=found)

    def map_of(self, person: int) -> tuple[Integers, Floats]:
        """Cells where one person may lie, and the chance of each."""
        only = np.zeros(len(self.person_ids))
        only[person] = 1.0
        mass = self.value(only)
        cells = np.flatnonzero(mass)
        return cells, mass[cells]

    def place_evidence(self, grounds: Sequence[Ground]) -> Floats:
        """(ground, person) the chance that each person lies on each piece of ground."""
        return np.asarray((self.weights @ self._on(grounds).T).T)

    def expected(self, grounds: Sequence[Ground], worth: npt.ArrayLike) -> Floats:
        """The sum over persons of worth times the chance to lie on each piece of ground.

        Parameters
        ----------
        worth : (person,) or (person, measure)

        Returns
        -------
        (ground,) or (ground, measure)
        """
        return np.asarray(self._on(grounds) @ np.asarray(self.weights.T @ np.asarray(worth, dtype=np.float64)))

    def anything(self, grounds: Sequence[Ground], detection: npt.ArrayLike = 1.0) -> Floats:
        """(ground,) the chance that at least one of the missing lies on each piece of ground, and is found.

        Parameters
        ----------
        detection : (ground,) or one number: the chance that what lies there is found; 1: that it lies there

        Notes
        -----
        Graves, and persons lying alone, are taken as independent of each other given everything learned.
        """
        shared = np.array([component.shared for component in self.belief.components])
        there = self._on(grounds) * np.broadcast_to(np.asarray(detection, dtype=float), len(grounds))[:, None]
        some = -np.expm1(_log_nobody(self.weights))
        graves = np.log1p(-np.minimum(np.where(shared, there * some, 0.0), 1 - 1e-15)).sum(axis=1)
        alone = np.asarray((self.weights @ np.where(shared, 0.0, there).T).T)
        found: Floats = -np.expm1(graves + np.log1p(-np.minimum(alone, 1 - 1e-15)).sum(axis=1))
        return found

    def on(self, weighed: sparse.csr_array) -> Floats:
        """(row, component) the sum over cells of what a row says of each, times the chance to lie there.

        Parameters
        ----------
        weighed : (row, cell)
        """
        found = np.zeros((weighed.shape[0], len(self.kept)))
        for burial, rows in self._classes.items():
            part = _at(self._survival[burial], weighed.indices)
            left = sparse.csr_array((weighed.data * part, weighed.indices, weighed.indptr), shape=weighed.shape)
            found[:, rows] = (left @ self.kernels[rows].T).toarray()
        return found / np.maximum(self.kept, _NEVER)

    def _on(self, grounds: Sequence[Ground]) -> Floats:
        """(ground, component) the chance to lie on each piece of ground, of whom each component is true."""
        found = np.zeros((len(grounds), len(self.kept)))
        for number, ground in enumerate(grounds):
            cells, share = cells_under(self.grid, ground)
            column = self._columns[:, cells]
            for burial, rows in self._classes.items():
                found[number, rows] = column[rows] @ (share * self._left_on(ground, cells, share, burial))
        return found / np.maximum(self.kept, _NEVER)

    def _left_on(self, ground: Ground, cells: Integers, share: Floats, burial: Burial) -> Floats:
        """What the searches have left on a piece of ground.

        Those of the very same ground have looked at all of it, others at the part of each cell that they cover.
        """
        left = _at(self._survival[burial], cells)
        own = searched(self.log, burial).get(ground)
        if own is None:
            return left
        missed = _missed(own)
        return left / np.maximum(1 - share * (1 - missed), _NEVER) * missed

    @cached_property
    def _columns(self) -> sparse.csc_array:
        return self.belief.columns if self.kernels is self.belief.kernels else sparse.csc_array(self.kernels)

    @cached_property
    def _classes(self) -> Mapping[Burial, Integers]:
        return classes(self.belief)

    @cached_property
    def _survival(self) -> Mapping[Burial, Touched]:
        return {burial: survival(self.grid, self.log, burial) for burial in self._classes}


def classes(belief: Belief) -> Mapping[Burial, Integers]:
    """Components of each class of burial."""
    found: dict[Burial, list[int]] = {}
    for number, component in enumerate(belief.components):
        found.setdefault(component.burial, []).append(number)
    return {burial: np.array(rows, dtype=np.int64) for burial, rows in found.items()}


def searched(log: Log, burial: Burial) -> Mapping[Ground, list[tuple[float, float | None]]]:
    """Ground -> detections of the empty searches of it that were good for a class of burial."""
    found: dict[Ground, list[tuple[float, float | None]]] = {}
    for fact in log.facts:
        if isinstance(fact, SearchDone) and fact.burial in (None, burial):
            found.setdefault(fact.ground, []).append((fact.detection, fact.trials))
    return found


def survival(grid: Grid, log: Log, burial: Burial) -> Touched:
    """Cells that were searched, and the chance that what lies in each was missed by every search of it.

    Searches of the same ground look at the same part of a cell again; of different grounds, at parts that are taken
    as independent.
    """
    looks = [(cells_under(grid, ground), _missed(done)) for ground, done in searched(log, burial).items()]
    every = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(cells for (cells, _share), _m in looks)]))
    left = np.ones(len(every))
    for (cells, share), missed in looks:
        left[np.searchsorted(every, cells)] *= 1 - share * (1 - missed)
    return every, left


def _at(touched: Touched, cells: Integers) -> Floats:
    """The chance of having been missed in each of some cells; one where nobody searched."""
    where, left = touched
    if not len(where):
        return np.ones(len(cells))
    at = np.minimum(np.searchsorted(where, cells), len(where) - 1)
    return np.where(where[at] == cells, left[at], 1.0)


def _missed(detections: Sequence[tuple[float, float | None]]) -> float:
    """The chance to miss in every one of some searches.

    A detection known only as from so many trials is Beta distributed: what missed once is likelier to miss again,
    B(a, b + n) / B(a, b) (search theory with an uncertain sensor).

    Examples
    --------
    >>> [round(_missed([(0.8, 5.0)] * n), 4) for n in (1, 2, 3)]
    [0.2, 0.0667, 0.0286]
    """
    missed = 1.0
    again: dict[tuple[float, float], int] = {}
    for detection, trials in detections:
        if trials is None:
            missed *= 1 - detection
        else:
            before = again.get((detection, trials), 0)
            again[detection, trials] = before + 1
            missed *= ((1 - detection) * trials + before) / (trials + before)
    return missed


def after(belief: Belief, log: Log) -> State:
    """What is believed after a log.

    Raises
    ------
    NotFound
        If a fact is about somebody who is not on the roster.
    Nonsense
        If a search was certain to find what lay there and everything said that it lay there.
    """
    kernels, outside, recovered = _after_finds(belief, log)
    columns = belief.columns if kernels is belief.kernels else sparse.csc_array(kernels)
    kept = outside + np.asarray(kernels.sum(axis=1)).ravel()
    for burial, rows in classes(belief).items():
        cells, left = survival(belief.grid, log, burial)
        kept[rows] -= (columns[:, cells] @ (1 - left))[rows]
    kept = np.maximum(kept, 0.0)
    weights = _after_empty(belief, kept)
    weights = sparse.csr_array(
        (weights.data * (1 - recovered)[weights.indices], weights.indices, weights.indptr), shape=weights.shape
    )
    return State(belief, log, _without_identified(weights, belief, log), kept, kernels)


def _without_identified(weights: sparse.csr_array, belief: Belief, log: Log) -> sparse.csr_array:
    number = {person_id: i for i, person_id in enumerate(belief.person_ids)}
    lying = np.ones(len(number))
    for fact in log.facts:
        gone = (fact.person_id,) if isinstance(fact, Identified) else fact.identified if isinstance(fact, Found) else ()
        for person_id in gone:
            if person_id not in number:
                raise NotFound(f"{fact.record or fact.fact_id} identified {person_id!r}, who is not in missing.csv")
            lying[number[person_id]] = 0.0
    rows = np.repeat(lying, np.diff(weights.indptr))
    return sparse.csr_array((weights.data * rows, weights.indices, weights.indptr), shape=weights.shape)


def _after_empty(belief: Belief, kept: Floats) -> sparse.csr_array:
    """Weights after the empty searches, graves by their messages."""
    weights = belief.weights
    shared = np.array([component.shared for component in belief.components])
    factor = kept[weights.indices]
    person = np.repeat(np.arange(weights.shape[0]), np.diff(weights.indptr))
    entries = np.flatnonzero(shared[weights.indices] & (factor < 1))
    alone = np.log1p(-np.minimum(weights.data, 1 - 1e-15))
    nobody = _log_nobody(belief.weights)[weights.indices[entries]] - alone[entries]
    outside = np.log(np.maximum(1 + np.expm1(nobody) * (1 - factor[entries]), _NEVER))
    summed = np.zeros(weights.shape[0])
    np.add.at(summed, person[entries], outside)
    messages = summed[person]
    messages[entries] -= outside
    data = weights.data * factor * np.exp(messages)
    whole = np.bincount(person, weights=data, minlength=weights.shape[0])
    never = np.flatnonzero((whole <= _IMPOSSIBLE) & (np.diff(weights.indptr) > 0))
    if len(never):
        raise Nonsense(
            f"everything that is said of {belief.person_ids[int(never[0])]} was searched by searches certain to find, "
            "and nothing was found; correct a detection of 1, or say that he may lie elsewhere"
        )
    return sparse.csr_array((data / whole[person], weights.indices, weights.indptr), shape=weights.shape)


def _log_nobody(weights: sparse.csr_array) -> Floats:
    """(component,) log of the chance that each is true of nobody."""
    alone = np.log1p(-np.minimum(weights.data, 1 - 1e-15))
    return np.asarray(np.bincount(weights.indices, weights=alone, minlength=weights.shape[1]), dtype=float)


def _after_finds(belief: Belief, log: Log) -> tuple[sparse.csr_array, Floats, Floats]:
    """Kernels after finds, what of each is off the map, and the chance that each grave is one that was found.

    A find is of a grave that may be there with odds against the chance that others explain it: another grave, or
    anyone lying alone there. Whoever is identified in it speaks for the graves that may hold him. If the grave is
    not the one found, it lies off that ground.
    """
    finds = [fact for fact in log.facts if isinstance(fact, Found)]
    recovered, outside = np.zeros(len(belief.components)), belief.outside.copy()
    if not finds:
        return belief.kernels, outside, recovered
    kernels = belief.kernels.copy()
    shared = np.array([component.shared for component in belief.components])
    for fact in finds:
        cells, share = cells_under(belief.grid, fact.ground)
        entries = belief.positions[:, cells].tocoo()  # where in the kernels what lies there stands
        at, row, on = entries.data - 1, entries.row, share[entries.col]
        there = np.asarray(np.bincount(row, weights=kernels.data[at] * on, minlength=len(recovered)), dtype=float)
        chance = np.where(shared, _found_chance(belief, there, shared, fact.identified), 0.0)
        graves = shared & (there > 0)
        kernels.data[at[graves[row]]] *= 1 - on[graves[row]]
        for grave in np.flatnonzero(graves).tolist():
            off = max(1 - there[grave], 1e-12)
            kernels.data[kernels.indptr[grave] : kernels.indptr[grave + 1]] /= off
            outside[grave] /= off
        recovered = 1 - (1 - recovered) * (1 - chance)
    return kernels, outside, recovered


def _found_chance(belief: Belief, there: Floats, shared: npt.NDArray[np.bool_], identified: Sequence[str]) -> Floats:
    """(component,) the chance that each grave is the one found, given the chance that it lies there."""
    some = -np.expm1(_log_nobody(belief.weights))
    here = np.clip(np.where(shared, there * some, 0.0), 0.0, 1 - 1e-12)
    alone = float(np.asarray(belief.weights @ np.where(shared, 0.0, there)).sum())
    none_here = float(np.log1p(-here).sum()) - alone
    by_others = np.maximum(-np.expm1(none_here - np.log1p(-here)), 1e-12)
    odds = here / (1 - here) / by_others
    number = {person_id: i for i, person_id in enumerate(belief.person_ids)}
    for person in (number[person_id] for person_id in identified if person_id in number):
        weight = belief.weights[[person]].toarray()[0]
        others = np.maximum(float(weight @ there) - weight * there, 1e-12)
        odds = odds * np.where(here > 0, weight / others, 1.0)
    chance: Floats = odds / (1 + odds)
    return chance
