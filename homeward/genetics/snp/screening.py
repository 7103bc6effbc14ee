"""Quick looks at two samples: KING, R0 and R1, and the share of differing single alleles. Screens, never conclusions.

They need no pedigree and, but for the last, no frequencies. A screen finds samples that were exchanged, people
sampled twice, and relatives across families; what it finds is then computed with ``compare`` or ``relationship``.

Methods: KING-robust (Manichaikul et al. 2010, Bioinformatics 26:2867-2873), R0 and R1 (Waples et al. 2019, Mol. Ecol.
28:35-48), the joint spectrum by expectation and maximisation as in ANGSD (Korneliussen et al. 2014, BMC Bioinf.
15:356), single alleles as in READ (Monroy Kuhn et al. 2018, PLoS ONE 13:e0195491).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense
from homeward.genetics.snp.panel import Floats, observed


class Screen(NamedTuple):
    """What the joint spectrum of two people says of their relatedness, without frequencies.

    Parameters
    ----------
    r0 : opposite homozygotes over double heterozygotes: 0 for a parent and a child and for one individual
    r1 : double heterozygotes over all genotypes that differ: .5 and more for relatives of the first degree
    king : kinship by KING-robust: .5 one individual or twins, .25 first degree, .125 second, 0 unrelated
    """

    r0: float
    r1: float
    king: float


def screen(spectrum: npt.ArrayLike) -> Screen:
    """Give R0, R1 and KING-robust kinship from a joint spectrum.

    Parameters
    ----------
    spectrum : (3, 3) shares (or numbers) of SNPs at which the first has 0, 1, 2 and the second 0, 1, 2 counted
        alleles; of :func:`joint_spectrum`, or of counted genotypes

    Raises
    ------
    Nonsense
        If the spectrum is not nine numbers of 0 or more.

    Examples
    --------
    >>> [round(float(value), 3) for value in screen([[4, 1, 0], [1, 2, 1], [0, 1, 4]])]
    [0.0, 0.5, 0.25]
    """
    shares = np.asarray(spectrum, dtype=np.float64)
    if shares.shape != (3, 3) or not (shares >= 0).all():
        raise Nonsense("a joint spectrum is three by three numbers of 0 or more")
    opposite, both = shares[0, 2] + shares[2, 0], shares[1, 1]
    one_step = shares[0, 1] + shares[1, 0] + shares[1, 2] + shares[2, 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        r0, r1 = np.divide(opposite, both), np.divide(both, one_step + opposite)
        king = np.divide(both - 2 * opposite, one_step + 2 * both)
    return Screen(float(r0), float(r1), float(king))


def joint_spectrum(one: Floats, other: Floats, *, tolerance: float = 1e-10, most_rounds: int = 2000) -> Floats:
    """Give the joint spectrum of two people from their genotype likelihoods: the most likely one.

    Parameters
    ----------
    one, other : (n, 3) natural log of P(seen | genotype)
    tolerance : the greatest change of a share at which the iteration ends
    most_rounds : after how many rounds it ends anyway

    Returns
    -------
    (3, 3)
        Shares that sum to one. Certain genotypes are simply counted. Only SNPs seen in both count.

    Raises
    ------
    Nonsense
        If no SNP was seen in both.
    """
    both = observed(one) & observed(other)
    if not both.any():
        raise Nonsense("no SNP was seen in both samples")
    first, second = (np.exp(seen[both] - seen[both].max(axis=1, keepdims=True)) for seen in (one, other))
    pairs = (first[:, :, None] * second[:, None, :]).reshape(-1, 9)
    shares = np.full(9, 1 / 9)
    for _ in range(most_rounds):
        expected = pairs * shares
        improved = (expected / expected.sum(axis=1, keepdims=True)).mean(axis=0)
        change = float(np.abs(improved - shares).max())
        shares = improved
        if change < tolerance:
            break
    return np.asarray(shares.reshape(3, 3))


def spectrum_of_relatives(frequency: npt.ArrayLike, sharing: Sequence[float]) -> Floats:
    """Give the joint spectrum to be expected of two people who share 0, 1, 2 alleles with these chances.

    Parameters
    ----------
    frequency : (n,) of the counted allele
    sharing : k0, k1, k2, as in :data:`homeward.genetics.snp.relationship.RELATIONSHIPS`

    Returns
    -------
    (3, 3)
    """
    from homeward.genetics.snp.founders import hardy_weinberg
    from homeward.genetics.snp.relationship import one_shared

    p = np.asarray(frequency, dtype=np.float64)
    alone = hardy_weinberg(p)
    spectra = [alone[:, None] * alone[None, :], one_shared(p), np.eye(3)[..., None] * alone[None, :]]
    return np.asarray(sum(k * spectrum.mean(axis=-1) for k, spectrum in zip(sharing, spectra, strict=True)))


def kinship(jacquard: Sequence[float]) -> float:
    """Give the kinship of two people, inbred or not, from Jacquard's nine coefficients, the first first.

    >>> kinship([0, 0, 0, 0, 0, 0, 0, 1, 0])  # a parent and a child
    0.25
    """
    j1, _, j3, _, j5, _, j7, j8, _ = jacquard
    return j1 + (j3 + j5 + j7) / 2 + j8 / 4


class Mismatch(NamedTuple):
    """How often single alleles of two samples differ.

    Parameters
    ----------
    rate : share of SNPs, seen in both, at which the alleles drawn differ
    expected : that share between unrelated people, or nan where no frequencies were given
    kinship : 1 - rate / expected: half for one individual, a quarter for a parent and a child, sibs likewise; it is
        the chance that two alleles drawn are identical by descent
    standard_error : of the kinship, by leaving out one block of SNPs after the other
    snps : SNPs seen in both
    """

    rate: float
    expected: float
    kinship: float
    standard_error: float
    snps: int


def single_allele_mismatch(
    one: npt.ArrayLike, other: npt.ArrayLike, *, expected: npt.ArrayLike | float, blocks: int = 100
) -> Mismatch:
    """Compare pseudo-haploid calls.

    Parameters
    ----------
    one, other : (n,) 0 or 1, -1 where nothing was read; in the order of the map, so that blocks hold neighbours
    expected : what unrelated people differ in: either a rate (the median over many pairs, as READ takes it), or (n,)
        frequencies of the counted allele, from which 2pq is averaged over the SNPs compared
    blocks : into how many blocks of neighbours the SNPs are divided for the standard error

    Raises
    ------
    Nonsense
        If no SNP was read in both, or unrelated people would never differ.
    """
    first, second = np.asarray(one), np.asarray(other)
    both = np.flatnonzero((first >= 0) & (second >= 0))
    if not both.size:
        raise Nonsense("no SNP was read in both samples")
    differ = (first[both] != second[both]).astype(np.float64)
    given = np.asarray(expected, dtype=np.float64)
    chance = 2 * given[both] * (1 - given[both]) if given.ndim else np.full(both.size, float(given))
    if chance.sum() <= 0:
        raise Nonsense("unrelated people would never differ at these SNPs")
    count = max(min(blocks, both.size), 1)
    edges = np.linspace(0, both.size, count + 1).astype(int)[:-1]
    without_differ = differ.sum() - np.add.reduceat(differ, edges)
    without_chance = chance.sum() - np.add.reduceat(chance, edges)
    error = np.nan
    if count > 1 and (without_chance > 0).all():
        left_out = 1 - without_differ / without_chance
        error = float(np.sqrt((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum()))
    return Mismatch(
        float(differ.mean()), float(chance.mean()), float(1 - differ.sum() / chance.sum()), float(error), both.size
    )
