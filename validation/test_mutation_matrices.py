"""Mutation matrices of the R package pedmut 0.9.1: every model and transform on six markers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from homeward.genetics.mutation import mutation_matrix
from homeward.programme import MutationKind, Transform
from validation.genetics_reference import reference

MATRICES = reference("mutation_matrices.json")["matrices"]


def _name(case: dict[str, Any]) -> str:
    return f"{case['marker']}-{case['model']}-{case['rate']}-{case['transform']}"


@pytest.mark.parametrize("case", MATRICES, ids=_name)
def test_a_mutation_matrix_equals_that_of_pedmut(case: dict[str, Any]) -> None:
    matrix = mutation_matrix(
        MutationKind(case["model"]),
        case["alleles"],
        case["freqs"],
        rate=case["rate"],
        rate2=case["rate2"],
        range=case["range"],
        transform=Transform(case["transform"]),
    )

    np.testing.assert_allclose(matrix, case["matrix"], rtol=1e-12, atol=0)
    p = np.array(case["freqs"])
    flow = p[:, None] * matrix
    assert np.allclose(p @ matrix, p, rtol=1e-12, atol=0) == case["stationary"]
    assert np.allclose(flow, flow.T, rtol=1e-9, atol=0) == case["reversible"]


def test_all_sixty_matrices_are_compared() -> None:
    assert len(MATRICES) == 60
