"""Alleles are drawn with the population's frequencies, handed down by Mendel's rule, and mutate at the stated rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.genetics.mutation import mutation_matrix
from homeward.programme import MutationKind, Sex, Transform
from homeward.simulation.families import Kinship
from homeward.simulation.inheritance import as_often, descend, from_population, inheritance, transmitted
from homeward.tables import MutationRates, mutation_rates, nist1036

STILL = MutationRates(female=0.0, male=0.0, rate2=0.0, range=0.1, source="none")
POPULATIONS = ("Caucasian", "Asian")


def marker(name, rates):
    return inheritance(name, [nist1036()[population][name] for population in POPULATIONS], rates)


@pytest.mark.parametrize("name", ["TH01", "D21S11", "SE33"])
@pytest.mark.parametrize("population", [0, 1])
def test_founders_have_the_allele_frequencies_of_their_population(name, population):
    rng = np.random.default_rng(2)
    people = 20_000
    drawn = from_population(marker(name, STILL), np.full(people, population), rng)
    table = nist1036()[POPULATIONS[population]][name]
    counts = np.bincount(drawn.ravel(), minlength=len(marker(name, STILL).alleles))
    for allele, count in zip(marker(name, STILL).alleles, counts, strict=True):
        p = table.get(allele, 0.0)
        assert count / (2 * people) == pytest.approx(p, abs=5 * (p * (1 - p) / (2 * people)) ** 0.5 + 2e-6)


def test_founders_are_in_hardy_weinberg_proportions():
    rng = np.random.default_rng(3)
    people = 50_000
    drawn = from_population(marker("TH01", STILL), np.zeros(people, dtype=int), rng)
    homozygous = sum(p * p for p in nist1036()["Caucasian"]["TH01"].values())
    share = float((drawn[:, 0] == drawn[:, 1]).mean())
    assert share == pytest.approx(homozygous, abs=5 * (homozygous * (1 - homozygous) / people) ** 0.5)


@pytest.mark.parametrize(("sex", "rate"), [(Sex.MALE, 0.006), (Sex.FEMALE, 0.0015)])
def test_mutation_happens_at_the_stated_rate(sex, rate):
    # PM keeps the overall rate: sum over alleles of frequency times chance to change. Homozygous parents
    # show every change; the rates are three times ours so that fewer meioses suffice.
    rates = MutationRates(female=0.0015, male=0.006, rate2=0.0, range=0.1, source="test")
    vwa = marker("vWA", rates)
    rng = np.random.default_rng(4)
    parents = 200_000
    one = from_population(vwa, np.zeros(parents, dtype=int), rng)[:, :1]
    child = transmitted(vwa, np.repeat(one, 2, axis=1), np.zeros(parents, dtype=int), sex, rng)
    observed = float((child != one[:, 0]).mean())
    assert observed == pytest.approx(rate, abs=5 * (rate / parents) ** 0.5)


def test_frequencies_stay_the_same_from_generation_to_generation():
    rates = MutationRates(female=0.0015, male=0.006, rate2=1e-4, range=0.1, source="test")
    vwa = marker("vWA", rates)
    rng = np.random.default_rng(5)
    parents = 200_000
    alleles = from_population(vwa, np.ones(parents, dtype=int), rng)
    child = transmitted(vwa, alleles, np.ones(parents, dtype=int), Sex.MALE, rng)
    counts = np.bincount(child, minlength=len(vwa.alleles))
    for allele, count in zip(vwa.alleles, counts, strict=True):
        p = nist1036()["Asian"]["vWA"].get(allele, 0.0)
        assert count / parents == pytest.approx(p, abs=5 * (p * (1 - p) / parents) ** 0.5 + 2e-6)


def test_an_allele_that_a_population_does_not_have_never_appears_in_it():
    d12 = marker("D12S391", mutation_rates())
    absent = [i for i, allele in enumerate(d12.alleles) if allele not in nist1036()["Asian"]["D12S391"]]
    rng = np.random.default_rng(6)
    people = np.ones(50_000, dtype=int)
    alleles = from_population(d12, people, rng)
    assert not np.isin(alleles, absent).any()
    assert not np.isin(transmitted(d12, alleles, people, Sex.MALE, rng), absent).any()
    assert absent


def sibship(children):
    kin = Kinship()
    father, mother = kin.add(0, Sex.MALE), kin.add(0, Sex.FEMALE)
    for _ in range(children):
        kin.add(0, Sex.MALE, father=father, mother=mother)
    return kin


def test_a_child_has_one_allele_of_each_parent():
    kin = sibship(40)
    for seed in range(20):
        alleles = descend(marker("SE33", STILL), kin, np.zeros(len(kin), dtype=int), np.random.default_rng(seed))
        father, mother = set(alleles[0].tolist()), set(alleles[1].tolist())
        for a, b in alleles[2:].tolist():
            assert (a in father and b in mother) or (b in father and a in mother)


def test_each_of_a_parents_alleles_is_handed_on_half_of_the_time():
    vwa = marker("vWA", STILL)
    rng = np.random.default_rng(7)
    parents = np.tile([2, 5], (40_000, 1))
    handed_on = transmitted(vwa, parents, np.zeros(40_000, dtype=int), Sex.FEMALE, rng)
    assert set(handed_on.tolist()) == {2, 5}
    assert float((handed_on == 2).mean()) == pytest.approx(0.5, abs=5 * 0.5 / 200)


def test_a_parent_whom_nobody_named_is_an_unrelated_founder():
    kin = Kinship()
    mother = kin.add(0, Sex.FEMALE)
    for _ in range(2000):
        kin.add(0, Sex.MALE, mother=mother)
    alleles = descend(marker("SE33", STILL), kin, np.zeros(len(kin), dtype=int), np.random.default_rng(8))
    assert all(set(child) & set(alleles[0].tolist()) for child in alleles[1:].tolist())
    assert len(set(alleles[1:].ravel().tolist())) > 30  # half-sibs of as many unknown fathers


@settings(max_examples=20, deadline=None)
@given(times=st.floats(0, 8), name=st.sampled_from(["TH01", "D12S391", "SE33"]))
def test_alleles_that_mutate_more_often_keep_their_frequencies_and_chances(times, name):
    table = nist1036()["Asian"][name]
    frequencies = np.array(list(table.values())) / sum(table.values())
    rates = mutation_rates()
    once = mutation_matrix(
        MutationKind.STEPWISE,
        list(table),
        frequencies,
        rate=rates.male,
        rate2=rates.rate2,
        range=rates.range,
        transform=Transform.PM,
    )

    often = as_often(once, times)

    assert often.min() >= -1e-15
    np.testing.assert_allclose(often.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(frequencies @ often, frequencies, rtol=1e-11)
    mutating = [float(frequencies @ (1 - np.diag(of))) for of in (once, often)]
    assert 0.7 * times * mutating[0] <= mutating[1] + 1e-12
    assert mutating[1] <= times * mutating[0] + 1e-12


def test_once_is_what_is_stated():
    once = np.array([[0.9, 0.1], [0.3, 0.7]])
    np.testing.assert_array_equal(as_often(once, 1.0), once)
    np.testing.assert_array_equal(as_often(once, 0.0), np.eye(2))
