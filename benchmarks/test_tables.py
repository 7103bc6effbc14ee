"""How many tables per second: one member of a family, 24 markers with full stepwise mutation.

``one family`` is the verb as called, Python included; ``hundred families`` the same peeled together.
"""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.families import FAMILIES, case, markers
from homeward.genetics import _compiled, tables
from homeward.genetics.observation import ErrorModel, observed
from homeward.genetics.packing import Batch, pack_loci

LOCI = markers()
HUNDRED = 100


@pytest.mark.parametrize("name", FAMILIES)
def test_one_family_compiled(benchmark, name):
    pedigree, calls = case(name, LOCI)
    _compiled.family_tables(pedigree, LOCI, calls, "x")
    benchmark.extra_info["markers"] = len(LOCI)
    found = benchmark(lambda: _compiled.family_tables(pedigree, LOCI, calls, "x"))
    assert np.isfinite(found.log_likelihood).all()


@pytest.mark.parametrize("name", FAMILIES)
def test_hundred_families_compiled(benchmark, name):
    pedigree, calls = case(name, LOCI)
    packed = pack_loci(LOCI)

    def peel():
        batch = Batch(packed)
        for _ in range(HUNDRED):
            batch.add(pedigree, calls, "x")
        return _compiled.peeled(batch)

    peel()
    benchmark.extra_info["tables"] = HUNDRED
    ratios, _ = benchmark(peel)
    assert np.isfinite(ratios).all()


@pytest.mark.parametrize(
    "errors", [ErrorModel(dropout=0.05), ErrorModel(dropout=0.05, dropin=0.01, typing_error=0.001)]
)
@pytest.mark.parametrize("name", FAMILIES)
def test_ten_families_seen_with_errors(benchmark, name, errors):
    """Nobody's genotype is certain: with drop-out alone one allele is, with the others none."""
    pedigree, calls = case(name, LOCI)
    seen = {who: {marker: observed(call, errors) for marker, call in of.items()} for who, of in calls.items()}
    packed = pack_loci(LOCI)

    def peel():
        batch = Batch(packed)
        for _ in range(10):
            batch.add(pedigree, seen, "x")
        return _compiled.peeled(batch)

    peel()
    benchmark.extra_info["tables"] = 10
    ratios, _ = benchmark(peel)
    assert np.isfinite(ratios).all()


SMALL = markers([8, 9, 10])


@pytest.mark.parametrize("name", FAMILIES)
def test_one_family_plain_at_three_small_markers(benchmark, name):
    """The definition: three markers of 8 to 10 alleles, since 24 would take minutes in some families."""
    pedigree, calls = case(name, SMALL)
    plain = benchmark.pedantic(
        lambda: tables.family_tables(pedigree, SMALL, calls, "x", engine="plain"), rounds=2, iterations=1
    )
    compiled = _compiled.family_tables(pedigree, SMALL, calls, "x")
    for one, other in zip(plain.ratios, compiled.ratios, strict=True):
        np.testing.assert_allclose(other, one, rtol=1e-11)


@pytest.mark.parametrize("name", FAMILIES)
def test_one_family_compiled_at_three_small_markers(benchmark, name):
    pedigree, calls = case(name, SMALL)
    _compiled.family_tables(pedigree, SMALL, calls, "x")
    benchmark(lambda: _compiled.family_tables(pedigree, SMALL, calls, "x"))
