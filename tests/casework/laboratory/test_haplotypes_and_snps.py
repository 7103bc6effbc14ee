"""Lineage haplotypes and SNPs are kept as they came, and seen by few."""

import numpy as np
import pytest

from casework.exchange.queries import compare
from casework.laboratory import actions, queries, records
from casework.parties.refusal import Refused
from casework.registry import actions as registry
from homeward.programme import Haplotype, HaplotypeCount, LineageKind, SnpMarker, SnpProfile
from tests.casework.programmes import small

pytestmark = pytest.mark.django_db

LINEAGE = {
    "haplotypes": (
        Haplotype(
            sample_id="S-1",
            subject_id="2024-031-I-02",
            kind=LineageKind.MITOCHONDRIAL,
            range="73-340",
            haplotype="263G 315.1C",
        ),
        Haplotype(sample_id="S-1", subject_id="2024-031-I-02", kind=LineageKind.Y, haplotype="DYS19=14 DYS385=11,14"),
    ),
    "haplotype_counts": (
        HaplotypeCount(
            kind=LineageKind.MITOCHONDRIAL,
            range="73-340",
            haplotype="263G 315.1C",
            population="K",
            count=0,
            database_size=5000,
        ),
    ),
    "snp_panel": (SnpMarker(snp="rs1", population="K", frequency=0.25, chromosome="7", position_cm=12.5),),
    "snp_profiles": (
        SnpProfile(
            sample_id="S-2", subject_id="2024-031-I-02", snps=("rs1",), log_likelihood=np.array([[-0.1, -2.5, -np.inf]])
        ),
    ),
}


@pytest.fixture
def given(arvad):
    programme = small(**LINEAGE)
    actions.set_programme(holder=arvad, rows=programme)
    registry.enter(holder=arvad, missing=programme.missing, incidents=programme.incidents, families=programme.pedigrees)
    actions.enter(holder=arvad, rows=programme)
    return programme


def test_they_come_back_as_they_were_entered(arvad, given):
    programme = records.programme_of(arvad)

    for name in LINEAGE:
        assert getattr(programme, name) == getattr(given, name), name


def test_what_is_held_already_is_neither_new_nor_a_conflict(admit, arvad, given):
    comparison = compare(given, by=admit(arvad, "registrar"))

    assert comparison.conflicts == ()
    assert comparison.new_rows["lineage"] == comparison.new_rows["snps"] == 0


def test_an_analyst_sees_them_and_a_negotiator_does_not(admit, arvad, given):
    analyst = admit(arvad, "dna_analyst")

    assert [one.haplotype for one in queries.haplotypes_of("2024-031-I-02", by=analyst)] == [
        "263G 315.1C",
        "DYS19=14 DYS385=11,14",
    ]
    assert queries.snps_of("2024-031-I-02", by=analyst) == [("S-2", 1)]
    with pytest.raises(Refused):
        queries.haplotypes_of("2024-031-I-02", by=admit(arvad, "negotiator"))
