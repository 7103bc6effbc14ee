"""Genotype calls as laboratories' tables write them: one spelling of each allele, or the reason why there is none.

Tolerant in form (9,3 and 14.0 have one meaning), strict in meaning: an off-ladder peak, a third allele, a
date that Excel made of an allele are refused with the reason, never repaired.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from homeward.errors import Nonsense
from homeward.formats.cells import BadCell, allele, number_text
from homeward.formats.faults import Findings
from homeward.formats.laboratory.imports import Options
from homeward.formats.laboratory.rows import Moment
from homeward.genetics.lineage.reading import NotAHaplotype
from homeward.genetics.lineage.ystr import read_yhaplotype
from homeward.programme import (
    NOT_OBSERVED,
    Call,
    Haplotype,
    LineageKind,
    Marker,
    Profile,
)
from homeward.tables import AMELOGENIN, canonical_marker, canonical_y_locus, y_loci

NO_RESULT = frozenset(("", "-", "--", "NA", "N/A", "ND", "N.D.", "NR", "INC", "NULL", "NAN", "-9", "0"))
_NUMBER = re.compile(r"\d{1,4}([.,]\d{1,14})?", re.ASCII)
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mai|okt|dez|mrz)[a-z.]*"
_LIKE_DATE = re.compile(
    rf"\d{{4}}-\d\d?-\d\d?.*"
    rf"|\d\d?[./]\d\d?[./]\d{{2,4}}|\d\d?[-. ]{_MONTH}.*|{_MONTH}[-. ]\d+",
    re.ASCII | re.IGNORECASE,
)
_OFF_LADDER = re.compile(r"OL\??|OMR|OB|OFF[- ]?LADDER|[<>].*", re.IGNORECASE)
_Y = re.compile(r"DY[SF]\d.*|Y-?GATA.*|YCAII.*|Y-?INDEL", re.IGNORECASE)
_X = re.compile(r"DXS\d+|HPRTB", re.IGNORECASE)


def one_allele(text: str, marker: str = "") -> str:
    """The one spelling of an allele that was observed.

    Raises
    ------
    BadCell
        With the reason, if the cell does not name one allele.

    >>> one_allele("9,3"), one_allele("14.0"), one_allele("x", "AMEL")
    ('9.3', '14', 'X')
    """
    if not text:
        raise BadCell("is empty", "Write the allele.")
    if isinstance(text, Moment) or _LIKE_DATE.fullmatch(text):
        raise BadCell("was turned into a date by Excel", "Format the column as text and enter the allele again.")
    if marker == AMELOGENIN:
        return _of_sex(text)
    if _OFF_LADDER.fullmatch(text):
        raise BadCell("is off the ladder: it names no allele", f"Write the allele, or {NOT_OBSERVED} if it is unknown.")
    if _NUMBER.fullmatch(text):
        number = text.replace(",", ".")
        if len(number.partition(".")[2].rstrip("0")) > 2:
            raise BadCell("has more decimals than an allele has", "It was calculated or rounded; enter it again.")
        return number_text(float(number))
    return allele(text)


def _of_sex(text: str) -> str:
    if text.upper() not in ("X", "Y", NOT_OBSERVED):
        raise BadCell("is neither X nor Y", f"Amelogenin is X, X or X, Y; {NOT_OBSERVED} was not observed.")
    return text.upper()


class Calls:
    """Collects the calls of a file's samples, and tells every row that is none.

    Parameters
    ----------
    file : as the user knows it
    """

    def __init__(self, file: str, findings: Findings, options: Options) -> None:
        if options.single_allele not in ("fault", "homozygote", "partial"):
            raise Nonsense(f"single_allele is fault, homozygote or partial, not {options.single_allele!r}")
        self.file, self.findings, self._single = file, findings, options.single_allele
        self._subjects: dict[str, str] = {}
        self._calls: dict[str, dict[str, Call]] = {}
        self._lines: dict[tuple[str, str], int] = {}
        self._known: dict[tuple[str, ...], Call | None] = {}
        self._names: dict[str, str] = {}
        self._counts: Counter[str] = Counter()

    def sample(self, sample_id: str, subject_id: str) -> None:
        """A sample is there, whether or not it has a call."""
        self._subjects.setdefault(sample_id, subject_id)
        self._calls.setdefault(sample_id, {})

    def subject_of(self, sample_id: str) -> str | None:
        return self._subjects.get(sample_id)

    def add(self, line: int, column: str, sample_id: str, name: str, texts: Sequence[str]) -> None:
        """Take one row's or cell's alleles; what cannot be taken is a fault at this line and column."""
        marker = self._names.get(name)
        if marker is None:
            marker = self._names[name] = canonical_marker(name)
        key = (marker, *texts)
        if key in self._known and not any(type(text) is Moment for text in texts):
            call = self._known[key]
        else:
            try:
                call = self._call(marker, texts)
            except BadCell as bad:
                shown = ", ".join(text for text in texts if text)
                where = f"{marker} of {sample_id}"
                self._fault(line, column, shown, f"{where}: {bad.reason}.", bad.remedy)
                return
            self._known[key] = call
        self._counts["untyped"] += call is None
        if call is not None:
            self._keep(line, column, sample_id, marker, call)

    def _call(self, marker: str, texts: Sequence[str]) -> Call | None:
        observed = [text for text in texts if text.upper() not in NO_RESULT]
        if not observed:
            return None
        if len(observed) > 2:
            raise BadCell(
                f"has {len(observed)} alleles: a mixture, or a pattern of three alleles",
                "Decide which two are this person's, or leave the marker out.",
            )
        alleles = [one_allele(text, marker) for text in observed]
        if len(alleles) == 2:
            return alleles[0], alleles[1]
        if _Y.fullmatch(marker) and _copies(marker) == 1:
            return alleles[0], alleles[0]
        beside = next((text for text in texts if text and text.upper() in NO_RESULT), "")
        if beside:
            raise BadCell(
                f"has {beside!r} beside an allele",
                f"Write {NOT_OBSERVED} for an allele that was not observed, or leave the cell empty.",
            )
        return self._single_allele(alleles[0])

    def _single_allele(self, only: str) -> Call:
        if self._single == "fault":
            raise BadCell(
                "has one allele and an empty cell",
                "Say what that means: --single-allele homozygote, or partial (the other was not observed).",
            )
        return only, only if self._single == "homozygote" else NOT_OBSERVED

    def _keep(self, line: int, column: str, sample_id: str, marker: str, call: Call) -> None:
        calls = self._calls[sample_id]
        before = calls.get(marker)
        if before is None:
            calls[marker] = call
            self._lines[sample_id, marker] = line
        elif sorted(before) == sorted(call):
            self._counts["repeated"] += 1
        else:
            first = self._lines[sample_id, marker]
            self._fault(
                line,
                column,
                ", ".join(call),
                f"{marker} of {sample_id} stands already in line {first:,} as {', '.join(before)}.",
                "Give the runs sample names of their own, or keep the right one.",
            )

    def _fault(self, line: int, column: str, value: str, reason: str, remedy: str) -> None:
        self.findings.fault(self.file, line, column, value, reason, remedy, reading=True)

    def note_counts(self) -> None:
        """Say once what was left out or meant the same many times."""
        told = {
            "untyped": "calls are empty or say that there is no result (-, NA, 0, INC ...); they are untyped here.",
            "repeated": "calls stand again with the same alleles; each was kept once.",
        }
        for what, words in told.items():
            if self._counts[what]:
                self.findings.note(self.file, None, "", "", f"{self._counts[what]:,} {words}")

    def profiles(self) -> tuple[Profile, ...]:
        """Autosomal, X and amelogenin calls, a profile for each sample that has one."""
        made = []
        for sample_id, calls in self._calls.items():
            kept = {marker: call for marker, call in calls.items() if not _Y.fullmatch(marker)}
            if kept:
                made.append(Profile(sample_id=sample_id, subject_id=self._subjects[sample_id], calls=kept))
        return tuple(made)

    def haplotypes(self) -> tuple[Haplotype, ...]:
        """Y-STR calls, which are a haplotype; a locus that cannot be part of one is a fault."""
        made = []
        for sample_id, calls in self._calls.items():
            loci = {marker: call for marker, call in calls.items() if _Y.fullmatch(marker)}
            told = self._haplotype(sample_id, loci) if loci else ""
            if told:
                made.append(
                    Haplotype(
                        sample_id=sample_id,
                        subject_id=self._subjects[sample_id],
                        kind=LineageKind.Y,
                        haplotype=told,
                    )
                )
        return tuple(made)

    def _haplotype(self, sample_id: str, loci: Mapping[str, Call]) -> str:
        words = {_y_word(marker, call): marker for marker, call in loci.items()}
        try:
            whole = read_yhaplotype(" ".join(words))
        except NotAHaplotype as refused:
            for fault in refused.faults:
                marker = words.get(fault.value, fault.value.partition("=")[0])
                line = self._lines.get((sample_id, marker), 0)
                self._fault(line, marker, fault.value, f"of {sample_id} {fault.reason}", fault.remedy)
            wrong = {fault.value for fault in refused.faults}
            rest = {marker: loci[marker] for word, marker in words.items() if word not in wrong}
            return self._haplotype(sample_id, rest) if rest and len(rest) < len(loci) else ""
        for remark in whole.remarks:
            self.findings.note(self.file, None, "", sample_id, f"{remark}.")
        return " ".join(words) if whole.alleles else ""

    def markers(self) -> tuple[Marker, ...]:
        """Markers of the X, of which the programme must be told."""
        found = dict.fromkeys(marker for calls in self._calls.values() for marker in calls if _X.fullmatch(marker))
        return tuple(Marker(marker=marker, chromosome="X") for marker in found)

    def note_without_calls(self) -> None:
        empty = [sample_id for sample_id, calls in self._calls.items() if not calls]
        if empty:
            shown = ", ".join(empty[:6]) + (" ..." if len(empty) > 6 else "")
            self.findings.note(self.file, None, "", "", f"{len(empty):,} samples have no call: {shown}")


def _copies(marker: str) -> int:
    """How many copies of a Y-STR locus there are."""
    known = y_loci().get(canonical_y_locus(marker))
    return known.copies if known else 1


def has_two_copies(name: str) -> bool:
    """Whether a genotype of this marker is two alleles: all but most loci of the Y."""
    marker = canonical_marker(name)
    return not _Y.fullmatch(marker) or _copies(marker) > 1


def _y_word(marker: str, call: Call) -> str:
    alleles = call[:1] if call[0] == call[1] and _copies(marker) == 1 else call
    return f"{marker.replace(' ', '')}={','.join(alleles)}"


def like_marker(name: str) -> bool:
    """Whether a column's name is built like that of an STR marker."""
    return bool(re.fullmatch(r"D\d{1,2}S\d+|DXS\d+|DYS\d+.*|DYF\d+.*|Penta ?[A-Z]|HPRTB", name.strip(), re.IGNORECASE))
