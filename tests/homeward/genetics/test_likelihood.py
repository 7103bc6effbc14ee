"""The likelihood of a family at one marker: by hand, by enumeration, and what must hold of any family."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeward.errors import NotFound, TooLarge
from homeward.genetics.likelihood import joint_genotypes, log_likelihood, scaled_joint
from homeward.genetics.locus import Locus, with_silent
from homeward.genetics.observation import ErrorModel, Observation, observation_row, observed
from homeward.programme import Member, MutationKind, Pedigree
from tests.homeward.genetics.kin import calls, enumerated, family, loci, locus, observations, pedigrees, uncertain

any_family = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
P, Q, R = 0.1, 0.3, 0.6
THREE = locus({"8": P, "9": Q, "10": R})


def probability(pedigree: Pedigree, at: Locus, seen: Mapping[str, Observation], *, prune: bool = False) -> float:
    return math.exp(log_likelihood(pedigree, at, seen, prune=prune))


def test_child_of_homozygous_father_and_heterozygous_mother() -> None:
    # father 8/8, mother 8/9, child 8/8: founders, then one transmission of her 8
    expected = P**2 * 2 * P * Q * 0.5
    trio = family("child: father mother")
    assert probability(trio, THREE, calls(father="8/8", mother="8/9", child="8/8")) == pytest.approx(
        expected, rel=1e-14
    )


def test_two_sisters_of_untyped_parents() -> None:
    # both 8/9: two pairs of alleles by descent 1/4, one 1/2, none 1/4 (P(8/9 | one shared) = (p + q)/2)
    expected = 2 * P * Q * (1 / 4 + 1 / 2 * (P + Q) / 2 + 1 / 4 * 2 * P * Q)
    sisters = family("a: father mother; b: father mother")
    assert probability(sisters, THREE, calls(a="8/9", b="8/9")) == pytest.approx(expected, rel=1e-14)


def test_an_inbred_child_is_more_often_homozygous() -> None:
    # child of full siblings: inbreeding coefficient 1/4, so P(8/8) = p^2 + p(1 - p)/4
    inbred = family("a: father mother; b: father mother; child: a b")
    assert probability(inbred, THREE, calls(child="8/8")) == pytest.approx(P**2 + P * (1 - P) / 4, rel=1e-14)


def test_a_partial_call_stands_for_every_genotype_with_its_allele() -> None:
    assert probability(family("a:"), THREE, calls(a="8/?")) == pytest.approx(P * (2 - P), rel=1e-14)
    assert probability(family("a:"), THREE, calls(a="?/?")) == 1


def test_a_mutation_that_is_needed_costs_its_probability() -> None:
    # father 8/8, child 9/9: mutation of 8 to 9 (rate .004 over two other alleles), then 9 from an unknown mother
    at = locus({"8": P, "9": Q, "10": R}, MutationKind.EQUAL, female=0.0, male=0.004)
    assert probability(family("child: father -"), at, calls(father="8/8", child="9/9")) == pytest.approx(
        P**2 * 0.002 * Q, rel=1e-13
    )


def test_an_untyped_parent_is_kept_or_pruned_as_asked() -> None:
    # Familias draws the maternal allele from the population, pedprobr from the mother's two by mutation
    at = locus({"8": P, "9": 1 - P}, MutationKind.EQUAL, female=0.01, male=0.0)
    observed = calls(father="9/9", child="9/8")
    kept = (1 - P) ** 2 * (P * 0.99 + (1 - P) * 0.01)
    pruned = (1 - P) ** 2 * P
    assert probability(family("child: father mother"), at, observed) == pytest.approx(kept, rel=1e-13)
    assert probability(family("child: father mother"), at, observed, prune=True) == pytest.approx(pruned, rel=1e-13)
    assert probability(family("child: father -"), at, observed) == pytest.approx(kept, rel=1e-13)


def test_identical_twins_have_one_genotype() -> None:
    twins = family("a: father mother; b = a; child: b wife")
    alone = family("a: father mother; child: a wife")
    observed = calls(a="8/9", child="9/10", father="8/10")
    assert probability(twins, THREE, {**observed, "b": ("9", "8")}) == pytest.approx(
        probability(alone, THREE, observed), rel=1e-14
    )
    assert log_likelihood(twins, THREE, {**observed, "b": ("9", "9")}) == -math.inf


def test_calls_that_contradict_the_pedigree_have_no_probability() -> None:
    assert log_likelihood(family("child: father mother"), THREE, calls(father="8/8", child="9/10")) == -math.inf


def test_frequencies_within_the_tolerance_are_used_as_given() -> None:
    # 0.99995: the child's paternal 9 has the stated frequency, whatever the untyped father's other allele is
    at = locus({"8": 0.4, "9": 0.59995})
    duo = family("child: father mother")
    assert probability(duo, at, calls(mother="8/8", child="8/9")) == pytest.approx(0.4**2 * 0.59995, rel=1e-14)
    assert probability(duo, at, calls(child="8/9")) == pytest.approx(2 * 0.4 * 0.59995, rel=1e-14)
    over = locus({"8": 0.4, "9": 0.60005})
    assert probability(duo, over, calls(child="8/9")) == pytest.approx(2 * 0.4 * 0.60005, rel=1e-14)


def test_an_unknown_allele_or_person_is_named() -> None:
    with pytest.raises(NotFound, match=r"allele 17 .* 'nowhere'"):
        log_likelihood(family("a:"), Locus(**{**vars_of(THREE), "population": "nowhere"}), calls(a="8/17"))
    with pytest.raises(NotFound, match="no member ghost"):
        log_likelihood(family("a:"), THREE, calls(ghost="8/8"))
    with pytest.raises(NotFound, match="no member ghost"):
        joint_genotypes(family("a:"), THREE, {}, "ghost")


def vars_of(at: Locus) -> dict[str, object]:
    return {"marker": at.marker, "alleles": at.alleles, "frequencies": at.frequencies}


def test_a_family_of_hundreds_does_not_underflow() -> None:
    # both parents 8/9: each of 600 children 8/9 has probability 1/2
    size = 600
    large = family("; ".join(f"c{i}: father mother" for i in range(size)))
    observed = calls(father="8/9", mother="8/9") | {f"c{i}": ("8", "9") for i in range(size)}
    expected = 2 * math.log(2 * P * Q) + size * math.log(0.5)
    assert log_likelihood(large, THREE, observed) == pytest.approx(expected, rel=1e-13)
    values, log_scale = scaled_joint(large, THREE, observed, "c0")
    assert math.log(values.sum()) + log_scale == pytest.approx(expected, rel=1e-13)


def test_a_large_sibship_at_a_marker_of_thirty_alleles_is_no_burden() -> None:
    rng = np.random.default_rng(5)
    p = rng.dirichlet(np.full(30, 3.0))
    at = locus(
        dict(zip([str(size) for size in range(5, 35)], p, strict=True)), MutationKind.STEPWISE, female=0.001, male=0.002
    )
    sibs = family("; ".join(f"s{i}: father mother" for i in range(7)))
    observed = {f"s{i}": (str(10 + i % 2), str(14 + i % 3)) for i in range(6)}
    started = time.perf_counter()
    joint = joint_genotypes(sibs, at, observed, "s6")
    assert time.perf_counter() - started < 2
    assert math.log(joint.sum()) == pytest.approx(log_likelihood(sibs, at, observed), rel=1e-13)


def test_what_does_not_fit_into_memory_is_refused_with_its_size() -> None:
    # five generations in which everyone is a child of two of the same ten people of the generation before
    rows = [f"g{g}c{i}: g{g - 1}c{i} g{g - 1}c{(i + 3) % 10}" for g in range(1, 6) for i in range(10)]
    wide = locus({str(size): 1 / 40 for size in range(40)}, MutationKind.EQUAL, female=0.01, male=0.01)
    observed = {f"g5c{i}": ("1", "2") for i in range(10)}
    with pytest.raises(TooLarge, match="numbers, above"):
        log_likelihood(family("; ".join(rows)), wide, observed)


@any_family
@given(st.data())
def test_any_family_has_the_probability_that_enumeration_finds(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees(largest=5)), data.draw(loci(largest=2))
    observed = data.draw(observations(pedigree, at))
    assert probability(pedigree, at, observed) == pytest.approx(enumerated(pedigree, at, observed), rel=1e-12, abs=0)


@settings(any_family, max_examples=80)
@given(st.data())
def test_a_family_seen_with_errors_and_silent_alleles_has_the_probability_that_enumeration_finds(
    data: st.DataObject,
) -> None:
    pedigree, at = data.draw(pedigrees(largest=5)), data.draw(loci(largest=2, silent=True))
    seen = data.draw(uncertain(pedigree, at))
    assert probability(pedigree, at, seen) == pytest.approx(enumerated(pedigree, at, seen), rel=1e-12, abs=0)


def test_a_father_and_his_child_of_whom_an_allele_may_be_lost() -> None:
    # seen: father 8/9, child 9/9 where each copy of the child's is lost with probability d.
    # He passes 8 or 9; her allele is 8, 9 or 10. 9/9 is seen of 9/9 with 1 - d^2, of 9/x with d(1 - d), else not.
    d = 0.2
    child = 0.5 * (Q * d * (1 - d)) + 0.5 * (Q * (1 - d**2) + (1 - Q) * d * (1 - d))
    seen = calls(father="8/9") | {"child": observed(("9", "9"), ErrorModel(dropout=d))}
    assert probability(family("child: father -"), THREE, seen) == pytest.approx(2 * P * Q * child, rel=1e-14)


def test_a_father_and_his_child_with_different_homozygous_calls_share_a_silent_allele() -> None:
    # father 8/8 or 8/silent, child 9/9 or 9/silent: he passes the silent one, she is 9 from the population
    at = with_silent(THREE, 0.05)
    p, q = 0.95 * P, 0.95 * Q
    found = probability(family("child: father -"), at, calls(father="8/8", child="9/9"))
    assert found == pytest.approx(2 * p * 0.05 * 0.5 * q, rel=1e-13)


def test_nobody_can_have_been_seen_so() -> None:
    seen = {
        "child": observed(("8", "9"), ErrorModel(dropout=0.1)),
        "twin": observed(("10", "10"), ErrorModel(dropout=0.1)),
    }
    assert probability(family("child: f m; twin = child"), THREE, seen) == 0


@settings(any_family, max_examples=25)
@given(st.data())
def test_the_genotypes_of_a_member_have_the_probabilities_that_enumeration_finds(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees(largest=4)), data.draw(loci(largest=3))
    observed = data.draw(observations(pedigree, at))
    member = data.draw(st.sampled_from(pedigree.members)).member_id
    free = {person: call for person, call in observed.items() if person != member}
    joint = joint_genotypes(pedigree, at, free, member)
    for (a, b), found in zip(at.genotypes, joint, strict=True):
        expected = enumerated(pedigree, at, {**free, member: (at.alleles[a], at.alleles[b])})
        assert found == pytest.approx(expected, rel=1e-12, abs=0)


@any_family
@given(st.data())
def test_names_and_order_of_members_change_nothing(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees()), data.draw(loci())
    observed = data.draw(observations(pedigree, at))
    new = {
        m.member_id: f"x{name}" for m, name in zip(pedigree.members, data.draw(st.permutations(range(6))), strict=False)
    }
    renamed = [
        Member(
            family_id="F",
            member_id=new[m.member_id],
            father_id=new.get(m.father_id, ""),
            mother_id=new.get(m.mother_id, ""),
            twin_of=new.get(m.twin_of, ""),
        )
        for m in pedigree.members
    ]
    shuffled = Pedigree(family_id="F", members=tuple(data.draw(st.permutations(renamed))))
    moved = {new[person]: call[::-1] for person, call in observed.items()}
    for prune in (False, True):
        before = probability(pedigree, at, observed, prune=prune)
        assert probability(shuffled, at, moved, prune=prune) == pytest.approx(before, rel=1e-12, abs=0)


@any_family
@given(st.data())
def test_names_of_alleles_change_nothing_where_size_does_not_matter(data: st.DataObject) -> None:
    nameless = [MutationKind.NONE, MutationKind.EQUAL, MutationKind.PROPORTIONAL]
    pedigree, at = data.draw(pedigrees()), data.draw(loci(models=nameless))
    observed = data.draw(observations(pedigree, at))
    order = data.draw(st.permutations(range(len(at.alleles))))
    turned = Locus(
        marker="L",
        alleles=tuple(f"a{at.alleles[i]}" for i in order),
        frequencies=at.frequencies[order],
        female=None if at.female is None else at.female[np.ix_(order, order)],
        male=None if at.male is None else at.male[np.ix_(order, order)],
    )
    renamed = {p: tuple(a if a == "?" else f"a{a}" for a in call) for p, call in observed.items()}
    before = probability(pedigree, at, observed)
    assert probability(pedigree, turned, renamed) == pytest.approx(before, rel=1e-12, abs=0)  # type: ignore[arg-type]


@any_family
@given(st.data())
def test_an_untyped_child_changes_nothing(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees()), data.draw(loci())
    observed = data.draw(observations(pedigree, at))
    parent = data.draw(st.sampled_from(pedigree.members)).member_id
    more = (*pedigree.members, Member(family_id="F", member_id="new", mother_id=parent))
    larger = Pedigree(family_id="F", members=more)
    before = probability(pedigree, at, observed)
    assert probability(larger, at, observed) == pytest.approx(before, rel=1e-12, abs=0)


def test_an_untyped_parent_on_both_sides_is_not_pruned() -> None:
    twins = (Member(family_id="F", member_id="one"), Member(family_id="F", member_id="other", twin_of="one"))
    child = Member(family_id="F", member_id="child", father_id="one", mother_id="other")
    at = Locus(marker="L", alleles=("8", "9"), frequencies=np.array([0.5, 0.5]))
    pedigree = Pedigree(family_id="F", members=(*twins, child))

    found = probability(pedigree, at, {"child": ("8", "8")}, prune=True)

    assert found == pytest.approx(0.5 * 0.5 + 0.5 * 0.25, rel=1e-14)  # inbreeding of one half


@any_family
@given(st.data())
def test_under_a_stationary_model_untyped_ancestors_change_nothing(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees()), data.draw(loci(stationary=True))
    observed = data.draw(observations(pedigree, at))
    founder = next(m for m in pedigree.members if not (m.father_id or m.mother_id))
    raised = Pedigree(
        family_id="F",
        members=(
            Member(family_id="F", member_id="old"),
            *(
                Member(family_id="F", member_id=m.member_id, father_id="old") if m is founder else m
                for m in pedigree.members
            ),
        ),
    )
    before = probability(pedigree, at, observed)
    assert probability(raised, at, observed) == pytest.approx(before, rel=1e-11, abs=0)
    assert probability(raised, at, observed, prune=True) == pytest.approx(before, rel=1e-11, abs=0)


@any_family
@given(st.data())
def test_the_genotypes_of_a_member_add_up_to_the_probability_of_the_calls(data: st.DataObject) -> None:
    pedigree, at = data.draw(pedigrees()), data.draw(loci())
    observed = data.draw(observations(pedigree, at))
    member = data.draw(st.sampled_from(pedigree.members)).member_id
    joint = joint_genotypes(pedigree, at, observed, member)
    assert joint.sum() == pytest.approx(probability(pedigree, at, observed), rel=1e-12, abs=0)
    allowed = observation_row(at, observed.get(member, ("?", "?")))
    assert (joint[allowed == 0] == 0).all()
