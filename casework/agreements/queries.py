"""Talks and what came of them, as far as a member may see.

A joint record is seen by the parties named in it, and by whom one of them has disclosed its talks to.
A party's minutes are its own until it releases them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects

from casework.agreements.models import (
    Agreement,
    Assessment,
    Attribute,
    Clause,
    ClauseText,
    Commitment,
    CommitmentState,
    Delegate,
    Evidence,
    FingerprintExchange,
    Forum,
    Mandate,
    Minutes,
    Proposal,
    Seat,
    Session,
    SessionState,
)
from casework.parties.models import Disclosure, Member, Party
from casework.parties.queries import holders_visible_to
from casework.parties.refusal import NOT_FOUND, Refused

KIND = Disclosure.Kind.TALKS


def forums(*, by: Member) -> QuerySet[Forum]:
    """The forums at which a member's party sits, and those disclosed to it."""
    by.require("see talks")
    return Forum.objects.filter(pk__in=_seated(by))


def _seated(by: Member) -> QuerySet[Forum, int]:
    return Forum.objects.filter(seats__party__in=holders_visible_to(by, KIND)).values_list("pk", flat=True)


def forum(code: str, *, by: Member) -> Forum:
    found = forums(by=by).filter(code=code).first()
    if found is None:
        raise Refused(NOT_FOUND, forum=code)
    return found


def sessions(*, by: Member) -> QuerySet[Session]:
    """The sessions of the forums that a member may see."""
    by.require("see talks")
    return Session.objects.filter(forum__in=_seated(by)).select_related("forum", "tier")


def session(code: str, *, by: Member) -> Session:
    """One session by its code: the forum's and its number."""
    forum_code, _dash, number = code.rpartition("-")
    found = (
        sessions(by=by).filter(forum__code=forum_code, number=number)
        if 0 < len(number) < 10 and number.isdecimal()
        else None
    )
    one = found.first() if found is not None else None
    if one is None:
        raise Refused(NOT_FOUND, session=code)
    return one


def agreements(*, by: Member) -> QuerySet[Agreement]:
    """The agreements to which a member's party is a party, and those disclosed to it."""
    by.require("see talks")
    seen = Agreement.objects.filter(parties__in=holders_visible_to(by, KIND)).values("pk")
    return Agreement.objects.filter(pk__in=seen)


def agreement(code: str, *, by: Member) -> Agreement:
    found = agreements(by=by).filter(code=code).first()
    if found is None:
        raise Refused(NOT_FOUND, agreement=code)
    return found


def commitments(*, by: Member) -> QuerySet[Commitment]:
    """The commitments that bind a member's party or are owed to it, and those disclosed to it."""
    by.require("see talks")
    seen = Commitment.objects.filter(parties__in=holders_visible_to(by, KIND)).values("pk")
    return Commitment.objects.filter(pk__in=seen)


def commitment(code: str, *, by: Member) -> Commitment:
    found = commitments(by=by).filter(code=code).first()
    if found is None:
        raise Refused(NOT_FOUND, commitment=code)
    return found


def mandates(*, by: Member) -> QuerySet[Mandate]:
    """Who acts for whom, at the forums that a member may see and where its own party is concerned."""
    by.require("see talks")
    own = Q(holder=by.party) | Q(agent=by.party) | Q(principal=by.party)
    return Mandate.objects.filter(own | Q(forum__in=_seated(by))).select_related("agent", "principal", "forum")


def seats(forum: Forum) -> QuerySet[Seat]:
    return forum.seats.select_related("party")


def sides(forum: Forum) -> list[Party]:
    """The parties that sit at a forum as its sides."""
    return [seat.party for seat in seats(forum).filter(capacity=Seat.Capacity.SIDE)]


def proposals(among: QuerySet[Session] | Sequence[Session]) -> QuerySet[Proposal]:
    """The proposals about some sessions, in the order in which they were made."""
    return Proposal.objects.filter(session__in=among).select_related(
        "party", "answered_by", "tier", "answers", "session__forum", "quotation__document", "holder"
    )


def proposal(number: int, *, forum: Forum, by: Member) -> Proposal:
    found = proposals(sessions(by=by).filter(forum=forum)).filter(number=number).first()
    if found is None:
        raise Refused(NOT_FOUND, proposal=number)
    return found


def minutes(session: Session, *, by: Member) -> QuerySet[Minutes]:
    """The minutes of a session that a member may see: its own party's, and what another has released.

    Released to the parties of the forum: whom the talks were merely disclosed to sees those of who disclosed them.
    """
    by.require("see talks")
    released = Q(released_at__isnull=False)
    if not session.forum.seats.filter(party=by.party).exists():
        released &= Q(holder__in=holders_visible_to(by, KIND))
    return session.minutes.filter(released | Q(holder=by.party)).select_related("holder", "document")


def delegate(key: int, *, by: Member) -> Delegate:
    found = Delegate.objects.filter(pk=key, delegation__session__in=sessions(by=by)).first()
    if found is None:
        raise Refused(NOT_FOUND, delegate=key)
    return found


# ---------- The first since ----------


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstSince:
    """What a forum's history says of a session: which was held before it, at its tier and at any."""

    at_tier: Session | None
    at_forum: Session | None
    failed_between: int  # sessions since the one at this tier that were put off or not held

    @property
    def known(self) -> bool:
        return self.at_tier is not None


def first_since(session: Session) -> FirstSince:
    """The session held last before this one, at the same tier and at any: counted from the records, never typed in.

    A session of which only the year is known lies before this one only if it is of an earlier year.
    """
    if not session.day:
        return FirstSince(at_tier=None, at_forum=None, failed_between=0)
    earlier = (
        Session.objects.filter(forum=session.forum_id, day__lt=session.day)
        .exclude(day__in=("", session.day[:4], session.day[:7]))
        .exclude(pk=session.pk)
        .select_related("forum", "tier")
        .order_by("-day", "-number")
    )
    was_held = earlier.filter(state__in=(SessionState.HELD, SessionState.SUSPENDED))
    at_tier = was_held.filter(tier=session.tier_id).first() if session.tier_id else None
    failed = earlier.filter(state__in=(SessionState.NOT_HELD, SessionState.POSTPONED))
    between = failed.filter(day__gt=at_tier.day) if at_tier else failed
    return FirstSince(at_tier=at_tier, at_forum=was_held.first(), failed_between=between.count())


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A line of a forum's history: a session, and the one held before it at the same tier."""

    session: Session
    previous: Session | None


def meetings(forum: Forum) -> list[Meeting]:
    """A forum's whole history, newest first, each held session with the one before it; two queries."""
    found = list(forum.sessions.select_related("tier", "forum").prefetch_related("absent"))
    was_held = [one for one in found if one.state in (SessionState.HELD, SessionState.SUSPENDED) and one.day]
    return [Meeting(session=one, previous=_before(one, was_held)) for one in found]


def _before(session: Session, was_held: Sequence[Session]) -> Session | None:
    if session not in was_held or session.tier_id is None:
        return None
    vague = (session.day[:4], session.day[:7])
    return next(
        (one for one in was_held if one.tier_id == session.tier_id and one.day < session.day and one.day not in vague),
        None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ForumStanding:
    """A forum on the front page: which session comes next, which was the latest, and how many there were."""

    forum: Forum
    parties: Sequence[Seat]
    next: Session | None
    latest: Session | None
    held: int
    failed: int
    paused: bool


def standing(*, by: Member) -> list[ForumStanding]:
    """Where the talks of a member's party stand, in a fixed number of queries."""
    over = (SessionState.HELD, SessionState.SUSPENDED, SessionState.NOT_HELD)
    own = Session.objects.filter(forum=OuterRef("pk"))
    found = list(
        forums(by=by)
        .annotate(
            next_session=Subquery(own.filter(state__in=("proposed", "confirmed")).order_by("day").values("pk")[:1]),
            latest_session=Subquery(own.filter(state__in=over).order_by("-day", "-number").values("pk")[:1]),
            held=Count("sessions", filter=Q(sessions__state__in=("held", "suspended"))),
            failed=Count("sessions", filter=Q(sessions__state__in=("not_held", "postponed"))),
        )
        .prefetch_related(Prefetch("seats", Seat.objects.select_related("party")), "pauses")
    )
    wanted = [pk for forum in found for pk in (forum.next_session, forum.latest_session) if pk]
    known = Session.objects.select_related("forum", "tier").prefetch_related("absent").in_bulk(wanted)
    return [
        ForumStanding(
            forum=forum,
            parties=list(forum.seats.all()),
            next=known.get(forum.next_session),
            latest=known.get(forum.latest_session),
            held=forum.held,
            failed=forum.failed,
            paused=any(pause.until == "" for pause in forum.pauses.all()),
        )
        for forum in found
    ]


@dataclass(frozen=True, slots=True)
class Said:
    """A proposal with what was proposed in answer to it."""

    proposal: Proposal
    answers: list[Said]


def thread(session: Session) -> list[Said]:
    """The proposals that led to a session, each with its counter-proposals under it, back to the first."""
    every = {one.pk: Said(one, []) for one in proposals(_line(session))}
    roots: list[Said] = []
    for said in every.values():
        above = every.get(said.proposal.answers_id) if said.proposal.answers_id else None
        (above.answers if above else roots).append(said)
    return roots


def _line(session: Session) -> list[Session]:
    """The session and those in whose stead it stands."""
    line = [session]
    while line[-1].instead_of is not None and len(line) < 20:
        line.append(line[-1].instead_of)
    return line


@dataclass(frozen=True, slots=True, kw_only=True)
class Describes:
    """What is said of one delegate in one respect: each value with its source; more than one: they differ."""

    kind: str
    label: str
    values: Sequence[Attribute]

    @property
    def differs(self) -> bool:
        return len({one.value for one in self.values}) > 1


Came = list[tuple[Party, list[tuple[Delegate, list[Describes]]]]]


def delegations(session: Session) -> Came:
    """Who came for which party, and what is said of each; a fixed number of queries."""
    attributes = Attribute.objects.select_related("holder")
    delegates = Delegate.objects.select_related("organisation", "delegation").prefetch_related(
        Prefetch("attributes", attributes)
    )
    found = session.delegations.select_related("party").prefetch_related(Prefetch("delegates", delegates))
    return [(one.party, [(person, _described(person)) for person in one.delegates.all()]) for one in found]


def described(came: Came) -> Iterator[Sequence[Attribute]]:
    """All that is said of all delegates."""
    for _party, people in came:
        for _person, respects in people:
            yield from (respect.values for respect in respects)


def _described(delegate: Delegate) -> list[Describes]:
    said = list(delegate.attributes.all())
    return [
        Describes(kind=kind.value, label=str(kind.label), values=values)
        for kind in Attribute.Kind
        if (values := [one for one in said if one.kind == kind])
    ]


# ---------- Fingerprints ----------


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanged:
    """A fingerprint as written down in a session, and by which parties."""

    party: Party
    fingerprint: str
    grouped: str
    name: str
    written_by: Sequence[Party]
    agreed: bool  # the key's own party and at least one other wrote the same


def exchanged(session: Session) -> list[Exchanged]:
    """The fingerprints exchanged in a session; what was not written alike by both sides is not agreed."""
    written: dict[tuple[int, str], list[FingerprintExchange]] = {}
    for one in session.fingerprints.select_related("party", "holder"):
        written.setdefault((one.party_id, one.fingerprint), []).append(one)
    return [_exchanged(entries) for entries in written.values()]


def _exchanged(entries: Sequence[FingerprintExchange]) -> Exchanged:
    writers = {entry.holder_id for entry in entries}
    return Exchanged(
        party=entries[0].party,
        fingerprint=entries[0].fingerprint,
        grouped=entries[0].grouped,
        name=next((entry.name for entry in entries if entry.name), ""),
        written_by=[entry.holder for entry in entries],
        agreed=len(writers) > 1 and entries[0].party_id in writers,
    )


# ---------- Clauses ----------


def clauses(agreement: Agreement) -> tuple[list[tuple[Clause, list[ClauseText | None]]], list[str]]:
    """An agreement's clauses with one text for each of its languages, in one order, and those languages."""
    texts = ClauseText.objects.select_related("document", "quotation")
    found = list(agreement.clauses.prefetch_related(Prefetch("texts", texts), "commitments"))
    languages = sorted({text.language for clause in found for text in clause.texts.all()})
    return [(clause, _in_order(clause, languages)) for clause in found], languages


def _in_order(clause: Clause, languages: Sequence[str]) -> list[ClauseText | None]:
    by_language = {text.language: text for text in clause.texts.all()}
    return [by_language.get(language) for language in languages]


# ---------- Promised, done, disputed ----------


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How one party sees a commitment: its latest assessment, the earlier ones, and the evidence it links."""

    party: Party
    latest: Assessment | None
    earlier: Sequence[Assessment]
    evidence: Sequence[Evidence]
    done: Decimal | None  # in the commitment's unit: as assessed, else as its evidence adds up; None: not said


@dataclass(frozen=True, slots=True, kw_only=True)
class Undertaking:
    """A commitment with each side's view of it. The joint view is derived and never entered."""

    commitment: Commitment
    sides: Sequence[Side]
    neutrals: Sequence[Side]
    view: CommitmentState
    differs: bool
    done_differs: bool

    @property
    def evidence(self) -> list[Evidence]:
        return [one for side in (*self.sides, *self.neutrals) for one in side.evidence]


def undertaking(commitment: Commitment) -> Undertaking:
    """One commitment with each side's view."""
    return undertakings([commitment])[0]


def undertakings(among: QuerySet[Commitment] | Sequence[Commitment]) -> list[Undertaking]:
    """Commitments with each side's view, in a fixed number of queries however many they are."""
    found = list(among)
    prefetch_related_objects(
        found,
        "parties",
        "obligors",
        "texts",
        "agreement",
        "parent",
        Prefetch("assessments", Assessment.objects.select_related("holder")),
        Prefetch("evidence", Evidence.objects.select_related("holder")),
    )
    return [_undertaking(one) for one in found]


def _undertaking(commitment: Commitment) -> Undertaking:
    parties = list(commitment.parties.all())
    sides = [_side(commitment, party) for party in parties if not party.neutral]
    views = [side.latest.view if side.latest else None for side in sides]
    said = {view for view in views if view is not None}
    numbers = {side.done for side in sides if side.done is not None}
    return Undertaking(
        commitment=commitment,
        sides=sides,
        neutrals=[_side(commitment, party) for party in parties if party.neutral],
        view=joint_view(CommitmentState(commitment.state), views),
        differs=len(said) > 1,
        done_differs=len(numbers) > 1,
    )


def _side(commitment: Commitment, party: Party) -> Side:
    own = [one for one in commitment.assessments.all() if one.holder_id == party.pk]  # newest first
    linked = [one for one in commitment.evidence.all() if one.holder_id == party.pk]
    counted = [
        one.amount
        for one in linked
        if one.withdrawn_at is None and one.amount is not None and one.unit == commitment.unit
    ]
    assessed = own[0].done if own else None
    return Side(
        party=party,
        latest=own[0] if own else None,
        earlier=own[1:],
        evidence=linked,
        done=assessed if assessed is not None else (sum(counted, Decimal(0)) if counted else None),
    )


_SCALE = (
    Assessment.View.NOT_BEGUN,
    Assessment.View.UNDER_WAY,
    Assessment.View.PARTLY_FULFILLED,
    Assessment.View.FULFILLED,
)


def joint_view(state: CommitmentState, views: Sequence[str | None]) -> CommitmentState:
    """What can be said of a commitment jointly, from each side's latest view (None: has not said).

    Method
    ------
    1. Lapsed and withdrawn stand, whatever is said of them.
    2. Where one side calls it disputed, it is.
    3. Until every side has spoken, the recorded state stands: one side alone fulfils nothing.
    4. Sides that say the same are taken at their word.
    5. Sides that are one step apart (not begun, under way, partly fulfilled, fulfilled) share the lower step;
       what is not begun stands as it was agreed.
    6. All else is disputed.

    Examples
    --------
    >>> str(joint_view(CommitmentState.UNDER_WAY, ["fulfilled", None]))
    'under_way'
    >>> str(joint_view(CommitmentState.UNDER_WAY, ["fulfilled", "partly_fulfilled"]))
    'partly_fulfilled'
    >>> str(joint_view(CommitmentState.UNDER_WAY, ["fulfilled", "not_fulfilled"]))
    'disputed'
    """
    if state in (CommitmentState.LAPSED, CommitmentState.WITHDRAWN):
        return state
    if Assessment.View.DISPUTED in views:
        return CommitmentState.DISPUTED
    if not views or None in views:
        return state
    said = set(views)
    if said == {Assessment.View.NOT_FULFILLED}:
        return state
    if not said <= set(_SCALE):
        return CommitmentState.DISPUTED
    steps = sorted(_SCALE.index(Assessment.View(str(view))) for view in said)
    if steps[-1] - steps[0] > 1:
        return CommitmentState.DISPUTED
    lower = _SCALE[steps[0]]
    if lower == Assessment.View.NOT_BEGUN:
        return CommitmentState.AGREED if state == CommitmentState.UNDER_WAY else state
    return CommitmentState(lower.value)
