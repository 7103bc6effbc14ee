"""How fast the sieves are, as a share of what the same core reads from its second-level cache.

Times are those of the processor, so that other work beside disturbs little. A look-up of the fast sieve reads one
byte for each slot and marker, so that it cannot sift more pairs a second than (bytes read a second) / (markers),
but for the fourth of its rows that the first-level cache holds: those of what is not typed, and others by chance.
Profiles are random and data are cold: codes exceed every cache, and each block of slots has a table of its own that
was written just before, as in a scan.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from homeward.scan import _compiled
from homeward.scan.prefilter import Layout, lay_out, neighbourly, none_yet

MARKERS, CALLS = 24, 118  # 2,832 rows, as many as the genotypes of 24 markers of 8 to 30 alleles
THRESHOLD = 5.0
_KB = 1024
FIRST_LEVEL, BEYOND = (16 * _KB,), (1 << 26,)  # bytes that a cache holds, or none
SECOND_LEVEL = tuple(size * _KB for size in (256, 384, 512, 640))  # read at unequal rates; the fastest counts
_AT_ONCE = 64  # bytes of a vector
_SUMS = 4  # that do not wait for each other; sixteen in a row were seen to reach half of the rate


@intrinsic
def _add_all(typing_context: Any, address: Any, size: Any) -> Any:
    """Add up the bytes at an address, as the fast sieve adds rows: by vectors, with saturation."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        start, length = arguments
        word, vector = ir.IntType(64), ir.VectorType(ir.IntType(8), _AT_ONCE)
        add = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector, vector]), f"llvm.uadd.sat.v{_AT_ONCE}i8"
        )
        sums = [cgutils.alloca_once(builder, vector) for _ in range(_SUMS)]
        for sum_ in sums:
            builder.store(ir.Constant(vector, [0] * _AT_ONCE), sum_)
        step = ir.Constant(word, _SUMS * _AT_ONCE)
        with cgutils.for_range(builder, builder.udiv(length, step)) as loop:
            at = builder.add(start, builder.mul(loop.index, step))
            for place, sum_ in enumerate(sums):
                address_of_part = builder.add(at, ir.Constant(word, place * _AT_ONCE))
                part = builder.load(builder.inttoptr(address_of_part, vector.as_pointer()))
                part.align = _AT_ONCE
                builder.store(builder.call(add, [builder.load(sum_), part]), sum_)
        total = builder.load(sums[0])
        for sum_ in sums[1:]:
            total = builder.call(add, [total, builder.load(sum_)])
        return builder.extract_element(total, ir.Constant(ir.IntType(32), 0))

    return types.uint8(types.intp, types.intp), emit


@numba.njit(cache=True, nogil=True)
def _read(values: Any, rounds: int) -> int:
    total = 0
    for _ in range(rounds):
        total += _add_all(values.ctypes.data, values.size)
    return total


def read_rate(sizes: Sequence[int] = SECOND_LEVEL, repeats: int = 10) -> float:
    """Bytes a second that this core reads from buffers of so many bytes, multiples of 1,024; the best of all.

    A buffer is read from its beginning to its end by vectors of 64 bytes into sums that do not wait for each
    other, so that nothing but the cache that holds it sets the pace.
    """
    return max(_read_rate(size, repeats) for size in sizes)


def _read_rate(size: int, repeats: int) -> float:
    room = np.ones(size + _AT_ONCE, dtype=np.uint8)
    start = -room.ctypes.data % _AT_ONCE
    values = room[start : start + size]
    rounds = max(1, (1 << 27) // size)
    assert _read(values, 2) == 2 * min(size // _AT_ONCE, 255)
    return max(size * rounds / _seconds(lambda: _read(values, rounds)) for _ in range(repeats))


def _seconds(what: Callable[[], object]) -> float:
    start = time.thread_time()
    what()
    return time.thread_time() - start


def problem(remains: int, seed: int = 1) -> tuple[Any, Layout]:
    """Rows (row, 128) as those of relatives, and random profiles with 15% of the markers untyped."""
    random = np.random.default_rng(seed)
    rows = random.normal(-2.0, 1.5, size=(1 + MARKERS * CALLS, _compiled.SLOTS))
    rows[0] = 0
    codes = random.integers(0, CALLS, size=(remains, MARKERS), dtype=np.int32)
    codes += 1 + CALLS * np.arange(MARKERS, dtype=np.int32)
    codes[random.random(codes.shape) < 0.15] = 0
    layout = neighbourly(lay_out(codes, np.array([-1, *np.repeat(np.arange(MARKERS), CALLS)])))
    return rows[layout.source], layout


def sieve(kind: str, remains: int) -> Callable[[], int]:
    """Sift all remains for one block of slots, whose table is written first; gives the number of candidates."""
    rows, layout = problem(remains)
    lanes, nobody = np.arange(_compiled.SLOTS, dtype=np.uint32), none_yet(remains, 0, THRESHOLD)

    def once() -> int:
        return sum(asked for _, asked in _compiled.sift(rows, layout, THRESHOLD, lanes, kind, nobody))

    return once


CACHES = {"first": FIRST_LEVEL, "second": SECOND_LEVEL, "beyond": BEYOND}


def ratio(kinds: Sequence[str], remains: int = 1_000_000, rounds: int = 7) -> dict[str, Any]:
    """Pairs a second of each sieve as a share of the rate at which the second-level cache is read, per marker.

    Everything is measured in turn, several times over, and the best of each is taken, so that other work on the
    machine strikes all alike. That the rates of the caches stand in their order tells that they are what was read.
    """
    sieves = {kind: sieve(kind, remains) for kind in kinds}
    pairs, rates = dict.fromkeys(kinds, 0.0), dict.fromkeys(CACHES, 0.0)
    for once in sieves.values():
        once()
    for _ in range(rounds):
        for name, sizes in CACHES.items():
            rates[name] = max(rates[name], read_rate(sizes, repeats=5))
        for kind, once in sieves.items():
            pairs[kind] = max(pairs[kind], remains * _compiled.SLOTS / _seconds(once))
    return {
        "bytes_per_second": rates,
        "in_order": rates["first"] > rates["second"] > rates["beyond"],
        "pairs_per_second": pairs,
        "ratio": {kind: pairs[kind] * MARKERS / rates["second"] for kind in kinds},
    }
