"""The front page of each role: where the programme stands, or what lies between the sides; and what awaits me."""

from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import render

from casework.board.models import Conclusion
from casework.home import queries
from casework.home.neutral import between
from casework.home.queries import Task
from casework.parties.request import Request


def standing(request: Request) -> HttpResponse:
    by = request.member
    if by.party.neutral:
        mine, others = queries.neutral_worklist(by=by)
        context = {"between": between(by=by), "mine": _by_role(mine), "others": _by_role(others)}
        return render(request, "home/neutral.html", context)
    stands = queries.standing(by=by)
    mine, others = queries.worklist(stands, by=by)
    conclusions = [
        {"code": code, "words": str(Conclusion(code).label), "remains": remains}
        for code, remains in stands.conclusions.items()
    ]
    return render(
        request,
        "home/standing.html",
        {"stands": stands, "mine": _by_role(mine), "others": _by_role(others), "conclusions": conclusions},
    )


def _by_role(tasks: list[Task]) -> list[tuple[str, list[Task]]]:
    ordered = sorted(tasks, key=lambda task: task.role)
    return [(str(role.label), list(of_role)) for role, of_role in groupby(ordered, key=lambda task: task.role)]
