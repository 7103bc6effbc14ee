"""What stands in a programme folder: every file and column, in one table.

The readers, the writers, ``datapackage.json`` and ``docs/methods/programme-folder.md`` all follow
this table, so that none of them can say something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from homeward.programme import (
    NOTHING,
    Absent,
    ChartKind,
    IncidentKind,
    LineageKind,
    MutationKind,
    Outcome,
    SampleKind,
    Sex,
    Status,
    Transform,
    VerdictKind,
)

SETTINGS = "programme"  # programme.toml, or the sheet of that name
LATER = (
    "names",
    "identifiers",
    "scenarios",
    "leads",
    "sites",
    "searches",
    "containers",
    "claims",
    "sources",
)


class Kind(StrEnum):
    """What a cell holds."""

    IDENTIFIER = "identifier"  # trimmed text, case-sensitive
    TEXT = "text"
    LIST = "list"  # several texts, separated by ;
    ALLELE = "allele"  # text: 10, 9.3
    TOOTH = "tooth"  # text: 1 to 32
    NUMBER = "number"
    INTEGER = "whole number"
    DATE = "date"
    CHOICE = "choice"


class Chromosome(StrEnum):
    AUTOSOMAL = "A"
    X = "X"
    Y = "Y"
    MITOCHONDRIAL = "M"


class SnpChromosome(StrEnum):
    C1 = "1"
    C2 = "2"
    C3 = "3"
    C4 = "4"
    C5 = "5"
    C6 = "6"
    C7 = "7"
    C8 = "8"
    C9 = "9"
    C10 = "10"
    C11 = "11"
    C12 = "12"
    C13 = "13"
    C14 = "14"
    C15 = "15"
    C16 = "16"
    C17 = "17"
    C18 = "18"
    C19 = "19"
    C20 = "20"
    C21 = "21"
    C22 = "22"
    X = "X"
    Y = "Y"
    MITOCHONDRIAL = "M"


class ParentSex(StrEnum):
    MOTHER = "F"
    FATHER = "M"


class Side(StrEnum):
    LEFT = "left"
    RIGHT = "right"
    UNSIDED = "unsided"
    AXIAL = "axial"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file.

    Parameters
    ----------
    name : as it stands in the header
    kind : what its cells hold
    meaning : for the person who fills it in
    key : part of what makes a row unique
    header : the column must stand in the header
    filled : no cell of it may be empty
    choices : the words allowed, of a CHOICE
    low, high : the least and the greatest number allowed
    words : ``untested``, ``withheld`` and ``not_found`` are allowed, and mean different things
    """

    name: str
    kind: Kind
    meaning: str
    key: bool = False
    header: bool = False
    filled: bool = False
    choices: type[StrEnum] | None = None
    low: float | None = None
    high: float | None = None
    words: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One file of the folder, or one sheet of the workbook."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    places: Mapping[str, tuple[str, str, str]] = field(
        default_factory=lambda: NOTHING
    )  # field of the record -> its latitude, longitude, radius
    together: tuple[tuple[str, str], ...] = ()  # columns of which a row states both or none

    @property
    def file(self) -> str:
        return f"{self.name}.csv"

    @property
    def key(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.key)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _key(name: str, meaning: str, kind: Kind = Kind.IDENTIFIER) -> Column:
    return Column(name, kind, meaning, key=True, header=True, filled=True)


def _needed(name: str, kind: Kind, meaning: str, **more: Any) -> Column:
    return Column(name, kind, meaning, header=True, filled=True, **more)


def _text(name: str, meaning: str) -> Column:
    return Column(name, Kind.TEXT, meaning)


def _reference(name: str, meaning: str) -> Column:
    return Column(name, Kind.IDENTIFIER, meaning)


def _number(name: str, meaning: str, low: float, high: float, *, words: bool = False) -> Column:
    return Column(name, Kind.NUMBER, meaning, low=low, high=high, words=words)


def _date(name: str, meaning: str) -> Column:
    return Column(name, Kind.DATE, meaning, words=True)


def _place(lat: str, lon: str, radius: str, what: str) -> tuple[Column, ...]:
    return (
        _number(lat, f"Latitude of {what}, WGS84 decimal degrees, north positive.", -90, 90, words=True),
        _number(lon, f"Longitude of {what}, WGS84 decimal degrees, east positive.", -180, 180, words=True),
        _number(radius, f"Uncertainty of {what}: radius of two sigma in metres.", 0, 20_100_000, words=True),
    )


def _sex(meaning: str) -> Column:
    return Column("sex", Kind.CHOICE, meaning, choices=Sex, words=True)


MISSING = Table(
    "missing",
    "The roster: one row for each missing person, those already accounted for included.",
    (
        _key("person_id", "Identifier of the missing person."),
        _text("family_name", "Family name in Latin letters, as the roster has it."),
        _text("given_name", "Given name in Latin letters, as the roster has it."),
        _text("name_native", "The name in its own script."),
        _sex("M, F, or U (unknown, as is an empty cell)."),
        _date("birth_date", "Date of birth."),
        _reference("population", "Population for allele frequencies, as named in frequencies.csv."),
        _text("affiliation", "Whom the person served or belonged to."),
        _text("unit", "Unit at the time of loss."),
        _text("service_number", "Service number, as text."),
        _number("stature_cm", "Stature in life, centimetres.", 30, 250, words=True),
        _reference("incident_id", "The loss incident, a row of incidents.csv."),
        _date("lost_on", "When the person was lost, or the first day on which that may have been."),
        _date("lost_until", "The last day on which the person may have been lost."),
        *_place("last_seen_lat", "last_seen_lon", "last_seen_radius_m", "the place where the person was last seen"),
        Column("status", Kind.CHOICE, "Where the search for this person stands; empty is missing.", choices=Status),
    ),
    places={"last_seen": ("last_seen_lat", "last_seen_lon", "last_seen_radius_m")},
)

INCIDENTS = Table(
    "incidents",
    "Loss incidents: the events in which people were lost.",
    (
        _key("incident_id", "Identifier of the incident."),
        Column("kind", Kind.CHOICE, "What kind of event; empty is other.", choices=IncidentKind),
        _text("name", "What the incident is called."),
        _date("date", "When it happened."),
        *_place("lat", "lon", "radius_m", "the incident"),
        _text("grid_original", "The position exactly as its source gives it."),
        _text("datum", "Datum or map series of grid_original."),
    ),
    places={"place": ("lat", "lon", "radius_m")},
)

PEDIGREES = Table(
    "pedigrees",
    "Families: one row for each member. Both parents empty is a founder; one empty is an unknown founder of his or "
    "her own, so that children of one named mother and an empty father are half-sibs (noted).",
    (
        Column("family_id", Kind.IDENTIFIER, "The family.", header=True, filled=True),
        _key("member_id", "Identifier of the member, unique across the folder."),
        Column("father_id", Kind.IDENTIFIER, "member_id of the father, of the same family.", header=True),
        Column("mother_id", Kind.IDENTIFIER, "member_id of the mother, of the same family.", header=True),
        Column("sex", Kind.CHOICE, "M, F, or U (unknown, as is an empty cell).", header=True, choices=Sex, words=True),
        _reference("population", "Population for allele frequencies; one for a whole family."),
        _reference("person_id", "The missing person, where the member is one; at most once in the folder."),
        _reference("twin_of", "member_id of the identical twin."),
        _number("inbreeding", "Of a founder: the chance that both alleles come from one ancestor. Empty is 0.", 0, 1),
    ),
)

MARKERS = Table(
    "markers",
    "Markers of which something needs saying. A marker without a row is autosomal and unlinked.",
    (
        _key("marker", "Name of the marker."),
        Column("chromosome", Kind.CHOICE, "A (autosomal, as is an empty cell), X, Y or M.", choices=Chromosome),
        _reference("linked_to", "A marker of the same chromosome linked to this one; each marker is in one pair."),
        _number("rho", "Recombination fraction to linked_to; needed beside it.", 0, 0.5),
        _number(
            "silent_frequency",
            "Frequency of an allele that is inherited and never seen, below 1.",
            0,
            1,
        ),
        _number("min_frequency", "Least frequency given to an allele that the table does not name.", 0, 1),
        Column("sample_size", Kind.INTEGER, "People in the frequency sample; an unseen allele gets 5/(2n).", low=1),
        Column("aliases", Kind.LIST, "Other names of this marker, separated by ;."),
    ),
)

SAMPLES = Table(
    "samples",
    "Samples: what was taken from whom.",
    (
        _key("sample_id", "Identifier of the sample."),
        _needed("subject_id", Kind.IDENTIFIER, "A member_id or a remains_id; any text for an elimination sample."),
        _needed(
            "kind",
            Kind.CHOICE,
            "reference (of a relative), direct (the missing person's own tooth, biopsy or "
            "belongings, under that person's own member_id), remains, or elimination.",
            choices=SampleKind,
        ),
        _number(
            "dropout", "Probability that a copy of an allele is not seen, below 1; empty: that of [genetics].", 0, 1
        ),
        _number("dropin", "Probability that a foreign allele is seen at a marker; empty: that of [genetics].", 0, 1),
        _number(
            "typing_error",
            "Probability that an allele is read as another; empty: that of [genetics].",
            0,
            1,
        ),
        _date("date", "When it was taken."),
        _text("laboratory", "Who typed it."),
    ),
)

PROFILES = Table(
    "profiles",
    "Genetic profiles: one row for each sample and marker. A homozygote is written a, a. ? is an allele that was not "
    "observed. Untyped is no row, or - and -. AMEL gives the genetic sex.",
    (
        _key("sample_id", "The sample."),
        _needed("subject_id", Kind.IDENTIFIER, "Whose it is: a member_id, a remains_id, or an elimination subject."),
        _key("marker", "Name of the marker; other spellings of it are recognised."),
        Column("allele_1", Kind.ALLELE, "One allele.", header=True),
        Column(
            "allele_2",
            Kind.ALLELE,
            "The other allele. Empty is a fault unless programme.toml says in [read] "
            "single_allele what one allele means; at a marker of the X chromosome one allele is all that a man has.",
            header=True,
        ),
    ),
)

LINEAGE = Table(
    "lineage",
    "Lineage haplotypes: one row for each sample and line. mt lists differences from the rCRS (263G 315.1C 523del), "
    "y lists loci (DYS19=14 DYS385=11,14). A position within the range that is not listed reads as the rCRS.",
    (
        _key("sample_id", "The sample."),
        _needed("subject_id", Kind.IDENTIFIER, "Whose it is: a member_id, a remains_id, or an elimination subject."),
        Column("kind", Kind.CHOICE, "mt or y.", key=True, header=True, filled=True, choices=LineageKind),
        _text(
            "range",
            "mt: the positions read, such as 16024-16365 73-340, or CR (16024-576), HVS1, HVS2, ALL; must be filled. "
            "y: empty, or the name of the kit.",
        ),
        _needed("haplotype", Kind.TEXT, "The haplotype; rCRS where an mt haplotype differs nowhere."),
    ),
)

LINEAGE_FREQUENCIES = Table(
    "lineage_frequencies",
    "How often haplotypes were seen in databases: the answers of searches, or a whole database with every haplotype "
    "in it, recognised by counts that sum to database_size.",
    (
        Column("kind", Kind.CHOICE, "mt or y.", key=True, header=True, filled=True, choices=LineageKind),
        _key("haplotype", "The haplotype searched for, as in lineage.csv.", Kind.TEXT),
        _key("population", "The population of the database."),
        _needed("count", Kind.INTEGER, "How many people had it.", low=0),
        _needed("database_size", Kind.INTEGER, "How many people were compared.", low=1),
        _text("range", "mt: the positions searched with; must be filled. y: empty."),
    ),
)

FREQUENCIES = Table(
    "frequencies",
    "Allele frequencies. A table whose sum is within 1e-4 of 1 is used as given; below, the allele `rest` takes the "
    "remainder; above is a fault.",
    (
        _key("population", "Name of the population."),
        _key("marker", "Name of the marker."),
        _key("allele", "The allele.", Kind.ALLELE),
        _needed("frequency", Kind.NUMBER, "Its frequency, above 0.", low=0, high=1),
    ),
)

SNP_PANEL = Table(
    "snp_panel",
    "The SNPs of the programme: one row for each SNP and population. Place and alleles of a SNP are the same in all of "
    "them.",
    (
        _key("snp", "Name of the SNP, such as its rs number."),
        _key("population", "Name of the population, as in frequencies.csv."),
        Column("chromosome", Kind.CHOICE, "1 to 22, X, Y or M. Empty is not stated.", choices=SnpChromosome),
        Column("position", Kind.INTEGER, "Base pairs from the start of the chromosome.", low=1, high=300_000_000),
        _number("position_cm", "Place on the genetic map, cM. Empty is position at 1 cM per megabase.", 0, 400),
        _text("reference", "The allele that genotypes do not count, as A, C, G or T."),
        _text("counted", "The allele that genotypes count."),
        _needed("frequency", Kind.NUMBER, "Frequency of the counted allele.", low=0, high=1),
    ),
)

SNPS = Table(
    "snps",
    "SNPs of samples: one row for each sample and SNP, with a genotype or three log likelihoods. Where nothing was "
    "seen there is no row. A single read is no homozygote: state its log likelihoods.",
    (
        _key("sample_id", "The sample."),
        _needed("subject_id", Kind.IDENTIFIER, "Whose it is: a member_id, a remains_id, or an elimination subject."),
        _key("snp", "Name of the SNP, as in snp_panel.csv."),
        Column("genotype", Kind.INTEGER, "Number of counted alleles.", low=0, high=2),
        *(
            Column(
                f"loglik_{copies}",
                Kind.NUMBER,
                f"Natural logarithm, 0 or less, of the probability of what was seen if there are {copies} counted "
                "alleles, up to a constant of the row; -inf if it is impossible.",
                high=0,
            )
            for copies in range(3)
        ),
    ),
)

MUTATION = Table(
    "mutation",
    "Mutation models, as in the R package pedmut. A marker without a row does not mutate.",
    (
        _key("marker", "Name of the marker."),
        _needed(
            "model",
            Kind.CHOICE,
            "none, equal, proportional, stepwise, onestep, dawid, or custom (whose matrices "
            "stand in mutation_matrices).",
            choices=MutationKind,
        ),
        _number("rate_female", "Mutation rate per meiosis in women; needed but for none and custom.", 0, 1),
        _number("rate_male", "Mutation rate per meiosis in men; needed but for none and custom.", 0, 1),
        _number("rate2", "stepwise: rate of mutation to or from a microvariant.", 0, 1),
        _number("range", "stepwise, dawid: probability of k+1 steps relative to k.", 0, 1),
        Column(
            "transform",
            Kind.CHOICE,
            "How the matrix is made stationary or reversible; empty is none.",
            choices=Transform,
        ),
    ),
)

MATRICES = Table(
    "mutation_matrices",
    "Matrices of the markers whose model is custom. A row of the matrix is the parent's allele and sums to 1.",
    (
        _key("marker", "Name of the marker."),
        Column("sex", Kind.CHOICE, "The parent: F or M.", key=True, header=True, filled=True, choices=ParentSex),
        _key("from", "The parent's allele.", Kind.ALLELE),
        _key("to", "The allele transmitted.", Kind.ALLELE),
        _needed("probability", Kind.NUMBER, "Probability of the transmission.", low=0, high=1),
    ),
)

REMAINS = Table(
    "remains",
    "Remains: one row for each set presumed to be one individual. A box is never assumed to be a person.",
    (
        _key("remains_id", "Identifier of the remains, unique across the folder."),
        _text("accession", "Under which number they were received."),
        _reference("container_id", "The box or bag they came in."),
        _date("found_on", "When they were found."),
        *_place("found_lat", "found_lon", "found_radius_m", "the place of the find"),
        _reference("site_id", "The site they were found at."),
        _reference("claimed_person", "The person_id that a sender or a tag claims: a claim, not a fact."),
        _text("claimed_by", "Who claims it."),
        _sex("Sex by anthropology: M, F, or U (unknown, as is an empty cell)."),
        _number("stature_cm_low", "Least stature, centimetres.", 30, 250, words=True),
        _number("stature_cm_high", "Greatest stature, centimetres.", 30, 250, words=True),
        _number("age_low", "Least age at death, years.", 0, 120, words=True),
        _number("age_high", "Greatest age at death, years.", 0, 120, words=True),
        _reference("population", "Population by which the profile is described when asking for it."),
        Column(
            "same_as", Kind.LIST, "remains_id of rows signed or resolved to be the same individual, separated by ;."
        ),
    ),
    places={"found": ("found_lat", "found_lon", "found_radius_m")},
)

SPECIMENS = Table(
    "specimens",
    "The inventory of bones: one row for each bone, or part of one, as it was laid out.",
    (
        _key("specimen_id", "Identifier of the specimen, unique across the folder."),
        _text("accession", "Under which number it was received."),
        _reference("container_id", "The box or bag it came in."),
        _text("element", "The bone, as in the zones of Knüsel and Outram (2004): Femur, Os coxa, Rib 1."),
        Column("side", Kind.CHOICE, "left, right, unsided (it has a side, not told), or axial.", choices=Side),
        Column("zones", Kind.LIST, "Zones of the bone that are there, by their numbers, separated by ;."),
        _number("completeness", "Share of the bone that is there.", 0, 1, words=True),
        _reference("sample_id", "The sample that was taken from it."),
        _reference("remains_id", "The individual it was given to, a row of remains.csv."),
    ),
)

MEASUREMENTS = Table(
    "measurements",
    "Measurements of bones.",
    (
        _key("specimen_id", "The specimen, a row of specimens.csv."),
        _key("code", "The measurement by its osteometric code, such as Fem_01."),
        _needed("mm", Kind.NUMBER, "Millimetres.", low=0.01, high=3000),
    ),
)

DENTAL = Table(
    "dental",
    "Dental charts: one row for each tooth that a chart mentions. A tooth without a row was not charted.",
    (
        _key("subject_id", "am: the person_id of whom the record is. pm: the remains_id that was charted."),
        Column(
            "kind",
            Kind.CHOICE,
            "am (before death) or pm (after death).",
            key=True,
            header=True,
            filled=True,
            choices=ChartKind,
        ),
        Column("date", Kind.DATE, "When it was charted; empty is not stated.", key=True, header=True),
        _key("tooth", "Universal numbering: 1 (upper right third molar) to 32 (lower right third molar).", Kind.TOOTH),
        _needed(
            "code",
            Kind.TEXT,
            "WinID or NCIC: surfaces M O D F L I, or V (nothing done), X (lost in life), J (lost after death), "
            "U (not erupted), C, R, / (nothing known); after a hyphen what WinID adds, as in MOD-S.",
        ),
    ),
)

TRAITS = Table(
    "traits",
    "What was observed on remains by a named method: stages of age, scores of sex.",
    (
        _key("remains_id", "The remains."),
        _key("method", "The method, such as suchey_brooks."),
        _key("trait", "What of it was observed, such as phase."),
        _needed("value", Kind.TEXT, "The stage or score."),
    ),
)

COMPARISONS = Table(
    "comparisons",
    "Comparisons of remains with someone, as the examiner recorded them: a verdict in words, a place in a list ordered "
    "by likeness, or both. verdict_rates.csv says what a verdict is worth.",
    (
        _key("remains_id", "The remains."),
        _key("about", "A person_id, or outsider:GROUP."),
        Column("kind", Kind.CHOICE, "What was compared.", key=True, header=True, filled=True, choices=VerdictKind),
        _key("method", "The method of comparison."),
        _text("verdict", "The verdict, a word of verdict_rates.csv."),
        Column("rank", Kind.INTEGER, "Place in the list, 1 for the most alike.", low=1, high=10_000_000),
        Column("list_size", Kind.INTEGER, "How many were in the list; needed beside rank.", low=1, high=10_000_000),
        _text("examiner", "Who compared."),
    ),
    together=(("rank", "list_size"),),
)

VERDICT_RATES = Table(
    "verdict_rates",
    "How often a verdict is given: the calibration of each method. The verdicts of one method sum to at most 1.",
    (
        Column("kind", Kind.CHOICE, "What is compared.", key=True, header=True, filled=True, choices=VerdictKind),
        _key("method", "The method, as in comparisons.csv."),
        _key("verdict", "The verdict."),
        _needed("if_same", Kind.NUMBER, "Its probability where it is the person, above 0.", low=0, high=1),
        _needed("if_different", Kind.NUMBER, "Its probability where it is another, above 0.", low=0, high=1),
        _text("source", "Where the figures come from."),
    ),
)

PARAMETERS = Table(
    "parameters",
    "Parameters of methods that this programme replaces by its own.",
    (
        _key("method", "The method."),
        _key("parameter", "Name of the parameter."),
        _needed("value", Kind.NUMBER, "The value used instead of the one that is shipped."),
        _text("source", "Where it comes from."),
    ),
)

DECISIONS = Table(
    "decisions",
    "What was decided about remains and a person. identified fixes the pair, excluded removes it, rescinded restores "
    "both, affiliation says only where the remains belong.",
    (
        _key("remains_id", "The remains."),
        _key("about", "A person_id, or outsider:GROUP."),
        _needed("outcome", Kind.CHOICE, "What was decided.", choices=Outcome),
        Column("decided_on", Kind.DATE, "When."),
        _text("by", "By whom."),
        _text("reason", "Why."),
    ),
)

TABLES: tuple[Table, ...] = (
    MISSING,
    INCIDENTS,
    PEDIGREES,
    MARKERS,
    SAMPLES,
    PROFILES,
    LINEAGE,
    FREQUENCIES,
    LINEAGE_FREQUENCIES,
    SNP_PANEL,
    SNPS,
    MUTATION,
    MATRICES,
    REMAINS,
    SPECIMENS,
    MEASUREMENTS,
    DENTAL,
    TRAITS,
    COMPARISONS,
    VERDICT_RATES,
    PARAMETERS,
    DECISIONS,
)
BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}
WORDS = tuple(word.value for word in Absent)
