"""The likelihood with co-ancestry where its exact sum is too large: an estimate, with its standard error.

Given the allele frequencies of the subpopulation the founders are independent, and those frequencies are
Dirichlet with parameters (1 - theta) / theta times the population's. So frequencies are drawn, the
family's likelihood is computed with each, and the mean is the likelihood. What comes of it is an
:class:`Estimate` and never passes for the exact number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from homeward.errors import Impossible, Nonsense
from homeward.genetics.founders import require_theta
from homeward.genetics.likelihood import log_likelihood, scaled_joint, sexes
from homeward.genetics.locus import Locus
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import Observation
from homeward.genetics.tables import genotypes_of
from homeward.programme import Pedigree, Sex

_LEAST = 1e-300  # a drawn frequency may be too small for a float; a locus has no allele of frequency zero


@dataclass(frozen=True, slots=True)
class Estimate:
    """A likelihood by simulation: its natural log, and the standard error of that log."""

    log_likelihood: float
    standard_error: float
    draws: int


def sampled_log_likelihood(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    *,
    theta: float,
    draws: int,
    rng: np.random.Generator,
) -> Estimate:
    """Estimate the natural log of the probability of a family's calls at one marker, with co-ancestry.

    Parameters
    ----------
    pedigree, locus, calls, theta : as in :func:`homeward.genetics.likelihood.log_likelihood`
    draws : how many times the frequencies of the subpopulation are drawn, at least 2
    rng : where chance comes from

    Returns
    -------
    Estimate
        With a standard error of infinity where no draw gave the calls a probability.

    Raises
    ------
    Nonsense
        If theta is not above 0 and below 1, or there are fewer than two draws.
    """
    logs = np.array([log_likelihood(pedigree, at, calls) for at in _draws(locus, theta, draws, rng)])
    largest = float(logs.max())
    if largest == -math.inf:
        return Estimate(-math.inf, math.inf, draws)
    values = np.exp(logs - largest)
    mean = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(draws) / mean
    return Estimate(largest + math.log(mean), error, draws)


@dataclass(frozen=True, eq=False)
class EstimatedRatios:
    """The likelihood ratio of every genotype by simulation, (G,), and the relative standard error of each, (G,)."""

    ratio: Floats
    relative_error: Floats
    draws: int


def sampled_ratio_table(
    pedigree: Pedigree,
    locus: Locus,
    calls: Mapping[str, Observation],
    member_id: str,
    *,
    theta: float,
    draws: int,
    rng: np.random.Generator,
) -> EstimatedRatios:
    """Estimate :func:`homeward.genetics.tables.ratio_table` with co-ancestry.

    Numerator and denominator are means over the same draws, so that much of their error is common and cancels.

    Parameters
    ----------
    pedigree, locus, calls, member_id, theta : as there
    draws, rng : as in :func:`sampled_log_likelihood`

    Raises
    ------
    Nonsense
        As there.
    Impossible
        If no draw gives the calls a probability.
    """
    male = sexes(pedigree).get(member_id) is Sex.MALE
    found = [
        (*scaled_joint(pedigree, at, calls, member_id), genotypes_of(at, male=male))
        for at in _draws(locus, theta, draws, rng)
    ]
    largest = max((log for values, log, _ in found if values.any()), default=-math.inf)
    if largest == -math.inf:
        raise Impossible(f"family {pedigree.family_id}: the calls of marker {locus.marker} contradict the pedigree")
    related = np.array([values * math.exp(log - largest) for values, log, _ in found])
    unrelated = np.array([row.sum() * of for row, (_, _, of) in zip(related, found, strict=True)])
    above, below = related.mean(axis=0), unrelated.mean(axis=0)
    ratio = np.divide(above, below, out=np.zeros(len(above)), where=below > 0)
    # the ratio of two means, by its linear approximation
    spread = (related - ratio * unrelated).std(axis=0, ddof=1) / math.sqrt(draws)
    error = np.divide(spread, above, out=np.zeros(len(above)), where=above > 0)
    return EstimatedRatios(ratio[: locus.size], error[: locus.size], draws)


def _draws(locus: Locus, theta: float, draws: int, rng: np.random.Generator) -> list[Locus]:
    """The locus with the frequencies of so many subpopulations."""
    require_theta(theta)
    if theta == 0 or draws < 2:
        raise Nonsense("the likelihood is sampled where theta is above 0, with two draws or more")
    whole = locus.completed
    # what a table claims beyond one, within its tolerance, cannot be drawn
    parameters = np.maximum(whole.frequencies, _LEAST) * (1 - theta) / theta
    return [_with(whole, rng.dirichlet(parameters)) for _ in range(draws)]


def _with(locus: Locus, frequencies: Floats) -> Locus:
    return replace(locus, frequencies=np.maximum(frequencies, _LEAST))
