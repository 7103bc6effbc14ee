"""The front page of a neutral: what the sides promised and move, and what awaits its witness. It has no programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from casework.agreements import queries as agreements
from casework.agreements.queries import Undertaking
from casework.custody import queries as custody
from casework.custody.models import Transfer
from casework.parties.models import Member
from casework.parties.queries import signing_key
from casework.seals import checkpoints
from casework.seals import queries as seals
from casework.seals.models import ForeignLog, Signer

SHOWN = 10  # of each; the rest stands on its own page


@dataclass(frozen=True, slots=True, kw_only=True)
class Between:
    """What lies between the sides, as far as a member of a neutral may see; each with its number in all."""

    commitments: Sequence[Undertaking]
    commitments_in_all: int
    transfers: Sequence[Transfer]
    transfers_in_all: int
    asked: Sequence[Signer]  # statements that await its signature, with as what it is asked to sign
    asked_in_all: int
    offered: Sequence[ForeignLog]  # logs with a checkpoint that it may cosign
    keyed: bool  # it has a signing key; without one it signs on paper


def between(*, by: Member) -> Between:
    """What a neutral's front page says; what a member may not see is left out."""
    by.require("see where it stands")
    promised = agreements.commitments(by=by) if by.may("see talks") else None
    moved = custody.transfers(by=by) if by.may("see custody") else None
    asked = _asked(by) if by.may("see statements") else []
    offers = checkpoints.offers(by.party) if by.may("see statements") else []
    return Between(
        commitments=agreements.undertakings(promised[:SHOWN]) if promised is not None else (),
        commitments_in_all=promised.count() if promised is not None else 0,
        transfers=list(moved[:SHOWN]) if moved is not None else (),
        transfers_in_all=moved.count() if moved is not None else 0,
        asked=asked[:SHOWN],
        asked_in_all=len(asked),
        offered=[one for one in offers if one.offered],
        keyed=signing_key(by.party) is not None,
    )


def _asked(by: Member) -> list[Signer]:
    waiting = Signer.objects.filter(party=by.party, signed_at=None, statement__in=seals.awaiting(by=by))
    return list(waiting.select_related("statement__author").order_by("statement__made_at", "pk"))
