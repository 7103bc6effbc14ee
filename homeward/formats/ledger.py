"""A party's own book of statements and its log, at the command line: one SQLite file.

It holds statements as they were signed, public keys, signatures, the log's entries with the perfect subtrees over
them, the checkpoints it made, and the last checkpoint it cosigned of every other log. A statement with its signatures
is recorded in one transaction, and is acknowledged only when that is on the disk. Nothing is ever changed or deleted;
the database itself refuses it. The file holds the installation's private key, which may sign only this log's
checkpoints: keep it as you keep a key.

Cost: a signature adds two subtrees on average; a root or a proof reads about log2(size) of them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from homeward.errors import KeyRefused, LedgerUnusable, NotFound, SealBroken
from homeward.formats import ledgerfile
from homeward.seals import merkle
from homeward.seals.canonical import LARGEST
from homeward.seals.checkpoint import (
    Checkpoint,
    Continuation,
    Note,
    cosign_checkpoint,
    cosigned_by,
    read_note,
    sign_checkpoint,
    verify_note,
)
from homeward.seals.contents import LogCopy
from homeward.seals.envelope import Envelope, Signature, verify_signature
from homeward.seals.keys import INSTALLATION, PARTY, PrivateKey, PublicKey
from homeward.seals.statement import Statement, read_frame


@dataclass(frozen=True, slots=True)
class Entry:
    """One signature, in its place in the log."""

    index: int
    statement: str
    keyid: str
    sig: bytes

    @property
    def leaf(self) -> bytes:
        """The entry's bytes."""
        return merkle.log_entry(self.statement, self.keyid, self.sig)


@dataclass(frozen=True, slots=True)
class Held:
    """A statement in short: what a list shows.

    Parameters
    ----------
    digest, kind, subject, made_at : as in the statement
    author : code of the party that speaks
    signatures : how many are held
    """

    digest: str
    kind: str
    subject: str
    made_at: str
    author: str
    signatures: int


@dataclass(frozen=True, slots=True)
class ForeignLog:
    """Another party's log, as it was cosigned last.

    Parameters
    ----------
    origin, party : whose log
    installation : fingerprint of the key that signs its checkpoints
    note : the checkpoint with our cosignature
    """

    origin: str
    party: str
    installation: str
    note: str


class Ledger:
    """An open ledger. Use as a context manager, or close it."""

    def __init__(self, path: Path, rows: sqlite3.Connection) -> None:
        self.path, self._rows = path, rows
        found = self._all("SELECT party, origin, installation, private FROM ledger")
        if not found:
            raise LedgerUnusable(f"{path} was never finished. Delete it and create it again.")
        self.party: str = found[0][0]
        self.origin: str = found[0][1]
        self.installation = PublicKey.read(found[0][2])
        self._private: bytes = found[0][3]

    # --- opening and closing

    @classmethod
    def create(cls, path: Path, *, party: str, origin: str = "", keys: Iterable[PublicKey] = ()) -> Self:
        """Make a ledger for a party, with a new installation key.

        Parameters
        ----------
        path : the file to make, readable by its owner alone
        party : the party's code
        origin : the log's name; by default the party's code and the beginning of the installation's fingerprint
        keys : public keys known from the start, the party's own among them

        Raises
        ------
        WouldOverwrite
            If the file is there and holds anything.
        LedgerUnusable
            If it cannot be made.
        SealBroken
            If the party's code or the origin cannot be one.
        """
        private = PrivateKey.generate()
        installation = private.public(party=party, name="installation", role=INSTALLATION)
        origin = origin or f"{party}/{installation.fingerprint[:16]}"
        Checkpoint(origin, 0, bytes(32))  # refuses what cannot be an origin
        rows = ledgerfile.make(path)
        try:
            with ledgerfile.change(path, rows):
                if rows.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
                    raise ledgerfile.taken(path)
                ledgerfile.lay_out(rows)
                mine = (party, origin, installation.to_bytes(), private.to_pem(None))
                rows.execute("INSERT INTO ledger VALUES (1, ?, ?, ?, ?)", mine)
                made = cls(path, rows)
                made._learn([installation, *keys])
            with ledgerfile.told(path):
                ledgerfile.log_ahead(rows)
        except BaseException:
            rows.close()
            raise
        return made

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a ledger.

        Raises
        ------
        NotFound
            If there is none.
        LedgerUnusable
            If it cannot be opened, is no ledger, or was made by a later version.
        """
        rows = ledgerfile.opened(path)
        try:
            return cls(path, rows)
        except BaseException:
            rows.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # --- recording

    def learn(self, keys: Iterable[PublicKey]) -> None:
        """Keep public keys. What is known stays as it was first told.

        Raises
        ------
        SealBroken
            ``key-altered`` if a known fingerprint comes with another party, name or role.
        """
        with self._change():
            self._learn(keys)

    def record(self, envelope: Envelope, keys: Iterable[PublicKey] = ()) -> tuple[Entry, ...]:
        """Record a statement and those of its signatures that are not held yet, all or nothing.

        Parameters
        ----------
        envelope : the statement with its signatures
        keys : public keys that may not be known yet; those of its signers are kept

        Returns
        -------
        The entries made, in the order of the log; none if everything was held already. When this returns, they are
        on the disk.

        Raises
        ------
        NotCanonical, Rejected
            If the payload is no statement.
        SealBroken
            ``signer-unexpected``, ``unknown-key``, ``key-party``, ``wrong-role``, ``revoked-key`` or ``signature``:
            nothing was recorded.
        LedgerUnusable
            If the file could not be written: nothing was recorded.
        """
        signing = {signer.key for signer in read_frame(envelope.payload).signers}
        return self.take_in([envelope], [key for key in keys if key.fingerprint in signing])

    def take_in(
        self,
        envelopes: Sequence[Envelope],
        keys: Iterable[PublicKey] = (),
        *,
        order: Mapping[tuple[str, str], int] | None = None,
        copies: Iterable[LogCopy] = (),
    ) -> tuple[Entry, ...]:
        """Record several statements with their signatures, all or nothing.

        Parameters
        ----------
        envelopes : the statements with their signatures
        keys : public keys that may not be known yet
        order : (statement's digest, key's fingerprint) -> place in the sender's log, whose order is followed, so that
            what was signed before a key was revoked comes before that here too
        copies : what came of other logs, to be kept

        Returns
        -------
        The entries made, in the order of the log. When this returns, they are on the disk.

        Raises
        ------
        NotCanonical, Rejected, SealBroken, LedgerUnusable
            As :meth:`record`; nothing was recorded.
        """
        statements = [read_frame(envelope.payload) for envelope in envelopes]
        with self._change():
            self._learn(keys)
            rows = [self._statement_row(statement) for statement in statements]
            made = [
                self._append(rows[at], statements[at], signature)
                for at, signature in _in_order(statements, envelopes, order or {})
                if not self._is_held(rows[at], statements[at], signature)
            ]
            for copy in copies:
                self._keep_copy(copy)
        return tuple(made)

    def _statement_row(self, statement: Statement) -> int:
        found = self._rows.execute("SELECT id FROM statements WHERE digest = ?", (statement.digest,)).fetchone()
        if found:
            return int(found[0])
        new = (statement.digest, statement.payload, statement.kind, statement.subject, statement.made_at, statement.by)
        columns = "digest, payload, kind, subject, made_at, author"
        return int(
            self._rows.execute(f"INSERT INTO statements ({columns}) VALUES (?, ?, ?, ?, ?, ?)", new).lastrowid or 0
        )

    def _is_held(self, row: int, statement: Statement, signature: Signature) -> bool:
        asked = (row, signature.keyid)
        held = self._rows.execute("SELECT sig FROM entries WHERE statement = ? AND fingerprint = ?", asked).fetchone()
        if held is None:
            self._verify(statement, signature)
            return False
        if held[0] != signature.sig:
            where = f"{statement.digest}, signature by {signature.keyid}"
            raise SealBroken("signature", where, "another signature of this key on this statement is held already.")
        return True

    def _verify(self, statement: Statement, signature: Signature) -> None:
        where = f"{statement.digest}, signature by {signature.keyid}"
        signer = statement.signer_of(signature.keyid)
        if signer is None:
            raise SealBroken("signer-unexpected", where, "the statement does not name this key among its signers.")
        key = self.key(signature.keyid)
        if key is None:
            raise SealBroken(
                "unknown-key", where, f"the public key of {signer.party} is not known here; give its file."
            )
        if key.party != signer.party:
            raise SealBroken("key-party", where, f"the key is that of {key.party}, the statement says {signer.party}.")
        if key.role != PARTY:
            raise SealBroken("wrong-role", where, f"a key of the role {key.role} signs no statements.")
        asked = "SELECT 1 FROM revoked WHERE fingerprint = ? AND party = ?"
        if self._rows.execute(asked, (key.fingerprint, key.party)).fetchone():
            raise SealBroken("revoked-key", where, f"{key.party} has revoked this key.")
        verify_signature(statement.payload, signature, key)

    def _append(self, row: int, statement: Statement, signature: Signature) -> Entry:
        entry = Entry(self.size, statement.digest, signature.keyid, signature.sig)
        made = merkle.append(entry.index, merkle.leaf_hash(entry.leaf), self.node)
        self._rows.execute("INSERT INTO entries VALUES (?, ?, ?, ?)", (entry.index, row, entry.keyid, entry.sig))
        self._rows.executemany("INSERT INTO nodes VALUES (?, ?, ?)", made)
        if statement.kind == "key":
            self._keep_revocation(row, statement)
        return entry

    def _keep_revocation(self, row: int, statement: Statement) -> None:
        """A key is revoked once each signer has signed that it is: then nothing more is accepted of it."""
        body = statement.body
        if body.get("act") != "revoke" or body.get("party") != statement.by:
            return
        signed = {key for (key,) in self._rows.execute("SELECT fingerprint FROM entries WHERE statement = ?", (row,))}
        if all(signer.key in signed for signer in statement.signers):
            revoked = (str(body.get("fingerprint")), statement.by, row)  # no party revokes another's key
            self._rows.execute("INSERT OR IGNORE INTO revoked VALUES (?, ?, ?)", revoked)

    def _learn(self, keys: Iterable[PublicKey]) -> None:
        for key in keys:
            known = self.key(key.fingerprint)
            if known is None:
                self._rows.execute("INSERT INTO keys VALUES (?, ?)", (key.fingerprint, key.to_bytes()))
            elif known != key:
                told = f"it is known as that of {known.party} ({known.name}, {known.role})."
                raise SealBroken("key-altered", f"key {key.fingerprint}", told)

    def _keep_copy(self, copy: LogCopy) -> None:
        """Keep what came of another log; entries that came before at the same size stay with it."""
        size = read_note(copy.checkpoint).checkpoint.size
        asked = "SELECT copy FROM copies WHERE origin = ? AND size = ?"
        held = self._rows.execute(asked, (copy.origin, size)).fetchone()
        entries = {one.index: one for one in (*(LogCopy.read(held[0]).entries if held else ()), *copy.entries)}
        whole = replace(copy, entries=tuple(entries[at] for at in sorted(entries)))
        again = "ON CONFLICT (origin, size) DO UPDATE SET copy = excluded.copy"
        self._rows.execute(f"INSERT INTO copies VALUES (?, ?, ?) {again}", (copy.origin, size, whole.to_bytes()))

    # --- what is held

    def copies(self) -> tuple[LogCopy, ...]:
        """What came last of each other log, with the proofs of its entries."""
        rows = self._all("SELECT copy FROM copies ORDER BY origin, size")
        return tuple({copy.origin: copy for copy in (LogCopy.read(row[0]) for row in rows)}.values())

    @property
    def size(self) -> int:
        """Entries in the log."""
        with self._asked():
            return int(self._rows.execute("SELECT coalesce(max(position) + 1, 0) FROM entries").fetchone()[0])

    def node(self, level: int, index: int) -> bytes:
        """Hash of a perfect subtree of the log.

        Raises
        ------
        LedgerUnusable
            If it is missing: the file is damaged.
        """
        with self._asked():
            sought = "SELECT hash FROM nodes WHERE level = ? AND position = ?"
            found = self._rows.execute(sought, (level, index)).fetchone()
        if found is None:
            raise LedgerUnusable(f"{self.path} is damaged: subtree {index} of level {level} is missing.")
        return bytes(found[0])

    def root(self, size: int | None = None) -> bytes:
        """Root over the log, or over its first entries."""
        return merkle.root_of(self.size if size is None else size, self.node)

    def inclusion_proof(self, index: int, size: int | None = None) -> list[bytes]:
        """That an entry is in the log of this size."""
        return merkle.inclusion_proof(index, self.size if size is None else size, self.node)

    def consistency_proof(self, old: int, new: int | None = None) -> list[bytes]:
        """That the log continues its older self."""
        return merkle.consistency_proof(old, self.size if new is None else new, self.node)

    def key(self, fingerprint: str) -> PublicKey | None:
        """A known public key."""
        with self._asked():
            found = self._rows.execute("SELECT key FROM keys WHERE fingerprint = ?", (fingerprint,)).fetchone()
        return PublicKey.read(found[0]) if found else None

    def known_keys(self) -> tuple[PublicKey, ...]:
        """Every known public key, by fingerprint; the installation's among them."""
        return tuple(PublicKey.read(row[0]) for row in self._all("SELECT key FROM keys ORDER BY fingerprint"))

    def statements(self, subject: str = "") -> Iterator[Held]:
        """Statements in the order they came, or those about one subject."""
        columns = "digest, kind, subject, made_at, author"
        counted = "(SELECT count(*) FROM entries WHERE entries.statement = statements.id)"
        rows = self._all(
            f"SELECT {columns}, {counted} FROM statements WHERE ?1 IN ('', subject) ORDER BY id", (subject,)
        )
        return (Held(*row) for row in rows)

    def envelope(self, digest: str) -> Envelope:
        """A statement with the signatures that are held of it.

        Raises
        ------
        NotFound
            If it is not held.
        """
        with self._asked():
            found = self._rows.execute("SELECT id, payload FROM statements WHERE digest = ?", (digest,)).fetchone()
        if found is None:
            raise NotFound(f"{digest} is not in {self.path}.")
        signed = self._all("SELECT fingerprint, sig FROM entries WHERE statement = ? ORDER BY fingerprint", (found[0],))
        return Envelope(found[1], tuple(Signature(*row) for row in signed))

    def entries(self, start: int = 0, end: int | None = None) -> Iterator[Entry]:
        """The log's entries in order."""
        joined = "entries JOIN statements ON statements.id = entries.statement"
        asked = f"SELECT position, digest, fingerprint, sig FROM {joined} WHERE position >= ? AND position < ?"
        rows = self._all(f"{asked} ORDER BY position", (start, 2**62 if end is None else end))
        return (Entry(*row) for row in rows)

    def nodes(self) -> dict[tuple[int, int], bytes]:
        """Every perfect subtree that is held, by level and index."""
        return {(level, index): node for level, index, node in self._all("SELECT level, position, hash FROM nodes")}

    def last_row(self) -> int:
        """The number of the newest statement's row; rows are numbered from 1 as statements come."""
        return int(self._all("SELECT coalesce(max(id), 0) FROM statements")[0][0])

    def signed_rows(self, start: int, end: int) -> list[tuple[str, bytes, str | None, bytes]]:
        """Digest, stored bytes, key and signature of the statements in these rows, a row for each signature."""
        joined = "statements LEFT JOIN entries ON entries.statement = statements.id"
        asked = f"SELECT digest, payload, fingerprint, sig FROM {joined} WHERE statements.id >= ? AND statements.id < ?"
        return [(row[0], row[1], row[2], row[3]) for row in self._all(f"{asked} ORDER BY statements.id", (start, end))]

    # --- checkpoints

    def checkpoint(self) -> str:
        """A signed note of the log as it stands, kept; the same again while nothing was recorded."""
        with self._change():
            size = self.size
            held = self._rows.execute("SELECT note FROM checkpoints WHERE size = ?", (size,)).fetchone()
            if held:
                return str(held[0])
            made = Checkpoint(self.origin, size, merkle.root_of(size, self.node))
            note = sign_checkpoint(made, PrivateKey.from_pem(self._private, None), self.origin)
            self._rows.execute("INSERT INTO checkpoints VALUES (?, ?)", (size, note))
        return note

    def sign_checkpoint(self, checkpoint: Checkpoint) -> str:
        """Sign a checkpoint of this log with further lines (a bundle's seal).

        Raises
        ------
        KeyRefused
            If it is not one of this log as it is, or was: the installation's key signs nothing else.
        """
        if checkpoint.origin != self.origin or checkpoint.size > self.size:
            raise KeyRefused(f"The installation's key signs checkpoints of {self.origin} only.")
        if checkpoint.root != self.root(checkpoint.size):
            raise KeyRefused(f"The log of {checkpoint.size:,} entries has another root; this is not signed.")
        return sign_checkpoint(checkpoint, PrivateKey.from_pem(self._private, None), self.origin)

    def checkpoints(self) -> tuple[str, ...]:
        """The notes of this log, oldest first, with the cosignatures that came back."""
        return tuple(row[0] for row in self._all("SELECT note FROM checkpoints ORDER BY size"))

    def last_cosigned(self) -> str:
        """The newest of our checkpoints that another party has cosigned; "" if none."""
        return next((note for note in reversed(self.checkpoints()) if len(read_note(note).signatures) > 1), "")

    def continuation(self, earlier: str, new: int) -> Continuation:
        """The proof that this log, at a size, continues an earlier checkpoint of it ("" for the empty log).

        Raises
        ------
        SealBroken
            ``other-log`` if the earlier checkpoint is not one of this log.
        """
        old = read_note(earlier).checkpoint if earlier else Checkpoint(self.origin, 0, self.root(0))
        if old.origin != self.origin or old.size > new or old.root != self.root(old.size):
            raise SealBroken("other-log", old.origin, f"this is no earlier checkpoint of {self.origin}.")
        return Continuation(old.size, new, tuple(self.consistency_proof(old.size, new)))

    def take_cosigned(self, note: str, keys: Iterable[PublicKey] = ()) -> tuple[PublicKey, ...]:
        """Keep the cosignatures that came back on one of our checkpoints.

        Returns
        -------
        The keys that cosigned.

        Raises
        ------
        SealBroken
            ``other-log`` if it is not a checkpoint of ours; ``note`` if a signature is not good, or nobody known
            cosigned.
        """
        read = read_note(note)
        with self._change():
            self._learn(keys)
            size = read.checkpoint.size
            held = self._rows.execute("SELECT note FROM checkpoints WHERE size = ?", (size,)).fetchone()
            if held is None or read_note(held[0]).checkpoint != read.checkpoint:
                raise SealBroken("other-log", read.checkpoint.origin, f"this checkpoint was not made by {self.origin}.")
            verify_note(read, self.installation, self.origin)
            cosigners = self._cosigners(read)
            kept = read_note(held[0])
            new = [one for one in read.signatures if one not in kept.signatures]
            merged = Note(kept.checkpoint, (*kept.signatures, *new)).text
            self._rows.execute("UPDATE checkpoints SET note = ? WHERE size = ?", (merged, size))
        return cosigners

    def _cosigners(self, note: Note) -> tuple[PublicKey, ...]:
        """Who has cosigned; a line by someone unknown is refused, since nobody could check it later."""
        found = []
        for one in note.signatures:
            if one.name == self.origin:
                continue
            key = next((key for key in self.known_keys() if key.party == one.name and _is_by(key, note)), None)
            if key is None:
                raise SealBroken("note", self.origin, f"{one.name} has signed with a key that is not known here.")
            cosigned_by(note, key, key.party)
            found.append(key)
        if not found:
            raise SealBroken("note", self.origin, "nobody has cosigned this checkpoint.")
        return tuple(found)

    def foreign_logs(self) -> tuple[ForeignLog, ...]:
        """Other logs, as they were cosigned last."""
        rows = self._all("SELECT origin, party, installation, note FROM foreign_logs ORDER BY origin")
        return tuple(ForeignLog(*row) for row in rows)

    def witness(
        self,
        note: str,
        key: PrivateKey,
        *,
        continuation: Continuation | None = None,
        installation: PublicKey | None = None,
        at: int | None = None,
    ) -> str:
        """Cosign another log's checkpoint, if the log continues the one cosigned before.

        Parameters
        ----------
        note : the checkpoint
        key : a key of this ledger's party
        continuation : the proof from the checkpoint cosigned before; not needed the first time, nor for the same size
        installation : the key that signs the log's checkpoints, as the minutes have it: needed the first time
        at : seconds since 1970, UTC; now if not given

        Returns
        -------
        The note with the cosignature, kept before it is given out.

        Raises
        ------
        KeyRefused
            If the key is not known as one of this party's.
        SealBroken
            ``unpinned-log`` if the log is not known and no installation's key is given; ``other-log`` if it is known
            under another; ``note`` if its signature is not good; ``older-checkpoint`` if it has shrunk;
            ``split-view`` if it is not shown to continue.
        """
        read = read_note(note)
        self._mine(key)
        with self._change():
            known = {log.origin: log for log in self.foreign_logs()}.get(read.checkpoint.origin)
            signer = self._installation_of(read, known, installation)
            verify_note(read, signer, read.checkpoint.origin)
            _continues(known, read.checkpoint, continuation)
            cosigned = cosign_checkpoint(note, key, self.party, int(time.time()) if at is None else at)
            row = (read.checkpoint.origin, signer.party, signer.fingerprint, cosigned)
            again = "ON CONFLICT (origin) DO UPDATE SET note = excluded.note"
            self._rows.execute(f"INSERT INTO foreign_logs VALUES (?, ?, ?, ?) {again}", row)
        return cosigned

    def _mine(self, key: PrivateKey) -> None:
        known = self.key(key.fingerprint)
        if known is None or known.party != self.party or known.role != PARTY:
            raise KeyRefused(f"The key is not known here as one of {self.party}'s; give its public file with --keys.")

    def _installation_of(self, note: Note, known: ForeignLog | None, given: PublicKey | None) -> PublicKey:
        origin = note.checkpoint.origin
        if origin == self.origin:
            raise SealBroken("other-log", origin, "this is our own log; the other side cosigns it.")
        if known is None and given is None:
            reason = "this log is not known; give its installation's key, as it stands in the minutes."
            raise SealBroken("unpinned-log", origin, reason)
        if known is not None and given is not None and given.fingerprint != known.installation:
            raise SealBroken("other-log", origin, f"this log is known under another key, {known.installation}.")
        if given is not None:
            self._learn([given])
            return given
        assert known is not None
        found = self.key(known.installation)
        if found is None:
            raise LedgerUnusable(f"{self.path} is damaged: the key {known.installation} is missing.")
        return found

    # --- the file

    def _all(self, asked: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._asked():
            return self._rows.execute(asked, values).fetchall()

    def _asked(self) -> AbstractContextManager[None]:
        return ledgerfile.told(self.path)

    def _change(self) -> AbstractContextManager[None]:
        return ledgerfile.change(self.path, self._rows)


def _in_order(
    statements: Sequence[Statement], envelopes: Sequence[Envelope], order: Mapping[tuple[str, str], int]
) -> list[tuple[int, Signature]]:
    """Which statement and signature comes next: as in the sender's log; else statement by statement, author first."""

    def place(one: tuple[int, Signature]) -> tuple[int, int, int]:
        at, signature = one
        keys = [signer.key for signer in statements[at].signers]
        signer = keys.index(signature.keyid) if signature.keyid in keys else len(keys)
        return order.get((statements[at].digest, signature.keyid), LARGEST), at, signer

    return sorted(((at, one) for at, envelope in enumerate(envelopes) for one in envelope.signatures), key=place)


def _is_by(key: PublicKey, note: Note) -> bool:
    try:
        cosigned_by(note, key, key.party)
    except SealBroken:
        return False
    return True


def _continues(known: ForeignLog | None, new: Checkpoint, given: Continuation | None) -> None:
    """Say nothing if a log continues the checkpoint that was cosigned before, or none was."""
    old = read_note(known.note).checkpoint if known else Checkpoint(new.origin, 0, merkle.plain_root([]))
    if new.size < old.size:
        reason = f"it has {new.size:,} entries; {old.size:,} were cosigned. A log never shrinks."
        raise SealBroken("older-checkpoint", new.origin, reason)
    if known is not None and (new.size, new.root) == (old.size, old.root):
        return  # cosigned already; asked again since the answer was lost on its way
    if given is None and old.size not in (0, new.size):
        reason = f"a proof is needed that it continues the {old.size:,} entries cosigned before (--consistency)."
        raise SealBroken("split-view", new.origin, reason)
    if given is not None and (given.old, given.new) != (old.size, new.size):
        reason = f"the proof leads from {given.old:,} to {given.new:,} entries; {old.size:,} were cosigned before."
        raise SealBroken("split-view", new.origin, reason)
    try:
        merkle.verify_consistency(old.size, new.size, old.root, new.root, given.proof if given else ())
    except SealBroken as broken:
        raise SealBroken(broken.code, f"{new.origin}, {broken.where}", broken.reason) from None
