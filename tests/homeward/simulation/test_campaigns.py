"""Campaigns in the same truth, and what each way of choosing brings."""

from dataclasses import replace

import numpy as np
import pytest

from homeward.errors import Nonsense
from homeward.simulation import scaled, scenarios, simulate
from homeward.simulation.campaigns import Way, campaigns, truth_of, unsearched
from homeward.simulation.fieldwork import distance_m
from homeward.simulation.scenario import Recording, korea_country

KOREA = replace(scenarios()["korea"], country=korea_country(), recording=Recording())
PERSONS = 400


def world(seed):
    programme, truth = simulate(scaled(KOREA, persons=PERSONS), seed=seed)
    coarse = replace(programme, settings=replace(programme.settings, search_cell_m=1000.0))
    return unsearched(coarse), truth.lying


def run(seed, **fields):
    programme, lying = world(seed)
    return campaigns(programme, lying, np.full(PERSONS, 0.6), budget=400, seed=seed, **{"seasons": 3, **fields})


def test_the_same_seed_has_the_same_campaigns_and_each_way_digs():
    first = run(3)
    assert first == run(3)
    assert [one.way for one in first] == [Way.LEARNING, Way.STATIC, Way.BIGGEST_FIRST, Way.AS_LISTED]
    assert all(one.digs > 0 and 0 <= one.named <= one.found for one in first)
    assert all(one.with_remains <= one.digs for one in first)


def test_learning_finds_what_it_predicts_over_many_worlds_and_more_than_the_list():
    runs = [run(seed, ways=(Way.LEARNING, Way.AS_LISTED), seasons=4) for seed in range(10)]
    learning, listed = ([one[k] for one in runs] for k in (0, 1))
    found = np.array([one.found for one in learning])
    predicted = np.array([one.predicted_found for one in learning])
    difference = found - predicted
    assert abs(difference.mean()) <= 4 * difference.std(ddof=1) / np.sqrt(10)
    assert predicted.sum() > sum(one.predicted_found for one in listed)


def test_a_flatter_truth_moves_that_share_of_graves_and_leaves_grave_mates_together():
    programme, lying = world(1)
    told, flat = (
        truth_of(programme, lying, np.ones(PERSONS), flatter=share, rng=np.random.default_rng(1))
        for share in (0.0, 0.5)
    )
    assert all(told.places[who] == lying[who].place for who in told.places)
    by_grave = {}
    for who, grave in flat.graves.items():
        by_grave.setdefault(grave, set()).add((flat.places[who].lat, flat.places[who].lon))
    assert all(len(at) == 1 for at in by_grave.values())
    moved = {flat.graves[who] for who in flat.places if distance_m(flat.places[who], told.places[who]) > 1}
    assert len(moved) / len(by_grave) == pytest.approx(0.5, abs=0.12)
    assert flat.nameable == frozenset(person.person_id for person in programme.missing)


def test_a_share_beyond_one_is_refused():
    with pytest.raises(Nonsense, match="cannot lie elsewhere"):
        run(1, flatter=1.5)
