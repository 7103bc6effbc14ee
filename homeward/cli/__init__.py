"""``homeward ...``: the science at the command line.

Each command reads its input, calls one verb and shows the answer. Results go to files,
answers to standard output, progress and complaints to standard error. Exit status: 0 done,
1 refused (faults in the input, a place already taken), 130 stopped by the person who asked.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward import __version__
from homeward.cli.compare import compare
from homeward.cli.geo import geo
from homeward.cli.laboratory import export, import_
from homeward.cli.learn import learn
from homeward.cli.lineage import lineage
from homeward.cli.next import next_samples
from homeward.cli.paper import paper
from homeward.cli.plan import plan
from homeward.cli.power import power
from homeward.cli.references import quality
from homeward.cli.scan import scan
from homeward.cli.seal import seal
from homeward.cli.showing import list_faults, progress_bar, refusals_shown
from homeward.cli.simulating import calibrate, simulate
from homeward.cli.transfer import transfer

if TYPE_CHECKING:
    from homeward.formats.folder import Reading
    from homeward.identification.result import Identification
    from homeward.programme import Programme


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="homeward")
def main() -> None:
    """Account for the missing: from a folder of files to names, and how sure we are of them."""


main.add_command(compare)
main.add_command(export)
main.add_command(geo)
main.add_command(import_)
main.add_command(learn)
main.add_command(lineage)
main.add_command(paper)
main.add_command(plan)
main.add_command(power)
main.add_command(next_samples)
main.add_command(simulate)
main.add_command(calibrate)
main.add_command(quality)
main.add_command(scan)
main.add_command(seal)
main.add_command(transfer)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def check(folder: Path, quiet: bool) -> None:
    """Read a programme FOLDER (or its zip or Excel file) and list every fault."""
    reading = _read(folder, quiet)
    for file, rows in reading.rows.items():
        click.echo(f"{file}: {rows:,} rows")
    list_faults("Noted", reading.notes)
    if reading.rejected:
        list_faults("Rejected", reading.rejected)
        sys.exit(1)
    click.echo("No fault found.")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", help="Language of report.html.")
@click.option("--replace", is_flag=True, help="Replace an earlier result in the same place.")
@click.option(
    "--since",
    type=click.Path(path_type=Path),
    help="An earlier result.json: tell what changed since, and which lines of evidence moved it.",
)
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def identify(folder: Path, out: Path, language: str, replace: bool, since: Path | None, quiet: bool) -> None:
    """Say who the remains of a programme FOLDER may be, and how sure that is."""
    from homeward.identification.identify import identify as identified
    from homeward.reports.files import refuse_to_overwrite, write_identification
    from homeward.reports.since import read_earlier

    refuse_to_overwrite(out, replace=replace)
    earlier = None if since is None else read_earlier(since)
    programme = _programme(folder, quiet)
    with progress_bar(quiet) as tick:
        result = identified(programme, tick=tick)
        write_identification(result, programme, out, language=language, replace=replace, since=earlier, tick=tick)
    click.echo(_standing(result))
    click.echo(f"Report: {out / 'report.html'}")


def _read(folder: Path, quiet: bool) -> Reading:
    from homeward.formats.folder import read_programme

    with progress_bar(quiet) as tick:
        return read_programme(folder, tick=tick)


def _programme(folder: Path, quiet: bool) -> Programme:
    """The programme in a folder; its faults on standard error and exit 1 if there are any."""
    reading = _read(folder, quiet)
    if reading.programme is None:
        list_faults("Rejected", reading.rejected, err=True)
        click.echo("Nothing was written.", err=True)
        sys.exit(1)
    return reading.programme


def _standing(result: Identification) -> str:
    """The answer in one line a number."""
    from collections import Counter

    conclusions = Counter(remains.conclusion.value for remains in result.remains)
    shares = ", ".join(f"{label.value} {share:.1%}" for label, share in result.shares.items() if share)
    lines = [f"{len(result.remains):,} remains: " + ", ".join(f"{n:,} {name}" for name, n in conclusions.items())]
    lines.append(f"posteriors: {shares}; median error {result.median_width:.2g}")
    return "\n".join(lines)
