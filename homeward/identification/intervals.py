"""Intervals that are proven to hold the exact posterior: the path tree, cut with rigorous bounds.

With R the remains and F the families, let Z(R, F) be the sum over assignments and
p_r(R, F) = Z(R without r, F) / Z(R, F). Then exactly

    p_r = 1 / (a_r + sum over families f of T_rf / D_f)

where T_rf sums, over the configurations c of f that hold r, weight(c) times the p of the other
members of c, and D_f is one plus the same sum over the configurations without r; each p stands in
the problem from which r, f and the members already multiplied are gone. (For one slot per family
this is Godsil's path tree, *Algebraic Combinatorics*, 1993, chapter 6.) Every term is positive, so
intervals go through.

The recursion branches over everything. Therefore a layer of messages bounds p_r, f gone, for *any*
few further remains and families gone as well: upper bounds keep all terms, lower bounds drop the
largest ones that could be gone. Layers are arrays, computed from the deepest (p between one over
all weights and one over a_r) to the first. Where an interval stays too wide, its few strong
neighbours are followed one by one (``_Tree``) with what is gone known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from homeward.identification.field import Field, Floats, PairFamily, others, pair_total
from homeward.progress import Tick, silent

ENOUGH = 1e-3  # an interval narrower than this is not refined further
NODES_EACH = 4_000  # path-tree nodes spent on one of the remains
NODES = 120_000  # and on all of them
STRONG = 10  # neighbours followed one by one
NOISE = 1e-12  # rounding, relative: added to every end
HUGE = 1e150


@dataclass(frozen=True, eq=False)
class Bounds:
    """Lower and upper ends of what each column says to each of the remains (as in ``Belief``)."""

    low: Floats  # (remains, columns): singles
    high: Floats
    first_low: Floats  # (remains, pairs)
    first_high: Floats
    second_low: Floats
    second_high: Floats
    pair_low: Floats  # (remains, pairs): both slots together; may be narrower than the sum of the two
    pair_high: Floats
    sum_low: Floats  # (remains,) of everything, "none" included
    sum_high: Floats


@dataclass(frozen=True, eq=False)
class _Layer:
    """Contributions T/D with few others gone, and the messages (own column gone) that follow from them."""

    low: Floats  # (remains, singles + pairs)
    high: Floats
    message_low: Floats
    message_high: Floats


def bound(field: Field, *, tick: Tick = silent) -> Bounds:
    """Bracket every contribution; as narrow as the layers and a limited path tree make it."""
    count, columns = field.single.shape
    entries = field.single.size + count * len(field.pairs)
    depth = 8 if entries < 20_000 else 5 if entries < 3_000_000 else 3
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        layers = _layers(field, depth, tick)
        root = layers[0]
        low, high = root.low.copy(), root.high.copy()
        split = _pair_split(field, layers[1])
        tree = _Tree(field, layers)
        order = np.argsort(-_width(field, low, high), kind="stable")
        spent = 0
        for done, r in enumerate(order.tolist()):
            if spent > NODES:
                break
            if done % 16 == 0:
                tick("intervals", done, count)
            spent += tree.refine(r, low, high, split)
        tick("intervals", count, count)
        sum_low, sum_high = _sums(field, low, high)
    return Bounds(
        low=low[:, :columns],
        high=high[:, :columns],
        first_low=split[0],
        first_high=np.minimum(split[1], high[:, columns:]),
        second_low=split[2],
        second_high=np.minimum(split[3], high[:, columns:]),
        pair_low=low[:, columns:],
        pair_high=high[:, columns:],
        sum_low=sum_low,
        sum_high=sum_high,
    )


def _sums(field: Field, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    weights = 1 + np.concatenate([field.copies, field.pair_copies])
    return (field.none + low @ weights) * (1 - NOISE), (field.none + high @ weights) * (1 + NOISE)


def _width(field: Field, low: Floats, high: Floats) -> Floats:
    """The widest posterior interval of each of the remains."""
    sum_low, sum_high = _sums(field, low, high)
    top = high / (high + np.maximum(sum_low[:, None] - low, 0))
    bottom = low / (low + np.maximum(sum_high[:, None] - high, 0))
    none = field.none / sum_low - field.none / sum_high
    widths = np.nan_to_num(top - bottom, nan=1.0, posinf=1.0)
    widest: Floats = np.maximum(widths.max(axis=1, initial=0.0), np.nan_to_num(none, nan=1.0, posinf=1.0))
    return widest


def gone(level: int, *, pairs: bool) -> int:
    """How many others may be gone from a problem at a depth of the tree."""
    return 2 * level if pairs else level


def _layers(field: Field, depth: int, tick: Tick) -> list[_Layer]:
    columns, pairs = field.single.shape[1], len(field.pairs)
    weights = 1 + np.concatenate([field.copies, field.pair_copies])
    most = np.column_stack([field.single, *[_most(family) for family in field.pairs]])
    message_low = np.tile((1 / (field.none + most @ weights))[:, None], (1, columns + pairs))
    message_high = np.tile(np.minimum(1 / field.none, HUGE)[:, None], (1, columns + pairs))
    layers: list[_Layer] = [_Layer(np.zeros_like(most), most, message_low, message_high)]
    for level in range(depth - 1, -1, -1):
        tick("intervals", 0, depth)
        before = layers[-1]
        low, high = _contributions(field, before, gone(level, pairs=pairs > 0))
        high = np.minimum(high, most)
        counted = np.concatenate([field.copies, field.pair_copies])
        row_low = field.none[:, None] + others(low, axis=1, beyond=max(level - 1, 0)) + (low @ counted)[:, None]
        row_high = field.none[:, None] + others(high, axis=1) + (high @ counted)[:, None]
        message_low = np.nan_to_num(1 / row_high, nan=0.0) * (1 - NOISE)
        message_high = np.minimum(np.nan_to_num(1 / row_low, nan=HUGE, posinf=HUGE), HUGE) * (1 + NOISE)
        layers.append(_Layer(low, high, message_low, message_high))
    return layers[::-1]


def _most(family: PairFamily) -> Floats:
    """T/D of each of the remains is never more: a pair's weight over the partner's own, or the single weight."""
    with np.errstate(divide="ignore", invalid="ignore"):
        at_first = np.nan_to_num(family.joint / family.second[None, :], nan=0.0, posinf=0.0).max(1)
        at_second = np.nan_to_num(family.joint / family.first[:, None], nan=0.0, posinf=0.0).max(0)
    return np.asarray(np.maximum(family.first, at_first) + np.maximum(family.second, at_second))


def _contributions(field: Field, before: _Layer, missing: int) -> tuple[Floats, Floats]:
    """T/D bounds for every remains and column when at most ``missing`` others are gone."""
    columns = field.single.shape[1]
    term_high = field.single * before.message_high[:, :columns]
    term_low = field.single * before.message_low[:, :columns]
    D_high = 1 + np.nan_to_num(others(term_high, axis=0), nan=np.inf, posinf=np.inf)
    D_low = 1 + others(term_low, axis=0, beyond=missing)
    low, high = [field.single / D_high], [field.single / D_low]
    for k, family in enumerate(field.pairs):
        p_high, p_low = before.message_high[:, columns + k], before.message_low[:, columns + k]
        first, second, D = pair_total(family, p_high)
        total = float(D.max())
        D_high = np.nan_to_num(D + total * NOISE, nan=np.inf, posinf=np.inf)
        D_low = 1 + others((family.either * p_low)[None], axis=1, beyond=missing)[0]
        low.append(family.either / D_high)
        high.append((first + second) / D_low)
    noise = 1 + NOISE
    return np.nan_to_num(np.column_stack(low)) / noise, np.nan_to_num(np.column_stack(high), nan=HUGE) * noise


def _pair_split(field: Field, layer: _Layer) -> tuple[Floats, Floats, Floats, Floats]:
    """The root's contribution of each pair family by slot: T first/D and T second/D, low and high."""
    count, columns = field.single.shape
    parts = np.zeros((4, count, len(field.pairs)))
    for k, family in enumerate(field.pairs):
        p_high, p_low = layer.message_high[:, columns + k], layer.message_low[:, columns + k]
        first, second, D = pair_total(family, p_high)
        D_high = D + float(D.max()) * NOISE
        D_low = 1 + others((family.either * p_low)[None], axis=1)[0]
        parts[0, :, k] = family.first / D_high
        parts[1, :, k] = first / D_low
        parts[2, :, k] = family.second / D_high
        parts[3, :, k] = second / D_low
    return parts[0] * (1 - NOISE), parts[1] * (1 + NOISE), parts[2] * (1 - NOISE), parts[3] * (1 + NOISE)


class _Tree:
    """The path tree below one of the remains, followed only through strong neighbours."""

    def __init__(self, field: Field, layers: list[_Layer]) -> None:
        self.field = field
        self.layers = layers
        self.columns = field.single.shape[1]
        self.copies = np.concatenate([field.copies, field.pair_copies])
        self.nodes = 0
        self.deepest = 1
        gap = layers[1].high - layers[1].low
        self.strong_columns = [_largest(gap[r]) for r in range(gap.shape[0])]
        paired = [family.either + family.joint.max(1) + family.joint.max(0) for family in field.pairs]
        weight = np.column_stack([field.single, *paired])
        reach = weight * (layers[1].message_high - layers[1].message_low)
        self.strong_remains = [_largest(reach[:, g]) for g in range(reach.shape[1])]
        self.weak_low = [self._weak(layer.low) for layer in layers]
        self.weak_high = [self._weak(layer.high) for layer in layers]
        self.rest_low = [self._rest(layer.message_low) for layer in layers]
        self.rest_high = [self._rest(layer.message_high) for layer in layers]

    def _weak(self, contribution: Floats) -> Floats:
        """Per remains, the sum over columns that are not followed one by one."""
        kept = contribution.copy()
        for r, strong in enumerate(self.strong_columns):
            kept[r, strong] = 0.0
        return np.asarray(kept.sum(1) + contribution @ self.copies + self.field.none)

    def _rest(self, message: Floats) -> Floats:
        """Per single column, the sum of terms over remains that are not followed one by one."""
        terms = self.field.single * message[:, : self.columns]
        for g in range(self.columns):
            terms[self.strong_remains[g], g] = 0.0
        return np.asarray(terms.sum(0))

    def refine(self, r: int, low: Floats, high: Floats, split: tuple[Floats, Floats, Floats, Floats]) -> int:
        """Narrow row r of the root, deeper and deeper, until it is narrow enough; the nodes it took."""
        self.nodes = 0
        for depth in range(1, len(self.layers) - 1):
            self.deepest = depth
            if float(_width(self._row(r), low[r : r + 1], high[r : r + 1])[0]) <= ENOUGH:
                break
            for g in self.strong_columns[r]:
                if g < self.columns:
                    a, b = self._column(r, frozenset(), frozenset(), g, 0)
                else:
                    parts = self._pair(r, frozenset(), frozenset(), g, 0)
                    k = g - self.columns
                    for array, value, better in zip(split, parts, (max, min, max, min), strict=True):
                        array[r, k] = better(array[r, k], value)
                    a, b = parts[0] + parts[2], parts[1] + parts[3]
                low[r, g], high[r, g] = max(low[r, g], a), min(high[r, g], b)
            if self.nodes > NODES_EACH:
                break
        return self.nodes

    def _row(self, r: int) -> Field:
        f = self.field
        return Field(f.none[r : r + 1], f.single[r : r + 1], f.copies, (), (), (), f.pair_copies, ())

    def message(self, r: int, off: frozenset[int], closed: frozenset[int], level: int) -> tuple[float, float]:
        """p_r with the remains ``off`` and the columns ``closed`` gone (as many as ``level``)."""
        self.nodes += 1
        layer = self.layers[level]
        strong = self.strong_columns[r]
        low, high = float(self.weak_low[level][r]), float(self.weak_high[level][r])
        for g in closed:
            if g not in strong:
                low -= float(layer.low[r, g])
                high -= float(layer.high[r, g])
        pad = NOISE * float(self.weak_high[level][r])
        low, high = max(low - pad, float(self.field.none[r])), high + pad
        for g in strong:
            if g in closed:
                continue
            a, b = float(layer.low[r, g]), float(layer.high[r, g])
            if level < self.deepest and self.nodes <= NODES_EACH and b - a > 1e-4 * low:
                if g < self.columns:
                    c, d = self._column(r, off, closed, g, level)
                else:
                    parts = self._pair(r, off, closed, g, level)
                    c, d = parts[0] + parts[2], parts[1] + parts[3]
                a, b = max(a, c), min(b, d)
            low += a
            high += b
        return (1 - NOISE) / high, min((1 + NOISE) / low if low > 0 else HUGE, HUGE)

    def _column(self, r: int, off: frozenset[int], closed: frozenset[int], g: int, level: int) -> tuple[float, float]:
        """T/D of a single column for r."""
        weight, layer = self.field.single[:, g], self.layers[level + 1]
        strong = self.strong_remains[g]
        gone_now, closed_now = off | {r}, closed | {g}
        low, high = float(self.rest_low[level + 1][g]), float(self.rest_high[level + 1][g])
        pad = NOISE * high
        for i in gone_now:
            if i not in strong:
                low -= float(weight[i] * layer.message_low[i, g])
                high -= float(weight[i] * layer.message_high[i, g])
        low, high = 1 + max(low - pad, 0.0), 1 + high + pad
        for i in strong:
            if i in gone_now:
                continue
            w = float(weight[i])
            a, b = float(layer.message_low[i, g]), float(layer.message_high[i, g])
            if self.nodes <= NODES_EACH and w * (b - a) > 1e-4 * low:
                c, d = self.message(i, gone_now, closed_now, level + 1)
                a, b = max(a, c), min(b, d)
            low += w * a
            high += w * b
        return float(weight[r]) / high * (1 - NOISE), float(weight[r]) / low * (1 + NOISE)

    def _pair(
        self, r: int, off: frozenset[int], closed: frozenset[int], g: int, level: int
    ) -> tuple[float, float, float, float]:
        """T/D of a pair family for r: first low, first high, second low, second high."""
        family, layer = self.field.pairs[g - self.columns], self.layers[level + 1]
        gone_now, closed_now = off | {r}, closed | {g}
        low, high = layer.message_low[:, g].copy(), layer.message_high[:, g].copy()
        absent = list(gone_now)
        low[absent] = high[absent] = 0.0
        then_low, then_high = low.copy(), high.copy()  # for the second of a pair: one more is gone
        for i in self.strong_remains[g]:
            if i in gone_now or self.nodes > NODES_EACH:
                continue
            c, d = self.message(i, gone_now, closed_now, level + 1)
            low[i], high[i] = max(low[i], c), min(high[i], d)
        D_low = 1 + float(family.either @ low) + float(low @ (family.joint @ then_low))
        D_high = 1 + float(family.either @ high) + float(high @ (family.joint @ then_high))
        first = float(family.first[r] + family.joint[r] @ low), float(family.first[r] + family.joint[r] @ high)
        second = (
            float(family.second[r] + family.joint[:, r] @ low),
            float(family.second[r] + family.joint[:, r] @ high),
        )
        less, more = (1 - NOISE) / D_high, (1 + NOISE) / D_low
        return first[0] * less, first[1] * more, second[0] * less, second[1] * more


def _largest(values: Floats) -> list[int]:
    """The columns worth following, strongest first."""
    worth = np.flatnonzero(values > 1e-6)
    return [int(k) for k in worth[np.argsort(-values[worth], kind="stable")][:STRONG]]
