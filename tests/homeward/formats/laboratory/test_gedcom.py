"""GEDCOM: descent by blood out of files of genealogy, in their versions and encodings; held to ged4py and gedcom7."""

import ged4py
import gedcom7
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.cli import main
from homeward.errors import Rejected
from homeward.formats.folder import read_programme
from homeward.formats.laboratory import read, recognise
from homeward.formats.laboratory.imports import Options
from homeward.programme import Sex

HEAD = "0 HEAD\n1 SOUR KIN\n1 GEDC\n2 VERS {version}\n{more}"
CHARACTERS = "2 FORM LINEAGE-LINKED\n1 CHAR {}\n"


def gedcom(body, version="5.5.1", characters="UTF-8", trailer="0 TRLR\n"):
    more = CHARACTERS.format(characters) if version.startswith("5") else ""
    return HEAD.format(version=version, more=more) + body + trailer


def person(name, sex, *lines):
    return (
        f"0 @{name}@ INDI\n1 NAME Chulsoo /Kim/\n"
        + (f"1 SEX {sex}\n" if sex else "")
        + "".join(f"{x}\n" for x in lines)
    )


def family(name, husband="", wife="", *children):
    roles = [("HUSB", husband), ("WIFE", wife), *(("CHIL", child) for child in children)]
    return f"0 @{name}@ FAM\n" + "".join(f"1 {role} @{who}@\n" for role, who in roles if who)


TRIO = (
    person("I1", "M", "1 FAMS @F1@", "1 DEAT", "2 DATE 25 JUN 1950", "2 PLAC Daegu")
    + person("I2", "F", "1 FAMS @F1@")
    + person("I3", "M", "1 FAMC @F1@")
    + person("I4", "F", "1 FAMC @F1@")
    + family("F1", "I1", "I2", "I3", "I4")
)


@pytest.fixture
def written(tmp_path):
    def write(text, encoding="utf-8", name="kin.txt"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def kin(found):
    """member -> (father, mother, sex), of every family."""
    return {
        one.member_id: (one.father_id, one.mother_id, one.sex)
        for pedigree in found.programme.pedigrees
        for one in pedigree.members
    }


def reasons(found):
    return [(fault.line, fault.column, fault.reason) for fault in found.rejected]


WHOLE = {
    "I1": ("", "", Sex.MALE),
    "I2": ("", "", Sex.FEMALE),
    "I3": ("I1", "I2", Sex.MALE),
    "I4": ("I1", "I2", Sex.FEMALE),
}


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (gedcom(TRIO), "utf-8"),
        (gedcom(TRIO), "utf-8-sig"),
        (gedcom(TRIO, version="7.0.14"), "utf-8"),
        (gedcom(TRIO, characters="UNICODE"), "utf-16"),
        (gedcom(TRIO, characters="UNICODE"), "utf-16-le"),
        (gedcom(TRIO, characters="ANSI").replace("Chulsoo", "Jürgen"), "cp1252"),
        (gedcom(TRIO, characters="ASCII").replace("\n", "\r\n"), "ascii"),
        (gedcom(TRIO, version="5.5"), "utf-8"),
        (gedcom(TRIO).replace("\n1", "\n  1").replace("\n2", "\n    2"), "utf-8"),
    ],
)
def test_descent_is_read_in_every_version_and_encoding(written, text, encoding):
    path = written(text, encoding)
    found = read(path)
    assert (recognise(path), found.rejected, kin(found)) == ("gedcom", (), WHOLE)
    assert [pedigree.family_id for pedigree in found.programme.pedigrees] == ["F1"]


def test_ansel_is_decoded(written):
    text = gedcom(TRIO, characters="ANSEL").encode().replace(b"Chulsoo", b"Ren\xe2e")  # the accent before its letter
    assert kin(read(written(text))) == WHOLE


def test_names_lives_and_places_of_people_are_not_copied(written):
    found = read(written(gedcom(TRIO)))
    assert not any(word in repr(found) for word in ("Chulsoo", "Kim", "1950", "Daegu"))
    assert any("not copied" in note.reason for note in found.notes)


def test_a_broken_line_is_told_without_being_shown(written):
    found = read(written(gedcom(TRIO.replace("1 NAME Chulsoo", "NAME of Kim Chulsoo", 1))))
    assert [line for line, *_ in reasons(found)] == [8]
    assert "Kim" not in repr(found.rejected)


@pytest.mark.parametrize("kind", ["adopted", "foster", "sealing", "step", "ADOPTED", "FOSTER", "OTHER"])
def test_links_that_are_not_of_birth_are_not_descent(written, kind):
    body = TRIO.replace("1 FAMC @F1@\n", f"1 FAMC @F1@\n2 PEDI {kind}\n", 1)
    found = read(written(gedcom(body)))
    assert (found.rejected, "I3" in kin(found), kin(found)["I4"][:2]) == ((), False, ("I1", "I2"))
    assert any(note.value == kind.casefold() and "not of birth" in note.reason for note in found.notes)


ADOPTED = (
    person("I1", "M")
    + person("I2", "F")
    + person("I5", "M")
    + person("I6", "F")
    + family("F1", "I1", "I2", "I3")
    + family("F2", "I5", "I6", "I3")
)


@pytest.mark.parametrize(
    ("lines", "parents"),
    [
        (("1 FAMC @F1@", "2 PEDI adopted", "1 FAMC @F2@", "2 PEDI birth"), ("I5", "I6")),
        (("1 FAMC @F1@", "1 FAMC @F2@", "2 PEDI birth"), ("I5", "I6")),
        (("1 ADOP", "2 FAMC @F1@", "1 FAMC @F1@", "1 FAMC @F2@"), ("I5", "I6")),
        (("1 BIRT", "2 FAMC @F2@", "1 FAMC @F1@", "1 FAMC @F2@"), ("I5", "I6")),
        (("1 BIRT", "2 FAMC @F2@", "1 FAMC @F1@"), ("I5", "I6")),
        (("1 FAMC @F1@", "2 STAT disproven", "1 FAMC @F2@"), ("I5", "I6")),
        (("1 ADOP", "2 FAMC @F2@", "3 ADOP HUSB", "1 FAMC @F1@", "2 PEDI foster", "1 FAMC @F2@"), ("", "I6")),
    ],
)
def test_of_several_families_that_of_birth_counts(written, lines, parents):
    found = read(written(gedcom(ADOPTED + person("I3", "M", *lines))))
    assert (found.rejected, kin(found)["I3"][:2]) == ((), parents)


def test_families_beside_that_of_birth_are_said(written):
    found = read(written(gedcom(ADOPTED + person("I3", "M", "1 FAMC @F1@", "1 FAMC @F2@", "2 PEDI birth"))))
    assert any("further families beside" in note.reason for note in found.notes)


def test_links_below_a_child_say_whose_it_is_by_birth(written):
    body = TRIO.replace("1 CHIL @I3@\n", "1 CHIL @I3@\n2 _FREL Step\n2 _MREL Natural\n")
    assert kin(read(written(gedcom(body))))["I3"][:2] == ("", "I2")


def test_two_families_of_birth_and_a_doubted_one_are_refused(written):
    both = read(written(gedcom(ADOPTED + person("I3", "M", "1 FAMC @F1@", "1 FAMC @F2@"))))
    assert [("2 families by birth" in reason) for *_, reason in reasons(both)] == [True]
    doubted = read(written(gedcom(TRIO.replace("1 FAMC @F1@\n", "1 FAMC @F1@\n2 STAT challenged\n", 1))))
    assert [(line, "doubted" in reason) for line, _, reason in reasons(doubted)] == [(21, True)]


def test_marriage_connects_nobody_and_people_without_relatives_are_left_out(written):
    body = TRIO + person("I7", "M") + person("I8", "F") + family("F2", "I7", "I4") + family("F3", "I8", "", "I9")
    body += person("I9", "F", "1 FAMC @F3@")
    found = read(written(gedcom(body).replace("1 HUSB @I8@", "1 WIFE @I8@")))
    assert [[one.member_id for one in pedigree.members] for pedigree in found.programme.pedigrees] == [
        ["I1", "I2", "I3", "I4"],
        ["I8", "I9"],
    ]
    assert any(note.reason.startswith("1 individuals") for note in found.notes)


def test_a_root_chooses_its_family(written):
    path = written(gedcom(TRIO + person("I8", "F") + family("F3", "", "I8", "I9") + person("I9", "F", "1 FAMC @F3@")))
    found = read(path, "", Options(root="@I9@"))
    assert list(kin(found)) == ["I8", "I9"]
    with pytest.raises(Rejected, match="no individual"):
        read(path, "", Options(root="I77"))


def test_children_of_a_family_that_names_one_parent_have_one_other(written):
    body = person("I2", "F") + person("I3", "M", "1 FAMC @F1@") + person("I4", "F", "1 FAMC @F1@")
    found = read(written(gedcom(body + family("F1", "", "I2", "I3", "I4"))))
    assert (kin(found)["I3"][:2], kin(found)["I4"][:2]) == (("F1:husb", "I2"), ("F1:husb", "I2"))
    assert kin(found)["F1:husb"] == ("", "", Sex.MALE)
    alone = read(written(gedcom(body.replace("1 FAMC @F1@\n", "", 1) + family("F1", "", "I2", "I4"))))
    assert kin(alone)["I4"][:2] == ("", "I2")


def test_sexes_follow_from_the_roles_where_none_is_stated(written):
    found = read(written(gedcom(TRIO.replace("1 SEX M\n", "", 1).replace("1 SEX F\n", "1 SEX U\n", 1))))
    assert (found.rejected, kin(found)) == ((), WHOLE)


def test_in_version_7_the_man_is_the_father_whatever_the_role(written):
    body = TRIO.replace("HUSB @I1@", "HUSB @I2@").replace("WIFE @I2@", "WIFE @I1@")
    assert kin(read(written(gedcom(body, version="7.0")))) == WHOLE
    assert [("cannot be the father" in reason) for *_, reason in reasons(read(written(gedcom(body))))] == [True]


def test_identical_twins_are_said_and_other_twins_are_sibs(written):
    said = TRIO.replace("0 @I4@", "1 ASSO @I5@\n2 RELA Identical twin\n0 @I4@")
    said += person("I5", "M", "1 FAMC @F1@", "1 ASSO @I4@", "2 RELA twin")
    found = read(written(gedcom(said.replace("1 CHIL @I3@", "1 CHIL @I3@\n1 CHIL @I5@"))))
    twins = {one.member_id: one.twin_of for one in found.programme.pedigrees[0].members}
    assert (found.rejected, twins["I3"], twins["I5"]) == ((), "I5", "")
    assert any("not said to be identical" in note.reason for note in found.notes)


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        (TRIO + family("F2", "I3", "", "I1"), 33, "his or her own ancestor"),
        (TRIO.replace("1 SEX F", "1 SEX M"), 26, "a man cannot be the mother"),
        (TRIO.replace("1 SEX M", "1 SEX M\n1 SEX F", 1), 7, "stated as both"),
        (TRIO.replace("1 SEX M", "1 SEX Q", 1), 9, "is no sex"),
        (TRIO.replace("HUSB @I1@", "HUSB @I9@"), 26, "no individual"),
        (TRIO.replace("CHIL @I4@", "CHIL @I9@"), 30, "no individual"),
        (TRIO.replace("FAMC @F1@", "FAMC @F9@", 1), 21, "no family"),
        (TRIO.replace("1 FAMC @F1@", "1 FAMC F1", 1), 21, "is no pointer"),
        (TRIO.replace("1 HUSB @I1@", "1 HUSB Kim Chulsoo"), 27, "is no pointer"),
        (TRIO.replace("1 FAMC @F1@", "1 FAMC @F1@\n1 FAMC @F1@\n2 PEDI adopted", 1), 21, "of birth, and not to be"),
        (TRIO + person("I1", "M"), 31, "stands already in line 7"),
        (TRIO.replace("0 @I4@ INDI", "0 INDI"), 22, "no identifier"),
        (TRIO.replace("1 SEX", "3 SEX", 1), 9, "too deep"),
        (TRIO.replace("1 HUSB @I1@", "1 HUSB @I1@\n1 HUSB @I3@"), 28, "stated twice"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(written, body, line, reason):
    found = read(written(gedcom(body)))
    assert any(line == at and reason in why for at, _, why in reasons(found)), reasons(found)


def test_a_file_cut_short_and_one_that_departs_from_version_7_say_so(written):
    assert [reason for *_, reason in reasons(read(written(gedcom(TRIO, trailer=""))))] == [
        "is missing: the file was cut short."
    ]
    found = read(written(gedcom(TRIO.replace("1 SEX", "1  SEX", 1), version="7.0")))
    assert [(line, "version 7" in reason) for line, _, reason in reasons(found)] == [(7, True)]


@pytest.mark.parametrize("data", [b"", b"0 TRLR\n", b"1 HEAD\n", b"\x00\x01\x02"])
def test_what_is_no_gedcom_is_refused_whole(written, data):
    with pytest.raises(Rejected):
        read(written(data), "gedcom")


@st.composite
def genealogies(draw):
    """Couples of earlier people or newcomers, with children; member -> (father, mother, sex)."""
    people = {}
    couples = []
    for number in range(draw(st.integers(1, 5))):
        couple = []
        for sex in (Sex.MALE, Sex.FEMALE):
            known = [name for name, (*_, of) in people.items() if of is sex]
            chosen = draw(st.sampled_from([*known, ""]))
            if not chosen:
                chosen = f"I{len(people) + 1}"
                people[chosen] = ("", "", sex)
            couple.append(chosen)
        children = []
        for _ in range(draw(st.integers(1, 3))):
            child = f"I{len(people) + 1}"
            people[child] = (*couple, draw(st.sampled_from([Sex.MALE, Sex.FEMALE])))
            children.append(child)
        couples.append((f"F{number + 1}", *couple, *children))
    return people, couples


def as_text(people, couples, version):
    home = {child: name for name, _, _, *children in couples for child in children}
    body = "".join(
        person(name, sex.value, *([f"1 FAMC @{home[name]}@"] if name in home else []))
        for name, (_, _, sex) in people.items()
    )
    return gedcom(body + "".join(family(*couple) for couple in couples), version=version)


@settings(max_examples=25, deadline=None)
@given(genealogies(), st.sampled_from(["5.5.1", "7.0"]))
def test_any_genealogy_is_read_as_it_was_written(tmp_path_factory, genealogy, version):
    path = tmp_path_factory.mktemp("ged") / "kin.ged"
    path.write_text(as_text(*genealogy, version))
    found = read(path)
    assert (found.rejected, kin(found)) == ((), genealogy[0])


@settings(max_examples=10, deadline=None)
@given(genealogies())
def test_descent_is_what_ged4py_reads(tmp_path_factory, genealogy):
    path = tmp_path_factory.mktemp("ged") / "kin.ged"
    path.write_text(as_text(*genealogy, "5.5.1"))
    with ged4py.GedcomReader(str(path)) as reader:
        theirs = {
            one.xref_id.strip("@"): tuple(
                parent.xref_id.strip("@") if parent else "" for parent in (one.father, one.mother)
            )
            for one in reader.records0("INDI")
        }
    assert {name: parents[:2] for name, parents in kin(read(path)).items()} == theirs


@settings(max_examples=10, deadline=None)
@given(genealogies())
def test_descent_is_what_gedcom7_reads(tmp_path_factory, genealogy):
    path = tmp_path_factory.mktemp("ged") / "kin.ged"
    path.write_text(as_text(*genealogy, "7.0"))
    with path.open("rb") as file:
        families = [record.children for record in gedcom7.load(file) if record.tag == "FAM"]
    theirs = {
        child: tuple(_pointers(family, role)[0] for role in ("HUSB", "WIFE"))
        for family in families
        for child in _pointers(family, "CHIL")
    }
    mine = {name: parents[:2] for name, parents in kin(read(path)).items() if parents[0]}
    assert mine == theirs


def _pointers(family, tag):
    return [line.pointer.strip("@") for line in family if line.tag == tag]


def test_what_was_read_makes_a_folder_without_fault(written, tmp_path):
    done = CliRunner().invoke(main, ["import", str(written(gedcom(TRIO))), "--out", str(tmp_path / "new"), "--quiet"])
    assert done.exit_code == 0, done.output
    assert len(read_programme(tmp_path / "new").programme.pedigrees[0].members) == 4
