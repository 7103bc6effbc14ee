"""What the joint posterior costs: ``python -m benchmarks.joint [PART]``.

- ``dense``: blocks of k x k, summed exactly;
- ``products``: 5,300 persons and 1,000 remains, simulated consistently (log10 LR of a true pair ~ N(mu, sd), of a
  false one ~ N(-mu, sd) with sd = sqrt(2 mu / ln 10), so that a false pair's LR has mean one), no family couples;
- ``brothers``: the same with families of two and of three whose likelihood does not factorise;
- ``programme``: the invented Korean programme with 1,000 remains;
- ``nation``: the same with 80,000 missing and 10,000 remains.

Each runs in a process of its own, whose peak of memory is told.
"""

from __future__ import annotations

import itertools
import math
import multiprocessing
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from homeward.identification import large
from homeward.identification.field import lay_out, propagate
from homeward.identification.identify import identify
from homeward.identification.joint import Coupling, Weights, components, solve
from homeward.simulation import scaled, scenarios, simulate


def dense(size: int, seed: int = 5) -> Weights:
    """Everyone may be anyone."""
    rng = np.random.default_rng(seed)
    return Weights(log_none=np.zeros(size), log_slot=rng.normal(-3, 3, size=(size, size)))


def roster(remains: int, persons: int, *, twos: int = 0, threes: int = 0, seed: int = 1) -> Weights:
    """A roster: a quarter without informative references, half of the remains of someone listed, brothers first."""
    rng = np.random.default_rng(seed)
    mu = np.where(rng.random(persons) < 0.25, 0.0, rng.gamma(1.5, 3, size=persons))
    truth = np.full(remains, -1)
    truth[: remains // 2] = rng.permutation(persons)[: remains // 2]
    truth[:40] = np.arange(40)
    sign = np.where(truth[:, None] == np.arange(persons), 1.0, -1.0)
    log10_lr = sign * mu + np.sqrt(2 * mu / math.log(10)) * rng.normal(size=(remains, persons))
    log_slot = log10_lr * math.log(10) + math.log(0.5 / persons)
    couplings = [_brothers(tuple(range(3 * n, 3 * n + 3)), remains, truth, rng) for n in range(threes)]
    first = 3 * threes
    couplings += [_two(first + 2 * n, remains, truth, rng) for n in range(twos)]
    return Weights(log_none=np.full(remains, math.log(0.5)), log_slot=log_slot, couplings=tuple(couplings))


def _two(first: int, remains: int, truth: Any, rng: np.random.Generator) -> Coupling:
    """Two brothers: together, the right two are likelier than by the product, others less (mean one, as it must be)."""
    pair = rng.normal(-4.5, 3, size=(remains, remains))
    pair[np.ix_(truth == first, truth == first + 1)] = 10.0
    return Coupling.of_pair(first, first + 1, pair)


def _brothers(slots: tuple[int, ...], remains: int, truth: Any, rng: np.random.Generator) -> Coupling:
    """Three brothers. The ratio of false ones has mean one, as it must (a normal log ratio of sd 4 has mean -8)."""
    pair = rng.normal(-8, 4, size=(remains, remains))
    right = np.flatnonzero(np.isin(truth, slots))
    pair[np.ix_(right, right)] = 6.0
    pair = np.triu(pair) + np.triu(pair, 1).T

    def log_ratio(holder: tuple[int, ...]) -> float:
        held = [r for r in holder if r >= 0]
        return float(sum(pair[a, b] for a, b in itertools.combinations(held, 2)))

    def row(holder: tuple[int, ...], place: int) -> Any:
        return log_ratio(holder) + pair[[r for r in holder if r >= 0]].sum(0)

    return Coupling(slots=slots, log_ratio=log_ratio, row=row)


def run_weights(make: Callable[..., Weights], *given: int, **asked: int) -> str:
    """Solve, and say how long it took and how sure the answer is."""
    weights = make(*given, **asked)
    belief = _belief(weights)
    start = time.perf_counter()
    found = solve(weights, seed=1)
    seconds = time.perf_counter() - start
    labels = Counter(str(label) for label in found.labels)
    widths = np.maximum(found.none_error, found.slot_error.max(1, initial=0.0))
    return (
        f"{seconds:.1f} s, {belief}, labels {dict(labels)}, chains disagree on {len(found.unsettled)}, "
        f"error median {np.median(widths):.2g} greatest {widths.max():.2g}, peak {_peak():.0f} MB"
    )


def _belief(weights: Weights) -> str:
    pieces = components(weights)
    remains, families = max(pieces, key=lambda piece: len(piece[0]))
    field = lay_out(weights, remains, families)
    start = time.perf_counter()
    rounds = propagate(field).rounds
    return f"belief propagation {time.perf_counter() - start:.2f} s in {rounds} rounds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What identifying an invented programme cost, and gave; times in seconds from the start of each stage."""

    persons: int
    remains: int
    seconds: float
    began: Mapping[str, float]
    shares: Mapping[str, float]
    median_error: float
    right: int
    megabytes: float


def measured(persons: int, remains: int) -> Measured:
    """Identify an invented programme."""
    scenario = replace(scaled(scenarios()["korea"], persons=persons), individuals=remains, boxes=remains // 5)
    invented, truth = simulate(scenario, seed=1)
    start = time.perf_counter()
    stages: dict[str, float] = {}

    def tick(stage: str, done: int, total: int) -> None:
        stages.setdefault(stage, time.perf_counter() - start)

    result = identify(invented, tick=tick)
    seconds = time.perf_counter() - start
    return Measured(
        persons=len(invented.missing),
        remains=len(invented.remains),
        seconds=round(seconds, 1),
        began={stage: round(value, 1) for stage, value in stages.items()},
        shares={str(label): round(share, 3) for label, share in result.shares.items()},
        median_error=result.median_width,
        right=sum(row.best.hypothesis == truth.hypotheses[row.remains_id] for row in result.remains),
        megabytes=_peak(),
    )


def run_programme(persons: int, remains: int) -> str:
    """Identify an invented programme, and say what it cost."""
    of = measured(persons, remains)
    return (
        f"{of.persons} persons, {of.remains} remains: {of.seconds:.1f} s, stages began {dict(of.began)}, "
        f"{dict(of.shares)}, median error {of.median_error:.2g}, best is right for {of.right}, "
        f"peak {of.megabytes:.0f} MB"
    )


def _peak() -> float:
    """Megabytes that this process held at the most."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


WORK: dict[str, list[tuple[Callable[..., str], tuple[Any, ...], dict[str, int]]]] = {
    "dense": [(run_weights, (dense, size), {}) for size in (16, 18, 20, 21)],
    "products": [(run_weights, (roster, 1000, 5300), {})],
    "brothers": [(run_weights, (roster, 1000, 5300), {"twos": 100, "threes": 10})],
    "programme": [(run_programme, (5300, 1000), {})],
    "nation": [(run_programme, (80_000, 10_000), {})],
}


@click.command()
@click.argument("parts", nargs=-1, type=click.Choice(list(WORK)))
def main(parts: tuple[str, ...]) -> None:
    """Measure the parts that are named, or all."""
    assert large.NEIGHBOURS  # what is measured is imported before the clock starts
    for part in parts or tuple(WORK):
        for work, given, asked in WORK[part]:
            with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
                said = pool.submit(work, *given, **asked).result()
            click.echo(f"{part} {' '.join(str(size) for size in given if isinstance(size, int))}: {said}")


if __name__ == "__main__":
    main()
