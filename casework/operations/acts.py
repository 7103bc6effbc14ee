"""The pages on which something is entered or carried on: a form and one verb each."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.documents.acting import Act, asked
from casework.frame import additions
from casework.operations import actions, forms, queries
from casework.operations.life import NEXT_OF_OPERATION, NEXT_OF_SITE
from casework.operations.models import Lead, Site
from casework.parties.refusal import NOT_FOUND, Refused
from casework.parties.request import Request
from casework.registry.records import known_columns
from homeward.geography.theatre import Theatre, theatre


def enter_lead(request: Request) -> HttpResponse:
    by = request.member
    by.require("keep operations")

    def do(given: dict[str, Any]) -> str:
        return _lead(actions.enter_lead(by=by, **given).lead_id)

    words = Act(
        title=_("Enter a lead"),
        button=_("Enter it"),
        trail=[(_("Leads"), reverse("operations:leads"))],
        lead=_("What was said stands here in its source’s words. It changes no belief until an account is made of it."),
    )
    return asked(
        request,
        forms.LeadForm(request.POST or None, by=by, within=_theatre(request), initial=request.GET.dict()),
        do,
        words,
    )


def enter_account(request: Request) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    of_lead = request.GET.get("lead", "")
    initial = _from_lead(queries.lead(of_lead, by=by)) if of_lead else {}

    def do(given: dict[str, Any]) -> str:
        account = actions.enter_account(by=by, account=given["account"])
        return f"{reverse('operations:accounts')}?text={account.scenario_id}"

    words = Act(
        title=_("Enter an account"),
        button=_("Enter it"),
        trail=[(_("Accounts of places"), reverse("operations:accounts"))],
        lead=_("One way in which somebody may lie somewhere. It moves what is believed as soon as it is entered."),
    )
    return asked(
        request, forms.AccountForm(request.POST or None, by=by, within=_theatre(request), initial=initial), do, words
    )


def _from_lead(lead: Lead) -> dict[str, Any]:
    """What a lead says already of the account that is made of it."""
    found = {"about": lead.about, "source_id": lead.source_id, "geometry": lead.geometry}
    numbers = {"lat": lead.lat, "lon": lead.lon, "radius_m": lead.radius_m, "reliability": lead.reliability}
    return {**found, **{name: value for name, value in numbers.items() if value is not None}}


def take_back_account(request: Request, scenario_id: str) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    record = queries.account(scenario_id, by=by)
    back = reverse("operations:accounts")

    def do(given: dict[str, Any]) -> str:
        actions.take_back(by=by, record=record, said=known_columns(record), **given)
        return back

    return asked(request, forms.TakeBackForm(request.POST or None, by=by), do, _taking_back(record, back))


def enter_site(request: Request) -> HttpResponse:
    by = request.member
    by.require("keep operations")

    def do(given: dict[str, Any]) -> str:
        return _site(actions.enter_site(by=by, **given).site_id)

    words = Act(title=_("Enter a site"), button=_("Enter it"), trail=[(_("Sites"), reverse("operations:sites"))])
    return asked(request, forms.SiteForm(request.POST or None, by=by, within=_theatre(request)), do, words)


def move_site(request: Request, site_id: str) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    site = queries.site(site_id, by=by)

    def do(given: dict[str, Any]) -> str:
        actions.move_site(by=by, site=site, status=given["to"], reason=given["reason"])
        return _site(site_id)

    states = [(one.value, str(one.label)) for one in NEXT_OF_SITE[site.status]]
    form = forms.MoveForm(request.POST or None, by=by, states=states)
    return asked(request, form, do, _act(_("Carry the site on"), _("Carry on"), site))


def approve_site(request: Request, site_id: str) -> HttpResponse:
    by = request.member
    by.require("approve sites")
    site = queries.site(site_id, by=by)

    def do(given: dict[str, Any]) -> str:
        actions.approve_site(by=by, site=site, **given)
        return _site(site_id)

    lead = _("A site is approved once both sides have consented. What the other side said is recorded with its paper.")
    form = forms.ApprovalForm(request.POST or None, by=by, initial={"party": by.party_id})
    return asked(request, form, do, _act(_("Record a side’s consent"), _("Record it"), site, lead))


def withdraw_consent(request: Request, site_id: str, number: int) -> HttpResponse:
    by = request.member
    by.require("approve sites")
    site = queries.site(site_id, by=by)
    approval = site.approvals.filter(pk=number).select_related("party", "site").first()
    if approval is None:
        raise Refused(NOT_FOUND, number=number)

    def do(given: dict[str, Any]) -> str:
        actions.withdraw_consent(by=by, approval=approval, **given)
        return _site(site_id)

    lead = _("The site is then nominated again, and nobody opens it until the consent is given anew.")
    form = forms.WithdrawForm(request.POST or None, by=by)
    return asked(request, form, do, _act(_("Record that a consent was withdrawn"), _("Record it"), site, lead))


def set_permit(request: Request, site_id: str) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    site = queries.site(site_id, by=by)

    def do(given: dict[str, Any]) -> str:
        actions.set_permit(by=by, site=site, **given)
        return _site(site_id)

    initial = {"permit_from": site.permit_from, "permit_until": site.permit_until}
    form = forms.PermitForm(request.POST or None, by=by, initial=initial)
    return asked(request, form, do, _act(_("Record the permit"), _("Record it"), site))


def enter_search(request: Request, site_id: str) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    site = queries.site(site_id, by=by)

    def do(given: dict[str, Any]) -> str:
        actions.enter_search(by=by, site=site, **given)
        return _site(site_id)

    lead = _("An empty search is worth as much as a find: it moves everyone who may lie here elsewhere.")
    form = forms.SearchForm(request.POST or None, by=by, within=_theatre(request))
    return asked(request, form, do, _act(_("Record a search"), _("Record it"), site, lead))


def open_unit(request: Request, site_id: str) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    site = queries.site(site_id, by=by)

    def do(given: dict[str, Any]) -> str:
        actions.open_unit(by=by, site=site, **given)
        return _site(site_id)

    form = forms.UnitForm(request.POST or None, by=by)
    return asked(request, form, do, _act(_("Open an excavation unit"), _("Open it"), site))


def close_unit(request: Request, site_id: str, number: str) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    site = queries.site(site_id, by=by)
    unit = queries.units_of(site, by=by).filter(number=number).first()
    if unit is None:
        raise Refused(NOT_FOUND, unit=number)

    def do(given: dict[str, Any]) -> str:
        actions.close_unit(by=by, unit=unit, **given)
        return _site(site_id)

    form = forms.CloseUnitForm(request.POST or None, by=by)
    return asked(request, form, do, _act(_("Close the unit %(number)s") % {"number": number}, _("Close it"), site))


def take_back_search(request: Request, search_id: str) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    record = queries.search(search_id, by=by)
    back = _site(record.site_id) if record.site_id else reverse("operations:sites")

    def do(given: dict[str, Any]) -> str:
        actions.take_back(by=by, record=record, said=known_columns(record), **given)
        return back

    return asked(request, forms.TakeBackForm(request.POST or None, by=by), do, _taking_back(record, back))


def take_back_lead(request: Request, lead_id: str) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    record = queries.lead(lead_id, by=by)

    def do(given: dict[str, Any]) -> str:
        actions.take_back(by=by, record=record, said=known_columns(record), **given)
        return reverse("operations:leads")

    return asked(request, forms.TakeBackForm(request.POST or None, by=by), do, _taking_back(record, _lead(lead_id)))


def plan_operation(request: Request) -> HttpResponse:
    by = request.member
    by.require("keep operations")

    def do(given: dict[str, Any]) -> str:
        return _operation(actions.plan_operation(by=by, **given).number)

    trail = [(_("Joint operations"), reverse("operations:operations"))]
    words = Act(title=_("Plan a joint operation"), button=_("Plan it"), trail=trail)
    return asked(request, forms.OperationForm(request.POST or None, by=by), do, words)


def move_operation(request: Request, number: str) -> HttpResponse:
    by = request.member
    by.require("keep operations")
    one = queries.operation(number, by=by)

    def do(given: dict[str, Any]) -> str:
        actions.move_operation(by=by, operation=one, state=given["to"], reason=given["reason"])
        return _operation(number)

    states = [(state.value, str(state.label)) for state in NEXT_OF_OPERATION[one.state]]
    form = forms.MoveForm(request.POST or None, by=by, states=states)
    words = Act(title=_("Carry the operation on"), button=_("Carry on"), trail=[(number, _operation(number))])
    return asked(request, form, do, words)


def _theatre(request: Request) -> Theatre | None:
    """Where the party searches, as its programme says; None while it has brought none in."""
    told = additions("operations.theatre", request, request.member.party)
    return theatre(told[0]) if told else None


def _act(title: str, button: str, site: Site, lead: str = "") -> Act:
    return Act(title=title, button=button, lead=lead, trail=[(site.site_id, _site(site.site_id))])


def _taking_back(record: object, back: str) -> Act:
    return Act(
        title=_("Take back %(record)s") % {"record": record},
        button=_("Take it back"),
        lead=_("Beliefs are then what they would be without it. The journal keeps what it said, and why it went."),
        trail=[(_("Back to the record"), back)],
        grave=True,
    )


def _site(site_id: str) -> str:
    return reverse("operations:site", args=[site_id])


def _lead(lead_id: str) -> str:
    return reverse("operations:lead", args=[lead_id])


def _operation(number: str) -> str:
    return reverse("operations:operation", args=[number])
