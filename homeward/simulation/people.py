"""Invented people: names that no register holds, service numbers that no service issued, dates and statures.

Names are composed of sounds that no language of the roster begins or ends with together. Nothing here is
taken from a real person.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from homeward.programme import DateSpan, IncidentKind, MissingPerson, Place, Sex
from homeward.simulation.scenario import LossIncident

_ONSETS = ("Vr", "Zl", "Kth", "Dv", "Gw", "Tsk", "Zh", "Ndr", "Pf", "Mb", "Sv", "Xh")
_VOWELS = ("a", "e", "o", "u", "io", "ae")
_MIDDLES = ("zk", "rv", "lth", "mq", "ndz", "bv", "ss", "gr", "tv", "xl")
_ENDS = ("ax", "orn", "ilt", "uv", "emz", "oq", "ath", "urz")

# Assumptions of the demonstration, of the right order for young soldiers of the time.
_AGE_YEARS, _AGE_SPREAD, _AGES = 22.0, 4.0, (17.0, 45.0)
_STATURE_CM, _STATURE_SPREAD = 173.5, 6.5
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Body:
    """What bones may tell of someone: stature, and age when lost."""

    stature_cm: float
    age_years: float


def invented_name(rng: np.random.Generator) -> tuple[str, str]:
    """A family name and a given name."""
    family = _pick(_ONSETS, rng) + _pick(_VOWELS, rng) + _pick(_MIDDLES, rng) + _pick(_ENDS, rng)
    given = _pick(_ONSETS, rng) + _pick(_VOWELS, rng) + _pick(_ENDS, rng)
    return family, given


def invented_body(rng: np.random.Generator) -> Body:
    age = float(np.clip(rng.normal(_AGE_YEARS, _AGE_SPREAD), *_AGES))
    return Body(round(float(rng.normal(_STATURE_CM, _STATURE_SPREAD)), 1), age)


def invented_person(
    person_id: str,
    *,
    incident_id: str,
    incident: LossIncident,
    population: str,
    service_number: str,
    rng: np.random.Generator,
) -> tuple[MissingPerson, Body]:
    """One of the missing, lost in an incident, and what his bones would tell."""
    family_name, given_name = invented_name(rng)
    body = invented_body(rng)
    lost_on, lost_until = _dates(incident, rng)
    born = lost_on - timedelta(days=round(body.age_years * _YEAR))
    person = MissingPerson(
        person_id=person_id,
        family_name=family_name,
        given_name=given_name,
        sex=Sex.MALE,
        birth_date=DateSpan.read(born.isoformat()),
        population=population,
        affiliation="United States",
        unit=f"{incident.unit} {_pick('ABCDEFGH', rng)}-{int(rng.integers(1, 20))}",
        service_number=service_number,
        stature_cm=body.stature_cm,
        incident_id=incident_id,
        lost_on=DateSpan.read(lost_on.isoformat()),
        lost_until=None if lost_until is None else DateSpan.read(lost_until.isoformat()),
        last_seen=_near(incident.place, rng),
    )
    return person, body


def _pick(choices: Sequence[str], rng: np.random.Generator) -> str:
    return choices[int(rng.integers(len(choices)))]


def _dates(incident: LossIncident, rng: np.random.Generator) -> tuple[date, date | None]:
    """When he was lost; in camps and on marches also when he was last heard of."""
    days = (incident.last - incident.first).days
    first, last = sorted(int(day) for day in rng.integers(0, days + 1, size=2))
    if incident.kind in (IncidentKind.CAMP, IncidentKind.MARCH):
        return incident.first + timedelta(days=first), incident.first + timedelta(days=last)
    return incident.first + timedelta(days=first), None


def _near(place: Place, rng: np.random.Generator) -> Place:
    """A place drawn from the incident's own uncertainty, half its radius its own."""
    radius = place.radius_m or 0.0
    north, east = rng.normal(0, radius / 2, size=2).tolist()
    degree_m = 111_320.0  # of latitude
    return Place(
        lat=round(place.lat + north / degree_m, 4),
        lon=round(place.lon + east / (degree_m * math.cos(math.radians(place.lat))), 4),
        radius_m=radius / 2,
    )
