"""Statements of two parties, and the ledgers that hold them."""

from datetime import UTC, datetime, timedelta

from homeward.seals.envelope import Envelope, cosign, sign
from homeward.seals.keys import INSTALLATION, PrivateKey
from homeward.seals.statement import Signer, Statement, make_statement

ARVAD, BELMAR, OBSERVER, HOUSE = (PrivateKey.from_seed(letter * 32) for letter in (b"a", b"b", b"o", b"h"))
ARVAD_KEY = ARVAD.public(party="arvad", name="M. Oresk")
BELMAR_KEY = BELMAR.public(party="belmar", name="T. Vane")
OBSERVER_KEY = OBSERVER.public(party="observer", name="Swiss delegate")
HOUSE_KEY = HOUSE.public(party="belmar", name="installation", role=INSTALLATION)
BOTH = (ARVAD_KEY, BELMAR_KEY)
MADE = datetime(2018, 7, 20, 1, 40, tzinfo=UTC)


def issue(number: int, **changed) -> Statement:
    """Arvad sends Belmar empty cases, the ``number``-th time."""
    told = {
        "kind": "issue",
        "programme": "Arvad and Belmar 2018",
        "subject": f"transfer:T-{number:06}",
        "made_at": MADE + timedelta(minutes=number),
        "zone": "Asia/Seoul",
        "author": {"name": "M. Oresk", "office": "", "party": "arvad"},
        "signers": [
            Signer("arvad", ARVAD.fingerprint, "author"),
            Signer("belmar", BELMAR.fingerprint, "countersigner"),
        ],
        "body": {
            "from": "arvad",
            "to": "belmar",
            "containers": [{"container": f"C-{number:06}", "kind": "case"}],
            "count": 1,
        },
    }
    return make_statement(**{**told, **changed})


def signed(statement: Statement, *keys: PrivateKey) -> Envelope:
    """The statement with signatures, by both sides if no keys are named."""
    first, *others = keys or (ARVAD, BELMAR)
    envelope = sign(statement.payload, first)
    for key in others:
        envelope = cosign(envelope, key)
    return envelope


def revocation(key: PrivateKey, by: PrivateKey) -> Statement:
    """Belmar revokes a key of its own, by another of its keys."""
    return issue(
        0,
        kind="key",
        subject=f"key:{key.fingerprint}",
        author={"name": "T. Vane", "office": "", "party": "belmar"},
        signers=[Signer("belmar", by.fingerprint, "author")],
        body={
            "act": "revoke",
            "party": "belmar",
            "fingerprint": key.fingerprint,
            "key": "",
            "role": "party",
            "reason": [{"lang": "en", "text": "lost"}],
            "introduced_in": "",
        },
    )
