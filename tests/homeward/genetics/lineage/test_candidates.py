"""The lists that laboratories ask for."""

import json
import random
from dataclasses import replace

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.cli import main
from homeward.formats.folder import write_programme
from homeward.genetics.lineage.candidates import lineage_lists, near_pairs
from homeward.genetics.lineage.evidence import Category, LineageEvidence, events_between
from homeward.programme import (
    Haplotype,
    HaplotypeCount,
    LineageKind,
    Member,
    MissingPerson,
    Pedigree,
    Programme,
    Remains,
    Settings,
    Sex,
)
from homeward.tables import rcrs

MT, Y = LineageKind.MITOCHONDRIAL, LineageKind.Y


def haplotype(sample, subject, text, range="16024-576", kind=MT):
    return Haplotype(sample_id=sample, subject_id=subject, kind=kind, range=range, haplotype=text)


def programme(mother_texts, remains_texts, kind=MT):
    """One family of parent and missing son for each reference, and remains."""
    families, missing, rows = [], [], []
    for n, text in enumerate(mother_texts):
        parent = Member(family_id=f"F{n}", member_id=f"m{n}", sex=Sex.FEMALE if kind is MT else Sex.MALE)
        parents = {"mother_id": f"m{n}"} if kind is MT else {"father_id": f"m{n}"}
        son = Member(family_id=f"F{n}", member_id=f"s{n}", sex=Sex.MALE, person_id=f"P{n}", **parents)
        families.append(Pedigree(family_id=f"F{n}", members=(parent, son)))
        missing.append(MissingPerson(person_id=f"P{n}"))
        rows.append(haplotype(f"ref{n}", f"m{n}", text, "CR" if kind is MT else "", kind))
    for n, text in enumerate(remains_texts):
        rows.append(haplotype(f"rem{n}", f"R{n}", text, "CR" if kind is MT else "", kind))
    return Programme(
        settings=Settings(name="Arvad", population="North"),
        missing=tuple(missing),
        pedigrees=tuple(families),
        remains=tuple(Remains(remains_id=f"R{n}") for n in range(len(remains_texts))),
        haplotypes=tuple(rows),
        haplotype_counts=(
            HaplotypeCount(kind=MT, haplotype="263G", population="North", count=4, database_size=1000, range="CR"),
        ),
    )


def told(pairs):
    return [(pair.remains_id, pair.member_id, pair.events, pair.category.value) for pair in pairs]


def test_pairs_with_no_one_and_two_differences_are_listed():
    of = programme(["263G", "263G 16311C", "263G 16311C 152C", "263G 16311C 152C 73G"], ["263G 309.1C"])
    lists = lineage_lists(of)
    assert told(lists.pairs) == [
        ("R0", "m0", 0, "cannot_exclude"),
        ("R0", "m1", 1, "inconclusive"),
        ("R0", "m2", 2, "exclusion"),
    ]
    assert lists.pairs[1].where == "rCRS / 16311C"
    assert lists.pairs[0].compared == "16024-576"


def test_fewer_differences_can_be_asked_for():
    of = programme(["263G", "263G 16311C"], ["263G"])
    assert told(near_pairs(LineageEvidence(of), most=0)) == [("R0", "m0", 0, "cannot_exclude")]


def test_each_person_on_the_line_has_a_likelihood_ratio_and_the_best_stands_first():
    lists = lineage_lists(programme(["263G 16311C", "263G"], ["263G"]))
    assert [one.person_id for one in lists.persons] == ["P1", "P0"]
    assert lists.persons[0].lr.category is Category.CANNOT_EXCLUDE
    assert lists.persons[0].lr.log_lr > 0 > lists.persons[1].lr.log_lr


def test_how_many_of_the_roster_share_a_haplotype():
    lists = lineage_lists(programme(["263G", "263G 309.1C", "152C"], ["263G", "263G", "16093C"]))
    shared = lists.haplotypes[0]
    assert shared.persons == ("P0", "P1")
    assert shared.remains == ("R0", "R1")
    assert shared.roster == 3
    assert (shared.frequency.seen, shared.frequency.people) == (4, 1000)
    assert lists.haplotypes[1].persons == ()
    assert lists.haplotypes[1].frequency is None


def test_men_are_compared_locus_by_locus():
    of = programme(["DYS19=14 DYS385=11,14", "DYS19=15 DYS385=11,14", "DYS391=10"], ["DYS19=14 DYS385=14,11"], Y)
    lists = lineage_lists(of)
    assert told(lists.pairs) == [("R0", "m0", 0, "cannot_exclude"), ("R0", "m1", 1, "inconclusive")]
    assert lists.pairs[1].compared == "2 loci"
    assert [one.person_id for one in lists.persons] == ["P0", "P1"]


_SITES = st.sampled_from(
    ["73G", "146C", "152Y", "249del", "263G", "309.1C", "310C", "315.1C", "16093Y", "16093C", "16183C", "16189C",
     "16193.1C", "16223T", "523del", "524del", "16311C", "16362C"]
)  # fmt: skip
_MT_TEXTS = st.lists(
    st.lists(_SITES, max_size=5, unique_by=lambda text: text.rstrip("delACGTY"))
    .map(" ".join)
    .map(lambda t: t or "rCRS"),
    min_size=1,
    max_size=5,
)
_Y_TEXTS = st.lists(
    st.tuples(*[st.integers(13, 15)] * 3, st.integers(28, 30)).map(
        lambda of: f"DYS19={of[0]} DYS385={of[1]},14 DYS389I={of[2] - 1} DYS389II={of[3]}"
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=40, deadline=None)
@given(_MT_TEXTS, _MT_TEXTS)
def test_no_pair_is_missed_by_comparing_plain_bases_first(references, remains):
    assert_every_pair(programme(references, remains), MT)


@settings(max_examples=40, deadline=None)
@given(_Y_TEXTS, _Y_TEXTS)
def test_no_pair_of_men_is_missed_by_comparing_alleles_first(references, remains):
    assert_every_pair(programme(references, remains, Y), Y)


def assert_every_pair(of, kind):
    evidence = LineageEvidence(of)
    typed = evidence.typed[kind]
    expected = {
        (a.subject_id, b.subject_id, events)
        for a in typed
        for b in typed
        if a.subject_id.startswith("R") and b.subject_id.startswith("m")
        for events in [events_between(a.haplotype, b.haplotype, evidence.model)]
        if events is not None and events <= 2
    }
    assert {(pair.remains_id, pair.member_id, pair.events) for pair in near_pairs(evidence)} == expected


def random_texts(count, seed):
    chance = random.Random(seed)
    texts = []
    for _ in range(count):
        sites = sorted(chance.sample(range(16030, 16360), chance.randint(1, 5)))
        texts.append(" ".join(f"{at}{'ACGT'[('ACGT'.index(rcrs()[at - 1]) + 1) % 4]}" for at in sites))
    return texts


def test_blocks_of_many_remains_join_up():
    texts = random_texts(700, 3)
    pairs = near_pairs(LineageEvidence(programme([*texts[:5], "263G"], texts)), most=0)
    assert {pair.remains_id for pair in pairs} >= {f"R{n}" for n in range(5)}


# --- the command ------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "case"
    write_programme(programme(["263G", "263G 16311C"], ["263G"]), path)
    return path


def run(*arguments):
    return CliRunner().invoke(main, ["lineage", *map(str, arguments), "--quiet"])


def test_the_command_writes_three_lists_and_where_they_came_from(folder, tmp_path):
    out = tmp_path / "lists"
    done = run(folder, "--out", out)
    assert done.exit_code == 0, done.output
    assert "2 pairs, 2 remains and persons on a line" in done.output
    pairs = (out / "pairs.csv").read_text(encoding="utf-8").splitlines()
    assert pairs[0].startswith("kind,remains_id,remains_sample,family_id,member_id")
    assert pairs[1] == "mt,R0,rem0,F0,m0,ref0,0,cannot_exclude,16024-576,"
    persons = (out / "persons.csv").read_text(encoding="utf-8").splitlines()
    assert persons[1].startswith("mt,R0,P0,F0,2.")
    assert persons[1].endswith("cannot_exclude,0,1,1,,0.004995004995004995,plus_one,4,1000,16024-576")
    haplotypes = (out / "haplotypes.csv").read_text(encoding="utf-8").splitlines()
    assert haplotypes[1].startswith("mt,263G,16024-576,R0,m0,F0,P0,1,2,")
    provenance = json.loads((out / "result.json").read_text(encoding="utf-8"))["provenance"]
    assert provenance["verb"] == "lineage"
    assert provenance["parameters"]["mt"]["control_region"] == 0.0043


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["cannot exclude", "1 of 2"]), ("ko", ["배제 불가", "2명 중 1명"])]
)
def test_the_page_shows_the_lists_in_either_language(folder, tmp_path, language, words):
    assert run(folder, "--out", tmp_path / "lists", "--language", language).exit_code == 0
    page = (tmp_path / "lists" / "report.html").read_text(encoding="utf-8")
    assert f'<html lang="{language}">' in page
    assert all(word in page for word in [*words, "P0", "F1", "263G"])
    assert "<script" not in page


def test_another_way_of_counting_moves_the_likelihood_ratio(folder, tmp_path):
    assert run(folder, "--out", tmp_path / "cp", "--mt-frequency", "clopper_pearson_one_sided").exit_code == 0
    row = (tmp_path / "cp" / "persons.csv").read_text(encoding="utf-8").splitlines()[1]
    assert "clopper_pearson_one_sided,4,1000" in row


def test_earlier_lists_are_replaced_only_when_asked(folder, tmp_path):
    out = tmp_path / "lists"
    assert run(folder, "--out", out).exit_code == 0
    refused = run(folder, "--out", out)
    assert refused.exit_code == 1
    assert "holds an earlier result" in refused.output
    assert run(folder, "--out", out, "--replace").exit_code == 0


def test_a_folder_with_faults_is_refused_with_each_of_them(folder, tmp_path):
    text = (folder / "lineage.csv").read_text(encoding="utf-8")
    (folder / "lineage.csv").write_text(text.replace("263G 16311C", "263A 16311T"), encoding="utf-8")
    refused = run(folder, "--out", tmp_path / "lists")
    assert refused.exit_code == 1
    assert "'263A': is the reference's own base" in refused.output
    assert not (tmp_path / "lists").exists()


def test_a_haplotype_that_nobody_counted_is_said_to_have_no_likelihood_ratio(tmp_path):
    write_programme(programme(["152C"], ["152C"]), tmp_path / "case")
    done = run(tmp_path / "case", "--out", tmp_path / "lists")
    assert "1 of them have no likelihood ratio" in done.output


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "No remains have a haplotype on record."), ("ko", "하플로타입이 기록된 유해가 없습니다.")],
)
def test_without_haplotypes_the_page_says_so_and_shows_no_empty_table(tmp_path, language, words):
    nothing = replace(programme(["263G"], ["263G"]), haplotypes=())
    write_programme(nothing, tmp_path / "case")

    run(tmp_path / "case", "--out", tmp_path / "lists", "--language", language)

    page = (tmp_path / "lists" / "report.html").read_text(encoding="utf-8")
    assert words in page
    assert "<table" not in page
