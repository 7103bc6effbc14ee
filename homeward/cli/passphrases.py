"""Where a passphrase comes from: a file, the environment, or a question that shows nothing."""

from __future__ import annotations

import os
from pathlib import Path

import click

from homeward.errors import KeyRefused
from homeward.formats.files import read_file
from homeward.formats.keyfiles import is_exposed, read_private_key
from homeward.seals.keys import PrivateKey

VARIABLE = "HOMEWARD_PASSPHRASE"


def opened(key_file: Path, passphrase_file: Path | None) -> PrivateKey:
    """A private key, opened.

    Raises
    ------
    KeyRefused
        If it does not open.
    Rejected
        If a file cannot be read.
    """
    encrypted = b"ENCRYPTED" in read_file(key_file, most=2**16)
    if os.name == "posix" and is_exposed(key_file):
        click.echo(f"Others than you may read {key_file}. Shut it: chmod 600 {key_file}", err=True)
    return read_private_key(key_file, _passphrase(passphrase_file, confirm=False) if encrypted else None)


def new_passphrase(passphrase_file: Path | None) -> str:
    """A passphrase for a new key; asked for twice at a terminal.

    Raises
    ------
    KeyRefused
        If it is empty.
    """
    return _passphrase(passphrase_file, confirm=True)


def _passphrase(file: Path | None, *, confirm: bool) -> str:
    if file is not None:
        lines = read_file(file, most=2**16).decode("utf-8", "replace").splitlines()
        given = lines[0] if lines else ""
    elif VARIABLE in os.environ:
        given = os.environ[VARIABLE]
    else:
        given = str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True))
    if not given:
        raise KeyRefused("The passphrase is empty.")
    return given
