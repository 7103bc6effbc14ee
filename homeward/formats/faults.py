"""The faults and notes of one reading, as many as a person can read, and the count of the rest."""

from __future__ import annotations

from collections import Counter

from homeward.errors import Fault

LISTED = 1_000  # faults listed for one file; the rest is counted
GIVEN_UP = 100_000  # faults after which a file is not read further: it is something else
_SHOWN = 80  # signs of a value that are shown


class GivenUp(Exception):
    """A file has so many faults that reading on tells nobody anything."""


class Findings:
    """Collects what is wrong (faults) and what a reader should know (notes)."""

    def __init__(self) -> None:
        self._faults: dict[str, list[Fault]] = {}
        self._notes: dict[str, list[Fault]] = {}
        self._counts: Counter[str] = Counter()
        self._noted: Counter[str] = Counter()
        self.cut_short: set[str] = set()  # files not read to their end; who refers to them is not blamed for it

    def fault(
        self, file: str, line: int | None, column: str, value: str, reason: str, remedy: str, *, reading: bool = False
    ) -> None:
        """Keep a fault; while a file is being read, give up on it when there are far too many."""
        self._counts[file] += 1
        if self._counts[file] <= LISTED:
            self._faults.setdefault(file, []).append(Fault(file, line, column, _shown(value), reason, remedy))
        if reading and self._counts[file] >= GIVEN_UP:
            raise GivenUp

    def note(self, file: str, line: int | None, column: str, value: str, reason: str, remedy: str = "") -> None:
        self._noted[file] += 1
        if self._noted[file] <= LISTED:
            self._notes.setdefault(file, []).append(Fault(file, line, column, _shown(value), reason, remedy))

    def has_faults(self, file: str) -> bool:
        return self._counts[file] > 0

    def given_up(self, file: str) -> None:
        """Say that the rest of a file was not read."""
        self.cut_short.add(file)
        faults = self._faults.setdefault(file, [])
        faults.insert(
            0,
            Fault(
                file,
                None,
                "",
                "",
                f"has more than {GIVEN_UP:,} faults; the rest of it was not read.",
                "Check that this is the file that was meant.",
            ),
        )

    @property
    def rejected(self) -> tuple[Fault, ...]:
        return _listed(self._faults, self._counts, "faults")

    @property
    def notes(self) -> tuple[Fault, ...]:
        return _listed(self._notes, self._noted, "notes")


def _shown(value: str) -> str:
    return value if len(value) <= _SHOWN else value[:_SHOWN] + "…"


def _listed(by_file: dict[str, list[Fault]], counts: Counter[str], word: str) -> tuple[Fault, ...]:
    listed: list[Fault] = []
    for file, found in by_file.items():
        listed += sorted(found, key=lambda fault: fault.line or 0)
        if counts[file] > LISTED:
            listed.append(Fault(file, None, "", "", f"has {counts[file] - LISTED:,} more {word} like these."))
    return tuple(listed)
