"""Grid references of today and of the period, against a table worked beside its sources."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from homeward.errors import Nonsense
from homeward.geography.datum import TOKYO, WGS84, from_wgs84, to_wgs84
from homeward.geography.mgrs import grid_of, readings, reference
from homeward.geography.theatre import theatre

KOREA = theatre("korea")
PLACES = [  # name, lat, lon, zone, WGS84 square, E, N, Bessel square, E, N
    ("Seoul", 37.566, 126.978, 52, "CG", 321423, 4159585, "CS", 321625, 4158858),
    ("Panmunjom", 37.956, 126.677, 52, "BH", 295911, 4203479, "BT", 296112, 4202752),
    ("Unsan", 39.97, 125.80, 51, "YE", 739129, 4428183, "YQ", 739285, 4427471),
    ("Chosin", 40.48, 127.17, 52, "CK", 344887, 4482643, "CV", 345088, 4481921),
    ("Heartbreak Ridge", 38.33, 128.01, 52, "DH", 413471, 4242894, "DT", 413673, 4242168),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[0])
def test_the_table_of_both_letterings_is_reproduced_to_the_metre(place):
    _name, lat, lon, zone, square, east, north, old_square, old_east, old_north = place
    assert [round(value) for value in grid_of(zone, WGS84, lat, lon)] == [east, north]
    old = [float(value) for value in from_wgs84(TOKYO, lat, lon)]
    assert [round(value) for value in grid_of(zone, TOKYO, *old)] == [old_east, old_north]
    assert reference(lat, lon).split()[:2] == [f"{zone}{'T' if lat >= 40 else 'S'}", square]
    assert reference(lat, lon, datum=TOKYO, lettering="AL").split()[1] == old_square


@given(st.floats(38.2, 42), st.floats(125, 129.5), st.sampled_from([(WGS84, "AA"), (TOKYO, "AL")]))
@settings(max_examples=60, deadline=None)
def test_a_reference_is_read_back_where_it_was_written(lat, lon, way):
    datum, lettering = way
    text = reference(lat, lon, datum=datum, lettering=lettering)
    everywhere = theatre("POLYGON ((120 34, 135 34, 135 44, 120 44, 120 34))")
    found = [one for one in readings(text, theatre=everywhere) if (one.datum, one.lettering) == (datum.name, lettering)]
    assert len(found) == 1
    assert Geod(ellps="WGS84").inv(lon, lat, found[0].lon, found[0].lat)[2] < 1.5


def test_an_old_reference_is_not_read_as_one_of_today():
    """Hagaru-ri is CV 5171 on the old map; today's lettering has CV at 31 degrees north, 1,000 km away."""
    (only,) = readings("CV 5171", theatre=KOREA)
    assert (only.datum, only.lettering, only.zone) == ("Tokyo", "AL", 52)
    assert (only.lat, only.lon) == (pytest.approx(40.38, abs=0.01), pytest.approx(127.24, abs=0.01))
    assert only.side_m == 1000
    assert only.operation.endswith("dx -147 dy 506 dz 687 m")
    wide = theatre("POLYGON ((120 25, 135 25, 135 44, 120 44, 120 25))")
    assert min(one.lat for one in readings("CV 5171", theatre=wide)) == pytest.approx(31.37, abs=0.05)


def test_what_old_and_new_maps_both_allow_is_kept_twice():
    found = readings("CK 4482", theatre=KOREA)
    assert {(one.datum, one.lettering) for one in found} == {("WGS84", "AA"), ("Tokyo", "AA")}


def test_a_band_that_contradicts_leaves_no_reading():
    assert readings("52S CK 4482", theatre=KOREA) == ()
    assert len(readings("52T CK 4482", theatre=KOREA)) == 2


def test_tokyo_lies_some_three_hundred_metres_from_wgs84_and_back_is_the_same():
    lat, lon = np.array([38.0, 40.0, 42.0]), np.array([125.0, 127.0, 129.5])
    moved = to_wgs84(TOKYO, lat, lon)
    away = Geod(ellps="WGS84").inv(lon, lat, moved[1], moved[0])[2]
    assert np.all((away > 300) & (away < 360))
    np.testing.assert_allclose(from_wgs84(TOKYO, *moved), (lat, lon), atol=1e-9)


def test_the_shift_agrees_with_another_implementation():
    from pyproj import Transformer

    plain = Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=bessel "
        "+step +proj=helmert +x=-147 +y=506 +z=687 +step +inv +proj=cart +ellps=WGS84 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )
    lon, lat, _height = plain.transform(127.0, 40.0, 0.0)
    assert [float(value) for value in to_wgs84(TOKYO, 40.0, 127.0)] == pytest.approx([lat, lon], abs=1e-10)


@pytest.mark.parametrize("text", ["", "CV 517", "52 CI 5171", "CV 517171717171", "99 CV 5171", "hill 205", "5171"])
def test_what_is_no_reference_is_refused(text):
    with pytest.raises(Nonsense, match=re.escape(repr(text))):
        readings(text, theatre=KOREA)
