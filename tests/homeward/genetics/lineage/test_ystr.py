"""Y-STR haplotypes: read, and compared locus by locus."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.genetics.lineage.reading import NotAHaplotype
from homeward.genetics.lineage.ystr import compare, read_yhaplotype
from homeward.tables import y_loci


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("DYS19=14 DYS385=11,14", "DYS19=14 DYS385=11,14"),
        ("DYS385=14,11", "DYS385=11,14"),
        ("dys385: 14/11; DYS-19 =14", "DYS19=14 DYS385=11,14"),
        ("DYS385a=14 DYS385b=11", "DYS385=11,14"),
        ("DYS385=11-14", "DYS385=11,14"),
        ("Y-GATA-H4=12 DYS389-1=13", "DYS389I=13 YGATAH4=12"),
        ("DYS458=17.2", "DYS458=17.2"),
        ("DYS388=12", "DYS388=12"),
    ],
)
def test_the_same_haplotype_is_read_from_every_way_of_writing_it(written, means):
    read = read_yhaplotype(written.replace("DYS-19 =", "DYS-19="))
    assert str(read) == means
    assert read_yhaplotype(str(read)) == read


@pytest.mark.parametrize(
    ("written", "value", "reason"),
    [
        ("DYS19=OL", "DYS19=OL", "not a number of repeats"),
        ("DYS19=>20", "DYS19=>20", "not a number of repeats"),
        ("DYS19=14.0", "DYS19=14.0", "not a number of repeats"),
        ("DYS19", "DYS19", "no = between"),
        ("TH01=7", "TH01=7", "not a locus of the Y chromosome"),
        ("DYS19=14 DYS19=15", "DYS19=15", "a second time"),
        ("DYS385a=11 DYS385=11,14", "DYS385=11,14", "a second time"),
        ("DYS385=11", "DYS385=11", "Write 11,11 if both are equal"),
        ("DYS389I=13 DYS389II=13", "DYS389II=13", "not above DYS389I"),
        ("", "", "names no locus"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused_with_the_part_that_is_wrong(written, value, reason):
    with pytest.raises(NotAHaplotype) as refused:
        read_yhaplotype(written)
    (fault,) = refused.value.faults
    assert fault.value == value
    assert reason in str(fault)


@pytest.mark.parametrize(
    ("written", "remark"),
    [
        ("DYS19=0", "not every copy"),
        ("DYS19=-", "not every copy"),
        ("DYS385=11,?", "not every copy"),
        ("DYS19=14,15", "a duplication"),
        ("DYS385=11,13,14", "a duplication"),
        ("DYS385a=11", "both of its copies"),
    ],
)
def test_a_locus_that_shows_too_little_or_too_much_is_missing_and_says_so(written, remark):
    read = read_yhaplotype(written + " DYS391=10")
    assert str(read) == "DYS391=10"
    assert remark in read.remarks[0]


def test_one_step_in_the_part_that_both_389_contain_is_one_difference():
    one, other = read_yhaplotype("DYS389I=13 DYS389II=29"), read_yhaplotype("DYS389I=14 DYS389II=30")
    assert [str(difference) for difference in compare(one, other).differences] == ["DYS389I 13 / 14"]


def test_where_one_has_only_the_whole_of_389_the_whole_is_compared():
    compared = compare(read_yhaplotype("DYS389I=13 DYS389II=29"), read_yhaplotype("DYS389II=29"))
    assert compared.loci == ("DYS389II",)
    assert compared.events == 0


def test_steps_pair_the_copies_at_the_least_cost():
    (difference,) = compare(read_yhaplotype("DYS385=11,14"), read_yhaplotype("DYS385=12,16")).differences
    assert difference.steps == 3


def written(repeats):
    pairs = [(locus, f"{a},{b}" if y_loci()[locus].copies == 2 else f"{a}") for locus, (a, b) in repeats.items()]
    return " ".join(f"{locus}={alleles}" for locus, alleles in pairs)


LOCI = st.sampled_from(sorted(locus for locus in y_loci() if "389" not in locus))
REPEATS = st.tuples(st.integers(5, 40), st.integers(5, 40))
HAPLOTYPES = st.dictionaries(LOCI, REPEATS, min_size=1, max_size=6).map(written)


@given(HAPLOTYPES, HAPLOTYPES)
def test_it_does_not_matter_which_of_two_is_named_first(one, other):
    there, back = (compare(read_yhaplotype(a), read_yhaplotype(b)) for a, b in ((one, other), (other, one)))
    assert (there.loci, there.events, there.steps) == (back.loci, back.events, back.steps)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_its_reason(text):
    assert _read_or_reasons(text)


def _read_or_reasons(*texts):
    try:
        return read_yhaplotype(*texts)
    except NotAHaplotype as refused:
        return refused.faults
