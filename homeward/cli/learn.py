"""``homeward learn``: what one more fact, or one less, would change on the map, in the plan and in the shortlists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from homeward.cli.references import read
from homeward.cli.showing import progress_bar, refusals_shown
from homeward.errors import Nonsense, NotFound

if TYPE_CHECKING:
    from homeward.planning.loop import Changes, Loop, Moved
    from homeward.programme import Ground, Programme

SHOWN = 15  # changes of a kind on standard output; all are in --out


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--empty", multiple=True, metavar="SITE[=CHANCE]", help="A site was dug and nothing found.")
@click.option("--found", multiple=True, metavar="SITE", help="Remains were found at a site.")
@click.option("--identified", multiple=True, metavar="PERSON[=REMAINS]", help="Somebody was identified.")
@click.option(
    "--withdraw", multiple=True, metavar="RECORD", help="A search_id, or a person_id whose identification falls."
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
    withdraw: tuple[str, ...],
    budget: float,
    out: Path | None,
    quiet: bool,
) -> None:
    """Say what a fact would change in a programme FOLDER: sites and candidates together, before it is written down.

    Nothing in the folder is changed. CHANCE is that the dig would have found what lay there; without it the site's
    or the programme's own.
    """
    from homeward.formats.files import write_new
    from homeward.planning.loop import Loop, changes
    from homeward.provenance import provenance

    if not (empty or found or identified or withdraw):
        raise click.UsageError("name a fact: --empty, --found, --identified or --withdraw")
    if not budget > 0:
        raise Nonsense(f"a budget of {budget:g} buys nothing; it is above 0")
    with progress_bar(quiet) as tick:
        programme = read(folder, tick)
        before = Loop.of(programme, effort=budget, tick=tick)
        after = _learned(before, programme, empty=empty, found=found, identified=identified, withdraw=withdraw)
        told = changes(before.standing, after.standing)
    if out is not None:
        parameters = {"empty": empty, "found": found, "identified": identified, "withdraw": withdraw, "budget": budget}
        origin = provenance("learn", input_digest=programme.digest, parameters=parameters, seed=programme.settings.seed)
        whole = {"provenance": origin.as_dict(), **asdict(told)}
        write_new(out, (json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode())
    for line in _lines(told):
        click.echo(line)


def _learned(
    loop: Loop,
    programme: Programme,
    *,
    empty: Sequence[str],
    found: Sequence[str],
    identified: Sequence[str],
    withdraw: Sequence[str],
) -> Loop:
    from homeward.search.log import Found, Identified, SearchDone, detection_of

    for name in withdraw:
        loop = loop.without(_fact_of(loop, name))
    for number, text in enumerate(empty, start=1):
        site_id, _, stated = text.partition("=")
        site = next((one for one in programme.sites if one.site_id == site_id), None)
        chance = _chance(text, stated) if stated else detection_of(None, 1.0, site, programme.settings.search_detection)
        fact_id = f"empty {number}: {site_id}"
        loop = loop.with_(SearchDone(fact_id=fact_id, ground=_ground(programme, site_id), detection=chance))
    for number, site_id in enumerate(found, start=1):
        loop = loop.with_(Found(fact_id=f"found {number}: {site_id}", ground=_ground(programme, site_id)))
    for text in identified:
        person_id, _, remains_id = text.partition("=")
        if person_id not in programme.people:
            raise NotFound(f"there is nobody {person_id!r} in missing.csv")
        loop = loop.with_(Identified(fact_id=f"identified {person_id}", person_id=person_id), remains_id=remains_id)
    return loop


def _fact_of(loop: Loop, name: str) -> str:
    """The fact of a record: by its search, or by whom it identified."""
    known = {fact.fact_id for fact in loop.log.facts}
    for fact_id in (name, f"searches.csv {name}", f"identified {name}"):
        if fact_id in known:
            return fact_id
    raise NotFound(f"there is no search {name!r}, and nobody of that person_id was identified")


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
