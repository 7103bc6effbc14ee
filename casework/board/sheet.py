"""The comparison of one set of remains with a candidate, put together for one reader.

What the reader's roles do not let him see is not fetched, and so cannot be shown.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from casework.board import queries
from casework.board.models import Candidate, Comparison
from casework.laboratory import queries as laboratory
from casework.laboratory.models import EarlierDecision, Remains
from casework.laboratory.teeth import Jaw, jaws
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused
from casework.registry import queries as registry
from casework.registry.models import Family, Incident, MissingPerson
from homeward.programme import NOT_OBSERVED, OTHER_LISTED

LEADING = 5  # persons shown at first
TYPED_SHOWN = 6  # relatives with a column of their own in the marker table


@dataclass(frozen=True, slots=True)
class MarkerRow:
    """One marker: what was observed, and what it says of two candidates."""

    marker: str
    remains: str
    relatives: tuple[str, ...]
    chosen: float | None
    beside: float | None
    has_chosen: bool
    has_beside: bool

    @property
    def unused(self) -> bool:
        """Observed on the remains, but no part of any LR: AMEL, or a marker without frequencies."""
        return bool(self.remains) and not self.has_chosen and not self.has_beside


@dataclass(kw_only=True)
class Sheet:
    """Everything that the comparison page shows."""

    comparison: Comparison
    candidates: Sequence[Candidate]
    chosen: Candidate
    beside: Candidate | None  # shown next to the chosen: the best, or the runner-up where the best is chosen
    others: float  # posterior of everyone listed who is not shown, together
    others_number: int
    persons: Mapping[str, MissingPerson] = field(default_factory=dict)  # with names, for whoever may see them
    remains: Remains | None = None
    incident: Incident | None = None
    family: Family | None = None
    typed: tuple[str, ...] = ()
    markers: tuple[MarkerRow, ...] = ()
    relatives: tuple[str, ...] = ()
    jaws: Sequence[Jaw] = ()  # teeth of the remains beside those of the chosen person, for whoever may see both
    decisions: Sequence[EarlierDecision] = ()

    @property
    def person(self) -> MissingPerson | None:
        return self.persons.get(self.chosen.hypothesis)

    @property
    def runner_up(self) -> Candidate | None:
        return next((one for one in self.candidates if one.hypothesis == self.comparison.runner_up), None)

    def another(self, candidate: Candidate) -> float:
        """The chance that it is not this one; where that is small, summed from the others: a float still tells them."""
        if candidate.posterior < 0.9:
            return 1 - candidate.posterior
        return math.fsum(one.posterior for one in self.candidates if one.pk != candidate.pk) + self.others

    def log10_odds(self, candidate: Candidate) -> float | None:
        """Posterior odds of a candidate; None where its probability is zero."""
        if candidate.posterior <= 0:
            return None
        return math.log10(candidate.posterior) - math.log10(max(self.another(candidate), 1e-15))

    def prior_log10_odds(self, candidate: Candidate) -> float | None:
        if not 0 < candidate.prior < 1:
            return None
        return math.log10(candidate.prior) - math.log10(1 - candidate.prior)

    @property
    def untyped(self) -> list[str]:
        """Markers of the comparison at which the remains gave nothing."""
        return [row.marker for row in self.markers if not row.remains]

    @property
    def leading(self) -> Sequence[Candidate]:
        """Candidates in the table: the first few persons, the chosen one, and every alternative."""
        persons = [one for one in self.candidates if one.is_person]
        shown = {one.pk for one in persons[:LEADING]} | {self.chosen.pk}
        return [one for one in self.candidates if not one.is_person or one.pk in shown]

    @property
    def more(self) -> Sequence[Candidate]:
        """Further persons whose parts were kept."""
        shown = {one.pk for one in self.leading}
        return [one for one in self.candidates if one.pk not in shown]


def sheet(comparison: Comparison, *, by: Member, hypothesis: str = "") -> Sheet:
    """Put the page together for a member.

    Raises
    ------
    Refused
        ``not-found`` for a hypothesis of which the run kept nothing.
    """
    candidates = queries.candidates(comparison)
    chosen = _named(candidates, hypothesis or comparison.best)
    beside = next((one for one in candidates if one.pk != chosen.pk and one.is_person), None)
    kept = [one for one in candidates if one.is_person]
    told = any(one.hypothesis == OTHER_LISTED for one in candidates)  # the run gave the rest of the list a row
    page = Sheet(
        comparison=comparison,
        candidates=candidates,
        chosen=chosen,
        beside=beside if chosen.is_person else None,
        others=0.0 if told else max(comparison.listed - math.fsum(one.posterior for one in kept), 0.0),
        others_number=0 if told else max(int(comparison.run.summary.get("persons", 0)) - len(kept), 0),
    )
    if by.may("see names"):
        page.persons = registry.names_of([one.hypothesis for one in kept], by=by)
    if by.may("see remains"):
        page.remains = laboratory.remains(by=by).filter(holder=by.party, remains_id=comparison.remains_id).first()
        page.decisions = list(laboratory.decisions_about(comparison.remains_id, by=by))
    if page.remains and chosen.is_person and by.may("see dental records"):
        charts = laboratory.charts_of_person(chosen.hypothesis, by=by)
        page.jaws = jaws([*charts, *laboratory.charts_of_remains(comparison.remains_id, by=by)])
    if page.person and page.person.incident_id:
        page.incident = registry.incidents(by=by).filter(
            holder=by.party, incident_id=page.person.incident_id
        ).first()  # fmt: skip
    if chosen.family_id and by.may("see families"):
        page.family = registry.families(by=by).filter(family_id=chosen.family_id).first()
        page.typed = tuple(chosen.family_typed)
    if by.may("see profiles"):
        page.relatives = page.typed[:TYPED_SHOWN]
    page.markers = _markers(page, by)
    return page


def _named(candidates: Sequence[Candidate], hypothesis: str) -> Candidate:
    for candidate in candidates:
        if candidate.hypothesis == hypothesis:
            return candidate
    raise Refused(NOT_FOUND, hypothesis=hypothesis)


def _markers(page: Sheet, by: Member) -> tuple[MarkerRow, ...]:
    chosen = page.chosen.markers
    beside = page.beside.markers if page.beside else {}
    remains: dict[str, str] = {}
    for row in page.comparison.merged:
        remains |= _calls(row, by)
    relatives = [_calls(member, by) for member in page.relatives]
    typed = {marker for observed in (remains, *relatives) for marker in observed}
    names = [*chosen, *(marker for marker in beside if marker not in chosen)]
    names += sorted(typed - set(names)) if page.chosen.is_person else []
    return tuple(
        MarkerRow(
            marker=marker,
            remains=remains.get(marker, ""),
            relatives=tuple(observed.get(marker, "") for observed in relatives),
            chosen=chosen.get(marker),
            beside=beside.get(marker),
            has_chosen=marker in chosen,
            has_beside=marker in beside,
        )
        for marker in names
    )


def _calls(subject_id: str, by: Member) -> dict[str, str]:
    """Marker in its usual spelling -> the two alleles as text, for whoever may see profiles."""
    if not by.may("see profiles"):
        return {}
    from homeward.tables import canonical_marker

    return {
        canonical_marker(marker): f"{alleles[0]}, {alleles[1]}"
        for profile in laboratory.profiles_of(subject_id, by=by).order_by("typed")
        for marker, alleles in profile.calls.items()
        if (alleles[0], alleles[1]) != (NOT_OBSERVED, NOT_OBSERVED)
    }
