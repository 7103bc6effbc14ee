"""Key files: ``arvad.key.pem`` for its owner alone, ``arvad.pub.json`` for everyone."""

from __future__ import annotations

from pathlib import Path

from homeward.errors import HomewardError, KeyRefused
from homeward.formats.files import read_file, refuse_taken, write_new
from homeward.seals.keys import PrivateKey, PublicKey

PRIVATE, PUBLIC = ".key.pem", ".pub.json"
MOST_BYTES = 2**16


def write_key_pair(stem: Path, key: PrivateKey, public: PublicKey, passphrase: str) -> tuple[Path, Path]:
    """Write both halves of a key beside each other, the private one encrypted and for its owner alone.

    Raises
    ------
    WouldOverwrite
        If one of the two files is already there: a key that is replaced is lost.
    NotWritten
        If a file could not be written.
    KeyRefused
        If there is no passphrase.
    """
    if not passphrase:
        raise KeyRefused("A private key is not written without a passphrase.")
    private_file, public_file = (stem.with_name(stem.name + suffix) for suffix in (PRIVATE, PUBLIC))
    for path in (private_file, public_file):
        refuse_taken(path)
    write_new(private_file, key.to_pem(passphrase), mode=0o600)
    write_new(public_file, public.to_bytes())
    return private_file, public_file


def read_private_key(path: Path, passphrase: str | None) -> PrivateKey:
    """Open a private key's file.

    Raises
    ------
    Rejected
        If the file cannot be read.
    KeyRefused
        If it does not open with this passphrase, or is no Ed25519 key; names the file.
    """
    try:
        return PrivateKey.from_pem(read_file(path, most=MOST_BYTES), passphrase)
    except KeyRefused as refusal:
        raise KeyRefused(f"{path}: {refusal}") from None


def read_public_key(path: Path) -> PublicKey:
    """Read a public key's file.

    Raises
    ------
    Rejected
        If the file cannot be read.
    SealBroken, NotCanonical
        If it is not a public key as it travels.
    """
    return PublicKey.read(read_file(path, most=MOST_BYTES))


def fingerprint_in(path: Path) -> PublicKey:
    """The key a file speaks of: a public key's file, or a private key's file with the public one beside it.

    Raises
    ------
    Rejected, SealBroken, NotCanonical
        As for :func:`read_public_key`.
    """
    if path.name.endswith(PRIVATE):
        path = path.with_name(path.name.removesuffix(PRIVATE) + PUBLIC)
    return read_public_key(path)


def is_exposed(path: Path) -> bool:
    """Whether others than its owner may read a private key's file."""
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError as problem:
        raise HomewardError(f"{path}: {problem.strerror}") from None
