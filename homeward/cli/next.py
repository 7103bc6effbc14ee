"""``homeward next``: which samples to take next, of remains and of relatives, within a budget."""

from __future__ import annotations

from pathlib import Path

import click

from homeward.cli.references import read
from homeward.cli.showing import progress_bar, refusals_shown


@click.command("next")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--budget", type=float, default=20.0, show_default=True, help="In the unit of the two costs.")
@click.option("--relative-cost", type=float, default=1.0, show_default=True, help="Of asking and typing a relative.")
@click.option("--bone-cost", type=float, default=1.0, show_default=True, help="Of a further sample of remains.")
@click.option(
    "--success",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Chance that a further sample of remains reads what is not read yet.",
)
@click.option(
    "--found",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Chance that remains of a missing person that are not at hand will be found.",
)
@click.option("--best", type=click.IntRange(0), default=20, show_default=True, help="Relatives computed fully.")
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="Of report.html.")
@click.option("--replace", is_flag=True, help="Replace an earlier result in the same place.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def next_samples(
    folder: Path,
    out: Path,
    budget: float,
    relative_cost: float,
    bone_cost: float,
    success: float,
    found: float,
    best: int,
    language: str,
    replace: bool,
    quiet: bool,
) -> None:
    """Rank every further sample of a programme FOLDER by the identifications it would bring.

    Writes plan.csv (what to take within the budget), bones.csv, relatives.csv, thresholds.csv, result.json and
    report.html.
    """
    from homeward.genetics.family import calls_of, families
    from homeward.genetics.locus import prepare_loci
    from homeward.identification.identify import identify
    from homeward.planning.next import plan_samples
    from homeward.provenance import provenance
    from homeward.reports.next import refuse_place, write_next

    refuse_place(out, replace=replace)
    with progress_bar(quiet) as tick:
        programme = read(folder, tick)
        result = identify(programme, tick=tick)
        plan = plan_samples(
            programme,
            result,
            families(programme, prepare_loci(programme)),
            calls_of(programme),
            budget=budget,
            relative_cost=relative_cost,
            bone_cost=bone_cost,
            success=success,
            found=found,
            best=best,
            tick=tick,
        )
        origin = provenance(
            "next",
            input_digest=programme.digest,
            parameters={
                "budget": budget,
                "relative_cost": relative_cost,
                "bone_cost": bone_cost,
                "success": success,
                "found": found,
                "best": best,
            },
            seed=programme.settings.seed,
        )
        write_next(plan, programme, origin, out, language=language, replace=replace)
    expected = plan.steps[-1].expected if plan.steps else 0.0
    click.echo(f"{len(plan.steps):,} samples for {budget:g}: {expected:.2f} further identifications expected")
    click.echo(f"Report: {out / 'report.html'}")
