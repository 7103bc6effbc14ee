"""A programme as a Familias file (.fam), with the DVI module where it has remains or missing persons.

The DVI module knows one missing person a family: a family with several is written once for each. Lines end as
on Windows, where Familias runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from homeward.errors import Nonsense
from homeward.formats.cells import number_text
from homeward.formats.laboratory.exports import Export, Telling, Wanted, calls_by_subject, chosen_population, whole
from homeward.formats.laboratory.familias import MISSING_PERSON, REFERENCE_PEDIGREE
from homeward.formats.laboratory.familias_loci import (
    BY_RANGE,
    BY_RANGE_STABLE,
    EQUAL,
    EXTENDED,
    PROPORTIONAL,
    REST_ALLELE,
    whole_numbers,
)
from homeward.genetics.locus import UNNAMED, Locus, MarkerNames, prepare_loci
from homeward.programme import (
    NOTHING,
    REST,
    SILENT,
    Call,
    Member,
    MutationKind,
    MutationModel,
    Pedigree,
    Programme,
    SampleKind,
    Sex,
    Transform,
)
from homeward.tables import AMELOGENIN

VERSION = "3.3"  # whose lines are written
_NO_RANGE = 0.1  # stands where a model has no range; Familias shows and does not use it


def write_fam(programme: Programme, wanted: Wanted) -> Export:
    """Raises Rejected for what would be computed otherwise from the file."""
    return _Writing(programme, wanted).export()


class _Writing:
    def __init__(self, programme: Programme, wanted: Wanted) -> None:
        self.programme, self.telling = programme, Telling()
        self.names = MarkerNames(programme.markers)
        self.population = chosen_population(programme, wanted, self.telling)
        self.dvi = bool(programme.remains or programme.missing)
        kinds = (SampleKind.REFERENCE, SampleKind.DIRECT, SampleKind.REMAINS)
        self.calls = calls_by_subject(programme, self.names, self.telling, kinds)
        self.telling.stop_if_refused()
        self.loci = self._loci()
        self.tables = {marker: self._table(locus) for marker, locus in self.loci.items()}

    def export(self) -> Export:
        self._refuse_names()
        self._note_what_is_left_out()
        lines = list(self._lines())
        self.telling.stop_if_refused()
        return Export(data="".join(f"{line}\r\n" for line in lines).encode(), notes=tuple(self.telling.notes))

    def _lines(self) -> Iterator[str]:
        members = [] if self.dvi else [one for pedigree in self.programme.pedigrees for one in pedigree.members]
        yield from (_quoted(f"Output from Familias, version {VERSION}"), _quoted("DO NOT EDIT!"))
        yield from (f"{VERSION} (DVI)" if self.dvi else VERSION, _quoted(""), str(len(members)))
        dropout = self._dropout(members)
        for member in members:
            yield from self._person(member, dropout)
        yield from self._tree(members)
        yield from self._database(max(dropout.values(), default=0.0))
        if self.dvi:
            yield from self._dvi_sections()

    # --- markers ---

    def _loci(self) -> dict[str, Locus]:
        """Markers with frequencies, and the alleles and frequencies by which Homeward would compute."""
        if not self.population:
            return {}
        try:
            prepared = prepare_loci(self.programme)[self.population]
        except Nonsense as refusal:
            self.telling.refuse("frequencies", self.population, f"{refusal}.", "Correct it.")
            return {}
        return {locus.marker: locus for locus in prepared if self.names.autosomal(locus.marker)}

    def _table(self, locus: Locus) -> dict[str, float]:
        """Alleles and frequencies to write, without what is silent or has no name."""
        own = self._own_table(locus.marker)
        if set(own) == set(locus.alleles) - {UNNAMED, SILENT}:
            return dict(own)  # as given, digit for digit
        if locus.added:
            added = ", ".join(allele for allele, _ in locus.added)
            self.telling.note("frequencies", f"{locus.marker}: {added}", "were given the frequencies Homeward gives.")
        silent = self._silent(locus.marker) if SILENT in locus.alleles else 0.0
        return {
            allele: float(frequency) / (1 - silent)
            for allele, frequency in zip(locus.alleles, locus.frequencies, strict=True)
            if allele not in (UNNAMED, SILENT)
        }

    def _own_table(self, marker: str) -> Mapping[str, float]:
        tables = self.programme.frequencies[self.population]
        return next((table for name, table in tables.items() if self.names(name) == marker), NOTHING)

    def _silent(self, marker: str) -> float:
        detail = self.names.details.get(marker)
        return (detail.silent_frequency or 0.0) if detail else 0.0

    def _database(self, dropout: float) -> Iterator[str]:
        theta = number_text(self.programme.settings.theta)
        yield f"#FALSE# (#Databases: 1 ;Theta/Kinship/Fst: {theta} )"
        yield str(len(self.loci))
        yield "#TRUE#"
        yield _quoted(self.population or "unknown")
        models = {self.names(model.marker): model for model in self.programme.mutation}
        for marker in self.loci:
            yield from self._marker(marker, models.get(marker), dropout)

    def _marker(self, marker: str, model: MutationModel | None, dropout: float) -> Iterator[str]:
        table, silent, detail = self.tables[marker], self._silent(marker), self.names.details.get(marker)
        code, range_, rate2 = self._code(marker, model, list(table))
        rates = (model.rate_female or 0.0, model.rate_male or 0.0) if model else (0.0, 0.0)
        size = 2 * (detail.sample_size or 0) if detail else 0
        least = (detail.min_frequency or 0.0) if detail else 0.0
        yield _quoted(marker)
        yield from map(number_text, rates)
        yield from (str(code), str(code), str(len(table) + (silent > 0)))
        yield from map(number_text, (range_, range_, rate2, rate2))
        yield from ("#TRUE#" if silent else "#FALSE#", number_text(silent))
        yield (
            f"{len(table)}\t(DatabaseSize = {size} , Dropout probability = {number_text(dropout)} , "
            f"Minor allele frequency = {number_text(least)} )"
        )
        for allele, frequency in table.items():
            yield _quoted(REST_ALLELE if allele == REST else allele)
            yield number_text(frequency * (1 - silent))

    def _code(self, marker: str, model: MutationModel | None, alleles: Sequence[str]) -> tuple[int, float, float]:
        """Familias' code of a model, its range and its second rate; refused where it has none."""
        if model is None or model.model is MutationKind.NONE:
            return EQUAL, _NO_RANGE, 0.0
        kind, plain = model.model, model.transform is Transform.NONE
        if kind is MutationKind.EQUAL and plain:
            return EQUAL, _NO_RANGE, 0.0
        if kind is MutationKind.PROPORTIONAL and plain:
            return PROPORTIONAL, _NO_RANGE, 0.0
        integers = whole_numbers(list(alleles))
        range_ = model.range or _NO_RANGE
        if kind is MutationKind.STEPWISE and plain:
            if integers and model.rate2 is None:
                return BY_RANGE, range_, 0.0
            return EXTENDED, range_, model.rate2 or 0.0
        stable = kind is MutationKind.DAWID or (kind is MutationKind.STEPWISE and model.transform is Transform.PM)
        if stable and integers and not model.rate2:
            return BY_RANGE_STABLE, range_, 0.0
        what = f"{kind}" + ("" if plain else f" with transform {model.transform}")
        remedy = "Familias has equal, proportional, stepwise and, for whole repeats, stepwise with PM (or dawid)."
        self.telling.refuse("mutation", marker, f"{what} is no mutation model of Familias for these alleles.", remedy)
        return EQUAL, _NO_RANGE, 0.0

    # --- the first part: people and one pedigree ---

    def _person(self, member: Member, dropout: Mapping[str, float]) -> Iterator[str]:
        yield _quoted(member.member_id)
        yield from ("#FALSE#", "-1 (Consider dropouts)" if dropout.get(member.member_id) else "-1", "#FALSE#")
        yield "#FALSE#" if member.sex is Sex.FEMALE or member.member_id in self._mothers() else "#TRUE#"
        places = {marker: place for place, marker in enumerate(self.loci)}
        calls = self._writable_calls(member.member_id)
        yield str(len(calls))
        for marker, call in calls.items():
            alleles = list(self.tables[marker])
            yield from (*(str(alleles.index(allele)) for allele in call), str(places[marker]))

    def _mothers(self) -> set[str]:
        return {one.mother_id for pedigree in self.programme.pedigrees for one in pedigree.members}

    def _writable_calls(self, subject: str) -> dict[str, Call]:
        calls = whole(self.calls.get(subject, {}))
        return {marker: call for marker, call in calls.items() if marker in self.loci}

    def _dropout(self, members: Sequence[Member]) -> dict[str, float]:
        """Drop-out by member, of whom Familias needs one value for all."""
        settings = self.programme.settings.dropout
        of_sample = {s.subject_id: settings if s.dropout is None else s.dropout for s in self.programme.samples}
        stated = {one.member_id: of_sample.get(one.member_id, 0.0) for one in members}
        stated = {member: value for member, value in stated.items() if value and self._writable_calls(member)}
        if len(set(stated.values())) > 1:
            told = f"differs between samples ({min(stated.values()):g} to {max(stated.values()):g})."
            self.telling.refuse("samples", "dropout", told, "Familias has one drop-out; state one.")
        return stated

    def _tree(self, members: Sequence[Member]) -> Iterator[str]:
        """One pedigree in which every family stands."""
        place = {member.member_id: str(index) for index, member in enumerate(members)}
        yield from (_quoted("Known relations"), "0", "0", "0")
        if not members:
            yield "0"
            return
        pedigrees = self.programme.pedigrees
        name = pedigrees[0].family_id if len(pedigrees) == 1 else self.programme.settings.name
        yield from ("1", "0", _quoted(name), "0", "0")
        relations = [relation for pedigree in pedigrees for relation in _relations(pedigree)]
        yield str(len(relations))
        for parent, child, identical in relations:
            yield place[parent] + (" (Direct)" if identical else "")
            yield place[child]

    # --- the DVI module ---

    def _dvi_sections(self) -> Iterator[str]:
        remains, families = self.programme.remains, self._families()
        yield from ("", "[DVI]", "[[Unidentified persons]]", f"nPersons= {len(remains)}")
        for number, one in enumerate(remains, 1):
            yield from self._dvi_person(f"Person {number} ", 3, one.remains_id, one.sex, one.remains_id)
        yield from ("[[Notes]]", f"nFamilies= {len(families)}", *([""] * len(families)))
        yield from ("[[Reference Families]]", f"nFamilies= {len(families)}")
        for number, (name, pedigree, missing) in enumerate(families, 1):
            yield from self._family(number, name, pedigree, missing)

    def _families(self) -> list[tuple[str, Pedigree, str]]:
        """Families with the member in whose place remains are put; once for each of several."""
        found = []
        for pedigree in self.programme.pedigrees:
            missing = [member.member_id for member in pedigree.missing]
            for one in missing or [""]:
                name = pedigree.family_id if len(missing) < 2 else f"{pedigree.family_id} ({one})"
                found.append((name, pedigree, one))
            if len(missing) > 1:
                told = f"has {len(missing)} missing persons and is written once for each."
                self.telling.note("pedigrees", pedigree.family_id, told)
        return found

    def _family(self, number: int, name: str, pedigree: Pedigree, missing: str) -> Iterator[str]:
        people = [member for member in pedigree.members if member.member_id != missing]
        yield from (f"[[[Family {number} ]]]", f"Name= {name}", "[[[[Persons]]]]", f"nPersons= {len(people)}")
        for place, member in enumerate(people, 1):
            yield from self._dvi_person(f"Person {place}", 5, member.member_id, member.sex, member.member_id)
        relations = [
            (MISSING_PERSON if a == missing else a, MISSING_PERSON if b == missing else b, identical)
            for a, b, identical in _relations(pedigree)
        ]
        without = [relation for relation in relations if MISSING_PERSON not in relation]
        yield from ("[[[[Pedigrees]]]]", "nPedigrees= 2")
        for place, (title, told) in enumerate(((REFERENCE_PEDIGREE, without), (name, relations)), 1):
            yield from (f"[[[[[Pedigree {place}]]]]]", f"Name= {title}", f"nRelations= {len(told)}")
            for parent, child, identical in told:
                yield f"Parent= {parent}" + (" (Direct)" if identical else "")
                yield f"Child= {child}"

    def _dvi_person(self, title: str, depth: int, name: str, sex: Sex, subject: str) -> Iterator[str]:
        yield from (f"{'[' * depth}{title}{']' * depth}", f"Name= {name}")
        if sex is not Sex.UNKNOWN:
            yield "Gender= " + ("Male" if sex is Sex.MALE else "Female")
        calls = self._writable_calls(subject)
        yield from (f"{'[' * (depth + 1)}DNA data{']' * (depth + 1)}", f"nSystems= {len(calls)}")
        for marker, (first, second) in calls.items():
            yield from (f"SystemName= {marker}", f"Allele1= {first}", f"Allele2= {second}")

    # --- what is refused and what is left out ---

    def _refuse_names(self) -> None:
        programme = self.programme
        names = [one.member_id for pedigree in programme.pedigrees for one in pedigree.members]
        names += [pedigree.family_id for pedigree in programme.pedigrees]
        names += [one.remains_id for one in programme.remains] + list(self.loci) + [self.population]
        names += [allele for table in self.tables.values() for allele in table]
        for name in dict.fromkeys(names):
            if '"' in name or name.startswith("[") or "(direct" in name.casefold() or "\n" in name:
                remedy = "Familias has no such names; give it another one."
                self.telling.refuse("names", name, "holds signs by which a Familias file is divided.", remedy)

    def _note_what_is_left_out(self) -> None:
        programme, telling = self.programme, self.telling
        partial = [s for s, calls in self.calls.items() if len(whole(calls)) < len(calls)]
        telling.note_several("profiles", partial, "have calls with an allele that was not observed; left out.")
        markers = {marker for calls in self.calls.values() for marker in calls}
        unknown = sorted(markers - set(self.loci) - {AMELOGENIN})
        telling.note_several("profiles", unknown, "are markers without frequencies here; their calls were left out.")
        if AMELOGENIN in markers:
            telling.note("profiles", AMELOGENIN, "is left out: a Familias file states the sex.")
        members = [one for pedigree in programme.pedigrees for one in pedigree.members]
        self._note_members(members)
        staff = [s.sample_id for s in programme.samples if s.kind is SampleKind.ELIMINATION]
        telling.note_several("samples", staff, "are elimination samples; left out.")
        lost = {
            "haplotypes": programme.haplotypes,
            "SNP profiles": programme.snp_profiles,
            "incidents": programme.incidents,
            "decisions": programme.decisions,
            "haplotype counts": programme.haplotype_counts,
            "SNPs": programme.snp_panel,
        }
        telling.note_several("programme", [name for name, records in lost.items() if records], "have no place here.")
        if programme.missing or programme.remains:
            telling.note("programme", "", "Names, dates, places, claims and populations of people have no place here.")
        linked = [one.marker for one in programme.markers if one.linked_to]
        telling.note_several("markers", linked, "are linked; to Familias they are independent.")
        others = [one.marker for one in programme.markers if one.chromosome != "A"]
        telling.note_several("markers", others, "are on no autosome; left out.")
        self._note_errors()

    def _note_members(self, members: Sequence[Member]) -> None:
        telling = self.telling
        inbred = [one.member_id for one in members if one.inbreeding]
        telling.note_several("pedigrees", inbred, "are inbred founders, which Familias does not know.")
        if not self.dvi:
            unknown = [one.member_id for one in members if one.sex is Sex.UNKNOWN]
            telling.note_several("pedigrees", unknown, "have no sex stated; written as men, or women where mothers.")
            return
        typed = [one.member_id for one in members if one.person_id and self.calls.get(one.member_id)]
        telling.note_several("profiles", typed, "are profiles of the missing themselves; left out.")

    def _note_errors(self) -> None:
        settings, samples = self.programme.settings, self.programme.samples
        stated = [
            name
            for name in ("dropin", "typing_error", *(("dropout",) if self.dvi else ()))
            if getattr(settings, name) or any(getattr(sample, name) for sample in samples)
        ]
        self.telling.note_several("samples", stated, "are stated and not written: Familias uses them elsewhere.")


def _relations(pedigree: Pedigree) -> list[tuple[str, str, bool]]:
    """(parent, child, whether they are identical) of a family."""
    found = []
    for member in pedigree.members:
        found += [(parent, member.member_id, False) for parent in (member.father_id, member.mother_id) if parent]
        if member.twin_of:
            found.append((member.twin_of, member.member_id, True))
    return found


def _quoted(text: str) -> str:
    return f'"{text}"'
