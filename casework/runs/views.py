"""The pages of runs: which there are, where one stands, and the files that it leaves."""

from csp.decorators import csp
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from casework.parties.request import Request
from casework.runs import actions, queries

REPORTS_OWN = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "frame-ancestors": ["'none'"]}


def runs(request: Request) -> HttpResponse:
    found = queries.runs(by=request.member)
    return render(
        request,
        "runs/runs.html",
        {
            "page": Paginator(found, 50).get_page(request.GET.get("page")),
            "working": queries.at_work(request.member.party),
            "standing": queries.standing(request.member.party),
            "kinds": queries.kinds_at_rest(request.member.party),
        },
    )


def run(request: Request, number: int) -> HttpResponse:
    found = queries.run(number, by=request.member)
    context = {"run": found, "history": queries.history(found), "files": queries.files_for(found, by=request.member)}
    return render(request, "runs/run.html", context)


def progress(request: Request, number: int) -> HttpResponse:
    """Where a run stands, asked for every second by its page; once it has ended the page loads itself anew."""
    found = queries.run(number, by=request.member)
    response = render(request, "runs/progress.html", {"run": found})
    if not found.at_work or found.abandoned:
        response["HX-Refresh"] = "true"
    return response


# Its own directives: the style sheet stands in the page. (The decorator's types know views of a request alone.)
@csp(REPORTS_OWN)  # type: ignore[arg-type]
def report(request: Request, number: int) -> HttpResponse:
    """The report as it was written: a page of its own, without scripts, that fetches nothing."""
    found = queries.run(number, by=request.member)
    return HttpResponse(actions.read_report(by=request.member, run=found), content_type="text/html; charset=utf-8")


@require_POST
def cancel(request: Request, number: int) -> HttpResponse:
    found = queries.run(number, by=request.member)
    actions.cancel(by=request.member, run=found)
    return redirect("runs:run", number)


def file(request: Request, number: int, name: str) -> FileResponse:
    found = queries.run(number, by=request.member)
    path = actions.take_file(by=request.member, run=found, name=name)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"run-{found.pk}-{name}")
