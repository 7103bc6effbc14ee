"""Old bone loses markers by their length, and what is left is read without favour."""

from dataclasses import replace

import numpy as np
import pytest

from homeward.programme import NOT_OBSERVED
from homeward.simulation.laboratory import decayed_calls, not_seen, whole_calls
from homeward.simulation.scenario import korea

DECAY = replace(korea().decay, one_allele=0.4)
ALLELES = ("8", "9", "10")


def calls_of(genotype, unseen, samples=60_000):
    genotypes = np.tile(genotype, (samples, 1))
    return decayed_calls(ALLELES, genotypes, np.full(samples, unseen), DECAY, np.random.default_rng(1))


def share(calls, wanted):
    return sum(call == wanted for call in calls) / len(calls)


def test_one_seen_allele_says_nothing_about_the_other():
    # The analysis reads (9, ?) as "9 and any allele": right only if every genotype with a 9 shows it as often.
    homozygote = share(calls_of([1, 1], 0.5), ("9", NOT_OBSERVED))
    heterozygote = share(calls_of([0, 1], 0.5), ("9", NOT_OBSERVED))
    expected = 0.4 * 0.5 * 0.5  # one_allele x not seen x seen
    assert homozygote == pytest.approx(expected, abs=5 * (expected / 60_000) ** 0.5)
    assert heterozygote == pytest.approx(expected, abs=5 * (expected / 60_000) ** 0.5)


def test_a_marker_fails_as_often_as_stated_whatever_the_genotype():
    for genotype in ([1, 1], [0, 1], [0, 2]):
        assert share(calls_of(genotype, 0.3), None) == pytest.approx(0.3, abs=5 * (0.21 / 60_000) ** 0.5)


def test_where_nothing_decays_both_alleles_are_seen():
    assert set(calls_of([0, 2], 0.0, samples=50)) == {("8", "10")}


def test_long_markers_fail_more_often_than_short_ones():
    unseen = not_seen(DECAY, [100, 200, 400], 500, np.random.default_rng(2))
    some_profile = unseen[unseen[:, 0] < 1]
    assert (some_profile[:, 0] < some_profile[:, 1]).all()
    assert (some_profile[:, 1] < some_profile[:, 2]).all()


def test_some_bones_give_no_profile_at_all():
    unseen = not_seen(DECAY, [100, 400], 20_000, np.random.default_rng(3))
    nothing = float((unseen == 1).all(axis=1).mean())
    assert nothing == pytest.approx(DECAY.no_profile, abs=5 * (DECAY.no_profile / 20_000) ** 0.5)


def test_a_fresh_sample_loses_only_whole_markers():
    calls = whole_calls(ALLELES, np.tile([0, 1], (1000, 1)), 0.1, np.random.default_rng(4))
    assert set(calls) == {None, ("8", "9")}
