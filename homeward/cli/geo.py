"""``homeward geo``: coordinates and grid references read, maps and receivers in and out."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from homeward.cli.references import read as read_folder
from homeward.cli.showing import list_faults, progress_bar, refusals_shown

FILE = click.Path(path_type=Path)
KINDS = ("sites", "leads", "scenarios", "searches")


@click.group()
def geo() -> None:
    """Read grid references of today and of the period; bring maps and receivers into a programme and out of it."""


@geo.command("read")
@click.argument("text")
@click.option("--theatre", "name", default="korea", show_default=True, help="korea, or an outline as WKT.")
@refusals_shown
def read_reference(text: str, name: str) -> None:
    """Say every reading of a grid reference TEXT that lies in the theatre, such as "CV 5171" or "52S CG 2142 5958"."""
    from homeward.geography.mgrs import readings
    from homeward.geography.theatre import theatre

    land = theatre(name)
    found = readings(text, theatre=land)
    if not found:
        click.echo(f"{text}: no reading lies in the theatre {land.name!r}")
        sys.exit(1)
    if len(found) > 1:
        click.echo(f"{text}: {len(found)} readings; which is meant must come from the map that was used")
    for one in found:
        click.echo(
            f"{one.lat:.5f} N {one.lon:.5f} E, within {one.radius_m:.0f} m: zone {one.zone}, "
            f"lettering {one.lettering}, datum {one.datum}; {one.operation} (accuracy {one.accuracy_m:g} m)"
        )


@geo.command("import")
@click.argument("file", type=FILE)
@click.option("--as", "kind", type=click.Choice(KINDS), required=True, help="Rows of which file.")
@click.option("--out", type=FILE, help="Where to write them (CSV); without it nothing is written.")
@click.option("--theatre", "name", default="korea", show_default=True, help="korea, or an outline as WKT.")
@click.option("--id", "id_field", default="", help="The property that names each feature.")
@click.option("--layer", default="", help="Of a file with several.")
@click.option("--crs", default="", help="Coordinates of a file that does not say, such as EPSG:32652.")
@click.option("--without-rejected", is_flag=True, help="Write what was read although features were rejected.")
@refusals_shown
def import_features(
    file: Path, kind: str, out: Path | None, name: str, id_field: str, layer: str, crs: str, without_rejected: bool
) -> None:
    """Read the features of FILE (GeoJSON, GPX, KML, GeoPackage, shapefile) as rows of a programme's file.

    Without --out nothing is written: features are counted, and every one that is rejected is listed with its number,
    name, reason and remedy. Exit status 1 if any was rejected.
    """
    from homeward.formats.features import read_features
    from homeward.formats.files import write_new
    from homeward.geography.theatre import theatre

    found = read_features(file, kind=kind, theatre=theatre(name), id_field=id_field, layer=layer, crs=crs)
    click.echo(f"{file.name}: {found.seen:,} features, {len(found.rows):,} of them rows of {found.table.file}")
    list_faults("Noted", found.notes)
    list_faults("Rejected", found.rejected)
    if out is not None and (without_rejected or not found.rejected):
        write_new(out, found.as_csv())
        click.echo(f"Written: {out}")
    elif out is not None:
        click.echo("Nothing was written. Correct the file, or give --without-rejected.")
    if found.rejected:
        sys.exit(1)


@geo.command("export")
@click.argument("folder", type=FILE)
@click.option("--what", type=click.Choice(("sites", "leads", "searches")), default="sites", show_default=True)
@click.option("--out", type=FILE, required=True, help="FILE.geojson, .gpx, .kml or .gpkg.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def export_features(folder: Path, what: str, out: Path, quiet: bool) -> None:
    """Write the sites, leads or searches of a programme FOLDER for a map or a receiver, in WGS84."""
    from homeward.formats.geofiles import marked_of, write_marked

    with progress_bar(quiet) as tick:
        programme = read_folder(folder, tick)
    marked = marked_of(programme, what)
    write_marked(marked, out, name=f"{programme.settings.name}: {what}")
    without = len(getattr(programme, what)) - len(marked)
    click.echo(f"{len(marked):,} {what} in {out}" + (f"; {without:,} without a place left out" if without else ""))


@geo.command("forms")
@click.argument("folder", type=FILE)
@click.option("--out", type=FILE, required=True, help="FILE.xlsx")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def forms(folder: Path, out: Path, quiet: bool) -> None:
    """Write the form for searches of a programme FOLDER as an XLSForm, for ODK, KoBo or QField, in two languages."""
    from homeward.formats.fieldforms import search_form
    from homeward.formats.files import write_new

    with progress_bar(quiet) as tick:
        programme = read_folder(folder, tick)
    write_new(out, search_form(programme))
    click.echo(f"Written: {out}, with {len(programme.sites):,} sites to choose from")


@geo.command("returns")
@click.argument("folder", type=FILE)
@click.argument("file", type=FILE)
@click.option("--out", type=FILE, help="Where to write the new rows of searches.csv; without it nothing is written.")
@click.option("--width-m", type=float, help="Sweep width: FILE is a GPX of tracks.")
@click.option("--detection", type=float, help="Within the sweep width of tracks; else the programme's own.")
@click.option("--without-rejected", is_flag=True, help="Write what was read although rows were rejected.")
@click.option("--quiet", is_flag=True, help="No progress on standard error.")
@refusals_shown
def returns(
    folder: Path,
    file: Path,
    out: Path | None,
    width_m: float | None,
    detection: float | None,
    without_rejected: bool,
    quiet: bool,
) -> None:
    """Read what came back from the field: FILE, filled forms (CSV of ODK or KoBo) or the tracks of a receiver (GPX).

    Without --out nothing is written. Forms are known by their UUID: what the programme has already is counted, not
    added again. Exit status 1 if rows were rejected.
    """
    from homeward.formats.fieldreturns import read_returns, read_tracks
    from homeward.formats.files import write_new

    if file.suffix.lower() == ".gpx" and width_m is None:
        raise click.UsageError("tracks need --width-m: how wide a strip somebody who walks searches")
    with progress_bar(quiet) as tick:
        programme = read_folder(folder, tick)
    if width_m is None:
        found = read_returns(file, programme)
    else:
        found = read_tracks(file, programme, width_m=width_m, detection=detection)
    click.echo(f"{file.name}: {found.seen:,} searches, {len(found.rows):,} new, {len(found.known):,} known already")
    list_faults("Noted", found.notes)
    list_faults("Rejected", found.rejected)
    if out is not None and found.rows and (without_rejected or not found.rejected):
        write_new(out, found.as_csv())
        click.echo(f"Written: {out}")
    elif out is not None:
        click.echo(
            "Nothing was written." + (" Correct the file, or give --without-rejected." if found.rejected else "")
        )
    if found.rejected:
        sys.exit(1)
