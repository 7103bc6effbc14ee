"""What a writer of a laboratory's file is given and gives, and what every writer needs to know of a programme.

A writer refuses what would change a computation (a mutation model that the format does not have); what merely
has no place in the format (names, places, decisions) is a note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from homeward.errors import Fault, Rejected
from homeward.genetics.locus import MarkerNames
from homeward.programme import NOT_OBSERVED, NOTHING, Call, Programme, SampleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a file is wanted.

    Parameters
    ----------
    population : whose frequencies, where the programme has several
    """

    population: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A file to write, and what of the programme is not in it.

    Parameters
    ----------
    data : the file
    beside : further files that belong to it: ending -> bytes
    notes : what has no place in the format, or was written in another way
    """

    data: bytes
    beside: Mapping[str, bytes] = field(default_factory=lambda: NOTHING)
    notes: tuple[Fault, ...] = ()


Writer = Callable[[Programme, Wanted], Export]


class Telling:
    """Collects what is refused and what is left out."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.notes: list[Fault] = []

    def refuse(self, where: str, value: str, reason: str, remedy: str) -> None:
        self.faults.append(Fault(where, None, "", value, reason, remedy))

    def note(self, where: str, value: str, reason: str, remedy: str = "") -> None:
        self.notes.append(Fault(where, None, "", value, reason, remedy))

    def note_several(self, where: str, names: Iterable[str], reason: str) -> None:
        """One note about all of them, if there are any."""
        names = list(names)
        if names:
            shown = ", ".join(names[:8]) + (f" and {len(names) - 8:,} more" if len(names) > 8 else "")
            self.note(where, shown, reason)

    def stop_if_refused(self) -> None:
        """Raises Rejected with everything that was refused."""
        if self.faults:
            raise Rejected(self.faults)


def chosen_population(programme: Programme, wanted: Wanted, telling: Telling) -> str:
    """The population whose frequencies are written; "" if there are none."""
    known = list(programme.frequencies)
    name = wanted.population or (known[0] if len(known) == 1 else programme.settings.population)
    if not known or name in known:
        if len(known) > 1:
            telling.note_several("frequencies", [one for one in known if one != name], "are other populations.")
        return name if known else ""
    reason = "is no population with frequencies." if name else "Several populations have frequencies."
    telling.refuse("frequencies", name, reason, f"Name one with --population: {', '.join(known)}.")
    return ""


def calls_by_subject(
    programme: Programme, names: MarkerNames, telling: Telling, kinds: Iterable[SampleKind]
) -> dict[str, dict[str, Call]]:
    """What is known of each subject from samples of these kinds, under canonical marker names.

    Several samples of a subject are one; where they differ they are refused.
    """
    kinds = set(kinds)
    kind_of = {sample.sample_id: sample.kind for sample in programme.samples}
    found: dict[str, dict[str, Call]] = {}
    for profile in programme.profiles:
        kind = kind_of.get(profile.sample_id)
        if kind is not None and kind not in kinds:
            continue
        calls = found.setdefault(profile.subject_id, {})
        for name, call in profile.calls.items():
            before = calls.setdefault(names(name), call)
            if sorted(before) != sorted(call):
                reason = f"{names(name)} of {profile.subject_id} is {', '.join(before)} and {', '.join(call)}."
                telling.refuse("profiles", profile.sample_id, reason, "One call can be written; correct the samples.")
    return found


def whole(calls: Mapping[str, Call]) -> dict[str, Call]:
    """Calls in which both alleles were observed."""
    return {marker: call for marker, call in calls.items() if NOT_OBSERVED not in call}
