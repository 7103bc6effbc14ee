"""Asking who the remains may be, and entering what was computed elsewhere."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction
from django.utils import timezone

from casework.board import analyses
from casework.board import comparison as bridge
from casework.board.models import Comparison
from casework.board.sheet import Sheet, sheet
from casework.board.tasks import analyse, identify_remains
from casework.journal.actions import looked_at, recorded
from casework.laboratory.records import settings
from casework.parties.models import Member
from casework.parties.refusal import Refused
from casework.runs import actions as runs
from casework.runs.models import Run
from homeward.progress import Tick, silent


def look_at_comparison(*, by: Member, comparison: Comparison, hypothesis: str = "") -> Sheet:
    """The comparison with a candidate, as far as the member may see it; the look is in the journal."""
    by.require("see comparisons")
    looked_at(comparison, by=by, verb="board.look_at_comparison", run=comparison.run, candidate=hypothesis)
    return sheet(comparison, by=by, hypothesis=hypothesis)


@recorded("board.ask_identification")
def ask_identification(*, by: Member, purpose: str = "", language: str = "en") -> Run:
    """Ask who the remains may be, given everything on record when the worker begins.

    Raises
    ------
    Refused
        ``no-programme`` while nothing was brought in; ``already-asked`` while another is at work.
    """
    by.require("ask for runs")
    settings(by.party)  # refuses while the party has brought nothing in
    run = runs.ask(by=by, purpose=purpose, language=language)
    identify_remains.enqueue(run.pk)
    return run


@recorded("board.ask_analysis")
def ask_analysis(*, by: Member, kind: str, purpose: str = "", language: str = "en") -> Run:
    """Ask for a comparison by all systems, a test of the references, or what the families can show.

    Raises
    ------
    Refused
        As of :func:`ask_identification`; ``no-such-analysis`` for any other kind.
    """
    by.require("ask for runs")
    if kind not in analyses.COMPUTED:
        raise Refused("no-such-analysis", kind=kind)
    settings(by.party)  # refuses while the party has brought nothing in
    run = runs.ask(by=by, kind=kind, purpose=purpose, language=language)
    analyse.enqueue(run.pk)
    return run


def register_identification(*, by: Member, result: Path, purpose: str = "", tick: Tick = silent) -> Run:
    """Enter an identification computed at the command line as a finished run.

    Raises
    ------
    OtherCase
        If it was computed from anything but exactly the case that the party's records make.
    """
    by.require("ask for runs")
    with transaction.atomic():
        run = runs.ask(by=by, purpose=purpose)
        run.started_at = timezone.now()
        bridge.export(run, tick)
        finding = bridge.take_over(run, result)
        runs.finish(by=by, run=run, finding=finding)
        bridge.keep(run)
        _registered(by=by, run=run)
    return run


@recorded("board.register_identification")
def _registered(*, by: Member, run: Run) -> Run:
    return run
