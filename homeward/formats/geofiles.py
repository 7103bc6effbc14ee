"""Places for a receiver or a map: GPX 1.1, GeoJSON (RFC 7946), KML 2.2 and GeoPackage, in WGS84."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from homeward import __version__
from homeward.errors import Nonsense
from homeward.formats.files import write_new
from homeward.geography.shapes import shape_of
from homeward.programme import NOTHING, Ground, Programme

_GPX = "http://www.topografix.com/GPX/1/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A piece of ground with a name, and what is known of it.

    Parameters
    ----------
    name : short, as a receiver shows it
    ground : its middle is the waypoint; its shape the feature
    says : for people, in GPX
    properties : for programs, in GeoJSON
    """

    name: str
    ground: Ground
    says: str = ""
    properties: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    @property
    def middle(self) -> tuple[float, float]:
        """Latitude and longitude by which the ground is known."""
        if self.ground.place is not None:
            return self.ground.place.lat, self.ground.place.lon
        point = shape_of(self.ground).centroid
        return round(point.y, 6), round(point.x, 6)


def write_gpx(marked: Sequence[Marked], path: Path, *, name: str) -> None:
    """Write waypoints, in the order given.

    Raises
    ------
    Nonsense
        If a name holds a sign that XML cannot.
    """
    ElementTree.register_namespace("", _GPX)
    root = ElementTree.Element(f"{{{_GPX}}}gpx", version="1.1", creator=f"Homeward {__version__}")
    ElementTree.SubElement(ElementTree.SubElement(root, f"{{{_GPX}}}metadata"), f"{{{_GPX}}}name").text = _text(name)
    for one in marked:
        lat, lon = one.middle
        point = ElementTree.SubElement(root, f"{{{_GPX}}}wpt", lat=f"{lat:.6f}", lon=f"{lon:.6f}")
        ElementTree.SubElement(point, f"{{{_GPX}}}name").text = _text(one.name)
        if one.says:
            ElementTree.SubElement(point, f"{{{_GPX}}}desc").text = _text(one.says)
    ElementTree.indent(root)
    path.write_bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def write_geojson(marked: Sequence[Marked], path: Path) -> None:
    """Write a feature collection, in the order given; a point with a radius is a polygon."""
    features = [
        {"type": "Feature", "geometry": _geometry(one.ground), "properties": {"name": one.name, **one.properties}}
        for one in marked
    ]
    told = {"type": "FeatureCollection", "features": features}
    path.write_text(
        json.dumps(told, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8", newline="\n"
    )


def write_marked(marked: Sequence[Marked], path: Path, *, name: str) -> None:
    """Write in the format that the ending of the path names; nothing that is there is replaced.

    Raises
    ------
    Nonsense
        If the ending names none.
    WouldOverwrite
        If something is there.
    """
    writers: dict[str, Callable[[Sequence[Marked], Path], None]] = {
        ".geojson": write_geojson,
        ".json": write_geojson,
        ".gpx": partial(write_gpx, name=name),
        ".kml": partial(_write_gdal, driver="KML"),
        ".gpkg": partial(_write_gdal, driver="GPKG"),
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise Nonsense(f"{path.name}: {path.suffix or 'no ending'} is none of {', '.join(writers)}")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / path.name
        writer(marked, made)
        write_new(path, made.read_bytes())


def _write_gdal(marked: Sequence[Marked], path: Path, *, driver: str) -> None:
    import numpy as np
    import shapely
    from pyogrio.raw import write

    shapes = [shape_of(one.ground) for one in marked]
    names = list(dict.fromkeys(name for one in marked for name in one.properties))
    columns = {"Name" if driver == "KML" else "name": [_text(one.name) for one in marked]}
    columns |= {"Description" if driver == "KML" else "description": [_text(one.says) for one in marked]}
    columns |= {name: [_told(one.properties.get(name)) for one in marked] for name in names}
    write(
        path,
        np.array(shapely.to_wkb(shapes), dtype=object),
        [np.array(values, dtype=object) for values in columns.values()],
        np.array(list(columns), dtype=object),
        driver=driver,
        geometry_type="Unknown",
        crs="EPSG:4326",
        layer="homeward",
    )


def _radius(ground: Ground) -> float | None:
    return None if ground.place is None else ground.place.radius_m


def _told(value: Any) -> str:
    return "" if value is None else str(value)


def marked_of(programme: Programme, what: str) -> list[Marked]:
    """Sites, leads or searches that have a place, named by their identifiers."""
    sites = {site.site_id: site for site in programme.sites}
    found: list[Marked] = []
    told: dict[str, Any]
    if what == "sites":
        for site in programme.sites:
            if site.ground is not None:
                told = {
                    "site": site.name,
                    "status": str(site.status),
                    "region": site.region,
                    "burial": str(site.burial),
                }
                found.append(Marked(name=site.site_id, ground=site.ground, says=site.name, properties=told))
    elif what == "leads":
        for lead in programme.leads:
            if lead.ground is not None:
                told = {"kind": lead.kind, "about": lead.about, "text": lead.text, "reliability": lead.reliability}
                found.append(Marked(name=lead.lead_id, ground=lead.ground, says=lead.text, properties=told))
    elif what == "searches":
        for one in programme.searches:
            ground = one.ground or (sites[one.site_id].ground if one.site_id in sites else None)
            if ground is not None:
                told = {"site_id": one.site_id, "outcome": str(one.outcome), "effort": one.effort, "unit": one.unit}
                on = "" if one.on is None else one.on.text
                found.append(Marked(name=one.search_id, ground=ground, says=on, properties={"date": on, **told}))
    else:
        raise Nonsense(f"{what!r} is none of sites, leads, searches")
    return found


def _geometry(ground: Ground) -> Any:
    """Coordinates to a tenth of a metre, outer rings counter-clockwise as RFC 7946 asks."""
    import shapely

    shape = shape_of(ground)
    if shape.geom_type in ("Polygon", "MultiPolygon"):
        shape = shapely.orient_polygons(shape)
    return _rounded(json.loads(shapely.to_geojson(shape)))


def _rounded(told: Any) -> Any:
    if isinstance(told, float):
        return round(told, 6)
    if isinstance(told, list):
        return [_rounded(one) for one in told]
    return {key: _rounded(one) for key, one in told.items()} if isinstance(told, dict) else told


def _text(text: str) -> str:
    wrong = [sign for sign in text if ord(sign) < 32 and sign not in "\t\n\r"]
    if wrong:
        raise Nonsense(f"{text!r} holds U+{ord(wrong[0]):04X}, which no GPX file can")
    return text
