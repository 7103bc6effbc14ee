"""Anchors: from a file, from fingerprints typed off the minutes, from a party's own ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from homeward.errors import Fault, Rejected, SealBroken
from homeward.formats.files import read_file, write_again
from homeward.formats.ledger import Ledger
from homeward.seals.anchors import Anchors, LogAnchor
from homeward.seals.checkpoint import Checkpoint, read_note
from homeward.seals.contents import LogCopy
from homeward.seals.keys import CODE, FINGERPRINT, PARTY

MOST_BYTES = 2**24
Pins = Mapping[str, Sequence[str]]  # party's code -> fingerprints


def read_anchors(path: Path) -> Anchors:
    """Read an anchors file.

    Raises
    ------
    Rejected
        If it cannot be read.
    SealBroken
        If it is not one.
    """
    data = read_file(path, most=MOST_BYTES)
    try:
        return Anchors.read(data)
    except SealBroken as fault:
        ask = "Make it with: homeward seal anchors"
        raise SealBroken(fault.code, f"{path}, {fault.where}", f"{fault.reason} {ask}") from None


def write_anchors(path: Path, anchors: Anchors) -> None:
    """Write an anchors file, in the place of the one that may be there."""
    write_again(path, anchors.to_bytes())


def read_pins(typed: Iterable[str]) -> dict[str, list[str]]:
    """Fingerprints as they are typed: ``arvad=0123 4567 …``, in groups or not.

    Raises
    ------
    Rejected
        With everything that is no party and fingerprint.

    Examples
    --------
    >>> read_pins(["arvad=" + "0123 4567 89ab cdef " * 4])
    {'arvad': ['0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef']}
    """
    pins: dict[str, list[str]] = {}
    faults = []
    for one in typed:
        party, _, fingerprint = one.partition("=")
        digits = "".join(fingerprint.split()).lower()
        if CODE.fullmatch(party) and FINGERPRINT.fullmatch(digits):
            pins.setdefault(party, []).append(digits)
        else:
            remedy = "Write PARTY=FINGERPRINT, with the 64 digits that stand in the minutes."
            faults.append(Fault("--pin", None, "", one, "is no party with a fingerprint.", remedy))
    if faults:
        raise Rejected(faults)
    return pins


def with_pins(anchors: Anchors, pins: Pins, logs: Iterable[LogCopy]) -> Anchors:
    """The same, with what the minutes say: whose keys these are, and by which installation a log is signed.

    A log in a bundle becomes known by a pinned installation's fingerprint, unless it is known already.
    """
    for party, fingerprints in pins.items():
        for fingerprint in fingerprints:
            anchors = anchors.with_key(party, fingerprint)
    for log in logs:
        if log.installation in pins.get(log.party, ()) and log.origin not in anchors.logs:
            anchors = anchors.with_log(log.origin, LogAnchor(log.installation))
    return anchors


def anchors_of(ledger: Ledger, logs: Iterable[LogCopy] = ()) -> Anchors:
    """What a party's own ledger knows: pinned keys, logs as they were cosigned last, its own log.

    Parameters
    ----------
    logs : those that are to be held against it: a log never cosigned is known if its installation's key is; the
        party's own is known at the very size at which it is shown
    """
    anchors, installations = Anchors(), set()
    for key in ledger.known_keys():
        if key.role == PARTY:
            anchors = anchors.with_key(key.party, key.fingerprint)
        else:
            installations.add((key.party, key.fingerprint))
    for log in ledger.foreign_logs():
        anchors = anchors.with_log(log.origin, LogAnchor(log.installation, log.note))
    for copy in logs:
        if copy.origin == ledger.origin:
            anchors = anchors.with_log(copy.origin, _own(ledger, copy))
        elif (copy.party, copy.installation) in installations and copy.origin not in anchors.logs:
            anchors = anchors.with_log(copy.origin, LogAnchor(copy.installation))
    return anchors


def _own(ledger: Ledger, copy: LogCopy) -> LogAnchor:
    """Our own log, as it was when it had the size that is shown; as it is, if it never was so large."""
    try:
        size = min(read_note(copy.checkpoint).checkpoint.size, ledger.size)
    except SealBroken:
        size = ledger.size
    note = ledger.sign_checkpoint(Checkpoint(ledger.origin, size, ledger.root(size)))
    return LogAnchor(ledger.installation.fingerprint, note)
