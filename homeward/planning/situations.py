"""Many families at once: what each situation could show of a missing person, with the same engine for all.

A *situation* is a family as typed, whose remains are meant, and at most one more relative who is typed as well.
Families of one population are peeled together, a block at a time; a situation that occurs again (by the shape of its
pedigree and what was typed of whom, whatever the people are called) is computed once. What the compiled peel does not
take (co-ancestry, X markers, linked markers, silent alleles, pruning, loops, inbred founders, identical twins of the
relative) is left to :func:`homeward.genetics.power.power_with`, which is the definition of all of this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby

import numpy as np

from homeward.genetics.family import Family
from homeward.genetics.mutation import Floats
from homeward.genetics.packing import Batch, Integers, PackedLoci, Tabulated, encode, pack_loci
from homeward.genetics.peel import Plan, plan, shape
from homeward.genetics.power import Atoms, Power, atoms, outcomes_of
from homeward.genetics.tables import FamilyTables, peelable
from homeward.programme import Pedigree

Interval = tuple[float, float]
_ROWS = 1536  # tables of a family that are peeled together: 40 MB at 24 markers


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Situation:
    """A family in which one more relative is typed.

    Parameters
    ----------
    family : as typed
    pedigree : its pedigree, with whoever is drawn for the relative's sake
    relative : member_id of whoever is typed as well
    slot : member_id of whose remains are meant
    """

    family: Family
    pedigree: Pedigree
    relative: str
    slot: str


def reaching(
    tables: Floats,
    weights: Floats,
    population: Floats,
    starts: Integers,
    *,
    needed: float,
    step: float,
    related: bool = True,
) -> Interval:
    """Give the least and the greatest that P(log10 LR >= needed) can be.

    Parameters
    ----------
    tables : (outcome, genotype of all markers) likelihood ratios given each thing that the relative may show
    weights : (marker, outcome) how likely that is; an outcome of weight 0 is not looked at
    population : (genotype of all markers,) P(genotype) of someone unrelated
    starts : (marker + 1,) where each marker's genotypes begin
    needed, step : log10 LR to be reached, and the step of its grid
    related : of the person's own remains; else of someone unrelated
    """
    spans = list(zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True))
    of_marker: list[Atoms] = []
    for (start, stop), of_locus in zip(spans, weights, strict=True):
        likely = np.flatnonzero(of_locus)
        of_marker.append(atoms(tables[likely, start:stop], np.outer(of_locus[likely], population[start:stop])))
    markers = tuple(str(place) for place in range(len(spans)))
    return Power(markers=markers, of_marker=tuple(of_marker), step=step).reaching(needed, related=related)


def takes(family: Family) -> bool:
    """Whether the families' shared engine takes a family; the others go the plain way."""
    return (
        not family.theta
        and not family.prune
        and not family.loci.linked
        and all(peelable(locus) and not locus.silent for locus in family.loci)
        and not any(member.inbreeding for member in family.pedigree.members)
    )


def of_family(family: Family, tables: FamilyTables, *, needed: float, step: float) -> tuple[Interval, Interval] | None:
    """Give the chance of the person's own remains, and of someone unrelated's, with the family as it is typed.

    None where :func:`takes` says no; then :func:`homeward.genetics.power.of_tables` says it.
    """
    from homeward.planning import _compiled

    if not takes(family):
        return None
    packed = pack_loci(tuple(family.loci))
    ratios, population = np.concatenate(tables.ratios)[None], _population(packed)
    own, others = (
        _compiled.reaching(
            ratios, np.ones((len(packed.loci), 1)), population, packed.starts, needed=needed, step=step, related=related
        )
        for related in (True, False)
    )
    return own, others


@lru_cache(maxsize=32)
def _population(packed: PackedLoci) -> Floats:
    """P(genotype) of someone unrelated, all markers one after the other."""
    return np.concatenate([locus.population_genotypes for locus in packed.loci])


@dataclass(slots=True)
class Situations:
    """The engine, and what it has seen already.

    Parameters
    ----------
    needed, step : log10 LR to be reached, and the step of its grid
    outcomes : what the relative may show is averaged over so many genotypes a marker; over all if None
    """

    needed: float
    step: float
    outcomes: int | None
    known: dict[tuple[object, ...], Interval] = field(default_factory=dict)
    _tabulated: dict[PackedLoci, Tabulated] = field(default_factory=dict)

    def reaching(
        self, asked: Sequence[Situation], *, told: Callable[[int], None] = lambda done: None
    ) -> list[Interval | None]:
        """Give the chance to reach what is needed in each situation; None where the engine cannot say.

        Parameters
        ----------
        asked : any number; those of one population that follow each other are computed together
        told : called with how many are done
        """
        found: list[Interval | None] = []
        for packed, group in groupby(asked, key=lambda one: pack_loci(tuple(one.family.loci))):
            for block in _blocks(list(group), self._together(packed)):
                found += self._block(packed, block)
                told(len(found))
        return found

    def _together(self, packed: PackedLoci) -> int:
        """How many situations make a block."""
        most = max(packed.genotypes, default=1)
        return max(1, _ROWS // min(self.outcomes or most, most))

    def _block(self, packed: PackedLoci, asked: Sequence[Situation]) -> list[Interval | None]:
        tabulated = self._tabulated.setdefault(packed, Tabulated(packed))
        prepared = [_prepared(tabulated, one) if takes(one.family) else None for one in asked]
        new = {one.key: one for one in prepared if one is not None and one.key not in self.known}
        if new:
            self.known.update(zip(new, self._computed(packed, tabulated, list(new.values())), strict=True))
        return [None if one is None else self.known[one.key] for one in prepared]

    def _computed(self, packed: PackedLoci, tabulated: Tabulated, asked: Sequence[_Prepared]) -> list[Interval]:
        from homeward.planning import _compiled

        population = _population(packed)
        shown = _shown(packed, tabulated, asked, population, self.outcomes)
        batch = Batch(packed, tabulated=tabulated)
        for one, (codes, weights) in zip(asked, shown, strict=True):
            rows = np.repeat(one.encoded[None], codes.shape[1], axis=0)
            rows[:, :, one.node] = codes.T
            batch.add_alike(one.plan, rows, wanted=weights.T != 0)
        tables = _possible(packed, batch)
        found, row = [], 0
        for codes, weights in shown:
            given = tables[row : row + codes.shape[1]]
            row += codes.shape[1]
            found.append(
                _compiled.reaching(given, weights, population, packed.starts, needed=self.needed, step=self.step)
            )
        return found


def _blocks(asked: Sequence[Situation], size: int) -> Iterator[Sequence[Situation]]:
    for start in range(0, len(asked), size):
        yield asked[start : start + size]


@dataclass(frozen=True, slots=True, eq=False)
class _Prepared:
    """A situation as numbers: two plans (whose table is the relative's, and the slot's) and what was typed."""

    of_relative: Plan
    encoded_for_relative: Integers
    plan: Plan
    encoded: Integers  # (locus, node of the plan), nothing of the relative
    node: int  # the relative's

    @property
    def key(self) -> tuple[object, ...]:
        return self.of_relative, self.encoded_for_relative.tobytes(), self.plan, self.node, self.encoded.tobytes()


def _prepared(tabulated: Tabulated, one: Situation) -> _Prepared | None:
    """None where the peel cannot say: a loop, or a relative who shares his genotype with someone."""
    names = [member.member_id for member in one.pedigree.members]
    if any(one.relative in (member.twin_of, member.member_id) and member.twin_of for member in one.pedigree.members):
        return None
    relative, slot = names.index(one.relative), names.index(one.slot)
    family, calls = shape(one.pedigree), one.family.calls
    typed = [bool(calls.get(name)) for name in names]
    of_relative = plan(family, tuple(typed), relative, False)
    typed[relative] = True
    of_slot = plan(family, tuple(typed), slot, False)
    if of_relative is None or of_slot is None or of_slot.node_of[relative] < 0 or calls.get(one.relative):
        return None
    return _Prepared(
        of_relative,
        encode(tabulated, of_relative, one.pedigree, calls),
        of_slot,
        encode(tabulated, of_slot, one.pedigree, calls),
        of_slot.node_of[relative],
    )


def _shown(
    packed: PackedLoci, tabulated: Tabulated, asked: Sequence[_Prepared], population: Floats, outcomes: int | None
) -> list[tuple[Integers, Floats]]:
    """What each relative may show, given the others: (marker, outcome) numbers of calls, and how likely each is."""
    from homeward.genetics import _compiled

    batch = Batch(packed, tabulated=tabulated)
    for one in asked:
        batch.add_alike(one.of_relative, one.encoded_for_relative[None])
    ratios, _ = _compiled.peeled(batch)
    chances = np.maximum(ratios, 0.0) * population
    found = []
    for row in chances:
        chosen = [outcomes_of(row[start:stop], outcomes) for start, stop in packed.spans]
        most = max(len(places) for places, _ in chosen)
        codes, weights = np.zeros((len(chosen), most), dtype=np.int64), np.zeros((len(chosen), most))
        for locus, (places, weight) in enumerate(chosen):
            codes[locus, : len(places)] = places + 1  # as PackedLoci numbers a genotype
            weights[locus, : len(places)] = weight
        found.append((codes, weights))
    return found


def _possible(packed: PackedLoci, batch: Batch) -> Floats:
    """The tables of a batch, zero where what the relative shows cannot be."""
    from homeward.genetics import _compiled

    tables, log_likelihood = _compiled.peeled(batch)
    for row, locus in zip(*np.nonzero(log_likelihood == -np.inf), strict=True):
        start, stop = packed.spans[locus]
        tables[row, start:stop] = 0.0
    return tables
