"""Small rosters with remains on which bodies are weighed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from homeward.identification.evidence.lines import Case
from homeward.identification.individuals import individuals_of
from homeward.programme import OUTSIDER, DateSpan, MissingPerson, Programme, Remains, Settings, Sex


def person(name: str, **known: Any) -> MissingPerson:
    """Lost on one day in 1950 at a stated age, if ``age`` is given."""
    age = known.pop("age", None)
    if age is not None:
        known["birth_date"] = DateSpan.read(f"{1950 - age}-11-27")
        known["lost_on"] = DateSpan.read("1950-11-27")
    return MissingPerson(person_id=name, **{"sex": Sex.MALE, **known})


def case_of(
    persons: Sequence[MissingPerson],
    remains: Sequence[Remains],
    *,
    groups: Sequence[str] = ("everyone",),
    settings: dict[str, Any] | None = None,
    **records: Any,
) -> Case:
    """A case; each person is of the group that ``population`` names, or else of the first."""
    made = Settings(name="bodies", **(settings or {}))
    programme = Programme(settings=made, missing=tuple(persons), remains=tuple(remains), **records)
    alternatives = ("not_listed", *(OUTSIDER + name for name in sorted(made.outsiders)))
    return Case(
        programme=programme,
        individuals=individuals_of(programme),
        persons=tuple(persons),
        sexes=tuple(one.sex for one in persons),
        alternatives=alternatives,
        groups=tuple(groups),
        group_of=np.array([groups.index(p.population or groups[0]) for p in persons], dtype=np.intp),
        group_weights=np.full((len(alternatives), len(groups)), 1 / len(groups)),
    )
