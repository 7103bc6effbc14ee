"""Maps drawn for a page: what they show stands where it should, and nothing is hidden under a number."""

import re
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest

from homeward.reports.maps import Mark, Window, around, key_svg, levels_of, map_svg, whole


@dataclass(frozen=True)
class Flat:
    """A plane of metres: a degree is 1,000 m."""

    cell_m: float = 100.0
    west_m: float = -1000.0
    south_m: float = -1000.0
    rows: int = 20
    columns: int = 20

    def project(self, lat, lon):
        return np.asarray(lon, dtype=float) * 1000, np.asarray(lat, dtype=float) * 1000


PLANE = Flat()
COAST = [(np.array([-0.8, 0.8, 0.8, -0.8, -0.8]), np.array([-0.8, -0.8, 0.8, 0.8, -0.8]))]
SQUARE = Window(-1000, -1000, 1000, 1000, 400)


def mass(*cells):
    found = np.zeros(PLANE.rows * PLANE.columns)
    for cell, value in cells:
        found[cell] = value
    return found


def drawn(found, marks=(), window=SQUARE):
    return map_svg(PLANE, found, COAST, marks, window, title="here", levels=levels_of(PLANE, found, 1), key=True)


def test_a_cell_is_drawn_where_it_lies():
    """Cell 0 is the south-west corner: from 0 to 20 across, and the last 20 of 400 down; a hundred missing per km2."""
    svg = drawn(mass((0, 1.0)))
    assert re.findall(r'class="shade-5" d="([^"]+)"', svg) == ["M0 380H20V400H0z"]


def test_shades_are_half_powers_of_ten_below_the_densest_block():
    """0.04 in 0.01 km2 are 4 per km2: the densest shade begins at 3.16."""
    levels = levels_of(PLANE, mass((5, 0.04)), 1)
    np.testing.assert_allclose(levels, [10**p for p in (-1.5, -1, -0.5, 0, 0.5)])
    assert levels_of(PLANE, mass(), 1) == []


def test_cells_of_one_shade_in_a_row_are_one_piece():
    svg = drawn(mass((41, 1.0), (42, 1.0), (44, 1.0)))
    assert re.findall(r'class="shade-5" d="([^"]+)"', svg) == ["M20 340H60V360H20zM80 340H100V360H80z"]


def test_numbers_of_places_near_each_other_do_not_cover_one_another():
    marks = [Mark(0.001 * k, 0.002 * k, str(k)) for k in range(1, 15)]
    svg = drawn(mass((0, 1.0)), marks)
    circles = re.findall(r'<circle class="dig" cx="([\d.]+)" cy="([\d.]+)"', svg)
    at = [(float(x), float(y)) for x, y in circles]
    assert len(at) == 14
    assert min(np.hypot(a - c, b - d) for (a, b), (c, d) in combinations(at, 2)) >= 20


def test_a_place_outside_the_window_is_not_drawn_and_names_are_escaped():
    svg = drawn(mass((0, 1.0)), [Mark(5, 5, "9"), Mark(0, 0, "<b>", "base")])
    assert ">9<" not in svg
    assert "&lt;b&gt;" in svg


def test_a_whole_map_takes_in_every_place_and_nearly_all_of_the_belief():
    found = np.full(400, 0.1)
    window = whole(PLANE, found, [Mark(3, 2, "1")], width=500, tallest=400)
    assert window.west < -900
    assert window.north > 3000
    assert window.height <= 400 + 1e-9


def test_a_window_keeps_its_proportions():
    window = around([0, 10], [0, 0], margin_m=5, width=100, tallest=50)
    assert window.scale == pytest.approx(100 / (window.east - window.west))
    assert window.at(window.west, window.north) == (0, 0)


def test_the_same_map_is_drawn_the_same_each_time():
    assert drawn(mass((3, 1.0))) == drawn(mass((3, 1.0)))


def test_the_key_says_every_level():
    assert [level in key_svg([1, 2, 30]) for level in (">1<", ">2<", ">30<")] == [True] * 3
