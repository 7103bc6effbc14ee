"""A party's further keys and its revocations: statements signed with a key that the party held before.

The first key has nothing to be signed with: it is pinned from the minutes (``casework.parties.actions.pin_key``).
"""

from __future__ import annotations

from casework.parties.models import Key, Member
from casework.parties.queries import signing_key
from casework.parties.refusal import Refused
from casework.seals.actions import prepare, texts
from casework.seals.models import Signer, Statement
from homeward.errors import SealBroken
from homeward.seals.canonical import write_base64
from homeward.seals.keys import PublicKey


def read_key(file: bytes) -> PublicKey:
    """A public key's file, as ``homeward seal keygen`` writes it.

    Raises
    ------
    Refused
        ``key-unreadable``.
    """
    try:
        return PublicKey.read(file)
    except SealBroken as problem:
        raise Refused("key-unreadable", reason=str(problem)) from None


def introduce(*, by: Member, file: bytes, introduced_in: str = "") -> Statement:
    """Prepare the statement that introduces a further key; it counts once it is signed with the present one."""
    by.require("manage keys")
    key = read_key(file)
    if key.party != by.party_code:
        raise Refused("key-names-another", party=key.party)
    if signing_key(by.party) is None:
        raise Refused("first-key")
    if Key.objects.filter(fingerprint=key.fingerprint).exists():
        raise Refused("key-known")
    return _prepare(by, "introduce", key, reason="", introduced_in=introduced_in)


def revoke(*, by: Member, key: Key, reason: str) -> Statement:
    """Prepare the statement that revokes a key of one's own party; it counts once it is signed."""
    by.require("manage keys")
    if key.party != by.party:
        raise Refused("not-your-key", party=key.party.code)
    if not reason.strip():
        raise Refused("reason-needed")
    if key.revoked_at is not None:
        raise Refused("already-revoked")
    if not key.raw:
        raise Refused("key-unknown", key=key.fingerprint)
    return _prepare(by, "revoke", key.public, reason=reason, introduced_in="")


def _prepare(by: Member, act: str, key: PublicKey, *, reason: str, introduced_in: str) -> Statement:
    return prepare(
        by=by,
        kind="key",
        subject=f"key:{key.fingerprint}",
        body={
            "act": act,
            "party": key.party,
            "fingerprint": key.fingerprint,
            "key": write_base64(key.raw),
            "role": key.role,
            "reason": texts(reason),
            "introduced_in": introduced_in,
        },
        signers=[(by.party, Signer.Role.AUTHOR)],
    )
