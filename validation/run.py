"""The full-size claims about identification, on invented programmes with known truth: ``make validate``.

For each seed: invent Korea at full size, write it as a folder, read it back, identify, and only then open the
truth. Seeds 1001 to 1020 were not used in development (which uses 1 to 20). One file per seed is kept under
``var/validation``, so an interrupted validation goes on where it stopped; the sum of all is written to
``validation/results/demonstration.json`` with the digest of the science that it vouches for.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from homeward import __version__
from homeward.formats.folder import read_programme, write_programme
from homeward.genetics.family import calls_of, families
from homeward.genetics.locus import prepare_loci
from homeward.identification.identify import identify
from homeward.identification.result import Identification
from homeward.programme import NOT_LISTED, OUTSIDER, Programme
from homeward.provenance import digest_of_science
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.calibration import Bin, bins, chance_of_so_many, together, truth_of_pairs
from homeward.simulation.reach import chance_to_reach

ROOT = Path(__file__).parent.parent
RESULT = ROOT / "validation" / "results" / "demonstration.json"
SEEDS = range(1001, 1021)
DRAWS = 4000
IDENTIFIABLE = 0.99  # P(LR > needed) from which the references are held to suffice
FOUND = 0.95  # share of the identifiable that must be found
WITHIN = 0.01  # false identifications as many or more must have at least this chance under the promised rate


def validate_seed(seed: int, persons: int) -> dict[str, Any]:
    """Run one programme through the science and count what is right and what is not."""
    seconds: dict[str, float] = {}

    def timed(stage: str, start: float) -> None:
        seconds[stage] = round(time.perf_counter() - start, 2)

    start = time.perf_counter()
    invented, truth = simulate(scaled(scenarios()["korea"], persons=persons), seed=seed)
    timed("simulate", start)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        write_programme(invented, Path(folder) / "korea")
        timed("write", start)
        del invented
        start = time.perf_counter()
        reading = read_programme(Path(folder) / "korea")
        timed("read", start)
    if reading.programme is None:
        raise SystemExit(f"seed {seed}: the invented programme was rejected: {reading.rejected[0]}")
    programme = reading.programme
    start = time.perf_counter()
    result = identify(programme)
    timed("identify", start)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seed": seed,
        "persons": len(programme.missing),
        "remains": len(programme.remains),
        "seconds": seconds,
        "peak_mb": round(peak_mb),
        "shares": {str(label): share for label, share in result.shares.items()},
        "median_width": result.median_width,
        **_identified(result, truth.hypotheses),
        "calibration": _calibration(result, truth.hypotheses),
        "identifiable": _identifiable(programme, result, truth.hypotheses, seed),
    }


def _identified(result: Identification, truth: Mapping[str, str]) -> dict[str, Any]:
    """Persons named at the threshold: their posteriors, and which of them are wrong."""
    named = [
        row.best
        for row in result.remains
        if row.best.posterior >= result.settings.identify
        and row.best.hypothesis != NOT_LISTED
        and not row.best.hypothesis.startswith(OUTSIDER)
    ]
    return {
        "named": [best.posterior for best in named],
        "false": [
            {
                "remains": best.remains_id,
                "named": best.hypothesis,
                "truth": truth[best.remains_id],
                "posterior": best.posterior,
                "log10_lr": best.log10_lr,
                "label": str(best.label),
            }
            for best in named
            if truth[best.remains_id] != best.hypothesis
        ],
    }


def _calibration(result: Identification, truth: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """Bins of posterior, of persons and of the alternatives apart."""
    pairs = result.pairs
    true, of_person, of_alternative = truth_of_pairs(result, truth)
    return {
        kind: [asdict(one) for one in bins(pairs.posterior[rows], true[rows])]
        for kind, rows in (("persons", of_person), ("alternatives", of_alternative))
    }


def _identifiable(
    programme: Programme, result: Identification, truth: Mapping[str, str], seed: int
) -> list[dict[str, Any]]:
    """Remains of persons on the roster whose references suffice, and whether they were found."""
    rng = np.random.default_rng(seed)
    slots = {
        member.person_id: (family, member.member_id)
        for family in families(programme, prepare_loci(programme))
        for member in family.slots
    }
    calls = calls_of(programme)
    found = []
    for row in sorted(result.remains, key=lambda one: one.remains_id):
        if truth[row.remains_id] not in slots:
            continue
        family, member_id = slots[truth[row.remains_id]]
        chance = chance_to_reach(
            row.needed_log10_lr, family, member_id, calls.get(row.remains_id, {}), draws=DRAWS, rng=rng
        )
        if chance < IDENTIFIABLE:
            continue
        log10_lr, posterior = _pair(result, row.remains_id, truth[row.remains_id])
        found.append(
            {
                "remains": row.remains_id,
                "person": truth[row.remains_id],
                "chance": chance,
                "missing_brothers": len(family.slots) - 1,
                "typed_relatives": len(family.typed),
                "markers_typed": row.markers_typed,
                "needed_log10_lr": row.needed_log10_lr,
                "log10_lr": log10_lr,
                "posterior": posterior,
                "best": row.best.hypothesis,
                "best_posterior": row.best.posterior,
                "found": row.best.hypothesis == truth[row.remains_id]
                and row.best.posterior >= result.settings.identify,
            }
        )
    return found


def _pair(result: Identification, remains_id: str, person_id: str) -> tuple[float | None, float]:
    """log10 LR (None: impossible, or not among the pairs kept) and posterior of one pair."""
    pairs = result.pairs
    rows = np.flatnonzero(
        (pairs.remains == pairs.remains_ids.index(remains_id)) & (pairs.hypothesis == pairs.hypotheses.index(person_id))
    )
    if not len(rows) or not np.isfinite(pairs.log10_lr[rows[0]]):
        return None, float(pairs.posterior[rows].sum())
    return float(pairs.log10_lr[rows[0]]), float(pairs.posterior[rows[0]])


def summary(runs: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What all seeds say together, and whether the claims hold."""
    named = [posterior for run in runs for posterior in run["named"]]
    false = [one for run in runs for one in run["false"]]
    chance = chance_of_so_many(len(false), [1 - posterior for posterior in named])
    identifiable = [one for run in runs for one in run["identifiable"]]
    found = sum(one["found"] for one in identifiable)
    share = found / len(identifiable) if identifiable else None
    calibration = {
        kind: [
            {**asdict(one), "deviation": round(one.deviation, 2)}
            for one in together([[Bin(**row) for row in run["calibration"][kind]] for run in runs])
        ]
        for kind in ("persons", "alternatives")
    }
    return {
        "named": len(named),
        "false": len(false),
        "false_promised": sum(1 - posterior for posterior in named),
        "chance_of_so_many_false": chance,
        "false_within_rate": chance >= WITHIN,
        "false_pairs": false,
        "identifiable": len(identifiable),
        "found": found,
        "found_share": share,
        "found_enough": share is not None and share >= FOUND,
        "not_found": [one for one in identifiable if not one["found"]],
        "calibration": calibration,
        "seconds": {
            stage: {"median": float(np.median(values)), "max": float(max(values))}
            for stage in runs[0]["seconds"]
            for values in [[run["seconds"][stage] for run in runs]]
        },
        "peak_mb": max(run["peak_mb"] for run in runs),
    }


def machine() -> dict[str, Any]:
    """The processor as the system names it, and its cores."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": os.cpu_count(),
        "system": platform.system(),
    }


def versions() -> dict[str, str]:
    return {
        "homeward": __version__,
        "python": platform.python_version(),
        **{package: version(package) for package in ("numpy", "numba", "scipy")},
    }


def write_atomically(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half_done = path.with_name(path.name + ".part")
    half_done.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    half_done.replace(path)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def run_all(seeds: Sequence[int], persons: int, processes: int, science: str) -> list[dict[str, Any]]:
    """Run the seeds that have not run with this science, each in a process of its own."""
    kept = ROOT / "var" / "validation" / f"demonstration-{persons}-{science[7:19]}"
    waiting = [seed for seed in seeds if not (kept / f"{seed}.json").exists()]
    if len(waiting) < len(seeds):
        _say(f"{len(seeds) - len(waiting)} of {len(seeds)} seeds have already run with this science")
    fresh = multiprocessing.get_context("spawn")  # so that the peak of memory is this seed's own
    with ProcessPoolExecutor(processes, mp_context=fresh, max_tasks_per_child=1) as pool:
        running = {pool.submit(validate_seed, seed, persons): seed for seed in waiting}
        for done, future in enumerate(as_completed(running), 1):
            run = future.result()
            write_atomically(kept / f"{run['seed']}.json", run)
            _say(_standing(done, len(waiting), run))
    return [json.loads((kept / f"{seed}.json").read_text(encoding="utf-8")) for seed in seeds]


def _standing(done: int, total: int, run: dict[str, Any]) -> str:
    found = sum(one["found"] for one in run["identifiable"])
    return (
        f"{done}/{total}  seed {run['seed']}: {len(run['named'])} named, {len(run['false'])} false; "
        f"{found} of {len(run['identifiable'])} identifiable found; "
        f"identify {run['seconds']['identify']} s, {run['peak_mb']} MB"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Validate identification on invented programmes with known truth.")
    parser.add_argument("--seeds", type=int, nargs="*", default=list(SEEDS), help="default: 1001 to 1020")
    parser.add_argument(
        "--persons", type=int, default=5300, help="smaller worlds for a quick look; no result is written"
    )
    parser.add_argument("--processes", type=int, default=2)
    chosen = parser.parse_args(arguments)
    science = digest_of_science()
    runs = run_all(chosen.seeds, chosen.persons, chosen.processes, science)
    counted = summary(runs)
    whole = chosen.seeds == list(SEEDS) and chosen.persons == 5300
    if whole and science != digest_of_science():
        _say("The science changed while it was being validated; nothing was written. Run it again.")
        return 1
    if whole:
        write_atomically(
            RESULT,
            {
                "claim": "no false identification beyond its rate; at least 95% of the identifiable found",
                "science": science,
                "scenario": "korea",
                "seeds": chosen.seeds,
                "threshold": 0.9995,
                "draws": DRAWS,
                "machine": machine(),
                "versions": versions(),
                **counted,
            },
        )
        _say(f"written: {RESULT.relative_to(ROOT)}")
    else:
        print(json.dumps({key: value for key, value in counted.items() if key != "calibration"}, indent=1))
        for kind, rows in counted["calibration"].items():
            print(kind)
            for row in rows:
                print(
                    "  [{low:g}, {high:g}) {pairs} pairs, {true} true, {promised:.3g} promised, {deviation} sd".format(
                        **row
                    )
                )
    return 0 if counted["false_within_rate"] and counted["found_enough"] else 1


if __name__ == "__main__":
    raise SystemExit(main())
