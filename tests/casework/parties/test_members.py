"""Who may do what, and what one party lets another see."""

import pytest
from django.contrib.auth import get_user_model

from casework.journal.models import Record
from casework.parties import actions, queries
from casework.parties.models import Disclosure, Member, Operator
from casework.parties.permissions import PERMISSIONS, Role
from casework.parties.refusal import Refused
from tests.casework.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def test_an_administrator_admits_a_member_who_can_then_sign_in(admit, arvad, client):
    administrator = admit(arvad, "administrator")

    actions.admit_member(
        by=administrator, party=arvad, username="oresk", password=PASSWORD, roles=["board_member"], full_name="M. Oresk"
    )
    page = client.post("/account/sign-in/", {"login": "oresk", "password": PASSWORD}, follow=True)

    assert "M. Oresk" in page.text
    assert "board member" in page.text


def test_a_password_never_reaches_the_journal(admit, arvad):
    admit(arvad, "registrar")

    assert PASSWORD not in str(list(Record.objects.values()))
    assert Record.objects.first().values["secret"] == "***"


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_no_other_role_admits_members(role, admit, arvad):
    with pytest.raises(Refused) as refused:
        actions.admit_member(by=admit(arvad, role), party=arvad, username="new", password=PASSWORD, roles=["registrar"])

    assert refused.value.code == "not-permitted"


def test_an_administrator_admits_nobody_to_the_other_side(admit, arvad, belmar):
    with pytest.raises(Refused):
        actions.admit_member(
            by=admit(arvad, "administrator"), party=belmar, username="new", password=PASSWORD, roles=["registrar"]
        )


def test_a_weak_password_an_unknown_role_and_a_taken_name_are_refused(admit, arvad):
    administrator = admit(arvad, "administrator")
    attempts = [
        ({"username": "new", "password": "password", "roles": ["registrar"]}, "weak-password"),
        ({"username": "new", "password": PASSWORD, "roles": ["spy"]}, "unknown-role"),
        ({"username": administrator.user.username, "password": PASSWORD, "roles": ["registrar"]}, "username-taken"),
    ]
    codes = []
    for values, _code in attempts:
        with pytest.raises(Refused) as refused:
            actions.admit_member(by=administrator, party=arvad, **values)
        codes.append(refused.value.code)

    assert codes == [code for _values, code in attempts]
    assert not get_user_model().objects.filter(username="new").exists()


def test_nobody_changes_his_own_roles(admit, arvad):
    administrator = admit(arvad, "administrator")

    with pytest.raises(Refused) as refused:
        actions.change_roles(by=administrator, member=administrator, roles=["dna_analyst"])

    assert refused.value.code == "own-roles"


def test_a_dismissed_member_sees_nothing_any_more(admit, browse, arvad):
    member = admit(arvad, "registrar")
    signed_in = browse(member)

    actions.dismiss_member(by=admit(arvad, "administrator"), member=member)

    assert signed_in.get("/").status_code == 403


def test_the_other_sides_administrator_does_not_find_our_members(admit, arvad, belmar):
    with pytest.raises(Refused) as refused:
        actions.dismiss_member(by=admit(belmar, "administrator"), member=admit(arvad, "registrar"))

    assert refused.value.code == "not-found"
    assert Member.objects.get(party=arvad).active


def test_only_the_server_founds_parties(admit, arvad):
    with pytest.raises(Refused):
        actions.found_party(by=admit(arvad, "administrator"), code="cathay", name="Cathay")


def test_a_server_administrator_and_an_administrator_see_no_dna_and_sign_nothing(admit, arvad):
    administrator = admit(arvad, "administrator")
    protected = {"see families", "see profiles", "see comparisons", "see names", "ask for runs", "disclose"}

    assert not any(actor.may(permission) for actor in (administrator, Operator(arvad)) for permission in protected)


def test_a_dna_analyst_sees_coded_identities():
    assert Role.DNA_ANALYST in PERMISSIONS["see profiles"]
    assert Role.DNA_ANALYST not in PERMISSIONS["see names"]


def test_a_disclosure_lets_the_other_party_see_one_kind_until_it_is_withdrawn(admit, arvad, belmar):
    negotiator, reader = admit(arvad, "negotiator"), admit(belmar, "registrar")

    disclosure = actions.disclose(by=negotiator, to=belmar, kind=Disclosure.Kind.PERSONS)

    assert queries.holders_visible_to(reader, "persons") == [belmar.pk, arvad.pk]
    assert queries.holders_visible_to(reader, "remains") == [belmar.pk]
    assert queries.holders_visible_to(reader) == [belmar.pk]
    actions.withdraw_disclosure(by=negotiator, disclosure=disclosure)
    assert queries.holders_visible_to(reader, "persons") == [belmar.pk]
    assert Record.objects.filter(verb__contains="disclos").count() == 2


def test_a_disclosure_is_refused_to_other_roles_to_oneself_and_twice(admit, arvad, belmar):
    negotiator = admit(arvad, "negotiator")
    actions.disclose(by=negotiator, to=belmar, kind="persons")
    attempts = [
        (admit(arvad, "registrar"), belmar, "not-permitted"),
        (negotiator, arvad, "own-party"),
        (negotiator, belmar, "already-disclosed"),
    ]
    for by, to, code in attempts:
        with pytest.raises(Refused) as refused:
            actions.disclose(by=by, to=to, kind="persons")
        assert refused.value.code == code


def test_pages_are_shown_only_to_those_signed_in(client, db):
    page = client.get("/parties/")

    assert page.status_code == 302
    assert page["Location"].startswith("/account/sign-in/")


def test_eight_wrong_passwords_lock_the_name_for_a_while(admit, arvad, client):
    member = admit(arvad, "registrar")
    for _attempt in range(8):
        client.post("/account/sign-in/", {"login": member.user.username, "password": "wrong"})

    page = client.post("/account/sign-in/", {"login": member.user.username, "password": PASSWORD})

    assert page.status_code == 429
    assert "locked" in page.text


def test_there_is_no_sign_up(client, db):
    assert client.get("/account/signup/").status_code in (302, 404)
    assert not any("sign up" in page.text.lower() for page in [client.get("/account/sign-in/")])


def test_a_page_carries_a_strict_policy_and_no_inline_style_or_script(admit, browse, arvad):
    page = browse(admit(arvad, "administrator")).get("/parties/")

    assert "default-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]
    assert "style=" not in page.text
    assert "<style" not in page.text


def test_a_member_reads_the_house_in_korean(admit, browse, arvad):
    client = browse(admit(arvad, "registrar"))
    client.post("/language/", {"language": "ko", "next": "/"})

    page = client.get("/parties/")

    assert '<html lang="ko">' in page.text
    assert "아르바드" in page.text


def test_an_administrator_admits_a_member_on_the_page(admit, browse, arvad):
    client = browse(admit(arvad, "administrator"))

    page = client.post(
        "/parties/admit/",
        {"username": "halvik", "full_name": "T. Halvik", "password": PASSWORD, "roles": ["dna_analyst"]},
        follow=True,
    )

    assert "T. Halvik" in page.text


def test_a_refusal_in_a_form_stands_in_the_form(admit, browse, arvad):
    client = browse(admit(arvad, "administrator"))

    page = client.post(
        "/parties/admit/", {"username": "h", "full_name": "H", "password": "short", "roles": ["observer"]}
    )

    assert page.status_code == 200
    assert "too easy to guess" in page.text
