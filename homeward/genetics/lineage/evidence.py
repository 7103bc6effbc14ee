"""What lineage haplotypes say about who the remains are.

Under each hypothesis the haplotypes of the remains have a probability of their own: on a person's line, given
its typed members; or in the population. Everyone on a line keeps his weight: brothers, and uncles through
mothers, are competitors whom mtDNA cannot tell apart, as men of one line are for the Y chromosome. So the lineage
likelihood belongs to the family's factor: remains assigned to two members of one line are computed together, and
pay for their haplotype once. It must not be multiplied over the members of a line.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from homeward.genetics.lineage import differences, mitotype, ystr
from homeward.genetics.lineage.database import Database, HaplotypeFrequency, databases
from homeward.genetics.lineage.frequency import Method
from homeward.genetics.lineage.lines import Line, line_of
from homeward.genetics.lineage.mitotype import Mitotype, ranges_text, read_mitotype
from homeward.genetics.lineage.transmission import MtModel, YModel, mt_log_likelihood, y_log_likelihood
from homeward.genetics.lineage.ystr import YHaplotype, compared_loci, read_yhaplotype
from homeward.programme import LineageKind, Pedigree, Programme, SampleKind

LineageHaplotype = Mitotype | YHaplotype
Seen = Sequence[tuple[str, LineageHaplotype]]
"""member_id and haplotype of each sample."""


class Category(StrEnum):
    """What laboratories call a number of differences; shown beside the likelihood ratio, never instead."""

    CANNOT_EXCLUDE = "cannot_exclude"
    INCONCLUSIVE = "inconclusive"
    EXCLUSION = "exclusion"
    NOT_COMPARED = "not_compared"  # nothing was read by both


def category_of(kind: LineageKind, events: int | None) -> Category:
    """mtDNA: 0, 1, 2 and more events (SWGDAM 2024). Y: 0, 1 to 2, 3 and more loci (Kayser and Sajantila 2001).

    >>> category_of(LineageKind.MITOCHONDRIAL, 2).value, category_of(LineageKind.Y, 2).value
    ('exclusion', 'inconclusive')
    """
    if events is None:
        return Category.NOT_COMPARED
    if not events:
        return Category.CANNOT_EXCLUDE
    most = 1 if kind is LineageKind.MITOCHONDRIAL else 2
    return Category.INCONCLUSIVE if events <= most else Category.EXCLUSION


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageModel:
    """How haplotypes change, are misread, and are counted. The errors are assumptions of the order of a laboratory's.

    Parameters
    ----------
    mt, y : see `MtModel`, `YModel`
    mt_method, y_method : how a count becomes a frequency
    """

    mt: MtModel = field(default_factory=lambda: MtModel(typing_error=1e-3))
    y: YModel = field(default_factory=lambda: YModel(typing_error=1e-4))
    mt_method: Method = Method.PLUS_ONE
    y_method: Method = Method.KAPPA


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageLr:
    """What a person's line makes of the haplotypes of remains.

    Parameters
    ----------
    log_lr : natural log of P(haplotypes | he is the person) / P(haplotypes | someone of the population); 0 where
        nothing was compared or the references were set aside; None where nobody knows how common the haplotype is
    events : differences from the nearest typed member of the line; None if nothing was compared
    meioses : to that member
    references : typed members of the line
    frequency : how common the haplotype is
    set_aside : the line's references contradict each other, even with the error that is allowed
    """

    log_lr: float | None
    category: Category
    events: int | None = None
    meioses: int | None = None
    references: int = 0
    frequency: HaplotypeFrequency | None = None
    set_aside: bool = False


class FamilyLineage:
    """The lines of one family, of one kind, with what is known of their members.

    Parameters
    ----------
    pedigree : the family
    kind : mtDNA or Y
    references : member_id and haplotype of each reference sample, direct references on the missing themselves
    database : the population's counts; None if there are none
    """

    def __init__(
        self,
        pedigree: Pedigree,
        kind: LineageKind,
        references: Seen,
        *,
        database: Database | None = None,
        model: LineageModel | None = None,
    ) -> None:
        self.pedigree, self.kind, self.database = pedigree, kind, database
        self.model = model or LineageModel()
        self._all = tuple(references)
        self._lines: dict[str, Line | None] = {}

    def line(self, member_id: str) -> Line | None:
        """The line that a member is on; None for a woman and the Y chromosome."""
        if member_id not in self._lines:
            self._lines[member_id] = line_of(self.pedigree, member_id, self.kind)
        return self._lines[member_id]

    def references_on(self, line: Line) -> list[tuple[str, LineageHaplotype]]:
        return [(member, haplotype) for member, haplotype in self._all if member in line.stands_for]

    def is_contradictory(self, line: Line) -> bool:
        """Whether the references of a line exclude each other, even with the error that is allowed."""
        return self._log_likelihood(line, self.references_on(line)) == -math.inf

    def log_lr(self, member_id: str, haplotypes: Sequence[LineageHaplotype]) -> LineageLr:
        """What the line of one member makes of remains that may be his.

        Parameters
        ----------
        haplotypes : one for each sample of the remains
        """
        line = self.line(member_id)
        if line is None or not haplotypes:
            return LineageLr(log_lr=0.0, category=Category.NOT_COMPARED)
        references = self.references_on(line)
        meioses, events = self._nearest(line, member_id, haplotypes, references)
        joint = self._line_log_lr(line, {member_id: haplotypes})
        return LineageLr(
            log_lr=joint.log_lr,
            category=category_of(self.kind, events),
            events=events,
            meioses=meioses,
            references=len({member for member, _ in references}),
            frequency=joint.frequencies[0] if joint.frequencies else None,
            set_aside=joint.set_aside,
        )

    def line_log_likelihood(self, assigned: Mapping[str, Sequence[LineageHaplotype]]) -> float | None:
        """Several remains assigned to members of this family at once.

        Parameters
        ----------
        assigned : member_id -> haplotypes of the remains that he is taken to be

        Returns
        -------
        Natural log of P(haplotypes of all | who they are) / P(each of an unrelated person of the population). Remains
        on one line are related: what they share is paid for once. None where a frequency is not known.

        Notes
        -----
        Of remains of one line without a typed reference that differ from each other, the haplotype they descend from
        may be that of either; their frequencies are averaged.
        """
        by_line: dict[str, dict[str, Sequence[LineageHaplotype]]] = defaultdict(dict)
        found: dict[str, Line] = {}
        for member_id, haplotypes in assigned.items():
            line = self.line(member_id)
            if line is not None and haplotypes:
                found[line.head] = line
                by_line[line.head][member_id] = haplotypes
        whole = 0.0
        for head, of in by_line.items():
            log_lr = self._line_log_lr(found[head], of).log_lr
            if log_lr is None:
                return None
            whole += log_lr
        return whole

    # --- within one line ---

    def _nearest(
        self, line: Line, member_id: str, haplotypes: Sequence[LineageHaplotype], references: Seen
    ) -> tuple[int | None, int | None]:
        """Meioses to the nearest member with whom something was compared, and the events between."""
        near = [
            (line.meioses(member_id, of), max(told))
            for of, reference in references
            if (told := [n for one in haplotypes if (n := events_between(one, reference, self.model)) is not None])
        ]
        return min(near) if near else (None, None)

    def _line_log_lr(self, line: Line, assigned: Mapping[str, Sequence[LineageHaplotype]]) -> _Joint:
        references = self.references_on(line)
        before = self._log_likelihood(line, references)
        if before == -math.inf:
            return _Joint(0.0, (), True)
        cut = {member: self._comparable(member, of, references, assigned) for member, of in assigned.items()}
        cut = {member: of for member, of in cut.items() if of}
        seen = [(member, one) for member, of in cut.items() for one in of]
        if not seen or (not references and len(cut) < 2):
            return _Joint(0.0, (), False)
        frequencies = [self._frequency(of, references, [o for _, o in seen]) for of in cut.values()]
        if None in frequencies:
            return _Joint(None, tuple(f for f in frequencies if f is not None), False)
        known = [one for one in frequencies if one is not None]
        log = self._log_likelihood(line, [*references, *seen]) - before
        if not references:
            log += math.log(sum(one.value for one in known) / len(known))
        for member, of in cut.items():
            log -= self._log_likelihood(line, [(member, one) for one in of])
        return _Joint(log - sum(math.log(one.value) for one in known), tuple(known), False)

    def _comparable(
        self,
        member: str,
        haplotypes: Sequence[LineageHaplotype],
        references: Seen,
        assigned: Mapping[str, Sequence[LineageHaplotype]],
    ) -> list[LineageHaplotype]:
        """What of haplotypes someone else has read: a reference or, where there is none, another of the remains."""
        others = [one for _, one in references] or [
            one for other, of in assigned.items() if other != member for one in of
        ]
        return [cut for one in haplotypes if (cut := _restricted(one, others)) is not None]

    def _log_likelihood(self, line: Line, seen: Seen) -> float:
        if self.kind is LineageKind.Y:
            return y_log_likelihood(
                line, [(who, one) for who, one in seen if isinstance(one, YHaplotype)], self.model.y
            )
        return mt_log_likelihood(line, [(who, one) for who, one in seen if isinstance(one, Mitotype)], self.model.mt)

    def _frequency(
        self, haplotypes: Sequence[LineageHaplotype], references: Seen, others: Sequence[LineageHaplotype]
    ) -> HaplotypeFrequency | None:
        """How common the haplotype of remains is, where it was compared: that of the sample that read most."""
        if self.database is None:
            return None
        one = max(haplotypes, key=_breadth)
        if isinstance(one, Mitotype):
            return self.database.mt_frequency(one, self.model.mt_method)
        compared = compared_loci(*(h for h in (one, *[r for _, r in references], *others) if isinstance(h, YHaplotype)))
        loci = [locus for locus in compared[0] if self.model.y.rate(locus) is not None]
        return self.database.y_frequency(one, loci, self.model.y_method)


@dataclass(frozen=True, slots=True)
class _Joint:
    log_lr: float | None
    frequencies: tuple[HaplotypeFrequency, ...]
    set_aside: bool


def _breadth(haplotype: LineageHaplotype) -> int:
    return mitotype.span(haplotype.ranges) if isinstance(haplotype, Mitotype) else len(haplotype.alleles)


def _restricted(haplotype: LineageHaplotype, others: Iterable[LineageHaplotype]) -> LineageHaplotype | None:
    if isinstance(haplotype, Mitotype):
        cut = mitotype.restricted(haplotype, [one for one in others if isinstance(one, Mitotype)])
        return cut if cut.ranges else None
    of = ystr.restricted(haplotype, [one for one in others if isinstance(one, YHaplotype)])
    return of if of.alleles else None


def events_between(one: LineageHaplotype, other: LineageHaplotype, model: LineageModel) -> int | None:
    """Events (mtDNA) or loci that differ (Y); None if nothing was read by both."""
    if isinstance(one, Mitotype) and isinstance(other, Mitotype):
        compared = differences.compare(one, other, model.mt.mixtures)
        return compared.events if compared.ranges else None
    assert isinstance(one, YHaplotype)
    assert isinstance(other, YHaplotype)
    of = ystr.compare(one, other)
    return of.events if of.loci else None


def compared_text(one: LineageHaplotype, other: LineageHaplotype) -> str:
    """What both have read: ranges, or the number of loci."""
    if isinstance(one, Mitotype) and isinstance(other, Mitotype):
        return ranges_text(mitotype.shared(one.ranges, other.ranges))
    assert isinstance(one, YHaplotype)
    assert isinstance(other, YHaplotype)
    return f"{len(ystr.compare(one, other).loci)} loci"


# --- a programme -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """A haplotype of a sample of a programme, read."""

    sample_id: str
    subject_id: str
    haplotype: LineageHaplotype


class LineageEvidence:
    """Every lineage haplotype of a programme, ready to be asked.

    Elimination samples are left out. Haplotypes of the missing themselves are direct references. Y-STR calls that stand
    in profiles are taken for the haplotype of a sample that has none in lineage.csv.
    """

    def __init__(self, programme: Programme, model: LineageModel | None = None) -> None:
        self.programme, self.model = programme, model or LineageModel()
        self.databases = databases(programme.haplotype_counts, self.model.mt.mixtures)
        self._families: dict[tuple[str, LineageKind], FamilyLineage] = {}
        self._known: dict[tuple[LineageKind, str, str], LineageLr] = {}

    @cached_property
    def typed(self) -> Mapping[LineageKind, tuple[Typed, ...]]:
        """Haplotypes by kind, in the order of the programme."""
        staff = {one.sample_id for one in self.programme.samples if one.kind is SampleKind.ELIMINATION}
        found: dict[LineageKind, list[Typed]] = {kind: [] for kind in LineageKind}
        for row in self.programme.haplotypes:
            if row.sample_id not in staff:
                of: LineageHaplotype = (
                    read_yhaplotype(row.haplotype)
                    if row.kind is LineageKind.Y
                    else read_mitotype(row.haplotype, row.range)
                )
                found[row.kind].append(Typed(row.sample_id, row.subject_id, of))
        found[LineageKind.Y] += self._men_among_profiles(staff, {one.sample_id for one in found[LineageKind.Y]})
        return {kind: tuple(of) for kind, of in found.items()}

    def _men_among_profiles(self, staff: Container[str], told: Container[str]) -> Iterator[Typed]:
        """Y haplotypes that stand among the calls of profiles, where a sample has none of its own."""
        for profile in self.programme.profiles:
            if profile.sample_id not in staff and profile.sample_id not in told:
                haplotype = ystr.of_calls(profile.calls)
                if haplotype is not None:
                    yield Typed(profile.sample_id, profile.subject_id, haplotype)

    @cached_property
    def by_subject(self) -> Mapping[tuple[LineageKind, str], tuple[LineageHaplotype, ...]]:
        found: dict[tuple[LineageKind, str], list[LineageHaplotype]] = defaultdict(list)
        for kind, of in self.typed.items():
            for one in of:
                found[kind, one.subject_id].append(one.haplotype)
        return {key: tuple(of) for key, of in found.items()}

    @cached_property
    def place(self) -> Mapping[str, tuple[Pedigree, str]]:
        """person_id -> his family and his member_id in it."""
        return {m.person_id: (pedigree, m.member_id) for pedigree in self.programme.pedigrees for m in pedigree.missing}

    @cached_property
    def family_of(self) -> Mapping[str, Pedigree]:
        """member_id -> his family."""
        return {member.member_id: pedigree for pedigree in self.programme.pedigrees for member in pedigree.members}

    def family(self, pedigree: Pedigree, kind: LineageKind) -> FamilyLineage:
        """The lines of a family, with the counts of its population."""
        key = (pedigree.family_id, kind)
        if key not in self._families:
            references = [
                (member.member_id, haplotype)
                for member in pedigree.members
                for haplotype in self.by_subject.get((kind, member.member_id), ())
            ]
            database = self.databases.get((kind, self.population(pedigree)))
            self._families[key] = FamilyLineage(pedigree, kind, references, database=database, model=self.model)
        return self._families[key]

    def population(self, pedigree: Pedigree) -> str:
        """The population of a family: stated by a member, by a missing person of it, or by the settings."""
        people = self.programme.people
        stated = [member.population for member in pedigree.members]
        stated += [people[m.person_id].population for m in pedigree.missing if m.person_id in people]
        return next(filter(None, stated), self.programme.settings.population)

    def log_lr(self, kind: LineageKind, remains_id: str, person_id: str) -> LineageLr:
        """What the line of a missing person makes of remains."""
        key = (kind, remains_id, person_id)
        if key not in self._known:
            haplotypes = self.by_subject.get((kind, remains_id), ())
            if person_id in self.place and haplotypes:
                pedigree, member_id = self.place[person_id]
                self._known[key] = self.family(pedigree, kind).log_lr(member_id, haplotypes)
            else:
                self._known[key] = LineageLr(log_lr=0.0, category=Category.NOT_COMPARED)
        return self._known[key]
