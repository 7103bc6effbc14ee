"""Features of maps and receivers as rows of a programme's files: GeoJSON, GPX, KML, GeoPackage, shapefile.

Read with GDAL (pyogrio). Every feature is looked at, and each that is not taken is listed with why. Nothing is
repaired: a geometry that crosses itself, a file that does not say in which coordinates it is, an identifier that is
missing or used twice, are faults. What changes on the way is noted: the operation between coordinates with its
accuracy, heights that are dropped, properties that the file of the programme has no column for.
"""

from __future__ import annotations

import csv
import io
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from homeward.errors import Fault, Nonsense, Rejected
from homeward.formats.columns import Table
from homeward.formats.faults import Findings
from homeward.formats.schema_search import LEADS, SCENARIOS, SEARCHES, SITES
from homeward.geography.theatre import Theatre

KINDS: Mapping[str, Table] = {table.name: table for table in (SITES, LEADS, SCENARIOS, SEARCHES)}
DRIVERS = {
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".gpx": "GPX",
    ".kml": "KML",
    ".gpkg": "GPKG",
    ".shp": "ESRI Shapefile",
}
IN_DEGREES = ("GeoJSON", "GPX", "KML")  # WGS84 by their definitions
LARGEST = 200_000_000  # bytes of a file that is read
_GPX_LAYERS = ("waypoints", "tracks", "routes")
_ID_NAMES = ("name", "Name", "NAME", "id", "ID")


@dataclass(frozen=True, eq=False, kw_only=True)
class Features:
    """What a file of features gave.

    Parameters
    ----------
    header, rows : of the programme's file, text as it would stand there
    rejected : features that were not taken, each with why
    notes : what was changed or left out on the way
    seen : how many features there were
    """

    table: Table
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    rejected: tuple[Fault, ...]
    notes: tuple[Fault, ...]
    seen: int

    def as_csv(self) -> bytes:
        """The rows as the file of the programme."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return text.getvalue().encode()


def read_features(
    path: Path, *, kind: str, theatre: Theatre, id_field: str = "", layer: str = "", crs: str = ""
) -> Features:
    """Read features as rows of ``sites``, ``leads``, ``scenarios`` or ``searches``.

    Parameters
    ----------
    id_field : property that names each; empty: one of the column's own name, or ``name``
    layer : of a file with several; empty: its only one
    crs : coordinates of a file that does not say, such as ``EPSG:32652``

    Raises
    ------
    Rejected
        If the file cannot be read at all, or does not say in which coordinates it is.
    Nonsense
        If the kind is none, or coordinates are given for a file whose definition fixes them.
    """
    if kind not in KINDS:
        raise Nonsense(f"{kind!r} is none of {', '.join(KINDS)}")
    table, driver = KINDS[kind], _driver(path)
    findings = Findings()
    meta, numbers, shapes, properties = _read(path, driver, layer, findings)
    to_degrees = _operation(path, driver, meta, crs, findings)
    key = _key(path, table, id_field, properties)
    taken = [name for name in table.names if name in properties and name != table.key[0]]
    columns = [name for name in taken if name not in _geometry_columns(table)]
    for name in properties:
        if name != key and name not in columns and any(_text(value) for value in properties[name]):
            findings.note(path.name, None, name, "", f"stands in no column of {table.file} and was left out.")
    place = table.grounds["ground"]
    header = (table.key[0], *place[:2], place[3], *columns)
    rows, names = [], dict[str, int]()
    for at, number in enumerate(numbers):
        row = _row(path, number, properties[key][at], shapes[at], to_degrees, theatre, names, findings)
        if row is not None:
            rows.append((*row, *(_text(properties[name][at]) for name in columns)))
    return Features(
        table=table,
        header=header,
        rows=tuple(rows),
        rejected=findings.rejected,
        notes=findings.notes,
        seen=len(numbers),
    )


def _driver(path: Path) -> str:
    driver = DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise Nonsense(f"{path.name}: {path.suffix or 'no ending'} is none of {', '.join(DRIVERS)}")
    return driver


def _geometry_columns(table: Table) -> set[str]:
    return {name for ground in table.grounds.values() for name in (*ground[:2], ground[3])}


def _refused(path: Path, reason: str, remedy: str) -> Rejected:
    return Rejected((Fault(path.name, None, "", "", reason, remedy),))


def _read(
    path: Path, driver: str, layer: str, findings: Findings
) -> tuple[Any, list[int], list[bytes | None], dict[str, Sequence[Any]]]:
    """Metadata, numbers (from 1), geometries as WKB, and columns of properties."""
    import pyogrio
    from pyogrio.raw import read

    if not path.is_file():
        raise _refused(path, "is not there.", "Correct the path.")
    if path.stat().st_size > LARGEST:
        raise _refused(path, f"is larger than {LARGEST // 10**6} MB.", "Cut it to the theatre of the programme first.")
    try:
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            chosen = _layer(path, [str(name) for name, _ in pyogrio.list_layers(path)], layer, driver)
            meta, _, shapes, columns = read(path, layer=chosen, force_2d=False)
        for said in dict.fromkeys(str(one.message) for one in told):
            findings.note(path.name, None, "", "", f"was read by GDAL with a warning: {said}")
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError, UnicodeDecodeError) as problem:
        why = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise _refused(path, f"cannot be read as {driver}: {why}", "Export it again, or check what it is.") from None
    count = len(shapes) if shapes is not None else 0
    properties = {str(name): values for name, values in zip(meta["fields"], columns, strict=True)}
    return meta, list(range(1, count + 1)), list(shapes) if shapes is not None else [], properties


def _layer(path: Path, names: Sequence[str], layer: str, driver: str) -> str:
    if layer:
        if layer not in names:
            raise _refused(path, f"has no layer {layer!r}.", f"Name one of {', '.join(names)}.")
        return layer
    if driver == "GPX":
        return next(name for name in _GPX_LAYERS if name in names)
    if len(names) != 1:
        raise _refused(path, f"has {len(names)} layers.", f"Name one with --layer: {', '.join(names)}.")
    return names[0]


def _operation(path: Path, driver: str, meta: Any, crs: str, findings: Findings) -> Any:
    """What turns a geometry into degrees of WGS84; the operation and its accuracy are noted."""
    import pyproj
    import shapely
    from pyproj.transformer import TransformerGroup

    if driver in IN_DEGREES:
        if crs:
            raise Nonsense(f"{path.name}: {driver} is in WGS84 degrees by its definition, not in {crs}")
        return lambda shape: shape
    stated = meta["crs"] or crs
    if not stated:
        raise _refused(path, "does not say in which coordinates it is.", "Give --crs, such as EPSG:32652.")
    if meta["crs"] and crs:
        raise Nonsense(f"{path.name} says itself in which coordinates it is: leave --crs {crs} out")
    try:
        source = pyproj.CRS.from_user_input(stated)
    except pyproj.exceptions.CRSError:
        raise Nonsense(f"{path.name}: {stated!r} is no coordinate system that PROJ knows") from None
    group = TransformerGroup(source, "EPSG:4326", always_xy=True)
    if not group.transformers:
        raise _refused(path, f"is in {source.name}, from which there is no way to WGS84.", "Convert it first.")
    chosen = group.transformers[0]
    accuracy = "unknown" if chosen.accuracy < 0 else f"{chosen.accuracy:g} m"
    findings.note(path.name, None, "", source.name, f"was brought to WGS84: {chosen.description}; accuracy {accuracy}.")

    def to_degrees(shape: Any) -> Any:
        return shapely.transform(shape, chosen.transform, interleaved=False)

    return to_degrees


def _key(path: Path, table: Table, id_field: str, properties: Mapping[str, Any]) -> str:
    if id_field and id_field not in properties:
        known = ", ".join(properties) or "none"
        raise _refused(path, f"has no property {id_field!r}.", f"Its properties: {known}.")
    found = id_field or next((name for name in (table.key[0], *_ID_NAMES) if name in properties), "")
    if not found:
        raise _refused(
            path, f"has no property {table.key[0]} or name.", "Say with --id which property names each feature."
        )
    return found


class _Wrong(Exception):
    """Why a feature is not taken: column, reason, remedy."""


def _row(
    path: Path,
    number: int,
    name: Any,
    data: bytes | None,
    to_degrees: Any,
    theatre: Theatre,
    names: dict[str, int],
    findings: Findings,
) -> tuple[str, str, str, str] | None:
    """Identifier, latitude, longitude, geometry of one feature; None if it is not taken."""
    import shapely

    text = _text(name).strip()
    try:
        if not text:
            raise _Wrong("name", "is empty.", "Name the feature, or say with --id which property names it.")
        if text in names:
            raise _Wrong("name", f"names feature {names[text]} already.", "Give each its own.")
        names[text] = number
        shape = _shape(data)
        if shape.has_z:
            findings.note(path.name, number, "geometry", text, "has heights, which were dropped.")
            shape = shapely.force_2d(shape)
        shape = _in_theatre(to_degrees(shape), theatre)
    except _Wrong as wrong:
        column, reason, remedy = wrong.args
        findings.fault(path.name, number, column, text, reason, remedy)
        return None
    if shape.geom_type == "Point":
        return text, f"{shape.y:.6f}", f"{shape.x:.6f}", ""
    # a tenth of a metre
    return text, "", "", shapely.to_wkt(shape, rounding_precision=6, trim=True)


def _shape(data: bytes | None) -> Any:
    import shapely

    shape = None if data is None else shapely.from_wkb(data, on_invalid="ignore")
    if shape is None or shape.is_empty:
        raise _Wrong("geometry", "is empty.", "Draw it, or leave the feature out.")
    return shape


def _in_theatre(shape: Any, theatre: Theatre) -> Any:
    import shapely

    if not shapely.is_valid(shape):
        raise _Wrong("geometry", f"is not valid: {shapely.is_valid_reason(shape)}.", "Correct the drawing.")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _Wrong(
            "geometry", "is not in degrees of longitude and latitude.", "Check its coordinates and their order."
        )
    if not shapely.intersects(theatre.polygon, shape):
        middle = shape.centroid
        raise _Wrong(
            "geometry",
            f"lies outside the theatre {theatre.name!r}, around {middle.y:.3f} N {middle.x:.3f} E.",
            "Check the order and the system of its coordinates, or the theatre under [search].",
        )
    return shape


def _text(value: Any) -> str:
    """A property as text, a list of them with semicolons between; nothing for what is missing."""
    if isinstance(value, (list, tuple, np.ndarray)):
        return ";".join(map(_text, value))
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if str(value) == "NaT" else str(value)


def layers_of(path: Path) -> Iterator[str]:
    """The layers of a file, for whoever has to choose one."""
    import pyogrio

    for name, kind in pyogrio.list_layers(path):
        yield f"{name} ({kind or 'no geometry'})"
