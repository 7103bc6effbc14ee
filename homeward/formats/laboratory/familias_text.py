"""The text of a Familias file (.fam): a list of values, one a line, and after it sections in brackets.

The first part is positional: what a line means follows from the lines before it. A line that cannot be what its
place demands ends the reading of that part (:class:`Broken`). The sections, of which the DVI module writes most,
name their values, and reading them goes on after a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from homeward.formats.laboratory.familias_loci import FamLocus, FamMutation

_INTEGER = re.compile(r"[+-]?\d{1,9}", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LONGEST = 500  # signs of a heading
_MOST = 1_000_000  # people, markers, alleles or relations that a file may say to have
_SECTION = re.compile(r"(\[+)\s*([^\[\]]*?)\s*(\]+)")
_DIRECT = re.compile(r"\(?\s?direct\b", re.IGNORECASE)


class Broken(Exception):
    """A line is not what its place demands."""

    def __init__(self, line: int, value: str, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.line, self.value, self.reason = line, value, reason
        self.remedy = remedy or "The file is cut short or was edited; save it again in Familias."


class Lines:
    """The lines of the first part, taken one after the other."""

    def __init__(self, lines: list[str], at: int = 0) -> None:
        self.lines, self.at = lines, at

    @property
    def line(self) -> int:
        """Number of the line that was taken last."""
        return self.at

    def peek(self) -> str:
        return _unquoted(self.lines[self.at]) if self.at < len(self.lines) else ""

    def text(self, what: str) -> str:
        if self.at >= len(self.lines):
            raise Broken(self.at, "", f"the file ends where {what} should stand")
        self.at += 1
        return _unquoted(self.lines[self.at - 1])

    def integer(self, what: str, *, low: int = 0, high: int = _MOST) -> int:
        text = self.text(what)
        if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
            raise Broken(self.at, text, f"is not {what}")
        return int(text)

    def number(self, what: str, *, high: float = 1.0) -> float:
        text = self.text(what)
        if not _NUMBER.fullmatch(text) or not 0 <= _float(text) <= high:
            raise Broken(self.at, text, f"is not {what}")
        return _float(text)

    def flag(self, what: str) -> bool:
        text = self.text(what).upper()
        if not text.startswith(("#TRUE#", "#FALSE#")):
            raise Broken(self.at, text, f"is not {what}, #TRUE# or #FALSE#")
        return text.startswith("#TRUE#")


def without_direct(text: str) -> tuple[str, bool]:
    """A parent without the word that says that parent and child are one person's DNA, and whether it was there.

    >>> without_direct("1 (Direct/identity)"), without_direct("Director 1")
    (('1', True), ('Director 1', False))
    """
    found = _DIRECT.search(text)
    return (text[: found.start()].strip(), True) if found and found.start() else (text, False)


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if len(text) > 1 and text[0] == text[-1] == '"' else text


def _float(text: str) -> float:
    return float(text.replace(",", "."))


@dataclass(slots=True)
class FamPerson:
    """Someone of the first part: genotypes are (line, place of allele, place of allele, place of marker)."""

    name: str
    line: int
    male: bool
    born: str
    dropout: bool
    genotypes: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass(slots=True)
class FamTree:
    """A pedigree: unnamed further women and men, and relations (line, parent, child, identical)."""

    name: str
    line: int
    women: int
    men: int
    relations: list[tuple[int, int, int, bool]] = field(default_factory=list)


@dataclass(slots=True)
class FamCase:
    """The first part of a file."""

    version: str
    persons: list[FamPerson] = field(default_factory=list)
    known: FamTree = field(default_factory=lambda: FamTree("", 0, 0, 0))
    trees: list[FamTree] = field(default_factory=list)
    theta: float = 0.0
    databases: int = 1
    database: str = ""
    computed: bool = False  # whether results of an earlier computation stand in the file
    loci: list[FamLocus] = field(default_factory=list)


def read_case(lines: Lines) -> FamCase:
    """The first part of a file; raises :class:`Broken`."""
    lines.text("the name of the program")
    lines.text("a warning not to edit")
    case = FamCase(version=lines.text("the version of the program"))
    if not _INTEGER.fullmatch(lines.peek()):  # older versions have no title
        lines.text("the title of the case")
    case.persons = [_person(lines) for _ in range(lines.integer("the number of people"))]
    if lines.text("the words Known relations").casefold() != "known relations":
        raise Broken(lines.line, lines.lines[lines.line - 1], "is not the line Known relations")
    line = lines.line
    women, men = lines.integer("a number of women"), lines.integer("a number of men")
    case.known = FamTree("", line, women, men, _relations(lines))
    case.trees = [_tree(lines) for _ in range(lines.integer("the number of pedigrees"))]
    _database(lines, case)
    return case


def _person(lines: Lines) -> FamPerson:
    name, line = lines.text("a person's name"), lines.line
    lines.flag("whether the person is a child")
    born = lines.text("a year of birth")
    lines.flag("whether the person has children")
    male = lines.flag("whether the person is male")
    person = FamPerson(name, line, male, born, "consider dropout" in born.casefold())
    for _ in range(lines.integer("the number of genotypes")):
        first = lines.integer("the place of an allele", low=-1)
        second = lines.integer("the place of an allele", low=-1)
        person.genotypes.append((lines.line - 1, first, second, lines.integer("the place of a marker")))
    return person


def _tree(lines: Lines) -> FamTree:
    lines.integer("the place of a pedigree")
    name, line = lines.text("a pedigree's name"), lines.line
    women, men = lines.integer("a number of women"), lines.integer("a number of men")
    return FamTree(name, line, women, men, _relations(lines))


def _relations(lines: Lines) -> list[tuple[int, int, int, bool]]:
    relations = []
    for _ in range(lines.integer("the number of relations")):
        text = lines.text("a parent's place")
        line = lines.line
        place, direct = without_direct(text)
        if not _INTEGER.fullmatch(place) or int(place) < 0:
            raise Broken(line, text, "is not a parent's place")
        relations.append((line, int(place), lines.integer("a child's place"), direct))
    return relations


def _database(lines: Lines, case: FamCase) -> None:
    case.computed = lines.flag("whether results are in the file")
    words = _unquoted(lines.lines[lines.line - 1])
    case.theta = _named(words, "Theta/Kinship/Fst", lines.line, 0.0) or 0.0
    case.databases = int(_named(words, "#Databases", lines.line, 1.0) or 1)
    if case.computed:
        _pass_results(lines)
    count = lines.integer("the number of markers")
    if lines.flag("whether the database has a name"):
        case.database = lines.text("the name of the database")
    case.loci = [_locus(lines) for _ in range(count)]


def _pass_results(lines: Lines) -> None:
    """Go on to where a whole list of markers can be read: the results between are of no known form."""
    for at in range(lines.at, len(lines.lines)):
        there = Lines(lines.lines, at)
        try:
            count = there.integer("the number of markers", low=1)
            if there.flag("whether the database has a name"):
                there.text("the name of the database")
            for _ in range(count):
                _locus(there)
        except Broken:
            continue
        lines.at = at
        return
    raise Broken(lines.line, "", "results of a computation stand in the file, and no markers after them")


def _locus(lines: Lines) -> FamLocus:
    name, line = lines.text("a marker's name"), lines.line
    if not name or name.startswith("#"):
        raise Broken(line, name, "is not a marker's name")
    rates = [lines.number("a mutation rate") for _ in range(2)]
    codes = [lines.integer("the code of a mutation model, 0 to 4", high=4) for _ in range(2)]
    every = lines.integer("the number of alleles")
    ranges = [lines.number("a mutation range", high=1e6) for _ in range(2)]
    rates2 = [0.0, 0.0]
    if not lines.peek().startswith("#"):  # older versions know no microvariants
        rates2 = [lines.number("a mutation rate") for _ in range(2)]
    has_silent = lines.flag("whether there is a silent allele")
    silent = lines.number("the frequency of the silent allele")
    words = lines.text("the number of alleles that are not silent")
    count = re.match(r"\d{1,6}", words, re.ASCII)
    if not count or int(count[0]) not in (every, every - 1):
        raise Broken(lines.line, words, f"is not the number of alleles that are not silent, of {every}")
    female, male = (FamMutation(code=codes[i], rate=rates[i], range=ranges[i], rate2=rates2[i]) for i in range(2))
    locus = FamLocus(
        name=name,
        line=line,
        female=female,
        male=male,
        silent=silent if has_silent else 0.0,
        database_size=_named(words, "DatabaseSize", lines.line, None),
        dropout=_named(words, "Dropout probability", lines.line, 0.0) or 0.0,
        least=_named(words, "Minor allele frequency", lines.line, 0.0) or 0.0,
    )
    for _ in range(int(count[0])):
        allele = lines.text("an allele")
        locus.alleles.append((lines.line, allele, lines.number("a frequency", high=1.0001)))
    return locus


def _named(words: str, name: str, line: int, otherwise: float | None) -> float | None:
    """The number that a line of the form "(Name = 1 , Other = 2 )" gives a name."""
    found = re.search(re.escape(name) + r"\s*[=:]\s*([^\s;)]+)", words)
    if not found:
        return otherwise
    text = found[1].rstrip(",")
    if not _NUMBER.fullmatch(text) or _float(text) < 0:
        raise Broken(line, text, f"is not a number, where {name} is stated")
    return _float(text)


# --- sections --------------------------------------------------------------------------------


@dataclass(slots=True)
class Section:
    """Named values and, below them, sections."""

    title: str
    line: int
    values: list[tuple[int, str, str]] = field(default_factory=list)  # line, name, value
    words: list[tuple[int, str]] = field(default_factory=list)  # lines that are no value
    sections: list[Section] = field(default_factory=list)

    def value(self, name: str) -> str:
        """The first value of a name; "" without."""
        return next((value for _, key, value in self.values if key.casefold() == name.casefold()), "")

    def section(self, title: str) -> Section | None:
        return next((one for one in self.sections if one.title.casefold() == title.casefold()), None)

    def walk(self) -> Iterator[Section]:
        yield self
        for one in self.sections:
            yield from one.walk()


def read_sections(lines: list[str], at: int) -> Section:
    """The sections from a line on, under one without a title."""
    top = Section("", at + 1)
    path = [top]
    for number, text in enumerate(lines[at:], at + 1):
        text = text.strip()
        if not text:
            continue
        heading = _SECTION.fullmatch(text) if text[-1] == "]" and len(text) <= _LONGEST else None
        if heading and len(heading[1]) == len(heading[3]) and len(heading[1]) <= 8:
            del path[len(heading[1]) :]
            section = Section(heading[2], number)
            path[-1].sections.append(section)
            path.append(section)
            continue
        name, sign, value = text.partition("=")
        if sign:
            path[-1].values.append((number, name.strip(), value.strip()))
        else:
            path[-1].words.append((number, text))
    return top
