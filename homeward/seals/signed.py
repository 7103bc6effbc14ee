"""Statements of a bundle and the signatures on them: steps 3 and 4 of a verification.

Each envelope is looked at by itself, so thousands of them are dealt out to all cores.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import Any

from homeward.errors import Rejected, SealBroken
from homeward.progress import Tick
from homeward.seals.checkpoint import COSIGNED, key_id
from homeward.seals.envelope import DIGEST, Envelope, Signature, read_envelope, verify_signature
from homeward.seals.keys import PARTY, PublicKey
from homeward.seals.merkle import leaf_hash, log_entry
from homeward.seals.report import SealFault, SignerSeen, StatementSeen
from homeward.seals.statement import Statement, read_frame

MANY = 4_000  # statements from which a second process pays for its start
CHUNK = 500


class Keyring:
    """The public keys of a bundle.

    Parameters
    ----------
    keys : by fingerprint
    aside : fingerprints of those whose file is broken
    """

    def __init__(self, keys: Mapping[str, PublicKey], aside: frozenset[str]) -> None:
        self.keys = keys
        self.aside = aside
        parties = [key for key in keys.values() if key.role == PARTY]
        self.cosigners = {(key.party, key_id(key.party, key.raw, COSIGNED)): key for key in parties}


@dataclass(frozen=True, slots=True)
class Examined:
    """What one envelope gave.

    Parameters
    ----------
    file, digest : the envelope's file and the digest that is its name
    faults : what is wrong with it or with signatures on it
    seen : what it says of itself; None if the whole file is set aside
    leaves : fingerprint -> hash of the log entry of each signature that holds
    aside : fingerprints of signatures that do not, or could not be checked
    follows, documents : digests of what it rests on and of the documents that it speaks of
    revokes : fingerprint of its author's key that it revokes, once it stands; "" if none
    """

    file: str
    digest: str
    faults: tuple[SealFault, ...]
    seen: StatementSeen | None = None
    leaves: Mapping[str, bytes] | None = None
    aside: frozenset[str] = frozenset()
    follows: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    revokes: str = ""


def read_keys(files: Mapping[str, bytes], aside: set[str]) -> tuple[Keyring, list[SealFault]]:
    """Read ``keys/``; ``aside`` names the files that are broken already."""
    keys: dict[str, PublicKey] = {}
    faults = []
    for path in sorted(files):
        name = fingerprint_in(path)
        try:
            key = PublicKey.read(files[path])
            if key.fingerprint != name:
                raise SealBroken("key-altered", path, "the file is named for another key.")
            keys[name] = key
        except SealBroken as fault:
            ask = "Ask the sender for this key's file again and compare its fingerprint with the minutes."
            faults.append(SealFault(fault.code, path, reason=f"{fault.where}: {fault.reason} {ask}"))
    broken = {fingerprint_in(path) for path in aside if path.startswith("keys/")}
    broken |= {fingerprint_in(fault.file) for fault in faults}
    return Keyring(keys, frozenset(broken)), faults


def fingerprint_in(path: str) -> str:
    """The 64 digits in a path: ``keys/<digits>.json``."""
    return path.rpartition("/")[2].partition(".")[0]


def examine(files: Mapping[str, bytes], keyring: Keyring, programme: str, tick: Tick) -> list[Examined]:
    """Look at every envelope of ``statements/``, in the order of the names."""
    total = len(files)
    chunks = [sorted(files)[at : at + CHUNK] for at in range(0, total, CHUNK)]
    work = [[(path, files[path]) for path in chunk] for chunk in chunks]
    examined: list[Examined] = []
    tick("statements", 0, total)
    for part in _parts(work, keyring, programme, parallel=total >= MANY):
        examined += part
        tick("statements", len(examined), total)
    return examined


def _parts(
    work: Sequence[Sequence[tuple[str, bytes]]], keyring: Keyring, programme: str, *, parallel: bool
) -> Iterator[list[Examined]]:
    one = partial(_examine_chunk, keyring=keyring, programme=programme)
    done = 0
    processes = os.cpu_count() or 1
    if parallel and processes > 1 and not multiprocessing.current_process().daemon:
        try:
            with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn")) as pool:
                for part in pool.map(one, work):
                    done += 1
                    yield part
        except (BrokenProcessPool, OSError):
            pass  # no second process is to be had here: the rest is done in this one
    yield from map(one, work[done:])


def _examine_chunk(chunk: Sequence[tuple[str, bytes]], *, keyring: Keyring, programme: str) -> list[Examined]:
    return [_examine(path, data, keyring, programme) for path, data in chunk]


def _examine(path: str, data: bytes, keyring: Keyring, programme: str) -> Examined:
    name = f"sha256:{fingerprint_in(path)}"
    try:
        envelope = read_envelope(data)
        if envelope.digest != name:
            raise SealBroken("misnamed", "the file's name", f"the statement's digest is {envelope.digest}.")
        statement = _frame(envelope.payload, programme)
    except SealBroken as fault:
        reason = f"{fault.where}: {fault.reason} Ask its author for the statement again."
        return Examined(path, name, (SealFault(fault.code, path, name, reason=reason),))
    return _signatures(path, envelope, statement, keyring)


def _frame(payload: bytes, programme: str) -> Statement:
    try:
        statement = read_frame(payload)
    except Rejected as refused:
        first = refused.faults[0]
        raise SealBroken("schema", first.column or "/", f"{first.value!r} {first.reason}") from None
    if statement.programme != programme:
        raise SealBroken("schema", "/programme", f"{statement.programme!r} is not the bundle's, {programme!r}.")
    return statement


def _signatures(path: str, envelope: Envelope, statement: Statement, keyring: Keyring) -> Examined:
    faults = []
    leaves = {}
    for signature in envelope.signatures:
        if signature.keyid in keyring.aside and any(one.key == signature.keyid for one in statement.signers):
            continue
        try:
            _check(envelope.payload, signature, statement, keyring)
            entry = log_entry(statement.digest, signature.keyid, signature.sig)
            leaves[signature.keyid] = leaf_hash(entry)
        except SealBroken as fault:
            faults.append(SealFault(fault.code, path, statement.digest, signature.keyid, fault.reason))
    return Examined(
        file=path,
        digest=statement.digest,
        faults=tuple(faults),
        seen=_seen(statement, leaves),
        leaves=leaves,
        aside=frozenset(one.keyid for one in envelope.signatures if one.keyid not in leaves),
        follows=statement.follows,
        documents=tuple(_documents(statement.body)),
        revokes=_revoked(statement),
    )


def _check(payload: bytes, signature: Signature, statement: Statement, keyring: Keyring) -> None:
    signer = next((one for one in statement.signers if one.key == signature.keyid), None)
    if signer is None:
        reason = "this key is none of the statement's signers. Whoever signed has to make a statement of his own."
        raise SealBroken("signer-unexpected", signature.keyid, reason)
    key = keyring.keys.get(signature.keyid)
    if key is None:
        raise SealBroken("unknown-key", signature.keyid, f"the key is not in the bundle. Ask {signer.party} for it.")
    if key.party != signer.party:
        reason = f"the key is {key.party}'s, but {signer.party} was to sign. Ask {signer.party} for its signature."
        raise SealBroken("key-party", signature.keyid, reason)
    if key.role != PARTY:
        reason = f"an installation's key may sign checkpoints only. Ask {signer.party} for a signature by its own key."
        raise SealBroken("wrong-role", signature.keyid, reason)
    try:
        verify_signature(payload, signature, key)
    except SealBroken:
        reason = f"the signature is not one of {key.party}'s key over these bytes. Ask {key.party} to sign again."
        raise SealBroken("signature", signature.keyid, reason) from None


def _seen(statement: Statement, leaves: Mapping[str, bytes]) -> StatementSeen:
    signers = (SignerSeen(one.party, one.role, one.key, one.key in leaves) for one in statement.signers)
    return StatementSeen(statement.digest, statement.kind, statement.subject, statement.made_at, tuple(signers))


def _documents(body: Mapping[str, Any]) -> Iterator[str]:
    """Digests of the documents that a body speaks of: a scan, minutes."""
    minutes = body.get("minutes")
    listed = minutes if isinstance(minutes, list) else []
    spoken_of = [body.get("scan"), *(one.get("digest") for one in listed if isinstance(one, dict))]
    yield from (one for one in spoken_of if isinstance(one, str) and DIGEST.fullmatch(one))


def _revoked(statement: Statement) -> str:
    body = statement.body
    revokes = statement.kind == "key" and body.get("act") == "revoke"
    own = body.get("party") == statement.signers[0].party
    fingerprint = body.get("fingerprint")
    return fingerprint if revokes and own and isinstance(fingerprint, str) else ""
