"""SNPs as a line of evidence, away from the STRs with which they are multiplied.

Populations are not told apart by SNPs: each person is compared with someone of his family's population. Several
missing of a family are computed together: see :mod:`homeward.identification.descent`. Not held within a bound.
"""

from __future__ import annotations

import numpy as np

from homeward.identification.evidence.lines import Case, Line
from homeward.identification.result import Note
from homeward.identification.snps import Snps
from homeward.programme import Pedigree


def weigh(case: Case) -> Line | None:
    """The line ``snp``; None if no individual's SNPs were typed."""
    snps = Snps(case.programme, case.individuals)
    if not snps.typed:
        return None
    listed = np.zeros((len(case.individuals), len(case.persons)))
    for column, (pedigree, member_id) in places_of(case).items():
        listed[:, column] = snps.of_member(pedigree, population_of(case, column), member_id)
    notes = []
    if snps.set_aside:
        notes.append(Note(code="snps_set_aside", values={"families": sorted(snps.set_aside)}))
    return Line(name="snp", listed=listed, general=np.zeros((1, 1, 1)), bounded=False, notes=tuple(notes))


def places_of(case: Case) -> dict[int, tuple[Pedigree, str]]:
    """Person's column -> his family and member_id."""
    column = {person.person_id: k for k, person in enumerate(case.persons)}
    return {
        column[member.person_id]: (pedigree, member.member_id)
        for pedigree in case.programme.pedigrees
        for member in pedigree.missing
        if member.person_id in column
    }


def population_of(case: Case, column: int) -> str:
    """The population of a person's family."""
    return case.groups[int(case.group_of[column])]
