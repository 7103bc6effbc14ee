"""Published parameters shipped with Homeward: frequencies, marker names, mutation rates, the mtDNA reference,
measurements and zones of bones.

Each table stands in ``homeward/data`` as a file that anyone can open; its README names the
source of each. Tables are read once and cannot be changed.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType

AMELOGENIN = "AMEL"  # the marker that tells genetic sex, under the one name that Homeward uses
NIST1036 = "Steffen et al. 2017, Forensic Sci. Int. Genet. 31:e36-e40, doi 10.1016/j.fsigen.2017.08.011"


@dataclass(frozen=True, slots=True, kw_only=True)
class MutationRates:
    """What the extended stepwise model needs for a marker whose own rates are unknown.

    Parameters
    ----------
    female, male : probability per meiosis that a mother's or father's allele changes its number of repeats
    rate2 : probability of a change to or from a microvariant (12 to 12.2)
    range : a step of k+1 repeats is this many times as probable as one of k
    source : where the figures come from
    """

    female: float
    male: float
    rate2: float
    range: float
    source: str


def table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a shipped table, column -> text; ``name`` as it stands in ``homeward/data``."""
    text = (files("homeward") / "data" / name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


@cache
def _spelling(name: str) -> str:
    """What is left of a name when case, blanks, hyphens, underscores and full stops do not matter."""
    return re.sub(r"[\s\-_.]", "", name).upper()


@cache
def locus_aliases() -> Mapping[str, str]:
    """Other spellings of markers: alias -> the name Homeward uses.

    Case, blanks, hyphens, underscores and full stops are left to :func:`canonical_marker`.

    >>> locus_aliases()["THO1"]
    'TH01'
    """
    return MappingProxyType({row["alias"]: row["marker"] for row in table("locus_aliases.csv")})


@cache
def _known_spellings() -> Mapping[str, str]:
    markers = {row["marker"] for row in table("nist1036.csv")} | set(locus_aliases().values())
    own = {_spelling(marker): marker for marker in markers}
    return MappingProxyType({_spelling(alias): marker for alias, marker in locus_aliases().items()} | own)


def canonical_marker(name: str, aliases: Mapping[str, str] = MappingProxyType({})) -> str:
    """Give the one name under which a marker is known, however it was spelt.

    Parameters
    ----------
    name : as written in a file
    aliases : the programme's own spellings (``aliases`` of markers.csv), alias -> marker; they go before ours

    Returns
    -------
    The name used by NIST 1036 where the marker is among its 29 (``AMEL`` for amelogenin), otherwise the
    programme's own name for it, otherwise the name as written without blanks at its ends.

    Examples
    --------
    >>> [canonical_marker(name) for name in ("THO1", "th0-1", "PentaD", "VWA", "d12s391", "Amelogenin")]
    ['TH01', 'TH01', 'Penta D', 'vWA', 'D12S391', 'AMEL']
    >>> canonical_marker("HPRTB"), canonical_marker("locus 7", {"Locus-7": "L7"})
    ('HPRTB', 'L7')
    """
    spelling = _spelling(name)
    own = {_spelling(alias): marker for alias, marker in aliases.items()}.get(spelling) if aliases else None
    target = name.strip() if own is None else own
    return _known_spellings().get(_spelling(target), target)


def is_known_marker(name: str) -> bool:
    """Whether a name is a spelling of a marker that Homeward's own tables know.

    >>> is_known_marker("penta_d"), is_known_marker("Comment")
    (True, False)
    """
    return _spelling(name) in _known_spellings()


@cache
def nist1036() -> Mapping[str, Mapping[str, Mapping[str, float]]]:
    """Allele frequencies of 29 autosomal STR markers: population -> marker -> allele -> frequency.

    Populations are named as published: African American, Asian, Caucasian, Hispanic.

    Notes
    -----
    NIST 1036, revised July 2017: Steffen et al. (2017), Forensic Sci. Int. Genet. 31:e36-e40.
    Some tables sum to 0.999997 by rounding; they are given as published, never rescaled.

    >>> nist1036()["African American"]["CSF1PO"]["10"]
    0.25
    """
    tables: dict[str, dict[str, dict[str, float]]] = {}
    for row in table("nist1036.csv"):
        of_marker = tables.setdefault(row["population"], {}).setdefault(row["marker"], {})
        of_marker[row["allele"]] = float(row["frequency"])
    return MappingProxyType(
        {
            population: MappingProxyType({marker: MappingProxyType(of_marker) for marker, of_marker in markers.items()})
            for population, markers in tables.items()
        }
    )


@cache
def nist1036_people() -> Mapping[str, int]:
    """How many people stand behind the tables of :func:`nist1036`, by population (two alleles each).

    >>> sum(nist1036_people().values())
    1036
    """
    alleles: Counter[tuple[str, str]] = Counter()
    for row in table("nist1036.csv"):
        alleles[row["population"], row["marker"]] += int(row["count"])
    return MappingProxyType(
        {
            population: max(count for (of, _), count in alleles.items() if of == population) // 2
            for population in nist1036()
        }
    )


@cache
def mutation_rates() -> MutationRates:
    """Rates for markers whose own are not stated: an assumption of the demonstration, not a measurement.

    >>> rates = mutation_rates()
    >>> rates.male > rates.female, rates.source
    (True, 'assumption of the demonstration')
    """
    (row,) = table("mutation_rates.csv")
    return MutationRates(
        female=float(row["rate_female"]),
        male=float(row["rate_male"]),
        rate2=float(row["rate2"]),
        range=float(row["range"]),
        source=row["source"],
    )


RCRS = "Andrews et al. 1999, Nature Genetics 23:147, doi 10.1038/13779; NC_012920.1"
RCRS_LENGTH = 16569
RCRS_PLACEHOLDER = 3107  # a position that stands for no base, kept so that the old numbering holds


@cache
def rcrs() -> str:
    """The revised Cambridge Reference Sequence of human mtDNA, position 1 first; N stands for no base at 3107.

    >>> len(rcrs()), rcrs()[3107 - 1], rcrs()[263 - 1], rcrs()[16223 - 1]
    (16569, 'N', 'A', 'C')
    """
    text = (files("homeward") / "data" / "rcrs.fasta").read_text(encoding="ascii")
    return "".join(text.splitlines()[1:])


@dataclass(frozen=True, slots=True)
class Hotspot:
    """A run of one base whose length varies between cells of one person, so that its length is no difference."""

    name: str
    first: int  # of the run in the rCRS
    last: int
    base: str


@cache
def mt_hotspots() -> tuple[Hotspot, ...]:
    """The runs whose length is not counted. The run at 311-315 is not among them: 315.1C is stable.

    >>> [spot.name for spot in mt_hotspots()][:3]
    ['16193', '309', '455']
    """
    rows = [row for row in table("mt_hotspots.csv") if row["ignored"] == "yes"]
    return tuple(Hotspot(row["hotspot"], int(row["first"]), int(row["last"]), row["base"]) for row in rows)


@dataclass(frozen=True, slots=True)
class Block:
    """Bases that are lost or gained together: one event."""

    name: str
    after: int  # the position after which they stand, or are inserted
    bases: str


@cache
def mt_blocks() -> tuple[Block, ...]:
    """Insertions and deletions of several bases that count as one event.

    >>> next(block.bases for block in mt_blocks() if block.name == "8281-8289")
    'CCCCCTCTA'
    """
    return tuple(Block(row["block"], int(row["after"]), row["bases"]) for row in table("mt_block_indels.csv"))


@dataclass(frozen=True, slots=True)
class YLocus:
    """A Y-STR locus.

    Parameters
    ----------
    copies : how many copies of it a Y chromosome has; two are reported as an unordered pair
    rate : probability per meiosis that it changes (any of its copies)
    source : where the rate comes from
    """

    name: str
    copies: int
    rate: float
    source: str


@cache
def str_positions() -> Mapping[str, tuple[str, float]]:
    """Where autosomal STR markers lie: marker -> chromosome and megabase of GRCh38, to a tenth.

    Good enough to tell what is inherited together, not to find a sequence.

    >>> str_positions()["vWA"], str_positions()["D12S391"]
    (('12', 6.0), ('12', 12.3))
    """
    return MappingProxyType(
        {row["marker"]: (row["chromosome"], float(row["megabase"])) for row in table("str_positions.csv")}
    )


@cache
def y_loci() -> Mapping[str, YLocus]:
    """Y-STR loci whose mutation rate is known, by name.

    >>> y_loci()["DYS385"].copies, y_loci()["DYS458"].rate
    (2, 0.00617)
    """
    return MappingProxyType(
        {
            row["locus"]: YLocus(row["locus"], int(row["copies"]), float(row["rate"]), row["source"])
            for row in table("ystr_loci.csv")
        }
    )


@cache
def _y_spellings() -> Mapping[str, str]:
    known = {_spelling(row["locus"]): row["locus"] for row in table("ystr_loci.csv")}
    for row in table("ystr_loci.csv"):
        known |= {_spelling(alias): row["locus"] for alias in row["aliases"].split(";") if alias}
    return MappingProxyType(known)


def canonical_y_locus(name: str) -> str:
    """The one name of a Y-STR locus, however it was spelt; a name that is not listed as it stands.

    >>> canonical_y_locus("Y-GATA-H4"), canonical_y_locus("dys389-2"), canonical_y_locus("DYS388")
    ('YGATAH4', 'DYS389II', 'DYS388')
    """
    return _y_spellings().get(_spelling(name), name.strip())


@cache
def measurement_codes() -> Mapping[str, Mapping[str, str]]:
    """Osteometric codes: code -> another standard -> the number it gives the same measurement.

    >>> dict(measurement_codes()["Hum_01"])
    {'S1994': '40', 'UTK1994': '40', 'UTK2016': '45'}
    """
    codes = {}
    for row in table("anthropology/measurement_crosswalk.csv"):
        stated = {name.strip(): cell.strip() for name, cell in row.items()}
        code = stated.pop("OsteoSort")
        codes[code] = MappingProxyType({standard: number for standard, number in stated.items() if number})
    return MappingProxyType(codes)


@cache
def measurement_ranges() -> Mapping[str, tuple[float, float]]:
    """Least and greatest millimetres within which measurements of adults lie; a code without enough data has none.

    >>> measurement_ranges()["Fem_01"]
    (236.8, 675.1)
    """
    rows = table("anthropology/measurement_ranges.csv")
    return MappingProxyType({row["code"]: (float(row["low_mm"]), float(row["high_mm"])) for row in rows})


@cache
def zones() -> Mapping[str, int]:
    """How many zones each bone is divided into, numbered from 1.

    >>> zones()["Femur"]
    11
    """
    return MappingProxyType({row["element"]: int(row["zones"]) for row in table("anthropology/zones.csv")})
