"""Markers of the X chromosome at the door: one allele of a man, and the sex of whoever is typed."""

from __future__ import annotations

import pytest

X_ROW = "DXS8378,X,,,DXS-8378\n"
X_TABLE = "North,DXS8378,10,0.4\nNorth,DXS8378,11,0.6\n"


@pytest.fixture
def with_x(right):
    """The small programme with a marker of the X chromosome, and rows of profiles for it."""

    def changed(rows, pedigrees=""):
        return {
            "markers.csv": right["markers.csv"] + X_ROW,
            "frequencies.csv": right["frequencies.csv"] + X_TABLE,
            "profiles.csv": right["profiles.csv"] + rows,
            "pedigrees.csv": right["pedigrees.csv"] + pedigrees,
        }

    return changed


def test_one_allele_of_an_x_marker_is_read_however_the_marker_is_spelt(read_with, with_x):
    reading = read_with(with_x("S4,R1,DXS8378,10,\nS1,m,DXS-8378,,11\n"))
    assert not reading.rejected, [str(fault) for fault in reading.rejected]
    calls = {profile.sample_id: profile.calls for profile in reading.programme.profiles}
    assert calls["S4"]["DXS8378"] == ("10", "?")
    assert calls["S1"]["DXS-8378"] == ("11", "?")


def test_two_alleles_of_a_man_are_a_fault_with_its_line(read_with, with_x):
    (fault,) = read_with(with_x("S4,R1,DXS8378,10,11\n")).rejected
    assert (fault.file, fault.line, fault.column, fault.value) == ("profiles.csv", 12, "DXS8378", "10, 11")
    assert "R1 is a man" in fault.reason


def test_whoever_is_typed_at_an_x_marker_needs_a_sex(read_with, with_x):
    rows = "S9,child,DXS8378,10,11\n"
    (fault,) = read_with(with_x(rows, pedigrees="F1,child,,sister,U,\n")).rejected
    assert (fault.file, fault.line, fault.column) == ("pedigrees.csv", 8, "sex")
    assert "child is not stated" in fault.reason


def test_a_sex_shown_by_amelogenin_or_as_a_parent_is_enough(read_with, with_x):
    rows = "S9,child,DXS8378,10,11\nS9,child,AMEL,X,X\nS8,granny,DXS8378,10,11\n"
    families = "F1,child,,sister,U,\nF3,granny,,,U,\nF3,heir,,granny,M,\n"
    reading = read_with(with_x(rows, pedigrees=families))
    assert not reading.rejected, [str(fault) for fault in reading.rejected]
