"""Questions about where the missing may lie, each for whoever may see it."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.db.models import QuerySet

from casework.operations.models import Account, Site
from casework.operations.queries import accounts_of, sites
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused
from casework.registry.models import MissingPerson
from casework.runs import queries as runs
from casework.runs.models import Kind, Run
from casework.whereabouts.held import Held, held
from homeward.search.belief import ELSEWHERE
from homeward.search.log import Found, SearchDone

MOVED_LEAST = 1e-4  # chance to lie on a ground from which what was found there is told
PLACES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way in which somebody may lie: the account, and what it weighed and weighs."""

    key: str
    account: Account | None
    before: float
    now: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A record that moved what is believed of somebody: the chance that he lay on its ground, before it."""

    record: str
    found: bool
    detection: float | None
    there: float


def believed(*, by: Member) -> Held:
    """What the member's party believes of everyone."""
    by.require("see maps")
    return held(by.party)


def own_sites(*, by: Member) -> QuerySet[Site]:
    """The sites of one's own party."""
    by.require("see maps")
    return sites(by=by).filter(holder=by.party)


def row_of(person: MissingPerson, *, by: Member) -> tuple[Held, int]:
    """What is believed, and the person's row in it."""
    found = believed(by=by)
    number = found.number.get(person.person_id)
    if number is None or person.holder_id != by.party_id:
        raise Refused(NOT_FOUND, person_id=person.person_id)
    return found, number


def on_map(found: Held, person: int) -> float:
    """The chance that somebody lies on the map."""
    return float(found.state.map_of(person)[1].sum())


def ways_of(found: Held, person: int, *, by: Member) -> list[Way]:
    """The accounts of somebody, likeliest first: what each weighed before anything was searched, and weighs now."""
    prior = found.state.belief.weights[[person]].toarray()[0]
    now = found.state.weights[[person]].toarray()[0]
    keys = [found.state.belief.components[k].key for k in np.flatnonzero(prior > 0)]
    incident = found.programme.missing[person].incident_id
    subjects = [found.state.person_ids[person], incident]
    accounts = {one.scenario_id: one for one in accounts_of(subjects, by=by)}
    ways = [
        Way(key=key, account=accounts.get(key), before=float(prior[k]), now=float(now[k]))
        for key, k in zip(keys, np.flatnonzero(prior > 0).tolist(), strict=True)
    ]
    return sorted(ways, key=lambda way: (way.key == ELSEWHERE, -way.now, way.key))


def sites_of(found: Held, person: int) -> list[tuple[str, float]]:
    """(site_id, chance) the sites where somebody may lie, likeliest first."""
    chances = found.state.place_evidence(list(found.grounds.values()))[:, person]
    ranked = sorted(zip(found.grounds, chances.tolist(), strict=True), key=lambda one: (-one[1], one[0]))
    return [one for one in ranked[:PLACES] if one[1] >= MOVED_LEAST]


def moved_by(found: Held, person: int) -> list[Moved]:
    """The records that moved what is believed of somebody, in the order in which they were learned."""
    facts = [fact for fact in found.state.log.facts if isinstance(fact, SearchDone | Found)]
    there = found.before.place_evidence([fact.ground for fact in facts])[:, person] if facts else np.zeros(0)
    return [
        Moved(
            record=fact.record or fact.fact_id,
            found=isinstance(fact, Found),
            detection=fact.detection if isinstance(fact, SearchDone) else None,
            there=float(chance),
        )
        for fact, chance in zip(facts, there, strict=True)
        if chance >= MOVED_LEAST
    ]


def worth_of(found: Held, incident_id: str = "") -> npt.NDArray[np.float64]:
    """(person,) one for everyone who is drawn: all, or those of an incident."""
    drawn = [not incident_id or person.incident_id == incident_id for person in found.programme.missing]
    return np.array(drawn, dtype=np.float64)


def likeliest_here(found: Held, site_id: str) -> list[tuple[str, float]]:
    """(person_id, chance) who may lie at a site, likeliest first."""
    ground = found.grounds.get(site_id)
    if ground is None:
        return []
    chances = found.state.place_evidence([ground])[0]
    order = np.argsort(-chances, kind="stable")[:PLACES]
    return [(found.state.person_ids[k], float(chances[k])) for k in order.tolist() if chances[k] >= MOVED_LEAST]


def tiles() -> Path:
    """The folder of a region's own map, in tiles: zoom, column, row."""
    return Path(settings.VAR) / "tiles"


def tiled_until() -> int:
    """The deepest zoom of which there are tiles; 0: none."""
    zooms = [int(one.name) for one in tiles().glob("[0-9]*") if one.is_dir() and one.name.isdigit()]
    return max(zooms, default=0)


# --- plans ---


def plans(*, by: Member) -> QuerySet[Run]:
    """Every plan of the member's party, newest first."""
    by.require("see maps")
    return Run.objects.filter(party=by.party, kind=Kind.PLAN).select_related("asked_by__user")


def plan(number: int, *, by: Member) -> Run:
    found = plans(by=by).filter(pk=number).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def standing_plan(*, by: Member) -> Run | None:
    """The newest finished plan."""
    by.require("see maps")
    return runs.standing(by.party, Kind.PLAN)


def told(run: Run) -> Mapping[str, Any]:
    """What a finished plan says, as plan.json has it."""
    found: Mapping[str, Any] = json.loads((run.result / "plan.json").read_text(encoding="utf-8"))
    return found


def reliability(run: Run) -> list[dict[str, Any]]:
    """What a finished plan has learned of each kind of source; nothing if it took everything as stated."""
    path = run.result / "reliability.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: value if name == "kind" else float(value) for name, value in row.items()}
            for row in csv.DictReader(file)
        ]


def dug(run: Run | None) -> dict[str, int]:
    """site_id -> its number in a plan."""
    return {} if run is None else {one["site_id"]: one["number"] for one in told(run)["sites"]}
