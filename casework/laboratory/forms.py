"""What may be asked of the lists of the laboratory."""

from django import forms
from django.utils.translation import gettext_lazy as _


class RemainsFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Number of remains, of a box or of an accession"))
    typed = forms.ChoiceField(
        required=False,
        choices=[("", _("all")), ("yes", _("with a profile")), ("no", _("without a profile"))],
        label=_("Profile"),
    )
