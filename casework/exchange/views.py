"""Handing in a file, seeing what reading it gave, bringing it in; and taking everything out."""

from __future__ import annotations

import shutil

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from casework.exchange import actions, queries
from casework.exchange.forms import GiveOut, HandIn
from casework.frame import in_words
from casework.parties.refusal import Refused
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
