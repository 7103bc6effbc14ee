"""The pages of a transfer: each act prepares its statement, both sides stand side by side, and no more is shown."""

from __future__ import annotations

import re

import pytest

from casework.agreements.models import Commitment
from casework.custody import actions
from casework.custody import transfers as acts
from casework.custody.models import Container, Transfer
from casework.custody.transfers import Texts
from casework.parties.actions import disclose
from casework.seals.models import Statement

pytestmark = pytest.mark.django_db
NOW = {"zone": "Asia/Seoul", "place": "Panmun", "at": ""}


def main(page) -> str:
    return page.text.split("<main")[1].split("</main")[0]


def rows(page, prefix: str) -> dict[str, str]:
    """What the browser would send back of a form's rows, as they were filled in."""
    text = page.text
    given = {}
    for tag in re.findall(r"<input[^>]*>", text):
        found = re.search(rf'name="({prefix}-[^"]+)"', tag)
        if found and (('type="checkbox"' not in tag) or "checked" in tag):
            value = re.search(r'value="([^"]*)"', tag)
            given[found[1]] = value[1] if value else "on" if 'type="checkbox"' in tag else ""
    for name, options in re.findall(rf'<select name="({prefix}-[^"]+)"[^>]*>(.*?)</select>', text, flags=re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options) or re.search(
            r'<option value="([^"]*)"', options
        )
        given[name] = chosen[1] if chosen else ""
    return given


def prepared(answer) -> Statement:
    assert answer.status_code == 302, main(answer)
    return Statement.objects.get(digest=answer["Location"].rstrip("/").rpartition("/")[2])


def test_from_a_draft_to_a_closing_through_the_pages_alone(browse, cast, keys, signed, arvad, belmar, observer):
    """As the two custodians and the neutral do it; each statement signed with its own key, offline."""
    sender, receiver = cast["belmar"], cast["arvad"]
    client = browse(sender)
    plan = {
        "direction": "give",
        "other": arvad.pk,
        "through": observer.pk,
        "planned_for": "2018-07-27",
        "place": "Panmun",
    }
    draft = client.post("/custody/transfers/draft/", plan)
    code = draft["Location"].rstrip("/").rpartition("/")[2]
    given = {"number": "T-2018-01", **NOW}
    signed(prepared(client.post(f"/custody/transfers/{code}/propose/", given)))
    at = "/custody/transfers/T-2018-01/"

    client = browse(receiver)
    client.post(
        "/custody/containers/enter/",
        {"numbers": "C-001 to C-004", "kind": "case", "state": "issued_empty", "zone": "UTC"},
    )
    signed(prepared(client.post(f"{at}issue/", {"numbers": "C-001 to C-004", **NOW})))

    client = browse(sender)
    for number in (1, 2, 3):
        box = Container.objects.get(holder=belmar, number=f"C-00{number}")
        client.post(f"/custody/containers/{box.pk}/pack/", {"note": "remains", "zone": "UTC"})
        client.post(f"/custody/containers/{box.pk}/weigh/", {"weight_g": 6400 + number, "zone": "UTC"})
    assert (
        client.post(f"{at}lines/", {"add": "1", "numbers": "C-001 to C-003", "content": "remains"}).status_code == 302
    )
    page = client.get(f"{at}lines/")
    kept = {**rows(page, "row"), "keep": "1", "row-1-claim_about": "name", "row-1-claim": "Pvt. Tarn, on the lid"}
    assert client.post(f"{at}lines/", kept).status_code == 302
    signed(prepared(client.post(f"{at}manifest/", {"copies": "3", **NOW})))
    for number in (1, 2, 3):
        box = Container.objects.get(holder=belmar, number=f"C-00{number}")
        client.post(f"/custody/containers/{box.pk}/seal/", {"numbers": f"BL 00{number}", "zone": "UTC"})
    signed(prepared(client.post(f"{at}seal/", NOW)))
    page = client.get(f"{at}hand-over/")
    handed = {**rows(page, "row"), "to": arvad.pk, "received_by": "D. Karsk", **NOW}
    signed(prepared(client.post(f"{at}hand-over/", handed)))

    client = browse(receiver)
    page = client.get(f"{at}receive/")
    receipt = {**rows(page, "row"), **rows(page, "extra"), "witness": "on", **NOW}
    receipt |= {"row-1-outcome": "not_received", "row-2-outcome": "seal_broken", "row-2-note": "at the lid"}
    signed(prepared(client.post(f"{at}receive/", receipt)))
    reservation = {
        "on": Statement.objects.get(kind="receipt").digest,
        "lines": "2",
        "text_en": "It was not set down.",
        **NOW,
    }
    signed(prepared(client.post(f"{at}reserve/", reservation)))
    difference = {"what": "missing", "lines": "2", "declared": "one case", "found": "none", **NOW}
    signed(prepared(client.post(f"{at}discrepancy/", difference)))
    page = client.get(f"{at}inspect/")
    signed(prepared(client.post(f"{at}inspect/", {**rows(page, "row"), "jointly": "jointly", **NOW})))
    middle = main(client.get(at))
    agreed = {"resolves": ["R-1", "D-1"], "outcome": "each_keeps_its_version", **NOW}
    signed(prepared(client.post(f"{at}resolve/", agreed)))
    signed(prepared(client.post(f"{at}close/", NOW)))

    assert (
        "Belmar counts <strong>three</strong> containers handed over; Arvad counts <strong>two</strong> received"
        in middle
    )
    assert "discrepancy open" in middle
    assert "Pvt. Tarn, on the lid" in middle
    assert "It was not set down." in middle
    end = main(client.get(at))
    assert "Both sides have signed the closing" in end
    assert Transfer.objects.get().state == "closed"
    for member in cast.values():
        assert browse(member).get(at).status_code == 200


def test_a_draft_and_its_lines_are_not_found_by_the_other_side_or_the_neutral(browse, cast, transfer):
    address = f"/custody/transfers/{transfer.code}/"

    assert browse(cast["belmar"]).get(address).status_code == 200
    for other in ("arvad", "observer"):
        client = browse(cast[other])
        assert client.get(address).status_code == 404
        assert client.get(f"{address}lines/").status_code in (403, 404)
        assert transfer.code not in main(client.get("/custody/transfers/"))


def test_lines_drawn_up_are_the_senders_own_until_the_manifest_is_signed(browse, cast, laden, proposed):
    laden(2, claim_about="name", claim="Pvt. Tarn")

    assert "Pvt. Tarn" in main(browse(cast["belmar"]).get("/custody/transfers/T-2018-01/"))
    for other in ("arvad", "observer"):
        page = main(browse(cast[other]).get("/custody/transfers/T-2018-01/"))
        assert "Pvt. Tarn" not in page
        assert "C-001" not in page


def test_a_form_says_why_a_statement_does_not_fit(browse, cast, agreed, proposed):
    boxes = agreed(2)
    client = browse(cast["belmar"])

    bare = client.post("/custody/transfers/T-2018-01/seal/", NOW)
    twice = client.post(
        "/custody/transfers/T-2018-01/lines/", {"add": "1", "numbers": boxes[0].number, "content": "remains"}
    )
    early = browse(cast["arvad"]).get("/custody/transfers/T-2018-01/receive/")

    assert "Your record has no whole seal on these" in bare.text
    assert "C-001" in bare.text
    assert "A container stands twice on the manifest" in twice.text
    assert early.status_code == 409
    assert "This cannot be said at this point" in early.text


def test_a_row_that_was_tampered_with_still_speaks_of_its_own_line(browse, cast, handed, signed):
    handed(2)
    client = browse(cast["arvad"])
    page = client.get("/custody/transfers/T-2018-01/receive/")
    given = {**rows(page, "row"), **rows(page, "extra"), "row-0-line": "7", "row-0-container": "X-1", **NOW}

    statement = prepared(client.post("/custody/transfers/T-2018-01/receive/", given))

    assert b'"container":"C-001"' in bytes(statement.payload)
    assert b"X-1" not in bytes(statement.payload)


def test_an_unlisted_container_is_written_into_the_receipt(browse, cast, handed, signed, proposed):
    handed(1)
    client = browse(cast["arvad"])
    page = client.get("/custody/transfers/T-2018-01/receive/")
    given = {**rows(page, "row"), **rows(page, "extra"), "extra-0-container": "Z-99", "extra-0-bags": "1", **NOW}

    signed(prepared(client.post("/custody/transfers/T-2018-01/receive/", given)))

    page = main(client.get("/custody/transfers/T-2018-01/"))
    assert "Z-99" in page
    assert "not on the manifest" in page


def test_a_receipt_of_55_lines_is_filled_in_and_asks_one_choice_a_line(browse, cast, handed):
    handed(55)

    page = browse(cast["arvad"]).get("/custody/transfers/T-2018-01/receive/").text

    closed = re.sub(r"<details>.*?</details>", "", page, flags=re.S)
    asked = re.findall(r'<(?:select|input|textarea)[^>]*name="row-\d+-\w+"[^>]*>', closed)
    assert sum('type="hidden"' not in tag for tag in asked) == 55
    assert page.count('<option value="received" selected>') == 55
    assert page.count('value="BL 0') >= 55


def test_two_open_transfers_refuse_the_same_container_at_the_form(browse, cast, agreed, arvad, belmar):
    agreed(2)
    other = acts.draft_transfer(by=cast["belmar"], sender=belmar, receiver=arvad)
    client = browse(cast["belmar"])

    page = client.post(
        f"/custody/transfers/{other.code}/lines/", {"add": "1", "numbers": "C-001", "content": "remains"}
    )

    assert "These are on another transfer that is not over" in page.text
    assert "C-001: T-2018-01" in page.text


def test_a_container_s_page_leads_to_every_transfer_it_was_in(browse, cast, received, arvad):
    received(2)
    box = Container.objects.get(holder=arvad, number="C-001")

    page = main(browse(cast["arvad"]).get(f"/custody/containers/{box.pk}/"))

    assert "Transfers it was in" in page
    assert "/custody/transfers/T-2018-01/" in page
    assert "as the signed statement says" in page
    assert main(browse(cast["arvad"]).get("/custody/transfers/?text=C-001")).count("T-2018-01") >= 1


def test_the_laboratory_says_what_is_inside_and_leads_back(browse, admit, arvad, entered):
    keeper = admit(arvad, "custodian")
    actions.enter_containers(by=keeper, numbers=["C-0388"])
    box = Container.objects.get()
    client = browse(keeper)

    assert "What the laboratory says is inside" in client.get(f"/custody/containers/{box.pk}/").text
    assert f"/custody/containers/{box.pk}/" in client.get("/laboratory/boxes/C-0388/").text
    assert client.get("/custody/containers/numbered/C-0388/").status_code == 302


def test_a_commitment_shows_what_was_delivered_in_which_unit(browse, cast, received, proposed, arvad, belmar):
    commitment = Commitment.objects.create(
        code="c-01", name="Return the remains already collected", unit="individuals", holder=arvad, entered_by="x"
    )
    commitment.parties.set([arvad, belmar])
    commitment.obligors.set([belmar])
    proposed.fulfils.set([commitment])
    received(3, {2: "not_received"})

    page = main(browse(cast["arvad"]).get("/talks/commitments/c-01/"))

    assert "Transfers towards this" in page
    assert "The commitment is stated in individuals; a container is not a person" in page
    assert '<span class="differs">2</span>' in page
    assert "Return the remains already collected" in main(browse(cast["belmar"]).get("/custody/transfers/T-2018-01/"))


def test_papers_are_drawn_up_for_who_takes_part(browse, cast, received, admit, arvad):
    received(2)
    manifest = Statement.objects.get(kind="manifest")
    client = browse(cast["observer"])

    for address in (f"papers/{manifest.digest}.pdf", "custody-record.pdf", "labels.pdf"):
        answer = client.get(f"/custody/transfers/T-2018-01/{address}")
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF")
    box = Container.objects.get(holder=arvad, number="C-001")
    assert browse(cast["arvad"]).get(f"/custody/containers/{box.pk}/labels.pdf").content.startswith(b"%PDF")


def test_a_third_party_sees_nothing_of_a_transfer(browse, received, admit):
    from casework.parties.models import Party

    received(1)
    stranger = admit(Party.objects.create(code="cantor", name="Cantor"), "custodian", "negotiator")
    client = browse(stranger)
    digest = Statement.objects.get(kind="manifest").digest

    for address in ("", "receive/", "labels.pdf", "custody-record.pdf", f"papers/{digest}.pdf"):
        assert client.get(f"/custody/transfers/T-2018-01/{address}").status_code == 404
    assert "T-2018-01" not in main(client.get("/custody/transfers/"))


def test_disclosing_remains_shows_no_items_of_a_container(browse, cast, admit, arvad, observer, received):
    received(1)
    box = Container.objects.get(holder=arvad, number="C-001")
    actions.open_container(by=cast["arvad"], container=box, conditions={seal.pk: "whole" for seal in box.seals.all()})
    actions.enter_item(by=cast["arvad"], number="I-SECRET", kind="remains", container=box)
    disclose(by=admit(arvad, "authority"), to=observer, kind="remains")

    for other in ("belmar", "observer"):
        client = browse(cast[other])
        assert client.get(f"/custody/containers/{box.pk}/").status_code == 404
        assert "I-SECRET" not in client.get("/custody/transfers/T-2018-01/").text


def test_the_page_of_a_transfer_in_korean(browse, cast, received):
    received(2, {1: "seal_broken"})
    client = browse(cast["arvad"])
    client.cookies["django_language"] = "ko"

    page = main(client.get("/custody/transfers/T-2018-01/"))

    assert "벨마르 측은 상자 <strong>2</strong>개를 인도했다고" in page
    assert "인수됨" in page


def test_a_transfer_of_a_hundred_lines_asks_the_database_no_more_often(
    browse, cast, received, django_assert_max_num_queries
):
    received(100)
    client = browse(cast["arvad"])
    client.get("/custody/transfers/T-2018-01/")

    with django_assert_max_num_queries(45):
        assert client.get("/custody/transfers/T-2018-01/").status_code == 200


def test_an_aborted_draft_can_be_acted_on_no_more(browse, cast, transfer):
    client = browse(cast["belmar"])

    client.post(f"/custody/transfers/{transfer.code}/drop/")

    page = main(client.get(f"/custody/transfers/{transfer.code}/"))
    assert "broken off" in page
    assert "/propose/" not in page
    refused = client.post(f"/custody/transfers/{transfer.code}/propose/", {"number": "T-1", **NOW})
    assert refused.status_code == 409


def test_a_reservation_is_answered_and_stands_beside_the_answer(browse, cast, received, signed, proposed):
    received(2, {1: "not_received"})
    signed(acts.reserve(by=cast["arvad"], transfer=proposed, lines=[1], text=Texts(en="Not set down.")))
    signed(acts.reserve(by=cast["belmar"], transfer=proposed, lines=[1], text=Texts(en="It left the depot.")))
    signed(acts.reserve(by=cast["observer"], transfer=proposed, lines=[1], text=Texts(en="Did not see the loading.")))

    page = main(browse(cast["observer"]).get("/custody/transfers/T-2018-01/"))

    for words in ("Not set down.", "It left the depot.", "<b>The Observer:</b> Did not see the loading."):
        assert words in page


def test_lines_keep_their_order_and_can_be_left_out(cast, laden, proposed, browse):
    laden(3)
    client = browse(cast["belmar"])
    page = client.get("/custody/transfers/T-2018-01/lines/")

    client.post("/custody/transfers/T-2018-01/lines/", {**rows(page, "row"), "keep": "1", "row-1-left_out": "on"})

    assert [(line.line, line.container.number) for line in proposed.manifest_lines.all()] == [
        (1, "C-001"),
        (2, "C-003"),
    ]


def test_the_plan_of_a_draft_can_be_changed_until_something_is_signed(browse, cast, transfer, signed):
    client = browse(cast["belmar"])
    client.post(f"/custody/transfers/{transfer.code}/plan/", {"planned_for": "2018-08-01", "place": "Sael"})
    assert "planned for 2018-08-01" in main(client.get(f"/custody/transfers/{transfer.code}/"))

    signed(acts.propose(by=cast["belmar"], transfer=transfer, number="T-2018-01"), "belmar")
    late = client.post("/custody/transfers/T-2018-01/plan/", {"place": "Tol"})

    assert "Something has been signed about this transfer" in late.text
