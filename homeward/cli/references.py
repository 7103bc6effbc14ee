"""``homeward quality``: whether the references are what they are said to be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.showing import LISTED, list_faults, plain, progress_bar, refusals_shown

if TYPE_CHECKING:
    from homeward.programme import Programme
    from homeward.progress import Tick


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--threshold", default=3.0, show_default=True, help="log10 LR from which something is told.")
@click.option("--expected", default=1.0, show_default=True, help="False pairs between families put up with, each kind.")
@click.option("--slip", default=0.001, show_default=True, help="Chance that a second sample of one person differs.")
@click.option(
    "--language",
    type=click.Choice(["en", "ko"]),
    default="en",
    show_default=True,
    help="Of the sentences and the page.",
)
@click.option("--replace", is_flag=True, help="Replace an earlier result in the same place.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def quality(
    folder: Path,
    out: Path,
    threshold: float,
    expected: float,
    slip: float,
    language: str,
    replace: bool,
    quiet: bool,
) -> None:
    """Test the relatives of a programme FOLDER: are they what they are said to be to each other?

    Another father or mother, exchanged or foreign samples, one person under two names, twins who are none, relatives in
    different families. Writes report.html (what to look at, in words and pictures), quality.csv, families.csv,
    pairs.csv and result.json. No family is left out because of it.
    """
    from homeward.genetics.quality import quality as tested
    from homeward.reports.quality import finding_words, refuse_place, write_quality

    refuse_place(out, replace=replace)
    with progress_bar(quiet) as tick:
        programme = read(folder, tick)
        result = tested(programme, threshold=threshold, expected=expected, slip=slip, tick=tick)
        write_quality(result, programme, out, language=language, replace=replace)
    for finding in result.findings[:LISTED]:
        click.echo(plain(finding_words(finding, language)))
    if len(result.findings) > LISTED:
        click.echo(f"... and {len(result.findings) - LISTED:,} more")
    across = sum(screen.expected_false for screen in result.screens)
    click.echo(f"{len(result.families):,} families: {len(result.findings):,} findings")
    click.echo(f"Report: {out / 'report.html'}")
    click.echo(
        f"Expected to be false: at most {result.most_false:.2g} of {result.tests:,} tests within families, "
        f"{across:.2g} pairs between families"
    )


def read(folder: Path, tick: Tick) -> Programme:
    """The programme in a folder; its faults on standard error and exit 1 if there are any."""
    from homeward.formats.folder import read_programme

    reading = read_programme(folder, tick=tick)
    if reading.programme is None:
        list_faults("Rejected", reading.rejected, err=True)
        click.echo("Nothing was written.", err=True)
        sys.exit(1)
    return reading.programme
