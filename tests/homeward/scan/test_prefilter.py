"""No pair at or above the threshold is ever dismissed, whatever the tables hold."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from homeward.genetics.scoring import add_up
from homeward.scan import _compiled, prefilter
from homeward.scan.prefilter import LN10, lay_out, neighbourly

HARD = st.sampled_from([-math.inf, -math.inf, 0.0, -0.0, 1e-300, 5e-324, 0.1, 1 / 3, 7.25, -7.25, 700.0, -700.0, 1e-9])
VALUES = st.one_of(HARD, st.floats(-40, 12), st.floats(-1e-6, 1e-6), st.floats(-1e6, 1e6))
KINDS = ["narrow", *(["wide"] if _compiled.wide_width() else [])]

needs_vectors = pytest.mark.skipif(
    not _compiled.wide_width(),
    reason="*** NEITHER AVX2 NOR AVX-512: THE FAST SIEVE IS NOT TESTED ***",
)


@st.composite
def problems(draw, most_slots=5):
    """Rows of the remains' calls, what each remains shows, and a threshold that some pair may reach exactly."""
    rows_of = draw(st.lists(st.integers(1, 4), min_size=1, max_size=9))
    slots = draw(st.integers(1, most_slots))
    marker = np.concatenate([[-1], np.repeat(np.arange(len(rows_of)), rows_of)])
    rows = draw(arrays(np.float64, (len(marker), slots), elements=VALUES))
    rows[0] = 0
    first = np.cumsum([1, *rows_of])[:-1]
    remains = draw(st.integers(1, 6))
    codes = np.array(
        [
            [draw(st.integers(-1, of - 1)) + begin for of, begin in zip(rows_of, first, strict=True)]
            for _ in range(remains)
        ],
        dtype=np.int32,
    )
    codes[codes < first] = 0
    layout = lay_out(codes, marker)
    ratios = add_up(rows, codes) / LN10
    reached = [value for value in ratios.ravel().tolist() if math.isfinite(value)]
    common = st.one_of(st.floats(-6, 12), st.floats(-1e5, 1e5))
    least = draw(st.one_of(common, st.sampled_from(reached)) if reached else common)
    return rows[layout.source], layout, least, ratios


def sifted(rows, layout, least, kind, best=None):
    lanes = np.arange(rows.shape[1], dtype=np.uint32) + 1000
    best = prefilter.none_yet(len(layout.codes), 0, least) if best is None else best
    found = [room for room, _ in _compiled.sift(rows, layout, least, lanes, kind, best)]
    return {
        (int(r), int(s) - 1000): value
        for room in found
        for r, s, value in zip(room.remains, room.slots, room.log10_lr.tolist(), strict=True)
    }


def reaching(ratios, least):
    return {(int(r), int(s)): ratios[r, s].item() for r, s in np.argwhere(ratios >= least)}


@given(problems(), st.sampled_from([255, 3640, 30]))
@settings(max_examples=300, deadline=None)
def test_no_pair_that_reaches_the_threshold_is_dismissed(problem, budget):
    rows, layout, least, ratios = problem
    deficits = prefilter.deficits(rows, layout, least * LN10, budget)
    assert prefilter.candidates(deficits, layout, budget)[ratios >= least].all()


@given(problems(), st.sampled_from([(255, np.uint8), (3640, np.uint16)]))
@settings(max_examples=200, deadline=None)
def test_compiled_deficits_are_those_of_the_definition(problem, kind):
    rows, layout, least, _ = problem
    budget, of = kind
    compiled = _compiled.quantised(rows, layout, least * LN10, budget, of)
    slots = rows.shape[1]
    np.testing.assert_array_equal(compiled[:-1, :slots], prefilter.deficits(rows, layout, least * LN10, budget))
    assert (compiled[:-1, slots:] == budget).all()
    assert not compiled[-1].any()


@pytest.mark.parametrize("kind", KINDS)
@given(problem=problems(most_slots=_compiled.SLOTS))
@settings(max_examples=100, deadline=None)
def test_the_sieve_keeps_exactly_what_adding_up_all_pairs_gives(kind, problem):
    rows, layout, least, ratios = problem
    assert sifted(rows, layout, least, kind) == reaching(ratios, least)
    assert sifted(rows, neighbourly(layout), least, kind) == reaching(ratios, least)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", [np.uint16, np.uint32])
@pytest.mark.parametrize("markers", [1, 7, 8, 23, 24, 25, 32, 49])
def test_the_sieve_adds_up_any_number_of_markers(kind, code, markers):
    random = np.random.default_rng(markers)
    rows = random.normal(0.2, 1.5, size=(1 + 5 * markers, _compiled.SLOTS))
    rows[0] = 0
    codes = random.integers(1, 6, size=(40, markers), dtype=np.int32) + 5 * np.arange(markers, dtype=np.int32)
    layout = lay_out(codes, np.array([-1, *np.repeat(np.arange(markers), 5)]))
    layout = replace(layout, codes=layout.codes.astype(code))
    ratios = add_up(rows, codes) / LN10
    least = float(np.quantile(ratios, 0.9))
    assert sifted(rows, layout, least, kind) == reaching(ratios, least)


@pytest.mark.parametrize("kind", KINDS)
@given(problem=problems(most_slots=_compiled.SLOTS), most=st.integers(1, 4))
@settings(max_examples=100, deadline=None)
def test_the_best_of_each_remains_are_those_of_all_pairs(kind, problem, most):
    rows, layout, least, ratios = problem
    best = prefilter.none_yet(len(layout.codes), most, least)
    sifted(rows, prefilter.with_levels(neighbourly(layout)), least, kind, best)
    for remains, of_remains in enumerate(ratios):
        order = sorted(range(len(of_remains)), key=lambda slot: (-of_remains[slot], slot))
        expected = [(of_remains[slot], slot + 1000) for slot in order if of_remains[slot] >= least][:most]
        found = zip(best.log10_lr[remains], best.slots[remains].tolist(), strict=True)
        assert [pair for pair in found if pair[0] > -math.inf] == expected


@given(problems(), st.floats(0, 40))
@settings(max_examples=200, deadline=None)
def test_a_level_dismisses_only_what_falls_short_of_it(problem, above):
    rows, layout, least, ratios = problem
    leveled = prefilter.with_levels(layout)
    floor = least + above
    prefilter.set_levels(leveled, np.full(len(layout.codes), floor), least)
    step = prefilter.steps(prefilter.best_rows(rows, layout), least * LN10, 255)
    table = np.concatenate([prefilter.deficits(rows, layout, least * LN10, 255), prefilter.level_deficits(step, 255)])
    assert prefilter.candidates(table, leveled, 255)[ratios >= max(floor, least)].all()


def test_remains_that_show_the_same_come_to_stand_beside_each_other():
    """Marker 1 has the most rows, then marker 0: in the order of the one, and where that is equal of the other."""
    marker = np.array([-1, 0, 0, 1, 1, 1])
    layout = lay_out(np.array([[2, 5], [1, 3], [2, 4], [1, 5], [1, 4]], dtype=np.int32), marker)

    found = neighbourly(layout)

    assert found.codes.tolist() == [[1, 3], [1, 4], [2, 4], [1, 5], [2, 5]]
    assert found.numbers.tolist() == [1, 4, 2, 3, 0]


@given(problems(), st.integers(0, 20))
@settings(max_examples=100, deadline=None)
def test_floors_are_those_of_the_remains_wherever_they_stand(problem, above):
    _, layout, least, _ = problem
    floors = least + above * np.arange(len(layout.codes)) / 7
    leveled, moved = prefilter.with_levels(layout), prefilter.with_levels(neighbourly(layout))
    prefilter.set_levels(leveled, floors, least)
    prefilter.set_levels(moved, floors, least)
    np.testing.assert_array_equal(moved.codes, leveled.codes[moved.numbers])


def test_the_deficits_of_two_markers_by_hand():
    """Best rows 2 and 1, threshold 1: room 2, in 20 steps of a little more than 0.1."""
    rows = np.array([[0.0], [2.0], [-1.0], [1.0], [0.0]])
    layout = lay_out(np.array([[1, 4], [2, 3], [2, 4]], dtype=np.int32), np.array([-1, 0, 0, 1, 1]))

    deficits = prefilter.deficits(rows, layout, 1.0, 20)

    assert deficits[1:, 0].tolist() == [0, 20, 0, 9]  # 1.0 / 0.1000000003 is cut down to 9
    assert prefilter.candidates(deficits, layout, 20)[:, 0].tolist() == [True, False, False]


def test_a_slot_that_cannot_reach_the_threshold_has_no_candidate():
    rows = np.array([[0.0], [2.0]])
    layout = lay_out(np.array([[1]], dtype=np.int32), np.array([-1, 0]))

    assert not prefilter.candidates(prefilter.deficits(rows, layout, 2.1, 255), layout, 255).any()


def test_not_typed_is_a_row_only_where_some_remains_are_not_typed():
    layout = lay_out(np.array([[1, 0], [1, 2]], dtype=np.int32), np.array([-1, 0, 1]))

    assert layout.codes.tolist() == [[1, 3], [1, 2]]
    assert layout.marker.tolist() == [-1, 0, 1, 1]
    assert layout.source.tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("markers", [1, 7, 8, 23, 24, 25, 33, 57])
def test_any_number_of_markers_and_codes_of_either_width(kind, markers):
    random = np.random.default_rng(markers)
    rows = random.normal(-0.2, 1, size=(1 + 5 * markers, 128))
    codes = (random.integers(0, 5, size=(300, markers)) + 1 + 5 * np.arange(markers)).astype(np.int32)
    layout = lay_out(codes, np.concatenate([[-1], np.repeat(np.arange(markers), 5)]))
    long = replace(layout, codes=layout.codes.astype(np.uint32))
    expected = reaching(add_up(rows, codes) / LN10, 1.0)

    assert expected
    assert sifted(rows, layout, 1.0, kind) == expected
    assert sifted(rows, long, 1.0, kind) == expected


@needs_vectors
def test_more_pairs_than_there_is_room_for_are_given_in_parts():
    rows = np.zeros((2, 128))
    layout = lay_out(np.ones((2000, 1), dtype=np.int32), np.array([-1, 0]))

    assert len(sifted(rows, layout, 0.0, "wide")) == 2000 * 128


@pytest.mark.parametrize("kind", KINDS)
def test_more_slots_than_a_block_holds_are_refused_and_never_passed_over(kind):
    rows = np.zeros((2, _compiled.SLOTS + 1))
    layout = lay_out(np.array([[0]], dtype=np.int32), np.array([-1, 0]))

    with pytest.raises(ValueError, match="a block holds"):
        sifted(rows[layout.source], layout, 0.0, kind)
