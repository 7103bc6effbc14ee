"""Files that a party hands in: read at once, brought in only when someone says so."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Party


class State(models.TextChoices):
    ACCEPTED = "accepted", _("read, ready to bring in")
    REJECTED = "rejected", _("not accepted")
    BROUGHT_IN = "brought_in", _("brought in")
    DISCARDED = "discarded", _("discarded")


class Delivery(models.Model):
    """One file and what its reading gave: rows per file, every rejected row, and what differs from our records."""

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="deliveries")
    name = models.CharField(max_length=300)  # as the person who handed it in called it
    kept_as = models.CharField(max_length=100)  # file in UPLOADS; empty for a folder that stays where it is
    handed_in_by = models.CharField(max_length=200)
    handed_in_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=20, choices=State)
    rows = models.JSONField(default=dict)  # file -> rows accepted
    new_rows = models.JSONField(default=dict)  # file -> rows that we do not have yet
    faults = models.JSONField(default=list)
    faults_in_all = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list)
    conflicts = models.JSONField(default=list)  # [file, identifier] of rows that say otherwise than ours
    conflicts_in_all = models.PositiveIntegerField(default=0)
    digest = models.CharField(max_length=80, blank=True)  # of the programme's content
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def journal_name(self) -> str:
        return f"delivery:{self.pk}"

    @property
    def path(self) -> Path:
        return Path(settings.UPLOADS) / self.kept_as


class Parcel(models.Model):
    """A sealed bundle given out to another party, or handed in from one, with what verifying it gave."""

    class Direction(models.TextChoices):
        IN = "in", _("handed in")
        OUT = "out", _("given out")

    class State(models.TextChoices):
        READ = "read", _("verified, ready to bring in")
        REFUSED = "refused", _("not accepted")
        BROUGHT_IN = "brought_in", _("brought in")
        DISCARDED = "discarded", _("discarded")
        GIVEN_OUT = "given_out", _("given out")

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="parcels")
    other = models.CharField(max_length=100, blank=True)  # code of the party it comes from or goes to, as it says
    direction = models.CharField(max_length=3, choices=Direction)
    name = models.CharField(max_length=300)
    kept_as = models.CharField(max_length=100, blank=True)  # file in UPLOADS while it may still be brought in
    digest = models.CharField(max_length=80)  # of the whole file
    handled_by = models.CharField(max_length=200)
    handled_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=20, choices=State)
    verdict = models.CharField(max_length=20, blank=True)  # valid, unanchored, broken
    made_at = models.CharField(max_length=30, blank=True)  # as the bundle says
    faults = models.JSONField(default=list)
    faults_in_all = models.PositiveIntegerField(default=0)
    notes = models.JSONField(default=list)
    contents = models.JSONField(default=dict)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def journal_name(self) -> str:
        return f"bundle:{self.digest}"

    @property
    def path(self) -> Path:
        return Path(settings.UPLOADS) / self.kept_as
