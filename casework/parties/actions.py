"""Founding parties, admitting members, and disclosing records to another party."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.journal.actions import recorded
from casework.parties.models import Disclosure, DisclosureRequest, Key, Member, Operator, Party
from casework.parties.permissions import Role
from casework.parties.queries import standing
from casework.parties.refusal import NOT_PERMITTED, Refused
from homeward.seals.keys import fingerprint_of


@recorded("parties.found_party")
def found_party(
    *,
    by: Operator,
    code: str,
    name: str,
    name_ko: str = "",
    kind: str = Party.Kind.AUTHORITY,
    hosted: bool = True,
) -> Party:
    """Enter a party to the programme. Only at the server's command line: no party founds another.

    One that is not ``hosted`` acts at an installation of its own; here it is known from what it signed.
    """
    if not isinstance(by, Operator):
        raise Refused(NOT_PERMITTED, permission="found parties")
    if Party.objects.filter(code=code).exists():
        raise Refused("party-exists", code=code)
    return Party.objects.create(code=code, name=name, name_ko=name_ko, kind=kind, hosted=hosted)


def admit_member(
    *,
    by: Member | Operator,
    username: str,
    password: str,
    roles: Sequence[str],
    party: Party,
    full_name: str = "",
    office: str = "",
) -> Member:
    """Make an account for someone who acts for a party. The password never reaches the journal."""
    by.require("manage members")
    if by.party is not None and by.party != party:
        raise Refused(NOT_PERMITTED, permission="manage members")
    return _admit(
        by=by,
        username=username,
        secret=_Secret(password),
        roles=list(roles),
        party=party,
        full_name=full_name,
        office=office,
    )


class _Secret:
    """A password on its way to the hash; the journal writes its name, which is stars."""

    journal_name = "***"

    def __init__(self, text: str) -> None:
        self.text = text


@recorded("parties.admit_member")
def _admit(
    *,
    by: Member | Operator,
    username: str,
    secret: _Secret,
    roles: Sequence[str],
    party: Party,
    full_name: str,
    office: str,
) -> Member:
    users = get_user_model().objects
    if users.filter(username__iexact=username).exists():
        raise Refused("username-taken", username=username)
    _known(roles)
    try:
        validate_password(secret.text)
    except ValidationError as problem:
        raise Refused("weak-password", reasons=problem.messages) from None
    user = users.create_user(username=username, password=secret.text, first_name=full_name)
    return Member.objects.create(user=user, party=party, roles=list(roles), office=office)


@recorded("parties.change_roles")
def change_roles(*, by: Member | Operator, member: Member, roles: Sequence[str]) -> Member:
    """Give a member of one's party other roles. Nobody changes his own."""
    _may_manage(by, member)
    _known(roles)
    member.roles = list(roles)
    member.save(update_fields=["roles"])
    return member


@recorded("parties.dismiss_member")
def dismiss_member(*, by: Member | Operator, member: Member) -> Member:
    """End a membership. What the member did stays in the journal under the same name."""
    _may_manage(by, member)
    member.active = False
    member.save(update_fields=["active"])
    return member


def _may_manage(by: Member | Operator, member: Member) -> None:
    by.require("manage members")
    if by.party is not None and by.party != member.party:
        raise Refused("not-found")
    if by == member:
        raise Refused("own-roles")


def _known(roles: Sequence[str]) -> None:
    unknown = [role for role in roles if role not in Role.values]
    if unknown or not roles:
        raise Refused("unknown-role", roles=unknown)


@recorded("parties.disclose")
def disclose(*, by: Member, to: Party, kind: str) -> Disclosure:
    """Let another party see a kind of one's own records, from now on."""
    by.require("disclose")
    if to == by.party:
        raise Refused("own-party")
    if standing(Disclosure.objects.filter(holder=by.party, to=to, kind=kind)).exists():
        raise Refused("already-disclosed")
    return Disclosure.objects.create(holder=by.party, to=to, kind=kind)


@recorded("parties.withdraw_disclosure")
def withdraw_disclosure(*, by: Member, disclosure: Disclosure, reason: str = "") -> Disclosure:
    """From now on the other party no longer sees them. What it has seen it has seen.

    One of two that began together is withdrawn alone; what the other side shows stays until it, too, is withdrawn.
    """
    by.require("disclose")
    if disclosure.holder != by.party:
        raise Refused("not-found")
    if not disclosure.in_force:
        raise Refused("already-withdrawn")
    if disclosure.request is not None and not reason.strip():
        raise Refused("reason-needed")
    _end(disclosure, reason)
    if disclosure.request is not None and not standing(disclosure.request.disclosures.all()).exists():
        settle(disclosure.request, DisclosureRequest.State.ENDED, reason=reason)
    return disclosure


def _end(disclosure: Disclosure, reason: str) -> None:
    disclosure.until = timezone.now()
    disclosure.ended_because = reason
    disclosure.save(update_fields=["until", "ended_because"])


def settle(request: DisclosureRequest, state: str, *, reason: str = "") -> None:
    """Write down how a mutual request ended; within the caller's recorded act."""
    request.state = state
    request.reason = reason
    request.settled_at = timezone.now()
    request.save(update_fields=["state", "reason", "settled_at"])


def bring_into_force(request: DisclosureRequest) -> None:
    """Both disclosures begin in the same instant; within the recorded act that brought the last signature."""
    until = None
    if request.until is not None:
        until = datetime.combine(request.until + timedelta(days=1), time.min, tzinfo=UTC)
    for holder, to, kinds in (
        (request.offered_by, request.asked_of, request.offers),
        (request.asked_of, request.offered_by, request.asks),
    ):
        for kind in kinds:
            shown = standing(Disclosure.objects.filter(holder=holder, to=to, kind=kind))
            if not shown.exists():
                Disclosure.objects.create(holder=holder, to=to, kind=kind, request=request, until=until)
    settle(request, DisclosureRequest.State.IN_FORCE)


@recorded("parties.refuse_disclosure_request")
def refuse_request(*, by: Member, request: DisclosureRequest, reason: str) -> DisclosureRequest:
    """The party that was asked says no, and why. Neither shows anything."""
    by.require("disclose")
    if by.party != request.asked_of:
        raise Refused("not-found")
    return _close(request, DisclosureRequest.State.REFUSED, reason)


@recorded("parties.withdraw_disclosure_request")
def withdraw_request(*, by: Member, request: DisclosureRequest, reason: str) -> DisclosureRequest:
    """The party that asked takes the request back before the other has signed it."""
    by.require("disclose")
    if by.party != request.offered_by:
        raise Refused("not-found")
    return _close(request, DisclosureRequest.State.WITHDRAWN, reason)


def _close(request: DisclosureRequest, state: str, reason: str) -> DisclosureRequest:
    if request.state != DisclosureRequest.State.PROPOSED:
        raise Refused("request-settled", state=request.state)
    if not reason.strip():
        raise Refused("reason-needed")
    settle(request, state, reason=reason)
    return request


@recorded("parties.end_mutual_disclosure")
def end_together(*, by: Member, request: DisclosureRequest, reason: str) -> DisclosureRequest:
    """Either party ends both at once: what I show if you show."""
    by.require("disclose")
    if by.party not in (request.offered_by, request.asked_of):
        raise Refused("not-found")
    if request.state != DisclosureRequest.State.IN_FORCE:
        raise Refused("request-settled", state=request.state)
    if not reason.strip():
        raise Refused("reason-needed")
    end_disclosures(request, reason=reason)
    settle(request, DisclosureRequest.State.ENDED, reason=reason)
    return request


def end_disclosures(request: DisclosureRequest, *, reason: str) -> None:
    """End what began with a mutual request, on both sides; within the caller's recorded act."""
    for disclosure in standing(request.disclosures.all()):
        _end(disclosure, reason)


@recorded("parties.pin_key")
def pin_key(
    *,
    by: Member | Operator,
    party: Party,
    fingerprint: str,
    introduced_in: str,
    raw: bytes = b"",
    name: str = "",
    role: str = Key.Role.PARTY,
) -> Key:
    """Enter a key as the minutes of a session have it; the key itself may follow, and must fit the fingerprint.

    A party that acts here has its keys entered by its own authority. Where it already holds a key that
    stands, a further one is introduced by a statement signed with that one, not here.

    Raises
    ------
    Refused
        ``not-your-key``, ``minutes-needed``, ``not-a-fingerprint``, ``key-does-not-fit``, ``key-of-another``,
        ``key-needs-statement``.
    """
    by.require("manage keys")
    if party.hosted and party != by.party:
        raise Refused("not-your-key", party=party.code)
    if not introduced_in.strip():
        raise Refused("minutes-needed")
    own = party == by.party and role == Key.Role.PARTY
    known = Key.objects.filter(party=party, role=role, revoked_at=None).exclude(fingerprint=plain(fingerprint))
    if own and known.exists():
        raise Refused("key-needs-statement")
    return keep_key(
        party=party, fingerprint=fingerprint, introduced_in=introduced_in, raw=raw, name=name, role=role, by=by.actor
    )


def keep_key(
    *, party: Party, fingerprint: str, introduced_in: str, by: str, raw: bytes = b"", name: str = "", role: str
) -> Key:
    """Keep a key that somebody may introduce; within the caller's recorded act. The same again changes nothing."""
    fingerprint = plain(fingerprint)
    if not re.fullmatch("[0-9a-f]{64}", fingerprint):
        raise Refused("not-a-fingerprint", given=fingerprint[:100])
    if raw and fingerprint_of(raw) != fingerprint:
        raise Refused("key-does-not-fit")
    known = Key.objects.filter(fingerprint=fingerprint).first()
    if known is None:
        return Key.objects.create(
            party=party,
            fingerprint=fingerprint,
            raw=raw,
            name=name,
            role=role,
            since=timezone.now(),
            introduced_in=introduced_in,
            entered_by=by,
        )
    if known.party != party or (known.role != role and known.raw):
        raise Refused("key-of-another")
    if not known.raw:  # only its fingerprint was known, and what it is for may have been heard wrongly
        known.raw, known.name, known.role = raw, known.name or name, role
        known.save(update_fields=["raw", "name", "role"])
    return known


def plain(fingerprint: str) -> str:
    """A fingerprint as it is kept, however it was typed: groups, blanks, capitals.

    >>> plain("AB12 cd34")
    'ab12cd34'
    """
    return re.sub(r"[\s:·-]", "", fingerprint).lower()


@recorded("parties.revoke_key")
def revoke_key(*, by: Member | Operator, key: Key, reason: str) -> Key:
    """From now on nothing signed with it is taken. What it signed before stands.

    By the key's own party where it acts here; another's, by what it said in a session.
    """
    by.require("manage keys")
    if key.party.hosted and key.party != by.party:
        raise Refused("not-your-key", party=key.party.code)
    return end_key(key, reason=reason)


def end_key(key: Key, *, reason: str) -> Key:
    """Mark a key as revoked; within the caller's recorded act."""
    if not reason.strip():
        raise Refused("reason-needed")
    if key.revoked_at is not None:
        raise Refused("already-revoked")
    key.revoked_at = timezone.now()
    key.revoked_reason = reason
    key.save(update_fields=["revoked_at", "revoked_reason"])
    return key
