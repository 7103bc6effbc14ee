"""A file is kept by what it holds, found by its digest, and never opened inside a page."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from casework.documents import actions, queries
from casework.documents.models import Document, MediaType
from casework.journal.models import Record
from casework.parties.actions import disclose
from casework.parties.refusal import Refused

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.fixture
def keeper(admit, arvad):
    return admit(arvad, "negotiator")


def keep(by, data=b"Minutes of the session.", name="minutes.txt", **more):
    return actions.keep_document(by=by, data=data, name=name, **more)


def refusal(act, **given) -> str:
    with pytest.raises(Refused) as refused:
        act(**given)
    return refused.value.code


def test_a_file_lies_under_the_digest_of_its_bytes(keeper, settings):
    kept = keep(keeper)

    digits = hashlib.sha256(b"Minutes of the session.").hexdigest()
    assert kept.digest == f"sha256:{digits}"
    assert kept.path == settings.UPLOADS / "documents" / digits
    assert kept.path.read_bytes() == b"Minutes of the session."
    assert (kept.title, kept.media_type, kept.size) == ("minutes.txt", MediaType.TEXT, 23)
    assert Record.objects.first().verb == "documents.keep_document"
    assert Record.objects.first().object == f"document:sha256:{digits}"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n...", MediaType.PDF),
        (PNG, MediaType.PNG),
        (b"\xff\xd8\xff\xe0 picture", MediaType.JPEG),
        ("의사록".encode(), MediaType.TEXT),
        (b"\xef\xbb\xbfwith a mark", MediaType.TEXT),
        (b"<!DOCTYPE html><p>x", MediaType.HTML),
        (b"a note <script>alert(1)</script>", MediaType.HTML),
        (b"<svg onload='x'/>", MediaType.HTML),
        (b"PK\x03\x04 a word processor's file", None),
        (b"MZ\x90\x00 a program", None),
        (b"GIF89a\x01\x00", None),
        (b"\xed\xa0\x80", None),
        (b"   \n", None),
        (b"", None),
    ],
)
def test_what_a_file_is_follows_from_its_content(data, kind):
    assert actions.sniff(data) == kind


def test_what_is_not_kept_is_refused_with_its_reason_and_leaves_no_file(keeper, settings, monkeypatch):
    keep(keeper)
    monkeypatch.setattr(actions, "LIMIT", 100)
    attempts = [
        ({"data": b""}, "file-empty"),
        ({"data": b"PK\x03\x04", "name": "minutes.pdf"}, "kind-not-kept"),
        ({"data": b"x" * 101}, "file-too-large"),
        ({"data": b"Minutes of the session.", "name": "again.txt"}, "already-kept"),
        ({"data": b"other", "dated": "yesterday"}, "date-unclear"),
        ({"data": PNG, "public": True, "remains_photograph": True}, "photograph-not-public"),
    ]

    codes = [refusal(keep, **{"by": keeper, **values}) for values, _code in attempts]

    assert codes == [code for _values, code in attempts]
    assert Document.objects.count() == 1
    assert len(list((settings.UPLOADS / "documents").iterdir())) == 1


def test_a_source_may_be_named_whose_file_is_not_held(keeper):
    named = actions.name_document(by=keeper, title="A newspaper of 16 July", publisher="Press", dated="2018-07-16")

    assert named.digest == ""
    assert refusal(actions.name_document, by=keeper, title=" ") == "title-missing"


def test_a_document_is_found_by_its_digest_as_it_may_be_written(keeper):
    kept = keep(keeper)
    digits = kept.digest.removeprefix("sha256:")

    assert queries.by_digest(kept.digest, by=keeper) == kept
    assert queries.by_digest(digits.upper(), by=keeper) == kept
    assert queries.by_digest("", by=keeper) is None
    assert queries.by_digest("00", by=keeper) is None


def test_both_sides_keep_the_same_file_and_its_digest_says_so(keeper, admit, belmar, arvad):
    theirs = admit(belmar, "negotiator")
    ours, other = keep(keeper, public=True), keep(theirs)

    assert ours.digest == other.digest
    assert list(queries.same_bytes(other, by=theirs)) == [ours]
    assert queries.by_digest(ours.digest, by=theirs) == other
    assert not queries.same_bytes(ours, by=keeper).exists()


def test_the_other_side_sees_a_document_when_it_is_published_shown_or_disclosed(keeper, admit, arvad, belmar):
    reader = admit(belmar, "registrar")
    kept, published, shown = keep(keeper), keep(keeper, b"b", public=True), keep(keeper, b"c")
    actions.show_document(by=keeper, document=shown, to=belmar)

    assert set(queries.documents(by=reader)) == {published, shown}
    assert refusal(queries.document, key=kept.pk, by=reader) == "not-found"
    disclose(by=admit(arvad, "authority"), to=belmar, kind="documents")
    assert queries.documents(by=reader).count() == 3


def test_only_its_own_party_shows_or_publishes_a_document(keeper, admit, belmar, observer):
    published = keep(keeper, public=True)
    theirs = admit(belmar, "negotiator")

    assert refusal(actions.show_document, by=theirs, document=published, to=observer) == "not-found"
    assert refusal(actions.publish_document, by=theirs, document=published) == "not-found"
    assert refusal(actions.show_document, by=keeper, document=published, to=keeper.party) == "own-party"
    photograph = keep(keeper, PNG, "bone.png", remains_photograph=True)
    assert refusal(actions.publish_document, by=keeper, document=photograph) == "photograph-not-public"


@pytest.mark.parametrize("role", ["board_member", "authority", "auditor", "observer"])
def test_only_who_keeps_documents_keeps_one(role, admit, arvad):
    assert refusal(keep, by=admit(arvad, role)) == "not-permitted"


def test_a_file_is_a_download_whatever_it_is(keeper, browse):
    kept = keep(keeper, b"<html><script>alert(1)</script></html>", "page.html")

    answer = browse(keeper).get(f"/documents/{kept.pk}/file/")

    assert answer["Content-Disposition"] == 'attachment; filename="page.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == b"<html><script>alert(1)</script></html>"


@pytest.mark.parametrize("harm", [lambda path: path.write_bytes(b"altered"), lambda path: path.unlink()])
def test_a_file_that_was_altered_on_the_server_is_not_given_out(harm, keeper, browse):
    kept = keep(keeper)
    harm(kept.path)

    page = browse(keeper).get(f"/documents/{kept.pk}/file/")

    assert page.status_code == 409
    assert "no longer has its digest" in page.text


def test_a_photograph_of_remains_needs_a_purpose_and_leaves_a_line_in_the_journal(keeper, browse):
    kept = keep(keeper, PNG, "bone.png", remains_photograph=True)
    client = browse(keeper)

    asked = client.get(f"/documents/{kept.pk}/file/")
    bare = client.post(f"/documents/{kept.pk}/photograph/")
    before = Record.objects.filter(verb="documents.open_photograph").count()
    opened = client.post(f"/documents/{kept.pk}/photograph/", {"purpose": "to compare the seal"})

    assert asked.status_code == 302
    assert (bare.status_code, before) == (409, 0)
    assert b"".join(opened.streaming_content) == PNG
    assert Record.objects.first().verb == "documents.open_photograph"
    assert Record.objects.first().values["purpose"] == "to compare the seal"


def test_a_family_liaison_opens_no_photograph_of_remains(keeper, admit, arvad, browse):
    kept = keep(keeper, PNG, "bone.png", remains_photograph=True)
    liaison = admit(arvad, "family_liaison")

    page = browse(liaison).get(f"/documents/{kept.pk}/")

    assert "withheld from your roles" in page.text
    assert refusal(actions.open_photograph, by=liaison, document=kept, purpose="x") == "not-permitted"


def test_a_document_is_kept_quoted_and_claimed_from_through_its_pages(keeper, browse):
    client = browse(keeper)
    file = SimpleUploadedFile("sheet.txt", b"Unaccounted for: 7,699")

    page = client.post(
        "/documents/keep/", {"file": file, "title": "Progress sheet", "language": "en", "public": "on"}, follow=True
    )
    document = Document.objects.get()
    client.post(f"/documents/{document.pk}/quote/", {"text": "7,699", "attribution": "institution", "page": "1"})
    quoted = document.quotations.get()
    claimed = client.post(
        "/documents/claims/enter/",
        {
            "about": "programme", "claimant": "Agency", "qualifier": "exact", "value": "7699", "unit": "persons",
            "status": "final", "quotation": quoted.pk, "code": "P-1",
        },
        follow=True,
    )  # fmt: skip

    assert document.digest in page.text
    assert "7,699 " in claimed.text
    assert "Progress sheet" in claimed.text
    assert "P-1" in client.get(f"/documents/{document.pk}/").text


def test_a_refusal_stands_beside_its_field(keeper, browse):
    file = SimpleUploadedFile("minutes.pdf", b"PK\x03\x04")

    page = browse(keeper).post("/documents/keep/", {"file": file, "title": "x"})

    assert page.status_code == 200
    assert 'id="id_file_error">Only PDF, PNG, JPEG' in page.text


def test_a_source_of_the_other_side_that_was_not_shown_is_refused_beside_its_field(keeper, admit, belmar, browse):
    theirs = keep(admit(belmar, "negotiator"))

    page = browse(keeper).post(
        "/documents/claims/enter/",
        {
            "about": "programme", "claimant": "x", "qualifier": "exact", "value": "1", "unit": "cases",
            "status": "final", "document": theirs.pk,
        },
    )  # fmt: skip

    assert 'id="id_document_error"' in page.text


def test_pages_of_the_other_side_are_not_found(keeper, admit, belmar, browse):
    kept = keep(keeper)
    actions.claim(by=keeper, about="programme", claimant="agency", value=1, code="K-1")
    client = browse(admit(belmar, "negotiator"))
    addresses = [f"{kept.pk}/", f"{kept.pk}/file/", f"{kept.pk}/quote/", "claims/arvad/K-1/"]

    assert [client.get(f"/documents/{address}").status_code for address in addresses] == [404] * 4
    assert "minutes.txt" not in client.get("/documents/").text
    assert "K-1" not in client.get("/documents/claims/").text


def test_a_matter_s_page_sets_both_claims_side_by_side_and_underlines_what_differs(keeper, browse):
    for claimant, value in (("Press", 100), ("Another official", 200)):
        made = actions.claim(
            by=keeper, about="transfer:T-1", topic="cases sent empty", claimant=claimant, value=value, unit="cases"
        )

    page = browse(keeper).get(f"/documents/claims/matter/{made.matter}/").text

    assert page.count('<span class="differs">100</span>') == 2  # in words, and in the table
    assert page.count('<span class="differs">200</span>') == 2
    assert '<div class="sides">' in page


def test_a_claim_is_disputed_and_superseded_through_its_page(keeper, browse):
    earlier, later = (
        actions.claim(by=keeper, about="programme", topic="t", claimant="agency", value=value) for value in (1, 2)
    )
    client = browse(keeper)

    client.post(f"/documents/claims/arvad/{earlier.code}/dispute/", {"reason": "We counted two."})
    disputed = client.get(f"/documents/claims/arvad/{earlier.code}/").text
    client.post(f"/documents/claims/arvad/{earlier.code}/withdraw/")
    client.post(f"/documents/claims/arvad/{earlier.code}/supersede/", {"later": later.pk, "why": "recounted"})

    assert "We counted two." in disputed
    earlier.refresh_from_db()
    assert earlier.superseded_by == later
    assert "recounted" in client.get(f"/documents/claims/arvad/{earlier.code}/").text


def test_the_lists_take_a_fixed_number_of_queries(keeper, browse, django_assert_max_num_queries):
    for number in range(60):
        keep(keeper, f"document {number}".encode(), f"d{number}.txt", public=True)
        actions.claim(by=keeper, about="programme", topic=f"t{number}", claimant="agency", value=number)
    client = browse(keeper)

    for address in ("/documents/", "/documents/claims/"):
        with django_assert_max_num_queries(9):
            client.get(address)
