"""What is asked of someone who admits a member or discloses records."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Disclosure, Member, Party
from casework.parties.permissions import Role
from casework.parties.queries import other_parties


class Admission(forms.Form):
    username = forms.CharField(max_length=150, label=_("User name"))
    full_name = forms.CharField(max_length=150, label=_("Name"))
    office = forms.CharField(max_length=200, required=False, label=_("Office"))
    password = forms.CharField(
        widget=forms.PasswordInput,
        label=_("First password"),
        help_text=_("At least 12 characters. Hand it over in person; it can be changed after sign-in."),
    )
    roles = forms.MultipleChoiceField(choices=Role.choices, widget=forms.CheckboxSelectMultiple, label=_("Roles"))


class Roles(forms.Form):
    roles = forms.MultipleChoiceField(choices=Role.choices, widget=forms.CheckboxSelectMultiple, label=_("Roles"))


class DisclosureForm(forms.Form):
    to: forms.ModelChoiceField[Party] = forms.ModelChoiceField(
        queryset=Party.objects.none(), label=_("To"), empty_label=None
    )
    kind = forms.ChoiceField(choices=Disclosure.Kind.choices, label=_("What"))

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["to"]
        assert isinstance(choices, forms.ModelChoiceField)
        choices.queryset = other_parties(by)
