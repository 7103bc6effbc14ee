"""Identification of small programmes, worked by hand, and the laws it must keep."""

from __future__ import annotations

import dataclasses
import itertools
import math

import numpy as np
import pytest

from homeward.errors import Cancelled, Impossible, UnequalCalls
from homeward.genetics.family import calls_of, families
from homeward.genetics.locus import prepare_loci
from homeward.genetics.tables import log_probability_of_call
from homeward.identification.conclusions import at_other_priors, needed_log10_lr, undisputed
from homeward.identification.identify import identify
from homeward.identification.problem import pose
from homeward.identification.result import Conclusion, Exclusion, Label
from homeward.programme import (
    Decision,
    Marker,
    Member,
    MissingPerson,
    Outcome,
    Pedigree,
    PriorKind,
    Profile,
    Programme,
    Remains,
    Sample,
    Settings,
    Sex,
)

MARKERS = ("D3S1358", "TH01", "D21S11", "D18S51", "FGA")
ALLELES = {"8": 0.1, "9": 0.2, "10": 0.3, "11": 0.4}


def _profile(subject, calls):
    return Profile(sample_id=f"s-{subject}", subject_id=subject, calls=dict(zip(MARKERS, calls, strict=False)))


def _programme(**changes):
    """Two missing men: the father of A and the parents of B are typed; two remains; C has no family."""
    father = Pedigree(
        family_id="F1",
        members=(
            Member(family_id="F1", member_id="father-a", sex=Sex.MALE),
            Member(family_id="F1", member_id="a", father_id="father-a", sex=Sex.MALE, person_id="A"),
        ),
    )
    sons = Pedigree(
        family_id="F2",
        members=(
            Member(family_id="F2", member_id="father-b", sex=Sex.MALE),
            Member(family_id="F2", member_id="mother-b", sex=Sex.FEMALE),
            Member(
                family_id="F2",
                member_id="b",
                father_id="father-b",
                mother_id="mother-b",
                sex=Sex.MALE,
                person_id="B",
            ),
        ),
    )
    base = Programme(
        settings=Settings(name="two men", prior=PriorKind.FLAT, population="P"),
        missing=(
            MissingPerson(person_id="A", sex=Sex.MALE),
            MissingPerson(person_id="B", sex=Sex.MALE),
            MissingPerson(person_id="C", sex=Sex.FEMALE),
        ),
        pedigrees=(father, sons),
        profiles=(
            _profile("father-a", [("8", "8")]),
            _profile("father-b", [("9", "9")]),
            _profile("mother-b", [("10", "10")]),
            _profile("r1", [("8", "10")]),
            _profile("r2", [("9", "10")]),
        ),
        frequencies={"P": dict.fromkeys(MARKERS, ALLELES)},
        remains=(Remains(remains_id="r1", sex=Sex.MALE), Remains(remains_id="r2", sex=Sex.MALE)),
    )
    return dataclasses.replace(base, **changes)


def _posterior(result, remains, hypothesis):
    pairs = result.pairs
    (k,) = [
        k
        for k, (r, h) in enumerate(zip(pairs.remains, pairs.hypothesis, strict=True))
        if (pairs.remains_ids[r], pairs.hypotheses[h]) == (remains, hypothesis)
    ]
    return float(pairs.posterior[k])


def test_posteriors_worked_by_hand_under_the_flat_prior():
    # r1 is 8/10: as A (father 8/8) P = p10 = .3 against 2 x .1 x .3 = .06: LR 5; as B impossible
    # r2 is 9/10: as A impossible (no 8); as B (9/9 x 10/10) certain against 2 x .2 x .3 = .12: LR 1/.12
    # C is a woman: inadmissible. "not listed" weighs one
    found = identify(_programme())
    assert _posterior(found, "r1", "A") == pytest.approx(5 / 6, rel=1e-12)
    assert _posterior(found, "r2", "B") == pytest.approx((1 / 0.12) / (1 + 1 / 0.12), rel=1e-12)
    assert _posterior(found, "r1", "C") == 0
    assert found.log10_evidence == pytest.approx(math.log10(6 * (1 + 1 / 0.12)), rel=1e-12)
    assert found.shares[Label.EXACT] == 1


def test_a_likelihood_ratio_with_drop_out_worked_by_hand():
    # r1 shows 10 alone at one marker, each copy lost with .2. As the child of A's father 8/8 he is 8/10 whose 8
    # was lost; someone unrelated is 10/10 not wholly lost, or 10/x whose x was lost
    d, p = 0.2, 0.3
    seen = [_profile("father-a", [("8", "8")]), _profile("r1", [("10", "10")])]
    found = identify(_programme(profiles=seen, samples=(Sample(sample_id="s-r1", subject_id="r1", dropout=d),)))
    expected = p * d * (1 - d) / (p**2 * (1 - d**2) + 2 * p * (1 - p) * d * (1 - d))
    row = {c.hypothesis: c for c in found.candidates if c.remains_id == "r1"}
    assert row["A"].log10_lr == pytest.approx(math.log10(expected), rel=1e-12)


def test_a_likelihood_ratio_with_a_silent_allele_worked_by_hand():
    # father 8/8 or 8/silent, r1 10/10 or 10/silent: he gets the silent one and is 10 besides
    s, p8, p10 = 0.05, 0.95 * 0.1, 0.95 * 0.3
    seen = [_profile("father-a", [("8", "8")]), _profile("r1", [("10", "10")])]
    found = identify(_programme(profiles=seen, markers=(Marker(marker=MARKERS[0], silent_frequency=s),)))
    silent = 2 * p8 * s / (p8**2 + 2 * p8 * s)
    expected = silent * 0.5 * p10 / (p10**2 + 2 * p10 * s)
    row = {c.hypothesis: c for c in found.candidates if c.remains_id == "r1"}
    assert row["A"].log10_lr == pytest.approx(math.log10(expected), rel=1e-12)


def test_two_rows_of_one_individual_with_errors_multiply():
    # r1 and r2 are one man of whom 8 alone is seen twice, each copy lost with d in each sample
    d, p = 0.2, 0.1
    rows = (Remains(remains_id="r1", sex=Sex.MALE), Remains(remains_id="r2", sex=Sex.MALE, same_as="r1"))
    settings = Settings(name="x", prior=PriorKind.FLAT, population="P", dropout=d)
    seen = [_profile("father-a", [("8", "9")]), _profile("r1", [("8", "8")]), _profile("r2", [("8", "8")])]
    exact = (Sample(sample_id="s-father-a", subject_id="father-a", dropout=0.0),)
    found = identify(_programme(profiles=seen, remains=rows, settings=settings, samples=exact))
    both, one = (1 - d**2) ** 2, (d * (1 - d)) ** 2
    child = 0.5 * (p * both + (1 - p) * one) + 0.5 * p * one
    expected = child / (p**2 * both + 2 * p * (1 - p) * one)
    row = {c.hypothesis: c for c in found.candidates if c.remains_id == "r1"}
    assert row["A"].log10_lr == pytest.approx(math.log10(expected), rel=1e-12)


def test_remains_with_one_genotype_are_flagged_by_how_much_rather_they_are_one_individual():
    whole = [("8", "10"), ("8", "9"), ("9", "10"), ("8", "11"), ("8", "8")]
    seen = [_profile("r1", whole), _profile("r2", whole)]
    found = identify(_programme(profiles=seen))
    # 1 / P(genotype): 2 x .1 x .3, 2 x .1 x .2, 2 x .2 x .3, 2 x .1 x .4, .1 x .1
    expected = -math.log10(0.06 * 0.04 * 0.12 * 0.08 * 0.01)
    ((first, second, log10),) = found.identical
    assert (first, second) == ("r1", "r2")
    assert log10 == pytest.approx(expected, rel=1e-12)


def test_with_errors_one_individual_may_show_two_genotypes():
    # at the last marker r1 shows 8/8 and r2 8/10: one of two copies of 8/10 was lost, or two people
    whole = [("8", "10"), ("8", "9"), ("9", "10"), ("8", "11"), ("8", "8")]
    seen = [_profile("r1", whole), _profile("r2", [*whole[:4], ("8", "10")])]
    assert not identify(_programme(profiles=seen)).identical
    d, p8 = 0.1, 0.1
    lossy = (Sample(sample_id="s-r1", subject_id="r1", dropout=d),)
    found = identify(_programme(profiles=seen, samples=lossy))
    # a heterozygote is itself in either sample, with (1 - d)^2 in the lossy one under both hypotheses
    apart = p8**2 * (1 - d**2) + 2 * p8 * (1 - p8) * d * (1 - d)
    expected = -math.log10(0.06 * 0.04 * 0.12 * 0.08) + math.log10(d * (1 - d) / apart)
    ((_, _, log10),) = found.identical
    assert log10 == pytest.approx(expected, rel=1e-12)


def test_posteriors_worked_by_hand_under_the_roster_prior():
    # each of three persons weighs .5/3, "not listed" .5; all stated sexes: two men of three
    # a man's sex is expected with 2/3 x .99 + 1/3 x .01; his own with .99: the factor of A; of C .01
    settings = Settings(name="two men", population="P")
    found = identify(_programme(settings=settings))
    expected = 2 / 3 * 0.99 + 1 / 3 * 0.01
    a, c, none = 0.5 / 3 * 5 * 0.99 / expected, 0.5 / 3 * 0.01 / expected, 0.5
    # r2 may be C as well, or B, so the two rows share C: 2 x 2 assignments less the one where both are C
    b = 0.5 / 3 / 0.12 * 0.99 / expected
    total = (a + none) * (b + c + none) + c * (b + none)
    assert _posterior(found, "r1", "A") == pytest.approx(a * (b + c + none) / total, rel=1e-12)
    assert _posterior(found, "r1", "C") == pytest.approx(c * (b + none) / total, rel=1e-12)


def test_every_row_sums_to_one_and_so_does_its_prior():
    found = identify(_programme(settings=Settings(name="x", population="P")))
    for r in range(2):
        assert found.pairs.posterior[found.pairs.remains == r].sum() == pytest.approx(1, abs=1e-12)
        assert found.pairs.prior[found.pairs.remains == r].sum() == pytest.approx(1, abs=1e-12)


def test_outsiders_have_the_frequencies_of_their_own_population():
    settings = Settings(
        name="x", population="P", listed_share=0.4, not_listed=0.3, outsiders={"others": 0.3},
        outsider_population={"others": "Q"},
    )  # fmt: skip
    other = {
        "P": dict.fromkeys(MARKERS, ALLELES),
        "Q": {m: {"8": 0.4, "9": 0.1, "10": 0.4, "11": 0.1} for m in MARKERS},
    }
    found = identify(_programme(settings=settings, frequencies=other))
    # r1 is 8/10: 2 x .4 x .4 in Q, 2 x .1 x .3 in P
    row = {c.hypothesis: c for c in found.candidates if c.remains_id == "r1"}
    assert row["outsider:others"].log10_lr_all == pytest.approx(math.log10(0.32 / 0.06), rel=1e-12)
    assert row["outsider:others"].posterior / row["not_listed"].posterior == pytest.approx(0.32 / 0.06, rel=1e-12)
    assert row["outsider:others"].log10_lr is None
    assert row["not_listed"].log10_lr_all == 0


def test_what_excludes_a_pair_is_named():
    found = identify(_programme(decisions=(_decision("r1", "A", Outcome.EXCLUDED),)))
    reasons = {(c.remains_id, c.hypothesis): c.excluded for c in found.candidates}
    assert reasons["r1", "A"] is Exclusion.DECISION
    assert reasons["r1", "B"] is Exclusion.GENOTYPE
    assert reasons["r1", "C"] is Exclusion.SEX
    assert _posterior(found, "r1", "not_listed") == pytest.approx(1)


def _decision(remains, about, outcome):
    return Decision(remains_id=remains, about=about, outcome=outcome)


def test_an_identified_person_is_gone_for_others_until_rescinded():
    decided = _programme(decisions=(_decision("r1", "A", Outcome.IDENTIFIED),))
    found = identify(decided)
    assert _posterior(found, "r1", "A") == 1
    assert found.remains[0].conclusion is Conclusion.DECIDED
    rescinded = dataclasses.replace(decided, decisions=(*decided.decisions, _decision("r1", "A", Outcome.RESCINDED)))
    assert _posterior(identify(rescinded), "r1", "A") == pytest.approx(5 / 6, rel=1e-12)


def test_a_decision_against_the_genotypes_is_refused():
    with pytest.raises(Impossible, match="r1"):
        identify(_programme(decisions=(_decision("r1", "B", Outcome.IDENTIFIED),)))


def test_two_remains_decided_to_be_one_person_are_refused():
    both = (_decision("r1", "C", Outcome.IDENTIFIED), _decision("r2", "C", Outcome.IDENTIFIED))
    with pytest.raises(Impossible, match="same_as"):
        identify(_programme(decisions=both))


def test_rows_said_to_be_one_individual_share_their_calls():
    remains = (Remains(remains_id="r1", sex=Sex.MALE), Remains(remains_id="r2", sex=Sex.MALE, same_as="r1"))
    with pytest.raises(UnequalCalls, match="r2"):
        identify(_programme(remains=remains))
    agreeing = _programme(remains=remains)
    profiles = tuple(p for p in agreeing.profiles if p.subject_id != "r2")
    found = identify(dataclasses.replace(agreeing, profiles=profiles))
    assert [one.merged for one in found.remains] == [("r1", "r2")]


def test_two_missing_brothers_without_references_inform_each_other():
    # parents untyped, nobody typed: each LR is one, but two remains that share rare alleles are likelier brothers
    brothers = Pedigree(
        family_id="F1",
        members=(
            Member(family_id="F1", member_id="f", sex=Sex.MALE),
            Member(family_id="F1", member_id="m", sex=Sex.FEMALE),
            *(
                Member(family_id="F1", member_id=i, father_id="f", mother_id="m", sex=Sex.MALE, person_id=i.upper())
                for i in ("a", "b")
            ),
        ),
    )
    calls = [("8", "8")] * 2
    programme = _programme(
        pedigrees=(brothers,),
        missing=(MissingPerson(person_id="A"), MissingPerson(person_id="B")),
        profiles=(_profile("r1", calls), _profile("r2", calls)),
    )
    # full sibs 8/8 and 8/8 with p = .1: P = p^2 (1 + p)^2 / 4 against p^4, at two markers
    ratio = (1.1**2 / 4 / 0.1**2) ** 2
    # none 1, one brother 4 ways, both 2 ways
    expected = (2 * 1 + 2 * ratio) / (1 + 4 + 2 * ratio)
    found = identify(programme)
    assert found.remains[0].listed == pytest.approx(expected, rel=1e-12)
    assert found.assignments[0].hypotheses == {"r1": "A", "r2": "B"}
    assert found.assignments[1].hypotheses == {"r1": "B", "r2": "A"}


@pytest.mark.parametrize("missing", ["AB", "ABC"])
def test_missing_brothers_seen_with_errors_weigh_as_their_family_with_them_in_it(missing):
    # sister typed with errors, brothers missing; the joint evidence is the sum over every assignment of
    # P(sister, those assigned as brothers) times P(those not assigned)
    parents = {"father_id": "f", "mother_id": "m"}
    members = [Member(family_id="F", member_id=who, sex=sex) for who, sex in (("f", Sex.MALE), ("m", Sex.FEMALE))]
    members.append(Member(family_id="F", member_id="sister", sex=Sex.FEMALE, **parents))
    members += [Member(family_id="F", member_id=p.lower(), person_id=p, sex=Sex.MALE, **parents) for p in missing]
    shown = {"sister": ["8/8", "9/10"], "r1": ["8/10", "10/10"], "r2": ["8/8", "9/11"]}
    samples = [Sample(sample_id="s-r1", subject_id="r1", dropin=0.04), Sample(sample_id="s-r2", subject_id="r2")]
    of = _programme(
        settings=Settings(name="x", prior=PriorKind.FLAT, population="P", dropout=0.1, typing_error=0.01),
        missing=tuple(MissingPerson(person_id=p, sex=Sex.MALE) for p in missing),
        pedigrees=(Pedigree(family_id="F", members=tuple(members)),),
        profiles=tuple(_profile(who, [tuple(call.split("/")) for call in calls]) for who, calls in shown.items()),
        samples=tuple(samples),
        markers=(Marker(marker=MARKERS[1], silent_frequency=0.03),),
    )
    loci = prepare_loci(of)
    (family,) = families(of, loci)
    calls = calls_of(of)
    alone = {r: sum(log_probability_of_call(loci["P"][m], seen) for m, seen in calls[r].items()) for r in ("r1", "r2")}
    weight = {}
    for one, other in itertools.product([None, *missing.lower()], repeat=2):
        if one is None or one != other:
            assigned = {who: calls[r] for r, who in (("r1", one), ("r2", other)) if who}
            left = sum(alone[r] for r, who in (("r1", one), ("r2", other)) if not who)
            weight[one, other] = math.exp(family.log_likelihood(assigned, engine="plain") + left)
    expected = sum(value for (one, _), value in weight.items() if one == "a") / sum(weight.values())
    assert _posterior(identify(of), "r1", "A") == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("ancestors", ["prune", "keep"])
def test_a_family_of_three_missing_answers_for_all_remains_at_once_as_one_by_one(ancestors):
    parents = {"father_id": "f", "mother_id": "m"}
    members = [Member(family_id="F", member_id=who, sex=sex) for who, sex in (("f", Sex.MALE), ("m", Sex.FEMALE))]
    members.append(Member(family_id="F", member_id="sister", sex=Sex.FEMALE, **parents))
    members += [Member(family_id="F", member_id=p.lower(), person_id=p, sex=Sex.MALE, **parents) for p in "ABC"]
    shown = {"sister": ["8/8", "9/10"], "r1": ["8/10", "10/10"], "r2": ["8/8", "9/11"], "r3": ["9/11"], "r4": ["9/9"]}
    of = _programme(
        settings=Settings(name="x", prior=PriorKind.FLAT, population="P", untyped_ancestors=ancestors),
        missing=tuple(MissingPerson(person_id=p, sex=Sex.MALE) for p in "ABC"),
        pedigrees=(Pedigree(family_id="F", members=tuple(members)),),
        profiles=tuple(_profile(who, [tuple(call.split("/")) for call in calls]) for who, calls in shown.items()),
        remains=tuple(Remains(remains_id=f"r{k}", sex=Sex.MALE) for k in range(1, 5)),
    )
    (coupling,) = pose(of).weights().couplings
    for holder, place in (((0, -1, -1), 1), ((0, 1, -1), 2), ((-1, 2, 3), 0)):
        found = coupling.row(holder, place)
        expected = [coupling.log_ratio((*holder[:place], r, *holder[place + 1 :])) for r in range(4)]
        asked = [r for r in range(4) if r not in holder]
        np.testing.assert_allclose(found[asked], np.array(expected)[asked], rtol=1e-10, atol=1e-10)


def test_the_order_of_rows_changes_no_digit():
    programme = _programme(settings=Settings(name="x", population="P"))
    turned = dataclasses.replace(
        programme,
        missing=programme.missing[::-1],
        remains=programme.remains[::-1],
        pedigrees=programme.pedigrees[::-1],
        profiles=programme.profiles[::-1],
    )
    first, second = identify(programme), identify(turned)
    assert np.allclose(first.pairs.posterior, second.pairs.posterior, rtol=0, atol=1e-12)
    assert first.pairs.hypothesis.tolist() == second.pairs.hypothesis.tolist()


def test_marker_parts_add_up_to_the_pair():
    for candidate in identify(_programme()).candidates:
        if candidate.markers and candidate.log10_lr is not None:
            assert sum(candidate.markers.values()) == pytest.approx(candidate.log10_lr, rel=1e-12)


def test_a_family_that_contradicts_itself_is_set_aside():
    programme = _programme()
    profiles = (*programme.profiles[:3], _profile("b", [("8", "8")]), *programme.profiles[3:])
    found = identify(dataclasses.replace(programme, profiles=profiles))
    (family,) = [one for one in found.families if one.family_id == "F2"]
    assert (family.state, family.marker, family.reason) == ("set_aside", "D3S1358", "mendelian")
    # B has LR 1 for both: r1 is A (5), B (1) or none (1), r2 is B (1) or none (1), not both B: 7 x 2 - 1
    assert _posterior(found, "r2", "B") == pytest.approx(6 / 13, rel=1e-12)


def test_a_programme_without_any_genotype_still_has_a_prior():
    found = identify(_programme(profiles=()))
    assert _posterior(found, "r1", "A") == pytest.approx(_posterior(found, "r1", "B"), rel=1e-12)


def test_the_work_can_be_stopped():
    def stop(stage, done, total):
        raise Cancelled

    with pytest.raises(Cancelled):
        identify(_programme(), tick=stop)


def test_the_ratio_that_a_threshold_asks_for_grows_with_the_roster():
    # .9995 / .0005 = 1999 times 5,300
    assert needed_log10_lr(0.9995, 1, 5300) == pytest.approx(math.log10(1999 * 5300), rel=1e-12)


def test_undisputed_pairs_may_leave_others_undisputed():
    # the first pair is ahead of all; only when its row is gone does the second stand alone in its column
    table = np.array([[9.0, 3.0], [0.0, 6.0]])
    assert [one.step for one in undisputed(["r", "s"], ["a", "b"], table, 1e4)] == [1, 2]


def test_at_other_priors_the_odds_of_the_roster_change_in_proportion():
    told = dict(at_other_priors(np.array([0.4, 0.1]), np.array([0.5]), 0, 0.5))
    assert told[0.5] == pytest.approx(0.4)
    # listed nine to one: .4 x 1.8 / (.5 x 1.8 + .5 x .2)
    assert told[0.9] == pytest.approx(0.72 / 1.0)


def test_the_improbable_are_ranked_by_how_improbable_they_are():
    from homeward.identification.identify import _ranked

    assert _ranked(np.array([1e-30, 1.0, 0.0, 1e-20, 1e-20])).tolist() == [1, 3, 4, 0, 2]
