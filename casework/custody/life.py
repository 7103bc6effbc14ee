"""The life of a container and of an item: its states, and which may follow which.

A state is never written by hand: it is what the standing events say, the last of them last. An event
that is voided is taken out, and the state is what the others say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from casework.custody.words import said


class State(models.TextChoices):
    """Where a container is in its life."""

    ISSUED = "issued_empty", said("container.state.issued_empty")
    PACKED = "packed", said("container.state.packed")
    SEALED = "sealed", said("container.state.sealed")
    IN_TRANSIT = "in_transit", said("container.state.in_transit")
    RECEIVED = "received", said("container.state.received")
    OPENED = "opened", said("container.state.opened")
    RETURNED = "returned_empty", said("container.state.returned_empty")
    UNRETURNED = "unreturned", said("container.state.unreturned")
    LOST = "lost", said("container.state.lost")


class ItemState(models.TextChoices):
    """Where an item is in its life."""

    HELD = "held", pgettext_lazy("item", "held")
    SPLIT = "split", _("split into others")
    MERGED = "merged", _("merged into another")
    CONSUMED = "consumed", _("consumed")
    TRANSFERRED = "transferred", _("handed to another party")
    RETURNED = "returned", _("given back to its sender")
    RELEASED = "released", _("released to the family")


_INSIDE = {State.PACKED, State.SEALED, State.OPENED}  # it is here, with something in it or about to be

# What may follow what. A state may follow itself where an act can be repeated: a second seal, a second opening.
NEXT: Mapping[State, frozenset[State]] = {
    State.ISSUED: frozenset({State.ISSUED, State.PACKED, State.IN_TRANSIT, State.RETURNED}),
    State.PACKED: frozenset({*_INSIDE, State.ISSUED, State.IN_TRANSIT}),
    State.SEALED: frozenset({State.SEALED, State.OPENED, State.IN_TRANSIT}),
    State.IN_TRANSIT: frozenset({State.IN_TRANSIT, State.RECEIVED, State.RETURNED, State.SEALED, State.PACKED}),
    State.RECEIVED: frozenset({State.RECEIVED, State.OPENED, State.SEALED, State.IN_TRANSIT, State.RETURNED}),
    State.OPENED: frozenset({*_INSIDE, State.ISSUED, State.IN_TRANSIT, State.RETURNED}),
    State.RETURNED: frozenset({State.RETURNED, State.ISSUED, State.PACKED, State.IN_TRANSIT}),
    State.UNRETURNED: frozenset({State.RETURNED, State.RECEIVED, State.IN_TRANSIT}),
    State.LOST: frozenset(State) - {State.LOST, State.UNRETURNED},
}
FIRST = frozenset(State) - {State.LOST, State.UNRETURNED, State.IN_TRANSIT}  # in which a container may be entered
HERE = frozenset(State) - {State.IN_TRANSIT, State.UNRETURNED, State.LOST}  # on a shelf: what stock-taking expects


def may_follow(before: State | None, after: State) -> bool:
    """Whether a container in one state may come into another.

    Anything may be lost, and a receipt may arrive whatever was written before it.
    """
    if before is None:
        return after in FIRST
    if after is State.RECEIVED:
        return True
    if after is State.LOST:
        return before is not State.LOST
    if after is State.UNRETURNED:
        return before not in (State.LOST, State.UNRETURNED, State.RETURNED)
    return after in NEXT[before]


def first_break(states: Iterable[State]) -> int | None:
    """The place of the first state that may not follow the one before it; None for a life that could be."""
    before: State | None = None
    for place, state in enumerate(states):
        if not may_follow(before, state):
            return place
        before = state
    return None
