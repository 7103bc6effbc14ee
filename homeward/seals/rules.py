"""What may be said next in a transfer, and every reason why a statement does not fit those before it.

The same rules are asked twice: of a draft, before anyone signs it (:func:`refuse`), and of what was signed all the
same (``transfer.py`` keeps it, with its objections in sight). Codes are stable; forms have words for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Protocol

from homeward.errors import Fault, NotAllowed
from homeward.seals.bodies import ACCOUNTS, BODIES, KINDS, contradictions
from homeward.seals.reckoning import Account, Consignment, Line, Objection, Outcome, TransferState
from homeward.seals.standing import Footing, Held
from homeward.seals.statement import WITNESS, Signer, Statement

Found = Iterator[Objection]


class Said(Protocol):
    """A statement, or the draft of one."""

    @property
    def kind(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def signers(self) -> tuple[Signer, ...]: ...
    @property
    def body(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody means to say: the kind, who speaks, who is to sign, and the body."""

    kind: str
    by: str
    signers: tuple[Signer, ...]
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """What an objection says. One that sets aside leaves the statement without effect on the account."""

    reason: str
    remedy: str = ""
    sets_aside: bool = False
    refused: bool = True  # forms refuse it; what is not refused is only shown


_ASIDE = True
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        # when, and who
        "after-closing": Rule("the transfer is closed.", "Void the closing, or begin another transfer.", _ASIDE),
        "after-abort": Rule("the transfer was broken off.", "Begin another transfer.", _ASIDE),
        "after-refusal": Rule("the proposal was refused.", "Propose again first.", _ASIDE),
        "not-a-party": Rule("speaks without being a party to this transfer.", "", _ASIDE),
        "nonsense": Rule("it does not say what a statement of this kind must say.", "", _ASIDE),
        "not-of-a-transfer": Rule("this kind of statement does nothing in a transfer.", "", _ASIDE),
        "proposal-too-late": Rule("a manifest is agreed already.", "Agree a new version of it.", _ASIDE),
        "not-proposed": Rule("no proposal names this giver and this receiver.", "Propose it first."),
        "unknown-statement": Rule("names a statement that is not in this record.", "Import it first.", _ASIDE),
        # manifests
        "line-twice": Rule("a line's number stands twice.", "Number each line once.", _ASIDE),
        "container-twice": Rule("a container stands twice.", "List each container once.", _ASIDE),
        "container-in-two-manifests": Rule("a container is on another manifest of this transfer.", "", _ASIDE),
        "version-not-higher": Rule("the version is not higher than the one that holds.", "Raise it by one.", _ASIDE),
        "manifest-after-handover": Rule(
            "something was handed over on the version before.",
            "Raise a discrepancy, or begin another transfer.",
            _ASIDE,
        ),
        "neutral-missing": Rule("the neutral it goes through does not sign as witness.", "Add it to the signers."),
        "manifest-not-agreed": Rule("rests on a manifest that does not stand.", "Have it signed by both.", _ASIDE),
        "manifest-superseded": Rule("rests on a version that no longer holds.", "Use the one that holds.", _ASIDE),
        "line-not-listed": Rule("the manifest has no such line with this container."),
        # sealing and handing over
        "seal-after-handover": Rule("the containers were handed over already.", "", _ASIDE),
        "not-the-giver": Rule("speaks for the giver without being it.", "", _ASIDE),
        "not-the-receiver": Rule("speaks for the receiver without being it.", "", _ASIDE),
        "not-held": Rule("the giver does not hold this container by its own record.", "Leave it out.", _ASIDE),
        "not-with-the-giver": Rule("the container is in other hands.", "Leave it out."),
        "line-handed-twice": Rule("the line was handed over already.", "Void the handover first."),
        # receiving
        "nothing-handed-over": Rule("nothing was handed over on this manifest.", "", _ASIDE),
        "line-not-handed-over": Rule(
            "the line was not handed over; what came is an unlisted extra.", "Write null for its line."
        ),
        "line-received-twice": Rule("a receipt for this line stands already.", "Void that receipt first."),
        "line-unmentioned": Rule("a line that was handed over is not mentioned.", "Say what became of it."),
        "nothing-received": Rule("nothing was received yet.", "", _ASIDE),
        "line-not-received": Rule("this container was not received.", "Leave it out, or record its receipt."),
        "not-jointly": Rule("giver and receiver do not both sign, so it is no joint inspection.", "", _ASIDE),
        # questions
        "number-twice": Rule("the number is taken.", "Use the next free one."),
        "container-unknown": Rule("this transfer has no such container."),
        "unknown-number": Rule("there is no reservation or discrepancy of this number."),
        "already-resolved": Rule("it is resolved already.", "Void that resolution first."),
        "not-by-the-raiser": Rule("who raised it does not sign.", "It is for both to settle.", _ASIDE),
        "nothing-to-resolve": Rule("nothing is open.", "", _ASIDE),
        # cases
        "issued-twice": Rule("this case was issued already."),
        "not-issued": Rule("this case was never issued, so it is not counted as returned."),
        "returned-twice": Rule("this case was returned already."),
        "returned-though-received": Rule("this case came back full, so it is not counted as returned empty."),
        # ends
        "open-discrepancies": Rule("a discrepancy is open.", "Resolve it; each side may keep its version.", _ASIDE),
        "accounts-differ": Rule("the statements give another number.", "", refused=False),
        "refuses-standing": Rule("the statement stands; who has signed it cannot refuse it.", "Void it.", _ASIDE),
        "not-asked": Rule("nobody asked this party to sign it.", "", _ASIDE),
        "abort-after-handover": Rule(
            "containers have changed hands.", "Return them, or close with an account.", _ASIDE
        ),
        "nothing-to-abort": Rule("nothing has begun.", "", _ASIDE),
        "void-not-by-all": Rule("not all who signed it sign its voiding.", "Have them sign.", _ASIDE),
        "voided-already": Rule("it is voided already.", "", _ASIDE),
        "others-rest-on-it": Rule("other statements rest on it.", "Void those first."),
        "not-on-paper": Rule("this party does not sign that statement on paper.", "Leave it out."),
        # inside one body, by bodies.py
        "total-differs": Rule("a total is not that of its lines.", "", _ASIDE),
        "to-oneself": Rule("one party gives and takes.", "", _ASIDE),
        "through-a-side": Rule("the neutral is one of the sides.", "", _ASIDE),
        "not-clean": Rule("it calls itself clean, and its lines are not.", "", _ASIDE),
        "extra-and-line": Rule("an extra has a line, or another line has none.", "", _ASIDE),
        "copy-beyond": Rule("there are fewer copies.", "", _ASIDE),
        "party-twice": Rule("a party stands twice.", "", _ASIDE),
        "about-nothing": Rule("it names no remains.", "", _ASIDE),
        "about-nobody": Rule("it names neither a group nor a party.", "", _ASIDE),
    }
)


def allowed_next(account: Account, party: str) -> tuple[str, ...]:
    """Kinds of statement that a party may make now, in the order of the kinds."""
    return tuple(kind for kind in KINDS if kind in _BARS and _bar(account, kind, party) is None)


def refuse(account: Account, draft: Said, *, held: Mapping[str, str] | None = None) -> None:
    """Say nothing if a statement fits those before it.

    Parameters
    ----------
    account : the transfer so far
    draft : what somebody means to say (a :class:`Draft`, or a statement not yet in the account)
    held : container -> code of the party that holds it, by the record of who asks; None where there is no record

    Raises
    ------
    NotAllowed
        With every objection.
    """
    found = [one for one in objections(account, draft, held=held) if RULES[one.code].refused]
    if found:
        raise NotAllowed(found)


def objections(account: Account, said: Said, *, held: Mapping[str, str] | None = None) -> tuple[Objection, ...]:
    """Everything that speaks against a statement, in the order of its body; also what is only shown."""
    misshapen = list(BODIES[said.kind].faults(said.body, "")) if said.kind in BODIES else []
    if misshapen:  # nothing more can be asked of it
        return tuple(replace(nonsense(fault), kind=said.kind) for fault in misshapen)
    inside = [_object(one.code, one.path, one.value) for one in contradictions(said.kind, said.body)]
    bar = _ended(account, said.kind) if said.kind in ("refusal", "void") else _bar(account, said.kind, said.by)
    found = [*inside, *_AGAINST.get(said.kind, _nothing)(account, said), *_not_held(said, held)]
    if bar is not None:  # what it is about may be told already, with its place in the body
        found = found if bar in [one.code for one in found] else [_object(bar), *found]
        found = [replace(one, sets_aside=True) if one.code == bar else one for one in found]
    return tuple(replace(one, kind=said.kind) for one in dict.fromkeys(found))


def nonsense(fault: Fault) -> Objection:
    """A fault of a body as an objection."""
    return replace(_object("nonsense", fault.column, fault.value), reason=fault.reason, remedy=fault.remedy)


def _object(code: str, path: str = "", value: object = "") -> Objection:
    rule = RULES[code]
    return Objection(code, path, str(value), "", "", rule.sets_aside, rule.reason, rule.remedy)


def _nothing(account: Account, said: Said) -> Found:
    return iter(())


# --- what a party may say at all, now ---------------------------------------------------------------------------

_BEFORE_RECEIPT = (
    TransferState.DRAFT,
    TransferState.PROPOSED,
    TransferState.MANIFEST_AGREED,
    TransferState.SEALED,
    TransferState.HANDED_OVER,
)


def _bar(account: Account, kind: str, party: str) -> str | None:
    """The code of what keeps a party from a kind of statement at this point, if anything does."""
    if kind not in _BARS:
        return "not-of-a-transfer"
    ended = _ended(account, kind)
    if ended is not None:
        return ended
    if account.parties and party not in account.parties and kind not in ("proposal", "issue", "void", "paper"):
        return "not-a-party"
    return _BARS[kind](account, party)


def _ended(account: Account, kind: str) -> str | None:
    """What keeps everyone from speaking on. Withdrawing, and entering what was signed on paper, are always open."""
    if kind in ("void", "paper"):
        return None
    if account.state is TransferState.REFUSED:
        return None if kind == "proposal" else "after-refusal"
    return {TransferState.CLOSED: "after-closing", TransferState.ABORTED: "after-abort"}.get(account.state)


def _of(account: Account, party: str) -> list[Consignment]:
    return [one for one in account.consignments.values() if party in one.parties]


def _bar_proposal(account: Account, party: str) -> str | None:
    return "proposal-too-late" if account.consignments else None


def _bar_manifest(account: Account, party: str) -> str | None:
    own = [one for one in account.consignments.values() if party == one.giver]
    return "manifest-after-handover" if own and all(one.handovers for one in own) else None


def _bar_seal(account: Account, party: str) -> str | None:
    own = [one for one in account.consignments.values() if party == one.giver]
    if not own:
        return "not-the-giver" if account.consignments else "manifest-not-agreed"
    return "seal-after-handover" if all(one.handovers for one in own) else None


def _bar_handover(account: Account, party: str) -> str | None:
    if not account.consignments:
        return "manifest-not-agreed"
    own = _of(account, party)
    if not own:
        return "not-the-giver"
    left = [line for one in own for line in account.lines_of(one) if line.place != line.receiver]
    return None if left else "line-handed-twice"


def _bar_receipt(account: Account, party: str) -> str | None:
    own = [one for one in account.consignments.values() if party == one.receiver]
    if not own:
        return "not-the-receiver" if account.consignments else "nothing-handed-over"
    return None if any(one.handovers for one in own) else "nothing-handed-over"


def _bar_on_agreement(account: Account, party: str) -> str | None:
    return None if account.consignments else "manifest-not-agreed"


def _bar_after_receipt(account: Account, party: str) -> str | None:
    return None if any(one.receipts for one in account.consignments.values()) else "nothing-received"


def _bar_reservation(account: Account, party: str) -> str | None:
    return None if account.proposals or account.consignments or account.issues else "unknown-statement"


def _bar_resolution(account: Account, party: str) -> str | None:
    return None if account.open_questions else "nothing-to-resolve"


def _bar_closing(account: Account, party: str) -> str | None:
    if account.state in _BEFORE_RECEIPT:
        return "nothing-received"
    return "open-discrepancies" if any(one.open for one in account.discrepancies) else None


def _bar_refusal(account: Account, party: str) -> str | None:
    return None if any(_may_refuse(account, held, party) for held in account.held.values()) else "not-asked"


def _may_refuse(account: Account, held: Held, party: str) -> bool:
    asked = held.statement.subject == account.subject and party in held.recorded.missing
    return asked and held.footing is Footing.AWAITS


def _bar_abort(account: Account, party: str) -> str | None:
    if any(one.handovers for one in account.consignments.values()):
        return "abort-after-handover"
    return None if account.proposals or account.consignments else "nothing-to-abort"


def _bar_void(account: Account, party: str) -> str | None:
    signed = (party in held.signed and held.footing is not Footing.VOIDED for held in account.held.values())
    return None if any(signed) else "unknown-statement"


def _bar_paper(account: Account, party: str) -> str | None:
    return None if account.held else "unknown-statement"


def _open(account: Account, party: str) -> str | None:
    return None


_BARS: Mapping[str, Callable[[Account, str], str | None]] = {
    "proposal": _bar_proposal,
    "issue": _open,
    "manifest": _bar_manifest,
    "seal": _bar_seal,
    "handover": _bar_handover,
    "receipt": _bar_receipt,
    "reservation": _bar_reservation,
    "inspection": _bar_after_receipt,
    "discrepancy": _bar_on_agreement,
    "resolution": _bar_resolution,
    "return": _open,
    "affiliation": _bar_after_receipt,
    "closing": _bar_closing,
    "refusal": _bar_refusal,
    "abort": _bar_abort,
    "void": _bar_void,
    "paper": _bar_paper,
}


# --- what speaks against this body ------------------------------------------------------------------------------


def _against_proposal(account: Account, said: Said) -> Found:
    if said.body["what"] != "transfer":
        yield _object("not-of-a-transfer", "/what", said.body["what"])


def _against_issue(account: Account, said: Said) -> Found:
    for at, one in enumerate(said.body["containers"]):
        if one["container"] in account.issuers:
            yield _object("issued-twice", f"/containers/{at}/container", one["container"])


def _against_manifest(account: Account, said: Said) -> Found:
    body = said.body
    pair = (body["from"], body["to"])
    if account.proposals and not any(_proposes(one, *pair) for one in account.proposals):
        yield _object("not-proposed", "/from", " > ".join(pair))
    before = account.consignments.get(pair)
    if before is not None and before.handovers:
        yield _object("manifest-after-handover", "/version", body["version"])
    elif before is not None and body["version"] <= before.manifest.body["version"]:
        yield _object("version-not-higher", "/version", body["version"])
    for at, row in enumerate(body["lines"]):
        line = account.by_container.get(row["container"])
        if line is not None and (line.giver, line.receiver) != pair:
            yield _object("container-in-two-manifests", f"/lines/{at}/container", row["container"])
    yield from _neutral_missing(body["through"], said)


def _proposes(proposal: Statement, giver: str, receiver: str) -> bool:
    """Whether a proposal has room for this pair; a side it leaves open has room for anyone."""
    body = proposal.body
    return (not body["from"] or giver in body["from"]) and (not body["to"] or receiver in body["to"])


def _neutral_missing(through: str, said: Said) -> Found:
    if through and not any(signer.party == through for signer in said.signers):
        yield _object("neutral-missing", "", through)


def consignment_of(account: Account, manifest: str) -> Consignment | None:
    """The consignment whose manifest that holds is this one."""
    return next((one for one in account.consignments.values() if one.manifest.digest == manifest), None)


def _on_manifest(account: Account, said: Said) -> tuple[Consignment | None, list[Objection]]:
    """The consignment a statement rests on, or why it rests on none."""
    digest = said.body["manifest"]
    found = consignment_of(account, digest)
    if found is not None:
        return found, []
    old = any(digest == one.digest for consignment in account.consignments.values() for one in consignment.manifests)
    return None, [_object("manifest-superseded" if old else "manifest-not-agreed", "/manifest", digest)]


def _line_on(account: Account, consignment: Consignment, row: Mapping[str, Any]) -> Line | None:
    """The line that a row of a later statement speaks of: number and container are both its own."""
    line = account.by_container.get(row["container"])
    if line is None or (line.giver, line.receiver) != consignment.pair or line.line != row["line"]:
        return None
    return line


def _not_listed(account: Account, consignment: Consignment, rows: Sequence[Mapping[str, Any]]) -> Found:
    for at, row in enumerate(rows):
        if _line_on(account, consignment, row) is None:
            yield _object("line-not-listed", f"/lines/{at}/line", row["line"])


def _against_seal(account: Account, said: Said) -> Found:
    consignment, missing = _on_manifest(account, said)
    yield from missing
    if consignment is None:
        return
    if said.by != consignment.giver:
        yield _object("not-the-giver", "", said.by)
    if consignment.handovers:
        yield _object("seal-after-handover", "/manifest")
    yield from _not_listed(account, consignment, said.body["lines"])
    yield from _neutral_missing(consignment.through, said)


def _against_handover(account: Account, said: Said) -> Found:
    consignment, missing = _on_manifest(account, said)
    yield from missing
    if consignment is None:
        return
    giver, taker = said.body["relinquished_by"]["party"], said.body["received_by"]["party"]
    if giver not in (consignment.giver, consignment.through):
        yield _object("not-the-giver", "/relinquished_by/party", giver)
    if taker not in (consignment.receiver, consignment.through):
        yield _object("not-the-receiver", "/received_by/party", taker)
    yield from _not_listed(account, consignment, said.body["lines"])
    for at, row in enumerate(said.body["lines"]):
        line = _line_on(account, consignment, row)
        place = (line.place or line.giver) if line else giver
        if line is not None and place == line.receiver:
            yield _object("line-handed-twice", f"/lines/{at}/line", row["line"])
        elif place != giver:
            yield _object("not-with-the-giver", f"/lines/{at}/container", row["container"])
    yield from _neutral_missing(consignment.through, said)


def _against_receipt(account: Account, said: Said) -> Found:
    consignment, missing = _on_manifest(account, said)
    yield from missing
    if consignment is None:
        return
    if said.by != consignment.receiver:
        yield _object("not-the-receiver", "", said.by)
    if not consignment.handovers:
        yield _object("nothing-handed-over", "/manifest")
    mentioned = set()
    for at, row in enumerate(said.body["lines"]):
        if row["line"] is None:
            continue
        line = _line_on(account, consignment, row)
        if line is None:
            yield _object("line-not-listed", f"/lines/{at}/line", row["line"])
        elif not line.handovers:
            yield _object("line-not-handed-over", f"/lines/{at}/line", row["line"])
        elif line.received is not None and line.outcome is not Outcome.NOT_RECEIVED:
            yield _object("line-received-twice", f"/lines/{at}/line", row["line"])
        mentioned.add(row["container"])
    for line in account.lines_of(consignment):
        if line.handovers and not line.receipts and line.container not in mentioned:
            yield _object("line-unmentioned", "/lines", f"{line.line} {line.container}")


def _against_question(account: Account, said: Said) -> Found:
    """Of a reservation or a discrepancy. A protest is kept whatever its number, so nothing here sets it aside."""
    taken = {one.number for one in (*account.reservations, *account.discrepancies)}
    if said.body["number"] in taken:
        yield _object("number-twice", "/number", said.body["number"])
    if said.kind == "reservation" and said.body["on"] not in account.held:
        yield replace(_object("unknown-statement", "/on", said.body["on"]), sets_aside=False)
    yield from _unknown_remains(account, said)


def _unknown_remains(account: Account, said: Said) -> Found:
    numbers = {line.line for line in account.lines}
    for at, number in enumerate(said.body["lines"]):
        if number not in numbers:
            yield _object("line-not-listed", f"/lines/{at}", number)
    for at, container in enumerate(said.body["containers"]):
        if not _known(account, container):
            yield _object("container-unknown", f"/containers/{at}", container)


def _known(account: Account, container: str) -> bool:
    return container in account.by_container or container in account.extra_by_container or container in account.issuers


def _against_inspection(account: Account, said: Said) -> Found:
    sides: set[str] = set()
    for at, row in enumerate(said.body["lines"]):
        line = account.by_container.get(row["container"])
        extra = account.extra_by_container.get(row["container"])
        if extra is None and (line is None or not line.outcome.arrived):
            yield _object("line-not-received", f"/lines/{at}/container", row["container"])
        one = line or extra
        sides |= {one.giver, one.receiver} if one is not None else set()
    signing = {signer.party for signer in said.signers if signer.role != WITNESS}
    if said.body["mode"] == "jointly" and sides - signing:
        yield _object("not-jointly", "/mode", ", ".join(sorted(sides - signing)))


def _against_resolution(account: Account, said: Said) -> Found:
    signing = {signer.party for signer in said.signers if signer.role != WITNESS}
    for at, number in enumerate(said.body["resolves"]):
        raised = [one for one in (*account.discrepancies, *account.reservations) if one.number == number]
        if not raised:
            yield _object("unknown-number", f"/resolves/{at}", number)
        elif not any(one.open for one in raised):
            yield _object("already-resolved", f"/resolves/{at}", number)
        elif any(one.open and one.by not in signing for one in raised):
            yield _object("not-by-the-raiser", f"/resolves/{at}", number)


def _against_return(account: Account, said: Said) -> Found:
    gone = {one.container for one in account.returns}
    for at, row in enumerate(said.body["lines"]):
        container, path = row["container"], f"/lines/{at}/container"
        line = account.by_container.get(container)
        if container in gone:
            yield _object("returned-twice", path, container)
        elif not _known(account, container):
            yield _object("not-issued" if row["content"] == "empty" else "container-unknown", path, container)
        elif (
            row["content"] == "empty" and line is not None and line.outcome.arrived and _goes_home(account, said, line)
        ):
            yield _object("returned-though-received", path, container)


def _goes_home(account: Account, said: Said, line: Line) -> bool:
    return account.issuer_of(line.container) == str(said.body["to"])


def _against_affiliation(account: Account, said: Said) -> Found:
    yield from _unknown_remains(account, said)


def _against_closing(account: Account, said: Said) -> Found:
    counted = account.cases.counts
    for name in ACCOUNTS:
        given = said.body["accounts"][name]
        if given != counted[name]:
            reason = f"the statements give another number: {counted[name]}."
            found = _object("accounts-differ", f"/accounts/{name}", given)
            yield replace(found, reason=reason, counted=str(counted[name]))


def _against_refusal(account: Account, said: Said) -> Found:
    target = account.held.get(said.body["refuses"])
    if target is None:
        yield _object("unknown-statement", "/refuses", said.body["refuses"])
    elif target.footing is Footing.STANDS or said.by in target.signed:
        yield _object("refuses-standing", "/refuses", said.body["refuses"])
    elif said.by not in target.recorded.missing:
        yield _object("not-asked", "/refuses", said.by)


def _against_void(account: Account, said: Said) -> Found:
    target = account.held.get(said.body["voids"])
    if target is None:
        yield _object("unknown-statement", "/voids", said.body["voids"])
        return
    unasked = target.signed - {signer.party for signer in said.signers}
    if unasked:
        yield _object("void-not-by-all", "/voids", ", ".join(sorted(unasked)))
    if target.footing is Footing.VOIDED and not _is_recorded(account, said):
        yield _object("voided-already", "/voids", said.body["voids"])
    resting = [held for held in account.held.values() if held.footing is Footing.STANDS and _rests(held, target)]
    if resting:
        yield _object("others-rest-on-it", "/voids", ", ".join(sorted(held.statement.kind for held in resting)))


def _is_recorded(account: Account, said: Said) -> bool:
    """A void already in the record may be what voids its target; it is not too late for itself."""
    return isinstance(said, Statement) and said.digest in account.held


def _rests(held: Held, target: Held) -> bool:
    body = held.statement.body
    return target.recorded.digest in (body.get("manifest"), body.get("on"))


def _against_paper(account: Account, said: Said) -> Found:
    target = account.held.get(said.body["statement"])
    if target is None:
        yield _object("unknown-statement", "/statement", said.body["statement"])
        return
    on_paper = {signer.party for signer in target.statement.signers if not signer.key}
    for at, one in enumerate(said.body["signed_by"]):
        if one["party"] not in on_paper:
            yield _object("not-on-paper", f"/signed_by/{at}/party", one["party"])


_AGAINST: Mapping[str, Callable[[Account, Said], Found]] = {
    "proposal": _against_proposal,
    "issue": _against_issue,
    "manifest": _against_manifest,
    "seal": _against_seal,
    "handover": _against_handover,
    "receipt": _against_receipt,
    "reservation": _against_question,
    "inspection": _against_inspection,
    "discrepancy": _against_question,
    "resolution": _against_resolution,
    "return": _against_return,
    "affiliation": _against_affiliation,
    "closing": _against_closing,
    "refusal": _against_refusal,
    "void": _against_void,
    "paper": _against_paper,
}


def _not_held(said: Said, held: Mapping[str, str] | None) -> Found:
    """Containers that who gives them does not hold, by the record of who asks."""
    if held is None or said.kind not in ("handover", "return"):
        return
    giver = said.body["from"] if said.kind == "return" else said.body["relinquished_by"]["party"]
    for at, row in enumerate(said.body["lines"]):
        if held.get(row["container"]) != giver:
            yield _object("not-held", f"/lines/{at}/container", row["container"])
