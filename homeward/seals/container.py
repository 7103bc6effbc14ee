"""The canonical ZIP that a bundle is: every byte of it is determined by the files it holds.

Any archive program opens it. Two that hold the same files are equal to the last byte, so nothing can hide between the
files, and a reader accepts a container by writing it again from what it read and comparing.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator, Mapping

from homeward.errors import SealBroken, TooLarge

LARGEST = 2**30  # bytes of a whole bundle
LARGEST_FILE = 2**28
MOST_FILES = 1_000_000
NAMES = re.compile(
    r"seal\.note|files\.json|documents\.json|verify\.html|README\.txt"
    r"|(?:keys|statements|openings)/[0-9a-f]{64}\.json|documents/[0-9a-f]{64}|logs/[A-Za-z0-9_-]{1,50}\.json"
)
_VERSION = 20
_FLAGS = 0x0800
_FIRST_OF_1980 = (1 << 5) | 1
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_MANY = 0xFFFF


def write_container(files: Mapping[str, bytes]) -> bytes:
    """The container that holds these files.

    Raises
    ------
    SealBroken
        ``container`` if a name is none of those that a bundle may hold.
    TooLarge
        If there are too many files, or too many bytes.

    Examples
    --------
    >>> read_container(write_container({"README.txt": b"Keep dry."}))
    {'README.txt': b'Keep dry.'}
    """
    if len(files) > MOST_FILES:
        raise TooLarge(f"A bundle holds at most {MOST_FILES:,} files, not {len(files):,}; make one for each subject.")
    total = _size(files)
    if total > LARGEST:
        raise TooLarge(f"A bundle holds at most {LARGEST:,} bytes, not {total:,}; send the documents in several.")
    pieces: list[bytes] = []
    directory: list[bytes] = []
    offset = 0
    for name in sorted(files):
        _check(name, len(files[name]))
        local, central = _headers(name, files[name], offset)
        pieces += (local, files[name])
        directory.append(central)
        offset += len(local) + len(files[name])
    return b"".join((*pieces, _tail(directory, offset)))


def read_container(data: bytes) -> dict[str, bytes]:
    """The files of a container, by name.

    Raises
    ------
    SealBroken
        ``container`` if a single byte is other than what :func:`write_container` writes for the same files.
    TooLarge
        If it is larger than a bundle may be.
    """
    if len(data) > LARGEST:
        raise TooLarge(f"A bundle holds at most {LARGEST:,} bytes, not {len(data):,}.")
    files: dict[str, bytes] = {}
    directory: list[bytes] = []
    offset = 0
    for name, content in _contents(data):
        local, central = _headers(name, content, offset)
        if not data.startswith(local, offset):
            raise _other(name, "the header before it is not as a bundle writes it.")
        if files and name <= next(reversed(files)):
            raise _other(name, "it stands out of order, or twice.")
        files[name] = content
        directory.append(central)
        offset += len(local) + len(content)
    if data[offset:] != _tail(directory, offset):
        raise _other(f"byte {offset}", "the directory from here on is not that of the files before it.")
    return files


def _size(files: Mapping[str, bytes]) -> int:
    each = sum(_LOCAL.size + _CENTRAL.size + 2 * len(name) + len(content) for name, content in files.items())
    return each + _END.size + (_END64.size + _LOCATOR.size if len(files) >= _MANY else 0)


def _check(name: str, size: int) -> None:
    if not NAMES.fullmatch(name):
        raise _other(repr(name[:100]), "a bundle holds no file of this name.")
    if size > LARGEST_FILE:
        raise TooLarge(f"{name} has {size:,} bytes; a file in a bundle has at most {LARGEST_FILE:,}.")


def _contents(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file, from the headers before them."""
    offset = files = 0
    while data.startswith(b"PK\x03\x04", offset):
        if len(data) < offset + _LOCAL.size:
            raise _other(f"byte {offset}", "it ends within the header of a file.")
        fields = _LOCAL.unpack_from(data, offset)
        size, name_size = fields[8], fields[9]
        start = offset + _LOCAL.size + name_size
        name = data[offset + _LOCAL.size : start].decode("ascii", errors="replace")
        files += 1
        if start + size > len(data):
            raise _other(repr(name[:100]), "the container ends within it.")
        _check(name, size)
        if files > MOST_FILES:
            raise TooLarge(f"A bundle holds at most {MOST_FILES:,} files, and this one more.")
        yield name, data[start : start + size]
        offset = start + size


def _headers(name: str, content: bytes, offset: int) -> tuple[bytes, bytes]:
    """What stands before a file, and in the directory at the end."""
    path, checksum, size = name.encode("ascii"), zlib.crc32(content), len(content)
    common = (_VERSION, _FLAGS, 0, 0, _FIRST_OF_1980, checksum, size, size, len(path), 0)
    local = _LOCAL.pack(b"PK\x03\x04", *common) + path
    return local, _CENTRAL.pack(b"PK\x01\x02", _VERSION, *common, 0, 0, 0, 0, offset) + path


def _tail(directory: list[bytes], offset: int) -> bytes:
    """The directory and what ends the file; ZIP64's end record only where the count does not fit."""
    listing = b"".join(directory)
    count, size = len(directory), len(listing)
    many = b""
    if count >= _MANY:
        end64 = _END64.pack(b"PK\x06\x06", _END64.size - 12, 45, 45, 0, 0, count, count, size, offset)
        many = end64 + _LOCATOR.pack(b"PK\x06\x07", 0, offset + size, 1)
        count = _MANY
    return listing + many + _END.pack(b"PK\x05\x06", 0, 0, count, count, size, offset, 0)


def _other(where: str, reason: str) -> SealBroken:
    return SealBroken("container", where, reason)
