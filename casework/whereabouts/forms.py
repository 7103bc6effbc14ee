"""What is asked of someone who looks at the map, or asks for a plan."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.documents.acting import ActForm
from casework.whereabouts.held import Held

SHORT = forms.TextInput(attrs={"class": "short code"})


class MapFilter(forms.Form):
    incident = forms.ChoiceField(required=False, label=_("Of whom"))
    plan = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, held: Held, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lost = {person.incident_id for person in held.programme.missing}
        known = [(one.incident_id, one.name or one.incident_id) for one in held.programme.incidents]
        choices = [("", _("everyone")), *sorted((one for one in known if one[0] in lost), key=lambda one: one[1])]
        self.fields["incident"].choices = choices  # type: ignore[attr-defined]


class PlanForm(ActForm):
    budget = forms.FloatField(
        min_value=0.01,
        widget=SHORT,
        label=_("Budget of the season"),
        help_text=_("In the unit in which the costs of the sites are stated."),
    )
    crews = forms.IntegerField(
        required=False,
        min_value=1,
        widget=SHORT,
        label=_("Crews that dig at the same time"),
        help_text=_("Empty: as the programme’s settings say."),
    )
    season = forms.IntegerField(
        required=False,
        min_value=1900,
        max_value=2200,
        widget=SHORT,
        label=_("Year"),
        help_text=_("Empty: the first in which there is a permit."),
    )
    weighed = forms.BooleanField(
        required=False,
        label=_("Weigh who told by what the holes gave"),
        help_text=_("Else every source, and searching itself, is as reliable as stated."),
    )
