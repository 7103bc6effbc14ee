"""The families of a block: peeled 128 missing persons at a time, families of one shape together.

Families that say anything more than who descends from whom and what was called (a second sample of a
member, rates of errors, inbreeding, identical twins, a loop), or whose markers are linked or on X, go through
:func:`homeward.genetics.family.families` one by one, with the same result and more time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from homeward.formats.scanfiles import members_of, observed, pedigree_of, read_call
from homeward.genetics import _compiled as genetics
from homeward.genetics.family import Family, families
from homeward.genetics.locus import MarkerNames
from homeward.genetics.mutation import Floats
from homeward.genetics.packing import Batch, PackedLoci, Tabulated, pack_loci
from homeward.genetics.peel import Plan, Shape
from homeward.genetics.peel import plan as peel_plan
from homeward.genetics.scoring import Seen, member_rows
from homeward.genetics.tables import peelable
from homeward.programme import SampleKind
from homeward.scan._compiled import SLOTS
from homeward.scan.plan import Block
from homeward.scan.remains import Context, with_rates
from homeward.scan.structure import NOBODY, Structure, structure

Integers = npt.NDArray[np.int64]
Chosen = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Part:
    """Slots of one population that can be compared, 128 at most.

    Parameters
    ----------
    population : of their families
    slots : (slot,) their numbers
    sex : (slot,) 0 unknown, 1 man, 2 woman
    rows : (row, slot) natural log likelihood ratio of every row of ``Seen``
    set_aside : families whose references contradict the pedigree, with the marker that shows it
    aside : slots of those
    estimated : families of which theta ties too much together, with the largest standard error that a log10 ratio of
        theirs can have, whatever remains show
    """

    population: str
    slots: Integers
    sex: Integers
    rows: Floats
    set_aside: tuple[tuple[str, str], ...]
    aside: int
    estimated: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, eq=False)
class _Families:
    """The families of a block as they were read."""

    table: pa.Table
    structure: Structure
    number: Integers  # (row,) of the slot, where the row is one
    names: pa.Array  # (row,) family_id


def peeled(here: Context, block: Block) -> Iterator[Part]:
    """The slots of a block that some typed relative informs, whose families do not contradict themselves."""
    table = here.opened.families.read(*block.rows).combine_chunks()
    of_block = structure(table, tuple(here.loci))
    read = _Families(
        table, of_block, block.slots[0] + np.cumsum(of_block.slot) - 1, table["family_id"].combine_chunks()
    )
    with_slots = np.add.reduceat(of_block.slot.astype(np.int64), of_block.heads[:-1]) > 0
    plain = _plain(here, read)
    for place, population in enumerate(here.loci):
        default = population == here.opened.default_population()
        members = (of_block.population == place) | ((of_block.population == NOBODY) & default)
        members &= with_slots
        if not members.any():
            continue
        general = members & ~plain
        if (members & plain).any():
            at_once = _AtOnce(here, population, read)
            yield from at_once.parts(members & plain)
            general |= members & at_once.loops
        yield from _one_by_one(here, population, read, np.flatnonzero(general))


def _plain(here: Context, read: _Families) -> Chosen:
    """Families that say no more than who descends from whom and what was called."""
    settings = here.opened.programme.settings
    peeled_all = all(peelable(locus) for loci in here.loci.values() for locus in loci)
    peeled_all &= not any(loci.linked for loci in here.loci.values())
    if settings.theta or settings.untyped_ancestors != "keep" or not peeled_all:
        return np.zeros(len(read.structure), dtype=bool)
    more = with_rates(read.table, here.opened) | (read.structure.twin != NOBODY)
    if "inbreeding" in read.table.column_names:
        more |= read.table["inbreeding"].is_valid().to_numpy()
    return np.asarray(read.structure.single & ~np.logical_or.reduceat(more, read.structure.heads[:-1]))


class _AtOnce:
    """Families by their shape.

    Parameters
    ----------
    population : of those that will be asked about
    """

    def __init__(self, here: Context, population: str, read: _Families) -> None:
        self.population, self.read = population, read
        self.seen = here.layout(population)[0]
        self.packed = pack_loci(self.seen.loci)
        self.tabulated = Tabulated(self.packed)  # what a homozygote may be where an allele is silent
        self.codes = _encoded(here, self.tabulated, read.table)
        self.loops = np.zeros(len(read.structure), dtype=bool)  # known once all parts were given

    def parts(self, chosen: Chosen) -> Iterator[Part]:
        """Peel them, 128 slots at a time."""
        batch, rows = Batch(self.packed, tabulated=self.tabulated), []
        for plan, heads, target, encoded in self._alike(chosen):
            start = 0
            while start < len(heads):
                stop = min(len(heads), start + SLOTS - batch.size)
                batch.add_alike(plan, encoded(heads[start:stop]))
                rows.append(heads[start:stop] + target)
                start = stop
                if batch.size == SLOTS:
                    yield self._part(batch, np.concatenate(rows))
                    batch, rows = Batch(self.packed, tabulated=self.tabulated), []
        if batch.size:
            yield self._part(batch, np.concatenate(rows))

    def _alike(self, chosen: Chosen) -> Iterator[tuple[Plan, Integers, int, _Encoder]]:
        of = self.read.structure
        typed = np.asarray(self.codes.any(axis=1))
        for heads, members in of.alike(of.father, of.mother, typed, of.slot, among=chosen):
            father, mother, is_typed, is_slot = members.T.tolist()
            family = Shape(tuple(father), tuple(mother), (NOBODY,) * len(father))
            for target in np.flatnonzero(is_slot).tolist():
                plan = peel_plan(family, tuple(map(bool, is_typed)), target, False)
                if plan is None:
                    self.loops[np.searchsorted(of.heads, heads)] = True
                elif _informs(plan, is_typed):
                    yield plan, heads, target, _Encoder(self.codes, plan, is_typed)

    def _part(self, batch: Batch, rows: Integers) -> Part:
        log_ratios, log_likelihood = genetics.batch_rows(batch, self.seen)
        return _without_contradictions(self.read, self.population, rows, log_ratios, log_likelihood, self.packed)


@dataclass(frozen=True, eq=False)
class _Encoder:
    """The calls of families of one shape, as the peel wants them."""

    codes: Integers
    plan: Plan
    typed: Sequence[int]

    def __call__(self, heads: Integers) -> Integers:
        """(family, locus, node)"""
        found = np.zeros((len(heads), self.codes.shape[1], self.plan.nodes), dtype=np.int64)
        for member, node in enumerate(self.plan.node_of):
            if node >= 0 and self.typed[member]:
                found[:, :, node] = self.codes[heads + member]
        return found


def _informs(plan: Plan, typed: Sequence[int]) -> bool:
    """Whether someone typed shares an ancestor with the plan's target, or is he."""
    return any(
        is_typed and node >= 0 and plan.related[node] for node, is_typed in zip(plan.node_of, typed, strict=True)
    )


def _encoded(here: Context, tabulated: Tabulated, table: pa.Table) -> Integers:
    """The call of every row at every locus as a number, (row, locus)."""
    names = MarkerNames(here.opened.programme.markers)
    packed = tabulated.packed
    place = {name: index for index, name in enumerate(packed.names)}
    codes = np.zeros((table.num_rows, len(packed.loci)), dtype=np.int64)
    for column in here.opened.families.markers:
        locus = place.get(names(column))
        if locus is None:
            continue
        at = 0
        for chunk in table[column].chunks:
            known = [tabulated.code(locus, read_call(text)) for text in chunk.dictionary.to_pylist()]
            of_text = np.array([*known, 0], dtype=np.int64)
            indices = chunk.indices.fill_null(len(known)).to_numpy(zero_copy_only=False)
            codes[at : at + len(chunk), locus] = of_text[indices]
            at += len(chunk)
    return codes


def _without_contradictions(
    read: _Families, population: str, rows: Integers, log_ratios: Floats, log_likelihood: Floats, packed: PackedLoci
) -> Part:
    """The part of slots in these rows; a family that contradicts itself is left out and named."""
    possible = log_likelihood.sum(axis=1) > -np.inf
    aside = {
        read.names[int(rows[i])].as_py(): packed.names[int(np.argmin(log_likelihood[i]))]
        for i in np.flatnonzero(~possible)
    }
    return Part(
        population=population,
        slots=read.number[rows[possible]],
        sex=read.structure.sex[rows[possible]],
        rows=log_ratios if possible.all() else np.ascontiguousarray(log_ratios[:, possible]),
        set_aside=tuple(aside.items()),
        aside=int((~possible).sum()),
    )


def _one_by_one(here: Context, population: str, read: _Families, chosen: Integers) -> Iterator[Part]:
    """Families through the general way."""
    waiting: list[tuple[int, Family, str]] = []
    for index in chosen.tolist():
        waiting += _slots(here, read, index)
        while len(waiting) >= SLOTS:
            yield _peeled_by_hand(here, population, read, waiting[:SLOTS])
            waiting = waiting[SLOTS:]
    if waiting:
        yield _peeled_by_hand(here, population, read, waiting)


def _slots(here: Context, read: _Families, index: int) -> list[tuple[int, Family, str]]:
    """Row, family and member of the slots of one family that its typed members inform."""
    head, end = read.structure.heads[index : index + 2].tolist()
    rows = read.table.slice(head, end - head).to_pylist()
    pedigree = pedigree_of(members_of(read.table.slice(head, end - head)))
    samples, profiles = observed(rows, "member_id", here.opened.families.markers, SampleKind.REFERENCE)
    programme = replace(here.opened.programme, pedigrees=(pedigree,), samples=samples, profiles=profiles)
    (family,) = families(programme, here.loci)
    row_of = {member: head + place for place, member in reversed(list(enumerate(row["member_id"] for row in rows)))}
    return [
        (row_of[member.member_id], family, member.member_id)
        for member in family.slots
        if family.is_informed(member.member_id)
    ]


def _peeled_by_hand(
    here: Context, population: str, read: _Families, members: Sequence[tuple[int, Family, str]]
) -> Part:
    seen = here.layout(population)[0]
    of = member_rows([(family, member_id) for _, family, member_id in members], seen, "compiled")
    rows = np.array([row for row, _, _ in members], dtype=np.int64)
    part = _without_contradictions(read, population, rows, of.rows, of.log_likelihood, pack_loci(seen.loci))
    return part if of.errors is None else replace(part, estimated=_largest(members, seen, of.errors))


def _largest(members: Sequence[tuple[int, Family, str]], seen: Seen, errors: Floats) -> tuple[tuple[str, float], ...]:
    """The largest error of a log10 ratio of each family: over markers, the largest of any call, in quadrature."""
    most = np.zeros((len(seen.loci), len(members)))
    np.maximum.at(most, np.array([index for index, _ in seen.calls], dtype=np.intp), errors[1:])
    found: dict[str, float] = {}
    for (_, family, _), error in zip(members, (np.linalg.norm(most, axis=0) / math.log(10)).tolist(), strict=True):
        if error:
            found[family.family_id] = max(error, found.get(family.family_id, 0.0))
    return tuple(found.items())
