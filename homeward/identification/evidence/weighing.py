"""The lines of evidence that a programme uses, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from homeward.identification.evidence import age, body, dental, lineage, material, place, snp, verdicts
from homeward.identification.evidence.lines import Case, Line
from homeward.programme import VerdictKind
from homeward.progress import Tick, silent

WEIGH: Mapping[str, Callable[[Case], Line | None]] = {
    "mt": lineage.weigh_mt,
    "y": lineage.weigh_y,
    "snp": snp.weigh,
    "body": body.weigh,
    "age": age.weigh,
    "dental": dental.weigh,
    "material": material.weigh,
    "place": place.weigh,
    "radiograph": verdicts.weigher(VerdictKind.RADIOGRAPH),
    "isotope": verdicts.weigher(VerdictKind.ISOTOPE),
    "trauma": verdicts.weigher(VerdictKind.TRAUMA),
    "circumstance": verdicts.weigher(VerdictKind.CIRCUMSTANCE),
    "other": verdicts.weigher(VerdictKind.OTHER),
}
"""Line -> what weighs it; None when nothing is on record."""


def weigh_all(case: Case, *, tick: Tick = silent) -> tuple[Line, ...]:
    """Every line that the settings name and that has something on record."""
    found = []
    asked = [name for name in WEIGH if name in case.programme.settings.lines]
    for done, name in enumerate(asked):
        tick("evidence", done, len(asked))
        line = WEIGH[name](case)
        if line is not None:
            found.append(line)
    tick("evidence", len(asked), len(asked))
    return tuple(found)
