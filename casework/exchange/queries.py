"""What was handed in, and how it compares with what we hold."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from casework.exchange.models import Delivery, Parcel
from casework.laboratory.records import programme_of
from casework.parties.models import Member, Operator, Party
from casework.parties.refusal import NOT_FOUND, Refused
from homeward.programme import Programme

# What makes two rows of a file the same row: its key columns (the asterisks of the programme folder).
KEYS: Mapping[str, Callable[[Any], Hashable]] = {
    "missing": lambda row: row.person_id,
    "incidents": lambda row: row.incident_id,
    "pedigrees": lambda row: row.family_id,
    "markers": lambda row: row.marker,
    "samples": lambda row: row.sample_id,
    "profiles": lambda row: row.sample_id,
    "mutation": lambda row: row.marker,
    "remains": lambda row: row.remains_id,
    "decisions": lambda row: (row.remains_id, row.about),
    "haplotypes": lambda row: (row.sample_id, row.kind.value),
    "haplotype_counts": lambda row: (row.kind.value, row.haplotype, row.population),
    "snp_panel": lambda row: (row.snp, row.population),
    "snp_profiles": lambda row: row.sample_id,
    "specimens": lambda row: row.specimen_id,
    "measurements": lambda row: (row.specimen_id, row.code),
    "dental": lambda row: (row.subject_id, row.kind.value, row.date.text if row.date else ""),
    "traits": lambda row: (row.remains_id, row.method, row.trait),
    "verdicts": lambda row: (row.remains_id, row.about, row.kind.value, row.method),
    "verdict_rates": lambda row: (row.kind.value, row.method, row.verdict),
    "parameters": lambda row: (row.method, row.parameter),
    "scenarios": lambda row: row.scenario_id,
    "leads": lambda row: row.lead_id,
    "regions": lambda row: row.region_id,
    "sites": lambda row: row.site_id,
    "searches": lambda row: row.search_id,
    "containers": lambda row: row.container_id,
    "sources": lambda row: row.source_id,
}


# Records whose file has another name.
_FILES = {
    "haplotypes": "lineage",
    "haplotype_counts": "lineage_frequencies",
    "snp_profiles": "snps",
    "verdicts": "comparisons",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How a programme that was handed in compares with what a party holds.

    ``fresh`` has only the rows not held yet; ``conflicts`` name the rows that say otherwise than ours.
    """

    fresh: Programme
    new_rows: Mapping[str, int]
    conflicts: tuple[tuple[str, str], ...]
    first: bool  # the party has brought in nothing before


def deliveries(*, by: Member) -> QuerySet[Delivery]:
    by.require("import programmes")
    return Delivery.objects.filter(party=by.party)


def delivery(key: int, *, by: Member) -> Delivery:
    found = deliveries(by=by).filter(pk=key).first()
    if found is None:
        raise Refused(NOT_FOUND, delivery=key)
    return found


def parcels(*, by: Member) -> QuerySet[Parcel]:
    """Sealed bundles that a member's party handed in and gave out."""
    by.require("exchange bundles")
    return Parcel.objects.filter(party=by.party)


def parcel(key: int, *, by: Member) -> Parcel:
    found = parcels(by=by).filter(pk=key).first()
    if found is None:
        raise Refused(NOT_FOUND, bundle=key)
    return found


def held(party: Party) -> Programme | None:
    """What a party holds; None before it has brought in anything."""
    try:
        return programme_of(party)
    except Refused:
        return None


def compare(given: Programme, *, by: Member | Operator) -> Comparison:
    """Which rows are new, which we have, and which say otherwise than ours."""
    ours = held(by.party) if by.party else None
    fresh: dict[str, Any] = {}
    conflicts: list[tuple[str, str]] = []
    for name, key in KEYS.items():
        rows = getattr(given, name)
        known = {key(row): row for row in getattr(ours, name)} if ours else {}
        fresh[name] = tuple(row for row in rows if key(row) not in known)
        conflicts += [(name, _words(key(row))) for row in rows if key(row) in known and known[key(row)] != row]
    tables = dict(_tables(ours)) if ours else {}
    fresh["frequencies"] = _only_new(given, tables)
    conflicts += [
        ("frequencies", _words(key)) for key, table in _tables(given) if key in tables and dict(table) != tables[key]
    ]
    if ours:
        conflicts += [("programme.toml", "")] if ours.settings != given.settings else []
        conflicts += _in_two_families(ours, fresh["pedigrees"])
    new_rows = {_FILES.get(name, name): len(rows) for name, rows in fresh.items() if name != "frequencies"}
    new_rows["frequencies"] = sum(len(markers) for markers in fresh["frequencies"].values())
    return Comparison(fresh=replace(given, **fresh), new_rows=new_rows, conflicts=tuple(conflicts), first=ours is None)


def _words(key: Hashable) -> str:
    return ", ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _tables(programme: Programme) -> Iterable[tuple[tuple[str, str], Mapping[str, float]]]:
    for population, markers in programme.frequencies.items():
        for marker, table in markers.items():
            yield (population, marker), dict(table)


def _only_new(given: Programme, known: Mapping[tuple[str, str], Any]) -> dict[str, dict[str, Mapping[str, float]]]:
    fresh: dict[str, dict[str, Mapping[str, float]]] = {}
    for (population, marker), table in _tables(given):
        if (population, marker) not in known:
            fresh.setdefault(population, {})[marker] = table
    return fresh


def _in_two_families(ours: Programme, families: Iterable[Any]) -> list[tuple[str, str]]:
    """Members and missing persons of new families who are in a family of ours already."""
    members = {member.member_id for family in ours.pedigrees for member in family.members}
    members |= {member.person_id for family in ours.pedigrees for member in family.missing}
    return [
        ("pedigrees", identifier)
        for family in families
        for member in family.members
        for identifier in (member.member_id, member.person_id)
        if identifier and identifier in members
    ]
