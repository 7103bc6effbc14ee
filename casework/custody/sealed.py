"""What signed statements about a transfer do here: its state, and who holds which container by each party's record.

The account of a transfer is made from its statements alone (``homeward.seals.transfer``). What is copied from
it into our rows can be made again at any time; what it does to containers is written as events that name the
statement. Each party that acts here has its own record, and only what a statement says reaches it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Prefetch
from django.utils import timezone

from casework.custody import record
from casework.custody.life import ItemState, State, may_follow
from casework.custody.models import Condition, Container, CustodyEvent, Item, Seal, Transfer, TransferState
from casework.custody.numbers import key_of
from casework.custody.record import Kind
from casework.parties.models import Member, Operator, Party
from casework.seals.models import Signer, Statement
from homeward.errors import HomewardError
from homeward.seals.statement import Statement as Said
from homeward.seals.statement import read_statement
from homeward.seals.transfer import Account, Footing, Recorded, account

Actor = Member | Operator
ABOUT = "transfer:"
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,49}")
LONGEST = 100  # signs of a number, as a record keeps it
MOVES = (Kind.ISSUED, Kind.TRANSFERRED, Kind.RETURNED)


# ---------- The account ----------


def account_of(transfer: Transfer) -> Account:
    """The state of a transfer from everything that was signed about it, and about its cases elsewhere."""
    if not transfer.number:
        return account([], transfer.subject)
    own = _recorded(Statement.objects.filter(subject=transfer.subject))
    elsewhere = _about_its_cases(transfer, own)
    return account([*own, *elsewhere], transfer.subject)


def _recorded(found: Any) -> list[Recorded]:
    signers = Prefetch("signers", Signer.objects.select_related("party").order_by("order"))
    spoken = found.filter(spoken__isnull=False, discarded_at=None).prefetch_related(signers).order_by("spoken")
    read = [(one, _sensible(one)) for one in spoken]
    return [_one(row, said) for row, said in read if said is not None]


def _one(row: Statement, said: Said) -> Recorded:
    signed = frozenset(signer.party.code for signer in row.signers.all() if signer.signed_at is not None)
    return Recorded(statement=said, signed=signed, index=row.spoken or 0)


def _sensible(row: Statement) -> Said | None:
    """What a statement says; none where its body makes no sense, which whoever brought it in was told."""
    try:
        return read_statement(bytes(row.payload))
    except HomewardError:
        return None


def _about_its_cases(transfer: Transfer, own: Sequence[Recorded]) -> list[Recorded]:
    """Statements about other transfers in which the same cases were issued, handed over or returned."""
    keys = {key_of(number) for one in own for number in _numbers(one.statement.body)}
    events = CustodyEvent.objects.filter(
        holder__in=(transfer.sender_id, transfer.receiver_id), container__key__in=keys, kind__in=MOVES
    )
    digests = events.exclude(statement="").exclude(subject=transfer.subject).values("statement").distinct()
    return _recorded(Statement.objects.filter(digest__in=digests))


def _numbers(body: Mapping[str, Any]) -> Iterable[str]:
    for name in ("lines", "containers"):
        rows = body.get(name)
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, Mapping) and "container" in row:
                yield row["container"]


# ---------- Hearing ----------


def heard(statement: Statement, *, by: Actor) -> None:
    """A statement about a transfer was signed by someone: copy what the account says now, and move containers."""
    said = _sensible(statement)
    if said is None or not statement.subject.startswith(ABOUT) or statement.spoken_at is None:
        return
    transfer = _transfer(statement, said)
    if transfer is None:
        return
    told = account_of(transfer)
    first = not CustodyEvent.objects.filter(statement=statement.digest).exists()
    if statement.stands and first and said.kind in EFFECTS and _counts(told, statement.digest):
        EFFECTS[said.kind](_Effect(statement, said, transfer, by, told))
    copy_account(transfer, told)


def _counts(told: Account, digest: str) -> bool:
    """Whether a statement moves the account; what contradicts the others outright moves no container either."""
    step = next((step for step in told.steps if step.statement.digest == digest), None)
    return step is not None and step.footing is Footing.STANDS and not step.set_aside


def _transfer(statement: Statement, said: Said) -> Transfer | None:
    """The transfer it is about; made here when its first statement comes from elsewhere."""
    number = statement.subject.removeprefix(ABOUT)
    if not NUMBER.fullmatch(number):
        return None  # nobody here gives such a number; the statement is kept and read under its own page
    known = Transfer.objects.select_for_update().filter(number=number).first()
    if known is not None and known.shared_at is None and known.drafted_by_id != statement.author_id:
        Transfer.objects.filter(pk=known.pk).update(number="")  # our draft had meant to take this number
        known = None
    if known is None:
        return _from_elsewhere(number, statement, said)
    if known.shared_at is None:
        known.shared_at = statement.spoken_at
        known.save(update_fields=["shared_at"])
    return known


def _from_elsewhere(number: str, statement: Statement, said: Said) -> Transfer | None:
    """A transfer that another installation began: its parties are those that the statement names."""
    named = {name: _codes(said.body.get(name)) for name in ("from", "to", "through")}
    if said.kind == "issue":  # who sends cases out receives them full
        named["from"], named["to"] = named["to"], named["from"]
    parties = {party.code: party for party in Party.objects.filter(code__in=[c for cs in named.values() for c in cs])}
    sides = [next((parties[code] for code in named[name] if code in parties), None) for name in ("from", "to")]
    if sides[0] is None or sides[1] is None or sides[0] == sides[1]:
        return None
    through = next((parties[code] for code in named["through"] if code in parties), None)
    body = said.body
    return Transfer.objects.create(
        number=number, drafted_by=statement.author, sender=sides[0], receiver=sides[1], through=through,
        planned_for=body.get("date", ""), place=body.get("place", "")[:300], level=body.get("level", "")[:300],
        shared_at=statement.spoken_at,
    )  # fmt: skip


def _codes(value: Any) -> list[str]:
    return [value] if isinstance(value, str) and value else list(value) if isinstance(value, list) else []


def copy_account(transfer: Transfer, told: Account) -> None:
    """Copy from the account what lists and searches ask for."""
    state = TransferState(told.state.value)
    if state != transfer.state or transfer.since is None:
        transfer.since = next((step.statement.instant for step in reversed(told.steps)), timezone.now())
    transfer.state = state
    transfer.lines = len(told.lines)
    transfer.handed_over = sum(bool(line.handovers) for line in told.lines)
    transfer.received = sum(line.outcome.arrived for line in told.lines) + len(told.extras)
    transfer.open_questions = len(told.open_questions)
    sides = next(iter(told.consignments.values()), None)
    if sides is not None and sides.through and transfer.through is None:
        transfer.through = Party.objects.filter(code=sides.through).first()
    transfer.save(update_fields=["state", "since", "lines", "handed_over", "received", "open_questions", "through"])


# ---------- What a standing statement does to containers ----------


class _Effect:
    """One statement that stands, and how it is written into the records of the parties that act here."""

    def __init__(self, statement: Statement, said: Said, transfer: Transfer, by: Actor, told: Account) -> None:
        self.statement, self.said, self.transfer, self.by, self.told = statement, said, transfer, by, told
        self.parties = {party.code: party for party in Party.objects.all()}

    @property
    def body(self) -> Mapping[str, Any]:
        return self.said.body

    @property
    def at(self) -> datetime:
        return self.said.instant

    def hosted(self, *codes: str) -> list[Party]:
        return [
            self.parties[code] for code in dict.fromkeys(codes) if code in self.parties and self.parties[code].hosted
        ]

    def container(self, holder: Party, number: str, *, giver: str) -> Container:
        """The container of this number in a party's record; entered there if it is new to it."""
        number = number[:LONGEST]
        known = list(Container.objects.filter(holder=holder, key=key_of(number)).select_related("keeper"))
        about = {row.pk for row in known if row.events.filter(subject=self.transfer.journal_name).exists()}
        owner = self.parties.get(self.told.issuer_of(number), self.parties[giver])
        best = sorted(
            (row for row in known if row.pk in about or self._is_meant(row, owner, giver)),
            key=lambda row: (row.voided_at is not None, row.pk not in about, row.numbered_by_id != owner.pk),
        )
        if best:
            return Container.objects.select_for_update().get(pk=best[0].pk)
        entered = Container.objects.create(
            holder=holder, numbered_by=owner, number=number, state=State.ISSUED, keeper=self.parties[giver]
        )
        self.happened(Kind.ENTERED, entered, state=State.ISSUED, keeper=self.parties[giver])
        return entered

    @staticmethod
    def _is_meant(row: Container, owner: Party, giver: str) -> bool:
        """Its owner's own number; or one that this record says is with the giver now."""
        return row.numbered_by_id == owner.pk or row.keeper.code == giver

    def happened(self, kind: str, container: Container, **values: Any) -> CustodyEvent:
        """Write an event that the statement tells of, and bring the container's state and keeper after it."""
        state = values.get("state", "")
        if state and kind != Kind.ENTERED and not may_follow(State(container.state), State(state)):
            values["state"] = ""  # the record had it otherwise; both are kept, and the keeper counts
        author = self.said.author
        who = ", ".join(part for part in (author["name"], author["office"], author["party"]) if part)
        event = CustodyEvent(
            holder_id=container.holder_id, kind=kind, container=container, at=self.at, zone=self.said.zone,
            actor=self.by.actor, by=who, subject=self.transfer.journal_name, statement=self.statement.digest, **values,
        )  # fmt: skip
        event.save()
        record.settle(container, strict=False)
        return event

    def seals(self, container: Container, numbers: Sequence[str], *, by: str = "", applied: bool = False) -> list[Seal]:
        """The seals of these numbers on a container, entered where its record has not had them."""
        numbers = [number[:LONGEST] for number in numbers]
        known = {seal.key: seal for seal in container.seals.all()}
        for number in numbers:
            if key_of(number) not in known:
                known[key_of(number)] = Seal.objects.create(
                    holder_id=container.holder_id, container=container, number=number, applied_by=by,
                    applied_at=self.at if applied else None, found_at=self.at,
                )  # fmt: skip
        return [known[key_of(number)] for number in numbers]

    def name(self, code: str) -> str:
        return self.parties[code].name if code in self.parties else code


def _issued(effect: _Effect) -> None:
    body = effect.body
    to = effect.parties[body["to"]]
    for holder in effect.hosted(body["from"], body["to"]):
        for row in body["containers"]:
            one = effect.container(holder, row["container"], giver=body["from"])
            effect.happened(Kind.ISSUED, one, state=State.ISSUED, keeper=to)


def _sealed(effect: _Effect) -> None:
    """The sender's own record has the seals already; what it lacks is entered."""
    giver = effect.said.by
    for holder in effect.hosted(giver):
        for row in effect.body["lines"]:
            one = effect.container(holder, row["container"], giver=giver)
            have = {seal.key for seal in one.seals.all()}
            fresh = [number for number in row["seals"] if key_of(number) not in have]
            for seal in effect.seals(one, fresh, by=effect.name(giver), applied=True):
                effect.happened(Kind.SEALED, one, seal=seal, state=State.SEALED, condition=Condition.WHOLE)


def _handed_over(effect: _Effect) -> None:
    body = effect.body
    giver, taker = body["relinquished_by"]["party"], body["received_by"]["party"]
    sides = (effect.transfer.sender.code, effect.transfer.receiver.code)
    for holder in effect.hosted(*sides):
        for row in body["lines"]:
            one = effect.container(holder, row["container"], giver=sides[0])
            effect.happened(Kind.TRANSFERRED, one, state=State.IN_TRANSIT, keeper=effect.parties[taker])
            if holder.code == sides[0] and giver == sides[0]:
                _carry_items(effect, one)
            elif holder.code != sides[0]:
                _look(effect, one, row, by=effect.name(sides[0]))


def _carry_items(effect: _Effect, container: Container, state: str = ItemState.TRANSFERRED) -> None:
    """What lies in a container goes with it."""
    before = ItemState.HELD if state == ItemState.TRANSFERRED else ItemState.TRANSFERRED
    inside = list(container.items.filter(voided_at=None, state=before))
    kind = Kind.TRANSFERRED if state == ItemState.TRANSFERRED else Kind.RETURNED
    CustodyEvent.objects.bulk_create(
        CustodyEvent(
            holder_id=container.holder_id, kind=kind, item=item, at=effect.at, zone=effect.said.zone, state=state,
            actor=effect.by.actor, by=effect.said.author["name"], subject=effect.transfer.journal_name,
            statement=effect.statement.digest,
        )
        for item in inside
    )  # fmt: skip
    Item.objects.filter(pk__in=[item.pk for item in inside]).update(state=state)


def _look(effect: _Effect, container: Container, row: Mapping[str, Any], *, by: str) -> None:
    """Write how each seal was found; a seal that the record has and the row does not name was missing."""
    condition = row["seal_condition"]
    for seal in effect.seals(container, row["seals"], by=by):
        if condition in (Condition.WHOLE, Condition.BROKEN, Condition.MISSING):
            effect.happened(Kind.CHECKED, container, seal=seal, condition=condition)
            record.settle_seal(seal)


def _received(effect: _Effect) -> None:
    sender, receiver = effect.transfer.sender, effect.transfer.receiver
    for holder in effect.hosted(sender.code, receiver.code):
        for row in effect.body["lines"]:
            one = effect.container(holder, row["container"], giver=sender.code)
            note = row["note"] if isinstance(row["note"], str) else ""
            if row["outcome"] == "not_received":
                own = holder == receiver
                effect.happened(Kind.NOT_RECEIVED, one, keeper=sender if own else None, note=note)
            elif row["outcome"] == "returned":
                effect.happened(Kind.RETURNED, one, state=_closed(row), keeper=sender, note=note)
                if holder == sender:
                    _carry_items(effect, one, ItemState.HELD)
            else:
                effect.happened(Kind.RECEIVED, one, state=State.RECEIVED, keeper=receiver, note=note)
                _look(effect, one, row, by=sender.name)


def _closed(row: Mapping[str, Any]) -> str:
    return State.SEALED if row["seals"] and row["seal_condition"] == "whole" else State.PACKED


def _went_back(effect: _Effect) -> None:
    body = effect.body
    to = effect.parties[body["to"]]
    for holder in effect.hosted(body["from"], body["to"], *_sides(effect)):
        for row in body["lines"]:
            one = effect.container(holder, row["container"], giver=body["from"])
            state = State.RETURNED if row["content"] == "empty" else State.RECEIVED
            effect.happened(Kind.RETURNED, one, state=state, keeper=to, note=row["reason"])
            if holder == to and row["content"] != "empty":
                _carry_items(effect, one, ItemState.HELD)


def _sides(effect: _Effect) -> tuple[str, str]:
    return effect.transfer.sender.code, effect.transfer.receiver.code


def _inspected(effect: _Effect) -> None:
    for holder in effect.hosted(*_sides(effect)):
        for row in effect.body["lines"]:
            one = effect.container(holder, row["container"], giver=effect.transfer.sender.code)
            note = row["note"] if isinstance(row["note"], str) else ""
            effect.happened(Kind.INSPECTED, one, note=note, condition=_seen_condition(row))


def _seen_condition(row: Mapping[str, Any]) -> str:
    condition = str(row["seal_condition"])
    return "" if condition == "none" else condition


def _affiliated(effect: _Effect) -> None:
    body = effect.body
    by_line = {line.line: line.container for line in effect.told.lines}
    numbers = dict.fromkeys([*(by_line[line] for line in body["lines"] if line in by_line), *body["containers"]])
    decided = body["group"] or effect.name(body["party"])
    for holder in effect.hosted(*_sides(effect)):
        for number in numbers:
            one = effect.container(holder, number, giver=effect.transfer.sender.code)
            effect.happened(Kind.AFFILIATED, one, note=decided)


def _voided(effect: _Effect) -> None:
    """What a voided statement had done is taken back, event by event; each stays in the history, struck."""
    voided = Statement.objects.filter(digest=effect.body["voids"]).first()
    if voided is not None and voided.kind == "void":
        _stands_again(effect, voided)
        return
    done = CustodyEvent.objects.filter(statement=effect.body["voids"], voided_by=None).exclude(kind=Kind.VOIDED)
    for event in done.order_by("-pk").select_related("container", "item", "seal"):
        if event.kind == Kind.ENTERED:
            continue  # a number that has come into a record stays in it
        CustodyEvent.objects.create(
            holder_id=event.holder_id, kind=Kind.VOIDED, container=event.container, item=event.item, at=effect.at,
            zone=effect.said.zone, actor=effect.by.actor, by=effect.said.author["name"], voids=event,
            subject=effect.transfer.journal_name, statement=effect.statement.digest,
            note=" / ".join(text["text"] for text in effect.body["reason"]),
        )  # fmt: skip
        if event.seal is not None:
            record.settle_seal(event.seal)
        if event.container is not None:
            record.settle(event.container, strict=False)
        if event.item is not None:
            record.settle_item(event.item)


def _stands_again(effect: _Effect, void: Statement) -> None:
    """A void was itself voided: what it had withdrawn is done again."""
    said = _sensible(void)
    original = Statement.objects.filter(digest=said.body["voids"]).first() if said else None
    again = _sensible(original) if original else None
    if original is not None and again is not None and again.kind in EFFECTS:
        EFFECTS[again.kind](_Effect(original, again, effect.transfer, effect.by, effect.told))


EFFECTS: Mapping[str, Callable[[_Effect], None]] = {
    "issue": _issued,
    "seal": _sealed,
    "handover": _handed_over,
    "receipt": _received,
    "inspection": _inspected,
    "return": _went_back,
    "affiliation": _affiliated,
    "void": _voided,
}
