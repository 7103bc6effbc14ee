"""Pages of statements."""

from __future__ import annotations

from django.http import HttpResponse

from casework.parties.request import Request
from casework.seals import queries


def statements(request: Request) -> HttpResponse:
    return HttpResponse("\n".join(one.digest for one in queries.statements(by=request.member)))


def statement(request: Request, digest: str) -> HttpResponse:
    return HttpResponse(queries.statement(digest, by=request.member).digest)
