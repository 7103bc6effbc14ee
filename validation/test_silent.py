"""Likelihoods with a silent allele, of Familias 2.6.4: with and without mutation and co-ancestry."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from homeward.genetics.likelihood import log_likelihood
from homeward.genetics.locus import Locus, with_silent
from homeward.genetics.mutation import mutation_matrix
from homeward.programme import Call, MutationKind
from validation.genetics_reference import pedigree_of, reference

CASES = reference("silent_cases.json")["cases"]


def _name(case: dict[str, Any]) -> str:
    return str(case["id"])


def _locus(case: dict[str, Any]) -> Locus:
    """The marker from the frequencies of what is seen, as a programme states it, and the silent allele's."""
    silent = case["freqs"][-1]
    seen = np.array(case["freqs"][:-1]) / (1 - silent)
    alleles = tuple(case["alleles"][:-1])
    rate = case["mutation"]["rate"]
    matrix = mutation_matrix(MutationKind(case["mutation"]["model"].lower()), alleles, seen, rate=rate)
    return with_silent(Locus(marker="L", alleles=alleles, frequencies=seen, female=matrix, male=matrix), silent)


def _calls(case: dict[str, Any]) -> dict[str, Call]:
    return {person: (first, second) for person, (first, second) in case["genotypes"].items()}


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_both_likelihoods_and_their_ratio_are_those_of_familias(case: dict[str, Any]) -> None:
    found = {
        h: math.exp(log_likelihood(pedigree_of(case[h]), _locus(case), _calls(case), prune=True, theta=case["theta"]))
        for h in ("H1", "H2")
    }
    assert found["H1"] == pytest.approx(case["lik_H1"], rel=1e-12, abs=0)
    assert found["H2"] == pytest.approx(case["lik_H2"], rel=1e-12, abs=0)
    assert found["H1"] / found["H2"] == pytest.approx(case["LR"], rel=1e-12, abs=0)


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_the_others_mutate_among_themselves_and_their_frequencies_are_scaled(case: dict[str, Any]) -> None:
    at = _locus(case)
    assert at.alleles == tuple(case["alleles"])
    np.testing.assert_allclose(at.frequencies, case["freqs"], rtol=1e-14)
    np.testing.assert_allclose(at.male, case["male_matrix"], rtol=1e-12, atol=0)


def test_every_case_is_compared() -> None:
    assert len(CASES) == 19
    assert {case["theta"] for case in CASES} == {0, 0.02}
