"""What a further sample of remains brings, what is chosen within a budget, and what thresholds let through."""

import math
from dataclasses import replace

import numpy as np
import pytest

from homeward.errors import Nonsense
from homeward.genetics.family import calls_of, families
from homeward.genetics.locus import prepare_loci
from homeward.genetics.power import Atoms, Power, of_tables
from homeward.identification.identify import identify
from homeward.planning.next import plan_samples
from homeward.planning.relatives import Help
from homeward.planning.samples import Bone, at_hand, bars, bones, markers_read, reaching, within
from homeward.simulation import scenarios, simulate
from homeward.simulation.scenario import sized


@pytest.fixture(scope="module")
def case():
    programme, truth = simulate(sized(scenarios()["korea"], persons=60, remains=10), seed=5)
    found = families(programme, prepare_loci(programme))
    return programme, truth, found, identify(programme)


def power(*ratios: float) -> Power:
    """Markers that each give their ratio or its inverse-weighted counterpart, by hand."""
    of_marker = tuple(
        Atoms(np.array([ratio, 0.0]), np.array([1.0, 0.0]), np.array([1 / ratio, 1 - 1 / ratio])) for ratio in ratios
    )
    return Power(markers=tuple(f"M{k}" for k in range(len(ratios))), of_marker=of_marker, step=0.001)


@pytest.mark.parametrize(
    ("read", "chance"),
    [
        (frozenset(), 1.0),  # 10 x 100 lifts odds of 1 to 1000, and 999 are needed
        ({"M0"}, 0.0),  # 100 alone does not
        ({"M0", "M1"}, 0.0),
    ],
)
def test_what_is_not_read_yet_lifts_the_odds_by_hand(read, chance):
    assert reaching(power(10.0, 100.0), frozenset(read), 0.5, 0.999) == pytest.approx(chance)


def test_a_person_above_the_threshold_needs_nothing_more():
    assert reaching(power(), frozenset(), 0.9996, 0.9995) == 1.0


def test_the_chance_is_that_of_drawn_profiles(case):
    found = case[2]
    family = next(one for one in found if len(one.typed) > 1)
    slot = family.slots[0]
    tables = family.tables(slot.member_id)
    rng = np.random.default_rng(1)
    total = np.zeros(20_000)
    left = list(zip(family.loci, tables.ratios, strict=True))[10:]
    for locus, ratio in left:
        weight = np.maximum(locus.population_genotypes * ratio, 0)
        total += np.log10(ratio[rng.choice(len(weight), size=len(total), p=weight / weight.sum())])
    read = frozenset(locus.marker for locus in list(family.loci)[:10])
    chance = reaching(of_tables(tuple(family.loci), tables, step=0.02), read, 0.02, 0.99)

    drawn = float((total >= math.log10(99) - math.log10(0.02 / 0.98)).mean())
    assert chance == pytest.approx(drawn, abs=0.02)


def test_remains_that_are_identified_are_not_asked_again_and_others_gain_no_more_than_their_posteriors(case):
    programme, _, found, result = case

    ranked = bones(result, found, markers_read(calls_of(programme)), success=1.0)

    named = {one.remains_id for one in result.remains if one.best.posterior >= result.settings.identify}
    assert not named & {bone.remains_id for bone in ranked}
    for bone in ranked:
        assert 0 <= bone.gain <= sum(posterior for posterior, _ in bone.persons.values()) + 1e-12
    assert [bone.gain for bone in ranked] == sorted((bone.gain for bone in ranked), reverse=True)


def test_half_the_success_is_half_the_gain(case):
    programme, _, found, result = case
    read = markers_read(calls_of(programme))

    whole, half = (bones(result, found, read, success=chance) for chance in (1.0, 0.5))

    assert [one.gain for one in half] == pytest.approx([one.gain / 2 for one in whole])


def test_the_chance_that_someone_is_at_hand_is_at_most_one(case):
    assert all(0 <= chance <= 1 for chance in at_hand(case[3]).values())


def help_of(family: str, gain: float, relative: str = "a") -> Help:
    return Help(family_id=family, relative=relative, kind="child", gain=gain, persons={})


def bone_of(remains: str, gain: float) -> Bone:
    return Bone(remains_id=remains, typed=3, unread=20, gain=gain, persons={})


def test_a_budget_takes_the_most_for_what_it_costs_and_each_family_once():
    relatives = [help_of("F1", 0.6), help_of("F1", 0.5, "b"), help_of("F2", 0.2)]

    steps = within(4, relatives, [bone_of("R1", 0.5), bone_of("R2", 0)], relative_cost=1, bone_cost=2)

    assert [(one.kind, one.family_id or one.about) for one in steps] == [
        ("relative", "F1"),
        ("bone", "R1"),
        ("relative", "F2"),
    ]
    assert steps[-1].spent == 4
    assert steps[-1].expected == pytest.approx(1.3)


@pytest.mark.parametrize("budget", [0, -1])
def test_a_budget_of_nothing_is_refused(budget):
    with pytest.raises(Nonsense, match="above zero"):
        within(budget, [], [], relative_cost=1, bone_cost=1)


def test_a_higher_bar_lets_less_through_and_false_matches_are_no_more_than_the_rate_of_one_in_lr(case):
    found = case[2]
    typed = sum(1 for family in found if family.typed for _ in family.slots)

    got = bars(found, 10, (3.0, 4.0, 5.0))

    assert [bar.false for bar in got] == sorted((bar.false for bar in got), reverse=True)
    assert [bar.reaching for bar in got] == sorted((bar.reaching for bar in got), reverse=True)
    for bar in got:
        assert bar.false <= 10 * typed / 10**bar.log10_lr * 1.2


def test_relatives_count_only_for_those_whose_remains_may_be_at_hand(case):
    programme, _, found, result = case
    arguments = {"budget": 5.0, "relative_cost": 1.0, "bone_cost": 1.0, "success": 0.5, "best": 2}

    here = plan_samples(programme, result, found, calls_of(programme), found=0.0, **arguments)
    everywhere = plan_samples(programme, result, found, calls_of(programme), found=0.3, **arguments)

    assert sum(one.gain for one in here.relatives) < sum(one.gain for one in everywhere.relatives)
    assert replace(here.bones[0]).gain == everywhere.bones[0].gain
