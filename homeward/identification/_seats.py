"""Who sits where while a component is sampled: the state of an assignment, compiled, and taking and leaving places.

A *slot* is one missing person's place; a *column* is a set of slots that no weight tells apart; a *family* is a set of
slots whose likelihood does not factorise. A family is active while one of its slots is held. What holding one slot does
to the weight of another comes in *rows*: for an open slot and the remains that hold the family's others, a factor for
each of the remains. A row that is not known yet is written into ``State.need``, and the caller computes it.
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
_UNKNOWN = -2
ACTIVE, CURSOR, STAGE = range(3)  # of State.counts


def compiled(function: _F) -> _F:
    made: _F = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    return made


def inlined(function: _F) -> _F:
    """Calls hand over every array of board, state and rows: the smallest functions are not worth one."""
    made: _F = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False, inline="always")(function)
    return made


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
    contest_first: Indices  # (contest,) two remains that want a common column or family
    contest_second: Indices
    contest_sum: Floats  # cumulative: contests that belief propagation leaves open are drawn more often
    block_start: Places  # (blocks + 1,) of members: remains that are drawn again together
    block: Indices  # the members
    choice_start: Places  # (members + 1,) the places among which each is drawn
    choice_slot: Indices
    choice_log: Floats  # ln of the weight there
    block_sum: Floats  # (blocks,) cumulative, as of contests
    exchanges: int  # per sweep
    couples: int
    pairs: int
    blocks: int


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
    grid: Floats  # and of two remains together, or of every arrangement of a block
    code: Places  # the arrangements
    block: Places  # (4, members): before, choice, whether seated there, how many choices
    so_far: Floats  # (members + 1,) ln of the weight of an arrangement up to each


class Rows(NamedTuple):
    table: Indices  # hash -> row, -1
    kind: Indices
    place: Indices
    others: Indices  # (row, members): the remains at each place, -1
    factor: Floats  # (row, remains)
    used: Places


@inlined
def _next(random: Random) -> np.uint64:
    """One step of splitmix64 (Steele, Lea and Flood 2014)."""
    random[0] += np.uint64(0x9E3779B97F4A7C15)
    z = random[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.uint64(z ^ (z >> np.uint64(31)))


@inlined
def uniform(random: Random) -> float:
    return float(_next(random) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def below(random: Random, bound: int) -> int:
    return min(int(uniform(random) * bound), bound - 1)


@compiled
def drawn_from(random: Random, cumulative: Floats) -> int:
    """A place of a cumulative sum, in proportion to what it adds."""
    target = uniform(random) * cumulative[-1]
    low, high = 0, len(cumulative) - 1
    while low < high:
        middle = (low + high) >> 1
        if cumulative[middle] <= target:
            low = middle + 1
        else:
            high = middle
    return low


@inlined
def entry_of(board: Board, r: int, column: int) -> int:
    """The entry of a pair, -1 if there is none."""
    low, high = board.start[r], board.start[r + 1]
    if high - low == len(board.size):  # every column
        return int(low + column)
    while low < high:
        middle = (low + high) >> 1
        if board.column[middle] < column:
            low = middle + 1
        else:
            high = middle
    return low if low < board.start[r + 1] and board.column[low] == column else -1


@compiled
def _hash(kind: int, place: int, others: Indices, members: int) -> int:
    value = np.int64(kind) * np.int64(1000003) + np.int64(place) * np.int64(7919)
    for k in range(members):
        value = (value ^ (value >> np.int64(29))) * np.int64(0x2545F4914F6CDD1D) + np.int64(others[k]) + np.int64(2)
    return int(value ^ (value >> np.int64(31)))


@compiled
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


@compiled
def enter(rows: Rows, row: int) -> None:
    """Make a row that was written findable."""
    members = rows.others.shape[1]
    mask = len(rows.table) - 1
    at = _hash(rows.kind[row], rows.place[row], rows.others[row], members) & mask
    while rows.table[at] >= 0:
        at = (at + 1) & mask
    rows.table[at] = row


@compiled
def refresh(board: Board, state: State, rows: Rows, family: int) -> bool:
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


@inlined
def _free_family(board: Board, state: State, family: int, change: int) -> None:
    for k in range(board.members[family]):
        state.free[board.column_of[board.family_first[family] + k]] += change


@compiled
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
    return refresh(board, state, rows, family)


@compiled
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
    return refresh(board, state, rows, family)


@inlined
def worth_of(board: Board, state: State, rows: Rows, r: int, slot: int) -> float:
    """The weight of remains without a place at an open slot, given everyone else."""
    if slot < 0:
        return float(board.none[r])
    entry = entry_of(board, r, board.column_of[slot])
    if entry < 0:
        return 0.0
    family = board.family_of[slot]
    if family >= 0 and state.held[family] > 0:
        return float(board.weight[entry] * rows.factor[state.row_of[slot], r])
    return float(board.weight[entry])


@inlined
def log_of(value: float) -> float:
    return math.log(value) if value > 0 else -np.inf
