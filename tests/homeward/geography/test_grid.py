"""The plane of the search: cells of equal area, and what lies on which."""

import math
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, TooLarge
from homeward.geography.grid import Grid
from homeward.geography.shapes import cells_under, on_plane, shape_of
from homeward.geography.theatre import theatre
from homeward.programme import Ground, Place

KOREA = theatre("korea")
GRID = Grid.over(KOREA, 1000)
NORTH_KM2 = 120_540  # the north alone; the outline also holds the south above 37.6 degrees


def test_the_land_has_the_area_that_the_ellipsoid_gives():
    """Geodesic area of the outline (Karney 2013, in pyproj), and more than the published area of the north alone."""
    from pyproj import Geod

    exact = abs(Geod(ellps="WGS84").geometry_area_perimeter(KOREA.polygon)[0]) / 1e6
    assert GRID.land.sum() == pytest.approx(exact, rel=1e-3)
    assert exact > NORTH_KM2


def test_land_is_where_the_centre_of_a_cell_lies_in_the_theatre():
    lat, lon = GRID.centres(np.arange(GRID.size))
    different = GRID.land != KOREA.contains(lat, lon)
    assert different.sum() <= 3  # on the edge itself, which is straight in one or the other


@given(lat=st.floats(38, 42), lon=st.floats(125, 129.5))
@settings(max_examples=50)
def test_a_point_lies_in_its_cell_and_comes_back_from_the_plane(lat, lon):
    x, y = GRID.project(lat, lon)
    again = GRID.unproject(x, y)
    assert (float(again[0]), float(again[1])) == (pytest.approx(lat, abs=1e-7), pytest.approx(lon, abs=1e-7))
    cell = GRID.cells_of([lat], [lon])
    centre_x, centre_y = GRID.centres_xy(cell)
    assert max(abs(centre_x[0] - x), abs(centre_y[0] - y)) <= 500 + 1e-6


def test_a_point_outside_has_no_cell():
    assert GRID.cells_of([0.0, 39.0], [0.0, 126.0])[0] == -1
    assert GRID.cells_of([0.0, 39.0], [0.0, 126.0])[1] >= 0


def test_cells_are_numbered_from_the_south_west():
    x, y = GRID.centres_xy([0, 1, GRID.columns])
    np.testing.assert_allclose(x - GRID.west_m, [500, 1500, 500])
    np.testing.assert_allclose(y - GRID.south_m, [500, 500, 1500])


@given(
    lat=st.floats(38.5, 41.5),
    lon=st.floats(125.5, 128.5),
    radius=st.floats(1, 20_000),
)
@settings(max_examples=30, deadline=None)
def test_a_disc_covers_its_area_and_no_cell_more_than_whole(lat, lon, radius):
    cells, share = cells_under(GRID, Ground(place=Place(lat=lat, lon=lon, radius_m=radius)))
    assert share.sum() == pytest.approx(math.pi * (radius / 1000) ** 2, rel=1e-4)
    assert np.all(share > 0)
    assert np.all(share <= 1 + 1e-9)
    assert np.all(np.diff(cells) > 0)


def test_a_square_of_two_kilometres_covers_four_cells_worked_by_hand():
    lat, lon = GRID.unproject(
        GRID.west_m + np.array([100_000, 102_000, 102_000, 100_000]),
        GRID.south_m + np.array([200_000, 200_000, 202_000, 202_000]),
    )
    corners = ", ".join(f"{x:.12f} {y:.12f}" for x, y in zip([*lon, lon[0]], [*lat, lat[0]], strict=True))
    cells, share = cells_under(GRID, Ground(wkt=f"POLYGON (({corners}))"))
    whole = cells[share > 0.5]
    assert whole.tolist() == [200 * GRID.columns + 100 + step for step in (0, 1, GRID.columns, GRID.columns + 1)]
    assert share.sum() == pytest.approx(4, abs=1e-3)


def test_a_point_covers_its_cell_and_a_line_those_it_passes():
    point = Ground(place=Place(lat=40, lon=127))
    cells, share = cells_under(GRID, point)
    assert cells.tolist() == GRID.cells_of([40], [127]).tolist()
    assert share.tolist() == [1]
    cells, share = cells_under(GRID, Ground(wkt="LINESTRING (127 40, 127.1 40)"))
    assert 9 <= len(cells) <= 12
    assert set(share) == {1.0}


def test_ground_beyond_the_edge_is_left_out():
    cells, _share = cells_under(GRID, Ground(place=Place(lat=10, lon=20, radius_m=500)))
    assert len(cells) == 0


def test_a_disc_is_as_far_as_its_radius_in_each_direction():
    shape = on_plane(GRID, shape_of(Ground(place=Place(lat=40, lon=127, radius_m=5000))))
    west, south, east, north = shape.bounds
    assert (east - west, north - south) == (pytest.approx(10_000, rel=3e-3), pytest.approx(10_000, rel=3e-3))


def test_a_polygon_of_ones_own_is_a_theatre():
    own = theatre("POLYGON ((126 39, 127 39, 127 40, 126 40, 126 39))")
    assert own.contains([39.5, 39.5], [126.5, 128]).tolist() == [True, False]
    assert Grid.over(own, 5000).land.mean() > 0.9


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("corea", "neither korea nor WKT"),
        ("POLYGON EMPTY", "empty"),
        ("POINT (126 39)", "not a polygon"),
        ("POLYGON ((39 126, 40 126, 40 127, 39 127, 39 126))", "leaves the globe"),
        ("POLYGON ((126 39, 127 40, 127 39, 126 40, 126 39))", "no valid shape"),
    ],
)
def test_what_is_no_theatre_is_refused(text, reason):
    with pytest.raises(Nonsense, match=reason):
        theatre(text)


def test_cells_without_size_and_too_many_are_refused():
    with pytest.raises(Nonsense, match="no size"):
        Grid.over(KOREA, 0)
    with pytest.raises(TooLarge, match="larger cells"):
        Grid.over(KOREA, 10)


def test_what_is_no_ground_is_refused():
    with pytest.raises(Nonsense, match="is not WKT"):
        shape_of(Ground(wkt="POLYGON (126 39)"))


def test_grids_of_equal_cells_are_equal():
    assert Grid.over(KOREA, 1000) == GRID
    assert replace(GRID, cell_m=2000) != GRID
    assert shapely.get_num_geometries(KOREA.polygon) >= 5
