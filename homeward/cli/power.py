"""``homeward power``: what the families can show, and which further relative would help most."""

from __future__ import annotations

from pathlib import Path

import click

from homeward.cli.references import read
from homeward.cli.showing import progress_bar, refusals_shown


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--needed", type=float, help="log10 LR to be reached. From the prior and the threshold if not given.")
@click.option(
    "--best", type=click.IntRange(0), default=20, show_default=True, help="So many relatives are computed fully."
)
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="Of report.html.")
@click.option("--replace", is_flag=True, help="Replace an earlier result in the same place.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def power(folder: Path, out: Path, needed: float | None, best: int, language: str, replace: bool, quiet: bool) -> None:
    """Say what the typed relatives of a programme FOLDER can show, and which further relative would help most.

    Writes power.csv (for each missing person the chance to reach what is needed), relatives.csv (whom to ask next, by
    the further identifications to be expected), result.json and report.html with the distributions.
    """
    from homeward.reports.power import powered, refuse_place, write_power

    refuse_place(out, replace=replace)
    with progress_bar(quiet) as tick:
        programme = read(folder, tick)
        result, families = powered(programme, needed=needed, best=best, tick=tick)
        write_power(result, families, programme, out, language=language, replace=replace)
    click.echo(f"log10 LR needed: {result.needed:.2f}")
    click.echo(
        f"{len(result.standing):,} missing persons and {len(result.helps):,} relatives who could be typed, in {out}"
    )
    click.echo(f"Report: {out / 'report.html'}")
