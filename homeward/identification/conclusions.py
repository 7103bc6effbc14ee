"""What may be concluded: undisputed and symmetric pairs, identical remains, and what a threshold asks for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from homeward.genetics.locus import Loci, Locus
from homeward.genetics.observation import UNTYPED, Observation, observation_row
from homeward.genetics.tables import coupled_genotypes, genotypes_of
from homeward.identification.joint import Floats
from homeward.identification.result import Symmetric, Undisputed

IDENTICAL = 3.0  # log10 of the identity LR above which two remains are flagged
SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)  # of the roster, at which the leading posterior is told
_AT_ONCE = 256  # remains compared with all others at a time
SAME = 1e-9  # log LRs closer than this are the same


def undisputed(
    remains_ids: Sequence[str], person_ids: Sequence[str], log10_lr: Floats, threshold: float
) -> tuple[Undisputed, ...]:
    """Pairs with an LR of at least the threshold and at least as many times any other in row and column.

    Step by step: once a pair is found its row and column are gone, which may leave others undisputed.

    Examples
    --------
    >>> undisputed(["r"], ["a", "b"], np.array([[6.0, 1.5]]), 1e4)[0].person_id
    'a'
    """
    least = math.log10(threshold)
    left = log10_lr.copy()
    found: list[Undisputed] = []
    step = 0
    while left.size:
        step += 1
        rows, columns = np.nonzero(left >= least)
        now = [
            (int(r), int(c))
            for r, c in zip(rows, columns, strict=True)
            if left[r, c] - max(_highest_other(left[r], int(c)), _highest_other(left[:, c], int(r))) >= least - SAME
        ]
        if not now:
            break
        for r, c in now:
            found.append(
                Undisputed(
                    remains_id=remains_ids[r], person_id=person_ids[c], log10_lr=float(log10_lr[r, c]), step=step
                )
            )
            left[r, :] = -np.inf
            left[:, c] = -np.inf
    return tuple(found)


def _highest_other(line: Floats, index: int) -> float:
    return float(max(line[:index].max(initial=-np.inf), line[index + 1 :].max(initial=-np.inf)))


def symmetric(
    remains_ids: Sequence[str],
    person_ids: Sequence[str],
    log_weight: Floats,
    posterior: Floats,
    families: Sequence[Sequence[int]],
) -> tuple[Symmetric, ...]:
    """Persons of one family whose columns of weights are equal, with the remains that share them.

    Parameters
    ----------
    log_weight, posterior : (remains, person)
    families : columns of the informed missing of each family

    Notes
    -----
    The remains are those more likely than not to be one of the persons. The posterior told is of
    all of them being among the persons: exact for one of the remains, else one minus the sum of
    the shortfalls, which is never too high.
    """
    answer = []
    for columns in families:
        groups: list[list[int]] = []
        for column in columns:
            for group in groups:
                if same_columns(log_weight[:, group[0]], log_weight[:, column]):
                    group.append(column)
                    break
            else:
                groups.append([column])
        for group in groups:
            if len(group) < 2:
                continue
            together = posterior[:, group].sum(axis=1)
            rows = [int(r) for r in np.flatnonzero(together > 0.5) if posterior[r, group].max() <= 0.99 * together[r]]
            if rows:
                answer.append(
                    Symmetric(
                        remains_ids=tuple(remains_ids[r] for r in rows),
                        person_ids=tuple(person_ids[c] for c in group),
                        posterior=float(max(0.0, 1 - (1 - together[rows]).sum())),
                    )
                )
    return tuple(answer)


def same_columns(first: Floats, second: Floats) -> bool:
    """Whether two columns of logs say the same of all remains."""
    finite = np.isfinite(first)
    return bool((finite == np.isfinite(second)).all() and (np.abs(first[finite] - second[finite]) <= SAME).all())


def needed_log10_lr(threshold: float, weight: float, others: float) -> float:
    """The log10 LR that lifts one hypothesis to the threshold when all others stay at LR one.

    odds(threshold) x (weight of all others) / (its own weight): under a flat prior with N persons
    and "not listed" the weights are 1 and N, under the roster prior listed_share / N and the rest.

    >>> round(needed_log10_lr(0.9995, 1, 5300), 2)
    7.03
    """
    if not 0 < threshold < 1 or weight <= 0:
        return math.inf if weight <= 0 or threshold >= 1 else -math.inf
    return math.log10(threshold / (1 - threshold) * others / weight) if others > 0 else -math.inf


def at_other_priors(
    listed: Floats, alternatives: Floats, best: int, listed_share: float
) -> tuple[tuple[float, float], ...]:
    """Posterior of the leading hypothesis if the roster had other shares of the prior.

    Re-weights this row with what the other remains say about who is still free held as it is: an
    approximation, exact where nobody else points to the same persons.

    Parameters
    ----------
    listed, alternatives : posteriors of a row
    best : place of the leading hypothesis among persons then alternatives
    """
    if not 0 < listed_share < 1:
        return ()
    row = np.concatenate([listed, alternatives])
    answer = []
    for share in SHARES:
        scale = np.repeat([share / listed_share, (1 - share) / (1 - listed_share)], [len(listed), len(alternatives)])
        answer.append((share, float(row[best] * scale[best] / (row @ scale))))
    return tuple(answer)


def identical(
    remains_ids: Sequence[str],
    calls: Sequence[Mapping[str, Observation]],
    loci: Loci | None,
    *,
    theta: float = 0.0,
    least: float = IDENTICAL,
) -> tuple[tuple[str, str, float], ...]:
    """Pairs of remains that are hardly two individuals, and log10 of how much: of the identity LR, above ``least``.

    It is P(both seen so | one genotype) / P(both seen so | two unrelated people), over the markers at which
    both are typed; of two whole calls taken as right it is 1/P(their genotype) if they are equal, else 0.
    With co-ancestry that is the chance of meeting the genotype again, once it was seen (Balding and Nichols).
    """
    if loci is None:
        return ()
    # a man's a/a of the X chromosome is one allele, and not every sex here is known
    compared = [locus for locus in loci if not locus.x_linked]
    shown = [_Shown(locus, [of.get(locus.marker, UNTYPED) for of in calls], theta) for locus in compared]
    answer = []
    for start in range(0, len(calls), _AT_ONCE):
        log10 = sum((of.log10_identity(slice(start, start + _AT_ONCE)) for of in shown), start=np.zeros(1))
        for i, j in np.argwhere(log10 > least).tolist() if shown else ():
            if start + i < j:
                answer.append((remains_ids[start + i], remains_ids[j], float(log10[i, j])))
    return tuple(answer)


class _Shown:
    """What some remains show at one marker: each different observation once, the first of them "not typed"."""

    def __init__(self, locus: Locus, calls: Sequence[Observation], theta: float) -> None:
        known: dict[Observation, int] = {UNTYPED: 0}
        self.codes = np.array([known.setdefault(_in_order(call), len(known)) for call in calls], dtype=np.intp)
        self.rows = np.array([observation_row(locus, call) for call in known])
        self.weights = self.rows * genotypes_of(locus, male=False, theta=theta)
        self.probability = self.weights.sum(axis=1)
        self.coupled = coupled_genotypes(locus, theta) if theta else None

    def log10_identity(self, some: slice) -> Floats:
        """log10 of the identity LR of some remains with every other, (some, remains); 0 if one is not typed."""
        asked, place = np.unique(self.codes[some], return_inverse=True)
        same = self.weights[asked] @ self.rows.T
        with np.errstate(divide="ignore"):
            log10 = np.log10(same / self._apart(asked))
        log10[asked == 0] = 0.0
        log10[:, 0] = 0.0
        return np.asarray(log10[place][:, self.codes])

    def _apart(self, asked: npt.NDArray[np.intp]) -> Floats:
        """P(both seen so | two unrelated people)."""
        if self.coupled is None:
            return np.asarray(self.probability[asked, None] * self.probability)
        return np.asarray(self.rows[asked] @ self.coupled @ self.rows.T)


def _in_order(call: Observation) -> Observation:
    return (min(call), max(call)) if isinstance(call, tuple) else call
