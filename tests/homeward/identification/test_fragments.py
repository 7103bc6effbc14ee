"""Several remains that may be one person, against a list of every way to put them together."""

from __future__ import annotations

import dataclasses
import importlib.util
import math
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import norm

from homeward.errors import Impossible, Nonsense
from homeward.identification import fragments
from homeward.identification.identify import identify
from homeward.identification.joint import Weights, solve
from homeward.identification.result import Label
from homeward.programme import (
    Decision,
    Member,
    MissingPerson,
    Outcome,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Settings,
    Sex,
)

_spec = importlib.util.spec_from_file_location("enumeration", Path(__file__).parent / "enumeration.py")
assert _spec
assert _spec.loader
enumeration = importlib.util.module_from_spec(_spec)
sys.modules["enumeration"] = enumeration
_spec.loader.exec_module(enumeration)


def test_two_fragments_of_one_person_are_counted_once():
    # one person of weight 0.1 for either; together as him 0.1 x 0.1 x 50, together unlisted 1 x 1 x 0.2
    weights = Weights(
        log_none=np.log([1.0, 1.0, 0.2]), log_slot=np.log([[0.1], [0.1], [0.5]]), units=((0,), (1,), (0, 1))
    )
    # apart: none 1, either 0.1 + 0.1; together: none 0.2, him 0.5
    total = 1 + 0.2 + 0.2 + 0.5
    found = solve(weights)
    assert_allclose(found.slot[:, 0], [0.6 / total] * 2, rtol=1e-13)
    assert_allclose(found.unit_none, [1.1 / total, 1.1 / total, 0.2 / total], rtol=1e-13)
    assert found.log_total == pytest.approx(math.log(total), abs=1e-13)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31), remains=st.integers(1, 4), slots=st.integers(1, 4))
def test_sums_agree_with_a_list_of_every_way_to_put_fragments_together(seed, remains, slots):
    weights = enumeration.drawn_units(seed, remains=remains, slots=slots)
    expected = enumeration.enumerate_units(weights)
    if expected.log_total == -math.inf:
        with pytest.raises(Impossible):
            solve(weights)
        return
    found = solve(weights)
    assert set(found.labels) == {Label.EXACT}
    assert_allclose(found.slot, expected.slot, rtol=1e-11, atol=1e-13)
    assert_allclose(found.none, expected.none, rtol=1e-11, atol=1e-13)
    assert found.log_total == pytest.approx(expected.log_total, abs=1e-12)
    if len(expected.assignments) <= 40:
        listed = [w for w, _ in found.assignments]
        assert_allclose(listed, [w for w, _ in expected.assignments], atol=1e-10)


def test_samples_of_fragments_lie_within_their_standard_errors(monkeypatch):
    monkeypatch.setattr(fragments, "_affordable", lambda groups: False)
    monkeypatch.setattr(fragments, "MOST_UPDATES", 8_000)
    ratios = []
    for seed in range(12):
        weights = enumeration.drawn_units(seed, remains=3, slots=3)
        expected = enumeration.enumerate_units(weights)
        if expected.log_total == -math.inf:
            continue
        found = solve(weights, seed=seed)
        none = (found.none - expected.none) / np.maximum(found.none_error, 1e-9)
        slot = (found.slot - expected.slot) / np.maximum(found.slot_error, 1e-9)
        ratios += [*none[expected.none > 0], *slot[expected.slot > 0]]
    ratios = np.abs(ratios)
    assert len(ratios) > 60
    assert ratios.max() < norm.isf(0.0025 / len(ratios))


def test_a_unit_whose_parts_are_none_is_refused():
    with pytest.raises(Nonsense):
        solve(Weights(log_none=np.zeros(2), log_slot=np.zeros((2, 1)), units=((0,), (0, 1))))


def programme(**changes):
    """One man is missing, his father is typed 8/8; two remains show 8/8, of which one person in a hundred is."""
    son = Pedigree(
        family_id="F",
        members=(
            Member(family_id="F", member_id="father", sex=Sex.MALE),
            Member(family_id="F", member_id="son", father_id="father", sex=Sex.MALE, person_id="A"),
        ),
    )
    base = Programme(
        settings=Settings(name="fragments", population="P", fragments=True),
        missing=(MissingPerson(person_id="A"),),
        pedigrees=(son,),
        profiles=tuple(
            Profile(sample_id=f"s-{name}", subject_id=name, calls={"D3S1358": ("8", "8")})
            for name in ("father", "r1", "r2")
        ),
        frequencies={"P": {"D3S1358": {"8": 0.1, "9": 0.9}}},
        remains=(Remains(remains_id="r1"), Remains(remains_id="r2")),
    )
    return dataclasses.replace(base, **changes)


def test_a_genotype_seen_in_two_fragments_counts_once():
    # LR of each 1 / .1 = 10, prior .5 each. Apart: none .5 x .5, one of the two 2 x .5 x 10 x .5. As one person the
    # genotype, of .01, counts once: x 100; he is A: .5 x .5 x 10 x 100, or one unlisted: .5 x .5 x 100
    total = 0.25 + 5 + 250 + 25
    found = identify(programme())
    row = {c.hypothesis: c.posterior for c in found.candidates if c.remains_id == "r1"}
    assert row["A"] == pytest.approx(252.5 / total, rel=1e-12)
    assert row["not_listed"] == pytest.approx(27.75 / total, rel=1e-12)
    assert found.log10_evidence == pytest.approx(math.log10(total), abs=1e-12)


def test_without_fragments_a_person_is_one_of_the_remains():
    alone = programme(settings=Settings(name="fragments", population="P"))
    found = identify(alone)
    row = {c.hypothesis: c.posterior for c in found.candidates if c.remains_id == "r1"}
    assert row["A"] == pytest.approx(2.5 / 5.25, rel=1e-12)


def test_remains_that_exclude_each_other_are_never_one_person():
    other = Profile(sample_id="s-r2", subject_id="r2", calls={"D3S1358": ("8", "9")})
    profiles = (*programme().profiles[:2], other)
    with_fragments, without = (
        identify(programme(profiles=profiles, settings=Settings(name="x", population="P", fragments=fragments)))
        for fragments in (True, False)
    )
    assert_allclose(with_fragments.pairs.posterior, without.pairs.posterior, rtol=1e-12)


def test_both_fragments_may_be_decided_to_be_one_person():
    decided = tuple(Decision(remains_id=name, about="A", outcome=Outcome.IDENTIFIED) for name in ("r1", "r2"))
    found = identify(programme(decisions=decided))
    assert {c.posterior for c in found.candidates if c.hypothesis == "A"} == {1.0}
