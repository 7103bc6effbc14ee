"""How talks and commitments are shown: states with their shapes, days with their local time, what evidence leads to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casework.agreements.models import Assessment, Commitment, CommitmentState, Proposal, Session, SessionState
from casework.agreements.queries import FirstSince
from casework.documents.templatetags.documents import worded
from casework.parties.models import Party
from casework.parties.templatetags.face import state

register = template.Library()

SESSION = {
    SessionState.PROPOSED: "missing",
    SessionState.CONFIRMED: "candidate",
    SessionState.HELD: "exact",
    SessionState.POSTPONED: "sampled",
    SessionState.NOT_HELD: "contested",
    SessionState.SUSPENDED: "certified",
}
COMMITMENT = {
    CommitmentState.STATED: "missing",
    CommitmentState.AGREED: "certified",
    CommitmentState.UNDER_WAY: "candidate",
    CommitmentState.FULFILLED: "exact",
    CommitmentState.PARTLY_FULFILLED: "sampled",
    CommitmentState.DISPUTED: "contested",
    CommitmentState.LAPSED: "excluded",
    CommitmentState.WITHDRAWN: "excluded",
}
VIEW = {
    Assessment.View.NOT_BEGUN: "missing",
    Assessment.View.UNDER_WAY: "candidate",
    Assessment.View.PARTLY_FULFILLED: "sampled",
    Assessment.View.FULFILLED: "exact",
    Assessment.View.NOT_FULFILLED: "excluded",
    Assessment.View.DISPUTED: "contested",
}
ANSWER = {
    Proposal.Answer.PENDING: "missing",
    Proposal.Answer.ACCEPTED: "exact",
    Proposal.Answer.DECLINED: "excluded",
    Proposal.Answer.COUNTERED: "candidate",
    Proposal.Answer.WITHDRAWN: "excluded",
}


@register.simple_tag
def session_state(session: Session) -> SafeString:
    return state(SESSION[SessionState(session.state)], str(SessionState(session.state).label))


@register.simple_tag
def commitment_state(code: str) -> SafeString:
    return state(COMMITMENT[CommitmentState(code)], str(CommitmentState(code).label))


@register.simple_tag
def view_state(code: str) -> SafeString:
    return state(VIEW[Assessment.View(code)], str(Assessment.View(code).label))


@register.simple_tag
def answer_state(proposal: Proposal) -> SafeString:
    return state(ANSWER[Proposal.Answer(proposal.answer)], str(Proposal.Answer(proposal.answer).label))


@register.filter
def named(parties: Iterable[Party]) -> str:
    """Parties by name, side by side."""
    return ", ".join(party.shown_name for party in parties)


@register.filter
def session_word(code: str) -> str:
    return str(SessionState(code).label)


LEADS = {
    SessionState.PROPOSED: gettext_lazy("A session was proposed. It has not been confirmed."),
    SessionState.CONFIRMED: gettext_lazy("The session is confirmed for %(day)s."),
    SessionState.HELD: gettext_lazy("The session was held on %(day)s."),
    SessionState.POSTPONED: gettext_lazy("The session was postponed; no new day is confirmed."),
    SessionState.NOT_HELD: gettext_lazy(
        "The session was planned for %(day)s and was not held: %(absent)s stayed away."
    ),
    SessionState.SUSPENDED: gettext_lazy("The session was held on %(day)s and broken off; it is to be resumed."),
}


@register.simple_tag
def session_lead(session: Session, absent: Iterable[Party], since: FirstSince) -> str:
    """One or two sentences that a family could read: what became of the session."""
    day = session.day or _("a day not stated")
    words = str(LEADS[SessionState(session.state)]) % {"day": day, "absent": named(absent)}
    if session.state in (SessionState.HELD, SessionState.SUSPENDED) and since.at_tier is not None and session.tier:
        first = _("It was the first at this level, %(level)s, since %(day)s.")
        return f"{words} {first % {'level': session.tier.shown_name, 'day': since.at_tier.day}}"
    return words


@register.simple_tag
def clock(begun: datetime | None, ended: datetime | None, zone: str) -> SafeString:
    """Local time with its zone, and the same in UTC: acts between parties carry both."""
    if begun is None:
        return format_html('<span class="quiet">{}</span>', _("time not recorded"))
    local = begun.astimezone(ZoneInfo(zone))
    words = {"zone": zone, "offset": _offset(local.utcoffset() or timedelta())}
    return format_html(
        '{} <span class="quiet">{}</span><br><span class="small quiet">{} UTC</span>',
        _span(local, ended.astimezone(ZoneInfo(zone)) if ended else None),
        "{zone}, {offset}".format(**words),
        _span(begun.astimezone(ZoneInfo("UTC")), ended.astimezone(ZoneInfo("UTC")) if ended else None),
    )


def _span(begun: datetime, ended: datetime | None) -> str:
    if ended is None:
        return f"{begun:%Y-%m-%d %H:%M}"
    last = f"{ended:%H:%M}" if ended.date() == begun.date() else f"{ended:%Y-%m-%d %H:%M}"
    return f"{begun:%Y-%m-%d %H:%M}–{last}"


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


@register.simple_tag
def target(commitment: Commitment) -> SafeString:
    """What was promised, in its unit, as it was worded."""
    if commitment.target is None:
        return format_html('<span class="quiet">{}</span>', _("no number stated"))
    return format_html("{}", worded(commitment.target, commitment.qualifier))


# Where the records of other rooms are read; a room that is not there yet has no address.
ADDRESSES: Mapping[str, str] = {
    "session": "agreements:session",
    "agreement": "agreements:agreement",
    "commitment": "agreements:commitment",
    "forum": "agreements:forum",
    "transfer": "custody:transfer",
    "container": "custody:numbered",
}


@register.simple_tag
def record_link(named_object: str) -> SafeString:
    """A record by its kind and number, with the way to it where there is one."""
    kind, _colon, number = named_object.partition(":")
    if kind == "document":
        address = f"{reverse('documents:documents')}?text={number}"
    else:
        try:
            address = reverse(ADDRESSES[kind], args=(number,))
        except (KeyError, NoReverseMatch):
            return format_html('<span class="id">{}</span>', named_object)
    shown = named_object if len(named_object) < 40 else f"{named_object[:36]}…"
    return format_html('<a class="id" href="{}">{}</a>', address, shown)
