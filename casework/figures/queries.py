"""Sheets and public statements; a party sees its own, the public what was published."""

from __future__ import annotations

from django.db.models import QuerySet

from casework.figures.models import PublicStatement, Sheet, SheetRevision, State, StatementRevision
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused

PUBLIC = (State.PUBLISHED, State.SUPERSEDED, State.WITHDRAWN)  # a withdrawn one is shown as withdrawn


def sheets(*, by: Member) -> QuerySet[Sheet]:
    """The sheets of a member's party."""
    by.require("see figures")
    return Sheet.objects.filter(holder=by.party)


def sheet(code: str, *, by: Member) -> Sheet:
    found = sheets(by=by).filter(code=code).first()
    if found is None:
        raise Refused(NOT_FOUND, sheet=code)
    return found


def statements(*, by: Member) -> QuerySet[PublicStatement]:
    by.require("see figures")
    return PublicStatement.objects.filter(holder=by.party)


def statement(code: str, *, by: Member) -> PublicStatement:
    found = statements(by=by).filter(code=code).first()
    if found is None:
        raise Refused(NOT_FOUND, statement=code)
    return found


def published_sheets() -> QuerySet[SheetRevision]:
    """What stands published, for anyone."""
    standing = SheetRevision.objects.filter(state=State.PUBLISHED)
    return standing.select_related("sheet", "sheet__holder").order_by("sheet__holder__code", "sheet__code")


def published_statements() -> QuerySet[StatementRevision]:
    standing = StatementRevision.objects.filter(state=State.PUBLISHED)
    return standing.select_related("statement", "statement__holder").order_by("-statement__until")


def published_sheet(party: str, code: str, number: int | None = None) -> SheetRevision:
    """A published revision: the one that stands, or an earlier one by its number."""
    found = SheetRevision.objects.filter(sheet__holder__code=party, sheet__code=code, state__in=PUBLIC)
    wanted = found.filter(number=number) if number is not None else found.filter(state=State.PUBLISHED)
    one = wanted.select_related("sheet", "sheet__holder").first()
    if one is None:
        raise Refused(NOT_FOUND, sheet=code)
    return one


def published_statement(party: str, code: str, number: int | None = None) -> StatementRevision:
    found = StatementRevision.objects.filter(statement__holder__code=party, statement__code=code, state__in=PUBLIC)
    wanted = found.filter(number=number) if number is not None else found.filter(state=State.PUBLISHED)
    one = wanted.select_related("statement", "statement__holder").first()
    if one is None:
        raise Refused(NOT_FOUND, statement=code)
    return one


def bearing(digest: str) -> SheetRevision | StatementRevision | None:
    """What was published under a digest, if anything was."""
    return (
        SheetRevision.objects.filter(digest=digest, state__in=PUBLIC).select_related("sheet__holder").first()
        or StatementRevision.objects.filter(digest=digest, state__in=PUBLIC).select_related("statement__holder").first()
    )


def beside(party: Party, sheets: QuerySet[Sheet]) -> list[SheetRevision]:
    """The published revisions of the sheets that one is read beside."""
    standing = SheetRevision.objects.filter(sheet__in=sheets, sheet__holder=party, state=State.PUBLISHED)
    return list(standing.select_related("sheet", "sheet__holder").order_by("sheet__as_of", "sheet__code"))
