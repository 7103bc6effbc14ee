"""The sampler's compiled loop: states of an assignment, the moves between them, and what is added up on the way.

A *slot* is one missing person's place; a *column* is a set of slots that no weight tells apart; a *family* is a set of
slots whose likelihood does not factorise. A family is active while one of its slots is held. What holding one slot does
to the weight of another comes in *rows*: for an open slot and the remains that hold the family's others, a factor for
each of the remains. A row that is not known yet interrupts the loop; the caller computes it, and the same update
starts again with the same random numbers, so that what is remembered never changes what is drawn.

The moves (each leaves the posterior as it is):

- heat bath: one of the remains is drawn again from its conditional distribution, which is what is added up;
- double: two remains that point to a common column, or are likely as two of one family, are drawn again together
  from the leading places of both;
- exchange: two remains that point to a common column change places;
- brothers: the holders of two slots of a family change places;
- couple: two remains are put to two slots of one of many families alike, or taken from there, as a Metropolis step.

``sampling.plain`` is the definition: the heat bath alone, one weight after the other.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]
Random = npt.NDArray[np.uint64]

_F = TypeVar("_F", bound=Callable[..., Any])
_njit: Any = numba.njit
_MISS = 64  # draws of a tail that hit what is taken, before the tail is looked through
_UNKNOWN = -2
ACTIVE, CURSOR, STAGE = range(3)  # of State.counts
HEAT, MOVES = range(2)  # stages of a sweep


def _compiled(function: _F) -> _F:
    compiled: _F = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    return compiled


def _inlined(function: _F) -> _F:
    """Calls hand over every array of board, state and rows: the smallest functions are not worth one."""
    compiled: _F = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False, inline="always")(function)
    return compiled


class Board(NamedTuple):
    """What does not change. Entries are pairs of remains and column, sorted by remains, then column."""

    none: Floats  # (remains,)
    start: Places  # (remains + 1,) of entries
    column: Indices  # (entry,)
    weight: Floats  # (entry,) of one slot of the column
    told: Places  # (entry,) place of a leading entry among the sums, -1
    head_start: Places  # (remains + 1,)
    head: Places  # leading entries of each of the remains
    head_column: Indices
    head_weight: Floats
    tail_start: Places
    tail: Places  # the other entries
    tail_sum: Floats  # weight times slots, cumulative within each of the remains
    told_none: Places  # (remains,) place of "none" among the sums, -1 if nobody asks
    first: Indices  # (column,) its first slot
    stride: Indices
    size: Indices  # how many slots
    column_of: Indices  # (slot,)
    family_of: Indices  # (slot,) -1: factorises
    family_first: Indices  # (family,) its first slot
    members: Indices  # (family,)
    kind: Indices  # (family,) families of one kind share their rows


class Moves(NamedTuple):
    """What the moves choose from. None of it depends on the state."""

    rival_start: Places  # columns to which several remains point
    rivals: Indices
    first: Indices  # (couple,) remains
    second: Indices
    first_slot: Indices  # slots in the first family of a class of equal ones
    second_slot: Indices
    copies: Indices  # families in the class
    stride: Indices  # slots from one of them to the next
    offer_start: Places  # (remains + 1,) leading places, and the chance that a dissolved couple is given them
    offer_slot: Indices
    offer: Floats
    offer_weight: Floats
    pair_first: Indices  # (pair,) remains that are likely as two of one family
    pair_second: Indices
    exchanges: int  # per sweep
    couples: int
    pairs: int


class State(NamedTuple):
    at: Indices  # (remains,) slot, -1: none of the roster
    holder: Indices  # (slot,)
    held: Indices  # (family,) how many of its slots
    active: Indices  # families, the first counts[ACTIVE] of them
    active_at: Indices  # (family,) place in active, -1
    free: Indices  # (column,) slots that nobody holds and whose family is not active
    row_of: Indices  # (slot,) row of an open slot of an active family
    counts: Places
    random: Random  # (1,)
    need: Indices  # kind, place and holders of the row that is missing
    values: Floats  # scratch: weights of the leading entries
    beside: Floats  # and of open slots of active families
    beside_slot: Indices
    others: Indices  # holders of a family
    grid: Floats  # and of two remains together


class Rows(NamedTuple):
    table: Indices  # hash -> row, -1
    kind: Indices
    place: Indices
    others: Indices  # (row, members): the remains at each place, -1
    factor: Floats  # (row, remains)
    used: Places


@_inlined
def _next(random: Random) -> np.uint64:
    """One step of splitmix64 (Steele, Lea and Flood 2014)."""
    random[0] += np.uint64(0x9E3779B97F4A7C15)
    z = random[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.uint64(z ^ (z >> np.uint64(31)))


@_inlined
def _uniform(random: Random) -> float:
    return float(_next(random) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@_inlined
def _below(random: Random, bound: int) -> int:
    return min(int(_uniform(random) * bound), bound - 1)


@_inlined
def _entry(board: Board, r: int, column: int) -> int:
    """The entry of a pair, -1 if there is none."""
    low, high = board.start[r], board.start[r + 1]
    while low < high:
        middle = (low + high) >> 1
        if board.column[middle] < column:
            low = middle + 1
        else:
            high = middle
    return low if low < board.start[r + 1] and board.column[low] == column else -1


@_compiled
def _hash(kind: int, place: int, others: Indices, members: int) -> int:
    value = np.int64(kind) * np.int64(1000003) + np.int64(place) * np.int64(7919)
    for k in range(members):
        value = (value ^ (value >> np.int64(29))) * np.int64(0x2545F4914F6CDD1D) + np.int64(others[k]) + np.int64(2)
    return int(value ^ (value >> np.int64(31)))


@_compiled
def _find(rows: Rows, kind: int, place: int, others: Indices, members: int) -> int:
    """The row of an open place of a family, -1 if it is not known yet."""
    mask = len(rows.table) - 1
    at = _hash(kind, place, others, members) & mask
    while True:
        row = rows.table[at]
        if row < 0:
            return -1
        if rows.kind[row] == kind and rows.place[row] == place:
            same = True
            for k in range(members):
                if rows.others[row, k] != others[k]:
                    same = False
            if same:
                return int(row)
        at = (at + 1) & mask


@_compiled
def enter(rows: Rows, row: int) -> None:
    """Make a row that was written findable."""
    members = rows.others.shape[1]
    mask = len(rows.table) - 1
    at = _hash(rows.kind[row], rows.place[row], rows.others[row], members) & mask
    while rows.table[at] >= 0:
        at = (at + 1) & mask
    rows.table[at] = row


@_compiled
def _refresh(board: Board, state: State, rows: Rows, family: int) -> bool:
    """Find the rows of a family's open slots; False if one is not known."""
    first, members = board.family_first[family], board.members[family]
    most = rows.others.shape[1]
    others = state.others
    for k in range(most):
        others[k] = state.holder[first + k] if k < members else -1
    known = True
    for k in range(members):
        if others[k] >= 0 or state.held[family] == 0:
            state.row_of[first + k] = -1
            continue
        row = _find(rows, board.kind[family], k, others, most)
        state.row_of[first + k] = row if row >= 0 else _UNKNOWN
        if row < 0:
            state.need[0], state.need[1] = board.kind[family], k
            for m in range(most):
                state.need[2 + m] = others[m]
            known = False
    return known


@_inlined
def _free_family(board: Board, state: State, family: int, change: int) -> None:
    for k in range(board.members[family]):
        state.free[board.column_of[board.family_first[family] + k]] += change


@_compiled
def put(board: Board, state: State, rows: Rows, r: int, slot: int) -> bool:
    """Remains that have no place take one; False if a row is not known."""
    state.at[r] = slot
    if slot < 0:
        return True
    state.holder[slot] = r
    family = board.family_of[slot]
    if family < 0:
        state.free[board.column_of[slot]] -= 1
        return True
    state.held[family] += 1
    if state.held[family] == 1:
        state.active[state.counts[ACTIVE]] = family
        state.active_at[family] = state.counts[ACTIVE]
        state.counts[ACTIVE] += 1
        _free_family(board, state, family, -1)
    return _refresh(board, state, rows, family)


@_compiled
def take(board: Board, state: State, rows: Rows, r: int) -> bool:
    """Remains leave their place; False if a row is not known."""
    slot = state.at[r]
    state.at[r] = -1
    if slot < 0:
        return True
    state.holder[slot] = -1
    family = board.family_of[slot]
    if family < 0:
        state.free[board.column_of[slot]] += 1
        return True
    state.held[family] -= 1
    if state.held[family] == 0:
        state.counts[ACTIVE] -= 1
        last = state.active[state.counts[ACTIVE]]
        state.active[state.active_at[family]] = last
        state.active_at[last] = state.active_at[family]
        state.active_at[family] = -1
        _free_family(board, state, family, 1)
    return _refresh(board, state, rows, family)


@_inlined
def _worth(board: Board, state: State, rows: Rows, r: int, slot: int) -> float:
    """The weight of remains without a place at an open slot, given everyone else."""
    if slot < 0:
        return float(board.none[r])
    entry = _entry(board, r, board.column_of[slot])
    if entry < 0:
        return 0.0
    family = board.family_of[slot]
    if family >= 0 and state.held[family] > 0:
        return float(board.weight[entry] * rows.factor[state.row_of[slot], r])
    return float(board.weight[entry])


@_inlined
def _offer_worth(board: Board, state: State, rows: Rows, moves: Moves, r: int, slot: int, offer: int) -> float:
    """The same at a leading place."""
    worth = float(moves.offer_weight[offer])
    if slot >= 0 and board.family_of[slot] >= 0 and state.held[board.family_of[slot]] > 0:
        worth *= float(rows.factor[state.row_of[slot], r])
    return worth


@_inlined
def _log(value: float) -> float:
    return math.log(value) if value > 0 else -np.inf


# --- heat bath ---


@_compiled
def _slot_of(board: Board, state: State, column: int) -> int:
    """A slot of a column that has one free, each as likely."""
    if board.size[column] == 1:
        return int(board.first[column])
    while True:
        slot = board.first[column] + board.stride[column] * _below(state.random, board.size[column])
        family = board.family_of[slot]
        if state.holder[slot] < 0 and (family < 0 or state.held[family] == 0):
            return int(slot)


@_compiled
def _tail_column(board: Board, r: int, target: float) -> int:
    low, high = board.tail_start[r], board.tail_start[r + 1] - 1
    while low < high:
        middle = (low + high) >> 1
        if board.tail_sum[middle] <= target:
            low = middle + 1
        else:
            high = middle
    return int(board.column[board.tail[low]])


@_compiled
def _chosen(board: Board, state: State, r: int, near: float, besides: int) -> tuple[int, float]:
    """A place drawn from the conditional distribution, and an estimate without bias of one over its total.

    The tail is drawn as if nothing of it were taken, and again if it is. The number of draws over the total
    with all of the tail has one over the true total as its mean.
    """
    tail = board.tail_sum[board.tail_start[r + 1] - 1] if board.tail_start[r + 1] > board.tail_start[r] else 0.0
    total = near + tail
    for draw in range(1, _MISS + 1):
        target = _uniform(state.random) * total
        if target < near or tail == 0.0:
            return _near(board, state, r, target, besides), draw / total
        column = _tail_column(board, r, target - near)
        slot = board.first[column] + board.stride[column] * _below(state.random, board.size[column])
        family = board.family_of[slot]
        if state.holder[slot] < 0 and (family < 0 or state.held[family] == 0):
            return slot, draw / total
    left = 0.0
    for k in range(board.tail_start[r], board.tail_start[r + 1]):
        left += board.weight[board.tail[k]] * state.free[board.column[board.tail[k]]]
    target = _uniform(state.random) * (near + left)
    inverse = _MISS / total + 1.0 / (near + left)
    if target < near or left == 0.0:
        return _near(board, state, r, target, besides), inverse
    target -= near
    column = -1
    for k in range(board.tail_start[r], board.tail_start[r + 1]):
        worth = board.weight[board.tail[k]] * state.free[board.column[board.tail[k]]]
        if worth > 0.0:
            column = board.column[board.tail[k]]
            if target < worth:
                break
            target -= worth
    return _slot_of(board, state, column), inverse


@_compiled
def _near(board: Board, state: State, r: int, target: float, besides: int) -> int:
    """What a target below the sum of "none", leading entries and active families falls to."""
    if target < board.none[r]:
        return -1
    target -= board.none[r]
    last = -1
    start = board.head_start[r]
    for k in range(start, board.head_start[r + 1]):
        worth = state.values[k - start]
        if worth > 0.0:
            last = board.head_column[k]
            if target < worth:
                return _slot_of(board, state, last)
            target -= worth
    for k in range(besides):
        if target < state.beside[k]:
            return int(state.beside_slot[k])
        target -= state.beside[k]
    return _slot_of(board, state, last) if last >= 0 else -1  # rounding at the very end


@_compiled
def _weigh(board: Board, state: State, rows: Rows, r: int) -> tuple[float, int]:
    """Write the weights of the leading entries and of the open slots of active families; their sum, and how many."""
    near = board.none[r]
    start = board.head_start[r]
    for k in range(start, board.head_start[r + 1]):
        worth = board.head_weight[k] * state.free[board.head_column[k]]
        state.values[k - start] = worth
        near += worth
    besides = 0
    for n in range(state.counts[ACTIVE]):
        family = state.active[n]
        for k in range(board.members[family]):
            slot = board.family_first[family] + k
            if state.holder[slot] >= 0:
                continue
            worth = _worth(board, state, rows, r, slot)
            if worth > 0.0:
                state.beside[besides] = worth
                state.beside_slot[besides] = slot
                besides += 1
                near += worth
    return near, besides


@_compiled
def _heat(board: Board, state: State, rows: Rows, r: int, sums: Floats, extra: Floats, measure: bool) -> bool:
    """Draw remains again, and add their conditional distribution up; False if a row is not known (nothing is done)."""
    before = state.at[r]
    if not take(board, state, rows, r):
        put(board, state, rows, r, before)
        return False
    near, besides = _weigh(board, state, rows, r)
    slot, inverse = _chosen(board, state, r, near, besides)
    if not put(board, state, rows, r, slot):
        take(board, state, rows, r)
        put(board, state, rows, r, before)
        return False
    if measure and board.told_none[r] >= 0:
        sums[board.told_none[r]] += board.none[r] * inverse
        start = board.head_start[r]
        for k in range(start, board.head_start[r + 1]):
            sums[board.told[board.head[k]]] += state.values[k - start] * inverse
        for k in range(besides):
            entry = _entry(board, r, board.column_of[state.beside_slot[k]])
            if board.told[entry] >= 0:
                sums[board.told[entry]] += state.beside[k] * inverse
            else:
                extra[entry] += state.beside[k] * inverse
    return True


# --- moves ---


@_compiled
def _change(
    board: Board, state: State, rows: Rows, r: int, q: int, to: int, so: int, log_offer: float
) -> tuple[bool, bool]:
    """Give two remains (the second may be -1) new places, as a Metropolis step: (all rows known, accepted).

    ``log_offer`` is what the proposal adds to the log of the acceptance ratio.
    """
    was, had = state.at[r], state.at[q] if q >= 0 else -1
    known = take(board, state, rows, r)
    old = _log(_worth(board, state, rows, r, was)) if known else 0.0
    if known and q >= 0:
        known = take(board, state, rows, q)
        old += _log(_worth(board, state, rows, q, had)) if known else 0.0
    new = -np.inf
    if known and (to < 0 or state.holder[to] < 0):
        new = _log(_worth(board, state, rows, r, to))
        known = new == -np.inf or put(board, state, rows, r, to)
        if known and new > -np.inf and q >= 0:
            if so >= 0 and state.holder[so] >= 0:
                new = -np.inf
            else:
                new += _log(_worth(board, state, rows, q, so))
                known = new == -np.inf or put(board, state, rows, q, so)
    if known and new > -np.inf:
        accept = _log(_uniform(state.random)) < new - old + log_offer
        if accept:
            return True, True
    take(board, state, rows, r)
    if q >= 0:
        take(board, state, rows, q)
        put(board, state, rows, q, had)
    put(board, state, rows, r, was)
    return known, False


@_compiled
def _exchange(board: Board, state: State, rows: Rows, r: int, q: int) -> bool:
    """Two remains change places."""
    if state.at[r] == state.at[q]:
        return True
    known, _ = _change(board, state, rows, r, q, state.at[q], state.at[r], 0.0)
    return known


@_compiled
def _brothers(board: Board, state: State, rows: Rows) -> bool:
    """The holder of a slot and the holder, if any, of another slot of the family change places."""
    r = _below(state.random, len(state.at))
    slot = state.at[r]
    if slot < 0 or board.family_of[slot] < 0:
        return True
    first, members = board.family_first[board.family_of[slot]], board.members[board.family_of[slot]]
    k = _below(state.random, members - 1)
    other = first + (k if first + k < slot else k + 1)
    known, _ = _change(board, state, rows, r, state.holder[other], other, slot, 0.0)
    return known


@_inlined
def _offered(moves: Moves, r: int, slot: int) -> float:
    for k in range(moves.offer_start[r], moves.offer_start[r + 1]):
        if moves.offer_slot[k] == slot:
            return float(moves.offer[k])
    return 0.0


@_compiled
def _draw_offer(moves: Moves, state: State, r: int) -> tuple[int, float]:
    target = _uniform(state.random)
    start, stop = moves.offer_start[r], moves.offer_start[r + 1]
    for k in range(start, stop):
        if target < moves.offer[k] or k == stop - 1:
            return moves.offer_slot[k], moves.offer[k]
        target -= moves.offer[k]
    return -1, 0.0


@_compiled
def _couple(board: Board, state: State, rows: Rows, moves: Moves) -> bool:
    """Put two remains into one family at once, or take them from it."""
    k = _below(state.random, len(moves.first))
    r, q, copies, stride = moves.first[k], moves.second[k], moves.copies[k], moves.stride[k]
    a, b = state.at[r], state.at[q]
    distance = a - moves.first_slot[k]
    together = (
        a >= 0
        and b - moves.second_slot[k] == distance
        and distance >= 0
        and distance % stride == 0
        and distance < copies * stride
    )
    if together:
        to, chance = _draw_offer(moves, state, r)
        so, beside = _draw_offer(moves, state, q)
        if (to == so and to >= 0) or (to == a and so == b):
            return True
        apart = to - moves.first_slot[k]
        if apart == so - moves.second_slot[k] and apart >= 0 and apart % stride == 0 and apart < copies * stride:
            return True
        log_offer = -_log(chance * beside) - math.log(copies)
        known, _ = _change(board, state, rows, r, q, to, so, log_offer)
        return known
    chance = _offered(moves, r, a) * _offered(moves, q, b)
    if chance == 0.0:
        return True
    shift = stride * _below(state.random, copies)
    to, so = moves.first_slot[k] + shift, moves.second_slot[k] + shift
    log_offer = _log(chance) + math.log(copies)
    known, _ = _change(board, state, rows, r, q, to, so, log_offer)
    return known


@_compiled
def _restore(board: Board, state: State, rows: Rows, r: int, q: int, was: int, had: int) -> None:
    take(board, state, rows, r)
    take(board, state, rows, q)
    put(board, state, rows, q, had)
    put(board, state, rows, r, was)


@_compiled
def _double(board: Board, state: State, rows: Rows, moves: Moves, r: int, q: int) -> bool:
    """Draw two remains again together, if both are at one of their leading places."""
    was, had = state.at[r], state.at[q]
    if _offered(moves, r, was) == 0.0 or _offered(moves, q, had) == 0.0:
        return True
    if not (take(board, state, rows, r) and take(board, state, rows, q)):
        _restore(board, state, rows, r, q, was, had)
        return False
    start, begin = moves.offer_start[r], moves.offer_start[q]
    first, second = moves.offer_start[r + 1] - start, moves.offer_start[q + 1] - begin
    for j in range(second):
        so = moves.offer_slot[begin + j]
        taken = so >= 0 and state.holder[so] >= 0
        state.values[j] = -np.inf if taken else _log(_offer_worth(board, state, rows, moves, q, so, begin + j))
    highest = -np.inf
    for i in range(first):
        to = moves.offer_slot[start + i]
        taken = to >= 0 and state.holder[to] >= 0
        own = -np.inf if taken else _log(_offer_worth(board, state, rows, moves, r, to, start + i))
        family = board.family_of[to] if to >= 0 else -1
        if own > -np.inf and family >= 0 and not put(board, state, rows, r, to):
            _restore(board, state, rows, r, q, was, had)
            return False
        for j in range(second):
            so = moves.offer_slot[begin + j]
            worth = state.values[j]
            if own == -np.inf or (so >= 0 and so == to):
                worth = -np.inf
            elif family >= 0 and so >= 0 and board.family_of[so] == family and state.holder[so] < 0:
                worth = _log(_offer_worth(board, state, rows, moves, q, so, begin + j))
            state.grid[i * second + j] = own + worth
            highest = max(highest, own + worth)
        if own > -np.inf and family >= 0:
            take(board, state, rows, r)
    total = 0.0
    for k in range(first * second):
        state.grid[k] = math.exp(state.grid[k] - highest) if state.grid[k] > highest - 60.0 else 0.0
        total += state.grid[k]
    target = _uniform(state.random) * total
    to, so = was, had
    for k in range(first * second):
        if state.grid[k] > 0.0 and target >= 0.0:
            to, so = moves.offer_slot[start + k // second], moves.offer_slot[begin + k % second]
            target -= state.grid[k]
    if not (put(board, state, rows, r, to) and put(board, state, rows, q, so)):
        _restore(board, state, rows, r, q, was, had)
        return False
    return True


@_compiled
def _rivals(state: State, moves: Moves) -> tuple[int, int]:
    """Two remains that point to a common column."""
    k = _below(state.random, len(moves.rival_start) - 1)
    start, stop = moves.rival_start[k], moves.rival_start[k + 1]
    i = _below(state.random, stop - start)
    j = _below(state.random, stop - start - 1)
    return moves.rivals[start + i], moves.rivals[start + (j if j < i else j + 1)]


@_compiled
def _move(board: Board, state: State, rows: Rows, moves: Moves, n: int) -> bool:
    if n < moves.exchanges:
        r, q = _rivals(state, moves)
        if n % 2:
            return _exchange(board, state, rows, r, q)
        return _double(board, state, rows, moves, r, q)
    if n < moves.exchanges + moves.couples:
        return _couple(board, state, rows, moves)
    if n < moves.exchanges + moves.couples + moves.pairs:
        k = _below(state.random, len(moves.pair_first))
        return _double(board, state, rows, moves, moves.pair_first[k], moves.pair_second[k])
    return _brothers(board, state, rows)


@_compiled
def run(
    board: Board, state: State, rows: Rows, moves: Moves, sums: Floats, extra: Floats, sweeps: int, measure: bool
) -> int:
    """Make sweeps; how many are left to do when a row is missing (State.need says which), else 0."""
    remains = len(state.at)
    brothers = remains // 4 if len(state.held) else 0
    others = moves.exchanges + moves.couples + moves.pairs + brothers
    left = sweeps
    while left > 0:
        if state.counts[STAGE] == HEAT:
            while state.counts[CURSOR] < remains:
                kept = state.random[0]
                if not _heat(board, state, rows, state.counts[CURSOR], sums, extra, measure):
                    state.random[0] = kept
                    return left
                state.counts[CURSOR] += 1
            state.counts[STAGE] = MOVES
            state.counts[CURSOR] = 0
        while state.counts[CURSOR] < others:
            kept = state.random[0]
            if not _move(board, state, rows, moves, state.counts[CURSOR]):
                state.random[0] = kept
                return left
            state.counts[CURSOR] += 1
        state.counts[STAGE] = HEAT
        state.counts[CURSOR] = 0
        left -= 1
    return 0
