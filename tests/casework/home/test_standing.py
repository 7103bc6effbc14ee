"""Where the programme stands is counted from the records, for each role and each party its own."""

import pytest

from casework.home import queries
from casework.parties.permissions import Role

pytestmark = pytest.mark.django_db


def test_counts_come_from_the_records(admit, arvad, entered):
    stands = queries.standing(by=admit(arvad, "registrar"))

    assert stands.registry["persons"] == 4
    assert stands.registry["unaccounted"] == 3
    assert stands.registry["with_family"] == 3
    assert (stands.laboratory["boxes"], stands.laboratory["remains"], stands.laboratory["typed"]) == (2, 3, 1)
    assert stands.laboratory["references"] == 2


def test_the_page_says_the_answer_first_and_each_number_with_its_unit(admit, browse, arvad, entered):
    page = browse(admit(arvad, "board_member")).get("/").text

    assert "<strong>3</strong> persons on the list remain unaccounted for" in page
    assert "<strong>2</strong> boxes hold the remains of <strong>3</strong> presumed individuals" in page
    assert "as of 2018-07-16" in page


def test_before_a_programme_is_brought_in_the_registrar_is_asked_for_it(admit, browse, arvad):
    registrar = admit(arvad, "registrar")

    mine, _others = queries.worklist(queries.standing(by=registrar), by=registrar)

    assert [task.role for task in mine] == [Role.REGISTRAR]
    assert "The programme has not begun here" in browse(registrar).get("/").text


def test_what_awaits_others_is_told_without_a_link(admit, browse, arvad, entered):
    page = browse(admit(arvad, "negotiator")).get("/").text

    assert "Ask who the remains may be" in page
    assert "/board/ask/" not in page


def test_the_other_side_starts_from_nothing(admit, browse, arvad, belmar, entered):
    page = browse(admit(belmar, "board_member")).get("/").text

    assert "The programme has not begun here" in page
    assert "M-0" not in page


@pytest.mark.parametrize("role", Role.values)
def test_every_role_has_a_front_page_in_both_languages(role, admit, browse, arvad, entered):
    client = browse(admit(arvad, role))
    english = client.get("/")
    client.post("/language/", {"language": "ko", "next": "/"})
    korean = client.get("/")

    assert (english.status_code, korean.status_code) == (200, 200)
    assert "Where the programme stands" in english.text
    assert "사업 현황" in korean.text


@pytest.mark.parametrize("role", Role.values)
def test_every_link_that_a_role_is_offered_opens(role, admit, browse, arvad, entered):
    import re

    client = browse(admit(arvad, role))
    rail = client.get("/").text.split('<nav class="rail"')[1].split("</nav>")[0]

    addresses = re.findall(r'href="([^"]+)"', rail)

    assert addresses
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


def test_a_custodian_is_told_of_receipts_to_write_and_differences_to_explain(admit, browse, arvad, belmar):
    from casework.custody import actions, stocktaking
    from casework.custody.models import Transfer

    keeper = admit(arvad, "custodian")
    actions.enter_containers(by=keeper, numbers=["C-001"], store="Tol depot")
    stocktaking.sign_off(by=keeper, take=stocktaking.begin_stocktaking(by=keeper, store="Tol depot"))
    Transfer.objects.create(number="T-1", drafted_by=belmar, sender=belmar, receiver=arvad, state="handed_over")

    page = browse(keeper).get("/").text

    assert "T-1: containers were handed over; write the receipt" in page
    assert "One difference of a stock-taking is not explained" in page


# ---------- A neutral, which has no programme ----------


@pytest.mark.parametrize("roles", [("observer",), ("observer", "authority"), ("authority",), ("auditor",)])
def test_a_neutral_is_never_asked_for_a_programme_and_every_link_on_its_page_opens(roles, admit, browse, observer):
    import re

    client = browse(admit(observer, *roles))
    page = client.get("/").text
    inside = page.split('<main id="main">')[1].split("</main>")[0]

    addresses = set(re.findall(r'href="(/[^"#]*)', inside))

    assert "programme folder" not in page.lower()
    assert "No commitment is open to your party yet" in inside
    assert "No transfer goes through your party yet" in inside
    assert addresses
    assert {address: client.get(address).status_code for address in addresses} == dict.fromkeys(addresses, 200)


@pytest.mark.parametrize("role", Role.values)
def test_every_role_of_a_neutral_has_a_front_page_in_both_languages(role, admit, browse, observer):
    client = browse(admit(observer, role))
    english = client.get("/")
    client.post("/language/", {"language": "ko", "next": "/"})
    korean = client.get("/")

    assert "Where it stands between the sides" in english.text
    assert "양측 사이의 현황" in korean.text


def test_a_neutral_opens_with_what_was_promised_what_moves_and_what_awaits_its_witness(
    admit, browse, arvad, belmar, observer
):
    from casework.agreements.models import Commitment, CommitmentState
    from casework.custody import transfers
    from casework.parties.actions import disclose
    from casework.parties.models import Disclosure
    from casework.seals import actions, checkpoints

    by = admit(arvad, "negotiator", "custodian", "authority")
    promised = Commitment.objects.create(
        code="c-01", name="Return what is held", state=CommitmentState.AGREED, holder=arvad
    )
    promised.parties.set([arvad, belmar])
    disclose(by=by, to=observer, kind=Disclosure.Kind.TALKS)
    transfer = transfers.draft_transfer(by=by, sender=arvad, receiver=belmar, through=observer)
    paper = transfers.propose(by=by, transfer=transfer, number="T-2018-01")
    actions.enter_paper(
        by=by, statement=paper,
        signed_by=[{"party": "arvad", "name": "N. N.", "office": "", "signed_on": "2018-07-16"}],
    )  # fmt: skip
    transfer.refresh_from_db()
    asked = actions.prepare(
        by=by, kind="seal", subject=transfer.subject, signers=[(arvad, "author"), (observer, "witness")],
        body={"manifest": "sha256:" + 64 * "0", "lines": [{"line": 1, "container": "C", "seals": [], "weight_g": 1}]},
    )  # fmt: skip
    checkpoints.checkpoint(by=by)

    page = browse(admit(observer, "observer")).get("/").text

    assert "<strong>One</strong> commitment of the sides is open to you." in page
    assert "<strong>One</strong> transfer goes through your party." in page
    assert "One statement awaits your party’s signature." in page
    assert "One checkpoint awaits your party’s cosignature." in page
    for address in ("/talks/commitments/c-01/", "/custody/transfers/T-2018-01/", f"/seals/{asked.digest}/"):
        assert f'href="{address}"' in page
    assert "Return what is held" in page


def test_what_awaits_the_signature_of_another_does_not_stand_on_a_neutrals_page(admit, browse, arvad, observer, belmar):
    from casework.custody import transfers

    by = admit(arvad, "negotiator", "custodian")
    transfer = transfers.draft_transfer(by=by, sender=arvad, receiver=belmar, through=observer)
    transfers.propose(by=by, transfer=transfer, number="T-2018-01")

    page = browse(admit(observer, "observer")).get("/").text

    assert "T-2018-01" not in page
    assert "Nothing awaits your party’s signature." in page
