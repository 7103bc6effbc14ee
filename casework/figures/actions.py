"""What happens to public figures: laid out, drawn up from the records, published, withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from django.db.models import Max, QuerySet
from django.utils import timezone

from casework.documents import queries as documents
from casework.figures import drawing, wording
from casework.figures.models import (
    Cell,
    Column,
    Footnote,
    PublicStatement,
    Revision,
    Sheet,
    SheetRevision,
    State,
    StatementRevision,
    Stream,
)
from casework.journal.actions import recorded
from casework.parties.models import Member
from casework.parties.refusal import NOT_FOUND, Refused

LANGUAGES = ("en", "ko")
R = TypeVar("R", bound=Revision)


@recorded("figures.lay_out_sheet")
def lay_out_sheet(
    *,
    by: Member,
    code: str,
    title: str,
    title_ko: str = "",
    publisher: str,
    publisher_ko: str = "",
    reproduces: str = "",
    as_of: str = "",
) -> Sheet:
    """Begin a sheet: our own, or another's that is to be reproduced as claims (``reproduces`` says which)."""
    by.require("publish figures")
    if Sheet.objects.filter(holder=by.party, code=code).exists():
        raise Refused("figure-code-taken", code=code)
    return Sheet.objects.create(
        holder=by.party,
        code=code,
        title=title,
        title_ko=title_ko,
        publisher=publisher,
        publisher_ko=publisher_ko,
        reproduces=reproduces,
        as_of=as_of,
    )


@recorded("figures.add_stream")
def add_stream(
    *,
    by: Member,
    sheet: Sheet,
    title: str,
    title_ko: str = "",
    transfers: Sequence[str] = (),
    accessions: Sequence[str] = (),
) -> Sheet:
    """Add a line: remains that came by these transfers, or stand under these accessions."""
    _may_change(sheet, by)
    last = sheet.streams.aggregate(last=Max("position"))["last"]
    Stream.objects.create(
        sheet=sheet,
        position=0 if last is None else last + 1,
        title=title,
        title_ko=title_ko,
        transfers=list(transfers),
        accessions=list(accessions),
    )
    return sheet


@recorded("figures.set_cell")
def set_cell(
    *,
    by: Member,
    sheet: Sheet,
    column: str,
    stream: Stream | None = None,
    claim: str = "",
    measure: str = "",
    notes: Sequence[str] = (),
    beside: bool = False,
) -> Sheet:
    """Say where a number comes from: a claim of the documents, or a count of the records. Never a bare number.

    ``beside`` sets another number of the same cell, another's version of it, beside what is there.
    """
    _may_change(sheet, by)
    if bool(claim) == bool(measure):
        raise Refused("claim-or-count")
    if (stream is None) != (column == Column.HEADLINE):
        raise Refused("headline-or-stream", column=column)
    if stream is not None and stream.sheet_id != sheet.pk:
        raise Refused(NOT_FOUND)
    if measure and sheet.reproduces:
        raise Refused("reproduced-are-claims", sheet=sheet.code)
    if claim and not documents.claims(by=by).filter(code=claim, holder=by.party).exists():
        raise Refused("claim-gone", claims=[claim])
    known = set(sheet.footnotes.values_list("mark", flat=True))
    if unknown := [mark for mark in notes if mark not in known]:
        raise Refused("footnote-unknown", marks=unknown)
    several = beside or column == Column.HEADLINE
    last = sheet.cells.filter(stream=stream, column=column).aggregate(last=Max("position"))["last"]
    position = 0 if last is None or not several else last + 1
    Cell.objects.update_or_create(
        sheet=sheet,
        stream=stream,
        column=column,
        position=position,
        defaults={"claim": claim, "measure": measure, "notes": list(notes)},
    )
    return sheet


@recorded("figures.clear_cell")
def clear_cell(*, by: Member, sheet: Sheet, cell: Cell) -> Sheet:
    """Take a number off the sheet as it will next be drawn up; published revisions keep it."""
    _may_change(sheet, by)
    if cell.sheet_id != sheet.pk:
        raise Refused(NOT_FOUND)
    cell.delete()
    return sheet


@recorded("figures.set_footnote")
def set_footnote(*, by: Member, sheet: Sheet, mark: str, text: str, text_ko: str = "") -> Sheet:
    """Write a definition or reservation that numbers carry."""
    _may_change(sheet, by)
    Footnote.objects.update_or_create(sheet=sheet, mark=mark, defaults={"text": text, "text_ko": text_ko})
    return sheet


@recorded("figures.read_beside")
def read_beside(*, by: Member, sheet: Sheet, others: Iterable[Sheet]) -> Sheet:
    """Say which sheets this one is to be read beside."""
    _may_change(sheet, by)
    others = list(others)
    if any(other.holder_id != by.party_id or other.pk == sheet.pk for other in others):
        raise Refused(NOT_FOUND)
    sheet.beside.set(others)
    return sheet


@recorded("figures.draw_up_sheet")
def draw_up_sheet(*, by: Member, sheet: Sheet, reason: str = "") -> SheetRevision:
    """Take every number anew from its claim or from the records; a draft until it is published."""
    _may_change(sheet, by)
    if not sheet.cells.exists():
        raise Refused("empty-sheet", sheet=sheet.code)
    content = drawing.drawn(sheet, by=by)
    return SheetRevision.objects.create(sheet=sheet, **_new(sheet.revisions.all(), content, by=by, reason=reason))


@recorded("figures.publish_sheet")
def publish_sheet(*, by: Member, revision: SheetRevision) -> SheetRevision:
    """Publish a draft; what stood before is superseded and stays readable."""
    _may_change(revision.sheet, by)
    _publish(revision, SheetRevision.objects.filter(sheet=revision.sheet))
    return revision


@recorded("figures.withdraw_sheet")
def withdraw_sheet(*, by: Member, revision: SheetRevision, reason: str) -> SheetRevision:
    """Take a published sheet back, saying why. Its page says that it was withdrawn."""
    _may_change(revision.sheet, by)
    return _withdraw(revision, reason)


@recorded("figures.draft_statement")
def draft_statement(
    *, by: Member, code: str, title: str, title_ko: str = "", since: date, until: date
) -> StatementRevision:
    """Draft a statement from the records of a span of days, in both languages."""
    by.require("publish figures")
    if since > until:
        raise Refused("span-reversed", since=since, until=until)
    if PublicStatement.objects.filter(holder=by.party, code=code).exists():
        raise Refused("figure-code-taken", code=code)
    statement = PublicStatement.objects.create(
        holder=by.party, code=code, title=title, title_ko=title_ko, since=since, until=until
    )
    return _drafted(statement, by=by, reason="")


@recorded("figures.redraft_statement")
def redraft_statement(*, by: Member, statement: PublicStatement, reason: str) -> StatementRevision:
    """Draft anew from the records as they are now; earlier revisions are kept."""
    _may_change(statement, by)
    return _drafted(statement, by=by, reason=reason)


def _drafted(statement: PublicStatement, *, by: Member, reason: str) -> StatementRevision:
    sentences = wording.sentences(statement, by=by)
    if not sentences:
        raise Refused("nothing-happened", since=statement.since, until=statement.until)
    text = {language: " ".join(sentence[language] for sentence in sentences) for language in LANGUAGES}
    content = _statement_content(statement, sentences=sentences, text=text, edited=False)
    values = _new(statement.revisions.all(), content, by=by, reason=reason)
    return StatementRevision.objects.create(statement=statement, **values)


@recorded("figures.edit_statement")
def edit_statement(*, by: Member, revision: StatementRevision, en: str, ko: str, reason: str) -> StatementRevision:
    """Put a statement in other words: a new revision that keeps the sentences as drafted beside them."""
    statement = revision.statement
    _may_change(statement, by)
    text = {"en": en.strip(), "ko": ko.strip()}
    if not all(text.values()):
        raise Refused("both-languages")
    content = _statement_content(statement, sentences=revision.content["sentences"], text=text, edited=True)
    values = _new(statement.revisions.all(), content, by=by, reason=reason)
    return StatementRevision.objects.create(statement=statement, **values)


@recorded("figures.publish_statement")
def publish_statement(*, by: Member, revision: StatementRevision) -> StatementRevision:
    """Publish a statement; what stood before is superseded and stays readable."""
    _may_change(revision.statement, by)
    _publish(revision, StatementRevision.objects.filter(statement=revision.statement))
    return revision


@recorded("figures.withdraw_statement")
def withdraw_statement(*, by: Member, revision: StatementRevision, reason: str) -> StatementRevision:
    """Take a published statement back, saying why."""
    _may_change(revision.statement, by)
    return _withdraw(revision, reason)


def _statement_content(
    statement: PublicStatement, *, sentences: list[dict[str, Any]], text: dict[str, str], edited: bool
) -> dict[str, Any]:
    return {
        "schema": "homeward/public-statement/1",
        "code": statement.code,
        "title": {"en": statement.title, "ko": statement.title_ko},
        "since": statement.since.isoformat(),
        "until": statement.until.isoformat(),
        "sentences": sentences,
        "text": text,
        "edited": edited,
    }


def _may_change(thing: Sheet | PublicStatement, by: Member) -> None:
    by.require("publish figures")
    if thing.holder_id != by.party_id:
        raise Refused(NOT_FOUND)


def _new(revisions: QuerySet[Any], content: dict[str, Any], *, by: Member, reason: str) -> dict[str, Any]:
    return {
        "number": (revisions.aggregate(last=Max("number"))["last"] or 0) + 1,
        "content": content,
        "digest": drawing.digest_of(content),
        "drawn_up_by": by,
        "drawn_up_at": timezone.now(),
        "reason": reason,
    }


def _publish(revision: Revision, siblings: QuerySet[Any]) -> None:
    if revision.state != State.DRAFT:
        raise Refused("not-a-draft", state=revision.state)
    # The one before gives way first: the database holds that one published revision stands.
    siblings.filter(state=State.PUBLISHED).update(state=State.SUPERSEDED)
    revision.state = State.PUBLISHED
    revision.published_at = timezone.now()
    revision.save(update_fields=["state", "published_at"])


def _withdraw(revision: R, reason: str) -> R:
    if revision.state != State.PUBLISHED:
        raise Refused("not-published", state=revision.state)
    if not reason.strip():
        raise Refused("reason-wanted")
    revision.state = State.WITHDRAWN
    revision.reason = reason
    revision.save(update_fields=["state", "reason"])
    return revision
