"""The missing, and the events in which they were lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from homeward.programme.basis import NOTHING, Absent, DateSpan, Place, Sex


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
