"""Loci, plans and calls as the arrays that the compiled peel reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import islice, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.errors import NotFound
from homeward.genetics.locus import Locus
from homeward.genetics.observation import UNTYPED as NOTHING_SEEN
from homeward.genetics.observation import Observation, exact_genotype, observation_matrix, together
from homeward.genetics.peel import Plan, plan, shape
from homeward.programme import NOT_OBSERVED, Pedigree

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

UNTYPED = 0
CONTRADICTORY = -(2**31)  # two calls of one genotype (identical twins) that exclude each other
TABLES = -(2**20)  # from here downwards: places in Tables
_TABULATED = CONTRADICTORY + 1  # a code says that this needs a table


class Markers(NamedTuple):
    """Loci side by side, padded to the largest; ``passed`` is ``mutation`` with its last axes swapped."""

    alleles: Integers  # (locus,) including the unnamed one of a table that does not sum to one
    named: Integers  # (locus,) without it
    frequency: Floats  # (locus, n)
    mutation: Floats  # (locus, 2: by the father, by the mother; n; n), rows are the parent's allele
    passed: Floats  # (locus, 2, n, n)
    gamete: Floats  # (locus, 2, n) what a founder of the population passes on
    first: Integers  # (genotype,) the greater allele, in the coding max*(max+1)//2 + min
    second: Integers  # (genotype,)


class Plans(NamedTuple):
    """Plans one after the other; ``…_from`` (plan + 1,) is where each begins."""

    targets: Integers  # (plan,)
    founder_from: Integers
    couple_from: Integers
    child_from: Integers
    step_from: Integers
    founder: Integers  # (node,)
    related: Integers  # (node,)
    couples: Integers  # (couple, 4)
    children: Integers
    steps: Integers  # (step, 3)


class Tables(NamedTuple):
    """What was observed of people whose genotype it leaves open, beyond one allele seen."""

    shape: Integers  # (table, 3) ONE: one genotype, its alleles; CROSS: genotypes with an allele; else ANY
    values: Floats  # (table, n, n) P(observed | ordered genotype), symmetric


ANY, ONE, CROSS = range(3)


class Jobs(NamedTuple):
    """What the compiled peel is asked: one job is one marker of one member."""

    plans: Plans
    plan_of: Integers  # (job,)
    locus_of: Integers  # (job,)
    call_from: Integers  # (job,) where its calls, one per node, begin in ``calls``
    calls: Integers
    ratio_from: Integers  # (job,) where its table begins in (member, genotype of all markers)
    result: Integers  # (job,) its place in (member, marker)


class PackedLoci:
    """The loci of one population, ready for the compiled peel.

    Parameters
    ----------
    loci : in the order in which tables are wanted
    """

    def __init__(self, loci: tuple[Locus, ...]) -> None:
        self.loci = loci
        self.names = tuple(locus.marker for locus in loci)
        self.sizes = tuple(len(locus.alleles) for locus in loci)
        self.genotypes = tuple(size * (size + 1) // 2 for size in self.sizes)
        # where each locus' table begins in the row of one family; the last entry is the row's length
        self.starts: Integers = np.cumsum([0, *self.genotypes], dtype=np.int64)
        self.spans = tuple(pairwise(self.starts.tolist()))
        self.markers = _markers(loci)
        self._alleles = [{allele: index for index, allele in enumerate(locus.alleles)} for locus in loci]
        self._codes: list[dict[Observation | None, int]] = [{None: UNTYPED} for _ in loci]

    def code(self, locus: int, call: Observation | None) -> int:
        """What was observed as a number: 0 untyped, 1 + genotype, or -1 - allele when the other was not observed.

        Anything else has no number of its own: it is below :data:`TABLES`, as is said by :meth:`is_tabulated`.

        Raises
        ------
        NotFound
            If the locus does not know the allele.
        """
        known = self._codes[locus].get(call)
        if known is None:
            known = self._new_code(locus, call)
            if isinstance(call, tuple):  # of others there may be too many to remember
                self._codes[locus][call] = known
        return known

    def is_tabulated(self, locus: int, call: Observation | None) -> bool:
        """Whether an observation leaves several genotypes open, other than by an allele not observed."""
        return self.code(locus, call) == _TABULATED

    def _new_code(self, locus: int, call: Observation | None) -> int:
        if not isinstance(call, tuple | None):
            return _TABULATED
        seen = [allele for allele in call or () if allele != NOT_OBSERVED]
        missing = [allele for allele in seen if allele not in self._alleles[locus]]
        if missing:
            raise NotFound(f"marker {self.names[locus]}: allele {missing[0]} has no frequency")
        places = [self._alleles[locus][allele] for allele in seen]
        if not places:
            return UNTYPED
        if len(places) == 1:
            return -1 - places[0]
        if exact_genotype(self.loci[locus], (seen[0], seen[1])) is None:
            return _TABULATED
        low, high = min(places), max(places)
        return 1 + high * (high + 1) // 2 + low

    def codes(self, calls: Mapping[str, Observation]) -> list[int]:
        """The calls of one person, by marker, as numbers in the order of the loci."""
        get = calls.get
        known = [codes.get(get(name)) for codes, name in zip(self._codes, self.names, strict=True)]
        if None in known:
            return [self.code(locus, get(name)) for locus, name in enumerate(self.names)]
        return known  # type: ignore[return-value]  # no None is left


def _markers(loci: Sequence[Locus]) -> Markers:
    whole = [locus.completed for locus in loci]
    n = max((len(locus.alleles) for locus in whole), default=1)
    frequency = np.zeros((len(loci), n))
    mutation = np.zeros((len(loci), 2, n, n))
    for index, locus in enumerate(whole):
        size = len(locus.alleles)
        frequency[index, :size] = locus.frequencies
        for side, matrix in enumerate((locus.male, locus.female)):
            mutation[index, side, :size, :size] = np.eye(size) if matrix is None else matrix
    first, second = np.tril_indices(n)
    return Markers(
        np.array([len(locus.alleles) for locus in whole], dtype=np.int64),
        np.array([len(locus.alleles) for locus in loci], dtype=np.int64),
        frequency,
        mutation,
        np.ascontiguousarray(mutation.swapaxes(2, 3)),
        np.einsum("la,lsab->lsb", frequency, mutation),
        first.astype(np.int64),
        second.astype(np.int64),
    )


@lru_cache(maxsize=32)
def pack_loci(loci: tuple[Locus, ...]) -> PackedLoci:
    """Loci packed once, however many families are asked about."""
    return PackedLoci(loci)


def pack_plans(plans: Sequence[Plan]) -> Plans:
    """Plans one after the other."""

    def starts(lengths: Iterable[int]) -> Integers:
        return np.cumsum([0, *lengths], dtype=np.int64)

    def joined(parts: list[Integers], width: tuple[int, ...]) -> Integers:
        return np.concatenate([np.zeros((0, *width), dtype=np.int64), *parts])

    return Plans(
        np.array([plan.target for plan in plans], dtype=np.int64),
        starts(plan.nodes for plan in plans),
        starts(len(plan.couples) for plan in plans),
        starts(len(plan.children) for plan in plans),
        starts(len(plan.steps) for plan in plans),
        joined([plan.founder for plan in plans], ()),
        joined([plan.related for plan in plans], ()),
        joined([plan.couples for plan in plans], (4,)),
        joined([plan.children for plan in plans], ()),
        joined([plan.steps for plan in plans], (3,)),
    )


class Batch:
    """Families of one population to be peeled in one go, over all markers.

    Parameters
    ----------
    packed : the population's loci
    prune : see :func:`homeward.genetics.peel.plan`. What is pruned is decided marker by marker, and
        P(calls) is then that of the family without the member, which may be a smaller one
    tabulated : where the observations are kept that no number says; its own if None
    """

    def __init__(self, packed: PackedLoci, *, prune: bool = False, tabulated: Tabulated | None = None) -> None:
        self.packed = packed
        self.prune = prune
        self.size = 0  # how many members were added
        self._plans: dict[Plan, int] = {}
        self._groups: list[tuple[int, int, int, Integers, Integers]] = []  # row, plan, alone, loci, calls
        self._tabulated = tabulated or Tabulated(packed)

    def add(self, pedigree: Pedigree, calls: Mapping[str, Mapping[str, Observation]], member_id: str) -> bool:
        """Add the table of one member; False (and nothing is added) if his family has a loop or an inbred founder."""
        members = pedigree.members
        if any(member.inbreeding for member in members):
            return False
        family = shape(pedigree)
        target = [member.member_id for member in members].index(member_id)
        asked = [
            (alone, plan(family, typed, target if alone == 0 else typed.index(True), self.prune), loci)
            for typed, loci in self._typed(pedigree, calls)
            for alone in ((0, 1) if self.prune and True in typed else (0,))
        ]
        if any(chosen is None for _, chosen, _ in asked):
            return False
        for alone, chosen, loci in asked:
            assert chosen is not None
            encoded = encode(self._tabulated, chosen, pedigree, calls)
            self._groups.append(
                (self.size, self._plans.setdefault(chosen, len(self._plans)), alone, loci, encoded[loci])
            )
        self.size += 1
        return True

    def add_alike(self, chosen: Plan, encoded: Integers, *, wanted: npt.NDArray[np.bool_] | None = None) -> None:
        """Add members of families of one shape, as :func:`encode` would have given their calls.

        Numbers that :class:`Tabulated` gave are those of the batch's own.

        Parameters
        ----------
        chosen : the plan of all of them, without pruning
        encoded : (member, locus, node of the plan)
        wanted : (member, locus) whether the table is wanted; all if None. What is not is left as it lies in memory
        """
        assert not self.prune
        place = self._plans.setdefault(chosen, len(self._plans))
        every = np.arange(len(self.packed.loci), dtype=np.int64)
        for number, of_member in enumerate(encoded):
            loci = every if wanted is None else np.flatnonzero(wanted[number])
            self._groups.append((self.size + number, place, 0, loci, of_member[loci]))
        self.size += len(encoded)

    def _typed(
        self, pedigree: Pedigree, calls: Mapping[str, Mapping[str, Observation]]
    ) -> list[tuple[tuple[bool, ...], Integers]]:
        """Who is typed, and at which loci; all loci together unless that decides who is pruned."""
        every = np.arange(len(self.packed.loci), dtype=np.int64)
        if not self.prune:
            return [(tuple([bool(calls.get(member.member_id)) for member in pedigree.members]), every)]
        codes = [self.packed.codes(calls.get(member.member_id, {})) for member in pedigree.members]
        groups: dict[tuple[bool, ...], list[int]] = {}
        for locus in every:
            groups.setdefault(tuple([of_member[locus] != UNTYPED for of_member in codes]), []).append(int(locus))
        return [(typed, np.array(loci, dtype=np.int64)) for typed, loci in groups.items()]

    def tables(self) -> Tables:
        """The observations that no number says, to which the calls of :meth:`jobs` point."""
        return self._tabulated.arrays()

    def jobs(self) -> Jobs:
        """Everything added so far, as the compiled peel wants it.

        ``result`` points into (2, member, marker): P(calls) with the member, and without; the tables
        of the latter go into one row of ``ratios`` beyond the members.
        """
        counts = np.array([len(loci) for _, _, _, loci, _ in self._groups], dtype=np.int64)
        row, plan_of, alone = (
            np.repeat(np.array([group[column] for group in self._groups], dtype=np.int64), counts)
            for column in range(3)
        )
        widths = np.repeat(np.array([calls.shape[1] for *_, calls in self._groups], dtype=np.int64), counts)
        locus_of = np.concatenate([np.zeros(0, dtype=np.int64), *[loci for _, _, _, loci, _ in self._groups]])
        return Jobs(
            pack_plans(list(self._plans)),
            plan_of.astype(np.int64),
            locus_of,
            np.cumsum(widths) - widths,
            np.concatenate([np.zeros(0, dtype=np.int64), *[calls.ravel() for *_, calls in self._groups]]),
            np.where(alone, self.size, row) * self.packed.starts[-1] + self.packed.starts[locus_of],
            (alone * self.size + row) * len(self.packed.loci) + locus_of,
        )


class Tabulated:
    """Observations as numbers; those that no number says are kept as tables, each once."""

    def __init__(self, packed: PackedLoci) -> None:
        self.packed = packed
        self._places: dict[tuple[int, Observation], int] = {}
        self._arrays = _no_tables(0, packed.markers.frequency.shape[1])

    def code(self, locus: int, observation: Observation | None) -> int:
        """What was observed at one marker as a number."""
        code = self.packed.code(locus, observation)
        return code if observation is None or code != _TABULATED else TABLES - self._place(locus, observation)

    def codes(self, calls: Mapping[str, Observation]) -> list[int]:
        """What was observed of one person, by marker, as numbers in the order of the loci."""
        codes = self.packed.codes(calls)
        if _TABULATED not in codes:
            return codes
        return [
            code if code != _TABULATED else TABLES - self._place(locus, calls[self.packed.names[locus]])
            for locus, code in enumerate(codes)
        ]

    def _place(self, locus: int, observation: Observation) -> int:
        return self._places.setdefault((locus, observation), len(self._places))

    def arrays(self) -> Tables:
        """Every table asked for so far."""
        known = len(self._arrays.shape)
        if known == len(self._places):
            return self._arrays
        tables = _no_tables(len(self._places), self.packed.markers.frequency.shape[1])
        tables.shape[:known], tables.values[:known] = self._arrays
        for (locus, observation), place in islice(self._places.items(), known, None):
            matrix = observation_matrix(self.packed.loci[locus].completed, observation)
            tables.values[place, : len(matrix), : len(matrix)] = matrix
            tables.shape[place] = _shape(matrix)
        self._arrays = tables
        return tables


def _no_tables(number: int, n: int) -> Tables:
    return Tables(np.zeros((number, 3), dtype=np.int64), np.zeros((number, n, n)))


def _shape(matrix: Floats) -> tuple[int, int, int]:
    """Which genotypes a table leaves open: one, those with one allele, or any."""
    first, second = np.nonzero(np.tril(matrix))
    if len(first) == 1:
        return ONE, int(first[0]), int(second[0])
    common = [a for a in (first[0], second[0]) if ((first == a) | (second == a)).all()] if len(first) else []
    return (CROSS, int(common[0]), 0) if common else (ANY, 0, 0)


def encode(
    tabulated: Tabulated, plan: Plan, pedigree: Pedigree, calls: Mapping[str, Mapping[str, Observation]]
) -> Integers:
    """What was observed of a family as numbers, (locus, node of the plan)."""
    packed = tabulated.packed
    encoded = np.zeros((len(packed.loci), plan.nodes), dtype=np.int64)
    of_node: dict[int, Mapping[str, Observation]] = {}
    excluding: list[tuple[str, int]] = []
    for member, node in zip(pedigree.members, plan.node_of, strict=True):
        of_member = calls.get(member.member_id)
        if not of_member or node < 0:
            continue
        if node in of_node:
            of_member, contradictory = _of_twins(of_node[node], of_member)
            excluding += [(marker, node) for marker in contradictory]
        of_node[node] = of_member
    for node, of_member in of_node.items():
        encoded[:, node] = tabulated.codes(of_member)
    for marker, node in excluding:
        if marker in packed.names:
            encoded[packed.names.index(marker), node] = CONTRADICTORY
    return encoded


def _of_twins(
    first: Mapping[str, Observation], second: Mapping[str, Observation]
) -> tuple[dict[str, Observation], list[str]]:
    """What was observed of two people of one genotype, and the markers at which they exclude each other."""
    merged = {**first, **second}
    contradictory = []
    for marker in first.keys() & second.keys():
        joint = together(first[marker], second[marker])
        merged[marker] = joint or NOTHING_SEEN
        if joint is None:
            contradictory.append(marker)
    return merged, contradictory
