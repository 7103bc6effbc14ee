"""What is asked of someone who keeps a document, quotes it, or enters a claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.documents.acting import ActForm, DateText, DocumentNumber, QuotationNumber
from casework.documents.models import Attribution, Claim, Qualifier, Standing, Unit
from casework.parties.models import Member, Party
from casework.parties.queries import other_parties

LANGUAGES = [
    ("en", _("English")),
    ("ko", _("Korean")),
    ("zh", _("Chinese")),
    ("ru", _("Russian")),
    ("ja", _("Japanese")),
]
UNSTATED = ("", _("not stated"))
AREA = {"rows": 4}


class DocumentFilter(forms.Form):
    text = forms.CharField(required=False, max_length=300, label=_("Title, publisher or digest"))
    language = forms.ChoiceField(required=False, choices=[("", _("every language")), *LANGUAGES], label=_("Language"))


class ClaimFilter(forms.Form):
    text = forms.CharField(required=False, max_length=200, label=_("Matter, claimant or code"))
    unit = forms.ChoiceField(
        required=False, choices=[("", _("every unit")), *Unit.choices], label=pgettext_lazy("of a number", "Unit")
    )
    status = forms.ChoiceField(
        required=False, choices=[("", _("every standing")), *Standing.choices], label=_("Standing")
    )


class SourceForm(ActForm):
    """A source that is named; the file itself is asked for by ``KeepForm``."""

    beside: ClassVar[Mapping[str, str]] = {"date-unclear": "dated", "title-missing": "title"}

    title = forms.CharField(max_length=500, label=_("Title"), help_text=_("As the source itself has it."))
    publisher = forms.CharField(max_length=300, required=False, label=_("Publisher"))
    dated = DateText(required=False, label=_("Date"))
    language = forms.ChoiceField(choices=[UNSTATED, *LANGUAGES], required=False, label=_("Language"))
    pages = forms.IntegerField(min_value=1, required=False, label=_("Number of pages"))
    address = forms.CharField(
        max_length=1000, required=False, label=_("Where it was published"), help_text=_("Kept as text; never opened.")
    )
    public = forms.BooleanField(
        required=False, label=_("Published: every party may see it, with what we quote from it")
    )


class KeepForm(SourceForm):
    beside: ClassVar[Mapping[str, str]] = {
        **SourceForm.beside,
        "file-empty": "file",
        "file-too-large": "file",
        "kind-not-kept": "file",
        "already-kept": "file",
        "photograph-not-public": "public",
    }
    field_order = ("file", "title")

    file = forms.FileField(
        allow_empty_file=True,  # so that the refusal says it, in one voice
        label=_("File"),
        help_text=_("PDF, PNG, JPEG, plain text or HTML, up to 32 MB. It is known from now on by its digest."),
    )
    remains_photograph = forms.BooleanField(
        required=False, label=_("A photograph of remains: opened only for a stated purpose, and each time journalled")
    )

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        self.fields["title"].required = False
        self.fields["title"].help_text = _("Empty: the file’s name.")


class QuoteForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {
        "date-unclear": "said_on",
        "nothing-quoted": "text",
        "speaker-missing": "speaker",
    }

    text = forms.CharField(widget=forms.Textarea(attrs=AREA), label=_("Quoted, word for word"))
    page = forms.CharField(max_length=40, required=False, label=_("Page"))
    attribution = forms.ChoiceField(choices=Attribution.choices, label=_("Attributed to"), widget=forms.RadioSelect)
    speaker = forms.CharField(
        max_length=300, required=False, label=_("Speaker"), help_text=_("As the source names him, or the institution.")
    )
    office = forms.CharField(max_length=300, required=False, label=_("Office"))
    publisher = forms.CharField(
        max_length=300, required=False, label=_("Publisher"), help_text=_("Where it is not the document’s own.")
    )
    said_on = DateText(required=False, label=_("Said on"))
    language = forms.ChoiceField(choices=[UNSTATED, *LANGUAGES], required=False, label=_("Language"))
    translation = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("Our translation"))


class ClaimForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {
        "date-unclear": "as_of",
        "code-taken": "code",
        "claim-code-form": "code",
        "nothing-claimed": "value",
        "not-a-count": "value",
        "claimant-missing": "claimant",
        "supersede-instead": "status",
        "not-found": "document",
    }

    about = forms.CharField(
        max_length=200,
        label=_("About"),
        help_text=_("The programme, or a record by its kind and number, such as transfer:T-2018-01."),
        initial="programme",
    )
    topic = forms.CharField(
        max_length=200,
        required=False,
        label=_("Topic"),
        help_text=_("Claims about the same topic stand side by side: cases sent empty; reason for the halt."),
    )
    claimant = forms.CharField(max_length=300, label=_("Claimant"), help_text=_("Who says so."))
    qualifier = forms.ChoiceField(choices=Qualifier.choices, label=_("As worded"))
    value = forms.CharField(max_length=30, required=False, label=_("Number"))
    unit = forms.ChoiceField(
        choices=Unit.choices,
        label=pgettext_lazy("of a number", "Unit"),
        help_text=_("Units are never compared or summed."),
    )
    value_text = forms.CharField(
        widget=forms.Textarea(attrs=AREA), required=False, label=_("Or in words"), help_text=_("Such as a reason.")
    )
    scope = forms.CharField(max_length=200, required=False, label=_("Scope"), help_text=_("Such as: accounted for."))
    stream = forms.CharField(max_length=200, required=False, label=_("Stream of remains"))
    as_of = DateText(required=False, label=_("As of"))
    status = forms.ChoiceField(
        choices=[choice for choice in Standing.choices if choice[0] not in ("superseded", "disputed")],
        label=_("Standing"),
    )
    method = forms.CharField(
        widget=forms.Textarea(attrs=AREA), required=False, label=_("How it was counted, as the claimant says")
    )
    quotation = QuotationNumber(required=False, label=_("Number of the quotation"))
    document = DocumentNumber(required=False, label=_("Number of the document"))
    page = forms.CharField(max_length=40, required=False, label=_("Page"))
    code = forms.CharField(max_length=60, required=False, label=_("Code"), help_text=_("Empty: the next free one."))


class SupersedeForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {
        "another-claimant": "later",
        "another-matter": "later",
        "already-superseded": "later",
    }

    later: forms.ModelChoiceField[Claim] = forms.ModelChoiceField(
        queryset=Claim.objects.none(), label=_("Superseded by"), empty_label=None
    )
    why = forms.CharField(widget=forms.Textarea(attrs=AREA), required=False, label=_("Why"))

    def __init__(self, *args: Any, by: Member, among: Any, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        choices = self.fields["later"]
        assert isinstance(choices, forms.ModelChoiceField)
        choices.queryset = among


class DisputeForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"reason-missing": "reason"}

    reason = forms.CharField(widget=forms.Textarea(attrs=AREA), label=_("Why it is disputed"))


class PhotographForm(ActForm):
    beside: ClassVar[Mapping[str, str]] = {"purpose-missing": "purpose"}

    purpose = forms.CharField(max_length=300, label=_("Purpose"), help_text=_("Written in the journal with your name."))


class ShowForm(ActForm):
    to: forms.ModelChoiceField[Party] = forms.ModelChoiceField(
        queryset=Party.objects.none(), label=_("To"), empty_label=None
    )

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        choices = self.fields["to"]
        assert isinstance(choices, forms.ModelChoiceField)
        choices.queryset = other_parties(by)
