"""Pedigree files of LINKAGE, PLINK and MERLIN: the forms they come in, what is refused, and writing them."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Rejected
from homeward.formats.laboratory import read, recognise
from homeward.formats.laboratory.exports import Wanted
from homeward.formats.laboratory.imports import Options
from homeward.formats.laboratory.linkage_out import write_ped
from homeward.programme import (
    Marker,
    Member,
    MissingPerson,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
)

PLAIN = "F1 dad 0 0 1 0 14 15 6 9.3\nF1 mum 0 0 2 0 0 0 7 7\nF1 son dad mum 1 2 14 16 0 6\n"
# the same trio after makeped: first child, next sibling of the father, of the mother, then sex, probe, affection
AFTER = (
    "1 1 0 0 3 0 0 1 1 0 14 15 6 7 Ped: F1 Per: dad\n"
    "1 2 0 0 3 0 0 2 0 0 0 0 7 7 Ped: F1 Per: mum\n"
    "1 3 1 2 0 0 0 1 0 2 14 16 6 7 Ped: F1 Per: son\n"
)
LINKAGE_DAT = (
    "3 0 0 5 << NO. OF LOCI, RISK LOCUS, SEXLINKED (IF 1) PROGRAM\n"
    "0 0.0 0.0 0 << MUT LOCUS, MUT RATE, HAPLOTYPE FREQUENCIES\n"
    "1 2 3\n"
    "1 2 # disease << AFFECTATION, NO. OF ALLELES\n0.999 0.001 << GENE FREQUENCIES\n1 << NO. OF LIABILITY CLASSES\n"
    "0.0 0.0 1.0\n"
    "3 3 # D3S1358\n0.2 0.5 0.3\n"
    "3 2 # TH01\n0.4 0.6\n"
    "0 0 << SEX DIFFERENCE, INTERFERENCE\n0.5 0.5\n"
)


@pytest.fixture
def written(tmp_path):
    def write(text, name="kin.ped", **beside):
        for ending, content in beside.items():
            (tmp_path / name).with_suffix(f".{ending}").write_text(content)
        path = tmp_path / name
        path.write_text(text)
        return path

    return write


def member_of(found, member_id):
    return next(one for family in found.programme.pedigrees for one in family.members if one.member_id == member_id)


def calls_of(found, sample):
    return next(dict(profile.calls) for profile in found.programme.profiles if profile.sample_id == sample)


@pytest.mark.parametrize("text", [PLAIN, AFTER, PLAIN.replace(" ", "\t")])
def test_a_pedigree_file_is_recognised_by_its_people(written, text):
    assert recognise(written(text, "table.txt")) == "ped"


def test_people_parents_sexes_and_alleles_are_read_and_unnamed_markers_have_numbers(written):
    found = read(written(PLAIN))
    son = member_of(found, "son")
    assert (son.family_id, son.father_id, son.mother_id, son.sex) == ("F1", "dad", "mum", Sex.MALE)
    assert calls_of(found, "dad") == {"M1": ("14", "15"), "M2": ("6", "9.3")}
    assert calls_of(found, "mum") == {"M2": ("7", "7")}  # 0 0 is untyped
    assert calls_of(found, "son") == {"M1": ("14", "16"), "M2": ("?", "6")}  # one 0 was not observed
    assert any("--beside" in note.remedy for note in found.notes)
    assert any("affection" in note.value for note in found.notes)


def test_a_map_beside_names_the_markers_and_their_chromosomes(written):
    found = read(written(PLAIN, map="3\tD3S1358\t0\t0\n23\tDXS8378\t0\t0\n"))
    assert calls_of(found, "dad") == {"D3S1358": ("14", "15"), "DXS8378": ("6", "9.3")}
    assert found.programme.markers == (Marker(marker="DXS8378", chromosome="X"),)


def test_a_dat_of_merlin_names_every_column_and_twins_of_one_zygosity_are_identical(written, tmp_path):
    rows = (
        "F dad 0 0 M x 1.5 0 14/15 6 7\nF mum 0 0 F x x 0 x/x x x\nF a dad mum M x x 1 14/16 6 6\n"
        "F b dad mum M x x 1 14/16 6 6\nF c dad mum F x x 2 14/14 6 7\nF d dad mum F x x 2 14/14 7 7\n"
    )
    dat = tmp_path / "columns.txt"
    dat.write_text("A disease\nT height\nZ twins\nM D3S1358\nM THO1\nE END\n")
    found = read(written(rows), "", Options(beside=dat))
    assert not found.rejected
    assert calls_of(found, "dad") == {"D3S1358": ("14", "15"), "TH01": ("6", "7")}
    assert (member_of(found, "b").twin_of, member_of(found, "d").twin_of) == ("a", "")


def test_a_file_after_makeped_and_its_table_of_loci_give_numbered_alleles_with_frequencies(written):
    numbered = AFTER.replace("14 15", "1 2").replace("14 16", "1 3").replace("6 7", "1 2").replace("7 7", "2 2")
    found = read(written(numbered, dat=LINKAGE_DAT), "", Options(population="north"))
    assert not found.rejected
    assert member_of(found, "3").father_id == "1"
    assert calls_of(found, "1") == {"D3S1358": ("1", "2"), "TH01": ("1", "2")}
    assert found.programme.frequencies == {
        "north": {"D3S1358": {"1": 0.2, "2": 0.5, "3": 0.3}, "TH01": {"1": 0.4, "2": 0.6}}
    }
    assert any("makeped" in note.reason for note in found.notes)


def test_a_locus_whose_frequencies_are_all_0_has_no_table_and_is_told(written):
    found = read(written(AFTER, dat=LINKAGE_DAT.replace("0.4 0.6", "0 0")), "", Options(population="north"))
    assert list(found.programme.frequencies["north"]) == ["D3S1358"]
    assert ["no allele with a frequency" in fault.reason for fault in found.rejected if fault.value == "TH01"] == [True]


def test_people_of_one_name_in_several_families_are_told_apart(written):
    found = read(written("F1 1 0 0 1 0 14 15\nF2 1 0 0 2 0 14 14\n"))
    assert {profile.sample_id for profile in found.programme.profiles} == {"F1:1", "F2:1"}


def test_a_parent_without_a_row_is_an_untyped_founder_and_said(written):
    found = read(written("F son dad 0 1 0 14 15\n"))
    assert member_of(found, "dad").sex is Sex.MALE
    assert any("without a row" in note.reason for note in found.notes)


def test_amelogenin_keeps_its_x(written):
    assert calls_of(read(written("F a 0 0 1 0 X Y\n", map="0 AMEL 0 0\n")), "a") == {"AMEL": ("X", "Y")}


@pytest.mark.parametrize(
    ("rows", "column", "reason"),
    [
        ("F a 0 0 1 0 14 15\nF b 0 0 1 0 14\n", "", "7 columns"),
        ("F a 0 0 1 0 14 15\nF b 0 0 9 0 14 15\n", "sex", "no sex"),
        ("F a 0 0 1 0 14 15\nF a 0 0 1 0 14 15\n", "person", "stands already"),
        ("F a 0 0 1 0 OL 15\n", "M1", "off the ladder"),
        ("F a b 0 1 0 14 15\nF b a 0 1 0 14 15\n", "member_id", "ancestor"),
        ("F a b 0 1 0 14 15\nF b 0 0 2 0 14 15\n", "father_id", "woman"),
        ("F a b 0 1 0 14 15\nG b 0 0 1 0 14 15\n", "family", "another family"),
    ],
)
def test_what_cannot_be_is_refused_with_its_column_and_reason(written, rows, column, reason):
    found = read(written(rows), "ped")
    told = [fault for fault in found.rejected if fault.column == column and reason in fault.reason]
    assert told
    assert told[0].line
    assert told[0].remedy


@pytest.mark.parametrize(
    ("ending", "content", "reason"),
    [
        ("map", "3 D3S1358\n3 TH01 0 0\n", "no row of a .map"),
        ("dat", "M D3S1358\nQ TH01\n", "no column"),
        ("dat", LINKAGE_DAT.replace("3 2 # TH01", "4 2 # TH01"), "type that is not read"),
        ("dat", LINKAGE_DAT.replace("0.4 0.6", "0.4 zero"), "not a number"),
        ("dat", LINKAGE_DAT[: LINKAGE_DAT.index("3 2 # TH01")], "ends after 2"),
    ],
)
def test_a_file_beside_that_cannot_be_is_refused(written, ending, content, reason):
    found = read(written(PLAIN, **{ending: content}), "ped")
    assert any(reason in fault.reason for fault in found.rejected)


def test_an_empty_file_is_refused(written):
    with pytest.raises(Rejected, match="no row"):
        read(written("# only a comment\n"), "ped")


NUMBERS = st.sampled_from(["5", "6", "9.3", "10", "?"])


@st.composite
def programmes(draw):
    markers = draw(st.lists(st.sampled_from(["D3S1358", "TH01", "Penta D", "AMEL"]), min_size=1, unique=True))
    calls = {m: ("X", "Y") if m == "AMEL" else ("6", "9.3") for m in markers}
    pedigrees, samples, profiles = [], [], []
    for number in range(draw(st.integers(1, 3))):
        family = f"F{number}"
        born = {"family_id": family, "father_id": f"d{number}", "mother_id": f"m{number}"}
        members = [
            Member(family_id=family, member_id=f"d{number}", sex=Sex.MALE),
            Member(family_id=family, member_id=f"m{number}", sex=Sex.FEMALE),
            Member(member_id=f"a{number}", sex=draw(st.sampled_from(Sex)), **born),
        ]
        if draw(st.booleans()):
            members.append(Member(member_id=f"b{number}", sex=members[2].sex, twin_of=f"a{number}", **born))
        pedigrees.append(Pedigree(family_id=family, members=tuple(members)))
        for one in members:
            typed = {m: call for m, call in calls.items() if draw(st.booleans())}
            typed |= {m: (draw(NUMBERS), "7") for m in list(typed) if m != "AMEL" and draw(st.booleans())}
            if typed:
                samples.append(Sample(sample_id=one.member_id, subject_id=one.member_id))
                profiles.append(Profile(sample_id=one.member_id, subject_id=one.member_id, calls=typed))
    return Programme(
        settings=Settings(name="kin"), pedigrees=tuple(pedigrees), samples=tuple(samples), profiles=tuple(profiles)
    )


def put(export, path):
    path.write_bytes(export.data)
    for ending, data in export.beside.items():
        path.with_suffix(ending).write_bytes(data)
    return path


@settings(max_examples=50, deadline=None)
@given(programmes())
def test_families_and_calls_come_back_as_they_were_written(tmp_path_factory, programme):
    path = put(write_ped(programme, Wanted()), tmp_path_factory.mktemp("ped") / "kin.ped")
    found = read(path)
    assert found.rejected == ()
    assert found.programme.pedigrees == programme.pedigrees
    assert {one.sample_id: dict(one.calls) for one in found.programme.profiles} == {
        one.sample_id: dict(one.calls) for one in programme.profiles
    }


def test_a_child_of_one_parent_gets_a_founder_as_the_other_and_remains_are_families_of_one(tmp_path):
    programme = Programme(
        settings=Settings(name="kin"),
        missing=(MissingPerson(person_id="P"),),
        pedigrees=(
            Pedigree(
                family_id="The Kims",
                members=(
                    Member(family_id="The Kims", member_id="mum", sex=Sex.FEMALE),
                    Member(family_id="The Kims", member_id="son", mother_id="mum", person_id="P"),
                ),
            ),
        ),
        samples=(Sample(sample_id="R1", subject_id="R1", kind=SampleKind.REMAINS),),
        profiles=(Profile(sample_id="R1", subject_id="R1", calls={"TH01": ("6", "7")}),),
        remains=(Remains(remains_id="R1", sex=Sex.MALE),),
    )
    export = write_ped(programme, Wanted())
    found = read(put(export, tmp_path / "kin.ped"))
    assert member_of(found, "son").father_id == "son_father"
    assert member_of(found, "R1").family_id == "R1"
    told = " ".join(f"{note.value} {note.reason}" for note in export.notes)
    for word in ("The Kims", "son_father", "are missing", "family of one"):
        assert word in told


@pytest.mark.parametrize("names", [("a b", "a_b"), ("0", "1")])
def test_names_that_would_mean_something_else_are_refused(names):
    members = tuple(Member(family_id="F", member_id=name) for name in names)
    programme = Programme(settings=Settings(name="kin"), pedigrees=(Pedigree(family_id="F", members=members),))
    with pytest.raises(Rejected):
        write_ped(programme, Wanted())


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "kin.ped"
    path.write_bytes(data)
    with suppress(Rejected):
        read(path, "ped")


@settings(deadline=None)
@given(
    st.sampled_from([PLAIN, AFTER]), st.integers(0, 90), st.integers(0, 8),
    st.text(st.sampled_from("0 12xF\n./"), max_size=4), st.sampled_from(["", LINKAGE_DAT, "M a\nM b\n", "3 a 0 0\n"]),
)  # fmt: skip
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, text, where, length, damage, beside):
    path = tmp_path_factory.mktemp("any") / "kin.ped"
    path.write_text(text[:where] + damage + text[where + length :])
    path.with_suffix(".dat").write_text(beside[:where] + damage + beside[where + length :])
    with suppress(Rejected):
        read(path, "ped")
