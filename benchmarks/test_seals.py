"""How fast a ledger is: recording, proving, verifying, at 100,000 statements with two signatures each.

Beside each stands its limit or its plain twin: the definition's recursion over all entries, and what one core
verifies of bare Ed25519 signatures.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime

import pytest

from homeward.formats.ledger import Ledger
from homeward.formats.ledgercheck import verify_signatures
from homeward.seals.envelope import cosign, pae, sign
from homeward.seals.keys import PrivateKey
from homeward.seals.merkle import leaf_hash, plain_inclusion_proof, verify_inclusion
from homeward.seals.statement import Signer, make_statement

SIZES = {"small": 100, "large": 100_000}  # statements
ARVAD, BELMAR = PrivateKey.from_seed(b"a" * 32), PrivateKey.from_seed(b"b" * 32)
KEYS = (ARVAD.public(party="arvad", name="M. Oresk"), BELMAR.public(party="belmar", name="T. Vane"))
MADE = datetime(2018, 7, 27, 1, 40, tzinfo=UTC)
APPEND_S, PROOF_S, VERIFIED = 0.005, 0.010, 5_000  # targets at the large size


def envelope(number):
    """A receipt of three containers, signed by both: about a kilobyte."""
    lines = [
        {
            "line": line,
            "container": f"C-{number:06}-{line}",
            "outcome": "received",
            "seals": [f"BL {number:06}{line}"],
            "seal_condition": "whole",
            "bags": 2,
            "weight_g": 6400 + line,
            "note": "",
        }
        for line in (1, 2, 3)
    ]
    statement = make_statement(
        kind="receipt",
        programme="Arvad and Belmar 2018",
        subject=f"transfer:T-{number:06}",
        made_at=MADE,
        zone="UTC",
        author={"name": "T. Vane", "office": "", "party": "belmar"},
        signers=[Signer("belmar", BELMAR.fingerprint, "author"), Signer("arvad", ARVAD.fingerprint, "witness")],
        body={"manifest": f"sha256:{number:064x}", "lines": lines, "containers": 3, "clean": True},
    )
    return cosign(sign(statement.payload, BELMAR), ARVAD)


@pytest.fixture(scope="module", params=SIZES)
def ledger(request, tmp_path_factory):
    """A ledger of this many statements; the large one only where something is measured."""
    if request.param != "small" and not request.config.getoption("benchmark_enable"):
        pytest.skip("the larger size is for measuring only: make bench")
    with Ledger.create(tmp_path_factory.mktemp("seals") / "ledger", party="arvad", keys=KEYS) as made:
        for number in range(SIZES[request.param]):
            made.record(envelope(number))
        yield made


def measured_at_full_size(benchmark, ledger):
    return not benchmark.disabled and ledger.size >= 2 * SIZES["large"]


def test_append(benchmark, ledger):
    fresh = iter([envelope(1_000_000 + ledger.size + number) for number in range(300)])
    benchmark.extra_info["entries"] = ledger.size
    benchmark.pedantic(ledger.record, setup=lambda: ((next(fresh),), {}), rounds=1 if benchmark.disabled else 300)
    assert not measured_at_full_size(benchmark, ledger) or benchmark.stats.stats.median < APPEND_S


def test_inclusion_proof(benchmark, ledger):
    size, index = ledger.size, ledger.size // 3
    root = ledger.root(size)
    proof = benchmark(lambda: ledger.inclusion_proof(index, size))
    (entry,) = ledger.entries(index, index + 1)
    verify_inclusion(leaf_hash(entry.leaf), index, size, proof, root)
    assert not measured_at_full_size(benchmark, ledger) or benchmark.stats.stats.median < PROOF_S


def test_inclusion_proof_by_the_definition(benchmark, ledger):
    leaves = [entry.leaf for entry in ledger.entries()]
    index = len(leaves) // 3
    proof = benchmark.pedantic(plain_inclusion_proof, args=(index, leaves), rounds=1 if benchmark.disabled else 3)
    assert proof == ledger.inclusion_proof(index)


def test_consistency_proof(benchmark, ledger):
    assert benchmark(lambda: ledger.consistency_proof(ledger.size // 3))


def test_root(benchmark, ledger):
    assert len(benchmark(ledger.root)) == 32


@pytest.mark.parametrize("processes", [1, os.cpu_count()], ids=["one process", "all cores"])
def test_full_verification(benchmark, ledger, processes):
    last = ledger.last_row()
    benchmark.extra_info["statements"] = last
    count = benchmark.pedantic(
        verify_signatures,
        args=(ledger.path, last),
        kwargs={"processes": processes},
        rounds=1 if benchmark.disabled else 2,
    )
    assert count == ledger.size
    if measured_at_full_size(benchmark, ledger):
        assert processes == 1 or last / benchmark.stats.stats.median > VERIFIED


def test_bare_verification_of_two_signatures(benchmark):
    signed = envelope(1)
    encoded = pae(signed.payload)
    keys = {key.fingerprint: key for key in KEYS}

    def verify():
        for one in signed.signatures:
            keys[one.keyid].verify(one.sig, encoded)

    benchmark(verify)
