"""Identification in blocks of remains, against identification of all at once."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homeward.errors import Impossible, NotFound
from homeward.identification import conclusions, wide
from homeward.identification.identify import identify
from homeward.identification.result import Label
from homeward.programme import OTHER_LISTED, Decision, Outcome, PriorKind
from homeward.simulation import scaled, scenarios, simulate


@pytest.fixture(scope="module")
def programme():
    invented, _ = simulate(scaled(scenarios()["korea"], persons=300), seed=3)
    return invented


@pytest.fixture(scope="module")
def both(programme):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wide, "BLOCK", 1500)  # five of the remains at a time
        patch.setattr(wide, "SCORED", 2400)
        return identify(programme), wide.identify(programme)


def posteriors(result):
    pairs = result.pairs
    return {
        (pairs.remains_ids[r], pairs.hypotheses[h]): (float(p), float(e))
        for r, h, p, e in zip(pairs.remains, pairs.hypothesis, pairs.posterior, pairs.error, strict=True)
    }


def test_every_posterior_told_in_blocks_is_that_of_all_at_once(both):
    whole, blocks = (posteriors(result) for result in both)
    labels = dict(zip(both[1].pairs.remains_ids, both[1].pairs.label, strict=True))
    compared = 0
    for (remains, name), (value, error) in blocks.items():
        if name != OTHER_LISTED and labels[remains] is Label.CERTIFIED:
            expected, theirs = whole[remains, name]
            assert abs(value - expected) <= error + theirs + 1e-9, (remains, name)
            compared += 1
    assert compared > 50


def test_every_row_told_in_blocks_sums_to_one(both):
    pairs = both[1].pairs
    sums = np.bincount(pairs.remains, weights=pairs.posterior)
    np.testing.assert_allclose(sums, 1, atol=1e-9)


def test_blocks_come_to_the_same_conclusions(both):
    whole, blocks = both
    assert [row.remains_id for row in blocks.remains] == [row.remains_id for row in whole.remains]
    assert [row.best.hypothesis for row in blocks.remains] == [row.best.hypothesis for row in whole.remains]
    assert {(u.remains_id, u.person_id, u.step) for u in blocks.undisputed} == {
        (u.remains_id, u.person_id, u.step) for u in whole.undisputed
    }
    assert blocks.families == whole.families
    assert blocks.identical == whole.identical


def test_ratios_told_in_blocks_are_those_of_all_at_once(both):
    (whole, blocks) = (
        {(c.remains_id, c.hypothesis): c.log10_lr_all for c in result.candidates if c.log10_lr_all is not None}
        for result in both
    )
    assert len(blocks) > 50
    assert {key: whole[key] for key in blocks} == pytest.approx(blocks, rel=1e-9)


def test_decisions_hold_across_blocks(programme, monkeypatch):
    monkeypatch.setattr(wide, "BLOCK", 1500)
    first, second = (row.remains_id for row in programme.remains[:2])
    person = next(p.person_id for p in programme.missing)
    decided = (Decision(remains_id=first, about=person, outcome=Outcome.IDENTIFIED),)
    found = posteriors(wide.identify(dataclasses.replace(programme, decisions=decided)))
    assert found[first, person][0] == pytest.approx(1)
    twice = (*decided, Decision(remains_id=second, about=person, outcome=Outcome.IDENTIFIED))
    with pytest.raises(Impossible):
        wide.identify(dataclasses.replace(programme, decisions=twice))
    with pytest.raises(NotFound):
        wide.identify(dataclasses.replace(programme, decisions=(dataclasses.replace(decided[0], remains_id="nobody"),)))


def test_blocks_are_for_persons_who_are_one_of_the_remains(programme):
    flat = dataclasses.replace(programme.settings, prior=PriorKind.ROSTER, fragments=True)
    assert wide.applies(programme)
    assert not wide.applies(dataclasses.replace(programme, settings=flat))


@given(
    st.integers(1, 6).flatmap(
        lambda rows: st.lists(
            st.lists(st.sampled_from([-3.0, 0.0, 0.5, 2.0, 4.0, 4.5, 7.0, 9.0]), min_size=5, max_size=5),
            min_size=rows,
            max_size=rows,
        )
    )
)
def test_undisputed_pairs_are_found_among_the_strong_ones_alone(table):
    log10_lr = np.array(table)
    names = [f"r{k}" for k in range(len(table))]
    people = [f"p{k}" for k in range(5)]
    world = SimpleNamespace(
        individuals=[SimpleNamespace(remains_id=name) for name in names],
        persons=[SimpleNamespace(person_id=name) for name in people],
    )
    row, column = np.nonzero(log10_lr > 0)
    strong = [(row.astype(np.int32), column.astype(np.int32), log10_lr[row, column])]
    assert wide._undisputed(strong, world, 1e4) == conclusions.undisputed(names, people, log10_lr, 1e4)
