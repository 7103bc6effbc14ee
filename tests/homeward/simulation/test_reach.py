"""Whether references suffice is told by the profiles that the missing person could have had."""

import numpy as np
import pytest

from homeward.genetics.family import Family
from homeward.genetics.locus import Loci, Locus
from homeward.programme import Member, Pedigree
from homeward.simulation.reach import chance_to_reach

LOCUS = Locus(marker="L", population="A", alleles=("1", "2"), frequencies=np.array([0.1, 0.9]))


def father_and_son(call):
    pedigree = Pedigree(
        family_id="F",
        members=(
            Member(family_id="F", member_id="father"),
            Member(family_id="F", member_id="son", father_id="father", person_id="K-1"),
        ),
    )
    return Family(
        pedigree=pedigree,
        loci=Loci(population="A", by_marker={"L": LOCUS}),
        calls={"father": {"L": call}},
        slots=pedigree.missing,
    )


def chance(needed, typed):
    return chance_to_reach(
        needed, father_and_son(("1", "1")), "son", {"L": typed}, draws=40_000, rng=np.random.default_rng(1)
    )


def test_the_son_of_a_rare_homozygote():
    # Son of 1/1: he is 1/1 with probability 0.1 (LR 1/0.1 = 10) or 1/2 with 0.9 (LR 0.9/0.18 = 5).
    assert chance(np.log10(4.9), ("2", "2")) == 1.0
    assert chance(np.log10(5.1), ("2", "2")) == pytest.approx(0.1, abs=0.01)
    assert chance(np.log10(10.1), ("2", "2")) == 0.0


def test_one_allele_seen():
    # Of 1/1 always allele 1, of 1/2 either: P(1 seen) = 0.1 + 0.45. (1, ?): LR = 1 / (0.01 + 0.18) = 5.26;
    # (2, ?): LR = 0.9 / (0.81 + 0.18) = 0.91.
    assert chance(np.log10(5.2), ("1", "?")) == pytest.approx(0.55, abs=0.01)
    assert chance(np.log10(5.3), ("1", "?")) == 0.0
    assert chance(np.log10(0.9), ("1", "?")) == 1.0


def test_nothing_typed_reaches_nothing():
    assert chance(0.0, ("?", "?")) == 0.0
    assert chance(-0.1, ("?", "?")) == 1.0
