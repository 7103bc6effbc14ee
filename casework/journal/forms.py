"""What a reader of the journal may ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _


class Filter(forms.Form):
    actor = forms.CharField(required=False, label=_("Who"))
    object = forms.CharField(required=False, label=_("About"))
    verb = forms.CharField(required=False, label=_("What"))
