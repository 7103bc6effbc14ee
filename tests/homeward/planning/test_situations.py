"""Families taken together: the same chances as one by one, by the definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.genetics.family import families
from homeward.genetics.locus import prepare_loci
from homeward.genetics.power import of_tables, power_with
from homeward.planning import _compiled, relatives, situations
from homeward.planning.relatives import ranked, standings
from homeward.planning.situations import Situation, Situations, of_family, reaching, takes
from homeward.programme import Member, Pedigree, Sex
from homeward.simulation import scaled, scenarios, simulate


@pytest.fixture(scope="module")
def of_programme():
    programme = simulate(scaled(scenarios()["korea"], persons=20), seed=7)[0]
    return families(programme, prepare_loci(programme))


def by_definition(one, needed, outcomes):
    family = one.family
    power = power_with(
        one.pedigree,
        tuple(family.loci),
        family.calls,
        one.slot,
        one.relative,
        prune=family.prune,
        engine="compiled",
        step=relatives.COARSE,
        outcomes=outcomes,
    )
    return power.reaching(needed)


def every_situation(of_programme):
    now = {(one.family_id, one.member_id): one for one in standings(of_programme, 7.0)}
    return [
        situation
        for family in of_programme
        for asked in relatives._asked(family, now)
        for situation in asked.situations
    ]


@st.composite
def markers(draw):
    """Ratios, weights of what the relative shows, and the population, of one to five markers."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sizes = draw(st.lists(st.integers(1, 12), min_size=1, max_size=5))
    outcomes = draw(st.integers(1, 4))
    starts = np.cumsum([0, *sizes])
    population = np.concatenate([random.dirichlet(np.ones(size)) for size in sizes])
    ratios = 10 ** random.uniform(-6, 3, (outcomes, len(population)))
    ratios[random.uniform(size=ratios.shape) < draw(st.sampled_from([0.0, 0.4]))] = 0.0
    ratios[random.uniform(size=ratios.shape) < 0.1] = 1.0  # on a point of the grid
    ratios[0, starts[:-1]] = 2.0  # something is possible at every marker
    weights = random.dirichlet(np.ones(outcomes), len(sizes))
    weights[:, 1:][random.uniform(size=(len(sizes), outcomes - 1)) < 0.2] = 0.0
    return ratios, weights, population, starts


@settings(max_examples=80, deadline=None)
@given(markers(), st.floats(-6, 8), st.booleans())
def test_the_compiled_chance_is_that_of_the_definition(of_markers, needed, related):
    expected = reaching(*of_markers, needed=needed, step=0.02, related=related)
    found = _compiled.reaching(*of_markers, needed=needed, step=0.02, related=related)

    assert found == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_what_is_impossible_at_one_marker_reaches_nothing():
    ratios, weights, population = np.array([[0.0, 0.0, 5.0]]), np.ones((2, 1)), np.array([0.5, 0.5, 1.0])

    assert _compiled.reaching(ratios, weights, population, np.array([0, 2, 3]), needed=0.0, step=0.02) == (0.0, 0.0)


@pytest.mark.parametrize("outcomes", [relatives.OUTCOMES, 3])
def test_every_relative_of_a_programme_is_worth_what_he_is_worth_alone(of_programme, outcomes):
    asked = every_situation(of_programme)

    found = Situations(needed=7.0, step=relatives.COARSE, outcomes=outcomes).reaching(asked)

    assert len(asked) > 50
    for one, chance in zip(asked, found, strict=True):
        assert chance == pytest.approx(by_definition(one, 7.0, outcomes), abs=1e-12)


def test_averaged_over_all_that_a_relative_may_show_it_is_the_same(of_programme):
    asked = every_situation(of_programme)[:3]

    found = Situations(needed=7.0, step=relatives.COARSE, outcomes=None).reaching(asked)

    assert found == [pytest.approx(by_definition(one, 7.0, None), abs=1e-12) for one in asked]


def test_what_a_family_shows_today_is_the_same_for_its_own_and_for_someone_unrelated(of_programme):
    for family in of_programme:
        for slot in family.slots:
            tables = family.tables(slot.member_id)
            power = of_tables(tuple(family.loci), tables, step=0.02)
            own, others = of_family(family, tables, needed=5.0, step=0.02)

            assert own == pytest.approx(power.reaching(5.0), abs=1e-12)
            assert others == pytest.approx(power.reaching(5.0, related=False), rel=1e-10, abs=0)


def test_a_situation_that_occurs_again_is_computed_once(of_programme):
    one = every_situation(of_programme)[0]
    renamed = {member.member_id: f"other {member.member_id}" for member in one.pedigree.members} | {"": ""}
    pedigree = Pedigree(
        family_id="other",
        members=tuple(
            replace(
                member,
                family_id="other",
                member_id=renamed[member.member_id],
                father_id=renamed[member.father_id],
                mother_id=renamed[member.mother_id],
                twin_of=renamed[member.twin_of],
            )
            for member in one.pedigree.members
        ),
    )
    calls = {renamed[who]: of for who, of in one.family.calls.items()}
    family = replace(one.family, pedigree=pedigree, calls=calls)
    again = Situation(family=family, pedigree=pedigree, relative=renamed[one.relative], slot=renamed[one.slot])
    engine = Situations(needed=7.0, step=0.02, outcomes=3)

    found = engine.reaching([one, again])

    assert found[0] == found[1]
    assert len(engine.known) == 1


def test_what_the_engine_does_not_take_is_left_to_the_definition(of_programme):
    with_theta = [replace(family, theta=0.02) for family in of_programme[:2]]
    inbred = replace(of_programme[0], prune=True)
    asked = every_situation(of_programme)[0]

    assert not any(takes(family) for family in [*with_theta, inbred])
    engine = Situations(needed=7.0, step=0.02, outcomes=3)
    assert engine.reaching([replace(asked, family=inbred)]) == [None]


def test_a_relative_who_has_an_identical_twin_is_left_to_the_definition(of_programme):
    family = of_programme[0]
    slot = Member(family_id="T", member_id="missing", father_id="f", mother_id="m", sex=Sex.MALE, person_id="P")
    sibs = [
        Member(family_id="T", member_id=name, father_id="f", mother_id="m", sex=Sex.MALE, twin_of=twin)
        for name, twin in (("one", ""), ("other", "one"))
    ]
    parents = [
        Member(family_id="T", member_id="f", sex=Sex.MALE),
        Member(family_id="T", member_id="m", sex=Sex.FEMALE),
    ]
    pedigree = Pedigree(family_id="T", members=(*parents, slot, *sibs))
    of_twins = replace(family, pedigree=pedigree, calls={}, slots=(slot,))
    engine = Situations(needed=1.0, step=0.02, outcomes=3)
    asked = [Situation(family=of_twins, pedigree=pedigree, relative=who, slot="missing") for who in ("one", "other")]

    assert engine.reaching(asked) == [None, None]


def test_a_programme_is_ranked_alike_together_and_one_by_one(of_programme, monkeypatch):
    standing = standings(of_programme, 7.0)
    together = ranked(of_programme, standing, 7.0, best=0)
    monkeypatch.setattr(situations, "takes", lambda family: False)

    alone = ranked(of_programme, standing, 7.0, best=0)

    assert [(one.family_id, one.relative, one.kind) for one in together] == [
        (one.family_id, one.relative, one.kind) for one in alone
    ]
    assert [one.gain for one in together] == pytest.approx([one.gain for one in alone], abs=1e-12)


def test_progress_is_told_of_every_situation(of_programme):
    told = []
    standing = standings(of_programme[:4], 7.0)

    ranked(of_programme[:4], standing, 7.0, best=1, tick=lambda stage, done, total: told.append((stage, done, total)))

    assert {stage for stage, _, _ in told} == {"relatives", "exact"}
    assert told[-1][1] == told[-1][2]
