"""Markers prepared from a programme: frequencies, added alleles, names, mutation."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.errors import Nonsense, NotFound
from homeward.genetics.locus import Loci, Locus, complete_frequencies, frequency_if_new, genotype_index, prepare_loci
from homeward.programme import (
    Marker,
    MutationKind,
    MutationModel,
    Profile,
    Programme,
    Sample,
    SampleKind,
    Settings,
    Transform,
)


def programme(
    table: Mapping[str, float] | None = None,
    *,
    markers: tuple[Marker, ...] = (),
    mutation: tuple[MutationModel, ...] = (),
    typed: Mapping[str, tuple[str, str]] | None = None,
    samples: tuple[Sample, ...] = (),
    tables: Mapping[str, Mapping[str, float]] | None = None,
) -> Programme:
    return Programme(
        settings=Settings(name="test"),
        markers=markers,
        mutation=mutation,
        samples=samples,
        profiles=(Profile(sample_id="S1", subject_id="R1", calls=typed or {}),),
        frequencies={"A": tables if tables is not None else {"TH01": table or {"6": 0.4, "9.3": 0.6}}},
    )


def prepared(of: Programme) -> Loci:
    return prepare_loci(of)["A"]


def frequencies_of(locus: Locus) -> dict[str, float]:
    return dict(zip(locus.alleles, locus.frequencies.tolist(), strict=True))


def test_a_complete_table_is_used_as_given_in_the_order_of_sizes() -> None:
    locus = prepared(programme({"10": 0.25, "9.3": 0.5, "9": 0.25}))["TH01"]
    assert frequencies_of(locus) == {"9": 0.25, "9.3": 0.5, "10": 0.25}
    assert (locus.added, locus.rest) == ((), 0.0)


@pytest.mark.parametrize("last", [0.59991, 0.60009])
def test_a_table_that_misses_one_by_less_than_a_ten_thousandth_is_never_rescaled(last: float) -> None:
    locus = prepared(programme({"6": 0.4, "9.3": last}))["TH01"]
    assert frequencies_of(locus)["6"] == 0.4
    assert frequencies_of(locus)["9.3"] == last
    assert locus.rest == 0
    assert locus.frequencies.sum() == pytest.approx(1, abs=1e-15)  # the difference stands last, without a name
    assert locus.alleles[-1] == ""


def test_the_remainder_of_an_incomplete_table_goes_to_the_rest() -> None:
    loci = prepared(programme({"6": 0.4, "9.3": 0.5}))
    assert frequencies_of(loci["TH01"]) == pytest.approx({"6": 0.4, "9.3": 0.5, "rest": 0.1})
    assert [(note.code, note.allele) for note in loci.notes] == [("rest_added", "rest")]


def test_a_table_that_sums_to_more_than_one_is_refused() -> None:
    with pytest.raises(Nonsense, match=r"marker TH01 in population A: the frequencies sum to 1\.3"):
        prepare_loci(programme({"6": 0.7, "9.3": 0.6}))


def test_an_allele_without_frequency_is_taken_from_the_rest_first() -> None:
    frequencies, added = complete_frequencies({"6": 0.5, "7": 0.4}, {"8"}, frequency_if_new=0.002)
    assert frequencies == pytest.approx({"6": 0.5, "7": 0.4, "8": 0.002, "rest": 0.098})
    assert added == (("8", 0.002),)


def test_without_a_rest_the_others_make_room() -> None:
    frequencies, _ = complete_frequencies({"6": 0.5, "7": 0.5}, {"8"}, frequency_if_new=0.01)
    assert frequencies == pytest.approx({"6": 0.495, "7": 0.495, "8": 0.01})


def test_a_rest_too_small_is_used_up_and_the_others_make_room_for_what_is_lacking() -> None:
    frequencies, _ = complete_frequencies({"6": 0.5, "7": 0.496, "rest": 0.004}, {"8"}, frequency_if_new=0.01)
    assert frequencies == pytest.approx({"6": 0.5 * 0.99 / 0.996, "7": 0.496 * 0.99 / 0.996, "8": 0.01})
    assert sum(frequencies.values()) == pytest.approx(1)


@given(st.sets(st.sampled_from(["5", "8", "9.3", "11"])), st.sampled_from([1.0, 0.9, 0.998]))
def test_a_table_stays_complete_however_many_alleles_are_added(seen: set[str], total: float) -> None:
    frequencies, added = complete_frequencies({"6": total / 2, "8": total / 2}, seen, frequency_if_new=0.01)
    assert sum(frequencies.values()) == pytest.approx(1)
    assert {allele for allele, _ in added} == seen - {"8"}


def test_alleles_that_would_fill_the_table_are_refused() -> None:
    with pytest.raises(Nonsense, match="2 alleles lack a frequency"):
        complete_frequencies({"6": 1.0}, {"8", "9"}, frequency_if_new=0.5)


def test_an_allele_new_to_a_table_gets_the_larger_of_the_stated_minimum_and_what_the_sample_allows() -> None:
    assert frequency_if_new(None) == 0.002
    assert frequency_if_new(Marker(marker="L", min_frequency=0.001)) == 0.002
    assert frequency_if_new(Marker(marker="L", min_frequency=0.01)) == 0.01
    assert frequency_if_new(Marker(marker="L", sample_size=250)) == 0.01
    assert frequency_if_new(Marker(marker="L", sample_size=250, min_frequency=0.02)) == 0.02


def test_an_allele_seen_in_any_profile_is_added_and_reported() -> None:
    loci = prepared(programme(typed={"TH01": ("17", "6")}, markers=(Marker(marker="TH01", sample_size=250),)))
    assert loci["TH01"].added == (("17", 0.01),)
    assert [(note.code, note.marker, note.allele, note.frequency) for note in loci.notes] == [
        ("allele_added", "TH01", "17", 0.01)
    ]


def test_staff_profiles_add_no_alleles_and_an_unobserved_allele_is_none() -> None:
    staff = (Sample(sample_id="S1", subject_id="R1", kind=SampleKind.ELIMINATION),)
    assert prepared(programme(typed={"TH01": ("17", "6")}, samples=staff))["TH01"].added == ()
    assert prepared(programme(typed={"TH01": ("?", "6")}))["TH01"].added == ()


def test_an_allele_listed_with_frequency_zero_counts_as_absent() -> None:
    table = {"6": 0.4, "9.3": 0.6, "11": 0.0}
    assert prepared(programme(table))["TH01"].alleles == ("6", "9.3")
    assert prepared(programme(table, typed={"TH01": ("11", "6")}))["TH01"].added == (("11", 0.002),)


def test_markers_meet_under_any_spelling() -> None:
    loci = prepared(
        programme(
            tables={"THO1": {"6": 1.0}, "locus 7": {"1": 1.0}},
            typed={"TH0-1": ("17", "6"), "Lseven": ("1", "1")},
            markers=(Marker(marker="L7", aliases=("Lseven", "locus 7")),),
        )
    )
    assert list(loci.by_marker) == ["L7", "TH01"]
    assert loci["TH01"].added == (("17", 0.002),)
    assert "L7" in loci
    assert len(loci) == 2


def test_two_spellings_of_one_marker_in_one_population_are_refused() -> None:
    with pytest.raises(Nonsense, match="'TH01' and 'THO1' are one marker"):
        prepare_loci(programme(tables={"TH01": {"6": 1.0}, "THO1": {"6": 1.0}}))


def test_markers_that_are_not_used_are_listed_with_the_reason() -> None:
    loci = prepared(
        programme(
            typed={"AMEL": ("X", "Y"), "DYS391": ("10", "?"), "D99": ("1", "2")},
            markers=(Marker(marker="DYS391", chromosome="Y"),),
        )
    )
    assert {(note.marker, note.code) for note in loci.notes} == {
        ("AMEL", "genetic_sex"),
        ("DYS391", "chromosome"),
        ("D99", "no_frequencies"),
    }


def test_mutation_sees_the_table_the_added_alleles_and_the_rest() -> None:
    model = MutationModel(marker="THO1", model=MutationKind.EQUAL, rate_female=0.003, rate_male=0.006)
    locus = prepared(programme({"6": 0.4, "9.3": 0.5}, typed={"TH01": ("17", "6")}, mutation=(model,)))["TH01"]
    assert locus.alleles == ("6", "9.3", "17", "rest")
    assert locus.female is not None
    assert locus.male is not None
    assert locus.female[0].tolist() == pytest.approx([0.997, 0.001, 0.001, 0.001])
    assert locus.male[0, 1] == pytest.approx(0.002)


def test_a_custom_matrix_of_one_sex_leaves_the_other_without_mutation() -> None:
    stated = {("6", "9.3"): 0.01, ("9.3", "6"): 0.01}
    model = MutationModel(marker="TH01", model=MutationKind.CUSTOM, female=stated, transform=Transform.NONE)
    locus = prepared(programme(mutation=(model,)))["TH01"]
    assert locus.male is None
    assert locus.female is not None
    assert locus.female[0, 1] == 0.01


def test_a_mutation_model_that_cannot_be_applied_names_its_marker() -> None:
    model = MutationModel(marker="TH01", model=MutationKind.STEPWISE, rate_female=0.1, rate_male=0.1)
    with pytest.raises(Nonsense, match="marker TH01: mutation model stepwise needs a range"):
        prepare_loci(programme(mutation=(model,)))


def test_the_order_of_rows_changes_nothing() -> None:
    table = {"6": 0.4, "9.3": 0.35, "10": 0.25}
    one, other = (prepared(programme(dict(rows)))["TH01"] for rows in (table.items(), reversed(table.items())))
    assert one.alleles == other.alleles
    assert one.frequencies.tolist() == other.frequencies.tolist()


def test_genotypes_are_numbered_by_the_larger_allele() -> None:
    locus = Locus(marker="L", alleles=("1", "2", "3"), frequencies=np.array([0.2, 0.3, 0.5]))
    assert [genotype_index(a, b) for a, b in locus.genotypes.tolist()] == list(range(locus.size))
    assert locus.population_genotypes == pytest.approx([0.04, 0.12, 0.09, 0.2, 0.3, 0.25])
    assert locus.completed is locus


def test_a_locus_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(Nonsense, match="one frequency is needed for each"):
        Locus(marker="L", alleles=("1", "1"), frequencies=np.array([0.5, 0.5]))
    with pytest.raises(Nonsense, match="frequency zero"):
        Locus(marker="L", alleles=("1", "2"), frequencies=np.array([1.0, 0.0]))
    with pytest.raises(Nonsense, match="not 2 by 2"):
        Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.5, 0.5]), male=np.eye(3))
    with pytest.raises(NotFound, match="allele 3 of marker L"):
        Locus(marker="L", alleles=("1", "2"), frequencies=np.array([0.5, 0.5])).allele_index("3")
