"""Could these remains have been identified: P(LR > needed), given the true family and what was typed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from homeward.genetics.family import Family
from homeward.genetics.locus import Locus
from homeward.programme import NOT_OBSERVED, Call

Floats = npt.NDArray[np.float64]

LN10 = float(np.log(10))


def chance_to_reach(
    needed_log10_lr: float,
    family: Family,
    member_id: str,
    calls: Mapping[str, Call],
    *,
    draws: int,
    rng: np.random.Generator,
) -> float:
    """The probability that the member's own remains, typed at the same markers, reach a likelihood ratio.

    Parameters
    ----------
    needed_log10_lr : log10 of the ratio to be exceeded
    family, member_id : the true family, and who of it is missing; others missing from it stay untyped
    calls : the remains' own calls: only *what* was seen counts (both alleles, one, none), not which alleles
    draws : how many profiles are drawn from P(genotype | references), marker by marker

    Returns
    -------
    The share of draws above, with a standard error of at most 0.5 / sqrt(draws).
    """
    tables = family.tables(member_id, engine="compiled")
    log_lr = np.zeros(draws)
    for locus, ratios in zip(family.loci, tables.ratios, strict=True):
        call = calls.get(locus.marker, (NOT_OBSERVED, NOT_OBSERVED))
        if call != (NOT_OBSERVED, NOT_OBSERVED):
            log_lr += _drawn(locus, ratios, NOT_OBSERVED in call, draws, rng)
    return float((log_lr > needed_log10_lr * LN10).mean())


def _drawn(locus: Locus, ratios: Floats, one_allele: bool, draws: int, rng: np.random.Generator) -> Floats:
    """Natural log likelihood ratios at one marker of profiles drawn given the references."""
    population = locus.population_genotypes
    given = np.maximum(population * ratios, 0.0)  # the unnamed remainder of a table may weigh a little below zero
    cumulated = given.cumsum()
    genotype = np.searchsorted(cumulated, rng.random(draws) * cumulated[-1], side="right")
    if not one_allele:
        return np.asarray(np.log(ratios[genotype]))
    seen = locus.genotypes[genotype, rng.integers(2, size=draws)]
    return np.asarray(_one_allele_log_lr(locus, population, population * ratios)[seen])


def _one_allele_log_lr(locus: Locus, population: Floats, given: Floats) -> Floats:
    """(n,) natural log of P(a, ? | references) / P(a, ?) for each allele a."""
    has = [(locus.genotypes == allele).any(axis=1) for allele in range(len(locus.alleles))]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array([np.log(given[rows].sum() / population[rows].sum()) for rows in has])
