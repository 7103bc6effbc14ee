"""How fast the sieves are, as a share of what the same core reads from its second-level cache.

Times are those of the processor, so that other work beside disturbs little. A look-up of the fast sieve reads one
byte for each slot and marker, so that it cannot sift more pairs a second than (bytes read a second) / (markers)
unless its rows lie nearer than that. Profiles are random and data are cold: codes exceed every cache, and each
block of slots has a table of its own that was written just before, as in a scan.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np

from homeward.scan import _compiled
from homeward.scan.prefilter import Layout, lay_out, none_yet

MARKERS, CALLS = 24, 118  # 2,832 rows, as many as the genotypes of 24 markers of 8 to 30 alleles
THRESHOLD = 5.0
_KILOBYTES = 512  # half of the second-level cache of a server's core


@numba.njit(cache=True, nogil=True)
def _read(values: Any, rounds: int, sums: Any) -> None:
    for _ in range(rounds):
        for start in range(0, len(values), 64):
            part = values[start : start + 64]
            for lane in range(64):
                sums[lane] += part[lane]


def second_level_rate(rounds: int = 128) -> float:
    """Bytes a second that this core reads from its second-level cache."""
    values, sums = np.ones(_KILOBYTES * 1024 // 8), np.zeros(64)
    _read(values, 2, sums)
    start = time.thread_time()
    _read(values, rounds, sums)
    return values.nbytes * rounds / (time.thread_time() - start)


def problem(remains: int, seed: int = 1) -> tuple[Any, Layout]:
    """Rows (row, 128) as those of relatives, and random profiles with 15% of the markers untyped."""
    random = np.random.default_rng(seed)
    rows = random.normal(-2.0, 1.5, size=(1 + MARKERS * CALLS, _compiled.SLOTS))
    rows[0] = 0
    codes = random.integers(0, CALLS, size=(remains, MARKERS), dtype=np.int32)
    codes += 1 + CALLS * np.arange(MARKERS, dtype=np.int32)
    codes[random.random(codes.shape) < 0.15] = 0
    layout = lay_out(codes, np.array([-1, *np.repeat(np.arange(MARKERS), CALLS)]))
    return rows[layout.source], layout


def sieve(kind: str, remains: int) -> Callable[[], int]:
    """Sift all remains for one block of slots, whose table is written first; gives the number of candidates."""
    rows, layout = problem(remains)
    lanes, nobody = np.arange(_compiled.SLOTS, dtype=np.uint32), none_yet(remains, 0, THRESHOLD)

    def once() -> int:
        return sum(asked for _, asked in _compiled.sift(rows, layout, THRESHOLD, lanes, kind, nobody))

    return once


def ratio(kind: str, remains: int = 1_000_000, rounds: int = 5) -> dict[str, float]:
    """Pairs a second, the rate at which the cache is read, measured between, and the one as a share of the other."""
    once = sieve(kind, remains)
    once()
    pairs, rates = [], []
    for _ in range(rounds):
        rates.append(second_level_rate())
        start = time.thread_time()
        once()
        pairs.append(remains * _compiled.SLOTS / (time.thread_time() - start))
    best, rate = max(pairs), max(rates)
    return {"pairs_per_second": best, "l2_bytes_per_second": rate, "ratio": best * MARKERS / rate}
