"""Are the references what they are said to be? Each family, and all families together.

1. Every two typed members of a family: what they look like (identical, parent and child, full sibs, second degree,
   first cousins, unrelated) against what the pedigree says they are.
2. Every family as a whole, with mutation: its likelihood as stated, against that with one thing changed: another
   father or mother of one child, two samples exchanged, a sample of someone unrelated, a sample of another member,
   twins who are not identical. The best of these explains a family that does not fit; nothing is left out of it.
3. Families that do not fit, two by two: samples exchanged between them.
4. Members of one maternal or paternal line whose haplotypes differ by more than it explains.
5. Everyone typed against everyone of another family: the same person, parent and child, full sibs.

Where the stated pedigree is right, a likelihood ratio of t or more against it has probability 1/t at most, whatever
the alternative. So of n tests at most n/t findings are false, and usually far fewer. Ratios are against the family
as stated; an ``inf`` is a family that is impossible as stated.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import numpy as np

from homeward.errors import Nonsense
from homeward.genetics.family import Family, families
from homeward.genetics.kinship import RELATIONSHIPS, SLIP, PairRatios, pair_table, stated_relationship
from homeward.genetics.lineage.evidence import Category, FamilyLineage, LineageEvidence
from homeward.genetics.locus import Loci, Locus, prepare_loci
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import UNTYPED, Observation, together
from homeward.genetics.power import Power, atoms
from homeward.genetics.scoring import Seen, add_up
from homeward.genetics.tables import Engine, FamilyCalls, engine_for, with_strangers
from homeward.programme import LineageKind, Pedigree, Programme
from homeward.progress import Tick, silent
from homeward.provenance import Provenance, provenance

LN10 = math.log(10)
THRESHOLD = 3.0  # log10 LR at which an alternative is told
EXPECTED = 1.0  # false pairs of different families that are put up with
SCREENED = ("identical", "parent_child", "full_sibs")
_STEP = 0.02  # of log10 LR, for the expected number of false pairs
_BLOCK = 256  # people compared with all others at a time
_WORTH_COMPILING = 2000  # people
_MOST_EXCHANGED = 40  # families that do not fit, among which exchanges are tried
_ARGUING = 0.3  # log10 LR of a marker that is named
_NEARLY = 0.5  # log10 LR by which another explanation is nearly as good


class Kind(StrEnum):
    """What an alternative to the stated family is."""

    OTHER_FATHER = "other_father"  # the first member has another, unknown father
    OTHER_MOTHER = "other_mother"
    EXCHANGED = "exchanged"  # the samples of both members are exchanged
    FOREIGN = "foreign"  # the sample of the member is of someone unrelated
    SAME_PERSON = "same_person"  # the sample of the first member is of the second (or they are identical twins)
    NOT_TWINS = "not_twins"  # stated as identical twins, they are sibs
    # findings that are no alternative of one family
    MUTATION = "mutation"  # only with a mutation does the family fit, and it fits best as stated
    UNEXPLAINED = "unexplained"  # impossible as stated, and with any one thing changed
    RELATIONSHIP = "relationship"  # two members look like something else than stated
    EXCHANGED_BETWEEN = "exchanged_between"  # samples of two families are exchanged
    LINE = "line"  # two members of one maternal or paternal line have haplotypes that differ
    ACROSS = "across"  # two people of different families look related


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """A family with one thing changed.

    Parameters
    ----------
    kind : what is changed
    members : whom it concerns, see :class:`Kind`
    log10_likelihood : of the family so changed
    log10_lr : the same against the family as stated; inf if only that is impossible
    by_marker : canonical marker -> its part; inf and -inf where one of the two is impossible
    """

    kind: Kind
    members: tuple[str, ...]
    log10_likelihood: float
    log10_lr: float
    by_marker: Mapping[str, float]

    @property
    def arguing(self) -> tuple[str, ...]:
        """The markers that speak for it, strongest first."""
        told = [marker for marker, part in self.by_marker.items() if part >= _ARGUING]
        return tuple(sorted(told, key=lambda marker: (-self.by_marker[marker], marker)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PairTest:
    """Two typed members of one family, from their two profiles alone.

    Parameters
    ----------
    stated : what the pedigree says: a key of :data:`homeward.genetics.kinship.RELATIONSHIPS`, or "other"
    log10_stated : log10 LR of what is stated against unrelated; -inf if it is impossible
    log10_of : relationship -> the same of each
    markers : typed in both
    """

    family_id: str
    first: str
    second: str
    stated: str
    log10_stated: float
    log10_of: Mapping[str, float]
    markers: int

    @property
    def best(self) -> str:
        return max(self.log10_of, key=lambda name: self.log10_of[name])

    @property
    def log10_lr(self) -> float:
        """What it looks like against what is stated."""
        if self.best == self.stated or not self.markers:
            return 0.0
        return self.log10_of[self.best] - self.log10_stated


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyQuality:
    """One family, tested.

    Parameters
    ----------
    log10_likelihood : of the references as stated; -inf if they contradict the pedigree
    contradictions : markers at which they do
    needing_mutation : markers that fit only with a mutation
    tests : alternatives tried
    alternatives : best first
    """

    family_id: str
    population: str
    typed: tuple[str, ...]
    log10_likelihood: float
    contradictions: tuple[str, ...]
    needing_mutation: tuple[str, ...]
    tests: int
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person should look at.

    Parameters
    ----------
    kind, members : as of :class:`Alternative`
    family_ids : one, or two
    log10_lr : against what is stated, or of related against unrelated between families; nan of haplotypes that
        nobody counted
    markers : those that speak for it, strongest first
    stated, looks_like : relationships, where it is about one; of a line its kind, and the number of differences
    contradictions : markers at which the family as stated is impossible
    others : other explanations that are nearly as good
    """

    kind: Kind
    family_ids: tuple[str, ...]
    members: tuple[str, ...]
    log10_lr: float
    markers: tuple[str, ...] = ()
    stated: str = ""
    looks_like: str = ""
    contradictions: tuple[str, ...] = ()
    others: tuple[Alternative, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenTold:
    """What one relationship was screened for, between families of one population.

    Parameters
    ----------
    pairs : compared
    threshold : log10 LR from which a pair is told
    expected_false : pairs of unrelated people expected above it, all markers typed
    most_false : what it can be at most, whatever was typed: pairs / 10^threshold
    found_if_related : chance that two who are so related, typed at all markers, are told
    """

    population: str
    relationship: str
    pairs: int
    threshold: float
    expected_false: float
    most_false: float
    found_if_related: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Every test of a programme's references, and what to look at."""

    families: tuple[FamilyQuality, ...]
    pairs: tuple[PairTest, ...]
    findings: tuple[Finding, ...]
    screens: tuple[ScreenTold, ...]
    not_compared: int  # pairs of people of different populations
    tests: int
    provenance: Provenance

    @property
    def most_false(self) -> float:
        """Findings within families that can be expected to be false, at most."""
        return float(self.tests / 10.0 ** float(self.provenance.parameters["threshold"]))


def quality(
    programme: Programme,
    *,
    threshold: float = THRESHOLD,
    expected: float = EXPECTED,
    slip: float = SLIP,
    tick: Tick = silent,
) -> Quality:
    """Test every reference of a programme.

    Parameters
    ----------
    threshold : log10 LR against the family as stated from which an alternative is a finding; also the least of
        pairs of different families
    expected : false pairs of different families that are put up with, for each relationship and population
    slip : chance that a genotype reads otherwise in a second sample of one person
    tick : told of stages "families" and "screen"

    Raises
    ------
    Nonsense
        If ``threshold`` or ``expected`` is not above 0, or ``slip`` no probability below one.
    UnequalCalls, NotFound
        As of :func:`homeward.genetics.family.families`.
    """
    if not threshold > 0 or not expected > 0 or not 0 <= slip < 1:
        raise Nonsense("a threshold and a number of false pairs are above 0, a slip at least 0 and below 1")
    of_programme = families(programme, prepare_loci(programme))
    markers = max((len(family.loci) for family in of_programme), default=0)
    engine = engine_for(20 * len(of_programme), markers)
    tested: list[FamilyQuality] = []
    for done, family in enumerate(of_programme):
        tick("families", done, len(of_programme))
        tested.append(family_quality(family, slip=slip, engine=engine))
    tick("families", len(of_programme), len(of_programme))
    groups = _groups(of_programme, slip)
    pairs = tuple(pair for group in groups for pair in _pairs_within(group, engine))
    findings = [found for one in tested if (found := _finding(one, threshold)) is not None]
    findings += _relationships(pairs, threshold)
    lines, compared = _lines(programme, threshold)
    exchanged, exchanges = _exchanged_between(of_programme, tested, threshold, engine)
    across, screens, not_compared = _across(groups, threshold, expected, tick)
    return Quality(
        families=tuple(tested),
        pairs=pairs,
        findings=(*sorted(findings, key=_order), *lines, *exchanged, *across),
        screens=tuple(screens),
        not_compared=not_compared,
        tests=sum(one.tests for one in tested) + len(pairs) * (len(RELATIONSHIPS) - 1) + exchanges + compared,
        provenance=provenance(
            "quality",
            input_digest=programme.digest,
            parameters={
                "threshold": threshold,
                "expected": expected,
                "slip": slip,
                "theta": programme.settings.theta,
                "untyped_ancestors": programme.settings.untyped_ancestors,
            },
        ),
    )


def _order(finding: Finding) -> tuple[float, tuple[str, ...], str, tuple[str, ...]]:
    return -finding.log10_lr, finding.family_ids, finding.kind, finding.members


# --- a family as a whole -----------------------------------------------------------------------


def family_quality(family: Family, *, slip: float = SLIP, engine: Engine = "auto") -> FamilyQuality:
    """Test one family against itself with one thing changed."""
    stated = family.log_likelihoods(engine=engine)
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
    foreign = {member_id: _as_foreign(family, member_id, engine) for member_id in family.typed}
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


def _as_foreign(family: Family, member_id: str, engine: Engine) -> Floats:
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


def _finding(one: FamilyQuality, threshold: float) -> Finding | None:
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


def _exchanged_between(
    of_programme: Sequence[Family], tested: Sequence[FamilyQuality], threshold: float, engine: Engine
) -> tuple[list[Finding], int]:
    """Samples exchanged between two families of one population that do not fit; and how many exchanges were tried."""
    bad = [
        family
        for family, one in zip(of_programme, tested, strict=True)
        if (found := _finding(one, threshold)) is not None and found.kind is not Kind.MUTATION
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


# --- lines ---


def _lines(programme: Programme, threshold: float) -> tuple[list[Finding], int]:
    """Members of one line whose haplotypes speak against it; and how many pairs of members were compared.

    The ratio is that of someone of the population against a member of the line as it is drawn. Where nobody counted
    the haplotype, what laboratories call an exclusion is told without one.
    """
    evidence = LineageEvidence(programme)
    findings: list[Finding] = []
    compared = 0
    for pedigree, kind in itertools.product(programme.pedigrees, LineageKind):
        of = {m.member_id: evidence.by_subject.get((kind, m.member_id), ()) for m in pedigree.members}
        database = evidence.databases.get((kind, evidence.population(pedigree)))
        for one, other in itertools.combinations([who for who, haplotypes in of.items() if haplotypes], 2):
            references = [(one, haplotype) for haplotype in of[one]]
            family = FamilyLineage(pedigree, kind, references, database=database, model=evidence.model)
            line = family.line(other)
            if line is None or one not in line.stands_for:
                continue
            lr = family.log_lr(other, of[other])
            compared += lr.events is not None
            against = math.nan if lr.log_lr is None else -lr.log_lr / LN10
            if against >= threshold or (lr.log_lr is None and lr.category is Category.EXCLUSION):
                findings.append(
                    Finding(
                        kind=Kind.LINE,
                        family_ids=(pedigree.family_id,),
                        members=(one, other),
                        log10_lr=against,
                        stated=str(kind),
                        looks_like=str(lr.events),
                    )
                )
    return findings, compared


# --- two people --------------------------------------------------------------------------------


def _autosomal(loci: Loci) -> Loci:
    """The autosomal markers, each on its own: linked pairs are for whole families."""
    return replace(loci, linked=(), by_marker={name: of for name, of in loci.by_marker.items() if not of.x_linked})


class _Group:
    """Everyone typed of one population, and the ratios of every pair of them."""

    def __init__(self, of_group: Sequence[Family], slip: float) -> None:
        self.families = of_group
        self.loci = _autosomal(of_group[0].loci)
        self.people = [(family, member_id) for family in of_group for member_id in family.typed]
        self.seen = Seen(self.loci, [family.calls[member_id] for family, member_id in self.people])
        self.slip = slip
        self._ratios: dict[str, PairRatios] = {}

    def ratios(self, relationship: str) -> PairRatios:
        if relationship not in self._ratios:
            self._ratios[relationship] = PairRatios(self.seen, relationship, slip=self.slip)
        return self._ratios[relationship]


def _groups(of_programme: Sequence[Family], slip: float) -> list[_Group]:
    """The families of each population together."""
    found: dict[int, list[Family]] = {}
    for family in of_programme:
        found.setdefault(id(family.loci), []).append(family)
    return [_Group(of_group, slip) for of_group in found.values()]


def _pairs_within(group: _Group, engine: Engine) -> Iterator[PairTest]:
    place = {member_id: index for index, (_, member_id) in enumerate(group.people)}
    for family in group.families:
        for one, other in itertools.combinations(family.typed, 2):
            yield _pair_test(family, group, one, other, (place[one], place[other]), engine)


def _pair_test(
    family: Family, group: _Group, one: str, other: str, places: tuple[int, int], engine: Engine
) -> PairTest:
    related = [name for name in RELATIONSHIPS if name != "unrelated"]
    of = {name: float(group.ratios(name).of_pair(*places).sum()) / LN10 for name in related} | {"unrelated": 0.0}
    stated = stated_relationship(family.pedigree, one, other)
    if stated in ("identical", "unrelated"):
        log10_stated = of[stated]
    else:
        pair = replace(family, loci=group.loci, calls={who: family.calls[who] for who in (one, other)})
        log10_stated = float((pair.log_likelihoods(engine=engine) - _apart(pair, one, other, engine)).sum()) / LN10
    typed = (group.seen.codes[list(places)] > 0).all(axis=0)
    return PairTest(
        family_id=family.family_id,
        first=one,
        second=other,
        stated=stated,
        log10_stated=log10_stated,
        log10_of=of,
        markers=int(typed.sum()),
    )


def _apart(pair: Family, one: str, other: str, engine: Engine) -> Floats:
    """The two as strangers to each other, each in the pedigree as it is, on which with mutation his chances depend."""
    if pair.theta:
        return _as_foreign(pair, other, engine)
    alone = [replace(pair, calls={who: pair.calls[who]}).log_likelihoods(engine=engine) for who in (one, other)]
    return np.asarray(alone[0] + alone[1])


def _relationships(pairs: Sequence[PairTest], threshold: float) -> list[Finding]:
    return [
        Finding(
            kind=Kind.RELATIONSHIP,
            family_ids=(pair.family_id,),
            members=(pair.first, pair.second),
            log10_lr=pair.log10_lr,
            stated=pair.stated,
            looks_like=pair.best,
        )
        for pair in pairs
        if pair.log10_lr >= threshold
    ]


def _across(
    groups: Sequence[_Group], least: float, expected: float, tick: Tick
) -> tuple[list[Finding], list[ScreenTold], int]:
    """People of different families who look related, what was screened, and how many pairs are of two populations."""
    findings: list[Finding] = []
    screens: list[ScreenTold] = []
    for group in groups:
        loci, people = group.loci, group.people
        own: dict[str, int] = {}
        for family, _ in people:
            own[family.family_id] = own.get(family.family_id, 0) + 1
        pairs = math.comb(len(people), 2) - sum(math.comb(size, 2) for size in own.values())
        if not pairs or not len(loci):
            continue
        told = [_screen_told(loci, name, pairs, least, expected, group.slip) for name in SCREENED]
        screens += told
        best: dict[tuple[int, int], tuple[float, str]] = {}
        for done, of in enumerate(told):
            tick("screen", done, len(told))
            for one, other, log10_lr in _screened(people, group.ratios(of.relationship), of.threshold):
                if log10_lr > best.get((one, other), (-math.inf, ""))[0]:
                    best[one, other] = log10_lr, of.relationship
        tick("screen", len(told), len(told))
        for (one, other), (log10_lr, name) in sorted(best.items(), key=lambda item: (-item[1][0], item[0])):
            findings.append(
                Finding(
                    kind=Kind.ACROSS,
                    family_ids=(people[one][0].family_id, people[other][0].family_id),
                    members=(people[one][1], people[other][1]),
                    log10_lr=log10_lr,
                    stated="unrelated",
                    looks_like=name,
                )
            )
    sizes = [len(group.people) for group in groups]
    return findings, screens, math.comb(sum(sizes), 2) - sum(math.comb(size, 2) for size in sizes)


def _screened(
    people: Sequence[tuple[Family, str]], ratios: PairRatios, threshold: float
) -> Iterator[tuple[int, int, float]]:
    """Pairs of different families at or above the threshold."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(family.family_id for family, _ in people))}
    family_of = np.array([numbers[family.family_id] for family, _ in people])
    adding = add_up
    if len(people) > _WORTH_COMPILING:
        from homeward.genetics import _compiled

        adding = _compiled.add_up
    for start in range(0, len(people), _BLOCK):
        block = list(range(start, min(start + _BLOCK, len(people))))
        values = adding(ratios.rows_against(block), ratios.codes[start:]) / LN10
        values[family_of[start:, None] == family_of[block][None, :]] = -np.inf
        for later, column in np.argwhere(values >= threshold).tolist():
            if later > column:
                yield block[column], start + later, float(values[later, column])


def _screen_told(loci: Loci, relationship: str, pairs: int, least: float, expected: float, slip: float) -> ScreenTold:
    """The least threshold, or the one at which no more unrelated pairs are expected to be told than put up with."""
    power = pair_power(tuple(loci), relationship, slip=slip)
    low, high = least, 60.0
    if power.reaching(least, related=False)[1] * pairs <= expected:
        high = least
    while high - low > _STEP / 2:
        middle = (low + high) / 2
        if power.reaching(middle, related=False)[1] * pairs <= expected:
            high = middle
        else:
            low = middle
    return ScreenTold(
        population=loci.population,
        relationship=relationship,
        pairs=pairs,
        threshold=high,
        expected_false=power.reaching(high, related=False)[1] * pairs,
        most_false=pairs / 10.0**high,
        found_if_related=power.reaching(high)[0],
    )


def pair_power(loci: Sequence[Locus], relationship: str, *, slip: float = SLIP, step: float = _STEP) -> Power:
    """Give the distribution of log10 LR, related against unrelated, of two people typed at all markers."""
    of_marker = []
    for locus in loci:
        unrelated = np.outer(locus.population_genotypes, locus.population_genotypes)
        of_marker.append(atoms(pair_table(locus, relationship, slip=slip) / unrelated, unrelated))
    return Power(markers=tuple(locus.marker for locus in loci), of_marker=tuple(of_marker), step=step)
