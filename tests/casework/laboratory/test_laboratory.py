"""Boxes are not people, claims are not facts, and profiles are seen by few and never unnoticed."""

import pytest

from casework.journal.models import Record
from casework.laboratory import actions, queries, records
from casework.parties.actions import disclose
from casework.parties.refusal import Refused

pytestmark = pytest.mark.django_db


def test_the_whole_programme_comes_back_as_it_was_entered(arvad, entered):
    programme = records.programme_of(arvad)

    for name in (
        "settings",
        "pedigrees",
        "markers",
        "samples",
        "profiles",
        "frequencies",
        "mutation",
        "remains",
        "decisions",
    ):
        assert getattr(programme, name) == getattr(entered, name), name


def test_settings_of_every_kind_come_back():
    from homeward.programme import DateSpan, OutsiderProfile, PriorKind, Settings, ThetaMethod

    given = Settings(
        name="n",
        as_of=DateSpan.read("2018-07"),
        populations={"K": 0.25, "US": 0.75},
        listed_share=0.4,
        not_listed=0.3,
        outsiders={"cn": 0.3},
        outsider_population={"cn": "C"},
        prior=PriorKind.ROSTER,
        theta_method=ThetaMethod.SAMPLED,
        lines=("mt", "dental"),
        outsider_profiles={"cn": OutsiderProfile(male_share=0.9, age_low=18.0, age_high=30.0)},
    )

    from casework.laboratory.models import ProgrammeSettings
    from casework.parties.models import Party

    party = Party.objects.create(code="x", name="X")
    ProgrammeSettings.objects.create(holder=party, values=records.settings_values(given))

    assert records.settings(party) == given


def test_a_party_without_a_programme_is_told_so(belmar):
    with pytest.raises(Refused) as refused:
        records.programme_of(belmar)

    assert refused.value.code == "no-programme"


def test_a_box_tells_how_many_sets_of_remains_it_holds(admit, arvad, entered):
    boxes = {box["container_id"]: box for box in queries.boxes(by=admit(arvad, "custodian"))}

    assert boxes["C-0388"]["remains"] == 2
    assert boxes["C-0388"]["typed"] == 1
    assert boxes["C-0388"]["claims"] == 1
    assert boxes["C-0100"]["typed"] == 0


def test_the_page_of_a_box_shows_who_is_in_it_and_what_its_sender_claims(admit, browse, arvad, entered):
    page = browse(admit(arvad, "custodian")).get("/laboratory/boxes/C-0388/").text

    assert "The remains of 2 presumed individuals have been told apart in this box" in page
    assert "label on the box" in page
    assert "<i>Claim</i>" in page


def test_the_page_of_remains_says_what_is_recorded_and_decided(admit, browse, arvad, entered):
    client = browse(admit(arvad, "custodian"))

    assert "168–176" in client.get("/laboratory/remains/2024-031-I-02/").text
    assert "Board of Arvad" in client.get("/laboratory/remains/2017-044-I-01/").text


def test_a_profile_is_opened_by_a_dna_analyst_and_the_look_is_in_the_journal(admit, browse, arvad, entered):
    page = browse(admit(arvad, "dna_analyst")).get("/laboratory/remains/2024-031-I-02/profiles/").text

    assert "9.3, ?" in page
    assert Record.objects.first().verb == "laboratory.look_at_profiles"
    assert Record.objects.first().object == "profiles:2024-031-I-02"


@pytest.mark.parametrize("role", ["registrar", "custodian", "authority", "family_liaison", "observer", "administrator"])
def test_other_roles_see_no_profile(role, admit, browse, arvad, entered):
    member = admit(arvad, role)

    page = browse(member).get("/laboratory/remains/2024-031-I-02/profiles/")

    assert page.status_code == 403
    assert "9.3" not in page.text
    with pytest.raises(Refused):
        actions.look_at_profiles(by=member, subject_id="2024-031-I-02")
    assert not Record.objects.filter(verb="laboratory.look_at_profiles").exists()


def test_the_other_side_sees_nothing_of_our_laboratory(admit, browse, arvad, belmar, entered):
    client = browse(admit(belmar, "dna_analyst", "custodian"))
    addresses = ("boxes/C-0388/", "remains/2024-031-I-02/", "remains/2024-031-I-02/profiles/")

    assert [client.get(f"/laboratory/{address}").status_code for address in addresses] == [404, 404, 404]
    assert "C-0388" not in client.get("/laboratory/boxes/").text
    assert "2024-031" not in client.get("/laboratory/remains/").text


def test_disclosed_remains_are_seen_without_their_profiles(admit, browse, arvad, observer, entered):
    disclose(by=admit(arvad, "authority"), to=observer, kind="remains")
    client = browse(admit(observer, "dna_analyst"))

    page = client.get("/laboratory/remains/2024-031-I-02/")

    assert "Disclosed by Arvad" in page.text
    assert "profile" not in page.text.lower().split("<main")[1].split("</main")[0]
    assert client.get("/laboratory/remains/2024-031-I-02/profiles/").status_code == 404


def test_remains_are_filtered_by_number_and_by_profile(admit, browse, arvad, entered):
    client = browse(admit(arvad, "custodian"))

    assert "2024-031-I-03" not in client.get("/laboratory/remains/?typed=yes").text
    assert "2024-031-I-02" not in client.get("/laboratory/remains/?typed=no").text
    assert "2017-044-I-01" not in client.get("/laboratory/remains/?text=C-0388").text


def test_samples_on_a_family_tell_that_they_exist_and_not_what_they_say(admit, browse, arvad, entered):
    page = browse(admit(arvad, "registrar")).get("/registry/families/F-1182/").text

    assert "S-R-2207" in page
    assert "9.3" not in page
