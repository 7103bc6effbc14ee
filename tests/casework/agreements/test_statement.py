"""What became of a session is sealed by its sides over the same bytes; who stayed away is not asked to sign it."""

import pytest

from casework.agreements import actions
from casework.documents import actions as documents
from casework.journal.models import Record
from casework.seals import actions as seals
from casework.seals import queries as sealed
from homeward.seals.envelope import cosign, sign
from tests.casework.agreements.test_sessions import refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(ours, confirmed):
    return actions.hold(by=ours, session=confirmed)


@pytest.fixture
def keys(keyed, arvad, belmar):
    return {party.code: keyed(party) for party in (arvad, belmar)}


def test_the_statement_holds_what_both_wrote_alike_and_the_minutes_that_were_released(
    ours, theirs, held, keys, arvad, belmar
):
    for by in (ours, theirs):
        actions.write_fingerprint(by=by, session=held, party=arvad, fingerprint=keys["arvad"].fingerprint)
    actions.write_fingerprint(by=ours, session=held, party=belmar, fingerprint=keys["belmar"].fingerprint)
    released, kept = (documents.keep_document(by=ours, data=text, name="m.txt") for text in (b"en", b"ko"))
    minutes = actions.keep_minutes(by=ours, session=held, document=released, language="en")
    actions.keep_minutes(by=ours, session=held, document=kept, language="ko")
    actions.release_minutes(by=ours, minutes=minutes)

    statement = sealed.read(actions.draw_up_statement(by=ours, session=held))

    assert statement.kind == "session"
    assert statement.subject == "session:gomt-1"
    assert statement.body == {
        "forum": "General talks",
        "number": "1",
        "tier": "working level",
        "date": "2018-07-12",
        "state": "held",
        "absent": [],
        "fingerprints": [{"party": "arvad", "fingerprint": keys["arvad"].fingerprint}],
        "minutes": [{"lang": "en", "digest": released.digest}],
    }
    assert [(one.party, one.role) for one in statement.signers] == [("arvad", "author"), ("belmar", "countersigner")]
    assert Record.objects.first().verb == "agreements.draw_up_statement"


def test_the_session_is_sealed_once_both_sides_have_signed(ours, theirs, held, keys, browse):
    statement = actions.draw_up_statement(by=ours, session=held)
    one = sign(bytes(statement.payload), keys["arvad"])
    seals.sign(by=ours, envelope=one.to_bytes())
    held.refresh_from_db()
    after_one = held.sealed_at

    seals.sign(by=theirs, envelope=cosign(one, keys["belmar"]).to_bytes())

    held.refresh_from_db()
    assert after_one is None
    assert held.sealed_at is not None
    assert "sealed by its sides" in browse(ours).get("/talks/sessions/gomt-1/").text


def test_who_stayed_away_is_not_asked_to_sign_that_it_did(ours, confirmed, belmar, keys):
    actions.not_held(by=ours, session=confirmed, absent=[belmar])

    statement = sealed.read(actions.draw_up_statement(by=ours, session=confirmed))

    assert statement.body["absent"] == ["belmar"]
    assert [one.party for one in statement.signers] == ["arvad"]


def test_a_statement_is_drawn_up_only_of_what_is_known_to_the_day_and_only_once(
    ours, forum, confirmed, keys, admit, arvad
):
    vague = actions.enter_session(by=ours, forum=forum, day="2009")

    assert refusal(actions.draw_up_statement, by=ours, session=confirmed) == "session-open"
    assert refusal(actions.draw_up_statement, by=ours, session=vague) == "day-inexact"
    held = actions.hold(by=ours, session=confirmed)
    drawn = actions.draw_up_statement(by=ours, session=held)
    assert refusal(actions.draw_up_statement, by=ours, session=held) == "already-drawn-up"
    seals.discard(by=ours, statement=drawn)
    assert actions.draw_up_statement(by=ours, session=held).pk is not None
    assert refusal(actions.draw_up_statement, by=admit(arvad, "authority"), session=held) == "not-permitted"


def test_the_button_leads_to_the_statement(ours, browse, held, keys):
    client = browse(ours)

    answer = client.post("/talks/sessions/gomt-1/statement/")

    held.refresh_from_db()
    assert answer["Location"].endswith(f"{held.statement}/")
    assert client.get(answer["Location"]).status_code == 200
    assert held.statement in client.get("/talks/sessions/gomt-1/").text


def test_a_commitment_s_text_is_sealed_in_every_language_once_its_sides_have_signed(
    ours, theirs, promise, keys, browse, summit
):
    actions.quote_commitment(by=ours, commitment=promise, texts=[actions.Words(language="ko", text="즉각 송환")])
    statement = actions.draw_up_commitment(by=ours, commitment=promise)
    read = sealed.read(statement)
    envelope = cosign(sign(bytes(statement.payload), keys["arvad"]), keys["belmar"])
    assert refusal(actions.draw_up_commitment, by=theirs, commitment=promise) == "already-drawn-up"

    seals.sign(by=ours, envelope=envelope.to_bytes())

    promise.refresh_from_db()
    assert (read.kind, read.subject) == ("proposal", "agreement:summit/remains")
    assert [term["lang"] for term in read.body["terms"]] == ["en", "ko"]
    assert promise.sealed_at is not None
    assert "text sealed" in browse(ours).get("/talks/commitments/remains/").text
