"""Founding parties, admitting members, and disclosing records to another party."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import timezone

from casework.journal.actions import recorded
from casework.parties.models import Disclosure, Member, Operator, Party
from casework.parties.permissions import Role
from casework.parties.refusal import NOT_PERMITTED, Refused


@recorded("parties.found_party")
def found_party(*, by: Operator, code: str, name: str, name_ko: str = "", neutral: bool = False) -> Party:
    """Enter a party to the programme. Only at the server's command line: no party founds another."""
    if not isinstance(by, Operator):
        raise Refused(NOT_PERMITTED, permission="found parties")
    if Party.objects.filter(code=code).exists():
        raise Refused("party-exists", code=code)
    return Party.objects.create(code=code, name=name, name_ko=name_ko, neutral=neutral)


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
    if Disclosure.objects.filter(holder=by.party, to=to, kind=kind, until=None).exists():
        raise Refused("already-disclosed")
    return Disclosure.objects.create(holder=by.party, to=to, kind=kind)


@recorded("parties.withdraw_disclosure")
def withdraw_disclosure(*, by: Member, disclosure: Disclosure) -> Disclosure:
    """From now on the other party no longer sees them. What it has seen it has seen."""
    by.require("disclose")
    if disclosure.holder != by.party:
        raise Refused("not-found")
    if disclosure.until is not None:
        raise Refused("already-withdrawn")
    disclosure.until = timezone.now()
    disclosure.save(update_fields=["until"])
    return disclosure
