"""``homeward seal ledger ...``, ``log``, ``checkpoint`` and ``witness``: a party's own book at the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.showing import plain, progress_bar, refusals_shown

if TYPE_CHECKING:
    from homeward.formats.ledger import Ledger
    from homeward.seals.keys import PublicKey

FILE = click.Path(path_type=Path)
keys_option = click.option(
    "--keys", multiple=True, type=FILE, help="Public keys that are not known yet, NAME.pub.json."
)


@click.group()
def ledger() -> None:
    """Keep statements and their log in one file.

    Nothing in it is ever changed or deleted; each signature has its place in a log that only grows.
    """


@ledger.command()
@click.argument("file", type=FILE)
@click.option("--party", required=True, help="Code of the party that keeps it.")
@click.option("--origin", default="", help="Name of the log; made from the party and the new key if not given.")
@keys_option
@refusals_shown
def create(file: Path, party: str, origin: str, keys: tuple[Path, ...]) -> None:
    """Make a new ledger in FILE.

    It gets an installation key of its own, which signs its checkpoints and nothing else.
    """
    from homeward.formats.files import write_new
    from homeward.formats.keyfiles import PUBLIC
    from homeward.formats.ledger import Ledger
    from homeward.seals.keys import grouped

    with Ledger.create(file, party=party, origin=origin, keys=_public(keys)) as made:
        public_file = file.with_name(file.name + PUBLIC)
        write_new(public_file, made.installation.to_bytes())
        click.echo(f"{file}: the ledger of {made.party}. Keep it as you keep a key.")
        click.echo(f"{public_file}: its installation's public key. Give it to the other side.")
        click.echo(f"Log: {made.origin}")
        click.echo(f"Fingerprint: {grouped(made.installation.fingerprint)}")


@ledger.command()
@click.argument("file", type=FILE)
@click.argument("envelopes", nargs=-1, required=True, type=FILE)
@keys_option
@refusals_shown
def record(file: Path, envelopes: tuple[Path, ...], keys: tuple[Path, ...]) -> None:
    """Record ENVELOPES in the ledger FILE.

    Each signature is checked first; each envelope is recorded wholly or not at all. What is told recorded
    is on the disk.
    """
    from homeward.formats.files import read_file
    from homeward.formats.ledger import Ledger
    from homeward.seals.envelope import read_envelope

    known = _public(keys)
    with Ledger.open(file) as opened:
        for path in envelopes:
            envelope = read_envelope(read_file(path))
            entries = opened.record(envelope, known)
            told = ", ".join(str(entry.index) for entry in entries)
            click.echo(f"Recorded {envelope.digest}: {f'entry {told}' if told else 'nothing new'}")


@ledger.command(name="list")
@click.argument("file", type=FILE)
@click.option("--subject", default="", help="Only what is about this, such as transfer:T-2018-01.")
@refusals_shown
def listed(file: Path, subject: str) -> None:
    """List the statements in the ledger FILE.

    In the order they came, with when they were made, by whom, about what, and how many have signed.
    """
    from homeward.formats.ledger import Ledger

    with Ledger.open(file) as opened:
        for held in opened.statements(subject):
            signed = f"{held.signatures} signature{'' if held.signatures == 1 else 's'}"
            click.echo(plain(f"{held.digest}  {held.made_at}  {held.kind} by {held.author}, {held.subject}, {signed}"))


@ledger.command()
@click.argument("file", type=FILE)
@click.argument("digest")
@click.option("--out", type=FILE, help="Write its envelope.")
@refusals_shown
def show(file: Path, digest: str, out: Path | None) -> None:
    """Show a statement, and who has signed it.

    It is the one in the ledger FILE with this DIGEST; its first digits are enough.
    """
    from homeward.cli.telling import lines_of
    from homeward.formats.files import write_new
    from homeward.formats.ledger import Ledger
    from homeward.seals.statement import read_frame

    with Ledger.open(file) as opened:
        envelope = opened.envelope(_whole(opened, digest))
    statement = read_frame(envelope.payload)
    for line in lines_of(statement):
        click.echo(line)
    signed = {one.keyid for one in envelope.signatures}
    for signer in statement.signers:
        standing = "signed" if signer.key in signed else "signs on paper" if not signer.key else "has not signed"
        click.echo(f"{signer.party}: {standing}")
    if out is not None:
        write_new(out, envelope.to_bytes())
        click.echo(f"Envelope: {out}")


@ledger.command()
@click.argument("file", type=FILE)
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def check(file: Path, quiet: bool) -> None:
    """Verify everything in the ledger FILE.

    From the stored bytes: digests, signatures, and the log over them.
    """
    from homeward.formats.ledgercheck import check as checked

    with progress_bar(quiet) as tick:
        verified = checked(file, tick=tick)
    click.echo(f"{verified:,} signatures are good; the log is what they make of it.")


@click.command()
@click.argument("file", type=FILE)
@click.option("--proof", type=click.IntRange(min=0), metavar="ENTRY", help="Prove that one entry is in the log.")
@refusals_shown
def log(file: Path, proof: int | None) -> None:
    """List the log of the ledger FILE.

    Every signature in its place; or the proof that one of them is in the log.
    """
    from homeward.errors import NotFound
    from homeward.formats.ledger import Ledger
    from homeward.seals.canonical import write_base64

    with Ledger.open(file) as opened:
        if proof is None:
            parties = {key.fingerprint: key.party for key in opened.known_keys()}
            for entry in opened.entries():
                click.echo(f"{entry.index}  {entry.statement}  {parties[entry.keyid]}  {entry.keyid[:16]}")
            return
        if proof >= opened.size:
            raise NotFound(f"The log has {opened.size:,} entries; there is none at {proof:,}.")
        click.echo(f"size {opened.size}\nroot {write_base64(opened.root())}")
        for one in opened.inclusion_proof(proof):
            click.echo(write_base64(one))


@click.command()
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, help="Write the checkpoint; by default it is shown.")
@click.option("--since", type=FILE, help="The checkpoint from which to prove; by default the last that was cosigned.")
@click.option("--consistency", type=FILE, help="Write the proof that the log continues the earlier checkpoint.")
@click.option("--cosigned", type=FILE, help="Take in a checkpoint of ours that the other side has cosigned.")
@keys_option
@refusals_shown
def checkpoint(
    file: Path,
    out: Path | None,
    since: Path | None,
    consistency: Path | None,
    cosigned: Path | None,
    keys: tuple[Path, ...],
) -> None:
    """Sign what the log of a ledger holds now.

    The checkpoint of the ledger FILE is for the other side to cosign; its cosignature is taken in with --cosigned.
    """
    from homeward.formats.files import read_file, write_new
    from homeward.formats.ledger import Ledger
    from homeward.seals.checkpoint import read_note

    with Ledger.open(file) as opened:
        if cosigned is not None:
            note = read_file(cosigned).decode("utf-8", "replace")
            for key in opened.take_cosigned(note, _public(keys)):
                click.echo(f"Cosigned by {key.party} ({key.name}).")
            return
        note = opened.checkpoint()
        if consistency is not None:
            earlier = read_file(since).decode("utf-8", "replace") if since else opened.last_cosigned()
            write_new(consistency, opened.continuation(earlier, read_note(note).checkpoint.size).to_bytes())
        if out is None:
            click.echo(note, nl=False)
        else:
            write_new(out, note.encode())
            click.echo(f"Checkpoint of {read_note(note).checkpoint.size:,} entries: {out}")


@click.command()
@click.argument("note", metavar="CHECKPOINT", type=FILE)
@click.option("--ledger", "file", required=True, type=FILE, help="Your ledger, which knows what was cosigned before.")
@click.option("--key", "key_file", required=True, type=FILE, help="Your private key, NAME.key.pem.")
@click.option("--consistency", type=FILE, help="The proof from the checkpoint cosigned before.")
@click.option("--installation", type=FILE, help="Public key of the log's installation; needed the first time.")
@click.option("--out", type=FILE, help="Write the cosigned checkpoint; by default it is shown.")
@click.option("--passphrase-file", type=FILE, help="File whose first line is the passphrase.")
@keys_option
@refusals_shown
def witness(
    note: Path,
    file: Path,
    key_file: Path,
    consistency: Path | None,
    installation: Path | None,
    out: Path | None,
    passphrase_file: Path | None,
    keys: tuple[Path, ...],
) -> None:
    """Cosign a CHECKPOINT of another party's log.

    Only if the log continues the checkpoint that was cosigned before. Refused:
    a log that has shrunk, that was rewritten, or that is not known.
    """
    from homeward.cli.passphrases import opened as key_opened
    from homeward.formats.files import read_file, refuse_taken, write_new
    from homeward.formats.keyfiles import read_public_key
    from homeward.formats.ledger import Ledger
    from homeward.seals.checkpoint import Continuation

    if out is not None:
        refuse_taken(out)
    text = read_file(note).decode("utf-8", "replace")
    proof = Continuation.read(read_file(consistency)) if consistency else None
    signer = read_public_key(installation) if installation else None
    with Ledger.open(file) as opened:
        opened.learn(_public(keys))
        key = key_opened(key_file, passphrase_file)
        cosigned = opened.witness(text, key, continuation=proof, installation=signer)
    if out is None:
        sys.stdout.write(cosigned)
    else:
        write_new(out, cosigned.encode())
        click.echo(f"Cosigned: {out}")


def _public(files: tuple[Path, ...]) -> tuple[PublicKey, ...]:
    from homeward.formats.keyfiles import read_public_key

    return tuple(map(read_public_key, files))


def _whole(opened: Ledger, begun: str) -> str:
    """The one digest that begins so."""
    from homeward.errors import NotFound

    sought = begun if begun.startswith("sha256:") else f"sha256:{begun}"
    found = [held.digest for held in opened.statements() if held.digest.startswith(sought)]
    if len(found) != 1:
        raise NotFound(f"{len(found)} statements in {opened.path} begin with {begun}.")
    return found[0]
