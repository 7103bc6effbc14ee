"""What next: which further sample of remains, and which relative, would bring the most identifications.

A further sample of remains (another bone, another extraction) reads the markers that are not read
yet. Given that the remains are a person's, the log10 LR that these markers will add has a known
distribution (:mod:`homeward.genetics.power`); with his posterior now, that is the chance that the
posterior then reaches the threshold. Relatives are ranked in :mod:`homeward.planning.relatives`,
each of the missing weighted by the chance that his remains are among those at hand.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from homeward.errors import Nonsense
from homeward.genetics.family import Family
from homeward.genetics.power import Power, of_tables
from homeward.genetics.tables import engine_for
from homeward.identification.result import Conclusion, Identification
from homeward.planning.relatives import COARSE, Help
from homeward.programme import NOT_OBSERVED
from homeward.progress import Tick, silent

AT_LEAST = 1e-4  # posterior from which a person is worth asking about
MOST = 12  # persons asked about for each of the remains
SETTLED = (Conclusion.IDENTIFY, Conclusion.DECIDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bone:
    """What a further sample of some remains would bring.

    Parameters
    ----------
    typed, unread : markers read now, and those that a further sample would add
    gain : expected further identifications, the chance that the sample reads included
    persons : person_id -> (posterior now, chance that it then reaches the threshold if the remains are his)
    """

    remains_id: str
    typed: int
    unread: int
    gain: float
    persons: Mapping[str, tuple[float, float]]


def bones(
    result: Identification,
    families: Sequence[Family],
    seen: Mapping[str, frozenset[str]],
    *,
    success: float,
    tick: Tick = silent,
) -> list[Bone]:
    """Rank the remains that are not identified by what a further sample of them would bring.

    Parameters
    ----------
    families : of the programme, those of ``result``
    seen : remains_id -> markers of which anything is read now
    success : chance that a further sample reads the markers that are not read yet
    tick : told of stage "remains"

    Notes
    -----
    The further markers multiply the odds of the person against everything else by their likelihood
    ratio, whose mean is one for anyone else: what they would take from rivals in one family is left
    out, and markers read in part now are not read again. Both make the gain a little too small.
    """
    if not 0 <= success <= 1:
        raise Nonsense(f"success is a chance, not {success:g}")
    slots = {slot.person_id: (family, slot.member_id) for family in families for slot in family.slots}
    waiting = [one for one in result.remains if one.conclusion not in SETTLED]
    engine = engine_for(len(families), max((len(family.loci) for family in families), default=0))
    powers: dict[str, Power] = {}
    candidates: dict[str, list[tuple[float, str]]] = {}
    for pair in result.candidates:
        if pair.hypothesis in slots and pair.posterior >= AT_LEAST:
            candidates.setdefault(pair.remains_id, []).append((pair.posterior, pair.hypothesis))
    found = []
    for done, one in enumerate(waiting):
        tick("remains", done, len(waiting))
        read = seen.get(one.remains_id, frozenset())
        persons = {}
        for posterior, person_id in sorted(candidates.get(one.remains_id, []), reverse=True)[:MOST]:
            family, member_id = slots[person_id]
            if person_id not in powers:
                tables = family.tables(member_id, engine=engine)
                powers[person_id] = of_tables(tuple(family.loci), tables, step=COARSE)
            chance = reaching(powers[person_id], read, posterior, result.settings.identify)
            persons[person_id] = (posterior, chance)
        markers = {marker for person_id in persons for marker in powers[person_id].markers}
        gain = success * sum(posterior * chance for posterior, chance in persons.values())
        found.append(
            Bone(remains_id=one.remains_id, typed=len(read), unread=len(markers - read), gain=gain, persons=persons)
        )
    tick("remains", len(waiting), len(waiting))
    return sorted(found, key=lambda bone: (-bone.gain, bone.remains_id))


def reaching(power: Power, read: frozenset[str], posterior: float, threshold: float) -> float:
    """The chance that markers not read yet lift a person's posterior to the threshold, if the remains are his.

    >>> from homeward.genetics.power import Power
    >>> reaching(Power(markers=(), of_marker=()), frozenset(), 0.5, 0.9)
    0.0
    """
    if posterior >= threshold:
        return 1.0
    left = [place for place, marker in enumerate(power.markers) if marker not in read]
    if not left or posterior <= 0:
        return 0.0
    lacking = math.log10(threshold / (1 - threshold)) - math.log10(posterior / (1 - posterior))
    further = Power(
        markers=tuple(power.markers[place] for place in left),
        of_marker=tuple(power.of_marker[place] for place in left),
        step=power.step,
    )
    return sum(further.reaching(lacking)) / 2


def at_hand(result: Identification) -> dict[str, float]:
    """person_id -> chance that remains at hand, not identified yet, are his: his posteriors summed, at most one."""
    waiting = {one.remains_id for one in result.remains if one.conclusion not in SETTLED}
    found: dict[str, float] = {}
    for pair in result.candidates:
        if pair.remains_id in waiting:
            found[pair.hypothesis] = min(1.0, found.get(pair.hypothesis, 0.0) + pair.posterior)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One sample of a plan: of a relative ("relative") or of remains ("bone"), in the order in which to take them."""

    kind: str
    about: str  # remains_id, or member_id of the relative
    relation: str  # "pedigree" | "child" | "sibling" of a relative; empty of a bone
    family_id: str
    gain: float
    cost: float
    spent: float  # of the budget, this step included
    expected: float  # further identifications, this step included


def within(
    budget: float, relatives: Sequence[Help], further: Sequence[Bone], *, relative_cost: float, bone_cost: float
) -> list[Step]:
    """Choose samples by gain for what they cost, until the budget is spent.

    Notes
    -----
    Gains of relatives of one family do not add up, and those of several samples of one set of remains
    neither: each family and each set of remains is asked at most once. What remains and relatives of one
    person would bring together is left out. The sum of gains is then an estimate that errs to the low side
    for what helps together, and to the high side where a bone and a relative make the same identification.
    """
    if budget <= 0 or relative_cost <= 0 or bone_cost <= 0:
        raise Nonsense("a budget and what samples cost are above zero")
    offers = [("bone", one.remains_id, "", "", one.gain, bone_cost) for one in further if one.gain > 0]
    offers += [
        ("relative", one.relative, one.kind, one.family_id, one.gain, relative_cost)
        for one in relatives
        if one.gain > 0
    ]
    offers.sort(key=lambda offer: (-offer[4] / offer[5], offer[0], offer[3], offer[1], offer[2]))
    steps: list[Step] = []
    asked: set[tuple[str, str]] = set()
    spent = expected = 0.0
    for kind, about, relation, family_id, gain, cost in offers:
        once = (kind, family_id or about)
        if once in asked or spent + cost > budget + 1e-9:
            continue
        asked.add(once)
        spent, expected = spent + cost, expected + gain
        steps.append(
            Step(
                kind=kind,
                about=about,
                relation=relation,
                family_id=family_id,
                gain=gain,
                cost=cost,
                spent=spent,
                expected=expected,
            )
        )
    return steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What a threshold of the likelihood ratio would let through, over the whole programme.

    Parameters
    ----------
    log10_lr : the threshold
    false : expected pairs of unrelated remains and persons that reach it, remains fully typed
    reaching : expected share of the persons in pedigrees whose own remains reach it
    """

    log10_lr: float
    false: float
    reaching: float


def bars(families: Sequence[Family], remains: int, log10_lrs: Sequence[float], *, tick: Tick = silent) -> list[Bar]:
    """Expected false matches and persons reached at several thresholds.

    Parameters
    ----------
    remains : how many are compared, each with everyone
    tick : told of stage "thresholds", in families
    """
    engine = engine_for(len(families), max((len(family.loci) for family in families), default=0))
    false, reached, persons = np.zeros(len(log10_lrs)), np.zeros(len(log10_lrs)), 0
    for done, family in enumerate(families):
        tick("thresholds", done, len(families))
        for slot in family.slots if family.typed else ():
            power = of_tables(tuple(family.loci), family.tables(slot.member_id, engine=engine), step=COARSE)
            false += remains * np.array([sum(power.reaching(at, related=False)) / 2 for at in log10_lrs])
            reached += [sum(power.reaching(at)) / 2 for at in log10_lrs]
            persons += 1
    tick("thresholds", len(families), len(families))
    return [
        Bar(log10_lr=at, false=float(f), reaching=float(r) / max(persons, 1))
        for at, f, r in zip(log10_lrs, false, reached, strict=True)
    ]


def markers_read(calls: Mapping[str, Mapping[str, object]]) -> dict[str, frozenset[str]]:
    """remains_id -> markers of which anything was observed."""
    nothing = (NOT_OBSERVED, NOT_OBSERVED)
    return {name: frozenset(m for m, call in of.items() if call != nothing) for name, of in calls.items()}
