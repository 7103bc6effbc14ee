"""Which remains are drawn again together as a block, and among which places (``_blocks.py``).

Two brothers of whom either explains two others' remains badly alone, three remains that change places in a ring, two
couples that want the same family: no step by one or two remains leads from one to the other, because what lies between
is too unlikely. A block takes all of them at once. A component that is small enough is one block. In a larger
one there are the likely members of each family that couples, with those who compete for their other places, and sets
that are joined by places to which several point. Each member is drawn among its leading places: those that another
member, or a brother, wants as well come first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.identification._seats import Board

Floats = npt.NDArray[np.float64]
Couple = tuple[int, int, int, int]
"""Two remains that are likely at two slots of a family together: remains, then slots."""

MOST_MEMBERS = 6
USUAL = 4  # members of a block that is not a family's
MOST_ARRANGEMENTS = 3000  # of a block: these many are weighed at the most, in some 30 microseconds
MOST_ROWS = 800  # that one block may need to be known at once
PER_REMAINS = 2  # blocks that begin with each of the remains
PER_FAMILY = 12
LEADING = 24  # who want the same column or family, of which any two compete
AT_LEAST = 1e-3  # strength of a contest or a block, so that every one is drawn
BROTHERS = 0.05  # and of a likely couple
CONTESTED = 0.01  # of a place's weight, what it counts when another member wants it, beside its belief


class Blocks(NamedTuple):
    """As in ``_seats.Moves``."""

    contest_first: npt.NDArray[np.int32]
    contest_second: npt.NDArray[np.int32]
    contest_sum: Floats
    block_start: npt.NDArray[np.int64]
    block: npt.NDArray[np.int32]
    choice_start: npt.NDArray[np.int64]
    choice_slot: npt.NDArray[np.int32]
    choice_log: Floats
    block_sum: Floats


class _Place(NamedTuple):
    slot: int
    weight: float
    belief: float
    owner: int  # the column, or minus one less the family


def found(board: Board, belief: Floats, likely: Sequence[Couple]) -> Blocks:
    """Blocks of a component.

    Parameters
    ----------
    belief : (remains, columns) of belief propagation
    likely : couples of families that have no equal
    """
    wanted = _wanted(likely)
    places = [_places(board, belief, r, wanted.get(r, {})) for r in range(len(board.none))]
    usable = [r for r, of in enumerate(places) if of]
    near = _neighbours(places, likely)
    if len(usable) < 2:
        return _laid(board, [], places, wanted, near)
    if len(usable) <= MOST_MEMBERS:
        return _laid(board, [tuple(usable)], places, wanted, near)
    rng = np.random.default_rng(len(usable))
    members = [*_of_families(board, likely, near, rng), *_of_rivals(usable, near, rng)]
    return _laid(board, sorted(set(members)), places, wanted, near)


def _wanted(likely: Sequence[Couple]) -> dict[int, dict[int, set[int]]]:
    """Remains -> slot -> with whom they are likely there."""
    answer: dict[int, dict[int, set[int]]] = {}
    for i, j, a, b in likely:
        answer.setdefault(i, {}).setdefault(a, set()).add(j)
        answer.setdefault(j, {}).setdefault(b, set()).add(i)
    return answer


def _places(board: Board, belief: Floats, r: int, wanted: dict[int, set[int]]) -> list[_Place]:
    """Leading places of one of the remains that have no equal, and those where a brother makes it likely."""
    head = board.head[board.head_start[r] : board.head_start[r + 1]].tolist()
    columns = {int(board.column[k]): float(board.weight[k]) for k in head}
    for k in range(int(board.start[r]), int(board.start[r + 1])):
        if wanted and int(board.first[board.column[k]]) in wanted:
            columns[int(board.column[k])] = float(board.weight[k])
    answer = []
    for column, weight in columns.items():
        if board.size[column] == 1:
            slot = int(board.first[column])
            family = int(board.family_of[slot])
            answer.append(_Place(slot, weight, float(belief[r, column]), -1 - family if family >= 0 else column))
    return answer


def _neighbours(places: Sequence[Sequence[_Place]], likely: Sequence[Couple]) -> list[dict[int, float]]:
    """Of each of the remains, who wants the same column or family, and how much."""
    by_owner: dict[int, dict[int, float]] = {}
    for r, of in enumerate(places):
        for place in of:
            strength = max(place.belief, CONTESTED * min(place.weight, 1.0))
            held = by_owner.setdefault(place.owner, {})
            held[r] = max(held.get(r, 0.0), strength)
    near: list[dict[int, float]] = [{} for _ in places]
    for of_owner in by_owner.values():
        leading = sorted(of_owner, key=lambda r: -of_owner[r])[:LEADING]
        for i in leading:
            for j in leading:
                if i != j:
                    near[i][j] = near[i].get(j, 0.0) + min(of_owner[i], of_owner[j])
    for i, j, *_ in likely:
        near[i][j] = near[j][i] = near[i].get(j, 0.0) + BROTHERS
    return near


def _grown(members: Iterable[int], size: int, near: Sequence[dict[int, float]], rng: np.random.Generator) -> list[int]:
    """Members, and more who compete with them, drawn by how much."""
    chosen = list(members)
    while len(chosen) < size:
        beside: dict[int, float] = {}
        for r in chosen:
            for other, strength in near[r].items():
                if other not in chosen:
                    beside[other] = beside.get(other, 0.0) + strength
        if not beside:
            break
        strengths = np.sqrt(np.array(list(beside.values())))
        chosen.append(int(rng.choice(list(beside), p=strengths / strengths.sum())))
    return chosen


def _of_families(
    board: Board, likely: Sequence[Couple], near: Sequence[dict[int, float]], rng: np.random.Generator
) -> list[tuple[int, ...]]:
    """Two likely couples of one family at once, and likely couples with their rivals."""
    by_family: dict[int, list[Couple]] = {}
    for couple in likely:
        by_family.setdefault(int(board.family_of[couple[2]]), []).append(couple)
    answer = []
    for couples in by_family.values():
        two = [sorted({*a[:2], *b[:2]}) for k, a in enumerate(couples) for b in couples[:k]]
        answer += [tuple(one) for one in two[:PER_FAMILY]]
        for k in range(PER_FAMILY):
            one = couples[k % len(couples)][:2] if k < len(couples) or not two else two[int(rng.integers(len(two)))]
            size = USUAL + k % (MOST_MEMBERS - USUAL + 1)
            answer.append(tuple(sorted(_grown(one, size, near, rng))))
    return answer


def _of_rivals(
    usable: Sequence[int], near: Sequence[dict[int, float]], rng: np.random.Generator
) -> list[tuple[int, ...]]:
    sets = [_grown([r], USUAL + k % 2, near, rng) for r in usable for k in range(PER_REMAINS)]
    return [tuple(sorted(one)) for one in sets if len(one) > 1]


def _laid(
    board: Board,
    members: Sequence[tuple[int, ...]],
    places: Sequence[Sequence[_Place]],
    wanted: dict[int, dict[int, set[int]]],
    near: Sequence[dict[int, float]],
) -> Blocks:
    contests = [(i, j, max(of[j], AT_LEAST)) for i, of in enumerate(near) for j in of if i < j]
    open_still = [AT_LEAST + sum(near[i].get(j, 0.0) for i in one for j in one) for one in members]
    block_start, block, choice_start = [0], [], [0]
    slots: list[int] = []
    weights: list[float] = []
    for one in members:
        for r, chosen in zip(one, _choices(one, places, wanted), strict=True):
            block.append(r)
            slots += [-1, *(place.slot for place in chosen)]
            weights += [float(board.none[r]), *(place.weight for place in chosen)]
            choice_start.append(len(slots))
        block_start.append(len(block))
    return Blocks(
        np.array([i for i, _, _ in contests], dtype=np.int32),
        np.array([j for _, j, _ in contests], dtype=np.int32),
        np.cumsum([strength for _, _, strength in contests], dtype=np.float64),
        np.array(block_start, dtype=np.int64),
        np.array(block, dtype=np.int32),
        np.array(choice_start, dtype=np.int64),
        np.array(slots, dtype=np.int32),
        np.log(np.array(weights, dtype=np.float64)),
        np.cumsum(open_still, dtype=np.float64),
    )


def _choices(
    members: Sequence[int], places: Sequence[Sequence[_Place]], wanted: dict[int, dict[int, set[int]]]
) -> list[list[_Place]]:
    """The places of each member, the least important left out until the arrangements are few enough."""
    owners = {r: {place.owner for place in places[r]} for r in members}
    lists = []
    for r in members:
        others = [q for q in members if q != r]

        def worth(place: _Place, r: int = r, others: list[int] = others) -> float:
            brothers = bool(wanted.get(r, {}).get(place.slot, set()).intersection(others))
            contested = any(place.owner in owners[q] for q in others)
            return place.belief + (1.0 if brothers else CONTESTED * min(place.weight, 1.0) if contested else 0.0)

        lists.append(sorted(((worth(place), place) for place in places[r]), key=lambda one: -one[0]))
    while np.prod([1.0 + len(of) for of in lists]) > MOST_ARRANGEMENTS:
        longest = max(lists, key=lambda of: (len(of), -of[-1][0] if of else 0.0))
        longest.pop()
    return [[place for _, place in of] for of in lists]
