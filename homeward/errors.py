"""Everything that Homeward refuses, and why.

HomewardError
├── Nonsense            a record that cannot be true on its own (a man as mother, a negative radius)
├── Rejected            a file, or rows of it, that cannot be accepted; carries every fault
├── NotFound            something named in a request does not exist
├── Impossible          the evidence as stated has probability zero
├── UnequalCalls        two samples of one subject disagree and no error model explains it
├── TooLarge            the exact answer would cost more than allowed; names the cheaper method
├── WouldOverwrite      the place for a result already holds something that is not ours to replace
├── SealBroken          a signature, digest or proof does not hold; says where, with which code, and why
│   └── NotCanonical    bytes or values that are not canonical JSON as the seals demand it
├── NotAllowed          a statement that does not fit those before it; carries every objection
├── KeyRefused          a private key that cannot be opened, or that may not sign this
├── NotWritten          a file could not be put in its place; nothing of it is there
├── LedgerUnusable      a ledger that cannot be opened, read or written; what was not acknowledged is not in it
└── Cancelled           the person who asked has stopped the work
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


class HomewardError(Exception):
    """The root of everything Homeward refuses."""


class Nonsense(HomewardError):
    """A record that cannot be true on its own."""


class NotFound(HomewardError):
    """Something that was named does not exist."""


class Impossible(HomewardError):
    """The evidence as stated has probability zero under every hypothesis."""


class UnequalCalls(HomewardError):
    """Two samples of one subject disagree, and no error model of theirs explains it."""


class TooLarge(HomewardError):
    """The exact answer would cost more than allowed; the message gives the size and a cheaper way."""


class WouldOverwrite(HomewardError):
    """The place for a result already holds something else."""


class SealBroken(HomewardError):
    """Something sealed does not hold.

    Parameters
    ----------
    code : which rule was broken, as in ``docs/methods/seals.md`` section 8 ("signature", "proof")
    where : what it is about: a file, a statement's digest, a signature's key, a path inside a value
    reason : why it does not hold, and what was expected
    """

    def __init__(self, code: str, where: str, reason: str) -> None:
        self.code = code
        self.where = where
        self.reason = reason
        super().__init__(f"{where}: {reason} ({code})")

    def __reduce__(self) -> tuple[type[SealBroken], tuple[str, str, str]]:
        return type(self), (self.code, self.where, self.reason)  # so that it comes back whole from another process


class NotCanonical(SealBroken):
    """Bytes or values that are not canonical JSON: where in them, and why."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__("not-canonical", where, reason)

    def __reduce__(self) -> tuple[type[NotCanonical], tuple[str, str]]:  # type: ignore[override]
        return type(self), (self.where, self.reason)


class NotAllowed(HomewardError):
    """A statement that does not fit those before it. Nothing of it was recorded.

    Parameters
    ----------
    objections : everything that speaks against it, each with a ``code`` that is stable
    """

    def __init__(self, objections: Sequence[Any]) -> None:
        self.objections = tuple(objections)
        self.codes = tuple(dict.fromkeys(one.code for one in self.objections))
        super().__init__("; ".join(str(one) for one in self.objections))


class KeyRefused(HomewardError):
    """A private key that cannot be opened, or that may not sign this."""


class NotWritten(HomewardError):
    """A file could not be put in its place. Nothing of it is there."""


class LedgerUnusable(HomewardError):
    """A ledger that cannot be opened, read or written. What was not acknowledged is not in it."""


class Cancelled(HomewardError):
    """Raised by a tick when the person who asked has stopped the work."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file.

    Parameters
    ----------
    file : name of the file or sheet, as the user knows it
    line : 1-based line (the header is line 1); None if the fault is about the whole file
    column : the column's name, or "" if the fault is about the whole row
    value : what stood there, "" if nothing
    reason : why it cannot be accepted
    remedy : what to do about it
    """

    file: str
    line: int | None
    column: str
    value: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}, line {self.line}"
        if self.column:
            where += f", {self.column}"
        shown = f" {self.value!r}:" if self.value else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{where}:{shown} {self.reason}{remedy}"


class Rejected(HomewardError):
    """A folder, file or import that was not accepted. Nothing of it was used."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        count = len(self.faults)
        first = f"; the first: {self.faults[0]}" if self.faults else ""
        super().__init__(f"{count} fault{'' if count == 1 else 's'}{first}")

    def __reduce__(self) -> tuple[type[Rejected], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)  # so that it comes back whole from another process
