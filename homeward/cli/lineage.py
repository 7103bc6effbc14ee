"""``homeward lineage``: mtDNA and Y haplotypes of remains against every reference."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.showing import list_faults, progress_bar, refusals_shown

if TYPE_CHECKING:
    from homeward.genetics.lineage.evidence import LineageModel

COUNTED = ("plus_one", "plus_two", "clopper_pearson_one_sided", "clopper_pearson_two_sided")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the lists.")
@click.option("--most", type=click.IntRange(0, 10), default=2, show_default=True, help="Differences of a listed pair.")
@click.option("--mt-frequency", type=click.Choice(COUNTED), default=COUNTED[0], show_default=True)
@click.option(
    "--y-frequency", type=click.Choice([*COUNTED, "kappa", "discrete_laplace"]), default="kappa", show_default=True
)
@click.option("--literal", is_flag=True, help="A mixture of bases agrees with itself alone.")
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", help="Language of report.html.")
@click.option("--replace", is_flag=True, help="Replace earlier lists in the same place.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def lineage(
    folder: Path,
    out: Path,
    most: int,
    mt_frequency: str,
    y_frequency: str,
    literal: bool,
    language: str,
    replace: bool,
    quiet: bool,
) -> None:
    """List remains and references of FOLDER whose mtDNA or Y haplotypes differ by 0, 1 or 2.

    Writes pairs.csv (each pair), persons.csv (the likelihood ratio of each missing person's line), haplotypes.csv (who
    shares the haplotype of remains, and how common it is) and report.html, which shows them. Frequencies are counted in
    lineage_frequencies.csv.
    """
    from homeward.formats.folder import read_programme
    from homeward.genetics.lineage.candidates import lineage_lists
    from homeward.reports.lineage import refuse_place, write_lists

    refuse_place(out, replace=replace)
    with progress_bar(quiet) as tick:
        reading = read_programme(folder, tick=tick)
        if reading.programme is None:
            list_faults("Rejected", reading.rejected, err=True)
            raise click.exceptions.Exit(1)
        model = _model(mt_frequency, y_frequency, literal)
        lists = lineage_lists(reading.programme, model=model, most=most, tick=tick)
        write_lists(lists, reading.programme, out, language=language, replace=replace)
    click.echo(f"{len(lists.pairs):,} pairs, {len(lists.persons):,} remains and persons on a line, in {out}")
    unknown = sum(one.lr.log_lr is None for one in lists.persons)
    if unknown:
        click.echo(
            f"{unknown:,} of them have no likelihood ratio: lineage_frequencies does not say how common they are."
        )


def _model(mt_frequency: str, y_frequency: str, literal: bool) -> LineageModel:
    from dataclasses import replace

    from homeward.genetics.lineage.differences import Mixtures
    from homeward.genetics.lineage.evidence import LineageModel
    from homeward.genetics.lineage.frequency import Method

    usual = LineageModel()
    mt = replace(usual.mt, mixtures=Mixtures.LITERAL) if literal else usual.mt
    return LineageModel(mt=mt, y=usual.y, mt_method=Method(mt_frequency), y_method=Method(y_frequency))
