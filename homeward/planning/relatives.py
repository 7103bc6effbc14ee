"""Which further relative would help most: ranked over the programme by expected identifications.

For each missing person the chance that his own remains, once found and fully typed, would reach the
threshold is known from his relatives (:mod:`homeward.genetics.power`). Typing one more relative
raises it. What a relative is worth is the sum of these rises over the missing of the family, each
weighted by the chance that his remains are found at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from homeward.errors import Nonsense
from homeward.genetics.family import Family
from homeward.genetics.power import Power, of_tables, power_with
from homeward.genetics.tables import Engine, engine_for, informative
from homeward.planning.situations import Interval, Situation, Situations, of_family
from homeward.programme import NOTHING, Member, Pedigree, PriorKind, Settings, Sex
from homeward.progress import Tick, silent

COARSE = 0.02  # step of log10 LR while ranking
OUTCOMES = 12  # genotypes of a relative averaged over while ranking
ENOUGH = 0.999  # who reaches the threshold as surely as this needs nobody else
KINDS = ("pedigree", "child", "sibling")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the typed relatives of one missing person can show today.

    ``reaching`` is the interval of P(log10 LR >= needed) of his own remains, ``mistaken`` that of
    someone unrelated's; ``mean`` the expected log10 LR of his own; ``excluding`` the chance that
    someone unrelated is excluded outright. ``set_aside`` names the marker at which the references
    contradict the pedigree: then nothing can be shown before that is put right.
    """

    family_id: str
    person_id: str
    member_id: str
    typed: int
    reaching: tuple[float, float]
    mistaken: tuple[float, float]
    mean: float
    excluding: float
    set_aside: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What typing one more relative would bring.

    Parameters
    ----------
    family_id : the family
    relative : member_id of someone in the pedigree; otherwise whose child or sibling it would be
    kind : "pedigree" (drawn, not typed yet), "child" or "sibling" (not drawn)
    gain : expected further identifications
    persons : person_id -> chance to reach the threshold with the relative typed
    exact : averaged over all genotypes of the relative, on a fine grid; else as while ranking
    """

    family_id: str
    relative: str
    kind: str
    gain: float
    persons: Mapping[str, float]
    exact: bool = False


def needed_log10_lr(settings: Settings, listed: int) -> float:
    """Give the log10 LR at which remains of a programme reach the threshold of identification.

    Parameters
    ----------
    settings : prior and threshold
    listed : how many persons are on the roster

    Notes
    -----
    With a roster prior each person has listed_share / N beforehand, everything else together the
    remainder; with all other evidence neutral the posterior is LR p / (LR p + 1 - p). A flat
    prior is read as one chance in N + 1.

    Examples
    --------
    >>> round(needed_log10_lr(Settings(name="n", listed_share=1.0, not_listed=0.0, identify=0.9995), 5300), 2)
    7.03
    """
    prior = prior_of_each(settings, listed)
    if not 0 < prior <= 1 or not 0 < settings.identify < 1:
        raise Nonsense("no likelihood ratio reaches the threshold: listed_share is 0, or identify is not below 1")
    odds = settings.identify / (1 - settings.identify)
    return math.log10(odds) + math.log10((1 - prior) / prior) if prior < 1 else 0.0


def prior_of_each(settings: Settings, listed: int) -> float:
    """Give the probability, before any evidence, that remains are those of one person of the roster.

    Parameters
    ----------
    settings, listed : as in :func:`needed_log10_lr`

    Examples
    --------
    >>> prior_of_each(Settings(name="n", listed_share=0.53, not_listed=0.47), 5300)
    0.0001
    """
    if listed < 1:
        raise Nonsense("nobody is listed: there is no roster to find anyone on")
    return settings.listed_share / listed if settings.prior is PriorKind.ROSTER else 1 / (listed + 1)


def standings(families: Sequence[Family], needed: float, *, tick: Tick = silent) -> list[Standing]:
    """Give what each missing person's typed relatives can show, family by family in the order given.

    Parameters
    ----------
    families : of :func:`homeward.genetics.family.families`
    needed : log10 LR to be reached
    tick : told of stage "power", in families
    """
    engine = engine_for(len(families), max((len(family.loci) for family in families), default=0))
    found: list[Standing] = []
    for done, family in enumerate(families):
        tick("power", done, len(families))
        for slot in family.slots:
            tables = family.tables(slot.member_id, engine=engine)
            contradicted = family.impossible_marker(tables.log_likelihood) or ""
            power = of_tables(tuple(family.loci), tables, step=COARSE)
            reaching = of_family(family, tables, needed=needed, step=COARSE) if engine == "compiled" else None
            found.append(_standing(family, slot, power, reaching or _by_definition(power, needed), contradicted))
    tick("power", len(families), len(families))
    return found


def _by_definition(power: Power, needed: float) -> tuple[Interval, Interval]:
    return power.reaching(needed), power.reaching(needed, related=False)


def _standing(
    family: Family, slot: Member, power: Power, reaching: tuple[Interval, Interval], contradicted: str
) -> Standing:
    own, others = reaching
    return Standing(
        family_id=family.family_id,
        person_id=slot.person_id,
        member_id=slot.member_id,
        typed=len(family.typed),
        reaching=own,
        mistaken=others,
        mean=power.mean_if_related,
        excluding=power.exclusion_power,
        set_aside=contradicted,
    )


def ranked(
    families: Sequence[Family],
    standing: Sequence[Standing],
    needed: float,
    *,
    found: Mapping[str, float] = NOTHING,
    best: int = 20,
    tick: Tick = silent,
) -> list[Help]:
    """Rank the relatives who could be typed by the identifications they would bring.

    Parameters
    ----------
    families, needed : as in :func:`standings`
    standing : its result
    found : person_id -> chance that the remains will be found and fully typed; 1 where not stated
    best : so many of the first are computed exactly; the others stay as ranked
    tick : told of stages "relatives" (in families) and "exact" (in relatives)

    Returns
    -------
    Most helpful first, ties by family and relative. Relatives of someone who reaches the threshold
    without them, or whose family contradicts itself, are left out.

    Notes
    -----
    Gains are computed without co-ancestry and with linked markers as independent, before and after alike.
    """
    independent = [replace(one, theta=0.0, loci=replace(one.loci, linked=())) for one in families]
    if any(one.theta or one.loci.linked for one in families):
        families, standing = independent, standings(independent, needed)
    now = {(one.family_id, one.member_id): one for one in standing}
    engine = engine_for(len(families) * OUTCOMES, max((len(family.loci) for family in families), default=0))
    asked = [one for family in families for one in _asked(family, now)]
    helps = _helps(asked, now, needed, found, engine, OUTCOMES, told=lambda done, all: tick("relatives", done, all))
    order = sorted(range(len(asked)), key=lambda place: _order(helps[place]))
    chosen = [asked[place] for place in order[:best]]
    first = _helps(chosen, now, needed, found, "compiled", None, told=lambda done, all: tick("exact", done, all))
    return sorted([*first, *(helps[place] for place in order[best:])], key=_order)


def _order(one: Help) -> tuple[float, str, str, str]:
    return -one.gain, one.family_id, one.relative, one.kind


def _wants(standing: Standing) -> bool:
    return not standing.set_aside and standing.reaching[0] < ENOUGH


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A relative who could be typed, and the pedigree in which he stands."""

    relative: str
    kind: str
    member_id: str
    pedigree: Pedigree


def _candidates(family: Family, wanting: Sequence[Member]) -> Iterator[_Candidate]:
    if not wanting:
        return
    pedigree, typed = family.pedigree, set(family.typed)
    for member in pedigree.members:
        if member.member_id not in typed and not member.person_id:
            yield _Candidate(member.member_id, "pedigree", member.member_id, pedigree)
    for slot in wanting:
        yield _Candidate(slot.member_id, "child", *_with_child(pedigree, slot))
        yield _Candidate(slot.member_id, "sibling", *_with_sibling(pedigree, slot))


def _with_child(pedigree: Pedigree, slot: Member) -> tuple[str, Pedigree]:
    """A child of his with someone unknown."""
    new = f"a child of {slot.member_id}"
    woman = slot.sex is Sex.FEMALE
    child = Member(
        family_id=pedigree.family_id,
        member_id=new,
        father_id="" if woman else slot.member_id,
        mother_id=slot.member_id if woman else "",
    )
    return new, Pedigree(family_id=pedigree.family_id, members=(*pedigree.members, child))


def _with_sibling(pedigree: Pedigree, slot: Member) -> tuple[str, Pedigree]:
    """A full sibling; parents who are not drawn are drawn."""
    father, mother = (
        stated or f"{word} of {slot.member_id}"
        for stated, word in ((slot.father_id, "the father"), (slot.mother_id, "the mother"))
    )
    drawn = [
        Member(family_id=pedigree.family_id, member_id=parent, sex=sex)
        for parent, sex, stated in ((father, Sex.MALE, slot.father_id), (mother, Sex.FEMALE, slot.mother_id))
        if not stated
    ]
    new = f"a sibling of {slot.member_id}"
    changed = (
        replace(member, father_id=father, mother_id=mother, inbreeding=None) if member is slot else member
        for member in pedigree.members
    )
    sibling = Member(family_id=pedigree.family_id, member_id=new, father_id=father, mother_id=mother)
    return new, Pedigree(family_id=pedigree.family_id, members=(*changed, *drawn, sibling))


@dataclass(frozen=True, slots=True)
class _Asked:
    """Someone who could be typed, and for whose sake."""

    family: Family
    candidate: _Candidate
    wanting: tuple[Member, ...]

    @property
    def situations(self) -> Iterator[Situation]:
        """One for each of the missing whom he can help."""
        pedigree, relative = self.candidate.pedigree, self.candidate.member_id
        for slot in self.wanting:
            if informative(pedigree, {relative: ("typed", "typed")}, slot.member_id):
                yield Situation(family=self.family, pedigree=pedigree, relative=relative, slot=slot.member_id)


def _asked(family: Family, now: Mapping[tuple[str, str], Standing]) -> Iterator[_Asked]:
    wanting = tuple(slot for slot in family.slots if _wants(now[family.family_id, slot.member_id]))
    for candidate in _candidates(family, wanting):
        yield _Asked(family, candidate, wanting)


def _helps(
    asked: Sequence[_Asked],
    now: Mapping[tuple[str, str], Standing],
    needed: float,
    found: Mapping[str, float],
    engine: Engine,
    outcomes: int | None,
    *,
    told: Callable[[int, int], None],
) -> list[Help]:
    """What typing each would bring."""
    of_each = [tuple(one.situations) for one in asked]
    every = [situation for situations in of_each for situation in situations]
    told(0, len(every))
    together: list[Interval | None] = [None] * len(every)
    if engine == "compiled":
        engine_of_all = Situations(needed=needed, step=COARSE, outcomes=outcomes)
        together = engine_of_all.reaching(every, told=lambda done: told(done, len(every)))
    alone = (situation for situation, chance in zip(every, together, strict=True) if chance is None)
    after = iter(_alone(next(alone), needed, engine, outcomes) if chance is None else chance for chance in together)
    helps = []
    for one, situations in zip(asked, of_each, strict=True):
        helps.append(
            _help(one, {situation.slot: next(after) for situation in situations}, now, found, outcomes is None)
        )
    told(len(every), len(every))
    return helps


def _alone(one: Situation, needed: float, engine: Engine, outcomes: int | None) -> Interval:
    """The chance to reach what is needed in one situation, by the definition."""
    power = power_with(
        one.pedigree,
        tuple(one.family.loci),
        one.family.calls,
        one.slot,
        one.relative,
        prune=one.family.prune,
        engine=engine,
        step=COARSE,
        outcomes=outcomes,
    )
    return power.reaching(needed)


def _help(
    one: _Asked,
    after: Mapping[str, Interval],
    now: Mapping[tuple[str, str], Standing],
    found: Mapping[str, float],
    exact: bool,
) -> Help:
    persons: dict[str, float] = {}
    gain = 0.0
    for slot in one.wanting:
        before = now[one.family.family_id, slot.member_id].reaching
        reached = after.get(slot.member_id, before)
        persons[slot.person_id] = sum(reached) / 2
        gain += found.get(slot.person_id, 1.0) * (sum(reached) - sum(before)) / 2
    return Help(
        family_id=one.family.family_id,
        relative=one.candidate.relative,
        kind=one.candidate.kind,
        gain=gain,
        persons=persons,
        exact=exact,
    )
