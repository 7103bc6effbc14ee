"""Founders' genotypes at a SNP: Hardy-Weinberg, inbred, and with theta.

With theta the frequency within the group is not the table's p but varies about it as Beta(p(1-t)/t, (1-p)(1-t)/t)
(Balding and Nichols 1994, Forensic Sci. Int. 64:125-140); given it, all founders' alleles are independent. A
likelihood is a polynomial in that frequency, of degree two for each founder, so that Gauss's quadrature for the Beta
weight gives the average without error beyond rounding (Golub and Welsch 1969, Math. Comp. 23:221-230).
"""

from __future__ import annotations

import numpy as np

from homeward.errors import Nonsense
from homeward.genetics.snp.panel import Floats


def hardy_weinberg(frequency: Floats, inbreeding: float = 0.0) -> Floats:
    """(3, n) chances of 0, 1, 2 counted alleles; with inbreeding both are one ancestor's with that chance.

    >>> hardy_weinberg(np.array([0.1]), 0.5).ravel().round(4)
    array([0.855, 0.09 , 0.055])
    """
    p, q = frequency, 1 - frequency
    alike = np.stack([q, np.zeros_like(p), p])
    apart = np.stack([q * q, 2 * p * q, p * p])
    return np.asarray(inbreeding * alike + (1 - inbreeding) * apart if inbreeding else apart)


def frequencies_within(frequency: Floats, theta: float, *, people: int) -> tuple[Floats, Floats]:
    """Give frequencies within the group, and their weights, over which to average.

    Parameters
    ----------
    frequency : (n,) of the counted allele in the table
    theta : 0 to below 1
    people : how many founders, an unrelated person among them, the likelihood has

    Returns
    -------
    (m, n), (m, n)
        Of theta = 0 a single row: the table's frequency with weight one.

    Raises
    ------
    Nonsense
        If theta is not in [0, 1), or a frequency is 0 or 1 (such a SNP does not vary and is left out).
    """
    if not 0 <= theta < 1:
        raise Nonsense(f"theta {theta} is not between 0 and 1")
    if not ((frequency > 0) & (frequency < 1)).all():
        raise Nonsense("a SNP whose frequency is 0 or 1 does not vary; leave it out")
    if not theta:
        return frequency[None, :], np.ones((1, len(frequency)))
    distinct, place = np.unique(frequency, return_inverse=True)
    nodes, weights = _gauss(distinct * (1 - theta) / theta, (1 - distinct) * (1 - theta) / theta, people + 1)
    return nodes[:, place], weights[:, place]


def _gauss(a: Floats, b: Floats, points: int) -> tuple[Floats, Floats]:
    """(points, n) nodes and weights for Beta(a, b), exact to degree 2 * points - 1: Jacobi's recurrence as a matrix."""
    beta, alpha = a[:, None] - 1, b[:, None] - 1
    whole = alpha + beta
    k = np.arange(1, points)[None, :]
    middle = np.empty((len(a), points))
    middle[:, :1] = (beta - alpha) / (whole + 2)
    middle[:, 1:] = (beta - alpha) * whole / ((2 * k + whole) * (2 * k + whole + 2))
    side = np.empty((len(a), points - 1))
    side[:, :1] = 4 * (alpha + 1) * (beta + 1) / ((whole + 2) ** 2 * (whole + 3))
    k = k[:, 1:]
    side[:, 1:] = (
        4 * k * (k + alpha) * (k + beta) * (k + whole)
        / ((2 * k + whole) ** 2 * (2 * k + whole + 1) * (2 * k + whole - 1))
    )  # fmt: skip
    matrix = np.zeros((len(a), points, points))
    place = np.arange(points)
    matrix[:, place, place] = middle
    matrix[:, place[1:], place[:-1]] = matrix[:, place[:-1], place[1:]] = np.sqrt(side)
    values, vectors = np.linalg.eigh(matrix)
    return (values.T + 1) / 2, np.asarray((vectors[:, 0, :] ** 2).T)
