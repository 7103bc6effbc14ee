"""Haplotypes in the joint posterior: against every assignment written out, and the laws of lines."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from homeward.errors import UnequalCalls
from homeward.genetics.family import calls_of, families
from homeward.genetics.lineage.evidence import LineageEvidence
from homeward.genetics.locus import Loci, Locus, prepare_loci
from homeward.genetics.tables import log_probability_of_call
from homeward.identification.descent import line_couplings
from homeward.identification.haplotypes import FLOOR
from homeward.identification.identify import identify
from homeward.identification.problem import pose
from homeward.programme import (
    NOT_LISTED,
    Haplotype,
    HaplotypeCount,
    LineageKind,
    Member,
    MissingPerson,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Settings,
    Sex,
    SnpMarker,
    SnpProfile,
)

CALLS = (("0", "0"), ("0", "1"), ("1", "1"))
MT, Y = LineageKind.MITOCHONDRIAL, LineageKind.Y
FREQUENCIES = {"P": {name: {"8": 0.1, "9": 0.2, "10": 0.7} for name in ("TH01", "FGA")}}
RARE, NEAR, COMMON = "16223T 16278T 263G", "16223T 263G", "263G"
Y_RARE, Y_NEAR = "DYS19=15 DYS390=24 DYS391=11", "DYS19=15 DYS390=23 DYS391=11"


def _of(subject, text, kind=MT):
    where = "CR" if kind is MT else ""
    return Haplotype(sample_id=f"{kind}-{subject}", subject_id=subject, kind=kind, haplotype=text, range=where)


def _member(family, name, father="", mother="", sex=Sex.MALE, person=""):
    return Member(family_id=family, member_id=name, father_id=father, mother_id=mother, sex=sex, person_id=person)


def _family(name, persons):
    parents = (_member(name, f"{name}-father"), _member(name, f"{name}-mother", sex=Sex.FEMALE))
    of = {"father": f"{name}-father", "mother": f"{name}-mother"}
    children = [_member(name, f"{name}-{k}", **of, person=person) for k, person in enumerate(persons)]
    sister = _member(name, f"{name}-sister", **of, sex=Sex.FEMALE)
    return Pedigree(family_id=name, members=(*parents, *children, sister))


def _counts():
    mt = [(RARE, 1), (NEAR, 4), (COMMON, 95)]
    men = [(Y_RARE, 2), (Y_NEAR, 8), ("DYS19=14 DYS390=22 DYS391=10", 90)]
    return (
        *(
            HaplotypeCount(kind=MT, haplotype=text, population="P", count=n, database_size=100, range="CR")
            for text, n in mt
        ),
        *(HaplotypeCount(kind=Y, haplotype=text, population="P", count=n, database_size=100) for text, n in men),
    )


def _profile(subject, *calls):
    return Profile(sample_id=f"s-{subject}", subject_id=subject, calls=dict(zip(("TH01", "FGA"), calls, strict=False)))


def _programme(**changes):
    """Two missing brothers with a typed sister, two without anyone typed, one without a family; three remains."""
    base = Programme(
        settings=Settings(
            name="lines",
            population="P",
            listed_share=0.6,
            not_listed=0.3,
            outsiders={"other": 0.1},
            outsider_population={"other": "P"},
        ),
        missing=tuple(MissingPerson(person_id=name, sex=Sex.MALE) for name in "ABCDE"),
        pedigrees=(_family("F1", "AB"), _family("F2", "CD")),
        frequencies=FREQUENCIES,
        profiles=(
            _profile("F1-sister", ("8", "9"), ("8", "10")),
            _profile("r1", ("8", "10"), ("8", "8")),
            _profile("r2", ("8", "9")),
            _profile("r3", ("9", "10"), ("10", "10")),
        ),
        haplotypes=(
            _of("F1-sister", RARE),
            _of("F1-father", Y_RARE, Y),
            _of("r1", RARE),
            _of("r2", NEAR),
            _of("r3", NEAR),
            _of("r1", Y_RARE, Y),
            _of("r3", Y_NEAR, Y),
        ),
        haplotype_counts=_counts(),
        remains=tuple(Remains(remains_id=name, sex=Sex.MALE) for name in ("r1", "r2", "r3")),
    )
    return dataclasses.replace(base, **changes)


def _written_out(programme):
    """(remains, hypothesis) posterior by the sum over every assignment, each family's likelihood computed whole."""
    settings, loci = programme.settings, prepare_loci(programme)
    of_programme, calls = families(programme, loci), calls_of(programme)
    evidence = LineageEvidence(programme)
    names = [one.person_id for one in programme.missing]
    prior = dict.fromkeys(names, settings.listed_share / len(names)) | {NOT_LISTED: settings.not_listed}
    prior["outsider:other"] = settings.outsiders["other"]
    remains = [one.remains_id for one in programme.remains]
    total = np.zeros((len(remains), len(prior)))
    for chosen in itertools.product(prior, repeat=len(remains)):
        listed = [name for name in chosen if name in names]
        if len(set(listed)) < len(listed):
            continue
        log = sum(math.log(prior[name]) for name in chosen)
        for family in of_programme:
            held = {
                member.member_id: remains[chosen.index(member.person_id)]
                for member in family.slots
                if member.person_id in chosen
            }
            log += family.log_likelihood({who: calls.get(r, {}) for who, r in held.items()}, engine="plain")
            log -= family.log_likelihood(engine="plain")
            log -= sum(
                log_probability_of_call(family.loci[marker], call)
                for r in held.values()
                for marker, call in calls.get(r, {}).items()
            )
            log += _of_snps(programme, family, held)
            for kind in (MT, Y):
                told = {who: evidence.by_subject.get((kind, r), ()) for who, r in held.items()}
                log += evidence.family(family.pedigree, kind).line_log_likelihood(told)
        for row, name in enumerate(chosen):
            total[row, list(prior).index(name)] += math.exp(log)
    return total / total.sum(axis=1, keepdims=True)


def _of_snps(programme, family, held):
    """The same by the engine of STRs: each SNP a marker of two alleles."""
    calls = {
        profile.subject_id: {
            snp: CALLS[int(np.argmax(row))] for snp, row in zip(profile.snps, profile.log_likelihood, strict=True)
        }
        for profile in programme.snp_profiles
    }
    by_marker = {
        of.snp: Locus(marker=of.snp, alleles=("0", "1"), frequencies=np.array([1 - of.frequency, of.frequency]))
        for of in programme.snp_panel
    }
    beside = dataclasses.replace(
        family,
        loci=Loci(population="P", by_marker=by_marker),
        calls={m.member_id: calls[m.member_id] for m in family.pedigree.members if m.member_id in calls},
    )
    seen = [calls.get(r, {}) for r in held.values()]
    related = beside.log_likelihood(dict(zip(held, seen, strict=True)), engine="plain")
    apart = sum(log_probability_of_call(by_marker[snp], call) for of in seen for snp, call in of.items())
    return related - beside.log_likelihood(engine="plain") - apart


def _snps(subject, *genotypes):
    rows = np.full((len(genotypes), 3), -np.inf)
    rows[np.arange(len(genotypes)), genotypes] = 0.0
    names = tuple(f"rs{k}" for k in range(len(genotypes)))
    return SnpProfile(sample_id=f"snp-{subject}", subject_id=subject, snps=names, log_likelihood=rows)


def _with_snps(**changes):
    panel = [(0.2, 10_000_000), (0.4, 30_000_000), (0.3, 60_000_000)]
    return _programme(
        snp_panel=tuple(
            SnpMarker(snp=f"rs{k}", population="P", frequency=of, chromosome="1", position=at)
            for k, (of, at) in enumerate(panel)
        ),
        snp_profiles=(
            _snps("F1-sister", 0, 1, 2),
            _snps("F1-mother", 1, 1, 1),
            _snps("r1", 0, 1, 2),
            _snps("r2", 1, 2, 1),
        ),
        **changes,
    )


def _posterior(programme):
    found = identify(programme).pairs
    answer = np.zeros((len(found.remains_ids), len(programme.missing) + 2))
    for r, h, value in zip(found.remains, found.hypothesis, found.posterior, strict=True):
        answer[r, h] = value
    return answer


def test_genotypes_mt_and_y_of_brothers_agree_with_every_assignment_written_out():
    programme = _programme()
    np.testing.assert_allclose(_posterior(programme), _written_out(programme), rtol=1e-12, atol=1e-14)


def test_genotypes_haplotypes_and_snps_of_brothers_agree_with_every_assignment_written_out():
    programme = _with_snps()
    np.testing.assert_allclose(_posterior(programme), _written_out(programme), rtol=1e-12, atol=1e-14)
    assert pose(programme).evidence.contributions["snp"][0, 0] > 0.1


def test_snps_near_a_marker_of_the_product_are_left_out():
    programme = _with_snps()
    near = tuple(
        dataclasses.replace(one, chromosome="11", position=2_000_000 + 3_000_000 * k)
        for k, one in enumerate(programme.snp_panel)
    )
    problem = pose(dataclasses.replace(programme, snp_panel=near))
    np.testing.assert_array_equal(problem.evidence.contributions["snp"], 0)


def test_snps_that_contradict_the_pedigree_are_set_aside_and_told():
    programme = _with_snps()
    wrong = (_snps("F1-sister", 0, 1, 2), _snps("F1-mother", 2, 1, 1), _snps("r1", 0, 1, 2))
    found = identify(dataclasses.replace(programme, snp_profiles=wrong))
    assert [note.values for note in found.notes if note.code == "snps_set_aside"] == [{"families": ["F1"]}]


def test_three_brothers_missing_agree_with_every_assignment_written_out():
    programme = _programme(pedigrees=(_family("F1", "ABC"), _family("F2", "DE")))
    np.testing.assert_allclose(_posterior(programme), _written_out(programme), rtol=1e-12, atol=1e-14)


def test_without_genotypes_haplotypes_alone_are_weighed():
    programme = _programme(profiles=(), frequencies={})
    with_markers = _programme(profiles=())
    np.testing.assert_allclose(_posterior(programme), _written_out(with_markers), rtol=1e-12, atol=1e-14)


def test_a_haplotype_says_which_line_and_never_which_brother():
    found = _posterior(_programme(profiles=()))
    np.testing.assert_allclose(found[:, 0], found[:, 1], rtol=1e-12)


def test_the_remains_of_two_brothers_pay_for_their_haplotype_once():
    rare = (_of("r1", RARE), _of("r2", RARE))
    problem = pose(_programme(profiles=(), haplotypes=rare))
    pairs = {coupling.slots: coupling for coupling in line_couplings(problem.case, MT)}
    # each by himself says nothing, since nobody is typed; together the one speaks for the other: 1 / f, f = 2 / 101
    assert problem.evidence.contributions["mt"] == pytest.approx(np.zeros((3, 7)), abs=1e-12)
    mutation, reading = 2 * 0.0043, 2e-3
    expected = math.log(101 / 2) - mutation - reading
    assert pairs[2, 3].log_ratio((0, 1, -1)[:2]) == pytest.approx(expected, rel=1e-9)


def test_a_line_that_the_settings_leave_out_changes_nothing():
    plain = _programme(haplotypes=(), haplotype_counts=())
    programme = _programme(settings=dataclasses.replace(plain.settings, lines=("body",)))
    np.testing.assert_array_equal(_posterior(programme), _posterior(plain))


def test_without_counts_haplotypes_say_nothing_and_that_is_told():
    programme, plain = _programme(haplotype_counts=()), _programme(haplotypes=(), haplotype_counts=())
    np.testing.assert_allclose(_posterior(programme), _posterior(plain), rtol=1e-12)
    told = [note.values for note in identify(programme).notes if note.code == "haplotype_not_counted"]
    assert {"line": "mt", "remains": ["r1", "r2", "r3"]} in told


def test_a_haplotype_far_from_every_reference_has_the_floor():
    far = "16093C 16129A 16189C 16311C 16362C 73G 150T 152C 195C"
    programme = _programme(haplotypes=(_of("F1-sister", RARE), _of("r1", far)))
    assert pose(programme).evidence.contributions["mt"][0, :2] == pytest.approx([FLOOR, FLOOR], abs=1e-12)


def test_rows_of_one_individual_whose_haplotypes_exclude_each_other_are_refused_with_both_names():
    remains = (Remains(remains_id="r1"), Remains(remains_id="r2", same_as="r1"))
    of = (_of("r1", "16223T 263G"), _of("r2", "16093C 16129A 263G"))
    with pytest.raises(UnequalCalls, match=r"r1 and r2.*mitochondrial DNA"):
        pose(_programme(remains=remains, haplotypes=of, profiles=()))
