"""Chance matches of unrelated people: counted right, judged right, and rare in a small invented example."""

import csv

import numpy as np
import pytest

from homeward.simulation.inheritance import from_population, inheritance
from homeward.tables import mutation_rates, nist1036
from validation.matches import compared, judged, people, programme, thresholds


def unrelated(population, number):
    rng = np.random.default_rng(7)
    calls = [{} for _ in range(number)]
    for marker in ("TH01", "FGA", "D18S51", "vWA", "TPOX"):
        of = inheritance(marker, [nist1036()[population][marker]], mutation_rates())
        for person, (a, b) in enumerate(from_population(of, np.zeros(number, dtype=np.intp), rng).tolist()):
            calls[person][marker] = (of.alleles[a], of.alleles[b])
    return calls


def test_a_threshold_is_judged_where_ten_pairs_at_most_are_expected_above_it():
    assert thresholds(1000) == [0.0, 0.5, 1.0, 1.5, 2.0]


def test_more_pairs_above_than_a_likelihood_ratio_allows_do_not_hold():
    rows = judged({2.0: 10, 3.0: 40}, 10_000)

    assert [row["holds"] for row in rows] == [True, False]
    assert rows[1]["at_most"] == pytest.approx(10)


@pytest.mark.parametrize("theta", [0.0, 0.01])
def test_unrelated_people_match_families_of_their_population_no_oftener_than_promised(theta):
    remains = {"Asian": unrelated("Asian", 60)}

    found = compared("Asian", remains, 6, theta)

    assert all(row["holds"] for row in found["Asian"])
    assert found["Asian"][0]["pairs"] == 360


def test_every_family_has_one_missing_person_and_a_typed_relative():
    invented = programme("Hispanic", 8, theta=0.0, seed=1)

    typed = {profile.subject_id for profile in invented.profiles}
    assert all(len(family.missing) == 1 for family in invented.pedigrees)
    assert all(typed & {member.member_id for member in family.members} for family in invented.pedigrees)


def test_a_blank_allele_was_not_observed(tmp_path):
    path = tmp_path / "genotypes.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["sample_id", "population", "TH01 1", "TH01 2"], ["s", "Asian", "6", ""]])

    assert people(path) == {"Asian": [{"TH01": ("6", "?")}]}
