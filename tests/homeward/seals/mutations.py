"""Random mutations of bundles: what an accident, a stranger or the exporter himself might do to one.

``mutants(seed, count)`` gives the same bundles for the same seed on any machine. None of them may ever be called valid:
each differs from a true bundle in what it says, and nobody who made it holds the other parties' keys. How far the
forger repairs what he broke is drawn too:

- ``bytes``: not at all;
- ``container``: the ZIP is written again as it must be;
- ``listed``: files.json is made to agree;
- ``stranger``: the log and the seal are signed by an installation's key of his own, which he puts into the bundle;
- ``exporter``: he is the exporter and holds the true installation's key, though no other party's.
"""

from __future__ import annotations

import base64
import functools
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from homeward.provenance import digest
from homeward.seals.canonical import canonical
from homeward.seals.checkpoint import Checkpoint, Note, cosign_checkpoint, read_note, sign_checkpoint
from homeward.seals.container import read_container, write_container
from homeward.seals.contents import INVENTORY, SEAL_NOTE, Inventory, LogCopy
from homeward.seals.envelope import Envelope, Signature, pae, read_envelope
from homeward.seals.keys import INSTALLATION, PrivateKey, PublicKey
from tests.homeward.seals.world import Log, Sent, exchange, key_of

Files = dict[str, bytes]
BYTES, CONTAINER, LISTED, STRANGER, EXPORTER = "bytes", "container", "listed", "stranger", "exporter"
UNKNOWING = 12  # one mutant in so many is shown to a reader without anchors
MALLORY = key_of("mallory")
MALLORYS_INSTALLATION = key_of("mallory, installation")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A bundle that must not be called valid.

    Parameters
    ----------
    name : what was done to which bundle, and how far it was repaired
    bundle : its bytes
    anchors : the reader's, as a file; None for a reader who has none
    """

    name: str
    bundle: bytes
    anchors: bytes | None


class NotHere(Exception):
    """This mutation has nothing to change in this bundle, or changed nothing."""


def mutants(seed: int, count: int) -> Iterator[Mutant]:
    """So many mutants, the same for the same seed."""
    chance = random.Random(seed)
    made = 0
    while made < count:
        sent = chance.choice(exchanged_bundles())
        kind = chance.choice(list(MUTATIONS))
        mutate, repairs = MUTATIONS[kind]
        repair = chance.choice(repairs)
        try:
            data = mutate(chance, sent, repair)
        except NotHere:
            continue
        if data == sent.data:
            continue
        anchors = None if chance.randrange(UNKNOWING) == 0 else sent.anchors.to_bytes()
        yield Mutant(f"{sent.name}, {kind}, {repair}", data, anchors)
        made += 1


@functools.cache
def exchanged_bundles() -> tuple[Sent, ...]:
    """The true bundles from which mutants are made."""
    return exchange()


# How far the forger repairs what he broke


def written(files: Files, sent: Sent, repair: str) -> bytes:
    """The bundle of these files, repaired as far as this forger can."""
    if files == read_container(sent.data):
        raise NotHere
    if repair == STRANGER:
        _own_installation(files, sent)
    if repair != CONTAINER:
        _relist(files, sent)
    if repair in (STRANGER, EXPORTER):
        _reseal(files, sent, MALLORYS_INSTALLATION if repair == STRANGER else sent.log.installation)
    return write_container(files)


def _relist(files: Files, sent: Sent) -> None:
    listed = {path: content for path, content in files.items() if path not in (SEAL_NOTE, INVENTORY)}
    made_at = json.loads(read_container(sent.data)[INVENTORY])["made_at"]
    about = {"party": sent.bundle.party, "programme": sent.bundle.programme, "origin": sent.log.origin}
    files[INVENTORY] = Inventory.of(listed, made_at=made_at, **about).to_bytes()


def _reseal(files: Files, sent: Sent, key: PrivateKey) -> None:
    """A seal over the files, on the checkpoint that the exporter's log in them shows."""
    shown = _own_log(files, sent)["checkpoint"] if _log_path(sent) in files else sent.bundle.log.checkpoint
    checkpoint = replace(read_note(shown).checkpoint, extensions=(f"bundle {digest(files[INVENTORY])}",))
    files[SEAL_NOTE] = sign_checkpoint(checkpoint, key, sent.log.origin).encode()


def _own_installation(files: Files, sent: Sent) -> None:
    """The exporter's log signed by the stranger's installation; the other side's cosignatures stay as they were."""
    if _log_path(sent) not in files:
        return
    log = _own_log(files, sent)
    for name in ("checkpoint", "cosigned"):
        if log[name]:
            note = read_note(log[name])
            own = read_note(sign_checkpoint(note.checkpoint, MALLORYS_INSTALLATION, sent.log.origin)).signatures
            others = tuple(one for one in note.signatures if one.name != sent.log.origin)
            log[name] = Note(note.checkpoint, own + others).text
    files.pop(f"keys/{log['installation']}.json", None)
    log["installation"] = MALLORYS_INSTALLATION.fingerprint
    _put_key(files, MALLORYS_INSTALLATION.public(party=sent.bundle.party, name="installation", role=INSTALLATION))
    files[_log_path(sent)] = canonical(log)


def _put_key(files: Files, key: PublicKey) -> None:
    files[f"keys/{key.fingerprint}.json"] = key.to_bytes()


def _log_path(sent: Sent) -> str:
    return f"logs/{sent.bundle.party}.json"


def _own_log(files: Files, sent: Sent) -> dict[str, Any]:
    value = json.loads(files[_log_path(sent)])
    assert isinstance(value, dict)
    return value


# Bytes


def _bit(chance: random.Random, sent: Sent, repair: str) -> bytes:
    data = bytearray(sent.data)
    for _ in range(chance.choice((1, 1, 1, 2, 8))):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def _inserted(chance: random.Random, sent: Sent, repair: str) -> bytes:
    at = chance.randrange(len(sent.data) + 1)
    return sent.data[:at] + chance.randbytes(chance.choice((1, 2, 30, 400))) + sent.data[at:]


def _deleted(chance: random.Random, sent: Sent, repair: str) -> bytes:
    at = chance.randrange(len(sent.data))
    return sent.data[:at] + sent.data[at + chance.choice((1, 2, 30, 400)) :]


def _truncated(chance: random.Random, sent: Sent, repair: str) -> bytes:
    return sent.data[: chance.randrange(len(sent.data))]


def _repeated(chance: random.Random, sent: Sent, repair: str) -> bytes:
    start = chance.randrange(len(sent.data))
    block = sent.data[start : start + chance.choice((1, 46, 512))]
    return sent.data[: start + len(block)] + block + sent.data[start + len(block) :]


def _exchanged(chance: random.Random, sent: Sent, repair: str) -> bytes:
    size = chance.choice((1, 4, 64))
    one, other = sorted(chance.sample(range(0, len(sent.data) - size, size), 2))
    data = sent.data
    return (
        data[:one]
        + data[other : other + size]
        + data[one + size : other]
        + data[one : one + size]
        + data[other + size :]
    )


# Files


def _chosen(chance: random.Random, files: Files, *folders: str) -> str:
    names = sorted(name for name in files if name.startswith(folders))
    if not names:
        raise NotHere
    return chance.choice(names)


def _needed(repair: str) -> tuple[str, ...]:
    """Files that the exporter cannot leave out or change without being noticed; a stranger is noticed anyhow."""
    return ("keys/", "statements/", "logs/") if repair == EXPORTER else ("",)


def _file_dropped(chance: random.Random, sent: Sent, repair: str) -> bytes:
    files = read_container(sent.data)
    path = _chosen(chance, files, *_needed(repair))
    if repair == EXPORTER and path not in _missed(sent):
        raise NotHere
    del files[path]
    return written(files, sent, repair)


def _missed(sent: Sent) -> set[str]:
    """Files that something else in the bundle speaks of: signed statements, the keys they need, the exporter's log."""
    signing = {one.keyid for envelope in sent.bundle.envelopes for one in envelope.signatures}
    installations = {log.installation for log in sent.bundle.logs}
    keys = {f"keys/{key}.json" for key in signing | installations}
    statements = {f"statements/{one.digest[7:]}.json" for one in sent.bundle.envelopes}
    return keys | statements | {_log_path(sent)}


def _file_changed(chance: random.Random, sent: Sent, repair: str) -> bytes:
    files = read_container(sent.data)
    path = _chosen(chance, files, *_needed(repair))
    content = bytearray(files[path])
    if not content:
        raise NotHere
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    files[path] = bytes(content)
    if path in (SEAL_NOTE, INVENTORY) and repair != CONTAINER:
        raise NotHere  # the repair would undo it
    if repair == EXPORTER and (path.startswith("keys/") or _is_harmless(path, files, sent)):
        raise NotHere
    return _written_or_unreadable(files, sent, repair)


def _is_harmless(path: str, files: Files, sent: Sent) -> bool:
    """An exporter may leave a proof of another's log, or of an older self, as he likes: nothing rests on it."""
    return path.startswith("logs/") and path != _log_path(sent)


def _written_or_unreadable(files: Files, sent: Sent, repair: str) -> bytes:
    """As far as the forger can read what he broke himself."""
    try:
        return written(files, sent, repair)
    except (ValueError, KeyError, TypeError, AttributeError):
        return written(files, sent, LISTED)
    except Exception as problem:
        if type(problem).__module__.startswith("homeward"):
            return written(files, sent, LISTED)
        raise


def _file_truncated(chance: random.Random, sent: Sent, repair: str) -> bytes:
    files = read_container(sent.data)
    path = _chosen(chance, files, *_needed(repair))
    if repair != CONTAINER and path in (SEAL_NOTE, INVENTORY):
        raise NotHere
    files[path] = files[path][: chance.randrange(len(files[path]) or 1)]
    return _written_or_unreadable(files, sent, repair)


def _files_exchanged(chance: random.Random, sent: Sent, repair: str) -> bytes:
    files = read_container(sent.data)
    folder = chance.choice(("keys/", "statements/", "logs/", "documents/"))
    names = sorted(name for name in files if name.startswith(folder))
    if len(names) < 2:
        raise NotHere
    one, other = chance.sample(names, 2)
    files[one], files[other] = files[other], files[one]
    return _written_or_unreadable(files, sent, repair)


def _file_doubled(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The contents of a file under another name of its folder."""
    files = read_container(sent.data)
    path = _chosen(chance, files, "keys/", "statements/", "documents/", "openings/")
    folder, _, name = path.partition("/")
    files[f"{folder}/{digest(chance.randbytes(8))[7:]}{name[64:]}"] = files[path]
    return written(files, sent, repair)


def _entry_of_zip(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """A file twice in the container, out of its order, or missing from the directory: no canonical ZIP."""
    files = read_container(sent.data)
    start = sent.data.index(b"PK\x01\x02")
    bodies = [write_container({name: files[name]}) for name in files]
    locals_ = [body[: body.index(b"PK\x01\x02")] for body in bodies]
    at = chance.randrange(len(locals_) - 1)
    what = chance.randrange(3)
    if what == 0:
        locals_.insert(at, locals_[at])
    elif what == 1:
        locals_[at], locals_[at + 1] = locals_[at + 1], locals_[at]
    else:
        del locals_[at]
    return b"".join(locals_) + sent.data[start:]


# Statements and signatures


def _envelope(chance: random.Random, files: Files, *, signatures: int = 1) -> tuple[str, Envelope]:
    names = [name for name in sorted(files) if name.startswith("statements/")]
    chance.shuffle(names)
    for name in names:
        envelope = read_envelope(files[name])
        if len(envelope.signatures) >= signatures:
            return name, envelope
    raise NotHere


def _signatures_exchanged(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """Two parties' signatures on one statement change places."""
    files = read_container(sent.data)
    name, envelope = _envelope(chance, files, signatures=2)
    one, other, *rest = envelope.signatures
    exchanged = (Signature(one.keyid, other.sig), Signature(other.keyid, one.sig), *rest)
    files[name] = replace(envelope, signatures=exchanged).to_bytes()
    return written(files, sent, repair)


def _signature_of_another_statement(chance: random.Random, sent: Sent, repair: str) -> bytes:
    files = read_container(sent.data)
    name, envelope = _envelope(chance, files)
    at = chance.randrange(len(envelope.signatures))
    key = envelope.signatures[at].keyid
    others = [
        one.sig
        for other in sent.bundle.envelopes
        for one in other.signatures
        if one.keyid == key and other.digest != envelope.digest
    ]
    if not others:
        raise NotHere
    files[name] = _with_signature(envelope, at, Signature(key, chance.choice(others)))
    return written(files, sent, repair)


def _resigned(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """A stranger's signature under a signer's fingerprint, or under his own."""
    files = read_container(sent.data)
    name, envelope = _envelope(chance, files)
    at = chance.randrange(len(envelope.signatures))
    keyid = chance.choice((envelope.signatures[at].keyid, MALLORY.fingerprint))
    forged = Signature(keyid, MALLORY.sign(pae(envelope.payload)))
    files[name] = _with_signature(envelope, at, forged)
    if chance.random() < 0.5:
        _put_key(files, MALLORY.public(party=sent.bundle.party, name="office"))
    return written(files, sent, repair)


def _signature_added(chance: random.Random, sent: Sent, repair: str) -> bytes:
    files = read_container(sent.data)
    name, envelope = _envelope(chance, files)
    added = Signature(MALLORY.fingerprint, MALLORY.sign(pae(envelope.payload)))
    ordered = sorted((*envelope.signatures, added), key=lambda one: one.keyid)
    files[name] = replace(envelope, signatures=tuple(ordered)).to_bytes()
    _put_key(files, MALLORY.public(party=sent.bundle.party, name="office"))
    return written(files, sent, repair)


def _signature_dropped(chance: random.Random, sent: Sent, repair: str) -> bytes:
    files = read_container(sent.data)
    name, envelope = _envelope(chance, files)
    kept = list(envelope.signatures)
    del kept[chance.randrange(len(kept))]
    files[name] = replace(envelope, signatures=tuple(kept)).to_bytes()
    return written(files, sent, repair)


def _signature_doubled(chance: random.Random, sent: Sent, repair: str) -> bytes:
    files = read_container(sent.data)
    name, _ = _envelope(chance, files)
    value = json.loads(files[name])
    value["signatures"].append(value["signatures"][0])
    files[name] = canonical(value)
    return written(files, sent, repair)


def _signature_malleated(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The same signature with the group's order added to its second half: good for a careless verifier."""
    files = read_container(sent.data)
    name, envelope = _envelope(chance, files)
    at = chance.randrange(len(envelope.signatures))
    one = envelope.signatures[at]
    order = 2**252 + 27742317777372353535851937790883648493
    more = int.from_bytes(one.sig[32:], "little") + order
    files[name] = _with_signature(envelope, at, Signature(one.keyid, one.sig[:32] + more.to_bytes(32, "little")))
    return written(files, sent, repair)


def _with_signature(envelope: Envelope, at: int, signature: Signature) -> bytes:
    signatures = [*envelope.signatures[:at], signature, *envelope.signatures[at + 1 :]]
    return replace(envelope, signatures=tuple(sorted(signatures, key=lambda one: one.keyid))).to_bytes()


def _restated(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """A statement says something else. The forger names it rightly, and signs it with his own key where he can."""
    files = read_container(sent.data)
    name, envelope = _envelope(chance, files)
    value = json.loads(envelope.payload)
    _say_otherwise(chance, value)
    how = chance.randrange(4)
    signatures = envelope.signatures
    if how >= 2:
        signatures = _forged(chance, files, value, replaced=how == 3)
    payload = canonical(value)
    if how >= 2:
        signatures = tuple(Signature(one.keyid, MALLORY.sign(pae(payload))) for one in signatures)
    changed = Envelope(payload, signatures)
    path = name if how == 0 else f"statements/{changed.digest[7:]}.json"
    del files[name]
    files[path] = changed.to_bytes()
    if how >= 1 and _log_path(sent) in files:
        log = _own_log(files, sent)
        for entry in log["entries"]:
            if entry["statement"] == envelope.digest:
                entry["statement"] = changed.digest
                entry["key"] = MALLORY.fingerprint if how == 3 else entry["key"]
        files[_log_path(sent)] = canonical(log)
    return written(files, sent, repair)


def _say_otherwise(chance: random.Random, value: dict[str, Any]) -> None:
    what = chance.randrange(5)
    if what == 0:
        value["place"] = value["place"] + chance.choice((" ", ".", " and elsewhere"))
    elif what == 1:
        value["made_at"] = value["made_at"].replace("2018", "2017")
    elif what == 2:
        value["author"]["name"] = "Somebody Else"
    elif what == 3:
        value["subject"] = "transfer:T-2018-02"
    else:
        value["body"]["note"] = chance.randrange(10**6)


def _forged(chance: random.Random, files: Files, value: dict[str, Any], *, replaced: bool) -> tuple[Signature, ...]:
    """Signatures by the stranger's key: under one signer's fingerprint, or with his own key put in his place."""
    at = chance.randrange(len(value["signers"]))
    signer = value["signers"][at]
    if replaced:
        signer["key"] = MALLORY.fingerprint
        _put_key(files, MALLORY.public(party=signer["party"], name="office"))
    return (Signature(signer["key"], bytes(64)),)


def _key_told_otherwise(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """A key's file says another party, role or name, or holds another key under its fingerprint."""
    files = read_container(sent.data)
    path = _chosen(chance, files, "keys/")
    value = json.loads(files[path])
    what = chance.choice(("party", "role", "key", "fingerprint"))
    if what == "key":
        value["key"] = base64.b64encode(MALLORY.raw_public).decode()
    elif what == "fingerprint":
        value["fingerprint"] = MALLORY.fingerprint
    elif what == "role":
        value["role"] = "installation" if value["role"] == "party" else "party"
    else:
        value["party"] = "corland"
    files[path] = canonical(value)
    if repair == EXPORTER and path not in _missed(sent):
        raise NotHere
    return written(files, sent, repair)


# Logs, checkpoints and proofs


def _log_changed(change: Callable[[random.Random, dict[str, Any]], None]) -> Callable[..., bytes]:
    """A mutation of the exporter's log as it stands in the bundle."""

    def mutate(chance: random.Random, sent: Sent, repair: str) -> bytes:
        files = read_container(sent.data)
        log = _own_log(files, sent)
        change(chance, log)
        files[_log_path(sent)] = canonical(log)
        return written(files, sent, repair)

    return mutate


def _drop_entry(chance: random.Random, log: dict[str, Any]) -> None:
    del log["entries"][chance.randrange(len(log["entries"]))]


def _truncate_entries(chance: random.Random, log: dict[str, Any]) -> None:
    del log["entries"][chance.randrange(len(log["entries"])) :]


def _double_entry(chance: random.Random, log: dict[str, Any]) -> None:
    at = chance.randrange(len(log["entries"]))
    again = dict(log["entries"][at])
    if chance.random() < 0.5:
        again["index"] = max(entry["index"] for entry in log["entries"]) + 1
    log["entries"].insert(at + 1, again)
    if chance.random() < 0.5:
        log["entries"].sort(key=lambda entry: int(entry["index"]))


def _reorder_entries(chance: random.Random, log: dict[str, Any]) -> None:
    one, other = chance.sample(range(len(log["entries"])), 2)
    entries = log["entries"]
    entries[one], entries[other] = entries[other], entries[one]
    if chance.random() < 0.7:  # each entry at the other's place
        entries[one]["index"], entries[other]["index"] = entries[other]["index"], entries[one]["index"]


def _exchange_proofs(chance: random.Random, log: dict[str, Any]) -> None:
    one, other = chance.sample(log["entries"], 2)
    one["proof"], other["proof"] = other["proof"], one["proof"]


def _change_proof(chance: random.Random, log: dict[str, Any]) -> None:
    proof = chance.choice(log["entries"])["proof"]
    what = chance.randrange(3)
    if what == 0 and proof:
        del proof[chance.randrange(len(proof))]
    elif what == 1 or not proof:
        proof.insert(chance.randrange(len(proof) + 1), base64.b64encode(chance.randbytes(32)).decode())
    else:
        proof[chance.randrange(len(proof))] = base64.b64encode(chance.randbytes(32)).decode()


def _change_consistency(chance: random.Random, log: dict[str, Any]) -> None:
    proof = log["consistency"]
    if not proof:
        raise NotHere
    at = chance.randrange(len(proof))
    if chance.random() < 0.5:
        del proof[at]
    else:
        proof[at] = base64.b64encode(chance.randbytes(32)).decode()


def _move_index(chance: random.Random, log: dict[str, Any]) -> None:
    chance.choice(log["entries"])["index"] += chance.choice((1, 2, 1000))
    log["entries"].sort(key=lambda entry: int(entry["index"]))


def _exchange_notes(chance: random.Random, log: dict[str, Any]) -> None:
    log["checkpoint"], log["cosigned"] = log["cosigned"], log["checkpoint"]


def _exchange_note_signatures(chance: random.Random, log: dict[str, Any]) -> None:
    shown, cosigned = read_note(log["checkpoint"]), read_note(log["cosigned"])
    log["checkpoint"] = Note(shown.checkpoint, cosigned.signatures).text
    log["cosigned"] = Note(cosigned.checkpoint, shown.signatures).text


def _change_size(chance: random.Random, log: dict[str, Any]) -> None:
    note = read_note(log["checkpoint"])
    size = max(0, note.checkpoint.size + chance.choice((-2, -1, 1, 2)))
    log["checkpoint"] = Note(replace(note.checkpoint, size=size), note.signatures).text


def _forget_cosigned(chance: random.Random, log: dict[str, Any]) -> None:
    log["cosigned"], log["consistency"] = "", []


def _seal_changed(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The seal's own text or signature lines."""
    files = read_container(sent.data)
    note = read_note(files[SEAL_NOTE])
    what = chance.randrange(5)
    checkpoint, signatures = note.checkpoint, note.signatures
    if what == 0:
        signatures = read_note(sent.bundle.log.checkpoint).signatures
    elif what == 1:
        again = cosign_checkpoint(note.text, MALLORY, chance.choice(("belmar", "arvad", "mallory")), 1_532_000_000)
        signatures = read_note(again).signatures
    elif what == 2:
        checkpoint = replace(checkpoint, extensions=(*checkpoint.extensions, "and one line more"))
    elif what == 3:
        checkpoint = replace(checkpoint, root=chance.randbytes(32))
    else:
        signatures = read_note(sign_checkpoint(checkpoint, MALLORYS_INSTALLATION, sent.log.origin)).signatures
    files[SEAL_NOTE] = Note(checkpoint, signatures).text.encode()
    return write_container(files)


def _older(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The exporter's bundle of earlier, or his log at an earlier size, to a reader who knows more."""
    cosigned = sent.anchors.logs[sent.log.origin].cosigned
    assert cosigned is not None
    earlier = [one for one in exchanged_bundles() if one.log.party == sent.log.party and one is not sent]
    known = [one for one in earlier if read_note(one.bundle.log.checkpoint).checkpoint.size < cosigned.size]
    if known and chance.random() < 0.5:
        return chance.choice(known).data
    size = chance.randrange(1, cosigned.size)
    log = sent.log.copy(sent.bundle.envelopes, size=size)
    held = {(entry.statement, entry.key) for entry in log.entries}
    files = read_container(sent.data)
    for envelope in sent.bundle.envelopes:
        kept = tuple(one for one in envelope.signatures if (envelope.digest, one.keyid) in held)
        files[f"statements/{envelope.digest[7:]}.json"] = replace(envelope, signatures=kept).to_bytes()
    files[_log_path(sent)] = log.to_bytes()
    return written(files, sent, repair)


def _older_log(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The log, or the seal, of an earlier bundle of the same party in a later one."""
    earlier = [one for one in exchanged_bundles() if one.log.party == sent.log.party and one is not sent]
    if not earlier:
        raise NotHere
    files, other = read_container(sent.data), read_container(chance.choice(earlier).data)
    path = chance.choice((_log_path(sent), SEAL_NOTE, INVENTORY))
    if repair != CONTAINER and path != _log_path(sent):
        raise NotHere
    files[path] = other[path]
    return written(files, sent, repair)


def _rewritten(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The log made anew without an entry that was cosigned, in another order, or with one put in between."""
    cosigned = sent.anchors.logs[sent.log.origin].cosigned
    assert cosigned is not None
    entries = list(sent.log.entries[: read_note(sent.bundle.log.checkpoint).checkpoint.size])
    at = chance.randrange(cosigned.size)
    what = chance.randrange(3)
    if what == 0:
        del entries[at]
    elif what == 1:
        other = chance.choice([one for one in range(len(entries)) if one != at])
        entries[at], entries[other] = entries[other], entries[at]
    else:
        entries.insert(at, (digest(chance.randbytes(8)), MALLORY.fingerprint, chance.randbytes(64)))
    anew = _log_of(sent, entries)
    held = {(statement, key) for statement, key, _ in entries}
    files = read_container(sent.data)
    for envelope in sent.bundle.envelopes:
        kept = tuple(one for one in envelope.signatures if (envelope.digest, one.keyid) in held)
        files[f"statements/{envelope.digest[7:]}.json"] = replace(envelope, signatures=kept).to_bytes()
    copy = anew.copy(sent.bundle.envelopes)
    if chance.random() < 0.7:  # he shows what was cosigned beside it, with the proof that was true
        copy = replace(copy, cosigned=sent.bundle.log.cosigned, consistency=sent.bundle.log.consistency)
    files[_log_path(sent)] = copy.to_bytes()
    return written(files, sent, repair)


def _log_of(sent: Sent, entries: list[tuple[str, str, bytes]]) -> Log:
    anew = Log(sent.log.party, sent.log.installation)
    for statement, key, sig in entries:
        anew.append(statement, key, sig)
    return anew


def _revoked_key_used(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The exporter signs with a key that he has revoked, or has the revocation come late in his log."""
    revoking = [one for one in sent.bundle.envelopes if b'"act":"revoke"' in one.payload]
    if not revoking:
        raise NotHere
    revoked = json.loads(revoking[0].payload)["body"]["fingerprint"]
    key = next(key for key in (key_of("belmar"), key_of("arvad")) if key.fingerprint == revoked)
    value = json.loads(chance.choice([one for one in sent.bundle.envelopes if b'"discrepancy"' in one.payload]).payload)
    value["author"]["party"] = value["signers"][0]["party"] = sent.log.party
    value["signers"] = [{"as": "author", "key": revoked, "party": sent.log.party}]
    value["place"] = f"Place {chance.randrange(10**6)}"
    payload = canonical(value)
    made = Envelope(payload, (Signature(revoked, key.sign(pae(payload))),))
    entries = list(sent.log.entries)
    entries.append((made.digest, revoked, made.signatures[0].sig))
    files = read_container(sent.data)
    files[f"statements/{made.digest[7:]}.json"] = made.to_bytes()
    cosigned = read_note(sent.bundle.log.cosigned).checkpoint.size
    copy = _log_of(sent, entries).copy(
        (*sent.bundle.envelopes, made), cosigned=sent.bundle.log.cosigned, cosigned_size=cosigned
    )
    files[_log_path(sent)] = copy.to_bytes()
    return written(files, sent, repair)


def _log_of_another(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The other party's log, or its note, in the place of the exporter's."""
    files = read_container(sent.data)
    other = next(one for one in exchanged_bundles() if one.log.party != sent.log.party)
    log = _own_log(files, sent)
    if chance.random() < 0.5:
        files[_log_path(sent)] = other.bundle.log.to_bytes()
    else:
        log["checkpoint"] = other.bundle.log.checkpoint
        files[_log_path(sent)] = canonical(log)
    _put_key(files, other.log.public())
    return _written_or_unreadable(files, sent, repair)


def _false_log_of_the_other(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The other side's log, made anew by the exporter: he has not its installation's key."""
    others = [log for log in sent.bundle.logs if log.party != sent.bundle.party]
    if not others:
        raise NotHere
    true = others[0]
    files = read_container(sent.data)
    note = read_note(true.checkpoint)
    checkpoint = Checkpoint(true.origin, note.checkpoint.size, chance.choice((note.checkpoint.root, bytes(32))))
    public = MALLORYS_INSTALLATION.public(party=true.party, name="installation", role=INSTALLATION)
    _put_key(files, public)
    forged = sign_checkpoint(checkpoint, MALLORYS_INSTALLATION, true.origin)
    installation = chance.choice((public.fingerprint, true.installation))
    copy: LogCopy = replace(true, checkpoint=forged, installation=installation, cosigned="", consistency=())
    files[f"logs/{true.party}.json"] = copy.to_bytes()
    return written(files, sent, repair)


def _forged_whole(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The same exchange with every key a forger's: in itself without a fault."""
    forged = exchange(f"forger {chance.randrange(3)}, ")
    return next(one.data for one in forged if one.name == sent.name)


def _changed_json(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """One value somewhere inside a JSON file replaced by another of its kind, or of another kind."""
    files = read_container(sent.data)
    folders = ("keys/", "statements/", _log_path(sent)) if repair == EXPORTER else ("",)
    path = _chosen(chance, {name: data for name, data in files.items() if name.endswith(".json")}, *folders)
    if path == INVENTORY or (repair == EXPORTER and path.startswith("keys/")):
        raise NotHere
    value = json.loads(files[path])
    places = list(_places(value))
    holder, key = chance.choice(places)
    old = holder[key]
    holder[key] = chance.choice((None, True, 0, -1, 2**53 - 1, "", "x", [], {}, "sha256:" + "0" * 64, "é한", "\u0000"))
    if holder[key] == old:
        raise NotHere
    files[path] = canonical(value)
    if repair == EXPORTER and path == _log_path(sent) and key in ("cosigned", "consistency"):
        raise NotHere
    return _written_or_unreadable(files, sent, repair)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inside:
        yield value, key
        yield from _places(item)


def _respaced(chance: random.Random, sent: Sent, repair: str) -> bytes:
    """The same JSON written otherwise: blanks, another order, a key twice, another escape, a line end."""
    files = read_container(sent.data)
    names = {name: data for name, data in files.items() if name.endswith(".json")}
    path = _chosen(chance, names, "keys/", "statements/", "logs/", INVENTORY)
    text = files[path].decode()
    value = json.loads(text)
    first = next(iter(value))
    ways = (
        json.dumps(value, ensure_ascii=False, separators=(",", ": "), sort_keys=True),
        json.dumps(dict(reversed(value.items())), ensure_ascii=False, separators=(",", ":")),
        "{" + json.dumps(first) + ":0," + text[1:],
        text.replace("o", "\\u006f", 1),
        text + "\n",
        "\ufeff" + text,
    )
    files[path] = chance.choice(ways).encode()
    if path == INVENTORY:
        _reseal(files, sent, MALLORYS_INSTALLATION if repair == STRANGER else sent.log.installation)
        return write_container(files)
    return _written_or_unreadable(files, sent, repair)


_ANY = (CONTAINER, LISTED, STRANGER, EXPORTER)
_FORGED = (STRANGER, EXPORTER)
Mutation = Callable[[random.Random, Sent, str], bytes]

MUTATIONS: dict[str, tuple[Mutation, tuple[str, ...]]] = {
    "bits flipped": (_bit, (BYTES,)),
    "bytes inserted": (_inserted, (BYTES,)),
    "bytes deleted": (_deleted, (BYTES,)),
    "truncated": (_truncated, (BYTES,)),
    "bytes repeated": (_repeated, (BYTES,)),
    "bytes exchanged": (_exchanged, (BYTES,)),
    "entries of the ZIP": (_entry_of_zip, (BYTES,)),
    "file dropped": (_file_dropped, _ANY),
    "file changed": (_file_changed, _ANY),
    "file truncated": (_file_truncated, _ANY),
    "files exchanged": (_files_exchanged, _ANY),
    "file doubled": (_file_doubled, _ANY),
    "JSON changed": (_changed_json, _ANY),
    "JSON written otherwise": (_respaced, (CONTAINER, *_FORGED)),
    "signatures exchanged": (_signatures_exchanged, _ANY),
    "signature of another statement": (_signature_of_another_statement, _ANY),
    "signed by another key": (_resigned, _ANY),
    "signature added": (_signature_added, _ANY),
    "signature dropped": (_signature_dropped, _ANY),
    "signature doubled": (_signature_doubled, _ANY),
    "signature malleated": (_signature_malleated, _ANY),
    "statement changed": (_restated, _ANY),
    "key told otherwise": (_key_told_otherwise, _ANY),
    "log entry dropped": (_log_changed(_drop_entry), _ANY),
    "log entries truncated": (_log_changed(_truncate_entries), _ANY),
    "log entry doubled": (_log_changed(_double_entry), _ANY),
    "log entries reordered": (_log_changed(_reorder_entries), _ANY),
    "log entry moved": (_log_changed(_move_index), _ANY),
    "proofs exchanged": (_log_changed(_exchange_proofs), _ANY),
    "proof changed": (_log_changed(_change_proof), _ANY),
    "consistency changed": (_log_changed(_change_consistency), _ANY),
    "notes exchanged": (_log_changed(_exchange_notes), (CONTAINER, LISTED)),
    "note signatures exchanged": (_log_changed(_exchange_note_signatures), _ANY),
    "checkpoint's size changed": (_log_changed(_change_size), (CONTAINER, LISTED, EXPORTER)),
    "cosigned checkpoint forgotten": (_log_changed(_forget_cosigned), _FORGED),
    "seal changed": (_seal_changed, (CONTAINER,)),
    "older checkpoint": (_older, (EXPORTER,)),
    "older log": (_older_log, (CONTAINER, LISTED)),
    "log rewritten": (_rewritten, _FORGED),
    "revoked key used": (_revoked_key_used, _FORGED),
    "log of another": (_log_of_another, _ANY),
    "false log of the other": (_false_log_of_the_other, _ANY),
    "forged whole": (_forged_whole, (STRANGER,)),
}
