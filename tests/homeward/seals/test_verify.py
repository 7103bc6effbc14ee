"""The answer about a bundle: each code by a bundle that has just this fault, and any bytes at all."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Cancelled
from homeward.provenance import digest
from homeward.seals import signed
from homeward.seals.anchors import Anchors, LogAnchor
from homeward.seals.bundle import read_bundle, write_bundle
from homeward.seals.canonical import canonical
from homeward.seals.checkpoint import read_note, sign_checkpoint
from homeward.seals.container import read_container, write_container
from homeward.seals.contents import DOCUMENT_LIST, INVENTORY, README, SEAL_NOTE
from homeward.seals.envelope import Envelope, Signature, cosign, read_envelope, sign
from homeward.seals.report import BREAKING, UNANCHORING
from homeward.seals.verify import verify
from tests.homeward.seals.mutations import EXPORTER, MALLORY, Files, mutants, written
from tests.homeward.seals.world import Sent, World, exchange

OFFER, RECEIPT, END = exchange()
LOG = "logs/belmar.json"
OBSERVER = World().keys["observer"].fingerprint


def codes(report):
    return {fault.code for fault in (*report.faults, *report.unanchored)}


def sealed(change: Callable[[Files], None]) -> tuple[bytes, Anchors]:
    """The last bundle with its files changed, listed and sealed again by the exporter."""
    files = read_container(END.data)
    change(files)
    return written(files, END, EXPORTER), END.anchors


def unsealed(change: Callable[[Files], None]) -> tuple[bytes, Anchors]:
    """The same, nothing listed or sealed again."""
    files = read_container(END.data)
    change(files)
    return write_container(files), END.anchors


def edited(path: str, edit: Callable[[dict], None]) -> Callable[[Files], None]:
    def change(files):
        value = json.loads(files[path])
        edit(value)
        files[path] = canonical(value)

    return change


def statement(kind: str) -> str:
    """The file of the last statement of a kind."""
    sought = f'"kind":"{kind}"'.encode()
    found = [one.digest for one in END.bundle.envelopes if sought in one.payload]
    return f"statements/{found[-1][7:]}.json"


def put(path: str, content: bytes) -> Callable[[Files], None]:
    return lambda files: files.update({path: content})


def unsigned() -> Envelope:
    """A statement that nobody has signed yet."""
    return Envelope(World().statement("abort", by="arvad").payload)


def wrongly_sealed(files):
    note = read_note(files[SEAL_NOTE]).checkpoint
    other = replace(note, extensions=(f"bundle {digest(b'another list')}",))
    files[SEAL_NOTE] = sign_checkpoint(other, END.log.installation, END.log.origin).encode()


def with_signature_of_a_stranger(files):
    path = statement("manifest")
    files[path] = cosign(read_envelope(files[path]), MALLORY).to_bytes()


def with_signatures_exchanged(files):
    path = statement("inspection")
    envelope = read_envelope(files[path])
    one, other = envelope.signatures
    exchanged = (Signature(one.keyid, other.sig), Signature(other.keyid, one.sig))
    files[path] = replace(envelope, signatures=exchanged).to_bytes()


def using_a_revoked_key():
    """Belmar signs with the key that it has revoked."""
    return next(one.bundle for one in mutants(1, 10**6) if one.name == "end, revoked key used, exporter"), END.anchors


def without(name: str, *fields: str) -> tuple[bytes, Anchors]:
    """The last bundle to a reader who does not know some key or log."""
    known = getattr(END.anchors, name)
    return END.data, replace(END.anchors, **{name: {key: known[key] for key in known if key not in fields}})


def knowing(log: LogAnchor) -> tuple[bytes, Anchors]:
    return END.data, END.anchors.with_log(END.log.origin, log)


INSTALLATION = END.log.installation.fingerprint
CASES: dict[str, Callable[[], tuple[bytes, Anchors]]] = {
    "container": lambda: (END.data + b"\0", END.anchors),
    "file-missing": lambda: unsealed(lambda files: files.pop(README)),
    "note": lambda: unsealed(put(SEAL_NOTE, b"Sealed by Belmar.\n")),
    "not-canonical": lambda: sealed(lambda files: files.update({DOCUMENT_LIST: files[DOCUMENT_LIST] + b"\n"})),
    "schema": lambda: sealed(edited(DOCUMENT_LIST, lambda value: value.update(more=1))),
    "seal": lambda: unsealed(wrongly_sealed),
    "file-altered": lambda: unsealed(put(README, b"Trust me.")),
    "file-extra": lambda: unsealed(put(f"documents/{digest(b'new')[7:]}", b"new")),
    "key-altered": lambda: sealed(put(f"keys/{'0' * 64}.json", MALLORY.public(party="arvad", name="").to_bytes())),
    "envelope": lambda: sealed(
        put(f"statements/{'0' * 64}.json", unsigned().to_bytes().replace(b"application/", b"application-"))
    ),
    "misnamed": lambda: sealed(put(f"statements/{'0' * 64}.json", unsigned().to_bytes())),
    "signer-unexpected": lambda: sealed(with_signature_of_a_stranger),
    "unknown-key": lambda: sealed(lambda files: files.pop(f"keys/{OBSERVER}.json")),
    "key-party": lambda: sealed(edited(f"keys/{OBSERVER}.json", lambda key: key.update(party="corland"))),
    "wrong-role": lambda: sealed(edited(f"keys/{OBSERVER}.json", lambda key: key.update(role="installation"))),
    "signature": lambda: sealed(with_signatures_exchanged),
    "entry-extra": lambda: sealed(lambda files: files.pop(statement("reservation"))),
    "proof": lambda: sealed(edited(LOG, lambda log: log["entries"][3]["proof"].reverse())),
    "split-view": lambda: sealed(edited(LOG, lambda log: log["consistency"].reverse())),
    "entry-missing": lambda: sealed(edited(LOG, lambda log: log["entries"].pop(5))),
    "revoked-key": using_a_revoked_key,
    "opening": lambda: sealed(
        edited(
            f"openings/{END.bundle.openings[0].statement[7:]}.json",
            lambda value: value["openings"][0].update(value="another name"),
        )
    ),
    "other-log": lambda: knowing(LogAnchor(MALLORY.fingerprint)),
    "older-checkpoint": lambda: (
        OFFER.data,
        OFFER.anchors.with_log(END.log.origin, END.anchors.logs[END.log.origin]),
    ),
    "unpinned-key": lambda: without("keys", "observer"),
    "unpinned-log": lambda: without("logs", END.log.origin),
    "no-checkpoint": lambda: knowing(LogAnchor(INSTALLATION)),
    "no-consistency": lambda: knowing(LogAnchor(INSTALLATION, END.log.checkpoint(4))),
}


def test_every_code_has_a_bundle_that_shows_it():
    assert set(CASES) == {*BREAKING, *UNANCHORING}


@pytest.mark.parametrize("code", CASES)
def test_one_fault_gives_its_code_and_no_other(code):
    data, anchors = CASES[code]()
    report = verify(data, anchors)
    assert codes(report) == {code}
    assert report.verdict == ("unanchored" if code in UNANCHORING else "broken")


@pytest.mark.parametrize("code", CASES)
def test_each_fault_says_what_to_do(code):
    report = verify(*CASES[code]())
    for fault in (*report.faults, *report.unanchored):
        assert fault.reason.endswith(".")
        assert len(fault.reason.split()) > 5


@pytest.mark.parametrize("sent", [OFFER, RECEIPT, END], ids=lambda sent: sent.name)
def test_a_true_bundle_is_valid_to_who_pinned_and_cosigned(sent: Sent):
    report = verify(sent.data, sent.anchors)
    assert (report.verdict, report.faults, report.unanchored) == ("valid", (), ())
    assert report.party == sent.bundle.party
    assert len(report.statements) == len(sent.bundle.envelopes)


@pytest.mark.parametrize("sent", [OFFER, RECEIPT, END], ids=lambda sent: sent.name)
def test_without_anchors_nothing_is_wrong_and_nothing_is_valid(sent: Sent):
    report = verify(sent.data, None)
    assert report.verdict == "unanchored"
    assert codes(report) == {"unpinned-key", "unpinned-log"}


def test_statements_come_in_the_order_of_the_log_with_who_has_signed():
    report = verify(OFFER.data, OFFER.anchors)
    assert [one.kind for one in report.statements] == ["session", "proposal", "issue", "manifest"]
    assert [(one.party, one.role, one.signed) for one in report.statements[3].signers] == [
        ("belmar", "author", True),
        ("arvad", "countersigner", True),
        ("observer", "witness", True),
    ]


def test_who_has_not_signed_is_awaited():
    data, anchors = sealed(put(f"statements/{unsigned().digest[7:]}.json", unsigned().to_bytes()))
    report = verify(data, anchors)
    assert report.verdict == "valid"
    assert report.statements[-1].awaits == ("arvad",)


def test_a_statement_that_another_rests_on_and_a_missing_document_are_told():
    scan = END.bundle.documents[-1].digest
    data, anchors = sealed(lambda files: files.pop(f"documents/{scan[7:]}"))
    report = verify(data, anchors)
    assert report.verdict == "valid"
    assert [(note.code, note.file) for note in report.notes] == [("document-missing", statement("paper"))]


def test_another_partys_log_that_is_older_than_what_is_known_is_told():
    origin = RECEIPT.log.origin
    anchors = END.anchors.with_log(origin, LogAnchor(RECEIPT.log.installation.fingerprint, longer(RECEIPT.log)))
    report = verify(END.data, anchors)
    assert report.verdict == "valid"
    assert [note.code for note in report.notes] == ["older-copy"]


def longer(log):
    """A checkpoint of the log with one entry more."""
    more = type(log)(log.party, log.installation)
    for entry in (*log.entries, (digest(b"one more"), MALLORY.fingerprint, bytes(64))):
        more.append(*entry)
    return more.checkpoint()


def test_the_fault_names_file_statement_and_signature():
    data, anchors = CASES["signature"]()
    report = verify(data, anchors)
    path = statement("inspection")
    keys = [one.keyid for one in read_envelope(read_container(data)[path]).signatures]
    assert [(one.file, one.statement, one.signature) for one in report.faults] == [
        (path, f"sha256:{path[11:-5]}", key) for key in keys
    ]


def test_several_faults_are_all_told():
    def change(files):
        with_signatures_exchanged(files)
        edited(LOG, lambda log: log["entries"].pop(5))(files)
        files.update({DOCUMENT_LIST: b"[]"})

    assert codes(verify(*sealed(change))) == {"signature", "entry-missing", "schema"}


@pytest.mark.parametrize("party", ["arvad", "belmar"])
def test_a_revocation_by_another_party_revokes_nothing(party):
    """Arvad says that Belmar's key is revoked; Belmar signs on."""
    world = World()
    world.say("proposal", by="belmar", also=[("arvad", "countersigner")])
    value = json.loads(world.statement("abort", by="arvad").payload)
    value.update(kind="key", body={"act": "revoke", "fingerprint": world.keys["belmar"].fingerprint, "party": party})
    world.enter(sign(canonical(value), world.keys["arvad"]))
    world.say("discrepancy", by="belmar")
    note = world.cosigned("belmar", "arvad", 2)
    sent = world.send("now", by="belmar", cosigned=note, cosigned_size=2)
    assert verify(sent.data, sent.anchors).verdict == "valid"


def test_a_bundle_is_read_as_it_was_written():
    read = read_bundle(END.data)
    assert write_bundle(read, END.log.seal) == END.data
    assert sorted(one.name for one in read.documents) == ["manifest-copy-1.pdf", "minutes.txt"]


def test_it_can_be_stopped():
    def stop(stage, done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        verify(END.data, END.anchors, stop)


def test_many_statements_are_dealt_out_and_give_the_same_answer(monkeypatch):
    alone = verify(END.data, END.anchors)
    monkeypatch.setattr(signed, "MANY", 1)
    monkeypatch.setattr(signed, "CHUNK", 5)
    assert verify(END.data, END.anchors) == alone


# Hostile bytes

NAMES = ["seal.note", "files.json", LOG, "documents.json", f"keys/{'a' * 64}.json", f"statements/{'a' * 64}.json"]
HOSTILE = [
    b"",
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"[" * 64 + b"]" * 64,
    b"[" * 65 + b"]" * 65,
    b"1" * 10_000,
    b"-0",
    b"1e999999",
    b"NaN",
    b"9007199254740992",
    b'"\\ud800"',
    b'"\xff\xfe"',
    b"\xef\xbb\xbf{}",
    b'{"a":1,"a":1}',
    "— — —\n\n— x y\n".encode(),
    b"\n\n\n",
    b"null",
    b'"text"',
    b"{}",
    b"[]",
    b"true",
]


@given(st.binary(max_size=2000))
def test_random_bytes_are_no_bundle(data):
    assert codes(verify(data, END.anchors)) >= {"container"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_give_an_answer(name, content):
    """As listed and sealed by the exporter, and in a bundle that holds nothing else."""
    data, anchors = sealed_or_not(name, content)
    assert verify(data, anchors).verdict == "broken"
    assert verify(write_container({name: content}), None).verdict == "broken"


def sealed_or_not(name: str, content: bytes) -> tuple[bytes, Anchors]:
    change = put(name, content)
    return (unsealed if name in (SEAL_NOTE, INVENTORY, LOG) else sealed)(change)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=200)
@given(st.data())
def test_any_value_in_any_place_gives_an_answer(data):
    """Somewhere inside a file of a true bundle stands something else; the exporter seals it."""
    files = read_container(END.data)
    path = data.draw(st.sampled_from(sorted(name for name in files if name.endswith(".json") and name != INVENTORY)))
    value = json.loads(files[path])
    holder, key = data.draw(st.sampled_from(list(places(value))))
    holder[key] = data.draw(JSON)
    files[path] = canonical(value)
    relisted = {name: content for name, content in files.items() if name not in (SEAL_NOTE, INVENTORY)}
    inventory = json.loads(files[INVENTORY])
    inventory["files"] = [
        {"bytes": len(content), "digest": digest(content), "path": name} for name, content in sorted(relisted.items())
    ]
    files[INVENTORY] = canonical(inventory)
    note = replace(read_note(files[SEAL_NOTE]).checkpoint, extensions=(f"bundle {digest(files[INVENTORY])}",))
    files[SEAL_NOTE] = END.log.seal(note).encode()
    assert verify(write_container(files), END.anchors).verdict in ("valid", "unanchored", "broken")


def places(value):
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield value, key
        yield from places(item)
