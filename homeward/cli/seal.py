"""``homeward seal ...``: keys, signatures and a party's own ledger, all without a network.

A private key is opened here, on its owner's machine, and nowhere else. What is to be signed is shown first.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.bundles import COMMANDS
from homeward.cli.ledger import checkpoint, ledger, log, witness
from homeward.cli.page import page
from homeward.cli.showing import list_faults, refusals_shown

if TYPE_CHECKING:
    from homeward.seals.envelope import Envelope
    from homeward.seals.keys import PrivateKey
    from homeward.seals.statement import Statement

FILE = click.Path(path_type=Path)
passphrase_option = click.option(
    "--passphrase-file",
    type=FILE,
    help="File whose first line is the passphrase; without it HOMEWARD_PASSPHRASE, or a question.",
)


@click.group()
def seal() -> None:
    """Sign what crosses between parties, keep it in a log, and check it: offline, with files."""


for command in (ledger, log, checkpoint, witness, page, *COMMANDS):
    seal.add_command(command)


@seal.command()
@click.option("--party", required=True, help="Code of the party that the key belongs to.")
@click.option("--name", required=True, help="The person or office that holds it.")
@click.option("--out", required=True, type=FILE, help="Writes OUT.key.pem (keep it) and OUT.pub.json (give it).")
@passphrase_option
@refusals_shown
def keygen(party: str, name: str, out: Path, passphrase_file: Path | None) -> None:
    """Make a key to sign with.

    A private half under a passphrase, for you alone, and a public half to give away. The
    fingerprint is what the other side writes into the session's minutes.
    """
    from homeward.cli.passphrases import new_passphrase
    from homeward.formats.files import refuse_taken
    from homeward.formats.keyfiles import PRIVATE, PUBLIC, write_key_pair
    from homeward.seals.keys import PrivateKey, grouped

    for suffix in (PRIVATE, PUBLIC):
        refuse_taken(out.with_name(out.name + suffix))
    key = PrivateKey.generate()
    public = key.public(party=party, name=name)
    private_file, public_file = write_key_pair(out, key, public, new_passphrase(passphrase_file))
    click.echo(f"{private_file}: the private key. Keep it; it never goes to a server.")
    click.echo(f"{public_file}: the public key. Give it to the other side.")
    click.echo(f"Fingerprint: {grouped(key.fingerprint)}")


@seal.command()
@click.argument("file", type=FILE)
@refusals_shown
def fingerprint(file: Path) -> None:
    """Show a key's fingerprint, and whose it is.

    FILE is a public key; the fingerprint is written as it stands in the minutes. Of a
    private key's file the public half beside it is shown; the private one is not opened.
    """
    from homeward.formats.keyfiles import fingerprint_in
    from homeward.seals.keys import grouped

    key = fingerprint_in(file)
    click.echo(grouped(key.fingerprint))
    click.echo(f"{key.party}, {key.name} ({key.role})")


@seal.command()
@click.argument("statement", type=FILE)
@click.option("--key", "key_file", required=True, type=FILE, help="Your private key, NAME.key.pem.")
@click.option("--out", required=True, type=FILE, help="The envelope to write.")
@passphrase_option
@refusals_shown
def sign(statement: Path, key_file: Path, out: Path, passphrase_file: Path | None) -> None:
    """Sign a STATEMENT, after showing what it says.

    Refused: bytes that are not a statement exactly as it was prepared, and a key that the statement does not name
    among its signers.
    """
    from homeward.formats.files import read_file, refuse_taken, write_new
    from homeward.seals import envelope

    refuse_taken(out)
    payload = read_file(statement)
    read = _shown(payload)
    key = _signing(read, key_file, passphrase_file)
    write_new(out, envelope.sign(payload, key).to_bytes())
    click.echo(f"Signed: {out}")


@seal.command()
@click.argument("envelope", type=FILE)
@click.option("--key", "key_file", required=True, type=FILE, help="Your private key, NAME.key.pem.")
@click.option("--keys", "known", multiple=True, type=FILE, help="Public keys to check the other signatures with.")
@click.option("--out", type=FILE, help="Another file to write; by default ENVELOPE gains the signature.")
@passphrase_option
@refusals_shown
def cosign(
    envelope: Path, key_file: Path, known: tuple[Path, ...], out: Path | None, passphrase_file: Path | None
) -> None:
    """Add your signature to an ENVELOPE.

    It is put over the same bytes, after showing what they say.
    """
    from homeward.formats.files import read_file, refuse_taken, write_again, write_new
    from homeward.seals.envelope import cosign as cosigned
    from homeward.seals.envelope import read_envelope

    if out is not None:
        refuse_taken(out)
    read = read_envelope(read_file(envelope))
    statement = _shown(read.payload)
    _checked(statement, read, known)
    key = _signing(statement, key_file, passphrase_file)
    if any(one.keyid == key.fingerprint for one in read.signatures):
        click.echo("Your signature is on it already.", err=True)
    data = cosigned(read, key).to_bytes()
    if out is None:
        write_again(envelope, data)
    else:
        write_new(out, data)
    click.echo(f"Signed: {out or envelope}")


def _shown(payload: bytes) -> Statement:
    """Read a statement and show it; its faults, all of them, and exit 1 if it is not one."""
    from homeward.cli.telling import lines_of
    from homeward.errors import Rejected
    from homeward.seals.statement import read_statement

    try:
        statement = read_statement(payload)
    except Rejected as refusal:
        list_faults("This is not a statement as Homeward prepares it", refusal.faults, err=True)
        click.echo("Nothing was signed.", err=True)
        sys.exit(1)
    for line in lines_of(statement):
        click.echo(line)
    return statement


def _checked(statement: Statement, envelope: Envelope, files: tuple[Path, ...]) -> None:
    """Tell of each signature that is there whether it is good; refuse to sign beside one that is not."""
    from homeward.formats.keyfiles import read_public_key
    from homeward.seals.envelope import verify_signature

    keys = {key.fingerprint: key for key in map(read_public_key, files)}
    for one in envelope.signatures:
        signer = statement.signer_of(one.keyid)
        party = signer.party if signer else "nobody named in it"
        if one.keyid in keys:
            verify_signature(envelope.payload, one, keys[one.keyid])
            click.echo(f"Signed already by {party}; the signature is good.")
        else:
            click.echo(f"Signed already by {party}; not checked (give the public key with --keys).")


def _signing(statement: Statement, key_file: Path, passphrase_file: Path | None) -> PrivateKey:
    """The private key, opened, if it is one of the statement's signers'; asks once more at a terminal."""
    from homeward.cli.passphrases import opened
    from homeward.errors import KeyRefused
    from homeward.seals.keys import grouped

    key = opened(key_file, passphrase_file)
    signer = statement.signer_of(key.fingerprint)
    if signer is None:
        named = "; ".join(f"{one.party}: {grouped(one.key) or 'on paper'}" for one in statement.signers)
        raise KeyRefused(f"{key_file} is not a key that signs this statement. It names {named}.")
    click.echo(f"You sign for {signer.party} as {signer.role}.")
    if sys.stdin.isatty() and not click.confirm("Sign it?"):
        raise KeyRefused("Nothing was signed.")
    return key
