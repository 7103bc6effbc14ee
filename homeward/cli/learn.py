"""``homeward learn``: what one more fact, or one less, would change on the map, in the plan and in the shortlists."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.references import read
from homeward.cli.showing import progress_bar, refusals_shown
from homeward.errors import Nonsense, NotFound

if TYPE_CHECKING:
    from homeward.planning.loop import Changes, Loop, Moved, StatedOrigin
    from homeward.programme import Ground, Programme
    from homeward.search.log import Fact

SHOWN = 15  # changes of a kind on standard output; all are in --out


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--empty", multiple=True, metavar="SITE[=CHANCE]", help="A site was dug and nothing found.")
@click.option("--found", multiple=True, metavar="SITE", help="Remains were found at a site.")
@click.option("--identified", multiple=True, metavar="PERSON[=REMAINS]", help="Somebody was identified.")
@click.option(
    "--origin", multiple=True, metavar="BOX=LAT,LON[,RADIUS_M]", help="A box is said to be from there, WGS84 degrees."
)
@click.option(
    "--withdraw",
    multiple=True,
    metavar="RECORD",
    help="A search_id, a person_id whose identification falls, or a container_id whose stated origin does.",
)
@click.option(
    "--budget", type=float, default=100.0, show_default=True, help="Of effort over sites, fixed costs left out."
)
@click.option("--out", type=click.Path(path_type=Path), help="File (JSON) for every change.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def learn(
    folder: Path,
    empty: tuple[str, ...],
    found: tuple[str, ...],
    identified: tuple[str, ...],
    origin: tuple[str, ...],
    withdraw: tuple[str, ...],
    budget: float,
    out: Path | None,
    quiet: bool,
) -> None:
    """Say what a fact would change in a programme FOLDER: sites and candidates together, before it is written down.

    Nothing in the folder is changed. Facts are taken one after another, withdrawn ones first, and each is told with
    what it moves. CHANCE is that the dig would have found what lay there; without it the site's or the programme's own.
    """
    from homeward.formats.files import write_new
    from homeward.planning.loop import Loop
    from homeward.provenance import provenance

    facts = {"empty": empty, "found": found, "identified": identified, "origin": origin, "withdraw": withdraw}
    if not any(facts.values()):
        raise click.UsageError("name a fact: --empty, --found, --identified, --origin or --withdraw")
    if not budget > 0:
        raise Nonsense(f"a budget of {budget:g} buys nothing; it is above 0")
    with progress_bar(quiet) as tick:
        programme = read(folder, tick)
        loops = list(_learned(Loop.of(programme, effort=budget, tick=tick), programme, facts))
    whole, steps = _told(loops)
    if out is not None:
        made = provenance(
            "learn", input_digest=programme.digest, parameters={**facts, "budget": budget}, seed=programme.settings.seed
        )
        written = {
            "provenance": made.as_dict(),
            **asdict(whole),
            "facts": [{"fact": fact, **asdict(moved)} for fact, moved in steps],
        }
        write_new(out, (json.dumps(written, ensure_ascii=False, indent=1) + "\n").encode())
    for fact, moved in steps:
        click.echo(f"{fact}:")
        for line in _lines(moved):
            click.echo(f"  {line}")
    if len(steps) > 1:
        click.echo("all together:")
        for line in _lines(whole):
            click.echo(f"  {line}")


def _told(loops: Sequence[tuple[str, Loop]]) -> tuple[Changes, list[tuple[str, Changes]]]:
    """What all facts moved together, and what each moved after those before it."""
    from homeward.planning.loop import changes

    standing = [loop.standing for _, loop in loops]
    names = [fact for fact, _ in loops[1:]]
    steps = [changes(before, after) for before, after in pairwise(standing)]
    return changes(standing[0], standing[-1]), list(zip(names, steps, strict=True))


def _learned(loop: Loop, programme: Programme, facts: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, Loop]]:
    """How everything stands before, and after each fact with its name."""
    yield "", loop
    for name in facts["withdraw"]:
        fact_id = _fact_of(loop, name)
        loop = loop.without(fact_id)
        yield f"without {fact_id}", loop
    for fact, remains_id in _stated(programme, facts):
        loop = loop.with_(fact, remains_id=remains_id)
        yield fact.fact_id, loop


def _stated(programme: Programme, facts: Mapping[str, Sequence[str]]) -> Iterator[tuple[Fact | StatedOrigin, str]]:
    """The facts that are added, each with the remains that it names, if any."""
    from homeward.search.log import Found, Identified, SearchDone, detection_of

    for number, text in enumerate(facts["empty"], start=1):
        site_id, _, stated = text.partition("=")
        site = next((one for one in programme.sites if one.site_id == site_id), None)
        chance = _chance(text, stated) if stated else detection_of(None, 1.0, site, programme.settings.search_detection)
        ground = _ground(programme, site_id)
        yield SearchDone(fact_id=f"empty {number}: {site_id}", ground=ground, detection=chance), ""
    for number, site_id in enumerate(facts["found"], start=1):
        yield Found(fact_id=f"found {number}: {site_id}", ground=_ground(programme, site_id)), ""
    for text in facts["identified"]:
        person_id, _, remains_id = text.partition("=")
        if person_id not in programme.people:
            raise NotFound(f"there is nobody {person_id!r} in missing.csv")
        yield Identified(fact_id=f"identified {person_id}", person_id=person_id), remains_id
    for number, text in enumerate(facts["origin"], start=1):
        yield _origin(number, text), ""


def _origin(number: int, text: str) -> StatedOrigin:
    from homeward.planning.loop import StatedOrigin
    from homeward.programme import Place

    container_id, _, where = text.partition("=")
    try:
        numbers = [float(part) for part in where.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (2, 3) or not all(map(math.isfinite, numbers)):
        raise Nonsense(f"--origin {text}: write BOX=LAT,LON or BOX=LAT,LON,RADIUS_M, as BOX-7=40.36,127.2,3000")
    lat, lon, *radius = numbers
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and min(radius, default=1.0) > 0):
        raise Nonsense(f"--origin {text}: latitudes lie within 90 degrees, longitudes within 180, a radius is above 0")
    place = Place(lat=lat, lon=lon, radius_m=radius[0] if radius else None)
    return StatedOrigin(fact_id=f"origin {number}: {container_id}", container_id=container_id, origin=place)


def _fact_of(loop: Loop, name: str) -> str:
    """The fact of a record: by its search, by whom it identified, or by its box."""
    known = {fact.fact_id for fact in (*loop.log.facts, *loop.origins)}
    for fact_id in (name, f"searches.csv {name}", f"identified {name}", f"containers.csv {name}"):
        if fact_id in known:
            return fact_id
    raise NotFound(
        f"there is no search {name!r}, nobody of that person_id was identified, and no such box is said to be from "
        "somewhere"
    )


def _ground(programme: Programme, site_id: str) -> Ground:
    site = next((one for one in programme.sites if one.site_id == site_id), None)
    if site is None:
        raise NotFound(f"there is no site {site_id!r} in sites.csv")
    if site.ground is None:
        raise Nonsense(f"nobody has said where the site {site_id} is: sites.csv needs its place or its outline")
    return site.ground


def _chance(text: str, stated: str) -> float:
    try:
        chance = float(stated)
    except ValueError:
        raise Nonsense(f"--empty {text}: {stated!r} is no number") from None
    if not 0 <= chance <= 1:
        raise Nonsense(f"--empty {text}: the chance to have found what lay there lies between 0 and 1, not {stated}")
    return chance


def _lines(told: Changes) -> Iterator[str]:
    for title, moved, what in (
        ("Sites, by expected identifications", told.sites, "4.4g"),
        ("Sites, by the effort that the budget gives them", told.efforts, "4.4g"),
        ("Candidates, by posterior (other remains held as they are)", told.candidates, ".4f"),
    ):
        yield f"{title}: {len(moved):,} changed"
        for one in moved[:SHOWN]:
            yield f"  {one.about}: {one.before:{what}} -> {one.after:{what}}{_ranks(one)}"
        if len(moved) > SHOWN:
            yield f"  and {len(moved) - SHOWN:,} more"


def _ranks(one: Moved) -> str:
    if one.rank_before == one.rank_after:
        return ""
    return f", rank {one.rank_before or '-'} -> {one.rank_after or '-'}"
