"""Single files in and out: read with a clear refusal; written whole or not at all, and on the disk when told so."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from homeward.errors import Fault, NotWritten, Rejected, WouldOverwrite

MOST_BYTES = 2**28  # no key, note, envelope or statement comes near it


def read_file(path: Path, *, most: int = MOST_BYTES) -> bytes:
    """All bytes of a file.

    Raises
    ------
    Rejected
        If it is not there, cannot be read, is no file or is larger than ``most``.
    """
    try:
        if not path.is_file():
            what = "is no file" if path.exists() else "is not there"
            raise Rejected([Fault(str(path), None, "", "", f"{what}.", "Look at its name.")])
        if path.stat().st_size > most:
            raise Rejected([Fault(str(path), None, "", "", f"is larger than {most:,} bytes.")])
        return path.read_bytes()
    except OSError as problem:
        raise Rejected([Fault(str(path), None, "", "", f"cannot be read: {problem.strerror}.")]) from None


def write_new(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file that is not there yet. When this returns it is whole and on the disk.

    Raises
    ------
    WouldOverwrite
        If something has this name already; it is left as it is.
    NotWritten
        If it could not be written: no space, no permission, no such folder.
    """
    refuse_taken(path)
    _put(path, data, mode, replace=False)


def write_again(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Put new contents in the place of old ones: at every moment the file is the old or the new, whole.

    Raises
    ------
    NotWritten
        If it could not be written; the old contents are still there.
    """
    _put(path, data, mode, replace=True)


def make_folder(folder: Path, *, mode: int = 0o700) -> None:
    """Make a folder, and those above it, unless they are there. When this returns they are on the disk.

    Raises
    ------
    NotWritten
        If one could not be made.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        for one in reversed(missing):
            one.mkdir(mode=mode, exist_ok=True)
            _sync_folder(one.parent)
    except OSError as problem:
        raise NotWritten(f"{folder} could not be made: {problem.strerror}.") from None


def refuse_taken(path: Path) -> None:
    """Say nothing if a name is free.

    Raises
    ------
    WouldOverwrite
        If it is not.
    """
    if path.exists() or path.is_symlink():
        raise WouldOverwrite(f"{path} is already there. Choose another name, or move it away first.")


def _put(path: Path, data: bytes, mode: int, *, replace: bool) -> None:
    beside: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".unfinished", dir=path.parent)
        beside = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            with suppress(PermissionError):  # mkstemp made it for its owner alone; a stick with FAT knows no modes
                os.chmod(name, mode)  # noqa: PTH101
            os.fsync(file.fileno())
        if replace:
            beside.replace(path)
        else:
            _take_name(beside, path)
        _sync_folder(path.parent)
    except FileExistsError:
        raise WouldOverwrite(f"{path} is already there. Choose another name, or move it away first.") from None
    except OSError as problem:
        raise NotWritten(f"{path} could not be written: {problem.strerror}. Nothing of it is there.") from None
    finally:
        if beside is not None:
            beside.unlink(missing_ok=True)


def _take_name(beside: Path, path: Path) -> None:
    """Give the finished file its name unless someone has taken it; sticks with FAT know no links."""
    try:
        os.link(beside, path)
    except PermissionError:
        if path.exists():
            raise FileExistsError(path) from None
        beside.rename(path)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # folders cannot be opened there, and need not be
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
