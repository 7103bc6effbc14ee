"""Two linked markers: by hand, by going through every meiosis, and what must hold of any family."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeward.errors import Nonsense, TooLarge
from homeward.genetics import likelihood
from homeward.genetics.family import Family
from homeward.genetics.linked import Pair, log_likelihood, pair_ratio, scaled_joint
from homeward.genetics.locus import Loci, Locus
from homeward.genetics.scoring import log_lr_by_marker, log_lr_matrix
from homeward.programme import NOT_OBSERVED, Call, Member, MutationKind, Pedigree, Sex
from tests.homeward.genetics.kin import calls, family, in_order, loci, locus, observations, pedigrees, with_founders

any_family = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
P, Q = 0.1, 0.3
ONE = replace(locus({"8": P, "9": 1 - P}), marker="A")
OTHER = replace(locus({"5": Q, "6": 1 - Q}), marker="B")
rhos = st.sampled_from([0.0, 0.01, 0.2, 0.5])


def both(first: Mapping[str, Call], second: Mapping[str, Call]) -> tuple[Mapping[str, Call], Mapping[str, Call]]:
    return first, second


def probability(pedigree: Pedigree, rho: float, observed: tuple[Mapping[str, Call], Mapping[str, Call]]) -> float:
    return math.exp(log_likelihood(pedigree, Pair(ONE, OTHER, rho), observed))


@pytest.mark.parametrize("rho", [0.0, 0.1, 0.5])
def test_a_grandfather_is_seen_at_both_markers_or_at_neither(rho: float) -> None:
    # grandfather 8/8 and 5/5, the parents between untyped, grandchild 8/9 and 5/6. The father gives him both of the
    # grandfather's with (1 - rho)/2, one of them with rho, none with (1 - rho)/2; what is not the grandfather's is
    # of the population, as is the mother's half
    rest = {True: 1 - P, False: 2 * P * (1 - P)}  # the 8/9 with an 8 that is his, and without
    other = {True: 1 - Q, False: 2 * Q * (1 - Q)}
    expected = (1 - rho) / 2 * rest[True] * other[True] + (1 - rho) / 2 * rest[False] * other[False]
    expected += rho / 2 * (rest[True] * other[False] + rest[False] * other[True])
    line = family("father: grandfather grandmother; child: father mother")
    observed = both(calls(grandfather="8/8", child="8/9"), calls(grandfather="5/5", child="5/6"))
    assert probability(line, rho, observed) == pytest.approx(P**2 * Q**2 * expected, rel=1e-13)


@pytest.mark.parametrize("rho", [0.0, 0.1, 0.5])
def test_the_phase_of_a_parent_shows_in_two_children(rho: float) -> None:
    # mother 8/9 and 5/6, father 8/8 and 5/5; children get 8 and 5 of her twice: with either phase
    # ((1 - rho)/2)^2 or (rho/2)^2, half each
    expected = ((1 - rho) / 2) ** 2 / 2 + (rho / 2) ** 2 / 2
    founders = P**2 * Q**2 * 2 * P * (1 - P) * 2 * Q * (1 - Q)
    sibs = family("a: father mother; b: father mother")
    observed = both(
        calls(father="8/8", mother="8/9", a="8/8", b="8/8"), calls(father="5/5", mother="5/6", a="5/5", b="5/5")
    )
    assert probability(sibs, rho, observed) == pytest.approx(founders * expected, rel=1e-13)


@pytest.mark.parametrize(
    ("pair", "reason"),
    [
        (Pair(ONE, OTHER, 0.6), "rho is 0.6"),
        (Pair(ONE, replace(OTHER, x_linked=True), 0.1), "not two of one chromosome"),
        (Pair(ONE, ONE, 0.1), "not two of one chromosome"),
    ],
)
def test_markers_that_cannot_be_linked_are_refused(pair: Pair, reason: str) -> None:
    with pytest.raises(Nonsense, match=reason):
        log_likelihood(family("a:"), pair, ({}, {}))


def test_a_pair_that_ties_too_much_together_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("homeward.genetics.linked.LARGEST", 0)
    with pytest.raises(TooLarge, match="markers A and B: the pedigree ties together"):
        probability(family("a: father mother"), 0.1, both(calls(a="8/9"), calls(a="5/?")))


def enumerated(pedigree: Pedigree, pair: Pair, observed: tuple[Mapping[str, Call], Mapping[str, Call]]) -> float:
    """P(calls at both) by going through every founder's alleles and every meiosis at both markers."""
    people = in_order(with_founders(pedigree))
    at = (pair.first, pair.second)
    known = likelihood.sexes(Pedigree(family_id="F", members=tuple(people)))
    men = {person for person, sex in known.items() if pair.first.x_linked and sex is Sex.MALE}

    def shown(person: str, genotype: tuple[tuple[int, int], tuple[int, int]]) -> bool:
        for place, of in enumerate(observed):
            names = [at[place].alleles[side[place]] for side in genotype]
            wanted = [allele for allele in of.get(person, ()) if allele != NOT_OBSERVED]
            if person in men:
                if not {*wanted} <= {names[1]}:
                    return False
                continue
            for allele in wanted:
                if allele not in names:
                    return False
                names.remove(allele)
        return True

    def gametes(member: Member, side: int, state: Mapping[str, tuple[tuple[int, int], tuple[int, int]]]):  # type: ignore[no-untyped-def]
        """Each pair of alleles that a parent may give, with its chance; a founder's is of the population."""
        parent = (member.father_id, member.mother_id)[side]
        for alleles in itertools.product(*(range(len(of.alleles)) for of in at)):
            if not parent:
                yield alleles, float(np.prod([at[k].frequencies[a] for k, a in enumerate(alleles)]))
                continue
            chance = 0.0
            for sides in itertools.product((0, 1), repeat=2):
                alike = sides[0] == sides[1]
                weight = ((1 - pair.rho) if alike else pair.rho) / 2
                if parent in men:  # one haplotype, passed on whole
                    weight = 1.0 if sides == (1, 1) else 0.0
                for k, received in enumerate(alleles):
                    matrix = (at[k].male, at[k].female)[side]
                    given_allele = state[parent][sides[k]][k]
                    weight *= (
                        float(given_allele == received) if matrix is None else float(matrix[given_allele, received])
                    )
                chance += weight
            yield alleles, chance

    def total(place: int, state: dict[str, tuple[tuple[int, int], tuple[int, int]]]) -> float:
        if place == len(people):
            return 1.0
        member = people[place]
        if member.twin_of:
            genotype = state[member.twin_of]
            return total(place + 1, {**state, member.member_id: genotype}) if shown(member.member_id, genotype) else 0.0
        summed = 0.0
        paternal = [(None, 1.0)] if member.member_id in men else list(gametes(member, 0, state))
        for (one, p), (other, q) in itertools.product(paternal, gametes(member, 1, state)):
            genotype = (other if one is None else one, other)
            if p * q and shown(member.member_id, genotype):
                summed += p * q * total(place + 1, {**state, member.member_id: genotype})
        return summed

    return total(0, {})


@st.composite
def two_loci(draw: st.DrawFn) -> tuple[Locus, Locus]:
    x_linked = draw(st.booleans())
    models = [MutationKind.NONE, MutationKind.EQUAL, MutationKind.STEPWISE]
    first, second = (draw(loci(largest=2, models=models, x_linked=x_linked)) for _ in range(2))
    return replace(first, marker="A"), replace(second, marker="B")


@any_family
@given(st.data())
def test_the_sum_is_that_of_going_through_every_meiosis(data: st.DataObject) -> None:
    pedigree = data.draw(pedigrees(largest=4, sexed=True))
    first, second = data.draw(two_loci())
    observed = (data.draw(observations(pedigree, first)), data.draw(observations(pedigree, second)))
    pair = Pair(first, second, data.draw(rhos))
    found = math.exp(log_likelihood(pedigree, pair, observed))
    assert found == pytest.approx(enumerated(pedigree, pair, observed), rel=1e-11, abs=1e-300)


@any_family
@given(st.data())
def test_markers_with_a_rho_of_one_half_are_independent(data: st.DataObject) -> None:
    theta = data.draw(st.sampled_from([0.0, 0.03]))
    # with theta the ways of both markers multiply
    pedigree = data.draw(pedigrees(largest=2 if theta else 5, sexed=True))
    first, second = data.draw(two_loci())
    observed = (data.draw(observations(pedigree, first)), data.draw(observations(pedigree, second)))
    joint = math.exp(log_likelihood(pedigree, Pair(first, second, 0.5), observed, theta=theta))
    apart = math.exp(
        sum(
            likelihood.log_likelihood(pedigree, at, of, theta=theta)
            for at, of in zip((first, second), observed, strict=True)
        )
    )
    assert joint == pytest.approx(apart, rel=1e-11, abs=1e-300)


@any_family
@given(st.data())
def test_genotypes_at_both_sum_to_the_probability_of_the_calls(data: st.DataObject) -> None:
    theta = data.draw(st.sampled_from([0.0, 0.03]))
    pedigree = data.draw(pedigrees(largest=2 if theta else 4, sexed=True))
    first, second = data.draw(two_loci())
    observed = (data.draw(observations(pedigree, first)), data.draw(observations(pedigree, second)))
    pair, member = Pair(first, second, data.draw(rhos)), data.draw(st.sampled_from(pedigree.members)).member_id
    values, log_scale = scaled_joint(pedigree, pair, observed, member, theta=theta)
    whole = math.exp(log_likelihood(pedigree, pair, observed, theta=theta))
    assert float(values.sum()) * math.exp(log_scale) == pytest.approx(whole, rel=1e-11, abs=1e-300)
    table = pair_ratio(pedigree, pair, observed, member, theta=theta)
    assert float((table.ratio * table.unrelated).sum()) == pytest.approx(1, rel=1e-10)


def linked_family(rho: float, *, theta: float = 0.0) -> Family:
    pedigree = family("lost: father mother; sister: father mother; nephew: inlaw sister", missing={"lost": "P1"})
    at = Loci(population="", by_marker={"A": ONE, "B": OTHER, "C": replace(ONE, marker="C")}, linked=(("A", "B", rho),))
    typed: dict[str, dict[str, Call]] = {
        "father": {"A": ("8", "8"), "B": ("5", "5")},
        "inlaw": {"A": ("8", "9"), "B": ("5", "5")},
        "sister": {"A": ("8", "9"), "B": ("5", "6"), "C": ("9", "9")},
        "nephew": {"A": ("8", "8"), "B": ("5", "5")},
    }
    slots = tuple(member for member in pedigree.members if member.person_id)
    return Family(pedigree=pedigree, loci=at, calls=typed, slots=slots, theta=theta)


REMAINS: list[dict[str, Call]] = [
    {"A": ("8", "8"), "B": ("5", "5"), "C": ("9", "9")},
    {"A": ("8", "9")},
    {"B": ("5", "6")},
    {"C": ("8", "9")},
    {},
]


@pytest.mark.parametrize(("engine", "theta"), [("plain", 0.0), ("compiled", 0.0), ("plain", 0.02)])
def test_a_linked_pair_contributes_one_likelihood_ratio_in_place_of_two(engine: str, theta: float) -> None:
    of = linked_family(0.05, theta=theta)
    scores = log_lr_matrix([of], REMAINS, engine=engine)  # type: ignore[arg-type]
    by_marker = log_lr_by_marker(of, "lost", REMAINS)
    for row, observed in enumerate(REMAINS):
        expected = of.log_likelihood({"lost": observed}) - of.unrelated_log_likelihood([(Sex.UNKNOWN, observed)])
        assert scores.log_lr[row, 0] == pytest.approx(expected, abs=1e-12)
        assert by_marker[row].sum() == pytest.approx(expected, abs=1e-12)
    # the one is the sum over genotypes of the member, so rounded in another order
    assert scores.reference_log_likelihood[0] == pytest.approx(of.log_likelihood(), rel=1e-12)


def test_linkage_matters_and_a_rho_of_one_half_does_not() -> None:
    close, far = (log_lr_matrix([linked_family(rho)], REMAINS).log_lr for rho in (0.01, 0.5))
    apart = replace(linked_family(0.5), loci=replace(linked_family(0.5).loci, linked=()))
    np.testing.assert_allclose(far, log_lr_matrix([apart], REMAINS).log_lr, rtol=0, atol=1e-12)
    assert abs(close[0, 0] - far[0, 0]) > 0.05
