"""Who is asking, and the calm page for what is refused."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from casework.frame import in_words
from casework.parties.queries import member_of
from casework.parties.refusal import Refused


class MemberMiddleware:
    """Sets ``request.member``. Someone signed in who acts for no party sees only that this is so."""

    OPEN = ("/account/", "/language/", "/admin/", "/static/")

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        member = member_of(request.user)
        request.member = member  # type: ignore[attr-defined]  # read as casework.parties.request.Request
        if request.user.is_authenticated and member is None and not request.path.startswith(self.OPEN):
            return render(request, "parties/no_party.html", status=403)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        if not isinstance(problem, Refused):
            return None
        words = in_words(problem.code, "refusals")
        return render(request, "refused.html", {"refused": problem, "words": words}, status=problem.status)
