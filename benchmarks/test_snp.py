"""How long a family takes at SNPs: tables of one member, and a comparison with everything that leads to it.

`make test` runs the smallest panel; the sizes of a laboratory run under `make bench`.
"""

from __future__ import annotations

import numpy as np
import pytest

from homeward.genetics.snp.compare import log_lr
from homeward.genetics.snp.observation import from_reads
from homeward.genetics.snp.panel import panels
from homeward.genetics.snp.pedigree import member_genotypes
from homeward.genetics.snp.relationship import FULL_SIBS, sharing_ratios
from homeward.genetics.snp.relationship import log_lr as relationship_log_lr
from homeward.programme import Member, Pedigree, SnpMarker, SnpProfile

# Ten people: two grandparents, their three children, two in-laws, three grandchildren, of whom x is missing.
PARENTS = {
    "g": "",
    "h": "",
    "p": "g h",
    "aunt": "g h",
    "uncle": "g h",
    "q": "",
    "w": "",
    "x": "p q",
    "sister": "p q",
    "cousin": "uncle w",
}
TYPED = ("aunt", "sister", "cousin", "q")
SMALL, LARGE = 1_000, 95_000


def ten_people() -> Pedigree:
    members = []
    for name, parents in PARENTS.items():
        father, mother = parents.split() or ("", "")
        members.append(Member(family_id="F", member_id=name, father_id=father, mother_id=mother))
    return Pedigree(family_id="F", members=tuple(members))


def panel_of(size: int):
    """SNPs spread over 22 chromosomes of 150 cM."""
    random = np.random.default_rng(7)
    place = np.sort(random.uniform(0, 22 * 150, size))
    return panels(
        SnpMarker(
            snp=f"rs{i}",
            population="P",
            frequency=p,
            chromosome=str(1 + int(cm // 150)),
            position_cm=cm % 150,
            reference="A",
            counted="C",
        )
        for i, (cm, p) in enumerate(zip(place.tolist(), random.uniform(0.05, 0.5, size).tolist(), strict=True))
    )["P"]


def reads(panel, seed: int):
    """Someone's reads at a depth of two, of nobody in particular: time does not depend on what they show."""
    random = np.random.default_rng(seed)
    depth = random.poisson(2, len(panel))
    counted = random.binomial(depth, 0.3)
    return from_reads(panel, depth - counted, counted, error=0.01)


def measured(benchmark, what, size: int):
    if benchmark.disabled and size != SMALL:
        pytest.skip("the large panel runs under make bench")
    benchmark.extra_info["SNPs"] = size
    return benchmark.pedantic(what, rounds=3 if size > SMALL else 1, iterations=1)


@pytest.mark.parametrize("theta", [0.0, 0.01])
@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_tables_of_one_member_of_ten(benchmark, size, theta):
    panel, pedigree = panel_of(size), ten_people()
    seen = {name: reads(panel, place) for place, name in enumerate(TYPED)}
    found = measured(
        benchmark, lambda: member_genotypes(pedigree, seen, "x", panel.frequency, theta=theta, mutation=1e-8), size
    )
    np.testing.assert_allclose(found.member.sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_comparison_from_profiles_to_the_likelihood_ratio(benchmark, size):
    panel, pedigree = panel_of(size), ten_people()
    profiles = {
        name: SnpProfile(sample_id=name, subject_id=name, snps=panel.snps, log_likelihood=reads(panel, place))
        for place, name in enumerate((*TYPED, "r"))
    }
    remains = profiles.pop("r")
    found = measured(benchmark, lambda: log_lr(pedigree, "x", profiles, remains, panel), size)
    assert found.used > size / 100


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_two_people_by_the_closed_form(benchmark, size):
    panel = panel_of(size)
    one, other = reads(panel, 1), reads(panel, 2)

    def compared():
        return relationship_log_lr(sharing_ratios(one, other, panel.frequency), FULL_SIBS)

    assert np.isfinite(measured(benchmark, compared, size)).all()
