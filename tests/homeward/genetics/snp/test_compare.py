"""Remains beside a family by SNPs: what is used, what is left out and why, and that relatives are found."""

import math

import numpy as np
import pytest

from homeward.errors import Nonsense, NotFound, UnequalCalls
from homeward.genetics.snp.compare import log_lr
from homeward.genetics.snp.observation import from_genotypes
from homeward.genetics.snp.panel import panels
from homeward.genetics.snp.pedigree import member_genotypes
from homeward.programme import SnpMarker, SnpProfile
from tests.homeward.genetics.kin import family

SIBS = family("a: f m; b: f m")


def marker(number, **stated):
    return SnpMarker(**{"snp": f"s{number}", "population": "P", "frequency": 0.3} | stated)


def spread(count, **stated):
    """SNPs two centimorgans apart on as many chromosomes as it takes."""
    return panels(marker(i, chromosome=str(1 + i % 22), position_cm=2.0 * (i // 22), **stated) for i in range(count))[
        "P"
    ]


def profile(subject, genotypes, panel, *, sample="", error=0.0, names=None):
    return SnpProfile(
        sample_id=sample or f"S-{subject}",
        subject_id=subject,
        snps=names or panel.snps,
        log_likelihood=from_genotypes(genotypes, error=error),
    )


def test_the_whole_is_the_sum_of_its_snps_and_of_its_chromosomes():
    panel = spread(60)
    random = np.random.default_rng(0)
    one, remains = (profile(who, random.integers(0, 3, 60), panel) for who in ("a", "r"))
    found = log_lr(SIBS, "b", {"a": one}, remains, panel)
    tables = member_genotypes(SIBS, {"a": one.log_likelihood}, "b", panel.frequency)
    assert found.used == 60
    assert found.left_out == {}
    assert found.log_lr == pytest.approx(tables.log_lr(remains.log_likelihood).sum(), rel=1e-12)
    assert sum(found.by_chromosome.values()) == pytest.approx(found.log_lr, rel=1e-12)
    assert len(found.by_chromosome) == 22
    assert found.log10_lr == found.log_lr / math.log(10)
    assert 22 < found.effective <= 60


def test_each_snp_that_is_left_out_is_counted_with_its_reason():
    panel = panels(
        [
            marker(0, chromosome="1", position_cm=10.0),
            marker(1, chromosome="1", position_cm=10.5, frequency=0.1),
            marker(2, chromosome="X", position_cm=1.0),
            marker(3, chromosome="2", position_cm=5.0, frequency=1.0),
            marker(4, chromosome="3", position_cm=5.0),
            marker(5),
            marker(6, chromosome="4", position_cm=5.0),
        ]
    )["P"]
    seen = profile("a", [1, 1, 1, 1, 1, 1, -1], panel)
    remains = profile("r", [1] * 7, panel)
    found = log_lr(SIBS, "b", {"a": seen}, remains, panel, strs=[("3", 14.0)])
    assert found.snps == ("s0",)
    assert found.left_out == {
        "not_in_both": 1,
        "not_autosomal": 1,
        "does_not_vary": 1,
        "near_str": 1,
        "no_position": 1,
        "too_close": 1,
    }
    assert any("within 10 cM of the STRs" in said for said in found.assumptions)


def test_without_spacing_all_are_used_and_said_to_be_taken_for_independent():
    panel = panels([marker(0), marker(1)])["P"]
    found = log_lr(SIBS, "b", {"a": profile("a", [1, 1], panel)}, profile("r", [1, 1], panel), panel, spacing_cm=0)
    assert found.used == 2
    assert "however near they lie" in found.assumptions[0]


def test_positions_that_were_worked_out_are_said_to_be():
    panel = panels([marker(0, chromosome="1", position=500)])["P"]
    found = log_lr(SIBS, "b", {"a": profile("a", [1], panel)}, profile("r", [1], panel), panel)
    assert "1 map positions were worked out at 1 cM per megabase." in found.assumptions


def test_a_panel_without_places_is_refused_where_a_distance_is_asked_for():
    panel = panels([marker(0)])["P"]
    with pytest.raises(Nonsense, match="spacing of 0"):
        log_lr(SIBS, "b", {"a": profile("a", [1], panel)}, profile("r", [1], panel), panel)


def test_nobody_typed_or_only_an_in_law_is_no_evidence():
    panel = spread(30)
    remains = profile("r", [1] * 30, panel)
    assert log_lr(SIBS, "b", {}, remains, panel).log_lr == 0
    wife = log_lr(family("c: x wife"), "x", {"wife": profile("wife", [1] * 30, panel)}, remains, panel)
    assert (wife.used, wife.log_lr) == (30, 0.0)


def test_a_family_that_contradicts_itself_is_set_aside_and_the_snps_told():
    panel = spread(30)
    relatives = {"f": profile("f", [0] * 30, panel), "a": profile("a", [1] * 29 + [2], panel)}
    found = log_lr(SIBS, "b", relatives, profile("r", [1] * 30, panel), panel)
    assert found.set_aside
    assert found.contradictory == ("s29",)
    assert found.log_lr == 0
    softer = {"f": profile("f", [0] * 30, panel, error=0.01), "a": profile("a", [1] * 29 + [2], panel, error=0.01)}
    assert not log_lr(SIBS, "b", softer, profile("r", [1] * 30, panel), panel).set_aside


def test_impossible_remains_are_minus_infinity():
    panel = spread(5)
    found = log_lr(SIBS, "b", {"f": profile("f", [0] * 5, panel)}, profile("r", [2] * 5, panel), panel)
    assert found.log_lr == -np.inf


def test_several_samples_of_one_person_add_up_and_must_agree():
    panel = spread(3)
    relatives = {"a": profile("a", [1, 1, 1], panel)}
    soft = profile("r", [1, 2, 0], panel, error=0.1)
    twice = log_lr(SIBS, "b", relatives, [soft, soft], panel)
    together = SnpProfile(sample_id="T", subject_id="r", snps=panel.snps, log_likelihood=2 * soft.log_likelihood)
    assert twice.log_lr == pytest.approx(log_lr(SIBS, "b", relatives, together, panel).log_lr, rel=1e-13)
    unequal = [profile("r", [1, 2, 0], panel, sample="S1"), profile("r", [1, 1, 0], panel, sample="S2")]
    with pytest.raises(UnequalCalls, match=r"s1, .*sample S2 excludes what S1 shows"):
        log_lr(SIBS, "b", relatives, unequal, panel)


def test_snps_outside_the_panel_are_passed_over_in_any_order():
    panel = spread(3)
    relatives = {"a": profile("a", [1, 1, 1], panel)}
    plain = log_lr(SIBS, "b", relatives, profile("r", [0, 1, 2], panel), panel)
    shuffled = profile("r", [2, 1, 0, 1], panel, names=("s2", "other", "s0", "s1"))
    assert log_lr(SIBS, "b", relatives, shuffled, panel).log_lr == plain.log_lr


def test_a_sample_that_allows_no_genotype_is_refused():
    panel = spread(1)
    nothing = SnpProfile(sample_id="S", subject_id="r", snps=panel.snps, log_likelihood=np.full((1, 3), -np.inf))
    with pytest.raises(Nonsense, match="no genotype of SNP s0 is possible"):
        log_lr(SIBS, "b", {"a": profile("a", [1], panel)}, nothing, panel)


def test_an_unknown_member_is_refused():
    panel = spread(3)
    with pytest.raises((NotFound, Nonsense), match="no member nobody"):
        log_lr(SIBS, "nobody", {}, profile("r", [0, 1, 2], panel), panel)


@pytest.mark.parametrize(
    "relation", ["a: f m; b: f m", "b: a m", "a: f m; u: f m; b: u v", "x: f m; y: f m; a: x u; b: y v"]
)
def test_simulated_remains_of_a_relative_are_favoured_over_strangers(relation):
    """Genes dropped through the family at 1,500 independent SNPs, one in two hundred calls wrong."""
    random = np.random.default_rng(25)
    panel = spread(1_500)
    pedigree = family(relation)
    drop = dropped(pedigree, panel.frequency, random)
    stranger = (random.random((2, 1_500)) < panel.frequency).sum(axis=0)
    relatives = {"a": profile("a", drop["a"], panel, error=0.005)}
    true, false = (
        log_lr(pedigree, "b", relatives, profile("r", genotypes, panel, error=0.005), panel).log10_lr
        for genotypes in (drop["b"], stranger)
    )
    assert true > 1
    assert false < -1


def dropped(pedigree, p, random):
    """Genotypes of everyone, alleles dropped from parents who come before their children."""
    haplotypes = {}
    waiting = list(pedigree.members)
    while waiting:
        member = waiting.pop(0)
        parents = (member.father_id, member.mother_id)
        if any(parent and parent not in haplotypes for parent in parents):
            waiting.append(member)
            continue
        haplotypes[member.member_id] = [
            np.where(random.random(len(p)) < 0.5, *haplotypes[parent]) if parent else random.random(len(p)) < p
            for parent in parents
        ]
    return {name: sum(of.astype(int) for of in pair) for name, pair in haplotypes.items()}
