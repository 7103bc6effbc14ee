"""Pages of talks, agreements and commitments. What is done on them is in ``acts``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.agreements import plots, queries
from casework.agreements.forms import PromisedFilter
from casework.agreements.models import CommitmentState, Forum, Minutes, Pause, Session, SessionState, SessionStep
from casework.documents import queries as documents
from casework.documents.models import Claim, Document, MediaType, Quotation
from casework.frame import additions
from casework.journal.queries import history
from casework.parties.models import Member
from casework.parties.queries import keys
from casework.parties.refusal import Refused
from casework.parties.request import Request
from homeward.programme import DateSpan

PAGE = 50
READ_HERE = 64 * 1024  # bytes of minutes in plain text that are shown on the page itself


def talks(request: Request) -> HttpResponse:
    by = request.member
    found = queries.undertakings(queries.commitments(by=by))
    states = Counter(one.view for one in found)
    return render(
        request,
        "agreements/talks.html",
        {
            "standing": queries.standing(by=by),
            "mandates": (mandates := list(queries.mandates(by=by))),
            "quoted": seen_quotations((mandate.quotation_id for mandate in mandates), by),
            "commitments": len(found),
            "states": [(state, states[state]) for state in CommitmentState if states[state]],
            "agreements": queries.agreements(by=by)[:5],
        },
    )


def forum(request: Request, code: str) -> HttpResponse:
    by = request.member
    one = queries.forum(code, by=by)
    meetings = queries.meetings(one)
    pauses = list(one.pauses.select_related("party"))
    return render(
        request,
        "agreements/forum.html",
        {
            "forum": one,
            "seats": queries.seats(one),
            "seated": one.seats.filter(party=by.party).exists(),
            "sessions": len(meetings),
            "page": Paginator(meetings, PAGE).get_page(request.GET.get("page")),
            "counts": Counter(meeting.session.state for meeting in meetings),
            "figure": timeline(one, meetings, pauses),
            "undrawn": _undrawn(meetings),
            "symbols": [(plots.symbol(state), SessionState(state).label) for state in _states(meetings)],
            "pauses": pauses,
            "reasons": _reasons(pauses, by),
            "paused": any(pause.until == "" for pause in pauses),
            "mandates": (mandates := list(queries.mandates(by=by).filter(forum=one))),
            "quoted": seen_quotations((mandate.quotation_id for mandate in mandates), by),
            "sections": additions("agreements.forum", request, one),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def _states(meetings: list[queries.Meeting]) -> list[str]:
    present = {meeting.session.state for meeting in meetings}
    return [state.value for state in SessionState if state in present]


def timeline(forum: Forum, meetings: list[queries.Meeting], pauses: list[Any]) -> SafeString | str:
    """The forum's sessions on a line of time; empty while none has a day."""
    tiers = list(forum.tiers.all())
    rows = {tier.pk: number for number, tier in enumerate(tiers)}
    dated = [meeting.session for meeting in meetings if meeting.session.day]
    names = [tier.shown_name for tier in tiers]
    if any(session.tier_id is None for session in dated):
        names.append(_("level not stated"))
    marks = [plots.Mark(rows.get(one.tier_id or 0, len(tiers)), one.day, one.state, one.number) for one in dated]
    bands = [plots.Band(pause.since, pause.until, _("did not meet")) for pause in pauses]
    title = _("Sessions of %(forum)s by level, in the order of their days") % {"forum": forum.shown_name}
    return plots.timeline(title, names, marks, bands, gap=gap_words) if marks else ""


def _undrawn(meetings: list[queries.Meeting]) -> int:
    """How many of the dated sessions are too early to find room in the figure."""
    days = [
        plots.Mark(0, one.session.day, one.session.state, one.session.number) for one in meetings if one.session.day
    ]
    return len(days) - len(plots.last_days(days))


def gap_words(earlier: str, later: str) -> str:
    """The time between two days as one says it: whole years, else months or days.

    Where only the year of one is known, the years are subtracted: from 2009 to July 2018 are nine years.
    """
    first, last = DateSpan.read(earlier).earliest, DateSpan.read(later).earliest
    years = last.year - first.year
    if len(earlier) > 4 and len(later) > 4:
        years -= (last.month, last.day) < (first.month, first.day)
    months = (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)
    if years >= 2 or (years == 1 and months >= 12):
        return ngettext("%(years)s year", "%(years)s years", years) % {"years": years}
    if months >= 2:
        return ngettext("%(months)s month", "%(months)s months", months) % {"months": months}
    days = (last - first).days
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def session(request: Request, code: str) -> HttpResponse:
    by = request.member
    one = queries.session(code, by=by)
    steps = list(one.steps.select_related("reason", "holder"))
    since = queries.first_since(one)
    agenda = list(one.agenda.select_related("party"))
    thread = queries.thread(one)
    delegations = queries.delegations(one)
    cited = [item.quotation_id for item in agenda] + _cited(thread)
    cited += [said.quotation_id for person in queries.described(delegations) for said in person]
    return render(
        request,
        "agreements/session.html",
        {
            "session": one,
            "seated": one.forum.seats.filter(party=by.party).exists(),
            "absent": list(one.absent.all()),
            "since": since,
            "gap": gap_words(since.at_tier.day, one.day) if since.at_tier else "",
            "steps": steps,
            "ahead": _ahead(one),
            "reasons": _reasons(steps, by),
            "thread": thread,
            "inside": [item for item in agenda if item.inside],
            "outside": [item for item in agenda if not item.inside],
            "delegations": delegations,
            "quoted": seen_quotations(cited, by),
            "minutes": minutes_by_side(one, by=by),
            "fingerprints": _pinned(queries.exchanged(one)),
            "commitments": queries.commitments(by=by).filter(session=one),
            "agreements": queries.agreements(by=by).filter(session=one),
            "matters": _matters(one.journal_name, by),
            "followed_by": one.replaced_by.select_related("forum"),
            "sections": additions("agreements.session", request, one),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def _cited(thread: list[queries.Said]) -> list[int | None]:
    return [quoted for said in thread for quoted in (said.proposal.quotation_id, *_cited(said.answers))]


def seen_quotations(wanted: Iterable[int | None], by: Member) -> dict[int, Quotation]:
    """Those quotations among the wanted that a member may see: a source that is another's own stays unnamed."""
    named = [key for key in wanted if key is not None]
    if not named or not by.may("see documents"):
        return {}
    return {one.pk: one for one in documents.quotations(by=by).filter(pk__in=named).select_related("document")}


def seen_documents(wanted: Iterable[int | None], by: Member) -> dict[int, Document]:
    """Those documents among the wanted that a member may see."""
    named = [key for key in wanted if key is not None]
    return documents.documents(by=by).in_bulk(named) if named and by.may("see documents") else {}


def _reasons(steps: Iterable[SessionStep | Pause], by: Member) -> dict[int, Claim]:
    """The reasons given for a halt, as far as a member may see the claims."""
    named = [step.reason_id for step in steps if step.reason_id is not None]
    if not named or not by.may("see documents"):
        return {}
    return {one.pk: one for one in documents.claims(by=by).filter(pk__in=named)}


def _ahead(one: Session) -> list[SessionState]:
    """The states that still lie ahead of a session, for the line of its life."""
    ahead = {
        SessionState.PROPOSED: [SessionState.CONFIRMED, SessionState.HELD],
        SessionState.CONFIRMED: [SessionState.HELD],
        SessionState.POSTPONED: [SessionState.CONFIRMED, SessionState.HELD],
        SessionState.SUSPENDED: [SessionState.HELD],
    }
    return ahead.get(SessionState(one.state), [])


def _matters(about: str, by: Member) -> list[documents.Matter]:
    return documents.side_by_side(documents.claims(by=by, about=about)) if by.may("see documents") else []


def minutes_by_side(one: Session, *, by: Member) -> list[dict[str, Any]]:
    """Each side's minutes of a session as far as a member may see them; for each side also that there are none."""
    visible = list(queries.minutes(one, by=by))
    parties = [seat.party for seat in queries.seats(one.forum)]
    return [
        {
            "party": party,
            "own": party.pk == by.party_id,
            "minutes": [(minutes, text_of(minutes)) for minutes in visible if minutes.holder_id == party.pk],
        }
        for party in parties
        if not party.neutral or any(minutes.holder_id == party.pk for minutes in visible)
    ]


def text_of(minutes: Minutes) -> str:
    """The words of minutes kept as plain text, for reading beside the other side's; empty for other files."""
    document = minutes.document
    if document.media_type != MediaType.TEXT or document.size > READ_HERE:
        return ""
    try:
        return documents.content(document).decode("utf-8-sig")
    except Refused:
        return ""


def _pinned(exchanged: list[queries.Exchanged]) -> list[tuple[queries.Exchanged, Any]]:
    known = {key.fingerprint: key for key in keys() if key.fingerprint in {one.fingerprint for one in exchanged}}
    return [(one, known.get(one.fingerprint)) for one in exchanged]


# ---------- Agreements and commitments ----------


def agreements(request: Request) -> HttpResponse:
    found = queries.agreements(by=request.member).prefetch_related("parties", "clauses", "commitments")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "agreements/agreements.html", {"page": page})


def agreement(request: Request, code: str) -> HttpResponse:
    by = request.member
    one = queries.agreement(code, by=by)
    clauses, languages = queries.clauses(one)
    return render(
        request,
        "agreements/agreement.html",
        {
            "agreement": one,
            "parties": list(one.parties.all()),
            "bound": one.parties.filter(pk=by.party_id).exists(),
            "sources": _sources(one, by),
            "clauses": clauses,
            "languages": languages,
            "papers": seen_documents((text.document_id for _one, texts in clauses for text in texts if text), by),
            "undertakings": queries.undertakings(queries.commitments(by=by).filter(agreement=one)),
            "below": queries.agreements(by=by).filter(parent=one),
            "sections": additions("agreements.agreement", request, one),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def _sources(one: Any, by: Member) -> list[Any]:
    return list(documents.documents(by=by).filter(pk__in=one.documents.all())) if by.may("see documents") else []


def commitment(request: Request, code: str) -> HttpResponse:
    by = request.member
    one = queries.commitment(code, by=by)
    found = queries.undertaking(one)
    texts = list(one.texts.all())
    return render(
        request,
        "agreements/commitment.html",
        {
            "commitment": one,
            "undertaking": found,
            "bound": one.parties.filter(pk=by.party_id).exists(),
            "texts": texts,
            "papers": seen_documents((text.document_id for text in texts), by),
            "steps": list(one.steps.all()),
            "overdue": overdue(found),
            "parts": queries.commitments(by=by).filter(parent=one),
            "counted": counted(request, [one]).get(one.code, []),
            "matters": _matters(one.journal_name, by),
            "sections": additions("agreements.commitment", request, one),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def promised(request: Request) -> HttpResponse:
    """Every commitment: what was promised, what is done so far by each side's count, and how each sees it."""
    by = request.member
    among = queries.commitments(by=by)
    everyone = queries.undertakings(among)
    sides = sorted({side.party for one in everyone for side in one.sides}, key=lambda party: party.code)
    form = PromisedFilter(request.GET, parties=sides)
    wanted = form.cleaned_data if form.is_valid() else {}
    found = [one for one in everyone if _answers(one, wanted)]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    counts = counted(request, [one.commitment for one in page])
    return render(
        request,
        "agreements/promised.html",
        {
            "form": form,
            "asked": wanted,
            "page": page,
            "sides": sides,
            "rows": [_row(one, sides, counts) for one in page],
            "counted": any(counts.values()),
            "states": _tally(everyone),
        },
    )


def _answers(one: queries.Undertaking, wanted: dict[str, str]) -> bool:
    commitment = one.commitment
    words = wanted.get("text", "").strip().casefold()
    spoken = [commitment.code, commitment.name, commitment.name_ko, *(text.text for text in commitment.texts.all())]
    bound = [party.code for party in commitment.obligors.all()]
    return (
        (not words or any(words in text.casefold() for text in spoken))
        and wanted.get("view", "") in ("", one.view)
        and (not wanted.get("bound") or wanted["bound"] in bound)
    )


def _row(one: queries.Undertaking, sides: list[Any], counts: dict[str, list[Any]]) -> dict[str, Any]:
    by_party = {side.party.pk: side for side in one.sides}
    return {
        "undertaking": one,
        "commitment": one.commitment,
        "sides": [(party, by_party.get(party.pk)) for party in sides],
        "counted": counts.get(one.commitment.code, []),
        "overdue": overdue(one),
        "evidence": [evidence for evidence in one.evidence if evidence.withdrawn_at is None],
    }


def _tally(found: list[queries.Undertaking]) -> list[tuple[CommitmentState, int]]:
    counts = Counter(one.view for one in found)
    return [(state, counts[state]) for state in CommitmentState if counts[state]]


def overdue(one: queries.Undertaking) -> bool:
    """Whether the due date has passed before both sides call it fulfilled."""
    due, over = one.commitment.due, (CommitmentState.FULFILLED, CommitmentState.LAPSED, CommitmentState.WITHDRAWN)
    return bool(due) and one.view not in over and DateSpan.read(due).latest < today()


def today() -> date:
    return timezone.now().date()


def counted(request: Request, commitments: list[Any]) -> dict[str, list[Any]]:
    """What higher apps count from their records towards some commitments, asked once for all of them.

    Each gives a mapping from a commitment's code to lines with ``amount``, ``unit``, ``label`` and ``address``.
    """
    found: dict[str, list[Any]] = {}
    for answer in additions("agreements.counted", request, commitments):
        for code, lines in answer.items():
            found.setdefault(code, []).extend(lines)
    return found
