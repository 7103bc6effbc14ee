"""Forums, sessions of talks, agreements, commitments, and each party's own assessment of them.

A session, an agreement and a commitment are joint records: the parties named in them see them, whoever
entered them. Minutes are a party's own until it releases them.
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from casework.documents.models import Claim, Document, Qualifier, Quotation, Unit
from casework.parties.models import Party


class Named(models.Model):
    """Something with a name in English, and in Korean where there is one."""

    name = models.CharField(max_length=300)
    name_ko = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def shown_name(self) -> str:
        """The name in the reader's language."""
        return (get_language() == "ko" and self.name_ko) or self.name


class Entered(models.Model):
    """A record that a member of some party entered; what it says concerns all its parties."""

    holder = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")  # the party that entered it
    entered_by = models.CharField(max_length=200)
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class Wording(models.Model):
    """A quoted text in one language, with where it stands."""

    language = models.CharField(max_length=20)
    text = models.TextField()
    original = models.BooleanField(default=True)  # False for a translation of our own
    quotation = models.ForeignKey(Quotation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    page = models.CharField(max_length=40, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.language}: {self.text[:80]}"


# ---------- Forums ----------


class Forum(Named, Entered):
    """Where parties meet: a commission, or talks with a name of their own."""

    code = models.SlugField(unique=True, max_length=50)
    about = models.TextField(blank=True)
    opened_on = models.CharField(max_length=10, blank=True)
    parties = models.ManyToManyField(Party, through="Seat", related_name="forums")

    class Meta:
        ordering = ("code",)

    @property
    def journal_name(self) -> str:
        return f"forum:{self.code}"


class Seat(models.Model):
    """A party at a forum, and in which capacity."""

    class Capacity(models.TextChoices):
        SIDE = "side", _("side")
        CHAIR = "chair", _("neutral chair")
        OBSERVER = "observer", _("observer")

    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, related_name="seats")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="seats")
    capacity = models.CharField(max_length=20, choices=Capacity, default=Capacity.SIDE)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("forum", "party"), name="one_seat_of_a_party"),)

    def __str__(self) -> str:
        return f"{self.party} at {self.forum}"


class Mandate(Entered):
    """Who acts for whom: an international command that leads a state's side wears two hats."""

    agent = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="acts_for")
    principal = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="acted_for_by")
    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, null=True, blank=True, related_name="mandates")
    since = models.CharField(max_length=10, blank=True)
    until = models.CharField(max_length=10, blank=True)
    scope = models.CharField(max_length=300, blank=True)
    quotation = models.ForeignKey(Quotation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=~models.Q(agent=models.F("principal")), name="acts_for_another"),
        )

    def __str__(self) -> str:
        return f"{self.agent} for {self.principal}"

    @property
    def journal_name(self) -> str:
        return f"mandate:{self.agent.code}/{self.principal.code}"


class Tier(Named):
    """A level at which a forum meets: general level, working level."""

    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, related_name="tiers")
    code = models.SlugField(max_length=50)
    rank = models.PositiveSmallIntegerField(default=1)  # the highest is 1

    class Meta:
        ordering = ("rank", "pk")
        constraints = (models.UniqueConstraint(fields=("forum", "code"), name="one_tier_of_a_code"),)


class Pause(Entered):
    """A time in which a forum did not meet at all. The reason given is a claim of whoever gave it."""

    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, related_name="pauses")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # who halted
    since = models.CharField(max_length=10)
    until = models.CharField(max_length=10, blank=True)
    reason = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("since", "pk")
        constraints = (
            models.UniqueConstraint(fields=("forum",), condition=models.Q(until=""), name="one_pause_at_a_time"),
        )

    def __str__(self) -> str:
        return f"{self.forum}: {self.since}–{self.until}"


# ---------- Sessions ----------


class SessionState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    CONFIRMED = "confirmed", _("confirmed")
    HELD = "held", _("held")
    POSTPONED = "postponed", _("postponed")
    NOT_HELD = "not_held", _("not held")
    SUSPENDED = "suspended", _("suspended")


class Session(Entered):
    """One meeting of a forum, whether it took place or not."""

    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveIntegerField()
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, null=True, blank=True, related_name="sessions")
    state = models.CharField(max_length=20, choices=SessionState, default=SessionState.PROPOSED)
    day = models.CharField(max_length=10, blank=True)  # held on; until then, planned for
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    zone = models.CharField(max_length=60, default="UTC")  # where it met: "Asia/Seoul"
    place = models.CharField(max_length=300, blank=True)
    absent = models.ManyToManyField(Party, related_name="+", blank=True)
    instead_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")
    statement = models.CharField(max_length=80, blank=True)  # digest of the session's statement, once drawn up
    sealed_at = models.DateTimeField(null=True, blank=True)  # when every signer had signed it

    class Meta:
        ordering = ("-day", "-number")
        constraints = (models.UniqueConstraint(fields=("forum", "number"), name="one_session_of_a_number"),)
        indexes = (models.Index(fields=("forum", "tier", "state", "day"), name="sessions_by_history"),)

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"{self.forum.code}-{self.number}"

    @property
    def journal_name(self) -> str:
        return f"session:{self.code}"

    @property
    def starts_local(self) -> datetime | None:
        return self.starts_at.astimezone(ZoneInfo(self.zone)) if self.starts_at else None

    @property
    def ends_local(self) -> datetime | None:
        return self.ends_at.astimezone(ZoneInfo(self.zone)) if self.ends_at else None


class SessionStep(Entered):
    """A session passed into a state: on which day, entered by whom, and for what reason given."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=20, choices=SessionState)
    day = models.CharField(max_length=10, blank=True)
    reason = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.session} {self.state}"


class Proposal(Entered):
    """A proposal to meet, or a counter-proposal to one: by whom, when, for what, and how it was answered."""

    class Answer(models.TextChoices):
        PENDING = "pending", _("not answered")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        COUNTERED = "countered", _("answered by a counter-proposal")
        WITHDRAWN = "withdrawn", _("withdrawn by its proposer")

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="proposals")
    number = models.PositiveIntegerField()  # within the forum
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")  # who proposes
    made_on = models.CharField(max_length=10, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    zone = models.CharField(max_length=60, default="UTC")
    channel = models.CharField(max_length=300, blank=True)  # letter, telephone, at the table
    for_day = models.CharField(max_length=10, blank=True)
    place = models.CharField(max_length=300, blank=True)
    tier = models.ForeignKey(Tier, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    asks_for = models.CharField(max_length=300, blank=True)  # which counterpart
    text = models.TextField(blank=True)
    answers = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="counters")
    answer = models.CharField(max_length=20, choices=Answer, default=Answer.PENDING)
    answered_by = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_on = models.CharField(max_length=10, blank=True)
    answer_text = models.TextField(blank=True)
    quotation = models.ForeignKey(Quotation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("number",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(answered_by=None)
                | models.Q(answer="withdrawn")
                | ~models.Q(answered_by=models.F("party")),
                name="answered_by_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.session} proposal {self.number}"

    @property
    def journal_name(self) -> str:
        return f"proposal:{self.session.forum.code}/{self.number}"

    @property
    def notice_days(self) -> int | None:
        """The notice given: days from the proposal to the day it proposes, where both days are known."""
        try:
            return (date.fromisoformat(self.for_day) - date.fromisoformat(self.made_on)).days
        except ValueError:
            return None


class AgendaItem(Entered):
    """What a session is to speak of, or what is expressly outside it."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="agenda")
    number = models.PositiveIntegerField()
    text = models.TextField()
    language = models.CharField(max_length=20, blank=True)
    inside = models.BooleanField(default=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")  # who says so
    quotation = models.ForeignKey(Quotation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-inside", "number")
        constraints = (models.UniqueConstraint(fields=("session", "number"), name="one_agenda_item_of_a_number"),)

    def __str__(self) -> str:
        return self.text[:80]


class Delegation(models.Model):
    """Those who come to a session for one party."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="delegations")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")  # for whom they act

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("session", "party"), name="one_delegation_of_a_party"),)

    def __str__(self) -> str:
        return f"{self.party} at {self.session}"


class Delegate(Entered):
    """Someone at the table. He belongs to an organisation and acts for a party; these need not be the same."""

    delegation = models.ForeignKey(Delegation, on_delete=models.PROTECT, related_name="delegates")
    name = models.CharField(max_length=300)  # as the source writes it; "not named" is for the attributes to say
    name_native = models.CharField(max_length=300, blank=True)
    organisation = models.ForeignKey(Party, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    leads = models.BooleanField(default=False)

    class Meta:
        ordering = ("-leads", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def journal_name(self) -> str:
        return f"delegate:{self.delegation.session.code}/{self.name}"

    @property
    def wears_two_hats(self) -> bool:
        return self.organisation_id is not None and self.organisation_id != self.delegation.party_id


class Attribute(Entered):
    """One thing said of a delegate, with who says so. Versions that differ stand side by side."""

    class Kind(models.TextChoices):
        RANK = "rank", _("rank")
        OFFICE = "office", _("office")
        ORGANISATION = "organisation", _("organisation")
        ACTS_FOR = "acts_for", _("acts for")
        LEADS = "leads", _("part in the delegation")

    delegate = models.ForeignKey(Delegate, on_delete=models.PROTECT, related_name="attributes")
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.CharField(max_length=300)
    quotation = models.ForeignKey(Quotation, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("delegate", "kind", "value", "quotation", "claim"), name="one_attribute_of_a_source"
            ),
        )

    def __str__(self) -> str:
        return f"{self.delegate} {self.kind}: {self.value}"


class Minutes(Entered):
    """A party's minutes of a session in one language. Its own until it releases them to the forum's parties."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="minutes")
    language = models.CharField(max_length=20)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="+")
    summary = models.TextField(blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )

    class Meta:
        ordering = ("holder", "language", "pk")
        constraints = (
            models.UniqueConstraint(fields=("session", "holder", "document"), name="one_minutes_of_a_document"),
            models.UniqueConstraint(
                fields=("session", "holder", "language"),
                condition=models.Q(superseded_by=None),
                name="one_minutes_of_a_language",
            ),
        )

    def __str__(self) -> str:
        return f"{self.session} {self.holder} {self.language}"

    @property
    def journal_name(self) -> str:
        return f"minutes:{self.session.code}/{self.holder.code}/{self.language}"


class FingerprintExchange(Entered):
    """The fingerprint of a party's key as it was read out at the table, written down by one of those present."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="fingerprints")
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")  # whose key
    fingerprint = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)  # of whoever holds the key

    class Meta:
        ordering = ("party", "fingerprint", "holder")
        constraints = (
            models.UniqueConstraint(
                fields=("session", "party", "fingerprint", "holder"), name="one_entry_of_a_fingerprint"
            ),
        )

    def __str__(self) -> str:
        return f"{self.party.code} {self.fingerprint[:8]}"

    @property
    def grouped(self) -> str:
        """The fingerprint as it is read aloud: sixteen groups of four."""
        return " ".join(self.fingerprint[at : at + 4] for at in range(0, 64, 4))


# ---------- Agreements and commitments ----------


class Agreement(Named, Entered):
    """What was agreed, or solemnly stated together: its clauses are quoted in each of its languages."""

    class Kind(models.TextChoices):
        SUMMIT = "summit", _("statement of a summit")
        STATEMENT = "statement", _("joint statement")
        AGREEMENT = "agreement", _("agreement")
        MINUTES = "minutes", _("agreed minutes")

    code = models.SlugField(unique=True, max_length=50)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.AGREEMENT)
    parties = models.ManyToManyField(Party, related_name="+")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, blank=True, related_name="agreements")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="carried_out_by")
    dated = models.CharField(max_length=10)
    place = models.CharField(max_length=300, blank=True)
    documents = models.ManyToManyField(Document, related_name="+", blank=True)

    class Meta:
        ordering = ("-dated", "code")

    @property
    def journal_name(self) -> str:
        return f"agreement:{self.code}"


class Clause(Entered):
    """One clause of an agreement."""

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="clauses")
    number = models.CharField(max_length=20)
    place = models.PositiveIntegerField()  # order in the agreement

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("agreement", "number"), name="one_clause_of_a_number"),)

    def __str__(self) -> str:
        return f"{self.agreement.code} {self.number}"

    @property
    def journal_name(self) -> str:
        return f"clause:{self.agreement.code}/{self.number}"


class ClauseText(Wording):
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, related_name="texts")

    class Meta:
        ordering = ("language", "pk")
        constraints = (models.UniqueConstraint(fields=("clause", "language"), name="one_clause_text_of_a_language"),)


class CommitmentState(models.TextChoices):
    """The life of a commitment. The last four but two are reached only through the parties' assessments."""

    STATED = "stated", _("stated")
    AGREED = "agreed", _("agreed")
    UNDER_WAY = "under_way", _("under way")
    FULFILLED = "fulfilled", _("fulfilled")
    PARTLY_FULFILLED = "partly_fulfilled", _("partly fulfilled")
    DISPUTED = "disputed", _("disputed")
    LAPSED = "lapsed", _("lapsed")
    WITHDRAWN = "withdrawn", pgettext_lazy("commitment", "withdrawn")


class Commitment(Named, Entered):
    """What a party has bound itself to: of what, how many in which unit, until when, in whose words."""

    code = models.SlugField(unique=True, max_length=50)
    parties = models.ManyToManyField(Party, related_name="commitments")  # between whom it holds, obligors included
    obligors = models.ManyToManyField(Party, related_name="obligations")
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, null=True, blank=True, related_name="commitments"
    )
    clause = models.ForeignKey(Clause, on_delete=models.PROTECT, null=True, blank=True, related_name="commitments")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, blank=True, related_name="commitments")
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="parts")
    measure = models.CharField(max_length=300, blank=True)  # what is counted: "cases returned full"
    measure_ko = models.CharField(max_length=300, blank=True)
    unit = models.CharField(max_length=30, choices=Unit, default=Unit.OTHER)
    target = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    qualifier = models.CharField(max_length=20, choices=Qualifier, default=Qualifier.EXACT)
    stated_on = models.CharField(max_length=10, blank=True)
    due = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=20, choices=CommitmentState, default=CommitmentState.STATED)
    statement = models.CharField(max_length=80, blank=True)  # digest of a proposal that seals its text, once drawn up
    sealed_at = models.DateTimeField(null=True, blank=True)  # when every signer had signed it

    class Meta:
        ordering = ("stated_on", "code")

    @property
    def journal_name(self) -> str:
        return f"commitment:{self.code}"

    @property
    def shown_measure(self) -> str:
        return (get_language() == "ko" and self.measure_ko) or self.measure


class CommitmentText(Wording):
    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="texts")

    class Meta:
        ordering = ("language", "pk")
        constraints = (
            models.UniqueConstraint(fields=("commitment", "language"), name="one_commitment_text_of_a_language"),
        )


class CommitmentStep(Entered):
    """A commitment passed into a state: on which day, entered by whom, and why."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="steps")
    state = models.CharField(max_length=20, choices=CommitmentState)
    day = models.CharField(max_length=10, blank=True)
    why = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.commitment} {self.state}"


class Assessment(Entered):
    """How one party sees a commitment, in its own words. Its latest stands; the earlier ones are kept."""

    class View(models.TextChoices):
        NOT_BEGUN = "not_begun", _("not begun")
        UNDER_WAY = "under_way", _("under way")
        PARTLY_FULFILLED = "partly_fulfilled", _("partly fulfilled")
        FULFILLED = "fulfilled", _("fulfilled")
        NOT_FULFILLED = "not_fulfilled", _("not fulfilled")
        DISPUTED = "disputed", _("disputed")

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="assessments")
    view = models.CharField(max_length=20, choices=View)
    done = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)  # in the commitment's unit
    text = models.TextField(blank=True)
    language = models.CharField(max_length=20, blank=True)
    as_of = models.CharField(max_length=10)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("commitment", "holder", "-id"), name="assessments_latest"),)

    def __str__(self) -> str:
        return f"{self.holder}: {self.view}"


class Evidence(Entered):
    """What bears on a commitment: a transfer, an operation, a document. Withdrawn, it stays on record."""

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="evidence")
    object = models.CharField(max_length=200)  # "transfer:T-2018-01", "operation:…", "document:sha256:…"
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    unit = models.CharField(max_length=30, choices=Unit, default=Unit.OTHER)
    note = models.TextField(blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("commitment", "object", "holder"),
                condition=models.Q(withdrawn_at=None),
                name="one_evidence_of_an_object",
            ),
        )

    def __str__(self) -> str:
        return self.object
