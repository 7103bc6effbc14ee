"""The discrete Laplace model of Y-STR haplotypes: a population as clusters around ancestral haplotypes.

Within a cluster, loci are independent and the distance d of an allele from the cluster's centre has
P(d) = (1-p)/(1+p) p^|d| (Andersen, Eriksen and Morling 2013, J Theor Biol 329:39, doi
10.1016/j.jtbi.2013.03.009). One cluster is fitted exactly; several by expectation-maximisation, their
number chosen by the Bayesian information criterion.

Each cluster and locus has its own p here; the R package disclapmix ties them together by a regression, so
that its fits with several clusters differ from these. With one cluster both are the maximum likelihood.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import logsumexp

from homeward.errors import Nonsense

Alleles = npt.NDArray[np.int64]
_LEAST_P = 1e-6  # a locus that never varies in the sample may still do so in the population
_ROUNDS = 500
_CONVERGED = 1e-10


@dataclass(frozen=True, eq=False)
class DiscreteLaplace:
    """A fitted model.

    Parameters
    ----------
    weights : (c,) share of each cluster
    centres : (c, l) ancestral alleles
    p : (c, l) how quickly the frequency falls with each step away
    log_likelihood : of the people it was fitted to
    people : their number
    """

    weights: npt.NDArray[np.float64]
    centres: Alleles
    p: npt.NDArray[np.float64]
    log_likelihood: float
    people: int

    @property
    def bic(self) -> float:
        """-2 log L + k log n, with k the centres, the p and all but one of the weights."""
        clusters, loci = self.centres.shape
        parameters: int = 2 * clusters * loci + clusters - 1
        return -2 * self.log_likelihood + parameters * math.log(self.people)

    def log_frequency(self, haplotypes: npt.ArrayLike, loci: Sequence[int] | None = None) -> npt.NDArray[np.float64]:
        """Natural log of the frequency of haplotypes.

        Parameters
        ----------
        haplotypes : (n, l) alleles at ``loci``, or at all
        loci : which of the model's loci were read; the others are summed over
        """
        chosen = slice(None) if loci is None else list(loci)
        terms = _log_terms(np.asarray(haplotypes), self.centres[:, chosen], self.p[:, chosen])
        logs: npt.NDArray[np.float64] = logsumexp(terms + np.log(self.weights), axis=1)
        return logs


def step_probability(steps: npt.ArrayLike, p: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """P(d) = (1-p)/(1+p) p^|d|.

    >>> step_probability([0, 1, -1], 0.3).round(4)
    array([0.5385, 0.1615, 0.1615])
    """
    p = np.asarray(p, dtype=np.float64)
    chance: npt.NDArray[np.float64] = (1 - p) / (1 + p) * p ** np.abs(np.asarray(steps))
    return chance


def fitted_p(mean_distance: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Maximum likelihood p from the mean distance mu from the centre: (sqrt(mu^2 + 1) - 1)/mu.

    >>> fitted_p(0.518918918918919).round(12)
    np.float64(0.244010900829)
    """
    mu = np.asarray(mean_distance, dtype=np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        p: npt.NDArray[np.float64] = np.where(mu > 0, (np.sqrt(mu * mu + 1) - 1) / mu, 0.0)
    return p


def _log_terms(haplotypes: Alleles, centres: Alleles, p: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """(n, c) log P(haplotype | cluster)."""
    distance = np.abs(haplotypes[:, None, :] - centres[None])
    terms: npt.NDArray[np.float64] = (np.log1p(-p) - np.log1p(p) + distance * np.log(p)).sum(axis=2)
    return terms


def fit(haplotypes: npt.ArrayLike, *, clusters: int = 1, counts: npt.ArrayLike | None = None) -> DiscreteLaplace:
    """Fit a number of clusters to haplotypes.

    Parameters
    ----------
    haplotypes : (n, l) whole numbers of repeats, nothing missing
    clusters : how many
    counts : (n,) how many people have each; one if not stated

    Raises
    ------
    Nonsense
        If there are fewer different haplotypes than clusters, or no haplotype or locus at all.
    """
    alleles, people = _distinct(np.asarray(haplotypes), counts)
    if not 1 <= clusters <= len(alleles):
        raise Nonsense(f"{clusters} clusters cannot be fitted to {len(alleles)} different haplotypes")
    shares = _first_shares(alleles, people, clusters)
    before = -np.inf
    for _ in range(_ROUNDS):
        model = _maximised(alleles, people, shares)
        if model.log_likelihood - before <= _CONVERGED * abs(model.log_likelihood):
            break
        before = model.log_likelihood
        terms = _log_terms(alleles, model.centres, model.p) + np.log(model.weights)
        shares = np.exp(terms - logsumexp(terms, axis=1, keepdims=True))
    return model


def best_fit(
    haplotypes: npt.ArrayLike, *, most_clusters: int = 10, counts: npt.ArrayLike | None = None
) -> DiscreteLaplace:
    """The fit with the number of clusters that the information criterion prefers.

    Clusters are added one at a time until two more have not improved it.
    """
    best = fit(haplotypes, clusters=1, counts=counts)
    distinct = len(np.unique(np.asarray(haplotypes), axis=0))
    since = 0
    for clusters in range(2, min(most_clusters, distinct) + 1):
        next_ = fit(haplotypes, clusters=clusters, counts=counts)
        best, since = (next_, 0) if next_.bic < best.bic else (best, since + 1)
        if since == 2:
            break
    return best


def _distinct(alleles: npt.NDArray[np.generic], counts: npt.ArrayLike | None) -> tuple[Alleles, Alleles]:
    if alleles.ndim != 2 or not alleles.size:
        raise Nonsense("a discrete Laplace model needs haplotypes with at least one locus")
    whole = alleles.astype(np.int64)
    if not np.array_equal(whole, alleles):
        raise Nonsense("the discrete Laplace model knows whole repeats only; leave out haplotypes with parts of one")
    people = np.ones(len(whole), dtype=np.int64) if counts is None else np.asarray(counts, dtype=np.int64)
    distinct, place = np.unique(whole, axis=0, return_inverse=True)
    return distinct, np.bincount(place.ravel(), weights=people).astype(np.int64)


def _first_shares(alleles: Alleles, people: Alleles, clusters: int) -> npt.NDArray[np.float64]:
    """Each haplotype with the nearest of so many haplotypes that lie far apart, the commonest first."""
    chosen = [int(np.argmax(people))]
    nearest = np.abs(alleles - alleles[chosen[0]]).sum(axis=1)
    while len(chosen) < clusters:
        chosen.append(int(np.argmax(nearest * people)))
        nearest = np.minimum(nearest, np.abs(alleles - alleles[chosen[-1]]).sum(axis=1))
    distance = np.abs(alleles[:, None, :] - alleles[chosen][None]).sum(axis=2)
    shares = np.zeros(distance.shape)
    shares[np.arange(len(alleles)), distance.argmin(axis=1)] = 1.0
    return shares


def _maximised(alleles: Alleles, people: Alleles, shares: npt.NDArray[np.float64]) -> DiscreteLaplace:
    weights = people[:, None] * shares
    total = np.maximum(weights.sum(axis=0), 1e-300)
    centres = np.array([_medians(alleles, weights[:, c]) for c in range(weights.shape[1])])
    distance = np.abs(alleles[:, None, :] - centres[None])
    mean = (weights[:, :, None] * distance).sum(axis=0) / total[:, None]
    p = np.maximum(fitted_p(mean), _LEAST_P)
    part = total / total.sum()
    log_likelihood = float(people @ logsumexp(_log_terms(alleles, centres, p) + np.log(part), axis=1))
    return DiscreteLaplace(part, centres, p, log_likelihood, int(people.sum()))


def _medians(alleles: Alleles, weights: npt.NDArray[np.float64]) -> Alleles:
    """Weighted median of each locus: the centre at the least mean distance."""
    found = []
    for column in alleles.T:
        order = np.argsort(column, kind="stable")
        reached = np.cumsum(weights[order])
        found.append(int(column[order][np.searchsorted(reached, reached[-1] / 2)]))
    return np.array(found, dtype=np.int64)
