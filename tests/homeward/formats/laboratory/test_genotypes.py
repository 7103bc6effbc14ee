"""Tables of genotypes as GeneMapper, GeneMarker and Excel write them: what is read, and what is refused and why."""

from contextlib import suppress
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, Rejected
from homeward.formats.cells import BadCell
from homeward.formats.laboratory import read, recognise
from homeward.formats.laboratory.genotypes import both_alleles
from homeward.formats.laboratory.imports import Options
from homeward.programme import LineageKind, SampleKind, Sex

GENEMAPPER = (
    "Sample File\tSample Name\tPanel\tMarker\tDye\tAllele 1\tAllele 2\tSize 1\tSize 2\tHeight 1\tHeight 2\n"
    "A01_R17.fsa\tR-17\tIdentifiler_v1\tD8S1179\tB\t13\t14\t143.65\t147.7\t812\t790\n"
    "A01_R17.fsa\tR-17\tIdentifiler_v1\tTHO1\tY\t6\t9.3\t167.1\t181.9\t644\t602\n"
    "A01_R17.fsa\tR-17\tIdentifiler_v1\tAMEL\tR\tX\tY\t106.3\t111.9\t900\t850\n"
    "A01_R17.fsa\tR-17\tIdentifiler_v1\tvWA\tG\t17\t\t178.2\t\t1500\t\n"
    "A01_R17.fsa\tR-17\tIdentifiler_v1\tFGA\tG\t22\tOL\t230.1\t233\t300\t80\n"
    "B01_R18.fsa\tR-18\tIdentifiler_v1\tD8S1179\tB\t\t\t\t\t\t\n"
)
GENEMARKER = (
    "Project,Run 7\n"
    "Sample Name,Marker,Allele#1,Allele#2,Allele#3,Size#1,Quality\n"
    'M-2,D3S1358,"15","16",,120.5,pass\n'
    'M-2,Penta D,"9","13",,410,pass\n'
    'M-2,VWA,"14","17","18",160,check\n'
)
WIDE = "Sample;D3S1358 1;D3S1358 2;TH01_1;TH01_2;Amelogenin;Amelogenin;Remark\nA;14;15;6;9,3;x;Y;ok\nB;16;16;7;7;X;X;\n"
NIST = next(
    (
        place
        for above in Path(__file__).parents
        if (place := above / "shared" / "reference" / "nist1036" / "genotypes.csv").exists()
    ),
    Path("shared/reference/nist1036/genotypes.csv"),
)


@pytest.fixture
def written(tmp_path):
    def write(text, name="table.txt", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def calls_of(found, sample):
    return next(dict(profile.calls) for profile in found.programme.profiles if profile.sample_id == sample)


def test_a_genemapper_table_gives_calls_and_a_reason_for_each_row_that_is_none(written):
    found = read(written(GENEMAPPER))
    assert found.format == "genemapper"
    assert calls_of(found, "R-17") == {"D8S1179": ("13", "14"), "TH01": ("6", "9.3"), "AMEL": ("X", "Y")}
    single, off_ladder = found.rejected
    assert (single.line, single.column, single.value) == (5, "Allele 1", "17")
    assert "--single-allele" in single.remedy
    assert (off_ladder.line, off_ladder.value) == (6, "22, OL")
    assert "off the ladder" in off_ladder.reason
    assert any("Size 1" in note.value for note in found.notes)
    assert any("R-18" in note.reason for note in found.notes)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_table_reads_the_same_in_whatever_encoding_the_program_wrote_it(written, encoding):
    found = read(written(GENEMAPPER.replace("\n", "\r\n"), encoding=encoding))
    assert found.programme.profiles == read(written(GENEMAPPER, "plain.txt")).programme.profiles


@pytest.mark.parametrize(("single", "call"), [("homozygote", ("17", "17")), ("partial", ("17", "?"))])
def test_what_one_allele_means_is_the_users_to_say(written, single, call):
    found = read(written(GENEMAPPER), "", Options(single_allele=single))
    assert calls_of(found, "R-17")["vWA"] == call


def test_a_meaning_of_one_allele_that_is_not_known_is_refused(written):
    with pytest.raises(Nonsense):
        read(written(GENEMAPPER), "", Options(single_allele="guess"))


def test_a_genemarker_table_may_begin_with_other_lines_and_three_alleles_are_refused(written):
    found = read(written(GENEMARKER, "run.csv"))
    assert calls_of(found, "M-2") == {"D3S1358": ("15", "16"), "Penta D": ("9", "13")}
    (fault,) = found.rejected
    assert (fault.line, fault.value) == (5, "14, 17, 18")
    assert "3 alleles" in fault.reason


def test_runs_of_one_sample_in_several_files_are_samples_of_one_subject(written):
    again = GENEMAPPER + "C01_R17b.fsa\tR-17\tIdentifiler_v1\tD8S1179\tB\t13\t13\t143\t\t70\t\n"
    found = read(written(again))
    samples = {(profile.sample_id, profile.subject_id) for profile in found.programme.profiles}
    assert samples == {("A01_R17.fsa", "R-17"), ("C01_R17b.fsa", "R-17")}
    assert calls_of(found, "C01_R17b.fsa") == {"D8S1179": ("13", "13")}


def test_a_row_that_stands_again_with_other_alleles_is_refused_and_the_same_alleles_are_one_call(written):
    rows = GENEMARKER + "M-2,D3S1358,16,15,,1,\nM-2,D3S1358,15,15,,1,\n"
    found = read(written(rows))
    assert calls_of(found, "M-2")["D3S1358"] == ("15", "16")
    assert [fault.line for fault in found.rejected] == [5, 7]
    assert "line 3" in found.rejected[1].reason


def test_ladders_and_controls_are_of_nobody(written):
    rows = (
        "Sample Name\tSample Type\tMarker\tAllele 1\tAllele 2\nL1\tAllelic Ladder\tvWA\t11\t12\n"
        "PC\tPositive Control\tvWA\t16\t19\nR1\tSample\tvWA\t16\t17\nLadder 2\tSample\tvWA\t11\t12\n"
    )
    found = read(written(rows))
    assert [profile.sample_id for profile in found.programme.profiles] == ["R1"]
    assert not found.rejected
    assert len([note for note in found.notes if "no person" in note.reason]) == 3


def test_y_markers_of_a_kit_become_a_haplotype_and_x_markers_are_said_to_be_of_the_x(written):
    rows = (
        "Sample Name\tMarker\tAllele 1\tAllele 2\nR1\tDYS391\t10\t\nR1\tDYS385\t11\t14\nR1\tDYS389-2\t29\t\n"
        "R1\tvWA\t16\t17\nR1\tDXS10074\t16\t17\n"
    )
    found = read(written(rows))
    (haplotype,) = found.programme.haplotypes
    assert (haplotype.kind, haplotype.haplotype) == (LineageKind.Y, "DYS391=10 DYS385=11,14 DYS389II=29")
    assert set(calls_of(found, "R1")) == {"vWA", "DXS10074"}
    assert [(marker.marker, marker.chromosome) for marker in found.programme.markers] == [("DXS10074", "X")]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("<11", "off the ladder"),
        ("OL", "off the ladder"),
        ("9-Mar", "date"),
        ("03.09.2016", "date"),
        ("9.333333333", "decimals"),
        ("14/15", "more than one"),
    ],
)
def test_a_cell_that_names_no_allele_is_refused_with_its_reason(written, cell, reason):
    found = read(written(f"Sample Name\tMarker\tAllele 1\tAllele 2\nR1\tvWA\t{cell}\t17\n"))
    (fault,) = found.rejected
    assert reason in fault.reason
    assert fault.remedy


def test_a_wide_table_pairs_its_columns_in_any_order_and_reads_decimal_commas(written):
    found = read(written(WIDE))
    assert recognise(written(WIDE)) == "wide"
    assert calls_of(found, "A") == {"D3S1358": ("14", "15"), "TH01": ("6", "9.3"), "AMEL": ("X", "Y")}
    assert not found.rejected
    assert any("Remark" in note.value for note in found.notes)
    shuffled = "TH01_2;D3S1358 2;Sample;TH01_1;D3S1358 1\n9,3;15;A;6;14\n"
    assert {k: sorted(v) for k, v in calls_of(read(written(shuffled)), "A").items()} == {
        "TH01": ["6", "9.3"],
        "D3S1358": ["14", "15"],
    }


@pytest.mark.parametrize(
    "header",
    ["D3S1358,D3S1358", "D3S1358 1,D3S1358 2", "D3S1358_1,D3S1358_2", "D3S1358.1,D3S1358.2", "D3S1358 a,D3S1358 b",
     "D3S1358,D3S1358.1", "D3S1358,", "D3S1358 Allele 1,D3S1358 Allele 2", "D3S1358-1,D3S1358-2",
     "d3s1358 (1),D3S1358 (2)"],
)  # fmt: skip
def test_two_columns_of_a_marker_are_found_however_they_are_named(written, header):
    found = read(written(f"Sample Name,{header},TPOX 1,TPOX 2\nA,14,15,8,8\n"))
    assert calls_of(found, "A") == {"D3S1358": ("14", "15"), "TPOX": ("8", "8")}


def test_one_column_may_hold_both_alleles_and_an_ambiguous_comma_is_refused(written):
    found = read(written("Sample\tD3S1358\tTH01\tvWA\nA\t14/15\t6, 9.3\t9,3\nB\t14-15\t6,7\t17 18\n"))
    assert calls_of(found, "A") == {"D3S1358": ("14", "15"), "TH01": ("6", "9.3")}
    assert calls_of(found, "B") == {"D3S1358": ("14", "15"), "TH01": ("6", "7"), "vWA": ("17", "18")}
    (fault,) = found.rejected
    assert (fault.line, fault.column) == (2, "vWA")
    assert "9.3, or the alleles 9 and 3" in fault.reason


def test_a_cell_with_both_alleles_has_one_reading_or_none():
    assert both_alleles("9,3 / 10") == ["9,3", "10"]
    assert both_alleles("-") == ["-"]
    with pytest.raises(BadCell):
        both_alleles("9,3")


def test_a_wide_table_may_say_whose_samples_they_are(written):
    found = read(written("sample_id,subject_id,kind,sex,population,vWA 1,vWA 2\nS1,R1,remains,M,Asian,16,17\n"))
    assert found.programme.samples[0].kind is SampleKind.REMAINS
    assert found.subjects["R1"].sex is Sex.MALE
    assert found.subjects["R1"].population == "Asian"
    refused = read(written("sample_id,kind,sex,vWA 1,vWA 2\nS1,bone,Q,16,17\n"))
    assert [fault.column for fault in refused.rejected] == ["kind", "sex"]


def test_a_sample_that_stands_twice_or_has_no_name_and_a_row_too_long_are_refused(written):
    found = read(written("Sample,vWA 1,vWA 2\nA,16,17\nA,16,17\n,1,2\nB,9,3,9,3\n"))
    assert [(fault.line, fault.column) for fault in found.rejected] == [(3, "Sample"), (4, "Sample"), (5, "")]


def workbook(path, rows, *others):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name in others:
        book.create_sheet(name).append(["x"])
    book.save(path)
    return path


def test_in_a_workbook_numbers_are_alleles_and_dates_are_told(tmp_path):
    from datetime import date

    rows = [
        ["Sample", "TH01 1", "TH01 2", "vWA 1", "vWA 2"],
        ["A", 6, 9.3, 16.0, "17"],
        ["B", date(2016, 3, 9), 7, 1, 2],
    ]
    path = workbook(tmp_path / "calls.xlsx", rows)
    found = read(path)
    assert calls_of(found, "A") == {"TH01": ("6", "9.3"), "vWA": ("16", "17")}
    (fault,) = found.rejected
    assert (fault.line, fault.column, fault.value) == (3, "TH01 1", "2016-03-09, 7")
    assert "date" in fault.reason


def test_a_workbook_with_several_sheets_asks_which(tmp_path):
    rows = [["Sample", "vWA 1", "vWA 2"], ["A", 16, 17]]
    path = workbook(tmp_path / "calls.xlsx", rows, "Notes")
    with pytest.raises(Rejected, match="2 sheets"):
        read(path)
    assert len(read(path, "", Options(sheet="Sheet")).programme.profiles) == 1
    with pytest.raises(Rejected, match="no sheet"):
        read(path, "wide", Options(sheet="Other"))


def test_a_table_without_header_is_refused(written):
    with pytest.raises(Rejected, match="names the columns"):
        read(written("a,b\n1,2\n"), "wide")


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12), min_size=1, max_size=6))
def test_any_cells_are_calls_or_refused_with_a_reason(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("any") / "t.txt"
    rows = "".join(f"S\tvWA\t{cell}\t17\n" for cell in cells)
    path.write_text("Sample Name\tMarker\tAllele 1\tAllele 2\n" + rows, encoding="utf-8", errors="replace")
    found = read(path, "genemapper")
    assert all(fault.reason for fault in found.rejected)
    assert all(len(call) == 2 for profile in found.programme.profiles for call in profile.calls.values())


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["genemapper", "wide", ""]))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data, name):
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(data)
    with suppress(Rejected):
        read(path, name)


@settings(deadline=None)
@given(st.integers(0, len(GENEMAPPER) - 1), st.binary(min_size=1, max_size=3))
def test_a_damaged_table_is_read_or_refused(tmp_path_factory, where, damage):
    path = tmp_path_factory.mktemp("any") / "file"
    data = GENEMAPPER.encode()
    path.write_bytes(data[:where] + damage + data[where + 1 :])
    with suppress(Rejected):
        read(path, "genemapper")


@pytest.mark.skipif(not NIST.exists(), reason=f"the profiles of NIST 1036 are not at {NIST}")
def test_the_1036_people_of_nist_are_read_whole():
    found = read(NIST)
    assert found.counts["profiles"] == 1036
    assert calls_of(found, "GT37019")["TH01"] == ("6", "7")
    assert not found.rejected
    assert {told.population for told in found.subjects.values()} == {
        "African American",
        "Asian",
        "Caucasian",
        "Hispanic",
    }


def test_a_table_in_an_encoding_that_is_named_is_recognised_and_read(written):
    path = written(GENEMAPPER.replace("R-17", "김철수-17"), encoding="cp949")
    found = read(path, "", Options(encoding="cp949", single_allele="homozygote"))
    assert found.programme.profiles[0].subject_id == "김철수-17"


@settings(deadline=None)
@given(st.integers(0, 4000), st.binary(min_size=1, max_size=20))
def test_a_damaged_workbook_is_read_or_refused(tmp_path_factory, where, damage):
    path = tmp_path_factory.mktemp("any") / "calls.xlsx"
    data = workbook(path, [["Sample", "vWA 1", "vWA 2"], ["A", 16, 17]]).read_bytes()
    path.write_bytes(data[:where] + damage + data[where + len(damage) :])
    with suppress(Rejected):
        read(path)
