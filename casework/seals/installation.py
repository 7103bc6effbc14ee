"""The installation's own keys, one for each log kept here: they sign that log's checkpoints, and nothing else."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

from casework.parties.models import Party
from homeward.seals.keys import INSTALLATION, PrivateKey, PublicKey


def installation_key(party: Party) -> PrivateKey:
    """The key that signs a party's log, kept beside the installation's data; made at first need.

    Readable by its owner alone. It is written whole before it gets its name, so that an interruption
    leaves no half of a key, and of two makers at once one wins.
    """
    path = Path(settings.VAR) / f"log_{party.code}.pem"
    if not path.exists():
        _make(path)
    return PrivateKey.from_pem(path.read_bytes(), None)


def _make(path: Path) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(PrivateKey.generate().to_pem(None))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def public_key(party: Party) -> PublicKey:
    """The installation's public key, as the keeper of this party's log."""
    return installation_key(party).public(party=party.code, name="installation", role=INSTALLATION)


def origin_of(party: Party) -> str:
    """The name of a party's log here, unlike that of any other log: it names the key that signs it."""
    return f"{party.code}/{installation_key(party).fingerprint[:16]}"
