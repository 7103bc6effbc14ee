"""The pages of talks: what a negotiator records on them, and what each party sees of it."""

import re

import pytest
from django.utils import translation

from casework.agreements import actions, queries
from casework.agreements.actions import Words
from casework.agreements.models import Commitment, Forum, Proposal, Session
from casework.agreements.views import gap_words
from casework.documents import actions as documents
from casework.parties.actions import disclose

pytestmark = pytest.mark.django_db


def test_talks_are_recorded_from_the_forum_to_the_session_held_through_the_pages(ours, browse, arvad, belmar, observer):
    client = browse(ours)
    client.post(
        "/talks/forums/enter/",
        {
            "code": "gomt", "name": "General talks", "name_ko": "장성급 회담", "sides": [arvad.pk, belmar.pk],
            "chair": observer.pk, "levels": "general; General level; 장성급\nworking; Working level",
        },
    )  # fmt: skip
    forum = Forum.objects.get()
    general = forum.tiers.get(code="general")
    client.post(
        "/talks/forums/gomt/propose/",
        {
            "party": belmar.pk, "for_day": "2018-07-15", "tier": general.pk, "made_on": "2018-07-12",
            "zone": "Asia/Seoul", "asks_for": "a general officer", "place": "Panmun",
        },
    )  # fmt: skip
    client.post(
        "/talks/forums/gomt/proposals/1/answer/", {"accepts": "yes", "party": arvad.pk, "answered_on": "2018-07-13"}
    )
    client.post(
        "/talks/sessions/gomt-1/held/",
        {"starts_at": "2018-07-15 10:00", "ends_at": "2018-07-15 12:00", "zone": "Asia/Seoul"},
    )
    page = client.get("/talks/sessions/gomt-1/").text

    assert "The session was held on 2018-07-15." in page
    assert "2018-07-15 10:00–12:00" in page
    assert "Asia/Seoul, UTC+09:00" in page
    assert "2018-07-15 01:00–03:00 UTC" in page
    assert "3 days’ notice" in page
    assert "a general officer" in page


def test_a_session_that_failed_names_who_stayed_away_and_the_reason_as_a_claim(ours, browse, confirmed, belmar):
    client = browse(ours)
    client.post(
        "/talks/sessions/gomt-1/not-held/",
        {"absent": [belmar.pk], "day": "2018-07-12", "text": "Called off at the last minute.", "claimant": "Belmar"},
    )

    page = client.get("/talks/sessions/gomt-1/").text

    assert "was not held: Belmar stayed away." in page
    assert re.search(r'<i>Claim</i><a href="/documents/claims/arvad/CL-1/">Called off at the last minute.', page)


@pytest.mark.parametrize(
    ("address", "values", "field", "words"),
    [
        ("not-held/", {}, "absent", "names the party that stayed away"),
        ("held/", {"zone": "Mars/Crater", "starts_at": "2018-07-12 10:00"}, "zone", "with its time zone"),
        ("held/", {"zone": "UTC", "day": "July"}, "day", "Write the date as"),
        ("postponed/", {"text": "rain"}, "claimant", "who gave it"),
        ("fingerprint/", {"fingerprint": "ab12"}, "fingerprint", "64 digits"),
        ("minutes/", {"document": "999"}, "document", "nothing here that you may see"),
    ],
)
def test_a_refusal_stands_beside_its_field(address, values, field, words, ours, browse, confirmed, arvad):
    page = browse(ours).post(f"/talks/sessions/gomt-1/{address}", {"party": arvad.pk, **values})

    assert page.status_code == 200
    assert words in re.search(rf'id="id_{field}_error">([^<]*)<', page.text).group(1)


def test_a_counter_proposal_hangs_under_the_proposal_that_it_answers(ours, browse, proposal, belmar):
    client = browse(ours)
    offered = client.get("/talks/forums/gomt/proposals/1/counter/").text
    client.post(
        "/talks/forums/gomt/proposals/1/counter/",
        {"party": belmar.pk, "for_day": "2018-07-15", "zone": "Asia/Seoul", "channel": "telephone"},
    )

    page = client.get("/talks/sessions/gomt-1/").text

    assert "It answers proposal 1 by Arvad." in offered
    assert '">Arvad</option>' not in offered  # a party does not answer its own proposal
    assert Proposal.objects.get(number=2).answers == proposal
    assert page.index("Proposal 1, by Arvad") < page.index("Counter-proposal 2, by Belmar")
    assert page.count('<ol class="thread">') == 2


def test_the_forum_s_page_draws_its_sessions_and_lists_the_same(ours, browse, forum, general, confirmed, belmar):
    actions.not_held(by=ours, session=confirmed, absent=[belmar])
    actions.enter_session(by=ours, forum=forum, day="2009", tier=general, number=9)
    actions.enter_session(by=ours, forum=forum, day="2018-07-15", tier=general, number=10)
    actions.pause_forum(by=ours, forum=forum, since="2010", party=belmar)

    page = browse(ours).get("/talks/forums/gomt/").text
    figure = page[page.index("<svg") : page.index("</svg>")]

    assert 'role="img"' in figure
    assert "<title>Sessions of General talks by level, in the order of their days</title>" in figure
    assert "style=" not in figure
    assert figure.count('class="for"') == 2
    assert figure.count('class="place"') == 1
    assert 'class="pause"' in figure
    assert "9 years" in figure
    assert '<a href="/talks/sessions/gomt-9/">2009</a>' in page  # the first at its level since
    assert "Belmar stayed away" in page


@pytest.mark.parametrize(
    ("earlier", "later", "words"),
    [
        ("2009", "2018-07-15", "9 years"),
        ("2009-03-06", "2018-07-15", "9 years"),
        ("2009-08-06", "2018-07-15", "8 years"),
        ("2017-07-15", "2018-07-15", "1 year"),
        ("2017-08-15", "2018-07-15", "11 months"),
        ("2018-07-12", "2018-07-15", "3 days"),
        ("2018-07-14", "2018-07-15", "1 day"),
    ],
)
def test_the_time_between_two_sessions_is_said_as_one_says_it(earlier, later, words):
    with translation.override("en"):
        assert gap_words(earlier, later) == words


def test_both_sides_minutes_are_read_side_by_side_once_released(ours, theirs, browse, confirmed):
    for by, text in ((ours, b"Arvad heard yes."), (theirs, b"Belmar said perhaps.")):
        paper = documents.keep_document(by=by, data=text, name="m.txt", language="en")
        actions.keep_minutes(by=by, session=confirmed, document=paper)
    before = browse(ours).get("/talks/sessions/gomt-1/").text
    minutes = queries.minutes(confirmed, by=theirs).get()

    browse(theirs).post(f"/talks/sessions/gomt-1/minutes/{minutes.pk}/release/")
    after = browse(ours).get("/talks/sessions/gomt-1/").text

    assert "Arvad heard yes." in before
    assert "Belmar said perhaps." not in before
    assert "None released to this party." in before
    assert "Belmar said perhaps." in after


def test_the_other_side_s_minutes_are_not_released_by_us(ours, theirs, browse, confirmed):
    paper = documents.keep_document(by=theirs, data=b"theirs", name="m.txt", language="en")
    minutes = actions.keep_minutes(by=theirs, session=confirmed, document=paper)

    assert browse(ours).post(f"/talks/sessions/gomt-1/minutes/{minutes.pk}/release/").status_code == 404
    minutes.refresh_from_db()
    assert minutes.released_at is None


def test_a_source_that_was_not_shown_is_not_named_to_the_other_side(ours, theirs, browse, confirmed, arvad):
    secret = documents.name_document(by=ours, title="A cable of our own")
    quoted = documents.quote(by=ours, document=secret, text="led by a colonel", attribution="anonymous")
    actions.name_delegate(by=ours, session=confirmed, party=arvad, name="M. Ark", rank="colonel", quotation=quoted)

    own, other = (browse(by).get("/talks/sessions/gomt-1/").text for by in (ours, theirs))

    assert "A cable of our own" in own
    assert "colonel" in other
    assert "A cable of our own" not in other
    assert "source not shown to this party" in other


def test_what_two_sources_say_of_a_delegate_is_underlined(ours, browse, confirmed, arvad, observer):
    delegate = actions.name_delegate(
        by=ours, session=confirmed, party=arvad, name="M. Ark", organisation=observer, rank="colonel"
    )
    client = browse(ours)
    client.post(f"/talks/delegates/{delegate.pk}/", {"kind": "rank", "value": "brigadier"})

    page = client.get("/talks/sessions/gomt-1/").text

    assert page.count('class="differs">colonel') == 1
    assert page.count('class="differs">brigadier') == 1
    assert "belongs to The Observer, acts for Arvad" in page


def test_an_agreement_sets_its_languages_side_by_side(ours, browse, summit):
    client = browse(ours)
    for language, text in (("en", "commit to recovering remains"), ("ko", "유해 발굴을 약속")):
        client.post(
            "/talks/agreements/summit/clause/",
            {"number": "4", "language": language, "text": text, "original": "yes"},
        )

    page = client.get("/talks/agreements/summit/").text

    assert '<blockquote lang="en"><p>commit to recovering remains' in page
    assert '<blockquote lang="ko"><p>유해 발굴을 약속' in page
    assert summit.clauses.count() == 1


def test_a_commitment_is_entered_assessed_and_proved_through_its_pages(ours, theirs, browse, summit, belmar):
    client = browse(ours)
    client.post(
        "/talks/commitments/enter/",
        {
            "code": "remains", "name": "Remains are handed over", "agreement": summit.pk, "obligors": [belmar.pk],
            "language": "en", "text": "immediate repatriation", "original": "yes", "qualifier": "about",
            "target": "55", "unit": "cases", "due": "2018-07-27", "state": "stated", "measure": "cases returned",
        },
    )  # fmt: skip
    client.post("/talks/commitments/remains/evidence/", {"object": "transfer:T-1", "amount": "54", "unit": "cases"})
    client.post("/talks/commitments/remains/assess/", {"view": "partly_fulfilled", "as_of": "2018-07-28"})
    browse(theirs).post(
        "/talks/commitments/remains/assess/",
        {"view": "fulfilled", "done": "55", "as_of": "2018-07-27", "text": "Done."},
    )

    page = client.get("/talks/commitments/remains/").text
    listed = client.get("/talks/commitments/").text

    assert Commitment.objects.get().target == 55
    assert "The sides do not say the same of it" in page
    assert '<span class="differs">54</span>' in page  # as our evidence adds up
    assert '<span class="differs">55</span>' in page  # as they say
    assert "about 55" in page
    assert 'href="/custody/' in page or "transfer:T-1" in page
    assert "overdue" in page
    assert '<span class="differs">54 done</span>' in listed
    assert "partly fulfilled" in listed


def test_the_page_of_promises_is_filtered_by_state_words_and_who_is_bound(ours, browse, arvad, belmar, summit, promise):
    actions.enter_commitment(
        by=ours, code="search", name="The search begins again", obligors=[arvad], agreement=summit,
        texts=[Words(language="en", text="re-commence field operations")],
    )  # fmt: skip
    actions.assess(by=ours, commitment=promise, view="disputed", as_of="2018")
    client = browse(ours)

    shown = {
        query: {
            code
            for code in ("search", "remains")
            if f'/talks/commitments/{code}/"' in client.get(f"/talks/commitments/?{query}").text
        }
        for query in ("", "view=disputed", "text=field+operations", "bound=arvad", "text=nothing")
    }

    assert shown == {
        "": {"search", "remains"},
        "view=disputed": {"remains"},
        "text=field+operations": {"search"},
        "bound=arvad": {"search"},
        "text=nothing": set(),
    }


def test_the_observer_sees_the_talks_and_nobody_s_buttons(browse, admit, observer, confirmed):
    client = browse(admit(observer, "observer"))

    page = client.get("/talks/sessions/gomt-1/").text

    assert "General talks, session 1" in page
    assert "/talks/sessions/gomt-1/held/" not in page
    assert client.get("/talks/sessions/gomt-1/held/").status_code == 403


def test_who_sits_nowhere_finds_no_page_of_the_talks_until_they_are_disclosed(
    ours, browse, admit, arvad, confirmed, summit, promise
):
    from casework.parties.actions import found_party
    from casework.parties.models import Operator

    stranger = admit(found_party(by=Operator(), code="cathay", name="Cathay"), "negotiator")
    client = browse(stranger)
    addresses = ["forums/gomt/", "sessions/gomt-1/", "agreements/summit/", "commitments/remains/"]

    before = [client.get(f"/talks/{address}").status_code for address in addresses]
    listed = client.get("/talks/").text + client.get("/talks/commitments/").text
    disclose(by=admit(arvad, "authority"), to=stranger.party, kind="talks")
    after = [client.get(f"/talks/{address}").status_code for address in addresses]

    assert before == [404] * 4
    assert "General talks" not in listed
    assert "handed over" not in listed
    assert after == [200] * 4
    assert "/assess/" not in client.get("/talks/commitments/remains/").text


@pytest.mark.parametrize("role", ["administrator", "family_liaison", "anthropologist", "dna_analyst"])
def test_roles_that_do_not_see_talks_are_told_so(role, browse, admit, arvad, confirmed):
    assert browse(admit(arvad, role)).get("/talks/sessions/gomt-1/").status_code == 403


def test_pages_take_a_fixed_number_of_queries_however_long_the_history_is(
    ours, browse, forum, general, working, summit, belmar, django_assert_max_num_queries
):
    Session.objects.bulk_create(
        Session(
            forum=forum, number=number, tier=general if number % 2 else working, state="held",
            day=f"{1950 + number % 60}-{number % 12 + 1:02d}-{number % 28 + 1:02d}", holder=ours.party,
            entered_by="test",
        )
        for number in range(1, 400)
    )  # fmt: skip
    for number in range(60):
        actions.enter_commitment(
            by=ours, code=f"c-{number}", name=f"c {number}", obligors=[belmar], agreement=summit,
            texts=[Words(language="en", text="x")],
        )  # fmt: skip
    client = browse(ours)

    for address, most in (("", 24), ("forums/gomt/", 20), ("commitments/", 18), ("agreements/", 14)):
        with django_assert_max_num_queries(most):
            assert client.get(f"/talks/{address}").status_code == 200


def test_pages_are_whole_in_korean(ours, browse, client, confirmed, summit, promise):
    browse(ours)
    client.cookies["django_language"] = "ko"
    addresses = ["", "forums/gomt/", "sessions/gomt-1/", "agreements/summit/", "commitments/remains/", "commitments/"]

    pages = [client.get(f"/talks/{address}").text for address in addresses]

    assert all('<html lang="ko">' in page for page in pages)
    assert "장성급 회담 제1차 회담" in pages[2]
