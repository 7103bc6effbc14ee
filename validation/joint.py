"""The joint posterior on thousands of generated problems and at full size: ``python -m validation.joint [PART]``.

Each part says what it claims; ``validation/results/joint.json`` has a section for each, with the code it vouches for.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import norm

from benchmarks.joint import dense, roster
from homeward.errors import Impossible
from homeward.identification import fragments, joint, large, sampling
from homeward.identification.exact import Frontier, Group
from homeward.identification.field import lay_out, propagate
from homeward.identification.intervals import bound
from homeward.identification.joint import Joint, Weights, components, solve
from homeward.identification.result import Label
from validation.parts import ROOT, Part, validate

RESULT = ROOT / "validation" / "results" / "joint.json"
KEPT = ROOT / "var" / "validation" / "joint"
COVERS = ("homeward/identification", "homeward/errors.py", "homeward/progress.py", "validation/joint.py")
LISTS = ROOT / "tests" / "homeward" / "identification" / "enumeration.py"
PROBLEMS, OF_FRAGMENTS, SAMPLED, SAMPLED_FRAGMENTS = 10_000, 5_000, 2_000, 100
WITHIN_THREE = 0.995  # of sampled posteriors, within three standard errors (chance: 0.9973),
FURTHEST = 0.02  # and the furthest beyond these: a rare configuration that all chains miss is not in their errors
CHANCE = 0.001  # a greatest deviation as large or larger must be this likely, for the number of comparisons
TOLERANCE = 1e-12

Floats = npt.NDArray[np.float64]


def lists() -> Any:
    """The module that lists every assignment; it stands among the tests."""
    if "enumeration" not in sys.modules:
        spec = importlib.util.spec_from_file_location("enumeration", LISTS)
        assert spec is not None
        assert spec.loader is not None
        sys.modules["enumeration"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["enumeration"]


def drawn(number: int) -> Iterator[tuple[int, Weights]]:
    """Small problems: brothers, families of three, impossible pairs, decisions, "not listed" as heavy as outsiders."""
    for seed in range(number):
        yield seed, lists().drawn(seed, remains=1 + seed % 4, slots=1 + seed % 5)


def exact(folder: Path, *, number: int = PROBLEMS) -> dict[str, Any]:
    """Every posterior and the sum of all against a list of every assignment."""
    worst, impossible, compared = 0.0, 0, 0
    for _, weights in drawn(number):
        expected = lists().enumerate_all(weights, free=False)
        try:
            found = solve(weights)
        except Impossible:
            impossible += 1
            worst = max(worst, 0.0 if expected.log_total == -math.inf else 1.0)
            continue
        worst = max(worst, _difference(found, expected))
        compared += 1
    return {"holds": worst <= TOLERANCE, "problems": compared, "impossible": impossible, "greatest_difference": worst}


def of_fragments(folder: Path, *, number: int = OF_FRAGMENTS) -> dict[str, Any]:
    """The same where several remains may be one person."""
    worst, impossible, compared = 0.0, 0, 0
    for seed in range(number):
        weights = lists().drawn_units(seed, remains=1 + seed % 4, slots=1 + seed % 3)
        expected = lists().enumerate_units(weights)
        if expected.log_total == -math.inf:
            impossible += 1
            continue
        worst = max(worst, _difference(solve(weights), expected))
        compared += 1
    return {"holds": worst <= TOLERANCE, "problems": compared, "impossible": impossible, "greatest_difference": worst}


def _difference(found: Joint, expected: Any) -> float:
    """The greatest of all posteriors, and of the sum of all relative to its size."""
    total = found.log_total if found.log_total is not None else math.nan
    of_total = abs(total - expected.log_total) / max(1.0, abs(expected.log_total))
    none = float(np.abs(found.none - expected.none).max(initial=0.0))
    return float(max(of_total, none, np.abs(found.slot - expected.slot).max(initial=0.0)))


def intervals(folder: Path, *, number: int = PROBLEMS) -> dict[str, Any]:
    """Every interval must hold the exact posterior."""
    worst, checked, problems = 0.0, 0, 0
    for _, weights in drawn(number):
        pairs = tuple(coupling for coupling in weights.couplings if len(coupling.slots) == 2)
        weights = Weights(log_none=weights.log_none, log_slot=weights.log_slot, couplings=pairs)
        try:
            rest, fixed = joint._without_the_fixed(weights, joint._Answer(weights))
            answer = solve(weights)
        except Impossible:
            continue
        problems += 1
        for rows, families in components(rest, fixed):
            slots = [s for family in families for s in family.slots]
            column = {s: k for k, s in enumerate(slots)}
            field = lay_out(rest, rows, families)
            none, none_error, slot, slot_error = large._certified(field, propagate(field), bound(field), column)
            beyond = np.abs(answer.none[rows] - none) - none_error
            outside = np.abs(answer.slot[np.ix_(rows, slots)] - slot) - slot_error if slots else np.zeros(1)
            worst = max(worst, float(beyond.max()), float(outside.max(initial=0.0)))
            checked += len(rows) * (1 + len(slots))
    return {"holds": worst <= TOLERANCE, "problems": problems, "intervals": checked, "furthest_outside": worst}


def sampled(folder: Path, *, number: int = SAMPLED) -> dict[str, Any]:
    """Samples against exact posteriors, in standard errors, where chains agree."""
    ratios: list[float] = []
    furthest, disagree = 0.0, 0
    for seed, weights in drawn(number):
        try:
            answer = solve(weights)
            rest, fixed = joint._without_the_fixed(weights, joint._Answer(weights))
        except Impossible:
            continue
        for rows, families in components(rest, fixed):
            slots = [s for family in families for s in family.slots]
            if not slots:
                continue
            field = lay_out(rest, rows, families)
            column = {s: k for k, s in enumerate(slots)}
            _, _, point, _ = large.estimated(field, propagate(field), column)
            asked = np.ones(len(rows), dtype=bool)
            found = sampling.sample(rest, rows, families, point, asked, seed=seed, most_updates=400_000)
            disagree += int((found.apart > 0).any())
            told = found.apart == 0  # the others are labelled approximate
            for value, error, expected in (
                (found.none[told], found.none_error[told], answer.none[rows][told]),
                (found.slot[told], found.slot_error[told], answer.slot[np.ix_(rows, slots)][told]),
            ):
                ratios += _ratios(value, error, expected)
                furthest = max(furthest, float((np.abs(value - expected) - 3 * error).max(initial=0.0)))
    judged = _judged(ratios)
    return {
        **judged,
        "holds": judged["share_within_three"] >= WITHIN_THREE and furthest <= FURTHEST,
        "furthest_beyond_three": furthest,
        "chains_disagree": disagree,
    }


def sampled_fragments(folder: Path, *, number: int = SAMPLED_FRAGMENTS) -> dict[str, Any]:
    """The same for fragments."""
    ratios: list[float] = []
    kept = fragments._affordable, fragments.MOST_UPDATES
    fragments._affordable, fragments.MOST_UPDATES = (lambda groups: False), 60_000
    try:
        for seed in range(number):
            weights = lists().drawn_units(seed, remains=1 + seed % 3, slots=1 + seed % 3)
            expected = lists().enumerate_units(weights)
            if expected.log_total > -math.inf:
                found = solve(weights, seed=seed)
                ratios += _ratios(found.none, found.none_error, expected.none)
                ratios += _ratios(found.slot, found.slot_error, expected.slot)
    finally:
        fragments._affordable, fragments.MOST_UPDATES = kept
    return _judged(ratios)


def _ratios(value: Floats, error: Floats, expected: Floats) -> list[float]:
    possible = expected > 0
    found: list[float] = (np.abs(value - expected)[possible] / np.maximum(error[possible], 1e-9)).tolist()
    return found


def _judged(ratios: Sequence[float]) -> dict[str, Any]:
    """Whether the greatest of so many deviations is one that chance allows."""
    found = np.array(ratios)
    limit = float(norm.isf(CHANCE / 2 / len(found)))
    return {
        "holds": float(found.max()) <= limit,
        "compared": len(found),
        "greatest_in_standard_errors": float(found.max()),
        "limit_for_so_many": limit,
        "share_within_three": float((found <= 3).mean()),
    }


def block(folder: Path) -> dict[str, Any]:
    """Twenty remains, each of which may be any of twenty persons."""
    weights = dense(20)
    solve(dense(8))
    start = time.perf_counter()
    found = solve(weights)
    seconds = time.perf_counter() - start
    without = Weights(log_none=weights.log_none[1:], log_slot=weights.log_slot[1:])
    total, less = found.log_total, solve(without).log_total
    assert total is not None
    assert less is not None
    wrong = abs(float(found.none[0]) - math.exp(less - total))
    groups = [
        Group(0.0, tuple(((r,), float(weights.log_slot[r, s])) for r in range(14))) for s in range(14)
    ]  # fourteen of them by the plain twin, too
    plain, compiled = (Frontier([0.0] * 14, groups, engine=engine).log_total() for engine in ("plain", "compiled"))
    return {
        "holds": set(found.labels) == {Label.EXACT}
        and seconds < 15
        and wrong < TOLERANCE
        and abs(plain - compiled) < 1e-11,
        "seconds": seconds,
        "none_of_the_first_is_wrong_by": wrong,
        "twins_differ_by": abs(plain - compiled),
    }


def products(folder: Path) -> dict[str, Any]:
    """5,300 persons and 1,000 remains whose weights are products."""
    weights = roster(1000, 5300)
    remains, families = max(components(weights), key=lambda piece: len(piece[0]))
    field = lay_out(weights, remains, families)
    start = time.perf_counter()
    propagate(field)
    belief = time.perf_counter() - start
    found, seconds, errors = _solved(weights)
    return {
        "holds": set(found.labels) == {Label.CERTIFIED} and float(errors.max()) <= joint.WIDTH and seconds <= 60,
        "belief_seconds": belief,
        "seconds": seconds,
        "greatest_error": float(errors.max()),
        "median_error": float(np.median(errors)),
    }


def brothers(folder: Path) -> dict[str, Any]:
    """The same with families that couple, of two and of three."""
    found, seconds, errors = _solved(roster(1000, 5300, twos=40, threes=4))
    labels = Counter(str(label) for label in found.labels)
    sampled_rows = np.array([label is Label.SAMPLED for label in found.labels])
    return {
        "holds": set(labels) <= {"sampled", "certified"}
        and float(errors[sampled_rows].max(initial=0.0)) <= sampling.ENOUGH
        and not found.unsettled,
        "labels": dict(labels),
        "seconds": seconds,
        "greatest_error": float(errors.max()),
    }


def _solved(weights: Weights) -> tuple[Joint, float, Floats]:
    start = time.perf_counter()
    found = solve(weights, seed=1)
    seconds = time.perf_counter() - start
    return found, seconds, np.maximum(found.none_error, found.slot_error.max(1, initial=0.0))


PARTS: tuple[Part, ...] = (
    Part("exact", "Posteriors are those of a list of every assignment, to 1e-12.", COVERS, exact),
    Part("fragments", "So are they where several remains may be one person.", COVERS, of_fragments),
    Part("intervals", "Every certified interval contains the exact posterior.", COVERS, intervals),
    Part("sampled", "99.5% of sampled posteriors lie within three standard errors, none 0.02 beyond.", COVERS, sampled),
    Part("sampled_fragments", "So do those of fragments.", COVERS, sampled_fragments),
    Part("dense", "A dense block of twenty by twenty is summed exactly within fifteen seconds.", COVERS, block),
    Part("products", "5,300 by 1,000 is certified within 0.01 in a minute where nothing couples.", COVERS, products),
    Part("brothers", "With families that couple it is certified, or sampled to 0.005.", COVERS, brothers),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts that are named, or all; exit status 1 if a claim does not hold."""
    names = [part.name for part in PARTS]
    parser = argparse.ArgumentParser(prog="validation.joint", description="Validate the joint posterior.")
    parser.add_argument("parts", nargs="*", choices=[*names, []], metavar="PART", help=", ".join(names))
    parser.add_argument("--fresh", action="store_true", help="run parts again that have run with this code")
    chosen = parser.parse_args(arguments)
    parts = [part for part in PARTS if not chosen.parts or part.name in chosen.parts]
    return 0 if validate(parts, RESULT, KEPT, fresh=chosen.fresh) else 1


if __name__ == "__main__":
    raise SystemExit(main())
