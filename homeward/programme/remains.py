"""Remains, their bones and what was observed on them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from homeward.programme.basis import NOTHING, Absent, DateSpan, Place, Sex, probability, require


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
            require(a is None or b is None or a <= b, f"{low} {a} is above {high} {b}")


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
        probability(self.completeness, "completeness")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A measurement of a specimen in millimetres. ``code`` is of the osteometric standard ("Fem_01")."""

    specimen_id: str
    code: str
    mm: float
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        require(math.isfinite(self.mm) and self.mm > 0, f"{self.specimen_id} {self.code}: {self.mm} mm is no length")


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
