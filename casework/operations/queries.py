"""Finding sites, leads, searches and operations; each member sees what he may."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Q, QuerySet

from casework.operations.models import Account, Lead, Operation, Region, Search, Site, Source, Unit
from casework.parties.models import Disclosure, Member, Party
from casework.parties.queries import holders_visible_to
from casework.parties.refusal import NOT_FOUND, Refused
from casework.registry.models import Held, Incident, MissingPerson

H = TypeVar("H", bound=Held)


def sites(*, by: Member) -> QuerySet[Site]:
    """The sites that a member may see: his party's, and those disclosed to it."""
    by.require("see operations")
    return Site.objects.filter(holder__in=holders_visible_to(by, Disclosure.Kind.SITES))


def site(site_id: str, *, by: Member) -> Site:
    """A site: one's own of that number first."""
    found = sites(by=by).select_related("holder").filter(site_id=site_id)
    one = found.filter(holder=by.party).first() or found.first()
    if one is None:
        raise Refused(NOT_FOUND, site_id=site_id)
    return one


def searches_of(site: Site, *, by: Member) -> QuerySet[Search]:
    by.require("see operations")
    return Search.objects.filter(holder=site.holder_id, site_id=site.site_id).order_by("on", "pk")


def searches_by_site(among: list[Site], *, by: Member) -> dict[tuple[int, str], list[Search]]:
    """(holder, site_id) -> its searches, in order of time."""
    by.require("see operations")
    found: dict[tuple[int, str], list[Search]] = {}
    numbers, holders = {one.site_id for one in among}, {one.holder_id for one in among}
    for search in Search.objects.filter(holder__in=holders, site_id__in=numbers).order_by("on", "pk"):
        found.setdefault((search.holder_id, search.site_id), []).append(search)
    return found


def searches(*, by: Member) -> QuerySet[Search]:
    return _own(Search, by)


def search(search_id: str, *, by: Member) -> Search:
    return _one(Search, by, search_id=search_id)


def leads(*, by: Member) -> QuerySet[Lead]:
    """The leads of one's own party: who told what is shown to no other."""
    return _own(Lead, by)


def lead(lead_id: str, *, by: Member) -> Lead:
    return _one(Lead, by, lead_id=lead_id)


def leads_about(subject: str, *, by: Member) -> QuerySet[Lead]:
    return leads(by=by).filter(about=subject)


def accounts(*, by: Member) -> QuerySet[Account]:
    """Every account of one's own party."""
    return _own(Account, by)


def account(scenario_id: str, *, by: Member) -> Account:
    return _one(Account, by, scenario_id=scenario_id)


def subject_known(about: str, *, by: Member) -> bool:
    """Whether somebody missing, or an incident, of one's own party has this number."""
    by.require("see operations")
    persons = MissingPerson.objects.filter(holder=by.party, person_id=about)
    return persons.exists() or Incident.objects.filter(holder=by.party, incident_id=about).exists()


def accounts_of(subjects: list[str], *, by: Member) -> QuerySet[Account]:
    """Accounts of where some persons or incidents may lie."""
    return _own(Account, by).filter(about__in=subjects)


def sources(*, by: Member) -> QuerySet[Source]:
    return _own(Source, by)


def regions(*, by: Member) -> QuerySet[Region]:
    return _own(Region, by)


def operations(*, by: Member) -> QuerySet[Operation]:
    """Joint operations of one's own party, those disclosed to it, and those in which it is the other side."""
    by.require("see operations")
    visible = Q(holder__in=holders_visible_to(by, Disclosure.Kind.SITES)) | Q(with_party=by.party)
    return Operation.objects.filter(visible).select_related("holder", "with_party")


def operation(number: str, *, by: Member) -> Operation:
    found = operations(by=by).filter(number=number)
    one = found.filter(holder=by.party).first() or found.first()
    if one is None:
        raise Refused(NOT_FOUND, number=number)
    return one


def units_of(site: Site, *, by: Member) -> QuerySet[Unit]:
    by.require("see operations")
    return site.units.select_related("operation")


def number_taken(holder: Party, **number: str) -> bool:
    """Whether a site, lead, search or operation of this number is on record."""
    ((name, value),) = number.items()
    model = {"site_id": Site, "lead_id": Lead, "search_id": Search, "number": Operation}[name]
    return bool(model._default_manager.filter(holder=holder, **{name: value}).exists())


def _own(model: type[H], by: Member) -> QuerySet[H]:
    by.require("see operations")
    return model._default_manager.filter(holder=by.party)


def _one(model: type[H], by: Member, **number: str) -> H:
    found = _own(model, by).filter(**number).first()
    if found is None:
        raise Refused(NOT_FOUND, **number)
    return found
