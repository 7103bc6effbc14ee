"""The sampler's board: a component's weights as lists, and what its moves choose from.

Slots that no weight tells apart share a column: persons without informative references are one column with as many
slots, and families alike are one kind. Of each of the remains the strongest entries, by weight or by what belief
propagation makes of them, are looked at one by one; the others are its tail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.identification import blocks, joint
from homeward.identification._seats import Board, Moves, Rows, State
from homeward.identification.field import FORBIDDEN, LARGEST_LOG

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

LEADING_WEIGHT = 0.05  # of a column, relative to "none", from which an entry is looked at by itself
LEADING_BELIEF = 1e-4  # or of its posterior by belief propagation,
LEADING_OF_MANY = 1e-3  # where pairs are more than
MANY_PAIRS = 1_000_000
MOST_LEADING = 24  # by weight
COUPLES = 20  # of a family that are proposed together
COUPLE_WEIGHT = 1e-4  # joint weight, relative to none for both, from which they are
OFFERED = 5  # leading places of one of the remains by weight, and as many by belief, that are drawn with another's
BLOCKS_EACH = 32  # remains for which one block is drawn again in every sweep,
FEWEST_BLOCKS = 4  # beside these
STRONGEST = 8  # remains of a slot that are tried as half of a couple, one by one,
STRONGEST_ROWS = 48  # and where a row tells all others at once


_Couple = tuple[int, int, int, int, int, int]
"""Two remains that are likely at two slots of a family: remains, slots, families alike, slots from one to the next."""


@dataclass(frozen=True, eq=False)
class Layout:
    """A component laid out for sampling, and the way back to its slots."""

    board: Board
    moves: Moves
    told_size: int
    asked: Places  # remains whose posteriors are told
    couplings: tuple[joint.Coupling, ...]  # one of each kind
    columns_of_kind: tuple[int, ...]  # the first column
    slots: tuple[tuple[int, ...], ...]  # column -> places among the component's slots, in order of its copies
    count: int  # slots of the component

    def state(self, seed: int) -> State:
        """Nobody is on the roster."""
        board = self.board
        remains, slots, families = len(board.none), len(board.column_of), len(board.members)
        beside = int(board.members.max(initial=0)) * max(remains, 1) + 1
        leading = max(int(np.diff(board.head_start).max(initial=0)), 2 * OFFERED) + 2
        most = int(board.members.max(initial=2))
        return State(
            at=np.full(remains, -1, dtype=np.int32),
            holder=np.full(slots, -1, dtype=np.int32),
            held=np.zeros(families, dtype=np.int32),
            active=np.zeros(families + 1, dtype=np.int32),
            active_at=np.full(families, -1, dtype=np.int32),
            free=board.size.copy(),
            row_of=np.full(slots, -1, dtype=np.int32),
            counts=np.zeros(3, dtype=np.int64),
            random=np.array([seed], dtype=np.uint64),
            need=np.full(2 + most, -1, dtype=np.int32),
            values=np.zeros(leading),
            beside=np.zeros(beside),
            beside_slot=np.zeros(beside, dtype=np.int32),
            others=np.full(most, -1, dtype=np.int32),
            grid=np.zeros(max((2 * OFFERED + 2) ** 2, blocks.MOST_ARRANGEMENTS)),
            code=np.zeros(blocks.MOST_ARRANGEMENTS, dtype=np.int64),
            block=np.zeros((4, blocks.MOST_MEMBERS), dtype=np.int64),
            so_far=np.zeros(blocks.MOST_MEMBERS + 1),
        )

    def rows(self, capacity: int) -> Rows:
        """Room for that many rows, none known; none where nothing couples."""
        open_slots = len(self.board.none) * int(self.board.members.max(initial=0))  # that may be in use at once
        capacity = max(min(capacity, 100_000), min(open_slots, int(self.board.members.sum())) + blocks.MOST_ROWS)
        most = int(self.board.members.max(initial=2))
        size = 1 << int(2 * capacity).bit_length()
        return Rows(
            table=np.full(size, -1, dtype=np.int32),
            kind=np.zeros(capacity, dtype=np.int32),
            place=np.zeros(capacity, dtype=np.int32),
            others=np.full((capacity, most), -1, dtype=np.int32),
            factor=np.zeros((capacity, len(self.board.none))),
            used=np.zeros(1, dtype=np.int64),
        )

    def slots_of(self, column: int) -> range:
        board = self.board
        first, stride, size = int(board.first[column]), int(board.stride[column]), int(board.size[column])
        return range(first, first + stride * size, stride)

    def candidates(self, kind: int, place: int) -> list[int]:
        """Remains that have a weight at a place of a kind of family, strongest first."""
        logs = _log_column(self.board, self.columns_of_kind[kind] + place)
        return [int(r) for r in np.argsort(-logs, kind="stable") if logs[r] > -np.inf]

    def start(self, number: int, point: Floats, rng: np.random.Generator) -> Iterator[tuple[int, int]]:
        """Pairs of remains and column in the order in which a chain tries to put them.

        The first chain starts from the estimate, the second from nobody, the third from the strongest, the
        others at random.
        """
        board = self.board
        if number == 1:
            return
        rows = np.repeat(np.arange(len(board.none)), np.diff(board.head_start))
        entries = board.head
        if number == 0:
            belief = self.by_column(point)[rows, board.column[entries]]
            worth, least = belief, 0.5 * (1 - self.by_column(point).sum(1))[rows]
        elif number == 2:
            worth, least = board.weight[entries], board.none[rows]
        else:
            worth, least = rng.random(len(entries)), np.full(len(entries), 0.3)
        for k in np.argsort(-worth, kind="stable").tolist():
            if worth[k] > least[k]:
                yield int(rows[k]), int(board.column[entries[k]])

    def by_column(self, point: Floats) -> Floats:
        """(remains, column) from (remains, slot)."""
        answer = np.zeros((len(point), len(self.slots)))
        for column, members in enumerate(self.slots):
            answer[:, column] = point[:, list(members)].sum(1)
        return answer

    def told(
        self, mean: Floats, error: Floats, apart: Floats, extra: Floats, point: Floats
    ) -> tuple[Floats, Floats, Floats, Floats, Floats]:
        """Of the remains asked about: none and its standard error, slots and theirs, and by how much chains differ."""
        board, belief = self.board, self.by_column(point)
        taken = belief.sum(0)
        shape = (len(self.asked), self.count)
        slot, slot_error, differ = np.zeros(shape), np.zeros(shape), np.zeros(len(self.asked))
        none, none_error = np.zeros(shape[0]), np.zeros(shape[0])
        for row, r in enumerate(self.asked.tolist()):
            head = board.head[board.head_start[r] : board.head_start[r + 1]]
            tail = board.tail[board.tail_start[r] : board.tail_start[r + 1]]
            places = np.append(board.told_none[r], board.told[head])
            differ[row] = apart[places].max()
            chances, errors = np.zeros(len(self.slots)), np.zeros(len(self.slots))
            chances[board.column[head]], errors[board.column[head]] = mean[board.told[head]], error[board.told[head]]
            none[row], none_error[row] = mean[board.told_none[r]], error[board.told_none[r]]
            columns = board.column[tail]
            apart_from = np.clip(1 - self._others(taken - belief[r])[columns], 0.0, 1.0)
            per_weight = none[row] / board.none[r]
            small = board.weight[tail] * board.size[columns] * per_weight * apart_from
            left = max(1 - none[row] - chances.sum() - extra[tail].sum(), 0.0)
            scale = left / small.sum() if small.sum() > 0 else 0.0
            chances[columns] = small * scale + extra[tail]
            errors[columns] = np.maximum(chances[columns], LEADING_BELIEF)
            total = none[row] + chances.sum()
            none[row] /= total
            for column in np.flatnonzero(chances).tolist():
                members = list(self.slots[column])
                slot[row, members] = chances[column] / len(members) / total
                slot_error[row, members] = errors[column] / len(members)
        return none, none_error, slot, slot_error, differ

    def _others(self, taken: Floats) -> Floats:
        """The chance that a slot of each column is taken, or its family active, by others."""
        board = self.board
        answer = taken / board.size
        for kind, column in enumerate(self.columns_of_kind):
            members = range(column, column + len(self.couplings[kind].slots))
            answer[list(members)] = sum(taken[c] / board.size[c] for c in members)
        return np.asarray(answer)


def lay_out(
    weights: joint.Weights,
    remains: Sequence[int],
    families: Sequence[joint.Family],
    point: Floats,
    asked: npt.NDArray[np.bool_],
) -> Layout:
    """Lay a component out.

    Parameters
    ----------
    point : (remains, slots of the families in order) what belief propagation makes of it
    asked : (remains,) whose posteriors are wanted
    """
    rows = np.asarray(remains)
    log_none = weights.log_none[rows]
    names = [s for family in families for s in family.slots]
    block = weights.log_slot[np.ix_(rows, np.array(names))]
    base = np.where(np.isfinite(log_none), log_none, block.max(1, initial=-np.inf))
    relative = np.exp(np.minimum(block - base[:, None], LARGEST_LOG))
    none = np.where(np.isfinite(log_none), 1.0, FORBIDDEN)
    classes = _classes(families, relative)
    columns = _Columns(classes)
    first_slots = [members[0] for members in columns.slots]
    sizes = np.array(columns.size, dtype=np.int32)
    belief = np.column_stack([point[:, list(of)].sum(1) for of in columns.slots])
    weight = relative[:, first_slots]
    likely = _couples(weight, columns, rows)
    board, told_size = _board(weight, none, belief, sizes, columns, likely, asked)
    moves = _moves(board, likely, belief)
    return Layout(
        board,
        moves,
        told_size,
        np.flatnonzero(asked),
        tuple(columns.couplings),
        tuple(columns.of_kind),
        tuple(columns.slots),
        len(names),
    )


@dataclass(frozen=True, eq=False)
class _Class:
    """Families alike: the places of their slots among the component's, (copies, members)."""

    coupling: joint.Coupling | None
    copies: tuple[tuple[int, ...], ...]


def _classes(families: Sequence[joint.Family], relative: Floats) -> list[_Class]:
    alike: dict[tuple[object, ...], list[tuple[int, ...]]] = {}
    coupling_of: dict[tuple[object, ...], joint.Coupling | None] = {}
    start = 0
    for number, family in enumerate(families):
        places = tuple(range(start, start + len(family.slots)))
        start += len(family.slots)
        what = family.coupling
        shared = ("single",) if what is None else ("pair", id(what.pair)) if what.pair is not None else (number,)
        key = (*shared, *(relative[:, place].tobytes() for place in places))
        alike.setdefault(key, []).append(places)
        coupling_of.setdefault(key, what)
    return [_Class(coupling_of[key], tuple(copies)) for key, copies in alike.items()]


class _Columns:
    """Columns and slots of the board, class by class."""

    def __init__(self, classes: Sequence[_Class]) -> None:
        self.slots: list[tuple[int, ...]] = []
        self.first: list[int] = []
        self.stride: list[int] = []
        self.size: list[int] = []
        self.column_of: list[int] = []
        self.family_of: list[int] = []
        self.family_first: list[int] = []
        self.members: list[int] = []
        self.kind: list[int] = []
        self.couplings: list[joint.Coupling] = []
        self.of_kind: list[int] = []
        for one in classes:
            self._add(one)

    def _add(self, one: _Class) -> None:
        base, column, width = len(self.column_of), len(self.slots), len(one.copies[0])
        for place in range(width):
            self.slots.append(tuple(copy[place] for copy in one.copies))
            self.first.append(base + place)
            self.stride.append(width)
            self.size.append(len(one.copies))
        for n in range(len(one.copies)):
            self.column_of += range(column, column + width)
            if one.coupling is None:
                self.family_of.append(-1)
                continue
            self.family_of += [len(self.members)] * width
            self.family_first.append(base + n * width)
            self.members.append(width)
            self.kind.append(len(self.couplings))
        if one.coupling is not None:
            self.couplings.append(one.coupling)
            self.of_kind.append(column)


def _board(
    weight: Floats,
    none: Floats,
    belief: Floats,
    size: npt.NDArray[np.int32],
    columns: _Columns,
    likely: Sequence[_Couple],
    asked: npt.NDArray[np.bool_],
) -> tuple[Board, int]:
    """Entries of all pairs with a weight, the leading ones apart; and how many sums are kept."""
    together = np.zeros(weight.shape, dtype=bool)  # leading whatever its own weight: a brother makes it likely
    for i, j, a, b, *_ in likely:
        together[[i, j], [columns.column_of[a], columns.column_of[b]]] = True
    rows, column = np.nonzero(weight > 0)
    start = np.searchsorted(rows, np.arange(len(none) + 1))
    entry = weight[rows, column]
    whole = entry * size[column]
    least = LEADING_BELIEF if len(entry) <= MANY_PAIRS else LEADING_OF_MANY
    leading = (whole >= LEADING_WEIGHT) | (belief[rows, column] >= least)
    for r in range(len(none)):
        here = slice(start[r], start[r + 1])
        if leading[here].sum() > MOST_LEADING:
            wanted = belief[r, column[here]] >= least
            wanted[np.argsort(-whole[here], kind="stable")[:MOST_LEADING]] = True
            leading[here] &= wanted
    leading |= together[rows, column]
    head, tail = np.flatnonzero(leading), np.flatnonzero(~leading)
    head_start, tail_start = np.searchsorted(head, start), np.searchsorted(tail, start)
    tail_sum = np.zeros(len(tail))
    for r in range(len(none)):
        here = slice(tail_start[r], tail_start[r + 1])
        tail_sum[here] = np.cumsum(whole[tail[here]])
    told_none = np.full(len(none), -1, dtype=np.int64)
    told_none[asked] = np.arange(int(asked.sum()))
    told = np.full(len(entry), -1, dtype=np.int64)
    of_asked = head[asked[rows[head]]]
    told[of_asked] = int(asked.sum()) + np.arange(len(of_asked))
    board = Board(
        none=none,
        start=start.astype(np.int64),
        column=column.astype(np.int32),
        weight=entry,
        told=told,
        head_start=head_start.astype(np.int64),
        head=head.astype(np.int64),
        head_column=column[head].astype(np.int32),
        head_weight=entry[head],
        tail_start=tail_start.astype(np.int64),
        tail=tail.astype(np.int64),
        tail_sum=tail_sum,
        told_none=told_none,
        first=np.array(columns.first, dtype=np.int32),
        stride=np.array(columns.stride, dtype=np.int32),
        size=size,
        column_of=np.array(columns.column_of, dtype=np.int32),
        family_of=np.array(columns.family_of, dtype=np.int32),
        family_first=np.array(columns.family_first, dtype=np.int32),
        members=np.array(columns.members, dtype=np.int32),
        kind=np.array(columns.kind, dtype=np.int32),
    )
    return board, int(asked.sum()) + len(of_asked)


# --- moves ---


def _moves(board: Board, likely: Sequence[_Couple], belief: Floats) -> Moves:
    rival_start, rivals = _rivals(board)
    together = blocks.found(board, belief, [couple[:4] for couple in likely if couple[4] == 1])
    couples = [couple for couple in likely if couple[4] > 1]
    pairs = [couple[:2] for couple in likely if couple[4] == 1]
    offer_start, offer_slot, offer, offer_weight = _offers(board, belief)
    remains = len(board.none)
    return Moves(
        rival_start=rival_start,
        rivals=rivals,
        **{
            name: np.array([couple[k] for couple in couples], dtype=np.int32)
            for k, name in enumerate(("first", "second", "first_slot", "second_slot", "copies", "stride"))
        },
        offer_start=offer_start,
        offer_slot=offer_slot,
        offer=offer,
        offer_weight=offer_weight,
        pair_first=np.array([i for i, _ in pairs], dtype=np.int32),
        pair_second=np.array([j for _, j in pairs], dtype=np.int32),
        contest_first=together.contest_first,
        contest_second=together.contest_second,
        contest_sum=together.contest_sum,
        block_start=together.block_start,
        block=together.block,
        choice_start=together.choice_start,
        choice_slot=together.choice_slot,
        choice_log=together.choice_log,
        block_sum=together.block_sum,
        exchanges=remains // 2 + 2 if len(rival_start) > 1 else 0,
        couples=remains // 4 + 1 if couples else 0,
        pairs=remains // 4 + 1 if pairs else 0,
        blocks=remains // BLOCKS_EACH + min(remains, FEWEST_BLOCKS) if len(together.block) else 0,
    )


def _rivals(board: Board) -> tuple[Places, npt.NDArray[np.int32]]:
    """Remains by column, or kind of family, to which several point."""
    rows = np.repeat(np.arange(len(board.none)), np.diff(board.head_start))
    by_column: dict[tuple[bool, int], list[int]] = {}
    for r, column in zip(rows.tolist(), board.column[board.head].tolist(), strict=True):
        family = int(board.family_of[board.first[column]])
        key = (True, int(board.kind[family])) if family >= 0 else (False, column)
        if r not in (of := by_column.setdefault(key, []))[-1:]:
            of.append(r)
    several = [of for of in by_column.values() if len(of) > 1]
    start = np.cumsum([0, *map(len, several)])
    return start.astype(np.int64), np.array([r for of in several for r in of], dtype=np.int32)


def _couples(weight: Floats, columns: _Columns, rows: npt.NDArray[np.intp]) -> list[_Couple]:
    """Pairs of remains that are likely at two slots of a family together; ``weight`` is (remains, columns)."""
    found: list[_Couple] = []
    for kind, coupling in enumerate(columns.couplings):
        column = columns.of_kind[kind]
        width, copies, first = len(coupling.slots), columns.size[column], columns.first[column]
        with np.errstate(divide="ignore"):
            alone = np.log(weight[:, column : column + width].T)
        for a in range(width):
            for b in range(a + 1, width):
                pairs = _likely(coupling, (alone[a], alone[b]), (a, b), rows)
                found += [(i, j, first + a, first + b, copies, width) for i, j in pairs]
    return found


def _likely(
    coupling: joint.Coupling, alone: tuple[Floats, Floats], places: tuple[int, int], rows: npt.NDArray[np.intp]
) -> list[tuple[int, int]]:
    """Of two places of a family the couples that are likely there; ``alone`` are ln of the weights of either."""
    a, b = alone
    if coupling.pair is not None:
        logs = a[:, None] + b[None, :] + coupling.pair[np.ix_(rows, rows)]
    elif coupling.row is not None:
        logs = np.full((len(a), len(b)), -np.inf)
        _add_rows(logs, coupling.row, (a, b), places, rows, len(coupling.slots))
        _add_rows(logs.T, coupling.row, (b, a), places[::-1], rows, len(coupling.slots))
    else:
        logs = np.full((len(a), len(b)), -np.inf)
        first, second = (np.argsort(-of, kind="stable")[:STRONGEST].tolist() for of in (a, b))
        for i in first:
            for j in second:
                if i != j and a[i] > -np.inf and b[j] > -np.inf:
                    holder = [-1] * len(coupling.slots)
                    holder[places[0]], holder[places[1]] = int(rows[i]), int(rows[j])
                    logs[i, j] = a[i] + b[j] + coupling.log_ratio(tuple(holder))
    np.fill_diagonal(logs, -np.inf)
    worth = np.flatnonzero(logs >= np.log(COUPLE_WEIGHT))
    order = worth[np.argsort(-logs.ravel()[worth], kind="stable")][:COUPLES]
    return [(int(k) // len(b), int(k) % len(b)) for k in order]


def _add_rows(
    logs: Floats,
    row: Callable[[joint.Holder, int], Floats],
    alone: tuple[Floats, Floats],
    places: tuple[int, int],
    rows: npt.NDArray[np.intp],
    width: int,
) -> None:
    """ln of the weight of the strongest at the first place with everyone at the second."""
    for i in np.argsort(-alone[0], kind="stable")[:STRONGEST_ROWS].tolist():
        if alone[0][i] > -np.inf:
            holder = tuple(int(rows[i]) if k == places[0] else -1 for k in range(width))
            logs[i] = alone[0][i] + alone[1] + row(holder, places[1])[rows]


def _log_column(board: Board, column: int) -> Floats:
    """ln of the weight of each of the remains at a column."""
    rows = np.repeat(np.arange(len(board.none)), np.diff(board.start))
    here = board.column == column
    logs = np.full(len(board.none), -np.inf)
    logs[rows[here]] = np.log(board.weight[here])
    return logs


def _offers(board: Board, belief: Floats) -> tuple[Places, npt.NDArray[np.int32], Floats, Floats]:
    """Per remains the places that are offered to half of a dissolved couple: none, or alone at a leading column."""
    start: list[int] = [0]
    slots: list[int] = []
    chances: list[float] = []
    weights: list[float] = []
    for r in range(len(board.none)):
        entries = board.head[board.head_start[r] : board.head_start[r + 1]]
        entries = entries[board.size[board.column[entries]] == 1]
        by_belief = np.argsort(-belief[r, board.column[entries]], kind="stable")[:OFFERED]
        by_weight = np.argsort(-board.weight[entries], kind="stable")[:OFFERED]
        entries = entries[sorted({*by_belief.tolist(), *by_weight.tolist()})]
        columns = board.column[entries].tolist()
        worth = np.array([max(0.1, 1 - belief[r].sum()), *(belief[r, columns] + 1e-3)])
        slots += [-1, *(int(board.first[c]) for c in columns)]
        chances += (worth / worth.sum()).tolist()
        weights += [float(board.none[r]), *board.weight[entries].tolist()]
        start.append(len(slots))
    places = np.array(start, dtype=np.int64), np.array(slots, dtype=np.int32)
    return (*places, np.array(chances), np.array(weights))
