"""Personal values in statements: signed as salted commitments, opened beside them to those who may know.

The bytes that everybody signs and keeps hold a digest from which nothing can be guessed. Salt and value stay in the
records of the party that wrote them and of those it opens them to; they travel beside the statement, never in it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from casework.journal.actions import looked_at
from casework.parties.models import Member, Operator, Party
from casework.parties.refusal import NOT_FOUND, Refused
from casework.seals import queries
from casework.seals.models import Opening, Statement
from homeward.seals import statement as sealed
from homeward.seals.canonical import canonical, read_canonical

READ = "read openings"


@dataclass(frozen=True, slots=True)
class Withheld:
    """A value for which its commitment is to stand in the statement."""

    value: str

    journal_name = "withheld"


def withhold(
    body: Mapping[str, Any], *, salt: Callable[[], bytes] = lambda: secrets.token_bytes(sealed.SALT_BYTES)
) -> tuple[dict[str, Any], tuple[sealed.Opening, ...]]:
    """A body with commitments where values are withheld, and what opens them; as ``homeward transfer draft`` does."""
    opened: list[sealed.Opening] = []
    filled = {name: _committed(value, f"/{name}", opened, salt) for name, value in body.items()}
    return filled, tuple(opened)


def _committed(value: Any, path: str, opened: list[sealed.Opening], salt: Callable[[], bytes]) -> Any:
    if isinstance(value, Withheld):
        drawn = salt()
        opened.append(sealed.Opening(path, drawn, value.value))
        return {"commitment": sealed.commit(value.value, drawn)}
    if isinstance(value, Mapping):
        return {name: _committed(one, f"{path}/{name}", opened, salt) for name, one in value.items()}
    if isinstance(value, list):
        return [_committed(one, f"{path}/{at}", opened, salt) for at, one in enumerate(value)]
    return value


def keep_openings(statement: Statement, openings: sealed.Openings, *, holders: Collection[Party]) -> int:
    """Keep what opens a statement, for these parties; within the caller's recorded act. Gives how many were kept.

    Raises
    ------
    Refused
        ``opening-wrong`` if one does not give the commitment that stands in the statement.
    """
    if wrong := list(openings.faults(queries.read(statement))):
        raise Refused("opening-wrong", reasons=[str(fault) for fault in wrong])
    known = set(Opening.objects.filter(statement=statement, holder__in=holders).values_list("holder", "path"))
    by_path = {one.path: one for one in openings.openings}
    fresh = [
        Opening(statement=statement, holder=holder, path=path, salt=one.salt, value=canonical(one.value))
        for holder in sorted(holders, key=lambda party: party.code)
        for path, one in by_path.items()
        if (holder.pk, path) not in known
    ]
    Opening.objects.bulk_create(fresh)
    return len(fresh)


def news(given: Iterable[sealed.Openings], *, party: Party) -> int:
    """How many of these a party has not got yet."""
    known = set(Opening.objects.filter(holder=party).values_list("statement__digest", "path"))
    return sum((each.statement, one.path) not in known for each in given for one in each.openings)


def held(*, by: Member | Operator) -> QuerySet[Opening]:
    """What opens to a member's party: what it wrote, and what another opened to it and has signed."""
    found = Opening.objects.filter(holder=by.party, statement__in=queries.visible(by=by))
    return found.filter(Q(statement__author=by.party) | Q(statement__spoken_at__isnull=False))


def read(found: Iterable[Opening], *, about: Any, by: Member) -> dict[str, Any]:
    """What commitments stand for, by commitment, as far as this member may know; the journal has who read it.

    A value that does not give its commitment any more gives another one, under which nobody looks.
    """
    if not by.may(READ):
        return {}
    opened = {_commitment(one): read_canonical(bytes(one.value)) for one in found}
    if opened:
        looked_at(about, by=by, verb="seals.read_openings", openings=len(opened))
    return opened


def _commitment(one: Opening) -> str:
    return sealed.commit(read_canonical(bytes(one.value)), bytes(one.salt))


def read_about(subject: str, *, about: Any, by: Member) -> dict[str, Any]:
    """What the commitments in all statements about a subject stand for."""
    if not by.may("see statements"):
        return {}
    return read(held(by=by).filter(statement__subject=subject), about=about, by=by)


def file_of(statement: Statement, *, by: Member) -> bytes:
    """The openings of a statement as a file, for whoever should know and has no bundle.

    Raises
    ------
    Refused
        Not found, if one's own party holds none.
    """
    by.require(READ)
    found = _travelling(held(by=by).filter(statement=statement))
    if not found:
        raise Refused(NOT_FOUND, digest=statement.digest)
    looked_at(statement, by=by, verb="seals.read_openings", openings=len(found[0].openings))
    return found[0].to_bytes()


def given_out(chosen: Iterable[Statement], *, by: Member | Operator, to: Party) -> tuple[sealed.Openings, ...]:
    """What goes to another party beside these statements: what was opened to it, as far as one's own party has it.

    Nothing goes out by a hand that may not read it.
    """
    if not by.may(READ):
        return ()
    keys = [one.pk for one in chosen]
    theirs = set(Opening.objects.filter(holder=to, statement__in=keys).values_list("statement", "path"))
    ours = held(by=by).filter(statement__in=keys)
    return _travelling(one for one in ours if (one.statement_id, one.path) in theirs)


def _travelling(found: Iterable[Opening]) -> tuple[sealed.Openings, ...]:
    by_statement: dict[str, list[sealed.Opening]] = {}
    rows = found.select_related("statement") if isinstance(found, QuerySet) else found
    for one in rows:
        opening = sealed.Opening(one.path, bytes(one.salt), read_canonical(bytes(one.value)))
        by_statement.setdefault(one.statement.digest, []).append(opening)
    return tuple(sealed.Openings(digest, tuple(listed)) for digest, listed in sorted(by_statement.items()))
