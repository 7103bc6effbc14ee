"""A Y-STR haplotype: which loci were read, with how many repeats.

DYS385 and DYF387S1 have two copies that a kit cannot tell apart: their alleles are an unordered pair.
DYS389II as reported contains DYS389I: compared is the difference of the two, so that one mutation is not
counted twice. A locus that shows nothing (0), or one peak more than it has copies, is missing, with a remark.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache

from homeward.genetics.lineage.reading import HaplotypeFault, NotAHaplotype, Refusal, parts
from homeward.tables import canonical_y_locus, y_loci

WHOLE, PART, BEYOND = "DYS389II", "DYS389I", "DYS389II-I"
_NAME = re.compile(r"(DY[SF]\d|Y[-_]?GATA|GATA|YCAII|Y[-_ ]?INDEL)", re.I)
_ALLELE = re.compile(r"(\d{1,3})(?:\.([1-9]))?", re.ASCII)
_ONE_COPY = re.compile(r"(.*\d)[-_]?([ab])", re.I)
_MISSING = frozenset({"", "-", "?", "0", "NULL", "ND", "UNTYPED"})

Alleles = tuple[Fraction, ...]
"""Repeats, ascending. The digit after the point of 17.2 counts bases: its unit is a tenth here, never a step."""


@dataclass(frozen=True)
class YHaplotype:
    """A Y-STR haplotype.

    Parameters
    ----------
    alleles : locus -> repeats, as reported (DYS389II whole); a locus that is missing has no entry
    remarks : loci that were left out, and why
    """

    alleles: Mapping[str, Alleles]
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        told = sorted(self.alleles.items())
        return " ".join(f"{locus}={','.join(map(_repeats, alleles))}" for locus, alleles in told)

    def __hash__(self) -> int:
        return hash(self.key)

    @cached_property
    def key(self) -> tuple[tuple[str, Alleles], ...]:
        """Equal for equal haplotypes."""
        return tuple(sorted(self.alleles.items()))


def read_yhaplotype(haplotype: str) -> YHaplotype:
    """Read marker=allele pairs.

    Parameters
    ----------
    haplotype : "DYS19=14 DYS385=11,14", apart by blanks or semicolons; ``:`` may stand for ``=``; the two alleles
        of DYS385 apart by a comma, a slash or a hyphen, or as DYS385a and DYS385b

    Raises
    ------
    NotAHaplotype
        With every part that is wrong: no locus of the Y chromosome, not an allele, stated twice, one allele
        where two are needed, DYS389II not above DYS389I.

    Examples
    --------
    >>> str(read_yhaplotype("DYS19=14; dys385: 14/11 Y-GATA-H4=12 DYS393=0"))
    'DYS19=14 DYS385=11,14 YGATAH4=12'
    """
    faults: list[HaplotypeFault] = []
    remarks: list[str] = []
    found: dict[str, Alleles] = {}
    stated: set[str] = set()
    copies: dict[str, dict[str, Alleles]] = {}
    for part in parts(re.sub(r"\s*([=:,/])\s*", r"\1", haplotype), commas=False):
        try:
            locus, copy, text = _named(part)
            if locus + copy in stated or (not copy and locus in copies) or (copy and locus in stated):
                raise Refusal("states its locus a second time.", "Keep one.")
            stated.add(locus + copy)
            alleles = _alleles(text)
            if copy:
                copies.setdefault(locus, {})[copy] = alleles
            elif kept := _of_copies(locus, alleles, text, remarks):
                found[locus] = kept
        except Refusal as refused:
            faults.append(HaplotypeFault("haplotype", part, refused.reason, refused.remedy))
    for locus, pair in copies.items():
        if len(pair) == 2 and all(len(one) == 1 for one in pair.values()):
            found[locus] = tuple(sorted(sum(pair.values(), ())))
        else:
            remarks.append(f"{locus} is left out: both of its copies are needed")
    if PART in found and WHOLE in found and found[WHOLE] <= found[PART]:
        value = f"{WHOLE}={_repeats(found[WHOLE][0])}"
        faults.append(
            HaplotypeFault("haplotype", value, f"is not above {PART}, which it contains.", "Write it as reported.")
        )
    if not stated and not faults:
        faults.append(HaplotypeFault("haplotype", haplotype, "names no locus.", "Write DYS19=14 DYS385=11,14 ..."))
    if faults:
        raise NotAHaplotype(faults)
    return YHaplotype(found, tuple(remarks))


def of_calls(calls: Mapping[str, tuple[str, str]]) -> YHaplotype | None:
    """The Y-STR haplotype that stands among the calls of a profile; None if there is none.

    One allele stands twice in a call; two are of a locus with two copies, or a duplication. What cannot be read
    is left out, with a remark.

    >>> str(of_calls({"TH01": ("6", "9.3"), "DYS19": ("14", "14"), "DYS385": ("14", "11")}))
    'DYS19=14 DYS385=11,14'
    """
    found: dict[str, Alleles] = {}
    remarks: list[str] = []
    for marker, call in calls.items():
        known = y_loci().get(canonical_y_locus(marker))
        if known is None:
            continue
        text = call[0] if known.copies == 1 and call[0] == call[1] else ",".join(call)
        try:
            alleles = _of_copies(known.name, _alleles(text), text, remarks)
        except Refusal as refused:
            remarks.append(f"{marker}={text} is left out: {refused.reason}")
            continue
        if alleles:
            found[known.name] = alleles
    if PART in found and WHOLE in found and found[WHOLE] <= found[PART]:
        remarks.append(f"{WHOLE} is left out: it is not above {PART}, which it contains")
        del found[WHOLE]
    return YHaplotype(found, tuple(remarks)) if found else None


@lru_cache(maxsize=1 << 14)
def _named(part: str) -> tuple[str, str, str]:
    """Locus, which of its copies if said, and the alleles as written."""
    name, sign, text = part.replace(":", "=", 1).partition("=")
    if not sign:
        raise Refusal("has no = between locus and allele.", "Write DYS19=14, without blanks inside names.")
    locus = canonical_y_locus(name)
    if locus in y_loci():
        return locus, "", text
    one_copy = _ONE_COPY.fullmatch(name)
    if one_copy and (of := y_loci().get(canonical_y_locus(one_copy[1]))) and of.copies > 1:
        return of.name, one_copy[2].lower(), text
    if not _NAME.match(locus):
        raise Refusal("is not a locus of the Y chromosome.", "Autosomal and X markers stand in profiles.")
    return locus.upper(), "", text


@lru_cache(maxsize=1 << 14)
def _alleles(text: str) -> Alleles:
    """The repeats stated; none for a locus that is missing, or of which a copy is."""
    told = [one.strip() for one in re.split(r"[,/]|(?<=\d)-(?=\d)", text)]
    if any(one.upper() in _MISSING for one in told):
        return ()
    found = []
    for one in told:
        match = _ALLELE.fullmatch(one)
        if not match:
            raise Refusal(
                f"has {one!r}, which is not a number of repeats.",
                "Write 14 or 17.2, or - where the locus was not read; sizes off the ladder and ranges are no alleles.",
            )
        found.append(Fraction(int(match[1])) + Fraction(int(match[2] or 0), 10))
    return tuple(sorted(found))


def _of_copies(locus: str, alleles: Alleles, text: str, remarks: list[str]) -> Alleles:
    """The alleles, if they are as many as the locus has copies."""
    known = y_loci().get(locus)
    copies = known.copies if known else 1
    if not alleles:
        remarks.append(f"{locus}={text} is left out: not every copy of it was read")
        return ()
    if len(alleles) < copies:
        raise Refusal(
            f"has one allele, and {locus} has {copies} copies.",
            f"Write {_repeats(alleles[0])},{_repeats(alleles[0])} if both are equal, {_repeats(alleles[0])},? if only "
            "one was seen.",
        )
    if len(alleles) > copies:
        remarks.append(f"{locus}={text} is left out: more alleles than the {copies} it has copies (a duplication)")
        return ()
    return alleles


def _repeats(allele: Fraction) -> str:
    return str(int(allele)) if allele.denominator == 1 else f"{float(allele):.1f}"


# --- comparing -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class YDifference:
    """A locus at which two haplotypes differ.

    ``steps`` is the least number of repeats gained or lost; a difference in part of a repeat counts one more.
    """

    locus: str
    steps: int
    one: str
    other: str

    def __str__(self) -> str:
        return f"{self.locus} {self.one} / {self.other}"


@dataclass(frozen=True, slots=True)
class YComparison:
    """What two haplotypes have in common: loci that both have read, and those that differ."""

    loci: tuple[str, ...]
    differences: tuple[YDifference, ...]

    @property
    def events(self) -> int:
        """Loci that differ."""
        return len(self.differences)

    @property
    def steps(self) -> int:
        return sum(difference.steps for difference in self.differences)


def compared_loci(*haplotypes: YHaplotype) -> list[Mapping[str, Alleles]]:
    """The haplotypes as they are compared: DYS389II without DYS389I where everyone who has the one has the other.

    Elsewhere DYS389II stays whole, and whoever has it does without DYS389I, which it contains.

    >>> one = read_yhaplotype("DYS389I=13 DYS389II=29")
    >>> [sorted(of) for of in compared_loci(one, read_yhaplotype("DYS389II=29"))]
    [['DYS389II'], ['DYS389II']]
    """
    apart = all(PART in one.alleles for one in haplotypes if WHOLE in one.alleles)
    return [_apart(one.alleles) if apart else _whole(one.alleles) for one in haplotypes]


def _apart(alleles: Mapping[str, Alleles]) -> Mapping[str, Alleles]:
    if WHOLE not in alleles:
        return alleles
    rest = {locus: of for locus, of in alleles.items() if locus != WHOLE}
    return rest | {BEYOND: (alleles[WHOLE][0] - alleles[PART][0],)}


def _whole(alleles: Mapping[str, Alleles]) -> Mapping[str, Alleles]:
    return {locus: of for locus, of in alleles.items() if locus != PART} if WHOLE in alleles else alleles


def locus_rate(locus: str, rates: Mapping[str, float]) -> float | None:
    """Probability per meiosis that a locus as compared changes; None where it is not known."""
    if locus == BEYOND:
        return rates[WHOLE] - rates[PART] if WHOLE in rates and PART in rates else None
    return rates.get(locus)


def compare(one: YHaplotype, other: YHaplotype) -> YComparison:
    """The loci that two haplotypes share, and those at which they differ.

    >>> both = read_yhaplotype("DYS19=14 DYS385=11,14"), read_yhaplotype("DYS19=15 DYS385=11,14 DYS391=10")
    >>> str(compare(*both).differences[0]), compare(*both).loci
    ('DYS19 14 / 15', ('DYS19', 'DYS385'))
    """
    a, b = compared_loci(one, other)
    loci = tuple(sorted(a.keys() & b.keys()))
    return YComparison(loci, tuple(_differences(a, b, loci)))


def _differences(a: Mapping[str, Alleles], b: Mapping[str, Alleles], loci: tuple[str, ...]) -> Iterator[YDifference]:
    for locus in loci:
        if a[locus] != b[locus]:
            texts = (",".join(map(_repeats, side[locus])) for side in (a, b))
            yield YDifference(locus, _steps(a[locus], b[locus]), *texts)


def _steps(one: Alleles, other: Alleles) -> int:
    """Least steps between two sets of alleles; ascending order pairs them at the least cost."""
    return sum(-(-abs(a - b).numerator // abs(a - b).denominator) for a, b in zip(one, other, strict=True))


def at_loci(haplotype: YHaplotype, loci: Iterable[str]) -> dict[str, Alleles] | None:
    """The alleles at loci as compared (DYS389II-I may be one); None if one of them was not read.

    >>> at_loci(read_yhaplotype("DYS389I=13 DYS389II=29"), ["DYS389II-I"])
    {'DYS389II-I': (Fraction(16, 1),)}
    """
    own = haplotype.alleles
    alleles = {**own, **_apart(own)} if WHOLE in own and PART in own else own
    wanted = list(loci)
    return {locus: alleles[locus] for locus in wanted} if all(locus in alleles for locus in wanted) else None


def restricted(haplotype: YHaplotype, others: Iterable[YHaplotype]) -> YHaplotype:
    """The loci that one of the others has read too."""
    read = {locus for other in others for locus in other.alleles}
    return YHaplotype({locus: alleles for locus, alleles in haplotype.alleles.items() if locus in read})
