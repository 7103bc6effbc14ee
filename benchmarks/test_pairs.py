"""How many pairs of remains and missing persons per second, beside the plain twin and the machine's own limit.

The limit is what the same core reads from its caches in the same run: a look-up in float64 is one
contiguous row of 64 slots, 8 bytes a slot and marker, so pairs per second cannot exceed rate / (8 x markers).
"""

from __future__ import annotations

import numba
import numpy as np
import pytest

from homeward.genetics import _compiled, scoring

MARKERS = 24
CALLS = 40  # distinct calls per marker among the remains
SIZES = {"small": (50, 500), "medium": (250, 5_300), "large": (2_000, 20_000)}  # remains, slots


@numba.njit(cache=True)
def read(values, rounds, sums):
    for _ in range(rounds):
        for start in range(0, len(values), 64):
            part = values[start : start + 64]
            for lane in range(64):
                sums[lane] += part[lane]


def problem(size):
    remains, slots = SIZES[size]
    random = np.random.default_rng(1)
    rows = random.normal(size=(1 + MARKERS * CALLS, slots))
    rows[0] = 0
    codes = random.integers(0, CALLS, size=(remains, MARKERS)) + 1 + CALLS * np.arange(MARKERS)
    codes[random.random(codes.shape) < 0.15] = 0
    return rows, codes.astype(np.int32)


@pytest.mark.parametrize("size", SIZES)
def test_pairs_compiled(benchmark, size):
    if benchmark.disabled and size != "small":
        pytest.skip("the larger sizes are for measuring only: make bench")
    rows, codes = problem(size)
    _compiled.add_up(rows[:, :64], codes[:2])
    benchmark.extra_info["pairs"] = len(codes) * rows.shape[1]
    total = benchmark.pedantic(_compiled.add_up, args=(rows, codes), rounds=3, iterations=1, warmup_rounds=1)
    assert (total[:20] == scoring.add_up(rows, codes[:20])).all()


@pytest.mark.parametrize("size", ["small", "medium"])
def test_pairs_plain(benchmark, size):
    if benchmark.disabled and size != "small":
        pytest.skip("the larger sizes are for measuring only: make bench")
    rows, codes = problem(size)
    benchmark.extra_info["pairs"] = len(codes) * rows.shape[1]
    benchmark.pedantic(scoring.add_up, args=(rows, codes), rounds=2, iterations=1)


@pytest.mark.parametrize(("cache", "kilobytes"), [("L1", 24), ("L2", 512)])
def test_the_rate_at_which_this_core_reads(benchmark, cache, kilobytes):
    values = np.ones(kilobytes * 1024 // 8)
    rounds = 64 * 1024 // kilobytes  # 64 MB
    sums = np.zeros(64)
    read(values, rounds, sums)
    benchmark.extra_info["bytes"] = values.nbytes * rounds
    benchmark.pedantic(read, args=(values, rounds, sums), rounds=5, iterations=1)
