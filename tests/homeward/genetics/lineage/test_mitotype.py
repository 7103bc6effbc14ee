"""Lists of differences from the rCRS: tolerant in form, strict in meaning."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.genetics.lineage.mitotype import SYMBOLS, ranges_text, read_mitotype
from homeward.genetics.lineage.reading import NotAHaplotype
from homeward.tables import mt_blocks, mt_hotspots, rcrs


def test_the_reference_is_the_published_sequence():
    # The M5 that GRCh38 states for NC_012920.1; landmarks of Andrews et al. 1999.
    assert hashlib.md5(rcrs().encode(), usedforsecurity=False).hexdigest() == "c68f52674c9fb33aef52dcf399755519"
    assert len(rcrs()) == 16569
    assert rcrs()[3107 - 1] == "N"
    assert rcrs().count("N") == 1
    assert rcrs()[302:315] == "CCCCCCCTCCCCC"
    assert rcrs()[8280:8289] == "CCCCCTCTA"


def test_each_hotspot_is_a_whole_run_of_its_base_in_the_reference():
    for spot in mt_hotspots():
        assert set(rcrs()[spot.first - 1 : spot.last]) == {spot.base}
        assert spot.base not in (rcrs()[spot.first - 2], rcrs()[spot.last])


def test_blocks_that_are_lost_stand_in_the_reference():
    lost = [block for block in mt_blocks() if block.name[0].isdigit() and "insertion" not in block.name]
    assert len(lost) > 10
    for block in lost[:-1]:
        if "with" not in block.name:
            assert rcrs()[block.after : block.after + len(block.bases)] == block.bases


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("263G 315.1C", "263G 315.1C"),
        ("A263G, 315+C;  -309.1C", "263G 309.1C 315.1C"),
        ("523DEL 524-", "523del 524del"),
        ("A249- 248delA", "248del 249del"),
        ("m.263A>G", "263G"),
        ("309+CC", "309.1C 309.2C"),
        ("309.1CC", "309.1C 309.2C"),
        ("309insC", "309.1C"),
        ("105-110del", "105del 106del 107del 108del 109del 110del"),
        ("T16093Y 152c", "152c 16093Y"),
        ("3107del", "rCRS"),
        ("RCRS", "rCRS"),
        ("", "rCRS"),
    ],
)
def test_the_same_differences_are_read_from_every_way_of_writing_them(written, means):
    assert str(read_mitotype(written)) == means


@pytest.mark.parametrize(
    ("written", "range", "value", "reason"),
    [
        ("263A", "ALL", "263A", "reference's own base"),
        ("C263G", "ALL", "C263G", "says the rCRS has C at 263"),
        ("a263g", "ALL", "a263g", "capitals"),
        ("16570A", "ALL", "16570A", "position that the rCRS does not have"),
        ("0A", "ALL", "0A", "position that the rCRS does not have"),
        ("309.2C", "ALL", "309.2C", "without 309.1"),
        ("573.XC", "ALL", "573.XC", "does not say how many"),
        ("8281-8289d", "ALL", "8281-8289d", "Write 8281-8289del"),
        ("263G 263T", "ALL", "263T", "stated as 263G and as 263T"),
        ("263G 263G", "ALL", "263G", "stated twice"),
        ("249delC", "ALL", "249delC", "the rCRS has A there"),
        ("110-105del", "ALL", "110-105del", "ends before it begins"),
        ("16223", "ALL", "16223", "names a position and no base"),
        ("263J", "ALL", "263J", "stands for no base"),
        ("3107C", "ALL", "3107C", "placeholder"),
        ("263G", "16024-16365", "263G", "outside the stated range 16024-16365"),
        ("340.1C", "73-340", "340.1C", "outside the stated range"),
        ("263G", "", "", "is not stated"),
        ("263G", "73-", "73-", "is not a range"),
        ("263G", "1-17000", "1-17000", "17000"),
        ("9" * 5000 + "C", "ALL", "9" * 5000 + "C", "position that the rCRS does not have"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused_with_the_part_that_is_wrong(written, range, value, reason):
    with pytest.raises(NotAHaplotype) as refused:
        read_mitotype(written, range)
    (fault,) = refused.value.faults
    assert fault.value == value
    assert reason in str(fault)


def test_every_wrong_part_is_told_at_once():
    with pytest.raises(NotAHaplotype) as refused:
        read_mitotype("263A hello 315.1C 99999T", "CR")
    assert [fault.value for fault in refused.value.faults] == ["263A", "hello", "99999T"]


def test_a_small_or_capital_d_is_a_mixture_and_says_so():
    assert "deletion is written del" in read_mitotype("249d").remarks[0]
    assert read_mitotype("249del").remarks == ()


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("16024-576", "16024-576"),
        ("CR", "16024-576"),
        ("HVS-I; HVR2", "73-340 16024-16365"),
        ("16024 - 16365 73-340", "73-340 16024-16365"),
        ("ALL", "1-16569"),
        ("3010", "3010"),
        ("100-200 150-300 301", "100-301"),
    ],
)
def test_ranges_are_read_by_name_or_number_and_go_round_the_circle(written, means):
    assert ranges_text(read_mitotype("", written).ranges) == means


@st.composite
def variant_texts(draw):
    position = draw(st.integers(1, 16568).filter(lambda at: at != 3107))
    others = sorted(set(SYMBOLS) - {rcrs()[position - 1]})
    changes = st.one_of(st.sampled_from(others), st.just("del"), st.sampled_from([".1A", ".1C", ".1G", ".1T"]))
    return f"{position}{draw(changes)}"


@given(st.lists(variant_texts(), max_size=6, unique_by=lambda text: text.split(".")[0].rstrip("delACGTRYKMSWBHVND")))
def test_what_is_written_reads_back_the_same(texts):
    once = read_mitotype(" ".join(texts))
    assert read_mitotype(str(once)).variants == once.variants


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text_is_read_or_refused_with_its_reason(haplotype, range):
    assert _read_or_reasons(haplotype, range)


def _read_or_reasons(*texts):
    try:
        return read_mitotype(*texts)
    except NotAHaplotype as refused:
        return refused.faults
