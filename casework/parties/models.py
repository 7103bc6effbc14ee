"""The parties to the programme and their members."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from casework.parties.permissions import Role, allowed
from casework.parties.refusal import NOT_PERMITTED, Refused
from homeward.seals.keys import PublicKey, grouped


class Party(models.Model):
    """A side, or the neutral between the sides. Every record is held by one."""

    class Kind(models.TextChoices):
        STATE = "state", _("state")
        AUTHORITY = "authority", _("national authority")
        NEUTRAL = "neutral", _("neutral")
        OBSERVER = "observer", _("observer")

    code = models.SlugField(unique=True, max_length=50)
    name = models.CharField(max_length=200)
    name_ko = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.AUTHORITY)
    hosted = models.BooleanField(default=True)  # acts on this installation; others are known from files on a stick
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
    def neutral(self) -> bool:
        """Whether it stands between the sides."""
        return self.kind in (self.Kind.NEUTRAL, self.Kind.OBSERVER)

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

    rights = frozenset(
        {
            "manage members",
            "import programmes",
            "exchange bundles",
            "see statements",
            "read openings",
            "keep documents",
        }
    )
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
        DOCUMENTS = "documents", _("documents, with what is quoted and claimed from them")
        TALKS = "talks", _("talks, agreements and commitments")
        SITES = "sites", _("sites and joint operations")

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="disclosures")
    to = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="received_disclosures")
    kind = models.CharField(max_length=20, choices=Kind)
    since = models.DateTimeField(auto_now_add=True)
    until = models.DateTimeField(null=True, blank=True)
    request = models.ForeignKey(
        "DisclosureRequest", null=True, blank=True, on_delete=models.PROTECT, related_name="disclosures"
    )
    ended_because = models.TextField(blank=True)

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

    @property
    def in_force(self) -> bool:
        return self.until is None or self.until > timezone.now()


class Key(models.Model):
    """A public key as it was pinned: from the minutes of a session, or by a statement signed with an older key.

    Only the fingerprint was read out at the table; the key itself may come later, in a file, and must fit it.
    """

    class Role(models.TextChoices):
        PARTY = "party", _("signs for the party")
        INSTALLATION = "installation", _("signs its installation’s logs")

    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="keys")
    fingerprint = models.CharField(max_length=64, unique=True)
    raw = models.BinaryField(max_length=32, blank=True)  # empty until the key itself has been seen
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=20, choices=Role, default=Role.PARTY)
    since = models.DateTimeField()
    introduced_in = models.CharField(max_length=300, blank=True)  # "session:2018-07-16", or what the minutes are called
    entered_by = models.CharField(max_length=200)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("party", "since", "pk")

    def __str__(self) -> str:
        return f"{self.party.code} {self.fingerprint[:8]}"

    @property
    def journal_name(self) -> str:
        return f"key:{self.fingerprint}"

    @property
    def grouped(self) -> str:
        """The fingerprint as it is read aloud: sixteen groups of four."""
        return grouped(self.fingerprint)

    @property
    def public(self) -> PublicKey:
        """The key as the seals know it; only where the key itself has been seen."""
        return _public(self.fingerprint, bytes(self.raw), self.party.code, self.name, self.role)


_public = lru_cache(maxsize=256)(PublicKey)  # it looks each time whether the bytes are a point of the curve


class DisclosureRequest(models.Model):
    """What I show if you show: two disclosures that begin together, once both parties have signed."""

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        IN_FORCE = "countersigned", _("in force")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")
        ENDED = "ended", _("ended")

    number = models.CharField(max_length=50, unique=True)
    offered_by = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="requests_made")
    asked_of = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="requests_received")
    offers = models.JSONField(default=list)  # kinds that the one who asks shows
    asks = models.JSONField(default=list)  # kinds that he wants to see
    until = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.PROPOSED)
    statement = models.CharField(max_length=80, blank=True)  # digest of what both sign
    proposed_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)  # why refused, withdrawn or ended

    class Meta:
        ordering = ("-proposed_at", "-pk")

    def __str__(self) -> str:
        return self.number

    @property
    def journal_name(self) -> str:
        return f"disclosure-request:{self.number}"
