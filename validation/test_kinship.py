"""Kinship likelihoods of pedprobr 1.1.0 (whole pedigree) and Familias 2.6.4 (pruned), marker by marker."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from homeward.genetics.likelihood import joint_genotypes, log_likelihood, sexes
from homeward.genetics.observation import UNTYPED, observation_row
from homeward.genetics.tables import log_lr_of_call, ratio_table
from homeward.programme import NOT_OBSERVED, Call, Sex
from validation.genetics_reference import calls_of, locus_of, matrices_of, pedigree_of, reference

CASES = reference("kinship_cases.json")["cases"]
CONNECTED = reference("theta_connected.json")["cases"]
WHOLE, PRUNED = ("pedprobr", False), ("familias", True)


def _name(case: dict[str, Any]) -> str:
    return str(case["id"])


def _marker(case: dict[str, Any], name: str) -> dict[str, Any]:
    return next(marker for marker in case["markers"] if marker["name"] == name)


def _calls(case: dict[str, Any], marker: str) -> dict[str, Call]:
    return {person: of.get(marker, UNTYPED) for person, of in calls_of(case["genotypes"]).items()}


@pytest.mark.parametrize(("program", "prune"), [WHOLE, PRUNED])
@pytest.mark.parametrize("case", CASES, ids=_name)
def test_the_likelihood_of_each_marker_is_that_of_the_reference(
    case: dict[str, Any], program: str, prune: bool
) -> None:
    for row in case["per_marker"]:
        locus = locus_of(_marker(case, row["marker"]))
        for hypothesis in ("H1", "H2"):
            expected = row[f"{program}_{hypothesis}"]
            if expected is None:
                continue
            found = log_likelihood(
                pedigree_of(case[hypothesis]), locus, _calls(case, row["marker"]), prune=prune, theta=case["theta"]
            )
            assert math.exp(found) == pytest.approx(expected, rel=1e-12, abs=0), (row["marker"], hypothesis)


@pytest.mark.parametrize(("program", "prune"), [WHOLE, PRUNED])
@pytest.mark.parametrize("case", CASES, ids=_name)
def test_every_typed_person_taken_as_the_missing_one_gives_the_same_likelihood(
    case: dict[str, Any], program: str, prune: bool
) -> None:
    for row in case["per_marker"]:
        expected = row[f"{program}_H1"]
        if expected is None:
            continue
        locus, calls = locus_of(_marker(case, row["marker"])), _calls(case, row["marker"])
        for person in [person for person, call in calls.items() if NOT_OBSERVED not in call]:
            others = {member_id: call for member_id, call in calls.items() if member_id != person}
            table = joint_genotypes(pedigree_of(case["H1"]), locus, others, person, prune=prune, theta=case["theta"])
            male = sexes(pedigree_of(case["H1"]))[person] is Sex.MALE
            found = float(table @ observation_row(locus, calls[person], male=male))
            assert found == pytest.approx(expected, rel=1e-12, abs=0), (row["marker"], person)


def _set_apart(case: dict[str, Any]) -> str | None:
    """The typed person who is related under H1, a founder under H2, and without children in either."""
    parents = {
        h: {row["id"]: (row["father"], row["mother"]) for row in case[h]} for h in ("H1", "H2")
    }  # fmt: skip
    if parents["H1"].keys() != parents["H2"].keys():
        return None
    moved = [person for person in parents["H1"] if parents["H1"][person] != parents["H2"][person]]
    if len(moved) != 1 or any(moved[0] in pair for of in parents.values() for pair in of.values()):
        return None
    return moved[0] if moved[0] in case["genotypes"] and parents["H2"][moved[0]] == (None, None) else None


MISSING = [case for case in CASES if _set_apart(case)]


@pytest.mark.parametrize(("program", "prune"), [WHOLE, PRUNED])
@pytest.mark.parametrize("case", MISSING, ids=_name)
def test_the_table_of_the_missing_person_gives_the_likelihood_ratio(
    case: dict[str, Any], program: str, prune: bool
) -> None:
    missing = _set_apart(case)
    assert missing is not None
    for row in case["per_marker"]:
        locus, calls = locus_of(_marker(case, row["marker"])), _calls(case, row["marker"])
        call = calls.pop(missing)
        if None in (row[f"{program}_H1"], row[f"{program}_H2"]) or NOT_OBSERVED in call:
            continue
        table = ratio_table(pedigree_of(case["H1"]), locus, calls, missing, prune=prune, theta=case["theta"])
        male = sexes(pedigree_of(case["H1"]))[missing] is Sex.MALE
        found = math.exp(log_lr_of_call(table, locus, call, male=male))
        expected = row[f"{program}_H1"] / row[f"{program}_H2"]
        assert found == pytest.approx(expected, rel=1e-12, abs=0), row["marker"]


def test_the_cases_name_their_mutation_models_and_homeward_makes_the_same_matrices() -> None:
    mutating = [
        marker
        for case in CASES
        for marker in case["markers"]
        if marker["mutation"] and marker["mutation"]["model"] != "custom"
    ]
    assert mutating
    for marker in mutating:
        female, male = matrices_of(marker)
        np.testing.assert_allclose(female, marker["mutation"]["matrix_female"], rtol=1e-12, atol=0)
        np.testing.assert_allclose(male, marker["mutation"]["matrix_male"], rtol=1e-12, atol=0)


@pytest.mark.parametrize(("program", "prune"), [WHOLE, PRUNED])
@pytest.mark.parametrize("case", CONNECTED, ids=_name)
def test_the_likelihood_of_a_connected_family_with_theta_is_that_of_the_reference(
    case: dict[str, Any], program: str, prune: bool
) -> None:
    (marker,) = case["markers"]
    calls = _calls(case, marker["name"])
    found = log_likelihood(pedigree_of(case["pedigree"]), locus_of(marker), calls, prune=prune, theta=case["theta"])
    assert math.exp(found) == pytest.approx(case[f"lik_{program}"], rel=1e-12, abs=0)


def test_every_case_is_compared() -> None:
    assert len(CASES) == 70
    assert len(MISSING) >= 50
    assert len(CONNECTED) >= 20
