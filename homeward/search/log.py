"""The log of what was learned: facts, each from a record, that are added and can be withdrawn again.

A state is computed from a belief and a log alone, so withdrawing a fact gives exactly what would have been without it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from homeward.errors import Nonsense, NotFound
from homeward.programme import Burial, Ground, Outcome, Programme, SearchOutcome, Site, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDone:
    """A search that found nothing: what lay there would have been found with probability ``detection``.

    ``trials``: as surely known as from so many tests; None: exactly. ``burial``: the class it was good for; None: all.
    """

    fact_id: str
    ground: Ground
    detection: float
    trials: float | None = None
    burial: Burial | None = None
    record: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Remains were found on some ground; whoever of them is identified has a fact of his own."""

    fact_id: str
    ground: Ground
    identified: tuple[str, ...] = ()
    record: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified:
    """Somebody lies nowhere any more: his remains are known, or he is accounted for."""

    fact_id: str
    person_id: str
    record: str = ""


Fact = SearchDone | Found | Identified


@dataclass(frozen=True, slots=True)
class Log:
    """Facts in the order in which they were learned."""

    facts: tuple[Fact, ...] = ()

    def __post_init__(self) -> None:
        names = [fact.fact_id for fact in self.facts]
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise Nonsense(f"fact {twice!r} stands in the log twice")

    def with_(self, *facts: Fact) -> Log:
        """The log with facts added at its end."""
        return Log((*self.facts, *facts))

    def without(self, fact_id: str) -> Log:
        """The log without a fact that is withdrawn.

        Raises
        ------
        NotFound
        """
        if all(fact.fact_id != fact_id for fact in self.facts):
            raise NotFound(f"there is no fact {fact_id!r} to withdraw")
        return Log(tuple(fact for fact in self.facts if fact.fact_id != fact_id))


def log_of(programme: Programme) -> Log:
    """What a programme has on record: its searches, finds at sites, identifications.

    Raises
    ------
    NotFound
        If a search or a decision names a site or a person that there is not.
    Nonsense
        If a search was at a site whose ground nobody has stated, and states none itself.
    """
    return Log((*_searches(programme), *_identified(programme)))


def _searches(programme: Programme) -> Iterator[Fact]:
    sites = {site.site_id: site for site in programme.sites}
    identified = dict(_decided(programme))
    usual = programme.settings.search_detection
    for search in sorted(programme.searches, key=lambda one: (_day(one.on), one.search_id)):
        if search.site_id and search.site_id not in sites:
            raise NotFound(f"search {search.search_id} was at the site {search.site_id!r}, which is not in sites.csv")
        ground = search.ground or sites[search.site_id].ground
        if ground is None:
            raise Nonsense(f"search {search.search_id}: nobody has said where the site {search.site_id} is")
        record = f"searches.csv {search.search_id}"
        if search.outcome is SearchOutcome.NOTHING:
            yield SearchDone(
                fact_id=record,
                ground=ground,
                detection=detection_of(search.detection, search.effort, sites.get(search.site_id), usual),
                trials=search.trials,
                burial=search.burial,
                record=record,
            )
        else:
            who = sorted(
                identified[row.remains_id]
                for row in programme.remains
                if search.site_id and row.site_id == search.site_id and row.remains_id in identified
            )
            yield Found(fact_id=record, ground=ground, identified=tuple(who), record=record)


def detection_of(stated: float | None, effort: float | None, site: Site | None, usual: float) -> float:
    """The detection of a search: as stated; else of the effort at the rate of the site; else what is usual."""
    if stated is not None:
        return stated
    if effort is not None and site is not None and site.detection_rate is not None:
        return -math.expm1(-site.detection_rate * effort)
    return usual


def _identified(programme: Programme) -> Iterator[Fact]:
    gone = {person.person_id: "missing.csv" for person in programme.missing if person.status is not Status.MISSING}
    for remains_id, person_id in _decided(programme):
        gone.setdefault(person_id, f"decisions.csv {remains_id}")
    for person_id, record in gone.items():
        yield Identified(fact_id=f"identified {person_id}", person_id=person_id, record=record)


def _decided(programme: Programme) -> Iterator[tuple[str, str]]:
    """(remains_id, person_id) of pairs whose last decision identified them."""
    last = {(one.remains_id, one.about): one.outcome for one in programme.decisions}
    for (remains_id, about), outcome in last.items():
        if outcome is Outcome.IDENTIFIED and about in programme.people:
            yield remains_id, about


def _day(span: object) -> str:
    return "" if span is None else str(span)
