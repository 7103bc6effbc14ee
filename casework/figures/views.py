"""Pages of the public figures: for the party that draws them up, and for anyone."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from casework.figures import actions, files, queries
from casework.figures.forms import (
    CellForm,
    DigestForm,
    DraftForm,
    EditForm,
    FootnoteForm,
    ReasonForm,
    SheetForm,
    StreamForm,
)
from casework.figures.models import Cell, SheetRevision, StatementRevision, Stream
from casework.frame import in_words
from casework.journal.queries import history
from casework.parties.refusal import Refused
from casework.parties.request import Request


def figures(request: Request) -> HttpResponse:
    by = request.member
    sheets = queries.sheets(by=by).prefetch_related("revisions")
    statements = queries.statements(by=by).prefetch_related("revisions")
    return render(request, "figures/figures.html", {"sheets": sheets, "statements": statements})


def lay_out(request: Request) -> HttpResponse:
    request.member.require("publish figures")
    form = SheetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sheet = actions.lay_out_sheet(by=request.member, **form.cleaned_data)
            return redirect("figures:sheet", sheet.code)
        except Refused as refused:
            form.add_error(None, in_words(refused.code, "refusals"))
    return render(request, "figures/lay_out.html", {"form": form})


def sheet(request: Request, code: str) -> HttpResponse:
    """A sheet as its party sees it: the newest revision, and where each number comes from."""
    by = request.member
    one = queries.sheet(code, by=by)
    newest = one.revisions.first()
    return render(
        request,
        "figures/sheet.html",
        {
            "sheet": one,
            "revision": newest,
            "revisions": one.revisions.select_related("drawn_up_by__user"),
            "cells": one.cells.select_related("stream"),
            "beside": queries.beside(by.party, one.beside.all()),
            "reason": ReasonForm(),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def stream(request: Request, code: str) -> HttpResponse:
    form = StreamForm(request.POST or None)
    return _change(request, code, form, actions.add_stream)


def footnote(request: Request, code: str) -> HttpResponse:
    form = FootnoteForm(request.POST or None)
    return _change(request, code, form, actions.set_footnote)


def cell(request: Request, code: str) -> HttpResponse:
    one = queries.sheet(code, by=request.member)
    form = CellForm(request.POST or None, sheet=one, by=request.member)

    def set_cell(*, stream: str, **given: Any) -> object:
        chosen = get_object_or_404(Stream, sheet=one, pk=stream) if stream else None
        return actions.set_cell(stream=chosen, **given)

    return _change(request, code, form, set_cell)


def _change(request: Request, code: str, form: Any, action: Any) -> HttpResponse:
    """One form, one action on a sheet, and back to the sheet."""
    by = request.member
    by.require("publish figures")
    one = queries.sheet(code, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            action(by=by, sheet=one, **form.cleaned_data)
            return redirect("figures:sheet", one.code)
        except Refused as refused:
            form.add_error(None, in_words(refused.code, "refusals"))
    return render(request, "figures/change.html", {"form": form, "sheet": one})


@require_POST
def clear(request: Request, code: str, key: int) -> HttpResponse:
    one = queries.sheet(code, by=request.member)
    actions.clear_cell(by=request.member, sheet=one, cell=get_object_or_404(Cell, sheet=one, pk=key))
    return redirect("figures:sheet", code)


@require_POST
def draw_up(request: Request, code: str) -> HttpResponse:
    one = queries.sheet(code, by=request.member)
    actions.draw_up_sheet(by=request.member, sheet=one, reason=request.POST.get("reason", "")[:500])
    return redirect("figures:sheet", code)


@require_POST
def publish(request: Request, code: str, number: int) -> HttpResponse:
    one = queries.sheet(code, by=request.member)
    actions.publish_sheet(by=request.member, revision=get_object_or_404(SheetRevision, sheet=one, number=number))
    return redirect("figures:sheet", code)


@require_POST
def withdraw(request: Request, code: str, number: int) -> HttpResponse:
    one = queries.sheet(code, by=request.member)
    revision = get_object_or_404(SheetRevision, sheet=one, number=number)
    actions.withdraw_sheet(by=request.member, revision=revision, reason=request.POST.get("reason", ""))
    return redirect("figures:sheet", code)


def draft(request: Request) -> HttpResponse:
    request.member.require("publish figures")
    form = DraftForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            revision = actions.draft_statement(by=request.member, **form.cleaned_data)
            return redirect("figures:statement", revision.statement.code)
        except Refused as refused:
            form.add_error(None, in_words(refused.code, "refusals"))
    return render(request, "figures/draft.html", {"form": form})


def statement(request: Request, code: str) -> HttpResponse:
    one = queries.statement(code, by=request.member)
    newest = one.revisions.first()
    return render(
        request,
        "figures/statement.html",
        {
            "statement": one,
            "revision": newest,
            "revisions": one.revisions.select_related("drawn_up_by__user"),
            "reason": ReasonForm(),
            "history": history(one.journal_name, party=request.member.party_code)[:20],
        },
    )


def edit(request: Request, code: str) -> HttpResponse:
    request.member.require("publish figures")
    one = queries.statement(code, by=request.member)
    newest = one.revisions.first()
    assert newest is not None  # a statement begins with its first draft
    form = EditForm(request.POST or None, initial=newest.text)
    if request.method == "POST" and form.is_valid():
        try:
            actions.edit_statement(by=request.member, revision=newest, **form.cleaned_data)
            return redirect("figures:statement", code)
        except Refused as refused:
            form.add_error(None, in_words(refused.code, "refusals"))
    return render(request, "figures/edit.html", {"form": form, "statement": one})


@require_POST
def redraft(request: Request, code: str) -> HttpResponse:
    one = queries.statement(code, by=request.member)
    actions.redraft_statement(by=request.member, statement=one, reason=request.POST.get("reason", "")[:500])
    return redirect("figures:statement", code)


@require_POST
def publish_statement(request: Request, code: str, number: int) -> HttpResponse:
    one = queries.statement(code, by=request.member)
    revision = get_object_or_404(StatementRevision, statement=one, number=number)
    actions.publish_statement(by=request.member, revision=revision)
    return redirect("figures:statement", code)


@require_POST
def withdraw_statement(request: Request, code: str, number: int) -> HttpResponse:
    one = queries.statement(code, by=request.member)
    revision = get_object_or_404(StatementRevision, statement=one, number=number)
    actions.withdraw_statement(by=request.member, revision=revision, reason=request.POST.get("reason", ""))
    return redirect("figures:statement", code)


@login_not_required
def public(request: HttpRequest) -> HttpResponse:
    """What is published, for anyone; and whether a digest is that of something published."""
    form = DigestForm(request.GET if "digest" in request.GET else None)
    asked = form.is_bound and form.is_valid()
    return render(
        request,
        "figures/public.html",
        {
            "sheets": queries.published_sheets(),
            "statements": queries.published_statements(),
            "form": form,
            "asked": form.cleaned_data["digest"] if asked else "",
            "bearing": queries.bearing(form.cleaned_data["digest"]) if asked else None,
        },
    )


@login_not_required
def public_sheet(request: HttpRequest, party: str, code: str, number: int | None = None) -> HttpResponse:
    revision = queries.published_sheet(party, code, number)
    others = queries.beside(revision.sheet.holder, revision.sheet.beside.all())
    place = (party, code, revision.number)
    names = [(kind.upper(), reverse(f"figures:public_{kind}", args=place)) for kind in files.FILES]
    return render(request, "figures/public_sheet.html", {"revision": revision, "beside": others, "files": names})


@login_not_required
def public_statement(request: HttpRequest, party: str, code: str, number: int | None = None) -> HttpResponse:
    revision = queries.published_statement(party, code, number)
    return render(request, "figures/public_statement.html", {"revision": revision})


@login_not_required
def public_file(request: HttpRequest, party: str, code: str, number: int, kind: str) -> HttpResponse:
    """A published revision as CSV, PDF or the very content that its digest is of."""
    revision = queries.published_sheet(party, code, number)
    data, media_type = files.FILES[kind](revision.content, digest=revision.digest)
    name = f"{party}-{code}-{number}.{kind}"
    return HttpResponse(
        data, content_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
