"""Compiled twins of the prefilter: quantise, sift, and score what is left, 128 slots at a time.

Two ways to sift, with the same answer after rescoring:

- ``wide``: deficits of 8 bits added with saturation, by vector instructions that numba does not write by
  itself. A saturated sum only means "beyond the budget". Needs AVX2 or AVX-512 (``wide_width`` tells).
- ``narrow``: four deficits of 16 bits in one 64-bit word, plain numba, on any machine. The budget is such
  that no sum overflows its 16 bits, and that the greatest bit of a sum tells that it is beyond.

A row of deficits is contiguous for all slots of a block: a look-up is a load and an add for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeVar

import llvmlite.binding
import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types as numba_types
from numba.core import cgutils as numba_cgutils
from numba.extending import intrinsic as numba_intrinsic

from homeward.genetics.mutation import Floats
from homeward.scan.prefilter import _SLACK, LEVEL, LEVELS, LN10, Best, Layout

_F = TypeVar("_F", bound=Callable[..., Any])
# what their stubs do not know
_njit: Any = numba.njit
types: Any = numba_types
cgutils: Any = numba_cgutils
SLOTS = 128  # of a block
WORDS = SLOTS // 4
_HALF = SLOTS // 2
WIDE_BUDGET = 255
_TOP = np.uint64(0x8000_8000_8000_8000)
_TINY = np.finfo(np.float64).tiny
_ROOM = 1 << 16  # pairs
_MANY, _FEW = 24, 8  # look-ups in a row without a branch
_AHEAD = 2048  # bytes of codes that are asked for before they are read


class Room(NamedTuple):
    """Where pairs are put."""

    remains: npt.NDArray[np.uint32]
    slots: npt.NDArray[np.uint32]
    log10_lr: Floats


def _compiled(function: _F) -> _F:
    compiled: _F = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    return compiled


def _vectors(function: Any) -> Any:
    """What a function returns is emitted as LLVM instructions where compiled code calls it."""
    return numba_intrinsic(function)


def wide_width() -> int:
    """Bits of the widest vector of bytes that this processor adds with saturation: 512, 256, or 0 if neither."""
    features = llvmlite.binding.get_host_cpu_features()
    if features.get("avx512bw"):
        return 512
    return 256 if features.get("avx2") else 0


def narrow_budget(markers: int) -> int:
    """Steps such that the sum over the markers stays below 2 ** 15."""
    return 0x7FFF // max(markers, 1)


@_vectors
def _beyond_saturation(typing_context: Any, table: Any, codes: Any, markers: Any) -> Any:
    """Add the 128-byte rows that 16- or 32-bit codes select; one bit for each slot that did not saturate.

    ``table`` and ``codes`` are addresses; the type of ``codes``' neighbour ``markers`` is an integer.
    """
    signature = types.UniTuple(types.uint64, 2)(types.intp, types.intp, types.intp)
    return signature, _emit_sums(2)


def _emit_sums(bytes_of_code: int) -> Callable[..., Any]:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        table, codes, markers = arguments
        vector = ir.VectorType(ir.IntType(8), _HALF)
        add = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector, vector]), f"llvm.uadd.sat.v{_HALF}i8"
        )
        sums = [cgutils.alloca_once_value(builder, ir.Constant(vector, [0] * _HALF)) for _ in range(2)]
        word = ir.IntType(64)
        place = cgutils.alloca_once_value(builder, codes)
        for sum_ in sums:  # anew each time, not only on entry to the function
            builder.store(ir.Constant(vector, [0] * _HALF), sum_)
        builder.store(codes, place)
        end = builder.add(codes, builder.mul(markers, ir.Constant(word, bytes_of_code)))
        _fetch(builder, builder.add(codes, ir.Constant(word, _AHEAD)))

        def add_row(at: Any, step: int) -> None:
            code_at = builder.add(at, ir.Constant(word, step * bytes_of_code))
            code = builder.load(builder.inttoptr(code_at, ir.IntType(8 * bytes_of_code).as_pointer()))
            code.align = bytes_of_code
            row = builder.add(table, builder.mul(builder.zext(code, word), ir.Constant(word, SLOTS)))
            for half, sum_ in enumerate(sums):
                address = builder.add(row, ir.Constant(word, half * _HALF))
                loaded = builder.load(builder.inttoptr(address, vector.as_pointer()))
                loaded.align = _HALF
                builder.store(builder.call(add, [builder.load(sum_), loaded]), sum_)

        for together in (_MANY, _FEW, 1):
            size = ir.Constant(word, together * bytes_of_code)
            test = builder.append_basic_block("test")
            body = builder.append_basic_block("body")
            after = builder.append_basic_block("after")
            builder.branch(test)
            builder.position_at_end(test)
            at = builder.load(place)
            builder.cbranch(builder.icmp_unsigned("<=", builder.add(at, size), end), body, after)
            builder.position_at_end(body)
            for step in range(together):
                add_row(at, step)
            builder.store(builder.add(at, size), place)
            builder.branch(test)
            builder.position_at_end(after)
        full = ir.Constant(vector, [255] * _HALF)
        masks = [builder.bitcast(builder.icmp_unsigned("!=", builder.load(sum_), full), word) for sum_ in sums]
        return context.make_tuple(builder, signature.return_type, masks)

    return emit


def _fetch(builder: Any, address: Any) -> None:
    """Ask for what will be read soon, and once; an address where nothing is does no harm."""
    byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
    fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
    to_read, not_to_stay, data = (ir.Constant(flag, value) for value in (0, 0, 1))
    builder.call(fetch, [builder.inttoptr(address, byte), to_read, not_to_stay, data])


@_vectors
def _beyond_saturation_long(typing_context: Any, table: Any, codes: Any, markers: Any) -> Any:
    """:func:`_beyond_saturation` for codes of 32 bits."""
    signature = types.UniTuple(types.uint64, 2)(types.intp, types.intp, types.intp)
    return signature, _emit_sums(4)


@_compiled
def _best(rows: Floats, marker: Any, best: Floats) -> None:
    best[:] = -np.inf
    for row in range(len(marker)):
        m = marker[row]
        if m < 0:
            continue
        for slot in range(rows.shape[1]):
            if rows[row, slot] > best[m, slot]:
                best[m, slot] = rows[row, slot]


@_compiled
def _quantise(
    rows: Floats, marker: Any, best: Floats, least: float, budget: int, slack: float, step: Floats, out: Any
) -> None:
    """Twin of :func:`homeward.scan.prefilter.deficits`; lanes beyond the slots are given the whole budget."""
    slots = rows.shape[1]
    for slot in range(slots):
        most, size = 0.0, 0.0
        for m in range(best.shape[0]):
            most += best[m, slot]
            size += abs(best[m, slot])
        room = most - least + slack * (1.0 + abs(least) + size)
        step[slot] = 0.0
        if room >= 0.0 and room < np.inf:
            step[slot] = max(room, _TINY * budget) / budget
    for row in range(rows.shape[0]):
        m = marker[row]
        first = slots if m >= 0 else 0
        for slot in range(first):
            short = (best[m, slot] - rows[row, slot]) / step[slot]  # by no step: infinite, or no number
            # never negative: cut off is rounded down
            out[row, slot] = int(short) if short < budget else budget
        for slot in range(first, out.shape[1]):
            out[row, slot] = budget


def quantised(rows: Floats, layout: Layout, least: float, budget: int, kind: type, levels: int = 0) -> npt.NDArray[Any]:
    """Deficits (row + levels + 1, 128) of at most 128 slots; the last row adds nothing.

    Each row is at an address that is a multiple of 64.
    """
    best = np.empty((layout.markers, rows.shape[1]))
    _best(rows, layout.marker, best)
    best[np.bincount(layout.marker[layout.marker >= 0], minlength=layout.markers) == 0] = 0.0
    out = aligned(len(rows) + levels + 1, kind)
    step = np.empty(rows.shape[1])
    _quantise(rows, layout.marker, best, least, budget, _SLACK, step, out[: len(rows)])
    _quantise_levels(step, budget, out[len(rows) : -1])
    out[-1] = 0
    return out


@_compiled
def _quantise_levels(step: Floats, budget: int, out: Any) -> None:
    """Twin of :func:`homeward.scan.prefilter.level_deficits`."""
    for level in range(out.shape[0]):
        for slot in range(out.shape[1]):
            found = budget
            if slot < len(step) and step[slot] > 0.0:
                short = level * (LEVEL * LN10) / step[slot]
                if short < budget:
                    found = int(short)
            out[level, slot] = found


def aligned(rows: int, kind: type) -> npt.NDArray[Any]:
    """Room for (row, 128) whose rows begin on cache lines."""
    size = rows * SLOTS * np.dtype(kind).itemsize
    room = np.empty(size + 64, dtype=np.uint8)
    start = -room.ctypes.data % 64
    return room[start : start + size].view(kind).reshape(rows, SLOTS)


@_compiled
def _offer(best: Best, codes: Any, first_level: int, least: float, row: int, r: int, slot: int, value: float) -> None:
    """Put a pair among the best of its remains ``r``, if it belongs there, and raise what the next must reach.

    ``row`` is that of the remains in ``codes``.
    """
    values, slots = best.log10_lr[r], best.slots[r]
    place = len(values) - 1
    if value < best.floors[r] or value < values[place] or (value == values[place] and slot > slots[place]):
        return
    while place > 0 and (value > values[place - 1] or (value == values[place - 1] and slot < slots[place - 1])):
        values[place], slots[place] = values[place - 1], slots[place - 1]
        place -= 1
    values[place], slots[place] = value, slot
    lowest = values[len(values) - 1]
    if lowest > best.floors[r]:
        best.floors[r] = lowest
        if not len(codes):
            return
        level = min(int((lowest - least) / LEVEL), LEVELS - 1)
        codes[row, codes.shape[1] - 1] = first_level + level


@_compiled
def offer(best: Best, remains: Any, slots: Any, log10_lr: Floats, nowhere: Any) -> None:
    """Put pairs among the best of their remains where they belong; ``nowhere`` are no codes at all."""
    for pair in range(len(remains)):
        _offer(best, nowhere, 0, 0.0, 0, remains[pair], slots[pair], log10_lr[pair])


@_compiled
def sift_wide(
    table: Any,
    rows: Floats,
    codes: Any,
    numbers: Any,
    markers: int,
    least: float,
    lanes: Any,
    start: int,
    room: Room,
    best: Best,
) -> tuple[int, int, int]:
    """Score from remains ``start`` on until all are done or the room for pairs is used up.

    Returns where to go on, how many pairs were put into the room, and how many were candidates.
    """
    kept, asked = 0, 0
    r = start - 1
    while True:
        r, low, high = _next_left(table, codes, r + 1)
        if r == codes.shape[0]:
            return r, kept, asked
        if kept + SLOTS > len(room.remains):
            return r, kept, asked
        for half in range(2):
            left = low if half == 0 else high
            lane = half * _HALF
            while left:
                if left & np.uint64(1):
                    asked += 1
                    kept += _asked(rows, codes, numbers, markers, least, lanes, r, lane, kept, room, best)
                left >>= np.uint64(1)
                lane += 1


@_compiled
def _next_left(table: Any, codes: Any, start: int) -> tuple[int, np.uint64, np.uint64]:
    """The next remains of which some slot is not beyond the budget, and which; all remains lie behind it if none is.

    A function of its own, so that its few variables stay in registers.
    """
    # signed: numba adds an address, which has no sign, and a number that has one as floats
    base, at, stride = np.intp(table.ctypes.data), np.intp(codes.ctypes.data), codes.strides[0]
    at += start * stride
    for r in range(start, codes.shape[0]):
        if codes.itemsize == 2:
            low, high = _beyond_saturation(base, at, codes.shape[1])
        else:
            low, high = _beyond_saturation_long(base, at, codes.shape[1])
        if low | high != 0:
            return r, low, high
        at += stride
    return codes.shape[0], np.uint64(0), np.uint64(0)


@_compiled
def _asked(
    rows: Floats,
    codes: Any,
    numbers: Any,
    markers: int,
    least: float,
    lanes: Any,
    r: int,
    lane: int,
    kept: int,
    room: Room,
    best: Best,
) -> int:
    """Score a candidate in float64; 1 if it was put into the room."""
    value = 0.0
    for m in range(markers):
        value += rows[codes[r, m], lane]
    value /= LN10
    if not value >= least:
        return 0
    if best.log10_lr.shape[1]:
        _offer(best, codes, rows.shape[0], least, r, numbers[r], lanes[lane], value)
        return 0
    room.remains[kept], room.slots[kept], room.log10_lr[kept] = numbers[r], lanes[lane], value
    return 1


@_compiled
def sift_narrow(
    words: Any,
    sums: Any,
    padded: Any,
    rows: Floats,
    codes: Any,
    numbers: Any,
    markers: int,
    least: float,
    lanes: Any,
    start: int,
    room: Room,
    best: Best,
) -> tuple[int, int, int]:
    """:func:`sift_wide` without vector instructions of its own.

    ``words`` are the rows of deficits, 32 words each, the last of them nothing but zeros; ``sums`` begin with
    2 ** 15 - budget in each 16 bits; ``padded`` is room for 24 codes. The sums of the 128 slots are not stored:
    a pass that stores nothing is half as fast again, and those few remains of which a slot is not beyond the
    budget are added up once more.
    """
    kept, asked = 0, 0
    before = max(codes.shape[1] - _MANY, 0)
    begin = sums[0]
    for r in range(start, codes.shape[0]):
        if kept + SLOTS > len(room.remains):
            return r, kept, asked
        last = codes[r, before:]
        if before:
            _add_rows(words, codes[r, :before], begin, sums)
        elif len(last) < _MANY:
            for m in range(_MANY):
                padded[m] = last[m] if m < len(last) else len(words) // WORDS - 1
            last = padded
        together = _TOP
        for word in range(WORDS):
            sum_ = sums[word]
            for m in range(_MANY):
                sum_ += words[last[m] * WORDS + word]
            together &= sum_
        if together == _TOP:
            continue
        for word in range(WORDS):
            sum_ = sums[word]
            for m in range(_MANY):
                sum_ += words[last[m] * WORDS + word]
            if sum_ & _TOP == _TOP:
                continue
            for lane in range(4):
                if not (sum_ >> np.uint64(16 * lane + 15)) & np.uint64(1):
                    asked += 1
                    kept += _asked(rows, codes, numbers, markers, least, lanes, r, 4 * word + lane, kept, room, best)
    return codes.shape[0], kept, asked


@_compiled
def _add_rows(words: Any, of_remains: Any, begin: np.uint64, sums: Any) -> None:
    sums[:] = begin
    for code in of_remains:
        for word in range(WORDS):
            sums[word] += words[code * WORDS + word]


def sift(
    rows: Floats, layout: Layout, least: float, lanes: npt.NDArray[np.uint32], kind: str, best: Best
) -> Iterator[tuple[Room, int]]:
    """Find the pairs of at most 128 slots that reach the threshold.

    Parameters
    ----------
    rows : (row, slot) natural log likelihood ratios
    layout : what the rows are; for ``best``, with levels
    least : log10 likelihood ratio that is kept
    lanes : (slot,) their numbers
    kind : "wide" or "narrow"
    best : takes the pairs instead, if it has room for any

    Yields
    ------
    Pairs, as often as there are many; and how many candidates there were.

    Raises
    ------
    ValueError
        If there are more slots than one block holds.
    """
    if rows.shape[1] > SLOTS:
        raise ValueError(f"{rows.shape[1]} slots: a block holds {SLOTS} at most")
    levels = LEVELS if layout.levels else 0
    room = Room(np.empty(_ROOM, np.uint32), np.empty(_ROOM, np.uint32), np.empty(_ROOM))
    given = (rows, layout.codes, layout.numbers, layout.markers, least, lanes)
    at = 0
    if kind == "wide":
        table = quantised(rows, layout, least * LN10, WIDE_BUDGET, np.uint8, levels)
        while at < len(layout.codes):
            at, kept, asked = sift_wide(table, *given, at, room, best)
            yield Room(room.remains[:kept].copy(), room.slots[:kept].copy(), room.log10_lr[:kept].copy()), asked
        return
    budget = narrow_budget(layout.codes.shape[1])
    words = quantised(rows, layout, least * LN10, budget, np.uint16, levels).view(np.uint64).ravel()
    sums = np.full(WORDS, (0x8000 - budget) * 0x0001_0001_0001_0001, dtype=np.uint64)
    padded = np.empty(_MANY, dtype=layout.codes.dtype)
    while at < len(layout.codes):
        at, kept, asked = sift_narrow(words, sums.copy(), padded, *given, at, room, best)
        yield Room(room.remains[:kept].copy(), room.slots[:kept].copy(), room.log10_lr[:kept].copy()), asked
