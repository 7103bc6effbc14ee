"""The record: every frozen thing the field talks about.

A :class:`Programme` is what a programme folder says, checked and in memory. Objects refuse
nonsense when they are made, so that nothing later needs to check again. Identifiers are text.
"""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import Enum, StrEnum
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense

NOTHING: Mapping[Any, Any] = MappingProxyType({})
NOT_OBSERVED = "?"  # an allele that was not seen: any allele
REST = "rest"  # the alleles that a frequency table does not name
SILENT = "silent"  # an allele that is inherited and never seen
NOT_LISTED = "not_listed"  # someone missing who is not on the roster
OTHER_LISTED = "other_listed"  # the roster's remainder in a shortened table
OUTSIDER = "outsider:"  # prefix of a group of outsiders


class Absent(Enum):
    """Why a value is absent. ``None`` cannot tell these apart."""

    UNTESTED = "untested"
    WITHHELD = "withheld"
    NOT_FOUND = "not_found"


class Sex(StrEnum):
    MALE = "M"
    FEMALE = "F"
    UNKNOWN = "U"

    def contradicts(self, other: Sex) -> bool:
        """Both known and different."""
        return Sex.UNKNOWN not in (self, other) and self is not other


class Status(StrEnum):
    MISSING = "missing"
    ACCOUNTED_FOR = "accounted_for"
    FOUND_ALIVE = "found_alive"
    REMOVED = "removed"


class IncidentKind(StrEnum):
    BATTLE = "battle"
    CAMP = "camp"
    MARCH = "march"
    AIRCRAFT = "aircraft"
    CEMETERY = "cemetery"
    OTHER = "other"


class SampleKind(StrEnum):
    REFERENCE = "reference"  # of a relative
    DIRECT = "direct"  # the missing person's own: a tooth, a biopsy, belongings
    REMAINS = "remains"
    ELIMINATION = "elimination"  # staff, to be recognised and set aside


class Outcome(StrEnum):
    IDENTIFIED = "identified"
    EXCLUDED = "excluded"
    RESCINDED = "rescinded"
    AFFILIATION = "affiliation"


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


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise Nonsense(message)


def _probability(value: float | None, name: str) -> None:
    _require(value is None or 0 <= value <= 1, f"{name} is a probability, not {value}")


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A date as precise as its source: the whole interval that it names.

    >>> DateSpan.read("1950-11").earliest, DateSpan.read("1950-11").latest
    (datetime.date(1950, 11, 1), datetime.date(1950, 11, 30))
    """

    text: str
    earliest: date
    latest: date

    @classmethod
    def read(cls, text: str) -> DateSpan:
        parts = text.split("-")
        lengths = [len(part) for part in parts]
        if lengths not in ([4], [4, 2], [4, 2, 2]) or not all(part.isascii() and part.isdigit() for part in parts):
            raise Nonsense(f"{text!r} is not a date written YYYY, YYYY-MM or YYYY-MM-DD")
        year, month, day = (int(part) for part in [*parts, "0", "0"][:3])
        try:
            first = date(year, month or 1, day or 1)
            last_month = first.month if len(parts) > 1 else 12
            last_day = day if len(parts) > 2 else calendar.monthrange(year, last_month)[1]
            return cls(text, first, date(year, last_month, last_day))
        except ValueError as problem:
            raise Nonsense(f"{text!r} is not a date of the calendar ({problem})") from None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A point in WGS84 decimal degrees with its uncertainty (radius of two sigma, metres)."""

    lat: float
    lon: float
    radius_m: float | None = None

    def __post_init__(self) -> None:
        _require(-90 <= self.lat <= 90, f"latitude {self.lat} is not between -90 and 90 degrees")
        _require(-180 <= self.lon <= 180, f"longitude {self.lon} is not between -180 and 180 degrees")
        _require(
            self.radius_m is None or (math.isfinite(self.radius_m) and self.radius_m >= 0),
            f"radius_m {self.radius_m} is not a length",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPerson:
    """One of the missing, as the roster has him."""

    person_id: str
    family_name: str = ""
    given_name: str = ""
    name_native: str = ""
    sex: Sex = Sex.UNKNOWN
    birth_date: DateSpan | None = None
    population: str = ""
    affiliation: str = ""
    unit: str = ""
    service_number: str = ""
    stature_cm: float | None = None
    incident_id: str = ""
    lost_on: DateSpan | None = None
    lost_until: DateSpan | None = None
    last_seen: Place | None = None
    status: Status = Status.MISSING
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)  # column -> why it is empty
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """An event in which people were lost."""

    incident_id: str
    kind: IncidentKind = IncidentKind.OTHER
    name: str = ""
    date: DateSpan | None = None
    place: Place | None = None
    grid_original: str = ""
    datum: str = ""
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)  # column -> why it is empty
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of a family. Both parents empty: a founder. One empty: that parent is an own unknown founder."""

    family_id: str
    member_id: str
    father_id: str = ""
    mother_id: str = ""
    sex: Sex = Sex.UNKNOWN
    population: str = ""
    person_id: str = ""  # if this is one of the missing
    twin_of: str = ""  # the identical twin's member_id
    inbreeding: float | None = None  # of a founder: the chance that both alleles are one ancestor's
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)  # column -> why it is empty
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True)
class PedigreeFault:
    """What makes a pedigree impossible: which member, which column, what stood there, and why."""

    member_id: str
    column: str
    value: str
    reason: str


def pedigree_faults(members: Sequence[Member]) -> list[PedigreeFault]:
    """Every reason why these members cannot be one family: unknown or wrong-sexed parents, cycles, odd twins."""
    by_id = {member.member_id: member for member in members}
    faults = (
        [
            PedigreeFault(member.member_id, "member_id", member.member_id, "occurs twice in the pedigree")
            for index, member in enumerate(members)
            if any(other.member_id == member.member_id for other in members[:index])
        ]
        if len(by_id) < len(members)
        else []
    )
    for member in members:
        for column, parent_id, wrong, word in (
            ("father_id", member.father_id, Sex.FEMALE, "a woman cannot be the father"),
            ("mother_id", member.mother_id, Sex.MALE, "a man cannot be the mother"),
        ):
            if not parent_id:
                continue
            if parent_id not in by_id:
                faults.append(PedigreeFault(member.member_id, column, parent_id, "is not a member of this family"))
            elif by_id[parent_id].sex is wrong:
                faults.append(PedigreeFault(member.member_id, column, parent_id, word))
        if member.inbreeding and (member.father_id or member.mother_id):
            value = f"{member.inbreeding:g}"
            reason = "is of a founder, whose parents are not known; of others it follows from the pedigree"
            faults.append(PedigreeFault(member.member_id, "inbreeding", value, reason))
        if member.father_id and member.father_id == member.mother_id:
            faults.append(PedigreeFault(member.member_id, "mother_id", member.mother_id, "is also the father"))
        if member.twin_of:
            faults += _twin_faults(member, by_id)
    faults += [
        PedigreeFault(member_id, "member_id", member_id, "is his or her own ancestor")
        for member_id in _own_ancestors(by_id)
    ]
    return faults


def _twin_faults(member: Member, by_id: Mapping[str, Member]) -> list[PedigreeFault]:
    twin = by_id.get(member.twin_of)
    if twin is None:
        return [PedigreeFault(member.member_id, "twin_of", member.twin_of, "is not a member of this family")]
    if twin is member:
        return [PedigreeFault(member.member_id, "twin_of", member.twin_of, "is the same person")]
    if member.sex.contradicts(twin.sex):
        return [PedigreeFault(member.member_id, "twin_of", member.twin_of, "identical twins have one sex")]
    if (member.father_id, member.mother_id) != (twin.father_id, twin.mother_id):
        return [PedigreeFault(member.member_id, "twin_of", member.twin_of, "identical twins have the same parents")]
    return []


def _own_ancestors(by_id: Mapping[str, Member]) -> list[str]:
    """Members on a cycle of parenthood, found by peeling off whoever has no unpeeled parent."""
    children: dict[str, list[str]] = {}
    parents_left = dict.fromkeys(by_id, 0)
    for member_id, member in by_id.items():
        for parent in {member.father_id, member.mother_id} & by_id.keys():
            children.setdefault(parent, []).append(member_id)
            parents_left[member_id] += 1
    peeled = [member_id for member_id, count in parents_left.items() if not count]
    for member_id in peeled:  # grows while it is walked
        for child in children.get(member_id, ()):
            parents_left[child] -= 1
            if not parents_left[child]:
                peeled.append(child)
    waiting = [member_id for member_id, count in parents_left.items() if count]
    return [member_id for member_id in waiting if _reaches_itself(member_id, by_id)]


def _reaches_itself(start: str, by_id: Mapping[str, Member]) -> bool:
    seen: set[str] = set()
    stack = [start]
    while stack:
        member = by_id[stack.pop()]
        for parent in (member.father_id, member.mother_id):
            if parent == start:
                return True
            if parent in by_id and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pedigree:
    """A family: who descends from whom, and which of them are missing."""

    family_id: str
    members: tuple[Member, ...]

    def __post_init__(self) -> None:
        for fault in pedigree_faults(self.members):
            raise Nonsense(f"family {self.family_id}, {fault.member_id}, {fault.column} {fault.value}: {fault.reason}")

    @property
    def missing(self) -> tuple[Member, ...]:
        """The members who are among the missing, in the pedigree's order."""
        return tuple(member for member in self.members if member.person_id)

    def member(self, member_id: str) -> Member:
        for member in self.members:
            if member.member_id == member_id:
                return member
        raise Nonsense(f"family {self.family_id} has no member {member_id}")


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
        _require(self.chromosome in ("A", "X", "Y", "M"), f"chromosome {self.chromosome!r} is not A, X, Y or M")
        for name in ("silent_frequency", "min_frequency"):
            _probability(getattr(self, name), name)


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
            _probability(getattr(self, name), name)


Call = tuple[str, str]
"""Two alleles as observed, in the order written; NOT_OBSERVED stands for any allele."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The calls of one sample: marker name -> two alleles. An untyped marker has no entry."""

    sample_id: str
    subject_id: str
    calls: Mapping[str, Call]


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
        _require(
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
        _probability(self.frequency, "frequency")


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
        _require(
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
            _probability(getattr(self, name), name)
        needs_rates = self.model not in (MutationKind.NONE, MutationKind.CUSTOM)
        _require(
            not needs_rates or (self.rate_female is not None and self.rate_male is not None),
            f"marker {self.marker}: model {self.model} needs rate_female and rate_male",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Remains:
    """Remains presumed to be of one individual. The claims of a sender are claims."""

    remains_id: str
    accession: str = ""
    container_id: str = ""
    found_on: DateSpan | None = None
    found: Place | None = None
    site_id: str = ""
    claimed_person: str = ""
    claimed_by: str = ""
    sex: Sex = Sex.UNKNOWN
    stature_cm_low: float | None = None
    stature_cm_high: float | None = None
    age_low: float | None = None
    age_high: float | None = None
    population: str = ""
    same_as: str = ""
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)  # column -> why it is empty
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        for low, high in (("stature_cm_low", "stature_cm_high"), ("age_low", "age_high")):
            a, b = getattr(self, low), getattr(self, high)
            _require(a is None or b is None or a <= b, f"{low} {a} is above {high} {b}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """A bone or a part of one, as the inventory has it."""

    specimen_id: str
    accession: str = ""
    container_id: str = ""
    element: str = ""
    side: str = ""  # left | right | unsided | axial, as the inventory writes it
    zones: tuple[str, ...] = ()
    completeness: float | None = None  # share of the bone that is there
    sample_id: str = ""
    remains_id: str = ""  # the individual it was given to
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)  # column -> why it is empty
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        _probability(self.completeness, "completeness")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A measurement of a specimen in millimetres. ``code`` is of the osteometric standard ("Fem_01")."""

    specimen_id: str
    code: str
    mm: float
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        _require(math.isfinite(self.mm) and self.mm > 0, f"{self.specimen_id} {self.code}: {self.mm} mm is no length")


class ChartKind(StrEnum):
    """When a dental chart was made: before or after death."""

    ANTE_MORTEM = "am"
    POST_MORTEM = "pm"


@dataclass(frozen=True, slots=True, kw_only=True)
class DentalChart:
    """The teeth of one subject at one time: tooth of the universal numbering ("1" to "32") -> code as charted."""

    subject_id: str  # a person_id (ante-mortem) or a remains_id (post-mortem)
    kind: ChartKind
    date: DateSpan | None = None
    teeth: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """What was observed on remains by a named method: a stage of age, a score of sex."""

    remains_id: str
    method: str
    trait: str
    value: str
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


class VerdictKind(StrEnum):
    """What was compared by an examiner."""

    RADIOGRAPH = "radiograph"
    ISOTOPE = "isotope"
    TRAUMA = "trauma"
    EFFECTS = "effects"
    CIRCUMSTANCE = "circumstance"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A comparison of remains with someone, as its examiner recorded it."""

    remains_id: str
    about: str  # a person_id, or outsider:GROUP
    kind: VerdictKind
    method: str
    verdict: str = ""  # a word that verdict_rates.csv calibrates
    rank: int | None = None  # place in a list ordered by likeness, 1 the most alike
    list_size: int | None = None
    examiner: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        _require(
            (self.rank is None) == (self.list_size is None),
            f"{self.remains_id}, {self.about}, {self.method}: a rank is of a list, and needs its size",
        )
        if self.rank is not None and self.list_size is not None:
            _require(1 <= self.rank <= self.list_size, f"rank {self.rank} is not in a list of {self.list_size}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRate:
    """How often a verdict is given of the same person, and of different ones: the method's calibration."""

    kind: VerdictKind
    method: str
    verdict: str
    if_same: float
    if_different: float
    source: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        for name in ("if_same", "if_different"):
            _probability(getattr(self, name), name)
        _require(self.if_same > 0 and self.if_different > 0, "a verdict that never occurs cannot be weighed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A published parameter of a method that this programme replaces, with its source."""

    method: str
    parameter: str
    value: float
    source: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about a pair, by whom and why. A later row about the same pair supersedes."""

    remains_id: str
    about: str  # a person_id, or outsider:GROUP
    outcome: Outcome
    decided_on: DateSpan | None = None
    by: str = ""
    reason: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


class PriorKind(StrEnum):
    ROSTER = "roster"
    FLAT = "flat"


class ThetaMethod(StrEnum):
    EXACT = "exact"  # a family too large is refused
    SAMPLED = "sampled"  # a family too large is estimated from draws, with its standard error


LINES = (
    "mt",
    "y",
    "snp",
    "body",  # sex, stature and size of bones together
    "age",
    "dental",
    "material",  # tags, effects and what is written on the box
    "place",
    "radiograph",
    "isotope",
    "trauma",
    "circumstance",
    "other",
)
"""Lines of evidence beside the genotypes, which are always weighed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsiderProfile:
    """What is known of the bodies of a group of outsiders; None: as the roster's."""

    male_share: float | None = None
    stature_mean_cm: float | None = None
    stature_sd_cm: float | None = None
    age_low: float | None = None
    age_high: float | None = None

    def __post_init__(self) -> None:
        _probability(self.male_share, "male_share")
        _require(
            (self.stature_mean_cm is None) == (self.stature_sd_cm is None),
            "stature_mean_cm and stature_sd_cm belong together",
        )
        _require((self.age_low is None) == (self.age_high is None), "age_low and age_high belong together")
        _require(
            self.age_low is None or self.age_high is None or self.age_low < self.age_high,
            "age_low is not below age_high",
        )
        _require(self.stature_sd_cm is None or self.stature_sd_cm > 0, "stature_sd_cm is above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``programme.toml`` says. Field names are section_key where a section needs telling apart."""

    name: str
    schema: int = 1
    conflict: str = ""
    as_of: DateSpan | None = None
    single_allele: str = "fault"  # fault | homozygote | partial
    population: str = ""  # [genetics] the population of whoever has none stated
    theta: float = 0.0
    untyped_ancestors: str = "keep"  # keep (the whole pedigree) | prune (as Familias)
    dropout: float = 0.0
    dropin: float = 0.0
    typing_error: float = 0.0
    theta_method: ThetaMethod = ThetaMethod.EXACT
    theta_draws: int = 20_000
    populations: Mapping[str, float] = field(default_factory=lambda: NOTHING)  # the roster's mixture
    prior: PriorKind = PriorKind.ROSTER
    listed_share: float = 0.5
    not_listed: float = 0.5
    outsiders: Mapping[str, float] = field(default_factory=lambda: NOTHING)  # group -> prior weight
    outsider_population: Mapping[str, str] = field(default_factory=lambda: NOTHING)  # group -> population
    outsider_profiles: Mapping[str, OutsiderProfile] = field(default_factory=lambda: NOTHING)  # group -> bodies
    lines: tuple[str, ...] = LINES  # the lines of evidence that are weighed
    sex_error: float = 0.01
    bound: float = 0.001
    stature_sd_cm: float = 1.5  # of a recorded stature around the true one
    age_error: float = 0.02  # chance that an age indicator says nothing of the age
    dental_error: float = 0.01  # chance that a tooth's code is wrong
    tag_reliability: float = 0.5  # chance that a tag or a sender's name belongs to someone in its box
    place_radius_km: float = 10.0  # how far remains usually lie from where the person was lost
    place_floor: float = 0.1  # chance that the place says nothing
    one_to_one: bool = True
    fragments: bool = False  # several rows may be one person
    seed: int = 1
    identify: float = 0.9995
    review: float = 0.99
    exclude: float = 1e-4
    undisputed_lr: float = 1e4

    def __post_init__(self) -> None:
        _require(self.schema == 1, f"schema {self.schema} is not known; this version reads schema 1")
        _require(self.single_allele in ("fault", "homozygote", "partial"), f"single_allele {self.single_allele!r}")
        _require(self.untyped_ancestors in ("keep", "prune"), f"untyped_ancestors {self.untyped_ancestors!r}")
        for name in (
            "theta",
            "dropout",
            "dropin",
            "typing_error",
            "listed_share",
            "not_listed",
            "sex_error",
            "bound",
            "age_error",
            "dental_error",
            "tag_reliability",
            "place_floor",
            "identify",
            "review",
            "exclude",
        ):
            _probability(getattr(self, name), name)
        _require(self.bound > 0, "bound is above zero: no line of evidence but DNA excludes by itself")
        _require(self.undisputed_lr > 0, "undisputed_lr is above zero")
        _require(self.theta_draws >= 100, "theta_draws is at least 100")
        _require(
            self.stature_sd_cm > 0 and self.place_radius_km > 0, "stature_sd_cm and place_radius_km are above zero"
        )
        for line in self.lines:
            _require(line in LINES, f"{line!r} is not a line of evidence: {', '.join(LINES)}")
        if self.prior is PriorKind.ROSTER:
            whole = self.listed_share + self.not_listed + sum(self.outsiders.values())
            _require(
                abs(whole - 1) <= 1e-9,
                f"listed_share + not_listed + outsiders is {whole:.12g}, not 1",
            )
        if self.populations:
            mixture = sum(self.populations.values())
            _require(abs(mixture - 1) <= 1e-9, f"the weights of [populations] sum to {mixture:.12g}, not 1")


FrequencyTable = Mapping[str, float]
"""Allele -> frequency, of one marker in one population."""


@dataclass(frozen=True, kw_only=True)
class Programme:
    """A whole programme as its folder states it, every reference between files checked.

    ``frequencies`` is population -> marker -> allele -> frequency. ``profiles`` hold only calls;
    what a sample is stands in ``samples``. ``digest`` is of the content as read, whatever the
    container (folder, zip, Excel) and the order of rows.
    """

    settings: Settings
    missing: tuple[MissingPerson, ...] = ()
    incidents: tuple[Incident, ...] = ()
    pedigrees: tuple[Pedigree, ...] = ()
    markers: tuple[Marker, ...] = ()
    samples: tuple[Sample, ...] = ()
    profiles: tuple[Profile, ...] = ()
    frequencies: Mapping[str, Mapping[str, FrequencyTable]] = field(default_factory=lambda: NOTHING)
    mutation: tuple[MutationModel, ...] = ()
    haplotypes: tuple[Haplotype, ...] = ()
    haplotype_counts: tuple[HaplotypeCount, ...] = ()
    snp_panel: tuple[SnpMarker, ...] = ()
    snp_profiles: tuple[SnpProfile, ...] = ()
    remains: tuple[Remains, ...] = ()
    specimens: tuple[Specimen, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    dental: tuple[DentalChart, ...] = ()
    traits: tuple[Trait, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    verdict_rates: tuple[VerdictRate, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    decisions: tuple[Decision, ...] = ()
    digest: str = ""

    @cached_property
    def people(self) -> Mapping[str, MissingPerson]:
        """The missing by person_id."""
        return {person.person_id: person for person in self.missing}


def known_fields(record: type) -> list[str]:
    """Names of a record's own fields, without ``absent`` and ``extra``."""
    return [f.name for f in fields(record) if f.name not in ("absent", "extra")]


def by_subject(profiles: Iterable[Profile]) -> dict[str, list[Profile]]:
    """Profiles grouped by the subject they are of."""
    groups: dict[str, list[Profile]] = {}
    for profile in profiles:
        groups.setdefault(profile.subject_id, []).append(profile)
    return groups
