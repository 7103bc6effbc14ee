"""Checkpoints of the logs kept here, and what the parties say they have seen of one another's logs.

The installation signs a checkpoint of a log; the other side cosigns it offline once the log was shown to
continue the one it cosigned before, and each side keeps the other's cosigned checkpoint.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from casework.journal.actions import recorded
from casework.parties.actions import keep_key, plain
from casework.parties.models import Key, Member, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.seals import log
from casework.seals.installation import installation_key, origin_of, public_key
from casework.seals.models import Checkpoint, ForeignLog
from homeward.errors import SealBroken
from homeward.seals import checkpoint as notes
from homeward.seals.keys import PublicKey
from homeward.seals.merkle import verify_consistency


@recorded("seals.checkpoint")
def checkpoint(*, by: Member) -> Checkpoint:
    """Sign the present state of one's own party's log with the installation's key, for others to cosign."""
    by.require("sign statements")
    return checkpoint_of(by.party)


def checkpoint_of(party: Party) -> Checkpoint:
    """The signed state of a log as it is now; the same while nothing is appended."""
    size = log.size_of(party)
    made = Checkpoint.objects.filter(log=party, size=size, cosigned_by=None).first()
    if made is not None:
        return made
    root, origin = log.root_of(party, size), origin_of(party)
    note = notes.sign_checkpoint(notes.Checkpoint(origin, size, root), installation_key(party), origin)
    return Checkpoint.objects.create(log=party, size=size, root=root, note=note)


def sealed_by(party: Party) -> Callable[[notes.Checkpoint], str]:
    """How the installation seals a bundle of a party: a checkpoint of its log, with what the bundle holds."""

    def seal(stated: notes.Checkpoint) -> str:
        if stated.origin != origin_of(party) or stated.root != log.root_of(party, stated.size):
            raise Refused("not-offered")  # the installation's key signs nothing but this log
        return notes.sign_checkpoint(stated, installation_key(party), stated.origin)

    return seal


@recorded("seals.know_log")
def know_log(*, by: Member, party: Party, origin: str, installation: str, introduced_in: str) -> ForeignLog:
    """Enter, from the minutes, whose log this is and which installation's key signs its checkpoints.

    Raises
    ------
    Refused
        ``minutes-needed``, ``not-a-fingerprint``, ``not-an-origin``, ``own-log``, ``other-log`` where another
        installation's key is on record for this log already.
    """
    by.require("manage keys")
    if not introduced_in.strip():
        raise Refused("minutes-needed")
    if not re.fullmatch("[0-9a-f]{64}", plain(installation)):
        raise Refused("not-a-fingerprint")
    if not re.fullmatch(r"[^\s+]{1,200}", origin):
        raise Refused("not-an-origin")
    if party.hosted:
        raise Refused("own-log")
    keep_key(
        party=party,
        fingerprint=installation,
        introduced_in=introduced_in,
        by=by.actor,
        name="installation",
        role=Key.Role.INSTALLATION,
    )
    known = ForeignLog.objects.filter(holder=by.party, origin=origin).first()
    if known is None:
        return ForeignLog.objects.create(
            holder=by.party,
            party=party,
            origin=origin,
            installation=plain(installation),
            introduced_in=introduced_in,
        )
    if (known.party, known.installation) != (party, plain(installation)):
        raise Refused("other-log")
    return known


def cosign(*, by: Member, note: bytes) -> ForeignLog | None:
    """Take in a note that was cosigned offline: another's log by one's own party, or one's own log by another.

    Returns
    -------
    The other party's log with the checkpoint now cosigned, or None where the note is of one's own log.

    Raises
    ------
    Refused
        ``not-a-note``, ``unknown-log``, ``not-offered`` (another checkpoint than the one that was proved to
        continue what was cosigned last), ``no-cosignature``.
    """
    by.require("sign statements")
    read = _read(note)
    if read.checkpoint.origin == origin_of(by.party):
        return _cosigned_by_others(by=by, note=_Note(read))
    return _cosigned(by=by, note=_Note(read))


class _Note:
    """A note on its way into the records; the journal writes the log's name and size."""

    def __init__(self, read: notes.Note) -> None:
        self.read = read
        self.journal_name = f"checkpoint:{read.checkpoint.origin}/{read.checkpoint.size}"


def _read(note: bytes) -> notes.Note:
    try:
        return notes.read_note(note)
    except SealBroken as problem:
        raise Refused("not-a-note", reason=str(problem)) from None


@recorded("seals.cosigned_by_another")
def _cosigned_by_others(*, by: Member, note: _Note) -> None:
    if not take_cosignatures(by.party, note.read):
        raise Refused("no-cosignature")


def take_cosignatures(party: Party, read: notes.Note) -> int:
    """Keep what others cosigned of a log kept here; within the caller's recorded act. Gives how many it bears."""
    origin, size = origin_of(party), read.checkpoint.size
    if (
        read.checkpoint.origin != origin
        or size > log.size_of(party)
        or read.checkpoint.root != log.root_of(party, size)
    ):
        raise Refused("not-offered")
    try:
        notes.verify_note(read, public_key(party), origin)
    except SealBroken as problem:
        raise Refused("not-a-note", reason=str(problem)) from None
    found = 0
    for key in Key.objects.filter(role=Key.Role.PARTY, revoked_at=None).exclude(raw=b"").exclude(party=party):
        if _has_cosigned(read, key):
            Checkpoint.objects.update_or_create(
                log=party,
                size=size,
                cosigned_by=key.party,
                defaults={"root": read.checkpoint.root, "note": read.text},
            )
            found += 1
    return found


def _has_cosigned(read: notes.Note, key: Key) -> bool:
    if not any(one.name == key.party.code for one in read.signatures):
        return False
    try:
        notes.cosigned_by(read, key.public, key.party.code)
    except SealBroken:
        return False
    return True


@recorded("seals.cosign")
def _cosigned(*, by: Member, note: _Note) -> ForeignLog:
    read = note.read
    offered = next((one for one in offers(by.party) if one.origin == read.checkpoint.origin), None)
    if offered is None:
        raise Refused("unknown-log", origin=read.checkpoint.origin)
    if not offered.offered or read.checkpoint != _read(offered.offered.encode()).checkpoint:
        raise Refused("not-offered")
    keys = Key.objects.filter(party=by.party, role=Key.Role.PARTY, revoked_at=None).exclude(raw=b"")
    if not any(_has_cosigned(read, key) for key in keys.select_related("party")):
        raise Refused("no-cosignature")
    offered.note, offered.offered, offered.proof = read.text, "", b""
    offered.save()
    if offered.party.hosted:
        take_cosignatures(offered.party, read)
    return offered


def offers(holder: Party) -> list[ForeignLog]:
    """Other parties' logs as one party knows them, each with the checkpoint that it may cosign next.

    Logs kept at this installation are known without minutes; what they offer is the last checkpoint that
    their party had made, if it continues the one cosigned before.
    """
    known = {one.origin: one for one in ForeignLog.objects.filter(holder=holder).select_related("party")}
    for party in Party.objects.filter(hosted=True).exclude(pk=holder.pk):
        made = Checkpoint.objects.filter(log=party, cosigned_by=None).order_by("-size").first()
        if made is None:
            continue
        origin = origin_of(party)
        here = known.setdefault(
            origin,
            ForeignLog(
                holder=holder,
                party=party,
                origin=origin,
                installation=installation_key(party).fingerprint,
                introduced_in="kept at this installation",
            ),
        )
        proof = _continuation(party, here.note, made.note)
        here.offered, here.proof = (made.note, proof) if proof is not None else ("", b"")
    return sorted(known.values(), key=lambda one: one.origin)


def _continuation(party: Party, old: str, new: str) -> bytes | None:
    """The proof that a log kept here continues what was cosigned of it; nothing where it says nothing new."""
    after = _read(new.encode()).checkpoint
    if not old:
        return b""
    before = _read(old.encode()).checkpoint
    if before == after or before.size > after.size:
        return None
    proof = tuple(log.consistency_proof(party, before.size, after.size))
    try:
        verify_consistency(before.size, after.size, before.root, after.root, proof)
    except SealBroken:
        return None
    return notes.Continuation(before.size, after.size, proof).to_bytes()


def offer(origin: str, *, by: Member) -> ForeignLog:
    """Another party's log with the checkpoint that may be cosigned next, and the proof that goes with it."""
    by.require("see statements")
    found = next((one for one in offers(by.party) if one.origin == origin and one.offered), None)
    if found is None:
        raise Refused(NOT_FOUND, log=origin)
    return found


def installation_of(one: ForeignLog) -> PublicKey:
    """The key that signs another log's checkpoints."""
    if one.party.hosted:
        return public_key(one.party)
    key = Key.objects.filter(fingerprint=one.installation).exclude(raw=b"").first()
    if key is None:
        raise Refused("key-unknown", key=one.installation)
    return key.public
