"""Which world to invent: sizes, places, families, laboratory. A scenario is data; :func:`korea` is the first.

What is published (places, how many were lost where) and what is assumed (kinds of families, how bones
decay) stands in ``homeward/data/korea`` with its README.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from homeward.errors import Nonsense
from homeward.programme import Burial, IncidentKind, Place, ScenarioKind
from homeward.simulation.country import Base, Country, Teller, Way
from homeward.tables import MutationRates, mutation_rates

RELATIVES: Final = (
    "mother",
    "father",
    "wife",
    "sibling",
    "half_sibling",
    "child",
    "nibling",  # a nephew or niece
    "nibling_pair",  # two children of one sibling
    "grand_nibling",
    "cousin",
    "cousin_pair",  # two children of one uncle or aunt
    "direct",  # the missing person's own tooth, biopsy or belongings
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LossIncident:
    """Where and when people were lost in a scenario.

    Parameters
    ----------
    group : the published group of losses it belongs to
    scale : how many of the scenario's missing it took, relative to the other incidents
    turnover : how readily remains of this place come back in boxes, relative to its scale; 0 is never
    unit : what those lost there served in ("Regiment", "Squadron")
    """

    group: str
    name: str
    kind: IncidentKind
    first: date
    last: date
    place: Place
    scale: float
    turnover: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyType:
    """A set of typed relatives, and the share of families that have it.

    ``missing`` is the number of brothers lost from one family; ``relatives`` is (kind, how many),
    kinds as in :data:`RELATIVES`. No relatives: nobody gave a sample.
    """

    share: float
    missing: int
    relatives: tuple[tuple[str, int], ...]

    def __post_init__(self) -> None:
        unknown = [kind for kind, _ in self.relatives if kind not in RELATIVES]
        if unknown:
            raise Nonsense(f"no kind of relative {unknown[0]!r}; there is {', '.join(RELATIVES)}")
        if self.missing not in (1, 2):
            raise Nonsense(f"a family of a scenario has one or two missing, not {self.missing}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decay:
    """How much of a profile old bone still gives.

    A marker of length L is seen with probability exp(-L / reach), where the reach of each remains is
    log-normal. What is seen of a heterozygote loses one of its two alleles (either) with twice
    ``one_allele`` times the probability of not seeing the marker at all; a homozygote's single peak,
    twice as high, is called doubtful half as often.

    Parameters
    ----------
    reach_bp : median reach in base pairs
    spread : standard deviation of the natural logarithm of the reach
    one_allele : see above
    no_profile : share of remains that give no profile at all
    sex_error : probability that a man is typed or judged a woman (AMEL-Y lost)
    """

    reach_bp: float
    spread: float
    one_allele: float
    no_profile: float
    sex_error: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlike:
    """How a world differs from what its programme states: what the analysis does not know.

    Parameters
    ----------
    coancestry : theta of founders within their population, of which the programme states none
    mutation : how many times the stated rates alleles mutate
    dropout : chance that a copy of an allele of remains is not seen, beyond what is stated
    age_years : by how much the age read from remains is too high
    labels : chance that a box names a wrong place, beyond what is stated
    """

    coancestry: float = 0.0
    mutation: float = 1.0
    dropout: float = 0.0
    age_years: float = 0.0
    labels: float = 0.0

    def __post_init__(self) -> None:
        for name in ("coancestry", "dropout", "labels"):
            if not 0 <= getattr(self, name) < 1:
                raise Nonsense(f"{name} is a chance below one, not {getattr(self, name):g}")
        if self.mutation < 0:
            raise Nonsense(f"mutation is how many times the stated rates, not {self.mutation:g}")

    @property
    def stated(self) -> Mapping[str, float]:
        """Only what differs."""
        return {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) != f.default}


AS_STATED = Unlike()
LOST_TOGETHER = 25  # persons of one incident in a small world, at least


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """Of how many people what is on record beside their genotypes; zero throughout: nothing.

    Parameters
    ----------
    charted : share of the roster with a dental chart from before the loss
    jaws : share of remains whose teeth are charted
    measured : share of remains whose long bones are measured
    staged : share of remains whose pubic symphysis is staged
    lines : share of typed relatives, and of remains with a profile, whose mitochondrial sequence was read
    """

    charted: float = 0.0
    jaws: float = 0.0
    measured: float = 0.0
    staged: float = 0.0
    lines: float = 0.0

    def __post_init__(self) -> None:
        for f in fields(self):
            if not 0 <= getattr(self, f.name) <= 1:
                raise Nonsense(f"{f.name} is a share, not {getattr(self, f.name):g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A world to invent.

    Parameters
    ----------
    persons, boxes, individuals : numbers of missing persons, of boxes handed over, of individuals in them
    listed_share, not_listed, outsiders : chances that an individual in a box is on the roster, missing but
        not on the roster, of a group of outsiders (sum to one)
    populations : the roster's mixture; outsider_population : group -> population
    label_error : chance that a box names another place than that where its contents were lost
    reference_failure : chance that a marker fails in a fresh reference sample
    rates : of the stepwise mutation model, made stationary (PM)
    recording : what is on record beside genotypes
    unlike : how the world differs from what its programme states
    country : where people lie, what is said of it and what was dug; None: nothing of that is on record
    """

    name: str
    conflict: str
    as_of: date
    handed_over: date
    persons: int
    boxes: int
    individuals: int
    incidents: tuple[LossIncident, ...]
    families: tuple[FamilyType, ...]
    kit: tuple[tuple[str, int], ...]  # marker, length in base pairs
    populations: Mapping[str, float]
    listed_share: float
    not_listed: float
    outsiders: Mapping[str, float]
    outsider_population: Mapping[str, str]
    decay: Decay
    label_error: float
    reference_failure: float
    rates: MutationRates = field(default_factory=mutation_rates)
    recording: Recording = field(default_factory=Recording)
    unlike: Unlike = AS_STATED
    country: Country | None = None

    def __post_init__(self) -> None:
        for what, whole in (
            (
                "listed_share, not_listed and outsiders",
                self.listed_share + self.not_listed + sum(self.outsiders.values()),
            ),
            ("the populations", sum(self.populations.values())),
            ("the shares of families", sum(family.share for family in self.families)),
        ):
            if abs(whole - 1) > 1e-9:
                raise Nonsense(f"{self.name}: {what} sum to {whole:.12g}, not 1")
        if not 0 < self.boxes <= self.individuals <= self.persons:
            raise Nonsense(
                f"{self.name}: {self.boxes} boxes, {self.individuals} individuals and {self.persons} persons; "
                "each box holds someone, and there are at least as many persons missing as individuals"
            )
        if not any(incident.turnover * incident.scale > 0 for incident in self.incidents):
            raise Nonsense(f"{self.name}: no incident whose remains come back in boxes")


def scenarios() -> Mapping[str, Scenario]:
    """The worlds that can be invented, by name.

    >>> scenarios()["korea"].persons
    5300
    """
    makers: Mapping[str, Callable[[], Scenario]] = {"korea": korea}
    return {name: make() for name, make in makers.items()}


def scaled(scenario: Scenario, *, persons: int) -> Scenario:
    """The same world with so many missing persons, and boxes and individuals in proportion.

    >>> small = scaled(korea(), persons=530)
    >>> small.persons, small.boxes, small.individuals
    (530, 6, 25)
    """
    ratio = persons / scenario.persons
    individuals = max(1, round(scenario.individuals * ratio))
    boxes = min(individuals, max(1, round(scenario.boxes * ratio)))
    return replace(scenario, persons=persons, boxes=boxes, individuals=individuals)


def sized(scenario: Scenario, *, persons: int, remains: int) -> Scenario:
    """The same world with so many missing persons and so many remains, four or five to a box.

    Only the largest incidents are kept whose remains come back, few enough that a box of one place finds its people
    among those lost there. Nothing is on record of where they lie: such worlds are about who is who.
    """
    if remains > persons:
        raise Nonsense(f"{remains} remains of {persons} missing persons: at most as many")
    boxes = max(1, round(remains * scenario.boxes / scenario.individuals))
    returning = [one for one in scenario.incidents if one.turnover > 0]
    kept = sorted(returning, key=lambda one: -one.scale)[: max(2, persons // LOST_TOGETHER)]
    incidents = tuple(replace(one, turnover=1.0) for one in kept)  # as likely to come back as to be lost
    return replace(scenario, persons=persons, boxes=boxes, individuals=remains, incidents=incidents, country=None)


@cache
def korea() -> Scenario:
    """Korea 1950-53: 5,300 missing, and 55 boxes with about 250 individuals handed over on 27 July 2018.

    Notes
    -----
    Places and how many were lost there: DPAA fact sheet 569604 (2014) and the tables gathered in
    ``homeward/data/korea/README.md``. The South Koreans among the remains are drawn with the NIST 1036
    Asian frequencies as a stand-in. The mixture of the roster, the kinds of families and the decay are
    assumptions of the demonstration.
    """
    return Scenario(
        name="Korea 1950-53, invented",
        conflict="Korea 1950-53",
        as_of=date(2021, 12, 31),
        handed_over=date(2018, 7, 27),
        persons=5300,
        boxes=55,
        individuals=250,
        incidents=tuple(_incidents()),
        families=tuple(_family_types()),
        kit=tuple((row["marker"], int(row["length_bp"])) for row in _rows("kit.csv")),
        populations=MappingProxyType({"Caucasian": 0.82, "African American": 0.1, "Hispanic": 0.06, "Asian": 0.02}),
        listed_share=0.62,
        not_listed=0.05,
        outsiders=MappingProxyType({"south_korean": 0.33}),
        outsider_population=MappingProxyType({"south_korean": "Asian"}),
        decay=Decay(reach_bp=900, spread=0.6, one_allele=0.1, no_profile=0.04, sex_error=0.01),
        label_error=0.15,
        reference_failure=0.005,
        recording=Recording(charted=0.1, jaws=0.4, measured=0.4, staged=0.3),
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files("homeward") / "data" / "korea" / name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _incidents() -> Iterator[LossIncident]:
    for row in _rows("incidents.csv"):
        yield LossIncident(
            group=row["group"],
            name=row["name"],
            kind=IncidentKind(row["kind"]),
            first=date.fromisoformat(row["from"]),
            last=date.fromisoformat(row["until"]),
            place=Place(lat=float(row["lat"]), lon=float(row["lon"]), radius_m=float(row["radius_m"])),
            scale=float(row["scale"]),
            turnover=float(row["turnover"]),
            unit=row["unit"],
        )


def _family_types() -> Iterator[FamilyType]:
    for row in _rows("families.csv"):
        kinds = [entry.split(":") for entry in row["relatives"].split(";") if entry]
        yield FamilyType(
            share=float(row["share"]),
            missing=int(row["missing"]),
            relatives=tuple((kind, int(count)) for kind, count in kinds),
        )


def korea_country() -> Country:
    """Where those lost in Korea lie, what is told of it, and what digging there costs; all of it assumed."""
    return Country(
        ways=tuple(_ways()),
        routes=tuple((row["name"], row["line"]) for row in _rows("routes.csv")),
        regions=tuple(_bases()),
        sources=tuple(
            Teller(**{**row, "share": float(row["share"]), "reliability": float(row["reliability"])})  # type: ignore[arg-type]
            for row in _rows("sources.csv")
        ),
    )


def _ways() -> Iterator[Way]:
    for row in _rows("burials.csv"):
        yield Way(
            kind=IncidentKind(row["kind"]),
            scenario=ScenarioKind(row["scenario"]),
            burial=Burial(row["burial"]),
            shared=row["shared"] == "yes",
            weight=float(row["weight"]),
            persons_per_grave=float(row["persons_per_grave"]) if row["persons_per_grave"] else None,
            radius_m=float(row["radius_m"]) if row["radius_m"] else None,
            spread=float(row["spread"] or 0),
        )


def _bases() -> Iterator[Base]:
    for row in _rows("regions.csv"):
        yield Base(
            region_id=row["region_id"],
            name=row["name"],
            place=Place(lat=float(row["base_lat"]), lon=float(row["base_lon"])),
            mobilisation_cost=float(row["mobilisation_cost"]),
            travel_days=float(row["travel_days"]),
            window_from=row["window_from"],
            window_until=row["window_until"],
        )
