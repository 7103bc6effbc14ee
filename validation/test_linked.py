"""Joint likelihoods of two linked markers of pedprobr 1.1.0, autosomal and of the X chromosome."""

from __future__ import annotations

import math
from typing import Any

import pytest

from homeward.genetics.linked import Pair, log_likelihood
from homeward.genetics.observation import UNTYPED
from validation.genetics_reference import calls_of, locus_of, pedigree_of, reference

CASES = reference("linked_cases.json")["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_likelihood_of_two_linked_markers_is_that_of_the_reference(case: dict[str, Any]) -> None:
    first, second = (locus_of(marker) for marker in case["markers"])
    genotypes = calls_of(case["genotypes"])
    calls = tuple(
        {person: of.get(locus.marker, UNTYPED) for person, of in genotypes.items()} for locus in (first, second)
    )
    for result in case["results"]:
        found = log_likelihood(pedigree_of(case["pedigree"]), Pair(first, second, result["rho"]), (calls[0], calls[1]))
        assert math.exp(found) == pytest.approx(result["lik"], rel=1e-12, abs=0), result["rho"]


def test_every_case_is_compared() -> None:
    assert len(CASES) == 11
    assert sum(len(case["results"]) for case in CASES) == 73
