"""A bundle of many statements, each signed by both sides, to measure with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime

from homeward.seals import merkle
from homeward.seals.anchors import Anchors, LogAnchor
from homeward.seals.bundle import Bundle, write_bundle
from homeward.seals.checkpoint import Checkpoint, sign_checkpoint
from homeward.seals.contents import LogCopy, LoggedSignature
from homeward.seals.envelope import Envelope, cosign, sign
from homeward.seals.keys import INSTALLATION, PrivateKey
from homeward.seals.statement import Signer, make_statement

ORIGIN = "arvad/log"
ARVAD, BELMAR, HOUSE = (PrivateKey.from_seed(hashlib.sha256(name).digest()) for name in (b"arvad", b"belmar", b"house"))
MADE = datetime(2018, 7, 27, 1, 40, tzinfo=UTC)


def signed(number: int) -> Envelope:
    """Arvad sends Belmar ten empty cases; both sign."""
    containers = [{"container": f"C-{number:06}-{at}", "kind": "case"} for at in range(10)]
    statement = make_statement(
        kind="issue",
        programme="Arvad and Belmar 2018",
        subject=f"transfer:T-{number:06}",
        made_at=MADE,
        zone="Asia/Seoul",
        author={"name": "M. Oresk", "office": "Accounting Office", "party": "arvad"},
        signers=[
            Signer("arvad", ARVAD.fingerprint, "author"),
            Signer("belmar", BELMAR.fingerprint, "countersigner"),
        ],
        body={"from": "arvad", "to": "belmar", "containers": containers, "count": 10},
    )
    return cosign(sign(statement.payload, ARVAD), BELMAR)


def bundle_of(statements: int) -> tuple[bytes, Anchors]:
    """So many statements in one bundle, and the anchors under which it is valid."""
    envelopes = [signed(number) for number in range(statements)]
    nodes: dict[tuple[int, int], bytes] = {}
    places: list[tuple[str, str]] = []
    for envelope in envelopes:
        for one in envelope.signatures:
            leaf = merkle.leaf_hash(merkle.log_entry(envelope.digest, one.keyid, one.sig))
            for level, index, made in merkle.append(len(places), leaf, lambda *at: nodes[at]):
                nodes[level, index] = made
            places.append((envelope.digest, one.keyid))
    return _sealed(envelopes, places, nodes)


def _sealed(
    envelopes: list[Envelope], places: list[tuple[str, str]], nodes: Mapping[tuple[int, int], bytes]
) -> tuple[bytes, Anchors]:
    def node(level: int, index: int) -> bytes:
        return nodes[level, index]

    size = len(places)
    note = sign_checkpoint(Checkpoint(ORIGIN, size, merkle.root_of(size, node)), HOUSE, ORIGIN)
    entries = tuple(
        LoggedSignature(index, statement, key, tuple(merkle.inclusion_proof(index, size, node)))
        for index, (statement, key) in enumerate(places)
    )
    keys = (
        ARVAD.public(party="arvad", name=""),
        BELMAR.public(party="belmar", name=""),
        HOUSE.public(party="arvad", name="", role=INSTALLATION),
    )
    log = LogCopy("arvad", ORIGIN, HOUSE.fingerprint, note, entries)
    made = Bundle("arvad", "Arvad and Belmar 2018", MADE, tuple(envelopes), keys, (log,))
    pinned = {"arvad": (ARVAD.fingerprint,), "belmar": (BELMAR.fingerprint,)}
    data = write_bundle(made, lambda checkpoint: sign_checkpoint(checkpoint, HOUSE, ORIGIN))
    return data, Anchors(pinned, {ORIGIN: LogAnchor(HOUSE.fingerprint, note)})
