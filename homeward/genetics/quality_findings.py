"""What tests of references give: tests of two people and of families, and findings that a person should look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

_ARGUING = 0.3  # log10 LR of a marker that is named


class Kind(StrEnum):
    """What an alternative to the stated family is."""

    OTHER_FATHER = "other_father"  # the first member has another, unknown father
    OTHER_MOTHER = "other_mother"
    EXCHANGED = "exchanged"  # the samples of both members are exchanged
    FOREIGN = "foreign"  # the sample of the member is of someone unrelated
    SAME_PERSON = "same_person"  # the sample of the first member is of the second (or they are identical twins)
    NOT_TWINS = "not_twins"  # stated as identical twins, they are sibs
    # findings that are no alternative of one family
    MUTATION = "mutation"  # only with a mutation does the family fit, and it fits best as stated
    UNEXPLAINED = "unexplained"  # impossible as stated, and with any one thing changed
    RELATIONSHIP = "relationship"  # two members look like something else than stated
    EXCHANGED_BETWEEN = "exchanged_between"  # samples of two families are exchanged
    LINE = "line"  # two members of one maternal or paternal line have haplotypes that differ
    ACROSS = "across"  # two people of different families look related


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A family with one thing changed.

    Parameters
    ----------
    kind : what is changed
    members : whom it concerns, see :class:`Kind`
    log10_likelihood : of the family so changed
    log10_lr : the same against the family as stated; inf if only that is impossible
    by_marker : canonical marker -> its part; inf and -inf where one of the two is impossible
    """

    kind: Kind
    members: tuple[str, ...]
    log10_likelihood: float
    log10_lr: float
    by_marker: Mapping[str, float]

    @property
    def arguing(self) -> tuple[str, ...]:
        """The markers that speak for it, strongest first."""
        told = [marker for marker, part in self.by_marker.items() if part >= _ARGUING]
        return tuple(sorted(told, key=lambda marker: (-self.by_marker[marker], marker)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTest:
    """Two typed members of one family, from their two profiles alone.

    Parameters
    ----------
    stated : what the pedigree says: a key of :data:`homeward.genetics.kinship.RELATIONSHIPS`, or "other"
    log10_stated : log10 LR of what is stated against unrelated; -inf if it is impossible
    log10_of : relationship -> the same of each
    markers : typed in both
    """

    family_id: str
    first: str
    second: str
    stated: str
    log10_stated: float
    log10_of: Mapping[str, float]
    markers: int

    @property
    def best(self) -> str:
        return max(self.log10_of, key=lambda name: self.log10_of[name])

    @property
    def log10_lr(self) -> float:
        """What it looks like against what is stated."""
        if self.best == self.stated or not self.markers:
            return 0.0
        return self.log10_of[self.best] - self.log10_stated


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyQuality:
    """One family, tested.

    Parameters
    ----------
    log10_likelihood : of the references as stated; -inf if they contradict the pedigree
    contradictions : markers at which they do
    needing_mutation : markers that fit only with a mutation
    tests : alternatives tried
    alternatives : best first
    error : standard error of ``log10_likelihood`` where theta ties too much together and it is an estimate; that of an
        alternative is about as large
    """

    family_id: str
    population: str
    typed: tuple[str, ...]
    log10_likelihood: float
    contradictions: tuple[str, ...]
    needing_mutation: tuple[str, ...]
    tests: int
    alternatives: tuple[Alternative, ...]
    error: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person should look at.

    Parameters
    ----------
    kind, members : as of :class:`Alternative`
    family_ids : one, or two
    log10_lr : against what is stated, or of related against unrelated between families; nan of haplotypes that
        nobody counted
    markers : those that speak for it, strongest first
    stated, looks_like : relationships, where it is about one; of a line its kind, and the number of differences
    contradictions : markers at which the family as stated is impossible
    others : other explanations that are nearly as good
    """

    kind: Kind
    family_ids: tuple[str, ...]
    members: tuple[str, ...]
    log10_lr: float
    markers: tuple[str, ...] = ()
    stated: str = ""
    looks_like: str = ""
    contradictions: tuple[str, ...] = ()
    others: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenTold:
    """What one relationship was screened for, between families of one population.

    Parameters
    ----------
    pairs : compared
    threshold : log10 LR from which a pair is told
    expected_false : pairs of unrelated people expected above it, all markers typed
    most_false : what it can be at most, whatever was typed: pairs / 10^threshold
    found_if_related : chance that two who are so related, typed at all markers, are told
    """

    population: str
    relationship: str
    pairs: int
    threshold: float
    expected_false: float
    most_false: float
    found_if_related: float
