"""Tables of families: closed formulas, laws, and agreement with the likelihood itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from homeward.errors import Impossible, NotFound
from homeward.genetics.likelihood import log_likelihood
from homeward.genetics.locus import Locus
from homeward.genetics.observation import observation_row
from homeward.genetics.tables import (
    engine_for,
    family_tables,
    informative,
    joint_tables,
    log_likelihoods,
    log_lr_of_call,
    log_probability_of_call,
    ratio_table,
)
from homeward.programme import Call, Member, MutationKind, Pedigree, Transform
from tests.homeward.genetics.kin import calls, family, loci, locus, observations, pedigrees

any_family = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
P, Q, R = 0.1, 0.3, 0.6
THREE = locus({"8": P, "9": Q, "10": R})


def likelihood_ratio(pedigree: Pedigree, relatives: dict[str, Call], missing: str, call: str) -> float:
    first, second = call.split("/")
    return math.exp(log_lr_of_call(ratio_table(pedigree, THREE, relatives, missing), THREE, (first, second)))


# P(no, one, two alleles by descent) of a pair that is not inbred
RELATIONS = {
    "parent and child": ("x: y -", (0, 1, 0)),
    "full siblings": ("x: f m; y: f m", (1 / 4, 1 / 2, 1 / 4)),
    "half siblings": ("x: f -; y: f -", (1 / 2, 1 / 2, 0)),
    "uncle": ("b: f m; y: f m; x: b -", (1 / 2, 1 / 2, 0)),
    "grandparent": ("b: y -; x: b -", (1 / 2, 1 / 2, 0)),
    "first cousins": ("b: f m; c: f m; x: b -; y: c -", (3 / 4, 1 / 4, 0)),
    "second cousins": ("b: f m; c: f m; d: b -; e: c -; x: d -; y: e -", (15 / 16, 1 / 16, 0)),
    "double first cousins": ("a: f m; b: f m; c: g h; d: g h; x: a c; y: b d", (9 / 16, 6 / 16, 1 / 16)),
    "identical twins": ("x: f m; y = x", (0, 0, 1)),
}


def _by_descent(first: tuple[str, str], second: tuple[str, str], chances: tuple[float, float, float]) -> float:
    """LR of two genotypes from the chances of alleles by descent: the textbook sum, allele by allele."""
    p = dict(zip(THREE.alleles, THREE.frequencies.tolist(), strict=True))
    one = sum((a == b) / p[b] for a in first for b in second) / 4
    both = sum((first[0], first[1]) == pair for pair in (second, second[::-1])) / 2 / (p[second[0]] * p[second[1]])
    return chances[0] + chances[1] * one + chances[2] * both


@pytest.mark.parametrize("relation", RELATIONS)
def test_every_genotype_has_the_likelihood_ratio_of_the_closed_formula(relation: str) -> None:
    text, chances = RELATIONS[relation]
    pedigree = family(text)
    for second in THREE.genotypes:
        seen = (THREE.alleles[second[0]], THREE.alleles[second[1]])
        table = ratio_table(pedigree, THREE, {"y": seen}, "x")
        expected = [_by_descent((THREE.alleles[a], THREE.alleles[b]), seen, chances) for a, b in THREE.genotypes]
        np.testing.assert_allclose(table, expected, rtol=1e-14, atol=0)


def test_the_child_of_a_heterozygous_mother() -> None:
    # mother 8/9, missing child 8/10: 1/2 for the 8, r for the 10, against 2pr
    assert likelihood_ratio(family("x: - mother"), calls(mother="8/9"), "x", "8/10") == pytest.approx(1 / (4 * P))


def test_a_partial_call_of_remains_weighs_every_genotype_it_may_be() -> None:
    # father 8/8: the child has an 8 for certain; in the population p (2 - p)
    assert likelihood_ratio(family("x: father -"), calls(father="8/8"), "x", "8/?") == pytest.approx(1 / (P * (2 - P)))
    assert likelihood_ratio(family("x: father -"), calls(father="8/8"), "x", "?/?") == 1


def test_a_direct_reference_answers_for_the_person() -> None:
    table = ratio_table(family("x: father -"), THREE, calls(father="8/8", x="8/9"), "x")
    assert table.tolist() == pytest.approx([0, 1 / (2 * P * Q), 0, 0, 0, 0])


def test_without_a_typed_relative_by_blood_the_ratio_is_one() -> None:
    at = locus({"8": P, "9": 1 - P}, MutationKind.EQUAL, female=0.01, male=0.01)
    pedigree = family(
        "x: father mother; child: x wife; brother: wifes_father wifes_mother; wife: wifes_father wifes_mother"
    )
    for relatives in ({}, calls(wife="8/9"), calls(wife="8/9", brother="8/8"), calls(father="?/?")):
        assert not informative(pedigree, relatives, "x")
        assert ratio_table(pedigree, at, relatives, "x").tolist() == [1, 1, 1]
    assert informative(pedigree, calls(wife="8/9", child="8/8"), "x")
    assert informative(pedigree, calls(x="8/9"), "x")
    with pytest.raises(NotFound, match="no member ghost"):
        informative(pedigree, {}, "ghost")


def test_a_contradiction_gives_no_table() -> None:
    trio = family("x: father mother; sister: father mother")
    contradictory = calls(father="8/8", sister="9/10")
    with pytest.raises(Impossible, match="family F: the calls of marker L contradict"):
        ratio_table(trio, THREE, contradictory, "x")
    tables = family_tables(trio, [THREE], {m: {"L": call} for m, call in contradictory.items()}, "x")
    assert tables.log_likelihood.tolist() == [-math.inf]
    assert tables.ratios[0].tolist() == [1] * THREE.size


def test_pruned_tables_divide_by_the_pruned_family() -> None:
    # the untyped mother of the missing and of his typed brother: kept in the numerator (two children),
    # pruned in the denominator (one). By hand with two alleles: P(brother 8 from her) = p, not p M.
    at = locus({"8": P, "9": 1 - P}, MutationKind.EQUAL, female=0.02, male=0.0)
    brothers = family("x: - mother; y: - mother")
    observed = calls(y="8/8")
    joint_hers = sum(
        pa * pb * ((ma + mb) / 2) ** 2
        for pa, ma in ((P, 0.98), (1 - P, 0.02))
        for pb, mb in ((P, 0.98), (1 - P, 0.02))
    )  # fmt: skip
    expected = joint_hers * P * P / (P * P) / (P * P)
    assert ratio_table(brothers, at, observed, "x", prune=True)[0] == pytest.approx(expected, rel=1e-13)


def test_a_frequency_table_that_misses_one_gives_the_closed_formula_of_its_stated_frequencies() -> None:
    at = locus({"8": 0.1, "9": 0.3, "10": 0.59996})
    table = ratio_table(family("x: f m; y: f m"), at, calls(y="8/9"), "x")
    assert table[1] == pytest.approx(1 / 4 + (0.1 + 0.3) / 8 / (0.1 * 0.3) + 1 / (8 * 0.1 * 0.3), rel=1e-14)


def test_all_markers_of_a_family_at_once_are_the_markers_one_by_one() -> None:
    pedigree = family("x: father mother; y: father mother")
    second = locus({"6": 0.4, "7": 0.6}, marker="M", model=MutationKind.EQUAL, female=0.01, male=0.01)
    of = {"y": {"L": ("8", "9"), "M": ("6", "6")}, "father": {"M": ("6", "7")}}
    tables = family_tables(pedigree, [second, THREE], of, "x", engine="plain")
    np.testing.assert_array_equal(tables.ratios[1], ratio_table(pedigree, THREE, calls(y="8/9"), "x"))
    np.testing.assert_array_equal(tables.ratios[0], ratio_table(pedigree, second, calls(y="6/6", father="6/7"), "x"))
    expected = log_likelihoods(pedigree, [second, THREE], of, engine="plain").log_likelihood
    np.testing.assert_allclose(tables.log_likelihood, expected, rtol=1e-13)


def test_two_missing_brothers_inform_each_other() -> None:
    pedigree = family("a: father mother; b: father mother")
    of = {"mother": {"L": ("8", "9")}}
    seen = [("8", "10"), ("10", "10"), ("?", "8")]
    (joint,) = joint_tables(pedigree, [THREE], of, "a", "b", [seen], engine="plain")
    for call, row in zip(seen, joint, strict=True):
        possible = log_likelihood(pedigree, THREE, {"mother": ("8", "9"), "a": call}) > -math.inf
        expected = ratio_table(pedigree, THREE, {"mother": ("8", "9"), "a": call}, "b") if possible else np.zeros(6)
        np.testing.assert_array_equal(row, expected)
    assert joint[1].tolist() == [0] * 6  # his mother has no 10


def test_a_missing_man_with_a_reference_of_his_own_cannot_be_observed_as_another() -> None:
    pedigree = family("a: father mother; b: father mother")
    (joint,) = joint_tables(pedigree, [THREE], {"a": {"L": ("8", "9")}}, "a", "b", [[("8", "10"), ("9", "?")]])
    assert joint[0].tolist() == [0] * 6
    np.testing.assert_array_equal(joint[1], ratio_table(pedigree, THREE, calls(a="8/9"), "b"))


def test_small_work_is_done_plainly_and_large_work_compiled() -> None:
    assert engine_for(5, 15) == "plain"
    assert engine_for(5300, 24) == "compiled"


def test_the_probability_of_a_call_in_the_population() -> None:
    assert math.exp(log_probability_of_call(THREE, ("8", "9"))) == pytest.approx(2 * P * Q)
    assert math.exp(log_probability_of_call(THREE, ("8", "?"))) == pytest.approx(P * (2 - P))
    assert log_probability_of_call(THREE, ("?", "?")) == 0
    assert observation_row(THREE, ("9", "8")).tolist() == [0, 1, 0, 0, 0, 0]


def _drawn(data: st.DataObject, *, stationary: bool = False) -> tuple[Pedigree, Locus, dict[str, Call], str]:
    pedigree, at = data.draw(pedigrees()), data.draw(loci(stationary=stationary))
    observed = data.draw(observations(pedigree, at))
    assume(log_likelihood(pedigree, at, observed) > -math.inf)
    return pedigree, at, observed, data.draw(st.sampled_from(pedigree.members)).member_id


@any_family
@given(st.data())
def test_the_mean_likelihood_ratio_of_strangers_is_one(data: st.DataObject) -> None:
    pedigree, at, observed, missing = _drawn(data)
    table = ratio_table(pedigree, at, observed, missing)
    assert float(table @ at.population_genotypes) == pytest.approx(1, rel=1e-12)


@any_family
@given(st.data())
def test_a_table_times_the_family_is_the_likelihood_with_the_remains_in_it(data: st.DataObject) -> None:
    pedigree, at, observed, missing = _drawn(data)
    observed.pop(missing, None)
    assume(informative(pedigree, observed, missing))
    call = data.draw(st.tuples(*[st.sampled_from([*at.alleles, "?"])] * 2))
    for prune in (False, True):
        assume(call != ("?", "?") or not prune)  # an unseen body is no reason to keep anyone
        found = log_lr_of_call(ratio_table(pedigree, at, observed, missing, prune=prune), at, call)
        together = log_likelihood(pedigree, at, {**observed, missing: call}, prune=prune)
        apart = log_likelihood(pedigree, at, observed, prune=prune) + log_probability_of_call(at, call)
        assert math.exp(found) == pytest.approx(math.exp(together - apart), rel=1e-11, abs=0)


@any_family
@given(st.data())
def test_keeping_and_pruning_agree_under_a_stationary_model(data: st.DataObject) -> None:
    pedigree, at, observed, missing = _drawn(data, stationary=True)
    kept, pruned = (ratio_table(pedigree, at, observed, missing, prune=prune) for prune in (False, True))
    np.testing.assert_allclose(pruned, kept, rtol=1e-11)


def test_a_step_away_is_rare_but_not_impossible() -> None:
    at = locus({"8": 0.2, "9": 0.3, "10": 0.5}, MutationKind.STEPWISE, female=0.001, male=0.002, transform=Transform.PM)
    table = ratio_table(family("x: father -"), at, calls(father="8/8"), "x")
    near, far = table[2], table[5]  # 9/9 and 10/10
    assert 0 < far < near < 0.01


def test_what_the_plain_way_cannot_hold_is_peeled(monkeypatch):
    duo = Pedigree(
        family_id="F",
        members=(
            Member(family_id="F", member_id="father"),
            Member(family_id="F", member_id="child", father_id="father"),
        ),
    )
    calls = {"father": {"L": ("1", "2")}}
    loci = [Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.1, 0.9]))]
    expected = family_tables(duo, loci, calls, "child", engine="plain")
    monkeypatch.setattr("homeward.genetics.likelihood.LARGEST", 0)
    peeled = family_tables(duo, loci, calls, "child", engine="plain")
    assert np.allclose(peeled.ratios[0], expected.ratios[0], rtol=1e-14)
    assert np.allclose(peeled.log_likelihood, expected.log_likelihood, rtol=1e-14)
