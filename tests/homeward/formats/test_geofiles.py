"""Points for a receiver or a map."""

import json
from xml.etree import ElementTree

import pytest
import shapely

from homeward.errors import Nonsense
from homeward.formats.geofiles import Marked, write_geojson, write_gpx
from homeward.programme import Ground, Place

DISC = Marked(
    name="1 S-1",
    ground=Ground(place=Place(lat=40.0, lon=126.5, radius_m=200)),
    says="dig here & there <first>",
    properties={"number": 1, "value": 0.5},
)
SQUARE = Marked(name="언덕", ground=Ground(wkt="POLYGON ((126 40, 126 41, 127 41, 127 40, 126 40))"))


def test_waypoints_are_read_back_by_another_reader(tmp_path):
    write_gpx([DISC, SQUARE], tmp_path / "plan.gpx", name="A season")
    root = ElementTree.parse(tmp_path / "plan.gpx").getroot()
    assert root.tag == "{http://www.topografix.com/GPX/1/1}gpx"
    points = root.findall("{*}wpt")
    assert [(float(one.get("lat")), float(one.get("lon"))) for one in points] == [(40.0, 126.5), (40.5, 126.5)]
    assert [one.findtext("{*}name") for one in points] == ["1 S-1", "언덕"]
    assert points[0].findtext("{*}desc") == "dig here & there <first>"
    assert root.findtext("{*}metadata/{*}name") == "A season"


def test_features_keep_their_shape_and_turn_as_the_standard_asks(tmp_path):
    write_geojson([DISC, SQUARE], tmp_path / "plan.geojson")
    told = json.loads((tmp_path / "plan.geojson").read_text(encoding="utf-8"))
    disc, square = (shapely.from_geojson(json.dumps(one["geometry"])) for one in told["features"])
    assert told["features"][0]["properties"] == {"name": "1 S-1", "number": 1, "value": 0.5}
    assert square.equals(shapely.box(126, 40, 127, 41))
    assert shapely.is_ccw(shapely.get_exterior_ring(square))
    assert disc.centroid.y == pytest.approx(40, abs=1e-6)


def test_a_sign_that_xml_cannot_hold_is_refused(tmp_path):
    wrong = Marked(name="a\x07b", ground=DISC.ground)
    with pytest.raises(Nonsense, match="U\\+0007"):
        write_gpx([wrong], tmp_path / "plan.gpx", name="A season")
