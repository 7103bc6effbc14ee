"""From what a laboratory saw to P(seen | genotype): reads with damage, single alleles, array genotypes.

A genotype is the number of counted alleles, 0, 1 or 2. A read is of one of the two alleles with equal chance. Before it
is read, the molecule may have lost an amino group (cytosine read as thymine, and guanine as adenine where the other
strand's cytosine was hit), and the reading itself may show the wrong one of the two alleles. Reads that show neither
allele are not counted; what is given is the chance of the counts among the reads that show one of the two.

Method: the binomial read model of Li 2011 (Bioinformatics 27:2987-2993), with the deamination of Briggs et al. 2007
(PNAS 104:14616-14621) averaged over the positions of a read.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense
from homeward.genetics.snp.panel import Flags, Floats, Panel
from homeward.programme import Programme, SnpProfile

BASES = "ACGT"
_OTHER = 4
_DAMAGED = {"C": "T", "G": "A"}
_TRANSITIONS = ({"C", "T"}, {"A", "G"})


def transitions(panel: Panel) -> Flags:
    """(n,) whether the two alleles are C and T, or G and A: those that damage can turn into each other.

    Raises
    ------
    Nonsense
        If a SNP's alleles are not stated.
    """
    _require_alleles(panel)
    return np.array([{one, other} in _TRANSITIONS for one, other in zip(panel.reference, panel.counted, strict=True)])


def _require_alleles(panel: Panel) -> None:
    without = [
        snp
        for snp, one, other in zip(panel.snps, panel.reference, panel.counted, strict=True)
        if one not in BASES or other not in BASES or not one or not other or one == other
    ]
    if without:
        raise Nonsense(
            f"{len(without):,} SNPs ({without[0]}, ...) have no two alleles of A, C, G, T in the panel: damage cannot "
            "be told from variation. State reference and counted, or leave these SNPs out"
        )


def from_reads(
    panel: Panel,
    reference_reads: npt.ArrayLike,
    counted_reads: npt.ArrayLike,
    *,
    error: float,
    damage: float = 0.0,
    transversions_only: bool = False,
) -> Floats:
    """Give the log likelihood of each genotype from the numbers of reads that show either allele.

    Parameters
    ----------
    panel : the SNPs
    reference_reads, counted_reads : (n,) how many reads show the allele that is not counted, and the one that is
    error : probability that a read of one allele shows the other, for whatever reason but damage
    damage : probability that a C is read as T, and a G as A, averaged over the positions of reads
    transversions_only : take reads at C/T and G/A SNPs as not observed, instead of modelling the damage

    Returns
    -------
    (n, 3)
        Natural log of P(these reads | 0, 1, 2 counted alleles), without the binomial coefficient; zeros without reads.

    Raises
    ------
    Nonsense
        If a count is negative, a rate is not in [0, 1), or damage is to be told at SNPs without alleles.

    Examples
    --------
    Two reads of the reference allele, one in a hundred wrong: .99², .5², .01².

    >>> from homeward.genetics.snp.panel import panels
    >>> from homeward.programme import SnpMarker
    >>> one = panels([SnpMarker(snp="s", population="p", frequency=0.3)])["p"]
    >>> np.exp(from_reads(one, [2], [0], error=0.01)).round(6)
    array([[9.801e-01, 2.500e-01, 1.000e-04]])
    """
    reads = np.array([reference_reads, counted_reads], dtype=np.float64).reshape(2, len(panel))
    if not (np.isfinite(reads).all() and (reads >= 0).all()):
        raise Nonsense("numbers of reads are 0 or more")
    for name, rate in (("error", error), ("damage", damage)):
        if not 0 <= rate < 1:
            raise Nonsense(f"{name} {rate} is not a rate from 0 to below 1")
    if transversions_only:
        reads[:, transitions(panel)] = 0
    shown = _shown(panel, error, 0.0 if transversions_only else damage)
    with np.errstate(divide="ignore"):
        logs = np.log(shown)
    terms = np.where(reads[:, :, None] > 0, reads[:, :, None] * np.where(reads[:, :, None] > 0, logs, 0.0), 0.0)
    return np.asarray(terms.sum(axis=0))


def _shown(panel: Panel, error: float, damage: float) -> Floats:
    """(2, n, 3) P(a read shows the reference, the counted allele | genotype, it shows one of the two)."""
    kept = np.ones((2, len(panel)))  # per allele: still itself after damage
    turned = np.zeros((2, len(panel)))  # per allele: now looks like the other of the two
    if damage:
        _require_alleles(panel)
        for place, alleles in enumerate(zip(panel.reference, panel.counted, strict=True)):
            for side, allele in enumerate(alleles):
                if allele in _DAMAGED:
                    kept[side, place] = 1 - damage
                    turned[side, place] = damage * (_DAMAGED[allele] == alleles[1 - side])
    own = kept * (1 - error) + turned * error  # a molecule of this allele is read as it was
    other = turned * (1 - error) + kept * error
    copies = np.array([0.0, 0.5, 1.0])
    reference = (1 - copies) * own[0][:, None] + copies * other[1][:, None]
    counted = copies * own[1][:, None] + (1 - copies) * other[0][:, None]
    shown: Floats = np.stack([reference, counted]) / (reference + counted)
    return shown


def from_single_alleles(
    panel: Panel, alleles: npt.ArrayLike, *, error: float, damage: float = 0.0, transversions_only: bool = False
) -> Floats:
    """Give the log likelihoods of pseudo-haploid calls: one read drawn at each SNP.

    Parameters
    ----------
    alleles : (n,) 0 for the reference allele, 1 for the counted one, -1 for none
    panel, error, damage, transversions_only : as in :func:`from_reads`

    Notes
    -----
    Files that write such a call as a homozygote (0 or 2) say more than was seen, and a comparison that believes them
    excludes true relatives. Divide by two and give them here.
    """
    called = np.asarray(alleles)
    if not np.isin(called, (-1, 0, 1)).all():
        raise Nonsense("a single allele is 0, 1, or -1 where none was read")
    return from_reads(
        panel, called == 0, called == 1, error=error, damage=damage, transversions_only=transversions_only
    )


def from_genotypes(genotypes: npt.ArrayLike, *, error: float = 0.0) -> Floats:
    """Give the log likelihoods of called genotypes.

    Parameters
    ----------
    genotypes : (n,) 0, 1 or 2 counted alleles, -1 where not called
    error : probability that a call is wrong; each of the two wrong ones is equally likely

    Returns
    -------
    (n, 3)

    Examples
    --------
    >>> np.exp(from_genotypes([1, -1], error=0.02)).round(3)
    array([[0.01, 0.98, 0.01],
           [1.  , 1.  , 1.  ]])
    """
    called = np.asarray(genotypes)
    if not np.isin(called, (-1, 0, 1, 2)).all():
        raise Nonsense("a genotype is 0, 1 or 2, or -1 where it was not called")
    if not 0 <= error < 1:
        raise Nonsense(f"error {error} is not a rate from 0 to below 1")
    with np.errstate(divide="ignore"):
        right, wrong = np.log1p(-error), np.log(np.float64(error) / 2)
    rows = np.where(called[:, None] == np.arange(3), right, wrong)
    return np.where(called[:, None] < 0, 0.0, rows)


def hard(log_likelihood: Floats) -> Flags:
    """(n,) whether a row states a genotype as certain: 0 for one of the three, -inf for the other two."""
    return np.asarray(((log_likelihood == 0).sum(axis=1) == 1) & ((log_likelihood == -np.inf).sum(axis=1) == 2))


def softened(profile: SnpProfile, error: float) -> SnpProfile:
    """Give a profile whose certain genotypes may be wrong with probability ``error``; likelihoods stay as they are."""
    if not error:
        return profile
    certain = hard(profile.log_likelihood)
    genotype = np.where(certain, profile.log_likelihood.argmax(axis=1), -1)
    return SnpProfile(
        sample_id=profile.sample_id,
        subject_id=profile.subject_id,
        snps=profile.snps,
        log_likelihood=np.where(certain[:, None], from_genotypes(genotype, error=error), profile.log_likelihood),
    )


def profiles_of(programme: Programme) -> Mapping[str, tuple[SnpProfile, ...]]:
    """Give each subject's SNP profiles, certain genotypes softened by the sample's typing error, else the programme's.

    Returns
    -------
    subject_id -> profiles, in the programme's order
    """
    stated = {sample.sample_id: sample.typing_error for sample in programme.samples}
    found: dict[str, tuple[SnpProfile, ...]] = {}
    for profile in programme.snp_profiles:
        error = stated.get(profile.sample_id)
        soft = softened(profile, programme.settings.typing_error if error is None else error)
        found[profile.subject_id] = (*found.get(profile.subject_id, ()), soft)
    return found
