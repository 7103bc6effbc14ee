"""The front page of each role: where the programme stands, and what awaits me."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def standing(request: HttpRequest) -> HttpResponse:
    request.member.require("see where it stands")
    return render(request, "home/standing.html")
