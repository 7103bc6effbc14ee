"""What stands in a programme folder: every file and column, in one table.

The readers, the writers, ``datapackage.json`` and ``docs/methods/programme-folder.md`` all follow
this table, so that none of them can say something else.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from homeward.formats.columns import Column, Kind, Table, date, key_column, needed, number, place, reference, text
from homeward.formats.schema_search import SEARCH_TABLES
from homeward.programme import (
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
    "claims",
)


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


def _sex(meaning: str) -> Column:
    return Column("sex", Kind.CHOICE, meaning, choices=Sex, words=True)


MISSING = Table(
    "missing",
    "The roster: one row for each missing person, those already accounted for included.",
    (
        key_column("person_id", "Identifier of the missing person."),
        text("family_name", "Family name in Latin letters, as the roster has it."),
        text("given_name", "Given name in Latin letters, as the roster has it."),
        text("name_native", "The name in its own script."),
        _sex("M, F, or U (unknown, as is an empty cell)."),
        date("birth_date", "Date of birth."),
        reference("population", "Population for allele frequencies, as named in frequencies.csv."),
        text("affiliation", "Whom the person served or belonged to."),
        text("unit", "Unit at the time of loss."),
        text("service_number", "Service number, as text."),
        number("stature_cm", "Stature in life, centimetres.", 30, 250, words=True),
        reference("incident_id", "The loss incident, a row of incidents.csv."),
        date("lost_on", "When the person was lost, or the first day on which that may have been."),
        date("lost_until", "The last day on which the person may have been lost."),
        *place("last_seen_lat", "last_seen_lon", "last_seen_radius_m", "the place where the person was last seen"),
        Column("status", Kind.CHOICE, "Where the search for this person stands; empty is missing.", choices=Status),
    ),
    places={"last_seen": ("last_seen_lat", "last_seen_lon", "last_seen_radius_m")},
)

INCIDENTS = Table(
    "incidents",
    "Loss incidents: the events in which people were lost.",
    (
        key_column("incident_id", "Identifier of the incident."),
        Column("kind", Kind.CHOICE, "What kind of event; empty is other.", choices=IncidentKind),
        text("name", "What the incident is called."),
        date("date", "When it happened."),
        *place("lat", "lon", "radius_m", "the incident"),
        text("grid_original", "The position exactly as its source gives it."),
        text("datum", "Datum or map series of grid_original."),
    ),
    places={"place": ("lat", "lon", "radius_m")},
)

PEDIGREES = Table(
    "pedigrees",
    "Families: one row for each member. Both parents empty is a founder; one empty is an unknown founder of his or "
    "her own, so that children of one named mother and an empty father are half-sibs (noted).",
    (
        Column("family_id", Kind.IDENTIFIER, "The family.", header=True, filled=True),
        key_column("member_id", "Identifier of the member, unique across the folder."),
        Column("father_id", Kind.IDENTIFIER, "member_id of the father, of the same family.", header=True),
        Column("mother_id", Kind.IDENTIFIER, "member_id of the mother, of the same family.", header=True),
        Column("sex", Kind.CHOICE, "M, F, or U (unknown, as is an empty cell).", header=True, choices=Sex, words=True),
        reference("population", "Population for allele frequencies; one for a whole family."),
        reference("person_id", "The missing person, where the member is one; at most once in the folder."),
        reference("twin_of", "member_id of the identical twin."),
        number("inbreeding", "Of a founder: the chance that both alleles come from one ancestor. Empty is 0.", 0, 1),
    ),
)

MARKERS = Table(
    "markers",
    "Markers of which something needs saying. A marker without a row is autosomal and unlinked.",
    (
        key_column("marker", "Name of the marker."),
        Column("chromosome", Kind.CHOICE, "A (autosomal, as is an empty cell), X, Y or M.", choices=Chromosome),
        reference("linked_to", "A marker of the same chromosome linked to this one; each marker is in one pair."),
        number("rho", "Recombination fraction to linked_to; needed beside it.", 0, 0.5),
        number(
            "silent_frequency",
            "Frequency of an allele that is inherited and never seen, below 1.",
            0,
            1,
        ),
        number("min_frequency", "Least frequency given to an allele that the table does not name.", 0, 1),
        Column("sample_size", Kind.INTEGER, "People in the frequency sample; an unseen allele gets 5/(2n).", low=1),
        Column("aliases", Kind.LIST, "Other names of this marker, separated by ;."),
    ),
)

SAMPLES = Table(
    "samples",
    "Samples: what was taken from whom.",
    (
        key_column("sample_id", "Identifier of the sample."),
        needed("subject_id", Kind.IDENTIFIER, "A member_id or a remains_id; any text for an elimination sample."),
        needed(
            "kind",
            Kind.CHOICE,
            "reference (of a relative), direct (the missing person's own tooth, biopsy or "
            "belongings, under that person's own member_id), remains, or elimination.",
            choices=SampleKind,
        ),
        number(
            "dropout", "Probability that a copy of an allele is not seen, below 1; empty: that of [genetics].", 0, 1
        ),
        number("dropin", "Probability that a foreign allele is seen at a marker; empty: that of [genetics].", 0, 1),
        number(
            "typing_error",
            "Probability that an allele is read as another; empty: that of [genetics].",
            0,
            1,
        ),
        date("date", "When it was taken."),
        text("laboratory", "Who typed it."),
    ),
)

PROFILES = Table(
    "profiles",
    "Genetic profiles: one row for each sample and marker. A homozygote is written a, a. ? is an allele that was not "
    "observed. Untyped is no row, or - and -. AMEL gives the genetic sex.",
    (
        key_column("sample_id", "The sample."),
        needed("subject_id", Kind.IDENTIFIER, "Whose it is: a member_id, a remains_id, or an elimination subject."),
        key_column("marker", "Name of the marker; other spellings of it are recognised."),
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
        key_column("sample_id", "The sample."),
        needed("subject_id", Kind.IDENTIFIER, "Whose it is: a member_id, a remains_id, or an elimination subject."),
        Column("kind", Kind.CHOICE, "mt or y.", key=True, header=True, filled=True, choices=LineageKind),
        text(
            "range",
            "mt: the positions read, such as 16024-16365 73-340, or CR (16024-576), HVS1, HVS2, ALL; must be filled. "
            "y: empty, or the name of the kit.",
        ),
        needed("haplotype", Kind.TEXT, "The haplotype; rCRS where an mt haplotype differs nowhere."),
    ),
)

LINEAGE_FREQUENCIES = Table(
    "lineage_frequencies",
    "How often haplotypes were seen in databases: the answers of searches, or a whole database with every haplotype "
    "in it, recognised by counts that sum to database_size.",
    (
        Column("kind", Kind.CHOICE, "mt or y.", key=True, header=True, filled=True, choices=LineageKind),
        key_column("haplotype", "The haplotype searched for, as in lineage.csv.", Kind.TEXT),
        key_column("population", "The population of the database."),
        needed("count", Kind.INTEGER, "How many people had it.", low=0),
        needed("database_size", Kind.INTEGER, "How many people were compared.", low=1),
        text("range", "mt: the positions searched with; must be filled. y: empty."),
    ),
)

FREQUENCIES = Table(
    "frequencies",
    "Allele frequencies. A table whose sum is within 1e-4 of 1 is used as given; below, the allele `rest` takes the "
    "remainder; above is a fault.",
    (
        key_column("population", "Name of the population."),
        key_column("marker", "Name of the marker."),
        key_column("allele", "The allele.", Kind.ALLELE),
        needed("frequency", Kind.NUMBER, "Its frequency, above 0.", low=0, high=1),
    ),
)

SNP_PANEL = Table(
    "snp_panel",
    "The SNPs of the programme: one row for each SNP and population. Place and alleles of a SNP are the same in all of "
    "them.",
    (
        key_column("snp", "Name of the SNP, such as its rs number."),
        key_column("population", "Name of the population, as in frequencies.csv."),
        Column("chromosome", Kind.CHOICE, "1 to 22, X, Y or M. Empty is not stated.", choices=SnpChromosome),
        Column("position", Kind.INTEGER, "Base pairs from the start of the chromosome.", low=1, high=300_000_000),
        number("position_cm", "Place on the genetic map, cM. Empty is position at 1 cM per megabase.", 0, 400),
        text("reference", "The allele that genotypes do not count, as A, C, G or T."),
        text("counted", "The allele that genotypes count."),
        needed("frequency", Kind.NUMBER, "Frequency of the counted allele.", low=0, high=1),
    ),
)

SNPS = Table(
    "snps",
    "SNPs of samples: one row for each sample and SNP, with a genotype or three log likelihoods. Where nothing was "
    "seen there is no row. A single read is no homozygote: state its log likelihoods.",
    (
        key_column("sample_id", "The sample."),
        needed("subject_id", Kind.IDENTIFIER, "Whose it is: a member_id, a remains_id, or an elimination subject."),
        key_column("snp", "Name of the SNP, as in snp_panel.csv."),
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
        key_column("marker", "Name of the marker."),
        needed(
            "model",
            Kind.CHOICE,
            "none, equal, proportional, stepwise, onestep, dawid, or custom (whose matrices "
            "stand in mutation_matrices).",
            choices=MutationKind,
        ),
        number("rate_female", "Mutation rate per meiosis in women; needed but for none and custom.", 0, 1),
        number("rate_male", "Mutation rate per meiosis in men; needed but for none and custom.", 0, 1),
        number("rate2", "stepwise: rate of mutation to or from a microvariant.", 0, 1),
        number("range", "stepwise, dawid: probability of k+1 steps relative to k.", 0, 1),
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
        key_column("marker", "Name of the marker."),
        Column("sex", Kind.CHOICE, "The parent: F or M.", key=True, header=True, filled=True, choices=ParentSex),
        key_column("from", "The parent's allele.", Kind.ALLELE),
        key_column("to", "The allele transmitted.", Kind.ALLELE),
        needed("probability", Kind.NUMBER, "Probability of the transmission.", low=0, high=1),
    ),
)

REMAINS = Table(
    "remains",
    "Remains: one row for each set presumed to be one individual. A box is never assumed to be a person.",
    (
        key_column("remains_id", "Identifier of the remains, unique across the folder."),
        text("accession", "Under which number they were received."),
        reference("container_id", "The box or bag they came in."),
        date("found_on", "When they were found."),
        *place("found_lat", "found_lon", "found_radius_m", "the place of the find"),
        reference("site_id", "The site they were found at."),
        reference("claimed_person", "The person_id that a sender or a tag claims: a claim, not a fact."),
        text("claimed_by", "Who claims it."),
        _sex("Sex by anthropology: M, F, or U (unknown, as is an empty cell)."),
        number("stature_cm_low", "Least stature, centimetres.", 30, 250, words=True),
        number("stature_cm_high", "Greatest stature, centimetres.", 30, 250, words=True),
        number("age_low", "Least age at death, years.", 0, 120, words=True),
        number("age_high", "Greatest age at death, years.", 0, 120, words=True),
        reference("population", "Population by which the profile is described when asking for it."),
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
        key_column("specimen_id", "Identifier of the specimen, unique across the folder."),
        text("accession", "Under which number it was received."),
        reference("container_id", "The box or bag it came in."),
        text("element", "The bone, as in the zones of Knüsel and Outram (2004): Femur, Os coxa, Rib 1."),
        Column("side", Kind.CHOICE, "left, right, unsided (it has a side, not told), or axial.", choices=Side),
        Column("zones", Kind.LIST, "Zones of the bone that are there, by their numbers, separated by ;."),
        number("completeness", "Share of the bone that is there.", 0, 1, words=True),
        reference("sample_id", "The sample that was taken from it."),
        reference("remains_id", "The individual it was given to, a row of remains.csv."),
    ),
)

MEASUREMENTS = Table(
    "measurements",
    "Measurements of bones.",
    (
        key_column("specimen_id", "The specimen, a row of specimens.csv."),
        key_column("code", "The measurement by its osteometric code, such as Fem_01."),
        needed("mm", Kind.NUMBER, "Millimetres.", low=0.01, high=3000),
    ),
)

DENTAL = Table(
    "dental",
    "Dental charts: one row for each tooth that a chart mentions. A tooth without a row was not charted.",
    (
        key_column("subject_id", "am: the person_id of whom the record is. pm: the remains_id that was charted."),
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
        key_column(
            "tooth", "Universal numbering: 1 (upper right third molar) to 32 (lower right third molar).", Kind.TOOTH
        ),
        needed(
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
        key_column("remains_id", "The remains."),
        key_column("method", "The method, such as suchey_brooks."),
        key_column("trait", "What of it was observed, such as phase."),
        needed("value", Kind.TEXT, "The stage or score."),
    ),
)

COMPARISONS = Table(
    "comparisons",
    "Comparisons of remains with someone, as the examiner recorded them: a verdict in words, a place in a list ordered "
    "by likeness, or both. verdict_rates.csv says what a verdict is worth.",
    (
        key_column("remains_id", "The remains."),
        key_column("about", "A person_id, or outsider:GROUP."),
        Column("kind", Kind.CHOICE, "What was compared.", key=True, header=True, filled=True, choices=VerdictKind),
        key_column("method", "The method of comparison."),
        text("verdict", "The verdict, a word of verdict_rates.csv."),
        Column("rank", Kind.INTEGER, "Place in the list, 1 for the most alike.", low=1, high=10_000_000),
        Column("list_size", Kind.INTEGER, "How many were in the list; needed beside rank.", low=1, high=10_000_000),
        text("examiner", "Who compared."),
    ),
    together=(("rank", "list_size"),),
)

VERDICT_RATES = Table(
    "verdict_rates",
    "How often a verdict is given: the calibration of each method. The verdicts of one method sum to at most 1.",
    (
        Column("kind", Kind.CHOICE, "What is compared.", key=True, header=True, filled=True, choices=VerdictKind),
        key_column("method", "The method, as in comparisons.csv."),
        key_column("verdict", "The verdict."),
        needed("if_same", Kind.NUMBER, "Its probability where it is the person, above 0.", low=0, high=1),
        needed("if_different", Kind.NUMBER, "Its probability where it is another, above 0.", low=0, high=1),
        text("source", "Where the figures come from."),
    ),
)

PARAMETERS = Table(
    "parameters",
    "Parameters of methods that this programme replaces by its own.",
    (
        key_column("method", "The method."),
        key_column("parameter", "Name of the parameter."),
        needed("value", Kind.NUMBER, "The value used instead of the one that is shipped."),
        text("source", "Where it comes from."),
    ),
)

DECISIONS = Table(
    "decisions",
    "What was decided about remains and a person. identified fixes the pair, excluded removes it, rescinded restores "
    "both, affiliation says only where the remains belong.",
    (
        key_column("remains_id", "The remains."),
        key_column("about", "A person_id, or outsider:GROUP."),
        needed("outcome", Kind.CHOICE, "What was decided.", choices=Outcome),
        Column("decided_on", Kind.DATE, "When."),
        text("by", "By whom."),
        text("reason", "Why."),
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
    *SEARCH_TABLES,
)
BY_NAME: Mapping[str, Table] = {table.name: table for table in TABLES}
