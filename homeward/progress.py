"""How long work tells where it stands, and how it is stopped.

The last keyword of a long verb is ``tick``. It is called with the stage, what is
done and the total; it may raise :class:`homeward.errors.Cancelled`. The library
itself prints nothing.
"""

from __future__ import annotations

from typing import Protocol


class Tick(Protocol):
    """Called between pieces of work: stage in words (a code), done, total."""

    def __call__(self, stage: str, done: int, total: int) -> None: ...


def silent(stage: str, done: int, total: int) -> None:
    """The tick of someone who does not want to know."""
