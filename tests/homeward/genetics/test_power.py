"""What a family can show, before any remains: intervals that hold the truth, means that are exact."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense
from homeward.genetics.family import Family
from homeward.genetics.locus import Loci, Locus, with_silent
from homeward.genetics.mutation import mutation_matrix
from homeward.genetics.power import atoms, of_tables, power, power_with
from homeward.genetics.tables import family_tables
from homeward.programme import Member, MutationKind, Pedigree, Sex

FAMILY = Pedigree(
    family_id="F",
    members=(
        Member(family_id="F", member_id="father", sex=Sex.MALE),
        Member(family_id="F", member_id="mother", sex=Sex.FEMALE),
        Member(family_id="F", member_id="sister", father_id="father", mother_id="mother", sex=Sex.FEMALE),
        Member(family_id="F", member_id="missing", father_id="father", mother_id="mother", person_id="P"),
    ),
)


def locus(name: str, frequencies: list[float], rate: float = 0.0) -> Locus:
    p = np.array(frequencies) / sum(frequencies)
    alleles = tuple(str(10 + i) for i in range(len(p)))
    matrix = mutation_matrix(MutationKind.STEPWISE, alleles, p, rate=rate, range=0.1) if rate else None
    return Locus(marker=name, alleles=alleles, frequencies=p, female=matrix, male=matrix)


LOCI = (locus("A", [1, 2, 3]), locus("B", [4, 1], 0.01), locus("C", [1, 1, 1, 5], 0.002))
CALLS = {"sister": {"A": ("10", "11"), "B": ("10", "10"), "C": ("12", "13")}}


def every_profile(loci, ratios):
    """All profiles by enumeration: log10 LR, P if related, P if unrelated."""
    for genotypes in itertools.product(*(range(of.size) for of in loci)):
        ratio = math.prod(float(table[g]) for table, g in zip(ratios, genotypes, strict=True))
        chance = math.prod(float(of.population_genotypes[g]) for of, g in zip(loci, genotypes, strict=True))
        yield (math.log10(ratio) if ratio > 0 else -math.inf), ratio * chance, chance


@pytest.mark.parametrize("threshold", [-2.0, -0.5, 0.0, 0.3, 1.0, 2.0])
def test_the_interval_holds_what_enumerating_every_profile_gives(threshold):
    found = power(FAMILY, LOCI, CALLS, "missing", step=0.01)
    profiles = list(every_profile(LOCI, family_tables(FAMILY, LOCI, CALLS, "missing").ratios))

    related = math.fsum(chance for value, chance, _ in profiles if value >= threshold)
    unrelated = math.fsum(chance for value, _, chance in profiles if value >= threshold)

    low, high = found.reaching(threshold)
    assert low - 1e-12 <= related <= high + 1e-12
    low, high = found.reaching(threshold, related=False)
    assert low - 1e-12 <= unrelated <= high + 1e-12


def test_the_means_are_those_of_every_profile():
    found = power(FAMILY, LOCI, CALLS, "missing")
    profiles = list(every_profile(LOCI, family_tables(FAMILY, LOCI, CALLS, "missing").ratios))

    assert found.mean_if_related == pytest.approx(math.fsum(v * p for v, p, _ in profiles if p > 0), rel=1e-12)
    kept = [(value, chance) for value, _, chance in profiles if value > -math.inf]
    whole = math.fsum(chance for _, chance in kept)
    assert found.mean_if_unrelated == pytest.approx(math.fsum(v * p for v, p in kept) / whole, rel=1e-12)


def test_one_more_relative_is_averaged_over_all_that_he_may_show():
    found = power_with(FAMILY, LOCI[:2], CALLS, "missing", "mother", step=0.01)
    threshold, related = 0.5, 0.0
    of_mother = family_tables(FAMILY, LOCI, CALLS, "mother").ratios

    for genotypes in itertools.product(*(range(of.size) for of in LOCI[:2])):
        calls = {
            **CALLS,
            "mother": {
                of.marker: tuple(of.alleles[a] for a in of.genotypes[g]) for of, g in zip(LOCI, genotypes, strict=False)
            },
        }
        chance = math.prod(
            float(table[g] * of.population_genotypes[g])
            for of, table, g in zip(LOCI, of_mother, genotypes, strict=False)
        )
        if chance > 0:
            tables = family_tables(FAMILY, LOCI[:2], calls, "missing").ratios
            profiles = every_profile(LOCI[:2], tables)
            related += chance * math.fsum(p for value, p, _ in profiles if value >= threshold)

    low, high = found.reaching(threshold)
    assert low - 1e-12 <= related <= high + 1e-12


def test_with_a_silent_allele_the_calls_that_may_be_seen_are_what_counts():
    # father 10/10 or 10/silent; remains 11/11 or 11/silent are his only by the silent allele
    s, p = 0.1, [0.9 * 0.4, 0.9 * 0.6]
    at = with_silent(Locus(marker="A", alleles=("10", "11"), frequencies=np.array([0.4, 0.6])), s)
    duo = Pedigree(
        family_id="F",
        members=(
            Member(family_id="F", member_id="father", sex=Sex.MALE),
            Member(family_id="F", member_id="child", father_id="father", person_id="P"),
        ),
    )
    found = power(duo, [at], {"father": {"A": ("10", "10")}}, "child", step=1e-3)
    silent = 0.5 * 2 * p[0] * s / (p[0] ** 2 + 2 * p[0] * s)
    ratio = silent * p[1] / (p[1] ** 2 + 2 * p[1] * s)
    low, high = found.reaching(math.log10(ratio) + 0.01, related=True)
    # all but 11 alone, whose ratio is the least of those that occur
    assert low - 1e-9 <= 1 - silent * p[1] <= high + 1e-9
    assert found.exclusion_power == 0


def test_one_more_relative_may_show_nothing_where_an_allele_is_silent():
    at = with_silent(LOCI[0], 0.2)
    found = power_with(FAMILY, [at], {"sister": {"A": ("10", "11")}}, "missing", "father", step=0.01)
    alone = power(FAMILY, [at], {"sister": {"A": ("10", "11")}}, "missing", step=0.01)
    assert found.mean_if_related >= alone.mean_if_related > 0
    assert sum(found.reaching(-50.0, related=True)) / 2 == pytest.approx(1, abs=1e-9)


def test_fewer_outcomes_come_near_to_all_of_them():
    whole = power_with(FAMILY, LOCI, CALLS, "missing", "father")
    coarse = power_with(FAMILY, LOCI, CALLS, "missing", "father", outcomes=5)

    assert coarse.mean_if_related == pytest.approx(whole.mean_if_related, abs=0.1)


def test_a_further_relative_never_lowers_the_expected_ratio():
    before = power(FAMILY, LOCI, CALLS, "missing")
    after = power_with(FAMILY, LOCI, CALLS, "missing", "father")

    assert after.mean_if_related > before.mean_if_related


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(st.floats(0, 50), min_size=2, max_size=8), st.integers(0, 2**32 - 1)),
        min_size=1,
        max_size=4,
    ),
    st.floats(-3, 6),
)
def test_someone_unrelated_reaches_a_ratio_at_most_as_often_as_one_in_it(tables, threshold):
    loci, ratios = [], []
    for place, (weights, seed) in enumerate(tables):
        p = np.random.default_rng(seed).dirichlet(np.ones(len(weights)))
        ratio = np.array(weights)
        mean = float(ratio @ p)
        ratios.append(ratio / mean if mean > 0 else np.ones(len(weights)))
        loci.append((str(place), p))
    found = [atoms(ratio, p) for ratio, (_, p) in zip(ratios, loci, strict=True)]

    from homeward.genetics.power import Power

    of = Power(markers=tuple(name for name, _ in loci), of_marker=tuple(found), step=0.02)
    unrelated, related = of.reaching(threshold, related=False), of.reaching(threshold)

    assert unrelated[0] <= 10**-threshold * related[1] * (1 + 1e-9) + 1e-300
    assert unrelated[0] <= unrelated[1]
    assert related[0] <= related[1]


def test_without_typed_relatives_every_ratio_is_one():
    found = power(FAMILY, LOCI, {}, "missing")

    assert found.mean_if_related == pytest.approx(0, abs=1e-12)
    assert found.reaching(0.01) == (0.0, 0.0)
    assert found.reaching(0.0) == pytest.approx((1.0, 1.0))


def test_the_spectrum_and_the_exclusion_make_up_one():
    found = of_tables(LOCI, family_tables(FAMILY, LOCI[:1] + LOCI[1:], CALLS, "missing"))

    _, mass = found.spectrum(related=False)

    assert mass.sum() + found.exclusion_power == pytest.approx(1, abs=1e-12)
    assert found.mismatches.sum() == pytest.approx(1, abs=1e-12)


def test_a_grid_without_a_step_is_refused():
    with pytest.raises(Nonsense, match="no points"):
        power(FAMILY, LOCI, CALLS, "missing", step=0.0)


def test_a_man_shows_his_mothers_one_allele_of_an_x_marker():
    son = Member(family_id="F", member_id="son", mother_id="mother", sex=Sex.MALE, person_id="P")
    duo = Pedigree(family_id="F", members=(Member(family_id="F", member_id="mother", sex=Sex.FEMALE), son))
    at = replace(locus("X", [1, 3]), x_linked=True)

    found = power(duo, [at], {"mother": {"X": ("10", "10")}}, "son")

    # three in four men have 11, which excludes them; his own 10 has frequency 1/4
    assert found.exclusion_power == pytest.approx(0.75, rel=1e-12)
    assert found.mean_if_related == pytest.approx(math.log10(4), rel=1e-12)
    assert found.reaching(0.6) == pytest.approx((1.0, 1.0), rel=1e-9)


def test_a_grandmother_of_his_mothers_side_helps_at_an_x_marker_once_she_is_typed():
    pedigree = Pedigree(
        family_id="F",
        members=(
            Member(family_id="F", member_id="grandmother", sex=Sex.FEMALE),
            Member(family_id="F", member_id="mother", mother_id="grandmother", sex=Sex.FEMALE),
            Member(family_id="F", member_id="son", mother_id="mother", sex=Sex.MALE, person_id="P"),
        ),
    )
    at = replace(locus("X", [1, 3]), x_linked=True)

    found = power_with(pedigree, [at], {}, "son", "grandmother")

    expected = 0.0
    for (a, b), of_her in zip(at.genotypes.tolist(), at.population_genotypes, strict=True):
        table = family_tables(pedigree, [at], {"grandmother": {"X": (at.alleles[a], at.alleles[b])}}, "son")
        his = at.hemizygous_genotypes
        expected += of_her * sum(
            chance * ratio * math.log10(ratio) for chance, ratio in zip(his, table.ratios[0], strict=True) if chance
        )
    assert found.mean_if_related == pytest.approx(expected, rel=1e-12)


def linked_family(rho):
    of = Loci(population="", by_marker={of.marker: of for of in LOCI[:2]}, linked=(("A", "B", rho),))
    slot = FAMILY.member("missing")
    return Family(pedigree=FAMILY, loci=of, calls={"sister": {"A": ("10", "11"), "B": ("10", "10")}}, slots=(slot,))


def test_two_linked_markers_that_recombine_freely_are_two_markers():
    free = linked_family(0.5)
    apart = power(FAMILY, LOCI[:2], free.calls, "missing")

    found = of_tables(tuple(free.loci), free.tables("missing"))

    assert found.markers == ("A+B",)
    assert found.mean_if_related == pytest.approx(apart.mean_if_related, rel=1e-9)
    assert found.reaching(0.5)[0] <= apart.reaching(0.5)[1]
    assert found.reaching(0.5)[1] >= apart.reaching(0.5)[0]


def test_two_markers_that_never_recombine_spread_the_ratio_of_a_sib_wider():
    close = linked_family(0.0)

    found = of_tables(tuple(close.loci), close.tables("missing"))

    apart = power(FAMILY, LOCI[:2], close.calls, "missing")
    assert found.mean_if_related > apart.mean_if_related
    assert float(found.of_marker[0].unrelated @ found.of_marker[0].ratio) == pytest.approx(1, rel=1e-9)


def test_with_co_ancestry_someone_unrelated_is_of_the_same_people():
    found = power(FAMILY, LOCI, CALLS, "missing", theta=0.03)

    for of in found.of_marker:
        assert of.unrelated @ of.ratio == pytest.approx(1, rel=1e-12)
    assert found.mean_if_related < power(FAMILY, LOCI, CALLS, "missing").mean_if_related
