"""What the parties to a transfer do: each act says one statement, which they then sign with their own keys.

Every act reads in one order: may this member, does the transfer's account allow it, prepare the exact bytes. Nothing
moves before the signatures are in (``sealed.py``). What a party says of its lines comes from its own record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.agreements.models import Commitment
from casework.custody import record
from casework.custody.life import State
from casework.custody.models import Container, ManifestLine, Transfer, TransferState
from casework.custody.numbers import key_of
from casework.custody.queries import items_in, seals_on, with_weight
from casework.custody.sealed import NUMBER, account_of
from casework.journal.actions import recorded
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.seals import actions as seals
from casework.seals.models import Statement
from casework.seals.openings import Withheld, withhold
from homeward.errors import NotAllowed
from homeward.seals.bodies import is_clean, kept
from homeward.seals.statement import Signer
from homeward.seals.transfer import Account, Consignment, Draft, refuse

# A container on a line of such a transfer is promised to it; once received, or never to be, it is free again.
PROMISED = (
    TransferState.DRAFT, TransferState.PROPOSED, TransferState.MANIFEST_AGREED, TransferState.SEALED,
    TransferState.HANDED_OVER,
)  # fmt: skip
Body = dict[str, Any]
Signers = list[tuple[Party, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Where and when something was said: the local time of the place is written beside UTC."""

    at: datetime | None = None
    zone: str = "UTC"
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The same words in the languages in which they were said."""

    en: str = ""
    ko: str = ""

    def listed(self) -> list[dict[str, str]]:
        said = (("en", self.en.strip()), ("ko", self.ko.strip()))
        return [{"lang": lang, "text": text} for lang, text in said if text]

    @property
    def journal_name(self) -> str:
        return self.en or self.ko


NOW = When()


# ---------- Drafts ----------


@recorded("custody.draft_transfer")
def draft_transfer(
    *,
    by: Member,
    sender: Party,
    receiver: Party,
    through: Party | None = None,
    planned_for: str = "",
    place: str = "",
    level: str = "",
    purpose: str = "",
    terms: Texts = Texts(),
    fulfils: Sequence[Commitment] = (),
) -> Transfer:
    """Begin a transfer that only one's own side sees until its first statement is signed."""
    by.require("offer transfers")
    if by.party not in (sender, receiver) or sender == receiver or through in (sender, receiver):
        raise Refused("two-sides")
    drafted = Transfer.objects.create(
        drafted_by=by.party, sender=sender, receiver=receiver, through=through, planned_for=planned_for, place=place,
        level=level, purpose=purpose, terms_en=terms.en, terms_ko=terms.ko,
    )  # fmt: skip
    drafted.fulfils.set(fulfils)
    return drafted


@recorded("custody.change_draft")
def change_draft(
    *, by: Member, transfer: Transfer, planned_for: str = "", place: str = "", level: str = "", purpose: str = "",
    terms: Texts = Texts(), fulfils: Sequence[Commitment] = (),
) -> Transfer:  # fmt: skip
    """Change the plan of a transfer of which nothing has been signed."""
    changed = _own(transfer, by=by)
    if changed.shared_at is not None or changed.drafted_by_id != by.party_id:
        raise Refused("signed-since")
    changed.planned_for, changed.place, changed.level, changed.purpose = planned_for, place, level, purpose
    changed.terms_en, changed.terms_ko = terms.en, terms.ko
    changed.save()
    changed.fulfils.set(fulfils)
    return changed


@recorded("custody.drop_draft")
def drop_draft(*, by: Member, transfer: Transfer) -> Transfer:
    """Give a draft up. It stays in one's own list as broken off; the other side never saw it."""
    dropped = _own(transfer, by=by)
    if dropped.shared_at is not None or dropped.drafted_by_id != by.party_id:
        raise Refused("signed-since")
    dropped.state = TransferState.ABORTED
    dropped.save(update_fields=["state"])
    return dropped


@recorded("custody.number_transfer")
def number_transfer(*, by: Member, transfer: Transfer, number: str) -> Transfer:
    """Write the number that a transfer has in one's own party's files."""
    numbered = _own(transfer, by=by)
    numbered.own_numbers = {**numbered.own_numbers, by.party.code: number.strip()}
    numbered.save(update_fields=["own_numbers"])
    return numbered


@recorded("custody.link_commitments")
def link_commitments(*, by: Member, transfer: Transfer, fulfils: Sequence[Commitment]) -> Transfer:
    """Say towards which commitments a transfer is made."""
    linked = _own(transfer, by=by)
    linked.fulfils.set(fulfils)
    return linked


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A line as its sender declares it. Seals and weight come from the sender's own record."""

    container: Container
    content: str = ManifestLine.Content.REMAINS
    bags: int | None = None  # none: as many as there are items in it, or one
    description: str = ""
    origin: str = ""
    claim_about: str = ""
    claim: str = ""

    @property
    def journal_name(self) -> str:
        return self.container.journal_name


@recorded("custody.list_lines")
def list_lines(*, by: Member, transfer: Transfer, lines: Sequence[Declared]) -> Transfer:
    """Draw up the lines of the manifest, in this order. They are the sender's own until a manifest is signed."""
    drawn = _own(transfer, by=by)
    if drawn.sender_id != by.party_id:
        raise Refused("not-the-sender")
    if account_of(drawn).consignments and any(one.handovers for one in account_of(drawn).consignments.values()):
        raise Refused("transfer-refused", codes=["manifest-after-handover"])
    _refuse_lines(drawn, [one.container for one in lines], by=by)
    counted = items_in([one.container for one in lines])
    drawn.manifest_lines.all().delete()
    ManifestLine.objects.bulk_create(
        ManifestLine(
            transfer=drawn, line=at, container=one.container, content=one.content, bags=_bags(one, counted),
            description=one.description, origin=one.origin, claim_about=one.claim_about if one.claim else "",
            claim=one.claim,
        )
        for at, one in enumerate(lines, 1)
    )  # fmt: skip
    return drawn


def _bags(one: Declared, counted: Mapping[int, int]) -> int:
    if one.bags is not None:
        return one.bags
    return 0 if one.content == ManifestLine.Content.EMPTY else counted.get(one.container.pk, 0) or 1


def _refuse_lines(transfer: Transfer, containers: Sequence[Container], *, by: Member) -> None:
    """A line twice, a container that is not ours to give, or one that is promised to another transfer."""
    keys = [one.pk for one in containers]
    if twice := sorted({one.number for one in containers if keys.count(one.pk) > 1}):
        raise Refused("line-twice", numbers=twice)
    mine = set(
        Container.objects.filter(pk__in=keys, holder=by.party, keeper=by.party, voided_at=None).values_list(
            "pk", flat=True
        )
    )
    if away := [one.number for one in containers if one.pk not in mine]:
        raise Refused("lines-not-held", numbers=away)
    if lost := [one.number for one in containers if one.state in (State.LOST, State.UNRETURNED)]:
        raise Refused("is-lost", numbers=lost)
    if promised := _promised(transfer, keys):
        raise Refused("in-two-transfers", numbers=promised)


def _promised(transfer: Transfer, keys: Iterable[int]) -> list[str]:
    elsewhere = ManifestLine.objects.filter(container__in=list(keys), transfer__state__in=PROMISED)
    found = elsewhere.exclude(transfer=transfer).select_related("container", "transfer").order_by("line")
    return [f"{line.container.number}: {line.transfer.code}" for line in found]


# ---------- Statements ----------


@recorded("custody.propose")
def propose(*, by: Member, transfer: Transfer, number: str, when: When = NOW) -> Statement:
    """Propose the transfer to the other side, under a number that no transfer ever had."""
    proposed = _own(transfer, by=by)
    if proposed.state == TransferState.ABORTED:
        raise Refused("transfer-refused", codes=["after-abort"])
    number = number.strip()
    if not NUMBER.fullmatch(number) or number.lower().startswith("draft"):
        raise Refused("number-form", number=number)
    if Transfer.objects.filter(number__iexact=number).exclude(pk=proposed.pk).exists():
        raise Refused("transfer-number-used", number=number)
    if proposed.number and proposed.number != number and proposed.shared_at is not None:
        raise Refused("signed-since")
    proposed.number = number
    proposed.save(update_fields=["number"])
    body = {
        "what": "transfer",
        "from": [proposed.sender.code],
        "to": [proposed.receiver.code],
        "through": [proposed.through.code] if proposed.through else [],
        "date": proposed.planned_for,
        "place": proposed.place,
        "level": proposed.level,
        "asks_for": proposed.purpose,
        "answers": "",
        "terms": Texts(en=proposed.terms_en, ko=proposed.terms_ko).listed(),
    }
    return _say(by, proposed, "proposal", body, _both(proposed, by), when)


@recorded("custody.issue_cases")
def issue_cases(*, by: Member, transfer: Transfer, containers: Sequence[Container], when: When = NOW) -> Statement:
    """Send cases empty to the other side, to come back full."""
    issued = _own(transfer, by=by)
    mine = [record.here(one, by=by) for one in containers]
    if full := [one.number for one in mine if one.state not in (State.ISSUED, State.RETURNED)]:
        raise Refused("not-empty-cases", numbers=full)
    other = _other(issued, by)
    body = {
        "from": by.party.code,
        "to": other.code,
        "containers": [{"container": one.number, "kind": one.kind} for one in mine],
        "count": len(mine),
    }
    return _say(by, issued, "issue", body, [(by.party, "author"), (other, "countersigner")], when)


@recorded("custody.offer_manifest")
def offer_manifest(*, by: Member, transfer: Transfer, copies: int = 3, when: When = NOW) -> Statement:
    """Lay the lines before the other side and the neutral, for all to sign the same list."""
    offered = _own(transfer, by=by)
    if offered.sender_id != by.party_id:
        raise Refused("not-the-sender")
    lines = list(offered.manifest_lines.select_related("container"))
    if not lines:
        raise Refused("no-lines")
    _refuse_lines(offered, [line.container for line in lines], by=by)
    told = account_of(offered)
    holding = _consignment(told, offered)
    facts = _facts([line.container for line in lines])
    body = {
        "version": (holding.manifest.body["version"] if holding else 0) + 1,
        "from": offered.sender.code,
        "to": offered.receiver.code,
        "through": offered.through.code if offered.through else "",
        "fulfils": [one.code for one in offered.fulfils.order_by("code")],
        "lines": [_declared(line, *facts[line.container_id]) for line in lines],
        "containers": len(lines),
        "bags": sum(line.bags for line in lines),
        "copies": copies,
    }
    return _say(by, offered, "manifest", body, _both(offered, by, witness=True), when)


def _facts(containers: Sequence[Container]) -> dict[int, tuple[list[str], int | None]]:
    """Per container, the seals that should be whole and what it last weighed."""
    seals = seals_on(containers)
    weighed = with_weight(Container.objects.filter(pk__in=[one.pk for one in containers]))
    weights = {one.pk: one.weight_g for one in weighed}
    return {one.pk: ([seal.number for seal in seals.get(one.pk, [])], weights.get(one.pk)) for one in containers}


def _declared(line: ManifestLine, seals: list[str], weight_g: int | None) -> Body:
    return {
        "line": line.line,
        "container": line.container.number,
        "content": line.content,
        "bags": line.bags,
        "seals": seals,
        "weight_g": weight_g,
        "description": line.description,
        "origin": line.origin,
        "claims": [_claimed(line)] if line.claim else [],
    }


# What may name a person is signed as a commitment: a name, and whatever else is written on a tag.
NAMES_SOMEBODY = (ManifestLine.ClaimAbout.NAME, ManifestLine.ClaimAbout.OTHER)


def _claimed(line: ManifestLine) -> Body:
    """A claim as the sender makes it; what may name a person is withheld from all but the two sides."""
    about = line.claim_about
    return {"about": about, "text": Withheld(line.claim) if about in NAMES_SOMEBODY else line.claim}


@recorded("custody.seal_transfer")
def seal_transfer(*, by: Member, transfer: Transfer, when: When = NOW) -> Statement:
    """Say with which seals the containers of the manifest are closed, as one's own record has them."""
    sealed = _own(transfer, by=by)
    told = account_of(sealed)
    holding = _holding(told, sealed)
    lines = told.lines_of(holding)
    mine = _mine([line.container for line in lines], by=by)
    facts = _facts(list(mine.values()))
    if bare := [line.container for line in lines if not _seals(line.container, mine, facts)]:
        raise Refused("not-sealed-yet", numbers=bare)
    body = {
        "manifest": holding.manifest.digest,
        "lines": [
            {
                "line": line.line,
                "container": line.container,
                "seals": facts[mine[line.container].pk][0],
                "weight_g": facts[mine[line.container].pk][1],
            }
            for line in lines
        ],
    }
    signers: Signers = [(by.party, "author")]
    if sealed.through:
        signers.append((sealed.through, "witness"))
    return _say(by, sealed, "seal", body, signers, when)


def _seals(number: str, mine: Mapping[str, Container], facts: Mapping[int, tuple[list[str], int | None]]) -> list[str]:
    return facts[mine[number].pk][0] if number in mine else []


def _mine(numbers: Sequence[str], *, by: Member) -> dict[str, Container]:
    """One's own party's containers of these numbers: those it has, before others that have the number too."""
    keys = {key_of(number): number for number in numbers}
    found = Container.objects.filter(holder=by.party, key__in=keys, voided_at=None).select_related("keeper")
    ordered = sorted(found, key=lambda one: (one.is_here, one.numbered_by_id == by.party_id))
    return {keys[one.key]: one for one in ordered}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A line as it is handed over."""

    line: int
    container: str
    seals: tuple[str, ...] = ()
    seal_condition: str = "whole"
    bags: int = 1
    weight_g: int | None = None

    @property
    def journal_name(self) -> str:
        return self.container

    def to_json(self) -> Body:
        return {
            "line": self.line, "container": self.container, "seals": list(self.seals),
            "seal_condition": self.seal_condition, "bags": self.bags, "weight_g": self.weight_g,
        }  # fmt: skip


@recorded("custody.hand_over")
def hand_over(
    *, by: Member, transfer: Transfer, lines: Sequence[Handed], to: Party, received_by: str,
    received_by_office: str = "", purpose: str = "", when: When = NOW,
) -> Statement:  # fmt: skip
    """Hand containers to the receiver, or to the neutral on the way; whoever takes them signs beside."""
    handed = _own(transfer, by=by)
    told = account_of(handed)
    holding = _holding(told, handed)
    body = {
        "manifest": holding.manifest.digest,
        "lines": [one.to_json() for one in lines],
        "relinquished_by": {"name": by.name, "office": by.office, "party": by.party.code},
        "received_by": {"name": received_by, "office": received_by_office, "party": to.code},
        "purpose": purpose or handed.purpose,
        "containers": len(lines),
    }
    signers: Signers = [(by.party, "author"), (to, "countersigner")]
    if handed.through and handed.through not in (by.party, to):
        signers.append((handed.through, "witness"))
    held = None
    if by.party == handed.sender:
        held = {number: one.keeper.code for number, one in _mine([one.container for one in lines], by=by).items()}
    return _say(by, handed, "handover", body, signers, when, held=held, follows=_seal_statements(told, holding))


def _seal_statements(told: Account, holding: Consignment) -> list[str]:
    standing = [step.statement for step in told.steps if step.statement.kind == "seal" and not step.missing]
    return [one.digest for one in standing if one.body["manifest"] == holding.manifest.digest]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A container as it was received, or not: on a line of the manifest, or as an unlisted extra."""

    line: int | None
    container: str
    outcome: str = "received"
    seals: tuple[str, ...] = ()
    seal_condition: str = "whole"
    bags: int = 1
    weight_g: int | None = None
    note: str = ""

    @property
    def journal_name(self) -> str:
        return f"{self.container} {self.outcome}"

    def to_json(self) -> Body:
        gone = self.outcome == "not_received"
        return {
            "line": self.line, "container": self.container, "outcome": self.outcome,
            "seals": [] if gone else list(self.seals), "seal_condition": "none" if gone else self._condition,
            "bags": 0 if gone else self.bags, "weight_g": None if gone else self.weight_g, "note": self.note,
        }  # fmt: skip

    @property
    def _condition(self) -> str:
        broken = self.outcome == "seal_broken" and self.seal_condition == "whole"
        return "broken" if broken else self.seal_condition


@recorded("custody.receive")
def receive(
    *, by: Member, transfer: Transfer, rows: Sequence[Received], witness: bool = True, when: When = NOW
) -> Statement:
    """Say what was received line by line. What came without a line is recorded as an unlisted extra, not refused."""
    by.require("receive transfers")
    received = _own(transfer, by=by)
    told = account_of(received)
    holding = _holding(told, received)
    listed = [row.to_json() for row in rows]
    body = {
        "manifest": holding.manifest.digest,
        "lines": listed,
        "containers": kept(listed),
        "clean": is_clean(listed),
    }
    signers: Signers = [(by.party, "author")]
    if witness and received.through:
        signers.append((received.through, "witness"))
    follows = [one.digest for one in holding.handovers]
    return _say(by, received, "receipt", body, signers, when, follows=follows)


@recorded("custody.reserve")
def reserve(
    *, by: Member, transfer: Transfer, on: str = "", lines: Sequence[int] = (), containers: Sequence[str] = (),
    text: Texts, number: str = "", when: When = NOW,
) -> Statement:  # fmt: skip
    """Protest, or reserve one's position, in a record of its own that needs nobody's consent."""
    reserved = _own(transfer, by=by)
    told = account_of(reserved)
    digest = on or _last_said(told)
    body = {
        "number": number or _next_number(told, "R"),
        "on": digest,
        "lines": list(lines),
        "containers": list(containers),
        "text": text.listed(),
    }
    return _say(by, reserved, "reservation", body, [(by.party, "author")], when, follows=[digest])


def _last_said(told: Account) -> str:
    """What a reservation is about where nothing is named: the last receipt, handover, manifest or proposal."""
    said = [step.statement for step in told.steps if step.statement.kind in RESERVED_ON]
    if not said:
        raise Refused("transfer-refused", codes=["unknown-statement"])
    return said[-1].digest


RESERVED_ON = ("proposal", "issue", "manifest", "seal", "handover", "receipt", "inspection", "return")


def _next_number(told: Account, letter: str) -> str:
    """The next free number of a reservation (R) or a discrepancy (D)."""
    taken = {one.number for one in (*told.reservations, *told.discrepancies)}
    taken |= {step.statement.body["number"] for step in told.steps if "number" in step.statement.body}
    return next(number for at in range(1, len(taken) + 2) if (number := f"{letter}-{at}") not in taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What was found in a container."""

    line: int | None
    container: str
    found: str = "remains"
    individuals_estimated: int | None = None
    bags: int = 1
    weight_g: int | None = None
    seal_condition: str = "whole"
    note: str = ""

    @property
    def journal_name(self) -> str:
        return f"{self.container} {self.found}"

    def to_json(self) -> Body:
        return {
            "line": self.line, "container": self.container, "found": self.found,
            "individuals_estimated": self.individuals_estimated, "bags": self.bags, "weight_g": self.weight_g,
            "seal_condition": self.seal_condition, "note": self.note,
        }  # fmt: skip


@recorded("custody.inspect")
def inspect(
    *, by: Member, transfer: Transfer, jointly: bool, rows: Sequence[Inspected], witness: bool = False,
    when: When = NOW,
) -> Statement:  # fmt: skip
    """Say what was found inside, both sides together or one side alone."""
    by.require("receive transfers")
    inspected = _own(transfer, by=by)
    body = {"mode": "jointly" if jointly else "alone", "lines": [row.to_json() for row in rows]}
    signers = _both(inspected, by) if jointly else [(by.party, "author")]
    if witness and inspected.through:
        signers.append((inspected.through, "witness"))
    return _say(by, inspected, "inspection", body, signers, when)


@recorded("custody.raise_discrepancy")
def raise_discrepancy(
    *, by: Member, transfer: Transfer, what: str, lines: Sequence[int] = (), containers: Sequence[str] = (),
    declared: str = "", found: str = "", text: Texts = Texts(), number: str = "", when: When = NOW,
) -> Statement:  # fmt: skip
    """Open a difference that both sides must settle before the transfer can be closed."""
    raised = _own(transfer, by=by)
    body = {
        "number": number or _next_number(account_of(raised), "D"),
        "lines": list(lines),
        "containers": list(containers),
        "what": what,
        "declared": declared,
        "found": found,
        "text": text.listed(),
    }
    return _say(by, raised, "discrepancy", body, [(by.party, "author")], when)


@recorded("custody.resolve")
def resolve(
    *, by: Member, transfer: Transfer, resolves: Sequence[str], outcome: str, text: Texts = Texts(), when: When = NOW
) -> Statement:
    """Settle reservations and discrepancies in words that both sides sign; each may keep its version."""
    resolved = _own(transfer, by=by)
    body = {"resolves": list(resolves), "outcome": outcome, "text": text.listed()}
    return _say(by, resolved, "resolution", body, _both(resolved, by), when)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingBack:
    """A container that goes back or onward."""

    container: Container
    content: str = "empty"
    reason: str = ""

    @property
    def journal_name(self) -> str:
        return self.container.journal_name


@recorded("custody.send_back")
def send_back(
    *, by: Member, transfer: Transfer, to: Party, rows: Sequence[GoingBack], onward: bool = False, when: When = NOW
) -> Statement:
    """Return cases empty, or remains to their sender, or send them on to a third party; who takes them signs too."""
    sent = _own(transfer, by=by)
    mine = [record.here(row.container, by=by) for row in rows]
    if to == by.party or (onward and to in (sent.sender, sent.receiver)):
        raise Refused("not-onward", party=to.code)
    body = {
        "from": by.party.code,
        "to": to.code,
        "lines": [{"container": row.container.number, "content": row.content, "reason": row.reason} for row in rows],
        "onward": onward,
    }
    held = {one.number: one.keeper.code for one in mine}
    return _say(by, sent, "return", body, [(by.party, "author"), (to, "countersigner")], when, held=held)


@recorded("custody.affiliate")
def affiliate(
    *, by: Member, transfer: Transfer, lines: Sequence[int] = (), containers: Sequence[str] = (),
    items: Sequence[str] = (), group: str = "", party: Party | None = None, basis: Texts = Texts(), when: When = NOW,
) -> Statement:  # fmt: skip
    """Decide without a name whose soldiers these are; a decision of its own that both sides sign."""
    decided = _own(transfer, by=by)
    body = {
        "lines": list(lines),
        "containers": list(containers),
        "items": list(items),
        "group": group,
        "party": party.code if party else "",
        "basis": basis.listed(),
    }
    return _say(by, decided, "affiliation", body, _both(decided, by), when)


@recorded("custody.close")
def close(*, by: Member, transfer: Transfer, text: Texts = Texts(), when: When = NOW) -> Statement:
    """Close the transfer with the account of cases that its statements give."""
    closed = _own(transfer, by=by)
    body = {"accounts": account_of(closed).cases.counts, "text": text.listed()}
    return _say(by, closed, "closing", body, _both(closed, by), when)


@recorded("custody.refuse")
def refuse_statement(*, by: Member, transfer: Transfer, digest: str, reason: Texts, when: When = NOW) -> Statement:
    """Say that one will not sign what one was asked to sign, and why."""
    refused = _own(transfer, by=by)
    body = {"refuses": digest, "reason": reason.listed()}
    return _say(by, refused, "refusal", body, [(by.party, "author")], when, follows=[digest])


@recorded("custody.abort")
def abort(*, by: Member, transfer: Transfer, reason: Texts, when: When = NOW) -> Statement:
    """Break a transfer off before anything has changed hands."""
    aborted = _own(transfer, by=by)
    return _say(by, aborted, "abort", {"reason": reason.listed()}, [(by.party, "author")], when)


# ---------- What all of them need ----------


def _own(transfer: Transfer, *, by: Member) -> Transfer:
    """The transfer as it is now, locked, for someone whose party takes part in it."""
    by.require("sign statements" if by.party.neutral else "offer transfers")
    found = (
        Transfer.objects.select_for_update(of=("self",))
        .select_related("sender", "receiver", "through")
        .get(pk=transfer.pk)
    )
    drafted = found.shared_at is None and found.drafted_by_id != by.party_id
    if drafted or by.party not in found.parties:
        raise Refused(NOT_FOUND)
    return found


def _other(transfer: Transfer, by: Member) -> Party:
    """The side across the table."""
    return transfer.receiver if by.party == transfer.sender else transfer.sender


def _both(transfer: Transfer, by: Member, *, witness: bool = False) -> Signers:
    """Who speaks, then the other side, or both where the neutral speaks; the neutral as witness where it is asked."""
    sides = [party for party in (transfer.sender, transfer.receiver) if party != by.party]
    signers: Signers = [(by.party, "author"), *((party, "countersigner") for party in sides)]
    if witness and transfer.through and transfer.through != by.party:
        signers.append((transfer.through, "witness"))
    return signers


def _consignment(told: Account, transfer: Transfer) -> Consignment | None:
    return told.consignments.get((transfer.sender.code, transfer.receiver.code))


def _holding(told: Account, transfer: Transfer) -> Consignment:
    """The consignment whose manifest holds."""
    found = _consignment(told, transfer)
    if found is None:
        raise Refused("transfer-refused", codes=["manifest-not-agreed"])
    return found


def _say(
    by: Member, transfer: Transfer, kind: str, body: Body, signers: Signers, when: When, *,
    follows: Sequence[str] = (), held: Mapping[str, str] | None = None,
) -> Statement:  # fmt: skip
    """Hold a statement against the account, then write its exact bytes for all to sign.

    What is withheld in it opens to the two sides, and to no neutral between them.
    """
    if not transfer.number:
        raise Refused("not-proposed-yet")
    told = account_of(transfer)
    body, opened = withhold(body)
    drafted = tuple(Signer(party.code, "", role) for party, role in signers)
    try:
        refuse(told, Draft(kind, by.party.code, drafted, body), held=held)
    except NotAllowed as problem:
        values = {one.code: one.value for one in problem.objections}
        raise Refused("transfer-refused", codes=list(problem.codes), values=values) from problem
    return seals.prepare(
        by=by, kind=kind, subject=transfer.subject, body=body, signers=signers, follows=_rests_on(told, follows),
        place=when.place, made_at=record.moment(when.at, when.zone), zone=when.zone, opened=opened,
        opened_to=(transfer.sender, transfer.receiver),
    )  # fmt: skip


def _rests_on(told: Account, follows: Sequence[str]) -> set[str]:
    """What it follows, and the manifest or proposals it is said under: whoever sees those sees this."""
    manifests = [one.manifest.digest for one in told.consignments.values()]
    return {*follows, *(manifests or [one.digest for one in told.proposals])}
