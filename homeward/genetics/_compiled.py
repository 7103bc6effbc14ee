"""Compiled twins of the plain genetics: peeling families, and scoring remains against tables.

**Peeling.** One family and one marker at a time (a *job*), following a :class:`homeward.genetics.peel.Plan`.
Everything is on the level of alleles: a person is a pair (paternal, maternal), a transmission an
``n x n`` matrix. What is known of a person from below (his own type and his descendants) and what is
known of him in all are kept in the cheapest form that is exact:

========= =====================================================================================
below     NOTHING; TYPED (one genotype); ADDITIVE (one informative child: the mean of ``w`` over
          his two alleles, because the child has one of them); CROSS (one allele seen, the other
          not, or whatever else leaves only genotypes with it: a row and a column); FULL (``n x n``)
in all    FOUNDER (as the population); TYPED; GAMETES (two independent alleles, each with its own
          distribution); FULL; POPULATION (pruned: his gamete is the population's)
========= =====================================================================================

A child's factor is a short sum of products (allele from the father) x (allele from the mother): one
or two terms if typed (its phases), two if additive or cross, ``n`` at most. The children of a couple are
combined term by term; given the terms father and mother are independent. When that would be more
terms than one parent has genotypes, the sum is over that parent's genotypes instead.

No alleles are lumped: under stepwise mutation that is wrong. Messages are rescaled by powers of two,
so a family of any size neither underflows nor loses a digit. No reassociation of sums
(``fastmath``) is allowed, so that two machines give the same digits.

**Scoring.** ``T[row, slot]``: for each distinct call seen among the remains, the log likelihood
ratio of every slot of a block. A look-up is then one contiguous row that serves the whole block.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numba
import numpy as np

from homeward.genetics.locus import Locus
from homeward.genetics.observation import UNTYPED as UNKNOWN
from homeward.genetics.observation import Observation, observation_row, together
from homeward.genetics.packing import (
    ANY,
    CONTRADICTORY,
    ONE,
    TABLES,
    Batch,
    Floats,
    Integers,
    Markers,
    PackedLoci,
    Plans,
    Tables,
    pack_loci,
)
from homeward.genetics.tables import FamilyTables
from homeward.programme import Pedigree

if TYPE_CHECKING:
    from homeward.genetics.family import Family
    from homeward.genetics.scoring import Rows, Seen

_F = TypeVar("_F", bound=Callable[..., Any])
_njit: Any = numba.njit  # its options below are not all in its stubs


def _compiled(function: _F) -> _F:
    """Called from Python: compiled at the first call and kept on disk."""
    compiled: _F = _njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    return compiled


def _inner(function: _F) -> _F:
    """Called from compiled code only: no way in from Python, and no allocation, which halves what is to be compiled."""
    compiled: _F = _njit(nogil=True, error_model="numpy", _nrt=False, no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        function
    )
    return compiled


def _part(function: _F) -> _F:
    """A paragraph of the one function that calls it, merged into it before anything is compiled."""
    merged: _F = _njit(inline="always", error_model="numpy")(function)
    return merged


SLOTS = 64  # slots that one look-up serves: a literal, so that the loop over them unrolls

# below
NOTHING, TYPED, ADDITIVE, CROSS, FULL = 0, 1, 2, 3, 4
# in all; TYPED and FULL as above
FOUNDER, GAMETES, POPULATION = 5, 6, 7
# steps, as in peel.py
TO_FATHER, TO_MOTHER, TO_CHILD = 0, 1, 2


# places in State.known, value, full: from below, and in all; in State.vector: gametes by side, and ``w``
BELOW, WHOLE = 0, 1
ADD = 2
# columns of Bench.sibs
CHILD, RANK, DIGIT = 0, 1, 2


class State(NamedTuple):
    """What is known of each person while one job is peeled."""

    known: Integers  # (node, 2, 3) form; the genotype if TYPED, the allele if CROSS
    value: Floats  # (node, 2) if TYPED: from below, of either order; in all, of both orders together
    vector: Floats  # (node, 3, n) paternal and maternal allele if GAMETES; w if ADDITIVE
    full: Floats  # (node, 2, n, n) symmetric, by ordered genotype
    taken: Floats  # (2,) factor, and power of two, taken out so far


class Bench(NamedTuple):
    """Room for the children of one couple."""

    terms: Floats  # (sib, 2: to the father, to the mother; term, n)
    sibs: Integers  # (sib, 3) who; how many terms; which term is chosen
    full: Floats  # (2, n, n) a parent's ordered genotypes, by side
    rows: Floats  # (8, n)


@_inner
def _times(matrix: Floats, vector: Floats, n: int, out: Floats) -> None:
    """``out = vector @ matrix``; adds whole rows, so that it vectorises without reassociation."""
    for b in range(n):
        out[b] = 0.0
    for a in range(n):
        value = vector[a]
        if value != 0.0:
            row = matrix[a]
            for b in range(n):
                out[b] += value * row[b]


@_inner
def _total(vector: Floats, n: int) -> float:
    total = 0.0
    for a in range(n):
        total += vector[a]
    return total


@_inner
def _dot(one: Floats, other: Floats, n: int) -> float:
    total = 0.0
    for a in range(n):
        total += one[a] * other[a]
    return total


@_inner
def _take_out(state: State, greatest: float) -> float:
    """A power of two by which to multiply a message of this size, noted in the exponent."""
    if greatest == 0.0 or (1e-30 < greatest < 1e30):
        return 1.0
    _, exponent = math.frexp(greatest)
    state.taken[1] += float(exponent)
    return float(math.ldexp(1.0, -exponent))


@_inner
def _rescale_value(state: State, person: int, which: int) -> None:
    state.value[person, which] *= _take_out(state, state.value[person, which])


@_inner
def _rescale_full(state: State, full: Floats, n: int) -> None:
    greatest = 0.0
    for a in range(n):
        row = full[a]
        for b in range(n):
            greatest = max(greatest, row[b])
    factor = _take_out(state, greatest)
    if factor != 1.0:
        for a in range(n):
            row = full[a]
            for b in range(n):
                row[b] *= factor


@_inner
def _scale_by(state: State, factor: float) -> None:
    state.taken[0] *= factor
    state.taken[0] *= _take_out(state, state.taken[0])


@_inner
def _begin(state: State, markers: Markers, tables: Tables, calls: Integers, nodes: int, n: int) -> None:
    """Set what is known of each person to what was observed of him, coded as by ``packing.encode``."""
    for person in range(nodes):
        call = calls[person]
        state.known[person, WHOLE, 0] = -1
        if call == 0:
            state.known[person, BELOW, 0] = NOTHING
        elif call > 0:
            state.known[person, BELOW, 0] = TYPED
            state.known[person, BELOW, 1] = markers.first[call - 1]
            state.known[person, BELOW, 2] = markers.second[call - 1]
            state.value[person, BELOW] = 1.0
        elif call == CONTRADICTORY:
            state.known[person, BELOW, 0] = TYPED
            state.known[person, BELOW, 1] = 0
            state.known[person, BELOW, 2] = 0
            state.value[person, BELOW] = 0.0
        elif call <= TABLES:
            _begin_with_table(state, tables, TABLES - call, person, n)
        else:
            allele = -1 - call
            state.known[person, BELOW, 0] = CROSS
            state.known[person, BELOW, 1] = allele
            full = state.full[person, BELOW]
            for a in range(n):
                row = full[a]
                for b in range(n):
                    row[b] = 0.0
                row[allele] = 1.0
            row = full[allele]
            for b in range(n):
                row[b] = 1.0


@_inner
def _begin_with_table(state: State, tables: Tables, place: int, person: int, n: int) -> None:
    """Set what is known of a person to a table of P(observed | genotype), in the cheapest form."""
    form, a, b = tables.shape[place, 0], tables.shape[place, 1], tables.shape[place, 2]
    table = tables.values[place]
    state.known[person, BELOW, 1] = a
    if form == ONE:
        state.known[person, BELOW, 0] = TYPED
        state.known[person, BELOW, 2] = b
        state.value[person, BELOW] = table[a, b]
        return
    state.known[person, BELOW, 0] = FULL if form == ANY else CROSS
    full = state.full[person, BELOW]
    for x in range(n):
        row, given = full[x], table[x]
        for y in range(n):
            row[y] = given[y]


@_inner
def _multiply_additive(state: State, person: int, w: Floats, n: int) -> None:
    """A child has told of this person: the mean of ``w`` over his two alleles."""
    form = state.known[person, BELOW, 0]
    if form == TYPED:
        a, b = state.known[person, BELOW, 1], state.known[person, BELOW, 2]
        state.value[person, BELOW] *= (w[a] + w[b]) * 0.5
        _rescale_value(state, person, BELOW)
        return
    if form == NOTHING:
        greatest = 0.0
        for a in range(n):
            greatest = max(greatest, w[a])
        factor = _take_out(state, greatest)
        add = state.vector[person, ADD]
        for a in range(n):
            add[a] = w[a] * factor
        state.known[person, BELOW, 0] = ADDITIVE
        return
    full = state.full[person, BELOW]
    if form == ADDITIVE:
        add = state.vector[person, ADD]
        for a in range(n):
            row = full[a]
            for b in range(n):
                row[b] = (add[a] + add[b]) * (w[a] + w[b]) * 0.25
        state.known[person, BELOW, 0] = FULL
    else:
        for a in range(n):
            row = full[a]
            for b in range(n):
                row[b] *= (w[a] + w[b]) * 0.5
    _rescale_full(state, full, n)


@_inner
def _multiply_full(state: State, person: int, message: Floats, n: int) -> None:
    """Several children have told of this person."""
    form = state.known[person, BELOW, 0]
    if form == TYPED:
        state.value[person, BELOW] *= message[state.known[person, BELOW, 1], state.known[person, BELOW, 2]]
        _rescale_value(state, person, BELOW)
        return
    full = state.full[person, BELOW]
    if form == NOTHING:
        for a in range(n):
            row, source = full[a], message[a]
            for b in range(n):
                row[b] = source[b]
        state.known[person, BELOW, 0] = FULL
    elif form == ADDITIVE:
        add = state.vector[person, ADD]
        for a in range(n):
            row, source = full[a], message[a]
            for b in range(n):
                row[b] = source[b] * (add[a] + add[b]) * 0.5
        state.known[person, BELOW, 0] = FULL
    else:
        for a in range(n):
            row, source = full[a], message[a]
            for b in range(n):
                row[b] *= source[b]
    _rescale_full(state, full, n)


@_inner
def _settle_founder(state: State, person: int, frequency: Floats, n: int) -> None:
    """Founders: Hardy-Weinberg proportions times what is known from below."""
    form = state.known[person, BELOW, 0]
    if form == NOTHING:
        state.known[person, WHOLE, 0] = FOUNDER
    elif form == TYPED:
        a, b = state.known[person, BELOW, 1], state.known[person, BELOW, 2]
        both = frequency[a] * frequency[b] * (1.0 if a == b else 2.0)
        state.known[person, WHOLE, 0] = TYPED
        state.known[person, WHOLE, 1], state.known[person, WHOLE, 2] = a, b
        state.value[person, WHOLE] = state.value[person, BELOW] * both
        _rescale_value(state, person, WHOLE)
    else:
        full = state.full[person, WHOLE]
        add = state.vector[person, ADD]
        for a in range(n):
            row, below = full[a], state.full[person, BELOW, a]
            here = frequency[a]
            if form == ADDITIVE:
                for b in range(n):
                    row[b] = here * frequency[b] * ((add[a] + add[b]) * 0.5)
            else:
                for b in range(n):
                    row[b] = here * frequency[b] * below[b]
        state.known[person, WHOLE, 0] = FULL
        _rescale_full(state, full, n)


@_inner
def _weight(state: State, person: int, frequency: Floats, n: int) -> float:
    """The sum over all genotypes of what is known of a person."""
    if person < 0:
        return _total(frequency, n)
    form = state.known[person, WHOLE, 0]
    if form == FOUNDER:
        return float(_total(frequency, n) ** 2)
    if form == TYPED:
        return float(state.value[person, WHOLE])
    if form == GAMETES:
        return float(_total(state.vector[person, 0], n) * _total(state.vector[person, 1], n))
    total = 0.0
    for a in range(n):
        total += _total(state.full[person, WHOLE, a], n)
    return total


@_inner
def _one_allele(state: State, person: int, frequency: Floats, n: int, out: Floats) -> None:
    """The distribution (with its weight) of one of a person's two alleles, taken at random."""
    form = state.known[person, WHOLE, 0]
    for a in range(n):
        out[a] = 0.0
    if form == FOUNDER:
        total = _total(frequency, n)
        for a in range(n):
            out[a] = frequency[a] * total
    elif form == TYPED:
        out[state.known[person, WHOLE, 1]] += state.value[person, WHOLE] * 0.5
        out[state.known[person, WHOLE, 2]] += state.value[person, WHOLE] * 0.5
    elif form == GAMETES:
        one, other = state.vector[person, 0], state.vector[person, 1]
        total_one, total_other = _total(one, n) * 0.5, _total(other, n) * 0.5
        for a in range(n):
            out[a] = one[a] * total_other + other[a] * total_one
    else:
        full = state.full[person, WHOLE]
        for a in range(n):
            row = full[a]
            for b in range(n):
                out[b] += row[b]


@_inner
def _gamete(
    state: State, markers: Markers, locus: int, person: int, side: int, n: int, room: Floats, out: Floats
) -> None:
    """What a person passes to a child (side 0 as father, 1 as mother), mutation included."""
    if person < 0:
        for a in range(n):
            out[a] = markers.frequency[locus, a]
    elif state.known[person, WHOLE, 0] == FOUNDER:
        for a in range(n):
            out[a] = markers.gamete[locus, side, a]
    else:
        _one_allele(state, person, markers.frequency[locus], n, room)
        _times(markers.mutation[locus, side], room, n, out)


@_inner
def _gamete_of_genotype(mutation: Floats, a: int, b: int, n: int, out: Floats) -> None:
    one, other = mutation[a], mutation[b]
    for c in range(n):
        out[c] = (one[c] + other[c]) * 0.5


@_inner
def _child_given_gamete(
    state: State, child: int, gamete: Floats, passed: Floats, n: int, room: Floats, out: Floats
) -> None:
    """What a child tells about one parent's allele when what the other passed on is known.

    ``out[a]`` is the sum over the allele that the parent's ``a`` became, and over the other's gamete.
    """
    form = state.known[child, BELOW, 0]
    for a in range(n):
        room[a] = 0.0
    if form == TYPED:
        a, b = state.known[child, BELOW, 1], state.known[child, BELOW, 2]
        value = state.value[child, BELOW]
        room[a] = value * gamete[b]
        room[b] = value * gamete[a]
    elif form == ADDITIVE:
        add = state.vector[child, ADD]
        half = _total(gamete, n) * 0.5
        constant = _dot(add, gamete, n) * 0.5
        for a in range(n):
            room[a] = add[a] * half + constant
    else:
        full = state.full[child, BELOW]
        for a in range(n):
            row = full[a]
            value = gamete[a]
            if value != 0.0:
                for b in range(n):
                    room[b] += value * row[b]
    _times(passed, room, n, out)


@_inner
def _terms_of_child(state: State, child: int, passed: Floats, n: int, terms: Floats) -> int:
    """A child's factor as a sum of products; returns how many. ``terms[side, term, allele of the parent]``."""
    form = state.known[child, BELOW, 0]
    father, mother = terms[0], terms[1]
    if form == TYPED:
        a, b = state.known[child, BELOW, 1], state.known[child, BELOW, 2]
        value = state.value[child, BELOW]
        for x in range(n):
            father[0, x] = value * passed[0, a, x]
            mother[0, x] = passed[1, b, x]
        if a == b:
            return 1
        for x in range(n):
            father[1, x] = value * passed[0, b, x]
            mother[1, x] = passed[1, a, x]
        return 2
    if form == ADDITIVE:
        _times(passed[0], state.vector[child, ADD], n, father[0])
        _times(passed[1], state.vector[child, ADD], n, mother[1])
        for x in range(n):
            mother[0, x] = 0.5
            father[1, x] = 0.5
        return 2
    full = state.full[child, BELOW]
    if form == CROSS:
        seen = state.known[child, BELOW, 1]
        for x in range(n):
            father[0, x] = passed[0, seen, x]
            mother[1, x] = passed[1, seen, x]
        _times(passed[1], full[seen], n, mother[0])
        left = full[seen, seen]
        full[seen, seen] = 0.0
        _times(passed[0], full[seen], n, father[1])
        full[seen, seen] = left
        return 2
    for j in range(n):
        _times(passed[0], full[j], n, father[j])
        for x in range(n):
            mother[j, x] = passed[1, j, x]
    return n


@_inner
def _as_full(state: State, person: int, frequency: Floats, n: int, out: Floats) -> None:
    """What is known of a parent as weights of his ordered genotypes, symmetric."""
    form = state.known[person, WHOLE, 0]
    if form == FOUNDER:
        for a in range(n):
            row = out[a]
            for b in range(n):
                row[b] = frequency[a] * frequency[b]
    elif form == GAMETES:
        one, other = state.vector[person, 0], state.vector[person, 1]
        for a in range(n):
            row = out[a]
            x, y = one[a] * 0.5, other[a] * 0.5
            for b in range(n):
                row[b] = x * other[b] + y * one[b]
    elif form == TYPED:
        a, b = state.known[person, WHOLE, 1], state.known[person, WHOLE, 2]
        for x in range(n):
            row = out[x]
            for y in range(n):
                row[y] = 0.0
        out[a, b] = state.value[person, WHOLE] * (1.0 if a == b else 0.5)
        out[b, a] = out[a, b]
    else:
        source = state.full[person, WHOLE]
        for a in range(n):
            row, given = out[a], source[a]
            for b in range(n):
                row[b] = given[b]


@_inner
def _with_children(
    state: State,
    person: int,
    frequency: Floats,
    bench: Bench,
    side: int,
    sibs: int,
    n: int,
    out: Floats,
) -> None:
    """As ``_one_allele`` once the chosen term of each child is taken into account; see ``_prepare``."""
    terms = bench.terms
    form = state.known[person, WHOLE, 0]
    if form == TYPED:
        a, b = state.known[person, WHOLE, 1], state.known[person, WHOLE, 2]
        value = state.value[person, WHOLE]
        for s in range(sibs):
            w = terms[s, side, bench.sibs[s, DIGIT]]
            value *= (w[a] + w[b]) * 0.5
        for x in range(n):
            out[x] = 0.0
        out[a] += value * 0.5
        out[b] += value * 0.5
        return
    if sibs == 1 and form == FOUNDER:
        w = terms[0, side, bench.sibs[0, DIGIT]]
        total = _total(frequency, n)
        mean = _dot(frequency, w, n)
        for a in range(n):
            out[a] = frequency[a] * (w[a] * total + mean) * 0.5
        return
    if sibs == 1 and form == GAMETES:
        w = terms[0, side, bench.sibs[0, DIGIT]]
        one, other = state.vector[person, 0], state.vector[person, 1]
        total_one, total_other = _total(one, n), _total(other, n)
        mean_one, mean_other = _dot(one, w, n), _dot(other, w, n)
        for a in range(n):
            out[a] = (one[a] * (w[a] * total_other + mean_other) + other[a] * (w[a] * total_one + mean_one)) * 0.25
        return
    halves = 0.5**sibs
    for b in range(n):
        out[b] = 0.0
    row = bench.rows[7]
    for a in range(n):
        source = bench.full[side, a]
        for b in range(n):
            row[b] = source[b] * halves
        for s in range(sibs):
            w = terms[s, side, bench.sibs[s, DIGIT]]
            here = w[a]
            for b in range(n):
                row[b] *= here + w[b]
        for b in range(n):
            out[b] += row[b]


@_inner
def _next_digits(bench: Bench, sibs: int) -> bool:
    """Step to the next choice of one term per child; False after the last."""
    for s in range(sibs):
        bench.sibs[s, DIGIT] += 1
        if bench.sibs[s, DIGIT] < bench.sibs[s, RANK]:
            return True
        bench.sibs[s, DIGIT] = 0
    return False


@_inner
def _informative_children(state: State, plans: Plans, couple: int, child_from: int, leaving: int, bench: Bench) -> int:
    sibs = 0
    for index in range(plans.couples[couple, 2], plans.couples[couple, 3]):
        child = plans.children[child_from + index]
        if child != leaving and state.known[child, BELOW, 0] != NOTHING:
            bench.sibs[sibs, CHILD] = child
            bench.sibs[sibs, DIGIT] = 0
            sibs += 1
    return sibs


@_inner
def _expand_children(state: State, passed: Floats, bench: Bench, sibs: int, n: int) -> bool:
    """Expand every child into terms; False if their product exceeds a parent's genotypes."""
    limit = n * (n + 1) // 2
    product = 1
    for s in range(sibs):
        form = state.known[bench.sibs[s, CHILD], BELOW, 0]
        rank = n if form == FULL else 2
        if form == TYPED and state.known[bench.sibs[s, CHILD], BELOW, 1] == state.known[bench.sibs[s, CHILD], BELOW, 2]:
            rank = 1
        product *= rank
        if product > limit:
            return False
    for s in range(sibs):
        bench.sibs[s, RANK] = _terms_of_child(state, bench.sibs[s, CHILD], passed, n, bench.terms[s])
    return True


@_inner
def _children_given_gamete(
    state: State, bench: Bench, sibs: int, gamete: Floats, passed: Floats, side: int, n: int
) -> None:
    """One term per child for the parent of this side, the other's gamete being known."""
    for s in range(sibs):
        _child_given_gamete(state, bench.sibs[s, CHILD], gamete, passed, n, bench.rows[6], bench.terms[s, side, 0])


@_inner
def _clear(full: Floats, n: int) -> None:
    for a in range(n):
        row = full[a]
        for b in range(n):
            row[b] = 0.0


@_inner
def _prepare(state: State, person: int, frequency: Floats, bench: Bench, side: int, sibs: int, n: int) -> None:
    """Lay out a parent's genotypes for ``_with_children``, unless it does without: a TYPED parent, or one child."""
    form = state.known[person, WHOLE, 0]
    if form == FULL or (sibs > 1 and form != TYPED):
        _as_full(state, person, frequency, n, bench.full[side])


@_inner
def _to_parent(
    state: State, markers: Markers, locus: int, bench: Bench, person: int, other: int, side: int, sibs: int, n: int
) -> None:
    """The children of a couple, and all that is known of the other parent, tell about this one."""
    frequency = markers.frequency[locus]
    mutation, passed = markers.mutation[locus], markers.passed[locus]
    gamete, room, w = bench.rows[0], bench.rows[1], bench.rows[2]
    opposite = 1 - side
    if sibs == 0:
        _scale_by(state, _weight(state, other, frequency, n))
        return
    if sibs == 1 or state.known[other, WHOLE, 0] == TYPED:
        # the children are independent of each other: of one there is no other, or the other parent is known
        if sibs == 1:
            _gamete(state, markers, locus, other, opposite, n, room, gamete)
        else:
            a, b = state.known[other, WHOLE, 1], state.known[other, WHOLE, 2]
            _gamete_of_genotype(mutation[opposite], a, b, n, gamete)
            _scale_by(state, state.value[other, WHOLE])
        for s in range(sibs):
            _child_given_gamete(state, bench.sibs[s, CHILD], gamete, passed[side], n, room, w)
            _multiply_additive(state, person, w, n)
        return
    _prepare(state, other, frequency, bench, opposite, sibs, n)
    typed = state.known[person, BELOW, 0] == TYPED
    message, products = bench.full[side], bench.rows[3]
    if not typed and _expand_children(state, passed, bench, sibs, n):
        _clear(message, n)
        halves = 0.5**sibs
        more = True
        while more:
            _with_children(state, other, frequency, bench, opposite, sibs, n, w)
            factor = _total(w, n) * halves
            for a in range(n):
                for b in range(n):
                    products[b] = factor
                for s in range(sibs):
                    term = bench.terms[s, side, bench.sibs[s, DIGIT]]
                    here = term[a]
                    for b in range(n):
                        products[b] *= here + term[b]
                row = message[a]
                for b in range(n):
                    row[b] += products[b]
            more = _next_digits(bench, sibs)
    else:
        # genotype by genotype of this parent; the only one if he is typed
        first = state.known[person, BELOW, 1] if typed else n - 1
        last = state.known[person, BELOW, 2]
        for a in range(first if typed else 0, first + 1):
            for b in range(last if typed else 0, (last if typed else a) + 1):
                _gamete_of_genotype(mutation[side], a, b, n, gamete)
                _children_given_gamete(state, bench, sibs, gamete, passed[opposite], opposite, n)
                _with_children(state, other, frequency, bench, opposite, sibs, n, w)
                message[a, b] = _total(w, n)
                message[b, a] = message[a, b]
    _multiply_full(state, person, message, n)


@_inner
def _add_products(full: Floats, one: Floats, other: Floats, n: int) -> None:
    """Add the mean of ``one x other`` over the two orders."""
    for a in range(n):
        row = full[a]
        x, y = one[a] * 0.5, other[a] * 0.5
        for b in range(n):
            row[b] += x * other[b] + y * one[b]


@_inner
def _to_child(
    state: State,
    markers: Markers,
    locus: int,
    bench: Bench,
    child: int,
    father: int,
    mother: int,
    sibs: int,
    n: int,
) -> None:
    """The parents, with the child's brothers and sisters, tell about the child; joined with what is below it."""
    frequency = markers.frequency[locus]
    mutation, passed = markers.mutation[locus], markers.passed[locus]
    gamete, room, w = bench.rows[0], bench.rows[1], bench.rows[2]
    pair = state.vector[child]
    parents = (father, mother)
    state.known[child, WHOLE, 0] = GAMETES
    if sibs == 0:
        for side in range(2):
            _gamete(state, markers, locus, parents[side], side, n, room, pair[side])
        _join(state, child, n)
        return
    side = 0 if state.known[father, WHOLE, 0] == TYPED else 1  # whose genotypes one goes through
    known, asked, opposite = parents[side], parents[1 - side], 1 - side
    typed = state.known[known, WHOLE, 0] == TYPED
    _prepare(state, asked, frequency, bench, opposite, sibs, n)
    full = state.full[child, WHOLE]
    if not typed and _expand_children(state, passed, bench, sibs, n):
        _prepare(state, known, frequency, bench, side, sibs, n)
        combinations = 1
        for s in range(sibs):
            combinations *= bench.sibs[s, RANK]
        if combinations > 1:
            _clear(full, n)
            state.known[child, WHOLE, 0] = FULL
        more = True
        while more:
            for each in range(2):
                _with_children(state, parents[each], frequency, bench, each, sibs, n, w)
                _times(mutation[each], w, n, pair[each])
            if combinations > 1:
                _add_products(full, pair[0], pair[1], n)
            more = _next_digits(bench, sibs)
    else:
        # genotype by genotype of one parent; the only one if he is typed
        first, last = state.known[known, WHOLE, 1], state.known[known, WHOLE, 2]
        if not typed:
            _as_full(state, known, frequency, n, bench.full[side])
            _clear(full, n)
            state.known[child, WHOLE, 0] = FULL
        for a in range(first if typed else 0, (first if typed else n - 1) + 1):
            for b in range(last if typed else 0, (last if typed else a) + 1):
                value = state.value[known, WHOLE] if typed else bench.full[side, a, b] * (1.0 if a == b else 2.0)
                if value != 0.0:
                    _gamete_of_genotype(mutation[side], a, b, n, gamete)
                    _children_given_gamete(state, bench, sibs, gamete, passed[opposite], opposite, n)
                    _with_children(state, asked, frequency, bench, opposite, sibs, n, w)
                    _times(mutation[opposite], w, n, pair[opposite])
                    for x in range(n):
                        pair[side, x] = gamete[x] * value
                    if not typed:
                        _add_products(full, pair[0], pair[1], n)
        if typed and state.value[known, WHOLE] == 0.0:
            pair[0] = 0.0
            pair[1] = 0.0
    _join(state, child, n)


@_inner
def _join(state: State, child: int, n: int) -> None:
    """Multiply what comes from above by what is known from below."""
    form = state.known[child, BELOW, 0]
    pair, full = state.vector[child], state.full[child, WHOLE]
    if form == TYPED:
        a, b = state.known[child, BELOW, 1], state.known[child, BELOW, 2]
        if state.known[child, WHOLE, 0] == GAMETES:
            above = pair[0, a] * pair[1, b]
            if a != b:
                above += pair[0, b] * pair[1, a]
        else:
            above = full[a, b] * (1.0 if a == b else 2.0)
        state.known[child, WHOLE, 0] = TYPED
        state.known[child, WHOLE, 1], state.known[child, WHOLE, 2] = a, b
        state.value[child, WHOLE] = above * state.value[child, BELOW]
        _rescale_value(state, child, WHOLE)
        return
    if form == NOTHING:
        if state.known[child, WHOLE, 0] == GAMETES:
            for side in range(2):
                greatest = 0.0
                for a in range(n):
                    greatest = max(greatest, pair[side, a])
                factor = _take_out(state, greatest)
                if factor != 1.0:
                    for a in range(n):
                        pair[side, a] *= factor
        else:
            _rescale_full(state, full, n)
        return
    if state.known[child, WHOLE, 0] == GAMETES:
        _clear(full, n)
        _add_products(full, pair[0], pair[1], n)
        state.known[child, WHOLE, 0] = FULL
    add = state.vector[child, ADD]
    for a in range(n):
        row = full[a]
        if form == ADDITIVE:
            here = add[a]
            for b in range(n):
                row[b] *= (here + add[b]) * 0.5
        else:
            below = state.full[child, BELOW, a]
            for b in range(n):
                row[b] *= below[b]
    _rescale_full(state, full, n)


@_inner
def _ratios(state: State, frequency: Floats, target: int, founder: bool, named: int, out: Floats) -> None:
    """Write P(genotype, calls) / P(genotype) for the genotypes of the first ``named`` alleles, not yet normalised."""
    form = state.known[target, BELOW, 0] if founder else state.known[target, WHOLE, 0]
    if form == TYPED:
        for g in range(len(out)):
            out[g] = 0.0
        if founder:
            a, b = state.known[target, BELOW, 1], state.known[target, BELOW, 2]
            value = state.value[target, BELOW]
        else:
            a, b = state.known[target, WHOLE, 1], state.known[target, WHOLE, 2]
            value = state.value[target, WHOLE] / (frequency[a] * frequency[b] * (1.0 if a == b else 2.0))
        out[a * (a + 1) // 2 + b] = value
        return
    at = 0
    if founder:
        add = state.vector[target, ADD]
        for a in range(named):
            row = state.full[target, BELOW, a]
            for b in range(a + 1):
                out[at + b] = 1.0 if form == NOTHING else (add[a] + add[b]) * 0.5 if form == ADDITIVE else row[b]
            at += a + 1
        return
    inverse = state.vector[target, ADD]  # no longer needed
    for a in range(named):
        inverse[a] = 1.0 / frequency[a]
    one, other = state.vector[target, 0], state.vector[target, 1]
    for a in range(named):
        here = inverse[a]
        if form == GAMETES:
            x, y = one[a] * 0.5, other[a] * 0.5
            for b in range(a + 1):
                out[at + b] = (x * other[b] + y * one[b]) * here * inverse[b]
        else:
            row = state.full[target, WHOLE, a]
            for b in range(a + 1):
                out[at + b] = row[b] * here * inverse[b]
        at += a + 1


@_compiled
def peel(
    markers: Markers,
    tables: Tables,
    plans: Plans,
    plan_of: Integers,
    locus_of: Integers,
    call_from: Integers,
    calls: Integers,
    ratio_from: Integers,
    result: Integers,
    ratios: Floats,
    log_likelihood: Floats,
    state: State,
    bench: Bench,
) -> None:
    """Peel every job: fill its ratios P(genotype | calls)/P(genotype) and its natural log P(calls)."""
    for job in range(len(plan_of)):
        locus, start = locus_of[job], ratio_from[job]
        named = markers.named[locus]
        out = ratios[start : start + named * (named + 1) // 2]
        log_likelihood[result[job]] = _peel_one(
            markers, tables, plans, plan_of[job], locus, calls[call_from[job] :], state, bench, out
        )


@_part
def _peel_one(
    markers: Markers,
    tables: Tables,
    plans: Plans,
    plan: int,
    locus: int,
    calls: Integers,
    state: State,
    bench: Bench,
    out: Floats,
) -> float:
    n = markers.alleles[locus]
    frequency = markers.frequency[locus]
    founder_from, child_from = plans.founder_from[plan], plans.child_from[plan]
    couple_from = plans.couple_from[plan]
    state.taken[0], state.taken[1] = 1.0, 0.0
    _begin(state, markers, tables, calls, plans.founder_from[plan + 1] - founder_from, n)
    for step in range(plans.step_from[plan], plans.step_from[plan + 1]):
        what, person = plans.steps[step, 0], plans.steps[step, 2]
        if what > TO_CHILD:
            if plans.founder[founder_from + person]:
                _settle_founder(state, person, frequency, n)
            _scale_by(state, _weight(state, person, frequency, n))
            continue
        couple = couple_from + plans.steps[step, 1]
        father, mother = plans.couples[couple, 0], plans.couples[couple, 1]
        if father >= 0 and father != person and plans.founder[founder_from + father]:
            _settle_founder(state, father, frequency, n)
        if mother >= 0 and mother != person and plans.founder[founder_from + mother]:
            _settle_founder(state, mother, frequency, n)
        sibs = _informative_children(state, plans, couple, child_from, person, bench)
        if what <= TO_MOTHER:
            other = mother if what == TO_FATHER else father
            _to_parent(state, markers, locus, bench, person, other, what, sibs, n)
        else:
            _to_child(state, markers, locus, bench, person, father, mother, sibs, n)
    target = plans.targets[plan]
    founder = plans.founder[founder_from + target] == 1
    before = state.taken[1]
    if founder:
        _settle_founder(state, target, frequency, n)
    total = _weight(state, target, frequency, n)
    if not total * state.taken[0] > 0.0:
        out[:] = 1.0
        return -np.inf
    informed = False
    for person in range(plans.founder_from[plan + 1] - founder_from):
        informed |= calls[person] != 0 and plans.related[founder_from + person] == 1
    if not informed:
        out[:] = 1.0
    else:
        _ratios(state, frequency, target, founder, markers.named[locus], out)
        # a founder's ratios are what is known from below, so without what settling took out
        factor = 1.0 / total if not founder else math.ldexp(1.0 / total, int(before - state.taken[1]))
        for g in range(len(out)):
            out[g] *= factor
    return float(math.log(total) + math.log(state.taken[0]) + state.taken[1] * math.log(2.0))


def _room(plans: Plans, markers: Markers) -> tuple[State, Bench]:
    """Room enough for the largest of these plans; made here, so that the compiled code allocates nothing."""
    n = markers.frequency.shape[1]
    nodes = int(np.diff(plans.founder_from).max(initial=1))
    sibs = int((plans.couples[:, 3] - plans.couples[:, 2]).max(initial=1))
    state = State(
        np.zeros((nodes, 2, 3), np.int64),
        np.zeros((nodes, 2)),
        np.empty((nodes, 3, n)),
        np.empty((nodes, 2, n, n)),
        np.zeros(2),
    )
    bench = Bench(
        np.empty((sibs, 2, max(n, 2), n)), np.zeros((sibs, 3), np.int64), np.empty((2, n, n)), np.empty((8, n))
    )
    return state, bench


def peeled(batch: Batch) -> tuple[Floats, Floats]:
    """Peel a batch.

    Returns
    -------
    (member, genotype of all markers), (member, marker)
        P(genotype | calls)/P(genotype), each marker's part from ``packed.starts``, ones where the
        calls are impossible or say nothing about the member; natural log P(calls).
    """
    packed, jobs = batch.packed, batch.jobs()
    ratios = np.empty((batch.size + batch.prune, int(packed.starts[-1])))
    log_likelihood = np.zeros((2, batch.size, len(packed.loci)))
    peel(
        packed.markers,
        batch.tables(),
        *jobs,
        ratios.ravel(),
        log_likelihood.ravel(),
        *_room(jobs.plans, packed.markers),
    )
    if not batch.prune:
        return ratios, log_likelihood[0]
    together, alone = log_likelihood
    with np.errstate(invalid="ignore"):
        # where the calls say nothing of him or are impossible the ones stay
        factor = np.where(alone > -np.inf, np.exp(together - alone), 1.0)
    tables = ratios[:-1]
    for locus, (start, stop) in enumerate(pairwise(packed.starts)):
        part = tables[:, start:stop]
        informed = ~np.all(part == 1.0, axis=1)
        part[informed] *= factor[informed, locus, None]
    return tables, alone


def family_tables(
    pedigree: Pedigree,
    loci: Sequence[Locus],
    calls: Mapping[str, Mapping[str, Observation]],
    member_id: str,
    *,
    prune: bool = False,
) -> FamilyTables | None:
    """Compiled twin of :func:`homeward.genetics.tables.family_tables`; None for a family with a loop."""
    packed = pack_loci(tuple(loci))
    batch = Batch(packed, prune=prune)
    if not batch.add(pedigree, calls, member_id):
        return None
    ratios, log_likelihood = peeled(batch)
    row = ratios[0]
    return FamilyTables(tuple([row[start:stop] for start, stop in packed.spans]), log_likelihood[0])


def joint_tables(
    pedigree: Pedigree,
    loci: Sequence[Locus],
    calls: Mapping[str, Mapping[str, Observation]],
    first_id: str,
    second_id: str,
    first_calls: Sequence[Sequence[Observation]],
    *,
    prune: bool = False,
) -> list[Floats] | None:
    """Compiled twin of :func:`homeward.genetics.tables.joint_tables`; None for a family with a loop."""
    packed = pack_loci(tuple(loci))
    batch = Batch(packed, prune=prune)
    own = calls.get(first_id, {})
    most = max((len(of_locus) for of_locus in first_calls), default=0)
    agreeing = np.zeros((most, len(loci)), dtype=bool)
    for index in range(most):
        observed = dict(own)
        for locus, of_locus in enumerate(first_calls):
            if index >= len(of_locus):
                continue
            marker = packed.names[locus]
            joint = together(own.get(marker, UNKNOWN), of_locus[index])
            agreeing[index, locus] = joint is not None
            if joint is not None:
                observed[marker] = joint
        if not batch.add(pedigree, {**calls, first_id: observed}, second_id):
            return None
    ratios, log_likelihood = peeled(batch)
    possible = agreeing & (log_likelihood > -np.inf)
    return [
        np.where(possible[: len(of_locus), locus, None], ratios[: len(of_locus), start:stop], 0.0)
        for locus, (of_locus, (start, stop)) in enumerate(zip(first_calls, packed.spans, strict=True))
    ]


@_compiled
def _fill_rows(
    markers: Markers,
    starts: Integers,
    row_locus: Integers,
    row_code: Integers,
    weights: Floats,
    ratios: Floats,
    rows: Floats,
) -> None:
    """The log likelihood ratio of each call (from row 1 on) for each slot.

    A code at or below TABLES is a row of ``weights`` (table, genotype): P(observed, genotype) in the population.
    """
    for row in range(1, rows.shape[0]):
        locus, code = row_locus[row], row_code[row]
        start = starts[locus]
        out = rows[row]
        if code <= TABLES:
            whole = 0.0
            for slot in range(len(out)):
                out[slot] = 0.0
            for genotype in range(starts[locus + 1] - start):
                weight = weights[TABLES - code, genotype]
                whole += weight
                if weight != 0.0:
                    at = start + genotype
                    for slot in range(len(out)):
                        out[slot] += weight * ratios[slot, at]
            for slot in range(len(out)):
                out[slot] /= whole
        elif code > 0:
            at = start + code - 1
            for slot in range(len(out)):
                out[slot] = ratios[slot, at]
        else:
            seen = -1 - code
            frequency = markers.frequency[locus]
            whole = 0.0
            for slot in range(len(out)):
                out[slot] = 0.0
            for other in range(markers.named[locus]):
                large, small = max(seen, other), min(seen, other)
                weight = frequency[seen] * frequency[other] * (1.0 if seen == other else 2.0)
                whole += weight
                at = start + large * (large + 1) // 2 + small
                for slot in range(len(out)):
                    out[slot] += weight * ratios[slot, at]
            for slot in range(len(out)):
                out[slot] /= whole
        for slot in range(len(out)):
            out[slot] = math.log(out[slot]) if out[slot] > 0.0 else -np.inf


@_compiled
def _add_rows(rows: Floats, codes: Rows, sums: Floats, total: Floats) -> None:
    """``total[remains, slot]`` is the sum of the rows; ``rows`` is (block of slots, row, SLOTS)."""
    for block in range(rows.shape[0]):
        table = rows[block]
        first = block * SLOTS
        last = min(total.shape[1] - first, SLOTS)
        for remains in range(codes.shape[0]):
            of_remains = codes[remains]
            for slot in range(SLOTS):
                sums[slot] = 0.0
            for marker in range(len(of_remains)):
                row = table[of_remains[marker]]
                for slot in range(SLOTS):
                    sums[slot] += row[slot]
            out = total[remains]
            for slot in range(last):
                out[first + slot] = sums[slot]


def add_up(rows: Floats, codes: Rows) -> Floats:
    """Compiled twin of :func:`homeward.genetics.scoring.add_up`."""
    slots = rows.shape[1]
    blocks = -(-slots // SLOTS)
    interleaved = np.zeros((blocks, rows.shape[0], SLOTS))
    for block in range(blocks):
        part = rows[:, block * SLOTS : (block + 1) * SLOTS]
        interleaved[block, :, : part.shape[1]] = part
    total = np.empty((codes.shape[0], slots))
    _add_rows(interleaved, codes, np.empty(SLOTS), total)
    return total


def block_rows(members: Sequence[tuple[Family, str]], seen: Seen) -> tuple[Floats, Floats]:
    """Rows (row, member) of the calls seen among remains, and natural log P(references) (member, marker).

    All members are of one population and prune alike. Families with a loop go the plain way.
    """
    packed = pack_loci(seen.loci)
    batch = Batch(packed, prune=members[0][0].prune)
    peeled_at = [
        i for i, (family, member_id) in enumerate(members) if batch.add(family.pedigree, family.calls, member_id)
    ]
    rows, likelihoods = batch_rows(batch, seen)
    if batch.size == len(members):
        return rows, likelihoods
    every = np.empty((rows.shape[0], len(members)))
    every[:, peeled_at] = rows
    log_likelihood = np.empty((len(members), len(packed.loci)))
    log_likelihood[peeled_at] = likelihoods
    for index in sorted(set(range(len(members))) - set(peeled_at)):
        family, member_id = members[index]
        tables = family.tables(member_id, engine="plain", loci=seen.loci)
        every[:, index], log_likelihood[index] = seen.column(tables), tables.log_likelihood
    return every, log_likelihood


def batch_rows(batch: Batch, seen: Seen) -> tuple[Floats, Floats]:
    """Rows (row, member) of the calls seen among remains, and natural log P(references) (member, marker).

    ``batch`` holds families without a loop, at the markers of ``seen``.
    """
    packed = batch.packed
    rows = np.zeros((len(seen.calls) + 1, batch.size))
    ratios, likelihoods = peeled(batch)
    row_locus = np.array([0, *(locus for locus, _ in seen.calls)], dtype=np.int64)
    row_code, weights = _row_codes(packed, seen)
    _fill_rows(packed.markers, packed.starts, row_locus, row_code, weights, ratios, rows)
    return rows, likelihoods


@lru_cache(maxsize=4)  # asked again for every few families; a scan has some thousands of rows
def _row_codes(packed: PackedLoci, seen: Seen) -> tuple[Integers, Floats]:
    """What was seen among remains as numbers, and P(observed, genotype) of what no number says: (table, genotype)."""
    tabulated = {row: call for row, call in enumerate(seen.calls) if packed.is_tabulated(*call)}
    weights = np.zeros((len(tabulated), max(packed.genotypes, default=0)))
    codes = [0, *(0 if row in tabulated else packed.code(*call) for row, call in enumerate(seen.calls))]
    for place, (row, (locus, call)) in enumerate(tabulated.items()):
        at = packed.loci[locus]
        weights[place, : at.size] = observation_row(at, call) * at.population_genotypes
        codes[row + 1] = TABLES - place
    return np.array(codes, dtype=np.int64), weights
