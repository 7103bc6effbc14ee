"""A marker as a Familias file has it: frequencies, a silent allele, and mutation by a code for each sex.

The codes, in the words of the Familias manual: 0 equal probability, 1 proportional to frequency, 2 decreasing
with range (equal), 3 decreasing with range (stable), 4 extended stepwise. Where every allele is a whole number
of repeats, 2 is the stepwise model and 3 its stationary form (documentation of the R package Familias,
``FamiliasLocus``); with microvariants 2 and 3 count places in the list of alleles, which Homeward keeps as a
matrix of its own. Nothing mutates to or from a silent allele.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from homeward.errors import Nonsense
from homeward.formats.cells import BadCell
from homeward.formats.laboratory.calls import one_allele
from homeward.genetics.mutation import mutation_matrix
from homeward.programme import NOTHING, REST, MutationKind, MutationModel, Transform

EQUAL, PROPORTIONAL, BY_RANGE, BY_RANGE_STABLE, EXTENDED = range(5)
REST_ALLELE = "Rest allele"  # what Familias calls the remainder of a table
SILENT_WITHIN = 1e-4  # how near to one a sum must be to tell whether a silent allele is part of it
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamMutation:
    """How one sex mutates, as the file says it."""

    code: int
    rate: float
    range: float
    rate2: float

    @property
    def mutates(self) -> bool:
        return self.rate > 0 or (self.code == EXTENDED and self.rate2 > 0)


@dataclass(slots=True, kw_only=True)
class FamLocus:
    """A marker as the file says it; alleles in the file's order, which genotypes count by."""

    name: str
    line: int
    female: FamMutation
    male: FamMutation
    silent: float
    database_size: float | None
    dropout: float
    least: float  # what the file calls "Minor allele frequency"
    alleles: list[tuple[int, str, float]] = field(default_factory=list)  # line, name, frequency


def allele_name(text: str, marker: str) -> str:
    """Homeward's name of an allele of a Familias table; raises BadCell."""
    if re.sub(r"[\s_]", "", text).casefold() in ("restallele", "rest"):
        return REST
    if text.casefold() == "silent":
        raise BadCell("is the silent allele, which stands elsewhere", "State its frequency as silent, in Familias.")
    return one_allele(text, marker)


def without_silent(table: dict[str, float], silent: float) -> tuple[dict[str, float], str]:
    """Frequencies among the alleles that are not silent, and what was done to get them, "" if nothing.

    Familias lists them so that they sum to one with the silent allele; older tables without it.
    """
    if not silent or abs(sum(table.values()) - 1) <= SILENT_WITHIN:
        return table, ""
    scaled = {allele: frequency / (1 - silent) for allele, frequency in table.items()}
    return scaled, f"frequencies were divided by {1 - silent:g}, what the silent allele leaves."


def model_of(locus: FamLocus, marker: str, table: dict[str, float]) -> tuple[MutationModel | None, str]:
    """Homeward's model, None where nothing mutates; and what there is to know about it.

    Raises
    ------
    Nonsense
        If the model cannot be computed for these alleles.
    """
    female, male = locus.female, locus.male
    if not female.mutates and not male.mutates:
        return None, ""
    by_sex = [_kind(one, list(table)) for one in (female, male)]
    told = _of_older_models(locus, list(table))
    if by_sex[0] == by_sex[1] and by_sex[0] is not None:
        model = _named(marker, by_sex[0], female, male)
        _try(model, table)
        return model, told
    matrices = [_matrix(one, table) for one in (female, male)]
    alleles = list(table)
    custom = [
        {(alleles[i], alleles[j]): float(matrix[i, j]) for i, j in np.argwhere(matrix > 0)} for matrix in matrices
    ]
    model = MutationModel(marker=marker, model=MutationKind.CUSTOM, female=custom[0], male=custom[1])
    why = "have models of their own" if by_sex[0] != by_sex[1] else "count places in the list of alleles"
    return model, f"its mutation models {why}; they were computed and are kept as matrices. {told}".strip()


def _kind(one: FamMutation, alleles: list[str]) -> tuple[MutationKind, Transform, float, float] | None:
    """Homeward's model with its parameters; None where it needs a matrix of its own."""
    if one.code == EQUAL:
        return MutationKind.EQUAL, Transform.NONE, 0.0, 0.0
    if one.code == PROPORTIONAL:
        return MutationKind.PROPORTIONAL, Transform.NONE, 0.0, 0.0
    if one.code == EXTENDED:
        return MutationKind.STEPWISE, Transform.NONE, one.range, one.rate2
    if not whole_numbers(alleles):
        return None
    stable = one.code == BY_RANGE_STABLE
    return MutationKind.STEPWISE, Transform.PM if stable else Transform.NONE, one.range, -1.0


def _named(
    marker: str, kind: tuple[MutationKind, Transform, float, float], female: FamMutation, male: FamMutation
) -> MutationModel:
    model, transform, range_, rate2 = kind
    stepwise = model is MutationKind.STEPWISE
    return MutationModel(
        marker=marker,
        model=model,
        rate_female=female.rate,
        rate_male=male.rate,
        range=range_ if stepwise else None,
        rate2=rate2 if stepwise and rate2 >= 0 else None,
        transform=transform,
    )


def _try(model: MutationModel, table: dict[str, float]) -> None:
    for rate in (model.rate_female, model.rate_male):
        mutation_matrix(
            model.model,
            list(table),
            list(table.values()),
            rate=rate or 0.0,
            rate2=model.rate2,
            range=model.range,
            transform=model.transform,
            custom=NOTHING,
        )


def _matrix(one: FamMutation, table: dict[str, float]) -> Floats:
    alleles, p = list(table), np.array(list(table.values()))
    kind = _kind(one, alleles)
    if kind is not None:
        model, transform, range_, rate2 = kind
        return mutation_matrix(
            model, alleles, p, rate=one.rate, rate2=max(rate2, 0.0), range=range_ or None, transform=transform
        )
    return by_place(len(alleles), p, one.rate, one.range, stable=one.code == BY_RANGE_STABLE)


def by_place(n: int, p: Floats, rate: float, range_: float, *, stable: bool) -> Floats:
    """Mutation that decreases with the places between two alleles of a list.

    Parameters
    ----------
    n : number of alleles
    p : (n,) frequencies; they matter where ``stable``
    rate : probability of a mutation
    range_ : a place further is this many times as probable
    stable : scale rows by 1/p, so that the frequencies are stationary

    Returns
    -------
    (n, n)
        Row: the parent's allele. Rows sum to one.

    Raises
    ------
    Nonsense
        If an allele would have a negative chance to stay as it is.

    Examples
    --------
    >>> by_place(3, np.full(3, 1 / 3), 0.03, 0.5, stable=False)
    array([[0.97 , 0.02 , 0.01 ],
           [0.015, 0.97 , 0.015],
           [0.01 , 0.02 , 0.97 ]])
    """
    if not 0 < range_ <= 1:
        raise Nonsense(f"a mutation range is above 0 and at most 1, not {range_:g}")
    places = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    weights = np.where(places > 0, range_ ** places.astype(np.float64), 0.0)
    if n < 2:
        return np.eye(n)
    matrix = weights * rate / weights.sum() / p[:, None] if stable else weights * rate / weights.sum(1, keepdims=True)
    stays = 1 - matrix.sum(axis=1)
    if stays.min() < 0:
        raise Nonsense(f"a mutation rate of {rate:g} is too high for these frequencies")
    return np.asarray(matrix + np.diag(stays))


def whole_numbers(alleles: list[str]) -> bool:
    """Whether every allele is a whole number of repeats."""
    return all(re.fullmatch(r"\d+", allele) for allele in alleles)


def _of_older_models(locus: FamLocus, alleles: list[str]) -> str:
    """What there is to know about the models by range, which older versions counted by places."""
    if not {locus.female.code, locus.male.code} & {BY_RANGE, BY_RANGE_STABLE}:
        return ""
    if not whole_numbers(alleles):
        return ""
    sizes = sorted(map(int, alleles))
    if sizes == list(range(sizes[0], sizes[-1] + 1)):
        return ""
    return "Between its alleles repeats are missing; steps are counted in repeats, where older versions counted places."
