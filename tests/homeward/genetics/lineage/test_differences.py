"""Events between mtDNA haplotypes, by the community's rules."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.genetics.lineage.differences import Mixtures, _aligned, _Sequence, agree, compare, equal, variants_between
from homeward.genetics.lineage.mitotype import ranges_text, read_mitotype
from homeward.tables import rcrs

RULES = json.loads((Path(__file__).parent / "mtdna_rules.json").read_text(encoding="utf-8"))["tests"]


def events(one, other, range="ALL", mixtures=Mixtures.PATTERN):
    return compare(read_mitotype(one, range), read_mitotype(other, range), mixtures).events


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule['q']} / {rule['r']}")
def test_the_rules_of_the_community(rule):
    ranges = rule.get("ranges", ["ALL", "ALL"])
    one, other = read_mitotype(rule["q"], ranges[0]), read_mitotype(rule["r"], ranges[1])
    mixtures = Mixtures(rule.get("mode", "pattern"))
    assert compare(one, other, mixtures).events == rule["diff"]
    assert compare(other, one, mixtures).events == rule["diff"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("8281-8289del", "8272-8280del"),  # CCCCCTCTA stands twice: which copy is lost cannot be seen
        ("523del 524del", "514del 515del"),
        ("249del", "248del"),
        ("309.1C", "303.1C"),
        ("291.1A", "285.1A"),
    ],
)
def test_one_sequence_listed_in_two_ways_is_no_difference(one, other):
    assert events(one, other) == 0


@pytest.mark.parametrize(
    ("one", "other", "counted", "why"),
    [
        ("310C", "rCRS", 1, "the T is one base; the run that it joins varies freely"),
        ("310C 309.1C 309.2C", "310C", 0, "an uninterrupted run"),
        ("310C 315.1C", "rCRS", 1, "315.1C is part of that run"),
        ("521-524del", "rCRS", 1, "two repeats of AC at once"),
        ("521-524del", "523del 524del", 1, "one repeat more"),
        ("291-294del", "rCRS", 1, "a block of the table"),
        ("290del 291del", "rCRS", 2, "not in the table: base by base"),
        ("16183C 16189C", "16189C", 1, "A16183C lengthens the run at the cost of one A"),
        ("152c", "152del", 0, "c is C or nothing"),
        ("152c", "152C", 0, "c is C or nothing"),
        ("152c", "rCRS", 1, "T is neither"),
        ("249d", "249del", 0, "d is A, G, T or nothing"),
        ("16111N", "16111T", 0, "N is anything"),
        ("152R", "152Y", 1, "no base in common"),
        ("8281-8289del 8278T", "8278T", 1, "nine bases and nothing else"),
        ("563.1A", "rCRS", 1, "one base"),
        ("105-110del", "106-111del", 1, "the two leave different bases behind: A or C"),
    ],
)
def test_what_counts_as_one_event(one, other, counted, why):
    assert events(one, other) == counted, why


def test_the_tandem_of_204_bases_is_one_event_wherever_it_is_written():
    behind = " ".join(f"563.{n}{base}" for n, base in enumerate(rcrs()[359:563], 1))
    before = " ".join(f"359.{n}{base}" for n, base in enumerate(rcrs()[359:563], 1))
    assert events(behind, "rCRS") == 1
    assert events(behind, before) == 0


def test_only_what_both_have_read_is_compared():
    one = read_mitotype("16223T 16362C", "16024-16365")
    other = read_mitotype("73G 263G 16223T", "16100-16300 73-340")
    compared = compare(one, other)
    assert compared.events == 0
    assert ranges_text(compared.ranges) == "16100-16300"


def test_differences_are_told_with_both_sides():
    compared = compare(read_mitotype("263G 309.1C 16093C"), read_mitotype("263G 152C"))
    assert [str(one) for one in compared.differences] == ["rCRS / 152C", "16093C / rCRS"]
    assert [str(one) for one in compared.ignored] == ["309.1C / rCRS"]


def by_table(one, other, mixtures):
    """A second way to the least number of events: dynamic programming over every pair of prefixes."""
    rows, columns = len(one.symbols), len(other.symbols)
    least = {(0, 0): 0}
    for i in range(rows + 1):
        for j in range(columns + 1):
            here = least.get((i, j))
            both = i < rows and j < columns
            moves = [(i + 1, j + 1, not agree(one.symbols[i], other.symbols[j], mixtures))] if both else []
            moves += [(i + length, j, price) for length, price in one.gaps[i]] if i < rows else []
            moves += [(i, j + length, price) for length, price in other.gaps[j]] if j < columns else []
            for to_i, to_j, price in moves if here is not None else []:
                least[to_i, to_j] = min(least.get((to_i, to_j), 10**6), here + price)
    return least[rows, columns]


# --- laws -------------------------------------------------------------------------------------

_SITES = st.sampled_from(
    ["73G", "146C", "152Y", "249del", "263G", "309.1C", "310C", "315.1C", "455.1T", "16093Y", "16183C", "16189C",
     "16193.1C", "16223T", "523del", "524del", "573.1C", "152C"]
)  # fmt: skip
_LISTS = st.lists(_SITES, max_size=5, unique_by=lambda text: text.rstrip("delACGTY"))


@settings(max_examples=60, deadline=None)
@given(_LISTS, _LISTS)
def test_it_does_not_matter_which_of_two_is_named_first(one, other):
    assert events(" ".join(one), " ".join(other)) == events(" ".join(other), " ".join(one))


@settings(max_examples=40, deadline=None)
@given(_LISTS)
def test_a_haplotype_does_not_differ_from_itself(one):
    assert events(" ".join(one), " ".join(reversed(one))) == 0


@settings(max_examples=60, deadline=None)
@given(_LISTS, _LISTS)
def test_taking_mixtures_literally_never_finds_fewer_differences(one, other):
    texts = " ".join(one), " ".join(other)
    assert events(*texts, mixtures=Mixtures.LITERAL) >= events(*texts)


@settings(max_examples=60, deadline=None)
@given(_LISTS, _LISTS, st.sampled_from(["16024-16365", "73-340", "CR"]))
def test_reading_less_never_finds_more_differences(one, other, range):
    whole = [read_mitotype(" ".join(texts)) for texts in (one, other)]
    part = read_mitotype("", range)
    assert compare(whole[0], whole[1]).events >= _within(whole, part)


def _within(whole, part):
    cut = [type(one)(part.ranges, compare(one, part).ranges and one.variants) for one in whole]
    return compare(*cut).events


@settings(max_examples=40, deadline=None)
@given(_LISTS, _LISTS, st.sampled_from([(40, 120), (280, 340), (500, 540), (16170, 16240)]), st.sampled_from(Mixtures))
def test_two_ways_of_aligning_find_the_same_number_of_events(one, other, place, mixtures):
    pieces = [
        _Sequence(*place, variants_between(read_mitotype(" ".join(texts)).variants, *place), mixtures)
        for texts in (one, other)
    ]
    assert _aligned(*pieces, mixtures) == by_table(*pieces, mixtures)


@settings(max_examples=60, deadline=None)
@given(_LISTS, _LISTS, st.sampled_from(Mixtures))
def test_equal_is_no_event(one, other, mixtures):
    of = [read_mitotype(" ".join(texts)) for texts in (one, other)]
    assert equal(*of, mixtures) == (compare(*of, mixtures).events == 0)
