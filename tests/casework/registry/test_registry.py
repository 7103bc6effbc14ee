"""Finding the missing; seeing no more than one's roles and one's party allow; leaving a trace."""

import pytest

from casework.journal.models import Record
from casework.parties.actions import disclose
from casework.parties.refusal import Refused
from casework.registry import actions, queries
from casework.registry.models import MissingPerson

pytestmark = pytest.mark.django_db


def numbers(found):
    return [person.person_id for person in found]


@pytest.mark.parametrize(
    "text",
    [
        "서문재현",
        "재현",
        "서문ㅈ",
        "Sŏmun Chae-hyŏn",
        "somun chaehyon",
        "CHAE-HYON Somun",
        "Seomun Jaehyeon",  # Revised Romanisation, which no source wrote
        "2104417",
        "M-03217",
        "03217",
    ],
)
def test_a_person_is_found_by_any_spelling_or_number(text, admit, arvad, entered):
    by = admit(arvad, "registrar")

    assert numbers(queries.found(queries.persons(by=by), text, by=by)) == ["M-03217"]


def test_short_words_find_too(admit, arvad, entered):
    by = admit(arvad, "registrar")

    assert numbers(queries.found(queries.persons(by=by), "so u", by=by)) == ["M-03217", "M-03218"]


@pytest.mark.parametrize("text", ['"', "' OR 1=1 --", "AND", "*", "NEAR(", "일이삼사"])
def test_signs_of_the_search_language_are_only_text(text, admit, arvad, entered):
    by = admit(arvad, "registrar")

    assert len(queries.found(queries.persons(by=by), text, by=by)) <= 4


def test_the_index_follows_a_change_and_a_removal(admit, arvad, entered):
    by = admit(arvad, "registrar")
    MissingPerson.objects.filter(person_id="M-02980").update(search_text="newname")
    MissingPerson.objects.filter(person_id="M-00001").delete()

    assert numbers(queries.found(queries.persons(by=by), "newname", by=by)) == ["M-02980"]
    assert numbers(queries.found(queries.persons(by=by), "tarn", by=by)) == []
    assert numbers(queries.found(queries.persons(by=by), "oresk", by=by)) == []


def test_who_may_not_see_names_does_not_find_by_them(admit, arvad, entered):
    by = admit(arvad, "dna_analyst")

    assert numbers(queries.found(queries.persons(by=by), "Tarn", by=by)) == []
    assert numbers(queries.found(queries.persons(by=by), "2980", by=by)) == ["M-02980"]


def test_a_dna_analyst_sees_numbers_and_no_names(admit, browse, arvad, entered):
    client = browse(admit(arvad, "dna_analyst"))

    pages = [client.get(address).text for address in ("/registry/persons/", "/registry/persons/M-03217/")]

    assert all("M-03217" in page for page in pages)
    assert not any(name in page for page in pages for name in ("Sŏmun", "서문재현", "2104417"))


def test_the_page_of_a_person_says_who_he_is_and_where_it_stands(admit, browse, arvad, entered):
    page = browse(admit(arvad, "registrar")).get("/registry/persons/M-03217/").text

    assert "서문재현" in page
    assert "Withdrawal from Hill 482" in page
    assert "was lost on 1951-04-24" in page
    assert "38.420° N" in page
    assert "Utgol" in page


def test_a_place_is_withheld_from_who_may_not_see_places(admit, browse, arvad, entered):
    page = browse(admit(arvad, "negotiator")).get("/registry/persons/M-03217/").text

    assert "place withheld" in page
    assert "38.420" not in page


def test_the_other_side_sees_none_of_our_missing_families_or_incidents(admit, browse, arvad, belmar, entered):
    client = browse(admit(belmar, "registrar", "board_member", "dna_analyst"))

    assert "M-03217" not in client.get("/registry/persons/").text
    addresses = ("/registry/persons/M-03217/", "/registry/families/F-1182/", "/registry/incidents/I-1/")
    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]


def test_disclosure_shows_the_list_and_never_the_families(admit, browse, arvad, belmar, entered):
    disclose(by=admit(arvad, "negotiator"), to=belmar, kind="persons")
    client = browse(admit(belmar, "registrar"))

    page = client.get("/registry/persons/M-03217/")

    assert "Disclosed by Arvad" in page.text
    assert "F-1182" not in page.text
    assert client.get("/registry/families/F-1182/").status_code == 404


def test_a_look_at_a_family_is_in_the_journal(admit, browse, arvad, entered):
    member = admit(arvad, "registrar")

    page = browse(member).get("/registry/families/F-1182/")

    assert "R-2207" in page.text
    assert "<svg" in page.text
    record = Record.objects.first()
    assert (record.verb, record.object, record.actor) == ("registry.look_at_family", "family:F-1182", member.actor)


@pytest.mark.parametrize("role", ["observer", "negotiator", "auditor", "administrator", "anthropologist"])
def test_other_roles_see_no_family_and_leave_no_trace_of_one(role, admit, arvad, entered):
    by = admit(arvad, role)

    with pytest.raises(Refused):
        actions.look_at_family(by=by, family=MissingPerson())
    with pytest.raises(Refused):
        queries.families(by=by)

    assert not Record.objects.filter(verb="registry.look_at_family").exists()


def test_lists_are_filtered_and_paged(admit, browse, arvad, entered):
    client = browse(admit(arvad, "registrar"))

    assert "M-00001" not in client.get("/registry/persons/?status=missing").text
    assert "M-00001" in client.get("/registry/persons/?status=accounted_for").text
    assert "Nobody answers" in client.get("/registry/persons/?text=nosuchname").text
    assert "Camp 2" not in client.get("/registry/incidents/?kind=battle").text
    assert "F-2" in client.get("/registry/families/?text=M-02980").text


def test_an_incident_counts_who_was_lost_in_it(admit, browse, arvad, entered):
    page = browse(admit(arvad, "registrar")).get("/registry/incidents/I-1/").text

    assert "1 person on the list was lost here" in page
    assert "CT 533 521" in page


def test_a_claim_of_a_sender_stands_on_the_page_of_the_person_as_a_claim(admit, browse, arvad, entered):
    page = browse(admit(arvad, "board_member")).get("/registry/persons/M-02980/").text

    assert "label on the box" in page
    assert "<i>Claim</i>" in page


def test_families_and_genetics_are_not_in_the_admin_site():
    from django.contrib import admin

    registered = {model._meta.label for model in admin.site._registry}

    assert not any(
        label.split(".")[0] in ("registry", "laboratory", "board", "exchange", "runs") for label in registered
    )
