"""GEDCOM 5.5 to 7: who descends from whom by blood, out of a file of genealogy. Names and lives are not copied.

A line is level, identifier, tag and value. An individual (INDI) points to the families in which it is a child (FAMC);
a family (FAM) points to its parents (HUSB, WIFE) and children (CHIL). Links that are not of birth are not followed.
People who are connected through descent become one family; marriage alone connects nobody.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from homeward.errors import Fault, Rejected
from homeward.formats.cells import unwritable
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.files import read_file
from homeward.formats.laboratory.imports import MOST_BYTES, PLAIN, Format, Import, Options, Start, decoded
from homeward.programme import Member, Pedigree, Programme, Settings, Sex, pedigree_faults

_HEAD = re.compile(r"\ufeff?\s*0\s+HEAD\s*", re.ASCII)
_LINE = re.compile(r"\s*(\d{1,2})\s+(?:@([^@\s][^@]{0,199})@\s+)?([A-Za-z0-9_]{1,60})(?: (.*))?", re.ASCII | re.DOTALL)
_POINTER = re.compile(r"@([^@#\s][^@]{0,199})@", re.ASCII)
_CHARACTER_SET = re.compile(rb"\n\s*1\s+CHAR\s+([^\r\n]*)", re.IGNORECASE)
_VOID = "VOID"  # version 7: someone who is known to exist and is not in the file
_SEXES = {"M": Sex.MALE, "F": Sex.FEMALE} | dict.fromkeys(("U", "X", "N", ""), Sex.UNKNOWN)
_BY_BIRTH = ("", "birth", "natural", "biological", "birth_parent")
_IDENTICAL = re.compile(r"identical|monozygot|\bMZ\b|일란성", re.IGNORECASE)
_TWIN = re.compile(r"twin|zwilling|jumeau|쌍둥이|쌍생아", re.IGNORECASE)
_PARENTS = (("HUSB", Sex.MALE), ("WIFE", Sex.FEMALE))
_LINKS_OF_PROGRAMS = (("HUSB", "_FREL"), ("WIFE", "_MREL"))  # below CHIL, how the child is the father's or mother's


def is_gedcom(start: Start) -> bool:
    first = next((line for line in start.lines if line.strip()), "")
    return bool(_HEAD.fullmatch(first))


def read_gedcom(path: Path, options: Options = PLAIN) -> Import:
    """Read families; ``options.root`` is the identifier of someone whose family alone is meant.

    Raises
    ------
    Rejected
        If it is no GEDCOM, or the root is not in it.
    """
    return _Reading(path, options).read()


@dataclass(slots=True)
class _Line:
    """A line with those below it."""

    number: int
    tag: str
    xref: str
    value: str
    below: list[_Line] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[_Line]:
        return (line for line in self.below if line.tag == tag)

    def first(self, tag: str) -> str:
        return next((line.value.strip() for line in self.all(tag)), "")

    @property
    def pointer(self) -> str:
        """The identifier it points to; "" if it points to nobody."""
        match = _POINTER.fullmatch(self.value.strip())
        return "" if match is None or match[1] == _VOID else match[1].strip()

    @property
    def is_broken(self) -> bool:
        """Whether this should be a pointer and is none."""
        return _POINTER.fullmatch(self.value.strip()) is None


@dataclass(slots=True)
class _Family:
    """A couple with the children that it has by birth."""

    line: int
    parents: dict[str, str] = field(default_factory=dict)  # HUSB, WIFE -> identifier
    children: dict[str, int] = field(default_factory=dict)  # as the family states them, with the line
    not_by_birth: set[tuple[str, str]] = field(default_factory=set)  # child and role of the parent


@dataclass(frozen=True, slots=True)
class _Link:
    """A child's link to a family, and which of the parents it is by birth."""

    family: str
    line: int
    parents: tuple[str, ...]
    certain: bool = False  # stated as that of birth


class _Reading:
    def __init__(self, path: Path, options: Options) -> None:
        self.path, self.file, self.options = path, path.name, options
        self.findings = Findings()
        self.people: dict[str, _Line] = {}
        self.families: dict[str, _Family] = {}
        self.sexes: dict[str, Sex] = {}
        self.members: dict[str, Member] = {}
        self.lines: dict[str, int] = {}
        self.children_of: dict[str, list[str]] = {}  # person -> families that name it as a child
        self.home: dict[str, str] = {}  # who is a child of which family by birth
        self.counts: Counter[str] = Counter()
        self.version = ""

    def read(self) -> Import:
        text = self._text()
        try:
            records = self._records(text)
            self._versions(records, text)
            self._gather(records)
            links = {person: self._home(person) for person in self.people}
            self._parents(links)
            self._twins()
            pedigrees = self._pedigrees()
        except GivenUp:
            self.findings.given_up(self.file)
            pedigrees = ()
        self._notes(pedigrees)
        return Import(
            format="gedcom",
            version=self.version,
            programme=Programme(settings=Settings(name=self.path.stem), pedigrees=pedigrees),
            rejected=self.findings.rejected,
            notes=self.findings.notes,
        )

    def fault(self, line: int | None, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.file, line, column, value, reason, remedy, reading=True)

    def note(self, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.file, None, "", value, reason, remedy)

    # --- text ---

    def _text(self) -> str:
        """The file as text, in the encoding that it states.

        Raises
        ------
        Rejected
            If it cannot be decoded, or does not begin as such a file does.
        """
        data = read_file(self.path, most=MOST_BYTES)
        stated = _CHARACTER_SET.search(data[:20_000])
        name = stated[1].decode("ascii", "replace").strip().upper() if stated else ""
        try:
            if name == "ANSEL" and not self.options.encoding:
                import ged4py  # noqa: F401 - makes the encoding of GEDCOM's ANSEL known

                text = re.sub(r"\r\n?", "\n", codecs.decode(data, "gedcom"))
            else:
                text, used = decoded(data, self.options.encoding)
                if used == "cp1252" and name not in ("ANSI", "WINDOWS-1252", "CP1252"):
                    self.note(name, "was read as Windows-1252.", "Only identifiers are kept, so little depends on it.")
        except (UnicodeError, LookupError) as problem:
            remedy = "Export it as UTF-8, or name its encoding with --encoding."
            raise Rejected([Fault(self.file, None, "", name, f"is not text ({problem}).", remedy)]) from None
        if not _HEAD.fullmatch(next((line for line in text.split("\n") if line.strip()), "")):
            raise Rejected([Fault(self.file, 1, "", "", "does not begin with 0 HEAD.", "Check that this is the file.")])
        return text

    def _records(self, text: str) -> list[_Line]:
        """Lines below each other; what is no line is a fault, without showing it: it may be of someone living."""
        records: list[_Line] = []
        stack: list[_Line] = []
        for number, row in enumerate(text.split("\n"), 1):
            if not row.strip("\ufeff\x1a \t"):
                continue
            match = _LINE.fullmatch(row.lstrip("\ufeff"))
            level = int(match[1]) if match else 0
            if match is None or level > len(stack):
                told = "is no line of level, tag and value." if match is None else f"is of level {level} too deep."
                self.fault(number, "", "", told, "Export the file again, or join broken lines.")
                continue
            line = _Line(number, match[3].upper(), (match[2] or "").strip(), match[4] or "")
            del stack[level:]
            (stack[-1].below if stack else records).append(line)
            stack.append(line)
        return records

    def _versions(self, records: Sequence[_Line], text: str) -> None:
        head = next((record for record in records if record.tag == "HEAD"), None)
        about = next(head.all("GEDC"), None) if head else None
        self.version = about.first("VERS")[:20] if about else ""
        if unwritable(self.version):
            self.version = ""
        if self.version.startswith("7"):
            self._conforms(text)
        elif not self.version.startswith("5."):
            self.note(self.version, "is a version that is not known here; it was read as 5.5.1.")
        if not any(record.tag == "TRLR" for record in records):
            self.fault(None, "TRLR", "", "is missing: the file was cut short.", "Give the whole file.")

    def _conforms(self, text: str) -> None:
        """Version 7 is strict about its lines; a departure is told once, and reading goes on."""
        import gedcom7

        try:
            gedcom7.loads(text)
        except gedcom7.GedcomParseError as problem:
            line = getattr(problem, "line_number", None)
            self.fault(line, "", "", "is not as version 7 demands.", "Have the program that wrote it export it again.")
        except RecursionError:
            self.fault(None, "", "", "lies too deep in itself.", "Check that this is the file.")

    # --- records ---

    def _gather(self, records: Sequence[_Line]) -> None:
        for record in records:
            if record.tag not in ("INDI", "FAM"):
                continue
            if not record.xref or unwritable(record.xref) or record.xref in ("NA", "untested", "withheld", "not_found"):
                self.fault(record.number, record.tag, "", "has no identifier.", "Number it (@I1@).")
            elif record.xref in self.people or record.xref in self.families:
                first = self.lines[record.xref]
                told = f"stands already in line {first:,}."
                self.fault(record.number, record.tag, record.xref, told, "Number each record once.")
            elif record.tag == "INDI":
                self.lines[record.xref] = record.number
                self.people[record.xref] = record
                self.sexes[record.xref] = self._sex(record)
            else:
                self.lines[record.xref] = record.number
                self.families[record.xref] = self._family(record)

        for name, family in self.families.items():
            self._children(name, family)
        for record in records:
            self._broken(record)

    def _broken(self, record: _Line) -> None:
        """Links that point nowhere; what stands there is not shown: it may be a name."""
        tags = {"INDI": ("FAMC",), "FAM": ("HUSB", "WIFE", "CHIL")}.get(record.tag, ())
        below = [line for event in record.below if event.tag in ("BIRT", "ADOP") for line in event.all("FAMC")]
        for line in [*(line for line in record.below if line.tag in tags), *below]:
            if line.is_broken:
                self.fault(line.number, line.tag, "", "is no pointer (@F1@); the link was not read.", "Correct it.")

    def _children(self, name: str, family: _Family) -> None:
        for child, line in family.children.items():
            if child in self.people:
                self.children_of.setdefault(child, []).append(name)
            else:
                told = f"of {name} points to no individual of the file."
                self.fault(line, "CHIL", child, told, "Give the whole file.")

    def _sex(self, record: _Line) -> Sex:
        stated = {line.value.strip().upper()[:1]: line for line in record.all("SEX")}
        sexes = {_SEXES[text] for text in stated if text in _SEXES} - {Sex.UNKNOWN}
        for text, line in stated.items():
            if text not in _SEXES:
                self.fault(line.number, "SEX", line.value[:20], "is no sex.", "Write M, F, or U if unknown.")
        if len(sexes) > 1:
            self.fault(record.number, "SEX", record.xref, "is stated as both.", "Keep one.")
            return Sex.UNKNOWN
        return sexes.pop() if sexes else Sex.UNKNOWN

    def _family(self, record: _Line) -> _Family:
        family = _Family(record.number)
        for role, _ in _PARENTS:
            for line in record.all(role):
                if line.pointer and family.parents.setdefault(role, line.pointer) != line.pointer:
                    told = f"of {record.xref} is stated twice; the first was taken."
                    self.fault(line.number, role, line.pointer, told, "A family has one.")
        for line in record.all("CHIL"):
            if line.pointer:
                family.children.setdefault(line.pointer, line.number)
                for role, tag in _LINKS_OF_PROGRAMS:
                    if line.first(tag).casefold() not in _BY_BIRTH:
                        family.not_by_birth.add((line.pointer, role))
        return family

    # --- links ---

    def _home(self, person: str) -> _Link | None:
        """The family in which someone was born; links that are not of birth are counted and told."""
        record = self.people[person]
        links = [*self._own_links(record), *self._links_of_families(person, record)]
        links = [link for link in links if link.parents]
        certain = [link for link in links if link.certain]
        families = {link.family for link in certain or links}
        self.counts["beside birth"] += bool(certain) and len({link.family for link in links}) > len(families)
        if len(families) > 1:
            told = f"is a child of {len(families)} families by birth; no parents of {person} were taken."
            remedy = "Mark links that are not of birth (PEDI adopted, foster ...)."
            self.fault(links[0].line, "FAMC", person, told, remedy)
            return None
        chosen = (certain or links)[:1]
        return chosen[0] if chosen else None

    def _own_links(self, record: _Line) -> Iterator[_Link]:
        """Links that the individual states."""
        events = {line.tag: line for line in record.below if line.tag in ("BIRT", "ADOP")}
        born = {line.pointer for event in record.all("BIRT") for line in event.all("FAMC")} - {""}
        adopters = self._adopters(record)
        stated = [line for line in record.all("FAMC") if line.pointer]
        kept: dict[str, _Link] = {}
        others: set[str] = set()
        for line in stated:
            if line.pointer not in self.families:
                told = f"of {record.xref} points to no family of the file."
                self.fault(line.number, "FAMC", line.pointer, told, "Give the whole file.")
                continue
            parents = self._by_birth(record, line, adopters.get(line.pointer, ()))
            if parents:
                certain = line.first("PEDI").casefold() in _BY_BIRTH[1:] or line.pointer in born
                kept.setdefault(line.pointer, _Link(line.pointer, line.number, parents, certain))
            else:
                others.add(line.pointer)
        for family in others & kept.keys():
            told = f"of {record.xref} is said to be of birth, and not to be; it was not taken."
            self.fault(kept.pop(family).line, "FAMC", family, told, "Keep one of the links.")
        yield from kept.values()
        for family in born - {line.pointer for line in stated}:
            if family in self.families:
                yield _Link(family, events["BIRT"].number, ("HUSB", "WIFE"), True)

    def _by_birth(self, record: _Line, line: _Line, adopters: Sequence[str]) -> tuple[str, ...]:
        """Which parents of a family are those of birth."""
        kind, status = line.first("PEDI").casefold(), line.first("STAT").casefold()
        if kind not in _BY_BIRTH:
            self.counts[kind if re.fullmatch(r"[a-z_]{1,20}", kind) else "other"] += 1
            return ()
        if status == "disproven":
            self.counts["disproven"] += 1
            return ()
        if status == "challenged":
            told = f"of {record.xref} is doubted (STAT challenged); it was not taken."
            self.fault(line.number, "FAMC", line.pointer, told, "Decide whether it is of birth, and say so.")
            return ()
        return self._of_birth(record.xref, line.pointer, adopters)

    def _of_birth(self, person: str, family: str, adopters: Sequence[str]) -> tuple[str, ...]:
        not_by_birth = self.families[family].not_by_birth
        kept = tuple(role for role, _ in _PARENTS if role not in adopters and (person, role) not in not_by_birth)
        self.counts["adopted"] += len(kept) < 2
        return kept

    def _adopters(self, record: _Line) -> Mapping[str, tuple[str, ...]]:
        """Of each family that adopted someone, by an event, which of the two did."""
        found: dict[str, tuple[str, ...]] = {}
        for event in record.all("ADOP"):
            for line in event.all("FAMC"):
                who = line.first("ADOP").upper()
                found[line.pointer] = (who,) if who in ("HUSB", "WIFE") else ("HUSB", "WIFE")
        return found

    def _links_of_families(self, person: str, record: _Line) -> Iterator[_Link]:
        """Links that only the family states: the individual does not name it."""
        named = {line.pointer for line in record.all("FAMC")}
        adopters = self._adopters(record)
        for family in self.children_of.get(person, ()):
            if family not in named:
                self.counts["one-sided"] += 1
                parents = self._of_birth(person, family, adopters.get(family, ()))
                yield _Link(family, self.families[family].children[person], parents)

    # --- pedigrees ---

    def _parents(self, links: Mapping[str, _Link | None]) -> None:
        at_home: dict[str, list[str]] = {}
        for person, link in links.items():
            if link is not None:
                at_home.setdefault(link.family, []).append(person)
                self.home[person] = link.family
        parents = {name: self._couple(name, children) for name, children in at_home.items()}
        for person in self.people:
            link = links[person]
            couple = parents[link.family] if link is not None else {}
            taken = {role: couple.get(role, "") for role in link.parents} if link is not None else {}
            self.members[person] = Member(
                family_id="",
                member_id=person,
                father_id=taken.get("HUSB", ""),
                mother_id=taken.get("WIFE", ""),
                sex=self.sexes[person],
            )
            if link is not None:
                self.lines[person] = link.line

    def _couple(self, name: str, children: Sequence[str]) -> dict[str, str]:
        """Father (HUSB) and mother (WIFE) of the children of a family; {} if they cannot be that."""
        family = self.families[name]
        stated = {}
        for role, parent in family.parents.items():
            if parent in self.people:
                stated[role] = parent
            else:
                told = f"of {name} points to no individual of the file."
                self.fault(family.line, role, parent, told, "Give the whole file.")
        couple = self._by_sex(name, stated)
        if couple is None:
            return {}
        for role, sex in _PARENTS:
            if role in couple and self.sexes[couple[role]] is Sex.UNKNOWN:
                self.sexes[couple[role]] = sex
                self.counts["sex by role"] += 1
            elif role not in couple and len(children) > 1:
                couple[role] = self._unnamed(name, role, sex)
        return couple

    def _by_sex(self, name: str, couple: dict[str, str]) -> dict[str, str] | None:
        """The couple with the man as father; None where that cannot be."""
        wrong = [role for role, sex in _PARENTS if role in couple and self.sexes[couple[role]].contradicts(sex)]
        if not wrong:
            return couple
        turned = {"HUSB": couple.get("WIFE", ""), "WIFE": couple.get("HUSB", "")}
        turned = {role: person for role, person in turned.items() if person}
        still = [role for role, sex in _PARENTS if role in turned and self.sexes[turned[role]].contradicts(sex)]
        if self.version.startswith("7") and not still:
            self.counts["turned"] += 1  # in version 7 the words husband and wife do not tell the sex
            return turned
        person = couple[wrong[0]]
        word = "a woman cannot be the father" if wrong[0] == "HUSB" else "a man cannot be the mother"
        told = f"of {name}: {word}; no parents of its children were taken."
        self.fault(self.families[name].line, wrong[0], person, told, "Correct the sex or the link.")
        return None

    def _unnamed(self, family: str, role: str, sex: Sex) -> str:
        """One founder for the parent whom a family with several children does not name."""
        name = f"{family}:{role.casefold()}"
        while name in self.people or name in self.members:
            name += "'"
        self.members[name] = Member(family_id="", member_id=name, sex=sex)
        self.counts["unnamed"] += 1
        return name

    def _twins(self) -> None:
        for person, record in self.people.items():
            for line in record.all("ASSO"):
                words = " ".join([line.first("RELA"), line.first("ROLE"), *_phrases(line)])
                if not _TWIN.search(words) and not _IDENTICAL.search(words):
                    continue
                if not _IDENTICAL.search(words) or line.pointer not in self.people:
                    self.counts["twins"] += 1
                elif not self.members[line.pointer].twin_of and not self.members[person].twin_of:
                    self.members[person] = replace(self.members[person], twin_of=line.pointer)
                    self.lines[person] = line.number

    def _pedigrees(self) -> tuple[Pedigree, ...]:
        self.members = {name: replace(one, sex=self.sexes.get(name, one.sex)) for name, one in self.members.items()}
        made = []
        for kin in self._components():
            name = next((self.home[person] for person in kin if person in self.home), kin[0])
            members = [replace(self.members[person], family_id=name) for person in kin]
            faults = pedigree_faults(members)
            for fault in faults:
                told = f"of {fault.member_id} {fault.reason}; family {name} was not read."
                self.fault(self.lines.get(fault.member_id), fault.column, fault.value, told, "Correct the link.")
            if not faults:
                made.append(Pedigree(family_id=name, members=tuple(members)))
        return tuple(made)

    def _components(self) -> list[list[str]]:
        """People connected through descent, or as twins, in the order of the file; of one alone there is none."""
        kin: dict[str, set[str]] = {name: set() for name in self.members}
        for name, one in self.members.items():
            for other in (one.father_id, one.mother_id, one.twin_of):
                if other:
                    kin[name].add(other)
                    kin[other].add(name)
        order = {name: place for place, name in enumerate(self.members)}
        seen: set[str] = set()
        found = []
        for name in self.members:
            if name in seen:
                continue
            part, stack = {name}, [name]
            while stack:
                fresh = kin[stack.pop()] - part
                part |= fresh
                stack += fresh
            seen |= part
            found.append(sorted(part, key=order.__getitem__))
        root = self.options.root.strip().strip("@")
        if root:
            return self._of_root(root, found)
        self.counts["alone"] = sum(len(part) == 1 for part in found)
        return [part for part in found if len(part) > 1]

    def _of_root(self, root: str, found: Sequence[list[str]]) -> list[list[str]]:
        chosen = [part for part in found if root in part]
        if not chosen:
            told = "is no individual of the file."
            raise Rejected([Fault(self.file, None, "root", root, told, "Name an identifier, such as I1.")])
        self.counts["other families"] = len(found) - 1
        return chosen

    def _notes(self, pedigrees: Sequence[Pedigree]) -> None:
        told = {
            "one-sided": "links are stated by the family and not by the child; they were taken.",
            "beside birth": "individuals are children of further families beside one that is of birth, which counts.",
            "sex by role": "parents have no sex stated; it follows from HUSB and WIFE.",
            "turned": "couples have a wife as HUSB and a husband as WIFE; the man is the father.",
            "unnamed": "parents of several children are not named; each is one founder for all children of the family.",
            "twins": "pairs of twins are not said to be identical; they were taken as sibs.",
            "alone": "individuals have no relative by blood in the file; they were left out.",
            "other families": "other families were left out (--root).",
        }
        for what, words in told.items():
            if self.counts[what]:
                self.note("", f"{self.counts[what]:,} {words}")
        for what in sorted(self.counts.keys() - told.keys()):
            if self.counts[what]:
                self.note(what, f"links are not of birth ({self.counts[what]:,}); they were not taken.")
        if pedigrees:
            words = "identifiers, sexes and descent were read; names, dates, places and notes were not copied."
            self.note("", words)


def _phrases(line: _Line) -> Iterator[str]:
    return (one.value for below in line.below for one in below.all("PHRASE"))


FORMAT = Format(name="gedcom", title="GEDCOM 5.5.1 and 7 (.ged)", is_one=is_gedcom, read=read_gedcom)
