"""Everything a ledger holds, verified from the stored bytes: digests, signatures, entries, subtrees."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from homeward.errors import LedgerUnusable, SealBroken
from homeward.formats.ledger import Ledger
from homeward.progress import Tick, silent
from homeward.seals import merkle
from homeward.seals.envelope import Envelope, Signature, verify_signature

BLOCK = 2_000  # statements a worker verifies at a time
Block = tuple[Path, int, int]


def check(path: Path, *, processes: int | None = None, tick: Tick = silent) -> int:
    """Verify a whole ledger.

    Parameters
    ----------
    path : the ledger's file
    processes : workers for the signatures; all cores by default
    tick : called after every block of statements

    Returns
    -------
    Signatures verified.

    Raises
    ------
    SealBroken
        The first signature or digest that does not hold.
    LedgerUnusable
        If the log is not what its entries make of it.
    """
    with Ledger.open(path) as ledger:
        last = ledger.last_row()
        verified = verify_signatures(path, last, processes=processes or os.cpu_count() or 1, tick=tick)
        _check_log(ledger, verified)
    return verified


def verify_signatures(path: Path, last: int, *, processes: int, tick: Tick = silent) -> int:
    """Verify the digests and signatures of the statements up to this row; how many signatures there are."""
    blocks = [(path, start, start + BLOCK) for start in range(1, last + 1, BLOCK)]
    verified = 0
    for done, count in enumerate(_shared_out(_verify_block, blocks, processes), 1):
        verified += count
        tick("signatures", min(done * BLOCK, last), last)
    return verified


def _shared_out(work: Callable[[Block], int], blocks: Sequence[Block], processes: int) -> Iterator[int]:
    if processes == 1 or len(blocks) <= 1:
        yield from map(work, blocks)
        return
    with ProcessPoolExecutor(min(processes, len(blocks))) as pool:
        yield from pool.map(work, blocks)


def _verify_block(block: Block) -> int:
    """Verify the statements in these rows, from the file, in whatever process this is."""
    path, start, end = block
    verified, at = 0, ""
    with Ledger.open(path) as ledger:
        keys = {key.fingerprint: key for key in ledger.known_keys()}
        for digest, payload, keyid, sig in ledger.signed_rows(start, end):
            if digest != at and Envelope(payload).digest != digest:
                raise SealBroken("misnamed", digest, "the stored bytes are another statement's.")
            at = digest
            if keyid is not None:
                verify_signature(payload, Signature(keyid, sig), keys[keyid])
                verified += 1
    return verified


def _check_log(ledger: Ledger, verified: int) -> None:
    """The subtrees that are held are those which the entries make, one by one, and no others."""
    made: dict[tuple[int, int], bytes] = {}
    size = 0
    for entry in ledger.entries():
        if entry.index != size:
            raise LedgerUnusable(f"{ledger.path} is damaged: entry {size} is missing.")
        for level, index, node in merkle.append(size, merkle.leaf_hash(entry.leaf), lambda *at: made[at]):
            made[level, index] = node
        size += 1
    if ledger.nodes() != made:
        raise LedgerUnusable(f"{ledger.path} is damaged: the log's subtrees are not those of its entries.")
    if verified != size:
        raise LedgerUnusable(f"{ledger.path} is damaged: {size} entries speak of {verified} signatures.")
