"""What a reader of comparisons may ask for."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.board.models import Conclusion
from casework.runs.models import Kind


class Ask(forms.Form):
    kind = forms.ChoiceField(required=False, choices=Kind.choices)
    purpose = forms.CharField(required=False, max_length=300)


class Filter(forms.Form):
    text = forms.CharField(required=False, label=_("Remains or person, by number"))
    conclusion = forms.ChoiceField(required=False, choices=[("", _("all")), *Conclusion.choices], label=_("Conclusion"))
    order = forms.ChoiceField(
        required=False,
        choices=[
            ("posterior", _("posterior")),
            ("lr", _("log₁₀ LR of the best")),
            ("markers", _("markers typed")),
            ("remains", _("number of the remains")),
        ],
        label=_("Order"),
    )
    run = forms.IntegerField(required=False, widget=forms.HiddenInput)
