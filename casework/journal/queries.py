"""Reading the journal, and checking that nothing in it was altered."""

from __future__ import annotations

from django.db.models import QuerySet

from casework.journal.models import Record
from homeward.errors import HomewardError


class ChainBroken(HomewardError):
    """A record of the journal does not follow from the one before it."""

    def __init__(self, number: int, code: str) -> None:
        self.number = number
        self.code = code  # "altered" | "missing" | "unlinked"
        super().__init__(f"journal record {number}: {code}")


def records(*, party: str) -> QuerySet[Record]:
    """What was done in the name of a party, newest first."""
    return Record.objects.filter(party=party)


def history(name: str, *, party: str) -> QuerySet[Record]:
    """What happened to one thing, newest first."""
    return Record.objects.filter(object=name, party=party)


def verify() -> int:
    """Follow the chain from the first record to the last and give their number.

    Raises
    ------
    ChainBroken
        At the first record that was altered, is missing, or does not follow from the one before.
    """
    previous = ""
    number = 0
    for record in Record.objects.order_by("number").iterator():
        number += 1
        if record.number != number:
            raise ChainBroken(number, "missing")
        if record.previous != previous:
            raise ChainBroken(number, "unlinked")
        if record.digest != record.own_digest():
            raise ChainBroken(number, "altered")
        previous = record.digest
    return number


def chain() -> dict[str, int | str]:
    """The state of the chain for a page: how many records, or where it breaks and how."""
    try:
        return {"records": verify()}
    except ChainBroken as broken:
        return {"number": broken.number, "code": broken.code}
