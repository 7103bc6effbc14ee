"""Handing in a file, seeing what reading it gave, bringing it in; and taking everything out."""

from __future__ import annotations

import shutil

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from casework.exchange import actions, incoming, outgoing, queries
from casework.exchange.forms import Bundle, GiveOut, HandIn
from casework.exchange.words import told
from casework.frame import in_words
from casework.parties.models import Party
from casework.parties.queries import other_parties
from casework.parties.refusal import NOT_FOUND, Refused
from casework.parties.request import Request


def deliveries(request: Request) -> HttpResponse:
    by = request.member
    found = queries.deliveries(by=by)
    form = HandIn(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("exchange:delivery", actions.hand_in(by=by, file=form.cleaned_data["file"]).pk)
        except Refused as refused:
            form.add_error("file", in_words(refused.code, "refusals"))
    return render(request, "exchange/deliveries.html", {"form": form, "deliveries": found[:50], "out": GiveOut()})


def delivery(request: Request, key: int) -> HttpResponse:
    one = queries.delivery(key, by=request.member)
    rows = [(file, number, one.new_rows.get(file.removesuffix(".csv"))) for file, number in one.rows.items()]
    return render(request, "exchange/delivery.html", {"delivery": one, "rows": rows})


@require_POST
def bring_in(request: Request, key: int) -> HttpResponse:
    actions.bring_in(by=request.member, delivery=queries.delivery(key, by=request.member))
    return redirect("exchange:delivery", key)


@require_POST
def discard(request: Request, key: int) -> HttpResponse:
    actions.discard(by=request.member, delivery=queries.delivery(key, by=request.member))
    return redirect("exchange:deliveries")


@require_POST
def give_out(request: Request) -> HttpResponseBase:
    form = GiveOut(request.POST)
    container: actions.Container = "xlsx" if form.is_valid() and form.cleaned_data["container"] == "xlsx" else "zip"
    path = actions.give_out(by=request.member, container=container)
    file = path.open("rb")
    shutil.rmtree(path.parent)  # the open file lives until it has been sent; nothing stays on disk
    return FileResponse(file, as_attachment=True, filename=path.name)


def bundles(request: Request) -> HttpResponse:
    by = request.member
    found = queries.parcels(by=by)
    form = Bundle(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return redirect("exchange:bundle", incoming.hand_in(by=by, file=form.cleaned_data["file"]).pk)
        except Refused as refused:
            form.add_error("file", in_words(refused.code, "refusals"))
    return render(request, "exchange/bundles.html", {"form": form, "parcels": found[:50], "others": other_parties(by)})


def bundle(request: Request, key: int) -> HttpResponse:
    one = queries.parcel(key, by=request.member)
    context = {"parcel": one, "faults": told(one.faults), "notes": told(one.notes)}
    return render(request, "exchange/bundle.html", context)


@require_POST
def bring_in_bundle(request: Request, key: int) -> HttpResponse:
    incoming.bring_in(by=request.member, parcel=queries.parcel(key, by=request.member))
    return redirect("exchange:bundle", key)


@require_POST
def discard_bundle(request: Request, key: int) -> HttpResponse:
    incoming.discard(by=request.member, parcel=queries.parcel(key, by=request.member))
    return redirect("exchange:bundles")


def give_out_bundle(request: Request, code: str) -> HttpResponse:
    by = request.member
    by.require("exchange bundles")
    to = Party.objects.filter(code=code).exclude(pk=by.party_id).first()
    if to is None:
        raise Refused(NOT_FOUND, party=code)
    errors = []
    if request.method == "POST":
        try:
            given = outgoing.give_out(by=by, to=to, about=request.POST.getlist("about"))
            return _download(given.data, given.parcel.name, "application/zip")
        except Refused as refused:
            errors = [in_words(refused.code, "refusals")]
    context = {
        "to": to,
        "subjects": outgoing.subjects(by=by, to=to),
        "chosen": request.POST.getlist("about") or request.GET.getlist("about"),
        "errors": errors,
    }
    return render(request, "exchange/give_out.html", context)


def anchors(request: Request) -> HttpResponse:
    """What is pinned and cosigned here, for whoever verifies elsewhere."""
    content = outgoing.anchors_file(by=request.member)
    return _download(content, f"{request.member.party_code}.anchors.json", "application/json")


def _download(content: bytes, name: str, media_type: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
