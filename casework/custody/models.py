"""Containers, items and transfers: who holds what, since when, and on whose word.

Each party keeps its own record of a container, also of one that another party numbered: what the two
records say may differ, and neither is made to agree with the other. What happened is a list of events
that nobody can change or delete (see ``guards.py``); states, places and keepers are what the events say.
"""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.agreements.models import Commitment
from casework.custody.life import ItemState, State
from casework.custody.numbers import key_of, squeezed
from casework.custody.words import said
from casework.parties.models import Party


class Numbered(models.Model):
    """Something with a number that is never given to anything else, also after it was voided."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")  # whose record this is
    number = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    squeezed = models.CharField(max_length=100, db_index=True)
    note = models.TextField(blank=True)
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.TextField(blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.number

    def save(self, *args: object, **kwargs: object) -> None:
        self.key, self.squeezed = key_of(self.number), squeezed(self.number)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Container(Numbered):
    """A case, box or bag, as one party has it in its record. A container is never assumed to be a person."""

    class Kind(models.TextChoices):
        CASE = "case", _("case")
        BOX = "box", _("box")
        CASKET = "casket", _("casket")
        BAG = "bag", _("bag")
        ENVELOPE = "envelope", _("envelope")
        TUBE = "tube", _("tube")
        OTHER = "other", pgettext_lazy("container", "other")

    numbered_by = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")  # whose number, and whose case
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.CASE)
    state = models.CharField(max_length=20, choices=State)
    keeper = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")  # who has it, by this record
    store = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=200, blank=True)  # shelf, rack, room within the store

    class Meta:
        ordering = ("key", "pk")
        constraints = (
            models.UniqueConstraint(fields=("holder", "numbered_by", "key"), name="one_container_of_a_number"),
        )
        indexes = (
            models.Index(fields=("holder", "state", "key"), name="containers_by_state"),
            models.Index(fields=("holder", "store", "key"), name="containers_by_store"),
        )

    @property
    def journal_name(self) -> str:
        return f"container:{self.number}"

    @property
    def is_here(self) -> bool:
        """Whether the party whose record this is has it itself."""
        return self.keeper_id == self.holder_id

    @property
    def whole_seals(self) -> list[Seal]:
        """The seals that should be whole on it now."""
        return [seal for seal in self.seals.all() if seal.broken_at is None and seal.voided_at is None]

    @property
    def shelf(self) -> str:
        return ", ".join(part for part in (self.store, self.place) if part)


class Item(Numbered):
    """Remains, material, an effect, a sample or a document, and what it was taken from."""

    class Kind(models.TextChoices):
        REMAINS = "remains", _("remains")
        MATERIAL = "material", _("material")
        EFFECT = "effect", _("personal effect")
        SAMPLE = "sample", _("sample")
        DOCUMENT = "document", _("document")

    kind = models.CharField(max_length=20, choices=Kind)
    state = models.CharField(max_length=20, choices=ItemState, default=ItemState.HELD)
    description = models.CharField(max_length=300, blank=True)
    origin = models.CharField(max_length=300, blank=True)  # where it was found, in the words of its source
    bag = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    bags = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    container = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, blank=True, related_name="items")
    store = models.CharField(max_length=200, blank=True)  # where it lies when it is in no container
    place = models.CharField(max_length=200, blank=True)
    parents = models.ManyToManyField("self", symmetrical=False, through="Descent", related_name="children")

    class Meta:
        ordering = ("key", "pk")
        constraints = (
            models.UniqueConstraint(fields=("holder", "key"), name="one_item_of_a_number"),
            models.CheckConstraint(
                condition=models.Q(bag=None, bags=None) | models.Q(bag__gte=1, bag__lte=models.F("bags")),
                name="bag_n_of_no_fewer",
            ),
        )
        indexes = (models.Index(fields=("holder", "kind", "key"), name="items_by_kind"),)

    @property
    def journal_name(self) -> str:
        return f"item:{self.number}"

    @property
    def shelf(self) -> str:
        return ", ".join(part for part in (self.store, self.place) if part)


class Descent(models.Model):
    """An item was taken from another: by splitting, merging or sampling. Both are kept."""

    child = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="descents")
    parent = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("child", "parent"), name="one_descent"),
            models.CheckConstraint(condition=~models.Q(child=models.F("parent")), name="taken_from_another"),
        )

    def __str__(self) -> str:
        return f"{self.child} ← {self.parent}"


class Identifier(models.Model):
    """A number that an office gave to a container or an item; one thing has many."""

    class Office(models.TextChoices):
        FIELD = "field", _("field number")
        LABORATORY = "laboratory", _("laboratory number")
        DNA = "dna", _("DNA laboratory’s number")
        SENDER = "sender", _("sender’s number")
        RECEIVER = "receiver", _("receiver’s number")
        OLD = "old", _("number in old files")
        OTHER = "other", pgettext_lazy("number", "other number")

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    office = models.CharField(max_length=20, choices=Office)
    number = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    squeezed = models.CharField(max_length=100, db_index=True)
    container = models.ForeignKey(
        Container, on_delete=models.PROTECT, null=True, blank=True, related_name="identifiers"
    )
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, blank=True, related_name="identifiers")

    class Meta:
        ordering = ("office", "key")
        constraints = (
            models.UniqueConstraint(fields=("holder", "office", "key"), name="one_thing_of_an_office_number"),
            models.CheckConstraint(
                condition=models.Q(container=None) ^ models.Q(item=None), name="number_of_one_thing"
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_office_display()} {self.number}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.key, self.squeezed = key_of(self.number), squeezed(self.number)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Condition(models.TextChoices):
    """How a seal was found."""

    WHOLE = "whole", said("seal_condition.whole")
    BROKEN = "broken", said("seal_condition.broken")
    MISSING = "missing", said("seal_condition.missing")
    NONE = "none", said("seal_condition.none")


class Seal(models.Model):
    """A numbered seal on a container. How it was found each time is an event."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="seals")
    number = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    squeezed = models.CharField(max_length=100, db_index=True)
    applied_by = models.CharField(max_length=300, blank=True)  # name and party, as known to this record
    applied_at = models.DateTimeField(null=True, blank=True)  # absent where only another's word tells of it
    condition = models.CharField(max_length=10, choices=Condition, default=Condition.WHOLE)  # as last found
    found_at = models.DateTimeField(null=True, blank=True)  # when it was last looked at
    broken_at = models.DateTimeField(null=True, blank=True)  # opened, or first found not whole
    voided_at = models.DateTimeField(null=True, blank=True)  # its application was entered by mistake

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("container", "key"), name="one_seal_of_a_number"),)
        indexes = (models.Index(fields=("holder", "key"), name="seals_by_number"),)

    def __str__(self) -> str:
        return self.number

    def save(self, *args: object, **kwargs: object) -> None:
        self.key, self.squeezed = key_of(self.number), squeezed(self.number)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class CustodyEvent(models.Model):
    """Something that happened to a container or an item. The database refuses to change or delete it."""

    class Kind(models.TextChoices):
        ENTERED = "entered", _("entered in the record")
        COLLECTED = "collected", _("collected")
        PACKED = "packed", _("packed")
        UNPACKED = "unpacked", _("taken out")
        SEALED = "sealed", pgettext_lazy("event", "sealed")
        CHECKED = "checked", _("seal checked")
        OPENED = "opened", pgettext_lazy("event", "opened")
        WEIGHED = "weighed", _("weighed")
        MOVED = "moved", _("moved")
        SPLIT = "split", pgettext_lazy("event", "split")
        MERGED = "merged", pgettext_lazy("event", "merged")
        SAMPLED = "sampled", _("sampled")
        CONSUMED = "consumed", pgettext_lazy("event", "consumed")
        ISSUED = "issued", _("sent empty")
        TRANSFERRED = "transferred", _("handed over")
        RECEIVED = "received", pgettext_lazy("event", "received")
        NOT_RECEIVED = "not_received", _("counted as not received")
        RETURNED = "returned", _("returned")
        UNRETURNED = "unreturned", _("declared not returned")
        LOST = "lost", _("declared lost")
        FOUND = "found", _("found again")
        RELEASED = "released", pgettext_lazy("event", "released to the family")
        COUNTED = "counted", _("counted in a stock-taking")
        NUMBERED = "numbered", _("given another number")
        INSPECTED = "inspected", pgettext_lazy("event", "inspected")
        AFFILIATED = "affiliated", _("affiliation decided without a name")
        VOIDED = "voided", _("voided")

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="events")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="events")
    seal = models.ForeignKey(Seal, on_delete=models.PROTECT, null=True, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()  # when it happened
    zone = models.CharField(max_length=50, default="UTC")  # where: the local time is shown beside
    recorded_at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=200)
    by = models.CharField(max_length=300, blank=True)  # name and office of who did it
    state = models.CharField(max_length=20, blank=True)  # the container's or the item's state from here on
    keeper = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, related_name="+")  # who has it from here on
    store = models.CharField(max_length=200, blank=True)
    place = models.CharField(max_length=200, blank=True)
    condition = models.CharField(max_length=10, choices=Condition, blank=True)
    note = models.TextField(blank=True)
    subject = models.CharField(max_length=200, blank=True)  # "transfer:T-2018-01", "stock-taking:S-3"
    statement = models.CharField(max_length=80, blank=True)  # digest of the sealed statement that says so
    voids = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="voided_by")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(container=None, item=None), name="happened_to_something"),
        )
        indexes = (models.Index(fields=("holder", "subject"), name="events_by_subject"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.container or self.item}"

    @property
    def journal_name(self) -> str:
        return f"custody-event:{self.pk}"


class Weighing(models.Model):
    """What a container or an item weighed, on which scale. The database refuses to change or delete it."""

    event = models.OneToOneField(CustodyEvent, on_delete=models.PROTECT, related_name="weighing")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="weighings")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="weighings")
    weight_g = models.PositiveIntegerField()
    scale = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=models.Q(container=None) ^ models.Q(item=None), name="weighed_one_thing"),
        )

    def __str__(self) -> str:
        return f"{self.weight_g} g"


class StockTake(models.Model):
    """A store counted against the record: what should lie there, and what was found."""

    class State(models.TextChoices):
        COUNTING = "counting", _("counting")
        SIGNED_OFF = "signed_off", _("signed off")
        ABANDONED = "abandoned", _("abandoned")

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    store = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=State, default=State.COUNTING)
    begun_at = models.DateTimeField()
    begun_by = models.CharField(max_length=300)
    signed_off_at = models.DateTimeField(null=True)
    signed_off_by = models.CharField(max_length=300, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=("holder", "number"), name="one_stocktake_of_a_number"),
            models.UniqueConstraint(
                fields=("holder", "store"),
                condition=models.Q(state="counting"),
                name="one_stocktake_of_a_store_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"S-{self.number}"

    @property
    def journal_name(self) -> str:
        return f"stock-taking:S-{self.number}"


class StockLine(models.Model):
    """One number of a stock-taking: what the record says of it and what was found."""

    class Result(models.TextChoices):
        PRESENT = "present", _("present")
        MISSING = "missing", pgettext_lazy("stock-taking", "missing")
        UNEXPECTED = "unexpected", _("unexpected")
        WRONG_PLACE = "wrong_place", _("in another place")
        SEAL_DIFFERS = "seal_differs", _("seal differs")

    take = models.ForeignKey(StockTake, on_delete=models.PROTECT, related_name="lines")
    number = models.CharField(max_length=100)  # as the record writes it, or as it was found
    key = models.CharField(max_length=100)
    container = models.ForeignKey(Container, on_delete=models.PROTECT, null=True, related_name="stock_lines")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="stock_lines")
    listed = models.BooleanField()  # the record says that it lies in this store
    listed_place = models.CharField(max_length=200, blank=True)
    listed_seals = models.JSONField(default=list)
    found = models.BooleanField(default=False)
    found_place = models.CharField(max_length=200, blank=True)  # empty: nobody said where
    found_seals = models.JSONField(null=True)  # null: nobody looked at the seals
    entered_by = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=20, choices=Result, blank=True)
    explanation = models.TextField(blank=True)
    explained_by = models.CharField(max_length=200, blank=True)
    explained_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("key", "pk")
        constraints = (models.UniqueConstraint(fields=("take", "key"), name="one_stock_line_of_a_number"),)
        indexes = (models.Index(fields=("take", "result", "key"), name="stock_lines_by_result"),)

    def __str__(self) -> str:
        return self.number

    def save(self, *args: object, **kwargs: object) -> None:
        self.key = key_of(self.number)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class TransferState(models.TextChoices):
    """How far a transfer has come, as its statements give it (``homeward.seals.transfer``)."""

    DRAFT = "draft", said("transfer.state.draft")
    PROPOSED = "proposed", said("transfer.state.proposed")
    MANIFEST_AGREED = "manifest_agreed", said("transfer.state.manifest_agreed")
    SEALED = "sealed", said("transfer.state.sealed")
    HANDED_OVER = "handed_over", said("transfer.state.handed_over")
    RECEIVED = "received", said("transfer.state.received")
    RECEIVED_WITH_RESERVATIONS = "received_with_reservations", said("transfer.state.received_with_reservations")
    INSPECTED_JOINTLY = "inspected_jointly", said("transfer.state.inspected_jointly")
    INSPECTED_ALONE = "inspected_alone", said("transfer.state.inspected_alone")
    DISCREPANCY_OPEN = "discrepancy_open", said("transfer.state.discrepancy_open")
    RECONCILED = "reconciled", said("transfer.state.reconciled")
    CLOSED = "closed", said("transfer.state.closed")
    REFUSED = "refused", said("transfer.state.refused")
    ABORTED = "aborted", said("transfer.state.aborted")


class Transfer(models.Model):
    """Containers that one party hands to another, through a neutral where there is one.

    What it says of itself beyond the plan is a copy of what its statements give, for lists and searches;
    a page asks the statements. Until one of them is signed it is a draft that only its own side sees.
    """

    number = models.CharField(max_length=50, blank=True)  # empty in a draft; given when it is proposed
    drafted_by = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    sender = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    through = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    planned_for = models.CharField(max_length=10, blank=True)
    place = models.CharField(max_length=300, blank=True)
    level = models.CharField(max_length=300, blank=True)
    purpose = models.CharField(max_length=300, blank=True)
    terms_en = models.TextField(blank=True)
    terms_ko = models.TextField(blank=True)
    own_numbers = models.JSONField(default=dict)  # party -> the number it gives this transfer in its own files
    fulfils = models.ManyToManyField(Commitment, blank=True, related_name="transfers")
    made_at = models.DateTimeField(auto_now_add=True)
    shared_at = models.DateTimeField(null=True)  # when the first statement about it was signed
    state = models.CharField(max_length=30, choices=TransferState, default=TransferState.DRAFT)
    since = models.DateTimeField(null=True)  # when it came into this state
    lines = models.PositiveIntegerField(default=0)  # of the manifest that holds
    handed_over = models.PositiveIntegerField(default=0)  # containers, by the giver's count
    received = models.PositiveIntegerField(default=0)  # containers, by the receiver's
    open_questions = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("number",), condition=~models.Q(number=""), name="one_transfer_of_a_number"
            ),
            models.CheckConstraint(condition=~models.Q(sender=models.F("receiver")), name="given_to_another"),
        )

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """Its number; a draft has none yet."""
        return self.number or f"draft-{self.pk}"

    @property
    def subject(self) -> str:
        """What its statements are about."""
        return f"transfer:{self.number}"

    @property
    def journal_name(self) -> str:
        return f"transfer:{self.code}"

    @property
    def parties(self) -> list[Party]:
        return [self.sender, self.receiver, *([self.through] if self.through else [])]

    @property
    def numbers(self) -> list[tuple[Party, str]]:
        """The numbers that the parties give it in their own files."""
        return [(party, self.own_numbers[party.code]) for party in self.parties if party.code in self.own_numbers]


class ManifestLine(models.Model):
    """A line as the sender draws it up. The other side sees it when it stands in a manifest, not before."""

    class Content(models.TextChoices):
        REMAINS = "remains", said("content.remains")
        EFFECTS = "effects", said("content.effects")
        MATERIAL = "material", said("content.material")
        DOCUMENTS = "documents", said("content.documents")
        EMPTY = "empty", said("content.empty")

    class ClaimAbout(models.TextChoices):
        NAME = "name", said("claim.about.name")
        COUNT = "count", said("claim.about.count")
        PLACE = "place", said("claim.about.place")
        OTHER = "other", said("claim.about.other")

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="manifest_lines")
    line = models.PositiveIntegerField()
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="manifest_lines")
    content = models.CharField(max_length=20, choices=Content, default=Content.REMAINS)
    bags = models.PositiveSmallIntegerField(default=1)
    description = models.CharField(max_length=500, blank=True)
    origin = models.CharField(max_length=300, blank=True)
    claim_about = models.CharField(max_length=10, choices=ClaimAbout, blank=True)
    claim = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("line",)
        constraints = (models.UniqueConstraint(fields=("transfer", "container"), name="one_line_of_a_container"),)

    def __str__(self) -> str:
        return f"{self.line} {self.container}"
