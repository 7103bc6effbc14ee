"""``homeward plan``: which sites to dig in a season, how long, by whom and when."""

from __future__ import annotations

from pathlib import Path

import click

from homeward.cli.references import read
from homeward.cli.showing import progress_bar, refusals_shown

_CHANCE = click.FloatRange(0, 1)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--budget", required=True, type=float, help="What the season may cost, in the unit of sites.csv.")
@click.option("--crews", type=click.IntRange(1), help="That dig at the same time; else as programme.toml says.")
@click.option("--season", type=click.IntRange(1900, 2200), help="The year; else the first in which there is a permit.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@click.option("--profile", type=_CHANCE, default=0.9, show_default=True, help="Chance that remains give a profile.")
@click.option("--jaw", type=_CHANCE, default=0.4, show_default=True, help="Chance that teeth are found.")
@click.option(
    "--dental-log10",
    type=click.FloatRange(0),
    default=2.0,
    show_default=True,
    help="log10 LR that the teeth of someone with a chart bring.",
)
@click.option(
    "--commingled",
    type=_CHANCE,
    default=0.9,
    show_default=True,
    help="Chance that someone of a mass grave can be put together.",
)
@click.option(
    "--learned",
    "weighed",
    is_flag=True,
    help="Weigh every kind of source, and searching, by what the holes on record gave; else all is as stated.",
)
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="Of report.html.")
@click.option("--replace", is_flag=True, help="Replace an earlier result in the same place.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def plan(
    folder: Path,
    budget: float,
    crews: int | None,
    season: int | None,
    out: Path,
    profile: float,
    jaw: float,
    dental_log10: float,
    commingled: float,
    weighed: bool,
    language: str,
    replace: bool,
    quiet: bool,
) -> None:
    """Plan a season in the field for a programme FOLDER: the sites, the effort at each, the crews and the days.

    Writes plan.json, plan.csv, plan.gpx and plan.geojson (for a receiver or a map), and report.html with maps; with
    --learned also reliability.csv, what the holes say of every kind of source.
    """
    from homeward.geography.theatre import theatre
    from homeward.planning.fieldplan import field_plan
    from homeward.planning.reliability import learned, looks_of
    from homeward.planning.windows import season_of
    from homeward.planning.worth import Assumed, worth_of_each
    from homeward.provenance import provenance
    from homeward.reports.plan import refuse_place, write_plan
    from homeward.search.belief import belief
    from homeward.search.log import log_of

    refuse_place(out, replace=replace)
    assumed = Assumed(profile=profile, jaw=jaw, dental_log10=dental_log10, commingled=commingled)
    with progress_bar(quiet) as tick:
        programme = read(folder, tick)
        when = season_of(programme, budget=budget, crews=crews, year=season)
        log = log_of(programme)
        weights = learned(programme, looks_of(programme), log, tick=tick) if weighed else None
        state = belief(programme, tick=tick).after(log) if weights is None else weights.belief.after(weights.log)
        worth = worth_of_each(programme, assumed, tick=tick)
        found = field_plan(programme, state, worth, when, assumed=assumed, tick=tick)
        origin = provenance(
            "plan",
            input_digest=programme.digest,
            parameters={
                "budget": budget,
                "crews": when.crews,
                "season": when.starts.year,
                "profile": profile,
                "jaw": jaw,
                "dental_log10": dental_log10,
                "commingled": commingled,
                "learned": weighed,
            },
            seed=programme.settings.seed,
        )
        ground = state.grid, theatre(programme.settings.search_theatre)
        write_plan(found, programme, ground, origin, out, language=language, replace=replace, reliability=weights)
    sites = "1 site" if len(found.digs) == 1 else f"{len(found.digs):,} sites"
    click.echo(
        f"{sites} for {found.cost:,.6g} of {budget:,.6g}: {found.expected_bodies:.2f} of the missing "
        f"expected, {found.expected_identifications:.2f} of them named (no plan: more than {found.bound:.2f})"
    )
    for one in (weights.everyone, *weights.sources, weights.searching) if weights else ():
        low, high = one.interval
        click.echo(
            f"Not so of {one.kind}: {one.mean:.2f} ({low:.2f} to {high:.2f}); as stated with {one.as_stated:.2f}"
        )
    click.echo(f"Report: {out / 'report.html'}")
