"""``homeward scan``: every remains against every missing person of a large programme."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from homeward.cli.showing import list_faults, progress_bar, refusals_shown
from homeward.errors import Cancelled, Nonsense

if TYPE_CHECKING:
    from homeward.cluster import Scheduler
    from homeward.progress import Tick
    from homeward.scan.plan import ScanPlan

PEM = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("source", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--threshold", default=4.0, show_default=True, help="Least log10 likelihood ratio that is kept.")
@click.option("--best", default=0, show_default=True, help="Keep only so many for each remains; 0 keeps all.")
@click.option("--sex", is_flag=True, help="Let the sex of remains count, with the settings' sex_error.")
@click.option("--format", "kind", type=click.Choice(["parquet", "csv"]), default="parquet", show_default=True)
@click.option("--workers", type=click.IntRange(min=1), help="Processes; all cores if not given.")
@click.option("--resume", is_flag=True, help="Go on with a scan that was stopped.")
@click.option("--scheduler", metavar="ADDRESS", help="Run on a Dask cluster: tls://HOST:8786, or a scheduler file.")
@click.option("--tls-ca", type=PEM, help="Certificate of the cluster's own authority.")
@click.option("--tls-cert", type=PEM, help="Certificate that shows that we belong to it.")
@click.option("--tls-key", type=PEM, help="Key of that certificate.")
@click.option("--insecure", is_flag=True, help="Accept tcp:// to another machine, where nobody else can reach it.")
@click.option("--set-on-workers", type=click.Path(path_type=Path), help="Where the workers see the set, if elsewhere.")
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
    scheduler: str | None,
    tls_ca: Path | None,
    tls_cert: Path | None,
    tls_key: Path | None,
    insecure: bool,
    set_on_workers: Path | None,
    quiet: bool,
) -> None:
    """Compare all remains with all missing persons of FOLDER: a programme, or a set in Parquet.

    Keeps every pair whose log10 likelihood ratio reaches the threshold, or the best of them. A scan that was stopped or
    killed goes on where it was with --resume.
    """
    from homeward import scan as scanning

    if scheduler is None and (tls_ca or tls_cert or tls_key or insecure or set_on_workers):
        raise click.UsageError("--tls-ca, --tls-cert, --tls-key, --insecure and --set-on-workers go with --scheduler.")
    if scheduler is not None and workers is not None:
        raise click.UsageError("--workers are of this machine; with --scheduler, the cluster has its own.")
    elsewhere = scheduler and _cluster(scheduler, tls_ca, tls_cert, tls_key, insecure)
    with progress_bar(quiet) as tick:
        path = _as_set(source, out, tick)
        plan = scanning.plan(path, threshold=threshold, best=best, sex=sex, tick=tick)
        left = scanning.begin(plan, out, resume=resume)
        click.echo(_told_before(plan, len(left)), err=True)
        try:
            if elsewhere:
                from homeward import cluster

                cluster.run(plan, out, left, scheduler=elsewhere, set_on_workers=set_on_workers, tick=tick)
            else:
                scanning.run(plan, out, left, workers=workers, tick=tick)
        except (KeyboardInterrupt, Cancelled):
            kept = sum(scanning.is_kept(out, block) for block in plan.blocks)
            click.echo(f"Stopped. {kept:,} of {len(plan.blocks):,} blocks are kept; --resume goes on.", err=True)
            sys.exit(130)
        summary = scanning.collect(plan, out, format=kind, tick=tick)
    click.echo(_standing(summary))
    click.echo(f"{summary['results']:,} pairs in {out / f'results.{kind}'}")
    click.echo(f"Digest: {summary['digest']}")


def _cluster(address: str, ca: Path | None, certificate: Path | None, key: Path | None, insecure: bool) -> Scheduler:
    """The cluster that is asked for; refused before anything is read."""
    from homeward import cluster

    return cluster.Scheduler(
        address=cluster.address_in(address), ca=ca, certificate=certificate, key=key, insecure=insecure
    )


def _as_set(source: Path, out: Path, tick: Tick) -> Path:
    """The set that is to be scanned; a programme is written as one beside the results."""
    from homeward.formats.folder import read_programme
    from homeward.formats.scanfiles import is_set, source_of, write_set

    if is_set(source):
        return source
    reading = read_programme(source, tick=tick)
    if reading.programme is None:
        list_faults("Rejected", reading.rejected, err=True)
        click.echo("Nothing was written.", err=True)
        sys.exit(1)
    made = out / "set"
    if not is_set(made):
        write_set(reading.programme, made)
    elif source_of(made) != reading.programme.digest:
        raise Nonsense(f"{out} holds a scan of another input: it has changed since. Begin anew in another place.")
    return made


def _standing(summary: Mapping[str, Any]) -> str:
    """What was not compared, and why."""
    lines = [f"{summary['compared']:,} pairs compared"]
    if summary["uninformed"]:
        lines.append(f"{summary['uninformed']:,} missing persons have no typed relative by blood: nothing to compare")
    if summary["set_aside"]:
        named = ", ".join(f"{family} ({marker})" for family, marker in summary["set_aside"][:10])
        lines.append(f"{len(summary['set_aside']):,} families contradict themselves and are set aside: {named}")
    if summary["estimated"]:
        named = ", ".join(f"{family} (± {error:.2g})" for family, error in summary["estimated"][:10])
        lines.append(
            f"{len(summary['estimated']):,} families are too large for theta to be summed: their log10 LR are "
            f"estimates, with a standard error of at most: {named}"
        )
    return "\n".join(lines)


def _told_before(plan: ScanPlan, left: int) -> str:
    return (
        f"{plan.remains:,} remains x {plan.slots:,} missing persons = {plan.pairs:,} pairs; "
        f"{left:,} of {len(plan.blocks):,} blocks to do ({plan.sieve}); "
        f"at most {plan.most_expected:,.0f} pairs expected to be kept"
    )
