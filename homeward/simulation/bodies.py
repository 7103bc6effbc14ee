"""What bones tell beside DNA: lengths that go with stature, and the stage of the pubic symphysis that goes with age.

Drawn from the very models by which they are weighed, so that an analysis that is right is also calibrated; that the
models are right of people is another question, and not asked here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from homeward.anthropology.age import log_stage, transitions
from homeward.anthropology.bones import reference, reference_group
from homeward.programme import Measurement, Sex, Specimen, Trait
from homeward.simulation.boxes import Individual
from homeward.simulation.scenario import Scenario

METHOD = "suchey_brooks"
_ELEMENTS = {"Hum": "Humerus", "Rad": "Radius", "Uln": "Ulna", "Fem": "Femur", "Tib": "Tibia", "Fib": "Fibula"}
_THERE = 0.6  # chance that one bone of one side is there and whole: an assumption


def bones(
    scenario: Scenario,
    individuals: Sequence[Individual],
    remains_ids: Sequence[str],
    containers: Sequence[str],
    populations: Sequence[str],
    rng: np.random.Generator,
) -> tuple[tuple[Specimen, ...], tuple[Measurement, ...]]:
    """Long bones of a share of the remains, measured: inventory and lengths.

    Notes
    -----
    Both sides are drawn as one length, as the regressions have it.
    """
    specimens: list[Specimen] = []
    measured: list[Measurement] = []
    for one, remains_id, container_id in zip(individuals, remains_ids, containers, strict=True):
        if rng.random() >= scenario.recording.measured:
            continue
        of = reference(reference_group(populations[one.population]), Sex.MALE)
        lengths = rng.multivariate_normal(of.intercept + of.slope * one.body.stature_cm, of.cov)
        for code, length in zip(of.codes, lengths.tolist(), strict=True):
            for side in ("left", "right"):
                if rng.random() < _THERE:
                    name = f"{remains_id}-{code}-{side[0].upper()}"
                    element = _ELEMENTS[code.partition("_")[0]]
                    specimens.append(
                        Specimen(
                            specimen_id=name,
                            container_id=container_id,
                            element=element,
                            side=side,
                            remains_id=remains_id,
                        )
                    )
                    measured.append(Measurement(specimen_id=name, code=code, mm=round(10 * length, 1)))
    return tuple(specimens), tuple(measured)


def stages(
    scenario: Scenario,
    individuals: Sequence[Individual],
    remains_ids: Sequence[str],
    error: float,
    rng: np.random.Generator,
) -> tuple[Trait, ...]:
    """The pubic symphysis of a share of the remains, staged by Suchey and Brooks.

    Parameters
    ----------
    error : chance that a stage says nothing of the age, as the programme states it
    """
    indicator = transitions()[METHOD, Sex.MALE]
    found = []
    for one, remains_id in zip(individuals, remains_ids, strict=True):
        if rng.random() >= scenario.recording.staged:
            continue
        years = max(1.0, one.body.age_years + scenario.unlike.age_years)
        chances = np.exp(
            [float(log_stage(indicator, k, [years], error=error)[0]) for k in range(len(indicator.stages))]
        )
        stage = indicator.stages[int(rng.choice(len(chances), p=chances / chances.sum()))]
        found.append(Trait(remains_id=remains_id, method=METHOD, trait=indicator.trait, value=stage))
    return tuple(found)
