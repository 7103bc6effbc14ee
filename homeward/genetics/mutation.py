"""Mutation at meiosis: the probability that a parent's allele is transmitted as another.

The models and their transforms are those of the R package pedmut (Vigeland, Egeland), restated
from their definitions: equal, proportional, extended stepwise (Egeland, Pinto, Amorim 2017),
one step, and the reversible stepwise model of Dawid, Mortera, Pascali (2002, section 5).
The stationary transform PM is that of Simonsson and Mostad (2016); MH, BA and PR make a matrix
reversible (Metropolis-Hastings, Barker, and the average of both directions).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense
from homeward.programme import NOTHING, REST, MutationKind, Transform

Floats = npt.NDArray[np.float64]

_ROW_TOLERANCE = 1e-9  # a custom row that misses one by more is a mistake, not rounding


def mutation_matrix(
    model: MutationKind,
    alleles: Sequence[str],
    frequencies: npt.ArrayLike,
    *,
    rate: float = 0.0,
    rate2: float | None = None,
    range: float | None = None,
    transform: Transform = Transform.NONE,
    custom: Mapping[tuple[str, str], float] = NOTHING,
) -> Floats:
    """Give the probability that each allele of a parent is transmitted as each other.

    Parameters
    ----------
    model : how the marker mutates
    alleles : (n,) names; stepwise, onestep and dawid need repeat numbers ("9", "9.3") or ``rest``
    frequencies : (n,) population frequencies; proportional, dawid and the transforms depend on them
    rate : probability of a mutation per meiosis (stepwise: of a whole number of repeats)
    rate2 : stepwise only: probability of a change of microvariant ("9" to "9.3"); 0 if None
    range : stepwise and dawid: ratio of the probabilities of k + 1 and of k repeats, above 0
    transform : how the matrix is then made stationary (PM) or reversible (MH, BA, PR)
    custom : custom only: (from, to) -> probability. A row without an entry for its own allele
        is completed by it; an allele without a row does not mutate

    Returns
    -------
    (n, n)
        Row: the parent's allele. Column: the allele as the child has it. Rows sum to one.

    Raises
    ------
    Nonsense
        If a parameter is missing, an allele is no repeat number where the model needs one, or
        the rates are so high that an allele would have a negative chance to stay as it is.

    Notes
    -----
    ``rest`` and microvariants stand on ladders of their own: they are one repeat away from
    nothing, so onestep and dawid leave them as they are unless another allele of the same
    fraction is present (pedmut refuses such markers). MH and BA lower the overall rate and are
    scaled back to it; PM keeps it by construction. Where the alleles fall into groups
    that never mutate into each other, PM keeps the rate of each group.

    Examples
    --------
    >>> mutation_matrix(MutationKind.EQUAL, ["8", "9", "10"], [0.2, 0.3, 0.5], rate=0.01)
    array([[0.99 , 0.005, 0.005],
           [0.005, 0.99 , 0.005],
           [0.005, 0.005, 0.99 ]])
    """
    p = np.asarray(frequencies, dtype=np.float64)
    if not 0 <= rate <= 1:
        raise Nonsense(f"a mutation rate is a probability, not {rate}")
    off = _off_diagonal(model, alleles, p, rate, rate2 or 0.0, range, custom)
    return _with_diagonal(_transformed(off, p, transform), f"{model} with transform {transform}")


def _off_diagonal(
    model: MutationKind,
    alleles: Sequence[str],
    p: Floats,
    rate: float,
    rate2: float,
    range_: float | None,
    custom: Mapping[tuple[str, str], float],
) -> Floats:
    n = len(alleles)
    match model:
        case MutationKind.NONE:
            return np.zeros((n, n))
        case MutationKind.EQUAL:
            return _hollow(np.full((n, n), rate / max(n - 1, 1)))
        case MutationKind.PROPORTIONAL:
            heterozygosity = float(p @ (1 - p))
            scale = rate / heterozygosity if n > 1 else 0.0
            return _hollow(np.tile(p * scale, (n, 1)))
        case MutationKind.STEPWISE:
            return _stepwise(alleles, rate, rate2, _needed(range_, model))
        case MutationKind.ONESTEP:
            neighbours = (_repeats_apart(alleles) == 1).astype(np.float64)
            return np.asarray(neighbours * (rate / np.maximum(neighbours.sum(axis=1, keepdims=True), 1)))
        case MutationKind.DAWID:
            weights = _step_weights(alleles, _needed(range_, model))
            whole = float(weights.sum())
            return np.asarray(weights * (rate / max(whole, np.finfo(np.float64).tiny)) / p[:, None])
        case MutationKind.CUSTOM:
            return _custom(alleles, custom)


def _needed(range_: float | None, model: MutationKind) -> float:
    if range_ is None or not 0 < range_ <= 1:
        raise Nonsense(f"mutation model {model} needs a range above 0 and at most 1, not {range_}")
    return range_


def _hollow(matrix: Floats) -> Floats:
    """The matrix with an empty diagonal."""
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _repeats_apart(alleles: Sequence[str]) -> Floats:
    """(n, n) number of repeats between alleles of one fraction, infinite between others."""
    sizes = [_repeats(allele) for allele in alleles]
    return np.array(
        [
            [
                float(abs(a - b)) if a is not None and b is not None and a % 1 == b % 1 else np.inf
                for b in sizes
            ]
            for a in sizes
        ]
    )  # fmt: skip


def _repeats(allele: str) -> Decimal | None:
    """Number of repeats; None for the alleles that a table does not name."""
    if allele == REST:
        return None
    try:
        size = Decimal(allele)
    except InvalidOperation:
        size = Decimal("nan")
    if not size.is_finite() or size.adjusted() > 6:  # 1e400 is a number, and no number of repeats
        raise Nonsense(f"allele {allele!r} is no number of repeats; a stepwise model cannot place it")
    return size


def _step_weights(alleles: Sequence[str], range_: float) -> Floats:
    """(n, n) range ** repeats between two different alleles of one fraction, else zero."""
    apart = _repeats_apart(alleles)
    return _hollow(np.where(np.isfinite(apart), range_ ** np.where(np.isfinite(apart), apart, 0.0), 0.0))


def _stepwise(alleles: Sequence[str], rate: float, rate2: float, range_: float) -> Floats:
    weights = _step_weights(alleles, range_)
    whole = weights.sum(axis=1, keepdims=True)
    steps = np.divide(weights, whole, out=np.zeros_like(weights), where=whole > 0) * rate
    other = _hollow(np.isinf(_repeats_apart(alleles)).astype(np.float64))
    return np.asarray(steps + other * (rate2 / np.maximum(other.sum(axis=1, keepdims=True), 1)))


def _custom(alleles: Sequence[str], custom: Mapping[tuple[str, str], float]) -> Floats:
    index = {allele: i for i, allele in enumerate(alleles)}
    matrix = np.zeros((len(alleles), len(alleles)))
    for (parent, child), probability in custom.items():
        if parent not in index or child not in index:
            raise Nonsense(f"the mutation matrix names {parent} to {child}, which are not both alleles of the marker")
        if not 0 <= probability <= 1:
            raise Nonsense(f"the mutation matrix gives {parent} to {child} the probability {probability}")
        matrix[index[parent], index[child]] = probability
    for parent in {parent for parent, _ in custom}:
        row = index[parent]
        excess = float(matrix[row].sum()) - 1
        if excess > _ROW_TOLERANCE or ((parent, parent) in custom and excess < -_ROW_TOLERANCE):
            raise Nonsense(f"the mutation matrix's row of allele {parent} sums to {1 + excess:.12g}, not 1")
    return _hollow(matrix)


def _with_diagonal(off: Floats, what: str) -> Floats:
    stays = 1 - off.sum(axis=1)
    if stays.size and stays.min() < -_ROW_TOLERANCE:
        raise Nonsense(
            f"mutation model {what} would leave an allele as it is with probability {stays.min():.6g}: "
            "the rate is too high for these frequencies"
        )
    off[np.diag_indices_from(off)] = np.maximum(stays, 0.0)
    return off


def _transformed(off: Floats, p: Floats, transform: Transform) -> Floats:
    if transform is Transform.NONE or not off.any():
        return off
    if (p <= 0).any():
        raise Nonsense(f"transform {transform} needs every frequency above zero")
    if transform is Transform.PM:
        return _stationary(off, p)
    flow = p[:, None] * off
    back = flow.T
    if transform is Transform.PR:
        return np.asarray((flow + back) / 2 / p[:, None])
    if transform is Transform.MH:
        balanced = np.minimum(flow, back)
    else:
        both = flow + back
        balanced = np.divide(flow * back, both, out=np.zeros_like(both), where=both > 0)
    if not balanced.any():
        raise Nonsense(f"transform {transform} leaves no mutation: none can be reversed")
    return np.asarray(balanced * (flow.sum() / balanced.sum()) / p[:, None])


def _stationary(off: Floats, p: Floats) -> Floats:
    """Scale each row so that the frequencies are stationary and the overall rate is kept.

    With pi the stationary distribution of the matrix itself, rows scaled by pi / p have p.
    """
    scaled = np.zeros_like(off)
    for group in _groups(off):
        inside = off[np.ix_(group, group)]
        if not inside.any():
            continue
        ratio = _stationary_distribution(inside) / p[group]
        rate = float(p[group] @ inside.sum(axis=1))
        raw = inside * ratio[:, None]
        scaled[np.ix_(group, group)] = raw * (rate / float(p[group] @ raw.sum(axis=1)))
    return scaled


def _groups(off: Floats) -> list[npt.NDArray[np.intp]]:
    """Alleles that mutate into each other, directly or not."""
    n = len(off)
    reached = (off > 0) | np.eye(n, dtype=bool)
    for _ in range(max(n.bit_length(), 1)):
        reached = (reached.astype(np.float64) @ reached) > 0
    if (reached != reached.T).any():
        raise Nonsense("transform PM: some alleles mutate away and never back, so no matrix can be stationary")
    return [np.flatnonzero(row) for i, row in enumerate(reached) if np.flatnonzero(row)[0] == i]


def _stationary_distribution(off: Floats) -> Floats:
    """Stationary distribution by the subtraction-free elimination of Grassmann, Taksar, Heyman (1985).

    Every entry is accurate to rounding, however small: with range 0.1 they span twenty magnitudes.
    """
    a = off.copy()
    n = len(a)
    for k in range(n - 1, 0, -1):
        a[:k, k] /= a[k, :k].sum()
        a[:k, :k] += np.outer(a[:k, k], a[k, :k])
    pi = np.ones(n)
    for k in range(1, n):
        pi[k] = pi[:k] @ a[:k, k]
    return np.asarray(pi / pi.sum())
