"""Who is here, and whose records a member may see."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from casework.parties.models import Disclosure, DisclosureRequest, Key, Member, Party
from casework.parties.refusal import NOT_FOUND, Refused


def member_of(user: AbstractBaseUser | AnonymousUser) -> Member | None:
    """The active membership of whoever is signed in."""
    if not user.is_authenticated:
        return None
    return Member.objects.select_related("party", "user").filter(user_id=user.pk, active=True).first()


def members(*, by: Member) -> QuerySet[Member]:
    """The members of one's own party."""
    return Member.objects.filter(party=by.party).select_related("user", "party")


def standing(found: QuerySet[Disclosure]) -> QuerySet[Disclosure]:
    """Those in force at this moment."""
    return found.filter(Q(until=None) | Q(until__gt=timezone.now()))


def holders_visible_to(member: Member, kind: str | None = None) -> list[int]:
    """Keys of the parties whose records a member may see: his own, and who has disclosed that kind to it."""
    disclosed = standing(Disclosure.objects.filter(to=member.party, kind=kind or ""))
    return [member.party_id, *disclosed.values_list("holder_id", flat=True)]


def disclosures(*, by: Member) -> QuerySet[Disclosure]:
    """What one's party has disclosed, and what was disclosed to it."""
    given = Disclosure.objects.filter(holder=by.party)
    return (given | Disclosure.objects.filter(to=by.party)).select_related("holder", "to", "request")


def other_parties(member: Member) -> QuerySet[Party]:
    return Party.objects.exclude(pk=member.party_id)


def parties() -> QuerySet[Party]:
    """Every party to the programme. That there are such parties is no secret of any."""
    return Party.objects.all()


def keys(party: Party | None = None) -> QuerySet[Key]:
    """Keys as pinned here, of one party or of all. Public keys are no secret either."""
    found = Key.objects.select_related("party")
    return found if party is None else found.filter(party=party)


def signing_key(party: Party) -> Key | None:
    """The key with which a party signs now: the latest that was not revoked; None where it signs on paper."""
    return Key.objects.filter(party=party, role=Key.Role.PARTY, revoked_at=None).order_by("-since", "-pk").first()


def disclosure_requests(*, by: Member) -> QuerySet[DisclosureRequest]:
    """Mutual requests that one's party made or received."""
    found = DisclosureRequest.objects.filter(Q(offered_by=by.party) | Q(asked_of=by.party))
    return found.select_related("offered_by", "asked_of")


def disclosure_request(number: str, *, by: Member) -> DisclosureRequest:
    found = disclosure_requests(by=by).filter(number=number).first()
    if found is None:
        raise Refused(NOT_FOUND, request=number)
    return found
