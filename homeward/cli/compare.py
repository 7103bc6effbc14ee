"""``homeward compare``: remains and missing persons by every system that was typed."""

from __future__ import annotations

from pathlib import Path

import click

from homeward.cli.references import read
from homeward.cli.showing import progress_bar, refusals_shown

SYSTEMS = ("au", "x", "y", "mt", "snp")


def _systems(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    wanted = tuple(part.strip() for part in value.split(",") if part.strip())
    unknown = [part for part in wanted if part not in SYSTEMS]
    if unknown or not wanted:
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is none of {', '.join(SYSTEMS)}")
    return wanted


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--systems", default=",".join(SYSTEMS), show_default=True, callback=_systems, help="Which to use.")
@click.option(
    "--threshold", type=float, help="Least log10 LR, all together, of a pair that is written. All if not given."
)
@click.option("--spacing", default=1.0, show_default=True, help="Least distance of two SNPs, cM.")
@click.option("--near-str", default=10.0, show_default=True, help="SNPs so near to an STR are left out, cM.")
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="Of report.html.")
@click.option("--replace", is_flag=True, help="Replace an earlier result in the same place.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def compare(
    folder: Path,
    out: Path,
    systems: tuple[str, ...],
    threshold: float | None,
    spacing: float,
    near_str: float,
    language: str,
    replace: bool,
    quiet: bool,
) -> None:
    """Compare all remains of FOLDER with its missing by autosomal STRs, X, Y, mtDNA and SNPs, and together.

    Writes pairs.csv (a column for each system, the total, and why a system was not compared), result.json (what each
    ratio rests on) and report.html. A total is against someone unrelated: others of one line share the haplotype.
    """
    from homeward.genetics.combined import System
    from homeward.genetics.combined import compare as compared
    from homeward.reports.comparison import refuse_place, write_comparison

    refuse_place(out, replace=replace)
    with progress_bar(quiet) as tick:
        programme = read(folder, tick)
        result = compared(
            programme,
            systems=[System(system) for system in systems],
            spacing_cm=spacing,
            near_str_cm=near_str,
            tick=tick,
        )
        written = write_comparison(result, programme, out, threshold=threshold, language=language, replace=replace)
    click.echo(f"{len(result.remains_ids):,} remains x {len(result.slots):,} persons: {written:,} pairs in {out}")
    click.echo(f"Report: {out / 'report.html'}")
