"""Families at SNPs: by enumeration, by the STR engine with two alleles, by the closed form, and by laws."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, NotFound, TooLarge
from homeward.genetics.likelihood import log_likelihood
from homeward.genetics.snp.founders import frequencies_within, hardy_weinberg
from homeward.genetics.snp.pedigree import member_genotypes
from homeward.genetics.snp.relationship import RELATIONSHIPS, sharing_ratios
from homeward.programme import Member, MutationKind, Pedigree
from tests.homeward.genetics.kin import family, locus, pedigrees

UNSEEN = np.zeros((1, 3))


def soft(random, n=1):
    """Natural log of P(seen | genotype) of someone read a little."""
    return np.log(random.uniform(0.02, 1, (n, 3)))


def certain(*genotypes):
    return np.where(np.array(genotypes)[:, None] == np.arange(3), 0.0, -np.inf)


def passed(genotype, mutation):
    return genotype / 2 * (1 - mutation) + (1 - genotype / 2) * mutation


def enumerated(pedigree, seen, p, mutation=0.0):
    """P(seen) at one SNP, by going through every genotype of everyone; an unstated parent is the population."""
    members = pedigree.members
    total = 0.0
    for genotypes in itertools.product(range(3), repeat=len(members)):
        state = dict(zip((member.member_id for member in members), genotypes, strict=True))
        chance = 1.0
        for member in members:
            if member.member_id in seen:
                chance *= math.exp(seen[member.member_id][0, state[member.member_id]])
            chance *= genotype_chance(member, state, p, mutation)
        total += chance
    return total


def genotype_chance(member, state, p, mutation):
    genotype = state[member.member_id]
    if member.twin_of:
        return float(genotype == state[member.twin_of])
    if not (member.father_id or member.mother_id):
        prior = hardy_weinberg(np.array([p]), member.inbreeding or 0.0)
        return float(prior[genotype, 0])
    population = p * (1 - mutation) + (1 - p) * mutation
    a, b = (
        passed(state[parent], mutation) if parent else population for parent in (member.father_id, member.mother_id)
    )
    return ((1 - a) * (1 - b), a * (1 - b) + (1 - a) * b, a * b)[genotype]


@settings(max_examples=60, deadline=None)
@given(pedigrees(largest=5), st.integers(0, 2**32), st.sampled_from([0.0, 0.01, 0.2]), st.floats(0.01, 0.99))
def test_any_family_has_the_probability_that_enumeration_finds(pedigree, seed, mutation, p):
    random = np.random.default_rng(seed)
    names = [member.member_id for member in pedigree.members]
    seen = {name: soft(random) for name in names if random.random() < 0.6}
    target = str(random.choice(names))
    found = member_genotypes(pedigree, seen, target, [p], mutation=mutation)
    whole = enumerated(pedigree, seen, p, mutation)
    own = seen.get(target, UNSEEN)
    each = [enumerated(pedigree, {**seen, target: own + certain(g)}, p, mutation) / whole for g in range(3)]
    assert found.log_likelihood[0] == pytest.approx(math.log(whole), rel=1e-12, abs=1e-12)
    related = not np.array_equal(found.member, found.unrelated)
    assert found.member[0] == pytest.approx(each if related else hardy_weinberg(np.array([p]))[:, 0], rel=1e-11)


@settings(max_examples=40, deadline=None)
@given(pedigrees(largest=6), st.integers(0, 2**32), st.sampled_from([0.0, 0.003]), st.floats(0.05, 0.95))
def test_certain_genotypes_have_the_probability_of_a_marker_with_two_alleles(pedigree, seed, mutation, p):
    random = np.random.default_rng(seed)
    typed = {m.member_id: int(random.integers(3)) for m in pedigree.members if random.random() < 0.5}
    model = MutationKind.EQUAL if mutation else MutationKind.NONE
    at = locus({"a": 1 - p, "b": p}, model, female=mutation, male=mutation)
    calls = {person: (("a", "a"), ("a", "b"), ("b", "b"))[genotype] for person, genotype in typed.items()}
    seen = {person: certain(genotype) for person, genotype in typed.items()}
    found = member_genotypes(pedigree, seen, "p0", [p], mutation=mutation)
    assert found.log_likelihood[0] == pytest.approx(log_likelihood(pedigree, at, calls), rel=1e-11, abs=1e-11)


def test_an_inbred_founder_passes_on_what_enumeration_finds():
    members = (
        Member(family_id="F", member_id="f", inbreeding=0.3),
        Member(family_id="F", member_id="c", father_id="f"),
        Member(family_id="F", member_id="d", father_id="f"),
    )
    pedigree, seen = Pedigree(family_id="F", members=members), {"d": soft(np.random.default_rng(3))}
    found = member_genotypes(pedigree, seen, "c", [0.2])
    whole = enumerated(pedigree, seen, 0.2)
    each = [enumerated(pedigree, {**seen, "c": certain(g)}, 0.2) / whole for g in range(3)]
    assert found.member[0] == pytest.approx(each, rel=1e-13)


FAMILIES = {
    "identical": ("a: f m; b = a", "a", "b"),
    "parent_child": ("b: a m", "a", "b"),
    "full_sibs": ("a: f m; b: f m", "a", "b"),
    "second_degree": ("a: f m; b: f n", "a", "b"),
    "first_cousins": ("x: f m; y: f m; a: x u; b: y v", "a", "b"),
    "fourth_degree": ("x: f m; y: f m; a: x u; c: y v; b: c w", "a", "b"),
    "second_cousins": ("x: f m; y: f m; c: x u; d: y v; a: c s; b: d t", "a", "b"),
}


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("theta", [0.0, 0.01, 0.2])
def test_the_family_and_the_closed_form_agree_on_two_people(name, theta):
    text, one, other = FAMILIES[name]
    random = np.random.default_rng(11)
    p = random.uniform(0.02, 0.98, 300)
    first, second = soft(random, 300), soft(random, 300)
    found = member_genotypes(family(text), {one: first}, other, p, theta=theta)
    closed = np.log(sharing_ratios(first, second, p, theta=theta) @ np.array(RELATIONSHIPS[name]))
    np.testing.assert_allclose(found.log_lr(second), closed, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("text", ["a: f m; b: f n", "a: f m; u: f m; b: u v", "a: g m; f: a n; b: f w"])
def test_half_sibs_uncle_and_grandparent_are_alike(text):
    random = np.random.default_rng(5)
    p, first, second = random.uniform(0.02, 0.98, 50), soft(random, 50), soft(random, 50)
    pedigree, one = family(text), "g" if "a: g" in text else "a"
    other = "f" if "a: g" in text else "b"
    found = member_genotypes(pedigree, {one: first}, other, p).log_lr(second)
    closed = np.log(sharing_ratios(first, second, p) @ np.array(RELATIONSHIPS["second_degree"]))
    np.testing.assert_allclose(found, closed, rtol=1e-12, atol=1e-12)


def test_the_frequencies_within_a_group_have_the_moments_of_balding_and_nichols():
    p, theta = np.array([0.001, 0.1, 0.5, 0.97]), 0.03
    nodes, weights = frequencies_within(p, theta, people=6)
    power = np.ones_like(p)
    for k in range(13):
        np.testing.assert_allclose((weights * nodes**k).sum(axis=0), power, rtol=1e-12)
        power = power * (k * theta + (1 - theta) * p) / (1 + (k - 1) * theta)


def test_with_theta_two_strangers_share_a_rare_allele_as_balding_and_nichols_say():
    p, theta = 0.05, 0.02
    homozygote = certain(2)
    pedigree = family("b: a m; s: t u")
    found = member_genotypes(pedigree, {"a": homozygote}, "b", [p], theta=theta)
    expected = (2 * theta + (1 - theta) * p) * (3 * theta + (1 - theta) * p) / ((1 + theta) * (1 + 2 * theta))
    assert found.unrelated[0, 2] == pytest.approx(expected, rel=1e-12)
    assert found.member[0, 2] == pytest.approx((2 * theta + (1 - theta) * p) / (1 + theta), rel=1e-12)


@settings(max_examples=30, deadline=None)
@given(pedigrees(largest=6), st.integers(0, 2**32), st.sampled_from([0.0, 0.05]))
def test_the_likelihood_ratio_of_a_stranger_is_one_on_average(pedigree, seed, theta):
    """Summed over all genotypes of remains, weighted as a stranger has them: exact, without simulation."""
    random = np.random.default_rng(seed)
    names = [member.member_id for member in pedigree.members]
    seen = {name: soft(random) for name in names if random.random() < 0.5}
    found = member_genotypes(pedigree, seen, str(random.choice(names)), [0.3], theta=theta)
    ratios = np.exp([found.log_lr(certain(genotype))[0] for genotype in range(3)])
    assert ratios @ found.unrelated[0] == pytest.approx(1, rel=1e-12)


def test_uniform_likelihoods_say_nothing():
    random = np.random.default_rng(1)
    p = random.uniform(0.1, 0.9, 20)
    found = member_genotypes(family("a: f m; b: f m"), {"a": soft(random, 20)}, "b", p)
    np.testing.assert_allclose(found.log_lr(np.full((20, 3), -7.0)), 0, atol=1e-14)
    blind = member_genotypes(family("a: f m; b: f m"), {"a": np.zeros((20, 3))}, "b", p)
    np.testing.assert_allclose(blind.log_lr(soft(random, 20)), 0, atol=1e-13)


def test_a_constant_added_to_the_logarithms_changes_nothing():
    random = np.random.default_rng(2)
    p, one, remains = random.uniform(0.1, 0.9, 20), soft(random, 20), soft(random, 20)
    pedigree = family("a: f m; b: f m")
    plain = member_genotypes(pedigree, {"a": one}, "b", p).log_lr(remains)
    moved = member_genotypes(pedigree, {"a": one - 900.0}, "b", p).log_lr(remains - 3000.0)
    np.testing.assert_allclose(moved, plain, rtol=1e-9, atol=1e-12)


def test_an_in_law_says_nothing_about_the_missing():
    found = member_genotypes(family("c: x wife"), {"wife": certain(2)}, "x", [0.2], mutation=0.01)
    np.testing.assert_array_equal(found.member, found.unrelated)


def test_relatives_who_exclude_each_other_are_told_at_the_snp_and_leave_the_population_there():
    pedigree = family("a: f m; b: f m")
    seen = {"f": certain(0, 1), "a": certain(2, 2)}
    found = member_genotypes(pedigree, seen, "b", [0.3, 0.3])
    assert found.log_likelihood[0] == -np.inf
    assert np.isfinite(found.log_likelihood[1])
    np.testing.assert_allclose(found.member[0], hardy_weinberg(np.array([0.3]))[:, 0])


def test_a_large_family_in_blocks_is_what_each_snp_is_alone():
    random = np.random.default_rng(8)
    pedigree = family("x: f m; y: f m; a: x u; b: y v; c: a b; d: a b")  # cousins who marry: a loop
    p = random.uniform(0.05, 0.95, 20_000)
    seen = {name: soft(random, len(p)) for name in ("c", "u", "y")}
    found = member_genotypes(pedigree, seen, "d", p)
    some = [0, 1, 9_999, 19_999]
    alone = member_genotypes(pedigree, {name: values[some] for name, values in seen.items()}, "d", p[some])
    np.testing.assert_array_equal(found.member[some], alone.member)


def test_what_cannot_be_computed_is_refused_in_words():
    pedigree = family("a: f m")
    with pytest.raises(NotFound, match="no member nobody"):
        member_genotypes(pedigree, {}, "nobody", [0.5])
    with pytest.raises(Nonsense, match="mutation rate"):
        member_genotypes(pedigree, {}, "a", [0.5], mutation=0.5)
    with pytest.raises(Nonsense, match="does not vary"):
        member_genotypes(pedigree, {}, "a", [1.0])
    with pytest.raises(Nonsense, match="theta"):
        member_genotypes(pedigree, {}, "a", [0.5], theta=1.0)


def test_a_family_that_ties_too_many_people_together_is_refused_with_what_to_do():
    fathers, mothers = [f"f{i}" for i in range(13)], [f"m{i}" for i in range(13)]
    text = "; ".join(f"c{i}.{j}: {f} {m}" for i, f in enumerate(fathers) for j, m in enumerate(mothers))
    seen = {f"c{i}.{j}": UNSEEN for i in range(13) for j in range(13)}
    with pytest.raises(TooLarge, match="leave out"):
        member_genotypes(family(text), seen, "f0", [0.5])
