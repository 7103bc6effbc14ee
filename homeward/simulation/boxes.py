"""Who is in the boxes: individuals of the roster, of nobody's list, and of other nations, from one place each.

What a box says of its place is the sender's claim, and sometimes wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.programme import NOT_LISTED, OUTSIDER
from homeward.simulation.families import NOBODY
from homeward.simulation.people import Body, invented_body
from homeward.simulation.scenario import Scenario

Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Individual:
    """Someone in a box.

    Parameters
    ----------
    alternative : ``not_listed`` or ``outsider:GROUP``; empty for one of the roster
    person : number on the roster, or NOBODY
    population : index into the scenario's populations
    incident : index of the incident in which he was lost
    """

    box: int
    alternative: str
    person: int
    population: int
    incident: int
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Boxes:
    """What was handed over: where each box claims to be from, and who is in it."""

    claimed: tuple[int, ...]  # per box, index of an incident
    individuals: tuple[Individual, ...]


def fill(
    scenario: Scenario,
    *,
    incident_of_person: Indices,
    population_of_person: Indices,
    bodies: Sequence[Body],
    populations: Sequence[str],
    rng: np.random.Generator,
) -> Boxes:
    """Fill the boxes: each with individuals of one place, each a person at most once.

    Notes
    -----
    Each individual is of the roster, not listed or an outsider with the chances that the programme's prior
    states. Persons are drawn by where they were lost, never by who gave a sample for them.
    """
    returning = np.array([incident.scale * incident.turnover for incident in scenario.incidents])
    returning = returning / returning.sum()
    origin = rng.choice(len(returning), size=scenario.boxes, p=returning)
    wrong = rng.random(scenario.boxes) < min(1.0, scenario.label_error + scenario.unlike.labels)
    claimed = np.where(wrong, rng.choice(len(returning), size=scenario.boxes, p=returning), origin)
    more = rng.multinomial(scenario.individuals - scenario.boxes, np.full(scenario.boxes, 1 / scenario.boxes))
    box_of_individual = np.repeat(np.arange(scenario.boxes), 1 + more)
    waiting = rng.permutation(len(incident_of_person)).tolist()  # persons not yet found, in random order
    return Boxes(
        claimed=tuple(claimed.tolist()),
        individuals=tuple(
            _individual(
                scenario,
                int(box),
                int(origin[box]),
                waiting,
                incident_of_person,
                population_of_person,
                bodies,
                populations,
                rng,
            )
            for box in box_of_individual
        ),
    )


def _individual(
    scenario: Scenario,
    box: int,
    origin: int,
    waiting: list[int],
    incident_of_person: Indices,
    population_of_person: Indices,
    bodies: Sequence[Body],
    populations: Sequence[str],
    rng: np.random.Generator,
) -> Individual:
    groups = list(scenario.outsiders)
    chances = [scenario.listed_share, scenario.not_listed, *(scenario.outsiders[group] for group in groups)]
    kind = int(rng.choice(len(chances), p=np.array(chances) / sum(chances)))
    if kind == 0:
        person = next((i for i in waiting if incident_of_person[i] == origin), waiting[0])
        waiting.remove(person)
        return Individual(
            box=box,
            alternative="",
            person=person,
            population=int(population_of_person[person]),
            incident=int(incident_of_person[person]),
            body=bodies[person],
        )
    if kind == 1:
        mixture = [scenario.populations.get(name, 0.0) for name in populations]
        population = int(rng.choice(len(populations), p=np.array(mixture) / sum(mixture)))
        alternative = NOT_LISTED
    else:
        group = groups[kind - 2]
        population = list(populations).index(scenario.outsider_population[group])
        alternative = OUTSIDER + group
    return Individual(
        box=box,
        alternative=alternative,
        person=NOBODY,
        population=population,
        incident=origin,
        body=invented_body(rng),
    )
