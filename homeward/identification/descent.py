"""Several missing of one maternal or paternal line: their remains are related, and what they share is paid for once.

The joint likelihood of haplotypes assigned to members of one line, over the product of the single ones, is a factor
of the family beside that of its genotypes. Families that are coupled by both are coupled once, by the product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from homeward.genetics.lineage.evidence import FamilyLineage
from homeward.genetics.lineage.lines import Line
from homeward.genetics.tables import informative
from homeward.identification.evidence.lineage import haplotypes_of
from homeward.identification.evidence.lines import Case
from homeward.identification.evidence.snp import places_of, population_of
from homeward.identification.haplotypes import FLOOR, Haplotypes
from homeward.identification.joint import Coupling, Floats, Holder
from homeward.identification.snps import Snps
from homeward.programme import LineageKind, Pedigree

if TYPE_CHECKING:
    from collections.abc import Mapping

NEGLIGIBLE = 1e-10
KINDS: Mapping[str, LineageKind] = {"mt": LineageKind.MITOCHONDRIAL, "y": LineageKind.Y}


def with_lines(case: Case, couplings: Sequence[Coupling]) -> tuple[Coupling, ...]:
    """The couplings of genotypes and those of lines, each family's together where they share someone missing."""
    own = [
        found
        for name, kind in KINDS.items()
        if name in case.programme.settings.lines
        for found in line_couplings(case, kind)
    ]
    if "snp" in case.programme.settings.lines:
        own += snp_couplings(case)
    return merged([*couplings, *own]) if own else tuple(couplings)


def snp_couplings(case: Case) -> list[Coupling]:
    """A coupling for each family with several missing of one blood, where individuals' SNPs were typed."""
    snps = Snps(case.programme, case.individuals)
    if not snps.typed:
        return []
    of_family: dict[str, list[tuple[int, Pedigree, str]]] = {}
    for column, (pedigree, member_id) in sorted(places_of(case).items()):
        of_family.setdefault(pedigree.family_id, []).append((column, pedigree, member_id))
    found = []
    for of in of_family.values():
        pedigree, members = of[0][1], [member for *_, member in of]
        related = [
            informative(pedigree, dict.fromkeys([o for o in members if o != one], ("seen", "seen")), one)
            for one in members
        ]
        chosen = [entry for entry, is_related in zip(of, related, strict=True) if is_related]
        if len(chosen) > 1:
            population = population_of(case, chosen[0][0])
            ratio = _SnpRatio(snps, pedigree, population, [member for *_, member in chosen])
            if pedigree.family_id not in snps.set_aside:
                found.append(Coupling(slots=tuple(column for column, *_ in chosen), log_ratio=ratio))
    return found


class _SnpRatio:
    """ln of the joint likelihood of SNPs of several missing of a family over the product of the single ones."""

    def __init__(self, snps: Snps, pedigree: Pedigree, population: str, members: Sequence[str]) -> None:
        self.snps, self.pedigree, self.population, self.members = snps, pedigree, population, tuple(members)
        self.single = [snps.of_member(pedigree, population, member) for member in members]
        self.typed = set(snps.typed)
        self.known: dict[Holder, float] = {}

    def __call__(self, holder: Holder) -> float:
        held = tuple(r if r in self.typed else -1 for r in holder)
        if sum(r >= 0 for r in held) < 2:
            return 0.0
        if held not in self.known:
            own = sum(float(self.single[place][r]) for place, r in enumerate(held) if r >= 0)
            assigned = {member: r for member, r in zip(self.members, held, strict=True) if r >= 0}
            joint = self.snps.together(self.pedigree, self.population, assigned)
            self.known[held] = joint - own if own > -math.inf and joint > -math.inf else -math.inf
        return self.known[held]


def line_couplings(case: Case, kind: LineageKind) -> list[Coupling]:
    """A coupling for each line with several missing, where individuals were typed."""
    haplotypes = haplotypes_of(case, kind)
    if not haplotypes.told:
        return []
    on: dict[tuple[int, str], list[tuple[int, str, FamilyLineage, Line]]] = {}
    for column, person in enumerate(case.persons):
        place = haplotypes.places.get(person.person_id)
        line = place.lines.line(place.member_id) if place else None
        if place is not None and line is not None and not place.lines.is_contradictory(line):
            on.setdefault((id(place.lines), line.head), []).append((column, place.member_id, place.lines, line))
    found = []
    shared: dict[tuple[object, ...], Floats] = {}
    for of in on.values():
        if len(of) < 2:
            continue
        columns, members = [column for column, *_ in of], [member for _, member, *_ in of]
        ratio = _LineRatio(haplotypes, of[0][2], of[0][3], members, [case.persons[c].person_id for c in columns])
        if len(of) > 2:
            found.append(Coupling(slots=tuple(columns), log_ratio=ratio))
            continue
        key = ratio.topology or (id(of[0][2]), *members)
        if key not in shared:
            shared[key] = ratio.table()[np.ix_(haplotypes.codes, haplotypes.codes)]
        if np.abs(shared[key]).max(initial=0.0) > NEGLIGIBLE:
            found.append(Coupling.of_pair(columns[0], columns[1], shared[key]))
    return found


class _LineRatio:
    """ln of the joint likelihood of haplotypes on a line over the product of the single ones, by who holds what."""

    def __init__(
        self,
        haplotypes: Haplotypes,
        lines: FamilyLineage,
        line: Line,
        members: Sequence[str],
        persons: Sequence[str],
    ) -> None:
        self.haplotypes, self.lines, self.line, self.members = haplotypes, lines, line, tuple(members)
        self.single = [haplotypes.of_person(person) for person in persons]
        self.references = [haplotype for _, haplotype in lines.references_on(line)]
        self.far = haplotypes.far_from(self.references)
        self.known: dict[tuple[int, ...], float] = {}

    @property
    def topology(self) -> tuple[object, ...] | None:
        """What decides the ratio of two members where nobody is typed. None where someone is."""
        if self.references:
            return None
        return (id(self.lines.database), self.line.meioses(*self.members))

    def __call__(self, holder: Holder) -> float:
        return self.of_codes(tuple(int(self.haplotypes.codes[r]) if r >= 0 else 0 for r in holder))

    def of_codes(self, codes: tuple[int, ...]) -> float:
        if codes not in self.known:
            self.known[codes] = self._ratio(codes)
        return self.known[codes]

    def table(self) -> Floats:
        """Of two members, (code, code)."""
        count = len(self.haplotypes.told)
        answer = np.zeros((count + 1, count + 1))
        if self.lines.database is None:
            return answer
        if self.references:  # who is far from the references is so by himself
            asked = ~self.far[:, None] & ~self.far[None, :]
        else:
            counted = self.haplotypes.counted(self.lines.database.population)
            asked = ~self.haplotypes.apart
            answer[1:, 1:][~asked & counted[:, None] & counted[None, :]] = FLOOR
        for first, second in np.argwhere(asked).tolist():
            answer[first + 1, second + 1] = self.of_codes((first + 1, second + 1))
        return answer

    def _ratio(self, codes: tuple[int, ...]) -> float:
        held = {place: code - 1 for place, code in enumerate(codes) if code}
        if self.references:  # who is far from the references is so by himself
            held = {place: at for place, at in held.items() if not self.far[at]}
        if len(held) < 2 or self.lines.database is None:
            return 0.0
        ats = list(held.values())
        if not self.references and len(ats) == 2 and self.haplotypes.apart[ats[0], ats[1]]:
            return FLOOR if self.haplotypes.counted(self.lines.database.population)[ats].all() else 0.0
        joint = self.lines.line_log_likelihood(
            {self.members[place]: self.haplotypes.told[at] for place, at in held.items()}
        )
        if joint is None:
            return 0.0
        least = FLOOR * (len(held) if self.references else len(held) - 1)
        return max(joint, least) - sum(float(self.single[place][at + 1]) for place, at in held.items())


def merged(couplings: Sequence[Coupling]) -> tuple[Coupling, ...]:
    """Couplings that share a slot as one, by the product of their ratios."""
    group = list(range(len(couplings)))
    for k, one in enumerate(couplings):
        for other in range(k):
            if set(one.slots) & set(couplings[other].slots):
                kept, gone = group[other], group[k]
                group = [kept if of == gone else of for of in group]
    return tuple(
        _product([couplings[k] for k, of in enumerate(group) if of == number]) for number in dict.fromkeys(group)
    )


def _product(parts: Sequence[Coupling]) -> Coupling:
    if len(parts) == 1:
        return parts[0]
    slots = tuple(sorted({slot for part in parts for slot in part.slots}))
    if len(slots) == 2 and all(part.pair is not None for part in parts):
        arrays = [part.pair if part.slots == slots else part.pair.T for part in parts if part.pair is not None]
        return Coupling.of_pair(slots[0], slots[1], np.sum(arrays, axis=0))
    places = [tuple(slots.index(slot) for slot in part.slots) for part in parts]

    def log_ratio(holder: Holder) -> float:
        return sum(part.log_ratio(tuple(holder[k] for k in of)) for part, of in zip(parts, places, strict=True))

    estimated = [(part.error, of) for part, of in zip(parts, places, strict=True) if part.error is not None]

    def error(holder: Holder) -> float:
        return math.hypot(*(of_part(tuple(holder[k] for k in of)) for of_part, of in estimated))

    return Coupling(slots=slots, log_ratio=log_ratio, error=error if estimated else None)
