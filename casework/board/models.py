"""What a run found about each of the remains: the comparison, and its leading candidates."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.runs.models import Run
from homeward.programme import NOT_LISTED, OTHER_LISTED, OUTSIDER


class Conclusion(models.TextChoices):
    """What the numbers allow a laboratory to propose; a board decides."""

    IDENTIFY = "identify", _("identification can be proposed")
    REVIEW = "review", _("to be reviewed")
    SYMMETRIC = "symmetric", _("cannot be told apart")
    NOT_LISTED = "not_listed", _("not on the list")
    OPEN = "open", _("open")
    DECIDED = "decided", _("decided earlier")


class Comparison(models.Model):
    """One individual's remains against everyone, as one run left it."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="comparisons")
    remains_id = models.CharField(max_length=100)
    merged = models.JSONField(default=list)  # the rows that are one individual
    sex = models.CharField(max_length=1, blank=True)
    markers_typed = models.PositiveIntegerField()
    conclusion = models.CharField(max_length=20, choices=Conclusion)
    best = models.CharField(max_length=120)
    best_log10_lr = models.FloatField(null=True)
    best_prior = models.FloatField()
    best_posterior = models.FloatField()
    best_label = models.CharField(max_length=20)
    best_error = models.FloatField()
    runner_up = models.CharField(max_length=120, blank=True)
    runner_up_posterior = models.FloatField(null=True)
    needed_log10_lr = models.FloatField(null=True)  # null: no LR would do
    sensitivity = models.JSONField(default=list)  # (share of the listed, posterior of best)
    explanation = models.JSONField(null=True)  # as result.json tells it; null for runs before it was told
    listed = models.FloatField()
    not_listed = models.FloatField()
    outsiders = models.JSONField(default=dict)
    symmetric = models.JSONField(default=list)  # persons whom these genetics cannot tell apart
    identical = models.JSONField(default=list)  # other remains that may be the same individual: (remains_id, log10 LR)

    class Meta:
        ordering = ("run", "remains_id")
        constraints = (
            models.UniqueConstraint(fields=("run", "remains_id"), name="one_comparison_of_remains_in_a_run"),
        )
        indexes = (models.Index(fields=("run", "-best_posterior"), name="board_by_posterior"),)

    def __str__(self) -> str:
        return self.remains_id

    @property
    def journal_name(self) -> str:
        return f"comparison:{self.remains_id}"


class Candidate(models.Model):
    """A leading hypothesis, with what each marker and each line of evidence contributes."""

    comparison = models.ForeignKey(Comparison, on_delete=models.CASCADE, related_name="candidates")
    rank = models.PositiveIntegerField()
    hypothesis = models.CharField(max_length=120)
    log10_lr = models.FloatField(null=True)
    log10_lr_all = models.FloatField(null=True)
    prior = models.FloatField()
    posterior = models.FloatField()
    label = models.CharField(max_length=20)
    error = models.FloatField()
    excluded = models.CharField(max_length=20, blank=True)  # genotype | sex | decision
    markers = models.JSONField(default=dict)  # marker -> log10 LR, null where impossible
    evidence = models.JSONField(default=dict)  # line -> log10 LR
    family_id = models.CharField(max_length=100, blank=True)
    family_state = models.CharField(max_length=20, blank=True)  # used | set_aside
    family_marker = models.CharField(max_length=40, blank=True)
    family_reason = models.CharField(max_length=40, blank=True)
    family_log10_likelihood = models.FloatField(null=True)
    family_typed = models.JSONField(default=list)

    class Meta:
        ordering = ("comparison", "rank")
        constraints = (models.UniqueConstraint(fields=("comparison", "hypothesis"), name="each_hypothesis_once"),)

    def __str__(self) -> str:
        return f"{self.comparison}: {self.hypothesis}"

    @property
    def is_person(self) -> bool:
        return self.hypothesis not in (NOT_LISTED, OTHER_LISTED) and not self.hypothesis.startswith(OUTSIDER)
