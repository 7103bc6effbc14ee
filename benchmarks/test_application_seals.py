"""How fast the application signs, proves and shows, with 100,000 statements in its database.

Everything runs inside one transaction that is never committed: what is measured is the application's own time, and
what the disk takes for a commit comes on top.
"""

from __future__ import annotations

import gc
import hashlib
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from casework.parties.actions import admit_member, found_party, pin_key
from casework.parties.models import Operator
from casework.seals import actions, log, queries
from casework.seals.models import Entry, Node, Reader, Signer, Statement
from homeward.seals import merkle
from homeward.seals.canonical import canonical
from homeward.seals.envelope import sign
from homeward.seals.keys import PrivateKey

pytestmark = pytest.mark.django_db
SIZES = {"small": 100, "large": 100_000}  # statements
KEY = PrivateKey.from_seed(b"a" * 32)
# Targets at the large size. Signing is held to its quickest round: the transaction that is never committed grows, and
# what else the machine does is not the application's time.
SIGN_S, PROOF_S, PAGE_S = 0.005, 0.010, 0.100


@pytest.fixture(scope="module", params=SIZES)
def records(request, django_db_setup, django_db_blocker):
    """Arvad, Belmar and so many statements between them, made in bulk; the large number only for measuring."""
    if request.param != "small" and not request.config.getoption("benchmark_enable"):
        pytest.skip("the larger size is for measuring only: make bench")
    from django.db import transaction

    with django_db_blocker.unblock():
        made = transaction.atomic()
        made.__enter__()
        try:
            filled = fill(SIZES[request.param])
            gc.collect()
            yield filled
        finally:
            transaction.set_rollback(True)
            made.__exit__(None, None, None)


def fill(statements: int):
    parties = {}
    for code in ("arvad", "belmar"):
        parties[code] = found_party(by=Operator(), code=code, name=code.title(), kind="state")
        parties[code].programme_name = "Arvad and Belmar 2018"
        parties[code].save()
    member = admit_member(
        by=Operator(parties["arvad"]), party=parties["arvad"], username="arvad.n", password="a quiet word in winter",
        roles=("negotiator", "custodian", "authority"), full_name="N. N.",
    )  # fmt: skip
    pin_key(by=member, party=parties["arvad"], fingerprint=KEY.fingerprint, raw=KEY.raw_public, introduced_in="minutes")
    now = datetime(2018, 7, 27, tzinfo=UTC)
    made = []
    for number in range(statements):
        payload = payload_of(number)
        made.append(
            Statement(
                digest="sha256:" + hashlib.sha256(payload).hexdigest(), payload=payload, kind="abort",
                subject=f"transfer:T-{number // 10}", programme="Arvad and Belmar 2018", author=parties["arvad"],
                made_at=now, prepared_by="arvad/n", spoken_at=now, spoken=number, stands=True, stands_at=now,
            )
        )  # fmt: skip
    made = Statement.objects.bulk_create(made, batch_size=2000)
    sig = bytes(64)
    Signer.objects.bulk_create(
        (
            Signer(
                statement=one, party=parties["arvad"], order=0, fingerprint=KEY.fingerprint, role="author",
                signed_at=now, sig=sig,
            )
            for one in made
        ),
        batch_size=2000,
    )  # fmt: skip
    for party, why in ((parties["arvad"], "signer"), (parties["belmar"], "named")):
        Reader.objects.bulk_create((Reader(statement=one, party=party, why=why) for one in made), batch_size=5000)
        fill_log(party, made, sig)
    return member, parties


def payload_of(number: int) -> bytes:
    return canonical(
        {
            "schema": "homeward/statement/1", "kind": "abort", "programme": "Arvad and Belmar 2018",
            "subject": f"transfer:T-{number // 10}", "made_at": "2018-07-27T01:40:00Z",
            "made_local": "2018-07-27T01:40:00+00:00", "zone": "UTC", "place": "", "follows": [],
            "author": {"name": "N. N.", "office": "", "party": "arvad"},
            "signers": [{"as": "author", "key": KEY.fingerprint, "party": "arvad"}],
            "body": {"reason": [{"lang": "en", "text": f"the road is cut, {number}"}]},
        }
    )  # fmt: skip


def fill_log(party, made, sig: bytes) -> None:
    known: dict[tuple[int, int], bytes] = {}
    leaves = []
    for index, one in enumerate(made):
        leaf = merkle.log_entry(one.digest, KEY.fingerprint, sig)
        leaves.append(leaf)
        for level, at, hashed in merkle.append(index, merkle.leaf_hash(leaf), lambda *place: known[place]):
            known[level, at] = hashed
    Entry.objects.bulk_create(
        (
            Entry(log=party, index=index, statement=one, fingerprint=KEY.fingerprint, leaf=leaf)
            for index, (one, leaf) in enumerate(zip(made, leaves, strict=True))
        ),
        batch_size=5000,
    )
    Node.objects.bulk_create(
        (Node(log=party, level=level, index=index, hash=hashed) for (level, index), hashed in known.items()),
        batch_size=5000,
    )


def at_full_size(benchmark) -> bool:
    return not benchmark.disabled and Statement.objects.count() >= SIZES["large"]


def fresh(member, parties, number: int) -> bytes:
    one = actions.prepare(
        by=member, kind="abort", subject=f"transfer:N-{number}",
        body={"reason": [{"lang": "en", "text": f"the bridge is down, {number}"}]},
        signers=[(parties["arvad"], "author"), (parties["belmar"], "countersigner")],
    )  # fmt: skip
    return sign(bytes(one.payload), KEY).to_bytes()


def test_signing(benchmark, records):
    member, parties = records
    envelopes = iter([fresh(member, parties, number) for number in range(200)])
    benchmark.extra_info["statements"] = Statement.objects.count()
    benchmark.pedantic(
        lambda envelope: actions.sign(by=member, envelope=envelope),
        setup=lambda: ((next(envelopes),), {}),
        rounds=1 if benchmark.disabled else 200,
    )
    assert not at_full_size(benchmark) or benchmark.stats.stats.min < SIGN_S


def test_inclusion_proof(benchmark, records):
    _member, parties = records
    size = log.size_of(parties["arvad"])
    entry = Entry.objects.select_related("log").get(log=parties["arvad"], index=size // 3)
    proof = benchmark(log.inclusion_proof, entry, size)
    root = log.root_of(parties["arvad"], size)
    merkle.verify_inclusion(merkle.leaf_hash(bytes(entry.leaf)), entry.index, size, proof, root)
    assert not at_full_size(benchmark) or benchmark.stats.stats.median < PROOF_S


def test_about(benchmark, records):
    member, _parties = records
    said = benchmark(queries.about, "transfer:T-3", by=member)
    assert len(said) == 10


@pytest.mark.parametrize("page", ["statements", "statement", "log", "keys"])
def test_pages(benchmark, page, records, client):
    member, _parties = records
    client.force_login(member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    last = Statement.objects.filter(kind="abort", stands=True).first()
    address = reverse(f"seals:{page}", args=(last.digest,) if page == "statement" else ())
    assert benchmark(client.get, address).status_code == 200
    assert not at_full_size(benchmark) or benchmark.stats.stats.median < PAGE_S
