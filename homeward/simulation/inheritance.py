"""How alleles are handed down: founders drawn from their population, meiosis by meiosis with mutation.

Markers are independent of each other here, as they are in the analysis; vWA and D12S391, and Penta D and
D21S11, lie on one chromosome each and are in truth loosely linked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.linalg import expm

from homeward.genetics.mutation import mutation_matrix
from homeward.programme import MutationKind, Sex, Transform
from homeward.simulation.families import NOBODY, Kinship
from homeward.tables import MutationRates

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False, kw_only=True)
class Inheritance:
    """A marker as the populations of a scenario have it.

    Parameters
    ----------
    alleles : (n,) every allele of any of the populations, by size
    founder : (population, n) cumulated frequencies
    mutation : sex -> (population, n, n) cumulated rows of the mutation matrix: parent's allele, then child's
    """

    marker: str
    alleles: tuple[str, ...]
    founder: Floats
    mutation: Mapping[Sex, Floats]


def inheritance(
    marker: str, tables: Sequence[Mapping[str, float]], rates: MutationRates, *, times: float = 1.0
) -> Inheritance:
    """Prepare a marker for populations with these allele frequencies.

    Parameters
    ----------
    tables : one per population, allele -> frequency; scaled to sum to one exactly, since somebody must be drawn
    rates : of the stepwise model, made stationary (PM) in each population for itself
    times : how many times as often alleles mutate; see :func:`as_often`

    Raises
    ------
    Nonsense
        If the rates are too high for some allele to keep a chance of staying as it is.
    """
    alleles = tuple(sorted({allele for table in tables for allele in table}, key=lambda a: (float(a), a)))
    place = {allele: i for i, allele in enumerate(alleles)}
    founder = np.zeros((len(tables), len(alleles)))
    mutation = {sex: np.tile(np.eye(len(alleles)), (len(tables), 1, 1)) for sex in (Sex.FEMALE, Sex.MALE)}
    for population, table in enumerate(tables):
        own = [place[allele] for allele in table]
        frequencies = np.array(list(table.values())) / sum(table.values())
        founder[population, own] = frequencies
        for sex, rate in ((Sex.FEMALE, rates.female), (Sex.MALE, rates.male)):
            once = mutation_matrix(
                MutationKind.STEPWISE,
                list(table),
                frequencies,
                rate=rate,
                rate2=rates.rate2,
                range=rates.range,
                transform=Transform.PM,
            )
            mutation[sex][population][np.ix_(own, own)] = as_often(once, times)
    return Inheritance(
        marker=marker,
        alleles=alleles,
        founder=_cumulated(founder),
        mutation={sex: _cumulated(matrix) for sex, matrix in mutation.items()},
    )


def as_often(once: Floats, times: float) -> Floats:
    """Give the mutation matrix of so many meioses in a row, (n, n).

    A part of one is the same flow for part of the time.

    Multiplying the rate instead gives rare alleles a negative chance to stay as they are, where the model is made
    stationary. So many meioses leave it stationary and keep every chance a chance; they mutate so many times as often,
    or somewhat less where the model has rare alleles mutate at a good part of all meioses.

    >>> as_often(np.array([[0.9, 0.1], [0.1, 0.9]]), 2.0).round(4)
    array([[0.82, 0.18],
           [0.18, 0.82]])
    """
    whole = int(times)
    made = np.linalg.matrix_power(once, whole)
    if times > whole:
        made = made @ expm((times - whole) * (once - np.eye(len(once))))
    return np.asarray(made)


def within(marker: Inheritance, coancestry: float, rng: np.random.Generator) -> Inheritance:
    """The same marker in a part of each population: founders there are related by ``coancestry``.

    Frequencies of the part are drawn from the Dirichlet distribution whose mean are the population's
    (Balding and Nichols 1995); its meioses mutate as before.
    """
    frequencies = np.diff(marker.founder, axis=1, prepend=0.0)
    drawn = rng.standard_gamma(frequencies * (1 - coancestry) / coancestry)
    return replace(marker, founder=_cumulated(drawn))


def _cumulated(probabilities: Floats) -> Floats:
    """Cumulated along the last axis, ending at one exactly, so that a draw below one always falls inside."""
    cumulated = probabilities.cumsum(axis=-1)
    return np.asarray(cumulated / cumulated[..., -1:])


def _drawn(cumulated: Floats, rng: np.random.Generator) -> Indices:
    """One draw from each row."""
    return np.asarray((rng.random(len(cumulated))[:, None] >= cumulated).sum(axis=1), dtype=np.intp)


def from_population(marker: Inheritance, population: Indices, rng: np.random.Generator) -> Indices:
    """(k, 2) alleles of unrelated people of the given populations, the smaller first."""
    rows = marker.founder[population]
    return np.sort(np.column_stack([_drawn(rows, rng), _drawn(rows, rng)]), axis=1)


def transmitted(
    marker: Inheritance, alleles: Indices, population: Indices, sex: Sex, rng: np.random.Generator
) -> Indices:
    """(k,) the allele that each parent hands on: one of the two, then perhaps mutated.

    Parameters
    ----------
    alleles : (k, 2) of the parents
    population : (k,) of the parents' families
    sex : of the parents
    """
    chosen = alleles[np.arange(len(alleles)), rng.integers(2, size=len(alleles))]
    return _drawn(marker.mutation[sex][population, chosen], rng)


def descend(marker: Inheritance, kin: Kinship, population: Indices, rng: np.random.Generator) -> Indices:
    """Hand a marker down through all families, generation by generation.

    Parameters
    ----------
    population : (member,) index of the population of each member's family

    Returns
    -------
    (member, 2) indices of alleles, the smaller first. A parent whom nobody named is an unrelated founder.
    """
    generation = np.array(kin.generation)
    alleles = np.empty((len(kin), 2), dtype=np.intp)
    for level in range(int(generation.max()) + 1):
        members = np.flatnonzero(generation == level)
        for side, parents, sex in ((0, kin.father, Sex.MALE), (1, kin.mother, Sex.FEMALE)):
            parent = np.array(parents, dtype=np.intp)[members]
            named = parent != NOBODY
            unnamed, heirs = members[~named], members[named]
            alleles[unnamed, side] = _drawn(marker.founder[population[unnamed]], rng)
            alleles[heirs, side] = transmitted(marker, alleles[parent[named]], population[heirs], sex, rng)
    return np.sort(alleles, axis=1)
