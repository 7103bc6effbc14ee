"""Anchors: what a reader knows already, from the minutes of a session and from what he cosigned.

They are the only ground for trust. A bundle that brings its own keys proves that somebody signed; the anchors say that
it was they.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from homeward.errors import SealBroken
from homeward.seals.canonical import canonical, read_canonical
from homeward.seals.checkpoint import Checkpoint, read_note
from homeward.seals.contents import formed
from homeward.seals.keys import CODE
from homeward.seals.keys import FINGERPRINT as DIGITS
from homeward.seals.shapes import FINGERPRINT, AnObject, ListOf, OneOf, Record, Text

SCHEMA = "homeward/anchors/1"
_ANCHORS = Record({"keys": AnObject(), "logs": AnObject(), "schema": OneOf((SCHEMA,))})
_KEYS = Record({"keys": ListOf(FINGERPRINT)})
_LOG = Record({"checkpoint": Text(), "installation": FINGERPRINT})


@dataclass(frozen=True, slots=True)
class LogAnchor:
    """What is known of a log.

    Parameters
    ----------
    installation : fingerprint of the key that signs its checkpoints
    checkpoint : the note that the reader cosigned last, "" if none yet
    """

    installation: str
    checkpoint: str = ""

    @property
    def cosigned(self) -> Checkpoint | None:
        """The checkpoint cosigned last; None if none was."""
        return read_note(self.checkpoint).checkpoint if self.checkpoint else None


@dataclass(frozen=True, slots=True)
class Anchors:
    """Keys and logs that are known.

    Parameters
    ----------
    keys : party's code -> fingerprints of its keys
    logs : a log's origin -> what is known of it

    Raises
    ------
    SealBroken
        ``schema`` or ``note`` if a code, a fingerprint or a checkpoint is none.
    """

    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    logs: Mapping[str, LogAnchor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for party, fingerprints in self.keys.items():
            if not CODE.fullmatch(party) or not all(map(DIGITS.fullmatch, fingerprints)):
                raise SealBroken("schema", f"/keys/{party}", "a party's code and fingerprints of 64 digits go here.")
        for origin, log in self.logs.items():
            if not DIGITS.fullmatch(log.installation):
                raise SealBroken("schema", f"/logs/{origin}", "the installation's fingerprint has 64 digits.")
            cosigned = log.cosigned
            if cosigned is not None and cosigned.origin != origin:
                raise SealBroken("note", f"/logs/{origin}", f"the checkpoint is of another log, {cosigned.origin}.")

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read an anchors file.

        Raises
        ------
        SealBroken
            ``not-canonical``, ``schema`` or ``note``.
        """
        value = formed(read_canonical(data), _ANCHORS)
        keys = {party: tuple(formed({"keys": each}, _KEYS)["keys"]) for party, each in value["keys"].items()}
        logs = {origin: LogAnchor(**formed(each, _LOG)) for origin, each in value["logs"].items()}
        return cls(keys, logs)

    def to_bytes(self) -> bytes:
        keys = {party: sorted(set(fingerprints)) for party, fingerprints in self.keys.items()}
        logs = {
            origin: {"checkpoint": log.checkpoint, "installation": log.installation}
            for origin, log in self.logs.items()
        }
        return canonical({"keys": keys, "logs": logs, "schema": SCHEMA})

    def pins(self, party: str, fingerprint: str) -> bool:
        """Whether this key is known to be the party's."""
        return fingerprint in self.keys.get(party, ())

    def with_key(self, party: str, fingerprint: str) -> Self:
        """The same, and a key pinned for a party."""
        pinned = tuple(sorted({*self.keys.get(party, ()), fingerprint}))
        return replace(self, keys={**self.keys, party: pinned})

    def with_log(self, origin: str, log: LogAnchor) -> Self:
        """The same, and what is now known of a log."""
        return replace(self, logs={**self.logs, origin: log})


NOTHING_KNOWN = Anchors()
