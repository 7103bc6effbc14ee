"""What a signed statement does in this room: it seals what became of a session, and what was promised."""

from __future__ import annotations

from casework.agreements.models import Commitment, Session
from casework.parties.models import Member, Operator
from casework.seals.models import Statement


def session_signed(statement: Statement, *, by: Member | Operator) -> None:
    """Once all have signed who must, the session's record shows it."""
    if statement.stands:
        Session.objects.filter(statement=statement.digest).update(sealed_at=statement.stands_at)


def terms_signed(statement: Statement, *, by: Member | Operator) -> None:
    """A commitment whose text all its sides have signed is shown as sealed. Other proposals are not ours."""
    if statement.stands:
        Commitment.objects.filter(statement=statement.digest).update(sealed_at=statement.stands_at)
