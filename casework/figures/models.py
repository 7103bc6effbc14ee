"""Public counts: progress sheets by stream of remains, public statements, and every revision of both.

A cell is either counted from the records (a measure) or a claim with its source. Nothing else has a number.
What was published is never changed: a new revision supersedes it, and the old one stays readable.
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.figures.measures import Measure
from casework.parties.models import Member, Party


class Column(models.TextChoices):
    """The columns of a progress sheet; a headline stands above the table."""

    HEADLINE = "headline", _("Above the table")
    CONTAINERS = "containers", _("Containers received")
    INDIVIDUALS = "individuals", _("Individuals")
    ACCOUNTED = "accounted", _("Persons accounted for")


class State(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Titled(models.Model):
    """Something with a title in both languages."""

    title = models.CharField(max_length=300)
    title_ko = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    @property
    def shown_title(self) -> str:
        return (get_language() == "ko" and self.title_ko) or self.title


class Sheet(Titled):
    """A progress sheet: our own, counted from the records, or another's, reproduced as claims."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="sheets")
    code = models.SlugField(max_length=80)
    publisher = models.CharField(max_length=300)  # whose figures these are
    publisher_ko = models.CharField(max_length=300, blank=True)
    reproduces = models.CharField(max_length=300, blank=True)  # of another's sheet: what was published, where
    as_of = models.CharField(max_length=10, blank=True)  # of another's sheet; ours is as of its drawing up
    beside = models.ManyToManyField("self", blank=True)  # sheets to read it beside

    class Meta:
        ordering = ("code",)
        constraints = (models.UniqueConstraint(fields=("holder", "code"), name="one_sheet_of_a_code"),)

    def __str__(self) -> str:
        return self.title

    @property
    def shown_publisher(self) -> str:
        return (get_language() == "ko" and self.publisher_ko) or self.publisher

    @property
    def journal_name(self) -> str:
        return f"sheet:{self.code}"


class Stream(Titled):
    """A line of a sheet: remains that came by one way. Above all streams stand the headlines (no stream)."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="streams")
    position = models.PositiveSmallIntegerField()
    transfers = models.JSONField(default=list)  # numbers of the transfers that it came by
    accessions = models.JSONField(default=list)  # accession numbers of the laboratory

    class Meta:
        ordering = ("sheet", "position")
        constraints = (models.UniqueConstraint(fields=("sheet", "position"), name="one_stream_at_a_place"),)

    def __str__(self) -> str:
        return self.title


class Cell(models.Model):
    """Where a number of a sheet comes from: a claim, or a count of the records."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="cells")
    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, null=True, related_name="cells")
    column = models.CharField(max_length=20, choices=Column)
    position = models.PositiveSmallIntegerField(default=0)  # among several headlines
    claim = models.CharField(max_length=80, blank=True)  # code of a claim of the documents
    measure = models.CharField(max_length=40, blank=True, choices=Measure)
    notes = models.JSONField(default=list)  # marks of the footnotes it carries

    class Meta:
        ordering = ("sheet", "stream__position", "position", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(claim="") ^ models.Q(measure=""), name="a_cell_is_a_claim_or_a_count"
            ),
            models.UniqueConstraint(fields=("sheet", "stream", "column", "position"), name="one_number_in_a_cell"),
        )

    def __str__(self) -> str:
        return self.claim or self.measure


class Footnote(models.Model):
    """A definition or reservation that numbers of a sheet carry."""

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="footnotes")
    mark = models.CharField(max_length=3)
    text = models.TextField()
    text_ko = models.TextField(blank=True)

    class Meta:
        ordering = ("sheet", "mark")
        constraints = (models.UniqueConstraint(fields=("sheet", "mark"), name="one_footnote_of_a_mark"),)

    def __str__(self) -> str:
        return self.text

    @property
    def shown(self) -> str:
        return (get_language() == "ko" and self.text_ko) or self.text


class Revision(models.Model):
    """What a sheet or a statement said at one time: drawn up, then published; never changed afterwards."""

    number = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    content = models.JSONField()
    digest = models.CharField(max_length=80)
    drawn_up_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    drawn_up_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True)  # why it differs from the one before, or was withdrawn

    class Meta:
        abstract = True
        ordering = ("-number",)


class SheetRevision(Revision):
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="revisions")

    class Meta(Revision.Meta):
        constraints = (
            models.UniqueConstraint(fields=("sheet", "number"), name="one_sheet_revision_of_a_number"),
            models.UniqueConstraint(
                fields=("sheet",), condition=models.Q(state=State.PUBLISHED), name="one_published_sheet_stands"
            ),
        )

    def __str__(self) -> str:
        return f"{self.sheet}, {self.number}"

    @property
    def journal_name(self) -> str:
        return f"sheet:{self.sheet.code}"


class PublicStatement(Titled):
    """A text for the public, drafted from the records in both languages."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="public_statements")
    code = models.SlugField(max_length=80)
    since = models.DateField()  # the records it speaks of, from
    until = models.DateField()  # and up to

    class Meta:
        ordering = ("-until", "code")
        constraints = (models.UniqueConstraint(fields=("holder", "code"), name="one_public_statement_of_a_code"),)

    def __str__(self) -> str:
        return self.title

    @property
    def journal_name(self) -> str:
        return f"public-statement:{self.code}"


class StatementRevision(Revision):
    """Its content: the sentences as drafted, each with the records it says, and the text as someone left it."""

    statement = models.ForeignKey(PublicStatement, on_delete=models.PROTECT, related_name="revisions")

    class Meta(Revision.Meta):
        constraints = (
            models.UniqueConstraint(fields=("statement", "number"), name="one_statement_revision_of_a_number"),
            models.UniqueConstraint(
                fields=("statement",), condition=models.Q(state=State.PUBLISHED), name="one_published_statement_stands"
            ),
        )

    def __str__(self) -> str:
        return f"{self.statement}, {self.number}"

    @property
    def journal_name(self) -> str:
        return f"public-statement:{self.statement.code}"

    @property
    def text(self) -> dict[str, Any]:
        return dict(self.content["text"])
