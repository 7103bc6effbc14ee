"""Pages of transfers: the list, one transfer with both sides side by side, and one form for each statement.

A form prepares a statement and leads to its page, where its bytes are taken away and the signatures handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms as django_forms
from django.core.paginator import Paginator
from django.forms import BaseFormSet, formset_factory
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from casework.agreements import queries as agreements
from casework.agreements.models import Commitment
from casework.custody import forms, queries, transfers
from casework.custody import transfer_forms as asked
from casework.custody.models import Transfer, TransferState
from casework.custody.sealed import account_of
from casework.custody.sheet import Sheet
from casework.custody.transfers import Declared, GoingBack, Handed, Inspected, Received, Texts, When
from casework.custody.views import told as tell
from casework.custody.words import kind_word
from casework.documents import queries as documents
from casework.frame import additions
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, NOT_PERMITTED, Refused
from casework.parties.request import Request
from casework.seals import openings
from casework.seals.models import Statement
from homeward.seals.reckoning import Account, Line
from homeward.seals.transfer import allowed_next

PAGE = 50
Words = Any
Rows = type[asked.RowForm]


# ---------- The list and drafts ----------


def transfer_list(request: Request) -> HttpResponse:
    by = request.member
    found = queries.transfers(by=by)
    form = asked.TransferFilter(request.GET)
    given = form.cleaned_data if form.is_valid() else {}
    if given.get("state"):
        found = found.filter(state=given["state"])
    if given.get("text"):
        found = queries.transfers_answering(found, given["text"], by=by)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "custody/transfers.html", {"form": form, "page": page, "asked": given})


def draft(request: Request) -> HttpResponse:
    """Begin a transfer."""
    by = request.member
    by.require("offer transfers")
    form = asked.Plan(request.POST or None, party=by.party, commitments=_commitments(by))
    made = _try(form, lambda: transfers.draft_transfer(by=by, **_plan(form, by))) if request.method == "POST" else None
    if made is not None:
        return redirect("custody:transfer", made.code)
    trail = [(_("Transfers"), reverse("custody:transfers"))]
    context = {"form": form, "title": _("Draft a transfer"), "act": _("Keep the draft"), "trail": trail}
    return render(request, "custody/act.html", context)


def _commitments(by: Member) -> Any:
    if not by.may("see talks"):
        return Commitment.objects.none()
    return agreements.commitments(by=by)


def plan(request: Request, code: str) -> HttpResponse:
    """Change the plan of a draft."""
    by = request.member
    by.require("offer transfers")
    one = queries.transfer(code, by=by)
    names = ("planned_for", "place", "level", "purpose", "terms_en", "terms_ko")
    initial = {**{name: getattr(one, name) for name in names}, "fulfils": list(one.fulfils.all())}
    form = asked.ChangePlan(request.POST or None, initial=initial, party=by.party, commitments=_commitments(by))
    if request.method == "POST" and _try(form, lambda: transfers.change_draft(by=by, transfer=one, **_planned(form))):
        return redirect("custody:transfer", one.code)
    trail = [(_("Transfers"), reverse("custody:transfers")), (one.code, reverse("custody:transfer", args=(code,)))]
    context = {"form": form, "title": _("Change the draft"), "act": _("Keep the draft"), "trail": trail}
    return render(request, "custody/act.html", context)


def _plan(form: asked.Plan, by: Member) -> dict[str, Any]:
    given = form.cleaned_data
    give = given["direction"] == "give"
    return {
        "sender": by.party if give else given["other"],
        "receiver": given["other"] if give else by.party,
        "through": given["through"],
        **_planned(form),
    }


def _planned(form: asked.Plan) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "planned_for": given["planned_for"].isoformat() if given["planned_for"] else "",
        "place": given["place"],
        "level": given["level"],
        "purpose": given["purpose"],
        "terms": Texts(en=given["terms_en"], ko=given["terms_ko"]),
        "fulfils": list(given.get("fulfils") or ()),
    }


def _try(form: django_forms.Form, act: Callable[[], Any]) -> Any:
    """Act with what the form gives; what came of it, or none where the form now says why not."""
    if not form.is_valid():
        return None
    try:
        return act()
    except Refused as refused:
        if refused.code in (NOT_PERMITTED, NOT_FOUND):
            raise
        tell(form, refused)
        return None


# ---------- One transfer ----------


def transfer(request: Request, code: str) -> HttpResponse:
    by = request.member
    one = queries.transfer(code, by=by)
    told = account_of(one)
    opened = openings.read_about(one.subject, about=one, by=by) if one.number else {}
    sheet = Sheet(one, told, by, opened)
    acts = offered(one, told, by)
    own_lines = one.sender_id == by.party_id and not told.consignments
    return render(
        request,
        "custody/transfer.html",
        {
            "transfer": one,
            "sheet": sheet,
            "told": told,
            "draft_lines": one.manifest_lines.select_related("container") if own_lines else [],
            "acts": acts,
            "awaited_of_us": {each.kind for each in told.awaits if each.act == "say" and each.party == by.party_code},
            "prepared": _prepared(one, by),
            "matters": _matters(one, by),
            "commitments": one.fulfils.all() if by.may("see talks") else [],
            "sections": additions("custody.transfer", request, one),
        },
    )


def _matters(one: Transfer, by: Member) -> Any:
    """What is claimed about it in documents, each side's version."""
    if not one.number or not by.may("see documents"):
        return []
    return documents.side_by_side(documents.claims(by=by, about=one.subject))


def _prepared(one: Transfer, by: Member) -> list[Statement]:
    """Statements of one's own side that nobody has signed yet: they wait on their page."""
    if not one.number or not by.may("see statements"):
        return []
    own = Statement.objects.filter(subject=one.subject, author=by.party, spoken_at=None, discarded_at=None)
    return list(own.order_by("pk"))


# ---------- Acts ----------


@dataclass(frozen=True, slots=True)
class Act:
    """A form, the rows beneath it, and the statement it prepares."""

    words: Words
    kind: str  # of the statement; "" for what is kept on our side alone
    form: Callable[..., django_forms.Form]
    run: Callable[..., Any]
    rows: Rows | None = None
    initial: Callable[[Transfer, Account, Member], list[dict[str, Any]]] | None = None
    permission: str = "offer transfers"
    grave: bool = False
    note: Words = ""


def _texts(given: Mapping[str, Any]) -> Texts:
    return Texts(en=given["text_en"], ko=given["text_ko"])


def _when(given: Mapping[str, Any]) -> When:
    return When(at=given["at"], zone=given["zone"], place=given["place"])


def _propose(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.propose(by=by, transfer=one, number=given["number"], when=_when(given))


def _own_number(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.number_transfer(by=by, transfer=one, number=given["number"])


def _issue(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.issue_cases(by=by, transfer=one, containers=given["numbers"], when=_when(given))


def _manifest(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.offer_manifest(by=by, transfer=one, copies=given["copies"], when=_when(given))


def _seal(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.seal_transfer(by=by, transfer=one, when=_when(given))


def _hand_over(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    lines = [
        Handed(
            line=row["line"], container=row["container"], seals=tuple(row["seals"]),
            seal_condition=row["seal_condition"], bags=row["bags"], weight_g=row["weight_g"],
        )
        for row in rows
        if row["handed"]
    ]  # fmt: skip
    return transfers.hand_over(
        by=by, transfer=one, lines=lines, to=given["to"], received_by=given["received_by"],
        received_by_office=given["received_by_office"], purpose=given["purpose"], when=_when(given),
    )  # fmt: skip


def _receive(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    listed = [
        Received(
            line=row.get("line"), container=row["container"], outcome=row.get("outcome", "unlisted_extra"),
            seals=tuple(row["seals"]), seal_condition=row.get("seal_condition", "whole" if row["seals"] else "none"),
            bags=row["bags"] or 0, weight_g=row["weight_g"], note=row["note"],
        )
        for row in rows
        if row.get("container")
    ]  # fmt: skip
    witness = given.get("witness", False)
    return transfers.receive(by=by, transfer=one, rows=listed, witness=witness, when=_when(given))


def _inspect(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    listed = [
        Inspected(
            line=row["line"], container=row["container"], found=row["found"],
            individuals_estimated=row["individuals_estimated"], bags=row["bags"], weight_g=row["weight_g"],
            seal_condition=row["seal_condition"], note=row["note"],
        )
        for row in rows
        if row["inspected"]
    ]  # fmt: skip
    return transfers.inspect(
        by=by, transfer=one, jointly=given["jointly"], rows=listed, witness=given.get("witness", False),
        when=_when(given),
    )  # fmt: skip


def _reserve(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.reserve(
        by=by, transfer=one, on=given["on"], lines=given["lines"], containers=given["containers"], text=_texts(given),
        when=_when(given),
    )  # fmt: skip


def _differ(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.raise_discrepancy(
        by=by, transfer=one, what=given["what"], lines=given["lines"], containers=given["containers"],
        declared=given["declared"], found=given["found"], text=_texts(given), when=_when(given),
    )  # fmt: skip


def _resolve(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.resolve(
        by=by, transfer=one, resolves=given["resolves"], outcome=given["outcome"], text=_texts(given),
        when=_when(given),
    )  # fmt: skip


def _send_back(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    going = [GoingBack(container=box, content=given["content"], reason=given["reason"]) for box in given["numbers"]]
    return transfers.send_back(
        by=by, transfer=one, to=given["to"], rows=going, onward=given["onward"], when=_when(given)
    )


def _affiliate(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.affiliate(
        by=by, transfer=one, lines=given["lines"], containers=given["containers"],
        items=given["items"], group=given["group"], party=given["affiliated"],
        basis=_texts(given), when=_when(given),
    )  # fmt: skip


def _close(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.close(by=by, transfer=one, text=_texts(given), when=_when(given))


def _refuse(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    reason = _texts(given)
    return transfers.refuse_statement(by=by, transfer=one, digest=given["digest"], reason=reason, when=_when(given))


def _abort(by: Member, one: Transfer, given: Mapping[str, Any], rows: Sequence[Any]) -> Any:
    return transfers.abort(by=by, transfer=one, reason=_texts(given), when=_when(given))


def _to_hand_over(one: Transfer, told: Account, by: Member) -> list[dict[str, Any]]:
    """The lines that are with whoever hands them over, as they were sealed or declared."""
    mine = [line for line in told.lines if (line.place or line.giver) == by.party_code]
    return [{**_known(line), "handed": True} for line in mine]


def _known(line: Line) -> dict[str, Any]:
    """What was last said of a line by who gives it."""
    said = line.handed_over or line.sealed or line.declared
    seals = list(said.seals or line.declared.seals or ())
    weight = said.weight_g if said.weight_g is not None else line.declared.weight_g
    return {
        "line": line.line,
        "container": line.container,
        "seals": seals,
        "seal_condition": said.seal_condition or ("whole" if seals else "none"),
        "bags": said.bags if said.bags is not None else line.declared.bags,
        "weight_g": weight,
    }


def _to_receive(one: Transfer, told: Account, by: Member) -> list[dict[str, Any]]:
    """The lines that were handed over and that no receipt has settled, as they were handed over."""
    open_lines = [line for line in told.lines if line.handovers and not line.outcome.arrived]
    return [{**_known(line), "outcome": "received", "note": ""} for line in open_lines if not _settled(line)]


def _settled(line: Line) -> bool:
    return line.received is not None and line.received.outcome == "returned"


def _to_inspect(one: Transfer, told: Account, by: Member) -> list[dict[str, Any]]:
    lines = [line for line in told.lines if line.outcome.arrived]
    rows = [{**_as_received(line), "found": _expected(line.declared.content)} for line in lines]
    rows += [
        {
            "line": None, "container": extra.container, "seals": list(extra.received.seals or ()), "found": "remains",
            "seal_condition": extra.received.seal_condition, "bags": extra.received.bags,
            "weight_g": extra.received.weight_g,
        }
        for extra in told.extras
    ]  # fmt: skip
    return [{**row, "inspected": True, "note": ""} for row in rows]


def _as_received(line: Line) -> dict[str, Any]:
    received = line.received
    assert received is not None  # else it did not arrive
    return {
        **_known(line),
        "seals": list(received.seals or ()),
        "seal_condition": received.seal_condition,
        "bags": received.bags,
        "weight_g": received.weight_g,
    }


def _expected(content: str) -> str:
    return {"remains": "remains", "effects": "effects", "empty": "nothing"}.get(content, "material")


# In the order in which a transfer meets them.
ACTS: Mapping[str, Act] = {
    "propose": Act(_("Propose it"), "proposal", asked.Propose, _propose),
    "issue": Act(_("Send cases empty"), "issue", asked.Issue, _issue),
    "manifest": Act(
        _("Offer the manifest"), "manifest", asked.Manifest, _manifest,
        note=_("The lines as they stand go before the other side and the neutral; all sign the same list."),
    ),
    "seal": Act(
        _("Say that it is sealed"), "seal", asked.SealIt, _seal,
        note=_("The seals and weights are those of your own record. Put the seals on there first."),
    ),
    "hand-over": Act(_("Hand over"), "handover", asked.HandOver, _hand_over, asked.HandedRow, _to_hand_over),
    "receive": Act(
        _("Write the receipt"), "receipt", asked.Receive, _receive, asked.ReceivedRow, _to_receive,
        permission="receive transfers",
        note=_("Each line is filled in as it was handed over. Change the outcome where it is another."),
    ),
    "inspect": Act(
        _("Write the inspection"), "inspection", asked.Inspect, _inspect, asked.InspectedRow, _to_inspect,
        permission="receive transfers",
    ),
    "reserve": Act(
        _("Make a reservation"), "reservation", asked.Reserve, _reserve,
        note=_("A protest, or an answer to one. It is a record of its own and needs nobody’s consent."),
    ),
    "discrepancy": Act(
        _("Open a discrepancy"), "discrepancy", asked.Discrepancy, _differ,
        note=_("A difference that both sides must settle before the transfer can be closed."),
    ),
    "resolve": Act(_("Propose a resolution"), "resolution", asked.Resolve, _resolve),
    "send-back": Act(_("Return or send on"), "return", asked.SendBack, _send_back),
    "affiliate": Act(
        _("Decide whose they are, without a name"), "affiliation", asked.Affiliate, _affiliate,
        note=_("A decision of its own that both sides sign. It is no identification."),
    ),
    "close": Act(
        _("Close"), "closing", asked.Close, _close,
        note=_("The account of cases is the one that the statements give. Both sides sign it."),
    ),
    "refuse": Act(_("Refuse to sign"), "refusal", asked.RefuseIt, _refuse, grave=True),
    "abort": Act(_("Break it off"), "abort", asked.Abort, _abort, grave=True),
    "own-number": Act(_("Enter your own number"), "", asked.OwnNumber, _own_number),
}  # fmt: skip


def offered(one: Transfer, told: Account, by: Member) -> list[tuple[str, Act]]:
    """What a member's party may do next."""
    if one.state == TransferState.ABORTED and one.shared_at is None:
        return []
    allowed = allowed_next(told, by.party_code)
    open_acts = ((name, act) for name, act in ACTS.items() if _may(act, one, by) and _is_open(act, allowed, one, by))
    return [(name, act) for name, act in open_acts if act.initial is None or act.initial(one, told, by)]


def _may(act: Act, one: Transfer, by: Member) -> bool:
    permission = "sign statements" if by.party.neutral else act.permission
    return by.may(permission) and (not act.kind or by.may("sign statements"))


def _is_open(act: Act, allowed: Sequence[str], one: Transfer, by: Member) -> bool:
    if not act.kind:
        return one.shared_at is not None
    if act.kind == "proposal":
        return act.kind in allowed and (one.drafted_by_id == by.party_id or one.state == TransferState.REFUSED)
    if not one.number or act.kind not in allowed:
        return False
    if act.kind in ("manifest", "seal"):
        return one.sender_id == by.party_id
    if act.kind == "return":
        return one.state not in (TransferState.DRAFT, TransferState.PROPOSED)
    if act.kind == "issue":
        return one.receiver_id == by.party_id and one.shared_at is not None and not one.handed_over
    return one.shared_at is not None


def act(request: Request, code: str, name: str) -> HttpResponse:
    """One form: what it prepares is signed on the statement's page."""
    by = request.member
    one = queries.transfer(code, by=by)
    told = account_of(one)
    chosen = dict(offered(one, told, by)).get(name)
    if chosen is None:
        if name not in ACTS:
            raise Refused(NOT_FOUND)
        by.require("sign statements" if by.party.neutral else ACTS[name].permission)
        raise Refused("not-now-in-transfer")
    form = _form(request, chosen, one, told)
    initial = chosen.initial(one, told, by) if chosen.initial else []
    rows = _rows(request, chosen, initial)
    extras = _extras(request) if name == "receive" else None
    if request.method == "POST" and _valid(form, rows, extras):
        request.session["zone"] = form.cleaned_data.get("zone", forms.zone_of(request.session))
        given = _given(rows, initial) + (_given(extras, []) if extras else [])
        made = _try(form, lambda: chosen.run(by, one, form.cleaned_data, given))
        if isinstance(made, Statement):
            return redirect("seals:statement", made.digest)
        if made is not None:
            return redirect("custody:transfer", made.code)
    return _shown(request, one, told, chosen, form=form, rows=rows, extras=extras, name=name)


def _form(request: Request, chosen: Act, one: Transfer, told: Account) -> django_forms.Form:
    more: dict[str, Any] = {}
    if chosen.form is asked.Reserve:
        more["statements"] = [
            (step.statement.digest, _named(step.statement))
            for step in reversed(told.steps)
            if step.statement.kind in transfers.RESERVED_ON
        ]
    if chosen.form is asked.RefuseIt:
        waiting = [held.statement for held in told.held.values() if request.member.party_code in held.recorded.missing]
        more["statements"] = [(said.digest, _named(said)) for said in waiting if said.subject == one.subject]
    initial = {"zone": forms.zone_of(request.session), "number": _number(chosen, one, request.member)}
    if lines := request.GET.get("lines"):
        initial["lines"] = lines
    return chosen.form(
        request.POST or None, initial=initial, transfer=one, told=told, party=request.member.party, **more
    )


def _number(chosen: Act, one: Transfer, by: Member) -> str:
    return one.number if chosen.kind else str(one.own_numbers.get(by.party_code, ""))


def _named(said: Any) -> str:
    return f"{kind_word(said.kind)}, {said.made_local[:10]}, {said.by}"


def _rows(request: Request, chosen: Act, initial: list[dict[str, Any]]) -> BaseFormSet[Any] | None:
    if chosen.rows is None:
        return None
    made = formset_factory(chosen.rows, extra=0, max_num=len(initial), absolute_max=len(initial) + 1)
    return made(request.POST if request.method == "POST" else None, initial=initial, prefix="row")


def _extras(request: Request) -> BaseFormSet[Any]:
    made = formset_factory(asked.ExtraRow, extra=3, max_num=200)
    return made(request.POST if request.method == "POST" else None, prefix="extra")


def _valid(form: django_forms.Form, *sets: BaseFormSet[Any] | None) -> bool:
    return all([form.is_valid(), *(rows.is_valid() for rows in sets if rows is not None)])


def _given(rows: BaseFormSet[Any] | None, initial: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the rows give; line and container are those of the account, whatever the page sent back."""
    if rows is None:
        return []
    given = [dict(row.cleaned_data) for row in rows if row.cleaned_data]
    for row, known in zip(given, initial, strict=False):
        row["line"], row["container"] = known["line"], known["container"]
    return given


def _shown(request: Request, one: Transfer, told: Account, chosen: Act, **context: Any) -> HttpResponse:
    back = reverse("custody:transfer", args=(one.code,))
    named = {**context, "transfer": one, "told": told, "chosen": chosen, "back": back}
    if chosen.kind == "manifest":
        named["draft_lines"] = one.manifest_lines.select_related("container")
    return render(request, "custody/transfer_act.html", named)


# ---------- Lines, commitments, a draft given up ----------


def lines(request: Request, code: str) -> HttpResponse:
    """The lines as the sender draws them up: first which containers, then what is declared of each."""
    by = request.member
    by.require("offer transfers")
    one = queries.transfer(code, by=by)
    if one.sender_id != by.party_id:
        raise Refused(NOT_FOUND)
    kept = list(one.manifest_lines.select_related("container"))
    add = asked.ListNumbers(request.POST if "add" in request.POST else None, party=by.party)
    rows = _line_rows(request, kept)
    if "add" in request.POST and _try(add, lambda: _add_lines(by, one, kept, add.cleaned_data)):
        return redirect("custody:lines", code)
    refused = django_forms.Form({})
    if "keep" in request.POST and rows.is_valid():
        left = [line for line in map(_declared, kept, rows.cleaned_data) if line is not None]
        if _try(refused, lambda: transfers.list_lines(by=by, transfer=one, lines=left)):
            return redirect("custody:transfer", code)
    context = {"transfer": one, "add": add, "rows": rows, "kept": kept, "refused": refused}
    return render(request, "custody/lines.html", context)


def _line_rows(request: Request, kept: Sequence[Any]) -> BaseFormSet[Any]:
    initial = [
        {
            "line": line.line, "container": line.container.number, "content": line.content, "bags": line.bags,
            "description": line.description, "origin": line.origin, "claim_about": line.claim_about,
            "claim": line.claim,
        }
        for line in kept
    ]  # fmt: skip
    made = formset_factory(asked.DeclaredRow, extra=0, max_num=len(initial), absolute_max=len(initial) + 1)
    return made(request.POST if "keep" in request.POST else None, initial=initial, prefix="row")


def _declared(line: Any, given: Mapping[str, Any]) -> Declared | None:
    if given["left_out"]:
        return None
    names = ("content", "bags", "description", "origin", "claim_about", "claim")
    return Declared(container=line.container, **{name: given[name] for name in names})


def _add_lines(by: Member, one: Transfer, kept: Sequence[Any], given: Mapping[str, Any]) -> Transfer:
    names = ("content", "bags", "description", "origin", "claim_about", "claim")
    before = [Declared(container=line.container, **{name: getattr(line, name) for name in names}) for line in kept]
    more = [
        Declared(container=box, content=given["content"], description=given["description"], origin=given["origin"])
        for box in given["numbers"]
    ]
    return transfers.list_lines(by=by, transfer=one, lines=[*before, *more])


def towards(request: Request, code: str) -> HttpResponse:
    by = request.member
    by.require("offer transfers")
    one = queries.transfer(code, by=by)
    initial = {"fulfils": list(one.fulfils.all())}
    form = asked.Towards(request.POST or None, initial=initial, commitments=_commitments(by))
    if request.method == "POST" and form.is_valid():
        transfers.link_commitments(by=by, transfer=one, fulfils=list(form.cleaned_data["fulfils"]))
        return redirect("custody:transfer", code)
    trail = [(_("Transfers"), reverse("custody:transfers")), (one.code, reverse("custody:transfer", args=(code,)))]
    context = {"form": form, "title": _("Towards which commitments"), "act": _("Keep"), "trail": trail}
    return render(request, "custody/act.html", context)


def drop(request: Request, code: str) -> HttpResponse:
    one = queries.transfer(code, by=request.member)
    if request.method == "POST":
        transfers.drop_draft(by=request.member, transfer=one)
    return redirect("custody:transfer", code)
