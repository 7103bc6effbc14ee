"""The journal keeps what happened, in order, and refuses to forget."""

import pytest
from django.db import DatabaseError, connection, transaction

from casework.journal.actions import looked_at, recorded, written
from casework.journal.guards import CREATE, DROP
from casework.journal.models import Record
from casework.journal.queries import ChainBroken, records, verify

pytestmark = pytest.mark.django_db


@recorded("journal.test")
def name_a_thing(*, by, name):
    if name == "refused":
        raise ValueError(name)
    return f"thing:{name}"


def test_an_act_is_written_with_who_what_about_and_with_which_values(admit, arvad):
    registrar = admit(arvad, "registrar")

    name_a_thing(by=registrar, name="first")

    record = Record.objects.first()
    assert (record.actor, record.party) == ("arvad/arvad.registrar", "arvad")
    assert (record.verb, record.object, record.values) == ("journal.test", "thing:first", {"name": "first"})


def test_an_act_that_fails_leaves_no_record_and_no_change(admit, arvad):
    registrar = admit(arvad, "registrar")
    before = Record.objects.count()

    with pytest.raises(ValueError):
        name_a_thing(by=registrar, name="refused")

    assert Record.objects.count() == before


def test_each_record_is_linked_to_the_one_before(admit, arvad):
    registrar = admit(arvad, "registrar")
    for name in ("one", "two", "three"):
        name_a_thing(by=registrar, name=name)

    newest, before = Record.objects.all()[:2]

    assert newest.previous == before.digest
    assert verify() == Record.objects.count()


def test_a_look_is_written_like_an_act(admit, arvad):
    registrar = admit(arvad, "registrar")

    looked_at("family:F-1", by=registrar, verb="registry.saw_family")

    assert records(party="arvad").first().object == "family:F-1"


@pytest.mark.parametrize("statement", ["UPDATE journal_record SET actor = 'nobody'", "DELETE FROM journal_record"])
def test_the_database_itself_refuses_to_change_or_delete_a_record(statement, admit, arvad):
    admit(arvad, "registrar")

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("tampering", "code"),
    [
        ("UPDATE journal_record SET actor = 'nobody' WHERE number = 1", "altered"),
        ("DELETE FROM journal_record WHERE number = 1", "missing"),
        ("UPDATE journal_record SET previous = '' WHERE number = 2", "unlinked"),
    ],
)
def test_tampering_behind_the_guard_is_found_where_it_happened(tampering, code, admit, arvad):
    admit(arvad, "registrar")
    with connection.cursor() as cursor:
        for statement in (*DROP["sqlite"], tampering, *CREATE["sqlite"]):
            cursor.execute(statement)

    with pytest.raises(ChainBroken) as broken:
        verify()

    assert broken.value.code == code


def test_long_lists_are_written_as_their_number():
    assert written(range(21)) == {"number": 21}
    assert written((1, "two", None)) == [1, "two", None]


def test_only_an_auditor_reads_the_journal_and_only_his_own_partys(admit, browse, arvad, belmar):
    admit(belmar, "registrar", username="from.the.other.side")

    page = browse(admit(arvad, "auditor")).get("/journal/?verify=1")

    assert page.status_code == 200
    assert "unbroken" in page.text
    assert "from.the.other.side" not in page.text


def test_others_are_told_calmly_that_the_journal_is_not_among_their_roles(admit, browse, arvad):
    page = browse(admit(arvad, "registrar")).get("/journal/")

    assert page.status_code == 403
    assert "Your roles do not include this" in page.text
