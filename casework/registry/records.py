"""Rows of the registry as objects of the science, and back."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_type_hints

from casework.parties.models import Party
from casework.registry import models
from casework.registry.spelling import search_text
from homeward import programme
from homeward.programme import Absent, DateSpan, Ground, Place

T = TypeVar("T")
# A place has three columns, named after its field; that of an incident is plainly "lat".
_PLACES = {"place": "", "last_seen": "last_seen_", "found": "found_", "base": "base_", "origin": "origin_"}
_PARTS = ("lat", "lon", "radius_m")


def columns(record: Any) -> dict[str, Any]:
    """The columns of a frozen object: dates as their source wrote them, a place as three numbers."""
    row: dict[str, Any] = {}
    for name, kind in _fields(cast(Any, type(record))):
        value = getattr(record, name)
        if kind is Place:
            row |= {_PLACES[name] + part: getattr(value, part, None) for part in _PARTS}
        elif kind is Ground:  # a point, or a geometry
            row |= {part: getattr(getattr(value, "place", None), part, None) for part in _PARTS}
            row["geometry"] = getattr(value, "wkt", "")
        elif kind is DateSpan:
            row[name] = value.text if value else ""
        elif isinstance(kind, type) and issubclass(kind, StrEnum):
            row[name] = value.value if value is not None else ""
        elif name == "absent":
            row[name] = {column: why.value for column, why in value.items()}
        elif isinstance(value, Mapping):
            row[name] = dict(value)
        elif isinstance(value, tuple):
            row[name] = list(value)
        else:
            row[name] = value
    return row


def known_columns(row: models.Held) -> dict[str, Any]:
    """What a kept row says, without who holds it: for the journal, when it goes."""
    return {field.name: getattr(row, field.name) for field in row._meta.concrete_fields if field.name != "holder"}


def record(kind: type[T], row: Mapping[str, Any]) -> T:
    """A frozen object from its columns, refusing nonsense as when it was first read."""
    return kind(**{name: read(name, row) for name, read in _readers(cast(Any, kind))})


@cache
def _fields(kind: Any) -> list[tuple[str, Any]]:
    hints = get_type_hints(kind)
    return [(field.name, _without_none(hints[field.name])) for field in fields(kind)]


def _without_none(hint: Any) -> Any:
    kinds = [kind for kind in get_args(hint) if kind is not types.NoneType]
    return kinds[0] if isinstance(hint, types.UnionType) and len(kinds) == 1 else hint


@cache
def _readers(kind: Any) -> list[tuple[str, Callable[[str, Mapping[str, Any]], Any]]]:
    hints = _fields(kind)
    own_radius = any(name == "radius_m" for name, _hint in hints)  # an account's: its ground has none beside it
    readers = [(name, _absent if name == "absent" else _reader(hint)) for name, hint in hints]
    return [(name, _ground_alone if own_radius and read is _ground else read) for name, read in readers]


def _reader(hint: Any) -> Callable[[str, Mapping[str, Any]], Any]:
    if hint is Place:
        return _place
    if hint is Ground:
        return _ground
    if hint is DateSpan:
        return lambda name, row: DateSpan.read(row[name]) if row[name] else None
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return lambda name, row: hint(row[name]) if row[name] else None
    if getattr(hint, "__origin__", None) is tuple:
        return lambda name, row: tuple(row[name])
    return lambda name, row: row[name]


def _absent(name: str, row: Mapping[str, Any]) -> dict[str, Absent]:
    return {column: Absent(why) for column, why in row[name].items()}


def _place(name: str, row: Mapping[str, Any]) -> Place | None:
    lat, lon, radius_m = (row[_PLACES[name] + part] for part in _PARTS)
    return None if lat is None else Place(lat=lat, lon=lon, radius_m=radius_m)


def _ground(name: str, row: Mapping[str, Any]) -> Ground | None:
    if row["geometry"]:
        return Ground(wkt=row["geometry"])
    place = None if row["lat"] is None else Place(**{part: row[part] for part in _PARTS})
    return Ground(place=place) if place is not None else None


def _ground_alone(name: str, row: Mapping[str, Any]) -> Ground | None:
    return _ground(name, {**row, "radius_m": None})


def rows_of(model: Any, kind: type[T], party: Party) -> tuple[T, ...]:
    """Every record of a kind that a party holds, in the order in which it was brought in."""
    rows = model.objects.filter(holder=party).order_by("pk").values()
    return tuple(record(kind, row) for row in rows.iterator())


# ---------- From rows ----------


def missing(party: Party) -> tuple[programme.MissingPerson, ...]:
    return rows_of(models.MissingPerson, programme.MissingPerson, party)


def incidents(party: Party) -> tuple[programme.Incident, ...]:
    return rows_of(models.Incident, programme.Incident, party)


def pedigrees(party: Party) -> tuple[programme.Pedigree, ...]:
    """Every family of a party, in the order in which it was brought in."""
    rows = models.FamilyMember.objects.filter(holder=party).order_by("family__pk", "pk")
    return tuple(_pedigrees(rows.values("family__family_id", *_MEMBER)))


def pedigree(family: models.Family) -> programme.Pedigree:
    (one,) = _pedigrees(family.members.values("family__family_id", *_MEMBER))
    return one


_MEMBER = (
    *("member_id", "father_id", "mother_id", "sex", "population", "person_id", "twin_of", "inbreeding"),
    *("absent", "extra"),
)


def _pedigrees(rows: Iterable[Mapping[str, Any]]) -> Iterable[programme.Pedigree]:
    families: dict[str, list[programme.Member]] = {}
    for row in rows:
        family_id = row["family__family_id"]
        member = record(programme.Member, {**row, "family_id": family_id})
        families.setdefault(family_id, []).append(member)
    return (programme.Pedigree(family_id=family_id, members=tuple(members)) for family_id, members in families.items())


# ---------- To rows ----------


def person_row(person: programme.MissingPerson, holder: Party) -> models.MissingPerson:
    names = (f"{person.family_name} {person.given_name}", person.name_native)
    found_by = search_text((person.person_id, person.service_number, *names))
    return models.MissingPerson(holder=holder, search_text=found_by, **columns(person))


def incident_row(incident: programme.Incident, holder: Party) -> models.Incident:
    return models.Incident(holder=holder, **columns(incident))


def family_row(family: programme.Pedigree, holder: Party) -> models.Family:
    return models.Family(holder=holder, family_id=family.family_id)


def member_rows(family: programme.Pedigree, row: models.Family) -> list[models.FamilyMember]:
    return [
        models.FamilyMember(
            holder_id=row.holder_id,
            family=row,
            **{name: value for name, value in columns(member).items() if name != "family_id"},
        )
        for member in family.members
    ]
