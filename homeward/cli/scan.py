"""``homeward scan``: every remains against every missing person of a large programme."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from homeward.cli.showing import list_faults, progress_bar, refusals_shown

if TYPE_CHECKING:
    from homeward.progress import Tick
    from homeward.scan.plan import ScanPlan


@click.command()
@click.argument("source", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--threshold", default=4.0, show_default=True, help="Least log10 likelihood ratio that is kept.")
@click.option("--best", default=0, show_default=True, help="Keep only so many for each remains; 0 keeps all.")
@click.option("--sex", is_flag=True, help="Let the sex of remains count, with the settings' sex_error.")
@click.option("--format", "kind", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option("--workers", type=click.IntRange(min=1), help="Processes; all cores if not given.")
@click.option("--resume", is_flag=True, help="Go on with a scan that was stopped.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def scan(
    source: Path,
    out: Path,
    threshold: float,
    best: int,
    sex: bool,
    kind: Literal["parquet", "csv"],
    workers: int | None,
    resume: bool,
    quiet: bool,
) -> None:
    """Compare all remains with all missing persons of FOLDER: a programme, or a set in Parquet.

    Keeps every pair whose log10 likelihood ratio reaches the threshold, or the best of them. A scan that was stopped or
    killed goes on where it was with --resume.
    """
    from homeward import scan as scanning

    with progress_bar(quiet) as tick:
        path = _as_set(source, out, tick)
        plan = scanning.plan(path, threshold=threshold, best=best, sex=sex, tick=tick)
        left = scanning.begin(plan, out, resume=resume)
        click.echo(_told_before(plan, len(left)), err=quiet)
        scanning.run(plan, out, left, workers=workers, tick=tick)
        summary = scanning.collect(plan, out, format=kind, tick=tick)
    click.echo(f"{summary['results']:,} pairs in {out / f'results.{kind}'}")
    click.echo(f"Digest: {summary['digest']}")


def _as_set(source: Path, out: Path, tick: Tick) -> Path:
    """The set that is to be scanned; a programme is written as one beside the results."""
    from homeward.formats.folder import read_programme
    from homeward.formats.scanfiles import is_set, write_set

    if is_set(source):
        return source
    made = out / "set"
    if is_set(made):
        return made
    reading = read_programme(source, tick=tick)
    if reading.programme is None:
        list_faults("Rejected", reading.rejected, err=True)
        raise SystemExit(1)
    write_set(reading.programme, made)
    return made


def _told_before(plan: ScanPlan, left: int) -> str:
    return (
        f"{plan.remains:,} remains x {plan.slots:,} missing persons = {plan.pairs:,} pairs; "
        f"{left:,} of {len(plan.blocks):,} blocks to do ({plan.sieve}); "
        f"at most {plan.most_expected:,.0f} pairs expected to be kept"
    )
