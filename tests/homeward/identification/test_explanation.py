"""What an answer rests on: each line left out, the runner-up, generalised likelihood ratios, other priors."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from homeward.identification import again, explanation
from homeward.identification.evidence import weighing
from homeward.identification.evidence.combination import combine, without_each
from homeward.identification.evidence.lines import Case, Line
from homeward.identification.identify import identify
from homeward.identification.joint import Weights
from homeward.identification.result import Genetics, Method
from homeward.programme import (
    Member,
    MissingPerson,
    Pedigree,
    PriorKind,
    Profile,
    Programme,
    Remains,
    Settings,
    Sex,
)
from tests.homeward.identification.enumeration import drawn, enumerate_all

ALLELES = {"8": 0.1, "9": 0.2, "10": 0.3, "11": 0.4}


def _line(rng: np.random.Generator, name: str, persons: int, *, bounded: bool) -> Line:
    return Line(
        name=name,
        listed=rng.normal(0, 3, (2, persons)),
        general=rng.normal(0, 1, (2, 1, 2)),
        bounded=bounded,
    )


@pytest.fixture
def case() -> Case:
    return Case(
        programme=Programme(settings=Settings(name="x", bound=0.01)),
        individuals=(None, None),  # type: ignore[arg-type]
        persons=tuple(MissingPerson(person_id=name) for name in "abc"),
        sexes=(Sex.UNKNOWN,) * 3,
        alternatives=("not_listed", "outsider:x"),
        groups=("north", "south"),
        group_of=np.array([0, 1, 1]),
        group_weights=np.array([[0.25, 0.75], [1.0, 0.0]]),
    )


@pytest.mark.parametrize("seed", range(5))
def test_what_the_others_say_without_a_line_is_their_combination(case: Case, seed: int):
    rng = np.random.default_rng(seed)
    lines = [_line(rng, name, 3, bounded=name != "dna") for name in ("dna", "gait", "voice")]

    found = without_each(lines, case)

    expected = {one.name: combine([line for line in lines if line is not one], case).log_evidence for one in lines}
    assert set(found) == set(expected)
    assert all(np.abs(found[name] - expected[name]).max() < 1e-12 for name in expected)


@pytest.mark.parametrize("seed", range(40))
def test_the_best_assignment_with_each_pair_is_that_of_the_list_of_all(seed: int):
    weights = drawn(seed)

    found = again.best_with_each(weights, most_work=1e9)

    everything = enumerate_all(weights, free=False)
    slot, none = np.full(weights.log_slot.shape, -np.inf), np.full(weights.log_none.shape, -np.inf)
    for weight, chosen in everything.assignments:
        for r, s in enumerate(chosen):
            slot[r, s] = max(slot[r, s], weight) if s >= 0 else slot[r, s]
            none[r] = max(none[r], weight) if s < 0 else none[r]
    shift = np.maximum(none, slot.max(axis=1)) - np.maximum(found.none, found.slot.max(axis=1))
    assert found.known.all()
    assert np.allclose(np.exp(found.none + shift), np.exp(none), rtol=1e-12)
    assert np.allclose(np.exp(found.slot + shift[:, None]), np.exp(slot), rtol=1e-12)


@pytest.mark.parametrize("seed", range(20))
def test_small_problems_are_solved_again_exactly(seed: int):
    weights = drawn(seed)

    found = again.posterior(weights, most_work=1e9)

    expected = enumerate_all(weights, free=False)
    assert found.known.all()
    assert np.allclose(found.slot, expected.slot, rtol=1e-10, atol=1e-14)
    assert np.allclose(found.none, expected.none, rtol=1e-10, atol=1e-14)


def test_what_costs_more_than_allowed_is_left():
    assert not again.posterior(drawn(1), most_work=0.0).known.any()
    assert not again.best_with_each(drawn(1), most_work=0.0).known.any()


def test_each_by_himself_is_his_row():
    weights = Weights(log_none=np.log([0.5]), log_slot=np.log([[0.25, 0.25]]), one_to_one=False)

    found = again.posterior(weights, most_work=0.0)

    assert found.slot[0] == pytest.approx([0.25, 0.25], rel=1e-14)
    assert again.best_with_each(weights, most_work=0.0).none[0] == pytest.approx(math.log(0.5))


# --- whole programmes ---


def _profile(subject: str, call: tuple[str, str]) -> Profile:
    return Profile(sample_id=f"s-{subject}", subject_id=subject, calls={"TH01": call, "FGA": call})


def _programme(**settings: object) -> Programme:
    """Two brothers and a woman are missing, the brothers' father and the woman's are typed; two remains."""
    brothers = Pedigree(
        family_id="F1",
        members=(
            Member(family_id="F1", member_id="father", sex=Sex.MALE),
            Member(family_id="F1", member_id="mother", sex=Sex.FEMALE),
            *(
                Member(
                    family_id="F1",
                    member_id=name.lower(),
                    father_id="father",
                    mother_id="mother",
                    sex=Sex.MALE,
                    person_id=name,
                )
                for name in ("A", "B")
            ),
        ),
    )
    woman = Pedigree(
        family_id="F2",
        members=(
            Member(family_id="F2", member_id="her-father", sex=Sex.MALE),
            Member(family_id="F2", member_id="c", father_id="her-father", sex=Sex.FEMALE, person_id="C"),
        ),
    )
    return Programme(
        settings=Settings(name="small", population="P", listed_share=0.6, not_listed=0.4, **settings),  # type: ignore[arg-type]
        missing=(
            MissingPerson(person_id="A", sex=Sex.MALE),
            MissingPerson(person_id="B", sex=Sex.MALE),
            MissingPerson(person_id="C", sex=Sex.FEMALE),
            MissingPerson(person_id="D", sex=Sex.MALE),
        ),
        pedigrees=(brothers, woman),
        profiles=(
            _profile("father", ("8", "8")),
            _profile("her-father", ("8", "9")),
            _profile("r1", ("8", "10")),
            _profile("r2", ("8", "9")),
        ),
        frequencies={"P": {"TH01": ALLELES, "FGA": ALLELES}},
        remains=(Remains(remains_id="r1", sex=Sex.MALE), Remains(remains_id="r2", sex=Sex.FEMALE)),
    )


def _explained(programme: Programme) -> dict[str, tuple[object, ...]]:
    return {one.remains_id: (one.best, one.explanation) for one in identify(programme).remains}


def _posterior(programme: Programme) -> dict[tuple[str, str], float]:
    pairs = identify(programme).pairs
    return {
        (pairs.remains_ids[r], pairs.hypotheses[h]): float(p)
        for r, h, p in zip(pairs.remains, pairs.hypothesis, pairs.posterior, strict=True)
    }


def test_a_line_left_out_gives_the_posterior_of_a_programme_that_does_not_use_it():
    without = _posterior(_programme(lines=()))

    for remains_id, (best, told) in _explained(_programme()).items():
        body = next(line for line in told.lines if line.line == "body")
        expected = {h: p for (r, h), p in without.items() if r == remains_id}
        assert body.method is Method.EXACT
        assert body.posterior == pytest.approx(expected[best.hypothesis], rel=1e-9)
        assert body.leading_posterior == pytest.approx(max(expected.values()), rel=1e-9)
        assert body.rank == 1 + sum(p > expected[best.hypothesis] * (1 + 1e-9) for p in expected.values())


def test_genotypes_left_out_give_the_posterior_of_remains_without_profiles():
    programme = _programme()
    untyped = dataclasses.replace(programme, profiles=programme.profiles[:2])
    without = _posterior(untyped)

    for remains_id, (best, told) in _explained(programme).items():
        dna = next(line for line in told.lines if line.line == "dna")
        assert dna.method is Method.EXACT
        assert dna.posterior == pytest.approx(without[remains_id, best.hypothesis], rel=1e-9)


def test_a_single_individual_is_weighed_again_exactly_by_its_row(monkeypatch: pytest.MonkeyPatch):
    programme = _programme()
    alone = dataclasses.replace(programme, remains=programme.remains[:1], profiles=programme.profiles[:3])
    exact = _explained(alone)["r1"][1]
    monkeypatch.setattr(explanation, "SOLVED_AGAIN", 0)

    row_wise = _explained(alone)["r1"][1]

    assert {line.method for line in row_wise.lines} == {Method.ROW}
    for first, second in zip(exact.lines, row_wise.lines, strict=True):
        assert second.posterior == pytest.approx(first.posterior, rel=1e-9)
        assert (second.rank, second.leading) == (first.rank, first.leading)


def test_an_invented_line_is_explained_like_any_other(monkeypatch: pytest.MonkeyPatch):
    def gait(case: Case) -> Line:
        listed = np.zeros((len(case.individuals), len(case.persons)))
        listed[0, 1] = math.log(20)
        half = listed / 2
        general = np.zeros((1, 1, 1))
        return Line(
            name="gait", listed=listed, general=general, parts={"left": (half, general), "right": (half, general)}
        )

    monkeypatch.setattr(weighing, "WEIGH", {"other": gait})
    best, told = _explained(_programme(lines=("other",)))["r1"]

    line = next(one for one in told.lines if one.line == "gait")
    assert best.hypothesis == "B"
    assert line.log10_lr == pytest.approx(math.log10(20), rel=1e-12)
    assert line.parts == pytest.approx({"left": math.log10(20) / 2, "right": math.log10(20) / 2})
    assert told.separation.hypothesis == "A"
    assert told.separation.lines == pytest.approx({"gait": math.log10(20)})
    assert told.separation.genetics is Genetics.NEVER
    assert line.leading in ("A", "B")


def test_brothers_are_alike_and_what_a_further_line_must_say_is_the_threshold_itself():
    best, told = _explained(_programme())["r1"]

    assert {best.hypothesis, *told.alike_persons} == {"A", "B"}
    assert told.separation.log10_odds == pytest.approx(0.0, abs=1e-12)
    assert told.separation.needed_log10_lr == pytest.approx(math.log10(0.9995 / 0.0005), rel=1e-9)
    assert told.log10_glr == pytest.approx(0.0, abs=1e-9)  # the brother explains the remains as well


def test_the_margin_is_what_all_lines_say_less_what_the_threshold_asks():
    for one in identify(_programme()).remains:
        assert one.explanation.margin_log10_lr == pytest.approx(one.best.log10_lr_all - one.needed_log10_lr, rel=1e-12)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_posterior_at_another_prior_is_that_of_a_programme_that_has_it(share: float):
    programme = _programme()
    settings = dataclasses.replace(programme.settings, listed_share=share, not_listed=1 - share)
    other = _posterior(dataclasses.replace(programme, settings=settings))

    for remains_id, (best, told) in _explained(programme).items():
        assert dict(told.exact_priors)[share] == pytest.approx(other[remains_id, best.hypothesis], rel=1e-9)


def test_what_cannot_be_had_says_why(monkeypatch: pytest.MonkeyPatch):
    flat = _explained(_programme(prior=PriorKind.FLAT))["r1"][1]
    monkeypatch.setattr(explanation, "SOLVED_AGAIN", 0)
    monkeypatch.setattr(explanation, "MOST_WORK", 0.0)
    large = _explained(_programme())["r1"][1]

    assert (flat.exact_priors, flat.priors_absent) == ((), "flat")
    assert (large.exact_priors, large.priors_absent) == ((), "too_large")
    assert (large.log10_glr, large.glr_absent) == (None, "too_large")
