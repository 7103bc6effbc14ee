"""What a verification found: the verdict, every fault, what could not be anchored, and who signed what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

Verdict = Literal["valid", "unanchored", "broken"]
VALID: Final = "valid"
UNANCHORED: Final = "unanchored"
BROKEN: Final = "broken"

BREAKING = (  # in the order in which they are looked for
    "container",
    "file-missing",
    "note",
    "not-canonical",
    "schema",
    "seal",
    "file-altered",
    "file-extra",
    "key-altered",
    "envelope",
    "misnamed",
    "signer-unexpected",
    "unknown-key",
    "key-party",
    "wrong-role",
    "signature",
    "entry-extra",
    "proof",
    "split-view",
    "entry-missing",
    "revoked-key",
    "opening",
    "other-log",
    "older-checkpoint",
)
UNANCHORING = ("unpinned-key", "unpinned-log", "no-checkpoint", "no-consistency")
TOLD = ("follows-missing", "document-missing", "older-copy")


@dataclass(frozen=True, slots=True, order=True)
class SealFault:
    """One thing wrong with a bundle, or one thing that could not be anchored, or is only worth telling.

    Parameters
    ----------
    code : which rule of ``docs/methods/seals.md`` section 8
    file : the file inside the bundle, "" for the bundle as a whole
    statement : digest of the statement it is about, "" if about none
    signature : fingerprint of the key whose signature it is about, "" if about none
    reason : a sentence that says what is wrong and what to do
    """

    code: str
    file: str
    statement: str = ""
    signature: str = ""
    reason: str = ""

    def __str__(self) -> str:
        about = [self.file or "the bundle", self.statement, f"signature by {self.signature}" if self.signature else ""]
        return f"{self.code}: {', '.join(filter(None, about))}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SignerSeen:
    """One who should sign a statement.

    Parameters
    ----------
    party : its code
    role : author, countersigner or witness
    key : fingerprint, "" if this party signs on paper
    signed : by a good signature in the bundle
    """

    party: str
    role: str
    key: str
    signed: bool


@dataclass(frozen=True, slots=True)
class StatementSeen:
    """A statement of the bundle and who has signed it."""

    digest: str
    kind: str
    subject: str
    made_at: str
    signers: tuple[SignerSeen, ...]

    @property
    def awaits(self) -> tuple[str, ...]:
        """Parties that have not signed by key."""
        return tuple(one.party for one in self.signers if not one.signed)


@dataclass(frozen=True, slots=True)
class LogSeen:
    """A log of the bundle.

    Parameters
    ----------
    party, origin, installation : whose it is, its name, the key that signs its checkpoints
    size, root : of its checkpoint
    cosigned : party -> seconds since 1970 when it cosigned the earlier checkpoint in the bundle
    entries : how many of its entries the bundle speaks of
    """

    party: str
    origin: str
    installation: str
    size: int
    root: bytes
    cosigned: Mapping[str, int]
    entries: int


@dataclass(frozen=True, slots=True)
class Report:
    """The answer about a bundle.

    Parameters
    ----------
    verdict : "valid", "unanchored" or "broken"
    faults : what is wrong; none unless broken
    unanchored : what nothing vouches for; told of a broken bundle too, as far as it was looked at
    statements : those that could be read, in the exporter's order as far as his log was read
    logs : those whose checkpoint is good
    notes : what is told and is no fault
    party, programme, made_at : as the bundle says of itself, "" if it could not be read
    """

    verdict: Verdict
    faults: tuple[SealFault, ...] = ()
    unanchored: tuple[SealFault, ...] = ()
    statements: tuple[StatementSeen, ...] = ()
    logs: tuple[LogSeen, ...] = ()
    notes: tuple[SealFault, ...] = ()
    party: str = ""
    programme: str = ""
    made_at: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON can hold it."""
        value = asdict(self)
        for log, seen in zip(value["logs"], self.logs, strict=True):
            log["root"] = seen.root.hex()
        return value
