"""What happens in the field: leads, sites and what becomes of them, searches, joint operations, excavation units.

A search is never changed: one that was entered by mistake is taken back, and the journal keeps what it said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.journal.actions import recorded
from casework.operations import queries, records
from casework.operations.life import NEXT_OF_OPERATION, NEXT_OF_SITE
from casework.operations.models import Account, Approval, Lead, Operation, Search, Site, Unit
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.registry.models import Entered
from casework.registry.records import columns
from homeward import programme
from homeward.programme import Burial, DateSpan, Ground, Programme, SearchOutcome, SiteStatus

BATCH = 2000
E = TypeVar("E", bound=Entered)


def enter(*, holder: Party, rows: Programme) -> None:
    """Enter rows that were checked. Part of a larger act, which is what the journal records."""
    for table, (model, _kind) in records.TABLES.items():
        model._default_manager.bulk_create([records.row(table, one, holder) for one in getattr(rows, table)], BATCH)


@recorded("operations.enter_lead")
def enter_lead(
    *,
    by: Member,
    lead_id: str,
    kind: str = "",
    about: str = "",
    text: str = "",
    given_on: str = "",
    reliability: float | None = None,
    source_id: str = "",
    ground: Ground | None = None,
) -> Lead:
    """Enter something said or read about where remains may lie."""
    by.require("keep operations")
    told = programme.Lead(
        lead_id=lead_id,
        kind=kind,
        about=about,
        ground=ground,
        text=text,
        given_on=_date(given_on),
        reliability=reliability,
        source_id=source_id,
    )
    return _entered(Lead, told, by)


@recorded("operations.enter_account")
def enter_account(*, by: Member, account: programme.Scenario) -> Account:
    """Enter one account of where somebody, or everyone of an incident, may lie: from now on it moves what is believed.

    Raises
    ------
    Refused
        ``no-such-subject`` if it is about nobody and no incident of the party; ``no-such-account`` if it says that they
        were moved to where no account is.
    """
    by.require("keep operations")
    if not queries.subject_known(account.about, by=by):
        raise Refused("no-such-subject", about=account.about)
    if account.moved_to and not queries.accounts(by=by).filter(scenario_id=account.moved_to).exists():
        raise Refused("no-such-account", moved_to=account.moved_to)
    return _entered(Account, account, by)


@recorded("operations.enter_site")
def enter_site(
    *,
    by: Member,
    site_id: str,
    name: str = "",
    ground: Ground | None = None,
    region: str = "",
    burial: str = Burial.ISOLATED,
    fixed_cost: float = 0.0,
    cost_per_unit: float = 1.0,
    days: float | None = None,
    detection_rate: float | None = None,
) -> Site:
    """Enter a place that may be dug. It begins as a lead."""
    by.require("keep operations")
    if region and not queries.regions(by=by).filter(region_id=region).exists():
        raise Refused("no-such-region", region=region)
    told = programme.Site(
        site_id=site_id,
        name=name,
        ground=ground,
        status=SiteStatus.LEAD,
        region=region,
        burial=Burial(burial),
        fixed_cost=fixed_cost,
        cost_per_unit=cost_per_unit,
        days=days,
        detection_rate=detection_rate,
    )
    return _entered(Site, told, by)


@recorded("operations.move_site")
def move_site(*, by: Member, site: Site, status: str, reason: str = "") -> Site:
    """Carry a site on in its life: investigated, nominated, opened, closed, abandoned.

    Raises
    ------
    Refused
        ``not-next`` for what cannot follow; ``no-ground`` where a site is nominated of which nobody said where it is;
        ``say-why`` where it is abandoned or opened again without a reason; ``nothing-searched`` where it is closed and
        no search of it is on record.
    """
    by.require("keep operations")
    standing = _own_site(by, site)
    if status not in NEXT_OF_SITE[standing.status]:
        raise Refused("not-next", status=standing.status, wanted=status)
    if status == Site.Status.NOMINATED and not standing.placed:
        raise Refused("no-ground", site_id=standing.site_id)
    again = standing.status in (Site.Status.CLOSED, Site.Status.ABANDONED)
    if (status == Site.Status.ABANDONED or again) and not reason:
        raise Refused("say-why", status=status)
    if status == Site.Status.CLOSED and not queries.searches_of(standing, by=by).exists():
        raise Refused("nothing-searched", site_id=standing.site_id)
    standing.status = status
    standing.save(update_fields=["status"])
    return standing


@recorded("operations.approve_site")
def approve_site(*, by: Member, site: Site, party: Party, on: date, said: str = "") -> Site:
    """Record that a side consents to a nominated site being dug; with the consent of both it is approved.

    The consent of the other side is what it said: ``said`` names who, and in which paper.
    """
    by.require("approve sites")
    standing = _own_site(by, site)
    if standing.status != Site.Status.NOMINATED:
        raise Refused("not-nominated", status=standing.status)
    if party != by.party and not said:
        raise Refused("say-where", party=party.code)
    if party.neutral:
        raise Refused("no-side", party=party.code)
    if standing.approvals.filter(party=party, withdrawn_on=None).exists():
        raise Refused("approved-already", party=party.code)
    Approval.objects.create(
        site=standing, party=party, on=on, said=said, entered_by=by.actor, entered_at=timezone.now()
    )
    given = set(standing.approvals.filter(withdrawn_on=None).values_list("party_id", flat=True))
    if by.party_id in given and len(given) > 1:
        standing.status = Site.Status.APPROVED
        standing.save(update_fields=["status"])
    return standing


@recorded("operations.withdraw_consent")
def withdraw_consent(*, by: Member, approval: Approval, on: date, said: str) -> Site:
    """Record that a side takes its consent back, in whose words; the site is nominated again until it is given anew."""
    by.require("approve sites")
    standing = _own_site(by, approval.site)
    if approval.withdrawn_on is not None:
        raise Refused("withdrawn-already", party=approval.party.code)
    if on < approval.on:
        raise Refused("ends-before-start", on=on)
    approval.withdrawn_on = on
    approval.said = f"{approval.said}; {said}" if approval.said else said
    approval.save(update_fields=["withdrawn_on", "said"])
    if standing.status in (Site.Status.APPROVED, Site.Status.OPEN):
        standing.status = Site.Status.NOMINATED
        standing.save(update_fields=["status"])
    return standing


@recorded("operations.set_permit")
def set_permit(*, by: Member, site: Site, permit_from: str, permit_until: str) -> Site:
    """Record from when until when a site may be dug."""
    by.require("keep operations")
    standing = _own_site(by, site)
    first, last = _date(permit_from), _date(permit_until)
    if first and last and str(last) < str(first):
        raise Refused("ends-before-start", permit_from=permit_from, permit_until=permit_until)
    standing.permit_from, standing.permit_until = permit_from, permit_until
    standing.save(update_fields=["permit_from", "permit_until"])
    return standing


@recorded("operations.enter_search")
def enter_search(
    *,
    by: Member,
    site: Site,
    search_id: str,
    on: str,
    outcome: str,
    effort: float | None = None,
    unit: str = "",
    detection: float | None = None,
    trials: float | None = None,
    burial: str = "",
    ground: Ground | None = None,
) -> Search:
    """Record a search of a site: what it cost, how surely it would have found what lay there, and what it gave.

    ``ground`` is the part of the site that was searched; None is all of it.
    """
    by.require("keep operations")
    standing = _own_site(by, site)
    if ground is None and not standing.placed:
        raise Refused("no-ground", site_id=standing.site_id)
    told = programme.Searched(
        search_id=search_id,
        site_id=standing.site_id,
        ground=ground,
        on=_date(on),
        effort=effort,
        unit=unit,
        detection=detection,
        trials=trials,
        burial=Burial(burial) if burial else None,
        outcome=SearchOutcome(outcome),
    )
    return _entered(Search, told, by)


@recorded("operations.take_back")
def take_back(*, by: Member, record: Account | Lead | Search, said: Mapping[str, Any], reason: str) -> None:
    """Take back a search, a lead or an account; what was believed before it is believed again.

    The journal keeps what it said.

    Raises
    ------
    Refused
        ``moved-there`` for the account of a place to which others were moved.
    """
    by.require("keep operations")
    if record.holder_id != by.party_id:
        raise Refused(NOT_FOUND)
    if isinstance(record, Account) and queries.accounts(by=by).filter(moved_to=record.scenario_id).exists():
        raise Refused("moved-there", account=record.scenario_id)
    record.delete()


@recorded("operations.plan_operation")
def plan_operation(
    *,
    by: Member,
    number: str,
    starts: date,
    ends: date,
    people_own: int,
    name: str = "",
    with_party: Party | None = None,
    people_other: int | None = None,
    sites: Sequence[Site] = (),
    route: str = "",
    liaison: str = "",
    cost: Decimal | None = None,
    currency: str = "",
) -> Operation:
    """Plan a joint operation: where, when, with how many people of each side."""
    by.require("keep operations")
    if ends < starts:
        raise Refused("ends-before-start")
    if queries.number_taken(by.party, number=number):
        raise Refused("number-on-record", number=number)
    if any(one.holder_id != by.party_id for one in sites):
        raise Refused(NOT_FOUND)
    planned = Operation.objects.create(
        holder=by.party,
        number=number,
        name=name,
        with_party=with_party,
        starts=starts,
        ends=ends,
        people_own=people_own,
        people_other=people_other,
        route=route,
        liaison=liaison,
        cost=cost,
        currency=currency,
        entered_by=by.actor,
        entered_at=timezone.now(),
    )
    planned.sites.set(sites)
    return planned


@recorded("operations.move_operation")
def move_operation(*, by: Member, operation: Operation, state: str, reason: str = "") -> Operation:
    """Carry a joint operation on in its life.

    Raises
    ------
    Refused
        ``not-next`` for what cannot follow; ``say-why`` where it is suspended or cancelled without a reason;
        ``not-approved`` where it is deployed to a site that both sides have not approved.
    """
    by.require("keep operations")
    standing = Operation.objects.select_for_update().get(pk=operation.pk)
    if standing.holder_id != by.party_id:
        raise Refused(NOT_FOUND)
    if state not in NEXT_OF_OPERATION[standing.state]:
        raise Refused("not-next", state=standing.state, wanted=state)
    if state in (Operation.State.SUSPENDED, Operation.State.CANCELLED) and not reason:
        raise Refused("say-why", state=state)
    if state == Operation.State.DEPLOYED:
        able = (Site.Status.APPROVED, Site.Status.OPEN)
        closed = [one.site_id for one in standing.sites.exclude(status__in=able)]
        if closed:
            raise Refused("not-approved", sites=closed)
    standing.state = state
    standing.save(update_fields=["state"])
    return standing


@recorded("operations.open_unit")
def open_unit(
    *,
    by: Member,
    site: Site,
    number: str,
    opened_on: date,
    area_m2: float,
    operation: Operation | None = None,
    description: str = "",
) -> Unit:
    """Open an excavation unit on an open site."""
    by.require("keep operations")
    standing = _own_site(by, site)
    if standing.status != Site.Status.OPEN:
        raise Refused("site-not-open", status=standing.status)
    if standing.units.filter(number=number).exists():
        raise Refused("number-on-record", number=number)
    return Unit.objects.create(
        site=standing,
        operation=operation,
        number=number,
        opened_on=opened_on,
        area_m2=area_m2,
        description=description,
        entered_by=by.actor,
        entered_at=timezone.now(),
    )


@recorded("operations.close_unit")
def close_unit(*, by: Member, unit: Unit, state: str, closed_on: date, depth_cm: float) -> Unit:
    """Close an excavation unit: how deep it went, and what it held."""
    by.require("keep operations")
    standing = Unit.objects.select_for_update().select_related("site").get(pk=unit.pk)
    _own_site(by, standing.site)
    if standing.state != Unit.State.OPEN:
        raise Refused("unit-closed", unit=standing.number)
    if closed_on < standing.opened_on:
        raise Refused("ends-before-start")
    standing.state, standing.closed_on, standing.depth_cm = state, closed_on, depth_cm
    standing.save(update_fields=["state", "closed_on", "depth_cm"])
    return standing


def _own_site(by: Member, site: Site) -> Site:
    """The site as it stands now, held until the act is done; another party's is not there to act on."""
    if site.holder_id != by.party_id:
        raise Refused(NOT_FOUND, site_id=site.site_id)
    return Site.objects.select_for_update().get(pk=site.pk)


def _date(text: str) -> DateSpan | None:
    return DateSpan.read(text) if text else None


def _entered(model: type[E], record: object, by: Member) -> E:
    """Keep a record that a member enters; a number is never used twice."""
    row = model(holder=by.party, entered_by=by.actor, entered_at=timezone.now(), **columns(record))
    try:
        row.validate_constraints()
    except ValidationError:
        raise Refused("number-on-record") from None
    row.save(force_insert=True)
    return row
