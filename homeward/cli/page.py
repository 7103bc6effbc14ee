"""``homeward seal page``: the verifier for any browser, and the digest by which to know it."""

from __future__ import annotations

from pathlib import Path

import click

from homeward.cli.showing import plain, refusals_shown


@click.command(name="page")
@click.option("--out", type=click.Path(path_type=Path), help="Where to write the page, such as verify.html.")
@click.option("--digest", is_flag=True, help="Print the page's SHA-256, for minutes and comparing.")
@refusals_shown
def page(out: Path | None, digest: bool) -> None:
    """Write the verifier for any browser: one file that needs no network.

    A page that comes with a bundle can say anything. Compare its SHA-256 with the one printed here.
    """
    from homeward.formats.files import write_new
    from homeward.seals.page import page_digest, verifier_page

    if out is None and not digest:
        raise click.UsageError("Say where to write the page, with --out, or ask for its --digest.")
    if out is not None:
        write_new(out, verifier_page())
        click.echo(plain(f"{out}"), err=True)
    click.echo(page_digest())
