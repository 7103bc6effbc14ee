"""The parties to the programme and their members."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.parties.permissions import Role, allowed
from casework.parties.refusal import NOT_PERMITTED, Refused


class Party(models.Model):
    """A side, or the neutral between the sides. Every record is held by one."""

    code = models.SlugField(unique=True, max_length=50)
    name = models.CharField(max_length=200)
    name_ko = models.CharField(max_length=200, blank=True)
    neutral = models.BooleanField(default=False)
    programme_name = models.CharField(max_length=300, blank=True)  # of the programme it has brought in

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The party's name in the reader's language."""
        return (get_language() == "ko" and self.name_ko) or self.name

    @property
    def journal_name(self) -> str:
        return f"party:{self.code}"


class Member(models.Model):
    """Someone who acts for one party, in one or more roles."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="membership")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="members")
    office = models.CharField(max_length=200, blank=True)
    roles = models.JSONField(default=list)
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ("party", "user__username")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.user.get_full_name() or self.user.get_username()

    @property
    def role_names(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]

    @property
    def actor(self) -> str:
        return f"{self.party.code}/{self.user.get_username()}"

    @property
    def party_code(self) -> str:
        return self.party.code

    @property
    def journal_name(self) -> str:
        return f"member:{self.actor}"

    def may(self, permission: str) -> bool:
        return self.active and allowed(self.roles, permission)

    def require(self, permission: str) -> None:
        if not self.may(permission):
            raise Refused(NOT_PERMITTED, permission=permission)


class Operator:
    """Someone at the server's own command line, acting for a party: founds, admits and brings in files.

    Holds the rights that setting up needs and no others; the journal shows ``server`` as the actor.
    """

    rights = frozenset({"manage members", "import programmes"})
    actor = "server"

    def __init__(self, party: Party | None = None) -> None:
        self.party = party

    @property
    def party_code(self) -> str:
        return self.party.code if self.party else ""

    def may(self, permission: str) -> bool:
        return permission in self.rights

    def require(self, permission: str) -> None:
        if not self.may(permission):
            raise Refused(NOT_PERMITTED, permission=permission)


class Disclosure(models.Model):
    """One party lets another see a kind of its records. Withdrawn, it ends; it is never deleted."""

    class Kind(models.TextChoices):
        PERSONS = "persons", _("the list of missing persons")
        REMAINS = "remains", _("boxes and remains, without profiles")

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="disclosures")
    to = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="received_disclosures")
    kind = models.CharField(max_length=20, choices=Kind)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-since",)
        constraints = (
            models.UniqueConstraint(
                fields=("holder", "to", "kind"), condition=models.Q(until=None), name="one_standing_disclosure"
            ),
            models.CheckConstraint(condition=~models.Q(holder=models.F("to")), name="disclosed_to_another"),
        )

    def __str__(self) -> str:
        return f"{self.holder} → {self.to}: {self.kind}"

    @property
    def journal_name(self) -> str:
        return f"disclosure:{self.holder.code}/{self.to.code}/{self.kind}"
