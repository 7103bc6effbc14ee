"""Families as a programme states them: merged calls, populations, contradictions, who may be found."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from homeward.errors import Nonsense, NotFound, UnequalCalls
from homeward.genetics.family import Family, calls_of, families, genetic_sex, population_of
from homeward.genetics.locus import prepare_loci
from homeward.genetics.observation import ErrorModel, Observed, Reading
from homeward.programme import (
    Call,
    Marker,
    MissingPerson,
    Pedigree,
    Profile,
    Programme,
    Sample,
    SampleKind,
    Settings,
    Sex,
    Status,
)
from tests.homeward.genetics.kin import family

TABLES = {"TH01": {"6": 0.2, "7": 0.3, "9.3": 0.5}, "D3S1358": {"14": 0.4, "15": 0.6}}
BROTHERS = family("m1: father mother; m2: father mother; sister: father mother", missing={"m1": "P1", "m2": "P2"})


def profile(subject: str, sample: str = "", **calls: str) -> Profile:
    split: dict[str, Call] = {}
    for marker, text in calls.items():
        first, second = text.split("/")
        split[marker] = (first, second)
    return Profile(sample_id=sample or f"S-{subject}", subject_id=subject, calls=split)


def programme(
    *profiles: Profile, pedigree: Pedigree = BROTHERS, population: str = "", prune: bool = False
) -> Programme:
    return Programme(
        settings=Settings(name="test", population=population, untyped_ancestors="prune" if prune else "keep"),
        missing=(MissingPerson(person_id="P1"), MissingPerson(person_id="P2")),
        pedigrees=(pedigree,),
        profiles=profiles,
        frequencies={"A": TABLES},
    )


def the_family(of: Programme) -> Family:
    (found,) = families(of, prepare_loci(of))
    return found


def test_a_family_knows_who_is_typed_and_who_is_missing() -> None:
    found = the_family(programme(profile("sister", TH01="6/7", DYS19="14/?"), profile("R1", TH01="6/6")))
    assert (found.family_id, found.population, found.typed) == ("F", "A", ("sister",))
    assert [slot.person_id for slot in found.slots] == ["P1", "P2"]
    assert found.calls == {"sister": {"TH01": ("6", "7")}}  # a marker without frequencies is unused


def test_profiles_meet_frequencies_under_any_spelling() -> None:
    found = the_family(programme(profile("sister", THO1="6/7")))
    assert found.calls == {"sister": {"TH01": ("6", "7")}}


def test_people_found_alive_or_removed_are_no_candidates_but_those_accounted_for_are() -> None:
    of = programme(profile("sister", TH01="6/7"))
    first, second = of.missing
    alive = replace(of, missing=(replace(first, status=Status.FOUND_ALIVE), second))
    buried = replace(of, missing=(replace(first, status=Status.ACCOUNTED_FOR), replace(second, status=Status.REMOVED)))
    assert [slot.person_id for slot in the_family(alive).slots] == ["P2"]
    assert [slot.person_id for slot in the_family(buried).slots] == ["P1"]


def test_equal_calls_of_two_samples_count_once_and_partial_calls_complete_each_other() -> None:
    merged = calls_of(
        programme(
            profile("sister", "S1", TH01="7/6", D3S1358="14/?"), profile("sister", "S2", TH01="6/7", D3S1358="?/15")
        )
    )
    assert merged["sister"] == {"TH01": ("6", "7"), "D3S1358": ("14", "15")}


def test_unequal_calls_of_one_subject_name_both_samples() -> None:
    with pytest.raises(UnequalCalls, match="sister, marker TH01: sample S1 shows 6/7, sample S2 shows 6/6"):
        calls_of(programme(profile("sister", "S1", TH01="6/7"), profile("sister", "S2", TH01="6/6")))


def test_calls_of_samples_that_may_be_wrong_are_kept_with_their_errors() -> None:
    of = replace(
        programme(profile("sister", "S1", TH01="7/6", AMEL="X/X"), profile("sister", "S2", TH01="6/6", AMEL="X/?")),
        samples=(Sample(sample_id="S2", subject_id="sister", dropout=0.1),),
    )
    lossy = ErrorModel(dropout=0.1)
    assert calls_of(of)["sister"] == {
        "TH01": Observed((Reading(("6", "6"), lossy),), exact=("6", "7")),
        "AMEL": ("X", "X"),
    }


def test_equal_calls_of_two_samples_that_may_be_wrong_count_twice() -> None:
    of = programme(profile("sister", "S1", TH01="6/6"), profile("sister", "S2", TH01="6/6"))
    of = replace(of, settings=replace(of.settings, dropout=0.1, dropin=0.01))
    reading = Reading(("6", "6"), ErrorModel(dropout=0.1, dropin=0.01))
    assert calls_of(of)["sister"] == {"TH01": Observed((reading, reading))}


def test_unequal_calls_that_no_error_explains_name_both_samples() -> None:
    of = programme(profile("sister", "S1", TH01="6/7"), profile("sister", "S2", TH01="9/9"))
    of = replace(of, settings=replace(of.settings, dropout=0.1))
    with pytest.raises(UnequalCalls, match="sister, marker TH01: sample S1 shows 6/7, sample S2 shows 9/9"):
        calls_of(of)


def test_amelogenin_that_differs_between_samples_that_may_be_wrong_leaves_the_sex_open() -> None:
    of = programme(profile("R1", "S1", AMEL="X/Y"), profile("R1", "S2", AMEL="X/X"))
    with pytest.raises(UnequalCalls, match="marker AMEL"):
        calls_of(of)
    of = replace(of, settings=replace(of.settings, dropout=0.1))
    assert calls_of(of) == {"R1": {"AMEL": ("X", "?")}}


def test_calls_of_remains_keep_amelogenin_and_leave_lineage_markers_to_others() -> None:
    of = replace(
        programme(profile("R1", TH01="9.3/6", Amelogenin="X/Y", DYS391="10/?", D3S1358="?/?")),
        markers=(Marker(marker="DYS391", chromosome="Y"),),
    )
    assert calls_of(of) == {"R1": {"TH01": ("6", "9.3"), "AMEL": ("X", "Y")}}
    assert [genetic_sex(call) for call in (("X", "Y"), ("y", "?"), ("X", "X"), ("X", "?"))] == [
        Sex.MALE,
        Sex.MALE,
        Sex.FEMALE,
        Sex.UNKNOWN,
    ]


def test_staff_profiles_are_merged_like_any_other_but_belong_to_no_family() -> None:
    of = replace(
        programme(profile("staff", "E1", TH01="6/7")),
        samples=(Sample(sample_id="E1", subject_id="staff", kind=SampleKind.ELIMINATION),),
    )
    assert the_family(of).typed == ()
    assert calls_of(of)["staff"] == {"TH01": ("6", "7")}


def test_a_family_that_contradicts_itself_names_the_first_marker() -> None:
    fine = the_family(programme(profile("sister", TH01="6/7"), profile("father", TH01="6/6")))
    broken = the_family(programme(profile("sister", TH01="7/7", D3S1358="14/14"), profile("father", TH01="6/6")))
    assert fine.contradiction() is None
    assert broken.contradiction() == "TH01"
    assert broken.impossible_marker(broken.tables("m1").log_likelihood) == "TH01"
    assert broken.log_likelihood() == -math.inf


def test_the_family_factor_is_the_sum_over_markers() -> None:
    found = the_family(programme(profile("mother", TH01="6/7", D3S1358="14/15")))
    brothers = {"m1": {"TH01": ("6", "6"), "OTHER": ("1", "1")}, "m2": {"TH01": ("6", "7")}}
    # mother 6/7 and an untyped father: m1 has 6 of both; m2 6/7, his father's allele f is 6 or 7
    # father 6/6: (.2)^2; father 6/x: half each. P(m1, m2) = 1/2 P(f1=6) and 1/2 P(f2=7) + 1/2 P(f2=6), summed over him
    father = {("6", "6"): 0.04, ("6", "7"): 0.12, ("6", "9.3"): 0.2}
    m1_and_m2 = {("6", "6"): 1 / 2 * 1 / 2, ("6", "7"): 1 / 4 * 1 / 2, ("6", "9.3"): 1 / 4 * 1 / 4}
    th01 = 2 * 0.2 * 0.3 * sum(father[genotype] * m1_and_m2[genotype] for genotype in father)
    expected = math.log(th01) + math.log(2 * 0.4 * 0.6)
    assert found.log_likelihood(brothers) == pytest.approx(expected, rel=1e-14)


def test_what_is_assigned_to_a_man_must_agree_with_his_own_reference() -> None:
    found = the_family(programme(profile("m1", TH01="6/7")))
    assert found.is_informed("m1")
    assert found.log_likelihood({"m1": {"TH01": ("6", "?")}}) == pytest.approx(math.log(0.12))
    assert found.log_likelihood({"m1": {"TH01": ("6", "6")}}) == -math.inf


def test_the_tables_of_two_brothers_give_their_joint_likelihood() -> None:
    found = the_family(programme(profile("sister", TH01="6/7", D3S1358="14/14")))
    seen = {"TH01": ("6", "9.3"), "D3S1358": ("14", "15")}
    first = found.tables("m1", engine="plain")
    rows = found.joint_tables("m1", "m2", [[seen[locus.marker]] for locus in found.loci])
    together = 0.0
    for locus, alone, joint in zip(found.loci, first.ratios, rows, strict=True):
        place = list(map(tuple, locus.genotypes.tolist())).index(
            tuple(sorted(locus.allele_index(a) for a in seen[locus.marker]))
        )
        together += math.log(alone[place]) + math.log(joint[0][place])
        together += 2 * math.log(locus.population_genotypes[place])
    expected = found.log_likelihood({"m1": seen, "m2": seen}) - found.log_likelihood()
    assert together == pytest.approx(expected, rel=1e-12)


def test_a_family_without_typed_relatives_says_nothing() -> None:
    found = the_family(programme(profile("R1", TH01="6/7")))
    assert not found.is_informed("m1")
    tables = found.tables("m1")
    assert all((ratio == 1).all() for ratio in tables.ratios)
    assert tables.log_likelihood.tolist() == [0, 0]


def test_pruning_is_what_the_settings_say() -> None:
    assert not the_family(programme()).prune
    assert the_family(programme(prune=True)).prune


def _with_population(pedigree: Pedigree, **stated: str) -> Pedigree:
    return replace(
        pedigree,
        members=tuple(replace(m, population=stated.get(m.member_id, "")) for m in pedigree.members),
    )


def test_a_family_has_the_population_that_it_states_else_the_default() -> None:
    of = replace(programme(), frequencies={"A": TABLES, "B": TABLES})
    loci = prepare_loci(of)
    assert population_of(of, _with_population(BROTHERS, sister="B"), loci) == "B"
    person = replace(of, missing=(MissingPerson(person_id="P1", population="B"), of.missing[1]))
    assert population_of(person, BROTHERS, loci) == "B"
    assert population_of(replace(of, settings=Settings(name="test", population="A")), BROTHERS, loci) == "A"
    with pytest.raises(Nonsense, match="2 populations have frequencies"):
        population_of(of, BROTHERS, loci)
    with pytest.raises(Nonsense, match="states several populations: A, B"):
        population_of(of, _with_population(BROTHERS, sister="B", father="A"), loci)


def test_a_population_without_frequencies_is_refused() -> None:
    of = programme(pedigree=_with_population(BROTHERS, sister="Z"))
    with pytest.raises(NotFound, match="population 'Z' has no frequencies"):
        families(of, prepare_loci(of))


def test_rows_in_another_order_are_the_same_family() -> None:
    rows = (
        profile("sister", "S1", TH01="6/7"),
        profile("sister", "S2", D3S1358="14/15"),
        profile("father", TH01="6/6"),
    )
    one, other = the_family(programme(*rows)), the_family(programme(*rows[::-1]))
    for found, again in zip(one.tables("m1").ratios, other.tables("m1").ratios, strict=True):
        np.testing.assert_array_equal(found, again)
