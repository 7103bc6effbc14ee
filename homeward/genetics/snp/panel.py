"""The SNPs of a programme in one population, as arrays: names, frequencies, places on the genetic map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense, UnequalCalls
from homeward.programme import SnpMarker, SnpProfile

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

CHROMOSOMES = ("", *map(str, range(1, 23)), "X", "Y", "M")
"""Names of chromosomes by number; 0 is not stated."""

CM_PER_BASE = 1e-6  # 1 cM per megabase, the human genome's round average, where a map position is not stated
_AUTOSOMES = 22


@dataclass(frozen=True, eq=False, kw_only=True)
class Panel:
    """SNPs of one population, in one order.

    Parameters
    ----------
    population : whose frequencies these are
    snps : (n,) names
    frequency : (n,) of the allele that genotypes count
    chromosome : (n,) 1 to 22, 23 for X, 24 for Y, 25 for M, 0 where not stated
    position_cm : (n,) place on the genetic map; nan where it cannot be told
    assumed : (n,) whether ``position_cm`` was worked out from base pairs at 1 cM per megabase
    reference, counted : (n,) the two alleles, "" where not stated
    """

    population: str
    snps: tuple[str, ...]
    frequency: Floats
    chromosome: Integers
    position_cm: Floats
    assumed: Flags
    reference: tuple[str, ...]
    counted: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.snps)

    @cached_property
    def places(self) -> Mapping[str, int]:
        """Name -> place in the arrays."""
        return {snp: place for place, snp in enumerate(self.snps)}

    @property
    def autosomal(self) -> Flags:
        """(n,) whether a SNP is on an autosome; one whose chromosome is not stated is taken to be."""
        return np.asarray(self.chromosome <= _AUTOSOMES)

    @property
    def varies(self) -> Flags:
        """(n,) whether both alleles occur in the population: others cannot be computed with."""
        return np.asarray((self.frequency > 0) & (self.frequency < 1))

    def take(self, chosen: npt.ArrayLike) -> Panel:
        """The SNPs at some places, or where a mask is true, in that order."""
        places = np.arange(len(self))[np.asarray(chosen)]
        picked: dict[str, Any] = {"population": self.population}
        for field in fields(self)[1:]:
            values = getattr(self, field.name)
            picked[field.name] = (
                tuple([values[place] for place in places]) if isinstance(values, tuple) else values[places]
            )
        return Panel(**picked)

    def aligned(self, profiles: Sequence[SnpProfile]) -> Floats:
        """What samples of one person say together, in the panel's order.

        Returns
        -------
        (n, 3)
            Natural log of P(all observations | genotype): samples are independent given the one genotype, so
            their logarithms add up. Zeros where nothing was observed. SNPs outside the panel are passed over.

        Raises
        ------
        UnequalCalls
            If the samples exclude each other at a SNP.
        Nonsense
            If a sample says that no genotype is possible.
        """
        together = np.zeros((len(self), 3))
        for number, profile in enumerate(profiles):
            places = np.fromiter((self.places.get(snp, -1) for snp in profile.snps), np.int64, len(profile.snps))
            known = places >= 0
            impossible = np.flatnonzero((profile.log_likelihood == -np.inf).all(axis=1))
            if impossible.size:
                raise Nonsense(
                    f"sample {profile.sample_id}: no genotype of SNP {profile.snps[impossible[0]]} is possible. Leave "
                    "the SNP out, or state an error of reading"
                )
            together[places[known]] += profile.log_likelihood[known]
            if number and (excluded := np.flatnonzero((together == -np.inf).all(axis=1))).size:
                earlier = ", ".join(one.sample_id for one in profiles[:number])
                raise UnequalCalls(
                    f"{profile.subject_id}: at {excluded.size:,} SNPs ({self.snps[excluded[0]]}, ...) sample "
                    f"{profile.sample_id} excludes what {earlier} shows. State a typing error, or leave one out"
                )
        return together


def observed(log_likelihood: Floats) -> Flags:
    """(n,) whether anything was observed: three equal likelihoods tell nothing."""
    return np.asarray((log_likelihood != log_likelihood[:, :1]).any(axis=1))


def panels(markers: Iterable[SnpMarker]) -> dict[str, Panel]:
    """Give the panel of each population, SNPs in the order of the rows.

    Raises
    ------
    Nonsense
        If a chromosome is not 1 to 22, X, Y or M.

    Examples
    --------
    >>> rs7 = SnpMarker(snp="rs7", population="North", frequency=0.3, chromosome="2", position=5_000_000)
    >>> north = panels([rs7])["North"]
    >>> north.position_cm, north.assumed
    (array([5.]), array([ True]))
    """
    rows: dict[str, list[SnpMarker]] = {}
    for marker in markers:
        rows.setdefault(marker.population, []).append(marker)
    return {population: _panel(population, of_population) for population, of_population in rows.items()}


def _panel(population: str, markers: Sequence[SnpMarker]) -> Panel:
    bases = np.array([np.nan if one.position is None else one.position for one in markers], dtype=np.float64)
    stated = np.array([np.nan if one.position_cm is None else one.position_cm for one in markers], dtype=np.float64)
    chromosome = np.array([chromosome_number(one.chromosome) for one in markers], dtype=np.int64)
    return Panel(
        population=population,
        snps=tuple(one.snp for one in markers),
        frequency=np.array([one.frequency for one in markers], dtype=np.float64),
        chromosome=chromosome,
        position_cm=np.where(np.isnan(stated), bases * CM_PER_BASE, stated),
        assumed=np.isnan(stated) & ~np.isnan(bases),
        reference=tuple(one.reference for one in markers),
        counted=tuple(one.counted for one in markers),
    )


def chromosome_number(name: str) -> int:
    """Give the number of a chromosome: X is 23, Y 24, M 25, and 0 stands for one that is not stated.

    >>> chromosome_number("7"), chromosome_number("X"), chromosome_number("")
    (7, 23, 0)
    """
    try:
        return CHROMOSOMES.index(name)
    except ValueError:
        raise Nonsense(f"chromosome {name!r} is not 1 to 22, X, Y or M") from None
