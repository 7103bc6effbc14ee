"""Two people at all SNPs, by how many alleles they share by descent: the closed form, and identity of two samples.

With k0, k1, k2 the chances of sharing 0, 1, 2 alleles identical by descent, the likelihood of two people's
observations at a SNP is the sum over genotypes g1, g2 of P(seen1|g1) P(seen2|g2) times the sum over z of
k_z P(g1, g2 | z). SNPs are taken as independent.

Method: Cotterman 1940; with genotype likelihoods as in Korneliussen and Moltke 2015 (Bioinformatics 31:4009-4011).
With theta the population's frequency is averaged over its Beta distribution (Balding and Nichols 1994).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.genetics.snp.founders import frequencies_within, hardy_weinberg
from homeward.genetics.snp.panel import Floats


class Sharing(NamedTuple):
    """Chances that two people share 0, 1, 2 alleles identical by descent, neither being inbred."""

    k0: float
    k1: float
    k2: float

    @property
    def kinship(self) -> float:
        """The chance that an allele of one and an allele of the other, both drawn at random, are identical."""
        return self.k1 / 4 + self.k2 / 2


UNRELATED = Sharing(1, 0, 0)
IDENTICAL = Sharing(0, 0, 1)
FULL_SIBS = Sharing(1 / 4, 1 / 2, 1 / 4)

RELATIONSHIPS: Mapping[str, Sharing] = MappingProxyType(
    {
        "identical": IDENTICAL,
        "parent_child": Sharing(0, 1, 0),
        "full_sibs": FULL_SIBS,
        "second_degree": Sharing(1 / 2, 1 / 2, 0),  # half-sibs, avuncular, grandparent
        "first_cousins": Sharing(3 / 4, 1 / 4, 0),  # and other relatives of the third degree
        "fourth_degree": Sharing(7 / 8, 1 / 8, 0),  # first cousins once removed, half first cousins
        "second_cousins": Sharing(15 / 16, 1 / 16, 0),
        "unrelated": UNRELATED,
    }
)


def sharing_ratios(one: Floats, other: Floats, frequency: npt.ArrayLike, *, theta: float = 0.0) -> Floats:
    """Give how much each number of alleles shared by descent is favoured over none, SNP by SNP.

    Parameters
    ----------
    one, other : (n, 3) natural log of P(seen | genotype) of the two people; any constant per row cancels
    frequency : (n,) of the counted allele, between 0 and 1
    theta : background relatedness of the two, and of either person's own alleles

    Returns
    -------
    (n, 3)
        L(z) / L(0) for z = 0, 1, 2. The likelihood ratio of a relationship against none is the sum over
        z of k_z times this.
    """
    first, second = _scaled(one), _scaled(other)
    nodes, weights = frequencies_within(np.asarray(frequency, dtype=np.float64), theta, people=2)
    likelihoods = np.zeros((3, first.shape[1]))
    for p, weight in zip(nodes, weights, strict=True):
        prior = hardy_weinberg(p)
        joint = np.stack(
            [
                (first * prior).sum(axis=0) * (second * prior).sum(axis=0),
                np.einsum("an,abn,bn->n", first, one_shared(p), second),
                (first * prior * second).sum(axis=0),
            ]
        )
        likelihoods += weight * joint
    return np.asarray((likelihoods / likelihoods[0]).T)


def one_shared(p: Floats) -> Floats:
    """(3, 3, n) P(g1, g2 | one allele shared by descent)."""
    q = 1 - p
    zero = np.zeros_like(p)
    return np.array([[q**3, q * q * p, zero], [q * q * p, p * q, q * p * p], [zero, q * p * p, p**3]])


def _scaled(log_likelihood: Floats) -> Floats:
    """(3, n) likelihoods with 1 as the greatest of each SNP."""
    return np.asarray(np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True)).T)


def log_lr(ratios: Floats, sharing: Sharing, *, against: Sharing = UNRELATED) -> Floats:
    """Give the natural log of the likelihood ratio of one relationship against another, SNP by SNP.

    Parameters
    ----------
    ratios : (n, 3) of :func:`sharing_ratios`
    sharing, against : the two hypotheses

    Returns
    -------
    (n,)
        Their sum is the whole; -inf where the relationship is impossible. Two people whose observations exclude
        both hypotheses at a SNP have 0 there: it does not tell them apart.

    Examples
    --------
    Both heterozygous at a SNP with frequency 0.5: identical is 1/(2pq) times as likely as unrelated, parent and child
    1/(4pq) times.

    >>> seen = np.log(np.array([[1e-300, 1.0, 1e-300]]))
    >>> ratios = sharing_ratios(seen, seen, [0.5])
    >>> [round(float(np.exp(log_lr(ratios, RELATIONSHIPS[name])[0])), 6) for name in ("identical", "parent_child")]
    [2.0, 1.0]
    """
    favoured, disfavoured = ratios @ np.array(sharing), ratios @ np.array(against)
    undecided = (favoured == 0) & (disfavoured == 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(undecided, 0.0, np.log(favoured) - np.log(disfavoured))


class Identity(NamedTuple):
    """Whether two samples are of one individual, in natural log likelihood ratios; for bones to be joined again."""

    against_unrelated: float
    against_sib: float
    snps: int  # with something observed in both


def identity(one: Floats, other: Floats, frequency: npt.ArrayLike, *, theta: float = 0.0) -> Identity:
    """Give the log likelihood ratios of one individual against two strangers and against two full sibs.

    Parameters
    ----------
    one, other, frequency, theta : as in :func:`sharing_ratios`

    Notes
    -----
    Identical twins cannot be told from one individual. Certain genotypes (with -inf) that differ once exclude identity:
    state a typing error where calls may be wrong.
    """
    ratios = sharing_ratios(one, other, frequency, theta=theta)
    both = ((one != one[:, :1]).any(axis=1) & (other != other[:, :1]).any(axis=1)).sum()
    return Identity(
        float(log_lr(ratios, IDENTICAL).sum()), float(log_lr(ratios, IDENTICAL, against=FULL_SIBS).sum()), int(both)
    )
