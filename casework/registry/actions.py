"""What happens in the registry: rows brought in, and looks at families."""

from __future__ import annotations

from collections.abc import Sequence

from casework.journal.actions import looked_at
from casework.parties.models import Member, Party
from casework.registry import models, records
from casework.registry.models import Family
from homeward.programme import Incident, MissingPerson, Pedigree

BATCH = 2000


def enter(
    *, holder: Party, missing: Sequence[MissingPerson], incidents: Sequence[Incident], families: Sequence[Pedigree]
) -> None:
    """Enter rows that were checked. Part of a larger act, which is what the journal records."""
    models.Incident.objects.bulk_create([records.incident_row(one, holder) for one in incidents], BATCH)
    models.MissingPerson.objects.bulk_create([records.person_row(one, holder) for one in missing], BATCH)
    rows = models.Family.objects.bulk_create([records.family_row(one, holder) for one in families], BATCH)
    members = [
        member for family, row in zip(families, rows, strict=True) for member in records.member_rows(family, row)
    ]
    models.FamilyMember.objects.bulk_create(members, BATCH)


def look_at_family(*, by: Member, family: Family) -> Pedigree:
    """The family's pedigree, for who may see it; the look is in the journal."""
    by.require("see families")
    looked_at(family, by=by, verb="registry.look_at_family")
    return records.pedigree(family)
