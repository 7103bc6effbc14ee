"""What the application is made to do while it is killed: each act runs in a process of its own, on a folder of its own.

Loaded, after ``installation.py``, before the processes are made (``runner.py``): each starts with no connection open.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

from casework.custody import actions as custody
from casework.custody import transfers
from casework.custody.models import Transfer
from casework.exchange import incoming, outgoing
from casework.exchange.models import Parcel
from casework.parties import actions as parties
from casework.parties.models import Member, Operator, Party
from casework.seals import actions as seals
from casework.seals import checkpoints, disclosures
from casework.seals.models import Statement
from homeward.formats.bundles import export
from homeward.formats.ledger import Ledger
from homeward.seals.bundle import Enclosed, read_bundle
from homeward.seals.envelope import cosign, sign
from homeward.seals.keys import PrivateKey
from homeward.seals.statement import Signer, make_statement
from homeward.seals.statement import Statement as Said

KEYS = {code: PrivateKey.from_seed(code[:1].encode() * 32) for code in ("arvad", "belmar", "cathay")}
SESSION = "session:2018-07-16"
SUBJECT = "transfer:T-2018-01"
TRANSFER, CASES = "T-2018-05", ["C-001", "C-002"]
DOCUMENT = b"Minutes of the session, read out and agreed."


def _at(folder: Path) -> None:
    """Work in this folder from now on."""
    settings.VAR = folder
    settings.UPLOADS = folder / "uploads"
    connection.settings_dict["NAME"] = str(folder / "casework.sqlite3")


def _member(party: str = "arvad") -> Member:
    return Member.objects.get(party__code=party)


# --- laying out


def lay_out(arguments: list[str]) -> None:
    """Arvad and Belmar act here, Cathay elsewhere; every key is pinned, and something awaits each act."""
    folder = Path(arguments[0])
    _at(folder)
    call_command("migrate", verbosity=0)
    for code in KEYS:
        hosted = code != "cathay"
        party = parties.found_party(by=Operator(), code=code, name=code.title(), kind="state", hosted=hosted)
        if hosted:
            parties.admit_member(
                by=Operator(party),
                party=party,
                username=f"{code}.n",
                password="a quiet word in winter",
                roles=("negotiator", "custodian", "authority"),
                full_name="N. N.",
            )
    for code, key in KEYS.items():
        by = _member("arvad" if code == "cathay" else code)
        parties.pin_key(
            by=by,
            party=Party.objects.get(code=code),
            fingerprint=key.fingerprint,
            raw=key.raw_public,
            name="office",
            introduced_in=SESSION,
        )
    _lay_out_disclosure(folder)
    _lay_out_paper()
    _lay_out_transfer()
    _lay_out_bundle(folder)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    print("laid out")


def _lay_out_disclosure(folder: Path) -> None:
    """What Arvad shows if Belmar shows: Arvad has signed, Belmar's signature begins both disclosures."""
    belmar = Party.objects.get(code="belmar")
    request = disclosures.propose(by=_member(), to=belmar, offers=["persons"], asks=["remains"])
    payload = bytes(Statement.objects.get(digest=request.statement).payload)
    seals.sign(by=_member(), envelope=sign(payload, KEYS["arvad"]).to_bytes())
    (folder / "belmar.envelope").write_bytes(sign(payload, KEYS["belmar"]).to_bytes())


def _lay_out_paper() -> None:
    """A notice of breaking off that Arvad signs on paper."""
    seals.prepare(
        by=_member(),
        kind="abort",
        subject="transfer:T-2018-09",
        body={"reason": [{"lang": "en", "text": "the road is cut"}]},
        signers=[(Party.objects.get(code="arvad"), "author")],
    )


def _lay_out_transfer() -> None:
    """Two sealed cases that Belmar has handed over to Arvad, both having signed."""
    giver, taker = _member("belmar"), Party.objects.get(code="arvad")
    transfer = transfers.draft_transfer(by=giver, sender=giver.party, receiver=taker)
    _both_sign(transfers.propose(by=giver, transfer=transfer, number=TRANSFER))
    boxes = custody.enter_containers(by=giver, numbers=CASES, store="Tol depot")
    for box in boxes:
        custody.pack(by=giver, container=box, note="as described")
        custody.weigh(by=giver, container=box, weight_g=6400)
    transfer.refresh_from_db()
    transfers.list_lines(by=giver, transfer=transfer, lines=[transfers.Declared(container=box) for box in boxes])
    _both_sign(transfers.offer_manifest(by=giver, transfer=transfer))
    for at, box in enumerate(boxes):
        custody.seal(by=giver, container=box, numbers=[f"BL {at}"])
    _both_sign(transfers.seal_transfer(by=giver, transfer=transfer))
    rows = [
        transfers.Handed(line=at + 1, container=box.number, seals=(f"BL {at}",), bags=1, weight_g=6400)
        for at, box in enumerate(boxes)
    ]
    _both_sign(transfers.hand_over(by=giver, transfer=transfer, lines=rows, to=taker, received_by="D. Karsk"))


def _both_sign(statement: Statement) -> None:
    for signer in statement.signers.select_related("party").order_by("order"):
        code = signer.party.code
        seals.sign(by=_member(code), envelope=sign(bytes(statement.payload), KEYS[code]).to_bytes())


def _lay_out_bundle(folder: Path) -> None:
    """Arvad's proposal to Cathay went out; Cathay's countersignature, reservation and minutes lie on the stick."""
    cathay = Party.objects.get(code="cathay")
    proposal = seals.prepare(
        by=_member(),
        kind="proposal",
        subject=SUBJECT,
        body={
            "what": "transfer",
            "from": ["cathay"],
            "to": ["arvad"],
            "through": [],
            "date": "2018-07-27",
            "place": "",
            "level": "",
            "asks_for": "",
            "answers": "",
            "terms": [{"lang": "en", "text": "Fifty-five cases."}],
        },
        signers=[(Party.objects.get(code="arvad"), "author"), (cathay, "countersigner")],
    )
    seals.sign(by=_member(), envelope=sign(bytes(proposal.payload), KEYS["arvad"]).to_bytes())
    out = read_bundle(outgoing.give_out(by=_member(), to=cathay, about=[SUBJECT]).data)
    with Ledger.create(folder / "cathay.ledger", party="cathay") as ledger:
        ledger.learn([*out.keys, KEYS["cathay"].public(party="cathay", name="office")])
        ledger.record(cosign(out.envelopes[0], KEYS["cathay"]))
        for said in _cathay_says(out.programme, proposal.digest):
            ledger.record(sign(said.payload, KEYS["cathay"]))
        documents = [Enclosed(DOCUMENT, "minutes.txt", "text/plain")]
        data = export(ledger, made_at=datetime.now(UTC).replace(microsecond=0), reader="arvad", documents=documents)
        checkpoints.know_log(
            by=_member(),
            party=cathay,
            origin=ledger.origin,
            installation=ledger.installation.fingerprint,
            introduced_in=SESSION,
        )
    (folder / "stick.zip").write_bytes(data)
    (folder / "cathay.ledger").unlink()


def _cathay_says(programme: str, proposal: str) -> list[Said]:
    bodies = {
        "reservation": {
            "number": "R-1",
            "on": proposal,
            "lines": [],
            "containers": [],
            "text": [{"lang": "en", "text": "We count fifty-four."}],
        },
        "abort": {"reason": [{"lang": "en", "text": "no"}]},
    }
    return [
        make_statement(
            kind=kind,
            programme=programme,
            subject=SUBJECT,
            made_at=datetime.now(UTC),
            zone="UTC",
            author={"party": "cathay", "name": "N. N.", "office": ""},
            signers=[Signer("cathay", KEYS["cathay"].fingerprint, "author")],
            body=body,
            follows=[proposal],
        )
        for kind, body in bodies.items()
    ]


# --- the acts; each says what it has acknowledged, once it has


def _acknowledge(folder: Path, words: str) -> None:
    """Say what is done; the change after it lets the power fail when that has been said."""
    print(words, flush=True)
    (folder / "acknowledged").write_bytes(b"")


def sign_act(arguments: list[str]) -> None:
    """Belmar's signature comes in: the last that the mutual disclosure awaits."""
    folder = Path(arguments[0])
    _at(folder)
    signed = seals.sign(by=_member("belmar"), envelope=(folder / "belmar.envelope").read_bytes())
    _acknowledge(folder, f"Signed {signed.digest}")


def receive_act(arguments: list[str]) -> None:
    """Arvad says what it received and signs that: one case of two, so both sides' cases change with the signature."""
    folder = Path(arguments[0])
    _at(folder)
    receipt = Statement.objects.filter(kind="receipt").first()
    if receipt is None:
        rows = [
            transfers.Received(line=1, container=CASES[0], seals=("BL 0",), weight_g=6400),
            transfers.Received(line=2, container=CASES[1], outcome="not_received"),
        ]
        transfer = Transfer.objects.get(number=TRANSFER)
        receipt = transfers.receive(by=_member(), transfer=transfer, rows=rows)
    seals.sign(by=_member(), envelope=sign(bytes(receipt.payload), KEYS["arvad"]).to_bytes())
    _acknowledge(folder, f"Received {receipt.digest}")


def prepare_act(arguments: list[str]) -> None:
    """A statement is written."""
    folder = Path(arguments[0])
    _at(folder)
    one = seals.prepare(
        by=_member(),
        kind="abort",
        subject="transfer:T-2018-02",
        body={"reason": [{"lang": "en", "text": "the bridge is down"}]},
        signers=[(Party.objects.get(code="arvad"), "author")],
        made_at=datetime(2018, 7, 27, tzinfo=UTC),
    )
    _acknowledge(folder, f"Prepared {one.digest}")


def checkpoint_act(arguments: list[str]) -> None:
    """The first checkpoint of Belmar's log, for which its installation's key is made."""
    folder = Path(arguments[0])
    _at(folder)
    made = checkpoints.checkpoint(by=_member("belmar"))
    _acknowledge(folder, f"Checkpoint {made.note.encode().hex()}")


def take_act(arguments: list[str]) -> None:
    """A bundle is handed in and verified."""
    folder = Path(arguments[0])
    _at(folder)
    parcel = incoming.take(by=_member(), data=(folder / "stick.zip").read_bytes(), name="stick.zip")
    _acknowledge(folder, f"Taken {parcel.digest}")


def bring_in_act(arguments: list[str]) -> None:
    """A bundle that was handed in is brought in; where nobody has yet, it is handed in first."""
    folder = Path(arguments[0])
    _at(folder)
    parcel = Parcel.objects.filter(state=Parcel.State.READ).first()
    if parcel is None:
        parcel = incoming.take(by=_member(), data=(folder / "stick.zip").read_bytes(), name="stick.zip")
    incoming.bring_in(by=_member(), parcel=parcel)
    _acknowledge(folder, "Brought in")


def give_out_act(arguments: list[str]) -> None:
    """A bundle is written for Cathay."""
    folder = Path(arguments[0])
    _at(folder)
    given = outgoing.give_out(by=_member(), to=Party.objects.get(code="cathay"), about=[SUBJECT])
    _acknowledge(folder, f"Given {given.parcel.digest}")


def careless_sign_act(arguments: list[str]) -> None:
    """As it would be if the database did not wait for the disk."""
    folder = Path(arguments[0])
    _at(folder)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous=OFF")
    sign_act(arguments)


def half_sign_act(arguments: list[str]) -> None:
    """As it would be if a signature were not recorded in one transaction with what follows from it."""
    folder = Path(arguments[0])
    _at(folder)
    one = Statement.objects.get(kind="disclosure")
    one.signers.filter(party__code="belmar").update(
        sig=sign(bytes(one.payload), KEYS["belmar"]).signatures[0].sig, signed_at=datetime.now(UTC)
    )
    _acknowledge(folder, "half")
