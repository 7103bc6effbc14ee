"""Screens: the published row, spectra expected of relatives, and single alleles."""

import numpy as np
import pytest

from homeward.errors import Nonsense
from homeward.genetics.snp.observation import from_genotypes
from homeward.genetics.snp.relationship import RELATIONSHIPS
from homeward.genetics.snp.screening import (
    joint_spectrum,
    kinship,
    screen,
    single_allele_mismatch,
    spectrum_of_relatives,
)

# The first row of the example in the README of NgsRelate v2 (github ANGSD/NgsRelate): J1 to J9, and the joint spectrum.
JACQUARD = (0.000005, 0.000034, 0.002172, 0.000617, 0.071681, 0.17861, 0.001416, 0.360978, 0.384487)
SPECTRUM = (0.15492, 0.087526, 0.038724, 0.143087, 0.155155, 0.139345, 0.038473, 0.087632, 0.155138)


def test_the_published_row_comes_out_as_printed():
    found = screen(np.reshape(SPECTRUM, (3, 3)))
    assert round(kinship(JACQUARD), 6) == 0.127884
    assert round(found.r0, 6) == 0.497548
    assert round(found.r1, 6) in (0.290124, 0.290125)  # printed from a spectrum with more digits
    assert round(found.king, 6) == 0.000991


@pytest.mark.parametrize("name", RELATIONSHIPS)
def test_king_of_the_spectrum_expected_of_relatives_is_their_kinship(name):
    p = np.linspace(0.02, 0.98, 50)
    spectrum = spectrum_of_relatives(p, RELATIONSHIPS[name])
    assert spectrum.sum() == pytest.approx(1, rel=1e-13)
    assert screen(spectrum).king == pytest.approx(RELATIONSHIPS[name].kinship, rel=1e-12, abs=1e-14)


def test_certain_genotypes_are_counted_and_unseen_ones_are_not():
    one, other = from_genotypes([0, 0, 1, 2, -1]), from_genotypes([0, 1, 1, 0, 2])
    found = joint_spectrum(one, other) * 4
    np.testing.assert_allclose(found, [[1, 1, 0], [0, 1, 0], [1, 0, 0]], atol=1e-9)


def test_the_spectrum_of_badly_read_people_is_close_to_that_of_their_genotypes():
    random = np.random.default_rng(4)
    genotypes = random.choice(3, (2, 40_000), p=[0.4, 0.4, 0.2])
    seen = []
    for of_person in genotypes:
        counted = random.binomial(3, np.where(of_person == 1, 0.5, np.where(of_person == 2, 0.99, 0.01)))
        chance = np.array([0.01, 0.5, 0.99])
        seen.append(counted[:, None] * np.log(chance) + (3 - counted[:, None]) * np.log(1 - chance))
    true = np.outer([0.4, 0.4, 0.2], [0.4, 0.4, 0.2])
    np.testing.assert_allclose(joint_spectrum(*seen), true, atol=0.02)


def test_nothing_seen_in_both_is_refused():
    with pytest.raises(Nonsense, match="no SNP was seen"):
        joint_spectrum(from_genotypes([-1]), from_genotypes([1]))
    with pytest.raises(Nonsense, match="no SNP was read"):
        single_allele_mismatch([-1], [1], expected=0.3)
    with pytest.raises(Nonsense, match="never differ"):
        single_allele_mismatch([1], [1], expected=0.0)
    with pytest.raises(Nonsense, match="three by three"):
        screen([1, 2, 3])


def test_single_alleles_by_hand():
    """Four compared, one differs; unrelated people differ in a half: kinship 1 - .25/.5."""
    found = single_allele_mismatch([0, 1, 1, 0, -1], [0, 1, 0, 0, 1], expected=0.5)
    assert (found.rate, found.expected, found.kinship, found.snps) == (0.25, 0.5, 0.5, 4)
    without_one = 1 - np.array([1 / 3, 1 / 3, 0, 1 / 3]) / 0.5
    assert found.standard_error == pytest.approx(np.sqrt(3 / 4 * ((without_one - without_one.mean()) ** 2).sum()))


def test_one_snp_has_no_standard_error():
    assert np.isnan(single_allele_mismatch([0], [0], expected=0.4).standard_error)


def test_simulated_single_alleles_show_the_kinship_of_a_parent_and_a_child():
    random = np.random.default_rng(6)
    p = random.uniform(0.05, 0.95, 60_000)
    of_parent = random.random((2, len(p))) < p
    of_child = np.stack([np.where(random.random(len(p)) < 0.5, *of_parent), random.random(len(p)) < p])
    drawn = [np.where(random.random(len(p)) < 0.5, *alleles).astype(int) for alleles in (of_parent, of_child)]
    found = single_allele_mismatch(*drawn, expected=p)
    assert abs(found.kinship - 0.25) < 4 * found.standard_error
    assert 0 < found.standard_error < 0.01
