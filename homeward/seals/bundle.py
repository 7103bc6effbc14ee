"""Bundles: what one party hands another on a stick, in one file that either side checks offline.

The form is ``docs/methods/seals.md`` section 7. Writing is deterministic: the same contents and the same key give the
same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from homeward.errors import Nonsense, SealBroken
from homeward.provenance import digest
from homeward.seals.checkpoint import Checkpoint, read_note
from homeward.seals.container import read_container, write_container
from homeward.seals.contents import (
    DOCUMENT_LIST,
    INVENTORY,
    README,
    SEAL_NOTE,
    VERIFIER,
    DocumentName,
    Inventory,
    LogCopy,
    read_document_list,
    write_document_list,
)
from homeward.seals.envelope import Envelope, read_envelope
from homeward.seals.keys import PublicKey
from homeward.seals.page import reading_me
from homeward.seals.statement import Openings, read_openings


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A document in a bundle: its bytes, what it is called, its media type."""

    data: bytes
    name: str
    type: str

    @property
    def digest(self) -> str:
        return digest(self.data)


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle holds.

    Parameters
    ----------
    party : code of the exporter
    programme : the programme's name, as the statements write it
    made_at : UTC, to the second
    envelopes : statements with their signatures
    keys : of all who signed and of all logs
    logs : the exporter's own, with an entry for each signature, and what others gave him of theirs
    documents : files that statements speak of
    openings : for who should know
    verifier : the page that verifies, as bytes; empty to leave it out

    Raises
    ------
    Nonsense
        If the exporter's log is not among the logs, or something stands twice.
    """

    party: str
    programme: str
    made_at: datetime
    envelopes: tuple[Envelope, ...]
    keys: tuple[PublicKey, ...]
    logs: tuple[LogCopy, ...]
    documents: tuple[Enclosed, ...] = ()
    openings: tuple[Openings, ...] = ()
    verifier: bytes = b""

    def __post_init__(self) -> None:
        if self.made_at.utcoffset() is None:
            raise Nonsense("The time at which a bundle was made has to say its zone.")
        if self.party not in (log.party for log in self.logs):
            raise Nonsense(f"A bundle of {self.party} holds the log of {self.party}.")
        _once("statement", [one.digest for one in self.envelopes])
        _once("key", [one.fingerprint for one in self.keys])
        _once("log", [one.party for one in self.logs])
        _once("document", [one.digest for one in self.documents])
        _once("opening", [one.statement for one in self.openings])

    @property
    def log(self) -> LogCopy:
        """The exporter's own log."""
        return next(log for log in self.logs if log.party == self.party)


def write_bundle(bundle: Bundle, seal: Callable[[Checkpoint], str]) -> bytes:
    """The bundle's bytes, sealed by the exporter's installation.

    Parameters
    ----------
    seal : signs a checkpoint with the installation's key and gives the note; it is called once, with the checkpoint
        of the exporter's log and the digest of everything in the bundle

    Raises
    ------
    TooLarge
        If it holds more than a bundle may.
    """
    log = bundle.log
    files = _files(bundle)
    made_at = bundle.made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inventory = Inventory.of(
        files, party=bundle.party, programme=bundle.programme, origin=log.origin, made_at=made_at
    ).to_bytes()
    checkpoint = replace(read_note(log.checkpoint).checkpoint, extensions=(f"bundle {digest(inventory)}",))
    return write_container({**files, INVENTORY: inventory, SEAL_NOTE: seal(checkpoint).encode()})


def read_bundle(data: bytes) -> Bundle:
    """What a bundle holds; whether to believe it is the question of :func:`homeward.seals.verify.verify`.

    Raises
    ------
    SealBroken
        With the first thing that cannot be read.
    TooLarge
        If it is larger than a bundle may be.
    """
    files = read_container(data)
    if INVENTORY not in files:
        raise SealBroken("file-missing", INVENTORY, "nothing says what the bundle holds.")
    inventory = Inventory.read(files[INVENTORY])
    named = {one.digest: one for one in read_document_list(files[DOCUMENT_LIST])} if DOCUMENT_LIST in files else {}
    return Bundle(
        party=inventory.party,
        programme=inventory.programme,
        made_at=_moment(inventory.made_at),
        envelopes=tuple(read_envelope(each) for each in _in("statements/", files)),
        keys=tuple(PublicKey.read(each) for each in _in("keys/", files)),
        logs=tuple(LogCopy.read(each) for each in _in("logs/", files)),
        documents=tuple(_enclosed(each, named) for each in _in("documents/", files)),
        openings=tuple(read_openings(each) for each in _in("openings/", files)),
        verifier=files.get(VERIFIER, b""),
    )


def _once(what: str, names: Sequence[str]) -> None:
    twice = {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()
    if twice:
        raise Nonsense(f"The {what} {min(twice)} stands twice in a bundle.")


def _files(bundle: Bundle) -> dict[str, bytes]:
    files = {f"statements/{_digits(one.digest)}.json": one.to_bytes() for one in bundle.envelopes}
    files |= {f"keys/{one.fingerprint}.json": one.to_bytes() for one in bundle.keys}
    files |= {f"logs/{one.party}.json": one.to_bytes() for one in bundle.logs}
    files |= {f"documents/{_digits(one.digest)}": one.data for one in bundle.documents}
    files |= {f"openings/{_digits(one.statement)}.json": one.to_bytes() for one in bundle.openings}
    if bundle.documents:
        named = [DocumentName(one.digest, one.name, one.type) for one in bundle.documents]
        files[DOCUMENT_LIST] = write_document_list(named)
    if bundle.verifier:
        files |= {VERIFIER: bundle.verifier, README: reading_me()}
    return files


def _moment(made_at: str) -> datetime:
    try:
        return datetime.fromisoformat(made_at)
    except ValueError:
        raise SealBroken("schema", "/made_at", f"{made_at} is not on the calendar.") from None


def _digits(digest_text: str) -> str:
    return digest_text.removeprefix("sha256:")


def _in(folder: str, files: dict[str, bytes]) -> list[bytes]:
    return [files[name] for name in files if name.startswith(folder)]


def _enclosed(data: bytes, named: dict[str, DocumentName]) -> Enclosed:
    called = named.get(digest(data))
    return Enclosed(data, called.name if called else "", called.type if called else "application/octet-stream")
