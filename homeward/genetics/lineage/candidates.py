"""The lists that laboratories ask for: who differs from whom by nothing, one or two, and what that is worth.

Every haplotype of remains is compared with every reference; haplotypes that many share are compared once.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from homeward.genetics.lineage import differences, ystr
from homeward.genetics.lineage.database import HaplotypeFrequency
from homeward.genetics.lineage.evidence import (
    Category,
    LineageEvidence,
    LineageHaplotype,
    LineageLr,
    LineageModel,
    Typed,
    category_of,
    compared_text,
    events_between,
)
from homeward.genetics.lineage.mitotype import Mitotype, Range, ranges_text, shared
from homeward.genetics.lineage.screening import PlainBases
from homeward.genetics.lineage.ystr import YHaplotype
from homeward.programme import LineageKind, Programme
from homeward.progress import Tick, silent
from homeward.provenance import Provenance, provenance

_SLACK = 2  # plain bases that an alignment might explain by fewer events: pairs farther apart than that are not aligned
_BLOCK = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Remains and a reference whose haplotypes differ by few events.

    ``events`` are mtDNA events, or Y loci that differ; ``where`` says which, remains first.
    """

    kind: LineageKind
    remains_id: str
    remains_sample: str
    family_id: str
    member_id: str
    reference_sample: str
    events: int
    category: Category
    compared: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """What the line of one missing person makes of remains with a haplotype near it."""

    kind: LineageKind
    remains_id: str
    person_id: str
    family_id: str
    lr: LineageLr


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedHaplotype:
    """How probative one haplotype of remains is: who shares it.

    Parameters
    ----------
    remains, references, families : that have it, without an event between
    persons : of the missing, whose line has it: nothing in this haplotype tells them apart
    roster : missing people whose line was typed where the haplotype was read
    frequency : in the population of the settings; None where nobody knows
    """

    kind: LineageKind
    haplotype: str
    compared: str
    remains: tuple[str, ...]
    references: tuple[str, ...]
    families: tuple[str, ...]
    persons: tuple[str, ...]
    roster: int
    frequency: HaplotypeFrequency | None


def near_pairs(evidence: LineageEvidence, *, most: int = 2, tick: Tick = silent) -> list[Pair]:
    """Every pair of a haplotype of remains and of a reference that differ by at most so many events.

    Ordered by kind, remains, number of events, reference. Pairs that read nothing in common are not listed.
    """
    found: list[Pair] = []
    for kind in LineageKind:
        remains, references = _sides(evidence, kind)
        for one, other, events in _near(remains, references, most, evidence, tick):
            found += [
                _pair(evidence, kind, a, b, events) for a in remains[one] for b in references[other]
            ]  # fmt: skip
    return sorted(found, key=lambda pair: (pair.kind, pair.remains_id, pair.events, pair.family_id, pair.member_id))


def person_lines(evidence: LineageEvidence, pairs: Iterable[Pair], *, tick: Tick = silent) -> list[PersonLine]:
    """For remains and each missing person on the line of a near reference: what the whole line makes of it."""
    wanted: dict[tuple[LineageKind, str, str], str] = {}
    families = {pedigree.family_id: pedigree for pedigree in evidence.programme.pedigrees}
    for pair in pairs:
        pedigree = families[pair.family_id]
        line = evidence.family(pedigree, pair.kind).line(pair.member_id)
        for member in pedigree.missing:
            if line is not None and member.member_id in line.stands_for:
                wanted[pair.kind, pair.remains_id, member.person_id] = pair.family_id
    found = []
    for done, ((kind, remains_id, person_id), family_id) in enumerate(wanted.items(), 1):
        lr = evidence.log_lr(kind, remains_id, person_id)
        found.append(PersonLine(kind=kind, remains_id=remains_id, person_id=person_id, family_id=family_id, lr=lr))
        if not done % _BLOCK or done == len(wanted):
            tick("lines", done, len(wanted))
    return sorted(found, key=lambda of: (of.kind, of.remains_id, -(of.lr.log_lr or 0.0), of.person_id))


def shared_haplotypes(evidence: LineageEvidence, pairs: Iterable[Pair]) -> list[SharedHaplotype]:
    """For each haplotype of remains: which remains, references, families and missing people share it."""
    found = []
    equal: dict[tuple[LineageKind, str], list[Pair]] = defaultdict(list)
    for pair in pairs:
        if not pair.events:
            equal[pair.kind, pair.remains_sample].append(pair)
    for kind in LineageKind:
        remains, _ = _sides(evidence, kind)
        rosters = _Roster(evidence, kind)
        alike: dict[LineageHaplotype, list[LineageHaplotype]] = defaultdict(list)
        for one, other, _ in _near(remains, remains, 0, evidence, silent):
            alike[one].append(other)
        for haplotype, samples in remains.items():
            like = [pair for one in samples for pair in equal[kind, one.sample_id]]
            same = [typed.subject_id for other in alike[haplotype] for typed in remains[other]]
            found.append(_shared(evidence, kind, haplotype, same, like, rosters))
    return sorted(found, key=lambda of: (of.kind, -len(of.persons), of.remains))


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageLists:
    """The three lists of a programme, and where they came from."""

    pairs: tuple[Pair, ...]
    persons: tuple[PersonLine, ...]
    haplotypes: tuple[SharedHaplotype, ...]
    provenance: Provenance


def lineage_lists(
    programme: Programme, *, model: LineageModel | None = None, most: int = 2, tick: Tick = silent
) -> LineageLists:
    """Compare every lineage haplotype of remains with every reference.

    Parameters
    ----------
    most : events (mtDNA) or loci (Y) by which a listed pair may differ
    """
    evidence = LineageEvidence(programme, model)
    pairs = near_pairs(evidence, most=most, tick=tick)
    parameters = {"most": most, **_parameters(evidence.model)}
    return LineageLists(
        pairs=tuple(pairs),
        persons=tuple(person_lines(evidence, pairs, tick=tick)),
        haplotypes=tuple(shared_haplotypes(evidence, pairs)),
        provenance=provenance("lineage", input_digest=programme.digest, parameters=parameters),
    )


def _parameters(model: LineageModel) -> dict[str, object]:
    return {
        "mt": {name: getattr(model.mt, name) for name in ("control_region", "elsewhere", "site_share", "typing_error")},
        "mixtures": model.mt.mixtures.value,
        "mt_method": model.mt_method.value,
        "y": {"rates": dict(model.y.rates) or "published", "typing_error": model.y.typing_error},
        "y_method": model.y_method.value,
    }


# --- pairs -----------------------------------------------------------------------------------

Side = Mapping[LineageHaplotype, Sequence[Typed]]
"""Each different haplotype, and the samples that have it."""


def _sides(evidence: LineageEvidence, kind: LineageKind) -> tuple[Side, Side]:
    members = {member.member_id for pedigree in evidence.programme.pedigrees for member in pedigree.members}
    remains: dict[LineageHaplotype, list[Typed]] = defaultdict(list)
    references: dict[LineageHaplotype, list[Typed]] = defaultdict(list)
    for typed in evidence.typed[kind]:
        (references if typed.subject_id in members else remains)[typed.haplotype].append(typed)
    return remains, references


def _near(
    remains: Side, references: Side, most: int, evidence: LineageEvidence, tick: Tick
) -> Iterator[tuple[LineageHaplotype, LineageHaplotype, int]]:
    """Different haplotypes that are near, with the number of events."""
    ours, theirs = list(remains), list(references)
    if not ours or not theirs:
        return
    apart = _mt_apart(ours, theirs) if isinstance(ours[0], Mitotype) else _YLeast(ours, theirs)
    for start in range(0, len(ours), _BLOCK):
        for i, j in np.argwhere(apart(start, start + _BLOCK) <= most + _SLACK):
            one, other = ours[start + i], theirs[j]
            events = events_between(one, other, evidence.model)
            if events is not None and events <= most:
                yield one, other, events
        tick("haplotypes", min(start + _BLOCK, len(ours)), len(ours))


def _mt_apart(
    ours: Sequence[LineageHaplotype], theirs: Sequence[LineageHaplotype]
) -> Callable[[int, int], npt.NDArray[np.float32]]:
    a, b = ([one for one in side if isinstance(one, Mitotype)] for side in (ours, theirs))
    screen = PlainBases(b, others=a)
    return lambda start, end: screen.apart(a[start:end])


class _YLeast:
    """Loci whose alleles as reported differ, for blocks of remains; DYS389II left out, which may count twice."""

    def __init__(self, ours: Sequence[LineageHaplotype], theirs: Sequence[LineageHaplotype]) -> None:
        names = {locus for one in (*ours, *theirs) if isinstance(one, YHaplotype) for locus in one.alleles}
        self._loci = sorted(names - {ystr.WHOLE, ystr.PART})
        self._codes: dict[object, int] = {}
        self._ours, self._theirs = self._encoded(ours), self._encoded(theirs)

    def __call__(self, start: int, end: int) -> npt.NDArray[np.int64]:
        block = self._ours[start:end]
        apart = np.zeros((len(block), len(self._theirs)), dtype=np.int64)
        for locus in range(len(self._loci)):
            a, b = block[:, locus][:, None], self._theirs[:, locus][None]
            apart += (a != b) & (a >= 0) & (b >= 0)
        return apart

    def _encoded(self, haplotypes: Sequence[LineageHaplotype]) -> npt.NDArray[np.int64]:
        """(haplotype, locus) a number for its alleles, -1 where they were not read."""
        rows = np.full((len(haplotypes), len(self._loci)), -1, dtype=np.int64)
        for row, one in enumerate(haplotypes):
            assert isinstance(one, YHaplotype)
            for column, locus in enumerate(self._loci):
                if locus in one.alleles:
                    rows[row, column] = self._codes.setdefault(one.alleles[locus], len(self._codes))
        return rows


def _pair(evidence: LineageEvidence, kind: LineageKind, one: Typed, other: Typed, events: int) -> Pair:
    a, b = one.haplotype, other.haplotype
    if isinstance(a, Mitotype) and isinstance(b, Mitotype):
        told: Iterable[object] = differences.compare(a, b, evidence.model.mt.mixtures).differences
    else:
        assert isinstance(a, YHaplotype)
        assert isinstance(b, YHaplotype)
        told = ystr.compare(a, b).differences
    return Pair(
        kind=kind,
        remains_id=one.subject_id,
        remains_sample=one.sample_id,
        family_id=evidence.family_of[other.subject_id].family_id,
        member_id=other.subject_id,
        reference_sample=other.sample_id,
        events=events,
        category=category_of(kind, events),
        compared=compared_text(a, b),
        where="; ".join(map(str, told)),
    )


# --- who shares a haplotype ------------------------------------------------------------------


class _Roster:
    """The missing whose line was typed, by what was read of it."""

    def __init__(self, evidence: LineageEvidence, kind: LineageKind) -> None:
        self.persons_on: dict[str, list[str]] = defaultdict(list)  # of a typed member -> the missing on his line
        self._read: Counter[frozenset[_Read]] = Counter()  # what was read of a line -> how many of the missing
        for person_id, (pedigree, member_id) in evidence.place.items():
            family = evidence.family(pedigree, kind)
            line = family.line(member_id)
            typed = family.references_on(line) if line is not None else []
            if typed:
                self._read[frozenset(_read(haplotype) for _, haplotype in typed)] += 1
            for member in {member for member, _ in typed}:
                self.persons_on[member].append(person_id)

    def comparable(self, haplotype: LineageHaplotype) -> int:
        """How many of them can be compared with a haplotype."""
        own = _read(haplotype)
        return sum(count for of, count in self._read.items() if any(_overlap(own, one) for one in of))


_Read = tuple[Range, ...] | frozenset[str]
"""Positions, or loci."""


def _read(haplotype: LineageHaplotype) -> _Read:
    return haplotype.ranges if isinstance(haplotype, Mitotype) else frozenset(haplotype.alleles)


def _overlap(one: _Read, other: _Read) -> bool:
    if isinstance(one, frozenset) or isinstance(other, frozenset):
        return isinstance(one, frozenset) and isinstance(other, frozenset) and bool(one & other)
    return bool(shared(one, other))


def _shared(
    evidence: LineageEvidence,
    kind: LineageKind,
    haplotype: LineageHaplotype,
    remains: Sequence[str],
    like: Sequence[Pair],
    roster: _Roster,
) -> SharedHaplotype:
    members = dict.fromkeys(pair.member_id for pair in like)
    return SharedHaplotype(
        kind=kind,
        haplotype=str(haplotype),
        compared=_where_read(haplotype),
        remains=tuple(dict.fromkeys(remains)),
        references=tuple(members),
        families=tuple(dict.fromkeys(pair.family_id for pair in like)),
        persons=tuple(dict.fromkeys(person for member in members for person in roster.persons_on[member])),
        roster=roster.comparable(haplotype),
        frequency=_frequency(evidence, kind, haplotype),
    )


def _where_read(haplotype: LineageHaplotype) -> str:
    return ranges_text(haplotype.ranges) if isinstance(haplotype, Mitotype) else f"{len(haplotype.alleles)} loci"


def _frequency(evidence: LineageEvidence, kind: LineageKind, haplotype: LineageHaplotype) -> HaplotypeFrequency | None:
    database = evidence.databases.get((kind, evidence.programme.settings.population))
    if database is None:
        return None
    if isinstance(haplotype, Mitotype):
        return database.mt_frequency(haplotype, evidence.model.mt_method)
    (loci,) = ystr.compared_loci(haplotype)
    return database.y_frequency(haplotype, loci, evidence.model.y_method)
