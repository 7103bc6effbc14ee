"""``homeward import`` and ``homeward export``: laboratories' files in and out."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.showing import plain, progress_bar, refusals_shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from homeward.errors import Fault
    from homeward.formats.laboratory.imports import Import
    from homeward.formats.laboratory.merging import Merged

FILE = click.Path(path_type=Path)


@click.command(name="import")
@click.argument("file", type=FILE)
@click.option("--format", "format_", default="", help="Its format, where it is not told from what stands in it.")
@click.option("--into", type=FILE, help="A programme folder to add it to; nothing there is overwritten.")
@click.option("--out", type=FILE, help="A new programme folder to write.")
@click.option(
    "--kind",
    type=click.Choice(["remains", "reference", "elimination"]),
    help="What samples are of, where neither the file nor the folder tells.",
)
@click.option(
    "--single-allele",
    type=click.Choice(["fault", "homozygote", "partial"]),
    default="fault",
    show_default=True,
    help="What one allele beside an empty cell means.",
)
@click.option("--population", default="", help="Name of the population of its frequencies and people.")
@click.option("--pedigree", default="", help="Which of several pedigrees of the same people is meant.")
@click.option("--encoding", default="", help="Of a text file that is not Unicode, such as cp949.")
@click.option("--beside", type=FILE, help="A second file that belongs to it, such as the .map of a .ped.")
@click.option("--sheet", default="", help="Which sheet of a workbook.")
@click.option("--read-error", default=0.01, show_default=True, help="Of a read, where a VCF counts reads (AD).")
@click.option("--damage", default=0.0, show_default=True, help="Chance that a C is read as T, a G as A, in a VCF.")
@click.option("--root", default="", help="Whose family is meant, of a GEDCOM; without it, every family.")
@click.option("--without-rejected", is_flag=True, help="Write what was read although rows were rejected.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def import_(
    file: Path,
    format_: str,
    into: Path | None,
    out: Path | None,
    kind: str | None,
    single_allele: str,
    population: str,
    pedigree: str,
    encoding: str,
    beside: Path | None,
    sheet: str,
    read_error: float,
    damage: float,
    root: str,
    without_rejected: bool,
    quiet: bool,
) -> None:
    """Read a laboratory's FILE and say what it holds; with --into or --out, write it to a programme folder.

    Without these nothing is written: what would be read is counted, and every row that is rejected is listed
    with its line, value, reason and remedy. Exit status 1 if rows were rejected.
    """
    from homeward.formats.laboratory import read
    from homeward.formats.laboratory.imports import Options

    if into is not None and out is not None:
        raise click.UsageError("Give --into for a folder that is there, or --out for a new one.")
    options = Options(
        single_allele=single_allele,
        population=population,
        pedigree=pedigree,
        encoding=encoding,
        beside=beside,
        sheet=sheet,
        read_error=read_error,
        damage=damage,
        root=root,
    )
    found = read(file, format_, options)
    _show(found)
    if into is not None or out is not None:
        if found.rejected and not without_rejected:
            click.echo("Nothing was written. Correct the rows, or leave them out with --without-rejected.", err=True)
            sys.exit(1)
        _write(found, file, into, out, kind, quiet)
    if found.rejected:
        sys.exit(1)


def _show(found: Import) -> None:
    version = f" {found.version}" if found.version else ""
    click.echo(plain(f"Format: {found.format}{version}"))
    for name, count in found.counts.items():
        click.echo(f"{name}: {count:,}")
    _list("Noted", found.notes)
    _list("Rejected", found.rejected)


def _write(found: Import, file: Path, into: Path | None, out: Path | None, kind: str | None, quiet: bool) -> None:
    """Add the import to its folder, or refuse with every conflict and fault."""
    from homeward.errors import Rejected
    from homeward.formats.files import refuse_taken
    from homeward.formats.laboratory import merging
    from homeward.programme import SampleKind

    place = into or out
    assert place is not None
    with progress_bar(quiet) as tick:
        if out is not None:
            refuse_taken(out)
        try:
            base = merging.base_of(place, tick=tick) if into else merging.new_programme(found, place.name)
            result = merging.merged(base, found, file=file.name, kind=SampleKind(kind) if kind else None)
            _list("Noted", result.notes)
            if result.programme is None:
                _list("Conflicts", result.conflicts, err=True)
                click.echo("Nothing was written.", err=True)
                sys.exit(1)
            if into:
                merging.write_into_folder(result.programme, base, place, tick=tick)
            else:
                merging.write_new_folder(result.programme, place, tick=tick)
        except Rejected as refusal:
            _list("Rejected", refusal.faults, err=True)
            click.echo("Nothing was written.", err=True)
            sys.exit(1)
    _show_written(result, place)


def _show_written(result: Merged, place: Path) -> None:
    click.echo(plain(f"Written to {place}: {_counted(result.added) or 'nothing that was not there'}"))
    if result.there:
        click.echo(f"There already: {_counted(result.there)}")


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _list(title: str, faults: tuple[Fault, ...], *, err: bool = False) -> None:
    """Every one of them: who sends a file back to a laboratory needs the whole list."""
    if faults:
        click.echo(f"{title}: {len(faults):,}", err=err)
    for fault in faults:
        click.echo(plain(f"  {fault}"), err=err)


@click.command()
@click.argument("folder", type=FILE)
@click.option("--format", "format_", required=True, type=click.Choice(["fam", "ped", "csv"]), help="What to write.")
@click.option("--out", required=True, type=FILE, help="The file to write; a .ped gets its .map and .dat beside it.")
@click.option("--population", default="", help="Whose frequencies to write, where there are several.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def export(folder: Path, format_: str, out: Path, population: str, quiet: bool) -> None:
    """Write a programme FOLDER as a file for another program: Familias, LINKAGE or PLINK, or a table.

    What has no place in the format is listed. What would be computed otherwise is refused, and nothing is written.
    """
    from homeward.errors import Rejected
    from homeward.formats.files import refuse_taken, write_new
    from homeward.formats.folder import read_programme
    from homeward.formats.laboratory import writers
    from homeward.formats.laboratory.exports import Wanted

    with progress_bar(quiet) as tick:
        reading = read_programme(folder, tick=tick)
    try:
        if reading.programme is None:
            raise Rejected(reading.rejected)
        made = writers[format_](reading.programme, Wanted(population=population))
    except Rejected as refusal:
        _list("Rejected", refusal.faults, err=True)
        click.echo("Nothing was written.", err=True)
        sys.exit(1)
    files = {out: made.data, **{out.with_suffix(ending): data for ending, data in made.beside.items()}}
    for path in files:
        refuse_taken(path)
    for path, data in files.items():
        write_new(path, data)
    _list("Noted", made.notes)
    click.echo(plain(f"Written: {', '.join(map(str, files))}"))
