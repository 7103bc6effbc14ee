"""Who shares a line, and how many meioses lie between."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense
from homeward.genetics.lineage.lines import line_of, lines, maternal_line, paternal_line
from homeward.programme import Member, Pedigree, Sex
from tests.homeward.genetics.lineage.kin import MT, WIDE, Y, descent, family


def test_the_maternal_line_of_the_missing():
    assert maternal_line(WIDE, "missing") == {
        "grandmother": 2,
        "mother": 1,
        "uncle": 3,
        "brother": 2,
        "sister": 2,
        "nephew": 3,
    }


def test_the_paternal_line_of_the_missing():
    assert paternal_line(WIDE, "missing") == {
        "grandfather": 2,
        "father": 1,
        "paternal_uncle": 3,
        "brother": 2,
        "brothers_son": 3,
        "stepbrother": 2,
    }


def test_a_woman_has_no_paternal_line():
    assert paternal_line(WIDE, "sister") == {}


def test_children_of_a_father_alone_share_no_maternal_line():
    half = family("father - - M", "one father - M", "other father - M")
    assert maternal_line(half, "one") == {}
    assert paternal_line(half, "one") == {"father": 1, "other": 2}


def test_identical_twins_are_one_person_on_a_line():
    twins = family("mother - - F", "one - mother F", "other - mother F one", "niece - other F", "child - one M")
    assert maternal_line(twins, "one") == {"mother": 1, "other": 0, "niece": 1, "child": 1}
    assert maternal_line(twins, "niece") == {"mother": 2, "one": 1, "other": 1, "child": 2}


def test_someone_who_is_not_of_the_family_is_refused():
    with pytest.raises(Nonsense, match="no member stranger"):
        maternal_line(WIDE, "stranger")


@st.composite
def pedigrees(draw):
    """Members who name earlier ones as parents."""
    members = []
    for place in range(draw(st.integers(1, 9))):
        men = [m.member_id for m in members if m.sex is Sex.MALE]
        women = [m.member_id for m in members if m.sex is Sex.FEMALE]
        members.append(
            Member(
                family_id="F",
                member_id=f"m{place}",
                father_id=draw(st.sampled_from(["", *men])),
                mother_id=draw(st.sampled_from(["", *women])),
                sex=draw(st.sampled_from([Sex.MALE, Sex.FEMALE])),
            )
        )
    return Pedigree(family_id="F", members=tuple(members))


@settings(max_examples=60)
@given(pedigrees())
def test_each_member_is_on_one_maternal_line_and_distances_are_those_of_a_tree(pedigree):
    found = [member for line in lines(pedigree, MT) for member in line.members]
    assert sorted(found) == sorted(member.member_id for member in pedigree.members)
    for one in found:
        others = maternal_line(pedigree, one)
        assert all(maternal_line(pedigree, other)[one] == meioses > 0 for other, meioses in others.items())
        for other, meioses in others.items():
            assert all(meioses <= others[by] + maternal_line(pedigree, by)[other] for by in others if by != other)


def test_a_long_line_counts_each_generation():
    assert maternal_line(descent(12, MT), "0")["12"] == 12
    assert line_of(descent(3, Y), "3", Y).head == "0"
