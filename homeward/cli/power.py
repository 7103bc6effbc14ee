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
    from homeward.genetics.family import families
    from homeward.genetics.locus import prepare_loci
    from homeward.planning.relatives import needed_log10_lr, prior_of_each, ranked, standings
    from homeward.provenance import provenance
    from homeward.reports.power import PowerResult, refuse_place, write_power

    refuse_place(out, replace=replace)
    with progress_bar(quiet) as tick:
        programme = read(folder, tick)
        of_programme = families(programme, prepare_loci(programme))
        settings = programme.settings
        listed, prior = 0, 0.0
        if needed is None:
            drawn = {slot.person_id for family in of_programme for slot in family.slots}
            listed = len({person.person_id for person in programme.missing} | drawn)
            needed, prior = needed_log10_lr(settings, listed), prior_of_each(settings, listed)
        standing = standings(of_programme, needed, tick=tick)
        helps = ranked(of_programme, standing, needed, best=best, tick=tick)
        result = PowerResult(
            needed=needed,
            listed=listed,
            prior=prior,
            standing=tuple(standing),
            helps=tuple(helps),
            provenance=provenance(
                "power",
                input_digest=programme.digest,
                parameters={
                    "needed": needed,
                    "best": best,
                    "theta": settings.theta,
                    "untyped_ancestors": settings.untyped_ancestors,
                },
            ),
        )
        write_power(result, of_programme, programme, out, language=language, replace=replace)
    click.echo(f"log10 LR needed: {needed:.2f}")
    click.echo(f"{len(standing):,} missing persons and {len(helps):,} relatives who could be typed, in {out}")
    click.echo(f"Report: {out / 'report.html'}")
