"""How many statements of a bundle per second, two signatures on each: everything is verified, from the bytes.

``HOMEWARD_STATEMENTS=100000 make bench`` measures the full size; it needs about 3 GiB and a minute to make the bundle.
"""

from __future__ import annotations

import os

import pytest

from benchmarks.bundles import bundle_of
from homeward.progress import silent
from homeward.seals import signed
from homeward.seals.container import read_container
from homeward.seals.signed import examine, read_keys
from homeward.seals.verify import verify

STATEMENTS = int(os.environ.get("HOMEWARD_STATEMENTS", "500"))


@pytest.fixture(scope="module")
def bundle():
    return bundle_of(STATEMENTS)


def test_a_whole_bundle(benchmark, bundle):
    """Container, inventory, keys, statements, signatures, and the proof of each signature's place in the log."""
    data, anchors = bundle
    benchmark.extra_info["statements"] = STATEMENTS
    report = benchmark.pedantic(lambda: verify(data, anchors), rounds=2, iterations=1)
    assert report.verdict == "valid"
    assert len(report.statements) == STATEMENTS


def test_statements_and_their_signatures(benchmark, bundle):
    """Two signatures over the stored bytes: the envelope, the payload's digest and form, and both signatures."""
    files = read_container(bundle[0])
    keyring, _ = read_keys({name: data for name, data in files.items() if name.startswith("keys/")}, set())
    statements = {name: data for name, data in files.items() if name.startswith("statements/")}
    benchmark.extra_info["statements"] = STATEMENTS
    examined = benchmark.pedantic(
        lambda: examine(statements, keyring, "Arvad and Belmar 2018", silent), rounds=2, iterations=1
    )
    assert all(len(one.leaves) == 2 for one in examined)


def test_in_one_process(benchmark, bundle, monkeypatch):
    """The same on one core."""
    monkeypatch.setattr(signed, "MANY", STATEMENTS + 1)
    data, anchors = bundle
    report = benchmark.pedantic(lambda: verify(data, anchors), rounds=1, iterations=1)
    assert report.verdict == "valid"
