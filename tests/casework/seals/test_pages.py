"""The pages of statements, of the log, of keys and of mutual disclosures."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from casework.parties.models import Disclosure, DisclosureRequest, Key
from casework.parties.queries import signing_key
from casework.seals import actions, checkpoints, queries
from casework.seals.models import Checkpoint, ForeignLog, Statement
from homeward.seals.checkpoint import cosign_checkpoint, read_note
from homeward.seals.envelope import sign
from homeward.seals.keys import PrivateKey

pytestmark = pytest.mark.django_db


def upload(content: bytes, name: str = "x.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_a_statement_is_read_taken_away_signed_offline_and_handed_in(cast, keys, propose, browse):
    statement = propose()
    client = browse(cast["belmar"])
    address = reverse("seals:statement", args=(statement.digest,))
    page = client.get(address).text
    taken = client.get(reverse("seals:payload", args=(statement.digest,))).content

    after = client.post(address, {"envelope": upload(sign(taken, keys["belmar"]).to_bytes())}, follow=True).text

    assert "Fifty-five cases." in page
    assert "관 쉰다섯 개." in page
    assert taken == bytes(statement.payload)
    assert "signed with its key" in after
    assert "<svg" in after
    assert 'style="' not in after


def test_a_refused_envelope_is_told_beside_the_field(cast, keys, propose, browse):
    statement = propose()
    client = browse(cast["arvad"])
    wrong = sign(b"{}", keys["arvad"]).to_bytes()

    page = client.post(reverse("seals:statement", args=(statement.digest,)), {"envelope": upload(wrong)})

    assert page.status_code == 200
    assert "its bytes differ" in page.text


def test_several_envelopes_are_handed_in_at_once_and_each_fault_is_told(cast, keys, propose, browse):
    first, second = propose(date="2018-07-27"), propose(date="2018-07-28")
    client = browse(cast["arvad"])
    files = [
        upload(sign(bytes(first.payload), keys["arvad"]).to_bytes(), "first.json"),
        upload(b"\xff", "broken.json"),
        upload(sign(bytes(second.payload), keys["arvad"]).to_bytes(), "second.json"),
    ]

    page = client.post(reverse("seals:statements"), {"envelopes": files}).text

    assert "broken.json" in page
    assert not Statement.objects.filter(spoken_at=None).exists()


def test_the_page_of_a_statement_that_one_may_not_see_says_only_that_there_is_nothing(cast, keys, propose, browse):
    statement = propose()

    page = browse(cast["observer"]).get(reverse("seals:statement", args=(statement.digest,)))

    assert page.status_code == 404
    assert "T-2018-01" not in page.text


def test_lists_ask_the_same_number_of_questions_however_long(
    cast, keys, propose, browse, django_assert_max_num_queries
):
    for day in range(10, 30):
        propose(date=f"2018-07-{day}")
    client = browse(cast["arvad"])

    with django_assert_max_num_queries(22):
        page = client.get(reverse("seals:statements"))

    assert page.text.count("Transfer T-2018-01") == 40  # awaited, and among all


def test_a_paper_is_entered_line_by_line_against_its_digest(cast, propose, browse, arvad, belmar):
    statement = actions.prepare(
        by=cast["belmar"],
        kind="manifest",
        subject="transfer:T-2018-01",
        body={
            "version": 1, "from": "belmar", "to": "arvad", "through": "", "fulfils": [],
            "lines": [
                {
                    "line": 1, "container": "C-001", "content": "remains", "bags": 2, "seals": ["BL 77102"],
                    "weight_g": 6400, "description": "", "origin": "", "claims": [],
                }
            ],
            "containers": 1, "bags": 2, "copies": 3,
        },
        signers=[(belmar, "author"), (arvad, "countersigner")],
    )  # fmt: skip
    client = browse(cast["arvad"])
    address = reverse("seals:paper", args=(statement.digest,))
    digits = statement.digest.removeprefix("sha256:")
    filled = {
        "digest": f"{digits[:4]} {digits[4:8]} {digits[8:12]} {digits[12:16]}", "copy": 2, "copies": 3,
        "name_belmar": "Y. Amset", "on_belmar": "2018-07-27", "name_arvad": "D. Karsk", "on_arvad": "2018-07-27",
        "bags_0": "3", "weight_kg_0": "6.4", "container_1": "C-009", "remark_1": "stood beside the others",
    }  # fmt: skip

    refused = client.post(address, {**filled, "digest": "0000 0000 0000 0000"}).text
    impossible = client.post(address, {**filled, "bags_0": "many"}).text
    page = client.post(address, filled, follow=True).text

    statement.refresh_from_db()
    paper = Statement.objects.get(kind="paper")
    assert "not the digest of this statement" in refused
    assert statement.stands
    differences = queries.read(paper).body["differences"]
    assert differences[0] == {"line": 1, "field": "bags", "declared": "2", "paper": "3"}
    assert "C-009" in differences[1]["paper"]
    assert 'class="error"' in impossible
    assert "Differences on the paper" in page


def test_the_paper_to_sign_is_a_pdf_with_the_digest(cast, keys, propose, browse):
    statement = propose()

    page = browse(cast["arvad"]).get(reverse("seals:print", args=(statement.digest,)))

    assert page["Content-Type"] == "application/pdf"
    assert page.content.startswith(b"%PDF-")


def test_the_log_is_checkpointed_and_the_other_side_cosigns_it(cast, keys, propose, browse, arvad, belmar):
    statement = propose()
    actions.sign(by=cast["arvad"], envelope=sign(bytes(statement.payload), keys["arvad"]).to_bytes())
    browse(cast["belmar"]).post(reverse("seals:checkpoint"))
    note = checkpoints.offer(checkpoints.offers(arvad)[0].origin, by=cast["arvad"]).offered
    cosigned = cosign_checkpoint(note, keys["arvad"], "arvad", 1_532_655_600)

    page = browse(cast["arvad"]).post(reverse("seals:log"), {"note": upload(cosigned.encode())}, follow=True).text

    assert "at one entry" in page
    assert ForeignLog.objects.get(holder=arvad).party == belmar
    assert Checkpoint.objects.get(log=belmar, cosigned_by=arvad).size == 1
    assert checkpoints.offers(arvad)[0].offered == ""


def test_a_cosigned_note_is_refused_for_each_thing_that_is_wrong_with_it(cast, keys, propose, arvad, belmar):
    statement = propose()
    checkpoints.checkpoint(by=cast["belmar"])
    note = checkpoints.offer(checkpoints.offers(arvad)[0].origin, by=cast["arvad"]).offered
    actions.sign(by=cast["arvad"], envelope=sign(bytes(statement.payload), keys["arvad"]).to_bytes())
    newer = checkpoints.checkpoint(by=cast["belmar"]).note
    attempts = [
        (b"", "not-a-note"),
        (b"\xff\xfe", "not-a-note"),
        (note.encode(), "not-offered"),
        (newer.encode(), "no-cosignature"),
        (cosign_checkpoint(newer, PrivateKey.generate(), "arvad", 1).encode(), "no-cosignature"),
        (newer.replace("belmar/", "cathay/").encode(), "unknown-log"),
    ]
    codes = []
    for given, _code in attempts:
        with pytest.raises(checkpoints.Refused) as refused:
            checkpoints.cosign(by=cast["arvad"], note=given)
        codes.append(refused.value.code)

    assert codes == [code for _given, code in attempts]
    assert read_note(note).checkpoint.size == 0


def test_a_key_from_the_minutes_is_entered_on_the_page_and_shown_in_groups_of_four(admit, browse, arvad):
    key = PrivateKey.generate()
    client = browse(admit(arvad, "authority"))

    page = client.post(
        reverse("seals:enter_key"),
        {
            "party": arvad.pk, "fingerprint": key.fingerprint, "introduced_in": "session:2018-07-16",
            "file": upload(key.public(party="arvad", name="M. Oresk").to_bytes()),
        },
        follow=True,
    ).text  # fmt: skip

    assert f"{key.fingerprint[:4]} {key.fingerprint[4:8]}" in page
    assert "M. Oresk" in page
    assert Key.objects.get().raw


def test_fingerprints_that_both_wrote_alike_are_pinned_once_both_have_signed_the_minutes(cast, keys, arvad, belmar):
    from casework.parties.actions import found_party
    from casework.parties.models import Operator

    found_party(by=Operator(), code="cathay", name="Cathay", hosted=False)
    cathay, forged = PrivateKey.generate().fingerprint, PrivateKey.generate().fingerprint
    session = actions.prepare(
        by=cast["arvad"], kind="session", subject="session:2018-07-16",
        body={
            "forum": "Joint Commission", "number": "1", "tier": "", "date": "2018-07-16", "state": "held",
            "absent": [], "minutes": [],
            "fingerprints": [{"party": "cathay", "fingerprint": cathay}, {"party": "belmar", "fingerprint": forged}],
        },
        signers=[(arvad, "author"), (belmar, "countersigner")],
    )  # fmt: skip
    actions.sign(by=cast["arvad"], envelope=sign(bytes(session.payload), keys["arvad"]).to_bytes())
    half = Key.objects.filter(fingerprint=cathay).exists()

    actions.sign(by=cast["belmar"], envelope=sign(bytes(session.payload), keys["belmar"]).to_bytes())

    assert not half
    assert Key.objects.get(fingerprint=cathay).introduced_in == "session:2018-07-16"
    assert not Key.objects.filter(fingerprint=forged).exists()  # Belmar acts here and enters its own


def test_a_manifest_of_five_hundred_lines_is_shown_and_escaped(cast, keys, browse, arvad, belmar):
    lines = [
        {
            "line": at, "container": f"C-{at:03d}", "content": "remains", "bags": 1, "seals": [f"BL {at}"],
            "weight_g": 6400, "description": "<script>alert(1)</script>", "origin": "Hill 482", "claims": [],
        }
        for at in range(1, 501)
    ]  # fmt: skip
    statement = actions.prepare(
        by=cast["belmar"], kind="manifest", subject="transfer:T-2018-01",
        body={
            "version": 1, "from": "belmar", "to": "arvad", "through": "", "fulfils": [], "lines": lines,
            "containers": 500, "bags": 500, "copies": 3,
        },
        signers=[(belmar, "author"), (arvad, "countersigner")],
    )  # fmt: skip

    page = browse(cast["arvad"]).get(reverse("seals:statement", args=(statement.digest,))).text

    assert page.count("&lt;script&gt;") == 500
    assert "<script>alert" not in page


def test_a_further_key_counts_once_it_is_introduced_with_the_present_one(admit, browse, keyed, arvad):
    present, further = keyed(arvad), PrivateKey.generate()
    authority = admit(arvad, "authority")
    client = browse(authority)

    page = client.post(
        reverse("seals:introduce_key"), {"file": upload(further.public(party="arvad", name="Second").to_bytes())}
    )
    statement = Statement.objects.get(kind="key")
    before = Key.objects.filter(fingerprint=further.fingerprint).exists()
    actions.sign(by=authority, envelope=sign(bytes(statement.payload), present).to_bytes())

    assert page.status_code == 302
    assert not before
    assert Key.objects.get(fingerprint=further.fingerprint).name
    assert signing_key(arvad).fingerprint == further.fingerprint


def test_a_key_is_revoked_by_a_statement_and_signs_no_more(admit, browse, keyed, arvad):
    key = keyed(arvad)
    authority = admit(arvad, "authority")
    browse(authority).post(reverse("seals:revoke_key", args=(key.fingerprint,)), {"reason": "the officer left"})
    statement = Statement.objects.get(kind="key")

    actions.sign(by=authority, envelope=sign(bytes(statement.payload), key).to_bytes())

    assert Key.objects.get().revoked_reason == "the officer left"


def test_a_lost_key_is_revoked_at_once(admit, browse, keyed, arvad):
    key = keyed(arvad)

    browse(admit(arvad, "authority")).post(
        reverse("seals:revoke_key", args=(key.fingerprint,)), {"reason": "lost", "at_once": "yes"}
    )

    assert Key.objects.get().revoked_at
    assert not Statement.objects.exists()


def test_only_what_was_disclosed_is_seen_and_only_once_both_have_signed(cast, keys, browse, arvad, belmar):
    from casework.parties.queries import holders_visible_to

    client = browse(cast["arvad"])
    page = client.post(reverse("seals:disclosures"), {"to": belmar.pk, "offers": ["persons"], "asks": ["remains"]})
    request = DisclosureRequest.objects.get()
    statement = Statement.objects.get(digest=request.statement)
    payload = bytes(statement.payload)
    actions.sign(by=cast["arvad"], envelope=sign(payload, keys["arvad"]).to_bytes())
    half = Disclosure.objects.count()

    actions.sign(by=cast["belmar"], envelope=sign(payload, keys["belmar"]).to_bytes())

    request.refresh_from_db()
    assert page.status_code == 302
    assert half == 0
    assert request.state == "countersigned"
    assert holders_visible_to(cast["belmar"], "persons") == [belmar.pk, arvad.pk]
    assert holders_visible_to(cast["belmar"], "remains") == [belmar.pk]
    assert holders_visible_to(cast["arvad"], "remains") == [arvad.pk, belmar.pk]
    assert "ARVAD-D1" in client.get(reverse("seals:disclosures")).text


def test_one_side_withdraws_only_what_it_shows(cast, keys, browse, arvad, belmar):
    from casework.parties.queries import holders_visible_to

    browse(cast["arvad"]).post(
        reverse("seals:disclosures"), {"to": belmar.pk, "offers": ["persons"], "asks": ["remains"]}
    )
    payload = bytes(Statement.objects.get().payload)
    for code in ("arvad", "belmar"):
        actions.sign(by=cast[code], envelope=sign(payload, keys[code]).to_bytes())

    page = browse(cast["arvad"]).post(
        reverse("seals:settle", args=("ARVAD-D1",)), {"act": "alone", "reason": "a name was wrong"}, follow=True
    )

    assert page.status_code == 200
    assert holders_visible_to(cast["belmar"], "persons") == [belmar.pk]
    assert holders_visible_to(cast["arvad"], "remains") == [arvad.pk, belmar.pk]
    assert "ARVAD-D1" in browse(cast["arvad"]).get(reverse("parties:members")).text


def test_a_mutual_request_is_refused_with_a_reason_and_nothing_is_shown(cast, keys, browse, belmar):
    browse(cast["arvad"]).post(
        reverse("seals:disclosures"), {"to": belmar.pk, "offers": ["persons"], "asks": ["remains"]}
    )
    browse(cast["belmar"]).post(
        reverse("seals:settle", args=("ARVAD-D1",)), {"act": "refuse", "reason": "the list is not complete"}
    )

    page = browse(cast["arvad"]).get(reverse("seals:disclosures")).text

    assert "the list is not complete" in page
    assert not Disclosure.objects.exists()
    assert Statement.objects.get(kind="refusal").author == belmar


def test_without_a_key_a_mutual_disclosure_is_signed_on_paper_and_not_otherwise(cast, arvad, belmar, browse):
    browse(cast["arvad"]).post(
        reverse("seals:disclosures"), {"to": belmar.pk, "offers": ["persons"], "asks": ["remains"]}
    )
    statement = Statement.objects.get()
    own = PrivateKey.generate()
    with pytest.raises(checkpoints.Refused) as refused:
        actions.sign(by=cast["arvad"], envelope=sign(bytes(statement.payload), own).to_bytes())
    for code in ("arvad", "belmar"):
        signed = [{"party": code, "name": "N. N.", "office": "", "signed_on": "2018-07-16"}]
        actions.enter_paper(by=cast[code], statement=statement, signed_by=signed)

    assert refused.value.code == "key-or-paper"
    assert DisclosureRequest.objects.get().state == "countersigned"


@pytest.mark.parametrize("name", ["statements", "log", "keys", "disclosures"])
def test_every_page_is_read_in_korean(name, cast, keys, propose, browse):
    propose()
    client = browse(cast["arvad"])
    client.post("/language/", {"language": "ko", "next": "/"})

    page = client.get(reverse(f"seals:{name}"))

    assert page.status_code == 200
    assert '<html lang="ko">' in page.text
    assert "습니다" in page.text
