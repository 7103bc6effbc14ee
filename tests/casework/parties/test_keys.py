"""Keys are pinned from the minutes of a session; requests for mutual disclosure begin and end together."""

import pytest

from casework.journal.models import Record
from casework.parties import actions, queries
from casework.parties.models import Disclosure, DisclosureRequest, Key, Operator, Party
from casework.parties.refusal import Refused
from homeward.seals.keys import PrivateKey, grouped

pytestmark = pytest.mark.django_db


@pytest.fixture
def authority(admit, arvad):
    return admit(arvad, "authority")


@pytest.fixture
def cathay(db):
    """A party that acts at an installation of its own."""
    return actions.found_party(by=Operator(), code="cathay", name="Cathay", hosted=False)


def test_a_fingerprint_read_out_in_a_session_is_entered_and_the_key_may_follow(authority, cathay):
    key = PrivateKey.generate()

    pinned = actions.pin_key(
        by=authority, party=cathay, fingerprint=grouped(key.fingerprint).upper(), introduced_in="session:2018-07-16"
    )
    actions.pin_key(
        by=authority, party=cathay, fingerprint=key.fingerprint, raw=key.raw_public, introduced_in="session:2018-07-16"
    )

    pinned.refresh_from_db()
    assert queries.signing_key(cathay) == pinned
    assert pinned.public.raw == key.raw_public
    assert Record.objects.filter(verb="parties.pin_key", object=f"key:{key.fingerprint}").count() == 2


def test_a_key_is_refused_for_each_thing_that_is_wrong_with_it(authority, admit, arvad, belmar, cathay):
    own, other = PrivateKey.generate(), PrivateKey.generate()
    actions.pin_key(by=authority, party=arvad, fingerprint=own.fingerprint, introduced_in="minutes")
    attempts = [
        ("not-permitted", {"by": admit(arvad, "negotiator")}),
        ("not-your-key", {"party": belmar}),
        ("minutes-needed", {"introduced_in": " "}),
        ("not-a-fingerprint", {"fingerprint": "abcd"}),
        ("key-does-not-fit", {"raw": own.raw_public}),
        ("key-of-another", {"fingerprint": own.fingerprint}),
        ("key-needs-statement", {"party": arvad}),
    ]
    codes = []
    for _code, changes in attempts:
        given = {
            "by": authority, "party": cathay, "fingerprint": other.fingerprint, "introduced_in": "minutes", **changes
        }  # fmt: skip
        with pytest.raises(Refused) as refused:
            actions.pin_key(**given)
        codes.append(refused.value.code)

    assert codes == [code for code, _changes in attempts]
    assert Key.objects.count() == 1


def test_a_revoked_key_stays_on_record_and_signs_no_more(authority, arvad):
    key = actions.pin_key(
        by=authority, party=arvad, fingerprint=PrivateKey.generate().fingerprint, introduced_in="minutes"
    )

    actions.revoke_key(by=authority, key=key, reason="the paper was left in a car")

    assert queries.signing_key(arvad) is None
    assert queries.keys(arvad).get().revoked_reason == "the paper was left in a car"
    with pytest.raises(Refused) as refused:
        actions.revoke_key(by=authority, key=key, reason="again")
    assert refused.value.code == "already-revoked"


@pytest.fixture
def mutual(arvad, belmar):
    """Arvad shows its list if Belmar shows its boxes."""
    from django.utils import timezone

    return DisclosureRequest.objects.create(
        number="D-1",
        offered_by=arvad,
        asked_of=belmar,
        offers=["persons"],
        asks=["remains"],
        proposed_at=timezone.now(),
    )


def test_both_disclosures_begin_together_and_either_side_ends_both(mutual, admit, arvad, belmar):
    reader, other = admit(arvad, "registrar", "negotiator"), admit(belmar, "registrar", "negotiator")
    actions.bring_into_force(mutual)
    shown = queries.holders_visible_to(other, "persons"), queries.holders_visible_to(reader, "remains")

    actions.end_together(by=other, request=mutual, reason="the talks are suspended")

    assert shown == ([belmar.pk, arvad.pk], [arvad.pk, belmar.pk])
    assert queries.holders_visible_to(other, "persons") == [belmar.pk]
    assert queries.holders_visible_to(reader, "remains") == [arvad.pk]
    assert mutual.state == DisclosureRequest.State.ENDED


def test_one_of_the_two_is_withdrawn_alone_with_a_reason(mutual, admit, arvad, belmar):
    negotiator = admit(arvad, "negotiator")
    actions.bring_into_force(mutual)
    own = Disclosure.objects.get(holder=arvad)
    with pytest.raises(Refused) as refused:
        actions.withdraw_disclosure(by=negotiator, disclosure=own)

    actions.withdraw_disclosure(by=negotiator, disclosure=own, reason="a name on it was wrong")

    mutual.refresh_from_db()
    assert refused.value.code == "reason-needed"
    assert mutual.state == DisclosureRequest.State.IN_FORCE
    assert queries.holders_visible_to(negotiator, "remains") == [arvad.pk, belmar.pk]


def test_a_request_is_refused_by_whom_it_asks_and_withdrawn_by_whom_it_comes_from(mutual, admit, arvad, belmar):
    ours, theirs = admit(arvad, "negotiator"), admit(belmar, "negotiator")
    for act, by in ((actions.refuse_request, ours), (actions.withdraw_request, theirs)):
        with pytest.raises(Refused) as refused:
            act(by=by, request=mutual, reason="no")
        assert refused.value.code == "not-found"

    actions.refuse_request(by=theirs, request=mutual, reason="the list is not complete")

    with pytest.raises(Refused) as refused:
        actions.withdraw_request(by=ours, request=mutual, reason="too late")
    assert refused.value.code == "request-settled"
    assert not Disclosure.objects.exists()


def test_a_disclosure_with_an_end_ends_by_itself(mutual, admit, belmar):
    from datetime import date

    mutual.until = date(2018, 7, 27)
    actions.bring_into_force(mutual)

    assert queries.holders_visible_to(admit(belmar, "registrar"), "persons") == [belmar.pk]


def test_the_observer_is_neutral_and_the_sides_are_not(arvad, observer):
    assert (arvad.neutral, observer.neutral) == (False, True)
    assert arvad.kind == Party.Kind.STATE
