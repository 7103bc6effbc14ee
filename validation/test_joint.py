"""Joint identification against dvir 3.4.2 (``dviJoint``: flat prior, mutations kept) and its undisputed matches."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from homeward.genetics.tables import log_probability_of_call
from homeward.identification.again import best_with_each
from homeward.identification.identify import identify
from homeward.identification.problem import pose
from homeward.identification.result import Label
from homeward.programme import (
    NOT_LISTED,
    Member,
    MissingPerson,
    MutationKind,
    MutationModel,
    Pedigree,
    PriorKind,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
    Sex,
)
from validation.genetics_reference import calls_of, reference, reference_beside

OWN = ("ownA", "ownB", "ownC")
OF_THE_PACKAGE = ("planecrash", "symmetricSibs", "example1", "example2", "grave")


def programme_of(data: dict[str, Any]) -> Programme:
    """A reference set as a programme under the flat prior."""
    names = {
        (family, row["id"]): f"{family}/{row['id']}" for family, of in data["AM"].items() for row in of["pedigree"]
    }
    of_missing = data["missing_family"]
    pedigrees = tuple(
        Pedigree(
            family_id=family,
            members=tuple(
                Member(
                    family_id=family,
                    member_id=names[family, row["id"]],
                    father_id=names[family, row["father"]] if row["father"] else "",
                    mother_id=names[family, row["mother"]] if row["mother"] else "",
                    sex=Sex(row["sex"]),
                    person_id=row["id"] if of_missing.get(row["id"]) == family else "",
                )
                for row in of["pedigree"]
            ),
        )
        for family, of in data["AM"].items()
    )
    relatives = [
        Profile(sample_id=names[family, person], subject_id=names[family, person], calls=calls)
        for family, of in data["AM"].items()
        for person, calls in calls_of(of["genotypes"]).items()
    ]
    victims = calls_of({victim: of["genotypes"] for victim, of in data["PM"].items()})
    return Programme(
        settings=Settings(name=data["dataset"], prior=PriorKind.FLAT, population="P"),
        missing=tuple(MissingPerson(person_id=name) for name in data["missing"]),
        pedigrees=pedigrees,
        samples=tuple(Sample(sample_id=victim, subject_id=victim, kind=SampleKind.REMAINS) for victim in data["PM"]),
        profiles=(*relatives, *(Profile(sample_id=v, subject_id=v, calls=calls) for v, calls in victims.items())),
        frequencies={"P": {m["name"]: dict(zip(m["alleles"], m["freqs"], strict=True)) for m in data["markers"]}},
        mutation=tuple(_mutation(marker) for marker in data["markers"] if marker["mutation"] is not None),
        remains=tuple(Remains(remains_id=victim, sex=Sex(of["sex"])) for victim, of in data["PM"].items()),
    )


def _mutation(marker: dict[str, Any]) -> MutationModel:
    def named(matrix: list[list[float]]) -> dict[tuple[str, str], float]:
        return {(a, b): matrix[i][j] for i, a in enumerate(marker["alleles"]) for j, b in enumerate(marker["alleles"])}

    return MutationModel(
        marker=marker["name"],
        model=MutationKind.CUSTOM,
        female=named(marker["mutation"]["matrix_female"]),
        male=named(marker["mutation"]["matrix_male"]),
    )


def _compare(data: dict[str, Any], tolerance: float) -> None:
    programme = programme_of(data)
    found, expected = identify(programme), data["dviJoint"]
    problem = pose(programme)
    loci = problem.loci["P"]
    base = sum(of["loglik_refs_only"] for of in data["AM"].values()) + sum(
        log_probability_of_call(loci[marker], call) for one in problem.individuals for marker, call in one.calls.items()
    )
    assert found.shares[Label.EXACT] == 1
    log_total = found.log10_evidence * math.log(10) + base
    assert log_total == pytest.approx(expected["log_sum_exp"], rel=tolerance)
    _compare_marginals(found, expected["marginal_flat_prior"], tolerance)
    listed = {tuple(sorted(a.hypotheses.items())): a.posterior for a in found.assignments}
    top = [row for row in expected["top"] if isinstance(row["loglik"], (int, float))][: len(listed)]
    assert len(top) >= min(expected["n_finite"], len(listed))
    worst = min(listed.values())
    for row, own in zip(top, found.assignments, strict=False):
        assert own.posterior == pytest.approx(row["posterior_flat"], rel=1e3 * tolerance)
        assert math.log(own.posterior) + log_total == pytest.approx(row["loglik"], rel=tolerance)
        key = tuple(sorted((v, NOT_LISTED if m == "*" else m) for v, m in row["assignment"].items()))
        if row["posterior_flat"] > worst * (1 + 1e-6):
            assert listed[key] == pytest.approx(row["posterior_flat"], rel=1e3 * tolerance)


def _compare_marginals(found: Any, expected: dict[str, dict[str, float]], tolerance: float) -> None:
    pairs = found.pairs
    posterior = {
        (pairs.remains_ids[r], pairs.hypotheses[h]): float(p)
        for r, h, p in zip(pairs.remains, pairs.hypothesis, pairs.posterior, strict=True)
    }
    for victim, row in expected.items():
        for name, chance in row.items():
            own = posterior[victim, NOT_LISTED if name == "*" else name]
            assert own == pytest.approx(chance, rel=1e3 * tolerance, abs=tolerance), (victim, name)


@pytest.mark.parametrize("name", OWN)
def test_our_simulated_sets_have_the_joint_posterior_of_dvir(name: str) -> None:
    _compare(reference(f"dvi_{name}.json"), 1e-9)


@pytest.mark.parametrize("name", OF_THE_PACKAGE)
def test_the_data_of_dvir_itself_have_its_joint_posterior(name: str) -> None:
    data = reference_beside(f"dvi_{name}.json")
    start = time.monotonic()
    _compare(data, 2e-9)
    assert time.monotonic() - start < 60  # of the order of the required seconds, on a machine that is busy


@pytest.mark.parametrize("name", [*OWN, *OF_THE_PACKAGE])
def test_undisputed_matches_are_those_of_dvir(name: str) -> None:
    data = reference(f"dvi_{name}.json") if name in OWN else reference_beside(f"dvi_{name}.json")
    found = identify(programme_of(data)).undisputed
    expected = {
        (row["Sample"], row["Missing"]) for row in data["undisputed"]["summary"] if row["Conclusion"] == "Undisputed"
    }
    assert {(one.remains_id, one.person_id) for one in found} == expected


def test_brothers_that_cannot_be_told_apart_share_their_posterior() -> None:
    data = reference_beside("dvi_symmetricSibs.json")
    found = identify(programme_of(data))
    groups = {(group.remains_ids, group.person_ids) for group in found.symmetric}
    assert (("V1", "V2"), ("M1", "M2")) in groups
    assert np.isclose([g.posterior for g in found.symmetric if g.person_ids == ("M1", "M2")], 1, atol=1e-8).all()


def _generalised(data: dict[str, Any]) -> dict[tuple[str, str], float]:
    """log10 GLR of every pair: the best joint likelihood with it over the best without it."""
    problem = pose(programme_of(data))
    log_l = np.where(problem.excluded == "sex", -np.inf, problem.log_evidence)
    weights = replace(problem.weights(), log_none=log_l[:, -1], log_slot=log_l[:, :-1])
    solved = best_with_each(weights, most_work=1e9)
    answer = {}
    for row, one in enumerate(problem.individuals):
        everyone = np.append(solved.slot[row], solved.none[row])
        for column, person in enumerate(problem.persons):
            ratio = everyone[column] - np.delete(everyone, column).max()
            answer[one.remains_id, person.person_id] = float(ratio) / math.log(10)
    return answer


def test_generalised_ratios_of_our_sets_are_those_of_dvir() -> None:
    """A father told by both his children; and of one victim with three brothers none leads."""
    together, alone = _generalised(reference("dvi_ownC.json")), _generalised(reference("dvi_ownB.json"))

    told = next(row["GLR"] for row in reference("dvi_ownC.json")["amDriven"]["PM"] if row["Sample"] == "V4")
    brothers = ("aC2", "aC3", "aC4")
    best = [max(value for (_, person), value in alone.items() if person == name) for name in brothers]
    assert together["V4", "aFA"] == pytest.approx(math.log10(told), rel=1e-10)
    assert best == pytest.approx([0.0] * 3, abs=1e-10)


def test_generalised_ratios_of_brothers_are_those_of_dvir_for_both_together() -> None:
    """dvir tells one for {V1, V3} = {aC1, aC2}: the lesser of the two remains being one of the brothers at all."""
    data = reference("dvi_ownC.json")
    problem = pose(programme_of(data))
    log_l = np.where(problem.excluded == "sex", -np.inf, problem.log_evidence)
    weights = replace(problem.weights(), log_none=log_l[:, -1], log_slot=log_l[:, :-1])
    solved = best_with_each(weights, most_work=1e9)
    brothers = [k for k, person in enumerate(problem.persons) if person.person_id in ("aC1", "aC2")]
    others = [k for k in range(len(problem.persons)) if k not in brothers]

    found = []
    for row, one in enumerate(problem.individuals):
        if one.remains_id in ("V1", "V3"):
            without = max(solved.none[row], solved.slot[row, others].max())
            found.append((solved.slot[row, brothers].max() - without) / math.log(10))

    told = next(row["GLR"] for row in data["amDriven"]["PM"] if row["Sample"] == "V1")
    assert min(found) == pytest.approx(math.log10(told), rel=1e-10)


@pytest.mark.parametrize("name", ["example1", "example2"])
def test_generalised_ratios_of_the_package_are_those_of_dvir(name: str) -> None:
    data = reference_beside(f"dvi_{name}.json")
    found = _generalised(data)

    for row in (one for one in data["amDriven"]["AM"] if one["GLR"] is not None):
        own = max(value for (_, person), value in found.items() if person == row["Missing"])
        assert own == pytest.approx(math.log10(row["GLR"]), rel=1e-8), row
