"""The families of many rows at once: who descends from whom as positions, and which families look alike.

A nation has a million families and some dozens of shapes. Everything that depends on the shape alone is
worked out once for each; families are read as columns, never one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from homeward.formats.scanfiles import firsts
from homeward.programme import Member, PedigreeFault, Sex, pedigree_faults

Integers = npt.NDArray[np.int64]
NOBODY, STRANGER = -1, -2  # none stated; someone who is not in the family
_SEXES = (Sex.UNKNOWN, Sex.MALE, Sex.FEMALE)


@dataclass(frozen=True, eq=False)
class Structure:
    """Families as positions.

    Parameters
    ----------
    heads : (family + 1,) first row of each, and the number of rows
    father, mother, twin : (row,) position within the family, or NOBODY, or STRANGER
    sex : (row,) 0 unknown, 1 man, 2 woman; STRANGER for another word
    slot : (row,) remains may be this member
    single : (family,) every row is another member: nobody has a second sample
    stated : (row,) the place of the member's population among those known; NOBODY, or STRANGER if unknown
    population : (family,) what its members state; NOBODY if nobody states one
    """

    heads: Integers
    father: Integers
    mother: Integers
    twin: Integers
    sex: Integers
    slot: npt.NDArray[np.bool_]
    single: npt.NDArray[np.bool_]
    stated: Integers
    population: Integers

    def __len__(self) -> int:
        return len(self.heads) - 1

    def alike(self, *columns: npt.NDArray[Any], among: npt.NDArray[np.bool_]) -> Iterator[tuple[Integers, Any]]:
        """Families whose columns agree row by row.

        Parameters
        ----------
        columns : (row,) of small whole numbers
        among : (family,) which are wanted

        Yields
        ------
        (family,), (member, column)
            First rows of the families, and what they have in common.
        """
        sizes = np.diff(self.heads)
        for size in np.unique(sizes[among]):
            of_size = self.heads[:-1][among & (sizes == size)]
            rows = of_size[:, None] + np.arange(size)
            stacked = np.stack([column[rows] for column in columns], axis=2).astype(np.int16)
            flat = np.ascontiguousarray(stacked.reshape(len(of_size), -1))
            kinds = flat.view(np.dtype((np.void, flat.strides[0]))).ravel()
            _, first, which = np.unique(kinds, return_index=True, return_inverse=True)
            for kind, example in enumerate(first):
                yield of_size[which == kind], stacked[example]


def structure(table: pa.Table, populations: Sequence[str]) -> Structure:
    """Turn whole families into positions.

    Parameters
    ----------
    populations : those known
    table : rows of ``families`` with all columns of a member but the samples
    """
    names = table["family_id"].combine_chunks()
    new_family = firsts(names)
    heads = np.append(np.flatnonzero(new_family), len(names)).astype(np.int64)
    family = np.cumsum(new_family) - 1
    columns = [_text(table, name) for name in ("member_id", "father_id", "mother_id", "twin_of")]
    together = pa.concat_arrays(columns).dictionary_encode()
    codes = pc.fill_null(together.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64).reshape(4, -1)
    width = len(together.dictionary) + 1
    keys = family * width + codes[0]
    order = np.argsort(keys, kind="stable")
    repeated = np.zeros(len(keys), dtype=bool)
    repeated[order[1:]] = keys[order[1:]] == keys[order[:-1]]
    single = np.ones(len(heads) - 1, dtype=bool)
    single[family[repeated]] = False
    father, mother, twin = (_positions(keys, order, family, width, stated, heads) for stated in codes[1:])
    person = np.asarray(pc.is_valid(_text(table, "person_id")).to_numpy(zero_copy_only=False))
    stated = _places(_text(table, "population"), populations)
    of_family = np.maximum.reduceat(stated, heads[:-1]) if len(names) else np.zeros(0, np.int64)
    return Structure(
        heads, father, mother, twin, _sex(table), person & ~repeated, single, stated, np.maximum(of_family, NOBODY)
    )


def _text(table: pa.Table, name: str) -> pa.Array:
    """A column of text in which nothing is null, also where the column is lacking."""
    if name not in table.column_names:
        return pa.nulls(table.num_rows, pa.string())
    column = table[name].combine_chunks().cast(pa.string())
    return pc.if_else(pc.equal(pc.binary_length(column), 0), pa.scalar(None, pa.string()), column)


def _positions(keys: Integers, order: Integers, family: Integers, width: int, stated: Integers, heads: Integers) -> Any:
    """Where in the family the stated member stands."""
    if not len(keys):
        return np.zeros(0, np.int64)
    wanted = family * width + stated
    found = order[np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)]
    position = np.where(keys[found] == wanted, found - heads[family], STRANGER)
    return np.where(stated < 0, NOBODY, position)


def _sex(table: pa.Table) -> Integers:
    return _places(pc.fill_null(_text(table, "sex"), "U"), [sex.value for sex in _SEXES])


def _places(column: pa.Array, words: Sequence[str]) -> Integers:
    """Where each word stands among those known; NOBODY where none is written."""
    places = pc.fill_null(pc.index_in(column, pa.array(words, pa.string())), STRANGER)
    return np.where(column.is_null().to_numpy(False), NOBODY, places.to_numpy(False)).astype(np.int64)


def faults_of(father: Integers, mother: Integers, twin: Integers, sex: Integers) -> list[tuple[int, PedigreeFault]]:
    """Why members cannot be one family: position of the member, and what is wrong; as for any pedigree."""

    def name(position: int) -> str:
        return "" if position == NOBODY else str(position)

    members = [
        Member(
            family_id="F",
            member_id=str(place),
            father_id=name(int(father[place])),
            mother_id=name(int(mother[place])),
            twin_of=name(int(twin[place])),
            sex=_SEXES[max(int(sex[place]), 0)],
        )
        for place in range(len(father))
    ]
    return [(int(fault.member_id), fault) for fault in pedigree_faults(members)]
