"""What a signed statement does in this room: voids another, enters a paper, introduces or revokes a key."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from casework.parties.actions import bring_into_force, end_disclosures, end_key, keep_key, settle
from casework.parties.models import DisclosureRequest, Key, Member, Operator, Party
from casework.seals import actions, disclosures, queries
from casework.seals.models import Statement

State = DisclosureRequest.State
OVER = (State.REFUSED, State.WITHDRAWN, State.ENDED)


def voided(statement: Statement, *, by: Member | Operator) -> None:
    """Once all have signed who must, the one it voids counts no more; it stays where it is."""
    if not statement.stands:
        return
    body = queries.read(statement).body
    Statement.objects.filter(digest=body["voids"], voided_by=None).update(voided_by=statement)
    request = DisclosureRequest.objects.filter(statement=body["voids"]).first()
    if request is not None:
        _stop(request, State.WITHDRAWN if request.state == State.PROPOSED else State.ENDED, body["reason"])


def papers(statement: Statement, *, by: Member | Operator) -> None:
    """A paper entry is taken once whoever entered it has signed."""
    if statement.stands:
        actions.take_paper(by=by, paper=statement)


def keys(statement: Statement, *, by: Member | Operator) -> None:
    """A party introduces a further key, or revokes one, with a key that it held already."""
    if not statement.stands:
        return
    body = queries.read(statement).body
    if body["act"] == "introduce":
        keep_key(
            party=statement.author,
            fingerprint=body["fingerprint"],
            raw=base64.b64decode(body["key"]),
            name=queries.read(statement).author["name"],
            role=body["role"],
            introduced_in=body["introduced_in"] or statement.journal_name,
            by=by.actor,
        )
    else:
        key = Key.objects.filter(fingerprint=body["fingerprint"], party=statement.author, revoked_at=None).first()
        if key is not None:
            end_key(key, reason=_words(body["reason"]) or "revoked")


def minutes(statement: Statement, *, by: Member | Operator) -> None:
    """Fingerprints that both sides wrote alike into a session's record are pinned once both have signed it.

    Only of parties that act elsewhere: who acts here has its own authority enter its keys.
    """
    if not statement.stands:
        return
    parties = {party.code: party for party in Party.objects.filter(hosted=False)}
    for one in queries.read(statement).body["fingerprints"]:
        party = parties.get(one["party"])
        if party is not None and not Key.objects.filter(fingerprint=one["fingerprint"]).exists():
            keep_key(
                party=party,
                fingerprint=one["fingerprint"],
                introduced_in=statement.subject,
                role=Key.Role.PARTY,
                by=by.actor,
            )


def mutual(statement: Statement, *, by: Member | Operator) -> None:
    """A mutual disclosure is recorded when its author has signed, and begins for both when both have."""
    if statement.spoken_at is None:
        return
    request = disclosures.record(statement)
    if request.statement == statement.digest and request.state == State.PROPOSED and statement.stands:
        bring_into_force(request)


def refused(statement: Statement, *, by: Member | Operator) -> None:
    """A signed refusal of a mutual disclosure closes the request at the other side's installation too."""
    body = queries.read(statement).body
    request = DisclosureRequest.objects.filter(statement=body["refuses"], asked_of=statement.author).first()
    if statement.stands and request is not None and request.state == State.PROPOSED:
        _stop(request, State.REFUSED, body["reason"])


def _stop(request: DisclosureRequest, state: str, reason: Sequence[Any]) -> None:
    if request.state in OVER:
        return
    words = _words(reason)
    end_disclosures(request, reason=words)
    settle(request, state, reason=words)


def _words(texts: Sequence[Any]) -> str:
    return " / ".join(text["text"] for text in texts)
