"""What is entered comes back the same."""

import pytest

from casework.registry import records
from casework.registry.records import columns, record
from homeward.programme import DateSpan, Incident, MissingPerson, Place, Sex

pytestmark = pytest.mark.django_db


def test_persons_incidents_and_families_come_back_as_they_were_entered(arvad, entered):
    assert records.missing(arvad) == entered.missing
    assert records.incidents(arvad) == entered.incidents
    assert records.pedigrees(arvad) == entered.pedigrees


def test_a_place_and_a_date_become_columns_and_come_back():
    person = MissingPerson(
        person_id="M-1",
        sex=Sex.MALE,
        lost_on=DateSpan.read("1951"),
        last_seen=Place(lat=1.5, lon=-2.25),
        extra={"a": "b"},
    )

    row = columns(person)

    assert (row["lost_on"], row["last_seen_lat"], row["last_seen_lon"], row["sex"]) == ("1951", 1.5, -2.25, "M")
    assert record(MissingPerson, row) == person


def test_a_place_that_was_not_stated_stays_not_stated():
    assert record(Incident, columns(Incident(incident_id="I-1"))) == Incident(incident_id="I-1")
