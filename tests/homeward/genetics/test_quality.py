"""Families as they are said to be, and not: what is planted is found and explained, what is sound is left alone."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense
from homeward.genetics.family import Family
from homeward.genetics.likelihood import log_likelihood
from homeward.genetics.locus import Loci
from homeward.genetics.quality import quality
from homeward.genetics.quality_families import family_quality
from homeward.genetics.quality_findings import Kind
from homeward.genetics.quality_pairs import pair_power
from homeward.programme import (
    Haplotype,
    HaplotypeCount,
    LineageKind,
    Member,
    MutationKind,
    MutationModel,
    Pedigree,
    Profile,
    Programme,
    Sample,
    Settings,
    Sex,
    Transform,
)
from homeward.tables import nist1036
from tests.homeward.genetics.kin import family, locus

TABLES = {marker: table for marker, table in nist1036()["Asian"].items() if marker not in ("F13B", "LPL", "FESFPS")}
MUTATION = tuple(
    MutationModel(
        marker=marker,
        model=MutationKind.STEPWISE,
        rate_female=0.001,
        rate_male=0.002,
        rate2=1e-5,
        range=0.1,
        transform=Transform.PM,
    )
    for marker in TABLES
)
COUPLE = [("father", "", "", Sex.MALE), ("mother", "", "", Sex.FEMALE)]
CHILDREN = [("son", "father", "mother", Sex.MALE), ("daughter", "father", "mother", Sex.FEMALE)]


def drawn(rng, marker):
    alleles = list(TABLES[marker])
    chances = np.array(list(TABLES[marker].values()))
    return tuple(str(one) for one in rng.choice(alleles, size=2, p=chances / chances.sum()))


def household(name, seed, rows=(*COUPLE, *CHILDREN)):
    """A family and what each member truly is: founders drawn, the others inherit; names with the family's before."""
    rng = np.random.default_rng(seed)
    told: dict[str, dict[str, tuple[str, str]]] = {}
    for member, father, mother, _ in rows:
        told[member] = {
            marker: (
                (str(rng.choice(told[father][marker])), str(rng.choice(told[mother][marker])))
                if father
                else drawn(rng, marker)
            )
            for marker in TABLES
        }
    members = tuple(
        Member(
            family_id=name,
            member_id=f"{name}-{member}",
            father_id=f"{name}-{father}" if father else "",
            mother_id=f"{name}-{mother}" if mother else "",
            sex=sex,
        )
        for member, father, mother, sex in rows
    )
    return Pedigree(family_id=name, members=members), {f"{name}-{member}": calls for member, calls in told.items()}


def programme(*households, without=()):
    calls = {member: of for _, told in households for member, of in told.items() if member not in without}
    return Programme(
        settings=Settings(name="references", population="Asian"),
        pedigrees=tuple(pedigree for pedigree, _ in households),
        frequencies={"Asian": TABLES},
        mutation=MUTATION,
        samples=tuple(Sample(sample_id=f"S {member}", subject_id=member) for member in calls),
        profiles=tuple(Profile(sample_id=f"S {member}", subject_id=member, calls=of) for member, of in calls.items()),
    )


def found(result, kind):
    return [finding for finding in result.findings if finding.kind is kind]


@pytest.fixture(scope="module")
def sound():
    return [household(f"F{number}", 100 + number) for number in range(6)]


def changed(sound, family_number, **calls):
    """The households with the samples of one family replaced."""
    pedigree, told = sound[family_number]
    name = pedigree.family_id
    new = told | {f"{name}-{member}": of for member, of in calls.items()}
    return [*sound[:family_number], (pedigree, new), *sound[family_number + 1 :]]


def test_nothing_is_said_of_families_that_are_what_they_are_said_to_be(sound):
    result = quality(programme(*sound))

    assert [finding for finding in result.findings if finding.kind is not Kind.MUTATION] == []
    assert max(pair.log10_lr for pair in result.pairs) < 2


def test_a_child_of_another_father_is_found_and_the_link_is_named(sound):
    rng = np.random.default_rng(5)
    _, told = sound[2]
    son = {marker: (drawn(rng, marker)[0], told["F2-mother"][marker][0]) for marker in TABLES}

    result = quality(programme(*changed(sound, 2, son=son)))

    explained = [finding for finding in result.findings if finding.kind is Kind.OTHER_FATHER]
    assert [finding.members for finding in explained] == [("F2-son",)]
    assert explained[0].log10_lr > 6
    assert len(explained[0].markers) > 3
    assert {finding.family_ids for finding in result.findings if finding.kind is not Kind.MUTATION} == {("F2",)}


def test_samples_of_husband_and_son_that_were_exchanged_are_found(sound):
    _, told = sound[1]

    result = quality(programme(*changed(sound, 1, son=told["F1-father"], father=told["F1-son"])))

    assert found(result, Kind.EXCHANGED)[0].members == ("F1-father", "F1-son")


def test_a_sample_of_someone_else_is_found(sound):
    _, stranger = household("X", 999)

    result = quality(programme(*changed(sound, 0, daughter=stranger["X-son"])))

    assert found(result, Kind.FOREIGN)[0].members == ("F0-daughter",)


def test_samples_exchanged_between_two_families_are_found(sound):
    _, one = sound[0]
    _, other = sound[3]
    households = changed(changed(sound, 0, son=other["F3-son"]), 3, son=one["F0-son"])

    result = quality(programme(*households))

    between = found(result, Kind.EXCHANGED_BETWEEN)
    assert [finding.members for finding in between] == [("F0-son", "F3-son")]
    assert between[0].log10_lr > max(finding.log10_lr for finding in found(result, Kind.FOREIGN))


def test_one_person_under_two_names_is_found_although_one_marker_was_misread(sound):
    _, told = sound[4]
    copy = dict(told["F4-son"])
    copy["TH01"] = ("7", "9.3") if copy["TH01"] != ("7", "9.3") else ("6", "9")

    result = quality(programme(*changed(sound, 4, daughter=copy)))

    same = found(result, Kind.SAME_PERSON)
    assert set(same[0].members) == {"F4-son", "F4-daughter"}
    assert [finding.looks_like for finding in found(result, Kind.RELATIONSHIP)].count("identical") == 1


def test_the_same_person_in_two_families_is_found(sound):
    _, told = sound[5]
    rows = [("uncle", "", "", Sex.MALE), ("wife", "", "", Sex.FEMALE), ("child", "uncle", "wife", Sex.MALE)]
    pedigree, other = household("G", 77, rows)
    twice = (pedigree, other | {"G-uncle": told["F5-son"], "G-child": other["G-child"]})

    result = quality(programme(*sound, twice, without=("G-child", "G-wife")))

    across = found(result, Kind.ACROSS)
    assert ("F5-son", "G-uncle") in [finding.members for finding in across if finding.looks_like == "identical"]
    assert {finding.looks_like for finding in across} <= {"identical", "parent_child", "full_sibs"}


def test_twins_who_are_not_identical_are_found():
    rows = [*COUPLE, *CHILDREN[:1], ("brother", "father", "mother", Sex.MALE)]
    pedigree, told = household("T", 3, rows)
    members = tuple(replace(m, twin_of="T-son") if m.member_id == "T-brother" else m for m in pedigree.members)

    result = quality(programme((replace(pedigree, members=members), told)))

    assert found(result, Kind.NOT_TWINS)[0].members == ("T-brother", "T-son")
    assert result.families[0].contradictions


def test_a_single_step_is_told_as_a_mutation_and_no_more(sound):
    _, told = sound[3]
    son = dict(told["F3-son"])
    from_father = next(
        marker
        for marker in TABLES
        if son[marker][0] not in told["F3-mother"][marker]
        and f"{float(son[marker][0]) + 1:g}" in TABLES[marker]
        and f"{float(son[marker][0]) + 1:g}" not in (*told["F3-mother"][marker], *told["F3-father"][marker])
    )
    son[from_father] = (f"{float(son[from_father][0]) + 1:g}", son[from_father][1])

    result = quality(programme(*changed(sound, 3, son=son)))

    mutated = [finding for finding in found(result, Kind.MUTATION) if finding.family_ids == ("F3",)]
    assert mutated[0].markers == (from_father,)
    assert not [finding for finding in result.findings if finding.kind not in (Kind.MUTATION,)]


def test_another_father_by_hand():
    at = locus({"1": 0.1, "2": 0.9})
    duo = Family(
        pedigree=family("child: father -"),
        loci=Loci(population="", by_marker={"L": at}),
        calls={"father": {"L": ("1", "1")}, "child": {"L": ("1", "2")}},
        slots=(),
    )

    best = {one.kind: one.log10_lr for one in family_quality(duo).alternatives}

    # stated: the child has 1 of the father and 2 of the mother, 0.9; of another father 2 * 0.1 * 0.9
    assert best[Kind.OTHER_FATHER] == pytest.approx(math.log10(2 * 0.1 * 0.9 / 0.9), rel=1e-12)
    assert best[Kind.FOREIGN] == pytest.approx(math.log10(0.2), rel=1e-12)


def test_a_family_that_is_impossible_as_stated_is_explained_not_dropped():
    at = locus({"1": 0.1, "2": 0.9})
    trio = Family(
        pedigree=family("child: father mother"),
        loci=Loci(population="", by_marker={"L": at}),
        calls={"father": {"L": ("1", "1")}, "mother": {"L": ("2", "2")}, "child": {"L": ("2", "2")}},
        slots=(),
    )

    told = family_quality(trio)

    assert told.log10_likelihood == -math.inf
    assert told.contradictions == ("L",)
    best = {one.kind: one.log10_lr for one in told.alternatives if one.members == ("child",)}
    assert best[Kind.OTHER_FATHER] == math.inf
    assert best[Kind.OTHER_MOTHER] == -math.inf


@given(seed=st.integers(0, 10_000))
@settings(max_examples=5, deadline=None)
def test_where_the_family_is_right_an_alternative_has_a_mean_ratio_of_at_most_one(seed):
    rng = np.random.default_rng(seed)
    weights = rng.integers(1, 10, size=2).astype(float)
    at = locus(dict(zip(("8", "9"), weights / weights.sum(), strict=True)), MutationKind.EQUAL, female=0.01, male=0.02)
    pedigree = family("child: father mother")
    names = [(at.alleles[a], at.alleles[b]) for a, b in at.genotypes.tolist()]
    sums: dict[tuple[Kind, tuple[str, ...]], float] = {}
    for father in names:
        for mother in names:
            for child in names:
                calls = {"father": {"L": father}, "mother": {"L": mother}, "child": {"L": child}}
                told = Family(pedigree=pedigree, loci=Loci(population="", by_marker={"L": at}), calls=calls, slots=())
                chance = math.exp(log_likelihood(pedigree, at, {who: of["L"] for who, of in calls.items()}))
                for one in family_quality(told).alternatives:
                    key = one.kind, one.members
                    sums[key] = sums.get(key, 0.0) + chance * 10.0**one.log10_lr

    assert all(total <= 1 + 1e-9 for total in sums.values())
    for parent in (Kind.OTHER_FATHER, Kind.OTHER_MOTHER):
        assert sums[parent, ("child",)] == pytest.approx(1, rel=1e-9)


def test_the_screen_says_how_many_false_pairs_to_expect(sound):
    result = quality(programme(*sound), expected=0.01)

    told = {screen.relationship: screen for screen in result.screens}
    assert set(told) == {"identical", "parent_child", "full_sibs"}
    assert all(screen.pairs == 24 * 20 // 2 for screen in told.values())
    assert all(screen.expected_false <= 0.01 for screen in told.values())
    assert all(screen.expected_false <= screen.most_false for screen in told.values())
    assert told["identical"].found_if_related > 0.999


@pytest.mark.parametrize("name", ["identical", "parent_child", "full_sibs"])
def test_a_ratio_of_t_is_seen_among_unrelated_pairs_once_in_t_at_most(name):
    power = pair_power([locus({"8": 0.2, "9": 0.3, "10": 0.5}, marker=marker) for marker in "ABCD"], name, slip=0.01)

    for log10_lr in (0.5, 1.0, 2.0):
        assert power.reaching(log10_lr, related=False)[1] <= 10.0**-log10_lr


@pytest.mark.parametrize("wrong", [{"threshold": 0.0}, {"expected": 0.0}, {"slip": 1.0}])
def test_what_is_no_threshold_is_refused(wrong, sound):
    with pytest.raises(Nonsense):
        quality(programme(*sound[:1]), **wrong)


def lines(seed, counts=()):
    """Father and son with Y haplotypes that differ at three loci, mother and daughter with equal mtDNA."""
    whole = programme(household("L", seed))
    told = [
        ("father", LineageKind.Y, "DYS19=14 DYS390=24 DYS391=10 DYS392=13"),
        ("son", LineageKind.Y, "DYS19=17 DYS390=21 DYS391=12 DYS392=13"),
        ("mother", LineageKind.MITOCHONDRIAL, "16223T 263G"),
        ("daughter", LineageKind.MITOCHONDRIAL, "16223T 263G"),
    ]
    haplotypes = tuple(
        Haplotype(
            sample_id=f"S L-{who}",
            subject_id=f"L-{who}",
            kind=kind,
            haplotype=text,
            range="16024-16365;73-340" if kind is LineageKind.MITOCHONDRIAL else "",
        )
        for who, kind, text in told
    )
    return replace(whole, haplotypes=haplotypes, haplotype_counts=counts)


def test_haplotypes_that_one_line_does_not_explain_are_told():
    counts = [
        HaplotypeCount(kind=LineageKind.Y, haplotype=text, population="Asian", count=count, database_size=100)
        for text, count in (
            ("DYS19=17 DYS390=21 DYS391=12 DYS392=13", 10),
            ("DYS19=14 DYS390=24 DYS391=10 DYS392=13", 90),
        )
    ]

    told = found(quality(lines(8, tuple(counts))), Kind.LINE)

    assert [(one.members, one.stated, one.looks_like) for one in told] == [(("L-father", "L-son"), "y", "3")]
    assert told[0].log10_lr > 3


def test_without_counts_an_exclusion_of_a_line_is_told_without_a_ratio():
    told = found(quality(lines(8)), Kind.LINE)

    assert [one.members for one in told] == [("L-father", "L-son")]
    assert math.isnan(told[0].log10_lr)
