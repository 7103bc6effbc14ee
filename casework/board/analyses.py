"""The bridge to the other computations on a party's records: by all systems, of the references, of the families.

As with an identification, what is computed is read back from the very file that a laptop would read, so that
``homeward compare``, ``quality`` and ``power`` give the same digits; its files are the result.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from casework.board.comparison import export
from casework.runs.actions import Finding
from casework.runs.models import Kind, Run
from homeward.errors import Rejected
from homeward.programme import Programme
from homeward.progress import Tick

LEAST = 0.0  # log10 LR, all systems together, of a pair that is written: of a programme, all would be millions


def compute(run: Run, tick: Tick) -> Finding:
    """Write the case, compute what was asked, and write the result beside it."""
    from homeward.formats.folder import read_programme

    export(run, tick)
    reading = read_programme(run.case, tick=tick)
    if reading.programme is None:
        raise Rejected(reading.rejected)
    summary = COMPUTED[run.kind](run, reading.programme, tick)
    told = json.loads((run.result / "result.json").read_text(encoding="utf-8"))["provenance"]
    return Finding(case_digest=told["input"], provenance=told, settings=told["parameters"], summary=summary)


def keep(run: Run) -> None:
    """Nothing beside the files: these results are read as they were written."""


def _compared(run: Run, programme: Programme, tick: Tick) -> dict[str, Any]:
    from homeward.genetics.combined import compare
    from homeward.reports.comparison import write_comparison

    result = compare(programme, tick=tick)
    pairs = write_comparison(result, programme, run.result, threshold=LEAST, language=run.language, replace=True)
    return {"remains": len(result.remains_ids), "persons": len(result.slots), "pairs": pairs}


def _tested(run: Run, programme: Programme, tick: Tick) -> dict[str, Any]:
    from homeward.genetics.quality import quality
    from homeward.reports.quality import write_quality

    result = quality(programme, tick=tick)
    write_quality(result, programme, run.result, language=run.language, replace=True)
    return {"families": len(result.families), "findings": len(result.findings)}


def _powered(run: Run, programme: Programme, tick: Tick) -> dict[str, Any]:
    from homeward.reports.power import powered, write_power

    result, families = powered(programme, tick=tick)
    write_power(result, families, programme, run.result, language=run.language, replace=True)
    return {"persons": len(result.standing), "relatives": len(result.helps)}


COMPUTED: Mapping[str, Callable[[Run, Programme, Tick], dict[str, Any]]] = {
    Kind.COMPARISON: _compared,
    Kind.QUALITY: _tested,
    Kind.POWER: _powered,
}
"""What is computed for each kind of run; gives what the run's page counts."""
