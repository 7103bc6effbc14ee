"""The demonstration's transfer: a hundred cases sent empty, fifty-five handed over full on 27 July 2018.

Every statement is made by the application and signed outside it, as a party would: the private keys of the
demonstration lie in a folder of their own in the installation's data and never enter the database.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from casework.agreements import actions as talks
from casework.agreements.models import Commitment, Session
from casework.custody import actions as store
from casework.custody.models import Container, Transfer
from casework.custody.numbers import listed
from casework.custody.transfers import (
    Declared,
    Handed,
    Inspected,
    Received,
    Texts,
    When,
    draft_transfer,
    hand_over,
    inspect,
    issue_cases,
    list_lines,
    offer_manifest,
    propose,
    receive,
    seal_transfer,
)
from casework.home.july_2018 import FORUM
from casework.laboratory.models import Remains
from casework.parties.actions import pin_key
from casework.parties.models import Key, Member, Party
from casework.seals.actions import sign
from casework.seals.models import Statement
from homeward.seals import envelope
from homeward.seals.keys import PrivateKey

NUMBER = "T-2018-01"
CASES, FULL = 100, 55
KEYS = "demonstration-keys"
SEOUL = ZoneInfo("Asia/Seoul")


@dataclass(frozen=True)
class Hands:
    """Who acts for each side, and who keeps its key."""

    arvad: Member  # custodian
    belmar: Member  # negotiator and custodian
    authorities: Sequence[Member]  # of every party that signs


def carry_out(hands: Hands) -> None:
    """Make the whole transfer, once."""
    if Transfer.objects.filter(number=NUMBER).exists():
        return
    for authority in hands.authorities:
        _pin(authority)
    _read_out_fingerprints(hands)
    transfer = _proposed(hands)
    boxes = _sent_empty(hands, transfer)
    _filled_and_sealed(hands, transfer, boxes[:FULL])
    _handed_over(hands, transfer, boxes[:FULL])
    _inspected(hands, transfer, boxes[:FULL])


# ---------- Keys, kept as a party keeps its own ----------


def _key_file(party: Party) -> Path:
    return Path(settings.VAR) / KEYS / f"{party.code}.key.pem"


def _private_key(party: Party) -> PrivateKey:
    return PrivateKey.from_pem(_key_file(party).read_bytes(), None)


def _pin(authority: Member) -> None:
    """Make a party's key outside the database, and pin its public half as the minutes have it."""
    path = _key_file(authority.party)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    if not path.exists():
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(PrivateKey.generate().to_pem(None))
    key = _private_key(authority.party)
    if not Key.objects.filter(fingerprint=key.fingerprint).exists():
        pin_key(
            by=authority, party=authority.party, fingerprint=key.fingerprint, raw=key.raw_public,
            name=f"{authority.name}, {authority.office}", introduced_in=f"session:{_session().code}",
        )  # fmt: skip


def _session() -> Session:
    return Session.objects.select_related("forum").get(forum__code=FORUM, day="2018-07-16")


def _read_out_fingerprints(hands: Hands) -> None:
    """Both sides write down both fingerprints at the table, each by itself."""
    for by in hands.authorities:
        if by.party.neutral:
            continue
        for authority in hands.authorities:
            if not authority.party.neutral:
                talks.write_fingerprint(
                    by=by, session=_session(), party=authority.party,
                    fingerprint=_private_key(authority.party).fingerprint, name=authority.name,
                )  # fmt: skip


def _signed(statement: Statement, hands: Hands) -> None:
    """What each side does on its own machine with ``homeward seal sign``."""
    members = {member.party.code: member for member in (hands.arvad, hands.belmar)}
    for signer in statement.signers.order_by("order").select_related("party"):
        signed = envelope.sign(bytes(statement.payload), _private_key(signer.party))
        sign(by=members[signer.party.code], envelope=signed.to_bytes())


def _when(day: int, hour: int, minute: int = 0, place: str = "Panmunjom") -> When:
    return When(at=datetime(2018, 7, day, hour, minute, tzinfo=SEOUL), zone="Asia/Seoul", place=place)


# ---------- The transfer, step by step ----------


def _proposed(hands: Hands) -> Transfer:
    transfer = draft_transfer(
        by=hands.belmar, sender=hands.belmar.party, receiver=hands.arvad.party, planned_for="2018-07-27",
        place="Wonsan", purpose="Remains already collected", fulfils=list(Commitment.objects.filter(code="c-02")),
        terms=Texts(en="Cases sent empty come back full or empty.", ko="빈 상자는 채워서 또는 빈 채로 돌려준다."),
    )  # fmt: skip
    _signed(propose(by=hands.belmar, transfer=transfer, number=NUMBER, when=_when(16, 11)), hands)
    transfer.refresh_from_db()
    return transfer


def _sent_empty(hands: Hands, transfer: Transfer) -> list[Container]:
    at = datetime(2018, 7, 16, 12, tzinfo=SEOUL)
    cases = store.enter_containers(
        by=hands.arvad, numbers=listed(f"BOX-01 to BOX-{CASES}"), store="Central Store", at=at, zone="Asia/Seoul"
    )
    _signed(issue_cases(by=hands.arvad, transfer=transfer, containers=list(cases), when=_when(20, 10)), hands)
    # The same cases in Belmar's own record, into which its signature brought them.
    return list(Container.objects.filter(holder=hands.belmar.party, keeper=hands.belmar.party).order_by("pk"))


def _seal_number(line: int) -> str:
    return f"BL {77100 + line}"


def _weight(line: int) -> int:
    return 4200 + 137 * line % 3100


def _filled_and_sealed(hands: Hands, transfer: Transfer, boxes: list[Container]) -> None:
    by, at = hands.belmar, datetime(2018, 7, 26, 9, tzinfo=SEOUL)
    for line, box in enumerate(boxes, 1):
        store.pack(by=by, container=box, note="as described", at=at, zone="Asia/Seoul")
        store.weigh(by=by, container=box, weight_g=_weight(line), scale="platform scale", at=at, zone="Asia/Seoul")
        store.seal(by=by, container=box, numbers=[_seal_number(line)], applied_by=by.name, at=at, zone="Asia/Seoul")
    list_lines(by=by, transfer=transfer, lines=[_declared(box) for box in boxes])
    _signed(offer_manifest(by=by, transfer=transfer, when=_when(26, 15)), hands)
    _signed(seal_transfer(by=by, transfer=transfer, when=_when(26, 17, place="Wonsan")), hands)


def _declared(box: Container) -> Declared:
    """A line with what the sender writes of it: where it was found, and the name on the one tag."""
    inside = Remains.objects.filter(container_id=box.number)
    found_at = inside.values_list("site_id", flat=True).first() or ""
    named = inside.exclude(claimed_person="").values_list("claimed_person", flat=True).first()
    return Declared(
        container=box,
        description="remains, with a paragraph on where they were found",
        origin=found_at,
        claim_about="name" if named else "",
        claim=f"identity tag: {named}" if named else "",
    )


def _handed_over(hands: Hands, transfer: Transfer, boxes: list[Container]) -> None:
    lines = list(enumerate(boxes, 1))
    handed = [
        Handed(line=line, container=box.number, seals=(_seal_number(line),), weight_g=_weight(line))
        for line, box in lines
    ]
    when = _when(27, 5, 30, place="Wonsan")
    over = hand_over(
        by=hands.belmar, transfer=transfer, lines=handed, to=hands.arvad.party, received_by=hands.arvad.name,
        received_by_office=hands.arvad.office, purpose="Remains already collected", when=when,
    )  # fmt: skip
    _signed(over, hands)
    received = [
        Received(line=line, container=box.number, seals=(_seal_number(line),), weight_g=_weight(line))
        for line, box in lines
    ]
    _signed(receive(by=hands.arvad, transfer=transfer, rows=received, when=_when(27, 11, place="Osan")), hands)


def _inspected(hands: Hands, transfer: Transfer, boxes: list[Container]) -> None:
    """Arvad's laboratory opens the boxes alone, and estimates how many people each holds."""
    rows = [
        Inspected(
            line=line,
            container=box.number,
            weight_g=_weight(line),
            seal_condition="whole",
            individuals_estimated=Remains.objects.filter(container_id=box.number).count() or None,
        )
        for line, box in enumerate(boxes, 1)
    ]
    when = When(at=datetime(2018, 8, 3, 9, tzinfo=SEOUL), zone="Asia/Seoul", place="Hawaii")
    _signed(inspect(by=hands.arvad, transfer=transfer, jointly=False, rows=rows, when=when), hands)
