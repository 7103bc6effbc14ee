"""Tables of allele frequencies as programs export and journals print them."""

from contextlib import suppress

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Rejected
from homeward.formats.laboratory import read, recognise
from homeward.formats.laboratory.imports import Options

BLOCKS = "D3S1358\n14\t0.2\n15\t0.5\n16\t0.3\n\nTHO1\n6\t0,4\n9.3\t0,5\nRest allele\t0,1\n"
MATRIX = "Allele;D3S1358;Penta D;Amelogenin\n9;;0,25;\n14;0,2;0,75;\n15;0,8;-;\nN;100;98;\n"


@pytest.fixture
def written(tmp_path):
    def write(text, name="norway.txt"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_blocks_of_familias_are_recognised_and_read(written):
    path = written(BLOCKS)
    assert recognise(path) == "familias-frequencies"
    found = read(path)
    assert not found.rejected
    assert found.programme.frequencies == {
        "norway": {"D3S1358": {"14": 0.2, "15": 0.5, "16": 0.3}, "TH01": {"6": 0.4, "9.3": 0.5, "rest": 0.1}}
    }
    assert found.programme.settings.population == "norway"


def test_a_table_of_alleles_by_markers_is_recognised_and_read(written):
    path = written(MATRIX)
    assert recognise(path) == "frequencies"
    found = read(path, "", Options(population="north"))
    assert not found.rejected
    assert found.programme.frequencies == {
        "north": {"D3S1358": {"14": 0.2, "15": 0.8}, "Penta D": {"9": 0.25, "14": 0.75}}
    }
    assert found.notes[0].value == "N"


def test_a_table_in_a_workbook_is_read(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Allele", "TH01"], [6, 0.4], [9.3, 0.6]):
        book.active.append(row)
    book.save(tmp_path / "table.xlsx")
    found = read(tmp_path / "table.xlsx")
    assert found.programme.frequencies["table"] == {"TH01": {"6": 0.4, "9.3": 0.6}}


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        (BLOCKS.replace("0.2", "20"), "D3S1358", "no frequency"),
        (BLOCKS.replace("0.5", "0.9"), "D3S1358", "sums to"),
        (BLOCKS.replace("15\t", "14\t"), "D3S1358", "stands already"),
        (BLOCKS.replace("0.3", "many"), "D3S1358", "not a number"),
        (BLOCKS.replace("16\t0.3", "16\t0.3\t7"), "D3S1358", "no allele with a frequency"),
        (BLOCKS + "\nTH01\n6\t1\n", "marker", "already as THO1"),
        (MATRIX.replace("9;", "OL;"), "allele", "off the ladder"),
    ],
)
def test_what_is_no_frequency_is_refused_with_its_reason(written, text, column, reason):
    found = read(written(text))
    assert any(fault.column == column and reason in fault.reason and fault.remedy for fault in found.rejected)


def test_a_table_without_header_is_refused(written):
    with pytest.raises(Rejected, match="names markers"):
        read(written("14,0.2\n"), "frequencies")


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["frequencies", "familias-frequencies"]))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data, name):
    path = tmp_path_factory.mktemp("any") / "f"
    path.write_bytes(data)
    with suppress(Rejected):
        read(path, name)


@settings(deadline=None)
@given(st.sampled_from([BLOCKS, MATRIX]), st.integers(0, 100), st.text(max_size=4))
def test_a_damaged_table_is_read_or_refused(tmp_path_factory, text, where, damage):
    path = tmp_path_factory.mktemp("any") / "f.txt"
    path.write_text(text[:where] + damage + text[where + 1 :], encoding="utf-8", errors="replace")
    with suppress(Rejected):
        read(path)
