"""What a laboratory reads from a sample, and the models of markers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from homeward.programme.basis import NOTHING, Absent, DateSpan, probability, require

NOT_OBSERVED = "?"  # an allele that was not seen: any allele
REST = "rest"  # the alleles that a frequency table does not name
SILENT = "silent"  # an allele that is inherited and never seen


class SampleKind(StrEnum):
    REFERENCE = "reference"  # of a relative
    DIRECT = "direct"  # the missing person's own: a tooth, a biopsy, belongings
    REMAINS = "remains"
    ELIMINATION = "elimination"  # staff, to be recognised and set aside


class MutationKind(StrEnum):
    NONE = "none"
    EQUAL = "equal"
    PROPORTIONAL = "proportional"
    STEPWISE = "stepwise"
    ONESTEP = "onestep"
    DAWID = "dawid"
    CUSTOM = "custom"


class Transform(StrEnum):
    """How a mutation matrix is made stationary or reversible (as in pedmut)."""

    NONE = "none"
    PM = "PM"
    MH = "MH"
    BA = "BA"
    PR = "PR"


FrequencyTable = Mapping[str, float]
"""Allele -> frequency, of one marker in one population."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """A marker as this programme uses it."""

    marker: str
    chromosome: str = "A"  # A, X, Y, M
    linked_to: str = ""
    rho: float | None = None
    silent_frequency: float | None = None
    min_frequency: float | None = None
    sample_size: int | None = None
    aliases: tuple[str, ...] = ()
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        require(self.chromosome in ("A", "X", "Y", "M"), f"chromosome {self.chromosome!r} is not A, X, Y or M")
        for name in ("silent_frequency", "min_frequency"):
            probability(getattr(self, name), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What was taken from whom, and how well it reads."""

    sample_id: str
    subject_id: str  # a member_id or a remains_id; any text for elimination samples
    kind: SampleKind = SampleKind.REFERENCE
    dropout: float | None = None
    dropin: float | None = None
    typing_error: float | None = None
    date: DateSpan | None = None
    laboratory: str = ""
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)  # column -> why it is empty
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        for name in ("dropout", "dropin", "typing_error"):
            probability(getattr(self, name), name)


Call = tuple[str, str]
"""Two alleles as observed, in the order written; NOT_OBSERVED stands for any allele."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The calls of one sample: marker name -> two alleles. An untyped marker has no entry."""

    sample_id: str
    subject_id: str
    calls: Mapping[str, Call]


def by_subject(profiles: Iterable[Profile]) -> dict[str, list[Profile]]:
    """Profiles grouped by the subject they are of."""
    groups: dict[str, list[Profile]] = {}
    for profile in profiles:
        groups.setdefault(profile.subject_id, []).append(profile)
    return groups


class LineageKind(StrEnum):
    """Which line a haplotype follows: mother's or father's."""

    MITOCHONDRIAL = "mt"
    Y = "y"


@dataclass(frozen=True, slots=True, kw_only=True)
class Haplotype:
    """A lineage haplotype of one sample, as reported.

    mt: ``haplotype`` lists differences from the rCRS ("263G 315.1C"), ``range`` the positions that were
    read ("16024-16365;73-340"). Y: ``haplotype`` lists marker=allele ("DYS19=14 DYS385=11,14"),
    ``range`` is empty or the name of the kit.
    """

    sample_id: str
    subject_id: str
    kind: LineageKind
    range: str = ""
    haplotype: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class HaplotypeCount:
    """How often a haplotype was seen in a database of a population: the user's own counts.

    mt: ``range`` is what was searched with, as of :class:`Haplotype`. Y: the haplotype names its loci.
    Where the counts of one population and range sum to ``database_size``, they are the whole database.
    """

    kind: LineageKind
    haplotype: str
    population: str
    count: int
    database_size: int
    range: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        require(
            0 <= self.count <= self.database_size and self.database_size > 0,
            f"haplotype {self.haplotype}: a count of {self.count} in a database of {self.database_size}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SnpMarker:
    """A SNP of the panel in one population. ``frequency`` is of the allele that genotypes count (0, 1, 2)."""

    snp: str
    population: str
    frequency: float
    chromosome: str = ""  # 1 to 22, X, Y, M; empty is not stated
    position: int | None = None  # base pairs
    position_cm: float | None = None  # on the genetic map
    reference: str = ""  # the allele that is not counted
    counted: str = ""  # the allele that is
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        probability(self.frequency, "frequency")


@dataclass(frozen=True, eq=False, slots=True, kw_only=True)
class SnpProfile:
    """What one sample says of many SNPs.

    Parameters
    ----------
    snps : (n,) names; a SNP about which nothing was observed has no entry
    log_likelihood : (n, 3) natural log of P(what was observed | 0, 1, 2 copies of the counted allele); a hard
        genotype is 0 for itself and -inf for the other two
    """

    sample_id: str
    subject_id: str
    snps: tuple[str, ...]
    log_likelihood: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        require(
            self.log_likelihood.shape == (len(self.snps), 3),
            f"sample {self.sample_id}: three log likelihoods are needed for each of {len(self.snps)} SNPs",
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SnpProfile):
            return NotImplemented
        same = (self.sample_id, self.subject_id, self.snps) == (other.sample_id, other.subject_id, other.snps)
        return same and np.array_equal(self.log_likelihood, other.log_likelihood)

    __hash__ = None  # type: ignore[assignment]  # it holds an array


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationModel:
    """How a marker mutates at meiosis. Matrices only for ``custom``; rows are the parent's allele.

    ``rate2`` and ``range`` are those of the extended stepwise model (rate2: to a microvariant;
    range: ratio of the probabilities of a step of k+1 and of k repeats); ``range`` also of dawid.
    """

    marker: str
    model: MutationKind = MutationKind.NONE
    rate_female: float | None = None
    rate_male: float | None = None
    rate2: float | None = None
    range: float | None = None
    transform: Transform = Transform.NONE
    female: Mapping[tuple[str, str], float] = field(default_factory=lambda: NOTHING)  # (from, to) -> probability
    male: Mapping[tuple[str, str], float] = field(default_factory=lambda: NOTHING)
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        for name in ("rate_female", "rate_male", "rate2", "range"):
            probability(getattr(self, name), name)
        needs_rates = self.model not in (MutationKind.NONE, MutationKind.CUSTOM)
        require(
            not needs_rates or (self.rate_female is not None and self.rate_male is not None),
            f"marker {self.marker}: model {self.model} needs rate_female and rate_male",
        )
