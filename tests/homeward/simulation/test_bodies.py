"""Invented bones and stages are those of the bodies that they belong to."""

from dataclasses import replace

import numpy as np
import pytest

from homeward.anthropology.bones import reference, reference_group
from homeward.programme import Sex
from homeward.simulation.bodies import bones, stages
from homeward.simulation.boxes import Individual
from homeward.simulation.people import Body
from homeward.simulation.scenario import Recording, scenarios

COUNT = 2000


def individuals(**body: float) -> list[Individual]:
    one = Individual(
        box=0,
        alternative="",
        person=0,
        population=0,
        incident=0,
        body=Body(**{"stature_cm": 180, "age_years": 22, **body}),
    )
    return [one] * COUNT


@pytest.fixture
def scenario():
    return replace(scenarios()["korea"], recording=Recording(measured=1.0, staged=1.0))


def names(prefix: str) -> list[str]:
    return [f"{prefix}{k}" for k in range(COUNT)]


def test_bones_of_one_stature_have_the_mean_and_spread_of_their_regression(scenario):
    population = "Caucasian"
    of = reference(reference_group(population), Sex.MALE)

    specimens, measured = bones(scenario, individuals(), names("r"), names("b"), [population], np.random.default_rng(1))

    femora = np.array([row.mm / 10 for row in measured if row.code == "Fem_01" and row.specimen_id.endswith("-L")])
    place = of.codes.index("Fem_01")
    error = of.cov[place, place] ** 0.5
    assert femora.mean() == pytest.approx(
        of.intercept[place] + 180 * of.slope[place], abs=4 * error / len(femora) ** 0.5
    )
    assert femora.std() == pytest.approx(error, rel=0.1)
    assert {row.specimen_id for row in measured} == {one.specimen_id for one in specimens}


def test_stages_rise_with_age_and_with_what_the_world_hides(scenario):
    def mean_stage(at: float, scenario) -> float:
        found = stages(scenario, individuals(age_years=at), names("r"), 0.02, np.random.default_rng(2))
        return float(np.mean([int(trait.value) for trait in found]))

    older = replace(scenario, unlike=replace(scenario.unlike, age_years=10.0))

    assert mean_stage(20, scenario) < mean_stage(30, scenario) < mean_stage(50, scenario)
    assert mean_stage(20, older) == mean_stage(30, scenario)
