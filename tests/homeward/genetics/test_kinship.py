"""Two people by closed formulas: the pedigree engine, hand-worked numbers and laws beside them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.genetics.kinship import (
    RELATIONSHIPS,
    PairRatios,
    log_lr_of_pairs,
    pair_table,
    sharing,
    sharing_table,
    stated_relationship,
)
from homeward.genetics.likelihood import log_likelihood
from homeward.genetics.locus import Loci
from homeward.genetics.scoring import Seen, add_up
from homeward.genetics.tables import ratio_table
from homeward.programme import MutationKind
from tests.homeward.genetics.kin import family, loci, locus

PEDIGREES = {
    "parent_child": (family("b: a -"), "a", "b"),
    "full_sibs": (family("a: f m; b: f m"), "a", "b"),
    "second_degree": (family("a: f m; b: g m"), "a", "b"),
    "avuncular": (family("a: f m; p: f m; b: p -"), "a", "b"),
    "grandparent": (family("p: a -; b: p -"), "a", "b"),
    "first_cousins": (family("p: f m; q: f m; a: p -; b: q -"), "a", "b"),
}
TABLE = {"8": 0.1, "9": 0.25, "9.3": 0.05, "10": 0.4, "11": 0.2}


@pytest.mark.parametrize("name", PEDIGREES)
def test_the_closed_formula_is_what_the_pedigree_gives(name):
    pedigree, one, other = PEDIGREES[name]
    at = locus(TABLE)
    closed = sharing_table(at, RELATIONSHIPS.get(name, RELATIONSHIPS["second_degree"]))

    for first, (a, b) in enumerate(at.genotypes.tolist()):
        seen = {one: (at.alleles[a], at.alleles[b])}
        engine = ratio_table(pedigree, at, seen, other) * at.population_genotypes * at.population_genotypes[first]
        np.testing.assert_allclose(engine, closed[first], rtol=1e-14, atol=1e-17)


@pytest.mark.parametrize("name", ["parent_child", "full_sibs", "second_degree"])
def test_with_mutation_the_closed_formula_is_still_what_the_pedigree_gives(name):
    pedigree, one, other = PEDIGREES[name]
    at = locus(TABLE, MutationKind.STEPWISE, female=0.01, male=0.01)

    closed = pair_table(at, name)

    for first, (a, b) in enumerate(at.genotypes.tolist()):
        for second, (c, d) in enumerate(at.genotypes.tolist()):
            calls = ((at.alleles[a], at.alleles[b]), (at.alleles[c], at.alleles[d]))
            engine = [
                math.exp(log_likelihood(pedigree, at, {one: calls[way], other: calls[1 - way]})) for way in (0, 1)
            ]
            assert closed[first, second] == pytest.approx(sum(engine) / 2, rel=1e-13)


def test_sibs_who_are_both_homozygous_by_hand():
    at = locus({"1": 0.1, "2": 0.9})
    p = 0.1
    expected = p**4 / 4 + p**3 / 2 + p**2 / 4

    assert sharing_table(at, RELATIONSHIPS["full_sibs"])[0, 0] == pytest.approx(expected, rel=1e-15)
    assert pair_table(at, "full_sibs")[0, 0] == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", RELATIONSHIPS)
@given(at=loci(silent=True))
@settings(max_examples=20)
def test_the_table_of_a_pair_sums_to_one_and_does_not_ask_who_is_first(name, at):
    table = pair_table(at, name)

    assert table.sum() == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(table, table.T, rtol=1e-12)
    assert (table >= 0).all()


@pytest.mark.parametrize("name", [name for name in RELATIONSHIPS if name != "identical"])
@given(at=loci(models=[MutationKind.NONE]))
@settings(max_examples=20)
def test_without_mutation_the_table_is_the_closed_formula(name, at):
    np.testing.assert_allclose(pair_table(at, name), sharing_table(at, RELATIONSHIPS[name]), rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize(
    ("pedigree", "pair", "expected"),
    [
        ("a: f m; b: f m", ("a", "b"), "full_sibs"),
        ("a: f m; b: f m; a = b", ("f", "m"), "unrelated"),
        ("a: f m; b: f n", ("a", "b"), "second_degree"),
        ("a: f m; p: f m; b: p q", ("a", "b"), "second_degree"),
        ("p: f m; q: f m; a: p r; b: q s", ("a", "b"), "first_cousins"),
        ("p: f m; q: f m; r: g n; s: g n; a: p r; b: q s", ("a", "b"), "other"),
        ("p: f m; q: f m; a: p q", ("a", "f"), "other"),
        ("b: a -", ("a", "b"), "parent_child"),
    ],
)
def test_what_a_pedigree_says_two_people_are(pedigree, pair, expected):
    assert stated_relationship(family(pedigree), *pair) == expected


def test_twins_are_one_person():
    assert stated_relationship(family("a: f m; b = a"), "a", "b") == "identical"


def test_double_first_cousins_share_two_alleles_one_time_in_sixteen():
    pedigree = family("p: f m; q: f m; r: g n; s: g n; a: p r; b: q s")

    share = sharing(pedigree, "a", "b")

    assert share == pytest.approx((9 / 16, 6 / 16, 1 / 16))


@given(at=loci(silent=True), data=st.data())
@settings(max_examples=20)
def test_rows_added_up_are_the_sum_over_markers(at, data):
    of = Loci(population="", by_marker={at.marker: at})
    shown = [allele for allele in at.alleles if allele != "silent"]
    call = st.tuples(st.sampled_from([*shown, "?"]), st.sampled_from(shown))
    people = [{at.marker: data.draw(call)} for _ in range(3)] + [{}]
    ratios = PairRatios(Seen(of, people), "full_sibs")

    whole = add_up(ratios.rows_against([0, 1, 2, 3]), ratios.codes)

    for one in range(4):
        for other in range(4):
            np.testing.assert_allclose(whole[other, one], ratios.of_pair(one, other).sum(), rtol=1e-12)


@given(at=loci(models=[MutationKind.STEPWISE, MutationKind.EQUAL], stationary=True))
@settings(max_examples=20)
def test_unrelated_people_have_a_mean_ratio_of_one(at):
    calls = [(at.alleles[a], at.alleles[b]) for a, b in at.genotypes.tolist()]

    for name in RELATIONSHIPS:
        ratios = np.exp(log_lr_of_pairs(at, name, calls))
        mean = at.population_genotypes @ ratios @ at.population_genotypes
        assert mean == pytest.approx(1, rel=1e-12)
