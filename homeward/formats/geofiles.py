"""Points for a receiver or a map: GPX 1.1 and GeoJSON (RFC 7946), in WGS84."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from homeward import __version__
from homeward.errors import Nonsense
from homeward.geography.shapes import shape_of
from homeward.programme import NOTHING, Ground

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
