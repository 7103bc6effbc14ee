"""Two people from their two profiles alone: members of one family, and everyone against everyone of other families."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from homeward.genetics.family import Family
from homeward.genetics.kinship import RELATIONSHIPS, SLIP, PairRatios, pair_table, stated_relationship
from homeward.genetics.locus import Loci, Locus
from homeward.genetics.mutation import Floats
from homeward.genetics.power import Power, atoms
from homeward.genetics.quality_families import as_foreign
from homeward.genetics.quality_findings import Finding, Kind, PairTest, ScreenTold
from homeward.genetics.scoring import Seen, add_up
from homeward.genetics.tables import Engine
from homeward.progress import Tick

LN10 = math.log(10)
SCREENED = ("identical", "parent_child", "full_sibs")
_STEP = 0.02  # of log10 LR, for the expected number of false pairs
_BLOCK = 256  # people compared with all others at a time
_WORTH_COMPILING = 2000  # people


def _autosomal(loci: Loci) -> Loci:
    """The autosomal markers, each on its own: linked pairs are for whole families."""
    return replace(loci, linked=(), by_marker={name: of for name, of in loci.by_marker.items() if not of.x_linked})


class Group:
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


def groups_of(of_programme: Sequence[Family], slip: float) -> list[Group]:
    """The families of each population together."""
    found: dict[int, list[Family]] = {}
    for family in of_programme:
        found.setdefault(id(family.loci), []).append(family)
    return [Group(of_group, slip) for of_group in found.values()]


def pairs_within(group: Group, engine: Engine) -> Iterator[PairTest]:
    """Test every two typed members of each family."""
    place = {member_id: index for index, (_, member_id) in enumerate(group.people)}
    for family in group.families:
        for one, other in itertools.combinations(family.typed, 2):
            yield _pair_test(family, group, one, other, (place[one], place[other]), engine)


def _pair_test(family: Family, group: Group, one: str, other: str, places: tuple[int, int], engine: Engine) -> PairTest:
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
        return as_foreign(pair, other, engine)
    alone = [replace(pair, calls={who: pair.calls[who]}).log_likelihoods(engine=engine) for who in (one, other)]
    return np.asarray(alone[0] + alone[1])


def relationships_of(pairs: Sequence[PairTest], threshold: float) -> list[Finding]:
    """The pairs that look like something else than stated, at or above the threshold."""
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


def related_across(
    groups: Sequence[Group], least: float, expected: float, tick: Tick
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
