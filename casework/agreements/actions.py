"""What happens in talks: forums, proposals, sessions and their minutes; agreements, commitments, assessments.

Whoever records acts for a party that sits at the forum; what he records may be another party's act, and the
record shows who entered it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

from casework.agreements import queries
from casework.agreements.models import (
    AgendaItem,
    Agreement,
    Assessment,
    Attribute,
    Clause,
    ClauseText,
    Commitment,
    CommitmentState,
    CommitmentStep,
    CommitmentText,
    Delegate,
    Delegation,
    Evidence,
    FingerprintExchange,
    Forum,
    Mandate,
    Minutes,
    Pause,
    Proposal,
    Seat,
    Session,
    SessionState,
    SessionStep,
    Tier,
)
from casework.documents import queries as documents
from casework.documents.actions import claim as enter_claim
from casework.documents.actions import read_count, read_date, show_document
from casework.documents.models import Claim, Document, Qualifier, Quotation, Unit
from casework.journal.actions import recorded
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.seals import actions as seals
from casework.seals.models import Statement
from homeward.programme import DateSpan

# Which state may follow which. Held twice, or held after it was not, is refused.
SESSION_LIFE: Mapping[str, frozenset[SessionState]] = {
    SessionState.PROPOSED: frozenset({SessionState.CONFIRMED, SessionState.POSTPONED, SessionState.NOT_HELD}),
    SessionState.CONFIRMED: frozenset({SessionState.HELD, SessionState.POSTPONED, SessionState.NOT_HELD}),
    SessionState.POSTPONED: frozenset({SessionState.CONFIRMED, SessionState.NOT_HELD}),
    SessionState.HELD: frozenset({SessionState.SUSPENDED}),
    SessionState.SUSPENDED: frozenset({SessionState.HELD}),
    SessionState.NOT_HELD: frozenset(),
}
OPEN = frozenset({SessionState.PROPOSED, SessionState.CONFIRMED, SessionState.POSTPONED})

# Fulfilled, partly fulfilled and disputed are never entered: they follow from the parties' assessments.
COMMITMENT_LIFE: Mapping[str, frozenset[CommitmentState]] = {
    CommitmentState.STATED: frozenset(
        {CommitmentState.AGREED, CommitmentState.UNDER_WAY, CommitmentState.LAPSED, CommitmentState.WITHDRAWN}
    ),
    CommitmentState.AGREED: frozenset({CommitmentState.UNDER_WAY, CommitmentState.LAPSED, CommitmentState.WITHDRAWN}),
    CommitmentState.UNDER_WAY: frozenset({CommitmentState.LAPSED, CommitmentState.WITHDRAWN}),
    CommitmentState.LAPSED: frozenset({CommitmentState.UNDER_WAY}),
    CommitmentState.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text in one language on its way into the record, with where it stands."""

    language: str
    text: str
    original: bool = True
    quotation: Quotation | None = None
    document: Document | None = None
    page: str = ""

    @property
    def journal_name(self) -> str:
        return f"{self.language}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What somebody gave as the reason for a halt, on its way into the record as a claim of his."""

    claimant: str
    text: str
    quotation: Quotation | None = None

    @property
    def journal_name(self) -> str:
        return f"{self.claimant}: {self.text}"


# ---------- Forums ----------


@recorded("agreements.open_forum")
def open_forum(
    *,
    by: Member,
    code: str,
    name: str,
    sides: Sequence[Party],
    name_ko: str = "",
    about: str = "",
    opened_on: str = "",
    chair: Party | None = None,
    observers: Sequence[Party] = (),
    tiers: Sequence[tuple[str, str, str]] = (),
) -> Forum:
    """Enter a forum, who sits at it, and its tiers, the highest first: code, name, Korean name."""
    by.require("record talks")
    seats = [(party, Seat.Capacity.SIDE) for party in sides]
    seats += [(chair, Seat.Capacity.CHAIR)] if chair else []
    seats += [(party, Seat.Capacity.OBSERVER) for party in observers]
    if by.party not in [party for party, _capacity in seats]:
        raise Refused("no-seat", party=by.party.code)
    if len(sides) < 2 or len({party.pk for party, _capacity in seats}) < len(seats):
        raise Refused("two-sides")
    if Forum.objects.filter(code=_code(code)).exists():
        raise Refused("code-taken", code=code)
    forum = Forum.objects.create(
        code=code, name=name, name_ko=name_ko, about=about, opened_on=read_date(opened_on), **_entered(by)
    )
    Seat.objects.bulk_create(Seat(forum=forum, party=party, capacity=capacity) for party, capacity in seats)
    for rank, (tier_code, tier_name, tier_name_ko) in enumerate(tiers, start=1):
        Tier.objects.create(forum=forum, code=_code(tier_code), name=tier_name, name_ko=tier_name_ko, rank=rank)
    return forum


@recorded("agreements.add_tier")
def add_tier(*, by: Member, forum: Forum, code: str, name: str, name_ko: str = "", rank: int = 1) -> Tier:
    """Enter a level at which a forum meets."""
    _at_the_table(forum, by)
    if forum.tiers.filter(code=_code(code)).exists():
        raise Refused("code-taken", code=code)
    return Tier.objects.create(forum=forum, code=code, name=name, name_ko=name_ko, rank=rank)


@recorded("agreements.enter_mandate")
def enter_mandate(
    *,
    by: Member,
    agent: Party,
    principal: Party,
    forum: Forum | None = None,
    since: str = "",
    until: str = "",
    scope: str = "",
    quotation: Quotation | None = None,
) -> Mandate:
    """Enter that one party acts for another, at one forum or everywhere, with the source that says so."""
    by.require("record talks")
    if forum is not None:
        _at_the_table(forum, by)
        if not forum.seats.filter(party__in=(agent, principal)).exists():
            raise Refused("no-seat", party=agent.code)
    if agent == principal:
        raise Refused("acts-for-itself", party=agent.code)
    return Mandate.objects.create(
        agent=agent, principal=principal, forum=forum, since=read_date(since), until=read_date(until), scope=scope,
        quotation=_quotation(quotation, by), **_entered(by),
    )  # fmt: skip


@recorded("agreements.pause_forum")
def pause_forum(
    *, by: Member, forum: Forum, since: str, party: Party | None = None, reason: Claim | Reason | None = None
) -> Pause:
    """Enter that a forum stopped meeting. What a party gave as its reason is a claim."""
    _at_the_table(forum, by)
    if not since.strip():
        raise Refused("day-missing")
    if forum.pauses.filter(until="").exists():
        raise Refused("already-paused", forum=forum.code)
    return Pause.objects.create(
        forum=forum,
        since=read_date(since),
        party=_seated_or_none(party, forum),
        reason=_reason(reason, forum.journal_name, by),
        **_entered(by),
    )


@recorded("agreements.resume_forum")
def resume_forum(*, by: Member, forum: Forum, until: str) -> Pause:
    """Enter that a forum meets again."""
    _at_the_table(forum, by)
    pause = forum.pauses.filter(until="").first()
    if pause is None:
        raise Refused("not-paused", forum=forum.code)
    if not until.strip():
        raise Refused("day-missing")
    pause.until = read_date(until)
    if pause.until < pause.since:
        raise Refused("day-before", day=pause.until, since=pause.since)
    pause.save(update_fields=["until"])
    return pause


# ---------- Proposals ----------


@recorded("agreements.propose")
def propose(
    *,
    by: Member,
    forum: Forum,
    party: Party | None = None,
    for_day: str = "",
    place: str = "",
    tier: Tier | None = None,
    asks_for: str = "",
    text: str = "",
    made_on: str = "",
    made_at: datetime | None = None,
    zone: str = "UTC",
    channel: str = "",
    answers: Proposal | None = None,
    session: Session | None = None,
    quotation: Quotation | None = None,
) -> Proposal:
    """Enter a proposal to meet, or a counter-proposal (``answers``), and by which party it was made.

    A first proposal makes a session that is proposed. A counter-proposal is about the same session; where that
    one was not held or is over, about a new one in its stead.

    Raises
    ------
    Refused
        ``own-proposal``, ``already-answered``, ``no-seat``, ``other-forum``, ``date-unclear``, ``zone-unknown``.
    """
    _at_the_table(forum, by)
    proposer = _seated(party or by.party, forum)
    given = _clock(made_at, zone)
    if answers is not None:
        answers = _answerable(_as_it_stands(answers), forum, proposer)
    former = answers.session if answers is not None else session and _standing(session)
    if former is not None and former.forum_id != forum.pk:
        raise Refused("other-forum")
    about = former if former is not None and former.state in OPEN else _new_session(forum, former, by)
    proposal = Proposal.objects.create(
        session=about, number=Proposal.objects.filter(session__forum=forum).count() + 1, party=proposer,
        made_on=read_date(made_on) or (given.date().isoformat() if given else ""), made_at=made_at, zone=zone,
        channel=channel, for_day=read_date(for_day), place=place, tier=_tier(tier, forum), asks_for=asks_for, text=text,
        answers=answers, quotation=_quotation(quotation, by), **_entered(by),
    )  # fmt: skip
    if about.state == SessionState.PROPOSED:
        about.day, about.place = proposal.for_day or about.day, place or about.place
        about.tier, about.zone = proposal.tier or about.tier, zone
        about.save(update_fields=["day", "place", "tier", "zone"])
    if answers is not None and answers.answer == Proposal.Answer.PENDING:
        _answered(answers, Proposal.Answer.COUNTERED, proposer, proposal.made_on, "")
    return proposal


@recorded("agreements.answer_proposal")
def answer_proposal(
    *, by: Member, proposal: Proposal, accepts: bool, party: Party | None = None, answered_on: str = "", text: str = ""
) -> Proposal:
    """Enter that a party accepted a proposal, which confirms the session for that day, or declined it."""
    proposal = _as_it_stands(proposal)
    forum = proposal.session.forum
    _at_the_table(forum, by)
    answerer = _seated(party or by.party, forum)
    if answerer == proposal.party:
        raise Refused("own-proposal", proposal=proposal.number)
    if proposal.answer != Proposal.Answer.PENDING:
        raise Refused("already-answered", proposal=proposal.number, answer=proposal.answer)
    day = read_date(answered_on)
    if accepts:
        session = proposal.session
        if session.state not in OPEN:
            raise Refused("session-over", session=session.code, state=session.state)
        session.day, session.place = proposal.for_day or session.day, proposal.place or session.place
        session.tier, session.zone = proposal.tier or session.tier, proposal.zone
        session.state = SessionState.CONFIRMED
        session.save(update_fields=["day", "place", "tier", "zone", "state"])
        _step(session, by, day=day, note="")
    _answered(proposal, Proposal.Answer.ACCEPTED if accepts else Proposal.Answer.DECLINED, answerer, day, text)
    return proposal


@recorded("agreements.withdraw_proposal")
def withdraw_proposal(*, by: Member, proposal: Proposal, on: str = "", text: str = "") -> Proposal:
    """Enter that the proposer has withdrawn its proposal before it was answered."""
    proposal = _as_it_stands(proposal)
    _at_the_table(proposal.session.forum, by)
    if proposal.answer != Proposal.Answer.PENDING:
        raise Refused("already-answered", proposal=proposal.number, answer=proposal.answer)
    _answered(proposal, Proposal.Answer.WITHDRAWN, proposal.party, read_date(on), text)
    return proposal


def _as_it_stands(proposal: Proposal) -> Proposal:
    """A proposal read again: the one given may be older than what has happened since."""
    return (
        Proposal.objects.select_for_update(of=("self",)).select_related("session__forum", "party").get(pk=proposal.pk)
    )


def _answerable(proposal: Proposal, forum: Forum, proposer: Party) -> Proposal:
    if proposal.session.forum_id != forum.pk:
        raise Refused("other-forum")
    if proposal.party == proposer:
        raise Refused("own-proposal", proposal=proposal.number)
    if proposal.answer not in (Proposal.Answer.PENDING, Proposal.Answer.ACCEPTED):
        raise Refused("already-answered", proposal=proposal.number, answer=proposal.answer)
    return proposal


def _answered(proposal: Proposal, answer: Proposal.Answer, party: Party, day: str, text: str) -> None:
    proposal.answer, proposal.answered_by, proposal.answered_on, proposal.answer_text = answer, party, day, text
    proposal.save(update_fields=["answer", "answered_by", "answered_on", "answer_text"])


def _new_session(forum: Forum, instead_of: Session | None, by: Member) -> Session:
    last = forum.sessions.order_by("-number").first()
    session = Session.objects.create(
        forum=forum, number=last.number + 1 if last else 1, instead_of=instead_of, **_entered(by)
    )
    _step(session, by, day="", note="")
    return session


# ---------- Sessions ----------


@recorded("agreements.enter_session")
def enter_session(
    *,
    by: Member,
    forum: Forum,
    day: str,
    tier: Tier | None = None,
    number: int | None = None,
    state: str = SessionState.HELD,
    place: str = "",
    absent: Sequence[Party] = (),
    note: str = "",
) -> Session:
    """Enter a session of the past, known as precisely as its source says: the year may be all."""
    _at_the_table(forum, by)
    read = read_date(day)
    if not read:
        raise Refused("day-missing")
    if state not in (SessionState.HELD, SessionState.NOT_HELD, SessionState.POSTPONED):
        raise Refused("session-life", state=state)
    _happened(read)
    last = forum.sessions.order_by("-number").first()
    wanted = number or (last.number + 1 if last else 1)
    if forum.sessions.filter(number=wanted).exists():
        raise Refused("code-taken", code=wanted)
    if (state == SessionState.NOT_HELD) != bool(absent):
        raise Refused("absent-missing")
    session = Session.objects.create(
        forum=forum, number=wanted, tier=_tier(tier, forum), state=SessionState(state), day=read, place=place,
        **_entered(by),
    )  # fmt: skip
    session.absent.set([_seated(party, forum) for party in absent])
    _step(session, by, day=read, note=note)
    return session


@recorded("agreements.hold")
def hold(
    *,
    by: Member,
    session: Session,
    day: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    zone: str = "",
    place: str = "",
    tier: Tier | None = None,
    note: str = "",
) -> Session:
    """Enter that a confirmed session was held: when, in local time with its zone, and where."""
    standing = _to_move(session, SessionState.HELD, by)
    if standing.state == SessionState.SUSPENDED:
        raise Refused("already-held", session=session.code)
    standing.zone = zone or standing.zone
    local = _clock(starts_at, standing.zone)
    if starts_at and ends_at and ends_at < starts_at:
        raise Refused("ends-before")
    standing.day = read_date(day) or (local.date().isoformat() if local else standing.day)
    if not standing.day:
        raise Refused("day-missing")
    _happened(standing.day)
    standing.starts_at, standing.ends_at = starts_at, ends_at
    standing.place, standing.tier = place or standing.place, _tier(tier, session.forum) or standing.tier
    return _moved(standing, SessionState.HELD, by, day=standing.day, note=note)


@recorded("agreements.postpone")
def postpone(
    *, by: Member, session: Session, reason: Claim | Reason | None = None, day: str = "", note: str = ""
) -> Session:
    """Enter that a session was put off; a later proposal gives it a new day. The reason given is a claim."""
    standing = _to_move(session, SessionState.POSTPONED, by)
    return _moved(standing, SessionState.POSTPONED, by, day=read_date(day), note=note, reason=reason)


@recorded("agreements.not_held")
def not_held(
    *,
    by: Member,
    session: Session,
    absent: Sequence[Party],
    reason: Claim | Reason | None = None,
    day: str = "",
    note: str = "",
) -> Session:
    """Enter that a session did not take place because a party stayed away, and which."""
    standing = _to_move(session, SessionState.NOT_HELD, by)
    if not absent:
        raise Refused("absent-missing")
    standing.absent.set([_seated(party, session.forum) for party in absent])
    return _moved(standing, SessionState.NOT_HELD, by, day=read_date(day) or standing.day, note=note, reason=reason)


@recorded("agreements.suspend")
def suspend(
    *, by: Member, session: Session, reason: Claim | Reason | None = None, day: str = "", note: str = ""
) -> Session:
    """Enter that a session was broken off and is to be resumed. The reason given is a claim."""
    standing = _to_move(session, SessionState.SUSPENDED, by)
    return _moved(standing, SessionState.SUSPENDED, by, day=read_date(day) or standing.day, note=note, reason=reason)


@recorded("agreements.resume")
def resume(*, by: Member, session: Session, day: str = "", ends_at: datetime | None = None, note: str = "") -> Session:
    """Enter that a suspended session was resumed and held to its end."""
    standing = _to_move(session, SessionState.HELD, by)
    if standing.state != SessionState.SUSPENDED:
        raise Refused("session-life", session=session.code, state=standing.state)
    standing.ends_at = ends_at or standing.ends_at
    return _moved(standing, SessionState.HELD, by, day=read_date(day), note=note)


def _standing(session: Session) -> Session:
    return Session.objects.select_for_update(of=("self",)).select_related("forum", "tier").get(pk=session.pk)


def _to_move(session: Session, state: SessionState, by: Member) -> Session:
    _at_the_table(session.forum, by)
    standing = _standing(session)
    if standing.state == state == SessionState.HELD:
        raise Refused("already-held", session=session.code)
    if state not in SESSION_LIFE[standing.state]:
        raise Refused("session-life", session=session.code, state=standing.state, asked=state)
    return standing


def _moved(
    session: Session, state: SessionState, by: Member, *, day: str, note: str, reason: Claim | Reason | None = None
) -> Session:
    given = _reason(reason, session.journal_name, by)
    session.state = state
    session.save()
    _step(session, by, day=day, note=note, reason=given)
    return session


def _step(session: Session, by: Member, *, day: str, note: str, reason: Claim | None = None) -> None:
    SessionStep.objects.create(session=session, state=session.state, day=day, note=note, reason=reason, **_entered(by))


# ---------- What belongs to a session ----------


@recorded("agreements.add_agenda_item")
def add_agenda_item(
    *,
    by: Member,
    session: Session,
    text: str,
    inside: bool = True,
    language: str = "",
    party: Party | None = None,
    quotation: Quotation | None = None,
) -> AgendaItem:
    """Enter what a session speaks of, or what is expressly outside it, and who says so."""
    _at_the_table(session.forum, by)
    if not text.strip():
        raise Refused("nothing-quoted")
    return AgendaItem.objects.create(
        session=session, number=session.agenda.count() + 1, text=text.strip(), inside=inside, language=language,
        party=_seated_or_none(party, session.forum), quotation=_quotation(quotation, by), **_entered(by),
    )  # fmt: skip


@recorded("agreements.name_delegate")
def name_delegate(
    *,
    by: Member,
    session: Session,
    party: Party,
    name: str,
    name_native: str = "",
    organisation: Party | None = None,
    rank: str = "",
    office: str = "",
    leads: bool = False,
    quotation: Quotation | None = None,
    claim: Claim | None = None,
) -> Delegate:
    """Enter someone at the table: for which party he acts, and to which organisation he belongs.

    Rank and office are entered as said by the given source; ``add_attribute`` sets another source's beside them.
    """
    _at_the_table(session.forum, by)
    if not name.strip():
        raise Refused("name-missing")
    delegation, _made = Delegation.objects.get_or_create(session=session, party=_seated(party, session.forum))
    if delegation.delegates.filter(name=name.strip()).exists():
        raise Refused("delegate-named", name=name)
    delegate = Delegate.objects.create(
        delegation=delegation, name=name.strip(), name_native=name_native, organisation=organisation, leads=leads,
        **_entered(by),
    )  # fmt: skip
    said = {Attribute.Kind.RANK: rank, Attribute.Kind.OFFICE: office}
    for kind, value in said.items():
        if value.strip():
            _attribute(delegate, kind, value, quotation, claim, by)
    return delegate


@recorded("agreements.add_attribute")
def add_attribute(
    *,
    by: Member,
    delegate: Delegate,
    kind: str,
    value: str,
    quotation: Quotation | None = None,
    claim: Claim | None = None,
) -> Attribute:
    """Set one source's word about a delegate beside what others say: rank, office, for whom he acts."""
    _at_the_table(delegate.delegation.session.forum, by)
    if not value.strip():
        raise Refused("nothing-claimed")
    return _attribute(delegate, kind, value, quotation, claim, by)


def _attribute(
    delegate: Delegate, kind: str, value: str, quotation: Quotation | None, claim: Claim | None, by: Member
) -> Attribute:
    source, claimed = _quotation(quotation, by), _claim(claim, by)
    same = delegate.attributes.filter(kind=kind, value=value.strip(), quotation=source, claim=claimed)
    if same.exists():
        raise Refused("attribute-said", value=value)
    return Attribute.objects.create(
        delegate=delegate, kind=Attribute.Kind(kind), value=value.strip(), quotation=source, claim=claimed,
        **_entered(by),
    )  # fmt: skip


@recorded("agreements.keep_minutes")
def keep_minutes(*, by: Member, session: Session, document: Document, language: str = "", summary: str = "") -> Minutes:
    """Keep one's own party's minutes of a session: a document with its digest. Newer ones supersede, not replace."""
    _at_the_table(session.forum, by)
    source = documents.document(document.pk, by=by)
    spoken = language or source.language
    if source.holder_id != by.party_id or not source.digest:
        raise Refused("minutes-not-ours", document=source.pk)
    if not spoken:
        raise Refused("language-missing")
    if session.minutes.filter(holder=by.party, document=source).exists():
        raise Refused("already-kept", document=source.digest)
    former = session.minutes.filter(holder=by.party, language=spoken, superseded_by=None).first()
    if former is not None:  # two may not stand at once, so the former steps back before the new one is made
        former.superseded_by = former
        former.save(update_fields=["superseded_by"])
    minutes = Minutes.objects.create(session=session, document=source, language=spoken, summary=summary, **_entered(by))
    if former is not None:
        former.superseded_by = minutes
        former.save(update_fields=["superseded_by"])
    return minutes


@recorded("agreements.release_minutes")
def release_minutes(*, by: Member, minutes: Minutes) -> Minutes:
    """Let the other parties of the forum read one's own minutes, file included. This cannot be taken back."""
    _at_the_table(minutes.session.forum, by)
    if minutes.holder_id != by.party_id:
        raise Refused(NOT_FOUND)
    if minutes.released_at is not None:
        raise Refused("already-released")
    minutes.released_at = timezone.now()
    minutes.save(update_fields=["released_at"])
    for seat in minutes.session.forum.seats.exclude(party=by.party).select_related("party"):
        show_document(by=by, document=minutes.document, to=seat.party)
    return minutes


@recorded("agreements.write_fingerprint")
def write_fingerprint(
    *, by: Member, session: Session, party: Party, fingerprint: str, name: str = ""
) -> FingerprintExchange:
    """Write down the fingerprint of a party's key as it was read out at the table.

    Each party writes down what it heard; where all wrote the same it can be relied on.
    """
    _at_the_table(session.forum, by)
    digits = re.sub(r"[\s:-]", "", fingerprint).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise Refused("fingerprint-form", digits=len(digits))
    spoken = _seated(party, session.forum)
    if session.fingerprints.filter(party=spoken, fingerprint=digits, holder=by.party).exists():
        raise Refused("fingerprint-written")
    return FingerprintExchange.objects.create(
        session=session, party=spoken, fingerprint=digits, name=name, **_entered(by)
    )


@recorded("agreements.draw_up_statement")
def draw_up_statement(*, by: Member, session: Session) -> Statement:
    """Write the statement of what became of a session, for its sides to sign: the same bytes for all.

    It holds the fingerprints that both sides wrote alike and the digests of the minutes that were released.
    Who stayed away is not asked to sign that it did.
    """
    _at_the_table(session.forum, by)
    standing = _standing(session)
    if standing.state in OPEN - {SessionState.POSTPONED}:
        raise Refused("session-open", session=session.code)
    if len(standing.day) < len("2018-07-16"):
        raise Refused("day-inexact", day=standing.day)
    _not_waiting(standing.statement)
    absent = list(standing.absent.all())
    sides = queries.sides(standing.forum)
    if by.party not in sides:
        raise Refused("no-seat", party=by.party.code)
    made = seals.prepare(
        by=by,
        kind="session",
        subject=standing.journal_name,
        body=_statement_body(standing, [party.code for party in absent]),
        signers=[(by.party, "author")]
        + [(party, "countersigner") for party in sides if party != by.party and party not in absent],
        place=standing.place,
        zone=standing.zone,
    )
    standing.statement, standing.sealed_at = made.digest, None
    standing.save(update_fields=["statement", "sealed_at"])
    return made


def _not_waiting(digest: str) -> None:
    """What was drawn up before is signed, discarded or voided before the same is drawn up again."""
    if Statement.objects.filter(digest=digest, stands=False, discarded_at=None, voided_by=None).exists():
        raise Refused("already-drawn-up", digest=digest)


def _statement_body(session: Session, absent: Sequence[str]) -> dict[str, Any]:
    agreed = [one for one in queries.exchanged(session) if one.agreed]
    released = session.minutes.filter(released_at__isnull=False, superseded_by=None).select_related("document")
    return {
        "forum": session.forum.name,
        "number": str(session.number),
        "tier": session.tier.name if session.tier else "",
        "date": session.day,
        "state": session.state,
        "absent": sorted(absent),
        "fingerprints": [{"party": one.party.code, "fingerprint": one.fingerprint} for one in agreed],
        "minutes": [{"lang": one.language, "digest": one.document.digest} for one in released],
    }


# ---------- Agreements ----------


@recorded("agreements.enter_agreement")
def enter_agreement(
    *,
    by: Member,
    code: str,
    name: str,
    parties: Sequence[Party],
    dated: str,
    name_ko: str = "",
    kind: str = Agreement.Kind.AGREEMENT,
    session: Session | None = None,
    parent: Agreement | None = None,
    place: str = "",
    source: Sequence[Document] = (),
) -> Agreement:
    """Enter an agreement or a joint statement: between whom, of which date, with its documents."""
    by.require("record talks")
    _among(by, parties)
    if Agreement.objects.filter(code=_code(code)).exists():
        raise Refused("code-taken", code=code)
    if not dated.strip():
        raise Refused("day-missing")
    above = queries.agreement(parent.code, by=by) if parent else None
    if above is not None and _starts(above.dated) > _ends(read_date(dated)):
        raise Refused("before-its-parent", parent=above.code)
    agreement = Agreement.objects.create(
        code=code, name=name, name_ko=name_ko, kind=Agreement.Kind(kind), dated=read_date(dated), place=place,
        session=queries.session(session.code, by=by) if session else None, parent=above, **_entered(by),
    )  # fmt: skip
    agreement.parties.set(parties)
    agreement.documents.set([documents.document(one.pk, by=by) for one in source])
    return agreement


@recorded("agreements.quote_clause")
def quote_clause(*, by: Member, agreement: Agreement, number: str, texts: Sequence[Words]) -> Clause:
    """Quote a clause of an agreement in one or more of its languages. What was quoted is not quoted over."""
    seen = _bound(queries.agreement(agreement.code, by=by), by)
    if not texts or not number.strip():
        raise Refused("nothing-quoted")
    clause, _made = Clause.objects.get_or_create(
        agreement=seen, number=number.strip(), defaults={"place": seen.clauses.count() + 1, **_entered(by)}
    )
    for words in texts:
        if clause.texts.filter(language=words.language).exists():
            raise Refused("already-quoted", language=words.language)
        ClauseText.objects.create(clause=clause, **_worded(words, by))
    return clause


@recorded("agreements.enter_commitment")
def enter_commitment(
    *,
    by: Member,
    code: str,
    name: str,
    obligors: Sequence[Party],
    parties: Sequence[Party] = (),
    name_ko: str = "",
    agreement: Agreement | None = None,
    clause: Clause | None = None,
    session: Session | None = None,
    parent: Commitment | None = None,
    measure: str = "",
    measure_ko: str = "",
    unit: str = Unit.OTHER,
    target: Decimal | int | str | None = None,
    qualifier: str = Qualifier.EXACT,
    stated_on: str = "",
    due: str = "",
    state: str = CommitmentState.STATED,
    texts: Sequence[Words] = (),
) -> Commitment:
    """Enter what a party has bound itself to, in its own words, with what can be counted of it.

    Between whom it holds follows from its agreement where ``parties`` does not say.

    Raises
    ------
    Refused
        ``code-taken``, ``obligor-missing``, ``due-before-agreement``, ``before-its-parent``, ``needs-assessments``,
        ``no-seat``, ``nothing-quoted``, ``not-a-count``, ``date-unclear``.
    """
    by.require("record talks")
    quoted = clause.agreement if clause is not None else agreement
    source = queries.agreement(quoted.code, by=by) if quoted is not None else None
    concerned = list(parties) or (list(source.parties.all()) if source else list(obligors))
    _among(by, concerned)
    if not obligors or any(party not in concerned for party in obligors):
        raise Refused("obligor-missing")
    if Commitment.objects.filter(code=_code(code)).exists():
        raise Refused("code-taken", code=code)
    if state not in (CommitmentState.STATED, CommitmentState.AGREED):
        raise Refused("needs-assessments", state=state)
    if not texts:
        raise Refused("nothing-quoted")
    above = queries.commitment(parent.code, by=by) if parent else None
    said_on, due_by = read_date(stated_on) or (source.dated if source else ""), read_date(due)
    if said_on and due_by and _ends(due_by) < _starts(said_on):
        raise Refused("due-before-agreement", due=due_by, stated_on=said_on)
    if above is not None and above.stated_on and said_on and _ends(said_on) < _starts(above.stated_on):
        raise Refused("before-its-parent", parent=above.code)
    commitment = Commitment.objects.create(
        code=code, name=name, name_ko=name_ko, agreement=source, clause=clause, parent=above,
        session=queries.session(session.code, by=by) if session else None, measure=measure, measure_ko=measure_ko,
        unit=Unit(unit), target=read_count(target), qualifier=Qualifier(qualifier), stated_on=said_on, due=due_by,
        state=CommitmentState(state), **_entered(by),
    )  # fmt: skip
    commitment.parties.set(concerned)
    commitment.obligors.set(obligors)
    for words in texts:
        CommitmentText.objects.create(commitment=commitment, **_worded(words, by))
    CommitmentStep.objects.create(commitment=commitment, state=commitment.state, day=said_on, **_entered(by))
    return commitment


@recorded("agreements.quote_commitment")
def quote_commitment(*, by: Member, commitment: Commitment, texts: Sequence[Words]) -> Commitment:
    """Quote a commitment in a further language. What was quoted is not quoted over."""
    standing = _bound(queries.commitment(commitment.code, by=by), by)
    if not texts:
        raise Refused("nothing-quoted")
    for words in texts:
        if standing.texts.filter(language=words.language).exists():
            raise Refused("already-quoted", language=words.language)
        CommitmentText.objects.create(commitment=standing, **_worded(words, by))
    return standing


@recorded("agreements.draw_up_commitment")
def draw_up_commitment(*, by: Member, commitment: Commitment) -> Statement:
    """Write a commitment's text, in every language in which it is quoted, as a proposal for its sides to sign."""
    standing = _bound(queries.commitment(commitment.code, by=by), by)
    _not_waiting(standing.statement)
    others = [party for party in standing.parties.all() if not party.neutral and party != by.party]
    if by.party.neutral or not others:
        raise Refused("no-seat", party=by.party.code)
    made = seals.prepare(
        by=by,
        kind="proposal",
        subject=f"agreement:{standing.agreement.code}/{standing.code}"
        if standing.agreement
        else f"agreement:{standing.code}",
        body={
            "what": "agreement",
            "from": [by.party.code],
            "to": sorted(party.code for party in others),
            "through": [],
            "date": standing.due if len(standing.due) == len("2018-07-16") else "",
            "place": "",
            "level": "",
            "asks_for": "",
            "answers": "",
            "terms": [{"lang": text.language, "text": text.text} for text in standing.texts.all()],
        },
        signers=[(by.party, "author"), *((party, "countersigner") for party in others)],
    )
    standing.statement, standing.sealed_at = made.digest, None
    standing.save(update_fields=["statement", "sealed_at"])
    return made


@recorded("agreements.move_commitment")
def move_commitment(*, by: Member, commitment: Commitment, state: str, day: str = "", why: str = "") -> Commitment:
    """Enter that a commitment was agreed, is under way, has lapsed or was withdrawn.

    Whether it is fulfilled is not entered here: that follows from what each party says of it.
    """
    standing = _bound(queries.commitment(commitment.code, by=by), by)
    if state not in COMMITMENT_LIFE:
        raise Refused("needs-assessments", state=state)
    if state not in COMMITMENT_LIFE[standing.state]:
        raise Refused("commitment-life", state=standing.state, asked=state)
    standing.state = CommitmentState(state)
    standing.save(update_fields=["state"])
    CommitmentStep.objects.create(
        commitment=standing, state=standing.state, day=read_date(day), why=why, **_entered(by)
    )
    return standing


@recorded("agreements.assess")
def assess(
    *,
    by: Member,
    commitment: Commitment,
    view: str,
    as_of: str,
    done: Decimal | int | str | None = None,
    text: str = "",
    language: str = "",
) -> Assessment:
    """Say in the name of one's own party how far a commitment is fulfilled. What it said before is kept."""
    standing = _bound(queries.commitment(commitment.code, by=by), by)
    if not as_of.strip():
        raise Refused("day-missing")
    if standing.state == CommitmentState.WITHDRAWN:
        raise Refused("commitment-life", state=standing.state)
    return Assessment.objects.create(
        commitment=standing, view=Assessment.View(view), done=read_count(done), text=text.strip(), language=language,
        as_of=read_date(as_of), **_entered(by),
    )  # fmt: skip


@recorded("agreements.add_evidence")
def add_evidence(
    *,
    by: Member,
    commitment: Commitment,
    object: str,
    amount: Decimal | int | str | None = None,
    unit: str = Unit.OTHER,
    note: str = "",
) -> Evidence:
    """Link what bears on a commitment: ``transfer:T-2018-01``, ``operation:…``, ``document:sha256:…``."""
    standing = _bound(queries.commitment(commitment.code, by=by), by)
    named = object.strip()
    if not re.fullmatch(r"[a-z]+:\S[^\n]*", named):
        raise Refused("object-form", object=object)
    if standing.evidence.filter(object=named, holder=by.party, withdrawn_at=None).exists():
        raise Refused("already-linked", object=named)
    return Evidence.objects.create(
        commitment=standing, object=named, amount=read_count(amount), unit=Unit(unit), note=note, **_entered(by)
    )


@recorded("agreements.withdraw_evidence")
def withdraw_evidence(*, by: Member, evidence: Evidence) -> Evidence:
    """Take back what one's own party linked. It stays on record, struck."""
    by.require("record talks")
    if evidence.holder_id != by.party_id:
        raise Refused(NOT_FOUND)
    if evidence.withdrawn_at is not None:
        raise Refused("already-withdrawn")
    evidence.withdrawn_at = timezone.now()
    evidence.save(update_fields=["withdrawn_at"])
    return evidence


# ---------- Who may, and what is read ----------


def _entered(by: Member) -> dict[str, Any]:
    return {"holder": by.party, "entered_by": by.actor}


def _code(code: str) -> str:
    """A code that can stand in an address and in a signed statement. ``enter`` is the address of a form."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,50}", code) or code == "enter":
        raise Refused("code-form", code=code)
    return code


def _at_the_table(forum: Forum, by: Member) -> None:
    """Who records about a forum acts for a party that sits at it."""
    by.require("record talks")
    if not forum.seats.filter(party=by.party).exists():
        raise Refused(NOT_FOUND, forum=forum.code)


def _seated(party: Party, forum: Forum) -> Party:
    if not forum.seats.filter(party=party).exists():
        raise Refused("no-seat", party=party.code)
    return party


def _seated_or_none(party: Party | None, forum: Forum) -> Party | None:
    return _seated(party, forum) if party is not None else None


def _tier(tier: Tier | None, forum: Forum) -> Tier | None:
    if tier is not None and tier.forum_id != forum.pk:
        raise Refused("other-forum")
    return tier


def _among(by: Member, parties: Iterable[Party]) -> None:
    if by.party not in parties:
        raise Refused("no-seat", party=by.party.code)


Joint = TypeVar("Joint", Agreement, Commitment)


def _bound(record: Joint, by: Member) -> Joint:
    """Who writes on a joint record acts for one of its parties; to have been shown it is not enough."""
    by.require("record talks")
    if not record.parties.filter(pk=by.party_id).exists():
        raise Refused(NOT_FOUND)
    return record


def _quotation(quotation: Quotation | None, by: Member) -> Quotation | None:
    return documents.quotation(quotation.pk, by=by) if quotation is not None else None


def _claim(claim: Claim | None, by: Member) -> Claim | None:
    return documents.claim_by_key(claim.pk, by=by) if claim is not None else None


def _reason(reason: Claim | Reason | None, about: str, by: Member) -> Claim | None:
    """The claim that says why: one already entered, or a new one of whoever gave the reason."""
    if not isinstance(reason, Reason):
        return _claim(reason, by)
    if not reason.claimant.strip() or not reason.text.strip():
        raise Refused("reason-whose")
    return enter_claim(
        by=by, about=about, topic="reason given", claimant=reason.claimant, value_text=reason.text,
        quotation=reason.quotation,
    )  # fmt: skip


def _worded(words: Words, by: Member) -> dict[str, Any]:
    if not words.text.strip() or not words.language.strip():
        raise Refused("nothing-quoted")
    quotation = _quotation(words.quotation, by)
    document = documents.document(words.document.pk, by=by) if words.document else quotation and quotation.document
    return {
        "language": words.language.strip(),
        "text": words.text.strip(),
        "original": words.original,
        "quotation": quotation,
        "document": document,
        "page": words.page or (quotation.page if quotation else ""),
    }


def _clock(moment: datetime | None, zone: str) -> datetime | None:
    """A moment as the clocks of the place showed it."""
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise Refused("zone-unknown", zone=zone) from None
    if moment is not None and moment.tzinfo is None:
        raise Refused("zone-unknown", zone="")
    return moment.astimezone(place) if moment is not None else None


def _happened(day: str) -> None:
    """What was held lies in the past, wherever on earth it was."""
    if _starts(day) > timezone.now().date() + timedelta(days=1):
        raise Refused("not-yet", day=day)


def _starts(day: str) -> date:
    return DateSpan.read(day).earliest


def _ends(day: str) -> date:
    return DateSpan.read(day).latest
