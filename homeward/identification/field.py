"""A large joint problem laid out for arrays, and what belief propagation makes of it.

Weights are relative to "none of the roster". Persons who cannot be told apart by any weight (no
informative references) are one column with a number of copies. A family with two missing whose
likelihood does not factorise is a matrix over pairs of remains; one with three or more a list of
configurations among its strongest remains.

Belief propagation on this graph is exact on trees; sums that leave one out set the largest aside,
because "sum minus self" loses everything at weights of 1e16.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.identification.joint import Coupling, Family, Weights

Floats = npt.NDArray[np.float64]

COPIES = 10  # of an exchangeable person that are kept as columns; the others are only counted
LARGEST_LOG = 320.0  # weights beyond e^320 are cut: certain anyway, and squares must not overflow
STRONGEST = 7  # remains of a family with three or more missing that are combined
FORBIDDEN = 1e-100  # instead of zero, so that every ratio of sums exists
ROUNDS = 200
SETTLED = 1e-11


def others(terms: Floats, axis: int, beyond: int = 0) -> Floats:
    """For each entry, the sum of the other entries of its line, without the ``beyond`` largest of these.

    >>> others(np.array([[1.0, 1e20, 3.0]]), axis=1)
    array([[1.e+20, 4.e+00, 1.e+20]])
    """
    length = terms.shape[axis]
    if length <= beyond + 1:
        return np.zeros_like(terms)
    if beyond == 0:
        leading = np.expand_dims(terms.argmax(axis=axis), axis)
    else:
        leading = np.argpartition(-terms, beyond, axis=axis).take(range(beyond + 1), axis=axis)
    values = np.take_along_axis(terms, leading, axis=axis)
    small = terms.copy()
    np.put_along_axis(small, leading, 0.0, axis=axis)
    rest = small.sum(axis=axis, keepdims=True)
    answer = values.min(axis=axis, keepdims=True) + (rest - small)
    np.put_along_axis(answer, leading, np.broadcast_to(rest, values.shape), axis=axis)
    return np.asarray(np.maximum(answer, 0.0))


@dataclass(frozen=True, eq=False)
class PairFamily:
    """Two missing of one family. ``joint[i, j]``: weight of i at the first slot together with j at the second."""

    first: Floats
    second: Floats
    joint: Floats

    @property
    def either(self) -> Floats:
        return self.first + self.second


@dataclass(frozen=True, eq=False)
class ListedFamily:
    """Three or more missing: configurations as rows of remains (-1: nobody) with weights."""

    slots: tuple[int, ...]
    holders: npt.NDArray[np.intp]
    weight: Floats


@dataclass(frozen=True, eq=False)
class Field:
    """Remains by columns. ``copies`` counts what a column stands for beyond itself."""

    none: Floats  # (remains,) 1, or FORBIDDEN where "none of the roster" is impossible
    single: Floats  # (remains, columns)
    copies: Floats  # (columns,) further persons like this column, counted but not laid out
    members: tuple[tuple[int, ...], ...]  # slots that read their posterior from a column
    pairs: tuple[PairFamily, ...]
    pair_members: tuple[tuple[tuple[int, int], ...], ...]
    pair_copies: Floats
    listed: tuple[ListedFamily, ...]


def lay_out(weights: Weights, remains: Sequence[int], families: Sequence[Family]) -> Field:
    """The field of one component."""
    rows = np.asarray(remains)
    log_none = weights.log_none[rows]
    base = np.where(np.isfinite(log_none), log_none, weights.log_slot[rows].max(1))
    relative = np.exp(np.minimum(weights.log_slot[rows] - base[:, None], LARGEST_LOG))
    alone = [family.slots[0] for family in families if family.coupling is None]
    single, copies, members = _exchangeable(relative, alone)
    pairs, pair_copies, pair_members = _pairs(relative, rows, [f.coupling for f in families if f.coupling is not None])
    listed = tuple(
        _listed(relative, rows, f.coupling) for f in families if f.coupling is not None and f.coupling.pair is None
    )
    return Field(
        np.where(np.isfinite(log_none), 1.0, FORBIDDEN),
        single,
        copies,
        members,
        pairs,
        pair_members,
        pair_copies,
        listed,
    )


def _exchangeable(relative: Floats, alone: list[int]) -> tuple[Floats, Floats, tuple[tuple[int, ...], ...]]:
    """Columns, with equal ones beyond COPIES counted at the first of them."""
    classes: dict[bytes, list[int]] = {}
    for slot in alone:
        classes.setdefault(relative[:, slot].tobytes(), []).append(slot)
    columns, copies, members = [], [], []
    for slots in classes.values():
        laid = slots[:COPIES]
        columns += laid
        copies += [len(slots) - len(laid), *[0] * (len(laid) - 1)]
        members += [(laid[0], *slots[COPIES:]), *[(slot,) for slot in laid[1:]]]
    return relative[:, columns], np.array(copies, dtype=np.float64), tuple(members)


def _pairs(
    relative: Floats, rows: npt.NDArray[np.intp], couplings: list[Coupling]
) -> tuple[tuple[PairFamily, ...], Floats, tuple[tuple[tuple[int, int], ...], ...]]:
    classes: dict[tuple[int, bytes, bytes], list[Coupling]] = {}
    for coupling in couplings:
        if coupling.pair is not None:
            a, b = coupling.slots
            key = (id(coupling.pair), relative[:, a].tobytes(), relative[:, b].tobytes())
            classes.setdefault(key, []).append(coupling)
    families, copies, members = [], [], []
    for alike in classes.values():
        laid = alike[:COPIES]
        family = _pair_family(relative, rows, alike[0])
        for k, coupling in enumerate(laid):
            families.append(family)
            copies.append(len(alike) - len(laid) if k == 0 else 0)
            more = alike[COPIES:] if k == 0 else []
            members.append(tuple((one.slots[0], one.slots[1]) for one in [coupling, *more]))
    return tuple(families), np.array(copies, dtype=np.float64), tuple(members)


def _pair_family(relative: Floats, rows: npt.NDArray[np.intp], coupling: Coupling) -> PairFamily:
    assert coupling.pair is not None
    a, b = coupling.slots
    with np.errstate(divide="ignore"):
        log_joint = np.log(relative[:, a])[:, None] + np.log(relative[:, b])[None, :]
    joint = np.exp(np.minimum(log_joint + coupling.pair[np.ix_(rows, rows)], LARGEST_LOG))
    np.fill_diagonal(joint, 0.0)
    return PairFamily(relative[:, a].copy(), relative[:, b].copy(), joint)


def _listed(relative: Floats, rows: npt.NDArray[np.intp], coupling: Coupling) -> ListedFamily:
    slots = coupling.slots
    block = relative[:, list(slots)]
    singles = [
        tuple(i if k == j else -1 for k in range(len(slots)))
        for j in range(len(slots))
        for i in np.flatnonzero(block[:, j] > 0).tolist()
    ]
    strongest = np.argsort(-block.max(1), kind="stable")[:STRONGEST].tolist()
    together = [
        holder
        for holder in itertools.product([-1, *strongest], repeat=len(slots))
        if sum(i >= 0 for i in holder) > 1 and len(set(holder) - {-1}) == sum(i >= 0 for i in holder)
    ]
    kept, weight = [], []
    for holder in singles + together:
        product = math.prod(float(block[i, j]) for j, i in enumerate(holder) if i >= 0)
        if product == 0:
            continue
        ratio = coupling.log_ratio(tuple(int(rows[i]) if i >= 0 else -1 for i in holder))
        if ratio > -math.inf:
            kept.append(holder)
            weight.append(math.exp(min(math.log(product) + ratio, LARGEST_LOG)))
    return ListedFamily(slots, np.array(kept, dtype=np.intp).reshape(-1, len(slots)), np.array(weight))


@dataclass(frozen=True, eq=False)
class Belief:
    """What the columns say to each of the remains: odds against "none", before the others' share is taken."""

    single: Floats  # (remains, columns)
    first: Floats  # (remains, pairs)
    second: Floats
    free_single: Floats  # chance that the column's person is not taken by anyone else
    free_first: Floats
    free_second: Floats
    listed: tuple[Floats, ...]  # (remains, slots) each
    rounds: int


def pair_total(family: PairFamily, p: Floats) -> tuple[Floats, Floats, Floats]:
    """Of one family at messages p: T at the first slot, T at the second, and D without each of the remains."""
    with_second, with_first = family.joint @ p, family.joint.T @ p
    first, second = family.first + with_second, family.second + with_first
    without = 1 + others((family.either * p)[None], axis=1)[0]
    within = p * (with_second + with_first)  # terms of pairs that hold each of the remains
    total = float(p @ with_second)
    rest = total - within
    for r in np.flatnonzero(within > 0.5 * total).tolist():
        masked = p.copy()
        masked[r] = 0.0
        rest[r] = masked @ (family.joint @ masked)
    return first, second, without + np.maximum(rest, 0.0)


def _listed_total(family: ListedFamily, p: Floats) -> tuple[Floats, Floats]:
    """T for each of the remains and slot, and D without each of the remains."""
    count, slots = len(p), len(family.slots)
    extended = np.append(p, 1.0)
    factor = extended[family.holders]
    T = np.zeros((count, slots))
    for j in range(slots):
        held = family.holders[:, j]
        rest = family.weight * np.delete(factor, j, axis=1).prod(1)
        np.add.at(T[:, j], held[held >= 0], rest[held >= 0])
    whole = family.weight * factor.prod(1)
    total = float(whole.sum())
    within = T.sum(1) * p  # configurations that hold each of the remains
    rest = total - within
    for r in np.flatnonzero(within > 0.5 * total).tolist():  # where the difference would lose digits
        rest[r] = whole[~(family.holders == r).any(1)].sum()
    return T, 1 + np.maximum(rest, 0.0)


def propagate(field: Field) -> Belief:
    """Messages between remains and families until they settle."""
    count, columns = field.single.shape
    pairs, listed = len(field.pairs), len(field.listed)
    p_single = np.tile(1 / (1 + field.single.sum(1))[:, None], (1, columns))
    p_pair = np.tile(1 / (1 + field.single.sum(1))[:, None], (1, pairs))
    p_listed = np.tile(1 / (1 + field.single.sum(1))[:, None], (1, listed))
    first = second = pair_D = np.zeros((count, pairs))
    listed_T: list[Floats] = []
    D = np.ones((count, columns))
    x = np.zeros((count, columns))
    rounds = 0
    for rounds in range(1, ROUNDS + 1):
        D = 1 + others(field.single * p_single, axis=0)
        x = field.single / D
        totals = [pair_total(family, p_pair[:, k]) for k, family in enumerate(field.pairs)]
        first, second, pair_D = (_columns([t[i] for t in totals], count) for i in range(3))
        pair_x = (first + second) / pair_D
        lists = [_listed_total(family, p_listed[:, k]) for k, family in enumerate(field.listed)]
        listed_T = [T / d[:, None] for T, d in lists]
        listed_x = _columns([T.sum(1) for T in listed_T], count)
        all_x = np.column_stack([x, pair_x, listed_x])
        counted = x @ field.copies + pair_x @ field.pair_copies
        rest = field.none[:, None] + others(all_x, axis=1) + counted[:, None]
        with np.errstate(divide="ignore"):
            new = np.minimum(1 / rest, 1e150)
        old = np.column_stack([p_single, p_pair, p_listed])
        if rounds > 30:  # damp what oscillates
            new = np.sqrt(new * old)
        change = float(np.max(np.abs(new - old) / np.maximum(new, 1e-9), initial=0.0))
        p_single, p_pair, p_listed = np.split(new, [columns, columns + pairs], axis=1)
        if change < SETTLED * 1e3 and rounds > 3:
            break
    beside = list(zip(field.pairs, p_pair.T, strict=True))
    return Belief(
        single=x,
        first=first / pair_D,
        second=second / pair_D,
        free_single=1 / D,
        free_first=_columns([1 + others((f.second * p)[None], axis=1)[0] for f, p in beside], count) / pair_D,
        free_second=_columns([1 + others((f.first * p)[None], axis=1)[0] for f, p in beside], count) / pair_D,
        listed=tuple(listed_T),
        rounds=rounds,
    )


def _columns(vectors: list[Floats], count: int) -> Floats:
    return np.column_stack(vectors) if vectors else np.zeros((count, 0))
