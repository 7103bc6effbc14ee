"""Haplotypes of EMPOP and YHRD: the forms they come in, databases and samples, and what is refused."""

from collections import Counter

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from homeward.cli import main
from homeward.errors import Rejected
from homeward.formats.folder import read_programme
from homeward.formats.laboratory import read, recognise
from homeward.formats.laboratory.imports import Options
from homeward.formats.lineage import haplotype_of
from homeward.genetics.lineage.ystr import read_yhaplotype
from homeward.programme import HaplotypeCount, LineageKind

EMPOP = (
    "# ten Koreans, of three laboratories\n"
    "#! 16024-576\n"
    "KOR001\tD4\t1\t16223T\t16362C\t73G\t263G\t315.1C\t489C\n"
    "KOR002\t?\t1\t16189C\t73G\t249DEL\t263G\t309.1C\t315.1C\n"
    "KOR003\tH2a2a1\t1\n"
    "#! 16024-16365 73-340\n"
    "KOR004\tB4\t1\t16189C\t16217C\t73G\t263G\t315.1C\n"
)
ROWS_WITH_RANGES = "KOR001\tD4\t16024-576\t16223T 16362C 73G\nKOR003\tH2\t73-340\t263G\t315.1C\n"
YHRD = (
    "Sample ID,Population,DYS19,DYS389I,DYS389II,DYS390,DYS391,DYS392,DYS393,DYS385,YGATAH4,Haplogroup\n"
    'K1,Seoul,15,12,28,23,10,14,12,"11,14",12,O2\n'
    'K2,Seoul,14,13,29,24,0,13,-,"12,12",11,\n'
)


@pytest.fixture
def written(tmp_path):
    def write(text, name="table.txt", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def told(found):
    return [(fault.line, fault.column, fault.value, fault.reason) for fault in found.rejected]


def test_rows_of_empop_are_mitochondrial_haplotypes_in_the_range_above_them(written):
    path = written(EMPOP)
    found = read(path)
    assert (recognise(path), found.rejected) == ("empop", ())
    assert [(one.sample_id, one.kind, one.range, one.haplotype) for one in found.programme.haplotypes] == [
        ("KOR001", LineageKind.MITOCHONDRIAL, "16024-576", "16223T 16362C 73G 263G 315.1C 489C"),
        ("KOR002", LineageKind.MITOCHONDRIAL, "16024-576", "16189C 73G 249DEL 263G 309.1C 315.1C"),
        ("KOR003", LineageKind.MITOCHONDRIAL, "16024-576", "rCRS"),
        ("KOR004", LineageKind.MITOCHONDRIAL, "16024-16365 73-340", "16189C 16217C 73G 263G 315.1C"),
    ]
    assert any("haplogroups" in note.reason for note in found.notes)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_rows_read_the_same_in_whatever_encoding_and_with_blanks_for_tabs(written, encoding):
    expected = read(written(EMPOP)).programme.haplotypes
    assert read(written(EMPOP.replace("\n", "\r\n"), encoding=encoding)).programme.haplotypes == expected
    assert read(written(EMPOP.replace("\t", "  "), encoding=encoding)).programme.haplotypes == expected


def test_a_range_may_stand_in_each_row(written):
    path = written(ROWS_WITH_RANGES)
    assert recognise(path) == "empop"
    assert [(one.range, one.haplotype) for one in read(path).programme.haplotypes] == [
        ("16024-576", "16223T 16362C 73G"),
        ("73-340", "263G 315.1C"),
    ]


def test_a_database_of_a_population_is_counted_by_haplotype_and_range(written):
    rows = "#! 73-340\na\tH\t1\t263G\t315.1C\nb\tH\t3\tA263G\t315+C\nc\tH\t1\t73G\t263G\n#! 73-100\nd\tH\t2\t73G\n"
    found = read(written(rows), "", Options(population="Korea"))
    assert found.programme.haplotypes == ()
    assert found.programme.haplotype_counts == tuple(
        HaplotypeCount(
            kind=LineageKind.MITOCHONDRIAL, haplotype=text, population="Korea", count=n, database_size=of, range=where
        )
        for text, n, of, where in [
            ("263G 315.1C", 4, 5, "73-340"),
            ("73G 263G", 1, 5, "73-340"),
            ("73G", 2, 2, "73-100"),
        ]
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ("#! 16024-576\na\tH\t1\t263A\t7C\n", [(2, "263A", "own base")]),
        ("#! 16024-16365\na\tH\t1\t263G\n", [(2, "263G", "outside the stated range")]),
        ("#! 16024-576\na\tH\t1\t263G\nb\tH\t1\t73G\t73A\n", [(3, "73A", "own base")]),
        ("#! 16024-576\na\tH\t1\t263G\na\tH\t1\t73G\n", [(3, "a", "already in line 2")]),
        ("#! 16024-576\na\tH\t4\t263G\n", [(2, "a", "4 people")]),
        ("#! 16024-576\n\tH\t1\t263G\n", [(2, "", "is empty")]),
        ("#! 1-17000\na\tH\t1\t263G\n", [(2, "1-17000", "not a position")]),
        ("#! 73-340\n#! somewhere\na\tH\t1\t263G\n", [(2, "somewhere", "is no range"), (3, "a", "has no range")]),
        ("a\tH\t1\t263G\n", [(1, "a", "has no range")]),
        ("#! 73-340\na\tH\t263G\t315.1C\n", [(2, "263G", "neither a number of people nor a range")]),
    ],
)
def test_what_is_no_haplotype_is_refused_with_its_line(written, rows, expected):
    found = read(written(rows), "empop")
    for line, value, reason in expected:
        assert any((line, value) == (at, what) and reason in why for at, _, what, why in told(found)), told(found)


def test_a_file_without_haplotypes_is_refused(written):
    with pytest.raises(Rejected, match="no haplotype"):
        read(written("# nothing\n"), "empop")


def test_a_table_of_y_loci_gives_haplotypes_and_says_what_was_not_read(written):
    path = written(YHRD)
    found = read(path)
    assert (recognise(path), found.rejected) == ("yhrd", ())
    assert [(one.sample_id, one.kind, one.haplotype) for one in found.programme.haplotypes] == [
        (
            "K1",
            LineageKind.Y,
            "DYS19=15 DYS389I=12 DYS389II=28 DYS390=23 DYS391=10 DYS392=14 DYS393=12 DYS385=11,14 YGATAH4=12",
        ),
        ("K2", LineageKind.Y, "DYS19=14 DYS389I=13 DYS389II=29 DYS390=24 DYS392=13 DYS385=12,12 YGATAH4=11"),
    ]
    assert found.subjects["K1"].population == "Seoul"
    assert {note.value for note in found.notes} >= {"Haplogroup"}
    assert any("2 cells" in note.reason for note in found.notes)


@pytest.mark.parametrize(
    "text",
    [
        YHRD.replace('"11,14"', "11-14").replace('"12,12"', "12-12").replace(",", "\t"),
        YHRD.replace('"11,14"', "11/14").replace('"12,12"', "12/12").replace(",", ";"),
        YHRD.replace("DYS385,", "DYS385a,DYS385b,").replace('"', ""),
        YHRD.replace("DYS385,", "DYS385.1,DYS385.2,").replace('"', ""),
        YHRD.replace("YGATAH4", "Y GATA H4").replace("DYS389II", "DYS389-2").replace("K1,Seoul,15", "K1,Seoul,15.0"),
        "exported from a laboratory\n\n" + YHRD,
    ],
)
def test_a_table_of_y_loci_reads_the_same_in_every_form(written, text):
    expected = read(written(YHRD)).programme.haplotypes
    found = read(written(text))
    assert found.rejected == ()
    assert [one.sample_id for one in found.programme.haplotypes] == ["K1", "K2"]
    assert [haplotype_of(one) for one in found.programme.haplotypes] == [haplotype_of(one) for one in expected]


def test_a_table_of_y_loci_in_a_workbook_is_read(tmp_path):
    book = Workbook()
    book.active.append(["Sample", "DYS19", "DYS458", "DYS385"])
    book.active.append(["K1", 14, 17.2, "11,14"])
    book.save(tmp_path / "y.xlsx")
    found = read(tmp_path / "y.xlsx")
    assert found.programme.haplotypes[0].haplotype == "DYS19=14 DYS458=17.2 DYS385=11,14"


def test_numbers_of_people_make_a_database_with_loci_of_its_own(written):
    rows = "Population,n,DYS19,DYS390\nSeoul,3,14,23\nSeoul,2,15,23\nSeoul,1,14,23\nBusan,7,14,23\nSeoul,5,14,-\n"
    counts = read(written(rows)).programme.haplotype_counts
    assert [(one.population, one.haplotype, one.count, one.database_size) for one in counts] == [
        ("Seoul", "DYS19=14 DYS390=23", 4, 6),
        ("Seoul", "DYS19=15 DYS390=23", 2, 6),
        ("Busan", "DYS19=14 DYS390=23", 7, 7),
        ("Seoul", "DYS19=14", 5, 5),
    ]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ('a,"17,2",14', "DYS458", "may be the allele 17.2"),
        ("a,OL,14", "DYS458", "off the ladder"),
        ("a,14-Mar,14", "DYS458", "date"),
        ("a,17,x", "haplotype", "number of repeats"),
        ("a,-,0", "", "no locus that was read"),
        ("a,17,14,9", "", "4 cells"),
        (",17,14", "sample", "is empty"),
        ("a,17.25,14", "haplotype", "number of repeats"),
    ],
)
def test_a_cell_that_is_no_allele_is_refused_with_its_reason(written, cells, column, reason):
    found = read(written(f"Sample,DYS458,DYS19\n{cells}\nb,16,14\n"))
    ((line, where, _, why),) = told(found)
    assert (line, where, reason in why) == (2, column, True), why
    assert [one.sample_id for one in found.programme.haplotypes] == ["b"]


def test_a_haplotype_is_counted_only_for_a_population_and_a_number(written):
    found = read(written("n,DYS19,DYS390\n3,14,23\n"))
    assert ["has no population" in why for *_, why in told(found)] == [True]
    found = read(written("n,DYS19,DYS390\nmany,14,23\n0,15,23\n"), "", Options(population="p"))
    assert [(line, value) for line, _, value, _ in told(found)] == [(2, "many"), (3, "0")]


def test_a_duplication_is_left_out_and_said(written):
    found = read(written("Sample,DYS19,DYS390\na,14/15,23\n"))
    assert found.programme.haplotypes[0].haplotype == "DYS19=14,15 DYS390=23"
    assert any("duplication" in note.reason for note in found.notes)


def test_a_table_with_other_markers_is_no_table_of_haplotypes(written):
    path = written("Sample,DYS19,DYS390,TH01\na,14,23,6/7\n")
    assert recognise(path) == "wide"
    with pytest.raises(Rejected, match="Y chromosome alone"):
        read(path, "yhrd")


repeats = st.one_of(st.integers(8, 40).map(str), st.integers(8, 40).map(lambda whole: f"{whole}.2"))
haplotypes = st.fixed_dictionaries(
    {"DYS19": repeats, "DYS390": st.one_of(repeats, st.just("")), "DYS385": st.tuples(repeats, repeats)}
)


@settings(max_examples=25, deadline=None)
@given(st.lists(haplotypes, min_size=1, max_size=4), st.sampled_from(",;\t"), st.sampled_from("-/;|"))
def test_any_y_haplotypes_are_read_as_they_were_written(tmp_path_factory, men, separator, between):
    path = tmp_path_factory.mktemp("y") / "table"
    rows = [[f"K{at}", man["DYS19"], f'"{between.join(man["DYS385"])}"', man["DYS390"]] for at, man in enumerate(men)]
    path.write_text("\n".join(separator.join(row) for row in [["ID", "DYS19", "DYS385", "DYS390"], *rows]) + "\n")
    found = read(path)
    expected = [
        read_yhaplotype(f"DYS19={man['DYS19']} DYS385={','.join(man['DYS385'])} DYS390={man['DYS390'] or '-'}").alleles
        for man in men
    ]
    assert (found.format, found.rejected) == ("yhrd", ())
    assert [haplotype_of(one).alleles for one in found.programme.haplotypes] == expected


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sets(st.sampled_from(["16189C", "16223T", "73G", "263G", "315.1C", "249del", "16093Y"])), min_size=1)
)
def test_any_mitochondrial_haplotypes_are_read_as_they_were_written_and_counted(tmp_path_factory, people):
    path = tmp_path_factory.mktemp("mt") / "table"
    rows = ["\t".join([f"K{at}", "?", "1", *sorted(differences)]) for at, differences in enumerate(people)]
    path.write_text("#! 16024-576\n" + "\n".join(rows) + "\n")
    found = read(path).programme.haplotypes
    assert [set(str(haplotype_of(one)).split()) - {"rCRS"} for one in found] == people
    counts = read(path, "", Options(population="P")).programme.haplotype_counts
    assert sorted(one.count for one in counts) == sorted(Counter(map(frozenset, people)).values())
    assert {one.database_size for one in counts} == {len(people)}


@pytest.mark.parametrize(("text", "counted"), [(EMPOP, False), (YHRD, False), (EMPOP, True), (YHRD, True)])
def test_what_was_read_makes_a_folder_without_fault(written, tmp_path, text, counted):
    place = tmp_path / "new"
    more = ["--population", "Seoul"] if counted else ["--kind", "remains"]
    done = CliRunner().invoke(main, ["import", str(written(text)), "--out", str(place), "--quiet", *more])
    assert done.exit_code == 0, done.output
    programme = read_programme(place).programme
    found = read(written(text), "", Options(population="Seoul" if counted else "")).programme
    assert programme.haplotypes == found.haplotypes
    assert programme.haplotype_counts == found.haplotype_counts
