"""Pedigree charts: nobody overlaps, every line is there, and the words are in the reader's language."""

import itertools
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.programme import Member, Pedigree, Sex
from homeward.reports.layout import NEAREST, Layout, arrange
from homeward.reports.pedigree import pedigree_key, pedigree_svg
from tests.homeward.reports.families import FAMILIES, family

WIDE = 80.0


def laid_out(pedigree: Pedigree) -> Layout:
    return arrange(pedigree, lambda symbol: WIDE)


@st.composite
def pedigrees(draw: st.DrawFn) -> Pedigree:
    """Any family of up to twelve: parents are drawn from those before, so that loops and remarriages occur."""
    members: list[Member] = []
    for number in range(draw(st.integers(1, 12))):
        fathers = [m.member_id for m in members if m.sex is Sex.MALE]
        mothers = [m.member_id for m in members if m.sex is Sex.FEMALE]
        father = draw(st.sampled_from(["", *fathers]))
        mother = draw(st.sampled_from(["", *mothers]))
        sex = draw(st.sampled_from([Sex.MALE, Sex.FEMALE]))
        members.append(Member(family_id="F", member_id=f"m{number}", sex=sex, father_id=father, mother_id=mother))
    return Pedigree(family_id="F", members=tuple(members))


def no_two_touch(layout: Layout) -> bool:
    by_row: dict[int, list[float]] = {}
    for key, row in layout.row.items():
        by_row.setdefault(row, []).append(layout.x[key])
    gaps = [b - a for places in by_row.values() for a, b in itertools.pairwise(sorted(places))]
    return all(gap >= NEAREST - 0.2 for gap in gaps)


def children_stand_below_their_parents(layout: Layout) -> bool:
    return all(
        layout.row[mating.left] == layout.row[mating.right] == layout.row[child] - 1
        for mating in layout.matings
        for child in mating.children
    )


@pytest.mark.parametrize("pedigree", FAMILIES.values(), ids=FAMILIES)
def test_nobody_overlaps_and_generations_are_aligned(pedigree):
    layout = laid_out(pedigree)
    assert no_two_touch(layout)
    assert children_stand_below_their_parents(layout)


@settings(max_examples=60, deadline=None)
@given(pedigrees())
def test_any_family_is_drawn_without_overlaps(pedigree):
    layout = laid_out(pedigree)
    assert no_two_touch(layout)
    assert children_stand_below_their_parents(layout)
    assert {m.member_id for m in pedigree.members} <= set(layout.symbols)
    ElementTree.fromstring(pedigree_svg(pedigree, typed=()))


@pytest.mark.parametrize("pedigree", FAMILIES.values(), ids=FAMILIES)
def test_a_chart_is_well_formed_has_no_style_no_identifier_and_names_everyone(pedigree):
    svg = pedigree_svg(pedigree, typed={m.member_id for m in pedigree.members})
    root = ElementTree.fromstring(svg)
    assert root.get("role") == "img"
    assert not re.search(r"\s(style|id|onload|href)=", svg)
    shown = "".join(root.itertext())
    for member in pedigree.members:
        assert (member.person_id or member.member_id).split("-")[-1] in shown


def test_the_same_family_gives_the_same_picture():
    first = pedigree_svg(FAMILIES["twenty-five"], typed={"C1"})
    assert pedigree_svg(FAMILIES["twenty-five"], typed={"C1"}) == first


def test_couples_stand_side_by_side_and_first_cousins_who_married_too():
    layout = laid_out(FAMILIES["cousins-married"])
    assert layout.bracket == (0,) * len(layout.matings)
    married = next(m for m in layout.matings if set(m.children) == {"X", "Y"})
    assert married.related
    assert not any(symbol.again for symbol in layout.symbols.values())


def test_a_marriage_across_generations_shows_the_elder_partner_again():
    layout = laid_out(FAMILIES["uncle-niece"])
    again = [symbol.member.member_id for symbol in layout.symbols.values() if symbol.again]
    assert again == ["U"]


def test_children_of_one_named_father_have_each_an_unknown_mother_but_twins_share_one():
    three = laid_out(family("f", "F M", "A M F -", "B F F -", "C F F -"))
    assert sum(symbol.member is None for symbol in three.symbols.values()) == 3
    twins = laid_out(family("f", "F M", "A M F -", "B M F - =A"))
    assert sum(symbol.member is None for symbol in twins.symbols.values()) == 1


def test_typed_relatives_are_filled_and_the_person_in_question_is_marked():
    svg = pedigree_svg(FAMILIES["trio"], typed={"F", "M"}, highlight={"P-1"})
    assert svg.count('class="typed"') == 2
    assert svg.count("sought chosen") == 1


def test_names_are_folded_not_cut_and_escaped():
    svg = pedigree_svg(FAMILIES["trio"], typed=(), names={"F": "<b>서문재현 西門在賢 아버지\nborn 1901"})
    assert "&lt;b&gt;" in svg
    assert "born 1901" in svg


def test_the_key_names_only_what_occurs_and_speaks_korean():
    assert "twins" not in pedigree_key(FAMILIES["trio"], typed=())
    assert "일란성 쌍둥이" in pedigree_key(FAMILIES["twins"], typed=(), language="ko")
    assert "가계도" in pedigree_svg(FAMILIES["twins"], typed=(), language="ko")
