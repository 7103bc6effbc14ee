"""The bridge to the science: the case that a party's records make, and keeping what was found.

What is computed is read back from the very file that a laptop would read, so that
``homeward identify case.zip`` gives the same digits; and what is kept is read from the
result's files, so that a result computed at the command line is kept the same way.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from casework.board.models import Candidate, Comparison
from casework.laboratory.records import programme_of
from casework.parties.models import Party
from casework.runs.actions import Finding
from casework.runs.models import Run
from homeward.errors import HomewardError, Rejected
from homeward.programme import Programme
from homeward.progress import Tick

RESULT_FILES = ("result.json", "report.html", "pairs.csv", "families.csv", "assignments.csv")


class OtherCase(HomewardError):
    """A result that was computed from another case than the one it is offered for."""


def compute(run: Run, tick: Tick) -> Finding:
    """Write the case, identify what is in it, and write the result beside it."""
    from homeward.formats.folder import read_programme
    from homeward.identification.identify import identify
    from homeward.reports.files import write_identification

    export(run, tick)
    reading = read_programme(run.case, tick=tick)
    if reading.programme is None:
        raise Rejected(reading.rejected)
    result = identify(reading.programme, tick=tick)
    write_identification(result, reading.programme, run.result, language=run.language, replace=True, tick=tick)
    return finding(run.result)


def export(run: Run, tick: Tick) -> None:
    """Store the exact case of a run: the party's records as they stand now."""
    from homeward.formats.folder import write_programme

    tick("composing the case", 0, 1)
    run.case.unlink(missing_ok=True)
    run.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_programme(problem(run.party), run.case, container="zip")
    tick("composing the case", 1, 1)


def problem(party: Party) -> Programme:
    """Everything a party has on record, as the science reads it."""
    return programme_of(party)


def finding(result: Path) -> Finding:
    """What a result's files say of the whole."""
    told = _told(result)
    return Finding(
        case_digest=told["provenance"]["input"],
        provenance=told["provenance"],
        settings=told["settings"],
        summary=told["summary"],
    )


def keep(run: Run) -> None:
    """Keep each comparison and its leading candidates from the run's result."""
    told = _told(run.result)
    symmetric = {remains_id: group["person_ids"] for group in told["symmetric"] for remains_id in group["remains_ids"]}
    identical: dict[str, list[tuple[str, float]]] = {}
    for match in told["identical"]:
        (first, second), log10_lr = match["remains_ids"], match["log10_lr"]
        identical.setdefault(first, []).append((second, log10_lr))
        identical.setdefault(second, []).append((first, log10_lr))
    comparisons = Comparison.objects.bulk_create(
        _comparison(run, remains, symmetric.get(remains["remains_id"], []), identical.get(remains["remains_id"], []))
        for remains in told["remains"]
    )
    by_remains = {comparison.remains_id: comparison for comparison in comparisons}
    families = {person_id: family for family in told["families"] for person_id in family["missing"]}
    ranks: dict[str, int] = {}
    candidates = []
    for pair in told["pairs"]:
        remains_id = pair["remains_id"]
        ranks[remains_id] = ranks.get(remains_id, 0) + 1
        family = families.get(pair["person_id"], {})
        candidates.append(_candidate(by_remains[remains_id], ranks[remains_id], pair, family))
    Candidate.objects.bulk_create(candidates, batch_size=500)


def take_over(run: Run, result: Path) -> Finding:
    """Make a result computed at the command line that of a run whose case has been exported.

    Raises
    ------
    OtherCase
        If it was computed from anything but exactly this case.
    """
    from homeward.formats.folder import read_programme

    reading = read_programme(run.case)
    told = finding(result)
    if reading.programme is None or reading.programme.digest != told.case_digest:
        here = reading.programme.digest if reading.programme else "unreadable"
        raise OtherCase(f"the result belongs to the case {told.case_digest}; the records make the case {here}")
    run.result.mkdir(parents=True)
    for name in RESULT_FILES:
        if (result / name).exists():
            shutil.copyfile(result / name, run.result / name)
    return told


def _told(result: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((result / "result.json").read_text(encoding="utf-8"))
    return told


def _comparison(
    run: Run, remains: Mapping[str, Any], symmetric: list[str], identical: list[tuple[str, float]]
) -> Comparison:
    best, runner_up = remains["best"], remains["runner_up"]
    return Comparison(
        run=run,
        remains_id=remains["remains_id"],
        merged=remains["merged"],
        sex=remains["sex"],
        markers_typed=remains["markers_typed"],
        conclusion=remains["conclusion"],
        best=_hypothesis(best),
        best_log10_lr=best["log10_lr"],
        best_prior=best["prior"],
        best_posterior=best["posterior"],
        best_label=best["label"],
        best_error=best["error"],
        runner_up=_hypothesis(runner_up) if runner_up else "",
        runner_up_posterior=runner_up["posterior"] if runner_up else None,
        needed_log10_lr=remains["needed_log10_lr"],
        sensitivity=remains["sensitivity"],
        explanation=remains.get("explanation"),
        listed=remains["listed"],
        not_listed=remains["not_listed"],
        outsiders=remains["outsiders"],
        symmetric=symmetric,
        identical=identical,
    )


def _candidate(comparison: Comparison, rank: int, pair: Mapping[str, Any], family: Mapping[str, Any]) -> Candidate:
    return Candidate(
        comparison=comparison,
        rank=rank,
        hypothesis=_hypothesis(pair),
        log10_lr=pair["log10_lr"],
        log10_lr_all=pair["log10_lr_all"],
        prior=pair["prior"],
        posterior=pair["posterior"],
        label=pair["label"],
        error=pair["error"],
        excluded=pair.get("excluded", ""),
        markers=pair["markers"],
        evidence=pair["evidence"],
        family_id=family.get("family_id", ""),
        family_state=family.get("state", ""),
        family_marker=family.get("marker", ""),
        family_reason=family.get("reason", ""),
        family_log10_likelihood=family.get("log10_likelihood"),
        family_typed=family.get("members_typed", []),
    )


def _hypothesis(pair: Mapping[str, Any]) -> str:
    """``person_id`` in pairs; ``hypothesis`` where a candidate is written whole."""
    return str(pair["person_id"] if "person_id" in pair else pair["hypothesis"])
