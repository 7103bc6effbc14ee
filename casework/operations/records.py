"""Rows of the search as objects of the science, and back."""

from __future__ import annotations

from typing import Any

from casework.operations import models
from casework.parties.models import Party
from casework.registry.models import Held
from casework.registry.records import columns, rows_of
from homeward import programme

# Table of the programme -> whose rows keep it, and what each is for the science.
TABLES: dict[str, tuple[type[Held], type[Any]]] = {
    "scenarios": (models.Account, programme.Scenario),
    "leads": (models.Lead, programme.Lead),
    "regions": (models.Region, programme.Region),
    "sites": (models.Site, programme.Site),
    "searches": (models.Search, programme.Searched),
    "containers": (models.StatedOrigin, programme.Container),
    "sources": (models.Source, programme.Source),
}


def search_of(party: Party) -> dict[str, tuple[Any, ...]]:
    """What a party holds of the search, by table of the programme."""
    return {table: rows_of(model, kind, party) for table, (model, kind) in TABLES.items()}


def row(table: str, record: object, holder: Party) -> Held:
    """A record of a table as it is kept."""
    return TABLES[table][0](holder=holder, **columns(record))
