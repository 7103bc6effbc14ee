"""The pages on which examiners enter what they found: a form and one verb each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.documents.acting import Act, ActForm, asked
from casework.laboratory import actions, forms, queries
from casework.laboratory.models import DentalChart, Remains, Specimen, Trait, Verdict
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused
from casework.parties.request import Request
from casework.registry import queries as registry
from casework.registry.models import Entered
from casework.registry.records import known_columns

Adding = tuple[str, Callable[..., ActForm], Callable[..., object]]


def _adding(what: str) -> Adding:
    """Title, form and verb of each thing that is entered of remains."""
    known: dict[str, Adding] = {
        "specimen": (_("Enter a bone"), forms.SpecimenForm, actions.enter_specimen),
        "measurement": (_("Enter a measurement"), forms.MeasurementForm, actions.enter_measurement),
        "chart": (_("Enter a dental chart"), forms.ChartForm, actions.enter_chart),
        "trait": (_("Enter an observation"), forms.TraitForm, actions.enter_trait),
        "comparison": (_("Record a comparison"), forms.ComparisonForm, actions.enter_comparison),
    }
    if what not in known:
        raise Refused(NOT_FOUND, what=what)
    return known[what]


def add(request: Request, remains_id: str, what: str) -> HttpResponse:
    """Enter something about one's own remains. The page tells nothing of whose they are said to be."""
    by = request.member
    by.require("record comparisons" if what == "comparison" else "examine remains")
    one = queries.one_remains(remains_id, by=by)
    title, form_of, verb = _adding(what)
    address = reverse("laboratory:one", args=[remains_id])

    def do(given: dict[str, Any]) -> str:
        verb(by=by, remains=one, **given)
        return address

    words = Act(title=title, button=_("Enter it"), trail=[(remains_id, address)], lead=_lead(what))
    return asked(request, _form(form_of, request, by, one), do, words)


def _lead(what: str) -> str:
    if what == "comparison":
        return _("Whoever compares writes what was found, whichever way it goes. It is weighed by its calibration.")
    return _("Who examines does not see whose the remains are said to be.")


def _form(form_of: Callable[..., ActForm], request: Request, by: Member, one: Remains) -> ActForm:
    form = form_of(request.POST or None, by=by)
    if isinstance(form, forms.MeasurementForm):
        form.fields["specimen"].queryset = queries.specimens_of(one.remains_id, by=by)  # type: ignore[attr-defined]
    return form


def add_dental_record(request: Request, person_id: str) -> HttpResponse:
    """Enter the teeth of a missing person as a record made in life has them."""
    by = request.member
    by.require("keep dental records")
    person = registry.person(person_id, by=by)
    address = reverse("registry:person", args=[person_id])

    def do(given: dict[str, Any]) -> str:
        actions.enter_dental_record(by=by, person=person, **given)
        return address

    words = Act(title=_("Enter a dental record"), button=_("Enter it"), trail=[(person_id, address)])
    return asked(request, forms.ChartForm(request.POST or None, by=by), do, words)


def strike(request: Request, what: str, number: int) -> HttpResponse:
    """Take back a record; the journal keeps what it said."""
    by = request.member
    record = queries.entered(what, number, by=by)
    address = _page_of(record)

    def do(given: dict[str, Any]) -> str:
        actions.strike(by=by, record=record, said=known_columns(record), **given)
        return address

    words = Act(
        title=_("Take back %(record)s") % {"record": record},
        button=_("Take it back"),
        lead=_("It is no longer part of the programme. The journal keeps what it said, who took it back, and why."),
        trail=[(_("Back to the record"), address)],
        grave=True,
    )
    return asked(request, forms.StrikeForm(request.POST or None, by=by), do, words)


def _page_of(record: Entered) -> str:
    if isinstance(record, DentalChart) and record.kind == DentalChart.Kind.ANTE_MORTEM:
        return reverse("registry:person", args=[record.subject_id])
    if isinstance(record, DentalChart):
        return reverse("laboratory:one", args=[record.subject_id])
    if isinstance(record, Specimen | Trait | Verdict):
        return reverse("laboratory:one", args=[record.remains_id])
    specimen = Specimen.objects.filter(holder=record.holder, specimen_id=getattr(record, "specimen_id", "")).first()
    return reverse("laboratory:one", args=[specimen.remains_id]) if specimen else reverse("laboratory:remains")
