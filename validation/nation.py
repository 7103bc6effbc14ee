"""A nation of any size from a seed: families of mixed shapes and remains, written as a set in Parquet.

24 markers of 8 to 30 alleles with full stepwise mutation, which strikes here as the model says. Families are
drawn in whole columns, so that a million take a minute. Some remains are of missing persons, the others of
strangers; which is which is returned, not written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.families import markers
from homeward.formats.folder import write_programme
from homeward.formats.scanfiles import BASE, FAMILIES, OF_MEMBER, OF_REMAINS, OF_SAMPLE, REMAINS, schema_of
from homeward.genetics.locus import Locus, prepare_loci
from homeward.programme import Marker, MutationKind, MutationModel, Programme, Settings, Transform

Alleles = npt.NDArray[np.int16]
POPULATION = "invented"
_AT_ONCE = 16_384


@dataclass(frozen=True)
class Shape:
    """A family: parents of each member (-1: none), who is typed, and which one is missing.

    Parameters
    ----------
    share : of all families
    """

    share: float
    fathers: tuple[int, ...]
    mothers: tuple[int, ...]
    typed: tuple[int, ...]
    missing: int = 0


# member 0 is the missing person, 1 his father, 2 his mother
SHAPES = (
    Shape(0.20, (1, -1, -1), (2, -1, -1), (1, 2)),  # both parents
    Shape(0.20, (1, -1, -1), (2, -1, -1), (2,)),  # mother
    Shape(0.20, (1, -1, -1, 1), (2, -1, -1, 2), (3,)),  # sib
    Shape(0.10, (1, -1, -1, 1, 1), (2, -1, -1, 2, 2), (3, 4)),  # two sibs
    Shape(0.10, (1, -1, -1, -1, 3), (2, -1, -1, -1, 2), (4,)),  # half-sib by the mother
    Shape(0.10, (1, 3, -1, -1, -1, 3), (2, 4, -1, -1, -1, 4), (5,)),  # uncle
    Shape(0.10, (1, -1, -1, 0), (2, -1, -1, -1), (3,)),  # child, its other parent not stated
)


def base() -> Programme:
    """Markers, frequencies and mutation models, without people."""
    loci = markers()
    return Programme(
        settings=Settings(name="An invented nation", population=POPULATION),
        markers=tuple(Marker(marker=locus.marker) for locus in loci),
        frequencies={
            POPULATION: {
                locus.marker: dict(zip(locus.alleles, locus.frequencies.tolist(), strict=True)) for locus in loci
            }
        },
        mutation=tuple(
            MutationModel(
                marker=locus.marker,
                model=MutationKind.STEPWISE,
                rate_female=0.0007,
                rate_male=0.0021,
                range=0.1,
                transform=Transform.PM,
            )
            for locus in loci
        ),
    )


def write_nation(
    path: Path, *, families: int, remains: int, seed: int, share_of_missing: float = 0.5, untyped: float = 0.15
) -> npt.NDArray[np.int64]:
    """Write a set.

    Parameters
    ----------
    families : each has one missing person
    remains : how many; one sample each
    share_of_missing : of the remains, as far as there are missing persons
    untyped : of the markers of remains

    Returns
    -------
    (remains,)
        The slot whose person they are; -1 for a stranger.
    """
    rng = np.random.default_rng(seed)
    programme = base()
    loci = [_Drawn(locus) for locus in prepare_loci(programme)[POPULATION]]
    path.mkdir(parents=True)
    write_programme(programme, path / BASE)
    truth = _truth(rng, families, remains, share_of_missing)
    found: npt.NDArray[np.int16] = np.zeros((len(loci), families), dtype=np.int16)  # genotypes of the missing
    schema = schema_of((*OF_MEMBER, *OF_SAMPLE), [locus.name for locus in loci])
    with pq.ParquetWriter(path / f"{FAMILIES}.parquet", schema, compression="zstd") as writer:
        for start in range(0, families, _AT_ONCE):
            count = min(_AT_ONCE, families - start)
            table, missing = _families(rng, loci, start, count, schema)
            found[:, start : start + count] = missing
            writer.write_table(table, row_group_size=_AT_ONCE)
    schema = schema_of((*OF_REMAINS, *OF_SAMPLE), [locus.name for locus in loci])
    with pq.ParquetWriter(path / f"{REMAINS}.parquet", schema, compression="zstd") as writer:
        for start in range(0, remains, _AT_ONCE):
            of = truth[start : start + _AT_ONCE]
            writer.write_table(_remains(rng, loci, start, of, found, untyped, schema))
    return truth


def _truth(rng: np.random.Generator, families: int, remains: int, share: float) -> npt.NDArray[np.int64]:
    own = min(int(remains * share), families)
    truth = np.full(remains, -1, dtype=np.int64)
    truth[rng.permutation(remains)[:own]] = rng.permutation(families)[:own]
    return truth


class _Drawn:
    """A marker from which alleles are drawn."""

    def __init__(self, locus: Locus) -> None:
        self.name = locus.marker
        self.size = len(locus.alleles)
        self._of_population = np.cumsum(locus.frequencies)[:-1]
        self._passed = {}
        for parent, matrix in (("father", locus.male), ("mother", locus.female)):
            assert matrix is not None
            self._passed[parent] = matrix
        alleles = [(high, low) for high in range(self.size) for low in range(high + 1)]
        self.texts = pa.array([f"{locus.alleles[low]}/{locus.alleles[high]}" for high, low in alleles])

    def founders(self, rng: np.random.Generator, count: int) -> Alleles:
        """(count, 2)"""
        return np.searchsorted(self._of_population, rng.random((count, 2))).astype(np.int16)

    def passed(self, rng: np.random.Generator, parent: str, alleles: Alleles) -> Alleles:
        """What parents (count, 2) pass on, (count,), as a mutation may have left it."""
        one = alleles[np.arange(len(alleles)), rng.integers(0, 2, len(alleles))]
        matrix = self._passed[parent]
        mutated = np.flatnonzero(rng.random(len(one)) >= np.diagonal(matrix)[one])
        for place in mutated.tolist():
            row = matrix[one[place]].copy()
            row[one[place]] = 0
            one[place] = rng.choice(self.size, p=row / row.sum())
        return one

    def genotypes(self, alleles: Alleles) -> npt.NDArray[np.int16]:
        high, low = alleles.max(axis=1), alleles.min(axis=1)
        return (high * (high + 1) // 2 + low).astype(np.int16)


def _families(
    rng: np.random.Generator, loci: Sequence[_Drawn], start: int, count: int, schema: pa.Schema
) -> tuple[pa.Table, npt.NDArray[np.int16]]:
    """Rows of families, and the genotypes of their missing, (marker, family)."""
    kinds = rng.choice(len(SHAPES), count, p=[shape.share for shape in SHAPES])
    sizes = np.array([len(shape.fathers) for shape in SHAPES])[kinds]
    heads = np.cumsum(sizes) - sizes
    rows = int(sizes.sum())
    of = np.repeat(np.arange(count), sizes)
    place = np.arange(rows) - heads[of]
    father, mother, typed = (np.full(rows, -1), np.full(rows, -1), np.zeros(rows, dtype=bool))
    genotypes = np.zeros((len(loci), rows), dtype=np.int16)
    for kind, shape in enumerate(SHAPES):
        at = heads[kinds == kind]
        for member in range(len(shape.fathers)):
            father[at + member], mother[at + member] = shape.fathers[member], shape.mothers[member]
            typed[at + member] = member in shape.typed
        for index, locus in enumerate(loci):
            for member, alleles in _members(rng, locus, shape, len(at)):
                genotypes[index, at + member] = locus.genotypes(alleles)
    family = pa.array([f"F{start + number:08d}" for number in range(count)]).take(pa.array(of))
    columns: dict[str, Any] = {
        "family_id": family,
        "member_id": _members_named(family, place),
        "father_id": _members_named(family, father),
        "mother_id": _members_named(family, mother),
        "person_id": pa.array([f"P{start + number:08d}" for number in range(count)]).take(
            pa.array(np.where(place == 0, of, 0), mask=place != 0)
        ),
        "population": pa.array([POPULATION]).take(pa.array(np.zeros(rows, np.int64))),
        "sample_id": _members_named(family, np.where(typed, place, -1)),
    }
    for index, locus in enumerate(loci):
        columns[locus.name] = pa.DictionaryArray.from_arrays(
            pa.array(genotypes[index].astype(np.int32), mask=~typed), locus.texts
        )
    return _table(columns, rows, schema), genotypes[:, heads]


def _members(rng: np.random.Generator, locus: _Drawn, shape: Shape, count: int) -> Iterator[tuple[int, Alleles]]:
    """Each member's alleles in ``count`` families, parents before children."""
    known: dict[int, Alleles] = {}

    def alleles(member: int) -> Alleles:
        if member < 0:
            return locus.founders(rng, count)
        if member not in known:
            father, mother = shape.fathers[member], shape.mothers[member]
            known[member] = (
                locus.founders(rng, count)
                if father < 0 and mother < 0
                else np.stack(
                    [locus.passed(rng, "father", alleles(father)), locus.passed(rng, "mother", alleles(mother))], axis=1
                )
            )
        return known[member]

    for member in range(len(shape.fathers)):
        yield member, alleles(member)


def _members_named(family: pa.Array, place: npt.NDArray[np.int64]) -> pa.Array:
    """F00000001-2; null where nobody is meant."""
    from pyarrow import compute as pc

    numbers = pa.array([str(number) for number in range(max(int(place.max(initial=0)), 0) + 1)])
    return pc.binary_join_element_wise(family, numbers.take(pa.array(np.maximum(place, 0), mask=place < 0)), "-")


def _remains(
    rng: np.random.Generator,
    loci: Sequence[_Drawn],
    start: int,
    of: npt.NDArray[np.int64],
    missing: npt.NDArray[np.int16],
    untyped: float,
    schema: pa.Schema,
) -> pa.Table:
    columns: dict[str, Any] = {
        "remains_id": pa.array([f"R{start + number:08d}" for number in range(len(of))]),
        "sample_id": pa.array([f"R{start + number:08d}-1" for number in range(len(of))]),
    }
    for index, locus in enumerate(loci):
        stranger = locus.genotypes(locus.founders(rng, len(of)))
        shown = np.where(of >= 0, missing[index, np.maximum(of, 0)], stranger).astype(np.int32)
        columns[locus.name] = pa.DictionaryArray.from_arrays(
            pa.array(shown, mask=rng.random(len(of)) < untyped), locus.texts
        )
    return _table(columns, len(of), schema)


def _table(columns: dict[str, Any], rows: int, schema: pa.Schema) -> pa.Table:
    lacking = {field.name: pa.nulls(rows, field.type) for field in schema if field.name not in columns}
    return pa.table({**columns, **lacking}).select(schema.names).cast(schema)
