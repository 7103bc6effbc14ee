"""The compiled peel beside the plain definition: any tree, any typing, any mutation, kept or pruned."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from homeward.errors import NotFound
from homeward.genetics import _compiled, tables
from homeward.genetics.family import Family
from homeward.genetics.locus import Loci, Locus
from homeward.genetics.observation import Observation, observation_row
from homeward.genetics.scoring import log_lr_matrix
from homeward.genetics.tables import FamilyCalls
from homeward.programme import NOT_OBSERVED, Member, MutationKind, Pedigree
from tests.homeward.genetics.kin import ALLELES, family, loci, locus, observations, pedigrees, uncertain

any_family = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
tables_model = MutationKind.STEPWISE


@st.composite
def trees(draw: st.DrawFn, *, largest: int = 10) -> Pedigree:
    """Families that mostly have no loop: whoever marries is new, couples have several children, some marry twice."""
    members: list[Member] = [Member(family_id="F", member_id="p0")]
    couples: list[tuple[str, str]] = []
    for number in range(1, draw(st.integers(1, largest))):
        name = f"p{number}"
        kind = draw(st.sampled_from(["child of a couple", "child of one", "parents of a founder", "twin"]))
        if kind == "child of a couple" and couples:
            father, mother = draw(st.sampled_from(couples))
            members.append(Member(family_id="F", member_id=name, father_id=father, mother_id=mother))
        elif kind == "twin" and members[-1].father_id and not members[-1].twin_of:
            last = members[-1]
            members.append(
                Member(
                    family_id="F",
                    member_id=name,
                    father_id=last.father_id,
                    mother_id=last.mother_id,
                    twin_of=last.member_id,
                )
            )
        else:
            parent = draw(st.sampled_from(members)).member_id
            spouse = f"{name} spouse"
            members.append(Member(family_id="F", member_id=spouse))
            couples.append((parent, spouse) if draw(st.booleans()) else (spouse, parent))
            members.append(Member(family_id="F", member_id=name, father_id=couples[-1][0], mother_id=couples[-1][1]))
    return Pedigree(family_id="F", members=tuple(members))


@st.composite
def cases(draw: st.DrawFn, *, errors: bool = False) -> tuple[Pedigree, list[Locus], FamilyCalls, str, bool]:
    pedigree = draw(trees())
    chosen = [draw(loci(largest=5, silent=errors)), draw(loci(largest=3, silent=errors))]
    named = [scaled(a, draw(scales), f"M{i}") for i, a in enumerate(chosen)]
    observed: dict[str, dict[str, Observation]] = {}
    for at in named:
        for person, call in draw(uncertain(pedigree, at) if errors else observations(pedigree, at)).items():
            observed.setdefault(person, {})[at.marker] = call
    member = draw(st.sampled_from(pedigree.members)).member_id
    return pedigree, named, observed, member, draw(st.booleans())


def scaled(at: Locus, scale: float, marker: str) -> Locus:
    return replace(at, marker=marker, frequencies=at.frequencies * scale, silent=at.silent * scale)


scales = st.sampled_from([1.0, 1 - 5e-5, 1 + 5e-5])  # tables are used as given when they nearly sum to one


def assert_same(compiled: tables.FamilyTables, plain: tables.FamilyTables, rtol: float = 1e-12) -> None:
    for one, other in zip(compiled.ratios, plain.ratios, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=0)
    np.testing.assert_allclose(compiled.log_likelihood, plain.log_likelihood, rtol=rtol, atol=rtol)


@any_family
@given(cases())
def test_the_compiled_peel_agrees_with_variable_elimination(case):
    pedigree, at, observed, member, prune = case
    compiled = _compiled.family_tables(pedigree, at, observed, member, prune=prune)
    assume(compiled is not None)
    assert_same(compiled, tables.family_tables(pedigree, at, observed, member, prune=prune, engine="plain"))


@any_family
@given(cases(errors=True))
def test_with_errors_and_silent_alleles_too(case):
    pedigree, at, observed, member, prune = case
    compiled = _compiled.family_tables(pedigree, at, observed, member, prune=prune)
    assume(compiled is not None)
    assert_same(compiled, tables.family_tables(pedigree, at, observed, member, prune=prune, engine="plain"), rtol=1e-11)


@settings(any_family, max_examples=60)
@given(cases(errors=True), st.data())
def test_rows_of_observations_with_errors_agree_with_the_plain_ones(case, data):
    pedigree, at, observed, member, prune = case
    loci = Loci(population="", by_marker={locus.marker: locus for locus in at})
    missing = tuple(replace(m, person_id=m.member_id) for m in pedigree.members if m.member_id == member)
    of = Family(pedigree=pedigree, loci=loci, calls=observed, slots=missing, prune=prune)
    nobody = Pedigree(family_id="R", members=tuple(Member(family_id="R", member_id=f"R{i}") for i in range(3)))
    remains = [{} for _ in range(3)]
    for of_marker in at:
        for name, call in data.draw(uncertain(nobody, of_marker)).items():
            assume(observation_row(of_marker, call).any())
            remains[int(name[1:])][of_marker.marker] = call
    plain = log_lr_matrix([of], remains, engine="plain")
    compiled = log_lr_matrix([of], remains, engine="compiled")
    np.testing.assert_allclose(compiled.log_lr, plain.log_lr, rtol=1e-10, atol=1e-10)


@settings(any_family, max_examples=60)
@given(cases(), st.data())
def test_tables_of_a_second_missing_agree_with_variable_elimination(case, data):
    pedigree, at, observed, second, prune = case
    first = data.draw(st.sampled_from(pedigree.members)).member_id
    assume(first != second)
    calls = [
        data.draw(
            st.lists(st.tuples(st.sampled_from(a.alleles), st.sampled_from([*a.alleles, NOT_OBSERVED])), max_size=3)
        )
        for a in at
    ]
    compiled = _compiled.joint_tables(pedigree, at, observed, first, second, calls, prune=prune)
    assume(compiled is not None)
    plain = tables.joint_tables(pedigree, at, observed, first, second, calls, prune=prune, engine="plain")
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=0)


@settings(any_family, max_examples=60)
@given(cases(errors=True), st.data())
def test_tables_of_a_second_missing_whose_brother_was_seen_with_errors(case, data):
    pedigree, at, observed, second, prune = case
    first = data.draw(st.sampled_from(pedigree.members)).member_id
    assume(first != second)
    alone = Pedigree(family_id="R", members=(Member(family_id="R", member_id="R"),))
    calls = [list(data.draw(uncertain(alone, a)).values()) for a in at]
    compiled = _compiled.joint_tables(pedigree, at, observed, first, second, calls, prune=prune)
    assume(compiled is not None)
    plain = tables.joint_tables(pedigree, at, observed, first, second, calls, prune=prune, engine="plain")
    for one, other in zip(compiled, plain, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-11, atol=0)


@settings(any_family, max_examples=60)
@given(pedigrees(), st.data())
def test_a_family_with_a_loop_is_left_to_the_plain_way_and_every_other_is_not(pedigree, data):
    at = [data.draw(loci())]
    observed = {person: {at[0].marker: call} for person, call in data.draw(observations(pedigree, at[0])).items()}
    member = data.draw(st.sampled_from(pedigree.members)).member_id
    both_ways = tables.family_tables(pedigree, at, observed, member, engine="compiled")
    assert_same(both_ways, tables.family_tables(pedigree, at, observed, member, engine="plain"))


WIDE = locus({allele: 1 / len(ALLELES) for allele in ALLELES})
LOOP = "a: f m; b: f m; c: a b"


def test_a_child_of_siblings_closes_a_loop():
    assert _compiled.family_tables(family(LOOP), [WIDE], {"f": {"L": ("8", "9")}}, "c") is None


def test_a_father_favours_children_who_have_his_allele():
    p, q = 0.1, 0.9  # father 1/2: a child 1/1 needs his 1, 1/2 over p; 2/2 likewise; 1/2 either way
    at = locus({"1": p, "2": q})
    found = _compiled.family_tables(family("child: father -"), [at], {"father": {"L": ("1", "2")}}, "child")
    assert found.ratios[0] == pytest.approx([1 / (2 * p), (p + q) / (4 * p * q), 1 / (2 * q)], rel=1e-15)
    assert found.log_likelihood[0] == pytest.approx(math.log(2 * p * q), rel=1e-15)


MANY_SIBS = "; ".join(f"s{i}: f m" for i in range(9))


@pytest.mark.parametrize(
    ("text", "typed", "member"),
    [
        (MANY_SIBS, [f"s{i}" for i in range(8)], "s8"),  # more phases than genotypes: parent by parent
        (MANY_SIBS, [f"s{i}" for i in range(8)], "f"),
        (MANY_SIBS, [f"s{i}" for i in range(8)], "m"),
        ("x: f m; a: f m; b: f m; c: f m; aa: a h; ab: a h; ba: b i; bb: b i; ca: c j; cb: c j",
         ["aa", "ab", "ba", "bb", "ca", "cb"], "x"),  # three brothers known from their children only
        ("x: f m; a: f m; b: f m; aa: a h; ab: a h; ba: b i; bb: b i", ["aa", "ab", "ba", "bb"], "f"),
        ("x: f m; y: f n; z: g m; w: x v; u: x v; t: x r", ["y", "z", "w", "u", "t", "m"], "x"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [["9", "10"], ["9", "9"], ["9", NOT_OBSERVED]])
def test_large_sibships_and_second_marriages_agree_with_variable_elimination(text, typed, member, kind):
    at = [locus({"8": 0.1, "9": 0.2, "9.3": 0.25, "10": 0.45}, tables_model, female=0.01, male=0.02)]
    alternating = [(kind[0], kind[1]), ("8", "9"), ("8", NOT_OBSERVED), ("9.3", "10")]
    observed = {person: {"L": alternating[i % 4]} for i, person in enumerate(typed)}
    compiled = _compiled.family_tables(family(text), at, observed, member)
    assert_same(compiled, tables.family_tables(family(text), at, observed, member, engine="plain"))


def test_a_family_of_two_hundred_does_not_underflow():
    at = locus(dict.fromkeys(ALLELES, 0.2), tables_model, female=0.001, male=0.001)
    text = "; ".join(f"c{i}: f{i} m; g{i}: c{i} h{i}" for i in range(100))
    observed = {f"g{i}": {"L": ("8", "11")} for i in range(100)} | {f"c{i}": {"L": ("9", "9")} for i in range(100)}
    compiled = _compiled.family_tables(family(text), [at], observed, "m")
    assert compiled.log_likelihood[0] < -700  # exp of it is no longer a number
    # the children know their mother only by what each got: independent given her
    one = _compiled.family_tables(
        family("c: f m; g: c h"), [at], {"g": {"L": ("8", "11")}, "c": {"L": ("9", "9")}}, "m"
    )
    powered = one.ratios[0] ** 100
    expected = powered / (powered @ at.population_genotypes)
    np.testing.assert_allclose(compiled.ratios[0], expected, rtol=1e-10, atol=1e-280)  # a hundred times the rounding


def test_calls_that_contradict_the_pedigree_have_no_probability():
    found = _compiled.family_tables(family("c: f m"), [WIDE], {"f": {"L": ("8", "8")}, "c": {"L": ("9", "9")}}, "m")
    assert found.log_likelihood[0] == -math.inf
    assert (found.ratios[0] == 1).all()


def test_twins_with_unequal_calls_contradict_each_other_and_partial_calls_complete_each_other():
    twins = family("x: f m; y: f m; z = y")
    unequal = {"y": {"L": ("8", "8")}, "z": {"L": ("9", "9")}}
    assert _compiled.family_tables(twins, [WIDE], unequal, "x").log_likelihood[0] == -math.inf
    halves = _compiled.family_tables(twins, [WIDE], {"y": {"L": ("8", "?")}, "z": {"L": ("?", "9")}}, "x")
    whole = _compiled.family_tables(twins, [WIDE], {"y": {"L": ("8", "9")}}, "x")
    assert_same(halves, whole)


def test_in_laws_say_nothing():
    found = _compiled.family_tables(family("c: x wife"), [WIDE], {"wife": {"L": ("8", "9")}}, "x")
    assert (found.ratios[0] == 1).all()


def test_an_allele_without_frequency_is_refused():
    with pytest.raises(NotFound, match="allele 17"):
        _compiled.family_tables(family("c: f m"), [WIDE], {"f": {"L": ("17", "8")}}, "c")


def test_the_same_question_has_the_same_digits_however_many_are_asked_together():
    pedigree = family("x: f m; y: f m; z: f m")
    at = [locus({"8": 0.2, "9": 0.3, "10": 0.5}, tables_model, female=0.01, male=0.02)]
    observed = {"y": {"L": ("8", "9")}, "z": {"L": ("9", "10")}}
    first = _compiled.family_tables(pedigree, at, observed, "x").ratios[0]
    assert (_compiled.family_tables(pedigree, at, observed, "x").ratios[0] == first).all()
