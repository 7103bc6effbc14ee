"""The pages of the board: every comparison of a run, and one of them side by side."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from casework.board import actions, explained, figures, queries
from casework.board.forms import Ask, Filter
from casework.parties.request import Request
from casework.registry import queries as registry
from casework.runs import queries as runs
from casework.runs.models import Kind

ROWS = 100


def comparisons(request: Request) -> HttpResponse:
    by = request.member
    form = Filter(request.GET)
    asked: dict[str, Any] = form.cleaned_data if form.is_valid() else {}
    run = queries.chosen_run(by=by, number=asked.get("run"))
    context: dict[str, Any] = {"form": form, "run": run, "working": runs.at_work(by.party), "asked": asked}
    if run is not None:
        found = queries.comparisons(
            run,
            by=by,
            conclusion=asked.get("conclusion", ""),
            text=asked.get("text", ""),
            order=asked.get("order", ""),
        )
        page = Paginator(found, ROWS).get_page(request.GET.get("page"))
        context |= {
            "page": page,
            "counts": queries.by_conclusion(run, by=by),
            "persons": registry.names_of([one.best for one in page], by=by) if by.may("see names") else {},
        }
    return render(request, "board/comparisons.html", context)


def comparison(request: Request, remains_id: str) -> HttpResponse:
    by = request.member
    form = Filter(request.GET)
    number = form.cleaned_data.get("run") if form.is_valid() else None
    run = queries.chosen_run(by=by, number=number)
    found = queries.comparison(run, remains_id, by=by)
    sheet = actions.look_at_comparison(by=by, comparison=found, hypothesis=request.GET.get("candidate", ""))
    return render(
        request,
        "board/comparison.html",
        {
            "sheet": sheet,
            "comparison": found,
            "run": found.run,
            "figures": figures.of(sheet, by=by, language=get_language() or "en"),
            "explained": explained.of(sheet),
            "earlier": queries.earlier(found),
            "looks": queries.looks(found),
            "everything": "all" in request.GET,
        },
    )


def ask(request: Request) -> HttpResponse:
    """Ask for a run; the question stands on the page of the runs."""
    if request.method != "POST":
        return redirect("runs:runs")
    form = Ask(request.POST)
    form.is_valid()
    kind = form.cleaned_data.get("kind") or Kind.IDENTIFICATION
    about: dict[str, Any] = {"purpose": form.cleaned_data.get("purpose", ""), "language": get_language() or "en"}
    if kind == Kind.IDENTIFICATION:
        run = actions.ask_identification(by=request.member, **about)
    else:
        run = actions.ask_analysis(by=request.member, kind=kind, **about)
    return redirect("runs:run", run.pk)
