"""The logs in a bundle: their checkpoints, and the proof that each signature has its place (step 5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from homeward.errors import SealBroken
from homeward.progress import Tick
from homeward.seals.checkpoint import Checkpoint, cosigned_by, key_id, read_note, verify_note
from homeward.seals.contents import LogCopy, LoggedSignature
from homeward.seals.keys import INSTALLATION, PublicKey
from homeward.seals.merkle import Inclusion, verify_consistency
from homeward.seals.report import LogSeen, SealFault
from homeward.seals.signed import Examined, Keyring

_TICKS = 5_000


@dataclass(slots=True)
class LogExamined:
    """What one log gave.

    Parameters
    ----------
    file : its file
    faults : what is wrong with it, or with entries of it
    whole : nothing is wrong with the log as a whole, though there may be with entries
    seen : what it says of itself; None if it could not be read so far
    copy, key, checkpoint : the same
    cosigned : the earlier checkpoint in it, if it has one and the log was shown to continue it
    places : (statement's digest, key's fingerprint) -> place of the signature, where that was proved
    spoken_of : of which signatures it has an entry, proved or not
    """

    file: str
    faults: list[SealFault] = field(default_factory=list)
    whole: bool = False
    seen: LogSeen | None = None
    copy: LogCopy | None = None
    key: PublicKey | None = None
    checkpoint: Checkpoint | None = None
    cosigned: Checkpoint | None = None
    places: dict[tuple[str, str], int] = field(default_factory=dict)
    spoken_of: set[tuple[str, str]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Sought:
    """What entries may speak of: statements by digest; digests and keys of which nothing can be said."""

    statements: Mapping[str, Examined]
    aside: set[str]
    aside_keys: frozenset[str]


def examine_log(
    path: str, data: bytes, *, keyring: Keyring, statements: Mapping[str, Examined], aside: set[str], tick: Tick
) -> LogExamined:
    """Look at one log of ``logs/``.

    Parameters
    ----------
    statements : by digest, those that could be read
    aside : digests of those that are broken
    """
    log = LogExamined(path)
    try:
        _read(log, data, keyring)
        if log.copy is None or log.key is None:
            return log
        log.checkpoint, _ = _note(log.copy.checkpoint, log.copy, log.key, keyring)
        _entries(log, log.copy, log.checkpoint, _Sought(statements, aside, keyring.aside), tick)
        cosigners: Mapping[str, int] = {}
        if log.copy.cosigned:
            cosigned, cosigners = _note(log.copy.cosigned, log.copy, log.key, keyring)
            _continues(cosigned, log.checkpoint, log.copy)
            log.cosigned = cosigned
        log.seen = _seen(log.copy, log.checkpoint, cosigners)
        log.whole = True
    except SealBroken as fault:
        log.faults.append(SealFault(fault.code, path, reason=fault.reason))
    return log


def _read(log: LogExamined, data: bytes, keyring: Keyring) -> None:
    """The log's form and its installation's key; without a copy or key where that key's file is broken."""
    try:
        copy = LogCopy.read(data)
    except SealBroken as fault:
        raise SealBroken(
            fault.code, "", f"{fault.where}: {fault.reason} Ask the sender to export the log again."
        ) from None
    if log.file != f"logs/{copy.party}.json":
        raise SealBroken("misnamed", "", f"this is the log of {copy.party}. Ask the sender to export it again.")
    if copy.installation in keyring.aside:
        return
    key = keyring.keys.get(copy.installation)
    if key is None:
        reason = f"the key of its installation, {copy.installation}, is not in the bundle. Ask {copy.party} for it."
        raise SealBroken("unknown-key", "", reason)
    if key.party != copy.party:
        reason = f"its installation's key is said to be {key.party}'s. Compare the fingerprint with the minutes."
        raise SealBroken("key-party", "", reason)
    if key.role != INSTALLATION:
        reason = "its checkpoints would be signed by a party's key. An installation has one of its own for that."
        raise SealBroken("wrong-role", "", reason)
    log.copy, log.key = copy, key


def _note(text: str, copy: LogCopy, key: PublicKey, keyring: Keyring) -> tuple[Checkpoint, dict[str, int]]:
    """A checkpoint whose every known signature is good, and who cosigned it when."""
    ask = f"Ask {copy.party} for a checkpoint signed again."
    try:
        note = read_note(text)
        if note.checkpoint.origin != copy.origin:
            raise SealBroken("note", "", f"the checkpoint is of another log, {note.checkpoint.origin}.")
        own = (copy.origin, key_id(copy.origin, key.raw))
        if sum((one.name, one.id) == own for one in note.signatures) > 1:
            raise SealBroken("note", "", "its installation has signed twice.")
        verify_note(note, key, copy.origin)
        known = {keyring.cosigners[at] for one in note.signatures if (at := (one.name, one.id)) in keyring.cosigners}
        return note.checkpoint, {one.party: cosigned_by(note, one, one.party) for one in known}
    except SealBroken as fault:
        raise SealBroken("note", "", f"checkpoint: {fault.reason} {ask}") from None


def _entries(log: LogExamined, copy: LogCopy, checkpoint: Checkpoint, sought: _Sought, tick: Tick) -> None:
    total = len(copy.entries)
    stage = f"log of {copy.party}"
    inclusion = Inclusion(checkpoint.size, checkpoint.root)
    for done, entry in enumerate(copy.entries):
        if done % _TICKS == 0:
            tick(stage, done, total)
        try:
            _entry(log, entry, inclusion, sought)
        except SealBroken as fault:
            about = SealFault(fault.code, log.file, entry.statement, entry.key, f"entry {entry.index}: {fault.reason}")
            log.faults.append(about)
    tick(stage, total, total)


def _entry(log: LogExamined, entry: LoggedSignature, inclusion: Inclusion, sought: _Sought) -> None:
    statement = sought.statements.get(entry.statement)
    if entry.statement in sought.aside or entry.key in sought.aside_keys:
        return
    if statement is not None and entry.key in statement.aside:
        return
    about = entry.statement, entry.key
    leaf = statement.leaves.get(entry.key) if statement is not None and statement.leaves is not None else None
    if leaf is None:
        reason = "the log speaks of a signature that the bundle does not hold. Ask the sender for what is missing."
        raise SealBroken("entry-extra", "", reason)
    if about in log.spoken_of:
        raise SealBroken("entry-extra", "", "the log speaks twice of one signature. Ask the sender which is true.")
    log.spoken_of.add(about)
    try:
        inclusion.verify(leaf, entry.index, entry.proof)
    except SealBroken as fault:
        reason = f"{fault.reason} The signature is not where the log says it is; ask {log.file[5:-5]} for its log."
        raise SealBroken("proof", "", reason) from None
    log.places[about] = entry.index


def _continues(cosigned: Checkpoint, checkpoint: Checkpoint, copy: LogCopy) -> None:
    try:
        verify_consistency(cosigned.size, checkpoint.size, cosigned.root, checkpoint.root, copy.consistency)
    except SealBroken as fault:
        reason = f"{fault.reason} {copy.party} shows a log that does not continue what was cosigned; confront it."
        raise SealBroken("split-view", "", reason) from None


def _seen(copy: LogCopy, checkpoint: Checkpoint, cosigners: Mapping[str, int]) -> LogSeen:
    return LogSeen(
        party=copy.party,
        origin=copy.origin,
        installation=copy.installation,
        size=checkpoint.size,
        root=checkpoint.root,
        cosigned=dict(sorted(cosigners.items())),
        entries=len(copy.entries),
    )
