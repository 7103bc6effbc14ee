"""The missing, the incidents in which they were lost, and their families."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from casework.parties.models import Party


class Status(models.TextChoices):
    MISSING = "missing", _("unaccounted for")
    ACCOUNTED_FOR = "accounted_for", _("accounted for")
    FOUND_ALIVE = "found_alive", _("found alive")
    REMOVED = "removed", _("removed from the list")


class Sex(models.TextChoices):
    MALE = "M", _("male")
    FEMALE = "F", _("female")
    UNKNOWN = "U", _("not stated")


class Held(models.Model):
    """A record that a party holds. The other side does not see it unless it was disclosed."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    absent = models.JSONField(default=dict)  # column -> why it is empty: untested, withheld, not_found
    extra = models.JSONField(default=dict)  # columns of its file that we do not know, kept as they came

    class Meta:
        abstract = True


class Entered(Held):
    """A record that a file brings in, or that a member enters here; who and when, of the latter."""

    entered_by = models.CharField(max_length=200, blank=True)
    entered_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Incident(Held):
    """An event in which people were lost."""

    class Kind(models.TextChoices):
        BATTLE = "battle", _("battle")
        CAMP = "camp", _("camp")
        MARCH = "march", _("march")
        AIRCRAFT = "aircraft", _("aircraft")
        CEMETERY = "cemetery", _("cemetery")
        OTHER = "other", _("other")

    incident_id = models.CharField(max_length=100)
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=300, blank=True)
    date = models.CharField(max_length=10, blank=True)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    radius_m = models.FloatField(null=True)
    grid_original = models.CharField(max_length=200, blank=True)
    datum = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("date", "incident_id")
        constraints = (models.UniqueConstraint(fields=("holder", "incident_id"), name="one_incident_of_a_number"),)

    def __str__(self) -> str:
        return self.name or self.incident_id

    @property
    def journal_name(self) -> str:
        return f"incident:{self.incident_id}"


class MissingPerson(Held):
    """One of the missing, as the holder's roster has him."""

    person_id = models.CharField(max_length=100)
    family_name = models.CharField(max_length=200, blank=True)
    given_name = models.CharField(max_length=200, blank=True)
    name_native = models.CharField(max_length=200, blank=True)
    sex = models.CharField(max_length=1, choices=Sex)
    birth_date = models.CharField(max_length=10, blank=True)
    population = models.CharField(max_length=100, blank=True)
    affiliation = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=300, blank=True)
    service_number = models.CharField(max_length=100, blank=True)
    stature_cm = models.FloatField(null=True)
    incident_id = models.CharField(max_length=100, blank=True)
    lost_on = models.CharField(max_length=10, blank=True)
    lost_until = models.CharField(max_length=10, blank=True)
    last_seen_lat = models.FloatField(null=True)
    last_seen_lon = models.FloatField(null=True)
    last_seen_radius_m = models.FloatField(null=True)
    status = models.CharField(max_length=20, choices=Status)
    search_text = models.TextField(editable=False)  # every spelling and number, as spelling.py writes them

    class Meta:
        ordering = ("person_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "person_id"), name="one_person_of_a_number"),)
        indexes = (
            models.Index(fields=("holder", "status", "person_id"), name="persons_by_status"),
            models.Index(fields=("holder", "incident_id", "person_id"), name="persons_by_incident"),
        )

    def __str__(self) -> str:
        return self.person_id

    @property
    def name(self) -> str:
        """The name in Latin letters, family name first as in the source."""
        return f"{self.family_name} {self.given_name}".strip()

    @property
    def journal_name(self) -> str:
        return f"person:{self.person_id}"


class Family(Held):
    """A family: who descends from whom, and which of them are missing."""

    family_id = models.CharField(max_length=100)

    class Meta:
        ordering = ("family_id",)
        constraints = (models.UniqueConstraint(fields=("holder", "family_id"), name="one_family_of_a_number"),)

    def __str__(self) -> str:
        return self.family_id

    @property
    def journal_name(self) -> str:
        return f"family:{self.family_id}"


class FamilyMember(Held):
    """A member of a family, by number; names of the living are not kept here."""

    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="members")
    member_id = models.CharField(max_length=100)
    father_id = models.CharField(max_length=100, blank=True)
    mother_id = models.CharField(max_length=100, blank=True)
    sex = models.CharField(max_length=1, choices=Sex)
    population = models.CharField(max_length=100, blank=True)
    person_id = models.CharField(max_length=100, blank=True)
    twin_of = models.CharField(max_length=100, blank=True)
    inbreeding = models.FloatField(null=True)  # of a founder

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("holder", "member_id"), name="one_family_member_of_a_number"),
            models.UniqueConstraint(
                fields=("holder", "person_id"), condition=~models.Q(person_id=""), name="a_person_in_one_family"
            ),
        )

    def __str__(self) -> str:
        return self.member_id
