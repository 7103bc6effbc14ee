"""``homeward simulate`` and ``homeward calibrate``: worlds with known truth, and whether posteriors keep their word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace as with_fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.showing import progress_bar, refusals_shown

if TYPE_CHECKING:
    from homeward.simulation import Scenario

_SCENARIO = click.option("--scenario", default="korea", show_default=True, help="Which world to invent.")
_UNLIKE = click.option(
    "--unlike",
    multiple=True,
    metavar="KIND=VALUE",
    help="How the world differs from what its programme states: coancestry, mutation (times the stated rates), "
    "dropout, age_years, labels. May be given several times.",
)
_QUIET = click.option("--quiet", is_flag=True, help="No progress on standard error.")


def _world(scenario: str, unlike: Sequence[str]) -> Scenario:
    from homeward.simulation import scenarios
    from homeward.simulation.scenario import korea_country

    known = scenarios()
    if scenario not in known:
        raise click.BadParameter(f"no scenario {scenario!r}; there is {', '.join(known)}", param_hint="--scenario")
    world = with_fields(known[scenario], unlike=with_fields(known[scenario].unlike, **_differences(unlike)))
    return with_fields(world, country=korea_country()) if scenario == "korea" else world


def _differences(unlike: Sequence[str]) -> Mapping[str, float]:
    from dataclasses import fields

    from homeward.simulation.scenario import Unlike

    kinds = [f.name for f in fields(Unlike)]
    found: dict[str, float] = {}
    for text in unlike:
        kind, _, value = text.partition("=")
        if kind not in kinds:
            raise click.BadParameter(f"no kind {kind!r}; there is {', '.join(kinds)}", param_hint="--unlike")
        try:
            found[kind] = float(value)
        except ValueError:
            raise click.BadParameter(f"{value!r} is not a number; write {kind}=0.1", param_hint="--unlike") from None
    return found


@click.command()
@click.argument("out", type=click.Path(path_type=Path))
@_SCENARIO
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same programme.")
@click.option("--persons", type=click.IntRange(min=10), help="Make it smaller: so many missing persons.")
@_UNLIKE
@_QUIET
@refusals_shown
def simulate(out: Path, scenario: str, seed: int, persons: int | None, unlike: Sequence[str], quiet: bool) -> None:
    """Invent a programme with known truth in the folder OUT.

    The truth is written beside it: who the remains are as OUT.truth.csv, where the missing lie as OUT.lying.csv.
    """
    from homeward.formats.folder import write_programme
    from homeward.formats.truth import write_lying, write_truth
    from homeward.simulation import scaled, simulate

    world = _world(scenario, unlike)
    if persons is not None:
        world = scaled(world, persons=persons)
    with progress_bar(quiet) as tick:
        programme, truth = simulate(world, seed=seed, tick=tick)
        write_programme(programme, out, container="folder")
        write_truth(truth, out.with_name(out.name + ".truth.csv"))
        write_lying(truth.lying, out.with_name(out.name + ".lying.csv"))
    click.echo(f"{len(programme.missing):,} missing persons and {len(programme.remains):,} remains in {out}")


@click.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder for the results.")
@_SCENARIO
@click.option("--worlds", type=click.IntRange(1), default=100, show_default=True, help="How many to invent.")
@click.option("--persons", type=click.IntRange(10), default=60, show_default=True, help="Missing persons in each.")
@click.option("--remains", type=click.IntRange(1), default=10, show_default=True, help="Remains in each.")
@click.option("--seed", default=1, show_default=True, help="Of the first world; the others follow.")
@_UNLIKE
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="Worlds looked at at once.")
@click.option("--language", type=click.Choice(["en", "ko"]), default="en", show_default=True, help="Of report.html.")
@click.option("--replace", is_flag=True, help="Replace an earlier result in the same place.")
@_QUIET
@refusals_shown
def calibrate(
    out: Path,
    scenario: str,
    worlds: int,
    persons: int,
    remains: int,
    seed: int,
    unlike: Sequence[str],
    processes: int,
    language: str,
    replace: bool,
    quiet: bool,
) -> None:
    """Count on many invented worlds whether posteriors keep what they promise.

    Writes calibration.csv (bins of posteriors), thresholds.csv (false identifications and share found),
    result.json and report.html with the reliability curve.
    """
    from homeward.provenance import provenance
    from homeward.reports.calibration import refuse_place, write_calibration
    from homeward.simulation.calibration import calibrate
    from homeward.simulation.scenario import sized

    refuse_place(out, replace=replace)
    world = sized(_world(scenario, unlike), persons=persons, remains=remains)
    with progress_bar(quiet) as tick:
        found = calibrate(world, range(seed, seed + worlds), processes=processes, tick=tick)
    origin = provenance(
        "calibrate",
        input_digest=f"scenario {scenario}",
        parameters={"worlds": worlds, "persons": persons, "remains": remains, **found.unlike},
        seed=seed,
    )
    write_calibration(found, world, origin, out, language=language, replace=replace)
    click.echo(f"{found.worlds:,} worlds, {found.remains:,} remains: calibration error {found.error:.4f}")
    for at in found.thresholds:
        click.echo(
            f"  at {at.threshold:g}: {at.named:,} named, {at.false} false ({at.promised_false:.2f} promised), "
            f"{at.found} of {at.identifiable} identifiable found"
        )
    click.echo(f"Report: {out / 'report.html'}")
