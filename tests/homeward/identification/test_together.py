"""Identification where families are coupled beyond their tables: theta, linked markers, the X chromosome."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from homeward.genetics.family import Family, families
from homeward.genetics.locus import prepare_loci
from homeward.identification.conclusions import identical
from homeward.identification.identify import identify
from homeward.identification.problem import pose
from homeward.identification.result import Identification
from homeward.programme import (
    Call,
    Marker,
    Member,
    MissingPerson,
    MutationKind,
    MutationModel,
    Pedigree,
    PriorKind,
    Profile,
    Programme,
    Remains,
    Settings,
    Sex,
)
from tests.homeward.identification.enumeration import enumerate_all

ALLELES = {"8": 0.1, "9": 0.2, "10": 0.3, "11": 0.4}
MARKERS = ("TH01", "vWA", "FGA", "DXS8378")
CALLS: dict[str, dict[str, Call]] = {
    "father": {"TH01": ("8", "10"), "vWA": ("9", "9")},
    "sister": {"TH01": ("8", "9"), "vWA": ("9", "10"), "FGA": ("8", "8"), "DXS8378": ("8", "9")},
    "nephew": {"FGA": ("8", "10"), "DXS8378": ("9", "?")},
    "r1": {"TH01": ("8", "9"), "vWA": ("9", "10"), "FGA": ("8", "9"), "DXS8378": ("8", "?")},
    "r2": {"TH01": ("8", "8"), "vWA": ("9", "9"), "DXS8378": ("9", "9")},
    "r3": {"TH01": ("10", "11"), "FGA": ("8", "10")},
}


def programme(*, theta: float, rho: float | None) -> Programme:
    """Two missing brothers, their sister and her son typed, their father at the linked markers; three remains."""
    of = {"father_id": "father", "mother_id": "mother"}
    members = (
        Member(family_id="F", member_id="father", sex=Sex.MALE, inbreeding=0.0625),
        Member(family_id="F", member_id="mother", sex=Sex.FEMALE),
        Member(family_id="F", member_id="elder", sex=Sex.MALE, person_id="P1", **of),
        Member(family_id="F", member_id="younger", sex=Sex.MALE, person_id="P2", **of),
        Member(family_id="F", member_id="sister", sex=Sex.FEMALE, **of),
        Member(family_id="F", member_id="nephew", sex=Sex.MALE, mother_id="sister"),
    )
    pair = Marker(marker="TH01", linked_to="vWA" if rho is not None else "", rho=rho)
    return Programme(
        settings=Settings(name="brothers", prior=PriorKind.FLAT, population="P", theta=theta),
        missing=(MissingPerson(person_id="P1", sex=Sex.MALE), MissingPerson(person_id="P2", sex=Sex.MALE)),
        pedigrees=(Pedigree(family_id="F", members=members),),
        markers=(pair, Marker(marker="DXS8378", chromosome="X")),
        mutation=(MutationModel(marker="FGA", model=MutationKind.EQUAL, rate_female=0.001, rate_male=0.003),),
        profiles=tuple(Profile(sample_id=f"s-{who}", subject_id=who, calls=calls) for who, calls in CALLS.items()),
        frequencies={"P": dict.fromkeys(MARKERS, ALLELES)},
        remains=tuple(Remains(remains_id=name, sex=Sex.MALE) for name in ("r1", "r2", "r3")),
    )


def family_of(one: Programme) -> Family:
    (found,) = families(one, prepare_loci(one))
    return found


def posterior(result: Identification, remains: str, hypothesis: str) -> float:
    pairs = result.pairs
    named = zip(pairs.remains, pairs.hypothesis, pairs.posterior, strict=True)
    return next(float(p) for r, h, p in named if (pairs.remains_ids[r], pairs.hypotheses[h]) == (remains, hypothesis))


def by_hand(one: Programme) -> dict[tuple[str, str], float]:
    """P(remains is person), from every assignment: all admissible ones are equally likely beforehand.

    The weight of one is P(references, the remains assigned as the brothers) over P(references, the same remains as
    unrelated people).
    """
    family = family_of(one)
    held = {"P1": "elder", "P2": "younger", "": ""}
    total, found = 0.0, {}
    for chosen in itertools.product(("", "P1", "P2"), repeat=3):
        assigned = {held[who]: CALLS[f"r{k + 1}"] for k, who in enumerate(chosen) if who}
        if len(assigned) < sum(bool(who) for who in chosen):
            continue
        unrelated = [(Sex.MALE, calls) for calls in assigned.values()]
        weight = math.exp(family.log_likelihood(assigned) - family.unrelated_log_likelihood(unrelated))
        total += weight
        for k, who in enumerate(chosen):
            found[f"r{k + 1}", who] = found.get((f"r{k + 1}", who), 0.0) + weight
    return {pair: weight / total for pair, weight in found.items() if pair[1]}


@pytest.mark.parametrize(("theta", "rho"), [(0.0, None), (0.02, None), (0.0, 0.05), (0.02, 0.05)])
def test_the_posterior_is_that_of_every_assignment_weighed_jointly(theta: float, rho: float | None) -> None:
    one = programme(theta=theta, rho=rho)
    result = identify(one)
    for (remains, person), expected in by_hand(one).items():
        assert posterior(result, remains, person) == pytest.approx(expected, rel=1e-9), (remains, person)


def test_the_weights_of_a_coupled_family_agree_with_enumeration() -> None:
    weights = pose(programme(theta=0.02, rho=0.05)).weights()
    (coupling,) = weights.couplings
    assert coupling.slots == (0, 1)
    assert enumerate_all(weights, free=False).slot.sum() == pytest.approx(
        sum(by_hand(programme(theta=0.02, rho=0.05)).values()), rel=1e-10
    )


def test_two_remains_of_one_genotype_are_less_telling_with_theta() -> None:
    # a homozygote and a heterozygote: 1/P(genotype), and with theta 1/P(genotype | genotype) of Balding and Nichols
    p, q, theta = 0.1, 0.2, 0.05
    calls = [{"TH01": ("8", "8"), "vWA": ("8", "9")}, {"TH01": ("8", "8"), "vWA": ("9", "8")}]
    loci = prepare_loci(programme(theta=0.0, rho=None))["P"]
    ((_, _, independent),) = identical(["r1", "r2"], calls, loci)
    assert independent == pytest.approx(-math.log10(p**2 * 2 * p * q), rel=1e-12)
    both = (1 + theta) * (1 + 2 * theta)
    homozygote = (2 * theta + (1 - theta) * p) * (3 * theta + (1 - theta) * p) / both
    heterozygote = 2 * (theta + (1 - theta) * p) * (theta + (1 - theta) * q) / both
    expected = -math.log10(homozygote * heterozygote)
    shown = [{**of, "FGA": ("8", "11")} for of in calls]
    of_fga = 2 * (theta + (1 - theta) * p) * (theta + (1 - theta) * 0.4) / both
    ((_, _, coupled),) = identical(["r1", "r2"], shown, loci, theta=theta)
    assert coupled == pytest.approx(expected - math.log10(of_fga), rel=1e-12)


def test_theta_makes_a_shared_rare_allele_weigh_less() -> None:
    lr = {theta: float(pose(programme(theta=theta, rho=None)).log_lr[0, 0]) for theta in (0.0, 0.05)}
    assert lr[0.05] < lr[0.0]


def test_what_each_marker_contributes_sums_to_the_likelihood_ratio() -> None:
    one = programme(theta=0.02, rho=0.05)
    result = identify(one)
    pair = next(p for p in result.candidates if (p.remains_id, p.hypothesis) == ("r1", "P1"))
    assert sum(pair.markers.values()) == pytest.approx(pair.log10_lr, abs=1e-9)


def test_the_order_of_rows_changes_nothing() -> None:
    one = programme(theta=0.02, rho=0.05)
    turned = replace(one, remains=one.remains[::-1], profiles=one.profiles[::-1])
    a, b = identify(one), identify(turned)
    for remains, person in by_hand(one):
        assert posterior(a, remains, person) == pytest.approx(posterior(b, remains, person), rel=1e-12)
