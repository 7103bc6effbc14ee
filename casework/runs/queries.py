"""Questions about runs. A member sees those of his own party."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from casework.journal import queries as journal
from casework.journal.models import Record
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.runs.models import WITH_RESULT, WORKING, Kind, Run, State

ASKING: Mapping[str, str] = {Kind.PLAN: "ask for plans"}
"""Who may ask for runs of a kind that has a page of its own to ask for it; of the others, who may ask for runs."""


def runs(*, by: Member) -> QuerySet[Run]:
    """Every run of the member's party that he may see, newest first."""
    found = Run.objects.filter(party=by.party).select_related("asked_by__user", "superseded_by")
    if not by.may("see maps"):
        by.require("see comparisons")
        return found.exclude(kind=Kind.PLAN)
    return found if by.may("see comparisons") else found.filter(kind=Kind.PLAN)


def run(number: int, *, by: Member) -> Run:
    """One run of the member's party; to anyone else it does not exist."""
    found = runs(by=by).filter(pk=number).first()
    if found is None:
        raise Refused(NOT_FOUND)
    return found


def needed_for(run: Run, name: str) -> tuple[str, ...]:
    """What a member must be allowed to see to take a file: all that it holds.

    A case, and the report of an identification, name people; the other reports call them by their numbers.
    """
    if run.kind == Kind.PLAN and name != "case.zip":
        return ("see maps", "see missing persons")
    coded = run.kind != Kind.IDENTIFICATION and name != "case.zip"
    return ("see families", "see profiles") if coded else ("see names", "see families", "see profiles")


def files_for(run: Run, *, by: Member) -> list[str]:
    """The files of a run that a member may take."""
    return [name for name in run.files if all(by.may(permission) for permission in needed_for(run, name))]


def kinds_at_rest(party: Party) -> list[Kind]:
    """What can be asked for now: nothing of that kind is waiting or running."""
    busy = {one.kind for one in Run.objects.filter(party=party, state__in=WORKING) if not one.abandoned}
    return [kind for kind in Kind if kind not in busy and kind not in ASKING]


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
