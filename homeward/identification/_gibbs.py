"""The sampler's compiled loop: the moves between assignments, and what is added up on the way.

Who sits where is in ``_seats.py``. A row that is not known yet interrupts the loop; the caller computes it, and the
same update starts again with the same random numbers, so that what is remembered never changes what is drawn.

The moves (each leaves the posterior as it is):

- heat bath: one of the remains is drawn again from its conditional distribution, which is what is added up;
- double: two remains that point to a common column, or are likely as two of one family, are drawn again together
  from the leading places of both;
- block (``_blocks.py``): several remains are drawn again together, from every arrangement among their leading places;
- exchange: two remains that point to a common column change places;
- brothers: the holders of two slots of a family change places;
- couple: two remains are put to two slots of one of many families alike, or taken from there, as a Metropolis step.

``sampling.plain`` is the definition: the heat bath alone, one weight after the other.
"""

from __future__ import annotations

import math

import numpy as np

from homeward.identification._blocks import rearrange
from homeward.identification._seats import (
    ACTIVE,
    CURSOR,
    STAGE,
    Board,
    Floats,
    Moves,
    Rows,
    State,
    below,
    compiled,
    drawn_from,
    entry_of,
    inlined,
    log_of,
    put,
    take,
    uniform,
    worth_of,
)

_MISS = 64  # draws of a tail that hit what is taken, before the tail is looked through
HEAT, MOVES = range(2)  # stages of a sweep


# --- heat bath ---


@compiled
def _slot_of(board: Board, state: State, column: int) -> int:
    """A slot of a column that has one free, each as likely."""
    if board.size[column] == 1:
        return int(board.first[column])
    while True:
        slot = board.first[column] + board.stride[column] * below(state.random, board.size[column])
        family = board.family_of[slot]
        if state.holder[slot] < 0 and (family < 0 or state.held[family] == 0):
            return int(slot)


@compiled
def _tail_column(board: Board, r: int, target: float) -> int:
    low, high = board.tail_start[r], board.tail_start[r + 1] - 1
    while low < high:
        middle = (low + high) >> 1
        if board.tail_sum[middle] <= target:
            low = middle + 1
        else:
            high = middle
    return int(board.column[board.tail[low]])


@compiled
def _chosen(board: Board, state: State, r: int, near: float, besides: int) -> tuple[int, float]:
    """A place drawn from the conditional distribution, and an estimate without bias of one over its total.

    The tail is drawn as if nothing of it were taken, and again if it is. The number of draws over the total
    with all of the tail has one over the true total as its mean.
    """
    tail = board.tail_sum[board.tail_start[r + 1] - 1] if board.tail_start[r + 1] > board.tail_start[r] else 0.0
    total = near + tail
    for draw in range(1, _MISS + 1):
        target = uniform(state.random) * total
        if target < near or tail == 0.0:
            return _near(board, state, r, target, besides), draw / total
        column = _tail_column(board, r, target - near)
        slot = board.first[column] + board.stride[column] * below(state.random, board.size[column])
        family = board.family_of[slot]
        if state.holder[slot] < 0 and (family < 0 or state.held[family] == 0):
            return slot, draw / total
    left = 0.0
    for k in range(board.tail_start[r], board.tail_start[r + 1]):
        left += board.weight[board.tail[k]] * state.free[board.column[board.tail[k]]]
    target = uniform(state.random) * (near + left)
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


@compiled
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


@compiled
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
            worth = worth_of(board, state, rows, r, slot)
            if worth > 0.0:
                state.beside[besides] = worth
                state.beside_slot[besides] = slot
                besides += 1
                near += worth
    return near, besides


@compiled
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
            entry = entry_of(board, r, board.column_of[state.beside_slot[k]])
            if board.told[entry] >= 0:
                sums[board.told[entry]] += state.beside[k] * inverse
            else:
                extra[entry] += state.beside[k] * inverse
    return True


# --- moves ---


@inlined
def _offer_worth(board: Board, state: State, rows: Rows, moves: Moves, r: int, slot: int, offer: int) -> float:
    """The same at a leading place."""
    worth = float(moves.offer_weight[offer])
    if slot >= 0 and board.family_of[slot] >= 0 and state.held[board.family_of[slot]] > 0:
        worth *= float(rows.factor[state.row_of[slot], r])
    return worth


@compiled
def _change(
    board: Board, state: State, rows: Rows, r: int, q: int, to: int, so: int, log_offer: float
) -> tuple[bool, bool]:
    """Give two remains (the second may be -1) new places, as a Metropolis step: (all rows known, accepted).

    ``log_offer`` is what the proposal adds to the log of the acceptance ratio.
    """
    was, had = state.at[r], state.at[q] if q >= 0 else -1
    known = take(board, state, rows, r)
    old = log_of(worth_of(board, state, rows, r, was)) if known else 0.0
    if known and q >= 0:
        known = take(board, state, rows, q)
        old += log_of(worth_of(board, state, rows, q, had)) if known else 0.0
    new = -np.inf
    if known and (to < 0 or state.holder[to] < 0):
        new = log_of(worth_of(board, state, rows, r, to))
        known = new == -np.inf or put(board, state, rows, r, to)
        if known and new > -np.inf and q >= 0:
            if so >= 0 and state.holder[so] >= 0:
                new = -np.inf
            else:
                new += log_of(worth_of(board, state, rows, q, so))
                known = new == -np.inf or put(board, state, rows, q, so)
    if known and new > -np.inf:
        accept = log_of(uniform(state.random)) < new - old + log_offer
        if accept:
            return True, True
    take(board, state, rows, r)
    if q >= 0:
        take(board, state, rows, q)
        put(board, state, rows, q, had)
    put(board, state, rows, r, was)
    return known, False


@compiled
def _exchange(board: Board, state: State, rows: Rows, r: int, q: int) -> bool:
    """Two remains change places."""
    if state.at[r] == state.at[q]:
        return True
    known, _ = _change(board, state, rows, r, q, state.at[q], state.at[r], 0.0)
    return known


@compiled
def _brothers(board: Board, state: State, rows: Rows) -> bool:
    """The holder of a slot and the holder, if any, of another slot of the family change places."""
    r = below(state.random, len(state.at))
    slot = state.at[r]
    if slot < 0 or board.family_of[slot] < 0:
        return True
    first, members = board.family_first[board.family_of[slot]], board.members[board.family_of[slot]]
    k = below(state.random, members - 1)
    other = first + (k if first + k < slot else k + 1)
    known, _ = _change(board, state, rows, r, state.holder[other], other, slot, 0.0)
    return known


@inlined
def _offered(moves: Moves, r: int, slot: int) -> float:
    for k in range(moves.offer_start[r], moves.offer_start[r + 1]):
        if moves.offer_slot[k] == slot:
            return float(moves.offer[k])
    return 0.0


@compiled
def _draw_offer(moves: Moves, state: State, r: int) -> tuple[int, float]:
    target = uniform(state.random)
    start, stop = moves.offer_start[r], moves.offer_start[r + 1]
    for k in range(start, stop):
        if target < moves.offer[k] or k == stop - 1:
            return moves.offer_slot[k], moves.offer[k]
        target -= moves.offer[k]
    return -1, 0.0


@compiled
def _couple(board: Board, state: State, rows: Rows, moves: Moves) -> bool:
    """Put two remains into one family at once, or take them from it."""
    k = below(state.random, len(moves.first))
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
        log_offer = -log_of(chance * beside) - math.log(copies)
        known, _ = _change(board, state, rows, r, q, to, so, log_offer)
        return known
    chance = _offered(moves, r, a) * _offered(moves, q, b)
    if chance == 0.0:
        return True
    shift = stride * below(state.random, copies)
    to, so = moves.first_slot[k] + shift, moves.second_slot[k] + shift
    log_offer = log_of(chance) + math.log(copies)
    known, _ = _change(board, state, rows, r, q, to, so, log_offer)
    return known


@compiled
def _restore(board: Board, state: State, rows: Rows, r: int, q: int, was: int, had: int) -> None:
    take(board, state, rows, r)
    take(board, state, rows, q)
    put(board, state, rows, q, had)
    put(board, state, rows, r, was)


@compiled
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
        state.values[j] = -np.inf if taken else log_of(_offer_worth(board, state, rows, moves, q, so, begin + j))
    highest = -np.inf
    for i in range(first):
        to = moves.offer_slot[start + i]
        taken = to >= 0 and state.holder[to] >= 0
        own = -np.inf if taken else log_of(_offer_worth(board, state, rows, moves, r, to, start + i))
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
                worth = log_of(_offer_worth(board, state, rows, moves, q, so, begin + j))
            state.grid[i * second + j] = own + worth
            highest = max(highest, own + worth)
        if own > -np.inf and family >= 0:
            take(board, state, rows, r)
    total = 0.0
    for k in range(first * second):
        state.grid[k] = math.exp(state.grid[k] - highest) if state.grid[k] > highest - 60.0 else 0.0
        total += state.grid[k]
    target = uniform(state.random) * total
    to, so = was, had
    for k in range(first * second):
        if state.grid[k] > 0.0 and target >= 0.0:
            to, so = moves.offer_slot[start + k // second], moves.offer_slot[begin + k % second]
            target -= state.grid[k]
    if not (put(board, state, rows, r, to) and put(board, state, rows, q, so)):
        _restore(board, state, rows, r, q, was, had)
        return False
    return True


@compiled
def _rivals(state: State, moves: Moves) -> tuple[int, int]:
    """Two remains that point to a common column: any, or those of an open contest, as often."""
    if len(moves.contest_sum) and uniform(state.random) < 0.5:
        n = drawn_from(state.random, moves.contest_sum)
        return moves.contest_first[n], moves.contest_second[n]
    k = below(state.random, len(moves.rival_start) - 1)
    start, stop = moves.rival_start[k], moves.rival_start[k + 1]
    i = below(state.random, stop - start)
    j = below(state.random, stop - start - 1)
    return moves.rivals[start + i], moves.rivals[start + (j if j < i else j + 1)]


@compiled
def _move(board: Board, state: State, rows: Rows, moves: Moves, n: int) -> bool:
    if n < moves.exchanges:
        r, q = _rivals(state, moves)
        if n % 2:
            return _exchange(board, state, rows, r, q)
        return _double(board, state, rows, moves, r, q)
    if n < moves.exchanges + moves.couples:
        return _couple(board, state, rows, moves)
    if n < moves.exchanges + moves.couples + moves.pairs:
        k = below(state.random, len(moves.pair_first))
        return _double(board, state, rows, moves, moves.pair_first[k], moves.pair_second[k])
    if n < moves.exchanges + moves.couples + moves.pairs + moves.blocks:
        return rearrange(board, state, rows, moves)
    return _brothers(board, state, rows)


@compiled
def run(
    board: Board, state: State, rows: Rows, moves: Moves, sums: Floats, extra: Floats, sweeps: int, measure: bool
) -> int:
    """Make sweeps; how many are left to do when a row is missing (State.need says which), else 0."""
    remains = len(state.at)
    brothers = remains // 4 if len(state.held) else 0
    others = moves.exchanges + moves.couples + moves.pairs + moves.blocks + brothers
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
