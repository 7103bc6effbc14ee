"""Where remains were found, or are said to be from, against where the search believes that each person lies.

P(there | he is the person) = (1 - floor) rho + floor B. Rho is the chance that he lies there, after every search that
found nothing (:mod:`homeward.search`): on the ground of the site; else as what the box's sender states says of each
cell, other places' labels included; else around the place of the find. B says nothing of the person: mostly the
roster's average, the rest spread evenly over the theatre. Someone not listed, and an outsider, lies as the roster does.

Finds and identifications are left out of this belief: who is found is what the joint posterior is asked, and would
otherwise be told twice. Empty searches of the very ground of a find say of everyone there the same, and are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from homeward.geography.shapes import cells_under
from homeward.identification.evidence.lines import Case, Floats, Line
from homeward.identification.evidence.place import ANYWHERE
from homeward.identification.evidence.roster import parameter
from homeward.identification.result import Note
from homeward.programme import Ground, Place, Programme
from homeward.search.belief import belief
from homeward.search.log import Log, SearchDone, log_of
from homeward.search.origins import origin_evidence, stated_origins
from homeward.search.state import State


@dataclass(frozen=True, slots=True)
class _Where:
    """Where some remains are from: the ground of a site, what a sender states, or where they were found."""

    ground: Ground | None = None
    stated: Place | None = None
    found: Place | None = None


def state_of(programme: Programme) -> State | None:
    """The belief of where everybody lies after the empty searches; None if no account says more than the roster."""
    if not programme.scenarios:
        return None
    return belief(programme).after(facts_of_place(programme, log_of(programme)))


def facts_of_place(programme: Programme, log: Log) -> Log:
    """The facts of a log that tell where remains that were found may be from: see the module."""
    found_at = {row.site_id for row in programme.remains if row.site_id}
    grounds = {site.ground for site in programme.sites if site.site_id in found_at and site.ground is not None}
    return Log(tuple(fact for fact in log.facts if isinstance(fact, SearchDone) and fact.ground not in grounds))


def weigh(case: Case, state: State) -> Line | None:
    """The line ``place`` from the search belief; None if nothing says where any remains are from."""
    wheres = [_wheres(case.programme, one.merged) for one in case.individuals]
    different = list(dict.fromkeys(where for of in wheres for where in of))
    if not different:
        return None
    rho, spread = _chances(case, state, different)
    number = {person_id: i for i, person_id in enumerate(state.person_ids)}
    rho = rho[:, [number[person.person_id] for person in case.persons]]
    floor, anywhere = case.programme.settings.place_floor, parameter(case, "place", "anywhere", ANYWHERE)
    average = rho.mean(axis=1) if rho.shape[1] else np.zeros(len(rho))
    background = (1 - anywhere) * average + anywhere * spread
    says = background > 0  # else it lies off the map, where nobody is believed
    with np.errstate(divide="ignore"):
        log_listed = np.log((1 - floor) * rho + floor * background[:, None])
        log_general = np.log((1 - floor) * average + floor * background)
    individuals, persons, _, _ = case.shape
    listed, general = np.zeros((individuals, persons)), np.zeros((individuals, 1, 1))
    row_of = {where: row for row, where in enumerate(different)}
    for individual, of in enumerate(wheres):
        rows = [row for row in (row_of[where] for where in of) if says[row]]
        if rows:  # several places of one individual are one move: their mean
            general[individual] = log_general[rows].mean()
            listed[individual] = log_listed[rows].mean(axis=0)
    return Line(name="place", listed=listed, general=general, notes=tuple(_notes(case, state, wheres, different, says)))


def _wheres(programme: Programme, names: Sequence[str]) -> list[_Where]:
    wanted = set(names)
    sites = {site.site_id: site for site in programme.sites}
    boxes = {box.container_id: box for box in programme.containers}
    found = []
    for row in programme.remains:
        if row.remains_id not in wanted:
            continue
        site, box = sites.get(row.site_id), boxes.get(row.container_id)
        if site is not None and site.ground is not None:
            found.append(_Where(ground=site.ground))
        elif box is not None and box.origin is not None:
            found.append(_Where(stated=box.origin))
        elif row.found is not None:
            found.append(_Where(found=row.found))
    return list(dict.fromkeys(found))


def _chances(case: Case, state: State, different: Sequence[_Where]) -> tuple[Floats, Floats]:
    """(where, person of the belief) rho, and (where,) the same of someone who may lie anywhere in the theatre."""
    settings, grid = case.programme.settings, state.grid
    rho, spread = np.zeros((len(different), len(state.person_ids))), np.zeros(len(different))
    land = grid.land / max(int(grid.land.sum()), 1)
    grounds = [k for k, where in enumerate(different) if where.ground is not None]
    if grounds:
        pieces = [where.ground for where in different if where.ground is not None]
        rho[grounds] = state.place_evidence(pieces)
        under = (cells_under(grid, piece) for piece in pieces)
        spread[grounds] = [float(share @ land[cells]) for cells, share in under]
    labels = [k for k, where in enumerate(different) if where.stated is not None]
    every = [box.origin for box in case.programme.containers if box.origin is not None]
    finds = [k for k, where in enumerate(different) if where.found is not None]
    for rows, places, radius, error in (
        (labels, [different[k].stated for k in labels], settings.search_label_radius_m, settings.search_label_error),
        (finds, [different[k].found for k in finds], settings.search_cell_m, 0.0),
    ):
        if rows:
            known = [place for place in places if place is not None]
            says = stated_origins(grid, known, radius_m=radius, error=error, depots=every if error else known)
            rho[rows] = origin_evidence(state, says)
            spread[rows] = says @ land
    return rho, spread


def _notes(
    case: Case,
    state: State,
    wheres: Sequence[Sequence[_Where]],
    different: Sequence[_Where],
    says: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> list[Note]:
    searches = len(state.log.facts)
    notes = [Note(code="place_believed", values={"accounts": len(case.programme.scenarios), "searches": searches})]
    off = {where for where, told in zip(different, says.tolist(), strict=True) if not told}
    names = [one.remains_id for one, of in zip(case.individuals, wheres, strict=True) if off & set(of)]
    several = [one.remains_id for one, of in zip(case.individuals, wheres, strict=True) if len(of) > 1]
    notes += [Note(code="place_off_the_map", values={"remains": names})] if names else []
    return notes + ([Note(code="place_several", values={"remains": several})] if several else [])
