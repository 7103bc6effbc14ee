"""From reads to likelihoods: by hand, and by laws of damage and error."""

import numpy as np
import pytest

from homeward.errors import Nonsense
from homeward.genetics.snp.observation import (
    from_genotypes,
    from_reads,
    from_single_alleles,
    hard,
    profiles_of,
    softened,
    transitions,
)
from homeward.genetics.snp.panel import panels
from homeward.programme import Programme, Sample, Settings, SnpMarker, SnpProfile


def panel(*alleles):
    rows = (
        SnpMarker(snp=f"s{i}", population="P", frequency=0.3, reference=pair[:1], counted=pair[1:])
        for i, pair in enumerate(alleles)
    )
    return panels(rows)["P"]


def test_reads_without_damage_are_binomial():
    found = np.exp(from_reads(panel("AC"), [3], [1], error=0.02))
    assert found[0] == pytest.approx([0.98**3 * 0.02, 0.5**4, 0.02**3 * 0.98], rel=1e-13)


def test_damage_turns_c_into_t_and_not_back():
    """Damage 0.2: the C of C/T is read as T; one read of T from 0 T is 0.2, from one T 0.6, from two 1."""
    found = np.exp(from_reads(panel("CT", "TC", "GA"), [0, 1, 0], [1, 0, 1], error=0.0, damage=0.2))
    assert found[0] == pytest.approx([0.2, 0.6, 1.0])
    assert found[1] == pytest.approx([1.0, 0.6, 0.2])
    assert found[2] == pytest.approx([0.2, 0.6, 1.0])


def test_damage_at_a_transversion_only_loses_reads_of_one_allele():
    """Of C/A a damaged C shows neither; a heterozygote's reads show C with 0.8/(0.8+1)."""
    found = np.exp(from_reads(panel("CA"), [1], [0], error=0.0, damage=0.2))
    assert found[0] == pytest.approx([1.0, 0.8 / 1.8, 0.0])


def test_error_and_damage_together_by_hand():
    """C of C/T: 0.8 stays C, of which 0.01 is misread; 0.2 becomes T, of which 0.99 is read as T."""
    found = np.exp(from_reads(panel("CT"), [0], [1], error=0.01, damage=0.2))
    assert found[0, 0] == pytest.approx(0.8 * 0.01 + 0.2 * 0.99, rel=1e-13)
    assert found[0, 2] == pytest.approx(0.99, rel=1e-13)


def test_transversions_alone_leave_transitions_unseen():
    chosen = panel("CT", "GA", "CA", "AT")
    assert transitions(chosen).tolist() == [True, True, False, False]
    found = from_reads(chosen, [1, 1, 1, 1], [0, 0, 0, 0], error=0.01, transversions_only=True)
    assert (found[:2] == 0).all()
    assert (found[2:, 0] == np.log(0.99)).all()


def test_no_reads_say_nothing_and_reads_without_error_exclude():
    found = from_reads(panel("AC", "AC"), [0, 2], [0, 0], error=0.0)
    assert found[0].tolist() == [0.0, 0.0, 0.0]
    assert found[1].tolist() == [0.0, pytest.approx(np.log(0.25)), -np.inf]


@pytest.mark.parametrize("damage", [0.0, 0.3])
def test_the_chances_of_one_read_sum_to_one(damage):
    chosen = panel("CT", "AG", "CA", "TA")
    none, one = np.zeros(4), np.ones(4)
    shown = [np.exp(from_reads(chosen, *reads, error=0.03, damage=damage)) for reads in ((one, none), (none, one))]
    np.testing.assert_allclose(sum(shown), 1, rtol=1e-13)


def test_a_single_allele_is_one_read():
    chosen = panel("CT", "CT", "CT")
    single = from_single_alleles(chosen, [0, 1, -1], error=0.01, damage=0.1)
    np.testing.assert_array_equal(single, from_reads(chosen, [1, 0, 0], [0, 1, 0], error=0.01, damage=0.1))


def test_what_makes_no_sense_is_refused():
    with pytest.raises(Nonsense, match="State reference and counted"):
        from_reads(panel(""), [1], [0], error=0.0, damage=0.1)
    with pytest.raises(Nonsense, match="0 or more"):
        from_reads(panel("AC"), [-1], [0], error=0.0)
    with pytest.raises(Nonsense, match="error 1 is not a rate"):
        from_reads(panel("AC"), [1], [0], error=1)
    with pytest.raises(Nonsense, match="genotype is 0, 1 or 2"):
        from_genotypes([3])
    with pytest.raises(Nonsense, match="error 1"):
        from_genotypes([1], error=1)
    with pytest.raises(Nonsense, match="single allele"):
        from_single_alleles(panel("AC"), [2], error=0.0)


def test_a_typing_error_softens_certain_genotypes_and_leaves_likelihoods():
    values = np.array([[0.0, -np.inf, -np.inf], [-1.0, -2.0, -np.inf]])
    profile = SnpProfile(sample_id="S", subject_id="m", snps=("a", "b"), log_likelihood=values)
    found = softened(profile, 0.02).log_likelihood
    assert hard(values).tolist() == [True, False]
    assert np.exp(found[0]) == pytest.approx([0.98, 0.01, 0.01])
    assert found[1].tolist() == values[1].tolist()


def test_the_samples_own_typing_error_goes_before_the_programmes():
    values = from_genotypes([0])
    profiles = tuple(
        SnpProfile(sample_id=sample, subject_id="m", snps=("a",), log_likelihood=values) for sample in ("S", "T")
    )
    programme = Programme(
        settings=Settings(name="p", typing_error=0.1),
        samples=(Sample(sample_id="S", subject_id="m", typing_error=0.0),),
        snp_profiles=profiles,
    )
    one, other = profiles_of(programme)["m"]
    assert one.log_likelihood[0, 0] == 0
    assert np.exp(other.log_likelihood[0]) == pytest.approx([0.9, 0.05, 0.05])
