"""A mitochondrial haplotype: which positions were read, and where they differ from the rCRS.

The notation is that of the forensic community (Parson et al. 2014, doi 10.1016/j.fsigen.2014.07.010, and
the guide to EMPOP): 263G, 315.1C, 249del, 16093Y. It is read tolerantly in form (A263G, 263A>G, 315+C,
-315.1C, 249-, 249delA, 8281-8289del) and strictly in meaning: what could be read in two ways is refused
with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from homeward.genetics.lineage.reading import HaplotypeFault, NotAHaplotype, Refusal, parts
from homeward.tables import RCRS_LENGTH, RCRS_PLACEHOLDER, rcrs

SAME = "rCRS"  # the haplotype that differs nowhere
DELETED = ""  # the symbol of a base that is not there
NAMED_RANGES = {
    "HVS1": ((16024, 16365),),
    "HVS2": ((73, 340),),
    "CR": ((16024, 16569), (1, 576)),
    "ALL": ((1, RCRS_LENGTH),),
}
_OTHER_NAMES = {
    **dict.fromkeys(("HVSI", "HVI", "HV1", "HVRI", "HVR1"), "HVS1"),
    **dict.fromkeys(("HVSII", "HVII", "HV2", "HVRII", "HVR2"), "HVS2"),
    **dict.fromkeys(("CONTROLREGION", "DLOOP"), "CR"),
    **dict.fromkeys(("MITOGENOME", "FULL", "MTGENOME"), "ALL"),
}
SYMBOLS = {
    "A": "A", "C": "C", "G": "G", "T": "T", "R": "AG", "Y": "CT", "K": "GT", "M": "AC", "S": "CG", "W": "AT",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip

_READ_AS = {"D": "A, G and T", "d": "A, G, T and deletion"}

Range = tuple[int, int]
"""First and last position, both read; the first is never after the last."""


@dataclass(frozen=True, slots=True, order=True)
class Variant:
    """One difference from the rCRS.

    Parameters
    ----------
    position : of the base, or of the one before an insertion
    insertion : 0 for the base itself, 1 for the first base inserted after it
    symbol : the base or IUPAC mixture; lower case is a mixture with its absence; empty is a deletion
    """

    position: int
    insertion: int
    symbol: str

    def __str__(self) -> str:
        if self.insertion:
            return f"{self.position}.{self.insertion}{self.symbol}"
        return f"{self.position}{self.symbol or 'del'}"


@dataclass(frozen=True)
class Mitotype:
    """A mitochondrial haplotype.

    Parameters
    ----------
    ranges : positions read, ascending and apart; an omitted position inside reads as the rCRS
    variants : in order of position
    remarks : parts that were read in a way worth telling ("249d" is a mixture)
    """

    ranges: tuple[Range, ...]
    variants: tuple[Variant, ...]
    remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(map(str, self.variants)) or SAME

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash((self.ranges, self.variants))

    @cached_property
    def key(self) -> tuple[tuple[Range, ...], tuple[Variant, ...]]:
        """Equal for equal notations over equal ranges."""
        return self.ranges, self.variants


@lru_cache(maxsize=2**16)  # one database is read for every line, family and run
def read_mitotype(haplotype: str, range: str = "ALL") -> Mitotype:
    """Read a list of differences from the rCRS.

    Parameters
    ----------
    haplotype : "263G 315.1C", apart by blanks, commas or semicolons; "rCRS" or nothing where none differs
    range : "16024-16365 73-340", "CR", "HVS-I", "ALL", "3010"

    Raises
    ------
    NotAHaplotype
        With every part that is wrong: not understood, outside the range, stated twice, the reference's own
        base, a base before the position that is not the reference's, an insertion without those before it.

    Examples
    --------
    >>> str(read_mitotype("A263G, 315+C 523DEL 524-"))
    '263G 315.1C 523del 524del'
    >>> str(read_mitotype("8281-8289del")).count("del")
    9
    """
    faults: list[HaplotypeFault] = []
    ranges = _ranges(range, faults)
    variants: list[Variant] = []
    remarks: list[str] = []
    told = parts(haplotype, commas=True)
    if [part.upper() for part in told] in ([SAME.upper()], ["="]):
        told = []
    for part in told:
        try:
            found = list(_variants(part))
            for variant in found:
                _within(variant, ranges)
            variants += found
            if found[0].symbol in _READ_AS:
                mixture = _READ_AS[found[0].symbol]
                remarks.append(f"{part} is read as the mixture {mixture}; a deletion is written del")
        except Refusal as refused:
            faults.append(HaplotypeFault("haplotype", part, refused.reason, refused.remedy))
    faults += _contradictions(variants)
    if faults:
        raise NotAHaplotype(faults)
    kept = tuple(sorted(v for v in set(variants) if v.position != RCRS_PLACEHOLDER))
    return Mitotype(ranges, kept, tuple(remarks))


# --- ranges ----------------------------------------------------------------------------------


def _ranges(text: str, faults: list[HaplotypeFault]) -> tuple[Range, ...]:
    found: list[Range] = []
    told = parts(re.sub(r"\s*[-\u2013]\s*", "-", text.replace("control region", "CR")), commas=True)
    if not told:
        faults.append(HaplotypeFault("range", "", "is not stated.", "State the positions read, such as 16024-576."))
    for part in told:
        try:
            found += _range(part)
        except Refusal as refused:
            faults.append(HaplotypeFault("range", part, refused.reason, refused.remedy))
    return joined(found)


def _range(part: str) -> Iterator[Range]:
    name = re.sub(r"[-_]", "", part.upper())
    name = _OTHER_NAMES.get(name, name)
    if name in NAMED_RANGES:
        yield from NAMED_RANGES[name]
        return
    match = re.fullmatch(r"(\d{1,6})(?:-(\d{1,6}))?", part, re.ASCII)
    if not match:
        raise Refusal("is not a range.", "Write first-last (16024-16365), or one of CR, HVS1, HVS2, ALL.")
    first, last = int(match[1]), int(match[2] or match[1])
    for position in (first, last):
        if not 1 <= position <= RCRS_LENGTH:
            raise Refusal(f"holds {position}, which is not a position of the rCRS (1 to {RCRS_LENGTH}).", "Correct it.")
    if first <= last:
        yield (first, last)
    else:  # the molecule is a circle: 16024-576 goes through 16569 and 1
        yield (first, RCRS_LENGTH)
        yield (1, last)


def joined(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Ranges in order, those that touch made one.

    >>> joined([(73, 340), (341, 576), (16024, 16569)])
    ((73, 576), (16024, 16569))
    """
    whole: list[Range] = []
    for first, last in sorted(ranges):
        if whole and first <= whole[-1][1] + 1:
            whole[-1] = (whole[-1][0], max(whole[-1][1], last))
        else:
            whole.append((first, last))
    return tuple(whole)


@lru_cache(maxsize=4096)
def shared(a: tuple[Range, ...], b: tuple[Range, ...]) -> tuple[Range, ...]:
    """The positions in both.

    >>> shared(((16024, 16365),), ((73, 340), (16100, 16569)))
    ((16100, 16365),)
    """
    return joined((max(x[0], y[0]), min(x[1], y[1])) for x in a for y in b if max(x[0], y[0]) <= min(x[1], y[1]))


def span(ranges: Iterable[Range]) -> int:
    """How many positions."""
    return sum(last - first + 1 for first, last in ranges)


def covers(ranges: Iterable[Range], variant: Variant) -> bool:
    """Whether a variant lies within: an insertion needs the base on either side."""
    first = variant.position
    last = first + 1 if variant.insertion and first < RCRS_LENGTH else first
    return any(low <= first and last <= high for low, high in ranges)


def ranges_text(ranges: Iterable[Range]) -> str:
    """Ranges as they are written, the circle closed: 16024-576."""
    told = list(ranges)
    if len(told) > 1 and told[0][0] == 1 and told[-1][1] == RCRS_LENGTH:
        told = [(told[-1][0], told[0][1]), *told[1:-1]]
    return " ".join(f"{first}-{last}" if first != last else f"{first}" for first, last in told)


# --- variants --------------------------------------------------------------------------------

_BASE = re.compile(r"(?P<own>[A-Za-z])?(?P<at>\d+)(?:(?P<own2>[A-Za-z])>)?(?P<symbol>[A-Za-z])", re.ASCII)
_INSERTED = re.compile(r"-?(?P<at>\d+)\.(?P<nth>\d{1,4}|[xX])(?P<symbols>[A-Za-z]*)", re.ASCII)
_ADDED = re.compile(r"(?P<own>[A-Za-z])?(?P<at>\d+)(?:\+|ins)(?P<symbols>[A-Za-z]*)", re.ASCII)
_LOST = re.compile(r"(?P<own>[A-Za-z]*)(?P<at>\d+)(?:-(?P<to>\d+))?(?:-|del(?P<which>[A-Za-z]*))", re.ASCII | re.I)
_LOST_D = re.compile(r"[A-Za-z]*\d+-\d+[dD]", re.ASCII)


def _variants(part: str) -> Iterator[Variant]:
    """What one part of the list says."""
    text = part.removeprefix("m.")
    if match := _LOST.fullmatch(text):
        yield from _deletion(match)
    elif match := _INSERTED.fullmatch(text):
        yield from _insertion(match)
    elif match := _ADDED.fullmatch(text):
        position = _position(match["at"])
        _own_base(match["own"], position)
        yield from _inserted(position, 1, match["symbols"])
    elif match := _BASE.fullmatch(text):
        yield _base(match)
    elif _LOST_D.fullmatch(text):
        raise Refusal("ends in d, which alone is a mixture with a deletion.", f"Write {text[:-1]}del.")
    elif re.fullmatch(r"\d+", text):
        raise Refusal("names a position and no base.", f"Write the base found ({text}C), or {text}del.")
    else:
        raise Refusal("is not a difference from the rCRS.", "Write 263G, 315.1C, 249del or 16093Y.")


def _base(match: re.Match[str]) -> Variant:
    position, symbol = _position(match["at"]), match["symbol"]
    for own in (match["own"], match["own2"]):
        _own_base(own, position)
    if position == RCRS_PLACEHOLDER:
        raise Refusal(
            "is the placeholder: the rCRS has no base there.", f"An insertion is written {RCRS_PLACEHOLDER - 1}.1C."
        )
    _known(symbol)
    if symbol == rcrs()[position - 1]:
        remedy = "Leave it out, or correct the position: a list that is shifted by one position looks like this."
        raise Refusal(f"is the reference's own base at {position}.", remedy)
    return Variant(position, 0, symbol)


def _insertion(match: re.Match[str]) -> Iterator[Variant]:
    if match["nth"] in "xX":
        raise Refusal("does not say how many bases are inserted.", "Write each of them: 573.1C 573.2C.")
    if int(match["nth"]) < 1:
        raise Refusal("numbers an inserted base 0; the first is .1.", f"Write {match['at']}.1{match['symbols']}.")
    yield from _inserted(_position(match["at"]), int(match["nth"]), match["symbols"])


def _inserted(position: int, first: int, symbols: str) -> Iterator[Variant]:
    if not symbols:
        raise Refusal("names no inserted base.", f"Write {position}.{first}C with the base found.")
    if len(symbols) > 1 and symbols.lower() == "del":
        raise Refusal("deletes a base that the rCRS does not have.", "Leave it out.")
    for place, symbol in enumerate(symbols, first):
        _known(symbol)
        yield Variant(position, place, symbol)


def _deletion(match: re.Match[str]) -> Iterator[Variant]:
    first = _position(match["at"])
    last = _position(match["to"]) if match["to"] else first
    if last < first:
        raise Refusal("ends before it begins.", f"Write {last}-{first}del.")
    lost = rcrs()[first - 1 : last]
    for stated, meant in ((match["own"], (lost, lost[0])), (match["which"], (lost,))):
        if stated and stated not in meant:
            raise Refusal(f"says {stated} is lost, and the rCRS has {_some(lost)} there.", "Correct one of them.")
    for position in range(first, last + 1):
        yield Variant(position, 0, DELETED)


def _some(bases: str) -> str:
    return bases if len(bases) <= 12 else f"{bases[:12]}…"


def _position(text: str) -> int:
    if len(text) > 6 or not 1 <= int(text) <= RCRS_LENGTH:
        raise Refusal(f"has a position that the rCRS does not have (1 to {RCRS_LENGTH}).", "Correct the position.")
    return int(text)


def _own_base(stated: str | None, position: int) -> None:
    if stated and stated != rcrs()[position - 1]:
        small = " Small letters are mixtures with a deletion; write bases in capitals." if stated.islower() else ""
        raise Refusal(
            f"says the rCRS has {stated} at {position}, and it has {rcrs()[position - 1]}.", f"Correct one.{small}"
        )


def _known(symbol: str) -> None:
    if symbol.upper() not in SYMBOLS:
        raise Refusal(
            f"has {symbol!r}, which stands for no base.", "Use A, C, G, T or an IUPAC mixture (R Y K M S W B D H V N)."
        )


def _within(variant: Variant, ranges: tuple[Range, ...]) -> None:
    if ranges and not covers(ranges, variant):
        raise Refusal(f"lies outside the stated range {ranges_text(ranges)}.", "Correct the range or the position.")


def _contradictions(variants: list[Variant]) -> Iterator[HaplotypeFault]:
    """Positions stated twice, and insertions without those before them."""
    seen: dict[tuple[int, int], Variant] = {}
    for variant in variants:
        other = seen.setdefault((variant.position, variant.insertion), variant)
        if other is not variant:
            again = "twice" if other == variant else f"as {other} and as {variant}"
            yield HaplotypeFault("haplotype", str(variant), f"is stated {again}.", "Keep one.")
    for position, insertion in seen:
        if insertion > 1 and (position, insertion - 1) not in seen:
            value, reason = str(seen[position, insertion]), f"is there without {position}.{insertion - 1}."
            yield HaplotypeFault("haplotype", value, reason, "State the insertions before it too.")


def restricted(mitotype: Mitotype, others: Iterable[Mitotype]) -> Mitotype:
    """The positions that one of the others has read too, with the variants there.

    >>> one = read_mitotype("263G 16223T", "CR")
    >>> str(restricted(one, [read_mitotype("", "HVS1")]))
    '16223T'
    """
    ranges = joined(part for other in others for part in shared(mitotype.ranges, other.ranges))
    return Mitotype(ranges, tuple(variant for variant in mitotype.variants if covers(ranges, variant)))
