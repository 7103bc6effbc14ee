"""Checkpoints: what a log says about itself, signed, and what others say they have seen of it.

A checkpoint is a C2SP signed note (signed-note, tlog-checkpoint): the log's origin, size and root, signed by its
installation. The other side cosigns it (tlog-cosignature, ``cosignature/v1``) once it has seen that the log continues
the one it cosigned before. Nothing here knows the time: whoever cosigns says when.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from homeward.errors import SealBroken
from homeward.seals.canonical import LARGEST, canonical, read_base64, read_canonical, write_base64
from homeward.seals.keys import INSTALLATION, PARTY, PrivateKey, PublicKey

SIGNED, COSIGNED = 0x01, 0x04  # C2SP signature types: Ed25519; timestamped Ed25519 (cosignature/v1)
DASH = "— "
MOST_SIGNATURES = 100
CONTINUATION = "homeward/consistency/1"
NAME = re.compile(r"[!-*,-~]{1,100}")  # visible ASCII, no plus
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one moment.

    Parameters
    ----------
    origin : the log's name, unique to it; also the name its installation's key has in the note
    size : its entries
    root : the 32-byte root over them
    extensions : further lines
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _named(self.origin)
        if not 0 <= self.size <= LARGEST:
            raise SealBroken("note", self.origin, f"a log cannot have {self.size} entries.")
        if len(self.root) != 32:
            raise SealBroken("note", self.origin, "a root has 32 bytes.")
        if any(not line or "\n" in line or _CONTROL.search(line) for line in self.extensions):
            raise SealBroken("note", self.origin, "an extension is one line with something in it.")

    @property
    def text(self) -> str:
        """What is signed, each line with its end."""
        lines = [self.origin, str(self.size), write_base64(self.root), *self.extensions]
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line.

    Parameters
    ----------
    name : what the key is called
    id : four bytes by which it is found
    sig : 64 bytes; 72 with the time of a cosignature
    """

    name: str
    id: bytes
    sig: bytes

    @property
    def line(self) -> str:
        return f"{DASH}{self.name} {write_base64(self.id + self.sig)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A checkpoint and the signatures under it; good or bad is not said.

    Parameters
    ----------
    checkpoint : what the text says
    signatures : in the order of the note; no line twice
    """

    checkpoint: Checkpoint
    signatures: tuple[NoteSignature, ...]

    @property
    def text(self) -> str:
        """The whole note, as it travels."""
        return f"{self.checkpoint.text}\n{''.join(one.line for one in self.signatures)}"


@dataclass(frozen=True, slots=True)
class Continuation:
    """A proof that a log of one size continues its older self; a file beside a checkpoint.

    Parameters
    ----------
    old, new : the two sizes
    proof : hashes, as :func:`homeward.seals.merkle.consistency_proof` gives them
    """

    old: int
    new: int
    proof: tuple[bytes, ...]

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read the file.

        Raises
        ------
        NotCanonical
            If its bytes are not canonical.
        SealBroken
            ``schema`` if it is not a proof.
        """
        value = read_canonical(data)
        fields = {"consistency", "from", "schema", "to"}
        if not isinstance(value, dict) or set(value) != fields or value["schema"] != CONTINUATION:
            raise SealBroken("schema", "consistency", f"this is no proof of consistency ({CONTINUATION}).")
        sizes, proof = (value["from"], value["to"]), value["consistency"]
        if not isinstance(proof, list) or any(type(size) is not int or size < 0 for size in sizes):
            raise SealBroken("schema", "consistency", "two sizes and a list of hashes are expected.")
        hashes = (read_base64(one, f"/consistency/{at}", length=32) for at, one in enumerate(proof))
        return cls(*sizes, tuple(hashes))

    def to_bytes(self) -> bytes:
        """The proof as it travels."""
        proof = [write_base64(one) for one in self.proof]
        return canonical({"consistency": proof, "from": self.old, "schema": CONTINUATION, "to": self.new})


def key_id(name: str, raw: bytes, kind: int = SIGNED) -> bytes:
    """The four bytes by which a key is found in a note (C2SP signed-note)."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + raw).digest()[:4]


def sign_checkpoint(checkpoint: Checkpoint, key: PrivateKey, name: str) -> str:
    """The note of a checkpoint with its log's own signature; ``name`` is the log's origin."""
    _named(name)
    made = NoteSignature(name, key_id(name, key.raw_public), key.sign(checkpoint.text.encode()))
    return Note(checkpoint, (made,)).text


def cosign_checkpoint(note: str, key: PrivateKey, name: str, at: int) -> str:
    """Add that the party ``name`` has seen this checkpoint at the time ``at`` (seconds since 1970, UTC).

    An earlier cosignature of the same key gives way. Whether the log continues the one cosigned before is the
    caller's question (:func:`homeward.seals.merkle.verify_consistency`).

    Raises
    ------
    SealBroken
        ``note`` if the note is not one.
    """
    _named(name)
    read = read_note(note)
    found_by = key_id(name, key.raw_public, COSIGNED)
    sig = at.to_bytes(8, "big") + key.sign(_cosigned_text(read.checkpoint, at))
    others = [one for one in read.signatures if (one.name, one.id) != (name, found_by)]
    return Note(read.checkpoint, (*others, NoteSignature(name, found_by, sig))).text


def read_note(text: str | bytes) -> Note:
    """Read a checkpoint's note; only its form is checked.

    Raises
    ------
    SealBroken
        ``note`` if it is not written exactly as a note is: its lines, a size without leading noughts, strict base64,
        at least one and at most 100 signatures, no line twice.
    """
    note = text if isinstance(text, str) else _decoded(text)
    body, gap, signed = note.rpartition("\n\n")
    if not gap:
        raise SealBroken("note", "note", "a text, an empty line and signatures are expected.")
    checkpoint = _read_checkpoint(body)
    if not signed.endswith("\n"):
        raise SealBroken("note", checkpoint.origin, "the last signature has no line end.")
    lines = signed[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES or len(set(lines)) != len(lines):
        raise SealBroken("note", checkpoint.origin, f"more than {MOST_SIGNATURES} signatures, or one twice.")
    return Note(checkpoint, tuple(_read_signature(line, checkpoint.origin) for line in lines))


def verify_note(note: Note, key: PublicKey, name: str) -> None:
    """Say nothing if the log's own installation has signed this checkpoint.

    Raises
    ------
    SealBroken
        ``note`` if the note has no signature of that name and key, it is not good, or the key is a party's.
    """
    if key.role != INSTALLATION:
        raise SealBroken("note", name, "a log's own checkpoints are signed by its installation's key only.")
    for one in _of(note, name, key_id(name, key.raw), length=64):
        key.verify(one.sig, note.checkpoint.text.encode(), code="note", where=f"{name}, checkpoint's signature")


def cosigned_by(note: Note, key: PublicKey, name: str) -> int:
    """When this party saw the checkpoint: seconds since 1970, UTC; the latest if it cosigned several times.

    Raises
    ------
    SealBroken
        ``note`` if the party has not cosigned, a cosignature of its key is not good, or the key is an installation's.
    """
    if key.role != PARTY:
        raise SealBroken("note", name, "a checkpoint is cosigned by a party's key only.")
    times = []
    for one in _of(note, name, key_id(name, key.raw, COSIGNED), length=72):
        times.append(int.from_bytes(one.sig[:8], "big"))
        text = _cosigned_text(note.checkpoint, times[-1])
        key.verify(one.sig[8:], text, code="note", where=f"{note.checkpoint.origin}, cosignature of {name}")
    return max(times)


def _of(note: Note, name: str, found_by: bytes, *, length: int) -> Iterable[NoteSignature]:
    found = [one for one in note.signatures if one.name == name and one.id == found_by]
    if not found:
        raise SealBroken("note", note.checkpoint.origin, f"no signature of {name} by that key.")
    if any(len(one.sig) != length for one in found):
        raise SealBroken("note", note.checkpoint.origin, f"a signature of {name} has another length.")
    return found


def _cosigned_text(checkpoint: Checkpoint, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{checkpoint.text}".encode()


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise SealBroken("note", f"byte {fault.start}", "this is not UTF-8.") from None


def _read_checkpoint(body: str) -> Checkpoint:
    lines = body.split("\n")
    if len(lines) < 3 or _CONTROL.search(body):
        raise SealBroken("note", lines[0][:100], "a checkpoint has an origin, a size and a root, a line each.")
    origin, size, root, *extensions = lines
    if not _SIZE.fullmatch(size):
        raise SealBroken("note", origin[:100], f"{size[:40]!r} is not a size.")
    return Checkpoint(origin, int(size), _read_bytes(root, origin), tuple(extensions))


def _read_signature(line: str, origin: str) -> NoteSignature:
    dash, name, encoded = line[: len(DASH)], *line[len(DASH) :].rpartition(" ")[::2]
    if dash != DASH or not NAME.fullmatch(name):
        raise SealBroken("note", origin, f"{line[:60]!r} is not a signature line.")
    data = _read_bytes(encoded, origin)
    if len(data) < 5:
        raise SealBroken("note", origin, f"the signature of {name} is too short.")
    return NoteSignature(name, data[:4], data[4:])


def _read_bytes(text: str, origin: str) -> bytes:
    return read_base64(text, origin, code="note")


def _named(name: str) -> None:
    if not NAME.fullmatch(name):
        raise SealBroken(
            "note", repr(name[:100]), "a log or key is called by 1 to 100 visible ASCII characters, no plus."
        )
