"""What was said and signed: statements with their exact bytes, signatures, and each party's append-only log.

The bytes of a statement are made once; the database refuses to change them, or an entry or a node of a log
(see ``guards.py``). Everything else here can be computed again from them.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Party


class Statement(models.Model):
    """One statement: the bytes that are signed, and what of them is needed to find it again."""

    digest = models.CharField(max_length=71, unique=True)  # "sha256:" and 64 hexadecimal digits
    payload = models.BinaryField()
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=200, db_index=True)  # "transfer:T-2018-01"
    programme = models.CharField(max_length=300)
    author = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="statements_made")
    made_at = models.DateTimeField()
    prepared_by = models.CharField(max_length=200)  # who wrote it here, or brought it in
    recorded_at = models.DateTimeField(auto_now_add=True)
    spoken_at = models.DateTimeField(null=True)  # its author has signed it
    spoken = models.PositiveBigIntegerField(null=True, unique=True)  # the order in which authors signed
    stands = models.BooleanField(default=False)  # every signer has signed it
    stands_at = models.DateTimeField(null=True)
    faults = models.JSONField(default=list)  # why it makes no sense, where it came so in a file; then nothing follows
    voided_by = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="voids")
    discarded_at = models.DateTimeField(null=True)  # put aside by its author before anybody signed

    class Meta:
        ordering = ("-recorded_at", "-pk")
        indexes = (models.Index(fields=("kind", "subject"), name="seals_by_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.digest[7:15]}"

    @property
    def journal_name(self) -> str:
        return f"statement:{self.digest}"

    @property
    def awaited(self) -> str:
        """The parties that have not signed yet, by name."""
        return ", ".join(signer.party.shown_name for signer in self.signers.all() if signer.signed_at is None)


class Signer(models.Model):
    """A party that a statement asks to sign, and its signature once it has."""

    class Role(models.TextChoices):
        AUTHOR = "author", _("author")
        COUNTERSIGNER = "countersigner", _("countersigner")
        WITNESS = "witness", _("witness")

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="signers")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="signatures")
    order = models.PositiveSmallIntegerField()  # as in the statement, the author first
    fingerprint = models.CharField(max_length=64, blank=True)  # empty: this party signs on paper
    role = models.CharField(max_length=20, choices=Role)
    signed_at = models.DateTimeField(null=True)  # when it was recorded here
    sig = models.BinaryField(null=True)
    on_paper = models.BooleanField(default=False)

    class Meta:
        ordering = ("statement", "order")
        constraints = (models.UniqueConstraint(fields=("statement", "party"), name="each_party_signs_once"),)
        indexes = (models.Index(fields=("party", "signed_at"), name="seals_awaiting"),)

    def __str__(self) -> str:
        return f"{self.party.code} {self.role}"

    @property
    def journal_name(self) -> str:
        return f"signer:{self.party.code}/{self.statement.digest}"


class Reader(models.Model):
    """A party that may see a statement: it signs it, is named in it, or it was shown to it."""

    class Why(models.TextChoices):
        SIGNER = "signer", _("signs it")
        NAMED = "named", _("is named in it")
        SHOWN = "shown", _("it was shown to it")

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="readers")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="readable")
    why = models.CharField(max_length=10, choices=Why)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("statement", "party"), name="reads_a_statement_once"),)

    def __str__(self) -> str:
        return f"{self.party.code} {self.why}"


class Opening(models.Model):
    """What a commitment of a statement stands for, as one party may know it; a row for each party that may.

    The bytes that were signed hold the commitment alone, so a row can be erased without touching them.
    """

    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="openings")
    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="openings")
    path = models.CharField(max_length=200)  # where in the body it stands, as a JSON pointer
    salt = models.BinaryField()
    value = models.BinaryField()  # canonical bytes
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("statement", "pk")
        constraints = (models.UniqueConstraint(fields=("statement", "holder", "path"), name="opens_a_place_once"),)

    def __str__(self) -> str:
        return f"{self.holder.code} {self.path}"

    @property
    def journal_name(self) -> str:
        return f"opening:{self.statement.digest}"


class Entry(models.Model):
    """A line of a party's log: one signature on one statement, in the order in which they came."""

    log = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="entries")
    index = models.PositiveBigIntegerField()
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="entries")
    fingerprint = models.CharField(max_length=64)
    leaf = models.BinaryField()  # the entry's canonical bytes, before hashing
    appended_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("log", "index")
        constraints = (
            models.UniqueConstraint(fields=("log", "index"), name="one_entry_an_index"),
            models.UniqueConstraint(fields=("log", "statement", "fingerprint"), name="a_signature_is_logged_once"),
        )

    def __str__(self) -> str:
        return f"{self.log.code} {self.index}"


class Node(models.Model):
    """The hash of a perfect subtree of a log: level 0 are the leaves."""

    log = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    index = models.PositiveBigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("log", "level", "index"), name="one_hash_a_node"),)

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Checkpoint(models.Model):
    """The state of a log here at one time, signed by the installation; and who has cosigned it since."""

    log = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="checkpoints")
    size = models.PositiveBigIntegerField()
    root = models.BinaryField()
    note = models.TextField()  # with every signature that it has by now
    cosigned_by = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-size", "-pk")

    def __str__(self) -> str:
        return f"{self.log.code} {self.size}"

    @property
    def journal_name(self) -> str:
        return f"checkpoint:{self.log.code}/{self.size}"


class ForeignLog(models.Model):
    """Another party's log as one party here knows it: whose, under which installation's key, and how far cosigned."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="foreign_logs")
    origin = models.CharField(max_length=200)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="logs_elsewhere")
    installation = models.CharField(max_length=64)  # fingerprint of the key that signs its checkpoints
    note = models.TextField(blank=True)  # the last checkpoint that the holder has cosigned
    offered = models.TextField(blank=True)  # a newer one that was proved to continue it and awaits cosigning
    proof = models.BinaryField(blank=True)  # that proof, as the file that goes with it
    introduced_in = models.CharField(max_length=300)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("holder", "origin")
        constraints = (models.UniqueConstraint(fields=("holder", "origin"), name="one_record_a_foreign_log"),)

    def __str__(self) -> str:
        return self.origin

    @property
    def journal_name(self) -> str:
        return f"log:{self.origin}"

    @property
    def cosigned_size(self) -> int:
        """Entries of the checkpoint cosigned last."""
        return _size(self.note)

    @property
    def offered_size(self) -> int:
        """Entries of the checkpoint that awaits cosigning."""
        return _size(self.offered)


def _size(note: str) -> int:
    return int(note.split("\n", 2)[1]) if note else 0
