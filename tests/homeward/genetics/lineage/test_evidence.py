"""What haplotypes say about each of the missing: a line, or the population."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeward.genetics.lineage.database import Database, databases
from homeward.genetics.lineage.differences import compare
from homeward.genetics.lineage.evidence import (
    Category,
    FamilyLineage,
    LineageEvidence,
    LineageModel,
    category_of,
)
from homeward.genetics.lineage.frequency import Method, kappa
from homeward.genetics.lineage.laplace import best_fit
from homeward.genetics.lineage.mitotype import read_mitotype
from homeward.genetics.lineage.transmission import MtModel, YModel
from homeward.genetics.lineage.ystr import read_yhaplotype
from homeward.programme import (
    Haplotype,
    HaplotypeCount,
    LineageKind,
    MissingPerson,
    Profile,
    Programme,
    Remains,
    Sample,
    SampleKind,
    Settings,
)
from tests.homeward.genetics.lineage.kin import MT, WIDE, Y, family

EXACT = LineageModel(mt=MtModel(), y=YModel())


def counts(*rows, kind=MT, population="North", range="CR"):
    return databases(
        HaplotypeCount(kind=kind, haplotype=text, population=population, count=count, database_size=size, range=range)
        for text, count, size in rows
    )[kind, population]


def mt(text, range="CR"):
    return read_mitotype(text, range)


def mothers_line(*references, database=None, model=EXACT, pedigree=WIDE):
    return FamilyLineage(pedigree, MT, [(who, mt(text)) for who, text in references], database=database, model=model)


ONE_IN_FIVE_THOUSAND = counts(("263G 16223T", 0, 5000))


def test_a_brother_with_the_same_haplotype_by_hand():
    # exp(-2 mu) over 1/5001
    lr = mothers_line(("brother", "263G 16223T"), database=ONE_IN_FIVE_THOUSAND).log_lr("missing", [mt("263G 16223T")])
    assert math.exp(lr.log_lr) == pytest.approx(math.exp(-0.0086) * 5001, rel=1e-12)
    assert (lr.events, lr.meioses, lr.category, lr.references) == (0, 2, Category.CANNOT_EXCLUDE, 1)
    assert (lr.frequency.seen, lr.frequency.people) == (0, 5000)


def test_no_typed_member_of_the_line_says_nothing():
    lineage = mothers_line(("father", "263G"), database=ONE_IN_FIVE_THOUSAND)
    lr = lineage.log_lr("missing", [mt("263G 16223T")])
    assert lr.log_lr == 0.0
    assert lr.category is Category.NOT_COMPARED


def test_without_a_count_there_is_no_likelihood_ratio_but_a_category():
    lr = mothers_line(("brother", "263G")).log_lr("missing", [mt("263G")])
    assert lr.log_lr is None
    assert lr.category is Category.CANNOT_EXCLUDE


def test_only_the_haplotype_that_was_searched_for_has_a_frequency():
    searched = counts(("263G", 3, 5000))
    assert searched.mt_frequency(mt("263G 315.1C"), Method.PLUS_ONE) is None
    assert searched.mt_frequency(mt("263G 309.1C"), Method.PLUS_ONE).seen == 3  # a hotspot is no difference


def test_a_search_over_more_than_was_compared_says_nothing():
    searched = counts(("263G 16223T", 3, 5000))
    assert searched.mt_frequency(mt("16223T", "HVS1"), Method.PLUS_ONE) is None
    assert counts(("16223T", 9, 5000), range="HVS1").mt_frequency(mt("263G 16223T"), Method.PLUS_ONE).seen == 9


def test_a_whole_table_answers_for_every_haplotype_and_every_part():
    whole = counts(("263G 16223T", 6, 10), ("263G", 4, 10))
    assert whole.whole
    assert whole.mt_frequency(mt("16223T", "HVS1"), Method.PLUS_ONE).value == pytest.approx(7 / 11)
    assert whole.mt_frequency(mt("263G", "73-340"), Method.PLUS_ONE).value == pytest.approx(1.0)
    assert whole.mt_frequency(mt("152C"), Method.PLUS_TWO).value == pytest.approx(2 / 12)


def test_people_who_were_not_read_there_are_not_counted():
    people = [mt("263G"), mt("", "HVS1"), mt("263G")]
    found = Database.of_people(MT, "North", people).mt_frequency(mt("263G", "73-340"), Method.PLUS_ONE)
    assert (found.seen, found.people) == (2, 2)


_SITES = st.sampled_from(
    ["73G", "152Y", "152C", "249del", "263G", "309.1C", "310C", "315.1C", "16183C", "16189C", "16193.1C", "16223T"]
)
_TEXTS = st.lists(_SITES, max_size=4, unique_by=lambda text: text.rstrip("delACGTY")).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(st.lists(_TEXTS, min_size=1, max_size=6), _TEXTS)
def test_a_whole_table_counts_everyone_without_an_event_between(people, asked):
    table = Database.of_people(MT, "North", [mt(text) for text in people])
    expected = sum(compare(mt(asked), mt(text)).events == 0 for text in people)
    assert table.mt_frequency(mt(asked), Method.PLUS_ONE).seen == expected


def test_only_what_reference_and_remains_have_read_is_compared_and_counted():
    whole = counts(("263G 16223T", 6, 10), ("263G 16223T 16311C", 4, 10))
    pedigree_line = FamilyLineage(WIDE, MT, [("brother", mt("16223T", "16200-16300"))], database=whole, model=EXACT)
    lr = pedigree_line.log_lr("missing", [mt("16223T 16311C", "HVS1")])
    assert lr.frequency.compared == "16200-16300"
    assert lr.frequency.seen == 10
    assert lr.category is Category.CANNOT_EXCLUDE


def test_two_samples_of_one_set_of_remains_are_one_haplotype():
    lineage = mothers_line(("brother", "263G 16223T"), database=ONE_IN_FIVE_THOUSAND)
    once = lineage.log_lr("missing", [mt("263G 16223T")]).log_lr
    assert lineage.log_lr("missing", [mt("263G 16223T")] * 2).log_lr == pytest.approx(once, rel=1e-12)


def test_members_of_one_line_are_competitors_whom_the_haplotype_tells_apart_by_meioses_alone():
    lineage = mothers_line(("sister", "263G 16223T"), database=ONE_IN_FIVE_THOUSAND)
    weights = [lineage.log_lr(who, [mt("263G 16223T")]).log_lr for who in ("missing", "brother", "uncle")]
    assert weights[0] == weights[1]
    assert weights[0] - weights[2] == pytest.approx(0.0043, rel=1e-9)


def test_remains_of_two_brothers_pay_for_the_haplotype_once():
    lineage = mothers_line(("sister", "263G 16223T"), database=ONE_IN_FIVE_THOUSAND)
    one = [mt("263G 16223T")]
    joint = lineage.line_log_likelihood({"missing": one, "brother": one})
    apart = 2 * lineage.log_lr("missing", one).log_lr
    # The two are three meioses from the sister, not twice two; each is paid for among unrelated people.
    assert joint == pytest.approx(-3 * 0.0043 + 2 * math.log(5001), rel=1e-12)
    assert joint == pytest.approx(apart + 0.0043, rel=1e-12)


def test_without_a_reference_two_brothers_still_support_each_other():
    lineage = mothers_line(database=ONE_IN_FIVE_THOUSAND)
    one = [mt("263G 16223T")]
    assert lineage.line_log_likelihood({"missing": one}) == 0.0
    assert lineage.line_log_likelihood({"missing": one, "brother": one}) == pytest.approx(
        -2 * 0.0043 + math.log(5001), rel=1e-12
    )


def test_remains_on_different_lines_multiply():
    lineage = mothers_line(("sister", "263G 16223T"), ("father", "263G 16223T"), database=ONE_IN_FIVE_THOUSAND)
    one = [mt("263G 16223T")]
    joint = lineage.line_log_likelihood({"missing": one, "paternal_uncle": one})
    assert joint == pytest.approx(lineage.log_lr("missing", one).log_lr, rel=1e-12)


def test_the_joint_is_the_chain_of_what_each_adds():
    lineage = mothers_line(("sister", "263G 16223T"), database=ONE_IN_FIVE_THOUSAND)
    one = [mt("263G 16223T")]
    after = mothers_line(("sister", "263G 16223T"), ("brother", "263G 16223T"), database=ONE_IN_FIVE_THOUSAND)
    chain = lineage.log_lr("brother", one).log_lr + after.log_lr("missing", one).log_lr
    assert lineage.line_log_likelihood({"missing": one, "brother": one}) == pytest.approx(chain, rel=1e-12)


def test_a_direct_reference_is_no_meiosis_away_and_an_error_explains_a_difference():
    lineage = mothers_line(("missing", "263G"), database=counts(("263G", 0, 5000), ("263G 16311C", 0, 5000)))
    assert lineage.log_lr("missing", [mt("263G")]).log_lr == pytest.approx(math.log(5001))
    assert lineage.log_lr("missing", [mt("263G 16311C")]).log_lr == -math.inf
    careful = mothers_line(("missing", "263G"), database=lineage.database, model=LineageModel())
    assert careful.log_lr("missing", [mt("263G 16311C")]).log_lr == pytest.approx(
        math.log(0.002 * 0.01 * math.exp(-0.002) * 5001), rel=1e-6
    )


def test_references_that_contradict_each_other_are_set_aside():
    still = LineageModel(mt=MtModel(control_region=0.0, elsewhere=0.0))
    lineage = mothers_line(("sister", "263G"), ("brother", "263G 16311C"), database=ONE_IN_FIVE_THOUSAND, model=still)
    lr = lineage.log_lr("missing", [mt("263G")])
    assert lr.log_lr == 0.0
    assert lr.set_aside


@pytest.mark.parametrize(
    ("kind", "events", "category"),
    [
        (MT, None, Category.NOT_COMPARED),
        (MT, 0, Category.CANNOT_EXCLUDE),
        (MT, 1, Category.INCONCLUSIVE),
        (MT, 2, Category.EXCLUSION),
        (Y, 0, Category.CANNOT_EXCLUDE),
        (Y, 2, Category.INCONCLUSIVE),
        (Y, 3, Category.EXCLUSION),
    ],
)
def test_the_categories_of_laboratories(kind, events, category):
    assert category_of(kind, events) is category


# --- Y ----------------------------------------------------------------------------------------


def y(text):
    return read_yhaplotype(text)


MEN = ["DYS19=14 DYS391=10", "DYS19=14 DYS391=10", "DYS19=15 DYS391=10", "DYS19=15 DYS391=11", "DYS19=13 DYS391=10"]


def test_kappa_for_a_haplotype_never_seen_and_counting_for_one_that_was():
    table = Database.of_people(Y, "North", [y(text) for text in MEN])
    unseen = table.y_frequency(y("DYS19=17 DYS391=10"), ["DYS19", "DYS391"], Method.KAPPA)
    assert unseen.method is Method.KAPPA
    assert unseen.value == pytest.approx((1 - kappa(3, 5)) / 6)
    seen = table.y_frequency(y("DYS19=14 DYS391=10"), ["DYS19", "DYS391"], Method.KAPPA)
    assert (seen.method, seen.value) == (Method.PLUS_ONE, pytest.approx(3 / 6))


def test_a_part_of_the_loci_is_counted_as_that_part():
    table = Database.of_people(Y, "North", [y(text) for text in MEN])
    assert table.y_frequency(y("DYS19=15 DYS391=12"), ["DYS19"], Method.PLUS_ONE).seen == 2


def test_the_discrete_laplace_frequency_is_that_of_the_model_fitted_to_the_table():
    table = Database.of_people(Y, "North", [y(text) for text in MEN])
    model = best_fit([[14, 10], [14, 10], [15, 10], [15, 11], [13, 10]])
    found = table.y_frequency(y("DYS19=16 DYS391=10"), ["DYS19", "DYS391"], Method.LAPLACE)
    assert found.method is Method.LAPLACE
    assert found.value == pytest.approx(float(math.exp(model.log_frequency([[16, 10]])[0])), rel=1e-12)


def test_a_search_with_fewer_loci_is_used_and_one_with_more_is_not():
    few = counts(("DYS19=14", 7, 1000), kind=Y, range="")
    found = few.y_frequency(y("DYS19=14 DYS391=10"), ["DYS19", "DYS391"], Method.PLUS_ONE)
    assert (found.seen, found.compared) == (7, "DYS19")
    more = counts(("DYS19=14 DYS391=10 DYS392=11", 0, 1000), kind=Y, range="")
    assert more.y_frequency(y("DYS19=14 DYS391=10"), ["DYS19", "DYS391"], Method.PLUS_ONE) is None


def test_a_paternal_uncle_by_hand():
    # Three meioses without a change at a locus of rate .0022, over 1/1001.
    lineage = FamilyLineage(
        WIDE,
        Y,
        [("paternal_uncle", y("DYS19=14"))],
        database=counts(("DYS19=14", 0, 1000), kind=Y, range=""),
        model=LineageModel(mt=MtModel(), y=YModel(), y_method=Method.PLUS_ONE),
    )
    whole = sum(
        math.comb(3, k) * math.comb(3 - k, k) * (0.0022 / 2) ** (2 * k) * (1 - 0.0022) ** (3 - 2 * k) for k in (0, 1)
    )  # no change, or one step up and one down
    assert math.exp(lineage.log_lr("missing", [y("DYS19=14")]).log_lr) == pytest.approx(whole * 1001, rel=1e-12)
    assert lineage.log_lr("sister", [y("DYS19=14")]).category is Category.NOT_COMPARED


# --- a programme ------------------------------------------------------------------------------


def programme(*haplotypes, **more):
    pedigree = family("mother - - F", "lost - mother M", "sister - mother F")
    members = tuple(
        type(member)(**{**{f: getattr(member, f) for f in member.__dataclass_fields__}, "person_id": person})
        for member, person in zip(pedigree.members, ("", "P1", ""), strict=True)
    )
    return Programme(
        settings=Settings(name="Arvad", population="North"),
        missing=(MissingPerson(person_id="P1"), MissingPerson(person_id="P2")),
        pedigrees=(type(pedigree)(family_id="F", members=members),),
        remains=(Remains(remains_id="R1"),),
        haplotypes=haplotypes,
        haplotype_counts=(
            HaplotypeCount(
                kind=MT, haplotype="263G", population="North", count=0, database_size=5000, range="16024-576"
            ),
        ),
        **more,
    )


def row(sample, subject, text="263G", kind=LineageKind.MITOCHONDRIAL):
    return Haplotype(sample_id=sample, subject_id=subject, kind=kind, range="CR", haplotype=text)


def test_a_programme_is_asked_by_remains_and_person():
    evidence = LineageEvidence(programme(row("S1", "sister"), row("S2", "R1")), EXACT)
    assert evidence.log_lr(MT, "R1", "P1").log_lr == pytest.approx(math.log(5001) - 0.0086)
    assert evidence.log_lr(MT, "R1", "P2").log_lr == 0.0
    assert evidence.log_lr(Y, "R1", "P1").category is Category.NOT_COMPARED


def test_haplotypes_of_staff_are_left_out():
    staff = Sample(sample_id="S1", subject_id="sister", kind=SampleKind.ELIMINATION)
    evidence = LineageEvidence(programme(row("S1", "sister"), row("S2", "R1"), samples=(staff,)), EXACT)
    assert evidence.log_lr(MT, "R1", "P1").category is Category.NOT_COMPARED


def test_y_calls_among_profiles_are_a_haplotype_where_a_sample_has_none_of_its_own():
    calls = {"DYS19": ("14", "14"), "TH01": ("6", "7"), "DYS385": ("11", "14"), "DYS391": ("10", "11")}
    profiles = tuple(Profile(sample_id=sample, subject_id="R1", calls=calls) for sample in ("S1", "S2"))
    own = Haplotype(sample_id="S2", subject_id="R1", kind=Y, haplotype="DYS19=15")
    evidence = LineageEvidence(programme(own, profiles=profiles), EXACT)
    assert [(one.sample_id, str(one.haplotype)) for one in evidence.typed[Y]] == [
        ("S2", "DYS19=15"),
        ("S1", "DYS19=14 DYS385=11,14"),
    ]
