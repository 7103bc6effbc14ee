"""Whether what is believed of places is so: ``python -m validation.beliefs [PART]``.

``coverage``: of everyone who lies on the map, in new worlds, whether he lies in his credible regions as often as they
say. ``reliability``: in small worlds where a share of the graves lies elsewhere than told (drawn from the prior; none,
half, four in five; another of each kind of source), holes are foretold by somebody who learns how reliable each kind is
and by somebody who knows every share: on average over worlds they foretell the same. ``weighing``: whole campaigns of
somebody who learns it beside one who does not, reported. Seeds from 300,001 on were not used in development.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from homeward.geography.shapes import shape_of
from homeward.planning.reliability import AS_STATED, Look, believed_if, learned
from homeward.planning.reliability import SHARES as SHARES_PRIOR
from homeward.programme import (
    Ground,
    Incident,
    MissingPerson,
    Place,
    Programme,
    Scenario,
    ScenarioKind,
    Settings,
    Site,
    Source,
)
from homeward.search.belief import Belief, belief
from homeward.search.credible import depth
from homeward.search.log import Found, Log, SearchDone
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.campaigns import Dug, Way, campaigns
from homeward.simulation.fieldwork import shifted
from homeward.simulation.scenario import Recording, korea_country
from validation.parts import ROOT, Part, validate
from validation.run import write_atomically

RESULT = ROOT / "validation" / "results" / "beliefs.json"
KEPT = ROOT / "var" / "validation" / "beliefs"
COVERS = (
    "homeward/geography",
    "homeward/search",
    "homeward/simulation",
    "homeward/data",
    "homeward/programme",
    "homeward/planning/reliability.py",
    "validation/beliefs.py",
)
FIRST, PERSONS, CELL_M = 300_001, 900, 500.0
SHARES, OF_COVERAGE, WITHIN = (0.5, 0.8, 0.95), 60, 0.02
KINDS = ("veteran", "map", "document")
SMALL, GRAVES, MATES, SEASONS, HOLES, BINS = 60, 90, 6, 4, 22, 5
IN_GRAVE, GRAVE_M, AROUND_M, DETECTION, SMALL_CELL_M = 0.7, 600.0, 2500.0, 0.8, 150.0
WORLDS, BUDGET, FLATTER = 12, 1000.0, (0.0, 0.5, 0.8)

Floats = npt.NDArray[np.float64]


def _world(seed: int) -> tuple[Programme, Any]:
    """An invented programme in which nobody has dug, and where everyone lies."""
    korea = replace(scenarios()["korea"], country=replace(korea_country(), searched=0.0), recording=Recording())
    programme, truth = simulate(scaled(korea, persons=PERSONS), seed=seed)
    coarse = replace(programme, settings=replace(programme.settings, search_cell_m=CELL_M))
    return coarse, truth


# --- credible regions ---


def _depths(seed: int) -> list[float]:
    """Of everyone who lies on the map, the share of his map that is likelier than where he lies."""
    programme, truth = _world(seed)
    state = belief(programme).after(Log())
    rng = np.random.default_rng([seed, 4])
    found = []
    for number, person in enumerate(programme.missing):
        place = truth.lying[person.person_id].place
        cell = -1 if place is None else int(state.grid.cells_of(place.lat, place.lon))
        if cell < 0 or not state.grid.land[cell]:
            continue
        cells, mass = state.map_of(number)
        at = np.flatnonzero(cells == cell)
        if len(at):
            low, high = depth(mass, int(at[0]))
            found.append(low + float(rng.random()) * (high - low))
        else:
            found.append(1.0)
    return found


def coverage(folder: Path) -> dict[str, Any]:
    """Whether regions of 50, 80 and 95% hold so many of those who lie on the map."""
    worlds = [_kept(folder / f"{seed}.json", _depths, seed) for seed in range(FIRST, FIRST + OF_COVERAGE)]
    depths = [np.array(one) for one in worlds]
    every = np.concatenate(depths)
    covered = {}
    for share in SHARES:
        by_world = np.array([float(np.mean(one <= share)) for one in depths])
        error = float(by_world.std(ddof=1) / len(by_world) ** 0.5)
        covered[f"{share:g}"] = {"held": float(np.mean(every <= share)), "standard_error": error}
    holds = all(abs(one["held"] - float(share)) <= WITHIN for share, one in covered.items())
    return {"worlds": OF_COVERAGE, "persons": len(every), "regions": covered, "holds": holds}


# --- reliability ---


Lying = list[tuple[str, Place]]
"""Of each of the missing his grave, or himself, and where it is."""


def _small_world(seed: int, truth: Sequence[float]) -> tuple[Programme, Lying]:
    """Graves of which three kinds of source told, a site at each, and where everyone lies.

    Parameters
    ----------
    truth : (kind,) share of its graves that lie anywhere around the incident
    """
    rng = np.random.default_rng([seed, 5])
    square = "POLYGON ((126.2 39.8, 126.9 39.8, 126.9 40.4, 126.2 40.4, 126.2 39.8))"
    missing, incidents, accounts, sites = [], [], [], []
    lying: Lying = []
    for grave in range(GRAVES):
        name, kind = f"I-{grave:02}", int(rng.integers(len(KINDS)))
        middle = Place(lat=float(rng.uniform(39.9, 40.3)), lon=float(rng.uniform(126.35, 126.75)), radius_m=AROUND_M)
        told = _about(middle, AROUND_M / 2, rng)
        plain = Scenario(
            scenario_id=f"{name} scattered",
            about=name,
            kind=ScenarioKind.ELLIPSE,
            weight=1 - IN_GRAVE,
            ground=Ground(place=replace(middle, radius_m=None)),
            radius_m=AROUND_M,
        )
        common = replace(
            plain,
            scenario_id=f"{name} grave",
            weight=IN_GRAVE,
            ground=Ground(place=told),
            radius_m=GRAVE_M,
            shared=True,
            source_id=KINDS[kind],
        )
        there = _about(middle, AROUND_M, rng) if rng.random() < truth[kind] else _about(told, GRAVE_M, rng)
        for mate in range(MATES):
            missing.append(MissingPerson(person_id=f"{name} {mate}", incident_id=name))
            inside = bool(rng.random() < IN_GRAVE)
            lying.append((name if inside else f"{name} {mate}", there if inside else _about(middle, AROUND_M, rng)))
        incidents.append(Incident(incident_id=name, place=middle))
        accounts += [common, plain]
        sites.append(Site(site_id=f"S-{grave:02}", ground=Ground(place=replace(told, radius_m=GRAVE_M))))
    whole = Programme(
        settings=Settings(name="small", search_cell_m=SMALL_CELL_M, search_theatre=square, search_elsewhere=0.0),
        sources=tuple(Source(source_id=kind, kind=kind) for kind in KINDS),
        missing=tuple(missing),
        incidents=tuple(incidents),
        scenarios=tuple(accounts),
        sites=tuple(sites),
    )
    return whole, lying


def _about(place: Place, radius_m: float, rng: np.random.Generator) -> Place:
    """Somewhere normally distributed around a place; the radius is two sigma."""
    north, east = rng.normal(0, radius_m / 2, size=2).tolist()
    return replace(shifted(place, north, east), radius_m=None)


def _dug(ground: Ground, lying: Lying, rng: np.random.Generator) -> Lying:
    """Who lies on after a hole: a grave, or someone alone, is found there with the detection."""
    points = shapely.points([place.lon for _grave, place in lying], [place.lat for _grave, place in lying])
    there = {lying[k][0] for k in np.flatnonzero(shapely.contains(shape_of(ground), points)).tolist()}
    found = {grave for grave in sorted(there) if rng.random() < DETECTION}
    return [one for one in lying if one[0] not in found]


def _foretold(seed: int, truth: Sequence[float]) -> dict[str, Any]:
    """Holes of some seasons at sites in any order: what is foretold, with and without learning and knowing it all."""
    programme, lying = _small_world(seed, truth)
    rng = np.random.default_rng([seed, 6])
    order = rng.permutation(GRAVES)
    told: dict[str, list[float]] = {"learned": [], "as stated": [], "known": [], "found": []}
    stated, known = belief(programme), believed_if(programme, dict(zip(KINDS, truth, strict=True)))
    looks: list[Look] = []
    log, shares = Log(), {}
    for season in range(SEASONS):
        chosen = [programme.sites[int(k)].ground for k in order[season * HOLES : (season + 1) * HOLES]]
        grounds = [ground for ground in chosen if ground is not None]
        if season:
            found = learned(programme, looks, log, grid=stated.grid)
            shares = {one.kind: one.mean for one in (found.everyone, *found.sources, found.searching)}
            reliable = 1 - found.searching.mean
            told["learned"] += found.belief.after(found.log).anything(grounds, DETECTION * reliable).tolist()
            told["as stated"] += stated.after(log).anything(grounds, DETECTION).tolist()
            told["known"] += known.after(log).anything(grounds, DETECTION).tolist()
        before = len(log.facts)
        for number, ground in enumerate(grounds):
            left = _dug(ground, lying, rng)
            full, lying = len(left) < len(lying), left
            looks.append(Look(ground=ground, detection=DETECTION, found=full, known=before))
            if full:
                log = log.with_(Found(fact_id=f"found {season} {number}", ground=ground))
            log = log.with_(SearchDone(fact_id=f"searched {season} {number}", ground=ground, detection=DETECTION))
            if season:
                told["found"].append(float(full))
    return {**told, "shares": shares}


def _drawn(seed: int) -> tuple[float, ...]:
    """A truth of all kinds together, drawn from the prior: as stated in every second world, else anything."""
    rng = np.random.default_rng([seed, 7])
    return (0.0 if rng.random() < AS_STATED else float(rng.choice(SHARES_PRIOR[1:])),) * len(KINDS)


def reliability(folder: Path) -> dict[str, Any]:
    """Whether what is foretold of holes is, on average over worlds, what who knew every share would foretell.

    Claimed where the truth is drawn from the prior; of the others, in the last season, reported.
    """
    told: dict[str, Any] = {}
    for name, truth_of in TRUTHS.items():
        ran = [_kept(folder / name / f"{k}.json", _foretold, k, truth_of(k)) for k in range(FIRST, FIRST + SMALL)]
        every = {way: np.array([one[way] for one in ran]) for way in ("learned", "as stated", "known", "found")}
        last = {way: one[:, -HOLES:].ravel() for way, one in every.items()}
        told[name] = {
            "holes": last["found"].size,
            "found": float(last["found"].mean()),
            "known": float(last["known"].mean()),
            **{
                way: dict(zip(("error", "fifths"), calibration(last[way], last["known"]), strict=True))
                for way in ("learned", "as stated")
            },
            "all seasons": {
                way: calibration(every[way].ravel(), every["known"].ravel())[0] for way in ("learned", "as stated")
            },
            "shares": {kind: float(np.mean([one["shares"][kind] for one in ran])) for kind in ran[0]["shares"]},
        }
    holds = told["drawn"]["all seasons"]["learned"] <= WITHIN
    return {"worlds": SMALL, "kinds": list(KINDS), "not so": told, "holds": holds}


def calibration(foretold: Floats, known: Floats) -> tuple[float, list[dict[str, float]]]:
    """The mean distance of two chances of holes, in fifths by the first; the fifths."""
    order = np.argsort(foretold, kind="stable")
    fifths = [
        {"holes": len(part), "foretold": float(foretold[part].mean()), "known": float(known[part].mean())}
        for part in np.array_split(order, BINS)
        if len(part)
    ]
    return sum(one["holes"] * abs(one["foretold"] - one["known"]) for one in fifths) / len(order), fifths


# --- campaigns of somebody who learns it ---


def _weigher(programme: Programme, dug: Sequence[Dug], log: Log) -> Belief:
    """The belief of somebody who weighs those who told by what was found."""
    at = [k for k, fact in enumerate(log.facts) if isinstance(fact, SearchDone)]
    grounds = {site.site_id: site.ground for site in programme.sites}
    looks, known = [], 0
    for _season, holes in groupby(enumerate(dug), key=lambda one: one[1].season):
        before = known
        for k, hole in holes:
            ground = grounds[hole.site_id]
            assert ground is not None, "a site without ground is not dug"
            looks.append(Look(ground=ground, detection=hole.detection, found=hole.found, known=before))
            known = at[k] + 1
    return learned(programme, looks, log).belief


def _holes(seed: int, flatter: float) -> dict[str, Any]:
    programme, truth = _world(seed)
    worth = np.random.default_rng([seed, 3]).beta(0.6, 0.8, size=PERSONS)
    ran = campaigns(
        programme,
        truth.lying,
        worth,
        ways=(Way.LEARNING, Way.WEIGHING),
        weigher=_weigher,
        seasons=SEASONS,
        budget=BUDGET,
        flatter=flatter,
        seed=seed,
    )
    return {one.way.value: asdict(one) for one in ran}


def weighing(folder: Path) -> dict[str, Any]:
    """How many are named, and how well holes are foretold after the first season, with and without learning it."""
    told: dict[str, Any] = {}
    for flatter in FLATTER:
        ran = [_kept(folder / f"{flatter:g}" / f"{k}.json", _holes, k, flatter) for k in range(FIRST, FIRST + WORLDS)]
        told[f"{flatter:g}"] = {}
        for way in (Way.LEARNING, Way.WEIGHING):
            later = [hole for one in ran for hole in one[way]["dug"] if hole["season"] > 0]
            found = np.array([hole["found"] for hole in later], dtype=float)
            error, fifths = calibration(np.array([hole["predicted"] for hole in later]), found)
            named = sum(one[way]["named"] for one in ran)
            told[f"{flatter:g}"][way.value] = {"holes": len(later), "error": error, "fifths": fifths, "named": named}
    return {"worlds": WORLDS, "seasons": SEASONS, "budget": BUDGET, "flatter": told, "holds": True}


def _kept(path: Path, work: Any, *given: Any) -> Any:
    """What some work gives; that of work done before."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, {"found": work(*given)})
    return json.loads(path.read_text(encoding="utf-8"))["found"]


TRUTHS: dict[str, Callable[[int], tuple[float, ...]]] = {
    "as stated": lambda _seed: (0.0, 0.0, 0.0),
    "half": lambda _seed: (0.5, 0.5, 0.5),
    "four in five": lambda _seed: (0.8, 0.8, 0.8),
    "of each kind another": lambda _seed: (0.0, 0.5, 0.8),
    "drawn": _drawn,
}


PARTS: tuple[Part, ...] = (
    Part("coverage", "Credible regions of 50, 80 and 95% hold so many within 0.02.", COVERS, coverage),
    Part(
        "reliability",
        "What is foretold of holes with reliability learned is within 0.02 of what is so.",
        COVERS,
        reliability,
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are named, or all; exit status 1 if a claim does not hold."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(prog="validation.beliefs", description="Validate beliefs of places.")
    parser.add_argument("parts", nargs="*", choices=[*names, []], metavar="PART", help=", ".join(names))
    parser.add_argument("--fresh", action="store_true", help="run parts again that have run with this code")
    chosen = parser.parse_args(arguments)
    parts = [part for part in PARTS if not chosen.parts or part.name in chosen.parts]
    return 0 if validate(parts, RESULT, KEPT, fresh=chosen.fresh) else 1


if __name__ == "__main__":
    raise SystemExit(main())
