"""The files inside a bundle, each as a value: inventory, logs, list of documents.

Their forms are those of ``docs/methods/seals.md`` section 7. What is read here is known to have that form, and nothing
more: whether digests, proofs and signatures hold is the business of :mod:`homeward.seals.verify`.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

from homeward.errors import SealBroken
from homeward.provenance import digest
from homeward.seals.canonical import LARGEST, canonical, read_base64, read_canonical, write_base64
from homeward.seals.checkpoint import NAME
from homeward.seals.container import NAMES
from homeward.seals.rows import read_rows
from homeward.seals.shapes import DIGEST, FINGERPRINT, PARTY, AList, ListOf, OneOf, Record, Shape, Text, Whole, Written

BUNDLE, LOG, DOCUMENTS = (f"homeward/{kind}/1" for kind in ("bundle", "log", "documents"))
SEAL_NOTE, INVENTORY = "seal.note", "files.json"
DOCUMENT_LIST, VERIFIER, README = "documents.json", "verify.html", "README.txt"
HASH_BYTES = 32
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")

_ORIGIN = Written("the name of a log", lambda text: NAME.fullmatch(text) is not None, "")
_LISTED = Record(
    {
        "bytes": Whole(),
        "digest": DIGEST,
        "path": Written(
            "a name of a file that an inventory lists",
            lambda text: NAMES.fullmatch(text) is not None and text not in (SEAL_NOTE, INVENTORY),
            "",
        ),
    }
)
_INVENTORY = Record(
    {
        "files": ListOf(_LISTED),
        "made_at": Written("a time of UTC", lambda text: _MOMENT.fullmatch(text) is not None, ""),
        "origin": _ORIGIN,
        "party": PARTY,
        "programme": Written("the name of a programme", bool, ""),
        "schema": OneOf((BUNDLE,)),
    }
)
_PROOF = AList()  # of base64, looked at as it is decoded
_LOG = Record(
    {
        "checkpoint": Text(),
        "consistency": _PROOF,
        "cosigned": Text(),
        "entries": ListOf(Record({"index": Whole(), "key": FINGERPRINT, "proof": _PROOF, "statement": DIGEST})),
        "installation": FINGERPRINT,
        "origin": _ORIGIN,
        "party": PARTY,
        "schema": OneOf((LOG,)),
    }
)
# The bytes of one row of each of the two long lists, and of one hash of a proof with what follows it.
_FILE_ROW = re.compile(
    rb'\{"bytes":(0|[1-9][0-9]{0,15}),"digest":"(sha256:[0-9a-f]{64})","path":"(?!seal\.note|files\.json)(%s)"\}'
    % NAMES.pattern.encode()
)
_ENTRY_ROW = re.compile(
    rb'\{"index":(0|[1-9][0-9]{0,15}),"key":"([0-9a-f]{64})","proof":\[([^\]]*)\],"statement":"(sha256:[0-9a-f]{64})"\}'
)
_NODE = re.compile(rb'"[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]="(?:,(?=")|\Z)')
_DOCUMENTS = Record(
    {
        "documents": ListOf(Record({"digest": DIGEST, "name": Text(), "type": Text()})),
        "schema": OneOf((DOCUMENTS,)),
    }
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a bundle in its inventory."""

    path: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """``files.json``: what a bundle holds, who made it, and when.

    Parameters
    ----------
    party : code of the exporter
    programme : the programme's name, as its statements write it
    origin : name of the exporter's log
    made_at : UTC, to the second
    files : all but this file and the seal, by path
    """

    party: str
    programme: str
    origin: str
    made_at: str
    files: tuple[Listed, ...]

    @classmethod
    def of(cls, files: Mapping[str, bytes], *, party: str, programme: str, origin: str, made_at: str) -> Self:
        """The inventory of these files."""
        listed = tuple(Listed(path, len(files[path]), digest(files[path])) for path in sorted(files))
        return cls(party, programme, origin, made_at, listed)

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read ``files.json``.

        Raises
        ------
        SealBroken
            ``not-canonical`` or ``schema``.
        """
        return cls._by_rows(data) or cls.plain(data)

    @classmethod
    def plain(cls, data: bytes) -> Self:
        """Read it as any canonical value is read: the definition, which finds the words for what is wrong."""
        value = formed(read_canonical(data), _INVENTORY)
        files = tuple(Listed(one["path"], one["bytes"], one["digest"]) for one in value["files"])
        _in_order([one.path for one in files], "/files")
        return cls(value["party"], value["programme"], value["origin"], value["made_at"], files)

    @classmethod
    def _by_rows(cls, data: bytes) -> Self | None:
        read = read_rows(data, "files", _FILE_ROW, _listed)
        if read is None or not _INVENTORY.fits(read[0]):
            return None
        value, files = read
        if any(one.path >= other.path for one, other in pairwise(files)):
            return None
        return cls(value["party"], value["programme"], value["origin"], value["made_at"], tuple(files))

    def to_bytes(self) -> bytes:
        files = [{"bytes": one.size, "digest": one.digest, "path": one.path} for one in self.files]
        return canonical(
            {
                "files": files,
                "made_at": self.made_at,
                "origin": self.origin,
                "party": self.party,
                "programme": self.programme,
                "schema": BUNDLE,
            }
        )


@dataclass(frozen=True, slots=True)
class LoggedSignature:
    """Where a signature stands in a log, and the proof that it does.

    Parameters
    ----------
    index : its place, from 0
    statement : digest of the statement it is on
    key : fingerprint of the key that made it
    proof : audit path to the root of the log's checkpoint
    """

    index: int
    statement: str
    key: str
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LogCopy:
    """What a bundle holds of a party's log.

    Parameters
    ----------
    party : whose log it is
    origin : its name
    installation : fingerprint of the key that signs its checkpoints
    checkpoint : its latest, as a signed note
    entries : the signatures that the bundle speaks of, by index
    cosigned : the checkpoint that the reader cosigned last, as a note; "" if none
    consistency : the proof from ``cosigned`` to ``checkpoint``
    """

    party: str
    origin: str
    installation: str
    checkpoint: str
    entries: tuple[LoggedSignature, ...]
    cosigned: str = ""
    consistency: tuple[bytes, ...] = ()

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read ``logs/<party>.json``.

        Raises
        ------
        SealBroken
            ``not-canonical`` or ``schema``.
        """
        return cls._of(*(_log_by_rows(data) or _plain_log(data)))

    @classmethod
    def plain(cls, data: bytes) -> Self:
        """Read it as any canonical value is read: the definition, which finds the words for what is wrong."""
        return cls._of(*_plain_log(data))

    @classmethod
    def _of(cls, value: Mapping[str, Any], entries: Sequence[LoggedSignature]) -> Self:
        consistency = _Hashes().proof(value["consistency"], "/consistency")
        if consistency and not value["cosigned"]:
            raise SealBroken("schema", "/consistency", "without a cosigned checkpoint there is nothing to prove.")
        names = ("party", "origin", "installation", "checkpoint", "cosigned")
        return cls(**{name: value[name] for name in names}, entries=tuple(entries), consistency=consistency)

    def to_bytes(self) -> bytes:
        return canonical(
            {
                "checkpoint": self.checkpoint,
                "consistency": [write_base64(one) for one in self.consistency],
                "cosigned": self.cosigned,
                "entries": [_logged(one) for one in self.entries],
                "installation": self.installation,
                "origin": self.origin,
                "party": self.party,
                "schema": LOG,
            }
        )


@dataclass(frozen=True, slots=True)
class DocumentName:
    """What a document in a bundle is called."""

    digest: str
    name: str
    type: str


def read_document_list(data: bytes) -> tuple[DocumentName, ...]:
    """Read ``documents.json``.

    Raises
    ------
    SealBroken
        ``not-canonical`` or ``schema``.
    """
    value = formed(read_canonical(data), _DOCUMENTS)
    documents = tuple(DocumentName(one["digest"], one["name"], one["type"]) for one in value["documents"])
    _in_order([one.digest for one in documents], "/documents")
    return documents


def write_document_list(documents: Sequence[DocumentName]) -> bytes:
    """``documents.json``, in the order of the digests."""
    ordered = sorted(documents, key=lambda one: one.digest)
    listed = [{"digest": one.digest, "name": one.name, "type": one.type} for one in ordered]
    return canonical({"documents": listed, "schema": DOCUMENTS})


def formed(value: Any, shape: Shape) -> dict[str, Any]:
    """The value, if it has this shape.

    Raises
    ------
    SealBroken
        ``schema`` if it has not; says where first and how often.
    """
    faults = [] if shape.fits(value) else list(shape.faults(value, ""))
    if faults:
        first = faults[0]
        more = f" And {len(faults) - 1:,} more like it." if len(faults) > 1 else ""
        raise SealBroken("schema", first.column or "/", f"{first.value!r} {first.reason} {first.remedy}".strip() + more)
    assert isinstance(value, dict)
    return value


def _in_order(items: Sequence[Any], where: str) -> None:
    for one, other in pairwise(items):
        if one >= other:
            raise SealBroken("schema", where, f"{str(other)[:80]} stands out of order, or twice.")


def _plain_log(data: bytes) -> tuple[dict[str, Any], list[LoggedSignature]]:
    value = formed(read_canonical(data), _LOG)
    hashes = _Hashes()
    entries = [hashes.logged(one, f"/entries/{at}") for at, one in enumerate(value["entries"])]
    _in_order([entry.index for entry in entries], "/entries")
    return value, entries


def _log_by_rows(data: bytes) -> tuple[dict[str, Any], list[LoggedSignature]] | None:
    """The same, if every entry is written as a canonical one with sound hashes and they are in order."""
    read = read_rows(data, "entries", _ENTRY_ROW, _Neighbours().logged)
    if read is None or not _LOG.fits(read[0]) or not all(isinstance(one, str) for one in read[0]["consistency"]):
        return None
    return None if any(one.index >= other.index for one, other in pairwise(read[1])) else read


def _listed(row: re.Match[bytes]) -> Listed | None:
    size, known, path = row.groups()
    return Listed(path.decode(), int(size), known.decode()) if int(size) <= LARGEST else None


class _Neighbours:
    """Entries of a log in their order: the upper part of a proof that is the neighbour's is decoded with that."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[bytes, tuple[bytes, ...]]] = {}  # by length, the last there was: text and hashes

    def logged(self, row: re.Match[bytes]) -> LoggedSignature | None:
        index, key, proof, statement = row.groups()
        hashes = self._proof(proof)
        if hashes is None or int(index) > LARGEST:
            return None
        return LoggedSignature(int(index), statement.decode(), key.decode(), hashes)

    def _proof(self, text: bytes) -> tuple[bytes, ...] | None:
        """The hashes of ``"…","…"``; None if it is anything else."""
        nodes: list[tuple[bytes, bytes]] = []
        hashes: tuple[bytes, ...] = ()
        rest = text
        while rest:
            known, shared = self._known.get(len(rest), (b"", ()))
            if known == rest:
                hashes = shared
                break
            if not _NODE.match(rest):
                return None
            nodes.append((rest, binascii.a2b_base64(rest[1:45])))
            rest = rest[47:]
        for rest, node in reversed(nodes):
            hashes = (node, *hashes)
            self._known[len(rest)] = rest, hashes
        return hashes


class _Hashes:
    """Base64 of hashes, each decoded once: the proofs of a log's entries share most of theirs."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def logged(self, entry: dict[str, Any], where: str) -> LoggedSignature:
        proof = self.proof(entry["proof"], f"{where}/proof")
        return LoggedSignature(entry["index"], entry["statement"], entry["key"], proof)

    def proof(self, listed: list[Any], where: str) -> tuple[bytes, ...]:
        for one in listed:
            if not isinstance(one, str) or one not in self._known:
                self._known[one] = read_base64(one, where, length=HASH_BYTES)
        return tuple([self._known[one] for one in listed])


def _logged(entry: LoggedSignature) -> dict[str, Any]:
    return {
        "index": entry.index,
        "key": entry.key,
        "proof": [write_base64(one) for one in entry.proof],
        "statement": entry.statement,
    }
