"""Statements gathered from where a party keeps them, with the signatures that count."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeward.errors import NotFound, Rejected
from homeward.formats.ledger import Ledger
from homeward.formats.statements import gather
from homeward.seals.bundle import read_bundle
from homeward.seals.envelope import Envelope, Signature, cosign, sign
from homeward.seals.keys import PrivateKey
from homeward.seals.statement import Signer, Statement, make_statement
from homeward.seals.transfer import TransferState, account
from tests.homeward.seals.bodies import TEXT
from tests.homeward.seals.story import START, SUBJECT, listed
from tests.homeward.seals.world import TRANSFER, exchange

KEYS = {party: PrivateKey.from_seed(party[:1].encode() * 32) for party in ("arvad", "belmar", "observer")}


def statement(kind: str, by: str, body: dict, *, with_: str = "") -> Statement:
    signers = [Signer(by, KEYS[by].fingerprint, "author")]
    signers += [Signer(with_, KEYS[with_].fingerprint, "countersigner")] if with_ else []
    return make_statement(
        kind=kind,
        programme="P",
        subject=SUBJECT,
        made_at=START,
        zone="Asia/Seoul",
        author={"name": "A", "office": "", "party": by},
        signers=signers,
        body=body,
    )


def a_manifest(version: int = 1) -> Statement:
    body = {
        "version": version,
        "from": "belmar",
        "to": "arvad",
        "through": "",
        "fulfils": [],
        "lines": listed(["C-001"]),
        "containers": 1,
        "bags": 2,
        "copies": 3,
    }
    return statement("manifest", "belmar", body, with_="arvad")


def signed(of: Statement, *parties: str) -> Envelope:
    envelope = sign(of.payload, KEYS[parties[0]])
    for party in parties[1:]:
        envelope = cosign(envelope, KEYS[party])
    return envelope


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for party, key in KEYS.items():
        (tmp_path / f"{party}.pub.json").write_bytes(key.public(party=party, name=party).to_bytes())
    return tmp_path


def test_a_folder_of_envelopes_with_keys_beside_them(folder: Path) -> None:
    manifest = a_manifest()
    sealing = {"manifest": manifest.digest, "lines": [{"line": 1, "container": "C-001", "seals": [], "weight_g": None}]}
    (folder / "a.json").write_bytes(signed(statement("seal", "belmar", sealing), "belmar").to_bytes())
    (folder / "b.json").write_bytes(signed(manifest, "belmar", "arvad").to_bytes())
    (folder / "note.txt").write_text("not looked at")
    gathered = gather(folder)
    assert gathered.notes == ()
    assert [one.statement.kind for one in gathered.recorded] == ["manifest", "seal"]  # what is named comes first
    assert account(gathered.recorded).state is TransferState.SEALED


def test_a_statement_not_signed_yet_is_there_and_counts_for_nothing(folder: Path) -> None:
    (folder / "m.json").write_bytes(a_manifest().payload)
    gathered = gather(folder)
    assert [one.signed for one in gathered.recorded] == [frozenset()]
    assert account(gathered.recorded).state is TransferState.DRAFT


def test_envelopes_with_one_signature_each_come_together(folder: Path) -> None:
    (folder / "b.json").write_bytes(signed(a_manifest(), "belmar").to_bytes())
    (folder / "a.json").write_bytes(signed(a_manifest(), "arvad").to_bytes())
    assert account(gather(folder).recorded).state is TransferState.MANIFEST_AGREED


def test_signatures_that_do_not_count_are_told_with_the_reason(folder: Path) -> None:
    manifest = a_manifest()
    good = signed(manifest, "belmar").signatures[0]
    forged = Signature(KEYS["arvad"].fingerprint, bytes(64))
    stranger = Signature(KEYS["observer"].fingerprint, KEYS["observer"].sign(b"x"))
    (folder / "m.json").write_bytes(Envelope(manifest.payload, (good, forged, stranger)).to_bytes())
    gathered = gather(folder)
    assert [one.signed for one in gathered.recorded] == [frozenset({"belmar"})]
    reasons = " ".join(note.reason for note in gathered.notes)
    assert "is not good" in reasons
    assert "does not name" in reasons


def test_without_the_public_key_a_signature_cannot_be_checked(folder: Path) -> None:
    key = KEYS["arvad"].public(party="arvad", name="arvad")
    (folder / "arvad.pub.json").unlink()
    (folder / "m.json").write_bytes(signed(a_manifest(), "belmar", "arvad").to_bytes())
    assert "is not here" in gather(folder).notes[0].reason
    assert gather(folder, keys=[key]).notes == ()


def test_a_key_that_is_another_party_s_signs_for_nobody(folder: Path) -> None:
    (folder / "arvad.pub.json").write_bytes(KEYS["arvad"].public(party="observer", name="x").to_bytes())
    (folder / "m.json").write_bytes(signed(a_manifest(), "belmar", "arvad").to_bytes())
    gathered = gather(folder)
    assert [one.signed for one in gathered.recorded] == [frozenset({"belmar"})]
    assert "of observer" in gathered.notes[0].reason


def test_files_that_are_something_else_are_told(folder: Path) -> None:
    (folder / "x.json").write_text("{}")
    (folder / "y.json").write_bytes(b"\xff")
    assert [note.file for note in gather(folder).notes] == ["x.json", "y.json"]


def test_a_ledger_has_the_order_of_its_log(tmp_path: Path) -> None:
    public = [key.public(party=party, name=party) for party, key in KEYS.items()]
    second, first = a_manifest(2), a_manifest(1)
    with Ledger.create(tmp_path / "arvad.ledger", party="arvad", keys=public) as ledger:
        ledger.record(signed(second, "belmar", "arvad"))
        ledger.record(signed(first, "belmar", "arvad"))
        ledger.record(signed(statement("abort", "arvad", {"reason": TEXT}), "arvad"))
    gathered = gather(tmp_path / "arvad.ledger")
    assert [one.statement.digest for one in gathered.recorded[:2]] == [second.digest, first.digest]
    told = account(gathered.recorded)
    assert told.state is TransferState.ABORTED
    assert [fault.code for fault in told.faults] == ["version-not-higher"]


def test_what_is_neither_ledger_bundle_nor_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_bytes(signed(a_manifest(), "belmar").to_bytes())
    with pytest.raises(Rejected, match="neither a ledger"):
        gather(tmp_path / "one.json")
    with pytest.raises(NotFound):
        gather(tmp_path / "nowhere")


def test_a_bundle_has_the_order_of_its_exporter_s_log(tmp_path: Path) -> None:
    sent = exchange()[-1]
    (tmp_path / "sent.bundle").write_bytes(sent.data)
    gathered = gather(tmp_path / "sent.bundle")
    assert gathered.notes == ()
    assert {one.digest for one in gathered.recorded} == {one.digest for one in read_bundle(sent.data).envelopes}
    assert account(gathered.recorded, TRANSFER).lines
