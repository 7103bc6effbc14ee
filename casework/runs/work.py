"""Carrying out a run in the worker: progress a few times a second, cancellation, and what became of it.

The app that asked brings the computation; nothing here knows what is computed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import monotonic

from django.db import transaction
from django.utils import timezone

from casework.runs import actions
from casework.runs.actions import Finding, Worker
from casework.runs.models import Run, State
from homeward.errors import Cancelled, HomewardError
from homeward.progress import Tick

SECONDS_BETWEEN_TICKS = 0.4
logger = logging.getLogger(__name__)

Compute = Callable[[Run, Tick], Finding]
Keep = Callable[[Run], None]


def carry_out(number: int, *, compute: Compute, keep: Keep) -> None:
    """Take a run that is waiting, compute it, and record what became of it.

    The lock is held all the while: a run that is said to be running and that nobody holds has lost its worker.
    """
    run = Run.objects.select_related("party").get(pk=number)
    with run.lock():
        if not actions.begin(run):
            return
        run.refresh_from_db()
        by = Worker.of(run)
        try:
            finding = compute(run, ticker(run))
            with transaction.atomic():
                actions.finish(by=by, run=run, finding=finding)
                keep(run)
        except Cancelled:
            actions.stopped(by=by, run=run)
        except HomewardError as refusal:
            actions.fail(by=by, run=run, reason="refused", detail=str(refusal)[:2000])
        except (SystemExit, KeyboardInterrupt):
            actions.give_up(by=by, run=run)
            raise
        except Exception as problem:
            logger.exception("run %s failed", run.pk)
            actions.fail(by=by, run=run, reason="unexpected", detail=f"{type(problem).__name__}: {problem}"[:2000])


def ticker(run: Run) -> Tick:
    """A tick that writes where the run stands, seldom enough, and stops it when that was asked."""
    written_at = 0.0
    written_stage = ""

    def tick(stage: str, done: int, total: int) -> None:
        nonlocal written_at, written_stage
        now = monotonic()
        if stage == written_stage and now - written_at < SECONDS_BETWEEN_TICKS:
            return
        written_at, written_stage = now, stage
        at_work = Run.objects.filter(pk=run.pk, state=State.RUNNING, stop_asked=False)
        if not at_work.update(stage=stage, done=done, total=total, ticked_at=timezone.now()):
            raise Cancelled(f"run {run.pk} was stopped")

    return tick
