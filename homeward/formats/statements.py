"""Statements with who has signed them, from wherever a party keeps them: a ledger, a bundle, a folder of envelopes.

A signature counts when its key is known, is the party's, and it is good over the stored bytes. Whether these are the
party's keys at all is the question of ``homeward seal verify``, with anchors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from pathlib import Path

from homeward.errors import Fault, HomewardError, NotFound, Rejected
from homeward.formats.files import read_file
from homeward.formats.ledger import Ledger
from homeward.seals.bundle import read_bundle
from homeward.seals.envelope import Envelope, Signature, read_envelope, verify_signature
from homeward.seals.keys import PARTY, PublicKey
from homeward.seals.statement import Statement, read_statement
from homeward.seals.transfer import Recorded

_SQLITE, _ZIP = b"SQLite format 3\0", b"PK\x03\x04"
_NAMES_OTHERS = ("manifest", "on", "refuses", "voids", "statement", "answers")


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was found, in the order of the record, and what was passed over or not counted, each with why."""

    recorded: tuple[Recorded, ...]
    notes: tuple[Fault, ...]


def gather(path: Path, *, keys: Iterable[PublicKey] = ()) -> Gathered:
    """All statements at a place.

    Parameters
    ----------
    path : a ledger, a bundle, or a folder of envelopes with the public keys beside them
    keys : more public keys

    Raises
    ------
    NotFound
        If there is nothing there.
    Rejected
        If it is neither of the three.
    """
    if not path.exists():
        raise NotFound(f"{path} is not there.")
    if path.is_dir():
        return _from_folder(path, keys)
    beginning = _beginning(path)
    if beginning.startswith(_SQLITE):
        return _from_ledger(path, keys)
    if beginning.startswith(_ZIP):
        return _from_bundle(path, keys)
    reason = "is neither a ledger, a bundle nor a folder of envelopes."
    raise Rejected([Fault(str(path), None, "", "", reason, "Put a single envelope into a folder.")])


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_SQLITE))
    except OSError as problem:
        raise Rejected([Fault(str(path), None, "", "", f"cannot be read: {problem.strerror}.")]) from None


def _from_ledger(path: Path, keys: Iterable[PublicKey]) -> Gathered:
    with Ledger.open(path) as ledger:
        order: dict[tuple[str, str], int] = {}
        for entry in ledger.entries():
            order[entry.statement, entry.keyid] = entry.index
        known = {key.fingerprint: key for key in (*ledger.known_keys(), *keys)}
        envelopes = [(held.digest, ledger.envelope(held.digest)) for held in ledger.statements()]
    return _gathered(envelopes, known, order)


def _from_bundle(path: Path, keys: Iterable[PublicKey]) -> Gathered:
    bundle = read_bundle(read_file(path))
    order = {(entry.statement, entry.key): entry.index for entry in bundle.log.entries}
    known = {key.fingerprint: key for key in (*bundle.keys, *keys)}
    return _gathered([(one.digest, one) for one in bundle.envelopes], known, order)


def _from_folder(path: Path, keys: Iterable[PublicKey]) -> Gathered:
    """Envelopes, and statements not signed yet; without a log each comes after those it names, then by its time."""
    known = {key.fingerprint: key for key in keys}
    envelopes: list[tuple[str, Envelope]] = []
    notes: list[Fault] = []
    for file in sorted(path.iterdir()):
        if file.suffix != ".json" or not file.is_file():
            continue
        read = _read(file)
        if isinstance(read, PublicKey):
            known[read.fingerprint] = read
        elif isinstance(read, Envelope):
            envelopes.append((file.name, read))
        else:
            notes.append(read)
    found = _gathered(envelopes, known, {})
    return Gathered(found.recorded, (*notes, *found.notes))


def _read(file: Path) -> PublicKey | Envelope | Fault:
    """What a file of a folder holds."""
    data = read_file(file)
    try:
        return read_envelope(data)
    except HomewardError as refusal:
        reason = f"was passed over: {refusal}"
    try:
        return PublicKey.read(data)
    except HomewardError:
        pass
    try:
        return Envelope(read_statement(data).payload, ())
    except HomewardError:
        return Fault(file.name, None, "", "", reason)


def _gathered(
    envelopes: Sequence[tuple[str, Envelope]], keys: Mapping[str, PublicKey], order: Mapping[tuple[str, str], int]
) -> Gathered:
    """Statements with the parties whose signatures are good; the order is that of the log, where there is one."""
    notes: list[Fault] = []
    signed: dict[Statement, frozenset[str]] = {}
    places: dict[Statement, int | None] = {}
    for name, envelope in envelopes:
        try:
            statement = read_statement(envelope.payload)
        except HomewardError as refusal:
            notes.append(Fault(name, None, "", "", f"was passed over: {refusal}"))
            continue
        parties = set()
        for signature in envelope.signatures:
            signer, reason = _standing(statement, envelope, signature, keys)
            if reason:
                notes.append(Fault(name, None, "signature", signature.keyid, f"{reason} It is not counted."))
            else:
                parties.add(signer)
        signed[statement] = signed.get(statement, frozenset()) | parties  # one statement may come in several envelopes
        places[statement] = _place(statement, envelope, order)
    found = [(places[statement], statement, parties) for statement, parties in signed.items()]
    return Gathered(tuple(_in_order(found)), tuple(notes))


def _standing(
    statement: Statement, envelope: Envelope, signature: Signature, keys: Mapping[str, PublicKey]
) -> tuple[str, str]:
    """Whose signature it is, and why it does not count; "" if it does."""
    signer, key = statement.signer_of(signature.keyid), keys.get(signature.keyid)
    if signer is None:
        return "", "is by a key that the statement does not name."
    if key is None:
        return signer.party, f"cannot be checked: the public key of {signer.party} is not here."
    if key.party != signer.party or key.role != PARTY:
        return signer.party, f"is by a key of {key.party} ({key.role}), not of {signer.party}."
    try:
        verify_signature(envelope.payload, signature, key)
    except HomewardError as refusal:
        return signer.party, f"is not good: {refusal}."
    return signer.party, ""


def _place(statement: Statement, envelope: Envelope, order: Mapping[tuple[str, str], int]) -> int | None:
    """A statement's place in a log: that of its author's entry; of the first entry where he signs on paper."""
    entries = {one.keyid: order.get((statement.digest, one.keyid)) for one in envelope.signatures}
    author = entries.get(statement.signers[0].key)
    return author if author is not None else min((at for at in entries.values() if at is not None), default=None)


def _in_order(found: Sequence[tuple[int | None, Statement, frozenset[str]]]) -> Iterator[Recorded]:
    """By place in the log; what has none comes after what it names, then by its time."""
    placed = sorted((one for one in found if one[0] is not None), key=lambda one: one[0] or 0)
    rest = {one[1].digest: one for one in found if one[0] is None}
    ordered = [*placed, *(rest[digest] for digest in _after_what_they_name([one[1] for one in rest.values()]))]
    return (Recorded(statement, signed, index) for index, (_, statement, signed) in enumerate(ordered))


def _after_what_they_name(statements: Sequence[Statement]) -> Iterator[str]:
    known = {one.digest: one for one in statements}
    sorter = TopologicalSorter({one.digest: [name for name in _names(one) if name in known] for one in statements})
    sorter.prepare()
    ready: list[tuple[str, str]] = []
    while sorter.is_active():
        for digest in sorter.get_ready():
            heappush(ready, (known[digest].made_at, digest))
        _, digest = heappop(ready)
        yield digest
        sorter.done(digest)


def _names(statement: Statement) -> Iterator[str]:
    """Digests of the statements that this one speaks of."""
    yield from statement.follows
    yield from (statement.body[field] for field in _NAMES_OTHERS if isinstance(statement.body.get(field), str))
