"""Which relative to type next: worth is the rise of what can be identified."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from homeward.errors import Nonsense
from homeward.genetics.family import Family, families
from homeward.genetics.locus import prepare_loci
from homeward.planning.relatives import ENOUGH, needed_log10_lr, ranked, standings
from homeward.programme import Member, Pedigree, PriorKind, Settings, Sex
from homeward.simulation import scaled, scenarios, simulate


@pytest.fixture(scope="module")
def programme():
    return simulate(scaled(scenarios()["korea"], persons=12), seed=4)[0]


@pytest.fixture(scope="module")
def of_programme(programme):
    return families(programme, prepare_loci(programme))


def test_the_ratio_needed_is_the_odds_of_the_threshold_over_those_of_the_prior():
    settings = Settings(name="n", listed_share=0.5, not_listed=0.5, identify=0.9995)

    found = needed_log10_lr(settings, 1000)

    prior = 0.5 / 1000
    lr = 10**found
    assert lr * prior / (lr * prior + 1 - prior) == pytest.approx(0.9995, rel=1e-12)


def test_a_flat_prior_is_one_chance_among_all_and_nobody():
    found = needed_log10_lr(Settings(name="n", prior=PriorKind.FLAT, identify=0.5), 9)

    assert found == pytest.approx(math.log10(9), rel=1e-12)


@pytest.mark.parametrize(
    "settings", [Settings(name="n", listed_share=0.0, not_listed=1.0), Settings(name="n", identify=1.0)]
)
def test_a_threshold_that_nothing_reaches_is_refused(settings):
    with pytest.raises(Nonsense, match="no likelihood ratio"):
        needed_log10_lr(settings, 10)


def test_the_relatives_are_ranked_by_what_they_bring_and_the_first_are_exact(of_programme):
    standing = standings(of_programme, 6.0)

    found = ranked(of_programme, standing, 6.0, best=3)

    gains = [one.gain for one in found]
    assert gains == sorted(gains, reverse=True)
    assert sum(one.exact for one in found) == 3
    assert all(one.gain > -1e-6 for one in found)


def test_whoever_reaches_the_threshold_already_needs_nobody(of_programme):
    standing = standings(of_programme, -9.0)

    assert all(one.reaching[0] >= ENOUGH for one in standing)
    assert ranked(of_programme, standing, -9.0) == []


def test_remains_that_will_not_be_found_make_a_relative_worthless(of_programme):
    standing = standings(of_programme[:3], 6.0)
    nobody = {one.person_id: 0.0 for one in standing}

    found = ranked(of_programme[:3], standing, 6.0, found=nobody, best=0)

    assert found
    assert all(one.gain == 0 for one in found)


def test_a_sibling_of_someone_whose_parents_are_not_drawn_is_drawn_with_them(of_programme):
    loci = of_programme[0].loci
    man = Member(family_id="G", member_id="missing", sex=Sex.MALE, person_id="P")
    child = Member(family_id="G", member_id="child", father_id="missing")
    typed = {"child": {locus.marker: (locus.alleles[0], locus.alleles[1]) for locus in loci}}
    family = Family(pedigree=Pedigree(family_id="G", members=(man, child)), loci=loci, calls=typed, slots=(man,))

    needed = standings([family], 0.0)[0].mean

    found = ranked([family], standings([family], needed), needed, best=1)

    assert {one.kind for one in found} == {"child", "sibling"}
    assert all(one.gain > 0 for one in found)


def test_a_family_that_contradicts_itself_is_not_asked_for_more(of_programme):
    standing = [replace(one, set_aside="TH01") for one in standings(of_programme[:2], 6.0)]

    assert ranked(of_programme[:2], standing, 6.0) == []
