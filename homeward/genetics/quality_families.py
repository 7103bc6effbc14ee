"""A family as a whole against itself with one thing changed; and two families with samples exchanged between them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from homeward.genetics.family import Family
from homeward.genetics.kinship import SLIP, stated_relationship
from homeward.genetics.locus import Loci
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import UNTYPED, Observation, together
from homeward.genetics.quality_findings import Alternative, FamilyQuality, Finding, Kind
from homeward.genetics.tables import Engine, FamilyCalls, with_strangers
from homeward.programme import Pedigree

LN10 = math.log(10)
_MOST_EXCHANGED = 40  # families that do not fit, among which exchanges are tried
_NEARLY = 0.5  # log10 LR by which another explanation is nearly as good


def family_quality(family: Family, *, slip: float = SLIP, engine: Engine = "auto") -> FamilyQuality:
    """Test one family against itself with one thing changed."""
    stated, errors = family.estimates(engine=engine)
    markers = [locus.marker for locus in family.loci]
    without = replace(family, loci=_unchanging(family.loci)).log_likelihoods(engine=engine)
    alternatives = [
        Alternative(kind=kind, members=members, **_against(logs, stated, markers))
        for kind, members, logs in _changed(family, slip, engine)
    ]
    alternatives.sort(key=lambda one: (-one.log10_likelihood, list(Kind).index(one.kind), one.members))
    return FamilyQuality(
        family_id=family.family_id,
        population=family.population,
        typed=family.typed,
        log10_likelihood=float(stated.sum()) / LN10,
        contradictions=tuple(m for m, log in zip(markers, stated, strict=True) if log == -math.inf),
        needing_mutation=tuple(
            m for m, log, fixed in zip(markers, stated, without, strict=True) if log > -math.inf and fixed == -math.inf
        ),
        tests=len(alternatives),
        alternatives=tuple(alternatives),
        error=float(np.linalg.norm(errors)) / LN10,
    )


def _unchanging(loci: Loci) -> Loci:
    return replace(
        loci, by_marker={name: replace(locus, female=None, male=None) for name, locus in loci.by_marker.items()}
    )


def _against(changed: Floats, stated: Floats, markers: Sequence[str]) -> dict[str, Any]:
    """The log10 ratio, and that of every marker. What is impossible either way says nothing between the two."""
    parts = [_difference(a, b) / LN10 for a, b in zip(changed.tolist(), stated.tolist(), strict=True)]
    impossible = float(changed.sum()) == -math.inf
    whole = -math.inf if impossible else math.inf if math.inf in parts else math.fsum(parts)
    return {
        "log10_likelihood": float(changed.sum()) / LN10,
        "log10_lr": whole,
        "by_marker": dict(zip(markers, parts, strict=True)),
    }


def _difference(one: float, other: float) -> float:
    return 0.0 if one == other else one - other


def _changed(family: Family, slip: float, engine: Engine) -> Iterator[tuple[Kind, tuple[str, ...], Floats]]:
    """Every alternative, with its natural log likelihood marker by marker."""
    for kind, member_id, pedigree in _other_parents(family.pedigree):
        yield kind, (member_id,), replace(family, pedigree=pedigree).log_likelihoods(engine=engine)
    for member in family.pedigree.members:
        if member.twin_of and {member.member_id, member.twin_of} <= set(family.typed):
            members = tuple(
                replace(one, twin_of="") if one.member_id == member.member_id else one
                for one in family.pedigree.members
            )
            apart = replace(family, pedigree=replace(family.pedigree, members=members))
            yield Kind.NOT_TWINS, (member.member_id, member.twin_of), apart.log_likelihoods(engine=engine)
    if len(family.typed) < 2:
        return
    foreign = {member_id: as_foreign(family, member_id, engine) for member_id in family.typed}
    for member_id, logs in foreign.items():
        yield Kind.FOREIGN, (member_id,), logs
    for one, other in itertools.combinations(family.typed, 2):
        calls = {**family.calls, one: family.calls[other], other: family.calls[one]}
        if family.calls[one] != family.calls[other]:
            yield Kind.EXCHANGED, (one, other), replace(family, calls=calls).log_likelihoods(engine=engine)
        if stated_relationship(family.pedigree, one, other) == "identical" or not _alike(family.calls, one, other):
            continue
        for copied, of in ((one, other), (other, one)):
            yield Kind.SAME_PERSON, (copied, of), _as_same(family, copied, of, foreign[copied], slip, engine)


def _other_parents(pedigree: Pedigree) -> Iterator[tuple[Kind, str, Pedigree]]:
    """The pedigree with one parent of one child, and of his twins, replaced by someone unknown."""
    for kind, column in ((Kind.OTHER_FATHER, "father_id"), (Kind.OTHER_MOTHER, "mother_id")):
        for child in pedigree.members:
            if not getattr(child, column) or child.twin_of:
                continue
            twins = {child.member_id} | {one.member_id for one in pedigree.members if one.twin_of == child.member_id}
            changes: dict[str, Any] = {column: "", "inbreeding": None}
            members = tuple(replace(one, **changes) if one.member_id in twins else one for one in pedigree.members)
            yield kind, child.member_id, replace(pedigree, members=members)


def as_foreign(family: Family, member_id: str, engine: Engine) -> Floats:
    """The family without one sample, and that sample as of someone unrelated."""
    pedigree, (stranger,) = with_strangers(family.pedigree, [family.pedigree.member(member_id).sex])
    calls = {stranger if one == member_id else one: of for one, of in family.calls.items()}
    return replace(family, pedigree=pedigree, calls=calls).log_likelihoods(engine=engine)


def _alike(calls: FamilyCalls, one: str, other: str) -> bool:
    """Whether two samples agree at four of five markers at least: all others are not of one person."""
    shared = calls[one].keys() & calls[other].keys()
    agreeing = sum(together(calls[one][marker], calls[other][marker]) is not None for marker in shared)
    return bool(shared) and agreeing >= 0.8 * len(shared)


def _as_same(family: Family, copied: str, of: str, foreign: Floats, slip: float, engine: Engine) -> Floats:
    """The sample of one member taken as a second sample of another."""
    both: dict[str, Observation] = dict(family.calls[of])
    excluded: set[str] = set()
    for marker, call in family.calls[copied].items():
        joint = together(both.get(marker, UNTYPED), call)
        if joint is None:
            excluded.add(marker)
        else:
            both[marker] = joint
    calls = {member_id: seen for member_id, seen in family.calls.items() if member_id != copied} | {of: both}
    same = replace(family, calls=calls).log_likelihoods(engine=engine)
    same[[locus.marker in excluded for locus in family.loci]] = -np.inf
    with np.errstate(divide="ignore"):
        return np.asarray(np.logaddexp(same + np.log1p(-slip), foreign + np.log(slip)))


def finding_of(one: FamilyQuality, threshold: float) -> Finding | None:
    """What a family's tests amount to; None where it fits as stated."""
    best = one.alternatives[0] if one.alternatives else None
    if best is not None and best.log10_lr >= threshold:
        enough = best.log10_likelihood - _NEARLY
        others = [other for other in one.alternatives[1:] if other.log10_likelihood >= enough]
        return Finding(
            kind=best.kind,
            family_ids=(one.family_id,),
            members=best.members,
            log10_lr=best.log10_lr,
            markers=best.arguing,
            contradictions=one.contradictions,
            others=tuple(others),
        )
    if one.contradictions:
        return Finding(
            kind=Kind.UNEXPLAINED,
            family_ids=(one.family_id,),
            members=one.typed,
            log10_lr=math.inf,
            markers=one.contradictions,
            contradictions=one.contradictions,
        )
    if one.needing_mutation:
        return Finding(
            kind=Kind.MUTATION,
            family_ids=(one.family_id,),
            members=one.typed,
            log10_lr=best.log10_lr if best is not None else 0.0,
            markers=one.needing_mutation,
        )
    return None


def exchanged_between(
    of_programme: Sequence[Family], tested: Sequence[FamilyQuality], threshold: float, engine: Engine
) -> tuple[list[Finding], int]:
    """Samples exchanged between two families of one population that do not fit; and how many exchanges were tried."""
    bad = [
        family
        for family, one in zip(of_programme, tested, strict=True)
        if (found := finding_of(one, threshold)) is not None and found.kind is not Kind.MUTATION
    ][:_MOST_EXCHANGED]
    findings: list[Finding] = []
    tried = 0
    for first, second in itertools.combinations(bad, 2):
        if first.loci is not second.loci:
            continue
        before = np.concatenate([first.log_likelihoods(engine=engine), second.log_likelihoods(engine=engine)])
        best: tuple[float, str, str] = (-math.inf, "", "")
        markers = [locus.marker for locus in first.loci]
        for one, other in itertools.product(first.typed, second.typed):
            tried += 1
            after = np.concatenate(
                [
                    replace(first, calls={**first.calls, one: second.calls[other]}).log_likelihoods(engine=engine),
                    replace(second, calls={**second.calls, other: first.calls[one]}).log_likelihoods(engine=engine),
                ]
            )
            lr = _against(after, before, [*markers, *(f"{marker}'" for marker in markers)])["log10_lr"]
            best = max(best, (lr, one, other))
        if best[0] >= threshold:
            families_of = (first.family_id, second.family_id)
            findings.append(
                Finding(kind=Kind.EXCHANGED_BETWEEN, family_ids=families_of, members=best[1:], log10_lr=best[0])
            )
    return findings, tried
