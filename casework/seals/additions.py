"""What this room adds to pages of lower ones."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from casework.parties.models import Party
from casework.parties.queries import disclosure_requests, keys
from casework.parties.request import Request


def on_members(request: Request, party: Party) -> str:
    """The page of a party: its keys, and where mutual disclosures stand."""
    context: dict[str, Any] = {
        "keys": keys(party).filter(revoked_at=None),
        "requests": disclosure_requests(by=request.member)[:10],
    }
    return render_to_string("seals/parts/on_members.html", context, request)
