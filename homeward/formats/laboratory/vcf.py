"""VCF 4.1 to 4.4, plain or compressed (gzip, bgzip): SNPs of two alleles, as log likelihoods of genotypes.

What a sample shows is taken from its likelihoods (GL, PL), else from its reads (AD) through the model of
:mod:`homeward.genetics.snp.observation`, else from its genotype (GT). Counted is the alternative allele.
"""

from __future__ import annotations

import gzip
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from homeward.errors import Fault, Nonsense, Rejected
from homeward.formats.cells import BadCell, number, unwritable
from homeward.formats.faults import Findings, GivenUp
from homeward.formats.laboratory.imports import PLAIN, Format, Import, Options, Start, read_text
from homeward.genetics.snp.observation import from_genotypes, from_reads, from_single_alleles
from homeward.genetics.snp.panel import CHROMOSOMES, Panel, observed, panels
from homeward.programme import Programme, Settings, SnpMarker, SnpProfile

_VERSION = re.compile(r"##fileformat=VCFv(4\.\d)\s*", re.ASCII)
_COLUMNS = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
_BASES = frozenset("ACGTacgt")
_GENOTYPE = re.compile(r"[/|]?[01.]([/|][01.])?", re.ASCII)  # version 4.4 may say the phase of the first allele
_LONGEST_LINE = 1 << 26
_REMEMBERED = 1 << 18  # texts of cells whose meaning is kept at a time
_MOST_POSITION = 300_000_000
_LN10_TENTH = float(np.log(10) / 10)
_NOTHING = -1  # code of a cell that says nothing
_HARD = from_genotypes([0, 1, 2])

Triple = tuple[float, float, float]


def is_vcf(start: Start) -> bool:
    return _beginning(start.data).startswith(b"##fileformat=VCFv4")


def _beginning(data: bytes) -> bytes:
    if not data.startswith(b"\x1f\x8b"):
        return data.removeprefix(b"\xef\xbb\xbf")
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, 4096)
    except zlib.error:
        return b""


def read_vcf(path: Path, options: Options = PLAIN) -> Import:
    """Read SNPs.

    ``options.beside`` names the subject of each sample (two columns), where it is another than the sample's name;
    ``options.population`` that of the frequencies in INFO AF.

    Raises
    ------
    Rejected
        If it is no VCF 4, cannot be decompressed, or names its samples twice.
    """
    return _Reading(path, options).read()


@dataclass(slots=True)
class _Site:
    line: int
    snp: str
    chromosome: str
    position: int
    reference: str
    counted: str
    frequency: float | None


@dataclass(slots=True)
class _Seen:
    """Log likelihoods of all cells: a code for each sample and site, and three numbers for each code."""

    codes: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))
    known: dict[tuple[str, ...], int] = field(default_factory=dict)

    def code(self, key: tuple[str, ...], triple: Triple | None) -> int:
        if len(self.known) >= _REMEMBERED:
            self.known.clear()
        if triple is None:
            code = _NOTHING
        else:
            code = len(self.values) // 3
            self.values.extend(triple)
        self.known[key] = code
        return code


class _Reading:
    def __init__(self, path: Path, options: Options) -> None:
        for name, rate in (("read_error", options.read_error), ("damage", options.damage)):
            if not 0 <= rate < 1:
                raise Nonsense(f"{name} {rate} is not a rate from 0 to below 1")
        self.path, self.file, self.options = path, path.name, options
        self.findings = Findings()
        self.samples: list[str] = []
        self.sites: list[_Site] = []
        self.seen = _Seen()
        self.names: dict[str, int] = {}
        self.places: dict[tuple[str, int], int] = {}  # where a SNP stands -> its site
        self.split: set[int] = set()
        self.used: Counter[str] = Counter()
        self.version = ""

    def read(self) -> Import:
        Start.of(self.path)  # says if there is no such file
        try:
            lines = self._lines()
            self._header(lines)
            for line, row in lines:
                if row:
                    self._row(line, row)
        except GivenUp:
            self.findings.given_up(self.file)
        except (OSError, EOFError, zlib.error, UnicodeError) as problem:
            told = f"cannot be read to its end ({problem})."
            raise Rejected([Fault(self.file, None, "", "", told, "Copy or compress the file again.")]) from None
        return self._import()

    def _lines(self) -> Iterator[tuple[int, str]]:
        with self.path.open("rb") as plain:
            packed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            file = gzip.GzipFile(fileobj=plain) if packed else plain
            line = 0
            while data := file.readline(_LONGEST_LINE):
                line += 1
                if len(data) == _LONGEST_LINE:
                    raise OSError(f"line {line:,} is longer than {_LONGEST_LINE:,} bytes")
                yield line, data.decode(self.options.encoding or "utf-8-sig").rstrip("\r\n")

    def fault(self, line: int, column: str, value: str, reason: str, remedy: str, *, reading: bool = True) -> None:
        self.findings.fault(self.file, line, column, value, reason, remedy, reading=reading)

    def note(self, value: str, reason: str, remedy: str = "") -> None:
        self.findings.note(self.file, None, "", value, reason, remedy)

    # --- header ---

    def _header(self, lines: Iterator[tuple[int, str]]) -> None:
        for line, row in lines:
            if line == 1:
                stated = _VERSION.fullmatch(row)
                if not stated:
                    self._refuse(1, row, "is not ##fileformat=VCFv4.", "Convert it to VCF 4.2.")
                self.version = stated[1] if stated else ""
            elif row.startswith("#CHROM"):
                self._columns(line, row.split("\t"))
                return
            elif not row.startswith("##"):
                self._refuse(line, row, "stands where the row of column names should be.", "Give the whole file.")
        self._refuse(None, "", "has no row of column names (#CHROM ...).", "Give the whole file.")

    def _refuse(self, line: int | None, value: str, reason: str, remedy: str) -> None:
        raise Rejected([Fault(self.file, line, "", value[:80], reason, remedy)])

    def _columns(self, line: int, cells: list[str]) -> None:
        if cells[:8] != _COLUMNS or (len(cells) > 8 and cells[8] != "FORMAT"):
            self._refuse(line, " ".join(cells[:9]), "does not name the columns of a VCF.", "Separate them with tabs.")
        self.samples = [name.strip() for name in cells[9:]]
        wrong = [name for name in self.samples if not name or unwritable(name) or self.samples.count(name) > 1]
        if wrong:
            self._refuse(line, wrong[0], "is no name, or that of several samples.", "Name each sample once.")
        if self.version not in ("4.1", "4.2", "4.3", "4.4"):
            self.note(self.version, "is a version that is not known here; it was read as 4.2.")

    # --- rows ---

    def _row(self, line: int, row: str) -> None:
        cells = row.split("\t")
        if len(cells) != (9 + len(self.samples) if self.samples else len(cells)) or len(cells) < 8:
            told = f"has {len(cells):,} columns where the header has {9 + len(self.samples):,}."
            self.fault(line, "", row, told, "Separate columns with tabs; check that the row is whole.")
            return
        try:
            site = self._site(line, cells)
        except BadCell as bad:
            # a genome has a million rows that are no SNP of two alleles: these are no reason to give up on it
            self.fault(line, bad.args[1], bad.args[2], f"{bad.reason}.", bad.remedy, reading=False)
            return
        self.sites.append(site)
        if self.samples:
            self.seen.codes.extend(self._codes(site, cells[8].split(":"), cells[9:]))

    def _site(self, line: int, cells: Sequence[str]) -> _Site:
        chromosome = _chromosome(cells[0])
        position = _position(cells[1])
        reference, counted = cells[3].upper(), cells[4].upper()
        if len(reference) != 1 or len(counted) != 1 or not {reference, counted} <= _BASES or reference == counted:
            raise _no_snp(cells[3], cells[4])
        if cells[6] not in ("PASS", ".", "0"):
            raise _bad("FILTER", cells[6], "says that the laboratory does not trust this row", "Take it out.")
        snp = cells[2].split(";")[0].strip()
        snp = f"{chromosome}:{position}:{reference}:{counted}" if snp in ("", ".") else snp
        if unwritable(snp) or snp in ("NA", "untested", "withheld", "not_found"):
            raise _bad("ID", snp, "is no name", "Write . where it has none.")
        if snp in self.names:
            raise _bad("ID", snp, f"stands already in line {self.names[snp]:,}", "Name each SNP once.")
        frequency = _frequency(cells[7]) if self.options.population else None
        first = self.places.setdefault((chromosome, position), len(self.sites))
        if first != len(self.sites):
            self._split(first)
            reason = "has several rows at this position: an allele more than two, or the same row again"
            raise _bad("POS", cells[1], reason, "Leave it out, or give sites of two alleles in one row.")
        self.names[snp] = line
        self.used["frequency"] += not self.options.population and any(map(_is_frequency, cells[7].split(";")))
        return _Site(line, snp, chromosome, position, reference, counted, frequency)

    def _split(self, first: int) -> None:
        """The row that came first at a position of several rows is no better than the others."""
        if first not in self.split:
            self.split.add(first)
            site = self.sites[first]
            reason = "has several rows at this position: an allele more than two, or the same row again."
            remedy = "Leave it out, or give sites of two alleles in one row."
            self.fault(site.line, "POS", str(site.position), reason, remedy, reading=False)

    def _codes(self, site: _Site, keys: Sequence[str], cells: Sequence[str]) -> Iterator[int]:
        at = [(kind, keys.index(kind)) for kind in ("GL", "PL", "AD", "GT") if kind in keys]
        self.used["no field"] += not at
        for sample, cell in zip(self.samples, cells, strict=True):
            fields = cell.split(":")
            code = _NOTHING
            for kind, place in at:
                text = fields[place] if place < len(fields) else "."
                if text[0:1] in ("", ".") and not text.strip("./|,"):
                    continue
                try:
                    code = self._code(kind, text, site)
                except BadCell as bad:
                    self.fault(site.line, sample, cell, f"{kind} {bad.reason}.", bad.remedy)
                break
            yield code

    def _code(self, kind: str, text: str, site: _Site) -> int:
        of_alleles = kind in ("AD", "GT") and self.options.damage  # damage is of C and G alone
        key = (kind, text, site.reference, site.counted) if of_alleles else (kind, text)
        code = self.seen.known.get(key)
        if code is None:
            triple, how = self._triple(kind, text, site)
            code = self.seen.code(key, triple if observed(np.array([triple]))[0] else None)
            self.used[how] += 1
        return code

    def _triple(self, kind: str, text: str, site: _Site) -> tuple[Triple, str]:
        if kind == "GT":
            return self._of_genotype(text, site)
        values = text.split(",")
        if kind == "AD":
            return self._of_reads(values, site), "AD"
        if len(values) != 3:
            raise BadCell(f"has {len(values)} numbers where two alleles have 3", "Give likelihoods of two copies.")
        numbers = [_number(value) for value in values]
        if kind == "PL" and min(numbers) < 0:
            raise BadCell("has a number below 0", "PL is -10 log10 of a likelihood.")
        if kind == "GL" and max(numbers) > 0:
            raise BadCell("has a number above 0", "GL is log10 of a likelihood, which is 1 at most.")
        scale = -_LN10_TENTH if kind == "PL" else 10 * _LN10_TENTH
        logs = [scale * value + 0.0 for value in numbers]
        return (logs[0], logs[1], logs[2]), kind

    def _of_reads(self, values: Sequence[str], site: _Site) -> Triple:
        if len(values) != 2 or not all(re.fullmatch(r"\d{1,9}", value, re.ASCII) for value in values):
            raise BadCell("does not count the reads of two alleles", "Write two whole numbers.")
        reads = [int(value) for value in values]
        logs = from_reads(
            _one(site.reference, site.counted),
            reads[:1],
            reads[1:],
            error=self.options.read_error,
            damage=self.options.damage,
        )[0]
        return float(logs[0]), float(logs[1]), float(logs[2])

    def _of_genotype(self, text: str, site: _Site) -> tuple[Triple, str]:
        if not _GENOTYPE.fullmatch(text):
            raise BadCell("is no genotype of two alleles", "Write 0/0, 0/1 or 1/1.")
        alleles = [int(allele) for allele in re.findall(r"[01]", text)]
        if len(alleles) == 2:
            logs: npt.NDArray[np.float64] = _HARD[sum(alleles)]
            return (float(logs[0]), float(logs[1]), float(logs[2])), "GT"
        logs = from_single_alleles(
            _one(site.reference, site.counted), alleles, error=self.options.read_error, damage=self.options.damage
        )[0]
        return (float(logs[0]), float(logs[1]), float(logs[2])), "single"

    # --- result ---

    def _import(self) -> Import:
        if not self.sites and not self.findings.rejected:
            raise Rejected([Fault(self.file, None, "", "", "holds no row.", "Check that this is the file.")])
        kept = np.array([place for place in range(len(self.sites)) if place not in self.split], dtype=np.int64)
        profiles = self._profiles(kept, self._subjects())
        panel = self._panel(kept)
        self._notes(len(panel), len(kept))
        programme = Programme(
            settings=Settings(name=self.path.name.split(".")[0] or "vcf"),
            snp_panel=panel,
            snp_profiles=profiles,
        )
        sites = [self.sites[place] for place in kept.tolist()]
        return Import(
            format="vcf",
            version=self.version,
            programme=programme,
            rejected=self.findings.rejected,
            notes=self.findings.notes,
            snp_alleles={site.snp: (site.reference, site.counted) for site in sites},
        )

    def _profiles(self, kept: npt.NDArray[np.int64], subjects: dict[str, str]) -> tuple[SnpProfile, ...]:
        if not self.samples:
            return ()
        codes = np.array(self.seen.codes, dtype=np.int64).reshape(len(self.sites), len(self.samples))[kept]
        values = np.array(self.seen.values, dtype=np.float64).reshape(-1, 3)
        names = [self.sites[place].snp for place in kept.tolist()]
        every = tuple(names)
        made = []
        for place, sample in enumerate(self.samples):
            there = np.flatnonzero(codes[:, place] >= 0)
            if not there.size:
                self.note(sample, "shows nothing at any SNP; it was left out.")
                continue
            snps = every if there.size == len(every) else tuple([names[at] for at in there.tolist()])
            logs = values[codes[there, place]]
            made.append(SnpProfile(sample_id=sample, subject_id=subjects[sample], snps=snps, log_likelihood=logs))
        return tuple(made)

    def _subjects(self) -> dict[str, str]:
        """Whose each sample is: its own name, or what the file beside says."""
        subjects = {sample: sample for sample in self.samples}
        beside = self.options.beside
        if beside is None:
            return subjects
        text = read_text(beside, self.findings, self.options.encoding)
        named: set[str] = set()
        for line, row in enumerate(text.split("\n"), 1):
            cells = [cell.strip() for cell in re.split(r"[\t;,]", row)] if re.search(r"[\t;,]", row) else row.split()
            if not any(cells) or (line == 1 and cells[0].casefold() in ("sample", "sample_id")):
                continue
            if len(cells) != 2 or not all(cells) or cells[0] not in subjects or cells[0] in named:
                reason = "does not give a sample of the file, once, and its subject."
                self.findings.fault(beside.name, line, "", row, reason, "Write the sample, a tab, and the subject.")
                continue
            named.add(cells[0])
            subjects[cells[0]] = cells[1]
        return subjects

    def _panel(self, kept: npt.NDArray[np.int64]) -> tuple[SnpMarker, ...]:
        return tuple(
            SnpMarker(
                snp=site.snp,
                population=self.options.population,
                frequency=site.frequency,
                chromosome=site.chromosome,
                position=site.position,
                reference=site.reference,
                counted=site.counted,
            )
            for site in (self.sites[place] for place in kept.tolist())
            if site.frequency is not None
        )

    def _notes(self, panel: int, sites: int) -> None:
        if self.samples:
            self.note("", f"{sites:,} SNPs: counted is the alternative allele (ALT).")
        if self.used["AD"] or self.used["single"]:
            told = f"are weighed with an error of {self.options.read_error} a read and damage {self.options.damage}"
            what = "reads (AD)" if self.used["AD"] else "single alleles"
            self.note("", f"{what} {told}.", "Say other rates with --read-error and --damage.")
        if self.used["no field"]:
            self.note("", f"{self.used['no field']:,} rows have none of the fields GL, PL, AD, GT; they show nothing.")
        if self.used["single"]:
            self.note("", "genotypes of one allele are taken as one read, which shows one of two copies.")
        if self.used["GT"]:
            self.note("", "genotypes (GT) without likelihoods are taken as certain, but for the typing error stated.")
        if self.used["frequency"]:
            told = "states frequencies (AF). They may be those of its samples, and were not taken."
            self.note("", told, "If they are a population's, name it with --population.")
        if self.options.population and panel < sites:
            self.note("", f"{sites - panel:,} SNPs state no frequency (AF) and have no row in snp_panel.")


@lru_cache(maxsize=64)
def _one(reference: str, counted: str) -> Panel:
    """A panel of one SNP, for the models of what was observed."""
    marker = SnpMarker(snp="s", population="", frequency=0.5, reference=reference, counted=counted)
    return panels([marker])[""]


def _bad(column: str, value: str, reason: str, remedy: str) -> BadCell:
    bad = BadCell(reason, remedy)
    bad.args = (reason, column, value)
    return bad


def _no_snp(reference: str, alternative: str) -> BadCell:
    column, value = "ALT", f"{reference}>{alternative}"
    if "," in alternative:
        return _bad(column, value, "has more than two alleles", "A SNP here has two.")
    if alternative in (".", "<NON_REF>", "<*>"):
        return _bad(column, value, "has no second allele", "Leave out rows that do not vary.")
    if alternative[:1] == "<" or any(sign in alternative for sign in "[]*"):
        return _bad(column, value, "is a structural variant or a deletion, no SNP", "Leave it out.")
    if len(reference) > 1 or len(alternative) > 1:
        return _bad(column, value, "inserts, deletes or replaces several bases; it is no SNP", "Leave it out.")
    return _bad(column, value, "is not a change from one of A, C, G, T to another", "Leave it out.")


def _chromosome(text: str) -> str:
    plain = re.sub(r"^(chr|chrom|chromosome)[_ ]?", "", text, flags=re.IGNORECASE).upper()
    name = {"23": "X", "24": "Y", "MT": "M", "26": "M", "25": "X"}.get(plain, plain)
    if not name or name not in CHROMOSOMES:
        raise _bad("CHROM", text, "is none of the chromosomes 1 to 22 and X", "Leave it out.")
    if name in ("Y", "M"):
        reason = "has one copy, inherited as a whole; its SNPs are not read one by one"
        raise _bad("CHROM", text, reason, "Give haplotypes of these lines in a format of their own.")
    return name


def _position(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or not 1 <= int(text) <= _MOST_POSITION:
        raise _bad("POS", text, "is no position on a chromosome", "Write a whole number from 1.")
    return int(text)


def _is_frequency(entry: str) -> bool:
    return entry.startswith("AF=")


def _frequency(info: str) -> float | None:
    stated = [one.removeprefix("AF=") for one in info.split(";") if _is_frequency(one)]
    if not stated or stated[0] in (".", ""):
        return None
    try:
        if len(stated) > 1:
            raise BadCell("is stated twice", "Keep one.")
        return number(stated[0], low=0, high=1)
    except BadCell as bad:
        raise _bad("INFO AF", stated[0], bad.reason, bad.remedy) from None


def _number(text: str) -> float:
    return number(text)


FORMAT = Format(name="vcf", title="VCF 4 with SNPs (plain, gzip, bgzip)", is_one=is_vcf, read=read_vcf)
