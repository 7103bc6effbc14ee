"""mtDNA and the Y chromosome as lines of evidence: which line, never which of its members.

Everyone on a line keeps his weight. What several missing of one line share is paid for once: see
:mod:`homeward.identification.descent`. Someone of whose line nobody was typed is compared with as with anyone of
his population. Haplotypes are genotypes: they are not held within a bound, and have a floor of their own.
"""

from __future__ import annotations

import numpy as np

from homeward.identification.evidence.lines import Case, Floats, Line
from homeward.identification.haplotypes import Haplotypes, Lineages
from homeward.identification.result import Note
from homeward.programme import LineageKind


def weigh_mt(case: Case) -> Line | None:
    """The line ``mt``; None if no individual's mtDNA was typed."""
    return _weigh(case, LineageKind.MITOCHONDRIAL, "mt")


def weigh_y(case: Case) -> Line | None:
    """The line ``y``; None if no individual's Y chromosome was typed."""
    return _weigh(case, LineageKind.Y, "y")


def haplotypes_of(case: Case, kind: LineageKind) -> Haplotypes:
    """The haplotypes of the individuals of a case."""
    return Haplotypes(case.lineages or lineages_of(case), case.individuals, kind)


def lineages_of(case: Case) -> Lineages:
    """The lines of the families of a case that does not bring them."""
    sexes = {person.person_id: sex for person, sex in zip(case.persons, case.sexes, strict=True)}
    return Lineages(case.programme, sexes)


def _weigh(case: Case, kind: LineageKind, name: str) -> Line | None:
    haplotypes = haplotypes_of(case, kind)
    if not haplotypes.told:
        return None
    of_person = np.array([haplotypes.of_person(person.person_id) for person in case.persons])
    of_person = of_person.reshape(len(case.persons), len(haplotypes.told) + 1)
    of_group = _of_groups(case, haplotypes)
    listed = of_person.T[haplotypes.codes] + of_group[haplotypes.codes][:, case.group_of]
    return Line(
        name=name,
        listed=listed,
        general=of_group[haplotypes.codes][:, None, :],
        bounded=False,
        notes=_notes(case, haplotypes, name),
    )


def _of_groups(case: Case, haplotypes: Haplotypes) -> Floats:
    """(code, group) ln P(haplotypes | someone of the group); zeros where it is not known for every group."""
    answer = np.zeros((len(haplotypes.told) + 1, len(case.groups)))
    for at, of in enumerate(haplotypes.told):
        known = [haplotypes.log_frequency(of, name) for name in case.groups]
        if None not in known:
            answer[at + 1] = known
    return answer


def _notes(case: Case, haplotypes: Haplotypes, name: str) -> tuple[Note, ...]:
    unknown = {at + 1 for at in haplotypes.without_frequency}
    remains = [
        one.remains_id for one, code in zip(case.individuals, haplotypes.codes.tolist(), strict=True) if code in unknown
    ]
    if not remains:
        return ()
    return (Note(code="haplotype_not_counted", values={"line": name, "remains": remains}),)
