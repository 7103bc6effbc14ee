"""A name on a manifest: signed as a commitment, opened to the two sides, closed to everybody else."""

import pytest

from casework.custody.transfers import offer_manifest
from casework.journal.models import Record
from casework.parties.refusal import Refused
from casework.seals import openings, queries
from casework.seals.models import Opening, Statement
from homeward.seals.statement import Opening as Opened
from homeward.seals.statement import Openings, read_openings

pytestmark = pytest.mark.django_db
NAME = "Pvt. Tarn, on the lid"
PAGE = "/custody/transfers/T-2018-01/"


@pytest.fixture
def manifest(agreed):
    agreed(2, claim_about="name", claim=NAME)
    return Statement.objects.get(kind="manifest")


def read_in_journal() -> list[tuple[str, str]]:
    return list(Record.objects.filter(verb="seals.read_openings").values_list("actor", "object"))


def test_a_name_stands_in_no_signed_byte_and_its_opening_opens_the_commitment(manifest):
    body = queries.read(manifest).body
    kept = Opening.objects.filter(statement=manifest, holder__code="belmar")

    assert NAME.encode() not in bytes(manifest.payload)
    assert [one["claims"][0]["about"] for one in body["lines"]] == ["name", "name"]
    assert len({one["claims"][0]["text"]["commitment"] for one in body["lines"]}) == 2  # one salt for each
    assert [one.path for one in kept] == ["/lines/0/claims/0/text", "/lines/1/claims/0/text"]


@pytest.mark.parametrize(("about", "clear"), [("name", False), ("other", False), ("place", True), ("count", True)])
def test_what_may_name_a_person_is_committed_and_the_rest_stays_legible(agreed, about, clear):
    agreed(1, claim_about=about, claim="as on the tag")
    manifest = Statement.objects.get(kind="manifest")

    assert (b"as on the tag" in bytes(manifest.payload)) is clear


@pytest.mark.parametrize("side", ["belmar", "arvad"])
def test_both_sides_read_the_name_as_a_claim_with_its_opening_and_the_journal_says_so(browse, cast, manifest, side):
    page = browse(cast[side]).get(PAGE).content.decode()

    assert NAME in page
    assert "<i>Claim</i>" in page
    assert "committed; opening held" in page
    assert read_in_journal() == [(cast[side].actor, "transfer:T-2018-01")]


def test_the_neutral_between_them_sees_the_commitment_alone(browse, cast, manifest):
    client = browse(cast["observer"])

    for address in (PAGE, f"/seals/{manifest.digest}/"):
        page = client.get(address).content.decode()
        assert "Tarn" not in page
        assert "withheld" in page
    assert "not opened to you" in client.get(PAGE).content.decode()
    assert client.get(f"/seals/{manifest.digest}/openings.json").status_code in (403, 404)
    assert read_in_journal() == []


@pytest.mark.parametrize("role", ["anthropologist", "field_lead", "observer"])
def test_a_member_who_must_stay_blind_to_names_sees_the_commitment_alone(browse, admit, arvad, belmar, manifest, role):
    for party in (arvad, belmar):
        page = browse(admit(party, role)).get(PAGE).content.decode()
        assert "C-001" in page
        assert "Tarn" not in page
    assert read_in_journal() == []


def test_the_other_side_is_not_told_before_the_author_has_signed(browse, cast, laden, proposed, signed):
    laden(1, claim_about="name", claim=NAME)
    manifest = offer_manifest(by=cast["belmar"], transfer=proposed)
    address = f"/seals/{manifest.digest}/"

    assert NAME in browse(cast["belmar"]).get(address).content.decode()
    assert NAME not in browse(cast["arvad"]).get(address).content.decode()

    signed(manifest, "belmar")

    assert NAME in browse(cast["arvad"]).get(address).content.decode()


def test_the_statements_page_shows_the_name_to_the_receiver_and_gives_the_opening_as_a_file(browse, cast, manifest):
    client = browse(cast["arvad"])

    page = client.get(f"/seals/{manifest.digest}/").content.decode()
    given = read_openings(client.get(f"/seals/{manifest.digest}/openings.json").content)

    assert NAME in page
    assert "committed; opening held" in page
    assert list(given.faults(queries.read(manifest))) == []
    assert [one.value for one in given.openings] == [NAME, NAME]
    assert read_in_journal() == [(cast["arvad"].actor, f"statement:{manifest.digest}")] * 2


def test_whom_a_statement_was_merely_shown_to_is_told_nothing(browse, admit, cast, belmar, manifest, db):
    from casework.parties.actions import found_party
    from casework.parties.models import Operator
    from casework.seals.actions import show

    third = found_party(by=Operator(), code="cyra", name="Cyra", kind="state")
    show(by=cast["belmar"], statement=manifest, to=third)

    page = browse(admit(third, "negotiator")).get(f"/seals/{manifest.digest}/").content.decode()

    assert "C-001" in page
    assert "Tarn" not in page


def test_a_value_that_was_changed_in_the_records_is_shown_no_more(browse, cast, manifest):
    Opening.objects.filter(holder__code="arvad").update(value=b'"Pvt. Oresk"')

    page = browse(cast["arvad"]).get(PAGE).content.decode()

    assert "Oresk" not in page
    assert "Tarn" not in page
    assert "withheld" in page


def test_a_wrong_opening_is_refused_and_the_reason_is_said(arvad, manifest):
    wrong = Openings(manifest.digest, (Opened("/lines/0/claims/0/text", bytes(32), "Pvt. Oresk"),))

    with pytest.raises(Refused) as refused:
        openings.keep_openings(manifest, wrong, holders=[arvad])

    assert refused.value.code == "opening-wrong"
    assert "does not give the commitment" in refused.value.about["reasons"][0]


def test_the_journal_of_drawing_up_and_offering_the_manifest_does_not_have_the_name(manifest):
    assert not [record for record in Record.objects.all() if "Tarn" in str(record.values)]
