"""Familias files (.fam): people, pedigrees, a database of markers, and the DVI module's remains and families.

A file of pedigrees gives the families of the one that is meant: several pedigrees of one file are hypotheses
about the same people, of which a programme holds one. A file of the DVI module gives remains, families with
their missing person, and the roster. Markers come with frequencies, silent alleles, mutation models and theta.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from homeward.errors import Nonsense
from homeward.formats.cells import BadCell, writable
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.laboratory.calls import one_allele
from homeward.formats.laboratory.familias_loci import FamLocus, allele_name, model_of, without_silent
from homeward.formats.laboratory.familias_text import (
    Broken,
    FamCase,
    FamPerson,
    FamTree,
    Lines,
    Section,
    read_case,
    read_sections,
    without_direct,
)
from homeward.formats.laboratory.imports import PLAIN, Format, Import, Options, Start, read_text
from homeward.programme import (
    NOT_OBSERVED,
    NOTHING,
    REST,
    Call,
    Marker,
    Member,
    MissingPerson,
    MutationModel,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
    pedigree_faults,
)
from homeward.tables import AMELOGENIN, canonical_marker

MISSING_PERSON = "Missing person"  # whom the DVI module puts the remains in the place of
REFERENCE_PEDIGREE = "Reference pedigree"  # the copy that the DVI module keeps of the hypothesis "unrelated"
_MISSING = re.compile(r"missing (person|male|female|man|woman)( ?\d+)?", re.IGNORECASE)
_SEXES = {"male": Sex.MALE, "female": Sex.FEMALE, "": Sex.UNKNOWN, "unknown": Sex.UNKNOWN}
_OWN_SETTINGS = ("prior", "advanced")
_DVI_SECTIONS = ("unidentified persons", "notes", "reference families")


def is_fam(start: Start) -> bool:
    """Whether a file begins as Familias writes it."""
    first = start.lines[:1]
    return bool(first and "familias" in first[0].casefold() and '"' in first[0]) or '"Known relations"' in start.lines


def read_fam(path: Path, options: Options = PLAIN) -> Import:
    """Read a Familias file of any version, with or without the DVI module."""
    findings = Findings()
    text = read_text(path, findings, options.encoding)
    lines = Lines(text.split("\n"))
    try:
        case = read_case(lines)
    except Broken as broken:
        told = f"{broken.reason}; nothing of the file was read."
        findings.fault(path.name, broken.line, "", broken.value, told, broken.remedy)
        return _import("", Programme(settings=Settings(name=path.stem)), findings)
    reading = _Reading(path, options, findings, case, read_sections(lines.lines, lines.at))
    try:
        programme = reading.programme()
    except GivenUp:
        findings.given_up(path.name)
        programme = Programme(settings=Settings(name=path.stem))
    return _import(case.version, programme, findings)


def _import(version: str, programme: Programme, findings: Findings) -> Import:
    return Import(
        format="familias", version=version, programme=programme, rejected=findings.rejected, notes=findings.notes
    )


@dataclass(slots=True)
class _Kin:
    """Someone of a family while it is put together; parents by key."""

    member_id: str
    line: int
    sex: Sex
    father: str = ""
    mother: str = ""
    twin_of: str = ""
    role: str = ""  # father or mother, told by the sex or deduced
    missing: bool = False
    dropout: bool = False
    calls: dict[str, Call] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.role = {Sex.MALE: "father", Sex.FEMALE: "mother"}.get(self.sex, "")


class _Reading:
    def __init__(self, path: Path, options: Options, findings: Findings, case: FamCase, rest: Section) -> None:
        self.file, self.options, self.findings, self.case, self.rest = path.name, options, findings, case, rest
        self.stem = path.stem
        self.population = options.population or case.database or "familias"
        self.dvi = rest.section("DVI")
        self.loci: list[tuple[str, FamLocus] | None] = []
        self.frequencies: dict[str, dict[str, float]] = {}
        self.markers: list[Marker] = []
        self.mutation: list[MutationModel] = []
        self.pedigrees: list[Pedigree] = []
        self.samples: list[Sample] = []
        self.profiles: list[Profile] = []
        self.missing: list[MissingPerson] = []
        self.remains: list[Remains] = []
        self.names: Counter[str] = Counter()
        self.ids: set[str] = set()
        self.families: set[str] = set()

    def programme(self) -> Programme:
        self._database()
        self._count_names()
        self._unidentified()
        self._main_families()
        self._reference_families()
        self._other_sections()
        self._settings_noted()
        return Programme(
            settings=Settings(
                name=self.stem,
                population=self.population if self.frequencies else "",
                theta=self.case.theta if self.case.theta <= 1 else 0.0,
                untyped_ancestors="prune",
            ),
            missing=tuple(self.missing),
            pedigrees=tuple(self.pedigrees),
            markers=tuple(self.markers),
            samples=tuple(self.samples),
            profiles=tuple(self.profiles),
            frequencies={self.population: self.frequencies} if self.frequencies else NOTHING,
            mutation=tuple(self.mutation),
            remains=tuple(self.remains),
        )

    def fault(
        self, line: int | None, column: str, value: str, reason: str, remedy: str = "Correct it in Familias."
    ) -> None:
        self.findings.fault(self.file, line, column, value, reason, remedy, reading=True)

    def note(self, line: int | None, column: str, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.file, line, column, value, reason, remedy)

    # --- the database ---

    def _database(self) -> None:
        if self.case.databases > 1:
            told = f"says that there are {self.case.databases} databases; the first was read."
            self.fault(None, "", "", told, "Save the case with the one that is meant.")
        for locus in self.case.loci:
            self.loci.append(self._locus(locus))

    def _locus(self, locus: FamLocus) -> tuple[str, FamLocus] | None:
        marker = canonical_marker(locus.name)
        if any(one and one[0] == marker for one in self.loci):
            self.fault(locus.line, "marker", locus.name, f"is {marker}, which stands already.", "Keep one of them.")
            return None
        table: dict[str, float] = {}
        for index, (line, text, frequency) in enumerate(locus.alleles):
            try:
                allele = allele_name(text, marker)
            except BadCell as bad:
                self.fault(line, marker, text, f"{bad.reason}.", bad.remedy)
                locus.alleles[index] = (line, "", frequency)
                continue
            locus.alleles[index] = (line, allele, frequency)
            if allele in table:
                self.fault(line, marker, text, "stands already among the alleles of this marker.")
            elif frequency <= 0:
                self.fault(line + 1, marker, text, "has the frequency 0.", "Give it a frequency, or take it out.")
            else:
                table[allele] = frequency
        if marker == AMELOGENIN:
            self.note(locus.line, marker, "", "tells the sex; its frequencies are not used.")
        elif table:
            self._frequencies(marker, locus, table)
        return marker, locus

    def _frequencies(self, marker: str, locus: FamLocus, table: dict[str, float]) -> None:
        table, told = without_silent(table, locus.silent)
        if told:
            self.note(locus.line, marker, "", told)
        if sum(table.values()) > 1.0001:
            self.fault(locus.line, marker, "", f"frequencies sum to {sum(table.values()):.6g}, above 1.")
            return
        self.frequencies[marker] = table
        self._marker(marker, locus)
        try:
            model, told = model_of(locus, marker, table)
        except Nonsense as refusal:
            remedy = "Choose a model that these alleles allow; without one the marker does not mutate."
            self.fault(locus.line, marker, "mutation", f"{refusal}.", remedy)
            return
        if told:
            self.note(locus.line, marker, "mutation", told)
        if model is not None:
            self.mutation.append(model)

    def _marker(self, marker: str, locus: FamLocus) -> None:
        """What a programme must be told of the marker besides its frequencies."""
        people = int(locus.database_size or 0) // 2
        if locus.database_size and locus.database_size != 2 * people:
            told = f"is not even; it counts alleles, two a person, and {people} people are kept."
            self.note(locus.line, marker, f"{locus.database_size:g}", told)
        if people or locus.silent or locus.least:
            self.markers.append(
                Marker(
                    marker=marker,
                    silent_frequency=locus.silent or None,
                    min_frequency=locus.least or None,
                    sample_size=people or None,
                )
            )

    # --- names ---

    def _count_names(self) -> None:
        """How often each name stands, for one that is not alone needs its family beside it."""
        everyone = [person.name for person in self.case.persons if self._counts(person)]
        for section in self._persons_of(self.dvi and self.dvi.section("Unidentified persons")):
            everyone.append(section.value("Name"))
        for family in self._reference_sections():
            everyone += {section.value("Name") for section in self._persons_of(family.section("Persons"))}
        self.names.update(everyone)

    def _counts(self, person: FamPerson) -> bool:
        """Whether someone of the first part is more than a name: in a file of the DVI module few are."""
        return not self.dvi or bool(person.genotypes) or any(tree.relations for tree in self._all_trees())

    def _all_trees(self) -> list[FamTree]:
        return [self.case.known, *self.case.trees]

    def _id(self, name: str, family: str, line: int) -> str:
        """An identifier that is alone: the name, or the family and the name."""
        plain = name and self.names[name] < 2 and not _MISSING.fullmatch(name)
        made = name if plain else f"{family}: {name or 'unnamed'}"
        try:
            writable(made, "name")
        except Nonsense:
            self.fault(line, "name", name, "cannot be the name of anybody.", "Rename the person in Familias.")
            made = f"{family}: line {line}"
        if made in self.ids:
            self.fault(line, "name", name, "is the name of someone else, too.", "Give each person a name of its own.")
            made = f"{made} (line {line})"
        self.ids.add(made)
        return made

    def _family_id(self, name: str, line: int) -> str:
        made, count = name, 2
        while made in self.families:
            made, count = f"{name} ({count})", count + 1
        if made != name:
            self.note(line, "family", name, f"is the name of another family, too; this one is called {made}.")
        self.families.add(made)
        return made

    # --- remains ---

    def _persons_of(self, section: Section | None) -> list[Section]:
        return [one for one in section.sections if one.title.casefold().startswith("person")] if section else []

    def _unidentified(self) -> None:
        section = self.dvi.section("Unidentified persons") if self.dvi else None
        people = self._persons_of(section)
        if section:
            self._stated(section, "nPersons", len(people))
        for person in people:
            name = person.value("Name")
            if self.names[name] > 1 and name in self.ids:
                self.fault(person.line, "Name", name, "is the name of other remains, too.", "Rename one of them.")
                continue
            remains_id = name or f"unnamed, line {person.line}"
            self.ids.add(remains_id)
            self.remains.append(Remains(remains_id=remains_id, sex=self._gender(person)))
            calls = self._dna(person, remains_id)
            self._sample(remains_id, SampleKind.REMAINS, calls, None)

    def _gender(self, person: Section) -> Sex:
        text = person.value("Gender").casefold()
        if text not in _SEXES:
            self.fault(
                person.line, "Gender", text, "is neither Male nor Female.", "Write Male or Female, or leave it out."
            )
        return _SEXES.get(text, Sex.UNKNOWN)

    def _stated(self, section: Section, name: str, found: int) -> None:
        text = section.value(name)
        if text and text != str(found):
            told = f"says {text}, and there are {found}: the file is cut short or was edited."
            self.fault(section.line, name, text, told, "Save it again in Familias.")

    def _dna(self, person: Section, who: str) -> dict[str, Call]:
        """The calls under "DNA data", which are alleles by name."""
        calls: dict[str, Call] = {}
        section = person.section("DNA data")
        if section is None:
            return calls
        starts = [index for index, one in enumerate(section.values) if one[1].casefold() == "systemname"]
        self._stated(section, "nSystems", len(starts))
        for start, end in pairwise([*starts, len(section.values)]):
            line, _, name = section.values[start]
            marker = canonical_marker(name)
            alleles = [
                value for _, key, value in section.values[start + 1 : end] if key.casefold().startswith("allele")
            ]
            self._named_call(calls, line, who, marker, alleles)
        return calls

    def _named_call(self, calls: dict[str, Call], line: int, who: str, marker: str, texts: Sequence[str]) -> None:
        if not any(text.strip("- ") for text in texts):
            return
        if len(texts) != 2 or marker in calls:
            reason = f"has {len(texts)} alleles" if len(texts) != 2 else "stands already for this person"
            self.fault(line, marker, ", ".join(texts), f"{marker} of {who} {reason}.")
            return
        try:
            first, second = (one_allele(text, marker) if text.strip("- ") else NOT_OBSERVED for text in texts)
        except BadCell as bad:
            self.fault(line, marker, ", ".join(texts), f"{marker} of {who}: {bad.reason}.", bad.remedy)
            return
        calls[marker] = (first, second)

    # --- families of the first part ---

    def _main_families(self) -> None:
        tree = self._chosen(self.case.trees, "")
        kin = [self._person(person) for person in self.case.persons]
        keys = [f"{index}" for index in range(len(kin))]
        everyone = dict(zip(keys, kin, strict=True))
        for one, label in ((self.case.known, "known"), (tree, tree.name if tree else "")):
            if one is not None:
                for sex, count in ((Sex.FEMALE, one.women), (Sex.MALE, one.men)):
                    for number in range(1, count + 1):
                        word = "woman" if sex is Sex.FEMALE else "man"
                        name = f"{label or self.stem}: further {word} {number}"
                        everyone[f"{len(everyone)}"] = _Kin(name, one.line, sex)
        for one in (self.case.known, tree):
            if one is not None:
                for line, parent, child, direct in one.relations:
                    self._relation(everyone, line, str(parent), str(child), direct)
        self._split(everyone, tree.name if tree and tree.name else self.stem)

    def _person(self, person: FamPerson) -> _Kin:
        sex = Sex.MALE if person.male else Sex.FEMALE
        who = self._id(person.name, self.stem, person.line) if self._counts(person) else person.name
        calls: dict[str, Call] = {}
        for line, first, second, place in person.genotypes:
            self._placed_call(calls, line, who, first, second, place)
        if person.born.split("(")[0].strip() not in ("-1", ""):
            self.note(person.line, "year of birth", person.born, f"of {who} has no place in a pedigree.")
        return _Kin(who, person.line, sex, dropout=person.dropout, calls=calls)

    def _placed_call(self, calls: dict[str, Call], line: int, who: str, first: int, second: int, place: int) -> None:
        """A genotype by places in the lists of markers and alleles, which count from 0."""
        if place >= len(self.loci):
            self.fault(line + 2, "marker", str(place), f"of {who} is the place of no marker.")
            return
        known = self.loci[place]
        if known is None:
            self.fault(line + 2, "marker", str(place), f"of {who} is a marker that was not read.")
            return
        marker, locus = known
        alleles = []
        for offset, index in enumerate((first, second)):
            name = locus.alleles[index][1] if 0 <= index < len(locus.alleles) else ""
            if index == -1:
                alleles.append(NOT_OBSERVED)
            elif name and name != REST:
                alleles.append(name)
            else:
                told = "is the remainder of the table" if name else "is the place of no allele that was read"
                self.fault(line + offset, marker, str(index), f"of {who} {told}.", "Name the allele in the database.")
                return
        if marker in calls:
            self.fault(line, marker, "", f"{marker} of {who} stands already.")
        elif alleles != [NOT_OBSERVED, NOT_OBSERVED]:
            calls[marker] = (alleles[0], alleles[1])

    def _chosen(self, trees: Sequence[FamTree], family: str) -> FamTree | None:
        """The pedigree that is meant; each other hypothesis is a fault where none was chosen."""
        wanted = self.options.pedigree
        if not trees:
            return None
        named = [tree for tree in trees if tree.name == wanted]
        if wanted and not named and not self.dvi:
            known = ", ".join(tree.name for tree in trees)
            self.fault(trees[0].line, "pedigree", wanted, "is no pedigree of the file.", f"There are: {known}.")
        if named or len(trees) == 1:
            return (named or list(trees))[0]
        told = {(tree.women, tree.men, frozenset((p, c, d) for _, p, c, d in tree.relations)) for tree in trees}
        if len(told) == 1:
            self.note(trees[0].line, "pedigree", trees[0].name, "stands several times under different names.")
            return trees[0]
        for tree in trees:
            reason = f"is one of {len(trees)} pedigrees of the same people; a programme holds one."
            self.fault(tree.line, "pedigree", tree.name, reason, f"Choose one: --pedigree {tree.name!r}.")
        return None

    def _relation(self, kin: Mapping[str, _Kin], line: int, parent: str, child: str, direct: bool) -> None:
        for key in (parent, child):
            if key not in kin:
                self.fault(line, "relation", key, "is the place of nobody.")
                return
        if direct:
            kin[child].twin_of = parent
            self.note(
                line, "relation", kin[child].member_id, f"is identical with {kin[parent].member_id}: a twin here."
            )
            return
        one, of = kin[child], kin[parent]
        slot = of.role or "father"
        before = getattr(one, slot)
        if before and before != parent:
            told = f"would be a second {slot} of {one.member_id}, beside {kin[before].member_id}."
            self.fault(line, "relation", of.member_id, told)
        else:
            setattr(one, slot, parent)

    def _split(self, kin: Mapping[str, _Kin], name: str) -> None:
        """Families are people who are connected; those who are not and have no genotype are left out."""
        groups = _connected(kin)
        families = [
            group for group in groups if len(group) > 1 or any(kin[key].calls or kin[key].missing for key in group)
        ]
        alone = sum(len(group) for group in groups) - sum(len(group) for group in families)
        if alone:
            self.note(None, "", "", f"{alone:,} people without relatives and genotypes were left out.")
        for number, group in enumerate(families, 1):
            label = name if len(families) == 1 else f"{name} {number}"
            self._family(label, {key: kin[key] for key in group}, kin[group[0]].line)

    # --- families of the DVI module ---

    def _reference_sections(self) -> list[Section]:
        section = self.dvi.section("Reference Families") if self.dvi else None
        return [one for one in section.sections if one.title.casefold().startswith("family")] if section else []

    def _reference_families(self) -> None:
        families = self._reference_sections()
        if self.dvi and (section := self.dvi.section("Reference Families")):
            self._stated(section, "nFamilies", len(families))
        for section in families:
            self._reference_family(section)

    def _reference_family(self, section: Section) -> None:
        name = section.value("Name") or section.title
        kin = self._listed(section.section("Persons"), name)
        relations = self._chosen_relations(section.section("Pedigrees"), name)
        for line, parent, child, _ in relations:
            for who in (parent, child):
                if who not in kin:
                    kin[who] = self._unlisted(who, name, line)
        self._deduce_sexes(kin, [(parent, child) for _, parent, child, direct in relations if not direct])
        for line, parent, child, direct in relations:
            self._relation(kin, line, parent, child, direct)
        self._split(kin, name)

    def _listed(self, people: Section | None, family: str) -> dict[str, _Kin]:
        """The people of a family, by their names in it."""
        kin: dict[str, _Kin] = {}
        if people:
            self._stated(people, "nPersons", len(self._persons_of(people)))
        for person in self._persons_of(people):
            who = person.value("Name")
            if who in kin:
                self.fault(person.line, "Name", who, f"stands twice in family {family}.", "Rename one of them.")
                continue
            member_id = self._id(who, family, person.line)
            calls = self._dna(person, member_id)
            missing = bool(_MISSING.fullmatch(who))
            kin[who] = _Kin(member_id, person.line, self._gender(person), missing=missing, calls=calls)
            if missing and who.casefold() != MISSING_PERSON.casefold():
                self.note(person.line, "Name", who, f"of family {family} is taken for missing, for the name.")
        return kin

    def _unlisted(self, who: str, family: str, line: int) -> _Kin:
        """Someone whom only the relations name, as the missing person is."""
        missing = bool(_MISSING.fullmatch(who))
        if not missing:
            self.note(line, "relation", who, f"is not among the people of family {family}; the sex is not stated.")
        return _Kin(self._id(who, family, line), line, Sex.UNKNOWN, missing=missing)

    def _chosen_relations(self, section: Section | None, family: str) -> list[tuple[int, str, str, bool]]:
        """The relations of the pedigree that holds the missing person, not of the copy without."""
        found = [one for one in section.sections if one.title.casefold().startswith("pedigree")] if section else []
        if section:
            self._stated(section, "nPedigrees", len(found))
        relations = {id(one): self._named_relations(one) for one in found}
        others = [one for one in found if one.value("Name").casefold() != REFERENCE_PEDIGREE.casefold()] or found
        meant = [one for one in others if one.value("Name") == self.options.pedigree] or others
        told = {frozenset((parent, child, direct) for _, parent, child, direct in relations[id(one)]) for one in meant}
        if len(told) <= 1:
            chosen = relations[id(meant[0])] if meant else []
            self._note_left_out(found, relations, chosen, family)
            return chosen
        for one in meant:
            name = one.value("Name")
            reason = f"is one of {len(meant)} pedigrees of family {family}; a programme holds one."
            self.fault(one.line, "pedigree", name, reason, f"Choose one: --pedigree {name!r}.")
        return []

    def _note_left_out(
        self,
        found: Sequence[Section],
        relations: Mapping[int, list[tuple[int, str, str, bool]]],
        chosen: Sequence[tuple[int, str, str, bool]],
        family: str,
    ) -> None:
        kept = {one[1:] for one in chosen}
        for one in found:
            lost = [relation for relation in relations[id(one)] if relation[1:] not in kept]
            if lost:
                told = f"of family {family} has {len(lost)} relations that the pedigree that was read has not."
                self.note(one.line, "pedigree", one.value("Name"), told)

    def _named_relations(self, pedigree: Section) -> list[tuple[int, str, str, bool]]:
        relations, parent = [], ""
        for line, key, value in pedigree.values:
            word = key.casefold()
            if word == "parent":
                if parent:
                    self.fault(line, "Parent", value, f"follows the parent {parent}, who has no child.")
                parent = value
            elif word == "child" and parent:
                who, direct = without_direct(parent)
                relations.append((line, who, value, direct))
                parent = ""
            elif word == "child":
                self.fault(line, "Child", value, "has no parent before it.")
            elif word not in ("name", "nrelations"):
                self.note(line, key, value, "is not known here and was not read.")
        self._stated(pedigree, "nRelations", len(relations))
        return relations

    def _deduce_sexes(self, kin: Mapping[str, _Kin], pairs: Sequence[tuple[str, str]]) -> None:
        """Give parents without sex the one that the other parent of a child leaves them."""
        parents: dict[str, set[str]] = {}
        for parent, child in pairs:
            parents.setdefault(child, set()).add(parent)
        changed = True
        while changed:
            changed = False
            for pair in parents.values():
                if len(pair) != 2:
                    continue
                for one, other in (tuple(sorted(pair)), tuple(sorted(pair, reverse=True))):
                    if kin[one].role == "" and kin[other].role:
                        kin[one].role = "mother" if kin[other].role == "father" else "father"
                        kin[one].sex = Sex.FEMALE if kin[one].role == "mother" else Sex.MALE
                        told = f"is not stated; {kin[one].role}, for the other parent is {kin[other].member_id}."
                        self.note(kin[one].line, "Gender", kin[one].member_id, told)
                        changed = True
            if not changed:
                open_ = next((one for pair in parents.values() for one in sorted(pair) if not kin[one].role), None)
                if open_ is not None:
                    kin[open_].role = "father"
                    told = "is not stated, nor told by another parent; taken for a father, which matters only where "
                    told += "mutation rates differ between the sexes."
                    self.note(kin[open_].line, "Gender", kin[open_].member_id, told)
                    changed = True

    # --- families, samples, and what is left ---

    def _family(self, name: str, kin: Mapping[str, _Kin], line: int) -> None:
        family_id = self._family_id(name, line)
        for one in kin.values():
            if one.twin_of and not (one.father or one.mother):
                one.father, one.mother = kin[one.twin_of].father, kin[one.twin_of].mother
            elif one.twin_of and not (kin[one.twin_of].father or kin[one.twin_of].mother):
                kin[one.twin_of].father, kin[one.twin_of].mother = one.father, one.mother
        members = [
            Member(
                family_id=family_id,
                member_id=one.member_id,
                father_id=kin[one.father].member_id if one.father else "",
                mother_id=kin[one.mother].member_id if one.mother else "",
                sex=one.sex,
                person_id=one.member_id if one.missing else "",
                twin_of=kin[one.twin_of].member_id if one.twin_of else "",
            )
            for one in kin.values()
        ]
        faults = pedigree_faults(members)
        lines = {one.member_id: one.line for one in kin.values()}
        for fault in faults:
            told = f"of {fault.member_id}: {fault.reason}; family {family_id} was not read."
            self.fault(lines[fault.member_id], fault.column, fault.value, told)
        if faults:
            return
        self.pedigrees.append(Pedigree(family_id=family_id, members=tuple(members)))
        for one in kin.values():
            if one.missing:
                self.missing.append(MissingPerson(person_id=one.member_id, sex=one.sex))
            kind = SampleKind.DIRECT if one.missing else SampleKind.REFERENCE
            self._sample(one.member_id, kind, one.calls, self._dropout(one))

    def _dropout(self, one: _Kin) -> float | None:
        """The drop-out that the database states for the markers of someone for whom it is to be considered."""
        if not one.dropout:
            return None
        stated = {known[1].dropout for known in self.loci if known and known[0] in one.calls}
        if len(stated) > 1:
            told = f"of {one.member_id} differs between markers ({min(stated):g} to {max(stated):g}); it was not read."
            self.fault(one.line, "dropout", "", told, "State one for the sample in samples.csv.")
            return None
        return next(iter(stated), 0.0) or None

    def _sample(self, subject: str, kind: SampleKind, calls: dict[str, Call], dropout: float | None) -> None:
        if calls:
            self.samples.append(Sample(sample_id=subject, subject_id=subject, kind=kind, dropout=dropout))
            self.profiles.append(Profile(sample_id=subject, subject_id=subject, calls=calls))

    def _other_sections(self) -> None:
        self._advanced()
        notes = self.dvi.section("Notes") if self.dvi else None
        if notes and notes.words:
            self.note(notes.line, "Notes", "", f"{len(notes.words)} lines of notes have no place in a programme.")
        for where, known in ((self.rest, ("dvi", *_OWN_SETTINGS)), (self.dvi, _DVI_SECTIONS)):
            for section in where.sections if where else ():
                if section.title.casefold() not in known:
                    self.note(section.line, "", section.title, "is a section that is not known here; it was not read.")
        for line, word in self.rest.words:
            self.fault(line, "", word, "stands where nothing is expected; the list of markers before it may be short.")

    def _advanced(self) -> None:
        """Drop-in, drop-out and error, which Familias uses for direct comparisons only."""
        section = self.rest.section("Advanced")
        direct = section.section("Direct/Identity") if section else None
        for line, key, value in direct.values if direct else ():
            if value.replace(",", ".").strip("0.") not in ("", "-"):
                told = "is what Familias uses for direct comparisons only; it was not taken over."
                remedy = "If it holds for all samples, state it under [genetics] in programme.toml."
                self.note(line, key, value, told, remedy)

    def _settings_noted(self) -> None:
        if self.case.computed:
            self.note(None, "", "", "results of a computation were passed over; Homeward computes its own.")
        if self.case.theta > 1:
            self.fault(None, "theta", f"{self.case.theta:g}", "is no probability.")
        if self.pedigrees:
            told = "untyped people who connect nothing are pruned, as Familias does (untyped_ancestors = prune)."
            self.note(None, "", "", told)


def _connected(kin: Mapping[str, _Kin]) -> list[list[str]]:
    """Groups of people whom parenthood or identity connects, in the order of their first."""
    group = {key: key for key in kin}

    def top(key: str) -> str:
        while group[key] != key:
            group[key] = group[group[key]]
            key = group[key]
        return key

    for key, one in kin.items():
        for other in (one.father, one.mother, one.twin_of):
            if other:
                group[top(key)] = top(other)
    found: dict[str, list[str]] = {}
    for key in kin:
        found.setdefault(top(key), []).append(key)
    return list(found.values())


FORMAT = Format(name="familias", title="Familias file (.fam)", is_one=is_fam, read=read_fam)
