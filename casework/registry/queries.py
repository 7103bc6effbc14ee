"""Finding the missing, their incidents and their families; each member sees what he may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.db.models.expressions import RawSQL

from casework.parties.models import Disclosure, Member, Party
from casework.parties.queries import holders_visible_to
from casework.parties.refusal import NOT_FOUND, Refused
from casework.registry.models import Family, FamilyMember, Incident, MissingPerson, Status
from casework.registry.spelling import spelled

TRIGRAM = 3


def persons(*, by: Member) -> QuerySet[MissingPerson]:
    """The missing whom a member may see: his party's, and those disclosed to it."""
    by.require("see missing persons")
    return MissingPerson.objects.filter(holder__in=holders_visible_to(by, Disclosure.Kind.PERSONS))


def found(among: QuerySet[MissingPerson], text: str, *, by: Member) -> QuerySet[MissingPerson]:
    """Those who answer to every word of a text: any spelling of the name, any number.

    Whoever may not see names finds by the programme's own number only, or the search would tell them.
    """
    words = spelled(text).split()
    if not by.may("see names"):
        numbers = Q()
        for word in text.split():
            numbers &= Q(person_id__icontains=word)
        return among.filter(numbers)
    long = [word for word in words if len(word) >= TRIGRAM]
    if long and connection.vendor == "sqlite":
        phrase = " AND ".join(f'"{word}"' for word in long)
        matching = RawSQL("SELECT rowid FROM registry_search WHERE registry_search MATCH %s", (phrase,))
        among = among.filter(pk__in=matching)
        words = [word for word in words if len(word) < TRIGRAM]
    for word in words:
        among = among.filter(search_text__contains=word)
    return among


def person(person_id: str, *, by: Member) -> MissingPerson:
    """One of the missing; what a member may not see is not there for him."""
    try:
        return persons(by=by).select_related("holder").get(person_id=person_id)
    except MissingPerson.DoesNotExist:
        raise Refused(NOT_FOUND, person_id=person_id) from None
    except MissingPerson.MultipleObjectsReturned:
        return persons(by=by).select_related("holder").get(person_id=person_id, holder=by.party)


def incidents(*, by: Member) -> QuerySet[Incident]:
    by.require("see missing persons")
    return Incident.objects.filter(holder__in=holders_visible_to(by, Disclosure.Kind.PERSONS))


def incident(incident_id: str, *, by: Member, holder: Party | None = None) -> Incident:
    found_incident = incidents(by=by).filter(incident_id=incident_id, holder=holder or by.party).first()
    found_incident = found_incident or incidents(by=by).filter(incident_id=incident_id).first()
    if found_incident is None:
        raise Refused(NOT_FOUND, incident_id=incident_id)
    return found_incident


def lost_by_incident(among: QuerySet[MissingPerson]) -> dict[tuple[int, str], dict[str, int]]:
    """How many were lost in each incident, and how many of them are unaccounted for."""
    counted = (
        among.order_by()
        .values("holder_id", "incident_id")
        .annotate(lost=Count("pk"), unaccounted=Count("pk", filter=Q(status=Status.MISSING)))
    )
    return {
        (row["holder_id"], row["incident_id"]): {"lost": row["lost"], "unaccounted": row["unaccounted"]}
        for row in counted
    }


def families(*, by: Member) -> QuerySet[Family]:
    """The families of one's own party. No family is ever seen by another party."""
    by.require("see families")
    return Family.objects.filter(holder=by.party)


def family(family_id: str, *, by: Member) -> Family:
    try:
        return families(by=by).get(family_id=family_id)
    except Family.DoesNotExist:
        raise Refused(NOT_FOUND, family_id=family_id) from None


def family_of(person: MissingPerson, *, by: Member) -> Family | None:
    """The family of one of the missing, for who may see families of the party that holds them."""
    if not by.may("see families") or person.holder_id != by.party_id:
        return None
    return families(by=by).filter(members__person_id=person.person_id).first()


def with_sizes(among: QuerySet[Family]) -> QuerySet[Family]:
    """Families with the number of their members and of the missing among them."""
    sizes = among.annotate(size=Count("members"), missing=Count("members", filter=~Q(members__person_id="")))
    return sizes.order_by("family_id")


def names_of(person_ids: list[str], *, by: Member) -> Mapping[str, MissingPerson]:
    return {one.person_id: one for one in persons(by=by).filter(person_id__in=person_ids, holder=by.party)}


def standing(party: Party) -> dict[str, Any]:
    """Counts of the registry for the front page, from the records as they are."""
    by_status = dict(MissingPerson.objects.filter(holder=party).order_by().values_list("status").annotate(Count("pk")))
    return {
        "persons": sum(by_status.values()),
        "by_status": by_status,
        "unaccounted": by_status.get(Status.MISSING, 0),
        "incidents": Incident.objects.filter(holder=party).count(),
        "families": Family.objects.filter(holder=party).count(),
        "with_family": FamilyMember.objects.filter(holder=party).exclude(person_id="").count(),
    }
