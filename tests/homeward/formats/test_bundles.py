"""Two ledgers that know of each other only by files: what is sent, what is taken in, and in which order."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from homeward.errors import Nonsense, NotFound, Rejected, SealBroken
from homeward.formats.anchors import anchors_of, read_anchors, read_pins, with_pins, write_anchors
from homeward.formats.bundles import cosign_log, export, logs_in, read_bundle_file, take_in, write_out
from homeward.formats.ledger import Ledger
from homeward.seals.anchors import NOTHING_KNOWN, Anchors, LogAnchor
from homeward.seals.bundle import Enclosed, read_bundle, write_bundle
from homeward.seals.checkpoint import read_note
from homeward.seals.envelope import cosign
from homeward.seals.keys import PrivateKey
from homeward.seals.verify import verify
from tests.homeward.formats.ledgers import (
    ARVAD,
    ARVAD_KEY,
    BELMAR,
    BELMAR_KEY,
    BOTH,
    issue,
    revocation,
    signed,
)

NOW = datetime(2018, 7, 27, 1, 40, tzinfo=UTC)
SECOND = PrivateKey.from_seed(b"2" * 32)
SECOND_KEY = SECOND.public(party="belmar", name="T. Vane, second key")


@pytest.fixture
def arvad(tmp_path):
    with Ledger.create(tmp_path / "arvad.ledger", party="arvad", keys=BOTH) as ledger:
        yield ledger


@pytest.fixture
def belmar(tmp_path):
    with Ledger.create(tmp_path / "belmar.ledger", party="belmar", keys=BOTH) as ledger:
        yield ledger


def sent(ledger, reader="", **more):
    return export(ledger, made_at=NOW, reader=reader, **more)


def received(ledger, data, *installations):
    """Verify under what the ledger knows and these installations' fingerprints; take it in."""
    logs = logs_in(data)
    pins = {log.party: [log.installation] for log in logs if log.party in installations}
    anchors = with_pins(anchors_of(ledger, logs), pins, logs)
    report = verify(data, anchors)
    assert report.verdict != "broken", report.faults
    return report, take_in(ledger, data, anchors)


def test_two_parties_come_to_hold_each_others_cosigned_checkpoint_and_the_same_statement_in_both_logs(arvad, belmar):
    envelope = signed(issue(1), ARVAD)
    arvad.record(envelope)
    first = sent(arvad, "belmar")
    report, taken = received(belmar, first, "arvad")
    assert report.verdict == "unanchored"
    assert {one.code for one in report.unanchored} == {"no-checkpoint"}
    assert len(taken.entries) == 1
    cosign_log(belmar, first, BELMAR)

    belmar.record(cosign(envelope, BELMAR))
    second = sent(belmar, "arvad")
    report, taken = received(arvad, second, "belmar")
    assert taken.cosigners == ("belmar",)
    assert [entry.keyid for entry in taken.entries] == [BELMAR.fingerprint]
    cosign_log(arvad, second, ARVAD)

    third = sent(arvad, "belmar")
    report, taken = received(belmar, third)
    assert report.verdict == "valid"
    assert taken.entries == ()
    assert taken.cosigners == ("arvad",)

    for ledger, other in ((arvad, "belmar"), (belmar, "arvad")):
        assert [name.name for name in read_note(ledger.last_cosigned()).signatures] == [ledger.origin, other]
        assert [log.party for log in ledger.foreign_logs()] == [other]
        assert [entry.statement for entry in ledger.entries()] == [envelope.digest] * 2
    held = read_bundle(third)
    assert {log.party for log in held.logs} == {"arvad", "belmar"}
    proved = {(log.party, entry.statement, entry.key) for log in held.logs for entry in log.entries}
    assert proved == {
        ("arvad", envelope.digest, ARVAD.fingerprint),
        ("arvad", envelope.digest, BELMAR.fingerprint),
        ("belmar", envelope.digest, ARVAD.fingerprint),
        ("belmar", envelope.digest, BELMAR.fingerprint),
    }


def test_taking_in_again_changes_nothing(arvad, belmar):
    arvad.record(signed(issue(1)))
    data = sent(arvad)
    received(belmar, data, "arvad")
    before = (belmar.size, belmar.root(), belmar.copies(), belmar.known_keys())
    _, taken = received(belmar, data, "arvad")
    assert taken.entries == ()
    assert (belmar.size, belmar.root(), belmar.copies(), belmar.known_keys()) == before


def test_the_order_of_the_senders_log_is_kept_so_that_a_revocation_stays_in_its_place(arvad, belmar):
    belmar.learn([SECOND_KEY])
    belmar.record(signed(issue(1, author=by_belmar(), signers=[signer(BELMAR)], kind="abort", body=ABORT), BELMAR))
    revoked = signed(revocation(BELMAR, by=SECOND), SECOND)
    belmar.record(revoked)
    data = sent(belmar)
    logs = logs_in(data)
    anchors = with_pins(anchors_of(arvad, logs), {"belmar": [SECOND.fingerprint, logs[0].installation]}, logs)
    take_in(arvad, data, anchors)
    assert [entry.statement for entry in arvad.entries()] == [entry.statement for entry in belmar.entries()]
    late = issue(2, author=by_belmar(), signers=[signer(BELMAR)], kind="abort", body=ABORT)
    with pytest.raises(SealBroken, match="revoked"):
        arvad.record(signed(late, BELMAR))


ABORT = {"reason": [{"lang": "en", "text": "bridge closed"}]}


def by_belmar():
    return {"name": "T. Vane", "office": "", "party": "belmar"}


def signer(key):
    return type(issue(1).signers[0])("belmar", key.fingerprint, "author")


def test_nothing_is_taken_in_if_one_signature_is_by_a_key_that_was_revoked_here(arvad, belmar):
    belmar.learn([SECOND_KEY])
    arvad.record(signed(revocation(BELMAR, by=SECOND), SECOND), [SECOND_KEY])
    belmar.record(signed(issue(1), ARVAD))
    belmar.record(signed(issue(2, author=by_belmar(), signers=[signer(BELMAR)], kind="abort", body=ABORT), BELMAR))
    data = sent(belmar)
    logs = logs_in(data)
    anchors = with_pins(anchors_of(arvad, logs), {"belmar": [logs[0].installation]}, logs)
    size = arvad.size
    with pytest.raises(SealBroken, match="revoked"):
        take_in(arvad, data, anchors)
    assert arvad.size == size
    assert arvad.copies() == ()


def test_a_key_that_nobody_pinned_is_not_learnt_from_a_bundle(arvad, belmar):
    """Belmar's bundle brings a key that it says is the Observer's, and that signed nothing."""
    false = PrivateKey.from_seed(b"f" * 32).public(party="observer", name="The Observer, says Belmar")
    belmar.learn([false])
    belmar.record(signed(issue(1)))
    bundle = read_bundle(sent(belmar))
    with_false = replace(bundle, keys=(*bundle.keys, false))
    data = write_bundle(with_false, belmar.sign_checkpoint)
    received(arvad, data, "belmar")
    assert arvad.key(false.fingerprint) is None


def test_subjects_are_chosen_and_everything_about_keys_goes_with_them(belmar):
    belmar.learn([SECOND_KEY])
    belmar.record(signed(issue(1)))
    belmar.record(signed(issue(2)))
    belmar.record(signed(revocation(SECOND, by=BELMAR), BELMAR))
    report = verify(sent(belmar, subjects=["transfer:T-000002"]), None)
    assert sorted(one.subject for one in report.statements) == [f"key:{SECOND.fingerprint}", "transfer:T-000002"]


def test_what_a_statement_rests_on_goes_with_it(arvad):
    first = signed(issue(1))
    arvad.record(first)
    arvad.record(signed(issue(2, follows=[first.digest])))
    report = verify(sent(arvad, subjects=["transfer:T-000002"]), None)
    assert len(report.statements) == 2
    assert report.notes == ()


def test_what_is_not_held_is_refused_by_name(arvad):
    with pytest.raises(NotFound, match="at all"):
        sent(arvad)
    arvad.record(signed(issue(1)))
    with pytest.raises(NotFound, match="about transfer:T-7"):
        sent(arvad, subjects=["transfer:T-7"])


def test_statements_of_two_programmes_do_not_go_into_one_bundle(arvad):
    arvad.record(signed(issue(1)))
    arvad.record(signed(issue(2, programme="Another")))
    with pytest.raises(Nonsense, match="Another"):
        sent(arvad)


def test_the_same_ledger_gives_the_same_bundle(arvad):
    arvad.record(signed(issue(1)))
    assert sent(arvad) == sent(arvad)


def test_documents_are_written_under_harmless_names_and_never_over_what_is_there(arvad, tmp_path):
    arvad.record(signed(issue(1)))
    data = sent(arvad, documents=[Enclosed(b"text", "../../.bashrc; rm", "text/plain")])
    folder = tmp_path / "documents"
    folder.mkdir()
    written = write_out(read_bundle(data), folder)
    assert [path.parent for path in written] == [folder]
    assert written[0].name.endswith("-_.._.bashrc__rm")
    assert write_out(read_bundle(data), folder) == []


def test_anchors_are_read_as_they_were_written(tmp_path, arvad, belmar):
    arvad.record(signed(issue(1)))
    data = sent(arvad)
    received(belmar, data, "arvad")
    cosign_log(belmar, data, BELMAR)
    known = anchors_of(belmar)
    write_anchors(tmp_path / "anchors.json", known)
    assert read_anchors(tmp_path / "anchors.json") == known
    assert known.logs[arvad.origin].cosigned is not None
    assert verify(data, known).verdict == "valid"


@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"keys":{},"logs":{},"schema":"homeward/anchors/1"}\n',
        b'{"keys":{"a b":[]},"logs":{},"schema":"homeward/anchors/1"}',
        b'{"keys":{"arvad":["00"]},"logs":{},"schema":"homeward/anchors/1"}',
        b'{"keys":{},"logs":{"x":{"checkpoint":"no note","installation":"'
        + b"0" * 64
        + b'"}},"schema":"homeward/anchors/1"}',
        b"\xff",
    ],
)
def test_what_is_no_anchors_file_is_refused_with_what_to_do(tmp_path, content):
    (tmp_path / "anchors.json").write_bytes(content)
    with pytest.raises(SealBroken, match="homeward seal anchors"):
        read_anchors(tmp_path / "anchors.json")


def test_a_checkpoint_of_another_log_is_no_anchor(arvad):
    note = arvad.checkpoint()
    with pytest.raises(SealBroken, match="another log"):
        Anchors(logs={"belmar/log": LogAnchor("0" * 64, note)})


def test_pins_are_read_in_groups_or_not_and_every_fault_is_told():
    with pytest.raises(Rejected) as refusal:
        read_pins(["arvad", "belmar=12", f"arvad={'0' * 64}"])
    assert [fault.value for fault in refusal.value.faults] == ["arvad", "belmar=12"]


def test_a_pin_does_not_replace_what_is_known_of_a_log(arvad):
    arvad.record(signed(issue(1)))
    logs = logs_in(sent(arvad))
    known = NOTHING_KNOWN.with_log(arvad.origin, LogAnchor("0" * 64))
    assert with_pins(known, {"arvad": [logs[0].installation]}, logs).logs == known.logs


def test_logs_of_what_is_no_bundle_are_none():
    assert logs_in(b"nothing") == ()


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(Rejected):
        read_bundle_file(tmp_path / "no.bundle.zip")


def test_a_ledger_that_was_never_told_an_installation_knows_no_log(arvad, belmar):
    arvad.record(signed(issue(1)))
    data = sent(arvad)
    assert {one.code for one in verify(data, anchors_of(belmar, logs_in(data))).unanchored} == {"unpinned-log"}


def test_a_shortened_log_is_refused_by_who_cosigned_the_longer(arvad, belmar, tmp_path):
    arvad.record(signed(issue(1)))
    data = sent(arvad)
    arvad.record(signed(issue(2)))
    later = sent(arvad)
    received(belmar, later, "arvad")
    cosign_log(belmar, later, BELMAR)
    report = verify(data, anchors_of(belmar, logs_in(data)))
    assert [fault.code for fault in report.faults] == ["older-checkpoint"]


def test_keys_of_both_parties_travel_with_what_they_cosigned(arvad, belmar):
    arvad.record(signed(issue(1)))
    first = sent(arvad)
    received(belmar, first, "arvad")
    note = cosign_log(belmar, first, BELMAR)
    arvad.take_cosigned(note)
    keys = {key.fingerprint for key in read_bundle(sent(arvad, "belmar")).keys}
    assert keys >= {ARVAD_KEY.fingerprint, BELMAR_KEY.fingerprint, arvad.installation.fingerprint}
