"""A party's append-only log in the database: entries, the hashes of perfect subtrees, and proofs from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from django.db import connection

from casework.parties.models import Party
from casework.seals.models import Entry, Node, Statement
from homeward.seals import merkle


def one_writer_at_a_time() -> None:
    """Hold every log until the transaction ends."""
    # SQLite has taken its only write lock when the transaction began (transaction_mode IMMEDIATE).
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE seals_entry IN SHARE ROW EXCLUSIVE MODE")


def size_of(log: Party) -> int:
    """How many entries a log has."""
    last = _value('SELECT max("index") FROM seals_entry WHERE log_id = %s', log.pk)
    return 0 if last is None else int(last) + 1


def append(logs: Iterable[Party], statement: Statement, fingerprint: str, sig: bytes) -> None:
    """Append one signature to each of these logs; within a transaction that holds them."""
    leaf = merkle.log_entry(statement.digest, fingerprint, sig)
    hashed = merkle.leaf_hash(leaf)
    entries, nodes = [], []
    for log in logs:
        size = size_of(log)
        entries.append(Entry(log=log, index=size, statement=statement, fingerprint=fingerprint, leaf=leaf))
        for level, index, made in merkle.append(size, hashed, nodes_of(log)):
            nodes.append(Node(log=log, level=level, index=index, hash=made))
    Entry.objects.bulk_create(entries)
    Node.objects.bulk_create(nodes)


def nodes_of(log: Party) -> merkle.Node:
    """The hashes of a log's perfect subtrees, each looked up once."""

    @cache
    def node(level: int, index: int) -> bytes:
        sought = 'SELECT hash FROM seals_node WHERE log_id = %s AND level = %s AND "index" = %s'
        return bytes(_value(sought, log.pk, level, index))

    return node


def _value(query: str, *given: Any) -> Any:
    """One value, without the half of a millisecond that building a query takes: a signature asks for several."""
    with connection.cursor() as cursor:
        cursor.execute(query, given)
        found = cursor.fetchone()
    return found[0] if found else None


def root_of(log: Party, size: int | None = None) -> bytes:
    """The root over a log, now or when it had ``size`` entries."""
    return merkle.root_of(size_of(log) if size is None else size, nodes_of(log))


def inclusion_proof(entry: Entry, size: int) -> list[bytes]:
    """That an entry is in the log of this size."""
    return merkle.inclusion_proof(entry.index, size, nodes_of(entry.log))


def inclusion_proofs(log: Party, entries: Sequence[Entry], size: int) -> Iterator[list[bytes]]:
    """The same for many entries of one log, which share most of their hashes."""
    node = nodes_of(log)
    return (merkle.inclusion_proof(entry.index, size, node) for entry in entries)


def consistency_proof(log: Party, old: int, new: int) -> list[bytes]:
    """That the log of size ``new`` continues the one of size ``old``."""
    return merkle.consistency_proof(old, new, nodes_of(log))


def plain_leaves(log: Party) -> Iterable[bytes]:
    """Every entry in its order: the definition of a log, from which all else can be computed again."""
    return (bytes(leaf) for leaf in Entry.objects.filter(log=log).order_by("index").values_list("leaf", flat=True))
