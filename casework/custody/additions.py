"""What custody adds to the pages of commitments: the transfers made towards them, and what they delivered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse

from casework.agreements.models import Commitment
from casework.custody import queries
from casework.custody.models import Transfer
from casework.custody.sealed import account_of
from casework.parties.request import Request


def delivered_towards(request: Request, commitment: Commitment) -> str:
    """Each transfer with its state and both sides' counts of cases; a case is not a person."""
    if not request.member.may("see custody"):
        return ""
    found = queries.transfers(by=request.member).filter(fulfils=commitment)
    told = [(transfer, account_of(transfer)) for transfer in found]
    rows = [
        {
            "transfer": transfer,
            "counts": [
                (party, account.cases.versions.get(party.code, account.cases.counts))
                for party in (transfer.sender, transfer.receiver)
            ],
            "handed": sum(bool(line.handovers) for line in account.lines),
            "came": sum(line.outcome.arrived for line in account.lines) + len(account.extras),
        }
        for transfer, account in told
    ]
    return (
        render_to_string("custody/parts/delivered.html", {"rows": rows, "commitment": commitment}, request)
        if rows
        else ""
    )


def counted(request: Request, commitments: Iterable[Commitment]) -> dict[str, list[dict[str, Any]]]:
    """For each commitment, the containers that its transfers brought, as the receiver counted them."""
    if not request.member.may("see custody"):
        return {}
    codes = [commitment.code for commitment in commitments]
    seen = {transfer.pk: transfer for transfer in queries.transfers(by=request.member).filter(received__gt=0)}
    made = Transfer.fulfils.through.objects.filter(commitment__code__in=codes, transfer__in=list(seen))
    found: dict[str, list[dict[str, Any]]] = {}
    for code, pk in made.values_list("commitment__code", "transfer"):
        transfer = seen[pk]
        line = {
            "amount": transfer.received,
            "unit": "containers",
            "label": transfer.code,
            "address": reverse("custody:transfer", args=(transfer.code,)),
        }
        found.setdefault(code, []).append(line)
    return found
