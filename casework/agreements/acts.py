"""The pages on which talks, agreements and commitments are recorded: a form and one verb each."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from casework.agreements import actions, forms, queries
from casework.agreements.actions import Reason, Words
from casework.agreements.models import Agreement, Clause, Commitment, Forum, Minutes, Proposal, Session
from casework.documents.acting import Act, asked, document_of, quotation_of
from casework.parties.models import Member, Party
from casework.parties.queries import parties as every_party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.parties.request import Request

Trail = list[tuple[str, str]]


# ---------- Forums ----------


def open_forum(request: Request) -> HttpResponse:
    by = _recorder(request)

    def do(given: dict[str, Any]) -> str:
        given["tiers"] = given.pop("levels")
        return _forum_address(actions.open_forum(by=by, **given))

    form = forms.ForumForm(request.POST or None, by=by)
    return asked(request, form, do, Act(title=_("Enter a forum"), button=_("Enter the forum"), trail=_talks()))


def enter_mandate(request: Request) -> HttpResponse:
    by = _recorder(request)

    def do(given: dict[str, Any]) -> str:
        actions.enter_mandate(by=by, **_quoted(given, by))
        return reverse("agreements:talks")

    words = Act(
        title=_("Enter who acts for whom"),
        button=_("Enter it"),
        lead=_("One party may act for another: an international command that leads a state’s side."),
        trail=_talks(),
    )
    form = forms.MandateForm(request.POST or None, by=by, forums=queries.forums(by=by))
    return asked(request, form, do, words)


def add_tier(request: Request, code: str) -> HttpResponse:
    by, forum = _recorder(request), queries.forum(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        actions.add_tier(by=by, forum=forum, **given)
        return _forum_address(forum)

    words = Act(title=_("Enter a level"), button=_("Enter the level"), trail=_at(forum))
    return asked(request, forms.TierForm(request.POST or None, by=by), do, words)


def pause_forum(request: Request, code: str) -> HttpResponse:
    by, forum = _recorder(request), queries.forum(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        actions.pause_forum(by=by, forum=forum, **_with_reason(given, by))
        return _forum_address(forum)

    words = Act(title=_("The forum stopped meeting"), button=_("Enter it"), trail=_at(forum))
    form = forms.PauseForm(request.POST or None, by=by, among={"party": _seated(forum)})
    return asked(request, form, do, words)


def resume_forum(request: Request, code: str) -> HttpResponse:
    by, forum = _recorder(request), queries.forum(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        actions.resume_forum(by=by, forum=forum, **given)
        return _forum_address(forum)

    words = Act(title=_("The forum meets again"), button=_("Enter it"), trail=_at(forum))
    return asked(request, forms.UntilForm(request.POST or None, by=by), do, words)


# ---------- Proposals ----------


def propose(request: Request, code: str) -> HttpResponse:
    by, forum = _recorder(request), queries.forum(code, by=request.member)
    words = Act(title=_("Enter a proposal"), button=_("Enter the proposal"), trail=_at(forum))
    return asked(request, _proposal_form(request, forum), _proposing(by, forum, None), words)


def counter(request: Request, code: str, number: int) -> HttpResponse:
    by, forum = _recorder(request), queries.forum(code, by=request.member)
    answered = queries.proposal(number, forum=forum, by=by)
    words = Act(
        title=_("Enter a counter-proposal"),
        button=_("Enter the counter-proposal"),
        lead=_("It answers proposal %(number)s by %(party)s.") % {"number": number, "party": answered.party.shown_name},
        trail=_of(answered.session),
    )
    others = _seated(forum).exclude(pk=answered.party_id)
    return asked(request, _proposal_form(request, forum, others=others), _proposing(by, forum, answered), words)


def _proposal_form(request: Request, forum: Forum, *, others: Any = None) -> forms.ProposalForm:
    by = request.member
    among = {"party": others if others is not None else _seated(forum), "tier": forum.tiers.all()}
    last = forum.sessions.first()
    initial = {"party": by.party_id, "zone": last.zone if last else "UTC", "place": last.place if last else ""}
    return forms.ProposalForm(request.POST or None, by=by, among=among, initial=initial)


def _proposing(by: Member, forum: Forum, answers: Proposal | None) -> Any:
    def do(given: dict[str, Any]) -> str:
        moments = forms.in_zone(_quoted(given, by))
        return _session_address(actions.propose(by=by, forum=forum, answers=answers, **moments).session)

    return do


def answer(request: Request, code: str, number: int) -> HttpResponse:
    by, forum = _recorder(request), queries.forum(code, by=request.member)
    proposal = queries.proposal(number, forum=forum, by=by)

    def do(given: dict[str, Any]) -> str:
        return _session_address(actions.answer_proposal(by=by, proposal=proposal, **given).session)

    words = Act(
        title=_("Enter the answer to proposal %(number)s") % {"number": number},
        button=_("Enter the answer"),
        lead=_("A proposal that is accepted confirms the session for the day, place and level that it names."),
        trail=_of(proposal.session),
    )
    others = _seated(forum).exclude(pk=proposal.party_id)
    form = forms.AnswerForm(request.POST or None, by=by, among={"party": others}, initial={"party": by.party_id})
    return asked(request, form, do, words)


def withdraw(request: Request, code: str, number: int) -> HttpResponse:
    by, forum = _recorder(request), queries.forum(code, by=request.member)
    proposal = queries.proposal(number, forum=forum, by=by)

    def do(given: dict[str, Any]) -> str:
        return _session_address(actions.withdraw_proposal(by=by, proposal=proposal, **given).session)

    title = _("Proposal %(number)s was withdrawn") % {"number": number}
    words = Act(title=title, button=_("Enter it"), trail=_of(proposal.session))
    return asked(request, forms.WithdrawForm(request.POST or None, by=by), do, words)


# ---------- Sessions ----------


def past(request: Request, code: str) -> HttpResponse:
    by, forum = _recorder(request), queries.forum(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        return _session_address(actions.enter_session(by=by, forum=forum, **given))

    words = Act(
        title=_("Enter a session of the past"),
        button=_("Enter the session"),
        lead=_("The forum’s history tells which session was the first since which. The year alone will do."),
        trail=_at(forum),
    )
    among = {"tier": forum.tiers.all(), "absent": _seated(forum)}
    return asked(request, forms.PastForm(request.POST or None, by=by, among=among), do, words)


def hold(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.session(code, by=request.member)
    initial = {"day": one.day, "zone": one.zone, "place": one.place, "tier": one.tier_id}
    form = forms.HoldForm(request.POST or None, by=by, among={"tier": one.forum.tiers.all()}, initial=initial)

    def do(given: dict[str, Any]) -> str:
        return _session_address(actions.hold(by=by, session=one, **forms.in_zone(given)))

    return asked(request, form, do, Act(title=_("The session was held"), button=_("Enter it"), trail=_of(one)))


def not_held(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.session(code, by=request.member)
    among = {"absent": _seated(one.forum)}
    form = forms.NotHeldForm(request.POST or None, by=by, among=among, initial={"day": one.day})

    def do(given: dict[str, Any]) -> str:
        return _session_address(actions.not_held(by=by, session=one, **_with_reason(given, by)))

    words = Act(
        title=_("The session was not held"),
        button=_("Enter it"),
        lead=_("It did not take place because a party stayed away. Say which, and what reason was given."),
        trail=_of(one),
    )
    return asked(request, form, do, words)


def postpone(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.session(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        return _session_address(actions.postpone(by=by, session=one, **_with_reason(given, by)))

    words = Act(title=_("The session was postponed"), button=_("Enter it"), trail=_of(one))
    return asked(request, forms.HaltForm(request.POST or None, by=by), do, words)


def suspend(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.session(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        return _session_address(actions.suspend(by=by, session=one, **_with_reason(given, by)))

    words = Act(title=_("The session was broken off"), button=_("Enter it"), trail=_of(one))
    return asked(request, forms.HaltForm(request.POST or None, by=by), do, words)


def resume(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.session(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        return _session_address(actions.resume(by=by, session=one, **given))

    words = Act(title=_("The session was resumed"), button=_("Enter it"), trail=_of(one))
    return asked(request, forms.ResumeForm(request.POST or None, by=by), do, words)


def agenda(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.session(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        actions.add_agenda_item(by=by, session=one, **_quoted(given, by))
        return _session_address(one)

    words = Act(title=_("Enter an item of the agenda"), button=_("Enter the item"), trail=_of(one))
    form = forms.AgendaForm(request.POST or None, by=by, among={"party": _seated(one.forum)})
    return asked(request, form, do, words)


def delegate(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.session(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        actions.name_delegate(by=by, session=one, **_quoted(given, by))
        return _session_address(one)

    words = Act(
        title=_("Name a delegate"),
        button=_("Name the delegate"),
        lead=_("Whoever belongs to one organisation and acts for another party wears two hats; both are shown."),
        trail=_of(one),
    )
    among = {"party": _seated(one.forum), "organisation": every_party()}
    return asked(request, forms.DelegateForm(request.POST or None, by=by, among=among), do, words)


def attribute(request: Request, key: int) -> HttpResponse:
    by, person = _recorder(request), queries.delegate(key, by=request.member)

    def do(given: dict[str, Any]) -> str:
        actions.add_attribute(by=by, delegate=person, **_quoted(given, by))
        return _session_address(person.delegation.session)

    words = Act(
        title=_("What another source says of %(name)s") % {"name": person.name},
        button=_("Set it beside the others"),
        trail=_of(person.delegation.session),
    )
    return asked(request, forms.AttributeForm(request.POST or None, by=by), do, words)


def minutes(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.session(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        given["document"] = document_of(given["document"], by=by)
        actions.keep_minutes(by=by, session=one, **given)
        return _session_address(one)

    words = Act(
        title=_("Keep our minutes"),
        button=_("Keep the minutes"),
        lead=_("Minutes are your own party’s until you release them. Newer ones supersede those in the same language."),
        trail=_of(one),
    )
    return asked(request, forms.MinutesForm(request.POST or None, by=by), do, words)


@require_POST
def release(request: Request, code: str, key: int) -> HttpResponse:
    by, one = request.member, queries.session(code, by=request.member)
    found = queries.minutes(one, by=by).filter(pk=key).first()
    if not isinstance(found, Minutes):
        raise Refused(NOT_FOUND, minutes=key)
    actions.release_minutes(by=by, minutes=found)
    return redirect(_session_address(one))


def fingerprint(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.session(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        actions.write_fingerprint(by=by, session=one, **given)
        return _session_address(one)

    words = Act(
        title=_("Write down a fingerprint"),
        button=_("Write it down"),
        lead=_("Each side reads the fingerprint of its key aloud and each writes down what it heard."),
        trail=_of(one),
    )
    form = forms.FingerprintForm(request.POST or None, by=by, among={"party": _seated(one.forum)})
    return asked(request, form, do, words)


@require_POST
def draw_up(request: Request, code: str) -> HttpResponse:
    by = request.member
    made = actions.draw_up_statement(by=by, session=queries.session(code, by=by))
    return redirect("seals:statement", made.digest)


# ---------- Agreements and commitments ----------


def enter_agreement(request: Request) -> HttpResponse:
    by = _recorder(request)
    among = {
        "parties": every_party(),
        "session": queries.sessions(by=by),
        "parent": queries.agreements(by=by),
    }

    def do(given: dict[str, Any]) -> str:
        source = document_of(given.pop("document"), by=by)
        made = actions.enter_agreement(by=by, source=[source] if source else [], **given)
        return _agreement_address(made)

    words = Act(title=_("Enter an agreement"), button=_("Enter the agreement"), trail=_agreements())
    return asked(request, forms.AgreementForm(request.POST or None, by=by, among=among), do, words)


def clause(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.agreement(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        number = given.pop("number")
        actions.quote_clause(by=by, agreement=one, number=number, texts=[_words(given, by)])
        return _agreement_address(one)

    words = Act(
        title=_("Quote a clause"),
        button=_("Quote the clause"),
        lead=_("One language at a time. The same number again, in another language, sets both side by side."),
        trail=[*_agreements(), (one.shown_name, _agreement_address(one))],
    )
    initial = {"number": request.GET.get("number", "")}
    return asked(request, forms.ClauseForm(request.POST or None, by=by, initial=initial), do, words)


def enter_commitment(request: Request) -> HttpResponse:
    by = _recorder(request)
    among = {
        "agreement": queries.agreements(by=by),
        "clause": Clause.objects.filter(agreement__in=queries.agreements(by=by)).select_related("agreement"),
        "session": queries.sessions(by=by),
        "parent": queries.commitments(by=by),
        "obligors": every_party(),
        "parties": every_party(),
    }
    known = ("agreement", "clause", "session", "parent")
    initial = {name: request.GET[name] for name in known if name in request.GET}

    def do(given: dict[str, Any]) -> str:
        texts = [_words({name: given.pop(name) for name in WORDS}, by)]
        return _commitment_address(actions.enter_commitment(by=by, texts=texts, **given))

    form = forms.CommitmentForm(request.POST or None, by=by, among=among, initial=initial)
    words = Act(title=_("Enter a commitment"), button=_("Enter the commitment"), trail=_commitments())
    return asked(request, form, do, words)


def quote_commitment(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.commitment(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        return _commitment_address(actions.quote_commitment(by=by, commitment=one, texts=[_words(given, by)]))

    words = Act(title=_("Quote it in another language"), button=_("Quote it"), trail=_about(one))
    return asked(request, forms.WordsForm(request.POST or None, by=by), do, words)


def move(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.commitment(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        return _commitment_address(actions.move_commitment(by=by, commitment=one, **given))

    words = Act(
        title=_("Enter a new state"),
        button=_("Enter the state"),
        lead=_("Whether it is fulfilled is not entered here: that follows from what each party says of it."),
        trail=_about(one),
    )
    return asked(request, forms.MoveForm(request.POST or None, by=by), do, words)


@require_POST
def draw_up_commitment(request: Request, code: str) -> HttpResponse:
    by = request.member
    made = actions.draw_up_commitment(by=by, commitment=queries.commitment(code, by=by))
    return redirect("seals:statement", made.digest)


def assess(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.commitment(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        actions.assess(by=by, commitment=one, **given)
        return _commitment_address(one)

    words = Act(
        title=_("Our view of this commitment"),
        button=_("Enter our view"),
        lead=_("It stands beside the other side’s, and replaces none of what your party said before."),
        trail=_about(one),
    )
    return asked(request, forms.AssessmentForm(request.POST or None, by=by), do, words)


def evidence(request: Request, code: str) -> HttpResponse:
    by, one = _recorder(request), queries.commitment(code, by=request.member)

    def do(given: dict[str, Any]) -> str:
        actions.add_evidence(by=by, commitment=one, **given)
        return _commitment_address(one)

    words = Act(title=_("Link evidence"), button=_("Link it"), trail=_about(one))
    return asked(request, forms.EvidenceForm(request.POST or None, by=by, initial={"unit": one.unit}), do, words)


@require_POST
def withdraw_evidence(request: Request, code: str, key: int) -> HttpResponse:
    by, one = request.member, queries.commitment(code, by=request.member)
    found = one.evidence.filter(pk=key).first()
    if found is None:
        raise Refused(NOT_FOUND, evidence=key)
    actions.withdraw_evidence(by=by, evidence=found)
    return redirect(_commitment_address(one))


# ---------- What is read from the forms ----------

WORDS = ("language", "text", "original", "quotation", "document", "page")


def _recorder(request: Request) -> Member:
    request.member.require("record talks")
    return request.member


def _quoted(given: dict[str, Any], by: Member) -> dict[str, Any]:
    return {**given, "quotation": quotation_of(given.get("quotation"), by=by)}


def _with_reason(given: dict[str, Any], by: Member) -> dict[str, Any]:
    """A reason typed in, as a claim of whoever gave it."""
    text, claimant = given.pop("text").strip(), given.pop("claimant").strip()
    quotation = quotation_of(given.pop("quotation"), by=by)
    reason = Reason(claimant=claimant, text=text, quotation=quotation) if text or claimant else None
    return {**given, "reason": reason}


def _words(given: dict[str, Any], by: Member) -> Words:
    sources = {"document": document_of(given["document"], by=by), "quotation": quotation_of(given["quotation"], by=by)}
    return Words(**{**given, **sources})


def _seated(forum: Forum) -> Any:
    return Party.objects.filter(seats__forum=forum)


# ---------- Where we are ----------


def _talks() -> Trail:
    return [(_("Talks"), reverse("agreements:talks"))]


def _at(forum: Forum) -> Trail:
    return [*_talks(), (forum.shown_name, _forum_address(forum))]


def _of(session: Session) -> Trail:
    name = _("Session %(number)s") % {"number": session.number}
    return [*_at(session.forum), (name, _session_address(session))]


def _agreements() -> Trail:
    return [(_("Agreements"), reverse("agreements:agreements"))]


def _commitments() -> Trail:
    return [(_("Promised, done, disputed"), reverse("agreements:promised"))]


def _about(commitment: Commitment) -> Trail:
    return [*_commitments(), (commitment.code, _commitment_address(commitment))]


def _forum_address(forum: Forum) -> str:
    return reverse("agreements:forum", args=(forum.code,))


def _session_address(session: Session) -> str:
    return reverse("agreements:session", args=(session.code,))


def _agreement_address(agreement: Agreement) -> str:
    return reverse("agreements:agreement", args=(agreement.code,))


def _commitment_address(commitment: Commitment) -> str:
    return reverse("agreements:commitment", args=(commitment.code,))
