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

from homeward.errors import Nonsense
from homeward.genetics.founders import require_theta
from homeward.genetics.likelihood import log_likelihood
from homeward.genetics.locus import Locus
from homeward.genetics.mutation import Floats
from homeward.programme import Call, Pedigree

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
    calls: Mapping[str, Call],
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
    require_theta(theta)
    if theta == 0 or draws < 2:
        raise Nonsense("the likelihood is sampled where theta is above 0, with two draws or more")
    whole = locus.completed
    # what a table claims beyond one, within its tolerance, cannot be drawn
    parameters = np.maximum(whole.frequencies, _LEAST) * (1 - theta) / theta
    logs = np.array([log_likelihood(pedigree, _with(whole, rng.dirichlet(parameters)), calls) for _ in range(draws)])
    largest = float(logs.max())
    if largest == -math.inf:
        return Estimate(-math.inf, math.inf, draws)
    values = np.exp(logs - largest)
    mean = float(values.mean())
    error = float(values.std(ddof=1)) / math.sqrt(draws) / mean
    return Estimate(largest + math.log(mean), error, draws)


def _with(locus: Locus, frequencies: Floats) -> Locus:
    return replace(locus, frequencies=np.maximum(frequencies, _LEAST))
