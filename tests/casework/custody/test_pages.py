"""The pages of custody: they do what the acts do, say why not, and show nothing of the other side's."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from casework.custody import actions
from casework.custody.models import Container, CustodyEvent, Item, StockTake
from casework.custody.numbers import key_of, squeezed

pytestmark = pytest.mark.django_db


def test_a_range_of_cases_is_entered_and_a_number_given_before_is_shown(browse, keeper, cases):
    (old,) = cases("C-007")
    client = browse(keeper)
    given = {"numbers": "C-001 to C-003", "kind": "case", "state": "issued_empty", "store": "Tol depot", "zone": "UTC"}

    assert client.post("/custody/containers/enter/", given).status_code == 302
    assert Container.objects.count() == 4
    refused = client.post("/custody/containers/enter/", {**given, "numbers": "C-005 to C-008"}).text

    assert "A number is never given twice" in refused
    assert f'<a href="/custody/containers/{old.pk}/">C-007</a>' in refused
    assert Container.objects.count() == 4


def test_the_local_time_that_was_typed_is_the_place_s_and_shown_beside_utc(browse, keeper, cases):
    (case,) = cases()
    client = browse(keeper)

    client.post(f"/custody/containers/{case.pk}/pack/", {"at": "2018-07-27T10:40", "zone": "Asia/Seoul"})

    page = client.get(f"/custody/containers/{case.pk}/").text
    assert "2018-07-27 10:40</time> Asia/Seoul" in page
    assert "2018-07-27 01:40</time> UTC" in page
    assert 'value="Asia/Seoul"' in client.get(f"/custody/containers/{case.pk}/weigh/").text


def test_the_whole_life_of_a_case_through_its_page(browse, keeper, cases, remains):
    (case,) = cases()
    item = remains("2022-109-I-01")
    client = browse(keeper)
    at = f"/custody/containers/{case.pk}/"
    steps = [
        ("pack", {"items": "CIL 2022-109-I-01"}),
        ("weigh", {"weight_g": "6400", "scale": "Observer’s"}),
        ("seal", {"numbers": "BL 77102"}),
        ("move", {"store": "Sael", "place": "floor"}),
        ("number", {"office": "sender", "number": "118/26"}),
    ]

    answers = [client.post(f"{at}{act}/", {"zone": "UTC", **given}).status_code for act, given in steps]
    seal = case.seals.get()
    opened = client.post(f"{at}open/", {"zone": "UTC", f"seal_{seal.pk}": "broken"})

    assert answers == [302] * 5
    assert opened.status_code == 302
    page = client.get(at).text
    for words in ("2022-109-I-01", "6,400", "BL 77102", "Sael, floor", "118/26", "opened"):
        assert words in page
    item.refresh_from_db()
    assert item.container == case


def test_a_form_says_why_an_act_was_refused(browse, keeper, cases):
    (case,) = cases()
    client = browse(keeper)

    not_now = client.post(f"/custody/containers/{case.pk}/seal/", {"numbers": "BL 1", "zone": "UTC"}).text
    unknown = client.post(f"/custody/containers/{case.pk}/pack/", {"items": "X-1", "zone": "Mars"}).text

    assert "cannot follow on the container’s present state" in not_now
    assert "No item of your record has this number: X-1." in unknown
    assert "This zone is not known" in unknown
    assert client.get(f"/custody/containers/{case.pk}/dance/").status_code == 404


def test_an_event_is_voided_from_the_history_and_stays_in_it(browse, keeper, cases):
    (case,) = cases()
    wrong = actions.weigh(by=keeper, container=case, weight_g=64000).event
    client = browse(keeper)

    assert client.post(f"/custody/events/{wrong.pk}/void/", {"reason": "a nought too many"}).status_code == 302

    page = client.get(f"/custody/containers/{case.pk}/").text
    assert "<s>weighed</s>" in page
    assert "a nought too many" in page


def test_items_are_split_sampled_and_merged_through_their_page(browse, keeper, remains):
    whole = remains("I-01")
    client = browse(keeper)

    client.post(f"/custody/items/{whole.pk}/split/", {"numbers": "I-01-A, I-01-B", "zone": "UTC"})
    part = Item.objects.get(number="I-01-A")
    client.post(f"/custody/items/{part.pk}/sample/", {"number": "S-1", "zone": "UTC"})
    client.post(f"/custody/items/{part.pk}/merge/", {"others": "I-01-B", "number": "I-99", "zone": "UTC"})

    page = client.get(f"/custody/items/{Item.objects.get(number='I-99').pk}/").text
    assert "I-01-A" in page
    assert "I-01-B" in page
    assert "S-1" in client.get(f"/custody/items/{part.pk}/").text


def test_a_store_is_counted_by_scanner_by_range_and_from_a_file(browse, keeper, cases):
    cases("C-001 to C-010")
    client = browse(keeper)
    client.post("/custody/stock-taking/", {"store": "Tol depot"})
    at = "/custody/stock-taking/1/"

    client.post(at, {"number": "c001", "place": "A1", "seals": ""})
    client.post(f"{at}found/", {"numbers": "C-002 to C-005"})
    file = SimpleUploadedFile("s.csv", b"number,place,seals\nC-006,B9,\nC-007,,\nQ-1,,\n")
    client.post(f"{at}found/", {"file": file})
    client.post(f"{at}sign-off/", {"note": "aloud, twice"})

    page = client.get(at).text
    assert "The record lists <strong>10</strong> here; <strong>8</strong> were found" in page
    assert "5 differences are not explained" in page
    line = StockTake.objects.get().lines.get(number="Q-1")
    client.post(f"/custody/stock-taking/lines/{line.pk}/explain/", {"explanation": "a visitor’s"})
    assert "4 differences are not explained" in client.get(at).text


def test_a_file_with_a_row_that_cannot_be_used_enters_nothing_and_says_which(browse, keeper, cases):
    cases("C-001")
    client = browse(keeper)
    client.post("/custody/stock-taking/", {"store": "Tol depot"})

    for wrong in (b"number,place\nC-001,A1\n,A2\n", b"\x89PNG\r\n\0"):
        page = client.post("/custody/stock-taking/1/found/", {"file": SimpleUploadedFile("wrong.csv", wrong)}).text
        assert "Nothing of the file was entered" in page
        assert "wrong.csv" in page

    assert not StockTake.objects.get().lines.filter(found=True).exists()


def test_the_other_side_finds_nothing_of_ours(browse, admit, belmar, keeper, cases, remains):
    (case,) = cases("C-001")
    item = remains("2022-109-I-01")
    event = case.events.get()
    browse(keeper).post("/custody/stock-taking/", {"store": "Tol depot"})
    client = browse(admit(belmar, "custodian"))
    addresses = (
        f"containers/{case.pk}/",
        f"containers/{case.pk}/pack/",
        f"items/{item.pk}/",
        f"events/{event.pk}/void/",
    )

    assert [client.get(f"/custody/{address}").status_code for address in addresses] == [404] * 4
    assert client.get("/custody/stock-taking/1/").status_code == 404
    for listing in ("containers/", "containers/?text=C-001", "items/", "stock-taking/"):
        page = client.get(f"/custody/{listing}").text.split("<main")[1].split("</main")[0]
        assert "Tol depot" not in page
        assert case.number not in page.replace('value="C-001"', "")


@pytest.mark.parametrize("role", ["family_liaison", "dna_analyst", "administrator"])
def test_roles_without_custody_see_none_of_it(role, browse, admit, arvad, cases):
    (case,) = cases()
    client = browse(admit(arvad, role))

    assert client.get("/custody/containers/").status_code == 403
    assert client.get(f"/custody/containers/{case.pk}/").status_code == 403


def test_who_may_look_and_not_keep_is_offered_no_act(browse, admit, arvad, cases):
    (case,) = cases()
    client = browse(admit(arvad, "authority"))

    assert "/pack/" not in client.get(f"/custody/containers/{case.pk}/").text
    assert client.post(f"/custody/containers/{case.pk}/pack/", {"zone": "UTC"}).status_code == 403


def test_custody_is_read_in_korean(browse, keeper, cases):
    (case,) = cases()
    client = browse(keeper)
    client.cookies["django_language"] = "ko"

    assert "상자의 수는 사람의 수가 아닙니다." in client.get(f"/custody/containers/{case.pk}/").text


@pytest.fixture
def full_depot(keeper, arvad):
    """Ten thousand containers, each with an event."""
    numbers = [f"K-{number:05d}" for number in range(10_000)]
    made = Container.objects.bulk_create(
        [
            Container(
                holder=arvad, numbered_by=arvad, keeper=arvad, number=number, key=key_of(number),
                squeezed=squeezed(number), state="packed", store=f"depot {at % 7}", place="A",
            )
            for at, number in enumerate(numbers)
        ],
        2000,
    )  # fmt: skip
    CustodyEvent.objects.bulk_create(
        [
            CustodyEvent(holder=arvad, container=one, kind="entered", state="packed", at="2020-01-01T00:00Z", actor="x")
            for one in made
        ],
        2000,
    )
    return made


def test_pages_ask_the_database_no_more_often_with_ten_thousand_containers(
    full_depot, browse, keeper, django_assert_max_num_queries
):
    client = browse(keeper)
    addresses = (
        "containers/", "containers/?page=50", "containers/?text=CIL+K-04711", "containers/?state=packed&store=depot+3",
        f"containers/{full_depot[4711].pk}/", "stock-taking/",
    )  # fmt: skip
    for address in addresses:
        client.get(f"/custody/{address}")

    for address in addresses:
        with django_assert_max_num_queries(20):
            assert client.get(f"/custody/{address}").status_code == 200
