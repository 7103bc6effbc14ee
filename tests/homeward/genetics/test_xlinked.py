"""Markers of the X chromosome: a man has one allele, his mother's, and gives it to every daughter."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense
from homeward.genetics.likelihood import joint_genotypes, log_likelihood
from homeward.genetics.tables import family_tables, genotypes_of, log_lr_of_call, log_probability_of_call, ratio_table
from homeward.programme import Call, MutationKind, Pedigree, Sex
from tests.homeward.genetics.kin import calls, enumerated, family, loci, locus, observations, pedigrees, uncertain

any_family = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
P, Q, R = 0.1, 0.3, 0.6
X = replace(locus({"8": P, "9": Q, "10": R}), x_linked=True)


def sexed(text: str, *, men: str = "", women: str = "") -> Pedigree:
    of = dict.fromkeys(men.split(), Sex.MALE) | dict.fromkeys(women.split(), Sex.FEMALE)
    plain = family(text)
    members = tuple(replace(member, sex=of.get(member.member_id, member.sex)) for member in plain.members)
    return replace(plain, members=members)


def probability(pedigree: Pedigree, observed: dict[str, Call]) -> float:
    return math.exp(log_likelihood(pedigree, X, observed))


def test_a_father_and_daughter_share_his_only_allele() -> None:
    # father 8, daughter 8/9: p for him, q for her mother's 9; unrelated p * 2pq, so LR = 1 / (2p)
    duo = sexed("daughter: father mother", women="daughter")
    assert probability(duo, calls(father="8/8", daughter="8/9")) == pytest.approx(P * Q, rel=1e-14)
    table = ratio_table(duo, X, calls(father="8/8"), "daughter")
    assert math.exp(log_lr_of_call(table, X, ("8", "9"))) == pytest.approx(1 / (2 * P), rel=1e-14)


def test_a_daughter_without_her_fathers_allele_is_not_his() -> None:
    duo = sexed("daughter: father mother", women="daughter")
    assert log_likelihood(duo, X, calls(father="8/8", daughter="9/10")) == -math.inf


def test_paternal_half_sisters_always_share_an_allele() -> None:
    # both 8/9: both have his 8 and their mothers' 9 (p q^2), or his 9 and their mothers' 8 (q p^2)
    sisters = sexed("a: father -; b: father -", women="a b")
    expected = P * Q**2 + Q * P**2
    assert probability(sisters, calls(a="8/9", b="8/9")) == pytest.approx(expected, rel=1e-14)
    assert log_likelihood(sisters, X, calls(a="8/8", b="9/10")) == -math.inf


def test_a_father_says_nothing_about_his_son() -> None:
    duo = sexed("son: father mother", men="son")
    table = ratio_table(duo, X, calls(father="8/8"), "son")
    assert math.exp(log_lr_of_call(table, X, ("9", "9"), male=True)) == pytest.approx(1, rel=1e-14)


def test_a_mother_gives_her_son_one_of_her_two() -> None:
    duo = sexed("son: father mother", men="son")
    table = ratio_table(duo, X, calls(mother="8/9"), "son")
    # 1/2 against p, however his one allele is written
    for call in (("8", "8"), ("8", "?"), ("?", "8")):
        assert math.exp(log_lr_of_call(table, X, call, male=True)) == pytest.approx(0.5 / P, rel=1e-14)
    assert log_lr_of_call(table, X, ("8", "9"), male=True) == -math.inf
    assert log_lr_of_call(table, X, ("10", "10"), male=True) == -math.inf


def test_a_mans_allele_has_its_frequency_in_the_population() -> None:
    assert log_probability_of_call(X, ("8", "8"), male=True) == pytest.approx(math.log(P), rel=1e-14)
    assert log_probability_of_call(X, ("8", "8")) == pytest.approx(2 * math.log(P), rel=1e-14)
    assert genotypes_of(X, male=True).sum() == pytest.approx(1, rel=1e-14)


def test_an_allele_mutates_at_the_rate_of_the_parent_it_comes_from() -> None:
    at = replace(locus({"8": P, "9": Q, "10": R}, MutationKind.EQUAL, female=0.002, male=0.008), x_linked=True)
    son, daughter = sexed("son: - mother", men="son"), sexed("daughter: father -", women="daughter")
    mother_to_son = math.exp(log_likelihood(son, at, calls(mother="8/8", son="9/9")))
    assert mother_to_son == pytest.approx(P**2 * 0.001, rel=1e-13)
    # the daughter's 9/9: his 8 became 9, and her mother's is 9 after a meiosis
    from_mother = Q * 0.998 + (P + R) * 0.001
    father_to_daughter = math.exp(log_likelihood(daughter, at, calls(father="8/8", daughter="9/9")))
    assert father_to_daughter == pytest.approx(P * 0.004 * from_mother, rel=1e-13)


def test_two_alleles_of_a_man_are_impossible() -> None:
    assert log_likelihood(sexed("a:", men="a"), X, calls(a="8/9")) == -math.inf


def test_a_sex_that_is_not_stated_is_refused_for_the_marker() -> None:
    with pytest.raises(Nonsense, match="sex of b is not stated"):
        log_likelihood(sexed("b: father mother"), X, calls(b="8/9"))


def test_someone_missing_of_unknown_sex_gets_no_word_from_the_x_chromosome() -> None:
    table = ratio_table(sexed("b: father mother"), X, calls(mother="8/9"), "b")
    np.testing.assert_array_equal(table, np.ones(X.size))


@any_family
@given(st.data())
def test_the_sum_over_alleles_is_that_of_enumeration(data: st.DataObject) -> None:
    pedigree = data.draw(pedigrees(largest=5, sexed=True))
    at = data.draw(loci(x_linked=True))
    observed = data.draw(observations(pedigree, at))
    expected = enumerated(pedigree, at, observed)
    assert math.exp(log_likelihood(pedigree, at, observed)) == pytest.approx(expected, rel=1e-11, abs=1e-300)


@any_family
@given(st.data())
def test_with_errors_and_silent_alleles_it_is_that_of_enumeration_too(data: st.DataObject) -> None:
    pedigree = data.draw(pedigrees(largest=4, sexed=True))
    at = data.draw(loci(x_linked=True, silent=True))
    seen = data.draw(uncertain(pedigree, at))
    expected = enumerated(pedigree, at, seen)
    assert math.exp(log_likelihood(pedigree, at, seen)) == pytest.approx(expected, rel=1e-11, abs=1e-300)


@any_family
@given(st.data())
def test_genotypes_sum_to_the_probability_of_the_calls(data: st.DataObject) -> None:
    pedigree = data.draw(pedigrees(largest=5, sexed=True))
    at = data.draw(loci(x_linked=True))
    observed = data.draw(observations(pedigree, at))
    member = data.draw(st.sampled_from(pedigree.members)).member_id
    whole = float(joint_genotypes(pedigree, at, observed, member).sum())
    assert whole == pytest.approx(math.exp(log_likelihood(pedigree, at, observed)), rel=1e-11, abs=1e-300)


def test_x_and_autosomal_tables_stand_side_by_side_whichever_engine_is_asked() -> None:
    # 8 on the X chromosome of the mother, 8/9 on her autosome
    autosomal = replace(locus({"8": P, "9": Q, "10": R}), marker="A")
    pedigree = sexed("son: father mother; sister: father mother", men="son", women="sister")
    typed = {"mother": {"A": ("8", "9"), "L": ("8", "10")}, "sister": {"A": ("8", "10"), "L": ("8", "9")}}
    plain, compiled = (
        family_tables(pedigree, [X, autosomal, X], typed, "son", engine=engine) for engine in ("plain", "compiled")
    )
    assert plain.male
    assert compiled.male
    for one, other in zip(plain.ratios, compiled.ratios, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(plain.log_likelihood, compiled.log_likelihood, rtol=1e-12)
