"""Signing in: a password, a second factor for who has set one up, and the first administrator of a party."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.management import CommandError, call_command

from casework.parties.models import Member
from tests.casework.conftest import PASSWORD

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


def code_now() -> str:
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def test_who_has_set_up_an_authenticator_is_asked_for_its_code(admit, arvad, client):
    member = admit(arvad, "registrar")
    TOTP.activate(member.user, SECRET)

    page = client.post("/account/sign-in/", {"login": member.user.username, "password": PASSWORD}, follow=True)
    assert "Second factor" in page.text
    assert client.get("/registry/persons/").status_code == 302

    client.post("/account/second-factor/authenticate/", {"code": code_now()})
    assert client.get("/registry/persons/").status_code == 200


def test_the_square_to_scan_is_drawn_in_the_page_itself(admit, arvad, client):
    member = admit(arvad, "registrar")
    client.post("/account/sign-in/", {"login": member.user.username, "password": PASSWORD})

    asked_again = client.get("/account/second-factor/totp/activate/")
    page = client.post(asked_again["Location"], {"password": PASSWORD}, follow=True)

    assert "<svg" in page.text
    assert "data:image" not in page.text
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("page", ["second-factor/", "password/", "sign-out/"])
def test_the_pages_of_an_account_stand_in_our_frame(page, admit, browse, arvad):
    shown = browse(admit(arvad, "registrar")).get(f"/account/{page}")

    assert shown.status_code == 200
    assert 'class="house"' in shown.text


def test_the_server_founds_a_party_with_its_first_administrator(db, monkeypatch, client):
    monkeypatch.setattr("getpass.getpass", lambda _question: PASSWORD)

    call_command("found_party", "cathay", "Cathay", "--administrator", "first")

    assert Member.objects.get().roles == ["administrator"]
    page = client.post("/account/sign-in/", {"login": "first", "password": PASSWORD}, follow=True)
    assert "Signed in for Cathay" in page.text


def test_a_party_is_not_founded_without_its_administrator(arvad, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda _question: "short")

    with pytest.raises(CommandError, match="too easy to guess"):
        call_command("found_party", "cathay", "Cathay", "--administrator", "first")

    assert not Member.objects.exists()
    assert type(arvad).objects.count() == 1


def test_the_admin_site_is_entered_through_our_own_sign_in(client, db):
    page = client.get("/admin/", follow=True)

    assert page.request["PATH_INFO"] == "/account/sign-in/"


def test_a_member_without_staff_rights_does_not_enter_the_admin_site(admit, browse, arvad):
    page = browse(admit(arvad, "administrator")).get("/admin/", follow=True)

    assert page.status_code in (403, 404)
