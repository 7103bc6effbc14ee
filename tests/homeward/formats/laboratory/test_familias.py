"""Familias files: what of them is read, what is refused with its reason, and that writing loses nothing it can keep."""

from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, Rejected
from homeward.formats.laboratory import read, recognise
from homeward.formats.laboratory.exports import Wanted
from homeward.formats.laboratory.familias_loci import by_place
from homeward.formats.laboratory.familias_out import write_fam
from homeward.formats.laboratory.imports import Options
from homeward.formats.laboratory.merging import merged, new_programme, write_new_folder
from homeward.genetics.mutation import mutation_matrix
from homeward.programme import (
    Marker,
    Member,
    MissingPerson,
    MutationKind,
    MutationModel,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
    Transform,
)
from tests.homeward.formats.laboratory.fam_files import case, dvi, family, locus, pedigree, person, someone, text, tree

D3 = locus("D3S1358", {"14": 0.2, "15": 0.5, "16": 0.3}, least=0.001)
TH = locus("THO1", {"6": 0.3, "7": 0.3, "9.3": 0.4})
TRIO = [
    person("AF", True, (0, 1, 0), (2, 2, 1)),
    person("MO", False),
    person("CH", True, (1, 2, 0), (0, 2, 1)),
]
RELATED = tree(0, "H1", (0, 2), (1, 2))
UNRELATED = tree(1, "H2", (1, 2))
A_PARENT = pedigree(1, "Reference pedigree", ("R1", "Missing person"))


@pytest.fixture
def written(tmp_path):
    def write(lines, name="case.fam", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text(lines).encode(encoding))
        return path

    return write


def member_of(found, member_id):
    return next(one for family in found.programme.pedigrees for one in family.members if one.member_id == member_id)


def test_a_file_is_recognised_by_what_stands_in_it_whatever_it_is_called(written):
    assert recognise(written(case(TRIO, [RELATED], [D3, TH]), "export.txt")) == "familias"


def test_people_pedigree_frequencies_and_calls_are_read(written):
    found = read(written(case(TRIO, [RELATED], [D3, TH], theta=0.02)))
    assert (found.version, found.rejected) == ("3.2.8", ())
    child = member_of(found, "CH")
    assert (child.family_id, child.father_id, child.mother_id, child.sex) == ("H1", "AF", "MO", Sex.MALE)
    calls = {profile.sample_id: dict(profile.calls) for profile in found.programme.profiles}
    # places count from 0: alleles 1 and 2 of D3S1358 are 15 and 16; 0 and 2 of TH01 are 6 and 9.3
    assert calls["CH"] == {"D3S1358": ("15", "16"), "TH01": ("6", "9.3")}
    assert "MO" not in calls
    assert found.programme.frequencies == {
        "Test database": {"D3S1358": {"14": 0.2, "15": 0.5, "16": 0.3}, "TH01": {"6": 0.3, "7": 0.3, "9.3": 0.4}}
    }
    assert found.programme.settings.theta == 0.02
    assert found.programme.settings.untyped_ancestors == "prune"
    # the size of the database counts alleles, two a person
    assert found.programme.markers[0] == Marker(marker="D3S1358", min_frequency=0.001, sample_size=300)


def test_the_older_form_without_title_and_second_rates_is_read(written):
    old = locus("vWA", {"16": 0.4, "17": 0.6}, rates2=(), codes=(2, 2), size=None)
    found = read(written(case([person("A", True, (0, 1, 0))], [], [old], version="1.97", title=False)))
    assert not found.rejected
    assert found.version == "1.97"
    assert found.programme.profiles[0].calls == {"vWA": ("16", "17")}
    assert found.programme.mutation[0].model is MutationKind.STEPWISE


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_a_file_reads_the_same_in_whatever_encoding_it_was_saved(written, encoding):
    found = read(written(case([person("Åse", False, (0, 1, 0))], [], [D3]), encoding=encoding))
    assert found.programme.profiles[0].sample_id == "Åse"


@pytest.mark.parametrize(
    ("code", "model", "transform", "range_", "rate2"),
    [
        (0, MutationKind.EQUAL, Transform.NONE, None, None),
        (1, MutationKind.PROPORTIONAL, Transform.NONE, None, None),
        (2, MutationKind.STEPWISE, Transform.NONE, 0.1, None),
        (3, MutationKind.STEPWISE, Transform.PM, 0.1, None),
        (4, MutationKind.STEPWISE, Transform.NONE, 0.1, 1e-6),
    ],
)
def test_each_code_of_a_mutation_model_is_the_model_of_the_manual(written, code, model, transform, range_, rate2):
    found = read(written(case([], [], [locus("D3S1358", {"14": 0.2, "15": 0.5, "16": 0.3}, codes=(code, code))])))
    (only,) = found.programme.mutation
    assert (only.model, only.transform, only.range, only.rate2) == (model, transform, range_, rate2)
    assert (only.rate_female, only.rate_male) == (0.001, 0.002)


def test_a_model_of_its_own_for_each_sex_is_kept_as_matrices(written):
    alleles = {"14": 0.2, "15": 0.5, "16": 0.3}
    found = read(written(case([], [], [locus("D3S1358", alleles, codes=(0, 4), rates=(0.01, 0.02))])))
    (model,) = found.programme.mutation
    equal = mutation_matrix(MutationKind.EQUAL, list(alleles), list(alleles.values()), rate=0.01)
    stepwise = mutation_matrix(
        MutationKind.STEPWISE, list(alleles), list(alleles.values()), rate=0.02, rate2=1e-6, range=0.1
    )
    assert model.model is MutationKind.CUSTOM
    assert model.female["14", "15"] == equal[0, 1]
    assert model.male["14", "16"] == stepwise[0, 2]
    assert any("models of their own" in note.reason for note in found.notes)


def test_with_microvariants_the_older_models_count_places_in_the_list(written):
    alleles = {"9": 0.2, "9.3": 0.5, "10": 0.3}
    found = read(written(case([], [], [locus("TH01", alleles, codes=(2, 2), rates=(0.03, 0.03), ranges=(0.5, 0.5))])))
    (model,) = found.programme.mutation
    # from 9: 9.3 is one place off, 10 two: 0.03 * (2/3, 1/3)
    assert model.female["9", "9.3"] == pytest.approx(0.02, abs=1e-15)
    assert model.female["9", "10"] == pytest.approx(0.01, abs=1e-15)


@settings(deadline=None)
@given(
    st.lists(st.floats(0.01, 1), min_size=2, max_size=8), st.floats(0.05, 0.9), st.sampled_from([False, True])
)  # fmt: skip
def test_counting_places_is_stepwise_where_alleles_follow_each_other(weights, range_, stable):
    p = np.array(weights) / sum(weights)
    alleles = [str(10 + i) for i in range(len(p))]
    transform = Transform.PM if stable else Transform.NONE
    ours = mutation_matrix(MutationKind.STEPWISE, alleles, p, rate=0.001, range=range_, transform=transform)
    assert by_place(len(p), p, 0.001, range_, stable=stable) == pytest.approx(ours, rel=1e-12, abs=1e-15)


def test_a_mutation_model_that_cannot_be_is_refused_and_so_are_absurd_parameters(written):
    found = read(written(case([], [], [locus("D3S1358", {"A": 0.5, "15": 0.5})])))
    assert ["mutation", "no number of repeats" in found.rejected[0].reason] == [found.rejected[0].value, True]
    with pytest.raises(Nonsense):
        by_place(3, np.full(3, 1 / 3), 0.1, 0.0, stable=False)
    with pytest.raises(Nonsense):
        by_place(2, np.array([1e-6, 1 - 1e-6]), 0.5, 0.5, stable=True)


@pytest.mark.parametrize(
    ("alleles", "expected"),
    [({"8": 0.45, "9": 0.5}, {"8": 0.45 / 0.95, "9": 0.5 / 0.95}), ({"8": 0.4, "9": 0.6}, {"8": 0.4, "9": 0.6})],
)
def test_a_silent_allele_is_kept_and_the_others_are_frequencies_among_themselves(written, alleles, expected):
    found = read(written(case([], [], [locus("D3S1358", alleles, silent=0.05)])))
    assert found.programme.markers[0].silent_frequency == 0.05
    assert found.programme.frequencies["Test database"]["D3S1358"] == pytest.approx(expected, rel=1e-15)


def test_the_rest_allele_is_the_remainder_and_nobodys_genotype(written):
    loci = [locus("D3S1358", {"14": 0.6, "15": 0.3, "Rest allele": 0.1})]
    found = read(written(case([person("A", True, (0, 2, 0))], [], loci)))
    assert found.programme.frequencies["Test database"]["D3S1358"]["rest"] == 0.1
    (fault,) = found.rejected
    assert "remainder" in fault.reason


def test_several_pedigrees_are_hypotheses_of_which_one_is_chosen(written):
    path = written(case(TRIO, [RELATED, UNRELATED], [D3, TH]))
    unchosen = read(path)
    assert [fault.value for fault in unchosen.rejected] == ["H1", "H2"]
    assert "--pedigree 'H1'" in unchosen.rejected[0].remedy
    chosen = read(path, "", Options(pedigree="H2"))
    assert not chosen.rejected
    assert member_of(chosen, "CH").father_id == ""
    assert {family.family_id for family in chosen.programme.pedigrees} == {"H2 1", "H2 2"}
    assert read(path, "", Options(pedigree="H3")).rejected[0].value == "H3"


def test_the_same_pedigree_under_two_names_needs_no_choice(written):
    found = read(written(case(TRIO, [RELATED, tree(1, "again", (1, 2), (0, 2))], [D3, TH])))
    assert not found.rejected
    assert member_of(found, "CH").father_id == "AF"


def test_further_unnamed_people_connect_those_who_are_named(written):
    people = [person("S1", True, (0, 1, 0)), person("S2", False, (0, 0, 0))]
    # after the two named: a woman (2) and a man (3) who are the parents of both
    sibs = tree(0, "sibs", (2, 0), (3, 0), (2, 1), (3, 1), women=1, men=1)
    found = read(written(case(people, [sibs], [D3])))
    assert member_of(found, "S1").mother_id == member_of(found, "S2").mother_id == "sibs: further woman 1"
    assert member_of(found, "sibs: further man 1").sex is Sex.MALE


def test_known_relations_hold_in_every_pedigree(written):
    known = (0, 0, 1, 1, 2)  # no further people, one relation: MO is a parent of CH
    found = read(written(case(TRIO, [tree(0, "H1", (0, 2))], [D3, TH], known=known)))
    assert member_of(found, "CH").mother_id == "MO"


def test_identical_people_are_twins_with_the_same_parents(written):
    people = [person("A", True), person("T1", True, (0, 1, 0)), person("T2", True, (0, 1, 0))]
    found = read(written(case(people, [tree(0, "P", (0, 1), ("1 (Direct/identity)", 2))], [D3])))
    assert not found.rejected
    twin = member_of(found, "T2")
    assert (twin.twin_of, twin.father_id) == ("T1", "A")


def test_dropout_that_is_considered_goes_with_the_sample(written):
    loci = [locus("D3S1358", {"14": 0.5, "15": 0.5}, dropout=0.05), locus("TH01", {"6": 1.0}, dropout=0.1)]
    people = [person("A", True, (0, 1, 0), dropout=True), person("B", True, (0, 1, 0))]
    found = read(written(case(people, [], loci)))
    assert [sample.dropout for sample in found.programme.samples] == [0.05, None]
    both = read(written(case([person("A", True, (0, 1, 0), (0, 0, 1), dropout=True)], [], loci)))
    assert "differs between markers" in both.rejected[0].reason


def test_results_that_stand_in_the_file_are_passed_over(written):
    found = read(written(case(TRIO, [RELATED], [D3, TH], results="#TRUE#", after=[0.5, 0.5, "1e-020", 3])))
    assert not found.rejected
    assert len(found.programme.frequencies["Test database"]) == 2
    assert any("passed over" in note.reason for note in found.notes)


@pytest.mark.parametrize(
    ("persons", "trees", "loci", "reason"),
    [
        ([person("A", True, (0, 9, 0))], [], [D3], "no allele"),
        ([person("A", True, (0, 1, 7))], [], [D3], "no marker"),
        ([person("A", True, (0, 1, 0), (0, 1, 0))], [], [D3], "already"),
        ([person("A", True, (0, 1, 0)), person("A", True, (0, 1, 0))], [], [D3], "someone else"),
        ([person("NA", True, (0, 1, 0))], [], [D3], "name of anybody"),
        (TRIO, [tree(0, "P", (0, 2), (0, 1), (9, 2))], [D3, TH], "nobody"),
        ([person("A", True), person("B", True), person("C", True, (0, 1, 0))], [tree(0, "P", (0, 2), (1, 2))], [D3],
         "second father"),
        (TRIO, [tree(0, "P", (0, 2), (2, 0))], [D3, TH], "own ancestor"),
        ([], [], [D3, locus("D3S1358", {"1": 1.0})], "already"),
        ([], [], [locus("D3S1358", {"14": 0.7, "15": 0.7})], "above 1"),
        ([], [], [locus("D3S1358", {"14": 0, "15": 1})], "frequency 0"),
        ([], [], [locus("D3S1358", {"14": 0.5, "14.0": 0.5})], "already"),
        ([], [], [locus("D3S1358", {"OL": 0.5, "14": 0.5})], "off the ladder"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_line_and_reason(written, persons, trees, loci, reason):
    found = read(written(case(persons, trees, loci)))
    told = [fault for fault in found.rejected if reason in fault.reason]
    assert told
    assert all(fault.line and fault.remedy for fault in told)


def test_several_databases_are_told(written):
    found = read(written(case([], [], [D3], databases=2)))
    assert "2 databases" in found.rejected[0].reason


def test_a_file_that_is_cut_short_is_refused_with_the_line_where_it_ends(written):
    lines = case(TRIO, [RELATED], [D3, TH])
    for end in range(5, len(lines)):
        found = read(written(lines[:end]), "familias")
        assert found.rejected, end
        assert found.programme.profiles == ()


# --- the DVI module --------------------------------------------------------------------------


def dvi_file(**more):
    remains = [someone(3, "1 ", "V1", "Male", D3S1358=(14, 15), THO1=("6", "9.3")), someone(3, "2 ", "V2", "Female")]
    widow = family(
        1,
        "Fam A",
        [
            someone(5, 1, "R1", "Male", D3S1358=(14, 16)),
            someone(5, 2, "B", "Female"),
            someone(5, 3, "Father", "Male"),
        ],
        pedigree(1, "Reference pedigree", ("Father", "R1")),
        pedigree(
            2,
            "am",
            ("Father", "R1"),
            ("Missing person", "R1"),
            ("Missing person", "B"),
            ("Father", "B"),
        ),
    )
    son = family(
        2, "Fam B", [someone(5, 1, "R1", "", THO1=(7, 7))], A_PARENT, pedigree(2, "x", ("R1", "Missing person"))
    )
    return dvi([D3, TH], remains, [widow, son], **more)


def test_a_file_of_the_dvi_module_gives_remains_families_and_the_roster(written):
    found = read(written(dvi_file()))
    assert (found.version, found.rejected) == ("3.3 (DVI)", ())
    assert found.programme.remains == (
        Remains(remains_id="V1", sex=Sex.MALE),
        Remains(remains_id="V2", sex=Sex.FEMALE),
    )
    kinds = {sample.sample_id: sample.kind for sample in found.programme.samples}
    assert kinds["V1"] is SampleKind.REMAINS
    assert "V2" not in kinds  # no DNA
    assert [person.person_id for person in found.programme.missing] == [
        "Fam A: Missing person",
        "Fam B: Missing person",
    ]
    # R1 is in both families: the family's name tells them apart
    assert member_of(found, "Fam B: R1").family_id == "Fam B"


def test_the_sex_of_the_missing_is_deduced_from_the_other_parent_and_said(written):
    found = read(written(dvi_file()))
    assert member_of(found, "Fam A: Missing person").sex is Sex.FEMALE
    assert member_of(found, "B").mother_id == "Fam A: Missing person"
    assert member_of(found, "Fam B: Missing person").father_id == "Fam B: R1"  # no Gender, as in old files
    told = [note.reason for note in found.notes if note.column == "Gender"]
    assert any("other parent is Father" in reason for reason in told)
    assert any("taken for a father" in reason for reason in told)


def test_settings_for_direct_comparison_and_notes_of_the_program_are_told(written):
    found = read(written(dvi_file(dropout=0.1, notes=["seen at the morgue"])))
    assert any(note.value == "0.1" and "direct comparisons" in note.reason for note in found.notes)
    assert any("notes" in note.reason for note in found.notes)


def test_persons_named_missing_are_missing_and_their_own_dna_is_direct(written):
    people = [someone(5, 1, "R", "Female", D3S1358=(14, 14)), someone(5, 2, "Missing male 1", "Male", D3S1358=(14, 15))]
    one = family(1, "F", people, pedigree(1, "p", ("R", "Missing male 1"), ("R", "Missing person")))
    found = read(written(dvi([D3], [], [one])))
    assert {person.person_id: person.sex for person in found.programme.missing} == {
        "F: Missing male 1": Sex.MALE,
        "F: Missing person": Sex.UNKNOWN,
    }
    assert [sample.kind for sample in found.programme.samples] == [SampleKind.REFERENCE, SampleKind.DIRECT]


def test_several_pedigrees_of_a_family_ask_which_is_meant(written):
    trees = [pedigree(1, "son", ("R1", "Missing person")), pedigree(2, "father", ("Missing person", "R1"))]
    path = written(dvi([D3], [], [family(1, "F", [someone(5, 1, "R1", "Male", D3S1358=(14, 14))], *trees)]))
    assert [fault.value for fault in read(path).rejected] == ["son", "father"]
    found = read(path, "", Options(pedigree="father"))
    assert not found.rejected
    assert member_of(found, "R1").father_id == "F: Missing person"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("nPersons= 2", "nPersons= 3"), "says 3"),
        (("Gender= Female", "Gender= Frau"), "neither Male nor Female"),
        (("Allele1= 14", "Allele1= OL"), "off the ladder"),
        (("Allele2= 15", "Allele2= 15;16"), "more than one"),
        (("Parent= Father", "Child= Father"), "no parent before"),
        (("Name= V2", "Name= V1"), "name of other remains"),
    ],
)
def test_what_cannot_be_in_the_dvi_module_is_refused_and_reading_goes_on(written, change, reason):
    lines = [str(line).replace(*change) for line in dvi_file()]
    found = read(written(lines))
    assert any(reason in fault.reason for fault in found.rejected)
    assert found.programme.remains


def test_what_was_read_makes_a_folder_without_fault(written, tmp_path):
    found = read(written(dvi_file()))
    result = merged(new_programme(found, "new"), found, file="case.fam")
    assert not result.conflicts
    assert write_new_folder(result.programme, tmp_path / "new").rejected == ()


# --- writing ---------------------------------------------------------------------------------

NAMES = st.text(st.characters(whitelist_categories=("Lu", "Ll", "Nd")), min_size=1, max_size=6)
ALLELES = st.lists(st.sampled_from(["5", "6", "7", "8", "9", "9.3", "10", "11"]), min_size=2, max_size=5, unique=True)


@st.composite
def frequency_tables(draw, integers=False):
    alleles = [a for a in draw(ALLELES) if not integers or "." not in a] or ["5", "6"]
    weights = draw(st.lists(st.integers(1, 50), min_size=len(alleles), max_size=len(alleles)))
    return {allele: weight / sum(weights) for allele, weight in zip(alleles, weights, strict=True)}


@st.composite
def mutation_models(draw, marker):
    kind = draw(st.sampled_from([MutationKind.EQUAL, MutationKind.PROPORTIONAL, MutationKind.STEPWISE]))
    stepwise = kind is MutationKind.STEPWISE
    rates = st.sampled_from([1e-5, 0.001, 0.002])
    return MutationModel(
        marker=marker,
        model=kind,
        rate_female=draw(rates),
        rate_male=draw(rates),
        range=draw(st.sampled_from([0.1, 0.5])) if stepwise else None,
        rate2=draw(st.sampled_from([0.0, 1e-6])) if stepwise else None,
    )


@st.composite
def programmes(draw, with_missing):
    """Families of parents and children, each with a missing child where asked, twins, and remains."""
    tables = {marker: draw(frequency_tables()) for marker in ("D3S1358", "TH01")}
    calls = st.fixed_dictionaries(
        {marker: st.tuples(*[st.sampled_from(list(table))] * 2) for marker, table in tables.items()}
    )
    pedigrees, samples, profiles, missing = [], [], [], []
    for number in range(draw(st.integers(1, 3))):
        family_id = f"Fam{number}"
        dad, mum = f"dad{number}", f"mum{number}"
        born = {"family_id": family_id, "father_id": dad, "mother_id": mum}
        members = [
            Member(family_id=family_id, member_id=dad, sex=Sex.MALE),
            Member(family_id=family_id, member_id=mum, sex=Sex.FEMALE),
            Member(member_id=f"son{number}", sex=Sex.MALE, **born),
        ]
        if draw(st.booleans()):
            members.append(Member(member_id=f"twin{number}", sex=Sex.MALE, twin_of=f"son{number}", **born))
        typed = [one.member_id for one in members if draw(st.booleans())] or [dad]
        if with_missing:
            person_id = f"{family_id}: Missing person"
            members.append(Member(member_id=person_id, person_id=person_id, **born))
            missing.append(MissingPerson(person_id=person_id))
        pedigrees.append(Pedigree(family_id=family_id, members=tuple(members)))
        for one in typed:
            samples.append(Sample(sample_id=one, subject_id=one))
            profiles.append(Profile(sample_id=one, subject_id=one, calls=draw(calls)))
    remains = tuple(
        Remains(remains_id=f"R{number}", sex=draw(st.sampled_from(Sex)))
        for number in range(draw(st.integers(1, 3)) if with_missing else 0)
    )
    for one in remains:
        samples.append(Sample(sample_id=one.remains_id, subject_id=one.remains_id, kind=SampleKind.REMAINS))
        profiles.append(Profile(sample_id=one.remains_id, subject_id=one.remains_id, calls=draw(calls)))
    markers = tuple(
        Marker(marker=marker, sample_size=draw(st.integers(1, 900)), min_frequency=draw(st.sampled_from([None, 0.001])))
        for marker in tables
    )
    return Programme(
        settings=Settings(name="case", population="P", theta=draw(st.sampled_from([0.0, 0.02]))),
        missing=tuple(missing),
        pedigrees=tuple(pedigrees),
        markers=markers,
        samples=tuple(samples),
        profiles=tuple(profiles),
        frequencies={"P": tables},
        mutation=tuple(draw(mutation_models(marker)) for marker in tables),
        remains=remains,
    )


def reread(programme, path):
    path.write_bytes(write_fam(programme, Wanted()).data)
    found = read(path)
    assert found.rejected == ()
    return found.programme


def assert_same(again, programme):
    for name in ("markers", "frequencies", "mutation", "samples", "remains", "missing"):
        assert getattr(again, name) == getattr(programme, name), name
    assert again.settings.theta == programme.settings.theta
    assert {one.sample_id: dict(one.calls) for one in again.profiles} == {
        one.sample_id: dict(one.calls) for one in programme.profiles
    }


@settings(max_examples=40, deadline=None)
@given(programmes(with_missing=True))
def test_remains_and_families_come_back_as_they_were_written(tmp_path_factory, programme):
    again = reread(programme, tmp_path_factory.mktemp("fam") / "case.fam")
    order = {sample.sample_id: sample for sample in again.samples}
    assert_same(
        Programme(**{**vars_of(again), "samples": tuple(order[one.sample_id] for one in programme.samples)}), programme
    )
    assert again.pedigrees == programme.pedigrees


@settings(max_examples=40, deadline=None)
@given(programmes(with_missing=False))
def test_a_case_of_pedigrees_comes_back_as_it_was_written(tmp_path_factory, programme):
    again = reread(programme, tmp_path_factory.mktemp("fam") / "case.fam")
    assert_same(again, programme)
    members = [
        {m.member_id: (m.father_id, m.mother_id, m.sex, m.twin_of) for p in one.pedigrees for m in p.members}
        for one in (again, programme)
    ]
    assert members[0] == members[1]
    groups = [{frozenset(m.member_id for m in p.members) for p in one.pedigrees} for one in (again, programme)]
    assert groups[0] == groups[1]


def vars_of(programme):
    return {name: getattr(programme, name) for name in programme.__dataclass_fields__}


ONE = Programme(
    settings=Settings(name="case", population="P"),
    pedigrees=(Pedigree(family_id="F", members=(Member(family_id="F", member_id="A", sex=Sex.MALE),)),),
    samples=(Sample(sample_id="A", subject_id="A"),),
    profiles=(Profile(sample_id="A", subject_id="A", calls={"TH01": ("6", "9.3")}),),
    frequencies={"P": {"TH01": {"6": 0.5, "9.3": 0.5}}},
)


def changed(**records):
    return Programme(**{**vars_of(ONE), **records})


def test_a_silent_allele_and_the_remainder_of_a_table_are_written_so_that_they_come_back(tmp_path):
    silent = changed(
        markers=(Marker(marker="TH01", silent_frequency=0.05),), frequencies={"P": {"TH01": {"6": 0.5, "9.3": 0.5}}}
    )
    again = reread(silent, tmp_path / "silent.fam")
    assert again.markers == silent.markers
    assert again.frequencies["P"]["TH01"] == pytest.approx({"6": 0.5, "9.3": 0.5}, rel=1e-15)
    rest = changed(frequencies={"P": {"TH01": {"6": 0.5, "9.3": 0.4}}})
    assert reread(rest, tmp_path / "rest.fam").frequencies["P"]["TH01"] == pytest.approx(
        {"6": 0.5, "9.3": 0.4, "rest": 0.1}, rel=1e-12
    )


def test_an_allele_without_frequency_is_written_with_the_one_homeward_computes_with(tmp_path):
    programme = changed(frequencies={"P": {"TH01": {"6": 0.5, "7": 0.5}}})
    again = reread(programme, tmp_path / "new.fam")
    assert set(again.frequencies["P"]["TH01"]) == {"6", "7", "9.3"}
    assert any("9.3" in note.value for note in write_fam(programme, Wanted()).notes)


def test_dropout_of_samples_comes_back_where_it_is_one(tmp_path):
    programme = changed(samples=(Sample(sample_id="A", subject_id="A", dropout=0.05),))
    assert reread(programme, tmp_path / "dropout.fam").samples[0].dropout == 0.05


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ({"mutation": (MutationModel(marker="TH01", model=MutationKind.ONESTEP, rate_female=0.1, rate_male=0.1),)},
         "no mutation model of Familias"),
        ({"mutation": (MutationModel(marker="TH01", model=MutationKind.EQUAL, rate_female=0.1, rate_male=0.1,
                                     transform=Transform.MH),)}, "transform MH"),
        ({"frequencies": {"P": {"TH01": {"6": 1.0}}, "Q": {"TH01": {"6": 1.0}}},
          "settings": Settings(name="case", population="S")}, "no population"),
        ({"pedigrees": (Pedigree(family_id='"F"', members=(Member(family_id='"F"', member_id="A"),)),)}, "divided"),
        ({"profiles": (*ONE.profiles, Profile(sample_id="B", subject_id="A", calls={"TH01": ("6", "6")}))},
         "is 6, 9.3"),
        ({"frequencies": {"P": {"TH01": {"6": 0.9, "9.3": 0.9}}}}, "sum"),
    ],
)  # fmt: skip
def test_what_would_be_computed_otherwise_is_refused(records, reason):
    with pytest.raises(Rejected, match=reason):
        write_fam(changed(**records), Wanted())


def test_what_has_no_place_in_the_file_is_told():
    programme = changed(
        profiles=(
            Profile(sample_id="A", subject_id="A", calls={"TH01": ("6", "?"), "AMEL": ("X", "Y"), "SE33": ("1", "2")}),
        ),
        samples=(*ONE.samples, Sample(sample_id="E", subject_id="staff", kind=SampleKind.ELIMINATION)),
    )
    told = " ".join(f"{note.value} {note.reason}" for note in write_fam(programme, Wanted()).notes)
    for word in ("SE33", "AMEL", "not observed", "elimination"):
        assert word in told


def test_a_family_with_two_missing_is_written_once_for_each(tmp_path):
    born = {"family_id": "F", "father_id": "A"}
    programme = changed(
        missing=(MissingPerson(person_id="p1"), MissingPerson(person_id="p2")),
        pedigrees=(
            Pedigree(
                family_id="F",
                members=(
                    Member(family_id="F", member_id="A", sex=Sex.MALE),
                    Member(member_id="b1", person_id="p1", **born),
                    Member(member_id="b2", person_id="p2", **born),
                ),
            ),
        ),
    )
    again = reread(programme, tmp_path / "two.fam")
    assert [one.family_id for one in again.pedigrees] == ["F (b1)", "F (b2)"]
    assert len(again.missing) == 2


# --- anything --------------------------------------------------------------------------------

WHOLE = text(dvi_file(), "\n").encode()


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("any") / "case.fam"
    path.write_bytes(data)
    with suppress(Rejected):
        read(path, "familias")


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 40), st.binary(max_size=6))
def test_a_damaged_file_is_read_or_refused(tmp_path_factory, where, length, damage):
    path = tmp_path_factory.mktemp("any") / "case.fam"
    path.write_bytes(WHOLE[:where] + damage + WHOLE[where + length :])
    with suppress(Rejected):
        read(path, "familias")


@settings(deadline=None)
@given(st.lists(st.sampled_from([str(line) for line in dvi_file()]), max_size=60), st.randoms())
def test_its_own_lines_in_any_order_are_read_or_refused(tmp_path_factory, lines, random):
    path = tmp_path_factory.mktemp("any") / "case.fam"
    head = [str(line) for line in dvi_file()]
    place = random.randrange(len(head))
    path.write_text("\n".join([*head[:place], *lines, *head[place:]]), encoding="utf-8")
    with suppress(Rejected):
        read(path, "familias")
