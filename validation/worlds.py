"""Whether posteriors keep their word, on many small worlds: ``make validate``, or ``validation.worlds [PART]``.

A thousand worlds as their programmes state them, with every line of evidence that the simulation makes; four hundred
more whose programmes hold accounts of where people lie, sites and searches, so that the search belief weighs places;
and for each way in which a world may be unlike its programme a hundred more, reported beside. Seeds from 100,001 on
were not used in development.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from homeward.simulation import scenarios
from homeward.simulation.calibration import Calibration, World, look_at, summed
from homeward.simulation.scenario import Recording, Scenario, Unlike, korea_country, sized
from validation.parts import ROOT, Part, validate
from validation.run import write_atomically

RESULT = ROOT / "validation" / "results" / "worlds.json"
KEPT = ROOT / "var" / "validation" / "worlds"
COVERS = (
    "homeward/genetics",
    "homeward/anthropology",
    "homeward/identification",
    "homeward/search",
    "homeward/geography",
    "homeward/simulation",
    "homeward/data",
    "homeward/programme",
    "homeward/tables.py",
    "validation/worlds.py",
)
PERSONS, REMAINS, FIRST = 60, 10, 100_001
WORLDS, WORLDS_TOLD, WORLDS_UNLIKE, AT_ONCE = 1000, 400, 100, 40
PROCESSES = 2
MOST_ERROR = 0.02  # calibration error under the right model
FOUND = 0.95  # share of the identifiable that must be found at the threshold
THRESHOLD = 0.9995
WITHIN = 0.01  # false ones as many or more must have at least this chance under the promised rate
RECORDING = Recording(charted=0.5, jaws=0.6, measured=0.5, staged=0.5, lines=0.7)
UNLIKE = {
    "coancestry": Unlike(coancestry=0.03),
    "mutation": Unlike(mutation=5.0),
    "dropout": Unlike(dropout=0.05),
    "age": Unlike(age_years=3.0),
    "place": Unlike(labels=0.35),
}


def scenario(unlike: Unlike) -> Scenario:
    """A small world with every line of evidence on record."""
    return replace(sized(scenarios()["korea"], persons=PERSONS, remains=REMAINS), recording=RECORDING, unlike=unlike)


def looked(world: Scenario, worlds: int, folder: Path) -> Calibration:
    """Look at the worlds that have not been looked at yet, some at a time, and add up all."""
    found: list[World] = []
    for start in range(FIRST, FIRST + worlds, AT_ONCE):
        kept = folder / f"{start}.json"
        if not kept.exists():
            seeds = range(start, min(start + AT_ONCE, FIRST + worlds))
            write_atomically(kept, {"worlds": [asdict(one) for one in look_at(world, seeds, processes=PROCESSES)]})
        found += [World.of(told) for told in json.loads(kept.read_text(encoding="utf-8"))["worlds"]]
    return summed(world, found)


def told(of: Calibration) -> dict[str, Any]:
    """What is committed of a calibration."""
    return {
        "worlds": of.worlds,
        "remains": of.remains,
        "unlike": dict(of.unlike),
        "calibration_error": of.error,
        "thresholds": [asdict(at) | {"found_share": at.found_share} for at in of.thresholds],
        "calibration": {
            "leading": [asdict(one) for one in of.leading],
            "persons": [asdict(one) for one in of.persons],
            "alternatives": [asdict(one) for one in of.alternatives],
        },
    }


def as_stated(folder: Path) -> dict[str, Any]:
    """Worlds as their programmes state them: everything that is claimed must hold."""
    found = looked(scenario(Unlike()), WORLDS, folder)
    at = next(one for one in found.thresholds if one.threshold == THRESHOLD)
    claims = {
        "calibrated": found.error <= MOST_ERROR,
        "false_within_rate": at.chance_of_so_many_false >= WITHIN,
        "found_enough": at.found_share >= FOUND,
    }
    return {**told(found), **claims, "holds": all(claims.values())}


def accounts(folder: Path) -> dict[str, Any]:
    """Worlds with accounts of where people lie, sites and searches: the place is weighed by the search belief."""
    found = looked(replace(scenario(Unlike()), country=korea_country()), WORLDS_TOLD, folder)
    at = next(one for one in found.thresholds if one.threshold == THRESHOLD)
    claims = {
        "calibrated": found.error <= MOST_ERROR,
        "false_within_rate": at.chance_of_so_many_false >= WITHIN,
    }
    return {**told(found), **claims, "holds": all(claims.values())}


def unlike(kind: str, folder: Path) -> dict[str, Any]:
    """Worlds unlike their programmes in one way: reported, and nothing claimed but that they were counted."""
    found = looked(scenario(UNLIKE[kind]), WORLDS_UNLIKE, folder)
    return {**told(found), "holds": found.worlds == WORLDS_UNLIKE}


def _part(kind: str) -> Part:
    run: Callable[[Path], dict[str, Any]] = partial(unlike, kind)
    return Part(f"unlike_{kind}", f"Reported: worlds whose {kind} is not as their programmes state.", COVERS, run)


PARTS: tuple[Part, ...] = (
    Part(
        "as_stated",
        "A calibration error of at most 0.02, no false identification beyond its rate, 95% of the identifiable found.",
        COVERS,
        as_stated,
    ),
    Part(
        "accounts",
        "With accounts, sites and searches, the place weighed by the search belief: an error of at most 0.02 too.",
        COVERS,
        accounts,
    ),
    *(_part(kind) for kind in UNLIKE),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are named, or all; exit status 1 if a claim does not hold."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(prog="validation.worlds", description="Validate calibration on many worlds.")
    parser.add_argument("parts", nargs="*", choices=[*names, []], metavar="PART", help=", ".join(names))
    parser.add_argument("--fresh", action="store_true", help="run parts again that have run with this code")
    chosen = parser.parse_args(arguments)
    parts = [part for part in PARTS if not chosen.parts or part.name in chosen.parts]
    return 0 if validate(parts, RESULT, KEPT, fresh=chosen.fresh) else 1


if __name__ == "__main__":
    raise SystemExit(main())
