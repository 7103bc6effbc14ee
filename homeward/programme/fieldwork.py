"""The search: where someone may lie, what was said, dug and found, and what digging costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from homeward.programme.basis import NOTHING, Absent, DateSpan, Place, probability, require


class ScenarioKind(StrEnum):
    """How somebody came to lie where he lies."""

    ELLIPSE = "ellipse"  # near a point, normally distributed
    ROUTE = "route"  # along a line, such as a march
    WITNESS = "witness"  # at a bearing and a range from where a witness stood
    CAMP = "camp"  # in the burial ground of a camp
    CEMETERY = "cemetery"  # in a cemetery with records
    MOVED = "moved"  # was at another scenario's place and was taken to this one
    ELSEWHERE = "elsewhere"  # nowhere on the map


class Burial(StrEnum):
    """Classes of burial; each is found or missed at a rate of its own."""

    ISOLATED = "isolated"
    MASS = "mass"
    CEMETERY = "cemetery"
    CRASH = "crash"


class SiteStatus(StrEnum):
    LEAD = "lead"
    INVESTIGATED = "investigated"
    NOMINATED = "nominated"
    APPROVED = "approved"  # by both sides
    OPEN = "open"
    CLOSED = "closed"
    ABANDONED = "abandoned"


class SearchOutcome(StrEnum):
    NOTHING = "nothing"
    REMAINS = "remains"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A piece of ground: a point with its uncertainty, or a geometry (WKT, lon lat in WGS84 degrees)."""

    place: Place | None = None
    wkt: str = ""

    def __post_init__(self) -> None:
        require((self.place is None) != (not self.wkt), "a piece of ground is a point or a geometry, one of the two")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One account of where a person, or everyone of an incident, may lie.

    ``weight`` is its share among the accounts of the same person or incident. Radii are two sigma.
    """

    scenario_id: str
    about: str  # a person_id or an incident_id
    kind: ScenarioKind
    weight: float
    ground: Ground | None = None  # a line for a route; where a witness stood; None for elsewhere
    radius_m: float | None = None  # ellipse: along the bearing; route: across; witness: none
    radius_minor_m: float | None = None  # ellipse: across the bearing; empty = a circle
    bearing_deg: float | None = None  # from true north, clockwise: of the ellipse's axis, or from the witness
    bearing_sd_deg: float | None = None
    range_m: float | None = None  # witness: median distance; route: distance along which the chance falls to 1/e
    range_sd: float | None = None  # witness: of the natural log of the distance
    reliability: float = 1.0  # chance that the account is right; the rest goes to the others of the same person
    shared: bool = False  # all whom it is true of lie in one grave
    burial: Burial = Burial.ISOLATED
    moved_to: str = ""  # the scenario_id to which those of this one were taken
    source_id: str = ""
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        probability(self.weight, "weight")
        probability(self.reliability, "reliability")
        for name in ("radius_m", "radius_minor_m", "bearing_sd_deg", "range_m", "range_sd"):
            value = getattr(self, name)
            require(value is None or (math.isfinite(value) and value > 0), f"{name} {value} is not above zero")
        bearing = self.bearing_deg
        require(bearing is None or 0 <= bearing <= 360, f"bearing_deg {bearing} is not between 0 and 360")
        if self.kind is not ScenarioKind.MOVED:
            nowhere = self.kind is ScenarioKind.ELSEWHERE
            require(nowhere == (self.ground is None), "a scenario has a place, unless it is elsewhere")
        require((self.kind is ScenarioKind.MOVED) == bool(self.moved_to), "moved_to goes with the kind moved")
        witness = self.kind is ScenarioKind.WITNESS
        require(not witness or None not in (bearing, self.range_m), "a witness gives a bearing and a range")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """Something said or read about where remains may lie."""

    lead_id: str
    kind: str = ""  # witness | record | map | resident | survey | ...
    about: str = ""  # person_id, incident_id or site_id
    ground: Ground | None = None
    text: str = ""
    given_on: DateSpan | None = None
    reliability: float | None = None
    source_id: str = ""
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        probability(self.reliability, "reliability")


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Sites that share the cost of getting there, a window of weather and a permit."""

    region_id: str
    name: str = ""
    mobilisation_cost: float = 0.0
    travel_days: float = 0.0
    window_from: DateSpan | None = None
    window_until: DateSpan | None = None
    base: Place | None = None
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        _not_below_zero(self, "mobilisation_cost", "travel_days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A place that may be dug, and what digging it costs.

    ``detection_rate`` a: the chance to find what lies there after effort z is 1 - exp(-a z).
    """

    site_id: str
    name: str = ""
    ground: Ground | None = None
    status: SiteStatus = SiteStatus.LEAD
    region: str = ""
    burial: Burial = Burial.ISOLATED
    fixed_cost: float = 0.0
    cost_per_unit: float = 1.0
    days: float | None = None  # days of a crew for one unit of effort
    permit_from: DateSpan | None = None
    permit_until: DateSpan | None = None
    detection_rate: float | None = None
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        _not_below_zero(self, "fixed_cost", "cost_per_unit", "days", "detection_rate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """A search that was done: P(found | it lay there) is ``detection``; None: of the site's rate, or the settings'.

    ``trials`` says how surely that is known: as surely as from so many test burials (None: exactly).
    """

    search_id: str
    site_id: str = ""
    ground: Ground | None = None
    on: DateSpan | None = None
    effort: float | None = None
    unit: str = ""
    detection: float | None = None
    trials: float | None = None
    burial: Burial | None = None  # the class it was good for; None: all
    outcome: SearchOutcome = SearchOutcome.NOTHING
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        probability(self.detection, "detection")
        require(bool(self.site_id) or self.ground is not None, f"{self.search_id}: a search has a site or a place")
        _not_below_zero(self, "effort")
        require(self.trials is None or self.trials > 0, "trials is above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A box as it was received, and where its sender says that its content is from."""

    container_id: str
    state: str = ""
    received_on: DateSpan | None = None
    stated_from: str = ""
    origin: Place | None = None
    note: str = ""
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A document or a person that something is known from. ``kind`` is the class whose reliability is learned."""

    source_id: str
    kind: str = ""
    title: str = ""
    publisher: str = ""
    date: DateSpan | None = None
    page: str = ""
    digest: str = ""
    absent: Mapping[str, Absent] = field(default_factory=lambda: NOTHING)
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


def _not_below_zero(record: object, *names: str) -> None:
    for name in names:
        value = getattr(record, name)
        require(value is None or (math.isfinite(value) and value >= 0), f"{name} {value} is below zero or no number")
