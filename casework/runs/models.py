"""Runs: computations done in the background, each with the exact case that it was asked about."""

from __future__ import annotations

import fcntl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Member, Party


class State(models.TextChoices):
    ASKED = "asked", _("Waiting for the worker")
    RUNNING = "running", _("Running")
    FINISHED = "finished", _("Finished")
    SUPERSEDED = "superseded", _("Superseded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


WORKING = (State.ASKED, State.RUNNING)
WITH_RESULT = (State.FINISHED, State.SUPERSEDED)


# What a finished run leaves, by the name under which it is offered.
FILES = {
    "case.zip": "case.zip",
    "report.html": "result/report.html",
    "result.json": "result/result.json",
    "pairs.csv": "result/pairs.csv",
    "assignments.csv": "result/assignments.csv",
    "families.csv": "result/families.csv",
    "quality.csv": "result/quality.csv",
    "power.csv": "result/power.csv",
    "relatives.csv": "result/relatives.csv",
    "plan.json": "result/plan.json",
    "plan.csv": "result/plan.csv",
    "plan.gpx": "result/plan.gpx",
    "plan.geojson": "result/plan.geojson",
    "reliability.csv": "result/reliability.csv",
}


class Kind(models.TextChoices):
    IDENTIFICATION = "identification", _("Identification")
    COMPARISON = "comparison", _("Comparison by all systems")
    QUALITY = "quality", _("Test of the references")
    POWER = "power", _("What the families can show")
    PLAN = "plan", _("Season’s plan")


class Run(models.Model):
    """One computation: what was asked, where it stands, and where its case and result lie.

    A finished run is never changed but for being superseded by a newer one.
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="runs")
    kind = models.CharField(max_length=30, choices=Kind, default=Kind.IDENTIFICATION)
    asked_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    purpose = models.CharField(max_length=300, blank=True)
    asked = models.JSONField(default=dict)  # what the one who asked chose
    language = models.CharField(max_length=2, choices=settings.LANGUAGES, default="en")  # of report.html

    state = models.CharField(max_length=12, choices=State, default=State.ASKED)
    stage = models.CharField(max_length=60, blank=True)  # the code that the science's tick gives
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ticked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    stop_asked = models.BooleanField(default=False)
    reason = models.CharField(max_length=30, blank=True)  # of a failure, a code: refused, unexpected, worker_stopped
    detail = models.TextField(blank=True)  # of a failure, what the science said
    superseded_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="supersedes")

    case_digest = models.CharField(max_length=80, blank=True)
    provenance = models.JSONField(default=dict)
    settings = models.JSONField(default=dict)  # what was assumed
    summary = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("party", "kind"), condition=models.Q(state__in=WORKING), name="one_run_at_work"
            ),
            models.UniqueConstraint(
                fields=("party", "kind"), condition=models.Q(state=State.FINISHED), name="one_finished_run_stands"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def journal_name(self) -> str:
        return f"run:{self.pk}"

    @property
    def folder(self) -> Path:
        return Path(settings.VAR) / "runs" / str(self.uuid)

    @property
    def case(self) -> Path:
        return self.folder / "case.zip"

    @property
    def result(self) -> Path:
        return self.folder / "result"

    @property
    def at_work(self) -> bool:
        return self.state in WORKING

    @property
    def has_result(self) -> bool:
        return self.state in WITH_RESULT

    @property
    def files(self) -> list[str]:
        """Names of the files that can be taken."""
        return [name for name, place in FILES.items() if (self.folder / place).exists()] if self.has_result else []

    @property
    def share_done(self) -> float:
        """Of the present stage, between 0 and 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def abandoned(self) -> bool:
        """Said to be running, but the worker that had it is gone: a dead process holds no lock."""
        return self.state == State.RUNNING and not self.is_held

    @property
    def is_held(self) -> bool:
        try:
            with self.lock(fcntl.LOCK_SH | fcntl.LOCK_NB):
                return False
        except BlockingIOError:
            return True

    @contextmanager
    def lock(self, kind: int = fcntl.LOCK_EX) -> Iterator[None]:
        """Hold the run while working on it. The system lets go when the process dies, however it dies."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self.folder / "lock").open("w") as file:
            fcntl.flock(file, kind)
            yield
