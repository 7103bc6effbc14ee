"""Maps and receivers in and out: what goes in comes out, and what is wrong with a feature is named."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyogrio.raw import write

from homeward.errors import HomewardError, Nonsense, Rejected, WouldOverwrite
from homeward.formats.features import Features, read_features
from homeward.formats.geofiles import marked_of, write_marked
from homeward.geography.theatre import theatre
from homeward.programme import Ground, Place, Programme, Searched, Settings, Site

KOREA = theatre("korea")
SQUARE = "POLYGON ((127 39, 127.01 39, 127.01 39.01, 127 39.01, 127 39))"


def programme() -> Programme:
    return Programme(
        settings=Settings(name="x"),
        sites=(
            Site(site_id="S1", name="a hill", ground=Ground(wkt=SQUARE)),
            Site(site_id="S2", ground=Ground(place=Place(lat=39.5, lon=127.5))),
            Site(site_id="S3"),
        ),
        searches=(Searched(search_id="Q1", site_id="S2", effort=3.0, unit="crew-days"),),
    )


def rows(found: Features) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.as_csv().decode())))


def collection(*features: dict[str, Any]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def feature(name: str | None, geometry: dict[str, Any] | None, **properties: Any) -> dict[str, Any]:
    named = {} if name is None else {"name": name}
    return {"type": "Feature", "properties": named | properties, "geometry": geometry}


def point(lon: float, lat: float, *more: float) -> dict[str, Any]:
    return {"type": "Point", "coordinates": [lon, lat, *more]}


def read(tmp_path: Path, text: str, **asked: str) -> Features:
    path = tmp_path / "drawn.geojson"
    path.write_text(text, encoding="utf-8")
    return read_features(path, kind="sites", theatre=KOREA, **asked)


@pytest.mark.parametrize("ending", [".geojson", ".kml", ".gpkg"])
def test_what_is_written_is_read_again(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"sites{ending}"
    write_marked(marked_of(programme(), "sites"), path, name="x")

    found = read_features(path, kind="sites", theatre=KOREA)

    assert found.seen == 2
    assert not found.rejected
    first, second = rows(found)
    assert (first["site_id"], first["status"]) == ("S1", "lead")
    assert shapely.equals(
        shapely.normalize(shapely.from_wkt(first["geometry"])), shapely.normalize(shapely.from_wkt(SQUARE))
    )
    assert (second["lat"], second["lon"], second["geometry"]) == ("39.500000", "127.500000", "")


def test_a_receiver_gets_the_middle_of_each_and_gives_it_back(tmp_path: Path) -> None:
    write_marked(marked_of(programme(), "sites"), tmp_path / "sites.gpx", name="x")

    found = read_features(tmp_path / "sites.gpx", kind="sites", theatre=KOREA)

    assert [(one["site_id"], one["lat"], one["lon"]) for one in rows(found)] == [
        ("S1", "39.005000", "127.005000"),
        ("S2", "39.500000", "127.500000"),
    ]


def test_searches_stand_where_their_site_is(tmp_path: Path) -> None:
    (marked,) = marked_of(programme(), "searches")
    assert marked.middle == (39.5, 127.5)
    assert marked.properties["effort"] == 3.0


def test_a_shapefile_says_its_coordinates_and_the_operation_is_told(tmp_path: Path) -> None:
    x, y = 500_000.0, 4_317_000.0  # 129 E, 39 N in zone 52
    path = tmp_path / "sites.shp"
    write(
        path,
        np.array([shapely.to_wkb(shapely.Point(x, y))], dtype=object),
        [np.array(["A"], dtype=object)],
        np.array(["name"], dtype=object),
        driver="ESRI Shapefile",
        geometry_type="Point",
        crs="EPSG:32652",
    )
    east = theatre("POLYGON ((128 38, 130 38, 130 40, 128 40, 128 38))")

    found = read_features(path, kind="sites", theatre=east)

    (row,) = rows(found)
    assert float(row["lon"]) == pytest.approx(129.0, abs=1e-6)
    assert float(row["lat"]) == pytest.approx(39.0, abs=0.01)
    assert "was brought to WGS84" in found.notes[0].reason
    path.with_suffix(".prj").unlink()
    with pytest.raises(Rejected, match="does not say in which coordinates"):
        read_features(path, kind="sites", theatre=east)
    assert rows(read_features(path, kind="sites", theatre=east, crs="EPSG:32652")) == [row]
    with pytest.raises(Nonsense, match="no coordinate system"):
        read_features(path, kind="sites", theatre=east, crs="EPSG:0")


def test_every_feature_that_is_wrong_is_named_and_the_others_are_read(tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[127, 39], [127.1, 39.1], [127.1, 39], [127, 39.1], [127, 39]]]}
    text = collection(
        feature("good", point(127, 39)),
        feature(None, point(127, 39)),
        feature("good", point(127, 39)),
        feature("empty", None),
        feature("bow", bow),
        feature("exchanged", point(39, 127)),
        feature("away", point(2.35, 48.85)),
        feature("high", point(127.2, 39.2, 1200.0), burial="mass", colour="red"),
    )

    found = read(tmp_path, text)

    assert [(one.line, one.column) for one in found.rejected] == [
        (2, "name"),
        (3, "name"),
        (4, "geometry"),
        (5, "geometry"),
        (6, "geometry"),
        (7, "geometry"),
    ]
    reasons = [one.reason for one in found.rejected]
    assert "already" in reasons[1]
    assert "Self-intersection" in reasons[3]
    assert "not in degrees" in reasons[4]
    assert "outside the theatre 'korea', around 48.850 N 2.350 E" in reasons[5]
    assert [(one["site_id"], one["burial"]) for one in rows(found)] == [("good", ""), ("high", "mass")]
    noted = {(one.line, one.column) for one in found.notes}
    assert noted == {(8, "geometry"), (None, "colour")}


def test_a_property_that_is_a_list_is_told_with_semicolons(tmp_path: Path) -> None:
    found = read(tmp_path, collection(feature("a", point(127, 39), region=["R1", "R2"])))
    assert [row["region"] for row in rows(found)] == ["R1;R2"]


@pytest.mark.parametrize(
    ("text", "asked", "said"),
    [
        ("{", {}, "cannot be read as GeoJSON"),
        (collection(feature("a", point(127, 39))), {"layer": "other"}, "has no layer 'other'"),
        (collection(feature("a", point(127, 39))), {"id_field": "code"}, "has no property 'code'"),
        (collection(feature(None, point(127, 39), colour="red")), {}, "has no property site_id or name"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, text: str, asked: dict[str, str], said: str) -> None:
    with pytest.raises(Rejected, match=said):
        read(tmp_path, text, **asked)


def test_what_was_asked_wrongly_is_named(tmp_path: Path) -> None:
    with pytest.raises(Nonsense, match="WGS84 degrees by its definition"):
        read(tmp_path, collection(feature("a", point(127, 39))), crs="EPSG:32652")
    with pytest.raises(Nonsense, match="is none of sites, leads"):
        read_features(tmp_path / "drawn.geojson", kind="graves", theatre=KOREA)
    with pytest.raises(Nonsense, match="is none of"):
        read_features(tmp_path / "drawn.dwg", kind="sites", theatre=KOREA)
    with pytest.raises(Rejected, match="is not there"):
        read_features(tmp_path / "nowhere.kml", kind="sites", theatre=KOREA)
    with pytest.raises(Nonsense, match="is none of"):
        write_marked([], tmp_path / "sites.txt", name="x")


def test_nothing_that_is_there_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "sites.kml").write_text("mine", encoding="utf-8")
    with pytest.raises(WouldOverwrite):
        write_marked(marked_of(programme(), "sites"), tmp_path / "sites.kml", name="x")
    assert (tmp_path / "sites.kml").read_text(encoding="utf-8") == "mine"


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "name", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(geometry=_json, properties=_json, cut=st.integers(0, 400))
def test_no_file_makes_the_reader_fall_over(tmp_path: Path, geometry: Any, properties: Any, cut: int) -> None:
    text = json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {"type": "Feature", "properties": properties, "geometry": geometry},
                feature("a", point(127, 39)),
            ],
        }
    )
    path = tmp_path / "any.geojson"
    path.write_text(text[: len(text) - cut % (len(text) + 1)], encoding="utf-8")
    try:
        found = read_features(path, kind="sites", theatre=KOREA)
    except HomewardError:
        return
    assert len(found.rows) + len(found.rejected) == found.seen


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
@pytest.mark.parametrize("ending", [".gpx", ".kml", ".gpkg"])
def test_nor_does_a_damaged_one(tmp_path: Path, ending: str, data: st.DataObject) -> None:
    whole = tmp_path / f"whole{ending}"
    if not whole.exists():
        write_marked(marked_of(programme(), "sites"), whole, name="x")
    damaged = bytearray(whole.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / f"damaged{ending}"
    path.write_bytes(bytes(damaged))
    try:
        found = read_features(path, kind="sites", theatre=KOREA)
    except HomewardError:
        return
    assert len(found.rows) + len(found.rejected) == found.seen
