"""What next, put together: relatives and bones ranked by one measure, and what thresholds let through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from homeward.genetics.family import Family
from homeward.identification.result import Identification
from homeward.planning.relatives import Help, needed_log10_lr, ranked, standings
from homeward.planning.samples import Bar, Bone, Step, at_hand, bars, bones, markers_read, within
from homeward.programme import Programme
from homeward.progress import Tick, silent

BARS = (3.0, 4.0, 5.0, 6.0, 7.0, 8.0)  # log10 LR


@dataclass(frozen=True, eq=False, kw_only=True)
class Plan:
    """What ``homeward next`` found.

    Parameters
    ----------
    steps : what to take within the budget, in order
    bones, relatives : every further sample, most helpful first
    needed : log10 LR that the threshold implies for this roster
    bars : what thresholds let through, the needed one among them
    """

    budget: float
    success: float
    found: float
    needed: float
    steps: tuple[Step, ...]
    bones: tuple[Bone, ...]
    relatives: tuple[Help, ...]
    bars: tuple[Bar, ...]


def plan_samples(
    programme: Programme,
    result: Identification,
    families: Sequence[Family],
    calls: Mapping[str, Mapping[str, object]],
    *,
    budget: float,
    relative_cost: float,
    bone_cost: float,
    success: float,
    found: float,
    best: int = 20,
    tick: Tick = silent,
) -> Plan:
    """Rank every further sample by the identifications expected of it, and choose within the budget.

    Parameters
    ----------
    result : of ``identify`` on this programme; families, calls : of this programme
    budget, relative_cost, bone_cost : in one unit
    success : chance that a further sample of remains reads the markers that are not read yet
    found : chance that remains of a missing person that are not at hand will be found and fully typed

    Notes
    -----
    Each of the missing is weighted by the chance that his remains are at hand and not identified, plus ``found`` of
    the rest. A relative is ranked as if those remains were fully typed.
    """
    here = at_hand(result)
    needed = needed_log10_lr(programme.settings, max(1, len(programme.missing)))
    identified = {one.best.hypothesis for one in result.remains if one.best.posterior >= result.settings.identify}
    persons = [slot.person_id for family in families for slot in family.slots]
    weight = {
        name: 0.0 if name in identified else here.get(name, 0.0) + found * (1 - here.get(name, 0.0)) for name in persons
    }
    asked = [family for family in families if any(weight[slot.person_id] > 0 for slot in family.slots)]
    relatives = ranked(asked, standings(asked, needed, tick=tick), needed, found=weight, best=best, tick=tick)
    further = bones(result, families, markers_read(calls), success=success, tick=tick)
    at = sorted({*BARS, round(needed, 2)})
    return Plan(
        budget=budget,
        success=success,
        found=found,
        needed=needed,
        steps=tuple(within(budget, relatives, further, relative_cost=relative_cost, bone_cost=bone_cost)),
        bones=tuple(further),
        relatives=tuple(relatives),
        bars=tuple(bars(families, len(result.remains), at, tick=tick)),
    )
