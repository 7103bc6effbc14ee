"""What the files of a programme must say together: references, families, sexes, samples, frequencies.

Each check goes through everything and tells every fault with the file and line where it can be
put right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from homeward.errors import Nonsense
from homeward.formats.dental import ChartReading
from homeward.formats.evidence import EvidenceChecks
from homeward.formats.faults import Findings
from homeward.formats.fieldwork import FieldworkChecks
from homeward.formats.lineage import LineageChecks
from homeward.formats.records import Frequencies, Matrix, ProfileReading, Records
from homeward.formats.snps import SnpChecks, SnpReading
from homeward.genetics.locus import TOLERANCE, LocusNote, MarkerNames
from homeward.genetics.observation import (
    EXACT,
    UNTYPED,
    ErrorModel,
    Observation,
    agree,
    errors_of,
    observed,
    together,
)
from homeward.programme import (
    NOT_OBSERVED,
    OUTSIDER,
    REST,
    Call,
    Decision,
    Marker,
    Member,
    MissingPerson,
    MutationKind,
    MutationModel,
    Outcome,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
    Status,
    pedigree_faults,
)
from homeward.tables import AMELOGENIN

_ROW_SUM = 1e-6  # a row of a mutation matrix may miss one by this much
_NOTHING_SEEN = ("is a probability of one: no allele could be seen.", "Write less than 1.")
_SHORT = 6  # names listed within one sentence


@dataclass(eq=False)
class Draft:
    """Everything read, before it is known whether it fits together."""

    settings: Settings | None
    files: Mapping[str, str]  # table -> the file or sheet as the user knows it
    present: frozenset[str]  # tables that are there
    records: Mapping[str, Records]
    cut_short: frozenset[str] = frozenset()  # tables not read to their end
    profiles: Mapping[str, ProfileReading] = field(default_factory=dict)
    snps: Mapping[str, SnpReading] = field(default_factory=dict)
    dental: Sequence[ChartReading] = ()
    frequencies: Frequencies = field(default_factory=dict)
    frequency_lines: Mapping[tuple[str, str], int] = field(default_factory=dict)
    matrices: Mapping[str, Mapping[str, Matrix]] = field(default_factory=dict)
    matrix_lines: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def of(self, table: str) -> Iterator[tuple[int, Any]]:
        return self.records[table].with_lines()

    def knows(self, table: str, key: str) -> bool:
        """Whether a table has a key; a table that was not read to its end may have any."""
        return key in self.keys(table) or table in self.cut_short

    def keys(self, table: str) -> Mapping[Any, int]:
        """Keys of a table with their lines, also of rows that were rejected."""
        return self.records[table].keys


def check(draft: Draft, findings: Findings) -> None:
    """Tell every fault and note that only shows when the files are read together."""
    checks = _Checks(draft, findings)
    checks.persons()
    checks.families()
    checks.markers()
    checks.samples()
    checks.profiles()
    LineageChecks(draft, findings).all()
    SnpChecks(draft, findings).all()
    checks.sexes()
    checks.x_markers()
    checks.frequencies()
    checks.populations()
    checks.mutation()
    checks.remains()
    EvidenceChecks(draft, findings, _individuals(remains for _, remains in draft.of("remains"))).all()
    checks.decisions()
    FieldworkChecks(draft, findings).all()


def note_loci(notes: Iterable[LocusNote], draft: Draft, findings: Findings) -> None:
    """Say what the rules on frequencies make of this programme."""
    told: set[tuple[str, str, str, str]] = set()
    for note in notes:
        line = _first_line(draft, note)
        key = (note.code, note.marker, note.population, note.allele)
        if key in told or note.code == "rest_added":
            continue
        told.add(key)
        where = f"in population {note.population}" if note.population else ""
        if note.code == "allele_added":
            findings.note(
                draft.files["profiles"],
                line,
                note.marker,
                note.allele,
                f"has no frequency {where}; it is given {note.frequency:.6g}.",
            )
        elif note.code == "no_frequencies":
            findings.note(
                draft.files["profiles"],
                line,
                "marker",
                note.marker,
                f"has no frequencies {where}; it is listed and not used there.",
            )
        elif note.code == "chromosome":
            findings.note(
                draft.files["profiles"],
                line,
                "marker",
                note.marker,
                "is of the Y chromosome or mitochondrial; it is listed and not used among these markers.",
            )


def _first_line(draft: Draft, note: LocusNote) -> int | None:
    for profile in draft.profiles.values():
        for (marker, call), line in zip(profile.calls.items(), profile.lines, strict=True):
            if marker == note.marker and (not note.allele or note.allele in call):
                return line
    return None


@dataclass(frozen=True)
class _Read:
    """One call of a subject, and what it says together with those before it."""

    profile: ProfileReading
    marker: str
    seen: Observation
    together: Observation


class _Checks:
    def __init__(self, draft: Draft, findings: Findings) -> None:
        self.draft, self.findings = draft, findings
        self.settings = draft.settings or Settings(name="")
        self.names = self._marker_names()
        self.members: dict[str, Member] = {member.member_id: member for _, member in draft.of("pedigrees")}
        self.member_lines = draft.keys("pedigrees")
        self.with_haplotype = {sample_id for sample_id, _ in self.draft.keys("lineage")}
        self.subjects: dict[str, list[ProfileReading]] = defaultdict(list)
        self.samples_by_id = {sample.sample_id: sample for _, sample in draft.of("samples")}
        self.kinds = {name: sample.kind for name, sample in self.samples_by_id.items()}
        for profile in draft.profiles.values():
            if self.kinds.get(profile.sample_id) is not SampleKind.ELIMINATION:
                self.subjects[profile.subject_id].append(profile)

    def fault(self, table: str, line: int | None, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.draft.files[table], line, column, value, reason, remedy)

    def note(self, table: str, line: int | None, column: str, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.draft.files[table], line, column, value, reason, remedy)

    # --- markers ---

    def _marker_names(self) -> MarkerNames:
        records = [marker for _, marker in self.draft.of("markers")]
        try:
            return MarkerNames(records)
        except Nonsense:  # told by markers()
            return MarkerNames([])

    def markers(self) -> None:
        owner: dict[str, str] = {}
        plain = MarkerNames([])
        for line, marker in self.draft.of("markers"):
            for column, name in (("marker", marker.marker), *(("aliases", alias) for alias in marker.aliases)):
                other = owner.setdefault(plain(name), marker.marker)
                if other != marker.marker:
                    self.fault(
                        "markers",
                        line,
                        column,
                        name,
                        f"is also a name of marker {other}.",
                        "Each name belongs to one marker; correct one of the rows.",
                    )
            self._below_one("markers", line, marker, "silent_frequency")
        self._linked()

    def _linked(self) -> None:
        """Pairs of linked markers: both there, of one chromosome, with a rho, and each marker in one pair."""
        chromosomes = {self.names(marker.marker): marker.chromosome for _, marker in self.draft.of("markers")}
        known = {*chromosomes, *(self.names(marker) for _, marker in self.draft.frequency_lines)}
        partner: dict[str, str] = {}
        rho_of: dict[frozenset[str], float | None] = {}
        for line, marker in self.draft.of("markers"):
            if not marker.linked_to:
                if marker.rho is not None:
                    self._not_linked(
                        line, "rho", f"{marker.rho:g}", "stands without linked_to", "Name the other marker"
                    )
                continue
            one, other = self.names(marker.marker), self.names(marker.linked_to)
            if other not in known:
                self._not_linked(line, "linked_to", marker.linked_to, "has no frequencies", "Correct the name")
            elif one == other or chromosomes.get(one, "A") != chromosomes.get(other, "A"):
                reason = f"and {marker.marker} are not two markers of one chromosome"
                self._not_linked(line, "linked_to", marker.linked_to, reason, "Correct the name or the chromosome")
            elif chromosomes.get(one, "A") not in ("A", "X"):
                reason = "is of a chromosome that is passed on whole"
                self._not_linked(line, "linked_to", marker.linked_to, reason, "Leave it empty")
            elif marker.rho is None:
                self._not_linked(line, "rho", "", "is needed beside linked_to", "Write the recombination fraction")
            elif partner.get(one, other) != other or partner.get(other, one) != one:
                reason = "is linked to a third; pairs are computed, not longer chains"
                self._not_linked(line, "linked_to", marker.linked_to, reason, "Keep the closest pair")
            elif rho_of.setdefault(frozenset((one, other)), marker.rho) != marker.rho:
                reason = f"and the row of {other} give the pair two recombination fractions"
                self._not_linked(line, "rho", f"{marker.rho:g}", reason, "Keep one of them")
            partner.setdefault(one, other)
            partner.setdefault(other, one)

    def _not_linked(self, line: int, column: str, value: str, reason: str, remedy: str) -> None:
        self.fault("markers", line, column, value, f"{reason}.", f"{remedy}.")

    def _below_one(self, table: str, line: int, record: Marker | Sample, column: str) -> None:
        if getattr(record, column) == 1:
            self.fault(table, line, column, "1", *_NOTHING_SEEN)

    # --- persons and families ---

    def persons(self) -> None:
        for line, person in self.draft.of("missing"):
            if person.incident_id and not self.draft.knows("incidents", person.incident_id):
                tell = self.fault if "incidents" in self.draft.present else self.note
                tell("missing", line, "incident_id", person.incident_id, "is not in incidents.", "Add the incident.")
            self._dates_in_order(line, person)

    def _dates_in_order(self, line: int, person: MissingPerson) -> None:
        lost, until, birth = person.lost_on, person.lost_until, person.birth_date
        if lost and until and lost.earliest > until.latest:
            self.fault(
                "missing",
                line,
                "lost_until",
                until.text,
                f"is before lost_on, {lost.text}.",
                "Correct one of the dates.",
            )
        last = until or lost
        if birth and last and birth.earliest > last.latest:
            self.fault(
                "missing",
                line,
                "birth_date",
                birth.text,
                f"is after the loss, {last.text}.",
                "Correct one of the dates.",
            )

    def families(self) -> None:
        families: dict[str, list[Member]] = defaultdict(list)
        for _, member in self.draft.of("pedigrees"):
            families[member.family_id].append(member)
        for members in families.values():
            if "pedigrees" not in self.draft.cut_short:
                self._pedigree(members)
            self._half_sibs(members)
        self._persons_of_families()

    def _pedigree(self, members: list[Member]) -> None:
        rejected = self.draft.records["pedigrees"].rejected_keys
        for fault in pedigree_faults(members):
            if fault.value in rejected and fault.column != "member_id":
                continue
            remedy = "Correct the row."
            if fault.reason == "is not a member of this family":
                other = self.members.get(fault.value)
                remedy = (
                    f"He or she is of family {other.family_id}; relatives are one family: give them one family_id."
                    if other
                    else "Add a row for that member, or correct the identifier."
                )
            elif "cannot be" in fault.reason:
                remedy = "Correct the sex of that member, or exchange father_id and mother_id."
            elif "ancestor" in fault.reason:
                remedy = "Follow father_id and mother_id upwards and correct the row that closes the circle."
            line = self.member_lines.get(fault.member_id)
            self.fault("pedigrees", line, fault.column, fault.value, f"{fault.reason}.", remedy)

    def _half_sibs(self, members: list[Member]) -> None:
        for named, empty in (("mother_id", "father_id"), ("father_id", "mother_id")):
            children: dict[str, list[str]] = defaultdict(list)
            for member in members:
                if getattr(member, named) and not getattr(member, empty):
                    children[getattr(member, named)].append(member.member_id)
            for parent, born in children.items():
                if len(born) > 1:
                    self.note(
                        "pedigrees",
                        self.member_lines[born[1]],
                        empty,
                        "",
                        f"is empty for {_some(born)}, children of {parent}: they are taken for half-sibs.",
                        "If they are full sibs, give them one named parent.",
                    )

    def _persons_of_families(self) -> None:
        first: dict[str, int] = {}
        roster = {person.person_id: person for _, person in self.draft.of("missing")}
        for line, member in self.draft.of("pedigrees"):
            if not member.person_id:
                continue
            if not self.draft.knows("missing", member.person_id):
                self.fault(
                    "pedigrees",
                    line,
                    "person_id",
                    member.person_id,
                    "is not in missing.",
                    "Add the missing person, or correct the identifier.",
                )
            if member.person_id in first:
                self.fault(
                    "pedigrees",
                    line,
                    "person_id",
                    member.person_id,
                    f"stands already in line {first[member.person_id]:,}.",
                    "Someone in two families means that the families are one: join them.",
                )
            first.setdefault(member.person_id, line)
            person = roster.get(member.person_id)
            if person and person.sex.contradicts(member.sex):
                self.fault(
                    "pedigrees",
                    line,
                    "sex",
                    member.sex,
                    f"contradicts {person.sex} of missing person {member.person_id}.",
                    "Correct one of them, or write U.",
                )

    # --- samples and profiles ---

    def samples(self) -> None:
        if self.settings.dropout == 1:
            self.fault("programme", None, "genetics.dropout", "1", *_NOTHING_SEEN)
        for line, sample in self.draft.of("samples"):
            self._below_one("samples", line, sample, "dropout")
            self._sample_subject(line, sample)
            profile = self.draft.profiles.get(sample.sample_id)
            if profile is None and not self._typed_otherwise(sample.sample_id):
                self.note("samples", line, "sample_id", sample.sample_id, "has no profile.")
            elif profile and profile.subject_id != sample.subject_id:
                self.fault(
                    "profiles",
                    profile.line,
                    "subject_id",
                    profile.subject_id,
                    f"is not the subject {sample.subject_id} that samples states for sample {sample.sample_id}.",
                    "Correct one of them.",
                )

    def _typed_otherwise(self, sample_id: str) -> bool:
        """Whether a sample without calls has a haplotype or SNPs, or may have something that was not read."""
        if self.draft.cut_short & {"profiles", "lineage", "snps"}:
            return True
        return sample_id in self.with_haplotype or sample_id in self.draft.snps

    def _sample_subject(self, line: int, sample: Sample) -> None:
        subject, kind = sample.subject_id, sample.kind
        if kind is SampleKind.REMAINS and not self.draft.knows("remains", subject):
            self.fault("samples", line, "subject_id", subject, "is not in remains.", "Add the remains, or correct it.")
        if kind not in (SampleKind.REFERENCE, SampleKind.DIRECT):
            return
        if not self.draft.knows("pedigrees", subject):
            self.fault(
                "samples",
                line,
                "subject_id",
                subject,
                f"is no member of a family, as a {kind} sample needs.",
                "Add the member to pedigrees, or correct it.",
            )
        member = self.members.get(subject)
        if kind is SampleKind.DIRECT and member and not member.person_id:
            self.fault(
                "samples",
                line,
                "kind",
                kind,
                f"is of a missing person; {subject} is not one.",
                "Write reference, or state the member's person_id in pedigrees.",
            )
        if kind is SampleKind.REFERENCE and member and member.person_id:
            self.note(
                "samples", line, "kind", kind, f"is of {subject}, who is missing; it is taken as a direct reference."
            )

    def profiles(self) -> None:
        for profile in self.draft.profiles.values():
            if "samples" in self.draft.present and not self.draft.knows("samples", profile.sample_id):
                self.note("profiles", profile.line, "sample_id", profile.sample_id, "is not in samples.")
            self._one_spelling(profile)
        self._lone_alleles()
        for subject, profiles in self.subjects.items():
            if len(profiles) > 1:
                self._equal_samples(subject, profiles)
        self._equal_same_as()

    def _lone_alleles(self) -> None:
        """A lone allele beside a modelled drop-out says more when it is written twice."""
        alone = [
            (profile, marker)
            for profile in self.draft.profiles.values()
            if self._errors(profile).dropout
            for marker, call in profile.calls.items()
            if NOT_OBSERVED in call and self.names(marker) != AMELOGENIN
        ]
        if alone:
            profile, marker = alone[0]
            self.note(
                "profiles",
                profile.line_of(marker),
                "allele_2",
                NOT_OBSERVED,
                f"stands in {len(alone):,} calls of samples that state a dropout: it leaves open whether another "
                "allele was seen.",
                "Where only one allele was seen, write it twice; its partner's loss is then weighed.",
            )

    def _one_spelling(self, profile: ProfileReading) -> None:
        spelt: dict[str, str] = {}
        for marker, call in profile.calls.items():
            name = self.names(marker)
            if spelt.setdefault(name, marker) != marker:
                self.fault(
                    "profiles",
                    profile.line_of(marker),
                    "marker",
                    marker,
                    f"and {spelt[name]} are one marker, {name}, in sample {profile.sample_id}.",
                    "Keep one of the rows.",
                )
            if name == AMELOGENIN and not set(call) <= {"X", "Y", NOT_OBSERVED}:
                self.fault(
                    "profiles",
                    profile.line_of(marker),
                    "allele_1",
                    ", ".join(call),
                    "are not alleles of amelogenin.",
                    f"Write X and Y, or {NOT_OBSERVED}.",
                )

    def _equal_samples(self, subject: str, profiles: list[ProfileReading], why: str = "are both of {}") -> None:
        """Some genotype must explain every reading of it, by the errors of the samples if they may be wrong."""
        read: dict[str, list[_Read]] = {}
        for profile in profiles:
            errors = self._errors(profile)
            for marker, call in profile.calls.items():
                name = self.names(marker)
                # of one subject's amelogenin, samples that may be wrong leave the sex open
                exact = name == AMELOGENIN and len({other.subject_id for other in profiles}) > 1
                seen = observed(call, EXACT if exact else errors)
                before = read.setdefault(name, [])
                clash = next((one for one in before if not self._agree(name, one.seen, seen)), None)
                so_far = before[-1].together if before else UNTYPED
                joint = together(so_far, seen) if self._agree(name, so_far, seen) else None
                if joint is not None:
                    before.append(_Read(profile, marker, seen, joint))
                elif before[-1].profile is not profile:
                    self._unequal(subject, why, clash or before[-1], _Read(profile, marker, seen, seen))

    def _agree(self, marker: str, one: Observation, other: Observation) -> bool:
        if marker == AMELOGENIN and not (isinstance(one, tuple) and isinstance(other, tuple)):
            return True
        return agree(one, other, silent=self.names.has_silent(marker))

    def _errors(self, profile: ProfileReading) -> ErrorModel:
        try:
            return errors_of(self.settings, self.samples_by_id.get(profile.sample_id))
        except Nonsense:  # told by samples()
            return EXACT

    def _unequal(self, subject: str, why: str, first: _Read, second: _Read) -> None:
        one, other = (read.profile.calls[read.marker] for read in (first, second))
        modelled = any(not self._errors(read.profile).exact for read in (first, second))
        self.fault(
            "profiles",
            second.profile.line_of(second.marker),
            second.marker,
            f"{other[0]}, {other[1]}",
            f"in sample {second.profile.sample_id} is not {one[0]}, {one[1]} in sample "
            f"{first.profile.sample_id} (line {first.profile.line_of(first.marker):,}); the samples "
            f"{why.format(subject)}, and {'their error models do' if modelled else 'no error model is stated to'} "
            f"{'not ' if modelled else ''}explain it.",
            "Find out which is right and remove the other, write ? for what is uncertain, or state in samples how "
            "a sample may be wrong (dropout, dropin, typing_error).",
        )

    def _equal_same_as(self) -> None:
        for line, remains in self.draft.of("remains"):
            for other in filter(None, remains.same_as.split(";")):
                profiles = [*self.subjects.get(other, ()), *self.subjects.get(remains.remains_id, ())]
                if len({profile.subject_id for profile in profiles}) > 1 and line:
                    self._equal_samples(f"{other} and {remains.remains_id}", profiles, "are of one individual ({})")

    def sexes(self) -> None:
        remains = {r.remains_id: r for _, r in self.draft.of("remains")}
        roster = {person.person_id: person for _, person in self.draft.of("missing")}
        for subject, profiles in self.subjects.items():
            genetic = [(profile, marker, sex) for profile in profiles for marker, sex in self._genetic_sex(profile)]
            stated: list[tuple[str, Sex]] = []
            if subject in remains:
                stated.append((f"remains {subject}", remains[subject].sex))
            elif subject in self.members:
                member = self.members[subject]
                stated.append((f"member {subject}", member.sex))
                if member.sex is Sex.UNKNOWN and member.person_id in roster:
                    stated.append((f"missing person {member.person_id}", roster[member.person_id].sex))
            for profile, marker, sex in genetic:
                for who, sex_stated in stated:
                    if sex.contradicts(sex_stated):
                        self.fault(
                            "profiles",
                            profile.line_of(marker),
                            marker,
                            ", ".join(profile.calls[marker]),
                            f"is {sex}, and {who} is stated to be {sex_stated}.",
                            "Find out which is right; write U for a sex that is not known, or ? for an allele "
                            "that is uncertain.",
                        )

    def x_markers(self) -> None:
        """What a marker of the X chromosome needs: the sex of whoever is typed, and one allele of a man."""
        sexes = self._sexes()
        for subject, profiles in self.subjects.items():
            for profile in profiles:
                for marker, call in profile.calls.items():
                    if not self.names.x_linked(self.names(marker)):
                        continue
                    two = len({*call} - {NOT_OBSERVED}) == 2
                    if subject in self.members and sexes[subject] is Sex.UNKNOWN:
                        self.fault(
                            "pedigrees",
                            self.member_lines.get(subject),
                            "sex",
                            Sex.UNKNOWN,
                            f"of {subject} is not stated, and marker {marker} of the X chromosome needs it.",
                            "State the sex, or leave the marker out of the profile.",
                        )
                        break
                    if two and sexes.get(subject) is Sex.MALE:
                        self.fault(
                            "profiles",
                            profile.line_of(marker),
                            marker,
                            ", ".join(call),
                            f"are two alleles of the X chromosome, and {subject} is a man.",
                            "Correct the call or the sex; write U for a sex that is not known.",
                        )

    def _sexes(self) -> dict[str, Sex]:
        """The sex of members and remains: by amelogenin, as stated, as a parent, or as a missing person's."""
        roster = {person.person_id: person.sex for _, person in self.draft.of("missing")}
        found = {remains.remains_id: remains.sex for _, remains in self.draft.of("remains")}
        for member in self.members.values():
            known = member.sex if member.sex is not Sex.UNKNOWN else roster.get(member.person_id, Sex.UNKNOWN)
            found[member.member_id] = known
        for member in self.members.values():
            found |= {member.father_id: Sex.MALE} if member.father_id else {}
            found |= {member.mother_id: Sex.FEMALE} if member.mother_id else {}
        for subject, profiles in self.subjects.items():
            for profile in profiles:
                for _, sex in self._genetic_sex(profile):
                    if sex is not Sex.UNKNOWN and found.get(subject, Sex.UNKNOWN) is Sex.UNKNOWN:
                        found[subject] = sex
        return found

    def _genetic_sex(self, profile: ProfileReading) -> Iterator[tuple[str, Sex]]:
        for marker, call in profile.calls.items():
            if self.names(marker) == AMELOGENIN:
                yield marker, genetic_sex(call)

    # --- frequencies, populations, mutation ---

    def frequencies(self) -> None:
        for population, tables in self.draft.frequencies.items():
            spelt: dict[str, str] = {}
            for marker, table in tables.items():
                line = self.draft.frequency_lines[population, marker]
                other = spelt.setdefault(self.names(marker), marker)
                if other != marker:
                    self.fault(
                        "frequencies",
                        line,
                        "marker",
                        marker,
                        f"and {other} are one marker in population {population}.",
                        "Keep one of the tables.",
                    )
                whole = sum(table.values())
                of = f"is the sum of the frequencies of {marker} in population {population}"
                if whole > 1 + TOLERANCE:
                    self.fault(
                        "frequencies",
                        line,
                        "frequency",
                        f"{whole:.6g}",
                        f"{of}, more than 1.",
                        "Correct the table; frequencies are never rescaled.",
                    )
                elif whole < 1 - TOLERANCE:
                    self.note(
                        "frequencies",
                        line,
                        "frequency",
                        f"{whole:.6g}",
                        f"{of}; an allele `{REST}` takes the remainder, {1 - whole:.6g}.",
                    )
        if self.draft.profiles and "frequencies" not in self.draft.present:
            self.note("profiles", None, "", "", "cannot be compared: there are no frequencies.", "Add frequencies.")

    def populations(self) -> None:
        if "frequencies" not in self.draft.present or "frequencies" in self.draft.cut_short:
            self._one_population(self._stated_populations())
            return
        known = {population for population, _ in self.draft.frequency_lines}
        file = "Add its frequencies, or correct the name."
        for table in ("missing", "pedigrees", "remains"):
            for line, record in self.draft.of(table):
                if record.population and record.population not in known:
                    self.fault(table, line, "population", record.population, "has no frequencies.", file)
        settings = self.settings
        named = {"genetics.population": settings.population}
        named |= {f"populations.{name}": name for name in settings.populations}
        named |= {f"outsiders.{group}.population": name for group, name in settings.outsider_population.items()}
        for key, name in named.items():
            if name and name not in known:
                self.fault("programme", None, key, name, "has no frequencies.", file)
        families = self._stated_populations()
        self._one_population(families)
        without = [family for family, stated in families.items() if not stated]
        if self.draft.profiles and self.draft.settings and not settings.population and without:
            self.fault(
                "programme",
                None,
                "genetics.population",
                "",
                f"is not stated, and nobody in {len(without):,} families ({_some(without)}) has a population.",
                "State the population of whoever has none.",
            )

    def _stated_populations(self) -> dict[str, dict[str, int]]:
        """family_id -> population -> first line that states it; a missing member brings his own."""
        roster = {person.person_id: person.population for _, person in self.draft.of("missing")}
        families: dict[str, dict[str, int]] = {}
        for line, member in self.draft.of("pedigrees"):
            stated = families.setdefault(member.family_id, {})
            for population in (member.population, roster.get(member.person_id, "")):
                if population:
                    stated.setdefault(population, line)
        return families

    def _one_population(self, families: Mapping[str, Mapping[str, int]]) -> None:
        for family, stated in families.items():
            if len(stated) > 1:
                second = list(stated)[1]
                self.fault(
                    "pedigrees",
                    stated[second],
                    "population",
                    second,
                    f"is a second population in family "
                    f"{family}, beside {next(iter(stated))}; likelihood ratios need one.",
                    "State one population for the whole family, its missing persons included.",
                )

    def mutation(self) -> None:
        typed = {self.names(marker) for profile in self.draft.profiles.values() for marker in profile.calls}
        tabled = {self.names(marker) for _, marker in self.draft.frequency_lines}
        models: dict[str, str] = {}
        for line, model in self.draft.of("mutation"):
            name = self.names(model.marker)
            if models.setdefault(name, model.marker) != model.marker:
                self.fault("mutation", line, "marker", model.marker, f"and {models[name]} are one marker.", "Keep one.")
            if name not in typed | tabled:
                self.note("mutation", line, "marker", model.marker, "is in no profile and no frequency table.")
            if model.model is MutationKind.CUSTOM:
                self._custom(line, model)
        customs = {model.marker for _, model in self.draft.of("mutation") if model.model is MutationKind.CUSTOM}
        for (marker, sex), line in self.draft.matrix_lines.items():
            if marker not in customs and marker not in self.draft.records["mutation"].rejected_keys:
                self.fault(
                    "mutation_matrices",
                    line,
                    "marker",
                    marker,
                    f"has a matrix (sex {sex}), and its model in mutation is not custom.",
                    "Write custom there, or delete the matrix.",
                )

    def _custom(self, line: int, model: MutationModel) -> None:
        matrices = self.draft.matrices.get(model.marker, {})
        tables = [
            set(table) - {REST}
            for by_marker in self.draft.frequencies.values()
            for marker, table in by_marker.items()
            if self.names(marker) == self.names(model.marker)
        ]
        for sex in ("F", "M"):
            if sex not in matrices:
                self.fault(
                    "mutation",
                    line,
                    "model",
                    "custom",
                    f"has no matrix for sex {sex} in mutation_matrices.",
                    f"Add the rows of marker {model.marker}, sex {sex}.",
                )
                continue
            self._matrix(self.draft.matrix_lines[model.marker, sex], model.marker, matrices[sex], tables)

    def _matrix(self, line: int, marker: str, matrix: Matrix, tables: list[set[str]]) -> None:
        sums: Counter[str] = Counter()
        for (parent, _), probability in matrix.items():
            sums[parent] += probability  # type: ignore[assignment]
        for parent, whole in sums.items():
            if abs(whole - 1) > _ROW_SUM:
                self.fault(
                    "mutation_matrices",
                    line,
                    "probability",
                    f"{whole:.6g}",
                    f"is the sum of the row from {parent} of marker {marker}, and not 1.",
                    "Correct the row.",
                )
        unknown = sorted({child for _, child in matrix} - sums.keys() | set().union(*tables) - sums.keys())
        if unknown:
            self.fault(
                "mutation_matrices",
                line,
                "from",
                _some(unknown),
                f"have no row in the matrix of {marker}.",
                "A matrix has a row for each allele of the frequency table and each it leads to.",
            )

    # --- remains and decisions ---

    def remains(self) -> None:
        for line, remains in self.draft.of("remains"):
            if remains.remains_id in self.member_lines:
                self.fault(
                    "remains",
                    line,
                    "remains_id",
                    remains.remains_id,
                    f"is also a member_id (pedigrees, line {self.member_lines[remains.remains_id]:,}).",
                    "Identifiers of members and remains are unique across the folder.",
                )
            claimed = remains.claimed_person
            if claimed and not self.draft.knows("missing", claimed):
                self.note("remains", line, "claimed_person", claimed, "is not in missing.")
            for other in filter(None, remains.same_as.split(";")):
                if other == remains.remains_id or not self.draft.knows("remains", other):
                    reason = "is the row itself." if other == remains.remains_id else "is not in remains."
                    self.fault("remains", line, "same_as", other, reason, "Name the other row of the same individual.")

    def decisions(self) -> None:
        roster = {person.person_id: person for _, person in self.draft.of("missing")}
        groups = {*self.settings.outsiders, *self.settings.outsider_population}
        for line, decision in self.draft.of("decisions"):
            if not self.draft.knows("remains", decision.remains_id):
                self.fault(
                    "decisions",
                    line,
                    "remains_id",
                    decision.remains_id,
                    "is not in remains.",
                    "Add the remains, or correct the identifier.",
                )
            about = decision.about
            if about.startswith(OUTSIDER):
                if self.draft.settings and about.removeprefix(OUTSIDER) not in groups:
                    self.fault(
                        "decisions",
                        line,
                        "about",
                        about,
                        "names a group that programme.toml does not.",
                        "Give the group a weight in [prior.outsiders].",
                    )
            elif not self.draft.knows("missing", about):
                self.fault(
                    "decisions", line, "about", about, "is not in missing.", f"Write a person_id, or {OUTSIDER}GROUP."
                )
            elif decision.outcome is Outcome.IDENTIFIED and about in roster:
                status = roster[about].status
                if status in (Status.FOUND_ALIVE, Status.REMOVED):
                    self.fault(
                        "decisions",
                        line,
                        "about",
                        about,
                        f"is {status} in missing, and identified here.",
                        "Correct the status, or rescind the decision.",
                    )
        self._identified_once()

    def _identified_once(self) -> None:
        """No remains are two persons; no person is two individuals."""
        group = _individuals(remains for _, remains in self.draft.of("remains"))
        identified: list[tuple[int, Decision]] = [
            (line, d) for line, d in self.draft.of("decisions") if d.outcome is Outcome.IDENTIFIED
        ]
        who: dict[str, tuple[int, str]] = {}
        whose: dict[str, tuple[int, str]] = {}
        for line, decision in identified:
            individual = group.get(decision.remains_id, decision.remains_id)
            first = who.setdefault(individual, (line, decision.about))
            if first[1] != decision.about:
                self.fault(
                    "decisions",
                    line,
                    "about",
                    decision.about,
                    f"and {first[1]} (line {first[0]:,}) are both identified as {decision.remains_id}.",
                    "Rescind one of the decisions.",
                )
            if decision.about.startswith(OUTSIDER) or not self.settings.one_to_one:
                continue
            other = whose.setdefault(decision.about, (line, individual))
            if other[1] != individual:
                self.fault(
                    "decisions",
                    line,
                    "remains_id",
                    decision.remains_id,
                    f"and {other[1]} (line {other[0]:,}) "
                    f"are both identified as {decision.about}, and each person is one individual.",
                    "If they are one individual, say so in same_as of remains.",
                )


def genetic_sex(call: Call) -> Sex:
    """Sex from amelogenin: Y is male, X, X female, and anything with an unobserved allele but no Y unknown.

    >>> genetic_sex(("X", "Y")).value, genetic_sex(("X", "X")).value, genetic_sex(("X", "?")).value
    ('M', 'F', 'U')
    """
    if "Y" in call:
        return Sex.MALE
    return Sex.FEMALE if call == ("X", "X") else Sex.UNKNOWN


def _individuals(remains: Iterable[Remains]) -> dict[str, str]:
    """remains_id -> the first remains_id of the individual, joined by same_as."""
    first: dict[str, str] = {}

    def find(name: str) -> str:
        while first.setdefault(name, name) != name:
            name = first[name]
        return name

    for row in remains:
        for other in filter(None, row.same_as.split(";")):
            first[find(row.remains_id)] = find(other)
    return {name: find(name) for name in list(first)}


def _some(names: list[str]) -> str:
    return ", ".join(names[:_SHORT]) + ("" if len(names) <= _SHORT else f" and {len(names) - _SHORT:,} more")
