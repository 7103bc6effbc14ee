"""The installation's own keys, one for each log kept here: they sign that log's checkpoints, and nothing else."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from django.conf import settings

from casework.parties.models import Party
from homeward.errors import WouldOverwrite
from homeward.formats.files import write_new
from homeward.seals.keys import INSTALLATION, PrivateKey, PublicKey


def installation_key(party: Party) -> PrivateKey:
    """The key that signs a party's log, kept beside the installation's data; made at first need.

    Readable by its owner alone. It is written whole before it gets its name, so that an interruption
    leaves no half of a key, and of two makers at once one wins.
    """
    path = Path(settings.VAR) / f"log_{party.code}.pem"
    if not path.exists():
        with suppress(WouldOverwrite):
            write_new(path, PrivateKey.generate().to_pem(None), mode=0o600)
    return PrivateKey.from_pem(path.read_bytes(), None)


def public_key(party: Party) -> PublicKey:
    """The installation's public key, as the keeper of this party's log."""
    return installation_key(party).public(party=party.code, name="installation", role=INSTALLATION)


def origin_of(party: Party) -> str:
    """The name of a party's log here, unlike that of any other log: it names the key that signs it."""
    return f"{party.code}/{installation_key(party).fingerprint[:16]}"
