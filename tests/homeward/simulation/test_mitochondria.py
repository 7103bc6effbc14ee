"""Invented mitochondrial lines: handed down by mothers, read as they are, and counted whole."""

from dataclasses import replace

import numpy as np
import pytest

from homeward.genetics.lineage.mitotype import read_mitotype
from homeward.programme import Sex
from homeward.simulation import scenarios, simulate
from homeward.simulation.families import Kinship
from homeward.simulation.mitochondria import COUNTED, RANGE, handed_down, heads, lines, written
from homeward.simulation.scenario import Recording, sized


@pytest.fixture(scope="module")
def invented():
    scenario = replace(sized(scenarios()["korea"], persons=200, remains=40), recording=Recording(lines=0.8))
    return simulate(scenario, seed=3)


def test_children_have_their_mothers_line_and_nothing_of_their_fathers():
    kin = Kinship()
    father, mother = kin.add(0, Sex.MALE), kin.add(0, Sex.FEMALE)
    children = [kin.add(0, Sex.MALE, father=father, mother=mother) for _ in range(300)]
    of = lines(np.random.default_rng(1))

    got = handed_down(kin, np.zeros(len(kin), dtype=np.intp), [of], np.random.default_rng(2))

    same = sum(got[child] == got[mother] for child in children)
    assert 290 <= same <= 300  # 300 transmissions at 0.0043: 1.3 changes are expected
    assert {heads(kin)[child] for child in children} == {mother}


def test_a_database_counts_everyone_it_drew(invented):
    programme, _ = invented
    for population in {row.population for row in programme.haplotype_counts}:
        rows = [row for row in programme.haplotype_counts if row.population == population]
        assert sum(row.count for row in rows) == COUNTED == rows[0].database_size


def test_every_haplotype_is_one_that_the_reader_takes(invented):
    programme, _ = invented
    for one in programme.haplotypes:
        read_mitotype(one.haplotype, RANGE)
    assert len(programme.haplotypes) > 40


def test_what_is_on_record_beside_genotypes_leaves_the_genotypes_as_they_are(invented):
    plain, _ = simulate(sized(scenarios()["korea"], persons=200, remains=40), seed=3)

    assert plain.profiles == invented[0].profiles
    assert not plain.haplotypes


def test_a_line_without_a_difference_is_the_references():
    assert written({}) == "rCRS"
