"""The tables that Homeward ships are the published ones, and names are found however they are spelt."""

import csv
from pathlib import Path

import pytest

from homeward.tables import canonical_marker, locus_aliases, mutation_rates, nist1036, nist1036_people

SHARED = Path(__file__).parents[3] / "shared" / "reference" / "nist1036"


def test_the_frequencies_are_those_published():
    # NIST 1036 (Steffen et al. 2017), three entries read from the published table
    assert nist1036()["African American"]["CSF1PO"]["7"] == 0.055556
    assert nist1036()["Caucasian"]["TH01"]["9.3"] == pytest.approx(249 / 722, abs=1e-6)
    assert set(nist1036()) == {"African American", "Asian", "Caucasian", "Hispanic"}


def test_each_population_has_29_markers_whose_frequencies_sum_to_one_within_rounding():
    for markers in nist1036().values():
        assert len(markers) == 29
        for table in markers.values():
            assert sum(table.values()) == pytest.approx(1, abs=5e-6)


def test_the_numbers_of_people_are_those_of_the_publication():
    assert nist1036_people() == {"African American": 342, "Asian": 97, "Caucasian": 361, "Hispanic": 236}


def test_our_copy_is_the_reference_copy():
    reference = SHARED / "frequencies.csv"
    if not reference.exists():
        pytest.skip(f"the reference folder is not beside this checkout: no {reference.name} to compare with")
    with reference.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    for row in rows:
        assert nist1036()[row["population"]][row["marker"]][row["allele"]] == float(row["frequency"])
    assert len(rows) == sum(len(table) for markers in nist1036().values() for table in markers.values())


@pytest.mark.parametrize(
    ("written", "marker"),
    [
        ("TH01", "TH01"),
        ("THO1", "TH01"),
        ("TH0-1", "TH01"),
        ("tho1", "TH01"),
        ("vWA", "vWA"),
        ("VWA", "vWA"),
        ("v WA", "vWA"),
        ("PentaD", "Penta D"),
        ("Penta D", "Penta D"),
        ("PENTA_D", "Penta D"),
        ("Penta-E", "Penta E"),
        ("d12s391", "D12S391"),
        (" D3S1358 ", "D3S1358"),
        ("Amelogenin", "AMEL"),
        ("AMEL", "AMEL"),
        ("AM", "AMEL"),
        ("AM X,Y", "AMEL"),
        ("VWA31/A", "vWA"),
        ("D6S502", "D8S1179"),
        ("Y-Indel", "Yindel"),
        ("DYS385 a/b", "DYS385"),
        ("DYS389-2", "DYS389II"),
        ("GATA H4.1", "GATA H4.1"),
        ("a marker of one's own", "a marker of one's own"),
    ],
)
def test_a_marker_is_known_under_any_spelling(written, marker):
    assert canonical_marker(written) == marker


def test_a_programmes_own_alias_goes_before_ours():
    assert canonical_marker("Locus_1", {"locus 1": "D3S1358"}) == "D3S1358"
    assert canonical_marker("AM", {"AM": "another marker"}) == "another marker"


def test_a_programmes_own_alias_may_lead_to_another_spelling():
    assert canonical_marker("locus 1", {"locus 1": "THO1"}) == "TH01"


def test_no_alias_is_the_name_of_another_marker():
    names = {name.upper() for name in nist1036()["Asian"]}
    assert not names & {alias.upper() for alias in locus_aliases()}
    of_the_y = {"Yindel", "Y-GATA-H4", "DYS385", "DYS389I", "DYS389II", "DYF387S1"}
    assert set(locus_aliases().values()) <= set(nist1036()["Asian"]) | {"AMEL"} | of_the_y


def test_the_tables_cannot_be_changed():
    with pytest.raises(TypeError):
        nist1036()["Asian"]["TH01"]["6"] = 1.0


def test_the_default_rates_call_themselves_an_assumption():
    assert "assumption" in mutation_rates().source
    assert 0 < mutation_rates().female < mutation_rates().male < 0.01
