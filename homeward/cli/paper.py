"""``homeward paper ...``: statements on paper, and filled papers entered back, all without a network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from homeward.cli.showing import list_faults, refusals_shown

if TYPE_CHECKING:
    from homeward.formats.filled import Comparison
    from homeward.reports.paper.document import How
    from homeward.seals.statement import Statement

FILE = click.Path(path_type=Path)
statement_argument = click.argument("statement", type=FILE)


@click.group()
def paper() -> None:
    """Print statements in two languages for signing with a pen, and enter filled papers back."""


def _setting(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--languages", default="en,ko", show_default=True, help="Side by side, in this order."),
        click.option("--copy", type=click.IntRange(min=1), help="Only this copy; without it, every one in one file."),
        click.option("--copies", type=click.IntRange(min=1), help="How many are made; else as the statement says."),
        click.option("--out", required=True, type=FILE, help="The PDF to write."),
    ):
        command = option(command)
    return command


def _printer(name: str, draw: str, what: str) -> None:
    @paper.command(name, help=what)
    @statement_argument
    @_setting
    @refusals_shown
    def command(statement: Path, out: Path, **asked: Any) -> None:
        from homeward.reports.paper import forms

        _write(out, getattr(forms, draw)(_statement(statement), **_how(**asked)))


_printer("manifest", "manifest_pdf", "Print a manifest, with columns for what is found at the handover.")
_printer("handover", "handover_pdf", "Print a handover receipt; from a manifest, the empty form of one.")
_printer("receipt", "receipt_pdf", "Print a receipt; from a manifest or a handover, the empty form of one.")
_printer("reservation", "reservation_pdf", "Print a reservation; from another statement, the empty form against it.")
_printer("statement", "statement_pdf", "Print any statement with everything it says.")


@paper.command()
@statement_argument
@click.option("--out", required=True, type=FILE, help="The PDF to write.")
@click.option("--languages", default="en,ko", show_default=True, help="Side by side, in this order.")
@click.option("--mission", default="", help="Printed on every label.")
@click.option("--incident", default="", help="Printed on every label.")
@click.option("--no-twins", is_flag=True, help="Without the label that goes inside each bag.")
@refusals_shown
def labels(statement: Path, out: Path, languages: str, mission: str, incident: str, no_twins: bool) -> None:
    """Print labels for the cases and bags of a manifest, eight to a sheet."""
    from homeward.reports.paper.labels import labels_of, labels_pdf

    manifest = _statement(statement)
    named = labels_of(manifest, mission=mission, incident=incident)
    spoken = tuple(languages.split(","))
    made = labels_pdf(named, at=manifest.instant, programme=manifest.programme, languages=spoken, twins=not no_twins)
    _write(out, made)


@paper.command()
@click.argument("handover", type=FILE)
@click.option("--number", required=True, help="The record's own number.")
@click.option("--manifest", type=FILE, help="The manifest, which tells what commitments are fulfilled.")
@click.option("--receipt", type=FILE, help="The receipt, which tells of the seals coming in.")
@click.option("--reservation", "reservations", type=FILE, multiple=True, help="A reservation; as often as there are.")
@click.option("--previous", default="", help="Digest of the record before this one.")
@_setting
@refusals_shown
def custody(
    handover: Path,
    number: str,
    manifest: Path | None,
    receipt: Path | None,
    reservations: tuple[Path, ...],
    previous: str,
    out: Path,
    **asked: Any,
) -> None:
    """Print the custody record of a HANDOVER."""
    from homeward.formats.filled import scanned_digest
    from homeward.reports.paper.custody import custody_record_pdf

    made = custody_record_pdf(
        _statement(handover),
        number=number,
        manifest=_statement(manifest) if manifest else None,
        receipt=_statement(receipt) if receipt else None,
        reservations=[_statement(one) for one in reservations],
        previous=scanned_digest(previous) if previous else "",
        **_how(**asked),
    )
    _write(out, made)


@paper.command()
@click.argument("keys", type=FILE, nargs=-1, required=True)
@click.option("--programme", required=True, help="The programme's name, as both parties write it.")
@click.option("--session", required=True, help="Number of the session at which the keys are shown.")
@click.option("--date", "at", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Day of the session, UTC.")
@click.option("--place", default="", help="Where it is held.")
@_setting
@refusals_shown
def fingerprints(
    keys: tuple[Path, ...], programme: str, session: str, at: datetime, place: str, out: Path, **asked: Any
) -> None:
    """Print the sheet on which the fingerprints of public KEYS (.pub.json) are exchanged and signed."""
    from homeward.formats.files import read_file
    from homeward.reports.paper.fingerprints import fingerprints_pdf
    from homeward.seals.keys import PublicKey

    shown = [PublicKey.read(read_file(path)) for path in keys]
    day = at.replace(tzinfo=UTC)
    _write(out, fingerprints_pdf(shown, programme=programme, session=session, at=day, place=place, **_how(**asked)))


@paper.command()
@statement_argument
@click.option("--out", required=True, type=FILE, help="The CSV file to write.")
@refusals_shown
def form(statement: Path, out: Path) -> None:
    """Write the empty table into which a filled paper is typed."""
    from homeward.formats.filled import paper_form_csv

    _write(out, paper_form_csv(_statement(statement)))


@paper.command()
@statement_argument
@click.argument("filled", type=FILE)
@click.option("--out", required=True, type=FILE, help="Where the body of the statement of kind paper is written.")
@click.option("--digest", required=True, help="From the paper: scanned from its QR code, or typed from its foot.")
@click.option("--copy", type=click.IntRange(min=1), default=1, show_default=True, help="Which copy was entered.")
@click.option("--copies", type=click.IntRange(min=1), help="Of how many; else as the statement says.")
@click.option(
    "--signed-by",
    nargs=4,
    multiple=True,
    required=True,
    metavar="PARTY NAME OFFICE DATE",
    help="A signature on the paper, once for each; the date as 2018-07-27.",
)
@click.option("--scan", type=FILE, help="The scanned paper, of which the digest is recorded.")
@refusals_shown
def enter(
    statement: Path,
    filled: Path,
    out: Path,
    digest: str,
    copy: int,
    copies: int | None,
    signed_by: tuple[tuple[str, str, str, str], ...],
    scan: Path | None,
) -> None:
    """Enter a FILLED paper (CSV or Excel) back, line by line, against the STATEMENT it was drawn up from."""
    from homeward.formats.files import refuse_taken
    from homeward.formats.filled import read_filled, refuse_other_paper
    from homeward.seals.canonical import canonical

    refuse_taken(out)
    read = _statement(statement)
    refuse_other_paper(read, digest)
    comparison = read_filled(filled, read)
    _show(comparison)
    if comparison.rejected:
        click.echo("Nothing was written.", err=True)
        sys.exit(1)
    names = ("party", "name", "office", "signed_on")
    signed = [dict(zip(names, one, strict=True)) for one in signed_by]
    made = copies or int(read.body.get("copies", len(read.signers)))
    body = comparison.body(copy=copy, copies=made, signed_by=signed, scan=_digest_of(scan))
    _refuse_body(body)
    _write(out, canonical(body))


def _show(comparison: Comparison) -> None:
    from homeward.formats.filled import Standing

    counts = ", ".join(f"{len(comparison.with_standing(s)):,} {s.value}" for s in Standing)
    click.echo(f"{len(comparison.lines):,} lines: {counts}; {len(comparison.extra):,} extra")
    for one in comparison.differences:
        where = "not on the statement" if one.line is None else f"line {one.line}"
        click.echo(f"  {where}, {one.field}: {one.declared!r} declared, {one.paper!r} on paper")
    list_faults("Noted", comparison.notes)
    list_faults("Rejected", comparison.rejected, err=True)


def _refuse_body(body: dict[str, Any]) -> None:
    """What the statement would be refused for is told now, while the paper lies on the table."""
    from homeward.errors import Rejected
    from homeward.seals.bodies import BODIES

    faults = list(BODIES["paper"].faults(body, ""))
    if faults:
        raise Rejected(faults)


def _how(*, languages: str, copy: int | None, copies: int | None) -> How:
    """What was asked for, as the papers take it."""
    how: How = {"languages": tuple(languages.split(",")), "copy": copy}
    return {**how, "copies": copies} if copies else how


def _write(path: Path, data: bytes) -> None:
    from homeward.formats.files import write_new

    write_new(path, data)
    click.echo(f"Written: {path}")


def _digest_of(path: Path | None) -> str:
    from homeward.formats.files import read_file
    from homeward.provenance import digest

    return digest(read_file(path)) if path else ""


def _statement(path: Path) -> Statement:
    """A statement out of its own file, or out of the envelope it was signed in."""
    from homeward.formats.files import read_file
    from homeward.seals.canonical import read_canonical
    from homeward.seals.envelope import read_envelope
    from homeward.seals.statement import read_statement

    data = read_file(path)
    value = read_canonical(data)
    signed = isinstance(value, dict) and "payloadType" in value
    return read_statement(read_envelope(data).payload if signed else data)
