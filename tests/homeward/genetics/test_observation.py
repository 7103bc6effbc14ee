"""What is seen of a genotype: by hand, by going through everything that may happen, and what must always hold."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, NotFound
from homeward.genetics.locus import with_silent
from homeward.genetics.observation import (
    EXACT,
    UNTYPED,
    ErrorModel,
    agree,
    both,
    calls_shown,
    exact_genotype,
    no_call_row,
    observation_matrix,
    observation_row,
    observed,
    together,
)
from homeward.programme import NOT_OBSERVED, SILENT
from tests.homeward.genetics.kin import error_models, loci, locus

P, Q, R = 0.1, 0.3, 0.6
THREE = locus({"8": P, "9": Q, "10": R})
GENOTYPES = ["8/8", "8/9", "9/9", "8/10", "9/10", "10/10"]
D, C, E = 0.2, 0.05, 0.03


def row(call, errors=EXACT, at=THREE):
    first, second = call.split("/")
    return dict(zip(_names(at), observation_row(at, observed((first, second), errors)).tolist(), strict=True))


def _names(at):
    return [f"{at.alleles[a]}/{at.alleles[b]}" for a, b in at.genotypes]


def test_a_homozygote_is_lost_only_when_both_copies_are():
    seen = row("8/8", ErrorModel(dropout=D))
    assert seen["8/8"] == pytest.approx(1 - D**2, rel=1e-14)
    assert seen["8/9"] == pytest.approx((1 - D) * D, rel=1e-14)  # the 8 is kept, the 9 lost
    assert seen["9/10"] == 0
    assert row("8/9", ErrorModel(dropout=D))["8/9"] == pytest.approx((1 - D) ** 2, rel=1e-14)


def test_a_foreign_allele_joins_what_is_seen_or_goes_unseen():
    seen = row("8/9", ErrorModel(dropin=C))
    assert seen["8/8"] == pytest.approx(C * Q, rel=1e-14)
    assert seen["8/9"] == pytest.approx(1 - C + C * (P + Q), rel=1e-14)  # none, or one that is there already
    assert seen["8/10"] == 0  # three alleles would be seen
    assert row("8/8", ErrorModel(dropin=C))["8/8"] == pytest.approx(1 - C + C * P, rel=1e-14)


def test_a_foreign_allele_after_all_of_ones_own_are_lost():
    seen = row("8/8", ErrorModel(dropout=D, dropin=C))
    assert seen["9/10"] == pytest.approx(D**2 * C * P, rel=1e-14)


def test_an_allele_is_read_as_one_drawn_from_the_population():
    seen = row("8/9", ErrorModel(typing_error=E))
    # of 9/10: the 9 rightly and the 10 as 8, or the 9 as 8 and the 10 as 9
    assert seen["9/10"] == pytest.approx((1 - E + E * Q) * E * P + E * P * E * Q, rel=1e-14)
    assert seen["8/9"] == pytest.approx((1 - E + E * P) * (1 - E + E * Q) + E * Q * E * P, rel=1e-14)
    assert seen["8/8"] == pytest.approx(2 * (1 - E + E * P) * E * Q, rel=1e-14)


def test_a_homozygous_call_may_hide_a_silent_allele():
    at = with_silent(THREE, 0.05)
    shown = {name for name, value in row("8/8", at=at).items() if value}
    assert shown == {"8/8", "8/silent"}
    assert {name for name, value in row("8/9", at=at).items() if value} == {"8/9"}
    assert {name for name, value in row("8/?", at=at).items() if value} == {"8/8", "8/9", "8/10", "8/silent"}


def test_the_silent_allele_is_neither_misread_nor_foreign():
    at = with_silent(THREE, 0.05)
    seen = row("8/8", ErrorModel(dropin=C, typing_error=E), at=at)
    assert seen["silent/silent"] == pytest.approx(C * P, rel=1e-13)  # the table's frequency: silent ones are not seen
    assert seen["9/silent"] == pytest.approx(E * P * (1 - C + C * P), rel=1e-13)


def test_a_silent_allele_cannot_be_called():
    with pytest.raises(Nonsense, match="not seen"):
        observation_row(with_silent(THREE, 0.05), ("8", SILENT))


def test_an_allele_without_frequency_is_refused():
    with pytest.raises(NotFound, match="17"):
        observation_row(THREE, observed(("17", "8"), ErrorModel(dropout=D)))


@pytest.mark.parametrize("values", [{"dropout": 1.0}, {"dropin": 1.5}, {"typing_error": -0.1}, {"dropout": math.nan}])
def test_an_error_model_of_impossible_probabilities_is_refused(values):
    with pytest.raises(Nonsense):
        ErrorModel(**values)


# --- everything that may happen ---


def enumerated(at, genotype, errors):
    """Call -> probability, by going through what becomes of each copy and through the foreign allele."""
    silent = at.silent_index
    foreign = [0.0 if z == silent else p / (1 - at.silent) for z, p in enumerate(at.frequencies)]
    copies = []
    for allele in genotype:
        fates = {None: 1.0 if allele == silent else errors.dropout}
        for z, share in enumerate(foreign):
            if allele != silent:
                read = (z == allele) * (1 - errors.typing_error) + errors.typing_error * share
                fates[z] = (1 - errors.dropout) * read
        copies.append(fates)
    joining = {None: 1 - errors.dropin} | {z: errors.dropin * share for z, share in enumerate(foreign)}
    found = defaultdict(float)
    for (x, one), (y, other), (z, third) in itertools.product(copies[0].items(), copies[1].items(), joining.items()):
        found[frozenset({x, y, z} - {None})] += one * other * third
    return found


@settings(max_examples=60, deadline=None)
@given(loci(silent=True), error_models())
def test_rows_are_what_going_through_everything_gives_and_sum_to_one(at, errors):
    whole = [(a, b) for b in range(len(at.alleles)) for a in range(b + 1) if at.silent_index not in (a, b)]
    rows = {
        frozenset(pair): observation_row(at, observed((at.alleles[pair[0]], at.alleles[pair[1]]), errors))
        for pair in whole
    }
    nothing = no_call_row(at, errors)
    for g, genotype in enumerate(at.genotypes.tolist()):
        expected = enumerated(at, genotype, errors)
        for pair, of_call in rows.items():
            assert of_call[g] == pytest.approx(expected[pair], rel=1e-12, abs=1e-300)
        rest = sum(value for seen, value in expected.items() if len(seen) not in (1, 2))
        assert nothing[g] == pytest.approx(rest, rel=1e-12, abs=1e-15)
    np.testing.assert_allclose(sum(rows.values()) + nothing, 1, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(loci(silent=True, x_linked=True), error_models())
def test_a_man_has_one_copy_of_the_x_chromosome_that_is_lost_or_read(at, errors):
    named = [a for a in at.alleles if a != SILENT]
    pairs = [(a, b) for k, a in enumerate(named) for b in named[k:]]
    rows = [observation_row(at, observed(pair, errors), male=True) for pair in pairs]
    alike = at.genotypes[:, 0] == at.genotypes[:, 1]
    nothing = no_call_row(at, errors, male=True)
    np.testing.assert_allclose((sum(rows) + nothing)[alike], 1, rtol=1e-12)
    lost = np.where(at.genotypes[:, 0] == at.silent_index, 1, errors.dropout) * (1 - errors.dropin)
    np.testing.assert_allclose(nothing[alike], lost[alike], rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(
        observation_row(at, observed((named[0], NOT_OBSERVED), errors), male=True)[alike], rows[0][alike]
    )


@settings(max_examples=60, deadline=None)
@given(loci(silent=True), error_models(), st.data())
def test_a_partial_call_is_every_call_with_its_allele(at, errors, data):
    seen = data.draw(st.sampled_from([a for a in at.alleles if a != SILENT]))
    expected = sum(observation_row(at, observed((seen, other), errors)) for other in at.alleles if other != SILENT)
    np.testing.assert_allclose(observation_row(at, observed((seen, NOT_OBSERVED), errors)), expected, rtol=1e-12)


@settings(max_examples=60, deadline=None)
@given(loci(silent=True), st.data())
def test_without_errors_the_model_is_the_exact_one_and_small_errors_come_near_it(at, data):
    alleles = st.sampled_from([a for a in at.alleles if a != SILENT])
    call = data.draw(st.tuples(alleles, st.one_of(alleles, st.just(NOT_OBSERVED))))
    tiny = 1e-12
    nearly = observation_row(at, observed(call, ErrorModel(dropout=tiny, dropin=tiny, typing_error=tiny)))
    np.testing.assert_allclose(nearly, observation_row(at, call), rtol=0, atol=10 * tiny)


def test_without_silent_alleles_no_call_is_equally_likely_of_every_genotype_unless_alleles_drop_in():
    np.testing.assert_allclose(no_call_row(THREE, ErrorModel(dropout=D, typing_error=E)), D**2, rtol=1e-13)


# --- several samples of one genotype ---


def test_equal_calls_count_once_when_taken_as_right_and_each_when_they_may_be_wrong():
    errors = ErrorModel(dropout=D)
    once = observation_row(THREE, observed(("8", "8"), errors))
    twice = observation_row(THREE, together(observed(("8", "8"), errors), observed(("8", "8"), errors)))
    np.testing.assert_array_equal(twice, once**2)
    assert together(("8", "8"), ("8", "8")) == ("8", "8")


def test_a_sample_taken_as_right_and_one_that_may_be_wrong_are_one_genotype():
    joint = together(("8", "9"), observed(("9", "9"), ErrorModel(dropout=D)))
    found = dict(zip(GENOTYPES, observation_row(THREE, joint), strict=True))
    assert found == pytest.approx({name: (1 - D) * D if name == "8/9" else 0 for name in GENOTYPES}, rel=1e-14)
    assert calls_shown(joint) == (("8", "9"), ("9", "9"))


def test_what_is_observed_together_has_no_order():
    one, other = observed(("9", "8"), ErrorModel(dropout=D)), observed(("10", "10"), ErrorModel(dropin=C))
    assert together(one, other) == together(other, one)
    assert hash(together(one, ("8", "?"))) == hash(together(("8", "?"), one))
    assert together(one, UNTYPED) == one


@pytest.mark.parametrize(
    ("first", "second", "errors", "silent", "expected"),
    [
        (("8", "9"), ("9", "8"), EXACT, False, True),
        (("8", "9"), ("8", "8"), EXACT, False, False),
        (("8", "9"), ("8", "8"), ErrorModel(dropout=D), False, True),
        (("8", "9"), ("10", "10"), ErrorModel(dropout=D), False, False),
        (("8", "9"), ("10", "10"), ErrorModel(dropout=D, dropin=C), False, True),
        (("8", "9"), ("10", "11"), ErrorModel(dropout=D, dropin=C), False, False),
        (("8", "9"), ("10", "11"), ErrorModel(typing_error=E), False, True),
        (("8", "8"), ("8", "9"), ErrorModel(dropin=C), False, True),
        (("8", "8"), ("9", "9"), EXACT, True, False),
        (("8", "8"), ("8", "9"), ErrorModel(dropin=C), True, True),
    ],
)
def test_two_samples_agree_when_some_genotype_explains_both(first, second, errors, silent, expected):
    assert agree(first, observed(second, errors), silent=silent) is expected
    assert agree(observed(second, errors), first, silent=silent) is expected


def test_a_genotype_is_known_only_where_nothing_else_can_have_been_seen_so():
    silent = with_silent(THREE, 0.05)
    assert exact_genotype(THREE, ("9", "8")) == (0, 1)
    assert exact_genotype(THREE, ("8", "8")) == (0, 0)
    assert exact_genotype(silent, ("8", "8")) is None
    assert exact_genotype(silent, ("8", "9")) == (0, 1)
    assert exact_genotype(THREE, ("8", "?")) is None
    assert exact_genotype(THREE, observed(("8", "9"), ErrorModel(typing_error=E))) is None


def test_the_matrix_is_the_row_by_ordered_genotype():
    seen = observed(("8", "9"), ErrorModel(dropout=D, dropin=C))
    matrix = observation_matrix(THREE, seen)
    np.testing.assert_array_equal(matrix, matrix.T)
    a, b = THREE.genotypes.T
    np.testing.assert_array_equal(matrix[a, b], observation_row(THREE, seen))


@given(st.data())
def test_two_calls_together_allow_what_both_allow(data):
    alleles = st.sampled_from([*THREE.alleles, NOT_OBSERVED])
    one, other = data.draw(st.tuples(alleles, alleles)), data.draw(st.tuples(alleles, alleles))
    joint = both(one, other)
    expected = observation_row(THREE, one) * observation_row(THREE, other)
    found = np.zeros(THREE.size) if joint is None else observation_row(THREE, joint)
    assert found.tolist() == expected.tolist()
    assert both(other, one) == joint
