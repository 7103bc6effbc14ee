"""``homeward seal bundle``, ``verify``, ``receive``, ``anchors``: what crosses on a stick, and its answer."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.showing import LISTED, plain, progress_bar, refusals_shown

if TYPE_CHECKING:
    from homeward.formats.bundles import TakenIn
    from homeward.formats.ledger import Ledger
    from homeward.seals.anchors import Anchors
    from homeward.seals.report import Report, SealFault

FILE = click.Path(path_type=Path)
STATUS = {"valid": 0, "broken": 1, "unanchored": 3}
FIRST_CONTACT = {"no-checkpoint"}  # what may still be open when two parties exchange for the first time
pin_option = click.option(
    "--pin",
    "pins",
    multiple=True,
    metavar="PARTY=FINGERPRINT",
    help="A fingerprint from the minutes: of a party's key, or of its installation's.",
)


@click.command(name="bundle")
@click.option("--ledger", "file", required=True, type=FILE, help="Your ledger.")
@click.option("--subject", "subjects", multiple=True, help="Such as transfer:T-2018-01; all if none is named.")
@click.option("--for", "reader", default="", metavar="PARTY", help="Code of the party it is for.")
@click.option("--document", "documents", multiple=True, type=FILE, help="A file that the statements speak of.")
@click.option("--openings", multiple=True, type=FILE, help="Openings of withheld fields, for who should know.")
@click.option("--log", "logs", multiple=True, type=FILE, help="Another party's log, as it gave it (logs/PARTY.json).")
@click.option("--out", required=True, type=FILE, help="The bundle to write, NAME.bundle.zip.")
@refusals_shown
def bundle(
    file: Path,
    subjects: tuple[str, ...],
    reader: str,
    documents: tuple[Path, ...],
    openings: tuple[Path, ...],
    logs: tuple[Path, ...],
    out: Path,
) -> None:
    """Write a sealed bundle from a ledger.

    All statements about the subjects, what they rest on, and everything about keys, with the proof that each
    signature is in your log and that the log continues what the other side cosigned last.
    """
    from datetime import UTC, datetime

    from homeward.formats.bundles import export, read_enclosed, read_openings_file
    from homeward.formats.files import read_file, refuse_taken, write_new
    from homeward.formats.ledger import Ledger
    from homeward.seals.contents import LogCopy

    refuse_taken(out)
    with Ledger.open(file) as opened:
        data = export(
            opened,
            made_at=datetime.now(UTC),
            subjects=subjects,
            reader=reader,
            documents=[read_enclosed(path) for path in documents],
            openings=[read_openings_file(path) for path in openings],
            logs=[LogCopy.read(read_file(path)) for path in logs],
        )
    write_new(out, data)
    click.echo(f"{out}: {len(data):,} bytes, sealed by the installation of {opened.party}.")


@click.command()
@click.argument("bundle", type=FILE)
@click.option("--anchors", "anchors_file", type=FILE, help="What you know already; see homeward seal anchors.")
@click.option("--ledger", "file", type=FILE, help="Your ledger, which knows keys and what was cosigned.")
@pin_option
@click.option("--json", "as_json", is_flag=True, help="The whole report as JSON.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def verify(
    bundle: Path,
    anchors_file: Path | None,
    file: Path | None,
    pins: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Say whether a BUNDLE is valid, unanchored or broken.

    With every fault: which statement, whose signature, why, and what to do. Exit status: 0 valid, 1 broken,
    3 unanchored (nothing is wrong, but nothing says that these are the parties' keys and the cosigned log).
    """
    import json

    from homeward.formats.bundles import read_bundle_file
    from homeward.seals.verify import verify as verified

    data = read_bundle_file(bundle)
    known = _anchors(anchors_file, file, pins, data)
    with progress_bar(quiet) as tick:
        report = verified(data, known, tick)
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=1, ensure_ascii=False))
    else:
        _show(bundle, report)
        if report.verdict == "unanchored":
            _show_fingerprints(report)
    sys.exit(STATUS[report.verdict])


@click.command()
@click.argument("bundle", type=FILE)
@click.option("--ledger", "file", required=True, type=FILE, help="Your ledger, which is the anchor.")
@pin_option
@click.option("--first", is_flag=True, help="First contact: pin what the bundle brings, after showing it.")
@click.option("--key", "key_file", type=FILE, help="Your private key: cosign the sender's log as well.")
@click.option("--passphrase-file", type=FILE, help="File whose first line is the passphrase.")
@click.option("--documents", type=FILE, help="Folder for the documents and openings that it brings.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def receive(
    bundle: Path,
    file: Path,
    pins: tuple[str, ...],
    first: bool,
    key_file: Path | None,
    passphrase_file: Path | None,
    documents: Path | None,
    quiet: bool,
) -> None:
    """Verify a BUNDLE and record it.

    Under what your ledger knows: a broken bundle is refused, one that is not anchored needs --pin with the
    fingerprints from the minutes, or --first. All that is new is recorded, or nothing is. Again changes nothing.
    """
    from homeward.formats.anchors import anchors_of, read_pins, with_pins
    from homeward.formats.bundles import logs_in, read_bundle_file, take_in
    from homeward.formats.ledger import Ledger
    from homeward.seals.verify import verify as verified

    data = read_bundle_file(bundle)
    logs = logs_in(data)
    with Ledger.open(file) as opened:
        known = with_pins(anchors_of(opened, logs), read_pins(pins), logs)
        with progress_bar(quiet) as tick:
            report = verified(data, known, tick)
            if first and report.verdict == "unanchored":
                known = with_pins(known, _new(data, report), logs)
                _show_fingerprints(report)
                _confirm_first()
                report = verified(data, known, tick)
        _refuse_unless_anchored(bundle, report, first=first or bool(pins))
        taken = take_in(opened, data, known)
        _show_taken(bundle, taken, report)
        if key_file is not None:
            _cosign(opened, data, key_file, passphrase_file)
    if documents is not None:
        _write_documents(data, documents)


@click.command()
@click.argument("file", type=FILE)
@pin_option
@click.option("--log", "bundles", multiple=True, type=FILE, help="A bundle whose logs become known by a pinned key.")
@click.option("--cosigned", multiple=True, type=FILE, help="A checkpoint that you cosigned, of a log known here.")
@click.option("--ledger", type=FILE, help="Take over everything that your ledger knows.")
@refusals_shown
def anchors(
    file: Path, pins: tuple[str, ...], bundles: tuple[Path, ...], cosigned: tuple[Path, ...], ledger: Path | None
) -> None:
    """Write, add to, or show the anchors in FILE.

    Anchors are what you know without the sender: fingerprints as they stand in the minutes, and the checkpoint of
    each log that you cosigned last. A bundle is valid under them or it is not.
    """
    from homeward.formats.anchors import read_anchors, write_anchors
    from homeward.seals.anchors import NOTHING_KNOWN

    known = read_anchors(file) if file.exists() else NOTHING_KNOWN
    changed = _with_more(known, pins, bundles, cosigned, ledger)
    if changed != known or not file.exists():
        write_anchors(file, changed)
        click.echo(f"{file}: written.")
    for line in _lines_of_anchors(changed):
        click.echo(line)


COMMANDS = (bundle, verify, receive, anchors)


def _anchors(anchors_file: Path | None, ledger: Path | None, pins: tuple[str, ...], data: bytes) -> Anchors:
    from homeward.formats.anchors import anchors_of, read_anchors, read_pins, with_pins
    from homeward.formats.bundles import logs_in
    from homeward.formats.ledger import Ledger
    from homeward.seals.anchors import NOTHING_KNOWN

    if anchors_file is not None and ledger is not None:
        raise click.UsageError("Give --anchors or --ledger, not both.")
    logs = logs_in(data)
    known = read_anchors(anchors_file) if anchors_file is not None else NOTHING_KNOWN
    if ledger is not None:
        with Ledger.open(ledger) as opened:
            known = anchors_of(opened, logs)
    return with_pins(known, read_pins(pins), logs)


def _with_more(
    known: Anchors, pins: tuple[str, ...], bundles: Iterable[Path], cosigned: Iterable[Path], ledger: Path | None
) -> Anchors:
    from dataclasses import replace

    from homeward.errors import SealBroken
    from homeward.formats.anchors import anchors_of, read_pins, with_pins
    from homeward.formats.bundles import logs_in, read_bundle_file
    from homeward.formats.files import read_file
    from homeward.formats.ledger import Ledger
    from homeward.seals.checkpoint import read_note

    if ledger is not None:
        with Ledger.open(ledger) as opened:
            held = anchors_of(opened)
        pinned = {party: {*known.keys.get(party, ()), *held.keys.get(party, ())} for party in {*known.keys, *held.keys}}
        keys = {party: tuple(sorted(each)) for party, each in pinned.items()}
        known = replace(known, keys=keys, logs={**known.logs, **held.logs})
    logs = [log for path in bundles for log in logs_in(read_bundle_file(path))]
    known = with_pins(known, read_pins(pins), logs)
    for path in cosigned:
        note = read_note(read_file(path))
        log = known.logs.get(note.checkpoint.origin)
        if log is None:
            reason = "this log is not known yet; pin its installation's key first, with --pin and --log."
            raise SealBroken("unpinned-log", note.checkpoint.origin, reason)
        known = known.with_log(note.checkpoint.origin, replace(log, checkpoint=note.text))
    return known


def _lines_of_anchors(known: Anchors) -> Iterator[str]:
    from homeward.seals.keys import grouped

    for party, fingerprints in sorted(known.keys.items()):
        for fingerprint in fingerprints:
            yield plain(f"{party}: key {grouped(fingerprint)}")
    for origin, log in sorted(known.logs.items()):
        yield plain(f"{origin}: installation {grouped(log.installation)}")
        checkpoint = log.cosigned
        at = _counted(checkpoint.size, "entry", "entries") if checkpoint else ""
        yield f"  cosigned at {at}" if at else "  no checkpoint cosigned yet"


def _show(path: Path, report: Report) -> None:
    """The verdict, all that is wrong or not anchored, and the statements with who signed them."""
    click.echo(plain(f"{path}: {report.verdict.upper()}"))
    if report.party:
        click.echo(plain(f"From {report.party}, {report.programme}, made {report.made_at}."))
    _list("Wrong", report.faults, report)
    _list("Not anchored", report.unanchored, report)
    _list("Told", report.notes, report)
    for log in report.logs:
        size = _counted(log.size, "entry", "entries")
        cosigned = f"an earlier checkpoint cosigned by {', '.join(log.cosigned)}" if log.cosigned else "never cosigned"
        click.echo(plain(f"Log of {log.party} ({log.origin}): {size}, {cosigned}."))
    if report.statements:
        click.echo(f"Statements: {len(report.statements):,}")
    for line in _statements(report):
        click.echo(line)


def _list(title: str, found: tuple[SealFault, ...], report: Report) -> None:
    if found:
        click.echo(f"{title}: {len(found):,}")
    parties = {one.key: one.party for seen in report.statements for one in seen.signers}
    kinds = {seen.digest: f"{seen.kind}, {seen.subject}" for seen in report.statements}
    for one in found[:LISTED]:
        click.echo(plain(f"  {one.code}: {one.file or 'the bundle'}"))
        if one.statement:
            click.echo(plain(f"    statement {one.statement} ({kinds.get(one.statement, 'not readable')})"))
        if one.signature:
            click.echo(plain(f"    signature of {parties.get(one.signature, 'an unknown party')}, {one.signature}"))
        click.echo(plain(f"    {one.reason[:1].upper()}{one.reason[1:]}"))
    if len(found) > LISTED:
        click.echo(f"  ... and {len(found) - LISTED:,} more")


def _statements(report: Report) -> Iterator[str]:
    bad = {(fault.statement, fault.signature) for fault in report.faults}
    for seen in report.statements[:LISTED]:
        yield plain(f"  {seen.made_at}  {seen.kind}, {seen.subject}  {seen.digest}")
        for one in seen.signers:
            if (seen.digest, one.key) in bad:
                standing = "signature NOT GOOD"
            elif one.signed:
                standing = "signed"
            else:
                standing = "has not signed" if one.key else "signs on paper"
            yield plain(f"    {one.party} as {one.role}: {standing}")
    if len(report.statements) > LISTED:
        yield f"  ... and {len(report.statements) - LISTED:,} more"


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _new(data: bytes, report: Report) -> dict[str, list[str]]:
    """What a bundle brings that nothing says anything about: keys that signed, installations of logs."""
    from homeward.formats.bundles import logs_in
    from homeward.seals.signed import fingerprint_in

    unpinned = {fingerprint_in(one.file) for one in report.unanchored if one.code == "unpinned-key"}
    unknown = {one.file for one in report.unanchored if one.code == "unpinned-log"}
    new: dict[str, list[str]] = {}
    for signer in (one for seen in report.statements for one in seen.signers):
        if signer.signed and signer.key in unpinned and signer.key not in new.get(signer.party, ()):
            new.setdefault(signer.party, []).append(signer.key)
    for log in logs_in(data):
        if f"logs/{log.party}.json" in unknown:
            new.setdefault(log.party, []).append(log.installation)
    return new


def _show_fingerprints(report: Report) -> None:
    """Fingerprints to be held against the minutes."""
    from homeward.seals.keys import grouped

    click.echo("Compare with the minutes, face to face:")
    told = set()
    for seen in report.statements:
        for one in seen.signers:
            if one.signed and one.key not in told:
                told.add(one.key)
                click.echo(plain(f"  {one.party}: key {grouped(one.key)}"))
    for log in report.logs:
        click.echo(plain(f"  {log.party}: installation {grouped(log.installation)}"))


def _confirm_first() -> None:
    from homeward.errors import KeyRefused

    if sys.stdin.isatty() and not click.confirm("Are these the fingerprints in the minutes?"):
        raise KeyRefused("Nothing was pinned, nothing was recorded.")


def _refuse_unless_anchored(path: Path, report: Report, *, first: bool) -> None:
    """Show what is wrong and leave, unless this may be recorded."""
    open_questions = {one.code for one in report.unanchored}
    if report.verdict == "valid" or (report.verdict == "unanchored" and first and open_questions <= FIRST_CONTACT):
        return
    _show(path, report)
    if report.verdict == "unanchored" and open_questions <= FIRST_CONTACT:
        click.echo("To accept a log that was never cosigned, receive with --first, and cosign it with --key.", err=True)
    elif report.verdict == "unanchored":
        click.echo("Pin the fingerprints that stand in the minutes, with --pin, or at first contact --first.", err=True)
    click.echo("Nothing was recorded.", err=True)
    sys.exit(STATUS[report.verdict])


def _show_taken(path: Path, taken: TakenIn, report: Report) -> None:
    statements = _counted(len({entry.statement for entry in taken.entries}), "statement")
    new = f"{_counted(len(taken.entries), 'new signature')} on {statements}" if taken.entries else "nothing new"
    brought = f"{_counted(taken.statements, 'statement')} from {report.party}"
    click.echo(plain(f"{path}: {report.verdict}; {brought}, {new}."))
    for party in taken.cosigners:
        click.echo(plain(f"{party} has cosigned our log."))


def _cosign(opened: Ledger, data: bytes, key_file: Path, passphrase_file: Path | None) -> None:
    from homeward.cli.passphrases import opened as key_opened
    from homeward.formats.bundles import cosign_log
    from homeward.seals.checkpoint import read_note

    checkpoint = read_note(cosign_log(opened, data, key_opened(key_file, passphrase_file))).checkpoint
    click.echo(plain(f"Cosigned {checkpoint.origin} at {_counted(checkpoint.size, 'entry', 'entries')}."))


def _write_documents(data: bytes, folder: Path) -> None:
    from homeward.formats.bundles import write_out
    from homeward.seals.bundle import read_bundle

    folder.mkdir(parents=True, exist_ok=True)
    for path in write_out(read_bundle(data), folder):
        click.echo(plain(f"{path}"))
