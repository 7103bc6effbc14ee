"""The file of a ledger: its tables, how it is opened, and when a change is told done.

SQLite with a write-ahead log, synchronised at every commit: a commit returns when it is on the disk. Where a file
system has no write-ahead log (some network drives), the rollback journal with the strictest synchronisation does it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from homeward.errors import LedgerUnusable, NotFound, WouldOverwrite

APPLICATION, VERSION = 0x484D4C47, 1
PATIENCE_S = 10.0  # how long another process may be writing

SCHEMA = """
CREATE TABLE ledger (one INTEGER PRIMARY KEY CHECK (one = 1), party TEXT NOT NULL, origin TEXT NOT NULL,
                     installation BLOB NOT NULL, private BLOB NOT NULL) STRICT;
CREATE TABLE keys (fingerprint TEXT PRIMARY KEY, key BLOB NOT NULL) STRICT;
CREATE TABLE statements (id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, payload BLOB NOT NULL,
                         kind TEXT NOT NULL, subject TEXT NOT NULL, made_at TEXT NOT NULL, author TEXT NOT NULL) STRICT;
CREATE TABLE entries (position INTEGER PRIMARY KEY, statement INTEGER NOT NULL REFERENCES statements,
                      fingerprint TEXT NOT NULL REFERENCES keys, sig BLOB NOT NULL,
                      UNIQUE (statement, fingerprint)) STRICT;
CREATE TABLE nodes (level INTEGER, position INTEGER, hash BLOB NOT NULL, PRIMARY KEY (level, position))
                   STRICT, WITHOUT ROWID;
CREATE TABLE revoked (fingerprint TEXT, party TEXT, statement INTEGER NOT NULL REFERENCES statements,
                      PRIMARY KEY (fingerprint, party)) STRICT;
CREATE TABLE checkpoints (size INTEGER PRIMARY KEY, note TEXT NOT NULL) STRICT;
CREATE TABLE foreign_logs (origin TEXT PRIMARY KEY, party TEXT NOT NULL, installation TEXT NOT NULL,
                           note TEXT NOT NULL) STRICT;
CREATE TABLE copies (origin TEXT NOT NULL, size INTEGER NOT NULL, copy BLOB NOT NULL,
                     PRIMARY KEY (origin, size)) STRICT, WITHOUT ROWID;
CREATE INDEX statements_subject ON statements (subject);
"""
NEVER_CHANGED = ("ledger", "keys", "statements", "entries", "nodes", "revoked")
NEVER_DELETED = (*NEVER_CHANGED, "checkpoints", "foreign_logs", "copies")


def make(path: Path) -> sqlite3.Connection:
    """A new file for its owner alone, open and still without tables.

    Raises
    ------
    WouldOverwrite
        If something is there. An empty file is what an interrupted attempt left behind, and is used.
    LedgerUnusable
        If it cannot be made.
    """
    if path.is_symlink() or (path.exists() and (not path.is_file() or path.stat().st_size)):
        raise taken(path)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        with suppress(PermissionError):  # a stick with FAT knows no modes
            path.chmod(0o600)
    except OSError as problem:
        raise LedgerUnusable(f"{path} cannot be made: {problem.strerror}.") from None
    return _connected(path)


def lay_out(rows: sqlite3.Connection) -> None:
    """Make the tables, and have the database itself refuse what must not happen."""
    for command in SCHEMA.split(";"):
        rows.execute(command)
    for change, tables in (("UPDATE", NEVER_CHANGED), ("DELETE", NEVER_DELETED)):
        for table in tables:
            rows.execute(
                f"CREATE TRIGGER {table}_{change.lower()} BEFORE {change} ON {table}"
                f" BEGIN SELECT raise(ABORT, 'nothing in a ledger is changed or deleted'); END"
            )
    rows.execute(f"PRAGMA user_version = {VERSION}")
    rows.execute(f"PRAGMA application_id = {APPLICATION}")


def opened(path: Path) -> sqlite3.Connection:
    """A ledger's file, open.

    Raises
    ------
    NotFound
        If there is none.
    LedgerUnusable
        If it cannot be opened, is no ledger, or was made by a later version. It is left as it is.
    """
    if not path.is_file():
        raise NotFound(f"There is no ledger at {path}. Make one: homeward seal ledger create {path}")
    rows = _connected(path)
    try:
        with told(path):
            application, version = (
                rows.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
            )
        if application != APPLICATION:
            raise LedgerUnusable(f"{path} is no ledger of Homeward, or was never finished.")
        if version != VERSION:
            raise LedgerUnusable(f"{path} was made by another version of Homeward (form {version}, here {VERSION}).")
        with told(path):
            log_ahead(rows)
    except BaseException:
        rows.close()
        raise
    return rows


def log_ahead(rows: sqlite3.Connection) -> None:
    """Write ahead, where the file system can; from now on a commit returns when it is on the disk."""
    mode = rows.execute("PRAGMA journal_mode = WAL").fetchone()[0]
    rows.execute(f"PRAGMA synchronous = {'FULL' if mode == 'wal' else 'EXTRA'}")


def taken(path: Path) -> WouldOverwrite:
    return WouldOverwrite(f"{path} is already there. Choose another name, or move it away first.")


@contextmanager
def change(path: Path, rows: sqlite3.Connection) -> Iterator[None]:
    """One transaction: all of it on the disk when this ends, or nothing of it."""
    with told(path):
        rows.execute("BEGIN IMMEDIATE")
        try:
            yield
            rows.execute("COMMIT")
        except BaseException:
            if rows.in_transaction:
                rows.execute("ROLLBACK")
            raise


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What the database refuses, in words."""
    try:
        yield
    except sqlite3.Error as problem:
        raise LedgerUnusable(f"{path}: {problem}. What was not acknowledged is not in it.") from problem


def _connected(path: Path) -> sqlite3.Connection:
    with told(path):
        rows = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE_S, isolation_level=None
        )
        rows.execute("PRAGMA synchronous = EXTRA")
        rows.execute("PRAGMA foreign_keys = ON")
    return rows
