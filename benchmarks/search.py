"""What a belief, a fact and a division of effort cost: ``python -m benchmarks.search``.

Sizes are those of the programme that is aimed at (5,300 missing in Korea) and of a nation; ratios are to the sort-based
division and to what the machine needs to read the same numbers once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from homeward.search.belief import belief
from homeward.search.effort import allocate
from homeward.search.log import SearchDone, log_of
from homeward.search.season import fill
from homeward.simulation import scenarios, simulate
from homeward.simulation.scenario import korea_country, scaled


def least(work: Callable[[], object], times: int = 5) -> float:
    """Seconds of the fastest of some runs."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def of_cells(cells: int) -> str:
    rng = np.random.default_rng(1)
    value, rate = rng.gamma(0.3, 1.0, cells), rng.uniform(0.5, 2.0, cells)
    ones, limits = np.ones(cells), np.full(cells, np.inf)
    ours = least(lambda: allocate(value, rate, cells / 100))
    by_sorting = least(lambda: fill(value, rate, ones, limits, cells / 100), times=2)
    read = least(lambda: value.sum() + rate.sum())
    return (
        f"{cells:,} cells: {1000 * ours:.0f} ms, {by_sorting / ours:.1f} times as fast as by sorting, "
        f"{ours / read:.0f} times as long as reading the numbers once"
    )


def of_programme(persons: int) -> str:
    scenario = replace(scaled(scenarios()["korea"], persons=persons), country=korea_country())
    programme, _ = simulate(scenario, seed=1)
    log, worth = log_of(programme), np.ones(len(programme.missing))
    built = least(lambda: belief(programme), times=3)
    state = belief(programme).after(log)
    fact = SearchDone(fact_id="one more", ground=next(s.ground for s in programme.sites if s.ground), detection=0.7)
    after = least(lambda: state.and_then(fact))
    further = state.and_then(fact)
    mapped = least(lambda: further.value(worth))
    values = further.value(worth)
    values = values[values > 0]
    divided = least(lambda: allocate(values, 1.0, 1000.0))
    shared = sum(component.shared for component in state.belief.components)
    return (
        f"{len(programme.missing):,} missing, {len(state.belief.components):,} components ({shared} shared graves), "
        f"{state.belief.kernels.nnz:,} numbers: belief {built:.2f} s; one fact {1000 * after:.0f} ms, value map "
        f"{1000 * mapped:.0f} ms, division over {len(values):,} cells {1000 * divided:.0f} ms; peak {_peak():.0f} MB"
    )


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Print each figure as it is measured."""
    for persons in (5_300, 20_000, 80_000):
        print(of_programme(persons), flush=True)
    for cells in (100_000, 1_000_000, 10_000_000):
        print(of_cells(cells), flush=True)


if __name__ == "__main__":
    main()
