"""All systems together: their sum, what each rests on, and what must not be multiplied."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from homeward.errors import Nonsense, NotFound
from homeward.genetics.combined import STATES, Comparison, State, System, compare, near_pairs, together
from homeward.genetics.family import calls_of, families
from homeward.genetics.kinship import RELATIONSHIPS, sharing_table
from homeward.genetics.locus import prepare_loci
from homeward.genetics.scoring import log_lr_matrix
from homeward.programme import (
    Haplotype,
    HaplotypeCount,
    LineageKind,
    Marker,
    Member,
    MissingPerson,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
    SnpMarker,
    SnpProfile,
)

Y, MT = LineageKind.Y, LineageKind.MITOCHONDRIAL
MARKERS = {"TH01": {"6": 0.1, "9": 0.9}, "vWA": {"14": 0.2, "17": 0.8}, "DXS8378": {"10": 0.25, "11": 0.75}}
PEDIGREE = Pedigree(
    family_id="F",
    members=(
        Member(family_id="F", member_id="father", sex=Sex.MALE),
        Member(family_id="F", member_id="mother", sex=Sex.FEMALE),
        Member(family_id="F", member_id="one", father_id="father", mother_id="mother", sex=Sex.MALE, person_id="P1"),
        Member(family_id="F", member_id="two", father_id="father", mother_id="mother", sex=Sex.MALE, person_id="P2"),
        Member(family_id="F", member_id="her", father_id="father", mother_id="mother", sex=Sex.FEMALE, person_id="P3"),
    ),
)
LONELY = Pedigree(
    family_id="G",
    members=(
        Member(family_id="G", member_id="wife", sex=Sex.FEMALE),
        Member(family_id="G", member_id="alone", sex=Sex.MALE, person_id="P4"),
    ),
)
COUNTS = (
    HaplotypeCount(
        kind=MT, haplotype="16223T 263G", range="16024-16365;73-340", population="N", count=9, database_size=999
    ),
    HaplotypeCount(kind=Y, haplotype="DYS19=14 DYS390=24", population="N", count=1, database_size=199),
    HaplotypeCount(kind=Y, haplotype="DYS19=15 DYS390=22", population="N", count=198, database_size=199),
)


def samples(profiles, haplotypes, snps):
    subjects = {one.subject_id for one in (*profiles, *haplotypes, *snps)}
    kinds = {"R1": SampleKind.REMAINS, "R2": SampleKind.REMAINS}
    return tuple(
        Sample(sample_id=f"S {subject}", subject_id=subject, kind=kinds.get(subject, SampleKind.REFERENCE))
        for subject in sorted(subjects)
    )


def programme(*, calls=(), haplotypes=(), snps=(), **changes):
    profiles = tuple(
        Profile(sample_id=f"S {who}", subject_id=who, calls={m: (a, b) for m, (a, b) in of.items()})
        for who, of in dict(calls).items()
    )
    given = tuple(
        Haplotype(
            sample_id=f"S {who}",
            subject_id=who,
            kind=kind,
            haplotype=text,
            range="16024-16365;73-340" if kind is MT else "",
        )
        for who, kind, text in haplotypes
    )
    whole = Programme(
        settings=Settings(name="c", population="N"),
        missing=tuple(MissingPerson(person_id=f"P{number}") for number in (1, 2, 3, 4)),
        pedigrees=(PEDIGREE, LONELY),
        markers=(Marker(marker="DXS8378", chromosome="X"),),
        frequencies={"N": MARKERS},
        profiles=profiles,
        samples=samples(profiles, given, snps),
        haplotypes=given,
        haplotype_counts=COUNTS,
        snp_profiles=tuple(snps),
        remains=(Remains(remains_id="R1"), Remains(remains_id="R2")),
    )
    return replace(whole, **changes)


def state(found: Comparison, system, remains, person):
    slot = [slot.person_id for slot in found.slots].index(person)
    return STATES[found.state[system][found.remains_ids.index(remains), slot]]


def log10(found: Comparison, system, remains, person):
    slot = [slot.person_id for slot in found.slots].index(person)
    return float(found.log_lr[system][found.remains_ids.index(remains), slot]) / math.log(10)


CALLS = {
    "father": {"TH01": ("6", "6"), "vWA": ("14", "17")},
    "mother": {"DXS8378": ("10", "10")},
    "R1": {"TH01": ("6", "9"), "vWA": ("17", "17"), "DXS8378": ("10", "10")},
}
LINES = [
    ("father", Y, "DYS19=14 DYS390=24"),
    ("mother", MT, "16223T 263G"),
    ("R1", Y, "DYS19=14 DYS390=24"),
    ("R1", MT, "16223T 263G"),
]


def test_autosomal_and_x_markers_by_hand():
    found = compare(programme(calls=CALLS), systems=[System.AUTOSOMAL, System.X])

    # TH01: 1 * 0.9 / (2 * 0.1 * 0.9); vWA: 0.5 * 0.8 / 0.8^2; a man's 10 of a mother 10/10: 1 / 0.25
    expected = math.log10(0.9 / 0.18 * 0.4 / 0.64)
    assert log10(found, System.AUTOSOMAL, "R1", "P1") == pytest.approx(expected, rel=1e-12)
    assert log10(found, System.X, "R1", "P1") == pytest.approx(math.log10(4), rel=1e-12)
    assert found.total()[0, 0] == pytest.approx(expected + math.log10(4), rel=1e-12)


def test_lines_by_hand():
    found = compare(programme(calls=CALLS, haplotypes=LINES))

    # counted with the case: (9 + 1)/1000; the Y was seen once of 199, so (1 + 1)/200. Rarely it mutates or is misread
    assert log10(found, System.MT, "R1", "P1") == pytest.approx(2, abs=0.02)
    assert log10(found, System.Y, "R1", "P1") == pytest.approx(2, abs=0.02)
    of_y = next(lr for (system, _, _), lr in found.lineage.items() if system is System.Y)
    assert (of_y.meioses, of_y.references, of_y.frequency.people) == (1, 1, 199)


def test_the_total_is_the_sum_of_the_systems():
    found = compare(programme(calls=CALLS, haplotypes=LINES))

    whole = sum(found.log_lr[system] for system in found.systems) / math.log(10)
    np.testing.assert_allclose(found.total(), whole, rtol=1e-12)
    without = found.total_without_lineage
    np.testing.assert_allclose(without + found.total((System.Y, System.MT)), found.total(), rtol=1e-12)


def test_autosomal_and_x_together_are_what_a_search_gives():
    whole = programme(calls=CALLS)
    scores = log_lr_matrix(families(whole, prepare_loci(whole)), [calls_of(whole).get(r, {}) for r in ("R1", "R2")])

    found = compare(whole, systems=[System.AUTOSOMAL, System.X])

    np.testing.assert_allclose(found.total() * math.log(10), scores.log_lr, rtol=1e-12, atol=1e-14)


def test_brothers_are_on_one_line_and_their_sister_is_on_the_mothers_alone():
    found = compare(programme(calls=CALLS, haplotypes=LINES))

    assert found.same_line[System.Y][0] == ("P2",)
    assert found.same_line[System.MT][0] == ("P2", "P3")
    assert log10(found, System.Y, "R1", "P1") == log10(found, System.Y, "R1", "P2")
    assert state(found, System.Y, "R1", "P3") is State.NOT_OF_THE_LINE


@pytest.mark.parametrize(
    ("system", "remains", "person", "expected"),
    [
        (System.AUTOSOMAL, "R2", "P1", State.NOT_TYPED),
        (System.AUTOSOMAL, "R1", "P4", State.NO_REFERENCE),
        (System.MT, "R2", "P1", State.NOT_TYPED),
        (System.MT, "R1", "P4", State.NO_REFERENCE),
        (System.Y, "R1", "P1", State.COMPARED),
        (System.SNP, "R1", "P1", State.NOT_TYPED),
    ],
)
def test_what_was_not_compared_counts_nothing_and_says_why(system, remains, person, expected):
    found = compare(programme(calls=CALLS, haplotypes=LINES))

    assert state(found, system, remains, person) is expected
    assert expected is State.COMPARED or log10(found, system, remains, person) == 0


def test_a_haplotype_that_nobody_counted_has_no_ratio():
    found = compare(programme(calls=CALLS, haplotypes=LINES, haplotype_counts=()))

    assert state(found, System.Y, "R1", "P1") is State.NO_FREQUENCY
    assert log10(found, System.Y, "R1", "P1") == 0


def test_a_family_that_contradicts_itself_keeps_its_lines():
    wrong = {**CALLS, "mother": {"TH01": ("9", "9")}, "two": {"TH01": ("9", "9")}}

    found = compare(programme(calls=wrong, haplotypes=LINES))

    assert state(found, System.AUTOSOMAL, "R1", "P1") is State.SET_ASIDE
    assert log10(found, System.AUTOSOMAL, "R1", "P1") == 0
    assert log10(found, System.MT, "R1", "P1") > 1


def snp_profile(who, places):
    log_likelihood = np.full((len(places), 3), -np.inf)
    log_likelihood[:, 2] = 0.0
    return SnpProfile(sample_id=f"S {who}", subject_id=who, snps=places, log_likelihood=log_likelihood)


def test_snps_beside_a_marker_of_the_product_are_left_out():
    panel = tuple(
        SnpMarker(snp=snp, population="N", frequency=0.5, chromosome=chromosome, position_cm=place)
        for snp, chromosome, place in (("beside TH01", "11", 8.0), ("far", "11", 60.0), ("elsewhere", "3", 5.0))
    )
    snps = [snp_profile(who, tuple(one.snp for one in panel)) for who in ("father", "R1")]
    whole = programme(calls=CALLS, snps=snps, snp_panel=panel)

    found = compare(whole)
    alone = compare(whole, systems=[System.SNP])

    # father and son both 2/2 at frequency 1/2: p / p^2
    assert log10(found, System.SNP, "R1", "P1") == pytest.approx(2 * math.log10(2), rel=1e-12)
    assert log10(alone, System.SNP, "R1", "P1") == pytest.approx(3 * math.log10(2), rel=1e-12)
    assert found.snps[0, 0].left_out == {"near_str": 1}
    assert found.markers[System.SNP][0, 0] == 2


def test_markers_of_one_chromosome_that_lie_close_are_named():
    assert list(near_pairs(["D21S11", "FGA", "Penta D", "TH01"])) == [("D21S11", "Penta D", pytest.approx(24.4))]
    assert list(near_pairs(["D5S818", "CSF1PO", "unheard of"])) == [("D5S818", "CSF1PO", pytest.approx(26.3))]


def test_two_remains_as_two_brothers_are_siblings_and_pay_for_the_haplotype_once():
    calls = {"R1": {"TH01": ("6", "6")}, "R2": {"TH01": ("6", "9")}}
    lines = [(who, Y, "DYS19=14 DYS390=24") for who in ("R1", "R2")]
    whole = programme(calls=calls, haplotypes=lines)
    locus = prepare_loci(whole)["N"]["TH01"]
    sibs, strangers = (sharing_table(locus, RELATIONSHIPS[name])[0, 1] for name in ("full_sibs", "unrelated"))

    both = together(whole, {"one": "R1", "two": "R2"})

    assert both[System.AUTOSOMAL] == pytest.approx(math.log10(sibs / strangers), rel=1e-12)
    # each alone, without a reference, says nothing; both together share what one in a hundred has: once
    assert both[System.Y] == pytest.approx(2, abs=0.02)
    assert compare(whole).total()[0, 0] == 0


def test_one_remains_together_is_the_pair():
    whole = programme(calls=CALLS, haplotypes=LINES)
    found = compare(whole)

    alone = together(whole, {"one": "R1"})

    for system in (System.AUTOSOMAL, System.X, System.Y, System.MT):
        assert alone[system] == pytest.approx(log10(found, system, "R1", "P1"), rel=1e-12)


def test_a_programme_of_haplotypes_alone_is_compared():
    found = compare(programme(haplotypes=LINES, frequencies={}))

    assert log10(found, System.MT, "R1", "P1") == pytest.approx(2, abs=0.02)
    assert state(found, System.AUTOSOMAL, "R1", "P1") is State.NOT_TYPED


def test_pairs_come_best_first_and_above_the_threshold():
    found = compare(programme(calls=CALLS, haplotypes=LINES))

    pairs = found.reaching(4.0)

    assert pairs.tolist() == [[0, 0], [0, 1]]
    assert len(found.reaching(None)) == 8


def test_what_cannot_be_asked_is_refused():
    whole = programme(calls=CALLS)

    with pytest.raises(Nonsense):
        compare(whole, systems=[])
    with pytest.raises(NotFound):
        together(whole, {"one": "R9"})
    with pytest.raises(Nonsense):
        together(whole, {"one": "R1", "alone": "R2"})
