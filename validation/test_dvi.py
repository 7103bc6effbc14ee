"""Pairwise likelihood ratios of dvir 3.4.2: simulated sets of our own, and the package's own data where at hand.

The package's frequencies miss one by up to 2e-10, hence 2e-9 there.
"""

from __future__ import annotations

import math
from typing import Any

import pytest

from homeward.genetics.locus import Locus
from homeward.genetics.tables import family_tables, log_likelihoods, log_lr_of_call, log_probability_of_call
from validation.genetics_reference import calls_of, locus_of, pedigree_of, reference, reference_beside

OWN = ("ownA", "ownB", "ownC")
OF_THE_PACKAGE = ("planecrash", "symmetricSibs", "example1", "example2", "grave", "exclusionExample")


def _loci(data: dict[str, Any]) -> list[Locus]:
    return [locus_of(marker) for marker in data["markers"]]


def _compare(data: dict[str, Any], tolerance: float) -> None:
    _compare_profiles(data, tolerance)
    _compare_references(data, tolerance)
    _compare_pairs(data, tolerance)


def _compare_profiles(data: dict[str, Any], tolerance: float) -> None:
    loci = _loci(data)
    profiles = calls_of({victim: of["genotypes"] for victim, of in data["PM"].items()})
    for victim, expected in data["loglik_PM"].items():
        calls = profiles[victim]
        found = sum(log_probability_of_call(locus, calls[locus.marker]) for locus in loci if locus.marker in calls)
        assert found == pytest.approx(expected, rel=tolerance), victim


def _compare_references(data: dict[str, Any], tolerance: float) -> None:
    for family, of_family in data["AM"].items():
        pedigree, calls = pedigree_of(of_family["pedigree"], family), calls_of(of_family["genotypes"])
        found = float(log_likelihoods(pedigree, _loci(data), calls, engine="plain").log_likelihood.sum())
        assert found == pytest.approx(of_family["loglik_refs_only"], rel=tolerance), family


def _compare_pairs(data: dict[str, Any], tolerance: float) -> None:
    pairwise = data["pairwiseLR"]
    for column, missing in enumerate(pairwise["cols"]):
        ratios = _ratios(data, missing)
        for victim, row in zip(pairwise["rows"], pairwise["values"], strict=True):
            expected = row[column]
            if expected is None:
                assert _sex_of(data, missing) != data["PM"][victim]["sex"]
            else:
                assert ratios[victim] == pytest.approx(expected, rel=tolerance, abs=0), (victim, missing)


def _ratios(data: dict[str, Any], missing: str) -> dict[str, float]:
    """The likelihood ratio of every victim as one of the missing: one elimination per family."""
    loci = _loci(data)
    family = data["missing_family"][missing]
    of_family = data["AM"][family]
    tables = family_tables(
        pedigree_of(of_family["pedigree"], family), loci, calls_of(of_family["genotypes"]), missing, engine="plain"
    )
    profiles = calls_of({victim: of["genotypes"] for victim, of in data["PM"].items()})
    return {
        victim: math.exp(
            sum(
                log_lr_of_call(table, locus, calls[locus.marker])
                for table, locus in zip(tables.ratios, loci, strict=True)
                if locus.marker in calls
            )
        )
        for victim, calls in profiles.items()
    }


def _sex_of(data: dict[str, Any], missing: str) -> str:
    rows = data["AM"][data["missing_family"][missing]]["pedigree"]
    return str(next(row["sex"] for row in rows if row["id"] == missing))


@pytest.mark.parametrize("name", OWN)
def test_our_simulated_sets_have_the_likelihoods_of_dvir(name: str) -> None:
    _compare(reference(f"dvi_{name}.json"), 1e-12)


@pytest.mark.parametrize("name", OF_THE_PACKAGE)
def test_the_data_of_dvir_itself_have_its_likelihoods(name: str) -> None:
    _compare(reference_beside(f"dvi_{name}.json"), 2e-9)


def test_markers_are_matched_by_name_not_by_their_place() -> None:
    data = reference("dvi_ownA.json")
    turned = {**data, "markers": data["markers"][::-1]}

    missing = data["missing"][0]

    assert _ratios(turned, missing) == pytest.approx(_ratios(data, missing), rel=1e-12)
