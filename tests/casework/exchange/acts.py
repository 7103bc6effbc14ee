"""What is done at one of two installations, each act in a process of its own with its own folder and database."""

from __future__ import annotations

import json
from pathlib import Path

SESSION = "session:2018-07-16"
SUBJECT = "transfer:T-2018-01"
ALL = ("negotiator", "custodian", "authority", "registrar")


def found(own: str, other: str, key_file: str, out: str) -> None:
    """Found the party that acts here and know the other; enter one's own key; say what will be read out."""
    from casework.parties.actions import admit_member, found_party, pin_key
    from casework.parties.models import Operator
    from casework.seals.installation import origin_of, public_key
    from homeward.seals.keys import PublicKey

    party = found_party(by=Operator(), code=own, name=own.title(), kind="state")
    found_party(by=Operator(), code=other, name=other.title(), kind="state", hosted=False)
    member = admit_member(
        by=Operator(party),
        party=party,
        username=f"{own}.n",
        password="a quiet word in winter",
        roles=ALL,
        full_name="N. N.",
    )
    key = PublicKey.read(Path(key_file).read_bytes())
    pin_key(by=member, party=party, fingerprint=key.fingerprint, raw=key.raw, name=key.name, introduced_in=SESSION)
    told = {
        "party": own,
        "key": key.fingerprint,
        "origin": origin_of(party),
        "installation": public_key(party).fingerprint,
    }
    Path(out).write_text(json.dumps(told))


def command(*arguments: str) -> None:
    """A management command, as at the server's own command line."""
    from django.core.management import call_command

    call_command(*arguments)


def member():
    from casework.parties.models import Member

    return Member.objects.get()


def pin(told_file: str) -> None:
    """Enter what the other side read out in the session."""
    from casework.parties.actions import pin_key
    from casework.parties.models import Party
    from casework.seals.checkpoints import know_log

    told = json.loads(Path(told_file).read_text())
    party = Party.objects.get(code=told["party"])
    pin_key(by=member(), party=party, fingerprint=told["key"], introduced_in=SESSION)
    know_log(
        by=member(),
        party=party,
        origin=told["origin"],
        installation=told["installation"],
        introduced_in=SESSION,
    )


def propose(out: str) -> None:
    from casework.parties.models import Party
    from casework.seals.actions import prepare

    body = {
        "what": "transfer", "from": ["belmar"], "to": ["arvad"], "through": [], "date": "2018-07-27", "place": "",
        "level": "", "asks_for": "", "answers": "", "terms": [{"lang": "en", "text": "Fifty-five cases."}],
    }  # fmt: skip
    statement = prepare(
        by=member(), kind="proposal", subject=SUBJECT, body=body,
        signers=[(member().party, "author"), (Party.objects.get(code="belmar"), "countersigner")],
    )  # fmt: skip
    Path(out).write_bytes(bytes(statement.payload))


def take_away(kind: str, out: str) -> None:
    """Download the bytes of the one statement of a kind."""
    from casework.seals.models import Statement

    Path(out).write_bytes(bytes(Statement.objects.get(kind=kind).payload))


def reserve(out: str) -> None:
    from casework.seals.actions import prepare
    from casework.seals.models import Statement

    on = Statement.objects.get(kind="proposal").digest
    body = {
        "number": "R-1", "on": on, "lines": [], "containers": [],
        "text": [{"lang": "en", "text": "We count fifty-four."}],
    }  # fmt: skip
    statement = prepare(
        by=member(), kind="reservation", subject=SUBJECT, body=body, signers=[(member().party, "author")], follows=[on]
    )
    Path(out).write_bytes(bytes(statement.payload))


def sign(envelope_file: str) -> None:
    from casework.seals.actions import sign as take

    take(by=member(), envelope=Path(envelope_file).read_bytes())


def offered(note: str, key: str, proof: str) -> None:
    """Download what the other log offers for cosigning."""
    from casework.seals import checkpoints

    one = next(one for one in checkpoints.offers(member().party) if one.offered)
    Path(note).write_text(one.offered)
    Path(key).write_bytes(checkpoints.installation_of(one).to_bytes())
    Path(proof).write_bytes(bytes(one.proof))


def cosign(note: str) -> None:
    from casework.seals import checkpoints

    checkpoints.cosign(by=member(), note=Path(note).read_bytes())


def state(out: str) -> None:
    """What this side holds now: digests, signatures in the order of its log, proofs, cosigned checkpoints."""
    from casework.seals import log
    from casework.seals.models import Checkpoint, Entry, ForeignLog, Statement

    party = member().party
    entries = list(Entry.objects.filter(log=party).select_related("statement").order_by("index"))
    size = log.size_of(party)
    held = {
        "digests": sorted(Statement.objects.values_list("digest", flat=True)),
        "standing": sorted(Statement.objects.filter(stands=True).values_list("digest", flat=True)),
        "root": log.root_of(party).hex(),
        "leaves": [bytes(entry.leaf).decode() for entry in entries],
        "proofs": [[one.hex() for one in log.inclusion_proof(entry, size)] for entry in entries],
        "ours": [one.note for one in Checkpoint.objects.filter(log=party).exclude(cosigned_by=None)],
        "theirs": [one.note for one in ForeignLog.objects.filter(holder=party)],
    }
    Path(out).write_text(json.dumps(held))
