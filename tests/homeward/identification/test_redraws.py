"""Posteriors that rest on estimated likelihoods: their label, and an error that holds what it says."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.cli import main
from homeward.errors import TooLarge
from homeward.formats.folder import read_programme, write_programme
from homeward.genetics import founders
from homeward.genetics.combined import compare
from homeward.genetics.family import Family, families
from homeward.genetics.locus import prepare_loci
from homeward.genetics.quality import quality
from homeward.genetics.sampled import Sampling
from homeward.genetics.scoring import log_lr_matrix
from homeward.identification import joint, wide
from homeward.identification.identify import identify
from homeward.identification.joint import Coupling, Weights, solve
from homeward.identification.problem import pose
from homeward.identification.redraws import REDRAWS, moved_by_error, with_estimates
from homeward.identification.result import Identification, Label
from homeward.programme import (
    Decision,
    Marker,
    Member,
    MissingPerson,
    Outcome,
    Pedigree,
    Profile,
    Programme,
    Remains,
    Settings,
    Sex,
    ThetaMethod,
)

ALLELES = {"8": 0.1, "9": 0.2, "10": 0.7}
MARKERS = ("TH01", "FGA")
REMAINS = {
    "R0": {"TH01": ("8", "9"), "FGA": ("8", "10")},
    "R1": {"TH01": ("10", "10"), "FGA": ("8", "10")},
    "R2": {"TH01": ("9", "9"), "FGA": ("8", "?")},
}
KNOWN_TO = 3 * math.sqrt(0.5 / REDRAWS)
"""How far, relatively, a standard error from so many redraws may lie from the true one."""


def programme(
    *, missing: tuple[str, ...] = ("b0",), method: ThetaMethod = ThetaMethod.SAMPLED, **changed: object
) -> Programme:
    """Two couples with two sons each, in one family; nobody's alleles are known but those of the sons."""
    members: list[Member] = []
    for couple in "01":
        members += [
            Member(family_id="F", member_id=f"f{couple}", sex=Sex.MALE),
            Member(family_id="F", member_id=f"m{couple}", sex=Sex.FEMALE),
        ]
        members += [
            Member(
                family_id="F",
                member_id=son + couple,
                father_id=f"f{couple}",
                mother_id=f"m{couple}",
                sex=Sex.MALE,
                person_id=f"P-{son}{couple}" if son + couple in missing else "",
            )
            for son in "ab"
        ]
    typed = [m.member_id for m in members if m.father_id and not m.person_id]
    calls = {name: {"TH01": ("8", "9"), "FGA": ("8", "10")} for name in typed} | REMAINS
    defaults = {"theta_draws": 300, "seed": 5, "not_listed": 0.2, "listed_share": 0.8} | changed
    return Programme(
        settings=Settings(name="coupled", theta=0.03, theta_method=method, **defaults),  # type: ignore[arg-type]
        missing=tuple(MissingPerson(person_id=f"P-{n}", sex=Sex.MALE, population="P") for n in missing),
        remains=tuple(Remains(remains_id=name) for name in REMAINS),
        pedigrees=(Pedigree(family_id="F", members=tuple(members)),),
        profiles=tuple(Profile(sample_id=f"s{n}", subject_id=n, calls=of) for n, of in calls.items()),
        frequencies={"P": dict.fromkeys(MARKERS, ALLELES)},
    )


@pytest.fixture
def few_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is summed exactly elsewhere is estimated here, so that both can be had."""
    allow_few_ways(monkeypatch)


def allow_few_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(founders, "MOST_WAYS", 10)
    monkeypatch.setattr("homeward.genetics.family.MOST_WAYS", 10)
    founders.ways.cache_clear()


def family_of(of: Programme) -> Family:
    return families(of, prepare_loci(of))[0]


def posteriors(found: Identification) -> dict[tuple[str, str], tuple[float, float]]:
    return {(one.remains_id, one.hypothesis): (one.posterior, one.error) for one in found.candidates}


# --- the likelihoods ---


def test_the_error_of_a_ratio_is_that_of_its_own_genotype_in_quadrature_over_markers(few_ways: None) -> None:
    of = programme()
    family = family_of(of)
    tables = family.tables("b0")
    genotypes = [list(map(tuple, locus.genotypes)) for locus in family.loci]
    places = [locus.alleles.index for locus in family.loci]
    first = tables.errors["TH01"][genotypes[0].index(tuple(sorted((places[0]("8"), places[0]("9")))))]
    second = tables.errors["FGA"][genotypes[1].index(tuple(sorted((places[1]("8"), places[1]("10")))))]

    scores = log_lr_matrix([family], list(REMAINS.values()))

    assert scores.log_lr_error is not None
    assert scores.log_lr_error[0, 0] == pytest.approx(math.hypot(first, second), rel=1e-12)


def test_what_is_not_typed_errs_in_nothing_and_an_exact_family_has_no_errors(few_ways: None) -> None:
    of = programme()
    estimated = log_lr_matrix([family_of(of)], [{}, {"TH01": ("8", "9")}])
    plain = log_lr_matrix([replace(family_of(of), theta=0.0)], [{"TH01": ("8", "9")}])

    assert estimated.log_lr_error is not None
    assert estimated.log_lr_error[0, 0] == 0
    assert estimated.log_lr_error[1, 0] > 0
    assert plain.log_lr_error is None
    assert not plain.sampled


@pytest.mark.parametrize("holder", [(0, 1), (2, 0)])
def test_the_error_of_a_joint_likelihood_is_what_seeds_differ_by_or_more(
    few_ways: None, holder: tuple[int, int]
) -> None:
    of = programme(missing=("b0", "b1"))
    values, errors = [], []
    for seed in range(40):
        problem = pose(replace(of, settings=replace(of.settings, seed=seed)))
        coupling = problem.weights().couplings[0]
        assert coupling.error is not None
        singles = sum(problem.log_lr[r, s] for r, s in zip(holder, coupling.slots, strict=True))
        values.append(coupling.log_ratio(holder) + singles)
        errors.append(coupling.error(holder))

    apart = float(np.std(values, ddof=1))
    assert apart <= 1.25 * float(np.mean(errors))  # known to 11%
    assert apart >= 0.3 * float(np.mean(errors))  # the sum of two that partly cancel


# --- the joint problem ---


def test_one_against_one_errs_by_p_times_one_less_p_times_the_error() -> None:
    weights = Weights(log_none=np.zeros(1), log_slot=np.array([[0.7]]), log_slot_error=np.array([[0.01]]))

    found = with_estimates(weights, solve(weights))

    p = 1 / (1 + math.exp(-0.7))
    assert found.slot_error[0, 0] == pytest.approx(p * (1 - p) * 0.01, rel=KNOWN_TO)
    assert found.none_error[0] == pytest.approx(found.slot_error[0, 0], rel=1e-9)
    assert found.labels == (Label.SAMPLED,)
    assert found.estimated == (0,)
    assert found.log_total_error == pytest.approx(p * 0.01, rel=KNOWN_TO)


def test_where_nothing_is_estimated_nothing_changes() -> None:
    weights = Weights(log_none=np.zeros(2), log_slot=np.array([[0.7, 1.0], [0.1, -2.0]]))
    found = solve(weights)

    assert with_estimates(weights, found) is found


def test_components_without_an_estimate_stay_exact() -> None:
    log_slot = np.array([[0.7, -np.inf], [-np.inf, 0.4]])
    weights = Weights(log_none=np.zeros(2), log_slot=log_slot, log_slot_error=np.array([[0.02, 0.0], [0.0, 0.0]]))

    found = with_estimates(weights, solve(weights))

    assert found.labels == (Label.SAMPLED, Label.EXACT)
    assert found.slot_error[1].tolist() == [0.0, 0.0]
    assert found.none_error[1] == 0.0


def test_an_error_too_small_to_be_told_leaves_the_label() -> None:
    weights = Weights(log_none=np.zeros(1), log_slot=np.array([[30.0]]), log_slot_error=np.array([[0.1]]))

    found = with_estimates(weights, solve(weights))

    assert found.labels == (Label.EXACT,)
    assert 0 < found.slot_error[0, 0] < 1e-6


def test_a_competitor_of_an_estimate_errs_too() -> None:
    log_slot = np.array([[1.0, -np.inf], [1.0, 0.5]])
    weights = Weights(log_none=np.zeros(2), log_slot=log_slot, log_slot_error=np.array([[0.05, 0.0], [0.0, 0.0]]))

    found = with_estimates(weights, solve(weights))

    assert found.slot_error[1, 1] > 1e-4
    assert found.labels == (Label.SAMPLED, Label.SAMPLED)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_an_error_is_the_first_order_one_with_several_families(seed: int) -> None:
    rng = np.random.default_rng(seed)
    log_slot, error = rng.normal(0, 2, (3, 3)), rng.uniform(0, 0.01, (3, 3))
    weights = Weights(log_none=np.zeros(3), log_slot=log_slot, log_slot_error=error)
    plain, step = solve(replace(weights, log_slot_error=None)), 1e-5
    expected = np.zeros((3, 3))
    for place in np.ndindex(3, 3):
        moved = log_slot.copy()
        moved[place] += step
        expected += (
            (solve(Weights(log_none=np.zeros(3), log_slot=moved)).slot - plain.slot) / step * error[place]
        ) ** 2

    found = with_estimates(weights, plain, seed=seed)

    assert np.abs(np.log(found.slot_error / np.sqrt(expected))).max() < 1.0  # of 24 normal deviates


def test_a_joint_likelihood_moves_by_its_own_error_and_not_by_the_single_ones() -> None:
    coupling = Coupling(
        slots=(0, 1), log_ratio=lambda holder: 2.0 if min(holder) >= 0 else 0.0, error=lambda holder: 0.0
    )
    weights = Weights(
        log_none=np.zeros(2), log_slot=np.zeros((2, 2)), couplings=(coupling,), log_slot_error=np.full((2, 2), 0.3)
    )

    moved = moved_by_error(weights, np.random.default_rng(1), {})

    together = moved.log_slot[0, 0] + moved.log_slot[1, 1] + moved.couplings[0].log_ratio((0, 1))
    assert together == pytest.approx(2.0, abs=1e-12)
    assert moved.couplings[0].log_ratio((0, -1)) == 0.0


def test_what_is_too_large_to_be_summed_gets_its_error_by_belief_propagation(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    log_slot, error = rng.normal(0, 2, (4, 4)), np.full((4, 4), 0.02)
    weights = Weights(log_none=np.zeros(4), log_slot=log_slot, log_slot_error=error)
    summed = with_estimates(weights, solve(weights))

    monkeypatch.setattr(joint, "MOST_WORK", 1)
    found = with_estimates(weights, solve(weights))

    assert set(found.labels) <= {Label.SAMPLED}
    assert found.log_total is None
    assert (found.slot_error >= summed.slot_error * 0.8).all()


def test_without_each_person_once_rows_err_alone() -> None:
    weights = Weights(
        log_none=np.zeros(2),
        log_slot=np.array([[0.5], [0.5]]),
        one_to_one=False,
        log_slot_error=np.array([[0.02], [0.0]]),
    )

    found = with_estimates(weights, solve(weights))

    assert found.slot_error[0, 0] > 1e-3
    assert found.slot_error[1, 0] == 0.0
    assert found.labels == (Label.SAMPLED, Label.EXACT)


# --- identification ---


@pytest.mark.parametrize("missing", [("b0",), ("b0", "b1"), ("a0", "b0")])
def test_estimates_lie_about_the_exact_posterior_as_their_errors_say(
    monkeypatch: pytest.MonkeyPatch, missing: tuple[str, ...]
) -> None:
    of = programme(missing=missing)
    exact = posteriors(identify(programme(missing=missing, method=ThetaMethod.EXACT)))
    allow_few_ways(monkeypatch)

    apart = []
    for seed in range(12):
        found = identify(replace(of, settings=replace(of.settings, seed=seed)), explained=False)
        assert {one.best.label for one in found.remains} == {Label.SAMPLED}
        apart += [(p - exact[pair][0]) / error for pair, (p, error) in posteriors(found).items() if error > 1e-6]

    assert len(apart) >= 50
    assert max(map(abs, apart)) < 4  # the error itself is known to 15%
    assert math.sqrt(float(np.mean(np.square(apart)))) < 1.3


def test_families_and_their_errors_are_named(few_ways: None) -> None:
    found = identify(programme(missing=("a0", "b0")))

    note = next(note for note in found.notes if note.code == "theta_sampled")
    assert note.values["family"] == "F"
    assert note.values["draws"] == 300
    assert note.values["standard_error"] > 0
    assert found.log10_evidence_error > 0
    assert all(one.error > 0 for one in found.assignments[:3])
    assert all(one.explanation is not None and one.explanation.estimated for one in found.remains)


def test_a_pairwise_ratio_says_how_far_it_is_estimated(few_ways: None) -> None:
    found = identify(programme())

    of_person = [one for one in found.candidates if one.hypothesis == "P-b0"]
    assert all(0 < one.log10_lr_error < 0.1 for one in of_person)
    assert {one.log10_lr_error for one in found.candidates if one.hypothesis == "not_listed"} == {0.0}


def test_what_was_decided_stays_certain(few_ways: None) -> None:
    of = programme(missing=("a0", "b0"))
    decided = replace(of, decisions=(Decision(remains_id="R0", about="P-b0", outcome=Outcome.IDENTIFIED),))

    found = identify(decided)

    of_row = {one.remains_id: one.best for one in found.remains}
    assert (of_row["R0"].posterior, of_row["R0"].error, of_row["R0"].label) == (1.0, 0.0, Label.EXACT)
    assert of_row["R1"].label is Label.SAMPLED


def test_fragments_carry_the_errors_of_their_sets(few_ways: None) -> None:
    of = programme(missing=("a0", "b0"))
    found = identify(replace(of, settings=replace(of.settings, fragments=True)))

    assert {one.best.label for one in found.remains} == {Label.SAMPLED}
    assert all(one.best.error > 0 for one in found.remains)


def test_the_same_seed_gives_the_same_errors(few_ways: None) -> None:
    first, second = (posteriors(identify(programme(missing=("a0", "b0")))) for _ in range(2))

    assert first == second


def test_among_very_many_pairs_an_estimate_is_refused_by_name(few_ways: None) -> None:
    of = programme(missing=("a0", "b0"))
    with pytest.raises(TooLarge, match=r"family F is too large for theta.*marker"):
        wide.identify(of)


def test_draws_shrink_the_error_as_their_square_root(few_ways: None) -> None:
    few, many = (identify(programme(theta_draws=draws), explained=False) for draws in (200, 20_000))
    ratios = [posteriors(few)[pair][1] / posteriors(many)[pair][1] for pair in posteriors(few)]

    assert 5 < float(np.median(ratios)) < 20
    assert family_of(programme()).sampling == Sampling(draws=300, seed=5)


# --- linked markers are refused, and said so ---


def linked_programme() -> Programme:
    """The family with its two markers linked."""
    return replace(programme(), markers=(Marker(marker="TH01", linked_to="FGA", rho=0.1), Marker(marker="FGA")))


def test_linked_markers_are_never_estimated_and_the_refusal_says_so() -> None:
    with pytest.raises(
        TooLarge, match=r"family F: .*FGA and TH01.*more than 30,000 ways together, and linked markers are never"
    ):
        identify(linked_programme())


def test_the_check_of_a_folder_tells_which_linked_markers_will_be_refused(tmp_path: Path) -> None:
    write_programme(linked_programme(), tmp_path / "folder")

    told = [note for note in read_programme(tmp_path / "folder").notes if note.column == "family_id"]

    assert [note.value for note in told] == ["F"]
    assert "too large for theta at the linked markers FGA and TH01. It will be refused" in told[0].reason


# --- the other verbs say so too ---


def test_a_comparison_by_system_names_the_families_it_estimates(few_ways: None) -> None:
    found = compare(programme(missing=("b0",)))

    told = next(one for one in found.assumptions if one.code == "estimated")
    assert told.values["draws"] == 300
    assert 0 < told.values["families"]["F"] < 0.1


def test_the_quality_of_an_estimated_family_has_an_error(few_ways: None) -> None:
    (tested,) = quality(programme(missing=("b0",))).families

    assert 0 < tested.error < 0.2


def test_a_scan_names_the_families_it_estimates(few_ways: None, tmp_path: Path) -> None:
    write_programme(programme(missing=("b0",)), tmp_path / "folder")

    ran = CliRunner().invoke(main, ["scan", str(tmp_path / "folder"), "--out", str(tmp_path / "out")])

    assert ran.exit_code == 0, ran.output
    assert "1 families are too large for theta to be summed: their log10 LR are estimates" in ran.output
    assert "F (± 0.0" in ran.output
