"""The bridge to the plan of a season: computed from the very file that ``homeward plan`` would read."""

from __future__ import annotations

import json

from casework.board.comparison import export
from casework.runs.actions import Finding
from casework.runs.models import Run
from homeward.errors import Rejected
from homeward.progress import Tick


def compute(run: Run, tick: Tick) -> Finding:
    """Write the case, plan the season, and write the result beside it."""
    from homeward.formats.folder import read_programme
    from homeward.geography.theatre import theatre
    from homeward.planning.fieldplan import field_plan
    from homeward.planning.reliability import learned, looks_of
    from homeward.planning.windows import season_of
    from homeward.planning.worth import Assumed, worth_of_each
    from homeward.provenance import provenance
    from homeward.reports.plan import write_plan
    from homeward.search.belief import belief
    from homeward.search.log import log_of

    export(run, tick)
    reading = read_programme(run.case, tick=tick)
    if reading.programme is None:
        raise Rejected(reading.rejected)
    programme, assumed = reading.programme, Assumed()
    when = season_of(programme, budget=run.asked["budget"], crews=run.asked["crews"], year=run.asked["season"])
    log = log_of(programme)
    weighed = learned(programme, looks_of(programme), log, tick=tick) if run.asked["weighed"] else None
    state = belief(programme, tick=tick).after(log) if weighed is None else weighed.belief.after(weighed.log)
    worth = worth_of_each(programme, assumed, tick=tick)
    found = field_plan(programme, state, worth, when, assumed=assumed, tick=tick)
    parameters = {
        "budget": when.budget,
        "crews": when.crews,
        "season": when.starts.year,
        "profile": assumed.profile,
        "jaw": assumed.jaw,
        "dental_log10": assumed.dental_log10,
        "commingled": assumed.commingled,
        "learned": weighed is not None,
    }
    origin = provenance("plan", input_digest=programme.digest, parameters=parameters, seed=programme.settings.seed)
    ground = state.grid, theatre(programme.settings.search_theatre)
    write_plan(found, programme, ground, origin, run.result, language=run.language, replace=True, reliability=weighed)
    told = json.loads((run.result / "plan.json").read_text(encoding="utf-8"))["provenance"]
    summary = {
        "sites": len(found.digs),
        "cost": found.cost,
        "bodies": found.expected_bodies,
        "identifications": found.expected_identifications,
        "bound": found.bound,
    }
    return Finding(case_digest=told["input"], provenance=told, settings=told["parameters"], summary=summary)


def keep(run: Run) -> None:
    """Nothing beside the files: a plan is read as it was written."""
