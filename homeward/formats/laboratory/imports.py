"""What a reader of a laboratory's file gives, and what it is given.

A reader goes through the whole file. What it can represent is in a partial :class:`Programme`; each row it
cannot is in ``rejected`` with line, column, value, reason and remedy; what was assumed or is not kept is a note.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Protocol

from homeward.errors import Fault, Rejected
from homeward.formats.cells import unwritable
from homeward.formats.faults import Findings
from homeward.formats.files import read_file
from homeward.programme import NOTHING, Programme, Sex

BEGINNING = 1 << 16  # bytes by which a file is recognised
MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a file does not say about itself, and its user must.

    Parameters
    ----------
    single_allele : what one allele beside an empty cell means: fault, homozygote or partial
    population : the population of frequencies and people, where the file names none
    pedigree : which of several pedigrees (hypotheses about the same people) is meant
    encoding : of a text file that is not Unicode, such as cp949; empty tells it from the bytes
    beside : a second file that belongs to the first (the .map or .dat of a .ped)
    sheet : which sheet of a workbook; empty is its only one
    read_error : probability that a read of one allele shows the other, where a file counts reads
    damage : probability that a C is read as T, and a G as A, averaged over the positions of reads
    root : whose family is meant, of a file of genealogy; empty is every family
    """

    single_allele: str = "fault"
    population: str = ""
    pedigree: str = ""
    encoding: str = ""
    beside: Path | None = None
    sheet: str = ""
    read_error: float = 0.01
    damage: float = 0.0
    root: str = ""


PLAIN = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a file says of a person without saying whether it is a relative or remains."""

    sex: Sex = Sex.UNKNOWN
    population: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What a file said, as far as it could be read.

    Parameters
    ----------
    format : name of the format, as ``homeward import --format`` knows it
    version : of the format or the program that wrote it; "" if it does not say
    programme : partial: whichever records the file has. Profiles without a row in ``samples`` are of a
        subject whose kind the file does not tell
    rejected : rows that were not read, each with its reason
    notes : what was assumed, changed in form, or has no place here
    subjects : what the file says of subjects that have no record in ``programme``, by subject_id
    snp_alleles : of each SNP the reference and the counted allele, also of those without a row in the panel
    """

    format: str
    version: str
    programme: Programme
    rejected: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()
    subjects: Mapping[str, Subject] = field(default_factory=lambda: NOTHING)
    snp_alleles: Mapping[str, tuple[str, str]] = field(default_factory=lambda: NOTHING)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many records of each kind there are, none left at zero."""
        told = self.programme
        every = {
            "missing persons": len(told.missing),
            "families": len(told.pedigrees),
            "members": sum(len(pedigree.members) for pedigree in told.pedigrees),
            "markers": len(told.markers),
            "samples": len(told.samples),
            "profiles": len(told.profiles),
            "calls": sum(len(profile.calls) for profile in told.profiles),
            "frequency tables": sum(map(len, told.frequencies.values())),
            "mutation models": len(told.mutation),
            "haplotypes": len(told.haplotypes),
            "haplotype counts": len(told.haplotype_counts),
            "SNPs": len(told.snp_panel),
            "SNP profiles": len(told.snp_profiles),
            "remains": len(told.remains),
        }
        return {name: count for name, count in every.items() if count}


@dataclass(frozen=True)
class Start:
    """The beginning of a file, by which it is recognised: its bytes, and as text where it is text."""

    path: Path
    data: bytes

    @classmethod
    def of(cls, path: Path) -> Start:
        """Raises Rejected if there is no readable file."""
        if not path.is_file():
            what = "is no file" if path.exists() else "is not there"
            raise Rejected([Fault(path.name, None, "", "", f"{what}.", "Look at its name.")])
        try:
            with path.open("rb") as file:
                return cls(path, file.read(BEGINNING))
        except OSError as problem:
            raise Rejected([Fault(path.name, None, "", "", f"cannot be read: {problem.strerror}.")]) from None

    @cached_property
    def text(self) -> str:
        """The beginning as text, the last line possibly cut short; "" if it is not text."""
        data = self.data
        if len(data) == BEGINNING:  # a sign may be cut in two
            data = data[: data.rfind(b"\n") + 1 or len(data)]
            if data.startswith(codecs.BOM_UTF16_LE) or _is_utf16(data):
                data = data[: len(data) & ~1]
        try:
            return decoded(data)[0]
        except UnicodeError:  # of an encoding that its user must name; headers are ASCII in all that matter here
            return "" if b"\x00" in data else decoded(data, "latin-1")[0]

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """Its lines without line ends, blank ones included."""
        return tuple(self.text.splitlines())


class Reader(Protocol):
    def __call__(self, path: Path, options: Options = ...) -> Import: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format that is read.

    Parameters
    ----------
    name : as the command line knows it
    title : as a person knows it
    is_one : whether a file that begins so is of this format; told from what stands in it, never from its name
    read : gives what the file says; raises Rejected only where nothing at all can be read
    """

    name: str
    title: str
    is_one: Callable[[Start], bool]
    read: Reader = field(repr=False)


def decoded(data: bytes, encoding: str = "") -> tuple[str, str]:
    """Text of a file and the encoding it was read in: as told, else Unicode, else Windows-1252.

    Line ends become line feeds and a byte order mark is taken off.

    Raises
    ------
    UnicodeError
        If it is not text in that encoding.
    """
    if encoding:
        text, name = data.decode(encoding), encoding
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text, name = data.decode("utf-16"), "utf-16"
    elif order := _is_utf16(data):
        text, name = data.decode(order), order
    else:
        text, name = _eight_bits(data)
    if "\x00" in text:
        raise UnicodeError("holds zero bytes")
    return re.sub(r"\r\n?", "\n", text.removeprefix("\ufeff")).rstrip("\x1a"), name  # DOS ended files with it


def _is_utf16(data: bytes) -> str:
    """Which UTF-16 without a mark this is, told by the zeros beside its first signs; "" if none."""
    first = data[:200]
    if len(first) < 4 or b"\x00" not in first:
        return ""
    even, odd = first[::2].count(0) / len(first[::2]), first[1::2].count(0) / len(first[1::2])
    if odd > 0.8 and even < 0.2:
        return "utf-16-le"
    return "utf-16-be" if even > 0.8 and odd < 0.2 else ""


def _eight_bits(data: bytes) -> tuple[str, str]:
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252"), "cp1252"


def read_text(path: Path, findings: Findings, encoding: str = "") -> str:
    """A text file as programs of laboratories write them, its line ends made line feeds.

    Lines with control signs are faults and become empty, so that line numbers stay true.

    Raises
    ------
    Rejected
        If it is not there, too large, or not text.
    """
    data = read_file(path, most=MOST_BYTES)
    try:
        text, name = decoded(data, encoding)
    except (UnicodeError, LookupError) as problem:
        remedy = "Check that this is the file that was meant, or name its encoding (--encoding cp949)."
        raise Rejected([Fault(path.name, None, "", "", f"is not text ({problem}).", remedy)]) from None
    if name == "cp1252":
        findings.note(path.name, None, "", "", "is not Unicode and was read as Windows-1252.", "Else name --encoding.")
    return _without_control_signs(text, path.name, findings) if unwritable(text) else text


def _without_control_signs(text: str, file: str, findings: Findings) -> str:
    kept = []
    for number, line in enumerate(text.split("\n"), 1):
        if unwritable(line):
            findings.fault(file, number, "", line.strip(), "holds signs that belong in no text file.", "Save it anew.")
            kept.append("")
        else:
            kept.append(line)
    return "\n".join(kept)
