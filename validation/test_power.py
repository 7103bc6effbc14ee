"""Exclusion power of forrel's missingPersonEP, and the genotypes of the missing person given the references."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from homeward.genetics.power import Power, power
from homeward.genetics.tables import family_tables, genotypes_of
from validation.genetics_reference import calls_of, locus_of, pedigree_of, reference

CASES = reference("power_cases.json")["cases"]


def _power(case: dict[str, Any]) -> Power:
    return power(
        pedigree_of(case["pedigree"]),
        [locus_of(marker) for marker in case["markers"]],
        calls_of(case["genotypes"]),
        case["missing"],
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_power_to_exclude_is_that_of_the_reference(case: dict[str, Any]) -> None:
    found = _power(case)

    assert list(found.exclusion.values()) == pytest.approx(case["EPperMarker"], rel=1e-12, abs=1e-15)
    assert found.exclusion_power == pytest.approx(case["EPtotal"], rel=1e-12, abs=1e-15)
    assert found.expected_mismatches == pytest.approx(case["expectedMismatch"], rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_the_genotypes_of_the_missing_person_are_those_of_the_reference(case: dict[str, Any]) -> None:
    loci = [locus_of(marker) for marker in case["markers"]]
    tables = family_tables(pedigree_of(case["pedigree"]), loci, calls_of(case["genotypes"]), case["missing"])

    for locus, ratio, expected in zip(loci, tables.ratios, case["MP_genotype_posterior"], strict=True):
        population = genotypes_of(locus, male=tables.male)
        found = {
            tuple(sorted((locus.alleles[a], locus.alleles[b]))): chance
            for (a, b), chance in zip(locus.genotypes.tolist(), ratio * population, strict=True)
        }
        of_reference = [found[_genotype(name)] for name in expected["geno"]]
        np.testing.assert_allclose(of_reference, expected["prob"], rtol=1e-13, atol=1e-14)


def _genotype(name: str) -> tuple[str, ...]:
    """Two alleles in order; a man's one allele of the X chromosome is written a/a here."""
    alleles = name.split("/")
    return tuple(sorted(alleles * 2 if len(alleles) == 1 else alleles))
