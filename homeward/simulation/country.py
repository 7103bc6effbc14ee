"""The country of an invented world: how those lost lie in it, who tells of it, and what digging there costs.

All of it is data in ``homeward/data/korea``; what is published and what is assumed stands in its README.
"""

from __future__ import annotations

from dataclasses import dataclass

from homeward.errors import Nonsense
from homeward.programme import Burial, IncidentKind, Place, ScenarioKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """A way in which those of one kind of incident lie.

    Parameters
    ----------
    weight : share of those lost
    shared : whether they lie in common graves, each at a place of its own
    persons_per_grave : expected in one common grave
    radius_m : two sigma around what an account names; None: the incident's own
    spread : how far from the incident's place accounts lie, in its own radii
    """

    kind: IncidentKind
    scenario: ScenarioKind
    burial: Burial
    shared: bool
    weight: float
    persons_per_grave: float | None = None
    radius_m: float | None = None
    spread: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """Where and how people lie, and what is said of it.

    Parameters
    ----------
    ways : of lying, for each kind of incident; their weights sum to one
    routes : name of an incident -> WKT of the line along which its people were lost
    regions : region_id, name, base, cost and days of getting there, first and last day of digging (month-day)
    sources : who tells, what share of all that is told is theirs, and how often they are right
    sites : at most so many places that may be dug
    searched : share of the sites where somebody has dug already
    witnesses : share of those lost in battle of whom somebody saw where they fell
    decoys : accounts that lead nowhere, relative to the number of common graves
    """

    ways: tuple[Way, ...]
    routes: tuple[tuple[str, str], ...]
    regions: tuple[Base, ...]
    sources: tuple[Teller, ...]
    sites: int = 64
    searched: float = 0.4
    witnesses: float = 0.05
    decoys: float = 0.3

    def __post_init__(self) -> None:
        for kind in {way.kind for way in self.ways}:
            whole = sum(way.weight for way in self.of(kind))
            if abs(whole - 1) > 1e-9:
                raise Nonsense(f"the ways of lying of those lost in the kind {kind} sum to {whole:.12g}, not 1")
        if abs(sum(one.share for one in self.sources) - 1) > 1e-9:
            raise Nonsense("the shares of the sources do not sum to 1")

    def of(self, kind: IncidentKind) -> tuple[Way, ...]:
        """The ways of lying after one kind of incident."""
        return tuple(way for way in self.ways if way.kind is kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """From where a region is dug: its costs, and the first and the last day of the weather for it (month-day)."""

    region_id: str
    name: str
    place: Place
    mobilisation_cost: float
    travel_days: float
    window_from: str
    window_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """A source, how large a share of all accounts is its, how often it is right, and what it says."""

    source_id: str
    kind: str
    share: float
    reliability: float
    title: str
    publisher: str
    date: str
    page: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """Where one of the missing really lies. No analysis reads it.

    Parameters
    ----------
    state : "field", "recovered" (an earlier search took him up), "box" (handed over), "elsewhere"
    place : where he lies or lay; None elsewhere
    scenario_id : the account that is true of him
    grave : common to all with the same name; empty: alone
    """

    state: str
    place: Place | None
    scenario_id: str
    grave: str = ""
