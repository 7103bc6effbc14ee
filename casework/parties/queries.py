"""Who is here, and whose records a member may see."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet

from casework.parties.models import Disclosure, Member, Party


def member_of(user: AbstractBaseUser | AnonymousUser) -> Member | None:
    """The active membership of whoever is signed in."""
    if not user.is_authenticated:
        return None
    return Member.objects.select_related("party", "user").filter(user_id=user.pk, active=True).first()


def members(*, by: Member) -> QuerySet[Member]:
    """The members of one's own party."""
    return Member.objects.filter(party=by.party).select_related("user", "party")


def holders_visible_to(member: Member, kind: str | None = None) -> list[int]:
    """Keys of the parties whose records a member may see: his own, and who has disclosed that kind to it."""
    disclosed = Disclosure.objects.filter(to=member.party, until=None, kind=kind or "")
    return [member.party_id, *disclosed.values_list("holder_id", flat=True)]


def disclosures(*, by: Member) -> QuerySet[Disclosure]:
    """What one's party has disclosed, and what was disclosed to it."""
    given = Disclosure.objects.filter(holder=by.party)
    return (given | Disclosure.objects.filter(to=by.party)).select_related("holder", "to")


def other_parties(member: Member) -> QuerySet[Party]:
    return Party.objects.exclude(pk=member.party_id)
