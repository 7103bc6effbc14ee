"""Founders who are not independent: co-ancestry, drawn jointly over a whole hypothesis, and inbreeding."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, TooLarge
from homeward.genetics.founders import bell, drawn, probability_of, ways
from homeward.genetics.likelihood import Genes, People, drawn_variables, joint_genotypes, log_likelihood, size
from homeward.genetics.sampled import Sampling, _sums, sampled_log_likelihood, sampled_ratio_table
from homeward.genetics.tables import (
    coupled_genotypes,
    family_tables,
    genotypes_of,
    log_lr_of_call,
    ratio_table,
    with_strangers,
)
from homeward.programme import Call, MutationKind, Pedigree, Sex
from tests.homeward.genetics.kin import calls, coupled, family, loci, locus, observations, pedigrees, uncertain

any_family = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
P, Q, R, THETA = 0.1, 0.3, 0.6, 0.03
THREE = locus({"8": P, "9": Q, "10": R})
thetas = st.sampled_from([0.01, 0.03, 0.2])


def probability(pedigree: Pedigree, observed: dict[str, Call], *, theta: float = THETA) -> float:
    return math.exp(log_likelihood(pedigree, THREE, observed, theta=theta))


def test_the_match_probability_of_a_homozygote_is_that_of_balding_and_nichols() -> None:
    # P(8/8 | 8/8) = (2 theta + (1 - theta) p) (3 theta + (1 - theta) p) / ((1 + theta) (1 + 2 theta))
    expected = (2 * THETA + (1 - THETA) * P) * (3 * THETA + (1 - THETA) * P) / ((1 + THETA) * (1 + 2 * THETA))
    two = probability(family("a:; b:"), calls(a="8/8", b="8/8"))
    assert two / probability(family("a:"), calls(a="8/8")) == pytest.approx(expected, rel=1e-13)


def test_the_match_probability_of_a_heterozygote_is_that_of_balding_and_nichols() -> None:
    # P(8/9 | 8/9) = 2 (theta + (1 - theta) p) (theta + (1 - theta) q) / ((1 + theta) (1 + 2 theta))
    expected = 2 * (THETA + (1 - THETA) * P) * (THETA + (1 - THETA) * Q) / ((1 + THETA) * (1 + 2 * THETA))
    two = probability(family("a:; b:"), calls(a="8/9", b="9/8"))
    assert two / probability(family("a:"), calls(a="8/9")) == pytest.approx(expected, rel=1e-13)


def test_the_likelihood_ratio_of_a_parent_and_child_has_its_closed_form() -> None:
    # both 8/8, the other parent untyped: (1 + 2 theta) / (3 theta + (1 - theta) p)
    table = ratio_table(family("child: father -"), THREE, calls(father="8/8"), "child", theta=THETA)
    expected = (1 + 2 * THETA) / (3 * THETA + (1 - THETA) * P)
    assert math.exp(log_lr_of_call(table, THREE, ("8", "8"))) == pytest.approx(expected, rel=1e-13)
    # father 8/9, child 8/10: (1 + 2 theta) / (4 (theta + (1 - theta) p)), as the 8 was seen once before
    table = ratio_table(family("child: father -"), THREE, calls(father="8/9"), "child", theta=THETA)
    expected = (1 + 2 * THETA) / (4 * (THETA + (1 - THETA) * P))
    assert math.exp(log_lr_of_call(table, THREE, ("8", "10"))) == pytest.approx(expected, rel=1e-13)


def test_two_unrelated_people_have_the_genotypes_that_drawing_four_alleles_gives() -> None:
    both = coupled_genotypes(THREE, THETA)
    names = [(THREE.alleles[a], THREE.alleles[b]) for a, b in THREE.genotypes]
    for g, first in enumerate(names):
        for h, second in enumerate(names):
            expected = probability(family("a:; b:"), {"a": first, "b": second})
            assert both[g, h] == pytest.approx(expected, rel=1e-13)
    one = [probability(family("a:"), {"a": name}) for name in names]
    np.testing.assert_allclose(genotypes_of(THREE, male=False, theta=THETA), one, rtol=1e-13)


def test_unrelated_people_are_coupled_though_nothing_connects_them() -> None:
    pair, one = family("a: f m; b:"), family("a: f m")
    assert probability(pair, calls(a="8/8", b="8/8")) > probability(one, calls(a="8/8")) ** 2
    assert probability(pair, calls(a="8/8", b="8/8"), theta=0) == pytest.approx(
        probability(one, calls(a="8/8"), theta=0) ** 2, rel=1e-13
    )


def test_an_inbred_founder_is_more_often_homozygous() -> None:
    # F of the time both alleles are one: F p + (1 - F) p^2, and (1 - F) 2pq
    alone = family("a:")
    inbred = replace(alone, members=tuple(replace(member, inbreeding=0.25) for member in alone.members))
    assert probability(inbred, calls(a="8/8"), theta=0) == pytest.approx(0.25 * P + 0.75 * P**2, rel=1e-14)
    assert probability(inbred, calls(a="8/9"), theta=0) == pytest.approx(0.75 * 2 * P * Q, rel=1e-14)
    # with theta the two draws are dependent besides
    expected = 0.25 * P + 0.75 * P * (THETA + (1 - THETA) * P)
    assert probability(inbred, calls(a="8/8")) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("engine", ["plain", "compiled"])
def test_an_inbred_founder_counts_in_every_table_whichever_engine_is_asked(engine: str) -> None:
    # the father's other allele is the 8 as well with chance F, so his son's is 8 with (1 + F) / 2 + ...
    duo = family("a: father mother; b: father mother")
    inbred = replace(duo, members=tuple(replace(m, inbreeding=0.5 * (m.member_id == "father")) for m in duo.members))
    typed = {"a": {"L": ("8", "9")}, "mother": {"L": ("9", "9")}}
    tables = family_tables(inbred, [THREE], typed, "b", engine=engine)  # type: ignore[arg-type]
    # b is 8/9 if he gets the same allele (1/2 + F/2), or the other, which is an 8 in p of the cases
    expected = (0.75 + 0.25 * P) / (2 * P * Q)
    assert math.exp(log_lr_of_call(tables.ratios[0], THREE, ("8", "9"))) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize(("unknown", "pairs"), [(0, ()), (1, ()), (4, ()), (4, ((0, 1), (2, 3))), (6, ((1, 4),))])
def test_the_ways_are_all_there_and_their_probabilities_sum_to_one(
    unknown: int, pairs: tuple[tuple[int, int], ...]
) -> None:
    found = ways(unknown, pairs)
    assert sum(way.number for way in found) == bell(unknown)
    assert sum(probability_of(way, THETA, 3) for way in found) == pytest.approx(1, rel=1e-13)


def test_size_tells_how_many_ways_there_are_before_starting() -> None:
    sibs = family("a: father mother; b: father mother")
    assert size(sibs, THREE, calls(a="8/9", b="8/9"), theta=THETA) == bell(4)
    assert size(sibs, THREE, calls(a="8/9", b="8/9"), theta=0) == 1
    # a typed father's alleles are known; of a mother with one child one allele drops out
    assert size(sibs, THREE, calls(father="8/8", a="8/9", b="8/9"), theta=THETA) == bell(2)
    assert size(family("a: father mother"), THREE, calls(father="8/8", a="8/9"), theta=THETA) == bell(1)


def test_too_many_unknown_founder_alleles_are_refused_with_their_number_and_the_cheaper_way() -> None:
    crowd = family("; ".join(f"a{i}: f{i} m{i}; b{i}: f{i} m{i}" for i in range(3)))
    observed = {f"{who}{i}": ("8", "9") for who in "ab" for i in range(3)}
    with pytest.raises(TooLarge, match=r"family F, marker L: .* 12 unknown .* 4,213,597 ways.*sampled"):
        log_likelihood(crowd, THREE, observed, theta=THETA)


def test_the_estimate_of_what_is_too_large_agrees_within_its_standard_error() -> None:
    sibs, observed = family("a: father mother; b: father mother"), calls(a="8/8", b="8/9")
    exact = log_likelihood(sibs, THREE, observed, theta=THETA)
    found = sampled_log_likelihood(sibs, THREE, observed, theta=THETA, draws=2000, rng=np.random.default_rng(7))
    assert 0 < found.standard_error < 0.05
    assert abs(found.log_likelihood - exact) < 4 * found.standard_error


def test_the_estimate_of_a_table_agrees_within_its_standard_error() -> None:
    sibs, observed = family("a: father mother; b: father mother"), calls(a="8/9")
    exact = ratio_table(sibs, THREE, observed, "b", theta=THETA)
    found = sampled_ratio_table(sibs, THREE, observed, "b", theta=THETA, draws=1000, rng=np.random.default_rng(3))
    assert found.relative_error.max() < 0.1
    np.testing.assert_array_less(np.abs(found.ratio / exact - 1), 4 * found.relative_error + 1e-12)


def test_a_family_too_large_to_be_exact_is_estimated_where_that_is_asked_for_and_no_other() -> None:
    crowd = family("; ".join(f"a{i}: f{i} m{i}; b{i}: f{i} m{i}" for i in range(3)))
    observed = {f"{who}{i}": {"L": ("8", "9")} for who in "ab" for i in range(3) if (who, i) != ("b", 0)}
    sampling = Sampling(draws=500, seed=4)
    found = family_tables(crowd, [THREE], observed, "b0", theta=THETA, sampling=sampling)
    again = family_tables(crowd, [THREE], observed, "b0", theta=THETA, sampling=sampling)
    np.testing.assert_array_equal(found.ratios[0], again.ratios[0])
    assert (found.errors["L"] > 0).all()
    assert found.errors["L"].max() < 0.1
    assert found.ratios[0] @ found.unrelated[0] == pytest.approx(1, rel=1e-12)
    small = family("a: father mother; b: father mother")
    exact = family_tables(small, [THREE], {"a": {"L": ("8", "9")}}, "b", theta=THETA, sampling=sampling)
    np.testing.assert_array_equal(exact.ratios[0], ratio_table(small, THREE, calls(a="8/9"), "b", theta=THETA))
    assert not exact.errors


@any_family
@given(st.data())
def test_all_draws_side_by_side_are_the_family_with_each_draw_by_itself(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees(largest=4, sexed=True)), data.draw(loci())
    observed, theta = data.draw(observations(pedigree, at)), data.draw(thetas)
    people = People(pedigree, observed, target=None, prune=False)
    found = _sums(people, at.completed, theta, 3, np.random.default_rng(1))
    alleles = [
        int(domain[0])
        for domain in (Genes.of(people, at.completed).domains[v] for v in drawn_variables(people, Genes.of(people, at)))
        if len(domain) == 1
    ]
    for of in found:
        for values, frequencies in zip(of.values[:, 0], of.frequencies, strict=True):
            alone = log_likelihood(pedigree, replace(at.completed, frequencies=frequencies), observed)
            known = drawn(alleles, at.completed.frequencies, theta)
            assert known is not None
            # founder alleles that are known have their exact probability in place of that of the draw
            expected = alone - float(np.log(frequencies[alleles]).sum()) + known.log_probability
            assert values * math.exp(of.log_scale) == pytest.approx(math.exp(expected), rel=1e-9, abs=1e-300)


@pytest.mark.parametrize("theta", [-0.01, 1.0, 2.0])
def test_a_theta_that_is_no_coefficient_is_refused(theta: float) -> None:
    with pytest.raises(Nonsense, match="at least 0 and below 1"):
        log_likelihood(family("a:"), THREE, calls(a="8/9"), theta=theta)


@any_family
@given(st.data())
def test_the_sum_over_ways_is_that_of_drawing_every_founder_allele(data: st.DataObject) -> None:
    x_linked = data.draw(st.booleans())
    pedigree = data.draw(pedigrees(largest=4, sexed=True))
    degree = st.sampled_from([None, 0.125, 0.5])
    members = tuple(
        member if member.father_id or member.mother_id else replace(member, inbreeding=data.draw(degree))
        for member in pedigree.members
    )
    pedigree = replace(pedigree, members=members)
    at = data.draw(loci(x_linked=x_linked))
    observed = data.draw(observations(pedigree, at))
    theta = data.draw(st.sampled_from([0.0, 0.03, 0.2]))
    found = math.exp(log_likelihood(pedigree, at, observed, theta=theta))
    assert found == pytest.approx(coupled(pedigree, at, observed, theta), rel=1e-11, abs=1e-300)


@any_family
@given(st.data())
def test_with_errors_and_silent_alleles_it_is_that_of_drawing_every_founder_allele_too(data: st.DataObject) -> None:
    pedigree = data.draw(pedigrees(largest=3, sexed=True))
    at = data.draw(loci(largest=2, silent=True))
    seen, theta = data.draw(uncertain(pedigree, at)), data.draw(thetas)
    found = math.exp(log_likelihood(pedigree, at, seen, theta=theta))
    assert found == pytest.approx(coupled(pedigree, at, seen, theta), rel=1e-11, abs=1e-300)


@any_family
@given(st.data())
def test_as_theta_vanishes_founders_become_independent(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees(largest=4)), data.draw(loci())
    observed = data.draw(observations(pedigree, at))
    independent = math.exp(log_likelihood(pedigree, at, observed))
    assert math.exp(log_likelihood(pedigree, at, observed, theta=1e-12)) == pytest.approx(
        independent, rel=1e-7, abs=1e-10
    )


@any_family
@given(st.data())
def test_with_theta_the_genotypes_of_someone_untyped_sum_to_the_probability_of_the_calls(data: st.DataObject) -> None:
    pedigree, at, theta = data.draw(pedigrees(largest=4)), data.draw(loci()), data.draw(thetas)
    observed = data.draw(observations(pedigree, at))
    member = data.draw(st.sampled_from(pedigree.members)).member_id
    whole = float(joint_genotypes(pedigree, at, observed, member, theta=theta).sum())
    expected = math.exp(log_likelihood(pedigree, at, observed, theta=theta))
    assert whole == pytest.approx(expected, rel=1e-11, abs=1e-300)


@any_family
@given(st.data())
def test_someone_unrelated_has_a_likelihood_ratio_of_one_on_average(data: st.DataObject) -> None:
    pedigree, at, theta = data.draw(pedigrees(largest=4)), data.draw(loci()), data.draw(thetas)
    observed = data.draw(observations(pedigree, at))
    member = data.draw(st.sampled_from(pedigree.members)).member_id
    table = family_tables(
        pedigree, [at], {person: {"L": call} for person, call in observed.items()}, member, theta=theta
    )
    assert float(table.ratios[0] @ table.unrelated[0]) == pytest.approx(1, rel=1e-10)


@any_family
@given(st.data())
def test_the_names_of_alleles_do_not_matter_with_theta(data: st.DataObject) -> None:
    pedigree, theta = data.draw(pedigrees(largest=4)), data.draw(thetas)
    at = data.draw(loci(models=[MutationKind.NONE, MutationKind.EQUAL]))
    observed = data.draw(observations(pedigree, at))
    order = list(reversed(range(len(at.alleles))))
    matrices = {
        name: None if matrix is None else matrix[np.ix_(order, order)]
        for name, matrix in (("female", at.female), ("male", at.male))
    }
    alleles = tuple(at.alleles[i] for i in order)
    turned = replace(at, alleles=alleles, frequencies=at.frequencies[order], **matrices)
    found = math.exp(log_likelihood(pedigree, turned, observed, theta=theta))
    assert found == pytest.approx(math.exp(log_likelihood(pedigree, at, observed, theta=theta)), rel=1e-11, abs=1e-300)


def test_a_table_of_theta_is_the_ratio_of_two_likelihoods() -> None:
    at = locus({"8": P, "9": Q, "10": R}, MutationKind.STEPWISE, female=0.002, male=0.004)
    sibs = family("a: father mother; b: father mother; nephew: b inlaw")
    observed = calls(b="8/9", nephew="9/10")
    table = ratio_table(sibs, at, observed, "a", theta=THETA)
    together, (stranger,) = with_strangers(sibs, [Sex.UNKNOWN])
    for call in (("8", "8"), ("8", "9"), ("10", "10")):
        expected = log_likelihood(sibs, at, {**observed, "a": call}, theta=THETA)
        expected -= log_likelihood(together, at, {**observed, stranger: call}, theta=THETA)
        assert log_lr_of_call(table, at, call) == pytest.approx(expected, abs=1e-12)
