"""Meetings are proposed, countered, held, put off, or fail because somebody stayed away; and the record says which."""

from datetime import UTC, datetime

import pytest

from casework.agreements import actions, queries
from casework.agreements.models import Proposal, Session
from casework.documents import actions as documents
from casework.journal.models import Record
from casework.parties.actions import disclose
from casework.parties.refusal import Refused

pytestmark = pytest.mark.django_db


def refusal(act, **given) -> str:
    """The code with which an act is refused."""
    with pytest.raises(Refused) as refused:
        act(**given)
    return refused.value.code


def test_a_session_that_one_side_missed_is_followed_by_its_counter_proposal_at_another_level(
    ours, theirs, forum, proposal, confirmed, general, arvad, belmar
):
    actions.not_held(by=ours, session=confirmed, absent=[belmar])
    counter = actions.propose(
        by=theirs, forum=forum, answers=proposal, for_day="2018-07-15", tier=general, made_on="2018-07-12",
        asks_for="a general officer",
    )  # fmt: skip
    actions.answer_proposal(by=ours, proposal=counter, accepts=True, answered_on="2018-07-12")
    held = actions.hold(by=ours, session=counter.session)

    confirmed.refresh_from_db()
    assert (confirmed.state, list(confirmed.absent.all())) == ("not_held", [belmar])
    assert (held.code, held.state, held.day, held.tier, held.instead_of) == (
        "gomt-2", "held", "2018-07-15", general, confirmed,
    )  # fmt: skip
    assert [step.state for step in held.steps.all()] == ["proposed", "confirmed", "held"]
    assert counter.notice_days == 3
    assert Record.objects.first().verb == "agreements.hold"
    assert Record.objects.first().object == "session:gomt-2"


def test_a_counter_proposal_to_one_not_yet_answered_is_about_the_same_session(theirs, forum, proposal, general):
    counter = actions.propose(by=theirs, forum=forum, answers=proposal, for_day="2018-07-15", tier=general)

    proposal.refresh_from_db()
    assert counter.session == proposal.session
    assert (proposal.answer, proposal.answered_by) == (Proposal.Answer.COUNTERED, theirs.party)
    assert Session.objects.get().day == "2018-07-15"


def test_an_own_proposal_is_answered_neither_in_words_nor_by_a_counter_proposal(ours, forum, proposal):
    assert refusal(actions.answer_proposal, by=ours, proposal=proposal, accepts=True) == "own-proposal"
    assert refusal(actions.propose, by=ours, forum=forum, answers=proposal) == "own-proposal"


def test_a_proposal_is_answered_once(theirs, proposal, confirmed):
    assert refusal(actions.answer_proposal, by=theirs, proposal=proposal, accepts=False) == "already-answered"


def test_a_declined_proposal_leaves_the_session_proposed(theirs, proposal):
    answered = actions.answer_proposal(by=theirs, proposal=proposal, accepts=False, text="Not at this level.")

    assert (answered.answer, answered.session.state) == ("declined", "proposed")


def test_a_proposal_is_withdrawn_only_before_it_is_answered(ours, forum, proposal, theirs):
    other = actions.propose(by=ours, forum=forum, for_day="2018-08-01")
    actions.withdraw_proposal(by=ours, proposal=other)
    actions.answer_proposal(by=theirs, proposal=proposal, accepts=True)

    other.refresh_from_db()
    assert other.answer == "withdrawn"
    assert refusal(actions.withdraw_proposal, by=ours, proposal=proposal) == "already-answered"


def test_a_session_is_held_once(ours, confirmed):
    actions.hold(by=ours, session=confirmed)

    assert refusal(actions.hold, by=ours, session=confirmed) == "already-held"


def test_what_the_life_of_a_session_does_not_allow_is_refused(ours, proposal, belmar, confirmed, forum):
    proposed = actions.propose(by=ours, forum=forum, for_day="2018-08-01").session

    assert refusal(actions.hold, by=ours, session=proposed) == "session-life"
    assert refusal(actions.suspend, by=ours, session=confirmed) == "session-life"
    assert refusal(actions.resume, by=ours, session=confirmed) == "session-life"
    assert refusal(actions.not_held, by=ours, session=confirmed, absent=[]) == "absent-missing"
    actions.not_held(by=ours, session=confirmed, absent=[belmar])
    assert refusal(actions.hold, by=ours, session=confirmed) == "session-life"
    assert refusal(actions.postpone, by=ours, session=confirmed) == "session-life"


def test_a_party_without_a_seat_is_neither_absent_nor_a_proposer(ours, confirmed, forum, db):
    from casework.parties.actions import found_party
    from casework.parties.models import Operator

    stranger = found_party(by=Operator(), code="cathay", name="Cathay")

    assert refusal(actions.not_held, by=ours, session=confirmed, absent=[stranger]) == "no-seat"
    assert refusal(actions.propose, by=ours, forum=forum, party=stranger) == "no-seat"


def test_nothing_is_held_in_the_future_or_without_a_day(ours, theirs, forum):
    undated = actions.propose(by=ours, forum=forum)
    later = actions.propose(by=ours, forum=forum, for_day="2999-01-01")
    for proposal in (undated, later):
        actions.answer_proposal(by=theirs, proposal=proposal, accepts=True)

    assert refusal(actions.hold, by=ours, session=undated.session) == "day-missing"
    assert refusal(actions.hold, by=ours, session=later.session) == "not-yet"


def test_a_session_is_suspended_for_a_claimed_reason_and_resumed(ours, confirmed):
    actions.hold(by=ours, session=confirmed)
    reason = documents.claim(
        by=ours, about=confirmed.journal_name, topic="reason for the halt", claimant="Belmar",
        value_text="The list was incomplete.",
    )  # fmt: skip

    actions.suspend(by=ours, session=confirmed, reason=reason, day="2018-07-12")
    resumed = actions.resume(by=ours, session=confirmed, day="2018-07-13")

    steps = list(resumed.steps.all())
    assert [step.state for step in steps] == ["proposed", "confirmed", "held", "suspended", "held"]
    assert steps[3].reason == reason
    assert refusal(actions.hold, by=ours, session=confirmed) == "already-held"


def test_local_time_is_kept_with_its_zone(ours, confirmed):
    begun, ended = datetime(2018, 7, 12, 1, 0, tzinfo=UTC), datetime(2018, 7, 12, 4, 30, tzinfo=UTC)

    held = actions.hold(by=ours, session=confirmed, starts_at=begun, ends_at=ended)

    assert held.starts_local.isoformat() == "2018-07-12T10:00:00+09:00"
    assert held.day == "2018-07-12"


def test_an_unknown_zone_a_bare_time_and_an_end_before_the_beginning_are_refused(ours, confirmed):
    begun, before = datetime(2018, 7, 12, 1, 0, tzinfo=UTC), datetime(2018, 7, 12, 0, 0, tzinfo=UTC)

    assert refusal(actions.hold, by=ours, session=confirmed, starts_at=begun, zone="Mars/Crater") == "zone-unknown"
    assert refusal(actions.hold, by=ours, session=confirmed, starts_at=datetime(2018, 7, 12)) == "zone-unknown"
    assert refusal(actions.hold, by=ours, session=confirmed, starts_at=begun, ends_at=before) == "ends-before"


def test_the_first_since_is_counted_from_the_history_of_the_forum(ours, forum, confirmed, general, working, belmar):
    actions.not_held(by=ours, session=confirmed, absent=[belmar])
    past = actions.enter_session(by=ours, forum=forum, day="2009-03", tier=general, number=12)
    actions.enter_session(by=ours, forum=forum, day="2012", tier=working, number=13)
    now = actions.enter_session(by=ours, forum=forum, day="2018-07-15", tier=general, number=14)

    since = queries.first_since(now)

    assert since.at_tier == past
    assert since.at_forum.day == "2012"
    assert since.failed_between == 1


def test_a_session_of_the_same_year_known_only_by_its_year_is_not_called_earlier(ours, forum, general):
    actions.enter_session(by=ours, forum=forum, day="2018", tier=general)
    now = actions.enter_session(by=ours, forum=forum, day="2018-07-15", tier=general)

    assert not queries.first_since(now).known


def test_a_past_session_that_was_not_held_names_who_stayed_away(ours, forum, belmar):
    assert refusal(actions.enter_session, by=ours, forum=forum, day="1998", state="not_held") == "absent-missing"
    assert refusal(actions.enter_session, by=ours, forum=forum, day="1998", state="confirmed") == "session-life"

    entered = actions.enter_session(by=ours, forum=forum, day="1998", state="not_held", absent=[belmar])

    assert list(entered.absent.all()) == [belmar]


def test_a_forum_pauses_for_years_and_resumes(ours, forum, belmar):
    actions.pause_forum(by=ours, forum=forum, since="1998", party=belmar)

    assert refusal(actions.pause_forum, by=ours, forum=forum, since="1999") == "already-paused"
    assert refusal(actions.resume_forum, by=ours, forum=forum, until="1990") == "day-before"
    assert actions.resume_forum(by=ours, forum=forum, until="2002").until == "2002"
    assert refusal(actions.resume_forum, by=ours, forum=forum, until="2003") == "not-paused"


def test_a_delegate_wears_two_hats_and_each_thing_said_of_him_has_its_source(ours, confirmed, arvad, observer):
    paper = documents.name_document(by=ours, title="A newspaper", public=True)
    quoted = documents.quote(by=ours, document=paper, text="led by a major general", attribution="anonymous")

    delegate = actions.name_delegate(
        by=ours, session=confirmed, party=arvad, name="M. Ark", organisation=observer, rank="major general",
        office="chief of staff", leads=True, quotation=quoted,
    )  # fmt: skip
    actions.add_attribute(by=ours, delegate=delegate, kind="rank", value="lieutenant general")

    assert delegate.wears_two_hats
    assert [(one.kind, one.value, one.quotation) for one in delegate.attributes.all()] == [
        ("rank", "major general", quoted),
        ("office", "chief of staff", quoted),
        ("rank", "lieutenant general", None),
    ]
    again = {"by": ours, "delegate": delegate, "kind": "rank", "value": "lieutenant general"}
    assert refusal(actions.add_attribute, **again) == "attribute-said"


def test_minutes_are_a_party_s_own_until_it_releases_them(ours, theirs, confirmed, observer, admit):
    paper = documents.keep_document(by=ours, data=b"Minutes, Arvad", name="minutes.txt", language="en")
    minutes = actions.keep_minutes(by=ours, session=confirmed, document=paper)
    from casework.documents import queries as sources

    before = (list(queries.minutes(confirmed, by=theirs)), sources.documents(by=theirs).count())
    actions.release_minutes(by=ours, minutes=minutes)

    assert before == ([], 0)
    assert list(queries.minutes(confirmed, by=theirs)) == [minutes]
    assert sources.document(paper.pk, by=theirs) == paper
    assert list(queries.minutes(confirmed, by=admit(observer, "observer"))) == [minutes]
    minutes.refresh_from_db()
    assert refusal(actions.release_minutes, by=ours, minutes=minutes) == "already-released"


def test_newer_minutes_in_a_language_supersede_the_former_which_stay(ours, confirmed):
    first, second = (
        actions.keep_minutes(
            by=ours,
            session=confirmed,
            document=documents.keep_document(by=ours, data=text, name="m.txt"),
            language="ko",
        )
        for text in (b"first", b"second")
    )

    first.refresh_from_db()
    assert first.superseded_by == second
    assert second.superseded_by is None


def test_minutes_are_of_a_document_that_one_s_own_party_keeps(ours, theirs, confirmed):
    named = documents.name_document(by=ours, title="Seen somewhere", public=True)

    assert (
        refusal(actions.keep_minutes, by=ours, session=confirmed, document=named, language="en") == "minutes-not-ours"
    )
    assert refusal(actions.keep_minutes, by=theirs, session=confirmed, document=named) == "minutes-not-ours"


def test_a_fingerprint_is_agreed_when_both_sides_wrote_the_same(ours, theirs, confirmed, arvad):
    read_aloud = " ".join(["ab12"] * 16)
    actions.write_fingerprint(by=ours, session=confirmed, party=arvad, fingerprint=read_aloud, name="S. Maren")
    alone = queries.exchanged(confirmed)
    actions.write_fingerprint(by=theirs, session=confirmed, party=arvad, fingerprint=read_aloud.upper())
    (both,) = queries.exchanged(confirmed)

    assert [one.agreed for one in alone] == [False]
    assert both.agreed
    assert both.grouped == read_aloud
    assert refusal(
        actions.write_fingerprint, by=ours, session=confirmed, party=arvad, fingerprint=read_aloud
    ) == "fingerprint-written"  # fmt: skip
    assert refusal(
        actions.write_fingerprint, by=ours, session=confirmed, party=arvad, fingerprint="ab12"
    ) == "fingerprint-form"  # fmt: skip


@pytest.mark.parametrize("role", ["registrar", "custodian", "authority", "board_member"])
def test_only_negotiators_record_talks(role, admit, arvad, forum, confirmed):
    member = admit(arvad, role)

    assert refusal(actions.propose, by=member, forum=forum) == "not-permitted"
    assert refusal(actions.hold, by=member, session=confirmed) == "not-permitted"
    assert queries.session("gomt-1", by=member) == confirmed


def test_a_party_without_a_seat_sees_nothing_until_talks_are_disclosed_and_never_records(ours, admit, confirmed, arvad):
    from casework.parties.actions import found_party
    from casework.parties.models import Operator

    stranger = admit(found_party(by=Operator(), code="cathay", name="Cathay"), "negotiator")

    assert refusal(queries.session, code="gomt-1", by=stranger) == "not-found"
    assert not queries.forums(by=stranger).exists()
    assert refusal(actions.hold, by=stranger, session=confirmed) == "not-found"
    disclose(by=admit(arvad, "authority"), to=stranger.party, kind="talks")
    assert queries.session("gomt-1", by=stranger) == confirmed
    assert refusal(actions.hold, by=stranger, session=confirmed) == "not-found"


def test_a_forum_needs_two_sides_and_its_founder_among_them(ours, arvad, belmar, observer):
    act = {"by": ours, "code": "x", "name": "X"}

    assert refusal(actions.open_forum, **act, sides=[arvad]) == "two-sides"
    assert refusal(actions.open_forum, **act, sides=[belmar, observer]) == "no-seat"
    assert refusal(actions.open_forum, **act, sides=[arvad, belmar], chair=belmar) == "two-sides"


def test_who_acts_for_whom_is_entered_with_its_source(ours, arvad, observer, forum):
    mandate = actions.enter_mandate(by=ours, agent=observer, principal=arvad, forum=forum, since="1953")

    assert list(queries.mandates(by=ours)) == [mandate]
    assert refusal(actions.enter_mandate, by=ours, agent=arvad, principal=arvad) == "acts-for-itself"


def test_the_agenda_says_what_is_expressly_outside_it(ours, confirmed, belmar):
    actions.add_agenda_item(by=ours, session=confirmed, text="The transfer of remains")
    outside = actions.add_agenda_item(by=ours, session=confirmed, text="All other matters", inside=False, party=belmar)

    assert list(confirmed.agenda.values_list("number", "inside")) == [(1, True), (2, False)]
    assert outside.party == belmar


def test_whom_the_talks_were_disclosed_to_reads_only_the_minutes_of_who_disclosed_them(
    ours, theirs, confirmed, admit, arvad
):
    from casework.parties.actions import found_party
    from casework.parties.models import Operator

    stranger = admit(found_party(by=Operator(), code="cathay", name="Cathay"), "negotiator")
    released = []
    for by, text in ((ours, b"ours"), (theirs, b"theirs")):
        paper = documents.keep_document(by=by, data=text, name="m.txt", language="en")
        released.append(actions.keep_minutes(by=by, session=confirmed, document=paper))
        actions.release_minutes(by=by, minutes=released[-1])
    disclose(by=admit(arvad, "authority"), to=stranger.party, kind="talks")

    assert list(queries.minutes(confirmed, by=stranger)) == released[:1]
    assert list(queries.minutes(confirmed, by=ours)) == released


@pytest.mark.parametrize("code", ["two words", "a/b", "", "enter", "가", "x" * 51])
def test_a_code_that_could_not_stand_in_an_address_is_refused(code, ours, arvad, belmar):
    assert refusal(actions.open_forum, by=ours, code=code, name="X", sides=[arvad, belmar]) == "code-form"


def test_a_session_s_number_that_no_database_holds_is_not_found(ours, forum):
    assert refusal(queries.session, code=f"gomt-{'9' * 30}", by=ours) == "not-found"
