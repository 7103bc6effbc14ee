"""Talks and what came of them, as far as a member may see.

A joint record is seen by the parties named in it, and by whom one of them has disclosed its talks to.
A party's minutes are its own until it releases them.
"""

from __future__ import annotations

from django.db.models import QuerySet

from casework.agreements.models import Agreement, Commitment, Forum, Session
from casework.parties.models import Member
from casework.parties.queries import holders_visible_to
from casework.parties.refusal import NOT_FOUND, Refused

KIND = "talks"  # of the disclosure that opens a party's joint records to another


def forums(*, by: Member) -> QuerySet[Forum]:
    """The forums at which a member's party sits, and those disclosed to it."""
    by.require("see talks")
    return Forum.objects.filter(pk__in=_seated(by))


def _seated(by: Member) -> QuerySet[Forum, int]:
    return Forum.objects.filter(seats__party__in=holders_visible_to(by, KIND)).values_list("pk", flat=True)


def forum(code: str, *, by: Member) -> Forum:
    found = forums(by=by).filter(code=code).first()
    if found is None:
        raise Refused(NOT_FOUND, forum=code)
    return found


def sessions(*, by: Member) -> QuerySet[Session]:
    """The sessions of the forums that a member may see."""
    by.require("see talks")
    return Session.objects.filter(forum__in=_seated(by)).select_related("forum", "tier")


def session(code: str, *, by: Member) -> Session:
    """One session by its code: the forum's and its number."""
    forum_code, _dash, number = code.rpartition("-")
    found = sessions(by=by).filter(forum__code=forum_code, number=number) if number.isdecimal() else None
    one = found.first() if found is not None else None
    if one is None:
        raise Refused(NOT_FOUND, session=code)
    return one


def agreements(*, by: Member) -> QuerySet[Agreement]:
    """The agreements to which a member's party is a party, and those disclosed to it."""
    by.require("see talks")
    seen = Agreement.objects.filter(parties__in=holders_visible_to(by, KIND)).values("pk")
    return Agreement.objects.filter(pk__in=seen)


def agreement(code: str, *, by: Member) -> Agreement:
    found = agreements(by=by).filter(code=code).first()
    if found is None:
        raise Refused(NOT_FOUND, agreement=code)
    return found


def commitments(*, by: Member) -> QuerySet[Commitment]:
    """The commitments that bind a member's party or are owed to it, and those disclosed to it."""
    by.require("see talks")
    seen = Commitment.objects.filter(parties__in=holders_visible_to(by, KIND)).values("pk")
    return Commitment.objects.filter(pk__in=seen)


def commitment(code: str, *, by: Member) -> Commitment:
    found = commitments(by=by).filter(code=code).first()
    if found is None:
        raise Refused(NOT_FOUND, commitment=code)
    return found
