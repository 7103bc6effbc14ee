"""What is wrong with a haplotype that cannot be read: every part of it, with the reason and what to do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from homeward.errors import Nonsense

_APART = re.compile(r"[\s;]+")


@dataclass(frozen=True, slots=True)
class HaplotypeFault:
    """One part of a haplotype, or of its range, that cannot be accepted.

    Parameters
    ----------
    column : ``haplotype`` or ``range``
    value : the part as written ("16223C")
    reason, remedy : why not, and what to do
    """

    column: str
    value: str
    reason: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.column}: {self.value!r} {self.reason} {self.remedy}".rstrip()


class NotAHaplotype(Nonsense):
    """A haplotype that cannot be read in one way only. ``faults`` has every part that is wrong."""

    def __init__(self, faults: Sequence[HaplotypeFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[NotAHaplotype], tuple[tuple[HaplotypeFault, ...]]]:
        return type(self), (self.faults,)


class Refusal(Exception):
    """Raised within a reader for one part; the reader collects them."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


def parts(text: str, *, commas: bool) -> list[str]:
    """The parts of a haplotype: apart by blanks, semicolons and, where they mean nothing else, commas.

    >>> parts("263G, 315.1C;  16189C", commas=True)
    ['263G', '315.1C', '16189C']
    """
    return [part for part in _APART.split(text.replace(",", " ") if commas else text) if part]
