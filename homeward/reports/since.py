"""What changed between two identifications: remains, conclusions, posteriors, and which lines moved them.

It compares what two ``result.json`` say, so that runs of different days, machines and versions can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from homeward.errors import NotFound
from homeward.programme import NOTHING
from homeward.reports.figures import log10_odds

MOVED = 0.01  # of a posterior, from which a move is told
LEAST = 0.005  # log10 by which a line must have moved to be named
Told = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A hypothesis about remains in one run: its prior, its posterior, and log10 LR of every line."""

    prior: float
    posterior: float
    evidence: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What one run said of remains; ``weighed`` are the hypotheses that it told in full."""

    conclusion: str
    hypothesis: str
    posterior: float
    weighed: Mapping[str, Weighed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Remains that are said to be somebody else, or with another posterior, than before.

    Of the hypothesis that leads now: its posterior before (None: not told), and in log10 by how much the prior odds,
    every line, and everything else together (the other hypotheses and remains) moved its posterior odds.
    """

    remains_id: str
    conclusion_before: str
    conclusion: str
    hypothesis_before: str
    hypothesis: str
    posterior_before: float | None
    posterior: float
    lines: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    prior: float | None = None
    others: float | None = None

    @property
    def concluded_anew(self) -> bool:
        return self.conclusion != self.conclusion_before or self.hypothesis != self.hypothesis_before


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What changed since an earlier run."""

    made_at: str  # of the earlier run
    input_before: str
    input: str
    science_before: str
    science: str
    settings: Mapping[str, Sequence[Any]]  # name -> before, now
    new: tuple[str, ...]  # remains
    lost: tuple[str, ...]
    changed: tuple[Change, ...]
    unchanged: int
    least: float  # of a posterior, from which a move is told

    @property
    def same_input(self) -> bool:
        return self.input == self.input_before


def read_earlier(path: Path) -> Told:
    """An earlier result: its ``result.json``, or the directory that holds it.

    Raises
    ------
    NotFound
        If there is none, or what is there is no result of an identification.
    """
    file = path / "result.json" if path.is_dir() else path
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFound(f"{file} cannot be read ({error.strerror}). Name the result.json of an earlier run.") from None
    except ValueError:
        told = None
    if not isinstance(told, dict) or told.get("provenance", {}).get("verb") != "identify":
        raise NotFound(f"{file} is not the result.json of an identification. Name one that homeward identify wrote.")
    return told


def changes(before: Told, after: Told, *, least: float = MOVED) -> Since:
    """Compare two results, each as its ``result.json`` tells it.

    Parameters
    ----------
    least : moves of a posterior below this are not told, if the conclusion is the same
    """
    first, second = standings(before), standings(after)
    both = [name for name in second if name in first]
    found = [(name, change(name, first[name], second[name])) for name in both]
    told = tuple(one for name, one in found if one.concluded_anew or _moved(first[name], second[name]) >= least)
    return Since(
        made_at=str(before["provenance"]["made_at"]),
        input_before=str(before["provenance"]["input"]),
        input=str(after["provenance"]["input"]),
        science_before=str(before["provenance"]["science"]),
        science=str(after["provenance"]["science"]),
        settings=settings_changed(before["settings"], after["settings"]),
        new=tuple(name for name in second if name not in first),
        lost=tuple(name for name in first if name not in second),
        changed=tuple(sorted(told, key=lambda one: (not one.concluded_anew, one.remains_id))),
        unchanged=len(both) - len(told),
        least=least,
    )


def settings_changed(before: Told, after: Told) -> dict[str, list[Any]]:
    """Settings that differ: name -> [before, now]; None where a version does not know it."""
    names = [*after, *(name for name in before if name not in after)]
    return {
        name: [before.get(name), after.get(name)]
        for name in names
        if before.get(name) != after.get(name) and name in before
    }


def standings(told: Told) -> dict[str, Standing]:
    """What a result says of each of the remains."""
    weighed: dict[str, dict[str, Weighed]] = {}
    for pair in told["pairs"]:
        evidence = {line: float(value) for line, value in pair["evidence"].items() if value is not None}
        weighed.setdefault(pair["remains_id"], {})[pair["person_id"]] = Weighed(
            prior=pair["prior"], posterior=pair["posterior"], evidence=evidence
        )
    return {
        one["remains_id"]: Standing(
            conclusion=one["conclusion"],
            hypothesis=one["best"]["person_id"],
            posterior=one["best"]["posterior"],
            weighed=weighed.get(one["remains_id"], {}),
        )
        for one in told["remains"]
    }


def change(remains_id: str, before: Standing, after: Standing) -> Change:
    """How the standing of remains moved, and what moved it."""
    now, then = after.weighed.get(after.hypothesis), before.weighed.get(after.hypothesis)
    bare = Change(
        remains_id=remains_id,
        conclusion_before=before.conclusion,
        conclusion=after.conclusion,
        hypothesis_before=before.hypothesis,
        hypothesis=after.hypothesis,
        posterior_before=before.posterior if before.hypothesis == after.hypothesis else None,
        posterior=after.posterior,
    )
    if now is None or then is None:
        return bare
    names = [*now.evidence, *(name for name in then.evidence if name not in now.evidence)]
    moves = {name: now.evidence.get(name, 0.0) - then.evidence.get(name, 0.0) for name in names}
    prior = log10_odds(now.prior) - log10_odds(then.prior)
    return replace(
        bare,
        posterior_before=then.posterior,
        lines={name: moves[name] for name in sorted(moves, key=lambda n: -abs(moves[n])) if abs(moves[name]) >= LEAST},
        prior=prior,
        others=log10_odds(now.posterior) - log10_odds(then.posterior) - prior - sum(moves.values()),
    )


def _moved(before: Standing, after: Standing) -> float:
    """By how much the posterior of the leading hypothesis moved; of the same one, here."""
    return abs(after.posterior - before.posterior)
