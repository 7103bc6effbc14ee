"""Reading the reference numbers of genetics into Homeward's own objects."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from homeward.genetics.locus import Locus
from homeward.genetics.mutation import Floats, mutation_matrix
from homeward.programme import NOT_OBSERVED, Call, Member, MutationKind, Pedigree, Sex

OWN = Path(__file__).parent / "reference" / "genetics"
BESIDE = Path(__file__).parents[2] / "shared" / "reference" / "genetics"


def reference(name: str) -> Any:
    """A reference file of the repository."""
    return json.loads((OWN / name).read_text(encoding="utf-8"))


def reference_beside(name: str) -> Any:
    """A reference file that may not be copied into the repository; the test is skipped where it is not at hand."""
    path = BESIDE / name
    if not path.is_file():
        pytest.skip(f"NOT CHECKED: {name} (GPL data, never copied here) is not in ../shared/reference/genetics")
    return json.loads(path.read_text(encoding="utf-8"))


def pedigree_of(rows: Sequence[Mapping[str, Any]], family_id: str = "F") -> Pedigree:
    return Pedigree(
        family_id=family_id,
        members=tuple(
            Member(
                family_id=family_id,
                member_id=row["id"],
                father_id=row["father"] or "",
                mother_id=row["mother"] or "",
                sex=Sex(row["sex"]),
            )
            for row in rows
        ),
    )


def call_of(alleles: Sequence[str | None] | None) -> Call:
    """Two alleles of a reference file; null is not observed, as is a whole genotype of null."""
    first, second = (allele or NOT_OBSERVED for allele in alleles or (None, None))
    return first, second


def calls_of(genotypes: Mapping[str, Mapping[str, Sequence[str | None] | None]]) -> dict[str, dict[str, Call]]:
    return {
        person: {marker: call_of(alleles) for marker, alleles in of_person.items()}
        for person, of_person in genotypes.items()
    }


def locus_of(marker: Mapping[str, Any]) -> Locus:
    """A marker; its mutation matrices are taken from the file."""
    mutation = marker["mutation"]
    return Locus(
        marker=marker["name"],
        alleles=tuple(marker["alleles"]),
        frequencies=np.array(marker["freqs"], dtype=np.float64),
        female=None if mutation is None else np.array(mutation["matrix_female"], dtype=np.float64),
        male=None if mutation is None else np.array(mutation["matrix_male"], dtype=np.float64),
        x_linked=marker.get("chrom") == "X",  # sets of autosomal markers alone do not say
    )


def matrices_of(marker: Mapping[str, Any]) -> tuple[Floats, Floats]:
    """The mutation matrices of a marker as Homeward makes them from the model's name and rates: female, male."""
    mutation = marker["mutation"]
    female, male = (
        mutation_matrix(
            MutationKind(mutation["model"]),
            marker["alleles"],
            marker["freqs"],
            rate=mutation["rate"][sex],
            rate2=mutation["rate2"],
            range=mutation["range"],
        )
        for sex in ("female", "male")
    )
    return female, male
