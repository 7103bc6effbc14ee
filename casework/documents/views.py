"""Pages of documents, quotations and claims."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from casework.documents import actions, queries
from casework.documents.acting import Act, asked, document_of, quotation_of
from casework.documents.forms import (
    ClaimFilter,
    ClaimForm,
    DisputeForm,
    DocumentFilter,
    KeepForm,
    PhotographForm,
    QuoteForm,
    ShowForm,
    SourceForm,
    SupersedeForm,
)
from casework.documents.models import Claim, Document, Standing
from casework.frame import additions
from casework.journal.queries import history
from casework.parties.refusal import Refused
from casework.parties.request import Request

PAGE = 50


# ---------- Documents ----------


def documents(request: Request) -> HttpResponse:
    by = request.member
    found = queries.documents(by=by).select_related("holder")
    form = DocumentFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    if text := wanted.get("text", "").strip():
        digits = text.lower().removeprefix("sha256:").replace(" ", "")
        named = Q(title__icontains=text) | Q(publisher__icontains=text)
        found = found.filter(named | Q(digest__contains=digits) if re.fullmatch("[0-9a-f]{6,64}", digits) else named)
    if wanted.get("language"):
        found = found.filter(language=wanted["language"])
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "documents/documents.html", {"form": form, "page": page, "asked": wanted})


def document(request: Request, key: int) -> HttpResponse:
    by = request.member
    one = queries.document(key, by=by)
    own = one.holder_id == by.party_id
    return render(
        request,
        "documents/document.html",
        {
            "document": one,
            "own": own,
            "shown_to": one.shown_to.all() if own else [],
            "same": queries.same_bytes(one, by=by),
            "quotations": queries.quotations(by=by).filter(document=one).select_related("holder"),
            "matters": queries.side_by_side(queries.claims(by=by).filter(document=one)[:200]),
            "photograph": PhotographForm(by=by) if one.remains_photograph else None,
            "sections": additions("documents.document", request, one),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def keep(request: Request) -> HttpResponse:
    by = request.member
    by.require("keep documents")
    form = KeepForm(request.POST or None, request.FILES or None, by=by)

    def do(given: dict[str, Any]) -> str:
        file = given.pop("file")
        if file.size > actions.LIMIT:
            raise Refused("file-too-large", bytes=file.size, limit=actions.LIMIT)
        kept = actions.keep_document(by=by, data=file.read(), name=file.name, **given)
        return reverse("documents:document", args=(kept.pk,))

    words = Act(title=_("Keep a document"), button=_("Keep the document"), trail=_documents_trail())
    return asked(request, form, do, words)


def name(request: Request) -> HttpResponse:
    by = request.member
    by.require("keep documents")

    def do(given: dict[str, Any]) -> str:
        return reverse("documents:document", args=(actions.name_document(by=by, **given).pk,))

    words = Act(
        title=_("Name a source"),
        button=_("Name the source"),
        lead=_(
            "For a source whose file is not held here, such as a newspaper. It has no digest, and the page says so."
        ),
        trail=_documents_trail(),
    )
    return asked(request, SourceForm(request.POST or None, by=by), do, words)


def file(request: Request, key: int) -> HttpResponseBase:
    """The file itself, always as a download and never inside a page. Photographs of remains have their own way."""
    one = queries.document(key, by=request.member)
    if one.remains_photograph:
        return redirect("documents:document", key)
    return _download(one)


@require_POST
def photograph(request: Request, key: int) -> HttpResponseBase:
    by = request.member
    one = queries.document(key, by=by)
    form = PhotographForm(request.POST, by=by)
    purpose = form.cleaned_data["purpose"] if form.is_valid() else ""
    actions.open_photograph(by=by, document=one, purpose=purpose)
    return _download(one)


def _download(one: Document) -> FileResponse:
    answer = FileResponse(
        BytesIO(queries.content(one)), as_attachment=True, filename=one.name, content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def show(request: Request, key: int) -> HttpResponse:
    by = request.member
    by.require("keep documents")
    one = queries.document(key, by=by)

    def do(given: dict[str, Any]) -> str:
        actions.show_document(by=by, document=one, to=given["to"])
        return reverse("documents:document", args=(key,))

    words = Act(
        title=_("Show this document to a party"),
        button=_("Show it"),
        lead=_(
            "The other party sees the file from now on, with what we quote from it. What has been seen has been seen."
        ),
        trail=_document_trail(one),
    )
    return asked(request, ShowForm(request.POST or None, by=by), do, words)


@require_POST
def publish(request: Request, key: int) -> HttpResponse:
    by = request.member
    actions.publish_document(by=by, document=queries.document(key, by=by))
    return redirect("documents:document", key)


def quote(request: Request, key: int) -> HttpResponse:
    by = request.member
    by.require("keep documents")
    one = queries.document(key, by=by)
    form = QuoteForm(request.POST or None, by=by, initial={"attribution": "named", "language": one.language})

    def do(given: dict[str, Any]) -> str:
        made = actions.quote(by=by, document=one, **given)
        return reverse("documents:document", args=(key,)) + f"#q-{made.pk}"

    return asked(
        request,
        form,
        do,
        Act(title=_("Quote the document"), button=_("Keep the quotation"), trail=_document_trail(one)),
    )


# ---------- Claims ----------


def claims(request: Request) -> HttpResponse:
    by = request.member
    form = ClaimFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = queries.matters(by=by, **{name: value.strip() for name, value in wanted.items()})
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "documents/claims.html", {"form": form, "page": page, "asked": wanted})


def matter(request: Request, key: str) -> HttpResponse:
    by = request.member
    found = queries.matter(key, by=by)
    latest = [version.latest for matter in found for version in matter.versions]
    return render(
        request,
        "documents/matter.html",
        {"matters": found, "matter": found[0], "disputes": _disputes(latest), "differs": any(m.differs for m in found)},
    )


def _disputes(found: list[Claim]) -> list[Any]:
    return [dispute for raised in queries.disputes(found).values() for dispute in raised]


def claim(request: Request, holder: str, code: str) -> HttpResponse:
    by = request.member
    one = queries.claim(code, holder=holder, by=by)
    disputes = queries.disputes([one]).get(one.pk, [])
    return render(
        request,
        "documents/claim.html",
        {
            "claim": one,
            "own": one.holder_id == by.party_id,
            "earlier": queries.claims(by=by).filter(superseded_by=one),
            "others": queries.claims(by=by).filter(matter=one.matter, unit=one.unit).exclude(pk=one.pk).count(),
            "disputes": disputes,
            "ours": any(dispute.party_id == by.party_id and dispute.withdrawn_at is None for dispute in disputes),
            "sections": additions("documents.claim", request, one),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def enter_claim(request: Request) -> HttpResponse:
    by = request.member
    by.require("keep documents")
    known = ("about", "topic", "document", "quotation", "unit", "scope", "stream")
    form = ClaimForm(
        request.POST or None, by=by, initial={name: request.GET[name] for name in known if name in request.GET}
    )

    def do(given: dict[str, Any]) -> str:
        given["quotation"] = quotation_of(given["quotation"], by=by)
        given["document"] = document_of(given["document"], by=by)
        return _address(actions.claim(by=by, **given))

    words = Act(title=_("Enter a claim"), button=_("Enter the claim"), trail=_claims_trail())
    return asked(request, form, do, words)


def supersede(request: Request, holder: str, code: str) -> HttpResponse:
    by = request.member
    by.require("keep documents")
    one = queries.claim(code, holder=holder, by=by)
    among = queries.claims(by=by).filter(matter=one.matter, claimant=one.claimant).exclude(pk=one.pk)
    form = SupersedeForm(request.POST or None, by=by, among=among.exclude(status=Standing.SUPERSEDED))

    def do(given: dict[str, Any]) -> str:
        return _address(actions.supersede(by=by, earlier=one, **given))

    words = Act(
        title=_("Mark as superseded"),
        button=_("Mark as superseded"),
        lead=_("Only a later claim of the same claimant about the same matter supersedes one. Both stay readable."),
        trail=_claim_trail(one),
    )
    return asked(request, form, do, words)


def dispute(request: Request, holder: str, code: str) -> HttpResponse:
    by = request.member
    by.require("keep documents")
    one = queries.claim(code, holder=holder, by=by)

    def do(given: dict[str, Any]) -> str:
        return _address(actions.dispute(by=by, claim=one, **given))

    words = Act(
        title=_("Dispute the claim"),
        button=_("Dispute it"),
        lead=_("Your party says that this claim is wrong. Its words stay as they are; yours stand beside them."),
        trail=_claim_trail(one),
    )
    return asked(request, DisputeForm(request.POST or None, by=by), do, words)


@require_POST
def withdraw_dispute(request: Request, holder: str, code: str) -> HttpResponse:
    by = request.member
    return redirect(_address(actions.withdraw_dispute(by=by, claim=queries.claim(code, holder=holder, by=by))))


# ---------- Where we are ----------


def _address(claim: Claim) -> str:
    return reverse("documents:claim", args=(claim.holder.code, claim.code))


def _documents_trail() -> list[tuple[str, str]]:
    return [(_("Documents"), reverse("documents:documents"))]


def _document_trail(one: Document) -> list[tuple[str, str]]:
    return [*_documents_trail(), (one.title, reverse("documents:document", args=(one.pk,)))]


def _claims_trail() -> list[tuple[str, str]]:
    return [(_("Claims"), reverse("documents:claims"))]


def _claim_trail(one: Claim) -> list[tuple[str, str]]:
    return [*_claims_trail(), (one.code, _address(one))]
