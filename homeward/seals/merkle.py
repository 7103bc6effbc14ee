"""Logs that only grow: hashing, proofs and their verification (RFC 6962, RFC 9162).

The tree over a log's entries splits at the largest power of two below their number. ``plain_...`` follow the
definition, from the entries themselves; the others need only the hashes of *perfect subtrees*, which never change
once they are full: ``node(level, index)`` is the hash over the entries ``index * 2**level`` up to, not including,
``(index + 1) * 2**level``. Appending makes about two of them; a proof reads about log2(size). Tests hold the two
together.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence

from homeward.errors import SealBroken
from homeward.seals.canonical import canonical, write_base64

Node = Callable[[int, int], bytes]
HASH_BYTES = 32
_ENTRY_OF = re.compile("[0-9a-f]{64}sha256:[0-9a-f]{64}")


def log_entry(statement_digest: str, keyid: str, sig: bytes) -> bytes:
    """The bytes of a log's entry: one signature on one statement."""
    if _ENTRY_OF.fullmatch(f"{keyid}{statement_digest}"):  # then nothing in it has to be escaped
        return f'{{"key":"{keyid}","sig":"{write_base64(sig)}","statement":"{statement_digest}"}}'.encode()
    return canonical({"key": keyid, "sig": write_base64(sig), "statement": statement_digest})


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry (RFC 6962 section 2.1: ``0x00 ‖ entry``)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two subtrees side by side (``0x01 ‖ left ‖ right``)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def plain_root(entries: Sequence[bytes]) -> bytes:
    """The root over entries: the definition (RFC 6962 section 2.1).

    Examples
    --------
    >>> plain_root([]).hex()[:16]
    'e3b0c44298fc1c14'
    >>> plain_root([b""]) == leaf_hash(b"")
    True
    """
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return leaf_hash(entries[0])
    k = _split(len(entries))
    return node_hash(plain_root(entries[:k]), plain_root(entries[k:]))


def plain_inclusion_proof(index: int, entries: Sequence[bytes]) -> list[bytes]:
    """The audit path of an entry: the definition (RFC 6962 section 2.1.1)."""
    if len(entries) == 1:
        return []
    k = _split(len(entries))
    if index < k:
        return [*plain_inclusion_proof(index, entries[:k]), plain_root(entries[k:])]
    return [*plain_inclusion_proof(index - k, entries[k:]), plain_root(entries[:k])]


def plain_consistency_proof(old: int, entries: Sequence[bytes]) -> list[bytes]:
    """That the first ``old`` entries are a beginning of these: the definition (RFC 6962 section 2.1.2)."""
    return _plain_subproof(old, entries, whole=True) if old else []


def root_of(size: int, node: Node) -> bytes:
    """The root over a log of this size, from its perfect subtrees: about log2(size) of them."""
    return _hash_of(0, size, node) if size else hashlib.sha256(b"").digest()


def append(size: int, leaf_hash: bytes, node: Node) -> list[tuple[int, int, bytes]]:
    """The perfect subtrees that one more entry completes.

    Parameters
    ----------
    size : entries before this one
    leaf_hash : hash of the new entry
    node : the perfect subtrees there are

    Returns
    -------
    Level, index and hash of each, from the leaf up: two on average, log2(size) at most.
    """
    made = [(0, size, leaf_hash)]
    level, index, whole = 0, size, leaf_hash
    while index & 1:
        whole = node_hash(node(level, index - 1), whole)
        level, index = level + 1, index >> 1
        made.append((level, index, whole))
    return made


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The audit path of the entry at ``index`` in the log of this size, from the leaf up.

    Raises
    ------
    IndexError
        If the log of this size has no such entry.
    """
    if not 0 <= index < size:
        raise IndexError(f"A log of {size:,} entries has none at {index:,}.")
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_hash_of(middle, end, node))
            end = middle
        else:
            path.append(_hash_of(start, middle, node))
            start = middle
    return path[::-1]


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """That the log of size ``new`` continues the one of size ``old``; empty for ``old`` 0 and ``old`` = ``new``.

    Raises
    ------
    IndexError
        If ``old`` is not between 0 and ``new``.
    """
    if not 0 <= old <= new:
        raise IndexError(f"A log of {new:,} entries cannot continue one of {old:,}.")
    if old in (0, new):
        return []
    path, start, end, whole = [], 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_hash_of(middle, end, node))
            end = middle
        else:
            path.append(_hash_of(start, middle, node))
            start, whole = middle, False
    return ([] if whole else [_hash_of(start, end, node)]) + path[::-1]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Say nothing if the proof leads from this entry, at this place, to the root (RFC 9162 section 2.1.3.2).

    The definition; :class:`Inclusion` says the same of many entries of one log.

    Raises
    ------
    SealBroken
        ``proof`` if it does not.
    """
    where = f"entry {index} of {size}"
    if not 0 <= index < size:
        raise SealBroken("proof", where, "the log of that size has no such entry.")
    at, last, reached = index, size - 1, leaf_hash
    for sibling in _hashes(proof, "proof", where):
        if last == 0:
            raise SealBroken("proof", where, "the proof is too long.")
        if at & 1 or at == last:
            reached = node_hash(sibling, reached)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        at, last = at >> 1, last >> 1
    if last != 0:
        raise SealBroken("proof", where, "the proof is too short.")
    if reached != root:
        raise SealBroken("proof", where, "the proof leads to another root than the checkpoint's.")


class Inclusion:
    """:func:`verify_inclusion` for many entries under one root, each hashed only as far as its path is its own.

    Neighbours share the upper part of their paths. Of each level the node that was passed last is kept, with its
    place, its hash and what of the proof was left there, once that proof has led to the root. A later path that comes
    to the same node with the same hash and has the same left to go reaches the root like the one before. Whatever
    does not come there is put to the definition.

    Parameters
    ----------
    size, root : of the log whose entries are asked about
    """

    def __init__(self, size: int, root: bytes) -> None:
        self.size = size
        self.root = root
        self._proved: dict[int, tuple[int, bytes, tuple[bytes, ...]]] = {}  # level -> index, hash, rest of the proof

    def verify(self, leaf_hash: bytes, index: int, proof: tuple[bytes, ...]) -> None:
        """Say nothing if the proof leads from this entry, at this place, to the root.

        Raises
        ------
        SealBroken
            ``proof`` if it does not, as the definition has it.
        """
        if not self._joined(leaf_hash, index, proof):
            verify_inclusion(leaf_hash, index, self.size, proof, self.root)

    def _joined(self, leaf_hash: bytes, index: int, proof: tuple[bytes, ...]) -> bool:
        """Whether the path comes to a node that was proved, or to the root; what it passed is proved then."""
        at, last, level, reached, rest = index, self.size - 1, 0, leaf_hash, proof
        passed: dict[int, tuple[int, bytes, tuple[bytes, ...]]] = {}
        while 0 <= at <= last:
            node = at, reached, rest
            if self._proved.get(level) == node or (last == 0 and not rest and reached == self.root):
                self._proved.update(passed)
                return True
            if last == 0 or not rest or len(rest[0]) != HASH_BYTES:
                return False
            passed[level] = node
            if at & 1 or at == last:
                reached = node_hash(rest[0], reached)
                while not at & 1 and at:
                    at, last, level = at >> 1, last >> 1, level + 1
            else:
                reached = node_hash(reached, rest[0])
            at, last, level, rest = at >> 1, last >> 1, level + 1, rest[1:]
        return False


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Say nothing if the newer log continues the older (RFC 9162 section 2.1.4.2).

    Raises
    ------
    SealBroken
        ``split-view`` if the proof does not show it: the log was shortened, rewritten, or another is shown.
    """
    where = f"from {old} to {new} entries"
    if not 0 <= old <= new:
        raise SealBroken("split-view", where, "a log never shrinks.")
    if old in (0, new):
        _same(old, new, old_root, new_root, proof, where)
        return
    path = list(_hashes(proof, "split-view", where))
    if old & (old - 1) == 0:
        path.insert(0, old_root)  # the old log is one perfect subtree, whose hash is known already
    if not path:
        raise SealBroken("split-view", where, "the proof is empty.")
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    was = now = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise SealBroken("split-view", where, "the proof is too long.")
        if at & 1 or at == last:
            was, now = node_hash(sibling, was), node_hash(sibling, now)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            now = node_hash(now, sibling)
        at, last = at >> 1, last >> 1
    if last != 0 or was != old_root or now != new_root:
        raise SealBroken("split-view", where, "the proof does not lead from the older root to the newer.")


def _split(size: int) -> int:
    """The largest power of two smaller than ``size`` (which is two or more)."""
    return 1 << ((size - 1).bit_length() - 1)


def _plain_subproof(old: int, entries: Sequence[bytes], *, whole: bool) -> list[bytes]:
    if old == len(entries):
        return [] if whole else [plain_root(entries)]
    k = _split(len(entries))
    if old <= k:
        return [*_plain_subproof(old, entries[:k], whole=whole), plain_root(entries[k:])]
    return [*_plain_subproof(old - k, entries[k:], whole=False), plain_root(entries[:k])]


def _hash_of(start: int, end: int, node: Node) -> bytes:
    """Root over entries start..end, where start is a multiple of the smallest power of two not below end - start."""
    size = end - start
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(size)
    return node_hash(_hash_of(start, middle, node), _hash_of(middle, end, node))


def _hashes(proof: Sequence[bytes], code: str, where: str) -> Sequence[bytes]:
    if any(len(one) != HASH_BYTES for one in proof):
        raise SealBroken(code, where, "a proof is a list of hashes of 32 bytes.")
    return proof


def _same(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes], where: str) -> None:
    """The two sizes that need no proof: anything continues nothing, and a log continues itself."""
    if proof:
        raise SealBroken("split-view", where, "no proof is needed here, and one was given.")
    if old == new and old_root != new_root:
        raise SealBroken("split-view", where, "two logs of one size have two roots.")
    if old == 0 and old_root != hashlib.sha256(b"").digest():
        raise SealBroken("split-view", where, "the empty log has another root.")
