"""What was compared and decided about remains and a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from homeward.programme.basis import NOTHING, DateSpan, probability, require

NOT_LISTED = "not_listed"  # someone missing who is not on the roster
OTHER_LISTED = "other_listed"  # the roster's remainder in a shortened table
OUTSIDER = "outsider:"  # prefix of a group of outsiders


class Outcome(StrEnum):
    IDENTIFIED = "identified"
    EXCLUDED = "excluded"
    RESCINDED = "rescinded"
    AFFILIATION = "affiliation"


class VerdictKind(StrEnum):
    """What was compared by an examiner."""

    RADIOGRAPH = "radiograph"
    ISOTOPE = "isotope"
    TRAUMA = "trauma"
    EFFECTS = "effects"
    CIRCUMSTANCE = "circumstance"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A comparison of remains with someone, as its examiner recorded it."""

    remains_id: str
    about: str  # a person_id, or outsider:GROUP
    kind: VerdictKind
    method: str
    verdict: str = ""  # a word that verdict_rates.csv calibrates
    rank: int | None = None  # place in a list ordered by likeness, 1 the most alike
    list_size: int | None = None
    examiner: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        require(
            (self.rank is None) == (self.list_size is None),
            f"{self.remains_id}, {self.about}, {self.method}: a rank is of a list, and needs its size",
        )
        if self.rank is not None and self.list_size is not None:
            require(1 <= self.rank <= self.list_size, f"rank {self.rank} is not in a list of {self.list_size}")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictRate:
    """How often a verdict is given of the same person, and of different ones: the method's calibration."""

    kind: VerdictKind
    method: str
    verdict: str
    if_same: float
    if_different: float
    source: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    def __post_init__(self) -> None:
        for name in ("if_same", "if_different"):
            probability(getattr(self, name), name)
        require(self.if_same > 0 and self.if_different > 0, "a verdict that never occurs cannot be weighed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A published parameter of a method that this programme replaces, with its source."""

    method: str
    parameter: str
    value: float
    source: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about a pair, by whom and why. A later row about the same pair supersedes."""

    remains_id: str
    about: str  # a person_id, or outsider:GROUP
    outcome: Outcome
    decided_on: DateSpan | None = None
    by: str = ""
    reason: str = ""
    extra: Mapping[str, str] = field(default_factory=lambda: NOTHING)
