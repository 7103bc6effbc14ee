"""What ``programme.toml`` says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from homeward.programme.basis import NOTHING, DateSpan, probability, require


class PriorKind(StrEnum):
    ROSTER = "roster"
    FLAT = "flat"


class ThetaMethod(StrEnum):
    EXACT = "exact"  # a family too large is refused
    SAMPLED = "sampled"  # a family too large is estimated from draws, with its standard error


LINES = (
    "mt",
    "y",
    "snp",
    "body",  # sex, stature and size of bones together
    "age",
    "dental",
    "material",  # tags, effects and what is written on the box
    "place",
    "radiograph",
    "isotope",
    "trauma",
    "circumstance",
    "other",
)
"""Lines of evidence beside the genotypes, which are always weighed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsiderProfile:
    """What is known of the bodies of a group of outsiders; None: as the roster's."""

    male_share: float | None = None
    stature_mean_cm: float | None = None
    stature_sd_cm: float | None = None
    age_low: float | None = None
    age_high: float | None = None

    def __post_init__(self) -> None:
        probability(self.male_share, "male_share")
        require(
            (self.stature_mean_cm is None) == (self.stature_sd_cm is None),
            "stature_mean_cm and stature_sd_cm belong together",
        )
        require((self.age_low is None) == (self.age_high is None), "age_low and age_high belong together")
        require(
            self.age_low is None or self.age_high is None or self.age_low < self.age_high,
            "age_low is not below age_high",
        )
        require(self.stature_sd_cm is None or self.stature_sd_cm > 0, "stature_sd_cm is above zero")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What ``programme.toml`` says. Field names are section_key where a section needs telling apart."""

    name: str
    schema: int = 1
    conflict: str = ""
    as_of: DateSpan | None = None
    single_allele: str = "fault"  # fault | homozygote | partial
    population: str = ""  # [genetics] the population of whoever has none stated
    theta: float = 0.0
    untyped_ancestors: str = "keep"  # keep (the whole pedigree) | prune (as Familias)
    dropout: float = 0.0
    dropin: float = 0.0
    typing_error: float = 0.0
    theta_method: ThetaMethod = ThetaMethod.EXACT
    theta_draws: int = 20_000
    populations: Mapping[str, float] = field(default_factory=lambda: NOTHING)  # the roster's mixture
    prior: PriorKind = PriorKind.ROSTER
    listed_share: float = 0.5
    not_listed: float = 0.5
    outsiders: Mapping[str, float] = field(default_factory=lambda: NOTHING)  # group -> prior weight
    outsider_population: Mapping[str, str] = field(default_factory=lambda: NOTHING)  # group -> population
    outsider_profiles: Mapping[str, OutsiderProfile] = field(default_factory=lambda: NOTHING)  # group -> bodies
    lines: tuple[str, ...] = LINES  # the lines of evidence that are weighed
    sex_error: float = 0.01
    bound: float = 0.001
    stature_sd_cm: float = 1.5  # of a recorded stature around the true one
    age_error: float = 0.02  # chance that an age indicator says nothing of the age
    dental_error: float = 0.01  # chance that a tooth's code is wrong
    tag_reliability: float = 0.5  # chance that a tag or a sender's name belongs to someone in its box
    place_radius_km: float = 10.0  # how far remains usually lie from where the person was lost
    place_floor: float = 0.1  # chance that the place says nothing
    one_to_one: bool = True
    fragments: bool = False  # several rows may be one person
    seed: int = 1
    identify: float = 0.9995
    review: float = 0.99
    exclude: float = 1e-4
    undisputed_lr: float = 1e4
    search_theatre: str = "korea"  # a shipped outline, or WKT (lon lat) of a polygon
    search_cell_m: float = 250.0
    search_elsewhere: float = 0.2  # weight of "nowhere on the map" for whoever has no such scenario
    search_label_error: float = 0.1  # chance that a stated origin is another's
    search_label_radius_m: float = 3000.0  # two sigma around a stated origin
    search_detection: float = 0.8  # of a dig whose record does not say
    search_crews: int = 1
    search_season_days: float = 60.0  # days of a crew in one season

    def __post_init__(self) -> None:
        require(self.schema == 1, f"schema {self.schema} is not known; this version reads schema 1")
        require(self.single_allele in ("fault", "homozygote", "partial"), f"single_allele {self.single_allele!r}")
        require(self.untyped_ancestors in ("keep", "prune"), f"untyped_ancestors {self.untyped_ancestors!r}")
        for name in (
            "theta",
            "dropout",
            "dropin",
            "typing_error",
            "listed_share",
            "not_listed",
            "sex_error",
            "bound",
            "age_error",
            "dental_error",
            "tag_reliability",
            "place_floor",
            "search_elsewhere",
            "search_label_error",
            "search_detection",
            "identify",
            "review",
            "exclude",
        ):
            probability(getattr(self, name), name)
        require(self.bound > 0, "bound is above zero: no line of evidence but DNA excludes by itself")
        require(self.undisputed_lr > 0, "undisputed_lr is above zero")
        require(self.theta_draws >= 100, "theta_draws is at least 100")
        require(self.stature_sd_cm > 0 and self.place_radius_km > 0, "stature_sd_cm and place_radius_km are above zero")
        for name in ("search_cell_m", "search_label_radius_m", "search_season_days"):
            require(getattr(self, name) > 0, f"{name} is above zero")
        require(self.search_crews >= 1, "search_crews is at least 1")
        for line in self.lines:
            require(line in LINES, f"{line!r} is not a line of evidence: {', '.join(LINES)}")
        if self.prior is PriorKind.ROSTER:
            whole = self.listed_share + self.not_listed + sum(self.outsiders.values())
            require(
                abs(whole - 1) <= 1e-9,
                f"listed_share + not_listed + outsiders is {whole:.12g}, not 1",
            )
        if self.populations:
            mixture = sum(self.populations.values())
            require(abs(mixture - 1) <= 1e-9, f"the weights of [populations] sum to {mixture:.12g}, not 1")
