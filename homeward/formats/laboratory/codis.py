"""CODIS Common Message Format (CMF): specimens with their loci and alleles, as XML.

A specimen has an identifier, a category and loci; a locus has a name and one element for each allele. Of a homozygote
the allele stands once. The file is read as a stream; entities, external references and document types are refused.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler

from homeward.errors import Fault, Rejected
from homeward.formats.cells import unwritable
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.laboratory.calls import NO_RESULT, Calls, has_two_copies
from homeward.formats.laboratory.imports import PLAIN, Format, Import, Options, Start
from homeward.programme import Programme, Sample, SampleKind, Settings

if TYPE_CHECKING:
    from xml.sax.xmlreader import AttributesImpl

_ROOT = re.compile(r"<(?:[\w.\-]+:)?CODIS(?:Rapid)?ImportFile[\s>/]")
_NAMESPACES = ("", "urn:CODISImportFile-schema", "urn:CODISRapidImportFile-schema")
_VERSIONS = ("HEADERVERSION", "MESSAGEVERSION", "CMFVERSION")
_TEXTS = frozenset({*_VERSIONS, "SPECIMENID", "SPECIMENCATEGORY", "LOCUSNAME", "ALLELEVALUE"})
_NOT_KEPT = {"SPECIMENCOMMENT": "comments", "READINGBY": "readers' names", "CASEID": "case numbers"}
_PASSED_OVER = frozenset({*_NOT_KEPT, "BATCH", "BATCHID", "KIT", "READING", "READINGDATE", "READINGDATETIME"})
_WITHOUT_TEXT = frozenset({"SPECIMEN", "LOCUS", "ALLELE"})
_MOST_UNKNOWN = 20
_LONGEST = 200  # signs of a name or allele; the format allows 32
_DEEPEST = 64  # elements within each other; the format has five
_MITOCHONDRIAL = re.compile(r"HV[RS]?-? ?(1|2|3|I|II|III)|MT ?-?DNA.*|D-?LOOP|CONTROL REGION", re.IGNORECASE)

KINDS: Mapping[str, SampleKind] = {
    "unidentified person": SampleKind.REMAINS,
    "unidentified human": SampleKind.REMAINS,
    "unidentified human remains": SampleKind.REMAINS,
    "unidentified remains": SampleKind.REMAINS,
    "biological mother": SampleKind.REFERENCE,
    "biological father": SampleKind.REFERENCE,
    "biological sibling": SampleKind.REFERENCE,
    "biological child": SampleKind.REFERENCE,
    "alleged mother": SampleKind.REFERENCE,
    "alleged father": SampleKind.REFERENCE,
    "maternal relative": SampleKind.REFERENCE,
    "paternal relative": SampleKind.REFERENCE,
    "spouse": SampleKind.REFERENCE,
    "missing person": SampleKind.DIRECT,
    "staff": SampleKind.ELIMINATION,
    "elimination, known": SampleKind.ELIMINATION,
}
"""Categories of specimens that say what kind of sample it is; of the others the user must."""

_MIXTURE, _NOBODY = ("forensic mixture",), ("proficiency",)


def is_codis(start: Start) -> bool:
    return bool(_ROOT.search(start.text[:20_000]))


def read_codis(path: Path, options: Options = PLAIN) -> Import:
    """Read a CMF file.

    Raises
    ------
    Rejected
        If it is no well-formed XML, defines entities or a document type, or is of another kind.
    """
    return _Reading(path, options).read()


@dataclass(slots=True)
class _Locus:
    line: int
    name: str = ""
    alleles: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Specimen:
    """A specimen under way."""

    line: int
    partial: bool
    name: str = ""
    category: str = ""
    loci: list[_Locus] = field(default_factory=list)


class _Reading:
    def __init__(self, path: Path, options: Options) -> None:
        self.file, self.stem, self.options = path.name, path.stem, options
        self.path = path
        self.findings = Findings()
        self.calls = Calls(path.name, self.findings, options)
        self.samples: dict[str, Sample] = {}
        self.first: dict[str, tuple[int, str]] = {}
        self.unkinded: Counter[str] = Counter()
        self.related: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.version = ""

    def read(self) -> Import:
        handler = _Handler(self)
        try:
            Start.of(self.path)  # says if there is no such file
            _parse(self.path, handler, self.options.encoding)
        except GivenUp:
            self.findings.given_up(self.file)
        except (SAXException, ValueError, LookupError, OSError) as problem:  # defusedxml's refusals are ValueErrors
            raise Rejected([*self.findings.rejected, self._not_read(problem, handler)]) from None
        if not self.first and not self.findings.rejected:
            raise Rejected([Fault(self.file, None, "", "", "holds no specimen.", "Check that this is the file.")])
        return self._import(handler)

    def _not_read(self, problem: Exception, handler: _Handler) -> Fault:
        if type(problem).__name__ in ("DTDForbidden", "EntitiesForbidden", "ExternalReferenceForbidden"):
            reason = "defines a document type or entities, which such a file does not need and which can do harm."
            return Fault(self.file, handler.line, "", "", reason, "Have it exported anew, without a document type.")
        message = problem.getMessage() if isinstance(problem, SAXException) else str(problem)
        return Fault(self.file, handler.line, "", "", f"is no XML that can be read ({message}).", "Export it again.")

    # --- specimens ---

    def specimen(self, one: _Specimen) -> None:
        category = re.sub(r"\s+", " ", one.category).casefold()
        if not one.name:
            self.fault(one.line, "SPECIMENID", "", "is empty: this specimen was not read.", "Name it.")
        elif category in _MIXTURE:
            told = f"is of several people: specimen {one.name} was not read."
            self.fault(one.line, "SPECIMENCATEGORY", one.category, told, "Give the profile that was deduced from it.")
        elif category in _NOBODY:
            self.left_out[one.category] += 1
            self.first.setdefault(one.name, (one.line, one.category))
        elif self._is_first(one):
            self._kept(one, category)

    def _is_first(self, one: _Specimen) -> bool:
        line, category = self.first.setdefault(one.name, (one.line, one.category))
        if line == one.line:
            return True
        told = f"stands already in line {line:,}" + (f" as {category}." if category != one.category else ".")
        self.fault(one.line, "SPECIMENID", one.name, told, "Make one specimen of them, or name them apart.")
        return False

    def _kept(self, one: _Specimen, category: str) -> None:
        kind = KINDS.get(category)
        self.calls.sample(one.name, one.name)
        if kind is not None:
            self.samples[one.name] = Sample(sample_id=one.name, subject_id=one.name, kind=kind)
            self.related[one.category] += kind is SampleKind.REFERENCE
        else:
            self.unkinded[one.category or "no category"] += 1
        for locus in one.loci:
            self._locus(one, locus)

    def _locus(self, one: _Specimen, locus: _Locus) -> None:
        if not locus.name:
            self.fault(locus.line, "LOCUSNAME", "", f"of {one.name} is empty.", "Name the locus.")
        elif _MITOCHONDRIAL.fullmatch(locus.name):
            told = f"of {one.name} is mitochondrial; the published versions of the format have no place for it."
            self.fault(locus.line, "LOCUSNAME", locus.name, told, "Give mitochondrial haplotypes as a file of EMPOP.")
        elif one.partial and self.options.single_allele == "homozygote" and _is_single(locus):
            told = f"{locus.name} of {one.name} has one allele, and the specimen is marked as partial."
            remedy = "Read the file with --single-allele partial, or mark only specimens that are."
            self.fault(locus.line, "ALLELE", locus.alleles[0], told, remedy)
        else:
            texts = locus.alleles if len(locus.alleles) > 1 else [*locus.alleles, ""]
            self.calls.add(locus.line, "ALLELE", one.name, locus.name, texts)

    def fault(self, line: int, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.file, line, column, value, reason, remedy, reading=True)

    # --- result ---

    def _import(self, handler: _Handler) -> Import:
        haplotypes = self.calls.haplotypes()
        self.calls.note_counts()
        self.calls.note_without_calls()
        self._note_categories()
        self._note_file(handler)
        programme = Programme(
            settings=Settings(name=self.stem, single_allele=self.options.single_allele),
            markers=self.calls.markers(),
            samples=tuple(self.samples.values()),
            profiles=self.calls.profiles(),
            haplotypes=haplotypes,
        )
        return Import(
            format="codis",
            version=self.version,
            programme=programme,
            rejected=self.findings.rejected,
            notes=self.findings.notes,
        )

    def _note(self, column: str, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.file, None, column, value, reason, remedy)

    def _note_categories(self) -> None:
        for category, count in self.related.items():
            if count:
                told = f"({count:,} specimens): whose relative is not in the file; each is a reference sample."
                self._note("SPECIMENCATEGORY", category, told, "State the family in pedigrees.csv.")
        for category, count in self.unkinded.items():
            told = f"({count:,} specimens) does not say whether it is of remains or of a relative."
            self._note("SPECIMENCATEGORY", category, told, "Say it with --kind.")
        for category, count in self.left_out.items():
            self._note("SPECIMENCATEGORY", category, f"({count:,} specimens) is of nobody; they were not read.")

    def _note_file(self, handler: _Handler) -> None:
        if handler.namespace not in _NAMESPACES:
            self._note(
                "", handler.namespace, "is not the namespace of the published versions; it was read as they are."
            )
        if handler.unknown:
            self._note(
                "", ", ".join(sorted(handler.unknown)), "are elements that are not known here; they were not read."
            )
        if handler.not_kept:
            self._note("", ", ".join(sorted(handler.not_kept)), "have no place here and were not kept.")


def _is_single(locus: _Locus) -> bool:
    """Whether there is one allele of a locus that has two copies."""
    one = len([text for text in locus.alleles if text.upper() not in NO_RESULT]) == 1
    return one and has_two_copies(locus.name)


class _Handler(ContentHandler):
    """Gathers one specimen at a time; holds no more of the file than that."""

    def __init__(self, reading: _Reading) -> None:
        super().__init__()
        self.reading = reading
        self.namespace = ""
        self.not_kept: set[str] = set()
        self.unknown: set[str] = set()
        self.specimen: _Specimen | None = None
        self.locus: _Locus | None = None
        self.stack: list[str] = []
        self.text: list[str] = []
        self.at: Any = None

    @property
    def line(self) -> int:
        number = self.at.getLineNumber() if self.at is not None else None
        return int(number or 1)

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        local = name.rpartition(":")[2]
        if not self.stack:
            self._root(name, local, attrs)
        if len(self.stack) >= _DEEPEST:
            raise SAXException("elements lie too deep in each other")
        if self.stack and self.stack[-1] in _TEXTS:
            raise SAXException(f"{self.stack[-1]} holds {local[:_LONGEST]} where a text should be")
        self.stack.append(local)
        self.text = []
        if local == "SPECIMEN":
            self._within(self.specimen is None, local)
            partial = str(attrs.get("PARTIAL", "")).strip().casefold() in ("true", "1", "yes")
            self.specimen = _Specimen(self.line, partial)
            self._noted("CASEID" if attrs.get("CASEID") else "")
        elif local == "LOCUS":
            self._within(self.specimen is not None and self.locus is None, local)
            self.locus = _Locus(self.line)
        elif local in ("ALLELE", "ALLELEVALUE", "LOCUSNAME"):
            self._within(self.locus is not None, local)
        elif local in ("SPECIMENID", "SPECIMENCATEGORY"):
            self._within(self.specimen is not None and self.locus is None, local)
        elif self.specimen is not None and local not in _PASSED_OVER and len(self.unknown) < _MOST_UNKNOWN:
            self.unknown.add(local[:_LONGEST])
        self._noted(local)

    def _root(self, name: str, local: str, attrs: AttributesImpl) -> None:
        if not re.fullmatch(r"CODIS(Rapid)?ImportFile", local):
            raise SAXException(f"its root is {local[:_LONGEST]}, not CODISImportFile")
        prefix = name.rpartition(":")[0]
        self.namespace = str(attrs.get(f"xmlns:{prefix}" if prefix else "xmlns", "")).strip()
        self._is_version(str(attrs.get("HeaderVersion", "")))

    def _within(self, right: bool, name: str) -> None:
        if not right:
            raise SAXException(f"{name} stands where it cannot")

    def _noted(self, name: str) -> None:
        if name in _NOT_KEPT:
            self.not_kept.add(_NOT_KEPT[name])

    def _is_version(self, text: str) -> None:
        if re.fullmatch(r"\d{1,2}(\.\d{1,2})?", text.strip(), re.ASCII):
            self.reading.version = text.strip()

    def characters(self, content: str) -> None:
        if self.stack and self.stack[-1] in _WITHOUT_TEXT and not content.isspace():
            raise SAXException(f"{self.stack[-1]} holds a text where elements should be")
        if self.stack and self.stack[-1] in _TEXTS and len(self.text) <= _LONGEST:
            self.text.append(content[: _LONGEST + 1])

    def endElement(self, name: str) -> None:  # noqa: N802
        local = self.stack.pop()
        text = "".join(self.text).strip()
        self.text = []
        if local in _VERSIONS:
            self._is_version(text)
        elif local in _TEXTS:
            self._stated(local, text)
        elif local == "LOCUS" and self.specimen is not None and self.locus is not None:
            self.specimen.loci.append(self.locus)
            self.locus = None
        elif local == "SPECIMEN" and self.specimen is not None:
            self.reading.specimen(self.specimen)
            self.specimen = None

    def _stated(self, name: str, text: str) -> None:
        if len(text) > _LONGEST or unwritable(text) or "\n" in text or "\t" in text:
            told = "is longer than a name can be." if len(text) > _LONGEST else "holds signs that belong in no name."
            self.reading.fault(self.line, name, text, told, "Correct it.")
            return
        if name == "ALLELEVALUE" and self.locus is not None:
            self.locus.alleles.append(text)
        elif name == "LOCUSNAME" and self.locus is not None:
            self._once(name, self.locus.name, text)
            self.locus.name = self.locus.name or text
        elif name == "SPECIMENID" and self.specimen is not None:
            self._once(name, self.specimen.name, text)
            self.specimen.name = self.specimen.name or text
        elif name == "SPECIMENCATEGORY" and self.specimen is not None:
            self._once(name, self.specimen.category, text)
            self.specimen.category = self.specimen.category or text

    def _once(self, name: str, before: str, text: str) -> None:
        if before and before != text:
            self.reading.fault(self.line, name, text, f"stands already as {before}.", "Keep one.")


def _parse(path: Path, handler: _Handler, encoding: str) -> None:
    from defusedxml.expatreader import create_parser

    parser = create_parser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    parser.setContentHandler(handler)
    handler.at = parser
    with path.open("rb") as file:
        source: Any = io.TextIOWrapper(file, encoding=encoding, newline="") if encoding else file
        while chunk := source.read(1 << 16):
            parser.feed(chunk)
    parser.close()


FORMAT = Format(name="codis", title="CODIS Common Message Format (XML)", is_one=is_codis, read=read_codis)
