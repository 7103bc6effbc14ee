"""A party's own book: what is recorded stays, what is not good is refused, and the other side can check it."""

import sqlite3
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeward.errors import KeyRefused, LedgerUnusable, NotFound, SealBroken, WouldOverwrite
from homeward.formats.ledger import Ledger
from homeward.formats.ledgercheck import check
from homeward.seals.checkpoint import (
    Checkpoint,
    Continuation,
    cosign_checkpoint,
    cosigned_by,
    read_note,
    sign_checkpoint,
    verify_note,
)
from homeward.seals.envelope import Envelope, Signature
from homeward.seals.keys import PrivateKey
from homeward.seals.merkle import leaf_hash, plain_root, verify_inclusion
from homeward.seals.statement import Signer
from tests.homeward.formats.ledgers import (
    ARVAD,
    ARVAD_KEY,
    BELMAR,
    BELMAR_KEY,
    BOTH,
    HOUSE,
    HOUSE_KEY,
    OBSERVER,
    OBSERVER_KEY,
    issue,
    revocation,
    signed,
)

WHEN = 1532655600
ORIGIN = "belmar/log"


@pytest.fixture
def place(tmp_path):
    return tmp_path / "arvad.ledger"


@pytest.fixture
def ledger(place):
    with Ledger.create(place, party="arvad", keys=BOTH) as made:
        yield made


def filled(ledger, statements):
    for number in range(statements):
        ledger.record(signed(issue(number)))
    return ledger


# --- recording


def test_what_was_recorded_is_there_when_the_ledger_is_opened_again(place):
    envelope = signed(issue(1))
    with Ledger.create(place, party="arvad") as ledger:
        ledger.record(envelope, BOTH)
    with Ledger.open(place) as ledger:
        assert ledger.envelope(envelope.digest) == envelope
        assert ledger.key(BELMAR.fingerprint) == BELMAR_KEY
        assert [held.digest for held in ledger.statements()] == [envelope.digest]


def test_each_signature_has_its_place_in_the_log_the_authors_first(ledger):
    entries = ledger.record(signed(issue(1)))
    assert [(entry.index, entry.keyid) for entry in entries] == [(0, ARVAD.fingerprint), (1, BELMAR.fingerprint)]
    assert tuple(ledger.entries()) == entries


def test_recording_again_changes_nothing(ledger):
    ledger.record(signed(issue(1)))
    assert ledger.record(signed(issue(1))) == ()
    assert ledger.size == 2


def test_a_countersignature_comes_later_as_an_entry_of_its_own(ledger):
    ledger.record(signed(issue(1), ARVAD))
    ledger.record(signed(issue(2), ARVAD))
    (entry,) = ledger.record(signed(issue(1)))
    assert (entry.index, entry.keyid) == (2, BELMAR.fingerprint)
    assert ledger.envelope(issue(1).digest) == signed(issue(1))


def test_a_statement_on_paper_is_held_without_an_entry(ledger):
    on_paper = issue(1, signers=[Signer("arvad", "", "author"), Signer("belmar", "", "countersigner")])
    assert ledger.record(Envelope(on_paper.payload)) == ()
    assert ledger.envelope(on_paper.digest) == Envelope(on_paper.payload)


def test_statements_are_found_by_what_they_are_about(ledger):
    filled(ledger, 3)
    (held,) = ledger.statements("transfer:T-000001")
    assert (held.digest, held.kind, held.author, held.signatures) == (issue(1).digest, "issue", "arvad", 2)


@pytest.mark.parametrize(
    ("envelope", "keys", "code"),
    [
        (signed(issue(1), ARVAD, OBSERVER), [ARVAD_KEY, OBSERVER_KEY], "signer-unexpected"),
        (signed(issue(1)), [ARVAD_KEY], "unknown-key"),
        (signed(issue(1)), [ARVAD_KEY, BELMAR.public(party="arvad", name="")], "key-party"),
        (signed(issue(1)), [ARVAD_KEY, BELMAR.public(party="belmar", name="", role="installation")], "wrong-role"),
        (Envelope(issue(1).payload, (Signature(ARVAD.fingerprint, bytes(64)),)), BOTH, "signature"),
        (Envelope(issue(1).payload, signed(issue(2)).signatures), BOTH, "signature"),
    ],
)
def test_a_signature_that_does_not_hold_is_refused_and_nothing_of_it_kept(place, envelope, keys, code):
    with Ledger.create(place, party="arvad") as ledger:
        with pytest.raises(SealBroken) as refusal:
            ledger.record(envelope, keys)
        assert refusal.value.code == code
        assert envelope.digest in refusal.value.where
        assert (ledger.size, tuple(ledger.statements()), len(ledger.known_keys())) == (0, (), 1)


def test_a_key_told_otherwise_than_before_is_refused(ledger):
    with pytest.raises(SealBroken) as refusal:
        ledger.learn([BELMAR.public(party="arvad", name="T. Vane")])
    assert refusal.value.code == "key-altered"


def test_a_revoked_key_signs_nothing_more(ledger):
    other = PrivateKey.from_seed(b"c" * 32)
    ledger.record(signed(issue(1)))
    ledger.record(signed(revocation(BELMAR, other), other), [other.public(party="belmar", name="")])
    with pytest.raises(SealBroken) as refusal:
        ledger.record(signed(issue(2)))
    assert refusal.value.code == "revoked-key"
    assert ledger.record(signed(issue(1))) == ()


def test_another_party_cannot_revoke_a_key(ledger):
    forged = revocation(BELMAR, ARVAD)
    by_arvad = issue(
        0,
        kind="key",
        subject=forged.subject,
        signers=[Signer("arvad", ARVAD.fingerprint, "author")],
        body={**forged.body, "party": "arvad"},
    )
    ledger.record(signed(by_arvad, ARVAD))
    assert len(ledger.record(signed(issue(2)))) == 2


# --- the log


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from([(ARVAD,), (BELMAR,), (ARVAD, BELMAR)])), max_size=12))
def test_the_log_is_what_the_definition_makes_of_its_entries(tmp_path_factory, recorded):
    place = tmp_path_factory.mktemp("log") / "ledger"
    with Ledger.create(place, party="arvad", keys=BOTH) as ledger:
        for number, keys in recorded:
            ledger.record(signed(issue(number), *keys))
        leaves = [entry.leaf for entry in ledger.entries()]
        assert ledger.root() == plain_root(leaves)
        for index, leaf in enumerate(leaves):
            verify_inclusion(leaf_hash(leaf), index, len(leaves), ledger.inclusion_proof(index), ledger.root())
    assert check(place, processes=1) == len(leaves)


def test_two_processes_verify_what_one_does(ledger, monkeypatch):
    monkeypatch.setattr("homeward.formats.ledgercheck.BLOCK", 3)
    filled(ledger, 7)
    told = []
    assert check(ledger.path, processes=2, tick=lambda *at: told.append(at)) == 14
    assert told[-1] == ("signatures", 7, 7)


@pytest.mark.parametrize(
    ("damage", "refused"),
    [
        ("UPDATE statements SET payload = x'7b7d' WHERE id = 2", SealBroken),
        ("UPDATE entries SET sig = zeroblob(64) WHERE position = 3", SealBroken),
        ("UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND position = 1", LedgerUnusable),
        ("DELETE FROM nodes WHERE level = 0 AND position = 5", LedgerUnusable),
        ("INSERT INTO nodes VALUES (9, 9, zeroblob(32))", LedgerUnusable),
        ("DELETE FROM entries WHERE position = 2", LedgerUnusable),
        ("DELETE FROM entries WHERE position = 5", LedgerUnusable),
        ("UPDATE entries SET position = 99 WHERE position = 5", LedgerUnusable),
    ],
)
def test_damage_from_outside_is_found(ledger, damage, refused):
    filled(ledger, 3)
    with sqlite3.connect(ledger.path) as rows:
        for (trigger,) in rows.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            rows.execute(f"DROP TRIGGER {trigger}")
        rows.execute(damage)
    rows.close()
    with pytest.raises(refused):
        check(ledger.path, processes=1)


@pytest.mark.parametrize("table", ["ledger", "keys", "statements", "entries", "nodes", "checkpoints"])
def test_the_database_itself_deletes_nothing(ledger, table):
    filled(ledger, 1).checkpoint()
    with sqlite3.connect(ledger.path) as rows, pytest.raises(sqlite3.IntegrityError, match="changed or deleted"):
        rows.execute(f"DELETE FROM {table}")
    rows.close()


# --- checkpoints


def test_a_checkpoint_is_of_the_log_as_it_stands_and_the_same_until_something_is_recorded(ledger):
    filled(ledger, 2)
    note = read_note(ledger.checkpoint())
    verify_note(note, ledger.installation, ledger.origin)
    assert (note.checkpoint.size, note.checkpoint.root) == (4, ledger.root())
    assert ledger.checkpoint() == note.text
    ledger.record(signed(issue(5)))
    assert ledger.checkpoint() != note.text
    assert len(ledger.checkpoints()) == 2


def test_cosignatures_that_come_back_are_kept(ledger):
    filled(ledger, 1)
    first = ledger.checkpoint()
    filled(ledger, 2)
    ledger.checkpoint()
    assert ledger.last_cosigned() == ""
    ledger.take_cosigned(cosign_checkpoint(first, BELMAR, "belmar", WHEN))
    ledger.take_cosigned(cosign_checkpoint(first, OBSERVER, "observer", WHEN), [OBSERVER_KEY])
    kept = read_note(ledger.last_cosigned())
    assert cosigned_by(kept, BELMAR_KEY, "belmar") == cosigned_by(kept, OBSERVER_KEY, "observer") == WHEN


def test_cosignatures_that_do_not_hold_are_refused(ledger):
    note = filled(ledger, 1).checkpoint()
    elsewhere = sign_checkpoint(Checkpoint(ledger.origin, 2, bytes(32)), HOUSE, ledger.origin)
    for refused in (
        note,
        cosign_checkpoint(note, OBSERVER, "observer", WHEN),
        cosign_checkpoint(note, OBSERVER, "belmar", WHEN),
        cosign_checkpoint(elsewhere, BELMAR, "belmar", WHEN),
    ):
        with pytest.raises(SealBroken):
            ledger.take_cosigned(refused)
    assert ledger.checkpoint() == note


def test_the_installation_signs_nothing_but_its_own_log(ledger):
    filled(ledger, 1)
    root = ledger.root()
    sealed = read_note(ledger.sign_checkpoint(Checkpoint(ledger.origin, 2, root, ("bundle sha256:0",))))
    verify_note(sealed, ledger.installation, ledger.origin)
    for other in (Checkpoint("other", 2, root), Checkpoint(ledger.origin, 3, root), Checkpoint(ledger.origin, 1, root)):
        with pytest.raises(KeyRefused):
            ledger.sign_checkpoint(other)


# --- witnessing


@pytest.fixture
def theirs(tmp_path):
    """Belmar's ledger, and its checkpoints as it grew."""
    with Ledger.create(tmp_path / "belmar.ledger", party="belmar", origin=ORIGIN, keys=BOTH) as made:
        yield made


def test_a_log_is_cosigned_as_it_grows(ledger, theirs):
    first = filled(theirs, 2).checkpoint()
    cosigned = ledger.witness(first, ARVAD, installation=theirs.installation, at=WHEN)
    assert cosigned_by(read_note(cosigned), ARVAD_KEY, "arvad") == WHEN
    second = filled(theirs, 4).checkpoint()
    ledger.witness(second, ARVAD, continuation=theirs.continuation(first, 8))
    (log,) = ledger.foreign_logs()
    assert (log.origin, log.party, read_note(log.note).checkpoint.size) == (ORIGIN, "belmar", 8)
    assert theirs.take_cosigned(log.note) == (ARVAD_KEY,)


def test_the_same_checkpoint_is_cosigned_again(ledger, theirs):
    note = filled(theirs, 1).checkpoint()
    ledger.witness(note, ARVAD, installation=theirs.installation, at=WHEN)
    assert cosigned_by(read_note(ledger.witness(note, ARVAD, at=WHEN + 5)), ARVAD_KEY, "arvad") == WHEN + 5


def test_a_log_that_is_not_known_is_not_cosigned(ledger, theirs):
    with pytest.raises(SealBroken) as refusal:
        ledger.witness(theirs.checkpoint(), ARVAD)
    assert refusal.value.code == "unpinned-log"


def refusal_of(ledger, note, **given):
    before = ledger.foreign_logs()
    with pytest.raises(SealBroken) as refusal:
        ledger.witness(note, ARVAD, **given)
    assert ledger.foreign_logs() == before
    return refusal.value.code


def test_a_log_that_shrank_or_split_is_not_cosigned(ledger, theirs, tmp_path):
    small = filled(theirs, 1).checkpoint()
    grown = filled(theirs, 3).checkpoint()
    ledger.witness(grown, ARVAD, installation=theirs.installation)
    larger = filled(theirs, 5).checkpoint()
    assert refusal_of(ledger, small) == "older-checkpoint"
    assert refusal_of(ledger, larger) == "split-view"
    proof = theirs.continuation(grown, 10)
    for other in (
        theirs.continuation(small, 10),
        theirs.continuation(grown, 6),
        Continuation(6, 10, proof.proof[:-1]),
        Continuation(6, 10, ()),
    ):
        assert refusal_of(ledger, larger, continuation=other) == "split-view"
    forged = sign_checkpoint(Checkpoint(ORIGIN, 6, bytes(32)), HOUSE, ORIGIN)
    assert refusal_of(ledger, forged) == "note"
    assert refusal_of(ledger, forged, installation=HOUSE_KEY) == "other-log"
    ledger.witness(larger, ARVAD, continuation=proof)


def test_one_size_with_two_roots_is_a_split_view(ledger):
    one, other = (sign_checkpoint(Checkpoint(ORIGIN, 6, root * 32), HOUSE, ORIGIN) for root in (b"1", b"2"))
    ledger.witness(one, ARVAD, installation=HOUSE_KEY)
    assert refusal_of(ledger, other) == "split-view"


def test_our_own_log_is_cosigned_by_others(ledger):
    assert refusal_of(ledger, ledger.checkpoint(), installation=ledger.installation) == "other-log"


def test_a_log_is_cosigned_by_a_key_of_ours_only(ledger, theirs):
    for key in (BELMAR, OBSERVER):
        with pytest.raises(KeyRefused, match="arvad's"):
            ledger.witness(theirs.checkpoint(), key, installation=theirs.installation)


# --- the file


def test_a_ledger_is_never_made_over_something(place, ledger):
    with pytest.raises(WouldOverwrite):
        Ledger.create(place, party="arvad")
    assert ledger.party == "arvad"


def test_an_empty_file_that_an_interruption_left_is_used(place):
    place.touch()
    with Ledger.create(place, party="arvad") as ledger:
        assert ledger.size == 0


def test_a_ledger_is_its_owners_alone(ledger):
    assert ledger.path.stat().st_mode & 0o077 == 0


def test_the_log_is_named_for_its_party_and_its_key(ledger):
    assert ledger.origin == f"arvad/{ledger.installation.fingerprint[:16]}"


@pytest.mark.parametrize(("party", "origin"), [("two words", ""), ("", ""), ("arvad", "a b"), ("arvad", "a+b")])
def test_a_ledger_of_an_impossible_name_is_not_made(place, party, origin):
    with pytest.raises(SealBroken):
        Ledger.create(place, party=party, origin=origin)
    assert not place.exists()


def test_what_is_no_ledger_is_left_as_it_is(tmp_path):
    with pytest.raises(NotFound):
        Ledger.open(tmp_path / "nothing")
    for name, content in (("text", b"hello" * 300), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(LedgerUnusable):
            Ledger.open(tmp_path / name)
        assert (tmp_path / name).read_bytes() == content


def test_another_programs_database_is_left_as_it_is(tmp_path):
    rows = sqlite3.connect(tmp_path / "other")
    rows.execute("CREATE TABLE t (a)")
    rows.close()
    before = (tmp_path / "other").read_bytes()
    with pytest.raises(LedgerUnusable, match="no ledger"):
        Ledger.open(tmp_path / "other")
    assert (tmp_path / "other").read_bytes() == before


def test_a_place_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(LedgerUnusable, match="cannot be made"):
        Ledger.create(tmp_path / "no such folder" / "ledger", party="arvad")


def test_a_ledger_that_another_process_is_writing_is_refused_after_some_patience(place, ledger, monkeypatch):
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr("homeward.formats.ledgerfile.PATIENCE_S", 0.05)
    with Ledger.open(place) as second, pytest.raises(LedgerUnusable, match="locked"):
        second.record(signed(issue(1)))
    other.execute("ROLLBACK")
    other.close()
    ledger.record(signed(issue(1)))


def test_what_two_open_ledgers_record_makes_one_log(place, ledger):
    with Ledger.open(place) as second:
        for number, (one, other) in enumerate(pairwise([ledger, second, ledger, second])):
            one.record(signed(issue(number), ARVAD))
            other.record(signed(issue(number)))
    assert check(place, processes=1) == 6
