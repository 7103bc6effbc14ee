"""What a laboratory reads: whole profiles of relatives, partial profiles of old bone.

What is lost never depends on the alleles in a way that the analysis does not know: a marker fails by its
length, and (a, ?) is as probable from the homozygote a, a as from any heterozygote that has a. So an analysis
that reads (a, ?) as "a and any allele" is neither too bold nor too shy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from homeward.programme import NOT_OBSERVED, Call, Sex
from homeward.progress import Tick, silent
from homeward.simulation.boxes import Individual
from homeward.simulation.families import NOBODY, Kinship
from homeward.simulation.inheritance import Inheritance, descend, from_population, inheritance, within
from homeward.simulation.scenario import Decay, Scenario
from homeward.tables import AMELOGENIN, MutationRates, nist1036

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

MALE: Call = ("X", "Y")
FEMALE: Call = ("X", "X")


def not_seen(decay: Decay, lengths_bp: Sequence[int], remains: int, rng: np.random.Generator) -> Floats:
    """(remains, marker) probability that a marker is not seen at all, one where bone gives no profile."""
    reach = decay.reach_bp * np.exp(decay.spread * rng.standard_normal(remains))
    chance = 1 - np.exp(-np.asarray(lengths_bp, dtype=np.float64) / reach[:, None])
    chance[rng.random(remains) < decay.no_profile] = 1.0
    return np.asarray(chance)


def whole_calls(
    alleles: Sequence[str], genotypes: Indices, failure: float, rng: np.random.Generator
) -> list[Call | None]:
    """Calls of one marker in fresh samples: both alleles, or None where the marker failed.

    Parameters
    ----------
    genotypes : (sample, 2) indices of alleles
    """
    failed = rng.random(len(genotypes)) < failure
    return [None if lost else (alleles[a], alleles[b]) for (a, b), lost in zip(genotypes.tolist(), failed, strict=True)]


def decayed_calls(
    alleles: Sequence[str], genotypes: Indices, unseen: Floats, decay: Decay, rng: np.random.Generator
) -> list[Call | None]:
    """Calls of one marker in remains: both alleles, one and ``?``, or None.

    Parameters
    ----------
    genotypes : (remains, 2) indices of alleles
    unseen : (remains,) probability that the marker is not seen at all
    """
    draw, which = rng.random(len(genotypes)), rng.integers(2, size=len(genotypes))
    calls: list[Call | None] = []
    for (a, b), missing, u, kept in zip(genotypes.tolist(), unseen.tolist(), draw, which, strict=True):
        doubtful = decay.one_allele * missing * (1 - missing) * (1 if a == b else 2)
        if u < missing:
            calls.append(None)
        elif u < missing + doubtful:
            calls.append((alleles[(a, b)[kept]], NOT_OBSERVED))
        else:
            calls.append((alleles[a], alleles[b]))
    return calls


@cache
def _marker(name: str, populations: tuple[str, ...], rates: MutationRates, times: float) -> Inheritance:
    return inheritance(name, [nist1036()[population][name] for population in populations], rates, times=times)


def dropped_out(call: Call | None, chance: float, rng: np.random.Generator) -> Call | None:
    """The call after each copy was lost with a chance: what is left alone is taken for both."""
    if call is None:
        return None
    left = [allele for allele in call if rng.random() >= chance]
    return None if not left else (left[0], left[-1])


@dataclass(frozen=True, eq=False, kw_only=True)
class Readings:
    """Everything that was typed, marker by marker, amelogenin last.

    Lists have one entry per sample; a marker that failed has no entry in its calls.
    """

    references: tuple[Mapping[str, Call], ...]  # per typed member
    remains: tuple[Mapping[str, Call], ...]  # per individual; empty where the bone gave no profile
    true_genotypes: tuple[Mapping[str, Call], ...]  # per individual


def read_all(
    scenario: Scenario,
    kin: Kinship,
    individuals: Sequence[Individual],
    *,
    population_of_family: Indices,
    populations: Sequence[str],
    rng: np.random.Generator,
    tick: Tick = silent,
) -> Readings:
    """Hand every marker down through the families, and read the relatives and the remains.

    Parameters
    ----------
    population_of_family : (family,) index into ``populations``
    tick : stage ``markers``
    """
    unlike = scenario.unlike
    family = np.array(kin.family)
    typed = np.flatnonzero(kin.typed)
    member_of_person = {person: member for member, person in enumerate(kin.person) if person != NOBODY}
    member = np.array([member_of_person.get(one.person, NOBODY) for one in individuals], dtype=np.intp)
    population = np.array([one.population for one in individuals], dtype=np.intp)
    unseen = not_seen(scenario.decay, [length for _, length in scenario.kit], len(individuals), rng)

    references: list[dict[str, Call]] = [{} for _ in typed]
    remains: list[dict[str, Call]] = [{} for _ in individuals]
    true_genotypes: list[dict[str, Call]] = [{} for _ in individuals]
    for done, (name, _) in enumerate(scenario.kit):
        tick("markers", done, len(scenario.kit))
        marker = _marker(name, tuple(populations), scenario.rates, unlike.mutation)
        if unlike.coancestry:
            marker = within(marker, unlike.coancestry, rng)
        of_members = descend(marker, kin, population_of_family[family], rng)
        of_individuals = from_population(marker, population, rng)
        of_individuals[member != NOBODY] = of_members[member[member != NOBODY]]
        fresh = whole_calls(marker.alleles, of_members[typed], scenario.reference_failure, rng)
        old = decayed_calls(marker.alleles, of_individuals, unseen[:, done], scenario.decay, rng)
        true = whole_calls(marker.alleles, of_individuals, 0.0, rng)
        if unlike.dropout:
            old = [dropped_out(call, unlike.dropout, rng) for call in old]
        for samples, calls in ((references, fresh), (remains, old), (true_genotypes, true)):
            for sample, call in zip(samples, calls, strict=True):
                if call is not None:
                    sample[name] = call
    tick("markers", len(scenario.kit), len(scenario.kit))
    for sample, of in zip(references, typed.tolist(), strict=True):
        sample[AMELOGENIN] = MALE if kin.sex[of] is Sex.MALE else FEMALE
    for sample, lost in zip(remains, rng.random(len(individuals)) < scenario.decay.sex_error, strict=True):
        if sample:
            sample[AMELOGENIN] = FEMALE if lost else MALE
    return Readings(references=tuple(references), remains=tuple(remains), true_genotypes=tuple(true_genotypes))
