"""Looking at where somebody may lie, and asking for a season's plan."""

from __future__ import annotations

from casework.journal.actions import looked_at, recorded
from casework.laboratory.records import settings
from casework.parties.models import Member
from casework.registry.models import MissingPerson
from casework.runs import actions as runs
from casework.runs.models import Kind, Run
from casework.whereabouts import queries
from casework.whereabouts.held import Held


def look_at_belief(*, by: Member, person: MissingPerson) -> tuple[Held, int]:
    """What is believed of where somebody lies, and his row in it; that it was looked at is in the journal."""
    found = queries.row_of(person, by=by)
    looked_at(person, by=by, verb="whereabouts.look_at_belief")
    return found


@recorded("whereabouts.ask_plan")
def ask_plan(
    *,
    by: Member,
    budget: float,
    crews: int | None = None,
    season: int | None = None,
    weighed: bool = False,
    language: str = "en",
) -> Run:
    """Ask for the plan of a season, on the records as they stand when the worker begins.

    Raises
    ------
    Refused
        ``no-programme`` while nothing was brought in; ``already-asked`` while another is at work.
    """
    from casework.whereabouts.tasks import plan_season

    by.require("ask for plans")
    settings(by.party)
    asked = {"budget": budget, "crews": crews, "season": season, "weighed": weighed}
    run = runs.ask(by=by, kind=Kind.PLAN, language=language, asked=asked)
    plan_season.enqueue(run.pk)
    return run
