"""What a party believes of where the missing lie, computed from its records; kept until a record changes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from casework.journal.models import Record
from casework.laboratory.records import settings
from casework.operations.records import search_of
from casework.parties.models import Party
from casework.parties.refusal import Refused
from casework.registry import records as registry
from casework.registry.records import rows_of
from homeward.programme import Decision, Ground, Programme, Remains
from homeward.search.belief import belief
from homeward.search.log import Log, log_of
from homeward.search.state import State

Floats = npt.NDArray[np.float64]

# After these the records are as they were: who looks does not change what is believed.
READING = (
    "whereabouts.look_at_belief",
    "board.look_at_comparison",
    "registry.look_at_family",
    "runs.take_file",
    "runs.read_report",
)


@dataclass(frozen=True, eq=False)
class Held:
    """A party's records of the search, and what they say."""

    programme: Programme
    state: State

    @cached_property
    def before(self) -> State:
        """What was believed before anything was searched."""
        return self.state.belief.after(Log())

    @cached_property
    def number(self) -> dict[str, int]:
        """person_id -> row."""
        return {person_id: k for k, person_id in enumerate(self.state.person_ids)}

    @cached_property
    def grounds(self) -> dict[str, Ground]:
        """site_id -> its ground, where somebody has stated one."""
        return {site.site_id: site.ground for site in self.programme.sites if site.ground is not None}

    @cached_property
    def expected(self) -> dict[str, float]:
        """site_id -> how many of the missing are expected there."""
        found = self.state.expected(list(self.grounds.values()), np.ones(len(self.number)))
        return dict(zip(self.grounds, found.tolist(), strict=True))


def held(party: Party) -> Held:
    """What a party believes.

    Raises
    ------
    Refused
        ``no-programme`` before anything was brought in; ``nothing-told`` while nobody is missing or nothing is said.
    """
    last = Record.objects.exclude(verb__in=READING).order_by("-number").values_list("digest", flat=True).first()
    return _held(party.pk, last or "")


@lru_cache(maxsize=2)
def _held(party_id: int, last: str) -> Held:
    party = Party.objects.get(pk=party_id)
    programme = searched(party)
    if not programme.missing:
        raise Refused("nothing-told")
    return Held(programme, belief(programme).after(log_of(programme)))


def searched(party: Party) -> Programme:
    """What of a party's programme the search asks for; no family and no profile is read."""
    from casework.laboratory import models

    of_search: dict[str, Any] = search_of(party)
    return Programme(
        settings=settings(party),
        missing=registry.missing(party),
        incidents=registry.incidents(party),
        remains=rows_of(models.Remains, Remains, party),
        decisions=rows_of(models.EarlierDecision, Decision, party),
        **of_search,
    )
