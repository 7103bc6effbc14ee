"""Keeping documents, quoting them, and entering claims: nothing is edited away, only superseded or disputed."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from casework.documents import queries
from casework.documents.models import (
    Attribution,
    Claim,
    Dispute,
    Document,
    MediaType,
    Qualifier,
    Quotation,
    Standing,
    Unit,
    matter_of,
)
from casework.journal.actions import looked_at, recorded
from casework.parties.models import Member, Party
from casework.parties.refusal import NOT_FOUND, Refused
from homeward.errors import Nonsense, WouldOverwrite
from homeward.formats.files import make_folder, write_new
from homeward.programme import DateSpan
from homeward.provenance import digest

LIMIT = 32 * 1024 * 1024  # bytes of one file
LARGEST = Decimal(10) ** 13


# ---------- Documents ----------


def keep_document(
    *,
    by: Member,
    data: bytes,
    name: str,
    title: str = "",
    publisher: str = "",
    language: str = "",
    dated: str = "",
    pages: int | None = None,
    address: str = "",
    public: bool = False,
    remains_photograph: bool = False,
) -> Document:
    """Keep a file under the digest of its bytes. What it is, is read from its content and not from its name.

    Raises
    ------
    Refused
        ``file-empty``, ``file-too-large``, ``kind-not-kept``, ``already-kept``, ``date-unclear``,
        ``photograph-not-public``.
    """
    by.require("keep documents")
    if len(data) > LIMIT:
        raise Refused("file-too-large", bytes=len(data), limit=LIMIT)
    media_type = sniff(data)
    if media_type is None:
        raise Refused("kind-not-kept" if data else "file-empty", name=name)
    own = digest(data)
    if Document.objects.filter(holder=by.party, digest=own).exists():
        raise Refused("already-kept", digest=own)
    path, fresh = _stored(data, own)
    try:
        return _keep(
            by=by, digest=own, name=Path(name).name[:300], title=title or Path(name).name, publisher=publisher,
            language=language, dated=dated, pages=pages, address=address, public=public,
            remains_photograph=remains_photograph, media_type=media_type, size=len(data), kept_as=path.name,
        )  # fmt: skip
    except BaseException:
        if fresh:
            path.unlink(missing_ok=True)
        raise


@recorded("documents.keep_document")
def _keep(
    *,
    by: Member,
    digest: str,
    name: str,
    title: str,
    publisher: str,
    language: str,
    dated: str,
    pages: int | None,
    address: str,
    public: bool,
    remains_photograph: bool,
    media_type: str,
    size: int,
    kept_as: str,
) -> Document:
    if public and remains_photograph:
        raise Refused("photograph-not-public")
    return Document.objects.create(
        holder=by.party, digest=digest, name=name, title=title, publisher=publisher, language=language,
        dated=read_date(dated), pages=pages, address=address, public=public, remains_photograph=remains_photograph,
        media_type=media_type, size=size, kept_as=kept_as, kept_by=by.actor,
    )  # fmt: skip


@recorded("documents.name_document")
def name_document(
    *,
    by: Member,
    title: str,
    publisher: str = "",
    language: str = "",
    dated: str = "",
    pages: int | None = None,
    address: str = "",
    public: bool = False,
) -> Document:
    """Name a source whose bytes we do not hold, such as a newspaper's page. It has no digest, and says so."""
    by.require("keep documents")
    if not title.strip():
        raise Refused("title-missing")
    return Document.objects.create(
        holder=by.party, title=title, publisher=publisher, language=language, dated=read_date(dated), pages=pages,
        address=address, public=public, kept_by=by.actor,
    )  # fmt: skip


@recorded("documents.show_document")
def show_document(*, by: Member, document: Document, to: Party) -> Document:
    """Let one other party see this document, with what we quote from it. What was seen has been seen."""
    by.require("keep documents")
    _own(document, by)
    if to == by.party:
        raise Refused("own-party")
    document.shown_to.add(to)
    return document


@recorded("documents.publish_document")
def publish_document(*, by: Member, document: Document) -> Document:
    """Let every party see this document: it has been published."""
    by.require("keep documents")
    _own(document, by)
    if document.remains_photograph:
        raise Refused("photograph-not-public")
    document.public = True
    document.save(update_fields=["public"])
    return document


def open_photograph(*, by: Member, document: Document, purpose: str) -> Document:
    """A photograph of remains, for a stated purpose; the look is in the journal before it is shown."""
    by.require("see remains")
    seen = queries.document(document.pk, by=by)
    if not purpose.strip():
        raise Refused("purpose-missing")
    looked_at(seen, by=by, verb="documents.open_photograph", purpose=purpose.strip())
    return seen


def sniff(data: bytes) -> MediaType | None:
    """What a file is by its content; None for what is not kept.

    Text is UTF-8 without control characters. Text that a browser might run as a page counts as HTML.
    """
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return MediaType.PDF
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if data.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if not text.strip() or re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", text):
        return None
    markup = re.search(r"<\s*(!doctype|html|head|body|script|svg|iframe|\?xml)", text, re.IGNORECASE)
    return MediaType.HTML if markup else MediaType.TEXT


def _stored(data: bytes, own: str) -> tuple[Path, bool]:
    """Where the bytes lie under their digest, and whether they were put there now: whole, or not at all."""
    folder = Path(settings.UPLOADS) / "documents"
    make_folder(folder)
    path = folder / own.removeprefix("sha256:")
    try:
        write_new(path, data, mode=0o600)
    except WouldOverwrite:
        return path, False
    return path, True


# ---------- Quotations and claims ----------


@recorded("documents.quote")
def quote(
    *,
    by: Member,
    document: Document,
    text: str,
    attribution: str = Attribution.NAMED,
    speaker: str = "",
    office: str = "",
    publisher: str = "",
    page: str = "",
    language: str = "",
    translation: str = "",
    said_on: str = "",
) -> Quotation:
    """Take down what a document says, word for word, with who said it."""
    by.require("keep documents")
    source = queries.document(document.pk, by=by)
    if not text.strip():
        raise Refused("nothing-quoted")
    if attribution == Attribution.NAMED and not speaker.strip():
        raise Refused("speaker-missing")
    return Quotation.objects.create(
        holder=by.party, document=source, text=text.strip(), attribution=Attribution(attribution), speaker=speaker,
        office=office, publisher=publisher, page=page, language=language or source.language, translation=translation,
        said_on=read_date(said_on), quoted_by=by.actor,
    )  # fmt: skip


@recorded("documents.claim")
def claim(
    *,
    by: Member,
    about: str,
    claimant: str,
    code: str = "",
    topic: str = "",
    value: Decimal | int | str | None = None,
    qualifier: str = Qualifier.EXACT,
    value_text: str = "",
    unit: str = Unit.OTHER,
    scope: str = "",
    stream: str = "",
    as_of: str = "",
    status: str = Standing.PROVISIONAL,
    quotation: Quotation | None = None,
    document: Document | None = None,
    page: str = "",
    method: str = "",
) -> Claim:
    """Enter what someone claims: a number in its unit or a sentence, of a date, with its source.

    Without a code the claim gets the party's next one. A claim never replaces another: see ``supersede``.

    Raises
    ------
    Refused
        ``code-taken``, ``claim-code-form``, ``nothing-claimed``, ``not-a-count``, ``claimant-missing``,
        ``date-unclear``, ``supersede-instead``, and ``not-found`` for a source that this party may not see.
    """
    by.require("keep documents")
    if not claimant.strip() or not about.strip():
        raise Refused("claimant-missing")
    if status == Standing.SUPERSEDED:
        raise Refused("supersede-instead")
    number = read_count(value)
    if number is None and not value_text.strip():
        raise Refused("nothing-claimed")
    quoted = queries.quotation(quotation.pk, by=by) if quotation else None
    source = queries.document(document.pk, by=by) if document else (quoted.document if quoted else None)
    return Claim.objects.create(
        holder=by.party, code=_code(code.strip(), by.party), about=about.strip(), topic=topic.strip(),
        claimant=claimant.strip(), value=number, qualifier=Qualifier(qualifier), value_text=value_text.strip(),
        unit=Unit(unit), scope=scope.strip(), stream=stream.strip(), as_of=read_date(as_of), status=Standing(status),
        quotation=quoted, document=source, page=page or (quoted.page if quoted else ""), method=method,
        matter=matter_of(about=about, topic=topic, scope=scope, stream=stream), entered_by=by.actor,
    )  # fmt: skip


@recorded("documents.supersede")
def supersede(*, by: Member, earlier: Claim, later: Claim, why: str = "") -> Claim:
    """Mark that a claimant has replaced his earlier claim by a later one. Both stay readable."""
    by.require("keep documents")
    _own(earlier, by)
    newer = queries.claims(by=by).filter(pk=later.pk).first()
    if newer is None:
        raise Refused(NOT_FOUND, claim=later.code)
    if earlier.superseded_by_id is not None or newer.status == Standing.SUPERSEDED or newer.pk == earlier.pk:
        raise Refused("already-superseded", claim=earlier.code)
    if earlier.claimant != newer.claimant:
        raise Refused("another-claimant", claims=[earlier.code, newer.code])
    if earlier.matter != newer.matter:
        raise Refused("another-matter", claims=[earlier.code, newer.code])
    earlier.superseded_by, earlier.superseded_why, earlier.status = newer, why, Standing.SUPERSEDED
    earlier.save(update_fields=["superseded_by", "superseded_why", "status"])
    return earlier


@recorded("documents.dispute")
def dispute(*, by: Member, claim: Claim, reason: str) -> Claim:
    """Say in the name of one's party that a claim is wrong, and why. Its words are not touched."""
    by.require("keep documents")
    seen = queries.claim_by_key(claim.pk, by=by)
    if not reason.strip():
        raise Refused("reason-missing")
    if seen.status == Standing.SUPERSEDED:
        raise Refused("already-superseded", claim=seen.code)
    if seen.disputes.filter(party=by.party, withdrawn_at=None).exists():
        raise Refused("already-disputed", claim=seen.code)
    first = seen.disputes.filter(withdrawn_at=None).first()
    before = first.status_before if first else seen.status
    Dispute.objects.create(claim=seen, party=by.party, reason=reason.strip(), status_before=before, raised_by=by.actor)
    seen.status = Standing.DISPUTED
    seen.save(update_fields=["status"])
    return seen


@recorded("documents.withdraw_dispute")
def withdraw_dispute(*, by: Member, claim: Claim) -> Claim:
    """Withdraw one's own party's dispute. When nobody disputes it any more the claim stands as before."""
    by.require("keep documents")
    seen = queries.claim_by_key(claim.pk, by=by)
    standing = seen.disputes.filter(party=by.party, withdrawn_at=None).first()
    if standing is None:
        raise Refused("not-disputed", claim=seen.code)
    standing.withdrawn_at = timezone.now()
    standing.save(update_fields=["withdrawn_at"])
    if seen.status == Standing.DISPUTED and not seen.disputes.filter(withdrawn_at=None).exists():
        seen.status = Standing(standing.status_before)
        seen.save(update_fields=["status"])
    return seen


def _own(thing: Document | Claim, by: Member) -> None:
    if thing.holder_id != by.party_id:
        raise Refused(NOT_FOUND)


def read_date(text: str) -> str:
    """A date as precise as its source: the whole year, the month or the day; empty where none is stated."""
    if not text.strip():
        return ""
    try:
        return DateSpan.read(text.strip()).text
    except Nonsense as problem:
        raise Refused("date-unclear", date=text, why=str(problem)) from None


def read_count(value: Decimal | int | str | None) -> Decimal | None:
    """A number of something, from zero upwards; None where none is stated."""
    if value is None or value == "":
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Refused("not-a-count", value=str(value)) from None
    if not number.is_finite() or not 0 <= number < LARGEST or number != round(number, 4):
        raise Refused("not-a-count", value=str(value))
    return number


def _code(code: str, party: Party) -> str:
    """The code asked for, or the party's next; none is ever used again."""
    taken = Claim.objects.filter(holder=party)
    if not code:
        number = taken.count() + 1
        while taken.filter(code=f"CL-{number}").exists():
            number += 1
        return f"CL-{number}"
    if not re.fullmatch(r"[^\s/?#%\\]{1,60}", code):
        raise Refused("claim-code-form", code=code)
    if taken.filter(code=code).exists():
        raise Refused("code-taken", code=code)
    return code
