"""The journal, for those who audit it."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from casework.journal import queries
from casework.journal.forms import Filter


def records(request: HttpRequest) -> HttpResponse:
    member = request.member  # type: ignore[attr-defined]  # set by parties, which stands above
    member.require("read the journal")
    found = queries.records(party=member.party_code)
    form = Filter(request.GET)
    if form.is_valid():
        asked = {f"{name}__icontains": value for name, value in form.cleaned_data.items() if value}
        found = found.filter(**asked)
    return render(
        request,
        "journal/records.html",
        {
            "form": form,
            "page": Paginator(found, 50).get_page(request.GET.get("page")),
            "chain": queries.chain() if "verify" in request.GET else None,
        },
    )
