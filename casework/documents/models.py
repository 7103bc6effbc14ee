"""Files with their digest, and what is quoted from them: statements and claims, each with who said it."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Party


class MediaType(models.TextChoices):
    """What a file is by its content, whatever its name says. None is ever shown inside a page."""

    PDF = "application/pdf", _("PDF")
    PNG = "image/png", _("PNG picture")
    JPEG = "image/jpeg", _("JPEG picture")
    TEXT = "text/plain", _("plain text")
    HTML = "text/html", _("HTML, kept for download only")


class Attribution(models.TextChoices):
    NAMED = "named", _("a named person")
    ANONYMOUS = "anonymous", _("not named by the publisher")
    INSTITUTION = "institution", _("an institution")


class Unit(models.TextChoices):
    """What a number counts. Different units are never summed, nor compared."""

    CASES = "cases", _("cases")
    SETS = "sets", _("sets of remains")
    INDIVIDUALS = "individuals", _("individuals")
    INDIVIDUALS_ESTIMATED = "individuals_estimated", _("individuals, estimated")
    PERSONS = "persons", _("persons")
    FRAGMENTS = "fragments", _("fragments")
    CONTAINERS = "containers", _("containers")
    OTHER = "other", _("other")


class Qualifier(models.TextChoices):
    """How a source put its number."""

    EXACT = "exact", _("exactly")
    ABOUT = "about", _("about")
    MORE_THAN = "more_than", _("more than")
    AT_LEAST = "at_least", _("at least")
    UP_TO = "up_to", _("up to")


class Standing(models.TextChoices):
    """What became of a claim."""

    PROVISIONAL = "provisional", _("provisional")
    FINAL = "final", _("final")
    SUPERSEDED = "superseded", _("superseded")
    DISPUTED = "disputed", _("disputed")


class Document(models.Model):
    """A file by its digest, or a source that was only named. What was kept is never altered or removed."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="documents")
    digest = models.CharField(max_length=80, blank=True)  # "sha256:…"; empty where the source was named and not kept
    name = models.CharField(max_length=300, blank=True)  # of the file, as whoever kept it called it
    title = models.CharField(max_length=500)
    publisher = models.CharField(max_length=300, blank=True)
    language = models.CharField(max_length=20, blank=True)  # "en", "ko"
    dated = models.CharField(max_length=10, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    address = models.CharField(max_length=1000, blank=True)  # where it was published, as text
    media_type = models.CharField(max_length=40, choices=MediaType, blank=True)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    kept_as = models.CharField(max_length=100, blank=True)  # in UPLOADS/documents
    public = models.BooleanField(default=False)  # published: visible to every party
    remains_photograph = models.BooleanField(default=False)
    shown_to = models.ManyToManyField(Party, related_name="+", blank=True)  # who may see this one besides
    kept_by = models.CharField(max_length=200)
    kept_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-dated", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("holder", "digest"), condition=~models.Q(digest=""), name="one_document_of_a_digest"
            ),
            models.CheckConstraint(
                condition=~models.Q(public=True, remains_photograph=True), name="no_photograph_of_remains_is_public"
            ),
        )
        indexes = (
            models.Index(fields=("digest",), name="documents_by_digest"),
            models.Index(fields=("public", "holder"), name="documents_public"),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def journal_name(self) -> str:
        return f"document:{self.digest or self.pk}"

    @property
    def path(self) -> Path:
        return Path(settings.UPLOADS) / "documents" / self.kept_as


class Quotation(models.Model):
    """What someone said, word for word, and where it stands. Never altered: a mistake is quoted anew."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="quotations")
    page = models.CharField(max_length=40, blank=True)
    speaker = models.CharField(max_length=300, blank=True)  # empty where the publisher names nobody
    office = models.CharField(max_length=300, blank=True)
    publisher = models.CharField(max_length=300, blank=True)  # where it differs from the document's own
    attribution = models.CharField(max_length=20, choices=Attribution)
    text = models.TextField()
    language = models.CharField(max_length=20, blank=True)
    translation = models.TextField(blank=True)
    said_on = models.CharField(max_length=10, blank=True)
    quoted_by = models.CharField(max_length=200)
    quoted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.speaker or self.get_attribution_display()}: {self.text[:80]}"

    @property
    def journal_name(self) -> str:
        return f"quotation:{self.pk}"


class Claim(models.Model):
    """One thing that someone says: a number with its unit and date, or a sentence. Never an average of others.

    ``matter`` is what the claim is about, in short: claims with the same matter stand side by side.
    """

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=60)
    about = models.CharField(max_length=200)  # "programme", "transfer:T-2018-01", "session:…"
    topic = models.CharField(max_length=200, blank=True)  # what of it: "cases sent empty", "reason for the halt"
    claimant = models.CharField(max_length=300)
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    qualifier = models.CharField(max_length=20, choices=Qualifier, default=Qualifier.EXACT)
    value_text = models.TextField(blank=True)
    unit = models.CharField(max_length=30, choices=Unit, default=Unit.OTHER)
    scope = models.CharField(max_length=200, blank=True)  # "accounted for", "received"
    stream = models.CharField(max_length=200, blank=True)  # "208 caskets, 1990-1994"
    as_of = models.CharField(max_length=10, blank=True)
    status = models.CharField(max_length=20, choices=Standing, default=Standing.PROVISIONAL)
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )
    superseded_why = models.TextField(blank=True)
    quotation = models.ForeignKey(Quotation, on_delete=models.PROTECT, null=True, blank=True, related_name="claims")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="claims")
    page = models.CharField(max_length=40, blank=True)
    method = models.TextField(blank=True)  # how the claimant says it was counted
    matter = models.CharField(max_length=16)
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("about", "topic", "stream", "scope", "unit", "claimant", "as_of", "pk")
        constraints = (
            models.UniqueConstraint(fields=("holder", "code"), name="one_claim_of_a_code"),
            models.CheckConstraint(
                condition=models.Q(value__isnull=False) | ~models.Q(value_text=""), name="a_claim_says_something"
            ),
            models.CheckConstraint(
                condition=models.Q(superseded_by=None) | models.Q(status="superseded"), name="superseded_is_said"
            ),
        )
        indexes = (
            models.Index(fields=("about", "topic"), name="claims_by_about"),
            models.Index(fields=("matter", "claimant"), name="claims_by_matter"),
            models.Index(fields=("holder", "status"), name="claims_by_holder"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.claimant}"

    @property
    def journal_name(self) -> str:
        return f"claim:{self.code}"

    @property
    def number(self) -> Decimal | None:
        """The value without the zeros that the database adds."""
        if self.value is None:
            return None
        whole = self.value.to_integral_value()
        return whole if whole == self.value else self.value.normalize()

    @property
    def source(self) -> Document | None:
        """The document that it stands in."""
        return self.document


class Dispute(models.Model):
    """A party says that a claim is wrong, and why. The claim stays, marked; its claimant's words are not touched."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="disputes")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    status_before = models.CharField(max_length=20, choices=Standing)
    raised_by = models.CharField(max_length=200)
    raised_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("claim", "party"), condition=models.Q(withdrawn_at=None), name="one_dispute_of_a_party"
            ),
        )

    def __str__(self) -> str:
        return f"{self.party} disputes {self.claim}"


def matter_of(*, about: str, topic: str, scope: str, stream: str) -> str:
    """The key under which claims are compared: about the same topic where one is given, else scope and stream."""
    parts = (about, topic) if topic else (about, "", scope, stream)
    return hashlib.sha256("\x1f".join(part.strip().casefold() for part in parts).encode()).hexdigest()[:16]
