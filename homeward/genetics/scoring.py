"""Every remains against every missing person: log likelihood ratios from the families' tables.

1. ``Seen``: the distinct calls among the remains, marker by marker, each a *row*. Row 0 is "not typed". At the
   second of two linked markers a row is what was seen at both, and stands for what it adds to the first.
2. For a block of missing persons (*slots*) their families are peeled, and each row becomes the log
   likelihood ratio of that call for each slot: ``rows[row, slot]``.
3. ``add_up``: remains *r* against a slot is the sum over markers of the row of what *r* shows there.

A block is forgotten once it is scored, so that memory grows with the result alone. The arithmetic
is the same for the compiled twins of steps 2 and 3 in ``_compiled.py``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from homeward.genetics.family import Family
from homeward.genetics.linked import linked_among, log_lr_of_calls
from homeward.genetics.locus import Loci
from homeward.genetics.mutation import Floats
from homeward.genetics.observation import UNTYPED, Observation
from homeward.genetics.tables import Engine, FamilyTables, engine_for, error_of_call, log_lr_of_call, peelable
from homeward.programme import NOTHING
from homeward.progress import Tick, silent

Rows = npt.NDArray[np.int32]

BLOCK = 256  # slots peeled at a time: some 10 MB of tables


class Slot(NamedTuple):
    """A missing person as a member of a family: someone whom remains may be."""

    person_id: str
    family: int  # place among the families given
    member_id: str


@dataclass(frozen=True, eq=False, kw_only=True)
class Scores:
    """Remains against slots, from genotypes at autosomal and X markers alone.

    Parameters
    ----------
    slots : the candidates, family by family in the order given
    log_lr : (remains, slot) natural log of P(calls of the remains | they are the slot's person, references)
        / P(calls | someone unrelated, of the family's population). -inf where impossible; exactly 0 for
        a slot that no reference informs, and for all slots of a family set aside
    informed : (slot,) whether a relative by blood, or the person himself, is typed and the family is used
    reference_log_likelihood : (family,) natural log of P(references); -inf if they contradict the pedigree
    set_aside : place of a family -> the first marker at which its references contradict the pedigree
    log_lr_error : (remains, slot) standard error of ``log_lr`` where tables are estimates, 0 where they are exact;
        None if all are
    """

    slots: tuple[Slot, ...]
    log_lr: Floats
    informed: npt.NDArray[np.bool_]
    reference_log_likelihood: Floats
    set_aside: Mapping[int, str]
    log_lr_error: Floats | None = None

    def by_person(self, slot_of: npt.NDArray[np.intp]) -> Floats:
        """``log_lr`` by person, (remains, person), of the slot of each (-1: no family, and 0)."""
        return self._by_person(self.log_lr, slot_of)

    def error_by_person(self, slot_of: npt.NDArray[np.intp]) -> Floats | None:
        """``log_lr_error`` by person, (remains, person); None if all are exact."""
        return None if self.log_lr_error is None else self._by_person(self.log_lr_error, slot_of)

    @staticmethod
    def _by_person(by_slot: Floats, slot_of: npt.NDArray[np.intp]) -> Floats:
        answer = np.zeros((len(by_slot), len(slot_of)))
        answer[:, slot_of >= 0] = by_slot[:, slot_of[slot_of >= 0]]
        return answer

    @property
    def sampled(self) -> Mapping[int, float]:
        """Place of a family -> the largest standard error among its log likelihood ratios, where some are estimates."""
        if self.log_lr_error is None:
            return NOTHING
        of_slot = self.log_lr_error.max(axis=0, initial=0.0)
        found: dict[int, float] = {}
        for slot, error in zip(self.slots, of_slot.tolist(), strict=True):
            if error:
                found[slot.family] = max(found.get(slot.family, 0.0), error)
        return found


class Seen:
    """The distinct calls of some remains at the markers of one population; with errors, each with its own.

    Parameters
    ----------
    loci : the population's markers
    linked_rows : row -> the call at the first of two linked markers, where the row is one of the second's
    remains_calls : per remains, canonical marker -> call; markers outside ``loci`` are passed over
    """

    def __init__(self, loci: Loci, remains_calls: Sequence[Mapping[str, Observation]]) -> None:
        self.loci = tuple(loci)
        self.linked = tuple(linked_among(self.loci, loci.linked))
        self.calls: list[tuple[int, Observation]] = []  # of row 1, 2, ...: marker and call
        self.linked_rows: dict[int, Observation] = {}
        self.codes: Rows = np.zeros((len(remains_calls), len(self.loci)), dtype=np.int32)
        first_of = {second: first for first, second, _ in self.linked}
        for index, locus in enumerate(self.loci):
            first = self.loci[first_of[index]].marker if index in first_of else None
            rows: dict[tuple[Observation, Observation], int] = {}
            for remains, calls in enumerate(remains_calls):
                call = _in_order(calls.get(locus.marker))
                before = _in_order(calls.get(first)) if first is not None else UNTYPED
                if call == before == UNTYPED:
                    continue
                if (before, call) not in rows:
                    rows[before, call] = len(self.calls) + 1
                    self.calls.append((index, call))
                    if first is not None:
                        self.linked_rows[len(self.calls)] = before
                self.codes[remains, index] = rows[before, call]

    def part(self, chosen: Sequence[int]) -> tuple[Seen, Rows]:
        """The same of some of the markers alone, and for each of its rows (row 0 included) the row here."""
        if len(chosen) == len(self.loci):
            return self, np.arange(len(self.calls) + 1, dtype=np.int32)
        place = {index: k for k, index in enumerate(chosen)}
        rows = [row for row, (index, _) in enumerate(self.calls, start=1) if index in place]
        part = Seen.__new__(Seen)
        part.loci = tuple(self.loci[index] for index in chosen)
        part.linked = tuple(
            (place[first], place[second], pair)
            for first, second, pair in self.linked
            if first in place and second in place
        )
        new = {row: k for k, row in enumerate(rows, start=1)}
        part.linked_rows = {new[row]: call for row, call in self.linked_rows.items() if row in new}
        part.calls = [(place[self.calls[row - 1][0]], self.calls[row - 1][1]) for row in rows]
        renumbered = np.zeros(len(self.calls) + 1, dtype=np.int32)
        renumbered[rows] = np.arange(1, len(rows) + 1)
        part.codes = renumbered[self.codes[:, list(chosen)]]
        return part, np.array([0, *rows], dtype=np.int32)

    def column(self, tables: FamilyTables) -> Floats:
        """The log likelihood ratio of every row for one slot, (row,)."""
        pairs = {table.second: (table, pair) for table, (_, _, pair) in zip(tables.pairs, self.linked, strict=True)}

        def of_one(index: int, call: Observation) -> float:
            unrelated = tables.unrelated[index] if tables.unrelated else None
            return log_lr_of_call(tables.ratios[index], self.loci[index], call, male=tables.male, unrelated=unrelated)

        def of_row(row: int, index: int, call: Observation) -> float:
            if row not in self.linked_rows:
                return of_one(index, call)
            table, pair = pairs[index]
            before = of_one(table.first, self.linked_rows[row])
            # what the first marker rules out stays ruled out by it alone
            if before == -math.inf:
                return 0.0
            return log_lr_of_calls(table, pair, (self.linked_rows[row], call), male=tables.male) - before

        return np.array([0.0, *(of_row(row, index, call) for row, (index, call) in enumerate(self.calls, start=1))])

    def errors(self, tables: FamilyTables) -> Floats:
        """The standard error of :meth:`column`, (row,): 0 of linked markers, whose tables are exact."""
        return np.array([0.0, *(error_of_call(tables, index, self.loci[index], call) for index, call in self.calls)])

    @property
    def peeled(self) -> list[int]:
        """The places of the markers whose rows the compiled peel fills; it leaves the others to the plain way."""
        later = {second for _, second, _ in self.linked}
        return [index for index, locus in enumerate(self.loci) if peelable(locus) and index not in later]


def _in_order(call: Observation | None) -> Observation:
    """A call with its alleles in one order."""
    if call is None:
        return UNTYPED
    if not isinstance(call, tuple):
        return call
    first, second = sorted(call)
    return first, second


def log_lr_matrix(
    families: Sequence[Family],
    remains_calls: Sequence[Mapping[str, Observation]],
    *,
    engine: Engine = "auto",
    tick: Tick = silent,
) -> Scores:
    """Give the log likelihood ratio of every remains for every missing person.

    Parameters
    ----------
    families : of :func:`homeward.genetics.family.families`
    remains_calls : per remains, canonical marker -> call
    engine : "plain", "compiled", or "auto" as :func:`homeward.genetics.tables.engine_for` says
    tick : told of stage "tables", in slots

    Raises
    ------
    NotFound
        If remains show an allele that a population's locus lacks.
    """
    slots = tuple(
        Slot(member.person_id, index, member.member_id)
        for index, family in enumerate(families)
        for member in family.slots
    )
    log_lr = np.zeros((len(remains_calls), len(slots)))
    reference = np.zeros(len(families))
    set_aside: dict[int, str] = {}
    log_lr_error: Floats | None = None
    informed = np.array([families[slot.family].is_informed(slot.member_id) for slot in slots], dtype=bool)
    if engine == "auto":
        engine = engine_for(len(slots), max((len(family.loci) for family in families), default=0))
    tick("tables", 0, len(slots))
    done = 0
    for loci, members in _by_population(families, slots):
        seen = Seen(loci, remains_calls)
        for start in range(0, len(members), BLOCK):
            block = members[start : start + BLOCK]
            held = [slots[slot] for slot in block]
            of_block = member_rows([(families[of.family], of.member_id) for of in held], seen, engine)
            rows, log_likelihood = of_block.rows, of_block.log_likelihood
            for column, slot in enumerate(block):
                family = slots[slot].family
                reference[family] = log_likelihood[column].sum()
                if reference[family] == -np.inf:
                    set_aside.setdefault(family, seen.loci[int(np.argmin(log_likelihood[column]))].marker)
                    rows[:, column] = 0.0
                    informed[slot] = False
            rows[:, ~informed[block]] = 0.0
            log_lr[:, block] = _added_up(rows, seen.codes, engine)
            if of_block.errors is not None:
                if log_lr_error is None:
                    log_lr_error = np.zeros(log_lr.shape)
                # each marker has its own draws
                log_lr_error[:, block] = np.sqrt(add_up(np.where(rows == 0, 0.0, of_block.errors) ** 2, seen.codes))
            done += len(block)
            tick("tables", done, len(slots))
    without = set(range(len(families))) - {slot.family for slot in slots}
    for index in sorted(without):
        values = families[index].log_likelihoods(engine=engine)
        reference[index] = values.sum()
        if reference[index] == -np.inf:
            set_aside[index] = tuple(families[index].loci)[int(np.argmin(values))].marker
    return Scores(
        slots=slots,
        log_lr=log_lr,
        informed=informed,
        reference_log_likelihood=reference,
        set_aside=set_aside,
        log_lr_error=log_lr_error,
    )


def log_lr_by_marker(
    family: Family, member_id: str, remains_calls: Sequence[Mapping[str, Observation]], *, engine: Engine = "auto"
) -> Floats:
    """Give what each marker contributes to the log likelihood ratio of remains for one missing member.

    Returns
    -------
    (remains, marker)
        In the order of ``family.loci``; 0 where the remains are not typed. The sum over markers is
        the entry of :func:`log_lr_matrix`, unless the family is set aside.
    """
    seen = Seen(family.loci, remains_calls)
    if not family.is_informed(member_id):
        return np.zeros(seen.codes.shape)
    return np.asarray(seen.column(family.tables(member_id, engine=engine))[seen.codes])


def _by_population(families: Sequence[Family], slots: Sequence[Slot]) -> Iterator[tuple[Loci, npt.NDArray[np.intp]]]:
    """The slots of each population, since its loci are its own."""
    groups: dict[tuple[int, bool], list[int]] = {}
    for index, slot in enumerate(slots):
        family = families[slot.family]
        groups.setdefault((id(family.loci), family.prune), []).append(index)
    for members in groups.values():
        yield families[slots[members[0]].family].loci, np.array(members, dtype=np.intp)


class MemberRows(NamedTuple):
    """Natural log likelihood ratios (row, member), natural log P(references) (member, marker), and errors.

    ``errors`` (row, member) are the standard errors of the ratios; None where all are exact.
    """

    rows: Floats
    log_likelihood: Floats
    errors: Floats | None = None


def member_rows(members: Sequence[tuple[Family, str]], seen: Seen, engine: Engine) -> MemberRows:
    """Give what every call seen among the remains says of some members.

    Parameters
    ----------
    members : families and members, all of one population and one theta
    seen : at the markers of that population
    """
    if engine == "compiled" and not members[0][0].theta:
        from homeward.genetics import _compiled

        part, of_part = seen.part(seen.peeled)
        rows, log_likelihood = _compiled.block_rows(members, part)
        if part is not seen:
            rows, log_likelihood = _completed(members, seen, of_part, rows, log_likelihood)
        return MemberRows(rows, log_likelihood)
    tables = [family.tables(member_id, engine=engine) for family, member_id in members]
    return MemberRows(
        np.stack([seen.column(of_slot) for of_slot in tables], axis=1),
        np.stack([of_slot.log_likelihood for of_slot in tables]),
        np.stack([seen.errors(of_slot) for of_slot in tables], axis=1) if any(of.errors for of in tables) else None,
    )


def _completed(
    members: Sequence[tuple[Family, str]], seen: Seen, of_part: Rows, peeled: Floats, log_peeled: Floats
) -> tuple[Floats, Floats]:
    """The peeled rows and likelihoods, and those of the markers that the peel leaves to the plain way."""
    rows = np.zeros((len(seen.calls) + 1, len(members)))
    log_likelihood = np.zeros((len(members), len(seen.loci)))
    plain = set(range(len(seen.loci))) - set(seen.peeled)
    # of two linked markers both are needed
    chosen = sorted(plain | {first for first, second, _ in seen.linked if second in plain})
    part, of_chosen = seen.part(chosen)
    for column, (family, member_id) in enumerate(members):
        tables = family.tables(member_id, engine="plain", loci=part.loci)
        rows[of_chosen[1:], column] = part.column(tables)[1:]
        log_likelihood[column, chosen] = tables.log_likelihood
    rows[of_part], log_likelihood[:, seen.peeled] = peeled, log_peeled
    return rows, log_likelihood


def _added_up(rows: Floats, codes: Rows, engine: Engine) -> Floats:
    if engine == "compiled":
        from homeward.genetics import _compiled

        return _compiled.add_up(rows, codes)
    return add_up(rows, codes)


def add_up(rows: Floats, codes: Rows) -> Floats:
    """Sum the rows that each remains' calls select.

    Parameters
    ----------
    rows : (row, slot) natural log likelihood ratios; row 0 is zero
    codes : (remains, marker) rows

    Returns
    -------
    (remains, slot)
    """
    total = np.zeros((codes.shape[0], rows.shape[1]))
    for of_marker in codes.T:
        total += rows[of_marker]
    return total
