"""What is asked of someone who hands in a file."""

from django import forms
from django.utils.translation import gettext_lazy as _


class HandIn(forms.Form):
    file = forms.FileField(
        label=_("Programme file"),
        help_text=_("A .zip of the programme folder, or an .xlsx workbook with the same sheets."),
        widget=forms.FileInput(attrs={"accept": ".zip,.xlsx"}),
    )


class GiveOut(forms.Form):
    container = forms.ChoiceField(
        choices=[("zip", _("zip of CSV files")), ("xlsx", _("Excel workbook"))],
        label=_("As"),
        widget=forms.RadioSelect,
        initial="zip",
    )


class Bundle(forms.Form):
    file = forms.FileField(
        label=_("Sealed bundle"),
        help_text=_("The .zip file exactly as it was given out; one that was unpacked and packed again is refused."),
        widget=forms.FileInput(attrs={"accept": ".zip"}),
    )
