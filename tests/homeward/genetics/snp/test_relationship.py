"""Two people by the closed form: the worked examples, laws, and identity of two samples."""

import math

import numpy as np
import pytest

from homeward.genetics.snp.observation import from_genotypes, from_reads
from homeward.genetics.snp.panel import panels
from homeward.genetics.snp.relationship import (
    FULL_SIBS,
    IDENTICAL,
    RELATIONSHIPS,
    UNRELATED,
    identity,
    log_lr,
    sharing_ratios,
)
from homeward.programme import SnpMarker

# Worked examples of domain/anthropology.md section 3: three SNPs, reads with one in a hundred wrong.
FREQUENCIES = [0.3, 0.1, 0.5]
FIRST_READS = ([2, 0, 1], [0, 2, 1])
SECOND_READS = ([0, 0, 1], [1, 3, 0])
WORKED = {
    "unrelated": ((1.0, 1.0, 1.0), 0.0),
    "parent_child": ((0.6610608843495204, 3.9890643964530654, 1.0), 0.42111250756098073),
    "full_sibs": ((0.6610608843495204, 4.385363917775463, 1.0), 0.4622470992330926),
    "second_degree": ((0.8305304421747602, 2.4945321982265325, 1.0), 0.31634466963953645),
    "first_cousins": ((0.91526522108738, 1.7472660991132665, 1.0), 0.20390601074324782),
}


@pytest.fixture
def worked():
    rows = (SnpMarker(snp=f"s{i}", population="P", frequency=p) for i, p in enumerate(FREQUENCIES))
    panel = panels(rows)["P"]
    first, second = (from_reads(panel, *reads, error=0.01) for reads in (FIRST_READS, SECOND_READS))
    return sharing_ratios(first, second, panel.frequency)


@pytest.mark.parametrize("name", WORKED)
def test_the_worked_examples_come_out_to_their_last_digit(worked, name):
    each, total = WORKED[name]
    found = log_lr(worked, RELATIONSHIPS[name])
    np.testing.assert_allclose(np.exp(found), each, rtol=1e-13)
    assert found.sum() / math.log(10) == pytest.approx(total, rel=1e-13, abs=1e-15)


@pytest.mark.parametrize("theta", [0.0, 0.03])
@pytest.mark.parametrize("name", RELATIONSHIPS)
def test_over_all_pairs_of_genotypes_the_ratio_of_strangers_is_one_on_average(name, theta):
    p = 0.23
    grid = np.array([(a, b) for a in range(3) for b in range(3)])
    ratios = sharing_ratios(from_genotypes(grid[:, 0]), from_genotypes(grid[:, 1]), np.full(9, p), theta=theta)
    strangers = strangers_with(p, theta)
    assert strangers.sum() == pytest.approx(1, rel=1e-12)
    assert (strangers * (ratios @ np.array(RELATIONSHIPS[name]))).sum() == pytest.approx(1, rel=1e-12)


def strangers_with(p, theta):
    """P(g1, g2) of two strangers by the sampling formula of Balding and Nichols, allele after allele."""
    chances = []
    for first in range(3):
        for second in range(3):
            chance = 2.0 ** ((first == 1) + (second == 1))
            counted = 0
            alleles = [1] * (first + second) + [0] * (4 - first - second)
            for drawn, allele in enumerate(alleles):
                frequency, seen = (p, counted) if allele else (1 - p, drawn - counted)
                chance *= (seen * theta + (1 - theta) * frequency) / (1 + (drawn - 1) * theta)
                counted += allele
            chances.append(chance)
    return np.array(chances)


def test_the_kinship_of_each_named_relationship_is_what_its_name_says():
    expected = {"identical": 1 / 2, "parent_child": 1 / 4, "full_sibs": 1 / 4, "second_degree": 1 / 8}
    expected |= {"first_cousins": 1 / 16, "fourth_degree": 1 / 32, "second_cousins": 1 / 64, "unrelated": 0.0}
    assert {name: sharing.kinship for name, sharing in RELATIONSHIPS.items()} == expected


def people(random, p, sharing, error, depth):
    """Two people's reads at many SNPs, simulated with a stated sharing."""
    n = len(p)
    founders = random.random((4, n)) < p
    z = random.choice(3, n, p=sharing)
    first = founders[0].astype(int) + founders[1]
    second = np.where(z > 0, founders[0], founders[2]).astype(int) + np.where(z > 1, founders[1], founders[3])
    panel = panels(SnpMarker(snp=f"s{i}", population="P", frequency=x) for i, x in enumerate(p))["P"]
    reads = []
    for genotype in (first, second):
        chance = genotype / 2 * (1 - error) + (1 - genotype / 2) * error
        number = random.poisson(depth, n)
        counted = random.binomial(number, chance)
        reads.append(from_reads(panel, number - counted, counted, error=error))
    return reads


def test_simulated_bones_read_half_a_time_are_told_apart():
    random = np.random.default_rng(1950)
    p = random.uniform(0.1, 0.9, 5_000)
    decided = []
    for sharing in (IDENTICAL, FULL_SIBS, UNRELATED):
        one, other = people(random, p, sharing, 0.01, 0.7)
        found = identity(one, other, p)
        decided.append((found.against_unrelated > 30, found.against_sib > 30, found.against_sib < -30))
    assert decided == [(True, True, False), (False, False, True), (False, False, True)]


def test_simulated_relatives_are_favoured_and_strangers_are_not():
    random = np.random.default_rng(1953)
    p = random.uniform(0.1, 0.9, 5_000)
    for name in ("parent_child", "full_sibs", "second_degree", "first_cousins"):
        sharing = RELATIONSHIPS[name]
        relatives = sharing_ratios(*people(random, p, sharing, 0.01, 2), p)
        strangers = sharing_ratios(*people(random, p, UNRELATED, 0.01, 2), p)
        assert log_lr(relatives, sharing).sum() > 5
        assert log_lr(strangers, sharing).sum() < -5


def test_certain_genotypes_that_differ_exclude_identity():
    found = identity(from_genotypes([0, 1, 2]), from_genotypes([0, 1, 1]), [0.5, 0.5, 0.5])
    assert found.against_unrelated == -np.inf
    assert found.snps == 3


def test_a_snp_that_excludes_both_hypotheses_tells_nothing():
    ratios = sharing_ratios(from_genotypes([0]), from_genotypes([2]), [0.5])
    assert log_lr(ratios, IDENTICAL, against=RELATIONSHIPS["parent_child"]).tolist() == [0.0]
