"""A request as views see it: with the member who asks, set by the middleware."""

from __future__ import annotations

from django.http import HttpRequest

from casework.parties.models import Member


class Request(HttpRequest):
    """A request of someone who acts for a party."""

    member: Member
