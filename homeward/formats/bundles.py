"""Bundles in and out: what a ledger sends, and what it takes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from homeward.errors import Nonsense, NotFound, SealBroken, TooLarge
from homeward.formats.files import read_file, write_new
from homeward.formats.ledger import Entry, Ledger
from homeward.seals.anchors import Anchors
from homeward.seals.bundle import Bundle, Enclosed, read_bundle, write_bundle
from homeward.seals.checkpoint import Continuation, read_note
from homeward.seals.container import LARGEST, read_container
from homeward.seals.contents import LogCopy, LoggedSignature
from homeward.seals.envelope import Envelope
from homeward.seals.keys import PARTY, PrivateKey, PublicKey
from homeward.seals.page import verifier_page
from homeward.seals.statement import Openings, read_frame, read_openings

TYPES = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".txt": "text/plain",
}


def read_bundle_file(path: Path) -> bytes:
    """The bytes of a bundle's file, whatever they are.

    Raises
    ------
    Rejected
        If it is not there, cannot be read, or is larger than a bundle may be.
    """
    return read_file(path, most=LARGEST)


def logs_in(data: bytes) -> tuple[LogCopy, ...]:
    """The logs that a bundle brings, as far as they can be read; nothing about them is believed."""
    try:
        files = read_container(data)
    except (SealBroken, TooLarge):
        return ()
    return tuple(_readable_logs(content for name, content in files.items() if name.startswith("logs/")))


def _readable_logs(contents: Iterable[bytes]) -> Iterator[LogCopy]:
    for content in contents:
        with suppress(SealBroken):
            yield LogCopy.read(content)


def read_enclosed(path: Path) -> Enclosed:
    """A document to put into a bundle, under its file's name.

    Raises
    ------
    Rejected
        If it cannot be read.
    """
    return Enclosed(read_file(path), path.name, TYPES.get(path.suffix.lower(), "application/octet-stream"))


def read_openings_file(path: Path) -> Openings:
    """Openings of a statement, to put into a bundle.

    Raises
    ------
    Rejected, SealBroken
        If it cannot be read, or is no file of openings.
    """
    return read_openings(read_file(path))


def export(
    ledger: Ledger,
    *,
    made_at: datetime,
    subjects: Sequence[str] = (),
    reader: str = "",
    documents: Iterable[Enclosed] = (),
    openings: Iterable[Openings] = (),
    logs: Iterable[LogCopy] = (),
    verifier: bytes | None = None,
) -> bytes:
    """A bundle of what a ledger holds about some subjects.

    Every statement about keys goes with it, and what the chosen statements rest on.

    Parameters
    ----------
    made_at : when, with its zone
    subjects : such as "transfer:T-2018-01"; all if none is named
    reader : code of the party it is for: it gets the proof from the checkpoint that it cosigned last, and back what
        it gave of its own log, with our cosignature
    logs : further logs, as others gave them
    verifier : the page that verifies, to go with it; ours if none is given, left out if empty

    Raises
    ------
    NotFound
        If the ledger holds no statement about a subject.
    Nonsense
        If the statements are of several programmes.
    TooLarge
        If it is more than a bundle may hold.
    """
    envelopes = _chosen(ledger, subjects)
    programme = _programme(envelopes)
    signed = {(one.digest, signature.keyid) for one in envelopes for signature in one.signatures}
    own = _own_copy(ledger, signed, reader)
    copies = {copy.party: copy for copy in (*_returned(ledger, reader), *logs) if copy.party != ledger.party}
    others = tuple(_only(copy, signed) for copy in copies.values())
    bundle = Bundle(
        party=ledger.party,
        programme=programme,
        made_at=made_at,
        envelopes=envelopes,
        keys=_keys(ledger, envelopes, (own, *others)),
        logs=(own, *others),
        documents=tuple(documents),
        openings=tuple(openings),
        verifier=verifier_page() if verifier is None else verifier,
    )
    return write_bundle(bundle, ledger.sign_checkpoint)


def _chosen(ledger: Ledger, subjects: Sequence[str]) -> tuple[Envelope, ...]:
    held = list(ledger.statements())
    known = {one.digest for one in held}
    absent = sorted(set(subjects) - {one.subject for one in held})
    if absent or not held:
        what = f"about {', '.join(absent)}" if absent else "at all"
        raise NotFound(f"{ledger.path} holds no statement {what}. Look with: homeward seal ledger list {ledger.path}")
    wanted = [one.digest for one in held if not subjects or one.subject in subjects or one.kind == "key"]
    envelopes: dict[str, Envelope] = {}
    while wanted:
        digest = wanted.pop()
        if digest not in envelopes:
            envelopes[digest] = ledger.envelope(digest)
            wanted += [one for one in read_frame(envelopes[digest].payload).follows if one in known]
    return tuple(envelopes[one.digest] for one in held if one.digest in envelopes)


def _programme(envelopes: Iterable[Envelope]) -> str:
    programmes = sorted({read_frame(one.payload).programme for one in envelopes})
    if len(programmes) > 1:
        raise Nonsense(f"A bundle is of one programme; these statements are of {', '.join(programmes)}. Name subjects.")
    return programmes[0]


def _own_copy(ledger: Ledger, signed: set[tuple[str, str]], reader: str) -> LogCopy:
    """The ledger's own log, with an entry for each signature, from what the reader cosigned to now."""
    note = ledger.checkpoint()
    size = read_note(note).checkpoint.size
    cosigned = _cosigned(ledger, reader)
    entries = tuple(
        LoggedSignature(one.index, one.statement, one.keyid, tuple(ledger.inclusion_proof(one.index, size)))
        for one in ledger.entries(0, size)
        if (one.statement, one.keyid) in signed
    )
    return LogCopy(
        party=ledger.party,
        origin=ledger.origin,
        installation=ledger.installation.fingerprint,
        checkpoint=note,
        entries=entries,
        cosigned=cosigned,
        consistency=ledger.continuation(cosigned, size).proof if cosigned else (),
    )


def _cosigned(ledger: Ledger, reader: str) -> str:
    """Our newest checkpoint that this reader has cosigned, or anyone if none is named; "" if none."""
    if not reader:
        return ledger.last_cosigned()
    for note in reversed(ledger.checkpoints()):
        if any(one.name == reader for one in read_note(note).signatures):
            return note
    return ""


def _returned(ledger: Ledger, reader: str) -> Iterator[LogCopy]:
    """What the reader gave of its own log, under the checkpoint that we cosigned if it is the same."""
    cosigned = {log.origin: log.note for log in ledger.foreign_logs()}
    for copy in ledger.copies():
        if copy.party == reader:
            note = cosigned.get(copy.origin, copy.checkpoint)
            same = read_note(note).checkpoint == read_note(copy.checkpoint).checkpoint
            yield replace(copy, checkpoint=note) if same else copy


def _only(copy: LogCopy, signed: set[tuple[str, str]]) -> LogCopy:
    """A log with the entries that the bundle speaks of, without the proof that was for us."""
    entries = tuple(one for one in copy.entries if (one.statement, one.key) in signed)
    return replace(copy, entries=entries, cosigned="", consistency=())


def _keys(ledger: Ledger, envelopes: Iterable[Envelope], logs: Iterable[LogCopy]) -> tuple[PublicKey, ...]:
    """Keys of all who signed, of all logs, and of who cosigned what is in them."""
    wanted = {signature.keyid for one in envelopes for signature in one.signatures}
    notes = []
    for log in logs:
        wanted.add(log.installation)
        notes += [read_note(text) for text in (log.checkpoint, log.cosigned) if text]
    cosigners = {signature.name for note in notes for signature in note.signatures}
    known = ledger.known_keys()
    return tuple(key for key in known if key.fingerprint in wanted or (key.role == PARTY and key.party in cosigners))


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What a bundle brought.

    Parameters
    ----------
    statements : in the bundle
    entries : signatures that are new in our log
    cosigners : parties whose cosignature on our own log came back with it
    """

    statements: int
    entries: tuple[Entry, ...]
    cosigners: tuple[str, ...]


def take_in(ledger: Ledger, data: bytes, anchors: Anchors) -> TakenIn:
    """Record a bundle that was verified: its statements and signatures, keys, and logs, all or nothing.

    Again changes nothing. A key that nothing in the bundle was signed with, and that nobody pinned, is not kept.

    Parameters
    ----------
    anchors : those under which it was found valid, or new: only what they pin is learnt

    Raises
    ------
    SealBroken
        If a signature is by a key that this ledger knows as another party's, or as revoked; nothing was recorded.
    LedgerUnusable
        If the ledger could not be written; nothing was recorded.
    """
    bundle = read_bundle(data)
    order = {(one.statement, one.key): one.index for one in bundle.log.entries}
    others = [log for log in bundle.logs if log.party != ledger.party]
    installations = {log.installation for log in anchors.logs.values()}
    keys = [one for one in bundle.keys if anchors.pins(one.party, one.fingerprint) or one.fingerprint in installations]
    entries = ledger.take_in(_by_place(bundle.envelopes, order), keys, order=order, copies=others)
    return TakenIn(len(bundle.envelopes), entries, _cosignatures(ledger, bundle))


def _by_place(envelopes: Iterable[Envelope], order: Mapping[tuple[str, str], int]) -> list[Envelope]:
    def place(envelope: Envelope) -> tuple[int, str]:
        places = [order[at] for one in envelope.signatures if (at := (envelope.digest, one.keyid)) in order]
        return min(places, default=len(order)), envelope.digest

    return sorted(envelopes, key=place)


def _cosignatures(ledger: Ledger, bundle: Bundle) -> tuple[str, ...]:
    """Take in what came back cosigned of our own log."""
    came: list[str] = []
    for log in bundle.logs:
        note = read_note(log.checkpoint)
        if log.origin == ledger.origin and len(note.signatures) > 1:
            held = [one for one in map(read_note, ledger.checkpoints()) if one.checkpoint == note.checkpoint]
            if held and set(note.signatures) - set(held[0].signatures):
                came += [key.party for key in ledger.take_cosigned(log.checkpoint)]
    return tuple(came)


def cosign_log(ledger: Ledger, data: bytes, key: PrivateKey) -> str:
    """Cosign the log of a bundle's sender, if it continues the checkpoint that was cosigned before.

    Returns
    -------
    The note, which is kept; the next bundle to the sender takes it along.

    Raises
    ------
    KeyRefused, SealBroken
        As :meth:`homeward.formats.ledger.Ledger.witness`.
    """
    bundle = read_bundle(data)
    log = bundle.log
    if already := _held(ledger, log):
        return already
    installation = next(one for one in bundle.keys if one.fingerprint == log.installation)
    proof = None
    if log.cosigned:
        sizes = [read_note(text).checkpoint.size for text in (log.cosigned, log.checkpoint)]
        proof = Continuation(sizes[0], sizes[1], log.consistency)
    known = any(one.origin == log.origin for one in ledger.foreign_logs())
    return ledger.witness(log.checkpoint, key, continuation=proof if known else None, installation=installation)


def _held(ledger: Ledger, log: LogCopy) -> str:
    """The note, if this very checkpoint was cosigned already."""
    shown = read_note(log.checkpoint).checkpoint
    held = (one.note for one in ledger.foreign_logs() if one.origin == log.origin)
    return next((note for note in held if read_note(note).checkpoint == shown), "")


def write_out(bundle: Bundle, folder: Path) -> list[Path]:
    """Write a bundle's documents and openings into a folder; what is there already is left as it is.

    Raises
    ------
    NotWritten
        If a file could not be written.
    """
    written = []
    pieces = [(f"{one.digest[7:23]}-{_harmless(one.name)}", one.data) for one in bundle.documents]
    pieces += [(f"{one.statement[7:23]}.openings.json", one.to_bytes()) for one in bundle.openings]
    for name, data in pieces:
        path = folder / name
        if not path.exists():
            write_new(path, data)
            written.append(path)
    return written


def _harmless(name: str) -> str:
    """A file's name without anything that a file system, or a shell, would obey."""
    kept = "".join(sign if sign.isalnum() or sign in "._-" else "_" for sign in name)
    return kept.lstrip(".")[-80:] or "document"
