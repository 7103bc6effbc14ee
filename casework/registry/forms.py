"""What may be asked of the lists of the registry."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.registry.models import Incident, Status


class PersonFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Name, in any spelling, or number"))
    status = forms.ChoiceField(required=False, choices=[("", _("every status")), *Status.choices], label=_("Status"))
    incident = forms.CharField(required=False, widget=forms.HiddenInput)


class IncidentFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Name or number"))
    kind = forms.ChoiceField(
        required=False, choices=[("", _("every kind")), *Incident.Kind.choices], label=_("Kind of incident")
    )


class FamilyFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Number of a family, a member or a missing person"))
