"""How long a programme takes to say whom to ask next: families together, beside the definition one by one."""

from __future__ import annotations

import pytest

from homeward.genetics.family import families
from homeward.genetics.locus import prepare_loci
from homeward.planning import relatives, situations
from homeward.simulation import scaled, scenarios, simulate

NEEDED = 7.0


@pytest.fixture(scope="module")
def of_programme():
    programme = simulate(scaled(scenarios()["korea"], persons=60), seed=1950)[0]
    return families(programme, prepare_loci(programme))


def test_what_each_family_shows_today(benchmark, of_programme):
    found = benchmark(lambda: relatives.standings(of_programme, NEEDED))
    benchmark.extra_info["persons"] = len(found)


def test_relatives_ranked_together(benchmark, of_programme):
    standing = relatives.standings(of_programme, NEEDED)
    relatives.ranked(of_programme, standing, NEEDED, best=0)
    found = benchmark(lambda: relatives.ranked(of_programme, standing, NEEDED, best=0))
    benchmark.extra_info["relatives"] = len(found)


def test_relatives_ranked_by_the_definition(benchmark, of_programme, monkeypatch):
    monkeypatch.setattr(situations, "takes", lambda family: False)
    few = of_programme[:6]
    standing = relatives.standings(few, NEEDED)
    found = benchmark.pedantic(
        lambda: relatives.ranked(few, standing, NEEDED, best=0), rounds=1, iterations=1, warmup_rounds=0
    )
    benchmark.extra_info["relatives"] = len(found)
