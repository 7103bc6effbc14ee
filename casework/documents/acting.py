"""A page on which one thing is done: a form, one verb, and what was refused beside its field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render

from casework.documents import queries
from casework.documents.models import Document, Quotation
from casework.frame import in_words
from casework.parties.models import Member
from casework.parties.refusal import NOT_PERMITTED, Refused
from casework.parties.request import Request

DATE_HINT = "2018, 2018-07, 2018-07-16"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """The words of such a page: what is done, what its button says, and the pages above it."""

    title: str
    button: str
    trail: Sequence[tuple[str, str]]  # label, address; the last is where "Back" leads
    lead: str = ""
    grave: bool = False


class ActForm(forms.Form):
    """A form of one act. ``beside`` says beside which field a refusal stands."""

    beside: ClassVar[Mapping[str, str]] = {}

    def __init__(self, *args: Any, by: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by


def asked(request: Request, form: forms.Form, do: Callable[[dict[str, Any]], str], words: Act) -> HttpResponse:
    """Show the form; when it is filled in, do the act and go where it says.

    Raises
    ------
    Refused
        ``not-permitted`` and ``not-found``; every other refusal is shown in the form.
    """
    if request.method == "POST" and form.is_valid():
        try:
            return redirect(do(form.cleaned_data))
        except Refused as refused:
            if refused.code == NOT_PERMITTED:
                raise
            field = getattr(form, "beside", {}).get(refused.code)
            form.add_error(field if field in form.fields else None, in_words(refused.code, "refusals"))
    return render(request, "documents/act.html", {"form": form, "words": words, "back_to": words.trail[-1][1]})


class DateText(forms.CharField):
    """A date as precise as its source."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", DATE_HINT)
        super().__init__(max_length=10, widget=forms.TextInput(attrs={"class": "short code"}), **kwargs)


class QuotationNumber(forms.IntegerField):
    """A quotation by the number that its document's page shows."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=1, widget=forms.TextInput(attrs={"class": "short", "inputmode": "numeric"}), **kwargs
        )


class DocumentNumber(QuotationNumber):
    """A document by its number."""


def quotation_of(number: int | None, *, by: Member) -> Quotation | None:
    return queries.quotation(number, by=by) if number else None


def document_of(number: int | None, *, by: Member) -> Document | None:
    return queries.document(number, by=by) if number else None
