"""What happens to a run: asked, begun, stopped, finished, failed."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from casework.journal.actions import Actor, recorded
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused
from casework.runs import queries
from casework.runs.models import FILES, Kind, Run, State


@dataclass(frozen=True, slots=True)
class Worker:
    """Who the journal names for what the background worker did for a party."""

    party_code: str
    actor: str = "worker"

    @classmethod
    def of(cls, run: Run) -> Worker:
        return cls(run.party.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a finished computation leaves in the run itself."""

    case_digest: str
    provenance: Mapping[str, Any]
    settings: Mapping[str, Any]
    summary: Mapping[str, Any]

    @property
    def journal_name(self) -> str:
        return self.case_digest


@recorded("runs.ask")
def ask(
    *,
    by: Member,
    kind: str = Kind.IDENTIFICATION,
    purpose: str = "",
    language: str = "en",
    asked: Mapping[str, Any] | None = None,
) -> Run:
    """Ask for a computation on the party's records as they stand when the worker begins.

    Raises
    ------
    Refused
        ``already-asked`` while another is waiting or running.
    """
    by.require(queries.ASKING.get(kind, "ask for runs"))
    working = queries.at_work(by.party, kind)
    if working and working.abandoned:
        give_up(by=Worker.of(working), run=working)
    elif working:
        raise Refused("already-asked", run=working)
    return Run.objects.create(
        party=by.party,
        kind=kind,
        asked_by=by,
        asked_at=timezone.now(),
        purpose=purpose,
        language=language,
        asked=dict(asked or {}),
    )


@recorded("runs.cancel")
def cancel(*, by: Member, run: Run) -> Run:
    """Stop a run: at once if it has not begun, else at the science's next tick."""
    by.require(queries.ASKING.get(run.kind, "ask for runs"))
    if run.party != by.party:
        raise Refused(NOT_FOUND)
    if not run.at_work:
        raise Refused("not-at-work", run=run)
    if run.abandoned:
        give_up(by=Worker.of(run), run=run)
    elif not Run.objects.filter(pk=run.pk, state=State.ASKED).update(state=State.CANCELLED, ended_at=timezone.now()):
        Run.objects.filter(pk=run.pk).update(stop_asked=True)
    run.refresh_from_db()
    return run


@recorded("runs.take_file")
def _take(*, by: Member, run: Run, name: str) -> Run:
    for permission in queries.needed_for(run, name):
        by.require(permission)
    if run.party != by.party:
        raise Refused(NOT_FOUND)
    if name not in run.files:
        raise Refused("no-file", name=name)
    return run


def take_file(*, by: Member, run: Run, name: str) -> Path:
    """A file of a run, for whoever may see what it holds."""
    _take(by=by, run=run, name=name)
    return run.folder / FILES[name]


@recorded("runs.read_report")
def _read(*, by: Member, run: Run) -> Run:
    for permission in queries.needed_for(run, "report.html"):
        by.require(permission)
    if run.party != by.party:
        raise Refused(NOT_FOUND)
    if "report.html" not in run.files:
        raise Refused("no-file", name="report.html")
    return run


def read_report(*, by: Member, run: Run) -> bytes:
    """The report of a run, to be read here, for whoever may see what it holds; that it was is in the journal."""
    _read(by=by, run=run)
    return (run.folder / FILES["report.html"]).read_bytes()


def begin(run: Run) -> bool:
    """Take a waiting run to work on it; False if it was cancelled or another worker has it."""
    now = timezone.now()
    return bool(
        Run.objects.filter(pk=run.pk, state=State.ASKED).update(state=State.RUNNING, started_at=now, ticked_at=now)
    )


@recorded("runs.finish")
def finish(*, by: Actor, run: Run, finding: Finding) -> Run:
    """Keep what was found; the run that stood before is superseded and stays readable."""
    # The one before gives way first: the database holds that a party has one standing run of a kind.
    earlier = [former.pk for former in Run.objects.filter(party=run.party, kind=run.kind, state=State.FINISHED)]
    Run.objects.filter(pk__in=earlier).update(state=State.SUPERSEDED)
    run.state = State.FINISHED
    run.ended_at = timezone.now()
    run.case_digest = finding.case_digest
    run.provenance = dict(finding.provenance)
    run.settings = dict(finding.settings)
    run.summary = dict(finding.summary)
    run.save()
    Run.objects.filter(pk__in=earlier).update(superseded_by=run)
    return run


@recorded("runs.stop")
def stopped(*, by: Worker, run: Run) -> Run:
    """Record that a run ended because someone had asked for that."""
    return _ended(run, State.CANCELLED)


@recorded("runs.fail")
def fail(*, by: Worker, run: Run, reason: str, detail: str = "") -> Run:
    """Record that a run ended without a result, and why."""
    return _ended(run, State.FAILED, reason=reason, detail=detail)


@recorded("runs.give_up")
def give_up(*, by: Worker, run: Run) -> Run:
    """Record that the worker that had this run is gone; it can be asked again."""
    return _ended(run, State.FAILED, reason="worker_stopped")


def _ended(run: Run, state: State, *, reason: str = "", detail: str = "") -> Run:
    run.state, run.reason, run.detail, run.ended_at = state, reason, detail, timezone.now()
    run.save(update_fields=("state", "reason", "detail", "ended_at"))
    shutil.rmtree(run.result, ignore_errors=True)
    return run
