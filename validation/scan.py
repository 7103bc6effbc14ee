"""The full-size claims about scanning: ``make validate``, or ``python -m validation.scan [PART ...]``.

Sets are invented (``nation.py``). What was computed is kept in ``var/validation/scan`` part by part, so that an
interrupted validation goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pyarrow.parquet as pq
from scipy.optimize import nnls

from benchmarks.scanning import ratio
from homeward import scan
from homeward.genetics import _compiled as genetics
from homeward.scan import _compiled, prefilter
from homeward.scan.families import peeled
from homeward.scan.prefilter import LN10
from homeward.scan.remains import context
from validation.nation import write_nation
from validation.parts import ROOT, Part, validate
from validation.run import write_atomically

RESULT = ROOT / "validation" / "results" / "scan.json"
KEPT = ROOT / "var" / "validation" / "scan"
COVERS = (
    "homeward/genetics",
    "homeward/scan",
    "homeward/formats/scanfiles.py",
    "homeward/cli/scan.py",
    "validation/scan.py",
    "validation/nation.py",
    "benchmarks/scanning.py",
    "benchmarks/families.py",
)
MILLION = 1_000_000
CORES = 2
MOST_SECONDS, MOST_BYTES = 300, 2 * 10**9
SIEVES = ("narrow", *(("wide",) if _compiled.wide_width() else ()))


def _once(path: Path, compute: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What was computed before the validation was interrupted, or is now."""
    if not path.exists():
        write_atomically(path, compute())
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _nation(folder: Path, families: int, remains: int, seed: int) -> Path:
    """A set, drawn once; the truth lies beside it."""
    path = folder / f"nation-{families}-{remains}-{seed}"
    if not path.exists():
        beside = path.with_suffix(".unfinished")
        shutil.rmtree(beside, ignore_errors=True)
        truth = write_nation(beside, families=families, remains=remains, seed=seed)
        np.save(beside / "truth.npy", truth)
        beside.rename(path)
    return path


# --- no pair is dismissed wrongly ---

THRESHOLDS = (-1.0, 0.0, 2.0, 5.0)


def zero_dismissals(
    folder: Path, *, families: int = 8_000, remains: int = 50_000, seeds: Sequence[int] = (1, 2, 3)
) -> dict[str, Any]:
    """Sift, and add up every single pair in float64; the two must keep the same pairs with the same digits."""
    found = [
        _once(folder / f"seed-{seed}.json", lambda seed=seed: _compared(folder, families, remains, seed))
        for seed in seeds
    ]
    pairs = sum(one["pairs"] for one in found)
    wrong = sum(one["differences"] for one in found)
    return {
        "holds": wrong == 0 and pairs >= min(10**9, families * remains * len(seeds) * 0.9),
        "pairs": pairs,
        "differences": wrong,
        "thresholds": list(THRESHOLDS),
        "sieves": list(SIEVES),
        "reaching": {str(t): sum(one["reaching"][str(t)] for one in found) for t in THRESHOLDS},
        "candidates": {
            sieve: {str(t): sum(one["candidates"][sieve][str(t)] for one in found) for t in THRESHOLDS}
            for sieve in SIEVES
        },
    }


def _compared(folder: Path, families: int, remains: int, seed: int) -> dict[str, Any]:
    plan = scan.plan(_nation(folder, families, remains, seed), threshold=0.0)
    here = context(plan)
    nobody = prefilter.none_yet(plan.remains, 0, 0.0)
    pairs, differences = 0, 0
    reaching = {str(t): 0 for t in THRESHOLDS}
    candidates = {sieve: {str(t): 0 for t in THRESHOLDS} for sieve in SIEVES}
    for block in plan.blocks:
        for part in peeled(here, block):
            layout = here.layout(part.population)[1]
            rows = np.ascontiguousarray(part.rows[layout.source])
            every = genetics.add_up(rows, layout.codes.astype(np.int32)) / LN10
            lanes = np.arange(len(part.slots), dtype=np.uint32)
            pairs += every.size
            for threshold in THRESHOLDS:
                true = {(int(layout.numbers[r]), s): every[r, s] for r, s in np.argwhere(every >= threshold).tolist()}
                reaching[str(threshold)] += len(true)
                for sieve in SIEVES:
                    kept = {}
                    for room, asked in _compiled.sift(rows, layout, threshold, lanes, sieve, nobody):
                        kept |= dict(
                            zip(
                                zip(room.remains.tolist(), room.slots.tolist(), strict=True), room.log10_lr, strict=True
                            )
                        )
                        candidates[sieve][str(threshold)] += asked
                    differences += len(kept.items() ^ true.items())
    return {"pairs": pairs, "differences": differences, "reaching": reaching, "candidates": candidates}


# --- a million by a million ---


def million(folder: Path, *, size: int = MILLION, threshold: float = 5.0) -> dict[str, Any]:
    """From files to results on two cores, within five minutes and two gigabytes."""
    path = _nation(KEPT, size, size, 1)
    measured = _once(folder / "measured.json", lambda: _scanned(path, folder / "out", "--threshold", str(threshold)))
    found = pq.read_table(folder / "out" / "results.parquet")
    truth = np.load(path / "truth.npy")
    pairs = set(zip(found["remains_id"].to_pylist(), found["person_id"].to_pylist(), strict=True))
    true = sum((f"R{r:08d}", f"P{s:08d}") in pairs for r, s in enumerate(truth.tolist()) if s >= 0)
    return {
        **measured,
        "holds": measured["seconds"] <= MOST_SECONDS and measured["peak_bytes"] < MOST_BYTES,
        "remains": size,
        "persons": size,
        "threshold": threshold,
        "true_pairs_kept": true,
        "false_pairs_kept": len(pairs) - true,
        "false_pairs_expected_at_most": size * size * 10.0**-threshold,
    }


def best_k(folder: Path, *, size: int = MILLION, small: int = 20_000, most: int = 10) -> dict[str, Any]:
    """The ten best of each remains: the best of all pairs at a size where all can be kept; and what a million costs."""
    path = _nation(folder, small, small, 2)
    whole = _once(folder / "whole.json", lambda: _scanned(path, folder / "whole", "--threshold", "0"))
    part = _once(folder / "part.json", lambda: _scanned(path, folder / "part", "--threshold", "0", "--best", str(most)))
    same = _best_of(_rows(folder / "whole"), most) == _rows(folder / "part")
    nation = _nation(KEPT, size, size, 1)
    measured = _once(
        folder / "measured.json", lambda: _scanned(nation, folder / "out", "--threshold", "3", "--best", str(most))
    )
    return {
        **measured,
        "holds": same and whole["results"] > part["results"] and measured["peak_bytes"] < MOST_BYTES,
        "remains": size,
        "persons": size,
        "best": most,
        "threshold": 3.0,
        "compared_with_all_pairs": whole["results"],
        "same_as_the_best_of_all_pairs": same,
    }


def _rows(path: Path) -> list[tuple[str, str, float]]:
    table = pq.read_table(path / "results.parquet")
    return list(zip(*(table[name].to_pylist() for name in table.column_names), strict=True))


def _best_of(pairs: list[tuple[str, str, float]], most: int) -> list[tuple[str, str, float]]:
    """By remains, the greatest first; of equal ones the person who stands first."""
    by_remains: dict[str, list[tuple[str, str, float]]] = {}
    for pair in pairs:  # persons in the order of the set
        by_remains.setdefault(pair[0], []).append(pair)
    return [
        pair for remains in sorted(by_remains) for pair in sorted(by_remains[remains], key=lambda pair: -pair[2])[:most]
    ]


def _scanned(path: Path, out: Path, *asked: str) -> dict[str, Any]:
    """Run ``homeward scan`` on two cores; seconds, and the memory of all its processes together."""
    shutil.rmtree(out, ignore_errors=True)
    command = [
        sys.executable,
        "-c",
        "from homeward.cli import main; main()",
        "scan",
        str(path),
        "--out",
        str(out),
        "--workers",
        str(CORES),
    ]
    start = time.perf_counter()
    process = subprocess.Popen([*command, *asked, "--quiet"], cwd=ROOT, stdout=subprocess.DEVNULL)
    peak, seconds = 0, 0.0
    while process.poll() is None:
        memory, processor = _spent(process.pid)
        peak, seconds = max(peak, memory), max(seconds, processor)
        time.sleep(0.5)  # asking costs some milliseconds of the two cores
    if process.returncode:
        raise SystemExit(f"homeward scan ended with {process.returncode}")
    summary = json.loads((out / "scan.json").read_text(encoding="utf-8"))
    return {
        "seconds": round(time.perf_counter() - start, 1),
        "processor_seconds": round(seconds, 1),
        "peak_bytes": peak,
        "results": summary["results"],
        "compared": summary["compared"],
        "digest": summary["digest"],
    }


def _spent(pid: int) -> tuple[int, float]:
    """Memory of a process and its children, what they share counted once, and their processor seconds."""
    memory, seconds = 0, 0.0
    try:
        parent = psutil.Process(pid)
        for process in [parent, *parent.children(recursive=True)]:
            memory += process.memory_full_info().pss if sys.platform == "linux" else process.memory_info().rss
            seconds += sum(process.cpu_times()[:2])
    except psutil.Error:
        pass  # one of them has just ended
    return memory, seconds


# --- how the cost grows ---

SIZES = ((25, 25), (100, 25), (25, 100), (100, 100), (200, 100), (100, 400), (400, 400))  # thousands: families, remains
WITHIN = 0.15


def growth(folder: Path, *, thousand: int = 1000) -> dict[str, Any]:
    """Processor seconds at several sizes, held against families + remains + pairs."""
    measured = [
        _once(folder / f"{f}-{r}.json", lambda f=f, r=r: _costs(folder, f * thousand, r * thousand)) for f, r in SIZES
    ]
    sizes = np.array([[1.0, m["families"], m["remains"], m["families"] * m["remains"]] for m in measured])
    seconds = np.array([m["seconds"] for m in measured])
    costs, _ = nnls(sizes / seconds[:, None], np.ones(len(seconds)))  # least relative error
    error = np.abs(sizes @ costs / seconds - 1)
    return {
        "holds": bool(error.max() <= WITHIN),
        "measured": measured,
        "seconds_once": costs[0],
        "microseconds_per_family": costs[1] * 1e6,
        "microseconds_per_remains": costs[2] * 1e6,
        "nanoseconds_per_pair": costs[3] * 1e9,
        "greatest_relative_error": float(error.max()),
    }


def _costs(folder: Path, families: int, remains: int) -> dict[str, Any]:
    """Plan, every block and the collecting, in a process of its own that has compiled everything before."""
    path = _nation(folder, families, remains, 1)
    out = folder / f"out-{families}-{remains}"
    shutil.rmtree(out, ignore_errors=True)
    script = (
        "import sys, time; from pathlib import Path; from homeward import scan; "
        "path, out = map(Path, sys.argv[1:]); "
        "warm = scan.plan(path, threshold=5.0); scan.run_block(warm, warm.blocks[0]); "
        "from homeward.scan.remains import _context; _context.cache_clear(); start = time.process_time(); "
        "plan = scan.plan(path, threshold=5.0); scan.run(plan, out, scan.begin(plan, out), workers=1); "
        "scan.collect(plan, out); print(time.process_time() - start)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, str(path), str(out)], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True
    )
    shutil.rmtree(out)
    shutil.rmtree(path)
    return {"families": families, "remains": remains, "seconds": float(answer.stdout)}


# --- how fast the sieves are ---

TARGETS = {"narrow": 0.3, "wide": 0.8}


def speed(folder: Path, *, remains: int = MILLION) -> dict[str, Any]:
    """Pairs a second of one core as a share of the rate at which it reads its second-level cache, per marker."""
    measured = ratio(SIEVES, remains)
    return {
        "holds": measured["in_order"] and all(measured["ratio"][sieve] >= TARGETS[sieve] for sieve in SIEVES),
        **measured,
        "vector_bits": _compiled.wide_width(),
    }


PARTS: tuple[Part, ...] = (
    Part(
        "zero_dismissals", "No pair that reaches the threshold is dismissed by the prefilter.", COVERS, zero_dismissals
    ),
    Part("speed", "The sieves reach their share of the rate of the second-level cache.", COVERS, speed),
    Part("growth", "The cost grows as families + remains + pairs.", COVERS, growth),
    Part("million", "A million by a million within five minutes and two gigabytes on two cores.", COVERS, million),
    Part(
        "best_k", "The best of each remains are the best of all pairs; a million within two gigabytes.", COVERS, best_k
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are named, or all; exit status 1 if a claim does not hold."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(prog="validation.scan", description="Validate scanning at full size.")
    parser.add_argument("parts", nargs="*", choices=[*names, []], metavar="PART", help=", ".join(names))
    parser.add_argument("--fresh", action="store_true", help="run parts again that have run with this code")
    chosen = parser.parse_args(arguments)
    parts = [part for part in PARTS if not chosen.parts or part.name in chosen.parts]
    return 0 if validate(parts, RESULT, KEPT, fresh=chosen.fresh) else 1


if __name__ == "__main__":
    raise SystemExit(main())
