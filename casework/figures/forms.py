"""What is asked of someone who lays out a sheet or drafts a statement."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from casework.documents import queries as documents
from casework.figures.measures import Measure
from casework.figures.models import Column, Sheet
from casework.parties.models import Member


class SheetForm(forms.Form):
    code = forms.SlugField(max_length=80, label=_("Code"), help_text=_("Stands in its address; never changed."))
    title = forms.CharField(max_length=300, label=_("Title"))
    title_ko = forms.CharField(max_length=300, required=False, label=_("Title in Korean"))
    publisher = forms.CharField(max_length=300, label=_("Whose figures"))
    publisher_ko = forms.CharField(max_length=300, required=False, label=_("Whose figures, in Korean"))
    reproduces = forms.CharField(
        max_length=300,
        required=False,
        label=_("Reproduces"),
        help_text=_("Of another’s sheet: what was published, where and when. All its numbers are then claims."),
    )
    as_of = forms.RegexField(
        r"^\d{4}(-\d{2}(-\d{2})?)?$", required=False, label=_("As of"), help_text=_("Of another’s sheet: YYYY-MM-DD.")
    )


class Words(forms.CharField):
    """Several numbers in one field, parted by semicolons."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        return [part.strip() for part in str(value or "").split(";") if part.strip()]


class StreamForm(forms.Form):
    title = forms.CharField(max_length=300, label=_("Stream of remains"))
    title_ko = forms.CharField(max_length=300, required=False, label=_("Stream, in Korean"))
    transfers = Words(
        required=False, label=_("Transfers"), help_text=_("Numbers of the transfers it came by, parted by semicolons.")
    )
    accessions = Words(
        required=False, label=_("Accessions"), help_text=_("Accession numbers of the laboratory, parted by semicolons.")
    )


class CellForm(forms.Form):
    stream = forms.ChoiceField(required=False, label=_("Stream of remains"))
    column = forms.ChoiceField(choices=Column.choices, label=_("Column"))
    measure = forms.ChoiceField(
        choices=[("", _("(a claim)")), *Measure.choices], required=False, label=_("Counted from the records")
    )
    claim = forms.ChoiceField(required=False, label=_("Or a claim"))
    notes = Words(required=False, label=_("Footnotes"), help_text=_("Marks, parted by semicolons: a; b"))
    beside = forms.BooleanField(
        required=False, label=_("Another’s version, to stand beside the number that is there already")
    )

    def __init__(self, *args: Any, sheet: Sheet, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        streams = [(str(stream.pk), stream.shown_title) for stream in sheet.streams.all()]
        self.fields["stream"].choices = [("", _("(above the table)")), *streams]  # type: ignore[attr-defined]
        claims = [(claim.code, f"{claim.code}: {claim}") for claim in documents.claims(by=by)[:500]]
        self.fields["claim"].choices = [("", _("(counted)")), *claims]  # type: ignore[attr-defined]


class FootnoteForm(forms.Form):
    mark = forms.RegexField(r"^[a-z]{1,2}$", label=_("Mark"), help_text=_("a, b, c"))
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), label=_("Footnote"))
    text_ko = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), required=False, label=_("Footnote in Korean"))


class DraftForm(forms.Form):
    code = forms.SlugField(max_length=80, label=_("Code"), help_text=_("Stands in its address; never changed."))
    title = forms.CharField(max_length=300, label=_("Title"))
    title_ko = forms.CharField(max_length=300, required=False, label=_("Title in Korean"))
    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("Up to"), widget=forms.DateInput(attrs={"type": "date"}))


class EditForm(forms.Form):
    en = forms.CharField(widget=forms.Textarea(attrs={"rows": 12}), label=_("In English"))
    ko = forms.CharField(widget=forms.Textarea(attrs={"rows": 12, "lang": "ko"}), label=_("In Korean"))
    reason = forms.CharField(max_length=500, label=_("Why it was changed"))


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=500, label=_("Reason"))


class DigestForm(forms.Form):
    digest = forms.CharField(
        max_length=100,
        label=_("Digest"),
        help_text=_(
            "As it stands on the paper or at the foot of the page: sha256: and 64 digits; blanks do not matter."
        ),
    )

    def clean_digest(self) -> str:
        text = "".join(str(self.cleaned_data["digest"]).split()).lower()
        return text if text.startswith("sha256:") else f"sha256:{text}"
