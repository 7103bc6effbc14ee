"""The journal: every act, and every look at family or genetic data, in order and unalterable."""

from __future__ import annotations

from typing import Any

from django.db import models

from homeward.provenance import canonical_json, digest


class Record(models.Model):
    """One line of the journal. The database refuses to change or delete it (see the first migration)."""

    number = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=200)  # "arvad/m.oresk"; "server" for a command on the machine itself
    party = models.CharField(max_length=100, blank=True)  # the party for which the actor acted
    verb = models.CharField(max_length=100)  # "registry.add_person"
    object = models.CharField(max_length=300, blank=True)  # "person:M-03217"
    values = models.JSONField(default=dict)
    previous = models.CharField(max_length=80, blank=True)  # digest of the record before; empty in the first
    digest = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ("-number",)
        indexes = (
            models.Index(fields=("party", "-number"), name="journal_by_party"),
            models.Index(fields=("object", "-number"), name="journal_by_object"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.actor} {self.verb} {self.object}"

    def content(self) -> dict[str, Any]:
        """What the digest covers."""
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "actor": self.actor,
            "party": self.party,
            "verb": self.verb,
            "object": self.object,
            "values": self.values,
            "previous": self.previous,
        }

    def own_digest(self) -> str:
        return digest(canonical_json(self.content()).encode())
