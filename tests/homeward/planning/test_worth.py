"""What finding somebody is worth: the chance that he can be named."""

from dataclasses import replace

import numpy as np
import pytest

from homeward.errors import Nonsense, NotFound
from homeward.genetics.family import families
from homeward.genetics.locus import prepare_loci
from homeward.planning.relatives import needed_log10_lr, standings
from homeward.planning.worth import Assumed, worth_of_each
from homeward.programme import Programme, Settings, Status
from homeward.simulation import scaled, scenarios, simulate


@pytest.fixture(scope="module")
def programme():
    return simulate(scaled(scenarios()["korea"], persons=60), seed=4)[0]


@pytest.fixture(scope="module")
def reaching(programme):
    every = families(programme, prepare_loci(programme))
    needed = needed_log10_lr(programme.settings, len(programme.missing))
    return {one.person_id: sum(one.reaching) / 2 for one in standings(every, needed)}


def test_without_a_chart_it_is_the_chance_of_a_profile_times_that_of_reaching_the_threshold(programme, reaching):
    worth = worth_of_each(replace(programme, dental=()), Assumed(profile=0.8))
    expected = [0.8 * reaching.get(person.person_id, 0.0) for person in programme.missing]
    np.testing.assert_allclose(worth, expected, rtol=1e-12)
    assert 0 < np.mean(worth) < 0.8


def test_a_chart_helps_and_never_harms(programme):
    charted = {chart.subject_id for chart in programme.dental}
    of_chart = np.array([person.person_id in charted for person in programme.missing])
    without = worth_of_each(programme, Assumed(dental_log10=0.0))
    helped = worth_of_each(programme, Assumed(dental_log10=3.0, jaw=1.0))
    assert np.all(helped >= without - 1e-12)
    np.testing.assert_allclose(helped[~of_chart], without[~of_chart], rtol=1e-12)
    assert helped[of_chart].sum() > without[of_chart].sum()


def test_nobody_accounted_for_is_worth_a_search_and_weights_multiply(programme):
    first, second = programme.missing[:2]
    accounted = replace(programme, missing=(replace(first, status=Status.ACCOUNTED_FOR), *programme.missing[1:]))
    plain, weighted = worth_of_each(programme), worth_of_each(accounted, weights={second.person_id: 2.0})
    assert weighted[0] == 0
    assert weighted[1] == 2 * plain[1]
    np.testing.assert_array_equal(weighted[2:], plain[2:])


def test_a_weight_of_nobody_or_below_zero_is_refused(programme):
    with pytest.raises(NotFound, match="K-nobody"):
        worth_of_each(programme, weights={"K-nobody": 1.0})
    with pytest.raises(Nonsense, match="below zero"):
        worth_of_each(programme, weights={programme.missing[0].person_id: -1.0})


def test_a_chance_above_one_is_refused():
    with pytest.raises(Nonsense, match="profile is a chance"):
        Assumed(profile=1.2)


def test_a_programme_without_families_can_name_nobody(programme):
    alone = Programme(settings=Settings(name="n"), missing=programme.missing)
    assert not worth_of_each(alone).any()
