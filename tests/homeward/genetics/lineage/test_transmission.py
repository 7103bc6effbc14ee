"""What relatives on a line make of a haplotype."""

import json
import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from homeward.errors import Nonsense
from homeward.genetics.lineage.lines import line_of
from homeward.genetics.lineage.mitotype import read_mitotype
from homeward.genetics.lineage.transmission import (
    MtModel,
    YModel,
    chance_of_events,
    mt_log_likelihood,
    step_chances,
    y_log_likelihood,
)
from homeward.genetics.lineage.ystr import read_yhaplotype
from tests.homeward.genetics.lineage.kin import MT, WIDE, Y, descent_line

WORKED = json.loads((Path(__file__).parent / "lineage_worked.json").read_text(encoding="utf-8"))
CR_ONLY = MtModel(elsewhere=0.0)
MISSING_MT, MISSING_Y = line_of(WIDE, "missing", MT), line_of(WIDE, "missing", Y)


def mt(line, *seen, model=CR_ONLY, range="CR"):
    return math.exp(mt_log_likelihood(line, [(who, read_mitotype(text, range)) for who, text in seen], model))


PUBLISHED = YModel()


def y(line, *seen, model=PUBLISHED):
    return math.exp(y_log_likelihood(line, [(who, read_yhaplotype(text)) for who, text in seen], model))


# --- mtDNA ------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", WORKED["mt_region_poisson"])
def test_the_worked_chances_of_events(case):
    assert chance_of_events(case["differences"], case["meioses"], case["mu_region"]) == pytest.approx(
        case["poisson"], rel=1e-13
    )


@pytest.mark.parametrize(
    ("reference", "frequency", "lr"),
    [("263G", 6e-4, 1652.3948), ("263G 16311C", 2e-4, 0.4263179), ("263G 16311C 152C", 2e-4, 3.666334e-5)],
)
def test_two_meioses_and_no_one_or_two_differences_give_the_three_categories(reference, frequency, lr):
    # exp(-2 mu)/f = .9914369/6e-4; 2 mu exp(-2 mu) s/f = .008526357 * .01/2e-4; (2 mu)^2 exp(-2 mu) s^2/f
    line = descent_line(2, MT)
    assert mt(line, ("0", reference), ("2", ["263G", "315.1C", "309.1C"][0])) / frequency == pytest.approx(lr, rel=1e-6)


@pytest.mark.parametrize("differences", [0, 1, 2, 3])
@pytest.mark.parametrize("meioses", [1, 4, 9])
def test_the_tree_of_two_is_the_formula_of_the_field_to_leading_order(differences, meioses):
    changed = " ".join(["16093C", "16311C", "16223T"][:differences])
    expected = chance_of_events(differences, meioses, 0.0043) * math.factorial(differences) * 0.01**differences
    found = mt(descent_line(meioses, MT), ("0", ""), (str(meioses), changed))
    assert found == pytest.approx(expected, rel=1e-6)


def test_a_whole_event_of_several_bases_counts_once():
    line = descent_line(2, MT)
    one = mt(line, ("0", ""), ("2", "523del 524del"), model=MtModel())
    assert one == pytest.approx(mt(line, ("0", ""), ("2", "16311C"), model=MtModel()), rel=1e-12)


def test_two_losses_at_one_place_weigh_like_two_changes_at_two():
    line = descent_line(3, MT)
    assert mt(line, ("0", ""), ("3", "290del 291del")) == pytest.approx(
        mt(line, ("0", ""), ("3", "16311C 152C")), rel=1e-9
    )


def test_several_relatives_are_one_tree_and_not_a_product():
    # The mother and her son: their common haplotype is seen from both, the two meioses to the missing are one.
    seen = [("mother", "16311C"), ("brother", "16311C")]
    both = mt(MISSING_MT, *seen, ("missing", "16311C")) / mt(MISSING_MT, *seen)
    assert both == pytest.approx(math.exp(-0.0043), rel=1e-8)


def test_relatives_who_agree_put_the_change_on_the_branch_of_the_missing():
    one = mt(MISSING_MT, ("sister", ""), ("missing", "16311C")) / mt(MISSING_MT, ("sister", ""))
    seen = [("sister", ""), ("mother", ""), ("uncle", "")]
    all_ = mt(MISSING_MT, *seen, ("missing", "16311C")) / mt(MISSING_MT, *seen)
    assert all_ / one == pytest.approx(0.5 * math.exp(0.0043), rel=1e-4)  # one meiosis may have changed it, not two


def test_a_site_is_summed_over_the_states_of_everyone_between():
    """Enumeration: two states at one site, each meiosis changes it with probability (1 - exp(-2 v))/2."""
    v = 0.3
    model = MtModel(control_region=0.3, elsewhere=0.0, site_share=1.0)
    change = (1 - math.exp(-2 * v)) / 2
    total = 0.0
    for grandmother, mother, sister in product((0, 1), repeat=3):
        chance = 1.0
        for parent, child in ((grandmother, mother), (grandmother, 1), (mother, sister), (sister, 0), (mother, 1)):
            chance *= change if parent != child else 1 - change
        total += chance
    # the tree has five meioses; exp(-v) for each is in both
    found = mt(MISSING_MT, ("uncle", "16311C"), ("nephew", ""), ("missing", "16311C"), model=model)
    assert found == pytest.approx(total, rel=1e-12)


def test_the_outcomes_at_one_site_add_up():
    model = MtModel(control_region=0.3, elsewhere=0.0, site_share=1.0)
    line = descent_line(3, MT)
    assert mt(line, ("0", ""), ("3", ""), model=model) == pytest.approx(math.exp(-0.9))  # no site is known to vary
    third = [("0", ""), ("1", "16311C")]
    outcomes = sum(mt(line, *third, ("3", text), model=model) for text in ("", "16311C"))
    assert outcomes == pytest.approx(mt(line, *third, model=model), rel=1e-12)


def test_positions_that_one_alone_has_read_say_nothing():
    line = descent_line(2, MT)
    short = read_mitotype("16223T", "16024-16365")
    long = read_mitotype("16223T 73G 263G", "CR")
    alone = mt_log_likelihood(line, [("0", short), ("2", read_mitotype("16223T", "16024-16365"))], MtModel())
    assert mt_log_likelihood(line, [("0", short), ("2", long)], MtModel()) == pytest.approx(alone, rel=1e-12)


def test_a_typing_error_explains_a_difference_where_no_meiosis_can():
    line = descent_line(1, MT)
    assert mt(line, ("0", ""), ("0", "16311C")) == 0.0
    found = mt(line, ("0", ""), ("0", "16311C"), model=MtModel(typing_error=0.001))
    assert found == pytest.approx(0.002 * 0.01 * math.exp(-0.002), rel=1e-9)  # either of two readings


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.sampled_from(["16311C", "152C", "16093Y", "523del 524del", "315.1C"]), max_size=3, unique=True),
    st.lists(st.sampled_from(["16311C", "152C", "16093C", "249del"]), max_size=3, unique=True),
    st.integers(1, 6),
)
def test_symmetry_of_mtdna(one, other, meioses):
    line = descent_line(meioses, MT)
    texts = " ".join(one), " ".join(other)
    there = mt(line, ("0", texts[0]), (str(meioses), texts[1]))
    back = mt(line, ("0", texts[1]), (str(meioses), texts[0]))
    assert there == pytest.approx(back, rel=1e-10)


def test_without_mutation_only_equal_haplotypes_are_possible():
    still = MtModel(control_region=0.0, elsewhere=0.0)
    line = descent_line(5, MT)
    assert mt(line, ("0", "16311C"), ("5", "16311C 309.1C"), model=still) == 1.0
    assert mt(line, ("0", "16311C"), ("5", ""), model=still) == 0.0


# --- Y-STR ------------------------------------------------------------------------------------

STEPWISE = WORKED["ystr_stepwise"]
YFILER = {locus.removesuffix("-I"): 15 for locus in STEPWISE["loci"] if locus != "DYS389I"} | {
    "DYS389I": 13,
    "DYS389II": 29,
}


def text_of(repeats):
    return " ".join(f"{locus}={of}" for locus, of in repeats.items())


def test_the_published_rates_are_those_of_the_worked_example():
    rates = [YModel().rate(locus) for locus in STEPWISE["loci"]]
    assert rates == pytest.approx(STEPWISE["mu"], rel=1e-12)


@pytest.mark.parametrize("case", STEPWISE["examples"])
def test_the_worked_haplotypes_of_fifteen_loci(case):
    apart = YFILER | {"DYS458": YFILER["DYS458"] + case["one_step_at_DYS458"]}
    meioses = case["meioses"]
    found = y(descent_line(meioses, Y), ("0", text_of(YFILER)), (str(meioses), text_of(apart)))
    assert found == pytest.approx(case["p_given_related"], rel=1e-13)
    assert found * 2001 == pytest.approx(case["LR_vs_p_1_over_2001"], rel=1e-13)


@settings(max_examples=25)
@given(st.integers(0, 12), st.floats(1e-6, 0.2))
def test_net_changes_add_up_and_are_the_sum_over_the_number_of_mutations(meioses, rate):
    chances = step_chances(meioses, rate)
    assert chances.sum() == pytest.approx(1, abs=1e-12)
    up = [sum(binom.pmf(k, meioses, rate) * _net(step, k) for k in range(meioses + 1)) for step in range(meioses + 1)]
    assert chances[meioses:] == pytest.approx(np.array(up), abs=1e-12)


def _net(step, mutations):
    """P(net change | so many steps of one up or down)."""
    ups = (mutations + step) / 2
    return binom.pmf(ups, mutations, 0.5) if ups == int(ups) and ups <= mutations else 0.0


def test_two_copies_are_summed_over_which_is_which():
    # From 11,14 to 11,15: the copy of 14 gains; from 11,11 to 11,12: either copy may.
    half, line = 0.007284 / 2, descent_line(1, Y)
    assert y(line, ("0", "DYS385=11,14"), ("1", "DYS385=11,15")) / 2 == pytest.approx((1 - half) * half / 2, rel=1e-12)
    assert y(line, ("0", "DYS385=11,11"), ("1", "DYS385=11,12")) == pytest.approx(2 * (1 - half) * half / 2, rel=1e-12)


def test_outcomes_of_the_remains_add_up_to_one():
    seen = [("father", "DYS458=17"), ("brothers_son", "DYS458=18")]
    whole = sum(y(MISSING_Y, *seen, ("missing", f"DYS458={of}")) for of in range(8, 28))
    assert whole == pytest.approx(y(MISSING_Y, *seen), rel=1e-12)


def test_a_father_settles_what_an_uncle_leaves_open():
    model = YModel(rates={"DYS458": 0.01})
    seen = [("father", "DYS458=17"), ("paternal_uncle", "DYS458=18")]
    found = y(MISSING_Y, *seen, ("missing", "DYS458=17"), model=model) / y(MISSING_Y, *seen, model=model)
    assert found == pytest.approx(0.99, rel=1e-12)


def test_loci_that_one_alone_has_read_or_without_a_rate_say_nothing():
    line = descent_line(2, Y)
    alone = y(line, ("0", "DYS19=14"), ("2", "DYS19=14"))
    assert y(line, ("0", "DYS19=14 DYS388=12"), ("2", "DYS19=14 DYS388=13 DYS391=10")) == pytest.approx(
        alone, rel=1e-12
    )


def test_part_of_a_repeat_is_no_step_and_only_an_error_explains_it():
    line = descent_line(2, Y)
    assert y(line, ("0", "DYS458=17"), ("2", "DYS458=17.2")) == 0.0
    assert 0 < y(line, ("0", "DYS458=17"), ("2", "DYS458=17.2"), model=YModel(typing_error=0.001)) < 0.001


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(8, 20), min_size=4, max_size=4), st.integers(1, 6))
def test_symmetry_of_the_y_chromosome(repeats, meioses):
    line = descent_line(meioses, Y)
    one, other = (f"DYS19={a} DYS385={a},{b}" for a, b in (repeats[:2], repeats[2:]))
    assert y(line, ("0", one), (str(meioses), other)) == pytest.approx(
        y(line, ("0", other), (str(meioses), one)), rel=1e-10
    )


def test_without_mutation_only_equal_haplotypes_of_men_are_possible():
    still, line = YModel(rates={"DYS19": 0.0}), descent_line(4, Y)
    assert y(line, ("0", "DYS19=14"), ("4", "DYS19=14"), model=still) == 1.0
    assert y(line, ("0", "DYS19=14"), ("4", "DYS19=15"), model=still) == 0.0


@pytest.mark.parametrize("wrong", [{"control_region": -1.0}, {"site_share": 2.0}, {"typing_error": 1.5}])
def test_a_rate_that_is_no_probability_is_refused(wrong):
    with pytest.raises(Nonsense):
        MtModel(**wrong)


def test_a_mutation_rate_that_is_no_probability_is_refused():
    with pytest.raises(Nonsense):
        YModel(rates={"DYS19": 1.5})
