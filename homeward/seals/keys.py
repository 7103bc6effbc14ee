"""Keys: who can sign, and how to know a key again on paper (Ed25519, RFC 8032).

A key is known by its fingerprint. Fingerprints are exchanged face to face; a private key stays with its owner, in a
file under a passphrase.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC

from homeward.errors import KeyRefused, SealBroken
from homeward.seals.canonical import canonical, read_base64, read_canonical, write_base64

SCHEMA = "homeward/key/1"
PARTY, INSTALLATION = "party", "installation"
ROLES = (PARTY, INSTALLATION)
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
CODE = re.compile(r"[A-Za-z0-9_-]{1,50}")  # a party's code; also what its key is called in a signed note

# The curve of RFC 8032 section 5.1: -x^2 + y^2 = 1 + d x^2 y^2 modulo p.
_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P


def fingerprint_of(raw: bytes) -> str:
    """SHA-256 of the 32 public bytes: 64 lower-case hexadecimal digits."""
    return hashlib.sha256(raw).hexdigest()


def grouped(fingerprint: str) -> str:
    """A fingerprint as it stands on paper, in groups of four.

    >>> grouped("0123456789abcdef")
    '0123 4567 89ab cdef'
    """
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))


@dataclass(frozen=True, slots=True)
class PublicKey:
    """Whose key it is, and for what.

    Parameters
    ----------
    fingerprint : SHA-256 of ``raw`` in hexadecimal
    raw : the 32 bytes of RFC 8032
    party : code of the party it belongs to
    name : the person or office that holds it
    role : "party" (signs statements, cosigns checkpoints) or "installation" (signs its own log's checkpoints)

    Raises
    ------
    SealBroken
        ``key-altered`` if the fingerprint is not that of the key; ``schema`` if another field cannot be.
    """

    fingerprint: str
    raw: bytes
    party: str
    name: str
    role: str

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.party):
            raise SealBroken("schema", f"key {self.fingerprint}", f"{self.party!r} cannot be a party's code.")
        if self.role not in ROLES:
            raise SealBroken("schema", f"key {self.fingerprint}", f"a key has no role {self.role!r}.")
        if fingerprint_of(self.raw) != self.fingerprint:
            raise SealBroken("key-altered", f"key {self.fingerprint}", "the fingerprint is not that of the key.")

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read a public key's file.

        Raises
        ------
        NotCanonical
            If the bytes are not canonical.
        SealBroken
            ``schema`` if fields are missing, spare or of another kind; ``key-altered`` as for the class, and if it
            is no point of the curve, or one of small order.
        """
        value = read_canonical(data)
        fields = ("fingerprint", "key", "name", "party", "role", "schema")
        if not isinstance(value, dict) or set(value) != set(fields) or value["schema"] != SCHEMA:
            raise SealBroken("schema", "key", f"a public key has exactly the fields {', '.join(fields)} ({SCHEMA}).")
        if not all(isinstance(item, str) for item in value.values()):
            raise SealBroken("schema", "key", "every field of a public key is text.")
        raw = read_base64(value["key"], "/key", length=32)
        key = cls(value["fingerprint"], raw, value["party"], value["name"], value["role"])
        if _loaded(raw) is None:
            raise SealBroken("key-altered", f"key {key.fingerprint}", "these bytes are no usable Ed25519 key.")
        return key

    def to_bytes(self) -> bytes:
        """The key as it travels."""
        return canonical(
            {
                "fingerprint": self.fingerprint,
                "key": write_base64(self.raw),
                "name": self.name,
                "party": self.party,
                "role": self.role,
                "schema": SCHEMA,
            }
        )

    def verify(self, signature: bytes, data: bytes, *, code: str = "signature", where: str = "") -> None:
        """Say nothing if the signature over these bytes is good.

        Raises
        ------
        SealBroken
            With the code and place given, if it is not, or the key is one under which one signature fits many texts.
        """
        where = where or f"signature by {self.fingerprint}"
        key = _loaded(self.raw)
        if key is None:
            raise SealBroken(code, where, f"what {self.party} gave as its key is no usable Ed25519 key.")
        try:
            key.verify(signature, data)
        except InvalidSignature:
            raise SealBroken(code, where, f"the signature is not one of {self.party}'s key over these bytes.") from None


class PrivateKey:
    """A key that can sign. It never leaves its owner's hands unencrypted unless he asks for that."""

    __slots__ = ("_key", "fingerprint", "raw_public")

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.raw_public = key.public_key().public_bytes_raw()
        self.fingerprint = fingerprint_of(self.raw_public)

    def __repr__(self) -> str:
        return f"PrivateKey({self.fingerprint})"

    @classmethod
    def generate(cls) -> Self:
        """A new key from the operating system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """The key of a 32-byte seed (RFC 8032 section 5.1.5): for published vectors and for repeatable tests."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def from_pem(cls, data: bytes, passphrase: str | None) -> Self:
        """Open a PKCS #8 file.

        Raises
        ------
        KeyRefused
            If it needs a passphrase and has none, the passphrase is another, or it is not an Ed25519 key.
        """
        secret = passphrase.encode() if passphrase else None
        try:
            key = serialization.load_pem_private_key(data, secret)
        except TypeError:
            need = "needs a passphrase" if secret is None else "has no passphrase, but one was given"
            raise KeyRefused(f"The private key {need}.") from None
        except (ValueError, UnsupportedAlgorithm):
            raise KeyRefused("The private key did not open: another passphrase, or not a PKCS #8 PEM file.") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyRefused("This is a private key of another kind; Homeward signs with Ed25519.")
        return cls(key)

    def to_pem(self, passphrase: str | None) -> bytes:
        """The key as a PKCS #8 file, encrypted if a passphrase is given."""
        if passphrase:
            return _encrypted_pem(self._pkcs8(), passphrase.encode())
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    def public(self, *, party: str, name: str, role: str = PARTY) -> PublicKey:
        """The public half, with whose it is."""
        return PublicKey(self.fingerprint, self.raw_public, party, name, role)

    def sign(self, data: bytes) -> bytes:
        """The 64-byte signature over exactly these bytes."""
        return self._key.sign(data)

    def _pkcs8(self) -> bytes:
        return self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )


@lru_cache(maxsize=4096)
def _loaded(raw: bytes) -> Ed25519PublicKey | None:
    return Ed25519PublicKey.from_public_bytes(raw) if _usable(raw) else None


def _usable(raw: bytes) -> bool:
    """Whether 32 bytes are a point of the curve, written in its only way, whose order is not small.

    Under a key of small order a signature can fit many texts, and verifiers differ about it (Chalkias, Garillot,
    Nikolaenko 2020, "Taming the many EdDSAs"); no honest key is one.
    """
    if len(raw) != 32:
        return False
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        return False
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P  # of x; d y^2 = -1 has no solution
    if pow(square, (_P - 1) // 2, _P) != 1:
        return False  # no x, or x = 0, which has order 1 or 2
    for _ in range(2):  # y of the double, from y alone; after two doublings order 4 and 8 have come to y = 1 or -1
        fourth = _D * square * y * y % _P
        y = (y * y + square) * pow(1 - fourth, -1, _P) % _P
        square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    return square != 0


# PKCS #8 under a passphrase (RFC 8018 section 6.2: PBES2; RFC 7914 section 7: scrypt; AES-256-CBC). Written out here
# because the library's own writer stretches a passphrase by 2,048 rounds only, which a graphics card laughs at.
_PBES2, _SCRYPT, _AES256_CBC = "2a864886f70d01050d", "2b06010401da47040b", "60864801650304012a"
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1  # what openssl itself uses and, at 16 MiB, can read everywhere


def _encrypted_pem(plain: bytes, passphrase: bytes) -> bytes:
    salt, start = os.urandom(16), os.urandom(16)
    stretched = hashlib.scrypt(passphrase, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL, dklen=32)
    pad = padding.PKCS7(128).padder()
    cipher = Cipher(AES256(stretched), CBC(start)).encryptor()
    hidden = cipher.update(pad.update(plain) + pad.finalize()) + cipher.finalize()
    numbers = b"".join(_der(0x02, _number(n)) for n in (_COST, _BLOCK, _PARALLEL))
    stretching = _der(0x30, _oid(_SCRYPT) + _der(0x30, _der(0x04, salt) + numbers))
    encryption = _der(0x30, _oid(_AES256_CBC) + _der(0x04, start))
    scheme = _der(0x30, _oid(_PBES2) + _der(0x30, stretching + encryption))
    body = base64.b64encode(_der(0x30, scheme + _der(0x04, hidden))).decode()
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    label = "ENCRYPTED PRIVATE" + " KEY"
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""]).encode()


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x81, size]) if size < 256 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def _number(n: int) -> bytes:
    return n.to_bytes(n.bit_length() // 8 + 1, "big")


def _oid(digits: str) -> bytes:
    return _der(0x06, bytes.fromhex(digits))
