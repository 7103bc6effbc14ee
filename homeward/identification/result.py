"""What an identification gives: the values that pages, files and the board show.

Everything is columnar or small: a roster of thousands against hundreds of remains
has millions of pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from homeward.programme import NOTHING, Settings
from homeward.provenance import Provenance

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]


class Label(StrEnum):
    """How a posterior was obtained, and so what its error means."""

    EXACT = "exact"  # error is rounding, 0
    CERTIFIED = "certified"  # error is the greatest distance to the ends of a proven interval
    SAMPLED = "sampled"  # error is a standard error
    APPROXIMATE = "approximate"  # error is the largest difference from exact measured on sub-problems


class Exclusion(StrEnum):
    """Why a pair has no weight at all."""

    NONE = ""
    GENOTYPE = "genotype"
    SEX = "sex"
    DECISION = "decision"


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """Every pair of remains and hypothesis that is kept, sorted by remains, then posterior descending.

    All arrays have one entry per pair. ``hypothesis`` indexes ``hypotheses``:
    person_ids, then ``not_listed``, ``outsider:GROUP``..., ``other_listed``.
    """

    remains_ids: tuple[str, ...]
    hypotheses: tuple[str, ...]
    remains: Integers
    hypothesis: Integers
    log10_lr: Floats  # -inf: impossible; nan where the column has no meaning (alternatives)
    log10_lr_all: Floats
    prior: Floats
    posterior: Floats
    error: Floats
    label: tuple[Label, ...]  # per remains (index into remains_ids), since a run labels a row of the table
    excluded: npt.NDArray[np.str_]  # values of Exclusion


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A leading pair with what each marker and each line of evidence contributes."""

    remains_id: str
    hypothesis: str
    log10_lr: float | None  # None: impossible (see excluded), or no meaning for an alternative
    log10_lr_all: float | None
    prior: float
    posterior: float
    label: Label
    error: float
    log10_lr_error: float = 0.0  # standard error of log10_lr where the family's likelihood is an estimate
    excluded: Exclusion = Exclusion.NONE
    markers: Mapping[str, float | None] = field(default_factory=lambda: NOTHING)  # marker -> log10 LR; None: -inf
    evidence: Mapping[str, float] = field(default_factory=lambda: NOTHING)  # line ("dna", "sex", ...) -> log10 LR


class Conclusion(StrEnum):
    """What the numbers allow a laboratory to propose; a board decides."""

    IDENTIFY = "identify"  # posterior >= thresholds.identify
    REVIEW = "review"  # posterior >= thresholds.review
    SYMMETRIC = "symmetric"  # persons whom these genetics cannot tell apart share the posterior
    OPEN = "open"  # nothing stands out
    NOT_LISTED = "not_listed"  # not_listed or an outsider group has posterior >= thresholds.review
    DECIDED = "decided"  # an earlier decision fixes it


class Method(StrEnum):
    """How a posterior under other assumptions was obtained."""

    EXACT = "exact"  # everything solved again
    ROW = "row"  # these remains weighed again, what all others say of who is still free held as it is


class Genetics(StrEnum):
    """Whether genetics can tell the best hypothesis from the runner-up."""

    TELLS = "tells"  # their relatives differ: further markers add to what is known
    MORE_MARKERS = "more_markers"  # the same for these remains, not for others: further markers may tell them apart
    NEVER = "never"  # of one family and alike in it: no profile of any remains tells them apart with these relatives
    ONE_WITHOUT = "one_without_references"  # one has no typed relative who informs
    NONE_WITH = "no_references"  # neither has
    NOT_TYPED = "not_typed"  # these remains have no profile


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOut:
    """One line of evidence for one of the remains, and the posterior of the best had it not been weighed."""

    line: str
    log10_lr: float | None  # of the best against someone not listed; None: impossible
    runner_up_log10_lr: float | None
    parts: Mapping[str, float] = field(default_factory=lambda: NOTHING)  # of the best; before the bound
    posterior: float
    rank: int  # of the best, 1 if it still leads
    leading: str  # hypothesis that leads without the line
    leading_posterior: float
    method: Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """The runner-up, and what would tell it from the best."""

    hypothesis: str
    lines: Mapping[str, float]  # line -> log10 LR of the best over the runner-up, where they differ
    log10_odds: float | None  # posterior odds of the best over the runner-up; None: the runner-up has none
    needed_log10_lr: (
        float  # of a further line, for the best over the runner-up, to reach thresholds.identify; 0: reached
    )
    genetics: Genetics


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What the conclusion about one of the remains rests on, and what would change it."""

    lines: tuple[LineOut, ...]
    separation: Separation | None
    alike: int  # other persons of whom every line says of these remains exactly what it says of the best
    alike_persons: tuple[str, ...]  # the first of them
    log10_glr: float | None  # greatest likelihood of an assignment with the best pair over the greatest without it
    glr_absent: str  # "" | "too_large" | "decided" | "fragments" | "only": why there is none
    exact_priors: tuple[tuple[float, float], ...]  # (share of the listed, posterior of best), everything solved again
    priors_absent: str  # "" | "too_large" | "flat" | "decided" | "fragments"
    margin_log10_lr: float | None  # by how much log10_lr_all of the best exceeds needed_log10_lr; negative: lacks
    estimated: bool = False  # likelihoods behind it are estimates: numbers here err about as much as the posterior


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainsResult:
    """One individual: what was concluded, and what the conclusion depends on."""

    remains_id: str
    merged: tuple[str, ...]  # the rows that same_as made one individual; itself alone otherwise
    sex: str
    markers_typed: int
    conclusion: Conclusion
    best: Candidate
    runner_up: Candidate | None
    needed_log10_lr: float  # LR that thresholds.identify implies for this roster and prior
    sensitivity: tuple[tuple[float, float], ...]  # (prior weight of "listed", posterior of best) at several priors
    not_listed: float
    outsiders: Mapping[str, float]
    listed: float  # posterior that it is anyone on the roster
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyResult:
    family_id: str
    members_typed: tuple[str, ...]
    missing: tuple[str, ...]  # person_ids
    log10_likelihood: float | None  # of the references; None when set aside as impossible
    state: str  # "used" | "set_aside"
    marker: str = ""
    reason: str = ""  # a code: "mendelian", "no_typed_relative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One whole answer: who each of the remains is, and its probability."""

    rank: int
    posterior: float
    hypotheses: Mapping[str, str]  # remains_id -> hypothesis
    error: float = 0.0  # standard error of the posterior where likelihoods are estimates


@dataclass(frozen=True, slots=True, kw_only=True)
class Symmetric:
    """Persons (or remains) whom these genetics cannot tell apart, with their shared posterior."""

    remains_ids: tuple[str, ...]
    person_ids: tuple[str, ...]
    posterior: float  # that these remains are, together, these persons in some order


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisputed:
    """LR at least ``threshold`` and at least as many times any other in its row and column."""

    remains_id: str
    person_id: str
    log10_lr: float
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something assumed, added or set aside that a reader should know; a code and its values."""

    code: str
    values: Mapping[str, Any] = field(default_factory=lambda: NOTHING)


@dataclass(frozen=True, eq=False, kw_only=True)
class Identification:
    """The whole result of ``identify``."""

    provenance: Provenance
    settings: Settings
    pairs: Pairs
    candidates: tuple[Candidate, ...]  # sorted as pairs; every pair when few, else the leading ones per remains
    remains: tuple[RemainsResult, ...]
    families: tuple[FamilyResult, ...]
    assignments: tuple[Assignment, ...]  # empty with the reason in assignments_absent
    assignments_absent: str  # "" | "too_large": a code
    symmetric: tuple[Symmetric, ...]
    undisputed: tuple[Undisputed, ...]
    identical: tuple[tuple[str, str, float], ...]  # pairs of remains with identity log10 LR > 3
    notes: tuple[Note, ...]
    shares: Mapping[Label, float]  # of remains, by label
    median_width: float  # of the posterior's error over remains
    log10_evidence: float | None  # log10 of the sum over assignments of prior weight x likelihood, where exact
    log10_evidence_error: float = 0.0  # its standard error where likelihoods are estimates
