"""Questions about runs. A member sees those of his own party."""

from __future__ import annotations

from django.db.models import QuerySet

from casework.journal import queries as journal
from casework.journal.models import Record
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.runs.models import WITH_RESULT, WORKING, Kind, Run, State


def runs(*, by: Member) -> QuerySet[Run]:
    """Every run of the member's party, newest first."""
    by.require("see comparisons")
    return Run.objects.filter(party=by.party).select_related("asked_by__user", "superseded_by")


def run(number: int, *, by: Member) -> Run:
    """One run of the member's party; to anyone else it does not exist."""
    found = runs(by=by).filter(pk=number).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def at_work(party: Party, kind: str = Kind.IDENTIFICATION) -> Run | None:
    """The run that is waiting or running, if any."""
    return Run.objects.filter(party=party, kind=kind, state__in=WORKING).first()


def standing(party: Party, kind: str = Kind.IDENTIFICATION) -> Run | None:
    """The finished run that stands: the newest that no other has superseded."""
    return Run.objects.filter(party=party, kind=kind, state=State.FINISHED).first()


def with_result(party: Party, kind: str = Kind.IDENTIFICATION) -> QuerySet[Run]:
    """Runs whose result can be read, newest first."""
    return Run.objects.filter(party=party, kind=kind, state__in=WITH_RESULT)


def history(run: Run) -> QuerySet[Record]:
    """What happened to a run, newest first."""
    return journal.history(run.journal_name, party=run.party.code)
