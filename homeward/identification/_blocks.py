"""Several remains drawn again together: every arrangement among their leading places, compiled.

Which remains form a block, and among which places each is drawn, does not depend on the state (``blocks.py``). Where
all members are at one of these places, all arrangements are weighed given everyone else, and one is drawn in
proportion: a heat bath of the whole block, which leaves the posterior as it is. Families are weighed as their members
take places.
"""

from __future__ import annotations

import math

import numpy as np

from homeward.identification._seats import Board, Moves, Rows, State, compiled, drawn_from, log_of, put, take, uniform

_BEFORE, _CHOICE, _SEATED, _CHOICES = range(4)  # rows of State.block
_NEVER = 60.0  # an arrangement whose ln weight is that much less than the best's is not drawn


@compiled
def _inside(state: State, moves: Moves, first: int, count: int) -> bool:
    """Whether every member is at one of its places; writes down where it is."""
    for m in range(count):
        at = state.at[moves.block[first + m]]
        start, stop = moves.choice_start[first + m], moves.choice_start[first + m + 1]
        state.block[_BEFORE, m], state.block[_CHOICES, m] = at, stop - start
        found = False
        for k in range(start, stop):
            if moves.choice_slot[k] == at:
                found = True
        if not found:
            return False
    return True


@compiled
def _back(board: Board, state: State, rows: Rows, moves: Moves, first: int, count: int) -> None:
    for m in range(count):
        take(board, state, rows, moves.block[first + m])
    for m in range(count):
        put(board, state, rows, moves.block[first + m], state.block[_BEFORE, m])


@compiled
def _arrangements(board: Board, state: State, rows: Rows, moves: Moves, first: int, count: int) -> int:
    """Weigh every arrangement of members without a place; how many are possible, -1 if a row is not known."""
    found, level = 0, 0
    choice, seated = state.block[_CHOICE], state.block[_SEATED]
    choice[0], seated[0], state.so_far[0] = -1, 0, 0.0
    while level >= 0:
        r = moves.block[first + level]
        if seated[level]:
            take(board, state, rows, r)
            seated[level] = 0
        choice[level] += 1
        if choice[level] == state.block[_CHOICES, level]:
            level -= 1
            continue
        at = moves.choice_start[first + level] + choice[level]
        slot = moves.choice_slot[at]
        if slot >= 0 and state.holder[slot] >= 0:
            continue
        weight = moves.choice_log[at]
        if slot >= 0 and board.family_of[slot] >= 0 and state.held[board.family_of[slot]] > 0:
            weight += log_of(rows.factor[state.row_of[slot], r])
        weight += state.so_far[level]
        if weight == -np.inf:
            continue
        if level == count - 1:
            code = 0
            for m in range(count):
                code = code * state.block[_CHOICES, m] + choice[m]
            state.grid[found], state.code[found] = weight, code
            found += 1
            continue
        if slot >= 0:
            seated[level] = 1
            if not put(board, state, rows, r, slot):
                return -1
        level += 1
        choice[level], seated[level], state.so_far[level] = -1, 0, weight
    return found


@compiled
def _drawn(state: State, found: int) -> int:
    """One of the arrangements, in proportion to its weight."""
    highest = -np.inf
    for k in range(found):
        highest = max(highest, state.grid[k])
    total = 0.0
    for k in range(found):
        state.grid[k] = math.exp(state.grid[k] - highest) if state.grid[k] > highest - _NEVER else 0.0
        total += state.grid[k]
    target = uniform(state.random) * total
    chosen = -1
    for k in range(found):
        if state.grid[k] > 0.0:
            chosen = k
            if target < state.grid[k]:
                break
            target -= state.grid[k]
    return chosen


@compiled
def rearrange(board: Board, state: State, rows: Rows, moves: Moves) -> bool:
    """Draw the members of a block again together; False if a row is not known (nothing is done)."""
    k = drawn_from(state.random, moves.block_sum)
    first, count = moves.block_start[k], moves.block_start[k + 1] - moves.block_start[k]
    if not _inside(state, moves, first, count):
        return True
    for m in range(count):
        if not take(board, state, rows, moves.block[first + m]):
            _back(board, state, rows, moves, first, count)
            return False
    found = _arrangements(board, state, rows, moves, first, count)
    chosen = _drawn(state, found) if found > 0 else -1
    if chosen < 0:
        _back(board, state, rows, moves, first, count)
        return found == 0
    code = state.code[chosen]
    known = True
    for m in range(count - 1, -1, -1):
        state.block[_CHOICE, m] = code % state.block[_CHOICES, m]
        code //= state.block[_CHOICES, m]
    for m in range(count):
        slot = moves.choice_slot[moves.choice_start[first + m] + state.block[_CHOICE, m]]
        known = put(board, state, rows, moves.block[first + m], slot) and known
    if not known:
        _back(board, state, rows, moves, first, count)
    return known
