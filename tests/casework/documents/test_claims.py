"""A claim keeps who said it and where; versions stand side by side, and nothing is merged or edited away."""

import pytest

from casework.documents import actions, queries
from casework.documents.models import Claim, Document
from casework.journal.models import Record
from casework.parties.actions import disclose
from casework.parties.refusal import Refused

pytestmark = pytest.mark.django_db

SHEET = b"Progress sheet, 18 June 2018. Unaccounted for: 7,699."


@pytest.fixture
def keeper(admit, arvad):
    return admit(arvad, "registrar")


@pytest.fixture
def sheet(keeper):
    return actions.keep_document(
        by=keeper, data=SHEET, name="sheet.txt", title="Progress sheet", language="en", dated="2018-06-18", public=True
    )


def cases(by, claimant, value, **more):
    return actions.claim(
        by=by, about="programme", topic="cases sent empty", claimant=claimant, value=value, unit="cases", **more
    )


def test_a_quotation_and_the_claim_taken_from_it_keep_their_source(keeper, sheet):
    quoted = actions.quote(
        by=keeper, document=sheet, text="Unaccounted for: 7,699.", attribution="institution", page="1"
    )

    made = actions.claim(
        by=keeper, code="P-1", about="programme", claimant="Accounting Agency", value=7699, unit="persons",
        quotation=quoted, as_of="2018-06-18", status="final",
    )  # fmt: skip

    assert (made.document, made.page, made.number) == (sheet, "1", 7699)
    assert queries.claim("P-1", by=keeper) == made
    assert [record.verb for record in Record.objects.all()[:2]] == ["documents.claim", "documents.quote"]


def test_two_claimants_stand_side_by_side_and_differ(keeper):
    cases(keeper, "press agency", 100, qualifier="about", as_of="2018-07-16")
    cases(keeper, "another official", 200, as_of="2018-08")

    (matter,) = queries.side_by_side(queries.claims(by=keeper))

    assert [(version.claimant, version.differs) for version in matter.versions] == [
        ("another official", True),
        ("press agency", True),
    ]


def test_an_earlier_word_of_the_same_claimant_is_history_and_no_difference(keeper):
    for year, value in (("2018-06-18", 181), ("2022-04-01", 191)):
        actions.claim(
            by=keeper, about="programme", claimant="Accounting Agency", value=value, unit="persons",
            scope="accounted for", stream="208 caskets", as_of=year,
        )  # fmt: skip

    (matter,) = queries.side_by_side(queries.claims(by=keeper))

    assert not matter.differs
    assert matter.versions[0].latest.value == 191
    assert [claim.value for claim in matter.versions[0].earlier] == [181]


def test_different_units_are_never_compared(keeper):
    for unit, value in (("cases", 55), ("individuals_estimated", 250)):
        actions.claim(by=keeper, about="transfer:T-1", topic="returned", claimant="a", value=value, unit=unit)

    matters = queries.side_by_side(queries.claims(by=keeper))

    assert [(matter.unit, matter.differs) for matter in matters] == [("cases", False), ("individuals_estimated", False)]


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (("more_than", 440), ("exact", 444), True),
        (("more_than", 440), ("exact", 440), False),
        (("at_least", 440), ("exact", 440), True),
        (("up_to", 440), ("exact", 444), False),
        (("up_to", 440), ("more_than", 440), False),
        (("about", 100), ("exact", 200), False),
        (("about", 100), ("exact", 100), True),
    ],
)
def test_what_is_worded_so_that_both_can_be_true_does_not_differ(first, second, both):
    one, other = (Claim(qualifier=qualifier, value=value) for qualifier, value in (first, second))

    assert queries.compatible(one, other) is both
    assert queries.compatible(other, one) is both


def test_a_superseded_claim_stays_readable_beside_what_superseded_it(keeper):
    earlier = cases(keeper, "agency", 100, as_of="2018-07-16")
    later = cases(keeper, "agency", 110, as_of="2018-07-20")

    actions.supersede(by=keeper, earlier=earlier, later=later, why="counted again")

    earlier.refresh_from_db()
    (matter,) = queries.side_by_side(queries.claims(by=keeper))
    assert (earlier.status, earlier.superseded_by) == ("superseded", later)
    assert matter.versions[0].latest == later
    assert list(matter.versions[0].earlier) == [earlier]


def test_a_claim_is_superseded_only_once_only_by_its_own_claimant_and_only_about_the_same(keeper):
    earlier, later = cases(keeper, "agency", 100), cases(keeper, "agency", 110)
    other = cases(keeper, "another", 200)
    apart = actions.claim(by=keeper, about="programme", topic="cases returned", claimant="agency", value=55)
    actions.supersede(by=keeper, earlier=earlier, later=later)
    attempts = [
        (earlier, later, "already-superseded"),
        (later, earlier, "already-superseded"),
        (later, other, "another-claimant"),
        (later, apart, "another-matter"),
    ]

    for one, by_which, code in attempts:
        with pytest.raises(Refused) as refused:
            actions.supersede(by=keeper, earlier=one, later=by_which)
        assert refused.value.code == code


def test_a_dispute_marks_a_claim_and_its_withdrawal_lets_it_stand_as_before(keeper, admit, arvad, belmar):
    claim = cases(keeper, "agency", 100, status="final")
    disclose(by=admit(arvad, "authority"), to=belmar, kind="documents")
    other_side = admit(belmar, "negotiator")

    actions.dispute(by=other_side, claim=claim, reason="We counted 200.")
    claim.refresh_from_db()
    disputed = claim.status
    actions.withdraw_dispute(by=other_side, claim=claim)
    claim.refresh_from_db()

    assert (disputed, claim.status) == ("disputed", "final")
    assert claim.disputes.get().reason == "We counted 200."
    assert {record.verb for record in Record.objects.all()[:2]} == {"documents.dispute", "documents.withdraw_dispute"}


def test_what_a_claim_must_say_is_refused_with_its_reason(keeper):
    cases(keeper, "agency", 1, code="K-1")
    attempts = [
        ({"value": None}, "nothing-claimed"),
        ({"value": "many"}, "not-a-count"),
        ({"value": -1}, "not-a-count"),
        ({"value": "NaN"}, "not-a-count"),
        ({"value": 1, "code": "K-1"}, "code-taken"),
        ({"value": 1, "code": "two words"}, "claim-code-form"),
        ({"value": 1, "code": "a/b"}, "claim-code-form"),
        ({"value": 1, "claimant": " "}, "claimant-missing"),
        ({"value": 1, "as_of": "July"}, "date-unclear"),
        ({"value": 1, "status": "superseded"}, "supersede-instead"),
    ]

    for values, code in attempts:
        with pytest.raises(Refused) as refused:
            actions.claim(**{"by": keeper, "about": "programme", "claimant": "agency", **values})
        assert refused.value.code == code
    assert Claim.objects.count() == 1


def test_claims_without_a_code_are_numbered_and_no_number_comes_twice(keeper):
    cases(keeper, "agency", 1, code="CL-2")

    assert [cases(keeper, "agency", value).code for value in (2, 3)] == ["CL-3", "CL-4"]


def test_only_who_keeps_documents_enters_claims(admit, arvad):
    with pytest.raises(Refused) as refused:
        cases(admit(arvad, "board_member"), "agency", 1)

    assert refused.value.code == "not-permitted"


def test_the_other_side_sees_no_claim_until_it_is_disclosed_or_published(keeper, sheet, admit, arvad, belmar):
    reader = admit(belmar, "negotiator")
    ours = cases(keeper, "agency", 100)
    published = cases(keeper, "agency", 110, document=sheet)

    assert list(queries.claims(by=reader)) == [published]
    assert list(queries.public_claims()) == [published]
    with pytest.raises(Refused) as refused:
        actions.dispute(by=reader, claim=ours, reason="no")
    assert refused.value.code == "not-found"
    disclose(by=admit(arvad, "authority"), to=belmar, kind="documents")
    assert set(queries.claims(by=reader)) == {ours, published}


def test_what_the_other_side_quotes_from_our_published_document_is_theirs_until_they_show_it(
    keeper, sheet, admit, belmar
):
    theirs = admit(belmar, "negotiator")
    cases(theirs, "Belmar’s own count", 90, document=sheet)
    actions.quote(by=theirs, document=sheet, text="Unaccounted for", attribution="institution")

    assert not queries.claims(by=keeper).exists()
    assert not queries.quotations(by=keeper).exists()
    assert not queries.public_claims().exists()


def test_a_source_that_the_party_may_not_see_is_not_found(admit, belmar, keeper):
    secret = actions.keep_document(by=keeper, data=b"ours", name="ours.txt")

    for act in (
        lambda by: cases(by, "agency", 1, document=secret),
        lambda by: actions.quote(by=by, document=secret, text="ours", speaker="x"),
    ):
        with pytest.raises(Refused) as refused:
            act(admit(belmar, "negotiator", username=f"b{Document.objects.count()}{Record.objects.count()}"))
        assert refused.value.code == "not-found"


def test_thousands_of_claims_are_listed_in_a_fixed_number_of_queries(keeper, sheet, django_assert_max_num_queries):
    Claim.objects.bulk_create(
        Claim(
            holder=keeper.party, code=f"K-{number}", about="programme", topic=f"topic {number % 500}",
            claimant=f"claimant {number % 7}", value=number, unit="cases", matter=f"{number % 500:016x}",
            document=sheet, entered_by="test",
        )
        for number in range(3000)
    )  # fmt: skip

    with django_assert_max_num_queries(2):
        found = list(queries.matters(by=keeper)[:50])
    with django_assert_max_num_queries(2):
        matters = queries.matter(f"{1:016x}", by=keeper)

    assert found[0]["claims"] == 6
    assert len(matters[0].versions) == 6
