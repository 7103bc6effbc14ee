"""Records refuse nonsense when they are made."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.errors import Nonsense
from homeward.programme import (
    DateSpan,
    Marker,
    Member,
    MutationKind,
    MutationModel,
    Pedigree,
    Place,
    PriorKind,
    Remains,
    Settings,
    Sex,
    pedigree_faults,
)


def family(*members: Member) -> list[tuple[str, str]]:
    return [(fault.member_id, fault.column) for fault in pedigree_faults(members)]


def member(member_id: str, father: str = "", mother: str = "", sex: Sex = Sex.UNKNOWN, twin_of: str = "") -> Member:
    return Member(family_id="F", member_id=member_id, father_id=father, mother_id=mother, sex=sex, twin_of=twin_of)


def test_a_year_means_all_of_it():
    span = DateSpan.read("1950")
    assert (span.earliest.isoformat(), span.latest.isoformat()) == ("1950-01-01", "1950-12-31")


def test_february_of_a_leap_year_ends_on_the_29th():
    assert DateSpan.read("1952-02").latest.isoformat() == "1952-02-29"


@pytest.mark.parametrize("text", ["1950-13", "1951-02-29", "50", "1950-1-1", "1950/11", "", "1950-11-", "１９５０"])
def test_what_is_not_a_date_is_refused(text):
    with pytest.raises(Nonsense):
        DateSpan.read(text)


@given(st.dates())
def test_a_full_date_means_one_day(day):
    span = DateSpan.read(day.isoformat())
    assert span.earliest == span.latest == day


@pytest.mark.parametrize(("lat", "lon", "radius"), [(91, 0, None), (0, 181, None), (0, 0, -1), (float("nan"), 0, None)])
def test_a_place_off_the_earth_is_refused(lat, lon, radius):
    with pytest.raises(Nonsense):
        Place(lat=lat, lon=lon, radius_m=radius)


def test_only_two_known_and_different_sexes_contradict():
    contradicting = [(a, b) for a in Sex for b in Sex if a.contradicts(b)]
    assert contradicting == [(Sex.MALE, Sex.FEMALE), (Sex.FEMALE, Sex.MALE)]


def test_a_sound_family_has_no_fault():
    assert not family(member("f", sex=Sex.MALE), member("m", sex=Sex.FEMALE), member("c", "f", "m"))


def test_a_man_cannot_be_the_mother():
    assert family(member("x", sex=Sex.MALE), member("c", "", "x")) == [("c", "mother_id")]


def test_a_parent_from_nowhere_is_named():
    assert family(member("c", "ghost", "")) == [("c", "father_id")]


def test_nobody_is_his_own_ancestor():
    faults = family(member("a", "b"), member("b", "c"), member("c", "a"), member("d", "a"))
    assert faults == [("a", "member_id"), ("b", "member_id"), ("c", "member_id")]


def test_father_and_mother_are_two_people():
    assert family(member("x"), member("c", "x", "x")) == [("c", "mother_id")]


def test_identical_twins_share_sex_and_parents():
    father, mother = member("f", sex=Sex.MALE), member("m", sex=Sex.FEMALE)
    one = member("t1", "f", "m", Sex.MALE)
    assert not family(father, mother, one, member("t2", "f", "m", Sex.MALE, twin_of="t1"))
    assert family(father, mother, one, member("t2", "f", "m", Sex.FEMALE, twin_of="t1")) == [("t2", "twin_of")]
    assert family(father, mother, one, member("t2", "", "m", Sex.MALE, twin_of="t1")) == [("t2", "twin_of")]
    assert family(father, mother, member("t2", "f", "m", twin_of="t2")) == [("t2", "twin_of")]


def test_a_member_twice_in_a_family_is_a_fault():
    assert family(member("a"), member("a")) == [("a", "member_id")]


def test_a_pedigree_is_refused_with_its_first_fault():
    with pytest.raises(Nonsense, match="family F, c, mother_id x: a man cannot be the mother"):
        Pedigree(family_id="F", members=(member("x", sex=Sex.MALE), member("c", "", "x")))


def test_shares_of_the_prior_sum_to_one():
    with pytest.raises(Nonsense, match=r"0\.9, not 1"):
        Settings(name="x", listed_share=0.5, not_listed=0.4)
    assert Settings(name="x", listed_share=0.5, not_listed=0.3, outsiders={"g": 0.2})
    assert Settings(name="x", prior=PriorKind.FLAT, listed_share=0.5, not_listed=0.4)


def test_a_mixture_of_populations_sums_to_one():
    with pytest.raises(Nonsense, match="populations"):
        Settings(name="x", populations={"a": 0.5, "b": 0.4})


@pytest.mark.parametrize("values", [{"chromosome": "Z"}, {"min_frequency": 1.2}, {"silent_frequency": -0.1}])
def test_a_marker_refuses_nonsense(values):
    with pytest.raises(Nonsense):
        Marker(marker="TH01", **values)


def test_a_mutation_model_needs_its_rates():
    with pytest.raises(Nonsense, match="needs rate_female"):
        MutationModel(marker="TH01", model=MutationKind.EQUAL, rate_male=0.001)


def test_a_range_runs_upwards():
    with pytest.raises(Nonsense, match="age_low 40"):
        Remains(remains_id="R", age_low=40, age_high=30)
