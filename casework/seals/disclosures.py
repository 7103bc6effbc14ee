"""What I show if you show: a statement that both parties sign, and the two disclosures that begin with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from casework.journal.actions import recorded
from casework.parties import actions as parties
from casework.parties.models import Disclosure, DisclosureRequest, Member, Party
from casework.parties.queries import signing_key
from casework.parties.refusal import Refused
from casework.seals import actions, queries
from casework.seals.models import Signer, Statement

State = DisclosureRequest.State


@transaction.atomic
def propose(
    *, by: Member, to: Party, offers: Sequence[str], asks: Sequence[str], until: date | None = None
) -> DisclosureRequest:
    """Offer to show some kinds of records if the other party shows some of its own.

    Both disclosures begin when both parties have signed the statement, with a key or on paper.

    Raises
    ------
    Refused
        ``own-party``, ``nothing-offered`` unless both sides show something, ``unknown-kind``.
    """
    by.require("disclose")
    if to == by.party:
        raise Refused("own-party")
    if not offers or not asks:
        raise Refused("nothing-offered")
    if not set(offers) | set(asks) <= set(Disclosure.Kind.values):
        raise Refused("unknown-kind")
    number = _next_number(by.party)
    statement = actions.prepare(
        by=by,
        kind="disclosure",
        subject=f"disclosure:{number}",
        body={
            "number": number,
            "offers": [{"kind": kind, "scope": ""} for kind in offers],
            "asks": [{"kind": kind, "scope": ""} for kind in asks],
            "until": until.isoformat() if until else "",
        },
        signers=[(by.party, Signer.Role.AUTHOR), (to, Signer.Role.COUNTERSIGNER)],
    )
    return _propose(by=by, statement=statement)


def _next_number(party: Party) -> str:
    made = DisclosureRequest.objects.filter(offered_by=party).count()
    return f"{party.code.upper()}-D{made + 1}"


@recorded("seals.propose_disclosure")
def _propose(*, by: Member, statement: Statement) -> DisclosureRequest:
    return record(statement)


def record(statement: Statement) -> DisclosureRequest:
    """The request that a disclosure statement is about; made where it came in a file. Within a recorded act."""
    said = queries.read(statement)
    request, _made = DisclosureRequest.objects.get_or_create(
        number=said.body["number"],
        defaults={
            "offered_by": statement.author,
            "asked_of": statement.signers.get(order=1).party,
            "offers": [one["kind"] for one in said.body["offers"]],
            "asks": [one["kind"] for one in said.body["asks"]],
            "until": date.fromisoformat(said.body["until"]) if said.body["until"] else None,
            "statement": statement.digest,
            "proposed_at": statement.made_at,
        },
    )
    return request


@transaction.atomic
def refuse(*, by: Member, request: DisclosureRequest, reason: str) -> DisclosureRequest:
    """Say no, and why. Who has a key signs the refusal for the other side's installation as well."""
    refused = parties.refuse_request(by=by, request=request, reason=reason)
    if signing_key(by.party) is not None:
        actions.prepare(
            by=by,
            kind="refusal",
            subject=f"disclosure:{request.number}",
            body={"refuses": request.statement, "reason": actions.texts(reason)},
            signers=[(by.party, Signer.Role.AUTHOR)],
            follows=[request.statement],
        )
    return refused


@transaction.atomic
def withdraw(*, by: Member, request: DisclosureRequest, reason: str) -> DisclosureRequest:
    """Take one's own request back before the other has signed it."""
    withdrawn = parties.withdraw_request(by=by, request=request, reason=reason)
    statement = queries.statement(request.statement, by=by)
    if statement.spoken_at is None:
        actions.discard(by=by, statement=statement)
    elif signing_key(by.party) is not None:
        actions.void(by=by, statement=statement, reason=reason)
    return withdrawn


@transaction.atomic
def withdraw_ours(*, by: Member, request: DisclosureRequest, reason: str) -> DisclosureRequest:
    """One's own party shows no more; what the other shows stays until it, too, is withdrawn."""
    own = [one for one in request.disclosures.filter(holder=by.party) if one.in_force]
    if not own:
        raise Refused("already-withdrawn")
    for disclosure in own:
        parties.withdraw_disclosure(by=by, disclosure=disclosure, reason=reason)
    request.refresh_from_db()
    return request
