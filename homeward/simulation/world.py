"""A scenario becomes a programme, and the truth about it is kept apart.

In order: families; the roster; who is in the boxes; what the laboratory reads of all; then every record
gets a shuffled identifier and stands in its order, so that no order tells who is who. Last, and from a stream of
its own, what is on record of where they lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from homeward.programme import (
    NOTHING,
    Call,
    DateSpan,
    Haplotype,
    HaplotypeCount,
    Incident,
    Marker,
    Member,
    MissingPerson,
    MutationKind,
    MutationModel,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
    Transform,
)
from homeward.progress import Tick, silent
from homeward.simulation.bodies import bones, stages
from homeward.simulation.boxes import Boxes, Individual, fill
from homeward.simulation.country import Country, Lying
from homeward.simulation.families import NOBODY, Kinship, apportion, family_types, kinship
from homeward.simulation.fieldwork import with_fieldwork
from homeward.simulation.laboratory import FEMALE, Readings, read_all
from homeward.simulation.mitochondria import reading, type_lines
from homeward.simulation.people import Body, invented_person
from homeward.simulation.scenario import Scenario
from homeward.simulation.teeth import charts
from homeward.tables import AMELOGENIN, nist1036, nist1036_people

Indices = npt.NDArray[np.intp]

_REFERENCES_FROM = date(2001, 1, 1)  # when reference samples began to be taken: an assumption
_UNKNOWN_BODY = 0.3  # share of remains whose bones tell no stature and no age: an assumption


@dataclass(frozen=True, eq=False, kw_only=True)
class Truth:
    """Who the remains really are. No analysis reads it.

    Parameters
    ----------
    hypotheses : remains_id -> person_id, ``not_listed`` or ``outsider:GROUP``
    incidents : remains_id -> incident_id in which he was really lost, whatever his box says
    genotypes : remains_id -> marker -> both alleles, also where the laboratory did not see them
    lying : person_id -> where he lies; empty if the world says nothing of that
    """

    hypotheses: Mapping[str, str]
    incidents: Mapping[str, str]
    genotypes: Mapping[str, Mapping[str, Call]]
    lying: Mapping[str, Lying] = field(default_factory=lambda: NOTHING)


def simulate(scenario: Scenario, *, seed: int, tick: Tick = silent) -> tuple[Programme, Truth]:
    """Invent a programme with known truth.

    Parameters
    ----------
    scenario : the world, see :func:`homeward.simulation.scenarios`
    seed : 0 or above; the same scenario and seed give the same programme, byte for byte
    tick : stages ``families``, ``markers``, ``records``

    Returns
    -------
    The programme as a programme folder would hold it, and the truth about its remains.

    Notes
    -----
    Who in a box is of the roster, missing but not listed or an outsider is drawn with the chances that the
    programme's prior states, and persons are drawn without regard to their families; so an analysis that
    is right is also calibrated.
    """
    rng = np.random.default_rng(seed)
    populations = tuple(dict.fromkeys([*scenario.populations, *scenario.outsider_population.values()]))

    tick("families", 0, scenario.persons)
    types = family_types(scenario, rng)
    kin = kinship(types, rng)
    mixture = [scenario.populations.get(name, 0.0) for name in populations]
    population_of_family = rng.choice(len(populations), size=len(types), p=mixture)
    family_of_person = np.array([kin.family[i] for i, person in enumerate(kin.person) if person != NOBODY])
    population_of_person = population_of_family[family_of_person]
    incident_of_person = _incidents_of_persons(scenario, rng)
    incident_ids = _shuffled_ids("INC", len(scenario.incidents), rng)
    people, bodies = _roster(
        scenario,
        incident_ids=[incident_ids[i] for i in incident_of_person],
        incidents=incident_of_person,
        populations=[populations[i] for i in population_of_person],
        rng=rng,
    )
    tick("families", scenario.persons, scenario.persons)
    boxes = fill(
        scenario,
        incident_of_person=incident_of_person,
        population_of_person=population_of_person,
        bodies=bodies,
        populations=populations,
        rng=rng,
    )
    readings = read_all(
        scenario,
        kin,
        boxes.individuals,
        population_of_family=population_of_family,
        populations=populations,
        rng=rng,
        tick=tick,
    )

    tick("records", 0, 1)
    remains = _remains(scenario, boxes, readings, people, rng)
    pedigrees, member_ids = _pedigrees(kin, [populations[i] for i in population_of_family], people, rng)
    samples, profiles = _samples(scenario, kin, readings, member_ids, [row.remains_id for row in remains], rng)
    more = np.random.default_rng([seed, 1])  # what is on record beside genotypes leaves those as they are
    subjects = [row.remains_id for row in remains]
    haplotypes, counted = _lines(
        scenario, kin, boxes, readings, population_of_family, populations, samples, member_ids, subjects, more
    )
    settings = _settings(scenario)
    containers = [row.container_id for row in remains]
    specimens, measurements = bones(scenario, boxes.individuals, subjects, containers, populations, more)
    traits = stages(scenario, boxes.individuals, subjects, settings.age_error, more)
    dental = charts(scenario, people, boxes.individuals, subjects, settings.dental_error, more)
    programme = Programme(
        settings=settings,
        missing=tuple(sorted(people, key=lambda person: person.person_id)),
        incidents=_incident_records(scenario, incident_ids),
        pedigrees=pedigrees,
        markers=_markers(scenario),
        samples=samples,
        profiles=profiles,
        frequencies={name: {marker: nist1036()[name][marker] for marker, _ in scenario.kit} for name in populations},
        mutation=_mutation(scenario),
        haplotypes=haplotypes,
        haplotype_counts=counted,
        remains=tuple(sorted(remains, key=lambda row: row.remains_id)),
        specimens=tuple(sorted(specimens, key=lambda one: one.specimen_id)),
        measurements=tuple(sorted(measurements, key=lambda one: (one.specimen_id, one.code))),
        dental=dental,
        traits=tuple(sorted(traits, key=lambda one: one.remains_id)),
    )
    truth = _truth(boxes.individuals, readings, [row.remains_id for row in remains], people, incident_ids)
    if scenario.country is not None:
        programme = replace(programme, settings=replace(settings, search_label_error=scenario.label_error))
        programme, truth = _with_fieldwork(programme, truth, scenario.country, np.random.default_rng([seed, 2]))
    tick("records", 1, 1)
    return programme, truth


def _with_fieldwork(
    programme: Programme, truth: Truth, country: Country, rng: np.random.Generator
) -> tuple[Programme, Truth]:
    boxes = {row.remains_id: row.container_id for row in programme.remains}
    boxed = {who: boxes[remains] for remains, who in truth.hypotheses.items() if who in programme.people}
    whole, lying = with_fieldwork(programme, boxed, country, rng)
    return whole, replace(truth, lying=lying)


def _shuffled_ids(prefix: str, count: int, rng: np.random.Generator, digits: int = 0) -> list[str]:
    """Identifiers for records 0 to count - 1; their order has nothing to do with that of the records."""
    width = max(digits, len(str(count)))
    return [f"{prefix}-{number + 1:0{width}}" for number in rng.permutation(count)]


def _incidents_of_persons(scenario: Scenario, rng: np.random.Generator) -> Indices:
    """(person,) incident of each, by the published scales, without regard to families."""
    counts = apportion(scenario.persons, [incident.scale for incident in scenario.incidents])
    return rng.permutation(np.repeat(np.arange(len(counts)), counts))


def _roster(
    scenario: Scenario,
    *,
    incident_ids: Sequence[str],
    incidents: Indices,
    populations: Sequence[str],
    rng: np.random.Generator,
) -> tuple[list[MissingPerson], list[Body]]:
    person_ids = _shuffled_ids("K", scenario.persons, rng)
    service_numbers = _shuffled_ids("INVENTED", scenario.persons, rng, digits=7)
    invented = [
        invented_person(
            person_ids[i],
            incident_id=incident_ids[i],
            incident=scenario.incidents[incidents[i]],
            population=populations[i],
            service_number=service_numbers[i],
            rng=rng,
        )
        for i in range(scenario.persons)
    ]
    return [person for person, _ in invented], [body for _, body in invented]


def _remains(
    scenario: Scenario, boxes: Boxes, readings: Readings, people: Sequence[MissingPerson], rng: np.random.Generator
) -> list[Remains]:
    """One row per individual, in the order of the individuals."""
    box_ids = _shuffled_ids("BOX", scenario.boxes, rng)
    accession = f"HANDOVER-{scenario.handed_over.year}"
    numbers: dict[int, int] = {}
    rows = []
    for one, calls in zip(boxes.individuals, readings.remains, strict=True):
        numbers[one.box] = numbers.get(one.box, 0) + 1
        claimed = scenario.incidents[boxes.claimed[one.box]]
        row = Remains(
            remains_id=f"{box_ids[one.box]}-I-{numbers[one.box]:02}",
            accession=accession,
            container_id=box_ids[one.box],
            found=claimed.place,
            site_id=claimed.name,
            claimed_by="sender",
            sex=_sex(calls, rng),
        )
        rows.append(_with_body(row, one.body, scenario.unlike.age_years, rng))
    tagged = int(rng.integers(len(rows)))  # one dog tag came with the boxes, and may be his or not
    owner = boxes.individuals[tagged].person
    if owner == NOBODY or rng.random() < 0.5:
        owner = int(rng.integers(len(people)))
    rows[tagged] = replace(rows[tagged], claimed_person=people[owner].person_id)
    return rows


def _sex(calls: Mapping[str, Call], rng: np.random.Generator) -> Sex:
    """As amelogenin says; without a profile bones tell it or not."""
    if AMELOGENIN in calls:
        return Sex.FEMALE if calls[AMELOGENIN] == FEMALE else Sex.MALE
    return Sex.MALE if rng.random() < 0.5 else Sex.UNKNOWN


def _with_body(row: Remains, body: Body, too_old: float, rng: np.random.Generator) -> Remains:
    """Stature and age as bones tell them, as intervals around an estimate that misses a little."""
    stature = round(body.stature_cm + float(rng.normal(0, 3)))
    age = round(body.age_years + too_old + float(rng.normal(0, 2)))
    if rng.random() < _UNKNOWN_BODY:
        return row
    return replace(
        row, stature_cm_low=stature - 6.0, stature_cm_high=stature + 6.0, age_low=age - 4.0, age_high=age + 4.0
    )


def _pedigrees(
    kin: Kinship, populations: Sequence[str], people: Sequence[MissingPerson], rng: np.random.Generator
) -> tuple[tuple[Pedigree, ...], list[str]]:
    """The families as records, and the member_id of each member. Someone without known family has no pedigree."""
    family_ids = _shuffled_ids("F", len(populations), rng)
    members_of: list[list[int]] = [[] for _ in populations]
    for member, family in enumerate(kin.family):
        members_of[family].append(member)
    member_ids = [""] * len(kin)
    for family, members in enumerate(members_of):
        for member, number in zip(members, rng.permutation(len(members)), strict=True):
            member_ids[member] = f"{family_ids[family]}-{number + 1:02}"
    pedigrees = [
        Pedigree(
            family_id=family_ids[family],
            members=tuple(
                Member(
                    family_id=family_ids[family],
                    member_id=member_ids[i],
                    father_id=member_ids[kin.father[i]] if kin.father[i] != NOBODY else "",
                    mother_id=member_ids[kin.mother[i]] if kin.mother[i] != NOBODY else "",
                    sex=kin.sex[i],
                    population=populations[family],
                    person_id=people[kin.person[i]].person_id if kin.person[i] != NOBODY else "",
                )
                for i in sorted(members, key=member_ids.__getitem__)
            ),
        )
        for family, members in enumerate(members_of)
        if len(members) > 1
    ]
    return tuple(sorted(pedigrees, key=lambda pedigree: pedigree.family_id)), member_ids


def _samples(
    scenario: Scenario,
    kin: Kinship,
    readings: Readings,
    member_ids: Sequence[str],
    remains_ids: Sequence[str],
    rng: np.random.Generator,
) -> tuple[tuple[Sample, ...], tuple[Profile, ...]]:
    typed = [member for member, is_typed in enumerate(kin.typed) if is_typed]
    kinds = [SampleKind.DIRECT if kin.person[i] != NOBODY else SampleKind.REFERENCE for i in typed]
    kinds += [SampleKind.REMAINS] * len(remains_ids)
    subjects = [member_ids[i] for i in typed] + list(remains_ids)
    calls = [*readings.references, *readings.remains]
    first = [_REFERENCES_FROM] * len(typed) + [scenario.handed_over] * len(remains_ids)
    sample_ids = _shuffled_ids("S", len(subjects), rng)
    ages = rng.random(len(subjects))
    taken = [
        start + timedelta(days=int(age * (scenario.as_of - start).days)) for start, age in zip(first, ages, strict=True)
    ]
    rows = sorted(zip(sample_ids, subjects, kinds, taken, calls, strict=True), key=lambda row: row[0])
    samples = tuple(
        Sample(sample_id=sample_id, subject_id=subject, kind=kind, date=DateSpan.read(day.isoformat()))
        for sample_id, subject, kind, day, _ in rows
    )
    profiles = tuple(
        Profile(sample_id=sample_id, subject_id=subject, calls=MappingProxyType(dict(seen)))
        for sample_id, subject, _, _, seen in rows
        if seen
    )
    return samples, profiles


def _lines(
    scenario: Scenario,
    kin: Kinship,
    boxes: Boxes,
    readings: Readings,
    population_of_family: Indices,
    populations: Sequence[str],
    samples: Sequence[Sample],
    member_ids: Sequence[str],
    remains_ids: Sequence[str],
    rng: np.random.Generator,
) -> tuple[tuple[Haplotype, ...], tuple[HaplotypeCount, ...]]:
    if not scenario.recording.lines:
        return (), ()
    typed = type_lines(
        kin,
        boxes.individuals,
        share=scenario.recording.lines,
        profiled=[bool(calls) for calls in readings.remains],
        population_of_family=population_of_family,
        populations=populations,
        rng=rng,
    )
    sample_of = {sample.subject_id: sample.sample_id for sample in samples}
    subjects = {member_ids[member]: line for member, line in typed.members.items()}
    subjects |= {remains_ids[number]: line for number, line in typed.individuals.items()}
    read = [reading(sample_of[subject], subject, line) for subject, line in subjects.items()]
    return tuple(sorted(read, key=lambda one: one.sample_id)), typed.databases


def _settings(scenario: Scenario) -> Settings:
    return Settings(
        name=scenario.name,
        conflict=scenario.conflict,
        as_of=DateSpan.read(scenario.as_of.isoformat()),
        population=next(iter(scenario.populations)),
        populations=scenario.populations,
        listed_share=scenario.listed_share,
        not_listed=scenario.not_listed,
        outsiders=scenario.outsiders,
        outsider_population=scenario.outsider_population,
        sex_error=scenario.decay.sex_error,
        tag_reliability=scenario.listed_share / 2,  # a tag is of someone in its box half the time, if he is listed
        place_floor=scenario.label_error,
    )


def _incident_records(scenario: Scenario, incident_ids: Sequence[str]) -> tuple[Incident, ...]:
    records = [
        Incident(
            incident_id=incident_id,
            kind=incident.kind,
            name=incident.name,
            date=DateSpan.read(incident.first.isoformat()),
            place=incident.place,
            datum="WGS84",
        )
        for incident_id, incident in zip(incident_ids, scenario.incidents, strict=True)
    ]
    return tuple(sorted(records, key=lambda record: record.incident_id))


def _markers(scenario: Scenario) -> tuple[Marker, ...]:
    people = sum(nist1036_people().values())
    return tuple(Marker(marker=marker, sample_size=people) for marker, _ in scenario.kit)


def _mutation(scenario: Scenario) -> tuple[MutationModel, ...]:
    return tuple(
        MutationModel(
            marker=marker,
            model=MutationKind.STEPWISE,
            rate_female=scenario.rates.female,
            rate_male=scenario.rates.male,
            rate2=scenario.rates.rate2,
            range=scenario.rates.range,
            transform=Transform.PM,
        )
        for marker, _ in scenario.kit
    )


def _truth(
    individuals: Sequence[Individual],
    readings: Readings,
    remains_ids: Sequence[str],
    people: Sequence[MissingPerson],
    incident_ids: Sequence[str],
) -> Truth:
    whole = sorted(zip(remains_ids, individuals, readings.true_genotypes, strict=True), key=lambda row: row[0])
    return Truth(
        hypotheses={remains_id: one.alternative or people[one.person].person_id for remains_id, one, _ in whole},
        incidents={remains_id: incident_ids[one.incident] for remains_id, one, _ in whole},
        genotypes={remains_id: genotype for remains_id, _, genotype in whole},
    )
