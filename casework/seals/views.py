"""Pages of statements: reading one, taking its bytes away, handing in what was signed; logs, keys, disclosures."""

from __future__ import annotations

from typing import Any

import segno
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from casework.frame import in_words
from casework.journal.queries import history
from casework.parties import actions as parties
from casework.parties.models import Disclosure
from casework.parties.queries import (
    disclosure_request,
    disclosure_requests,
    signing_key,
)
from casework.parties.queries import (
    keys as pinned_keys,
)
from casework.parties.queries import (
    parties as all_parties,
)
from casework.parties.refusal import NOT_FOUND, Refused
from casework.parties.request import Request
from casework.seals import actions, checkpoints, disclosures, keyring, log, openings, printed, queries
from casework.seals.forms import (
    Cosigned,
    Envelope,
    Envelopes,
    FirstKey,
    FurtherKey,
    Log,
    MutualDisclosure,
    Paper,
    ShowTo,
    Sought,
    Why,
)
from casework.seals.installation import installation_key, origin_of
from casework.seals.models import Checkpoint, Statement
from casework.seals.readable import kind_words, readable
from homeward.seals.bodies import KINDS
from homeward.seals.keys import grouped

PAGE = 50


class Newest(Paginator):
    """Pages of a long list as far back as anybody turns; older ones are found by what they are about."""

    MOST = 2_000

    @cached_property
    def count(self) -> int:
        found: Any = self.object_list
        return len(found.order_by().values_list("pk")[: self.MOST])


def statements(request: Request) -> HttpResponse:
    by = request.member
    kinds = {kind: kind_words(kind)[0].text for kind in KINDS}
    form = Sought(request.GET, kinds=kinds)
    found = queries.sought(queries.newest(by=by), **(form.cleaned_data if form.is_valid() else {}))
    envelopes = Envelopes(request.POST or None, request.FILES or None)
    if request.method == "POST" and envelopes.is_valid() and _hand_in(request, envelopes):
        return redirect("seals:statements")
    return render(
        request,
        "seals/statements.html",
        {
            "page": Newest(found, PAGE).get_page(request.GET.get("page")),
            "most": Newest.MOST,
            "awaiting": queries.awaiting(by=by)[:PAGE],
            "form": form,
            "envelopes": envelopes,
            "key": signing_key(by.party),
        },
    )


def _hand_in(request: Request, form: Envelopes) -> bool:
    for file in form.cleaned_data["envelopes"]:
        try:
            actions.sign(by=request.member, envelope=file.read())
        except Refused as refused:
            form.add_error("envelopes", f"{file.name}: {in_words(refused.code, 'refusals')}")
    return not form.errors


def statement(request: Request, digest: str) -> HttpResponse:
    by = request.member
    one = queries.statement(digest, by=by)
    form = Envelope(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.sign(by=by, envelope=form.cleaned_data["envelope"].read(), expected=one)
            return redirect("seals:statement", digest)
        except Refused as refused:
            form.add_error("envelope", in_words(refused.code, "refusals"))
    said = queries.read(one)
    opened = openings.read(openings.held(by=by).filter(statement=one), about=one, by=by)
    signers = list(one.signers.all())
    return render(
        request,
        "seals/statement.html",
        {
            "statement": one,
            "said": said,
            "kind": kind_words(one.kind),
            "body": readable(said, opened),
            "opened": opened,
            "signers": signers,
            "awaited": [signer for signer in signers if signer.signed_at is None],
            "own": next((signer for signer in signers if signer.party_id == by.party_id), None),
            "digest": grouped(digest.removeprefix("sha256:")),
            "qr": _qr(f"homeward:{digest}"),
            "follows": queries.spoken_of(said, by=by),
            "answered": queries.speaking_of(one, by=by),
            "proofs": queries.proofs(one, by=by),
            "form": form,
            "show": ShowTo(by=by, statement=one),
            "why": Why(),
            "history": history(one.journal_name, party=by.party_code)[:20],
        },
    )


def _qr(text: str) -> str:
    """The digest as a square to be read by a telephone; attributes only, as the policy of our pages demands."""
    return segno.make(text, error="m", micro=False).svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=2)


def payload(request: Request, digest: str) -> HttpResponse:
    """The exact bytes that are signed."""
    one = queries.statement(digest, by=request.member)
    return _file(bytes(one.payload), f"{_short(one)}.statement.json")


def envelope(request: Request, digest: str) -> HttpResponse:
    """The statement with the signatures that it bears by now, to be cosigned or kept."""
    one = queries.statement(digest, by=request.member)
    return _file(queries.envelope(one).to_bytes(), f"{_short(one)}.envelope.json")


def opening(request: Request, digest: str) -> HttpResponse:
    """What opens the statement's commitments, for whoever should know and gets no bundle."""
    one = queries.statement(digest, by=request.member)
    return _file(openings.file_of(one, by=request.member), f"{_short(one)}.openings.json")


def print_out(request: Request, digest: str) -> HttpResponse:
    """The paper of a statement, in both languages, with boxes for wet signatures."""
    one = queries.statement(digest, by=request.member)
    return _file(printed.paper_of(queries.read(one)), f"{_short(one)}.pdf", "application/pdf")


def _short(one: Statement) -> str:
    return f"{one.kind}-{one.digest[7:19]}"


def _file(content: bytes, name: str, media_type: str = "application/json") -> HttpResponse:
    answer = HttpResponse(content, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def paper(request: Request, digest: str) -> HttpResponse:
    by = request.member
    by.require("sign statements")
    one = queries.statement(digest, by=by)
    said = queries.read(one)
    form = Paper(request.POST or None, statement=one, said=said, by=by)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            entered = actions.enter_paper(
                by=by,
                statement=one,
                signed_by=form.signed_by,
                copy=values["copy"],
                copies=values["copies"],
                scan=values["scan"],
                differences=form.differences,
            )
            return redirect("seals:statement", entered.digest)
        except Refused as refused:
            form.add_error(None, _refusal(refused))
    return render(
        request,
        "seals/paper.html",
        {"statement": one, "kind": kind_words(one.kind), "form": form},
    )


def _refusal(refused: Refused) -> str:
    reasons = refused.about.get("reasons", ())
    return " ".join([in_words(refused.code, "refusals"), *map(str, reasons)])


@require_POST
def discard(request: Request, digest: str) -> HttpResponse:
    actions.discard(by=request.member, statement=queries.statement(digest, by=request.member))
    return redirect("seals:statements")


@require_POST
def void(request: Request, digest: str) -> HttpResponse:
    form = Why(request.POST)
    if not form.is_valid():
        raise Refused("reason-needed")
    one = queries.statement(digest, by=request.member)
    prepared = actions.void(by=request.member, statement=one, reason=form.cleaned_data["reason"])
    return redirect("seals:statement", prepared.digest)


@require_POST
def show(request: Request, digest: str) -> HttpResponse:
    one = queries.statement(digest, by=request.member)
    form = ShowTo(request.POST, by=request.member, statement=one)
    if not form.is_valid():
        raise Refused(NOT_FOUND)
    actions.show(by=request.member, statement=one, to=form.cleaned_data["to"])
    return redirect("seals:statement", digest)


def own_log(request: Request) -> HttpResponse:
    by = request.member
    by.require("see statements")
    form = Cosigned(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            checkpoints.cosign(by=by, note=form.cleaned_data["note"].read())
            return redirect("seals:log")
        except Refused as refused:
            form.add_error("note", in_words(refused.code, "refusals"))
    size = log.size_of(by.party)
    return render(
        request,
        "seals/log.html",
        {
            "origin": origin_of(by.party),
            "installation": grouped(installation_key(by.party).fingerprint),
            "size": size,
            "root": grouped(log.root_of(by.party, size).hex()),
            "checkpoints": Checkpoint.objects.filter(log=by.party).select_related("cosigned_by")[:20],
            "others": checkpoints.offers(by.party),
            "form": form,
        },
    )


@require_POST
def make_checkpoint(request: Request) -> HttpResponse:
    checkpoints.checkpoint(by=request.member)
    return redirect("seals:log")


def note(request: Request, key: int) -> HttpResponse:
    """A checkpoint of one's own party's log, with its signatures."""
    request.member.require("see statements")
    made = Checkpoint.objects.filter(log=request.member.party, pk=key).first()
    if made is None:
        raise Refused(NOT_FOUND, checkpoint=key)
    return _file(made.note.encode(), f"{request.member.party_code}-{made.size}.note", "text/plain; charset=utf-8")


def offered(request: Request, what: str) -> HttpResponse:
    """What whoever cosigns another log needs: its checkpoint, the proof that it continues, its installation's key."""
    one = checkpoints.offer(request.GET.get("origin", ""), by=request.member)
    name = one.origin.replace("/", "-")
    if what == "note":
        return _file(one.offered.encode(), f"{name}.note", "text/plain; charset=utf-8")
    if what == "proof":
        return _file(bytes(one.proof), f"{name}.consistency.json")
    return _file(checkpoints.installation_of(one).to_bytes(), f"{name}.pub.json")


def know_log(request: Request) -> HttpResponse:
    request.member.require("manage keys")
    form = Log(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            checkpoints.know_log(by=request.member, **form.cleaned_data)
            return redirect("seals:log")
        except Refused as refused:
            form.add_error(None, in_words(refused.code, "refusals"))
    return render(
        request,
        "seals/asked.html",
        {"form": form, "title": _("Enter another party’s log"), "act": _("Enter"), "back": "seals:log"},
    )


def keys(request: Request) -> HttpResponse:
    by = request.member
    by.require("see members")
    found = list(pinned_keys())
    rows = [(party, [key for key in found if key.party_id == party.pk]) for party in all_parties()]
    return render(request, "seals/keys.html", {"rows": rows, "own": signing_key(by.party)})


def enter_key(request: Request) -> HttpResponse:
    """A key from the minutes of a session."""
    by = request.member
    by.require("manage keys")
    form = FirstKey(request.POST or None, request.FILES or None, by=by)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            key = keyring.read_key(values["file"].read()) if values["file"] else None
            if key is not None and key.party != values["party"].code:
                raise Refused("key-names-another", party=key.party)
            parties.pin_key(
                by=by,
                party=values["party"],
                fingerprint=values["fingerprint"],
                introduced_in=values["introduced_in"],
                raw=key.raw if key else b"",
                name=key.name if key else "",
                role=key.role if key else "party",
            )
            return redirect("seals:keys")
        except Refused as refused:
            form.add_error(None, in_words(refused.code, "refusals"))
    return render(
        request,
        "seals/asked.html",
        {"form": form, "title": _("Enter a key from the minutes"), "act": _("Enter"), "back": "seals:keys"},
    )


def introduce_key(request: Request) -> HttpResponse:
    """A further key of one's own party, introduced by a statement signed with the present one."""
    by = request.member
    by.require("manage keys")
    form = FurtherKey(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            prepared = keyring.introduce(by=by, file=form.cleaned_data["file"].read())
            return redirect("seals:statement", prepared.digest)
        except Refused as refused:
            form.add_error("file", _refusal(refused))
    return render(
        request,
        "seals/asked.html",
        {"form": form, "title": _("Introduce a further key"), "act": _("Prepare the statement"), "back": "seals:keys"},
    )


def revoke_key(request: Request, fingerprint: str) -> HttpResponse:
    """By a statement signed with a key of the party; at once where the key is lost, or another party said so."""
    by = request.member
    by.require("manage keys")
    key = pinned_keys().filter(fingerprint=fingerprint).first()
    if key is None:
        raise Refused(NOT_FOUND, key=fingerprint)
    form = Why(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            if "at_once" in request.POST:
                parties.revoke_key(by=by, key=key, reason=reason)
                return redirect("seals:keys")
            prepared = keyring.revoke(by=by, key=key, reason=reason)
            return redirect("seals:statement", prepared.digest)
        except Refused as refused:
            form.add_error(None, _refusal(refused))
    return render(request, "seals/revoke.html", {"form": form, "key": key})


def mutual(request: Request) -> HttpResponse:
    """Requests for mutual disclosure, and a form for a new one."""
    by = request.member
    by.require("see members")
    form = MutualDisclosure(request.POST or None, by=by)
    if request.method == "POST" and form.is_valid():
        try:
            made = disclosures.propose(by=by, **form.cleaned_data)
            return redirect("seals:statement", made.statement)
        except Refused as refused:
            form.add_error(None, _refusal(refused))
    return render(
        request,
        "seals/disclosures.html",
        {"requests": [_request(one, request) for one in disclosure_requests(by=by)], "form": form, "why": Why()},
    )


def _request(one: Any, request: Request) -> dict[str, Any]:
    kinds = dict(Disclosure.Kind.choices)
    return {
        "it": one,
        "offers": [kinds.get(kind, kind) for kind in one.offers],
        "asks": [kinds.get(kind, kind) for kind in one.asks],
        "asked_of_us": one.asked_of_id == request.member.party_id,
    }


@require_POST
def settle(request: Request, number: str) -> HttpResponse:
    """Refuse, withdraw or end a mutual disclosure, with the reason."""
    by = request.member
    one = disclosure_request(number, by=by)
    form = Why(request.POST)
    if not form.is_valid():
        raise Refused("reason-needed")
    acts = {
        "refuse": disclosures.refuse,
        "withdraw": disclosures.withdraw,
        "alone": disclosures.withdraw_ours,
        "end": parties.end_together,
    }
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise Refused(NOT_FOUND)
    act(by=by, request=one, reason=form.cleaned_data["reason"])
    return redirect("seals:disclosures")
