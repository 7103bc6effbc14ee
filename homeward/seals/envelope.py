"""Envelopes: the bytes of a statement with everyone's signatures on them (DSSE v1.0).

The payload is kept as it was serialised once; several parties sign the same bytes. What is signed is DSSE's
pre-authentication encoding, so no byte of the type or the payload can be read otherwise than it was signed.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from homeward.errors import SealBroken
from homeward.provenance import digest
from homeward.seals.canonical import canonical, read_base64, read_canonical, write_base64
from homeward.seals.keys import FINGERPRINT, PrivateKey, PublicKey

PAYLOAD_TYPE = "application/vnd.homeward.statement+json"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
SIGNATURE_BYTES = 64

_SIGNED = rb'\{"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/]{85}[AQgw]==)"\}'
_SIGNATURE = re.compile(_SIGNED)
_BEFORE = b'{"payload":"'
_AFTER = re.compile(
    rb'","payloadType":"%s","signatures":\[((?:%s(?:,%s)*)?)\]\}' % (re.escape(PAYLOAD_TYPE.encode()), _SIGNED, _SIGNED)
)


@dataclass(frozen=True, slots=True)
class Signature:
    """One key's signature over a payload.

    Parameters
    ----------
    keyid : fingerprint of the key
    sig : its 64 bytes
    """

    keyid: str
    sig: bytes

    def __post_init__(self) -> None:
        if not FINGERPRINT.fullmatch(self.keyid):
            raise SealBroken("envelope", f"signature by {self.keyid[:80]!r}", "the key's fingerprint is not one.")
        if len(self.sig) != SIGNATURE_BYTES:
            raise SealBroken("envelope", f"signature by {self.keyid}", "an Ed25519 signature has 64 bytes.")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and the signatures on it, in the order of their keys.

    Parameters
    ----------
    payload : the statement's bytes, as they were signed
    signatures : none where everyone signs on paper; no key twice

    Raises
    ------
    SealBroken
        ``envelope`` if the signatures are not in order or a key stands twice.
    """

    payload: bytes
    signatures: tuple[Signature, ...] = ()

    def __post_init__(self) -> None:
        keys = [one.keyid for one in self.signatures]
        if any(one >= other for one, other in pairwise(keys)):
            raise SealBroken("envelope", self.digest, "signatures stand in the order of their keys, no key twice.")

    @property
    def digest(self) -> str:
        """Digest of the payload: the statement's name."""
        return digest(self.payload)

    def to_bytes(self) -> bytes:
        """The envelope as it travels."""
        return canonical(
            {
                "payload": write_base64(self.payload),
                "payloadType": PAYLOAD_TYPE,
                "signatures": [{"keyid": one.keyid, "sig": write_base64(one.sig)} for one in self.signatures],
            }
        )


def pae(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """DSSE's pre-authentication encoding: what is signed.

    Examples
    --------
    >>> pae(b"hello world", "http://example.com/HelloWorld")
    b'DSSEv1 29 http://example.com/HelloWorld 11 hello world'
    """
    kind = payload_type.encode()
    return b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(payload), payload)


def sign(payload: bytes, key: PrivateKey) -> Envelope:
    """Put the first signature on a payload. Whether the key is one of its signers is the caller's question."""
    return Envelope(payload, (_signature(payload, key),))


def cosign(envelope: Envelope, key: PrivateKey) -> Envelope:
    """Add a signature over the same bytes; one by this key that is already there gives way."""
    others = (one for one in envelope.signatures if one.keyid != key.fingerprint)
    return Envelope(envelope.payload, _in_order([*others, _signature(envelope.payload, key)]))


def merge(one: Envelope, other: Envelope) -> Envelope:
    """The signatures of both envelopes over one payload.

    Raises
    ------
    SealBroken
        ``envelope`` if the payloads differ, or one key has signed them with two different signatures: then one of
        them is not its own, and which must be known first.
    """
    if one.payload != other.payload:
        raise SealBroken("envelope", one.digest, f"the other envelope holds another statement, {other.digest}.")
    signatures = {signature.keyid: signature for signature in one.signatures}
    for signature in other.signatures:
        if signatures.setdefault(signature.keyid, signature) != signature:
            raise SealBroken("envelope", f"signature by {signature.keyid}", "the two envelopes hold different ones.")
    return Envelope(one.payload, _in_order(signatures.values()))


def read_envelope(data: bytes) -> Envelope:
    """Read an envelope; nothing about its signatures is checked but their form.

    Raises
    ------
    NotCanonical
        If the bytes are written otherwise than canonically.
    SealBroken
        ``envelope`` if base64 in it is, or it has not exactly the fields of an envelope of a Homeward statement.
    """
    return _by_its_pattern(data) or plain_envelope(data)


def plain_envelope(data: bytes) -> Envelope:
    """Read an envelope as any canonical value is read: the definition, which finds the words for what is wrong."""
    value = read_canonical(data)
    if not isinstance(value, dict) or set(value) != {"payload", "payloadType", "signatures"}:
        raise SealBroken("envelope", "envelope", "an envelope has payload, payloadType and signatures, nothing else.")
    if value["payloadType"] != PAYLOAD_TYPE:
        raise SealBroken("envelope", "/payloadType", f"{PAYLOAD_TYPE} is expected here.")
    if not isinstance(value["signatures"], list):
        raise SealBroken("envelope", "/signatures", "a list is expected here.")
    payload = read_base64(value["payload"], "/payload", code="envelope")
    return Envelope(payload, tuple(_read_signature(at, one) for at, one in enumerate(value["signatures"])))


def verify_signature(payload: bytes, signature: Signature, key: PublicKey) -> None:
    """Say nothing if this signature over these very bytes is good.

    Raises
    ------
    SealBroken
        ``signature`` if it is not, or is another key's.
    """
    try:
        if signature.keyid != key.fingerprint:
            raise SealBroken("signature", "", f"it was held against another key, {key.fingerprint}.")
        key.verify(signature.sig, pae(payload))
    except SealBroken as broken:  # only then is it worth the time to say of which statement
        where = f"{digest(payload)}, signature by {signature.keyid}"
        raise SealBroken(broken.code, where, broken.reason) from None


def _signature(payload: bytes, key: PrivateKey) -> Signature:
    return Signature(key.fingerprint, key.sign(pae(payload)))


def _in_order(signatures: Iterable[Signature]) -> tuple[Signature, ...]:
    return tuple(sorted(signatures, key=lambda one: one.keyid))


def _by_its_pattern(data: bytes) -> Envelope | None:
    """The envelope, if its bytes are what a canonical one's must be; it has no place for anything else."""
    end = data.find(b'"', len(_BEFORE))
    matched = _AFTER.fullmatch(data, end) if end > 0 and data.startswith(_BEFORE) else None
    if matched is None:
        return None
    encoded, signed = data[len(_BEFORE) : end], matched[1]
    try:
        payload = binascii.a2b_base64(encoded)
    except binascii.Error:
        return None
    if binascii.b2a_base64(payload, newline=False) != encoded:
        return None
    signatures = [Signature(keyid.decode(), binascii.a2b_base64(sig)) for keyid, sig in _SIGNATURE.findall(signed)]
    return Envelope(payload, tuple(signatures))


def _read_signature(at: int, value: Any) -> Signature:
    where = f"/signatures/{at}"
    if not isinstance(value, dict) or set(value) != {"keyid", "sig"} or not isinstance(value["keyid"], str):
        raise SealBroken("envelope", where, "a signature has keyid and sig, nothing else.")
    return Signature(value["keyid"], read_base64(value["sig"], f"{where}/sig", code="envelope"))
